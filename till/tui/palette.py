"""The twelve roles, three themes and four depths of colour, and the styles that come of them.

No widget names a colour. It names a role and the ground it stands on; `Paint` answers with a style for the theme and
the terminal at hand. In 16 colours a ground cannot be tinted, without colour nothing can, so there hairlines and
reverse video say what a tint says elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TYPE_CHECKING, Final

from rich.color import Color, blend_rgb
from rich.style import Style

from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

DIM: Final = 0.6
"""How far what lies behind a sheet moves towards the ground."""


class Role(StrEnum):
    """What a colour is for. There is no other colour anywhere."""

    BG = "bg"
    SURFACE = "surface"
    SELECT = "select"
    LINE = "line"
    TEXT = "text"
    MUTED = "muted"
    FAINT = "faint"
    ACCENT = "accent"
    ON_ACCENT = "on_accent"
    GOOD = "good"
    WARN = "warn"
    BAD = "bad"


class Ground(StrEnum):
    """What lies under a text."""

    BG = "bg"
    SURFACE = "surface"
    SELECT = "select"
    ACCENT = "accent"  # the primary key and the cursor
    ALARM = "alarm"  # TRAINING and what needs attention: reversed


class Depth(Enum):
    """How many colours the terminal has."""

    TRUE = "truecolor"
    INDEXED = "256"
    SIXTEEN = "16"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Theme:
    """A set of colours, one for each role, as `#rrggbb` or the name of one of the 16.

    `reverse` says that a selected band is the ground turned round, with every text on it in the ground's colour.
    `rules` says that a surface looks like the ground, so that a hairline must part them.
    """

    name: str
    dark: bool
    colours: Mapping[Role, str]
    reverse: bool = False
    rules: bool = False


def _theme(name: str, colours: str, *, dark: bool = True, reverse: bool = False, rules: bool = False) -> Theme:
    return Theme(name, dark, dict(zip(Role, colours.split(), strict=True)), reverse, rules)


# In the order of Role: bg surface select line text muted faint accent on_accent good warn bad.
THEMES: Final[Mapping[str, Theme]] = {
    theme.name: theme
    for theme in (
        _theme(
            "dark",
            "#0f1216 #181d24 #15323b #343d49 #eeece6 #a4abb6 #7d8694 #5ccfe6 #06171c #83d68c #f2b84b #ff7a70",
        ),
        _theme(
            "light",
            "#fbfaf6 #efede6 #d5eaf1 #c9c4b8 #1a1d21 #50565f #646a73 #00657f #ffffff #1d7237 #8a5300 #b3261e",
            dark=False,
        ),
        _theme(
            "contrast",
            "#000000 #000000 #ffffff #ffffff #ffffff #ffffff #d6d6d6 #ffe14a #000000 #ffffff #ffffff #ffffff",
            reverse=True,
            rules=True,
        ),
    )
}

_SIXTEEN: Final[Mapping[str, Theme]] = {
    theme.name: theme
    for theme in (
        _theme(
            "dark",
            "default default default bright_black bright_white white white bright_cyan black "
            "bright_green bright_yellow bright_red",
            reverse=True,
            rules=True,
        ),
        _theme(
            "light",
            "default default default white black black black blue bright_white green black red",
            dark=False,
            reverse=True,
            rules=True,
        ),
        _theme(
            "contrast",
            "black black bright_white bright_white bright_white bright_white white bright_yellow black "
            "bright_white bright_white bright_white",
            reverse=True,
            rules=True,
        ),
    )
}

# The nearest of 256 to the dark tints is black itself, so the grounds, and what is faint on them, are chosen by hand.
_INDEXED: Final[Mapping[str, Mapping[Role, str]]] = {
    "dark": {Role.BG: "#121212", Role.SURFACE: "#1c1c1c", Role.SELECT: "#303030", Role.FAINT: "#8a8a8a"},
    "light": {Role.BG: "#ffffff", Role.SURFACE: "#f0f0f0", Role.SELECT: "#d7ffff"},
    "contrast": {},
}


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The drawn characters. An empty one is not drawn at all."""

    select: str
    hairline: str
    heavy: str
    divider: str
    thumb: str
    bar: str
    dot: str
    figures: bool


