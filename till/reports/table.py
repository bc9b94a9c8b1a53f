"""The report of a table at a minute: what stood on it at the end of that minute, and each act on its orders since."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from operator import attrgetter
from typing import TYPE_CHECKING, Annotated, Any, Final

from msgspec import Struct

from till.domain.bill import sums_of
from till.domain.errors import EventError, TillError
from till.domain.events.envelope import read_time, time_text
from till.domain.i18n import N_, _, ngettext
from till.domain.ids import id_at, tick_at, tick_of
from till.domain.order.copied import copies_in, created_lines
from till.domain.order.events import ItemAdded, LineCut, LinesMoved, OrderDiscarded, OrderPlaced, Refused
from till.domain.order.history import OrderHistory
from till.domain.order.naming import tab_name
from till.domain.streams import unseal
from till.domain.structs import replace
from till.domain.text import capitalize_first, clean
from till.ports.desk import DayEvent
from till.ports.shell import FieldError, ShellField
from till.reports.days import DateError
from till.reports.event_words import describe_event
from till.reports.reader import ReportReading, VenueServer, reads
from till.reports.report import Column, ColumnKind, Report, ReportResult, ReportTable, Section, Span
from till.reports.words import amount_text

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from till.domain.events.envelope import Event
    from till.domain.order.state import Order
    from till.domain.venue import Venue

_TIME: Final = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)", re.ASCII)
_MINUTE: Final = timedelta(minutes=1)
_ID: Final = attrgetter("id")
_ENDS: Final = (OrderPlaced, OrderDiscarded)
#: Each order has two parts: what stood, and what was done since.
TABLE: Final = Report(
    "table",
    N_("A table at a minute"),
    N_("Show what stood on a table at the end of a minute, who held it, and what was done on its order since."),
    "",
    (),
    tells_empty=True,
)
_PERSON: Final = Column("person", ColumnKind.TEXT, N_("Person"))
_WHAT: Final = Column("what", ColumnKind.TEXT, N_("What"))
_WHY: Final = Column("why", ColumnKind.TEXT)
_STOOD: Final = (
    Column("at", ColumnKind.TEXT, N_("At")),
    _PERSON,
    Column("quantity", ColumnKind.NUMBER, N_("Quantity")),
    _WHAT,
    Column("amount", ColumnKind.MONEY, N_("Amount")),
    _WHY,
)
_ACTS: Final = (Column("at", ColumnKind.TEXT, N_("Since")), _PERSON, _WHAT, _WHY)


class TableRow(Struct, frozen=True):
    """A line that stood on a table, a sum beside the lines, or an act on the order.

    Attributes:
        at: when it was keyed or done, by the clock of its till; None for a sum.
        amount: the amount as decimal text; empty for an act.
        why: why its till may not have known it then, or why it does not count: it came late, or was refused.
    """

    words: str
    at: datetime | None = None
    till: int | None = None
    user: int | None = None
    quantity: int | None = None
    amount: str = ""
    why: str = ""
    line_id: str = ""

    def to_json(self) -> dict[str, Any]:
        """Return the row for JSON."""
        named = {name: getattr(self, name) for name in self.__struct_fields__}
        return named | {"at": time_text(self.at) if self.at is not None else None}


class TableOrder(Struct, frozen=True):
    """An order that stood on a table at a minute.

    Attributes:
        order: the order at the end of the minute.
        stood: its lines then, and the sums beside them.
        acts: the acts since; and those before that came late, were refused or need attention.
        stands: True if it stood then. An order whose end came late stood as far as another till knew.
    """

    order: Order
    stood: tuple[TableRow, ...]
    acts: tuple[TableRow, ...]
    stands: bool

    def to_json(self) -> dict[str, Any]:
        """Return the order for JSON."""
        order, currency = self.order, self.order.terms.currency
        return {
            "session": order.id,
            "name": order.place_name,
            "till": order.holder,
            "user": order.user,
            "status": str(order.status),
            "total": currency.text(order.total),
            "paid": currency.text(order.paid),
            "currency": currency.code,
            "stood": [row.to_json() for row in self.stood],
            "acts": [row.to_json() for row in self.acts],
        }


class Arrival(Struct, frozen=True):
    """The arrival of an event at the server, and why a manager must look at it."""

    at: datetime
    why: str = ""


class ListedRow(Struct, frozen=True):
    """A row of a list, in words: the minute, the line or act, its amount, and the person, the till and what to know."""

    at: str
    words: str
    amount: str = ""
    detail: str = ""


class TableAt(Struct, frozen=True):
    """A table at the end of a minute. Several orders are several tables, or bills of one.

    Attributes:
        name: the table, as people call it.
        ends: the end of the minute.
        people: the names of the staff by number.
        faults: why other orders of the table cannot be shown.
    """

    venue: Venue
    name: str
    ends: datetime
    orders: tuple[TableOrder, ...]
    people: Mapping[int, str]
    faults: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """A sentence on how many orders stood on it."""
        if not self.orders:
            return _("Nothing stood on {name} then.").format(name=self.name)
        n = len(self.orders)
        sentence = ngettext("{n} order stood on {name} then.", "{name} was {n} then, each with its own order.", n)
        return sentence.format(n=n, name=capitalize_first(self.name) if n > 1 else self.name)

    @property
    def minute(self) -> str:
        """The minute on the venue's clock, with its date."""
        return f"{self.venue.local(self.ends - _MINUTE):%Y-%m-%d %H:%M}"

    def at(self, row: TableRow) -> str:
        """Return the minute of a row."""
        return f"{self.venue.local(row.at):%H:%M}" if row.at is not None else ""

    def who(self, row: TableRow) -> str:
        """Return the person and the till of a row."""
        named = self.people.get(row.user, str(row.user)) if row.user else ""
        return ", ".join(filter(None, (named, self.venue.till_name(row.till))))

    def title_of(self, found: TableOrder) -> str:
        """Return the name of an order, its total, what was paid of it by then, its state and who held it."""
        order, currency = found.order, found.order.terms.currency
        held = TableRow("", till=order.till or order.holder, user=order.user)
        words = [amount_text(self.venue, currency.text(order.total), currency.code)]
        if order.paid and not order.is_over:
            words.append(
                _("{amount} paid").format(amount=amount_text(self.venue, currency.text(order.paid), currency.code))
            )
        known = ", ".join([*words, order.status.in_words, self.who(held)])
        return f"{capitalize_first(tab_name(order.place_name))}: {known}"

    def amount_of(self, found: TableOrder, row: TableRow) -> str:
        """Return the amount of a row for people."""
        return amount_text(self.venue, row.amount, found.order.terms.currency.code) if row.amount else ""

    def rows(self) -> Iterator[ListedRow]:
        """Yield the rows of all orders for a list: what stood, and what was done since."""
        for one in self.orders:
            yield ListedRow("", self.title_of(one))
            for place, row in enumerate((*one.stood, *one.acts)):
                if place == len(one.stood):
                    yield ListedRow("", _("Since then, and what came late:"))
                words = row.words if row.quantity is None else f"{row.quantity} × {row.words}"
                detail = ", ".join(filter(None, (self.who(row), row.why)))
                yield ListedRow(self.at(row), words, self.amount_of(one, row), detail)

    def report(self) -> ReportResult:
        """Return it as a report."""
        day, parts = self.venue.business_date(self.ends - _MINUTE), list[ReportTable]()
        for n, one in enumerate(self.orders, 1):
            title = self.title_of(one)
            minor = one.order.terms.currency.nearest
            stood = (
                (self.at(row), self.who(row), row.quantity, row.words, minor(Decimal(row.amount)), row.why)
                for row in one.stood
            )
            parts.append(ReportTable(Section(f"stood_{n}", "", _STOOD, title=title, empty=title), tuple(stood)))
            acts = tuple((self.at(row), self.who(row), row.words, row.why) for row in one.acts)
            if acts:
                parts.append(
                    ReportTable(Section(f"acts_{n}", "", _ACTS, title=_("Since then, and what came late:")), acts)
                )
        return ReportResult(
            replace(TABLE, empty=self.sentence),
            *(self.venue, Span(day, day), (), tuple(parts)),
            time=self.minute,
            sentence=self.sentence if self.orders else "",
        )

    def to_json(self) -> dict[str, Any]:
        """Return the table for JSON."""
        return {
            "table": self.name,
            "at": self.minute,
            "people": {str(number): name for number, name in self.people.items()},
            "orders": [one.to_json() for one in self.orders],
            "faults": list(self.faults),
        }


