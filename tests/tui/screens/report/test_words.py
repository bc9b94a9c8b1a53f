"""The language of the reports: what a sentence asks for, and what it leaves as it is shown."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from till.reports.declared import DAY, FUNNEL, POPULAR, SALES, TIME_TO_ORDER, VOIDS
from till.tui.screens.report.words import ReportRequest, ReportWordsError, asked_for, understand

if TYPE_CHECKING:
    from till.reports.report import Report

TODAY = date(2026, 3, 3)
SHOWN = ReportRequest(SALES, "yesterday", "items")


@pytest.mark.parametrize(
    ("text", "report", "days", "part"),
    [
        ("last week", SALES, "last week", "items"),
        ("Funnel", FUNNEL, "yesterday", ""),
        ("report popular 1 to 15 march", POPULAR, "1 to 15 march", ""),
        ("time to order", TIME_TO_ORDER, "yesterday", ""),
        ("time-to-order today", TIME_TO_ORDER, "today", ""),
        ("tenders", SALES, "yesterday", "tenders"),
        ("by hours last month", SALES, "last month", "hours"),
        ("voids people 2026-01-01 to 2026-01-31", VOIDS, "2026-01-01 to 2026-01-31", "people"),
        ("steps", DAY, "yesterday", "steps"),
        ("day", DAY, "yesterday", ""),
    ],
)
def test_a_sentence_names_a_report_its_days_its_part_or_several(
    text: str, report: Report, days: str, part: str
) -> None:
    assert understand(text, SHOWN, TODAY) == ReportRequest(report, days, part)


@pytest.mark.parametrize(
    "text", ["", "report", "dosa", "sales dosa", "15 march to 1 march", "\x1b[2J", "½", "30 february"]
)
def test_other_words_look_for_a_row(text: str) -> None:
    assert understand(text, SHOWN, TODAY) is None


def test_words_of_the_desk_that_name_no_report_are_refused_with_examples() -> None:
    assert asked_for("", TODAY) == ReportRequest(DAY, "today", "")
    with pytest.raises(ReportWordsError, match="report sales last week"):
        asked_for("of everything", TODAY)
