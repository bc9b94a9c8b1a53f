"""Queries to a database with years of a venue's data: at logins, by the maintenance, and by a manager."""

from __future__ import annotations

import json
import time
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from psycopg.types.json import Jsonb

from bench import history, reports, venue
from bench.recording import ITEMS, Sender, When, record
from bench.table import Figure, Sample, under, within
from till.administration.calls import AtServer
from till.domain.events.envelope import time_text
from till.domain.order.events import TabAssigned
from till.domain.order.selling import ItemEntry
from till.reports.declared import COMPS, DAY, DISCOUNTS
from till.reports.report import Span, read_report
from till.reports.shifts import X, Z
from till.reports.table import read_table
from till.training.clock import TradingClock
from till.wiring.parts import LateOutbox, make_register, open_journal, seed_cache

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    import psycopg

    from bench.testbed import Bench
    from till.domain.events.envelope import Event

AGAINST: Final = "one row by its primary key"
#: The first calls of a connection, which load catalogues and plans, and are not counted.
_WARM: Final = 8
_ROW: Final = "SELECT * FROM till.order_sessions WHERE id = %s"
#: Some of the orders that the maintenance does not archive.
_SOME: Final = """
    SELECT id FROM till.order_sessions
    WHERE status NOT IN ('completed', 'discarded') OR arrived_at > now() - interval '29 days'
    ORDER BY md5(id) LIMIT 1000
"""
#: The orders of a month where buffers are counted.
A_MONTH: Final = 600
_AT_THREE: Final = "the same at 3 months"
#: The maintenance is measured, not its pause.
_NO_PAUSE: Final = """
    CREATE OR REPLACE FUNCTION warm.upkeep_pause() RETURNS interval LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT interval '-1 second' $$
"""
_PUSH: Final = "SELECT warm.sync_push_v1(%s::text)"
#: Statements after which only the last months have something open, and the sums of past days are stored.
_SETTLED: Final = (
    "UPDATE till.conflicts SET resolved_at = found_at WHERE found_at < now() - interval '80 days'",
    "UPDATE warm.quarantine SET resolved_at = received_at WHERE received_at < now() - interval '80 days'",
    """UPDATE till.order_sessions SET status = 'discarded'
       WHERE status IN ('pending_logout', 'assigned_to_tab') AND created_at < now() - interval '80 days'""",
    """INSERT INTO cold.report_days SELECT c.store_id, v.view, c.business_date, '[]'
       FROM cold.calendar AS c CROSS JOIN cold.rolled_views() AS v ON CONFLICT DO NOTHING""",
    "VACUUM ANALYZE cold.report_days",
)
#: Rows that the maintenance moved are gone from the indexes too, as years later.
_TIDIED: Final = "VACUUM ANALYZE till.order_sessions, warm.session_events, cold.order_sessions_archive"
#: Each order stood on one of 40 tables for an hour.
_TABLES: Final = """
    INSERT INTO till.tabs (id, store_id, name, table_number, status, session_id, opened_at, closed_at)
    SELECT gen_random_uuid(), s.store_id, 'table ' || s.n, s.n::text, 'closed', s.id, s.created_at,
        s.created_at + interval '1 hour'
    FROM (SELECT x.*, row_number() OVER (ORDER BY x.id) % 40 AS n FROM warm.every_session AS x) AS s
"""
#: An order of the archive, and events of it, like the others there.
_PLACE_ORDER: Final = """
    INSERT INTO cold.order_sessions_archive
    SELECT (jsonb_populate_record(t.one, %s)).* FROM (SELECT x FROM cold.order_sessions_archive AS x LIMIT 1) AS t (one)
"""
_PLACE_EVENTS: Final = """
    INSERT INTO cold.order_audit SELECT (jsonb_populate_record(t.one, e)).*
    FROM (SELECT x FROM cold.order_audit AS x WHERE x.session_id IS NOT NULL LIMIT 1) AS t (one),
        jsonb_array_elements(%s) AS e
"""
_PLACE_TAB: Final = """
    INSERT INTO till.tabs (id, store_id, name, table_number, status, session_id, opened_at, closed_at)
    VALUES (%s, %s, 'table 7', '7', 'closed', %s, %s, %s)
"""
#: The orders of table 7 around the minute that is asked for, and the rounds of each with their items.
_ON_TABLE: Final = 10
_ROUNDS: Final = 8
_READ: Final = """
    SELECT sum(hits + coalesce(reads, 0))::bigint FROM pg_stat_get_backend_io(%s) WHERE object = 'relation'
"""
_LIMITS: Final = {"stale_minutes": 30, "hot_hours": 24}


