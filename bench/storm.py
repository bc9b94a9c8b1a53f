"""A storm: all tills of a venue come back at once after a cut, beside pgbench with the same requests.

Meanwhile a cashier keys at one more till, a process of its own, and a waiter recalls tables of another till.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from contextlib import AsyncExitStack, closing
from dataclasses import asdict
from itertools import count
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench import pgbench, venue
from bench.clients import ORDER, POOL, Beside, Till, as_till, come_back, open_all
from bench.links import key_order
from bench.pooler import PROGRAM, pooled
from bench.recording import Sender, When, at_work, flush, record
from bench.table import Figure, Sample, under, within
from bench.testbed import Database
from db.address import Address
from till.cli.venues import enrol, new_secret
from till.domain.errors import StoreError
from till.domain.order.selling import ItemEntry
from till.sync.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator

    from bench.recording import Recorder
    from bench.testbed import Bench

#: Seconds until a push of another till is under way.
_SENT_S: Final = 0.02
#: Orders of the cut, of nine events each.
_AWAY: Final = 28
#: Tills whose requests pgbench sends, before the storm and after it: the machine's speed may change.
_BESIDE: Final = 2 * POOL
_RECALLS, _SAVES, _KEYS = 4, 5, 6
_EVERY_S: Final = 0.25
_CALM_S: Final = 15
#: A till may hold 500 open orders.
_TABLES: Final = 450
_TILLS: Final = int(os.environ.get("TILL_BENCH_TILLS", "200"))


async def key(folder: str, address: dict[str, Any], secret: str) -> None:
    """Key lines until the input ends. Print at each of its lines the processor's seconds from each key to the next."""
    asked: asyncio.Queue[str] = asyncio.Queue()
    asyncio.get_running_loop().add_reader(sys.stdin, lambda: asked.put_nowait(sys.stdin.readline()))
    place, session = Address(**address | {"extra": (), "others": ()}), None
    at = at_work(Path(folder), Database(place, place), secret, till=_KEYS, settings=Settings())
    async with at as (_sync, register):
        took: list[float] = []
        for number in count():
            begun = time.process_time()
            item = register.menu.by_plu[1 + number % len(register.menu.items)]
            session = register.sales.add(session, 1, ItemEntry(item)).id
            if number % ORDER == 0:
                register.checkout.pay_exact(session)
                session = None
            await asyncio.sleep(_EVERY_S)
            took.append(time.process_time() - begun)
            if not asked.empty():
                print(json.dumps(took), flush=True)
                took = []
                if not asked.get_nowait():
                    return


async def recall(
    sync: Recorder, saved: Iterator[str], done: asyncio.Event, push: Callable[[str], Awaitable[None]]
) -> tuple[Sample, Sample]:
    """Recall tables of another till, one after the other, until it is done. Return the milliseconds of each.

    Every other one has an event in a push of its till that was just sent. A refused one never ends.
    """
    took: tuple[list[float], list[float]] = ([], [])
    for number, session in enumerate(saved):
        pushed = asyncio.ensure_future(push(session)) if number % 2 else None
        await asyncio.sleep(_SENT_S)
        begun = time.perf_counter()
        try:
            await sync.grant(session, 2)
        except StoreError:
            begun = -inf
        took[number % 2].append(time.perf_counter() - begun)
        if pushed is not None:
            await pushed
        await asyncio.sleep(_EVERY_S)
        if done.is_set():
            break
    return Sample.of(took[0], 1000), Sample.of(took[1], 1000)


def say(stage: str) -> None:
    """Name the stage that begins."""
    print(f"        storm: {stage}", file=sys.stderr, flush=True)


