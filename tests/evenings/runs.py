"""`make evenings COUNT=10000 FROM=1000000`: plays random evenings, and prints those that break a rule.

From 2500000 (and 3500000) on tax and price go by order type, from 2800000 on the venue has combos. From 3000000 on each
is played on a PostgreSQL of the run's own; from 4000000 on in Spain, whose records are judged; from 5000000 on beside a
shelf, which the account of the stock has to equal; from 6000000 on in India, whose tables of GSTR-1 are judged; from
9000000 on taxes begin in the middle of them.
"""

from __future__ import annotations

import argparse
import atexit
import itertools
import multiprocessing
import sys
import time
import traceback
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

from db.engine import connect
from tests.evenings.busy import BusyEvening
from tests.evenings.combos import ComboEvening
from tests.evenings.evening import BrokenError, Evening
from tests.evenings.indian import IndianEvening, check_gst
from tests.evenings.properties import check, check_courses, check_kitchen
from tests.evenings.rated import RatedEvening, check_rates
from tests.evenings.served import ServedEvening, Stage, check_server
from tests.evenings.shelf import ShelfEvening, check_shelf
from tests.evenings.spanish import SpanishEvening, check_stamps
from tests.evenings.typed import ServedTypedEvening, TypedEvening
from tests.simulation.arena import make_folder
from tests.simulation.runs import FRESH, databases, emptying
from tests.simulation.violation import ViolationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.pool import Pool
    from multiprocessing.queues import SimpleQueue


#: Evenings from this one on are busy; a seed before it plays what it always did.
BUSY_FROM: Final = 1_000_000


#: Evenings from this one on have items whose tax and price go by order type.
TYPED_FROM: Final = 2_500_000
#: Evenings from this one on have combos.
COMBOS_FROM: Final = 2_800_000
#: Evenings from this one on are served: they have the real server.
SERVED_FROM: Final = 3_000_000
#: Evenings from this one on are served, and have items whose tax and price go by order type.
SERVED_TYPED_FROM: Final = 3_500_000
#: Evenings from this one on are served in Spain, whose law stamps each sale and refund.
SPANISH_FROM: Final = 4_000_000
#: Evenings from this one on are served, beside a shelf.
SHELF_FROM: Final = 5_000_000
#: Evenings from this one on are served in India, whose tables of GSTR-1 are judged.
INDIAN_FROM: Final = 6_000_000
#: Evenings from this one on are served, and taxes begin in the middle of them.
RATED_FROM: Final = 9_000_000
#: The stages of this process, one at most.
_STAGES: Final[list[Stage]] = []
#: Functions that empty its database, and the number of evenings played.
_EMPTYING: Final[list[Callable[[], None]]] = []
_PLAYED: Final = itertools.count(1)


@contextmanager
def evening_of(seed: int, stage: Stage | None = None) -> Iterator[Evening]:
    """Open the evening of a seed; a served one on a stage."""
    if seed < SERVED_FROM:
        busy = ComboEvening if seed >= COMBOS_FROM else TypedEvening if seed >= TYPED_FROM else BusyEvening
        kind = busy if seed >= BUSY_FROM else Evening
        yield kind(seed)
        return
    assert stage is not None, "a served evening needs a database"
    served = ServedTypedEvening if seed >= SERVED_TYPED_FROM else ServedEvening
    later: tuple[tuple[int, type[ServedEvening]], ...] = (
        (RATED_FROM, RatedEvening),
        (INDIAN_FROM, IndianEvening),
        (SHELF_FROM, ShelfEvening),
    )
    own = next((kind for begins, kind in later if seed >= begins), SpanishEvening)
    with stage.evening(seed, own if seed >= SPANISH_FROM else served) as evening:
        yield evening


def play(seed: int, stage: Stage | None = None) -> str:
    """Play one evening; return its fault with the seed and the acts, or an empty string."""
    with evening_of(seed, stage) as evening:
        try:
            evening.play()
            check(evening)
            check_kitchen(evening)
            check_courses(evening)
            if isinstance(evening, ShelfEvening):
                check_shelf(evening)
            elif isinstance(evening, ServedEvening):
                check_server(evening)
            if isinstance(evening, SpanishEvening):
                check_stamps(evening)
            if isinstance(evening, IndianEvening):
                check_gst(evening)
            if isinstance(evening, RatedEvening):
                check_rates(evening)
        except (BrokenError, ViolationError) as broken:
            return f"evening {seed}: {broken}\n  {', '.join(evening.trace)}"
        except Exception:  # noqa: BLE001 - a fault of the till ends its evening, and is reported like a broken rule
            return f"evening {seed}: {traceback.format_exc()}\n  {', '.join(evening.trace)}"
    return ""


#: Seconds between two lines of progress.
_EVERY_S: Final = 10.0


def _set_stage(ways: SimpleQueue[tuple[str, str]], journals: str) -> None:
    """Connect this process to a database of its own."""
    owner, app = ways.get()
    stack = ExitStack()
    atexit.register(stack.close)
    session = stack.enter_context(connect(owner))
    _STAGES.append(Stage(session, stack.enter_context(connect(app)), Path(journals)))
    _EMPTYING.append(emptying(session))


def stage_here() -> Stage | None:
    """Return the stage of this process, emptied from time to time; None if nothing is served."""
    if next(_PLAYED) % FRESH == 0:
        for make_empty in _EMPTYING:
            make_empty()
    return next(iter(_STAGES), None)


def _play(seed: int) -> str:
    return play(seed, stage_here())


@contextmanager
def pool_of(jobs: int, *, served: bool) -> Iterator[Pool]:
    """Start processes that play evenings; where some are served, with a database for each process."""
    context = multiprocessing.get_context("spawn")
    if not served:
        with context.Pool(jobs) as pool:
            yield pool
        return
    ways: SimpleQueue[tuple[str, str]] = context.SimpleQueue()
    with databases(jobs) as found, make_folder() as journals, context.Pool(jobs, _set_stage, (ways, journals)) as pool:
        for way in found:
            ways.put(way)
        yield pool


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the evenings; 0 when every rule held in all of them."""
    parser = argparse.ArgumentParser(prog="make evenings", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="how many")
    parser.add_argument("--seed", type=int, default=0, help="of the first one")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    asked = parser.parse_args(arguments)
    began = printed = time.monotonic()
    broke = 0
    with pool_of(asked.jobs, served=asked.seed + asked.count > SERVED_FROM) as pool:
        seeds = range(asked.seed, asked.seed + asked.count)
        for count, fault in enumerate(pool.imap_unordered(_play, seeds, chunksize=20), 1):
            if fault:
                broke += 1
                print(fault, flush=True)  # noqa: T201 - what the command is for
            if (now := time.monotonic()) - printed > _EVERY_S:
                printed = now
                sys.stderr.write(f"{count} evenings, {60 * count / (now - began):.0f} a minute, {broke} broke a rule\n")
    took = time.monotonic() - began
    sys.stdout.write(f"{asked.count} evenings in {took:.0f} s, {broke} broke a rule\n")
    return 1 if broke else 0
