"""The pictures as they are drawn today; look at a difference before taking it (`--snapshot-update`)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from tests.tui.drawing.gallery import SCENES
from tests.tui.drawing.seeing import show

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

KEPT = [
    *("sell-120x36", "sell-80x24", "sell-offline", "sell-light", "sell-contrast"),
    *("login", "pay", "takeover", "z-report"),
    *("offline-80x24", "login-80x24", "pay-80x24", "takeover-80x24", "menu-80x24"),
    *("sell-no-colour", "offline-plain"),
]


class Picture(SingleFileSnapshotExtension):
    """One SVG for each scene, which any browser shows."""

    _write_mode = WriteMode.TEXT
    file_extension = "svg"


@pytest.mark.parametrize("name", KEPT)
async def test_scene(name: str, snapshot: SnapshotAssertion) -> None:
    async with show(name) as app:
        drawn = app.export_screenshot(title=name, simplify=True)
    assert name in SCENES
    assert drawn == snapshot(extension_class=Picture)