@dataclass(frozen=True, slots=True)
class Asker:
    """A till and an administrator who send queries.

    Attributes:
        app: the till's connection.
        owner: the administrator's connection.
        secret: the till's secret.
        some: ids of orders from all years, to look up.
    """

    app: psycopg.Connection[Any]
    owner: psycopg.Connection[Any]
    secret: str
    some: list[str]

    def read(self, function: str, **asked: Any) -> dict[str, Any]:
        """Call a function for tills. Return its answer."""
        text = json.dumps({"store": venue.STORE, "till": 1, "secret": self.secret, **asked})
        query = f"SELECT till.{function}(%s::text)"
        answer: dict[str, Any] = json.loads(self.app.execute(query, [text], prepare=True).fetchall()[0][0])
        if answer["ok"] is not True:
            raise AssertionError(answer)
        return answer

    def administer(self, query: str, *values: Any) -> Any:
        """Call a function of the administration. Return its result."""
        return self.owner.execute(query, [venue.STORE, *values], prepare=True).fetchall()[0][0]

    def recover(self) -> None:
        """Send the queries of `till recover --list`."""
        self.administer(
            "SELECT till.session_list_v1(%s, ARRAY['active', 'pending_logout'], p_limit => 1000, p_stale_after => 30)"
        )
        self.administer("SELECT till.conflict_list_v1(%s)")
        for record_aside in self.administer("SELECT till.quarantine_list_v1(%s)")["quarantine"]:
            self.administer("SELECT till.session_show_v1(%s, %s)", record_aside["session"])


@dataclass(frozen=True, slots=True)
class Timed:
    """The seconds of each call, and of reading a row by its primary key right after it."""

    own: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)

    def row(self, name: str) -> Figure:
        """Return the row with the p95 of both in milliseconds."""
        own, limit = Sample.of(self.own, 1000), Sample.of(self.limit, 1000)
        return Figure(f"{name}, p95", own.p95, "ms", limit.p95, AGAINST, sample=own)


def questions(number: int) -> dict[str, Callable[[Asker], object]]:
    """Return the queries to measure, for a repetition."""
    user = 1 + number % history.STAFF
    return {
        "login: orders to go on with": lambda asker: asker.read("user_sessions_v1", user=user),
        "login: orders cleared since": lambda asker: asker.read("cleared_orders_v1", user=user, login=None),
        "login screen: who has what open": lambda asker: asker.read("open_orders_v1"),
        "manager: conflicts and records aside": lambda asker: asker.read("conflicts_v1"),
        "till recover --list": lambda asker: asker.recover(),
        "maintenance, nothing to do": lambda asker: asker.read("maintenance_v1", **_LIMITS, warm_days=30),
        "maintenance, 500 events to move": lambda asker: asker.read("maintenance_v1", **_LIMITS, warm_days=1),
    }


