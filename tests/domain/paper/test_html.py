"""The page of a document: escaped, in one file, without scripts and outside resources."""

from __future__ import annotations

from html.parser import HTMLParser

from hypothesis import given
from hypothesis import strategies as st

from tests.domain.paper.test_lines import ROWS
from till.domain.paper.document import Document, DocumentRow, RowRole
from till.domain.paper.html import html_of
from till.domain.text import clean


class Parts(HTMLParser):
    """The tags and the texts of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.texts: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        assert not {"src", "href", "style", "onload"} & {name for name, _value in attrs}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


ALL_TAGS = {"html", "head", "meta", "title", "style", "body", "p", "span", "i", "b", "hr", "svg", "path"}
HOSTILE = st.sampled_from(["<script>alert(1)</script>", '"><img src=x onerror=y>', "</style>", "&amp;", "a\x1b[2J"])


@given(st.lists(ROWS | st.builds(DocumentRow, HOSTILE, HOSTILE), max_size=6), HOSTILE)
def test_a_page_has_only_its_own_tags_and_every_text(rows: list[DocumentRow], title: str) -> None:
    parts = Parts(html_of(Document(title, tuple(rows))))
    assert parts.tags <= ALL_TAGS
    texts = "".join(parts.texts)
    for row in rows:
        if row.role in {RowRole.CODE, RowRole.BARS}:
            assert clean(row.left) in texts
        elif row.role not in {RowRole.RULE, RowRole.DOUBLE}:
            assert all(clean(text) in texts for text in (row.left, *row.middle, row.right))


def test_a_row_has_its_role_and_its_numbers() -> None:
    page = html_of(
        Document("Receipt", (DocumentRow(" 2 × Tea", "4.00", ("@ 2.00",)), DocumentRow(role=RowRole.DOUBLE)))
    )
    assert '<p class="text"><span> 2 × Tea</span><i>@ 2.00</i><b>4.00</b></p>\n<hr class="double">' in page
    assert "size: 80mm auto" in page
