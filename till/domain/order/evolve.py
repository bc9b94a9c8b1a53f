"""The fold: what each type of event does to an order. Pure, and the same in whatever order events arrive.

Adding, taking off and voiding by line id commute; single values are last writer wins; a status event counts only under
the newest hold; what a till does without ever having taken the order does not count. A record that does not read here
is kept and said (`Order.unread`). Only that is: a fault in a step is a fault of ours, and it is raised. What a manager
set aside where it did not read is passed over where it does too, so that all tills have one order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import AmountError, EventError
from till.domain.events.envelope import SERVER, Event
from till.domain.events.registry import EventData, UnreadData, name_of
from till.domain.i18n import _
from till.domain.ids import derived_id
from till.domain.order import cutting, evolve_lines, evolve_payments
from till.domain.order import events as happened
from till.domain.order.evolve_payments import Answers, Money
from till.domain.order.state import (
    Customer,
    Feedback,
    HeldBefore,
    Order,
    Placed,
    Status,
    Tab,
    UnreadRecord,
)
from till.domain.order.terms import terms_from
from till.domain.payment import events as paid
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping


def fold(events: Iterable[Event]) -> Order | None:
    """Fold the events of one session, in any order, with any repeats. None until it was opened.

    What opened it comes first, also before what a till wrote on it whose clock was days behind the other's; and of
    several sales those come last of which the database says so: ids are by the clocks of tills that were apart.

    Raises:
        EventError: the event that opened it does not read here.
    """
    in_order = sorted({event.id: event for event in events}.values(), key=lambda event: event.id)
    opened = next((event for event in in_order if _opens(event)), None)
    if opened is None:
        return None
    if opened is not in_order[0]:
        in_order = [opened, *(event for event in in_order if event is not opened)]
    in_order = _first_sale_first(in_order)
    order = _fold(in_order)
    if order is None or order.set_aside <= order.unread.keys():
        return order
    aside = {event.id for event in in_order if event.id in order.set_aside and _may_be_set_aside(event.data)}
    return _fold(in_order, aside)


def _first_sale_first(in_order: list[Event]) -> list[Event]:
    """The events with the sales that came second to the database behind the others: it alone knows which came first."""
    second = {said for event in in_order if (said := _said_second(event)) is not None}
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


def _said_second(event: Event) -> str | None:
    """The sale of which an event says, by its order id, that another had come to the database before."""
    if event.till == SERVER and isinstance(event.data, happened.ConflictFound) and event.data.kind == "paid_twice":
        return event.data.subject
    return None


def _fold(in_order: Iterable[Event], aside: Collection[str] = ()) -> Order | None:
    order: Order | None = None
    for event in in_order:
        order = apply(order, event, aside=event.id in aside)
    return order


def _may_be_set_aside(data: EventData) -> bool:
    """Whether an order may be paid without a record of a type.

    Not without money, nor without what says where the order stands: the database goes by that, on all tills.
    """
    always = data.moves or data.any_hold or isinstance(data, happened.RecordSetAside | happened.OrderPlaced | Money)
    return not always


def is_next(order: Order | None, event: Event) -> bool:
    """Whether `apply` takes an event: it is newer than all before, and changes nothing of what counted until then."""
    if order is None:
        return True
    data = event.data
    sets_aside = isinstance(data, happened.RecordSetAside) and data.event not in order.unread
    reorders = _said_second(event) is not None or (isinstance(data, happened.OrderPlaced) and bool(order.second))
    return event.id > order.last_id and not sets_aside and not reorders


def apply(order: Order | None, event: Event, *, aside: bool = False) -> Order | None:
    """The order after one more event; unless it `is_next`, fold them all again.

    Args:
        order: as it stands.
        event: what came.
        aside: whether a manager set it aside, as events after it tell; of those before it the order knows.

    Raises:
        EventError: it is the event that opens the order, and does not read here.
    """
    data = event.data
    if order is None:
        if isinstance(data, happened.OrderOpened):
            try:
                return _opened(event, data)
            except AmountError as problem:
                raise EventError(_("An order does not read: {what}.").format(what=problem.sentence)) from problem
        if _opens(event):
            raise EventError(_("An order does not read: {what}.").format(what=_why(data)))
        return None
    if aside or (event.id in order.set_aside and _may_be_set_aside(data)):
        why = data.why if isinstance(data, UnreadData) else _("a manager set it aside on a till where it does not read")
        after = _with_unread(order, event, why)
    elif isinstance(data, UnreadData):
        after = order if _is_harmless(event) else _with_unread(order, event, data.why)
    elif not _counts(order, event, data):
        after = _left(order, event) if isinstance(data, happened.TabAssigned | happened.OrderDiscarded) else order
    else:
        try:
            after = STEPS[type(data)](order, event, data)
        except AmountError as problem:  # it has more decimals than the money of this order: it does not read here
            after = _with_unread(order, event, problem.sentence)
    return replace(after, last_id=max(order.last_id, event.id), updated_at=event.at)


def _opens(event: Event) -> bool:
    return event.type == name_of(happened.OrderOpened)


def _known_kind(event: Event) -> type[EventData] | None:
    """The class of an event's type; None for a type, or a version of one, that newer tills alone know."""
    kind = next((kind for kind in STEPS if name_of(kind) == event.type), None)
    return kind if kind is not None and event.v <= kind.v else None


