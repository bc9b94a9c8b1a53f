"""The export for India's GSTR-1: its tables as CSV for the offline tool, and as JSON."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from till.domain.codes import CodeKind
from till.domain.errors import ConfigError
from till.domain.i18n import N_, _
from till.domain.money.amount import Currency
from till.domain.order.events import InvoiceIssued
from till.domain.refund.events import RefundDeclined
from till.domain.text import clean
from till.fiscal.in_gstr1.documents import SCHEME, UnreadDocumentError, is_code, shares_of_refund, shares_of_sale
from till.fiscal.in_gstr1.gstin import STATES, gstin_in, is_gstin
from till.fiscal.in_gstr1.tables import HEADS, INVOICES, NOTES, GstDocument, Tables
from till.ports.fiscal_export import ExportedRefund, ExportFault, ExportPiece

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.ports.fiscal_export import ExportDays, ExportedSale, ExportRead, ExportVenue

_RUPEE: Final = "INR"
#: The most signs of a number (rule 46 of the CGST rules).
_LONGEST: Final = 16
_PORTAL: Final = "gstr1.json"
_QUARTER: Final = 3


class GstExport:
    """The tables of GSTR-1 for a month or a quarter. Their days are the invoices', not the business days."""

    name = SCHEME
    about = N_("India: the tables of GSTR-1, as CSV for the offline tool and as JSON. Not tried at the portal.")
    texts = True
    is_closed = True

    def lacks(self, venue: ExportVenue) -> Iterator[str]:
        """Yield what the venue has to set before."""
        settings = venue.venue.settings
        if settings.currency != _RUPEE:
            yield _("The venue's currency is {currency}: GSTR-1 is in rupees.").format(currency=settings.currency)
        if not is_gstin(gstin_in(settings.tax_number)):
            yield _("The venue has no right GSTIN: `till admin settings set tax_number 29ABCDE1234F1Z5` sets it.")
        book = venue.codes(SCHEME, is_code)
        book.look_ahead(CodeKind.ITEM, CodeKind.TAX)

    def write(self, read: ExportRead, days: ExportDays, venue: ExportVenue) -> Iterator[ExportPiece | ExportFault]:
        """Yield the rows as they are read, then those of the sums.

        Raises:
            ConfigError: the venue has no right GSTIN, or another currency.
        """
        for sentence in self.lacks(venue):
            raise ConfigError(sentence)
        if not _is_period(days):
            yield ExportFault("days", _("GSTR-1 is of a month or a quarter: --from 2026-04-01 --to 2026-06-30."))
        for name, head in HEADS.items():
            yield ExportPiece(name, ",".join(head) + "\n")
        one = _Period(read, days, venue)
        yield from one.write()
        yield ExportPiece(_PORTAL, json.dumps(one.tables.portal(days.last), indent=1, ensure_ascii=False) + "\n", 1)


class _Period:
    def __init__(self, read: ExportRead, days: ExportDays, venue: ExportVenue) -> None:
        self._read, self._days, self._venue = read, days, venue
        self._own = gstin_in(venue.venue.settings.tax_number)
        self._money = Currency(_RUPEE)
        self._book = venue.codes(SCHEME, is_code)
        self.tables = Tables(self._own, self._money)

    def write(self) -> Iterator[ExportPiece | ExportFault]:
        for _event, invoice in self._read.events(InvoiceIssued):  # no law of India lets a till make one
            yield from self._numbered(INVOICES, invoice.number)
            sentence = _("Invoice {number} is for ticket {sold}: enter it in table 4 by hand, and the ticket less.")
            sentence = sentence.format(number=clean(invoice.number), sold=clean(invoice.sold))
            yield ExportFault(invoice.number, sentence, is_left_out=True)
        for sale in self._read.sales():
            yield from self._numbered(INVOICES, sale.data.receipt)
            yield from self._counted(sale)
        for _event, declined in self._read.events(RefundDeclined):
            self.tables.number(NOTES, declined.receipt, cancelled=True)
        for refund in self._read.refunds():
            yield from self._numbered(NOTES, refund.data.receipt)
            yield from self._counted(refund)
        for first, last, lacking in self.tables.gaps():
            sentence = _("{count} numbers from {first} to {last} are in no record of these days. Look at table 13.")
            yield ExportFault(first, sentence.format(count=lacking, first=first, last=last), is_left_out=True)
        for name, row in self.tables.rows():
            yield ExportPiece(name, row, records=1)

    def _numbered(self, nature: str, number: str) -> Iterator[ExportFault]:
        self.tables.number(nature, number)
        if len(number) > _LONGEST:
            sentence = _("{number} has more than 16 signs: GST takes 16. Set a shorter prefix.")
            yield ExportFault(number, sentence.format(number=clean(number)))

    def _counted(self, one: ExportedSale | ExportedRefund) -> Iterator[ExportPiece | ExportFault]:
        """Count a sale or a refund, or yield the reason that no table has it."""
        number, note = one.data.receipt, isinstance(one, ExportedRefund)
        try:
            document = self._document(one)
            self._check(document)
        except UnreadDocumentError as why:
            yield ExportFault(number, _("{number}: {reason}").format(number=clean(number), reason=why))
            return
        for name, row in self.tables.add(document, note=note):
            yield ExportPiece(name, row, records=1)

    def _document(self, one: ExportedSale | ExportedRefund) -> GstDocument:
        money, currency = self._money, one.data.currency
        if currency != _RUPEE:
            raise UnreadDocumentError(_("it is in {currency}. Enter it by hand.").format(currency=currency))
        if isinstance(one, ExportedRefund):
            buyer, value = one.sale.buyer, int(money.minor(one.data.amount))
            shares = shares_of_refund(one.data, one.sale.data, self._book, money)
        else:
            buyer, value = one.buyer, money.minor(one.data.total) + money.minor(one.data.rounding)
            shares = shares_of_sale(one.data, self._book, money)
        gstin = "" if buyer is None else buyer.tax_number.upper().replace(" ", "")
        day = self._venue.venue.local(one.event.at).date()
        return GstDocument(one.data.receipt, day, value, shares, gstin, buyer.name if buyer and gstin else "")

    def _check(self, one: GstDocument) -> None:
        """Raise the reason that a document is in no table of a venue of this state."""
        if one.gstin and not is_gstin(one.gstin):
            raise UnreadDocumentError(
                _("{gstin} is no right GSTIN. Enter it by hand, or refund it and sell it to the right one.").format(
                    gstin=clean(one.gstin)
                )
            )
        if one.gstin and one.gstin[:2] != self._own[:2] and any(share.code.is_goods for share in one.shares):
            raise UnreadDocumentError(
                _("goods for a buyer of {state}: IGST may be due. Enter it by hand.").format(
                    state=STATES[one.gstin[:2]]
                )
            )


def _is_period(days: ExportDays) -> bool:
    """Return True for one month, or three of a quarter."""
    begins_month = days.first.day == 1 and (days.last + timedelta(1)).day == 1
    months = (days.last.year - days.first.year) * 12 + days.last.month - days.first.month + 1
    return begins_month and (months == 1 or (months == _QUARTER and days.first.month % _QUARTER == 1))


EXPORT: Final = GstExport()
