"""Tax groups that begin while the till runs: lines keyed from then on bear them, and earlier ones keep their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.register.conftest import MENU, VENUE, Till, item
from till.domain.errors import PaymentError
from till.domain.money.measures import Minor, Thousandths
from till.domain.order.selling import ItemEntry

if TYPE_CHECKING:
    from till.domain.order.state import Order

#: 00:00 at the venue, an hour and more after the clock of the tests.
MIDNIGHT = "2026-03-03T18:30:00Z"
CAKE, FISH = 11, 12


@pytest.fixture
def till(till: Till) -> Till:
    """A till with a plan: 5 % becomes 3 % at midnight, and 0 % to take away; so does the service charge."""
    begins: dict[str, Any] = {"from": MIDNIGHT, "tax": "B"}
    to_go = {**begins, "tax": "Z", "order_type": "take_away"}
    items = [
        *({**one, "rates": [begins], "prices": [{"from": MIDNIGHT, "price": "45.00"}]} for one in MENU["items"]),
        item("Cake", CAKE, "21.00", rates=[to_go], by_type={"dine_in": {"price": "25.00"}}),
        item("Fish", FISH, "400.00", unit="kg", rates=[begins]),
    ]
    taxes = {**MENU["taxes"], **{group: [{"name": "GST", "rate": rate}] for group, rate in (("B", "3"), ("Z", "0"))}}
    till.journal.cache("menu", 2, MENU | {"taxes": taxes, "items": items, "charge_rates": [begins]})
    charge = {"percent": "10", "tax": "A", "order_types": ["dine_in"]}
    till.journal.cache("settings", 2, VENUE | {"service_charge": charge, "business_day_ends": "04:00"})
    till.register.reference_changed(["menu", "settings"])
    till.clock.move(hours=13, minutes=28)
    return till


def of(order: Order) -> list[tuple[str, int, str]]:
    """Return name, quantity and rate of each row."""
    return [(row.first.name, row.quantity, "+".join(tax.percent for tax in row.taxes)) for row in order.priced.rows]


def test_a_line_has_the_rate_of_when_it_was_keyed_and_an_order_may_have_both(till: Till) -> None:
    order = till.add(None, 1)
    picked = till.register.menu.by_plu[1]
    till.clock.move(seconds=59)
    order = till.register.sales.add(order.id, 1, ItemEntry(picked))  # it was on the screen before
    assert of(order) == [("Idly", 1, "5"), ("Idly", 1, "3")]
    till.start()
    assert of(till.register.ledger.order(order.id)) == of(order), "whatever the menu becomes"
    till.clock.jump(hours=-1)  # somebody sets the clock back
    assert of(till.add(order.id, 1))[0] == ("Idly", 2, "5")


def test_more_of_a_line_is_a_row_at_the_rate_of_now_and_the_price_of_the_line(till: Till) -> None:
    order = till.add(None, 1, 2)
    line = next(iter(order.lines))
    order = till.register.sales.change_quantity(order.id, line, 1)
    till.clock.move(minutes=2)
    order = till.register.sales.change_quantity(order.id, line, 2)
    assert of(order) == [("Idly", 2, "5")], "a piece that comes back has its own"
    order = till.register.sales.change_quantity(order.id, line, 3)
    assert of(order) == [("Idly", 2, "5"), ("Idly", 1, "3")]
    assert {one.price4 for one in order.lines.values()} == {400_000}, "though the menu has 45.00 now"
    order = till.register.sales.change_quantity(order.id, list(order.lines)[1], 3)
    assert of(order) == [("Idly", 2, "5"), ("Idly", 3, "3")]


def test_more_of_a_line_keeps_its_prices_by_type_at_the_rates_of_now(till: Till) -> None:
    order = till.add(None, CAKE)
    line = next(iter(order.lines))
    till.clock.move(minutes=2)
    order = till.register.sales.change_quantity(order.id, line, 2)
    assert of(order) == [("Cake", 1, "5"), ("Cake", 1, "0")]
    order = till.register.sales.set_order_type(order.id, 1, "dine_in")
    assert of(order) == [("Cake", 2, "5")] or of(order) == [("Cake", 1, "5"), ("Cake", 1, "5")]
    assert {row.first.price4 for row in order.priced.rows} == {250_000}


def test_weighing_again_is_at_the_rate_of_now(till: Till) -> None:
    fish = till.register.menu.by_plu[FISH]
    order = till.register.sales.add(None, 1, ItemEntry(fish, measure=Thousandths(250)))
    line = next(iter(order.lines))
    till.clock.move(minutes=2)
    order = till.register.sales.weigh(order.id, line, Thousandths(300))
    assert [(row.quantity, row.taxes[0].percent) for row in order.priced.rows if row.quantity] == [(1, "3")]
    order = till.register.sales.undo(order.id)
    assert [(row.quantity, row.taxes[0].percent) for row in order.priced.rows if row.quantity] == [(1, "5")]


def test_a_void_that_is_undone_and_a_line_that_goes_apart_keep_their_rate(till: Till) -> None:
    order = till.add(None, 1, 3)
    line = next(iter(order.lines))
    till.clock.move(minutes=2)
    till.register.sales.void(order.id, line, "keyed twice")
    till.register.sales.undo(order.id)
    assert of(till.register.ledger.order(order.id)) == [("Idly", 3, "5")]
    apart = till.acts.part(order.id, {line: 1})
    assert (of(apart), of(till.register.ledger.order(order.id))) == ([("Idly", 1, "5")], [("Idly", 2, "5")])


def test_charge_of_an_open_order_keeps_its_rate_and_that_of_a_new_one_has_the_new(till: Till) -> None:
    first = till.register.sales.open(1, order_type="dine_in")
    till.clock.move(minutes=2)
    second = till.register.sales.open(1, order_type="dine_in")
    rates = [one.terms.charge.taxes[0].percent for one in (first, second) if one.terms.charge]
    assert rates == ["5", "3"]
    apart = till.acts.part(till.add(first.id, 1, 2).id, {next(iter(till.register.ledger.order(first.id).lines)): 1})
    assert apart.terms.charge is not None
    assert apart.terms.charge.taxes[0].percent == "5"


def test_lines_of_an_order_for_a_later_day_are_rated_anew_at_their_prices(till: Till) -> None:
    order = till.add(None, 1, 2)
    order = till.add(order.id, CAKE)
    order = till.register.sales.set_order_type(order.id, 1, "dine_in")
    sales, total = till.register.sales, order.total
    till.clock.move(hours=2)
    assert sales.ended_lines(till.register.ledger.order(order.id)) == (), "its business day is not over"
    till.clock.move(hours=4)
    order = till.register.ledger.order(order.id)
    assert [line.name for line in sales.ended_lines(order)] == ["Idly"], "a cake bears what it bore, eaten in"
    after = sales.rate_anew(order.id)
    assert of(after) == [("Idly", 2, "3"), ("Cake", 1, "5")]
    assert (after.total, {row.first.price4 for row in after.priced.rows}) == (total, {400_000, 250_000})
    assert sales.ended_lines(after) == ()
    assert of(sales.set_order_type(order.id, 1, "take_away")) == [("Idly", 2, "3"), ("Cake", 1, "5")]
    sales.undo(order.id)
    sales.undo(order.id)
    assert of(till.register.ledger.order(order.id)) == [("Idly", 2, "5"), ("Cake", 1, "5")]


def test_paid_lines_keep_their_rate_and_a_part_by_amount_refuses(till: Till) -> None:
    order = till.add(None, 1)
    order = till.add(order.id, 2)
    idly, dosa = order.lines
    till.register.checkout.pay(order.id, "CASH", Minor(4_000), pieces={idly: 1})
    till.clock.move(hours=6)
    order = till.register.ledger.order(order.id)
    assert [line.id for line in till.register.sales.ended_lines(order)] == [dosa]
    assert of(till.register.sales.rate_anew(order.id)) == [("Idly", 1, "5"), ("Masala Dosa", 1, "3")]


def test_a_part_that_is_paid_by_amount_keeps_the_rates_of_all(till: Till) -> None:
    order = till.add(None, 1, 2)
    till.register.checkout.pay(order.id, "CASH", Minor(1_000))
    till.clock.move(hours=6)
    with pytest.raises(PaymentError, match="is paid, and that changes the rest"):
        till.register.sales.rate_anew(order.id)
