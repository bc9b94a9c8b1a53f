"""The receipt of a sale: its rows, and its text for a device such as a printer."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from msgspec import Struct, field

from till.domain.bill import keyed_of, service_words
from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.domain.money.tax import tax_words
from till.domain.order.discounting import off_in_words
from till.domain.payment.names import tender_name
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from till.domain.money.formats import Formats
    from till.domain.order.events import OrderPlaced, PlacedLine, PlacedPayment
    from till.domain.order.line import Line
    from till.domain.order.terms import Terms
    from till.domain.text import Repertoire
    from till.domain.venue import Venue


class ReceiptRow(Struct, frozen=True):
    """A row: text on the left, an amount or a number on the right. In a `heading`, only the left text is bold."""

    left: str
    right: str = ""
    heading: bool = False
    bold: bool = False
    muted: bool = False


class Receipt(Struct, frozen=True):
    """The parts of a receipt, separated by rules: the venue, the items, the sums with payments."""

    parts: tuple[tuple[ReceiptRow, ...], ...]


class Sold(Struct, frozen=True):
    """The data of a receipt.

    Attributes:
        placed: the sale, without lines that another till keyed too late.
        terms: the terms of its prices.
        at: the local time of the payment.
        tab: the name of its tab.
        wished: the parts of each note on a line, by the event of the note. The sale itself does not contain the texts.
        balances: the balance left on each voucher or account that paid, by payment id.
        guests: the guest whose house account paid, by payment id. The sale itself does not contain names.
        lines: the lines of the order, by id. The sale itself does not contain the prices of their choices.
    """

    placed: OrderPlaced
    terms: Terms
    at: datetime
    tab: str = ""
    wished: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    balances: Mapping[str, Minor] = field(default_factory=dict)
    guests: Mapping[str, str] = field(default_factory=dict)
    lines: Mapping[str, Line] = field(default_factory=dict)


def make_receipt(sold: Sold, venue: Venue, formats: Formats, name_of: Callable[[str], str] = tender_name) -> Receipt:
    """Return the receipt of a sale. `name_of` returns the name of a tender."""
    placed = sold.placed
    head = [ReceiptRow(_("TRAINING"), bold=True)] if venue.training else []
    head += [
        ReceiptRow(venue.name, placed.receipt, heading=True),
        ReceiptRow(venue.tax_number, sold.at.strftime("%Y-%m-%d %H:%M"), muted=True),
    ]
    if sold.tab:
        head.append(ReceiptRow(sold.tab, muted=True))
    return Receipt((tuple(head), tuple(_lines(sold, formats)), tuple(_sums(sold, formats, name_of))))


def chosen_of(line: PlacedLine, wished: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the modifiers of a sold line and the parts of its note. `wished` as in `Sold`."""
    return [clean(words) for words in (*line.modifiers, *(wished.get(line.note, ()) if line.note else ()))]


def receipt_text(sold: Sold, venue: Venue, formats: Formats, *, device: Repertoire, width: int) -> tuple[str, ...]:
    """Return the receipt as lines of at most `width` characters that the device has."""
    receipt = make_receipt(sold, venue, formats.on(device))
    lines: list[str] = []
    for part in receipt.parts:
        lines += ["-" * width] if lines else []
        for row in part:
            lines += _row_text(device.spell(row.left), device.spell(row.right), width)
    return tuple(lines)


def _row_text(left: str, right: str, width: int) -> list[str]:
    """Return a row as lines. A long text on the left wraps; the right side is never cut."""
    room = max(width - len(right) - 1, 1) if right else width
    *first_lines, last = textwrap.wrap(left, room, drop_whitespace=False) or [""]
    return [*(line.rstrip() for line in first_lines), f"{last.rstrip():<{width - len(right)}}{right}".rstrip()]


