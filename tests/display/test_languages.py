"""The display of guests in another language: every word is translated, and no sentence is cut."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.display.pictures import SHOTS, display_of, seen
from tests.tui.drawing.seeing import read
from tests.tui.test_languages import a_register_in, cut_in, english_in
from tools.screenshots import FixedClock, Shot

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize("size", [(80, 24), (40, 12)], ids="{0[0]}x{0[1]}".format)
@pytest.mark.parametrize("shot", SHOTS, ids=lambda shot: shot.name)
async def test_a_display_of_guests_is_translated(
    shot: Shot, size: tuple[int, int], qps: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = FixedClock()
    with a_register_in(shot, tmp_path, clock, monkeypatch, {}, qps) as register:
        display = display_of(await seen(register, shot, clock), shot)
    async with display.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.pause()
        rows = read(display)
    assert english_in(rows, shot) == []
    assert cut_in(rows) == []
