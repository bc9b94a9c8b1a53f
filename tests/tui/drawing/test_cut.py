"""The cells of text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich import cells

from till.domain.text import clean
from till.tui.drawing.cut import cell_len


@given(st.text())
def test_a_cleaned_text_has_the_cells_that_rich_counts(text: str) -> None:
    cleaned = clean(text)
    assert cell_len(cleaned) == cells.cell_len(cleaned)
