"""A venue and a journal of each earlier revision, upgraded by this program: nothing is lost, and the chains verify."""

from __future__ import annotations

import asyncio
import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from db import migrate
from db.embedded.binaries import carried
from db.schema import Program
from till.domain.events.envelope import NO_HASH
from till.domain.order.state import Status
from till.journal import JournalFile
from till.sync.service import SyncService
from till.sync.settings import ConnectionFacts, Identity, Settings
from till.wiring.parts import LateOutbox, WallClock, make_register
from till.wiring.till import SCHEMA

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from till.register.register import Register

FIXTURES = sorted(Path(__file__).parent.glob("fixtures/*"))
QUICK = Settings(debounce_ms=1, max_wait_ms=1, deadline_s=30)


class Kept:
    """One fixture, restored."""

    def __init__(self, folder: Path, database: Database, path: Path) -> None:
        self.facts: dict[str, Any] = json.loads((folder / "facts.json").read_text(encoding="utf-8"))
        self.database = database
        self.path = path
        _restore(folder / "venue.sql", database)
        shutil.copyfile(folder / "till-1.sqlite", path)

    def session(self, name: str) -> str:
        found: str = self.facts["sessions"][name]
        return found

    def open(self) -> JournalFile:
        """The journal; nothing may need a new one."""

        def no_new_id() -> str:
            raise AssertionError("another journal was begun")

        facts = self.facts
        journal = JournalFile.open(
            self.path, till=facts["till"], store_id=facts["store"], new_id=no_new_id, host=facts["host"]
        )
        assert journal.journal_id == facts["journal"]
        return journal

    def register(self, journal: JournalFile) -> Register:
        return make_register(journal, WallClock(), LateOutbox(), till=self.facts["till"], store_id=self.facts["store"])

    def sync(self, journal: JournalFile, register: Register) -> bool:
        """Send what is unsent; whether all of it was taken."""
        facts = ConnectionFacts(self.database.app.conninfo, self.facts["secret"])

        async def send() -> bool:
            service = SyncService(
                journal,
                register,
                register.ledger.snapshot,
                QUICK,
                lambda: facts,
                identity=Identity(self.facts["store"], self.facts["till"], SCHEMA),
                clock=WallClock(),
            )
            service.start()
            done = await service.flush(30)
            assert service.trouble is None
            await service.stop()
            return done

        return asyncio.run(send())

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self.database.connect() as session:
            return session.execute(query, values).fetchall()


def _restore(dump: Path, database: Database) -> None:
    """Restore a dump as a person does: with psql, stopping at the first error."""
    command = [str(carried().program("psql")), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
    command += ["--dbname", database.owner.conninfo, "--file", str(dump)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
    assert done.returncode == 0, done.stderr


@pytest.fixture(params=FIXTURES, ids=lambda folder: str(folder.name))
def kept(request: pytest.FixtureRequest, empty_database: Database, tmp_path: Path) -> Kept:
    return Kept(request.param, empty_database, tmp_path / "till-1.sqlite")


def chain(kept: Kept) -> list[tuple[int, str, str, str]]:
    """Number, hash before, hash and body of each event that the database has of the journal."""
    query = """SELECT seq, prev_hash, hash, body FROM warm.session_events
               WHERE journal_id = %s ORDER BY seq"""
    return kept.rows(query, kept.facts["journal"])


def test_every_revision_but_the_newest_is_kept() -> None:
    known = {path.name.partition("_")[0] for path in Program().migrations.joinpath("versions").glob("[0-9]*.py")}
    assert {folder.name for folder in FIXTURES} >= known - {Program().revision}, "README.md says how to keep one"


def test_till_names_the_last_revision() -> None:
    assert Program().revision == SCHEMA


def test_the_upgrade_changes_nothing_that_was_there(kept: Kept) -> None:
    assert migrate.status(kept.database.owner).verdict == "behind"
    queries = (
        "SELECT id, status, items, total, version FROM till.order_sessions ORDER BY id",
        "SELECT order_id, session_id, total_amount, receipt FROM cold.orders ORDER BY order_id",
        "SELECT event_id, seq, hash, body FROM warm.session_events ORDER BY event_id",
        "SELECT id, name, role, pin_hash FROM till.users ORDER BY id",
    )
    before = [kept.rows(query) for query in queries]
    assert all(before)
    assert migrate.upgrade(kept.database.owner).verdict == "current"
    assert migrate.check(kept.database.owner) == ()
    assert [kept.rows(query) for query in queries] == before
    logins = kept.rows("SELECT event_id FROM warm.session_events WHERE event_type = 'logged_in' ORDER BY event_id")
    assert kept.rows("SELECT event_id FROM warm.logins ORDER BY event_id") == logins
    assert logins


def test_the_journal_opens_with_its_orders_before_any_database(kept: Kept) -> None:
    journal = kept.open()
    try:
        assert journal.opened.notice == ""
        assert (journal.head.seq, journal.acked.seq) == (kept.facts["head"], kept.facts["acked"])
        ledger = kept.register(journal).ledger
        for name, session in kept.facts["sessions"].items():
            order = ledger.order(session)
            assert (order.status, order.terms.currency.text(order.total)) == (
                Status(kept.facts["status"][name]),
                kept.facts["totals"][name],
            ), name
    finally:
        journal.close()


def test_unsent_events_arrive_after_the_upgrade_and_the_chains_verify(kept: Kept) -> None:
    migrate.upgrade(kept.database.owner)
    journal = kept.open()
    try:
        unsent = journal.unsent(1000)
        assert [event.seq for event in unsent] == list(range(kept.facts["acked"] + 1, kept.facts["head"] + 1))
        assert kept.sync(journal, kept.register(journal))
        head = journal.head
    finally:
        journal.close()

    before = NO_HASH
    for place, (seq, prev_hash, sealed, body) in enumerate(chain(kept), 1):
        assert (seq, prev_hash, sealed) == (place, before, hashlib.sha256(body.encode()).hexdigest())
        before = sealed
    assert (place, before) == (head.seq, head.hash)
    assert {event.body for event in unsent} <= {body for _seq, _before, _sealed, body in chain(kept)}

    sold = {session: (str(total), receipt) for session, total, receipt in kept.rows(
        "SELECT session_id, total_amount, receipt FROM cold.orders"
    )}  # fmt: skip
    names = [name for name, status in kept.facts["status"].items() if status == "completed"]
    assert sold == {
        kept.session(name): (kept.facts["totals"][name], receipt)
        for name, receipt in zip(names, kept.facts["receipts"], strict=True)
    }
    found = {row[0]: row[1] for row in kept.rows("SELECT id, status FROM till.order_sessions")}
    assert found == {kept.session(name): status for name, status in kept.facts["status"].items()}
    assert kept.rows("SELECT reason FROM warm.quarantine") == []


def test_till_sells_after_the_upgrade(kept: Kept) -> None:
    migrate.upgrade(kept.database.owner)
    journal = kept.open()
    try:
        register = kept.register(journal)
        order = register.checkout.pay_exact(kept.session("open"))
        assert order.placed is not None
        assert order.placed.data.receipt == f"1-{len(kept.facts['receipts']) + 1:06}"
        assert kept.sync(journal, register)
    finally:
        journal.close()
    (total,) = kept.rows("SELECT total_amount FROM cold.orders WHERE session_id = %s", kept.session("open"))
    assert str(total[0]) == kept.facts["totals"]["open"]
