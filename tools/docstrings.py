"""Find docstrings, comments, tests and names with words that the project does not use, for `make lint`.

Run with the folders to look at.
"""

from __future__ import annotations

import ast
import re
import sys
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_DOCUMENTED: Final = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
_REFUSED: Final = re.compile(
    r"((?:What(?:ever)?|Who(?:ever)?|Whether|How|That|So|Its?|They|Of|As|Until|Unless|Otherwise|Nor|Or|Where|Why"
    r"|Nobody|Return (?:what|who|whether))\b)"
)
#: Words that a docstring uses for a message, an answer, a number or a time.
_REFUSED_WORD: Final = re.compile(r"\b(told|said|so (?:many|much|long)|anew)\b", re.IGNORECASE)
#: The comment on a constant or an attribute, from its first line on.
_ABOVE_NAME: Final = re.compile(r"(?m)^ *#: (.*)\n(?: *#: .*\n)*")
_REFUSED_COMMENT: Final = re.compile(r"(?:#|--) (What|Who|Whose|Whether|How)\b", re.IGNORECASE)
#: The sections of a docstring whose entries are checked, and an entry with its name.
_SECTIONS: Final = frozenset({"Args:", "Attributes:", "Raises:", "Returns:", "Yields:"})
_ENTRY: Final = re.compile(r"    (?:[\w.*`]+(?: \([^)]*\))?: )?(\S.*)")
_REFUSED_IN_ENTRY: Final = re.compile(r"((?:What|Who|Whose|Whether|How|That|So|Where|The same)\b)", re.IGNORECASE)
#: Names of classes that another word says better.
_BETTER: Final = {
    "Agreed": "DraftSplit",
    "Behind": "QueuedHandler",
    "Course": "ChargeProgress",
    "Digest": "ReplyHandler",
    "Happening": "Outcome",
    "Hearing": "WebhookServer",
    "Keyed": "ItemEntry",
    "LateGround": "DeferredDatabase",
    "LateSync": "DeferredSync",
    "Lines": "JsonFormatter",
    "Link": "Connection",
    "Matter": "NeedsAttention",
    "Moment": "PayContext",
    "Road": "Connection",
    "Said": "Message",
    "Told": "Notice",
}
#: Names of functions, in Python and SQL, that another word says better.
_BETTER_FUNCTIONS: Final = {
    "arrival_of": "incoming_event_of",
    "door_of": "auth_context_of",
    "park": "suspend",
    "put_aside": "suspend (an order), quarantine (a record)",
    "standing": "state, status",
    "told": "describe_…, read_…",
}
#: Names of functions that call a message or a fact `told` or `said`.
_REFUSED_FUNCTION: Final = re.compile(r"_?told(?:_|$)|(?!test_).*(?<![^_])said(?:_|$)")
#: Names of variables, parameters and attributes that call a message or a fact `told` or `said`.
_REFUSED_VARIABLE: Final = re.compile(r"_*(?:un)?(?:told|said)(?:_.*)?|.*_(?:told|said)(?:_.*)?", re.IGNORECASE)
#: Such names in SQL: a variable, a parameter, or a function that no client of an older version calls.
_REFUSED_IN_CODE_OF_SQL: Final = re.compile(
    r"(?<![\w'.])((?:[pv]_)?(?:told|said))(?![\w'])"
    r"|^create or replace function \w+\.((?:told|said)(?:_\w+)?|\w+_(?:told|said))\("
)
#: A suppressed rule of ruff whose reason is another comment.
_REFUSED_REASON: Final = re.compile(
    r"# noqa: [A-Z0-9, ]+ - (the same|as above|as below|as the sentence above says)$", re.MULTILINE
)
_REFUSED_TEST: Final = re.compile(
    r"(?m)^ *(?:async )?def test_(what(?:ever)?|who(?:ever|se)?|whether|how|that|so|its?|they|of|where|nobody)[_(]"
)
_LONG_TEST: Final = re.compile(r"(?m)^ *(?:async )?def (test_\w{86,})\(")
_FUNCTION_OF_SQL: Final = re.compile(r"(?m)^create or replace function \w+\.(\w+)")
#: The comment above a function or a view of SQL, from its first line on.
_ABOVE_SQL: Final = re.compile(r"^-- (.*)\n(?:-- .*\n)*create or replace ", re.MULTILINE)
_REFUSED_IN_SQL: Final = re.compile(r"((?:What|Who|Whether|How|That|So|Where|The same)\b)")


@lru_cache(maxsize=1)
def _nodes(text: str) -> tuple[ast.AST, ...]:
    """Return all nodes of a Python file, which is asked for twice in a row."""
    return tuple(ast.walk(ast.parse(text)))


