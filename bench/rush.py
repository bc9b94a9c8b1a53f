"""A rush of the training's guests, served by its robot on a register with a real journal, without a screen."""

from __future__ import annotations

import time
from random import Random
from typing import TYPE_CHECKING

from bench import venue
from bench.journal import RawDisk, TimedJournal
from bench.table import Figure, Sample
from till.training.drills import DRILLS
from till.training.guests import Crowd
from till.training.profile import BUILT_IN
from till.training.robot import Robot
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal, seed_cache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.testbed import Bench


def measure(testbed: Bench, guests: int) -> tuple[Sample, Sample]:
    """Measure milliseconds to serve each guest, and of raw commits of the same bytes."""
    own, limit = [], []
    folder = testbed.new_folder()
    opened, raw = open_journal(folder / "till-1.sqlite", till=1, store_id=venue.STORE), RawDisk(str(folder / "raw.db"))
    seed_cache(opened, venue.reference(60))
    journal = TimedJournal(opened, raw, most=100)
    register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=venue.STORE)  # type: ignore[arg-type]
    crowd = Crowd(register.menu, register.lookup.words, register.formats.currency, BUILT_IN, Random(5))  # noqa: S311
    robot = Robot(register, 1)
    for guest in crowd.guests(DRILLS[0].of(guests), register.venue.local(register.ledger.now())):
        before, begun = len(journal.bare), time.perf_counter()
        robot.serve(guest)
        took, bare = time.perf_counter() - begun, sum(journal.bare[before:])
        own.append(took - bare)
        limit.append(bare)
    opened.close()
    raw.close()
    return Sample.of(own, 1000), Sample.of(limit, 1000)


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the cost of serving a guest, from the first key to the change."""
    own, limit = measure(testbed, 1000 if testbed.full else 200)
    yield Figure("a guest of a rush served, median", own.median, "ms", limit.median, "raw SQLite commits", sample=own)
