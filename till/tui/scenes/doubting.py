"""What is unlikely is asked back once: a number that went into the wrong place looks like any other."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from till.domain.errors import TillError

LIKELY: Final = 99
"""More pieces than this at once are asked back: a PLU or an amount that was typed for a quantity is mostly larger,
and who truly sells a hundred presses Enter once more."""


class Doubt:
    """Asks once; the same again, with nothing else between, is meant."""

    def __init__(self) -> None:
        self._about: object = None

    def ask(self, about: object, question: TillError) -> None:
        """Raise the question, unless it was just asked about the same."""
        if self._about == about:
            self._about = None
            return
        self._about = about
        raise question

    def forget(self) -> None:
        """Something else was pressed."""
        self._about = None
