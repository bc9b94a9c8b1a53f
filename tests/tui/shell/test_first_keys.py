from __future__ import annotations

from inspect import CORO_CLOSED, getcoroutinestate
from typing import TYPE_CHECKING

from tests.tui.playing import a_till
from till.tui.screens.sheets.help import HelpSheet
from till.tui.shell.app import TillApp
from till.tui.shell.keymap import KeyPress

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_a_key_that_comes_before_the_first_paint_finds_what_is_behind_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_mount = TillApp.on_mount

    def pressed(app: TillApp) -> None:
        on_mount(app)
        app._take(KeyPress("f1"))

    monkeypatch.setattr(TillApp, "on_mount", pressed)
    async with a_till(tmp_path) as till:
        assert isinstance(till.app.controller.top, HelpSheet)


async def test_a_till_that_closes_starts_no_more_work(tmp_path: Path) -> None:
    async def work() -> None:
        pass

    async with a_till(tmp_path) as till:
        till.app.exit()
        begun = work()
        till.app.start(begun)
        assert getcoroutinestate(begun) == CORO_CLOSED, "Python would warn that it was never awaited"
