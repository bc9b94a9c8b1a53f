"""A recorded hour as a drill: a Saturday of generated sales, read from a real PostgreSQL and served by the robot."""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from random import Random
from typing import TYPE_CHECKING, Any

import pytest

from tests.plugins.database import unwatched
from tests.register.conftest import Till
from tests.register.fakes import MemoryJournal
from tests.sql.ringing import Venue, ask
from tests.sql.test_archive import archive, leave
from tests.training.test_run import Book, Room
from till.cli.demo_venue import demo_reference
from till.cli.training import without_hours
from till.cli.venues import enrol, make_venue
from till.domain.order.evolve import ORDERS
from till.domain.order.state import Order, Status
from till.domain.venue import read_venue
from till.sync.service import SyncService
from till.sync.settings import ConnectionFacts, Identity
from till.training.clock import TradingClock
from till.training.drills import Task
from till.training.profile import BUILT_IN
from till.training.recorded import read_hour
from till.training.robot import Robot
from till.training.trainer import Trainer
from till.training.week import Week
from till.wiring.busy import BATCH
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal, seed_cache
from tools.quote.basket import quote

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.plugins.database import Database
    from tests.plugins.kept import Kept
    from till.training.recorded import RecordedHour

STORE, TILL, SECRET = "0197a000-0000-7000-8000-0000000000d1", 7, "the secret of till 7"
NO_STORE = "0197a000-0000-7000-8000-0000000000d2"
REFERENCE = demo_reference()
KNOWN = read_venue(REFERENCE["settings"])
_LAST = datetime.now(UTC).date() - timedelta(days=3)
EVER = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
#: The last Saturday that is over.
SATURDAY = _LAST - timedelta(days=(_LAST.weekday() - 5) % 7)


def at(hour: int) -> datetime:
    """Return an hour of the Saturday."""
    return datetime(SATURDAY.year, SATURDAY.month, SATURDAY.day, hour, tzinfo=KNOWN.zone).astimezone(UTC)


@dataclass
class Saturday:
    """The orders of a simulated Saturday at till 7, in the database."""

    venue: Venue
    orders: dict[str, Order]

    def hour(self, first: int, last: int) -> RecordedHour:
        return read_hour(partial(ask, self.venue.owner, STORE), KNOWN, TILL, at(first), at(last))


async def _ring(path: Path, conninfo: str) -> dict[str, Order]:
    """Ring the Saturday on real parts, and push it."""
    journal = open_journal(path, till=TILL, store_id=STORE)
    seed_cache(journal, REFERENCE)
    clock, outbox = TradingClock(), LateOutbox()
    clock.set(at(6), SATURDAY)
    facts: dict[str, Any] = {"till": TILL, "store_id": STORE, "currency": "INR"}
    register = make_register(journal, clock, outbox, business_date=clock.business_date, **facts)
    orders: dict[str, Order] = {}
    register.ledger.observe(ORDERS, lambda order: orders.update({order.id: order}))
    sync = SyncService(
        *(journal, register, register.ledger.snapshot, BATCH, lambda: ConnectionFacts(conninfo, SECRET)),
        identity=Identity(STORE, TILL), clock=WallClock(),
    )  # fmt: skip
    outbox.to = sync
    sync.start()
    try:
        week = Week(register, clock, BUILT_IN, Random(4), [1, 2])  # noqa: S311 - a test repeats itself
        for _guest in week.ring(SATURDAY, at(23)):
            await asyncio.sleep(0)
        assert await sync.flush(60)
    finally:
        await sync.stop()
        journal.close()
    return orders


@pytest.fixture
def saturday(kept: Kept, database: Database, tmp_path: Path) -> Iterator[Saturday]:
    with kept.session(database.owner) as owner, kept.session(database.app) as app:
        settings = {key: value for key, value in REFERENCE["settings"].items() if key != "tills"}
        make_venue(owner, STORE, settings, staff=REFERENCE["staff"]["staff"], menu=REFERENCE["menu"])
        enrol(owner, STORE, TILL, SECRET, name="Till 7")
        orders = asyncio.run(_ring(tmp_path / "till-7.sqlite", database.app.conninfo))
        yield Saturday(Venue(STORE, owner, app), orders)


def pieces(orders: dict[str, Order], first: datetime, last: datetime) -> Counter[tuple[str, str]]:
    """Return the pieces of the lines that were keyed between two times and bear no discount."""
    found: Counter[tuple[str, str]] = Counter()
    for order in orders.values():
        for line in order.lines.values():
            assert line.keyed_at is not None
            if line.quantity and not line.discounts and first <= line.keyed_at < last:
                found[line.item_id, " ".join(one.name for one in line.modifiers)] += line.quantity
    return found


def quoted(order: Order, menu: dict[str, Any]) -> Decimal:
    """Return the total of the pieces of an order at the prices of the menu."""
    items = {item["id"]: item for item in menu["items"]}
    extra = {one["name"]: Decimal(one["price"]) for group in menu["modifiers"] for one in group["options"]}
    lines = [
        {
            "item": line.name,
            "quantity": line.quantity,
            "unit_price": str(Decimal(items[line.item_id]["price"]) + sum(extra[one.name] for one in line.modifiers)),
            "tax": items[line.item_id]["tax"] or None,
        }
        for line in order.lines.values()
        if line.quantity
    ]
    taxes = {name: group for name, group in menu["taxes"].items() if name}
    basket = {"currency": "INR", "prices_include_tax": True, "taxes": taxes}
    return Decimal(quote(json.dumps({**basket, "lines": lines}).encode()).body()["total"])