async def play(
    testbed: Bench, address: Address, tills: list[Till]
) -> tuple[list[float], list[tuple[Sample, tuple[Sample, Sample]]]]:
    """Let the tills come back. Return the seconds of each, and the keys and recalls in calm before it and meanwhile."""
    say(f"{len(tills)} tills connect")
    await open_all(tills)
    for till in tills:
        till.prepare(1)
        await till.push()
    words = json.dumps([str(testbed.new_folder()), asdict(address), testbed.secrets[_KEYS]])
    program, pipe = (sys.executable, "-m", "bench.storm", words), asyncio.subprocess.PIPE
    cashier = await asyncio.create_subprocess_exec(*program, stdin=pipe, stdout=pipe, limit=1 << 24)
    assert cashier.stdin is not None  # noqa: S101 - requested above
    assert cashier.stdout is not None  # noqa: S101 - requested above
    saved, found = [0.0], []
    async with AsyncExitStack() as stack:
        (sync, register), (other, _register) = [
            await stack.enter_async_context(
                at_work(testbed.new_folder(), Database(address, address), testbed.secrets[number], till=number)
            )
            for number in (_SAVES, _RECALLS)
        ]
        tables = [key_order(register, number) for number in range(_TABLES)]
        for number, session in enumerate(tables):
            register.tabs.save(session, f"guest {number}")
        await flush(sync)
        left = iter(tables)

        async def push(session: str) -> None:
            register.tabs.recall(session, 1)
            item = register.menu.by_plu[1]
            register.sales.add(session, 1, ItemEntry(item))
            register.tabs.save(session, f"guest {tables.index(session)}")
            await flush(sync)

        for is_storm in (False, True):
            done = asyncio.Event()
            say("the storm" if is_storm else "recalls in calm")
            recalls = asyncio.create_task(recall(other, left, done, push))
            saved = await come_back(tills) if is_storm else await asyncio.sleep(_CALM_S, saved)
            done.set()
            cashier.stdin.write(b"\n")
            found.append((Sample.of(json.loads(await cashier.stdout.readline()), 1000), await recalls))
    cashier.stdin.close()
    await cashier.wait()
    return saved, found


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the storm's rows, only in the long form, because it takes minutes."""
    program, tills = pgbench.find(), _TILLS
    if not testbed.full or PROGRAM is None or program is None:
        return
    say("recording")
    with testbed.database() as database:
        recording = record(testbed.new_folder(), database, testbed.secrets[1], 1, When.ORDER, away=_AWAY)
    outage, events = len(recording.pushes) - 1, recording.events - recording.pushes[0].events
    with testbed.database() as database, testbed.connect(database.owner) as owner:
        secrets = {venue.TILLS + 1 + number: new_secret() for number in range(tills + 2 * _BESIDE)}
        for till, secret in secrets.items():
            enrol(owner, venue.STORE, till, secret)
        versions = dict(owner.execute("SELECT name, version FROM till.settings").fetchall())
        requests = {till: as_till(recording, till, secret, versions) for till, secret in secrets.items()}
        others = [requests.popitem()[1] for _each in range(2 * _BESIDE)]
        with closing(Sender(database)) as sender:
            for each in others:
                sender.send(next(each))
        sides = [
            Beside(program, database.app, testbed.new_folder(), some, outage)
            for some in (others[:_BESIDE], others[_BESIDE:])
        ]
        say("pgbench, before")
        before = sides[0].outages()
        with pooled(database.app, testbed.new_folder(), pool=POOL) as address:
            clients = [Till(address, till, secrets[till], each) for till, each in requests.items()]
            saved, (calm, storm) = asyncio.run(play(testbed, address, clients))
        say("pgbench, after")
        ideal = tills * (before + sides[1].outages()) / 2
    own, against, name = Sample.of(saved), "all of it by pgbench, before and after", f"{tills:,} tills back after a cut"
    yield Figure(f"{name}, {events} events each: saved, p99", own.p99, "s", ideal, against, within(1.5, 5), own)
    yield Figure("  the last", own.worst, "s", ideal, against)
    failed = sum(till.failed for till in clients)
    yield Figure("  attempts without an answer", failed, "", goal=under(tills / 20 + 1, ""))
    key_now, key_calm = storm[0], calm[0].median
    name = "  a key meanwhile, and its push, on the processor, median"
    yield Figure(name, key_now.median, "ms", key_calm, "in calm", within(1.2), key_now)
    names = ("  another till's table recalled meanwhile, p95", "  one in a push of that till, p95")
    for name, recalled, in_calm in zip(names, storm[1], calm[1], strict=True):
        yield Figure(name, recalled.p95, "ms", in_calm.p95, "in calm", under(2000, "ms"), recalled)


if __name__ == "__main__":
    asyncio.run(key(*json.loads(sys.argv[1])))
