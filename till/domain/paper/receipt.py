"""The receipt of a sale, and the provisional bill of an order."""

from __future__ import annotations

from itertools import zip_longest
from string import ascii_uppercase
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.bill import keyed_of, record_of, service_words
from till.domain.i18n import _, ngettext
from till.domain.money.measures import Minor, sum_of
from till.domain.money.tax import tax_words
from till.domain.order.discounting import off_in_words, promotion_in_words
from till.domain.order.guest_words import head_of, head_words
from till.domain.order.naming import order_type_name, tab_name
from till.domain.order.numbering import called_words
from till.domain.order.paying import due_in
from till.domain.order.wishes import wishes
from till.domain.paper.document import ORIGINAL, Document, DocumentRow, RowRole
from till.domain.paper.head import DOUBLE, EMPTY, RULE, UNDER, foot, head, named, net_words
from till.domain.payment.names import ACCOUNT, tender_name
from till.domain.structs import replace
from till.domain.text import capitalize_first, clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

    from till.domain.fiscal import FiscalWords
    from till.domain.money.formats import Formats
    from till.domain.order.events import OrderPlaced, PlacedCharge, PlacedLine, PlacedPayment, PlacedTax
    from till.domain.order.state import Invoice, Order
    from till.domain.paper.document import Stamp
    from till.domain.venue import Venue

#: The space for the letter of a tax after an amount.
_NO_LETTER: Final = "  "
#: The empty column before a number that is no price of a piece: on narrow paper it keeps its column.
_NOT_PRICED: Final = ("",)


class Sold(Struct, frozen=True):
    """The data of a receipt.

    Attributes:
        order: the order, for what the sale itself does not contain: texts, prices of choices, cards and balances.
        placed: the sale, without lines that another till keyed too late.
        at: the local time of the payment.
        by: the name of the person who sold it; empty to leave it out.
        words: the marks that the country's law wants on it; None without a law.
        invoice: the full invoice that was issued for it later; None for the receipt itself.
    """

    order: Order
    placed: OrderPlaced
    at: datetime
    by: str = ""
    words: FiscalWords | None = None
    invoice: Invoice | None = None


def _allergies(sold: Sold, stamp: Stamp) -> list[DocumentRow]:
    """Return the allergies on the first receipt of a take-away order: who packs the bag, and who opens it, read it."""
    words = head_words(head_of(sold.order))[0] if sold.order.called and not stamp.copy else []
    return [DocumentRow(one, role=RowRole.ALERT) for one in words]


def make_receipt(
    sold: Sold,
    venue: Venue,
    formats: Formats,
    name_of: Callable[[str], str] = tender_name,
    stamp: Stamp = ORIGINAL,
) -> Document:
    """Return the receipt of a sale, or the full invoice for it. `name_of` returns the name of a tender."""
    parts, made = _Parts(sold, formats), sold.invoice
    number = sold.placed.receipt if made is None else made.number
    number = (sold.words.number if sold.words is not None else "") or number
    hsn = f"HSN {venue.settings.hsn}" if venue.settings.hsn else ""
    rows = (
        *head(venue, stamp, hsn, venue.settings.receipt_heading, words=sold.words),
        *([DocumentRow(called_words(sold.order), role=RowRole.TOTAL)] if sold.order.called else []),
        *(_allergies(sold, stamp) if made is None else []),
        DocumentRow(number, formats.moment(sold.at)),
        *([_for_ticket(sold)] if made is not None else []),
        *parts.place(),
        *named(sold.order.buyer if made is None else made.buyer, venue),
        RULE,
        *parts.lines(),
        RULE,
        *parts.sums(_("TOTAL")),
        *(row for payment in sold.placed.payments for row in parts.paid(payment, name_of)),
        *foot(venue, stamp, formats),
    )
    return Document((_("Receipt {number}") if made is None else _("Invoice {number}")).format(number=number), rows)


def _for_ticket(sold: Sold) -> DocumentRow:
    number = (sold.words.replaces if sold.words is not None else "") or sold.placed.receipt
    return DocumentRow(_("In place of receipt {number}").format(number=number))


