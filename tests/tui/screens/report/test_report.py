"""The reports on the desk's screen: tables with bars, orders and lines; a server that is slow or gone."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from textual import events

from tests.tui.drawing.test_snapshots import Picture as Drawing
from tests.tui.screens.desk.watching import a_desk
from tests.tui.screens.report.reporting import EVENING, VENUE, FakeReports, found_of
from till.domain.errors import TillError
from till.domain.money.measures import Minor
from till.domain.structs import replace
from till.reports.declared import SALES
from till.reports.report import ReportTable, Span
from till.tui.drawing.palette import Depth, Paint
from till.tui.screens.report.scene import ReportScene
from till.tui.screens.report.state import Level

if TYPE_CHECKING:
    from syrupy.assertion import SnapshotAssertion

    from tests.tui.screens.desk.watching import Watched

BOTH = [(80, 24), (120, 36)]
TODAY = VENUE.business_date(EVENING)
SCENES = {
    "report-hours": "{f2}{down}{down}",
    "report-items": "report sales items{enter}{end}dosa",
    "report-orders": "report sales items last week{enter}{enter}{down}",
    "report-lines": "{f2}{enter}{enter}{down}",
    "report-funnel": "report funnel last week{enter}{f4}",
    "report-saved": "report sales items last week{enter}{f2}",
    "report-help": "{f2}{f1}{pagedown}{pagedown}",
    "report-empty": "report voids{enter}1 to 15 feb",
}


def scene(desk: Watched) -> ReportScene:
    front = desk.app.front
    assert isinstance(front, ReportScene)
    return front


def answer(desk: Watched) -> str:
    message = scene(desk).state.message
    return message.text if message is not None else ""


@pytest.mark.parametrize("size", BOTH, ids=["80x24", "120x36"])
@pytest.mark.parametrize("name", SCENES)
async def test_screen(name: str, size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with a_desk(size) as desk:
        await desk.type(SCENES[name])
        picture = desk.app.export_screenshot(title=name, simplify=True)
    assert picture == snapshot(extension_class=Drawing)


@pytest.mark.parametrize(
    "paint",
    [Paint("light", Depth.TRUE), Paint("contrast", Depth.TRUE), Paint("dark", Depth.NONE)],
    ids=["light", "contrast", "no-colour"],
)
async def test_themes(paint: Paint, snapshot: SnapshotAssertion) -> None:
    async with a_desk(paint=paint) as desk:
        await desk.type("{f2}{down}")
        picture = desk.app.export_screenshot(title="report", simplify=True)
    assert picture == snapshot(extension_class=Drawing)


async def test_without_drawing_characters_each_figure_is_text() -> None:
    async with a_desk(paint=Paint("dark", Depth.NONE, plain=True)) as desk:
        await desk.type("{f2}")
        rows = [" ".join(row.split()) for row in desk.rows()]
        assert not set("▆┃│─▌") & set(desk.text())
    assert any("07:00 3 620.00 +15 %" in row for row in rows)
    assert any("Amount Rs: 36,910.00" in row or "Amount ₹: 36,910.00" in row for row in rows)


async def test_figures_of_the_week_before_stand_beside_the_day() -> None:
    async with a_desk() as desk:
        await desk.type("{f2}")
        shown = " ".join(desk.text().split())
    assert "14 rows Tuesday 24/02/2026, whole 33,960.00" in shown
    assert "20:00" in shown
    row = next(row for row in shown.split("│") if "20:00" in row)
    assert "%" not in row.partition("20:00")[2], "that hour is still going on"


async def test_a_narrow_screen_names_the_report_and_says_what_can_be_typed() -> None:
    async with a_desk((80, 24)) as desk:
        await desk.type("report voids last week{enter}")
        assert "Voids and cleared orders  23/02/2026 to 01/03/2026" in desk.rows()[0]
        assert "Days, a report or a part of it" in desk.text()


async def test_an_hour_that_is_over_is_compared_with_that_hour_and_the_day_with_a_whole_one() -> None:
    async with a_desk() as desk:
        await desk.type("{f2}")
        rows = [" ".join(row.split()) for row in desk.rows()]
        assert any(row.endswith("Tuesday 24/02/2026 540.00") for row in rows), "07:00"
        assert any("Tuesday 24/02/2026, whole 33,960.00" in row for row in rows)


async def test_the_headings_say_how_many_rows_are_out_of_sight_on_all_pages() -> None:
    rows: tuple[tuple[Any, ...], ...] = tuple((f"Item {n:05d}", 1, Minor(n)) for n in range(1_000))
    found = found_of(SALES, Span(TODAY, TODAY))
    tables = tuple(ReportTable(one.section, rows) if one.section.name == "items" else one for one in found.tables)
    async with a_desk((80, 24), reports=FakeReports(only=replace(found, tables=tables))) as desk:
        await desk.type("report sales items{enter}")
        seen = sum("Item 0" in row for row in desk.rows())
        assert f"Item  ↓ {1000 - seen} below" in desk.text()
        await desk.type("{down}" * 300)
        last = max(int(row.split("Item ")[1][:5]) for row in desk.rows() if "Item 0" in row)
        assert f"Item  ↑ {last + 1 - seen} above, ↓ {999 - last} below" in desk.text()
        await desk.type("{end}")
        assert f"Item  ↑ {1000 - seen} above " in desk.text()
        await desk.type("item 00999")
        assert "1 row matches." in desk.text()
        assert "above" not in desk.text()


async def test_enter_goes_from_a_row_to_its_orders_to_their_lines_and_esc_back() -> None:
    async with a_desk() as desk:
        await desk.type("report sales tenders{enter}{down}{enter}")
        assert "24 orders" in desk.text()
        await desk.type("000007{enter}")
        assert "3 × Masala Dosa, no onion" in " ".join(desk.text().split())
        assert desk.reports.asked[1:] == [("tenders", "CASH"), ("order", "o7")]
        for level in (Level.ORDERS, Level.ROWS):
            await desk.type("{escape}")
            assert scene(desk).state.level is level
        await desk.type("{escape}")
        assert desk.app.front is desk.scene


async def test_keys_typed_ahead_reach_the_list_they_are_meant_for() -> None:
    async with a_desk() as desk:
        desk.reports.gate.clear()
        await desk.type("report sales items{enter}{enter}{down}{enter}")
        assert "One moment." in desk.text()
        desk.reports.gate.set()
        await desk.settle()
        assert desk.reports.asked == [("sales", "today"), ("items", "Masala Dosa"), ("order", "o2")]


async def test_a_slow_server_blocks_no_key() -> None:
    async with a_desk() as desk:
        await desk.type("report sales items{enter}")
        desk.reports.gate.clear()
        await desk.type("last week{enter}{down}{down}{tab}{tab}{f1}")
        assert "Help" in desk.text()
        await desk.type("{escape}")
        assert "One moment. Esc leaves it." in desk.text()
        assert scene(desk).state.table is not None
        assert "reading" in desk.rows()[0]
        await desk.type("{escape}")
        assert desk.reports.aborted == 1
        assert "reading" not in desk.rows()[0]
        desk.reports.gate.set()
        await desk.settle()
        assert "Tuesday 03/03/2026" in desk.rows()[0], "the answer came too late"
        await desk.type("last week{enter}")
        assert "23/02/2026 to 01/03/2026" in desk.rows()[0]


async def test_a_slow_row_that_was_left_holds_up_no_other_request() -> None:
    async with a_desk() as desk:
        await desk.type("report sales items{enter}")
        desk.reports.gate.clear()
        await desk.type("{enter}")
        await desk.type("{tab}{shift+tab}")
        assert desk.reports.aborted == 0
        await desk.type("{enter}")
        assert desk.reports.aborted == 1
        await desk.type("{ctrl+q}")
        assert desk.reports.aborted == 2
        assert desk.app.front is desk.scene


async def test_a_server_that_is_gone_is_explained_in_words_and_what_was_read_stays() -> None:
    async with a_desk() as desk:
        desk.reports.away = "The database does not answer."
        await desk.type("{f2}")
        assert answer(desk) == "The database does not answer."
        assert "F5 tries again." in desk.text()
        desk.reports.away = ""
        await desk.type("{f5}")
        assert "19:00" in desk.text()
        desk.reports.away = "The database does not answer."
        await desk.type("{f3}")
        assert answer(desk) == "The database does not answer."
        assert "19:00" in desk.text()
        desk.reports.away, desk.reports.refuses = "", TillError("Ask for fewer days.")
        await desk.type("{enter}")
        assert (answer(desk), scene(desk).state.level) == ("Ask for fewer days.", Level.ROWS)


async def test_f2_saves_the_report_on_the_screen_while_another_is_being_read() -> None:
    async with a_desk() as desk:
        await desk.type("report sales items last week{enter}")
        desk.reports.gate.clear()
        await desk.type("{f3}{f2}")
        assert answer(desk) == "Saving."
        await desk.type("{down}")
        desk.reports.gate.set()
        await desk.settle()
        (saved,) = desk.reports.saved
        assert (saved.report.name, saved.span) == ("sales", Span(date(2026, 2, 23), date(2026, 3, 1)))
        assert answer(desk) == "Saved as sales-2026-02-23-2041.xlsx in /home/meena/Documents."
        assert desk.reports.aborted == 0, "the other report is still read"


async def test_f2_saves_nothing_before_a_report_and_says_why_a_file_was_refused() -> None:
    async with a_desk() as desk:
        desk.reports.away = "The database does not answer."
        await desk.type("{f2}{f2}")
        assert (answer(desk), desk.reports.saved) == ("Nothing was read. F5 tries again.", [])
        desk.reports.away, desk.reports.refuses = "", None
        await desk.type("{f5}{enter}")
        await desk.type("{f2}")
        assert (answer(desk), desk.reports.saved) == ("F2 does nothing here. F1 lists the keys.", [])
        desk.reports.refuses = TillError("Not saved.")
        await desk.type("{escape}{f2}")
        assert answer(desk) == "Not saved."


async def test_f3_goes_through_every_report_and_tab_through_its_parts() -> None:
    async with a_desk() as desk:
        await desk.type("{f2}" + "{f3}" * 3 + "{tab}{tab}{shift+tab}")
        assert [name for name, _days in desk.reports.asked] == ["day", "sales", "tax", "voids"]


async def test_a_click_marks_a_row_and_opens_the_marked_one() -> None:
    async with a_desk() as desk:
        await desk.type("{f2}")
        for _time in range(2):
            row = next(y for y, text in enumerate(desk.rows()) if "09:00" in text[:20])
            desk.app.take_input([events.MouseDown(desk.app.screen, 5, row, 0, 0, 1, False, False, False, 5, row)])
            await desk.settle()
        assert desk.reports.asked[-1] == ("hours", "9")


@pytest.mark.parametrize("size", BOTH, ids=["80x24", "120x36"])
async def test_text_typed_long_ago_cannot_draw_over_the_screen(size: tuple[int, int]) -> None:
    evil = "=cmd\x1b[2J\u202e" + "x" * 300
    found = found_of(SALES, Span(TODAY, TODAY))
    tables = tuple(
        ReportTable(one.section, ((evil, 1, Minor(100)),)) if one.section.name == "items" else one
        for one in found.tables
    )
    async with a_desk(size, reports=FakeReports(only=replace(found, tables=tables))) as desk:
        await desk.type("report sales items{enter}")
        text = desk.text()
    assert "=cmd" in text
    assert not set("\x1b\u202e") & set(text)


async def test_a_row_among_ten_thousand_is_found_and_marked_without_drawing_them_again() -> None:
    rows: tuple[tuple[Any, ...], ...] = tuple((f"Item {n:05d}", 1, Minor(n)) for n in range(10_000))
    found = found_of(SALES, Span(TODAY, TODAY))
    tables = tuple(ReportTable(one.section, rows) if one.section.name == "items" else one for one in found.tables)
    async with a_desk(reports=FakeReports(only=replace(found, tables=tables))) as desk:
        await desk.type("report sales items{enter}{pagedown}{pagedown}")
        assert scene(desk).state.marks[0] == 2 * scene(desk).screen.rows.page_step > 16
        await desk.type("item 09999")
        assert "1 row matches." in desk.text()
        await desk.type("{enter}")
        assert desk.reports.asked[-1] == ("items", "Item 09999")


async def test_a_report_that_arrives_in_a_window_too_small_for_it_hangs_nothing() -> None:
    async with a_desk() as desk:
        desk.reports.gate.clear()
        await desk.type("{f2}")
        await desk.pilot.resize_terminal(38, 9)
        desk.reports.gate.set()
        await desk.settle()
        await desk.pilot.resize_terminal(120, 36)
        await desk.type("{down}")
        assert scene(desk).state.marks[0] == 1
