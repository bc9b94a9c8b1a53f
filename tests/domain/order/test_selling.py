from collections.abc import Callable
from datetime import UTC, datetime, time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import CUP, DOSA, IDLY, MENU, SESSION, SOUP, TAB, Desk, Hand, uid
from till.domain.catalogue.hours import Hours
from till.domain.catalogue.menu import Daypart, Item
from till.domain.errors import (
    AmountError,
    LineError,
    OrderClosedError,
    PaymentError,
    QuantityError,
    ReasonNeededError,
    TillError,
)
from till.domain.events.envelope import Draft
from till.domain.events.registry import EventData
from till.domain.money.measures import Minor, Price4, Thousandths
from till.domain.order import discounting, guests, quantities, retyping, selling, suspension, voiding
from till.domain.order.events import (
    ChangeUndone,
    DiscountApplied,
    ItemAdded,
    MenuViewed,
    QuantityChanged,
    Removed,
    ShownItem,
)
from till.domain.order.line import Modifier
from till.domain.order.paying import Tendered, start_payment
from till.domain.order.quantities import MOST
from till.domain.order.selling import ItemEntry, NotForSaleError, PriceNeededError
from till.domain.order.state import Order, Tab
from till.domain.structs import replace


def _quantities(desk: Desk) -> list[int]:
    return [line.quantity for line in desk.order.lines.values()]


def test_a_line_has_the_price_and_tax_of_its_moment() -> None:
    desk = Desk()
    added = desk.add(IDLY, 2)
    line = desk.order.lines[added]
    assert (line.name, line.quantity, line.price4, line.taxes) == ("Idly", 2, 400_000, MENU.taxes["A"])
    assert desk.order.total == 8_000


def test_a_typed_price_goes_before_the_menus() -> None:
    desk = Desk()
    desk.add(SOUP, 1, 125_000)
    desk.add(IDLY, 1, 0)
    assert desk.order.total == 1_250


@pytest.mark.parametrize(
    ("item", "quantity", "price4", "refused", "sentence"),
    [
        (IDLY, 0, None, QuantityError, "A quantity is a whole number from 1 to 9999."),
        (IDLY, MOST + 1, None, QuantityError, "A quantity is a whole number from 1 to 9999."),
        (IDLY, -1, None, QuantityError, "Idly cannot be returned. “remove one” takes one off."),
        (CUP, -MOST - 1, None, QuantityError, "A quantity is a whole number from 1 to 9999."),
        (SOUP, 1, None, PriceNeededError, "Soup of the day has an open price: type it."),
        (SOUP, 1, 0, AmountError, "An open price is more than 0. “comp” gives a line away."),
        (SOUP, 2, 24, AmountError, "An open price is more than 0. “comp” gives a line away."),
        (SOUP, 1, -100, AmountError, "A price is never below 0. A return begins with −: -1 bottle."),
        (IDLY, 1, -100, AmountError, "A price is never below 0. A return begins with −: -1 bottle."),
    ],
)
def test_a_line_that_is_refused_says_why(
    item: Any, quantity: int, price4: int | None, refused: type[TillError], sentence: str
) -> None:
    desk = Desk()
    with pytest.raises(refused) as problem:
        desk.add(item, quantity, price4)
    assert problem.value.sentence == sentence
    assert desk.order.is_empty


def test_a_returnable_item_is_keyed_with_a_minus() -> None:
    desk = Desk()
    desk.add(CUP, -3)
    assert desk.order.total == -300


BREAKFAST = replace(
    MENU,
    dayparts=(
        Daypart("Breakfast", (Hours(time(7), time(11, 30)),)),
        Daypart("Brunch", (Hours(time(9), time(13), (6, 7)),)),
        Daypart("Tea", (Hours(time(10), time(11)), Hours(time(16), time(18)))),
    ),
)