def is_minute(typed: str) -> bool:
    """Return True if a text is a time of day, such as `21:15`."""
    return _TIME.fullmatch(typed.strip()) is not None


def order_here(
    venue: Venue, events: Sequence[Event], typed: str, now: datetime, name_of: Callable[[int], str]
) -> TableAt:
    """Return an order at the end of a minute of the day of its last record, from the records of one till.

    Raises:
        TillError: the text is not a minute, or the till has no records of the order from then.
    """
    ends = end_of_minute(venue, typed, now, min(venue.business_date(at) for at in (now, max(e.at for e in events))))
    found = order_at(venue, events, ends)
    if found is None:
        raise TillError(_("No record of it from then here. The desk may have one."))
    people = {user: name_of(user) for user in (found.order.user, *(event.user for event in events)) if user}
    return TableAt(venue, found.order.place_name, ends, (found,), people)


def end_of_minute(venue: Venue, typed: str, now: datetime, day: date | None = None) -> datetime:
    """Return the end of a minute, such as `21:15`, of a business date; without one, of today.

    Raises:
        DateError: the text is not a time, or the minute is still to come.
    """
    if (found := _TIME.fullmatch(typed.strip())) is None:
        raise DateError(_("“{text}” is not a time. Write one such as 21:15.").format(text=clean(typed)[:40]))
    at, today = time(int(found[1]), int(found[2])), venue.business_date(now)
    ends = _on(venue, day or today, at)
    if ends - _MINUTE > now:
        to_come = _("{time} of that day is still to come.") if day else _("{time} is still to come today.")
        raise DateError(to_come.format(time=f"{at:%H:%M}"))
    return ends


