"""The twelve roles, three themes and four colour depths, and the styles made from them.

Widgets name a role and a backdrop instead of a colour; `Paint` returns the style for the theme and the terminal. With
16 colours or none, a backdrop cannot be tinted: hairlines and reverse video replace the tints.
"""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Final

from rich.color import Color, blend_rgb
from rich.style import Style

from till.domain.text import clean
from till.tui.drawing.glyphs import DRAWN, PLAIN, REVERSED, Mark, spell, symbol
from till.tui.drawing.themes import INDEXED, SIXTEEN, THEMES, Tone

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["THEMES", "Backdrop", "Depth", "Mark", "Paint", "Tone", "detect"]

DIM: Final = 0.6
"""The share by which colours behind a sheet move towards the background."""


class Backdrop(StrEnum):
    """The backdrop of a text."""

    BG = "bg"
    SURFACE = "surface"
    SELECT = "select"
    ACCENT = "accent"  # the primary key and the cursor
    ALARM = "alarm"  # TRAINING and what needs attention: reversed


class Depth(Enum):
    """The number of colours of the terminal."""

    TRUE = "truecolor"
    INDEXED = "256"
    SIXTEEN = "16"
    NONE = "none"


class Paint:
    """Styles by role and state, for one theme on one terminal. Styles are made once and cached.

    Args:
        theme: A name of `THEMES`.
        depth: The number of colours of the terminal.
        plain: True to use no drawing characters, for screen readers.
        touch: True for fingers: keys, items and amounts are tiles.
        dimmed: True behind a sheet: all colours moved towards the background, nothing bold or selected.
    """

    def __init__(
        self,
        theme: str = "dark",
        depth: Depth = Depth.TRUE,
        *,
        plain: bool = False,
        touch: bool = False,
        dimmed: bool = False,
    ) -> None:
        self.theme = (SIXTEEN if depth is Depth.SIXTEEN else THEMES)[theme]
        self.depth = depth
        self.plain = plain
        self.touch = touch
        self.is_dimmed = dimmed
        self._styles: dict[tuple[Tone, Backdrop, bool, bool, bool], Style] = {}
        self._dimmed: Paint | None = None
        #: Returns a text safe to show, without drawing characters if the screen uses none.
        self.say: Callable[[str], str] = _plain if plain else clean
        self._colours = dict(self.theme.colours)
        if depth is Depth.INDEXED:
            self._colours |= INDEXED[theme]
        reverse = self.theme.reverse or depth is Depth.NONE
        self.glyphs = PLAIN if plain else REVERSED if reverse else DRAWN
        self.rules = (self.theme.rules or depth is Depth.NONE) and not plain

    @property
    def dimmed(self) -> Paint:
        """The dimmed paint for widgets behind a sheet."""
        if self.is_dimmed:
            return self
        if self._dimmed is None:
            self._dimmed = Paint(self.theme.name, self.depth, plain=self.plain, touch=self.touch, dimmed=True)
        return self._dimmed

    def colour(self, role: Tone) -> str:
        """Return the colour of a role as a CSS name; meaningless at `Depth.NONE`."""
        colour = self._colours[role]
        return colour if colour.startswith("#") else f"ansi_{colour}"

    def style(
        self,
        role: Tone = Tone.TEXT,
        ground: Backdrop = Backdrop.BG,
        *,
        bold: bool = False,
        strike: bool = False,
        underline: bool = False,
    ) -> Style:
        """Return the style of a text of `role` on `ground`."""
        key = (role, ground, bold, strike, underline)
        style = self._styles.get(key)
        if style is None:
            style = self._styles[key] = self._make(*key)
        return style

    def symbol(self, mark: Mark) -> str:
        """Return the symbol of a state."""
        return symbol(mark, plain=self.plain)

    def _make(self, role: Tone, ground: Backdrop, bold: bool, strike: bool, underline: bool) -> Style:
        attributes = Style(bold=bold and not self.is_dimmed, strike=strike, underline=underline or None)
        if self.depth is Depth.NONE:
            reverse = ground in {Backdrop.SELECT, Backdrop.ACCENT, Backdrop.ALARM} and not self.is_dimmed
            return attributes + Style(reverse=reverse)
        if self.depth is Depth.SIXTEEN:
            return attributes + self._sixteen(role, ground)
        return attributes + self._full(role, ground)

    def _full(self, role: Tone, ground: Backdrop) -> Style:
        colours = self._colours
        over, under = colours[role], colours[Tone.BG]
        if ground is Backdrop.SURFACE:
            under = colours[Tone.SURFACE]
        elif ground is Backdrop.SELECT:
            under = colours[Tone.SELECT]
            over = colours[Tone.BG] if self.theme.reverse else over
        elif ground is Backdrop.ACCENT:
            over, under = colours[Tone.ON_ACCENT], colours[Tone.ACCENT]
        elif ground is Backdrop.ALARM:
            over, under = under, over
        if self.is_dimmed:
            over, under = self._towards_ground(over), self._towards_ground(under)
        return Style(color=over, bgcolor=under)

    def _sixteen(self, role: Tone, ground: Backdrop) -> Style:
        # Bright black is for hairlines only: many colour schemes make text in it invisible.
        colours = self._colours
        if self.is_dimmed:
            return Style(color=colours[role if role is Tone.LINE else Tone.FAINT], bgcolor=colours[Tone.BG])
        if ground is Backdrop.SELECT:
            return Style(color=colours[Tone.TEXT], bgcolor=colours[Tone.BG], reverse=True)
        if ground is Backdrop.ACCENT:
            return Style(color=colours[Tone.ON_ACCENT], bgcolor=colours[Tone.ACCENT])
        warns = role is Tone.WARN and not self.theme.dark  # black like other text, so it must be bold
        return Style(
            color=colours[role], bgcolor=colours[Tone.BG], reverse=ground is Backdrop.ALARM, bold=warns or None
        )

    def _towards_ground(self, colour: str) -> str:
        start, end = Color.parse(colour).get_truecolor(), Color.parse(self._colours[Tone.BG]).get_truecolor()
        return blend_rgb(start, end, DIM).hex


def _plain(text: str) -> str:
    return spell(clean(text))


def detect(environ: Mapping[str, str]) -> Depth:
    """Return the number of colours of the terminal, by the rules of Textual's console.

    `NO_COLOR` wins whatever its value, as in Textual; then `TEXTUAL_COLOR_SYSTEM`, `COLORTERM` and `TERM` count.
    """
    if "NO_COLOR" in environ:
        return Depth.NONE
    forced = environ.get("TEXTUAL_COLOR_SYSTEM", "auto")
    depths = {"truecolor": Depth.TRUE, "256": Depth.INDEXED, "standard": Depth.SIXTEEN}
    if forced in depths:
        return depths[forced]
    term = environ.get("TERM", "").strip().lower()
    if term in {"dumb", "unknown"} or term.endswith(("-m", "-mono")) or term.startswith("vt"):
        return Depth.NONE
    if environ.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return Depth.TRUE
    return Depth.INDEXED if term.rsplit("-", 1)[-1] in {"256color", "kitty"} else Depth.SIXTEEN
