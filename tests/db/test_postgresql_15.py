"""The oldest PostgreSQL that a venue may bring: all of it runs there too."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from db import engine, migrate, roles
from db.address import Address
from db.embedded import places
from db.errors import EncodingError, NoRightsError, OldServerError
from db.schema import SCHEMAS
from tests.plugins.folders import run_dir

if TYPE_CHECKING:
    from collections.abc import Iterator

_BIN = Path("/usr/lib/postgresql/15/bin")

pytestmark = pytest.mark.skipif(not _BIN.is_dir(), reason="this machine has no PostgreSQL 15 of its own to try")


def _run(*command: str | Path) -> None:
    """As the tests' user, or `nobody` when that is root."""
    who: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd="/", env={"LC_ALL": "C"}, **who)


@pytest.fixture(scope="module")
def superuser(pytestconfig: pytest.Config) -> Iterator[Address]:
    """A PostgreSQL 15 as a venue might run it, with passwords, reached as its superuser."""
    folder = Path(tempfile.mkdtemp(dir=run_dir(pytestconfig)))
    if os.geteuid() == 0:
        shutil.chown(folder, "nobody")
    password = folder / "password"
    password.write_text("venue")
    password.chmod(0o644)
    data = folder / "data"
    _run(
        _BIN / "initdb",
        "-D",
        data,
        "-U",
        "venue",
        "-E",
        "UTF8",
        "-A",
        "scram-sha-256",
        f"--pwfile={password}",
        "--no-sync",
    )
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    _run(_BIN / "pg_ctl", "-w", "-D", data, "-o", options, "-l", folder / "log", "start")
    yield Address(str(folder), places.PORT, "postgres", "venue", "venue")
    _run(_BIN / "pg_ctl", "-w", "-D", data, "-m", "immediate", "stop")
    shutil.rmtree(folder)


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


def test_a_user_who_may_make_roles_is_enough(superuser: Address) -> None:
    with engine.connect(superuser) as session:
        session.execute("CREATE ROLE keeper LOGIN CREATEROLE PASSWORD 'keeper'")
        session.execute("CREATE DATABASE cafe OWNER keeper")
    assert migrate.upgrade(Address(superuser.host, superuser.port, "cafe", "keeper", "keeper")).verdict == "current"


def test_a_user_who_may_not_is_told_what_to_ask_for(superuser: Address) -> None:
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
