from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


def test_the_first_person_is_added_by_who_owns_the_database(venue: Shell) -> None:
    result = venue("admin", "users", "add", "7", "--name", "Om", "--role", "admin", stdin="7777\n")
    assert (result.code, result.out) == (0, "Added 7 Om, admin.\n")
    assert "users set-password 7" in result.err
    assert "no password" in venue.ok("admin", "users", "list")
    assert venue.ok("admin", "users", "set-password", "7", stdin="admin seven\n") == "Number 7 has a new password.\n"
    assert "set TILL_STAFF" in venue.refused("admin", "users", "list")
    venue.become(7)
    venue.ok("admin", "users", "list")


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


def test_a_wrong_password_is_refused_and_the_fifth_locks(staffed: Shell) -> None:
    staffed.become(9, "00000000")
    for _try in range(4):
        assert "Wrong number or password" in staffed.refused("admin", "tills", "list")
    assert "after five wrong passwords" in staffed.refused("admin", "tills", "list")
    staffed.become(9)
    assert "locked until" in staffed.refused("admin", "tills", "list")
    staffed.become(7)
    assert [p["locked_until"] is None for p in staffed("admin", "users", "list", "--json").json["users"]] == [
        True,
        True,
        False,
    ]
    staffed.ok("admin", "users", "unlock", "9")
    staffed.become(9)
    staffed.ok("admin", "tills", "list")


def test_a_pin_opens_no_administration(staffed: Shell) -> None:
    staffed.become(9, "9999")
    assert "Wrong number or password" in staffed.refused("admin", "tills", "list")


def test_a_file_of_a_password_is_closed_to_others(staffed: Shell) -> None:
    file = staffed.folder / "password-7"
    for mode in (0o640, 0o604, 0o666):
        file.chmod(mode)
        assert "chmod 600" in staffed.refused("admin", "tills", "list")
    file.chmod(0o400)
    staffed.ok("admin", "tills", "list")
    file.unlink()
    assert "cannot be read" in staffed.refused("admin", "tills", "list")


def test_without_a_file_and_a_terminal_the_password_is_asked_for_in_words(staffed: Shell) -> None:
    staffed.patch.delenv("TILL_PASSWORD_FILE")
    assert "TILL_PASSWORD_FILE" in staffed.refused("admin", "tills", "list")


def test_a_new_password_comes_from_a_file_or_from_standard_input(staffed: Shell) -> None:
    file = staffed.folder / "new"
    file.write_text(" with spaces \r\n")
    assert "chmod 600" in staffed.refused("admin", "users", "set-password", "9", "--password-file", str(file))
    file.chmod(0o600)
    staffed.ok("admin", "users", "set-password", "9", "--password-file", str(file))
    staffed.become(9)
    assert "Wrong number or password" in staffed.refused("admin", "tills", "list")
    staffed.become(9, " with spaces ")
    staffed.ok("admin", "users", "set-password", "9", stdin="something else\n")
    staffed.become(9, "something else")
    staffed.ok("admin", "tills", "list")
    assert staffed("admin", "users", "set-password", "9", "something").code == 2


@pytest.mark.parametrize(("typed", "expected"), [("1234567\n", "8 characters"), ("", "No password given")])
def test_a_password_that_is_none_is_refused(staffed: Shell, typed: str, expected: str) -> None:
    assert expected in staffed.refused("admin", "users", "set-password", "9", stdin=typed)
    staffed.become(9)
    staffed.ok("admin", "tills", "list")


def test_a_manager_sets_no_password_of_an_admin(staffed: Shell) -> None:
    staffed.become(9)
    message = staffed.refused("admin", "users", "set-password", "7", stdin="12345678\n")
    assert message == "Number 7 has the role admin: that needs an admin."
    staffed.ok("admin", "users", "set-password", "9", stdin="12345678\n")


