"""Reader of the picture on the manager's desk."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypedDict

from sqlalchemy import func, select

from db.tables.cold import after_refunds_by_day
from db.tables.till import shifts
from db.tables.warm import journal_head, session_events
from till.domain.events.envelope import read_time
from till.domain.i18n import _
from till.domain.ids import moment_of
from till.domain.money.amount import Currency
from till.domain.money.formats import Formats, marks_of
from till.domain.money.measures import Minor
from till.domain.notice.words import Words
from till.domain.order.state import Status, submitted_name
from till.ports.desk import (
    Alert,
    HourSold,
    House,
    Login,
    MatterKind,
    NeedsAttention,
    OpenOrder,
    Picture,
    TillStatus,
)
from till.ports.desk import ConnectionQuality as Quality
from till.reports.alerts import alerts_of
from till.reports.declared import SALES
from till.reports.logins import read_logins
from till.reports.notices import read_notices
from till.reports.report import Span, read_report
from till.reports.stats import read_cache_hits, read_lags
from till.reports.unanswered import read_unanswered
from till.reports.words import time_since

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from datetime import date, datetime

    from sqlalchemy import Connection

    from till.domain.venue import Venue
    from till.reports.alerts import Growth
    from till.reports.conflicts import ConflictPage
    from till.reports.quarantine import RecordPage
    from till.reports.remembering import Entry

#: The last record number of each journal in the database, by journal id.
Reached = dict[str, int]

#: Events that may apply an earlier record to a session that they do not name.
_SETTLED: Final = frozenset({"quarantine_resolved", "records_settled"})
#: The maximum number of new events to examine; with more, the whole cache is dropped.
_MOST: Final = 1_000
#: The maximum number of notices on the desk.
_NOTICES: Final = 20
#: The time that an answer about money may take before the desk shows an alert.
_GRACE: Final = timedelta(minutes=2)
#: The quality of a connection, by the measurement of its heartbeat.
_QUALITY: Final = {"GOOD": Quality.GOOD, "DEGRADED": Quality.SLOW, "POOR": Quality.VERY_SLOW}


def read_reached(connection: Connection, store_id: str) -> Reached:
    """Read the last record number of each journal of a store."""
    head = journal_head.c
    rows = connection.execute(select(head.journal_id, head.seq).where(head.store_id == store_id)).all()
    return {row[0]: row[1] for row in rows}


def read_moved(connection: Connection, before: Reached, now: Reached) -> set[str] | None:
    """Read the sessions with new events; return None if any session may have changed.

    Args:
        connection: a connection with the owner's rights.
        before: the earlier result of `read_reached`.
        now: its current result.
    """
    steps = {journal: before.get(journal, 0) for journal, seq in now.items() if seq != before.get(journal, 0)}
    if any(now.get(journal, -1) < seq for journal, seq in before.items()):
        return None  # the database was restored
    if sum(now[journal] - seq for journal, seq in steps.items()) > _MOST:
        return None
    event = session_events.c
    found: set[str] = set()
    for journal, seq in steps.items():
        query = (
            select(event.session_id, event.event_type).where(event.journal_id == journal, event.seq > seq).distinct()
        )
        for session, kind in connection.execute(query):
            if kind in _SETTLED:
                return None
            if session is not None:
                found.add(session)
    return found


def read_picture(
    connection: Connection,
    store_id: str,
    venue: Venue,
    sessions: Iterable[Entry],
    *,
    ask: Callable[..., Any],
    waiting: Iterable[Alert],
    remembered: float | None,
    growth: Growth,
    free: int | None,
) -> Picture:
    """Read the picture on the desk.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
        venue: its settings.
        sessions: the open sessions, as administration lists them.
        ask: calls a function of schema `till` for the store.
        waiting: the alerts on what waits for a person.
        remembered: the share of session queries answered from the cache, in percent.
        growth: the growth of the database.
        free: the free bytes on the database's disk; None if unknown.
    """
    now: datetime = connection.execute(select(func.now())).scalar_one()
    staff: list[StaffRow] = ask("people_v1")
    names = {person["number"]: person["name"] for person in staff}
    found = (_order(entry, names) for entry in sessions)
    still_open = (order for order in found if order.status is not Status.QUARANTINED)  # others need attention
    open_orders = sorted(still_open, key=lambda order: (order.opened_at, order.id))
    day = venue.business_date(now)
    trade = read_report(ask, SALES, Span(day, day), venue, ("figures", "hours"))
    logins = tuple(_login(row) for row in read_logins(connection, store_id) if _is_current(row))
    left = _after_refunds(connection, store_id, day, venue)
    statuses = tuple(_tills(connection, store_id, left, logins, open_orders))
    conflicts: ConflictPage = ask("conflict_list_v1")
    records: RecordPage = ask("quarantine_list_v1")
    tills = {one.number: one.name for one in statuses}

    def named(till: int) -> str:
        return tills.get(till) or venue.till_name(till)

    return Picture(
        now=now,
        venue=venue,
        matters=(*_conflicts(conflicts), *_records(records), *_locked(staff)),
        alerts=(
            *_more(conflicts, records, named),
            *_unanswered(ask, venue),
            *_left_open(connection, store_id, venue, now, named),
            *waiting,
            *_notices(connection, store_id, venue, names),
            *alerts_of(venue, now, statuses, growth, free),
        ),
        orders=tuple(open_orders),
        tills=statuses,
        logins=logins,
        staff=tuple((person["number"], person["name"]) for person in staff if not person["disabled"]),
        sales=trade.figure("sales"),
        total=Minor(sum(one.amount for one in left.values())),
        tax=Minor(sum(one.tax for one in left.values())),
        hours=tuple(HourSold(f"{hour:02d}", amount) for hour, _orders, amount in trade.rows("hours")),
        house=House(
            answered_ms=0,
            in_memory=read_cache_hits(connection).database,
            remembered=remembered,
            size=growth.size,
        ),
    )


def _order(entry: Entry, names: dict[int, str]) -> OpenOrder:
    tab: dict[str, Any] | None = entry["tab"]
    return OpenOrder(
        id=entry["id"],
        user=entry["user"] or 0,
        person=names.get(entry["user"] or 0, ""),
        till=entry["till"],
        status=Status(entry["status"]),
        tab=(tab["name"] or "") if tab else "",
        lines=entry["lines"],
        total=entry["total"],
        currency=entry["currency"] or "",
        opened_at=read_time(entry["created_at"]),
        version=entry["version"],
        name=submitted_name(**submitted) if (submitted := entry.get("submitted")) else "",
    )


def _more(conflicts: ConflictPage, records: RecordPage, named: Callable[[int], str]) -> Iterator[Alert]:
    """Yield an alert for each till with more waiting matters than are listed."""
    listed = Counter(row["till_id"] for row in conflicts["conflicts"])
    listed.update(row["till"] for row in records["quarantine"])
    for one in conflicts["waiting"]:
        if (more := one["conflicts"] + one["records"] - listed[one["till"]]) > 0:
            till, whose = one["till"], _("server")
            sentence = _("{n} more from {till} wait").format(n=more, till=named(till) if till else whose)
            whose = _("till {n}").format(n=till) if till else whose
            yield Alert(sentence, _("“settle {whose} made up” settles all of it.").format(whose=whose), till)


def _notices(connection: Connection, store_id: str, venue: Venue, names: dict[int, str]) -> Iterator[Alert]:
    """Yield the notices that nobody at a till has seen yet, as alerts."""
    formats = Formats(venue.terms.currency, marks_of(venue.settings.locale))
    words = Words(venue, formats, lambda number: names.get(number, ""))
    for one in read_notices(connection, store_id, limit=_NOTICES):
        sentence = words.say(one).sentence
        yield Alert(
            f"{venue.till_name(one.till)}: {sentence}",
            _("It stays until someone reads it: “notices”."),
            one.till,
            one.id,
        )


def _unanswered(ask: Callable[[str, Any], Any], venue: Venue) -> Iterator[Alert]:
    """Yield the payments, returns and refunds that have waited too long for an answer, as alerts."""
    marks = marks_of(venue.settings.locale)
    for one in read_unanswered(ask, _GRACE):
        formats = Formats(Currency(one.currency), marks)
        waiting = one.sentence(formats.money(formats.currency.minor(one.amount)))
        sentence = f"{venue.till_name(one.till)}: {waiting}"
        remedy = _("That till still asks, or a manager settles it there.")
        yield Alert(sentence, remedy, one.till, one.id)


def _left_open(
    connection: Connection, store_id: str, venue: Venue, now: datetime, named: Callable[[int], str]
) -> Iterator[Alert]:
    """Yield the shifts that are open past their business day, as alerts."""
    one = shifts.c
    query = select(one.till_id, one.opened).where(
        one.store_id == store_id,
        one.opened.is_not(None),
        one.closed.is_(None),
        one.closed_by_server.is_(None),
        one.ended.is_(None),
    )
    for till, opened in connection.execute(query.order_by(one.till_id)):
        at = moment_of(str(opened))
        if venue.business_date(at) < venue.business_date(now):
            sentence = _("{till}: its shift is open since {time}")
            sentence = sentence.format(till=named(till), time=time_since(venue, at, now))
            yield Alert(sentence, _("Close it there: F11, then Z."), till)


def _conflicts(page: ConflictPage) -> Iterator[NeedsAttention]:
    for row in page["conflicts"]:
        yield NeedsAttention(
            kind=MatterKind.CONFLICT,
            id=row["conflict"],
            what=row["kind"],
            at=read_time(row["found_at"]),
            amount=row["amount"],
            currency=row["currency"],
            till=row["till"],
            session=row["session"],
            receipts=tuple(row["receipts"]),
        )


def _records(page: RecordPage) -> Iterator[NeedsAttention]:
    for row in page["quarantine"]:
        yield NeedsAttention(
            kind=MatterKind.RECORD,
            id=str(row["id"]),
            what=row["reason"],
            at=read_time(row["received_at"]),
            amount=row["amount"],
            currency=row["currency"] or "",
            till=row["till"],
            session=row["session"],
            is_sale=row["bookable"],
        )


def _locked(staff: list[StaffRow]) -> Iterator[NeedsAttention]:
    for person in staff:
        if person["locked_until"] and not person["disabled"]:
            until = read_time(person["locked_until"])
            yield NeedsAttention(MatterKind.LOCKED, str(person["number"]), person["name"], until)


def _is_current(row: Mapping[str, Any]) -> bool:
    return row["ended_at"] is None and row["status"] != "EXPIRED"


def _login(row: Mapping[str, Any]) -> Login:
    quality, is_heard = row["connection_quality"], row["status"] == "ACTIVE"
    return Login(
        user=str(row["user"]),
        person=row["user_name"] or "",
        till=row["till"],
        is_heard=is_heard,
        connection=_QUALITY.get(quality or "") if is_heard else Quality.LOST,
        since=read_time(row["created_at"]) if row["created_at"] else None,
    )


class StaffRow(TypedDict):
    """A person, without hashes. `locked_until` is None for a person who is not locked."""

    number: int
    name: str
    role: str
    language: str
    disabled: bool
    locked_until: str | None
    has_pin: bool
    has_password: bool


class _Left(NamedTuple):
    """Sales of a till less its refunds, with their tax."""

    amount: Minor
    tax: Minor


def _after_refunds(connection: Connection, store_id: str, day: date, venue: Venue) -> dict[int, _Left]:
    """Read the sales of a day less its refunds, by till."""
    one, currency = after_refunds_by_day.c, venue.terms.currency
    rows = connection.execute(
        select(one.till_id, one.amount, one.tax).where(
            one.store_id == store_id, one.business_date == day, one.currency == currency.code
        )
    ).all()
    return {till: _Left(currency.nearest(amount), currency.nearest(tax)) for till, amount, tax in rows}


def _tills(
    connection: Connection,
    store_id: str,
    left: dict[int, _Left],
    logins: tuple[Login, ...],
    open_orders: list[OpenOrder],
) -> Iterator[TillStatus]:
    at_work = {login.till: login for login in reversed(logins)}  # the newest of each till
    for lag in read_lags(connection, store_id):
        login = at_work.get(lag.till)
        yield TillStatus(
            number=lag.till,
            name=lag.name,
            login=login,
            here=not lag.revoked and not lag.away and lag.seen_at is not None,
            away=lag.away and login is not None,
            revoked=lag.revoked,
            seen_at=read_time(lag.seen_at) if lag.seen_at else None,
            newest_at=read_time(lag.newest_at) if lag.newest_at else None,
            orders=sum(one.till == lag.till for one in open_orders),
            sold=left[lag.till].amount if lag.till in left else Minor(0),
        )
