"""Lines of documents: within the paper, in characters of the device, with every number whole."""

from __future__ import annotations

import textwrap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.paper.document import Document, DocumentRow, PaperLine, RowRole
from till.domain.paper.lines import lines_of, text_of
from till.domain.text import Repertoire

PRINTER = Repertoire("cp437")
MEALS = DocumentRow(" 2 × Meals", "240.00", ("@ 120.00",))
GHEE = DocumentRow("     extra ghee", middle=("+20.00",))
TAXES = DocumentRow("A 19 %", "19,89", ("16,71", "3,18"))
LONG = DocumentRow(" 1 × Paneer butter masala with basmati rice and pickle", "1,240.00")
LARGE = DocumentRow("Net", "123,456,789.00", ("123,456,789.00", "0.00"))
WIDTHS = [32, 42, 48]


def drawn(columns: int, *rows: DocumentRow) -> list[str]:
    return text_of(Document("", rows), columns, PRINTER).splitlines()


@pytest.mark.parametrize(
    ("columns", "row", "lines"),
    [
        (32, MEALS, [" 2 x Meals                240.00", "     @ 120.00"]),
        (42, MEALS, [" 2 x Meals             @ 120.00     240.00"]),
        (48, MEALS, [" 2 x Meals                   @ 120.00     240.00"]),
        (32, GHEE, ["     extra ghee           +20.00"]),
        (42, GHEE, ["     extra ghee          +20.00"]),
        (32, TAXES, ["A 19 %     16,71    3,18   19,89"]),
        (42, TAXES, ["A 19 %         16,71       3,18      19,89"]),
        (32, LONG, [" 1 x Paneer butter", " masala with basmati", " rice and pickle        1,240.00"]),
        (32, LARGE, ["Net", *(f"{one:>32}" for one in ("123,456,789.00", "0.00", "123,456,789.00"))]),
        (32, DocumentRow("₹ “½” ಇಡ್ಲಿ\x1bV\n", "1"), ['Rs "½" iddliV                  1']),
        (32, DocumentRow("COPY 1", role=RowRole.MARK), ["         *** COPY 1 ***", ""]),
        (32, DocumentRow("12 Car Street, Bengaluru 560004", role=RowRole.CENTRE), ["12 Car Street, Bengaluru 560004"]),
        (
            20,
            DocumentRow("12 Car Street, Bengaluru 560004", role=RowRole.CENTRE),
            ["   12 Car Street,", "  Bengaluru 560004"],
        ),
        (32, DocumentRow(role=RowRole.DOUBLE), ["=" * 32]),
    ],
)
def test_numbers_stand_in_columns_and_a_text_wraps_beside_them(
    columns: int, row: DocumentRow, lines: list[str]
) -> None:
    assert drawn(columns, row) == lines


def test_the_total_is_tall_and_names_are_bold() -> None:
    rows = (
        DocumentRow("Corner", role=RowRole.NAME),
        DocumentRow("TOTAL", "5.00", role=RowRole.TOTAL),
        DocumentRow("Cash", "5.00"),
    )
    name, total, cash = lines_of(Document("", rows), 18, PRINTER)
    assert (name, total, cash) == (
        PaperLine("      Corner", bold=True),
        PaperLine("TOTAL         5.00", bold=True, tall=True),
        PaperLine("Cash          5.00"),
    )


TEXTS = st.text(max_size=200) | st.sampled_from(["\x1b@", "\x1dV\x00", "இட்லி", "w" * 200, " " * 90 + "x", "", "a\nb"])
NUMBERS = st.from_regex(r"[+@−-]?( ?[0-9]{1,3}){1,4}[.,][0-9]{2}( A)?", fullmatch=True) | st.just("")
ROWS = st.builds(DocumentRow, TEXTS, NUMBERS, st.lists(NUMBERS, max_size=2).map(tuple), st.sampled_from(RowRole))


@given(st.lists(ROWS, max_size=6), st.sampled_from(WIDTHS), st.sampled_from(["cp437", "cp858", "ascii"]))
def test_lines_fit_their_paper_and_no_number_is_broken(rows: list[DocumentRow], columns: int, page: str) -> None:
    device = Repertoire(page)
    lines = [line.text for line in lines_of(Document("", tuple(rows)), columns, device)]
    assert all(len(line) <= columns and line.isprintable() for line in lines)
    "".join(lines).encode(page)
    for row in rows:
        if row.role in {RowRole.TEXT, RowRole.TOTAL, RowRole.MUTED, RowRole.HEADING}:
            assert all(any(device.spell(number) in line for line in lines) for number in (*row.middle, row.right))


@given(TEXTS, NUMBERS, st.sampled_from(WIDTHS))
def test_no_word_of_a_text_is_lost(left: str, right: str, columns: int) -> None:
    words = "".join("".join(drawn(columns, DocumentRow(left, right))).split())
    assert words == "".join(PRINTER.spell(left + right).split())


@given(st.text("ab -wé", max_size=120).map(str.strip), st.sampled_from([11, *WIDTHS]))
def test_a_text_wraps_as_pythons_own_wrapper_has_it(text: str, columns: int) -> None:
    wrapped = textwrap.wrap(text, columns, break_on_hyphens=False)
    assert drawn(columns, DocumentRow(text)) == (wrapped or [""])
