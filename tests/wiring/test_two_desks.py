"""Two managers at their desks at once, each with a password: what one does the other sees, and none does it twice."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING
from unittest.mock import patch

from tests.cli.conftest import PASSWORDS, kept_password
from tests.simulation.server import PIN_HASH
from tests.tui.screens.desk.watching import VENUE, Watched
from tests.tui.screens.report.reporting import FakeReports
from tests.wiring.test_desk import shop
from till.domain.money.formats import marks_of
from till.tui.desk_app import DeskApp
from till.tui.drawing.palette import Depth, Paint
from till.tui.screens.desk.state import DeskStage
from till.tui.shell.side_app import make_side_keymap
from till.wiring.desk import DeskService

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from tests.plugins.database import Database
    from tests.tui.screens.desk.watching import FakeDesk
    from tests.wiring.test_desk import Shop
    from till.ports.desk import Picture

__all__ = ["shop"]


@asynccontextmanager
async def sitting(shop: Shop, database: Database, number: int) -> AsyncIterator[Watched]:
    """Somebody at a desk of their own, over a road of its own."""
    service = DeskService(lambda: database.owner, shop.store, actor=number, person=f"number {number}")
    app = DeskApp(
        service, FakeReports(), Paint("dark", Depth.TRUE), make_side_keymap(), marks_of(VENUE.settings.locale), "INR"
    )
    desk: FakeDesk = service  # type: ignore[assignment]
    watched = Watched(app, desk)
    try:
        async with app.run_test(size=(80, 24)) as pilot:
            watched.pilot = pilot
            await until(watched, lambda: watched.scene._picture is not None)
            yield watched
    finally:
        await service.close()


async def until(watched: Watched, come: Callable[[], bool]) -> None:
    """Wait for the screen in front to paint what is awaited.

    It asks in a thread, which a loop that never rests would starve.
    """
    changed, front = asyncio.Event(), watched.app.front
    paint = front.paint

    def painted() -> None:
        paint()
        changed.set()

    with patch.object(front, "paint", painted):
        async with asyncio.timeout(20):
            while not come():
                await changed.wait()
                changed.clear()
                await watched.settle()


def look(watched: Watched) -> Picture:
    """The venue as the desk shows it."""
    picture = watched.scene.facts().picture
    assert picture is not None
    return picture


async def done(watched: Watched, script: str) -> str:
    """Type, and what the desk answers once it is done."""
    await watched.type(script)
    await until(watched, lambda: not watched.app.is_held)
    return watched.answer()


async def test_two_managers_with_passwords_at_once(shop: Shop, database: Database) -> None:
    shop.call("user_add_v1", None, 7, "Om", "admin", PIN_HASH)
    shop.call("user_set_password_v1", None, 7, *kept_password(7))
    shop.find_conflict()
    order = shop.save(user=2)
    async with sitting(shop, database, 9) as meena, sitting(shop, database, 7) as om:
        # both have the conflict before them; Om was slower
        await om.type("{enter}paid back by me{enter}")
        message = await done(meena, "{enter}given back in cash{enter}" + PASSWORDS[9] + "{enter}")
        assert message == "Settled. It is in the log."
        message = await done(om, PASSWORDS[7] + "{enter}")
        assert message.startswith("The conflict is already settled: given back in cash")
        assert om.scene.state.step is DeskStage.SAYING, "what he said stands there still"
        await om.type("{escape}{escape}")
        await until(om, lambda: "Nothing needs you." in om.text())
        settled = shop.connection.execute("SELECT resolved_by, how FROM till.conflicts").fetchall()
        assert settled == [(9, "given back in cash")]

        # Om puts an order aside that Meena has before her, to discard it
        await meena.type("{tab}1{enter}3{enter}nobody came{enter}")
        message = await done(om, "{tab}1{enter}1{enter}" + PASSWORDS[7] + "{enter}")
        assert message == "The order waits for its user."
        message = await done(meena, PASSWORDS[9] + "{enter}")
        assert "This order has changed." in message
        await until(meena, lambda: look(meena).orders[0].status == "pending_logout")
        status = shop.connection.execute("SELECT status FROM till.order_sessions WHERE id = %s", [order]).fetchone()
        assert status == ("pending_logout",)

        # the password of one is none of the other's
        await meena.type("{escape}{escape}{escape}")
        message = await done(meena, "lock till 1{enter}")
        message = await done(meena, "{enter}" + PASSWORDS[7] + "{enter}")
        assert "Wrong number or password" in message
        assert shop.connection.execute("SELECT revoked_at FROM till.tills").fetchone() == (None,)
        message = await done(meena, PASSWORDS[9] + "{enter}")
        assert "revoked" in message
        await until(om, lambda: look(om).tills[0].revoked)
