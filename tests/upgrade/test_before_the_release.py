"""Data from before the tables were frozen: it is refused, and left as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from db import migrate
from db.engine import connect
from db.errors import NewerDatabaseError, OlderDatabaseError
from db.schema import Program, judge

if TYPE_CHECKING:
    from tests.plugins.database import Database

#: Every row of ours in the catalogue and in the tables by which a database is judged, each as it was last written.
_AS_WRITTEN: Final = """
    SELECT 'function', oid::text, xmin::text FROM pg_proc WHERE pronamespace > 16384
    UNION ALL SELECT 'table', oid::text, xmin::text FROM pg_class WHERE relnamespace > 16384
    UNION ALL SELECT 'schema', oid::text, xmin::text FROM pg_namespace WHERE oid > 16384
    UNION ALL SELECT 'fact', key, xmin::text FROM till.schema_info
    UNION ALL SELECT 'revision', version_num, xmin::text FROM till.alembic_version
    ORDER BY 1, 2
"""


@pytest.fixture
def older(database: Database) -> Database:
    """A database of 0001 as it was before it was rewritten: another table, another function, the same number."""
    with connect(database.owner) as owner:
        owner.execute("UPDATE till.alembic_version SET version_num = '0001'")
        owner.execute("ALTER TABLE till.stores RENAME TO venues")
        owner.execute("DROP FUNCTION till.stores_v1()")
        owner.execute("CREATE FUNCTION till.stores_v1() RETURNS integer LANGUAGE sql AS 'SELECT 1'")
    return database


def test_a_database_from_before_the_release_is_refused_and_left_as_it_is(older: Database) -> None:
    sentence = (
        "The database is older than this till, from before the first release. "
        "Keep it, and start a new one: another TILL_DATA_DIR or database.url."
    )
    with connect(older.owner) as owner:
        before = owner.execute(_AS_WRITTEN).fetchall()
    with pytest.raises(OlderDatabaseError) as refused:
        migrate.upgrade(older.owner)
    assert refused.value.sentence == sentence
    with connect(older.owner) as owner:
        assert owner.execute(_AS_WRITTEN).fetchall() == before
    state = migrate.status(older.owner)
    assert (state.verdict, state.sentence) == ("too_old", sentence)
    assert [fault.sentence for fault in migrate.check(older.owner)] == [sentence]


def test_a_till_from_before_the_tables_were_frozen_says_that_the_database_is_newer(database: Database) -> None:
    class Older(Program):
        revisions = frozenset({"0001"})
        revision = "0001"

    assert "newer till" in migrate.status(database.owner, Older()).sentence
    with pytest.raises(NewerDatabaseError, match=r"belongs to a newer till\. Upgrade this till\."):
        migrate.upgrade(database.owner, Older())


@pytest.mark.parametrize(
    ("revision", "verdict"),
    [("0001", "too_old"), ("0001a", "too_old"), ("0001b", "behind"), ("0002", "current"), ("0002a", "ahead")],
)
def test_an_upgrade_leads_on_from_what_the_program_knows_alone(revision: str, verdict: str) -> None:
    class Later(Program):
        revisions = frozenset({"0001b", "0002"})
        revision = "0002"

    program = Later()
    assert judge("18.4", {"revision": revision, "functions": program.checksum}, program).verdict == verdict
