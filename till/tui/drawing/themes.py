"""The twelve roles and their colours: three themes, for each number of colours a terminal may have."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping


class Tone(StrEnum):
    """The purpose of a colour. No other colours are used."""

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


class Theme(Struct, frozen=True):
    """A set of colours, one for each role, as `#rrggbb` or the name of one of the 16.

    `reverse` is true if a selected band is reversed, with all text on it in the background colour. `rules` is true if a
    surface looks like the background, so that a hairline must separate them.
    """

    name: str
    dark: bool
    colours: Mapping[Tone, str]
    reverse: bool = False
    rules: bool = False


def _theme(name: str, colours: str, *, dark: bool = True, reverse: bool = False, rules: bool = False) -> Theme:
    return Theme(name, dark, dict(zip(Tone, colours.split(), strict=True)), reverse, rules)


# In the order of Tone: bg surface select line text muted faint accent on_accent good warn bad.
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

SIXTEEN: Final[Mapping[str, Theme]] = {
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

# The nearest of 256 colours to the dark tints is black, so backdrops and faint text on them are chosen by hand.
INDEXED: Final[Mapping[str, Mapping[Tone, str]]] = {
    "dark": {
        Tone.BG: "#121212",
        Tone.SURFACE: "#1c1c1c",
        Tone.SELECT: "#303030",
        Tone.FAINT: "#8a8a8a",
    },
    "light": {Tone.BG: "#ffffff", Tone.SURFACE: "#f0f0f0", Tone.SELECT: "#d7ffff"},
    "contrast": {},
}
