"""The time from the shell to the first screen with the open order, and of `till --help` and `till say`."""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Final, NamedTuple

from bench.memory import resident_megabytes
from bench.recording import key_orders
from bench.shop import NOWHERE, TILL, Shop, key_order
from bench.table import Figure, Sample, under, within
from bench.terminal import Terminal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.testbed import Bench

#: The unsent events of a till that was offline for some days.
UNSENT: Final = 10_000
_ENVIRONMENT = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}


class Paint(NamedTuple):
    """The seconds from the start of an app to its first screen, those on the processor, and its megabytes then."""

    took: float
    ran: float
    holds: float


#: First screens of the till and of the bare app, in turn.
Paints = list[tuple[Paint, Paint]]


def _paint(command: Sequence[str], environment: Mapping[str, str], shown: bytes) -> Paint:
    """Measure an app up to the screen that shows something. It is then killed."""
    terminal = Terminal(command, environment)
    try:
        took = terminal.wait_for(shown) - terminal.started
        return Paint(took, terminal.processor_seconds(), resident_megabytes(terminal.process.pid))
    finally:
        terminal.close()


def _paint_both(shop: Shop, times: int) -> Paints:
    bare = [sys.executable, "-m", "bench.bare", "12", "60"]
    return [
        (_paint([TILL], shop.environment(), rb"12 lines"), _paint(bare, _ENVIRONMENT, rb"Group"))
        for _ in range(times + 1)
    ][1:]  # the first one fills the disk cache


def first_paints(testbed: Bench, times: int) -> Paints:
    """Measure the first screen of a till with an open order, in turn with the bare app's."""
    with testbed.database() as database:
        shop = Shop(testbed.new_folder(), 1, database.app.url)
        shop.open(12, 60, secret=testbed.secrets[1])
        with shop.terminal():
            pass  # killed with the order open, so that the next start finds it
        paints = _paint_both(shop, times)
        shutil.rmtree(shop.folder)
    return paints


def paints_with_unsent(testbed: Bench, events: int, times: int) -> Paints:
    """Measure the first screen of a till with unsent events, in turn with the bare app's."""
    shop = Shop(testbed.new_folder(), 1, NOWHERE)
    shop.open(0, 60, secret="")
    with shop.register() as (journal, register):
        while journal.head.seq < events:
            for _command in key_orders(register, 1):
                pass
        key_order(register, 1, 12)
    paints = _paint_both(shop, times)
    shutil.rmtree(shop.folder)
    return paints


def paints_in_hindi(testbed: Bench, times: int) -> Paints:
    """Measure the first screen of a till whose venue speaks Hindi, in turn with that of one that speaks English."""
    shops = [Shop(testbed.new_folder(), 1, NOWHERE) for _ in range(2)]
    for shop, language in zip(shops, ("hi", "en"), strict=True):
        shop.open(12, 60, secret="", language=language)
    shown = ("लाइनें".encode(), rb"12 lines")
    paints = [
        (_paint([TILL], shops[0].environment(), shown[0]), _paint([TILL], shops[1].environment(), shown[1]))
        for _ in range(times + 1)
    ][1:]
    for shop in shops:
        shutil.rmtree(shop.folder)
    return paints


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


def _with_order(testbed: Bench) -> Iterator[Figure]:
    return _paints("an order open", first_paints(testbed, 60 if testbed.full else 8))


def _with_unsent(testbed: Bench) -> Iterator[Figure]:
    return _paints(f"{UNSENT:,} events unsent", paints_with_unsent(testbed, UNSENT, 60 if testbed.full else 5))


def _in_hindi(testbed: Bench) -> Iterator[Figure]:
    paints = paints_in_hindi(testbed, 60 if testbed.full else 15)
    more = [
        Sample.of((own[place] - other[place] for own, other in paints), scale)
        for place, scale in enumerate((1000, 1000, 1))
    ]
    yield Figure(
        "a start in Hindi, more than in English, median", more[0].median, "ms", goal=under(10, "ms"), sample=more[0]
    )
    yield Figure("  of it on the processor, median", more[1].median, "ms", sample=more[1])
    yield Figure("  its memory, median", more[2].median, "MB", goal=under(2, "MB"), sample=more[2])


def _help(testbed: Bench) -> Iterator[Figure]:
    own, limit = helps(60 if testbed.full else 15)
    yield Figure("till --help, median", own.median, "ms", limit.median, "python -c pass", under(120, "ms"), own)


def _say(testbed: Bench) -> Iterator[Figure]:
    (own, limit), (ran, bare) = says(testbed, 60 if testbed.full else 10)
    yield Figure("till say, pushed, median", own.median, "ms", limit.median, "python -c ''", under(250, "ms"), own)
    yield Figure("  of it on the processor, median", ran.median, "ms", bare.median, "python -c ''", sample=ran)


def _paints(of: str, paints: Paints) -> Iterator[Figure]:
    """Yield the rows of a start, whose ratios are of pairs."""
    rows = (f"start to first paint, {of}, median", within(1.12)), ("  of it on the processor, median", None)
    for place, (name, goal) in enumerate(rows):
        own, limit = (Sample.of((pair[side][place] for pair in paints), 1000) for side in (0, 1))
        ratios = Sample.of(own[place] / bare[place] for own, bare in paints)
        yield Figure(name, own.median, "ms", limit.median, "bare Textual app, same widgets", goal, own, ratios)


#: The starts of the till and of its commands.
PARTS: Final = (_with_order, _with_unsent, _in_hindi, _help, _say)
