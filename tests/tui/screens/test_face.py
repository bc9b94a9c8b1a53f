"""Each screen beside its picture in the look, where the till's own screens once differed from it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN, a_till
from tests.tui.quiet import a_drawn_till
from till.ports import Light, LightState, Quality

if TYPE_CHECKING:
    from pathlib import Path

SMALL, LARGE = (80, 24), (120, 36)


async def test_the_person_at_the_till_is_named_on_a_narrow_screen_too(tmp_path: Path) -> None:
    async with a_till(tmp_path, SMALL, typed=LOG_IN) as till:
        till.register.light_changed(Light(LightState.OFFLINE, since=till.clock.now() - timedelta(minutes=30)))
        await till.resize(74, 24)
        assert till.rows()[0] == "  Udupi Corner  Till 1  Asha  10:31  ▲ offline since 10:01, keep selling"
        await till.resize(70, 24)
        assert till.rows()[0].split("  ")[1:4] == ["Udupi Corner", "Till 1", "Asha"]
        assert till.rows()[0].endswith("▲ offline since 10:01")
        await till.resize(48, 24)
        assert till.rows()[0].split() == ["Udupi", "Corner", "Asha", "▲", "offline", "since", "10:01"]
        await till.resize(*LARGE)
        assert till.rows()[0].endswith("Breakfast 10:31    ▲ offline since 10:01, keep selling")


async def test_a_connection_that_is_not_good_is_explained_in_words_where_there_is_room(tmp_path: Path) -> None:
    async with a_till(tmp_path, SMALL, typed=LOG_IN) as till:
        calm = till.rows()[0]
        assert calm.endswith("Breakfast 10:31    ● saved")
        for quality, words in ((Quality.DEGRADED, "slow connection"), (Quality.POOR, "very slow connection")):
            till.register.light_changed(Light(LightState.SAVED, quality=quality))
            await till.settle()
            assert till.rows()[0].endswith(f"● saved · {words}")
            await till.resize(54, 24)
            assert till.rows()[0].endswith("● saved")
            assert "Asha" in till.rows()[0]
            await till.resize(*SMALL)
        till.register.light_changed(Light(LightState.OFFLINE, quality=Quality.POOR))
        await till.settle()
        assert "slow" not in till.rows()[0]
        till.register.light_changed(Light(LightState.SAVED))
        await till.settle()
        assert till.rows()[0] == calm


async def test_an_empty_order_says_which_tax_it_will_bear(tmp_path: Path) -> None:
    async with a_till(tmp_path, LARGE, typed=LOG_IN) as till:
        assert till.rows()[24][:57].rstrip() == "   0 items                       GST 5 % included  0.00"
        await till.resize(*SMALL)
        assert till.rows()[18].startswith("   GST 5 % included 0.00")


async def test_parts_of_the_menu_that_have_no_room_are_hinted_at_on_their_side(tmp_path: Path) -> None:
    async with a_till(tmp_path, LARGE, typed=LOG_IN) as till:
        assert till.rows()[2][60:] == "All  Breakfast  Drinks  Sweets  Extras  Lunch  Evening"
        await till.resize(104, 36)
        assert till.rows()[2][60:] == "All  Breakfast  Drinks …       page 1 of 3"
        await till.type("{f4}{left}")
        assert till.rows()[2][60:].startswith("… Drinks")
        assert till.rows()[2].rstrip().endswith("Evening")


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_sum_of_the_notes_stands_where_an_amount_is_typed(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, typed=LOG_IN + "2 idly{enter}{f9}ee") as till:
        assert any(row.startswith("  > 200.00") for row in till.rows())
        await till.type("{backspace}")
        assert any(row.startswith("  > 100.00") for row in till.rows())
        await till.type("90")  # another amount takes the place of the notes
        assert any(row.startswith("  > 90 ") or row == "  > 90" for row in till.rows())
        await till.type("{enter}")
        assert till.answer() == "Paid ₹80.00. Change ₹10.00."


async def test_the_time_is_in_sight_before_anybody_is_logged_in(tmp_path: Path) -> None:
    async with a_till(tmp_path, SMALL) as till:
        assert till.rows()[0] == "  Udupi Corner   Till 1                                       10:31    ● saved"
        await till.resize(*LARGE)
        assert "10:31" not in till.rows()[0]  # it is drawn large


async def test_enter_goes_back_where_there_is_nothing_to_choose(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, SMALL, typed=LOG_IN + "{f5}") as till:
        assert "No other order waits." in till.text()
        assert till.rows()[23].endswith(" Enter Back")
        await till.type("{enter}")
        assert not till.app.controller.sheets


async def test_no_label_of_the_help_runs_into_the_next(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, LARGE, typed=LOG_IN + "{f1}") as till:
        await till.type("{pagedown}")
        assert "   Ctrl+V or Shift+F12  Fire the next course   or type" in till.text()


async def test_a_digit_on_what_is_sold_out_does_not_promise_to_key_it(tmp_path: Path) -> None:
    async with a_till(tmp_path, SMALL, typed=LOG_IN + "{f4}") as till:
        await till.type("3")
        assert "Medu Vada: sold out. Choose another, or Esc." in till.text()
        await till.type("{escape}{f4}")
        await till.type("1")
        assert "Enter keys 1 × Idly." in till.text()
