"""`till db backup` and `restore`: rehearsed while tills keep selling."""

from __future__ import annotations

import asyncio
import stat
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import pytest

from db.engine import connect
from tests.cli.test_menu import WITH_CHOICES
from till.cli.connections import prepare_database
from till.cli.db import backup_sentence
from till.cli.environment import Surroundings
from till.cli.main import main
from till.config import Folders, HeldVenue, VenueKind, held_venue, hold_venue
from till.domain.order.selling import ItemEntry
from till.wiring.headless import open_register

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database
    from till.register.other_tills.news import News
    from till.register.register import Register

#: Each of them finds nothing where nothing is lost, twice or half.
NOTHING: Final = (
    "SELECT session_id FROM cold.orders GROUP BY 1 HAVING count(*) > 1",
    "SELECT receipt FROM cold.orders GROUP BY 1 HAVING count(*) > 1",
    """SELECT order_id FROM cold.orders AS o WHERE total_amount IS DISTINCT FROM
    (SELECT sum(subtotal) FROM cold.order_item AS i WHERE i.order_id = o.order_id)""",
    """SELECT order_id FROM cold.orders AS o WHERE total_amount IS DISTINCT FROM
    (SELECT sum(amount) FROM cold.order_payment AS p WHERE p.order_id = o.order_id)""",
    """SELECT event_data->>'line_id' FROM warm.session_events WHERE event_type = 'item_added'
    GROUP BY 1 HAVING count(*) > 1""",
    "SELECT id FROM warm.quarantine",
    "SELECT id FROM till.conflicts",
)


@pytest.fixture
def trading(staffed: Shell, database: Database) -> Iterator[Shell]:
    """A venue with a menu and two tills."""
    staffed.ok("admin", "menu", "import", *WITH_CHOICES)
    for till in ("1", "2"):
        staffed.ok("admin", "tills", "add", till, "--here")
    staffed.patch.setattr("db.engine.connect", connect)  # a restore renames the database, in which nobody may be left
    yield staffed
    with connect(database.owner.on("postgres")) as beside:
        query = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        for (name,) in beside.execute(query, [f"{database.owner.dbname}_before_"]).fetchall():
            beside.execute(f'DROP DATABASE "{name}"')


class Counter:
    """A till at which somebody keys, and what they keyed."""

    def __init__(self, register: Register, user: int) -> None:
        self.register, self.user = register, user
        self.sold: list[str] = []
        self.notified = asyncio.Event()
        register.ledger.user = user
        self._before, register.watcher = register.watcher, self

    def on_news(self, news: News) -> None:
        """The light is another: perhaps all is saved."""
        self.notified.set()
        self._before.on_news(news)

    async def saved(self) -> None:
        """Wait until the database has acknowledged every event of this till."""
        journal = self.register.journal
        while journal.acked.seq < journal.head.seq:
            self.notified.clear()
            await self.notified.wait()

    def key(self, session: str | None = None) -> str:
        item = self.register.lookup.exact("Idly")
        assert item is not None
        return self.register.sales.add(session, self.user, ItemEntry(item, 2)).id

    def sell(self) -> None:
        order = self.key()
        self.register.checkout.pay_exact(order)
        self.sold.append(order)


async def open_counter(stack: AsyncExitStack, till: int, user: int) -> Counter:
    here = Surroundings.find()
    way = open_register(
        here.config, here.folders, here.venue, till=till, prepare=lambda tell: prepare_database(here, till, tell)
    )
    return Counter(await stack.enter_async_context(way), user)


async def saved(counters: list[Counter]) -> None:
    """Wait until the database has acknowledged every event of every till."""
    for counter in counters:
        await counter.saved()


