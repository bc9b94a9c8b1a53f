"""The board of a kitchen screen: which tickets are to make, by what the server lists and what was done here. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.events.envelope import read_time
from till.domain.kitchen.head import TicketHead
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
    from datetime import datetime


class BoardLine(Struct, frozen=True):
    """A line of a ticket on a board (docs/protocol.md, “Kitchen screens”). `name` is empty for an item of the menu.

    `came` is the number of pieces that moved here from another order, `order_type` that of the line at the ticket.
    """

    line: str
    pieces: int
    item: str
    name: str = ""
    choices: tuple[str, ...] = ()
    note: str = ""
    course: int | None = None
    came: int = 0
    order_type: str = ""


class BoardTicket(Struct, frozen=True):
    """A ticket on the board of the station `at`.

    Attributes:
        event: the id of its `lines_sent`.
        session: the order.
        station: the station that makes it; another one than `at` on the board of the pass.
        ticket: its number.
        done: True if it is on no board asked for.
        place: the name of the tab that the order is on now; empty for an order on none.
        was: the name of the tab that it was on then, if that is another one; otherwise empty.
        called: the number by which the guest is called; empty for none.
        of: the number of the ticket that a void or a change concerns; None for none.
        later: the lines of the order that were held.
        arrived_at: the time at which the server got it, by which boards are sorted; empty if the server did not say.
        revoked: the number of its till, if that was revoked since; otherwise None.
        left_out: the number of its lines that the server did not list.
        orders: the orders that have its pieces now.
        head: their allergies, preferences and notes.
    """

    event: str
    session: str
    at: str
    station: str
    ticket: str
    kind: str
    sent_at: str
    lines: tuple[BoardLine, ...]
    done: bool = False
    who: str = ""
    order_type: str = ""
    place: str = ""
    was: str = ""
    called: str = ""
    of: str | None = None
    later: tuple[BoardLine, ...] = ()
    arrived_at: str = ""
    revoked: int | None = None
    left_out: int = 0
    orders: tuple[str, ...] = ()
    head: TicketHead = TicketHead()

    @property
    def place_in_line(self) -> tuple[str, str]:
        """The sort key on a board: tickets go by arrival, whatever the clock of their till says."""
        return self.arrived_at or self.sent_at, self.event

    @property
    def ref(self) -> tuple[str, str]:
        """The ticket and the board that it is on."""
        return self.event, self.at

    @property
    def is_void(self) -> bool:
        """True if its pieces are not to be made."""
        return self.kind == "void"


class TicketBoard(Struct, frozen=True):
    """The tickets of the boards that were asked for. `waiting` is the number of all; `now` is the server's time."""

    boards: tuple[str, ...] = ()
    tickets: tuple[BoardTicket, ...] = ()
    waiting: int = 0
    now: str = ""


class CardLine(Struct, frozen=True):
    """A dish on a card: its pieces, 0 if their number stays.

    Attributes:
        voided_at: the time of the void, of pieces that are not to be made; otherwise empty.
        held: True if the pieces are not to be made yet.
        moved: True if the pieces came from another order, where they were sent already.
        order_type: its own order type, if that is another one than its order's; otherwise empty.
        contents: the words for what it contains of the allergies of its order; empty for nothing to say.
    """

    pieces: int
    name: str
    choices: tuple[str, ...] = ()
    note: str = ""
    course: int | None = None
    voided_at: str = ""
    held: bool = False
    moved: bool = False
    order_type: str = ""
    contents: str = ""

    @property
    def is_to_make(self) -> bool:
        """True if its pieces are to be made now."""
        return self.pieces > 0 and not (self.voided_at or self.held or self.moved)


class TicketCard(Struct, frozen=True):
    """A unit of work: a ticket, or all tickets of an order on the board of the pass."""

    tickets: tuple[BoardTicket, ...]
    lines: tuple[CardLine, ...]
    done: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """The identity of the card, also after more tickets of its order came."""
        return self.tickets[0].ref

    @property
    def first(self) -> BoardTicket:
        """The oldest ticket."""
        return self.tickets[0]

    @property
    def sent_at(self) -> datetime:
        """The time since which it waits."""
        return read_time(self.first.sent_at)

    @property
    def kind(self) -> str:
        """The kind of its first ticket; a void if nothing else is left of it."""
        return "void" if self.lines and all(line.voided_at for line in self.lines) else self.first.kind

    @property
    def head(self) -> TicketHead:
        """Return the allergies, preferences and notes of the orders of its tickets."""
        return TicketHead.of_all(one.head for one in self.tickets)

    @property
    def was(self) -> str:
        """The place from which its order moved since; empty for none."""
        return next((one.was for one in self.tickets if one.was), "")

    @property
    def left_out(self) -> int:
        """The number of lines that are not listed."""
        return sum(one.left_out for one in self.tickets)

    @property
    def course(self) -> int | None:
        """The course of all its lines; None if they have several or none."""
        courses = {line.course for one in self.tickets for line in one.lines}
        return courses.pop() if len(courses) == 1 else None


