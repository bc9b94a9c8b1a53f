"""The pieces left of counted items: those that the server derived, less this till's own events since."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from till.domain.catalogue.modifiers import CHOICE
from till.domain.errors import EventError, JournalError
from till.domain.events.envelope import read_time
from till.domain.i18n import OnScreen, _, ngettext, speaking
from till.domain.ids import moment_of
from till.domain.order.counted import pieces_held
from till.domain.structs import replace
from till.domain.text import clean
from till.domain.till.events import ChoiceMarked, ItemCounted, ItemMarked
from till.ports import Head

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date, datetime

    from till.domain.events.envelope import Event
    from till.ports import Journal

_LOG: Final = logging.getLogger(__name__)
#: The name of what is left in the reference data.
LEFT: Final = "left"
#: The most pieces that are shown.
_FEW: Final = 10
#: The most characters of an unreadable row's name in the log.
_NAMED: Final = 40


class _Row(Struct, frozen=True):
    """A counted item in the answer of the server."""

    item: str
    left: int
    since: str
    by: str
    keep: bool = False


class _Counted(Struct, frozen=True):
    """A counted item: the pieces left, the time and event of its count, and its date; None for one that is kept."""

    pieces: int
    since: tuple[datetime, str]
    day: date | None


class Left:
    """The pieces left of counted items, since the last answer of the server.

    Args:
        journal: has that answer, and this till's own events.
        day_of: returns the business date of a moment.
        today: returns the present business date.
        unread: the rows that the log has named as unreadable. It is kept from answer to answer, so each is named once.
    """

    def __init__(
        self, journal: Journal, day_of: Callable[[datetime], date], today: Callable[[], date], unread: set[str]
    ) -> None:
        self._journal, self._day_of, self._today = journal, day_of, today
        #: True if the server cannot be reached, and other tills may have sold more.
        self.is_about = False
        seq, body = journal.cached(LEFT) or (0, {"items": ()})
        known = journal.hash_at(seq)
        self._head = journal.acked if not seq or known is None else Head(seq, known)
        self._items: dict[str, _Counted] = {}
        self._words: Mapping[str, str] = {}
        self._made_of: tuple[int, bool, str] | None = None
        rows = body.get("items")
        for row in rows if isinstance(rows, list | tuple) else (rows,):
            try:
                self._read(row)
            except (EventError, msgspec.ValidationError, OverflowError) as problem:  # that item alone is not counted
                name = clean(str(row.get("item") if isinstance(row, dict) else row))[:_NAMED]
                if name not in unread:
                    _LOG.warning("count_not_read", extra={"item": name, "error": type(problem).__name__})
                    unread.add(name)

    def _read(self, raw: Any) -> None:
        row = msgspec.convert(raw, _Row)
        since = read_time(row.since)
        self._items[row.item] = _Counted(row.left, (since, row.by), None if row.keep else self._day_of(since))

    def hear(self, events: Sequence[Event]) -> None:
        """Take what was just written here, so that it need not be read from the disk."""
        for event in events:
            if event.seq == self._head.seq + 1:
                self._take(event)
                self._head = Head(event.seq, event.hash)

    def now(self) -> Mapping[str, int]:
        """Return the pieces left of each counted item. A count ends with its business day, unless it is kept."""
        if self._journal.head.seq > self._head.seq:
            try:
                self._read_on()
            except JournalError:  # the sync reads the same records, and reports the damage: the till sells on
                self._items.clear()
            self._head = self._journal.head
        if not self._items:
            return {}
        today = self._today()
        return {item: one.pieces for item, one in self._items.items() if one.day in {None, today}}

    def _read_on(self) -> None:
        if self._items or self._journal.newest(ItemCounted.listed, 1):
            for event in self._journal.unsent(-1, after=self._head):
                self._take(event)

    def _take(self, event: Event) -> None:
        data, at = event.data, (moment_of(event.id), event.id)
        if isinstance(data, ItemCounted | ItemMarked | ChoiceMarked):
            item = CHOICE + data.choice if isinstance(data, ChoiceMarked) else data.item_id
            if (known := self._items.get(item)) is not None and known.since > at:
                return
            if isinstance(data, ItemCounted):
                self._items[item] = _Counted(data.left, at, None if data.keep else self._day_of(at[0]))
            elif isinstance(data, ChoiceMarked) and data.sold_out:
                self._items[item] = _Counted(0, at, None)
            else:
                self._items.pop(item, None)
        elif self._items:
            held = pieces_held(event, lambda: self._journal.events_of(event.stream_id))
            for item, pieces in held.items():
                if (one := self._items.get(item)) is not None and one.since < at:
                    self._items[item] = replace(one, pieces=one.pieces - pieces)

    def warning(self, keyed: Iterable[tuple[str, str]]) -> str:
        """Return a warning of keyed items, by id and name, of which none is left by the count; empty without one."""
        now, words = self.now(), []
        for item, name in dict(keyed).items():
            if (pieces := now.get(item, 1)) < 0:
                words.append(_("{name} −{pieces}: count again.").format(name=clean(name), pieces=-pieces))
            elif not pieces:
                words.append(_("The last {name}.").format(name=clean(name)))
        return " ".join(words)

    def words(self) -> Mapping[str, str]:
        """Return the screen's words for each counted item, empty if much is left; the same object until it changes."""
        made_of = (self._journal.head.seq, self.is_about, OnScreen.spoken.language)
        if self._made_of != made_of:
            words = {item: self._in_words(pieces) for item, pieces in self.now().items()}
            self._made_of, self._words = made_of, words if words != self._words else self._words
        return self._words

    def _in_words(self, pieces: int) -> str:
        if pieces > _FEW:
            return ""
        with speaking(""):
            if pieces < 0:
                return _("−{pieces}: count again").format(pieces=-pieces)
            if self.is_about:
                return _("about {pieces}").format(pieces=pieces)
            words = ngettext("{pieces} left", "{pieces} left", pieces) if pieces else _("none left")
            return words.format(pieces=pieces)
