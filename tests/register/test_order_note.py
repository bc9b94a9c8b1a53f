"""A note on the whole order: kept, taken off, frozen with the order, and the newest of two."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.register.exchange import give, granted_away
from till.domain.errors import OrderClosedError

if TYPE_CHECKING:
    from tests.register.conftest import Till


def noted(till: Till, session: str, note: str) -> str:
    return till.register.sales.note(session, note).note


def test_order_note_is_kept_readable_and_the_newest_counts(till: Till) -> None:
    session = till.order(1).id
    assert noted(till, session, "  birthday \x1b[31m table ") == "birthday [31m table"
    assert noted(till, session, "no onions") == "no onions"
    before = len(till.journal.events_of(session))
    assert noted(till, session, "no onions") == "no onions"
    assert len(till.journal.events_of(session)) == before
    assert len(noted(till, session, "x" * 10_000)) == 250
    assert noted(till, session, " ") == ""


def test_words_of_an_order_note_are_frozen_with_the_order(till: Till) -> None:
    session = till.order(1).id
    noted(till, session, "for Asha")
    till.register.checkout.pay_exact(session)
    placed = till.register.ledger.order(session).placed
    assert placed is not None
    assert placed.data.note == "for Asha"
    assert all("Asha" not in event.body for event in till.journal.events_of(session))
    with pytest.raises(OrderClosedError):
        noted(till, session, "too late")


def test_later_order_note_wins_on_both_tills(till: Till, other: Till) -> None:
    session = granted_away(till, other, 1)
    other.clock.move(minutes=1)
    noted(other, session, "of the second")
    noted(till, session, "of the first")
    give(till, other, session)
    give(other, till, session)
    assert {each.register.ledger.order(session).note for each in (till, other)} == {"of the second"}
