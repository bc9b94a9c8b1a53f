"""The fold: the effect of each event type on an order. Pure, and independent of the order of arrival.

Adding, taking off and voiding lines by id commute. For single values the last write wins. Events that the server
refused are skipped; all others count, because only the server decides who may do what. An unreadable record is kept and
reported (`Order.unread`). If a manager skipped such a record, tills that can read it skip it too, so that all tills
have the same order. An exception in a step is a bug and is not caught.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from till.domain.errors import AmountError, EventError
from till.domain.events.aggregate import Aggregate
from till.domain.events.envelope import SERVER, Event
from till.domain.events.registry import EventData, OrderEvent, UnreadData, name_of
from till.domain.i18n import _
from till.domain.kitchen.events import KitchenTold, LinesSent, OrderHanded
from till.domain.money.measures import Minor
from till.domain.order import cutting, evolve_lines, evolve_payments
from till.domain.order import events as happened
from till.domain.order.copied import copies_in, without_parent_lines
from till.domain.order.evolve_payments import Answers
from till.domain.order.preferences import LANGUAGE, known_name
from till.domain.order.state import (
    Buyer,
    Conflict,
    Customer,
    Feedback,
    HandedTo,
    Invoice,
    Order,
    Placed,
    Preference,
    Status,
    Submitted,
    Tab,
    TipChange,
    UnreadRecord,
)
from till.domain.order.terms import terms_from
from till.domain.payment import events as paid
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

    from till.domain.order.line import Line


#: Events that a till may write on an order that it was handed for the kitchen.
_OF_HANDS: Final = (LinesSent, KitchenTold, happened.OrderNumbered)
#: Events with `moves` that still count after the order is paid: its holder, and the cleared lines.
_AFTER_SALE: Final = (happened.OrderOpened, happened.OrderGranted, happened.OrderDiscarded)


def fold(events: Iterable[Event]) -> Order | None:
    """Fold the events of one session, in any order; duplicates are ignored. Returns None if no event opens the order.

    Events are folded in the order of their ids, with two exceptions, because ids follow the clocks of the tills. The
    opening event comes first. If an order was sold more than once, the sales that the database reports as second come
    after the others.

    Raises:
        EventError: the opening event cannot be read here.
    """
    events = [*events]
    refused = _refused_in(events)
    events = [event for event in events if event.id not in refused] if refused else events
    copied = copies_in(events)
    in_order = sorted({event.id: event for event in (*copied, *events)}.values(), key=lambda event: event.id)
    order = _fold_in_turn(in_order)
    return without_parent_lines(order, copied, events) if copied and order is not None else order


def _refused_in(events: Iterable[Event]) -> set[str]:
    return {one for event in events if isinstance(event.data, happened.Refused) for one in event.data.events}


def _fold_in_turn(in_order: list[Event]) -> Order | None:
    opened = next((event for event in in_order if _opens(event)), None)
    if opened is None:
        return None
    if opened is not in_order[0]:
        in_order = [opened, *(event for event in in_order if event is not opened)]
    in_order = _first_sale_first(in_order)
    order = _fold(in_order)
    if order is None or order.set_aside <= order.unread.keys():
        return order
    skipped = {event.id for event in in_order if event.id in order.set_aside and _is_skippable(event.data)}
    return _fold(in_order, skipped)


def _first_sale_first(in_order: list[Event]) -> list[Event]:
    """Return the events with second sales moved behind the others. Only the database knows which sale was first."""
    second = {second_id for event in in_order if (second_id := _second_sale(event)) is not None}
    sales = [
        (event, event.data.order_id in second) for event in in_order if isinstance(event.data, happened.OrderPlaced)
    ]
    last = next((sale for sale, is_second in reversed(sales) if not is_second), None)
    early = [sale for sale, is_second in sales if is_second and last is not None and sale.id < last.id]
    if last is None or not early:
        return in_order
    rest = [event for event in in_order if event not in early]
    behind = rest.index(last) + 1
    return [*rest[:behind], *early, *rest[behind:]]


def _second_sale(event: Event) -> str | None:
    """Return the order id of the sale that the database reports as second; None for any other event."""
    if event.by_till == SERVER and isinstance(event.data, happened.ConflictFound) and event.data.kind == "sold_twice":
        return event.data.subject
    return None


def _fold(in_order: Sequence[Event], skipped: Collection[str] = ()) -> Order | None:
    order: Order | None = None
    for event in in_order:
        order = apply(order, event, skipped=event.id in skipped)
    return order


def holder_by(event: Event) -> int | None:
    """Return the till that becomes the holder by an event; None if the event creates no hold."""
    if isinstance(event.data, happened.OrderGranted):
        return event.data.till
    return event.by_till if event.data.takes else None


def _is_skippable(data: EventData) -> bool:
    """True if a manager may skip a record of this type.

    Records about money and about the status of the order are never skipped: the database relies on them.
    """
    return not (data.moves or data.any_hold or data.about_money or isinstance(data, happened.RecordSetAside))


def is_next(order: Order | None, event: Event) -> bool:
    """True if `apply` accepts an event: it is the newest, and does not change the effect of earlier events."""
    if order is None:
        return True
    data = event.data
    skips_earlier = isinstance(data, happened.RecordSetAside) and data.event not in order.unread
    reorders_sales = _second_sale(event) is not None or (isinstance(data, happened.OrderPlaced) and bool(order.second))
    changes_others = isinstance(data, happened.LinesCopied | happened.Refused)
    return event.id > order.last_id and not (skips_earlier or reorders_sales or changes_others)


def apply(order: Order | None, event: Event, *, skipped: bool = False) -> Order | None:
    """Return the order after one more event. If `is_next` is false, fold all events again instead.

    Args:
        order: the order so far.
        event: the event.
        skipped: True if a later event skips this one. Skips by earlier events are in the order.
    """
    data = event.data
    if order is None:
        if isinstance(data, happened.OrderOpened):
            try:
                return _opened(event, data)
            except AmountError as problem:
                what = problem.sentence.rstrip(".।")
                raise EventError(_("An order cannot be read: {what}.").format(what=what)) from problem
        if _opens(event) and isinstance(data, UnreadData):
            raise EventError(_("An order cannot be read: {what}.").format(what=data.why))
        return None
    if event.id in order.refused:
        return order
    if skipped or (event.id in order.set_aside and _is_skippable(data)):
        why = data.why if isinstance(data, UnreadData) else _("a manager skipped it on a till that cannot read it")
        after = _with_unread(order, event, why)
    elif isinstance(data, UnreadData):
        after = order if _is_harmless(event) else _with_unread(order, event, data.why)
    elif data.moves and order.status is Status.COMPLETED and not isinstance(data, _AFTER_SALE):
        after = order
    else:
        try:
            after = STEPS[type(data)](order, event, data)
        except AmountError as problem:  # more decimals than the order's currency has: unreadable
            after = _with_unread(order, event, problem.sentence)
    return replace(after, last_id=max(order.last_id, event.id), updated_at=event.at)


def _opens(event: Event) -> bool:
    return event.type == name_of(happened.OrderOpened)


def _known_kind(event: Event) -> type[EventData] | None:
    """Return the class of an event's type; None if this till is too old for the type or its version."""
    kind = next((kind for kind in STEPS if name_of(kind) == event.type), None)
    return kind if kind is not None and event.v <= kind.v else None


