"""`make papers COUNT=500`: plays random histories of printers, and prints those that break a rule."""

from __future__ import annotations

import argparse
import multiprocessing
import sys
import time
import traceback
from typing import TYPE_CHECKING

from tests.evenings.evening import BrokenError
from tests.printing.play import History

if TYPE_CHECKING:
    from collections.abc import Sequence


def play(seed: int) -> str:
    """Play one history; return its fault with the seed and the acts, or an empty string."""
    history = History(seed)
    try:
        history.play()
    except BrokenError as broken:
        return f"history {seed}: {broken}\n  {', '.join(history.trace)}"
    except Exception:  # noqa: BLE001 - a fault of the till ends its history, and is reported like a broken rule
        return f"history {seed}: {traceback.format_exc()}\n  {', '.join(history.trace)}"
    return ""


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the histories; 0 when every rule held in all of them."""
    parser = argparse.ArgumentParser(prog="make papers", description=__doc__)
    parser.add_argument("--count", type=int, default=500, help="how many")
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
    sys.stdout.write(f"{asked.count} histories in {time.monotonic() - began:.0f} s, {broke} broke a rule\n")
    return 1 if broke else 0
