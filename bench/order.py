"""The cost of a completed order in the database, compared with plain inserts of the same rows."""

from __future__ import annotations

import time
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from psycopg import sql

from bench.recording import Sender, When, record
from bench.table import Figure, Sample, paired, within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from bench.testbed import Bench

#: The tables with rows of an order, each with the condition on the rows of a session.
_TABLES: Final = {
    "warm.session_events": "session_id = %s",
    "warm.order_contents": "session_id = %s",
    "till.order_sessions": "id = %s",
    "hot.session_cart": "session_id = %s",
    "hot.session_state": "session_id = %s",
    "hot.session_preferences": "session_id = %s",
    "warm.session_checkout": "session_id = %s",
    "warm.session_payment_intent": "session_id = %s",
}
#: The tables that are written in one statement: foreign keys and triggers require order and children together.
_COLD: Final = {
    **dict.fromkeys(
        ("cold.order_item", "cold.order_line", "cold.order_payment", "cold.order_status_history"),
        "order_id = (SELECT order_id FROM cold.orders WHERE session_id = %s)",
    ),
    "cold.orders": "session_id = %s",
}
_WARM: Final = 20
_TILL: Final = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND usename = 'till_app'"


def _insert(connection: psycopg.Connection[Any], table: str, condition: str, session: str) -> tuple[str, int]:
    """Return the insert of a session's rows into a table, as text, and the number of rows."""
    columns = [
        row[0]
        for row in connection.execute(
            "SELECT quote_ident(attname) FROM pg_attribute "
            "WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum",
            [table],
        )
    ]
    quoted = ", ', ', ".join(f"quote_nullable({column}::text)" for column in columns)
    query = f"SELECT concat('(', {quoted}, ')') FROM {table} WHERE {condition}"  # noqa: S608 - our own tables
    rows = [row[0] for row in connection.execute(sql.SQL(query), [session])]
    return (f"INSERT INTO {table} VALUES {', '.join(rows)}" if rows else ""), len(rows)  # noqa: S608 - quoted above


def _inserts(connection: psycopg.Connection[Any], session: str) -> tuple[str, int]:
    """Return a transaction that inserts all rows of a session, as text, and the number of rows."""
    made = [_insert(connection, table, condition, session) for table, condition in _TABLES.items()]
    cold = [_insert(connection, table, condition, session) for table, condition in _COLD.items()]
    *children, order = (text for text, _rows in cold if text)
    together = "WITH " + ", ".join(f"c{place} AS ({text})" for place, text in enumerate(children)) + " " + order
    statements = ["BEGIN", *(text for text, _rows in made if text), together, "COMMIT"]
    return "; ".join(statements), sum(rows for _text, rows in made + cold)


@dataclass(frozen=True, slots=True)
class Cost:
    """The milliseconds of each order.

    Attributes:
        whole: the time from the request to the answer.
        on_processor: the part that the backend ran on a processor; 0 if unknown (Linux reports it).
    """

    whole: Sample
    on_processor: Sample


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


def measure(testbed: Bench, orders: int) -> tuple[Cost, Cost, int]:
    """Measure the cost of each order, by the push and by plain inserts, in turn. Also return the rows of an order."""
    with testbed.database() as source:
        recording = record(testbed.new_folder(), source, testbed.secrets[1], orders, When.ORDER)
        with testbed.connect(source.owner) as connection:
            sessions = [row[0] for row in connection.execute("SELECT id FROM till.order_sessions ORDER BY id")]
            plain = [_inserts(connection, session) for session in sessions]
    with testbed.database() as one, testbed.database() as other, closing(Sender(one)) as sender:
        sender.send(recording.first.text)
        with testbed.connect(one.owner) as looking:
            ((till,),) = looking.execute(_TILL).fetchall()
        with testbed.connect(other.owner) as connection:
            own, limit = Clock(till), Clock(connection.info.backend_pid)
            for number, (push, (statement, _rows)) in enumerate(zip(recording.pushes, plain, strict=True)):
                for place in (number % 2, 1 - number % 2):
                    if place:
                        limit.time(partial(connection.execute, sql.SQL(statement)))
                    else:
                        own.time(partial(sender.send, push.text))
        recording.check_taken(one)
    return own.cost, limit.cost, plain[0][1]


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the cost of an order of five items, opened, keyed, paid and placed in one push."""
    own, limit, rows = measure(testbed, 1000 if testbed.full else 220)
    against = f"plain inserts of its {rows} rows, one transaction"
    one, other = own.whole, limit.whole
    yield Figure("completed order in the database, median", one.median, "ms", other.median, against, within(2), one)
    yield Figure("completed order in the database, p95", one.p95, "ms", other.p95, against)
    yield Figure("  more in pairs than the inserts", paired(one, other), "ms")
    one, other = own.on_processor, limit.on_processor
    yield Figure("  of it on the processor, median", one.median, "ms", other.median, against)
