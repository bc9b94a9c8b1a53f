"""The parts that documents share: the marks and the venue above, the footer below, and rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.fiscal import document_in
from till.domain.i18n import _
from till.domain.paper.document import DocumentRow, RowRole
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.domain.fiscal import FiscalWords
    from till.domain.money.amount import Currency
    from till.domain.money.formats import Formats
    from till.domain.order.state import Buyer
    from till.domain.paper.document import Stamp
    from till.domain.venue import Venue

#: The indent of what belongs to the line above.
UNDER: Final = "     "
#: The names of tax numbers, by country.
_TAX_NUMBERS: Final = {"IN": "GSTIN", "ES": "NIF"}
RULE: Final = DocumentRow(role=RowRole.RULE)
DOUBLE: Final = DocumentRow(role=RowRole.DOUBLE)
EMPTY: Final = DocumentRow(role=RowRole.EMPTY)


def head(venue: Venue, stamp: Stamp, *titles: str, words: FiscalWords | None = None) -> Iterator[DocumentRow]:
    """Yield the marks, those of the law, the venue, and the titles of a document. In a training no copy is counted."""
    if venue.training:
        yield DocumentRow(_("TRAINING"), role=RowRole.MARK)
    elif stamp.copy != 0:
        yield DocumentRow(_("COPY {number}").format(number=stamp.copy or "").rstrip(), role=RowRole.MARK)
    if stamp.again:
        yield DocumentRow(_("AGAIN"), role=RowRole.MARK)
    if words is not None:
        yield from (DocumentRow(text, role=RowRole.CENTRE) for text in words.above)
        yield DocumentRow(words.code, role=RowRole.CODE)
        yield from (DocumentRow(text, role=RowRole.CENTRE) for text in words.below)
    yield DocumentRow(clean(venue.settings.name), role=RowRole.NAME)
    of_law = words.titles if words is not None else ()
    for text in (venue.settings.address, venue.settings.tax_number, *titles, *of_law):
        if text:
            yield DocumentRow(clean(text), role=RowRole.CENTRE)
    yield EMPTY


def named(buyer: Buyer | None, venue: Venue) -> Iterator[DocumentRow]:
    """Yield whom an invoice names, with the tax number by the name that the venue's country gives it."""
    if buyer is None:
        return
    yield DocumentRow(_("To: {name}").format(name=clean(buyer.name)))
    if buyer.tax_number:
        number, label = _labelled(clean(buyer.tax_number), venue.settings.locale[-2:])
        yield DocumentRow(UNDER + (number if label in number else f"{label} {number}"))
    if buyer.address:
        yield DocumentRow(UNDER + clean(buyer.address))


def _labelled(number: str, here: str) -> tuple[str, str]:
    """Return the number of a buyer, without its kind if that was typed before it, and the name of its kind."""
    if (document := document_in(number)) is not None:
        return document[3], _("Document number") if document[1] == "ID" else _("Passport")
    is_abroad = number[:2].isalpha() and number[:2].upper() != here
    return number, _("VAT number") if is_abroad else _TAX_NUMBERS.get(here, _("VAT number"))


def foot(venue: Venue, stamp: Stamp, formats: Formats) -> Iterator[DocumentRow]:
    """Yield the time of a copy, and the words of the venue."""
    printed = _("COPY, printed {time}").format(time=formats.moment(stamp.at)) if stamp.copy and stamp.at else ""
    rows = [DocumentRow(clean(text), role=RowRole.CENTRE) for text in (printed, venue.settings.receipt_footer) if text]
    yield from (EMPTY, *rows) if rows else ()


def net_words(currency: Currency) -> str:
    """Return the name of the net amount. An invoice under India's GST calls it the taxable value, in English."""
    return "Taxable value" if currency.code == "INR" else _("Net")
