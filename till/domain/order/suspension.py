"""Decisions that change the status of an order: suspend, resume, save to a tab, recall, clear, reopen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import NoTabError, OrderClosedError, PaymentError, RightsError
from till.domain.i18n import N_, _
from till.domain.order.deciding import check_not_empty, check_open, check_paying, check_reason, event_of, paid_sentence
from till.domain.order.events import (
    BookingSeated,
    OrderDiscarded,
    OrderParked,
    OrderResumed,
    TabAssigned,
)
from till.domain.order.sent import removal_record
from till.domain.order.state import Status

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.events.envelope import Draft
    from till.domain.money.measures import Minor
    from till.domain.order.state import Order, Tab


#: The reason for which a blank order is cleared.
NOTHING_KEYED: Final = N_("nothing was keyed")


def suspend(order: Order) -> list[Draft]:
    """Suspend an order at its user's logout. Its hold does not change."""
    if order.status is not Status.ACTIVE:
        return []
    return [event_of(order, OrderParked())]


def suspend_or_clear(order: Order, reason: str = NOTHING_KEYED) -> list[Draft]:
    """Save an order to its tab, or suspend it, when its user leaves. A blank order is cleared, with a reason."""
    if order.is_blank and order.status is Status.ACTIVE:
        return discard(order, reason)
    if order.tab is not None and order.status is Status.ACTIVE:
        return [on_tab(order, order.tab)]
    return suspend(order)


def resume(order: Order, *, here: int) -> list[Draft]:
    """Resume a suspended order that till `here` holds.

    Raises:
        OrderClosedError: the order is neither active nor suspended, or another till holds it.
    """
    if not order.is_open:
        raise OrderClosedError
    return _resume(order, here=here)


def _resume(order: Order, *, here: int, user: int | None = None) -> list[Draft]:
    """Make an order active on till `here`, for `user` if given; no event if it is already."""
    check_held(order, here)
    if order.status is Status.ACTIVE and order.till == here and user in {None, order.user}:
        return []
    return [event_of(order, OrderResumed(user=user))]


def check_held(order: Order, here: int) -> None:
    """Refuse to change an order that till `here` does not hold. The server must grant it first."""
    if order.holder != here:
        raise OrderClosedError(_("Another till holds that order: open it here first, F5 or F8."))


def put_on_tab(order: Order, tab: Tab) -> list[Draft]:
    """Save an order to a tab, including its payments."""
    check_open(order)
    if not order.is_in_use:
        check_not_empty(order)
    return [on_tab(order, tab)]


def save_again(order: Order, tab: Tab) -> list[Draft]:
    """Save an order to its tab or another one, even if it is empty. Its payments stay on it."""
    check_open(order)
    return [on_tab(order, tab)]


def seat(order: Order, booking_id: str, tab: Tab) -> list[Draft]:
    """Save a new, empty order to a tab for the guests of a booking."""
    check_open(order)
    return [event_of(order, BookingSeated(booking_id=booking_id)), on_tab(order, tab)]


def on_tab(order: Order, tab: Tab) -> Draft:
    """Return the draft that saves an order to a tab. Checks nothing."""
    return event_of(order, TabAssigned(tab_id=tab.id, table_number=tab.table_number, covers=tab.covers, name=tab.name))


def recall_tab(order: Order, *, here: int, user: int) -> list[Draft]:
    """Recall the order of a tab for any user: a tab belongs to the venue, not to a person."""
    if order.tab is None or order.is_over:
        raise NoTabError
    return _resume(order, here=here, user=user)


def resume_submitted(order: Order, *, here: int, user: int) -> list[Draft]:
    """Resume an order that a program submitted, for any user: the order belongs to the venue."""
    if order.submitted is None or order.is_over:
        raise OrderClosedError
    return _resume(order, here=here, user=user)


def check_clearable(order: Order, money: Callable[[Minor], str] | None = None) -> None:
    """Refuse to clear a finished order or one with payments; `money` as in `paid_sentence`.

    Raises:
        OrderClosedError: the order was paid or cleared.
        PaymentError: money was taken, or a payment is under way; the message names the amount and the key to press.
    """
    if order.status in {Status.COMPLETED, Status.DISCARDED}:
        raise OrderClosedError
    check_paying(order)
    if order.paid:
        raise PaymentError(paid_sentence(order, money))


def reopen(order: Order, *, here: int, by: int, manages: bool) -> list[Draft]:
    """Reopen a cleared order on till `here`. Only managers and the user who cleared it may do so."""
    if order.status is not Status.DISCARDED:
        raise OrderClosedError
    if order.is_empty and (order.booking is None or order.moved):
        raise OrderClosedError(_("Nothing is left on that order: its lines are on another one."))
    if order.cleared_by != by and not manages:
        raise RightsError(_("Somebody else cleared it: a manager reopens it with F5."))
    check_held(order, here)
    return [event_of(order, OrderResumed())]


def discard(order: Order, reason: str, money: Callable[[Minor], str] | None = None) -> list[Draft]:
    """Clear an order. Its row and its events are kept; `money` as in `paid_sentence`.

    Raises:
        OrderClosedError: as `check_clearable`.
        PaymentError: as `check_clearable`.
        ReasonNeededError: the reason has no readable text.
    """
    check_clearable(order, money)
    known = [line for line in order.lines.values() if line.quantity]
    data = OrderDiscarded(
        line_ids=tuple(line.id for line in known),
        reason=check_reason(reason),
        removed=tuple(removal_record(line, line.shown_quantity) for line in known),
    )
    return [event_of(order, data)]
