"""A thousand tills, a hundred waiters and a thousand users behind one server: at full rate, at a pace, after an outage.

Each till does what a till does: it knows the reference data, sends the hints of an answer after it, and after an outage
waits and cuts its batches by the sync's own rules.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import re
import statistics
import sys
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from dataclasses import dataclass, field
from itertools import chain, islice
from operator import truediv
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

import psycopg

from bench import pgbench, sessions, venue
from bench.audit import walked
from bench.pooler import PROGRAM, pooled
from bench.recording import ITEMS, Sender, When, record
from bench.table import Figure, Sample, exactly, under
from till.cli.venues import enrol, new_secret
from till.domain.events.envelope import canonical, sha256
from till.domain.structs import replace
from till.domain.till.events import stream_of_till
from till.sync import reads, server
from till.sync.composer import LISTS
from till.sync.connection import Connection, ConnectionFailedError
from till.sync.pace import UNREACHED, Pace
from till.sync.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterator, Sequence
    from pathlib import Path

    from bench.recording import Recording
    from bench.testbed import Bench
    from db.address import Address

#: The pushes of an order: its items and its payment.
ORDER: Final = ITEMS + 1
#: Connections of the pooler to the server, and of pgbench.
POOL: Final = 8
#: Connections of the program that the users have.
_SERVICE: Final = 4
#: A till prepares its statement with the third push, and stops where the pooler forgets it.
_WARM: Final = 3
#: Seconds to wait for an answer where nothing is to fail.
_SECONDS: Final = 120
#: Rounds of the full rate, each an order of every till, by tills of today, tills before, and pgbench.
_ROUNDS: Final = 2
#: Failed attempts after which a till waits for up to thirty seconds.
_FAILED: Final = 10
#: Orders of an outage, of nine events each.
_AWAY: Final = 22
_OWN_ID: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
#: Its presence in a request means that the till sends the hints itself.
_TELLS: Final = ',"tells":true'
_TOUCH: Final = "SELECT session.session_touch_v1(%s, %s)"
_LIST: Final = "SELECT till.session_list_v1(%s, ARRAY['active'], p_limit => 50)"
_LOGIN: Final = "SELECT session.session_create_v1(%s, %s, NULL, %s)->>'token'"
_STAFF: Final = """
    INSERT INTO till.users (store_id, id, name, role, pin_hash)
    SELECT %s, n, 'waiter ' || n, 'cashier', %s FROM generate_series(1, %s) AS n ON CONFLICT DO NOTHING
"""
_ARRIVED: Final = """
    SELECT (SELECT count(*) FROM warm.session_events WHERE till_id BETWEEN 1 AND %s),
        (SELECT count(*) FROM cold.orders WHERE till_id BETWEEN 1 AND %s),
        (SELECT count(*) FROM warm.quarantine) + (SELECT count(*) FROM till.conflicts)
