"""The lists of administration as programs read them: to the last byte, in the order of their names."""

from __future__ import annotations

import csv
import io
import json
import uuid
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import new_id
from till.administration.lists import all_lists
from till.cli.environment import Surroundings
from till.reports.tills import read_tills

if TYPE_CHECKING:
    from collections.abc import Iterator

    import psycopg

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database
    from till.reports.tills import TillRow

MOMENT = "2026-03-03 10:31:00+05:30"
WRITTEN = "2026-03-03T05:01:00.000000Z"


@pytest.fixture
def owner(staffed: Shell, database: Database) -> Iterator[psycopg.Connection[Any]]:
    """The owner's connection, in a time zone other than UTC."""
    del staffed
    with database.connect() as connection:
        connection.execute("SET TIME ZONE 'Asia/Kolkata'")
        yield connection


def listed(shell: Shell, *arguments: str) -> str:
    result = shell("admin", *arguments, "--json")
    assert (result.code, result.err) == (0, "")
    return result.out


def written(name: str, *rows: dict[str, Any]) -> str:
    return json.dumps({name: rows}, ensure_ascii=False, indent=2) + "\n"


def paged(name: str, *rows: dict[str, Any], **waiting: int) -> str:
    """A page with nothing behind it, and how much waits of one till."""
    body = {name: rows, "next": None, "waiting": [waiting]}
    return json.dumps(body, ensure_ascii=False, indent=2) + "\n"


def person(number: int, name: str, role: str, **changes: Any) -> dict[str, Any]:
    status_words = {"disabled": False, "locked_until": None, "has_pin": True, "has_password": True}
    return {"number": number, "name": name, "role": role, "language": "", **status_words, **changes}


def test_staff(staffed: Shell, owner: psycopg.Connection[Any]) -> None:
    owner.execute("SELECT till.user_add_v1(%s, 7, 2, 'Zoë', 'cashier', NULL)", [Surroundings.find().venue.store_id])
    owner.execute("UPDATE till.users SET disabled_at = now(), password_hash = NULL WHERE id = 1")
    owner.execute("UPDATE till.users SET locked_until = now() - interval '1 second' WHERE id = 7")
    owner.execute("UPDATE till.users SET locked_until = now() + interval '1 hour' WHERE id = 9")
    owner.execute(
        "INSERT INTO till.password_failures (store_id, user_id, till_id, locked_until)"
        " SELECT store_id, id, 1, now() + interval '1 day' FROM till.users WHERE id = 9"
        " UNION ALL SELECT store_id, id, 2, now() FROM till.users WHERE id IN (2, 9)"
        " UNION ALL SELECT store_id, id, 3, NULL FROM till.users WHERE id = 7"
    )
    ((until,),) = owner.execute("SELECT warm.time_text(max(locked_until)) FROM till.password_failures").fetchall()
    assert listed(staffed, "users", "list") == written(
        "users",
        person(1, "Asha", "cashier", disabled=True, has_password=False),
        person(2, "Zoë", "cashier", has_pin=False, has_password=False),
        person(7, "Om", "admin"),
        person(9, "Meena", "manager", locked_until=until),
    )


def test_tills(staffed: Shell, owner: psycopg.Connection[Any]) -> None:
    store, journal = Surroundings.find().venue.store_id, str(uuid.uuid4())
    for number, name in ((2, "Terrace"), (1, None)):
        owner.execute("SELECT till.till_enrol_v1(%s, 7, %s, %s, repeat('a', 64))", [store, number, name])
    owner.execute(
        "INSERT INTO warm.journal_head (journal_id, store_id, till_id, seq, series) VALUES (%s, %s, 2, 41, 'B')",
        [journal, store],
    )
    owner.execute("UPDATE till.tills SET live_journal = %s, seen_at = %s WHERE id = 2", [journal, MOMENT])
    owner.execute("SELECT till.till_revoke_v1(%s, 7, 1)", [store])
    fresh = {"till": 1, "name": "Till 1", "journal": None, "series": "", "seq": None, "revoked": True, "stations": None}
    sold = {"till": 2, "name": "Terrace", "journal": journal, "series": "B", "seq": 41, "revoked": False}
    owner.execute("SELECT till.till_money_v1(%s, 7, 2, false)", [store])
    waits, sells = {"why": "unseen", "build": None}, {"phone": False, "kitchen": False}
    assert listed(staffed, "tills", "list") == written(
        "tills",
        {**fresh, "seen_at": None, "no_money": False, "money_waits": None, "build": None, **sells},
        {**sold, "stations": None, "seen_at": WRITTEN, "no_money": True, "money_waits": waits, "build": None, **sells},
    )


