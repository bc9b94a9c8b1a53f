"""The cells of text."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich import cells
from textual.content import Content

from till.domain.text import clean
from till.tui.drawing.cut import cell_len, cut


@given(st.text())
def test_a_cleaned_text_has_the_cells_that_rich_counts(text: str) -> None:
    cleaned = clean(text)
    assert cell_len(cleaned) == cells.cell_len(cleaned)


def test_a_spacing_mark_is_a_cell_for_the_till_for_rich_and_for_textual() -> None:
    """A terminal draws the vowel signs of “मसाला डोसा” as a cell each; a virama and a dot above take none."""
    for text, width in (("मसाला डोसा", 10), ("हिन्दी", 5), ("தோசை", 4), ("Café", 4), ("天ぷら", 6)):
        assert cell_len(text) == cells.cell_len(text) == Content(text).cell_length == width, text
    assert cut("मसाला डोसा", 6) == "मसाला…"
