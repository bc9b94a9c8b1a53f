"""The records of some days as an export reads them, from the database by a person's rights."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar, cast

from msgspec import convert

from till.domain.errors import EventError
from till.domain.events.envelope import read_time, time_text
from till.domain.events.registry import EventData, name_of
from till.domain.fiscal import FiscalStamp
from till.domain.i18n import _, ngettext
from till.domain.order.events import OrderPlaced
from till.domain.order.state import Buyer
from till.domain.refund.events import RefundApproved
from till.domain.streams import unseal
from till.domain.text import clean
from till.ports.fiscal_export import ExportDays, ExportedRefund, ExportedSale, ExportedStamp, ExportFault
from till.reports.declared import REPORTS
from till.reports.report import Span, read_report
from till.reports.shifts import read_zs
from till.reports.words import plain

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from till.administration.calls import AtServer
    from till.domain.events.envelope import Event
    from till.domain.refund.events import RefundStarted
    from till.domain.venue import Venue

#: The records that one read returns.
_PAGE: Final = 500
_STAMPS: Final = 1000
_DAY: Final = timedelta(days=1)
_Data = TypeVar("_Data", bound=EventData)


def days_of(venue: Venue, first: date, last: date) -> ExportDays:
    """Return days of the calendar, with their first and last moment by the venue's clock."""
    return ExportDays(first, last, _midnight(venue, first), _midnight(venue, last + _DAY))


def _midnight(venue: Venue, day: date) -> datetime:
    return read_time(datetime.combine(day, time(), tzinfo=venue.zone).isoformat())


class RecordsAtServer:
    """The records of the days of an export in the database. It implements `ExportRead`.

    Attributes:
        faults: the records that cannot be read here, by id.

    Args:
        admin: the database, in one snapshot.
        venue: the venue.
        days: the days.
        texts: True to read the free texts of records too.
    """

    def __init__(self, admin: AtServer, venue: Venue, days: ExportDays, *, texts: bool) -> None:
        self._admin, self._venue, self._days, self._texts = admin, venue, days, texts
        self.faults: dict[str, ExportFault] = {}

    def sales(self, *, till: int | None = None) -> Iterator[ExportedSale]:
        """Yield the sales that count, by their time."""
        for row, event in self._rows(OrderPlaced, till=till):
            yield _sale(event, row.get("buyer"))

    def refunds(self, *, till: int | None = None) -> Iterator[ExportedRefund]:
        """Yield the refunds that were given, by the time when they were."""
        for row, event in self._rows(RefundApproved, till=till):
            started, sale = (self._read(row["id"], row[of]) for of in ("started", "sale"))
            if started is not None and sale is not None:
                yield ExportedRefund(event, cast("RefundStarted", started.data), _sale(sale, row.get("buyer")))

    def events(self, *kinds: type[_Data], till: int | None = None) -> Iterator[tuple[Event, _Data]]:
        """Yield the records of some types, by their time."""
        for _row, event in self._rows(*kinds, till=till):
            yield event, cast("_Data", event.data)

    def zs(self) -> Iterator[Mapping[str, Any]]:
        """Yield the Zs of the business days, as `till report z --json` shows them."""
        for day in self._each_day():
            yield from read_zs(self._admin.ask, Span(day, day))

    def report(self, name: str) -> Mapping[str, list[dict[str, Any]]]:
        """Return the rows of a declared report over the business days, by its parts."""
        report = next(one for one in REPORTS if one.name == name)
        found = read_report(self._admin.ask, report, Span(self._days.first, self._days.last), self._venue)
        return {
            table.section.name: [
                {one.name: plain(found, one, value) for one, value in zip(table.section.columns, row, strict=True)}
                for row in table.rows
            ]
            for table in found.tables
        }

    def stamps(self) -> Iterator[ExportedStamp]:
        """Yield the records of the venue's law that are sent, each chain in its order."""
        after = 0
        while rows := self._admin.ask("fiscal_export_v1", self._days.first, self._days.last, after, _STAMPS):
            after = rows[-1]["arrival"]
            for row in rows:
                yield ExportedStamp(row["till"], row["journal"], row["scheme"], convert(row, FiscalStamp))

    def _each_day(self) -> Iterator[date]:
        day = self._days.first
        last = min(self._days.last, (self._admin.now() + 2 * _DAY).date())  # no clock is further ahead
        while day <= last:
            yield day
            day += _DAY

    def _rows(self, *kinds: type[EventData], till: int | None) -> Iterator[tuple[dict[str, Any], Event]]:
        """Yield the rows of each day in pages: so no page looks through more than the records of a day."""
        types = [name_of(kind) for kind in kinds]
        for day in self._each_day():
            begins, ends = _midnight(self._venue, day), _midnight(self._venue, day + _DAY)
            asked = {"begins": time_text(begins), "ends": time_text(ends), "types": types, "till": till}
            asked |= {"texts": self._texts, "limit": _PAGE}
            after = None
            while rows := self._admin.ask("export_records_v1", {**asked, "after": after}):
                yield from ((row, event) for row in rows if (event := self._read(row["id"], row["e"])) is not None)
                after = rows[-1]["id"]
                if len(rows) < _PAGE:
                    break

    def _read(self, name: str, row: Mapping[str, Any]) -> Event | None:
        """Return a record as its till sealed it; None for one that cannot be read here, which is a fault."""
        try:
            event = unseal(row["b"], row["h"], row["t"])
        except EventError as problem:
            why = str(problem.sentence)
        else:
            if event.is_known:
                return event
            why = _("This program does not know {type}: upgrade it.").format(type=clean(event.type))
        sentence = _("Record {record} cannot be read. {why}").format(record=name, why=why)
        self.faults[name] = ExportFault(name, sentence)
        return None