def refused(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the fault of each docstring and class of a Python file that is refused."""
    for node in _nodes(text):
        if isinstance(node, ast.ClassDef) and node.name in _BETTER:
            yield node.lineno, f"a class is called {node.name}; call it {_BETTER[node.name]}"
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and (better := _better_name(node.name)):
            yield node.lineno, f"a function is called {node.name}; {better}"
        if isinstance(node, _DOCUMENTED):
            for fault in _faults_of_docstring(ast.get_docstring(node) or ""):
                yield node.body[0].lineno, fault
    for comment in _ABOVE_NAME.finditer(text):
        found = _REFUSED_IN_ENTRY.match(comment[1])
        if found is not None:
            line = text.count("\n", 0, comment.start()) + 1
            yield line, f'a comment begins with "{found[1]}"; begin with a noun'


def _faults_of_docstring(docstring: str) -> Iterator[str]:
    """Yield each fault of a docstring: its first word, a word in it, the first word of an entry."""
    if (found := _REFUSED.match(docstring)) is not None:
        yield f'a docstring begins with "{found[1]}"; begin with a verb (a function) or a noun (class, module)'
    for word in _REFUSED_WORD.findall(docstring):
        yield f'a docstring has the word "{word}"; name the message, the number or the time'
    for entry in _entries(docstring):
        if (found := _REFUSED_IN_ENTRY.match(entry)) is not None:
            yield f'an entry of a docstring begins with "{found[1]}"; begin with a noun'


def _better_name(name: str) -> str:
    """Return the advice for a function with a refused name; empty if the name is not refused."""
    if (better := _BETTER_FUNCTIONS.get(name.strip("_"))) is not None:
        return f"call it {better}"
    return "call it by its result, not by told or said" if _REFUSED_FUNCTION.match(name) else ""


def refused_variables(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the fault of each variable, parameter or attribute of Python with a refused name."""
    for node in _nodes(text):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()) | ast.arg(arg=name):
                pass
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.ExceptHandler(name=str(name)):
                pass
            case _:
                continue
        if _REFUSED_VARIABLE.fullmatch(name):
            yield node.lineno, f"a variable is called {name}; call it by what it holds: message, reason, reply, row"


def refused_variables_in_sql(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the fault of each variable, parameter or function of SQL with a refused name."""
    for number, line in enumerate(text.splitlines(), 1):
        for found in _REFUSED_IN_CODE_OF_SQL.finditer(line.partition("--")[0]):
            yield (
                number,
                f"a name is {found[1] or found[2]}; call it by what it holds or returns: message, reason, event",
            )


def refused_comments(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the fault of each comment of Python or SQL that is refused by its first word."""
    for found in _REFUSED_COMMENT.finditer(text):
        above, _end, code = text[: found.start()].rpartition("\n")
        is_first = (
            code.endswith("  ") if code.strip() else not above.rpartition("\n")[2].lstrip().startswith(("# ", "-- "))
        )
        if is_first:
            line = text.count("\n", 0, found.start()) + 1
            yield line, f'a comment begins with "{found[1]}"; begin with a noun or the reason'
    for found in _REFUSED_REASON.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, f'the reason for a noqa is "{found[1]}"; name the reason'


def refused_tests(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the fault of each test whose name begins with a refused word or has over 90 characters."""
    for found in _REFUSED_TEST.finditer(text):
        line = text.count("\n", 0, found.start()) + 1
        yield line, f'the name of a test begins with "{found[1]}"; begin with its subject or a verb'
    for found in _LONG_TEST.finditer(text):
        yield text.count("\n", 0, found.start()) + 1, f"the name {found[1]} has over 90 characters"


def _entries(docstring: str) -> Iterator[str]:
    """Yield the first line of each entry of a docstring's sections, without its name."""
    is_listed = False
    for line in docstring.splitlines():
        if line and not line.startswith(" "):
            is_listed = line in _SECTIONS
        elif is_listed and (entry := _ENTRY.fullmatch(line)) is not None:
            yield entry[1]


def refused_in_sql(text: str) -> Iterator[tuple[int, str]]:
    """Yield the line and the fault of each comment above a function or a view of SQL that is refused."""
    for comment in _ABOVE_SQL.finditer(text):
        found = _REFUSED_IN_SQL.match(comment[1])
        if found is not None:
            line = text.count("\n", 0, comment.start()) + 1
            yield line, f'a comment begins with "{found[1]}"; begin with a verb or a noun'
    for named in _FUNCTION_OF_SQL.finditer(text):
        if named[1] in _BETTER_FUNCTIONS:
            line = text.count("\n", 0, named.start()) + 1
            yield line, f"a function is called {named[1]}; call it {_BETTER_FUNCTIONS[named[1]]}"


def main(folders: list[str]) -> int:
    """Name each docstring, comment, class and test that is refused on stderr; return 1 if there is any."""
    faults = [
        f"{path}:{line}: {fault}\n"
        for suffix, checks in (
            (".py", (refused, refused_variables, refused_comments, refused_tests)),
            (".sql", (refused_in_sql, refused_variables_in_sql, refused_comments)),
        )
        for folder in folders
        for path in sorted(Path(folder).rglob(f"*{suffix}"))
        for line, fault in sorted({one for check in checks for one in check(path.read_text(encoding="utf-8"))})
    ]
    sys.stderr.writelines(faults)
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
