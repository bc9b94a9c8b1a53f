"""Records of what is keyed on an order: each decision with all the fields that it writes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.domain.making import IDLY, SESSION, TAB, A, Desk, uid
from tests.domain.making import MENU as SHOP
from tests.domain.order.laden import CUP, DOSA, EXTRA, GHEE, GOUDA, LATE, MENU, SIZE, TABLE, TERMS
from tests.domain.order.test_charging import SENT
from tests.domain.order.test_refusals import Made
from till.domain.catalogue.modifiers import Option
from till.domain.money.measures import Millionths, Minor, Price4, Thousandths
from till.domain.order import (
    charging,
    choices,
    choosing,
    courses,
    discounting,
    guests,
    naming,
    noting,
    paying,
    quantities,
    retyping,
    selling,
    sent,
    suspension,
    voiding,
    wishes,
)
from till.domain.order.discounting import Given, asked_for, off_in_words, rights_for_more
from till.domain.order.events import (
    AgeChecked,
    BookingSeated,
    ChangeUndone,
    CourseFired,
    CustomerAttached,
    DiscountApplied,
    ItemAdded,
    LineModifier,
    LineNoted,
    LineSeated,
    LineVoided,
    MenuViewed,
    ModifiersSet,
    OrderDiscarded,
    OrderNoted,
    OrderParked,
    OrderResumed,
    OrderTypeSet,
    PreferenceSet,
    PriceOverridden,
    PromotionTerms,
    QuantityChanged,
    Removed,
    ShownItem,
    TabAssigned,
    TaxRate,
)
from till.domain.order.line import Modifier
from till.domain.order.paying import CASH, Tendered
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Customer, Status, Tab
from till.domain.payment.cards import Card
from till.domain.payment.events import (
    CheckoutStarted,
    PaymentApproved,
    PaymentAuthorised,
    PaymentDeclined,
    PaymentReturnDeclined,
    PaymentReturnUnknown,
    PaymentStarted,
    PaymentUnknown,
    PaymentVoided,
    SlipKept,
)
from till.domain.payment.movement import PaymentState, Result
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.events.envelope import Draft
    from till.domain.events.registry import EventData
    from till.domain.order.state import Order

LARGE: Final = Modifier("large", Price4(200_000), "size")
PODI: Final = Modifier("podi", Price4(0), "extra")
GST: Final = (TaxRate(name="GST", rate="5"),)
N: Final = uid("n")


def _desk() -> Made:
    """Three dosas with ghee, in two lines of a row, for guest 2."""
    desk = Made(terms=TERMS, menu=MENU)
    for name, pieces in (("a", 2), ("b", 1)):
        desk.key(name, DOSA, pieces, modifiers=(GHEE,), seat=2, course=1)
    return desk


def data(drafts: list[Draft]) -> list[EventData]:
    assert {draft.stream_id for draft in drafts} <= {SESSION}
    return [draft.data for draft in drafts]


def test_keyed_line_has_the_item_of_the_menu_and_the_entry() -> None:
    entry = ItemEntry(
        replace(DOSA, name="Stale", price4=Price4(1)), 2, modifiers=(LARGE, GHEE), seat=2, course=3, offers=(LATE,)
    )
    expected = ItemAdded(
        line_id=N, item_id="dosa", item_name="Masala Dosa", quantity=2, price="80.00", taxes=GST,
        modifiers=(
            LineModifier(name="ghee", price="12.00", group="extra"),
            LineModifier(name="large", price="20.00", group="size"),
        ),
        seat=2, course=3, offers=(PromotionTerms(name="Late", percent="50.00"),),
    )  # fmt: skip
    assert data(selling.add_item(Desk(TERMS).order, MENU, entry, N)) == [expected]
    gouda = ItemEntry(GOUDA, measure=Thousandths(335), price4=Price4(100_000))
    [weighed] = data(selling.add_item(Desk(TERMS).order, MENU, gouda, N))
    assert weighed == ItemAdded(
        line_id=N, item_id="gouda", item_name="Gouda", quantity=1, price="3.35", unit_price="10.00", unit="kg",
        measure=Thousandths(335),
        taxes=(TaxRate(name="VAT", rate="20"), TaxRate(name="Levy", per_piece="0.25", included=False)),
    )  # fmt: skip
    [cup] = data(selling.add_item(Desk(TERMS).order, MENU, ItemEntry(CUP, -2), N))
    assert cup == ItemAdded(
        line_id=N, item_id="cup", item_name="Cup", quantity=-2, price="1.00", taxes=(), deposit=True
    )
    asked = replace(MENU, groups={**MENU.groups, "size": replace(SIZE, least=1)})
    [asking] = data(selling.add_item(Desk(TERMS).order, asked, ItemEntry(DOSA), N))
    assert isinstance(asking, ItemAdded)
    assert asking.asks == ("Size",)


def _removed(pieces: int, amount: str, **more: Any) -> Removed:
    return Removed(item_name="Masala Dosa", pieces=pieces, amount=amount, **more)


@pytest.mark.parametrize(
    ("decide", "written"),
    [
        # pieces, the newest line first; 92.00 each
        (
            lambda order: quantities.change_quantity(order, A, 1, N),
            [
                QuantityChanged(line_id=uid("b"), taken_off=1, removed=_removed(1, "92.00")),
                QuantityChanged(line_id=A, taken_off=1, removed=_removed(1, "92.00")),
            ],
        ),
        (
            lambda order: quantities.change_quantity(order, uid("b"), 2, N),
            [QuantityChanged(line_id=uid("b"), taken_off=1, removed=_removed(1, "92.00"))],
        ),
        (
            lambda order: quantities.change_quantity(order, A, 5, N, (LATE,)),
            [
                ItemAdded(
                    line_id=N, item_id="dosa", item_name="Masala Dosa", quantity=2, price="80.00", taxes=GST,
                    modifiers=(LineModifier(name="ghee", price="12.00", group="extra"),), seat=2, course=1,
                    offers=(PromotionTerms(name="Late", percent="50.00"),),
                )
            ],
        ),
        (
            lambda order: voiding.void_row(order, A, " drop\x1bped "),
            [
                LineVoided(line_id=A, reason="dropped", removed=_removed(2, "184.00")),
                LineVoided(line_id=uid("b"), reason="dropped", removed=_removed(1, "92.00")),
            ],
        ),
        (
            lambda order: voiding.void_line(order, uid("b"), "dropped"),
            [LineVoided(line_id=uid("b"), reason="dropped", removed=_removed(1, "92.00"))],
        ),
        (
            lambda order: discounting.discount_line(order, A, amount=Minor(150), reason=" late "),
            [DiscountApplied(line_id=A, amount="1.50", reason="late", pieces=2)],
        ),
        (lambda order: retyping.set_order_type(order, "dine_in"), [OrderTypeSet(order_type="dine_in")]),
        (
            lambda order: guests.set_preference(order, "sp\x1bice", "ho\x1bt"),
            [PreferenceSet(name="spice", value="hot")],
        ),
        (lambda order: noting.note_order(order, f" r\x1b{'x' * 250}"), [OrderNoted(note="r" + "x" * 249)]),
        (lambda order: noting.note_order(order, " "), []),
        (
            lambda order: noting.note_row(order, A, f" {'x' * 251}"),
            [LineNoted(line_id=A, note="x" * 250), LineNoted(line_id=uid("b"), note="x" * 250)],
        ),
        (lambda order: noting.note_row(order, A, ""), []),
        (
            lambda order: guests.attach_customer(order, uid("c"), f" {'x' * 251} "),
            [CustomerAttached(customer_id=uid("c"), who="x" * 250)],
        ),
        (lambda order: guests.attach_customer(order, None, " "), []),
        (
            lambda order: voiding.undo_changes(order, [uid("x"), uid("y")]),
            [ChangeUndone(event=uid("x")), ChangeUndone(event=uid("y"))],
        ),
        (
            lambda order: selling.view_menu(order, f"te\x1b{'a' * 250}", "Breakfast", [DOSA, CUP]),
            [
                MenuViewed(
                    query="te" + "a" * 248, result_count=2, meal_period="Breakfast",
                    items=(
                        ShownItem(id="dosa", name="Masala Dosa", position=1),
                        ShownItem(id="cup", name="Cup", position=2),
                    ),
                )
            ],
        ),
        # a row
        (
            lambda order: choosing.set_modifiers(order, (EXTRA, replace(SIZE, least=1)), A, (PODI, GHEE)),
            [
                ModifiersSet(
                    line_id=line, asks=("Size",),
                    modifiers=(
                        LineModifier(name="ghee", price="12.00", group="extra"),
                        LineModifier(name="podi", price="0.00", group="extra"),
                    ),
                )
                for line in (A, uid("b"))
            ],
        ),
        (lambda order: choosing.set_modifiers(order, (EXTRA, SIZE), A, (GHEE,)), []),
        (
            lambda order: choosing.set_modifiers(order, (replace(SIZE, least=1),), A, (GHEE,)),
            [
                ModifiersSet(
                    line_id=line, asks=("Size",), modifiers=(LineModifier(name="ghee", price="12.00", group="extra"),)
                )
                for line in (A, uid("b"))
            ],
        ),
        (
            lambda order: choosing.seat_row(order, A, seat=3),
            [LineSeated(line_id=A, seat=3), LineSeated(line_id=uid("b"), seat=3)],
        ),
        (
            lambda order: choosing.seat_row(order, A, seat=2, course=2),
            [LineSeated(line_id=A, seat=2, course=2), LineSeated(line_id=uid("b"), seat=2, course=2)],
        ),
        (lambda order: choosing.seat_row(order, A, seat=2, course=1), []),
        (lambda order: choosing.seat_row(order, A, seat=2), []),
        (lambda order: choosing.seat_row(order, A, course=1), []),
        (lambda order: courses.fire_course(order, 1), [CourseFired(line_id=A), CourseFired(line_id=uid("b"))]),
        (lambda order: courses.fire_course(order, None), [CourseFired(line_id=A), CourseFired(line_id=uid("b"))]),
        (
            lambda order: choosing.override_price(order, A, Price4(705_050), " regular ", 9),
            [
                PriceOverridden(line_id=line, was="80.00", price="70.505", reason="regular", approved_by=9)
                for line in (A, uid("b"))
            ],
        ),
        (lambda order: choosing.age_checked(order, 18, passed=True), [AgeChecked(years=18, passed=True)]),
        (lambda order: choosing.age_checked(order, 18, passed=False), [AgeChecked(years=18, passed=False)]),
        # discounts
        (
            lambda order: discounting.give(order, A, Given(rate=Millionths(125_000), reason=" late ")),
            [DiscountApplied(line_id=line, percent="12.50", reason="late") for line in (A, uid("b"))],
        ),
        (
            lambda order: discounting.give(order, A, Given(amount=Minor(100), kind="comp", reason="late")),
            [
                DiscountApplied(line_id=A, amount="0.67", kind="comp", reason="late", pieces=2, price="184.00"),
                DiscountApplied(line_id=uid("b"), amount="0.33", kind="comp", reason="late", pieces=1, price="92.00"),
            ],
        ),
        (
            lambda order: discounting.give(order, A, Given(amount=Minor(1), name="Club", reason="x")),
            [DiscountApplied(line_id=A, amount="0.01", name="Club", pieces=2)],
        ),
        (
            lambda order: discounting.give(order, None, Given(amount=Minor(100), kind="staff_meal", reason="x")),
            [DiscountApplied(amount="1.00", kind="staff_meal", price="276.00")],
        ),
        (
            lambda order: discounting.give(order, None, Given(rate=Millionths(50_000), name="Club")),
            [DiscountApplied(percent="5.00", name="Club")],
        ),
        # status
        (suspension.suspend, [OrderParked()]),
        (
            lambda order: suspension.put_on_tab(order, TABLE),
            [TabAssigned(tab_id=TAB, table_number=7, covers=3, name="table 7")],
        ),
        (
            lambda order: suspension.save_again(order, Tab(uid("t"), "Asha")),
            [TabAssigned(tab_id=uid("t"), name="Asha")],
        ),
        (
            lambda order: suspension.seat(order, uid("k"), TABLE),
            [BookingSeated(booking_id=uid("k")), TabAssigned(tab_id=TAB, table_number=7, covers=3, name="table 7")],
        ),
        (
            lambda order: suspension.discard(order, " left "),
            [
                OrderDiscarded(
                    line_ids=(A, uid("b")), reason="left", removed=(_removed(2, "184.00"), _removed(1, "92.00"))
                )
            ],
        ),
        (
            lambda order: suspension.reopen(replace(order, status=Status.DISCARDED), here=1, by=9, manages=True),
            [OrderResumed()],
        ),
        (lambda order: suspension.resume(replace(order, till=None), here=1), [OrderResumed()]),
        (lambda order: suspension.resume(replace(order, till=2), here=1), [OrderResumed()]),
        (lambda order: suspension.recall_tab(replace(order, tab=TABLE), here=1, user=6), [OrderResumed(user=6)]),
        (lambda order: suspension.recall_tab(replace(order, tab=TABLE), here=1, user=1), []),
        (paying.start_checkout, [CheckoutStarted()]),
    ],
)  # fmt: skip
def test_decision_writes_these_records(decide: Callable[[Order], list[Draft]], written: list[EventData]) -> None:
    assert data(decide(_desk().order)) == written


def test_returned_pieces_are_removed_with_their_sign() -> None:
    desk = Made(menu=MENU).key("a", CUP, -3)
    [taken] = data(quantities.change_quantity(desk.order, A, -2, N))
    off = Removed(item_name="Cup", pieces=-1, amount="-1.00")
    assert taken == QuantityChanged(line_id=A, taken_off=1, removed=off)
    [void] = data(voiding.void_row(desk.order, A, "dropped"))
    assert void == LineVoided(line_id=A, reason="dropped", removed=replace(off, pieces=-3, amount="-3.00"))
    desk.then(lambda order: quantities.change_quantity(order, A, -1, N))
    back = desk.order.last_id
    undone, again = data(quantities.change_quantity(desk.order, A, -2, N))
    assert (undone, again) == (ChangeUndone(event=back), QuantityChanged(line_id=A, taken_off=1, removed=off))
    [more] = data(quantities.change_quantity(desk.order, A, -3, N))
    assert more == ChangeUndone(event=back)
    *_undone, copy = data(quantities.change_quantity(desk.order, A, -5, N))
    assert isinstance(copy, ItemAdded)
    assert (copy.quantity, copy.deposit) == (-2, True)


def test_pieces_taken_off_once_are_not_asked_for_again_though_the_line_is_sent() -> None:
    desk = _desk().then(lambda order: voiding.void_line(order, uid("b"), "dropped"))
    desk.then(lambda order: suspension.put_on_tab(order, TABLE))
    desk.then(lambda order: suspension.recall_tab(order, here=1, user=1))
    desk = desk.then(lambda order: quantities.change_quantity(order, A, 1, N))
    assert [event.sent for event in _removals(desk)] == [True]
    desk = Made(terms=TERMS, menu=MENU).key("a", DOSA, 5)
    desk.then(lambda order: suspension.put_on_tab(order, TABLE))
    desk.then(lambda order: suspension.recall_tab(order, here=1, user=1))
    desk.then(lambda order: quantities.change_quantity(order, A, 1, N))
    taken = desk.order.last_id
    assert data(quantities.change_quantity(desk.order, A, 3, N)) == [
        ChangeUndone(event=taken),
        QuantityChanged(line_id=A, taken_off=2, removed=_removed(2, "160.00")),
    ]
    assert data(quantities.change_quantity(desk.order, A, 5, N)) == [ChangeUndone(event=taken)]


def test_pieces_come_back_by_undoing_no_more_than_is_needed() -> None:
    desk = Made("a 5")
    taken = []
    for pieces in (4, 3):
        desk.then(lambda order, pieces=pieces: quantities.change_quantity(order, A, pieces, N))  # type: ignore[misc]
        taken.append(desk.order.last_id)
    assert data(quantities.change_quantity(desk.order, A, 4, N)) == [ChangeUndone(event=taken[1])]
    assert data(quantities.change_quantity(desk.order, A, 5, N)) == [ChangeUndone(event=one) for one in reversed(taken)]


def _removals(desk: Desk) -> list[Removed]:
    drafts = voiding.void_row(desk.order, A, "dropped")
    return [one for draft in drafts for one in sent.removed_by(draft.data)]


def test_copy_of_a_line_has_its_price_note_and_percentage_under_its_own_id() -> None:
    desk = Made(terms=TERMS, menu=MENU).key("a", DOSA, 2, modifiers=(GHEE,), seat=2)
    for price in (700_000, 600_000):
        desk.then(lambda order, price=price: choosing.override_price(order, A, Price4(price), "regular", 9))  # type: ignore[misc]
    desk.then(lambda order: noting.note_row(order, A, "thin"))
    comp = Given(rate=Millionths(125_000), kind="comp", reason="late")
    desk.then(lambda order: discounting.give(order, A, comp))
    added, priced, noted, off = data(quantities.change_quantity(desk.order, A, 3, N))
    assert added == ItemAdded(
        line_id=N, item_id="dosa", item_name="Masala Dosa", quantity=1, price="80.00", taxes=GST, seat=2,
        modifiers=(LineModifier(name="ghee", price="12.00", group="extra"),),
    )  # fmt: skip
    assert isinstance(priced, PriceOverridden)
    assert replace(priced, digests={}) == PriceOverridden(
        line_id=N, was="70.00", price="60.00", reason="regular", approved_by=9
    )
    assert noted == LineNoted(line_id=N, note="thin")
    assert off == DiscountApplied(line_id=N, percent="12.50", kind="comp", reason="late")
    moved = replace(desk.order.lines[A], changes=(_from_elsewhere(desk),))
    _added, priced, *_others = data(quantities.change_quantity(replace(desk.order, lines={A: moved}), A, 3, N))
    assert isinstance(priced, PriceOverridden)
    assert priced.follows is None


def _from_elsewhere(desk: Desk) -> Any:
    """The newest change of a line, as it came from another order."""
    change = desk.order.lines[A].changes[-1]
    return change._replace(data=replace(change.data, follows=uid("x")))


def test_line_weighed_again_is_voided_and_keyed_with_the_new_weight() -> None:
    desk = Made(terms=TERMS, menu=MENU).key("a", GOUDA, 2, measure=Thousandths(335))
    void, added = data(quantities.weigh_again(desk.order, A, Thousandths(500), N, (LATE,)))
    assert void == LineVoided(
        line_id=A, reason="weighed again", removed=Removed(item_name="Gouda", pieces=2, amount="8.70")
    )
    assert isinstance(added, ItemAdded)
    assert (added.line_id, added.quantity, added.measure, added.price, added.unit_price, added.offers) == (
        N, 2, 500, "6.50", "12.99", (PromotionTerms(name="Late", percent="50.00"),),
    )  # fmt: skip


def test_voids_come_back_by_undoing_each_of_them() -> None:
    desk = Made("a", "b")
    twice = [*voiding.void_row(desk.order, A, "dropped"), *voiding.void_line(desk.order, A, "again")]
    desk.do(twice)
    voids = [void.event for line in ("a", "b") for void in desk.order.lines[uid(line)].voids]
    assert data(voiding.restore_voids(desk.order, [A, uid("b")])) == [ChangeUndone(event=one) for one in voids]
    assert len(voids) == 3


@pytest.mark.parametrize(
    ("customer", "customer_id", "who", "written"),
    [
        (Customer(uid("c"), ""), uid("c"), "", []),
        (Customer(uid("c"), ""), None, "", [CustomerAttached()]),
        (Customer(uid("c"), ""), None, "Asha", [CustomerAttached(who="Asha")]),
        (Customer(None, "Asha"), None, "Asha", []),
        (None, uid("c"), "", [CustomerAttached(customer_id=uid("c"))]),
    ],
)
def test_customer_is_written_where_it_is_another(
    customer: Customer | None, customer_id: str | None, who: str, written: list[EventData]
) -> None:
    order = replace(Made().order, customer=customer)
    assert data(guests.attach_customer(order, customer_id, who)) == written


@pytest.mark.parametrize(
    ("note", "wish", "after"),
    [
        ("", "hot", "hot"),
        ("hot", " no\x1b onion ", "hot, no onion"),
        ("hot, no onion", "No Onion", "hot, no onion"),
        ("hot", "", "hot, "),
    ],
)
def test_wish_is_added_to_a_note_once(note: str, wish: str, after: str) -> None:
    assert wishes.with_wish(note, wish) == after


def test_wish_leaves_a_note_by_its_place() -> None:
    assert [wishes.without_wish("a, b, c", place) for place in range(4)] == ["b, c", "a, c", "a, b", "a, b, c"]
    assert (wishes.wishes("a, , b"), wishes.wishes("")) == (("a", "b"), ())


@pytest.mark.parametrize(
    ("order_type", "name"), [("take_away", "take away"), ("dine_in", "eat in"), ("to_go", "to go")]
)
def test_order_type_has_a_name(order_type: str, name: str) -> None:
    assert naming.order_type_name(order_type) == name


def test_order_at_a_table_is_eaten_there_unless_a_person_chose() -> None:
    order = Made().order
    chosen = replace(order, is_type_chosen=True)
    assert naming.type_at_table(order, ["dine_in", "take_away"]) == "dine_in"
    assert naming.type_at_table(order, ["take_away"]) == "take_away"
    assert naming.type_at_table(chosen, ["dine_in", "take_away"]) == "take_away"


def test_every_menu_that_is_looked_at_is_bounded() -> None:
    items = [replace(DOSA, id=f"i{place}") for place in range(51)]
    [viewed] = data(selling.view_menu(Made().order, "", "", items))
    assert isinstance(viewed, MenuViewed)
    assert (viewed.result_count, len(viewed.items), viewed.items[-1].position) == (51, 50, 50)


# Choices


def test_defaults_fill_groups_without_a_choice_and_all_are_in_menu_order() -> None:
    hot = replace(EXTRA, options=(Option("podi", Price4(0), default=True), Option("ghee", Price4(120_000))))
    large = replace(SIZE, options=(Option("large", Price4(200_000), default=True),))
    gold = Modifier("gold", Price4(1), "gone")
    assert choices.with_defaults((hot, large), ()) == (PODI, LARGE)
    assert choices.with_defaults((hot, large), (gold, GHEE, GHEE)) == (GHEE, LARGE, gold)
    assert choices.in_order((hot, large), (gold, LARGE, GHEE, PODI)) == (PODI, GHEE, LARGE, gold)
    assert choices.chosen_of(hot, (LARGE, GHEE, PODI)) == (GHEE, PODI)


@pytest.mark.parametrize(
    ("chosen", "taken", "after"),
    [
        ((), GHEE, (GHEE,)),
        ((LARGE,), GHEE, (GHEE, LARGE)),
        ((GHEE, LARGE), GHEE, (LARGE,)),
        ((PODI,), GHEE, (GHEE, PODI)),
        ((GHEE, LARGE), Modifier("small", Price4(0), "size"), (GHEE, Modifier("small", Price4(0), "size"))),
        # an option of the same name in another group, and a choice there, are their own
        ((PODI, Modifier("podi", Price4(0), "size")), PODI, (Modifier("podi", Price4(0), "size"),)),
        ((PODI, LARGE), GHEE, (GHEE, PODI, LARGE)),
    ],
)
def test_option_is_toggled_in_its_group(
    chosen: tuple[Modifier, ...], taken: Modifier, after: tuple[Modifier, ...]
) -> None:
    assert choices.toggle_option((EXTRA, SIZE), chosen, taken) == after


def test_missing_choice_shows_nine_options_at_most() -> None:
    many = replace(SIZE, least=1, options=tuple(Option(f"o{place}", Price4(0)) for place in range(10)))
    shown = ", ".join(f"2{place + 1} o{place}" for place in range(9))
    assert choices.not_chosen((EXTRA, many), many) == f"Size is not chosen: {shown}."
    two = replace(EXTRA, least=2)
    assert choices.not_chosen((two,), two) == "Extra needs 2 of these: 11 ghee, 12 podi."
    assert choices.still_asked((two, SIZE), (GHEE,)) == (two,)
    assert choices.still_asked((two, SIZE), (GHEE, PODI)) == ()


# Rights


@pytest.mark.parametrize(
    ("kind", "name", "label"),
    [
        ("discount", "", "Discount"),
        ("comp", "", "On the house"),
        ("staff_meal", "", "Staff meal"),
        ("promotion", "", "Promotion"),
        ("price", "", "New price"),
        ("happy_hour", "", "happy hour"),
        ("comp", "Se\x1bnior", "Senior"),
    ],
)
def test_reduction_has_a_label(kind: str, name: str, label: str) -> None:
    assert off_in_words(kind, name) == label


def _off(desk: Desk, line: str | None, **more: Any) -> Desk:
    given = Given(**{"reason": "late"} | more)
    desk.do(discounting.give(desk.order, line, given))
    return desk


TENTH: Final = Millionths(100_000)


def test_limit_counts_all_discounts_of_an_order_together() -> None:
    """Three dosas of 276.00 and a cup that is never discounted; 10 % of a row is 27.60."""
    tenth = Given(rate=TENTH, reason="late")
    desk = _desk().key("c", CUP)
    assert asked_for(desk.order, A, tenth) == PermissionRequest(Permission.DISCOUNT, Minor(2_760), Minor(27_600))
    assert asked_for(desk.order, None, tenth) == PermissionRequest(
        Permission.DISCOUNT, Minor(2_760), Minor(27_600), grows=True
    )
    assert asked_for(desk.order, None, Given(amount=Minor(500), reason="x")) == PermissionRequest(
        Permission.DISCOUNT, Minor(500), Minor(27_600)
    )
    assert asked_for(desk.order, A, replace(tenth, name="Club")) is None
    assert asked_for(desk.order, A, replace(tenth, kind="comp")) == PermissionRequest(
        Permission.COMP, Minor(2_760), Minor(27_600)
    )
    _off(desk, A, rate=TENTH)
    # 27.60 came off the lines before the 24.84 that come off the order
    assert asked_for(desk.order, None, tenth) == PermissionRequest(
        Permission.DISCOUNT, Minor(5_244), Minor(27_600), grows=True
    )
    assert asked_for(desk.order, None, replace(tenth, kind="staff_meal")) == PermissionRequest(
        Permission.STAFF_MEAL, Minor(2_484), Minor(24_840), grows=True
    )
    _off(desk, None, rate=TENTH)
    assert asked_for(desk.order, None, tenth) == PermissionRequest(
        Permission.DISCOUNT, Minor(2_236 + 2_484 + 2_760), Minor(27_600), grows=True
    )
    # on the row again: its new discount, and its part of that of the order
    assert asked_for(desk.order, A, tenth) == PermissionRequest(
        Permission.DISCOUNT, Minor(2_760 + 2_484), Minor(27_600)
    )
    assert asked_for(desk.order, A, replace(tenth, kind="comp")) == PermissionRequest(
        Permission.COMP, Minor(2_760), Minor(27_600)
    )


def test_discounts_that_need_no_right_do_not_count_towards_the_limit() -> None:
    tenth = Given(rate=TENTH, reason="late")
    desk = _off(_off(_desk(), A, rate=TENTH, name="Senior"), None, rate=TENTH, kind="comp")
    assert asked_for(desk.order, A, tenth) == PermissionRequest(Permission.DISCOUNT, Minor(2_760), Minor(27_600))
    _off(desk, None, rate=TENTH)
    # of the 24.84 + 22.36 off the order, only the second is limited
    assert asked_for(desk.order, A, tenth) == PermissionRequest(
        Permission.DISCOUNT, Minor(2_760 + 2_236), Minor(27_600)
    )


def test_more_pieces_of_a_row_need_the_rights_of_its_price_and_discount() -> None:
    desk = _desk()
    (row,) = desk.order.priced.rows
    assert rights_for_more(row, 2) == []
    desk.then(lambda order: choosing.override_price(order, A, Price4(500_000), "regular"))
    (row,) = desk.order.priced.rows
    assert rights_for_more(row, 2) == [PermissionRequest(Permission.PRICE, Minor(-6_000))]
    desk.then(lambda order: choosing.override_price(order, A, Price4(900_000), "large"))
    (row,) = desk.order.priced.rows
    assert rights_for_more(row, 2) == [PermissionRequest(Permission.PRICE, Minor(2_000))]
    desk.then(lambda order: choosing.override_price(order, A, Price4(500_000), "regular"))
    _off(desk, A, rate=TENTH, kind="comp")
    (row,) = desk.order.priced.rows
    assert rights_for_more(row, 2) == [
        PermissionRequest(Permission.PRICE, Minor(-6_000)),
        PermissionRequest(Permission.COMP, Minor(1_240), Minor(12_400)),
    ]
    assert rights_for_more(_off(_desk(), A, rate=TENTH, name="Club").order.priced.rows[0], 2) == []
    assert rights_for_more(_off(_desk(), A, amount=Minor(300)).order.priced.rows[0], 2) == []


def _sent() -> Made:
    desk = _desk().then(lambda order: suspension.put_on_tab(order, TABLE))
    return desk.then(lambda order: suspension.recall_tab(order, here=1, user=1))


def test_sent_lines_that_become_cheaper_need_the_right_to_void() -> None:
    before = _sent().order
    cheaper = _sent().then(lambda order: choosing.override_price(order, A, Price4(799_900), "x")).order
    assert sent.cheaper_asked(before, cheaper) == PermissionRequest(Permission.VOID_SENT, Minor(3))
    assert sent.cheaper_asked(cheaper, before) is None
    assert sent.cheaper_asked(before, before) is None
    new = _desk().then(lambda order: choosing.override_price(order, A, Price4(799_900), "x")).order
    assert sent.cheaper_asked(_desk().order, new) is None


def _asked(order: Order, order_type: str) -> PermissionRequest | None:
    return sent.order_type_asked(order, order.of_type(order_type))


def test_order_type_without_service_needs_the_right_to_void_what_was_sent() -> None:
    """Service of 10 % on 276.00 is 27.60, with VAT 33.12."""
    table = replace(_sent().order, order_type="dine_in")
    assert _asked(table, "take_away") == PermissionRequest(Permission.VOID_SENT, Minor(3_312))
    assert _asked(table, "dine_in") is None
    assert _asked(_sent().order, "dine_in") is None
    assert _asked(replace(_desk().order, order_type="dine_in"), "take_away") is None
    gone = replace(table, lines={one: replace(line, moved=True) for one, line in table.lines.items()})
    assert _asked(gone, "take_away") is None
    new = _sent().key("n", IDLY).then(lambda order: voiding.void_row(order, A, "dropped")).order
    assert _asked(replace(new, order_type="dine_in"), "take_away") is None  # the sent line is void


# Payments

PAY: Final = uid("p")
ASKED: Final = Tendered("CARD", Minor(9_000), Minor(1_000))


def _charged() -> Desk:
    """A dosa of 80.00 for which 90.00 with a tip are asked of a card."""
    desk = Made(menu=SHOP).key("a", replace(DOSA, modifiers=()))
    return desk.then(lambda order: charging.start_charge(order, PAY, ASKED, SENT))


def test_payment_is_started_with_all_that_identifies_it() -> None:
    order = Made("a 2").order
    tendered = replace(ASKED, amount=Minor(5_000), pieces={A: 1})
    assert data(charging.start_charge(order, PAY, tendered, SENT)) == [
        PaymentStarted(
            payment_id=PAY, tender="CARD", amount="50.00", key=PAY, tip="10.00", place=SENT[0], asker=SENT[1],
            number=SENT[2], pieces={A: 1},
        )
    ]  # fmt: skip
    assert data(paying.start_payment(order, PAY, Tendered(CASH, Minor(5_000)))) == [
        PaymentStarted(payment_id=PAY, tender=CASH, amount="50.00", key=PAY)
    ]


_NAMED: Final[dict[str, Any]] = {"payment_id": PAY, "tender": "CARD"}


@pytest.mark.parametrize(
    ("result", "written"),
    [
        (
            Result(PaymentState.APPROVED, 9, Minor(9_500), Minor(500), "T", ("visa", "**4821")),
            PaymentApproved(
                **_NAMED, amount="95.00", tendered="95.00", change="0.00", tip="15.00", transaction="T",
                card=Card(brand="Visa", last_four="4821"), drawer=3, approved_by=9,
            ),
        ),
        (
            Result(PaymentState.APPROVED),
            PaymentApproved(**_NAMED, amount="90.00", tendered="90.00", change="0.00", tip="10.00", drawer=3),
        ),
        (
            Result(PaymentState.APPROVED, amount=Minor(8_000)),
            PaymentApproved(**_NAMED, amount="80.00", tendered="80.00", change="0.00", drawer=3),
        ),
        (
            Result(PaymentState.DECLINED, 9, reason="no"),
            PaymentDeclined(**_NAMED, amount="90.00", reason="no", approved_by=9),
        ),
        (Result(PaymentState.UNKNOWN), PaymentUnknown(**_NAMED, amount="90.00")),
        (
            Result(PaymentState.AUTHORISED, transaction="T"),
            PaymentAuthorised(**_NAMED, amount="90.00", transaction="T"),
        ),
    ],
)  # fmt: skip
def test_answer_to_a_charge_is_recorded(result: Result, written: EventData) -> None:
    order = _charged().order
    assert data(charging.answer(order, order.payments[PAY], result, 3)) == [written]


def _returning() -> Desk:
    desk = _charged()
    result = Result(PaymentState.APPROVED, transaction="T")
    desk.do(charging.answer(desk.order, desk.order.payments[PAY], result))
    desk.do(charging.start_return(desk.order, PAY, uid("r"), SENT, 1))
    return desk


@pytest.mark.parametrize(
    ("result", "written"),
    [
        (Result(PaymentState.APPROVED, 9, transaction="R"), (PaymentVoided, {"transaction": "R", "approved_by": 9})),
        (Result(PaymentState.DECLINED, 9, reason="no"), (PaymentReturnDeclined, {"reason": "no", "approved_by": 9})),
        (Result(PaymentState.UNKNOWN), (PaymentReturnUnknown, {})),
        (Result(PaymentState.AUTHORISED), (PaymentReturnUnknown, {})),
    ],
)
def test_answer_to_a_return_is_recorded(result: Result, written: tuple[Callable[..., EventData], Any]) -> None:
    order = _returning().order
    [back] = order.payments[PAY].returns
    kind, more = written
    assert data(charging.answer(order, back, result)) == [kind(**_NAMED, return_id=uid("r"), amount="90.00", **more)]


def test_money_goes_back_with_the_change_that_another_tender_gave() -> None:
    desk = Made("a")
    payment = desk.pay("CARD", 5_000, cashback=True)
    [voided] = data(paying.give_back(desk.order, payment, 1, manager=9, drawer=3))
    assert voided == PaymentVoided(
        payment_id=payment, tender="CARD", amount="40.00", approved_by=9, drawer=3, change="10.00"
    )
    desk = Made("a")
    payment = desk.pay(CASH, 5_000)
    assert data(paying.give_back(desk.order, payment, 1)) == [
        PaymentVoided(payment_id=payment, tender=CASH, amount="40.00")
    ]


def test_slips_are_recorded_two_for_a_payment_and_none_that_is_empty() -> None:
    order = Made("a").order
    slips = [(["TOTAL 1", "", "2"], True, False), (["", " "], True, True), ([" x"], False, True), (["y"], True, True)]
    assert data(charging.keep_slips(order, PAY, slips, uid("r"))) == [
        SlipKept(payment_id=PAY, refund_id=uid("r"), for_guest=True, text="TOTAL 1⏎⏎2"),
        SlipKept(payment_id=PAY, refund_id=uid("r"), to_be_signed=True, text=" x"),
    ]
    long = ["a" * 500] * 4
    [kept] = data(charging.keep_slips(order, PAY, [(long, False, False)]))
    assert isinstance(kept, SlipKept)
    assert (kept.refund_id, kept.text, kept.text_2, kept.text_3) == (None, "a" * 500, "a" * 500, "a" * 500 + "⏎…")
