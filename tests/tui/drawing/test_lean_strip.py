"""The cuts of a row."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from till.domain.text import clean
from till.tui.drawing.lean_strip import LeanStrip

STYLES = [Style(bold=True), Style(strike=True)]
TEXTS = st.text(st.sampled_from("a1 ₹█字👍é"), min_size=1, max_size=8).map(clean)
ROWS = st.lists(st.builds(Segment, TEXTS, st.sampled_from(STYLES), st.none()), max_size=5)


def cells(strip: Strip) -> list[tuple[str, Style | None]]:
    return [(char, segment.style) for segment in strip for char in segment.text]


@given(ROWS, st.integers(0, 30), st.integers(0, 30))
def test_a_row_is_cut_as_textual_cuts_it(segments: list[Segment], start: int, end: int) -> None:
    width = sum(cell_len(segment.text) for segment in segments)
    ours, theirs = LeanStrip(list(segments), width).crop(start, end), Strip(segments, width).crop(start, end)
    assert (cells(ours), ours.cell_length) == (cells(theirs), theirs.cell_length)
