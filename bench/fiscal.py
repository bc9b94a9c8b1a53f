"""A country's law: the Enter that takes the money, and the push of a sale, with stamps and without, in turn."""

from __future__ import annotations

import shutil
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any, Final

import msgspec
from psycopg.types.json import Jsonb

from bench import venue
from bench.keys import press
from bench.recording import Sender, When, record
from bench.shop import NOWHERE, Shop
from bench.table import Figure, Sample, paired, within
from db.engine import connect
from till.fiscal.es_verifactu.scheme import SCHEME

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.recording import Recording
    from bench.terminal import Terminal
    from bench.testbed import Bench, Database

_ITEMS: Final = 60
#: The lines of a sale.
_LINES: Final = 5
#: Sales at the start of a process or a connection that are not counted.
_WARM: Final = 10
_WITHOUT: Final = "the same without the law"
_SETTINGS: Final = {
    "nif": "B12345674",
    "name": "Bench Corner, S.L.",
    "producer_nif": "89890001K",
    "producer_name": "Producer",
    "program": "till",
    "system": "TL",
}
_LAW: Final[dict[str, Any]] = {
    "scheme": SCHEME.name,
    "from": "2026-01-01",
    "settings": _SETTINGS,
    "proof": msgspec.to_builtins(SCHEME.proof(_SETTINGS)),
}


def _pay(terminal: Terminal) -> tuple[float, float]:
    """Key a sale and take its cash. Return the seconds from Enter to the change, and those on a processor."""
    for plu in range(1, 1 + _LINES):
        press(terminal, plu)
    terminal.type("cash")
    terminal.settle(0.05)
    spent = terminal.processor_seconds()
    pressed = terminal.type("\r")
    painted = terminal.wait_for(rb"Paid")
    spent = terminal.processor_seconds() - spent
    terminal.settle(0.05)
    return painted - pressed, spent


def measure_pays(testbed: Bench, sales: int) -> list[tuple[Sample, Sample]]:
    """Measure milliseconds of Enter, in total and on a processor: with the law, then without, in turn."""
    took: list[list[tuple[float, float]]] = [[], []]
    with ExitStack() as stack:
        terminals = []
        for more in ({"fiscal": _LAW}, {}):
            shop = Shop(testbed.new_folder(), 1, NOWHERE)
            stack.callback(shutil.rmtree, shop.folder)
            shop.open(0, _ITEMS, secret="")
            with shop.register() as (journal, _register):
                journal.cache("settings", 0, venue.reference(_ITEMS)["settings"] | more)
            terminals.append(terminal := stack.enter_context(shop.terminal()))
            shop.log_in(terminal)
        for number in range(-_WARM, sales):
            for place in (0, 1) if number % 2 else (1, 0):
                one = _pay(terminals[place])
                if number >= 0:
                    took[place].append(one)
    return [(Sample.of((one for one, _ran in each), 1000), Sample.of((ran for _one, ran in each), 1000))
            for each in took]  # fmt: skip


def _set_law(database: Database) -> None:
    with connect(database.owner) as owner:
        owner.execute(
            "UPDATE till.settings SET body = body || %s, version = version + 1 "
            "WHERE store_id = %s AND name = 'settings'",
            [Jsonb({"fiscal": _LAW}), venue.STORE],
        )


def measure_pushes(testbed: Bench, sales: int, when: When) -> tuple[Sample, Sample]:
    """Measure milliseconds of each push that holds a sale: with the law, then without, in turn."""
    recordings: list[Recording] = []
    took: list[list[float]] = [[], []]
    with ExitStack() as stack:
        databases = []
        for has_law in (True, False):
            with testbed.database() as source:
                if has_law:
                    _set_law(source)
                recordings.append(record(testbed.new_folder(), source, testbed.secrets[1], sales, when))
            databases.append(database := stack.enter_context(testbed.database()))
            if has_law:
                _set_law(database)
        senders = [stack.enter_context(closing(Sender(one))) for one in databases]
        for sender, recording in zip(senders, recordings, strict=True):
            sender.send(recording.first.text)
        pairs = zip(*(recording.pushes for recording in recordings), strict=True)
        for number, pushes in enumerate(pairs):
            for place in (0, 1) if number % 2 else (1, 0):
                spent = senders[place].send(pushes[place].text)
                if "order_placed" in pushes[place].text:
                    took[place].append(spent)
        for database, recording, stamps in zip(databases, recordings, (sales, 0), strict=True):
            recording.check_taken(database)
            with connect(database.owner) as owner:
                query = "SELECT count(*) FROM cold.fiscal_stamps WHERE state = 'to_send'"
                ((stamped,),) = owner.execute(query).fetchall()
            if stamped != stamps:
                raise RuntimeError(f"The database has {stamped} of {stamps} stamps.")
    own, plain = (Sample.of(each[_WARM:], 1000) for each in took)
    return own, plain


def _row(name: str, own: Sample, plain: Sample) -> Figure:
    """Return a row of pairs, of which each may have met another load of the machine."""
    return Figure(name, plain.median + paired(own, plain), "ms", plain.median, _WITHOUT, within(1.1), own)


def _pays(testbed: Bench) -> Iterator[Figure]:
    """Yield the time from the Enter that takes the cash to the change."""
    (own, ran), (plain, plain_ran) = measure_pays(testbed, 300 if testbed.full else 40)
    yield _row(f"with a law: Enter on Pay to the paint, {_LINES} lines, in pairs", own, plain)
    yield _row("  of it on the processor", ran, plain_ran)


def _pushes(testbed: Bench) -> Iterator[Figure]:
    """Yield the time of a push: a sale from its opening, and its payment alone."""
    sales = 400 if testbed.full else 60
    yield _row("with a law: push of a sale, in pairs", *measure_pushes(testbed, sales, When.ORDER))
    yield _row("with a law: push of a payment alone, in pairs", *measure_pushes(testbed, sales, When.COMMAND))


#: The Enter that takes the money, and the push of a sale.
PARTS: Final = (_pays, _pushes)
