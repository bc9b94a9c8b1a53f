"""The effect of each event on an order: these fields, and no other one."""

from __future__ import annotations

from datetime import UTC, datetime
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import pytest

from tests.domain.making import GST, SESSION, START, STORE, TAB, A, B, Hand, folded, sold_twice, uid
from till.domain.events.envelope import SERVER, time_text
from till.domain.ids import moment_of
from till.domain.money.amount import Currency
from till.domain.money.measures import Millionths, Minor, Price4, Thousandths
from till.domain.money.promotion import Offer, Saved
from till.domain.money.rounding import Direction
from till.domain.money.settling import PaidRounding
from till.domain.money.tax import Tax
from till.domain.order.events import (
    AgeChecked,
    AmountsFixed,
    BookingSeated,
    BuyerNamed,
    ChangeUndone,
    ConflictFound,
    ConflictResolved,
    CourseFired,
    CustomerAttached,
    DiscountApplied,
    Erased,
    FeedbackGiven,
    InvoiceIssued,
    ItemAdded,
    LineAmounts,
    LineModifier,
    LineNoted,
    LineSeated,
    LinesMoved,
    LinesWithdrawn,
    LineTypeSet,
    LineVoided,
    MenuViewed,
    ModifiersSet,
    MovedDiscount,
    MovedLine,
    OrderDiscarded,
    OrderNoted,
    OrderOpened,
    OrderParked,
    OrderPlaced,
    OrderResumed,
    OrderSubmitted,
    OrderTypeSet,
    PreferenceSet,
    PriceOverridden,
    PromotionTerms,
    QuantityChanged,
    RecordSetAside,
    Refused,
    RemovalExplained,
    RoundingTerms,
    RungAgain,
    SaleBooked,
    SaleContested,
    Saving,
    SessionSwept,
    ShownItem,
    TabAssigned,
    TaxRate,
)
from till.domain.order.evolve import apply, fold, holder_by, is_next
from till.domain.order.line import Cost, Discount, Fixed, Line, LineNote, LineRevision, Modifier, TakenOff, Void
from till.domain.order.state import (
    Buyer,
    Conflict,
    Customer,
    Feedback,
    Invoice,
    Move,
    Order,
    Placed,
    Preference,
    Status,
    Submitted,
    Tab,
    TipChange,
    UnreadRecord,
)
from till.domain.order.terms import Terms
from till.domain.payment.events import CheckoutStarted, GatewayOrderNamed, SlipKept, TenderCorrected, TipCorrected
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData

OTHER, PAY = uid("other"), uid("p")
#: Ids of events of other orders, before all of this one.
EARLY, T, U, V = (f"0197a000-0000-7000-8000-00000000e00{place}" for place in range(4))
#: Changed fields of an order, by the order before and the event.
Changes = dict[str, Any]

OPENING = OrderOpened(
    user=4,
    currency="INR",
    prices_include_tax=False,
    tax_rounding="order",
    order_type="dine_in",
    tax_rounding_direction="down",
    tax_rounding_of="sum_of_rates",
    rounding=RoundingTerms(step="1", direction="half_down", nothing_up_to="0.40", of="bill", never=("MEAL",)),
    from_session=OTHER,
    ref="sale 12",
    again=RungAgain(session=OTHER, at=time_text(START)),
)


def test_an_opened_order_has_the_terms_of_its_record() -> None:
    event = Hand(till=3, user=7).make(OPENING)
    assert folded(event) == Order(
        id=SESSION,
        store_id=STORE,
        user=4,
        terms=Terms(
            Currency("INR"),
            included=False,
            by_order=True,
            direction=Direction.DOWN,
            of_sum=True,
            rounding=PaidRounding(Minor(100), Direction.HALF_DOWN, Minor(40), True, frozenset({"meal"})),
        ),
        order_type="dine_in",
        status=Status.ACTIVE,
        till=3,
        hold=event.id,
        holder=3,
        created_at=event.at,
        updated_at=event.at,
        last_id=event.id,
        from_session=OTHER,
        ref="sale 12",
        again=RungAgain(session=OTHER, at=time_text(START)),
    )
    assert folded(Hand(till=SERVER).make(OPENING)).till is None


