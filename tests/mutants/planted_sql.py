"""A plugin of pytest that tries mutants of SQL, one after the other, or notes what each test calls.

MUTANTS names a file with the mutants and the tests of each, MUTANTS_TO the file descriptor for what came of them;
MUTANT_CALLS names a file for the calls. All tests of a process share its server, and its templates have the mutant
while its tests run.
"""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import psycopg
import pytest
from _pytest.runner import runtestprotocol

from db import migrate
from db.embedded.configuration import OWNER, SUPERUSER
from db.engine import connect

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from db.embedded import EmbeddedServer
    from tests.plugins.database import Database, Shelf

#: Seconds of a test beyond which its mutant is found, as it never ends.
_HANGS_S: Final = 60
_TRACK = "ALTER SYSTEM SET track_functions = 'all'", "SELECT pg_reload_conf()"
_CALLS = "SELECT schemaname || '.' || funcname, sum(calls)::bigint FROM pg_stat_user_functions GROUP BY 1"
_upgrade = migrate.upgrade
_seconds: dict[str, float] = {}
_called: dict[str, set[str]] = {}
_before: dict[str, dict[str, int]] = {}
#: The server and its maker of databases, and how that makes a template.
_prepared: dict[str, Any] = {}
#: The templates, each with its base, in the order in which they were made.
_templates: dict[str, tuple[Callable[[Database], object], str]] = {}


def pytest_configure() -> None:
    """Track the functions for a survey, or the templates for mutants."""
    from tests.plugins.database import Shelf  # noqa: PLC0415 - pytest rewrites the asserts of plugins that it loads first

    if "MUTANTS" in os.environ:
        _prepared["template"] = Shelf.template
        Shelf.template = _noted_template  # type: ignore[method-assign]
    elif "MUTANT_CALLS" in os.environ:
        migrate.upgrade = _upgrade_and_track
        Shelf.lent, Shelf.made = _noting(Shelf.lent), _noting(Shelf.made)  # type: ignore[method-assign]


@pytest.fixture(scope="session", autouse=True)
def _server(postgres: EmbeddedServer, shelf: Shelf) -> None:
    _prepared["server"], _prepared["shelf"] = postgres, shelf


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> bool | None:
    """Run the tests of each mutant until one fails."""
    if "MUTANTS" not in os.environ:
        return None
    items = {item.nodeid: item for item in session.items}
    signal.signal(signal.SIGALRM, _give_up)
    with os.fdopen(int(os.environ["MUTANTS_TO"]), "w", encoding="utf-8") as answers:
        _fails(session.items[0])  # makes the server and a template
        for mutant in json.loads(Path(os.environ["MUTANTS"]).read_text(encoding="utf-8")):
            began = time.monotonic()
            chosen = [items[test] for test in mutant["tests"] if test in items]
            by = _tried(mutant, chosen)
            answers.write(json.dumps([mutant["name"], by, len(chosen), time.monotonic() - began]) + "\n")
            answers.flush()
    return True


def _tried(mutant: dict[str, Any], items: Sequence[pytest.Item]) -> str | None:
    """Run tests with the mutant, and return the name of the first that fails, or of what made no template of it."""
    try:
        _change(mutant["statement"])
        return next((item.nodeid for item in items if _fails(item)), None)
    except psycopg.Error:
        return "PostgreSQL"
    finally:
        _change(mutant["restore"])


def _change(statement: str) -> None:
    """Make a function in the first template, and make the others again from it."""
    shelf, server = _prepared["shelf"], _prepared["server"]
    shelf.close()
    shelf._shapes.clear()
    for name, (fill, template) in _templates.items():
        if template:
            shelf._drop(name)
            _prepared["template"](shelf, name, fill, template)
        else:
            with connect(server.owner(name).with_search_path()) as session:
                session.execute(statement.encode())


def _noted_template(self: Shelf, name: str, fill: Callable[[Database], object], template: str = "") -> str:
    _templates[name] = fill, template
    return str(_prepared["template"](self, name, fill, template))


class _Another:
    """The next item: any, of which only the session is known, so that its fixtures stay."""

    def __init__(self, session: pytest.Session) -> None:
        self._session = session

    def listchain(self) -> list[Any]:
        """Return the nodes that this item needs."""
        return [self._session]


def _fails(item: pytest.Item) -> bool:
    signal.alarm(_HANGS_S)
    try:
        following: Any = _Another(item.session)
        return any(report.failed for report in runtestprotocol(item, log=False, nextitem=following))
    except TimeoutError:
        return True
    finally:
        signal.alarm(0)


def _give_up(*_signal: object) -> None:
    raise TimeoutError


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Note the time of each test that passes."""
    if report.passed and report.when == "call":
        _seconds[report.nodeid] = report.duration


def pytest_sessionfinish() -> None:
    """Write the calls and the time of each test."""
    if "MUTANT_CALLS" in os.environ:
        found = {test: [_seconds[test], sorted(names)] for test, names in _called.items() if test in _seconds}
        Path(os.environ["MUTANT_CALLS"]).write_text(json.dumps(found), encoding="utf-8")


def _upgrade_and_track(owner: Any, *args: Any, **more: Any) -> Any:
    if owner.user == OWNER:  # of the server of the run
        with connect(replace(owner, user=SUPERUSER)) as session:
            for words in _TRACK:
                session.execute(words.encode())
    return _upgrade(owner, *args, **more)


def _noting(lend: Any) -> Any:
    """Return a lender of databases that notes what the borrower called."""

    @contextmanager
    def noted(self: Shelf, template: str = "") -> Iterator[Any]:
        with lend(self, template) as lent:
            yield lent
            database = lent[1] if isinstance(lent, tuple) else lent
            with database.connect() as session:
                _note(session)

    return noted


def _note(session: psycopg.Connection[Any]) -> None:
    """Note the functions that the test called in this database."""
    test = os.environ["PYTEST_CURRENT_TEST"].rpartition(" ")[0]
    before = _before.setdefault(session.info.dbname, {})
    now = dict(session.execute(_CALLS).fetchall())
    _called.setdefault(test, set()).update(name for name, calls in now.items() if calls > before.get(name, 0))
    before.update(now)
