from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest

from tests.sql.ringing import Till, sell_lines_of_another
from tests.sql.test_paid_at_drawer import shift_of
from till.cli.environment import Surroundings
from till.domain.events.envelope import sha256

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


@pytest.fixture
def aside(staffed: Shell, save_order: Callable[[], str], database: Database) -> str:
    """An order of 80.00 of which a record of 12.50 waits; the order's id."""
    del staffed
    order = save_order()
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO warm.quarantine (store_id, session_id, event_id, till_id, event_type, reason, amount, body)"
            " VALUES (%s, %s, gen_random_uuid(), 1, 'order_placed', 'It does not add up.', 12.50, '{}')",
            [Surroundings.find().venue.store_id, order],
        )
        connection.execute("UPDATE till.order_sessions SET quarantined = true")
    return order


def test_a_waiting_record_is_listed_tried_and_settled(staffed: Shell, aside: str) -> None:
    (row,) = staffed("admin", "quarantine", "--json").json["quarantine"]
    assert (row["session"], row["amount"], row["currency"]) == (aside, "12.50", "EUR")
    shown = staffed("admin", "quarantine")
    assert "It does not add up." in shown.out
    assert shown.err.startswith("1 record needs attention.\nIf the guest paid, `till admin quarantine book ID`")
    number = str(row["id"])
    still = staffed("admin", "quarantine", "retry", number)
    assert still.code == 1
    assert "still waits: It does not add up." in still.err
    assert "`till admin quarantine book ID` books a sale" in still.err
    assert "by hand" not in still.err, "a paid sale is booked, never settled by hand"
    for more in ([], ["--json"]):
        tried = staffed("admin", "quarantine", "retry", "--all", *more)
        assert tried.code == 1
        assert "1 record still waits" in tried.err
    assert staffed("admin", "quarantine", "retry").code == 2
    assert staffed("admin", "quarantine", "retry", number, "--all").code == 2
    assert staffed.refused("admin", "quarantine", "resolve", number, "--how", " ") == "Describe how it was settled."
    staffed.become(9)
    staffed.ok("admin", "quarantine", "resolve", number, "--how", "paid back")
    assert staffed("admin", "quarantine", "--json").json == {"quarantine": [], "next": None, "waiting": []}
    (row,) = staffed("admin", "quarantine", "--all", "--json").json["quarantine"]
    assert (row["how"], row["resolved_by"]) == ("paid back", 9)
    assert "no waiting record" in staffed.refused("admin", "quarantine", "retry", "77")


def test_a_record_without_an_order_is_listed_shown_and_settled(staffed: Shell, database: Database) -> None:
    with database.connect() as connection:
        connection.execute(
            "INSERT INTO warm.quarantine (store_id, journal_id, seq, hash, till_id, event_type, reason, body)"
            " VALUES (%s, gen_random_uuid(), 7, repeat('ab', 32), 2, 'login_refused', 'It does not fit.', %s)",
            [Surroundings.find().venue.store_id, '{"at":"infinity"}'],
        )
    (row,) = staffed("admin", "quarantine", "--json").json["quarantine"]
    assert (row["session"], row["event"], row["amount"]) == (None, None, None)
    listed = staffed("admin", "quarantine")
    assert "It does not fit." in listed.out
    assert "book" not in listed.err
    shown = staffed("admin", "quarantine", "show", str(row["id"]), "--json").json["record"]
    assert (shown["seq"], shown["hash"], shown["body"]) == (7, "ab" * 32, '{"at":"infinity"}')
    assert '{"at":"infinity"}' in staffed.ok("admin", "quarantine", "show", str(row["id"]))
    assert "no such record" in staffed.refused("admin", "quarantine", "show", "77")
    staffed.become(9)
    staffed.ok("admin", "quarantine", "resolve", str(row["id"]), "--how", "a clock ran wild")
    assert staffed("admin", "quarantine", "--json").json == {"quarantine": [], "next": None, "waiting": []}


