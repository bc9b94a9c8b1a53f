"""The questions for a new venue and their answers, for the screen and for prompts in a shell."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


class Question(Struct, frozen=True):
    """A question.

    Attributes:
        name: the key of the answer.
        flag: the command line option for the answer.
        label: one or two words for a list.
        asks: a sentence for the input line.
        about: an explanation.
        secret: True if the input is masked; it is typed twice then.
        optional: True if the answer may be empty.
    """

    name: str
    flag: str
    label: str
    asks: str
    about: str
    secret: bool = False
    optional: bool = False


class MenuFileItem(Struct, frozen=True):
    """An item of a menu file, with its formatted price."""

    name: str
    price: str
    category: str


class MenuRead(Struct, frozen=True):
    """A menu file that was read but not imported yet. `taxes` are lines that show what each tax comes to."""

    rows: tuple[MenuFileItem, ...]
    categories: int
    taxes: tuple[str, ...] = ()


class Founding(Protocol):
    """The answers so far."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions in order."""
        ...

    @property
    def menu(self) -> MenuRead | None:
        """The menu that was read last; None if the menu is imported later."""
        ...

    def offered(self, name: str) -> str:
        """Return the given answer, or else the default; empty for a secret, or if there is no default."""
        ...

    def shown(self, name: str) -> str | None:
        """Return an answer in the form for a list; None if it is not given yet."""
        ...

    def check(self, name: str, text: str) -> None:
        """Refuse an invalid secret before it is typed again.

        Raises:
            TillError: the secret is invalid; the sentence says what is expected.
        """
        ...

    def take(self, name: str, text: str) -> None:
        """Set an answer.

        Raises:
            TillError: the answer is invalid; the previous answer is kept.
        """
        ...

    def summary(self) -> tuple[str, ...]:
        """Return sentences on the venue that will be created, once all questions are answered."""
        ...
