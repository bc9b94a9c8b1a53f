"""Runs the tests of mutants, each in a process forked from one that has loaded all of them.

The parent collects the tests of the rooms and starts their PostgreSQL, but runs none. One set of forks runs all tests
and notes which lines each reaches; then each mutant has a fork, which runs the tests that reach its line, the nearest
and quickest first, until one fails.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import os
import resource
import signal
import sys
import tempfile
import time
import traceback
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pytest
from _pytest.runner import runtestprotocol
from coverage import Coverage
from hypothesis import HealthCheck, Phase, settings

from db.embedded import EmbeddedServer
from tests.mutants.finds import function
from tests.mutants.generating import ROOT, files
from tests.mutants.mutant import Outcome
from tests.mutants.planting import plant
from tests.mutants.rooms import PYTHON
from tests.plugins.folders import run_dir
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from tests.mutants.generating import Fault

#: Seconds of CPU and of time for a test, beside a multiple of its own; a mutant that needs more is found.
_CPU_S: Final = 5.0
_TIME_S: Final = 30.0
_TIMES: Final = 20.0
#: The number of tests that find a mutant, after which no other one is asked.
_ENOUGH: Final = 5
#: The code of a process in which a mutant cannot be planted.
_NOT_PLANTED: Final = 3
#: Notes of the survey, for each file of tests.
_NOTES: Final = ROOT / "build" / "mutants" / "survey"
#: The test that found each mutant the last time.
_FINDERS: Final = ROOT / "build" / "mutants" / "finders.json"
#: Bytes of memory for a mutant that never ends; the loaded tests take a tenth of it.
_MEMORY: Final = 6 << 30


@dataclass
class Survey:
    """The tests as they are: the seconds that each takes, and the tests that reach each line of a source."""

    seconds: dict[str, float] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)
    lines: dict[str, dict[int, set[str]]] = field(default_factory=dict)

    def add(self, words: str) -> None:
        """Add what was noted of one file of tests."""
        for test, (seconds, failed, lines) in json.loads(words).items():
            self.seconds[test] = seconds
            if failed:
                self.failed.append(test)
            for path, reached in lines.items():
                known = self.lines.setdefault(path, {})
                for line in reached:
                    known.setdefault(line, set()).add(test)

    def reaching(self, fault: Fault) -> set[str]:
        """Return the tests that reach a mutant."""
        known = self.lines.get(fault.mutant.path, {})
        return set().union(*(known.get(line, ()) for line in fault.lines)) - set(self.failed)


class Runner:
    """A plugin of pytest that runs no tests itself, but those of each mutant in a fork.

    Args:
        faults: the mutants to run.
        every: True to run every test that reaches a mutant, until five found it; False to stop at the first.
        jobs: the number of forks at once.
        report: called with each outcome.
        progress: called with a line for a person who waits.
    """

    def __init__(
        self,
        faults: Sequence[Fault],
        jobs: int,
        report: Callable[[Outcome], None],
        progress: Callable[[str], None],
        *,
        every: bool,
    ) -> None:
        self._every = every
        self._faults, self._jobs, self._report, self._progress = faults, jobs, report, progress
        self._survey = Survey()
        self._items: dict[str, pytest.Item] = {}
        self._finders: dict[str, str] = json.loads(_FINDERS.read_text(encoding="utf-8")) if _FINDERS.exists() else {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection(self) -> None:
        """Let Hypothesis stop at the first example that fails: the shortest one is for people."""
        quick = settings(phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
        settings.register_profile("mutants", quick)
        settings.load_profile("mutants")

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the survey and the mutants instead of the tests."""
        if session.testsfailed:
            raise session.Failed("tests that cannot be collected")
        self._items = {item.nodeid: item for item in session.items}
        with ExitStack() as stack:
            if any("postgres" in getattr(item, "fixturenames", ()) for item in session.items):
                run = run_dir(session.config)
                server = EmbeddedServer(run / "data", system_dir=run / "system", durable=False)
                stack.enter_context(server.acquire("mutants"))
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            began = time.monotonic()
            self._survey_all()
            seconds, failed = time.monotonic() - began, len(self._survey.failed)
            self._progress(
                f"{len(self._items)} tests run in {seconds:.0f} s, {failed} left out as they fail without a mutant"
            )
            self._run_all(folder)
        return True

    def _survey_all(self) -> None:
        """Run each file of tests, or read the notes of an earlier run, which hold until a source changes."""
        _NOTES.mkdir(parents=True, exist_ok=True)
        ground = _ground()
        notes: list[Path] = []
        works: list[_Work] = []
        for path, group in itertools.groupby(self._items.values(), key=lambda item: item.path):
            items = list(group)
            key = hashlib.sha256(ground + path.read_bytes() + repr([item.nodeid for item in items]).encode())
            notes.append(_NOTES / f"{key.hexdigest()[:24]}.json")
            if not notes[-1].exists():
                works.append(_Work(partial(_survey, items, notes[-1])))
        for work in _forked(works, self._jobs):
            assert work.code == 0, "a test ended the process of the survey"
        for note in notes:
            before = len(self._survey.failed)
            self._survey.add(note.read_text(encoding="utf-8"))
            if len(self._survey.failed) > before:
                note.unlink()  # a test may have failed as the machine was slow

    def _run_all(self, folder: Path) -> None:
        works = [self._work(number, fault, folder) for number, fault in enumerate(self._faults)]
        for work in _forked(works, self._jobs):
            assert work.outcome is not None
            outcome = work.outcome()
            if outcome.found_by in self._items:
                self._finders[outcome.mutant.name] = outcome.found_by
            self._report(outcome)
        _FINDERS.write_text(json.dumps(self._finders), encoding="utf-8")

    def _work(self, number: int, fault: Fault, folder: Path) -> _Work:
        tests = self._tests(fault)
        items = [self._items[test] for test in tests]
        note = folder / f"mutant-{number}"
        work = _Work(partial(_try, fault, items, self._survey.seconds, note, every=self._every))

        def outcome() -> Outcome:
            found = note.read_text(encoding="utf-8").split("\n")[:-1] if note.exists() else []
            assert found or work.code != _NOT_PLANTED, f"{fault.mutant.name} cannot be planted"
            ended = None if work.code == 0 else "time" if work.code < 0 else "crash"
            outcome = Outcome(fault.mutant, found[0] if found else ended, len(items), work.seconds)
            # A fault that ends a test mostly ends all: none finds it alone.
            if not self._every or ended is not None:
                return outcome
            return replace(outcome, finders=tuple(found), reached_by=tuple(tests))

        work.outcome = outcome
        return work

    def _tests(self, fault: Fault) -> list[str]:
        """Return the tests of its room that reach a mutant, the nearest folder first, there the quickest first.

        The test that found it the last time comes before them.
        """
        places, finder = PYTHON[fault.mutant.room], self._finders.get(fault.mutant.name)
        ranks = {test: _rank(test, places) for test in self._survey.reaching(fault)}
        tests = [test for test, rank in ranks.items() if rank is not None]
        return sorted(tests, key=lambda test: (test != finder, ranks[test], self._survey.seconds[test]))


