"""`make simulate SEEDS=10000 FROM=0`: plays seeds on a PostgreSQL of its own, and prints those that break a rule."""

from __future__ import annotations

import argparse
import multiprocessing
import signal
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from db import migrate
from db.embedded import EmbeddedServer
from db.engine import connect
from tests.plugins.ground import ground
from tests.simulation.arena import Arena, make_folder
from tests.simulation.planted import PLANTS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from multiprocessing.queues import SimpleQueue

    import psycopg

_EVERY_S = 10.0
#: A failing seed is made short, which takes a hundred attempts: after so many the rest is only named.
_SHORTENED = 5
#: Seeds after which a database is emptied: each leaves its store there, and what reads all of them takes longer.
FRESH = 250


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the seeds; 0 when every rule held in all of them."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="how many")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first one")
    parser.add_argument("--jobs", type=int, default=2, help="how many at once")
    parser.add_argument("--plant", choices=sorted(PLANTS), help="plant a fault, which must be found")
    asked = parser.parse_args(arguments)
    with databases(asked.jobs) as ways, make_folder() as journals:
        asked.journals = Path(journals)
        return _play(ways, asked)


@contextmanager
def databases(count: int) -> Iterator[list[tuple[str, str]]]:
    """Run a server with some empty databases, and give how the owner and a till connect to each."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))  # so that the server is stopped then too
    with tempfile.TemporaryDirectory(dir=ground(), prefix="till-simulate-") as folder:
        place = Path(folder)
        place.chmod(0o711)  # root's server runs as another user, and passes through
        server = EmbeddedServer(place / "data", system_dir=place / "system", durable=False)
        with server.acquire("simulation"):
            yield [_database(server, job) for job in range(count)]


def _play(ways: list[tuple[str, str]], asked: argparse.Namespace) -> int:
    context = multiprocessing.get_context("spawn")
    told: SimpleQueue[tuple[int, str]] = context.SimpleQueue()
    jobs = [context.Process(target=_work, args=(way, job, asked, told), daemon=True) for job, way in enumerate(ways)]
    for job in jobs:
        job.start()
    try:
        return _listen(told, jobs, asked.seeds)
    finally:
        for job in jobs:
            job.terminate()
            job.join()


def _database(server: EmbeddedServer, job: int) -> tuple[str, str]:
    name = f"simulation_{job}"
    with connect(server.owner("postgres")) as session:
        session.execute(f"CREATE DATABASE {name}")
    migrate.upgrade(server.owner(name))
    return server.owner(name).conninfo, server.app(name).conninfo


def emptying(session: psycopg.Connection[Any]) -> Callable[[], None]:
    """Return a function that empties a database of all but its present rows."""
    tables = [str(name) for (name,) in session.execute("SELECT relid::regclass::text FROM pg_stat_user_tables")]
    empty = [name for name in tables if session.execute(f"SELECT FROM {name} LIMIT 1").fetchone() is None]

    def make_empty() -> None:
        with session.transaction():
            for switch in ("DISABLE", "ENABLE"):
                for name in empty:
                    session.execute(f"ALTER TABLE {name} {switch} TRIGGER USER")
                if switch == "DISABLE":
                    session.execute(f"TRUNCATE {', '.join(empty)}")

    return make_empty


def _work(ways: tuple[str, str], job: int, asked: argparse.Namespace, told: SimpleQueue[tuple[int, str]]) -> None:
    owner, app = ways
    found = 0
    with connect(owner) as session, connect(app) as till:
        make_empty = emptying(session)
        arena = Arena(session, till, asked.journals, plant=asked.plant)
        for count, seed in enumerate(range(asked.first + job, asked.first + asked.seeds, asked.jobs), 1):
            if count % FRESH == 0:
                make_empty()
            broken = arena.play(seed, short=found < _SHORTENED)
            found += broken is not None
            told.put((seed, str(broken) if broken else ""))


def _listen(told: SimpleQueue[tuple[int, str]], jobs: list[Any], seeds: int) -> int:
    began = said = time.monotonic()
    bad: list[int] = []
    for done in range(1, seeds + 1):
        while told.empty():
            if not any(job.is_alive() for job in jobs):
                sys.stderr.write("The simulation itself broke off; what it said stands above.\n")
                return 2
            time.sleep(0.01)  # a pipe cannot be waited for together with the end of a process
        seed, broken = told.get()
        if broken:
            bad.append(seed)
            sys.stdout.write(f"{broken}\n")
        now = time.monotonic()
        if now - said > _EVERY_S or done == seeds:
            said = now
            sys.stdout.write(f"{done} seeds, {done / (now - began):.1f} a second, {len(bad)} broke a rule {bad[:20]}\n")
            sys.stdout.flush()
    return 1 if bad else 0