"""


@dataclass(frozen=True, slots=True)
class Crowd:
    """The clients of a venue.

    Attributes:
        tills: those behind the pooler.
        beside: other tills, whose requests pgbench sends.
        alone: those of them that also send one at a time.
        waiters: each looks at the own open orders every ten seconds, at a till.
        users: each has a login of a program, with a heartbeat every ten seconds and a list of all active orders once a
            minute.
        sessions: the order sessions that are there before.
        rate: the pushes a second of the second pace; the first is half of the full rate.
    """

    tills: int = int(os.environ.get("TILL_BENCH_TILLS", "1000"))
    beside: int = 240
    alone: int = 40
    waiters: int = 100
    users: int = 1000
    sessions: int = 100_000
    rate: int = 300


@dataclass
class Paced:
    """The seconds of each call since it was due, at a pace, and the pushes a second that were answered."""

    pushes: list[float] = field(default_factory=list)
    waiters: list[float] = field(default_factory=list)
    beats: list[float] = field(default_factory=list)
    lists: list[float] = field(default_factory=list)
    rate: float = 0


@dataclass(frozen=True, slots=True)
class Played:
    """The measurements of the crowd.

    Attributes:
        own: pushes a second of each round, as fast as it goes.
        before: pushes a second where the push itself tells the other tills.
        limit: pushes a second by pgbench, with the statement of a push.
        half: at half of the full rate.
        whole: at a fixed pace.
        saved: seconds from the server's return until all events of a till were acknowledged, for each till.
        ideal: seconds that pgbench needs for as many tills.
    """

    own: Sample
    before: Sample
    limit: Sample
    half: Paced
    whole: Paced
    saved: Sample
    ideal: float


@dataclass(frozen=True, slots=True)
class Found:
    """The measurements, and what the database has afterwards.

    Attributes:
        played: the measurements of the crowd.
        alone: milliseconds of each push of one till at a time, without the pooler.
        events: the events of all tills.
        lost: events and sales that are not there, or were set aside.
        late: attempts without an answer in time after the outage.
        broken: 1 if `till admin audit verify` finds a fault.
    """

    played: Played
    alone: Sample
    events: int
    lost: int
    late: int
    broken: int


def as_till(recording: Recording, till: int, secret: str, versions: dict[str, int]) -> Iterator[str]:
    """Yield the requests of a recorded till 1 as another till would have sent them, `till` milliseconds earlier.

    Args:
        recording: the requests.
        till: the number of the other till.
        secret: its secret.
        versions: the versions of the reference data that it knows.
    """
    moved = {venue.STORE: venue.STORE}
    sealed: dict[str, str] = {}

    def earlier(found: re.Match[str]) -> str:
        known = moved.get(found[0])
        if known is None:
            known = moved[found[0]] = str(UUID(int=UUID(found[0]).int - (till << 80)))
        return known

    for push in (recording.first, *recording.pushes):
        request = json.loads(_OWN_ID.sub(earlier, push.text)) | {"till": till, "secret": secret}
        request["reference"] = {name: versions.get(name, known) for name, known in request["reference"].items()}
        for event in request["events"]:
            body = json.loads(event["b"])
            data = body["data"]
            body |= {"till": till, "prev_hash": sealed.get(body["prev_hash"], body["prev_hash"])}
            if body["stream_kind"] == "till":
                body["stream_id"] = stream_of_till(venue.STORE, till)
            if "drawer" in data:
                data["drawer"] = till
            if "receipt" in data:
                data["receipt"] = data["receipt"].replace("1-", f"{till}-", 1)
            event["b"] = canonical(body)
            sealed[event["h"]] = event["h"] = sha256(event["b"])
        yield json.dumps(request, separators=(",", ":"), ensure_ascii=False)


class Till:
    """A till behind the pooler: a connection, with one statement at a time.

    Args:
        address: the address of the pooler.
        number: the till's number.
        secret: its secret.
        requests: its pushes, in order; the first one is repeated until its statement is prepared.

    Attributes:
        sent: the events that the database acknowledged.
        failed: the attempts without an answer in time.
    """

    def __init__(self, address: Address, number: int, secret: str, requests: Iterator[str]) -> None:
        self._address = address
        self._requests = requests
        self._facts = {"store": venue.STORE, "till": number, "secret": secret}
        self._connection = Connection(lambda _payload: None)
        self._lock = asyncio.Lock()
        self._next: deque[str] = deque()
        self._versions: dict[str, int] = {}
        self.sent = 0
        self.failed = 0

    async def open(self) -> None:
        """Connect, and send the first push."""
        self.prepare(1)
        await self._connection.open(self._address.conninfo, "bench", _SECONDS)
        for _time in range(_WARM):
            await self._send(self._next[0], _SECONDS)
        self._next.clear()

    def prepare(self, pushes: int | None) -> None:
        """Compose the next pushes; None for all that are left."""
        self._next = deque(islice(self._requests, pushes))

    async def push(self, *, tells: bool = True) -> float:
        """Send the next push, and the hints of its answer. Return the time of the answer.

        With `tells` false the push itself tells the other tills, as it did for tills before.
        """
        text = self._next.popleft()
        async with self._lock:
            hints = await self._send(text if tells else text.replace(_TELLS, ""), _SECONDS)
            answered = asyncio.get_running_loop().time()
            if hints:
                await self._ask(reads.TELL.statement, tell=hints)
        return answered

    async def push_all(self, *, tells: bool = True) -> None:
        """Send all pushes, each when the one before is answered."""
        while self._next:
            await self.push(tells=tells)

    async def look(self, user: int) -> None:
        """List the open orders of a waiter."""
        async with self._lock:
            await self._ask(reads.USER_SESSIONS.statement, user=user)

    async def close(self) -> None:
        """Disconnect."""
        await self._connection.close()

    async def come_back(self, chance: Callable[[], float]) -> float:
        """Connect after an outage and send everything. Return the time of the last answer.

        The till pauses as after many failures. Its pauses, and the size of a push, are those of the sync.
        """
        settings, loop = Settings(), asyncio.get_running_loop()
        pace, seconds = Pace(settings, chance), settings.patience_s
        while pace.failures < _FAILED:
            pace.next(UNREACHED)
        await asyncio.sleep(pace.next(UNREACHED))
        while self._next:
            request = json.loads(self._next[0])
            events = request["events"][: pace.limit]
            is_all = len(events) == len(request["events"])
            cut = request | {
                "events": events,
                "snapshots": request["snapshots"] if is_all else [],
                "reference": {
                    name: self._versions.get(name, version)
                    for name, version in request["reference"].items()
                    if is_all or name not in LISTS
                },
            }
            is_connecting = not self._connection.is_open
            try:
                if is_connecting:
                    await self._connection.open(self._address.conninfo, "bench", seconds)
                    await self._ask(server.HELLO, seconds, journal=request["journal"])
                    is_connecting = False
                    pace.greeted()
                begun = loop.time()
                hints = await self._send(json.dumps(cut), seconds)
                rest = pace.answered(len(events), loop.time() - begun)
            except ConnectionFailedError as problem:
                self.failed += 1
                await asyncio.sleep(pace.lost(replace(problem.failure, connecting=is_connecting), len(events)))
                continue
            pace.reset()
            if hints:
                with suppress(ConnectionFailedError):
                    await self._ask(reads.TELL.statement, seconds, tell=hints)
            if is_all:
                self._next.popleft()
            else:
                self._next[0] = json.dumps(request | {"events": request["events"][len(events) :]})
                await asyncio.sleep(rest)
        return loop.time()

    async def _send(self, text: str, seconds: float) -> Sequence[str]:
        """Send a push. Return the hints of its answer."""
        answer = json.loads(await self._connection.call(server.PUSH, text, seconds, is_repeated=True))
        if not answer["ok"]:
            raise RuntimeError(f"A push was refused: {answer}")
        self.sent = answer["head"]["seq"]
        self._versions |= {name: one["version"] for name, one in answer.get("reference", {}).items()}
        hints: Sequence[str] = answer.get("tell", ())
        return hints

    async def _ask(self, statement: str, seconds: float = _SECONDS, **asked: Any) -> None:
        answer = json.loads(await self._connection.call(statement, json.dumps(self._facts | asked), seconds))
        if not answer["ok"]:
            raise RuntimeError(f"A question was refused: {answer}")


class Service:
    """A program with few connections for many users, each with a login.

    Args:
        address: the address of the administration.
    """

    def __init__(self, address: Address) -> None:
        self._address = address
        self._free: asyncio.Queue[psycopg.AsyncConnection[Any]] = asyncio.Queue()
        self._tokens: dict[int, str] = {}

    async def open(self, users: int, waiters: int) -> None:
        """Connect, and log the users in."""
        for _each in range(_SERVICE):
            conninfo = self._address.conninfo
            self._free.put_nowait(await psycopg.AsyncConnection.connect(conninfo, autocommit=True))
        for user in range(users):
            self._tokens[user] = await self._ask(_LOGIN, venue.STORE, 1 + user % waiters, f"user {user}")

    async def touch(self, user: int) -> None:
        """Send the heartbeat of a user."""
        await self._ask(_TOUCH, f"user {user}", self._tokens[user])

    async def list_active(self, _user: int) -> None:
        """List the active orders."""
        await self._ask(_LIST, venue.STORE)

    async def close(self) -> None:
        """Disconnect."""
        while not self._free.empty():
            await self._free.get_nowait().close()

    async def _ask(self, query: str, *values: Any) -> Any:
        connection = await self._free.get()
        try:
            cursor = await connection.execute(query, values, prepare=True)
            return (await cursor.fetchall())[0][0]
        finally:
            self._free.put_nowait(connection)


async def open_all(tills: Sequence[Till]) -> None:
    """Connect all tills, as many at a time as the pooler has connections."""
    for first in range(0, len(tills), POOL):
        await asyncio.gather(*(till.open() for till in tills[first : first + POOL]))


async def full_rate(tills: Sequence[Till], pushes: int, *, tells: bool) -> float:
    """Send an order of each till as fast as it goes. Return pushes a second."""
    for till in tills:
        till.prepare(pushes)
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await asyncio.gather(*(till.push_all(tells=tells) for till in tills))
    return len(tills) * pushes / (loop.time() - begun)


async def at_pace(tills: Sequence[Till], pushes: int, rate: float, crowd: Crowd, service: Service) -> Paced:
    """Send an order of each till at a pace, while waiters look and users are logged in."""
    for till in tills:
        till.prepare(pushes)
    found, done, loop = Paced(), asyncio.Event(), asyncio.get_running_loop()
    begun = loop.time()

    async def order_of(place: int) -> None:
        for turn in range(pushes):
            due = begun + (turn * len(tills) + place) / rate
            await asyncio.sleep(due - loop.time())
            found.pushes.append(await tills[place].push() - due)

    async def repeat(call: Callable[[], Awaitable[None]], every: float, share: float, took: list[float]) -> None:
        due = begun + every * share
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await done.wait()
                return
            await call()
            took.append(loop.time() - due)
            due += every

    def many(count: int, call: Callable[[int], Awaitable[None]], every: float, took: list[float]) -> None:
        others.extend(repeat(lambda one=one: call(one), every, one / count, took) for one in range(count))  # type: ignore[misc] # the default binds it

    others: list[Awaitable[None]] = []
    many(crowd.waiters, lambda one: tills[one % len(tills)].look(1 + one), 10, found.waiters)
    many(crowd.users, service.touch, 10, found.beats)
    many(crowd.users, service.list_active, 60, found.lists)

    async def all_orders() -> None:
        await asyncio.gather(*(order_of(place) for place in range(len(tills))))
        found.rate = len(found.pushes) / (loop.time() - begun)
        done.set()

    await asyncio.gather(all_orders(), *others)
    return found


async def come_back(tills: Sequence[Till]) -> list[float]:
    """Let all tills come back after an outage. Return the seconds of each."""
    for till in tills:
        await till.close()
        till.prepare(None)
    loop = asyncio.get_running_loop()
    begun, chance = loop.time(), random.Random(1).random  # noqa: S311 - a run is repeatable
    return [ended - begun for ended in await asyncio.gather(*(till.come_back(chance) for till in tills))]


@dataclass(frozen=True, slots=True)
class Beside:
    """Tills whose requests pgbench sends straight to the server, over as many connections as the pooler has.

    Attributes:
        program: pgbench.
        database: the address of the server.
        folder: a folder for its scripts.
        requests: the requests of each till, of which the first was sent.
        outage: the number of requests of each after its outage, at the end.
    """

    program: Path
    database: Address
    folder: Path
    requests: Sequence[Iterator[str]]
    outage: int

    def rate(self, pushes: int) -> float:
        """Send an order of each till. Return pushes a second."""
        return len(self.requests) * pushes / self._time([list(islice(each, pushes)) for each in self.requests])

    def outages(self) -> float:
        """Send what is left of some tills. Return the seconds that a till's requests after its outage took."""
        left = [list(each) for each in self.requests[: 2 * POOL]]
        self._time([each[: -self.outage] for each in left])
        return self._time([each[-self.outage :] for each in left]) / len(left)

    def _time(self, tills: Sequence[Sequence[str]]) -> float:
        def send(place: int) -> None:
            own = self.folder / str(place)
            own.mkdir(exist_ok=True)
            texts = list(chain.from_iterable(tills[place::POOL]))
            pgbench.time_pushes(self.program, self.database, texts, own)

        with ThreadPoolExecutor(POOL) as pool:
            begun = time.perf_counter()
            list(pool.map(send, range(min(POOL, len(tills)))))
            return time.perf_counter() - begun