class Step:
    """An order of two lines in the hands of till 1, and the next event on it."""

    def __init__(self, *before: EventData, later: EventData, till: int = 1, user: int = 4) -> None:
        hand = Hand()
        events = [hand.opened(), hand.added("a", 3), hand.added("b", item_id="dosa", item_name="Dosa", price="80.00")]
        for data in before:
            server = Hand(SERVER, seed=len(events))
            server.knows(*events)
            writer = server if type(data).by_server else hand
            hand.after = events[-1].id
            events.append(writer.make(data))
        self.hand, last = Hand(till, user, seed=99), events[-1]
        self.hand.now = last.at
        self.hand.after, self.hand.hold = last.id, events[0].id
        self.before = folded(*events)
        self.event = self.hand.make(later)
        self.events = [*events, self.event]

    @property
    def after(self) -> Order:
        order = apply(self.before, self.event)
        assert order is not None
        return order

    def expect(self, **changes: Any) -> None:
        """Check that only these fields changed, whether the event is folded alone or with all others."""
        expected = replace(self.before, **changes, last_id=self.event.id, updated_at=self.event.at)
        assert self.after == expected
        assert fold(self.events) == expected


def _line(step: Step, line: str, **changes: Any) -> Changes:
    """Changed fields of one line."""
    known = step.before.lines[uid(line)]
    return {"lines": {**step.before.lines, uid(line): replace(known, **changes)}}


def _sent(step: Step) -> Changes:
    return {"lines": {one: replace(line, sent=True) for one, line in step.before.lines.items()}}


PARKED, SAVED = OrderParked(), TabAssigned(tab_id=TAB, name="Asha")
CLEARED = OrderDiscarded(line_ids=(A,), reason="left")
SUBMITTED = OrderSubmitted(order_id=uid("o"), number=17, payment_method="upi", program="chat", customer_id=uid("c"))
SHOWN = (ShownItem(id="idly", name="Idly", position=1),)
AWAY = {"till": None}


def _active(**more: Any) -> Changes:
    return {"status": Status.ACTIVE, "logout_time": None, "discarded": None} | more


