"""An order split by item over links of 0, 20 and 200 ms: one round trip, compared with the act itself."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from bench.links import WARM, Acts, far_tills, key_order
from bench.recording import ITEMS, flush
from till.domain.order import moving
from till.register.ledger.ledger import Command

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.table import Figure
    from bench.testbed import Bench, Database


async def _split(testbed: Bench, database: Database, count: int) -> Acts:
    """Time the splits, over each link in turn."""
    acts = Acts()
    async with far_tills(testbed, database) as tills:
        for number in range((count + WARM) * len(tills)):
            till = tills[number % len(tills)]
            session = key_order(till.register, number)
            await flush(till.sync)
            async with acts.time(till, number):
                command = Command(till.register.ledger)
                order = command.order(session)
                lines = list(order.lines)[: ITEMS // 2]
                command.write(moving.split(order, lines, till.register.ledger.new_id()))
                await till.sync.act(command.act())
            await flush(till.sync)
    return acts


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the splits of orders."""
    with testbed.database() as database:
        acts = asyncio.run(_split(testbed, database, 300 if testbed.full else 8))
    yield from acts.figures("an order split by item")
