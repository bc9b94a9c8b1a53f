"""Asking a person at the terminal: again until it is right, with what most want filled in."""

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


class Asker:
    """Gets answers from flags, and what no flag gives from the person at the terminal, if there is one.

    Attributes:
        present: whether somebody can be asked.
    """

    def __init__(self) -> None:
        self.present = sys.stdin.isatty() and sys.stderr.isatty()

    def ask(self, flag: str, question: str, given: str | None, check: Callable[[str], T], *, default: str = "") -> T:
        """What a flag gives or a person answers, checked.

        Args:
            flag: its name, for who has neither given it nor can be asked.
            question: a few words, without a colon.
            given: by the flag; None when it was left out.
            check: reads an answer, or refuses it with a sentence.
            default: what Enter alone takes, and who cannot be asked; empty when there is no such answer.

        Raises:
            TillError: what the flag gives is refused.
            UsageError: nobody can be asked, and there is no default.
        """
        if given is not None:
            return check(given)
        if self.present:
            return self.until(lambda: check(self._prompt(question, default)))
        if default:
            return check(default)
        raise typer.BadParameter(f"{flag} is missing: there is no terminal to ask at")

    def until(self, get: Callable[[], T]) -> T:
        """What somebody gives at last: each refusal is told, and asked again; at once raised where nobody is there.

        Raises:
            TillError: it was refused, and nobody can be asked again.
        """
        while True:
            try:
                return get()
            except TillError as problem:
                if not self.present:
                    raise
                note(problem.sentence)

    def agrees(self, question: str) -> bool:
        """Whether the person says yes; whoever cannot be asked has said all by flags."""
        return not self.present or self.until(lambda: self._decided(question))

    @staticmethod
    def _decided(question: str) -> bool:
        answer = str(typer.prompt(f"{question} [Y/n]", default="", show_default=False, err=True))
        return read_yes(answer)

    def _prompt(self, question: str, default: str) -> str:
        answer: str = typer.prompt(question, default=default, show_default=bool(default), err=True)
        return answer.strip()
