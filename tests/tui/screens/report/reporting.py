"""Reports for the tests: an evening of Udupi Corner beside the same day of the week before, without a database."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from till.cli.demo_venue import demo_settings
from till.domain.errors import StoreAwayError, TillError
from till.domain.money.measures import Minor
from till.domain.structs import replace
from till.domain.venue import read_venue
from till.reports.days import read_span, weeks_before
from till.reports.orders import OrderBehind, OrderEntry, OrderParts
from till.reports.report import ColumnKind, ReportResult, ReportTable

if TYPE_CHECKING:
    from till.reports.report import Report, Section, Span

#: 20:41 in Udupi.
EVENING: Final = datetime(2026, 3, 3, 15, 11, tzinfo=UTC)
VENUE: Final = read_venue(demo_settings())
_HOURS: Final = (
    (7, 620, 540), (8, 2340, 2110), (9, 2910, 2650), (10, 2180, 2250), (11, 1150, 980), (12, 2905, 2480),
    (13, 3120, 2870), (14, 2240, 2260), (15, 980, 1150), (16, 1310, 1190), (17, 2650, 2230), (18, 4120, 3610),
    (19, 6480, 5230), (20, 3905, 4410),
)  # fmt: skip
_ITEMS: Final = (
    ("Masala Dosa", 84, 6720), ("Filter Coffee", 131, 3930), ("Idly", 62, 2480), ("Rava Dosa", 29, 2030),
    ("Plain Dosa", 30, 1800), ("Medu Vada", 33, 1650), ("Kesari Bath", 18, 810), ("Masala Tea", 25, 625),
)  # fmt: skip


def _rows(section: Section, *, before: bool) -> tuple[tuple[Any, ...], ...]:
    """Return the rows of a section as the evening has them; the week before sold a tenth less."""

    def then(amount: int) -> int:
        return amount * 9 // 10 if before else amount

    made: dict[str, tuple[tuple[Any, ...], ...]] = {
        "hours": tuple((hour, (was if before else now) // 200, Minor((was if before else now) * 100))
                       for hour, now, was in _HOURS),
        "items": tuple((name, then(count), Minor(then(amount) * 100)) for name, count, amount in _ITEMS),
        "categories": (("Breakfast", then(210), Minor(then(13_840_00))), ("Drinks", then(156), Minor(then(4_555_00)))),
        "tenders": (("CARD", Minor(then(9_210_00))), ("CASH", Minor(then(18_400_00))), ("UPI", Minor(then(9_300_00)))),
        "people": ((1, "Asha", then(70), Minor(then(19_240_00))), (2, "Ravi", then(61), Minor(then(17_670_00)))),
        "rates": (("GST 5 %", Minor(35_152_38), Minor(1_757_62), Minor(36_910_00)),),
        "steps": (("chatbot", "1 menu", 412), ("chatbot", "2 item", 301), ("chatbot", "3 paying", 262),
                  ("chatbot", "4 placed", 248), ("till", "2 item", 140), ("till", "3 paying", 133),
                  ("till", "4 placed", 131)),
    }  # fmt: skip
    found = made.get(section.name, ())
    return found if all(len(row) == len(section.columns) for row in found) else ()


def found_of(report: Report, span: Span, *, before: bool = False) -> ReportResult:
    """Return a report of the evening, whatever the days; without data before it."""
    values = {ColumnKind.MONEY: Minor(36_910_00), ColumnKind.COUNT: 131, ColumnKind.MEAN: None}
    figures = tuple(
        (column, values[column.kind]) for section in report.sections if not section.keys for column in section.columns
    )
    tables = tuple(ReportTable(section, _rows(section, before=before)) for section in report.sections if section.keys)
    return ReportResult(report, VENUE, span, figures, tables, at=EVENING)


def behind(number: int, person: str = "Ravi") -> OrderBehind:
    at = EVENING - timedelta(minutes=99 - number)
    return OrderBehind(f"o{number}", f"s{number}", f"1-{number:06d}", at, 1, person, Minor(84_000 + number * 100))


PARTS: Final = OrderParts(
    (
        OrderEntry("Idly", Minor(8_000), 2),
        OrderEntry("Masala Dosa", Minor(24_000), 3, "no onion"),
        OrderEntry("Service charge", Minor(1_600)),
    ),
    (OrderEntry("CASH", Minor(50_000)), OrderEntry("Change", Minor(-16_400))),
)


@dataclass
class FakeReports:
    """Reports as a test wants them: `away` is the reason for no answer, and nothing is answered before `gate`."""

    away: str = ""
    refuses: TillError | None = None
    orders_behind: tuple[OrderBehind, ...] = tuple(behind(number) for number in range(1, 25))
    only: ReportResult | None = None
    asked: list[tuple[str, str]] = field(default_factory=list)
    saved: list[ReportResult] = field(default_factory=list)
    aborted: int = 0
    under_way: int = 0
    gate: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.gate.set()

    async def read(self, report: Report, days: str) -> ReportResult:
        self.asked.append((report.name, days))
        await self._answer()
        if self.only is not None:
            return self.only
        span = read_span(days, VENUE.business_date(EVENING))
        then = weeks_before(span)
        return replace(found_of(report, span), before=found_of(report, then, before=True) if then else None)

    async def orders(self, found: ReportResult, table: ReportTable, row: tuple[Any, ...]) -> tuple[OrderBehind, ...]:
        del found
        self.asked.append((table.section.name, str(row[0])))
        await self._answer()
        return self.orders_behind

    async def parts(self, found: ReportResult, order: str) -> OrderParts:
        del found
        self.asked.append(("order", order))
        await self._answer()
        return PARTS

    async def save(self, found: ReportResult) -> Path:
        self.saved.append(found)
        await self.gate.wait()
        if self.refuses is not None:
            raise self.refuses
        return Path("/home/meena/Documents") / f"{found.report.name}-{found.span.first}-2041.xlsx"

    def abort(self) -> None:
        """Break the request under way, if there is one."""
        self.aborted += min(1, self.under_way)

    async def _answer(self) -> None:
        self.under_way += 1
        await self.gate.wait()
        self.under_way -= 1
        if self.away:
            raise StoreAwayError(self.away)
        if self.refuses is not None:
            raise self.refuses