_DRAWN: Final = Glyphs(select="▌", hairline="─", heavy="━", divider="│", thumb="┃", bar="▆", dot="●", figures=True)
_REVERSED: Final = Glyphs(select="▸", hairline="─", heavy="━", divider="│", thumb="┃", bar="▆", dot="●", figures=True)
_PLAIN: Final = Glyphs(select=">", hairline="", heavy="", divider="", thumb="", bar="", dot="*", figures=False)


class Mark(StrEnum):
    """A state told by a symbol with its word."""

    SAVED = "saved"
    SAVING = "saving"
    HERE = "saved here"
    OFFLINE = "offline"
    ATTENTION = "needs attention"
    GOOD = "good"
    APPROVED = "approved"
    WAITING = "not taken yet"
    REFUSED = "declined, locked, void"
    NOTICE = "notice"
    OVER = "over"
    SHORT = "short"
    AGREES = "agrees"

    @property
    def role(self) -> Role:
        """The role of symbol and word."""
        return _SYMBOLS[self][2]

    @property
    def bold(self) -> bool:
        """Whether symbol and word are bold."""
        return _SYMBOLS[self][3]


# The symbol, the same without drawing characters, the role, bold.
_SYMBOLS: Final[Mapping[Mark, tuple[str, str, Role, bool]]] = {
    Mark.SAVED: ("●", "*", Role.GOOD, False),
    Mark.SAVING: ("◐", "~", Role.TEXT, False),
    Mark.HERE: ("○", "o", Role.TEXT, False),
    Mark.OFFLINE: ("▲", "!", Role.WARN, True),
    Mark.ATTENTION: ("✖", "X", Role.BAD, True),
    Mark.GOOD: ("●", "*", Role.GOOD, False),
    Mark.APPROVED: ("✓", "=", Role.GOOD, False),
    Mark.WAITING: ("○", "o", Role.TEXT, False),
    Mark.REFUSED: ("✖", "X", Role.BAD, False),
    Mark.NOTICE: ("▲", "!", Role.WARN, True),
    Mark.OVER: ("▲", "+", Role.WARN, False),
    Mark.SHORT: ("▼", "-", Role.BAD, False),
    Mark.AGREES: ("✓", "=", Role.GOOD, False),
}

# What may stand inside a sentence; a screen reader spells these out or skips them.
_SPELT: Final = {"↑↓": "Up/Down", "←→": "Left/Right", "↑ ": "", "↓ ": "", "○ ": ""}
_SPOKEN: Final = str.maketrans(
    {
        "×": "x",
        "−": "-",
        "–": "-",
        "…": "...",
        "✖": "X",
        "✓": "=",
        "▲": "!",
        "▼": "-",
        "●": "*",
        "○": "o",
        "◐": "~",
        "↑": "^",
        "↓": "v",
        "→": ">",
        "←": "<",
        "·": "-",
        "▸": ">",
    }
)


