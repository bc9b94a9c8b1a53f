"""The receipt of a refund, and the slips of card terminals."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.money.tax import tax_words
from till.domain.paper.document import ORIGINAL, Document, DocumentRow, RowRole
from till.domain.paper.head import DOUBLE, RULE, foot, head, named, net_words
from till.domain.payment.names import tender_name
from till.domain.payment.slips import slip_title
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from till.domain.fiscal import FiscalWords
    from till.domain.money.formats import Formats
    from till.domain.order.state import Buyer
    from till.domain.paper.document import Stamp
    from till.domain.payment.slips import KeptSlip
    from till.domain.refund.shares import Together
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
    together: Together | None = None,
    words: FiscalWords | None = None,
    buyer: Buyer | None = None,
    invoice: str = "",
) -> Document:
    """Return the receipt of a refund at a local time. Its amounts are negative.

    If its pieces go back in several refunds (`together`), they stand there with their whole amount, and what the others
    give of it, or are still to give. `words` are the marks that the country's law wants on it, and
    `buyer` is whom the invoice of its sale names; `invoice` is the number of the full one that was issued for it later.
    """
    data, minor, amount = refund.started, Currency(refund.started.currency).minor, formats.amount
    first = together.parts[0][0].started if together is not None and together.is_divided else data
    whole = together.pieces if together is not None and together.is_divided else {}
    lines = [
        DocumentRow(
            f"{formats.quantity(line.quantity, None, ''):>2} × {clean(line.item_name)}",
            amount(Minor(-whole[line.row]) if line.row in whole else minor(line.amount)),
        )
        for line in first.lines
    ]
    if together is not None:
        lines += _elsewhere(refund, together, formats, name_of)
    taxes = [DocumentRow(tax_words(clean(tax.name), tax.rate), amount(minor(tax.tax))) for tax in data.taxes]
    rounding = minor(data.rounding)
    rows = (
        *head(venue, stamp, _("REFUND"), words=words),
        DocumentRow((words.number if words is not None else "") or data.receipt, formats.moment(at)),
        DocumentRow(
            _("Of receipt {number}").format(number=(words.rectifies if words is not None else "") or data.sold),
            clean(by),
        ),
        *([DocumentRow(_("Of invoice {number}").format(number=invoice))] if invoice else []),
        *named(buyer, venue),
        RULE,
        *(lines or [DocumentRow(_("A part of the amount"), amount(Minor(minor(data.amount) - rounding)))]),
        RULE,
        *([DocumentRow(net_words(formats.currency), amount(minor(data.net))), *taxes] if taxes else []),
        *([DocumentRow(_("Rounding"), amount(rounding))] if rounding else []),
        DOUBLE,
        DocumentRow(
            f"{_('REFUNDED')}  {formats.currency.symbol.strip()}", amount(minor(data.amount)), role=RowRole.TOTAL
        ),
        DOUBLE,
        DocumentRow(name_of(data.tender), amount(minor(data.amount))),
        *foot(venue, stamp, formats),
    )
    return Document(_("Refund {number}").format(number=data.receipt), rows)


def _elsewhere(
    refund: Refund, together: Together, formats: Formats, name_of: Callable[[str], str]
) -> Iterator[DocumentRow]:
    """Yield what other refunds give of the same pieces, and what is still to be given."""
    for other, part in together.parts:
        if other.id != refund.id:
            number, tender = clean(other.started.receipt), name_of(other.started.tender)
            words = _("Of it {number}, {tender}, no answer yet") if other.is_open else _("Of it {number}, {tender}")
            yield DocumentRow(words.format(number=number, tender=tender), formats.amount(Minor(-part)))
    if together.owed:
        yield DocumentRow(_("Still to be given"), formats.amount(Minor(-together.owed)))


class SlipOf(Struct, frozen=True):
    """The subject of a slip: a payment, a refund, or a part that was given back.

    Attributes:
        kind: its name.
        number: the number of its receipt or refund; of a part payment the name of its table, if any.
        amount: the amount; negative if it went back.
        at: the local time.
    """

    kind: str
    number: str
    amount: Minor
    at: datetime


def make_slip(slip: KeptSlip, of: SlipOf, venue: Venue, formats: Formats, stamp: Stamp = ORIGINAL) -> Document:
    """Return a slip of a card terminal: its subject, and its text line by line."""
    rows = (
        *head(venue, stamp, slip_title(slip)),
        DocumentRow(clean(of.number), formats.moment(of.at)),
        DocumentRow(of.kind, formats.amount(of.amount), role=RowRole.HEADING),
        RULE,
        *map(DocumentRow, slip.lines),
        *(
            [DocumentRow(), DocumentRow(), RULE, DocumentRow(_("Signature"), role=RowRole.MUTED)]
            if slip.to_be_signed
            else []
        ),
    )
    return Document(slip_title(slip), rows)
