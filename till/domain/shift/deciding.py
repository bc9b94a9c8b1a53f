"""Decisions on a shift and its drawer: what may be written, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import TillError
from till.domain.events.envelope import Draft
from till.domain.i18n import N_, _
from till.domain.ids import proven_id
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.paying import CASH
from till.domain.shift.events import (
    CashMoved,
    CountedPieces,
    DrawerCounted,
    GrandTotals,
    MovementUndone,
    NumberedSum,
    ShiftClosed,
    ShiftOpened,
    TenderCount,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import date

    from till.domain.money.amount import Currency
    from till.domain.shift.events import MovementKind, ShiftSums
    from till.domain.shift.evolve import Movement, Shift

#: The kinds of movements that take cash out.
OUT: Final[frozenset[str]] = frozenset(
    {"paid_out", "safe_drop", "bank_deposit", "wages", "tips_paid_out", "private_out"}
)
#: The kinds that need a reason: who reads the Z cannot see what it was for.
_WITH_REASON: Final[frozenset[str]] = frozenset({"paid_in", "paid_out", "wages", "private_in", "private_out"})


class ShiftError(TillError):
    """An act on the drawer or the shift that is not allowed."""

    code = "shift"
    default = N_("That cannot be done with the drawer now. F11 shows what can.")


def open_shift(secret: str, day: date, currency: Currency, kept: Iterable[str]) -> Draft:
    """Open a shift. Its id is made from a new id that nobody else knows."""
    opened = ShiftOpened(business_date=day.isoformat(), currency=currency.code, kept=tuple(sorted(kept)), secret=secret)
    return Draft(opened, proven_id(secret))


def move_cash(
    shift_id: str,
    kind: MovementKind,
    amount: Minor,
    currency: Currency,
    *,
    reason: str = "",
    of: str | None = None,
    manager: int | None = None,
) -> Draft:
    """Move cash in or out of the drawer; the amount is signed.

    Raises:
        ShiftError: nothing would move, or the kind needs a reason.
    """
    if not amount:
        raise ShiftError(_("Type an amount, as in “paid out 20 milk”."))
    if kind in _WITH_REASON and not reason:
        raise ShiftError(_("Add what it was for, as in “paid out 20 milk”."))
    moved = CashMoved(
        kind=kind, amount=currency.text(amount), currency=currency.code, of=of, reason=reason, approved_by=manager
    )
    return Draft(moved, shift_id)


def undo_movement(shift: Shift, event_id: str, *, manager: int | None = None) -> tuple[Draft, Movement]:
    """Undo a movement of the open shift. It stays in the record, and so does this."""
    found = next((one for one in shift.movements if one.id == event_id), None)
    if found is None or shift.is_over:
        raise ShiftError(_("Only a movement of the open shift can be undone."))
    if found.is_undone:
        raise ShiftError(_("That movement is undone already."))
    return Draft(MovementUndone(event=event_id, approved_by=manager), shift.id), found


def count_drawer(
    shift_id: str,
    expected: Mapping[str, Minor],
    counted: Mapping[str, Minor],
    taken: Mapping[str, Minor],
    currency: Currency,
    *,
    to: str = "",
    note: str = "",
    pieces: Mapping[Minor, int] | None = None,
    manager: int | None = None,
) -> Draft:
    """Record a count: for each tender what should be there, what is, and what was taken out.

    Raises:
        ShiftError: an amount is negative, more is taken out than was counted, or nothing was counted.
    """
    if not counted:
        raise ShiftError(_("Type what is in the drawer, as in “count 1342.50”."))
    for tender, amount in counted.items():
        if amount < 0 or taken.get(tender, NOTHING) < 0:
            raise ShiftError(_("A count is zero or more. Type what is in the drawer."))
        if taken.get(tender, NOTHING) > amount:
            raise ShiftError(_("More is taken out than was counted."))
    counts = tuple(
        TenderCount(
            tender=tender,
            expected=currency.text(expected.get(tender, NOTHING)),
            counted=currency.text(amount),
            taken=currency.text(taken.get(tender, NOTHING)),
        )
        for tender, amount in sorted(counted.items())
    )
    data = DrawerCounted(
        currency=currency.code,
        counts=counts,
        to=to,
        note=note,
        pieces=tuple(
            CountedPieces(value=currency.text(value), number=number) for value, number in (pieces or {}).items()
        ),
        approved_by=manager,
    )
    return Draft(data, shift_id)


def close_shift(
    shift: Shift,
    number: str,
    sums: ShiftSums,
    before: GrandTotals,
    open_orders: NumberedSum,
    unanswered: NumberedSum,
    currency: Currency,
    *,
    manager: int | None = None,
) -> Draft:
    """Close a shift with its Z. `before` are the grand totals of the Z before it in its series."""
    if shift.is_over:
        raise ShiftError(_("This shift is closed. The next sale opens another."))
    text, minor = currency.text, currency.minor
    sales = sum_of((minor(before.sales), minor(sums.sales.gross)))
    refunds = sum_of((minor(before.refunds), minor(sums.refunds.amount)))
    closed = ShiftClosed(
        number=number,
        currency=currency.code,
        sums=sums,
        open_orders=open_orders,
        unanswered=unanswered,
        totals=GrandTotals(sales=text(sales), refunds=text(refunds), net=text(Minor(sales - refunds))),
        approved_by=manager,
    )
    return Draft(closed, shift.id)


def opening_balance(
    closed: ShiftClosed | None,
    counts: Iterable[DrawerCounted],
    currency: Currency,
    brought: Mapping[str, Minor] | None = None,
) -> dict[str, Minor]:
    """Return the balance of a drawer between two shifts, by tender.

    It is what the last close stated, and then what the counts since left in it. Without a close on this disk it begins
    with what the server brought, before the first movement of the journal, whenever that arrived; or with nothing.
    """
    minor = currency.minor
    balance = dict(brought or {CASH: NOTHING})
    if closed is not None:
        balance = {one.tender: minor(one.closing) for one in closed.sums.drawer}
    for count in counts:
        balance |= {one.tender: Minor(minor(one.counted) - minor(one.taken)) for one in count.counts}
    return balance
