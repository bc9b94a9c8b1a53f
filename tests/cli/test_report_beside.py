"""`--beside`: the figures of the same weekdays before, next to each figure, in every form of a report."""

from __future__ import annotations

import csv
import io
import re
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from psycopg.types.json import Jsonb

from tests.cli.test_report import sold  # noqa: F401 - a fixture
from tests.cli.test_report_saved import sheets
from tests.sql.ringing import DOSA, IDLY, Cart, new_id
from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

DAY = ("--day", "2026-03-03", "--beside")


def sell(database: Database, day: date) -> None:
    """Sell one Idly and three Vada on a business day."""
    moment = datetime(day.year, day.month, day.day, 9, 30, tzinfo=UTC)
    order = Cart(lines={new_id(): (IDLY, 1), new_id(): (DOSA, 3)}).frozen(currency="EUR")
    order["business_date"] = day.isoformat()
    for line, name in zip(order["lines"], ("Idly", "Vada"), strict=True):
        line["item_name"] = name
    with database.connect() as connection:
        connection.execute(
            "SELECT cold.place_order(%s, %s, 1, 1, %s, %s, %s, %s, 'till')",
            [Surroundings.find().venue.store_id, new_id(), new_id(), moment, moment, Jsonb(order)],
        )


@pytest.fixture
def compared(sold: Shell, database: Database) -> Shell:  # noqa: F811
    """A venue that also sold a week before, also what it does not sell any more."""
    sell(database, date(2026, 2, 24))
    return sold


def test_each_figure_of_a_table_has_the_one_before_beside_it(compared: Shell) -> None:
    shown = compared.ok("report", "sales", *DAY)
    rows = [" ".join(line.split()) for line in shown.splitlines()]
    total = next(row for row in rows if row.startswith("Total "))
    assert rows[1] == "Beside Tuesday 2026-02-24"
    assert ("Sales 2 1" in rows, total) == (True, "Total 120.00 280.00")
    assert "Item Quantity before Amount before change" in rows
    assert any(row.startswith("Idly 1 1 40.00 40.00 +0 % ██") for row in rows)
    assert any(row.startswith("Vada 0 3 0.00 240.00 -100 %") for row in rows), "sold before alone"
    assert any(row.startswith("GST 5 % 114.28 ") for row in rows)


def test_spreadsheets_and_the_page_have_them_too(compared: Shell) -> None:
    rows = list(csv.DictReader(io.StringIO(compared.ok("report", "sales", *DAY, "--csv", "-"))))
    items = {
        row["item"]: (row["quantity"], row["quantity_before"], row["amount_before EUR"])
        for row in rows
        if row["part"] == "items"
    }
    assert (items["Idly"], items["Vada"]) == (("1", "1", "40.00"), ("0", "3", "240.00"))
    (figures,) = (row for row in rows if row["part"] == "figures")
    assert (figures["sales"], figures["sales_before"], figures["total_before EUR"]) == ("2", "1", "280.00")
    file = compared.folder / "sales"
    compared.ok("report", "sales", *DAY, "--xlsx", str(file))
    saved = sheets(file)
    assert ["Sales", 2.0, 1.0] in saved["figures"]
    assert saved["figures"][0] == ["Café Tuesday 2026-03-03", "Tuesday 2026-02-24"]
    assert saved["items"][0] == ["Item", "Quantity", "before", "Amount", "before"]
    assert ["Vada", 0.0, 3.0, 0.0, 240.0] in saved["items"]
    page = compared.folder / "sales.html"
    compared.ok("report", "sales", *DAY, "--html", str(page))
    text = re.sub(r"<svg.*?</svg>", "", page.read_text(encoding="utf-8"))
    cells = " ".join(re.sub(r"<[^>]*>", " ", text).split())
    assert "Total 120.00 │ 280.00" in cells
    assert "Vada 0 3 0.00 240.00" in cells


def test_a_day_of_a_range_is_beside_its_own_weekday_and_months_are_refused(compared: Shell) -> None:
    asked = ("--from", "2026-03-02", "--to", "2026-03-04", "--beside")
    done = compared("report", "sales", *asked)
    assert done.err == "Not compared: By month.\n"
    days = compared.ok("report", "sales", *asked, "--by", "days").splitlines()
    assert days[-1].split()[:3] == ["2026-03-03", "2", "1"]
    refused = compared("report", "sales", *asked, "--by", "months")
    assert (refused.code, refused.out) == (2, "")
    assert "--beside: months of other days cannot be compared." in refused.err


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        (("--day", "0001-01-01"), "There are no days before these."),
        (("--day", "1", "--by", "items", "--orders", "Idly"), "Orders are not compared."),
    ],
)
def test_a_comparison_that_cannot_be_is_refused(compared: Shell, asked: tuple[str, ...], expected: str) -> None:
    refused = compared("report", "sales", *asked, "--beside")
    assert (refused.code, refused.out) == (2, "")
    assert f"--beside: {expected}" in refused.err


def test_json_has_the_report_of_the_days_before_whole(compared: Shell) -> None:
    found = compared("report", "sales", *DAY, "--json").json
    assert (found["before"]["sales"], found["before"]["total"]) == (1, "280.00")
    assert {row["item"] for row in found["before"]["items"]} == {"Idly", "Vada"}


def test_a_part_of_a_day_has_no_change_beside_a_whole_one(sold: Shell, database: Database) -> None:  # noqa: F811
    today = date.fromisoformat(sold("report", "sales", "--json").json["day"])
    for day in (today, today - timedelta(days=7)):
        sell(database, day)
    shown = [" ".join(line.split()) for line in sold.ok("report", "sales", "--by", "items", "--beside").splitlines()]
    assert shown[1].endswith(f"{today - timedelta(days=7)}, whole")
    assert shown[-1].startswith("Idly 1 1 40.00 40.00 █")