def _rank(test: str, places: Sequence[str]) -> int | None:
    return next((rank for rank, place in enumerate(places) if _is_in(test, place)), None)


@dataclass
class _Work:
    """One fork: its work, its outcome, and the seconds that it took."""

    do: Callable[[], None]
    outcome: Callable[[], Outcome] | None = None
    code: int = 0
    began: float = 0.0
    seconds: float = 0.0


def _forked(works: Iterable[_Work], jobs: int) -> Iterator[_Work]:
    """Do each work in a fork, some at once, and yield it when it ended."""
    left, running = iter(works), dict[int, _Work]()
    while True:
        while len(running) < jobs and (work := next(left, None)):
            work.began = time.monotonic()
            running[_fork(work)] = work
        if not running:
            return
        pid, status = os.wait()
        if work := running.pop(pid, None):
            work.code, work.seconds = os.waitstatus_to_exitcode(status), time.monotonic() - work.began
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)  # processes that a test left behind
            yield work


def _fork(work: _Work) -> int:
    sys.stdout.flush()
    sys.stderr.flush()
    if pid := os.fork():
        return pid
    code, errors = 1, os.dup(2)
    try:
        os.setsid()
        quiet = os.open(os.devnull, os.O_RDWR)
        for stream in (0, 1, 2):
            os.dup2(quiet, stream)
        work.do()
        code = 0
    except BaseException:  # noqa: BLE001 - a mutant may break pytest itself
        os.write(errors, traceback.format_exc().encode())
    finally:
        os._exit(code)


