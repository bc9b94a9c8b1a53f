"""The cost of a completed order in the database, compared with recorded plain inserts of its rows."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench import venue
from bench.recording import Sender, When, record
from bench.table import Figure, Sample, paired, within
from db.schema import OWN, SCHEMAS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from bench.testbed import Bench

#: The tables of revision 0004 with their constraints and the guard of an order's rows, and the rows of an order in them
#: as a till wrote them then: a constraint or a row that is dropped later makes the limit no lower.
_TABLES: Final = ("0001_tables", "0001_till", "0001_warm", "0001_cold", "0003_tips", "0004_shifts")
_GUARD: Final = Path(__file__).with_name("plain_guard.sql")
_INSERTS: Final = Path(__file__).with_name("plain_order.sql").read_text(encoding="utf-8")
#: The beginning of all ids of that order: the upper half of their time.
_TIME: Final = 0x01A2277E
_WARM: Final = 20
_TILL: Final = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = 'till_app'"
_SIZE: Final = "pg_database_size(current_database())"
_WRITTEN: Final = "pg_current_wal_insert_lsn() - '0/0'"


def _make_tables(connection: psycopg.Connection[Any]) -> None:
    """Put the empty tables of revision 0004 in the place of today's."""
    for schema in SCHEMAS:
        connection.execute(f"DROP SCHEMA {schema} CASCADE; CREATE SCHEMA {schema}".encode())
    for name in _TABLES:
        connection.execute((OWN.migrations / f"ddl/{name}.sql").read_bytes())
    connection.execute(_GUARD.read_bytes())
    connection.execute("INSERT INTO till.stores (store_id, name, currency) VALUES (%s, '', 'INR')", [venue.STORE])


def _inserts(number: int) -> bytes:
    """Return the transaction that inserts all rows of an order, with ids that sort by its number."""
    return _INSERTS.replace(f"{_TIME:08x}", f"{_TIME + number:08x}").encode()


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of each order, in milliseconds.

    Attributes:
        whole: the time from the request to the answer.
        on_processor: the part that the backend ran on a processor; 0 if unknown (Linux reports it).
        disk: the kilobytes by which each order made the database larger.
        wal: the kilobytes that each wrote to the WAL.
    """

    whole: Sample
    on_processor: Sample
    disk: float = 0
    wal: float = 0


class Clock:
    """A timer for orders over one connection. It reads the backend's processor time before and after each order."""

    def __init__(self, backend: int) -> None:
        self._schedstat = Path(f"/proc/{backend}/schedstat")
        self._took: list[tuple[float, float]] = []

    def time(self, send: Callable[[], object]) -> None:
        """Send an order, and record its times."""
        ran, begun = self._ran(), time.perf_counter()
        send()
        took = time.perf_counter() - begun
        self._took.append((took, self._ran() - ran))

    @property
    def cost(self) -> Cost:
        """Return all times except the first ones, which load the connection's plans."""
        whole, ran = zip(*self._took[_WARM:], strict=True)
        return Cost(Sample.of(whole, 1000), Sample.of(ran, 1000))

    def _ran(self) -> float:
        if not self._schedstat.exists():
            return 0.0
        return int(self._schedstat.read_text(encoding="ascii").split()[0]) / 1e9


def _ask(connection: psycopg.Connection[Any], what: str) -> int:
    ((found,),) = connection.execute(f"SELECT ({what})::bigint".encode()).fetchall()
    return int(found)


def measure(testbed: Bench, orders: int) -> tuple[Cost, Cost]:
    """Measure the cost of each order, by the push and by plain inserts, in turn."""
    with testbed.database() as source:
        recording = record(testbed.new_folder(), source, testbed.secrets[1], orders, When.ORDER)
    with testbed.database() as one, testbed.database() as other, closing(Sender(one)) as sender:
        sender.send(recording.first.text)
        with testbed.connect(one.owner) as looking, testbed.connect(other.owner) as connection:
            _make_tables(connection)
            clocks = Clock(_ask(looking, _TILL)), Clock(connection.info.backend_pid)
            sizes = [_ask(owner, _SIZE) for owner in (looking, connection)]
            written = [0, 0]
            for number, push in enumerate(recording.pushes):
                sends = partial(sender.send, push.text), partial(connection.execute, _inserts(number))
                for place in (number % 2, 1 - number % 2):
                    begun = _ask(looking, _WRITTEN)
                    clocks[place].time(sends[place])
                    written[place] += _ask(looking, _WRITTEN) - begun
            grown = [_ask(owner, _SIZE) - size for owner, size in zip((looking, connection), sizes, strict=True)]
        recording.check_taken(one)
    own, limit = (
        replace(clock.cost, disk=disk / orders / 1000, wal=wal / orders / 1000)
        for clock, disk, wal in zip(clocks, grown, written, strict=True)
    )
    return own, limit


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the cost of an order of five items, opened, keyed, paid and placed in one push."""
    own, limit = measure(testbed, 1000 if testbed.full else 220)
    against = "plain inserts of its 38 rows at revision 0004, one transaction"
    one, other = own.whole, limit.whole
    yield Figure("completed order in the database, median", one.median, "ms", other.median, against, sample=one)
    yield Figure("completed order in the database, p95", one.p95, "ms", other.p95, against)
    yield Figure("  more in pairs than the inserts", paired(one, other), "ms")
    one, other = own.on_processor, limit.on_processor
    yield Figure("  of it on the processor, median", one.median, "ms", other.median, against, within(2.8), one)
    yield Figure("  it adds to the disk", own.disk, "KB", limit.disk, against)
    yield Figure("  its WAL", own.wal, "KB", limit.wal, against)