def make_bill(
    order: Order,
    venue: Venue,
    formats: Formats,
    at: datetime,
    by: str = "",
    name_of: Callable[[str], str] = tender_name,
    stamp: Stamp = ORIGINAL,
) -> Document:
    """Return the provisional bill of an open order at a local time. It has no number, and says that it is no receipt.

    Payments so far are listed below the total, with the amount that is left to pay.
    """
    due, text = due_in(order), order.terms.currency.text
    placed = replace(record_of(order), rounding=text(Minor(due - order.due)))
    parts = _Parts(Sold(order, placed, at, by), formats)
    paid = [row for payment in placed.payments for row in parts.paid(payment, name_of)]
    rows = (
        DocumentRow(_("BILL, NOT A RECEIPT"), role=RowRole.MARK),
        *head(venue, stamp),
        DocumentRow(_("Bill"), formats.moment(at)),
        *parts.place(),
        RULE,
        *parts.lines(),
        RULE,
        *parts.sums(_("TOTAL") if paid else _("TO PAY")),
        *paid,
        *([parts.total(_("TO PAY"), due)] if paid else []),
        EMPTY,
        DocumentRow(_("Your receipt comes when you pay."), role=RowRole.CENTRE),
    )
    return Document(_("Bill {place}").format(place=tab_name(order.place_name)).rstrip(), rows)


def make_part(
    order: Order,
    payment_id: str,
    venue: Venue,
    formats: Formats,
    at: datetime,
    by: str = "",
    name_of: Callable[[str], str] = tender_name,
    stamp: Stamp = ORIGINAL,
) -> Document | None:
    """Return the paper of a part payment at a local time, of its order right after it; None if it does not count there.

    It lists the pieces that the payment is for, if it is by items, and what is left to pay. It is no receipt.
    """
    placed, currency = record_of(order), order.terms.currency
    payment = next((one for one in placed.payments if one.payment_id == payment_id), None)
    if payment is None:
        return None
    parts, known = _Parts(Sold(order, placed, at, by), formats), order.payments[payment_id]
    pieces = [
        DocumentRow(f"{formats.quantity(number, None, ''):>2} × {clean(order.lines[line_id].name)}")
        for line_id, number in known.pieces.items()
        if line_id in order.lines
    ]
    due = due_in(order)
    own = Minor(currency.minor(payment.amount) - currency.minor(payment.tip))
    rows = (
        DocumentRow(_("PART PAYMENT, NOT A RECEIPT"), role=RowRole.MARK),
        *head(venue, stamp),
        DocumentRow(_("Part payment"), formats.moment(at)),
        *parts.place(),
        RULE,
        *pieces,
        DocumentRow(_("The whole order"), formats.amount(Minor(currency.minor(placed.total) + due - order.due))),
        DOUBLE,
        parts.total(_("PAID"), own),
        DOUBLE,
        *parts.paid(payment, name_of),
        DocumentRow(_("Still to pay"), formats.amount(due)),
        EMPTY,
        DocumentRow(_("The receipt comes when all is paid."), role=RowRole.CENTRE),
    )
    return Document(_("Part payment {place}").format(place=tab_name(order.place_name)).rstrip(), rows)


def chosen_of(line: PlacedLine, wished: Mapping[str, tuple[str, ...]]) -> list[str]:
    """Return the modifiers of a sold line and the parts of its note. `wished` is the result of `wishes_of`."""
    return [clean(words) for words in (*line.modifiers, *(wished.get(line.note, ()) if line.note else ()))]


def wishes_of(order: Order) -> dict[str, tuple[str, ...]]:
    """Return the wishes in each note on a line, by event. An erased note has no words left."""
    notes = (note for line in order.lines.values() for note in line.notes)
    return {note.event: wishes(note.words) for note in notes}


