"""Statistics of the venue and its database: open orders, their timing, cache hits and lagging tills."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from db.tables.till import conflicts, tabs, tills
from db.tables.warm import journal_head, quarantine, session_events
from till.domain.events.envelope import time_text
from till.domain.i18n import _
from till.reports.remembering import read_remembered

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Connection

    from till.reports.remembering import Remembered

#: The period of the documents' queries, in hours.
HOURS: Final = 24
#: Seconds without a poll after which a till counts as away; it polls every five seconds.
AWAY_S: Final = 30
_SLOW: Final = 5

# A standby has no unlogged tables.
_IS_STANDBY: Final = text("SELECT pg_is_in_recovery()")
# "Active sessions count". Hot rows of programs other than tills have no store.
_ACTIVE: Final = text("""
    SELECT count(*) FROM hot.session_state AS s
    WHERE s.last_activity_at > now() - interval '5 minutes' AND (s.store_id = :store OR s.store_id IS NULL)
""")
_STATUSES: Final = text("""
    SELECT till.status_of(s), count(*) FROM till.order_sessions AS s
    WHERE s.store_id = :store AND s.status IN ('active', 'pending_logout', 'assigned_to_tab') GROUP BY 1
""")
_HOT: Final = text("""
    SELECT t.relname, t.n_live_tup, pg_total_relation_size(t.relid)
    FROM pg_stat_all_tables AS t WHERE t.schemaname = 'hot' ORDER BY t.relname
""")
# "Session -> Order conversion rate". The documents count sales; an order that two tills sold is one order here, so that
# the share is at most 100 %.
_CONVERSION: Final = text("""
    SELECT count(DISTINCT e.session_id), count(DISTINCT o.session_id)
    FROM warm.session_events AS e LEFT JOIN cold.orders AS o ON o.session_id = e.session_id
    WHERE e.event_type = 'item_added' AND e."timestamp" > now() - interval '24 hours' AND e.store_id = :store
""")
# "Conversion Funnel"
_FUNNEL: Final = text("""
    SELECT count(DISTINCT e.session_id) FILTER (WHERE e.event_type = 'menu_viewed'),
        count(DISTINCT e.session_id) FILTER (WHERE e.event_type = 'item_added'),
        count(DISTINCT e.session_id) FILTER (WHERE e.event_type = 'order_placed')
    FROM warm.session_events AS e
    WHERE e."timestamp" > now() - interval '24 hours' AND e.store_id = :store
""")
# "Average Time to Order"
_TIME_TO_ORDER: Final = text("""
    SELECT count(t.view_time), extract(epoch FROM avg(t.order_time - t.view_time))
    FROM (
        SELECT min(e."timestamp") FILTER (WHERE e.event_type = 'menu_viewed') AS view_time,
            min(e."timestamp") FILTER (WHERE e.event_type = 'order_placed') AS order_time
        FROM warm.session_events AS e
        WHERE e."timestamp" > now() - interval '24 hours' AND e.store_id = :store AND e.session_id IS NOT NULL
        GROUP BY e.session_id
    ) AS t WHERE t.order_time IS NOT NULL
""")
# "Session creation and closure latency": from the key press to the database. The till's clock may be ahead. Sales from
# before their till was enrolled are generated or replayed: nobody waited for them.
_LATENCY: Final = text("""
    SELECT count(*), percentile_cont(0.5) WITHIN GROUP (ORDER BY l.s),
        percentile_cont(0.95) WITHIN GROUP (ORDER BY l.s), max(l.s)
    FROM (
        SELECT greatest(0, extract(epoch FROM e.received_at - e."timestamp"))::float8 AS s
        FROM warm.session_events AS e
        LEFT JOIN till.tills AS t ON t.store_id = e.store_id AND t.id = e.till_id
        WHERE e.event_type = ANY (:types) AND e."timestamp" > now() - interval '24 hours' AND e.store_id = :store
            AND (e."timestamp" > t.enrolled_at) IS NOT FALSE
    ) AS l
""")
_BLOCKS: Final = text("""
    SELECT sum(t.heap_blks_hit), sum(t.heap_blks_read), sum(t.idx_blks_hit), sum(t.idx_blks_read)
    FROM pg_statio_user_tables AS t
""")
_DATABASE: Final = text("SELECT blks_hit, blks_read FROM pg_stat_database WHERE datname = current_database()")
_PROGRAMS: Final = text("""
    SELECT a.application_name FROM pg_stat_activity AS a
    WHERE a.datname = current_database() AND a.application_name LIKE 'till %/%' ORDER BY a.backend_start, a.pid
""")
_WHERE_STATEMENTS: Final = text("""
    SELECT quote_ident(n.nspname) FROM pg_extension AS e JOIN pg_namespace AS n ON n.oid = e.extnamespace
    WHERE e.extname = 'pg_stat_statements'
""")
_PUSH: Final = """
    SELECT sum(s.calls)::bigint, sum(s.total_exec_time) / nullif(sum(s.calls), 0), max(s.max_exec_time)
    FROM {schema}.pg_stat_statements AS s JOIN pg_database AS d ON d.oid = s.dbid
    WHERE d.datname = current_database() AND s.query ~* '^\\s*select[^;]*\\msync_push_v1\\('