def _lines(sold: Sold, formats: Formats) -> list[ReceiptRow]:
    minor, rows = sold.terms.currency.minor, list[ReceiptRow]()
    for line in sold.placed.lines:
        quantity = formats.quantity(line.quantity, line.measure, line.unit)
        discount = minor(line.discount)
        listed = Minor(keyed_of(line, sold.terms.currency) + discount)
        rows.append(ReceiptRow(f"{quantity} × {line.item_name}", formats.amount(listed)))
        rows += [ReceiptRow(f"    {words}", muted=True) for words in _priced(line, sold, formats)]
        for off in line.off:
            words = "    " + off_in_words(off.kind, off.name)
            rows.append(ReceiptRow(words, formats.amount(Minor(-minor(off.amount))), muted=True))
        if discount and not line.off and not sold.placed.off:
            rows.append(ReceiptRow("    " + _("Discount"), formats.amount(Minor(-discount)), muted=True))
    for off in sold.placed.off:
        rows.append(ReceiptRow(off_in_words(off.kind, off.name), formats.amount(Minor(-minor(off.amount)))))
    if charge := sold.placed.service_charge:
        rows.append(ReceiptRow(service_words(charge), formats.amount(keyed_of(charge, sold.terms.currency))))
    if sold.placed.note:
        rows.append(ReceiptRow(_("Note: {words}").format(words=clean(sold.placed.note)), muted=True))
    return rows


def _priced(line: PlacedLine, sold: Sold, formats: Formats) -> list[str]:
    """Return the modifiers of a sold line and the parts of its note, with prices that add up to that of a piece.

    The price without modifiers comes first if one of them has a price, or if the item is weighed.
    """
    keyed = sold.lines.get(line.line_ids[0])
    added = keyed.modifiers if keyed is not None else ()
    words = chosen_of(line, sold.wished)
    if keyed is None or not any(modifier.price4 for modifier in added):
        return [f"@ {formats.written(line.unit_price)}", *words] if line.measure is not None else words
    named = [" ".join(filter(None, (clean(one.name), formats.added(one.price4)))) for one in added]
    return [f"@ {formats.price(keyed.price4)}", *named, *words[len(line.modifiers) :]]


def _sums(sold: Sold, formats: Formats, name_of: Callable[[str], str]) -> list[ReceiptRow]:
    """Return the sums: added taxes above the total, rounding and included taxes below it, then payments."""
    minor, placed = sold.terms.currency.minor, sold.placed
    total, rounding = minor(placed.total), minor(placed.rounding)
    added = [tax for tax in placed.taxes if tax.added]
    rows = []
    if added:
        subtotal = Minor(total - sum(minor(tax.tax) for tax in added))
        rows.append(ReceiptRow(_("Subtotal"), formats.amount(subtotal)))
    rows += [ReceiptRow(tax_words(tax.name, tax.rate), formats.amount(minor(tax.tax))) for tax in added]
    rows.append(ReceiptRow(_("Total"), formats.money(total), bold=True))
    if rounding:
        rows.append(ReceiptRow(_("Rounding"), formats.amount(rounding)))
        rows.append(ReceiptRow(_("To pay"), formats.money(Minor(total + rounding)), bold=True))
    for tax in placed.taxes:
        if not tax.added:
            words = f"{tax_words(tax.name, tax.rate)} {_('included')}"
            rows.append(ReceiptRow(words, formats.amount(minor(tax.tax)), muted=True))
    rows += [row for payment in placed.payments for row in _paid(payment, sold, formats, name_of)]
    return rows


def _paid(payment: PlacedPayment, sold: Sold, formats: Formats, name_of: Callable[[str], str]) -> Iterator[ReceiptRow]:
    """Yield the rows of a payment: the money, its tip and change, and what is left on the voucher or account."""
    minor = sold.terms.currency.minor
    settled, change = minor(payment.amount), minor(payment.change)
    if settled:
        yield ReceiptRow(name_of(payment.tender), formats.amount(Minor(settled + change)))
    if tip := minor(payment.tip):
        yield ReceiptRow(_("Tip included"), formats.amount(tip), muted=True)
    if change:
        yield ReceiptRow(_("Change"), formats.amount(change))
    if guest := sold.guests.get(payment.payment_id):
        yield ReceiptRow(f"    {clean(guest)}", muted=True)
    if (balance := sold.balances.get(payment.payment_id)) is not None:
        yield ReceiptRow(_("left on it"), formats.amount(balance), muted=True)
