"""The journal: this till's disk, as the register and the sync use it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from till.domain.events.envelope import NO_HOLD, Hold

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
    """What the journal knows of a session beside its events.

    Attributes:
        version: the highest version of which all events are here; 0 when the database never answered for it.
        event: the id of an event stamped with that version.
        holder: the till that the database says holds it; None for nobody, or when it never said.
        hold: that hold; of a session that nobody holds, the one that was released last.
        status: the status that the database has.
        refold: whether the database waits for a new snapshot of it.
        open: whether this till still follows it (not completed and acknowledged).
        closed: whether a command here finished it: it was paid or cleared.
    """

    session_id: str
    user: int
    version: int = 0
    event: str | None = None
    holder: int | None = None
    hold: Hold = NO_HOLD
    status: str = "active"
    refold: bool = False
    open: bool = True
    closed: bool = field(default=False, compare=False)


class Received(Struct, frozen=True):
    """An event of another journal, with the version that the database stamped on it."""

    version: int
    event: Event


class Journal(Protocol):
    """This till's disk. Every method is quick and blocking; each write is one durable transaction.

    Raises from any write:
        JournalError: the disk is full, read-only or damaged. Nothing was half written.
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
        """How far the database says it has the chain."""
        ...

    @property
    def last_id(self) -> str | None:
        """The newest id of this till's own events."""
        ...

    @property
    def last_receipt(self) -> int:
        """The number of the last receipt that this journal gave."""
        ...

    @property
    def last_refund(self) -> int:
        """The number of the last refund that this journal gave."""
        ...

    def sales(self, limit: int) -> list[Event]:
        """The newest sales of this journal that are still here, the newest first."""
        ...

    def refunds(self) -> list[Event]:
        """All events of refunds of this till that are still here, by their ids, of its journals before this too."""
        ...

    def payments(self, limit: int) -> list[Event]:
        """The newest beginnings of payments, and of giving them back, of this till, the newest first.

        Those of a journal that this one took the place of are the oldest.
        """
        ...

    def corrections(self) -> list[Event]:
        """All that put a tender right and is still here, by this till and by others, by their ids."""
        ...

    def conflicts(self) -> list[Event]:
        """All that was found wrong about money and is still here, by this till and by others, by their ids."""
        ...

    @property
    def series(self) -> str | None:
        """The letters of this journal's receipts; None until the database or the first receipt gave them."""
        ...

    def set_series(self, series: str) -> None:
        """Keep the letters of this journal's receipts; only the first call counts."""
        ...

    def append(self, events: Sequence[Event], *, closed: Iterable[str] = ()) -> None:
        """Put sealed events at the end of the chain, and mark sessions that need not be folded at start any more."""
        ...

    def receive(self, events: Sequence[Received], marks: Sequence[SessionMark] = ()) -> list[str]:
        """Keep events of other journals (repeats are dropped) and what the database says; the sessions that grew."""
        ...

    def acknowledge(self, head: Head, marks: Sequence[SessionMark] = ()) -> None:
        """Keep what the database's head says, even when it went back."""
        ...

    def hash_at(self, seq: int) -> str | None:
        """The hash of an own event by its place in the chain; None when there is none."""
        ...

    def written_at(self, seq: int) -> datetime | None:
        """When the own event of a number was written, as the till knew the time; None when there is none."""
        ...

    def unsent(self, limit: int, *, after: Head | None = None) -> list[Event]:
        """Own events after the acknowledged head, in chain order; or after a place further on that was come to."""
        ...

    def ends(self, first: int, last: int) -> set[int]:
        """The places from `first` to `last` of this chain where a command ended."""
        ...

    def is_unsent(self, session_id: str) -> bool:
        """Whether there are own events of a session after the acknowledged head."""
        ...

    def gone(self, limit: int) -> list[Head]:
        """Own events after the acknowledged head of which only the place is here (pruned), in chain order."""
        ...

    def condemn(self) -> None:
        """The database has another chain of this journal: the next start begins a new one with what is unsent."""
        ...

    def events_of(self, session_id: str) -> list[Event]:
        """All events of a session that are here, own and received, sorted by id."""
        ...

    def sessions_by(self, till: int) -> list[str]:
        """The sessions of which events came that a till made (0 is the database itself)."""
        ...

    def drop(self, event_ids: Iterable[str]) -> None:
        """Let received events go: whoever made them was set back to before it did."""
        ...

    def open_sessions(self) -> list[SessionMark]:
        """Sessions that are not known to be finished, oldest first."""
        ...

    def followed_sessions(self) -> list[SessionMark]:
        """Open sessions, and those finished here of which the database may not have all yet; oldest first."""
        ...

    def mark_of(self, session_id: str) -> SessionMark | None:
        """What is known of one session."""
        ...

    def marks_of(self, session_ids: Iterable[str]) -> dict[str, SessionMark]:
        """What is known of some sessions, by session; those that are not known are left out."""
        ...

    def forget_open(self, session_ids: Iterable[str]) -> None:
        """Stop following sessions: they are finished and the database has all of them."""
        ...

    def cached(self, name: str) -> tuple[int, Mapping[str, Any]] | None:
        """The version and body of cached reference data (menu, staff, settings, tabs)."""
        ...

    def cache(self, name: str, version: int, body: Mapping[str, Any]) -> None:
        """Keep reference data."""
        ...

    def versions(self) -> dict[str, int]:
        """The versions of all cached reference data."""
        ...

    def typed(self) -> str:
        """Text that was typed but not sent when the till last stopped."""
        ...

    def keep_typed(self, text: str) -> None:
        """Keep typed text, at every key: cheap, and safe against a kill of the process."""
        ...

    def closed_cleanly(self) -> datetime | None:
        """None after a clean close; otherwise when this file was last written before it was opened now."""
        ...

    def close(self) -> None:
        """Close cleanly."""
        ...
