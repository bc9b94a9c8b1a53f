"""Skipped records are listed, tried again, and settled by a person who says how."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.sql.ringing import DOSA, IDLY, Cart, Till
from tests.sql.test_upkeep import age, maintain

if TYPE_CHECKING:
    from tests.sql.ringing import Venue
    from till.reports.quarantine import QuarantinedRecord

RETRY = "SELECT till.quarantine_retry_v1(%s, 9, %s)"
RESOLVE = "SELECT till.quarantine_resolve_v1(%s, 9, %s, %s)"


def waiting(venue: Venue, *, every: bool = False) -> list[QuarantinedRecord]:
    found: list[QuarantinedRecord] = venue.ask("quarantine_list_v1", None, None, 200, every)["quarantine"]
    return found


def refused_for_now(venue: Venue) -> tuple[Till, Cart]:
    """An order that something on the server refused which is no longer there."""
    venue.owner.execute("ALTER TABLE cold.orders ADD CONSTRAINT for_now CHECK (total_amount < 50) NOT VALID")
    till = venue.till()
    cart = till.keyed((IDLY, 2))
    till.place(cart)
    till.push(cart.snapshot(0))
    return till, cart


def test_a_record_is_listed_with_its_amount(venue: Venue) -> None:
    _till, cart = refused_for_now(venue)
    [row] = waiting(venue)
    assert (row["session"], row["type"], row["amount"], row["currency"]) == (
        cart.session,
        "order_placed",
        "80.00",
        "INR",
    )
    assert (row["till"], row["resolved_at"]) == (1, None)


def test_a_record_that_still_cannot_be_applied_waits_on_and_says_why(venue: Venue) -> None:
    refused_for_now(venue)
    [row] = waiting(venue)
    again = venue.value(RETRY, venue.store, row["id"])

    assert (again["applied"], "for_now" in again["reason"]) == (False, True)
    assert len(waiting(venue)) == 1
    assert venue.value("SELECT count(*) FROM orders") == 0


@pytest.mark.parametrize("moved", [False, True])
def test_a_record_that_can_be_applied_now_is_and_the_till_hears_that_none_waits(venue: Venue, *, moved: bool) -> None:
    till, cart = refused_for_now(venue)
    venue.owner.execute("ALTER TABLE cold.orders DROP CONSTRAINT for_now")
    if moved:
        age(venue, "31 days")
        maintain(venue)
    [row] = waiting(venue)
    again = venue.value(RETRY, venue.store, row["id"])

    assert (again["applied"], again["resolved_by"], again["how"]) == (True, 9, "applied again")
    assert waiting(venue) == []
    assert len(waiting(venue, every=True)) == 1
    assert venue.rows("SELECT session_id, total_amount FROM orders") == [(cart.session, Decimal("80.00"))]
    assert venue.rows("SELECT status, till_id, quarantined FROM order_sessions") == [("completed", None, False)]
    assert venue.value("SELECT current_step FROM session_state") == "order_placed"
    assert venue.value("SELECT completed_at IS NOT NULL FROM warm.session_checkout") is True
    assert venue.types("till_id = 0 AND event_type LIKE 'quarantine%%'") == ["quarantine_resolved"]
    reply = till.push()
    assert reply["quarantined"] == []
    assert [state["status"] for state in reply["sessions"]] == ["completed"]
    with pytest.raises(psycopg.Error, match="already settled: applied again"):
        venue.value(RETRY, venue.store, row["id"])


def test_a_snapshot_that_failed_is_settled_by_the_next_look(venue: Venue) -> None:
    till = venue.till()
    cart = till.keyed((IDLY, 2))
    till.push(cart.snapshot(0, total="a lot"))
    till.add(cart, DOSA)
    till.shown(cart)
    [row] = waiting(venue)
    before = venue.rows("SELECT version, status, total FROM order_sessions")

    assert venue.value(RETRY, venue.store, row["id"])["applied"] is True
    assert venue.rows("SELECT version, status, total FROM order_sessions") == before
    assert venue.value("SELECT quarantined FROM order_sessions") is False


def test_a_record_that_no_retry_helps_is_settled_by_a_person_alone(venue: Venue) -> None:
    one = venue.till(1)
    cart = one.keyed((IDLY, 2))
    one.place(cart, total="81.00")
    one.push()
    [row] = waiting(venue)
    assert venue.value(RETRY, venue.store, row["id"])["applied"] is False
    with pytest.raises(psycopg.Error, match="Describe how"):
        venue.value(RESOLVE, venue.store, row["id"], "")
    settled = venue.value(RESOLVE, venue.store, row["id"], "paid back")

    assert (settled["how"], settled["resolved_by"], settled["amount"]) == ("paid back", 9, "80.00")
    assert waiting(venue) == []
    assert venue.value("SELECT quarantined FROM order_sessions WHERE id = %s", cart.session) is True
    assert venue.types("till_id = 0 AND event_type LIKE 'quarantine%%'") == ["quarantine_resolved"]


def test_other_content_under_an_id_that_is_taken_is_never_applied(venue: Venue) -> None:
    till = venue.till()
    cart = till.keyed((IDLY, 2))
    first = till.pending[0]
    till.push()
    till.look(cart, event_id=first.id)
    till.push()
    [row] = waiting(venue)
    assert venue.value(RETRY, venue.store, row["id"])["applied"] is False


def test_a_record_of_another_store_or_none_is_refused(venue: Venue) -> None:
    refused_for_now(venue)
    [row] = waiting(venue)
    for store, record in ((venue.till().journal, row["id"]), (venue.store, 77)):
        with pytest.raises(psycopg.Error, match="no waiting record"):
            venue.value(RETRY, store, record)


def test_a_tab_that_was_paid_meanwhile_is_not_opened_again(venue: Venue) -> None:
    till = venue.till()
    cart = till.keyed((IDLY, 2))
    tab = "0197a000-0000-7000-8000-0000000000aa"
    till.save(cart, tab)
    till.push(cart.snapshot(0, total="a lot"))
    till.place(cart, tab_id=tab)
    till.push()
    assert venue.value("SELECT status FROM till.tabs") == "closed"
    [row] = [row for row in waiting(venue) if row["type"] == "tab_assigned"]
    assert venue.value(RETRY, venue.store, row["id"])["applied"] is True
    assert venue.value("SELECT status FROM till.tabs") == "closed"


def test_the_checkout_of_an_order_that_was_placed_twice_in_one_push_is_of_the_sale_that_stands(
    venue: Venue,
) -> None:
    till = venue.till()
    cart = till.keyed((IDLY, 2))
    till.place(cart, total="1.00", order_type="dine_in", payment_method="card")
    stands = till.place(cart)
    at = till.now
    till.push(cart.snapshot(0))
    assert [row["type"] for row in waiting(venue)] == ["order_placed"]
    assert venue.value("SELECT receipt FROM orders") == stands["receipt"]
    row = venue.rows("SELECT order_type, payment_method, started_at, completed_at FROM warm.session_checkout")
    assert row == [("take_away", "cash", at, at)]
