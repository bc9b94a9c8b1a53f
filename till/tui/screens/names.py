"""Words and large figures that several screens share: roles, pieces that guests pay for, money due and handed back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor
from till.domain.staff.person import Role
from till.domain.text import clean
from till.register.answers import as_sentence
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import FigureView, StyledText

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from till.domain.money.formats import Formats
    from till.domain.order.line import Line
    from till.domain.order.state import Order


def role_name(role: Role) -> str:
    """Return the display name of a role."""
    return {Role.CASHIER: _("cashier"), Role.MANAGER: _("manager"), Role.ADMIN: _("admin")}[role]


def with_beside(words: str, formats: Formats, change: Minor, tip: Minor = NOTHING) -> str:
    """Return the words about a payment with its tip and the change given: `taken 20:14, tip 5.00, change 15.00`."""
    parts = [words]
    if tip:
        parts.append(_("tip {amount}").format(amount=formats.amount(tip)))
    if change:
        parts.append(_("change {amount}").format(amount=formats.amount(change)))
    return ", ".join(parts)


def pieces_named(order: Order, pieces: Mapping[str, int]) -> str:
    """Return pieces of lines by item: `1 × Idly, 2 × Filter Coffee`."""
    counts: dict[str, int] = {}
    for line_id, count in pieces.items():
        line = order.lines.get(line_id)
        name = clean(line.name) if line is not None else _("a line")
        counts[name] = counts.get(name, 0) + count
    return ", ".join(f"{count} × {name}" for name, count in counts.items())


def paid_words(order: Order, lines: Sequence[Line]) -> str:
    """Return how many pieces of a row are covered by payments for items: `1 of 2 paid`; empty for none."""
    asked = order.pending_payment.pieces if order.pending_payment is not None else {}
    every = sum(abs(line.quantity) for line in lines)
    held = sum(min(abs(line.quantity), order.paid_for.get(line.id, 0)) for line in lines)
    waits = sum(asked.get(line.id, 0) for line in lines)
    if not held:
        return ""
    words = _("being paid") if waits else _("paid")
    return words if held == every else _("{count} of {every} {paid}").format(count=held, every=every, paid=words)


def money_figure(word: str, amount: Minor, formats: Formats, role: Tone = Tone.TEXT) -> FigureView:
    """Return a large amount with its word, which is wide in any colour but that of text."""
    label = StyledText(f"{word} {formats.currency.symbol.strip()}", role)
    sentence = as_sentence(f"{word} {formats.money(amount)}")
    return FigureView(formats.amount(amount), label, sentence=sentence, wide_label=role is not Tone.TEXT)


def due_figure(due: Minor, formats: Formats) -> FigureView:
    """Return an amount that is due; if it is negative, the amount to refund."""
    return money_figure(_("Due"), due, formats) if due >= 0 else refund_figure(Minor(-due), formats)


def change_figure(change: Minor, formats: Formats) -> FigureView:
    """Return the change to hand over."""
    return money_figure(_("Change"), change, formats, Tone.WARN)


def refund_figure(amount: Minor, formats: Formats) -> FigureView:
    """Return the amount to refund."""
    return money_figure(_("Refund"), amount, formats, Tone.BAD)


def paid_figure(amount: Minor, formats: Formats) -> FigureView:
    """Return the amount of a sale that is paid and has no change."""
    return money_figure(_("Paid"), amount, formats, Tone.GOOD)
