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

#: Seconds, and round trips over its link, in which a till fetches the changes after the previous recall.
_QUIET_S: Final = 0.2
_QUIET_TRIPS: Final = 2
#: Seconds after which a change that no till hears of is an error.
_PATIENCE_S: Final = 20


async def _recall(testbed: Bench, database: Database, count: int) -> Acts:
    """Time the recalls, over each link in turn."""
    acts = Acts()
    async with at_work(testbed.new_folder(), database, testbed.secrets[1]) as (sync, register):
        saved = [key_order(register, number) for number in range((count + WARM) * len(LINKS))]
        for number, session in enumerate(saved):
            register.tabs.save(session, f"guest {number}")
        await flush(sync)
        async with far_tills(testbed, database) as tills:
            for number, session in enumerate(saved):
                till = tills[number % len(tills)]
                await asyncio.sleep(
                    _QUIET_S + _QUIET_TRIPS * till.link / 1000
                )  # the tabs changed, and the other tills fetch them
                await till.sync.open_tabs()  # as F8 does: no request is pending afterwards
                async with acts.time(till, number):
                    await till.sync.grant(session, 2)
                    till.register.tabs.recall(session, 2)
                await flush(till.sync)
    return acts


async def _hear(testbed: Bench, database: Database, count: int) -> Sample:
    """Time each saved tab from the answer to its push until another till has the changed list."""
    heard = []
    async with (
        at_work(testbed.new_folder(), database, testbed.secrets[1]) as (sync, register),
        at_work(testbed.new_folder(), database, testbed.secrets[2], till=2) as (other, _register),
    ):
        for number in range(WARM + count):
            session = key_order(register, number)
            await flush(sync)
            known = other.version("tabs")
            register.tabs.save(session, f"guest {number}")
            await flush(sync)
            answered = time.perf_counter()
            async with asyncio.timeout(_PATIENCE_S):
                await other.newer("tabs", known)
            heard.append(time.perf_counter() - answered)
    return Sample.of(heard[WARM:], 1000)


def _recalls(testbed: Bench) -> Iterator[Figure]:
    with testbed.database() as database:
        acts = asyncio.run(_recall(testbed, database, 300 if testbed.full else 8))
    yield from acts.figures("another till's tab recalled")


def _news(testbed: Bench) -> Iterator[Figure]:
    with testbed.database() as database:
        heard = asyncio.run(_hear(testbed, database, 300 if testbed.full else 20))
    name = "a tab saved: from its push's answer until another till has it, p95"
    yield Figure(name, heard.p95, "ms", goal=under(300, "ms"), sample=heard)


#: The recalls of another till's tabs, and how soon another till hears of one.
PARTS: Final = (_recalls, _news)
