"""The times of statements, as a server of the venue's own keeps them in `pg_stat_statements`."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from psycopg.types.json import Jsonb

from db import engine, migrate, roles
from tests.plugins.folders import run_dir
from tests.plugins.servers import own_server
from tests.sql.ringing import DOSA, IDLY, SETTINGS, Cart, ask, make_venue
from till.reports.stats import Statements, read_stats

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from db.address import Address

_LIBRARY = Path("/usr/lib/postgresql/15/lib/pg_stat_statements.so")

#: The statements of a push of a line and of a sale, those inside its functions too.
_MOST_OF_A_LINE = 19
_MOST_OF_A_SALE = 64

pytestmark = pytest.mark.skipif(not _LIBRARY.exists(), reason="this machine has no PostgreSQL 15 with the extension")


@pytest.fixture(scope="module")
def superuser(pytestconfig: pytest.Config) -> Iterator[Address]:
    """A PostgreSQL 15 that keeps the times of its statements, with a venue in it, reached as its superuser."""
    with own_server(run_dir(pytestconfig), "shared_preload_libraries=pg_stat_statements") as server:
        with engine.connect(server) as session:
            session.execute("CREATE DATABASE bar")
        migrate.upgrade(server.on("bar"))
        with engine.connect(server.on("bar")) as session:
            roles.set_password(session, roles.OWNER, "owner")
        yield server.on("bar")


def read(where: Address, store: str) -> Statements:
    with engine.connect(where) as connection:
        return read_stats(partial(ask, connection, store)).statements


def test_the_pushes_are_shown_to_who_may_see_them(superuser: Address) -> None:
    store, owner = str(uuid.uuid4()), replace(superuser, user=roles.OWNER, password="owner")
    with engine.connect(superuser) as session:
        session.execute("SELECT till.store_create_v1(%s, %s)", [store, Jsonb(SETTINGS)])
        assert "not installed" in read(owner, store).why
        session.execute('CREATE SCHEMA "Odd one"')
        session.execute('CREATE EXTENSION pg_stat_statements SCHEMA "Odd one"')
        session.execute('SELECT "Odd one".pg_stat_statements_reset()')
        for _time in range(3):
            session.execute("SELECT warm.sync_push_v1(%s)", [f'{{"store": "{store}"}}'])
        assert read(owner, store).why == "pg_stat_statements cannot be read: permission denied for schema Odd one."
        session.execute('GRANT USAGE ON SCHEMA "Odd one" TO PUBLIC')
        statements = read(owner, store)
        assert "pg_read_all_stats" in statements.why
        assert statements.push_calls is None
        session.execute("GRANT pg_read_all_stats TO till_owner")
    statements = read(owner, store)
    assert (statements.push_calls, statements.why) == (3, "")
    assert statements.push_mean_ms is not None
    assert statements.push_max_ms is not None
    assert 0 < statements.push_mean_ms <= statements.push_max_ms
    assert 0 < len(statements.slowest) <= 5


def test_a_push_asks_for_what_there_is(superuser: Address) -> None:
    """Claims of sales and the like, mostly none, are read with what is read anyway."""
    with engine.connect(superuser) as session, engine.connect(superuser) as pushing:
        session.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements SCHEMA public")
        ((schema,),) = session.execute(
            "SELECT extnamespace::regnamespace::text FROM pg_extension WHERE extname = 'pg_stat_statements'"
        ).fetchall()
        till, cart = make_venue(session, pushing).till(), Cart()
        till.now = datetime.now(UTC)  # a sale of a past day drops what is stored of that day
        pushing.execute("SET pg_stat_statements.track = 'all'")

        def statements_of(act: Callable[[], object]) -> int:
            act()
            session.execute(f"SELECT {schema}.pg_stat_statements_reset()".encode())
            till.shown(cart)
            counted = f"SELECT sum(calls)::integer FROM {schema}.pg_stat_statements WHERE query !~ '^SET|pg_stat'"  # noqa: S608 - ours
            ((found,),) = session.execute(counted.encode()).fetchall()
            return int(found)

        statements_of(lambda: till.open(cart))
        statements_of(lambda: till.add(cart, IDLY))
        assert statements_of(lambda: till.add(cart, DOSA)) <= _MOST_OF_A_LINE
        assert statements_of(lambda: till.place(cart)) <= _MOST_OF_A_SALE
