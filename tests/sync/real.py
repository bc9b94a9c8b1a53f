"""The venue of these tests in a real PostgreSQL, and the ways to it: driven step by step, or by the service itself."""

from __future__ import annotations

import asyncio
import hashlib
import json
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any

import msgspec

from tests.plugins.database import unwatched
from tests.sync.rig import STORE, Keys, Rig
from till.domain.events.envelope import read_time
from till.domain.streams import unseal
from till.ports import LightState, Received
from till.sync.connection import ConnectionFailedError
from till.sync.failures import Failure, FailureKind
from till.sync.messages import DamagedReplyError, SessionState, decode_reply, encode_request
from till.sync.reply_handler import mark_from
from till.sync.server import PUSH, Server
from till.sync.service import SyncService
from till.sync.settings import ConnectionFacts, Identity, Settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable

    import psycopg

    from db.address import Address
    from tests.plugins.database import Database
    from till.ports import Light
    from till.sync.settings import Upkeep

QUICK = Settings(debounce_ms=5, max_wait_ms=20, poll_s=30, deadline_s=2.0)
VENUE = {
    "name": "Udupi Corner",
    "currency": "INR",
    "locale": "en_IN",
    "timezone": "Asia/Kolkata",
    "business_day_ends": "04:00",
    "prices_include_tax": True,
    "tax_rounding": "line",
    "tax_number": "",
}


def secret(till: int) -> str:
    return f"secret of till {till}"


def make_store(owner: psycopg.Connection[Any]) -> None:
    """Make a venue with two tills and a cashier."""
    owner.execute("SELECT till.store_create_v1(%s, %s)", [STORE, json.dumps(VENUE)])
    for till in (1, 2):
        hashed = hashlib.sha256(secret(till).encode()).hexdigest()
        owner.execute("SELECT till.till_enrol_v1(%s, NULL, %s, %s, %s)", [STORE, till, f"Till {till}", hashed])
    owner.execute("SELECT till.user_add_v1(%s, NULL, 1, 'Asha', 'cashier', NULL)", [STORE])


class Real:
    """A venue, with the owner's eyes on it."""

    def __init__(self, database: Database, owner: psycopg.Connection[Any]) -> None:
        self.database = database
        self.app = database.app
        self.owner = owner

    def value(self, query: str, *facts: Any) -> Any:
        row = self.owner.execute(query, facts).fetchone()
        return row[0] if row else None

    def facts(self, till: int = 1, address: Address | None = None) -> Callable[[], ConnectionFacts]:
        found = ConnectionFacts((address or self.app).conninfo, secret(till))
        return lambda: found

    def backend(self) -> int:
        """The process that serves till 1 here; one that served it elsewhere, in an earlier test, may not have gone."""
        return int(
            self.value(
                "SELECT pid FROM pg_stat_activity WHERE application_name = 'till 1' AND datname = current_database()"
                " ORDER BY backend_start DESC LIMIT 1"
            )
        )

    def logged(self, keys: Keys) -> list[int]:
        """The numbers of a till's events in the log, in the order of their versions."""
        rows = self.owner.execute(
            "SELECT seq FROM warm.session_events WHERE journal_id = %s ORDER BY seq", [keys.journal.journal_id]
        )
        return [row[0] for row in rows]

    def grant(self, keys: Keys, session: str, *, warned: bool = True) -> None:
        """Have an order granted to a till, and all events of it come there."""
        asked = {"store": STORE, "till": keys.till, "secret": secret(keys.till), "journal": keys.journal.journal_id}
        text = json.dumps({**asked, "session": session, "user": 1, "warned": warned})
        answer = json.loads(self.value("SELECT till.grant_order_v1(%s)", text))
        assert answer["granted"], answer
        events = [Received(e["version"], unseal(e["b"], e["h"], e["t"]), e["m"] or "") for e in answer["events"]]
        keys.journal.receive(events)
        state = msgspec.convert(answer["session"], SessionState)
        keys.journal.receive([], [mark_from(state, follows=True)])
        keys.ears.sessions_grew([session])
        keys.ears.time_received(read_time(answer["server_time"]))
        keys.ears.granted(session)

    def set_back(self, keys: Keys, seq: int, sealed: str) -> None:
        """Set the database back to a backup made after a number of events of a till."""
        journal = keys.journal.journal_id
        with unwatched(self.owner):
            for words in (
                "DELETE FROM warm.event_texts AS t USING warm.session_events AS e WHERE t.event_id = e.event_id AND",
                "DELETE FROM warm.session_events AS e WHERE",
            ):
                self.owner.execute(f"{words} e.journal_id = %s AND e.seq > %s".encode(), [journal, seq])
            self.owner.execute(
                "UPDATE warm.journal_head SET seq = %s, hash = %s WHERE journal_id = %s", [seq, sealed, journal]
            )

    @asynccontextmanager
    async def service(
        self,
        keys: Keys,
        settings: Settings = QUICK,
        *,
        facts: Callable[[], ConnectionFacts] | None = None,
        upkeep: Upkeep | None = None,
        calm: Callable[[float], Awaitable[None]] | None = None,
    ) -> AsyncIterator[SyncService]:
        """The sync of a till at work, stopped at the end."""
        service = SyncService(
            keys.journal,
            keys.ears,
            keys.ledger.snapshot,
            settings,
            facts or self.facts(keys.till),
            identity=Identity(STORE, keys.till, host="bar"),
            clock=keys.clock,
            chance=lambda: 0.0,
            upkeep=upkeep,
            calm=calm,
            attendance=keys.ledger.attendance,
        )
        keys.nudges.to = service
        service.start()
        try:
            yield service
        finally:
            await service.stop()

    @asynccontextmanager
    async def steps(self, rig: Rig, *, facts: Callable[[], ConnectionFacts] | None = None) -> AsyncIterator[Steps]:
        """The way of one till to the database, closed at the end."""
        steps = Steps(rig, facts or self.facts(rig.till))
        try:
            yield steps
        finally:
            await steps.server.close()


