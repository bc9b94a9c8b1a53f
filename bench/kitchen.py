"""A key on an order that was sent to the kitchen, compared with the same key where there is no kitchen."""

from __future__ import annotations

import shutil
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from bench import venue
from bench.keys import press
from bench.shop import NOWHERE, Shop
from bench.table import Figure, Sample, paired, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.terminal import Terminal
    from bench.testbed import Bench

_ITEMS: Final = 200
#: The lines that the stations have on tickets.
_SENT: Final = 12
#: Keys that are not counted.
_WARM: Final = 3


def _shop(testbed: Bench, *, has_kitchen: bool) -> Shop:
    shop = Shop(testbed.new_folder(), 1, NOWHERE)
    shop.open(0, _ITEMS, secret="")
    if has_kitchen:
        categories = [one["id"] for one in venue.menu_body(_ITEMS)["categories"]]
        stations = [{"name": "Grill", "categories": categories[::2]}, {"name": "Bar", "categories": categories[1::2]}]
        with shop.register() as (journal, _register):
            journal.cache("settings", 0, {**venue.reference(_ITEMS)["settings"], "stations": stations})
    return shop


def _begin(terminal: Terminal, answer: bytes) -> None:
    """Key an order, and send it."""
    for plu in range(1, _SENT + 1):
        press(terminal, plu)
    terminal.type("send\r")
    terminal.wait_for(answer)
    terminal.settle(0.1)


def measure(testbed: Bench, keys: int) -> tuple[Sample, Sample]:
    """Measure the milliseconds of keys on a processor, with stations and without, in turn."""
    spent: list[list[float]] = [[], []]
    with ExitStack() as stack:
        terminals = []
        for has_kitchen, answer in ((True, b"Sent"), (False, b"No kitchen")):
            shop = _shop(testbed, has_kitchen=has_kitchen)
            stack.callback(shutil.rmtree, shop.folder)
            terminals.append(terminal := stack.enter_context(shop.terminal()))
            shop.log_in(terminal)
            _begin(terminal, answer)
        for number in range(-_WARM, keys):
            for place in (0, 1) if number % 2 else (1, 0):
                took = press(terminals[place], _SENT + _WARM + 1 + number).processor
                if number >= 0:
                    spent[place].append(took)
    return Sample.of(spent[0], 1000), Sample.of(spent[1], 1000)


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the processor time of a key with stations."""
    own, plain = measure(testbed, 200 if testbed.full else 60)
    value = plain.median + paired(own, plain)
    name = f"key with two stations, {_SENT} lines sent: on the processor, in pairs"
    yield Figure(name, value, "ms", plain.median, "the same till without stations", within(1.05), own)
