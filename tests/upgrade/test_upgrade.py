"""Each kept venue as it was, opened by the program of today: nothing is lost, and all that was written is read."""

from __future__ import annotations

import asyncio
import hashlib
import json
import lzma
import os
import pickle
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from db import migrate
from db.backups import restore
from db.embedded.binaries import bundled_binaries
from db.engine import connect
from db.schema import Program
from tests.plugins.folders import run_dir
from tests.sql.ringing import sum_up
from till.administration.calls import call
from till.cli.report_output import to_json
from till.domain.events.envelope import NO_HASH
from till.domain.events.registry import UnreadData
from till.domain.order.state import Order, Status
from till.domain.payment.codes import digest_of
from till.domain.payment.movement import PaymentState
from till.domain.refund import giving
from till.domain.staff.rights import Permission, PermissionRequest
from till.journal import JournalFile
from till.reports.declared import SALES
from till.sync.service import SyncService
from till.sync.settings import ConnectionFacts, Identity, Settings
from till.wiring.parts import LateOutbox, WallClock, make_register

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from tests.plugins.database import Database, Shelf
    from till.register.register import Register

ROOT = Path(__file__).parents[2]
FIXTURES = sorted(Path(__file__).parent.glob("fixtures/*"))
QUICK = Settings(debounce_ms=1, max_wait_ms=1, deadline_s=30)
#: Queries of all that stands in the database of a venue; an upgrade changes none of it.
STANDS = (
    "SELECT id, status, items, total, version FROM till.order_sessions ORDER BY id",
    "SELECT order_id, session_id, total_amount, receipt FROM cold.orders ORDER BY order_id",
    "SELECT order_id, position, item_name, quantity, subtotal, category FROM cold.order_item ORDER BY 1, 2",
    "SELECT order_id, position, tender, amount, tip FROM cold.order_payment ORDER BY 1, 2",
    "SELECT receipt, tender, amount FROM cold.refunds ORDER BY 1",
    "SELECT event_id, seq, hash, body FROM warm.session_events ORDER BY event_id",
    "SELECT event_id, hash, body FROM cold.order_audit ORDER BY event_id",
    "SELECT event_id, field, text FROM warm.event_texts ORDER BY 1, 2",
    "SELECT id, status, version FROM cold.order_sessions_archive ORDER BY id",
    "SELECT id, name, role, pin_hash FROM till.users ORDER BY id",
    "SELECT voucher_id, amount, voided_at FROM till.vouchers ORDER BY 1",
    "SELECT holder_id, state, amount FROM till.value_movements ORDER BY moved_at, 1",
    "SELECT customer_id, name, phone FROM cold.customer_table ORDER BY 1",
)


class KeptTill:
    """A till of a fixture, on its restored journal."""

    def __init__(self, kept: KeptVenue, facts: dict[str, Any], path: Path) -> None:
        self.kept, self.facts, self.number = kept, facts, facts["till"]
        self.journal = JournalFile.open(
            path, till=self.number, store_id=kept.facts["store"], new_id=self._no_new_id, host=kept.facts["host"]
        )
        assert self.journal.journal_id == facts["journal"]
        assert self.journal.opened.notice == ""
        self.found = (self.journal.head.seq, self.journal.acked.seq)
        # it ends the login that was left open, which is the first event of today
        self.register: Register = make_register(
            self.journal, WallClock(), LateOutbox(), till=self.number, store_id=kept.facts["store"]
        )

    @staticmethod
    def _no_new_id() -> str:
        raise AssertionError("another journal was begun")

    @property
    def orders(self) -> dict[str, tuple[Order, list[str]]]:
        """The named orders as they fold today, with status, total and receipt as they were."""
        ledger = self.register.ledger
        return {name: (ledger.order(session), was) for name, (session, *was) in self.facts["orders"].items()}

    def send(self, act: Callable[[SyncService], Awaitable[Any]] | None = None) -> None:
        """Send what is unsent, and do something while connected."""
        facts = ConnectionFacts(self.kept.database.app.conninfo, self.facts["secret"])
        identity = Identity(self.kept.facts["store"], self.number)

        async def send() -> None:
            service = SyncService(
                self.journal, self.register, self.register.ledger.snapshot, QUICK, lambda: facts, identity=identity,
                clock=WallClock(),
            )  # fmt: skip
            service.start()
            assert await service.flush(30), service.trouble
            if act is not None:
                await act(service)
                assert await service.flush(30), service.trouble
            await service.stop()

        asyncio.run(send())


