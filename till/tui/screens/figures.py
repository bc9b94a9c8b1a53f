"""Large figures of money that is due, paid or handed back, which differ in the size and the colour of their words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import FigureView, StyledText

if TYPE_CHECKING:
    from till.domain.money.formats import Formats


def money_figure(word: str, amount: Minor, formats: Formats, role: Tone = Tone.TEXT) -> FigureView:
    """Return a large amount with its word, which is wide in any colour but that of text."""
    label = StyledText(f"{word} {formats.currency.symbol.strip()}", role)
    sentence = f"{word} {formats.money(amount)}."
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
