"""Lines that a till which is gone had keyed too late: two data folders, one database, and its real functions."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

from till.cli.demo_venue import demo_reference
from till.cli.grounds import stand_on
from till.domain.catalogue.menu import read_menu
from till.domain.merge.settlement import late_id
from till.domain.order.selling import Keyed
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal, seed_cache
from till.wiring.till import make_sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database
    from till.cli.surroundings import Surroundings
    from till.register.register import Register
    from till.sync.service import SyncService


@asynccontextmanager
async def selling(here: Surroundings, till: int, *, online: bool) -> AsyncIterator[tuple[Register, SyncService]]:
    """A till of a machine at work, with the sync that it really has; `online` or with its line cut."""
    journal = open_journal(here.folders.journal(till), till=till, store_id=here.venue.store_id)
    seed_cache(journal, demo_reference())
    outbox = LateOutbox()
    register = make_register(journal, WallClock(), outbox, till=till, store_id=here.venue.store_id)
    register.ledger.user = 1
    ground = await asyncio.to_thread(stand_on, here, till, print)
    sync = make_sync(here.config, journal, register, ground.renew, till=till, store_id=here.venue.store_id)
    try:
        if online:
            outbox.to = sync
            sync.start()
        yield register, sync
    finally:
        if online:
            await sync.stop(5)
        journal.close()
        await asyncio.to_thread(ground.release)


def key(register: Register, session: str | None, place: int) -> str:
    menu = read_menu(demo_reference()["menu"], register.venue.terms.currency)
    return register.sales.add(session, 1, Keyed(menu.items[place], 1), at_any_time=True).id


def carried(database: Database, session: str) -> list[tuple[Any, ...]]:
    """What stands of the order that carries the late lines of till 1 on."""
    with database.connect() as owner:
        columns = "status, user_id, till_id, total::text, jsonb_array_length(items)"
        query = f"SELECT {columns} FROM till.order_sessions WHERE id = %s"  # noqa: S608 - ours
        return owner.execute(query, [late_id(session, 1)]).fetchall()


def logged(database: Database) -> int:
    with database.connect() as owner:
        row = owner.execute("SELECT count(*) FROM warm.session_events WHERE session_id IS NOT NULL").fetchone()
    return int(row[0]) if row else 0


#: Put aside for user 1, held by nobody, with the second item of the menu on it.
ASIDE = [("pending_logout", 1, None, "80.00", 1)]


def test_recover_on_another_machine_carries_on_what_the_disk_of_a_till_that_is_gone_holds(
    staffed: Shell, database: Database, on: Callable[[str], Surroundings]
) -> None:
    async def first_keys() -> str:
        async with selling(first, 1, online=True) as (register, _sync):
            return key(register, None, 0)

    async def second_is_paid() -> None:
        async with selling(second, 2, online=True) as (register, sync):
            await sync.fetch(session)
            register.recovery.resume(session, holder=1, taking_over=True)
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
    assert [(row["id"], row["user"], row["total"]) for row in found] == [(late_id(session, 1), 1, "80.00")]
    assert logged(database) == before
    assert staffed("admin", "audit", "verify").code == 0


def test_the_maintenance_of_any_till_carries_on_what_one_that_is_gone_had_sent(
    staffed: Shell, database: Database, on: Callable[[str], Surroundings]
) -> None:
    staffed.patch.setenv("TILL_SYNC__POLL_S", "0.1")

    async def both_have_it() -> str:
        async with selling(first, 1, online=True) as (one, at_one), selling(second, 2, online=True) as (_two, at_two):
            session = key(one, None, 0)
            assert await at_one.flush(5)
            await at_two.fetch(session)
            return session

    async def second_is_paid() -> None:
        async with selling(second, 2, online=False) as (two, _sync):
            two.recovery.resume(session, holder=1, taking_over=True)
            two.checkout.pay_exact(session)

    async def works(here: Surroundings, till: int, place: int | None = None) -> None:
        async with selling(here, till, online=True) as (register, sync):
            if place is not None:
                key(register, session, place)
            assert await sync.flush(5)

    async def another_till_is_open() -> None:
        done = asyncio.Event()
        async with selling(third, 3, online=True) as (three, sync):
            carry = three.lines_left

            def left(session_id: str, till: int) -> None:
                carry(session_id, till)
                done.set()

            three.lines_left = left  # type: ignore[method-assign] # the test listens in
            async with asyncio.timeout(20):
                await done.wait()
            assert await sync.flush(5)

    first = on("first")
    staffed.ok("admin", "tills", "add", "1", "--here")
    second = on("second")
    staffed.ok("admin", "tills", "add", "2", "--here")
    third = on("third")
    staffed.ok("admin", "tills", "add", "3", "--here")
    session = asyncio.run(both_have_it())
    asyncio.run(second_is_paid())  # its line is cut
    asyncio.run(works(first, 1, place=1))  # the last that is ever heard of it
    asyncio.run(works(second, 2))
    with database.connect() as owner:
        owner.execute("UPDATE till.tills SET seen_at = seen_at - interval '31 minutes' WHERE id = 1")
    assert carried(database, session) == []
    asyncio.run(another_till_is_open())
    assert carried(database, session) == ASIDE
