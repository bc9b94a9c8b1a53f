"""The mutants of SQL: see `sql_changes`. Each has a run of pytest, in whose databases the changed function stands."""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.mutants.generating import ROOT
from tests.mutants.mutant import Outcome
from tests.mutants.rooms import SQL
from tests.mutants.sql_changes import changes, statements

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from tests.mutants.mutant import Mutant
    from tests.mutants.sql_changes import Change

#: The seconds that each test takes, and the functions that it calls, by its name.
Calls = dict[str, tuple[float, list[str]]]
_CALLS: Final = ROOT / "build" / "mutants" / "calls.json"
#: Seconds of the tests that are tried for a mutant.
_TESTS_S: Final = 60.0
#: A connection of an earlier mutant's tests heard notifications in another way.
_QUIET: Final = "ignore:using 'notifies:RuntimeWarning"
#: Tests of a function below which those of its callers are tried too.
_FEW: Final = 40


class Sql:
    """Mutants of functions and views of `db/sql`."""

    rooms: Sequence[str] = tuple(SQL)

    def __init__(self) -> None:
        self._changes: dict[Mutant, Change] = {}

    def mutants(self, rooms: Sequence[str]) -> list[Mutant]:
        """Return the mutants of these rooms."""
        self._changes |= {change.mutant: change for room in rooms for change in changes(room)}
        return [mutant for mutant in self._changes if mutant.room in rooms]

    def run(self, mutants: Sequence[Mutant], jobs: int) -> Iterator[Outcome]:
        """Run the tests that call the function of each mutant, and yield each outcome as it comes.

        Raises:
            RuntimeError: the tests cannot be run.
        """
        calls, bodies = survey(), statements()
        tests = {mutant: tests_of(calls, bodies, mutant.function) for mutant in mutants}
        known = {mutant.name: mutant for mutant in mutants}
        shares = [
            [
                {
                    "name": mutant.name, "tests": tests[mutant], "statement": self._changes[mutant].statement,
                    "restore": bodies[mutant.function],
                }
                for mutant in mutants[job::jobs] if tests[mutant]
            ]
            for job in range(jobs)
        ]  # fmt: skip
        yield from (Outcome(mutant, None) for mutant in mutants if not tests[mutant])
        answers: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        threads = [threading.Thread(target=_run, args=(share, answers)) for share in shares if share]
        for thread in threads:
            thread.start()
        left = len(threads)
        while left:
            line = answers.get()
            if line is None:
                left -= 1
                continue
            name, by, count, seconds = json.loads(line)
            yield Outcome(known.pop(name), by, count, seconds)
        if any(tests[mutant] for mutant in known.values()):
            raise RuntimeError("the tests did not run; see above")


def _run(share: Sequence[dict[str, Any]], answers: queue.SimpleQueue[str | None]) -> None:
    """Run the mutants of one process, and pass on what it writes; None at its end."""
    read, write = os.pipe()
    with tempfile.NamedTemporaryFile("w", suffix=".json") as mutants:
        json.dump(share, mutants)
        mutants.flush()
        files = sorted({_file(test) for mutant in share for test in mutant["tests"]})
        more = {"MUTANTS": mutants.name, "MUTANTS_TO": str(write)}
        process = subprocess.Popen(
            _pytest(files), cwd=ROOT, env=os.environ | more, pass_fds=(write,), stdout=sys.stderr
        )
        os.close(write)
        with os.fdopen(read, encoding="utf-8") as lines:
            for line in lines:
                answers.put(line)
        process.wait()
    answers.put(None)


def survey() -> Calls:
    """Return the calls of every test, after running those of files that are newer than the last survey."""
    files = sorted({path for place in sum(SQL.values(), ()) for path in _files(place)})
    since = _CALLS.stat().st_mtime if _CALLS.exists() else 0.0
    calls: Calls = json.loads(_CALLS.read_text(encoding="utf-8")) if since else {}
    names = {path.relative_to(ROOT).as_posix(): path for path in files}
    stale = [name for name, path in names.items() if path.stat().st_mtime > since]
    calls = {test: of for test, of in calls.items() if _file(test) in names and _file(test) not in stale}
    if stale:
        with tempfile.NamedTemporaryFile(suffix=".json") as found:
            subprocess.run(
                _pytest(stale), cwd=ROOT, env=os.environ | {"MUTANT_CALLS": found.name}, stdout=sys.stderr, check=True
            )
            calls |= json.loads(Path(found.name).read_text(encoding="utf-8"))
        _CALLS.parent.mkdir(parents=True, exist_ok=True)
        _CALLS.write_text(json.dumps(calls), encoding="utf-8")
    return calls


def _files(place: str) -> list[Path]:
    """Return the files of tests in a place, but for those that run on another server, which gets no mutant."""
    path = ROOT / place
    found = path.glob("test_*.py") if path.is_dir() else path.parent.glob(path.name)
    return sorted(one for one in found if one.name != "test_fifteen.py")


def _file(test: str) -> str:
    return test.partition("::")[0]


def tests_of(calls: Calls, bodies: Mapping[str, str], name: str) -> list[str]:
    """Return the tests that call a function and few others first, and those of its callers if they are few.

    PostgreSQL counts no call of a function that it puts into a statement.
    """
    found: list[str] = []
    sought, seen = {name}, {name}
    while sought and len(found) < _FEW:
        more = (test for test, (_seconds, names) in calls.items() if sought & {*names} and test not in found)
        found += sorted(more, key=lambda test: (len(calls[test][1]), calls[test][0]))
        words = re.compile(rf"(?:{'|'.join(map(re.escape, sought))})\b")
        sought = {caller for caller, body in bodies.items() if caller not in seen and words.search(body)}
        seen |= sought
    return _within(calls, found)


def _within(calls: Calls, tests: Sequence[str]) -> list[str]:
    chosen: list[str] = []
    spent = 0.0
    for test in tests:
        spent += calls[test][0]
        if chosen and spent > _TESTS_S:
            break
        chosen.append(test)
    return chosen


def _pytest(files: Sequence[str]) -> list[str]:
    """Return the command that runs tests with the plugin."""
    options = ("-n", "0", "-p", "tests.mutants.planted_sql", "-p", "no:cacheprovider", "--tb=no", "-W", _QUIET)
    return [sys.executable, "-m", "pytest", *options, *files]
