"""The receipt of a sale, as it stands in the place of the order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.domain.order.selling import wishes
from till.domain.text import clean
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import CellView, RowsView, RowView, StyledText
from till.tui.screens.names import tender_name

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.money.formats import Formats
    from till.domain.order.events import OrderPlaced, PlacedLine
    from till.domain.order.state import Order
    from till.domain.venue import Venue


def receipt_view(order: Order, placed: OrderPlaced, venue: Venue, formats: Formats, at: datetime) -> RowsView:
    """The receipt on screen: who, when, what, taxes, how it was paid. `at` is on the venue's clock.

    It is drawn from the order as it was frozen when it was paid: what another till keyed too late is not on it.
    """
    minor, included = order.terms.currency.minor, order.terms.included
    rows = [
        _row(StyledText(venue.name, bold=True), StyledText(placed.receipt)),
        _row(StyledText(venue.tax_number, Tone.MUTED), StyledText(at.strftime("%Y-%m-%d %H:%M"), Tone.MUTED)),
        *([_row(StyledText(order.tab.name, Tone.MUTED), StyledText(""))] if order.tab else []),
        RowView(rule=True),
    ]
    for line in placed.lines:
        name = f"{line.quantity} × {line.item_name}".replace("-", "−")
        discount = minor(line.discount)
        listed = Minor(minor(line.subtotal if included else line.net) + discount)
        rows.append(_row(StyledText(name), StyledText(formats.amount(listed))))
        rows += [_row(StyledText(f"    {clean(wish)}", Tone.MUTED), StyledText("")) for wish in _wishes(order, line)]
        if discount:
            off = formats.amount(Minor(-discount))
            rows.append(_row(StyledText("    " + _("Discount"), Tone.MUTED), StyledText(off)))
    if placed.note:
        rows.append(_row(StyledText(_("Note: {words}").format(words=clean(placed.note)), Tone.MUTED), StyledText("")))
    rows.append(RowView(rule=True))
    rows.append(_row(StyledText(_("Total"), bold=True), StyledText(formats.money(minor(placed.total)), bold=True)))
    for tax in placed.taxes:
        words = f"{tax.name} {tax.rate} %" + (f" {_('included')}" if included else "")
        rows.append(_row(StyledText(words, Tone.MUTED), StyledText(formats.amount(minor(tax.tax)), Tone.MUTED)))
    for payment in placed.payments:
        settled, change = minor(payment.amount), minor(payment.change)
        if settled:
            handed = Minor(settled + change)
            rows.append(_row(StyledText(tender_name(payment.tender)), StyledText(formats.amount(handed))))
        if change:
            rows.append(_row(StyledText(_("Change")), StyledText(formats.amount(change))))
    return RowsView(tuple(rows))


def _wishes(order: Order, line: PlacedLine) -> tuple[str, ...]:
    """What was wished of it: the words stand beside their own record, and are gone once they were erased."""
    notes = (note for line_id in line.line_ids if line_id in order.lines for note in order.lines[line_id].notes)
    return wishes(next((note.words for note in notes if note.event == line.note), ""))


def _row(left: StyledText, right: StyledText) -> RowView:
    return RowView((CellView(1, left), CellView(-2, right, right=True)))
