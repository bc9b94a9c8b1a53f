"""The interface of the journal, which stores the events of a till on disk."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, Protocol

from msgspec import Struct

from till.domain.events.envelope import NO_HOLD
from till.domain.events.registry import OrderEvent

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from till.domain.events.envelope import Event
    from till.ports.printer import Job, JobState


#: The name in a journal's cache of the orders that its till requested, with the time of each request, until they are
#: opened, or back in their place.
REQUESTED: Final = "own.requested"


class Head(Struct, frozen=True):
    """The end of a chain: the number and hash of its last event; 0 and 64 zeros for an empty chain."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class SessionMark:
    """The sync state of a session.

    Attributes:
        version: the highest version up to which all events are here; 0 if the database has not answered for it yet.
        event: the id of an event with that version.
        till: the till that has the session open, according to the database; None if no till has, or if unknown.
        holder: the till that holds the session, according to the database.
        hold: the event that created that hold.
        status: the status in the database.
        refold: True if the database waits for a new snapshot.
        open: True if this till still follows the session. It stops once the end is acknowledged.
        closed: True if a command here paid or cleared it.
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
    """An event of another journal, with the version from the database. A grant or an act also has a seal."""

    version: int
    event: Event
    seal: str = ""


class UnderSeal(Struct, frozen=True):
    """A grant, an act or an approval with its seal, by which the server accepts it again after a restored backup."""

    event: Event
    seal: str


class Journal(Protocol):
    """The journal of a till. All methods are fast and blocking. Each write is a durable transaction.

    All writes raise a `JournalError` if the disk is full, read-only or damaged. Nothing is written then.
    """

    @property
    def journal_id(self) -> str:
        """The id of the journal, created with the file."""
        ...

    @property
    def head(self) -> Head:
        """The end of the till's own chain."""
        ...

    @property
    def acked(self) -> Head:
        """The end of the chain that the database has acknowledged."""
        ...

    @property
    def last_id(self) -> str | None:
        """The id of the till's newest own event."""
        ...

    @property
    def drawer_gap(self) -> str:
        """The id of the last event of a replaced journal that lacked events of the drawer; empty if there is none.

        Balances and sums that need earlier events cannot be read here.
        """
        ...

    def carried(self, shift: str, limit: int, *, after: str = "") -> list[Event]:
        """Return events of the replaced journal in a shift, sorted by id, after an id; empty at the end."""
        ...

    def last_number(self, of: str = "") -> int:
        """Return the last number of a series of this journal; 0 if there is none. `of` is its letters."""
        ...

    def numbered(self, limit: int, of: str = "") -> list[Event]:
        """Return the newest documents of a kind that are still here, newest first, from all its series.

        `of` is the kind by its first series: empty for sales, `R` for refunds. An invoice for a ticket is no sale.
        """
        ...

    def newest(self, listed: str, limit: int) -> list[Event]:
        """Return the newest events of this till in a list, newest first.

        Events of a replaced journal come last.
        """
        ...

    def unsent_listed(self, listed: str) -> tuple[int, datetime | None]:
        """Return how many events of a list the database lacks, and the time of the oldest."""
        ...

    def listed(self, listed: str) -> list[Event]:
        """Return all events of a list that are still here, of any till, sorted by id."""
        ...

    def events_with(self, listed: str, text: str) -> list[Event]:
        """Return the events of a list whose body contains `text`, of any till, sorted by id."""
        ...

    def streams_with(self, listed: str, text: str) -> list[str]:
        """Return the streams with an event of a list, of any till, whose body contains `text`; the oldest first."""
        ...

    @property
    def series(self) -> str | None:
        """The letters in this journal's receipt numbers; None if they are not set yet."""
        ...

    def set_series(self, series: str) -> None:
        """Set the letters in this journal's receipt numbers. Only the first call has an effect."""
        ...

    def append(
        self, events: Sequence[Event], *, closed: Iterable[str] = (), jobs: Iterable[Job] = (), kick: int = 0
    ) -> None:
        """Append sealed events to the chain, and mark streams that need not be folded when the till starts.

        Args:
            events: the events.
            closed: the finished streams.
            jobs: the print jobs that the events ask for.
            kick: the number of an event that opens the drawer; 0 if none does. It is kept until `kicked`.
        """
        ...

    def last_job(self) -> int:
        """Return the number of the newest print job; 0 if there is none."""
        ...

    def jobs_of(self, stream_id: str) -> list[Job]:
        """Return the print jobs about a stream, oldest first."""
        ...

    def live_jobs(self, state: JobState | None = None) -> list[Job]:
        """Return the print jobs that are queued or unknown, or in one of these states, oldest first."""
        ...

    def keep_jobs(self, jobs: Iterable[Job], *, is_lasting: bool = True) -> None:
        """Write print jobs in their present states. If not `is_lasting`, a power cut may undo it."""
        ...

    def kicked(self, seq: int) -> None:
        """Forget that the drawer is to be kicked for an event: it was tried."""
        ...

    def kicks_left(self) -> list[Event]:
        """Return the events for which the drawer was to be kicked, if the till was killed before it was tried."""
        ...

    def is_here(self, event: Event) -> bool:
        """True if an event is of this chain and not pruned."""
        ...

    def receive(self, events: Sequence[Received], marks: Sequence[SessionMark] = ()) -> list[str]:
        """Store events of other journals, without duplicates, and marks. Return the sessions with new events."""
        ...

    def acknowledge(self, head: Head, marks: Sequence[SessionMark] = ()) -> None:
        """Store the head that the database reports, even if it is an earlier one."""
        ...

    def hash_at(self, seq: int) -> str | None:
        """Return the hash of an own event by its number in the chain; None if it is not here."""
        ...

    def written_at(self, seq: int) -> datetime | None:
        """Return the time of an own event by its number in the chain, by the till's clock; None if it is not here."""
        ...

    def unsent(self, limit: int, *, after: Head | None = None) -> list[Event]:
        """Return own events after the acknowledged head, or after a later event, in chain order."""
        ...

    def ends(self, first: int, last: int) -> set[int]:
        """Return the numbers from `first` to `last` of the events that ended a command."""
        ...

    def is_unsent(self, session_id: str) -> bool:
        """True if a session has own events after the acknowledged head."""
        ...

    def gone(self, limit: int) -> list[Head]:
        """Return the numbers and hashes of pruned own events after the acknowledged head, in chain order."""
        ...

    def condemn(self) -> None:
        """Mark the chain as different from the database's. The next start begins a new chain with the unsent events."""
        ...

    def events_of(self, stream_id: str, kind: str = OrderEvent.stream) -> list[Event]:
        """Return all events of a stream that are here, own and received, sorted by id."""
        ...

    def streams(self, kind: str, *, is_open: bool = False) -> list[str]:
        """Return the streams of a kind that are here, oldest first.

        With `is_open`, only streams that are not known to have ended.
        """
        ...

    def sessions_by(self, till: int) -> list[str]:
        """Return the sessions with events of a till; 0 is the database."""
        ...

    def under_seal(self, session_id: str) -> list[UnderSeal]:
        """Return the events of a session that the server sealed (`Memory`), sorted by id."""
        ...

    def drop(self, event_ids: Iterable[str]) -> None:
        """Delete received events that a restored database no longer has."""
        ...

    def followed_sessions(self) -> list[SessionMark]:
        """Return open sessions, and ended ones that the database may not have completely, oldest first."""
        ...

    def mark_of(self, session_id: str) -> SessionMark | None:
        """Return the mark of a session; None if it is unknown."""
        ...

    def marks_of(self, session_ids: Iterable[str]) -> dict[str, SessionMark]:
        """Return the marks of sessions by session, without unknown ones."""
        ...

    def forget_open(self, session_ids: Iterable[str]) -> None:
        """Stop following sessions that have ended and that the database has completely."""
        ...

    def cached(self, name: str) -> tuple[int, Mapping[str, Any]] | None:
        """Return the version and body of cached reference data (menu, staff, settings, tabs)."""
        ...

    def cache(self, name: str, version: int, body: Mapping[str, Any]) -> None:
        """Store reference data."""
        ...

    def versions(self) -> dict[str, int]:
        """Return the versions of all cached reference data."""
        ...

    def typed(self) -> str:
        """Return the typed text that was not entered when the till last stopped."""
        ...

    def keep_typed(self, text: str) -> None:
        """Store typed text. Called at every key; fast, and safe if the process is killed."""
        ...

    def closed_cleanly(self) -> datetime | None:
        """Return None if the journal was closed cleanly, or else the time of its last write before it was opened."""
        ...

    def close(self) -> None:
        """Close the journal cleanly."""
        ...


def requested_orders(journal: Journal) -> dict[str, str]:
    """Return the orders that a till requested, with the times: the server may grant one after the wait for it ended."""
    cached = journal.cached(REQUESTED)
    return dict(cached[1]["sessions"]) if cached is not None else {}
