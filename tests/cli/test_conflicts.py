from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from psycopg.types.json import Jsonb

from till.cli.surroundings import Surroundings

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


@pytest.fixture
def found(staffed: Shell, database: Database) -> str:
    """The id of a conflict of 12.50, about an order that ended."""
    del staffed
    return find(database, "payment_without_order")


def find(database: Database, kind: str) -> str:
    conflict, session = str(uuid.uuid4()), str(uuid.uuid4())
    data = {"conflict_id": conflict, "kind": kind, "subject": str(uuid.uuid4()), "amount": "12.50", "currency": "EUR"}
    with database.connect() as connection:
        connection.execute(
            "SELECT warm.server_event_v1(%s, NULL, 'conflict_found', %s, %s)",
            [Surroundings.find().venue.store_id, session, Jsonb(data)],
        )
        connection.execute("UPDATE till.order_sessions SET status = 'completed' WHERE id = %s", [session])
    return conflict


def test_conflicts_are_listed_and_settled_by_who_says_how(staffed: Shell, found: str) -> None:
    (row,) = staffed("admin", "conflicts", "--json").json["conflicts"]
    assert (row["conflict"], row["kind"], row["amount"]) == (found, "payment_without_order", "12.50")
    assert (row["currency"], row["till"], row["resolved_at"]) == ("EUR", 0, None)
    shown = staffed("admin", "conflicts")
    assert "money without an order" in shown.out
    assert shown.err == "1 waits to be settled.\n"
    assert staffed("admin", "resolve", found).code == 2
    assert staffed.refused("admin", "resolve", found, "--how", " ") == "Say how it was settled."
    staffed.become(9)
    staffed.ok("admin", "resolve", found, "--how", "given back")
    assert staffed("admin", "conflicts", "--json").json == {"conflicts": []}
    (row,) = staffed("admin", "conflicts", "--all", "--json").json["conflicts"]
    assert (row["resolved_by"], row["how"]) == (9, "given back")
    assert "settled before" in staffed.refused("admin", "resolve", found, "--how", "again")


def test_what_a_terminal_alone_can_tell_is_listed_with_what_to_do(staffed: Shell, database: Database) -> None:
    left = [find(database, "refund_left") for _one in range(2)]
    said = "refund without an answer: Its till is shut out. See the terminal's list: type given, or not given.\n"
    assert staffed("admin", "conflicts").err == "2 wait to be settled.\n" + said
    assert staffed.refused("admin", "resolve", left[0], "--how", "given to her") == "Say “given”, or “not given”."
    for one in left:
        staffed.ok("admin", "resolve", one, "--how", "not given")
    assert staffed("admin", "conflicts", "--all").err == "0 wait to be settled.\n"


def test_a_conflict_that_is_not_there_is_named(staffed: Shell) -> None:
    other = str(uuid.uuid4())
    assert staffed.refused("admin", "resolve", other, "--how", "x") == f"There is no conflict {other}."
    assert staffed("admin", "resolve", "seven", "--how", "x").code == 2


def test_who_looks_for_what_was_left_hears_of_money_that_waits(staffed: Shell, found: str) -> None:
    listed = staffed("recover", "--list")
    assert "1 conflict about money waits: `till admin conflicts`, or Ctrl+O on a till." in listed.err
    (row,) = staffed("recover", "--list", "--json").json["conflicts"]
    assert (row["conflict"], row["kind"]) == (found, "payment_without_order")
    staffed.become(9)
    staffed.ok("admin", "resolve", found, "--how", "given back")
    assert "money" not in staffed("recover", "--list").err
