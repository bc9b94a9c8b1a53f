"""The author of an act at the embedded database: asked for once an hour, and only before a change."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tests.cli.test_init import PERSON, VENUE, files
from tests.plugins.commands import make_guesses_cheap
from till.cli.environment import Surroundings
from till.domain.events.envelope import read_time, time_text

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Shell


@pytest.fixture
def own(shell: Shell, data_dir: Path) -> Iterator[Shell]:
    """A venue of one's own on the embedded database, whose first person is the admin 7."""
    make_guesses_cheap(shell.patch)
    shell.patch.setenv("TILL_DATA_DIR", str(data_dir))
    for name, secret in (("pin", "7777"), ("password", "seven sevens")):
        file = shell.folder / name
        file.touch(mode=0o600)
        file.write_text(f"{secret}\n")
    shell.ok("init", *VENUE, *PERSON, *files(shell))
    server = Surroundings.find().server
    with server.acquire("the test", lambda _text: None):
        yield shell


def authors(shell: Shell) -> list[Any]:
    return [one["user"] for one in shell("admin", "settings", "history", "--json").json["changes"]]


def test_a_change_asks_who_it_is_once_an_hour_and_reading_never_does(own: Shell, tmp_path: Path) -> None:
    for reading in (("admin", "settings", "list"), ("admin", "users", "list"), ("report", "sales"), ("recover",)):
        own.ok(*reading)
    own.ok("db", "backup", str(tmp_path))
    message = own.refused("admin", "settings", "set", "tab_minutes", "30")
    assert message.startswith("Log in: set TILL_STAFF to your staff number")
    assert message.endswith("The owner of the database adds --as-owner.")
    assert authors(own) == []

    own.ok("admin", "settings", "set", "tab_minutes", "30", "--as-owner")
    own.become(7, "wrong password")
    assert own.refused("admin", "settings", "set", "tab_minutes", "35") == "Wrong number or password. Try again."
    own.become(7, "seven sevens")
    own.ok("admin", "settings", "set", "tab_minutes", "40")
    own.patch.delenv("TILL_STAFF")
    own.patch.delenv("TILL_PASSWORD_FILE")
    own.ok("admin", "settings", "set", "tab_minutes", "50")
    assert authors(own) == [7, 7, None]

    file = Surroundings.find().folders.login
    assert file.stat().st_mode & 0o077 == 0
    known = msgspec.json.decode(file.read_bytes())
    for change in (
        {"until": time_text(read_time(known["until"]) - timedelta(hours=1))},
        {"until": time_text(read_time(known["until"]) + timedelta(hours=1))},  # a clock was set back
        {"terminal": known["terminal"] + 1},
        {"store": "another"},
    ):
        file.write_bytes(msgspec.json.encode({**known, **change}))
        assert own.refused("admin", "settings", "set", "tab_minutes", "60").startswith("Log in: ")

    file.write_bytes(msgspec.json.encode({**known, "number": 8}))
    assert own.refused("admin", "settings", "set", "tab_minutes", "60") == "Number 8 no longer works here."
    assert authors(own) == [7, 7, None]

    own.become(7, "seven sevens")
    for words in (("add", "2"), ("add", "1", "--replace")):  # for another machine
        output = own.refused("admin", "tills", *words)
        assert output.startswith("No other machine reaches the embedded database. For one here: `till admin tills add ")
    assert "`till admin tills add 90 --kitchen --here`" in own.refused("admin", "tills", "add", "90", "--kitchen")
    output = own.ok("admin", "tills", "add", "2", "--here")
    assert output == "Till 2 is enrolled on this machine. `till --till 2` opens it.\n"