def test_a_sale_that_waits_is_booked(staffed: Shell, database: Database) -> None:
    store = Surroundings.find().venue.store_id
    with database.connect() as connection:
        enrol = "SELECT till.till_enrol_v1(%s, NULL, 7, NULL, %s)"
        connection.execute(enrol, [store, sha256("secret 7")])
        sell_lines_of_another(Till(connection, store, 7, "secret 7"))
    (row,) = staffed("admin", "quarantine", "--json").json["quarantine"]
    number = str(row["id"])
    assert row["reason"] == "The sale lists lines of another order."
    assert "waits for a manager" in staffed.ok("recover", "--list")
    assert "waits for a manager" in staffed.ok("admin", "sessions", "list")
    assert staffed.refused("recover", "--session", row["session"], "--resume") == "No open order matches."
    staffed.become(9)
    assert staffed.ok("admin", "quarantine", "book", number) == "Booked: the reports have it.\n"
    assert "already settled: booked" in staffed.refused("admin", "quarantine", "book", number)
    assert "There is no waiting record 77" in staffed.refused("admin", "quarantine", "book", "77")
    with database.connect() as connection:
        assert connection.execute("SELECT orders FROM cold.sales_by_day").fetchone() == (1,)
    assert staffed("admin", "quarantine", "--json").json["quarantine"] == []


def test_a_record_of_pay_offs_lists_them(staffed: Shell, database: Database) -> None:
    store = Surroundings.find().venue.store_id
    with database.connect() as connection:
        connection.execute("SELECT till.till_enrol_v1(%s, NULL, 7, NULL, %s)", [store, sha256("secret 7")])
        guest = connection.execute("SELECT till.customer_add_v1(%s, 9, 'Mrs Rao', '')", [store]).fetchone()
        assert guest is not None
        connection.execute("SELECT till.account_set_v1(%s, 9, %s, 500, false)", [store, guest[0]])
        owe = """INSERT INTO till.value_movements
            (movement_id, store_id, tender, holder_id, amount, state, till_id, moved_at)
            VALUES (gen_random_uuid(), %s, 'ACCOUNT', %s, 80, 'spent', 1, now())"""
        connection.execute(owe, [store, guest[0]])
        till = Till(connection, store, 7, "secret 7")
        of = {"kind": "account", "amount": "1.00", "currency": "EUR", "of": str(guest[0])}
        moved = [till.make("cash_moved", shift_of(till), of) for _each in range(11)]
        assert till.push()["records"] == 1
    (row,) = staffed("admin", "quarantine", "--json").json["quarantine"]
    shown = staffed.ok("admin", "quarantine", "show", str(row["id"]))
    assert "The till paid off 11 debts of house accounts since" in shown
    assert "11.00 EUR together" in shown
    assert len(re.findall(r"Mrs Rao +1\.00 +CASH +7 ", shown)) == 11
    assert re.search(rf" {moved[0].id[-8:]}$", shown, re.MULTILINE)
    record = staffed("admin", "quarantine", "show", str(row["id"]), "--json").json["record"]
    assert {one["customer"] for one in record["pay_offs"]} == {str(guest[0])}


def test_a_record_that_can_be_applied_is(staffed: Shell, aside: str, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("UPDATE warm.quarantine SET body = NULL, event_id = NULL")
    assert staffed.ok("admin", "quarantine", "retry", "--all") == "1 record was applied.\n"
    assert staffed("admin", "sessions", "show", aside, "--json").json["quarantined"] == []


def test_recover_names_what_waits_too(staffed: Shell, aside: str) -> None:
    (row,) = staffed("recover", "--list", "--json").json["sessions"]
    assert (row["id"], row["found_in"]) == (aside, ["database", "quarantine"])
    (record,) = staffed("recover", "--list", "--json").json["quarantine"]
    assert (record["session"], record["reason"]) == (aside, "It does not add up.")
    message = staffed("recover", "--list").err
    assert f"Record {record['id']} needs attention: It does not add up." in message
    assert "`till admin quarantine` lists them, and says how each is settled." in message
    staffed.ok("admin", "sessions", "close", aside, "--reason", "left")
    (row,) = staffed("recover", "--list", "--json").json["sessions"]
    assert (row["id"], row["status"], row["found_in"]) == (aside, "discarded", ["quarantine"])
    assert staffed.refused("recover", "--user", "1", "--park") == "No open order matches."
