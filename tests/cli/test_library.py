from __future__ import annotations

import inspect
import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from till.cli.demo_venue import DEMO_TILLS
from till.cli.library import open_tracker
from till.domain.errors import ConfigError, LoginError, StoreError
from till.register.tracker import SessionEventTracker
from till.wiring.busy import BUSY_TILL

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


@pytest.fixture
def selling(staffed: Shell) -> Shell:
    """The venue with a menu, and till 3 enrolled on this machine."""
    file = staffed.folder / "menu.csv"
    file.write_text("name,price,category,plu,tax\nIdly,4.00,Food,1,VAT 10\nDosa,8.00,Food,2,VAT 10\n")
    staffed.ok("admin", "menu", "import", str(file))
    staffed.ok("admin", "tills", "add", "3", "--here")
    return staffed


async def test_a_program_sells_without_a_screen_and_the_rows_arrive(selling: Shell, database: Database) -> None:
    del selling
    async with open_tracker(user=1, till=3) as tracker:
        shown = await tracker.update_session_state("dosa")
        dosa = shown.last_menu[0].id
        await tracker.add_to_cart(dosa, 2)
        order_id = await tracker.create_order("take_away", "cash")
    with database.connect() as connection:
        rows = connection.execute(
            "SELECT order_id::text, item_name, quantity, subtotal FROM cold.order_item"
        ).fetchall()
    assert [(row[0], row[1], int(row[2]), str(row[3])) for row in rows] == [(order_id, "Dosa", 2, "16.00")]


async def test_the_example_of_its_docstring_runs(selling: Shell, database: Database) -> None:
    doc = inspect.getdoc(SessionEventTracker) or ""
    number = int(doc.partition("`till admin tills add ")[2].partition(" --here`")[0])
    assert number > DEMO_TILLS
    assert number != BUSY_TILL, "a demo may have that till"
    selling.ok("admin", "tills", "add", str(number), "--here")
    example = textwrap.dedent(doc.partition("for example:")[2].partition("Args:")[0]).strip()
    found: dict[str, Any] = {"open_tracker": open_tracker}
    exec(f"async def play():\n{textwrap.indent(example, '    ')}\n    return order_id", found)  # noqa: S102 - our own
    order_id = await found["play"]()
    with database.connect() as connection:
        sold = "SELECT order_id::text, user_id, till_id FROM cold.orders"
        assert connection.execute(sold).fetchall() == [(order_id, 1, number)]
        whose = "SELECT DISTINCT user_id, login_session IS NOT NULL FROM warm.session_events WHERE till_id = %s"
        assert connection.execute(f"{whose} AND event_type <> 'journal_opened'", [number]).fetchall() == [(1, True)]
        logins = "SELECT user_id, ended_at IS NOT NULL FROM session.active_sessions"
        assert connection.execute(logins).fetchall() == [("1", True)]


async def test_unknown_staff_number_cannot_sell(selling: Shell) -> None:
    del selling
    with pytest.raises(LoginError, match="Nobody here has that number"):
        async with open_tracker(user=55, till=3):
            pytest.fail("it opened")


async def test_an_order_waits_for_the_next_time(selling: Shell) -> None:
    del selling
    async with open_tracker(user=1, till=3) as tracker:
        shown = await tracker.update_session_state("idly")
        await tracker.add_to_cart(shown.last_menu[0].id)
        session = tracker.session_id
    for named in (session, None):
        async with open_tracker(user=1, till=3, session_id=named) as tracker:
            order = await tracker.set_preferences({"spice": "mild" if named else "hot"})
            assert (order.id, order.total) == (session, 400)


async def test_a_till_that_is_not_enrolled_is_refused(selling: Shell) -> None:
    del selling
    with pytest.raises((ConfigError, StoreError), match="not enrolled"):
        async with open_tracker(user=1, till=4):
            pytest.fail("it opened")