def _is_harmless(event: Event) -> bool:
    """True if money may be taken without an event. If its type is unknown here, the event's own flag decides."""
    kind = _known_kind(event)
    return event.harmless if kind is None else kind.harmless


def _with_unread(order: Order, event: Event, why: str) -> Order:
    record = UnreadRecord(event.id, event.type, event.by_till, event.at, why)
    return replace(order, unread={**order.unread, event.id: record})


def is_answer(data: EventData) -> bool:
    """True if an event is the outcome of a charge or its return.

    The till that requested it records it, even if another till holds the order now.
    """
    return isinstance(data, Answers) or (isinstance(data, paid.PaymentVoided) and data.return_id is not None)


def _opened(event: Event, data: happened.OrderOpened) -> Order:
    return Order(
        id=event.stream_id,
        store_id=event.store_id,
        user=data.user,
        terms=terms_from(data),
        order_type=data.order_type,
        status=Status.ACTIVE,
        till=None if event.by_till == SERVER else event.by_till,
        hold=event.hold,
        holder=event.by_till,
        created_at=event.at,
        updated_at=event.at,
        last_id=event.id,
        from_session=data.from_session,
        ref=data.ref,
        again=data.again,
    )


def _held(order: Order, event: Event, till: int, user: int) -> Order:
    """Return the order under a new hold of a till. It becomes active there, unless it is paid."""
    updated = replace(order, hold=event.hold, holder=till, handed=None)
    if order.status is Status.COMPLETED:
        return updated
    return _active(replace(updated, till=None if till == SERVER else till), user)


def _active(order: Order, user: int | None) -> Order:
    user = order.user if user is None else user
    return replace(order, status=Status.ACTIVE, user=user, logout_time=None, discarded=None)