def on_tuesday(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 3, 3, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("item", "moment", "sentence"),
    [
        (replace(IDLY, sold_out=True), on_tuesday(8), "Idly is sold out (86). Type “menu” for the list."),
        (
            replace(IDLY, daypart="Breakfast"),
            on_tuesday(11, 30),
            "Idly is sold 07:00 to 11:30. “menu” lists the rest.",
        ),
        (
            replace(IDLY, daypart="Brunch"),
            on_tuesday(10),
            "Idly is sold Sat,Sun 09:00-13:00. Type “menu” for the list.",
        ),
        (
            replace(IDLY, daypart="Tea"),
            on_tuesday(11),
            "Idly is sold 10:00-11:00 + 16:00-18:00. Type “menu” for the list.",
        ),
    ],
)
def test_an_item_that_is_not_on_sale_says_so(item: Any, moment: datetime, sentence: str) -> None:
    with pytest.raises(NotForSaleError) as problem:
        selling.check_for_sale(BREAKFAST, item, moment)
    assert problem.value.sentence == sentence


def test_an_item_that_is_on_sale_is_not_refused() -> None:
    selling.check_for_sale(BREAKFAST, replace(IDLY, daypart="Breakfast"), on_tuesday(11, 29))
    selling.check_for_sale(BREAKFAST, IDLY, on_tuesday(23))


# Quantity


def _types(drafts: list[Draft]) -> list[type[EventData]]:
    return [type(draft.data) for draft in drafts]


def test_a_row_grows_by_a_line_and_shrinks_from_the_newest() -> None:
    desk = Desk()
    first = desk.add(IDLY, 2)
    desk.add(DOSA)
    desk.add(IDLY, 3)
    desk.change(first, 7)
    assert _quantities(desk) == [2, 1, 3, 2]
    desk.change(first, 1)
    assert _quantities(desk) == [1, 1, 0, 0]


def test_a_return_grows_and_shrinks_as_the_mirror() -> None:
    desk = Desk()
    line = desk.add(CUP, -2)
    desk.add(CUP, -1)
    desk.change(line, -5)
    assert _quantities(desk) == [-2, -1, -2]
    desk.change(line, -1)
    assert _quantities(desk) == [-1, 0, 0]
    desk.change(line, -2)
    assert _quantities(desk) == [-2, 0, 0]


def test_fewer_takes_off_as_many_as_typed_and_no_more() -> None:
    desk = Desk()
    line = desk.add(IDLY, 3)
    drafts = quantities.change_quantity(desk.order, line, 2, uid("new"))
    assert [draft.data for draft in drafts] == [
        QuantityChanged(line_id=line, taken_off=1, removed=Removed(item_name="Idly", pieces=1, amount="40.00"))
    ]


def test_up_after_down_is_an_undoing_and_no_line() -> None:
    desk = Desk()
    line = desk.add(IDLY, 3)
    desk.change(line, 2)
    drafts = quantities.change_quantity(desk.order, line, 3, uid("new"))
    assert _types(drafts) == [ChangeUndone]
    desk.do(drafts)
    assert _quantities(desk) == [3]


def test_a_taking_comes_back_whole_and_what_is_too_much_is_taken_off_again() -> None:
    desk = Desk()
    line = desk.add(IDLY, 5)
    desk.change(line, 4)
    desk.change(line, 1)
    drafts = quantities.change_quantity(desk.order, line, 2, uid("new"))
    assert _types(drafts) == [ChangeUndone, QuantityChanged]
    desk.do(drafts)
    assert _quantities(desk) == [2]
    desk.change(line, 5)
    assert _quantities(desk) == [5]


def test_pieces_that_another_till_took_off_come_back_too() -> None:
    desk, other = Desk(), Hand(2)
    line = desk.add(IDLY, 3)
    desk.grant(other)
    desk.order = other.take(desk.order, quantities.change_quantity(desk.order, line, 1, uid("new")))
    desk.grant(desk.hand)
    assert _types(quantities.change_quantity(desk.order, line, 3, uid("new"))) == [ChangeUndone]
    desk.change(line, 3)
    assert _quantities(desk) == [3]


