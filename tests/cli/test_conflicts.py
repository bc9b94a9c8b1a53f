from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

import pytest
from psycopg.types.json import Jsonb

from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


@pytest.fixture
def found(staffed: Shell, database: Database) -> str:
    """The id of a conflict of 12.50, about an order that ended."""
    del staffed
    return find(database, "money_without_order")


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
    assert (row["conflict"], row["kind"], row["amount"]) == (found, "money_without_order", "12.50")
    assert (row["currency"], row["till"], row["resolved_at"]) == ("EUR", 0, None)
    shown = staffed("admin", "conflicts")
    assert "money without an order" in shown.out
    assert shown.err == "1 waits to be settled.\n"
    assert staffed("admin", "conflicts", "resolve", found).code == 2
    assert staffed.refused("admin", "conflicts", "resolve", found, "--how", " ") == "Describe how it was settled."
    staffed.become(9)
    staffed.ok("admin", "conflicts", "resolve", found, "--how", "given back")
    assert staffed("admin", "conflicts", "--json").json == {"conflicts": [], "next": None, "waiting": []}
    (row,) = staffed("admin", "conflicts", "--all", "--json").json["conflicts"]
    assert (row["resolved_by"], row["how"]) == (9, "given back")
    assert "already settled" in staffed.refused("admin", "conflicts", "resolve", found, "--how", "again")


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("sold_twice", "sold twice: Paid once? F10 refunds one receipt, if neither is refunded."),
        ("number_twice", "number used twice: Both count. Note till, time and amount beside the number."),
    ],
)
def test_the_list_says_how_a_conflict_of_a_kind_is_settled(
    staffed: Shell, database: Database, kind: str, expected: str
) -> None:
    find(database, kind)
    assert staffed("admin", "conflicts").err == f"1 waits to be settled.\n{expected}\n"


def left_refund(database: Database) -> str:
    """The id of a conflict about a refund left by a till that was shut out, of a missing sale."""
    conflict = find(database, "no_answer")
    with database.connect() as connection:
        connection.execute("ALTER TABLE till.refund_claims DROP CONSTRAINT IF EXISTS refund_claims_order_id_fkey")
        connection.execute(
            """
            INSERT INTO till.refund_claims (
                refund_id, order_id, payment_id, receipt, amount, state, data, till_id, store_id, started_at,
                event_id, journal_id)
            SELECT c.subject::uuid, gen_random_uuid(), gen_random_uuid(), '1-R000001', -12.50, 'refused', '{}', 1,
                c.store_id, now(), gen_random_uuid(), gen_random_uuid()
            FROM till.conflicts AS c WHERE c.id = %s""",
            [conflict],
        )
    return conflict


def test_a_conflict_that_only_a_terminal_can_tell_is_listed_with_the_way_out(
    staffed: Shell, database: Database
) -> None:
    left = [left_refund(database) for _one in range(2)]
    expected = "no answer: Its till was revoked. Settle it by the terminal's list.\n"
    assert staffed("admin", "conflicts").err == "2 wait to be settled.\n" + expected
    assert staffed.refused("conflicts", "resolve", left[0], "--how", "given to her") == "Type “given” or “not given”."
    for one in left:
        staffed.ok("admin", "conflicts", "resolve", one, "--how", "not given")
    assert staffed("admin", "conflicts", "--all").err == "0 wait to be settled.\n"


def test_a_conflict_that_is_not_there_is_named(staffed: Shell) -> None:
    other = str(uuid.uuid4())
    assert staffed.refused("admin", "conflicts", "resolve", other, "--how", "x") == f"There is no conflict {other}."
    assert staffed("admin", "conflicts", "resolve", "seven", "--how", "x").code == 2


def test_the_list_of_open_orders_names_money_that_waits(staffed: Shell, found: str) -> None:
    listed = staffed("recover", "--list")
    assert "1 conflict about money waits: `till admin conflicts`, or Ctrl+O on a till." in listed.err
    (row,) = staffed("recover", "--list", "--json").json["conflicts"]
    assert (row["conflict"], row["kind"]) == (found, "money_without_order")
    staffed.become(9)
    staffed.ok("admin", "conflicts", "resolve", found, "--how", "given back")
    assert "money" not in staffed("recover", "--list").err