class Steps:
    """One till's way to the database, one request at a time, in virtual time."""

    def __init__(self, rig: Rig, facts: Callable[[], ConnectionFacts]) -> None:
        self.rig = rig
        self.server = Server(facts, Identity(STORE, rig.till), rig.journal.journal_id, lambda _payload: None)

    async def push(self) -> bool:
        """Let time pass until a request is due, and bring it; whether it was answered."""
        rig = self.rig
        rig.wait()
        request = rig.take()
        try:
            hello = await self.server.open(rig.settings.patience_s)
            if not rig.engine.on_hello(hello, rig.now):
                await self.server.close()
                return False
            text = encode_request(request, Identity(STORE, rig.till), self.server.secret)
            reply = decode_reply(await self.server.ask(PUSH, text, rig.settings.patience_s))
        except ConnectionFailedError as problem:
            rig.engine.on_failure(problem.failure, rig.now)
            return False
        except DamagedReplyError as problem:
            rig.engine.on_failure(Failure(FailureKind.DAMAGED, str(problem)), rig.now)
            return False
        rig.engine.on_reply(reply, rig.now)
        return True

    async def settle(self, tries: int = 10) -> None:
        """Push until nothing is unsent."""
        for _ in range(tries):
            await self.push()
            if self.rig.journal.acked == self.rig.journal.head:
                return
        raise AssertionError(self.rig.engine.trouble or self.rig.light)


async def until(keys: Keys, met: Callable[[Light], bool], seconds: float = 30) -> Light:
    """Wait for a light."""
    found: asyncio.Future[Light] = asyncio.get_running_loop().create_future()
    shown = keys.ears.light_changed

    def look(light: Light) -> None:
        shown(light)
        if met(light) and not found.done():
            found.set_result(light)

    keys.ears.light_changed = look  # type: ignore[method-assign] # the test listens in
    if keys.ears.lights and met(keys.ears.lights[-1]):
        return keys.ears.lights[-1]
    async with asyncio.timeout(seconds):
        return await found


def is_saved(light: Light) -> bool:
    return light.state is LightState.SAVED


def is_offline(light: Light) -> bool:
    return light.state is LightState.OFFLINE
