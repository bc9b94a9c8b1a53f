"""The fold: what each type of event does to an order. Pure, total, and the same in whatever order events arrive.

Adding, changing by a difference and voiding by line id commute; single values are last writer wins; a status event made
under an older hold than the highest seen is only a notice; a type unknown here is kept and named, never dropped.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import EventError, TillError
from till.domain.events import Event, EventType
from till.domain.fields import perhaps_whole, perhaps_words, whole, words
from till.domain.line import Discount, Line, Terms, Void, line_from_data
from till.domain.order import Order, Payment, PaymentState, Placed, Status, Tab
from till.domain.tax import WHOLE
from till.domain.text import clean
from till.domain.words import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

#: What reading a damaged record can raise.
_DAMAGE: Final = (KeyError, TypeError, ValueError, AttributeError, ArithmeticError, TillError)
#: As much as a sentence quotes of a record.
_LONGEST: Final = 80


def fold(events: Iterable[Event]) -> Order | None:
    """Fold the events of one session, in any order, with any repeats. None until it was opened.

    Raises:
        EventError: the event that opened it does not say by which terms it is priced.
    """
    order: Order | None = None
    for event in sorted({event.id: event for event in events}.values(), key=lambda event: event.id):
        order = apply(order, event)
    return order


def apply(order: Order | None, event: Event) -> Order | None:
    """The order after one more event, which must be newer than all those before (else fold them all again)."""
    if order is None:
        return _opened(event) if event.type == EventType.ORDER_OPENED else None
    step = _STEPS.get(event.type)
    try:
        after = _noticed(order, _newer_till(event)) if step is None else step(order, event)
    except _DAMAGE as problem:
        sentence = _("A record of {type} does not read: {what}.")
        after = _noticed(order, sentence.format(type=event.type, what=str(problem).rstrip(".")[:_LONGEST]))
    epoch = max(after.hold_epoch, event.hold_epoch)
    return replace(after, last_id=event.id, updated_at=event.at, hold_epoch=epoch)


def _newer_till(event: Event) -> str:
    return _("“{type}” was made by a newer till. It is kept.").format(type=clean(event.type)[:_LONGEST])


def _noticed(order: Order, sentence: str) -> Order:
    return replace(order, notices=(*order.notices, sentence))


def _opened(event: Event) -> Order:
    data = event.data
    try:
        user, terms = whole(data, "user"), Terms.from_data(data)
        tab_id, table = perhaps_words(data, "tab_id"), perhaps_whole(data, "table_number")
        from_session, ref = perhaps_words(data, "from_session"), perhaps_words(data, "ref")
        order_type = perhaps_words(data, "order_type") or ""
    except _DAMAGE as problem:
        raise EventError(_("An order does not read: {what}.").format(what=problem)) from problem
    return Order(
        id=str(event.session_id),
        store_id=event.store_id,
        user=user,
        terms=terms,
        order_type=order_type,
        status=Status.ACTIVE,
        till=event.till,
        hold_epoch=event.hold_epoch,
        created_at=event.at,
        updated_at=event.at,
        last_id=event.id,
        tab=Tab(tab_id, event.text("name"), table) if tab_id else None,
        from_session=from_session,
        ref=ref,
    )


def _with_line(order: Order, line: Line) -> Order:
    return replace(order, lines={**order.lines, line.id: line})


def _line(order: Order, line_id: str) -> Line:
    """The line, or the place kept for it when its change came before it."""
    return order.lines.get(line_id) or Line(line_id, order.terms)


def _merged(order: Order, data: Mapping[str, Any]) -> Line:
    """A line as keyed, with what was already known of it."""
    fresh = line_from_data(data, order.terms)
    known = order.lines.get(fresh.id)
    if known is None:
        return fresh
    return replace(fresh, changed=known.changed, void=known.void, discount=known.discount, raised_by=known.raised_by)


def _item_added(order: Order, event: Event) -> Order:
    line = replace(_merged(order, event.data), keyed_by=event.till)
    return replace(_with_line(order, line), last_item=(line.item_id, line.name))


def _quantity_changed(order: Order, event: Event) -> Order:
    line = _line(order, words(event.data, "line_id"))
    by = whole(event.data, "by")
    raises = by * (line.keyed or by) > 0
    line = replace(line, changed=line.changed + by, raised_by=event.till if raises else line.raised_by)
    after = replace(_with_line(order, line), last_item=(line.item_id, line.name) if line.name else order.last_item)
    if line.is_overdrawn and not line.void:
        return _noticed(after, _("Two tills took {name} off: none are left.").format(name=line.name))
    return after


def _line_voided(order: Order, event: Event) -> Order:
    line = _line(order, words(event.data, "line_id"))
    if line.void:
        return order
    return _with_line(order, replace(line, void=Void(event.text("reason"), event.at)))


def _read_discount(order: Order, data: Mapping[str, Any], reason: str) -> Discount:
    percent, amount, currency = data.get("percent"), data.get("amount"), order.terms.currency
    rate = None if percent is None else currency.price4(percent)
    minor = None if amount is None else currency.minor(amount)
    if (rate is None) == (minor is None) or not 0 <= (rate or 0) <= WHOLE or (minor or 0) < 0:
        raise EventError(_("it is no discount"))
    return Discount(words(data, "discount_id"), perhaps_words(data, "line_id"), rate, minor, reason)


def _with_discount(order: Order, discount: Discount) -> Order:
    """A line has one discount; the order has one of each id."""
    if discount.line_id is None:
        kept = tuple(d for d in order.discounts if d.id != discount.id)
        return replace(order, discounts=(*kept, discount))
    return _with_line(order, replace(_line(order, discount.line_id), discount=discount))


def _discount_applied(order: Order, event: Event) -> Order:
    return _with_discount(order, _read_discount(order, event.data, event.text("reason")))


def _quantities(data: Mapping[str, Any]) -> dict[str, int]:
    """So much of each line, as events tell it."""
    pairs = zip(data["line_ids"], data["line_quantities"], strict=True)
    return {str(line_id): int(quantity) for line_id, quantity in pairs}


def _lines_moved(order: Order, event: Event) -> Order:
    """Lines came here from another session; or, with `to_session`, are carried on there."""
    if perhaps_words(event.data, "to_session"):
        gone = _quantities(event.data)
        return replace(order, moved={**order.moved, **gone})
    for data in event.data["lines"]:
        order = _with_line(order, _merged(order, data))
    for data in event.data.get("discounts", ()):
        order = _with_discount(order, _read_discount(order, data, perhaps_words(data, "reason") or ""))
    return order


def _order_type_set(order: Order, event: Event) -> Order:
    return replace(order, order_type=words(event.data, "order_type"))


def _preference_set(order: Order, event: Event) -> Order:
    wish = {words(event.data, "name"): words(event.data, "value")}
    return replace(order, preferences={**order.preferences, **wish})


def _menu_viewed(order: Order, event: Event) -> Order:
    return replace(order, last_menu=tuple(dict(item) for item in event.data.get("items", ())))


def _current(step: Callable[[Order, Event], Order]) -> Callable[[Order, Event], Order]:
    """A status event counts under the newest hold alone, and never on what is finished."""

    def checked(order: Order, event: Event) -> Order:
        if event.hold_epoch < order.hold_epoch:
            sentence = _("Till {till} was late with “{type}”: another till had the order by then.")
            return _noticed(order, sentence.format(till=event.till, type=event.type))
        return order if order.status is Status.COMPLETED else step(order, event)

    return checked


def _order_parked(order: Order, event: Event) -> Order:
    user = event.data.get("user")
    given_to = user if isinstance(user, int) else order.user
    return replace(order, status=Status.PENDING_LOGOUT, till=None, logout_time=event.at, user=given_to)


def _order_taken(order: Order, event: Event) -> Order:
    return replace(order, status=Status.ACTIVE, till=event.till, logout_time=None)


def _tab_assigned(order: Order, event: Event) -> Order:
    tab = Tab(words(event.data, "tab_id"), event.text("name"), perhaps_whole(event.data, "table_number"))
    return replace(order, status=Status.ASSIGNED_TO_TAB, till=None, tab=tab)


def _order_discarded(order: Order, event: Event) -> Order:
    known = _quantities(event.data) if "line_ids" in event.data else None
    reason = event.text("reason")
    return replace(order, status=Status.DISCARDED, till=None, discard_reason=reason, discarded=known)


def _session_swept(order: Order, event: Event) -> Order:
    if order.status is not Status.ACTIVE:
        return order
    return replace(order, status=Status.PENDING_LOGOUT, logout_time=event.at)


def _payment(order: Order, event: Event, state: PaymentState) -> Order:
    data, minor = event.data, order.terms.currency.minor
    amount = minor(data["amount"])
    payment = Payment(
        id=words(data, "payment_id"),
        tender=words(data, "tender"),
        amount=amount,
        state=state,
        at=event.at,
        tendered=minor(data["tendered"]) if "tendered" in data else amount,
        change=minor(data["change"]) if "change" in data else 0,
        reason=event.text("reason"),
    )
    return replace(order, payments={**order.payments, payment.id: payment})


def _payment_started(order: Order, event: Event) -> Order:
    known = words(event.data, "payment_id") in order.payments
    return order if known else _payment(order, event, PaymentState.STARTED)


def _payment_approved(order: Order, event: Event) -> Order:
    return _payment(order, event, PaymentState.APPROVED)


def _payment_declined(order: Order, event: Event) -> Order:
    return _payment(order, event, PaymentState.DECLINED)


def _payment_voided(order: Order, event: Event) -> Order:
    return _payment(order, event, PaymentState.VOIDED)


def _order_placed(order: Order, event: Event) -> Order:
    """Money wins over any status. The first completion stands; a second is for a manager's eyes."""
    placed = Placed(event.id, event.at, event.data, event.till)
    if not all(isinstance(line_id, str) for line_id in placed.quantities):
        raise EventError(_("its lines have no ids"))
    if order.placed:
        sentence = _("Till {till} was paid for this order too. A manager must look.").format(till=event.till)
        return replace(_noticed(order, sentence), placed_again=(*order.placed_again, placed))
    return replace(order, status=Status.COMPLETED, till=None, placed=placed)


