"""One thing asked in the entry line: the question, and what is done with the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Question:
    """A question.

    Attributes:
        words: the question.
        then: gets the trimmed answer and may refuse it with a `TillError`: the question then stands.
        word: what Enter does, for the key bar.
        aside: what was in the entry before; it comes back afterwards.
    """

    words: str
    then: Callable[[str], None]
    word: str
    aside: str = ""
