"""Statistics of the venue and its database: open orders, their timing, cache hits and lagging tills."""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import JSON, UUID, cast, func, select

from till.domain.i18n import _
from till.reports.remembering import read_remembered

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sqlalchemy import Connection

    from till.reports.remembering import Remembered

#: The period of the statistics, in hours.
HOURS: Final = 24
#: Seconds without a poll after which a till counts as away; it polls every five seconds.
AWAY_S: Final = 30

_HIDDEN: Final = "<insufficient privilege>"


@dataclass(frozen=True, slots=True)
class Sessions:
    """Current order sessions.

    Attributes:
        active_5_minutes: the number touched within five minutes, even if paid. None on a standby.
    """

    active_5_minutes: int | None
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
    """The outcome of a day's orders. `conversion_rate` is in percent, None if none.

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


def read_stats(ask: Callable[..., Any]) -> Stats:
    """Read the statistics of the venue and its database; `ask` calls a function of administration for the store."""
    found = ask("stats_v1")
    (viewed, added, ended), (with_items, placed) = found["funnel"], found["conversion"]
    timed, mean = found["time_to_order"]
    return Stats(
        read_at=found["read_at"],
        sessions=Sessions(**found["sessions"]),
        hot_tables=tuple(HotTable(**one) for one in found["hot_tables"]),
        orders=Orders(
            hours=HOURS,
            viewed_menu=viewed,
            added_items=added,
            placed_orders=ended,
            sessions_with_items=with_items,
            orders_placed=placed,
            conversion_rate=round(100 * placed / with_items, 2) if with_items else None,
            timed_orders=timed,
            time_to_order_s=_rounded(mean),
        ),
        creation=_latency(found["creation"]),
        closure=_latency(found["closure"]),
        cache_hits=_cache_hits(found["blocks"]),
        statements=_statements(found["statements"]),
        conflicts=found["conflicts"],
        quarantine=found["quarantine"],
        tills=tuple(map(_lag, found["tills"])),
        remembered=tuple(filter(None, map(read_remembered, found["programs"]))),
    )


def read_lags(connection: Connection, store_id: str) -> tuple[TillLag, ...]:
    """Read the lag of each till, by number."""
    lags = func.till.lags(cast(store_id, UUID), type_=JSON)
    return tuple(map(_lag, connection.execute(select(lags)).scalar_one()))


def read_cache_hits(connection: Connection) -> CacheHits:
    """Read the share of blocks that PostgreSQL found in memory."""
    return _cache_hits(connection.execute(select(func.till.blocks_read(type_=JSON))).scalar_one())


def _lag(found: Mapping[str, Any]) -> TillLag:
    away = not found["revoked"] and found["seen_s"] is not None and found["seen_s"] > AWAY_S
    return TillLag(**found, away=away)


def _latency(found: list[Any]) -> Latency:
    events, *seconds = found
    return Latency(events, *map(_rounded, seconds))


def _cache_hits(blocks: Mapping[str, list[Any]]) -> CacheHits:
    return CacheHits(**{part: _share(*counts) for part, counts in blocks.items()})


def _statements(found: Mapping[str, Any] | None) -> Statements:
    """Return the statistics of `pg_stat_statements`, if it is installed, loaded and readable."""
    if found is None:
        return _without_statistics(
            _("The server keeps no times of its statements: pg_stat_statements is not installed in it.")
        )
    if "refused" in found:
        why = found["refused"].strip().splitlines()[0]
        return _without_statistics(_("pg_stat_statements cannot be read: {why}.").format(why=why.rstrip(".")))
    calls, mean, most = found["push"]
    hidden = any(query == _HIDDEN for query, *_times in found["slowest"])
    return Statements(
        push_calls=calls,
        push_mean_ms=_rounded(mean),
        push_max_ms=_rounded(most),
        slowest=tuple(
            Statement(" ".join(re.sub(r"--[^\n]*", " ", query).split()), count, round(each, 3), round(longest, 3))
            for query, count, each, longest in found["slowest"]
            if query != _HIDDEN
        ),
        why=_("Statements of tills are hidden: GRANT pg_read_all_stats to the owner shows them.") if hidden else "",
    )


def _without_statistics(why: str) -> Statements:
    return Statements(None, None, None, (), why)


def _share(hit: Any, read: Any) -> float | None:
    hit, read = int(hit or 0), int(read or 0)
    return round(100 * hit / (hit + read), 2) if hit + read else None


def _rounded(seconds: Any) -> float | None:
    return None if seconds is None else round(float(seconds), 3)
