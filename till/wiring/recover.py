"""Recovery after a crash: sends the events in this machine's journals, and lists their open orders."""

from __future__ import annotations

import asyncio
import re
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import JournalError
from till.domain.events.envelope import NO_HASH, SERVER, time_text
from till.domain.i18n import _
from till.domain.order.snapshot import items_for_lists, snapshot
from till.domain.venue import NOWHERE, Venue
from till.journal import (
    END,
    ForeignJournalError,
    JournalDamagedError,
    JournalFile,
    JournalHeldError,
    SetAside,
    identity_at,
    last_event_of,
    set_aside_beside,
    temporary_copy,
)
from till.ports import Head
from till.register.losses import describe_loss
from till.wiring.parts import LateOutbox, WallClock, host_name, make_register, new_journal_id
from till.wiring.till import make_sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from datetime import datetime, timedelta
    from pathlib import Path

    from till.config import Config, Folders
    from till.domain.events.envelope import Event
    from till.domain.fiscal import PaperStamp
    from till.domain.order.state import Order
    from till.domain.payment.unanswered import Unanswered
    from till.ports import Light, StoreListener
    from till.register.register import Register
    from till.sync.service import SyncService
    from till.sync.settings import ConnectionFacts

#: The name of a journal's file. A journal beside a foreign one has eight hex digits after the till's number.
_NAME: Final = re.compile(r"till-(?P<till>\d+)(-[0-9a-f]{8})?\.sqlite\Z")
#: Seconds to wait for unsent events to be sent.
_SEND_S: Final = 20.0


@dataclass(slots=True)
class JournalFound:
    """A journal of this machine.

    Attributes:
        till: the till of the journal.
        path: the file.
        journal_id: the id of the journal; empty if it could not be opened.
        foreign: True if no till of this machine continues it: another machine wrote it (a disk was moved or cloned), or
            it is from before the till's enrolment here.
        held: True if a till has it open now, and recovers it itself.
        unsent: the number of events that the database lacks, after the attempt to send them.
        sent: the number of events sent by this attempt.
        notice: a sentence on a fault of the file; empty if there is none.
        condemned: True if reading found damage: the next opening replaces the file, and salvages the readable part.
        refused: the code (docs/protocol.md) with which the database refuses the unsent records; empty if it accepts
            them.
        retired: True if another journal has replaced it.
        why: a sentence on the refusal, or on the reason why nothing could be sent.
        sessions: the open orders in it, in the format of the sessions list.
        behind: all events here of each order that the database does not have completely.
        unanswered: the unanswered payments, returns and refunds in it.
        aside: the replaced files beside it, damaged or older copies.
        crashed: the orders that were open on its till's screen when it ended uncleanly.
        venue: the venue, as its till last knew it.
        begins: True if this is a copy, and the journal will be replaced only when its till next starts.
    """

    till: int
    path: Path
    journal_id: str = ""
    foreign: bool = False
    held: bool = False
    unsent: int = 0
    sent: int = 0
    notice: str = ""
    condemned: bool = False
    refused: str = ""
    retired: bool = False
    why: str = ""
    sessions: list[dict[str, Any]] = field(default_factory=list)
    behind: dict[str, list[Event]] = field(default_factory=dict)
    unanswered: list[Unanswered] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    crashed: frozenset[str] = frozenset()
    venue: Venue = NOWHERE
    begins: bool = False

    @property
    def is_readable(self) -> bool:
        """True if it could be read, or its open till can."""
        return bool(self.journal_id) or self.held

    def to_json(self) -> dict[str, Any]:
        """Return the journal for `till recover --json`."""
        return {
            "till": self.till,
            "journal": self.journal_id or None,
            "foreign": self.foreign,
            "held": self.held,
            "unsent": self.unsent,
            "sent": self.sent,
            "notice": self.notice,
            "refused": self.refused or None,
            "set_aside": [str(one.path) for one in self.aside],
        }


def find_journals(folders: Folders) -> Iterator[tuple[int, Path]]:
    """Yield the journals of this machine, sorted by till number, including those from another machine."""
    found = [
        (int(name["till"]), path)
        for path in folders.journal(1).parent.glob("*.sqlite")
        if (name := _NAME.match(path.name))
    ]
    yield from sorted(found)


def gone_journals(folders: Folders) -> Iterator[JournalFound]:
    """Yield the journals of this machine that were moved or removed, each with a notice of what to do."""
    for end in sorted(folders.journal(1).parent.glob(f"*.sqlite{END}")):
        path = end.with_name(end.name.removesuffix(END))
        if (name := _NAME.match(path.name)) is None or path.exists():
            continue
        _journal_id, last = last_event_of(path)
        if last:
            found = JournalFound(int(name["till"]), path)
            sentence = _("The journal of till {till} is gone, with {n} records: {path}. Put it back if it was moved.")
            found.notice = sentence.format(till=found.till, n=last, path=path)
            yield found


