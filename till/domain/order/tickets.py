"""The kitchen tickets that an order needs: what it holds, less what was sent. A pure function of its events.

Whatever wrote the events, it is asked again: so no till compares copies, and what a station has on its tickets follows
the pieces. What left by a move, with a sale elsewhere or onto a copy is no void: its tickets are in the other order.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final

from till.domain.events.fields import LONGEST_FREE
from till.domain.kitchen.events import KitchenTold, LinesSent, TicketLine
from till.domain.order.guest_words import head_of, seen_in_kitchen
from till.domain.order.preferences import ALLERGY
from till.domain.order.state import Status
from till.domain.structs import replace
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from till.domain.kitchen.events import TicketKind
    from till.domain.kitchen.stations import Kitchen
    from till.domain.order.line import Line
    from till.domain.order.state import Order


#: The kinds of tickets in the order in which a station reads them: what it is to stop comes first.
_KINDS: Final[tuple[TicketKind, ...]] = ("void", "changed", "moved", "new", "more")


def station_of(line: Line, kitchen: Kitchen) -> str:
    """Return the station of a line: the one whose tickets have it, or else the one of its item; empty for none."""
    sends = as_known(line, kitchen).sends
    return sends[-1].station if sends else kitchen.station_of(line.item_id)


def as_known(line: Line, kitchen: Kitchen) -> Line:
    """Return a line with its tickets for stations that exist: what was sent to no station is still due."""
    if all(one.station in kitchen.names for one in line.sends):
        return line
    return replace(line, sends=tuple(one for one in line.sends if one.station in kitchen.names))


def held_pieces(order: Order, kitchen: Kitchen) -> dict[str, int]:
    """Return the pieces of each line that no station gets before their course is fired.

    Courses are held from the second on, and only on a tab. A line keyed after its course was fired is not held.
    """
    is_on = kitchen.holds if order.holds is None else order.holds
    if not is_on or not kitchen.stations or order.tab_sold_on is None or order.is_over:
        return {}
    fired = {line.course for line in order.lines.values() if line.fired_at and line.id not in order.came_from}
    return {
        line.id: left
        for line in order.lines.values()
        if (line.course or 0) > 1 and line.fired_at is None
        if line.course not in fired or line.id in order.came_from
        if (left := line.quantity - as_known(line, kitchen).pieces_sent) > 0
        and station_of(line, kitchen) in kitchen.names
    }


def last_course(order: Order) -> int | None:
    """Return the course of the newest ticket that asked for pieces; None for several or none."""
    sent = [(one.event, line.course) for line in order.lines.values() for one in line.sends if one.pieces > 0]
    newest = max((event for event, _course in sent), default="")
    courses = {course for event, course in sent if event == newest}
    return courses.pop() if len(courses) == 1 else None


def as_ticketed(order: Order, kitchen: Kitchen) -> Order:
    """Return an order on which the lines of a station are sent only if a ticket names them, for the right to void."""
    free = {
        line.id: replace(line, sent=False)
        for line in order.lines.values()
        if line.sent and not line.pieces_sent and station_of(line, kitchen) in kitchen.names
    }
    return replace(order, lines={**order.lines, **free}) if free else order


def tickets_due(order: Order, kitchen: Kitchen, *, saves: bool) -> list[LinesSent]:
    """Return the tickets that an order needs now, by station and without their numbers.

    Args:
        order: the order.
        kitchen: the stations.
        saves: True if the order is sent or paid: what is neither saved nor sent yet goes too.
    """
    is_saved = order.tab is not None or order.submitted is not None
    if not saves and not is_saved and not any(line.sends or line.fired_at for line in order.lines.values()):
        return []  # at each key of a counter's order
    found: list[LinesSent] = []
    place = order.tab_sold_on.id if order.tab_sold_on is not None else None
    held, head = held_pieces(order, kitchen), head_text(order, kitchen)
    for station, lines in _by_station(order, kitchen).items():
        has_tickets = any(line.pieces_sent > 0 for line in lines)
        parts: defaultdict[TicketKind, list[TicketLine]] = defaultdict(list)
        for line in lines:
            for kind, pieces in _differences(order, line, place, held.get(line.id, 0)):
                if kind != "more" or saves or line.sent or line.fired_at is not None:
                    written: TicketKind = "new" if kind == "more" and not has_tickets else kind
                    parts[written].append(_ticket_line(line, kind, pieces, kitchen))
        named = {raw.line_id for kind in ("new", "more", "changed") for raw in parts[kind]}
        parts["changed"] += [
            _ticket_line(line, "changed", 0, kitchen)
            for line in lines
            if min(_wanted(order, line), line.pieces_sent) > 0 and line.id not in named and line.sends[-1].head != head
        ]
        behind = tuple(_ticket_line(line, "more", held[line.id], kitchen) for line in lines if line.id in held)
        found += [
            LinesSent(
                station=station,
                ticket="",
                kind=kind,
                lines=tuple(parts[kind]),
                place=place,
                later=behind if kind == "new" and station in kitchen.with_later else (),
            )
            for kind in _KINDS
            if parts[kind]
        ]
    return found


def head_text(order: Order, kitchen: Kitchen) -> str:
    """Return the words of the head that a ticket has now, in no language, for its `kitchen_told`."""
    head = seen_in_kitchen(head_of(order), kitchen.preferences)
    words = (*((ALLERGY, one) for one in head.allergies), *head.preferences, *(("note", one) for one in head.notes))
    return clean("; ".join(f"{name}: {value}" for name, value in words))[:LONGEST_FREE]


def _by_station(order: Order, kitchen: Kitchen) -> dict[str, list[Line]]:
    """Return the lines of an order by the station that makes them; those that left are in another order."""
    found: dict[str, list[Line]] = {}
    for line in order.lines.values():
        if not line.moved and (station := station_of(line, kitchen)) in kitchen.names:
            found.setdefault(station, []).append(as_known(line, kitchen))
    return found


def _differences(order: Order, line: Line, place: str | None, held: int) -> Iterator[tuple[TicketKind, int]]:
    """Yield the kinds of tickets that a line needs, with the pieces; `held` are those that wait."""
    wanted, sent = _wanted(order, line) - held, line.pieces_sent
    if wanted < sent:
        yield "void", wanted - sent
    if wanted > sent:
        yield "more", wanted - sent
    if min(wanted, sent) > 0:
        last = line.sends[-1]
        if _dish_of(line) != (last.item_id, last.choices, last.note):
            yield "changed", 0
        if place != last.place and last.ticket:  # a copy of an order has no ticket of its own yet
            yield "moved", 0


def _wanted(order: Order, line: Line) -> int:
    """Return the pieces of a line that are to be made: none of a return, nor of a line that was cleared."""
    is_cleared = order.status is Status.DISCARDED and order.discarded is not None and line.id in order.discarded
    return 0 if is_cleared else max(0, line.quantity)


def _dish_of(line: Line) -> tuple[str, tuple[str, ...], str | None]:
    """Return the item of a line, the names of its modifiers, and the event of its note."""
    return line.item_id, tuple(one.name for one in line.modifiers), line.noted.event if line.noted is not None else None


def _ticket_line(line: Line, kind: TicketKind, pieces: int, kitchen: Kitchen) -> TicketLine:
    """Return the line of a ticket. A void names the dish as the station knows it."""
    if kind == "void":
        return _as_sent(line, pieces)
    item_id, choices, note = _dish_of(line)
    return TicketLine(
        line_id=line.id,
        pieces=pieces,
        item_id=item_id,
        choices=choices,
        note=note,
        menu=kitchen.menu.version,
        course=line.course,
    )


def _as_sent(line: Line, pieces: int) -> TicketLine:
    last = line.sends[-1]
    return TicketLine(
        line_id=line.id,
        pieces=pieces,
        item_id=last.item_id,
        choices=last.choices,
        note=last.note,
        course=line.course,
    )


def carried(lines: Iterable[Line]) -> list[LinesSent | KitchenTold]:
    """Return the tickets of lines that move, with their heads, as events of the order that gets them."""
    groups: dict[tuple[str, str, str, str | None, str], list[Line]] = {}
    for line in lines:
        if line.pieces_sent:
            last = line.sends[-1]
            groups.setdefault((last.event, last.station, last.ticket, last.place, last.head), []).append(line)
    found: list[LinesSent | KitchenTold] = []
    for (event, station, ticket, place, head), own in groups.items():
        sent = tuple(_as_sent(line, line.pieces_sent) for line in own)
        found.append(LinesSent(station=station, ticket=ticket, kind="more", lines=sent, place=place, follows=event))
        if head:
            found.append(KitchenTold(ticket=event, words=head))
    return found
