"""Lines that are chosen for, given to a guest, or priced otherwise after they were keyed; two tills apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import DOSA, IDLY, MENU, A, Desk, Hand, folded, uid
from till.domain.catalogue.modifiers import ModifierGroup, Option
from till.domain.errors import AmountError, LineError, ReasonNeededError
from till.domain.money.measures import Price4
from till.domain.order import choosing, courses, moving, paying, selling, voiding
from till.domain.order.choices import ChoiceError, not_chosen, still_asked, toggle_option, with_defaults
from till.domain.order.events import CourseFired, LineModifier, LineSeated, ModifiersSet, PriceOverridden
from till.domain.order.evolve import fold
from till.domain.order.line import Modifier
from till.domain.order.paying import NotChosenError
from till.domain.order.selling import ItemEntry
from till.domain.structs import replace

if TYPE_CHECKING:
    import random

    from till.domain.events.envelope import Event
    from till.domain.order.state import Order

SPICE = ModifierGroup("spice", "Spice", 1, 1, tuple(Option(name, Price4(0)) for name in ("mild", "medium", "hot")))
EXTRA = ModifierGroup(
    "extra",
    "Extra",
    0,
    2,
    (Option("ghee", Price4(200_000)), Option("cheese", Price4(300_000)), Option("podi", Price4(0))),
)
LESS = ModifierGroup("less", "Less", 0, None, (Option("half", Price4(-500_000)), Option("none", Price4(-400_000))))
GROUPS = (SPICE, EXTRA, LESS)
HOT, MILD = Modifier("hot", Price4(0), "spice"), Modifier("mild", Price4(0), "spice")
GHEE, CHEESE = Modifier("ghee", Price4(200_000), "extra"), Modifier("cheese", Price4(300_000), "extra")
PODI, HALF = Modifier("podi", Price4(0), "extra"), Modifier("half", Price4(-500_000), "less")
ASKED = replace(DOSA, modifiers=("spice", "extra", "less"))
CHOICES = replace(MENU, items=(IDLY, ASKED), groups={group.id: group for group in GROUPS})


def add(desk: Desk, *chosen: Modifier, quantity: int = 1, seat: int | None = None, course: int | None = None) -> str:
    line = desk.hand.new_id()
    keyed = ItemEntry(ASKED, quantity, modifiers=chosen, seat=seat, course=course)
    desk.do(selling.add_item(desk.order, CHOICES, keyed, line))
    return line


def choose(desk: Desk, line: str, *chosen: Modifier) -> Order:
    return desk.do(choosing.set_modifiers(desk.order, GROUPS, line, chosen))


# Choices


def test_a_default_option_is_chosen_until_another_is() -> None:
    medium = replace(SPICE, options=(*SPICE.options[:1], Option("medium", Price4(0), default=True)))
    assert [one.name for one in with_defaults((medium, EXTRA), ())] == ["medium"]
    assert with_defaults((medium, EXTRA), (CHEESE, MILD)) == (MILD, CHEESE)
    assert still_asked(GROUPS, ()) == (SPICE,)
    assert still_asked(GROUPS, (HOT,)) == ()


def test_an_option_is_taken_and_taken_off_and_of_one_takes_the_others_place() -> None:
    assert toggle_option(GROUPS, (MILD,), HOT) == (HOT,)
    assert toggle_option(GROUPS, (HOT,), HOT) == ()
    assert toggle_option(GROUPS, (replace(GHEE, price4=Price4(1)), HOT), GHEE) == (HOT,)  # its price is another since
    assert toggle_option(GROUPS, (HOT,), GHEE) == (HOT, GHEE)
    with pytest.raises(ChoiceError, match=r"Up to 2\. Take one off first\."):
        toggle_option(GROUPS, (GHEE, CHEESE), PODI)


def test_a_missing_choice_names_the_keys() -> None:
    assert not_chosen(GROUPS, SPICE) == "Spice is not chosen: 11 mild, 12 medium, 13 hot."
    two = replace(EXTRA, least=2)
    assert not_chosen((SPICE, two), two) == "Extra needs 2 of these: 21 ghee, 22 cheese, 23 podi."


def test_choices_cost_what_they_say_and_equal_ones_are_one_row() -> None:
    desk = Desk()
    add(desk, GHEE, HOT)
    add(desk, HOT, GHEE, quantity=2)
    add(desk, MILD)
    assert [(row.quantity, row.amount) for row in desk.order.priced.rows] == [(3, 30_000), (1, 8_000)]
    assert desk.order.lines[desk.order.priced.rows[0].line_ids[0]].modifiers == (HOT, GHEE)


def test_choices_never_make_a_price_less_than_nothing() -> None:
    none = Modifier("none", Price4(-400_000), "less")
    desk = Desk()
    with pytest.raises(ChoiceError, match="less than 0"):
        add(desk, HOT, HALF, none)
    line = add(desk, HOT, HALF)
    with pytest.raises(ChoiceError, match="less than 0"):
        choose(desk, line, HOT, HALF, none)
    assert desk.order.total == 3_000


def test_choices_fit_the_price_that_a_piece_has_without_them() -> None:
    desk = Desk()
    line = add(desk, HOT, HALF)
    assert choose(desk, line, MILD, HALF).total == 3_000  # the half that is chosen already comes off once
    choose(desk, line, MILD)
    desk.do(choosing.override_price(desk.order, line, Price4(400_000), "small"))
    with pytest.raises(ChoiceError, match="less than 0"):
        choose(desk, line, MILD, HALF)
    desk.do(choosing.override_price(desk.order, line, Price4(500_000), "large"))
    assert choose(desk, line, MILD, HALF).total == 0


def test_more_than_a_group_allows_is_refused_whoever_keys_it() -> None:
    with pytest.raises(ChoiceError, match="Extra: up to 2"):
        add(Desk(), GHEE, CHEESE, PODI)


def test_an_order_is_not_paid_until_everything_is_chosen() -> None:
    desk = Desk()
    line = add(desk)
    assert desk.order.lines[line].asks == ("Spice",)
    with pytest.raises(NotChosenError, match=r"Spice of Masala Dosa is not chosen\. Mark it, then F2\."):
        paying.check_payable(desk.order)
    with pytest.raises(NotChosenError):
        desk.pay("CASH", 8_000)
    choose(desk, line, HOT, CHEESE)
    desk.pay("CASH", 11_000)
    placed = desk.place().lines[0]
    assert (placed.modifiers, placed.unit_price, placed.subtotal) == (("hot", "cheese"), "110.00", "110.00")


def test_a_void_line_asks_nothing() -> None:
    desk = Desk()
    line = add(desk)
    add(desk, HOT)
    desk.do(voiding.void_row(desk.order, line, "wrong"))
    paying.check_payable(desk.order)


def test_choosing_is_undone_by_its_event_and_choosing_the_same_is_nothing() -> None:
    desk = Desk()
    line = add(desk, MILD)
    choose(desk, line, HOT, GHEE)
    assert choosing.set_modifiers(desk.order, GROUPS, line, (GHEE, HOT)) == []
    assert desk.order.total == 10_000
    desk.do(voiding.undo_changes(desk.order, [desk.order.last_id]))
    assert (desk.order.lines[line].modifiers, desk.order.total) == ((MILD,), 8_000)


def test_a_copy_is_like_the_line_as_it_is_now() -> None:
    desk = Desk()
    line = add(desk, MILD)
    choose(desk, line, HOT, GHEE)
    desk.do(choosing.seat_row(desk.order, line, seat=2))
    desk.do(choosing.override_price(desk.order, line, Price4(500_000), "regular"))
    desk.change(line, 3)
    [row] = desk.order.priced.rows
    assert (row.quantity, row.amount, row.first.seat) == (3, 21_000, 2)


# Guests and courses


def test_a_line_is_a_guests_and_comes_with_a_course() -> None:
    desk = Desk()
    first, second = add(desk, HOT, seat=1, course=1), add(desk, HOT)
    assert len(desk.order.priced.rows) == 2
    desk.do(choosing.seat_row(desk.order, second, seat=1))
    desk.do(choosing.seat_row(desk.order, second, course=1))
    assert [row.line_ids for row in desk.order.priced.rows] == [(first, second)]
    assert choosing.seat_row(desk.order, second, seat=1) == []
    desk.do(choosing.seat_row(desk.order, first, seat=0))
    assert [(line.seat, line.course) for line in desk.order.lines.values()] == [(None, 1), (None, 1)]
    for number in (-1, 100):
        with pytest.raises(LineError):
            choosing.seat_row(desk.order, first, seat=number)


def test_a_seat_and_a_course_set_by_two_tills_apart_both_stand() -> None:
    one, two = Hand(1), Hand(2)
    events = [one.opened(), one.added("a")]
    two.knows(*events)
    events += [two.took(), two.make(LineSeated(line_id=A, seat=3)), one.make(LineSeated(line_id=A, course=2))]
    line = folded(*events).lines[A]
    assert (line.seat, line.course) == (3, 2)


def test_a_course_is_fired_once_and_a_line_of_it_that_comes_later_by_itself() -> None:
    desk = Desk()
    first, second, third = add(desk, HOT, course=1), add(desk, HOT, course=2), add(desk, MILD, course=2)
    add(desk, HOT)
    assert courses.next_course(desk.order) == 1
    desk.do(courses.fire_course(desk.order, 2))
    assert [bool(line.fired_at) for line in desk.order.lines.values()] == [False, True, True, False]
    assert courses.next_course(desk.order) == 1
    with pytest.raises(LineError, match="Course 2 is already fired"):
        courses.fire_course(desk.order, 2)
    with pytest.raises(LineError, match="No line is in course 3"):
        courses.fire_course(desk.order, 3)
    late = add(desk, MILD, course=2)
    assert [row.line_ids for row in desk.order.priced.rows][2:] == [
        (third,),
        (desk.order.priced.rows[3].first.id,),
        (late,),
    ]
    desk.do(courses.fire_course(desk.order, 2))
    assert [row.line_ids for row in desk.order.priced.rows][2] == (third, late)
    desk.do(voiding.void_row(desk.order, first, "gone"))
    assert courses.next_course(desk.order) is None
    with pytest.raises(LineError, match="Every course is already fired"):
        courses.fire_course(desk.order, None)
    assert second in desk.order.lines


def test_next_course_is_fired_alone_and_void_lines_are_in_none() -> None:
    desk = Desk()
    second, first, gone = add(desk, HOT, course=2), add(desk, MILD, course=1), add(desk, HOT, HALF, course=1)
    void = add(desk, HOT, GHEE, course=3)
    desk.do(voiding.void_line(desk.order, gone, "dropped"))
    desk.do(voiding.void_line(desk.order, void, "dropped"))
    for course in (first, second):
        [fired] = courses.fire_course(desk.order, None)
        assert fired.data == CourseFired(line_id=course)
        desk.do([fired])
    with pytest.raises(LineError, match="Every course is already fired"):
        courses.fire_course(desk.order, None)
    with pytest.raises(LineError, match="No line is in course 3"):
        courses.fire_course(desk.order, 3)
    for line in (first, second):
        desk.do(voiding.void_line(desk.order, line, "dropped"))
    with pytest.raises(LineError, match="No line has a course"):
        courses.fire_course(desk.order, None)


def test_a_line_that_goes_to_another_course_is_to_be_fired_again() -> None:
    desk = Desk()
    line = add(desk, HOT, course=1)
    desk.do(courses.fire_course(desk.order, None))
    called = desk.order.lines[line].fired_at
    desk.do(choosing.seat_row(desk.order, line, seat=2))
    assert desk.order.lines[line].fired_at == called
    desk.do(choosing.seat_row(desk.order, line, course=2))
    assert desk.order.lines[line].fired_at is None
    assert courses.next_course(desk.order) == 2


def test_no_course_is_fired_where_no_line_has_one() -> None:
    desk = Desk()
    add(desk, HOT)
    with pytest.raises(LineError, match="No line has a course"):
        courses.fire_course(desk.order, None)


# Another price


def test_a_price_is_overridden_with_a_reason_and_reported_with_what_it_was() -> None:
    desk = Desk()
    line = add(desk, HOT, GHEE, quantity=2)
    [draft] = choosing.override_price(desk.order, line, Price4(450_000), " regular ", approved_by=9)
    assert isinstance(draft.data, PriceOverridden)
    assert (draft.data.was, draft.data.price, draft.data.reason, draft.data.approved_by) == (
        "80.00", "45.00", "regular", 9,
    )  # fmt: skip
    desk.do([draft])
    assert desk.order.total == 2 * (4_500 + 2_000)
    desk.do(choosing.override_price(desk.order, line, Price4(800_000), "no"))
    assert desk.order.total == 20_000


def test_a_price_that_is_none_is_refused() -> None:
    desk = Desk()
    line = add(desk, HOT, HALF)
    with pytest.raises(AmountError):
        choosing.override_price(desk.order, line, Price4(-1), "why")
    with pytest.raises(AmountError):
        choosing.override_price(desk.order, line, Price4(10_000_001 * 10_000), "why")
    with pytest.raises(ChoiceError):  # with what is chosen it would be less than 0
        choosing.override_price(desk.order, line, Price4(100_000), "why")
    with pytest.raises(LineError, match="already costs that"):
        choosing.override_price(desk.order, line, Price4(800_000), "why")
    with pytest.raises(ReasonNeededError):
        choosing.override_price(desk.order, line, Price4(700_000), " \x1b ")


def test_a_price_and_a_choice_made_apart_are_never_less_than_nothing() -> None:
    one, two = Hand(1), Hand(2)
    events = [one.opened(), one.added("a", price="80.00")]
    two.knows(*events)
    half = LineModifier(name="half", price="-50.00", group="less")
    events += [two.took(), two.make(ModifiersSet(line_id=A, modifiers=(half,)))]
    events.append(one.make(PriceOverridden(line_id=A, was="80.00", price="30.00")))
    assert folded(*events).total == 0


# Age


def test_highest_age_that_passed_counts() -> None:
    desk = Desk()
    desk.do(choosing.age_checked(desk.order, 18, passed=False))
    assert desk.order.of_age == 0
    desk.do(choosing.age_checked(desk.order, 18, passed=True))
    desk.do(choosing.age_checked(desk.order, 21, passed=False))
    assert desk.order.of_age == 18
    assert choosing.age_checked(desk.order, 16, passed=True) == []


# Two tills


@given(st.randoms(use_true_random=False))
def test_changes_of_a_line_fold_alike_in_any_order(chance: random.Random) -> None:
    one, two = Hand(1), Hand(2)
    events: list[Event] = [one.opened(), one.added("a", price="80.00")]
    two.knows(*events)
    events.append(two.took())
    for hand in (one, two, one, two):
        made = chance.choice(
            [ModifiersSet(line_id=A, modifiers=(LineModifier(name="hot", price="1.00"),), asks=("Size",)),
             ModifiersSet(line_id=A), PriceOverridden(line_id=A, was="80.00", price=str(chance.randint(1, 90))),
             LineSeated(line_id=A, seat=chance.randint(0, 3)), LineSeated(line_id=A, course=chance.randint(0, 3)),
             CourseFired(line_id=A)]
        )  # fmt: skip
        events.append(hand.make(made))
    events.append(one.undone(chance.choice(events[3:])))
    order = folded(*sorted(events, key=lambda event: event.id))
    chance.shuffle(events)
    assert fold(events) == order


def test_a_line_that_moves_takes_its_changes_along_and_they_are_undone_there() -> None:
    desk = Desk()
    line = add(desk, MILD)
    add(desk, HOT)
    choose(desk, line, HOT, GHEE)
    chosen = desk.order.last_id
    desk.do(choosing.seat_row(desk.order, line, seat=4, course=1))
    desk.do(courses.fire_course(desk.order, 1))
    desk.do(choosing.override_price(desk.order, line, Price4(500_000), "regular"))
    before = desk.order.lines[line]
    into = uid("into")
    drafts = moving.split(desk.order, [line], into)
    there = desk.hand.take(None, [draft for draft in drafts if draft.stream_id == into])
    moved = there.lines[line]
    assert (moved.modifiers, moved.seat, moved.price4) == (before.modifiers, 4, 500_000)
    assert moved.fired_at == before.fired_at is not None
    assert there.total == 7_000
    undone = desk.hand.take(there, voiding.undo_changes(there, [chosen]))
    assert undone.lines[line].modifiers == (MILD,)
