"""The one rule of every list: the key of a row marks it, Enter does it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from typing_extensions import override

from tests.tui.playing import LOG_IN
from tests.tui.quiet import a_quiet_till
from till.tui.drawing.viewmodels import ChoiceView
from till.tui.screens.sheets.choice_sheet import ChoiceSheet

if TYPE_CHECKING:
    from pathlib import Path

    from till.tui.shell.controller import Controller


class Twelve(ChoiceSheet):
    """A sheet of twelve rows that records the choice or the text."""

    def __init__(self, controller: Controller, *, types: bool = False) -> None:
        assert controller.scene is not None
        super().__init__(controller, controller.scene.screen, "Twelve")
        self.types = types
        self.done: list[int | str] = []

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return tuple(ChoiceView(str(number), f"row {number}") for number in range(1, 13))

    @override
    def choose(self, place: int) -> None:
        self.done.append(place)

    @override
    def enter(self, typed: str) -> None:
        if typed:
            self.done.append(typed)
        else:
            super().enter(typed)


@pytest.mark.parametrize("types", [False, True])
@pytest.mark.parametrize(
    ("keys", "marked"),
    [("2", 1), ("12", 11), ("1{down}", 1), ("3{backspace}", 0), ("7{up}{up}", 4), ("{down}12{backspace}", 0)],
)
async def test_a_number_marks_and_enter_does(tmp_path: Path, keys: str, marked: int, *, types: bool) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN) as till:
        sheet = Twelve(till.app.controller, types=types)
        till.app.controller.open(sheet)
        await till.type(keys)
        if keys.endswith("12{backspace}"):
            marked = 0 if types else 1  # typed text is edited; a mark is removed
        assert (sheet.marked(), sheet.done) == (marked, [])
        await till.type("{enter}")
        assert sheet.done == [marked]


@pytest.mark.parametrize("word", ["0", "2 pint", "crisps 1"])
async def test_a_word_typed_on_a_list_picks_nothing(tmp_path: Path, word: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN) as till:
        sheet = Twelve(till.app.controller)
        till.app.controller.open(sheet)
        await till.type(word + "{enter}")
        assert (sheet.marked(), sheet.done) == (0, [])
        await till.type("3{enter}")
        assert sheet.done == [2]


async def test_a_number_that_is_on_no_row_begins_anew(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN) as till:
        sheet = Twelve(till.app.controller)
        till.app.controller.open(sheet)
        await till.type("93")
        assert sheet.marked() == 2


@pytest.mark.parametrize("words", ["2 guests", "12 eggs", "13", "2x"])
async def test_words_that_begin_with_a_number_are_words(tmp_path: Path, words: str) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN) as till:
        sheet = Twelve(till.app.controller, types=True)
        till.app.controller.open(sheet)
        await till.type(words + "{enter}")
        assert sheet.done == [words]
