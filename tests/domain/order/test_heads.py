"""The heads of tickets: whatever happens to an order, each station that has its pieces heard of it, and once."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hypothesis import given, settings
from hypothesis import strategies as st
from typing_extensions import override

from tests.domain.making import SESSION, uid
from tests.domain.order.test_tickets import DISHES, KITCHEN, OTHER, Acts, Pass
from till.domain.kitchen.events import KitchenTold, LinesSent
from till.domain.order.events import OrderNoted, PreferenceSet
from till.domain.order.moving import carry_lines, cut, move_away
from till.domain.order.tickets import head_text, tickets_due
from till.domain.structs import replace

if TYPE_CHECKING:
    from till.domain.order.line import Line


class Stations(Pass):
    """Two orders whose tickets a till writes, or a till of 0.1.0, which tells nothing.

    Attributes:
        is_old: True while the till of 0.1.0 writes.
        heard: the words that the station of each line heard last.
        twice: the tickets that tell a station of nothing but words that it heard.
    """

    def __init__(self) -> None:
        super().__init__()
        self.is_old = False
        self.heard: dict[str, str] = {}
        self.twice: list[LinesSent] = []

    @override
    def send(self, session_id: str, *, saves: bool) -> list[LinesSent]:
        order, head = self.orders[session_id], "" if self.is_old else head_text(self.orders[session_id], KITCHEN)
        written = tickets_due(order, KITCHEN, saves=saves)
        for ticket in written:
            lines = [one.line_id for one in ticket.lines]
            if ticket.kind == "changed" and self.is_old:
                continue
            if ticket.kind == "changed" and any(self.heard.get(one, "") == head for one in lines):
                self.twice.append(ticket)
            self.tickets.append(replace(ticket, ticket=f"1-{len(self.tickets) + 1}"))
            self.write(session_id, self.tickets[-1])
            if head:
                self.write(session_id, KitchenTold(ticket=self.orders[session_id].last_id, words=head))
            self.heard |= dict.fromkeys(lines, head)
        return written


class Words(Acts):
    """Acts beside words for the whole order."""

    play: Stations

    def say(self, session_id: str, _line: Line, pieces: int) -> None:
        self.undoable(session_id, PreferenceSet(name="Allergies", value=("", "nuts", "sesame", "milk")[pieces - 1]))

    def like(self, session_id: str, _line: Line, pieces: int) -> None:
        self.play.write(session_id, PreferenceSet(name=("prefers", "language")[pieces % 2], value=f"es {pieces}"))

    def remark(self, session_id: str, _line: Line, pieces: int) -> None:
        self.undoable(session_id, OrderNoted(note="birthday" * (pieces % 2)))

    @override
    def cut(self, session_id: str, line: Line, pieces: int) -> None:
        if pieces < line.quantity:
            self.play.lines += 1
            new = uid(f"line {self.play.lines}")
            self.play.write(session_id, *cut(self.play.orders[session_id], {line.id: pieces}, {line.id: new}))
            self.play.heard[new] = self.play.heard.get(line.id, "")

    @override
    def move(self, session_id: str, line: Line, _pieces: int) -> None:
        into = OTHER if session_id == SESSION else SESSION
        if self.play.orders[into].is_over:
            return
        order = self.play.orders[session_id]
        drafts = [*carry_lines(order, into, [line.id]), move_away(order, into, [line.id])]
        self.play.write(session_id, *(one for one in drafts if not (self.play.is_old and _tells(one.data))))
        if self.play.is_old:  # it carries no words: they are told once more
            self.play.heard[line.id] = ""
        self.play.undoable.clear()


def _tells(data: object) -> bool:
    return isinstance(data, KitchenTold)


KINDS = ("say", "say", "like", "remark", "take", "void", "undo", "cut", "move", "move", "tab", "hold", "fire", "clear")
ACTS = st.lists(
    st.tuples(st.sampled_from(["add", *KINDS]), st.integers(0, 7), st.integers(1, 4), st.booleans(), st.integers(0, 4)),
    min_size=4,
    max_size=16,
)


@given(ACTS)
@settings(max_examples=400)
def test_each_station_is_told_what_holds_of_the_pieces_that_it_has(
    acts: list[tuple[str, int, int, bool, int]],
) -> None:
    play = Stations()
    for what, which, pieces, is_other, age in acts:
        play.is_old = not age
        session_id = OTHER if is_other else SESSION
        order = play.orders[session_id]
        lines = [line for line in order.lines.values() if line.quantity > 0]
        if order.is_over:
            continue
        if what == "add" or not lines:
            play.add(session_id, [*DISHES][which % len(DISHES)], pieces, which % 4 or None)
        else:
            getattr(Words(play), what)(session_id, lines[which % len(lines)], pieces)
        play.send(session_id, saves=pieces == 1)
    play.is_old = False
    for session_id in play.orders:
        play.send(session_id, saves=True)
    for order in play.orders.values():
        for line in () if order.is_over else order.lines.values():
            if line.quantity > 0 and line.pieces_sent > 0:
                assert play.heard.get(line.id, "") == head_text(order, KITCHEN)
    assert play.twice == []
