"""Mutants of the functions and views in `db/sql`: one small change of one of them, made without a parser.

A mutant is the text of a statement, which `tests.mutants.planted_sql` runs in the template of the tests' databases.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from tests.mutants.generating import ROOT, changed
from tests.mutants.mutant import Mutant

if TYPE_CHECKING:
    from collections.abc import Iterator

#: Mutants of one kind in a room.
MOST: Final = 40

#: A function or a view, with its name and its body.
_STATEMENT: Final = re.compile(
    r"^create or replace (?:function (?P<function>[\w.]+)\(.*?as (?P<quote>\$\$|')(?P<body>.*?)(?P=quote)"
    r"|view (?P<view>[\w.]+) as\n(?P<query>.*?));$",
    re.MULTILINE | re.DOTALL,
)
_TOKEN: Final = re.compile(
    r"'[^']*'|\"[^\"]*\"|[a-z_][\w.]*|\d+(?:\.\d+)?|[-+*/<>=~!@#%^&|?:]+|[()\[\],;.]", re.IGNORECASE
)
_SWAPS: Final = {
    "boundary": {"<": "<=", "<=": "<", ">": ">=", ">=": ">"},
    "equality": {"=": "<>", "<>": "="},
    "sign": {"+": "-", "-": "+"},
    "greatest": {"greatest": "least", "least": "greatest"},
    "logic": {"and": "or", "or": "and"},
}
#: Passages that are dropped or reworded wherever they stand.
_PASSAGES: Final = (
    ("lock", re.compile(r"\bfor (?:no key )?update(?: of \w+)?(?: skip locked)?"), ""),
    ("lock", re.compile(r"\bperform (?:pg_advisory_xact_lock|warm\.lock_\w+)\([^;]*;"), "null;"),
    ("lock", re.compile(r"\block table [^;]*;"), "null;"),
    ("call", re.compile(r"\bperform (?!pg_advisory|warm\.lock_|set_config)\w+\.\w+\([^;]*;"), "null;"),
    ("guard", re.compile(r"\b(?:continue|exit) when [^;]*;"), "null;"),
    ("null", re.compile(r"\bis null\b"), "is not null"),
    ("null", re.compile(r"\bis not null\b"), "is null"),
    ("equality", re.compile(r"\bis distinct from\b"), "is not distinct from"),
    ("equality", re.compile(r"\bis not distinct from\b"), "is distinct from"),
    ("not", re.compile(r"\bnot (?!null\b|distinct\b|materialized\b)(?=[\w(])"), ""),
)
_INTERVAL: Final = re.compile(r"\binterval '(\d+) (\w+?)s?'")
#: The keys that are taken off an object.
_KEY: Final = re.compile(r"\s*('|array|own\b)")
_FIELDS: Final = re.compile(
    r"\b(?:errcode|hint|get stacked diagnostics \w+|constraint_name, \w+) =|, \w+ =(?= constraint_name)"
)
#: The branches of a guard: those of an `if`, and those of a `case`.
_BRANCHES: Final = (
    re.compile(r"then\s+(?:raise|return|continue|exit)"), re.compile(r"then\s+(?:format\()?'[A-Z][^']* "),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Change:
    """A mutant with the statement that makes it.

    Attributes:
        kind: the kind of the change.
        statement: the changed function or view.
    """

    mutant: Mutant
    kind: str
    statement: str


def changes(room: str) -> list[Change]:
    """Return the mutants of a room: `MOST` of each kind, as comparisons would be most of them."""
    by_kind: dict[str, list[Change]] = {}
    for path in sorted((ROOT / "db" / room).glob("*.sql")):
        for change in of_file(room, path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")):
            by_kind.setdefault(change.kind, []).append(change)
    for found in by_kind.values():
        found.sort(key=lambda change: change.mutant.name.rpartition(":")[2])
    return [change for found in by_kind.values() for change in found[:MOST]]


def statements() -> dict[str, str]:
    """Return every function and view of `db/sql`, by its name."""
    texts = (path.read_text(encoding="utf-8") for path in (ROOT / "db" / "sql").glob("*/*.sql"))
    return {found["view"] or found["function"]: found[0] for text in texts for found in _STATEMENT.finditer(text)}


def of_file(room: str, path: str, text: str) -> Iterator[Change]:
    """Yield every mutant of a file of SQL."""
    for statement in _STATEMENT.finditer(text):
        name = statement["view"] or statement["function"]
        start, end = statement.span("query" if statement["view"] else "body")
        twins: Counter[tuple[str, str]] = Counter()
        for (from_, to, now), kind in _changes(text[start:end]).items():
            first, last = from_ + start, to + start
            words = changed(text, first, last, now)
            mutant = Mutant(room, path, name, *words, text.count("\n", 0, first) + 1, twins[words])
            twins[words] += 1
            yield Change(mutant, kind, text[statement.start() : first] + now + text[last : statement.end()])


def _changes(body: str) -> dict[tuple[int, int, str], str]:
    """Return the changes of a body: first and last position, and the words instead, each with its kind."""
    found: dict[tuple[int, int, str], str] = {}
    for kind, first, last, now in _all_changes(body):
        found.setdefault((first, last, now), kind)
    return found


def _all_changes(body: str) -> Iterator[tuple[str, int, int, str]]:
    blank = _blanked(body)
    for kind, passage, instead in _PASSAGES:
        for found in passage.finditer(blank):
            yield kind, *found.span(), instead
    yield from _guards(blank, body)
    yield from _swaps(blank, body)
    yield from _limits(blank, body)


def _swaps(blank: str, body: str) -> Iterator[tuple[str, int, int, str]]:
    """Yield operators and words that are exchanged."""
    sets = _assignments(blank)
    between = False
    for before, token in pairwise(_TOKEN.finditer(blank)):
        word = token[0]
        between = (between and word != ";") or word == "between"
        if word == "and" and between:
            between = False
            continue
        for kind, swaps in _SWAPS.items():
            if word not in swaps or (word == "=" and token.start() in sets):
                continue
            is_binary = re.search(r"[\w)\]]$", before[0]) and not _KEY.match(body, token.end())
            if kind != "sign" or is_binary:
                yield kind, *token.span(), swaps[word]


def _limits(blank: str, body: str) -> Iterator[tuple[str, int, int, str]]:
    """Yield numbers and intervals that are one more."""
    for before, token in pairwise(_TOKEN.finditer(blank)):
        is_place = before[0] in {"[", "by", "bit"} or blank[: token.start()].rstrip().endswith("by 1,")
        if token[0].isdecimal() and not is_place:
            yield "limit", *token.span(), str(int(token[0]) + 1)
    for found in _INTERVAL.finditer(body):
        yield "limit", *found.span(), f"interval '{int(found[1]) + 1} {found[2]}s'"


def _guards(blank: str, body: str) -> Iterator[tuple[str, int, int, str]]:
    """Yield guards that never hold: an `if` that raises or returns, and the case of a sentence."""
    for found in re.finditer(r"\b(if|elsif|when) ", blank):
        then = _then(blank, found.end())
        if then is not None and _BRANCHES[found[1] == "when"].match(body, then):
            yield "guard", found.end(), then, "false "


def _then(blank: str, start: int) -> int | None:
    """Return the position of the `then` of a condition; None if there is none before the statement ends."""
    cases = 0
    for found in re.finditer(r"\b(case|end|then)\b|;", blank[start:]):
        if found[0] == ";":
            return None
        if found[0] == "then" and cases == 0:
            return start + found.start()
        cases += {"case": 1, "end": -1}.get(found[0], 0)
    return None


def _assignments(blank: str) -> set[int]:
    """Return the positions of equals signs that compare nothing: those of `update … set`, and of an error's fields."""
    found = {sign.end() - 1 for sign in _FIELDS.finditer(blank)}
    for part in re.finditer(r"\bset\s(.*?)(?=\bwhere\b|\bfrom\b|\breturning\b|;|$)", blank, re.DOTALL):
        depth = 0
        for sign in re.finditer(r"[()=]", part[1]):
            depth += {"(": 1, ")": -1}.get(sign[0], 0)
            if sign[0] == "=" and depth == 0:
                found.add(part.start(1) + sign.start())
    return found


def _blanked(body: str) -> str:
    """Return a body with blank comments and strings, which keeps its positions."""
    return re.sub(r"--[^\n]*|'(?:[^']|'')*'", _blank, body)


def _blank(found: re.Match[str]) -> str:
    quote = found[0][0].strip("-")
    return quote + " " * (len(found[0]) - 2 * len(quote)) + quote
