"""Orders with all that a law may want: the database takes what a till freezes, and what does not add up waits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from itertools import product
from string import ascii_uppercase
from typing import TYPE_CHECKING, Any

import msgspec
import pytest
from psycopg import Error
from psycopg.types.json import Jsonb

from tests.domain.making import CUP, DOSA, IDLY, MENU, Desk
from tests.domain.refund.test_shares import Counter
from tests.sql.ringing import IDLY as SOLD
from tests.sql.ringing import MENU as STORED
from tests.sql.ringing import SETTINGS, Cart
from till.domain.catalogue.menu import read_menu
from till.domain.money.amount import Currency
from till.domain.money.measures import Millionths, Minor
from till.domain.money.rounding import Direction
from till.domain.money.settling import PaidRounding
from till.domain.money.tax import Tax
from till.domain.order import discounting
from till.domain.order.events import OrderOpened
from till.domain.order.paying import CASH
from till.domain.order.terms import ChargeRule, Terms, terms_in
from till.domain.refund import giving
from till.domain.structs import replace
from till.domain.venue import read_venue
from till.reports.declared import SALES

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.sql.ringing import Venue
    from till.domain.refund.shares import Share
    from till.reports.report import ReportResult

VAT = Tax("VAT", Millionths(200_000))
CITY = Tax("City", Millionths(88_750), included=False)
DEPOSIT = Tax("Deposit", Millionths(0), Fraction(25), included=True, affects_later=True)
INR = Currency("INR")
CHARGED = Terms(INR, included=True, charge=ChargeRule(Millionths(100_000), (VAT,), except_deposits=True))
ALL = {
    "mixed": Terms(INR, included=True, charge=ChargeRule(Millionths(125_000), (VAT, CITY))),
    "by order": Terms(INR, included=False, by_order=True, of_sum=True, rounding=PaidRounding(Minor(5))),
    "a bill": Terms(
        INR,
        included=True,
        direction=Direction.UP,
        rounding=PaidRounding(Minor(100), bill=True),
        charge=ChargeRule(Millionths(100_000)),
    ),
}


def _frozen(terms: Terms) -> dict[str, Any]:
    """An order that was paid under these terms, by card and in cash where only cash is rounded."""
    desk = Desk(terms, menu=replace(MENU, taxes={"A": (DEPOSIT, VAT, CITY)}))
    desk.add(IDLY, 3)
    line = desk.add(DOSA, price4=801_234)
    desk.do(discounting.discount_line(desk.order, line, amount=Minor(1_001), reason="regular"))
    if terms.rounding is None or not terms.rounding.bill:
        desk.pay("CARD", desk.order.due // 2)
    desk.pay(CASH, 500_00)
    return _json(desk.place())


def _json(data: Any) -> dict[str, Any]:
    read: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(data))
    return read


@pytest.mark.parametrize("law", ALL)
def test_a_total_frozen_by_a_till_is_placed_to_the_cent(venue: Venue, law: str) -> None:
    till, cart = venue.till(), Cart()
    opened = _builtins(terms_in(ALL[law]))
    venue.value("SELECT till.store_settings_v1(%s, 9, %s)", venue.store, Jsonb({"rounding": opened.get("rounding")}))
    till.open(cart, **opened)
    order = _frozen(ALL[law])
    till.make("order_placed", cart.session, order)
    assert till.push()["records"] == 0
    charge = order.get("service_charge", {"subtotal": "0.00", "net": "0.00"})
    assert venue.rows(
        "SELECT total_amount, net, tax, rounding, service_charge, service_charge_net, taxes FROM orders"
    ) == [
        (
            *(Decimal(order[name]) for name in ("total", "net", "tax", "rounding")),
            Decimal(charge["subtotal"]),
            Decimal(charge["net"]),
            order["taxes"],
        )
    ]
    assert_report_adds_up(venue.report(SALES, date.fromisoformat(order["business_date"])))


def assert_report_adds_up(found: ReportResult) -> None:
    """Check that the parts of the report of sales sum to the total, and with rounding and tips to the payments."""
    figure, total = found.figure, found.figure("total")
    assert total > 0
    assert total == figure("items_total") + figure("service_charge") == figure("net") + figure("tax")
    assert (
        figure("taken") == total + figure("rounding") + figure("tips") == sum(row[1] for row in found.rows("tenders"))
    )
    assert [sum(column) for column in zip(*(row[1:] for row in found.rows("rates")), strict=True)] == [
        figure("net"), figure("tax"), total,
    ]  # fmt: skip
    typed = [row for row in found.rows("order_types") if row[1] == "sale"]
    assert [sum(column) for column in zip(*(row[2:] for row in typed), strict=True)] == [
        figure("net"), figure("tax"), total, figure("rounding"), figure("tips"),
    ]  # fmt: skip
    assert sum(row[-1] for row in found.rows("order_type_rates") if row[1] == "sale") == total
    assert sum(row[-1] for row in found.rows("taxes")) == figure("tax")
    for part in ("items", "categories"):
        assert sum(row[-1] for row in found.rows(part)) == figure("items_total")
    for part in ("people", "hours", "days", "months"):
        assert sum(row[-1] for row in found.rows(part)) == total


GST, PST, HIGH = (Tax(name, Millionths(rate)) for name, rate in (("GST", 50_000), ("PST", 70_000), ("PST", 100_000)))
#: The taxes of two dishes and of the service charge, on top of the prices and in them.
ADDED = replace(CHARGED, included=False, charge=ChargeRule(Millionths(125_000), (GST,), except_deposits=True))
MIXED = {"A": (VAT,), "B": (VAT, CITY)}
OF_STATES = {"A": (GST, PST), "B": (GST, HIGH)}


def _counted(
    venue: Venue, terms: Terms = CHARGED, taxes: Mapping[str, tuple[Tax, ...]] = MIXED
) -> tuple[Counter, Callable[[Share], tuple[dict[str, tuple[int, ...]], ReportResult]]]:
    """A sale of two dishes with taxes A and B, deposits, and a service charge. And the refunds by rate."""
    beer = replace(DOSA, id="beer", name="Beer", tax="B")
    desk = Desk(terms, menu=replace(MENU, taxes=taxes, items=(*MENU.items, beer)))
    for item, pieces in ((IDLY, 3), (beer, 2), (CUP, 7)):
        desk.add(item, pieces)
    desk.pay("CARD", desk.order.due)
    counter = Counter(desk.place())
    till, cart = venue.till(), Cart()
    till.open(cart, **_builtins(terms_in(terms)))
    till.make("order_placed", cart.session, _json(counter.placed))
    day = date.fromisoformat(counter.placed.business_date)

    def refund(share: Share) -> tuple[dict[str, tuple[int, ...]], ReportResult]:
        refund_id = counter.give(share)
        begun = _json(counter.sale.refunds[-1].started) | {"session_id": cart.session}
        till.make("refund_started", refund_id, begun)
        names = ("session_id", "receipt", "tender", "amount", "drawer")
        till.make("refund_approved", refund_id, {name: begun[name] for name in names if name in begun})
        assert till.push()["records"] == 0
        found = venue.report(SALES, day)
        rates = found.rows("refund_rates")
        sums = [sum(column) for column in zip(*(row[1:] for row in rates), strict=True)]
        assert sums[0] + sums[1] == sums[2] == found.figure("refunded") - found.figure("refund_rounding")
        typed = [row[2:6] for row in found.rows("order_types") if row[1] == "refund"]
        assert [sum(column) for column in zip(*typed, strict=True)] == [*sums, found.figure("refund_rounding")]
        return {row[0]: row[1:] for row in rates}, found

    return counter, refund


def test_refund_of_a_whole_sale_by_amount_is_its_taxes_by_rate(venue: Venue) -> None:
    """The tax that dishes and the service charge have together is divided by their net in the sale."""
    counter, refund = _counted(venue)
    rates, found = refund(giving.amount_back(counter.sale, counter.sale.left.amount))
    sold = {row[0]: row[1:] for row in found.rows("rates")}
    assert sold.keys() == rates.keys()
    for name, row in rates.items():
        assert all(abs(own + gone) <= 3 for own, gone in zip(sold[name], row, strict=True)), (name, sold, rates)


@pytest.mark.parametrize("amount", [0, 5_003])
def test_refunds_by_rate_are_what_goes_off_the_sales_by_rate(venue: Venue, amount: int) -> None:
    """Pieces and an amount go back."""
    counter, refund = _counted(venue)
    rates, _found = refund(counter.back(r3=1))
    assert rates == {"": (-100, 0, -100)}
    rates, _found = refund(counter.back(r1=1))
    assert rates == {"": (-100, 0, -100), "VAT 20 %": (-3_653, -731, -4_384)}
    if amount:
        refund(giving.amount_back(counter.sale, Minor(amount)))
    refund(counter.back(r2=1))
    rates, found = refund(giving.pieces_back(counter.sale, giving.all_pieces(counter.sale)))
    sold = {row[0]: row[1:] for row in found.rows("rates")}
    assert sold.keys() == rates.keys() == {"", "VAT 20 %", "VAT 20 % + City 8.875 %"}
    assert (sum(row[0] for row in rates.values()), sum(row[1] for row in rates.values())) == (
        -found.figure("net"), -found.figure("tax"),
    )  # fmt: skip
    for name, row in rates.items():
        assert all(abs(own + gone) <= 3 for own, gone in zip(sold[name], row, strict=True)), (name, sold, rates)


@pytest.mark.parametrize("order", [(5_003, 1, 0), (1, 5_003, 0), (1, 700, 2, 999, 0), (10, 0), (7_001, 3_001, 0)])
def test_refunds_by_pieces_and_by_amounts_leave_nothing_of_any_rate(venue: Venue, order: tuple[int, ...]) -> None:
    """1 and 2 are pieces of the rows, 0 is what is left, the others are amounts."""
    counter, refund = _counted(venue, ADDED, OF_STATES)

    def share(step: int) -> Share:
        if step > len(OF_STATES):
            return giving.amount_back(counter.sale, Minor(step))
        return giving.pieces_back(counter.sale, {step: 1} if step else giving.all_pieces(counter.sale))

    rates, found = [refund(share(step)) for step in order][-1]
    sold = {row[0]: row[1:] for row in found.rows("rates")}
    assert sold.keys() == rates.keys() == {"", "GST 5 %", "GST 5 % + PST 7 %", "GST 5 % + PST 10 %"}
    for name, row in rates.items():
        assert all(abs(own + gone) <= 4 for own, gone in zip(sold[name], row, strict=True)), (name, sold, rates)


@pytest.mark.parametrize(
    "wrong",
    [
        {"service_charge": None},
        {"service_charge": {"subtotal": "10.00"}},
        {"service_charge": {"net": "10.00"}},
        {"service_charge": {"tax": "10.00"}},
        {"rounding": "0.01"},
    ],
)
def test_an_order_that_does_not_add_up_is_quarantined(venue: Venue, wrong: dict[str, Any]) -> None:
    till, cart = venue.keyed()
    order = _frozen(ALL["mixed"])
    if own := wrong.get("service_charge"):
        wrong = {"service_charge": order["service_charge"] | own}
    till.make("order_placed", cart.session, order | wrong)
    assert till.push()["records"] == 1
    assert venue.value("SELECT count(*) FROM orders") == 0


def _builtins(fields: dict[str, Any]) -> dict[str, Any]:
    return _json(OrderOpened(user=1, order_type="take_away", **fields))


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"rounding": None, "service_charge": None},
        {"rounding": {"step": "0"}},
        {"rounding": {"step": "0.05", "direction": "half_up", "of": "cash", "never": []}},
        {
            "tax_rounding": "order",
            "tax_rounding_direction": "down",
            "tax_rounding_of": "sum_of_rates",
            "rounding": {"step": "1.00", "direction": "down", "nothing_up_to": "0.50", "of": "bill", "never": ["x"]},
            "service_charge": {"percent": "12.5", "tax": "A", "order_types": ["dine_in"]},
        },
        {"service_charge": {"percent": "10"}},
    ],
)  # fmt: skip
def test_the_server_opens_orders_under_the_terms_of_a_till(venue: Venue, settings: dict[str, Any]) -> None:
    venue.value("SELECT till.store_settings_v1(%s, 9, %s)", venue.store, Jsonb(settings))
    terms = read_venue({**SETTINGS, **settings}).terms_with(read_menu({"version": 1, **STORED}, INR))
    of_server = venue.value("SELECT till.terms_of(%s)", venue.store)
    assert {**of_server, "user": 1, "order_type": "take_away"} == _builtins(terms_in(terms))


@pytest.mark.parametrize(
    ("rule", "method", "rounding"),
    [
        ({"step": "1.00"}, "cash", "0.40"),
        ({"step": "1.00"}, "card", "0"),
        ({"step": "1.00", "of": "bill"}, "card", "0.40"),
        ({"step": "1.00", "of": "bill", "never": ["Meal"]}, "meal", "0"),
        ({"step": "0.20", "direction": "half_down"}, "cash", "0.00"),
        ({"step": "0.40", "direction": "half_down"}, "cash", "0.00"),
        ({"step": "1.20", "direction": "half_down"}, "cash", "0.00"),
        ({"step": "0.50", "direction": "down"}, "cash", "-0.10"),
        ({"step": "1.00", "nothing_up_to": "39.60"}, "cash", "0"),
    ],
)
def test_a_payment_in_a_chat_is_rounded_as_at_a_till(
    venue: Venue, rule: dict[str, Any], method: str, rounding: str
) -> None:
    venue.value("SELECT till.store_settings_v1(%s, 9, %s)", venue.store, Jsonb({"rounding": rule}))
    venue.owner.execute("INSERT INTO payment_method_table VALUES (7, 'meal')")
    venue.owner.execute(
        "INSERT INTO session_cart (session_id, item_id, item_name, quantity, price) VALUES ('s', %s, 'Idly', 1, 39.60)",
        [SOLD],
    )
    venue.owner.execute("SELECT create_order_from_session('s', 'take_away', %s)", [method])
    venue.complete("s", method)
    assert venue.rows("SELECT total_amount, rounding FROM orders") == [(Decimal("39.60"), Decimal(rounding))]


@pytest.mark.parametrize(
    "settings",
    [{"tax_rounding_direction": "up"}, {"tax_rounding_of": "sum_of_rates"}, {"service_charge": {"percent": "10"}}],
)
def test_an_order_that_only_a_till_can_price_is_left_to_one(venue: Venue, settings: dict[str, Any]) -> None:
    venue.value("SELECT till.store_settings_v1(%s, 9, %s)", venue.store, Jsonb(settings))
    venue.owner.execute(
        "INSERT INTO session_cart (session_id, item_id, item_name, quantity, price) VALUES ('s', %s, 'Idly', 1, 39.60)",
        [SOLD],
    )
    with pytest.raises(Error, match="Only a till can price this order: finish it there"):
        venue.owner.execute("SELECT create_order_from_session('s', 'take_away', 'cash')")


def test_the_database_and_a_till_know_the_same_decimals_of_every_currency(venue: Venue) -> None:
    """A till whose currency the database thinks coarser would have each of its sales refused."""
    codes = ["".join(letters) for letters in product(ascii_uppercase, repeat=3)]
    known = venue.rows("SELECT code, cold.decimals_of(code) FROM unnest(%s::text[]) AS c (code)", codes)
    assert [one for one in known if one[1] != Currency(one[0]).exponent] == []
