"""Passwords of the database after they were stolen: the owner's (`till db set-password`), and that of the tills."""

from __future__ import annotations

import re
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from db.address import Address
from db.engine import connect
from db.errors import FullServerError, RefusedLoginError
from db.roles import set_password
from tests.plugins.folders import run_dir
from tests.plugins.servers import own_programs, own_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Shell


@pytest.fixture
def server(pytestconfig: pytest.Config) -> Iterator[Address]:
    with own_server(run_dir(pytestconfig), programs=own_programs()) as address:
        yield address


@pytest.fixture
def prepared(shell: Shell, server: Address) -> Address:
    """A venue's server, and a config that names its owner: the owner's address."""
    app, owner = shell.folder / "app.pw", shell.folder / "owner.pw"
    url = f"postgresql://venue@/bar?host={server.host}"
    shell.patch.setenv("PGPASSWORD", "venue")
    shell.ok("db", "prepare", url, "--password-file", str(app), "--owner-password-file", str(owner))
    shell.patch.delenv("PGPASSWORD")
    for name, role, file in (("", "till_app", app), ("OWNER_", "till_owner", owner)):
        shell.patch.setenv(f"TILL_DATABASE__{name}URL", f"postgresql://{role}@/bar?host={server.host}")
        shell.patch.setenv(f"TILL_DATABASE__{name}PASSWORD_FILE", str(file))
    return Address(server.host, server.port, "bar", "till_owner", owner.read_text().strip())


def test_old_password_opens_nothing_more(shell: Shell, prepared: Address) -> None:
    file = shell.folder / "owner.pw"
    with connect(prepared) as thief:
        printed = shell.ok("db", "set-password")
        with pytest.raises(psycopg.OperationalError):
            thief.execute("SELECT 1")
    with pytest.raises(RefusedLoginError):
        connect(prepared)
    assert "till_owner has a new password" in printed
    assert "wherever config.toml names owner_url" in printed
    assert "They came from: this machine." in printed
    assert file.stat().st_mode & 0o777 == 0o600
    assert [one.name for one in shell.folder.glob("owner.pw*")] == ["owner.pw"]
    shell.ok("db", "status")


def test_superuser_sets_it_where_nobody_has_the_old_one(shell: Shell, prepared: Address, server: Address) -> None:
    new = shell.folder / "new.pw"
    shell.patch.setenv("PGPASSWORD", "venue")
    url = f"postgresql://venue@/bar?host={server.host}"
    shell.ok("db", "set-password", url, "--password-file", str(new))
    with pytest.raises(RefusedLoginError):
        connect(prepared)
    connect(prepared.with_password(new.read_text().strip())).close()


def test_tills_get_their_connections_back_by_the_steps_of_the_runbook(
    shell: Shell, prepared: Address, server: Address
) -> None:
    """Somebody with the tills' old password holds all of their connections, also after it was changed."""
    runbook = (Path(__file__).parents[2] / "docs/runbook.md").read_text(encoding="utf-8")
    (steps,) = re.findall(r"^Give it another password.*?\n\n", runbook, re.MULTILINE | re.DOTALL)
    reset, end = re.findall(r"`((?:ALTER|SELECT) [^`]+)`", steps)
    tills = replace(prepared, user="till_app", password=(shell.folder / "app.pw").read_text().strip())
    with ExitStack() as stack:
        administrator = stack.enter_context(connect(replace(server, dbname="bar")))
        administrator.execute("ALTER ROLE till_app CONNECTION LIMIT 3")
        for _connection in range(3):
            stack.enter_context(connect(tills))
        with pytest.raises(FullServerError):
            connect(tills)
        connect(prepared).close()
        administrator.execute(reset.encode())
        set_password(administrator, "till_app", "another")
        with pytest.raises(FullServerError):
            connect(tills.with_password("another"))
        administrator.execute(end.encode())
        with pytest.raises(RefusedLoginError):
            connect(tills)
        connect(tills.with_password("another")).close()


def test_embedded_database_has_none(shell: Shell) -> None:
    assert "has no owner's password" in shell.refused("db", "set-password")