class KeptVenue:
    """A fixture, restored; `stood` names a file with the rows of `STANDS` as they were before its upgrade."""

    def __init__(self, folder: Path, database: Database, place: Path, stood: Path) -> None:
        self.folder, self.database, self.place, self.stood = folder, database, place, stood
        self.facts: dict[str, Any] = json.loads((folder / "facts.json").read_text(encoding="utf-8"))

    def unpack(self, name: str) -> Path:
        """Decompress a file of the fixture."""
        file = self.place / name
        file.write_bytes(lzma.decompress((self.folder / f"{name}.xz").read_bytes()))
        return file

    def restore(self) -> None:
        """Restore the dump as a person does: with psql, stopping at the first error."""
        command = [str(bundled_binaries().program("psql")), "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"]
        command += ["--dbname", self.database.owner.conninfo, "--file", str(self.unpack("venue.sql"))]
        done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, "LC_ALL": "C"})
        assert done.returncode == 0, done.stderr

    def open(self, till: int) -> KeptTill:
        """Open the journal of a till, as its machine does."""
        facts = next(one for one in self.facts["tills"] if one["till"] == till)
        return KeptTill(self, facts, self.unpack(f"till-{till}.sqlite"))

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        with self.database.connect() as session:
            return session.execute(query.encode(), values or None).fetchall()

    @property
    def sales(self) -> Any:
        """The report of the day on which it traded, as it is read today."""
        day = date.fromisoformat(self.facts["sales"]["day"])
        with connect(self.database.owner) as session:
            return to_json(sum_up(session, self.facts["store"], SALES, day))