@pytest.mark.parametrize(
    ("before", "later", "till", "changes"),
    [
        # holds
        (
            (PARKED,),
            replace(OPENING, user=6),
            2,
            lambda step: _active(user=6, till=2, holder=2, hold=step.event.id),
        ),
        ((), PARKED, 1, lambda step: {"status": Status.PENDING_LOGOUT, "logout_time": step.event.at} | AWAY),
        (
            (),
            OrderParked(user=6),
            1,
            lambda step: {"status": Status.PENDING_LOGOUT, "logout_time": step.event.at, "user": 6} | AWAY,
        ),
        ((PARKED,), OrderResumed(), 2, lambda _step: _active(till=2)),
        ((CLEARED,), OrderResumed(user=6), 1, lambda _step: _active(till=1, user=6)),
        ((PARKED,), OrderResumed(), SERVER, lambda _step: _active(till=None)),
        (
            (),
            SessionSwept(minutes=30),
            SERVER,
            lambda step: {"status": Status.PENDING_LOGOUT, "logout_time": step.event.at},
        ),
        ((SAVED,), SessionSwept(minutes=30), SERVER, lambda _step: {}),
        # tabs and ends
        (
            (),
            TabAssigned(tab_id=TAB, table_number=7, covers=3, name="Asha"),
            1,
            lambda step: {"status": Status.ASSIGNED_TO_TAB, "tab": Tab(TAB, "Asha", 7, 3)} | AWAY | _sent(step),
        ),
        (
            (),
            CLEARED,
            2,
            lambda _step: {
                "status": Status.DISCARDED, "discarded": frozenset({A}), "discarded_by": 2, "cleared_by": 4,
                "discard_reason": "left",
            } | AWAY,
        ),
        (
            (CLEARED,),
            OrderDiscarded(line_ids=(B,), reason="again"),
            1,
            lambda _step: {"discarded": frozenset({A, B}), "discard_reason": "again", "cleared_by": 4},
        ),
        # programs
        (
            (),
            SUBMITTED,
            SERVER,
            lambda step: {
                "status": Status.PENDING_LOGOUT, "logout_time": step.event.at, "customer": Customer(uid("c"), ""),
                "submitted": Submitted(uid("o"), 17, "chat", "upi", step.event.at, uid("c")),
            } | AWAY | _sent(step),
        ),
        (
            (CustomerAttached(who="Rao"),),
            OrderSubmitted(order_id=uid("o"), number=1, payment_method="cash", customer_id=uid("c")),
            SERVER,
            lambda step: {
                "status": Status.PENDING_LOGOUT, "logout_time": step.event.at,
                "submitted": Submitted(uid("o"), 1, "", "cash", step.event.at, uid("c")),
            } | AWAY | _sent(step),
        ),
        (
            (),
            OrderSubmitted(order_id=uid("o"), number=1, payment_method="cash"),
            SERVER,
            lambda step: {
                "status": Status.PENDING_LOGOUT, "logout_time": step.event.at,
                "submitted": Submitted(uid("o"), 1, "", "cash", step.event.at),
            } | AWAY | _sent(step),
        ),
        # the whole order
        ((), MenuViewed(query="", result_count=1, meal_period="", items=SHOWN), 1, lambda _t: {"last_menu": SHOWN}),
        ((), OrderTypeSet(order_type="dine_in"), 1, lambda _t: {"order_type": "dine_in", "is_type_chosen": True}),
        (
            (PreferenceSet(name="spice", value="hot"), PreferenceSet(name="oil", value="less")),
            PreferenceSet(name="spice", value="mild"),
            1,
            lambda step: {
                "preferences_set": {
                    step.events[4].id: Preference("oil", "less", 1),
                    step.event.id: Preference("spice", "mild", 1),
                }
            },
        ),
        (
            (PreferenceSet(name="spice", value="hot"), PreferenceSet(name="oil", value="less")),
            PreferenceSet(name="spice"),
            1,
            lambda step: {"preferences_set": {step.events[4].id: Preference("oil", "less", 1)}},
        ),
        ((), OrderNoted(note="rush"), 1, lambda step: {"notes": {step.event.id: "rush"}}),
        (
            (),
            CustomerAttached(customer_id=uid("c")),
            1,
            lambda step: {"customer": Customer(uid("c"), ""), "customer_event": step.event.id},
        ),
        (
            (),
            CustomerAttached(who="Rao"),
            1,
            lambda step: {"customer": Customer(None, "Rao"), "customer_event": step.event.id},
        ),
        (
            (CustomerAttached(who="Rao"),),
            CustomerAttached(),
            1,
            lambda step: {"customer": None, "customer_event": step.event.id},
        ),
        ((), BuyerNamed(name="Rao", tax_number="1"), 2, lambda _step: {"buyer": Buyer("Rao", "1")}),
        ((BuyerNamed(name="Rao", tax_number="1"),), BuyerNamed(), 1, lambda _step: {"buyer": None}),
        (
            (),
            InvoiceIssued(order_id=uid("o"), sold="1-000001", number="1-F000001", name="Rao", tax_number="1"),
            2,
            lambda step: {
                "invoices": {
                    uid("o"): Invoice(step.event.id, "1-F000001", step.event.at, step.event.user, Buyer("Rao", "1"))
                }
            },
        ),
        ((AgeChecked(years=18, passed=True),), AgeChecked(years=21, passed=True), 1, lambda _step: {"of_age": 21}),
        ((AgeChecked(years=21, passed=True),), AgeChecked(years=18, passed=True), 1, lambda _step: {}),
        ((AgeChecked(years=18, passed=True),), AgeChecked(years=21, passed=False), 1, lambda _step: {}),
        (
            (),
            FeedbackGiven(order_id=uid("o"), score=4, words="warm"),
            1,
            lambda _step: {"feedback": Feedback(4, "warm")},
        ),
        ((), BookingSeated(booking_id=uid("k")), 1, lambda _step: {"booking": uid("k")}),
        ((), CheckoutStarted(), 1, lambda step: {"checkout_at": step.event.at}),
        # corrections and conflicts
        (
            (TenderCorrected(order_id=uid("o"), payment_id=uid("q"), was="CASH", tender="UPI", amount="1"),),
            TenderCorrected(order_id=uid("o"), payment_id=PAY, was="CASH", tender="CARD", amount="40.00"),
            1,
            lambda _step: {"corrected": {uid("q"): "UPI", PAY: "CARD"}},
        ),
        (
            (),
            TipCorrected(
                order_id=uid("o"), payment_id=PAY, was="5.00", tip="2.00", returned="3.00", tender="CASH", drawer=1
            ),
            1,
            lambda step: {"tip_changes": (TipChange(step.event.id, PAY, "CASH", Minor(-300), step.event.at),)},
        ),
        (
            (),
            ConflictFound(conflict_id=uid("x"), kind="no_answer", subject=PAY, amount="1.00", currency="INR"),
            SERVER,
            lambda _step: {"conflicts": {uid("x"): Conflict("no_answer", PAY)}},
        ),
        (
            (),
            ConflictFound(conflict_id=uid("x"), kind="sold_twice", subject=uid("o"), amount="1.00", currency="INR"),
            SERVER,
            lambda _step: {
                "conflicts": {uid("x"): Conflict("sold_twice", uid("o"))}, "second": frozenset({uid("o")}),
            },
        ),
        (
            (),
            ConflictResolved(conflict_id=uid("x")),
            SERVER,
            lambda _step: {"settled_conflicts": frozenset({uid("x")})},
        ),
        # records
        ((), RecordSetAside(event=EARLY, approved_by=9), 1, lambda _step: {"set_aside": frozenset({EARLY})}),
        ((), Refused(events=(EARLY,)), SERVER, lambda _step: {"refused": frozenset({EARLY})}),
        # beside the order
        ((), SlipKept(payment_id=PAY, text="TOTAL"), 1, lambda _step: {}),
        ((), Erased(events=(EARLY,)), SERVER, lambda _step: {}),
        ((), RemovalExplained(events=(EARLY,), reason="cold"), 1, lambda _step: {}),
        ((), SaleContested(order_id=uid("o"), contents=(A,)), SERVER, lambda _step: {}),
        ((), SaleBooked(event=EARLY, quarantine=1), SERVER, lambda _step: {}),
        ((), GatewayOrderNamed(gateway="razorpay", order="order_1"), SERVER, lambda _step: {}),
    ],
)  # fmt: skip
def test_event_changes_the_order_in_these_fields_alone(
    before: tuple[EventData, ...], later: EventData, till: int, changes: Callable[[Step], Changes]
) -> None:
    step = Step(*before, later=later, till=till)
    step.expect(**changes(step))


