"""What a crash left in the journals of this machine: sent on its way, and listed in the shape of the sessions list."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import JournalError
from till.domain.events import time_text
from till.domain.snapshot import counted, snapshot
from till.journal import JournalHeldError
from till.journal.replacing import set_aside_beside
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal
from till.wiring.till import make_sync

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import timedelta
    from pathlib import Path

    from till.config import Config, Folders
    from till.domain.order import Order
    from till.journal import JournalFile
    from till.register.register import Register
    from till.sync.settings import ConnectionFacts

_NAME: Final = re.compile(r"till-(?P<till>\d+)\.sqlite\Z")
#: How long what is unsent is waited for.
_SEND_S: Final = 20.0


@dataclass(slots=True)
class JournalFound:
    """One journal of this machine.

    Attributes:
        till: the till that it belongs to.
        held: a till has it open at this moment, and looks after it by itself.
        unsent: events that the database has not got, after sending was tried.
        sent: events that it got just now.
        notice: what was wrong with the file, as a sentence.
        sessions: the open orders in it, in the shape of the sessions list.
        aside: damaged files that were set aside beside it.
    """

    till: int
    path: Path
    held: bool = False
    unsent: int = 0
    sent: int = 0
    notice: str = ""
    sessions: list[dict[str, Any]] = field(default_factory=list)
    aside: list[Path] = field(default_factory=list)

    def to_json(self) -> dict[str, Any]:
        """The journal for `till recover --json`."""
        return {
            "till": self.till,
            "held": self.held,
            "unsent": self.unsent,
            "sent": self.sent,
            "notice": self.notice,
            "set_aside": [str(path) for path in self.aside],
        }


def find_journals(folders: Folders) -> Iterator[tuple[int, Path]]:
    """The journals of the tills of this machine, by till number."""
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
) -> JournalFound:
    """Open a journal, send what is unsent, and list the orders that are open in it.

    Args:
        config: when to send.
        path: the journal.
        till: its till.
        store_id: the venue.
        facts: how that till connects; None to send nothing.
        stale: without an event for so long, an order counts as stale.
    """
    found = JournalFound(till, path, aside=set_aside_beside(path))
    try:
        journal = open_journal(path, till=till, store_id=store_id)
    except JournalHeldError:
        found.held = True
        return found
    except JournalError as problem:
        found.notice = problem.sentence
        return found
    try:
        outbox = LateOutbox()
        register = make_register(journal, WallClock(), outbox, till=till, store_id=store_id)
        before = journal.head.seq - journal.acked.seq
        if facts is not None and before:
            asyncio.run(_send(config, journal, register, facts, outbox))
        found.unsent = journal.head.seq - journal.acked.seq
        found.sent = max(0, before - found.unsent)
        found.notice = journal.opened.notice
        now = register.ledger.now()
        found.sessions = [_row(order, stale=now - order.updated_at > stale) for order in register.ledger.open_orders()]
    finally:
        journal.close()
    return found


async def _send(
    config: Config, journal: JournalFile, register: Register, facts: Callable[[], ConnectionFacts], outbox: LateOutbox
) -> None:
    sync = make_sync(config, journal, register, facts, till=register.till, store_id=register.ledger.store_id)
    outbox.to = sync
    sync.start()
    await sync.flush(_SEND_S)
    await sync.stop()


def _row(order: Order, *, stale: bool) -> dict[str, Any]:
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
