"""The real parts that every till has, with a screen or without."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from secrets import randbits
from typing import TYPE_CHECKING, Final

from till.domain.events.envelope import Draft
from till.domain.ids import IdClock
from till.domain.till.events import JournalOpened, PreviousJournal, stream_of_till
from till.journal import ForeignJournalError, JournalFile, path_beside
from till.ports import Light, LightState
from till.register.pins import check_pin
from till.register.register import Register

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from typing import Any

    from till.ports import Clock, Outbox
    from till.register.ledger.ledger import Ledger

_MACHINE_ID: Final = Path("/etc/machine-id")
#: Linux stops its monotonic clock while it sleeps: a till that was asleep over night would take it for yesterday.
_EVEN: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class WallClock:
    """The time of day."""

    def now(self) -> datetime:
        """Now, in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds that go on evenly, while the machine sleeps too where it can tell."""
        return time.clock_gettime(_EVEN)


class TillTime:
    """The one time of a till (ADR 20), for a part that is given a clock: its events and ids are made of the same.

    Args:
        ledger: knows it.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def now(self) -> datetime:
        """As far as it is known: the database's, where it was heard of."""
        return self._ledger.now()

    def monotonic(self) -> float:
        """Seconds that go on evenly."""
        return self._ledger.clock.monotonic()


class LateOutbox:
    """Stands in for the sync until it is made: the register and the sync each need the other."""

    def __init__(self) -> None:
        self.to: Outbox | None = None

    def nudge(self, *, at_once: bool) -> None:
        """Pass it on."""
        if self.to is not None:
            self.to.nudge(at_once=at_once)


def host_name() -> str:
    """What names this machine and no other, as far as it says."""
    try:
        return _MACHINE_ID.read_text(encoding="ascii").strip() or socket.gethostname()
    except (OSError, UnicodeDecodeError):
        return socket.gethostname()


def new_journal_id() -> str:
    """The id of a new journal."""
    return IdClock(randbits).next(datetime.now(UTC))


def open_journal(path: Path, *, till: int, store_id: str) -> JournalFile:
    """Open the journal of a till; one that came from elsewhere is left as it is, and a new one begun beside it.

    Raises:
        JournalError: it is held by another process, or the disk fails.
    """
    try:
        return JournalFile.open(path, till=till, store_id=store_id, new_id=new_journal_id, host=host_name())
    except ForeignJournalError:
        beside = path_beside(path, till=till, store_id=store_id, host=host_name())
        return JournalFile.open(beside, till=till, store_id=store_id, new_id=new_journal_id, host=host_name())


def make_register(
    journal: JournalFile,
    clock: Clock,
    outbox: Outbox,
    *,
    till: int,
    store_id: str,
    business_date: Callable[[datetime], date] | None = None,
) -> Register:
    """A register on real parts. The first event of a new journal opens its chain and names the one before it.

    What was salvaged from a damaged journal is carried over: the same events in the new chain.
    """
    register = Register(
        journal, clock, randbits, outbox, check_pin, till=till, store_id=store_id, business_date=business_date
    )
    if journal.head.seq == 0:
        before = journal.previous
        previous = None
        if before is not None:
            previous = PreviousJournal(journal_id=before.journal_id, seq=before.head.seq, hash=before.head.hash)
        opened = JournalOpened(host=host_name(), previous=previous)
        register.ledger.commit([Draft(opened, stream_of_till(store_id, till))])
    journal.re_emit()
    unsent = journal.head.seq - journal.acked.seq
    if unsent > 0:  # the first screen stands before the sync can say so
        register.light = Light(LightState.SAVED_HERE, unsent)
    return register


def seed_cache(journal: JournalFile, reference: Mapping[str, Mapping[str, Any]]) -> None:
    """Give a journal that never met a database what the venue is known to have, at version 0: anything is newer."""
    for name, body in reference.items():
        if journal.cached(name) is None:
            journal.cache(name, 0, body)
