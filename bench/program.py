"""A write of a program to a hot table, compared with a write to a plain table, with and without an event."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bench import venue
from bench.order import Clock
from bench.table import Figure, paired
from db import roles
from till.cli.venues import new_secret

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.order import Cost
    from bench.testbed import Bench

#: The cart and the events of a session, without triggers and row security.
_PLAIN: Final = """
    CREATE SCHEMA plain;
    CREATE UNLOGGED TABLE plain.session_cart (LIKE hot.session_cart INCLUDING ALL);
    CREATE TABLE plain.session_events (
        event_id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, session_id text NOT NULL, event_type text NOT NULL,
        event_data jsonb NOT NULL, "timestamp" timestamptz NOT NULL DEFAULT now());
    CREATE INDEX ON plain.session_events (session_id);
"""
_WRITE: Final = """
    INSERT INTO {}session_cart (session_id, item_id, item_name, quantity, price)
    VALUES (%(session)s, %(item)s, %(name)s, 2, %(price)s::numeric)
    ON CONFLICT (session_id, item_id) DO UPDATE SET
        quantity = session_cart.quantity + EXCLUDED.quantity, updated_at = NOW(), is_active = TRUE
"""
_TELL: Final = """
    WITH told AS (
        INSERT INTO plain.session_events (session_id, event_type, event_data) VALUES (%(session)s, 'item_added',
            jsonb_build_object('item_id', %(item)s::text, 'item_name', %(name)s::text, 'quantity', 2,
                'price', %(price)s::numeric)))
"""
_OWN: Final = _WRITE.format("")
_BARE: Final = _WRITE.format("plain.")
_BESIDE: Final = _TELL + _BARE
_ITEMS: Final = 5


def _rows(writes: int) -> Iterator[dict[str, Any]]:
    """Yield the values of each write: five items in each session, and then two more of each."""
    for number in range(writes):
        plu = number % _ITEMS + 1
        yield {"session": f"sess_{number // (2 * _ITEMS)}", "item": venue.item_id(plu), "name": venue.item_name(plu),
               "price": venue.item_price(plu)}  # fmt: skip


def measure(testbed: Bench, writes: int) -> tuple[Cost, Cost, Cost]:
    """Measure each write in turn: by a program, of the plain row with an event, and of the plain row alone.

    Raises:
        RuntimeError: the database did not accept all writes.
    """
    with testbed.database() as database, testbed.connect(database.owner) as owner:
        owner.execute(_PLAIN)
        password = new_secret()
        name = f"bench_{database.app.dbname.rpartition('_')[2]}"
        ((role,),) = owner.execute("SELECT till.program_add_v1(%s, 1, %s)", [venue.STORE, name]).fetchall()
        with owner.transaction():
            roles.enable_program(owner, role, password, roles.PROGRAM)
        try:
            with testbed.connect(replace(database.app, user=role, password=password)) as program:
                own = Clock(program.info.backend_pid)
                beside, bare = Clock(owner.info.backend_pid), Clock(owner.info.backend_pid)
                ways = [(own, program, _OWN, ""), (beside, owner, _BESIDE, "beside_"), (bare, owner, _BARE, "")]
                for number, row in enumerate(_rows(writes)):
                    for clock, connection, statement, before in ways[number % 3 :] + ways[: number % 3]:
                        values = {**row, "session": before + row["session"]}
                        clock.time(partial(connection.execute, statement.encode(), values, prepare=True))
            ((events,),) = owner.execute(
                "SELECT count(*) FROM warm.session_events WHERE event_type = 'item_added'"
            ).fetchall()
            if events != writes:
                raise RuntimeError(f"The database took {events} of {writes} writes.")
        finally:
            roles.end_sessions(owner, role)
            owner.execute(f"DROP ROLE {role}".encode())
    return own.cost, beside.cost, bare.cost


def run(testbed: Bench) -> Iterator[Figure]:
    """Yield the write of a program, compared with plain writes."""
    own, beside, bare = measure(testbed, 1000 if testbed.full else 400)
    against = "the same into a plain table, its event beside it"
    one, other = own.whole, beside.whole
    yield Figure("a program's write into the cart, median", one.median, "ms", other.median, against, sample=one)
    yield Figure("a program's write into the cart, p95", one.p95, "ms", other.p95, against)
    yield Figure("  more in pairs than the plain one", paired(one, other), "ms")
    one, other = own.on_processor, beside.on_processor
    yield Figure("  of it on the processor, median", one.median, "ms", other.median, against, sample=one)
    one, other = bare.whole, bare.on_processor
    yield Figure("  the row alone, UNLOGGED, without an event", one.median, "ms", sample=one)
    yield Figure("  of it on the processor, median", other.median, "ms", sample=other)