@pytest.mark.parametrize("from_till", [None, 2])
def test_grant_takes_the_order_and_its_programs_id_where_another_till_had_it(from_till: int | None) -> None:
    step = Step(SUBMITTED, later=OrderNoted())
    hand = Hand(2, user=6)
    hand.knows(*step.events[:-1])
    granted = hand.took(from_till=from_till)
    assert step.before.submitted is not None
    order_id = step.before.submitted.order_id
    expected = replace(
        step.before, status=Status.ACTIVE, logout_time=None, till=2, holder=2, hold=granted.id, user=6,
        submitted=replace(step.before.submitted, order_id=None if from_till else order_id),
        last_id=granted.id, updated_at=granted.at,
    )  # fmt: skip
    assert apply(step.before, granted) == expected
    assert (holder_by(granted), holder_by(step.event), holder_by(step.events[0])) == (2, None, 1)
    assert holder_by(step.hand.make(PARKED)) is None


def test_grant_to_the_server_opens_the_order_on_no_till() -> None:
    step = Step(later=OrderNoted())
    hand = Hand(SERVER)
    hand.knows(*step.events[:-1])
    order = apply(step.before, hand.took())
    assert order is not None
    assert (order.till, order.holder, order.status) == (None, SERVER, Status.ACTIVE)


# Lines

CHEAP = LineModifier(name="hot", price="-1.50", group="spice")
LOT = PromotionTerms(name="3 for 2", buy=2, get=1)
FULL = ItemAdded(
    line_id=uid("n"),
    item_id="gouda",
    item_name="Gouda",
    quantity=-2,
    price="4.69",
    unit_price="12.99",
    measure=Thousandths(335),
    unit="kg",
    taxes=(
        TaxRate(name="VAT", rate="19", included=True, affects_later=True),
        TaxRate(name="City", rate="3.33", included=False, affected_by_earlier=False),
        TaxRate(name="Deposit", per_piece="0.25"),
    ),
    modifiers=(CHEAP,),
    asks=("Spice",),
    seat=2,
    course=1,
    offers=(
        LOT,
        PromotionTerms(name="Late", percent="12.50"),
        PromotionTerms(name="Less", amount="0.05"),
        PromotionTerms(name="Set", price="5.00", pieces=3, items=("gouda", "idly")),
    ),
    deposit=True,
)
TAXES = (
    Tax("VAT", Millionths(190_000), None, True, True, True),
    Tax("City", Millionths(33_300), None, False, False, False),
    Tax("Deposit", Millionths(0), Fraction(25), None, False, True),
)
OFFERS = (
    Offer("3 for 2", buy=2, get=1),
    Offer("Late", rate=Millionths(125_000)),
    Offer("Less", amount=Minor(5)),
    Offer("Set", price=Price4(50_000), pieces=3, items=("gouda", "idly")),
)


def _full(step: Step, **more: Any) -> Line:
    facts: dict[str, Any] = {
        "id": uid("n"), "terms": step.before.terms, "item_id": "gouda", "name": "Gouda", "keyed": -2,
        "price4": Price4(129_900), "measure": Thousandths(335), "unit": "kg", "taxes": TAXES,
        "modifiers": (Modifier("hot", Price4(-15_000), "spice"),), "asks": ("Spice",), "seat": 2, "course": 1,
        "offers": OFFERS, "deposit": True, "keyed_by": 1, "keyed_at": step.event.at,
    }  # fmt: skip
    return Line(**facts | more)


def test_keyed_line_has_all_of_its_record_and_ends_the_checkout() -> None:
    step = Step(CheckoutStarted(), later=FULL)
    step.expect(lines={**step.before.lines, uid("n"): _full(step)}, last_item=("gouda", "Gouda"), checkout_at=None)


