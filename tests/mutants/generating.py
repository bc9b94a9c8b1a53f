"""The mutants of Python: mutmut finds them in the sources, without those that no test should see."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import libcst as cst
from libcst.metadata import (
    CodePosition,
    MetadataWrapper,
    ParentNodeProvider,
    PositionProvider,
    WhitespaceInclusivePositionProvider,
)
from mutmut.mutation.file_mutation import Mutation, MutationVisitor
from mutmut.mutation.mutators import mutation_operators, operator_arg_removal, operator_string
from mutmut.mutation.pragma_handling import IgnoredCode

from tests.mutants.mutant import Mutant

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

ROOT: Final = Path(__file__).parents[2]
#: Calls that stay as they are: sentences, types, and lines of a log.
_QUIET_CALLS: Final = frozenset({"_", "N_", "cast", "debug", "info", "warning", "exception"})
#: Arguments that stay as they are: they change nothing in a program that is right.
_QUIET_KEYWORDS: Final = frozenset({"strict", "encoding", "stacklevel"})


@dataclass(frozen=True, slots=True)
class Fault:
    """A mutant with the text that makes it.

    Attributes:
        lines: the lines of the file that run if the changed part does.
        source: the whole file with the fault.
    """

    mutant: Mutant
    module: str
    lines: range
    start: int
    end: int
    text: str

    @property
    def source(self) -> str:
        """The whole file with its fault."""
        source = read(self.mutant.path)
        return source[: self.start] + self.text + source[self.end :]


@cache
def read(path: str) -> str:
    """Return the text of a source, as it was when it was first asked for."""
    return (ROOT / path).read_text(encoding="utf-8")


def files(room: str) -> list[str]:
    """Return the paths of the sources of a room."""
    place = ROOT / "till" / room
    found = sorted(place.glob("*.py")) if place.is_dir() else [place]
    return [path.relative_to(ROOT).as_posix() for path in found]


def _drop(_node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    yield cst.Pass()


def _drop_call(node: cst.Expr) -> Iterator[cst.CSTNode]:
    value = node.value.expression if isinstance(node.value, cst.Await) else node.value
    if isinstance(value, cst.Call):
        yield cst.Pass()


def _other_string(node: cst.BaseString) -> Iterator[cst.CSTNode]:
    """Change a string once: another case of its letters is found by whatever finds another text, or by nothing."""
    yield from itertools.islice(operator_string(node), 1)


def _other_arguments(node: cst.Call) -> Iterator[cst.CSTNode]:
    """Change or drop each argument but the quiet ones."""
    quiet = [arg for arg in node.args if _is_quiet(arg) or _is_sentence(arg.value)]
    for changed in operator_arg_removal(node):
        if all(any(arg is kept for kept in changed.args) for arg in quiet):
            yield changed


def _is_quiet(node: cst.CSTNode) -> bool:
    if isinstance(node, cst.Arg):
        return node.keyword is not None and node.keyword.value in _QUIET_KEYWORDS
    return isinstance(node, cst.Call) and _last_name(node.func) in _QUIET_CALLS


def _is_sentence(node: cst.CSTNode) -> bool:
    """Return True for `_(…)` and `_(…).format(…)`, whose facts are changed all the same."""
    if isinstance(node, cst.Call) and isinstance(node.func, cst.Attribute):
        return _is_sentence(node.func.value)
    return _is_quiet(node)


def _operand(node: cst.BooleanOperation) -> Iterator[cst.CSTNode]:
    """Leave one side of an `and` or `or` alone."""
    for side in (node.left, node.right):  # in the parentheses of both, which may span lines
        yield side.with_changes(lpar=[*node.lpar, *side.lpar], rpar=[*side.rpar, *node.rpar])


def _not_bounded(node: cst.Call) -> Iterator[cst.CSTNode]:
    """Leave one value of `min(a, b)` or `max(a, b)` alone."""
    if _last_name(node.func) in {"min", "max"} and all(arg.keyword is None and not arg.star for arg in node.args):
        yield from (arg.value for arg in node.args if len(node.args) > 1)


def _all_of_them(node: cst.CompFor) -> Iterator[cst.CSTNode]:
    """Drop the condition of a comprehension."""
    if node.ifs:
        yield node.with_changes(ifs=node.ifs[1:])


_OURS: Final[dict[Any, Callable[[Any], Iterable[cst.CSTNode]]]] = {
    operator_string: _other_string,
    operator_arg_removal: _other_arguments,
}
_OPERATORS: Final[list[tuple[type, Callable[[Any], Iterable[cst.CSTNode]]]]] = [
    *((kind, _OURS.get(operator, operator)) for kind, operator in mutation_operators),
    (cst.Raise, _drop),
    (cst.Expr, _drop_call),
    (cst.BooleanOperation, _operand),
    (cst.Call, _not_bounded),
    (cst.CompFor, _all_of_them),
]
#: Decorators whose function can be given other code behind them.
_HARMLESS: Final = frozenset(
    {"staticmethod", "classmethod", "property", "cached_property", "override", "lru_cache", "contextmanager"}
)


#: Nodes whose mutants are another argument, an assigned None or another text.
_PLAIN: Final = (cst.Call, cst.Assign, cst.AnnAssign, cst.SimpleString)


class _Visitor(MutationVisitor):
    """mutmut's visitor, which leaves sentences for people and lines of logs as they are."""

    def __init__(self) -> None:
        super().__init__(_OPERATORS, IgnoredCode(set(), set(), set()))

    def _skip_node_and_children(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.FunctionDef) and node.decorators and _is_harmless(node):
            return False
        return _is_quiet(node) or super()._skip_node_and_children(node)


