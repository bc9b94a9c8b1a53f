"""`till admin sessions list --logins`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

LIST = ("admin", "sessions", "list", "--logins")


@pytest.fixture
def logins(staffed: Shell, database: Database) -> Shell:
    """A login in each status; one that a program wrote down by hand."""
    staffed.ok("admin", "tills", "add", "3", "--here", "--name", "Terrace")
    store = Surroundings.find().venue.store_id
    with database.connect() as connection:
        for session, user, silent, quality in (
            ("here", 1, 0, "DEGRADED"),
            ("back soon", 9, 60, "GOOD"),
            ("gone", 7, 400, "GOOD"),
            ("out", 1, 0, "GOOD"),
            ("old", 9, 0, "GOOD"),
        ):
            token = connection.execute(
                "SELECT session.session_create_v1(%s, %s, 3, %s,"
                " jsonb_build_object('connection_quality', %s::text, 'pod_name', 'bar-\x1b[31m'))->>'token'",
                [store, user, session, quality],
            ).fetchone()
            assert token is not None
            if session == "out":
                connection.execute("SELECT session.session_end_v1('out', %s)", token)
            connection.execute(
                "UPDATE session.active_sessions SET last_active = now() - make_interval(secs => %s)"
                " WHERE session_id = %s",
                [silent, session],
            )
        connection.execute(
            "UPDATE session.active_sessions SET expires_at = now() - interval '1 s' WHERE session_id = 'old'"
        )
        connection.execute(
            "INSERT INTO session.active_sessions (session_id, user_id, status, expires_at, token)"
            " VALUES ('by hand', 'guest 4', 'ACTIVE', now() + interval '1 hour', 'secret')"
        )
    staffed.become(9)
    return staffed


def test_logins_are_listed_as_they_stand_now(logins: Shell) -> None:
    rows = logins(*LIST, "--json").json["logins"]
    assert {row["id"]: (row["user"], row["till_name"], row["status"], row["connection_quality"]) for row in rows} == {
        "here": (1, "Terrace", "ACTIVE", "DEGRADED"),
        "back soon": (9, "Terrace", "RECONNECTING", "POOR"),
        "gone": (7, "Terrace", "INACTIVE", "POOR"),
        "out": (1, "Terrace", "INACTIVE", None),
        "old": (9, "Terrace", "EXPIRED", None),
        "by hand": ("guest 4", None, "ACTIVE", None),
    }
    assert all("token" not in row for row in rows)
    assert all(row["expires_at"].endswith("Z") for row in rows)
    here = next(row for row in rows if row["id"] == "here")
    assert here["metadata"] == {"till_id": 3, "connection_quality": "DEGRADED", "pod_name": "bar-\x1b[31m"}


def test_a_person_reads_them_in_words(logins: Shell) -> None:
    result = logins(*LIST)
    assert "\x1b" not in result.out
    lines = {words[-1]: row for row in result.out.splitlines() if (words := row.split())}
    for session, found in (("here", "logged in"), ("soon", "reconnecting"), ("gone", "no contact"),
                           ("out", "logged out"), ("old", "expired")):  # fmt: skip
        assert found in lines[session]
    assert " slow " in lines["here"]
    assert " lost " in lines["gone"]
    assert "1 Asha" in lines["here"]
    assert result.err == "6 logins.\n"


def test_logins_are_listed_by_person_and_till_up_to_a_limit(logins: Shell) -> None:
    def ids(*more: str) -> set[str]:
        return {row["id"] for row in logins(*LIST, *more, "--json").json["logins"]}

    assert ids("--user", "1") == {"here", "out"}
    assert ids("--till", "3", "--user", "7") == {"gone"}
    assert ids("--till", "4") == set()
    assert len(ids("--limit", "2")) == 2


@pytest.mark.parametrize("more", [("--status", "open"), ("--stale", "3"), ("--after", "x")])
def test_an_option_for_orders_alone_is_wrong_usage_here(logins: Shell, more: tuple[str, ...]) -> None:
    result = logins(*LIST, *more)
    assert (result.code, result.out) == (2, "")
    assert "are for orders" in result.err


def test_a_cashier_does_not_see_it(logins: Shell) -> None:
    logins.become(1)
    assert logins(*LIST).code == 1
