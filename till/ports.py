"""What the register needs from outside, as protocols. `wiring` puts real parts behind them; tests may put others."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from till.domain.events import Event


class Clock(Protocol):
    """The time of day. Replay and simulation bring their own."""

    def now(self) -> datetime:
        """Now, aware."""
        ...


@dataclass(frozen=True, slots=True)
class Head:
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
        hold_epoch: the epoch of that hold.
        status: the status that the database has.
        refold: whether the database waits for a new snapshot of it.
        open: whether this till still follows it (not completed and acknowledged).
        closed: whether a command here finished it: it was paid, cleared, or its lines were recalled from a tab.
    """

    session_id: str
    user: int
    version: int = 0
    event: str | None = None
    holder: int | None = None
    hold_epoch: int = 0
    status: str = "active"
    refold: bool = False
    open: bool = True
    closed: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True)
class Received:
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
        """The newest event id here, own or received."""
        ...

    @property
    def last_receipt(self) -> int:
        """The number of the last receipt that this journal gave."""
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

    def unsent(self, limit: int, *, after: Head | None = None) -> list[Event]:
        """Own events after the acknowledged head, in chain order; or after a place further on that was come to."""
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


class LightState(StrEnum):
    """The light on the status bar."""

    SAVED = "saved"
    SAVING = "saving"
    SAVED_HERE = "saved_here"
    OFFLINE = "offline"
    ATTENTION = "attention"


@dataclass(frozen=True, slots=True)
class Light:
    """What the status bar says of saving.

    Attributes:
        unsent: events that only this till has.
        since: when the database was last heard, for OFFLINE.
        detail: what needs attention, as a sentence.
        conflicts: how many of the venue's conflicts about money wait for a manager; in every state.
        records: how many records of the venue, whichever till sent them, could not be applied; in every state.
        notice: what a person should know besides, whatever the state, as a sentence.
    """

    state: LightState
    unsent: int = 0
    since: datetime | None = None
    detail: str = ""
    conflicts: int = 0
    records: int = 0
    notice: str = ""


@dataclass(frozen=True, slots=True)
class RemoteSession:
    """An order session as the database knows it, for lists and for the warning of design §7. Amounts in minor units.

    Attributes:
        idle_s: seconds since its last key when it was asked for, by the database's clock; None where nobody asked.
        seen_s: seconds since its holder was heard of, likewise; None when it never was.
        paying: whether a payment was started there that has no answer yet.
    """

    session_id: str
    user: int
    till: int | None
    till_name: str
    status: str
    hold_epoch: int
    version: int
    lines: int
    total: int
    currency: str
    order_type: str
    tab_id: str | None
    tab_name: str
    created_at: datetime
    updated_at: datetime
    logout_time: datetime | None
    till_seen_at: datetime | None
    idle_s: int | None = None
    seen_s: int | None = None
    paying: bool = False


@dataclass(frozen=True, slots=True)
class RemoteConflict:
    """Something about money that waits for a manager, as the database lists it. `amount` in minor units.

    Attributes:
        kind: `paid_twice`, `paid_for_more`, `payment_without_order`, `receipt_twice`, `carried_twice`, or one of a
            newer till.
        subject: the id of the order, line or payment that it is about.
        user: whose order it is; 0 for nobody's.
        till: the till that found it; 0 for the database itself.
    """

    conflict_id: str
    session_id: str | None
    kind: str
    subject: str
    amount: int
    currency: str
    user: int
    till: int
    till_name: str
    found_at: datetime


@dataclass(frozen=True, slots=True)
class RemoteRecord:
    """A record that the database keeps and could not apply; it waits for a manager.

    Attributes:
        record: its number.
        reason: why, as a sentence.
        amount: the money that it is about in minor units, if it is about any.
        till: the till that sent it; 0 for the database itself.
    """

    record: int
    session_id: str | None
    reason: str
    amount: int | None
    till: int
    found_at: datetime


class Store(Protocol):
    """The venue's database, seen from a till. Each call is one round trip with its own deadline.

    Raises from any call:
        StoreError: it could not be reached in time, or refused.
    """

    async def user_sessions(self, user: int) -> list[RemoteSession]:
        """The open order sessions of a user on all tills, newest first."""
        ...

    async def open_tabs(self) -> list[RemoteSession]:
        """The orders that stand on tabs, newest first."""
        ...

    async def matters(self) -> tuple[list[RemoteConflict], list[RemoteRecord]]:
        """What waits for a manager: conflicts about money, newest first, and records that could not be applied."""
        ...

    async def fetch(self, session_id: str) -> None:
        """Bring all events of a session into the journal."""
        ...

    async def flush(self, seconds: float) -> bool:
        """Push what is unsent now; whether all of it was acknowledged within so many seconds."""
        ...


class Outbox(Protocol):
    """How the register tells the sync that there is something to send."""

    def nudge(self, *, at_once: bool) -> None:
        """There are new events: send after the debounce, or at once."""
        ...


class StoreListener(Protocol):
    """What the sync tells the register. Called in the till's own thread."""

    def sessions_grew(self, session_ids: Sequence[str]) -> None:
        """Events of other tills came for these sessions."""
        ...

    def lines_left(self, session_id: str, till: int) -> None:
        """Of an order that ended, what a till which is gone had keyed too late is to be carried on here."""
        ...

    def taken(self, session_id: str, till_name: str, user_name: str, at: datetime) -> None:
        """Another till took hold of a session that was open here."""
        ...

    def reference_changed(self, names: Sequence[str]) -> None:
        """The menu, the staff, the settings or the tabs in the journal's cache are new."""
        ...

    def light_changed(self, light: Light) -> None:
        """The light on the status bar is another."""
        ...


class PinCheck(Protocol):
    """Compares a PIN with its hash (argon2id, about 80 ms); run off the event loop."""

    def __call__(self, pin_hash: str, pin: str) -> bool:
        """Whether they belong together."""
        ...


class Snapshots(Protocol):
    """Where the sync takes the snapshot of a session from (docs/protocol.md)."""

    def __call__(self, session_id: str) -> dict[str, Any] | None:
        """The snapshot, or None when this till does not hold the session."""
        ...
