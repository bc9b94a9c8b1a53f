"""Amounts shown beside the lines of an order, open or paid, match those on its receipt."""

from __future__ import annotations

from tests.domain.making import DOSA, IDLY, INR, Desk
from tests.domain.paper.test_receipt import AT, DOLLARS, VENUE
from till.domain.bill import sums_of
from till.domain.money.amount import Currency
from till.domain.money.measures import Millionths
from till.domain.money.tax import Tax
from till.domain.order.events import DiscountApplied
from till.domain.order.paying import CASH
from till.domain.order.terms import ChargeRule, Terms
from till.domain.paper.receipt import Sold, make_receipt

CITY = Tax("City", Millionths(80_000), included=False)


def test_discounts_by_their_names_and_the_charge_for_service() -> None:
    terms = Terms(Currency("USD"), included=False, charge=ChargeRule(Millionths(100_000), (CITY,)))
    desk = Desk(terms)
    line = desk.add(IDLY, 2, 100_000)
    desk.add(DOSA, 1, 100_000)
    desk.do_one(DiscountApplied(line_id=line, percent="10", name="Regulars"))
    desk.do_one(DiscountApplied(amount="3.00", kind="comp"))
    sums = sums_of(desk.order)
    assert [(one["kind"], one["item"], one["name"], one["amount"]) for one in sums] == [
        ("discount", "Idly", "Regulars", "-2.00"),
        ("comp", None, "On the house", "-3.00"),
        ("service_charge", None, "Service 10 %", "2.50"),
    ]
    desk.pay(CASH, desk.order.due)
    placed = desk.place()
    assert sums_of(desk.order) == sums
    rows = {row.left.strip(): row.right for row in make_receipt(Sold(desk.order, placed, AT), VENUE, DOLLARS).rows}
    assert [rows[one["name"]].replace("\N{MINUS SIGN}", "-").rstrip(" AB") for one in sums] == [
        one["amount"] for one in sums
    ]


def test_an_order_without_them_has_none() -> None:
    desk = Desk(INR)
    assert sums_of(desk.order) == []
    desk.add(IDLY)
    assert sums_of(desk.order) == []
