"""One database a venue in one cluster: what each costs while nobody sells there, compared with an empty database.

And many venues in one table: an order by its id alone in partitions by venue, as most functions look for it.
"""

from __future__ import annotations

import json
import re
import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from bench import sessions
from bench.recording import Sender, When, record
from bench.table import Figure, Sample
from db.embedded.configuration import SUPERUSER

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from bench.testbed import Bench, Database

#: Seconds of watching: PostgreSQL looks into each database for dead rows once a minute.
_WATCHED: Final = 60.0
_POLLS: Final = 40
#: Fields of /proc/PID/stat after the name: ticks of a process, and of its children that ended.
_TICKS: Final = slice(11, 15)
_TICK: Final = 0.01
_TILLS: Final = "SELECT pid FROM pg_stat_activity WHERE usename = 'till_app' AND datname = ANY (%s)"
_FILES: Final = """
    SELECT count(*), pg_database_size(d.oid) FROM pg_database AS d, pg_ls_dir('base/' || d.oid) AS f
    WHERE d.datname = %s GROUP BY d.oid
"""
_PARTITIONS: Final = 64
_DIVIDED: Final = (
    "CREATE TABLE bench_divided (LIKE till.order_sessions) PARTITION BY HASH (store_id)",
    "ALTER TABLE bench_divided ADD PRIMARY KEY (store_id, id)",
    *(
        f"CREATE TABLE bench_divided_{place} PARTITION OF bench_divided FOR VALUES WITH"
        f" (MODULUS {_PARTITIONS}, REMAINDER {place})"
        for place in range(_PARTITIONS)
    ),
    """
    INSERT INTO bench_divided
    SELECT r.* FROM (SELECT s, row_number() OVER () AS n FROM till.order_sessions AS s) AS x,
        jsonb_populate_record(x.s, jsonb_build_object('store_id', md5((x.n % 100)::text)::uuid)) AS r
    """,
    "ANALYZE bench_divided",
)


@dataclass(frozen=True, slots=True)
class Held:
    """The cost of databases.

    Attributes:
        copied: milliseconds to make each.
        files: the files of one.
        disk: megabytes of one on the disk.
        memory: megabytes of memory that each idle connection has for itself.
    """

    copied: Sample
    files: int
    disk: float
    memory: Sample


@dataclass(frozen=True, slots=True)
class Idle:
    """Processor seconds of the whole server in the watched time, without and with the databases, and of each poll."""

    before: float
    after: float
    polls: Sample


def _memory_of(pid: int) -> float:
    found = re.search(r"^Pss_Anon:\s+(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text(), re.MULTILINE)
    if found is None:
        raise RuntimeError("This system does not say how much memory a process has for itself.")
    return int(found[1]) / 1000


def _server_seconds(connection: psycopg.Connection[Any]) -> float:
    """Return the processor seconds of the server and all its processes so far."""

    def fields(pid: int) -> list[str]:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()

    def ticks(child: int) -> int:
        try:
            return sum(map(int, fields(child)[_TICKS][:2]))
        except (FileNotFoundError, ProcessLookupError):  # it has ended, and its time is its parent's now
            return 0

    postmaster = int(fields(connection.info.backend_pid)[1])
    children = Path(f"/proc/{postmaster}/task/{postmaster}/children").read_text().split()
    own = sum(map(int, fields(postmaster)[_TICKS]))
    return (own + sum(ticks(int(child)) for child in children)) * _TICK


def _watch(connection: psycopg.Connection[Any], seconds: float) -> float:
    begun = _server_seconds(connection)
    time.sleep(seconds)
    return _server_seconds(connection) - begun


def _held(superuser: psycopg.Connection[Any], name: str, copied: list[float], pids: list[int]) -> Held:
    ((files, size),) = superuser.execute(_FILES, [name]).fetchall()
    return Held(Sample.of(copied, 1000), files, size / 1e6, Sample.of(map(_memory_of, pids)))


def measure(testbed: Bench, count: int, seconds: float) -> tuple[Held, Held, Idle]:
    """Make databases of venues with a till each that sold an order, and empty ones, and watch the server."""
    with testbed.database() as database:
        recording = record(testbed.new_folder(), database, testbed.secrets[1], 1, When.COMMAND)
    system = testbed.server.owner("postgres")
    with ExitStack() as stack:
        superuser = stack.enter_context(testbed.connect(replace(system, user=SUPERUSER)))
        before = _watch(superuser, seconds)
        databases: list[Database] = []
        copied, empty = [], []
        for _each in range(count):
            begun = time.perf_counter()
            databases.append(stack.enter_context(testbed.database()))
            middle = time.perf_counter()
            name = f"{databases[0].app.dbname}_empty"
            superuser.execute(f"CREATE DATABASE {name} TEMPLATE template0 STRATEGY file_copy".encode())
            copied.append(middle - begun)
            empty.append(time.perf_counter() - middle)
            superuser.execute(f"DROP DATABASE {name}".encode())
        senders = [stack.enter_context(closing(Sender(database))) for database in databases]
        for sender in senders:
            for push in (recording.first, *recording.pushes):
                sender.send(push.text)
        bare = [stack.enter_context(testbed.connect(database.owner)) for database in databases]
        for connection in bare:
            connection.execute("SELECT 1")
        pids = [pid for (pid,) in superuser.execute(_TILLS, [[database.app.dbname for database in databases]])]
        venue = _held(superuser, databases[0].app.dbname, copied, pids)
        plain = _held(superuser, "template0", empty, [connection.info.backend_pid for connection in bare])
        after = _watch(superuser, seconds)
        poll = json.dumps(json.loads(recording.pushes[-1].text) | {"events": [], "snapshots": []})
        ran = []
        for _time in range(_POLLS):
            begun = _ran(pids)
            for sender in senders:
                sender.send(poll)
            ran.append((_ran(pids) - begun) / count)
    return venue, plain, Idle(before, after, Sample.of(ran, 1000))


def _ran(pids: list[int]) -> float:
    return sum(int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) for pid in pids) / 1e9


