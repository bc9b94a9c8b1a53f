"""Money that somebody with one till's secret lets come to orders with lines: what no log knows to be taken is told."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.hostile.test_stolen_findings import waiting
from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, Cart, new_id
from tests.sql.test_refunds import put_aside

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

__all__ = ["template", "venue"]

HONEST, THIEF = 1, 2
TOLD = ("payment_from_nowhere", Decimal("80.00"), 0)


def ring(till: Till) -> Cart:
    """A dosa of 80.00, open at a till."""
    cart = Cart()
    till.open(cart)
    till.add(cart, DOSA)
    assert till.push()["ok"]
    return cart


def cash(amount: str = "80.00") -> dict[str, Any]:
    return {"payment_id": new_id(), "tender": "CASH", "amount": amount, "tendered": amount, "change": "0.00"}


def take(till: Till, cart: Cart, payment: dict[str, Any]) -> None:
    till.make("payment_approved", cart.session, payment)


def bring(till: Till, cart: Cart, origin: Cart, payment: dict[str, Any]) -> None:
    """The half of a move by which a payment comes to an order."""
    moved = {"from_session": origin.session, "payments": [{**payment, "till": HONEST}]}
    till.make("lines_moved", cart.session, moved)


def take_away(till: Till, cart: Cart, target: Cart, payment: dict[str, Any]) -> None:
    """The half by which it leaves one."""
    till.make("lines_moved", cart.session, {"to_session": target.session, "payment_ids": [payment["payment_id"]]})


def pay(till: Till, cart: Cart, *payments: dict[str, Any]) -> None:
    """Its till sees nothing due, and places it with what came to it."""
    placed = [{name: one[name] for name in ("payment_id", "tender", "amount", "change")} for one in payments]
    till.place(cart, payments=placed)
    assert till.push()["ok"]


def is_placed(venue: Venue, cart: Cart) -> bool:
    return bool(venue.value("SELECT count(*) FROM cold.orders WHERE session_id = %s", cart.session))


def test_an_order_of_another_till_is_not_paid_with_money_that_nobody_took(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, own, payment = ring(honest), ring(thief), cash()
    bring(thief, cart, own, payment)
    assert thief.push()["conflicts"] == 1
    pay(honest, cart, payment)
    assert is_placed(venue, cart), "what was handed out is sold, and a manager was told"
    assert (waiting(venue), put_aside(venue)) == ([TOLD], [])


def test_what_counts_on_another_order_still_pays_for_none(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, other, payment = ring(honest), ring(honest), cash()
    take(honest, other, payment)
    honest.push()
    bring(thief, cart, other, payment)
    thief.push()
    pay(honest, cart, payment)
    assert is_placed(venue, cart)
    assert waiting(venue) == [TOLD]


@pytest.mark.parametrize("changed", [{"amount": "80.00"}, {"tender": "CARD"}])
def test_what_it_took_itself_comes_as_it_was_taken(venue: Venue, changed: dict[str, str]) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, own, payment = ring(honest), ring(thief), cash("1.00")
    take(thief, own, payment)
    bring(thief, cart, own, payment | changed)
    take_away(thief, own, cart, payment)
    thief.push()
    ((kind, amount, _by),) = waiting(venue)
    assert (kind, amount) == ("payment_from_nowhere", Decimal((payment | changed)["amount"]))


@pytest.mark.parametrize("moved", [True, False])
@pytest.mark.parametrize("when", ["before", "between", "after"])
def test_what_it_took_and_gave_back_pays_for_none(venue: Venue, when: str, moved: bool) -> None:
    """Its drawer has as much as before. Given back where it was taken, or where it went first."""
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, own, payment = ring(honest), ring(thief), cash()
    back = {name: payment[name] for name in ("payment_id", "tender", "amount")}
    take(thief, own, payment)
    if moved:
        first, own = own, ring(thief)
        bring(thief, own, first, payment)
        take_away(thief, first, own, payment)
    if when == "before":
        thief.make("payment_voided", own.session, back)
    bring(thief, cart, own, payment)
    take_away(thief, own, cart, payment)
    if when == "between":
        thief.make("payment_voided", own.session, back)
    thief.push()
    pay(honest, cart, payment)
    if when == "after":
        thief.make("payment_voided", own.session, back)
    take_away(thief, cart, own, payment)
    thief.push()
    assert waiting(venue) == [TOLD]


def test_orders_that_vouch_for_each_other_vouch_for_nothing(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, own, payment = ring(honest), ring(thief), cash()
    take_away(thief, cart, own, payment)
    bring(thief, own, cart, payment)
    take_away(thief, own, cart, payment)
    bring(thief, cart, own, payment)
    thief.push()
    pay(honest, cart, payment)
    assert waiting(venue) == [TOLD]
    assert venue.value("SELECT session_id FROM till.conflicts") == cart.session, "it gave up what was on its own"


def test_what_a_manager_settled_on_one_order_is_told_of_the_next(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, own, payment = ring(honest), ring(thief), cash()
    bring(thief, own, ring(thief), payment)
    thief.push()
    conflict = venue.value("SELECT id FROM till.conflicts")
    venue.value("SELECT till.conflict_resolve_v1(%s, 9, %s, 'looked at it')", venue.store, conflict)
    take_away(thief, own, cart, payment)
    bring(thief, cart, own, payment)
    thief.push()
    pay(honest, cart, payment)
    assert waiting(venue) == [TOLD]
    assert venue.value("SELECT session_id FROM till.conflicts WHERE resolved_at IS NULL") == cart.session


@pytest.mark.parametrize(("made_up", "told"), [(1, 1), (1_000, 20)])
def test_a_thousand_payments_hold_up_nobody_and_fill_no_list(venue: Venue, made_up: int, told: int) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, own = ring(honest), ring(thief)
    many = [cash("1.00") for _one in range(1_000)]
    for one in many[made_up:]:
        take(thief, own, one)
    money = [{**one, "till": THIEF} for one in many]
    thief.make("lines_moved", cart.session, {"from_session": own.session, "payments": money})
    ids = [one["payment_id"] for one in many]
    thief.make("lines_moved", own.session, {"to_session": cart.session, "payment_ids": ids})
    assert thief.push()["ok"]
    assert waiting(venue) == [("payment_from_nowhere", Decimal("1.00"), 0)] * told
