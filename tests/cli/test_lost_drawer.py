"""The drawer of a till whose disk was lost: its new machine, and the server, which knows the balance."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

import msgspec
import pytest

from tests.cli.test_enrolled import Machines, machines
from tests.cli.test_recover_late import key, selling
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH
from till.domain.shift.events import ShiftSums
from till.register.drawer import BALANCE
from till.register.other_tills.news import ReferenceChanged

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from tests.plugins.database import Database
    from till.cli.environment import Surroundings
    from till.register.drawer import CountResult
    from till.register.register import Register

__all__ = ["machines"]
#: The float of the drawer.
FLOAT: Final = Minor(10_000)


class Hears:
    """A screen that notes when reference data changed."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()

    def on_news(self, news: object) -> None:
        if isinstance(news, ReferenceChanged):
            self.changed.set()


@asynccontextmanager
async def reached(here: Surroundings) -> AsyncIterator[Register]:
    """Till 2 once the server brought the balance of its drawer; at the end all of it was sent."""
    async with selling(here, 2, online=True) as (register, sync):
        register.watcher = screen = Hears()
        while register.journal.cached(BALANCE) is None:
            await asyncio.wait_for(screen.changed.wait(), 20)
            screen.changed.clear()
        yield register
        assert await sync.flush(5)


def sell(register: Register) -> Minor:
    order = key(register, None, 0)
    register.checkout.pay_exact(order)
    return register.ledger.order(order).total


def count(register: Register, amount: int) -> CountResult:
    (one,) = register.drawer.count({CASH: Minor(amount)})
    return one


def trade(here: Surroundings, *, closes: bool) -> int:
    """Lay a float, sell and perhaps close; the balance of the drawer."""

    async def at_till() -> int:
        async with selling(here, 2, online=True) as (register, sync):
            assert await sync.flush(5)
            count(register, FLOAT)
            sell(register)
            if closes:
                register.drawer.close()
                count(register, register.drawer.balance()[CASH] - 30)
            assert await sync.flush(5)
            return register.drawer.balance()[CASH]

    return asyncio.run(at_till())


def offline(here: Surroundings, *, counts: bool) -> tuple[int, CountResult | None]:
    """Sell, and perhaps count right, before the server is reached; what came in, and the count."""

    async def at_till() -> tuple[int, CountResult | None]:
        async with selling(here, 2, online=False) as (register, _sync):
            sold = sell(register)
            return sold, count(register, 15_000) if counts else None

    return asyncio.run(at_till())


@pytest.mark.parametrize("closes", [True, False])
@pytest.mark.parametrize("before", ["nothing", "sale", "count"])
def test_a_new_disk_goes_on_with_the_balance_of_the_drawer(
    machines: Machines, database: Database, before: str, *, closes: bool
) -> None:
    """The server is reached first, or after a sale, or after the first count, which was a float then."""
    balance = trade(machines.enrol(2, "terrace"), closes=closes)
    here = machines.enrol(2, "new one", "--replace")
    expected, counted = balance, None
    if before != "nothing":
        sold, counted = offline(here, counts=before == "count")
        expected += sold
    if counted is not None:
        expected = 15_000
        assert counted.difference == 0

    async def at_till() -> tuple[str, ShiftSums]:
        nonlocal expected
        async with reached(here) as register:
            assert register.drawer.balance() == {CASH: expected}
            if counted is None:
                assert count(register, expected - 50).difference == -50, "no float"
                expected -= 50
            expected += sell(register)
            assert register.drawer.balance() == {CASH: expected}
            return register.ledger.shift or "", register.drawer.sums()

    shift, sums = asyncio.run(at_till())
    (drawer,) = sums.drawer
    assert (drawer.opening, drawer.closing) == (f"{balance / 100:.2f}", f"{expected / 100:.2f}")
    with database.connect() as owner:
        found = owner.execute("SELECT warm.shift_sums(%s)", [shift]).fetchone()
    assert found is not None
    assert msgspec.convert(found[0], ShiftSums) == sums
    (x,) = machines.shell("report", "x", "--till", "2", "--json").json["zs"]
    assert [(one["opening"], one["closing"]) for one in x["drawer"]] == [(drawer.opening, drawer.closing)]
