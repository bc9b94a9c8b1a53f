"""The search for planted faults, and the table of those that the simulation finds: `make simulate PLANT=all`."""

from __future__ import annotations

import multiprocessing
import signal
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from db.engine import connect
from tests.simulation.arena import Arena
from tests.simulation.drawn import Watch, draw_of, plant_of, words_of
from tests.simulation.plan import plan_of
from tests.simulation.planted import PLANTS, seeds_for

if TYPE_CHECKING:
    import argparse
    from collections.abc import Iterable
    from multiprocessing.queues import SimpleQueue

    from tests.mutants.generating import Fault

#: The seeds in which drawn faults are searched: plans with every kind of step.
_DRAWN_FROM: Final = 11_000_000
#: The seeds whose functions are the reach of the simulation.
_WATCHED: Final = 3
_PAGE: Final = Path(__file__).parents[2] / "docs" / "simulation.md"
_MARK: Final = "<!-- made by make simulate PLANT=all WRITE=1 -->"
#: Seconds of processor time after which a play does not end.
_LONGEST_S: Final = 30


class Search(NamedTuple):
    """A fault to search for: its name, its plant if it was drawn, and the seeds to play."""

    name: str
    drawn: Fault | None
    seeds: range


class Result(NamedTuple):
    """The result of a search: the seeds played until the fault showed, and the broken rule; no rule if it did not."""

    name: str
    is_drawn: bool
    seeds: int
    rule: str


class EndlessError(BaseException):
    """A play does not end. No handler of the till may hold it up."""


def find_all(logins: list[tuple[str, str]], options: argparse.Namespace) -> int:
    """Search for every fault that was made, and for some that are drawn. Return 1 if one that was made is not found.

    The first of the databases is for the seeds that show which functions are run.
    """
    (owner, app), *logins = logins
    with connect(owner) as session, connect(app) as till:
        functions = functions_run(Arena(session, till, options.journals))
    seeds = range(_DRAWN_FROM, _DRAWN_FROM + options.within)
    searches = [Search(name, None, seeds_for(name)) for name in sorted(PLANTS)]
    searches += [Search(words_of(one), one, seeds) for one in draw_of(functions, options.count, options.seed)]
    context = multiprocessing.get_context("spawn")
    tasks: SimpleQueue[Search | None] = context.SimpleQueue()
    results: SimpleQueue[Result] = context.SimpleQueue()
    jobs = [
        context.Process(
            target=_work, args=(login, options.journals, 1_000_000 * (job + 1), tasks, results), daemon=True
        )
        for job, login in enumerate(logins)
    ]
    for job in jobs:
        job.start()
    for search in (*searches, *(None for _job in jobs)):
        tasks.put(search)
    try:
        found = [_next(results, jobs) for _search in searches]
    finally:
        for job in jobs:
            job.terminate()
            job.join()
    table = table_of(found)
    sys.stdout.write(table)
    if options.write:
        command = f"make simulate PLANT=all COUNT={options.count} SEED={options.seed} WITHIN={options.within}"
        before, _mark, _old = _PAGE.read_text(encoding="utf-8").partition(_MARK)
        _PAGE.write_text(f"{before}{_MARK}\n\n`{command}`\n\n{table}", encoding="utf-8")
    return 0 if all(one.rule for one in found if not one.is_drawn) else 1


def functions_run(arena: Arena) -> set[tuple[str, str]]:
    """Return the functions that some seeds run: a fault in any other is out of the simulation's reach."""
    with Watch() as watch:
        for seed in range(_DRAWN_FROM, _DRAWN_FROM + _WATCHED):
            arena.attempt(plan_of(seed))
    return watch.functions


def _next(results: SimpleQueue[Result], jobs: list[Any]) -> Result:
    while results.empty():
        if not all(job.is_alive() for job in jobs):
            raise SystemExit(2)
        time.sleep(0.05)  # a pipe cannot be waited for together with the end of a process
    result = results.get()
    sys.stderr.write(f"{result.name}: {result.rule or 'missed'} {result.seeds}\n")
    return result


def _work(
    login: tuple[str, str],
    journals: Path,
    first: int,
    tasks: SimpleQueue[Search | None],
    results: SimpleQueue[Result],
) -> None:
    with connect(login[0]) as owner, connect(login[1]) as app:
        arena, clean = Arena(owner, app, journals, first=first), dict[int, bool]()
        while search := tasks.get():
            results.put(_search(arena, search, clean))
    signal.pause()  # until the last result is read


def _search(arena: Arena, search: Search, clean: dict[int, bool]) -> Result:
    """Play seeds until one breaks a rule with the fault and none without it."""
    for number, seed in enumerate(search.seeds, 1):
        with arena.planted_with(plant_of(search.drawn) if search.drawn else search.name):
            rule = _broken(arena, seed)
        if rule:
            if seed not in clean:
                clean[seed] = not _broken(arena, seed)
            if clean[seed]:
                return Result(search.name, search.drawn is not None, number, rule)
    return Result(search.name, search.drawn is not None, len(search.seeds), "")


def _broken(arena: Arena, seed: int) -> str:
    """Play a seed; return the rule that it breaks, or an empty text."""
    signal.signal(signal.SIGVTALRM, _end)
    signal.setitimer(signal.ITIMER_VIRTUAL, _LONGEST_S)
    try:
        problem = arena.attempt(plan_of(seed))
    except EndlessError:
        return "a play ends"
    except Exception:  # noqa: BLE001 - a fault may break anything
        return "no command breaks"
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    return problem.rule if problem else ""


def _end(_number: int, _frame: object) -> None:
    raise EndlessError


def table_of(results: Iterable[Result]) -> str:
    """Return the table of the faults: those that were drawn first, each with the seeds to find it and the rule."""
    rows = sorted(results, key=lambda one: (not one.is_drawn, one.name))
    lines = ["| fault | seeds until found | broken rule |", "| --- | --- | --- |"]
    lines += [f"| {one.name} | {one.seeds if one.rule else 'missed'} | {one.rule} |" for one in rows]
    for what in ("drawn", "made"):
        some = [one for one in rows if one.is_drawn == (what == "drawn")]
        lines += ["", f"{sum(bool(one.rule) for one in some)} of {len(some)} {what} faults are found."]
    return "\n".join(lines) + "\n"