def _sale(event: Event, buyer: Mapping[str, str] | None) -> ExportedSale:
    named = Buyer(buyer["name"], buyer["tax_number"], buyer["address"]) if buyer is not None else None
    return ExportedSale(event, cast("OrderPlaced", event.data), named)


class ExportBefore(NamedTuple):
    """The newest export of some of the days, and what arrived of them since.

    Attributes:
        arrived: the number of sales and refunds.
        numbers: the first of their numbers.
    """

    at: datetime
    first: str
    last: str
    arrived: int
    numbers: tuple[str, ...]

    def sentence(self, venue: Venue) -> str:
        """Return the sentence for the person who exports again."""
        made = _("Exported before: {first} to {last}, on {at}.").format(
            first=self.first, last=self.last, at=f"{venue.local(self.at):%Y-%m-%d %H:%M}"
        )
        if not self.arrived:
            return f"{made} {_('Nothing of these days arrived since.')}"
        arrived = ngettext(
            "{n} sale or refund arrived since: {all}.", "{n} sales or refunds arrived since: {all}.", self.arrived
        )
        more = ", …" if self.arrived > len(self.numbers) else ""
        return f"{made} {arrived.format(n=self.arrived, all=clean(', '.join(self.numbers)) + more)}"


class ExportState(NamedTuple):
    """The state of the days of an export.

    Attributes:
        heads: the newest record of each journal.
        missing: the parts that the days may lack, each with its name.
        before: the newest export of some of the days; None without one.
    """

    heads: list[dict[str, Any]]
    missing: tuple[ExportFault, ...]
    before: ExportBefore | None


def read_state(admin: AtServer, venue: Venue, name: str, days: ExportDays, now: datetime) -> ExportState:
    """Read the state of the days of an export."""
    asked = {"export": name, "begins": time_text(days.begins), "ends": time_text(days.ends)}
    found = admin.ask("export_state_v1", asked)
    was = found["before"]
    before = was and ExportBefore(
        read_time(was["at"]), was["first"], was["last"], was["arrived"], tuple(was["numbers"])
    )
    return ExportState(found["heads"], tuple(_missing(found, venue, days, now)), before)


def _missing(found: Mapping[str, Any], venue: Venue, days: ExportDays, now: datetime) -> Iterator[ExportFault]:
    if days.ends > now:
        day = f"{venue.local(now):%Y-%m-%d}"
        yield ExportFault(day, _("{day} is not over. Export it tomorrow, or leave it out: --to.").format(day=day))
    for one in found["open"]:
        sentence = _("Till {till} has no Z of its shift since {at}. Close it there.")
        yield ExportFault(f"z-{one['till']}", sentence.format(till=one["till"], at=_at(venue, one["at"])))
    for one in found["unheard"]:
        sentence = _("Till {till} was last heard on {at}. Open it with the network, so that its sales arrive.")
        yield ExportFault(f"till-{one['till']}", sentence.format(till=one["till"], at=_at(venue, one["at"])))
    for one in found["waiting"]:
        sentence = _("Record {record} of till {till} waits for a manager: {reason} `till admin quarantine` settles it.")
        words = sentence.format(record=one["record"], till=one["till"], reason=clean(one["reason"]))
        yield ExportFault(f"record-{one['record']}", words)


def _at(venue: Venue, at: str) -> str:
    return f"{venue.local(read_time(at)):%Y-%m-%d %H:%M}"
