"""A wish for one line: typed or by F2, under the line, on the receipt, undone, and forgotten."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN, Till
from tests.tui.quiet import a_drawn_till, a_quiet_till
from tests.tui.screens.sell.test_order_note import erased, seen

if TYPE_CHECKING:
    from pathlib import Path

SIZES = [(80, 24), (120, 36)]


def notes(till: Till) -> dict[str, str]:
    return {row.first.name: row.first.note for row in till.order.priced.rows}


@pytest.mark.parametrize("size", SIZES)
async def test_wishes_stand_under_the_marked_line_and_on_the_receipt(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN + "2 idly{enter}masala dosa{enter}no garlic{enter}") as till:
        assert till.answer() == "Noted on 1 × Masala Dosa: no garlic."
        await till.type("{up}extra salt{enter}less sugar{enter}extra salt{enter}")
        assert till.answer() == "Noted on 2 × Idly: extra salt, less sugar."
        assert notes(till) == {"Idly": "extra salt, less sugar", "Masala Dosa": "no garlic"}
        rows = till.rows()
        places = [
            next(at for at, row in enumerate(rows) if what in row) for what in ("2 × Idly", "extra salt", "no garlic")
        ]
        assert places == sorted(places)
        session = till.order.id
        await till.type("{f9}{enter}{ctrl+n}")
        assert seen(till, "no garlic")
        assert seen(till, "less sugar")
        await erased(till, session)
        assert "no garlic" not in str(till.register.ledger.order(session))
        await till.type("tea{enter}{ctrl+n}")
        assert seen(till, "Masala Dosa")
        assert not seen(till, "no garlic")


async def test_a_line_with_a_wish_is_a_row_of_its_own_and_more_of_it_have_it_too(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "tea{enter}less sugar{enter}tea{enter}") as till:
        assert [(row.quantity, row.first.note) for row in till.order.priced.rows] == [(1, "less sugar"), (1, "")]
        await till.type("{up}++")
        assert [(row.quantity, row.first.note) for row in till.order.priced.rows] == [(3, "less sugar"), (1, "")]
        await till.type("{down}less sugar{enter}")
        assert [(row.quantity, row.first.note) for row in till.order.priced.rows] == [(4, "less sugar")]
        assert till.answer() == "Noted on 4 × Tea: less sugar."


async def test_a_note_that_may_be_an_item_is_asked_back_once(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "masala dosa{enter}no tea{enter}") as till:
        assert till.answer() == "No line “tea”. Enter again notes “no tea” on Masala Dosa."
        assert notes(till) == {"Masala Dosa": ""}
        await till.type("{enter}")
        assert notes(till) == {"Masala Dosa": "no tea"}
        await till.type("no coffee{enter}idly{enter}")
        assert till.answer() == "Added 1 × Idly. Total ₹120.00. Left out: “no coffee”."
        await till.type("idly{enter}")
        assert till.answer() == "Added 1 × Idly. Total ₹160.00."
        await till.type("{up}{up}{up}extra idly{enter}")
        assert till.answer() == "Idly is an item. Enter again notes “extra idly” on Masala Dosa."
        await till.type("{escape}no dosa{enter}")
        assert "Void 1 × Masala Dosa" in till.text()


async def test_a_wish_without_a_line_says_why_not(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "no garlic{enter}") as till:
        assert till.answer() == "There are no lines yet. Type an item, then Enter."
        assert till.typed() == "no garlic"


async def test_ctrl_z_undoes_a_noting_and_a_void_in_their_order(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "tea{enter}no salt{enter}less sugar{enter}{f7}1{enter}{ctrl+z}")
        assert notes(till) == {"Tea": "no salt, less sugar"}
        await till.type("{ctrl+z}")
        assert till.answer() == "Noted on 1 × Tea: no salt."
        await till.type("{ctrl+z}")
        assert till.answer() == "Nothing is noted on 1 × Tea now."
        assert notes(till) == {"Tea": ""}


@pytest.mark.parametrize("size", SIZES)
async def test_f2_notes_on_the_line_takes_off_and_turns_to_the_order(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN + "tea{enter}{f2}") as till:
        assert seen(till, "Note on 1 × Tea")
        await till.type("no ice{enter}{f2}well done{enter}{f2}")
        assert notes(till) == {"Tea": "no ice, well done"}
        await till.type("1{enter}")
        assert notes(till) == {"Tea": "well done"}
        await till.type("{f2}{backspace}{escape}")
        assert notes(till) == {"Tea": "well done"}
        await till.type("{f2}{backspace}hot{enter}")
        assert notes(till) == {"Tea": "hot"}
        await till.type("{f2}{tab}")
        assert seen(till, "Note on the whole order")
        await till.type("window seat{enter}")
        assert till.order.note == "window seat"
        assert notes(till) == {"Tea": "hot"}
