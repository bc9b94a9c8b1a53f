"""What is asked of whoever makes a venue, and what hears the answers: for the screen and for plain questions alike."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct


class Question(Struct, frozen=True):
    """One question.

    Attributes:
        name: what the answer is kept as.
        flag: of the command, which answers it too.
        label: one or two words for a list.
        asks: a sentence for the line that is typed into.
        about: what whoever answers should know.
        secret: nobody may see what is typed, so it is typed twice.
        optional: no answer is one.
    """

    name: str
    flag: str
    label: str
    asks: str
    about: str
    secret: bool = False
    optional: bool = False


class MenuRow(Struct, frozen=True):
    """An item of a menu that was read; the price as people write it."""

    name: str
    price: str
    category: str


class MenuRead(Struct, frozen=True):
    """A menu as it was read, before it is taken."""

    rows: tuple[MenuRow, ...]
    categories: int


class Founding(Protocol):
    """The answers as they come."""

    @property
    def questions(self) -> tuple[Question, ...]:
        """What is asked, one after another."""
        ...

    @property
    def menu(self) -> MenuRead | None:
        """The menu that was read last; None for one that comes later."""
        ...

    def offered(self, name: str) -> str:
        """What most would answer, or what was answered; empty for a secret and where nobody can guess."""
        ...

    def shown(self, name: str) -> str | None:
        """An answer as a list shows it; None before there is one."""
        ...

    def check(self, name: str, text: str) -> None:
        """Refuse a secret that could not be taken, before it is typed again.

        Raises:
            TillError: the sentence says what belongs there.
        """
        ...

    def take(self, name: str, text: str) -> None:
        """Take an answer.

        Raises:
            TillError: it answers nothing; what was answered before stays.
        """
        ...

    def told(self) -> tuple[str, ...]:
        """What will be made, in sentences, once all is answered."""
        ...
