"""Lines that came too late for their order, copied with their events to an order of their own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.domain.making import SESSION, Hand, folded, uid
from till.domain.events.envelope import SERVER
from till.domain.order.copied import copies_in
from till.domain.order.events import LineCut, LineNoted, LinesCopied, LinesMoved, MovedLine
from till.domain.order.evolve import apply, fold, is_next
from till.domain.structs import replace

if TYPE_CHECKING:
    from till.domain.events.envelope import Event

X, Y, Z = uid("x"), uid("y"), uid("z")


def _copied(*events: Event, lines: tuple[str, ...]) -> tuple[Event, Event]:
    """The opening of the order of late lines, and the copy of these events in it."""
    server = Hand(SERVER)
    opened = server.opened(from_session=uid("ended"))
    server.knows(opened, *events)
    server.hold = opened.hold
    copy = server.make(LinesCopied(from_session=SESSION, line_ids=lines, events=tuple(one.body for one in events)))
    texts = {f"{one.id}.{name}": text for one in events for name, text in one.texts.items()}
    return opened, replace(copy, texts=texts)


def test_late_line_is_folded_from_its_copied_events_with_their_texts() -> None:
    late = Hand(2, user=6)
    events = [late.added("x", 3), late.make(LineNoted(line_id=X, note="thin")), late.changed("x", 1)]
    opened, copy = _copied(*events, lines=(X,))
    assert copies_in([opened, copy]) == events
    order = folded(opened, copy)
    straight = folded(late.opened(), *events)
    assert order.lines == straight.lines
    assert (order.lines[X].note, order.lines[X].keyed_by, order.total, order.last_id) == ("thin", 2, 8_000, copy.id)
    erased = replace(copy, texts={})
    assert folded(opened, erased).lines[X].note == ""
    other = replace(copy, texts={f"{opened.id}.note": text for text in copy.texts.values()})
    assert folded(opened, other).lines[X].note == ""
    assert not is_next(folded(opened), copy)
    before = folded(opened)
    assert apply(before, copy) == replace(before, last_id=copy.id, updated_at=copy.at)


def test_line_that_was_copied_only_for_the_pieces_cut_from_it_is_left_out() -> None:
    late, server = Hand(2, user=6), Hand(SERVER, seed=4)
    keyed = late.added("x", 3)
    server.knows(keyed)
    moved = server.make(
        LinesMoved(
            from_session=SESSION,
            lines=(
                MovedLine(line_id=Z, item_id="dosa", item_name="Dosa", quantity=2, price="80.00", till=2, taxes=()),
            ),
        )
    )
    cut = server.make(LineCut(line_id=X, into=Y, quantity=2))
    for lines in ((Y,), (X,), (Z,), (X, Y), (X, Y, Z)):
        order = folded(*_copied(keyed, moved, cut, lines=lines))
        assert {one.id: one.quantity for one in order.lines.values()} == {
            name: pieces for name, pieces in ((X, 1), (Z, 2), (Y, 2)) if name in lines
        }
    assert fold([keyed, moved, cut]) is None
