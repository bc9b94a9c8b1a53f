"""Every document: as docs/paper.md shows it, and within the paper whatever the texts are."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.domain.paper.samples import CORNER, PAGE, PICTURES, PRINTER, RUPEES, page, picture, samples
from tests.domain.paper.test_lines import TEXTS, WIDTHS
from till.domain.paper.document import DocumentRow, RowRole
from till.domain.paper.drawer import sums_rows
from till.domain.paper.lines import lines_of
from till.domain.shift.events import NumberedSum, ShiftSums
from till.domain.structs import replace
from till.domain.text import clean


def test_the_page_shows_the_samples() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make paper-page writes it again"
    for name, title in PICTURES.items():
        drawn = picture(samples()[title])
        assert PAGE.with_name(name).read_text(encoding="utf-8") == drawn, "make paper-page writes it again"


@pytest.mark.parametrize("columns", WIDTHS)
@given(TEXTS, st.text(max_size=40), TEXTS.filter(bool))
@settings(max_examples=15)
def test_a_document_fits_the_paper_with_every_amount_whole(columns: int, name: str, by: str, words: str) -> None:
    venue = replace(CORNER, settings=replace(CORNER.settings, name=name, address=words, receipt_footer=words))
    for document in samples(venue, by, words).values():
        lines = [line.text for line in lines_of(document, columns, PRINTER)]
        assert all(len(line) <= columns and line.isprintable() for line in lines)
        "".join(lines).encode(PRINTER.code_page)
        for row in document.rows:
            if row.right not in {by, clean(by)}:  # a name may be cut, a number may not
                numbers = (PRINTER.spell(one).rstrip() for one in (*row.middle, row.right))
                assert all(any(number in line for line in lines) for number in numbers)


def test_tenders_and_drawer_wait_for_the_count() -> None:
    sums = ShiftSums(tips="5.00", voids=NumberedSum(number=2, amount="8.00"))
    hidden = sums_rows(sums, RUPEES, hides_cash=True)
    assert DocumentRow("Tenders and drawer", "○ after the count") in hidden
    assert DocumentRow("Tips", "5.00") not in hidden
    assert {
        DocumentRow("Tips", "5.00"),
        DocumentRow("Voids (2)", "8.00"),
        DocumentRow("Tenders", role=RowRole.HEADING),
    } <= {*sums_rows(sums, RUPEES)}
