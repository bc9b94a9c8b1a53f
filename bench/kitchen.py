"""The kitchen: a key on an order that was sent there, and how soon a ticket is on a screen of the kitchen."""

from __future__ import annotations

import asyncio
import shutil
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Final

from psycopg.types.json import Jsonb

from bench import venue
from bench.keys import press
from bench.links import WARM, key_order
from bench.proxy import slow_link
from bench.recording import at_work, flush
from bench.shop import NOWHERE, Shop
from bench.table import Figure, Sample, paired, under, within
from bench.testbed import through
from db.engine import connect
from till.cli.venues import new_secret, secret_hash
from till.sync.kitchen import read_board

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.recording import Recorder
    from bench.terminal import Terminal
    from bench.testbed import Bench, Database
    from till.domain.kitchen.board import TicketBoard

_ITEMS: Final = 200
#: The lines that the stations have on tickets.
_SENT: Final = 12
#: Keys that are not counted.
_WARM: Final = 3
#: The number of a screen of the kitchen.
_SCREEN: Final = 900
#: Seconds after which a ticket that no screen hears of is an error.
_PATIENCE_S: Final = 20


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


async def _tickets(testbed: Bench, database: Database, link: int, count: int) -> Sample:
    """Time each saved table from the command until its ticket is read at a screen of the kitchen.

    Both are behind a link of that round trip, and connected to the server itself.
    """
    secret, took = new_secret(), []
    with connect(database.owner) as owner:
        categories = [one["id"] for one in venue.menu_body(60)["categories"]]
        stations = [{"name": "Grill", "categories": categories, "screen": True}]
        owner.execute("SELECT till.store_settings_v1(%s, NULL, %s)", [venue.STORE, Jsonb({"stations": stations})])
        enrol = "SELECT till.till_enrol_v2(%s, NULL, %s, NULL, %s, %s)"
        owner.execute(enrol, [venue.STORE, _SCREEN, secret_hash(secret), ["Grill"]])
    with slow_link(database.app.host, database.app.port, link) as road:
        address, due = through(database.app, "127.0.0.1", road.port), asyncio.Event()
        async with (
            at_work(testbed.new_folder(), database, testbed.secrets[1], address=address) as (sync, register),
            at_work(testbed.new_folder(), database, secret, till=_SCREEN, address=address, on_kitchen=due.set) as (
                screen,
                _register,
            ),
        ):
            register.kitchen.is_on = True
            for number in range(WARM + count):
                session = key_order(register, number)
                await flush(sync)
                due.clear()
                begun = time.perf_counter()
                register.tabs.save(session, f"guest {number}")
                sync.nudge(at_once=True)  # as the till's outbox does for a ticket
                async with asyncio.timeout(_PATIENCE_S):
                    while len((await _board(screen, due)).tickets) <= number:
                        pass
                took.append(time.perf_counter() - begun)
    return Sample.of(took[WARM:], 1000)


async def _board(screen: Recorder, due: asyncio.Event) -> TicketBoard:
    """Read the board once it is due."""
    await due.wait()
    due.clear()
    return await read_board(screen, ["Grill"])


def _keys(testbed: Bench) -> Iterator[Figure]:
    """Yield the processor time of a key with stations."""
    own, plain = measure(testbed, 200 if testbed.full else 60)
    value = plain.median + paired(own, plain)
    name = f"key with two stations, {_SENT} lines sent: on the processor, in pairs"
    yield Figure(name, value, "ms", plain.median, "the same till without stations", within(1.05), own)


def _boards(testbed: Bench) -> Iterator[Figure]:
    """Yield the time of a ticket on its way to a screen, by link."""
    for link, most in ((0, 300), (200, 1000)):
        with testbed.database() as database:
            took = asyncio.run(_tickets(testbed, database, link, 100 if testbed.full else 15))
        name = f"a table saved until its ticket is on the kitchen's board, link of {link} ms, p95"
        yield Figure(name, took.p95, "ms", goal=under(most, "ms"), sample=took)


#: The keys of a till with stations, and the way of a ticket.
PARTS: Final = (_keys, _boards)
