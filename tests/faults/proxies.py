"""Real tills as processes, each connected through its own proxy to one database; the proxies break and recover."""

from __future__ import annotations

import asyncio
import threading
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any, Final

from tests.e2e.terminal import TILL, Terminal
from tests.plugins.commands import cheap_hash
from tests.sync.proxy import Proxy
from till.cli.demo_venue import DEMO, DEMO_PINS, demo_menu, demo_settings, demo_staff
from till.cli.venues import enrol, make_venue, new_secret
from till.config import Folders, HeldVenue, VenueKind, hold_venue

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import psycopg

    from db.address import Address
    from tests.plugins.database import Database
    from tests.plugins.terminals import Venue

TILLS: Final = (1, 2)


class ThreadedProxy:
    """A proxy whose loop turns in a thread, for tests that wait for a screen."""

    def __init__(self, proxy: Proxy, loop: asyncio.AbstractEventLoop) -> None:
        self._proxy, self._loop = proxy, loop

    @property
    def address(self) -> Address:
        """The way in through it."""
        return self._proxy.address

    def shut(self) -> None:
        """Break all connections, and every new one."""
        self._do(self._proxy.shut)

    def freeze(self) -> None:
        """Carry nothing, and close nothing."""
        self._do(self._proxy.freeze)

    def mend(self) -> None:
        """Carry everything again."""
        self._do(self._proxy.thaw)
        self._do(self._proxy.reopen)

    def _do(self, act: Callable[[], None]) -> None:
        done = threading.Event()

        def act_and_tell() -> None:
            act()
            done.set()

        self._loop.call_soon_threadsafe(act_and_tell)
        assert done.wait(10)

    @classmethod
    @contextmanager
    def before(cls, server: Address) -> Iterator[ThreadedProxy]:
        """A proxy to a server, gone at the end."""
        made: list[ThreadedProxy] = []
        ready = threading.Event()
        over: list[asyncio.Event] = []

        async def turn() -> None:
            async with Proxy.before(server) as proxy:
                over.append(asyncio.Event())
                made.append(cls(proxy, asyncio.get_running_loop()))
                ready.set()
                await over[0].wait()

        thread = threading.Thread(target=asyncio.run, args=(turn(),))
        thread.start()
        assert ready.wait(10)
        try:
            yield made[0]
        finally:
            made[0]._loop.call_soon_threadsafe(over[0].set)
            thread.join(10)


def make_demo(folder: Path, owner: psycopg.Connection[Any]) -> Path:
    """Make the demo venue in a database, enrol its tills in a data folder, and return the config that names it."""
    folders = Folders(folder)
    hold_venue(folders, HeldVenue(VenueKind.OWN, DEMO.store_id, DEMO.name, DEMO.currency))
    config = folder / "venue.toml"
    config.write_text(f'[venue]\nname = "{DEMO.name}"\ncurrency = "{DEMO.currency}"\n', encoding="utf-8")
    staff = [person | {"pin_hash": cheap_hash(DEMO_PINS[person["number"]])} for person in demo_staff()]
    make_venue(owner, DEMO.store_id, demo_settings(), staff=staff, menu=demo_menu())
    for till in TILLS:
        enrol(owner, DEMO.store_id, till, folders.keep_secret(till, new_secret()))
    return config


class Apart:
    """The demo venue in a database, its tills enrolled in one data folder, each with its proxy.

    Attributes:
        proxies: by the till's number.
    """

    def __init__(self, venue: Venue, database: Database, stack: ExitStack) -> None:
        self._venue, self._database = venue, database
        self.proxies = {till: stack.enter_context(ThreadedProxy.before(database.app)) for till in TILLS}
        with database.connect() as connection:
            self._config = make_demo(venue.folder, connection)

    def open(self, till: int, staff: int) -> Terminal:
        """Open a till through its proxy, and log somebody in."""
        more = {
            "TILL_CONFIG": str(self._config),
            "TILL_DATABASE__URL": self.proxies[till].address.url,
            "TILL_TILL__ID": str(till),
        }
        terminal = self._venue.spawn([TILL], more=more)
        return self._venue.log_in(terminal.wait_for("Asha").wait_for("● saved"), staff)

    def rows(self, query: str) -> list[tuple[object, ...]]:
        """Run a query on the database and return its rows."""
        with self._database.connect() as session:
            return session.execute(query).fetchall()
