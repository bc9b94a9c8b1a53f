"""The questions for making a venue, and the receiver of the answers, for the screen and for plain prompts."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


class Question(Struct, frozen=True):
    """One question.

    Attributes:
        name: the key of the answer.
        flag: the command's option that answers it too.
        label: one or two words for a list.
        asks: a sentence for the input line.
        about: a remark for the reader.
        secret: the input is masked, so it is typed twice.
        optional: it may be left empty.
    """

    name: str
    flag: str
    label: str
    asks: str
    about: str
    secret: bool = False
    optional: bool = False


class MenuRow(Struct, frozen=True):
    """An item of a menu that was read; the price in written form."""

    name: str
    price: str
    category: str


class MenuRead(Struct, frozen=True):
    """A menu that was read, before it is taken."""

    rows: tuple[MenuRow, ...]
    categories: int


class Founding(Protocol):
    """The answers so far."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """The questions in order."""
        ...

    @property
    def menu(self) -> MenuRead | None:
        """The menu that was read last; None if it is imported later."""
        ...

    def offered(self, name: str) -> str:
        """Return the usual answer, or the one given; empty for a secret and if there is no default."""
        ...

    def shown(self, name: str) -> str | None:
        """Return an answer as a list shows it; None before there is one."""
        ...

    def check(self, name: str, text: str) -> None:
        """Refuse an invalid secret before it is typed again.

        Raises:
            TillError: the sentence says what is expected.
        """
        ...

    def take(self, name: str, text: str) -> None:
        """Take an answer.

        Raises:
            TillError: it is invalid; the answer before stays.
        """
        ...

    def summary(self) -> tuple[str, ...]:
        """Return sentences on what will be made, once all questions are answered."""
        ...
