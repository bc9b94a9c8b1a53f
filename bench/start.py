"""The time from the shell to the first screen with the open order, and of `till --help` and `till say`."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final

from bench.recording import key_orders
from bench.shop import NOWHERE, TILL, Shop, key_order
from bench.table import Figure, Sample, under
from bench.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.testbed import Bench

#: The unsent events of a till that was offline for some days.
UNSENT: Final = 10_000
_ENVIRONMENT = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}


def _paint_till(shop: Shop) -> float:
    """Return the seconds from the start of the till to the screen with the order. The till is then killed."""
    terminal = Terminal([TILL], shop.environment())
    try:
        return terminal.wait_for(rb"12 lines") - terminal.started
    finally:
        terminal.close()


def _paint_bare(lines: int) -> float:
    terminal = Terminal([sys.executable, "-m", "bench.bare", str(lines), "60"], _ENVIRONMENT)
    try:
        return terminal.wait_for(rb"Group") - terminal.started
    finally:
        terminal.close()


def first_paints(testbed: Bench, times: int) -> tuple[Sample, Sample]:
    """Measure milliseconds to the first screen of the till and of the bare app, in turn."""
    with testbed.database() as database:
        shop = Shop(testbed.new_folder(), 1, database.app.url)
        shop.open(12, 60, secret=testbed.secrets[1])
        with shop.terminal():
            pass  # killed with the order open, so that the next start finds it
        own, limit = [], []
        for number in range(times + 1):
            took, bare = _paint_till(shop), _paint_bare(12)
            if number:  # the first one fills the disk cache
                own.append(took)
                limit.append(bare)
        shutil.rmtree(shop.folder)
    return Sample.of(own, 1000), Sample.of(limit, 1000)


def paints_with_unsent(testbed: Bench, events: int, times: int) -> tuple[Sample, Sample]:
    """Measure milliseconds to the first screen of a till with unsent events and of the bare app, in turn."""
    shop = Shop(testbed.new_folder(), 1, NOWHERE)
    shop.open(0, 60, secret="")
    with shop.register() as (journal, register):
        while journal.head.seq < events:
            for _command in key_orders(register, 1):
                pass
        key_order(register, 1, 12)
    own, limit = [], []
    for number in range(times + 1):
        took, bare = _paint_till(shop), _paint_bare(12)
        if number:
            own.append(took)
            limit.append(bare)
    shutil.rmtree(shop.folder)
    return Sample.of(own, 1000), Sample.of(limit, 1000)


def _run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> float:
    begun = time.perf_counter()
    subprocess.run(command, stdout=subprocess.DEVNULL, check=True, env=environment)
    return time.perf_counter() - begun


def says(testbed: Bench, times: int) -> tuple[tuple[Sample, Sample], tuple[Sample, Sample]]:
    """Measure milliseconds of `till say`, with its push, and of an empty Python program, in turn.

    The demo's server runs, as it does while a till is open. The second pair is the processor time.
    """
    folder = testbed.new_folder()
    environment = {**_ENVIRONMENT, "TILL_DATA_DIR": str(folder)}
    _run([TILL, "say", "idly"], environment)
    _run([TILL, "db", "url"], environment)
    try:
        pairs = [
            (_timed([TILL, "say", "one more"], environment), _timed([sys.executable, "-c", ""]))
            for _ in range(times + 1)
        ][1:]
    finally:
        _run([TILL, "db", "stop"], environment)
        shutil.rmtree(folder)
    took, ran = (tuple(Sample.of((pair[side][which] for pair in pairs), 1000) for side in (0, 1)) for which in (0, 1))
    return (took[0], took[1]), (ran[0], ran[1])


def _timed(command: Sequence[str], environment: Mapping[str, str] | None = None) -> tuple[float, float]:
    """Return the seconds of a command, and the processor seconds of it and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = _run(command, environment)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def helps(times: int) -> tuple[Sample, Sample]:
    """Measure milliseconds of `till --help`, and of an empty Python program, in turn."""
    pairs = [(_run([TILL, "--help"]), _run([sys.executable, "-c", "pass"])) for _ in range(times + 1)][1:]
    return Sample.of((own for own, _limit in pairs), 1000), Sample.of((limit for _own, limit in pairs), 1000)


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the starts of the till and of its commands."""
    own, limit = first_paints(testbed, 60 if testbed.full else 8)
    against = "bare Textual app, same widgets"
    yield Figure(
        "start to first paint, an order open, median", own.median, "ms", limit.median, against, under(300, "ms"), own
    )
    own, limit = paints_with_unsent(testbed, UNSENT, 60 if testbed.full else 5)
    name = f"start to first paint, {UNSENT:,} events unsent, median"
    yield Figure(name, own.median, "ms", limit.median, against, under(400, "ms"), own)
    own, limit = helps(60 if testbed.full else 15)
    yield Figure("till --help, median", own.median, "ms", limit.median, "python -c pass", under(120, "ms"), own)
    (own, limit), (ran, bare) = says(testbed, 60 if testbed.full else 15)
    yield Figure("till say, pushed, median", own.median, "ms", limit.median, "python -c ''", under(250, "ms"), own)
    yield Figure("  of it on the processor, median", ran.median, "ms", bare.median, "python -c ''", sample=ran)
