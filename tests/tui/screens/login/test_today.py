"""The question for the day: asked once, without the server, if the clock is days from the till's last use."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN, MORNING, FakeStore, Till, idle
from tests.tui.quiet import a_drawn_till, a_quiet_till
from till.domain.ids import moment_of
from till.tui.screens.login.scene import LoginScene
from till.tui.screens.login.today import TodaySheet
from till.tui.screens.sell.scene import SellScene

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SIZES = pytest.mark.parametrize("size", [(80, 24), (120, 36)])


@asynccontextmanager
async def a_start(
    folder: Path,
    size: tuple[int, int] = (80, 24),
    *,
    days: int,
    store: FakeStore | None = None,
    painted: bool = False,
) -> AsyncIterator[Till]:
    """Start a till that sold on Tuesday 3 March at 10:31, with its clock some days later."""
    async with a_quiet_till(folder) as till:
        await till.type(LOG_IN + "idly{enter}{f9}{enter}{f12}")
    again: AbstractAsyncContextManager[Till] = (
        a_drawn_till(folder, size, store=store) if painted else a_quiet_till(folder, size, store=store)
    )
    async with again as till:
        till.clock.pass_by(days=days)
        yield till


def asks(till: Till) -> bool:
    return isinstance(till.app.controller.top, TodaySheet)


async def sells(till: Till) -> str:
    """Make a sale and return its business date."""
    assert isinstance(till.scene, SellScene)
    await till.type("idly{enter}{f9}{enter}")
    sold = till.app.controller.sold
    assert sold is not None
    assert sold.placed is not None
    return sold.placed.data.business_date


@SIZES
async def test_the_question_and_its_answers_stand_there_whole(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_start(tmp_path, size, days=204, painted=True) as till:  # Wednesday 23 September: among the longest
        await till.type(LOG_IN)
        shown = till.text()
        for words in (
            "Is today Wednesday 23 September 2026?",
            "1   Yes",
            "2   No, it is Tuesday 3 March 2026",
            "3   No, it is Wednesday 4 March 2026",
            "Last used    Tuesday 3 March 2026, 10:31",
            "Or type the day, as 2026-03-03, then Enter.",
        ):
            assert words in shown
        assert "Enter Log in" in till.rows()[-1]


@SIZES
async def test_yes_goes_on_by_the_clock_and_is_asked_once(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_start(tmp_path, size, days=3) as till:
        await till.type(LOG_IN + "{enter}")
        assert asks(till)  # Enter alone chooses nothing
        await till.type("1{enter}")
        assert await sells(till) == "2026-03-06"
        await till.type("{f12}" + LOG_IN)
        assert isinstance(till.scene, SellScene)
        assert not asks(till)


@SIZES
@pytest.mark.parametrize("days", [3, -3])
async def test_another_day_is_booked_on_and_reported(tmp_path: Path, size: tuple[int, int], days: int) -> None:
    async with a_start(tmp_path, size, days=days, painted=True) as till:
        await till.type(LOG_IN + "3")
        assert asks(till)  # a digit picks
        await till.type("{enter}")
        assert till.answer().startswith("Sales count for Wednesday 4 March 2026 until the server answers.")
        assert "Sales count for Wednesday 4 March 2026 until the server" in till.text()
        assert "answers." in till.text()
        assert await sells(till) == "2026-03-04"
        assert "04/03/2026 10:31" in till.text()  # the receipt
        newest = till.journal.last_id
        assert newest is not None
        assert moment_of(newest) - MORNING < timedelta(days=1, minutes=1)  # nothing was written by the clock


async def test_a_clock_that_is_a_day_slow_is_asked_on_the_same_day(tmp_path: Path) -> None:
    """Log in on a Wednesday at 09:31 whose clock says Tuesday, at a till that was used on Tuesday at 10:31."""
    async with a_start(tmp_path, days=0, painted=True) as till:
        till.clock.pass_by(hours=-1)
        await till.type(LOG_IN)
        shown = till.text()
        assert "Is it 09:31 on Tuesday 3 March 2026?" in shown
        assert "2   No, it is Wednesday 4 March 2026" in shown
        await till.type("2{enter}")
        assert await sells(till) == "2026-03-04"


async def test_a_day_is_typed(tmp_path: Path) -> None:
    async with a_start(tmp_path, days=-3, painted=True) as till:
        await till.type(LOG_IN + "2036-01-01{enter}")
        assert till.answer() == "It cannot be that day. Type one from 2026-02-28 to 2027-03-04."
        assert till.answer() in till.text()
        await till.type("2 idly{enter}")  # typed ahead for the sell screen
        assert till.answer().startswith("That is not a date.")
        await till.type("2026-03-05 12:30{enter}")
        assert till.rows()[0].split()[-4:-2] == ["Lunch", "12:30"]
        assert await sells(till) == "2026-03-05"


@pytest.mark.parametrize("days", [0, 1])
async def test_a_clock_that_is_fine_is_not_asked(tmp_path: Path, days: int) -> None:
    async with a_start(tmp_path, days=days) as till:
        await till.type(LOG_IN)
        assert not asks(till)
        assert isinstance(till.scene, SellScene)


@pytest.mark.parametrize("days", [3, -3])
async def test_a_server_that_was_heard_is_asked_in_place_of_people(tmp_path: Path, days: int) -> None:
    async with a_start(tmp_path, days=days) as till:
        till.register.time_received(MORNING + timedelta(days=1))
        await till.type(LOG_IN)
        assert not asks(till)
        assert await sells(till) == "2026-03-04"


async def test_a_server_that_answers_at_login_will_tell_the_time(tmp_path: Path) -> None:
    async with a_start(tmp_path, days=3, store=FakeStore()) as till:
        await till.type(LOG_IN)
        assert isinstance(till.scene, SellScene)
        assert not asks(till)


async def test_a_server_that_is_away_leaves_it_to_people(tmp_path: Path) -> None:
    async with a_start(tmp_path, days=3, store=FakeStore(away=True)) as till:
        await till.type(LOG_IN)
        assert asks(till)


async def test_a_server_that_is_heard_meanwhile_answers_by_itself(tmp_path: Path) -> None:
    async with a_start(tmp_path, days=3, painted=True) as till:
        await till.type(LOG_IN)
        assert asks(till)
        till.register.time_received(MORNING + timedelta(days=1))
        till.app._tick()
        await till.settle()
        assert till.app.controller.sheets == []
        assert await sells(till) == "2026-03-04"


async def test_esc_logs_nobody_in_and_it_is_asked_again(tmp_path: Path) -> None:
    async with a_start(tmp_path, days=3) as till:
        await till.type(LOG_IN + "{escape}")
        assert isinstance(till.scene, LoginScene)
        assert till.register.access.person is None
        assert till.login().state.pin.text == ""
        await till.type("1111{enter}")
        assert asks(till)


async def test_going_away_from_the_question_asks_for_the_pin_again(tmp_path: Path) -> None:
    async with a_start(tmp_path, days=3) as till:
        await till.type(LOG_IN)
        await idle(till)
        assert not asks(till)
        await till.type("{enter}")
        assert till.register.access.person is None
        assert till.answer() == "Type your PIN, then Enter."


async def test_the_help_says_what_an_answer_does(tmp_path: Path) -> None:
    async with a_start(tmp_path, days=3, painted=True) as till:
        await till.type(LOG_IN + "{f1}")
        helped = " ".join(till.text().split())
        assert "Today's date until the server answers" in helped
        assert "Another day the hour may be left out" in helped