def test_a_manager_unlocks_themselves_and_no_admin(staffed: Shell, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("UPDATE till.users SET locked_until = now() + interval '5 minutes'")
    staffed.become(9)
    assert staffed.ok("admin", "users", "unlock", "9") == "Number 9 is unlocked.\n"
    message = staffed.refused("admin", "users", "unlock", "7")
    assert message == "Number 7 has the role admin: that needs an admin."


def test_a_cashier_administers_nothing(staffed: Shell) -> None:
    staffed.become(1)
    assert staffed.refused("admin", "users", "list") == "Number 1 may not do that. It needs a manager."


def test_a_manager_makes_and_changes_cashiers_alone(staffed: Shell) -> None:
    staffed.become(9)
    staffed.ok("admin", "users", "add", "2", "--name", "Ravi", stdin="2222\n")
    staffed.ok("admin", "users", "set-pin", "2", stdin="2223\n")
    staffed.ok("admin", "users", "set-pin", "9", stdin="9998\n")
    assert "needs an admin" in staffed.refused("admin", "users", "set-pin", "7", stdin="0000\n")
    assert "needs an admin" in staffed.refused("admin", "users", "disable", "7")
    added = staffed.refused("admin", "users", "add", "3", "--name", "X", "--role", "manager", stdin="3333\n")
    assert "needs an admin" in added


def test_a_disabled_person_is_nobody(staffed: Shell) -> None:
    staffed.ok("admin", "users", "disable", "9")
    staffed.become(9)
    assert "Wrong number or password" in staffed.refused("admin", "users", "list")


def test_a_number_is_never_given_twice(staffed: Shell) -> None:
    message = staffed.refused("admin", "users", "add", "1", "--name", "Other", stdin="1234\n")
    assert message == "Staff number 1 is already in use."


@pytest.mark.parametrize(
    ("pin", "expected"), [("12\n", "4 to 12 digits"), ("", "No PIN given"), ("١١١١\n", "4 to 12 digits")]
)
def test_a_pin_that_is_none_is_refused(staffed: Shell, pin: str, expected: str) -> None:
    assert expected in staffed.refused("admin", "users", "set-pin", "1", stdin=pin)


def test_a_pin_may_come_from_a_file_and_never_from_an_argument(staffed: Shell) -> None:
    file = staffed.folder / "new"
    file.write_text("4321\r\n")
    staffed.ok("admin", "users", "set-pin", "1", "--pin-file", str(file))
    assert staffed("admin", "users", "set-pin", "1", "4321").code == 2
    assert "cannot be read" in staffed.refused("admin", "users", "set-pin", "1", "--pin-file", str(file) + "x")


def test_a_missing_person_is_named(staffed: Shell) -> None:
    assert staffed.refused("admin", "users", "disable", "5") == "There is no staff number 5."
    assert "control character" in staffed.refused("admin", "users", "add", "5", "--name", "a\x1b[2J", stdin="1111\n")


def test_every_act_names_who_did_it(staffed: Shell, database: Database) -> None:
    staffed.become(9)
    staffed.ok("admin", "users", "set-pin", "1", stdin="1212\n")
    with database.connect() as connection:
        acts = connection.execute(
            "SELECT event_type, user_id, event_data->>'user' FROM warm.session_events ORDER BY event_id DESC LIMIT 1"
        ).fetchall()
    assert acts == [("pin_set", 9, "1")]


def test_a_person_is_enabled_again_renamed_and_given_another_role(staffed: Shell) -> None:
    staffed.ok("admin", "users", "disable", "1")
    assert staffed.ok("admin", "users", "enable", "1") == "Number 1 may log in again.\n"
    assert (
        staffed.ok("admin", "users", "rename", "1", "--name", "Asha K.") == "Number 1 is called Asha K. from now on.\n"
    )
    result = staffed("admin", "users", "set-role", "1", "manager")
    assert result.out == "Number 1 is now a manager.\n"
    assert "users set-password" not in result.err  # there is one already
    people = {p["number"]: p for p in staffed("admin", "users", "list", "--json").json["users"]}
    assert (people[1]["name"], people[1]["role"], people[1]["disabled"]) == ("Asha K.", "manager", False)
    assert "There is no staff number 5" in staffed.refused("admin", "users", "rename", "5", "--name", "Nobody")
    assert "name" in staffed.refused("admin", "users", "rename", "1", "--name", " ")


def test_a_manager_raises_nobody_above_a_cashier_and_touches_no_admin(staffed: Shell) -> None:
    staffed.become(9)
    for words in (("set-role", "1", "manager"), ("set-role", "9", "admin")):
        assert "It needs an admin" in staffed.refused("admin", "users", *words)
    for others in (("rename", "7", "--name", "X"), ("enable", "7"), ("set-role", "7", "cashier")):
        assert "needs an admin" in staffed.refused("admin", "users", *others)
    staffed.ok("admin", "users", "rename", "1", "--name", "Ash")


def test_the_last_admin_stays(staffed: Shell) -> None:
    for words in (("disable", "7"), ("set-role", "7", "cashier"), ("set-role", "7", "manager")):
        message = staffed.refused("admin", "users", *words)
        assert message == "Number 7 is the last admin here. Make somebody else an admin first."
    staffed.ok("admin", "users", "set-role", "7", "admin")
    staffed.ok("admin", "users", "set-role", "9", "admin")
    staffed.ok("admin", "users", "set-role", "7", "cashier")
    staffed.become(9)
    assert "last admin" in staffed.refused("admin", "users", "disable", "9")


def test_the_last_manager_of_a_venue_without_an_admin_stays(staffed: Shell, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("UPDATE till.users SET role = 'cashier' WHERE id = 7")
    for words in (("disable", "9"), ("set-role", "9", "cashier")):
        message = staffed.refused("admin", "users", *words, "--as-owner")
        assert message == "Number 9 is the last manager here. Make somebody else a manager first."
    staffed.ok("admin", "users", "set-role", "9", "admin", "--as-owner")


def test_the_owner_of_the_database_unlocks_anybody_without_a_password(staffed: Shell) -> None:
    staffed.become(7, "not the one")
    for _try in range(5):
        staffed("admin", "tills", "list")
    message = staffed.refused("admin", "users", "unlock", "7")
    assert "locked until" in message
    assert "--as-owner" in message
    staffed.patch.delenv("TILL_STAFF")
    staffed.patch.delenv("TILL_PASSWORD_FILE")
    assert staffed.ok("admin", "users", "unlock", "7", "--as-owner") == "Number 7 is unlocked.\n"
    staffed.become(7)
    staffed.ok("admin", "tills", "list")


def test_the_owner_of_the_database_sets_a_password_once_nobody_has_one(staffed: Shell, database: Database) -> None:
    """The runbook describes this for a venue where everybody forgot their password."""
    staffed.patch.delenv("TILL_STAFF")
    file = staffed.folder / "new"
    file.touch(mode=0o600)
    file.write_text("a new password\n")
    assert "staff number" in staffed.refused("admin", "users", "set-password", "9", "--password-file", str(file))
    with database.connect() as owner:
        owner.execute("update till.users set password_hash = null")
    staffed.ok("admin", "users", "set-password", "9", "--password-file", str(file))
    staffed.become(9, "a new password")
    staffed.ok("admin", "users", "list")
