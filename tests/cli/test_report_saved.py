"""A report that the desk saves: the workbook in the folder of documents, beside the `--csv` of the shell."""

from __future__ import annotations

import asyncio
import csv
import html
import io
import re
import zipfile
from contextlib import asynccontextmanager
from datetime import date
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from tests.cli.test_report import sold  # noqa: F401 - a fixture
from tests.journal.test_faults import no_room_beyond
from tests.tui.screens.desk.watching import FakeDesk, Watched
from till.cli.environment import Surroundings
from till.domain.money.formats import marks_of
from till.reports.declared import SALES
from till.reports.report import ColumnKind
from till.tui.desk_app import DeskApp
from till.tui.drawing.palette import Paint
from till.tui.shell.side_app import make_side_keymap
from till.wiring.desk_reports import ReportService

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    import pytest

    from tests.cli.conftest import Shell
    from till.reports.report import Column, ReportResult

_CELL: Final = re.compile(r"<c ([^>]*)><v>(.*?)</v></c>")
#: The folder of documents, in that of the test: its whole path would be too long for an answer.
FOLDER: Final = Path("Documents")


@asynccontextmanager
async def report_of(days: str) -> AsyncIterator[Watched]:
    """The desk of the venue on the sales of some days."""
    here = Surroundings.find()
    service = ReportService(lambda: here.owner, here.venue.store_id, FOLDER, actor=None)
    app = DeskApp(FakeDesk(), service, Paint(), make_side_keymap(), marks_of("de_AT"), "EUR", lambda: 0.0)
    desk = Watched(app, FakeDesk())
    try:
        async with app.run_test(size=(80, 24)) as desk.pilot:
            await desk.settle()
            await desk.type(f"report sales {days}{{enter}}")
            await shows(desk, "read at")
            yield desk
    finally:
        await service.close()


async def shows(desk: Watched, words: str) -> None:
    """Wait for words in the answer."""
    async with asyncio.timeout(20):
        while words not in " ".join(desk.text().split()):
            await desk.pilot.pause(0.01)


def sheets(file: Path) -> dict[str, list[list[str | float]]]:
    """Read the cells of a workbook, by the name of their sheet."""
    with zipfile.ZipFile(file) as book:
        parts = {name: book.read(name).decode() for name in book.namelist()}
    texts = [html.unescape(one) for one in re.findall(r"<t[^>]*>(.*?)</t>", parts["xl/sharedStrings.xml"])]
    names = re.findall(r'<sheet name="(\w+)"', parts["xl/workbook.xml"])
    return {
        name: [
            [texts[int(value)] if 't="s"' in cell else float(value) for cell, value in _CELL.findall(row)]
            for row in re.findall(r"<row .*?</row>", parts[f"xl/worksheets/sheet{number}.xml"])
        ]
        for number, name in enumerate(names, 1)
    }


def in_workbook(column: Column, text: str) -> str | float:
    """Return the cell of a workbook for a cell of a table for spreadsheets."""
    match column.kind:
        case ColumnKind.MONEY | ColumnKind.COUNT:
            return float(text)
        case ColumnKind.DAY:
            return float((date.fromisoformat(text) - date(1899, 12, 30)).days)
        case ColumnKind.TILL:
            return f"Till {text}"
        case _:
            return column.words.get(text, text.removeprefix("'"))


async def test_the_file_of_the_desk_has_the_rows_of_the_shell(sold: Shell, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.chdir(sold.folder)
    async with report_of("2026-03-01 to 2026-03-03") as desk:
        await desk.type("{f2}")
        await shows(desk, "Saved as")
        (file,) = FOLDER.iterdir()
        await shows(desk, f"Saved as {file.name} in Documents.")
    assert file.match("sales-2026-03-01-to-2026-03-03-[0-2][0-9][0-5][0-9].xlsx")
    saved = sheets(file)
    output = sold.ok("report", "sales", "--from", "2026-03-01", "--to", "2026-03-03", "--beside", "--csv", "-")
    rows = list(csv.DictReader(io.StringIO(output)))
    assert {row["part"] for row in rows} >= {"figures", "tenders", "items", "hours", "days", "people"}
    for section in SALES.sections:
        if section.keys:
            pairs = ([one] if one.is_key or not section.compares else [one, one.before] for one in section.columns)
            columns = [one for one in chain(*pairs) if one.kind is not ColumnKind.ID]
            names = [(one, f"{one.name} EUR" if one.kind is ColumnKind.MONEY else one.name) for one in columns]
            of_it = [row for row in rows if row["part"] == section.name]
            expected = [[in_workbook(column, row[name]) for column, name in names] for row in of_it]
            assert saved[section.name][1:] == expected, section.name
    (figures,) = (row for row in rows if row["part"] == "figures")
    kept = {row[0]: row[1] for row in saved["figures"][1:]}
    assert (kept["Sales"], kept["Total"]) == (float(figures["sales"]), float(figures["total EUR"]))
    assert saved["figures"][0] == ["Café 2026-03-01 to 2026-03-03", "2026-02-22 to 2026-02-24"]


async def test_a_disk_without_room_and_no_folder_are_one_sentence_and_leave_no_file(
    sold: Shell,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(sold.folder)
    monkeypatch.setattr("sys.dont_write_bytecode", True)  # Python would keep half a module too
    async with report_of("2026-03-03") as desk:
        with no_room_beyond(100):
            await desk.type("{f2}")
            await shows(
                desk, "Not saved in Documents: File too large. `till report sales --xlsx FILE` saves elsewhere."
            )
        assert list(FOLDER.iterdir()) == []
        FOLDER.rmdir()
        FOLDER.touch()
        await desk.type("{f2}")
        await shows(desk, "Not saved in Documents: File exists.")
        assert FOLDER.read_bytes() == b""
        FOLDER.unlink()
        await desk.type("{f2}")
        await shows(desk, "Saved as sales-2026-03-03-")


async def test_a_fault_in_the_workbook_is_reported_and_logged_and_the_desk_stays(
    sold: Shell,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fault(found: ReportResult) -> bytes:
        raise KeyError(found.report.name)

    monkeypatch.chdir(sold.folder)
    async with report_of("2026-03-03") as desk:
        with monkeypatch.context() as patch:
            patch.setattr("till.reports.workbook.workbook", fault)
            await desk.type("{f2}")
            await shows(desk, "The report was not saved. The log has the reason.")
        assert "report_not_saved" in caplog.text
        assert list(FOLDER.iterdir()) == []
        await desk.type("{f2}")
        await shows(desk, "Saved as sales-2026-03-03-")
