"""The record of payments: orders, transactions, and their history."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import Error

from tests.sql.ringing import DOSA, Cart, new_id
from tests.sql.test_refunds import Refund, sell
from till.administration.calls import call

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

ASKED = {"place": "V400m-1", "asker": "till-1", "number": "0413"}
ORDERS = "SELECT external_order_id, payment_gateway, amount, status FROM cold.payment_order ORDER BY created_at, 1"


def write_payment(till: Till, session: str, kind: str, payment: str, **more: Any) -> None:
    """An event about a payment of 80.00 by card."""
    facts = {"payment_id": payment, "tender": "CARD", "amount": "80.00"} | more
    till.make(f"payment_{kind}", session, facts)


def begun(till: Till) -> tuple[Cart, str]:
    """An order whose card was asked for."""
    cart, payment = Cart(), new_id()
    till.open(cart)
    till.add(cart, DOSA)
    write_payment(till, cart.session, "started", payment, key=payment, **ASKED)
    return cart, payment


def test_a_charge_is_an_order_of_payment_from_its_beginning_to_its_end(venue: Venue) -> None:
    till = venue.till()
    cart, payment = begun(till)
    till.shown(cart)
    assert venue.rows(ORDERS) == [(payment, "CARD", Decimal("80.00"), "processing")]
    assert venue.rows("SELECT place, asker, number FROM cold.payment_order") == [("V400m-1", "till-1", "0413")]
    write_payment(till, cart.session, "unknown", payment)
    till.shown(cart)
    assert venue.rows(ORDERS)[0][3] == "processing"
    assert venue.rows("SELECT count(*) FROM cold.payment_transaction") == [(0,)]
    taken = {"amount": "85.00", "tendered": "85.00", "change": "0.00", "tip": "5.00", "transaction": "T-1"}
    write_payment(till, cart.session, "approved", payment, **taken)
    till.shown(cart)
    assert venue.rows(ORDERS) == [(payment, "CARD", Decimal("85.00"), "completed")]
    moved = 'SELECT external_order_id, kind, amount, tip, "transaction" FROM cold.payment_transaction'
    assert venue.rows(moved) == [(payment, "charge", Decimal("85.00"), Decimal("5.00"), "T-1")]
    kinds = "SELECT event_type FROM cold.payment_audit_log WHERE external_order_id = %s ORDER BY event_id"
    assert [row[0] for row in venue.owner.execute(kinds, [payment])] == [
        "payment_started", "payment_unknown", "payment_approved",
    ]  # fmt: skip


def test_an_approval_heard_by_two_tills_is_one_transaction_and_a_decline_is_none(venue: Venue) -> None:
    till = venue.till()
    cart, payment = begun(till)
    taken = {"tendered": "80.00", "change": "0.00", "transaction": "T-1"}
    write_payment(till, cart.session, "declined", payment)
    till.shown(cart)
    assert venue.rows(ORDERS)[0][3] == "failed"
    for _till in range(2):
        write_payment(till, cart.session, "approved", payment, **taken)
    till.shown(cart)
    assert venue.rows(ORDERS) == [(payment, "CARD", Decimal("80.00"), "completed")]
    assert venue.rows("SELECT kind, amount FROM cold.payment_transaction") == [("charge", Decimal("80.00"))]
    write_payment(till, cart.session, "voided", payment)
    till.shown(cart)
    assert venue.rows(ORDERS)[0][3] == "failed"
    assert venue.rows("SELECT sum(amount) FROM cold.payment_transaction") == [(Decimal("0.00"),)]


def test_a_refund_is_an_order_of_payment_of_its_own(venue: Venue) -> None:
    till = venue.till()
    cart, order = sell(till, (DOSA, 2))
    refund = Refund(till, cart, order, r1=1).start(**ASKED, transaction="T-1")
    till.push()
    assert (refund.id, "CASH", Decimal("-80.00"), "processing") in venue.rows(ORDERS)
    refund.answer("approved", transaction="T-2")
    till.push()
    moved = 'SELECT session_id, kind, amount, "transaction" FROM cold.payment_transaction WHERE external_order_id = %s'
    assert venue.owner.execute(moved, [refund.id]).fetchall() == [(cart.session, "refund", Decimal("-80.00"), "T-2")]


def test_payments_cannot_be_written_by_hand(venue: Venue) -> None:
    for view in ("payment_order", "payment_transaction", "payment_audit_log"):
        with pytest.raises(Error):
            venue.owner.execute(f"DELETE FROM cold.{view}")  # noqa: S608 - ours


def test_the_moves_of_a_tender_have_the_reference_of_their_payment(venue: Venue) -> None:
    """A payment with a tip on an open order with its return, and a sale that is refunded in part."""
    till = venue.till()
    cart, payment = begun(till)
    taken = {"amount": "85.00", "tendered": "85.00", "change": "0.00", "tip": "5.00", "transaction": "T-1"}
    for kind, more in (("approved", taken), ("voided", {"amount": "85.00", "transaction": "V-1"})):
        write_payment(till, cart.session, kind, payment, **more)
    till.shown(cart)
    sold, second = Cart(), new_id()
    till.open(sold)
    till.add(sold, DOSA, 2)
    taken = {"amount": "160.00", "change": "0.00", "transaction": "T-2"}
    write_payment(till, sold.session, "approved", second, tendered="160.00", **taken)
    order = till.place(sold, payments=[{"payment_id": second, "tender": "CARD", **taken}])
    till.push(sold.snapshot(0, status="completed"))
    refund = Refund(till, sold, order, r1=1)
    refund.facts["tender"] = refund.begun["tender"] = "CARD"
    refund.start(transaction="T-2").answer("approved", transaction="R-1")
    till.push()

    def moves(tender: str, begins: str = "2026-01-01T00:00:00Z") -> list[tuple[Any, ...]]:
        asked = {"tender": tender, "begins": begins, "ends": "2100-01-01T00:00:00Z"}
        rows = call(venue.owner, "tender_moves_v1", venue.store, asked)
        return [(row["kind"], row["reference"], row["amount"], row["tip"], row["session"]) for row in rows]

    assert sorted(moves("CARD")) == [
        ("charge", "T-1", "85.00", "5.00", cart.session),
        ("charge", "T-2", "160.00", "0", sold.session),
        ("give_back", "T-1", "-85.00", "0", cart.session),
        ("refund", "T-2", "-80.00", "0", sold.session),
    ]
    assert moves("CARD", "2099-01-01T00:00:00Z") == moves("MEAL") == []
