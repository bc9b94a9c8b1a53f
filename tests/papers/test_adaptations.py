"""docs/adaptations.md: every place and test that it names is there, and no name of the owner's papers is missing."""

from __future__ import annotations

import ast
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

import pytest

if TYPE_CHECKING:
    from tests.plugins.database import Database

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/adaptations.md"
PAPERS = ROOT.parent / "shared" / "documents"
NOT_BUILT = ("comes with ", "not here: ")
COMMANDS = ("till ", "python -m bench ", 'psql "$(till db url)" ')
NOTHING = "—"
_MARKED = re.compile(r"`([^`]+)`")


class Row(NamedTuple):
    """A thing that a paper specifies."""

    what: str
    place: str
    test: str


@cache
def rows() -> list[Row]:
    """Return the rows of the tables that name a place and a test."""
    found: list[Row] = []
    inside = False
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split(" | ")] if line.startswith("|") else []
        if cells == ["in the paper", "place", "test"]:
            inside = True
        elif not cells:
            inside = False
        elif inside and not set(line) <= {"|", "-", " "}:
            assert len(cells) == len(Row._fields), line
            found.append(Row(*cells))
    return found


def shown_by() -> list[tuple[str, list[str]]]:
    """Return the first cell of each adaptation, and what shows it."""
    lines = PAGE.read_text(encoding="utf-8").partition("\n## ")[0].splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    assert {len(row) for row in cells} == {4}
    return [(row[0], _MARKED.findall(row[3])) for row in cells if row[3] not in {"shown by", "---"}]


@cache
def names_of(file: Path) -> set[str]:
    """Return the names that a module defines at its top."""
    found: set[str] = set()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                found.add(name)
            case ast.Assign(targets=targets):
                found |= {target.id for target in targets if isinstance(target, ast.Name)}
            case ast.AnnAssign(target=ast.Name(id=name)):
                found.add(name)
    return found


@cache
def functions() -> set[str]:
    """Return the functions of the database, as `schema.name`."""
    made = re.compile(r"^create or replace (?:function|view) (\w+\.\w+)", re.MULTILINE)
    return {name for file in ROOT.glob("db/sql/**/*.sql") for name in made.findall(file.read_text(encoding="utf-8"))}


#: Tables, views and indexes, each with its columns.
_RELATIONS: Final = """
    SELECT format('%s.%s', relnamespace::regnamespace, relname),
        array(SELECT attname::text FROM pg_attribute WHERE attrelid = c.oid AND attnum > 0 AND NOT attisdropped)
    FROM pg_class AS c
    WHERE relnamespace = ANY ('{till,warm,hot,cold,session,simulator}'::regnamespace[])
"""
Relations = dict[str, list[str]]


@pytest.fixture
def relations(database: Database) -> Relations:
    with database.connect() as connection:
        return dict(connection.execute(_RELATIONS).fetchall())


def is_there(place: str, relations: Relations) -> bool:
    """True if the text in backticks is a file, a name in one, a setting, or an object of the database."""
    file, _, name = place.partition("::")
    if "/" in place or place.startswith("config.example.toml"):
        path = ROOT / file
        if not name or not path.is_file():
            return path.exists() and not name
        if path.suffix == ".toml":
            section, key = name.split(".")
            return key in tomllib.loads(path.read_text(encoding="utf-8")).get(section, {})
        return name in names_of(path)
    if place.endswith("()"):
        return place.removesuffix("()") in functions()
    relation, _, columns = place.removesuffix(")").partition("(")
    asked = set(columns.split(", ")) if columns else set()
    return relation in relations and asked <= set(relations[relation])


def test_the_tables_are_read() -> None:
    assert len(rows()) > 100
    assert sum(row.place.startswith(NOT_BUILT) for row in rows()) < len(rows()) / 10


@pytest.mark.parametrize(
    ("place", "there"),
    [
        ("till.order_sessions", True), ("till.order_sessions(id, status)", True), ("till.tabs(id, nothing)", False),
        ("hot.get_session_cart()", True), ("hot.get_nothing()", False), ("hot.nothing", False),
        ("session.idx_sessions_user_id", True), ("session.sessions_now", True),
        ("till/register/tracker.py::SessionEventTracker", True), ("till/register/tracker.py::Nothing", False),
        ("till/register", True), ("till/nothing.py", False), ("till/nothing.py::Nothing", False),
        ("config.example.toml::retention.hot_hours", True), ("config.example.toml::retention.nothing", False),
    ],
)  # fmt: skip
def test_a_missing_place_is_found_missing(place: str, relations: Relations, *, there: bool) -> None:
    assert is_there(place, relations) is there


def test_every_place_is_there(relations: Relations) -> None:
    missing = {place for row in rows() for place in _MARKED.findall(row.place) if not is_there(place, relations)}
    assert missing == set()
    assert [row for row in rows() if not row.place.startswith(NOT_BUILT) and not _MARKED.findall(row.place)] == []


def is_a_test(named: str) -> bool:
    """True if a test of that file and name is there."""
    file, _, name = named.partition("::")
    path = ROOT / file
    return name.startswith("test_") and path.is_file() and name in names_of(path)


def test_each_adaptation_is_shown_by_a_test_or_a_command() -> None:
    shown = shown_by()
    assert len(shown) > 90
    assert [row for row, named in shown if not named] == []
    assert {one for _row, named in shown for one in named if not (one.startswith(COMMANDS) or is_a_test(one))} == set()


def test_every_test_is_there() -> None:
    missing: set[str] = set()
    for row in rows():
        named = _MARKED.findall(row.test)
        if row.place.startswith(NOT_BUILT):
            assert (named, row.test) == ([], NOTHING), row.what
            continue
        assert named, row.what
        missing |= {test for test in named if not is_a_test(test)}
    assert missing == set()


@pytest.mark.skipif(not PAPERS.is_dir(), reason="the owner's papers are not on this machine")
def test_nothing_that_a_paper_names_is_missing() -> None:
    """Checked are tables, indexes, functions, endpoints, and words in backticks that could be our names."""
    page = PAGE.read_text(encoding="utf-8")
    made = re.compile(r"\bCREATE (?:OR REPLACE )?(?:UNLOGGED )?(?:TABLE|INDEX|FUNCTION) \"?([\w.]+)")
    endpoint = re.compile(r"\*\*Endpoint\*\*: `([A-Z]+) /api([^`]*)`")
    named = re.compile(r"`([a-z]+(?:_[a-z]+)+|[a-z]+[A-Z][A-Za-z]+|[A-Z]{4,})`")
    #: Examples of another stack: a month, and variables of its code.
    others = {"users_2025_09", "orderItems"}
    missing: set[str] = set()
    for paper in PAPERS.glob("*.md"):
        text = paper.read_text(encoding="utf-8")
        found = {*made.findall(text), *named.findall(text), *(" ".join(one) for one in endpoint.findall(text))}
        missing |= {one for one in found - others if one not in page}
    assert missing == set()
