"""The parts of every till, with a screen or without."""

from __future__ import annotations

import socket
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from secrets import randbits
from typing import TYPE_CHECKING, Final

from till import __version__
from till.config import VenueKind
from till.domain.errors import ConfigError, JournalError
from till.domain.events.envelope import Draft
from till.domain.i18n import _
from till.domain.ids import IdClock
from till.domain.staff.pins import check_pin
from till.domain.till.events import JournalOpened, LostRange, PreviousJournal, RecordsLost, stream_of_till
from till.journal import ForeignJournalError, JournalFile, identity_at, path_beside
from till.ports import Light, LightState
from till.ports.fiscal import find_scheme
from till.register.payments.tenders import Tenders, hands_in
from till.register.register import Register

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from typing import Any

    from till.config import Config, Folders
    from till.domain.events.registry import EventData
    from till.ports import Clock, Outbox
    from till.register.ledger.ledger import Ledger
    from till.register.quick_entry.vocabulary import Vocabulary

#: The most gaps of a chain that an event of lost records names.
_MOST_GAPS: Final = 100
_MACHINE_ID: Final = Path("/etc/machine-id")
#: A clock that also runs while the machine sleeps. Linux stops CLOCK_MONOTONIC, which would make a till late by hours.
_EVEN: Final = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class WallClock:
    """The time of day."""

    def now(self) -> datetime:
        """Return the present time in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds that advance evenly, also during sleep if the machine supports it."""
        return time.clock_gettime(_EVEN)


class TillTime:
    """The time of a till (ADR 20) as a clock. Events and ids use the same time.

    Args:
        ledger: the source of the time.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def now(self) -> datetime:
        """Return the best known time: the database's, if it was sent."""
        return self._ledger.now()

    def monotonic(self) -> float:
        """Return seconds that advance evenly."""
        return self._ledger.clock.monotonic()


class LateOutbox:
    """An outbox that forwards to the sync once it exists: the register and the sync need each other."""

    def __init__(self) -> None:
        self.to: Outbox | None = None

    def nudge(self, *, at_once: bool) -> None:
        """Forward the call."""
        if self.to is not None:
            self.to.nudge(at_once=at_once)


def host_name() -> str:
    """Return the machine id, or the host name if there is none."""
    try:
        return _MACHINE_ID.read_text(encoding="ascii").strip() or socket.gethostname()
    except (OSError, UnicodeDecodeError):
        return socket.gethostname()


def refuse_sender(config: Config, folders: Folders, journal: JournalFile, till: int) -> None:
    """Refuse to sell as the number that sends the venue's invoice records: what it sold, nobody would stamp.

    Raises:
        ConfigError: the config or the settings name it as the sender, or its enrolment for a journal without settings.
    """
    cached = journal.cached("settings")
    is_sender = folders.is_sender(till) if cached is None else cached[1].get("fiscal_sender") == till
    if is_sender or till == config.fiscal.till:
        sentence = _(
            "Number {n} sends the venue's invoice records and sells nothing. A till has another number: `till admin "
            "tills add`, then id under [till] in the config, or `till --till`."
        )
        raise ConfigError(sentence.format(n=till))


def new_journal_id() -> str:
    """Return the id of a new journal."""
    return IdClock(randbits).next(datetime.now(UTC))


def open_journal(
    path: Path,
    *,
    till: int,
    store_id: str,
    new_id: Callable[[], str] = new_journal_id,
    journals: frozenset[str] | None = None,
) -> JournalFile:
    """Open the journal of a till. If it is foreign, leave it unchanged, and open another one beside it.

    `new_id` and `journals` are those of `JournalFile.open`.
    """
    try:
        return JournalFile.open(path, till=till, store_id=store_id, new_id=new_id, host=host_name(), journals=journals)
    except ForeignJournalError:
        beside = path_beside(path, till=till, store_id=store_id, host=host_name())
        return JournalFile.open(
            beside, till=till, store_id=store_id, new_id=new_id, host=host_name(), journals=journals
        )


def open_own_journal(folders: Folders, *, till: int, store_id: str, sells: bool = True) -> JournalFile:
    """Open the journal of a till of this machine. One that its enrolment does not name is put beside.

    Raises:
        ConfigError: it is a screen of the kitchen, and not to sell with; or the reverse.
    """
    if folders.is_kitchen(till) == sells:
        sentence = _(
            "Till {n} sells here. A screen of the kitchen has a number of its own: `till admin tills add 90 --kitchen`."
        )
        if sells:
            sentence = _(
                "Number {n} is a screen of the kitchen, and takes no money: `till kitchen --till {n}` opens it."
            )
        raise ConfigError(sentence.format(n=till))
    return open_journal(
        folders.journal(till),
        till=till,
        store_id=store_id,
        new_id=lambda: folders.name_journal(till, new_journal_id()),
        journals=folders.own_journals(till),
    )