def _conflict_found(order: Order, event: Event) -> Order:
    return replace(order, conflicts=order.conflicts | {words(event.data, "conflict_id")})


def _kept(order: Order, _event: Event) -> Order:
    return order


_STEPS: Mapping[str, Callable[[Order, Event], Order]] = {
    EventType.ORDER_OPENED: _kept,
    EventType.CONFLICT_FOUND: _conflict_found,
    EventType.CONFLICT_RESOLVED: _kept,
    EventType.MENU_VIEWED: _menu_viewed,
    EventType.ITEM_ADDED: _item_added,
    EventType.QUANTITY_CHANGED: _quantity_changed,
    EventType.LINE_VOIDED: _line_voided,
    EventType.DISCOUNT_APPLIED: _discount_applied,
    EventType.LINES_MOVED: _lines_moved,
    EventType.ORDER_TYPE_SET: _order_type_set,
    EventType.PREFERENCE_SET: _preference_set,
    EventType.ORDER_PARKED: _current(_order_parked),
    EventType.ORDER_RESUMED: _current(_order_taken),
    EventType.ORDER_TAKEN_OVER: _current(_order_taken),
    EventType.TAB_ASSIGNED: _current(_tab_assigned),
    EventType.ORDER_DISCARDED: _current(_order_discarded),
    EventType.SESSION_SWEPT: _current(_session_swept),
    EventType.PAYMENT_STARTED: _payment_started,
    EventType.PAYMENT_APPROVED: _payment_approved,
    EventType.PAYMENT_DECLINED: _payment_declined,
    EventType.PAYMENT_VOIDED: _payment_voided,
    EventType.ORDER_PLACED: _order_placed,
}
