"""Decisions about where an order stands: put aside, brought back, taken over, on a tab, discarded."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from till.domain.errors import NoTabError, OrderClosedError, PaymentError
from till.domain.events.envelope import Draft, EventType
from till.domain.i18n import _
from till.domain.order.line import line_to_data
from till.domain.order.selling import check_not_empty, check_open, check_reason, discount_data, open_order
from till.domain.order.state import Status
from till.domain.payment.paying import money_stands

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.order.state import Order, Tab


def park(order: Order) -> list[Draft]:
    """Put an order aside at its user's logout, to be brought back on any till."""
    if order.status is not Status.ACTIVE:
        return []
    return [Draft(EventType.ORDER_PARKED, order.id, {}, hold_epoch=order.hold_epoch)]


def put_aside(order: Order) -> list[Draft]:
    """What becomes of an order whose user goes away: with lines it is kept, a blank one is cleared."""
    if order.is_empty and not order.payments and order.status is Status.ACTIVE:
        return discard(order, _("nothing was keyed"))
    return park(order)


def bring_back(order: Order, *, holder: int | None, here: int) -> list[Draft]:
    """Make a waiting order active on till `here`; `holder` is the till that still holds it, None for nobody."""
    if not order.is_open:
        raise OrderClosedError
    if order.status is Status.ACTIVE and holder == order.till == here:
        return []
    kind = EventType.ORDER_RESUMED if holder in {None, here} else EventType.ORDER_TAKEN_OVER
    data = {"from_epoch": order.hold_epoch, "from_till": holder}
    return [Draft(kind, order.id, data, hold_epoch=order.hold_epoch + 1)]


def put_on_tab(order: Order, tab: Tab) -> list[Draft]:
    """Save an order to a tab."""
    check_open(order)
    check_not_empty(order)
    if order.paid:
        raise PaymentError(_("This order is paid in part. Take the rest, then it is done."))
    data = {"tab_id": tab.id, "table_number": tab.table_number, "covers": None}
    return [Draft(EventType.TAB_ASSIGNED, order.id, data, {"name": tab.name}, hold_epoch=order.hold_epoch)]


def recall_tab(on_tab: Order, session_id: str, user: int) -> list[Draft]:
    """Open a session that carries the same lines as an order on a tab; that one stays as it is."""
    if on_tab.status is not Status.ASSIGNED_TO_TAB or on_tab.tab is None:
        raise NoTabError
    opened = open_order(session_id, user, on_tab.terms, on_tab.order_type, recalled=(on_tab.id, on_tab.tab))
    parts = {line.id: line.quantity for line in on_tab.lines.values() if line.quantity}
    wishes = [{"name": name, "value": value} for name, value in on_tab.preferences.items()]
    return [
        opened,
        carry_lines(on_tab, session_id, parts),
        *(Draft(EventType.PREFERENCE_SET, session_id, wish, hold_epoch=1) for wish in wishes),
        move_away(on_tab, session_id, parts),
    ]


def recall_kept(kept: Order, here: int) -> list[Draft]:
    """Put an order of a tab that its user's logout put aside back on that tab: a tab is the venue's, not a person's.

    Its lines can then be recalled from there by anybody (`recall_tab`).

    Raises:
        NoTabError: it was not put aside, or came from no tab.
        PaymentError: money was taken on it: who keeps it settles that first.
    """
    if kept.status is not Status.PENDING_LOGOUT or kept.tab is None:
        raise NoTabError
    if kept.paid or kept.pending_payment:
        raise PaymentError(_("Money was taken on that order. Who keeps it pays the rest, or a manager does (F5)."))
    epoch = kept.hold_epoch + 1
    data = {"tab_id": kept.tab.id, "table_number": kept.tab.table_number, "covers": None}
    return [
        *bring_back(kept, holder=None, here=here),
        Draft(EventType.TAB_ASSIGNED, kept.id, data, {"name": kept.tab.name}, hold_epoch=epoch),
    ]


def carry_lines(
    order: Order, session_id: str, quantities: Mapping[str, int], *, names: Mapping[str, str] | None = None
) -> Draft:
    """The lines of an order, so much of each, as the first event of the session that carries them on.

    Args:
        order: where they were keyed.
        session_id: the session that carries them from now on; the order itself, when they stay under other ids.
        quantities: how much of each line.
        names: other ids for lines of which only a part is carried.
    """
    stays = session_id == order.id
    kept = [replace(line, id=(names or {}).get(line.id, line.id)) for line in order.lines.values()]
    lines = [
        line_to_data(line, quantities[old]) for line, old in zip(kept, order.lines, strict=True) if quantities.get(old)
    ]
    own = [line.discount for line in order.lines.values() if quantities.get(line.id) and line.discount]
    whole = order.discounts if order.placed is None and not stays else ()
    renamed = (replace(d, line_id=(names or {}).get(d.line_id or "", d.line_id)) for d in own)
    discounts = [discount_data(order, discount) for discount in (*renamed, *whole)]
    moved = {"from_session": order.id, "lines": lines, "discounts": discounts}
    return Draft(EventType.LINES_MOVED, session_id, moved, hold_epoch=order.hold_epoch if stays else 1)


def move_away(order: Order, session_id: str, quantities: Mapping[str, int], *, late: bool = False) -> Draft:
    """That lines of an order are carried on elsewhere: what is keyed on it later is known not to be among them.

    Args:
        order: where they were keyed.
        session_id: the session that carries them from now on.
        quantities: how much of each line; what had gone before is counted in.
        late: whether they came too late for its end; else its tab was recalled.
    """
    gone = {line_id: quantity + order.moved.get(line_id, 0) for line_id, quantity in quantities.items()}
    moved: dict[str, Any] = {"to_session": session_id, **told(gone)}
    if late:
        moved["late"] = True
    return Draft(EventType.LINES_MOVED, order.id, moved, hold_epoch=order.hold_epoch)


def told(quantities: Mapping[str, int]) -> dict[str, Any]:
    """So much of each line, as events tell it."""
    return {"line_ids": list(quantities), "line_quantities": list(quantities.values())}


def check_clearable(order: Order) -> None:
    """Refuse to clear what is finished, or what money was taken on.

    Raises:
        OrderClosedError: it is finished.
        PaymentError: there is money on it: what was taken, and what can be done.
    """
    if order.status in {Status.COMPLETED, Status.DISCARDED}:
        raise OrderClosedError
    if order.pending_payment:
        raise PaymentError(_("A payment is under way. Wait for its answer, then go on."))
    if order.paid:
        raise PaymentError(money_stands(order))


def discard(order: Order, reason: str) -> list[Draft]:
    """Clear an order on purpose: its row and its events stay."""
    check_clearable(order)
    reason = check_reason(reason)
    known = told({line.id: line.quantity for line in order.lines.values() if line.quantity})
    return [Draft(EventType.ORDER_DISCARDED, order.id, known, {"reason": reason}, hold_epoch=order.hold_epoch)]
