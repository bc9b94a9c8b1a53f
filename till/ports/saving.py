"""The interface between the register and the sync: events to send, events that came, and the light for both."""

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
    """The quality of the connection to the database, under the documents' names."""

    GOOD = "GOOD"
    DEGRADED = "DEGRADED"
    POOR = "POOR"


class Attendance(Struct, frozen=True):
    """The user who is logged in at this till.

    Attributes:
        login: the id of the login session: the stream of its `logged_in`.
        user: the staff number.
    """

    login: str
    user: int


class Light(Struct, frozen=True):
    """The state of saving on the status bar.

    Attributes:
        unsent: events that only this till has.
        since: when the database was last heard, for OFFLINE.
        detail: a sentence on the matter that needs attention, or on why the database is away.
        conflicts: the venue's conflicts about money that wait for a manager; in every state.
        records: the venue's records, from any till, that could not be applied; in every state.
        logged_in: the user who is logged in here, by the database; 0 for nobody.
        also_on: the other tills where that user is logged in too.
        quality: the quality of the connection at the last heartbeat of a login.
        notice: a further sentence for people, in every state.
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
    """The register's signal to the sync that there is something to send."""

    def nudge(self, *, at_once: bool) -> None:
        """Send new events: after the debounce, or at once."""
        ...


class StoreListener(Protocol):
    """The receiver of the sync's news in the register. Called in the till's own thread."""

    def sessions_grew(self, session_ids: Sequence[str]) -> None:
        """Take note that events of other tills came for these sessions."""
        ...

    def refunds_left(self, refund_ids: Sequence[str]) -> None:
        """Take refunds without an answer that an earlier journal of this till began."""
        ...

    def taken(self, session_id: str, till_name: str, user_name: str, at: datetime) -> None:
        """Take note that another till took hold of a session that was open here."""
        ...

    def granted(self, session_id: str) -> None:
        """Go on with a session that the server granted; all its events are in the journal."""
        ...

    def time_received(self, moment: datetime) -> None:
        """Take the database's time."""
        ...

    def reference_changed(self, names: Sequence[str]) -> None:
        """Take note that the menu, the staff, the settings or the tabs in the cache are new."""
        ...

    def server_answered(self) -> None:
        """Take note of an answer, before which another till may have done something: a list in sight looks again."""
        ...

    def payment_hinted(self, key: str) -> None:
        """Take a hint of a provider about a payment or a refund: ask after it now. It is no answer."""
        ...

    def light_changed(self, light: Light) -> None:
        """Take the new light of the status bar."""
        ...


class Snapshots(Protocol):
    """The source of session snapshots for the sync (docs/protocol.md)."""

    def __call__(self, session_id: str) -> dict[str, Any] | None:
        """Return the snapshot, or None if this till does not hold the session."""
        ...
