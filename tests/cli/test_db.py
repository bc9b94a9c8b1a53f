from __future__ import annotations

import re
import shlex
import socket
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from msgspec import convert
from psycopg.types.json import Jsonb

from db.address import Address
from db.embedded.configuration import SUPERUSER
from db.engine import connect
from tests.fiscal.authority import SETTINGS
from till.cli.environment import Surroundings
from till.config import VenueKind
from till.domain.errors import ConfigError
from till.domain.fiscal import FiscalLaw
from till.fiscal.es_verifactu.scheme import SCHEME

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


def test_an_empty_database_by_url_becomes_a_venue(shell: Shell, empty_database: Database) -> None:
    config = shell.folder / "till.toml"
    config.write_text('[venue]\nname = "Café"\n')
    shell.patch.setenv("TILL_CONFIG", str(config))
    shell.patch.setenv("TILL_DATABASE__URL", empty_database.app.url)
    shell.patch.setenv("TILL_DATABASE__OWNER_URL", empty_database.owner.url)
    assert "upgrade" in shell.refused("admin", "users", "list")
    assert shell("db", "status", "--json").json["revision"] is None
    assert shell("db", "check").code == 1
    assert "The venue Café is ready." in shell.ok("db", "upgrade")
    assert "made" not in shell.ok("db", "upgrade")
    status = shell("db", "status", "--json").json
    assert (status["embedded"], status["verdict"]) == (False, "current")
    assert shell("db", "check", "--json").json == {"ok": True, "faults": [], "sql": None}
    assert Surroundings.find().venue.kind is VenueKind.OWN
    assert shell.ok("admin", "users", "list").splitlines()[0].split() == [
        "Number",
        "Name",
        "Role",
        "Status",
        "Language",
    ]


def test_an_upgrade_says_what_cashiers_of_an_older_venue_may_not_do(venue: Shell, database: Database) -> None:
    venue.ok("admin", "settings", "set", "cashier_may", "")
    older = "UPDATE till.schema_info SET value = '1' WHERE key IN ('functions', 'program')"
    with database.connect() as owner:
        owner.execute(older)
        output = venue("db", "upgrade").err
        assert "Cashiers need a manager to move cash" in output
        assert venue("db", "upgrade").err == ""
        (words,) = re.findall("`till ([^`]+)`", output)
        venue.ok(*shlex.split(words))
        owner.execute(older)
        assert venue("db", "upgrade").err == ""


def test_statements_for_the_administrator_are_written_to_a_file(venue: Shell, database: Database) -> None:
    with connect(replace(database.owner, user=SUPERUSER)) as session:
        session.execute("GRANT EXECUTE ON FUNCTION lo_creat(integer) TO PUBLIC")
    file = venue.folder / "remedy.sql"
    result = venue("db", "check", "--sql", str(file))
    assert (result.code, result.out.count("\n")) == (1, 1)
    assert "`till db check --sql FILE` writes" in result.out
    assert len(result.out) < 300
    assert venue("db", "check", "--sql", "-").out == file.read_text(encoding="utf-8")
    with connect(replace(database.owner, user=SUPERUSER)) as session:
        session.execute(file.read_text(encoding="utf-8").encode())
    venue.ok("db", "check")


def test_a_second_machine_finds_the_venue_of_the_database(venue: Shell) -> None:
    first = Surroundings.find().venue
    venue.patch.setenv("TILL_DATA_DIR", str(venue.folder / "other machine"))
    assert venue.ok("admin", "tills", "list")
    assert Surroundings.find().venue == first


def test_status_says_nothing_secret_and_starts_nothing(shell: Shell) -> None:
    status = shell("db", "status", "--json").json
    assert (status["embedded"], status["state"]) == (True, "not made")
    assert "not made" in shell.ok("db", "status")
    assert shell.ok("db", "stop") == "The database was not running.\n"


def test_a_url_that_does_not_read_is_one_line(shell: Shell) -> None:
    shell.patch.setenv("TILL_DATABASE__URL", "postgresql://[::1/venue")
    message = shell.refused("db", "status")
    assert "database.url is not a URL" in message