def recover_journal(
    config: Config,
    path: Path,
    *,
    till: int,
    store_id: str,
    facts: Callable[[], ConnectionFacts] | None,
    stale: timedelta,
    send_foreign: bool = True,
    has: Callable[[str, Head], bool] | None = None,
    journals: frozenset[str] | None = None,
    new_id: Callable[[], str] = new_journal_id,
) -> JournalFound:
    """Open a journal, send its unsent records, and list its open orders.

    A journal from another machine is sent unchanged.

    Args:
        config: the settings of the sync.
        path: the journal.
        till: the till of the journal.
        store_id: the venue.
        facts: returns the address of the database; None to send nothing.
        stale: the time without an event after which an order counts as stale.
        send_foreign: True to send a journal from another machine too; otherwise it is only listed.
        has: returns True if the database has a journal up to a head. For a cloned disk it may have more.
        journals: the ids of the journals that belong to the till's enrolment; None if any does.
        new_id: returns the id of a new journal, if this one is damaged.
    """
    found = JournalFound(till, path, aside=set_aside_beside(path))
    journal = open_found(found, store_id, journals, new_id)
    if journal is None:
        return found
    found.aside = set_aside_beside(path)
    try:
        with ExitStack() as stack:
            stack.callback(journal.close, is_shown=False)  # the notice of a crash is for the person at the till
            recovery = _Recovery(config, journal, store_id, found, stale)
            recovery.look(facts, has, send=send_foreign or not found.foreign)
    except JournalDamagedError as problem:
        found.condemned, found.why = True, problem.sentence
    except JournalError as problem:  # for instance a full disk: keep the findings so far
        found.notice = f"{found.notice} {problem.sentence}".strip()
    return found


def look_at_journal(
    config: Config,
    path: Path,
    *,
    till: int,
    store_id: str,
    stale: timedelta,
    has: Callable[[str, Head], bool] | None = None,
    journals: frozenset[str] | None = None,
) -> JournalFound:
    """List the content of a journal without changing the file or the next start of its till.

    See `recover_journal` for the arguments.
    """
    try:
        with temporary_copy(path) as copy:
            looks: list[JournalFound] = []
            while not looks or (
                looks[-1].condemned and len(looks) == 1
            ):  # the second reading salvages the readable part
                look = recover_journal(
                    config, copy, till=till, store_id=store_id, facts=None, stale=stale, has=has, journals=journals
                )
                looks.append(look)
            found = looks[-1]
            is_new = bool(set_aside_beside(copy))
    except JournalHeldError:
        return JournalFound(till, path, held=True, aside=set_aside_beside(path))
    except JournalError as problem:
        return JournalFound(till, path, notice=problem.sentence)
    found.path, found.aside = path, set_aside_beside(path)
    notices = [*dict.fromkeys(look.notice for look in looks if look.notice)]
    found.begins = is_new
    if is_new:
        notices.append(_("This happens when till {till} next starts. Nothing has changed yet.").format(till=till))
    found.notice = " ".join(notices)
    return found


class _Recovery:
    """An open journal with a register, which fills in the findings."""

    def __init__(
        self, config: Config, journal: JournalFile, store_id: str, found: JournalFound, stale: timedelta
    ) -> None:
        self._config = config
        self._journal = journal
        self._found = found
        self._stale = stale
        self._outbox = LateOutbox()
        self._register = make_register(journal, WallClock(), self._outbox, till=found.till, store_id=store_id)

    @property
    def _unsent(self) -> int:
        return self._journal.head.seq - self._journal.acked.seq

    def look(
        self,
        facts: Callable[[], ConnectionFacts] | None,
        has: Callable[[str, Head], bool] | None,
        *,
        send: bool,
    ) -> None:
        """Note the content of the journal before and after sending: the first result is kept if sending fails."""
        self._note()
        journal = self._journal
        if has is not None:
            if journal.acked.seq and not has(journal.journal_id, journal.acked):
                journal.acknowledge(Head(0, NO_HASH))  # the database is new or restored, and reports its own head
            if self._found.foreign and has(journal.journal_id, journal.head):
                journal.acknowledge(journal.head)
        if facts is not None:
            before = self._unsent
            if send and before:
                asyncio.run(self._send(facts))
            self._found.sent = max(0, before - self._unsent)
        self._note()

    def _note(self) -> None:
        """Note the unsent events and the open orders, without those that another till took."""
        found, ledger = self._found, self._register.ledger
        now, recovery = ledger.now(), self._register.recovery
        found.unsent, found.venue = self._unsent, self._register.venue
        found.crashed = frozenset(one.id for one in recovery.open_here()) if recovery.crashed_at() else frozenset()
        orders = [o for o in ledger.open_orders() if ledger.holder_of(o) in {None, SERVER, ledger.till}]
        found.sessions = [row_of(order, stale=now - order.updated_at > self._stale) for order in orders]
        found.unanswered = self._register.unanswered.listed()
        found.notice = found.notice or describe_loss(self._journal)
        waiting = dict.fromkeys(event.session_id for event in self._journal.unsent(-1))
        found.behind = {one: self._journal.events_of(one) for one in waiting if one}

    async def _send(self, facts: Callable[[], ConnectionFacts]) -> None:
        """Send the unsent records that the database accepts, and note a refusal."""
        async with self._sync(facts, Bystander(self._register) if self._found.foreign else None) as sync:
            if await sync.flush(_SEND_S):
                await sync.flush(_SEND_S)  # the answer may have caused further events
            if sync.trouble is not None:
                self._found.refused, self._found.why = sync.trouble.code, sync.trouble.sentence
        if not self._found.foreign:
            self._register.keep_light()  # otherwise doctor would repeat a refusal that is settled

    @asynccontextmanager
    async def _sync(
        self, facts: Callable[[], ConnectionFacts], listener: StoreListener | None = None
    ) -> AsyncIterator[SyncService]:
        """Run the sync of this journal inside the block."""
        register = self._register
        sync = make_sync(
            self._config, self._journal, register, facts,
            till=register.till, store_id=register.ledger.store_id, listener=listener,
        )  # fmt: skip
        self._outbox.to = sync
        sync.start()
        try:
            yield sync
        finally:
            await sync.stop()


