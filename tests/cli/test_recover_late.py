"""Lines that a till which is gone had keyed too late: two data folders, one database, and its real functions."""

from __future__ import annotations

import asyncio
import json
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from till.cli.connections import prepare_database
from till.cli.demo_venue import demo_reference
from till.domain.catalogue.menu import read_menu
from till.domain.money.measures import Minor
from till.domain.order.selling import ItemEntry
from till.wiring.parts import LateOutbox, WallClock, make_register, open_own_journal, seed_cache
from till.wiring.till import make_sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database
    from till.cli.environment import Surroundings
    from till.register.register import Register
    from till.sync.service import SyncService


@asynccontextmanager
async def selling(
    here: Surroundings, till: int, *, online: bool, zone: str = ""
) -> AsyncIterator[tuple[Register, SyncService]]:
    """A till of a machine at work, with the sync that it really has; `online` or with its line cut.

    `zone` is that of the venue, if the machine's configuration does not name it: its sales have one business day.
    """
    journal = open_own_journal(here.folders, till=till, store_id=here.venue.store_id)
    reference, zone = demo_reference(), zone or here.config.venue.timezone
    seed_cache(journal, reference | {"settings": {**reference["settings"], "timezone": zone}})
    outbox = LateOutbox()
    register = make_register(journal, WallClock(), outbox, till=till, store_id=here.venue.store_id)
    register.ledger.user = 1
    database = await asyncio.to_thread(prepare_database, here, till, print)
    sync = make_sync(here.config, journal, register, database.renew, till=till, store_id=here.venue.store_id)
    try:
        if online:
            outbox.to = sync
            sync.start()
        yield register, sync
    finally:
        if online:
            await sync.stop(5)
        journal.close()
        await asyncio.to_thread(database.release)


def key(register: Register, session: str | None, place: int) -> str:
    menu = read_menu(demo_reference()["menu"], register.venue.terms.currency)
    return register.sales.add(session, 1, ItemEntry(menu.items[place], 1), at_any_time=True).id


def carried(database: Database, session: str) -> list[tuple[Any, ...]]:
    """The orders of late lines of an order: status, user, till, and how many lines they have."""
    query = """
        SELECT s.status, s.user_id, s.till_id, warm.lines_keyed(s.id)::int
        FROM till.order_sessions AS s JOIN warm.session_events AS e ON e.session_id = s.id
        WHERE e.event_type = 'order_opened' AND e.event_data->>'from_session' = %s
    """
    with database.connect() as owner:
        return owner.execute(query, [session]).fetchall()


def logged(database: Database) -> int:
    with database.connect() as owner:
        row = owner.execute("SELECT count(*) FROM warm.session_events WHERE session_id IS NOT NULL").fetchone()
    return int(row[0]) if row else 0


#: Put aside for user 1, held by nobody, with the second item of the menu on it.
ASIDE = [("pending_logout", 1, None, 1)]


def test_recover_on_another_machine_carries_on_what_the_disk_of_a_till_that_is_gone_holds(
    staffed: Shell, database: Database, on: Callable[[str], Surroundings]
) -> None:
    async def first_keys() -> str:
        async with selling(first, 1, online=True) as (register, _sync):
            return key(register, None, 0)

    async def second_is_paid() -> None:
        async with selling(second, 2, online=True) as (register, sync):
            await sync.grant(session, 1, warned=True)
            register.checkout.pay_exact(session)

    async def first_keys_on() -> None:
        async with selling(first, 1, online=False) as (register, _sync):
            key(register, session, 1)

    first = on("first")
    staffed.ok("admin", "tills", "add", "1", "--here")
    session = asyncio.run(first_keys())
    second = on("second")
    staffed.ok("admin", "tills", "add", "2", "--here")
    asyncio.run(second_is_paid())
    on("first")
    asyncio.run(first_keys_on())

    second = on("second")  # the first machine is gone; its disk was put into the second
    shutil.copy(first.folders.journal(1), second.folders.journal(1))
    staffed.ok("admin", "tills", "add", "1", "--here", "--replace")
    staffed("recover", "--list")
    assert carried(database, session) == []
    staffed("recover")
    assert carried(database, session) == ASIDE
    before = logged(database)
    found = staffed("recover", "--json").json["sessions"]
    assert [(row["user"], row["status"]) for row in found] == [(1, "pending_logout")]
    assert logged(database) == before
    assert staffed("admin", "audit", "verify").code == 0