def fill(database: Database, till: int, conflicts: int, records: int) -> None:
    """Add conflicts and skipped records of a till."""
    store = Surroundings.find().venue.store_id
    with database.connect() as connection:
        connection.execute(
            """
            INSERT INTO till.conflicts (
                id, store_id, session_id, kind, subject, amount, currency, found_by, till_id, found_at, event_id)
            SELECT gen_random_uuid(), %(store)s, gen_random_uuid(), 'money_without_order',
                n::text || ' ' || %(till)s, 1, 'EUR', %(till)s, %(till)s, now(), gen_random_uuid()
            FROM generate_series(1, %(conflicts)s) AS n""",
            {"store": store, "till": till, "conflicts": conflicts},
        )
        connection.execute(
            """
            INSERT INTO warm.quarantine (store_id, till_id, event_type, reason, sqlstate)
            SELECT %(store)s, %(till)s, 'x', 'It reads as nothing, ' || %(till)s || ' ' || n, 'TL010'
            FROM generate_series(1, %(records)s) AS n""",
            {"store": store, "till": till, "records": records},
        )


def test_conflicts_are_listed_by_till_some_of_each_with_the_number_of_the_others(
    staffed: Shell, database: Database
) -> None:
    fill(database, 1, 30, 300)
    fill(database, 2, 3, 2)
    listed = staffed("admin", "conflicts", "--json").json
    assert [row["till_id"] for row in listed["conflicts"]] == [1] * 20 + [2] * 3
    assert [row["subject"] for row in listed["conflicts"]][:2] == ["30 1", "29 1"]  # the newest first
    assert listed["next"] is None
    assert listed["waiting"] == [
        {"till": 1, "conflicts": 30, "records": 300},
        {"till": 2, "conflicts": 3, "records": 2},
    ]
    shown = staffed("admin", "conflicts")
    assert shown.err.splitlines()[0] == "33 wait to be settled."
    more = "10 more of till 1 wait: `till admin conflicts --till 1`, or `till admin tills settle 1`."
    assert shown.err.splitlines()[-1] == more
    assert "280 more of till 1 wait: `till admin quarantine --till 1`" in staffed("admin", "quarantine").err
    assert "297 more records need attention." not in staffed("recover", "--list").err
    assert "280 more records need attention." in staffed("recover", "--list").err


@pytest.mark.parametrize("what", ["conflicts", "quarantine"])
def test_all_of_a_till_is_listed_in_pages(staffed: Shell, database: Database, what: str) -> None:
    fill(database, 1, 30, 30)
    fill(database, 2, 30, 30)
    key = "conflict" if what == "conflicts" else "id"
    found: list[str] = []
    after: list[str] = []
    while True:
        page = staffed("admin", what, "--till", "2", "--limit", "12", *after, "--json").json
        found += [row[key] for row in page[what]]
        if page["next"] is None:
            break
        assert page["next"] == found[-1]
        after = ["--after", str(page["next"])]
    assert len(set(found)) == len(found) == 30
    assert f"More: --after {found[11]}" in staffed("admin", what, "--till", "2", "--limit", "12").err
    every = staffed("admin", what, "--all", "--limit", "1000", "--json").json[what]
    assert len(every) == 60


@pytest.mark.parametrize("what", ["conflicts", "quarantine"])
def test_a_page_after_what_is_not_there_is_refused(staffed: Shell, what: str) -> None:
    cursor = str(uuid.uuid4()) if what == "conflicts" else "77"
    assert "There is no" in staffed.refused("admin", what, "--after", cursor)


def test_all_that_waits_of_a_till_is_settled_by_one_word(staffed: Shell, database: Database) -> None:
    fill(database, 1, 30, 300)
    fill(database, 2, 3, 2)
    left = left_refund(database)
    with database.connect() as connection:
        connection.execute("UPDATE till.conflicts SET till_id = 1 WHERE id = %s", [left])
    staffed.become(9)
    assert "how it was settled" in staffed.refused("admin", "tills", "settle", "1", "--how", " ")
    done = staffed("admin", "tills", "settle", "1", "--how", "made up")
    assert done.out == "Settled: 30 conflicts and 300 records of till 1; 1 left.\n"
    assert "settled one by one: `till admin conflicts --till 1`." in done.err
    assert staffed("admin", "conflicts", "--json").json["waiting"] == [
        {"till": 1, "conflicts": 1, "records": 0},
        {"till": 2, "conflicts": 3, "records": 2},
    ]
    settled = staffed("admin", "conflicts", "--all", "--till", "1", "--json").json["conflicts"]
    assert {(row["resolved_by"], row["how"]) for row in settled if row["conflict"] != left} == {(9, "made up")}
    with database.connect() as connection:
        types = "SELECT event_type, count(*) FROM warm.session_events WHERE user_id = 9 GROUP BY 1"
        events = dict(connection.execute(types).fetchall())
    assert (events["conflict_resolved"], events["records_settled"]) == (30, 1)
    assert staffed.refused("admin", "tills", "settle", "77", "--how", "x") == "Till 77 has nothing waiting."
