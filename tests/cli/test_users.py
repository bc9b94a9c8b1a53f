from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


def test_the_first_person_is_added_by_who_owns_the_database(venue: Shell) -> None:
    assert (
        venue.ok("admin", "users", "add", "7", "--name", "Om", "--role", "admin", stdin="7777\n")
        == "Added 7 Om, admin.\n"
    )
    assert "Say who you are" in venue.refused("admin", "users", "list")


def test_staff_are_listed_without_any_hash(staffed: Shell) -> None:
    listed = staffed("admin", "users", "list", "--json").json
    assert [(p["number"], p["name"], p["role"]) for p in listed["users"]] == [
        (1, "Asha", "cashier"),
        (7, "Om", "admin"),
        (9, "Meena", "manager"),
    ]
    assert "argon2" not in str(listed)
    table = staffed.ok("admin", "users", "list")
    assert "     9  Meena  manager" in table


def test_a_wrong_pin_is_refused_and_the_fifth_locks(staffed: Shell) -> None:
    staffed.become(9, "0000")
    for _try in range(4):
        assert "is not the one of number 9" in staffed.refused("admin", "tills", "list")
    assert "locked until" in staffed.refused("admin", "tills", "list")
    staffed.become(9, "9999")
    assert "locked until" in staffed.refused("admin", "tills", "list")
    staffed.become(7, "2222")
    assert [p["locked_until"] is None for p in staffed("admin", "users", "list", "--json").json["users"]] == [
        True,
        True,
        False,
    ]
    staffed.ok("admin", "users", "unlock", "9")
    staffed.become(9, "9999")
    staffed.ok("admin", "tills", "list")


def test_a_cashier_administers_nothing(staffed: Shell) -> None:
    staffed.become(1, "1111")
    assert staffed.refused("admin", "users", "list") == "Number 1 may not do that. It needs a manager."


def test_a_manager_makes_and_changes_cashiers_alone(staffed: Shell) -> None:
    staffed.become(9, "9999")
    staffed.ok("admin", "users", "add", "2", "--name", "Ravi", stdin="2222\n")
    staffed.ok("admin", "users", "set-pin", "2", stdin="2223\n")
    staffed.ok("admin", "users", "set-pin", "9", stdin="9998\n")
    staffed.become(9, "9998")
    assert "needs an admin" in staffed.refused("admin", "users", "set-pin", "7", stdin="0000\n")
    assert "needs an admin" in staffed.refused("admin", "users", "disable", "7")
    added = staffed.refused("admin", "users", "add", "3", "--name", "X", "--role", "manager", stdin="3333\n")
    assert "needs an admin" in added


def test_who_was_disabled_is_nobody(staffed: Shell) -> None:
    staffed.ok("admin", "users", "disable", "9")
    staffed.become(9, "9999")
    assert "Nobody here has number 9" in staffed.refused("admin", "users", "list")


def test_a_number_is_never_given_twice(staffed: Shell) -> None:
    said = staffed.refused("admin", "users", "add", "1", "--name", "Other", stdin="1234\n")
    assert said == "Staff number 1 is taken."


@pytest.mark.parametrize(
    ("pin", "said"), [("12\n", "4 to 12 digits"), ("", "No PIN came"), ("١١١١\n", "4 to 12 digits")]
)
def test_a_pin_that_is_none_is_refused(staffed: Shell, pin: str, said: str) -> None:
    assert said in staffed.refused("admin", "users", "set-pin", "1", stdin=pin)


def test_a_pin_may_come_from_a_file_and_never_from_an_argument(staffed: Shell) -> None:
    file = staffed.folder / "new"
    file.write_text("4321\r\n")
    staffed.ok("admin", "users", "set-pin", "1", "--pin-file", str(file))
    assert staffed("admin", "users", "set-pin", "1", "4321").code == 2
    assert "cannot be read" in staffed.refused("admin", "users", "set-pin", "1", "--pin-file", str(file) + "x")


def test_what_is_not_there_is_named(staffed: Shell) -> None:
    assert staffed.refused("admin", "users", "disable", "5") == "There is no staff number 5."
    assert "control character" in staffed.refused("admin", "users", "add", "5", "--name", "a\x1b[2J", stdin="1111\n")


def test_every_act_names_who_did_it(staffed: Shell, database: Database) -> None:
    staffed.become(9, "9999")
    staffed.ok("admin", "users", "set-pin", "1", stdin="1212\n")
    with database.connect() as connection:
        acts = connection.execute(
            "SELECT event_type, user_id, event_data->>'user' FROM warm.session_events ORDER BY event_id DESC LIMIT 1"
        ).fetchall()
    assert acts == [("pin_set", 9, "1")]
