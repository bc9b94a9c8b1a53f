"""The desk's reports over a real database: what they read, and what they say when it is slow or gone."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from db.engine import connect
from tests.reports.test_outputs import beside
from tests.reports.test_sales import VENUE, Shop, at, payment
from tests.sql.ringing import DOSA, IDLY
from tests.sync.proxy import Proxy
from tests.tui.screens.desk.watching import FakeDesk, Watched
from tests.wiring.test_two_desks import until
from till.domain.errors import StoreAwayError
from till.domain.money.formats import marks_of
from till.reports.days import DateError
from till.reports.declared import FUNNEL, SALES
from till.tui.desk_app import DeskApp
from till.tui.drawing.palette import Paint
from till.tui.screens.report.scene import ReportScene
from till.tui.screens.report.state import Level
from till.tui.shell.side_app import make_side_keymap
from till.wiring import desk_reports
from till.wiring.desk_reports import ReportService, SlowReportError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator

    from db.address import Address
    from tests.plugins.database import Database
    from till.reports.report import ReportResult, ReportTable
    from till.tui.screens.report.state import ReportState

MARCH = "2026-03-03"


@pytest.fixture
def shop(database: Database) -> Iterator[Shop]:
    with connect(database.owner) as connection:
        shop = Shop(database.owner, connection)
        shop.sell(at(10, 59), (IDLY, 2), (DOSA, 1), payments=[payment("CASH", "160.00", "40.00")])
        shop.sell(at(11), (DOSA, 2), payments=[payment("CARD", "160.00")])
        yield shop


@asynccontextmanager
async def reports(shop: Shop, place: Address, documents: Path = Path("/dev/null")) -> AsyncIterator[ReportService]:
    service = ReportService(lambda: place, shop.store, documents, actor=None)
    try:
        yield service
    finally:
        await service.close()


def table_of(found: ReportResult, name: str) -> ReportTable:
    return next(table for table in found.tables if table.section.name == name)


async def test_a_row_leads_to_its_orders_and_an_order_to_its_lines(shop: Shop) -> None:
    async with reports(shop, shop.owner) as service:
        found = await service.read(SALES, MARCH)
        hours = table_of(found, "hours")
        assert [row[0] for row in hours.rows] == [10, 11]
        (order,) = await service.orders(found, hours, hours.rows[0])
        parts = await service.parts(found, order.order)
    assert [(part.quantity, part.name, part.amount) for part in parts.sold] == [
        (2, "Idly", 8000),
        (1, "Masala Dosa", 8000),
    ]
    assert [(part.name, part.amount) for part in parts.paid] == [("Cash", 20_000), ("Change", -4000)]


async def test_figures_beside_items_and_tenders_lead_to_their_orders_on_the_screen(shop: Shop) -> None:
    """In the sales by the word of the part, in the day at a glance by Tab; Enter lists the orders."""
    served = beside(shop)
    parts = {"charges": ("charged", "rounded"), "cash": ("open",), "contested_sales": ("contested",)}
    async with reports(shop, shop.owner) as service:
        app = DeskApp(
            FakeDesk(), service, Paint(), make_side_keymap(), marks_of(VENUE.settings.locale), "INR", lambda: 0.0
        )
        desk = Watched(app, FakeDesk())
        async with app.run_test(size=(120, 36)) as pilot:
            desk.pilot = pilot
            await desk.settle()
            for report in ("sales", "day"):
                await desk.type(f"report {report} {MARCH}{{enter}}")
                await until(desk, lambda: shown(app).found is not None and shown(app).awaited is None)
                for part, names in parts.items():
                    while desk_table(app).section.name != part:
                        await desk.type("{tab}")
                    labels = [row[0] if part == "charges" else row[1] for row in desk_table(app).rows]
                    for name in names:
                        assert shown(app).level is Level.ROWS
                        row = {"charged": "service_charge", "rounded": "rounding", "open": "open_order"}.get(name)
                        await desk.type("{home}" + "{down}" * (labels.index(row) if row else 0) + "{enter}")
                        await until(desk, lambda: shown(app).level is Level.ORDERS)
                        assert [one.session for one in shown(app).orders] == [served[name]], (report, name)
                        await desk.type("{escape}")
                await desk.type("{escape}")


def shown(app: DeskApp) -> ReportState:
    front = app.front
    assert isinstance(front, ReportScene)
    return front.state


def desk_table(app: DeskApp) -> ReportTable:
    table = shown(app).table
    assert table is not None
    return table


async def test_a_report_is_read_beside_the_same_weekdays_before(shop: Shop) -> None:
    async with reports(shop, shop.owner) as service:
        found = await service.read(SALES, "2026-03-02 to 2026-03-11")
        assert found.before is not None
        assert [day.isoformat() for day in found.before.span] == ["2026-02-16", "2026-02-25"]
        first = await service.read(SALES, "0001-01-01")
        assert first.before is None
        for words in ("2026-03-03 to 2026-03-01", "soon"):
            with pytest.raises(DateError):
                await service.read(FUNNEL, words)


async def test_a_frozen_server_is_given_up_in_time_and_asked_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Proxy.before(shop.owner) as proxy, reports(shop, proxy.address) as service:
        await service.read(SALES, MARCH)
        proxy.freeze()
        with monkeypatch.context() as impatient:
            impatient.setattr(desk_reports, "_DEADLINE_S", 0.3)
            async with asyncio.timeout(10):
                with pytest.raises(StoreAwayError):
                    await service.read(SALES, MARCH)
        proxy.thaw()
        proxy.drop()
        assert (await service.read(SALES, MARCH)).figure("sales") == 2


async def test_a_request_that_nobody_waits_for_is_given_up_for_the_next(shop: Shop) -> None:
    async with Proxy.before(shop.owner) as proxy, reports(shop, proxy.address) as service:
        service.abort()  # nothing is under way, and nothing is broken
        await service.read(SALES, MARCH)
        proxy.freeze()
        slow = asyncio.create_task(service.read(SALES, MARCH))
        await asyncio.sleep(0)
        service.abort()
        async with asyncio.timeout(10):
            with pytest.raises(StoreAwayError):
                await slow
        proxy.thaw()
        proxy.drop()
        assert (await service.read(SALES, MARCH)).figure("sales") == 2


async def test_a_report_that_takes_too_long_is_refused_and_the_next_is_read(shop: Shop) -> None:
    async with reports(shop, shop.owner) as service:
        await service.read(SALES, MARCH)
        database = service._database
        assert database is not None
        database.connection.execute("SET statement_timeout = '1ms'")
        with pytest.raises(SlowReportError, match="fewer days"):
            await service.read(SALES, "2026-01-01 to 2026-12-31")
        database.connection.execute("SET statement_timeout = '10s'")
        assert (await service.read(SALES, MARCH)).figure("sales") == 2


async def test_keys_go_on_at_the_desk_while_the_database_is_frozen(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    async with Proxy.before(shop.owner) as proxy, reports(shop, proxy.address) as service:
        app = DeskApp(
            FakeDesk(), service, Paint(), make_side_keymap(), marks_of(VENUE.settings.locale), "INR", lambda: 0.0
        )
        desk = Watched(app, FakeDesk())
        async with app.run_test(size=(80, 24)) as pilot:
            desk.pilot = pilot
            await desk.settle()
            await desk.type(f"report sales hours {MARCH}{{enter}}")
            await until(desk, lambda: "11:00" in desk.text())
            proxy.freeze()
            monkeypatch.setattr(desk_reports, "_DEADLINE_S", 1.0)
            await desk.type("{f5}{down}")
            assert "▌ 11:00" in desk.text()
            assert "One moment. Esc leaves it." in desk.text()
            await desk.type("{tab}{f1}")
            assert "Help" in desk.text()
            await desk.type("{escape}")
            await until(desk, lambda: "The database does not answer" in desk.text())
            proxy.thaw()
            proxy.drop()
            await desk.type("{f5}")
            await until(desk, lambda: "read at" in desk.rows()[0])
            assert "The database does not answer" not in desk.text()