def test_keyed_line_keeps_the_changes_that_came_before_it() -> None:
    line = uid("n")
    before: tuple[EventData, ...] = (
        QuantityChanged(line_id=line, taken_off=1),
        LineNoted(line_id=line, note="thin"),
        DiscountApplied(line_id=line, percent="10", reason="late"),
        LineSeated(line_id=line, seat=5),
        AmountsFixed(lines=(LineAmounts(line_id=line, pieces=2, unit_price="40", price="80.00"),)),
        LineVoided(line_id=line, reason="dropped"),
    )
    step = Step(*before, later=FULL)
    taken, noted, off, seated, fixed, void = (event.id for event in step.events[3:-1])
    known = step.before.lines[line]
    assert (known.name, known.keyed, step.before.last_item) == ("", 0, ("dosa", "Dosa"))
    expected = _full(
        step,
        taken=(TakenOff(taken, 1),),
        notes=(LineNote(noted, "thin"),),
        discounts=(Discount(off, line, Millionths(100_000), None, "late"),),
        fixed=(Fixed(fixed, Cost(2, Minor(8_000), (), Minor(0)), Price4(400_000), (off,)),),
        voids=(Void(void, "dropped", step.events[-2].at),),
        changes=(LineRevision(seated, {"seat": 5}, before[3]),),  # type: ignore[arg-type]
        seat=5,
        as_keyed={"seat": 2},
    )
    step.expect(lines={**step.before.lines, line: expected}, last_item=("gouda", "Gouda"))


def test_line_of_no_guest_and_no_course_has_neither() -> None:
    step = Step(later=replace(FULL, seat=0, course=0))
    line = step.after.lines[uid("n")]
    assert (line.seat, line.course) == (None, None)


MOVE_TIME = datetime(2026, 3, 3, 5, 1, 2, tzinfo=UTC)
CHANGE: tuple[EventData, ...] = (LineNoted(line_id=A, note="old"),)


def _change(step: Step, data: Any, **values: Any) -> Changes:
    """A change of line a, with the attributes that it replaces."""
    line = step.before.lines[A]
    event = data.follows or step.event.id
    keyed = {name: getattr(line, name) for name in values}
    return _line(step, "a", **values, changes=(*line.changes, LineRevision(event, values, data)), as_keyed=keyed)


def _follow(step: Step) -> str:
    """The event that the change of another order follows."""
    return step.events[1].id


@pytest.mark.parametrize("follows", [None, EARLY])
@pytest.mark.parametrize(
    ("data", "changes"),
    [
        (
            QuantityChanged(line_id=A, taken_off=2),
            lambda step, event: _line(step, "a", taken=(TakenOff(event, 2),)) | {"last_item": ("idly", "Idly")},
        ),
        (
            QuantityChanged(line_id=A, taken_off=2, cut=True),
            lambda step, event: _line(step, "a", taken=(TakenOff(event, 2, True),)) | {"last_item": ("idly", "Idly")},
        ),
        (
            LineVoided(line_id=A, reason="dropped"),
            lambda step, event: _line(step, "a", voids=(Void(event, "dropped", step.event.at),)),
        ),
        (LineNoted(line_id=A, note="thin"), lambda step, event: _line(step, "a", notes=(LineNote(event, "thin"),))),
        (
            ModifiersSet(line_id=A, modifiers=(CHEAP,), asks=("Size",)),
            lambda step, _event: _change(
                step, step.event.data, modifiers=(Modifier("hot", Price4(-15_000), "spice"),), asks=("Size",)
            ),
        ),
        (LineSeated(line_id=A, seat=2), lambda step, _event: _change(step, step.event.data, seat=2)),
        (LineSeated(line_id=A, seat=0), lambda step, _event: _change(step, step.event.data, seat=None)),
        (
            LineSeated(line_id=A, seat=2, course=3),
            lambda step, _event: _change(step, step.event.data, seat=2, course=3, fired_at=None),
        ),
        (
            LineSeated(line_id=A, course=0),
            lambda step, _event: _change(step, step.event.data, course=None, fired_at=None),
        ),
        (
            LineTypeSet(line_id=A, order_type="dine_in"),
            lambda step, _event: _change(step, step.event.data, own_type="dine_in"),
        ),
        (
            CourseFired(line_id=A),
            lambda step, event: _change(step, step.event.data, fired_at=moment_of(event)),
        ),
        (
            PriceOverridden(line_id=A, was="40.00", price="35.5025", reason="regular"),
            lambda step, _event: _change(step, step.event.data, price4=Price4(355_025)),
        ),
        (
            DiscountApplied(line_id=A, percent="12.5", kind="comp", name="Senior", reason="late"),
            lambda step, event: _line(
                step, "a", discounts=(Discount(event, A, Millionths(125_000), None, "late", "comp", "Senior"),)
            ),
        ),
        (
            DiscountApplied(line_id=A, amount="5.00", reason="late", pieces=3, price="120.00", share_of=EARLY),
            lambda step, event: _line(
                step, "a",
                discounts=(
                    Discount(event, A, None, Minor(500), "late", "discount", "", 3, Minor(12_000), EARLY),
                ),
            ),
        ),
        (
            DiscountApplied(percent="10", reason="late"),
            lambda _step, event: {"given": (Discount(event, None, Millionths(100_000), None, "late"),)},
        ),
    ],
)  # fmt: skip
def test_change_of_a_line_counts_under_the_event_that_it_follows(
    data: Any, changes: Callable[[Step, str], Changes], follows: str | None
) -> None:
    later = replace(data, follows=follows)
    step = Step(later=later)
    step.expect(**changes(step, follows or step.event.id))
    after, undone_id = step.after, follows or step.event.id
    undone = step.hand.make(ChangeUndone(event=undone_id))
    if follows and data.line_id is not None:  # another till brought it too
        again = apply(after, step.hand.make(later))
        assert again is not None
        assert again.lines == after.lines
    if getattr(data, "cut", False):
        return  # pieces of another line by now
    gone = apply(after, undone)
    late = apply(apply(step.before, undone), step.event)
    assert gone is not None
    assert late is not None
    assert late.lines == step.before.lines
    lines = {one: replace(line, as_keyed={}) for one, line in gone.lines.items()}
    assert lines == step.before.lines
    assert (*gone.given, *late.given) == ()
    assert gone.undone == {undone_id}


