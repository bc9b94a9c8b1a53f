"""What a crash left in the journals of this machine: sent on its way, and listed in the shape of the sessions list."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import JournalError, RetiredError, StoreError
from till.domain.events.envelope import NO_HASH, time_text
from till.domain.i18n import _
from till.domain.order.snapshot import counted, snapshot
from till.journal import (
    ForeignJournalError,
    JournalDamagedError,
    JournalFile,
    JournalHeldError,
    SetAside,
    copied,
    set_aside_beside,
)
from till.ports import Head
from till.wiring.bystander import Bystander
from till.wiring.parts import LateOutbox, WallClock, host_name, make_register, new_journal_id
from till.wiring.till import make_sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator, Sequence
    from datetime import timedelta
    from pathlib import Path

    from till.config import Config, Folders
    from till.domain.events.envelope import Event
    from till.domain.order.state import Order
    from till.ports import StoreListener
    from till.sync.service import SyncService
    from till.sync.settings import ConnectionFacts

#: A journal beside another's has eight digits of its own behind the number of its till.
_NAME: Final = re.compile(r"till-(?P<till>\d+)(-[0-9a-f]{8})?\.sqlite\Z")
#: How long what is unsent is waited for.
_SEND_S: Final = 20.0


@dataclass(slots=True)
class JournalFound:
    """One journal of this machine.

    Attributes:
        till: the till that it belongs to.
        journal_id: its id; empty when it could not be opened.
        foreign: whether another machine wrote it (a disk was moved or cloned): no till of this machine goes on with it.
        held: a till has it open at this moment, and looks after it by itself.
        unsent: events that the database has not got, after sending was tried.
        sent: events that it got just now.
        notice: what was wrong, with the file or while it was looked at, as a sentence.
        condemned: whether it turned out damaged as it was read: the next look sets it aside, and reads what it can.
        refused: why the database does not take what is unsent: a code of docs/protocol.md; empty when it does.
        retired: whether another journal was found to have taken its place, so that it sees to nothing of others.
        why: the same as a sentence, or why nothing could be sent from here at all.
        sessions: the open orders in it, in the shape of the sessions list.
        behind: by order, all events of it that are here, where the database has not got some of them.
        aside: files that were set aside beside it, damaged or older copies.
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
    aside: list[SetAside] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The journal for `till recover --json`."""
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
    """The journals of the tills of this machine, by till number; also those that came here from another machine."""
    found = [
        (int(name["till"]), path)
        for path in folders.journal(1).parent.glob("*.sqlite")
        if (name := _NAME.match(path.name))
    ]
    yield from sorted(found)


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
    gone: Sequence[int] = (),
) -> JournalFound:
    """Open a journal, send what is unsent, and list the orders that are open in it.

    One that came from another machine is sent as the journal that it is, and nothing is added to it.

    Args:
        config: when to send.
        path: the journal.
        till: its till.
        store_id: the venue.
        facts: how that till connects; None to send nothing.
        stale: without an event for so long, an order counts as stale.
        send_foreign: whether one that came from another machine is sent too; else it is only listed.
        has: whether the database has a journal up to a place. Of a cloned disk it may have all and more.
        gone: tills that nobody goes on with: what they keyed too late for an order that ended elsewhere is carried on
            in this journal, which must be one of this machine.
    """
    found = JournalFound(till, path, aside=set_aside_beside(path))
    journal = open_found(found, store_id)
    if journal is None:
        return found
    try:
        with closing(journal):
            at_hand = _AtHand(config, journal, store_id, found, stale)
            at_hand.look(facts, has, gone, send=send_foreign or not found.foreign)
    except JournalDamagedError as problem:
        found.condemned, found.why = True, problem.sentence
    except JournalError as problem:  # a full disk, say: what was read of it stands
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
) -> JournalFound:
    """List what is in a journal, and change nothing: neither the file, nor what its till says when it starts next.

    The arguments are those of `recover_journal`.
    """
    try:
        with copied(path) as copy:
            looks: list[JournalFound] = []
            while not looks or (looks[-1].condemned and len(looks) == 1):  # the second look reads what it can
                looks.append(
                    recover_journal(config, copy, till=till, store_id=store_id, facts=None, stale=stale, has=has)
                )
            found = looks[-1]
            is_new = bool(set_aside_beside(copy))
    except JournalHeldError:
        return JournalFound(till, path, held=True, aside=set_aside_beside(path))
    except JournalError as problem:
        return JournalFound(till, path, notice=problem.sentence)
    found.path, found.aside = path, set_aside_beside(path)
    told = [*dict.fromkeys(look.notice for look in looks if look.notice)]
    if is_new:
        told.append(_("So it will be when till {till} starts next; nothing was changed now.").format(till=till))
    found.notice = " ".join(told)
    return found


class _AtHand:
    """A journal that is open, with a register over it: what becomes of its events, and what is told of it."""

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
        gone: Sequence[int],
        *,
        send: bool,
    ) -> None:
        """Write down what is in it, before and after it is sent: the first stands when the rest breaks off."""
        self._tell()
        journal = self._journal
        if has is not None:
            if journal.acked.seq and not has(journal.journal_id, journal.acked):
                journal.acknowledge(Head(0, NO_HASH))  # it was made anew, or set back: it says itself what it has
            if self._found.foreign and has(journal.journal_id, journal.head):
                journal.acknowledge(journal.head)
        if facts is not None:
            self._bring(facts, gone, send=send)
        self._tell()

    def _bring(self, facts: Callable[[], ConnectionFacts], gone: Sequence[int], *, send: bool) -> None:
        """Send what is unsent; then, unless that was refused, carry on what tills that are gone keyed too late."""
        found, before = self._found, self._unsent
        if send and before:
            asyncio.run(self._send(facts))
        if gone and not found.foreign and not found.refused:
            asyncio.run(self._carry_late(facts, gone))
        found.sent = max(0, before - self._unsent)

    def _tell(self) -> None:
        """Write down what still waits, and the orders that are open."""
        found, now = self._found, self._register.ledger.now()
        found.unsent = self._unsent
        orders = self._register.ledger.open_orders()
        found.sessions = [row_of(order, stale=now - order.updated_at > self._stale) for order in orders]
        waiting = dict.fromkeys(event.session_id for event in self._journal.unsent(-1))
        found.behind = {one: self._journal.events_of(one) for one in waiting if one}

    async def _send(self, facts: Callable[[], ConnectionFacts]) -> None:
        """Send what is unsent, as far as it is taken, and write down a refusal."""
        async with self._sync(facts, Bystander(self._register) if self._found.foreign else None) as sync:
            if await sync.flush(_SEND_S):
                await sync.flush(_SEND_S)  # what came with the answer may have led to something more
            if sync.trouble is not None:
                self._found.refused, self._found.why = sync.trouble.code, sync.trouble.sentence

    async def _carry_late(self, facts: Callable[[], ConnectionFacts], gone: Sequence[int]) -> None:
        """Carry on what tills that are gone keyed too late, and send that."""
        try:
            async with self._sync(facts) as sync:
                await sync.carry_late(int(self._stale.total_seconds() // 60), gone)
                await sync.flush(_SEND_S)
        except RetiredError:
            self._found.retired = True
        except StoreError as problem:
            sentence = _("Whether a till that is gone keyed something too late was not looked at: {why}")
            self._found.notice = f"{self._found.notice} {sentence.format(why=problem.sentence)}".strip()

    @asynccontextmanager
    async def _sync(
        self, facts: Callable[[], ConnectionFacts], listener: StoreListener | None = None
    ) -> AsyncIterator[SyncService]:
        """The sync of this journal, for as long as it is needed."""
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


def open_found(found: JournalFound, store_id: str) -> JournalFile | None:
    """Open a journal; None, and the reason with what was found, when it cannot be."""
    try:
        journal = _open_as_it_is(found, store_id)
    except JournalHeldError:
        found.held = True
        return None
    except JournalError as problem:
        found.notice = problem.sentence
        return None
    found.journal_id, found.notice = journal.journal_id, journal.opened.notice
    return journal


def _open_as_it_is(found: JournalFound, store_id: str) -> JournalFile:
    """Open a journal, whichever machine wrote it."""
    try:
        return JournalFile.open(found.path, till=found.till, store_id=store_id, new_id=new_journal_id, host=host_name())
    except ForeignJournalError as other:
        if other.store_id != store_id:
            raise
        found.foreign, found.till = True, other.till
        return JournalFile.open(found.path, till=other.till, store_id=store_id, new_id=new_journal_id, host=other.host)


def row_of(order: Order, *, stale: bool) -> dict[str, Any]:
    """An order of a journal, in the shape of `till admin list-sessions`."""
    shown = snapshot(order, 0)
    items = counted(shown)
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
