"""A storm: all tills of a venue come back at once after a cut, beside pgbench with the same requests.

Meanwhile a cashier keys at one more till, and a waiter recalls tables of another till: each is a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from contextlib import closing
from dataclasses import asdict
from itertools import count
from math import inf
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench import clients, pgbench, venue
from bench.clients import ORDER, POOL
from bench.links import key_order
from bench.pooler import PROGRAM, pooled
from bench.recording import BY_HAND, Sender, When, at_work, flush, record
from bench.table import Figure, Sample, under, within
from bench.testbed import Database
from db.address import Address
from till.cli.venues import enrol, new_secret
from till.domain.errors import StoreError
from till.domain.order.selling import ItemEntry
from till.sync.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from contextlib import AbstractAsyncContextManager as Context

    from bench.recording import Recorder
    from bench.testbed import Bench
    from till.register.register import Register

    Lines = asyncio.Queue[str]
    Till = Context[tuple[Recorder, Register]]

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


def at_till(folder: str, address: dict[str, Any], secret: str, till: int, settings: Settings) -> Till:
    """Run a till behind the pooler."""
    place = Address(**address | {"extra": (), "others": ()})
    return at_work(Path(folder), Database(place, place), secret, till=till, settings=settings)


def answer(value: object) -> None:
    """Answer a line of the input."""
    print(json.dumps(value), flush=True)


async def key(lines: Lines, till: Till) -> None:
    """Key lines. Answer each line of the input with the processor's seconds from each key to the next."""
    session = None
    async with till as (_sync, register):
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
            if not lines.empty():
                if not lines.get_nowait():
                    return
                answer(took)
                took = []


async def save(lines: Lines, till: Till) -> None:
    """Save tables and answer with their orders. Then add an item to each order that comes in, and send it."""
    async with till as (sync, register):
        tables = [key_order(register, number) for number in range(_TABLES)]
        for number, session in enumerate(tables):
            register.tabs.save(session, f"guest {number}")
        await flush(sync)
        answer(tables)
        while session := await lines.get():
            register.tabs.recall(session, 1)
            register.sales.add(session, 1, ItemEntry(register.menu.by_plu[1]))
            register.tabs.save(session, f"guest {tables.index(session)}")
            await flush(sync)
            answer(session)


async def recall(lines: Lines, till: Till) -> None:
    """Recall each order that comes in, of another till. Answer with its seconds; a refused one never ends."""
    async with till as (sync, _register):
        while session := await lines.get():
            begun = time.perf_counter()
            try:
                await sync.grant(session, 2)
            except StoreError:
                begun = -inf
            answer(time.perf_counter() - begun)


#: The acts of each till in a process of its own, and the timing of its pushes.
_ROLES: Final = {_KEYS: (key, Settings()), _SAVES: (save, BY_HAND), _RECALLS: (recall, BY_HAND)}


async def act(number: int, words: str) -> None:
    """Act at a till of this process, until the input ends."""
    lines: Lines = asyncio.Queue()
    asyncio.get_running_loop().add_reader(sys.stdin, lambda: lines.put_nowait(sys.stdin.readline().strip()))
    role, settings = _ROLES[number]
    folder, address, secret = json.loads(words)
    await role(lines, at_till(folder, address, secret, number, settings))


