"""The mouse: a click marks a line, picks from the menu, presses what the key bar shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from textual import events

from tests.tui.playing import LOG_IN, a_till
from till.tui.screens.login.scene import LoginScene
from till.tui.screens.pay.scene import PayScene
from till.tui.screens.sell.menu_sheet import MenuSheet
from till.tui.shell.keymap import KeyPress, key_label, key_of

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.playing import Till

SMALL, LARGE = (80, 24), (120, 36)


def mouse(kind: type[events.MouseEvent], x: int, y: int, button: int = 1) -> events.MouseEvent:
    return kind(None, x, y, 0, 0, button, shift=False, meta=False, ctrl=False)


async def click(till: Till, words: str, *, button: int = 1) -> None:
    """Click on the first place with these words."""
    y, row = next((y, row) for y, row in enumerate(till.rows()) if words in row)
    till.app.take_input([mouse(events.MouseDown, row.index(words), y, button)])
    till.app.take_input([mouse(events.MouseUp, row.index(words), y, button)])
    await till.settle()


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_click_marks_a_line_and_presses_a_key_of_the_bar(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_till(tmp_path, size, typed=LOG_IN + "2 idly{enter}tea{enter}rava dosa{enter}") as till:
        await click(till, "2 × Idly")
        assert "▌  2 × Idly" in till.text()
        await click(till, "F7 Void")
        assert "Void 2 × Idly" in till.text()
        await click(till, "wrong item")
        assert "▌ 2   wrong item" in till.text()
        assert till.lines()["Idly"] == 2
        await click(till, "wrong item")
        assert till.lines() == {"Tea": 1, "Rava Dosa": 1}
        await click(till, "F9 Pay")
        assert isinstance(till.scene, PayScene)


async def test_a_report_of_the_mouse_outside_the_screen_does_nothing(tmp_path: Path) -> None:
    async with a_till(tmp_path, SMALL, typed=LOG_IN + "2 idly{enter}tea{enter}") as till:
        before = till.rows()
        for kind in (events.MouseDown, events.MouseUp, events.MouseScrollUp, events.MouseMove):
            for x, y in ((80, 3), (3, 24), (9999, 9999), (-1, 3)):
                till.app.take_input([mouse(kind, x, y)])
        await till.settle()
        assert till.rows() == before
        await till.type("rava dosa{enter}")
        assert till.lines() == {"Idly": 2, "Tea": 1, "Rava Dosa": 1}


async def test_a_click_on_the_board_keys_the_item(tmp_path: Path) -> None:
    async with a_till(tmp_path, LARGE, typed=LOG_IN) as till:
        await click(till, "Filter Coffee")
        await click(till, "15.00")
        assert till.lines() == {"Filter Coffee": 1, "Sambar": 1}
        await click(till, "86 sold out")
        assert till.answer().startswith("Medu Vada is sold out (86).")
        await click(till, "Extras ")
        assert till.lines() == {"Filter Coffee": 1, "Sambar": 1}


async def test_a_click_takes_as_many_as_are_typed(tmp_path: Path) -> None:
    async with a_till(tmp_path, LARGE, typed=LOG_IN + "3 dos") as till:
        await click(till, "Set Dosa")
        assert till.lines() == {"Set Dosa": 3}
        assert till.typed() == ""
        await till.type("12")
        await click(till, "Akki Roti")
        assert till.lines() == {"Set Dosa": 3, "Akki Roti": 1}
        assert till.typed() == "12"
        await till.type("{escape}do")
        assert "1 Idly" not in till.text()
        await click(till, "All of them")
        assert "1 Idly" in till.text()
        assert till.typed() == ""


async def test_the_parts_of_the_menu_and_its_pages_are_clicked(tmp_path: Path) -> None:
    async with a_till(tmp_path, LARGE, typed=LOG_IN) as till:
        await click(till, "Sweets")
        assert isinstance(till.app.controller.top, MenuSheet)
        await click(till, "Holige")
        assert till.lines() == {"Holige": 1}
        await click(till, "All ")
        await click(till, "PgDn")
        assert "Curd Rice" in till.text()
        await click(till, "Esc Back")
        assert not till.app.controller.sheets


async def test_a_click_on_a_part_of_the_menu_leaves_the_key_in_the_corner(tmp_path: Path) -> None:
    async with a_till(tmp_path, LARGE, typed=LOG_IN + "2 idly{enter}") as till:
        corner = "  F9 Pay"
        assert till.rows()[-1].rstrip().endswith(corner)
        await click(till, "Sweets")
        assert till.rows()[-1].rstrip().endswith(corner)
        assert "Enter Key it" in till.rows()[-1]
        await click(till, "F9 Pay")
        assert isinstance(till.scene, PayScene)
        assert till.register.ledger.order(till.scene.session_id).total == 8_000


async def test_the_menu_sheet_is_clicked_too(tmp_path: Path) -> None:
    async with a_till(tmp_path, SMALL, typed=LOG_IN) as till:
        await click(till, "F4 Menu")
        await click(till, "Upma")
        assert till.lines() == {"Upma": 1}


async def test_a_login_by_click(tmp_path: Path) -> None:
    async with a_till(tmp_path, LARGE) as till:
        await click(till, "Ravi")
        await till.type("2222{enter}")
        assert till.selling().user == 2


async def test_notes_and_ways_to_pay_are_clicked(tmp_path: Path) -> None:
    async with a_till(tmp_path, LARGE, typed=LOG_IN + "2 idly{enter}{f9}") as till:
        await click(till, "  500 ")
        assert any(row.startswith("  > 500.00") for row in till.rows())
        await click(till, "Card")
        await click(till, "Esc")
        assert till.lines() == {"Idly": 2}


async def test_a_click_does_not_reach_behind_a_sheet(tmp_path: Path) -> None:
    async with a_till(tmp_path, LARGE, typed=LOG_IN + "2 idly{enter}{f7}") as till:
        await click(till, " 1 Idly")
        assert till.lines() == {"Idly": 2}
        assert "Void 2 × Idly" in till.text()


async def test_other_buttons_and_moves_do_nothing_and_the_wheel_is_the_arrows(tmp_path: Path) -> None:
    async with a_till(tmp_path, LARGE, typed=LOG_IN + "2 idly{enter}tea{enter}") as till:
        before = till.rows()
        await click(till, "F9 Pay", button=3)
        till.app.take_input([mouse(events.MouseMove, 70, 8)])
        await till.settle()
        assert till.rows() == before
        till.app.take_input([mouse(events.MouseScrollUp, 10, 8)])
        await till.settle()
        assert "▌  2 × Idly" in till.text()


async def test_no_click_takes_money_while_no_sum_is_in_sight(tmp_path: Path) -> None:
    async with a_till(tmp_path, SMALL, typed=LOG_IN + "2 idly{enter}{f9}") as till:
        await till.resize(30, 8)
        till.app.take_input([mouse(events.MouseDown, 28, 7)])
        await till.resize(80, 24)
        assert till.lines() == {"Idly": 2}


async def test_a_click_while_a_pin_is_checked_is_for_nothing(tmp_path: Path) -> None:
    async with a_till(tmp_path, LARGE) as till:
        till.burst("1{enter}1111{enter}")
        await till._turn()
        till.app.take_input([mouse(events.MouseDown, 10, 6)])
        await till.settle()
        assert not isinstance(till.scene, LoginScene)
        assert till.lines() == {}


@pytest.mark.parametrize(
    ("label", "pressed"),
    [
        ("F9", KeyPress("f9")),
        ("Ctrl+Y", KeyPress("ctrl+y")),
        ("Esc", KeyPress("escape")),
        ("Enter", KeyPress("enter")),
        ("C", KeyPress("c", "c")),
        ("1", KeyPress("1", "1")),
        ("?", KeyPress("question_mark", "?")),
        ("PgDn", KeyPress("pagedown")),
        ("1-9 ↑↓", None),
        ("←→", None),
        ("Q-Y", None),
    ],
)
def test_a_printed_key_is_pressed_as_what_it_is(label: str, pressed: KeyPress | None) -> None:
    assert key_of(label) == pressed


@pytest.mark.parametrize("key", ["f12", "ctrl+l", "shift+f10", "delete", "question_mark"])
def test_every_printed_key_is_known_again(key: str) -> None:
    found = key_of(key_label(key))
    assert found is not None
    assert found.key == key
