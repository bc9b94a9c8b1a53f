"""The base of the till's app: it provides the paint to the widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from textual.app import App
from textual.theme import Theme
from typing_extensions import override

from till.tui.drawing.palette import Depth, Paint, Tone
from till.tui.drawing.row_compositor import RowsUpdate, TerminalRows

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.driver import Driver
    from textual.screen import Screen
    from textual.types import CSSPathType
    from textual.widget import Widget

T = TypeVar("T")


class ThemedApp(App[T], Generic[T]):
    """An app that draws with a paint.

    Args:
        paint: Styles for the theme and the terminal. Its depth cannot change while the app runs.
        css_path: Further style sheets.
        driver: The terminal's driver; Textual chooses one if None.
    """

    ENABLE_COMMAND_PALETTE = False
    CSS = "Screen { layers: base sheet; overflow: hidden; }"

    def __init__(self, paint: Paint, css_path: CSSPathType | None = None, driver: type[Driver] | None = None) -> None:
        # Colour names must reach the terminal unchanged: only the terminal knows its 16 colours.
        ansi = paint.depth in {Depth.SIXTEEN, Depth.NONE}
        super().__init__(driver_class=driver, css_path=css_path, ansi_color=ansi)
        self.paint = paint
        #: The rows now on the terminal.
        self.picture = TerminalRows()
        self._apply_theme()

    @override
    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Write the cells that differ from those on the terminal."""
        if isinstance(renderable, RowsUpdate) and not self._batch_count:
            renderable = self.picture.take(renderable, self.size.width)
        super()._display(screen, renderable)

    def is_key(self, _label: str) -> bool:
        """Return True if a label of the key bar names one key."""
        return False

    def changed(self, widget: Widget | None = None, before: object = None) -> None:
        """Note that a widget shows something else than `before`, or that all of the screen may have moved."""

    def paint_front(self) -> None:
        """Update the widgets in front, as after a change of size."""

    def repaint(self, paint: Paint) -> None:
        """Change the theme, or turn drawing characters on or off, everywhere at once."""
        self.paint = paint
        self._apply_theme()
        for screen in self.screen_stack:
            screen.refresh(layout=True)
            for widget in screen.walk_children():
                widget.refresh()

    def _apply_theme(self) -> None:
        theme = textual_theme(self.paint)
        self.register_theme(theme)
        self.theme = theme.name


def textual_theme(paint: Paint) -> Theme:
    """Return the paint as a Textual theme, for the part that Textual draws: the backgrounds of screens."""

    def colour_of(role: Tone) -> str:
        return "ansi_default" if paint.depth is Depth.NONE else paint.colour(role)

    return Theme(
        name=f"till-{paint.theme.name}-{paint.depth.value}",
        primary=colour_of(Tone.ACCENT),
        accent=colour_of(Tone.ACCENT),
        foreground=colour_of(Tone.TEXT),
        background=colour_of(Tone.BG),
        surface=colour_of(Tone.SURFACE),
        panel=colour_of(Tone.SURFACE),
        boost=colour_of(Tone.SURFACE),
        success=colour_of(Tone.GOOD),
        warning=colour_of(Tone.WARN),
        error=colour_of(Tone.BAD),
        dark=paint.theme.dark,
        ansi=paint.depth in {Depth.SIXTEEN, Depth.NONE},
        variables={  # Textual derives these by blending, which named colours cannot
            "ansi-background": colour_of(Tone.BG),
            "ansi-foreground": colour_of(Tone.TEXT),
            "border-blurred": colour_of(Tone.LINE),
            "block-cursor-foreground": colour_of(Tone.ON_ACCENT),
            "block-cursor-background": colour_of(Tone.ACCENT),
            "input-cursor-foreground": colour_of(Tone.ON_ACCENT),
            "input-cursor-background": colour_of(Tone.ACCENT),
            "input-cursor-text-style": "none",
            "input-selection-foreground": colour_of(Tone.ON_ACCENT),
            "input-selection-background": colour_of(Tone.ACCENT),
            "screen-selection-foreground": colour_of(Tone.ON_ACCENT),
            "screen-selection-background": colour_of(Tone.ACCENT),
        },
    )