def test_tills_sell_before_during_and_after_a_restore_and_nothing_is_lost_or_twice(
    trading: Shell, database: Database
) -> None:
    """The backup is older than half of the sales; the journals bring back what it lacks."""
    file = trading.folder / "backup.dump"

    async def trade() -> tuple[list[Counter], list[str]]:
        async with AsyncExitStack() as stack, asyncio.timeout(120):
            counters = [await open_counter(stack, till, user) for till, user in ((1, 1), (2, 9))]
            for counter in counters:
                counter.sell()
            left = [counter.key() for counter in counters]
            await saved(counters)
            assert await asyncio.to_thread(main, ["db", "backup", str(file)]) == 0
            for counter, order in zip(counters, left, strict=True):
                counter.sell()
                counter.key(order)
            await saved(counters)
            restoring = asyncio.create_task(asyncio.to_thread(main, ["db", "restore", str(file), "--replace"]))
            while not restoring.done():
                for counter in counters:
                    counter.sell()
                await asyncio.wait({restoring}, timeout=0.1)
            assert await restoring == 0
            for counter, order in zip(counters, left, strict=True):
                counter.sell()
                counter.key(order)
            await saved(counters)
            return counters, left

    counters, left = asyncio.run(trade())
    with database.connect() as owner:

        def column(query: str) -> list[Any]:
            return [row[0] for row in owner.execute(query.encode()).fetchall()]

        sold = [order for counter in counters for order in counter.sold]
        assert len(sold) >= 8
        assert sorted(column("SELECT session_id FROM cold.orders")) == sorted(sold)
        assert column("SELECT sum(quantity) FROM cold.order_item") == [2 * len(sold)]
        for query in NOTHING:
            assert column(query) == [], query
        open_now = "SELECT id FROM till.order_sessions WHERE status = 'active' AND jsonb_array_length(items) > 0"
        assert sorted(column(open_now)) == sorted(left)
        keyed = "SELECT count(*) FROM warm.session_events WHERE event_type = 'item_added'"
        assert column(keyed) == [len(sold) + 3 * len(left)]
        assert column("SELECT till.restored_at() IS NOT NULL") == [True]
        written = sum(counter.register.journal.head.seq for counter in counters)
        assert column("SELECT count(*) FROM warm.session_events WHERE till_id > 0") == [written]
    assert trading("admin", "audit", "verify", "--json").json["sound"]
    assert trading("db", "check", "--json").json["ok"]


def test_restore_loses_what_managers_changed_and_the_database_before_it_lists_that(
    trading: Shell, database: Database
) -> None:
    """The runbook says to repeat exactly this by hand."""
    file = str(trading.folder / "backup.dump")
    trading.ok("admin", "customers", "add", "--name", "Mrs Rao")
    guest = trading("admin", "customers", "list", "--json").json["customers"][0]["customer"]
    trading.ok("admin", "accounts", "open", guest, "500")
    with database.connect() as owner:
        query = """INSERT INTO till.value_movements (
            movement_id, store_id, tender, holder_id, amount, state, till_id, moved_at
        ) SELECT gen_random_uuid(), store_id, 'ACCOUNT', customer_id, 80, 'spent', 1, now() FROM till.accounts"""
        owner.execute(query)
    trading.ok("db", "backup", file)
    issued = trading("admin", "vouchers", "issue", "300", "--json").json["voucher"]
    trading.ok("admin", "customers", "add", "--name", "Mr Nair")
    trading.ok("admin", "accounts", "limit", guest, "900")
    trading.ok("admin", "accounts", "pay-off", guest, "30")
    trading.ok("admin", "promotions", "add", "Happy hour", "--percent", "20", "--hours", "mon-fri 17:00-19:00")
    trading.ok("admin", "settings", "set", "business_day_ends", "03:30")
    trading.ok("admin", "tables", "set", "7", "--seats", "4")
    assert "holds Café" in trading.refused("db", "restore", file)
    config = str(trading.folder / "till.toml")
    assert "is not a complete backup" in trading.refused("db", "restore", config, "--replace")
    reply = trading("db", "restore", file, "--replace", "--json").json
    assert reply["venues"] == ["Café"]
    assert reply["before"].count("_before_") == 1
    for listing in ("vouchers", "promotions", "tables"):
        assert trading("admin", listing, "list", "--json").json[listing] == []
    assert [one["name"] for one in trading("admin", "customers", "list", "--json").json["customers"]] == ["Mrs Rao"]
    [account] = trading("admin", "accounts", "list", "--json").json["accounts"]
    assert (account["limit"], account["owed"]) == ("500.00", "80")
    assert "03:30" not in trading.ok("admin", "settings", "list")
    for name, address in (("URL", database.app), ("OWNER_URL", database.owner)):
        trading.patch.setenv(f"TILL_DATABASE__{name}", address.on(reply["before"]).url)
    acts = trading("admin", "audit", "show", "--what", "administered", "--json").json["acts"]
    missing = {"voucher_issued", "customer_added", "account_set", "account_paid_off", "promotion_set", "table_set"}
    assert {*missing, "settings_changed"} <= {one["type"] for one in acts}
    assert [one["voucher"] for one in trading("admin", "vouchers", "list", "--json").json["vouchers"]] == [issued]