def _ground() -> bytes:
    """Return a hash of everything that tests depend on beside their own file: sources, SQL and helpers of tests."""
    whole = hashlib.sha256()
    helpers = (path for path in (ROOT / "tests").rglob("*.py") if not path.name.startswith("test_"))
    sources = (path for place in ("till", "db", "migrations") for path in (ROOT / place).rglob("*.*"))
    for path in sorted([*helpers, *sources]):
        if path.suffix in {".py", ".sql", ".toml"} and path.parent != Path(__file__).parent:
            whole.update(path.read_bytes())
    return whole.digest()


def _survey(items: Sequence[pytest.Item], note: Path) -> None:
    """Run tests without a mutant; note the seconds of each, those that fail, and the lines that each reaches."""
    sources = {str(ROOT / path): path for room in PYTHON for path in files(room)}
    coverage = Coverage(data_file=None, include=list(sources), config_file=False, messages=False)
    coverage.set_option("run:disable_warnings", ["no-data-collected"])  # tests of other sources
    noted: dict[str, tuple[float, bool, dict[str, list[int]]]] = {}
    coverage.start()
    for item, following in zip(items, [*items[1:], None], strict=True):
        coverage.switch_context(item.nodeid)
        began = time.monotonic()
        reports = runtestprotocol(item, log=False, nextitem=following)
        noted[item.nodeid] = time.monotonic() - began, any(report.failed for report in reports), {}
    coverage.stop()
    data = coverage.get_data()
    for source, path in sources.items():
        for line, tests in data.contexts_by_lineno(source).items():
            for test in tests:
                if test in noted:
                    noted[test][2].setdefault(path, []).append(line)
    draft = note.with_suffix(f".{os.getpid()}")
    draft.write_text(json.dumps(noted), encoding="utf-8")
    draft.rename(note)


def _try(fault: Fault, items: Sequence[pytest.Item], seconds: dict[str, float], note: Path, *, every: bool) -> None:
    """Run tests with a mutant until one fails; note it. With `every`, go on, but not with what is known.

    That is another row of a test that found it, and all the rest once several found it: it is nobody's alone.
    """
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, resource.RLIM_INFINITY))
    if not items:
        return
    try:
        plant(fault)
    except BaseException:  # noqa: BLE001 - a fault of these lines, which the parent tells from one that a test finds
        os._exit(_NOT_PLANTED)
    found: set[str] = set()
    for item, following in zip(items, [*items[1:], None], strict=True):
        if (name := function(item.nodeid)) in found:
            continue
        signal.setitimer(signal.ITIMER_PROF, _CPU_S + _TIMES * seconds[item.nodeid])
        signal.setitimer(signal.ITIMER_REAL, _TIME_S + _TIMES * seconds[item.nodeid])
        reports = runtestprotocol(item, log=False, nextitem=following)
        if any(report.failed for report in reports):
            with note.open("a", encoding="utf-8") as notes:
                notes.write(f"{item.nodeid}\n")
            found.add(name)
            if not every or len(found) == _ENOUGH:
                item.session._setupstate.teardown_exact(None)
                return


def run(
    faults: Sequence[Fault],
    jobs: int,
    report: Callable[[Outcome], None],
    progress: Callable[[str], None],
    *,
    every: bool,
) -> None:
    """Run the tests of some mutants; with `every`, all that reach each.

    Raises:
        RuntimeError: the tests cannot be collected.
    """
    places = sorted({place for fault in faults for place in PYTHON[fault.mutant.room]})
    paths = [place for place in places if not any(_is_in(place, other) for other in places if other != place)]
    options = [
        "-W",
        "ignore::pytest.PytestAssertRewriteWarning",
        "-s",
        "-n",
        "0",
        "--tb=native",
        "-p",
        "no:cacheprovider",
        "-qq",
        "--snapshot-warn-unused",  # none is used here, and this process would end as with a failure
        f"--rootdir={ROOT}",
    ]
    runner = Runner(faults, jobs, report, progress, every=every)
    code = pytest.main([*options, *(str(ROOT / path) for path in paths)], plugins=[runner])
    if code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        raise RuntimeError(f"pytest ended with {code!r}")


def _is_in(place: str, other: str) -> bool:
    """Return True if a test or a place of tests is another, or in it."""
    return place == other or place.startswith((f"{other}/", f"{other}::", f"{other}["))
