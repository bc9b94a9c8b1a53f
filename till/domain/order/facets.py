"""The facets of a line: what it gathers by events beside its pieces, a row each.

A row says what a cut of pieces leaves and gives, what rejoining them does, whether undoing an event takes its record,
whether a line that comes back keeps what it had here, and what a carry to another order writes. A value whose newest
change counts is a `LineChange`, and needs no row. A new facet is an attribute of `Line`, a row, and a line in
`with_records`.
"""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple

from till.domain.events.envelope import Draft
from till.domain.money.measures import Price4
from till.domain.order.events import DiscountApplied, LineNoted, MovedDiscount
from till.domain.order.tickets import carried
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from till.domain.order.events import LineCut
    from till.domain.order.line import Discount, Line, Send
    from till.domain.order.terms import Terms

FacetName = Literal["discounts", "notes", "changes", "sends"]
#: The records of a facet of a line, each with its event.
Records = tuple[Any, ...]
#: The records of two lines: those of the line that was cut, or of the parent, and those of the new line.
Parted = tuple[Records, Records]


class Facet(NamedTuple):
    """A facet of a line.

    Attributes:
        name: the attribute of `Line` with its records.
        event: returns the event of a record.
        carry: yields the drafts that write the records of moved lines into another session. It gets all lines, since
            a ticket is of several.
        cut: returns what a cut of pieces leaves to the line and gives to the new one; called with the line, the cut,
            its event, and the number of pieces.
        rejoin: returns the records of the parent and of an emptied cut; called with those of both, and the cut's event.
        is_undone: True if undoing an event takes its record.
        returns: True if a line that comes back from another order keeps the records that it had here.
    """

    name: FacetName
    event: Callable[[Any], str]
    carry: Callable[[Sequence[Line], str], Iterator[Draft]]
    cut: Callable[[Line, LineCut, str, int], Parted]
    rejoin: Callable[[Records, Records, str], Parted]
    is_undone: bool = True
    returns: bool = True

    def of(self, line: Line) -> Records:
        """Return the records of a line."""
        records: Records = getattr(line, self.name)
        return records


def with_records(line: Line, values: Mapping[FacetName, Records]) -> Line:
    """Return the line with these records; facets that are not named stay."""
    after = replace(
        line,
        discounts=values.get("discounts", line.discounts),
        notes=values.get("notes", line.notes),
        sends=values.get("sends", line.sends),
    )
    changes = values.get("changes", line.changes)
    return after if changes == line.changes else after.with_changes(changes)


def merged(line: Line, known: Line) -> Line:
    """Return a keyed or cut line with the records of what is known of it: changes that arrived before it."""
    early = {facet.name: (*facet.of(line), *records) for facet in FACETS if (records := facet.of(known))}
    return with_records(line, early) if early else line


def without_event(line: Line, undone: str) -> Line:
    """Return the line without the records of an undone event; the same line if it has none."""
    left: dict[FacetName, Records] = {}
    for facet in FACETS:
        records = facet.of(line) if facet.is_undone else ()
        if any(facet.event(one) == undone for one in records):
            left[facet.name] = tuple(one for one in records if facet.event(one) != undone)
    return with_records(line, left) if left else line


def parted(line: Line, data: LineCut, event: str, pieces: int) -> tuple[Line, Line]:
    """Return a line with what a cut leaves to it, and with what the cut gives to the new one."""
    found = {facet.name: facet.cut(line, data, event, pieces) for facet in FACETS}
    left = with_records(line, {name: records for name, (records, _given) in found.items()})
    return left, with_records(line, {name: given for name, (_left, given) in found.items()})


def rejoined(parent: Line, cut: Line, event: str) -> tuple[Line, Line]:
    """Return the parent line and the emptied cut, each with its records after the cut was undone."""
    found = {facet.name: facet.rejoin(facet.of(parent), facet.of(cut), event) for facet in FACETS}
    whole = with_records(parent, {name: records for name, (records, _left) in found.items()})
    return whole, with_records(cut, {name: left for name, (_records, left) in found.items()})


def returned(line: Line) -> Line:
    """Return a line that comes to an order with the records that it keeps of an earlier stay."""
    return with_records(line, {facet.name: () for facet in FACETS if not facet.returns})


def carry_facets(lines: Sequence[Line], session_id: str) -> list[Draft]:
    """Return the drafts that write the records of moved lines into another session."""
    return [draft for facet in FACETS for draft in facet.carry(lines, session_id)]


