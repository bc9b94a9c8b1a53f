"""Kitchen tickets: whatever happens to an order, a station's tickets add up to what the orders hold."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.making import INR, MENU, SESSION, Hand, uid
from till.domain.catalogue.menu import Category
from till.domain.events.envelope import Draft
from till.domain.kitchen.stations import Kitchen, Station
from till.domain.order.events import (
    ChangeUndone,
    CourseFired,
    CoursesHeld,
    ItemAdded,
    LineModifier,
    LineNoted,
    LineSeated,
    LineVoided,
    ModifiersSet,
    OrderDiscarded,
    QuantityChanged,
    TabAssigned,
)
from till.domain.order.facts import moved_facts
from till.domain.order.moving import carry_lines, cut, move_away
from till.domain.order.selling import open_order
from till.domain.order.state import Status
from till.domain.order.tickets import as_ticketed, held_pieces, tickets_due
from till.domain.structs import replace

if TYPE_CHECKING:
    from till.domain.events.registry import EventData
    from till.domain.kitchen.events import LinesSent
    from till.domain.order.line import Line
    from till.domain.order.state import Order

OTHER = uid("other")
KITCHEN = Kitchen(
    (Station(name="Grill", categories=("breakfast",), later=True), Station(name="Bar", items=("cup",))),
    replace(MENU, version=7, categories=(Category("breakfast", "Breakfast", 1),)),
)
DISHES = {"idly": "Grill", "dosa": "Grill", "cup": "Bar", "water": ""}


class Pass:
    """Two orders of one till and their tickets; each station adds up what it reads."""

    def __init__(self) -> None:
        self.hand = Hand()
        self.orders: dict[str, Order] = {}
        self.tickets: list[LinesSent] = []
        self.made: Counter[tuple[str, str]] = Counter()
        self.lines = 0
        self.undoable: list[tuple[str, str]] = []
        for session_id in (SESSION, OTHER):
            self.orders[session_id] = self.hand.take(None, [open_order(session_id, 1, INR, "take_away")])

    def write(self, session_id: str, *events: EventData | Draft) -> None:
        """Write events of an order."""
        drafts = [one if isinstance(one, Draft) else Draft(one, session_id) for one in events]
        for draft in drafts:
            self.orders[draft.stream_id] = self.hand.take(self.orders[draft.stream_id], [draft])

    def add(self, session_id: str, item: str, pieces: int, course: int | None = None) -> str:
        """Key a line."""
        self.lines += 1
        line_id = uid(f"line {self.lines}")
        self.write(
            session_id,
            ItemAdded(
                line_id=line_id, item_id=item, item_name=item, quantity=pieces, price="1.00", taxes=(), course=course
            ),
        )
        return line_id

    def send(self, session_id: str, *, saves: bool) -> list[LinesSent]:
        """Write the tickets that are due."""
        due = tickets_due(self.orders[session_id], KITCHEN, saves=saves)
        written = [replace(one, ticket=f"1-{len(self.tickets) + place}") for place, one in enumerate(due, start=1)]
        for ticket in written:
            for line in ticket.lines:
                self.made[ticket.station, line.item_id] += line.pieces
        self.write(session_id, *written)
        self.tickets += written
        return written

    def waiting(self) -> Counter[tuple[str, str]]:
        """Return the pieces that wait for their course."""
        found: Counter[tuple[str, str]] = Counter()
        for order in self.orders.values():
            for line_id, pieces in held_pieces(order, KITCHEN).items():
                line = order.lines[line_id]
                assert (line.course or 0) > 1
                assert order.holds
                assert order.tab is not None
                found[DISHES[line.item_id], line.item_id] += pieces
        return found

    def held(self) -> Counter[tuple[str, str]]:
        """Return the pieces that the stations should make, as a person counts them on the open orders."""
        found: Counter[tuple[str, str]] = Counter()
        for order in self.orders.values():
            for line in order.lines.values():
                if order.discarded is None and DISHES[line.item_id] and line.quantity > 0:
                    found[DISHES[line.item_id], line.item_id] += line.quantity
        return found


def tab(name: str) -> TabAssigned:
    return TabAssigned(tab_id=uid(name), name=name)


class Acts:
    """The acts of a play: each on an order of the pass, and on a line of it."""

    def __init__(self, play: Pass) -> None:
        self.play = play

    def take(self, session_id: str, line: Line, pieces: int) -> None:
        taken = QuantityChanged(line_id=line.id, taken_off=min(pieces, line.quantity))
        self.undoable(session_id, taken)

    def void(self, session_id: str, line: Line, _pieces: int) -> None:
        self.undoable(session_id, LineVoided(line_id=line.id, reason="dropped"))

    def undoable(self, session_id: str, data: EventData) -> None:
        self.play.write(session_id, data)
        self.play.undoable.append((session_id, self.play.orders[session_id].last_id))

    def undo(self, _session_id: str, _line: Line, _pieces: int) -> None:
        if self.play.undoable:
            session_id, event = self.play.undoable.pop()
            if not self.play.orders[session_id].is_over:
                self.play.write(session_id, ChangeUndone(event=event))

    def note(self, session_id: str, line: Line, pieces: int) -> None:
        self.play.write(session_id, LineNoted(line_id=line.id, note=f"note {pieces}"))

    def choose(self, session_id: str, line: Line, pieces: int) -> None:
        extra = LineModifier(name=f"extra {pieces}", price="0")
        self.play.write(session_id, ModifiersSet(line_id=line.id, modifiers=(extra,)))

    def cut(self, session_id: str, line: Line, pieces: int) -> None:
        """Cut pieces off, which no station is to notice."""
        if pieces < line.quantity:
            self.play.send(session_id, saves=True)
            self.play.lines += 1
            new = {line.id: uid(f"line {self.play.lines}")}
            self.play.write(session_id, *cut(self.play.orders[session_id], {line.id: pieces}, new))
            assert self.play.send(session_id, saves=True) == []

    def move(self, session_id: str, line: Line, _pieces: int) -> None:
        """Move a line to the other order, of which a station notices the other place at most."""
        into = OTHER if session_id == SESSION else SESSION
        if self.play.orders[into].is_over:
            return
        self.play.send(session_id, saves=True)
        order, waits = self.play.orders[session_id], held_pieces(self.play.orders[session_id], KITCHEN)
        self.play.write(into, *moved_facts(order, self.play.orders[into]))
        self.play.write(session_id, *carry_lines(order, into, [line.id]), move_away(order, into, [line.id]))
        self.play.undoable.clear()  # an act on a line that left is undone where it is
        assert self.play.send(session_id, saves=True) == []
        due = self.play.send(into, saves=False)
        if self.play.orders[into].holds or line.id not in waits:  # the other order may say that nothing is held
            assert {one.kind for one in due} <= {"moved"}

    def tab(self, session_id: str, _line: Line, pieces: int) -> None:
        self.play.write(session_id, tab(f"table {pieces}"))
        self.play.send(session_id, saves=True)

    def hold(self, session_id: str, _line: Line, pieces: int) -> None:
        self.play.write(session_id, CoursesHeld(held=pieces > 1))

    def fire(self, session_id: str, line: Line, _pieces: int) -> None:
        self.undoable(session_id, CourseFired(line_id=line.id))

    def course(self, session_id: str, line: Line, pieces: int) -> None:
        self.undoable(session_id, LineSeated(line_id=line.id, course=pieces))

    def clear(self, session_id: str, _line: Line, pieces: int) -> None:
        if pieces == 1:
            everything = tuple(self.play.orders[session_id].lines)
            self.play.write(session_id, OrderDiscarded(line_ids=everything, reason="left"))


ON_LINES = ("take", "void", "undo", "note", "choose", "cut", "move", "tab", "hold", "fire", "course", "clear")
ACTS = st.lists(
    st.tuples(st.sampled_from(["add", "add", *ON_LINES]), st.integers(0, 7), st.integers(1, 4), st.booleans()),
    min_size=3,
    max_size=14,
)


@given(ACTS)
@settings(max_examples=300)
def test_tickets_add_up_to_what_the_orders_hold(acts: list[tuple[str, int, int, bool]]) -> None:
    play = Pass()
    for what, which, pieces, is_other in acts:
        session_id = OTHER if is_other else SESSION
        order = play.orders[session_id]
        lines = [line for line in order.lines.values() if line.quantity > 0]
        if what == "add" and not order.is_over:
            play.add(session_id, [*DISHES][which % len(DISHES)], pieces, which % 4 or None)
        elif lines and not order.is_over:
            getattr(Acts(play), what)(session_id, lines[which % len(lines)], pieces)
        for own in play.orders:
            play.send(own, saves=False)
    for session_id in play.orders:
        play.send(session_id, saves=True)
        assert not tickets_due(play.orders[session_id], KITCHEN, saves=True)
    assert +play.made == play.held() - play.waiting()
    assert not -play.made
    for session_id, order in play.orders.items():
        if not order.is_over:
            play.write(session_id, *(CourseFired(line_id=one) for one in held_pieces(order, KITCHEN)))
            play.send(session_id, saves=False)
    assert +play.made == play.held()


def test_a_table_from_its_first_ticket_to_another_table() -> None:
    play = Pass()
    idly = play.add(SESSION, "idly", 2)
    play.add(SESSION, "water", 1)
    assert play.send(SESSION, saves=False) == []
    play.write(SESSION, tab("table 5"))
    play.send(SESSION, saves=True)
    play.add(SESSION, "dosa", 1)
    play.write(SESSION, LineNoted(line_id=idly, note="no onion"))
    play.send(SESSION, saves=False)
    play.write(SESSION, QuantityChanged(line_id=idly, taken_off=1))
    play.send(SESSION, saves=True)
    play.write(SESSION, tab("table 6"))
    play.send(SESSION, saves=True)
    play.write(SESSION, OrderDiscarded(line_ids=tuple(play.orders[SESSION].lines), reason="left"))
    play.send(SESSION, saves=False)
    written = [(one.kind, [(line.item_id, line.pieces) for line in one.lines]) for one in play.tickets]
    assert written == [
        ("new", [("idly", 2)]),
        ("changed", [("idly", 0)]),
        ("void", [("idly", -1)]),
        ("more", [("dosa", 1)]),
        ("moved", [("idly", 0), ("dosa", 0)]),
        ("void", [("idly", -1), ("dosa", -1)]),
    ]
    assert {line.menu for one in play.tickets[:1] for line in one.lines} == {7}
    assert [one.place for one in play.tickets] == [uid("table 5")] * 4 + [uid("table 6")] * 2


@pytest.mark.parametrize("saves", [False, True])
def test_pieces_that_two_tills_void_are_void_once(saves: bool) -> None:
    play = Pass()
    idly = play.add(SESSION, "idly", 2)
    play.send(SESSION, saves=True)
    play.write(SESSION, LineVoided(line_id=idly, reason="dropped"))
    (void,) = play.send(SESSION, saves=saves)
    play.write(SESSION, replace(void, ticket="2-1"))
    assert play.send(SESSION, saves=True) == []
    event = next(one for one in play.orders[SESSION].lines[idly].voids).event
    play.write(SESSION, ChangeUndone(event=event))
    assert [one.kind for one in play.send(SESSION, saves=True)] == ["new"]


def test_a_station_keeps_its_lines_when_the_menu_changes_and_those_of_a_removed_one_are_due() -> None:
    play = Pass()
    idly = play.add(SESSION, "idly", 2)
    play.send(SESSION, saves=True)
    play.write(SESSION, QuantityChanged(line_id=idly, taken_off=1))
    moved = Kitchen((Station(name="Bar", categories=("breakfast",)), Station(name="Grill")), KITCHEN.menu)
    (void,) = tickets_due(play.orders[SESSION], moved, saves=True)
    assert (void.station, void.kind) == ("Grill", "void")
    (new,) = tickets_due(play.orders[SESSION], Kitchen(moved.stations[:1], KITCHEN.menu), saves=True)
    assert (new.station, new.kind, [line.pieces for line in new.lines]) == ("Bar", "new", [1])
    assert tickets_due(play.orders[SESSION], Kitchen((Station(name="Pizza"),), KITCHEN.menu), saves=True) == []


def test_a_dish_that_was_sent_to_no_station_is_still_due() -> None:
    play = Pass()
    idly = play.add(SESSION, "idly", 2)
    (sent,) = tickets_due(play.orders[SESSION], KITCHEN, saves=True)
    play.write(SESSION, replace(sent, station="Nowhere", ticket="9-1"))
    assert [(one.station, one.kind) for one in play.send(SESSION, saves=True)] == [("Grill", "new")]
    play.write(SESSION, replace(sent, station="Nowhere", ticket="9-2"), QuantityChanged(line_id=idly, taken_off=1))
    (void,) = play.send(SESSION, saves=True)
    assert [(void.station, line.pieces) for line in void.lines] == [("Grill", -1)]
    assert play.send(SESSION, saves=True) == []


def test_a_line_that_comes_back_is_not_made_again_nor_void() -> None:
    play = Pass()
    idly = play.add(SESSION, "idly", 2)
    play.send(SESSION, saves=True)
    for here, there in ((SESSION, OTHER), (OTHER, SESSION)):
        order = play.orders[here]
        play.write(here, *carry_lines(order, there, [idly]), move_away(order, there, [idly]))
    assert [play.send(one, saves=True) for one in play.orders] == [[], []]


def test_a_course_waits_on_a_table_until_it_is_fired_or_paid() -> None:
    play = Pass()
    idly, dosa = play.add(SESSION, "idly", 2, 1), play.add(SESSION, "dosa", 1, 2)
    play.write(SESSION, CoursesHeld())
    assert held_pieces(play.orders[SESSION], KITCHEN) == {}
    play.write(SESSION, tab("table 5"))
    (new,) = play.send(SESSION, saves=True)
    assert [(one.line_id, one.pieces, one.course) for one in (*new.lines, *new.later)] == [(idly, 2, 1), (dosa, 1, 2)]
    assert play.send(SESSION, saves=True) == []
    assert not as_ticketed(play.orders[SESSION], KITCHEN).lines[dosa].is_sent
    assert as_ticketed(play.orders[SESSION], KITCHEN).lines[idly].is_sent
    play.write(SESSION, CourseFired(line_id=dosa))
    (more,) = play.send(SESSION, saves=False)
    assert (more.kind, [one.line_id for one in more.lines], more.later) == ("more", [dosa], ())
    second = play.add(SESSION, "dosa", 1, 2)
    third = play.add(SESSION, "dosa", 1, 3)
    (more,) = play.send(SESSION, saves=True)
    assert [one.line_id for one in more.lines] == [second]
    paid = replace(play.orders[SESSION], status=Status.COMPLETED)
    assert [one.line_id for one in tickets_due(paid, KITCHEN, saves=True)[0].lines] == [third]