def test_orders_that_a_lost_till_left_are_listed_with_what_is_due(
    staffed: Shell, on: Callable[[str], Surroundings]
) -> None:
    """One order waits for its user, another on a table; both are paid in part, and their last records come late."""

    async def first_sells() -> None:
        async with selling(first, 1, online=True) as (register, sync):
            for _order in range(2):
                key(register, None, 0)
            await sync.flush(10)
        async with selling(first, 1, online=False) as (register, _sync):
            for order, saves in zip(register.ledger.open_orders(), (False, True), strict=True):
                key(register, order.id, 1)
                register.checkout.pay(order.id, "CASH", Minor(1000))
                if saves:
                    register.tabs.save(order.id, "table 7")
                left[order.id] = len(register.ledger.order(order.id).priced.rows), register.ledger.order(order.id).total

    async def second_lists() -> None:
        async with selling(second, 1, online=True) as (register, sync):
            await sync.flush(10)
            (waiting,) = await register.recovery.listed(sync, 1)
            (shown,) = await sync.open_orders()
            assert waiting.session_id == shown.session_id
            (tab,) = await sync.open_tabs()
            for row in (waiting, shown, tab):
                assert (row.lines, row.total, row.paid) == (*left[row.session_id], 1000)
            (listed,) = register.open_tabs.merged([tab])
            assert len(listed.items) == 2
            lines, total = left[tab.session_id]
            assert (listed.lines, listed.total, listed.paid) == (lines, total, 1000)
            assert register.grants.must_ask(waiting.session_id)  # listing it took nothing

    left: dict[str, tuple[int, int]] = {}
    first = on("first")
    staffed.ok("admin", "tills", "add", "1", "--here")
    asyncio.run(first_sells())
    second = on("second")
    staffed.ok("admin", "tills", "add", "1", "--here", "--replace")
    shutil.copy(first.folders.journal(1), second.folders.journal(1).with_name("till-1-00000001.sqlite"))
    staffed("recover")
    asyncio.run(second_lists())


def test_order_that_another_till_took_is_not_listed_here_without_the_server(
    staffed: Shell, on: Callable[[str], Surroundings]
) -> None:
    async def first_keys() -> tuple[str, str]:
        async with selling(first, 1, online=True) as (register, _sync):
            return key(register, None, 0), key(register, None, 1)

    async def second_takes() -> None:
        async with selling(second, 2, online=True) as (_register, sync):
            await sync.grant(taken, 1, warned=True)

    async def first_hears() -> None:
        async with selling(first, 1, online=True) as (register, sync):
            key(register, kept, 0)
            await sync.flush(10)
            assert not register.ledger.holds(register.ledger.order(taken))

    first = on("first")
    staffed.ok("admin", "tills", "add", "1", "--here")
    taken, kept = asyncio.run(first_keys())
    second = on("second")
    staffed.ok("admin", "tills", "add", "2", "--here")
    asyncio.run(second_takes())
    on("first")
    asyncio.run(first_hears())
    assert {row["id"] for row in staffed("recover", "--list", "--json").json["sessions"]} == {taken, kept}
    for address in ("TILL_DATABASE__URL", "TILL_DATABASE__OWNER_URL"):
        staffed.patch.setenv(address, "postgresql://till_app@/venue?host=/nowhere")
    for more in ([], ["--list"]):
        listed = json.loads(staffed("recover", *more, "--json").out)["sessions"]
        assert [row["id"] for row in listed] == [kept]
