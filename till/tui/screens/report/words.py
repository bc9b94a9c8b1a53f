"""The language of the reports: a typed sentence names a report, a part of it, days, or several of these. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.reports.days import DateError, read_span
from till.reports.declared import DAY, REPORTS

if TYPE_CHECKING:
    from datetime import date

    from till.reports.report import Report

#: The days of a report that was asked for without any.
TODAY: Final = N_("today")
#: Examples for the help, each with its meaning.
EXAMPLES: Final = (
    ("last week · tuesday · 1 to 15 march · 2026", N_("Those days, beside the same weekdays earlier")),
    ("sales · voids · comps · funnel · time to order", N_("That report of the same days")),
    ("items · tenders last month", N_("That part of it, of those days too")),
)


class ReportWordsError(TillError):
    """Words that name no report, no part of one and no days."""

    code = "report_words"
    default = N_("Try “report sales last week” or “report funnel”. F2 opens the day.")


class ReportRequest(Struct, frozen=True):
    """A report that was asked for: its days in words; its part by name, or empty for the first."""

    report: Report = DAY
    days: str = TODAY
    part: str = ""


def understand(text: str, shown: ReportRequest, today: date) -> ReportRequest | None:
    """Return the report that a sentence asks for; what it does not name stays as `shown`. None if it has no meaning."""
    words = text.casefold().split()
    if words[:1] and words[0] in {_("report"), _("reports")}:
        words = words[1:]
    if not words:
        return None
    report, words = _report(words)
    part, words = _part(words, report or shown.report)
    if part and not _has(report or shown.report, part):
        report = next(one for one in REPORTS if _has(one, part))
    days = " ".join(words)
    if days and not _is_days(days, today):
        return None
    found = report or shown.report
    same_part = shown.part if found is shown.report else ""
    return ReportRequest(found, days or shown.days, part or same_part)


def asked_for(text: str, today: date) -> ReportRequest:
    """Return the meaning of the words after `report`; without any, the day at a glance.

    Raises:
        ReportWordsError: the words mean nothing here.
    """
    if not text.strip():
        return ReportRequest()
    wanted = understand(text, ReportRequest(), today)
    if wanted is None:
        raise ReportWordsError
    return wanted


def _report(words: list[str]) -> tuple[Report | None, list[str]]:
    """Return the report that the first words name, and the words after them."""
    for report in REPORTS:
        for name in (report.name.split("-"), [report.name]):
            if words[: len(name)] == name:
                return report, words[len(name) :]
    return None, words


def _part(words: list[str], of: Report) -> tuple[str, list[str]]:
    """Return the part that the first word names, `by` or not, and the words after it."""
    rest = words[1:] if words[:1] == [_("by")] else words
    if rest and any(_has(report, rest[0]) for report in (of, *REPORTS)):
        return rest[0], rest[1:]
    return "", words


def _has(report: Report, part: str) -> bool:
    return any(section.name == part for section in report.sections if section.keys)


def _is_days(text: str, today: date) -> bool:
    try:
        read_span(text, today)
    except DateError:
        return False
    return True
