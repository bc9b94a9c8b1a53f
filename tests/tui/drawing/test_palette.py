import itertools

import pytest
from rich.color import Color, ColorSystem

from till.tui.drawing.palette import THEMES, Backdrop, Depth, Mark, Paint, Tone, detect

TEXT_ROLES = (
    Tone.TEXT,
    Tone.MUTED,
    Tone.FAINT,
    Tone.ACCENT,
    Tone.GOOD,
    Tone.WARN,
    Tone.BAD,
)
EVERY = list(itertools.product(Tone, Backdrop, (False, True)))


def luminance(colour: str) -> float:
    parts = (part / 255 for part in Color.parse(colour).get_truecolor())
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def shown(colour: Color, depth: Depth) -> str:
    """Return the colour as a terminal of this depth shows it."""
    return colour.name if depth is Depth.TRUE else colour.downgrade(ColorSystem.EIGHT_BIT).get_truecolor().hex


def contrast(over: str, under: str) -> float:
    light, dark = sorted((luminance(over), luminance(under)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("depth", [Depth.TRUE, Depth.INDEXED])
def test_no_text_falls_under_four_and_a_half(theme: str, depth: Depth) -> None:
    paint = Paint(theme, depth)
    for ground in (Backdrop.BG, Backdrop.SURFACE, Backdrop.SELECT):
        for role in TEXT_ROLES:
            if ground is Backdrop.SELECT and role is Tone.FAINT:
                continue  # the lists take muted there
            style = paint.style(role, ground)
            assert style.color is not None
            assert style.bgcolor is not None
            assert contrast(shown(style.color, depth), shown(style.bgcolor, depth)) >= 4.5, (role, ground)


@pytest.mark.parametrize(
    ("theme", "role", "ratio"),
    [
        ("dark", Tone.TEXT, 15.9),
        ("dark", Tone.FAINT, 5.1),
        ("dark", Tone.ACCENT, 10.3),
        ("light", Tone.MUTED, 7.1),
        ("light", Tone.FAINT, 5.2),
        ("contrast", Tone.ACCENT, 16),
    ],
)
def test_the_contrasts_are_those_of_the_look(theme: str, role: Tone, ratio: float) -> None:
    colours = THEMES[theme].colours
    assert contrast(colours[role], colours[Tone.BG]) == pytest.approx(ratio, abs=0.3)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("depth", Depth)
def test_palette_has_twelve_colours(theme: str, depth: Depth) -> None:
    paint = Paint(theme, depth)
    allowed = {paint.colour(role).removeprefix("ansi_") for role in Tone}
    for role, ground, bold in EVERY:
        style = paint.style(role, ground, bold=bold)
        colours = {colour.name for colour in (style.color, style.bgcolor) if colour is not None}
        assert colours <= (set() if depth is Depth.NONE else allowed)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("dimmed", [False, True])
def test_bright_black_is_for_hairlines_alone(theme: str, dimmed: bool) -> None:
    paint = Paint(theme, Depth.SIXTEEN)
    paint = paint.dimmed if dimmed else paint
    for role, ground, bold in EVERY:
        style = paint.style(role, ground, bold=bold)
        if role is not Tone.LINE:
            assert style.color is not None
            assert style.color.name != "bright_black"


@pytest.mark.parametrize("depth", [Depth.SIXTEEN, Depth.NONE])
def test_without_tints_reverse_video_shows_the_selection(depth: Depth) -> None:
    paint = Paint("dark", depth)
    assert paint.style(Tone.TEXT, Backdrop.SELECT).reverse
    assert not paint.style(Tone.TEXT, Backdrop.SURFACE).reverse
    assert paint.rules
    assert paint.glyphs.select == "▸"


def test_the_cursor_and_the_primary_key_show_without_colour() -> None:
    assert Paint("dark", Depth.NONE).style(Tone.ON_ACCENT, Backdrop.ACCENT, bold=True).reverse


def test_behind_a_sheet_nothing_is_bold_selected_or_as_bright() -> None:
    for depth in Depth:
        paint = Paint("dark", depth).dimmed
        style = paint.style(Tone.TEXT, Backdrop.SELECT, bold=True)
        assert not style.bold
        assert not style.reverse
    bright, dim = Paint().style(Tone.TEXT), Paint().dimmed.style(Tone.TEXT)
    assert bright.color is not None
    assert dim.color is not None
    assert luminance(dim.color.name) < luminance(bright.color.name) / 3


def test_styles_are_made_once() -> None:
    paint = Paint()
    assert paint.style(Tone.TEXT, bold=True) is paint.style(Tone.TEXT, bold=True)
    assert paint.dimmed is paint.dimmed
    assert paint.dimmed.dimmed is paint.dimmed


def test_without_drawing_characters_words_stay_and_signs_are_spelt() -> None:
    paint = Paint(plain=True)
    assert paint.say("Added 1 × Masala Dosa. Total −₹95.50…") == "Added 1 x Masala Dosa. Total -₹95.50..."
    assert paint.say("↑ 2 above") == "2 above"
    assert [paint.symbol(mark) for mark in (Mark.SAVED, Mark.SAVING, Mark.HERE, Mark.OFFLINE, Mark.ATTENTION)] == [
        "*",
        "~",
        "o",
        "!",
        "X",
    ]
    assert all(paint.symbol(mark).isascii() for mark in Mark)


def test_spoken_text_is_harmless() -> None:
    assert Paint().say("a\x1b[2Jb\u202ec") == "a[2Jbc"


@pytest.mark.parametrize(
    ("environ", "depth"),
    [
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor"}, Depth.TRUE),
        ({"TERM": "xterm-256color"}, Depth.INDEXED),
        ({"TERM": "tmux-256color"}, Depth.INDEXED),
        ({"TERM": "xterm-kitty"}, Depth.INDEXED),
        ({"TERM": "xterm"}, Depth.SIXTEEN),
        ({"TERM": "linux"}, Depth.SIXTEEN),
        ({"TERM": "vt100"}, Depth.NONE),
        ({"TERM": "dumb", "COLORTERM": "truecolor"}, Depth.NONE),
        ({"TERM": "xterm-256color", "COLORTERM": "truecolor", "NO_COLOR": "1"}, Depth.NONE),
        ({"TERM": "xterm-256color", "TEXTUAL_COLOR_SYSTEM": "standard"}, Depth.SIXTEEN),
        ({}, Depth.SIXTEEN),
    ],
)
def test_the_terminal_says_how_many_colours_it_has(environ: dict[str, str], depth: Depth) -> None:
    assert detect(environ) is depth