def test_pieces_beyond_what_was_keyed_are_a_line_of_the_same_making() -> None:
    desk = Desk()
    line = desk.add(IDLY, 2, 390_000, [Modifier("ghee", Price4(10_000))])
    desk.do_one(DiscountApplied(line_id=line, percent="10", reason="friend"))
    desk.change(line, 5)
    first, copy = desk.order.lines.values()
    assert (first.quantity, copy.quantity) == (2, 3)
    assert (copy.item_id, copy.name, copy.price4, copy.modifiers, copy.taxes) == (
        first.item_id,
        first.name,
        first.price4,
        first.modifiers,
        first.taxes,
    )
    assert copy.discount is not None
    assert (copy.discount.rate, copy.discount.reason, copy.discount.line_id) == (100_000, "friend", copy.id)
    assert desk.order.total == 5 * 3_600


def test_an_amount_off_is_never_copied() -> None:
    desk = Desk()
    line = desk.add(IDLY, 2)
    desk.do(discounting.discount_line(desk.order, line, amount=Minor(1_000), reason="late"))
    desk.change(line, 3)
    assert desk.order.total == 12_000 - 1_000
    assert [one.discount is None for one in desk.order.lines.values()] == [False, True]


def test_a_weighed_line_is_copied_as_it_was_weighed() -> None:
    desk = Desk()
    line = uid("w")
    desk.do(
        [
            Draft(
                ItemAdded(
                    line_id=line,
                    item_id="cheese",
                    item_name="Cheese",
                    quantity=1,
                    price="4.35",
                    taxes=(),
                    measure=Thousandths(335),
                    unit_price="12.99",
                ),
                SESSION,
            )
        ]
    )
    desk.change(line, 2)
    assert desk.order.total == 2 * 435


@given(st.integers(1, 9), st.lists(st.integers(1, 9), min_size=1, max_size=8))
def test_any_quantity_comes_after_any_other(keyed: int, wanted: list[int]) -> None:
    desk = Desk()
    line = desk.add(IDLY, keyed)
    for quantity in wanted:
        desk.change(line, quantity)
        assert [row.quantity for row in desk.order.priced.rows] == [quantity]
        assert all(0 <= abs(one.quantity) <= abs(one.keyed) for one in desk.order.lines.values())
        assert not any(one.is_overdrawn for one in desk.order.lines.values())


@given(st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(1, 60))
def test_any_row_comes_to_any_quantity(keyed: list[int], wanted: int) -> None:
    desk = Desk()
    lines = [desk.add(IDLY, quantity) for quantity in keyed]
    desk.change(lines[0], wanted)
    assert [row.quantity for row in desk.order.priced.rows] == [wanted]
    assert desk.order.total == 4_000 * wanted
    assert all(quantity >= 0 for quantity in _quantities(desk))


def test_the_same_quantity_is_no_event() -> None:
    desk = Desk()
    line = desk.add(DOSA, 2)
    assert quantities.change_quantity(desk.order, line, 2, uid("new")) == []


@pytest.mark.parametrize("quantity", [0, -1, MOST + 1])
def test_a_quantity_that_is_none_is_refused(quantity: int) -> None:
    desk = Desk()
    line = desk.add(IDLY, 2)
    with pytest.raises(QuantityError):
        quantities.change_quantity(desk.order, line, quantity, uid("new"))


# Void and back


def test_a_void_takes_the_whole_row_and_keeps_its_reason() -> None:
    desk = Desk()
    first = desk.add(IDLY, 2)
    desk.add(IDLY)
    desk.do(voiding.void_row(desk.order, first, "wrong table"))
    assert desk.order.is_empty
    assert {line.void.reason for line in desk.order.priced.voids if line.void} == {"wrong table"}


def test_one_line_may_be_taken_off_and_leave_its_equals() -> None:
    desk = Desk()
    first = desk.add(IDLY, 2)
    desk.add(IDLY)
    desk.do(voiding.void_line(desk.order, first, "wrong table"))
    assert desk.order.total == 4_000


@pytest.mark.parametrize("reason", ["", "  ", "\t", "\x00", "\u200b"])
def test_a_void_without_a_reason_is_refused(reason: str) -> None:
    desk = Desk()
    line = desk.add(IDLY)
    for decide in (voiding.void_row, voiding.void_line):
        with pytest.raises(ReasonNeededError, match="A reason is needed"):
            decide(desk.order, line, reason)


