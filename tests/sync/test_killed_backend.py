"""kill -9 of one backend: PostgreSQL restarts itself and empties what is unlogged; the next push makes it again."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from db import migrate
from db.embedded import EmbeddedServer
from db.engine import connect
from db.errors import UnreachableError
from tests.plugins.database import Database
from tests.sync.real import Real, is_saved, make_store, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.sync.rig import Keys

EPOCH = "SELECT epoch FROM hot.hot_epoch"
HOT = "SELECT session_id, item_name, quantity FROM hot.session_cart WHERE is_active ORDER BY 1, 2"


@pytest.fixture
def mortal(data_dir: Path) -> Iterator[Real]:
    """A venue on a server of its own: killing a backend takes all others with it."""
    server = EmbeddedServer(data_dir)  # a fast one writes its log late, and would lose more than what is unlogged
    with server.acquire("a test"):
        migrate.upgrade(server.owner())
        found = Real(Database(server.owner(), server.app()), connect(server.owner()))
        make_store(found.owner)
        yield found
        found.owner.close()


def wait_until_made_again(real: Real, epoch: int) -> None:
    """Ask again and again, each time by a new connection, until the hot tables are of another epoch.

    A till may be back so soon that it never says it was away.
    """
    for _look in range(20_000):
        with suppress(psycopg.OperationalError, UnreachableError), real.database.connect() as looking:
            row = looking.execute(EPOCH).fetchone()
            if row and row[0] != epoch:
                break
    else:
        raise AssertionError("the hot tables were not made again")
    real.owner = connect(real.database.owner)


def hot_rows(real: Real) -> dict[str, list[Any]]:
    """Return the rows of the hot tables, without their times of writing."""
    rows = "SELECT to_jsonb(t) - '{updated_at,last_activity_at,created_at}'::text[] FROM hot.%s AS t ORDER BY 1"
    return {table: real.owner.execute(rows % table).fetchall() for table in ("session_cart", "session_state")}


async def test_hot_rows_that_a_killed_backend_emptied_are_made_again_without_a_key(
    mortal: Real, make_keys: Callable[..., Keys]
) -> None:
    one, two = make_keys(1), make_keys(2)
    async with mortal.service(one) as here, mortal.service(two) as there:
        mine, other = one.open(), two.open()
        one.add(mine)
        one.add(mine)
        two.add(other, "Vada")
        assert await here.flush(5)
        assert await there.flush(5)
        full, cart = hot_rows(mortal), mortal.owner.execute(HOT).fetchall()
        assert all(full.values())
        assert len(cart) == 2
        epoch, killed = mortal.value(EPOCH), mortal.owner
        os.kill(mortal.value("SELECT pg_backend_pid()"), signal.SIGKILL)
        await asyncio.to_thread(wait_until_made_again, mortal, epoch)
        await asyncio.gather(until(one, is_saved, 30), until(two, is_saved, 30))
        assert hot_rows(mortal) == full
        one.add(mine, "Dosa")
        assert await here.flush(30)
    with pytest.raises(psycopg.OperationalError):
        killed.execute("SELECT 1")
    killed.close()
    assert mortal.owner.execute(HOT).fetchall() == sorted([*cart, (mine, "Dosa", 1)])
    assert mortal.value(EPOCH) != epoch
    assert mortal.value("SELECT count(*) FROM warm.session_events WHERE till_id > 0") == 6
