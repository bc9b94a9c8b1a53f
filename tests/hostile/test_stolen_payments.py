"""Payments on another till's order by somebody with one till's secret: a manager ends each at once, and reads of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.hostile.test_floods import most
from tests.hostile.test_stolen_drawer import drawers, paid
from tests.register.conftest import other, till
from tests.register.exchange import give, grant
from tests.register.payments.test_charges import allowed, only
from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, Cart, new_id
from tests.sql.test_refunds import correct, quarantined
from tests.sql.test_tips import put_right, tipped
from till.domain.order.charging import start_charge
from till.domain.order.paying import Tendered
from till.domain.order.state import Status
from till.domain.staff.rights import ApprovalNeededError

if TYPE_CHECKING:
    from tests.register.conftest import Till as Register
    from tests.sql.ringing import Till, Venue

__all__ = ["other", "template", "till", "venue"]

HONEST, THIEF = 1, 2
TOO_MANY = (
    "The till left too many payments of this order without an answer. The record is kept here and does not count."
)


def saved(venue: Venue) -> tuple[Till, Till, Cart]:
    """Return an honest till with an order on a table, and a thief who took it and put it back."""
    honest, thief, cart = venue.till(HONEST), venue.till(THIEF), Cart()
    honest.open(cart)
    honest.add(cart, DOSA)
    tab = new_id()
    honest.save(cart, tab, "5")
    honest.push()
    thief.take(cart)
    thief.save(cart, tab, "5")
    thief.push()
    return honest, thief, cart


def asked(till: Till, cart: Cart, kind: str, **more: Any) -> dict[str, Any]:
    """Leave a payment, or the return of one, without an answer, and return what its record has."""
    data: dict[str, Any] = {"payment_id": new_id(), "tender": "CARD", "amount": "80.00"} | more
    if kind == "payment_started":
        data |= {"key": data["payment_id"]}
    if kind.startswith("payment_return"):
        data |= {"return_id": new_id()}
    till.make(kind, cart.session, data)
    return data


def locking(venue: Venue) -> int:
    """Return the number of payments in the log that a till left without an answer."""
    return len(venue.types("event_type ~ %s", venue.value("SELECT warm.opens_a_payment()")))


@pytest.mark.parametrize("at_once", [False, True])
@pytest.mark.parametrize(
    "kind",
    [
        "payment_started",
        "payment_unknown",
        "payment_authorised",
        "payment_return_started",
        "payment_return_unknown",
    ],
)
def test_a_till_locks_an_order_a_few_times_with_payments_that_it_never_answers(
    venue: Venue, kind: str, *, at_once: bool
) -> None:
    honest, thief, cart = saved(venue)
    few = most(venue, "unanswered")
    for _each in range(few + 3):
        data = asked(thief, cart, kind)
        if at_once:  # with an answer that does not count
            answer = {"payment_id": data["payment_id"], "tender": "CASH", "amount": "80.00", "tendered": "80.00"}
            thief.make("payment_approved", cart.session, answer | {"change": "0.00", "drawer": HONEST})
        else:
            thief.push()
            honest.take(cart)
            declined = "payment_return_declined" if "return_id" in data else "payment_declined"
            data.pop("key", None)
            honest.make(declined, cart.session, data | {"reason": "settled by hand", "approved_by": 9})
            honest.push()
            thief.make(declined, cart.session, data)
    assert thief.push()["ok"]
    assert locking(venue) == few
    assert quarantined(venue).count(TOO_MANY) == 3
    honest.take(cart)
    honest.place(cart)
    honest.push()
    assert venue.value("SELECT count(*) FROM cold.orders") == 1


def test_payments_that_were_answered_lock_nothing_and_are_not_counted(venue: Venue) -> None:
    """A table pays by card in many parts, some of them declined or asked for by another till."""
    till, other, cart = venue.till(HONEST), venue.till(THIEF), Cart()
    till.open(cart)
    till.add(cart, DOSA)
    till.push()
    for each in range(3 * most(venue, "unanswered")):
        data = asked(till, cart, "payment_started", amount="1.00")
        till.push()
        del data["key"]
        if each % 3 == 2:  # the terminal told the till that took the order over
            other.take(cart)
            other.make("payment_declined", cart.session, data)
            other.push()
            till.take(cart)
        else:
            approved = {"tendered": "1.00", "change": "0.00"} if each % 3 else {}
            till.make("payment_approved" if approved else "payment_declined", cart.session, data | approved)
            till.push()
    assert quarantined(venue) == []


@pytest.mark.parametrize(
    ("kind", "answer"),
    [
        ("payment_approved", {"tendered": "80.00", "change": "0.00"}),
        ("payment_declined", {"reason": "settled by hand", "approved_by": 9}),
        ("payment_voided", {"approved_by": 9, "drawer": THIEF}),
    ],
)
def test_a_till_that_had_the_order_before_answers_for_no_charge_of_another(
    venue: Venue, kind: str, answer: dict[str, Any]
) -> None:
    """A guest's charge would be approved, or declined and taken twice, by the word of a thief who had the table."""
    honest, thief, cart = saved(venue)
    honest.take(cart)
    data = asked(honest, cart, "payment_started")
    honest.push()
    del data["key"]
    thief.make(kind, cart.session, data | answer)
    thief.push()
    assert venue.types("event_type = %s", kind) == []
    assert quarantined(venue) == ["The payment is of another till, which got the order later."]
    thief.take(cart)  # a till that has the order since may know the answer from the terminal
    thief.make(kind, cart.session, data | answer)
    thief.push()
    assert venue.types("event_type = %s", kind) == [kind]


