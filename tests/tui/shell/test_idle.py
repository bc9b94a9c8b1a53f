from __future__ import annotations

import asyncio
import gc
import time
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest
from textual._styles_cache import StylesCache

from tests.plugins.garbage import set_aside
from tests.register.fakes import SetClock
from tests.register.payments.scripted import played
from tests.tui.playing import LOG_IN, Till, a_till
from till.domain.advice import Advice
from till.ports import Light, LightState
from till.tui import shell
from till.tui.drawing.widgets.bars import StatusBar
from till.tui.screens.sell.screen import SellScreen
from till.tui.shell.idle import Garbage, IdleClock

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from pathlib import Path

    from till.tui.drawing.viewmodels import StatusView


@pytest.fixture(autouse=True)
def _frozen() -> Iterator[None]:
    """Freeze the objects of the run also after a test that unfroze them: a visit to all of them takes a second."""
    set_aside()
    yield
    if not gc.get_freeze_count():
        gc.freeze()


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lights that were painted, one after another."""
    lights: list[str] = []
    show = StatusBar.show

    def noted(bar: StatusBar, view: StatusView) -> None:
        if view.light is not None and (not lights or lights[-1] != view.light.text):
            lights.append(view.light.text)
        show(bar, view)

    monkeypatch.setattr(StatusBar, "show", noted)
    return lights


async def test_a_light_that_flickers_between_keys_is_painted_once_and_right(tmp_path: Path, shown: list[str]) -> None:
    async with a_till(tmp_path, typed=LOG_IN) as till:
        shown.clear()
        till.register.light_changed(Light(LightState.SAVED_HERE, 1))
        assert shown == ["saved here, 1 to send"]  # at once: “saved” is not said of what is not
        for unsent in range(1, 40):
            till.register.light_changed(Light(LightState.SAVED_HERE, unsent))
            till.register.light_changed(Light(LightState.SAVING, unsent))
        till.register.light_changed(Light(LightState.SAVED_HERE, 40))
        await light(till.app.controller, Light(LightState.SAVED_HERE, 40))
        assert shown == ["saved here, 1 to send", "saved here, 40 to send"]


async def test_records_that_the_tax_authority_lacks_stand_beside_the_light(tmp_path: Path, shown: list[str]) -> None:
    async with a_till(tmp_path, typed=LOG_IN) as till:
        await light(till.app.controller, Light(LightState.SAVED))
        till.register.light_changed(Light(LightState.SAVED, lacks=12))
        await light(till.app.controller, Light(LightState.SAVED, lacks=12))
        assert shown[-1] == "saved · tax: 12 to send"
        till.register.light_changed(Light(LightState.OFFLINE, 3, lacks=3))
        assert shown[-1].endswith("keep selling · tax: 3 to send")


async def test_keys_without_end_do_not_hold_the_light_back(tmp_path: Path) -> None:
    async with a_till(tmp_path, typed=LOG_IN) as till:
        till.register.light_changed(Light(LightState.SAVED_HERE, 2))
        till.register.light_changed(Light(LightState.SAVED_HERE, 1))
        begun = time.monotonic()
        while till.app.controller.light.unsent != 1:
            assert time.monotonic() < begun + 5
            await till.type("1")


@pytest.mark.parametrize("state", [LightState.OFFLINE, LightState.ATTENTION])
async def test_bad_news_is_painted_at_once_and_so_is_its_end(tmp_path: Path, state: LightState) -> None:
    async with a_till(tmp_path, typed=LOG_IN) as till:
        for light_now in (Light(state, detail=Advice("1 record needs attention.")), Light(LightState.SAVED)):
            till.register.light_changed(light_now)
            assert till.app.controller.light == light_now


async def test_a_sale_leaves_the_menu_board_as_it_is(tmp_path: Path) -> None:
    async with a_till(tmp_path, typed=LOG_IN + "idly{enter}") as till:
        board = till.app.controller.screens.of(SellScreen).board.view
        await till.type("cash{enter}idly{enter}")
        assert till.app.controller.screens.of(SellScreen).board.view is board


async def light(controller: object, expected: Light) -> None:
    async with asyncio.timeout(5):
        while getattr(controller, "light", None) != expected:  # noqa: ASYNC110 - the app tells nobody of it
            await asyncio.sleep(0.01)


def played_idle(monkeypatch: pytest.MonkeyPatch, story: Coroutine[Any, Any, None]) -> None:
    """Run a story of pauses between keys, in which waiting takes no time and a busy machine makes no pause."""
    monkeypatch.setattr(shell.idle, "time", SimpleNamespace(monotonic=passed))
    played(SetClock(), story)


def passed() -> float:
    return asyncio.get_running_loop().time()


def test_calm_comes_a_moment_after_the_last_key(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        idle = IdleClock()
        await idle.wait(5)
        assert passed() == 0
        idle.press()
        await idle.wait(5)
        assert passed() == pytest.approx(0.02)

    played_idle(monkeypatch, story())


def test_calm_is_not_awaited_beyond_its_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        idle = IdleClock()

        async def scan() -> None:
            while True:
                idle.press()
                await asyncio.sleep(0.002)

        idle.press()
        scanner = asyncio.create_task(scan())
        await idle.wait(0.1)
        assert passed() == pytest.approx(0.1)
        scanner.cancel()

    played_idle(monkeypatch, story())


@pytest.fixture
def garbage() -> Iterator[Garbage]:
    own = Garbage()
    own.begin()
    yield own
    gc.collect()
    own.end()


class Knot:
    """Garbage that counting references does not find."""

    left = 0

    def __init__(self) -> None:
        self.self = self

    def __del__(self) -> None:
        Knot.left -= 1


def tie(count: int) -> None:
    Knot.left = count
    for _number in range(count):
        Knot()


def test_garbage_waits_until_it_is_worth_a_collection(garbage: Garbage) -> None:
    tie(8_000)
    assert Knot.left == 8_000
    garbage.sweep(0.05)
    assert Knot.left == 0


def test_garbage_that_outlived_a_collection_does_not_pile_up_without_a_pause(garbage: Garbage) -> None:
    open_sheets = [Knot() for _number in range(5_000)]
    Knot.left = len(open_sheets)
    garbage.sweep(0.05)
    open_sheets.clear()
    for _time in range(25):
        kept = [[number] for number in range(6_000)]
        garbage.sweep(0.05)
        kept.clear()
    assert Knot.left == 0


async def test_nothing_is_kept_of_sheets_that_were_closed(tmp_path: Path) -> None:
    async with a_till(tmp_path, typed=LOG_IN) as till:
        before = [await painters(till) for _time in range(2)][-1]
        assert [await painters(till) for _time in range(3)] == [before] * 3


async def painters(till: Till) -> int:
    """Open and close a sheet. Return how many widgets Textual keeps something of."""
    await till.type("{f1}")
    assert "Key an item" in till.text()
    await till.type("{escape}")
    await till.settle()
    gc.collect()
    return sum(type(one) is StylesCache for one in gc.get_objects())


@pytest.mark.usefixtures("garbage")
def test_garbage_does_not_pile_up_while_keys_come() -> None:
    tie(200_000)
    assert Knot.left < 100_000


def test_garbage_of_a_start_and_of_closed_sheets_is_collected_when_the_till_is_left_alone() -> None:
    tie(100)
    own = Garbage()
    own.begin()
    before = gc.get_freeze_count()
    kept = [Knot() for _number in range(60_000)]
    Knot.left += len(kept)
    own.sweep(3)
    assert gc.get_freeze_count() > before + 60_000
    kept.clear()
    own.sweep(3)
    assert Knot.left == 60_100, "it keeps no key waiting"
    own.sweep(61)
    assert Knot.left == 0
    own.end()


async def test_a_till_looks_after_the_garbage_from_its_first_paint_to_its_end(tmp_path: Path) -> None:
    before = gc.get_threshold()
    async with a_till(tmp_path, collects=True) as till:
        assert gc.get_threshold() != before
        assert gc.get_freeze_count() > 0
        gc.collect(0)
        tie(6_000)
        assert Knot.left == 6_000
        till.app._idle._last = time.monotonic() - 10
        till.app._tick()
        assert Knot.left == 0
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_python_collects_as_ever_after_the_till() -> None:
    before = gc.get_threshold()
    own = Garbage()
    own.begin()
    assert gc.get_threshold() != before
    own.end()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


async def test_why_the_database_is_away_stands_where_no_answer_does_until_it_is_back(tmp_path: Path) -> None:
    why = "The database at pooler:6432 cannot be reached: Connection refused."
    async with a_till(tmp_path, typed=LOG_IN + "tea{enter}") as till:
        offline = Light(LightState.OFFLINE, 1, detail=Advice(why))
        till.register.light_changed(offline)
        await light(till.app.controller, offline)
        assert why not in till.text(), "the answer to the last key stands"
        await till.type("{escape}")
        assert why in till.text()
        till.register.light_changed(Light(LightState.SAVED))
        await light(till.app.controller, Light(LightState.SAVED))
        await till.settle()
        assert why not in till.text()