def test_line_fixed_at_a_cost_keeps_it_with_the_price_and_the_discounts_of_that_time() -> None:
    off = DiscountApplied(line_id=A, percent="10", reason="late")
    amounts = LineAmounts(
        line_id=A,
        pieces=3,
        unit_price="40.0025",
        price="120.01",
        saved=(Saving(name="Late", amount="20.00"),),
        off="10",
    )
    step = Step(off, later=AmountsFixed(lines=(amounts, replace(amounts, line_id=B, saved=(), off="0"))))
    price4 = Price4(400_025)
    one = Fixed(
        step.event.id, Cost(3, Minor(12_001), (Saved("Late", Minor(2_000)),), Minor(1_000)), price4,
        (step.events[3].id,),
    )  # fmt: skip
    two = Fixed(step.event.id, Cost(3, Minor(12_001), (), Minor(0)), price4)
    lines = step.before.lines
    step.expect(lines={A: replace(lines[A], fixed=(one,)), B: replace(lines[B], fixed=(two,))})


MOVED = MovedLine(
    **{name: getattr(FULL, name) for name in MovedLine.__struct_fields__ if hasattr(FULL, name)} | {"quantity": 9},
    till=5,
    taken_off={T: 2},
    cut_off={U: 3},
)


@pytest.mark.parametrize("is_on_tab", [False, True])
def test_line_that_moves_here_comes_with_all_that_was_done_to_it(*, is_on_tab: bool) -> None:
    discount = MovedDiscount(
        event=V, line_id=uid("n"), amount="5.00", kind="comp", name="Senior", pieces=9, price="40.00",
        share_of=EARLY,
    )  # fmt: skip
    amounts = LineAmounts(line_id=uid("n"), pieces=4, unit_price="12.99", price="40.00")
    data = LinesMoved(from_session=OTHER, lines=(MOVED,), discounts=(discount,), amounts=(amounts,))
    step = Step(*((SAVED,) if is_on_tab else ()), later=data)
    off = Discount(V, uid("n"), None, Minor(500), "", "comp", "Senior", 9, Minor(4_000), EARLY)
    line = _full(
        step, keyed=9, keyed_by=5, taken=(TakenOff(T, 2), TakenOff(U, 3, cut=True)), sent=is_on_tab,
        discounts=(off,),
        fixed=(Fixed(step.event.id, Cost(4, Minor(4_000), (), Minor(0)), Price4(129_900), (V,)),),
    )  # fmt: skip
    step.expect(lines={**step.before.lines, uid("n"): line}, came_from={uid("n"): OTHER})
    assert (line.shown_quantity, step.after.lines[uid("n")].quantity) == (4, 4)


def test_sent_line_stays_sent_where_it_moves_to() -> None:
    step = Step(later=LinesMoved(from_session=OTHER, lines=(replace(MOVED, sent=True),)))
    assert step.after.lines[uid("n")].sent
    recalled = Step(SAVED, OrderResumed(), later=LinesMoved(from_session=OTHER, lines=(MOVED,)))
    assert not recalled.after.lines[uid("n")].sent  # the tab is open, and the line was not saved on it