def test_a_backup_goes_into_a_folder_and_is_known_of(trading: Shell) -> None:
    assert "No backup yet" in trading.ok("db", "status")
    folder = trading.folder / "a stick"
    folder.mkdir()
    reply = trading("db", "backup", str(folder), "--json").json
    (made,) = folder.iterdir()
    assert reply["file"] == str(made)
    assert reply["bytes"] == made.stat().st_size
    assert stat.S_IMODE(made.stat().st_mode) == 0o600
    assert trading("db", "status", "--json").json["backup"] == reply["at"]
    assert "already exists" in trading.refused("db", "backup", str(made))
    assert "Last backup:" in trading.ok("db", "status")


def test_a_folder_keeps_the_newest_backups_and_other_files(trading: Shell) -> None:
    folder = trading.folder / "nightly"
    folder.mkdir()
    others = {"till-20260101-050000.dump.gpg", "bar-20260101-050000.dump", "till.dump"}
    for name in (*others, *(f"till-2026010{day}-050000.dump" for day in range(1, 6))):
        (folder / name).touch()
    assert "3 older backups were removed." in trading.ok("db", "backup", str(folder), "--keep", "3")
    left = {path.name for path in folder.iterdir()} - others
    assert {"till-20260104-050000.dump", "till-20260105-050000.dump"} < left
    assert len(left) == 3
    assert trading("db", "backup", str(folder / "one.dump"), "--keep", "3").code == 2
    other = trading.folder / "weekly"
    (other / "till-20260104-050000.dump").mkdir(parents=True)  # and cannot be removed
    assert "was taken, but the older one" in trading.refused("db", "backup", str(other), "--keep", "1")


def test_a_backup_that_others_made_is_noted(trading: Shell) -> None:
    assert "Noted" in trading.ok("db", "backup", "--made-elsewhere")
    assert trading("db", "status", "--json").json["backup"] is not None
    for arguments in ((), ("somewhere", "--made-elsewhere")):
        assert trading("db", "backup", *arguments).code == 2


def test_a_new_machine_with_a_backup_alone_has_the_venue_and_one_of_another_venue_does_not(
    trading: Shell, empty_database: Database
) -> None:
    file = str(trading.folder / "backup.dump")
    trading.become(9)
    role = trading("admin", "programs", "add", "chat", "--json").json["role"]
    trading.ok("db", "backup", file)
    with connect(empty_database.owner) as owner:
        owner.execute(f'DROP OWNED BY "{role}"'.encode())
        owner.execute(f'DROP ROLE "{role}"'.encode())
    here = Surroundings.find().venue
    new = trading.folder / "new machine"
    trading.patch.setenv("TILL_DATA_DIR", str(new))
    trading.patch.setenv("TILL_DATABASE__URL", empty_database.app.url)
    trading.patch.setenv("TILL_DATABASE__OWNER_URL", empty_database.owner.url)
    done = trading("db", "restore", file)
    assert "The backup is restored: Café." in done.out
    assert "Programs without a login on this server: chat. `till admin programs add NAME` makes one." in done.err
    found = held_venue(Folders(new))
    assert found is not None
    assert (found.store_id, found.kind) == (here.store_id, VenueKind.OWN)

    bare = trading.folder / "a machine without a config"
    trading.patch.setenv("TILL_DATA_DIR", str(bare))
    with trading.patch.context() as patch:
        patch.delenv("TILL_CONFIG", raising=False)
        assert Surroundings.find().config_file is None
        trading.ok("db", "restore", file, "--replace")
    assert held_venue(Folders(bare)) == found

    other = Folders(trading.folder / "another")
    trading.patch.setenv("TILL_DATA_DIR", str(other.root))
    hold_venue(other, HeldVenue(VenueKind.OWN, "0197d6a0-0000-7000-8000-00000000aa00", "Bar", "EUR"))
    assert "the data folder" in trading.refused("db", "restore", file, "--replace")
    with connect(empty_database.owner) as owner:
        query = "SELECT count(*) FROM pg_database WHERE starts_with(datname, current_database() || '_')"
        assert owner.execute(query).fetchall() == [(1,)], "the one that the machine without a config replaced"


def test_a_backup_is_too_old_after_a_week() -> None:
    now = datetime(2026, 11, 21, 18, 0, tzinfo=UTC)
    assert "ago" not in backup_sentence(now - timedelta(days=6, hours=23), now)
    assert "9 days ago" in backup_sentence(now - timedelta(days=9, hours=1), now)
    assert "ago" not in backup_sentence(now + timedelta(days=30), now)