def _order_opened(order: Order, event: Event, data: happened.OrderOpened) -> Order:
    """Apply a second opening: two tills opened the order for the same late lines. The later one holds it."""
    return _held(order, event, event.by_till, data.user)


def _order_granted(order: Order, event: Event, data: happened.OrderGranted) -> Order:
    if order.submitted is not None and data.from_till:
        order = replace(order, submitted=replace(order.submitted, order_id=None))
    return _held(order, event, data.till, data.user)


def _order_submitted(order: Order, event: Event, data: happened.OrderSubmitted) -> Order:
    program = data.program or ""
    submitted = Submitted(data.order_id, data.number, program, data.payment_method, event.at, data.customer_id)
    named = Customer(data.customer_id, "") if data.customer_id and order.customer is None else order.customer
    updated = replace(order, lines=_sent(order), till=None, customer=named)
    return replace(updated, status=Status.PENDING_LOGOUT, logout_time=event.at, submitted=submitted)


def _order_resumed(order: Order, event: Event, data: happened.OrderResumed) -> Order:
    till = None if event.by_till == SERVER else event.by_till
    return _active(replace(order, till=till), data.user)


def _order_parked(order: Order, event: Event, data: happened.OrderParked) -> Order:
    user = order.user if data.user is None else data.user
    return replace(order, status=Status.PENDING_LOGOUT, till=None, logout_time=event.at, user=user)


def _tab_assigned(order: Order, _event: Event, data: happened.TabAssigned) -> Order:
    was = order.tab
    awaits = order.pending_payment is not None if was is None else was.awaits and was.id == data.tab_id
    tab = Tab(data.tab_id, data.name, data.table_number, data.covers, awaits)
    return replace(order, lines=_sent(order), status=Status.ASSIGNED_TO_TAB, till=None, tab=tab)


def _sent(order: Order) -> dict[str, Line]:
    """Return the order's lines, all marked as sent."""
    return {line.id: line if line.sent else replace(line, sent=True) for line in order.lines.values()}


def _order_discarded(order: Order, event: Event, data: happened.OrderDiscarded) -> Order:
    """Clear the order. Its cleared lines stay cleared, even if an offline till took money for the order."""
    order = cutting.undo_late_cuts(order, frozenset(data.line_ids))
    lines = (order.discarded or frozenset()).union(data.line_ids)  # a till with a restored disk may clear it again
    known = replace(order, discarded=lines, discarded_by=event.by_till, cleared_by=event.user)
    if order.status is Status.COMPLETED:
        return known
    return replace(known, status=Status.DISCARDED, till=None, discard_reason=data.reason)


def _refused(order: Order, _event: Event, data: happened.Refused) -> Order:
    """Note refused events. `fold` leaves them out, and `apply` skips one that arrives later."""
    return replace(order, refused=order.refused.union(data.events))


def _session_swept(order: Order, event: Event, _data: happened.SessionSwept) -> Order:
    if order.status is not Status.ACTIVE:
        return order
    return replace(order, status=Status.PENDING_LOGOUT, logout_time=event.at)


def _menu_viewed(order: Order, _event: Event, data: happened.MenuViewed) -> Order:
    return replace(order, last_menu=data.items)


def _order_numbered(order: Order, _event: Event, data: happened.OrderNumbered) -> Order:
    return replace(order, called=order.called or data.number)


def _order_type_set(order: Order, _event: Event, data: happened.OrderTypeSet) -> Order:
    return replace(order.of_type(data.order_type), is_type_chosen=True)


def _courses_held(order: Order, _event: Event, data: happened.CoursesHeld) -> Order:
    return replace(order, holds=data.held)


def _preference_set(order: Order, event: Event, data: happened.PreferenceSet) -> Order:
    """Set a preference in place of those that its till had heard: its own, and those that came with the order.

    Words that it had not heard stay beside it. The server, where a till holds the order, repeats words: it adds them.
    Of the language the newest counts.
    """
    name = known_name(data.name)
    adds = event.by_till == SERVER != order.holder and name != LANGUAGE
    kept = {
        at: one
        for at, one in order.preferences_set.items()
        if one.name != name or adds or not (one.till == event.by_till or at < event.hold or name == LANGUAGE)
    }
    if data.value:
        kept[event.id] = Preference(name, data.value, event.by_till)
    return replace(order, preferences_set=kept)


def _order_noted(order: Order, event: Event, data: happened.OrderNoted) -> Order:
    return replace(order, notes={**order.notes, event.id: data.note})