def test_line_that_moves_here_keeps_the_pieces_that_were_taken_off_before_it_came() -> None:
    early = QuantityChanged(line_id=uid("n"), taken_off=1)
    step = Step(early, later=LinesMoved(from_session=OTHER, lines=(MOVED,)))
    line = step.after.lines[uid("n")]
    assert line.taken == (TakenOff(T, 2), TakenOff(U, 3, cut=True), TakenOff(step.events[-2].id, 1))
    assert line.quantity == 3


def test_pieces_that_were_undone_here_are_not_taken_off_by_a_move() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a")]
    early = hand.changed("a", 1)
    moved = replace(MOVED, taken_off={early.id: 2}, cut_off={U: 3})
    order = folded(*events, hand.undone(early), hand.make(LinesMoved(from_session=OTHER, lines=(moved,))))
    assert order.lines[uid("n")].taken == (TakenOff(U, 3, cut=True),)


@pytest.mark.parametrize("kind", [LinesMoved, LinesWithdrawn])
def test_line_that_moves_away_counts_there_and_stays_known(kind: type[LinesMoved | LinesWithdrawn]) -> None:
    data = kind(to_session=OTHER, line_ids=(A, uid("late")))
    step = Step(later=data, till=SERVER if kind is LinesWithdrawn else 2)
    move = Move(step.event.id, OTHER, step.hand.till)
    step.expect(**_line(step, "a", moved=True), moved={A: move, uid("late"): move})
    again = apply(step.after, step.hand.make(kind(to_session=uid("third"), line_ids=(A,))))
    assert again is not None
    assert again.moved == step.after.moved
    late = apply(step.after, Hand(1, seed=5).make(ItemAdded(**_idly("late"))))
    assert late is not None
    assert (late.lines[uid("late")].moved, late.lines[uid("late")].quantity) == (True, 0)
    back = apply(step.after, step.hand.make(LinesMoved(from_session=OTHER, lines=(MovedLine(**_idly("a"), till=1),))))
    assert back is not None
    assert (back.lines[A].moved, [*back.moved], back.came_from) == (False, [uid("late")], {A: OTHER})


def _idly(line: str) -> dict[str, Any]:
    return {
        "line_id": uid(line), "item_id": "idly", "item_name": "Idly", "quantity": 2, "price": "40.00", "taxes": (GST,),
    }  # fmt: skip


# Ends and records


def _sale(order_id: str = "o", **more: Any) -> OrderPlaced:
    placed = Hand().placed("a", pieces=3, total="120.00", order_id=uid(order_id)).data
    assert isinstance(placed, OrderPlaced)
    return replace(placed, **more)


@pytest.mark.parametrize("before", [(), (PARKED,), (SAVED,)])
def test_sale_completes_an_order_and_a_second_one_is_kept_beside_it(before: tuple[EventData, ...]) -> None:
    step = Step(*before, later=_sale(), till=2)
    placed = Placed(step.event.id, step.event.at, step.event.data, 2, 4)  # type: ignore[arg-type]
    step.expect(status=Status.COMPLETED, till=None, placed=placed)
    second = step.hand.make(_sale("o2"))
    after = apply(step.after, second)
    again = Placed(second.id, second.at, second.data, 2, 4)  # type: ignore[arg-type]
    expected = replace(step.after, placed_again=(again,), last_id=second.id, updated_at=second.at)
    assert after == expected
    assert after is not None
    assert after.placings == (placed, again)
    assert after.covered == {A}
    assert after.listed == placed.payment_ids | again.payment_ids


@pytest.mark.parametrize("later", [CLEARED, OrderDiscarded(line_ids=(), reason="x")])
def test_clearing_that_comes_after_the_sale_only_names_its_lines(later: OrderDiscarded) -> None:
    step = Step(_sale(), later=later, till=2)
    step.expect(discarded=frozenset(later.line_ids), discarded_by=2, cleared_by=4)


@pytest.mark.parametrize("later", [PARKED, SAVED, OrderResumed(), SessionSwept(minutes=1)])
def test_no_status_follows_a_sale(later: EventData) -> None:
    step = Step(_sale(), later=later, till=SERVER if type(later).by_server else 1)
    step.expect()


_ROW = _sale().lines[0]


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        ({"currency": "USD"}, "it is in another currency"),
        ({"lines": (replace(_ROW, line_quantities=(1, 2)),)}, "its lines and their pieces do not match"),
        ({"lines": (replace(_ROW, line_quantities=(2,)),)}, "its lines and their pieces do not match"),
        ({"lines": (_ROW, replace(_ROW, quantity=4))}, "its lines and their pieces do not match"),
        ({"lines": (replace(_ROW, subtotal="1.005"),)}, None),
        ({"payments": (replace(_sale().payments[0], amount="1.005"),)}, None),
        ({"payments": (replace(_sale().payments[0], tip="1.005"),)}, None),
    ],
)
def test_sale_that_cannot_be_read_waits_for_a_manager(damage: dict[str, Any], why: str | None) -> None:
    step = Step(later=_sale(**damage), till=2)
    [record] = step.after.unread.values()
    assert why is None or record.why == why
    step.expect(unread={step.event.id: UnreadRecord(step.event.id, "order_placed", 2, step.event.at, record.why)})


