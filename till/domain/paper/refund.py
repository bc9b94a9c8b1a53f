"""The receipt of a refund, and the slips of card terminals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.money.tax import tax_words
from till.domain.paper.document import ORIGINAL, Document, Role, Row
from till.domain.paper.head import DOUBLE, RULE, foot, head, shown_time
from till.domain.payment.names import tender_name
from till.domain.payment.slips import slip_title
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from till.domain.money.formats import Formats
    from till.domain.paper.document import Stamp
    from till.domain.payment.slips import KeptSlip
    from till.domain.refund.state import Refund
    from till.domain.venue import Venue


def make_refund(
    refund: Refund,
    venue: Venue,
    formats: Formats,
    at: datetime,
    by: str = "",
    name_of: Callable[[str], str] = tender_name,
    stamp: Stamp = ORIGINAL,
) -> Document:
    """Return the receipt of a refund at a local time. Its amounts are negative."""
    data, minor, amount = refund.started, Currency(refund.started.currency).minor, formats.amount
    lines = [
        Row(f"{formats.quantity(line.quantity, None, ''):>2} × {clean(line.item_name)}", amount(minor(line.amount)))
        for line in data.lines
    ]
    taxes = [Row(tax_words(clean(tax.name), tax.rate), amount(minor(tax.tax))) for tax in data.taxes]
    rounding = minor(data.rounding)
    rows = (
        *head(venue, stamp, _("REFUND")),
        Row(data.receipt, shown_time(at)),
        Row(_("Of receipt {number}").format(number=data.sold), clean(by)),
        RULE,
        *(lines or [Row(_("A part of the amount"), amount(Minor(minor(data.amount) - rounding)))]),
        RULE,
        *([Row(_("Taxable value"), amount(minor(data.net))), *taxes] if taxes else []),
        *([Row(_("Rounding"), amount(rounding))] if rounding else []),
        DOUBLE,
        Row(f"{_('REFUNDED')}  {formats.currency.symbol.strip()}", amount(minor(data.amount)), role=Role.TOTAL),
        DOUBLE,
        Row(name_of(data.tender), amount(minor(data.amount))),
        *foot(venue, stamp),
    )
    return Document(_("Refund {number}").format(number=data.receipt), rows)


def make_slip(slip: KeptSlip, venue: Venue, number: str = "", stamp: Stamp = ORIGINAL) -> Document:
    """Return a slip of a card terminal, line by line. `number` is that of its receipt or refund."""
    rows = (
        *head(venue, stamp, slip_title(slip)),
        Row(number),
        *map(Row, slip.lines),
        *([Row(), Row(), RULE, Row(_("Signature"), role=Role.MUTED)] if slip.to_be_signed else []),
    )
    return Document(slip_title(slip), rows)