def ask(asker: Asker, times: int) -> dict[str, Timed]:
    """Send each query `times` times, the last one a tenth as often, because it moves the events that it finds."""
    while asker.read("maintenance_v1", **_LIMITS, warm_days=30)["more"]:
        pass
    found: dict[str, Timed] = {}
    for name in questions(0):
        found[name] = timed = Timed()
        for number in range(_WARM + (times // 10 if "to move" in name else times)):
            question = questions(number)[name]
            begun = time.perf_counter()
            question(asker)
            middle = time.perf_counter()
            asker.owner.execute(_ROW, [asker.some[number % len(asker.some)]], prepare=True).fetchall()
            if number >= _WARM:
                timed.own.append(middle - begun)
                timed.limit.append(time.perf_counter() - middle)
    return found


def measure(testbed: Bench, sessions: int, times: int, orders: int) -> tuple[dict[str, Timed], Timed]:
    """Measure the queries, and pushes of completed orders to the old database and to a new one, in turn."""
    pushes = Timed()
    with testbed.database() as source:
        recording = record(testbed.new_folder(), source, testbed.secrets[1], orders, When.ORDER)
    with testbed.database() as old, testbed.database() as new, testbed.connect(old.owner) as owner:
        history.fill(owner, sessions)
        owner.execute(_NO_PAUSE)
        with closing(Sender(old)) as one, closing(Sender(new)) as other:
            for sender in (one, other):
                sender.send(recording.first.text)
            for number, push in enumerate(recording.pushes):
                places = (pushes.own, one), (pushes.limit, other)
                for samples, sender in (places[number % 2], places[1 - number % 2]):
                    took = sender.send(push.text)
                    if number >= _WARM:
                        samples.append(took)
        some = [row[0] for row in owner.execute(_SOME)]
        with testbed.connect(old.app) as app:
            found = ask(Asker(app, owner, testbed.secrets[1], some), times)
    return found, pushes


@dataclass(frozen=True, slots=True)
class Work:
    """The costs of a till and a manager, each on a connection of its own.

    Attributes:
        buffers: the fewest of the repetitions of each query: a change of the catalogue by others makes one read more.
        ran: the least time of each that the backend ran on a processor, in seconds; none where Linux does not tell.
        memory: the bytes of the till's backend.
        day: the seconds of the report of a month's days, of which none is stored.
        table: the seconds of `till report table`, of a day of the archive.
    """

    buffers: dict[str, int]
    ran: dict[str, float]
    memory: int
    day: float
    table: float


def work(testbed: Bench, sessions: int, months: int, orders: int = 40) -> Work:
    """Work as a till, with plans and caches warm, and as a manager if the database has any months."""
    with testbed.database() as source:
        recording = record(testbed.new_folder(), source, testbed.secrets[1], orders, When.ORDER)
    with testbed.database() as database, testbed.connect(database.owner) as owner:
        if months:
            history.fill(owner, sessions, months)
        for statement in (*_SETTLED, _NO_PAUSE):
            owner.execute(statement)
        while Asker(owner, owner, testbed.secrets[1], []).read("maintenance_v1", **_LIMITS, warm_days=30)["more"]:
            pass
        owner.execute(_TIDIED)
        with testbed.connect(database.app) as app, testbed.connect(database.owner) as desk:
            asker = Asker(app, desk, testbed.secrets[1], [])
            found: dict[str, int] = {}
            ran: dict[str, float] = {}
            for push in (recording.first, *recording.pushes):
                found["push of a completed order"] = _buffers(owner, app, partial(app.execute, _PUSH, [push.text]))
            for number in range(_WARM):
                for name, question in questions(number).items():
                    if "to move" not in name:
                        _keep_least(
                            found, ran, name, owner, desk if "recover" in name else app, partial(question, asker)
                        )
            _keep_least(found, ran, "maintenance, five days to archive", owner, app, partial(_archive, asker))
            memory = _memory(app)
            if not months:
                return Work(found, ran, memory, 0, 0)
            day = _read_reports(owner, desk, found, ran)
            return Work(found, ran, memory, day, read_one_table(testbed.new_folder(), owner, desk))


def _archive(asker: Asker) -> None:
    """Move the events and orders of five days."""
    while asker.read("maintenance_v1", **_LIMITS, warm_days=25)["more"]:
        pass


def _read_reports(
    owner: psycopg.Connection[Any], desk: psycopg.Connection[Any], found: dict[str, int], ran: dict[str, float]
) -> float:
    """Read the reports of a month's days that are not stored. Return the seconds of the report of days."""
    owner.execute("TRUNCATE cold.report_days")
    at = AtServer(connection=desk, store_id=venue.STORE)
    last = reports.every_day(owner).last - timedelta(35)
    read = partial(read_report, at.ask, span=Span(last - timedelta(29), last), venue=at.venue())
    took: dict[str, float] = {}
    for report in (DAY, DISCOUNTS, COMPS, X, Z) * 3:
        name = f"till report {report.name}, a month, none stored"
        begun = time.perf_counter()
        _keep_least(found, ran, name, owner, desk, partial(read, report))
        took[report.name] = time.perf_counter() - begun
    return took[DAY.name]


def read_one_table(folder: Path, owner: psycopg.Connection[Any], desk: psycopg.Connection[Any]) -> float:
    """Read a table at a minute two months ago, on which orders stood that a till had keyed. Return the seconds.

    Raises:
        RuntimeError: not the one that stood there then is read, so the measurement is invalid.
    """
    owner.execute(_TABLES)
    at = AtServer(connection=desk, store_id=venue.STORE)
    ends = at.now() - timedelta(60)
    for events in _key_table(folder, ends):
        _place(owner, events)
    begun = time.perf_counter()
    found = read_table(at.ask, at.venue(), "7", ends)
    took = time.perf_counter() - begun
    if [len(one.order.lines) for one in found.orders] != [_ROUNDS * ITEMS]:
        raise RuntimeError(f"{len(found.orders)} orders were read, and not the one on the table.")
    return took


def _key_table(folder: Path, ends: datetime) -> Iterator[list[Event]]:
    """Yield the events of orders that are keyed on table 7 in a day; the last is paid after the minute."""
    journal = open_journal(folder / "table.sqlite", till=1, store_id=venue.STORE)
    try:
        seed_cache(journal, venue.reference(60))
        clock = TradingClock()
        clock.set(ends - timedelta(hours=_ON_TABLE), ends.date())
        outbox, day = LateOutbox(), clock.business_date
        register = make_register(journal, clock, outbox, till=1, store_id=venue.STORE, business_date=day)
        for number in range(_ON_TABLE, 0, -1):
            session = ""
            for place in range(_ROUNDS):
                clock.set(ends - timedelta(hours=number) + timedelta(minutes=7 * place), ends.date())
                session = register.tabs.recall(session, 1).id if session else ""
                for item in register.menu.items[:ITEMS]:
                    session = register.sales.add(session or None, 1, ItemEntry(item)).id
                register.tabs.save(session, "7")
            clock.set(ends - timedelta(hours=number - 1, minutes=-1), ends.date())
            register.tabs.recall(session, 1)
            register.checkout.pay_exact(session)
            yield journal.events_of(session)
    finally:
        journal.close()


def _place(owner: psycopg.Connection[Any], events: list[Event]) -> None:
    """Add an order on a tab, with its events, to the archive."""
    first, last = events[0], events[-1]
    (tab,) = {event.data.tab_id for event in events if isinstance(event.data, TabAssigned)}
    times = {"created_at": time_text(first.at), "updated_at": time_text(last.at), "arrived_at": time_text(last.at)}
    order = {"id": first.stream_id, "tab_id": tab, "version": len(events), "status": "completed", **times}
    owner.execute(_PLACE_ORDER, [Jsonb(order)])
    rows = [
        {
            "event_id": event.id,
            "session_id": event.stream_id,
            "stream_id": event.stream_id,
            "event_type": event.type,
            "event_data": {},
            "timestamp": time_text(event.at),
            "received_at": time_text(event.at),
            "seq": event.seq,
            "version": version,
            "hash": event.hash,
            "body": event.body,
        }
        for version, event in enumerate(events, 1)
    ]
    owner.execute(_PLACE_EVENTS, [Jsonb(rows)])
    owner.execute(_PLACE_TAB, [tab, venue.STORE, first.stream_id, first.at, last.at])


def _keep_least(
    buffers: dict[str, int],
    ran: dict[str, float],
    name: str,
    observer: psycopg.Connection[Any],
    of: psycopg.Connection[Any],
    act: Callable[[], object],
) -> None:
    """Keep the fewest buffers of an act, and its least time on a processor."""
    begun = _ran(of)
    read = _buffers(observer, of, act)
    buffers[name] = min(read, buffers.get(name, read))
    if begun is not None:
        took = (_ran(of) or begun) - begun
        ran[name] = min(took, ran.get(name, took))


def _ran(of: psycopg.Connection[Any]) -> float | None:
    """Return the seconds that a backend ran on a processor; None where Linux does not tell."""
    path = Path(f"/proc/{of.info.backend_pid}/schedstat")
    return int(path.read_text(encoding="ascii").split()[0]) / 1e9 if path.exists() else None


def _buffers(observer: psycopg.Connection[Any], of: psycopg.Connection[Any], act: Callable[[], object]) -> int:
    """Return the buffers that a backend read in an act, in memory or not."""
    before = _read_by(observer, of)
    act()
    return _read_by(observer, of) - before


def _read_by(observer: psycopg.Connection[Any], of: psycopg.Connection[Any]) -> int:
    of.execute("SELECT pg_stat_force_next_flush()")
    ((found,),) = observer.execute(_READ, [of.info.backend_pid]).fetchall()
    return int(found)


def _memory(of: psycopg.Connection[Any]) -> int:
    """Return the bytes of a backend that it shares with no other."""
    lines = Path(f"/proc/{of.info.backend_pid}/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon"))


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the queries, only in the long form, because filling the database takes minutes."""
    if not testbed.full:
        return
    found, pushes = measure(testbed, 1_000_000, 1000, 1000)
    for name, timed in found.items():
        yield timed.row(name)
    own, limit = Sample.of(pushes.own, 1000), Sample.of(pushes.limit, 1000)
    yield Figure(
        "completed order after three years, p95", own.p95, "ms", limit.p95, "the same on the first day", sample=own
    )
    young, old = (work(testbed, months * A_MONTH, months) for months in (3, history.MONTHS))
    for name, buffers in old.buffers.items():
        yield Figure(f"{name}, 36 months", buffers, "buffers", young.buffers[name], _AT_THREE, within(1.3))
    for name, seconds in old.ran.items():
        goal = within(1.3) if "maintenance" in name or name.startswith(("till report x", "till report z")) else None
        yield Figure(
            f"{name}, 36 months, on the processor", seconds * 1000, "ms", young.ran[name] * 1000, _AT_THREE, goal
        )
    few = work(testbed, 0, 0).memory / 2**20
    yield Figure(
        "backend of a till, 36 months",
        old.memory / 2**20,
        "MB",
        few,
        "the same in a new database",
        under(few + 3, "MB"),
    )
    yield Figure("till report table, 36 months", old.table, "s", goal=under(0.5, "s"))
    month = work(testbed, 30_000, 3, orders=1)
    yield Figure("till report day, a month of 10,000 orders, none stored", month.day, "s", goal=under(2, "s"))
