"""The reports for the manager's desk, on a separate connection, so that a slow report delays nothing else."""

from __future__ import annotations

import asyncio
import logging
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.structs import replace
from till.domain.venue import read_venue
from till.wiring.database_thread import DatabaseThread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from db.address import Address
    from till.reports.orders import OrderBehind, OrderParts
    from till.reports.report import Report, ReportResult, ReportTable
    from till.wiring.database_thread import OpenDatabase

_log: Final = logging.getLogger(__name__)
#: Seconds to wait for an answer before closing the connection; the server cancels the query after 10.
_DEADLINE_S: Final = 15.0


class SlowReportError(TillError):
    """A report that exceeds the time limit of the server."""

    code = "slow_report"
    default = N_("That takes too long. Ask for fewer days.")


class NotSavedError(TillError):
    """A file that cannot be written."""

    code = "report_not_saved"
    default = N_("The report was not saved. The log has the reason.")


class ReportService(DatabaseThread):
    """The reports of the desk, read one at a time.

    Args:
        place: returns the address with the owner's rights; see `DatabaseThread`.
        store_id: the venue.
        documents: the folder for saved reports.
        actor: the staff number of the person at the desk; None for the owner of the database.
        is_embedded: True for the embedded database.
    """

    def __init__(
        self,
        place: Callable[[], Address],
        store_id: str,
        documents: Path,
        *,
        actor: int | None,
        is_embedded: bool = False,
    ) -> None:
        super().__init__(place, store_id, "till desk reports", actor=actor, is_embedded=is_embedded)
        self._documents = documents

    async def read(self, report: Report, days: str) -> ReportResult:
        """Read a report of some days and of the weeks before, in one snapshot.

        Raises:
            TillError: the text does not name days, or the report takes too long; a `StoreAwayError` if the database
                cannot be reached.
        """
        return await self.ask(lambda database: _read(database, report, days), _DEADLINE_S)

    async def orders(self, found: ReportResult, table: ReportTable, row: tuple[Any, ...]) -> tuple[OrderBehind, ...]:
        """Read the orders behind a row of a report."""
        from till.reports.orders import read_orders  # noqa: PLC0415 - after the first paint

        def work(database: OpenDatabase) -> tuple[OrderBehind, ...]:
            with _within_server_limit():
                return tuple(read_orders(database.at.ask, found, table, row))

        return await self.ask(work, _DEADLINE_S)

    async def parts(self, found: ReportResult, order: str) -> OrderParts:
        """Read the lines and payments of an order."""

        def work(database: OpenDatabase) -> OrderParts:
            from till.reports.order_lines import read_parts  # noqa: PLC0415 - with SQLAlchemy

            return read_parts(database.selects, self._store_id, order, found.venue)

        return await self.ask(work, _DEADLINE_S)

    async def save(self, found: ReportResult) -> Path:
        """Save a report as a workbook in the documents folder. Return its path.

        Raises:
            NotSavedError: the file cannot be written.
        """
        return await asyncio.to_thread(_save, self._documents, found)


def _save(documents: Path, found: ReportResult) -> Path:
    from till.config.files import whole_file  # noqa: PLC0415 - after the first paint
    from till.reports.workbook import workbook  # noqa: PLC0415 - after the first paint

    first, last = found.span
    days = f"{first}" if first == last else f"{first}-to-{last}"
    read_at = f"-{found.venue.local(found.at):%H%M}" if found.at is not None else ""
    file = documents / f"{found.report.name}-{days}{read_at}.xlsx"
    try:
        documents.mkdir(parents=True, exist_ok=True)
        with whole_file(file) as out:
            out.write(workbook(found))
    except OSError as problem:
        sentence = _("Not saved in {folder}: {why}. `till report {report} --xlsx FILE` saves elsewhere.")
        raise NotSavedError(
            sentence.format(folder=documents, why=problem.strerror, report=found.report.name)
        ) from problem
    except Exception as problem:  # a bug in writing must affect only this file
        _log.exception("report_not_saved")
        raise NotSavedError from problem
    return file


def _read(database: OpenDatabase, report: Report, days: str) -> ReportResult:
    from till.reports.days import read_span, weeks_before  # noqa: PLC0415 - after the first paint
    from till.reports.report import read_report  # noqa: PLC0415 - after the first paint

    at = database.at
    with _within_server_limit(), database.connection.transaction():
        database.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        known, now = at.ask("venue"), at.now()
        venue = read_venue(known)
        span = read_span(days, venue.business_date(now), known.get("trading_days"))
        then = weeks_before(span) if not report.is_open else None
        found = read_report(at.ask, report, span, venue)
        before = read_report(at.ask, report.whole, then, venue) if then is not None else None
    return replace(found, before=before, at=now)


@contextmanager
def _within_server_limit() -> Iterator[None]:
    """Raise `SlowReportError` for a query that the server cancelled."""
    from psycopg.errors import QueryCanceled  # noqa: PLC0415 - after the first paint

    try:
        yield
    except QueryCanceled as problem:
        raise SlowReportError from problem