class _Parts:
    """Makes the rows of a sale. If its lines have different taxes, letters name the taxes of each line."""

    def __init__(self, sold: Sold, formats: Formats) -> None:
        self._order, self._placed, self._by = sold.order, sold.placed, sold.by
        self._formats = formats
        self._minor = sold.order.terms.currency.minor
        groups = dict.fromkeys(map(_taxes_of, sold.placed.lines))
        if charge := sold.placed.service_charge:
            groups[_taxes_of(charge)] = None
        self._letters = dict(zip(filter(None, groups), ascii_uppercase, strict=False)) if len(groups) > 1 else {}

    def _amount(self, amount: Minor, of: PlacedLine | PlacedCharge | None = None) -> str:
        """Return an amount with the letter of its taxes, if there are letters."""
        letter = self._letters.get(_taxes_of(of)) if of is not None else None
        suffix = (f" {letter}" if letter else _NO_LETTER) if self._letters else ""
        return self._formats.amount(amount) + suffix

    def place(self) -> Iterator[DocumentRow]:
        """Yield the order type, the table with its guests, and the person."""
        order = self._order
        covers = order.tab.covers if order.tab is not None else None
        guests = ngettext("{n} guest", "{n} guests", covers).format(n=covers) if covers else ""
        where = ", ".join(filter(None, (tab_name(order.place_name), guests, order_type_name(order.order_type))))
        yield DocumentRow(capitalize_first(where), clean(self._by))

    def lines(self) -> Iterator[DocumentRow]:
        """Yield the lines, the reductions of the whole order, the service charge and the note."""
        wished = wishes_of(self._order)
        for line in self._placed.lines:
            yield from self._line(line, wished)
        for off in self._placed.off:
            yield DocumentRow(off_in_words(off.kind, off.name), self._amount(Minor(-self._minor(off.amount))))
        if charge := self._placed.service_charge:
            amount = keyed_of(charge, self._order.terms.currency)
            yield DocumentRow(service_words(charge), self._amount(amount, charge))
        if self._placed.note:
            yield DocumentRow(_("Note: {words}").format(words=clean(self._placed.note)), role=RowRole.MUTED)

    def _line(self, line: PlacedLine, wished: Mapping[str, tuple[str, ...]]) -> Iterator[DocumentRow]:
        """Yield a line with its choices, whose prices and the one before them come to the price of a piece."""
        formats, discount = self._formats, self._minor(line.discount)
        quantity = formats.quantity(line.quantity, line.measure, line.unit)
        listed = Minor(keyed_of(line, self._order.terms.currency) + discount)
        keyed = self._order.lines.get(line.line_ids[0])
        prices = {one.name: formats.added(one.price4) for one in keyed.modifiers} if keyed is not None else {}
        added = [prices.get(name, "") for name in line.modifiers]
        price = formats.price(formats.currency.price4_of_any(line.unit_price), clean(line.unit))
        if keyed is not None and any(added):
            price = formats.price(keyed.price4)
        middle = (f"@ {price}",) if any(added) or line.quantity != 1 or line.measure is not None else ()
        yield DocumentRow(f"{quantity:>2} × {clean(line.item_name)}", self._amount(listed, line), middle)
        if keyed is not None and keyed.own_type not in {"", self._order.order_type}:
            yield DocumentRow(UNDER + order_type_name(keyed.own_type), role=RowRole.MUTED)
        for words, price in zip_longest(chosen_of(line, wished), added, fillvalue=""):
            yield DocumentRow(UNDER + words, "", (price,), RowRole.MUTED)
        for off in line.off:
            words = off_in_words(off.kind, off.name)
            if off.kind == "promotion":
                words = promotion_in_words(off.name, keyed, formats.added)
            words = UNDER + words
            yield DocumentRow(words, self._amount(Minor(-self._minor(off.amount))), role=RowRole.MUTED)
        if discount and not line.off and not self._placed.off:
            yield DocumentRow(UNDER + _("Discount"), self._amount(Minor(-discount)), role=RowRole.MUTED)

    def sums(self, total: str) -> Iterator[DocumentRow]:
        """Yield the number of items, the taxes, the rounding and the total, called `total`.

        Without letters, all lines have the same taxes, which stand above the total. With letters a table of all taxes
        stands below it, and above it only the sum of those that are added.
        """
        placed = self._placed
        if items := sum(max(0, line.quantity) for line in placed.lines):  # without returned deposits
            yield DocumentRow(ngettext("{n} item", "{n} items", items).format(n=items))
        above = [tax for tax in placed.taxes if tax.added or not self._letters]
        if above:
            taxable = Minor(self._minor(placed.total) - sum(self._minor(tax.tax) for tax in above))
            words = _("Subtotal") if self._letters else net_words(self._formats.currency)
            yield DocumentRow(words, self._amount(taxable))
        if above and self._letters:
            yield DocumentRow(_("Tax"), self._amount(sum_of(self._minor(tax.tax) for tax in above)))
        else:
            yield from (
                DocumentRow(tax_words(clean(tax.name), tax.rate), self._amount(self._minor(tax.tax))) for tax in above
            )
        if rounding := self._minor(placed.rounding):
            yield DocumentRow(_("Rounding"), self._amount(rounding))
        yield from (DOUBLE, self.total(total, Minor(self._minor(placed.total) + rounding)), DOUBLE)
        if self._letters:
            yield from self._table([self._tax(tax) for tax in placed.taxes])
            yield RULE

    def _table(self, rows: list[DocumentRow]) -> Iterator[DocumentRow]:
        """Yield the table of taxes; without the column of totals if a tax has none."""
        if all(row.right for row in rows):
            yield from (DocumentRow(_("Tax"), _("Total"), (_("Net"), _("Tax")), RowRole.MUTED), *rows)
        else:
            yield DocumentRow(_("Tax"), _("Tax"), (*_NOT_PRICED, _("Net")), RowRole.MUTED)
            yield from (DocumentRow(row.left, row.middle[1], (*_NOT_PRICED, row.middle[0])) for row in rows)

    def total(self, words: str, amount: Minor) -> DocumentRow:
        """Return the row of a total."""
        return DocumentRow(
            f"{words}  {self._formats.currency.symbol.strip()}", self._amount(amount), role=RowRole.TOTAL
        )

    def _tax(self, tax: PlacedTax) -> DocumentRow:
        """Return a row of the table of taxes. Its last amount is of lines that bear only this tax."""
        groups = [group for group in self._letters if _kind(tax) in group]
        letters = "".join(self._letters[group] for group in groups)
        net = self._minor(tax.net) if tax.net is not None else None
        is_alone = all(len(group) == 1 for group in groups)
        amount, own = self._formats.amount, self._minor(tax.tax)
        return DocumentRow(
            f"{letters} {tax_words(clean(tax.name), tax.rate)}",
            amount(Minor(net + own)) if net is not None and is_alone else "",
            (amount(net) if net is not None else "", amount(own)),
        )

    def paid(self, payment: PlacedPayment, name_of: Callable[[str], str]) -> Iterator[DocumentRow]:
        """Yield the rows of a payment: the money, its tip and change, and what is left on the voucher or account."""
        amount, change = self._minor(payment.amount), self._minor(payment.change)
        known, customer = self._order.payments.get(payment.payment_id), self._order.customer
        if amount:
            card = known.card if known is not None else None
            shown = f"  {card.brand} {card.last_four and card.number}".rstrip() if card is not None else ""
            yield DocumentRow(name_of(payment.tender) + shown, self._amount(Minor(amount + change)))
        if known is not None and known.over:
            beyond = self._formats.amount(known.over)
            yield DocumentRow(UNDER + _("Taken beyond it"), "", (*_NOT_PRICED, beyond), RowRole.MUTED)
        if tip := self._minor(payment.tip):
            yield DocumentRow(UNDER + _("Tip included"), "", (*_NOT_PRICED, self._formats.amount(tip)), RowRole.MUTED)
        if change:
            yield DocumentRow(_("Change"), self._amount(Minor(-change)))
        if known is not None and known.tender == ACCOUNT and customer is not None and customer.id == known.reference[0]:
            yield DocumentRow(UNDER + clean(customer.name), role=RowRole.MUTED)
        if known is not None and known.balance is not None:
            yield DocumentRow(
                UNDER + _("left on it"), "", (*_NOT_PRICED, self._formats.amount(known.balance)), RowRole.MUTED
            )


def _kind(tax: PlacedTax) -> tuple[str, str | None, str | None]:
    return (tax.name, tax.rate, tax.per_piece)


def _taxes_of(part: PlacedLine | PlacedCharge) -> tuple[tuple[str, str | None, str | None], ...]:
    return tuple(map(_kind, part.taxes))
