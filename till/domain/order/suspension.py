"""Decisions about where an order stands: put aside, brought back, taken over, on a tab, discarded."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import NoTabError, OrderClosedError, PaymentError, RightsError
from till.domain.events.envelope import Draft
from till.domain.i18n import _
from till.domain.order.events import (
    BookingSeated,
    OrderDiscarded,
    OrderParked,
    OrderResumed,
    OrderTakenOver,
    TabAssigned,
)
from till.domain.order.selling import check_not_empty, check_open, check_reason, event_of, money_stands
from till.domain.order.state import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.money.measures import Minor
    from till.domain.order.state import Order, Tab


def park(order: Order) -> list[Draft]:
    """Put an order aside at its user's logout, to be brought back on any till."""
    if order.status is not Status.ACTIVE:
        return []
    return [event_of(order, OrderParked())]


def put_aside(order: Order) -> list[Draft]:
    """What becomes of an order whose user goes away: back on its tab, or kept; a blank one is cleared."""
    if order.is_blank and order.status is Status.ACTIVE:
        return discard(order, _("nothing was keyed"))
    if order.tab is not None and order.status is Status.ACTIVE:
        return [on_tab(order, order.tab)]
    return park(order)


def bring_back(order: Order, *, holder: int | None, here: int) -> list[Draft]:
    """Make a waiting order active on till `here`; `holder` is the till that still holds it, None for nobody.

    Raises:
        OrderClosedError: it is finished.
    """
    if not order.is_open:
        raise OrderClosedError
    if order.status is Status.ACTIVE and holder == order.till == here:
        return []
    return [_taking(order, holder=holder, here=here)]


def _taking(order: Order, *, holder: int | None, here: int, user: int | None = None) -> Draft:
    kind = OrderResumed if holder in {None, here} else OrderTakenOver
    epoch = order.hold.epoch
    return Draft(kind(from_epoch=epoch, from_till=holder, user=user), order.id, epoch=epoch + 1)


def put_on_tab(order: Order, tab: Tab) -> list[Draft]:
    """Save an order to a tab. One that came from a tab goes back to it, or to another, with the money taken on it.

    Raises:
        OrderClosedError: it is on no screen.
        EmptyOrderError: nothing is on it, and no guests of a booking sit there.
        PaymentError: a payment is under way; or a part was paid, and it came from no tab.
    """
    check_open(order)
    if not order.is_in_use:
        check_not_empty(order)
    if order.paid and order.tab is None:
        raise PaymentError(_("This order is paid in part. Take the rest, then it is done."))
    return [on_tab(order, tab)]


def put_back(order: Order, tab: Tab) -> list[Draft]:
    """Put an order back on its tab, or on another one, as it stands: also without lines, and with its money."""
    check_open(order)
    return [on_tab(order, tab)]


def seat(order: Order, booking_id: str, tab: Tab) -> list[Draft]:
    """Put a new order on a tab for the guests of a booking: nothing is keyed on it yet."""
    check_open(order)
    return [event_of(order, BookingSeated(booking_id=booking_id)), on_tab(order, tab)]


def on_tab(order: Order, tab: Tab) -> Draft:
    """That an order stands on a tab now, whatever was asked before."""
    return event_of(order, TabAssigned(tab_id=tab.id, table_number=tab.table_number, covers=tab.covers, name=tab.name))


def recall_tab(order: Order, *, holder: int | None, here: int, user: int) -> list[Draft]:
    """Bring the order of a tab back, for whoever recalls it: a tab is the venue's, not a person's.

    Args:
        order: the order that stands on the tab.
        holder: the till that has it open, None for none.
        here: this till.
        user: who recalls it.

    Raises:
        NoTabError: it stands on no tab, or its order was paid or cleared.
    """
    if order.tab is None or order.is_over:
        raise NoTabError
    if order.status is Status.ACTIVE and holder == order.till == here and order.user == user:
        return []
    return [_taking(order, holder=holder, here=here, user=user)]


def check_clearable(order: Order, money: Callable[[Minor], str] | None = None) -> None:
    """Refuse to clear what is finished, or what money was taken on; `money` as in `money_stands`.

    Raises:
        OrderClosedError: it is finished.
        PaymentError: there is money on it: what was taken, and what can be done.
    """
    if order.status in {Status.COMPLETED, Status.DISCARDED}:
        raise OrderClosedError
    if order.pending_payment:
        raise PaymentError(_("A payment is under way. Wait for its answer, then go on."))
    if order.paid:
        raise PaymentError(money_stands(order, money))


def bring_cleared_back(order: Order, *, here: int, by: int, manages: bool) -> list[Draft]:
    """Make a cleared order active again on till `here`: who cleared it may, and who manages.

    Raises:
        OrderClosedError: it is not cleared, or nothing is left on it: another order carries its lines.
        RightsError: somebody else cleared it.
    """
    if order.status is not Status.DISCARDED:
        raise OrderClosedError
    if order.is_empty and (order.booking is None or order.carriers):
        raise OrderClosedError(_("Nothing is left on that order: another one has its lines."))
    if order.cleared_by != by and not manages:
        raise RightsError(_("Somebody else cleared that order: a manager brings it back with F5."))
    return [_taking(order, holder=None, here=here)]


def discard(order: Order, reason: str, money: Callable[[Minor], str] | None = None) -> list[Draft]:
    """Clear an order on purpose: its row and its events stay; `money` as in `money_stands`.

    Raises:
        OrderClosedError: as `check_clearable`.
        PaymentError: as `check_clearable`.
        ReasonNeededError: nothing of the reason can be read.
    """
    check_clearable(order, money)
    known = [line for line in order.lines.values() if line.quantity]
    sent = any(line.sent for line in known)
    data = OrderDiscarded(line_ids=tuple(line.id for line in known), reason=check_reason(reason), sent=sent)
    return [event_of(order, data)]
