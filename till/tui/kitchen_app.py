"""The app around the board of the kitchen."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from till.register.other_tills.news import LightChanged, ReferenceChanged, ServerAnswered
from till.tui.screens.kitchen.board import KitchenScene
from till.tui.screens.kitchen.screen import KitchenDisplay
from till.tui.shell.side_app import SideApp

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.register.board import KitchenScreen
    from till.register.other_tills.news import News
    from till.register.register import Register
    from till.tui.drawing.palette import Paint
    from till.tui.shell.keymap import Keymap


class KitchenApp(SideApp):
    """The board on one screen. It is the watcher of its register: each answer of the server may have brought tickets.

    Args:
        register: the till behind the screen.
        kitchen: the tickets.
        paint: the colours.
        keymap: the keys of each command.
        after_paint: called once when the board is painted, to start the network.
    """

    def __init__(
        self,
        register: Register,
        kitchen: KitchenScreen,
        paint: Paint,
        keymap: Keymap,
        after_paint: Callable[[], None] = lambda: None,
    ) -> None:
        screen = KitchenDisplay()
        super().__init__(paint, screen)
        self.scene: KitchenScene = KitchenScene(self, screen, keymap, register, kitchen)
        self._due = asyncio.Event()
        self._after_paint = after_paint
        register.watcher = self
        register.access.stations = kitchen.boards
        register.access.speak()

    def on_mount(self) -> None:
        """Show what is known, and read the tickets once the server answers."""
        self.scene.paint()
        self.set_interval(1.0, self.paint_front)
        self.start(self.scene.watch(self._due))
        self.call_after_refresh(self._after_paint)

    def look_soon(self) -> None:
        """Read the tickets: some came, or are done."""
        self._due.set()

    def on_news(self, news: News) -> None:
        """Act on news of the sync."""
        if isinstance(news, ServerAnswered):
            self.look_soon()
        elif isinstance(news, LightChanged | ReferenceChanged):
            self.call_later(self.paint_front)
