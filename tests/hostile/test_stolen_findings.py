"""Conflicts that wait for a manager, attacked with one till's secret: it hides none, and settles only its own."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, Till, new_id
from tests.sql.test_conflicts import asked_for, money_left, open_on, shut_out
from tests.sql.test_refunds import Refund, quarantined, sell, states

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

__all__ = ["template", "venue"]

HONEST, THIEF = 1, 2


def waiting(venue: Venue) -> list[tuple[str, Decimal, int]]:
    return venue.rows("SELECT kind, amount, found_by FROM till.conflicts WHERE resolved_at IS NULL")


def test_a_refund_beyond_a_sale_is_reported_with_its_amount(venue: Venue) -> None:
    thief = venue.till(THIEF)
    cart, order = sell(venue.till(HONEST), (DOSA, 1))
    Refund(thief, cart, order, 1, r1=1).start().answer("approved")
    beyond = Refund(thief, cart, order, 2, r1=1)
    say_found(thief, "refunded_beyond", beyond.id)
    beyond.start().answer("approved")
    assert thief.push()["ok"]
    assert waiting(venue) == [("refunded_beyond", Decimal("80.00"), 0)]


def say_found(thief: Till, kind: str, subject: str) -> None:
    data = {"conflict_id": new_id(), "kind": kind, "subject": subject, "amount": "0.01", "currency": "INR"}
    thief.make_badly("conflict_found", thief.keyed(IDLY).session, data)


@pytest.mark.parametrize(
    "kind",
    [
        *("sold_twice", "money_without_order", "charged_otherwise", "outcome_contradicted"),
        *("refunded_beyond", "number_twice", "no_answer", "record_skipped"),
    ],
)
def test_a_till_writes_none_of_the_conflicts_that_only_the_database_finds(venue: Venue, kind: str) -> None:
    """A manager settles an abandoned refund; its till is there, and can poll its terminal."""
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, order = sell(honest, (DOSA, 1))
    refund = Refund(honest, cart, order, r1=1).start()
    honest.push()
    say_found(thief, kind, refund.id)
    assert thief.push()["ok"]
    assert waiting(venue) == []
    assert quarantined(venue) == ["Only the database can write such a record."]
    assert states(venue) == ["reserved"]


def test_an_answer_on_an_order_of_its_own_settles_no_payment_that_another_left(venue: Venue) -> None:
    gone, thief = venue.till(HONEST), venue.till(THIEF)
    cart = open_on(gone)
    payment = asked_for(gone, cart)
    gone.clear(cart)
    gone.push()
    shut_out(venue, gone)
    thief.make("payment_declined", thief.keyed(IDLY).session, payment)
    assert thief.push()["conflicts"] == 1


@pytest.mark.parametrize("by", ["giving it back", "selling for it"])
def test_money_of_another_order_waits_on_whatever_it_says_on_its_own(venue: Venue, by: str) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    _cart, payment = money_left(honest)
    honest.push()
    own = thief.keyed(IDLY)
    if by == "giving it back":
        thief.make("payment_voided", own.session, payment)
    else:
        named = {"payment_id": payment["payment_id"], "tender": "CASH", "amount": "40.00", "change": "0.00"}
        thief.place(own, payments=[named])
    assert thief.push()["conflicts"] == 1
    assert waiting(venue) == [("money_without_order", Decimal("12.50"), 0)]
