"""A manager books a sale that waits: it is placed as any other, and the server's own event says who did it."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from tests.hostile.test_stolen_contents import claimed, given_away, ring, sell
from tests.sql.ringing import DOSA, IDLY, Cart, new_id
from tests.sql.test_acts import acts
from tests.sql.test_refunds import quarantined
from tests.sql.test_settling import RESOLVE, RETRY, waiting
from till.reports.acts import ActFilter

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

BOOK = "SELECT till.quarantine_book_v1(%s, 9, %s)"


def book(venue: Venue) -> dict[str, Any]:
    """Book the one record that waits."""
    [row] = waiting(venue)
    booked: dict[str, Any] = venue.value(BOOK, venue.store, row["id"])
    return booked


def test_a_sale_of_lines_of_another_order_is_booked_by_a_manager(venue: Venue) -> None:
    """The guest paid at this till, whatever the log says of the lines."""
    one, two = venue.till(1), venue.till(2)
    cart, _payment = ring(one)
    own = Cart(lines=dict(cart.lines))
    two.open(own)
    two.place(own)
    assert two.push()["records"] == 1
    record = waiting(venue)[0]
    assert venue.value(RETRY, venue.store, record["id"])["applied"] is False
    placed = (
        "SELECT sum(visits) FROM cold.funnel_by_day WHERE step = '4 placed'",
        "SELECT sum(orders) FROM cold.time_to_order_by_day",
    )
    assert [venue.value(one) for one in placed] == [None, None], "as no other report counts the sale"
    settled = book(venue)
    assert [venue.value(one) for one in placed] == [1, 1]
    assert (settled["how"], settled["resolved_by"]) == ("booked", 9)
    assert venue.rows("SELECT session_id, total_amount FROM orders") == [(own.session, Decimal("80.00"))]
    assert venue.rows("SELECT orders, total FROM cold.sales_by_day") == [(1, Decimal("80.00"))]
    drawers = venue.rows("SELECT drawer, amount, on_open FROM cold.cash_by_drawer ORDER BY drawer")
    assert drawers == [(1, Decimal("80.00"), Decimal("80.00")), (2, Decimal("80.00"), 0)]
    rows = venue.rows("SELECT session_id, user_id, event_data FROM session_events WHERE event_type = 'sale_booked'")
    assert rows == [(own.session, 9, {"event": record["event"], "quarantine": record["id"]})]
    assert venue.value("SELECT status FROM order_sessions WHERE id = %s", own.session) == "completed"
    assert two.push()["records"] == 0
    (act,) = acts(venue, ActFilter(kinds=("settled",))).acts
    assert (act["type"], act["user"], act["details"]["quarantine"]) == ("sale_booked", 9, record["id"])


@pytest.mark.parametrize("known", [True, False])
def test_a_sale_of_a_till_that_never_took_the_order_is_booked(venue: Venue, known: bool) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, payment = ring(one)
    if not known:
        cart = Cart(lines={new_id(): (DOSA, 1)})
        payment = {"payment_id": new_id(), "tender": "CASH", "amount": "80.00", "change": "0.00"}
    order = two.place(cart, payments=[payment])
    two.push()
    assert quarantined(venue) == ["The till never held the order of the record."]
    book(venue)
    assert venue.rows("SELECT order_id::text, till_id FROM orders") == [(order["order_id"], 2)]
    assert waiting(venue) == []


def test_a_contested_sale_is_booked(venue: Venue) -> None:
    honest, cart, payment, stolen = claimed(venue, today=True)
    sell(honest, cart, payment)
    [row] = waiting(venue)
    assert venue.value(RETRY, venue.store, row["id"])["applied"] is False
    book(venue)
    assert venue.value("SELECT sum(total) FROM cold.sales_by_day") == Decimal("160.00")
    assert (waiting(venue), venue.value("SELECT booked_by IS NULL FROM cold.contested_sales")) == ([], False)
    assert venue.value("SELECT quarantined FROM order_sessions WHERE id = %s", stolen.session) is False


def refused(venue: Venue, why: str) -> None:
    """Check that booking is refused in words, and that nothing is written."""
    [row] = waiting(venue)
    with pytest.raises(psycopg.Error, match=why):
        venue.value(BOOK, venue.store, row["id"])
    assert venue.value("SELECT count(*) FROM session_events WHERE event_type = 'sale_booked'") == 0
    assert [one["id"] for one in waiting(venue)] == [row["id"]]


def test_one_of_which_the_sums_differ_is_refused(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY)
    till.place(cart, total="1.00")
    till.push()
    refused(venue, "cannot be booked. The total 1.00 does not add up")
    refused(venue, "`till admin quarantine resolve` settles it.")


def test_one_of_lines_that_another_sale_has_stands_beside_it(venue: Venue) -> None:
    honest, thief = venue.till(1), venue.till(2)
    cart, payment = ring(honest)
    sell(honest, cart, payment)
    given_away(thief, *cart.lines)
    [record] = waiting(venue)
    venue.value(BOOK, venue.store, record["id"])
    assert venue.rows("SELECT total_amount FROM orders ORDER BY 1") == [(Decimal("0.00"),), (Decimal("80.00"),)]


def test_one_that_is_booked_or_settled_is_refused(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart, _payment = ring(one)
    for _each in range(2):
        given_away(two, *cart.lines)
    first, second = waiting(venue)
    venue.value(BOOK, venue.store, first["id"])
    venue.value(RESOLVE, venue.store, second["id"], "thrown away")
    for record, why in ((first, "already settled: booked"), (second, "already settled: thrown away")):
        with pytest.raises(psycopg.Error, match=why):
            venue.value(BOOK, venue.store, record["id"])
    with pytest.raises(psycopg.Error, match="no waiting record 0"):
        venue.value(BOOK, venue.store, 0)


def test_a_record_that_is_no_sale_is_refused(venue: Venue) -> None:
    till = venue.till()
    till.make_badly("no_such_type", Cart().session)
    till.push()
    refused(venue, "is not a sale")
