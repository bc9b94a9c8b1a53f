"""An app that provides its paint to the widgets. The till's app is built on it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from textual.app import App
from textual.theme import Theme
from typing_extensions import override

from till.tui.drawing.palette import Depth, Paint, Tone
from till.tui.drawing.row_compositor import Picture, RowsUpdate

if TYPE_CHECKING:
    from rich.console import RenderableType
    from textual.driver import Driver
    from textual.screen import Screen
    from textual.types import CSSPathType

T = TypeVar("T")


class ThemedApp(App[T], Generic[T]):
    """An app with a paint.

    Args:
        paint: Styles for the theme and terminal at hand. Its depth cannot change while the app runs.
        css_path: Further style sheets.
        driver: The terminal's driver; Textual chooses one if None.
    """

    ENABLE_COMMAND_PALETTE = False
    CSS = "Screen { layers: base sheet; overflow: hidden; }"

    def __init__(self, paint: Paint, css_path: CSSPathType | None = None, driver: type[Driver] | None = None) -> None:
        # Colour names must reach the terminal unchanged: it, not Textual, knows what its 16 colours look like.
        ansi = paint.depth in {Depth.SIXTEEN, Depth.NONE}
        super().__init__(driver_class=driver, css_path=css_path, ansi_color=ansi)
        self.paint = paint
        #: The rows on the terminal.
        self.picture = Picture()
        self._take_theme()

    @override
    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Write the cells that differ from those on the terminal."""
        if isinstance(renderable, RowsUpdate) and not self._batch_count:
            renderable = self.picture.take(renderable, self.size.width)
        super()._display(screen, renderable)

    def repaint(self, paint: Paint) -> None:
        """Change the theme, or turn drawing characters on or off, everywhere at once."""
        self.paint = paint
        self._take_theme()
        for screen in self.screen_stack:
            screen.refresh(layout=True)
            for widget in screen.walk_children():
                widget.refresh()

    def _take_theme(self) -> None:
        theme = textual_theme(self.paint)
        self.register_theme(theme)
        self.theme = theme.name


def textual_theme(paint: Paint) -> Theme:
    """Return the paint as a Textual theme, for what Textual draws itself: the background of a screen, a `DataTable`."""

    def of(role: Tone) -> str:
        return "ansi_default" if paint.depth is Depth.NONE else paint.colour(role)

    return Theme(
        name=f"till-{paint.theme.name}-{paint.depth.value}",
        primary=of(Tone.ACCENT),
        accent=of(Tone.ACCENT),
        foreground=of(Tone.TEXT),
        background=of(Tone.BG),
        surface=of(Tone.SURFACE),
        panel=of(Tone.SURFACE),
        boost=of(Tone.SURFACE),
        success=of(Tone.GOOD),
        warning=of(Tone.WARN),
        error=of(Tone.BAD),
        dark=paint.theme.dark,
        ansi=paint.depth in {Depth.SIXTEEN, Depth.NONE},
        variables={  # Textual derives these by blending, which named colours cannot
            "ansi-background": of(Tone.BG),
            "ansi-foreground": of(Tone.TEXT),
            "border-blurred": of(Tone.LINE),
            "block-cursor-foreground": of(Tone.ON_ACCENT),
            "block-cursor-background": of(Tone.ACCENT),
            "input-cursor-foreground": of(Tone.ON_ACCENT),
            "input-cursor-background": of(Tone.ACCENT),
            "input-cursor-text-style": "none",
            "input-selection-foreground": of(Tone.ON_ACCENT),
            "input-selection-background": of(Tone.ACCENT),
            "screen-selection-foreground": of(Tone.ON_ACCENT),
            "screen-selection-background": of(Tone.ACCENT),
        },
    )
