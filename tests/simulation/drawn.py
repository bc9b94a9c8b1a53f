"""Faults that nobody made for the simulation: small changes of the code that it runs, drawn by a seed.

A change swaps a comparison or a sign, moves a boundary, or drops a raise or a call. It is compiled into its function
for the length of a block, so that every reference to the function has it.
"""

from __future__ import annotations

import ast
import gc
import random
import sys
from contextlib import contextmanager
from functools import cache, partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

from tests.simulation.planting import nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from tests.simulation.planting import Plant
    from tests.simulation.world import World

_ROOT: Final = Path(__file__).parents[2]
#: Code that the simulation claims to judge.
ROOMS: Final = (
    *("till/domain/order/", "till/domain/refund/", "till/domain/payment/", "till/domain/money/"),
    *("till/register/payments/", "till/journal/", "till/sync/reply_handler.py"),
)
_PAIRS: Final[tuple[tuple[type[ast.AST], type[ast.AST]], ...]] = (
    *((ast.Lt, ast.LtE), (ast.Gt, ast.GtE), (ast.Eq, ast.NotEq), (ast.Is, ast.IsNot), (ast.In, ast.NotIn)),
    *((ast.And, ast.Or), (ast.Add, ast.Sub), (ast.USub, ast.UAdd)),
)
_OTHER: Final = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}


class Place(NamedTuple):
    """A function of the till: its file, its name there, and its first line."""

    path: str
    name: str
    line: int


class Drawn(NamedTuple):
    """A fault: its function, and which of the changes of that function it is."""

    place: Place
    number: int
    what: str

    @property
    def name(self) -> str:
        """The fault as the table names it."""
        return f"{self.place.path.removeprefix('till/')} {self.place.name}: {self.what}"

    @property
    def plant(self) -> Plant:
        """The plant of the fault."""
        return partial(_planted, self)


class Watch:
    """Names the functions of the rooms that are called in a block."""

    def __init__(self) -> None:
        self._seen: set[CodeType] = set()

    @property
    def places(self) -> list[Place]:
        """The functions that were called, in order."""
        return sorted({place for code in self._seen if (place := _place_of(code))})

    def __enter__(self) -> Self:
        sys.setprofile(self._see)
        return self

    def __exit__(self, *_: object) -> None:
        sys.setprofile(None)

    def _see(self, frame: Any, event: str, _: object) -> None:
        if event == "call":
            self._seen.add(frame.f_code)


def draw(places: Iterable[Place], count: int, seed: int) -> list[Drawn]:
    """Draw faults of these functions, at most one of each."""
    every = [
        Drawn(place, number, what)
        for place in places
        for number, (what, _node, _field, _new) in enumerate(_changes(_node_of(place)))
    ]
    random.Random(seed).shuffle(every)  # noqa: S311 - a drawing repeats itself
    found: dict[Place, Drawn] = {}
    for one in every:
        if len(found) < count and one.place not in found and _code_of(one) is not None:
            found[one.place] = one
    return sorted(found.values())


def _place_of(code: CodeType) -> Place | None:
    path = Path(code.co_filename)
    inside = path.relative_to(_ROOT).as_posix() if path.is_relative_to(_ROOT) else ""
    if not inside.startswith(ROOMS) or "<" in code.co_qualname:
        return None
    return Place(inside, code.co_qualname, code.co_firstlineno)


@cache
def _tree(path: str) -> ast.Module:
    return ast.parse((_ROOT / path).read_text(encoding="utf-8"))


def _node_of(place: Place) -> ast.FunctionDef | ast.AsyncFunctionDef:
    for node in ast.walk(_tree(place.path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min(node.lineno, *(one.lineno for one in node.decorator_list), node.lineno)
            if first == place.line and node.name == place.name.rpartition(".")[2]:
                return node
    raise LookupError(place)


def _changes(function: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, Any, str, Any]]:
    """Yield each change of a function: its words, the node, its field, and the new value of that."""
    for statement in function.body:
        for node in ast.walk(statement):
            for field, old in ast.iter_fields(node):
                for new in _instead_of(node, field, old):
                    yield _words(node, field, new), node, field, new


def _instead_of(node: ast.AST, field: str, old: Any) -> Iterator[Any]:
    match node, field, old:
        case ast.Compare(), "ops", [first, *rest] if type(first) in _OTHER:
            yield [_OTHER[type(first)](), *rest]
        case ((ast.BinOp() | ast.BoolOp() | ast.UnaryOp() | ast.AugAssign()), "op", _) if type(old) in _OTHER:
            yield _OTHER[type(old)]()
        case ast.Constant(), "value", int() if not isinstance(old, bool):
            yield old + 1
        case _, ("body" | "orelse" | "finalbody"), list():
            for place, one in enumerate(old):
                if isinstance(one, ast.Raise) or (isinstance(one, ast.Expr) and isinstance(one.value, ast.Call)):
                    yield [*old[:place], ast.copy_location(ast.Pass(), one), *old[place + 1 :]]


def _words(node: Any, field: str, new: Any) -> str:
    old = getattr(node, field)
    if isinstance(new, list) and any(isinstance(one, ast.Pass) for one in new):
        left = next(one for one, other in zip(old, new, strict=True) if one is not other)
        return f"{left.lineno}: {ast.unparse(left)[:60]!r} dropped"
    before = ast.unparse(node)
    setattr(node, field, new)
    after = ast.unparse(node)
    setattr(node, field, old)
    return f"{node.lineno}: {before[:60]!r} is {after[:60]!r}"


def _code_of(fault: Drawn) -> CodeType | None:
    """Return the code of a function with a fault; None if it cannot take the place of the first."""
    _what, node, field, new = list(_changes(_node_of(fault.place)))[fault.number]
    old = getattr(node, field)
    setattr(node, field, new)
    try:
        module = compile(_tree(fault.place.path), str(_ROOT / fault.place.path), "exec")
    finally:
        setattr(node, field, old)
    waiting = [module]
    for code in waiting:
        if (code.co_qualname, code.co_firstlineno) == fault.place[1:]:
            return code if code.co_freevars == _function_at(fault.place).__code__.co_freevars else None
        waiting += [one for one in code.co_consts if isinstance(one, CodeType)]
    return None


@cache
def _function_at(place: Place) -> FunctionType:
    functions = (one for one in gc.get_objects() if isinstance(one, FunctionType))
    return next(one for one in functions if _place_of(one.__code__) == place)


@cache
def _caches() -> list[Callable[[], None]]:
    found = (getattr(one, "cache_clear", None) for one in gc.get_objects() if hasattr(type(one), "cache_clear"))
    return [one for one in found if callable(one) and str(one.__self__.__module__).startswith("till.")]


@contextmanager
def _planted(fault: Drawn) -> Iterator[Callable[[World], None]]:
    function, code = _function_at(fault.place), _code_of(fault)
    assert code is not None
    was = function.__code__
    function.__code__ = code
    for forget in _caches():
        forget()
    try:
        yield nothing
    finally:
        function.__code__ = was
        for forget in _caches():
            forget()
