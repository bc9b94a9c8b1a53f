"""The interface between the register and the sync: outgoing events, received events, and the status light."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from till.domain.advice import Advice

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from till.domain.fiscal import PaperStamp


class LightState(StrEnum):
    """The state of the light on the status bar."""

    SAVED = "saved"
    SAVING = "saving"
    SAVED_HERE = "saved_here"
    OFFLINE = "offline"
    ATTENTION = "attention"


class Quality(StrEnum):
    """The quality of the connection to the database, by the names in its metadata."""

    GOOD = "GOOD"
    DEGRADED = "DEGRADED"
    POOR = "POOR"


class Attendance(Struct, frozen=True):
    """The user who is logged in at this till.

    Attributes:
        login: the id of the login session, which is the stream of its `logged_in` event.
        user: the staff number.
    """

    login: str
    user: int


class Light(Struct, frozen=True):
    """The light on the status bar, and its details.

    Attributes:
        unsent: the number of events that only this till has.
        since: the time of the last answer of the database, for OFFLINE.
        detail: a sentence on what needs attention, or on why the database cannot be reached.
        conflicts: the number of the venue's conflicts about money that wait for a manager, in every state.
        records: the number of the venue's records that could not be applied, from any till, in every state.
        notice: a further sentence for the user, in every state.
        logged_in: the user who is logged in here, according to the database; 0 for nobody.
        also_on: the other tills where that user is logged in.
        quality: the quality of the connection at the last heartbeat of a login.
        code: the code of a refusal that needs a person, such as `till_revoked`; empty for none.
        lacks: the number of records of invoices that the tax authority lacks, once one waits for long.
    """

    state: LightState
    unsent: int = 0
    since: datetime | None = None
    detail: Advice = Advice()
    conflicts: int = 0
    records: int = 0
    notice: Advice = Advice()
    logged_in: int = 0
    also_on: tuple[int, ...] = ()
    quality: Quality = Quality.GOOD
    code: str = ""
    lacks: int = 0


class Outbox(Protocol):
    """The signal from the register to the sync that there are events to send."""

    def nudge(self, *, at_once: bool) -> None:
        """Send new events, after the debounce or at once."""
        ...


class StoreListener(Protocol):
    """The receiver of the sync's news in the register. Its methods are called in the main thread."""

    def sessions_grew(self, session_ids: Sequence[str]) -> None:
        """Handle new events of other tills in these sessions."""
        ...

    def stamps_came(self, stamps: Sequence[PaperStamp]) -> None:
        """Keep the stamps of an order's sales and refunds, as their papers have them."""
        ...

    def refunds_left(self, refund_ids: Sequence[str]) -> None:
        """Handle refunds without an answer that an earlier journal of this till started."""
        ...

    def taken(self, session_id: str, till_name: str, user_name: str, at: datetime) -> None:
        """Handle the takeover of a session that was open here by another till."""
        ...

    def granted(self, session_id: str) -> None:
        """Continue a session that the server granted. All its events are in the journal."""
        ...

    def time_received(self, moment: datetime) -> None:
        """Handle the time of the database."""
        ...

    def reference_changed(self, names: Sequence[str]) -> None:
        """Handle new reference data in the cache: menu, staff, settings or tabs."""
        ...

    def server_answered(self) -> None:
        """Handle an answer of the server. Visible lists reload, because other tills may have changed something."""
        ...

    def payment_hinted(self, key: str) -> None:
        """Handle a provider's hint about a payment or a refund: ask for its outcome now. A hint is not an answer."""
        ...

    def light_changed(self, light: Light) -> None:
        """Handle a change of the status light."""
        ...


class Snapshots(Protocol):
    """The source of session snapshots for the sync (docs/protocol.md)."""

    def __call__(self, session_id: str) -> dict[str, Any] | None:
        """Return the snapshot; None if this till does not hold the session."""
        ...
