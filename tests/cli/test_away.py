"""A till that was away for sixty days, and what it had for orders that ended meanwhile: real journals, one database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import pytest

from tests.cli.test_cleaning import let_pass
from tests.cli.test_recover_late import ASIDE, carried, key, selling

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database
    from till.cli.environment import Surroundings

STANDS = """
    SELECT status, till_id, (SELECT count(*)::int FROM cold.orders AS o WHERE o.session_id = s.id),
        (SELECT count(*)::int FROM cold.order_sessions_archive AS a WHERE a.id = s.id)
    FROM till.order_sessions AS s WHERE id = %s
"""


class Away:
    """Two machines: the first keyed five orders and was cut off; the second took them over."""

    def __init__(self, staffed: Shell, database: Database, on: Callable[[str], Surroundings]) -> None:
        self.staffed, self.database, self.on = staffed, database, on
        self.first = on("first")
        staffed.ok("admin", "tills", "add", "1", "--here")
        self.second = on("second")
        staffed.ok("admin", "tills", "add", "2", "--here")
        self.sessions = asyncio.run(self._begin())

    async def _begin(self) -> list[str]:
        self.on("first")
        async with selling(self.first, 1, online=True) as (register, sync):
            sessions = [key(register, None, 0) for _order in range(5)]
            assert await sync.flush(5)
        return sessions

    def ends(self, ends: Mapping[str, bool]) -> None:
        """The second till ends each, paid or not; sixty days pass, and the maintenance is done."""

        async def end() -> None:
            async with selling(self.second, 2, online=True) as (register, sync):
                for session, is_paid in ends.items():
                    await sync.grant(session, 1, warned=True)
                    if is_paid:
                        register.checkout.pay_exact(session)
                    else:
                        register.recovery.discard(session, "guest left")
                assert await sync.flush(5)

        self.on("second")
        asyncio.run(end())
        let_pass(self.database, 60)
        assert self.staffed("admin", "cleanup", "--json").json["archived"] == len(ends)
        assert {self.stands(session) for session in ends} == {None}

    def keys_on(self, pays: Mapping[str, bool]) -> None:
        """The first machine continues with each order, paid or not, without the database."""

        async def go_on() -> None:
            async with selling(self.first, 1, online=False) as (register, _sync):
                for session, is_paid in pays.items():
                    key(register, session, 1)
                    if is_paid:
                        register.checkout.pay_exact(session)

        self.on("first")
        asyncio.run(go_on())

    def comes_back(self) -> None:
        """The first has the database again, until all of it is there."""

        async def come_back() -> None:
            async with selling(self.first, 1, online=True) as (_register, sync):
                assert await sync.flush(10)
                for session in self.sessions:
                    await sync.fetch(session)
                assert await sync.flush(10)

        self.on("first")
        asyncio.run(come_back())

    def stands(self, session: str) -> tuple[Any, ...] | None:
        """Return the state of the order: status, till, number of sales, and number of archived rows."""
        with self.database.connect() as owner:
            return owner.execute(STANDS, [session]).fetchone()

    def conflicts(self) -> list[tuple[Any, ...]]:
        with self.database.connect() as owner:
            return owner.execute("SELECT kind, amount::text FROM till.conflicts ORDER BY 1").fetchall()


@pytest.fixture
def away(staffed: Shell, database: Database, on: Callable[[str], Surroundings]) -> Away:
    return Away(staffed, database, on)


def test_lines_and_money_that_come_sixty_days_late_are_carried_on(away: Away, database: Database) -> None:
    paid, paid_twice, cleared, cleared_and_paid, untouched = away.sessions
    late = {paid: False, paid_twice: True, cleared: False, cleared_and_paid: True}
    away.keys_on(late)
    ends = {paid: True, paid_twice: True, cleared: False, cleared_and_paid: False, untouched: True}
    away.ends(ends)
    away.comes_back()
    assert {session: away.stands(session) for session in away.sessions} == {
        paid: ("completed", None, 1, 0),
        paid_twice: ("completed", None, 2, 0),  # lines that only the second covers are its sale
        cleared: ("discarded", None, 0, 0),
        cleared_and_paid: ("completed", None, 1, 0),
        untouched: None,  # nothing was late for it
    }
    assert carried(database, paid) == carried(database, cleared) == ASIDE
    shown = away.staffed("admin", "sessions", "show", paid, "--json").json
    assert shown["session"]["status"] == "completed"
    assert {"order_opened", "order_placed", "lines_withdrawn"} <= {event["type"] for event in shown["events"]}
    shown = away.staffed("admin", "sessions", "show", untouched, "--json").json
    assert shown["session"]["status"] == "completed"
    page = away.staffed("admin", "sessions", "list", "--json").json["sessions"]
    assert untouched not in {row["id"] for row in page}
    assert away.conflicts() == [("sold_twice", "40.00")]  # it stands before the manager
    ((listed,),) = [away.staffed("admin", "conflicts", "--json").json["conflicts"]]
    assert (listed["session"], listed["user"]) == (paid_twice, 1)
    assert away.staffed("admin", "audit", "verify").code == 0


def test_recover_sends_what_its_disk_had_and_opens_nothing_anew(away: Away, database: Database) -> None:
    session = away.sessions[0]
    away.keys_on({session: False})
    away.ends({session: True})
    away.on("first")
    listed = away.staffed("recover", "--list", "--json").json["sessions"]
    assert session not in {row["id"] for row in listed}
    assert away.stands(session) is None
    away.staffed.ok("recover")
    assert away.stands(session) == ("completed", None, 1, 0)
    assert carried(database, session) == ASIDE
