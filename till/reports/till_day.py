"""Reader of a till's day: its events in order, and all events of the orders that they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import or_, select

from db.tables.cold import order_audit, order_audit_texts
from db.tables.till import users
from db.tables.warm import event_texts, quarantine, session_events
from till.domain.errors import EventError
from till.domain.events.registry import UnreadData
from till.domain.ids import AHEAD, id_at, tick_at
from till.domain.streams import unseal
from till.ports.desk import DayEvent, TillDay

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date

    from sqlalchemy import Connection, Row

    from till.domain.events.envelope import Event
    from till.domain.venue import Venue

_LOGS: Final = (session_events, order_audit)
_NAMES: Final = select(users.c.id, users.c.name)
#: The largest difference between the time in an id and its timestamp, in ticks of 1/4096 ms.
_APART: Final = 2 * AHEAD
#: The maximum number of sessions or events in a query.
_AT_ONCE: Final = 2_000

Texts = dict[str, dict[str, dict[str, str]]]


def read_till_day(connection: Connection, store_id: str, till: int, day: date, venue: Venue) -> TillDay:
    """Read a till's day from the log and the audit.

    Args:
        connection: a connection with the owner's rights, in one transaction, so that everything is of one moment.
        store_id: the venue.
        till: the number of the till.
        day: a business date.
        venue: the venue, for the beginning and end of the day.

    Raises:
        OverflowError: the day is beyond the calendar.
    """
    begins, ends = venue.times_of(day)
    low, high = id_at(max(0, tick_at(begins) - _APART), 0), id_at(max(0, tick_at(ends) + _APART), 0)
    rows: dict[str, Row[Any]] = {}
    for table in _LOGS:
        of = table.c
        wanted = (
            *(of.store_id == store_id, of.till_id == till, of.event_id >= low, of.event_id < high),
            *(of.timestamp >= begins, of.timestamp < ends),
        )
        rows |= {row.event_id: row for row in connection.execute(_columns(table).where(*wanted))}
    own = sorted(rows)
    sessions = sorted({row.session_id for row in rows.values() if row.session_id is not None})
    for part in _parts(sessions):
        for table in _LOGS:
            of = table.c
            of_sessions = _columns(table).where(
                of.session_id.in_(part), of.store_id == store_id, of.version.is_not(None)
            )
            rows |= {row.event_id: row for row in connection.execute(of_sessions)}
    texts = _texts(connection, sorted(rows))
    read = {event_id: _read(row, texts) for event_id, row in rows.items()}
    orders: dict[str, list[Event]] = {}
    for event_id in sorted(rows):
        session, event = rows[event_id].session_id, read[event_id]
        if session is not None and not isinstance(event, str):
            orders.setdefault(session, []).append(event)
    reasons, missing_in_log = _quarantined(connection, store_id, till, venue, day, own)
    events = [*(_day_event(rows[one], read[one], reasons.get(one, "")) for one in own), *missing_in_log]
    return TillDay(
        till=till,
        day=day,
        venue=venue,
        events=tuple(sorted(events, key=lambda event: event.id)),
        orders={session: tuple(found) for session, found in orders.items()},
        names={row.id: row.name for row in connection.execute(_NAMES.where(users.c.store_id == store_id))},
    )


def _columns(table: Any) -> Any:
    of = table.c
    return select(of.event_id, of.session_id, of.timestamp, of.event_type, of.user_id, of.body, of.hash)


def _parts(items: Sequence[str]) -> Iterator[Sequence[str]]:
    for start in range(0, len(items), _AT_ONCE):
        yield items[start : start + _AT_ONCE]


def _texts(connection: Connection, ids: Sequence[str]) -> Texts:
    found: Texts = {}
    for part in _parts(ids):
        for table in (event_texts, order_audit_texts):
            of = table.c
            for row in connection.execute(select(of.event_id, of.field, of.salt, of.text).where(of.event_id.in_(part))):
                found.setdefault(row.event_id, {})[row.field] = {"salt": row.salt, "text": row.text}
    return found


def _read(row: Row[Any], texts: Texts) -> Event | str:
    """Return the event, or the reason that it cannot be read."""
    try:
        return unseal(row.body, row.hash, texts.get(row.event_id))
    except EventError as problem:
        return problem.sentence


def _day_event(row: Row[Any], read: Event | str, reasons: str) -> DayEvent:
    event = None if isinstance(read, str) else read
    broken = read if isinstance(read, str) else read.data.why if isinstance(read.data, UnreadData) else ""
    return DayEvent(row.event_id, row.timestamp, row.event_type, row.user_id, row.session_id, event, reasons or broken)


def _quarantined(
    connection: Connection, store_id: str, till: int, venue: Venue, day: date, own: Sequence[str]
) -> tuple[dict[str, str], list[DayEvent]]:
    """Return the reasons that records of the day could not be applied, by event; and the records missing in the log."""
    of, (begins, ends) = quarantine.c, venue.times_of(day)
    columns = (of.id, of.event_id, of.seq, of.event_type, of.session_id, of.reason, of.received_at)
    arrived = (of.received_at >= begins) & (of.received_at < ends) & of.seq.is_not(None)
    reasons: dict[str, str] = {}
    missing_in_log: list[DayEvent] = []
    own_ids = set(own)
    wanted = select(*columns).where(of.store_id == store_id, of.till_id == till)
    for row in connection.execute(wanted.where(or_(arrived, of.seq.is_(None) & of.resolved_at.is_(None)))):
        if row.seq is not None:
            id_of_arrival = id_at(tick_at(row.received_at), row.id)
            event = DayEvent(
                id_of_arrival, row.received_at, row.event_type or "", None, row.session_id, None, row.reason
            )
            missing_in_log.append(event)
        elif row.event_id in own_ids:
            reasons[row.event_id] = row.reason
    return reasons, missing_in_log