def _is_harmless(event: Event) -> bool:
    """Whether money may be taken without a record: of one that newer tills alone know, it says so itself."""
    kind = _known_kind(event)
    return event.harmless if kind is None else kind.harmless


def _why(data: EventData) -> str:
    return data.why if isinstance(data, UnreadData) else ""


def _with_unread(order: Order, event: Event, why: str) -> Order:
    record = UnreadRecord(event.id, event.type, event.till, event.at, why, newer=_known_kind(event) is None)
    return replace(order, unread={**order.unread, event.id: record})


def _left(order: Order, event: Event) -> Order:
    """Who put it on a tab, or cleared it, follows it no more, even where that itself came too late."""
    return replace(order, left_by=order.left_by | {event.till})


def _counts(order: Order, event: Event, data: EventData) -> bool:
    """Whether the till had ever taken the order, or may write to it without; and of a status event, its hold."""
    if data.takes:
        return True
    if data.moves:
        under = event.hold == order.hold and event.till in {order.holder, SERVER}
        return under and (order.status is not Status.COMPLETED or isinstance(data, happened.OrderDiscarded))
    return (
        not needs_hold(data)
        or event.till == SERVER
        or event.till in order.takers
        or is_brought(order, event.till, data)
    )


def is_brought(order: Order, till: int, data: EventData) -> bool:
    """Whether an event is about a line that its till moved to the order: with that it may go on without a hold."""
    return order.brought.get(getattr(data, "line_id", None) or "") == till


def needs_hold(data: EventData) -> bool:
    """Whether only a till that took the order may write this to it; lines leave it without when they came too late."""
    leaves = isinstance(data, happened.LinesMoved) and data.to_session is not None and not data.late
    return leaves or not data.any_hold


