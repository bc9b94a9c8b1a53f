"""PostgreSQL's own replication between two servers: a head office that follows the sales of a venue."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from db import engine, migrate, roles
from tests.plugins.folders import run_dir
from tests.plugins.servers import own_programs, own_server
from tests.sql.ringing import DOSA, IDLY, make_venue
from tests.sql.test_refunds import Refund, sell

if TYPE_CHECKING:
    from collections.abc import Iterator

    from db.address import Address

_RUNBOOK = Path(__file__).parents[2] / "docs/runbook/server.md"
#: Waits until a server has some numbers of rows, for half a minute at most.
_WAIT = """
    DO $$ BEGIN FOR i IN 1..1500 LOOP
        EXIT WHEN ({rows}) = {expected};
        PERFORM pg_sleep(0.02);
    END LOOP; END $$"""


@pytest.fixture
def venue_and_office(pytestconfig: pytest.Config) -> Iterator[tuple[Address, Address]]:
    """Two servers, each with the tables of a till: the addresses of their superusers."""
    with ExitStack() as stack:
        addresses = []
        for _server in range(2):
            started = own_server(run_dir(pytestconfig), "wal_level=logical", programs=own_programs())
            server = stack.enter_context(started)
            with engine.connect(server) as session:
                session.execute("CREATE DATABASE bar")
            migrate.upgrade(server.on("bar"))
            addresses.append(server.on("bar"))
        yield addresses[0], addresses[1]


def test_a_head_office_follows_the_sales_of_a_venue(venue_and_office: tuple[Address, Address]) -> None:
    at_venue, at_office = venue_and_office
    with engine.connect(at_venue) as session:
        roles.set_password(session, roles.APP, "app")
    app = replace(at_venue, user=roles.APP, password="app")
    with engine.connect(at_venue) as owner, engine.connect(app) as tills, engine.connect(at_office) as office:
        publication = published()
        tables = re.findall(r"\b(?:warm|cold)\.\w+", publication)
        owner.execute(publication.encode())
        venue = make_venue(owner, tills)
        till = venue.till()
        cart, order = sell(till, (IDLY, 2), (DOSA, 1))
        subscription = sql.SQL("CREATE SUBSCRIPTION venue CONNECTION {} PUBLICATION venue")
        office.execute(subscription.format(sql.Literal(at_venue.conninfo)))
        wait(owner, office, tables)

        Refund(till, cart, order, r2=1).start("cold").answer("approved")
        till.push()
        sell(till, (IDLY, 1))

        assert wait(owner, office, tables) == counts(owner, tables)
        assert counts(office, ["cold.orders", "cold.order_item", "cold.refunds"]) == [2, 3, 1]
        with pytest.raises(psycopg.Error, match=r"insert of .* is refused"):
            office.execute("INSERT INTO cold.order_line SELECT gen_random_uuid(), order_id, store_id FROM cold.orders")
        office.execute("DROP SUBSCRIPTION venue")


def published() -> str:
    """Return the statement of the runbook that publishes a venue's rows."""
    found = re.search(r"CREATE PUBLICATION [^;]+;", _RUNBOOK.read_text(encoding="utf-8"))
    assert found is not None
    return found[0]


def counts(session: psycopg.Connection[Any], tables: list[str]) -> list[int]:
    (found,) = session.execute(_rows(tables)).fetchall()
    return list(found[0])


def wait(owner: psycopg.Connection[Any], office: psycopg.Connection[Any], tables: list[str]) -> list[int]:
    """Return the numbers of rows in the office once they are those of the venue, or after half a minute."""
    expected = f"ARRAY{counts(owner, tables)}::bigint[]"
    office.execute(_WAIT.format(rows=_rows(tables).decode(), expected=expected).encode())
    return counts(office, tables)


def _rows(tables: list[str]) -> bytes:
    each = ", ".join(f"(SELECT count(*) FROM {table})" for table in tables)  # noqa: S608 - names of tables
    return f"SELECT ARRAY[{each}]".encode()
