"""`till report payouts`: a file of payouts against what a till took, in each form of a report."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from tests.cli.test_report_shifts import say

if TYPE_CHECKING:
    from tests.cli.conftest import Shell


@pytest.fixture
def taken(counter: Shell) -> Shell:
    """Two payments by card without a slip, which no file can name, and one in cash."""
    say(counter, "2 idly", "cash 10", "1 dosa, 1 dal", "card", "1 idly", "card")
    file = counter.folder / "payouts.csv"
    day = datetime.now(ZoneInfo("Europe/Vienna"))  # a provider knows no business days
    file.write_text(f"reference,amount,date\n=cmd(),13.00,{day:%Y-%m-%d}\n")
    return counter


def test_differences_are_listed_and_written_in_each_form(taken: Shell) -> None:
    file = str(taken.folder / "payouts.csv")
    found = taken("report", "payouts", "CARD", file, "--json").json
    assert [(row["what"], row["there"], row["here"], row["till"]) for row in found["differences"]] == [
        ("not_there", "0.00", "13.00", 999),
        ("not_there", "0.00", "4.00", 999),
        ("not_here", "13.00", "0.00", None),
    ]
    assert (found["there"], found["here"], found["difference"]) == ("13.00", "17.00", "-4.00")
    shown = taken.ok("report", "payouts", "CARD", file)
    assert "not at the provider" in shown
    assert "Difference" in shown
    assert taken.ok("report", "payouts", "CARD", "-", stdin=(taken.folder / "payouts.csv").read_text()) == shown


def test_the_only_difference_is_shown_with_its_reference(taken: Shell) -> None:
    file = taken.folder / "payouts.csv"
    first, day = file.read_text().splitlines()[0], file.read_text().split(",")[-1].strip()
    file.write_text(f"{first}\nT9,5.20,{day}\n")
    shown = [line.split() for line in taken.ok("report", "payouts", "TEA", str(file)).splitlines()]
    assert [day, "T9", "payment", "not", "at", "the", "tills", "5.20", "0.00"] in shown
    file.write_text("".join([first, *(f"\nT{number},5.20,{day}" for number in range(210))]))
    assert "… and 10 more: `--json` has all." in taken.ok("report", "payouts", "TEA", str(file))


def test_no_spreadsheet_runs_a_reference(taken: Shell) -> None:
    file = str(taken.folder / "payouts.csv")
    rows = csv.DictReader(io.StringIO(taken.ok("report", "payouts", "CARD", file, "--csv", "-")))
    assert [row["reference"] for row in rows if row["part"] == "differences"] == ["", "", "'=cmd()"]
    for form in ("--xlsx", "--html"):
        taken.ok("report", "payouts", "CARD", file, form, str(taken.folder / f"out{form}"))
        assert (taken.folder / f"out{form}").read_bytes()


def test_a_way_to_pay_that_no_till_took_is_noted(taken: Shell) -> None:
    found = taken("report", "payouts", "TEA", str(taken.folder / "payouts.csv"))
    assert (found.code, "The tills have no TEA on these days." in found.err) == (0, True)
    assert taken.refused("report", "payouts", "CARD", "nowhere.csv").startswith("nowhere.csv cannot be read")
