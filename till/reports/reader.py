"""A report with a reader of its own: the arguments of the reader are those of its command."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from msgspec import Struct

from till.domain.staff.person import Role

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from till.domain.venue import Venue
    from till.reports.report import Report, ReportResult


class VenueServer(Protocol):
    """The server of a venue, as a reader asks it."""

    def ask(self, function: str, *values: Any) -> Any:
        """Call a reading function of schema `till` for the store."""
        ...

    def now(self) -> datetime:
        """Return the time of the database."""
        ...

    def venue(self) -> Venue:
        """Return the venue."""
        ...


class ReportReading(Struct, frozen=True):
    """A report as its reader found it.

    Attributes:
        found: the report.
        notes: sentences beside it, such as why a record is not in it.
        fields: for programs, more fields beside those of the report.
        body: for programs, an object in place of the report's.
    """

    found: ReportResult
    notes: Sequence[str] = ()
    fields: Mapping[str, Any] = {}
    body: Mapping[str, Any] | None = None


class ReportReader(Struct, frozen=True):
    """A report with its reader.

    Attributes:
        report: the report; the parts of a reading may be others.
        read: reads it with the arguments of its command, each annotated with a `ShellField`. An argument of type `date`
            is typed as `--day`, one of type `Span` also as `--from` and `--to`; without a default they are today.
            Of an argument of type `bytes` the name of the file is typed.
        example: an example of what follows the name of its command.
        needs: the role that it needs.
    """

    report: Report
    read: Callable[..., ReportReading]
    example: str
    needs: Role


def reads(
    report: Report, example: str, *, needs: Role = Role.MANAGER
) -> Callable[[Callable[..., ReportReading]], ReportReader]:
    """Declare the reader of a report by its function."""
    return lambda read: ReportReader(report, read, example, needs)
