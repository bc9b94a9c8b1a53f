"""Between the register and the sync: what is to be sent, what came, and the light that tells of both."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class LightState(StrEnum):
    """The light on the status bar."""

    SAVED = "saved"
    SAVING = "saving"
    SAVED_HERE = "saved_here"
    OFFLINE = "offline"
    ATTENTION = "attention"


class Quality(StrEnum):
    """How good the connection to the database is, under the documents' names."""

    GOOD = "GOOD"
    DEGRADED = "DEGRADED"
    POOR = "POOR"


class Attendance(Struct, frozen=True):
    """Who is logged in at this till.

    Attributes:
        login: the id of the login session: the stream of its `logged_in`.
        user: the staff number.
    """

    login: str
    user: int


class Light(Struct, frozen=True):
    """What the status bar says of saving.

    Attributes:
        unsent: events that only this till has.
        since: when the database was last heard, for OFFLINE.
        detail: what needs attention, or why the database is away, as a sentence.
        conflicts: how many of the venue's conflicts about money wait for a manager; in every state.
        records: how many records of the venue, whichever till sent them, could not be applied; in every state.
        logged_in: whom the database knows to be logged in here; 0 for nobody.
        also_on: the other tills where that person is logged in too.
        quality: of the connection, as the heartbeat of a login measured it last.
        notice: what a person should know besides, whatever the state, as a sentence.
    """

    state: LightState
    unsent: int = 0
    since: datetime | None = None
    detail: str = ""
    conflicts: int = 0
    records: int = 0
    notice: str = ""
    logged_in: int = 0
    also_on: tuple[int, ...] = ()
    quality: Quality = Quality.GOOD


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

    def refunds_left(self, refund_ids: Sequence[str]) -> None:
        """Refunds came that a journal of this till before this one began, and that have no answer."""
        ...

    def taken(self, session_id: str, till_name: str, user_name: str, at: datetime) -> None:
        """Another till took hold of a session that was open here."""
        ...

    def time_told(self, moment: datetime) -> None:
        """The database told its time."""
        ...

    def reference_changed(self, names: Sequence[str]) -> None:
        """The menu, the staff, the settings or the tabs in the journal's cache are new."""
        ...

    def payment_told(self, key: str) -> None:
        """Who takes the money said something of a payment or a refund: a hint to ask after it now, and no answer."""
        ...

    def light_changed(self, light: Light) -> None:
        """The light on the status bar is another."""
        ...


class Snapshots(Protocol):
    """Where the sync takes the snapshot of a session from (docs/protocol.md)."""

    def __call__(self, session_id: str) -> dict[str, Any] | None:
        """The snapshot, or None when this till does not hold the session."""
        ...
