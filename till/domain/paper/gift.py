"""The gift receipt of a sale: what was bought and a barcode to refund it by, without a price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.paper.document import ORIGINAL, Document, DocumentRow, RowRole
from till.domain.paper.head import EMPTY, RULE, UNDER, foot, head
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from till.domain.money.formats import Formats
    from till.domain.paper.document import Stamp
    from till.domain.paper.receipt import Sold
    from till.domain.venue import Venue


def make_gift(
    sold: Sold, venue: Venue, formats: Formats, pieces: Mapping[int, int], stamp: Stamp = ORIGINAL
) -> Document:
    """Return the gift receipt for pieces by the number of their row, from 1; without any, for the whole sale.

    It is no copy of the receipt. Notes are left out: a person may have typed a price, or words about the guest.
    """
    number = sold.placed.receipt
    rows = (
        *head(venue, stamp, _("Gift receipt")),
        DocumentRow(number, formats.moment(sold.at)),
        RULE,
        *_lines(sold, formats, pieces),
        RULE,
        EMPTY,
        DocumentRow(f"#{number}", role=RowRole.BARS),
        *foot(venue, stamp, formats),
    )
    return Document(_("Gift receipt {number}").format(number=number), rows)


def _lines(sold: Sold, formats: Formats, pieces: Mapping[int, int]) -> Iterator[DocumentRow]:
    for row, line in enumerate(sold.placed.lines, 1):
        count = pieces.get(row, 0) if pieces else line.quantity
        if count > 0:  # not what was given back for money
            yield DocumentRow(f"{formats.quantity(count, line.measure, line.unit):>2} × {clean(line.item_name)}")
            yield from (DocumentRow(UNDER + clean(name), role=RowRole.MUTED) for name in line.modifiers)