def test_a_void_line_is_no_line_any_more() -> None:
    desk = Desk()
    line = desk.add(IDLY)
    desk.do(voiding.void_row(desk.order, line, "dropped"))
    changes: list[Callable[[], Any]] = [
        lambda: voiding.void_row(desk.order, line, "again"),
        lambda: quantities.change_quantity(desk.order, line, 2, uid("new")),
        lambda: discounting.discount_line(desk.order, line, amount=Minor(1), reason="r"),
    ]
    for change in changes:
        with pytest.raises(LineError, match="There is no such line"):
            change()


def test_a_void_comes_back_at_its_price_quantity_and_discount() -> None:
    desk = Desk()
    line = desk.add(IDLY, 3, 390_000, [Modifier("ghee", Price4(10_000))])
    desk.change(line, 2)
    desk.do(discounting.discount_line(desk.order, line, amount=Minor(500), reason="late"))
    before = desk.order.total
    desk.do(voiding.void_row(desk.order, line, "dropped"))
    desk.do(voiding.restore_voids(desk.order, [line]))
    assert desk.order.total == before == 2 * 4_000 - 500
    assert desk.order.priced.voids == ()
    assert desk.order.lines[line].voids == ()
    assert list(desk.order.lines) == [line]


def test_a_void_comes_back_once() -> None:
    desk = Desk()
    line = desk.add(IDLY)
    desk.do(voiding.void_row(desk.order, line, "dropped"))
    desk.do(voiding.restore_voids(desk.order, [line]))
    with pytest.raises(LineError, match="already back"):
        voiding.restore_voids(desk.order, [line])


def test_a_void_of_a_line_that_two_tills_took_off_brings_no_money_back() -> None:
    desk = Desk()
    line = desk.add(IDLY, 3)
    less = quantities.change_quantity(desk.order, line, 1, uid("new"))
    void = voiding.void_row(desk.order, line, "dropped")
    desk.do([*less, *less, *void])
    with pytest.raises(LineError, match="nothing left of it"):
        voiding.restore_voids(desk.order, [line])


def test_a_line_that_is_not_void_cannot_come_back() -> None:
    desk = Desk()
    line = desk.add(IDLY)
    for line_id in (line, "no line"):
        with pytest.raises(LineError):
            voiding.restore_voids(desk.order, [line_id])


# Discount, type, wishes, menu


def test_a_discount_comes_off_its_line() -> None:
    desk = Desk()
    line = desk.add(IDLY, 2)
    desk.do(discounting.discount_line(desk.order, line, amount=Minor(1_000), reason="friend"))
    assert desk.order.total == 7_000


@pytest.mark.parametrize("amount", [0, -500])
def test_a_discount_never_raises_a_price(amount: Minor) -> None:
    desk = Desk()
    line = desk.add(IDLY, 2)
    with pytest.raises(AmountError, match="more than 0"):
        discounting.discount_line(desk.order, line, amount=amount, reason="friend")


def test_a_discount_needs_a_reason() -> None:
    desk = Desk()
    line = desk.add(IDLY, 2)
    with pytest.raises(ReasonNeededError):
        discounting.discount_line(desk.order, line, amount=Minor(100), reason=" ")


def test_the_order_type_changes_once() -> None:
    desk = Desk()
    desk.do(retyping.set_order_type(desk.order, "dine_in"))
    assert desk.order.order_type == "dine_in"
    assert retyping.set_order_type(desk.order, "dine_in") == []


def test_wishes_are_kept_by_name_and_made_harmless() -> None:
    desk = Desk()
    desk.do(guests.set_preference(desk.order, "spice", "hot"))
    desk.do(guests.set_preference(desk.order, "spice\x1b", "mi\x00ld"))
    assert desk.order.preferences == {"spice": "mild"}


