"""Recorded trading dealt to several tills of one venue, each with a journal, a sync and a bad link of its own."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from tests.sync.proxy import Proxy, Way
from till.cli.venues import enrol
from till.sync.service import SyncService
from till.sync.settings import ConnectionFacts, Identity, Settings
from till.training.clock import TradingClock
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal
from tools.replay.books import ReplayBooks
from tools.replay.compare import ReplayReport, compare
from tools.replay.opening import _make
from tools.replay.plan import in_order
from tools.replay.ring import Ringer
from tools.replay.venue import VenueFacts, business_dates, describe

if TYPE_CHECKING:
    from pathlib import Path

    import psycopg

    from db.address import Address
    from tests.plugins.database import Database
    from till.journal import JournalFile
    from till.register.register import Register
    from tools.replay.trading import Trading

STORE: Final = "0197a000-0000-7000-8000-0000000000b2"
#: Short patience, so that a frozen link is given up while the ringing goes on.
SETTINGS: Final = Settings(debounce_ms=5, max_wait_ms=30, deadline_s=0.5)
#: Rows between two turns of a till, and about so many turns of a good link between two faults.
ROWS: Final = 4
TURNS: Final = 3


@dataclass(frozen=True)
class Rung:
    """The outcome of ringing the files through tills.

    Attributes:
        report: the database against the files.
        weathers: the faults on the connection of each till.
        events: the number that the tills wrote.
    """

    report: ReplayReport
    weathers: list[Weather]
    events: int


@dataclass
class Weather:
    """Faults on the connection of one till, by chance, turn by turn."""

    proxy: Proxy
    chance: random.Random
    befell: dict[str, int] = field(default_factory=dict)
    left: int = 0

    def turn(self) -> None:
        """Let the fault of before pass when it has lasted, and perhaps begin another."""
        self.left -= 1
        if self.left > 0:
            return
        self.clear()
        if self.chance.randrange(TURNS):
            return
        kind = self.chance.choice(("cut", "cut", "shut", "freeze", "drop", "slow"))
        self.befell[kind] = self.befell.get(kind, 0) + 1
        self.left = self.chance.randint(2, 12)
        if kind == "cut":
            self.proxy.cut_after(self.chance.choice(list(Way)), self.chance.randrange(20_000))
        elif kind == "shut":
            self.proxy.shut()
        elif kind == "freeze":
            self.proxy.freeze()
        elif kind == "drop":
            self.proxy.drop()
        else:
            self.proxy.delay = 0.02

    def clear(self) -> None:
        """Carry everything again."""
        self.proxy.forgive()
        self.proxy.reopen()
        self.proxy.thaw()
        self.proxy.delay = 0


class Till:
    """One till: it rings its share, whatever its link does."""

    def __init__(self, number: int, folder: Path, reference: VenueFacts, proxy: Address) -> None:
        self.clock = TradingClock()
        self.written = 0
        self.journal: JournalFile = open_journal(folder / f"till-{number}.sqlite", till=number, store_id=STORE)
        self.journal.cache("settings", 0, reference.settings)
        self.journal.cache("menu", 0, {**reference.menu, "version": 0})
        outbox = LateOutbox()
        self.register: Register = make_register(
            self.journal, self.clock, outbox, till=number, store_id=STORE, business_date=self.clock.business_date
        )
        self.sync = SyncService(
            self.journal,
            self.register,
            self.register.ledger.snapshot,
            SETTINGS,
            lambda: ConnectionFacts(proxy.conninfo, secret(number)),
            identity=Identity(STORE, number),
            clock=WallClock(),
            chance=lambda: 0.1,  # of the longest pause: the ringing is over in seconds
        )
        outbox.to = self.sync

    async def ring(self, share: Trading, reference: VenueFacts, dates: Any, weather: Weather) -> dict[str, str]:
        """Ring all rows of a share; why a sale could not be rung, by its name."""
        steps = in_order(share, dates, ZoneInfo(str(reference.settings["timezone"])))
        if steps:
            self.clock.set(steps[0].at, steps[0].day)
        ringer = Ringer(self.register, self.clock, STORE, ())
        self.sync.start()
        for done, step in enumerate(steps, 1):
            if not ringer.passes(step):
                ringer.ring(step)
            if done % ROWS == 0:
                weather.turn()
                await self.sync.flush(0.01)  # the keys of a bar are slower than these
        weather.clear()
        while not await self.sync.flush(60):
            assert self.sync.trouble is None, self.sync.trouble
        return ringer.refused

    async def close(self) -> None:
        """Stop the sync and close the journal."""
        await self.sync.stop()
        self.written = self.journal.head.seq
        self.journal.close()


def secret(till: int) -> str:
    return f"secret of till {till}"


def make_books(database: Database, connection: psycopg.Connection[Any], folder: Path) -> ReplayBooks:
    """The venue of the files, as `python -m tools.replay` makes it."""
    make = partial(_make, connection, STORE, "secret of the replay")
    facts = partial(ConnectionFacts, database.app.conninfo, "secret of the replay")
    return ReplayBooks(connection, STORE, folder / "replay.sqlite", facts, make)


async def ring_on_two_tills(
    trading: Trading, database: Database, connection: psycopg.Connection[Any], folder: Path, seed: str
) -> Rung:
    """Ring trading on two tills at once, in any weather."""
    books = make_books(database, connection, folder)
    dates, _closed = business_dates(trading, {}, books.now(), ending_today=False)
    reference = describe(trading, dates, STORE)
    books.prepare(reference)
    chance = random.Random(seed)  # noqa: S311 - weather
    shares: dict[int, list[Any]] = {1: [], 2: []}
    for sale in trading.sales:
        shares[chance.choice((1, 2))].append(sale)
    tills: list[Till] = []
    async with Proxy.before(database.app) as one, Proxy.before(database.app) as two:
        weathers = [Weather(proxy, random.Random(f"{seed} {n}")) for n, proxy in enumerate((one, two))]  # noqa: S311
        try:
            for number, proxy in ((1, one), (2, two)):
                enrol(connection, STORE, number, secret(number))
                tills.append(Till(number, folder, reference, proxy.address))
            refused = await asyncio.gather(
                *(
                    till.ring(replace(trading, sales=tuple(share)), reference, dates, weather)
                    for till, share, weather in zip(tills, shares.values(), weathers, strict=True)
                )
            )
        finally:
            for till in tills:
                await till.close()
    found = books.found([day.number for day in trading.days])
    report = compare(trading, dates, found, refused[0] | refused[1])
    return Rung(report, weathers, sum(till.written for till in tills))
