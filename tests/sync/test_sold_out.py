"""An item is sold out at one till: there at once, without a network too, and at every other by the database."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

from tests.sql.ringing import IDLY, MENU
from tests.sync.rig import STORE
from tests.sync.test_reference import HINT, HINTED, hears
from till.domain.events.envelope import Draft
from till.domain.till.events import ItemMarked, stream_of_till
from till.register.reference import Reference

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sync.real import Real
    from tests.sync.rig import Keys


def mark(keys: Keys, *, sold_out: bool) -> None:
    """Mark an item as the register does: commit the event, and change the menu here."""
    data = ItemMarked(item_id=IDLY, sold_out=sold_out, approved_by=9)
    keys.ledger.commit([Draft(data, stream_of_till(STORE, keys.ledger.till))])
    Reference(keys.journal, keys.ledger.now).mark(IDLY, sold_out=sold_out)


def is_sold_out(keys: Keys) -> bool:
    return Reference(keys.journal, keys.ledger.now).menu.by_plu[1].sold_out


async def test_other_till_hears_of_sold_out_at_once(real: Real, make_keys: Callable[..., Keys]) -> None:
    real.owner.execute(HINT, [STORE, Jsonb(MENU)])
    one, two = make_keys(1), make_keys(2)
    async with real.service(one, HINTED) as here, real.service(two, HINTED) as there:
        one.open()
        two.open()
        assert await here.flush(5)
        assert await there.flush(5)
        for sold_out in (True, False):
            came = hears(real, two)
            mark(one, sold_out=sold_out)
            assert is_sold_out(one) is sold_out
            async with asyncio.timeout(5):
                await came.wait()
            assert is_sold_out(two) is sold_out
    acts = "SELECT act, user_id FROM till.menus WHERE item_id IS NOT NULL ORDER BY version"
    assert real.owner.execute(acts).fetchall() == [("sold_out", 9), ("back", 9)]


async def test_without_a_network_it_holds_here_and_travels_when_that_is_back(
    real: Real, make_keys: Callable[..., Keys]
) -> None:
    real.owner.execute(HINT, [STORE, Jsonb(MENU)])
    one, two = make_keys(1), make_keys(2)
    async with real.service(one, HINTED) as here:
        one.open()
        assert await here.flush(5)
    mark(one, sold_out=True)
    assert is_sold_out(one)
    async with real.service(one, HINTED) as here:
        assert await here.flush(5)
        two.open()
        async with real.service(two, HINTED) as there:
            assert await there.flush(5)
    assert is_sold_out(one)
    assert is_sold_out(two)