def open_found(
    found: JournalFound,
    store_id: str,
    journals: frozenset[str] | None = None,
    new_id: Callable[[], str] = new_journal_id,
) -> JournalFile | None:
    """Open a journal; None if it cannot be opened: `found` then has the reason.

    `journals` and `new_id` are those of `recover_journal`.
    """
    try:
        found.foreign = not belongs(found.path, journals)
        journal = _open_any(found, store_id, new_journal_id if found.foreign else new_id)
    except JournalHeldError:
        found.held = True
        return None
    except JournalError as problem:
        found.notice = problem.sentence
        return None
    found.journal_id, found.notice = journal.journal_id, journal.opened.found
    return journal


def belongs(path: Path, journals: frozenset[str] | None) -> bool:
    """True if a journal is one of those that belong to its till's enrolment, or cannot be read."""
    identity = identity_at(path) if journals is not None else None
    return identity is None or journals is None or identity.journal_id in journals


def _open_any(found: JournalFound, store_id: str, new_id: Callable[[], str]) -> JournalFile:
    """Open a journal of this machine or another one."""
    try:
        return JournalFile.open(found.path, till=found.till, store_id=store_id, new_id=new_id, host=host_name())
    except ForeignJournalError as other:
        if other.store_id != store_id:
            raise
        found.foreign, found.till = True, other.till
        return JournalFile.open(found.path, till=other.till, store_id=store_id, new_id=new_journal_id, host=other.host)


def row_of(order: Order, *, stale: bool) -> dict[str, Any]:
    """Return an order of a journal in the format of `till admin sessions list`."""
    shown = snapshot(order, 0)
    items = items_for_lists(shown)
    return {
        "id": order.id,
        "user": order.user,
        "till": order.till,
        "status": str(order.status),
        "stale": stale,
        "lines": len(items),
        "items": items,
        "total": shown["total"],
        "currency": shown["currency"],
        "order_type": order.order_type,
        "tab": {"id": order.tab.id, "name": order.tab.name} if order.tab else None,
        "version": 0,
        "created_at": time_text(order.created_at),
        "updated_at": time_text(order.updated_at),
        "logout_time": shown["logout_time"],
    }


class Bystander:
    """A `till.ports.StoreListener` for a journal of another machine. It only refreshes the list."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def sessions_grew(self, session_ids: Sequence[str]) -> None:
        """Refold the sessions, for the list."""
        self._register.ledger.refold(session_ids)

    def refunds_left(self, refund_ids: Sequence[str]) -> None:
        """Do nothing: this process polls no provider."""

    def stamps_came(self, stamps: Sequence[PaperStamp]) -> None:
        """Do nothing: no paper is printed."""

    def granted(self, session_id: str) -> None:
        """Do nothing: this process requests no grants."""

    def taken(self, session_id: str, till_name: str, user_name: str, at: datetime) -> None:
        """Do nothing: nobody keys in this process."""

    def time_received(self, moment: datetime) -> None:
        """Do nothing: this process writes no events that need the time."""

    def reference_changed(self, names: Sequence[str]) -> None:
        """Reload the reference data, for the list."""
        self._register.reference_changed(names)

    def server_answered(self) -> None:
        """Do nothing: this process shows no live list."""

    def payment_hinted(self, key: str) -> None:
        """Do nothing: this process polls no provider."""

    def light_changed(self, light: Light) -> None:
        """Do nothing: this process has no light."""
