"""`make evenings COUNT=10000 FROM=1000000`: plays random evenings, and prints those that break a rule."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
import traceback
from typing import TYPE_CHECKING, Final

from tests.evenings.busy import BusyEvening
from tests.evenings.evening import BrokenError, Evening
from tests.evenings.properties import check

if TYPE_CHECKING:
    from collections.abc import Sequence


#: Evenings from this one on are busy; a seed before it plays what it always did.
BUSY_FROM: Final = 1_000_000


def evening_of(seed: int) -> Evening:
    """Return the evening of a seed."""
    return BusyEvening(seed) if seed >= BUSY_FROM else Evening(seed)


def play(seed: int) -> str:
    """Play one evening; return its fault with the seed and the acts, or an empty string."""
    evening = evening_of(seed)
    try:
        evening.play()
        check(evening)
    except BrokenError as broken:
        return f"evening {seed}: {broken}\n  {', '.join(evening.trace)}"
    except Exception:  # noqa: BLE001 - a fault of the till ends its evening, and is told like a broken rule
        return f"evening {seed}: {traceback.format_exc()}\n  {', '.join(evening.trace)}"
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the evenings; 0 when every rule held in all of them."""
    parser = argparse.ArgumentParser(prog="make evenings", description=__doc__)
    parser.add_argument("--count", type=int, default=1000, help="how many")
    parser.add_argument("--seed", type=int, default=0, help="of the first one")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    asked = parser.parse_args(arguments)
    began = time.monotonic()
    broke = 0
    with multiprocessing.get_context("spawn").Pool(asked.jobs) as pool:
        for said in pool.imap_unordered(play, range(asked.seed, asked.seed + asked.count), chunksize=20):
            if said:
                broke += 1
                sys.stdout.write(f"{said}\n")
    took = time.monotonic() - began
    sys.stdout.write(f"{asked.count} evenings in {took:.0f} s, {broke} broke a rule\n")
    return 1 if broke else 0