class Paint:
    """Styles by role and state for one theme on one terminal. Styles are made once and kept.

    Args:
        theme: A name of `THEMES`.
        depth: How many colours the terminal has.
        plain: No drawing characters, for screen readers.
        dimmed: What lies behind a sheet: everything moved towards the ground, nothing bold, nothing selected.
    """

    def __init__(
        self,
        theme: str = "dark",
        depth: Depth = Depth.TRUE,
        *,
        plain: bool = False,
        dimmed: bool = False,
    ) -> None:
        self.theme = (_SIXTEEN if depth is Depth.SIXTEEN else THEMES)[theme]
        self.depth = depth
        self.plain = plain
        self.is_dimmed = dimmed
        self._styles: dict[tuple[Role, Ground, bool, bool], Style] = {}
        self._dimmed: Paint | None = None
        self._colours = dict(self.theme.colours)
        if depth is Depth.INDEXED:
            self._colours |= _INDEXED[theme]
        reverse = self.theme.reverse or depth is Depth.NONE
        self.glyphs = _PLAIN if plain else _REVERSED if reverse else _DRAWN
        self.rules = (self.theme.rules or depth is Depth.NONE) and not plain

    @property
    def dimmed(self) -> Paint:
        """The same paint for what lies behind a sheet."""
        if self.is_dimmed:
            return self
        if self._dimmed is None:
            self._dimmed = Paint(self.theme.name, self.depth, plain=self.plain, dimmed=True)
        return self._dimmed

    def colour(self, role: Role) -> str:
        """The colour of a role as CSS can name it; meaningless at `Depth.NONE`."""
        colour = self._colours[role]
        return colour if colour.startswith("#") else f"ansi_{colour}"

    def style(
        self, role: Role = Role.TEXT, ground: Ground = Ground.BG, *, bold: bool = False, strike: bool = False
    ) -> Style:
        """The style of a text of `role` that stands on `ground`."""
        key = (role, ground, bold, strike)
        style = self._styles.get(key)
        if style is None:
            style = self._styles[key] = self._make(*key)
        return style

    def say(self, text: str) -> str:
        """`text` safe to show, and without drawing characters when the screen must do without."""
        shown = clean(text)
        if not self.plain:
            return shown
        for drawn, spoken in _SPELT.items():
            shown = shown.replace(drawn, spoken)
        return shown.translate(_SPOKEN)

    def symbol(self, mark: Mark) -> str:
        """The symbol of a state."""
        return _SYMBOLS[mark][1] if self.plain else _SYMBOLS[mark][0]

    def _make(self, role: Role, ground: Ground, bold: bool, strike: bool) -> Style:
        attributes = Style(bold=bold and not self.is_dimmed, strike=strike)
        if self.depth is Depth.NONE:
            reverse = ground in {Ground.SELECT, Ground.ACCENT, Ground.ALARM} and not self.is_dimmed
            return attributes + Style(reverse=reverse)
        if self.depth is Depth.SIXTEEN:
            return attributes + self._sixteen(role, ground)
        return attributes + self._full(role, ground)

    def _full(self, role: Role, ground: Ground) -> Style:
        colours = self._colours
        over, under = colours[role], colours[Role.BG]
        if ground is Ground.SURFACE:
            under = colours[Role.SURFACE]
        elif ground is Ground.SELECT:
            under = colours[Role.SELECT]
            over = colours[Role.BG] if self.theme.reverse else over
        elif ground is Ground.ACCENT:
            over, under = colours[Role.ON_ACCENT], colours[Role.ACCENT]
        elif ground is Ground.ALARM:
            over, under = under, over
        if self.is_dimmed:
            over, under = self._towards_ground(over), self._towards_ground(under)
        return Style(color=over, bgcolor=under)

    def _sixteen(self, role: Role, ground: Ground) -> Style:
        # Bright black is for hairlines alone: many schemes make it invisible as text.
        colours = self._colours
        if self.is_dimmed:
            return Style(color=colours[role if role is Role.LINE else Role.FAINT], bgcolor=colours[Role.BG])
        if ground is Ground.SELECT:
            return Style(color=colours[Role.TEXT], bgcolor=colours[Role.BG], reverse=True)
        if ground is Ground.ACCENT:
            return Style(color=colours[Role.ON_ACCENT], bgcolor=colours[Role.ACCENT])
        warns = role is Role.WARN and not self.theme.dark  # black like the rest, so its weight must tell
        return Style(color=colours[role], bgcolor=colours[Role.BG], reverse=ground is Ground.ALARM, bold=warns or None)

    def _towards_ground(self, colour: str) -> str:
        start, end = Color.parse(colour).get_truecolor(), Color.parse(self._colours[Role.BG]).get_truecolor()
        return blend_rgb(start, end, DIM).hex


def detect(environ: Mapping[str, str]) -> Depth:
    """How many colours the terminal has, by the rules that Textual's own console goes by.

    `NO_COLOR` wins whatever its value, for Textual takes it so; then `TEXTUAL_COLOR_SYSTEM`, `COLORTERM`, `TERM`.
    """
    if "NO_COLOR" in environ:
        return Depth.NONE
    forced = environ.get("TEXTUAL_COLOR_SYSTEM", "auto")
    named = {"truecolor": Depth.TRUE, "256": Depth.INDEXED, "standard": Depth.SIXTEEN}
    if forced in named:
        return named[forced]
    term = environ.get("TERM", "").strip().lower()
    if term in {"dumb", "unknown"} or term.endswith(("-m", "-mono")) or term.startswith("vt"):
        return Depth.NONE
    if environ.get("COLORTERM", "").strip().lower() in {"truecolor", "24bit"}:
        return Depth.TRUE
    return Depth.INDEXED if term.rsplit("-", 1)[-1] in {"256color", "kitty"} else Depth.SIXTEEN
