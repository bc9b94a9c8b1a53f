"""Discounts on a line or an order, by whom and why; promotions come off first."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import CUP, DOSA, IDLY, INR, MENU, SESSION, Desk, uid
from till.domain.catalogue.menu import Item, Menu
from till.domain.errors import AmountError, LineError, ReasonNeededError, TillError
from till.domain.money.basket import BasketItem, Rules, price_basket
from till.domain.money.measures import Millionths, Minor, Price4
from till.domain.money.promotion import Offer
from till.domain.money.tax import Tax
from till.domain.order import choosing, discounting, moving, quantities, selling, voiding
from till.domain.order.discounting import ALL_OF_IT, Given, asked_for
from till.domain.order.events import ChangeUndone, DiscountApplied, LineVoided, ModifiersSet, QuantityChanged
from till.domain.order.line import Modifier
from till.domain.order.line_records import line_from, moved_line_record
from till.domain.order.selling import ItemEntry
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace


def percent(rate: int, reason: str = "late") -> Given:
    return Given(rate=Millionths(rate * 10_000), reason=reason)


def amount(minor: int) -> Given:
    return Given(amount=Minor(minor), reason="late")


COMP = Given(rate=ALL_OF_IT, kind="comp", reason="waited long")
MEAL = Given(rate=Millionths(500_000), kind="staff_meal")
SENIOR = Given(rate=Millionths(150_000), name="Senior")


def test_equal_lines_with_the_same_percentage_off_stay_one_row() -> None:
    desk = Desk()
    line, _other = desk.add(IDLY), desk.add(IDLY)
    desk.do(discounting.give(desk.order, line, percent(10)))
    (row,) = desk.order.priced.rows
    assert (row.quantity, row.listed, row.own, desk.order.total) == (2, 8_000, 800, 7_200)
    desk.add(IDLY)
    assert [row.quantity for row in desk.order.priced.rows] == [2, 1]


def test_an_amount_off_a_row_is_shared_by_its_pieces() -> None:
    desk = Desk()
    line, _other = desk.add(IDLY, 2), desk.add(IDLY)
    desk.do(discounting.give(desk.order, line, amount(1_000)))
    assert [row.own for row in desk.order.priced.rows] == [667, 333]
    assert desk.order.total == 11_000


def test_an_amount_off_a_row_comes_off_whole_where_a_promotion_gives_a_piece_of_it() -> None:
    desk = Desk()
    lot = (Offer("3 for 2", buy=2, get=1),)
    for _piece in range(3):
        desk.do(selling.add_item(desk.order, MENU, ItemEntry(IDLY, offers=lot), desk.hand.new_id()))
    line = next(iter(desk.order.lines))
    assert desk.order.total == 8_000
    assert discounting.with_discount(desk.order, line, amount(4_500)).total == 3_500
    desk.do(discounting.give(desk.order, line, amount(4_500)))
    assert desk.order.total == 3_500


def test_a_cent_off_a_row_is_off_one_of_its_lines() -> None:
    desk = Desk()
    line, _other = desk.add(IDLY), desk.add(IDLY)
    assert discounting.with_discount(desk.order, line, amount(1)).total == 7_999
    [draft] = discounting.give(desk.order, line, amount(1))
    assert desk.do([draft]).total == 7_999


def test_an_amount_off_pieces_goes_with_them_and_comes_back_with_them() -> None:
    desk = Desk()
    line = desk.add(IDLY, 10)
    desk.do(discounting.give(desk.order, line, amount(4_000)))
    desk.do(quantities.change_quantity(desk.order, line, 1, uid("n")))
    assert desk.order.total == 3_600
    desk.do(quantities.change_quantity(desk.order, line, 3, uid("n")))
    assert desk.order.total == 10_800
    desk.do(voiding.void_row(desk.order, line, "left"))
    desk.do(voiding.restore_voids(desk.order, [line]))
    desk.do(quantities.change_quantity(desk.order, line, 10, uid("n")))
    assert desk.order.total == 36_000


def test_an_amount_off_a_part_of_what_was_keyed_is_no_more_for_what_comes_back() -> None:
    desk = Desk()
    line = desk.add(IDLY, 10)
    desk.do(quantities.change_quantity(desk.order, line, 5, uid("n")))
    desk.do(discounting.give(desk.order, line, amount(2_000)))
    desk.do(quantities.change_quantity(desk.order, line, 10, uid("n")))
    assert desk.order.total == 38_000


GHEE = Modifier("ghee", Price4(1_200_000), "extra")


def _with_ghee(given: Given) -> tuple[Desk, str]:
    """Two dosas at 200.00 each, ghee in it, with something off."""
    desk = Desk()
    line = desk.add(DOSA, 2, modifiers=(GHEE,))
    desk.do(discounting.give(desk.order, line, given))
    return desk, line


def test_discount_by_amount_shrinks_with_its_line() -> None:
    desk, line = _with_ghee(amount(10_000))
    assert desk.order.total == 30_000
    desk.do(choosing.set_modifiers(desk.order, (), line, ()))
    assert desk.order.total == 16_000 - 4_000
    desk.do(quantities.change_quantity(desk.order, line, 1, uid("n")))
    assert desk.order.total == 8_000 - 2_000
    desk.do(choosing.override_price(desk.order, line, Price4(400_000), "small"))
    assert desk.order.total == 4_000 - 1_000
    desk.do(choosing.override_price(desk.order, line, Price4(9_000_000), "large"))
    assert desk.order.total == 90_000 - 5_000, "of what is dearer it is no more"


def test_a_named_discount_on_a_line_stays_whatever_the_line_costs() -> None:
    desk, line = _with_ghee(Given(amount=Minor(10_000), name="Birthday"))
    desk.do(choosing.set_modifiers(desk.order, (), line, ()))
    assert desk.order.total == 16_000 - 10_000


@pytest.mark.parametrize("first", ["cheaper", "cut"])
def test_an_amount_off_a_line_that_is_made_cheaper_is_shared_and_goes_along(first: str) -> None:
    desk, line = _with_ghee(amount(10_000))
    if first == "cheaper":
        desk.do(choosing.set_modifiers(desk.order, (), line, ()))
    desk.do(moving.cut(desk.order, {line: 1}, {line: uid("n")}))
    if first == "cut":
        for one in (line, uid("n")):
            desk.do(choosing.set_modifiers(desk.order, (), one, ()))
    assert desk.order.total == 16_000 - 4_000
    carried = moving.carry_lines(desk.order, uid("other"), [line])
    other = desk.hand.take(None, [selling.open_order(uid("other"), 1, INR, "take_away"), *carried])
    assert other.total == 8_000 - 2_000


def test_an_amount_off_comes_back_whole_where_what_made_its_line_cheaper_is_undone() -> None:
    desk, line = _with_ghee(amount(10_000))
    chosen = desk.do_one(ModifiersSet(line_id=line))
    assert desk.order.total == 12_000
    desk.do_one(ChangeUndone(event=chosen.id))
    assert desk.order.total == 30_000


def test_an_amount_off_all_is_for_the_price_that_it_was_given_on() -> None:
    desk = Desk()
    most, one = desk.add(IDLY, 9), desk.add(DOSA)
    price = desk.order.total
    desk.do(discounting.give(desk.order, None, amount(4_000)))
    desk.do(voiding.void_row(desk.order, most, "left"))
    left = desk.order.lines[one].amount_of(1)
    assert desk.order.total == left - round(Fraction(4_000 * left, price))
    desk.do(voiding.restore_voids(desk.order, [most]))
    assert desk.order.total == price - 4_000
    desk.add(DOSA, 9)
    assert desk.order.total == price + 9 * left - 4_000


@given(
    st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=4),
    st.integers(1, 300),
    st.none() | st.just(0),
)
def test_an_amount_off_is_never_more_of_the_price_than_it_was_and_all_of_it_comes_back(
    pieces: list[tuple[int, int]], off: int, place: int | None
) -> None:
    desk = Desk()
    lines = [desk.add(IDLY, keyed, 30_000 + 3_300 * at) for at, (keyed, _left) in enumerate(pieces)]
    on = None if place is None else lines[place]
    price = discounting.price_of(desk.order, on)
    desk.do(discounting.give(desk.order, on, amount(off)))
    before, gone = desk.order, []
    for line, (keyed, left) in zip(lines, pieces, strict=True):
        if left == 0:
            gone.append(desk.do_one(LineVoided(line_id=line)))
        elif left < keyed:
            gone.append(desk.do_one(QuantityChanged(line_id=line, taken_off=keyed - left)))
    rows = [row for row in desk.order.priced.rows if on in {None, *row.line_ids}]
    there, still = sum(row.listed for row in rows), sum(row.discount for row in rows)
    assert abs(still - Fraction(off * there, price)) <= Fraction(1, 2)
    for event in gone:
        desk.do_one(ChangeUndone(event=event.id))
    assert desk.order.priced == before.priced


def test_an_amount_that_the_venue_has_named_is_off_whatever_is_left() -> None:
    desk = Desk()
    most, _one = desk.add(IDLY, 9), desk.add(DOSA)
    desk.do(discounting.give(desk.order, None, Given(amount=Minor(4_000), name="Loyalty")))
    price = desk.order.total
    desk.do(voiding.void_row(desk.order, most, "left"))
    assert desk.order.total == price - 36_000


def test_a_discount_leaves_a_deposit_in_the_price_alone() -> None:
    deposit = Tax("Deposit", Millionths(0), Fraction(1_000))
    desk = Desk(menu=Menu(1, {"A": (deposit,)}, items=(IDLY,)))
    line, empty = desk.add(IDLY, 2), desk.add(Item("bottle", "Bottle", "extras", Price4(100_000), "A"))
    assert desk.order.total == 9_000
    assert discounting.taken_off(desk.order, line, percent(10)) == discounting.taken_off(desk.order, None, percent(10))
    assert asked_for(desk.order, line, percent(10)) == PermissionRequest(Permission.DISCOUNT, Minor(600), Minor(6_000))
    with pytest.raises(AmountError, match="the rest is a deposit"):
        discounting.taken_off(desk.order, line, amount(6_001))
    with pytest.raises(AmountError, match="a deposit or levy is never discounted"):
        discounting.give(desk.order, empty, COMP)
    desk.do(discounting.give(desk.order, line, amount(6_000)))
    assert desk.order.total == 3_000


def test_a_deposit_bears_no_discount_and_goes_back_whole() -> None:
    """Else two cups of 1.00 at 10 % off cost 1.80, and 2.00 goes back."""
    desk = Desk()
    desk.add(IDLY)
    cups = desk.add(CUP, 2)
    desk.do(discounting.give(desk.order, None, percent(10)))
    assert desk.order.total == 3_800
    assert line_from(moved_line_record(desk.order.lines[cups]), desk.order.terms).deposit
    with pytest.raises(AmountError, match="a deposit or levy is never discounted"):
        discounting.give(desk.order, cups, COMP)
    desk.add(CUP, -2)
    assert desk.order.total == 3_600


@pytest.mark.parametrize(
    ("given", "total", "kind"),
    [(COMP, 0, "comp"), (MEAL, 2_000, "staff_meal"), (SENIOR, 3_400, "discount"), (amount(4_000), 0, "discount")],
)
@pytest.mark.parametrize("on_line", [True, False])
def test_a_line_or_an_order_costs_less_and_says_what_for(given: Given, total: int, kind: str, *, on_line: bool) -> None:
    desk = Desk()
    line = desk.add(IDLY)
    desk.do(discounting.give(desk.order, line if on_line else None, given))
    assert desk.order.total == total
    (one,) = desk.order.counted_discounts
    assert (one.kind, one.name, one.reason) == (kind, given.name, given.reason)
    desk.do(voiding.undo_changes(desk.order, [one.id]))
    assert desk.order.total == 4_000


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (amount(4_001), "₹40.01 is more than the price. Take off ₹40.00 at most."),
        (amount(0), "A discount is more than 0. Type how much to take off."),
        (amount(-1), "A discount is more than 0. Type how much to take off."),
        (percent(0), "A discount is more than 0. Type how much to take off."),
        (percent(101), "Type 100 % or less."),
    ],
)
def test_a_discount_over_the_price_or_of_nothing_is_refused(given: Given, expected: str) -> None:
    desk = Desk()
    line = desk.add(IDLY)
    for on in (line, None):
        with pytest.raises(AmountError) as refused:
            discounting.give(desk.order, on, given)
        assert refused.value.sentence == expected


def test_a_free_or_missing_line_bears_no_discount_and_a_reason_is_needed() -> None:
    desk = Desk()
    line = desk.add(IDLY)
    for found in (percent(10, " "), replace(COMP, reason="")):
        with pytest.raises(ReasonNeededError):
            discounting.give(desk.order, line, found)
    with pytest.raises(LineError):
        discounting.give(desk.order, "none", percent(10))
    desk.do(discounting.give(desk.order, None, COMP))
    with pytest.raises(AmountError, match="it costs nothing"):
        discounting.give(desk.order, None, percent(10))
    with pytest.raises(TillError):
        discounting.give(Desk().order, None, percent(10))


def test_a_discount_needs_a_right_for_all_that_comes_off() -> None:
    desk = Desk()
    line = desk.add(IDLY)
    desk.add(DOSA)
    assert asked_for(desk.order, line, percent(10)) == PermissionRequest(Permission.DISCOUNT, Minor(400), Minor(4_000))
    assert asked_for(desk.order, line, COMP) == PermissionRequest(Permission.COMP, Minor(4_000), Minor(4_000))
    assert asked_for(desk.order, line, MEAL) == PermissionRequest(Permission.STAFF_MEAL, Minor(2_000), Minor(4_000))
    assert asked_for(desk.order, line, SENIOR) is None  # the venue allowed it when it named it
    for off, grows in ((percent(10), True), (amount(100), False)):
        asked = asked_for(desk.order, None, off)
        assert asked is not None
        assert asked.grows is grows
    desk.do(discounting.give(desk.order, None, percent(10)))
    total = desk.order.total
    asked = asked_for(desk.order, None, percent(10))
    assert asked is not None
    assert asked.amount == round(total / 9) + round(total / 10)
    assert asked.of == round(total / 9 * 10)


@pytest.mark.parametrize("kind", ["discount", "comp", "named"])
def test_discounts_by_hand_on_a_line_and_on_the_order_count_together(kind: str) -> None:
    """Else ten percent off each line, and ten off all of them, are nineteen that nobody was asked for."""
    on_line = {"discount": percent(10), "comp": COMP, "named": SENIOR}[kind]
    desk = Desk()
    line = desk.add(IDLY)
    desk.add(DOSA)
    desk.do(discounting.give(desk.order, line, on_line))
    left = desk.order.total
    asked = asked_for(desk.order, None, percent(10))
    assert asked is not None
    before = 400 if kind == "discount" else 0  # the others were asked for by themselves, or are the venue's
    assert (asked.amount, asked.of) == (round(left / 10) + before, left + before)
    desk = Desk()
    line = desk.add(IDLY)
    desk.add(DOSA)
    desk.do(discounting.give(desk.order, None, on_line if kind == "named" else percent(10)))
    assert asked_for(desk.order, line, percent(10)) == PermissionRequest(
        Permission.DISCOUNT, Minor(400 if kind == "named" else 800), Minor(4_000)
    )


# Promotions.

THREE = Offer("3 for 2", buy=2, get=1)
HAPPY = Offer("Happy hour", rate=Millionths(200_000))


def key(desk: Desk, pieces: int, *offers: Offer) -> str:
    """Key idly that meets some offers."""
    made = uid(str(len(desk.order.lines)))
    desk.do(selling.add_item(desk.order, MENU, ItemEntry(IDLY, pieces, offers=offers), made))
    return made


def test_a_promotion_shows_what_it_saves_and_a_discount_comes_after() -> None:
    desk = Desk()
    line = key(desk, 1, HAPPY)
    (row,) = desk.order.priced.rows
    assert ([(one.name, one.amount) for one in row.saved], row.amount) == ([("Happy hour", 800)], 3_200)
    desk.do(discounting.give(desk.order, line, percent(50)))
    (row,) = desk.order.priced.rows
    assert (row.own, row.amount, row.discount) == (1_600, 1_600, 2_400)


def test_discounts_are_of_the_price_after_promotions_and_the_limit_counts_no_promotion() -> None:
    desk = Desk()
    line = key(desk, 1, HAPPY)
    assert discounting.taken_off(desk.order, line, percent(10)) == 320
    with pytest.raises(AmountError, match=r"Take off ₹32\.00 at most"):
        discounting.taken_off(desk.order, line, amount(3_201))
    desk.do(discounting.give(desk.order, None, percent(10)))
    assert asked_for(desk.order, line, percent(10)) == PermissionRequest(Permission.DISCOUNT, Minor(640), Minor(3_200))
    for other, kind in ((MEAL, Permission.STAFF_MEAL), (replace(percent(50), kind="comp"), Permission.COMP)):
        assert asked_for(desk.order, line, other) == PermissionRequest(kind, Minor(1_600), Minor(3_200))
    assert discounting.with_discount(desk.order, None, percent(10)).total == 2_592  # beside the one that it has
    desk.do(discounting.give(desk.order, line, percent(25)))
    assert discounting.price_of(desk.order, line) == 3_200  # another discount on the line takes its place
    assert discounting.price_of(desk.order, None) == desk.order.total == 2_160


def test_an_amount_off_a_row_with_a_levy_is_off_the_pieces_that_are_not_free() -> None:
    levy = Tax("Levy", Millionths(0), Fraction(1_000))
    desk = Desk(menu=replace(MENU, taxes={"A": (levy,)}))
    for place in range(3):
        keyed = ItemEntry(IDLY, offers=(THREE,))
        desk.do(selling.add_item(desk.order, desk.menu, keyed, uid(str(place))))
    assert desk.order.total == 9_000  # of the free one the levy stays
    drafts = discounting.give(desk.order, uid("0"), amount(3_000))
    given = [draft.data for draft in drafts if isinstance(draft.data, DiscountApplied)]
    assert [(one.line_id, one.amount) for one in given] == [(uid("0"), "15.00"), (uid("1"), "15.00")]


def test_record_of_an_amount_has_the_pieces_and_the_price_that_bear_it() -> None:
    desk = Desk()
    line, _cup = desk.add(IDLY, 3), desk.add(CUP, 2)
    desk.do(quantities.change_quantity(desk.order, line, 2, uid("n")))
    found: dict[str | None, tuple[int | None, str | None]] = {}
    for on, reduction in ((line, amount(500)), (None, amount(500)), (line, percent(10))):
        [draft] = discounting.give(desk.order, on, reduction)
        assert isinstance(draft.data, DiscountApplied)
        found[f"{on}" if reduction.amount else "percent"] = (draft.data.pieces, draft.data.price)
    assert found == {line: (2, "80.00"), "None": (None, "80.00"), "percent": (None, None)}


def test_named_discount_may_be_given_again_once_another_took_its_place() -> None:
    desk = Desk()
    line = desk.add(IDLY)
    desk.do(discounting.give(desk.order, line, SENIOR))
    desk.do(discounting.give(desk.order, line, percent(10)))
    assert desk.do(discounting.give(desk.order, line, SENIOR)).total == 3_400
    assert asked_for(desk.order, line, Given(amount=Minor(100), name="Birthday")) is None
    assert asked_for(desk.order, None, Given(amount=Minor(100), name="Birthday")) is None


def test_nothing_comes_off_what_goes_back() -> None:
    desk = Desk()
    cup = desk.add(CUP, -1)
    for on in (cup, None):
        with pytest.raises(AmountError, match="it costs nothing"):
            discounting.taken_off(desk.order, on, percent(10))
    free = desk.add(IDLY, 1, 100)  # 0.01
    desk.add(CUP, 3)
    assert discounting.taken_off(desk.order, free, amount(1)) == discounting.taken_off(desk.order, None, amount(1)) == 1


def test_a_lot_is_met_by_lines_together_and_again_after_a_void_or_fewer_pieces() -> None:
    desk = Desk()
    first, second = key(desk, 2, THREE), key(desk, 1, THREE)
    assert desk.order.total == 8_000
    assert len(desk.order.priced.rows) == 1  # equal lines stay one row
    desk.do(voiding.void_line(desk.order, second, "no"))
    assert desk.order.total == 8_000
    assert not desk.order.priced.rows[0].saved
    desk.do(voiding.restore_voids(desk.order, [second]))
    assert [one.amount for one in desk.order.priced.rows[0].saved] == [4_000]
    desk.do(quantities.change_quantity(desk.order, first, 2, uid("n")))
    assert (desk.order.total, desk.order.priced.rows[0].saved) == (8_000, ())


@given(st.lists(st.integers(1, 4), min_size=2, max_size=5), st.data())
def test_a_split_conserves_what_lines_cost(pieces: list[int], data: st.DataObject) -> None:
    desk = Desk()
    lines = [key(desk, some, THREE, HAPPY) for some in pieces]
    before = desk.order.total
    going = data.draw(st.lists(st.sampled_from(lines), min_size=1, max_size=len(lines) - 1, unique=True))
    desk.do(moving.fix_amounts(desk.order, going))
    drafts = moving.split(desk.order, going, uid("other"))
    other = desk.hand.take(None, [one for one in drafts if one.stream_id != SESSION])
    desk.do([one for one in drafts if one.stream_id == SESSION])
    assert desk.order.total + other.total == before
    assert other.total == sum(row.amount for row in other.priced.rows)
    left = next(line for line in lines if line not in going)
    desk.do(quantities.change_quantity(desk.order, left, 1, uid("n")))
    assert all(0 <= row.amount <= row.listed for row in desk.order.priced.rows)


OFFERS = st.lists(
    st.sampled_from([
        THREE,
        HAPPY,
        Offer("Half off the second", rate=Millionths(500_000), buy=1, get=1),
        Offer("Four", price=Price4(1_200_000), pieces=4),
        Offer("Five off", amount=Minor(500)),
    ]),
    max_size=3,
    unique=True,
)  # fmt: skip


@given(st.lists(st.tuples(st.sampled_from([IDLY, DOSA]), st.integers(1, 4)), min_size=1, max_size=5), OFFERS)
def test_an_order_comes_to_what_its_basket_does(keyed: list[tuple[Item, int]], offers: list[Offer]) -> None:
    desk = Desk()
    for place, (item, pieces) in enumerate(keyed):
        keys = ItemEntry(item, pieces, offers=tuple(offers))
        desk.do(selling.add_item(desk.order, MENU, keys, uid(str(place))))
    rows = desk.order.priced.rows
    items = [
        BasketItem(
            row.listed,
            row.quantity,
            row.first.taxes,
            name=row.first.item_id,
            price4=row.first.price4,
            offers=tuple(offers),
        )
        for row in rows
    ]
    priced = price_basket(items, [], Rules(included=True), currency=desk.order.terms.currency)
    assert [line.gross for line in priced.lines] == [row.taxed.gross for row in rows]
    assert priced.total == desk.order.total == sum(row.amount for row in rows)
