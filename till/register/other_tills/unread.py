"""Sentences about changes to a person's orders, kept on this till's disk until they are read."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct, to_builtins

from till.domain.errors import JournalError
from till.register.other_tills.news import LinesChanged, LinesLate, OrderNews

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.register.ledger.ledger import Ledger
    from till.register.other_tills.news import News

#: The name in the journal's cache, and the version of the format; other versions are not read.
_UNREAD: Final = "own.unread"
_SHAPE: Final = 1
#: The time that a sentence is kept, and the most sentences for one person. Later only the manager's lists show it.
_KEPT: Final = timedelta(days=7)
_MOST: Final = 20


class Note(Struct, frozen=True, omit_defaults=True):
    """A sentence about an order.

    Attributes:
        order: the order; empty for several.
        sentence: the sentence.
        passing: True if it matters only while the order is open.
        at: the time of the sentence, as ISO 8601.
        first: the first wording, for a person who had the order on the screen; empty if it is the same.
        login: the login outside which it does not matter and is not kept; empty for none.
    """

    order: str
    sentence: str
    passing: bool
    at: str
    first: str = ""
    login: str = ""

    def is_in(self, text: str) -> bool:
        """True if a text contains this note."""
        return self.sentence in text or (self.first != "" and self.first in text)


class Unread:
    """Sentences about orders, kept until their person has read them.

    Args:
        ledger: the orders.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._is_written = True

    def keep(
        self, order: str, sentence: str, user: int, *, passing: bool = False, first: str = "", login: str = ""
    ) -> None:
        """Keep a sentence about an order for a person. It replaces an earlier sentence that it contains.

        If the disk write fails, the sentence stays in memory until `save` writes it.

        Args:
            order: the order; empty for several.
            sentence: the sentence.
            user: the staff number of the person: the user of the order, or the one who has it on the screen.
            passing: True if it matters only while the order is open.
            first: the first wording, if it differs.
            login: the login outside which it does not matter, if there is one.
        """
        now = self._ledger.now()
        note = Note(order, sentence, passing, now.isoformat(), first, login)
        before = [one for one in self._of(user) if one.order != order or one.sentence not in sentence]
        found = {**self._notes, user: [*before, note][-_MOST:]}
        self._put(
            {
                person: [one for one in notes if now - datetime.fromisoformat(one.at) <= _KEPT]
                for person, notes in found.items()
            }
        )

    def whose(self, order: Order) -> int:
        """Return the person who last worked on an order on this till, or else its user.

        Who took it over on another till reads there.
        """
        events = reversed(self._ledger.journal.events_of(order.id))
        return next((one.user for one in events if one.till == self._ledger.till and one.user), order.user)

    def text(self, user: int) -> str:
        """Return all unread sentences of a person, in order; empty if there are none."""
        sentences = [one.sentence for one in self._of(user) if self._is_due(one)]
        return " ".join(one for one in sentences if not any(other != one and one in other for other in sentences))

    def is_all_in(self, user: int, text: str) -> bool:
        """True if a text contains all unread sentences of a person."""
        return all(one.is_in(text) for one in self._of(user) if self._is_due(one))

    def read(self, user: int, text: str) -> None:
        """Drop the sentences in a text that a person has read."""
        if self._of(user):
            left = [one for one in self._of(user) if self._is_due(one) and not one.is_in(text)]
            self._put({**self._notes, user: left})

    def save(self) -> None:
        """Write changes that are not written yet.

        Raises:
            JournalError: the disk write fails; call again.
        """
        if not self._is_written:
            body = {
                str(user): [to_builtins(one) for one in notes if not one.login] for user, notes in self._notes.items()
            }
            self._ledger.journal.cache(_UNREAD, _SHAPE, body)
            self._is_written = True

    def _put(self, notes: dict[int, list[Note]]) -> None:
        found = {user: kept for user, kept in notes.items() if kept}
        if found != self._notes:
            self._notes, self._is_written = found, False
            with suppress(JournalError):  # the next call of `save` reports it
                self.save()

    def _is_due(self, note: Note) -> bool:
        if note.login and note.login != self._ledger.login:
            return False
        order = self._ledger.readable(note.order)
        if order is not None and order.conflicts and order.conflicts.keys() <= order.settled_conflicts:
            return False  # a manager settled its money
        return not note.passing or (order is not None and not order.is_over)

    def _of(self, user: int) -> list[Note]:
        return self._notes.get(user, [])

    @cached_property
    def _notes(self) -> dict[int, list[Note]]:
        shape, kept = self._ledger.journal.cached(_UNREAD) or (_SHAPE, {})
        if shape != _SHAPE:
            return {}
        return {int(user): [Note(**one) for one in notes] for user, notes in kept.items()}


class Keeper:
    """A watcher of a register without a screen (`Watcher`): it keeps sentences for users of orders until their login.

    Events are news once: news that arrives while the till is closed (`till recover`) is not announced again.

    Args:
        unread: keeps the sentences.
    """

    def __init__(self, unread: Unread) -> None:
        self._unread = unread

    def on_news(self, news: News) -> None:
        """Keep the news that a person must read. No order is on a screen; a lock reports an order taken over."""
        if isinstance(news, LinesChanged):
            self._keep(news.order, news.sentence, passing=True)
        elif isinstance(news, LinesLate):
            self._keep(news.order, news.sentence, passing=news.order.is_open)
        elif isinstance(news, OrderNews):
            self._keep(news.order, news.sentence, passing=False)

    def _keep(self, order: Order, sentence: str, *, passing: bool) -> None:
        self._unread.keep(order.id, sentence, self._unread.whose(order), passing=passing)
        self._unread.save()  # nothing retries here, so a failed write is reported now