def _on(venue: Venue, day: date, at: time) -> datetime:
    """Return the end of a minute of a business date, perhaps after midnight; the second if a clock repeats it."""
    at = at.replace(fold=1)
    shown = datetime.combine(day, at, tzinfo=venue.zone)
    if shown < venue.times_of(day)[0]:
        shown = datetime.combine(day + timedelta(days=1), at, tzinfo=venue.zone)
    return shown.astimezone(UTC) + _MINUTE


def read_table(ask: Callable[..., Any], venue: Venue, typed: str, ends: datetime) -> TableAt:
    """Read the orders of a table or tab at the end of a minute, from the log, the audit and the archive.

    Args:
        ask: calls a function of schema `till` for the store.
        venue: the venue.
        typed: `7`, `table 7` or a name.
        ends: the end of the minute.
    """
    name = " ".join(typed.split()).removeprefix(f"{venue.tabs.one} ")
    called = f"{venue.tabs.one} {name}"
    found = ask("table_orders_v1", [name, called], ends - _MINUTE, ends)
    orders: list[TableOrder] = []
    faults: list[str] = []
    for one in found["orders"]:
        records = {row["e"]["h"]: Arrival(read_time(row["arrived"]), row["why"] or "") for row in one["events"]}
        try:
            events = [unseal(row["e"]["b"], row["e"]["h"], row["e"]["t"]) for row in one["events"]]
            there = order_at(venue, events, ends, {event.id: records[event.hash] for event in events}, one["places"])
        except EventError as problem:
            faults.append(problem.sentence)
            continue
        faults += (_("Needs attention, and is not shown: {reason}").format(reason=clean(why)) for why in one["missing"])
        if there is not None and there.stands and there.order.tab and there.order.tab.id in found["tabs"]:
            orders.append(there)
    people = {int(number): person for number, person in found["people"].items()}
    shown = called if name[:1].isdigit() else name
    return TableAt(venue, clean(shown), ends, tuple(orders), people, tuple(faults))


@reads(TABLE, "7 --at 21:15 --day yesterday")
def table(
    at: VenueServer,
    name: Annotated[str, ShellField("NAME", N_("The number or name of a table or tab, such as 7."))],
    *,
    minute: Annotated[
        str, ShellField("HH:MM", N_("The minute; without --day the last time that it was so late."), "--at")
    ],
    day: date | None = None,
) -> ReportReading:
    """Read a table at the end of a minute."""
    venue = at.venue()
    try:
        ends = end_of_minute(venue, minute, at.now(), day)
    except DateError as problem:
        raise FieldError(problem.sentence, "--at") from problem
    found = read_table(at.ask, venue, name, ends)
    return ReportReading(found.report(), found.faults, body=found.to_json())


