"""What a crash left, told on the first screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.words import _
from till.tui.view import NoticeView

if TYPE_CHECKING:
    from till.register.register import Register


def found(register: Register) -> NoticeView | None:
    """When it was, which orders it left, and when they open; None when the till was closed well."""
    crashed = register.recovery.crashed_at()
    if crashed is None:
        return None
    orders = register.recovery.open_here()
    told, _point, rest = register.answers.found(register.venue.local(crashed), orders).partition(". ")
    more = ""
    if len(orders) == 1:
        more = _("It opens by itself when {name} logs in.").format(name=register.name_of(orders[0].user))
    elif orders:
        more = _("Each opens by itself when its cashier logs in.")
    return NoticeView(f"{told}.", rest, more)
