"""The documents of a drawer and its shift: movements, counts, X and Z."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from till.domain.events.fields import Count as EventCount
from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.money.tax import tax_words
from till.domain.paper.document import ORIGINAL, Document, DocumentRow, RowRole
from till.domain.paper.head import EMPTY, RULE, head
from till.domain.payment.names import tender_name
from till.domain.shift.events import GrandTotals, NumberedSum, ShiftClosed, ShiftSums
from till.domain.shift.figure import figures_of
from till.domain.shift.names import FIGURES, KINDS, MOVED
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from till.domain.money.formats import Formats
    from till.domain.paper.document import Stamp
    from till.domain.shift.events import DrawerCounted, TenderCount
    from till.domain.shift.evolve import Count, Movement, Shift
    from till.domain.venue import Venue

#: The figures, those without an amount last.
_FIGURES: Final = sorted(figures_of(ShiftSums), key=lambda one: one.kind == EventCount)
#: The places of what moves a balance in the account of a drawer.
_PLACES: Final = {kind: place for place, kind in enumerate(MOVED)}


def make_movement(
    movement: Movement, venue: Venue, formats: Formats, till: int, by: str = "", stamp: Stamp = ORIGINAL
) -> Document:
    """Return the document of cash that was put in or taken out, to be signed. `by` names the person at the till."""
    data, kind = movement.data, _(KINDS[movement.data.kind])
    amount = Minor(abs(Currency(data.currency).minor(data.amount)))
    rows = (
        *head(venue, stamp, kind),
        DocumentRow(clean(venue.till_name(till)), formats.moment(venue.local(movement.at))),
        DocumentRow(clean(by)),
        RULE,
        DocumentRow(f"{kind}  {formats.currency.symbol.strip()}", formats.amount(amount), role=RowRole.TOTAL),
        DocumentRow(clean(data.reason)),
        *([DocumentRow(_(MOVED["undone"]), role=RowRole.HEADING)] if movement.is_undone else []),
        *(EMPTY, EMPTY, RULE, DocumentRow(_("Signature"), role=RowRole.MUTED)),
    )
    return Document(kind, rows)


def make_count(
    count: Count,
    venue: Venue,
    formats: Formats,
    till: int,
    by: str = "",
    name_of: Callable[[str], str] = tender_name,
    stamp: Stamp = ORIGINAL,
) -> Document:
    """Return the document of a count of the drawer, with the difference of each tender by itself."""
    data, minor = count.data, Currency(count.data.currency).minor
    title = _("Count of the drawer")
    rows = [
        *head(venue, stamp, title),
        DocumentRow(clean(venue.till_name(till)), formats.moment(venue.local(count.at))),
        DocumentRow(clean(by)),
    ]
    for one in data.counts:
        rows += [RULE, *_counted(one, data, formats, name_of)]
    rows += [RULE] if data.pieces or data.note else []
    for piece in data.pieces:
        value = minor(piece.value)
        rows.append(
            DocumentRow(f"{piece.number:>4} × {formats.amount(value)}", formats.amount(Minor(piece.number * value)))
        )
    if data.note:
        rows.append(DocumentRow(_("Note: {words}").format(words=clean(data.note))))
    return Document(title, tuple(rows))


def _counted(
    one: TenderCount, data: DrawerCounted, formats: Formats, name_of: Callable[[str], str]
) -> Iterator[DocumentRow]:
    """Yield the rows of a counted tender: expected, counted, the difference, and what was taken out."""
    minor, amount = Currency(data.currency).minor, formats.amount
    counted, taken = minor(one.counted), minor(one.taken)
    difference = Minor(counted - minor(one.expected))
    yield DocumentRow(name_of(one.tender), role=RowRole.HEADING)
    yield DocumentRow(_("Expected"), amount(minor(one.expected)))
    yield DocumentRow(_("Counted"), amount(counted))
    if difference:
        yield DocumentRow(_("Short") if difference < 0 else _("Over"), amount(difference), role=RowRole.HEADING)
    if taken:
        to = _("Taken out: {place}").format(place=clean(data.to)) if data.to else _("Taken out")
        yield DocumentRow(to, amount(Minor(-taken)))
        yield DocumentRow(_("Stays in the drawer"), amount(Minor(counted - taken)))


def _beside(shift: Shift, venue: Venue, formats: Formats, name_of: Callable[[str], str]) -> Iterator[DocumentRow]:
    """Yield the counts beside the close of a shift."""
    for count in shift.counts:
        if shift.closed_at is not None and count.at >= shift.closed_at:
            yield EMPTY
            yield DocumentRow(_("Count of the drawer"), formats.moment(venue.local(count.at)), role=RowRole.HEADING)
            for one in count.data.counts:
                yield from _counted(one, count.data, formats, name_of)


def make_x(
    shift: Shift,
    sums: ShiftSums,
    venue: Venue,
    formats: Formats,
    at: datetime,
    by: str = "",
    name_of: Callable[[str], str] = tender_name,
    stamp: Stamp = ORIGINAL,
    *,
    hides_cash: bool = False,
) -> Document:
    """Return the X of an open shift at a local time. `by` opened the shift; `hides_cash` as in `sums_rows`."""
    rows = (
        *head(venue, stamp, "X"),
        *_opened(shift, venue, formats, by),
        DocumentRow(_("So far"), formats.moment(at)),
        RULE,
        *sums_rows(sums, formats, name_of, hides_cash=hides_cash),
    )
    return Document("X", rows)


def make_z(
    shift: Shift,
    venue: Venue,
    formats: Formats,
    by: str = "",
    closed_by: str = "",
    name_of: Callable[[str], str] = tender_name,
    stamp: Stamp = ORIGINAL,
    *,
    other: str = "",
    hides_cash: bool = False,
) -> Document:
    """Return the Z of a closed shift, as it was frozen, with the counts beside it.

    `by` opened and `closed_by` closed the shift. `other` is the number of the server's Z of it, if any; `hides_cash` as
    in `sums_rows`.
    """
    z = shift.closed
    if z is None or shift.closed_at is None:
        raise ValueError(shift.id)
    minor = Currency(z.currency).minor
    totals = ((_(one.figure.words), minor(getattr(z.totals, one.field))) for one in figures_of(GrandTotals))
    rows = (
        *head(venue, stamp),
        DocumentRow(z.number, role=RowRole.NAME),
        *([DocumentRow(_("Also Z {number}, by the server").format(number=clean(other)))] if other else []),
        EMPTY,
        *_opened(shift, venue, formats, by),
        _named(_("Closed"), closed_by, formats.moment(venue.local(shift.closed_at))),
        RULE,
        *sums_rows(z, formats, name_of, hides_cash=hides_cash),
        *([] if hides_cash else _beside(shift, venue, formats, name_of)),
        *_records(shift, z.number),
        RULE,
        DocumentRow(_("Since the first Z"), role=RowRole.HEADING),
        *(DocumentRow(words, formats.amount(amount)) for words, amount in totals),
    )
    return Document(f"Z {z.number}", rows)


def _opened(shift: Shift, venue: Venue, formats: Formats, by: str) -> Iterator[DocumentRow]:
    yield DocumentRow(clean(venue.till_name(shift.till)), formats.day_of(shift.opened.business_date))
    yield _named(_("Opened"), by, formats.moment(venue.local(shift.at)))


def _named(done: str, by: str, at: str) -> DocumentRow:
    return DocumentRow(_("{done}, {name}").format(done=done, name=clean(by)) if by else done, at)


def _records(shift: Shift, number: str) -> Iterator[DocumentRow]:
    """Yield the place of a Z in the journal, and its seal as a code: docs/verify_export.py checks an export by it."""
    if shift.records is not None:
        first, last = shift.records
        yield DocumentRow(_("Journal records"), f"{first} – {last}")
        yield DocumentRow(f"{number} {shift.closed_hash}", role=RowRole.CODE)
        groups = [shift.closed_hash[at : at + 4] for at in range(0, len(shift.closed_hash), 4)]
        for at in range(0, len(groups), 4):
            yield DocumentRow(" ".join(groups[at : at + 4]), role=RowRole.CENTRE)


def sums_rows(
    of: ShiftSums | ShiftClosed,
    formats: Formats,
    name_of: Callable[[str], str] = tender_name,
    *,
    hides_cash: bool = False,
) -> tuple[DocumentRow, ...]:
    """Return the sums of an X or a Z, and what was open when the Z was made.

    With `hides_cash` the sums of tenders, tips and the drawer wait for the count.
    """
    z, sums = (None, of) if isinstance(of, ShiftSums) else (of, of.sums)
    hidden = (EMPTY, DocumentRow(_("Tenders and drawer"), _("○ after the count")))
    money = hidden if hides_cash else tuple(_money(sums, formats, name_of))
    left = figures_of(ShiftClosed) if z is not None else ()
    open_rows = (row for one in left for row in figure_rows(one.name, getattr(z, one.field), formats))
    return (*_sales(sums, formats), *money, *_categories(sums, formats), *open_rows)


def _row(label: str, amount: str, formats: Formats) -> DocumentRow:
    return DocumentRow(label, formats.amount(formats.currency.minor(amount)))


def figure_rows(name: str, value: NumberedSum | str | int | None, formats: Formats) -> Iterator[DocumentRow]:
    """Yield the row of a figure unless it is zero: its amount, and the number of acts or documents if it has one."""
    label = _(FIGURES[name])
    if isinstance(value, NumberedSum) and value.number:
        yield _row(_("{label} ({number})").format(label=label, number=value.number), value.amount, formats)
    elif isinstance(value, str) and formats.currency.minor(value):
        yield _row(label, value, formats)
    elif isinstance(value, int) and value:
        yield DocumentRow(label, str(value))


def _figures(sums: ShiftSums, formats: Formats, *, waiting: bool) -> Iterator[DocumentRow]:
    """Yield the rows of the figures that wait for the count of the drawer, or of the others."""
    for one in _FIGURES:
        if one.figure.waits is waiting:
            yield from figure_rows(one.name, getattr(sums, one.field), formats)


def _sales(sums: ShiftSums, formats: Formats) -> Iterator[DocumentRow]:
    yield from (
        DocumentRow(_(FIGURES["gross"]), str(sums.sales.number)),
        _row(_(FIGURES["net"]), sums.sales.net, formats),
    )
    for tax in sorted(sums.taxes, key=lambda one: (one.name, Decimal(one.rate or 0))):
        yield _row(tax_words(clean(tax.name), tax.rate or None), tax.tax, formats)
    yield _row(_("Total"), sums.sales.gross, formats)
    yield from _figures(sums, formats, waiting=False)
    for label, ends in ((_("Receipts"), sums.receipts), (_("Receipts of refunds"), sums.refund_receipts)):
        if ends is not None:
            for first, last in zip(ends.first.split(", "), ends.last.split(", "), strict=False):
                yield DocumentRow(label, first if first == last else f"{first} – {last}")
    if len(sums.dates) > 1:
        yield from (_row(formats.day_of(one.business_date), one.gross, formats) for one in sums.dates)


def _money(sums: ShiftSums, formats: Formats, name_of: Callable[[str], str]) -> Iterator[DocumentRow]:
    yield from (EMPTY, DocumentRow(_("Tenders"), role=RowRole.HEADING))
    for one in sums.tenders:
        if one.number or formats.currency.minor(one.amount):
            yield _row(name_of(one.tender), one.amount, formats)
    yield from _figures(sums, formats, waiting=True)
    for drawer in sums.drawer:
        words = _("{tender} in the drawer").format(tender=name_of(drawer.tender))
        yield from (EMPTY, DocumentRow(words, role=RowRole.HEADING), _row(_("Opening"), drawer.opening, formats))
        for move in sorted(drawer.moved, key=lambda one: _PLACES.get(one.kind, len(_PLACES))):
            yield _row(_(MOVED.get(move.kind, move.kind)), move.amount, formats)
        yield _row(_("Closing"), drawer.closing, formats)


def _categories(sums: ShiftSums, formats: Formats) -> Iterator[DocumentRow]:
    if sums.categories:
        yield from (EMPTY, DocumentRow(_("Categories"), role=RowRole.HEADING))
    for one in sums.categories:
        yield _row(clean(one.category) or _("without a category"), one.gross, formats)