"""
_SLOWEST: Final = """
    SELECT s.query, s.calls, s.mean_exec_time, s.max_exec_time
    FROM {schema}.pg_stat_statements AS s JOIN pg_database AS d ON d.oid = s.dbid
    WHERE d.datname = current_database() AND s.calls > 0
    ORDER BY s.mean_exec_time DESC LIMIT :rows
"""
_HIDDEN: Final = "<insufficient privilege>"


@dataclass(frozen=True, slots=True)
class Sessions:
    """Current order sessions. `active_5_minutes` is the documents' count: touched within five minutes, even if paid."""

    active_5_minutes: int
    active: int
    pending_logout: int
    assigned_to_tab: int
    tabs: int
    logged_in: int


@dataclass(frozen=True, slots=True)
class HotTable:
    """A table of schema `hot`: its approximate number of rows, and its size in bytes with indexes."""

    table: str
    rows: int
    bytes: int


@dataclass(frozen=True, slots=True)
class Orders:
    """The outcome of a day's orders, by the documents' queries. `conversion_rate` is in percent, None if none.

    Attributes:
        orders_placed: the number of `sessions_with_items` that were paid.
    """

    hours: int
    viewed_menu: int
    added_items: int
    placed_orders: int
    sessions_with_items: int
    orders_placed: int
    conversion_rate: float | None
    timed_orders: int
    time_to_order_s: float | None


@dataclass(frozen=True, slots=True)
class Latency:
    """Seconds from the key press at a till to the database, over a day; None without events."""

    events: int
    median_s: float | None
    p95_s: float | None
    worst_s: float | None


@dataclass(frozen=True, slots=True)
class CacheHits:
    """The share of blocks that PostgreSQL found in memory, in percent; None before the first read."""

    database: float | None
    tables: float | None
    indexes: float | None


@dataclass(frozen=True, slots=True)
class Statement:
    """A slow statement; its times are in milliseconds."""

    query: str
    calls: int
    mean_ms: float
    max_ms: float


@dataclass(frozen=True, slots=True)
class Statements:
    """The server's statistics of statements. `why` is the reason if there are none, and otherwise empty."""

    push_calls: int | None
    push_mean_ms: float | None
    push_max_ms: float | None
    slowest: tuple[Statement, ...]
    why: str


@dataclass(frozen=True, slots=True)
class TillLag:
    """The lag of a till: when it was last heard, and when its newest record arrived.

    Attributes:
        away: True if it was heard before, but not lately. It may also be closed.
    """

    till: int
    name: str
    revoked: bool
    away: bool
    seen_at: str | None
    seen_s: int | None
    newest_at: str | None
    newest_s: int | None


@dataclass(frozen=True, slots=True)
class Stats:
    """All statistics at one moment."""

    read_at: str
    sessions: Sessions
    hot_tables: tuple[HotTable, ...]
    orders: Orders
    creation: Latency
    closure: Latency
    cache_hits: CacheHits
    statements: Statements
    conflicts: int
    quarantine: int
    tills: tuple[TillLag, ...]
    remembered: tuple[Remembered, ...]

    def to_data(self) -> dict[str, Any]:
        """Return the statistics for JSON."""
        return asdict(self)


def read_stats(connection: Connection, store_id: str) -> Stats:
    """Read the statistics of the venue and its database.

    Args:
        connection: a connection with the owner's rights, in autocommit: a refused select must not end the others.
        store_id: the venue.
    """
    store = {"store": store_id}
    now: datetime = connection.execute(select(func.now())).scalar_one()
    return Stats(
        read_at=time_text(now),
        sessions=_sessions(connection, store_id),
        hot_tables=tuple(HotTable(name, int(rows), int(size)) for name, rows, size in connection.execute(_HOT)),
        orders=_orders(connection, store),
        creation=_latency(connection, store_id, "order_opened"),
        closure=_latency(connection, store_id, "order_placed", "order_discarded"),
        cache_hits=read_cache_hits(connection),
        statements=_statements(connection),
        conflicts=_count(connection, conflicts, store_id),
        quarantine=_count(connection, quarantine, store_id),
        tills=read_lags(connection, store_id),
        remembered=_remembered(connection),
    )


def _remembered(connection: Connection) -> tuple[Remembered, ...]:
    """Return the cache hits of the connected programs."""
    found = (read_remembered(name) for name in connection.scalars(_PROGRAMS))
    return tuple(one for one in found if one is not None)


