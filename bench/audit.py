"""The verification of the chains, compared with the SHA-256 of the same rows alone."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, Final

from bench import venue
from bench.recording import When, record
from bench.table import Figure, Sample, at_least
from till.cli.administration import Administration
from till.cli.chains import chains_of, one_snapshot, walk
from till.config import HeldVenue, VenueKind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    import psycopg

    from bench.testbed import Bench
    from db.address import Address

_ROUNDS: Final = 5
#: Compares only the hash of each row's body with the stored hash: no chain, no columns, no head.
_BARE: Final = """
    SELECT bool_and(x.sound)::text FROM (
        SELECT encode(sha256(convert_to(e.body, 'UTF8')), 'hex') = e.hash AS sound
        FROM warm.log AS e WHERE e.store_id = %s ORDER BY e.journal_id, e.seq OFFSET 0
    ) AS x
"""


def walked(owner: Address, connection: psycopg.Connection[Any]) -> bool:
    """True if the chains are sound, by the code of `till admin audit verify` over a database connection."""
    held = HeldVenue(VenueKind.OWN, venue.STORE, "", "INR")
    admin = Administration(connection=connection, store_id=venue.STORE, owner=owner, held=held)
    with one_snapshot(admin):
        return not any(chain["faults"] for chain in walk(admin, chains_of(admin, None, None)))


def _hashed(connection: psycopg.Connection[Any]) -> bool:
    ((sound,),) = connection.execute(_BARE, [venue.STORE]).fetchall()
    return bool(sound == "true")


def _rate(check: Callable[[], bool], rows: int) -> float:
    begun = time.perf_counter()
    if not check():
        raise RuntimeError("The chains of the bench are broken.")
    return rows / (time.perf_counter() - begun)


def measure(testbed: Bench, orders: int, rounds: int) -> tuple[Sample, Sample]:
    """Measure records per second of the walk and of the hashes, in turn. A part of the log is in the audit."""
    with testbed.database() as database, testbed.connect(database.owner) as connection:
        record(testbed.new_folder(), database, testbed.secrets[1], orders, When.ORDER)
        connection.execute("SELECT cold.move_to_audit(%s, now() + interval '1 s', %s)", [venue.STORE, orders * 3])
        for table in ("warm.session_events", "cold.order_audit"):
            connection.execute(f"VACUUM ANALYZE {table}")
        ((rows,),) = connection.execute("SELECT count(*) FROM warm.log").fetchall()
        own, limit = zip(
            *(
                (
                    _rate(lambda: walked(database.owner, connection), rows),
                    _rate(lambda: _hashed(connection), rows),
                )
                for _round in range(rounds)
            ),
            strict=True,
        )
    return Sample(own), Sample(limit)


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield one row. The goal is at least half the rate of the hashes."""
    own, limit = measure(testbed, 10_000 if testbed.full else 2_000, _ROUNDS)
    ratios = Sample.of(mine / bare for mine, bare in zip(own.values, limit.values, strict=True))
    against = "SHA-256 of the same rows, in SQL"
    yield Figure(
        "audit verify, all of the log", own.median, "records/s", limit.median, against, at_least(0.5), own, ratios
    )
