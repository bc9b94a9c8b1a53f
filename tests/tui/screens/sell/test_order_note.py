"""A note on the whole order, at the counter: keyed, seen under the lines, on the receipt, and forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.domain.making import Hand, forged
from tests.tui.playing import LOG_IN, Till
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.test_news import comes
from till.cli.demo_venue import DEMO
from till.domain.events.envelope import SERVER, Draft
from till.domain.order.events import Erased
from till.ports import Received

if TYPE_CHECKING:
    from pathlib import Path

SIZES = [(80, 24), (120, 36)]


def seen(till: Till, words: str) -> bool:
    return any(words in row for row in till.rows())


async def erased(till: Till, session: str) -> None:
    """Erase the words of an order, as a manager."""
    hand = Hand(SERVER, start=till.clock.now())
    events = [event for event in till.journal.events_of(session) if event.texts]
    event = hand.seal(Draft(Erased(events=tuple(one.id for one in events)), session))
    await comes(till, session, [Received(1, forged(event, store_id=DEMO.store_id))])


@pytest.mark.parametrize("size", SIZES)
async def test_order_note_is_below_the_order_and_on_the_receipt(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN + "2 idly{enter}{f2}{tab}for Asha{enter}") as till:
        assert till.answer() == "Noted: for Asha"
        rows = till.rows()
        line, note = (next(at for at, row in enumerate(rows) if what in row) for what in ("Idly", "Note: for Asha"))
        assert line < note
        session = till.order.id
        await till.type("{f9}{enter}{ctrl+n}")
        assert seen(till, "Note: for Asha")
        await erased(till, session)
        order = till.register.ledger.order(session)
        assert order.note == ""
        assert order.placed is not None
        assert order.placed.data.note == ""
        assert all(not event.texts for event in till.journal.events_of(session))


async def test_order_note_is_removed_and_esc_changes_nothing(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path) as till:
        await till.type(LOG_IN + "2 idly{enter}note{enter}{tab}for Asha{enter}{f2}{tab}other words{escape}")
        assert till.order.note == "for Asha"
        await till.type("{f2}{tab}1{escape}")
        assert till.order.note == "for Asha"
        await till.type("{f2}{tab}1{enter}")
        assert till.answer() == "The note is off."
        assert till.order.note == ""
        assert not seen(till, "Note:")


async def test_without_an_order_it_says_why_not(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "{f2}") as till:
        assert till.answer() == "There are no lines yet. Type an item, then Enter."