def look_up(testbed: Bench, rows: int, times: int) -> tuple[tuple[Sample, Sample], tuple[int, int]]:
    """Look up orders by their id alone, and with their venue. Return milliseconds, and the buffers of one, of both."""
    whole, keyed = (
        "SELECT * FROM bench_divided WHERE id = %s",
        "SELECT * FROM bench_divided WHERE id = %s AND store_id = %s",
    )
    with testbed.database() as database, testbed.connect(database.owner) as owner:
        sessions.fill(owner, rows, 6)
        for statement in _DIVIDED:
            owner.execute(statement.encode())
        owner.execute("SET plan_cache_mode = force_generic_plan")
        some = owner.execute("SELECT id, store_id FROM bench_divided ORDER BY md5(id) LIMIT %s", [times]).fetchall()
        took: tuple[list[float], list[float]] = ([], [])
        for one in some:
            for times_of, query, values in ((took[0], whole, one[:1]), (took[1], keyed, one)):
                begun = time.perf_counter()
                owner.execute(query, values, prepare=True).fetchall()
                times_of.append(time.perf_counter() - begun)
        buffers = [
            owner.execute(f"EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) {query}", values).fetchall()[0][0][0]["Plan"][
                "Shared Hit Blocks"
            ]
            for query, values in ((whole, some[0][:1]), (keyed, some[0]))
        ]
    return (Sample.of(took[0], 1000), Sample.of(took[1], 1000)), (buffers[0], buffers[1])


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the costs, only in the long form, because the server is watched for minutes."""
    if not testbed.full:
        return
    count, against = 20, "an empty database"
    venue, plain, idle = measure(testbed, count, _WATCHED)
    name = "a venue's database copied from its template, median"
    yield Figure(name, venue.copied.median, "ms", plain.copied.median, against, sample=venue.copied)
    yield Figure("  its files", venue.files, "", plain.files, against)
    yield Figure("  on the disk", venue.disk, "MB", plain.disk, against)
    against = "a connection that ran SELECT 1"
    yield Figure(
        "  a till's idle connection", venue.memory.median, "MB", plain.memory.median, against, sample=venue.memory
    )
    name = f"  the server idle with {count} of them, on the processor"
    yield Figure(name, idle.after / _WATCHED * 60, "s/min", idle.before / _WATCHED * 60, "without them")
    yield Figure("  a till's poll, on the processor, median", idle.polls.median, "ms", sample=idle.polls)
    (whole, keyed), buffers = look_up(testbed, 10_000, 1000)
    name, against = f"an order by its id alone, {_PARTITIONS} partitions by venue", "by its venue and id"
    yield Figure(f"{name}, median", whole.median, "ms", keyed.median, against, sample=whole)
    yield Figure("  its buffers", buffers[0], "", buffers[1], against)
