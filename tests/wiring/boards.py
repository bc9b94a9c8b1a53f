"""Tills with real journals at a real database, and a screen of the kitchen beside them."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from psycopg.types.json import Jsonb
from textual import events

from tests.sql.ringing import MENU
from tests.sql.test_kitchen import screen, set_stations
from tests.sync.proxy import Proxy
from tests.tui.drawing.seeing import read
from tests.tui.playing import char_of, keys
from till.config import Config
from till.domain.order.selling import ItemEntry
from till.domain.structs import replace
from till.register.board import KitchenScreen
from till.sync.kitchen import read_board
from till.sync.settings import ConnectionFacts
from till.tui.drawing.palette import Depth, Paint
from till.tui.kitchen_app import KitchenApp
from till.tui.shell.side_app import make_side_keymap
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal
from till.wiring.till import make_sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from datetime import datetime
    from pathlib import Path
    from typing import Any

    from textual.pilot import Pilot

    from tests.plugins.database import Database
    from tests.sql.ringing import Venue
    from till.journal import JournalFile
    from till.register.register import Register
    from till.sync.service import SyncService

CONFIG = replace(Config(), sync=replace(Config().sync, debounce_ms=5, max_wait_ms=20, poll_s=1, deadline_s=2.0))


class OffClock(WallClock):
    """A clock that is some minutes off, and that a test can move on."""

    def __init__(self, off: timedelta = timedelta()) -> None:
        self.off = off
        self.passed = 0.0

    def now(self) -> datetime:
        return super().now() + self.off + timedelta(seconds=self.passed)

    def monotonic(self) -> float:
        return super().monotonic() + self.passed


class Machine:
    """A till that sells, or a screen of the kitchen: its journal, its register and its sync."""

    def __init__(self, journal: JournalFile, register: Register, sync: SyncService) -> None:
        self.journal, self.register, self.sync = journal, register, sync

    def key(self, session: str | None, plu: int, pieces: int = 1) -> str:
        """Key an item. Return the order."""
        return self.register.sales.add(session, 1, ItemEntry(self.register.menu.by_plu[plu], pieces)).id

    async def save(self, session: str, table: str) -> None:
        """Save an order on a table, and have the database take it."""
        self.register.tabs.save(session, table)
        assert await self.sync.flush(5)


class House:
    """A venue with machines, whose network a test can cut."""

    def __init__(self, venue: Venue, database: Database, folder: Path, proxy: Proxy) -> None:
        self.venue, self.database, self.folder, self.proxy = venue, database, folder, proxy
        self.clock = OffClock()

    @asynccontextmanager
    async def machine(
        self, number: int, *, on_kitchen: Callable[[], None] | None = None, sends: bool = False
    ) -> AsyncIterator[Machine]:
        """Run a machine until the end of the block. A screen of the kitchen is behind the proxy.

        One that `sends` is handed orders for the kitchen.
        """
        path = self.folder / f"till-{number}.sqlite"
        journal = open_journal(path, till=number, store_id=self.venue.store)
        outbox, address = LateOutbox(), self.proxy.address if on_kitchen else self.database.app
        facts = ConnectionFacts(address.conninfo, f"secret {number}")
        clock = self.clock if on_kitchen else WallClock()
        register = make_register(journal, clock, outbox, till=number, store_id=self.venue.store, currency="INR")
        register.kitchen.is_on = True
        sync = outbox.to = make_sync(
            CONFIG, journal, register, lambda: facts, till=number, store_id=self.venue.store, on_kitchen=on_kitchen,
            is_brief=not sends,
        )  # fmt: skip
        sync.start()
        try:
            if on_kitchen is None:
                assert await sync.flush(5)
            yield Machine(journal, register, sync)
        finally:
            await sync.stop(0)
            journal.close()

    @asynccontextmanager
    async def board(self, *stations: str, size: tuple[int, int] = (120, 36)) -> AsyncIterator[ShownBoard]:
        """Run the board of screen 90."""
        due: list[Callable[[], None]] = []

        def hinted() -> None:
            for look in due:
                look()

        async with self.machine(90, on_kitchen=hinted) as machine:
            register = machine.register
            kitchen = KitchenScreen(register.ledger, register.reference, stations, partial(read_board, machine.sync))
            app = KitchenApp(register, kitchen, Paint("dark", Depth.TRUE), make_side_keymap())
            due.append(app.look_soon)
            async with app.run_test(size=size) as pilot:
                await pilot.pause()
                yield ShownBoard(app, machine, self, pilot)


class ShownBoard:
    """A board as a cook sees it."""

    def __init__(self, app: KitchenApp, machine: Machine, house: House, pilot: Pilot[None]) -> None:
        self.app, self.machine, self._house, self._pilot = app, machine, house, pilot

    def text(self) -> str:
        self.app.paint_front()
        return "\n".join(row.rstrip() for row in read(self.app))

    async def type(self, script: str) -> None:
        for key in keys(script):
            self.app.take_input([events.Key(key, char_of(key) or None)])
        await self._pilot.pause()

    async def until(self, shown: Callable[[str], Any]) -> str:
        """Wait for a text on the board, and return it."""
        async with asyncio.timeout(10):
            while not shown(text := self.text()):  # noqa: ASYNC110 - the board tells nobody that it is painted
                await asyncio.sleep(0.01)
        return text

    def wait(self, seconds: float) -> None:
        """Let time pass at the screen."""
        self._house.clock.passed += seconds


@asynccontextmanager
async def a_house(
    venue: Venue, database: Database, folder: Path, *stations: dict[str, Any], names: tuple[str, ...] = ()
) -> AsyncIterator[tuple[House, Machine]]:
    """Run a house with stations, a till, and an enrolled screen of the kitchen. All is on sale at any hour."""
    items = [{**item, "name": name} for item, name in zip(MENU["items"], names or ("Idly", "Masala Dosa"), strict=True)]
    menu = {**MENU, "items": items, "dayparts": [], "categories": [{"id": "c1", "name": "Food", "position": 1}]}
    venue.owner.execute("SELECT till.menu_import_v1(%s, 9, %s)", [venue.store, Jsonb(menu)])
    set_stations(venue, *stations)
    screen(venue, 90)
    async with AsyncExitStack() as stack:
        house = House(venue, database, folder, await stack.enter_async_context(Proxy.before(database.app)))
        till = await stack.enter_async_context(house.machine(1))
        till.register.access.admit(till.register.access.find(1))
        yield house, till