def find_own_journal(path: Path, *, till: int, store_id: str | None) -> str | None:
    """Return the id of the journal with which this machine would go on as a till; None if it would begin one.

    Empty if there is one that cannot be read. `store_id` is None while the venue is not known.
    """
    if not path.exists():
        return None
    identity, host = identity_at(path), host_name()
    if identity is None:
        return ""
    if (identity.till, identity.host) == (till, host) and store_id in {None, identity.store_id}:
        return identity.journal_id
    beside = path_beside(path, till=till, store_id=store_id, host=host) if store_id is not None else path
    return find_own_journal(beside, till=till, store_id=store_id) if beside != path else None


def read_vocabulary(name: str, kind: VenueKind = VenueKind.OWN) -> Vocabulary | str:
    """Return the configured vocabulary of the entry line, or the name of the usual one, which is loaded on first use.

    The usual one is English; in a demo it is English and Hindi. Screens quote words to type in English, so English is
    understood beside any language that ships.
    """
    if name == "en":
        return "en+hi" if kind is VenueKind.DEMO else name
    from till.register.quick_entry import vocabulary  # noqa: PLC0415 - most tills name none

    file = Path(name).expanduser()
    if not file.suffix:
        return vocabulary.shipped_vocabulary(name if "en" in name.split("+") else f"{name}+en")
    try:
        return vocabulary.own(file.read_text(encoding="utf-8"), file.name)
    except (OSError, UnicodeDecodeError) as problem:
        sentence = _("The vocabulary {file} cannot be read: {why}. Look at ui.vocabulary.")
        raise ConfigError(
            sentence.format(file=file, why=getattr(problem, "strerror", None) or _("no text"))
        ) from problem


def cash_till(config: Config, till: int) -> int | None:
    """Return the till that takes the cash of a till, if the configuration gives that one no drawer; else None."""
    own = config.till
    return own.cash_at if own.id == till and own.cash_at not in {0, till} else None


def make_register(
    journal: JournalFile,
    clock: Clock,
    outbox: Outbox,
    *,
    till: int,
    store_id: str,
    business_date: Callable[[datetime], date] | None = None,
    vocabulary: Vocabulary | str = "en",
    currency: str = "",
    cash_at: int | None = None,
) -> Register:
    """Return a register on a journal. The first event of a new journal names the previous journal.

    Salvaged events of a damaged journal are appended to the new chain, after an event that names the missing ones. A
    login that a crash left open ends. `currency` is the venue's, for its tenders; `cash_at` is the till with a drawer,
    if this one has none.
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
    register.asker.tenders = Tenders(hands_in(currency), cash_at=cash_at)
    if business_date is None:
        register.fiscal.begin(find_scheme, __version__)
    began: list[EventData] = []
    if journal.head.seq == 0:
        before = journal.previous
        previous = None
        if before is not None:
            previous = PreviousJournal(journal_id=before.journal_id, seq=before.head.seq, hash=before.head.hash)
        began.append(JournalOpened(host=host_name(), previous=previous, shift=register.ledger.shift))
    if (missing := journal.opened.missing) is not None:  # the newest gaps: the database has more of the older records
        ranges = tuple(LostRange(first=first, last=last) for first, last in missing.ranges[-_MOST_GAPS:])
        began.append(RecordsLost(journal_id=missing.journal_id, ranges=ranges))
    if began:
        register.ledger.commit([Draft(one, stream_of_till(store_id, till)) for one in began])
    with suppress(JournalError):  # a till with a full disk opens; the next key reports it
        register.access.end_left_login()
    journal.re_emit()
    with suppress(JournalError):
        register.drawer.hear_corrections()
        register.no_money.answer()
    unsent = journal.head.seq - journal.acked.seq
    if unsent > 0:  # the first screen is painted before the sync can report it
        register.light = Light(LightState.SAVED_HERE, unsent)
    return register


def seed_cache(journal: JournalFile, reference: Mapping[str, Mapping[str, Any]]) -> None:
    """Fill the cache of a journal that never reached a database, as version 0, so that any other version is newer."""
    for name, body in reference.items():
        if journal.cached(name) is None:
            journal.cache(name, 0, body)
