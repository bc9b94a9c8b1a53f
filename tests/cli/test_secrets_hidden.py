"""Secrets that open the database, which appear in no answer, no refusal, no log and no report of a fault."""

from __future__ import annotations

import re
from importlib import import_module
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

from till.cli import main as entry
from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

HIDDEN = "Zx9-the%20password"
MEANT = "Zx9-the password"
COMMANDS = (
    ("db", "status"),
    ("db", "check"),
    ("db", "upgrade"),
    ("db", "backup", "/nowhere/x"),
    ("db", "restore", "/nowhere/x"),
    ("doctor",),
    ("doctor", "--json"),
    ("recover", "--list"),
    ("admin", "tills", "list"),
    ("report", "sales", "--day", "today"),
)


@pytest.fixture
def opened(venue: Shell) -> Shell:
    """A venue whose till is enrolled; then its database goes away, and the URLs to it hold a password."""
    venue.ok("admin", "tills", "add", "1", "--here")
    for name, user in (("URL", "till_app"), ("OWNER_URL", "till_owner")):
        venue.patch.setenv(
            f"TILL_DATABASE__{name}", f"postgresql://{user}:{HIDDEN}@127.0.0.1:1/venue?connect_timeout=2"
        )
    return venue


def secrets() -> tuple[str, ...]:
    secret = Surroundings.find().folders.read_secret(1)
    assert secret
    return HIDDEN.partition("%")[0], HIDDEN, MEANT, secret


def written() -> str:
    log = Surroundings.find().folders.log
    return log.read_text() if log.exists() else ""


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_command_prints_what_opens_the_database(opened: Shell, command: tuple[str, ...]) -> None:
    result = opened(*command)
    assert result.code == 1, result
    for secret in secrets():
        assert secret not in result.out + result.err + written()


def test_the_report_of_a_fault_prints_it_neither(opened: Shell) -> None:
    here = Surroundings.find()
    url = here.config.database.url
    secret = here.folders.read_secret(1)

    def explode(_arguments: list[str]) -> int:
        first = ValueError(f"{here.config} and {here.app!r} and {url}")
        raise RuntimeError(f"no way to {url} with {secret} for {here.owner.conninfo}") from first

    opened.patch.setattr(entry, "_dispatch", explode)
    result = opened("db", "status")
    assert "RuntimeError" in result.err
    assert "RuntimeError: no way to postgresql" in written()
    for one in secrets():
        assert one not in result.out + result.err + written()


def test_no_command_takes_a_secret_as_an_argument() -> None:
    """Every user of the machine reads the arguments of a program: what is secret comes from a file, or is asked for."""
    taken: list[str] = []
    seen: set[str] = set()

    def walk(command: Any, name: str) -> None:
        seen.add(name)
        for one in command.params:
            words = {one.name, *one.opts}
            if any(re.search(r"(?:^|[-_])(?:pin|password|secret|token)s?$", word) for word in words):
                taken.append(f"{name} {one.name}")
        for inner, below in getattr(command, "commands", {}).items():
            walk(below, f"{name} {inner}".strip())

    for name, (module, _sentence) in entry.COMMANDS.items():
        walk(get_command(import_module(module).app), name)
    assert {"admin users set-pin", "admin programs add", "db backup"} <= seen
    assert taken == []