def test_the_menu_that_was_shown_is_remembered_as_far_as_it_is_kept() -> None:
    desk = Desk()
    items = [replace(IDLY, id=f"i{n}", name=f"Item {n}") for n in range(60)]
    draft = selling.view_menu(desk.order, "tea\x00", "Breakfast", items)[0]
    desk.do([draft])
    assert isinstance(draft.data, MenuViewed)
    assert (draft.data.query, draft.data.result_count, draft.data.meal_period) == ("tea", 60, "Breakfast")
    assert len(desk.order.last_menu) == selling.SHOWN
    assert desk.order.last_menu[0] == ShownItem(id="i0", name="Item 0", position=1)


# An order that is not open


def _every_change(order: Order, line: str) -> list[Callable[[], Any]]:
    return [
        lambda: selling.add_item(order, MENU, selling.ItemEntry(IDLY), uid("x")),
        lambda: quantities.change_quantity(order, line, 3, uid("new")),
        lambda: voiding.void_row(order, line, "dropped"),
        lambda: voiding.void_line(order, line, "dropped"),
        lambda: discounting.discount_line(order, line, amount=Minor(1), reason="r"),
        lambda: retyping.set_order_type(order, "dine_in"),
        lambda: guests.set_preference(order, "spice", "hot"),
    ]


@pytest.mark.parametrize(
    ("put_away", "sentence"),
    [
        (suspension.suspend, "This order is suspended. F5 resumes it."),
        (lambda order: suspension.put_on_tab(order, Tab(TAB, "Asha")), "This order is on Asha. Recall it with F8."),
        (lambda order: suspension.discard(order, "left"), "This order was cleared. The next line starts a new one."),
    ],
)
def test_an_order_that_was_put_away_takes_no_change(put_away: Callable[[Order], Any], sentence: str) -> None:
    desk = Desk()
    line = desk.add(IDLY, 2)
    desk.do(put_away(desk.order))
    changes = _every_change(desk.order, line)
    changes.append(lambda: selling.view_menu(desk.order, "", "", []))
    for change in changes:
        with pytest.raises(OrderClosedError) as problem:
            change()
        assert problem.value.sentence == sentence


def test_a_completed_order_takes_no_change() -> None:
    desk = Desk()
    line = desk.add(IDLY, 2)
    desk.pay("CASH", 8_000)
    desk.place()
    for change in _every_change(desk.order, line):
        with pytest.raises(OrderClosedError, match=r"This order is finished\. The next line starts a new one"):
            change()


def test_nothing_changes_while_a_payment_waits_for_its_answer() -> None:
    desk = Desk()
    line = desk.add(IDLY, 2)
    desk.do(start_payment(desk.order, uid("p"), Tendered("CARD", Minor(8_000))))
    for change in _every_change(desk.order, line):
        with pytest.raises(PaymentError, match="A payment is under way"):
            change()
    assert selling.view_menu(desk.order, "", "", [])


# Weighed items


GOUDA = replace(IDLY, id="gouda", name="Gouda", price4=Price4(129_900), unit="kg")


def test_a_weighed_item_is_sold_by_its_weight_and_each_line_stands_for_itself() -> None:
    desk = Desk()
    for measure in (335, 335):
        keyed = ItemEntry(GOUDA, measure=Thousandths(measure))
        desk.do(selling.add_item(desk.order, MENU, keyed, desk.hand.new_id()))
    assert [(row.listed, row.quantity) for row in desk.order.priced.rows] == [(435, 1), (435, 1)]  # 4.35165
    line = desk.order.priced.rows[0].first
    assert (line.measure, line.unit_price4) == (335, 129_900)


@pytest.mark.parametrize(
    ("item", "measure", "expected"),
    [
        (GOUDA, None, "Gouda is weighed. Type its weight: 0.335 Gouda."),
        (IDLY, 335, "Idly is sold by the piece. Type 2 Idly."),
        (GOUDA, 0, "from 1 to 9999"),
        (GOUDA, 10**9, "from 1 to 9999"),
    ],
)
def test_a_weight_where_none_belongs_and_none_where_one_does(item: Item, measure: int | None, expected: str) -> None:
    desk = Desk()
    keyed = ItemEntry(item, measure=None if measure is None else Thousandths(measure))
    with pytest.raises(QuantityError, match=expected):
        selling.add_item(desk.order, MENU, keyed, desk.hand.new_id())