def order_at(
    venue: Venue,
    events: Sequence[Event],
    ends: datetime,
    records: Mapping[str, Arrival] = {},
    places: Mapping[str, str] = {},
) -> TableOrder | None:
    """Return an order at the end of a minute, by the time in the ids; None before it was opened.

    What the server refused, perhaps later, does not count: it may have saved the order to a table that never had it.

    Args:
        venue: the venue.
        events: all events of the order.
        ends: the end of the minute.
        records: the arrival of the events at the server, by id.
        places: the names of the tables of orders that lines were moved from or to, by session.

    Raises:
        EventError: the event that opened the order cannot be read here.
    """
    last = id_at(tick_at(ends) - 1, -1)
    refused = {one for event in events if isinstance(event.data, Refused) for one in event.data.events}
    order = OrderHistory(event for event in events if event.id not in refused).after(last)
    if order is None:
        return None
    events = sorted(events, key=_ID)
    marks = dict(_marks(venue, events, ends, records, refused))
    names: dict[str, str] = {}
    keyed: dict[str, Event] = {}
    touched: dict[str, str] = {}
    for event in sorted((*copies_in(events), *events), key=_ID):
        names |= _names(event.data, names)
        for line_id in created_lines(event):
            keyed.setdefault(line_id, event)
        if event.id in marks and event.id <= last:
            touched |= dict.fromkeys(_lines_of(event.data), marks[event.id])
    text, code = order.terms.currency.text, order.terms.currency.code
    stood = [
        TableRow(
            ", ".join((line.name, *(one.name for one in line.modifiers))),
            *(line.keyed_at, line.keyed_by, keyed[line.id].user, line.quantity),
            amount=text(line.listed_of(line.quantity)),
            why=touched.get(line.id, ""),
            line_id=line.id,
        )
        for line in order.lines.values()
        if line.quantity
    ]
    stood += [
        TableRow(" ".join(filter(None, (one["name"], one["item"]))), amount=one["amount"]) for one in sums_of(order)
    ]
    acts = [
        TableRow(
            _words(venue, event, names, code, places),
            *(event.at, event.by_till, event.user),
            why=marks.get(event.id, ""),
            line_id=getattr(event.data, "line_id", ""),
        )
        for event in events
        if event.id > last or event.id in marks
    ]
    ends_late = any(event.id <= last and event.id in marks for event in events if isinstance(event.data, _ENDS))
    return TableOrder(order, tuple(stood), tuple(acts), not order.is_over or ends_late)


def _marks(
    venue: Venue, events: Sequence[Event], ends: datetime, records: Mapping[str, Arrival], refused: Collection[str]
) -> Iterator[tuple[str, str]]:
    """Yield the events that came late, need attention or were refused, and say so.

    What was done by then is late if it came after the end of the minute, and what was done since, if a minute after it.
    """
    for event in events:
        record = records.get(event.id)
        if record is not None and record.at >= (ends if tick_of(event.id) < tick_at(ends) else event.at + _MINUTE):
            yield event.id, _("came {time}").format(time=f"{venue.local(record.at):%Y-%m-%d %H:%M}")
        if record is not None and record.why:
            yield event.id, _("needs attention: {reason}").format(reason=clean(record.why))
        if event.id in refused:
            yield event.id, _("refused, does not count")


def _names(data: Any, known: Mapping[str, str]) -> dict[str, str]:
    """Return the names of the lines that an event creates."""
    match data:
        case ItemAdded():
            return {data.line_id: data.item_name}
        case LineCut():
            return {data.into: known.get(data.line_id, "")}
        case LinesMoved():
            return {line.line_id: line.item_name for line in data.lines}
    return {}


def _lines_of(data: Any) -> set[str]:
    """Return the lines that an event is about."""
    several = (
        *getattr(data, "line_ids", ()),
        *(one.line_id for one in getattr(data, "lines", ()) if hasattr(one, "line_id")),
    )
    return {*several, *filter(None, (getattr(data, "line_id", None), getattr(data, "into", None)))}


def _words(venue: Venue, event: Event, names: Mapping[str, str], code: str, places: Mapping[str, str]) -> str:
    """Describe an event; of a move also its lines and the other table."""
    shown = DayEvent(event.id, event.at, event.type, event.user, event.session_id, event, "")
    words, data = describe_event(shown, names, code, lambda text, of: amount_text(venue, text, of or None)), event.data
    if not isinstance(data, LinesMoved):
        return words
    other = places.get(data.to_session or data.from_session or "") or _("another order")
    sentence = _("{lines} to {place}: {items}") if data.to_session else _("{lines} from {place}: {items}")
    items = ", ".join(names.get(line_id, _("a line")) for line_id in sorted(_lines_of(data)))
    return clean(sentence.format(lines=words, place=other, items=items))
