"""The fold: what each type of event does to an order. Pure, total, and the same in whatever order events arrive.

Adding, changing by a difference and voiding by line id commute; single values are last writer wins; a status event made
under an older hold than the highest seen is only a notice; a type unknown here is kept and named, never dropped.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from till.domain.errors import EventError, TillError
from till.domain.events.envelope import SERVER, Event, EventType
from till.domain.fields import perhaps_whole, perhaps_words, whole, words
from till.domain.i18n import _
from till.domain.order import evolve_lines
from till.domain.order.line import Terms
from till.domain.order.state import Elsewhere, Order, Payment, PaymentState, Placed, Status, Tab
from till.domain.text import clean

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
        after = order.noticed(_newer_till(event)) if step is None else step(order, event)
    except _DAMAGE as problem:
        sentence = _("A record of {type} does not read: {what}.")
        after = order.noticed(sentence.format(type=event.type, what=str(problem).rstrip(".")[:_LONGEST]))
    epoch = max(after.hold_epoch, event.hold_epoch)
    after = replace(after, last_id=event.id, updated_at=event.at, hold_epoch=epoch)
    return evolve_lines.without_moved(after) if after.moves else after


def _newer_till(event: Event) -> str:
    return _("“{type}” was made by a newer till. It is kept.").format(type=clean(event.type)[:_LONGEST])


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


def _order_type_set(order: Order, event: Event) -> Order:
    return replace(order, order_type=words(event.data, "order_type"))


def _preference_set(order: Order, event: Event) -> Order:
    wish = {words(event.data, "name"): words(event.data, "value")}
    return replace(order, preferences={**order.preferences, **wish})


def _menu_viewed(order: Order, event: Event) -> Order:
    return replace(order, last_menu=tuple(dict(item) for item in event.data.get("items", ())))


def _current(step: Callable[[Order, Event], Order]) -> Callable[[Order, Event], Order]:
    """A status event counts under the newest hold alone, and never moves what was paid."""

    def checked(order: Order, event: Event) -> Order:
        if event.hold_epoch < order.hold_epoch:
            sentence = _("Till {till} was late with “{type}”: another till had the order by then.")
            return order.noticed(sentence.format(till=event.till, type=event.type))
        if order.status is not Status.COMPLETED:
            return step(order, event)
        after = step(order, event)  # what was cleared on purpose does not come back for the money
        return replace(order, discarded=after.discarded, discarded_by=after.discarded_by)

    return checked


def _opened_again(order: Order, event: Event) -> Order:
    """Two tills carried the same late lines on: the last of them holds the order."""
    return replace(order, till=event.till) if order.status is Status.ACTIVE else order


def _order_parked(order: Order, event: Event) -> Order:
    user = event.data.get("user")
    given_to = user if isinstance(user, int) else order.user
    return replace(order, status=Status.PENDING_LOGOUT, till=None, logout_time=event.at, user=given_to)


def _order_taken(order: Order, event: Event) -> Order:
    """What an admin brings back is the database's own event: nobody holds the order until its user comes."""
    back = replace(order, status=Status.ACTIVE, till=None if event.till == SERVER else event.till)
    return replace(back, logout_time=None, recalled_by=None, discarded=None)


def _left(step: Callable[[Order, Event], Order]) -> Callable[[Order, Event], Order]:
    """Its till follows the order no more, even where the event itself came too late."""

    def noted(order: Order, event: Event) -> Order:
        return step(replace(order, left_by=order.left_by | {event.till}), event)

    return noted


def _back(step: Callable[[Order, Event], Order]) -> Callable[[Order, Event], Order]:
    """Its till follows the order again."""

    def noted(order: Order, event: Event) -> Order:
        return step(replace(order, left_by=order.left_by - {event.till}), event)

    return noted


def _tab_assigned(order: Order, event: Event) -> Order:
    tab = Tab(words(event.data, "tab_id"), event.text("name"), perhaps_whole(event.data, "table_number"))
    return replace(order, status=Status.ASSIGNED_TO_TAB, till=None, tab=tab, recalled_by=None, discarded=None)


def _order_discarded(order: Order, event: Event) -> Order:
    known = evolve_lines.quantities(event.data) if "line_ids" in event.data else None
    reason = event.text("reason")
    return replace(
        order, status=Status.DISCARDED, till=None, discard_reason=reason, discarded=known, discarded_by=event.till
    )


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
        till=event.till,
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
        return replace(order.noticed(sentence), placed_again=(*order.placed_again, placed))
    return replace(order, status=Status.COMPLETED, till=None, placed=placed)


def _conflict_found(order: Order, event: Event) -> Order:
    data = event.data
    known = replace(order, conflicts=order.conflicts | {words(data, "conflict_id")})
    if data.get("kind") != "carried_twice":
        return known
    till, user = perhaps_whole(data, "also_till"), perhaps_whole(data, "also_user")
    paid, on_tab = data.get("paid") is True, data.get("on_tab") is True
    other = Elsewhere(words(data, "subject"), till, user or 0, paid=paid, on_tab=on_tab)
    return replace(known, shared={**order.shared, other.subject: other})


def _kept(order: Order, _event: Event) -> Order:
    return order


_STEPS: Mapping[str, Callable[[Order, Event], Order]] = {
    EventType.ORDER_OPENED: _current(_opened_again),
    EventType.CONFLICT_FOUND: _conflict_found,
    EventType.CONFLICT_RESOLVED: _kept,
    EventType.MENU_VIEWED: _menu_viewed,
    EventType.ITEM_ADDED: evolve_lines.item_added,
    EventType.QUANTITY_CHANGED: evolve_lines.quantity_changed,
    EventType.LINE_VOIDED: evolve_lines.line_voided,
    EventType.DISCOUNT_APPLIED: evolve_lines.discount_applied,
    EventType.LINES_MOVED: evolve_lines.lines_moved,
    EventType.ORDER_TYPE_SET: _order_type_set,
    EventType.PREFERENCE_SET: _preference_set,
    EventType.ORDER_PARKED: _current(_order_parked),
    EventType.ORDER_RESUMED: _back(_current(_order_taken)),
    EventType.ORDER_TAKEN_OVER: _back(_current(_order_taken)),
    EventType.TAB_ASSIGNED: _left(_current(_tab_assigned)),
    EventType.ORDER_DISCARDED: _left(_current(_order_discarded)),
    EventType.SESSION_SWEPT: _current(_session_swept),
    EventType.PAYMENT_STARTED: _payment_started,
    EventType.PAYMENT_APPROVED: _payment_approved,
    EventType.PAYMENT_DECLINED: _payment_declined,
    EventType.PAYMENT_VOIDED: _payment_voided,
    EventType.ORDER_PLACED: _order_placed,
}
