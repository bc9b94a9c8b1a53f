"""What became of a person's order, kept on this till's disk until they have read it."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import asdict

from till.domain.errors import JournalError

if TYPE_CHECKING:
    from till.register.ledger.ledger import Ledger

#: Where the journal's cache keeps it, by person, and in which shape: another one is not read.
_UNREAD: Final = "own.unread"
_SHAPE: Final = 1
#: So long it is kept for who does not come, and so much for one person: afterwards the manager's lists say it.
_KEPT: Final = timedelta(days=7)
_MOST: Final = 20


class Note(Struct, frozen=True):
    """A sentence about an order.

    Attributes:
        order: the order; empty when it is about several.
        sentence: what happened to it.
        passing: it is worth saying only while the order is open: afterwards its end says more.
        at: since when it is kept, as ISO 8601.
        first: the words in which it was said at first, to who had the order in sight; empty for the same.
    """

    order: str
    sentence: str
    passing: bool
    at: str
    first: str = ""

    def is_in(self, text: str) -> bool:
        """Whether a text says it."""
        return self.sentence in text or (self.first != "" and self.first in text)


class Unread:
    """Keeps sentences about orders until who had to know them has read them.

    Args:
        ledger: the orders.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._is_written = True

    def keep(self, order: str, sentence: str, user: int, *, passing: bool = False, first: str = "") -> None:
        """Keep a sentence about an order for a person. One that says what was kept too takes its place.

        A disk that refuses is no reason to say nothing: the sentence stands until `save` can write it.

        Args:
            order: what it is about; empty for several.
            sentence: what happened to it.
            user: whom it is told, by staff number: whose order it is, or who has it on the screen.
            passing: it is worth saying only while the order is open: afterwards its end says more.
            first: the words in which it is said at first, where they are others.
        """
        now = self._ledger.now()
        note = Note(order, sentence, passing, now.isoformat(), first)
        before = [one for one in self._of(user) if one.order != order or one.sentence not in sentence]
        found = {**self._notes, user: [*before, note][-_MOST:]}
        self._put(
            {
                person: [one for one in notes if now - datetime.fromisoformat(one.at) <= _KEPT]
                for person, notes in found.items()
            }
        )

    def text(self, user: int) -> str:
        """All that a person has not read, as it came; empty for nothing."""
        told = [one.sentence for one in self._of(user) if self._is_due(one)]
        return " ".join(one for one in told if not any(other != one and one in other for other in told))

    def is_told(self, user: int, text: str) -> bool:
        """Whether a text says all that a person has not read."""
        return all(one.is_in(text) for one in self._of(user) if self._is_due(one))

    def read(self, user: int, text: str) -> None:
        """A person has read a text: what it said is kept no longer."""
        if self._of(user):
            left = [one for one in self._of(user) if self._is_due(one) and not one.is_in(text)]
            self._put({**self._notes, user: left})

    def save(self) -> None:
        """Write what changed and is not written.

        Raises:
            JournalError: the disk refuses; call it again.
        """
        if not self._is_written:
            body = {str(user): [asdict(one) for one in notes] for user, notes in self._notes.items()}
            self._ledger.journal.cache(_UNREAD, _SHAPE, body)
            self._is_written = True

    def _put(self, notes: dict[int, list[Note]]) -> None:
        found = {user: kept for user, kept in notes.items() if kept}
        if found != self._notes:
            self._notes, self._is_written = found, False
            with suppress(JournalError):  # whoever calls `save` next hears of it
                self.save()

    def _is_due(self, note: Note) -> bool:
        if not note.passing:
            return True
        order = self._ledger.readable(note.order)
        return order is not None and not order.is_over

    def _of(self, user: int) -> list[Note]:
        return self._notes.get(user, [])

    @cached_property
    def _notes(self) -> dict[int, list[Note]]:
        shape, kept = self._ledger.journal.cached(_UNREAD) or (_SHAPE, {})
        if shape != _SHAPE:
            return {}
        return {int(user): [Note(**one) for one in notes] for user, notes in kept.items()}
