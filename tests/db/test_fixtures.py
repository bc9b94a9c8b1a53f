"""The databases and servers that other tests use."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from db.engine import connect

if TYPE_CHECKING:
    from tests.plugins.database import Database


@pytest.mark.parametrize("turn", [1, 2])
def test_each_test_finds_a_fresh_database(database: Database, turn: int) -> None:
    with database.connect() as session:
        assert session.execute("SELECT to_regclass('till.scribble')").fetchone() == (None,), turn
        session.execute("CREATE TABLE till.scribble (line text)")


def test_a_till_may_call_functions_and_read_no_table(database: Database) -> None:
    with connect(database.app) as session:
        assert session.execute("SELECT count(*) FROM till.schema_v1()").fetchone() != (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("SELECT * FROM till.schema_info")


def test_nothing_of_the_developers_own_is_touched(data_dir: Path) -> None:
    assert Path(os.environ["TILL_DATA_DIR"]) == data_dir
    assert not data_dir.exists()
    assert "TILL_CONFIG" not in os.environ
