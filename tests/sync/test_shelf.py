"""The shelf over the whole way: tills hear what is kept, tell what they did, and read the figure."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb

from tests.sync.rig import STORE
from tests.sync.test_reference import HINTED
from till.domain.events.envelope import Draft
from till.domain.stock.events import StockMoved
from till.domain.stock.kept import KeptItem, read_kept
from till.domain.till.events import stream_of_till

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tests.sync.real import Real
    from tests.sync.rig import Keys

MILK = {"item_id": "milk", "name": "Milk", "places": ["Cellar"], "unit": "ml"}


async def test_a_till_hears_the_list_and_reads_what_another_counted(real: Real, make_keys: Callable[..., Keys]) -> None:
    one, two = make_keys(1), make_keys(2)
    came, changed = asyncio.Event(), two.ears.reference_changed

    def listen(names: Sequence[str]) -> None:
        changed(names)
        if "stock" in names:
            came.set()

    two.ears.reference_changed = listen  # type: ignore[method-assign] # the test listens in
    async with real.service(one, HINTED) as here, real.service(two, HINTED) as there:
        async with asyncio.timeout(20):
            real.owner.execute("SELECT till.stock_items_v1(%s, NULL, %s)", [STORE, Jsonb({"items": [MILK]})])
            await came.wait()
            cached = two.journal.cached("stock")
            assert cached is not None
            assert read_kept(cached[1]) == (KeptItem("milk", "Milk", ("Cellar",), "ml"),)
            wasted = StockMoved("milk", 500, "wasted", why="spilled")
            one.ledger.commit([Draft(wasted, stream_of_till(STORE, one.ledger.till))])
            assert await here.flush(10)
            [milk] = await there.shelf(["milk", "cola"])
            assert (milk.item_id, milk.amount, milk.counted_at) == ("milk", None, None)
            counted = {"acts": [{"item_id": "milk", "amount": 4000}]}  # now: the clock of these tests is of another day
            real.owner.execute("SELECT till.stock_do_v1(%s, NULL, 'stock_counted', %s)", [STORE, Jsonb(counted)])
            [milk] = await there.shelf(["milk"])
    assert milk.amount == 4000
    assert milk.counted_at is not None
    acts = real.owner.execute("SELECT kind, amount, why FROM till.stock_acts ORDER BY kind").fetchall()
    assert acts == [("counted", 4000, ""), ("wasted", 500, "spilled")]
