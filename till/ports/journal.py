"""The journal: this till's disk, as the register and the sync use it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from till.domain.events.envelope import NO_HOLD
from till.domain.events.registry import OrderEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from till.domain.events.envelope import Event


class Head(Struct, frozen=True):
    """The end of a chain: the number and hash of its last event; 0 and 64 zeros before the first."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class SessionMark:
    """The journal's facts about a session beside its events.

    Attributes:
        version: the highest version of which all events are here; 0 if the database never answered for it.
        event: the id of an event stamped with that version.
        till: the till that has it open, by the database; None for none, or if the database never sent it.
        holder: the till that holds it, by the database, open or not.
        hold: the event that made that hold.
        status: the status in the database.
        refold: True if the database waits for a new snapshot of it.
        open: True if this till still follows it (not completed and acknowledged).
        closed: True if a command here finished it: it was paid or cleared.
    """

    session_id: str
    user: int
    version: int = 0
    event: str | None = None
    till: int | None = None
    holder: int | None = None
    hold: str = NO_HOLD
    status: str = "active"
    refold: bool = False
    open: bool = True
    closed: bool = field(default=False, compare=False)


class Received(Struct, frozen=True):
    """An event of another journal with the version stamped by the database; a grant or an act has a seal."""

    version: int
    event: Event
    seal: str = ""


class UnderSeal(Struct, frozen=True):
    """A grant, an act's event or an approval, with its seal: the server recognises it after a backup was restored."""

    event: Event
    seal: str


class Journal(Protocol):
    """This till's disk. Every method is quick and blocking; each write is one durable transaction.

    Raises from any write:
        JournalError: the disk is full, read-only or damaged. No part was written.
    """

    @property
    def journal_id(self) -> str:
        """The id that was made with the file."""
        ...

    @property
    def head(self) -> Head:
        """The end of this till's own chain."""
        ...

    @property
    def acked(self) -> Head:
        """The end of the chain as acknowledged by the database."""
        ...

    @property
    def last_id(self) -> str | None:
        """The newest id of this till's own events."""
        ...

    def last_number(self, of: str = "") -> int:
        """Return the last number that this journal gave in its series, 0 before the first; `of` is the kind."""
        ...

    def numbered(self, limit: int, of: str = "") -> list[Event]:
        """Return the newest events of that series that are still here, newest first."""
        ...

    def newest(self, listed: str, limit: int) -> list[Event]:
        """Return the newest events of this till in a list, newest first.

        Those of a journal that this one replaced are the oldest.
        """
        ...

    def listed(self, listed: str) -> list[Event]:
        """Return all events of a list that are still here, by this till and by others, by id."""
        ...

    @property
    def series(self) -> str | None:
        """The letters of this journal's receipts; None before the database or the first receipt set them."""
        ...

    def set_series(self, series: str) -> None:
        """Set the letters of this journal's receipts; only the first call counts."""
        ...

    def append(self, events: Sequence[Event], *, closed: Iterable[str] = ()) -> None:
        """Append sealed events to the chain, and mark streams that need not be folded at start any more."""
        ...

    def receive(self, events: Sequence[Received], marks: Sequence[SessionMark] = ()) -> list[str]:
        """Keep events of other journals (repeats are dropped) and marks. Return the sessions that grew."""
        ...

    def acknowledge(self, head: Head, marks: Sequence[SessionMark] = ()) -> None:
        """Keep the head that the database reports, even if it went back."""
        ...

    def hash_at(self, seq: int) -> str | None:
        """Return the hash of an own event by its place in the chain; None if there is none."""
        ...

    def written_at(self, seq: int) -> datetime | None:
        """Return when an own event was written, in the till's time; None if there is none."""
        ...

    def unsent(self, limit: int, *, after: Head | None = None) -> list[Event]:
        """Return own events after the acknowledged head, or after a later place, in chain order."""
        ...

    def ends(self, first: int, last: int) -> set[int]:
        """Return the places from `first` to `last` of this chain where a command ended."""
        ...

    def is_unsent(self, session_id: str) -> bool:
        """True if there are own events of a session after the acknowledged head."""
        ...

    def gone(self, limit: int) -> list[Head]:
        """Return the places of own events after the acknowledged head that were pruned, in chain order."""
        ...

    def condemn(self) -> None:
        """Mark the chain as different from the database's: the next start begins a new one with the unsent events."""
        ...

    def events_of(self, stream_id: str, kind: str = OrderEvent.stream) -> list[Event]:
        """Return all events of a stream that are here, own and received, sorted by id."""
        ...

    def streams(self, kind: str, *, is_open: bool = False) -> list[str]:
        """Return the streams of a kind that were opened and are still here, oldest first.

        With `is_open` only those that are not known to be finished.
        """
        ...

    def sessions_by(self, till: int) -> list[str]:
        """Return the sessions with events made by a till (0 is the database itself)."""
        ...

    def under_seal(self, session_id: str) -> list[UnderSeal]:
        """Return the grants of a session and its acts' events, which the server sealed, by id."""
        ...

    def drop(self, event_ids: Iterable[str]) -> None:
        """Drop received events whose maker was restored to an earlier state."""
        ...

    def followed_sessions(self) -> list[SessionMark]:
        """Return open sessions, and those finished here that the database may not have fully; oldest first."""
        ...

    def mark_of(self, session_id: str) -> SessionMark | None:
        """Return the mark of a session; None if it is unknown."""
        ...

    def marks_of(self, session_ids: Iterable[str]) -> dict[str, SessionMark]:
        """Return the marks of sessions, by session; unknown ones are left out."""
        ...

    def forget_open(self, session_ids: Iterable[str]) -> None:
        """Stop following sessions: they are finished and the database has all of them."""
        ...

    def cached(self, name: str) -> tuple[int, Mapping[str, Any]] | None:
        """Return the version and body of cached reference data (menu, staff, settings, tabs)."""
        ...

    def cache(self, name: str, version: int, body: Mapping[str, Any]) -> None:
        """Keep reference data."""
        ...

    def versions(self) -> dict[str, int]:
        """Return the versions of all cached reference data."""
        ...

    def typed(self) -> str:
        """The text that was typed but not sent when the till last stopped."""
        ...

    def keep_typed(self, text: str) -> None:
        """Keep typed text, at every key: cheap, and safe if the process is killed."""
        ...

    def closed_cleanly(self) -> datetime | None:
        """Return None after a clean close, else when this file was last written before this opening."""
        ...

    def close(self) -> None:
        """Close cleanly."""
        ...
