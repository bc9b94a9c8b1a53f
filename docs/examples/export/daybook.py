"""An export of its own package: a day book, with a row for each sale and refund, and their sums by tax."""

from __future__ import annotations

from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from till.domain.cells import guard
from till.ports.fiscal_export import ExportFault, ExportPiece

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.ports.fiscal_export import ExportDays, ExportRead, ExportVenue

BOOK: Final = "daybook.csv"
TAXES: Final = "taxes.csv"


class DayBook:
    """Two tables: what was sold and given back, and its taxes."""

    name = "xf-daybook"
    about = "A day book as CSV: each sale and refund, and the sums of the taxes."
    texts = False
    is_closed = True

    def lacks(self, venue: ExportVenue) -> Iterator[str]:
        """Yield what the venue has to set before."""
        if not venue.venue.settings.tax_number:
            yield "The head of the book wants a number: till admin settings set tax_number 12345."

    def write(self, read: ExportRead, days: ExportDays, venue: ExportVenue) -> Iterator[ExportPiece | ExportFault]:
        """Yield the rows as they are read, and keep nothing but sums."""
        taxes: defaultdict[str, Decimal] = defaultdict(Decimal)
        title = guard(f"{venue.venue.settings.name} {venue.venue.settings.tax_number}")
        yield ExportPiece(BOOK, f"{title}\n{days.first},{days.last}\n")
        for sale in read.sales():
            if sale.data.currency != venue.venue.settings.currency:
                yield ExportFault(
                    sale.data.receipt, f"{sale.data.receipt} is in {sale.data.currency}. Book it by hand."
                )
                continue
            day = venue.venue.local(sale.event.at).date()
            yield ExportPiece(BOOK, f"{day},{sale.data.receipt},{sale.data.total}\n", records=1)
            for tax in sale.data.taxes:
                taxes[f"{tax.name} {tax.rate}"] += Decimal(tax.tax)
        for refund in read.refunds():
            day = venue.venue.local(refund.event.at).date()
            total = Decimal(refund.data.net) + Decimal(refund.data.tax)
            yield ExportPiece(BOOK, f"{day},{refund.data.receipt},{total}\n", records=1)
            for tax in refund.data.taxes:
                taxes[f"{tax.name} {tax.rate}"] += Decimal(tax.tax)
        for name, amount in sorted(taxes.items()):
            yield ExportPiece(TAXES, f"{guard(name)},{amount}\n", records=1)


EXPORT: Final = DayBook()