def read_lags(connection: Connection, store_id: str) -> tuple[TillLag, ...]:
    """Read the lag of each till, by number."""
    till, head, event, now = tills.c, journal_head.c, session_events.c, func.now()
    newest = (
        select(func.max(event.received_at))
        .select_from(journal_head.join(session_events, (event.journal_id == head.journal_id) & (event.seq == head.seq)))
        .where(head.store_id == till.store_id, head.till_id == till.id)
        .scalar_subquery()
    )

    def seconds(moment: Any) -> Any:
        return func.greatest(0, func.floor(func.extract("epoch", now - moment)))

    rows = connection.execute(
        select(
            till.id,
            till.name,
            till.revoked_at.is_not(None),
            till.seen_at,
            seconds(till.seen_at),
            newest,
            seconds(newest),
        )
        .where(till.store_id == store_id)
        .order_by(till.id)
    ).all()
    return tuple(
        TillLag(
            till=number,
            name=name,
            revoked=revoked,
            away=not revoked and seen_at is not None and seen_s > AWAY_S,
            seen_at=time_text(seen_at) if seen_at else None,
            seen_s=int(seen_s) if seen_at else None,
            newest_at=time_text(newest_at) if newest_at else None,
            newest_s=int(newest_s) if newest_at else None,
        )
        for number, name, revoked, seen_at, seen_s, newest_at, newest_s in rows
    )


def _sessions(connection: Connection, store_id: str) -> Sessions:
    till = tills.c
    counted = connection.execute(_STATUSES, {"store": store_id}).all()
    found = {row[0]: row[1] for row in counted}
    open_tabs = connection.scalar(
        select(func.count()).select_from(tabs).where(tabs.c.store_id == store_id, tabs.c.status == "open")
    )
    logged_in = connection.scalar(
        select(func.count()).select_from(tills).where(till.store_id == store_id, till.logged_in.is_not(None))
    )
    return Sessions(
        active_5_minutes=0
        if connection.scalar(_IS_STANDBY)
        else int(connection.scalar(_ACTIVE, {"store": store_id}) or 0),
        active=found.get("active", 0),
        pending_logout=found.get("pending_logout", 0),
        assigned_to_tab=found.get("assigned_to_tab", 0),
        tabs=open_tabs or 0,
        logged_in=logged_in or 0,
    )


def _orders(connection: Connection, store: dict[str, str]) -> Orders:
    with_items, placed = connection.execute(_CONVERSION, store).one()
    viewed, added, ended = connection.execute(_FUNNEL, store).one()
    timed, mean = connection.execute(_TIME_TO_ORDER, store).one()
    return Orders(
        hours=HOURS,
        viewed_menu=viewed,
        added_items=added,
        placed_orders=ended,
        sessions_with_items=with_items,
        orders_placed=placed,
        conversion_rate=round(100 * placed / with_items, 2) if with_items else None,
        timed_orders=timed,
        time_to_order_s=_rounded(mean),
    )


def _latency(connection: Connection, store_id: str, *types: str) -> Latency:
    events, median, p95, worst = connection.execute(_LATENCY, {"store": store_id, "types": list(types)}).one()
    return Latency(events, _rounded(median), _rounded(p95), _rounded(worst))


def read_cache_hits(connection: Connection) -> CacheHits:
    """Read the share of blocks that PostgreSQL found in memory."""
    table_hit, table_read, index_hit, index_read = connection.execute(_BLOCKS).one()
    hit, read = connection.execute(_DATABASE).one()
    return CacheHits(_share(hit, read), _share(table_hit, table_read), _share(index_hit, index_read))


def _statements(connection: Connection) -> Statements:
    """Return the statistics of `pg_stat_statements`, if it is installed, loaded and readable."""
    schema = connection.scalar(_WHERE_STATEMENTS)
    if schema is None:
        return _without_statistics(
            _("The server keeps no times of its statements: pg_stat_statements is not installed in it.")
        )
    try:
        calls, mean, most = connection.execute(text(_PUSH.format(schema=schema))).one()
        rows = connection.execute(text(_SLOWEST.format(schema=schema)), {"rows": _SLOW}).all()
    except DBAPIError as problem:
        connection.rollback()
        why = str(problem.orig).strip().splitlines()[0]
        return _without_statistics(_("pg_stat_statements cannot be read: {why}.").format(why=why.rstrip(".")))
    hidden = any(query == _HIDDEN for query, *_times in rows)
    return Statements(
        push_calls=calls,
        push_mean_ms=_rounded(mean),
        push_max_ms=_rounded(most),
        slowest=tuple(
            Statement(" ".join(re.sub(r"--[^\n]*", " ", query).split()), count, round(each, 3), round(longest, 3))
            for query, count, each, longest in rows
            if query != _HIDDEN
        ),
        why=_("Statements of tills are hidden: GRANT pg_read_all_stats to the owner shows them.") if hidden else "",
    )


def _without_statistics(why: str) -> Statements:
    return Statements(None, None, None, (), why)


def _count(connection: Connection, table: Any, store_id: str) -> int:
    query = select(func.count()).select_from(table)
    return connection.scalar(query.where(table.c.store_id == store_id, table.c.resolved_at.is_(None))) or 0


def _share(hit: Any, read: Any) -> float | None:
    hit, read = int(hit or 0), int(read or 0)
    return round(100 * hit / (hit + read), 2) if hit + read else None


def _rounded(seconds: Any) -> float | None:
    return None if seconds is None else round(float(seconds), 3)
