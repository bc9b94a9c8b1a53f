"""Invariants of the kitchen: the tickets of its stations are those of what the orders hold, and are numbered."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise
from typing import TYPE_CHECKING

from tests.simulation.violation import hold
from till.domain.events.envelope import SERVER
from till.domain.kitchen.events import LinesSent
from till.domain.order.tickets import head_text, held_pieces
from till.register.kitchen import pieces_sent

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.simulation.log import Log
    from tests.simulation.world import World
    from till.domain.events.envelope import Event
    from till.domain.kitchen.stations import Kitchen
    from till.domain.order.line import Send
    from till.domain.order.state import Order


def unlike_tickets(kitchen: Kitchen, events: Iterable[Event], orders: Iterable[Order], older: int | None) -> list[str]:
    """Return the differences between the pieces on the tickets of each station and those that the orders hold.

    An ended order holds what it was sent, and one of a program nothing before a till opens it. No saved line of an open
    order differs from its tickets but by what is held, or at a till that writes none. Lines of which two tills sent a
    void, since one was away, are left out of the sums: they add up to less than nothing.
    """
    made: Counter[tuple[str, str]] = Counter()
    voiders: defaultdict[str, set[int]] = defaultdict(set)
    for event in events:
        if isinstance(event.data, LinesSent) and event.data.follows is None:
            for ticket in event.data.lines:
                made[event.data.station, ticket.item_id] += ticket.pieces
                if ticket.pieces < 0:
                    voiders[ticket.line_id].add(event.till)
    found, held, void_twice = list[str](), Counter[tuple[str, str]](), set[str]()
    for order in orders:
        is_unopened = order.submitted is not None and order.holder == SERVER and not pieces_sent(order)
        is_as_sent = order.is_over or order.holder == older or is_unopened
        waits = held_pieces(order, kitchen)
        sold = _sold(order)
        for line in order.lines.values():
            if len(voiders[line.id]) > 1:
                void_twice.add(line.item_id)
            is_here = not line.moved or line.id in sold
            if is_here and (station := kitchen.station_of(line.item_id)) and (line.is_sent or order.is_over):
                wanted = max(0, line.quantity) - waits.get(line.id, 0)
                held[station, line.item_id] += line.pieces_sent if is_as_sent else wanted
                if not is_as_sent and line.pieces_sent != wanted:
                    what = f"line {line.id} of {order.id} at till {order.holder}"
                    found.append(f"{what}: {line.pieces_sent} on tickets, {wanted} wanted")
    unlike = (key for key in made | held if made[key] != held[key] and key[1] not in void_twice)
    return [*found, *(f"{key}: {made[key]} on tickets, {held[key]} in orders" for key in unlike)]


def _sold(order: Order) -> frozenset[str]:
    """Return the lines that sales of an order list, also those that the server had moved away."""
    return frozenset[str]().union(*(placed.covered for placed in order.placings))


def stations_make_what_orders_hold(world: World, log: Log) -> None:
    """The pieces that the tickets of a station say to make, less what they void, are those that the orders hold."""
    if world.plan.has_stations:
        kitchen = world.machines[0].register.reference.kitchen
        what = unlike_tickets(kitchen, log.events, log.orders.values(), world.plan.older)
        hold("stations make what orders hold", holds=not what, what=what)


def stations_know_the_words(world: World, log: Log) -> None:
    """The last ticket of the pieces of an open order that a till holds has its allergies, preferences and note.

    No till tells a station of a line twice what its last ticket there says. A till that writes no tickets is left out.
    """
    if not world.plan.has_stations or log.server.lost or log.aside:
        return
    kitchen = world.machines[0].register.reference.kitchen
    for order in log.orders.values():
        words, till = head_text(order, kitchen), order.holder
        hears = not order.is_over and till not in {SERVER, world.plan.older}
        for line in order.lines.values():
            sends = line.sends
            if hears and line.quantity > 0 and line.pieces_sent > 0 and not line.moved:
                what = f"line {line.id} of {order.id} at till {till}: {sends[-1].head!r}, not {words!r}"
                hold("stations know the words", holds=sends[-1].head == words, what=what)
            for last, one in pairwise(sends):
                is_same = one.pieces == 0 and one[4:] == last[4:] and _series(one) == _series(last) and one.ticket
                what = f"ticket {one.ticket} of line {line.id} of {order.id}: {one.head!r} again"
                hold("stations know the words", holds=not is_same, what=what)


def _series(send: Send) -> str:
    return send.ticket.rpartition("-")[0]


def the_report_lists_what_nobody_paid(world: World, log: Log) -> None:
    """The pieces of ended orders that were sent, and neither voided nor sold, are in the report, and no others."""
    if not world.plan.has_stations:
        return
    left, paid = Counter[str](), Counter[str]()
    for record in log.sales:
        paid.update(log.recount.sold(record))
    for order in log.orders.values():
        sold = _sold(order)
        for line in order.lines.values() if order.is_over else ():
            if not line.moved or line.id in sold:
                left[line.name] += max(0, line.pieces_sent - paid[line.id])
    query = """
        SELECT c.item, sum(c.unpaid)::int FROM generate_series(date '2031-03-01', date '2031-03-06', '1 day') AS d
        CROSS JOIN LATERAL cold.cooked_on(%s, d::date) AS c GROUP BY 1 HAVING sum(c.unpaid) <> 0"""
    listed = dict(log.server.rows(query, log.server.store))
    hold("the report lists what nobody paid", holds=listed == +left, what=(listed, +left))


def tickets_are_numbered(world: World, log: Log) -> None:
    """Each till counts its tickets of each station without a gap, and gives no number twice.

    An older copy of a journal that was restored counts again from there.
    """
    if any(machine.was_put_back for machine in world.machines):
        return
    counted: defaultdict[tuple[str, str], list[int]] = defaultdict(list)
    for event in log.events:
        if isinstance(event.data, LinesSent) and event.data.follows is None:
            series, _dash, count = event.data.ticket.rpartition("-")
            counted[series, event.data.station].append(int(count))
    for of, numbers in counted.items():
        hold("tickets are numbered", holds=sorted(numbers) == [*range(1, len(numbers) + 1)], what=(of, numbers))