def is_answer(data: EventData) -> bool:
    """Whether an event tells what became of a charge, or of giving it back.

    A till that asked hears it, whoever has the order now.
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
        till=None if event.till == SERVER else event.till,
        hold=event.hold,
        holder=event.till,
        takers=frozenset({event.till}),
        before_hold=HeldBefore(data.user, None),
        created_at=event.at,
        updated_at=event.at,
        last_id=event.id,
        from_session=data.from_session,
        ref=data.ref,
    )


def _taken(order: Order, event: Event, user: int | None = None) -> Order:
    """The order under a new hold, if that is the greatest: then it is active, unless it was paid.

    Of two tills that took the same number apart, what the other did to where the order stood counts no more. What the
    database brings back is held by nobody until its user comes.
    """
    known = replace(order, takers=order.takers | {event.till}, left_by=order.left_by - {event.till})
    if event.hold <= order.hold:
        return known
    race = event.hold.epoch == order.hold.epoch
    before = order.before_hold if race else HeldBefore(order.user, order.tab)
    held = replace(known, hold=event.hold, holder=event.till, before_hold=before)
    if order.status is Status.COMPLETED:
        return replace(held, discarded=None) if race else held
    return replace(
        held,
        status=Status.ACTIVE,
        till=None if event.till == SERVER else event.till,
        user=before.user if user is None else user,
        tab=before.tab,
        logout_time=None,
        discarded=None,
    )


def _order_opened(order: Order, event: Event, _data: happened.OrderOpened) -> Order:
    """Two tills carried the same late lines on: the greater hold has the order."""
    return _taken(order, event)


def _order_taken(order: Order, event: Event, data: happened.Taking) -> Order:
    return _taken(order, event, data.user)


def _order_parked(order: Order, event: Event, data: happened.OrderParked) -> Order:
    user = order.user if data.user is None else data.user
    return replace(order, status=Status.PENDING_LOGOUT, till=None, logout_time=event.at, user=user)


def _tab_assigned(order: Order, event: Event, data: happened.TabAssigned) -> Order:
    tab = Tab(data.tab_id, data.name, data.table_number, data.covers)
    sent = {line.id: line if line.sent else replace(line, sent=True) for line in order.lines.values()}
    left = order.left_by | order.takers | {event.till}  # nobody who sees it there follows it any more
    return replace(order, left_by=left, lines=sent, status=Status.ASSIGNED_TO_TAB, till=None, tab=tab)


def _order_discarded(order: Order, event: Event, data: happened.OrderDiscarded) -> Order:
    """What was cleared on purpose does not come back for the money of a till that was apart."""
    order = cutting.uncut(order, frozenset(data.line_ids))
    known = replace(order, discarded=frozenset(data.line_ids), discarded_by=event.till, cleared_by=event.user)
    if order.status is Status.COMPLETED:
        return known
    left = order.left_by | {event.till}
    return replace(known, status=Status.DISCARDED, till=None, discard_reason=data.reason, left_by=left)


def _session_swept(order: Order, event: Event, _data: happened.SessionSwept) -> Order:
    if order.status is not Status.ACTIVE:
        return order
    return replace(order, status=Status.PENDING_LOGOUT, logout_time=event.at)


def _menu_viewed(order: Order, _event: Event, data: happened.MenuViewed) -> Order:
    return replace(order, last_menu=data.items)


def _order_type_set(order: Order, _event: Event, data: happened.OrderTypeSet) -> Order:
    return replace(order, order_type=data.order_type, type_said=True)


def _preference_set(order: Order, _event: Event, data: happened.PreferenceSet) -> Order:
    others = {name: value for name, value in order.preferences.items() if name != data.name}
    return replace(order, preferences={**others, data.name: data.value} if data.value else others)


def _order_noted(order: Order, event: Event, data: happened.OrderNoted) -> Order:
    return replace(order, notes={**order.notes, event.id: data.note})


def _customer_attached(order: Order, _event: Event, data: happened.CustomerAttached) -> Order:
    known = data.customer_id is not None or data.who
    return replace(order, customer=Customer(data.customer_id, data.who) if known else None)


def _age_checked(order: Order, _event: Event, data: happened.AgeChecked) -> Order:
    return replace(order, of_age=max(order.of_age, data.years)) if data.passed else order


def _feedback_given(order: Order, _event: Event, data: happened.FeedbackGiven) -> Order:
    return replace(order, feedback=Feedback(data.score, data.words))


def _slip_kept(order: Order, _event: Event, _data: paid.SlipKept) -> Order:
    """Paper: it is nothing to the order. Who looks at the sale reads it of its records."""
    return order


def _tender_corrected(order: Order, _event: Event, data: paid.TenderCorrected) -> Order:
    return replace(order, corrected={**order.corrected, data.payment_id: data.tender})


def _booking_seated(order: Order, _event: Event, data: happened.BookingSeated) -> Order:
    return replace(order, booking=data.booking_id)


def _lines_moved(order: Order, event: Event, data: happened.LinesMoved) -> Order:
    return evolve_payments.payments_moved(evolve_lines.lines_moved(order, event, data), event, data)


def _change_undone(order: Order, _event: Event, data: happened.ChangeUndone) -> Order:
    return evolve_lines.without_change(order, data.event)


def _record_set_aside(order: Order, _event: Event, data: happened.RecordSetAside) -> Order:
    return replace(order, set_aside=order.set_aside | {data.event})


def _erased(order: Order, _event: Event, _data: happened.Erased) -> Order:
    return order


def _checkout_started(order: Order, event: Event, _data: paid.CheckoutStarted) -> Order:
    return replace(order, checkout_at=event.at)


def _order_placed(order: Order, event: Event, data: happened.OrderPlaced) -> Order:
    """Money wins over any status. The first completion stands; a second is for a manager's eyes."""
    _check_amounts(order, data)
    placed = Placed(event.id, event.at, data, event.till)
    if order.placed:
        return replace(order, placed_again=(*order.placed_again, placed))
    order = cutting.uncut(order, placed.covered)
    return replace(order, status=Status.COMPLETED, till=None, placed=placed)