def test_the_database_of_another_server_is_not_ours_to_stop(venue: Shell) -> None:
    assert "its administrator stops it" in venue.refused("db", "stop")
    assert venue.ok("db", "url").startswith("postgresql://till_owner@")


def test_tls_is_asked_for_of_another_machine_as_the_config_says(shell: Shell) -> None:
    def asked() -> list[str | None]:
        here = Surroundings.find()
        return [dict(way.extra).get("sslmode") for way in (here.app, here.owner)]

    shell.patch.setenv("TILL_DATABASE__URL", "postgresql://till_app@db.example/venue")
    shell.patch.setenv("TILL_DATABASE__OWNER_URL", "postgresql://till_owner@db.example/venue?sslmode=verify-ca")
    assert "less than database.tls requires" in shell.refused("db", "status")
    shell.patch.setenv("TILL_DATABASE__TLS", "verify-ca")
    assert asked() == ["verify-ca", "verify-ca"]
    shell.patch.setenv("TILL_DATABASE__TLS", "unverified")
    assert asked() == ["require", "verify-ca"]
    shell.patch.setenv("TILL_DATABASE__TLS", "off")
    assert asked() == ["disable", "verify-ca"]
    shell.patch.delenv("TILL_DATABASE__TLS")
    shell.patch.setenv("TILL_DATABASE__OWNER_URL", "postgresql:///venue?host=/run/postgresql")
    assert asked() == ["verify-full", None]
    shell.patch.setenv("TILL_DATABASE__TLS", "disable")
    with pytest.raises(ConfigError, match="tls"):
        Surroundings.find()


def test_a_password_comes_from_a_file_of_its_owner_alone(shell: Shell) -> None:
    file = shell.folder / "password"
    file.touch(mode=0o644)
    file.write_text(" it's: secret\nanother line\n")
    shell.patch.setenv("TILL_DATABASE__URL", "postgresql://till_app@db.example/venue")
    shell.patch.setenv("TILL_DATABASE__PASSWORD_FILE", str(file))
    assert f"chmod 600 {file}" in shell.refused("db", "status")
    file.chmod(0o600)
    assert Surroundings.find().app.password == " it's: secret"
    assert Surroundings.find().owner == Surroundings.find().app
    printed = shell("db", "url")
    assert "secret" not in printed.out + printed.err
    assert "PGPASSFILE" in printed.err
    shell.patch.setenv("TILL_DATABASE__OWNER_URL", "postgresql://till_owner:of-its-own@db.example/venue")
    assert Surroundings.find().owner.password == "of-its-own"
    file.chmod(0o644)
    with pytest.raises(ConfigError, match="chmod 600"):
        _refused = Surroundings.find().owner
    file.chmod(0o600)
    shell.patch.setenv("TILL_DATABASE__OWNER_PASSWORD_FILE", str(file))
    message = shell.refused("db", "status")
    assert "Keep one of the two" in message
    assert "of-its-own" not in message
    shell.patch.setenv("TILL_DATABASE__OWNER_URL", "postgresql://till_owner@db.example/venue")
    file.write_text("\n")
    assert "holds no password" in shell.refused("db", "status")
    file.unlink()
    assert "cannot be read" in shell.refused("db", "status")


@pytest.mark.parametrize(
    "argument",
    [
        "postgresql://till_owner:pa55word@db.example/venue",
        "postgresql+psycopg://till_owner:pa55word@db.example/venue",
        "--url=postgres://db.example/venue?user=till_owner&password=pa55word",
        "host=db.example password=pa55word",
        "password=pa55word host=db.example",
    ],
)
def test_a_password_is_no_argument(shell: Shell, argument: str) -> None:
    for arguments in ((argument,), ("db", "status", argument), ("db", argument)):
        result = shell(*arguments)
        assert result.code == 2
        assert "database.password_file" in result.err
        assert "pa55word" not in result.err + result.out


