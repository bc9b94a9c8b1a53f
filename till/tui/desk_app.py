"""The app around the manager's desk: passes keys to the scene, and watches the venue."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.tui.screens.day.scene import DayScene
from till.tui.screens.desk.scene import DeskScene
from till.tui.screens.desk.screen import DeskScreen
from till.tui.screens.report.scene import ReportScene
from till.tui.shell.keymap import CLOSE, HELP, Keymap, KeyPress
from till.tui.shell.side_app import SideApp

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from till.domain.money.formats import Marks
    from till.ports.desk import Desk, TillDay
    from till.tui.drawing.palette import Paint
    from till.tui.screens.report.acts import ReportSource
    from till.tui.screens.report.words import Wanted
    from till.tui.shell.side_app import Front

_KEYS: Final = {HELP: ("f1", "question_mark", "ctrl+g"), CLOSE: ("ctrl+q",)}


def make_desk_keymap(remapped: Mapping[str, str] | None = None) -> Keymap:
    """Return the keymap of the desk, with the commands it shares with a till remapped as there.

    Raises:
        KeysError: a key cannot be used for its command.
    """
    return Keymap(_KEYS, {name: key for name, key in (remapped or {}).items() if name in _KEYS})


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
        marks: Marks,
        currency: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(paint)
        self._desk_screen = DeskScreen()
        self.scene = DeskScene(self, self._desk_screen, desk, keymap, marks, currency, monotonic)
        self._commands, self._marks, self._currency = keymap, marks, currency
        self._person = desk.person
        self._reports = reports
        self._over: DayScene | ReportScene | None = None

    @override
    def get_default_screen(self) -> DeskScreen:
        return self._desk_screen

    def on_mount(self) -> None:
        """Watch the venue once the screen is mounted."""
        self.scene.paint()
        self.set_interval(1.0, self.scene.paint)
        self.start(self.scene.watch())
        self.start(self.scene.follow())

    @property
    @override
    def front(self) -> Front:
        """The day or the reports that are open, or the desk."""
        return self._over or self.scene

    @override
    def hear(self, press: KeyPress) -> None:
        """Take a key in its turn. It waits while an act is under way at the server."""
        self.scene.press(press)

    def press(self, press: KeyPress) -> None:
        """Pass a key to the front scene. A key that waited may be meant for a day opened meanwhile."""
        if self._over is not None:
            self._over.press(press)
        else:
            self.scene.take(press)

    def open_day(self, day: TillDay, till_name: str) -> None:
        """Open a till's day over the desk."""
        marks, currency = self._marks, self._currency
        self._open(DayScene(day, till_name, self._commands, marks, currency, self._close))

    def open_report(self, wanted: Wanted) -> None:
        """Open the reports over the desk."""
        scene = ReportScene(self._reports, self._commands, self._person, self.start, self._close)
        self._open(scene)
        scene.open(wanted)

    def _open(self, scene: DayScene | ReportScene) -> None:
        self._over = scene
        self.push_screen(scene.screen)
        self.call_after_refresh(scene.paint)

    def _close(self) -> None:
        self._over = None
        self.pop_screen()
        self.call_after_refresh(self.scene.paint)