def _last_name(node: cst.BaseExpression) -> str:
    if isinstance(node, cst.Attribute):
        return node.attr.value
    return node.value if isinstance(node, cst.Name) else ""


class _File:
    """One source: its text and the place of each node."""

    def __init__(self, path: str) -> None:
        self.path, self.source = path, read(path)
        wrapper = MetadataWrapper(cst.parse_module(self.source), unsafe_skip_copy=True)
        self.visitor = _Visitor()
        self.module = wrapper.visit(self.visitor)
        self.places = wrapper.resolve(WhitespaceInclusivePositionProvider)
        self.lines = wrapper.resolve(PositionProvider)
        self._parents = wrapper.resolve(ParentNodeProvider)
        self._starts = [0, *itertools.accumulate(map(len, self.source.splitlines(keepends=True)))]
        self.names = dict(_functions(self.module))

    def offset(self, position: CodePosition) -> int:
        return self._starts[position.line - 1] + position.column

    def change(self, mutation: Mutation) -> tuple[cst.CSTNode, str]:
        """Return the node that a change replaces, and the text to put there."""
        node, instead = mutation.original_node, mutation.mutated_node
        if isinstance(node, cst.Match) and isinstance(instead, cst.Match):
            return next(case for case in node.cases if all(case is not kept for kept in instead.cases)), ""
        return node, self.module.code_for_node(instead)

    def reach(self, node: cst.CSTNode) -> range:
        """Return the lines of a node's statement, as far as its block; of a function whose parameter it is, all."""
        while not isinstance(node, cst.SimpleStatementLine | cst.FunctionDef):
            body = getattr(node, "body", None)
            if isinstance(body, cst.BaseSuite):
                first, block = (self.lines[one].start.line for one in (node, body))
                return range(first, max(first + 1, block))
            node = self._parents[node]
        return range(self.lines[node].start.line, self.lines[node].end.line + 1)


def _values(node: cst.CSTNode) -> list[cst.BaseExpression]:
    return [arg.value for arg in node.args] if isinstance(node, cst.Call) else []


def _functions(module: cst.Module) -> Iterator[tuple[cst.CSTNode, str]]:
    for node in module.body:
        if isinstance(node, cst.FunctionDef):
            yield node, node.name.value
        elif isinstance(node, cst.ClassDef):
            for inner in node.body.body:
                if isinstance(inner, cst.FunctionDef):
                    yield inner, f"{node.name.value}.{inner.name.value}"


def faults(room: str) -> list[Fault]:
    """Return every mutant of a room."""
    return [fault for path in files(room) for fault in of_file(room, path)]


def of_file(room: str, path: str) -> Iterator[Fault]:
    """Return every mutant of a source."""
    file = _File(path)
    module = path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")
    twins: Counter[tuple[str, str, str]] = Counter()
    for mutation in file.visitor.mutations:
        function = file.names.get(mutation.contained_by_top_level_function or file.module)
        if function is None:
            continue
        node, text = file.change(mutation)
        place = file.places[node]
        start, end = file.offset(place.start), file.offset(place.end)
        if file.source[start:end] == text:
            continue
        was, now = changed(file.source, start, end, text)
        twin = twins[function, was, now]
        twins[function, was, now] += 1
        is_logic = not isinstance(node, _PLAIN) or mutation.mutated_node in _values(node)
        mutant = Mutant(room, path, function, was, now, file.lines.get(node, place).start.line, twin, is_logic)
        yield Fault(mutant, module, file.reach(node), start, end, text)


def changed(source: str, start: int, end: int, text: str) -> tuple[str, str]:
    """Return the lines that a change touches, before and after it, each stripped and in one line."""
    first = source.rfind("\n", 0, start) + 1
    last = source.find("\n", end)
    was = [line.strip() for line in source[first:last].splitlines()]
    now = [line.strip() for line in (source[first:start] + text + source[end:last]).splitlines()]
    while was and now and was[0] == now[0]:
        was, now = was[1:], now[1:]
    while was and now and was[-1] == now[-1]:
        was, now = was[:-1], now[:-1]
    return " ".join(was).strip(), " ".join(now).strip()


def skipped(room: str) -> int:
    """Return the number of functions of a room that mutmut leaves as they are, as they have decorators."""
    return sum(_decorated(cst.parse_module(read(path))) for path in files(room))


def _decorated(module: cst.Module) -> int:
    nodes = (node for node, _name in _functions(module))
    return sum(isinstance(node, cst.FunctionDef) and not _is_harmless(node) for node in nodes)


def _is_harmless(node: cst.FunctionDef) -> bool:
    names = (one.decorator.func if isinstance(one.decorator, cst.Call) else one.decorator for one in node.decorators)
    return all(_last_name(name) in _HARMLESS for name in names)
