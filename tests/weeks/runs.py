"""`make weeks COUNT=1000`: plays random weeks, and prints those that break a rule."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
import traceback
from typing import TYPE_CHECKING

from tests.evenings.evening import BrokenError
from tests.evenings.properties import check
from tests.weeks.properties import check_weeks
from tests.weeks.week import Week

if TYPE_CHECKING:
    from collections.abc import Sequence


def play(seed: int) -> str:
    """Play one week; return its fault with the seed and the acts, or an empty string."""
    week = Week(seed)
    try:
        week.play()
        check(week)
        check_weeks(week)
    except BrokenError as broken:
        return f"week {seed}: {broken}\n  {', '.join(week.trace)}"
    except Exception:  # noqa: BLE001 - a fault of the till ends its week, and is reported like a broken rule
        return f"week {seed}: {traceback.format_exc()}\n  {', '.join(week.trace)}"
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the weeks; 0 when every rule held in all of them."""
    parser = argparse.ArgumentParser(prog="make weeks", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="how many")
    parser.add_argument("--seed", type=int, default=0, help="of the first one")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    asked = parser.parse_args(arguments)
    began = time.monotonic()
    seeds = range(asked.seed, asked.seed + asked.count)
    broke = 0
    with multiprocessing.get_context("spawn").Pool(asked.jobs) as pool:
        for fault in pool.imap_unordered(play, seeds, chunksize=5):
            if fault:
                broke += 1
                print(fault, flush=True)  # noqa: T201 - what the command is for
    sys.stdout.write(f"{asked.count} weeks in {time.monotonic() - began:.0f} s, {broke} broke a rule\n")
    return 1 if broke else 0
