"""The events of kitchen tickets, in the stream of the order."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from msgspec import Meta
from typing_extensions import override

from till.domain.events.fields import Count, EventId, Pieces, Private, TillNumber, Uuid, Word
from till.domain.events.registry import OrderEvent, Shape
from till.domain.i18n import N_

#: The kinds of tickets: what is new, more of an order, not to be made, changed, or at another place.
TicketKind = Literal["new", "more", "void", "changed", "moved"]


class TicketLine(Shape, frozen=True, omit_defaults=True, kw_only=True):
    """A line on a ticket: the `pieces` to make, negative if they are not to be made, 0 if their number stays.

    `choices` are the names of its modifiers, and `note` is the event of its note: the text is stored only with that
    event. `menu` is the version of the menu, and `course` the number of the course.
    """

    line_id: Uuid
    pieces: Pieces
    item_id: Word
    choices: Annotated[tuple[Word, ...], Meta(max_length=50)] = ()
    note: EventId | None = None
    menu: Count = 0
    course: Count | None = None


class LinesSent(OrderEvent, frozen=True):
    """A ticket was written for a station: the lines say what it has to make, or what it no longer has to make.

    `ticket` is its number: the till with its series, and the count of the till's tickets for that station. `place` is
    the tab of the order. `follows` is the original event, in the order that the lines came from. `later` are the lines
    of courses that are held, if the station wants them. `again` is true if another till was handed the order before
    and may have sent the same.
    """

    called: ClassVar[str] = N_("Ticket {ticket} for {station}")
    harmless: ClassVar[bool] = True
    fact: ClassVar[bool] = True
    at_once: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True
    applied_beside: ClassVar[bool] = True

    station: Word
    ticket: Word
    kind: TicketKind
    lines: Annotated[tuple[TicketLine, ...], Meta(min_length=1, max_length=10_000)]
    place: Uuid | None = None
    follows: EventId | None = None
    later: Annotated[tuple[TicketLine, ...], Meta(max_length=10_000)] = ()
    again: bool = False

    @property
    @override
    def document(self) -> str:
        series, _dash, count = self.ticket.rpartition("-")
        return f"{series}-{self.station}#{count}"


class KitchenTold(OrderEvent, frozen=True):
    """The head of a ticket: the allergies, preferences and note of the order, as its station got them.

    `ticket` is the event of the ticket, in the order that its lines came from if they moved.
    """

    beside: ClassVar[bool] = True
    called: ClassVar[str] = N_("Told the kitchen: {words}")
    harmless: ClassVar[bool] = True
    fact: ClassVar[bool] = True
    of_acts: ClassVar[bool] = True

    ticket: EventId
    words: Private = ""


class OrderHanded(OrderEvent, frozen=True):
    """The server handed an order to a till that does not hold it, to send it to the kitchen.

    `again` is true if another till was handed it before, and stayed silent.
    """

    beside: ClassVar[bool] = True
    by_server: ClassVar[bool] = True
    called: ClassVar[str] = N_("Till {till} sends it to the kitchen")
    harmless: ClassVar[bool] = True

    till: TillNumber
    again: bool = False