def test_prepare_names_the_password_that_it_used(shell: Shell, database: Database) -> None:
    url = replace(database.app, password=None).url
    shell.patch.setenv("PGPASSWORD", "wrong")
    files = ("--password-file", str(shell.folder / "app.pw"), "--owner-password-file", str(shell.folder / "owner.pw"))
    message = shell.refused("db", "prepare", url, *files)
    assert "does not let till_app in" in message
    assert "PGPASSWORD" in message
    assert "database.url" not in message


def test_prepare_names_a_folder_that_its_user_may_write_before_it_does_anything(shell: Shell) -> None:
    connected: list[str] = []
    shell.patch.setattr("till.cli.db.superuser_address", lambda url, _tls: connected.append(url))
    app, owner = shell.folder / "app.pw", shell.folder / "of others" / "owner.pw"
    arguments = ("postgresql://db.example/venue", "--password-file", str(app), "--owner-password-file", str(owner))
    message = shell.refused("db", "prepare", *arguments)
    assert f"may not write {owner}, so nothing was done. Name a file in a folder of its own: " in message
    assert message.endswith(f"{owner.name}.")
    assert (connected, app.exists()) == ([], False)


@pytest.mark.parametrize(
    ("host", "printed", "noted"),
    [
        ("127.0.0.1", "127.0.0.1", "127.0.0.1 is this machine alone."),
        ("[::1]", "[::1]", "[::1] is this machine alone."),
        ("localhost", "localhost", "localhost is this machine alone."),
        ("db.example", "db.example", None),
        ("%2Frun%2Fpostgresql", socket.gethostname(), "If tills reach this server by another name"),
    ],
)
def test_prepare_prints_the_host_that_it_was_given(shell: Shell, host: str, printed: str, noted: str | None) -> None:
    shell.patch.setattr("till.cli.db.superuser_address", lambda url, _tls: Address.from_url(url))
    shell.patch.setattr("db.preparing.prepare", lambda _superuser, **_passwords: None)
    files = ("--password-file", str(shell.folder / "app.pw"), "--owner-password-file", str(shell.folder / "owner.pw"))
    result = shell("db", "prepare", f"postgresql://postgres@{host}/venue", *files)
    assert result.code == 0, result.err
    assert result.out.splitlines()[1] == f'url = "postgresql://till_app@{printed}/venue"'
    assert result.err.count("\n") == (1 if noted is None else 2)
    assert (noted or "The server is ready.") in result.err


def test_the_form_of_a_law_is_kept_with_it_and_written_by_an_upgrade(venue: Shell, database: Database) -> None:
    venue.ok("admin", "settings", "set", "tax_rounding", "order")
    venue.ok("admin", "settings", "set", "address", "C/ Sol 5")
    own = (f"{key}={shlex.quote(value)}" for key, value in SETTINGS.items())
    kept = "SELECT body FROM till.settings WHERE name = 'fiscal_law'"
    law = {"fiscal": f"es-verifactu {' '.join(own)}"}
    with database.connect() as owner:
        owner.execute("UPDATE till.tills SET schemes = '{es-verifactu}'")
        venue.ok("admin", "settings", "set", "fiscal", law["fiscal"], "--from", "2999-01-01")
        ((form,),) = owner.execute(kept).fetchall()
        assert convert(form, FiscalLaw) == SCHEME.law(SETTINGS)
        assert "fiscal_law" not in venue.ok("admin", "settings", "history")
        owner.execute("DELETE FROM till.settings WHERE name = 'fiscal_law'")
        venue.ok("db", "upgrade")
        assert owner.execute(kept).fetchall() == [(form,)]
        ((body,),) = owner.execute("SELECT body FROM till.settings WHERE name = 'settings'").fetchall()
        assert "fiscal_law" not in body  # tills of before read all settings strictly
        wrong = {"fiscal_law": form | {"x": 1}}
        with pytest.raises(Exception, match="fiscal_law cannot be"):
            owner.execute("SELECT till.store_settings_v1(store_id, NULL, %s) FROM till.stores", [Jsonb(wrong)])
