"""The command behind `make simulate`: play seeds on an embedded PostgreSQL, and print each that breaks a rule."""

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
#: The number of failing seeds to shorten, at a hundred attempts each. Later ones are only named.
_SHORTENED = 5
#: Seeds between two emptyings of a database. Each leaves a store there, which slows queries over all stores.
FRESH = 250


def main(arguments: Sequence[str] | None = None) -> int:
    """Play the seeds. Return 0 if none broke a rule, 1 if one did, 2 if the simulation crashed."""
    parser = argparse.ArgumentParser(prog="make simulate", description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000, help="the number of seeds")
    parser.add_argument("--from", type=int, default=0, dest="first", help="the first seed")
    parser.add_argument("--jobs", type=int, default=2, help="the number of seeds at once")
    parser.add_argument("--plant", choices=sorted([*PLANTS, "all"]), help="plant a fault, which must be found")
    parser.add_argument("--count", type=int, default=40, help="with --plant all: the number of mutants to draw")
    parser.add_argument("--seed", type=int, default=1, help="with --plant all: the seed of the draw")
    parser.add_argument("--within", type=int, default=20, help="with --plant all: the seeds to play for each mutant")
    parser.add_argument("--write", action="store_true", help="with --plant all: write docs/simulation.md")
    options = parser.parse_args(arguments)
    is_all = options.plant == "all"
    with databases(options.jobs + is_all) as logins, make_folder() as journals:
        options.journals = Path(journals)
        if is_all:
            from tests.simulation.finding import find_all  # noqa: PLC0415 - what finds mutants takes long to load

            return find_all(logins, options)
        return _play(logins, options)


@contextmanager
def databases(count: int) -> Iterator[list[tuple[str, str]]]:
    """Run a server with empty databases. Yield the connection strings of the owner and of a till for each."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(1))  # so that SIGTERM stops the server too
    with tempfile.TemporaryDirectory(dir=ground(), prefix="till-simulate-") as folder:
        place = Path(folder)
        place.chmod(0o711)  # root's server runs as another user, and passes through
        server = EmbeddedServer(place / "data", system_dir=place / "system", durable=False)
        with server.acquire("simulation"):
            yield [_database(server, job) for job in range(count)]


def _play(logins: list[tuple[str, str]], options: argparse.Namespace) -> int:
    context = multiprocessing.get_context("spawn")
    results: SimpleQueue[tuple[int, str]] = context.SimpleQueue()
    jobs = [
        context.Process(target=_work, args=(login, job, options, results), daemon=True)
        for job, login in enumerate(logins)
    ]
    for job in jobs:
        job.start()
    try:
        return _collect(results, jobs, options.seeds)
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
    """Return a function that empties the tables that are empty now."""
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


def _work(
    logins: tuple[str, str], job: int, options: argparse.Namespace, results: SimpleQueue[tuple[int, str]]
) -> None:
    owner, app = logins
    found = 0
    with connect(owner) as session, connect(app) as till:
        make_empty = emptying(session)
        arena = Arena(session, till, options.journals, plant=options.plant)
        for count, seed in enumerate(range(options.first + job, options.first + options.seeds, options.jobs), 1):
            if count % FRESH == 0:
                make_empty()
            broken = arena.play(seed, short=found < _SHORTENED)
            found += broken is not None
            results.put((seed, str(broken) if broken else ""))


def _collect(results: SimpleQueue[tuple[int, str]], jobs: list[Any], seeds: int) -> int:
    began = reported = time.monotonic()
    bad: list[int] = []
    for done in range(1, seeds + 1):
        while results.empty():
            if not any(job.is_alive() for job in jobs):
                sys.stderr.write("The simulation crashed; see its output above.\n")
                return 2
            time.sleep(0.01)  # a pipe cannot be waited for together with the end of a process
        seed, broken = results.get()
        if broken:
            bad.append(seed)
            sys.stdout.write(f"{broken}\n")
        now = time.monotonic()
        if now - reported > _EVERY_S or done == seeds:
            reported = now
            sys.stdout.write(f"{done} seeds, {done / (now - began):.1f} a second, {len(bad)} broke a rule {bad[:20]}\n")
            sys.stdout.flush()
    return 1 if bad else 0