def _customer_attached(order: Order, event: Event, data: happened.CustomerAttached) -> Order:
    known = data.customer_id is not None or data.who
    return replace(order, customer=Customer(data.customer_id, data.who) if known else None, customer_event=event.id)


def _buyer_named(order: Order, _event: Event, data: happened.BuyerNamed) -> Order:
    """Set the buyer. A sale keeps the one that it named."""
    if order.status is Status.COMPLETED:
        return order
    return replace(order, buyer=Buyer(data.name, data.tax_number, data.address) if data.name else None)


def _invoice_issued(order: Order, event: Event, data: happened.InvoiceIssued) -> Order:
    """Keep the invoice of a sale; of two, which the server tells a manager of, the first."""
    buyer = Buyer(data.name, data.tax_number, data.address)
    made = Invoice(event.id, data.number, event.at, event.user, buyer)
    return replace(order, invoices={data.order_id: made, **order.invoices})


def _age_checked(order: Order, _event: Event, data: happened.AgeChecked) -> Order:
    return replace(order, of_age=max(order.of_age, data.years)) if data.passed else order


def _feedback_given(order: Order, _event: Event, data: happened.FeedbackGiven) -> Order:
    return replace(order, feedback=Feedback(data.score, data.words))


def _slip_kept(order: Order, _event: Event, _data: paid.SlipKept) -> Order:
    """Ignore a slip: it does not change the order. The views of a sale read slips from the records."""
    return order


def _tender_corrected(order: Order, _event: Event, data: paid.TenderCorrected) -> Order:
    return replace(order, corrected={**order.corrected, data.payment_id: data.tender})


def _tip_corrected(order: Order, event: Event, data: paid.TipCorrected) -> Order:
    grown = Minor(-order.terms.currency.minor(data.returned))
    change = TipChange(event.id, data.payment_id, data.tender, grown, event.at)
    return replace(order, tip_changes=(*order.tip_changes, change))


def _order_handed(order: Order, event: Event, data: OrderHanded) -> Order:
    return replace(order, handed=HandedTo(event.id, data.till, data.again))


def _booking_seated(order: Order, _event: Event, data: happened.BookingSeated) -> Order:
    return replace(order, booking=data.booking_id)


def _change_undone(order: Order, _event: Event, data: happened.ChangeUndone) -> Order:
    return evolve_lines.without_change(order, data.event)


def _record_set_aside(order: Order, _event: Event, data: happened.RecordSetAside) -> Order:
    return replace(order, set_aside=order.set_aside | {data.event})


def _erased(order: Order, _event: Event, _data: happened.Erased) -> Order:
    return order


def _removal_explained(order: Order, _event: Event, _data: happened.RemovalExplained) -> Order:
    return order


def _lines_rung_again(order: Order, _event: Event, _data: happened.LinesRungAgain) -> Order:
    return order


def _lines_copied(order: Order, _event: Event, _data: happened.LinesCopied) -> Order:
    """Ignore the event: `fold` folds the copied events themselves."""
    return order


def _reported_sale(order: Order, _event: Event, _data: happened.SaleContested | happened.SaleBooked) -> Order:
    """Ignore the event: it only affects reports."""
    return order


def _gateway_order_named(order: Order, _event: Event, _data: paid.GatewayOrderNamed) -> Order:
    """Ignore the event: the server finds the order of a charge by it."""
    return order


def _checkout_started(order: Order, event: Event, _data: paid.CheckoutStarted) -> Order:
    return replace(order, checkout_at=event.at)


def _order_placed(order: Order, event: Event, data: happened.OrderPlaced) -> Order:
    """Complete the order, whatever its status. The first completion counts; a manager settles a second one."""
    _check_amounts(order, data)
    placed = Placed(event.id, event.at, data, event.by_till, event.user or 0)
    if order.placed:
        return replace(order, placed_again=(*order.placed_again, placed))
    order = cutting.undo_late_cuts(order, placed.covered)
    return replace(order, status=Status.COMPLETED, till=None, placed=placed)


def _check_amounts(order: Order, data: happened.OrderPlaced) -> None:
    """Refuse a frozen order with another currency, unreadable amounts, or pieces that do not match its lines."""
    if data.currency != order.terms.currency.code:
        raise AmountError(_("it is in another currency"))
    for row in data.lines:
        order.terms.currency.minor(row.subtotal)
        if len(row.line_ids) != len(row.line_quantities) or sum(row.line_quantities) != row.quantity:
            raise AmountError(_("its lines and their pieces do not match"))
    for payment in data.payments:
        order.terms.currency.minor(payment.amount)
        order.terms.currency.minor(payment.tip)


