"""A thousand tills behind PgBouncer that send 300 pushes a second, compared with one till at a time without it."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from contextlib import closing
from itertools import chain
from typing import TYPE_CHECKING, Final
from uuid import UUID

from bench import venue
from bench.pooler import PROGRAM, pooled
from bench.recording import Recording, Sender, When, record
from bench.table import Figure, Sample, at_least, under
from till.cli.venues import enrol, new_secret
from till.domain.events.envelope import canonical, sha256
from till.domain.till.events import stream_of_till
from till.sync import server
from till.sync.connection import Connection

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from bench.testbed import Bench
    from db.address import Address

_TILLS: Final = 1000
_RATE: Final = 300
#: Connections of the pooler to the server.
_POOL: Final = 8
#: Tills that send one after the other.
_ALONE: Final = 50
#: A till prepares its statement with the third push, and stops where the pooler forgets it.
_WARM: Final = 3
_SECONDS: Final = 60
_OWN_ID: Final = re.compile("[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


def as_till(recording: Recording, till: int, secret: str) -> list[str]:
    """Return the requests of a recorded till 1 as another till would have sent them, `till` milliseconds earlier."""

    def earlier(found: re.Match[str]) -> str:
        return found[0] if found[0] == venue.STORE else str(UUID(int=UUID(found[0]).int - (till << 80)))

    requests: list[str] = []
    sealed: dict[str, str] = {}
    for push in (recording.first, *recording.pushes):
        request = json.loads(_OWN_ID.sub(earlier, push.text)) | {"till": till, "secret": secret}
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
        requests.append(json.dumps(request, separators=(",", ":"), ensure_ascii=False))
    return requests


async def _push(connection: Connection, request: str) -> None:
    answer = await connection.call(server.PUSH, request, _SECONDS)
    if not json.loads(answer)["ok"]:
        raise RuntimeError(answer[:300])


async def _open(address: Address, first: str) -> Connection:
    connection = Connection(lambda _payload: None)
    await connection.open(address.conninfo, "bench", _SECONDS)
    for _time in range(_WARM):
        await _push(connection, first)
    return connection


async def _send(address: Address, tills: Sequence[Sequence[str]], rate: int) -> tuple[list[float], float]:
    """Send the pushes of all tills in turn. Return the seconds of each since it was due, and of all of them."""
    loop = asyncio.get_running_loop()
    connections: list[Connection] = []
    for first in range(0, len(tills), _POOL):
        some = tills[first : first + _POOL]
        connections += await asyncio.gather(*(_open(address, requests[0]) for requests in some))
    took: list[float] = []
    begun = loop.time()

    async def one(place: int) -> None:
        for turn, request in enumerate(tills[place][1:]):
            due = begun + (turn * len(tills) + place) / rate
            await asyncio.sleep(due - loop.time())
            await _push(connections[place], request)
            took.append(loop.time() - due)

    await asyncio.gather(*(one(place) for place in range(len(tills))))
    seconds = loop.time() - begun
    for connection in connections:
        await connection.close()
    return took, seconds


def measure(testbed: Bench, tills: int, rate: int, alone: int) -> tuple[Sample, Sample, float]:
    """Measure milliseconds of each push behind the pooler, and of tills one at a time without it; and pushes a second.

    Raises:
        RuntimeError: a push was refused, or the database does not have all orders.
    """
    with testbed.database() as database:
        recording = record(testbed.new_folder(), database, testbed.secrets[1], 1, When.COMMAND)
    with testbed.database() as database, testbed.connect(database.owner) as owner:
        requests = []
        for till in range(1, tills + alone + 1):
            secret = new_secret()
            enrol(owner, venue.STORE, till, secret)
            requests.append(as_till(recording, till, secret))
        with closing(Sender(database)) as sender:
            for first, *_pushes in requests[tills:]:
                sender.send(first)
            limit = [sender.send(text) for text in chain.from_iterable(pushes for _first, *pushes in requests[tills:])]
        with pooled(database.app, testbed.new_folder(), pool=_POOL) as address:
            own, seconds = asyncio.run(_send(address, requests[:tills], rate))
        ((events, orders),) = owner.execute(
            "SELECT (SELECT count(*) FROM warm.session_events WHERE till_id > 0), (SELECT count(*) FROM cold.orders)"
        ).fetchall()
        wanted = (recording.events + recording.first.events) * len(requests)
        if (events, orders) != (wanted, len(requests)):
            raise RuntimeError(f"The database has {events} of {wanted} events, and {orders} of {len(requests)} orders.")
    return Sample.of(own, 1000), Sample.of(limit, 1000), len(own) / seconds


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the pushes of a thousand tills."""
    if PROGRAM is None:
        print("        PgBouncer is not installed here (Debian: pgbouncer): no row", file=sys.stderr)
        return
    own, limit, rate = measure(testbed, _TILLS, _RATE, _ALONE)
    against = "one till at a time, no pooler"
    name = f"{_TILLS:,} tills behind PgBouncer, {_RATE} pushes a second"
    yield Figure(f"{name}, median", own.median, "ms", limit.median, against, sample=own)
    yield Figure("  p99", own.p99, "ms", limit.p99, against, under(100, "ms"))
    yield Figure("  answered", rate, "pushes/s", _RATE, "sent", at_least(0.95))
