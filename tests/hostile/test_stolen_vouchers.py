"""Vouchers and house accounts, attacked with one till's secret: never below zero, never twice, never more."""

from __future__ import annotations

import threading
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from db.engine import connect
from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, Till, new_id, new_number
from tests.sql.test_vouchers import (
    approve,
    ask,
    begin,
    guest,
    issue,
    left,
    place,
    quarantined,
    refund,
    start,
    state,
    voucher,
)

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Cart, Venue

__all__ = ["guest", "template", "venue", "voucher"]

HONEST, THIEF = 1, 2


def spent(till: Till, holder: str, tender: str = "VOUCHER") -> tuple[Cart, dict[str, Any], dict[str, Any]]:
    """Make a sale of 80.00 paid with a voucher or an account."""
    cart = begin(till)
    payment = start(till, cart, holder if tender == "ACCOUNT" else ask(till)["ask"], tender=tender)
    till.push()
    approve(till, cart, payment)
    order = place(till, cart, payment)
    till.push()
    return cart, order, payment


def test_concurrent_payments_never_overdraw_a_voucher(venue: Venue, database: Database, guest: str) -> None:
    """A voucher and an account of 200.00 each are asked for 80.00 eight times, over real connections."""
    holder = issue(venue, "200.00")
    tills = [venue.till(HONEST), venue.till(THIEF)]
    asked: list[tuple[str, dict[str, Any]]] = []
    for till in tills:
        for _ in range(4):
            asked.append(("VOUCHER", start(till, begin(till), ask(till)["ask"])))
            asked.append(("ACCOUNT", start(till, begin(till), guest, tender="ACCOUNT")))
    together = threading.Barrier(2)

    def push(till: Till) -> None:
        events, till.pending = till.pending, []
        with connect(database.app) as app:
            till.connection = app
            together.wait()
            for event in events:  # one push each, so that they meet again and again
                till.pending.append(event)
                assert till.push()["ok"]

    threads = [threading.Thread(target=push, args=[till]) for till in tills]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    reader = venue.till(HONEST)
    for tender in ("VOUCHER", "ACCOUNT"):
        found = [state(reader, payment) for which, payment in asked if which == tender]
        assert (found.count("reserved"), found.count("declined")) == (2, 6), tender
    assert (left(venue, holder), left(venue, guest, "ACCOUNT")) == ("40.00", "40.00")


def test_a_refund_that_was_refused_puts_nothing_onto_a_voucher_or_an_account(
    venue: Venue, voucher: str, guest: str
) -> None:
    """Only the database gives it back: no till may approve a refund that it refused."""
    thief = venue.till(THIEF)
    for tender, holder, whole in (("VOUCHER", voucher, "500.00"), ("ACCOUNT", guest, "200.00")):
        cart, order, _payment = spent(thief, holder, tender)
        assert refund(thief, cart, order, "-80.00", tender) == "approved"
        assert left(venue, holder, tender) == whole
        for _again in range(3):
            number, facts = new_id(), {"session_id": cart.session, "receipt": new_number(2, "R"), "tender": tender,
                                       "amount": "-80.00"}  # fmt: skip
            thief.make("refund_started", number, facts | {
                "order_id": order["order_id"], "sold": order["receipt"], "business_date": "2026-03-03",
                "payment_id": order["payments"][0]["payment_id"], "currency": "INR", "net": "-80.00", "tax": "0.00",
                "rounding": "0.00", "approved_by": 9,
            })  # fmt: skip
            thief.make("refund_approved", number, facts)
            assert thief.push()["ok"]
            assert thief.read("warm.refund_state_v1", refund=number)["state"] == "refused"
        assert left(venue, holder, tender) == whole
    assert quarantined(venue) == ["The database answers for this tender, and did not refund the payment."] * 6
    assert venue.value("SELECT count(*) FROM cold.refunds") == 2


def test_forged_events_never_change_a_voucher_balance(venue: Venue, voucher: str) -> None:
    thief, honest = venue.till(THIEF), venue.till(HONEST)
    cart, _order, payment = spent(thief, voucher)
    assert left(venue, voucher) == "420.00"
    for kind in ("payment_voided", "payment_declined"):  # after it was spent
        thief.make(kind, cart.session, payment)
    again = begin(thief)
    place(thief, again, payment)  # a second sale
    for amount in ("-80.00", "0", "0.0001", "999999999999999.9999", "420.01"):
        start(thief, begin(thief), ask(thief)["ask"], amount)
    start(thief, begin(thief), voucher)  # by its id, which stands in lists
    start(thief, begin(thief), ask(honest)["ask"])  # by what another till was told
    made_up = begin(thief, (DOSA, 5))
    whole = {"payment_id": new_id(), "tender": "VOUCHER", "amount": "400.00"}
    approve(thief, made_up, whole)
    place(thief, made_up, whole)
    assert thief.push()["ok"]
    assert left(venue, voucher) == "420.00"
    sold = "SELECT sum(amount) FROM cold.order_payment WHERE tender = 'VOUCHER'"
    assert venue.value(sold) == Decimal("80.00")
    kept = start(honest, begin(honest), ask(honest)["ask"], "420.00")
    honest.push()
    assert (state(honest, kept), left(venue, voucher)) == ("reserved", "0.00")
