"""The board of a kitchen screen: which tickets are to make, by what the server lists and what was done here. Pure."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.events.envelope import read_time
from till.domain.structs import replace

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from datetime import datetime


class BoardLine(Struct, frozen=True):
    """A line of a ticket on a board (docs/protocol.md, “Kitchen screens”). `name` is empty for an item of the menu."""

    line: str
    pieces: int
    item: str
    name: str = ""
    choices: tuple[str, ...] = ()
    note: str = ""
    course: int | None = None


class BoardTicket(Struct, frozen=True):
    """A ticket on the board of the station `at`.

    Attributes:
        event: the id of its `lines_sent`.
        session: the order.
        station: the station that makes it; another one than `at` on the board of the pass.
        ticket: its number.
        done: True if it is on no board asked for.
        place: the name of the tab; empty for an order on none.
        called: the number by which the guest is called; empty for none.
        of: the number of the ticket that a void or a change concerns; None for none.
        later: the lines of the order that were held.
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
    called: str = ""
    of: str | None = None
    later: tuple[BoardLine, ...] = ()

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
    """A dish on a card: its pieces, 0 if their number stays. A `struck` one is not to be made, a `held` one not yet."""

    pieces: int
    name: str
    choices: tuple[str, ...] = ()
    note: str = ""
    struck: bool = False
    held: bool = False


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
    def course(self) -> int | None:
        """The course of all its lines; None if they have several or none."""
        courses = {line.course for one in self.tickets for line in one.lines}
        return courses.pop() if len(courses) == 1 else None


def cards_of(
    tickets: Iterable[BoardTicket],
    done: Collection[tuple[str, str]],
    passes: Collection[str],
    name_of: Callable[[str], str],
) -> list[TicketCard]:
    """Return the cards of a board, the oldest first, a void after the ticket that it concerns.

    Args:
        tickets: those that wait, and the voids that do not.
        done: those that were done just now, which keep their place.
        passes: the boards whose cards are whole orders.
        name_of: returns the name of an item of the menu; empty for one that it no longer has.
    """
    tickets = sorted(tickets, key=lambda one: (one.sent_at, one.event))
    voided = _voided(tickets)
    sent = {line.line for one in tickets for line in one.lines}
    waiting = [one for one in tickets if not one.done or one.ref in done]
    numbered = {(one.ticket, one.station, one.at): one for one in waiting}

    def place(one: BoardTicket) -> tuple[str, str, str, str]:
        after = numbered.get((one.of or "", one.station, one.at), one)
        return after.sent_at, after.event, one.sent_at, one.event

    groups: dict[object, list[BoardTicket]] = {}
    for one in sorted(waiting, key=place):
        key = (one.session, one.at, one.ref in done) if one.at in passes else one.ref
        groups.setdefault(key, []).append(one)
    return [
        TicketCard(
            tuple(own),
            (
                *(line for one in own for line in _lines(one, voided, name_of)),
                *(
                    CardLine(line.pieces, name_of(line.item), held=True)
                    for one in own
                    for line in one.later
                    if line.line not in sent
                ),
            ),
            all(one.ref in done for one in own),
        )
        for own in groups.values()
    ]


def _voided(tickets: Iterable[BoardTicket]) -> dict[tuple[str, int], int]:
    """Return the pieces of each line of a ticket, by its event and place, that later tickets void; the newest first."""
    found: dict[tuple[str, int], int] = {}
    tickets = list(tickets)
    for void in (one for one in tickets if one.is_void):
        for gone in void.lines:
            left = -gone.pieces
            for one in reversed(tickets):
                for place, line in enumerate(one.lines):
                    if one.event < void.event and (line.line, one.station, one.at) == (
                        gone.line,
                        void.station,
                        void.at,
                    ):
                        taken = max(0, min(left, line.pieces - found.get((one.event, place), 0)))
                        found[one.event, place] = found.get((one.event, place), 0) + taken
                        left -= taken
    return found


def _lines(
    ticket: BoardTicket, voided: Mapping[tuple[str, int], int], name_of: Callable[[str], str]
) -> Iterator[CardLine]:
    """Yield the lines of a ticket: what is still to be made, and what is not."""
    for place, line in enumerate(ticket.lines):
        shown = CardLine(line.pieces, name_of(line.item) or line.name, line.choices, line.note)
        gone = -line.pieces if ticket.is_void else voided.get((ticket.event, place), 0)
        if not ticket.is_void and (line.pieces > gone or not gone):
            yield replace(shown, pieces=line.pieces - gone)
        if gone:
            yield replace(shown, pieces=gone, struck=True)


def pieces_to_make(cards: Iterable[TicketCard]) -> list[tuple[str, int]]:
    """Return the pieces of each dish that are still to be made, the most first."""
    count: Counter[str] = Counter()
    for card in cards:
        for line in () if card.done else card.lines:
            if line.pieces > 0 and not line.struck and not line.held:
                count[line.name] += line.pieces
    return count.most_common()
