"""A till that was away for sixty days, and what it had for orders that ended meanwhile: real journals, one database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_cleaning import let_pass
from tests.cli.test_recover_late import ASIDE, carried, key, selling

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database
    from till.cli.surroundings import Surroundings

STANDS = """
    SELECT status, till_id, (SELECT count(*)::int FROM cold.orders AS o WHERE o.session_id = s.id),
        (SELECT count(*)::int FROM cold.order_sessions_archive AS a WHERE a.id = s.id)
    FROM till.order_sessions AS s WHERE id = %s
"""


class Away:
    """Two machines: the first keyed an order and was cut off; the second took it over."""

    def __init__(self, staffed: Shell, database: Database, on: Callable[[str], Surroundings]) -> None:
        self.staffed, self.database, self.on = staffed, database, on
        self.first = on("first")
        staffed.ok("admin", "tills", "add", "1", "--here")
        self.second = on("second")
        staffed.ok("admin", "tills", "add", "2", "--here")
        self.session = asyncio.run(self._begin())

    async def _begin(self) -> str:
        self.on("first")
        async with selling(self.first, 1, online=True) as (register, sync):
            session = key(register, None, 0)
            assert await sync.flush(5)
        return session

    def ends(self, *, paid: bool) -> None:
        """The second till ends it; sixty days pass, and the maintenance is done."""

        async def end() -> None:
            async with selling(self.second, 2, online=True) as (register, sync):
                await sync.grant(self.session, 1, warned=True)
                if paid:
                    register.checkout.pay_exact(self.session)
                else:
                    register.recovery.discard(self.session, "guest left")
                assert await sync.flush(5)

        self.on("second")
        asyncio.run(end())
        let_pass(self.database, 60)
        assert self.staffed("admin", "cleanup", "--json").json["archived"] == 1
        assert self.stands() is None

    def keys_on(self, *, pays: bool = False) -> None:
        """The first machine continues with the order, without the database."""

        async def go_on() -> None:
            async with selling(self.first, 1, online=False) as (register, _sync):
                key(register, self.session, 1)
                if pays:
                    register.checkout.pay_exact(self.session)

        self.on("first")
        asyncio.run(go_on())

    def comes_back(self) -> None:
        """The first has the database again, until all of it is there."""

        async def come_back() -> None:
            async with selling(self.first, 1, online=True) as (_register, sync):
                assert await sync.flush(10)
                await sync.fetch(self.session)
                assert await sync.flush(10)

        self.on("first")
        asyncio.run(come_back())

    def stands(self) -> tuple[Any, ...] | None:
        """Return the state of the order: status, till, number of sales, and number of archived rows."""
        with self.database.connect() as owner:
            return owner.execute(STANDS, [self.session]).fetchone()

    def conflicts(self) -> list[tuple[Any, ...]]:
        with self.database.connect() as owner:
            return owner.execute("SELECT kind, amount::text FROM till.conflicts ORDER BY 1").fetchall()


@pytest.fixture
def away(staffed: Shell, database: Database, on: Callable[[str], Surroundings]) -> Away:
    return Away(staffed, database, on)


def test_lines_that_come_sixty_days_late_for_a_paid_order_are_carried_on(away: Away, database: Database) -> None:
    away.keys_on()
    away.ends(paid=True)
    away.comes_back()
    assert away.stands() == ("completed", None, 1, 0)
    assert carried(database, away.session) == ASIDE
    shown = away.staffed("admin", "sessions", "show", away.session, "--json").json
    assert shown["session"]["status"] == "completed"
    assert {"order_opened", "order_placed", "lines_withdrawn"} <= {event["type"] for event in shown["events"]}
    assert away.conflicts() == []
    assert away.staffed("admin", "audit", "verify").code == 0


def test_a_second_payment_that_comes_sixty_days_late_stands_before_the_manager(away: Away) -> None:
    away.keys_on(pays=True)
    away.ends(paid=True)
    away.comes_back()
    assert away.stands() == ("completed", None, 2, 0)  # lines that only the second covers are its sale
    assert away.conflicts() == [("sold_twice", "40.00")]
    ((listed,),) = [away.staffed("admin", "conflicts", "--json").json["conflicts"]]
    assert (listed["session"], listed["user"]) == (away.session, 1)


def test_lines_that_come_sixty_days_late_for_a_cleared_order_are_carried_on(away: Away, database: Database) -> None:
    away.keys_on()
    away.ends(paid=False)
    away.comes_back()
    assert away.stands() == ("discarded", None, 0, 0)
    assert carried(database, away.session) == ASIDE


def test_money_that_comes_sixty_days_late_for_a_cleared_order_completes_it(away: Away) -> None:
    away.keys_on(pays=True)
    away.ends(paid=False)
    away.comes_back()
    assert away.stands() == ("completed", None, 1, 0)


def test_a_till_that_had_it_open_hears_what_became_of_it(away: Away) -> None:
    away.ends(paid=True)
    away.comes_back()
    assert away.stands() is None  # nothing was late for it
    assert away.staffed("admin", "sessions", "show", away.session, "--json").json["session"]["status"] == "completed"
    page = away.staffed("admin", "sessions", "list", "--json").json["sessions"]
    assert [row["id"] for row in page] == []


def test_recover_sends_what_its_disk_had_and_opens_nothing_anew(away: Away, database: Database) -> None:
    away.keys_on()
    away.ends(paid=True)
    away.on("first")
    listed = away.staffed("recover", "--list", "--json").json["sessions"]
    assert away.session not in {row["id"] for row in listed}
    assert away.stands() is None
    away.staffed.ok("recover")
    assert away.stands() == ("completed", None, 1, 0)
    assert carried(database, away.session) == ASIDE
