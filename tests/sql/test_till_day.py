"""A till's day, event by event, from the log, the audit and the archive."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from tests.sql.ringing import DOSA, IDLY, SETTINGS, Cart, Till
from tests.sql.test_archive import archive, leave
from till.domain.order.history import OrderHistory
from till.domain.order.state import Status
from till.domain.venue import read_venue
from till.reports.till_day import read_till_day

if TYPE_CHECKING:
    from tests.sql.ringing import Venue
    from till.ports.desk import TillDay

VENUE = read_venue(SETTINGS)
#: The events of `sold`.
SOLD = ["order_opened", "item_added", "item_added", "line_voided", "order_placed"]


def at_work(venue: Venue, number: int = 1) -> Till:
    """A till whose clock goes right."""
    till = venue.till(number)
    till.now = datetime.now(UTC)
    return till


def sold(till: Till) -> Cart:
    """An order of two lines, of which one is voided, and paid."""
    cart = till.keyed((IDLY, 2))
    line = till.add(cart, DOSA)
    till.make("line_voided", cart.session, {"line_id": line}, texts={"reason": "dropped"})
    del cart.lines[line]
    till.place(cart)
    till.shown(cart, status="completed")
    return cart


def day_of(venue: Venue, till: Till, days: int = 0) -> TillDay:
    day = VENUE.business_date(till.now) - timedelta(days=days)
    return venue.read(read_till_day, till.number, day, VENUE)


@pytest.mark.parametrize("where", ["log", "audit and archive"])
def test_events_of_a_till_day_come_in_order_from_every_table(venue: Venue, where: str) -> None:
    till = at_work(venue)
    cart = sold(till)
    if where != "log":
        leave(venue)
        assert archive(venue) == 1
        assert venue.value("SELECT count(*) FROM warm.session_events WHERE till_id = 1") == 0
    day = day_of(venue, till)
    assert [event.type for event in day.events] == SOLD
    assert {event.session for event in day.events} == {cart.session}
    assert [event.why for event in day.events] == [""] * len(SOLD)
    assert day.names[1] == "Asha"
    history = OrderHistory(day.orders[cart.session])
    stood = [history.after(event.id) for event in day.events]
    assert [order and order.total for order in stood] == [0, 8000, 16000, 8000, 8000]
    last = stood[-1]
    assert last is not None
    assert last.status is Status.COMPLETED
    (void,) = [line.void for line in last.lines.values() if line.void]
    assert void.reason == "dropped"


def test_another_day_and_another_till_have_none_of_it(venue: Venue) -> None:
    till = at_work(venue)
    sold(till)
    assert day_of(venue, till, days=1).events == ()
    assert day_of(venue, till, days=-1).events == ()
    assert day_of(venue, at_work(venue, 2)).events == ()


def test_acts_of_another_till_on_an_order_are_in_the_day_too(venue: Venue) -> None:
    first, second, cart = at_work(venue), at_work(venue, 2), Cart()
    first.open(cart)
    first.add(cart, IDLY, 2)
    first.shown(cart)
    second.now = first.now + timedelta(seconds=5)
    second.take(cart)
    second.add(cart, DOSA)
    second.push()
    day = day_of(venue, first)
    assert [event.type for event in day.events] == ["order_opened", "item_added"]
    assert [event.till for event in day.orders[cart.session]] == [1, 1, 0, 2]
    order = OrderHistory(day.orders[cart.session]).after(day.events[-1].id)
    assert order is not None
    assert order.total == 8000


def test_a_record_that_does_not_read_is_there_with_why(venue: Venue) -> None:
    till, cart = at_work(venue), Cart()
    till.open(cart)
    till.make_badly("item_added", cart.session, {"item_name": "Idly\x1b[2J"})
    till.add(cart, DOSA)
    till.push()
    day = day_of(venue, till)
    shown = [(event.type, bool(event.why)) for event in day.events]
    assert shown.count(("item_added", True)) == 1
    assert ("item_added", False) in shown
    sound = [event for event in day.events if not event.why]
    assert [event.type for event in sound] == ["order_opened", "item_added"]


def test_a_record_that_the_log_did_not_take_stands_where_it_came(venue: Venue) -> None:
    till, cart = at_work(venue), Cart()
    till.open(cart)
    body = till.make_badly("preference_set", cart.session, {"name": "|"}).body
    till.pending.pop()
    till.seq, till.hash = till.pending[0].seq, till.pending[0].hash
    till.seal_badly(body.replace("|", "\\u0000"))
    till.add(cart, DOSA)
    till.push()
    day = day_of(venue, till)
    (odd,) = [event for event in day.events if event.why]
    assert odd.event is None
    assert len(day.events) == 3


def test_free_text_that_was_erased_is_no_reason_to_fail(venue: Venue) -> None:
    till = at_work(venue)
    cart = sold(till)
    venue.owner.execute("DELETE FROM warm.event_texts")
    day = day_of(venue, till)
    assert [event.why for event in day.events] == [""] * len(SOLD)
    assert OrderHistory(day.orders[cart.session]).after(day.events[-1].id) is not None