@pytest.fixture(params=FIXTURES, ids=lambda folder: str(folder.name))
def folder(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def kept(folder: Path, empty_database: Database, tmp_path: Path) -> KeptVenue:
    return KeptVenue(folder, empty_database, tmp_path, tmp_path / "stood")


@pytest.fixture
def venue(folder: Path, shelf: Shelf, tmp_path: Path, pytestconfig: pytest.Config) -> Iterator[KeptVenue]:
    """The venue with its database restored and upgraded, once for all tests of its fixture: each has a copy."""
    stood = run_dir(pytestconfig) / f"{folder.name}.stood"

    def fill(empty: Database) -> None:
        kept = KeptVenue(folder, empty, tmp_path, stood)
        kept.restore()
        stood.write_bytes(pickle.dumps([kept.rows(query) for query in STANDS]))
        migrate.upgrade(empty.owner)

    with shelf.made(shelf.template(f"kept_{folder.name}", fill)) as database:
        yield KeptVenue(folder, database, tmp_path, stood)


@pytest.fixture
def till(venue: KeptVenue) -> Iterator[KeptTill]:
    """The first till of the upgraded venue."""
    found = venue.open(1)
    with closing(found.journal):
        yield found


def chain(kept: KeptVenue, journal: str) -> list[tuple[int, str, str, str]]:
    """Number, hash before, hash and body of each event that the database has of a journal."""
    query = """SELECT seq, prev_hash, hash, body FROM warm.session_events WHERE journal_id = %s
               UNION ALL SELECT seq, prev_hash, hash, body FROM cold.order_audit WHERE journal_id = %s ORDER BY seq"""
    return kept.rows(query, journal, journal)


def has(today: Any, then: Any) -> bool:
    """True if all that was in a report is in it today; it may have more."""
    if isinstance(then, dict):
        return isinstance(today, dict) and all(name in today and has(today[name], then[name]) for name in then)
    if isinstance(then, list):
        return isinstance(today, list) and len(today) == len(then) and all(map(has, today, then))
    return bool(today == then)


def test_every_revision_but_the_newest_is_kept() -> None:
    known = {path.name.partition("_")[0] for path in Program().migrations.joinpath("versions").glob("[0-9]*.py")}
    found = {json.loads((folder / "facts.json").read_text(encoding="utf-8"))["revision"] for folder in FIXTURES}
    assert found >= known - {Program().revision}, "README.md says how to keep one"
    assert found


def test_an_upgrade_changes_nothing_that_was_there(venue: KeptVenue) -> None:
    before = pickle.loads(venue.stood.read_bytes())  # noqa: S301 - ours
    assert all(before)
    assert migrate.status(venue.database.owner).verdict == "current"
    assert migrate.check(venue.database.owner) == ()
    assert [venue.rows(query) for query in STANDS] == before
    assert (len(before[5]), len(before[6])) == tuple(venue.facts["events"])
    with connect(venue.database.owner) as session:
        assert call(session, "audit_verify_v1", venue.facts["store"])["sound"]


def test_reports_of_the_day_say_what_they_said(venue: KeptVenue) -> None:
    assert has(venue.sales, venue.facts["sales"])


def test_a_journal_opens_with_its_orders_before_any_database(kept: KeptVenue) -> None:
    for facts in kept.facts["tills"]:
        till = kept.open(facts["till"])
        with closing(till.journal):
            assert till.found == (facts["head"], facts["acked"])
            for name, (order, (status, total, receipt)) in till.orders.items():
                assert (order.status, order.terms.currency.text(order.total)) == (Status(status), total), name
                assert (order.placed.data.receipt if order.placed else "") == receipt, name


def test_every_event_that_a_venue_wrote_is_read(kept: KeptVenue) -> None:
    for facts in kept.facts["tills"]:
        till = kept.open(facts["till"])
        with closing(till.journal):
            events = till.journal._disk.events("SELECT hash, body, texts FROM own ORDER BY seq")
            assert len(events) >= facts["head"]
            assert not [event for event in events if isinstance(event.data, UnreadData)]


def test_unsent_events_arrive_after_the_upgrade_and_the_chains_verify(venue: KeptVenue, till: KeptTill) -> None:
    unsent = till.journal.unsent(1000)
    assert [event.seq for event in unsent] == list(range(till.facts["acked"] + 1, till.facts["head"] + 2))
    till.send()
    before = NO_HASH
    found = chain(venue, till.facts["journal"])
    for place, (seq, prev_hash, sealed, body) in enumerate(found, 1):
        assert (seq, prev_hash, sealed) == (place, before, hashlib.sha256(body.encode()).hexdigest())
        before = sealed
    assert (len(found), before) == (till.journal.head.seq, till.journal.head.hash)
    assert {event.body for event in unsent} <= {body for _seq, _before, _sealed, body in found}
    sold = venue.rows("SELECT session_id, total_amount, receipt FROM cold.orders")
    assert {(session, str(total), receipt) for session, total, receipt in sold} >= {
        (order.id, total, receipt) for order, (status, total, receipt) in till.orders.values() if status == "completed"
    }
    status = dict(venue.rows("SELECT id, status FROM till.order_sessions"))
    assert {order.id: status.get(order.id, was) for order, (was, *_rest) in till.orders.values()} == {
        order.id: was for order, (was, *_rest) in till.orders.values()
    }
    assert venue.rows("SELECT reason FROM warm.quarantine") == []


def test_a_till_sells_and_refunds_what_was_sold_before(venue: KeptVenue, till: KeptTill) -> None:
    receipts = [receipt for _order, (*_was, receipt) in till.orders.values() if receipt]
    register, (order, _was) = till.register, till.orders["open"]
    register.access.admit(register.access.find(1))
    paid = register.checkout.pay_exact(order.id)
    assert paid.placed is not None
    assert paid.placed.data.receipt == f"1-{len(receipts) + 1:06}"
    sold, (_status, _total, receipt) = till.orders["cash"]
    sale = register.refunds.sale(sold.id, receipt)
    share = giving.pieces_back(sale, {2: 1})
    asked = PermissionRequest(Permission.REFUND, share.part.amount)
    approval = register.approvals.give(register.access.find(9), asked)
    begun = register.refunds.start(sold.id, share, giving.ways_of(sale)[0], sale, approval, "cold")
    assert register.refunds.approve(begun.id).state is PaymentState.APPROVED
    till.send()
    (total,) = venue.rows("SELECT total_amount FROM cold.orders WHERE session_id = %s", order.id)
    assert str(total[0]) == till.facts["orders"]["open"][2]
    assert venue.rows("SELECT count(*) FROM cold.refunds WHERE receipt = %s", begun.started.receipt) == [(1,)]


def test_acts_begun_before_go_on(venue: KeptVenue, till: KeptTill) -> None:
    """A refund without an answer, a table, an order of a program, and what is left on a voucher."""
    register = till.register
    register.access.admit(register.access.find(1))
    (waiting,) = register.refunds.waiting()
    settled = register.refunds.settle(
        waiting.id,
        register.approvals.give(register.access.find(9), PermissionRequest(Permission.SETTLE, waiting.amount)),
        given=True,
    )
    assert settled.state is PaymentState.APPROVED
    table = register.tabs.recall(till.orders["moved"][0].id, 1)
    assert register.checkout.pay_exact(table.id, "CARD").status is Status.COMPLETED

    async def connected(server: SyncService) -> None:
        ((order,),) = venue.rows("SELECT stream_id::text FROM till.program_sessions WHERE session_id = 'chat 1'")
        await register.grants.obtain(server, order, 1)
        register.recovery.take_up(order, 1)
        assert register.checkout.pay_exact(order).status is Status.COMPLETED
        voucher = await server.voucher(digest_of(venue.facts["voucher"]))
        assert voucher.left == 38_000

    till.send(connected)
    assert venue.rows("SELECT reason FROM warm.quarantine") == []


def test_a_backup_is_restored_by_the_program_of_today(kept: KeptVenue) -> None:
    done = restore(kept.database.owner, kept.unpack("backup.dump"))
    assert done.venues == ("Udupi Corner, Jayanagar",)
    assert migrate.check(kept.database.owner) == ()
    assert has(kept.sales, kept.facts["sales"])
    till = kept.open(1)
    with closing(till.journal):
        till.send()
    assert kept.rows("SELECT reason FROM warm.quarantine") == []


def test_an_export_verifies(kept: KeptVenue) -> None:
    file = kept.unpack("export.jsonl")
    script = ROOT / "docs" / "verify_export.py"
    done = subprocess.run([sys.executable, str(script), str(file)], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.partition("\n")[0]) == (0, "Not proved by any code:")
    assert sum('"seq"' in line for line in file.read_text(encoding="utf-8").splitlines()) >= sum(kept.facts["events"])