def test_menus(staffed: Shell, owner: psycopg.Connection[Any]) -> None:
    store = Surroundings.find().venue.store_id
    assert listed(staffed, "menu", "history") == written("versions")
    body = {"items": [{"id": "a", "name": "Tea", "price": "2.00", "category": "c"}]}
    owner.execute(
        "INSERT INTO till.menus (store_id, version, act, body, item_id, of_version, user_id, made_at) VALUES"
        " (%(store)s, 2, 'imported', %(body)s, NULL, NULL, NULL, %(at)s),"
        " (%(store)s, 3, 'sold_out', NULL, 'a', NULL, 7, %(at)s),"
        """ (%(store)s, 4, 'brought_back', '{"items": []}', NULL, 2, 7, %(at)s)""",
        {"store": store, "at": MOMENT, "body": json.dumps(body)},
    )
    tea = {"id": "a", "name": "Tea"}
    item = {"name": "Tea", "price": "2.00", "category": "c"}
    assert listed(staffed, "menu", "history") == written(
        "versions",
        {"version": 4, "act": "brought_back", "user": 7, "at": WRITTEN, "of": 2, "items": 0, "current": True,
         "beside": False,
         "changes": [tea | {"what": "gone", "was": item, "now": {}}]},
        {"version": 3, "act": "sold_out", "user": 7, "at": WRITTEN, "of": None, "items": 1, "current": False,
         "beside": False,
         "changes": [tea | {"what": "changed", "was": {"sold_out": False}, "now": {"sold_out": True}}]},
        {"version": 2, "act": "imported", "user": None, "at": WRITTEN, "of": None, "items": 1, "current": False,
         "beside": False,
         "changes": [tea | {"what": "new", "was": {}, "now": item}]},
    )  # fmt: skip


def test_conflicts(staffed: Shell, owner: psycopg.Connection[Any]) -> None:
    store, session = Surroundings.find().venue.store_id, new_id()
    older, newer = str(uuid.uuid4()), str(uuid.uuid4())
    for conflict, amount in ((older, "12.50"), (newer, None)):
        data = {"conflict_id": conflict, "kind": "given_back", "subject": conflict, "amount": amount}
        owner.execute(
            "INSERT INTO till.conflicts (id, store_id, session_id, kind, subject, amount, found_by, found_at, event_id)"
            " VALUES (%(conflict_id)s, %(store)s, %(session)s, %(kind)s, %(subject)s, %(amount)s, 1, %(at)s, %(id)s)",
            {**data, "store": store, "session": session, "at": MOMENT, "id": new_id()},
        )
    owner.execute("UPDATE till.conflicts SET found_at = found_at + interval '1 day' WHERE id = %s", [newer])
    owner.execute(
        "UPDATE till.conflicts SET resolved_at = %s, resolved_by = 9, how = 'ok' WHERE id = %s", [MOMENT, older]
    )

    def row(conflict: str, amount: str, found_at: str, **settled: Any) -> dict[str, Any]:
        facts = {"conflict": conflict, "session": session, "kind": "given_back", "subject": conflict}
        money = {"amount": amount, "currency": "EUR", "user": 0, "till": 1, "till_id": 0, "till_name": None}
        open_still = {"resolved_at": None, "resolved_by": None, "how": None}
        return {**facts, **money, "found_at": found_at, **open_still, **settled, "receipts": [], "also": []}

    waiting = row(newer, "0", "2026-03-04T05:01:00.000000Z")
    settled = row(older, "12.50", WRITTEN, resolved_at=WRITTEN, resolved_by=9, how="ok")
    shown = staffed("admin", "conflicts", "--json")
    count = {"till": 0, "conflicts": 1, "records": 0}
    assert shown.out == paged("conflicts", waiting, **count)
    assert staffed("admin", "conflicts", "--all", "--json").out == paged("conflicts", waiting, settled, **count)
    found = staffed("recover", "--list", "--json").json
    assert list(found["conflicts"][0].items()) == list(waiting.items())


