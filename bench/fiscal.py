"""A country's law: a payment and its push, with stamps and without, in turn; and what the sender looks for."""

from __future__ import annotations

import shutil
import time
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
#: The records and the sales that wait in a database that a look reads.
_WAITING: Final = 20
_LOOKS: Final = {
    "records": "SELECT count(cold.stamp_json(w)) FROM (SELECT * FROM cold.fiscal_waiting(%s) AS x ORDER BY x.arrival"
    " LIMIT 1000) AS w",
    "work": "SELECT count(*) FROM cold.fiscal_work(%s)",
}
#: The sales of the past, each with its stamp and the answer to it.
_PAST: Final = (
    """INSERT INTO cold.fiscal_stamps (store_id, event_id, chain, till_id, scheme, kind, of_id, number, previous, hash,
        at, state, answered)
    SELECT %(store)s, gen_random_uuid(), %(store)s, 1, 'es-verifactu', 'F2', md5('sale' || n)::uuid, '1-' || n,
        'H' || n - 1, 'H' || n, now(), 'to_send', n > 20
    FROM generate_series(1, %(stamps)s) AS n""",
    """INSERT INTO cold.fiscal_answers (event_id, store_id, state, code, words, receipt, is_repeated)
    SELECT s.event_id, s.store_id, 'accepted', '', '', 'A-1', false FROM cold.fiscal_stamps AS s WHERE s.answered""",
    """INSERT INTO cold.orders (
        order_id, session_id, order_source_id, order_type, payment_method, total_amount, net, tax, rounding,
        service_charge, service_charge_net, currency, receipt, business_date, taxes, voids, user_id, till_id, event_id,
        store_id, created_at)
    SELECT md5('sale' || n)::uuid, 'session' || n, (SELECT min(order_source_id) FROM cold.order_source_type), 'table',
        'cash', 11, 10, 1, 0, 0, 0, 'EUR', '1-' || n, '2026-03-03', '[]', '[]', 1, 1, gen_random_uuid(),
        %(store)s, now()
    FROM generate_series(1, %(stamps)s + 20) AS n""",
)


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
        data = msgspec.to_builtins(SCHEME.law(_SETTINGS))
        owner.execute("SELECT till.store_settings_v1(%s, NULL, %s)", [venue.STORE, Jsonb({"fiscal_law": data})])


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


def _stamp_past(database: Database, stamps: int) -> None:
    """Fill a database with sales of the law that are stamped and answered, and 20 of each that wait."""
    with connect(database.owner) as owner:
        for query in _PAST:
            owner.execute(query, {"store": venue.STORE, "stamps": stamps})
        owner.execute("ANALYZE")


def measure_looks(testbed: Bench, stamps: int, times: int) -> list[tuple[Sample, Sample]]:
    """Measure milliseconds of each look of the sender: with a number of stamps, then with a tenth of it, in turn."""
    took: list[tuple[list[float], list[float]]] = [([], []) for _look in _LOOKS]
    with ExitStack() as stack:
        owners = []
        for count in (stamps, stamps // 10):
            database = stack.enter_context(testbed.database())
            _set_law(database)
            _stamp_past(database, count)
            owners.append(stack.enter_context(connect(database.owner)))
        for number in range(-_WARM, times):
            for look, both in zip(_LOOKS.values(), took, strict=True):
                for owner, spent in zip(owners, both, strict=True):
                    began = time.perf_counter()
                    ((found,),) = owner.execute(look, [venue.STORE]).fetchall()
                    if number >= 0:
                        spent.append(time.perf_counter() - began)
                    if found != _WAITING:
                        raise RuntimeError(f"A look found {found} of {_WAITING}.")
    return [(Sample.of(many, 1000), Sample.of(few, 1000)) for many, few in took]


def _looks(testbed: Bench) -> Iterator[Figure]:
    """Yield the time of the looks of the sender."""
    stamps, times = (20_000, 100) if testbed.full else (20_000, 20)
    for name, (many, few) in zip(_LOOKS, measure_looks(testbed, stamps, times), strict=True):
        named, against = f"the sender's look for {name}, {stamps} stamps", f"with {stamps // 10} stamps"
        yield Figure(named, many.median, "ms", few.median, against, within(1.5), many)


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


#: The Enter that takes the money, the push of a sale, and the looks of the sender.
PARTS: Final = (_pays, _pushes, _looks)
