"""The desk of a venue whose database is elsewhere: who sits there shows who they are, and for each act once more."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING

import pytest
from psycopg.types.json import Jsonb

from tests.e2e.terminal import TILL, Terminal
from till.administration.calls import call
from till.cli.environment import Surroundings
from till.domain.staff.password import hash_to_keep, new_salt, stretch

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Shell
    from tests.e2e.loaded import LoadedTill
    from tests.plugins.database import Database

PASSWORD = "a long password"


@pytest.fixture(scope="module")
def kept_at_cost() -> tuple[str, str]:
    """The salt of the password and what is kept of it, at its real cost, for the desk is a process of its own."""
    salt = new_salt()
    return salt, hash_to_keep(stretch(PASSWORD, salt))


@pytest.fixture
def conflict(kept_at_cost: tuple[str, str], staffed: Shell, database: Database) -> str:
    """A conflict of a venue whose manager has a password."""
    del staffed
    store, conflict, session = Surroundings.find().venue.store_id, str(uuid.uuid4()), str(uuid.uuid4())
    data = {"conflict_id": conflict, "kind": "sold_twice", "subject": str(uuid.uuid4()), "amount": "12.50"}
    with database.connect() as connection:
        call(connection, "user_set_password_v1", store, None, 9, *kept_at_cost)
        query = "SELECT warm.server_event_v1(%s, NULL, 'conflict_found', %s, %s)"
        connection.execute(query, [store, session, Jsonb({**data, "currency": "EUR"})])
        connection.execute("UPDATE till.order_sessions SET status = 'completed' WHERE id = %s", [session])
    return conflict


@pytest.fixture
def desk(staffed: Shell, conflict: str, loaded_till: LoadedTill) -> Iterator[Terminal]:
    del conflict
    staffed.patch.delenv("TILL_STAFF")
    staffed.patch.delenv("TILL_PASSWORD_FILE")
    kept = {name: value for name, value in os.environ.items() if name not in {"NO_COLOR", "COLUMNS", "LINES"}}
    environment = {**kept, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    loaded = loaded_till if loaded_till.fits(environment) else None
    terminal = Terminal([TILL, "admin", "watch"], environment, size=(120, 36), loaded=loaded)
    try:
        yield terminal
    finally:
        terminal.close()


def test_the_password_is_asked_at_the_door_and_for_each_act(desk: Terminal, conflict: str, database: Database) -> None:
    desk.wait_for("Staff number:").type("9\r").wait_for("Password:").type(f"{PASSWORD}\r")
    desk.wait_for("Sold twice").wait_for("Desk   Meena")
    desk.press("enter").wait_for("F10 refunds one").type("given back\r")
    desk.wait_for("The password of Meena, for this one act.").type("99999999\r")
    desk.wait_for("Wrong number or password")
    assert PASSWORD not in desk.text
    desk.type(f"{PASSWORD}\r").wait_for("Settled. It is in the log.").wait_for("Nothing needs you.")
    with database.connect() as connection:
        row = connection.execute("SELECT id::text, how, resolved_by FROM till.conflicts").fetchone()
    assert row == (conflict, "given back", 9)
    desk.press("ctrl+q").wait_for_end()


def test_a_person_who_is_no_manager_does_not_get_in(desk: Terminal) -> None:
    desk.wait_for("Staff number:").type("9\r").wait_for("Password:").type("wrong\r")
    desk.wait_for("Wrong number or password")
    assert desk.wait_for_end() == 1


@pytest.mark.parametrize("command", [("admin", "watch"), ("report", "day"), ("report", "comps", "--json")])
def test_a_cashier_is_refused_the_desk_and_the_reports_in_words(staffed: Shell, command: tuple[str, ...]) -> None:
    staffed.patch.setattr("till.cli.watch.has_terminal", lambda: True)
    staffed.become(1)
    refused = staffed(*command)
    assert (refused.code, refused.out, refused.err.count("\n")) == (1, "", 1)
    assert "manager" in refused.err
