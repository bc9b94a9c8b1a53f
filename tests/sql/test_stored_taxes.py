"""The stored tax of invoices by day is what the log of sales, stamps and refunds gives, whatever comes late."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.json import Jsonb

from tests.sql.ringing import IDLY, Cart, new_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from tests.sql.ringing import Venue

_ZONES = ("Asia/Kolkata", "Pacific/Auckland", "America/Los_Angeles")
_STORE = """
    SELECT cold.roll_up_day(%(store)s, 'taxes_by_invoice', d::date)
    FROM generate_series(current_date - 20, current_date - 2, interval '1 day') AS d
"""
_STORED = """
    SELECT r.business_date::text, r.rows FROM cold.report_days AS r
    WHERE r.store_id = %s AND r.view = 'taxes_by_invoice' ORDER BY 1
"""
_PLAIN = """
    SELECT coalesce(jsonb_agg(to_jsonb(v) - 'store_id'), '[]') FROM cold.taxes_by_invoice AS v
    WHERE v.store_id = %s AND v.business_date = %s
"""


class Books:
    """Documents of the last weeks, changed in any order."""

    def __init__(self, venue: Venue, seed: int) -> None:
        self._venue, self._chance = venue, random.Random(seed)  # noqa: S311 - a test repeats itself
        self._now = datetime.now(UTC)
        self.documents: list[str] = []
        self.orders: list[str] = []
        self.stamps: list[str] = []

    def _moment(self) -> datetime:
        return self._now - timedelta(hours=self._chance.randrange(30, 400))

    def sell(self) -> None:
        """A sale of any day arrives."""
        at, order = self._moment(), new_id()
        cart = Cart(lines={new_id(): (IDLY, self._chance.randrange(1, 5))})
        self._venue.owner.execute(
            "SELECT cold.place_order(%s, %s, 1, 1, %s, %s, %s, %s, 'till')",
            [self._venue.store, new_id(), new_id(), at, at,
             Jsonb({**cart.frozen(business_date=at.date().isoformat()), "order_id": order})],
        )  # fmt: skip
        self.documents.append(order)
        self.orders.append(order)

    def refund(self) -> None:
        """A part of a sale is refunded on any day."""
        if not self.orders:
            return
        refund = new_id()
        self._venue.owner.execute(
            "INSERT INTO cold.refunds (refund_id, order_id, payment_id, receipt, tender, amount, net, tax, rounding,"
            " currency, taxes, business_date, away, is_beyond, till_id, event_id, store_id, created_at)"
            " VALUES (%s, %s, %s, 'R', 'CASH', -21, -20, -1, 0, 'INR', '[]', %s, false, false, 1, %s, %s, now())",
            [refund, self._chance.choice(self.orders), new_id(), self._moment().date(), new_id(), self._venue.store],
        )
        self.documents.append(refund)

    def stamp(self) -> None:
        """A document gets a stamp of any day, maybe not its first."""
        if not self.documents:
            return
        event = new_id()
        self._venue.owner.execute(
            "INSERT INTO cold.fiscal_stamps (event_id, store_id, chain, till_id, scheme, kind, of_id, number, previous,"
            " hash, at, state) VALUES (%s, %s, gen_random_uuid(), 1, 's', 'k', %s, %s, %s, %s, %s, %s)",
            [event, self._venue.store, self._chance.choice(self.documents), event, event, event, self._moment(),
             self._chance.choice(["to_send", "to_send", "waits"])],
        )  # fmt: skip
        self.stamps.append(event)

    def change_state(self) -> None:
        """A stamp is not sent after all, or sent."""
        if self.stamps:
            self._venue.owner.execute(
                "UPDATE cold.fiscal_stamps SET state = %s WHERE event_id = %s",
                [self._chance.choice(["to_send", "waits", "quarantined"]), self._chance.choice(self.stamps)],
            )

    def contest(self) -> None:
        """A sale turns out to be sold twice, or not to be."""
        if not self.orders:
            return
        order = self._chance.choice(self.orders)
        gone = self._venue.owner.execute("DELETE FROM cold.contested_sales WHERE order_id = %s", [order]).rowcount
        if not gone:
            self._venue.owner.execute(
                "INSERT INTO cold.contested_sales (order_id, event_id, since, store_id) VALUES (%s, %s, %s, %s)",
                [order, new_id(), self._moment().date(), self._venue.store],
            )

    def move(self) -> None:
        """The venue corrects its time zone."""
        self._venue.owner.execute(
            "UPDATE till.settings SET body = body || %s WHERE store_id = %s AND name = 'settings'",
            [Jsonb({"timezone": self._chance.choice(_ZONES)}), self._venue.store],
        )

    def step(self) -> None:
        acts: list[Callable[[], None]] = [*[self.sell] * 4, *[self.stamp] * 4, self.refund, self.change_state,
                                          self.contest, self.move]  # fmt: skip
        self._chance.choice(acts)()


def check(venue: Venue) -> int:
    """Compare each stored day with the view. Return how many there are."""

    def sort(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return sorted(rows, key=str)

    stored: list[tuple[date, list[dict[str, Any]]]] = venue.rows(_STORED, venue.store)
    for day, rows in stored:
        assert sort(rows) == sort(venue.value(_PLAIN, venue.store, day)), day
    return len(stored)


def play(venue: Venue, seed: int) -> None:
    books, checked = Books(venue, seed), 0
    for step in range(60):
        books.step()
        checked += check(venue)
        if step % 3 == 0:
            venue.owner.execute(_STORE, {"store": venue.store})
    assert checked > 100
    assert any(rows for _day, rows in venue.rows(_STORED, venue.store))


@pytest.mark.parametrize("seed", range(4))
def test_stored_taxes_of_invoices_are_those_of_the_view_after_any_change(venue: Venue, seed: int) -> None:
    play(venue, seed)


def test_comparing_stored_taxes_finds_a_stamp_that_drops_no_day(venue: Venue) -> None:
    venue.owner.execute("ALTER TABLE cold.fiscal_stamps DISABLE TRIGGER unrolls")
    with pytest.raises(AssertionError):
        play(venue, 0)
