"""The ticket of a station of the kitchen: what it has to make, or what it no longer has to make."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.catalogue.allergens import kitchen_words
from till.domain.i18n import N_, _, ngettext
from till.domain.ids import moment_of
from till.domain.kitchen.head import TicketHead
from till.domain.order.guest_words import head_words
from till.domain.order.naming import order_type_name, tab_name
from till.domain.paper.document import ORIGINAL, Document, DocumentRow, RowRole
from till.domain.paper.head import DOUBLE, EMPTY
from till.domain.text import capitalize_first, clean

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from till.domain.catalogue.menu import Menu
    from till.domain.kitchen.events import LinesSent, TicketKind, TicketLine
    from till.domain.order.line import Line, Send
    from till.domain.order.state import Order
    from till.domain.paper.document import Stamp
    from till.domain.venue import Venue

#: The heading of each kind of ticket.
HEADINGS: Final[dict[TicketKind, str]] = {
    "new": N_("NEW"),
    "more": N_("+ MORE"),
    "void": N_("*** VOID ***"),
    "changed": N_("! CHANGED"),
    "moved": N_("> MOVED"),
}
#: The indent of what belongs to the dish above.
_UNDER: Final = "      "


class WrittenTicket(Struct, frozen=True):
    """A ticket, and its order as it was then.

    Attributes:
        event: the id of its event.
        at: the time of the event.
        menu: the menu, for the names of courses and the contents of dishes.
        by: the name of the person; empty to leave it out.
        head: the allergies, preferences and notes of the orders that have its lines when it is printed.
    """

    order: Order
    data: LinesSent
    event: str
    at: datetime
    menu: Menu
    by: str = ""
    head: TicketHead = TicketHead()


def make_ticket(
    ticket: WrittenTicket, venue: Venue, stamp: Stamp = ORIGINAL, over: str = "", *, is_late: bool = False
) -> Document:
    """Return the ticket of a station. One that is late, or may be on paper already, says so in its first line.

    Args:
        ticket: the ticket.
        venue: the venue.
        stamp: the marks of a second print.
        over: the place for which it is, if it does not print at its station.
        is_late: True if nobody cooks by it unasked.
    """
    data, local = ticket.data, venue.local(ticket.at)
    marks = [_("TRAINING")] if venue.training else []
    marks += [over] if over else []
    marks += [_("LATE")] if is_late else []
    marks += [_("AGAIN")] if stamp.again or stamp.copy or data.again else []
    allergies, others = head_words(ticket.head)
    rows = (
        *(DocumentRow(mark, role=RowRole.MARK) for mark in marks),
        DocumentRow(_(HEADINGS[data.kind]), f"{clean(data.station)} {data.ticket}", role=RowRole.TOTAL),
        DocumentRow(_place(ticket), role=RowRole.TOTAL),
        DocumentRow(_people(ticket), f"{local:%H:%M}"),
        *(DocumentRow(words, role=RowRole.ALERT) for words in allergies),
        *(DocumentRow(words, role=RowRole.HEADING) for words in others),
        DOUBLE,
        *_dishes(ticket),
        DOUBLE,
        *_foot(ticket, venue),
        EMPTY,
    )
    return Document(_("Ticket {number}").format(number=f"{clean(data.station)} {data.ticket}"), rows)


def _place(ticket: WrittenTicket) -> str:
    """Return the table, or else the way in which the order is taken with the number that is called, in capitals.

    The course stands behind it, if the ticket is of one.
    """
    order, courses = ticket.order, _courses(ticket)
    name = tab_name(order.place_name) or order_type_name(order.order_type)
    place = f"{capitalize_first(name)} {clean(order.called)}".rstrip()
    return ", ".join([place, *map(ticket.menu.course_name, courses)] if len(courses) == 1 else [place]).upper()


def _courses(ticket: WrittenTicket) -> list[int]:
    """Return the courses that a ticket has to make, 0 for none, in their order; empty if no line has one."""
    made = ticket.data.lines if ticket.data.kind in {"new", "more"} else ()
    courses = sorted({line.course or 0 for line in made})
    return courses if any(courses) else []


def _dishes(ticket: WrittenTicket) -> Iterator[DocumentRow]:
    """Yield the rows of the lines, below the names of their courses if there are several."""
    lines, before, are_several = ticket.data.lines, 0, len(_courses(ticket)) > 1
    for line in sorted(lines, key=lambda one: one.course or 0) if are_several else lines:
        if are_several and line.course and line.course != before:
            before = line.course
            yield DocumentRow(ticket.menu.course_name(before).upper(), role=RowRole.HEADING)
        yield from _dish(line, ticket)


def _people(ticket: WrittenTicket) -> str:
    covers = ticket.order.tab.covers if ticket.order.tab is not None else None
    guests = ngettext("{n} guest", "{n} guests", covers).format(n=covers) if covers else ""
    return ", ".join(filter(None, (clean(ticket.by), guests)))


def _dish(raw: TicketLine, ticket: WrittenTicket) -> Iterator[DocumentRow]:
    """Yield the rows of a line: its pieces with the dish, its choices and its note."""
    line = ticket.order.lines[raw.line_id]
    pieces = raw.pieces or line.pieces_sent
    yield DocumentRow(f"{pieces:>2}  {clean(line.name).upper()}", role=RowRole.TOTAL)
    if line.own_type not in {"", ticket.order.order_type}:
        yield DocumentRow(f"{_UNDER}{order_type_name(line.own_type).upper()}", role=RowRole.HEADING)
    for choice in raw.choices:
        yield DocumentRow(f"{_UNDER}{clean(choice)}")
    contents = kitchen_words(ticket.menu, ticket.head.allergies, raw.item_id, raw.choices)
    if contents and ticket.data.kind != "void":
        yield DocumentRow(f"{_UNDER}{contents}", role=RowRole.HEADING)
    if note := next((one.words for one in line.notes if one.event == raw.note), ""):
        yield DocumentRow(f"{_UNDER}{clean(note)}", role=RowRole.HEADING)
    if line.measure is not None:
        measure = f"{line.measure / 1000:g} {line.unit}"
        yield DocumentRow(f"{_UNDER}{measure}")
    if ticket.data.kind == "void":
        yield DocumentRow(f"{_UNDER}{_('VOID: do not make')}", role=RowRole.HEADING)


def _foot(ticket: WrittenTicket, venue: Venue) -> Iterator[DocumentRow]:
    """Yield the sums of a ticket, the tickets that it concerns, and the one before it: a lost one is missed."""
    data = ticket.data
    if data.kind in {"new", "more"}:
        kinds = ngettext("{n} kind", "{n} kinds", len(data.lines)).format(n=len(data.lines))
        count = sum(line.pieces for line in data.lines)
        pieces = ngettext("{n} piece", "{n} pieces", count).format(n=count)
        yield DocumentRow(_("{kinds}, {pieces}.").format(kinds=kinds, pieces=pieces))
    if data.later:
        later: Counter[str] = Counter()
        for line in data.later:
            later[clean(ticket.order.lines[line.line_id].name)] += line.pieces
        dishes = ", ".join(f"{count} {name}" for name, count in later.items())
        yield DocumentRow(_("Later: {dishes}").format(dishes=dishes))
    concerned = {send.ticket: send for line in data.lines for send in _before(ticket.order.lines[line.line_id], ticket)}
    if data.kind == "more" and not concerned:
        concerned = {send.ticket: send for line in ticket.order.lines.values() for send in _before(line, ticket)}
    for number, send in sorted(concerned.items(), key=lambda one: one[1].event):
        sent = moment_of(send.event)
        minutes = max(0, int((ticket.at - sent).total_seconds() // 60))
        sentence = _("Adds to {number}, sent {time}, {n} min ago.") if data.kind == "more" else None
        sentence = sentence or _("Of {number}, sent {time}, {n} min ago.")
        yield DocumentRow(sentence.format(number=clean(number), time=f"{venue.local(sent):%H:%M}", n=minutes))
    series, _dash, count_text = data.ticket.rpartition("-")
    if count_text.isdigit() and int(count_text) > 1:
        yield DocumentRow(_("Previous ticket: {number}").format(number=f"{series}-{int(count_text) - 1}"))


def _before(line: Line, ticket: WrittenTicket) -> list[Send]:
    """Return the newest earlier ticket of a line, for its station, that asked for pieces."""
    earlier = (one for one in line.sends if one.event < ticket.event and one.pieces > 0 and one.ticket)
    return [one for one in earlier if one.station == ticket.data.station][-1:]
