"""The oldest PostgreSQL that a venue may bring: all of it runs there too."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from db import engine, migrate, roles
from db.address import Address
from db.backups import restore, take
from db.errors import EncodingError, NoRightsError, NotSuperuserError, OldServerError
from db.preparing import prepare
from db.schema import SCHEMAS
from tests.plugins.folders import run_dir
from tests.plugins.servers import FIFTEEN, own_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(not FIFTEEN.is_dir(), reason="this machine has no PostgreSQL 15 of its own to try")


@pytest.fixture(scope="module")
def superuser(pytestconfig: pytest.Config) -> Iterator[Address]:
    """A PostgreSQL 15 as a venue might run it, with passwords, reached as its superuser."""
    with own_server(run_dir(pytestconfig), "jit=off") as address:
        yield address


def test_a_superuser_makes_everything_and_the_owner_owns_it(superuser: Address) -> None:
    with engine.connect(superuser) as session:
        session.execute("CREATE DATABASE bar")
    bar = superuser.on("bar")
    state = migrate.upgrade(bar)
    assert (state.server.partition(".")[0], state.verdict) == ("15", "current")
    assert migrate.upgrade(bar).verdict == "current"
    assert migrate.check(bar) == ()
    with engine.connect(bar) as session:
        owners = "SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = ANY (%s)"
        assert session.execute(owners, [list(SCHEMAS)]).fetchall() == [("till_owner",)]
        roles.set_password(session, roles.APP, "it's secret")
    app = Address(bar.host, bar.port, "bar", "till_app", "it's secret")
    assert engine.schema_state(app).verdict == "current"


def test_server_set_up_by_hand_is_mended_by_what_check_says(superuser: Address) -> None:
    with engine.connect(superuser) as session:
        session.execute("CREATE ROLE maker LOGIN CREATEROLE PASSWORD 'maker'")
        session.execute("CREATE DATABASE corner OWNER maker")
    maker = Address(superuser.host, superuser.port, "corner", "maker", "maker")
    assert migrate.upgrade(maker).verdict == "current"  # a user who may make roles is enough
    faults = migrate.check(maker)
    assert any("so a backup cannot be restored here" in fault.sentence for fault in faults)
    assert all(len(fault.sentence) < 400 for fault in faults)
    with engine.connect(superuser.on("corner")) as session:
        for fault in faults:
            session.execute(fault.sql.encode())
        assert migrate.check(maker) == ()
        session.execute("ALTER ROLE maker NOCREATEROLE; ALTER ROLE till_app SET statement_timeout = '41s'")
        migrate.upgrade(maker)  # it may no longer change the role
        foreign, missing = migrate.check(maker)
        assert "begins with statement_timeout = 41s." in foreign.sentence
        assert missing.sql == "ALTER ROLE till_app SET statement_timeout = '40s';"
        assert missing.sql in missing.sentence
        session.execute(foreign.sql.encode())
        session.execute(missing.sql.encode())
        assert migrate.check(maker) == ()
        session.execute("REVOKE till_owner FROM maker")  # a stranger in the other databases of this server


def test_prepared_server_restores_without_a_superuser(superuser: Address, tmp_path: Path) -> None:
    with engine.connect(superuser) as session:
        session.execute("CREATE ROLE cook LOGIN PASSWORD 'cook'")
        session.execute("CREATE DATABASE kitchen OWNER cook")
    for _time in range(2):
        prepare(superuser.on("kitchen"), app_password="tills", owner_password="owners")
    cook = replace(superuser, dbname="kitchen", user="cook", password="cook")
    owner = replace(cook, user=roles.OWNER, password="owners")
    for own in (cook, owner):
        assert migrate.upgrade(own).verdict == "current"
        assert migrate.check(own) == ()
    take(cook, tmp_path / "cook.dump")
    restore(owner.on("bakery"), tmp_path / "cook.dump")
    assert migrate.check(owner.on("bakery")) == ()
    with engine.connect(superuser.on("kitchen")) as session:
        granted = "SELECT has_function_privilege('till_owner', 'lo_export(oid, text)', 'EXECUTE')"
        assert session.execute(granted).fetchone() == (False,)


def test_a_role_that_is_no_superuser_prepares_nothing(superuser: Address) -> None:
    with engine.connect(superuser) as session:
        session.execute("CREATE ROLE somebody LOGIN PASSWORD 'somebody'")
    address = Address(superuser.host, superuser.port, "nowhere", "somebody", "somebody")
    with pytest.raises(NotSuperuserError, match="somebody is no superuser of the server at"):
        prepare(address, app_password="x", owner_password="y")


def test_a_user_without_the_right_reads_what_to_ask_for(superuser: Address) -> None:
    with engine.connect(superuser) as session:
        session.execute("CREATE ROLE guest LOGIN PASSWORD 'guest'")
    with pytest.raises(NoRightsError, match="GRANT till_owner TO guest"):
        migrate.upgrade(Address(superuser.host, superuser.port, "postgres", "guest", "guest"))


def test_a_database_that_cannot_hold_every_script_is_refused(superuser: Address) -> None:
    with engine.connect(superuser) as session:
        session.execute("CREATE DATABASE old ENCODING 'SQL_ASCII' TEMPLATE template0")
    with pytest.raises(EncodingError, match="createdb --encoding=UTF8 --template=template0 old"):
        migrate.upgrade(superuser.on("old"))


def test_a_server_that_is_too_old_is_named(superuser: Address, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "OLDEST_MAJOR", 16)
    with pytest.raises(OldServerError, match=r"is PostgreSQL 15\.\d+, and the till needs 16 or newer"):
        engine.connect(superuser)
