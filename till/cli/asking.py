"""Questions to a person at the terminal. Each is repeated until the answer is valid, and may have a default."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TypeVar

import typer

from till.cli.output import note
from till.domain.errors import TillError
from till.wiring.founding import read_yes

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")


class AnswerReader:
    """Reader of answers: from flags, or else from the person at the terminal.

    Attributes:
        present: True if there is a person to ask.
    """

    def __init__(self) -> None:
        self.present = sys.stdin.isatty() and sys.stderr.isatty()

    def ask(self, flag: str, question: str, given: str | None, check: Callable[[str], T], *, default: str = "") -> T:
        """Return the checked value of a flag, or else the checked answer of the person.

        Args:
            flag: the name of the flag, for the error if it is missing and there is nobody to ask.
            question: a few words, without a colon.
            given: the value of the flag; None if it was left out.
            check: parses an answer, or refuses it with a sentence.
            default: the answer for Enter alone, and if there is nobody to ask; empty for none.

        Raises:
            TillError: `check` refuses the value of the flag.
        """
        if given is not None:
            return check(given)
        if self.present:
            return self.until(lambda: check(self._prompt(question, default)))
        if default:
            return check(default)
        raise typer.BadParameter(f"{flag} is missing: there is no terminal to ask at")

    def until(self, get: Callable[[], T]) -> T:
        """Call `get` until it accepts an answer, and return that. Print each refusal.

        Raises:
            TillError: the answer is refused, and there is nobody to ask again.
        """
        while True:
            try:
                return get()
            except TillError as problem:
                if not self.present:
                    raise
                note(problem.sentence)

    def agrees(self, question: str) -> bool:
        """Return True if the person says yes, or if there is nobody to ask: then the flags are enough."""
        return not self.present or self.until(lambda: self._read_answer(question))

    @staticmethod
    def _read_answer(question: str) -> bool:
        answer = str(typer.prompt(f"{question} [Y/n]", default="", show_default=False, err=True))
        return read_yes(answer)

    def _prompt(self, question: str, default: str) -> str:
        answer: str = typer.prompt(question, default=default, show_default=bool(default), err=True)
        return answer.strip()
