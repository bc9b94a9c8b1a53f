"""One thing asked in the entry line: the question, and what is done with the answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Question:
    """A question. `then` gets the trimmed answer and may refuse it with a `TillError`: the question then stands."""

    words: str
    then: Callable[[str], None]