def changed_by(line: Line) -> frozenset[str]:
    """Return the events of all changes of a line since it was keyed, including cuts."""
    pieces = {one.event for one in line.taken} | {one.event for one in line.voids}
    return frozenset(pieces | {facet.event(one) for facet in FACETS if facet.is_undone for one in facet.of(line)})


def moved_discount(discount: Discount, terms: Terms) -> MovedDiscount:
    """Return the record of a discount that moves with its line."""
    currency = terms.currency
    return MovedDiscount(
        event=discount.id,
        line_id=discount.line_id or "",
        percent=None if discount.rate is None else currency.price_text(Price4(discount.rate)),
        amount=None if discount.amount is None else currency.text(discount.amount),
        kind=discount.kind,
        name=discount.name,
        pieces=discount.pieces,
        price=None if discount.price is None else currency.text(discount.price),
        share_of=discount.share_of,
    )


def _carry_reasons(lines: Sequence[Line], session_id: str) -> Iterator[Draft]:
    """Yield the reasons of moved discounts. The discounts stand in `lines_moved`, free text beside a record here."""
    for line in lines:
        for discount in line.discounts:
            if discount.reason:
                moved = moved_discount(discount, line.terms)
                data = DiscountApplied(
                    line_id=moved.line_id,
                    percent=moved.percent,
                    amount=moved.amount,
                    kind=moved.kind,
                    name=moved.name,
                    reason=discount.reason,
                    pieces=moved.pieces,
                    price=moved.price,
                    share_of=moved.share_of,
                    follows=discount.id,
                )
                yield Draft(data, session_id)


def _carry_notes(lines: Sequence[Line], session_id: str) -> Iterator[Draft]:
    """Yield the note of each moved line that has one. Free text is stored beside a record of its own session."""
    for line in lines:
        if (note := line.noted) is not None:
            yield Draft(LineNoted(line_id=line.id, note=note.words, follows=note.event), session_id)


def _carry_changes(lines: Sequence[Line], session_id: str) -> Iterator[Draft]:
    """Yield the changes of moved lines, or of the lines that they were cut from."""
    for line in lines:
        for change in line.changes:
            yield Draft(replace(change.data, line_id=line.id, follows=change.event), session_id)


def _carry_tickets(lines: Sequence[Line], session_id: str) -> Iterator[Draft]:
    for ticket in carried(lines):
        yield Draft(ticket, session_id)


def _cut_discounts(line: Line, data: LineCut, _event: str, pieces: int) -> Parted:
    """Give the discounts to both, in proportion; the new line's are its own."""
    return line.discounts, tuple(replace(one, line_id=data.into) for one in line.discounts) if pieces else ()


def _cut_sends(line: Line, _data: LineCut, event: str, pieces: int) -> Parted:
    """Give the pieces on a kitchen ticket to the new line: those that the station makes are taken first."""
    sent = min(pieces, line.pieces_sent)
    given: tuple[Send, ...] = (line.sends[-1]._replace(event=event, pieces=sent),) if sent else ()
    return (*line.sends, *(one._replace(pieces=-one.pieces) for one in given)), given


def _rejoin_sends(parent: Records, cut: Records, event: str) -> Parted:
    return tuple(one for one in (*parent, *cut) if one.event != event), ()


def _copied(name: FacetName) -> Callable[[Line, LineCut, str, int], Parted]:
    """Return the cut of a facet that both lines have whole."""

    def cut(line: Line, _data: LineCut, _event: str, _pieces: int) -> Parted:
        records: Records = getattr(line, name)
        return records, records

    return cut


def _kept(parent: Records, cut: Records, _event: str) -> Parted:
    return parent, cut


def _emptied(parent: Records, _cut: Records, _event: str) -> Parted:
    return parent, ()


_EVENT: Final = attrgetter("event")
#: The facets of a line, in the order that a carry writes.
FACETS: Final = (
    Facet("discounts", attrgetter("id"), _carry_reasons, _cut_discounts, _emptied),
    Facet("notes", _EVENT, _carry_notes, _copied("notes"), _kept),
    Facet("changes", _EVENT, _carry_changes, _copied("changes"), _kept),
    Facet("sends", _EVENT, _carry_tickets, _cut_sends, _rejoin_sends, is_undone=False, returns=False),
)