def _unread(event: Event, why: str) -> dict[str, UnreadRecord]:
    return {event.id: UnreadRecord(event.id, event.type, event.by_till, event.at, why)}


@pytest.mark.parametrize(
    ("type_", "v", "harmless", "is_kept"),
    [
        ("table_sung_to", 1, False, True),
        ("table_sung_to", 1, True, False),
        # a known type in a newer version is judged by its own flag, in a known version by its class
        ("customer_attached", 9, True, False),
        ("customer_attached", 9, False, True),
        ("customer_attached", 1, False, False),
        ("item_added", 1, True, True),
        ("item_added", 9, True, False),
    ],
)
def test_record_that_cannot_be_read_is_kept_unless_it_is_harmless(
    type_: str, v: int, *, harmless: bool, is_kept: bool
) -> None:
    step = Step(later=OrderNoted())
    event = step.hand.raw(type_, v=v, harmless=harmless, nonsense=1)
    order = apply(step.before, event)
    assert order is not None
    why = order.unread[event.id].why if is_kept else ""
    unread = _unread(event, why) if is_kept else {}
    assert order == replace(step.before, unread=unread, last_id=event.id, updated_at=event.at)
    assert [*order.waits_for_manager] == [*unread.values()]


_SKIPPED = "a manager skipped it on a till that cannot read it"


@pytest.mark.parametrize(
    ("data", "is_skipped"),
    [
        (LineNoted(line_id=A, note="thin"), True),
        (LineVoided(line_id=A, reason="dropped"), True),
        (PARKED, False),
        (CheckoutStarted(), True),
        (TenderCorrected(order_id=uid("o"), payment_id=PAY, was="CASH", tender="CARD", amount="1"), False),
        (_sale(), False),
        (RecordSetAside(event=EARLY, approved_by=9), False),
    ],
)
def test_skipped_record_is_skipped_on_tills_that_can_read_it(data: EventData, *, is_skipped: bool) -> None:
    step = Step(later=data)
    skip = step.hand.make(RecordSetAside(event=step.event.id, approved_by=9))
    order = folded(*step.events, skip)
    aside = step.after.set_aside | {step.event.id}
    if is_skipped:
        unread = _unread(step.event, _SKIPPED)
        assert order == replace(step.before, unread=unread, set_aside=aside, last_id=skip.id, updated_at=skip.at)
        assert order.waits_for_manager == ()
    else:
        assert order == replace(step.after, set_aside=aside, last_id=skip.id, updated_at=skip.at)
    early = apply(replace(step.before, set_aside=frozenset({step.event.id})), step.event)
    assert early is not None
    assert (step.event.id in early.unread) == is_skipped


def test_refused_event_changes_nothing_and_an_older_one_leaves_the_newest() -> None:
    step = Step(later=OrderNoted(note="rush"))
    known = replace(step.before, refused=frozenset({step.event.id}))
    assert apply(known, step.event) == known
    older = apply(step.after, Hand(1, seed=5).make(OrderNoted(note="early")))
    assert older is not None
    assert (older.last_id, len(older.notes)) == (step.event.id, 2)


def test_next_event_is_newer_and_changes_no_earlier_one() -> None:
    step = Step(later=_sale("o"))
    sold = step.after
    unread = step.hand.raw("table_sung_to")
    doubted = apply(sold, unread)
    server = Hand(SERVER)
    server.knows(*step.events, unread)
    assert doubted is not None
    second = replace(doubted, second=frozenset({uid("o")}))
    rows: list[tuple[Order, Event, bool]] = [
        (doubted, step.hand.make(OrderNoted(note="x")), True),
        (doubted, step.events[1], False),
        (doubted, unread, False),
        (doubted, step.hand.make(RecordSetAside(event=unread.id, approved_by=9)), True),
        (doubted, step.hand.make(RecordSetAside(event=step.event.id, approved_by=9)), False),
        (doubted, server.make(Refused(events=(unread.id,))), False),
        (doubted, server.make(sold_twice(step.event)), False),
        (doubted, server.make(replace(sold_twice(step.event), kind="no_answer")), True),
        (doubted, step.hand.make(_sale("o2")), True),
        (second, step.hand.make(_sale("o2")), False),
        (second, step.hand.make(OrderNoted(note="y")), True),
    ]
    assert [is_next(order, event) for order, event, _is in rows] == [is_ for _order, _event, is_ in rows]
    assert is_next(None, step.events[1])