def cards_of(
    tickets: Iterable[BoardTicket],
    done: Collection[tuple[str, str]],
    passes: Collection[str],
    name_of: Callable[[str], str],
    contents_of: Callable[[Sequence[str], str, Sequence[str]], str] = lambda _allergies, _item, _choices: "",
) -> list[TicketCard]:
    """Return the cards of a board, the oldest first. A void is on the card of its pieces while that is there.

    Args:
        tickets: those that wait, and the voids that do not.
        done: those that were done just now, which keep their place.
        passes: the boards whose cards are whole orders.
        name_of: returns the name of an item of the menu; empty for one that it no longer has.
        contents_of: returns the words for what a dish contains, of allergies, an item and its choices.
    """
    tickets = sorted(tickets, key=lambda one: one.place_in_line)
    voided = _voided(tickets)
    sent = {line.line for one in tickets for line in one.lines}
    waiting = {one.ref: one for one in tickets if not one.done or one.ref in done}
    homes = {
        void.ref: one.ref for one in waiting.values() for gone in voided[one.ref].values() for void, _pieces in gone
    }
    numbered = {(one.ticket, one.station, one.at): one for one in waiting.values()}

    def place(one: BoardTicket) -> tuple[tuple[str, str], tuple[str, str]]:
        after = waiting.get(homes.get(one.ref, one.ref)) or numbered.get((one.of or "", one.station, one.at), one)
        return after.place_in_line, one.place_in_line

    groups: dict[object, list[BoardTicket]] = {}
    for one in sorted(waiting.values(), key=place):
        home = waiting[homes.get(one.ref, one.ref)]
        key = (home.session, home.at, home.ref in done) if home.at in passes else home.ref
        groups.setdefault(key, []).append(one)
    return [
        TicketCard(
            tuple(own),
            (
                *(line for one in own for line in _lines(one, voided, name_of, contents_of)),
                *(
                    CardLine(line.pieces, name_of(line.item), course=line.course, held=True)
                    for one in own
                    for line in one.later
                    if line.line not in sent
                ),
            ),
            all(one.ref in done for one in own),
        )
        for own in groups.values()
    ]


#: The voids of each line of a ticket, by its place, with the pieces that each takes.
_Voids = dict[int, list[tuple[BoardTicket, int]]]


def _voided(tickets: Iterable[BoardTicket]) -> defaultdict[tuple[str, str], _Voids]:
    """Return the voids of each ticket, the newest tickets first. A void has the pieces that no ticket here has."""
    found: defaultdict[tuple[str, str], _Voids] = defaultdict(dict)
    by_line: defaultdict[tuple[str, str, str], list[tuple[BoardTicket, int, int]]] = defaultdict(list)
    for one in tickets:
        for place, line in enumerate(one.lines):
            known = by_line[line.line, one.station, one.at]
            if not one.is_void:
                known.append((one, place, line.pieces))
                continue
            left = -line.pieces
            for before, at, pieces in reversed([each for each in known if each[0].event < one.event]):
                voids = found[before.ref].setdefault(at, [])
                taken = max(0, min(left, pieces - sum(gone for _void, gone in voids)))
                if taken:
                    voids.append((one, taken))
                left -= taken
            if left > 0:
                found[one.ref][place] = [(one, left)]
    return found


def _lines(
    ticket: BoardTicket,
    voided: Mapping[tuple[str, str], _Voids],
    name_of: Callable[[str], str],
    contents_of: Callable[[Sequence[str], str, Sequence[str]], str],
) -> Iterator[CardLine]:
    """Yield the lines of a ticket: what is still to be made, and what is not."""
    voids = voided.get(ticket.ref, {})
    for place, line in enumerate(ticket.lines):
        shown = CardLine(
            line.came or line.pieces, name_of(line.item) or line.name, line.choices, line.note, line.course
        )
        contents = contents_of(ticket.head.allergies, line.item, line.choices)
        if line.order_type != ticket.order_type:
            shown = replace(shown, order_type=line.order_type)
        gone = voids.get(place, [])
        left = line.pieces - sum(pieces for _void, pieces in gone)
        if not ticket.is_void and (left > 0 or not gone):
            yield replace(shown, pieces=line.came or left, moved=line.came > 0, contents=contents)
        for void, pieces in gone:
            yield replace(shown, pieces=pieces, voided_at=void.sent_at)


def pieces_to_make(cards: Iterable[TicketCard]) -> list[tuple[str, int]]:
    """Return the pieces of each dish that are still to be made, the most first."""
    count: Counter[str] = Counter()
    for card in cards:
        for line in () if card.done else card.lines:
            if line.is_to_make:
                count[line.name] += line.pieces
    return count.most_common()
