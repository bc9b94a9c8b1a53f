"""The real parts of every till, with a screen or without."""

from __future__ import annotations

import socket
import time
from datetime import UTC, datetime
from pathlib import Path
from secrets import randbits
from typing import TYPE_CHECKING, Final

from till.domain.errors import ConfigError
from till.domain.events.envelope import Draft
from till.domain.i18n import _
from till.domain.ids import IdClock
from till.domain.staff.pins import check_pin
from till.domain.till.events import JournalOpened, PreviousJournal, stream_of_till
from till.journal import ForeignJournalError, JournalFile, path_beside
from till.ports import Light, LightState
from till.register.register import Register

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from typing import Any

    from till.ports import Clock, Outbox
    from till.register.ledger.ledger import Ledger
    from till.register.quick_entry.vocabulary import Vocabulary

_MACHINE_ID: Final = Path("/etc/machine-id")
#: A clock that also runs during sleep. Linux stops the monotonic one, so after a night a till would be a day behind.
_EVEN: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class WallClock:
    """The time of day."""

    def now(self) -> datetime:
        """Return the present time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that advance evenly, during sleep too if the machine can tell."""
        return time.clock_gettime(_EVEN)


class TillTime:
    """The one time of a till (ADR 20), as a clock for parts: its events and ids use it too.

    Args:
        ledger: knows it.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def now(self) -> datetime:
        """Return the best known time: the database's, if it was heard."""
        return self._ledger.now()

    def monotonic(self) -> float:
        """Return seconds that advance evenly."""
        return self._ledger.clock.monotonic()


class LateOutbox:
    """A stand-in for the sync until it is made: the register and the sync each need the other."""

    def __init__(self) -> None:
        self.to: Outbox | None = None

    def nudge(self, *, at_once: bool) -> None:
        """Pass the signal on."""
        if self.to is not None:
            self.to.nudge(at_once=at_once)


def host_name() -> str:
    """Return the unique name of this machine, as far as it has one."""
    try:
        return _MACHINE_ID.read_text(encoding="ascii").strip() or socket.gethostname()
    except (OSError, UnicodeDecodeError):
        return socket.gethostname()


def new_journal_id() -> str:
    """Return the id of a new journal."""
    return IdClock(randbits).next(datetime.now(UTC))


def open_journal(path: Path, *, till: int, store_id: str) -> JournalFile:
    """Open the journal of a till. A foreign one is left as it is, and a new one is begun beside it.

    Raises:
        JournalError: it is held by another process, or the disk fails.
    """
    try:
        return JournalFile.open(path, till=till, store_id=store_id, new_id=new_journal_id, host=host_name())
    except ForeignJournalError:
        beside = path_beside(path, till=till, store_id=store_id, host=host_name())
        return JournalFile.open(beside, till=till, store_id=store_id, new_id=new_journal_id, host=host_name())


def read_vocabulary(name: str) -> Vocabulary | None:
    """Return the words of the entry line that the config names; None for English, which is read when it is needed.

    Raises:
        ConfigError: there is no such vocabulary, or it cannot be used.
    """
    if name == "en":
        return None
    from till.register.quick_entry import vocabulary  # noqa: PLC0415 - most tills name none

    file = Path(name).expanduser()
    if not file.suffix:
        return vocabulary.shipped(name)
    try:
        return vocabulary.own(file.read_text(encoding="utf-8"), file.name)
    except (OSError, UnicodeDecodeError) as problem:
        sentence = _("The vocabulary {file} cannot be read: {why}. Look at ui.vocabulary.")
        raise ConfigError(
            sentence.format(file=file, why=getattr(problem, "strerror", None) or _("no text"))
        ) from problem


def make_register(
    journal: JournalFile,
    clock: Clock,
    outbox: Outbox,
    *,
    till: int,
    store_id: str,
    business_date: Callable[[datetime], date] | None = None,
    vocabulary: Vocabulary | None = None,
) -> Register:
    """Return a register on real parts. The first event of a new journal opens its chain and names the one before it.

    The salvaged events of a damaged journal are carried over into the new chain.
    """
    register = Register(
        journal,
        clock,
        randbits,
        outbox,
        check_pin,
        till=till,
        store_id=store_id,
        business_date=business_date,
        vocabulary=vocabulary,
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
    if unsent > 0:  # the first screen is painted before the sync can report it
        register.light = Light(LightState.SAVED_HERE, unsent)
    return register


def seed_cache(journal: JournalFile, reference: Mapping[str, Mapping[str, Any]]) -> None:
    """Fill the cache of a journal that never met a database, at version 0, so that anything is newer."""
    for name, body in reference.items():
        if journal.cached(name) is None:
            journal.cache(name, 0, body)
