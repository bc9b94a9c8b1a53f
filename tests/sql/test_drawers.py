"""The cash in each drawer: what was taken into it less what was given out of it, on the day of either."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DAY, DOSA, Cart, new_id, roll_up
from tests.sql.test_upkeep import age, maintain
from till.reports.declared import SALES

if TYPE_CHECKING:
    from datetime import date

    from tests.sql.ringing import Till, Venue

NEXT = DAY + timedelta(days=1)


def sell(till: Till) -> None:
    """Sell a dosa for cash."""
    cart = till.keyed(DOSA)
    till.place(cart)
    till.push(cart.snapshot(0, status="completed"))


def part_paid(till: Till, amount: str = "50.00", tender: str = "CASH", **data: Any) -> tuple[Cart, dict[str, Any]]:
    """Take a part of an order for two dosas, which stays open."""
    cart = till.keyed((DOSA, 2))
    payment = pay(till, cart, amount, tender, **data)
    assert till.push(cart.snapshot(0))["ok"]
    return cart, payment


def pay(till: Till, cart: Cart, amount: str, tender: str = "CASH", **data: Any) -> dict[str, Any]:
    paid = {"payment_id": new_id(), "tender": tender, "amount": amount}
    till.make("payment_started", cart.session, {**paid, "key": paid["payment_id"]})
    till.make(
        "payment_approved", cart.session, {**paid, "tendered": amount, "change": "0.00", "drawer": till.number, **data}
    )
    return paid


def give_back(till: Till, cart: Cart, payment: dict[str, Any]) -> None:
    till.make("payment_voided", cart.session, {**payment, "drawer": till.number, "approved_by": 9}, user=9)


def drawers(venue: Venue, day: date = DAY) -> tuple[dict[int, int], int]:
    """Return the cash in each drawer, and how much of it is not from sales; they add up with the sales' cash."""
    found = venue.report(SALES, day)
    cash, open_orders = dict(found.rows("drawers")), found.figure("open_orders")
    sold = sum(dict(found.rows("tenders")).values()) + sum(dict(found.rows("refunds")).values())
    assert sum(cash.values()) == sold + open_orders
    return cash, open_orders


def test_cash_of_an_open_order_is_in_the_drawer_that_took_it(venue: Venue) -> None:
    till, other = venue.till(1), venue.till(2)
    sell(till)
    cart, _payment = part_paid(other)
    assert drawers(venue) == ({1: 8_000, 2: 5_000}, 5_000)
    assert venue.report(SALES).figure("taken") == 8_000
    ask = {"acts": "cash", "row": {"drawer": 2}, "from": str(DAY), "to": str(DAY), "currency": "INR", "most": 5}
    assert [one["session"] for one in venue.ask("report_orders_v1", ask)] == [cart.session]


def test_cash_given_back_at_another_till_is_less_in_that_drawer(venue: Venue) -> None:
    till, other = venue.till(1), venue.till(2)
    sell(till)
    cart, payment = part_paid(till)
    other.take(cart, user=9)
    give_back(other, cart, payment)
    assert other.push()["ok"]
    assert drawers(venue) == ({1: 13_000, 2: -5_000}, 0)


@pytest.mark.parametrize("ends", ["pays", "clears"])
def test_cash_that_two_tills_gave_back_is_less_in_both_drawers(venue: Venue, ends: str) -> None:
    """One stood still while the other took the order over and gave the money back."""
    one, two = venue.till(1), venue.till(2)
    two.push()
    cart, payment = part_paid(one)
    two.take(cart)
    for till in (two, one):
        give_back(till, cart, payment)
        till.push()
    if ends == "pays":
        two.place(cart)
    else:
        two.make("order_discarded", cart.session, {"line_ids": list(cart.lines)})
    assert two.push()["conflicts"] == 1
    sold = 16_000 if ends == "pays" else 0
    assert drawers(venue) == ({1: 0, 2: sold - 5_000}, -5_000)


def test_change_of_a_voucher_that_goes_back_is_in_the_drawer_again(venue: Venue) -> None:
    till = venue.till()
    sell(till)
    cart, payment = part_paid(till, "80.00", "LUNCH", tendered="500.00", change="420.00")
    assert drawers(venue) == ({1: -34_000}, -42_000)
    give_back(till, cart, {**payment, "change": "420.00"})
    assert till.push()["ok"]
    assert drawers(venue) == ({1: 8_000}, 0)


def test_a_sold_order_has_its_returned_payment_in_the_drawers_too(venue: Venue) -> None:
    till = venue.till()
    cart, payment = part_paid(till)
    give_back(till, cart, payment)
    paid = pay(till, cart, "160.00")
    till.place(cart, payments=[{**paid, "change": "0.00"}])
    assert till.push(cart.snapshot(till.base(cart), status="completed"))["ok"]
    assert drawers(venue) == ({1: 16_000}, 0)


@pytest.mark.parametrize("summed", [False, True])
def test_cash_counts_on_the_day_on_which_it_was_taken(venue: Venue, *, summed: bool) -> None:
    """A part was paid the evening before the rest; the log of both days may be in the audit, and the days summed up."""
    till = venue.till()
    sell(till)
    cart, first = part_paid(till)
    assert drawers(venue) == ({1: 13_000}, 5_000)
    till.now += timedelta(days=1)
    rest = pay(till, cart, "110.00")
    till.place(cart, payments=[{**one, "change": "0.00"} for one in (first, rest)])
    assert till.push(cart.snapshot(till.base(cart), status="completed"))["ok"]
    if summed:
        age(venue, "31 days")
        maintain(venue)
        roll_up(venue.owner, venue.store)
    assert drawers(venue) == ({1: 13_000}, 5_000)
    assert drawers(venue, NEXT) == ({1: 11_000}, -5_000)


def test_cash_that_is_heard_of_late_counts_on_a_day_that_is_summed_up(venue: Venue) -> None:
    till, away = venue.till(1), venue.till(2)
    sell(till)
    roll_up(venue.owner, venue.store)
    assert drawers(venue) == ({1: 8_000}, 0)
    part_paid(away)
    assert drawers(venue) == ({1: 8_000, 2: 5_000}, 5_000)


def test_change_of_an_open_order_went_out_of_the_drawer(venue: Venue) -> None:
    till = venue.till()
    sell(till)
    part_paid(till, "50.00", "LUNCH", tendered="60.00", change="10.00")
    part_paid(till, "50.00", "CARD", drawer=None)
    assert drawers(venue) == ({1: 7_000}, -1_000)