async def play(tills: Sequence[Till], beside: Beside, service: Service, crowd: Crowd) -> Played:
    """Measure the full rate, both paces and the storm."""
    await open_all(tills)
    await service.open(crowd.users, crowd.waiters)
    own: list[float] = []
    before: list[float] = []
    limit: list[float] = []
    for number in range(_ROUNDS):
        for tells in (number % 2 == 0, number % 2 == 1):
            (own if tells else before).append(await full_rate(tills, ORDER, tells=tells))
        limit.append(await asyncio.to_thread(beside.rate, ORDER))
    half = await at_pace(tills, ORDER, statistics.median(own) / 2, crowd, service)
    whole = await at_pace(tills, ORDER, crowd.rate, crowd, service)
    alone = await asyncio.to_thread(beside.outages)
    saved = await come_back(tills)
    await service.close()
    for till in tills:
        await till.close()
    rounds = [Sample.of(rates) for rates in (own, before, limit)]
    return Played(rounds[0], rounds[1], rounds[2], half, whole, Sample.of(saved), alone * len(tills))


def measure(testbed: Bench, program: Path, crowd: Crowd) -> Found:
    """Let a crowd work at a venue, and compare what the database has then with what was acknowledged."""
    with testbed.database() as database:
        orders = 2 * _ROUNDS + 2
        recording = record(testbed.new_folder(), database, testbed.secrets[1], orders, When.COMMAND, away=_AWAY)
    outage = len(recording.pushes) - orders * ORDER
    with testbed.database() as database, testbed.connect(database.owner) as owner:
        secrets = {till: new_secret() for till in range(1, crowd.tills + crowd.beside + 1)}
        for till, secret in secrets.items():
            enrol(owner, venue.STORE, till, secret)
        owner.execute(_STAFF, [venue.STORE, venue.staff()[0]["pin_hash"], crowd.waiters])
        sessions.fill(owner, crowd.sessions, crowd.waiters)
        versions = dict(owner.execute("SELECT name, version FROM till.settings").fetchall())
        requests = {till: as_till(recording, till, secret, versions) for till, secret in secrets.items()}
        others = [requests.pop(till) for till in secrets if till > crowd.tills]
        with closing(Sender(database)) as sender:
            for each in others:
                sender.send(next(each))
            some = chain.from_iterable(islice(each, ORDER) for each in others[: crowd.alone])
            alone = [sender.send(text) for text in some]
        beside = Beside(program, database.app, testbed.new_folder(), others, outage)
        with pooled(database.app, testbed.new_folder(), pool=POOL) as address:
            tills = [Till(address, till, secrets[till], each) for till, each in requests.items()]
            played = asyncio.run(play(tills, beside, Service(database.owner), crowd))
        ((events, sales, aside),) = owner.execute(_ARRIVED, [crowd.tills, crowd.tills]).fetchall()
        wanted = (recording.events + recording.first.events) * crowd.tills
        lost = wanted - min(events, sum(till.sent for till in tills))
        return Found(
            played,
            Sample.of(alone, 1000),
            events=wanted,
            lost=lost + (orders + _AWAY) * crowd.tills - sales + aside,
            late=sum(till.failed for till in tills),
            broken=0 if walked(database.owner, owner) else 1,
        )


