"""The screen of notices."""

from __future__ import annotations

from till.tui.drawing.screen import ListScreen


class NoticesScreen(ListScreen):
    """The notices, and the text of the marked one."""
