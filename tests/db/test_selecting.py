"""Selects and calls of functions over one connection: each sees what the other committed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from psycopg.pq import TransactionStatus
from sqlalchemy import select, text

from db.engine import selecting
from db.tables.till import stores

if TYPE_CHECKING:
    from tests.plugins.database import Database

MAKE = "INSERT INTO till.stores (store_id, name, currency) VALUES (gen_random_uuid(), %s, 'EUR')"
NAMES = select(stores.c.name).order_by(stores.c.created_at)


def test_a_select_sees_what_was_committed_before_it(database: Database) -> None:
    with database.connect() as connection, database.connect() as other, selecting(connection) as selects:
        assert selects.scalars(NAMES).all() == []
        connection.execute(MAKE, ["ours"])
        assert selects.scalars(NAMES).all() == ["ours"]
        with connection.transaction():
            connection.execute(MAKE, ["ours too"])
        other.execute(MAKE, ["theirs"])
        assert selects.scalars(NAMES).all() == ["ours", "ours too", "theirs"]
        assert connection.info.transaction_status is TransactionStatus.IDLE


def test_selecting_keeps_its_connection_open(database: Database) -> None:
    with database.connect() as connection:
        for _time in range(2):
            with selecting(connection) as selects:
                assert selects.scalar(text("SELECT pg_backend_pid()")) == connection.info.backend_pid
        assert connection.execute("SELECT 1").fetchone() == (1,)
        assert connection.autocommit