class Cashier:
    """The robot on a till of a training. It keys a change of mind only once the guest has spoken."""

    def __init__(self, menu: dict[str, Any]) -> None:
        journal = MemoryJournal()
        for name, body in {**REFERENCE, "menu": menu}.items():
            journal.cache(name, 1, body)
        self.till, self.book = Till(journal=journal), Book()
        self.orders: dict[str, Order] = {}
        self.till.register.ledger.observe(ORDERS, lambda order: self.orders.update({order.id: order}))
        self.robot = Robot(self.till.register, 1)
        self.tasks: Counter[Task] = Counter()
        self.changes = 0

    def serve_all(self, hour: RecordedHour) -> Trainer:
        trainer = Trainer(self.till.register, Room(self.book), BUILT_IN, seed=5, hour=hour)
        asyncio.run(trainer.enter(1))
        trainer.begin(hour.key)
        while (shown := trainer.look()) is not None and not shown.is_over:
            run = trainer._run
            assert run is not None
            if (visit := run.at_counter) is not None:
                guest, order = visit.guest, self.robot.at_table(visit.guest)
                before = frozenset(order.lines) if order is not None else frozenset()
                if guest.wants:
                    order = self.robot.key(guest.wants, order.id if order is not None else None)
                assert order is not None, guest
                if guest.change is not None:
                    self.till.clock.move(seconds=15)
                    trainer.look()
                    assert visit.is_changed
                    for line in [one for one in order.lines.values() if one.id not in before]:
                        self.till.register.sales.void_line(order.id, line.id, "changed")
                    order = self.robot.key(visit.wants, order.id) if visit.wants else self.orders[order.id]
                    self.changes += 1
                self.tasks[guest.task] += 1
                self.robot.finish(order, guest)
            self.till.clock.move(seconds=1)
        return trainer


@pytest.mark.parametrize("is_old", [False, True])
def test_the_robot_ends_with_the_pieces_and_the_quote_of_a_saturday(saturday: Saturday, is_old: bool) -> None:
    """All that was keyed from 7:00 to 22:00, less what was discounted or is not on the menu any more."""
    if is_old:
        leave(saturday.venue, "2 days")
        assert archive(saturday.venue, warm=1) > 100
        with unwatched(saturday.venue.owner):  # as it arrived
            saturday.venue.owner.execute("UPDATE cold.order_audit SET received_at = received_at + interval '2 days'")
    wanted = pieces(saturday.orders, at(7), at(22))
    gone = wanted.most_common()[3][0][0]
    menu = without_hours(REFERENCE["menu"])
    cashier = Cashier(menu | {"items": [item for item in menu["items"] if item["id"] != gone]})
    trainer = cashier.serve_all(saturday.hour(7, 22))
    ended = asyncio.run(trainer.finish())
    assert ended is not None
    assert trainer._recorded is not None
    assert (ended.figures.wrong, ended.figures.left, ended.figures.change) == (0, 0, 0), ended.remarks
    assert ended.figures.served == sum(cashier.tasks.values()) > 100
    assert min(cashier.tasks[task] for task in (Task.SALE, Task.TAB, Task.BILL)) > 10
    assert cashier.changes > 1
    assert pieces(cashier.orders, *EVER) == Counter({key: count for key, count in wanted.items() if key[0] != gone})
    left = trainer._recorded.left_out
    assert left["no longer sold"].total() == sum(count for (item, _), count in wanted.items() if item == gone)
    discounted = [line for order in saturday.orders.values() for line in order.lines.values() if line.discounts]
    assert left["discounted"].total() == sum(line.quantity for line in discounted) > 0
    paid = [order for order in cashier.orders.values() if order.status is Status.COMPLETED]
    assert [Decimal(order.total) / 100 for order in paid] == [quoted(order, menu) for order in paid]


def test_an_hour_has_its_rounds_alone_and_a_bill_of_an_earlier_round_is_left_out(saturday: Saturday) -> None:
    hour = saturday.hour(20, 21)
    assert {one.began.astimezone(KNOWN.zone).hour for one in hour.rounds} == {20}
    assert hour.name == f"{SATURDAY:%a %d %b}, 20:00 to 21:00"
    cashier = Cashier(without_hours(REFERENCE["menu"]))
    trainer = cashier.serve_all(hour)
    assert trainer._recorded is not None
    assert pieces(cashier.orders, *EVER) == pieces(saturday.orders, at(20), at(21))
    assert trainer._recorded.left_out["of other rounds"]["bill"] > 0
    query = partial(ask, saturday.venue.owner)
    logs = query(STORE, "till_orders_v1", TILL, at(20), at(21))
    assert {key for log in logs for one in log for key in one} == {"b", "h"}, "no notes, no names"
    assert (
        query(STORE, "till_orders_v1", 1, at(20), at(21))
        == query(NO_STORE, "till_orders_v1", TILL, at(20), at(21))
        == []
    )
    offered = trainer.offered()[0]
    assert (offered.name, offered.about[0]) == (hour.name, f"{len(hour.rounds)} rounds of orders.")
    assert any(words.startswith("Of other rounds: ") for words in offered.about)
    assert trainer._recorded.counter_s is None, "the generated cashier needs no time"
