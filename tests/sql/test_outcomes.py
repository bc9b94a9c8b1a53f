"""Payments reported both taken and not, taken in excess, or without a sale wait for a manager once the order ends."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import IDLY, Cart, new_id
from till.domain.payment.unanswered import MovementKind
from till.reports.unanswered import read_unanswered

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

WAITS = "SELECT kind, subject, amount FROM till.conflicts WHERE resolved_at IS NULL ORDER BY kind"
CONTRADICTED, UNLISTED, OTHERWISE = "outcome_contradicted", "money_without_order", "charged_otherwise"
BACK, AGAIN = new_id(), new_id()

#: Events on a payment of 80.00: the type, and its data beside the payment.
WORDS: dict[str, tuple[str, dict[str, Any]]] = {
    "approved": ("payment_approved", {}),
    "approved by hand": ("payment_approved", {"approved_by": 9}),
    "another amount": ("payment_approved", {"amount": "90.00", "tendered": "90.00"}),
    "less": ("payment_approved", {"amount": "70.00", "tendered": "70.00"}),
    "with a tip": ("payment_approved", {"amount": "90.00", "tendered": "90.00", "tip": "10.00"}),
    "confirmed": ("payment_confirmed", {"transaction": "T-1"}),
    "declined": ("payment_declined", {}),
    "declined by hand": ("payment_declined", {"approved_by": 9}),
    "returned": ("payment_return_started", {"return_id": BACK, "number": "0414"}),
    "given back": ("payment_voided", {"return_id": BACK}),
    "given back again": ("payment_voided", {"return_id": AGAIN}),
    "by a person": ("payment_voided", {"approved_by": 9}),
    "not given back": ("payment_return_declined", {"return_id": BACK}),
}


def opened(venue: Venue) -> tuple[Till, Cart, str]:
    till, cart, payment = venue.till(), Cart(), new_id()
    till.open(cart)
    till.add(cart, IDLY, 2)
    till.make("payment_started", cart.session, {**money(payment), "key": payment, "number": "0413"})
    return till, cart, payment


def money(payment: str) -> dict[str, Any]:
    return {"payment_id": payment, "tender": "CARD", "amount": "80.00"}


def say(till: Till, cart: Cart, payment: str, *words: str) -> None:
    for word in words:
        kind, more = WORDS[word]
        taken = {"tendered": "80.00", "change": "0.00"} if kind == "payment_approved" else {}
        till.make(kind, cart.session, {**money(payment), **taken, **more})


@pytest.mark.parametrize("apart", [False, True], ids=["in one push", "one by one"])
@pytest.mark.parametrize(
    ("words", "kind", "amount"),
    [
        (["approved"], UNLISTED, "80.00"),
        (["approved", "approved"], UNLISTED, "80.00"),
        (["declined"], None, ""),
        (["declined", "approved"], UNLISTED, "80.00"),
        (["approved", "declined"], CONTRADICTED, "80.00"),
        (["approved by hand", "approved"], UNLISTED, "80.00"),
        (["approved by hand", "declined"], CONTRADICTED, "80.00"),
        (["declined", "approved by hand"], CONTRADICTED, "80.00"),
        (["declined by hand", "approved"], CONTRADICTED, "80.00"),
        (["declined by hand", "declined"], None, ""),
        (["approved", "another amount"], CONTRADICTED, "80.00"),
        (["another amount"], OTHERWISE, "10.00"),
        (["with a tip"], UNLISTED, "90.00"),
        (["approved", "given back"], None, ""),
        (["approved", "by a person"], None, ""),
        (["another amount", "given back"], None, ""),
        (["approved", "declined", "given back"], None, ""),
        (["approved by hand", "less"], CONTRADICTED, "70.00"),
        (["approved by hand", "given back", "declined"], CONTRADICTED, "80.00"),
        (["approved by hand", "by a person", "declined"], CONTRADICTED, "80.00"),
        (["approved by hand", "given back", "approved", "declined"], None, ""),
        (["approved by hand", "confirmed"], UNLISTED, "80.00"),
        (["approved by hand", "given back", "confirmed"], None, ""),
        (["declined by hand", "confirmed"], None, ""),
        (["approved", "not given back"], UNLISTED, "80.00"),
        (["approved", "not given back", "given back"], None, ""),
        (["approved", "given back", "not given back"], CONTRADICTED, "80.00"),
        (["approved", "given back", "given back"], None, ""),
        (["approved", "given back", "by a person"], CONTRADICTED, "80.00"),
        (["approved", "given back", "given back again"], CONTRADICTED, "80.00"),
    ],
    ids=lambda value: ", ".join(value) if isinstance(value, list) else None,
)
def test_answers_to_a_payment_that_no_sale_lists(
    venue: Venue, words: list[str], kind: str | None, amount: str, *, apart: bool
) -> None:
    till, cart, payment = opened(venue)
    say(till, cart, payment, *words)
    till.clear(cart)
    if apart:  # answers arrive after the end as well as before it
        for sent in till.pending.copy():
            till.push(events=[sent])
    else:
        till.push()
    found = {one[0]: one[1:] for one in venue.rows(WAITS)}
    if kind is None:
        assert found == {}
    else:
        assert found[kind] == (payment, Decimal(amount))
        assert found.keys() <= {kind, UNLISTED}


def test_nothing_is_found_of_an_order_that_is_open(venue: Venue) -> None:
    till, cart, payment = opened(venue)
    say(till, cart, payment, "approved", "declined", "another amount")
    assert till.push()["conflicts"] == 0


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        ([], MovementKind.PAYMENT),
        (["approved"], None),
        (["declined"], None),
        (["approved", "returned"], MovementKind.RETURN),
        (["approved", "returned", "given back"], None),
        (["approved", "returned", "not given back"], None),
    ],
)
def test_a_payment_of_an_open_order_without_an_answer_is_listed(
    venue: Venue, words: list[str], asked: MovementKind | None
) -> None:
    till, cart, payment = opened(venue)
    say(till, cart, payment, *words)
    till.push()
    found = [(one.asked, one.amount, one.till, one.session) for one in read_unanswered(venue.ask, timedelta())]
    assert found == ([(asked, "80.00", 1, cart.session)] if asked else [])
    assert read_unanswered(venue.ask, timedelta(days=9_999)) == []


@pytest.mark.parametrize("last", ["the sale", "the return"])
def test_a_payment_that_went_back_and_that_a_sale_lists_is_contradicted(venue: Venue, last: str) -> None:
    till, cart, payment = opened(venue)
    say(till, cart, payment, "approved")
    till.push()
    steps = [
        lambda: say(till, cart, payment, "given back"),
        lambda: till.place(cart, payments=[{**money(payment), "change": "0.00"}]),
    ]
    for step in steps if last == "the sale" else reversed(steps):
        step()
        till.push()
    assert venue.rows(WAITS) == [(CONTRADICTED, payment, Decimal("80.00"))]
    assert venue.value("SELECT sum(amount) FROM cold.sales_by_tender") == Decimal("80.00")


@pytest.mark.parametrize("asks", [1, 2], ids=["at the till that settled it", "at one that had it before"])
@pytest.mark.parametrize(
    ("word", "kinds"),
    [("declined", [CONTRADICTED]), ("less", [CONTRADICTED]), ("confirmed", []), ("approved", [])],
)
def test_answer_about_a_sale_that_a_manager_settled_is_taken_and_flagged_if_it_differs(
    venue: Venue, asks: int, word: str, kinds: list[str]
) -> None:
    """The sale is placed, and its shift closed. The second till held the order before the first one took it over."""
    first, second = venue.till(), venue.till(2)
    cart, payment, shift = Cart(), new_id(), new_id()
    second.open(cart)
    second.add(cart, IDLY, 2)
    second.push()
    first.take(cart)
    first.shift = shift
    opening = {"business_date": str(first.now.date()), "currency": "INR", "kept": ["CASH"], "secret": new_id()}
    first.make("shift_opened", shift, opening)
    first.make("payment_started", cart.session, {**money(payment), "key": payment, "number": "0413"})
    say(first, cart, payment, "approved by hand")
    first.place(cart, payments=[{**money(payment), "change": "0.00"}])
    assert first.push()["ok"]
    sums = venue.value("SELECT warm.shift_sums(%s)", shift)
    first.shift = None
    till = first if asks == 1 else second
    if till is second:
        second.known[cart.session] = first.known[cart.session]
        second.holds[cart.session] = first.holds[cart.session]
        second.now = first.now + timedelta(hours=1)
    say(till, cart, payment, word)
    assert till.push()["ok"]
    assert venue.rows("SELECT reason FROM warm.quarantine") == []
    assert [row[0] for row in venue.rows(WAITS)] == kinds
    assert venue.value("SELECT warm.shift_sums(%s)", shift) == sums
    assert sums["tenders"][0]["amount"] == "80.00"


def test_a_late_payment_waits_until_a_sale_lists_it(venue: Venue) -> None:
    till, cart, payment = opened(venue)
    till.clear(cart)
    say(till, cart, payment, "approved")
    till.push()
    assert venue.rows(WAITS) == [(UNLISTED, payment, Decimal("80.00"))]
    placed = till.place(cart, payments=[{**money(payment), "change": "0.00"}])
    assert till.push()["conflicts"] == 0
    assert venue.value("SELECT how FROM till.conflicts") == f"The payment is on receipt {placed['receipt']}."


def test_an_order_that_was_paid_without_a_record_is_reported(venue: Venue) -> None:
    till, cart, _payment = opened(venue)
    skipped = new_id()
    till.make("record_set_aside", cart.session, {"event": skipped, "approved_by": 9})
    till.push()
    assert venue.rows(WAITS) == []
    till.place(cart, set_aside=[skipped])
    till.push()
    assert venue.rows(WAITS) == [("record_skipped", skipped, Decimal(0))]
