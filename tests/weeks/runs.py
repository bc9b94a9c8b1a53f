"""`make weeks COUNT=1000`: plays random weeks, and prints those that break a rule.

One of four is played on a PostgreSQL of the run's own.
"""

from __future__ import annotations

import argparse
import sys
import time
import traceback
from contextlib import nullcontext
from typing import TYPE_CHECKING, Final

from tests.evenings.evening import BrokenError
from tests.evenings.properties import check
from tests.evenings.runs import pool_of, stage_here
from tests.evenings.served import check_server
from tests.simulation.violation import ViolationError
from tests.weeks.ledger import check_kept, check_ledger
from tests.weeks.properties import check_weeks
from tests.weeks.served import SETTLED_BY_HAND, ServedWeek, check_lost_disks, check_shifts
from tests.weeks.week import Week

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.evenings.served import Stage

#: Seconds between two lines of progress.
_EVERY_S: Final = 30.0
#: Of this many weeks of a run one is served.
_SERVED: Final = 4


def play(seed: int, stage: Stage | None = None) -> str:
    """Play one week, on a stage a served one; return its fault with the seed and the acts, or an empty string."""
    with nullcontext(Week(seed)) if stage is None else stage.evening(seed, ServedWeek) as week:
        try:
            week.play()
            check(week)
            check_weeks(week)
            if isinstance(week, ServedWeek):
                check_server(week, SETTLED_BY_HAND)
                check_shifts(week)
                rows = check_ledger(week)
                check_lost_disks(week)
                check_kept(week, rows)
        except (BrokenError, ViolationError) as broken:
            return f"{type(week).__name__} {seed}: {broken}\n  {', '.join(week.trace)}"
        except Exception:  # noqa: BLE001 - a fault of the till ends its week, and is reported like a broken rule
            return f"{type(week).__name__} {seed}: {traceback.format_exc()}\n  {', '.join(week.trace)}"
    return ""


def _play(seed: int) -> str:
    stage = stage_here()
    return play(seed, stage if seed % _SERVED == 0 else None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the weeks; 0 when every rule held in all of them."""
    parser = argparse.ArgumentParser(prog="make weeks", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="how many")
    parser.add_argument("--seed", type=int, default=0, help="of the first one")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    asked = parser.parse_args(arguments)
    began = printed = time.monotonic()
    seeds = range(asked.seed, asked.seed + asked.count)
    broke = 0
    with pool_of(asked.jobs, served=True) as pool:
        for count, fault in enumerate(pool.imap_unordered(_play, seeds, chunksize=4), 1):
            if fault:
                broke += 1
                print(fault, flush=True)  # noqa: T201 - what the command is for
            if (now := time.monotonic()) - printed > _EVERY_S:
                printed = now
                sys.stderr.write(f"{count} weeks, {broke} broke a rule\n")
    sys.stdout.write(f"{asked.count} weeks in {time.monotonic() - began:.0f} s, {broke} broke a rule\n")
    return 1 if broke else 0