class Actor:
    """A till in a process of its own, which answers lines: no other till's work is in its times."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._into, self._out = process.stdin, process.stdout

    @classmethod
    async def begin(cls, testbed: Bench, address: Address, number: int) -> Actor:
        """Start one."""
        words = json.dumps([str(testbed.new_folder()), asdict(address), testbed.secrets[number]])
        program, pipe = (sys.executable, "-m", "bench.storm", str(number), words), asyncio.subprocess.PIPE
        return cls(await asyncio.create_subprocess_exec(*program, stdin=pipe, stdout=pipe, limit=1 << 24))

    async def ask(self, line: str) -> Any:
        """Send a line. Return the answer."""
        assert self._into is not None  # noqa: S101 - requested above
        self._into.write(f"{line}\n".encode())
        return await self.hear()

    async def hear(self) -> Any:
        """Return the next answer."""
        assert self._out is not None  # noqa: S101 - requested above
        return json.loads(await self._out.readline())

    async def end(self) -> None:
        """End it."""
        assert self._into is not None  # noqa: S101 - requested above
        self._into.close()
        await self._process.wait()


async def recall_each(saver: Actor, waiter: Actor, left: Iterator[str], done: asyncio.Event) -> tuple[Sample, Sample]:
    """Have tables of the saver recalled, one after the other, until it is done. Return the milliseconds of each.

    Every other one has an event in a push of its till that was just sent.
    """
    took: tuple[list[float], list[float]] = ([], [])
    for number, session in enumerate(left):
        pushed = asyncio.ensure_future(saver.ask(session)) if number % 2 else None
        await asyncio.sleep(_SENT_S)
        took[number % 2].append(await waiter.ask(session))
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
    testbed: Bench, address: Address, tills: list[clients.Till]
) -> tuple[list[float], list[tuple[Sample, tuple[Sample, Sample]]]]:
    """Let the tills come back. Return the seconds of each, and the keys and recalls in calm before it and meanwhile."""
    say(f"{len(tills)} tills connect")
    await clients.open_all(tills)
    for till in tills:
        till.prepare(1)
        await till.push()
    cashier, saver, waiter = [await Actor.begin(testbed, address, number) for number in _ROLES]
    left = iter(await saver.hear())
    saved, found = [0.0], []
    for is_storm in (False, True):
        done = asyncio.Event()
        say("the storm" if is_storm else "recalls in calm")
        recalls = asyncio.create_task(recall_each(saver, waiter, left, done))
        saved = await clients.come_back(tills) if is_storm else await asyncio.sleep(_CALM_S, saved)
        done.set()
        found.append((Sample.of(await cashier.ask("took"), 1000), await recalls))
    for actor in (cashier, saver, waiter):
        await actor.end()
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
        requests = {till: clients.as_till(recording, till, secret, versions) for till, secret in secrets.items()}
        others = [requests.popitem()[1] for _each in range(2 * _BESIDE)]
        with closing(Sender(database)) as sender:
            for each in others:
                sender.send(next(each))
        sides = [
            clients.Beside(program, database.app, testbed.new_folder(), some, outage)
            for some in (others[:_BESIDE], others[_BESIDE:])
        ]
        say("pgbench, before")
        before = sides[0].outages()
        with pooled(database.app, testbed.new_folder(), pool=POOL) as address:
            crowd = [clients.Till(address, till, secrets[till], each) for till, each in requests.items()]
            saved, (calm, storm) = asyncio.run(play(testbed, address, crowd))
        say("pgbench, after")
        ideal = tills * (before + sides[1].outages()) / 2
    own, against, name = Sample.of(saved), "all of it by pgbench, before and after", f"{tills:,} tills back after a cut"
    yield Figure(f"{name}, {events} events each: saved, p99", own.p99, "s", ideal, against, within(1.5, 5), own)
    yield Figure("  the last", own.worst, "s", ideal, against)
    failed = sum(till.failed for till in crowd)
    yield Figure("  attempts without an answer", failed, "", goal=under(tills / 20 + 1, ""))
    key_now, key_calm = storm[0], calm[0].median
    name = "  a key meanwhile, and its push, on the processor, median"
    yield Figure(name, key_now.median, "ms", key_calm, "in calm", within(1.2), key_now)
    names = ("  another till's table recalled meanwhile, p95", "  one in a push of that till, p95")
    for name, recalled, in_calm in zip(names, storm[1], calm[1], strict=True):
        yield Figure(name, recalled.p95, "ms", in_calm.p95, "in calm", under(2000, "ms"), recalled)


if __name__ == "__main__":
    asyncio.run(act(int(sys.argv[1]), sys.argv[2]))
