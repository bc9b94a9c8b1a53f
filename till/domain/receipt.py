"""The receipt of a sale: what stands on it, and its text for a device that has fewer characters than a screen."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.money.amount import MINUS
from till.domain.money.measures import Minor
from till.domain.payment.names import tender_name
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from till.domain.money.formats import Formats
    from till.domain.order.events import OrderPlaced
    from till.domain.order.line import Terms
    from till.domain.text import Repertoire
    from till.domain.venue import Venue


@dataclass(frozen=True, slots=True)
class ReceiptRow:
    """A row: words at the left, an amount or a number flush right. The words of a `heading` alone are bold."""

    left: str
    right: str = ""
    heading: bool = False
    bold: bool = False
    muted: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """The parts of a receipt, a rule between them: whose it is, what was sold, how it was paid."""

    parts: tuple[tuple[ReceiptRow, ...], ...]


@dataclass(frozen=True, slots=True)
class Sold:
    """What a receipt is made of: the order as it was frozen when it was paid.

    Attributes:
        placed: what another till keyed too late is not in it.
        terms: how the order was priced.
        at: when it was paid, on the venue's clock.
        tab: the name of the tab that it stood on.
        wished: the wishes of each note on a line, by its event: their words stand beside their own record.
    """

    placed: OrderPlaced
    terms: Terms
    at: datetime
    tab: str = ""
    wished: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def make_receipt(sold: Sold, venue: Venue, formats: Formats) -> Receipt:
    """The receipt of a sale: who, when, what, taxes, how it was paid."""
    placed = sold.placed
    head = [
        ReceiptRow(venue.name, placed.receipt, heading=True),
        ReceiptRow(venue.tax_number, sold.at.strftime("%Y-%m-%d %H:%M"), muted=True),
    ]
    if sold.tab:
        head.append(ReceiptRow(sold.tab, muted=True))
    return Receipt((tuple(head), tuple(_lines(sold, formats)), tuple(_sums(sold, formats))))


def receipt_text(sold: Sold, venue: Venue, formats: Formats, *, device: Repertoire, width: int) -> tuple[str, ...]:
    """The same as lines of at most `width` characters, all of which the device has."""
    receipt = make_receipt(sold, venue, formats.on(device))
    lines: list[str] = []
    for part in receipt.parts:
        lines += ["-" * width] if lines else []
        for row in part:
            lines += _row_text(device.spell(row.left), device.spell(row.right), width)
    return tuple(lines)


def _row_text(left: str, right: str, width: int) -> list[str]:
    """A name that is too long goes on below; what stands at the right is never cut."""
    room = max(width - len(right) - 1, 1) if right else width
    *above, last = textwrap.wrap(left, room, drop_whitespace=False) or [""]
    return [*(line.rstrip() for line in above), f"{last.rstrip():<{width - len(right)}}{right}".rstrip()]


def _lines(sold: Sold, formats: Formats) -> list[ReceiptRow]:
    minor, rows = sold.terms.currency.minor, list[ReceiptRow]()
    for line in sold.placed.lines:
        quantity = f"{MINUS if line.quantity < 0 else ''}{abs(line.quantity)}"
        discount = minor(line.discount)
        listed = Minor(minor(line.subtotal if sold.terms.included else line.net) + discount)
        rows.append(ReceiptRow(f"{quantity} × {line.item_name}", formats.amount(listed)))
        wished = sold.wished.get(line.note, ()) if line.note else ()
        rows += [ReceiptRow(f"    {clean(wish)}", muted=True) for wish in wished]
        if discount:
            rows.append(ReceiptRow("    " + _("Discount"), formats.amount(Minor(-discount)), muted=True))
    if sold.placed.note:
        rows.append(ReceiptRow(_("Note: {words}").format(words=clean(sold.placed.note)), muted=True))
    return rows


def _sums(sold: Sold, formats: Formats) -> list[ReceiptRow]:
    minor, placed = sold.terms.currency.minor, sold.placed
    rows = [ReceiptRow(_("Total"), formats.money(minor(placed.total)), bold=True)]
    for tax in placed.taxes:
        words = f"{tax.name} {tax.rate} %" + (f" {_('included')}" if sold.terms.included else "")
        rows.append(ReceiptRow(words, formats.amount(minor(tax.tax)), muted=True))
    for payment in placed.payments:
        settled, change = minor(payment.amount), minor(payment.change)
        if settled:
            rows.append(ReceiptRow(tender_name(payment.tender), formats.amount(Minor(settled + change))))
        if change:
            rows.append(ReceiptRow(_("Change"), formats.amount(change)))
    return rows