def _check_amounts(order: Order, data: happened.OrderPlaced) -> None:
    """Refuse a frozen order that cannot be reckoned with: money of another kind, or pieces that belong to no line."""
    if data.currency != order.terms.currency.code:
        raise AmountError(_("it is in another money"))
    for row in data.lines:
        order.terms.currency.minor(row.subtotal)
        if len(row.line_ids) != len(row.line_quantities) or sum(row.line_quantities) != row.quantity:
            raise AmountError(_("its lines and their pieces do not match"))
    for payment in data.payments:
        order.terms.currency.minor(payment.amount)
        order.terms.currency.minor(payment.tip)


def conflict_id(order_id: str, kind: str, subject: str) -> str:
    """The id of a conflict: the same on every till that finds it."""
    return derived_id(order_id, f"{kind} {subject}")


def _conflict_found(order: Order, event: Event, data: happened.ConflictFound) -> Order:
    if event.till != SERVER and data.conflict_id != conflict_id(order.id, data.kind, data.subject):
        return order  # no till of ours says so: what bears that id was not written down by it
    found = (*order.conflicts.get(data.conflict_id, ()), data.amount)
    second = _said_second(event)
    return replace(
        order,
        conflicts={**order.conflicts, data.conflict_id: found},
        second=order.second if second is None else order.second | {second},
    )


def _conflict_resolved(order: Order, _event: Event, data: happened.ConflictResolved) -> Order:
    return replace(order, settled_conflicts=order.settled_conflicts | {data.conflict_id})


#: What each type does. Lint fails when a type of the order's stream has no step.
STEPS: Final[Mapping[type[EventData], Callable[[Order, Event, Any], Order]]] = {
    happened.OrderOpened: _order_opened,
    happened.OrderResumed: _order_taken,
    happened.OrderTakenOver: _order_taken,
    happened.OrderParked: _order_parked,
    happened.TabAssigned: _tab_assigned,
    happened.OrderDiscarded: _order_discarded,
    happened.SessionSwept: _session_swept,
    happened.MenuViewed: _menu_viewed,
    happened.ItemAdded: evolve_lines.item_added,
    happened.QuantityChanged: evolve_lines.quantity_changed,
    happened.LineCut: cutting.line_cut,
    happened.LineVoided: evolve_lines.line_voided,
    happened.LineNoted: evolve_lines.line_noted,
    happened.ModifiersSet: evolve_lines.modifiers_set,
    happened.LineSeated: evolve_lines.line_seated,
    happened.PriceOverridden: evolve_lines.price_overridden,
    happened.AgeChecked: _age_checked,
    happened.DiscountApplied: evolve_lines.discount_applied,
    happened.SavingsKept: evolve_lines.savings_kept,
    happened.LinesMoved: _lines_moved,
    happened.ChangeUndone: _change_undone,
    happened.OrderTypeSet: _order_type_set,
    happened.PreferenceSet: _preference_set,
    happened.OrderNoted: _order_noted,
    happened.CustomerAttached: _customer_attached,
    happened.FeedbackGiven: _feedback_given,
    happened.BookingSeated: _booking_seated,
    happened.RecordSetAside: _record_set_aside,
    happened.Erased: _erased,
    happened.ConflictFound: _conflict_found,
    happened.ConflictResolved: _conflict_resolved,
    happened.OrderPlaced: _order_placed,
    paid.CheckoutStarted: _checkout_started,
    paid.PaymentStarted: evolve_payments.payment_started,
    paid.PaymentApproved: evolve_payments.payment_approved,
    paid.PaymentDeclined: evolve_payments.payment_declined,
    paid.PaymentUnknown: evolve_payments.payment_unknown,
    paid.PaymentAuthorised: evolve_payments.payment_authorised,
    paid.PaymentReturnStarted: evolve_payments.payment_return_started,
    paid.PaymentReturnDeclined: evolve_payments.payment_return_declined,
    paid.PaymentReturnUnknown: evolve_payments.payment_return_unknown,
    paid.SlipKept: _slip_kept,
    paid.PaymentVoided: evolve_payments.payment_voided,
    paid.TenderCorrected: _tender_corrected,
}
