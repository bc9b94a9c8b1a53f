"""Refusals of decisions on an order: each in its sentence, and the nearest case that is not refused."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.domain.making import CUP, DOSA, IDLY, INR, MENU, SESSION, SOUP, START, TAB, A, Desk, uid
from tests.domain.order.laden import EXTRA, GHEE, SIZE
from tests.domain.order.test_charging import SENT
from till.domain.catalogue.menu import Item
from till.domain.errors import (
    AmountError,
    LineError,
    NoTabError,
    OrderClosedError,
    PaymentError,
    QuantityError,
    ReasonNeededError,
    RightsError,
    TillError,
)
from till.domain.events.envelope import time_text
from till.domain.money.amount import LARGEST_MAJOR, Currency
from till.domain.money.formats import Formats, marks_of
from till.domain.money.measures import Millionths, Minor, Price4, Thousandths
from till.domain.money.settling import PaidRounding
from till.domain.money.tax import Tax
from till.domain.order import (
    charging,
    choices,
    choosing,
    courses,
    deciding,
    discounting,
    feedback,
    guests,
    moving,
    noting,
    paying,
    quantities,
    retyping,
    selling,
    suspension,
    voiding,
)
from till.domain.order.choices import ChoiceError
from till.domain.order.deciding import EmptyOrderError
from till.domain.order.discounting import Given
from till.domain.order.events import (
    FeedbackGiven,
    RungAgain,
    TabAssigned,
)
from till.domain.order.feedback import FeedbackError
from till.domain.order.line import Modifier
from till.domain.order.paying import CASH, Completion, NotChosenError, Tendered, UnreadRecordError
from till.domain.order.selling import ItemEntry, PriceNeededError
from till.domain.order.state import Feedback, Order, Status, Tab
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

TABLE: Final = Tab(TAB, "table 7", 7)
GOUDA: Final = Item("gouda", "Gouda", "deli", Price4(129_900), "A", unit="kg")
DONE: Final = "This order is finished. The next line starts a new one."
GONE: Final = "There is no such line on this order."
BUSY: Final = "A payment is under way. F9 shows it, and settles it."
HELD: Final = "Another till holds that order: open it here first, F5 or F8."
EMPTY: Final = "There are no lines to pay. Key an item first."
REASON: Final = "A reason is needed. Type a word or two."
UNREAD: Final = "Update this till, or a manager skips the record."


def money(amount: Minor) -> str:
    return f"<{amount}>"


class Made(Desk):
    """An order with lines by their short names, each of 1 piece unless its name says more: `a` or `a 3`."""

    def __init__(self, *lines: str, item: Item = IDLY, **more: Any) -> None:
        super().__init__(**more)
        for line in lines:
            name, _space, pieces = line.partition(" ")
            self.key(name, item, int(pieces or 1))

    def key(self, name: str, item: Item, quantity: int = 1, **more: Any) -> Made:
        self.do(selling.add_item(self.order, self.menu, ItemEntry(item, quantity, **more), uid(name)))
        return self

    def then(self, decide: Callable[[Order], Any]) -> Made:
        self.do(decide(self.order))
        return self

    def paid(self, amount: int, tender: str = CASH, **more: Any) -> Made:
        self.pay(tender, amount, **more)
        return self


def _parked(*lines: str) -> Made:
    return Made(*(lines or ("a",))).then(suspension.suspend)


def _saved() -> Made:
    return Made("a").then(lambda order: suspension.put_on_tab(order, TABLE))


def _cleared() -> Made:
    return Made("a").then(lambda order: suspension.discard(order, "left"))


def _sold() -> Made:
    desk = Made("a").paid(4_000)
    desk.place()
    return desk


def _asked() -> Made:
    """A card is asked for a part."""
    return Made("a", "b").then(
        lambda order: charging.start_charge(order, uid("p"), Tendered("CARD", Minor(1_000)), SENT)
    )


def _void() -> Made:
    return Made("a").then(lambda order: voiding.void_row(order, A, "dropped"))


def _void_paid() -> Made:
    return Made("a").paid(1_000).then(lambda order: voiding.void_row(order, A, "dropped"))


def _unread(desk: Desk) -> Order:
    unread = {uid("u"): None}
    return replace(desk.order, unread=unread)  # type: ignore[arg-type]


def refused(decide: Callable[[], Any], kind: type[TillError], sentence: str) -> None:
    with pytest.raises(kind) as problem:
        decide()
    assert (type(problem.value), problem.value.sentence) == (kind, sentence)


# The status

_SUBMITTED: Final[Any] = object()

_CHANGES: Final[list[Callable[[Order], Any]]] = [
    lambda order: selling.add_item(order, MENU, ItemEntry(IDLY), uid("n")),
    lambda order: quantities.change_quantity(order, A, 2, uid("n")),
    lambda order: voiding.void_row(order, A, "dropped"),
    lambda order: voiding.void_line(order, A, "dropped"),
    lambda order: voiding.restore_voids(order, [A]),
    lambda order: discounting.discount_line(order, A, amount=Minor(1), reason="late"),
    lambda order: retyping.set_order_type(order, "dine_in"),
    lambda order: guests.set_preference(order, "x", "y"),
    lambda order: noting.note_order(order, "rush"),
    lambda order: noting.note_row(order, A, "thin"),
    lambda order: guests.attach_customer(order, None, "Asha"),
    lambda order: voiding.undo_changes(order, [A]),
    lambda order: choosing.set_modifiers(order, (), A, (GHEE,)),
    lambda order: choosing.seat_row(order, A, seat=1),
    lambda order: courses.fire_course(order, 1),
    lambda order: choosing.override_price(order, A, Price4(1), "regular"),
    lambda order: choosing.age_checked(order, 18, passed=True),
    lambda order: discounting.give(order, A, Given(amount=Minor(1), reason="late")),
    lambda order: suspension.put_on_tab(order, TABLE),
    lambda order: suspension.save_again(order, TABLE),
    lambda order: suspension.seat(order, uid("k"), TABLE),
]


@pytest.mark.parametrize("change", _CHANGES)
def test_order_is_changed_while_it_is_active_and_no_payment_is_under_way(change: Callable[[Order], Any]) -> None:
    for made, sentence in (
        (_parked, "This order is suspended. F5 resumes it."),
        (_saved, "This order is on table 7. Recall it with F8."),
        (_cleared, "This order was cleared. The next line starts a new one."),
        (_sold, DONE),
    ):
        refused(lambda made=made: change(made().order), OrderClosedError, sentence)  # type: ignore[misc]
    refused(lambda: change(_asked().order), PaymentError, BUSY)


@pytest.mark.parametrize(
    ("decide", "kind", "sentence"),
    [
        # at rest
        (lambda: suspension.resume(_saved().order, here=1), OrderClosedError, DONE),
        (lambda: suspension.resume(_parked().order, here=2), OrderClosedError, HELD),
        (lambda: suspension.recall_tab(_parked().order, here=1, user=1), NoTabError, None),
        (lambda: suspension.recall_tab(_saved().order, here=2, user=1), OrderClosedError, HELD),
        (lambda: suspension.resume_submitted(_parked().order, here=1, user=1), OrderClosedError, DONE),
        (lambda: suspension.put_on_tab(Made().order, TABLE), EmptyOrderError, EMPTY),
        (lambda: suspension.put_on_tab(_void().order, TABLE), EmptyOrderError, EMPTY),
        # cleared
        (lambda: suspension.check_clearable(_sold().order), OrderClosedError, DONE),
        (lambda: suspension.check_clearable(_cleared().order), OrderClosedError, DONE),
        (lambda: suspension.check_clearable(_asked().order), PaymentError, BUSY),
        (
            lambda: suspension.check_clearable(Made("a").paid(1_000).order, money),
            PaymentError,
            "<1000> is paid. Pay (F9) takes the rest, or refunds it.",
        ),
        (
            lambda: suspension.discard(Made("a").paid(1_000).order, "left"),
            PaymentError,
            "₹10.00 is paid. Pay (F9) takes the rest, or refunds it.",
        ),
        (
            lambda: suspension.discard(_void_paid().order, "left", money),
            PaymentError,
            "<1000> was taken and no line is left. Pay (F9) refunds it.",
        ),
        (lambda: suspension.discard(Made("a").order, "12 34"), ReasonNeededError, REASON),
        (lambda: suspension.reopen(Made("a").order, here=1, by=1, manages=True), OrderClosedError, DONE),
        (
            lambda: suspension.reopen(_cleared().order, here=1, by=2, manages=False),
            RightsError,
            "Somebody else cleared it: a manager reopens it with F5.",
        ),
        (lambda: suspension.reopen(_cleared().order, here=2, by=1, manages=True), OrderClosedError, HELD),
        (
            lambda: suspension.reopen(replace(_cleared().order, lines={}), here=1, by=1, manages=True),
            OrderClosedError,
            "Nothing is left on that order: its lines are on another one.",
        ),
        (
            lambda: suspension.reopen(
                replace(_cleared().order, lines={}, booking=uid("k"), moved={A: None}),  # type: ignore[dict-item]
                here=1, by=1, manages=True,
            ),
            OrderClosedError,
            "Nothing is left on that order: its lines are on another one.",
        ),
        (
            lambda: charging.save_unanswered(Made("a").order, TABLE),
            PaymentError,
            "No payment is waiting here.",
        ),
        (
            lambda: charging.save_unanswered(replace(_asked().order, status=Status.PENDING_LOGOUT), TABLE),
            PaymentError,
            "No payment is waiting here.",
        ),
        # feedback
        (lambda: feedback.give(Made("a").order, 5, ""), FeedbackError, None),
        (lambda: feedback.give(_sold().order, 0, ""), FeedbackError, None),
        (lambda: feedback.give(_sold().order, 6, ""), FeedbackError, None),
    ],
)  # fmt: skip
def test_order_that_is_elsewhere_or_over_is_not_taken_up(
    decide: Callable[[], Any], kind: type[TillError], sentence: str | None
) -> None:
    refused(decide, kind, sentence or kind.default)


def test_orders_at_rest_are_taken_up_at_their_bounds() -> None:
    assert suspension.resume(_parked().order, here=1)
    assert suspension.resume_submitted(replace(_parked().order, submitted=_SUBMITTED), here=1, user=1)
    over = replace(_sold().order, submitted=_SUBMITTED)
    refused(lambda: suspension.resume_submitted(over, here=1, user=1), OrderClosedError, DONE)
    seated = replace(Made().order, booking=uid("k"))
    assert suspension.put_on_tab(seated, TABLE)
    assert suspension.reopen(_cleared().order, here=1, by=2, manages=True)
    booked = replace(_cleared().order, lines={}, booking=uid("k"))
    assert suspension.reopen(booked, here=1, by=1, manages=False)
    suspension.check_clearable(_parked().order)
    suspension.check_clearable(_saved().order)
    assert selling.view_menu(_asked().order, "", "", [])


def test_an_order_on_a_tab_without_a_name_still_says_where_it_is() -> None:
    order = replace(_saved().order, tab=None)
    refused(lambda: deciding.check_active(order), OrderClosedError, "This order is on . Recall it with F8.")
    quarantined = replace(order, status=Status.QUARANTINED)
    refused(lambda: deciding.check_active(quarantined), OrderClosedError, DONE)


@pytest.mark.parametrize(
    ("status", "tab", "is_blank", "kinds"),
    [
        (Status.ACTIVE, None, True, ["OrderDiscarded"]),
        (Status.ACTIVE, TABLE, True, ["OrderDiscarded"]),
        (Status.PENDING_LOGOUT, None, True, []),
        (Status.ACTIVE, TABLE, False, ["TabAssigned"]),
        (Status.ACTIVE, None, False, ["OrderParked"]),
        (Status.PENDING_LOGOUT, TABLE, False, []),
        (Status.ASSIGNED_TO_TAB, TABLE, False, []),
    ],
)
def test_user_who_leaves_clears_a_blank_order_and_saves_a_tab(
    status: Status, tab: Tab | None, *, is_blank: bool, kinds: list[str]
) -> None:
    order = replace(Made(*([] if is_blank else ["a"])).order, status=status, tab=tab)
    drafts = suspension.suspend_or_clear(order)
    assert [type(draft.data).__name__ for draft in drafts] == kinds
    if kinds == ["TabAssigned"]:
        assert drafts[0].data == TabAssigned(tab_id=TAB, table_number=7, name="table 7")


@pytest.mark.parametrize(
    ("score", "words", "kept"),
    [
        (1, "", Feedback(1, "")),
        (5, "  so\x1b  warm ", Feedback(5, "so  warm")),
        (3, "x" * 1_001, Feedback(3, "x" * 1_000)),
    ],
)
def test_feedback_is_for_the_sale_and_cleaned(score: int, words: str, kept: Feedback) -> None:
    order = _sold().order
    assert order.placed is not None
    [draft] = feedback.give(order, score, words)
    assert draft.data == FeedbackGiven(order_id=order.placed.data.order_id, score=kept.score, words=kept.words)
    assert feedback.give(replace(order, feedback=kept), score, words) == []


# Lines


def _weighed(measure: int | None) -> ItemEntry:
    return ItemEntry(GOUDA, measure=None if measure is None else Thousandths(measure))


def _add(keyed: ItemEntry) -> Any:
    return selling.add_item(Made().order, replace(MENU, items=(*MENU.items, GOUDA)), keyed, A)


def _changed(**more: Any) -> Made:
    return Made("a 3", **more)


def _weigh(measure: int, change: Callable[[Order], Any] | None = None) -> Any:
    desk = Made(menu=replace(MENU, items=(GOUDA,))).key("a", GOUDA, measure=Thousandths(335))
    if change is not None:
        desk.then(change)
    return quantities.weigh_again(desk.order, A, Thousandths(measure), uid("n"))


def _undo_moved() -> Any:
    desk = Made("a").key("b", DOSA).then(lambda order: noting.note_row(order, A, "thin"))
    noted = desk.order.last_id
    desk.then(lambda order: [moving.move_away(order, uid("x"), [A])])
    return voiding.undo_changes(desk.order, [noted])


PRICED: Final = "Its price was changed. F7 voids it; then key it again."
_QUANTITY: Final = QuantityError.default


@pytest.mark.parametrize(
    ("decide", "kind", "sentence"),
    [
        (lambda: _add(_weighed(0)), QuantityError, _QUANTITY),
        (lambda: _add(_weighed(9_999_001)), QuantityError, _QUANTITY),
        (lambda: _add(_weighed(None)), QuantityError, "Gouda is weighed. Type its weight: 0.335 Gouda."),
        (
            lambda: _add(ItemEntry(IDLY, measure=Thousandths(1))),
            QuantityError,
            "Idly is sold by the piece. Type 2 Idly.",
        ),
        (lambda: _add(ItemEntry(IDLY, 0)), QuantityError, _QUANTITY),
        (lambda: _add(ItemEntry(IDLY, 10_000)), QuantityError, _QUANTITY),
        (lambda: _add(ItemEntry(CUP, -10_000)), QuantityError, _QUANTITY),
        (
            lambda: _add(ItemEntry(SOUP)),
            PriceNeededError,
            "Soup of the day has an open price: type it.",
        ),
        (
            lambda: _add(ItemEntry(SOUP, price4=Price4(49))),
            AmountError,
            "An open price is more than 0. “comp” gives a line away.",
        ),
        (
            lambda: _add(ItemEntry(IDLY, price4=Price4(-1))),
            AmountError,
            "A price is never below 0. A return begins with −: -1 bottle.",
        ),
        (
            lambda: quantities.change_quantity(_changed().order, A, 0, uid("n")),
            QuantityError,
            "To take Idly off, void the line (F7).",
        ),
        (
            lambda: quantities.change_quantity(_changed().order, A, -3, uid("n")),
            QuantityError,
            "To take Idly off, void the line (F7).",
        ),
        (
            lambda: quantities.change_quantity(Made("a -3", item=CUP).order, A, 1, uid("n")),
            QuantityError,
            "To take Cup deposit off, void the line (F7).",
        ),
        (lambda: quantities.change_quantity(_changed().order, A, 10_000, uid("n")), QuantityError, _QUANTITY),
        (lambda: quantities.change_quantity(_changed().order, uid("x"), 1, uid("n")), LineError, GONE),
        (
            lambda: quantities.change_quantity(
                Made("a 3", "b").paid(4_000, pieces={A: 1}).order, A, 0, uid("n")
            ),
            QuantityError,
            "To take Idly off, void the line (F7).",
        ),
        (
            lambda: quantities.change_quantity(Made("a 3", "b").paid(12_000, pieces={A: 3}).order, A, 2, uid("n")),
            PaymentError,
            "3 Idly are paid for: refund that payment first.",
        ),
        (lambda: _weigh(0), QuantityError, _QUANTITY),
        (lambda: _weigh(9_999_001), QuantityError, _QUANTITY),
        (
            lambda: _weigh(500, lambda order: choosing.override_price(order, A, Price4(1), "x")),
            LineError,
            PRICED,
        ),
        (
            lambda: _weigh(500, lambda order: discounting.give(order, A, Given(amount=Minor(1), reason="x"))),
            LineError,
            PRICED,
        ),
        (lambda: voiding.void_row(Made("a").order, uid("x"), "dropped"), LineError, GONE),
        (lambda: voiding.void_line(Made("a").order, uid("x"), "dropped"), LineError, GONE),
        (lambda: voiding.void_row(Made("a").order, A, " 1234\t"), ReasonNeededError, REASON),
        (lambda: voiding.void_line(Made("a").order, A, ""), ReasonNeededError, REASON),
        (
            lambda: voiding.void_line(Made("a").paid(4_000, pieces={A: 1}).order, A, "dropped"),
            PaymentError,
            "1 Idly is paid for: refund that payment first.",
        ),
        (lambda: voiding.restore_voids(Made("a").order, [uid("x")]), LineError, GONE),
        (lambda: voiding.restore_voids(Made("a").order, [A]), LineError, "Idly is already back."),
        (lambda: voiding.restore_voids(Made("a").order, []), LineError, "There is nothing left of it to undo."),
        (
            lambda: voiding.restore_voids(_void().then(lambda o: [moving.move_away(o, uid("x"), [A])]).order, [A]),
            LineError,
            GONE,
        ),
        (
            lambda: discounting.discount_line(Made("a").order, A, amount=Minor(0), reason="late"),
            AmountError,
            "A discount is more than 0. Type how much to take off.",
        ),
        (
            lambda: discounting.discount_line(Made("a").order, uid("x"), amount=Minor(1), reason="late"),
            LineError,
            GONE,
        ),
        (
            lambda: discounting.discount_line(Made("a").order, A, amount=Minor(1), reason=""),
            ReasonNeededError,
            REASON,
        ),
        (lambda: voiding.undo_changes(Made("a").order, []), LineError, "There is nothing left of it to undo."),
        (
            lambda: voiding.undo_changes(replace(Made("a").order, undone=frozenset({uid("x")})), [uid("x")]),
            LineError,
            "There is nothing left of it to undo.",
        ),
        (
            _undo_moved,
            LineError,
            "That line is now on another order: change it there.",
        ),
        (lambda: noting.note_row(Made("a").order, uid("x"), "thin"), LineError, GONE),
        (lambda: deciding.check_not_empty(_void().order), EmptyOrderError, EMPTY),
    ],
)  # fmt: skip
def test_line_that_is_refused_says_why(decide: Callable[[], Any], kind: type[TillError], sentence: str) -> None:
    refused(decide, kind, sentence)


def test_lines_at_their_bounds_are_taken() -> None:
    for keyed in (
        _weighed(1),
        _weighed(9_999_000),
        ItemEntry(IDLY, 9_999),
        ItemEntry(CUP, -9_999),
        ItemEntry(SOUP, price4=Price4(50)),
        ItemEntry(IDLY, price4=Price4(0)),
    ):
        assert _add(keyed)
    assert quantities.change_quantity(_changed().order, A, 9_999, uid("n"))
    assert quantities.change_quantity(Made("a 3", "b").paid(4_000, pieces={A: 1}).order, A, 2, uid("n"))
    assert _weigh(1)
    assert _weigh(9_999_000)
    assert discounting.discount_line(Made("a").order, A, amount=Minor(1), reason="late")
    assert voiding.void_row(Made("a").order, A, "1 of 2")


@pytest.mark.parametrize(
    ("returned", "may", "is_refused"), [(50_000, False, False), (50_001, False, True), (50_001, True, False)]
)
def test_returns_over_the_largest_note_are_for_a_manager(returned: int, *, may: bool, is_refused: bool) -> None:
    formats, asked = Formats(Currency("INR"), marks_of("en_IN")), list[PermissionRequest]()

    def allows(one: PermissionRequest) -> bool:
        asked.append(one)
        return may

    def check() -> None:
        selling.check_returned(Minor(returned), formats, allows)

    if is_refused:
        refused(check, RightsError, "Returns over ₹500.00 in one order are for a manager.")
    else:
        check()
    assert asked == ([PermissionRequest(Permission.REFUND, Minor(returned))] if returned > 50_000 else [])


# Choices, prices, courses


def _fits(price4: int, *chosen: Modifier) -> None:
    choices.check_fits((EXTRA, SIZE), chosen, price4, "Dosa\x1b")


LESS: Final = Modifier("half", Price4(-500_000), "less")
PODI: Final = Modifier("podi", Price4(0), "extra")


def _course(desk: Made, course: int | None) -> Any:
    return courses.fire_course(desk.order, course)


def _coursed() -> Made:
    return Made().key("a", IDLY, course=1).then(lambda order: courses.fire_course(order, 1))


@pytest.mark.parametrize(
    ("decide", "kind", "sentence"),
    [
        (lambda: _fits(0, GHEE, GHEE, PODI), ChoiceError, "Extra: up to 2."),
        (lambda: _fits(499_999, LESS), ChoiceError, "Dosa would cost less than 0. Take an option off."),
        (lambda: choosing.check_price(Price4(-1)), AmountError, "A price is from 0 to ten million."),
        (lambda: choosing.check_price(Price4(100_000_000_001)), AmountError, "A price is from 0 to ten million."),
        (
            lambda: choosing.seat_row(Made("a").order, A, seat=100),
            LineError,
            "Type a number from 1 to 99.",
        ),
        (lambda: choosing.seat_row(Made("a").order, A, course=-1), LineError, "Type a number from 1 to 99."),
        (
            lambda: choosing.override_price(Made("a").order, A, Price4(400_000), "x"),
            LineError,
            "Idly already costs that.",
        ),
        (lambda: choosing.override_price(Made("a").order, A, Price4(1), "12"), ReasonNeededError, REASON),
        (lambda: _course(Made("a"), None), LineError, "No line has a course. Mark one and type “course 1”."),
        (lambda: _course(_coursed(), 2), LineError, "No line is in course 2."),
        (lambda: _course(_coursed(), 1), LineError, "Course 1 is already fired."),
        (lambda: _course(_coursed(), None), LineError, "Every course is already fired."),
        (
            lambda: choices.toggle_option((EXTRA,), (GHEE, PODI), Modifier("cheese", Price4(1), "extra")),
            ChoiceError,
            "Up to 2. Take one off first.",
        ),
    ],
)
def test_choice_that_is_refused_says_why(decide: Callable[[], Any], kind: type[TillError], sentence: str) -> None:
    refused(decide, kind, sentence)


def test_choices_and_prices_at_their_bounds_are_taken() -> None:
    _fits(0, GHEE, PODI)
    _fits(500_000, LESS)
    choosing.check_price(Price4(0))
    choosing.check_price(Price4(100_000_000_000))
    for number in (1, 99):
        assert choosing.seat_row(Made("a").order, A, seat=number)
        assert choosing.seat_row(Made("a").order, A, course=number)
    assert choosing.seat_row(Made("a").order, A, seat=0, course=0) == []
    assert choosing.age_checked(replace(Made().order, of_age=17), 18, passed=True)
    assert choosing.age_checked(replace(Made().order, of_age=18), 18, passed=True) == []
    assert choosing.age_checked(replace(Made().order, of_age=18), 18, passed=False)


# Discounts

LEVIED: Final = replace(MENU, taxes={"A": (Tax("Levy", Millionths(0), per_piece=Minor(1_000)),)})  # type: ignore[arg-type]


def _given(amount: int | None = None, rate: int | None = None, **more: Any) -> Given:
    return Given(
        None if rate is None else Millionths(rate),
        None if amount is None else Minor(amount),
        **{"reason": "late"} | more,
    )


def _off(order: Order, line: str | None, given: Given) -> Minor:
    return discounting.taken_off(order, line, given)


FIRM: Final = "Nothing to take off: a deposit or levy is never discounted."


@pytest.mark.parametrize(
    ("decide", "kind", "sentence"),
    [
        (lambda: _off(Made("a", item=CUP).order, A, _given(1)), AmountError, FIRM),
        (lambda: _off(Made("a", item=CUP).order, None, _given(1)), AmountError, FIRM),
        (
            lambda: _off(Made().key("a", IDLY, price4=Price4(0)).order, A, _given(1)),
            AmountError,
            "Nothing to take off: it costs nothing.",
        ),
        (
            lambda: _off(Made("a").order, A, _given(4_001)),
            AmountError,
            "₹40.01 is more than the price. Take off ₹40.00 at most.",
        ),
        (
            lambda: _off(Made("a", menu=LEVIED).order, A, _given(3_001)),
            AmountError,
            "₹30.00 at most can come off: the rest is a deposit.",
        ),
        (
            lambda: _off(Made("a").key("b", CUP, 2).order, None, _given(4_001)),
            AmountError,
            "₹40.00 at most can come off: the rest is a deposit.",
        ),
        (lambda: _off(Made("a").order, A, _given(rate=1_000_001)), AmountError, "Type 100 % or less."),
        (
            lambda: _off(Made("a").order, A, _given(0)),
            AmountError,
            "A discount is more than 0. Type how much to take off.",
        ),
        (
            lambda: _off(Made("a").order, A, _given(rate=100)),
            AmountError,
            "A discount is more than 0. Type how much to take off.",
        ),
        (lambda: _off(Made("a").order, uid("x"), _given(1)), LineError, GONE),
        (lambda: discounting.give(_void().order, None, _given(1)), EmptyOrderError, EMPTY),
        (lambda: discounting.give(Made("a").order, A, _given(1, reason="")), ReasonNeededError, REASON),
        (lambda: discounting.give(Made("a").order, A, _given(1, reason="", kind="comp")), ReasonNeededError, REASON),
        (
            lambda: discounting.give(_club(None).order, A, _given(rate=1, name="Club")),
            AmountError,
            "Club is on this order already.",
        ),
        (
            lambda: discounting.give(_club(A).order, A, _given(rate=1, name="Club")),
            AmountError,
            "Club is on this line already.",
        ),
        (
            lambda: discounting.give(_club(A).order, None, _given(rate=1, name="Club")),
            AmountError,
            "Club is on this order already.",
        ),
    ],
)
def test_discount_that_is_refused_says_why(decide: Callable[[], Any], kind: type[TillError], sentence: str) -> None:
    refused(decide, kind, sentence)


def _club(line: str | None) -> Made:
    """A discount of the venue on a line or the order, with another line on it."""
    return (
        Made("a")
        .key("b", DOSA)
        .then(lambda order: discounting.give(order, line, _given(rate=100_000, name="Club", reason="")))
    )


def test_discounts_at_their_bounds_are_given() -> None:
    assert _off(Made("a").order, A, _given(4_000)) == 4_000
    assert _off(Made("a").order, A, _given(1)) == 1
    assert _off(Made().key("a", IDLY, price4=Price4(100)).order, A, _given(1)) == 1
    assert _off(Made("a").order, A, _given(rate=1_000_000)) == 4_000
    assert _off(Made("a").order, A, _given(rate=125)) == 1
    assert _off(Made("a", menu=LEVIED).order, A, _given(3_000)) == 3_000
    assert discounting.give(Made("a").order, A, _given(1, reason="", kind="staff_meal"))
    assert discounting.give(_club(A).order, uid("b"), _given(rate=1_000, name="Club"))
    assert discounting.give(_club(None).order, A, _given(rate=1_000, name="Senior"))


# Orders apart


def _two() -> tuple[Order, Order]:
    return Made("a", "b").order, replace(Made("c", "d").order, id=uid("into"))


def _copy(order: Order, of: Order) -> Order:
    return replace(order, again=RungAgain(session=of.id, at=time_text(START)))


def _apart(**more: Any) -> Any:
    one, two = _two()
    return moving.check_apart(one, replace(two, **more))


def _terms(**more: Any) -> Any:
    return _apart(terms=replace(INR, **more))


DIFFER: Final = "Their tax settings differ: pay each one separately."
BOTH: Final = "Both have paid in part: let one pay, or refund one part."


@pytest.mark.parametrize(
    ("decide", "kind", "sentence"),
    [
        (lambda: moving.check_movable(_parked().order), OrderClosedError, "This order is suspended. F5 resumes it."),
        (lambda: moving.check_movable(_sold().order), OrderClosedError, DONE),
        (lambda: moving.check_movable(replace(_sold().order, tab=TABLE)), OrderClosedError, DONE),
        (lambda: moving.check_movable(_asked().order), PaymentError, BUSY),
        (lambda: moving.check_movable(replace(_asked().order, tab=TABLE)), PaymentError, BUSY),
        (lambda: moving.check_apart(_two()[0], _two()[0]), LineError, GONE),
        (lambda: _terms(included=False), LineError, DIFFER),
        (lambda: _terms(currency=Currency("USD")), LineError, DIFFER),
        (lambda: moving.check_apart(_sold().order, _two()[1]), OrderClosedError, DONE),
        (lambda: moving.check_apart(_two()[1], _sold().order), OrderClosedError, DONE),
        (
            lambda: moving.check_no_copy(_two()[0], _copy(_two()[1], _two()[0])),
            LineError,
            "Idly was rung again: void it on one of the two first.",
        ),
        (
            lambda: moving.check_no_copy(_copy(_two()[0], _two()[1]), _two()[1]),
            LineError,
            "Idly was rung again: void it on one of the two first.",
        ),
        (
            lambda: moving.emptied_and_kept(Made("a").paid(1).order, Made("a").paid(1).order),
            PaymentError,
            BOTH,
        ),
        (
            lambda: moving.check_money_stays(_void_paid().order, money),
            PaymentError,
            "<1000> is paid, more than stays. Pay it, or refund first.",
        ),
        (
            lambda: moving.check_money_stays(_void_paid().order),
            PaymentError,
            "₹10.00 is paid, more than stays. Pay it, or refund first.",
        ),
        (
            lambda: moving.check_money_stays(_returned().order, money),
            PaymentError,
            "<-200> is paid, more than stays. Pay it, or refund first.",
        ),
        # pieces
        (lambda: _cut({A: 3}), QuantityError, "Idly has 3 pieces: take fewer than that."),
        (lambda: _cut({A: 0}), QuantityError, "Idly has 3 pieces: take fewer than that."),
        (
            lambda: moving.cut(
                _changed().then(lambda o: quantities.change_quantity(o, A, 2, uid("n"))).order, {A: 2}, {A: uid("c")}
            ),
            QuantityError,
            "Idly has 2 pieces: take fewer than that.",
        ),
        (
            lambda: moving.check_money_stays(_paid_out(1_000), money),
            PaymentError,
            "<-1000> is paid, more than stays. Pay it, or refund first.",
        ),
        (lambda: _cut({uid("x"): 1}), LineError, GONE),
        (lambda: moving.cut(_void().order, {A: 1}, {A: uid("n")}), LineError, GONE),
        (lambda: moving.cut(_sold().order, {A: 1}, {A: uid("n")}), OrderClosedError, DONE),
        (
            lambda: moving.cut(Made("a 3", "b").paid(8_000, pieces={A: 2}).order, {A: 2}, {A: uid("n")}),
            PaymentError,
            "2 Idly are paid for: refund that payment first.",
        ),
        (lambda: _named("vada", 1), LineError, "There is no vada there."),
        (lambda: _named("d", 1), LineError, "Idly, Masala Dosa: which one? Type the whole name."),
        (lambda: _named("idly", 0), QuantityError, "There are 3 × Idly there."),
        (lambda: _named("IDLY", 4), QuantityError, "There are 3 × Idly there."),
        (lambda: _named("idly", 3, "a 1", "b 2"), LineError, "That is all of it: merge it instead."),
        (lambda: _named("idly", None, "a 3"), LineError, "That is all of it: merge it instead."),
        # whole lines
        (lambda: _move(Made("a", "b"), A, uid("b")), LineError, GONE),
        (lambda: _move(Made("a", "b")), LineError, GONE),
        (lambda: _move(Made("a", "b"), uid("x")), LineError, GONE),
        (lambda: _move(Made("a", "b"), A, uid("x")), LineError, GONE),
        (lambda: _move(_void().key("b", IDLY), A), LineError, GONE),
        (lambda: _move(_void().key("b", IDLY), uid("b")), LineError, GONE),
        (
            lambda: _move(Made("a", "b").then(lambda o: discounting.give(o, None, _given(1))), A),
            LineError,
            "A discount on the order cannot be moved. Pay it separately.",
        ),
        (
            lambda: _move(Made("a", "b").paid(4_000, pieces={A: 1}), A),
            PaymentError,
            "1 Idly is paid for: refund that payment first.",
        ),
        (lambda: _move(_sold(), A), OrderClosedError, DONE),
    ],
)
def test_move_that_is_refused_says_why(decide: Callable[[], Any], kind: type[TillError], sentence: str) -> None:
    refused(decide, kind, sentence)


def _move(desk: Desk, *lines: str) -> Any:
    return moving.move_lines(desk.order, lines, uid("into"))


def _cut(taken: dict[str, int]) -> Any:
    return moving.cut(_changed().order, taken, dict.fromkeys(taken, uid("n")))


def _returned() -> Made:
    """Two deposits went back for 2.00, and one of them is void now."""
    desk = Made().key("a", CUP, -1).key("b", CUP, -1)
    desk.pay(CASH, -200)
    return desk.then(lambda order: voiding.void_line(order, A, "dropped"))


def _paid_out(*amounts: int) -> Order:
    """Return an order of 40.00 from which money went out in these payments; negative amounts came in."""
    desk = Made("a")
    for place, amount in enumerate(amounts):
        asked = Tendered(CASH, Minor(-amount))
        drafts = paying.approve_payment(desk.order, uid(f"out {place}"), asked, recorded=True)
        desk.do([*paying.start_payment(desk.order, uid(f"out {place}"), asked), *drafts])
    return desk.order


def _named(name: str, pieces: int | None, *lines: str) -> dict[str, int]:
    desk = Made(*lines) if lines else Made("a 1").key("d", DOSA, 2).key("b", IDLY, 2).key("r", CUP, -3)
    return moving.pieces_named(desk.order, name, pieces)


def test_moves_at_their_bounds_are_made() -> None:
    moving.check_movable(_saved().order)
    moving.check_movable(replace(_parked().order, tab=TABLE))
    moving.check_apart(*_two())
    _terms(by_order=True)
    one, two = _two()
    moving.check_no_copy(one, two)
    moving.check_no_copy(one, _copy(Made("c", item=DOSA).order, one))
    gone = _void().order
    moving.check_no_copy(gone, _copy(two, gone))
    moving.check_no_copy(two, _copy(replace(gone, id=uid("into")), two))
    paid = Made("a").paid(1).order
    assert moving.emptied_and_kept(paid, two) == (two, paid)
    assert moving.emptied_and_kept(one, paid) == (one, paid)
    both = _paid_out(-1_000, 1_000)  # a part that came in and went out again
    assert (both.paid, moving.emptied_and_kept(both, two)) == (0, (two, both))
    moving.check_money_stays(both)
    moving.check_money_stays(Made("a").paid(4_000).order)
    moving.check_money_stays(Made("a").order)
    whole = Made().key("a", CUP, -1)
    whole.pay(CASH, -100)
    moving.check_money_stays(whole.order)
    assert _named("idly", 1) == {A: 1}
    assert _named("idly", 2) == {A: 1, uid("b"): 1}
    assert _named("Idly", None) == {A: 1, uid("b"): 2}
    assert _named("masala", None) == {uid("d"): 2}
    assert _named("idly", 2, "a 1", "b 2") == {A: 1, uid("b"): 1}
    assert _cut({A: 2})
    assert _move(Made("a", "b"), A)


@pytest.mark.parametrize(
    ("decide", "is_new"),
    [
        (lambda: (Made("a").order, Made("b").order), True),
        (lambda: (replace(Made("a").order, tab=TABLE), Made("b").order), False),
        (lambda: (Made("a").paid(1_000).order, Made("b").order), False),
        (lambda: (_limited("a").order, Made("b").order), True),
        (lambda: (_limited("a").order, _limited("b", None).order), False),
        (lambda: (_limited("a").order, _limited("b").order), True),
        (lambda: (_limited("a", None).order, _limited("b", None).order), False),
        (lambda: (_club(None).order, _limited("b", None).order), True),
        (lambda: (_fixed("a").order, Made("b").order), False),
        (lambda: (_fixed("a").then(lambda o: voiding.void_row(o, A, "dropped")).order, Made("b").order), True),
    ],
)
def test_round_for_a_tab_is_priced_as_if_it_were_keyed_there(
    decide: Callable[[], tuple[Order, Order]], *, is_new: bool
) -> None:
    assert moving.is_just_keyed(*decide()) == is_new


def _limited(name: str, line: str | None = "own") -> Made:
    own = uid(name) if line else None
    return Made(name).then(lambda order: discounting.give(order, own, _given(100)))


def _fixed(name: str) -> Made:
    desk = _limited(name)
    return desk.then(lambda order: moving.fix_amounts(order, [uid(name)]))


# Payments


def _choosing() -> Made:
    asked = replace(SIZE, least=1)
    item = replace(DOSA, modifiers=("size",))
    return Made(menu=replace(MENU, items=(item,), groups={"size": asked})).key("a", item)


def _take(desk: Desk, amount: int, tender: str = CASH, tip: int = 0, **more: Any) -> Any:
    tendered = Tendered(tender, Minor(amount), Minor(tip), pieces=more.pop("pieces", {}))
    return paying.approve_payment(desk.order, uid("q"), tendered, money=money, **more)


def _begin(order: Order, **pieces: int) -> Any:
    named = {uid(line): count for line, count in pieces.items()}
    return paying.start_payment(order, uid("q"), Tendered(CASH, Minor(1), pieces=named))


def _again() -> Any:
    desk = Made("a", "b").paid(1_000)
    return paying.start_payment(desk.order, _first(desk.order), Tendered(CASH, Minor(1)))


def _first(order: Order) -> str:
    return next(iter(order.payments))


SWEDEN: Final = replace(INR, rounding=PaidRounding(Minor(100)))
_NOT: Final = "<{}> does not count towards the <{}> due."


@pytest.mark.parametrize(
    ("decide", "kind", "sentence"),
    [
        (lambda: paying.check_payable(_unread(Made("a"))), UnreadRecordError, UNREAD),
        (lambda: paying.check_payable(_void().order), EmptyOrderError, EMPTY),
        (
            lambda: paying.check_payable(_void_paid().order, money),
            PaymentError,
            "<1000> was taken and no line is left. Pay (F9) refunds it.",
        ),
        (
            lambda: paying.check_payable(_choosing().order),
            NotChosenError,
            "Size of Masala Dosa is not chosen. Mark it, then F2.",
        ),
        (
            lambda: paying.check_splittable(Made("a").paid(4_000).order, money),
            PaymentError,
            "Nothing is due: there is nothing to split.",
        ),
        (
            lambda: paying.check_splittable(Made("a -1", item=CUP).order, money),
            PaymentError,
            "<100> goes back: there is nothing to split.",
        ),
        (
            lambda: paying.check_splittable(Made("a -1", item=CUP).order),
            PaymentError,
            "₹1.00 goes back: there is nothing to split.",
        ),
        (lambda: paying.start_checkout(_parked().order), OrderClosedError, "This order is suspended. F5 resumes it."),
        (lambda: paying.start_checkout(Made().order), EmptyOrderError, EMPTY),
        # the start of a payment
        (lambda: _begin(_parked().order), OrderClosedError, DONE),
        (lambda: _begin(_asked().order), PaymentError, BUSY),
        (lambda: _begin(_unread(Made("a"))), UnreadRecordError, UNREAD),
        (
            lambda: _begin(_choosing().order),
            NotChosenError,
            "Size of Masala Dosa is not chosen. Mark it, then F2.",
        ),
        (lambda: _begin(Made("a 2").order, a=3), LineError, GONE),
        (lambda: _begin(Made("a 2").order, a=0), LineError, GONE),
        (lambda: _begin(Made("a 2").order, x=1), LineError, GONE),
        (
            lambda: _begin(Made("a 2", "b").paid(8_000, pieces={A: 2}).order, a=1),
            PaymentError,
            "2 Idly are paid for: refund that payment first.",
        ),
        (_again, PaymentError, "That payment is already recorded."),
        # money
        (lambda: _take(Made("a"), 0), PaymentError, _NOT.format(0, 4_000)),
        (lambda: _take(Made("a"), -1), PaymentError, _NOT.format(-1, 4_000)),
        (lambda: _take(Made("a").paid(4_000), 1), PaymentError, _NOT.format(1, 0)),
        (lambda: _take(Made("a").paid(4_000), 0), PaymentError, _NOT.format(0, 0)),
        (lambda: _take(Made("a", "b"), 100, part=Minor(0)), PaymentError, _NOT.format(100, 0)),
        (lambda: _take(Made("a -1", item=CUP), 1), PaymentError, _NOT.format(1, -100)),
        (lambda: _take(Made("a"), 0, recorded=True), PaymentError, _NOT.format(0, 4_000)),
        (lambda: _take(Made("a"), 4_001, "CARD"), PaymentError, "That is more than the <4000> due."),
        (lambda: _take(Made("a"), 4_502, "CARD", 501), PaymentError, "That is more than the <4501> due."),
        (lambda: _take(Made("a -1", item=CUP), -101), PaymentError, "That is more than the <100> to refund."),
        (lambda: _take(Made("a -1", item=CUP), -101, "CARD", cashback=True), PaymentError, None),
        (lambda: _take(Made("a"), 4_000, CASH, -1), PaymentError, "A tip goes with a payment."),
        (lambda: _take(Made("a -1", item=CUP), -100, CASH, 1), PaymentError, "A tip goes with a payment."),
        (
            lambda: _take(Made("a"), LARGEST_MAJOR * 100 + 4_001),
            AmountError,
            f"<{LARGEST_MAJOR * 100 + 4_001}> is too much for one entry.",
        ),
        (lambda: _take(Made("a", "b"), 2_001, "CARD", part=Minor(2_000)), PaymentError, None),
        (
            lambda: _take(Made("a 2").key("b", DOSA), 3_999, pieces={A: 1}),
            PaymentError,
            "These pieces come to <4000>. Take that, or mark fewer.",
        ),
        (
            lambda: _take(Made("a 2").key("b", DOSA), 4_499, tip=500, pieces={A: 1}),
            PaymentError,
            "These pieces come to <4000>. Take that, or mark fewer.",
        ),
        (
            lambda: paying.check_share(Made("a").key("b", CUP, -2).order, {uid("b"): 1}, money),
            PaymentError,
            "These pieces come to <-100>. Mark others with them.",
        ),
        (lambda: paying.check_asked(Minor(10), Minor(-1), Minor(10), money), PaymentError, _NOT.format(10, 10)),
        (lambda: paying.check_asked(Minor(10), Minor(10), Minor(10), money), PaymentError, _NOT.format(10, 10)),
        (lambda: paying.check_asked(Minor(10), Minor(0), Minor(0), money), PaymentError, _NOT.format(10, 0)),
        (
            lambda: paying.check_asked(Minor(13), Minor(2), Minor(10), money),
            PaymentError,
            "That is more than the <12> due.",
        ),
        # money back
        (
            lambda: paying.give_back(Made("a").order, uid("x"), 1),
            PaymentError,
            "That payment is already refunded.",
        ),
        (lambda: paying.give_back(_sold().order, _first(_sold().order), 1), OrderClosedError, DONE),
        (lambda: paying.give_back(_asked().order, uid("p"), 1), PaymentError, BUSY),
        # the end
        (lambda: _end(_parked().order), OrderClosedError, DONE),
        (lambda: _end(Made().order), EmptyOrderError, EMPTY),
        (lambda: _end(_unread(Made("a").paid(4_000))), UnreadRecordError, UNREAD),
        (lambda: _end(Made("a").paid(3_999).order), PaymentError, "<1> is still due."),
        (lambda: _end(_void_paid().order), PaymentError, "<-1000> is still due."),
    ],
)
def test_payment_that_is_refused_says_why(
    decide: Callable[[], Any], kind: type[TillError], sentence: str | None
) -> None:
    if sentence is not None:
        refused(decide, kind, sentence)
    else:
        with pytest.raises(kind, match="That is more than the"):
            decide()


def _end(order: Order) -> Any:
    return paying.place_order(order, Completion(uid("o"), "1-000001", date(2026, 3, 3)), money)


def test_payments_at_their_bounds_are_taken() -> None:
    for desk, amount, tender, more, taken in (
        (Made("a"), 1, CASH, {}, ("0.01", "0.00")),
        (Made("a"), 4_000, "CARD", {}, ("40.00", "0.00")),
        (Made("a"), 4_001, "CARD", {"cashback": True}, ("40.00", "0.01")),
        (Made("a"), 4_501, "CARD", {"tip": 501}, ("45.01", "0.00")),
        (Made("a"), LARGEST_MAJOR * 100 + 4_000, CASH, {}, ("40.00", f"{LARGEST_MAJOR}.00")),
        (Made("a -1", item=CUP), -100, CASH, {}, ("-1.00", "0.00")),
        (Made("a -1", item=CUP), -99, "CARD", {}, ("-0.99", "0.00")),
        (Made("a -1", item=CUP), 500, CASH, {"recorded": True}, ("5.00", "0.00")),
        (Made("a"), -500, "CARD", {"recorded": True}, ("-5.00", "0.00")),
        (Made("a"), 5_000, CASH, {"recorded": True}, ("40.00", "10.00")),
        (Made("a").paid(4_000), 500, CASH, {"recorded": True}, ("5.00", "0.00")),
        (Made("a", "b"), 2_500, CASH, {"part": Minor(2_000)}, ("20.00", "5.00")),
        (Made("a", "b"), 9_000, CASH, {"part": Minor(9_000)}, ("80.00", "10.00")),
        (Made("a 2").key("b", DOSA), 4_001, CASH, {"pieces": {A: 1}}, ("40.00", "0.01")),
        (Made("a 2").key("b", DOSA), 4_500, CASH, {"pieces": {A: 1}, "tip": 500}, ("45.00", "0.00")),
        (Made(terms=SWEDEN).key("a", CUP, price4=Price4(4_900)), 0, CASH, {}, ("0.00", "0.00")),
        (Made(terms=SWEDEN).key("a", CUP, price4=Price4(100)), 0, CASH, {}, ("0.00", "0.00")),
    ):
        [draft] = _take(desk, amount, tender, **more)
        assert (draft.data.amount, draft.data.change) == taken
    refused(
        lambda: _take(Made(terms=SWEDEN).key("a", CUP, price4=Price4(4_900)), 0, "CARD"),
        PaymentError,
        _NOT.format(0, 49),
    )
    assert _begin(Made("a 2").order, a=2)
    assert _begin(Made("a 2").order, a=1)
    assert paying.check_share(Made("a").key("b", CUP, -2).order, {A: 1, uid("b"): 1}, money) == 3_800
    paying.check_asked(Minor(12), Minor(2), Minor(10), money)
    paying.check_asked(Minor(1), Minor(0), Minor(10), money)
    paying.check_asked(Minor(1), Minor(0), Minor(1), money)
    paying.check_payable(Made("a").order)
    paying.check_splittable(Made("a").paid(3_999).order)
    assert paying.start_checkout(Made("a").order)
    assert paying.start_checkout(Made("a").paid(1).order) == []
    assert paying.start_checkout(replace(_parked().order, checkout_at=START)) == []
    assert _end(Made("a").paid(4_000).order)
    assert paying.set_aside(_unread(Made("a")), uid("x"), 9) == []
    order = _unread(Made("a"))
    [draft] = paying.set_aside(order, uid("u"), 9)
    assert (draft.data.event, draft.data.approved_by, draft.stream_id) == (uid("u"), 9, SESSION)  # type: ignore[attr-defined]
    assert paying.set_aside(replace(order, set_aside=frozenset({uid("u")})), uid("u"), 9) == []


@pytest.mark.parametrize("change", [0, 500])
@pytest.mark.parametrize("is_kept", [True, False])
def test_drawer_moves_for_kept_money_and_for_change(change: int, *, is_kept: bool) -> None:
    tendered = Tendered("CARD", Minor(4_000 + change), drawer=3, is_kept=is_kept, slip="S")
    [draft] = paying.approve_payment(Made("a").order, uid("q"), tendered, cashback=True)
    data: Any = draft.data
    assert data.drawer == (3 if is_kept or change else None)
    assert (data.payment_id, data.tender, data.tendered, data.tip, data.transaction) == (
        uid("q"), "CARD", "45.00" if change else "40.00", "0", "S")  # fmt: skip
