"""A long shift: its close, the keys while its books are read and closed, and the bytes of its label."""

from __future__ import annotations

import shutil
import sqlite3
import time
from contextlib import closing
from typing import TYPE_CHECKING, Final, NamedTuple

from bench import venue
from bench.keys import begin_anew, press
from bench.shop import NOWHERE, Shop, key_order
from bench.table import Figure, Sample, under, within
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal, seed_cache

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.terminal import Terminal
    from bench.testbed import Bench

#: The sales of the shift, each of three lines; in the short form.
SALES: Final = 1_000
#: Those in the long form.
_MANY: Final = 10_000
_KEYS: Final = 120
_ITEMS: Final = 60
#: The lines of an order before it is paid and another begins.
_ORDER: Final = 20
#: Seconds from one key to the next: a person's pace, or there are no pauses in which the books are read.
_PACE_S: Final = 0.05
#: Esc as newer terminals send it, so that a key may follow at once.
_ESCAPE: Final = "\x1b[27u"
#: Seconds between two looks at a till's processor time, and the share of them that a till at rest uses at most.
_LOOK_S: Final = 1.0
_REST: Final = 0.1
#: The orders whose bytes are measured, and the texts of their rows.
_ORDERS: Final = 200
_TEXTS: Final = ("id", "stream_id", "hash", "body", "texts")


class CloseTimes(NamedTuple):
    """The milliseconds of a close, and of the first reading of the books after a start."""

    books: float
    close: float


class KeyTimes(NamedTuple):
    """The milliseconds of keys: while the books are read after a start, after that, and behind a close.

    The last is the slower of the key that leaves the Z, at a person's pace behind the close, and the next line.
    """

    meanwhile: Sample
    before: Sample
    behind: float


def open_shop(testbed: Bench, sales: int) -> Shop:
    """Return a shop with a shift of `sales` sales in cash, which no database has."""
    shop = Shop(testbed.new_folder(), 1, NOWHERE)
    shop.open(0, _ITEMS, secret="")
    with shop.register() as (_journal, register):
        for number in range(sales):
            register.checkout.pay_exact(key_order(register, 1, 3, 1 + number % (_ITEMS - 2)))
    return shop


def time_close(shop: Shop) -> CloseTimes:
    """Measure the first reading of the books after a start, and then the close with one sale more."""
    with shop.register() as (_journal, register):
        begun = time.perf_counter()
        register.drawer.books()
        books = time.perf_counter() - begun
        register.ledger.user = 1
        register.checkout.pay_exact(key_order(register, 1, 3))
        begun = time.perf_counter()
        register.drawer.close()
        return CloseTimes(1000 * books, 1000 * (time.perf_counter() - begun))


def time_keys(shop: Shop, keys: int) -> KeyTimes:
    """Measure keys on the screen of a till: while it reads the books, after that, and one right behind the close."""
    with shop.terminal() as terminal:
        shop.log_in(terminal)
        meanwhile = _press_keys(terminal, keys)
        rest(terminal)
        before = _press_keys(terminal, keys)
        terminal.type("close\r")
        terminal.wait_for(b"Close the shift")
        terminal.settle(_PACE_S)
        closed = terminal.type("\r")  # closes it, and shows its Z
        terminal.read_until(closed + _PACE_S)
        pressed = terminal.type(_ESCAPE)
        behind = max(terminal.wait_for(rb"F9") - pressed, press(terminal, _ORDER).took)
    with shop.register() as (_journal, register):
        if register.drawer.shift() is not None:
            raise RuntimeError("The close was refused, so the measurement is invalid.")
    return KeyTimes(Sample.of(meanwhile, 1000), Sample.of(before, 1000), 1000 * behind)


def _press_keys(terminal: Terminal, keys: int) -> list[float]:
    times = []
    for number in range(keys):
        if number % _ORDER == 0 and number:
            begin_anew(terminal, 0)
        times.append(press(terminal, 1 + number % _ORDER).took)
        terminal.settle(_PACE_S)
    begin_anew(terminal, 0)
    return times


def rest(terminal: Terminal) -> None:
    """Wait until a till has read its books and rests."""
    spent, ran = 0.0, 1.0
    while ran > _REST * _LOOK_S:
        terminal.settle(0)
        terminal.read_until(time.perf_counter() + _LOOK_S)
        ran, spent = terminal.processor_seconds() - spent, terminal.processor_seconds()


def bytes_of_order(testbed: Bench, orders: int, *, labelled: bool) -> float:
    """Return the bytes of the rows that an order of three lines, paid in cash, adds to the journal."""
    file = testbed.new_folder() / "till-1.sqlite"
    journal = open_journal(file, till=1, store_id=venue.STORE)
    try:
        seed_cache(journal, venue.reference(_ITEMS))
        register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=venue.STORE)
        if not labelled:
            register.ledger.opening = None
        register.checkout.pay_exact(key_order(register, 1, 3))  # opens the shift
        first = journal.head.seq
        for _number in range(orders):
            register.checkout.pay_exact(key_order(register, 1, 3))
    finally:
        journal.close()
    with closing(sqlite3.connect(file)) as connection:
        lengths = " + ".join(f"length(CAST({name} AS BLOB))" for name in _TEXTS)
        ((size,),) = connection.execute(f"SELECT sum({lengths}) FROM own WHERE seq > ?", [first])  # noqa: S608 - our own names
    return float(size) / orders


def _close(testbed: Bench) -> Iterator[Figure]:
    sales = _MANY if testbed.full else SALES
    shop = open_shop(testbed, sales)
    other = Shop(testbed.new_folder() / "copy", 1, NOWHERE)
    shutil.copytree(shop.folder, other.folder)
    try:
        closed, keyed = time_close(shop), time_keys(other, _KEYS)
    finally:
        shutil.rmtree(shop.folder)
        shutil.rmtree(other.folder)
    limit, against = keyed.before.p99, "p99 of keys once the books are read"
    yield Figure(f"close at {sales:,} sales", closed.close, "ms", goal=under(1000, "ms"))
    yield Figure("  first reading of its books, in one go", closed.books, "ms")
    yield Figure("  key behind the close", keyed.behind, "ms", limit, against, within(1.5), keyed.before)
    meanwhile = keyed.meanwhile
    yield Figure("  key while the books are read, p99", meanwhile.p99, "ms", limit, against, within(1.5), meanwhile)


def _label(testbed: Bench) -> Iterator[Figure]:
    own, bare = (bytes_of_order(testbed, _ORDERS, labelled=one) for one in (True, False))
    yield Figure("order of three lines in the journal", own, "bytes", bare, "without a label", within(1.1))


#: The close of a long shift and the keys beside it, and the bytes of the label.
PARTS: Final = (_close, _label)
