"""The sentences about a drawer and a shift, for the screen and `till say`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import N_, _, ngettext
from till.domain.money.measures import Minor
from till.domain.shift.names import KINDS
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.domain.money.formats import Formats
    from till.domain.shift.events import MovementKind
    from till.domain.shift.evolve import Movement, Shift
    from till.register.drawer import CountResult

#: The question before cash leaves the drawer that should not be in it.
BEYOND: Final = N_("More than should be in the drawer. Enter again does it.")


def movement_sentence(formats: Formats, kind: MovementKind, amount: Minor, reason: str) -> str:
    """Return `Paid out ₹20.00: milk.`"""
    words = _("{kind} {amount}: {reason}.") if reason else _("{kind} {amount}.")
    return words.format(kind=_(KINDS[kind]), amount=formats.money(Minor(abs(amount))), reason=clean(reason))


def open_drawer_sentence(*, is_kicked: bool, for_change: bool = False) -> str:
    """Return `The drawer is opened for change. It is in the record.`, or that it is to be opened with its key."""
    if not is_kicked:
        return _("Open the drawer with its key. It is in the record.")
    if for_change:
        return _("The drawer is opened for change. It is in the record.")
    return _("The drawer is opened without a sale. It is in the record.")


def undone(formats: Formats, movement: Movement) -> str:
    """Return `Undone: Paid out ₹20.00. Both stay in the record.`"""
    amount = formats.currency.minor(movement.data.amount)
    what = _("{kind} {amount}").format(kind=_(KINDS[movement.data.kind]), amount=formats.money(Minor(abs(amount))))
    return _("Undone: {what}. Both stay in the record.").format(what=what)


def count_sentence(formats: Formats, label_of: Callable[[str], str], results: Sequence[CountResult]) -> str:
    """Return `Cash ₹139.50: ▼ ₹0.50 short.`, for each tender by itself; several are never added up."""
    parts = []
    for one in results:
        money = formats.money(Minor(abs(one.difference)))
        state = _("the float") if one.is_float else _("as it should be")
        if one.difference:
            state = _("▼ {amount} short") if one.difference < 0 else _("▲ {amount} over")
        words = _("{tender} {counted}: {state}.")
        if one.taken:
            words = _("{tender} {counted}: {state}. {left} stays.")
        left = formats.money(Minor(one.counted - one.taken))
        parts.append(
            words.format(
                tender=label_of(one.tender),
                counted=formats.money(one.counted),
                state=state.format(amount=money),
                left=left,
            )
        )
    return " ".join(parts)


def close_sentence(formats: Formats, shift: Shift) -> str:
    """Return `Z 1-Z000042: 3 sales, ₹150.00. Count the drawer.`"""
    z = shift.closed
    if z is None:
        return ""
    sold = z.sums.sales
    sales = ngettext("{n} sale", "{n} sales", sold.number).format(n=sold.number)
    words = _("Z {number}: {sales}, {amount}. Count the drawer.")
    return words.format(number=z.number, sales=sales, amount=formats.money(formats.currency.minor(sold.gross)))


def beside(formats: Formats, shift: Shift, moved: Minor) -> str:
    """Return `For Z 1-Z000042. Since its close ₹40.00 came in.`, of a count while the next shift is open."""
    words = _("For {z}. Since its close {amount} came in.")
    if moved < 0:
        words = _("For {z}. Since its close {amount} went out.")
    return words.format(z=title(shift), amount=formats.money(Minor(abs(moved))))


def title(shift: Shift) -> str:
    """Return `Z 1-Z000042` for a closed shift, and the title of its X for an open one."""
    if shift.closed is None:
        return _("X: the shift so far")
    return _("Z {number}").format(number=shift.closed.number)
