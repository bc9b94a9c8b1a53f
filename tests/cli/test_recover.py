"""`till recover` for orders of a lost till, which has no journal on this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


@pytest.fixture
def left(staffed: Shell, save_order: Callable[[], str], database: Database) -> str:
    """The order of number 1 that till 5 holds; its id."""
    staffed.become(9)
    store, order = Surroundings.find().venue.store_id, save_order()
    with database.connect() as connection:
        connection.execute("SELECT till.till_enrol_v1(%s, NULL, 5, 'Till 5', repeat('0', 64))", [store])
        connection.execute("UPDATE till.order_sessions SET till_id = 5 WHERE store_id = %s", [store])
    return order


def only(shell: Shell, *arguments: str) -> dict[str, Any]:
    (entry,) = shell("recover", *arguments, "--json").json["sessions"]
    return dict(entry)


def test_an_order_left_by_a_lost_till_is_listed_with_the_place_it_was_found(staffed: Shell, left: str) -> None:
    entry = only(staffed, "--list", "--till", "5")
    assert (entry["id"], entry["till"], entry["status"], entry["found_in"]) == (left, 5, "active", ["database"])
    assert staffed("recover", "--list", "--till", "4", "--json").json["sessions"] == []


def test_recovered_order_waits_for_the_next_login_of_its_user(staffed: Shell, left: str) -> None:
    entry = only(staffed, "--till", "5", "--park")
    assert (entry["id"], entry["status"], entry["till"], entry["user"]) == (left, "pending_logout", None, 1)
    assert entry["logout_time"]
    assert only(staffed, "--session", left, "--resume")["status"] == "active"


def test_an_act_already_done_says_so_and_changes_nothing(staffed: Shell, left: str) -> None:
    before = only(staffed, "--session", left)
    for json in ([], ["--json"]):
        assert "already open, nothing was changed" in staffed.refused("recover", "--session", left, "--resume", *json)
    assert only(staffed, "--session", left) == before
    parked = only(staffed, "--session", left, "--park")
    assert "already suspended, nothing was changed" in staffed.refused("recover", "--session", left, "--park")
    assert only(staffed, "--session", left) == parked


def test_a_database_that_does_not_answer_leaves_recover_unfinished(staffed: Shell) -> None:
    staffed.patch.setenv("TILL_DATABASE__URL", "postgresql://till_app@/venue?host=/nowhere")
    staffed.patch.setenv("TILL_DATABASE__OWNER_URL", "postgresql://till_owner@/venue?host=/nowhere")
    for more in ([], ["--list"], ["--json"]):
        asked = staffed("recover", *more)
        assert (asked.code, "cannot be reached" in asked.err) == (1, True), asked


def test_recovered_order_is_given_to_somebody_else(staffed: Shell, left: str) -> None:
    entry = only(staffed, "--session", left, "--give-to", "7")
    assert (entry["status"], entry["user"], entry["till"]) == ("pending_logout", 7, None)
    assert "no staff number 55" in staffed.refused("recover", "--session", left, "--give-to", "55")


def test_discarded_order_needs_a_reason_and_is_closed(staffed: Shell, left: str) -> None:
    assert only(staffed, "--session", left, "--discard", "--reason", "the guest left")["status"] == "discarded"
    assert "Nothing is open." in staffed.ok("recover", "--list")
    assert "No open order matches." in staffed.refused("recover", "--session", left, "--park")


def test_the_order_of_somebody_who_works_here_no_more_waits_for_nobody(staffed: Shell, left: str) -> None:
    assert (
        "1 order of theirs is open: `till recover --user 1 --give-to N`"
        in staffed("admin", "users", "disable", "1").err
    )
    staffed.ok("recover", "--session", left, "--park")
    message = staffed("recover", "--list").err
    assert "Number 1 can no longer log in: --give-to N" in message
    assert "opens at its user's next login" not in message
    staffed.ok("recover", "--session", left, "--give-to", "7")
    assert "opens at its user's next login" in staffed("recover", "--list").err


@pytest.mark.usefixtures("left")
def test_the_order_of_somebody_whom_a_restore_lost_is_listed(staffed: Shell, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("UPDATE till.order_sessions SET user_id = 6")
    listed = staffed("recover", "--list")
    assert (listed.code, "Number 6 can no longer log in: --give-to N" in listed.err) == (0, True), listed