def rows_of(found: Found, crowd: Crowd) -> Iterator[Figure]:
    """Yield the rows."""
    played, alone = found.played, found.alone
    ratios = [Sample.of(map(truediv, played.own.values, each.values)) for each in (played.limit, played.before)]
    against = f"pgbench, {POOL} connections, the same statement"
    name = f"{crowd.tills:,} tills behind PgBouncer: as many pushes as they can"
    yield Figure(name, played.own.median, "pushes/s", played.limit.median, against, ratios=ratios[0])
    against = "where the push tells the other tills"
    yield Figure(
        "  their hints sent after it", played.own.median, "pushes/s", played.before.median, against, ratios=ratios[1]
    )
    single = "one till at a time, no pooler"
    for pace, rate, words in (
        (played.half, played.own.median / 2, "at half of that"),
        (played.whole, crowd.rate, "at a fixed pace"),
    ):
        own = Sample.of(pace.pushes, 1000)
        goal = under(250, "ms") if pace is played.half else None
        yield Figure(f"  {words} ({rate:.0f}/s): a push, median", own.median, "ms", alone.median, single, sample=own)
        yield Figure("    p95", own.p95, "ms", alone.p95, single)
        yield Figure("    p99", own.p99, "ms", alone.p99, single, goal)
        yield Figure("    answered", pace.rate, "pushes/s", rate, "sent")
        for one, took, unit in (
            (f"{crowd.waiters:,} waiters' lists", pace.waiters, 1000),
            (f"heartbeats of {crowd.users:,} logins", pace.beats, 1000),
            ("their lists of all active orders", pace.lists, 1000),
        ):
            sample = Sample.of(took, unit)
            yield Figure(f"    {one}, p99", sample.p99, "ms", sample=sample)
    saved, ideal = played.saved, "all of it by pgbench"
    yield Figure(
        f"  all back after an outage, {found.events // crowd.tills} events each: saved, p50",
        saved.median,
        "s",
        played.ideal,
        ideal,
        sample=saved,
    )
    yield Figure("    p95", saved.p95, "s", played.ideal, ideal)
    yield Figure("    p99", saved.p99, "s", played.ideal, ideal)
    yield Figure("    the last", saved.worst, "s", played.ideal, ideal)
    yield Figure("    attempts without an answer in time", found.late, "")
    yield Figure(f"  events and sales lost or set aside, of {found.events:,} events", found.lost, "", goal=exactly(0))
    yield Figure("  chains that do not verify", found.broken, "", goal=exactly(0))


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the crowd's rows, only in the long form, because it takes minutes."""
    if not testbed.full:
        return
    program = pgbench.find()
    if PROGRAM is None or program is None:
        missing = "PgBouncer (Debian: pgbouncer)" if PROGRAM is None else "pgbench"
        print(f"        {missing} is not installed here: no row of a thousand tills", file=sys.stderr)
        return
    crowd = Crowd()
    yield from rows_of(measure(testbed, program, crowd), crowd)
