"""Two tills of one venue that are upgraded one after the other, and their database before, between or after them."""

from __future__ import annotations

import json
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from db import migrate
from tests.simulation.server import MENU
from tests.sync.real import Real, Steps, make_store
from tests.sync.rig import STORE, Rig
from tests.tui.playing import Clock, Stubborn
from tests.tui.playing import Till as Screen
from till.domain.events.envelope import Draft
from till.domain.order.selling import ItemEntry
from till.domain.staff.rights import Permission, PermissionRequest
from till.register.other_tills.unread import Keeper
from till.register.register import Register
from till.sync.questions import StoreClient
from till.sync.settings import Identity
from till.tui.drawing.palette import Depth, Paint
from till.tui.screens.sell.commands import make_keymap
from till.tui.start import make_app

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    import psycopg

    from tests.plugins.database import Database
    from tests.upgrade.newer import Program
    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData
    from till.domain.order.state import Order
    from till.ports import Light, StoreListener


class RollingTill(Rig):
    """A till with the register and the program that it runs; all that it does, it does as that program.

    Attributes:
        program: the build that it runs.
        session: the order that its cashier is at.
    """

    def __init__(self, real: Real, folder: Path, till: int, program: Program) -> None:
        self.program = program
        self.session = ""
        with program.runs():
            super().__init__(folder / f"till-{till}.journal", till=till)
        self.clock.at = datetime.now(UTC)
        self.steps = Steps(self, real.facts(till))

    def _open(self) -> None:
        super()._open()
        self.register = Register(
            self.journal,
            self.clock,
            self.chance.getrandbits,
            self.nudges,
            lambda pin_hash, pin: pin_hash == pin,
            till=self.till,
            store_id=STORE,
        )
        self.ledger = self.register.ledger
        self.ledger.user = 1

    @property
    def listener(self) -> StoreListener:
        return self.register

    @property
    def light(self) -> Light:
        return self.register.light

    def upgrade(self, program: Program) -> None:
        """Close it, and start the other program on its disk."""
        self.program = program
        with program.runs():
            self.restart()

    # Acts of its cashier.

    def key(self, name: str, quantity: int = 1) -> str:
        """Key a line; its id."""
        self.pass_by(1)
        with self.program.runs():
            item = self.register.lookup.exact(name)
            assert item is not None
            known = {line.id for line in self.order.lines.values()} if self.session else set()
            self.session = self.register.sales.add(self.session or None, 1, ItemEntry(item, quantity)).id
            (line,) = set(self.order.lines) - known
        return line

    def happens(self, data: EventData) -> Event:
        """Something happens to the order that the screen of this program has no key for yet."""
        self.pass_by(1)
        with self.program.runs():
            (event,) = self.ledger.commit([Draft(data, self.session)])
        return event

    async def take_over(self, session: str) -> Order:
        """Have an order granted here, whichever till has it open."""
        self.pass_by(1)
        identity = Identity(STORE, self.till)
        with self.program.runs():
            questions = StoreClient(
                self.journal, self.register, self.settings, identity, self.engine, self.steps.server
            )
            await questions.grant(session, 1, warned=True)
        self.session = session
        await self.exchange()
        return self.order

    def set_aside(self, event: Event) -> Order:
        """A manager sets a record aside."""
        self.pass_by(1)
        with self.program.runs():
            yes = self.register.approvals.give(self.register.access.find(9), PermissionRequest(Permission.SET_ASIDE))
            return self.register.recovery.set_aside(self.session, event.id, yes)

    def take_money(self) -> Order:
        """Take exactly what is due, in cash."""
        self.pass_by(1)
        with self.program.runs():
            return self.register.checkout.pay_exact(self.session)

    # Its state.

    @property
    def order(self) -> Order:
        """The order as this till has it."""
        with self.program.runs():
            return self.ledger.order(self.session)

    def names(self) -> list[str]:
        """The lines that it shows."""
        return sorted(row.first.name for row in self.order.priced.rows)

    def kept(self) -> set[str]:
        """The records of the order on its disk."""
        with self.program.runs():
            return {event.id for event in self.journal.events_of(self.session)}

    def open_orders(self) -> list[tuple[str, int]]:
        """All that somebody has still to pay, as far as it knows."""
        with self.program.runs():
            return [(one.id, one.total) for one in self.ledger.open_orders() if not one.is_empty]

    async def exchange(self, times: int = 2) -> None:
        """Send what is unsent, and hear what is new."""
        for _ in range(times):
            self.pass_by(5)
            with self.program.runs():
                assert await self.steps.push(), self.engine.trouble

    @asynccontextmanager
    async def screen(self) -> AsyncIterator[Screen]:
        """Yield the screen, while nobody else acts."""
        app = make_app(self.register, Paint("dark", Depth.TRUE), make_keymap(), store=None)
        found = Screen(app, self.register, Clock(), Stubborn(self.journal))
        with self.program.runs():
            async with app.run_test(size=(80, 24)) as pilot:
                found.pilot = pilot
                await pilot.pause()
                yield found
        self.register.watcher = Keeper(self.register.unread)

    async def close(self) -> None:
        """Close it."""
        await self.steps.server.close()
        self.journal.close()


class RollingVenue:
    """The venue, and its database."""

    def __init__(self, database: Database, owner: psycopg.Connection[Any], folder: Path) -> None:
        self.real = Real(database, owner)
        make_store(owner)
        self.folder = folder
        self.tills: list[RollingTill] = []
        self.real.owner.execute("SELECT till.user_add_v1(%s, NULL, 9, 'Meena', 'manager', NULL)", [STORE])
        self.real.owner.execute("UPDATE till.users SET pin_hash = repeat(id::text, 4)")
        self.real.owner.execute("SELECT till.menu_import_v1(%s, 9, %s)", [STORE, json.dumps(MENU)])

    async def till(self, number: int, program: Program) -> RollingTill:
        """A till that has met the database."""
        till = RollingTill(self.real, self.folder, number, program)
        self.tills.append(till)
        await till.exchange(1)
        return till

    def upgrade(self, program: Program) -> None:
        """Upgrade the database, as `till db upgrade` does."""
        migrate.upgrade(self.real.database.owner, program.schema(self.folder))

    def maintain(self) -> None:
        """Run its maintenance, as a till does every few minutes."""
        self.real.owner.execute("SELECT till.maintain_v1(%s, NULL, 100000, 24, 30)", [STORE])

    def value(self, query: str, *facts: Any) -> Any:
        """Run a query and return its single value."""
        return self.real.value(query, *facts)

    def rows(self, query: str, *facts: Any) -> list[tuple[Any, ...]]:
        """Run a query and return its rows."""
        return self.real.owner.execute(query, facts).fetchall()

    async def close(self) -> None:
        """Close all of it."""
        for till in self.tills:
            await till.close()
