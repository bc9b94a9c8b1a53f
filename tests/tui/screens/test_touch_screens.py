"""The screens for fingers as they are drawn today, on two phones and a tablet (`--snapshot-update`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.drawing.test_snapshots import Picture
from tests.tui.playing import FakeStore
from tests.tui.screens.test_screens import SCENES
from tests.tui.touching import PHONE, SIZES, a_touched_till

if TYPE_CHECKING:
    from pathlib import Path

    from syrupy.assertion import SnapshotAssertion


@pytest.mark.parametrize("name", ["login", "sell", "menu", "pay", "tabs"])
async def test_screen(name: str, tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    async with a_touched_till(tmp_path, PHONE, store=FakeStore()) as till:
        await till.type(SCENES[name])
        for width, height in SIZES:
            await till.resize(width, height)
            drawn = till.app.export_screenshot(title=name, simplify=True)
            assert drawn == snapshot(name=f"{width}x{height}", extension_class=Picture)
