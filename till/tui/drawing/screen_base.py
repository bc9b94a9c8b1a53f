"""A screen that lays itself out for every size, and shows a notice if the window is too small."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from textual.geometry import NULL_OFFSET, Offset, Region
from typing_extensions import override

from till.domain.i18n import _
from till.tui.drawing.direct import DirectScreen
from till.tui.drawing.layout import SMALLEST, Areas, areas, place
from till.tui.drawing.palette import Tone
from till.tui.drawing.widgets.drawn import Drawn

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual import events
    from textual.app import ComposeResult
    from textual.strip import Strip
    from textual.widget import Widget

    from till.tui.drawing.widgets.line import TextLine

T = TypeVar("T")


class TooSmall(Drawn[None]):
    """A notice in place of a screen that does not fit."""

    DEFAULT_CSS = "TooSmall { layer: sheet; }"

    @override
    def draw(self, y: int) -> TextLine:
        """Draw one sentence, over as many rows as it needs."""
        line = self.line()
        words = _("This window is too small: make it at least {columns} × {rows}.").format(
            columns=SMALLEST[0], rows=SMALLEST[1]
        )
        rows: list[str] = [""]
        for word in words.split():
            if rows[-1] and len(rows[-1]) + 1 + len(word) > line.width:
                rows.append(word)
            else:
                rows[-1] = f"{rows[-1]} {word}".strip()
        if y < len(rows):
            line.put(0, rows[y], Tone.TEXT)
        return line


class ScreenBase(DirectScreen[T], Generic[T]):
    """A screen on the grid. Its widgets are attributes, which subclasses place in `lay`."""

    _blank: tuple[object, Strip] | None = None
    _styled_by: object = None

    @override
    def render_lines(self, crop: Region) -> list[Strip]:
        """Return the rows behind the widgets, for Textual: the same blank row while size and theme are unchanged."""
        made_for = (crop.width, self.app.theme)
        if self._blank is None or self._blank[0] != made_for:
            self._blank = made_for, super().render_lines(Region(0, 0, crop.width, 1))[0]
        return [self._blank[1]] * crop.height

    @property
    @override
    def content_offset(self) -> Offset:
        """The corner: a screen on the grid has no border or padding."""
        return NULL_OFFSET

    @override
    def compose(self) -> ComposeResult:
        """Yield the subclass's widgets and the notice for a window that is too small."""
        self._widgets = tuple(self.widgets())
        yield from self._widgets
        self._too_small = TooSmall(None)
        yield self._too_small

    def widgets(self) -> ComposeResult:
        """Yield the widgets of the screen."""
        yield from [one for one in vars(self).values() if isinstance(one, Drawn)]

    @abstractmethod
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Return the regions of widgets on a screen of this size; others are hidden. Sheets may be placed here too."""

    @property
    def grid(self) -> Areas | None:
        """The regions of the screen at its current size; None if it is too small."""
        return areas(*self.app.size)

    def lay_now(self) -> None:
        """Lay out for the current size, after something was shown or removed."""
        found = self.grid
        place(self._too_small, self.app.size.region if found is None else None)
        if found is None:
            return
        places = self.lay(found)
        for widget in self._widgets:
            if isinstance(widget, Drawn):
                place(widget, places.get(widget))

    def on_mount(self) -> None:
        """Lay out before the first paint."""
        self.lay_now()

    def on_screen_resume(self, event: events.ScreenResume) -> None:
        """Apply a style sheet once: a screen that comes back has its styles, unless the theme has changed since."""
        rules = self.app.stylesheet.rules_map  # another object whenever the sheet is read again
        event.refresh_styles = event.refresh_styles and rules is not self._styled_by
        if event.refresh_styles:
            self._styled_by = rules

    def on_resize(self, _event: events.Resize) -> None:
        """Lay out for the new size."""
        self.lay_now()
