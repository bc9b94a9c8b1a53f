"""The app around the manager's desk: watches the venue, and opens days and reports over the desk."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from till.tui.screens.day import DayScene
from till.tui.screens.desk.scene import DeskScene
from till.tui.screens.desk.screen import DeskScreen
from till.tui.screens.report.scene import ReportScene
from till.tui.shell.side_app import SideApp

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.money.formats import LocaleFormats
    from till.ports.desk import Desk, TillDay
    from till.tui.drawing.palette import Paint
    from till.tui.screens.report.scene import ReportSource
    from till.tui.screens.report.words import ReportRequest
    from till.tui.shell.keymap import Keymap


class DeskApp(SideApp):
    """The desk on one screen.

    Args:
        desk: the database.
        reports: the reports, read from it.
        paint: the colours.
        keymap: the keys of each command.
        marks: the venue's number format.
        currency: the venue's currency code.
        monotonic: the monotonic clock, in seconds.
    """

    def __init__(
        self,
        desk: Desk,
        reports: ReportSource,
        paint: Paint,
        keymap: Keymap,
        marks: LocaleFormats,
        currency: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        screen = DeskScreen()
        super().__init__(paint, screen)
        self.scene: DeskScene = DeskScene(self, screen, desk, keymap, marks, currency, monotonic)
        self._commands, self._marks, self._currency = keymap, marks, currency
        self._person = desk.person
        self._reports = reports

    def on_mount(self) -> None:
        """Watch the venue once the screen is mounted."""
        self.set_interval(1.0, self.scene.paint)
        self.start(self.scene.watch())
        self.start(self.scene.follow())

    def open_day(self, day: TillDay, till_name: str) -> None:
        """Open a till's day over the desk."""
        self.open(DayScene(self, day, till_name, self._commands, self._marks, self._currency))

    def open_report(self, wanted: ReportRequest) -> None:
        """Open the reports over the desk."""
        scene = ReportScene(self, self._commands, self._reports, self._person)
        self.open(scene)
        scene.open(wanted)
