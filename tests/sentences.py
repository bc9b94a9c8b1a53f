"""Sentences of pages in Markdown, to count their words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from markdown_it import MarkdownIt

if TYPE_CHECKING:
    from collections.abc import Iterator

MOST: Final = 35
#: The end of a sentence, and marks that may close it.
_END: Final = re.compile(r"(?<=[.!?])[”\")*]*\s+")
#: Names, commands and other code one after the other, which are read as one thing.
_LISTED: Final = re.compile(r"`(?:(?:,| and| or)? *`)*")


def long_sentences(page: str) -> Iterator[tuple[int, str]]:
    """Yield the sentences of a page with more words than `MOST`, each with their number; a list of names is a word."""
    for token in MarkdownIt().enable("table").parse(page):
        if token.type != "inline":
            continue
        words = [
            "`" if part.type == "code_inline" else " " if part.type == "softbreak" else part.content
            for part in token.children or ()
        ]
        for sentence in _END.split(_LISTED.sub("`", "".join(words))):
            number = len(re.findall(r"\S*[\w`]\S*", sentence))
            if number > MOST:
                yield number, sentence