def _conflict_found(order: Order, event: Event, data: happened.ConflictFound) -> Order:
    second = _second_sale(event)
    return replace(
        order,
        conflicts={**order.conflicts, data.conflict_id: Conflict(data.kind, data.subject)},
        second=order.second if second is None else order.second | {second},
    )


def _conflict_resolved(order: Order, _event: Event, data: happened.ConflictResolved) -> Order:
    return replace(order, settled_conflicts=order.settled_conflicts | {data.conflict_id})


#: The step of each event type. Lint fails if an event type of orders has none.
STEPS: Final[Mapping[type[EventData], Callable[[Order, Event, Any], Order]]] = {
    happened.OrderOpened: _order_opened,
    happened.OrderGranted: _order_granted,
    happened.OrderResumed: _order_resumed,
    happened.OrderParked: _order_parked,
    happened.OrderSubmitted: _order_submitted,
    happened.TabAssigned: _tab_assigned,
    happened.OrderDiscarded: _order_discarded,
    happened.SessionSwept: _session_swept,
    happened.Refused: _refused,
    happened.MenuViewed: _menu_viewed,
    **evolve_lines.STEPS,
    happened.LineCut: cutting.line_cut,
    happened.AgeChecked: _age_checked,
    happened.LinesMoved: evolve_lines.lines_moved,
    happened.LinesCopied: _lines_copied,
    happened.LinesRungAgain: _lines_rung_again,
    happened.LinesWithdrawn: evolve_lines.lines_withdrawn,
    happened.ChangeUndone: _change_undone,
    happened.OrderTypeSet: _order_type_set,
    happened.OrderNumbered: _order_numbered,
    happened.PreferenceSet: _preference_set,
    happened.CoursesHeld: _courses_held,
    happened.OrderNoted: _order_noted,
    happened.CustomerAttached: _customer_attached,
    happened.BuyerNamed: _buyer_named,
    happened.InvoiceIssued: _invoice_issued,
    happened.FeedbackGiven: _feedback_given,
    happened.BookingSeated: _booking_seated,
    happened.RecordSetAside: _record_set_aside,
    happened.Erased: _erased,
    happened.RemovalExplained: _removal_explained,
    happened.SaleContested: _reported_sale,
    happened.SaleBooked: _reported_sale,
    happened.ConflictFound: _conflict_found,
    happened.ConflictResolved: _conflict_resolved,
    happened.OrderPlaced: _order_placed,
    paid.CheckoutStarted: _checkout_started,
    paid.GatewayOrderNamed: _gateway_order_named,
    paid.PaymentStarted: evolve_payments.payment_started,
    paid.PaymentApproved: evolve_payments.payment_approved,
    paid.PaymentDeclined: evolve_payments.payment_declined,
    paid.PaymentUnknown: evolve_payments.payment_unknown,
    paid.PaymentAuthorised: evolve_payments.payment_authorised,
    paid.PaymentReturnStarted: evolve_payments.payment_return_started,
    paid.PaymentConfirmed: evolve_payments.payment_confirmed,
    paid.PaymentReturnDeclined: evolve_payments.payment_return_declined,
    paid.PaymentReturnUnknown: evolve_payments.payment_return_unknown,
    paid.SlipKept: _slip_kept,
    paid.PaymentVoided: evolve_payments.payment_voided,
    paid.TenderCorrected: _tender_corrected,
    paid.TipCorrected: _tip_corrected,
    LinesSent: evolve_lines.lines_sent,
    KitchenTold: evolve_lines.kitchen_told,
    OrderHanded: _order_handed,
}


class _Orders(Aggregate[Order], frozen=True):
    """The aggregate of orders. Orders have their own fold and are written under a hold."""

    @override
    def apply(self, state: Order | None, event: Event) -> Order | None:
        order = apply(state, event)
        if order is not None:
            order.price_after(state)
        return order

    @override
    def is_next(self, state: Order | None, event: Event) -> bool:
        return is_next(state, event)

    @override
    def fold(self, events: Iterable[Event]) -> Order | None:
        return fold(events)

    @override
    def hold_of(self, state: Order) -> str:
        return state.hold

    @override
    def is_free(self, state: Order | None, till: int, data: EventData) -> bool:
        is_handed = state is not None and state.handed is not None and state.handed.till == till
        return data.any_hold or is_answer(data) or (is_handed and isinstance(data, _OF_HANDS))


ORDERS: Final = _Orders(OrderEvent, STEPS)