def waiting(venue: Venue) -> list[tuple[str, str | None, bool]]:
    found = venue.ask("quarantine_list_v1")["quarantine"]
    return [(one["reason"], one["amount"], one["bookable"]) for one in found]


def test_a_manager_reads_at_once_of_cash_that_another_till_gave_back(venue: Venue) -> None:
    honest, thief, cart = saved(venue)
    honest.take(cart)
    part = paid(honest, cart, "50.00")
    honest.push()
    thief.take(cart)
    gone = {"payment_id": part["payment_id"], "tender": "CASH", "amount": "50.00", "approved_by": 9, "drawer": THIEF}
    thief.make("payment_voided", cart.session, gone)
    thief.push()
    words = (
        f"Till {THIEF} gave back a payment that till {HONEST} took. It counts. If nobody got the money, "
        f"take it again on till {THIEF}."
    )
    assert waiting(venue) == [(words, "50.00", False)]
    paid(thief, cart, "50.00")
    thief.push()
    venue.ask("quarantine_resolve_v1", 9, venue.value("SELECT id FROM warm.quarantine"), "Nobody got it.")
    assert waiting(venue) == []


def test_money_given_back_by_the_till_that_took_it_is_no_matter(venue: Venue) -> None:
    honest, _thief, cart = saved(venue)
    honest.take(cart)
    own = paid(honest, cart, "50.00")
    honest.make("payment_voided", cart.session, {"payment_id": own["payment_id"], "tender": "CASH", "amount": "50.00",
                "drawer": HONEST})  # fmt: skip
    honest.push()
    assert quarantined(venue) == []


def test_a_manager_reads_of_a_tip_that_another_till_changed(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, order = tipped(honest)
    put_right(thief, cart, order, approved_by=9)
    thief.push()
    words = (
        f"Till {THIEF} changed a tip of receipt {order['receipt']}, which till {HONEST} took: 5.00, not 25.00. "
        "It counts. If it is wrong, change it again there (F10)."
    )
    assert waiting(venue) == [(words, "20.00", False)]
    put_right(honest, cart, order, was="5.00", tip="25.00", returned="-20.00")
    honest.push()
    assert len(waiting(venue)) == 1
    assert drawers(venue) == {HONEST: Decimal("125.00"), THIEF: Decimal("-20.00")}


def test_no_till_makes_a_payment_its_own_to_correct_its_tender(venue: Venue) -> None:
    """The thief reports the payment too, before the sale comes, as two tills may of one payment."""
    honest, thief, cart = saved(venue)
    honest.take(cart)
    part = paid(honest, cart, "80.00")
    honest.push()
    order = cart.frozen(payments=[part])
    asked(thief, cart, "payment_started", payment_id=part["payment_id"], tender="CASH")
    correct(thief, cart, order)
    thief.push()
    assert venue.types("event_type = 'tender_corrected'") == [], "no till folds it"
    later = "The payment is of another till, which got the order later."
    assert quarantined(venue) == [later, "Another till took that payment: a manager books this correction."]


def test_no_till_says_that_an_order_was_changed_after_today(venue: Venue) -> None:
    honest, thief, cart = saved(venue)
    thief.now = datetime.now(UTC) + timedelta(days=30_000)
    thief.add(cart, DOSA)
    thief.push()
    other = Cart()
    honest.now = datetime.now(UTC)
    honest.open(other)
    honest.push()
    newest = venue.value("SELECT id FROM till.order_sessions ORDER BY updated_at DESC LIMIT 1")
    assert newest == other.session


# At a till.


@pytest.mark.parametrize("charged", [False, True])
@pytest.mark.parametrize("days", [0, 30_000])
def test_a_manager_settles_a_charge_of_another_till_at_once(
    till: Register, other: Register, days: int, *, charged: bool
) -> None:
    """A table was taken, charged and put back: nothing is keyed or paid there until that charge has an answer."""
    session = other.order(2).id
    other.clock.jump(days=days)
    order = other.register.ledger.order(session)
    left = start_charge(order, other.register.ledger.new_id(), Tendered("CARD", order.due), ("V400m-2", "till-2", "1"))
    other.register.ledger.commit(left)
    give(other, till, session)
    grant(till, session)
    till.register.recovery.resume(session)
    payment = only(till.register.ledger.order(session))
    settle = partial(till.register.charges.settle_by_hand, session, payment.id, charged=charged)
    with pytest.raises(ApprovalNeededError):
        settle(None)
    settle(allowed(till))
    if not charged:
        till.register.checkout.pay_exact(session)
    assert till.register.ledger.order(session).status is Status.COMPLETED
