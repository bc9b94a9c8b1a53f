"""The recall of another till's tab over links of 0, 20 and 200 ms: one round trip, compared with the act itself."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from bench.links import LINKS, WARM, Acts, far_tills, key_order
from bench.recording import at_work, flush
from bench.table import Figure, Sample, under

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.testbed import Bench, Database

#: Seconds in which tills fetch the changes after the previous recall.
_QUIET_S: Final = 0.6
_SOON: Final = under(300, "ms")


async def _recall(testbed: Bench, database: Database, count: int) -> tuple[Acts, Sample]:
    """Time the recalls, over each link in turn, and from the answer to one without a link until another till has it."""
    acts = Acts()
    heard: list[float] = []
    async with at_work(testbed.new_folder(), database, testbed.secrets[1]) as (sync, register):
        saved = [key_order(register, number) for number in range((count + WARM) * len(LINKS))]
        for number, session in enumerate(saved):
            register.tabs.save(session, f"guest {number}")
        await flush(sync)
        async with far_tills(testbed, database) as tills:
            for number, session in enumerate(saved):
                till = tills[number % len(tills)]
                await asyncio.sleep(_QUIET_S)  # the tabs changed, and the other tills fetch them
                await till.sync.open_tabs()  # as F8 does: no request is pending afterwards
                known = sync.version("tabs")
                async with acts.time(till, number):
                    await till.sync.grant(session, 2)
                    till.register.tabs.recall(session, 2)
                till.register.tabs.save(session, f"guest {number}")
                await flush(till.sync)
                begun = time.perf_counter()
                async with asyncio.timeout(10):
                    await sync.newer("tabs", known + 1)  # the grant changed the tabs first
                if not till.link:
                    heard.append(time.perf_counter() - begun)
    return acts, Sample.of(heard, 1000)


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the recalls of another till's tabs."""
    with testbed.database() as database:
        acts, heard = asyncio.run(_recall(testbed, database, 300 if testbed.full else 15))
    yield from acts.figures("another till's tab recalled")
    yield Figure("  from its push's answer until another till has it, p95", heard.p95, "ms", None, "", _SOON, heard)
