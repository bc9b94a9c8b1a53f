"""Makes the fixture of the revision that this program is at: a small venue in PostgreSQL, a till with unsent events.

    python tests/upgrade/make.py tests/upgrade/fixtures

Run it with the program whose revision is to be kept (README.md beside this says how to get an older one).
"""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from secrets import randbits
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from db import migrate
from db.embedded import EmbeddedServer
from db.embedded.binaries import carried
from db.engine import connect
from db.schema import Program
from till.cli.demo_venue import demo_menu, demo_reference, demo_settings, demo_staff
from till.cli.venues import enrol, make_venue
from till.domain.ids import IdClock
from till.domain.money.measures import Minor
from till.domain.order.selling import ItemEntry
from till.journal import JournalFile
from till.sync.service import SyncService
from till.sync.settings import ConnectionFacts, Identity, Settings
from till.wiring.parts import LateOutbox, WallClock, make_register, seed_cache

if TYPE_CHECKING:
    from db.address import Address
    from till.register.register import Register

STORE: Final = "0197d6a0-0000-7000-8000-00000000f1c5"
HOST: Final = "the machine of the fixture"
SECRET: Final = "the secret of the fixture"
TILL: Final = 1
CASHIER: Final = 1
_QUICK: Final = Settings(debounce_ms=1, max_wait_ms=1, deadline_s=30)


@dataclass
class Counter:
    """A cashier's hands on a register, and what they did."""

    register: Register
    receipts: list[str]

    def key(self, session: str | None, plu: int, quantity: int = 1) -> str:
        """Key an item, at any time of day; the order."""
        item = self.register.menu.by_plu[plu]
        return self.register.sales.add(session, CASHIER, ItemEntry(item, quantity), at_any_time=True).id

    def sell(self, *plus: int) -> str:
        """Sell some items for cash; the order."""
        session: str | None = None
        for plu in plus:
            session = self.key(session, plu)
        order = self.register.checkout.pay(session or "", "CASH", Minor(50_000))
        self.receipts.append(order.placed.data.receipt if order.placed else "")
        return order.id


def trade_before(counter: Counter) -> dict[str, str]:
    """Make the orders that the database knows: a sale, an order on a tab, a suspended order and an open one."""
    register = counter.register
    found = {"sold": counter.sell(1, 2)}
    found["tab"] = counter.key(counter.key(None, 1, 2), 2)
    register.tabs.save(found["tab"], "table 7")
    found["parked"] = counter.key(None, 2, 3)
    register.recovery.suspend(found["parked"])
    found["open"] = counter.key(counter.key(None, 1), 2)
    return found


def trade_after(counter: Counter, sessions: dict[str, str]) -> None:
    """Add what only this till knows: a line and a void on the open order, a sale, and a new order."""
    register, session = counter.register, sessions["open"]
    counter.key(session, 1, 4)
    register.sales.void(session, register.ledger.order(session).priced.rows[1].first.id, "keyed twice")
    sessions["sold away"] = counter.sell(2, 2, 1)
    sessions["begun away"] = counter.key(None, 2, 5)


async def _trade(journal: JournalFile, app: Address, schema: str) -> dict[str, Any]:
    outbox = LateOutbox()
    with patch("till.wiring.parts.host_name", lambda: HOST):  # this machine's own name stays out of the fixture
        register = make_register(journal, WallClock(), outbox, till=TILL, store_id=STORE)
    counter = Counter(register, [])
    register.access.admit(register.access.find(CASHIER))
    sync = SyncService(
        journal,
        register,
        register.ledger.snapshot,
        _QUICK,
        lambda: ConnectionFacts(app.conninfo, SECRET),
        identity=Identity(STORE, TILL, schema),
        clock=WallClock(),
    )
    sync.start()
    outbox.to = sync
    await sync.flush(30)
    sessions = trade_before(counter)
    if not await sync.flush(30):  # the push of the last events brings the snapshots of all four orders
        raise RuntimeError(f"The database took nothing: {sync.trouble}")
    await sync.stop()
    outbox.to = None
    trade_after(counter, sessions)
    orders = {name: register.ledger.order(session) for name, session in sessions.items()}
    return {
        "sessions": sessions,
        "status": {name: str(order.status) for name, order in orders.items()},
        "totals": {name: order.terms.currency.text(order.total) for name, order in orders.items()},
        "receipts": counter.receipts,
        "journal": journal.journal_id,
        "head": journal.head.seq,
        "acked": journal.acked.seq,
    }


def _open(path: Path) -> JournalFile:
    return JournalFile.open(
        path, till=TILL, store_id=STORE, new_id=lambda: IdClock(randbits).next(WallClock().now()), host=HOST
    )


def _dump(owner: Address, target: Path) -> None:
    command = [str(carried().program("pg_dump")), "--dbname", owner.conninfo, "--no-comments", "--restrict-key", "till"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "LC_ALL": "C"})
    target.write_text(done.stdout, encoding="utf-8")


def make(server: EmbeddedServer, folder: Path, target: Path) -> Path:
    """Make the fixture; its folder."""
    revision = Program().revision
    name = f"fixture_{revision}"
    with connect(server.owner("postgres")) as session:
        session.execute(f"CREATE DATABASE {name}")
    owner, app = server.owner(name), server.app(name)
    migrate.upgrade(owner)
    with connect(owner) as session:
        make_venue(session, STORE, demo_settings(), staff=demo_staff(), menu=demo_menu())
        enrol(session, STORE, TILL, SECRET)
    journal = _open(folder / "till-1.sqlite")
    try:
        seed_cache(journal, demo_reference())
        facts = asyncio.run(_trade(journal, app, revision))
    finally:
        journal.close()
    own = target / revision
    own.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(folder / "till-1.sqlite", own / "till-1.sqlite")
    _dump(owner, own / "venue.sql")
    facts = {"revision": revision, "store": STORE, "till": TILL, "secret": SECRET, "host": HOST, **facts}
    (own / "facts.json").write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    return own


def main() -> None:
    """Make it in a folder of its own."""
    folder = Path(tempfile.mkdtemp(prefix="till-fixture-"))
    folder.chmod(0o711)
    server = EmbeddedServer(folder / "data", system_dir=folder / "system")
    try:
        with server.acquire("the fixture"):
            print(make(server, folder, Path(sys.argv[1]).absolute()))  # noqa: T201 - a script
    finally:
        server.stop(even_if_used=True)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
