"""Papers in Spanish and Hindi whose items have names in Tamil, Kannada and Arabic, as a printer prints them."""

from __future__ import annotations

import pytest
from PIL import Image

from tests.domain.paper.samples import PAGE
from tests.domain.paper.scripts import PEN, PICTURES, PRINTER, papers, picture, printed
from tests.shaping import SHAPES
from till.domain.paper.document import bytes_of_row
from till.domain.paper.lines import lines_of

pytestmark = SHAPES


@pytest.mark.parametrize("language", PICTURES)
def test_the_pictures_show_the_papers_dot_by_dot(language: str) -> None:
    with Image.open(PAGE.with_name(PICTURES[language])) as kept:
        assert kept.tobytes() == picture(language).tobytes(), "make paper-page draws it again"


@pytest.mark.parametrize("language", PICTURES)
def test_every_letter_is_printed_or_drawn(language: str) -> None:
    for title, document in papers(language).items():
        lines = lines_of(document, PRINTER.columns, PEN, PEN.draw)
        text = "\n".join(line.text for line in lines)
        assert "?" not in text
        assert "U+" not in text
        names = [name for name in ("மசாலா தோசை", "ಮೈಸೂರು ಪಾಕ್", "قهوة بالحليب") if name in text]
        assert len(names) == {"A Z": 0, "A ticket of the kitchen": 2}.get(title, 3)
        sheet = printed(document)
        drawn = sum(len(line.dots) for line in lines) // bytes_of_row(PRINTER.columns)
        assert len([row for row in sheet.dots if len(row) == bytes_of_row(PRINTER.columns)]) == drawn
        plain = [line.text for line in lines if not (line.dots or line.code)]
        assert [line.text for line in sheet.lines] == plain
