"""A wish for one line: kept beside the record, frozen by its event, carried with its line, the newest of two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.register.exchange import give, granted_away
from till.domain.errors import LineError, OrderClosedError
from till.domain.order.events import LineNoted
from till.domain.order.snapshot import snapshot

if TYPE_CHECKING:
    from tests.register.conftest import Till


def noted(till: Till, session: str, note: str) -> str:
    order = till.register.ledger.order(session)
    return till.register.sales.note_line(session, next(iter(order.lines)), note).priced.rows[0].first.note


def test_words_of_a_line_note_are_kept_beside_its_record_only(till: Till) -> None:
    session = till.order(1).id
    assert noted(till, session, " no \x1b onion ") == "no  onion"
    before = len(till.journal.events_of(session))
    assert noted(till, session, "no  onion") == "no  onion"
    assert len(till.journal.events_of(session)) == before
    till.register.checkout.pay_exact(session)
    placed = till.register.ledger.order(session).placed
    [event] = [event for event in till.journal.events_of(session) if isinstance(event.data, LineNoted)]
    assert placed is not None
    assert [line.note for line in placed.data.lines] == [event.id]
    assert all("onion" not in event.body for event in till.journal.events_of(session))
    with pytest.raises((OrderClosedError, LineError)):
        noted(till, session, "too late")


def test_later_line_note_wins_on_both_tills(till: Till, other: Till) -> None:
    session = granted_away(till, other, 1)
    other.clock.move(minutes=1)
    noted(other, session, "of the second")
    noted(till, session, "of the first")
    give(till, other, session)
    give(other, till, session)
    rows = [each.register.ledger.order(session).priced.rows[0] for each in (till, other)]
    assert {row.first.note for row in rows} == {"of the second"}


def test_line_note_moves_with_its_line(till: Till) -> None:
    session = till.order(1, 3).id
    noted(till, session, "no onion")
    order = till.register.ledger.order(session)
    made = till.part(session, next(iter(order.lines)))
    assert [row.first.note for row in made.priced.rows] == ["no onion"]
    [note] = [event.data for event in till.journal.events_of(made.id) if isinstance(event.data, LineNoted)]
    assert note.follows in {event.id for event in till.journal.events_of(session)}


def test_the_database_is_shown_the_wishes_of_lines_and_of_the_order(till: Till) -> None:
    session = till.order(1).id
    noted(till, session, "no onion")
    till.register.sales.note(session, "window seat")
    shown = snapshot(till.register.ledger.order(session), 0)
    assert [item["note"] for item in shown["items"]] == ["no onion"]
    assert shown["preferences"] == {"note": "window seat"}
