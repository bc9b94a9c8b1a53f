from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.tui.playing import LOG_IN, a_till
from till.tui.shell.app import TillApp

if TYPE_CHECKING:
    from pathlib import Path

    import pytest


async def test_a_window_that_opens_is_laid_out_once_and_one_that_changes_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    due: list[object] = []
    set_timer = TillApp.set_timer

    def noted(app: TillApp, delay: float, callback: Any = None, **more: Any) -> object:
        due.append(callback)
        return set_timer(app, delay, callback, **more)

    monkeypatch.setattr(TillApp, "set_timer", noted)
    async with a_till(tmp_path, typed=LOG_IN) as till:
        assert till.app._fit not in due
        for size in ((100, 30), (100, 30)):
            due.clear()
            await till.resize(*size)
            assert till.app._fit in due