def test_records_aside(staffed: Shell, owner: psycopg.Connection[Any]) -> None:
    store, journal, event = Surroundings.find().venue.store_id, str(uuid.uuid4()), new_id()
    session = str(uuid.uuid4())
    owner.execute(
        "INSERT INTO warm.quarantine (store_id, journal_id, seq, till_id, event_type, reason, body, received_at,"
        " resolved_at, resolved_by, how) VALUES (%s, %s, 7, 2, 'login_refused', 'First.', 'x', %s, %s, 9, 'ok')",
        [store, journal, MOMENT, MOMENT],
    )
    owner.execute(
        "INSERT INTO warm.quarantine (store_id, session_id, event_id, till_id, event_type, reason, amount, body,"
        " received_at) VALUES (%s, %s, %s, 1, 'order_placed', 'Second.', 12.50, %s, %s)",
        [store, session, event, json.dumps({"data": {"currency": "INR"}}), MOMENT],
    )
    [(one,), (two,)] = owner.execute("SELECT id FROM warm.quarantine ORDER BY id").fetchall()
    settled = {
        "id": one, "session": None, "event": None, "type": "login_refused", "till": 2, "journal": journal, "seq": 7,
        "reason": "First.", "amount": None, "currency": "EUR", "received_at": WRITTEN,
        "resolved_at": WRITTEN, "resolved_by": 9, "how": "ok", "bookable": False,
    }  # fmt: skip
    waiting = {
        "id": two, "session": session, "event": event, "type": "order_placed", "till": 1, "journal": None, "seq": None,
        "reason": "Second.", "amount": "12.50", "currency": "INR", "received_at": WRITTEN,
        "resolved_at": None, "resolved_by": None, "how": None,
        "bookable": True,
    }  # fmt: skip
    count = {"till": 1, "conflicts": 0, "records": 1}
    assert staffed("admin", "quarantine", "--json").out == paged("quarantine", waiting, **count)
    every = staffed("admin", "quarantine", "--all", "--json").out
    assert every == paged("quarantine", waiting, settled, **count)
    found = staffed("recover", "--list", "--json").json
    assert list(found["quarantine"][0].items()) == list(waiting.items())


def test_a_database_that_goes_away_before_a_list_is_one_line(
    staffed: Shell, owner: psycopg.Connection[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_off(ask: Any) -> list[TillRow]:
        owner.execute("SELECT pg_terminate_backend(%s, 5000)", [ask.__self__.connection.info.backend_pid])
        return read_tills(ask)

    monkeypatch.setattr("till.reports.tills.read_tills", cut_off)
    assert staffed.refused("admin", "tills", "list").startswith("The connection to the database was lost.")


def table(shell: Shell, *arguments: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(shell.ok("admin", *arguments, "--csv", "-"))))


def test_each_declared_list_is_a_table_for_spreadsheets(staffed: Shell) -> None:
    for one in all_lists():
        heading, *_rows = table(staffed, *one.name.split())
        names = [column.name for column in one.columns]
        assert heading in (names, [*names, "currency"]), one.name
        body = staffed("admin", *one.name.split(), "--json").json
        assert (one.rows or one.name) in body


def test_a_list_for_spreadsheets_has_figures_and_runs_no_text(staffed: Shell, owner: psycopg.Connection[Any]) -> None:
    staffed.ok("admin", "customers", "add", "--name", "=cmd|' /C calc'!A0", "--phone", "+91 98450 12345")
    (guest,) = staffed("admin", "customers", "--json").json["customers"]
    staffed.ok("admin", "accounts", "open", guest["customer"], "5000")
    owner.execute(
        "INSERT INTO till.value_movements (movement_id, store_id, tender, holder_id, till_id, amount, state, moved_at)"
        " VALUES (%s, %s, 'ACCOUNT', %s, 1, -12.50, 'refunded', now())",
        [new_id(), Surroundings.find().venue.store_id, guest["customer"]],
    )
    assert table(staffed, "customers")[1][:3] == ["'=cmd|' /C calc'!A0", "'+919845012345", "0"]
    assert table(staffed, "accounts") == [
        ["name", "owed", "limit", "closed_at", "customer", "currency"],
        ["'=cmd|' /C calc'!A0", "-12.50", "5000.00", "", guest["customer"], "EUR"],
    ]
    assert staffed("admin", "accounts", "--csv", "-", "--json").code == 2
    file = staffed.folder / "customers.csv"
    assert staffed.ok("admin", "customers", "--csv", str(file)) == ""
    assert "'=cmd" in file.read_text("utf-8-sig")
