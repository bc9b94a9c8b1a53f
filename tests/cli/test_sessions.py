from __future__ import annotations

import asyncio
import re
from typing import TYPE_CHECKING

import pytest
from psycopg.types.json import Jsonb

from tests.cli.conftest import speak_german
from tests.cli.test_output import Screen
from tests.cli.test_recover_late import key, selling
from tests.sql.ringing import new_id
from till.cli.environment import Surroundings
from till.cli.main import main
from till.cli.venues import hold_own
from till.domain.money.measures import Minor

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

ITEMS = [{"item_id": "i1", "item": "Idly \x1b[31m", "quantity": 2, "unit_price": "40.00"}]

Open = "Callable[[int], str]"


@pytest.fixture
def open_order(staffed: Shell, database: Database) -> Callable[[int], str]:
    """Opens an order of a user in the database."""
    store = Surroundings.find().venue.store_id
    del staffed

    def make(user: int) -> str:
        with database.connect() as connection:
            query = "SELECT till.order_session_save_v1(%s, %s, %s, %s, 'take_away')->>'session'"
            row = connection.execute(query, [store, user, new_id(), Jsonb(ITEMS)]).fetchone()
        assert row is not None
        return str(row[0])

    return make


def test_sessions_are_listed_newest_first_in_pages(staffed: Shell, open_order: Callable[[int], str]) -> None:
    ids = [open_order(1 if number % 2 else 9) for number in range(5)][::-1]
    page = staffed("admin", "sessions", "list", "--limit", "2", "--json").json
    assert [entry["id"] for entry in page["sessions"]] == ids[:2]
    rest = staffed("admin", "sessions", "list", "--limit", "3", "--after", page["next"], "--json").json
    assert [entry["id"] for entry in rest["sessions"]] == ids[2:]
    assert rest["next"] is None
    of_one = staffed("admin", "sessions", "list", "--user", "1", "--json").json
    assert {entry["user"] for entry in of_one["sessions"]} == {1}


def test_newest_is_by_time_whatever_made_the_ids(
    staffed: Shell, open_order: Callable[[int], str], database: Database
) -> None:
    ids = [open_order(1) for _ in range(4)]
    with database.connect() as connection:
        connection.execute("UPDATE till.order_sessions SET id = 'sess_front_end' WHERE id = %s", [ids[1]])
    newest = [ids[3], ids[2], "sess_front_end", ids[0]]
    for more in ([], ["--user", "1"]):
        seen: list[str] = []
        cursor: list[str] = []
        while True:
            page = staffed("admin", "sessions", "list", "--limit", "1", *cursor, *more, "--json").json
            seen += [entry["id"] for entry in page["sessions"]]
            if page["next"] is None:
                break
            cursor = ["--after", page["next"]]
        assert seen == newest


@pytest.mark.parametrize(
    ("expected", "status"),
    [("open", "active"), ("suspended", "pending_logout"), ("saved", "assigned_to_tab"), ("Paid", "completed"),
     ("cleared", "discarded"), ("pending_logout", "pending_logout")],
)  # fmt: skip
def test_a_status_is_asked_for_by_the_word_that_the_list_shows(
    staffed: Shell, open_order: Callable[[int], str], database: Database, expected: str, status: str
) -> None:
    wanted, _other = open_order(1), open_order(9)
    with database.connect() as connection:
        elsewhere = "discarded" if status == "active" else "active"
        connection.execute("UPDATE till.order_sessions SET status = %s", [elsewhere])
        connection.execute("UPDATE till.order_sessions SET status = %s WHERE id = %s", [status, wanted])
    page = staffed("admin", "sessions", "list", "--status", expected, "--json").json
    assert [entry["id"] for entry in page["sessions"]] == [wanted]


def test_stale_is_asked_of_what_is_open(staffed: Shell, open_order: Callable[[int], str], database: Database) -> None:
    every = {status: open_order(1) for status in ("active", "pending_logout", "assigned_to_tab", "completed")}
    with database.connect() as connection:
        for status, order in every.items():
            connection.execute(
                "UPDATE till.order_sessions SET status = %s, arrived_at = now() - interval '1 hour' WHERE id = %s",
                [status, order],
            )
    page = staffed("admin", "sessions", "list", "--stale", "30", "--json").json
    assert {entry["status"] for entry in page["sessions"]} == {"active", "pending_logout", "assigned_to_tab"}
    asked = staffed("admin", "sessions", "list", "--stale", "30", "--status", "paid", "--json").json
    assert [entry["id"] for entry in asked["sessions"]] == [every["completed"]]


def test_amounts_of_a_list_are_written_as_people_of_the_venue_write_them(
    staffed: Shell, open_order: Callable[[int], str], database: Database
) -> None:
    session = open_order(1)
    speak_german(database)
    assert " 80,00 " in staffed.ok("admin", "sessions", "list")
    shown = staffed.ok("admin", "sessions", "show", session)
    assert re.search(r"Idly \S* +2 +40,00 +80,00", shown)
    assert "80.00" not in shown
    reply = staffed("admin", "sessions", "show", session, "--json").json
    assert (reply["session"]["total"], reply["sums"]) == ("80.00", [])


def test_a_session_has_the_shape_of_the_contract(staffed: Shell, open_order: Callable[[int], str]) -> None:
    session = open_order(1)
    (entry,) = staffed("admin", "sessions", "list", "--status", "active", "--json").json["sessions"]
    wanted = (
        "id user till status stale lines items total currency order_type tab version created_at updated_at logout_time"
    )
    assert list(entry) == wanted.split()
    assert (entry["id"], entry["lines"], entry["total"], entry["currency"]) == (session, 1, "80.00", "EUR")
    assert entry["items"] == [{"item": "Idly \x1b[31m", "quantity": 2, "unit_price": "40.00", "amount": "80.00"}]
    assert entry["created_at"].endswith("Z")
    assert staffed("admin", "sessions", "list", "--status", "completed", "--json").json == {
        "sessions": [],
        "next": None,
    }


def test_a_snapshot_that_is_behind_its_events_is_never_shown(
    staffed: Shell, open_order: Callable[[int], str], database: Database
) -> None:
    session = open_order(1)
    with database.connect() as connection:
        connection.execute(
            "UPDATE till.order_sessions SET items = '[]', total = 0, refold = true WHERE id = %s", [session]
        )
    (entry,) = staffed("admin", "sessions", "list", "--json").json["sessions"]
    assert (entry["lines"], entry["total"], entry["items"][0]["amount"]) == (1, "80.00", "80.00")
    assert staffed("admin", "sessions", "show", session, "--json").json["session"] == entry
    (found,) = staffed("recover", "--list", "--json").json["sessions"]
    assert {**entry, "found_in": ["database"]} == found


def test_stale_means_without_a_sign_for_so_long(staffed: Shell, open_order: Callable[[int], str]) -> None:
    open_order(1)
    assert staffed("admin", "sessions", "list", "--stale", "1", "--json").json["sessions"] == []
    assert len(staffed("admin", "sessions", "list", "--stale", "0", "--json").json["sessions"]) == 1


def test_a_session_is_shown_with_its_events_and_harmless(staffed: Shell, open_order: Callable[[int], str]) -> None:
    session = open_order(1)
    types = [event["type"] for event in staffed("admin", "sessions", "show", session, "--json").json["events"]]
    assert types == ["order_opened", "item_added", "order_type_set"]
    shown = staffed.ok("admin", "sessions", "show", session)
    assert "\x1b" not in shown
    assert "item_added" in shown
    assert "80.00" in shown


def test_closing_discards_with_a_reason_and_keeps_the_events(staffed: Shell, open_order: Callable[[int], str]) -> None:
    session = open_order(1)
    assert staffed("admin", "sessions", "close", session).code == 2
    assert "needs a reason" in staffed.refused("admin", "sessions", "close", session, "--reason", " ")
    staffed.become(9)
    unread = "“trop sal�” is not valid UTF-8. Set the terminal to UTF-8, and type it again."
    assert staffed.refused("admin", "sessions", "close", session, "--reason", "trop sal\udce9") == unread
    staffed.ok("admin", "sessions", "close", session, "--reason", "left the shop")
    found = staffed("admin", "sessions", "show", session, "--json").json
    assert found["session"]["status"] == "discarded"
    assert found["events"][-1]["type"] == "order_discarded"
    assert (found["events"][-1]["user"], found["events"][-1]["texts"]) == (9, {"reason": "left the shop"})
    assert "can no longer change" in staffed.refused("admin", "sessions", "close", session, "--reason", "again")


def test_closing_says_what_money_it_found_and_where_it_is_given_back(staffed: Shell, database: Database) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    with database.connect() as owner:
        hold_own(Surroundings.find(), owner)
    here = Surroundings.find()
    here.folders.make()

    async def part_is_paid() -> str:
        async with selling(here, 1, online=True) as (register, _sync):
            session = key(register, None, 0)
            register.checkout.pay(session, "CASH", Minor(1_500))
            return session

    session = asyncio.run(part_is_paid())
    closed = staffed("admin", "sessions", "close", session, "--reason", "guest left")
    assert closed.code == 0
    assert "15.00 was paid on it. A manager refunds it on Till 1: Ctrl+O." in closed.err
    assert max(map(len, closed.err.splitlines())) <= 80

    async def is_given_back(*, left: bool) -> None:
        async with selling(here, 1, online=True) as (register, sync):
            await sync.fetch(session)
            (payment,) = register.ledger.order(session).payments
            assert register.checkout.is_left(session, payment)
            if not left:
                manager = next(person for person in register.access.staff if person.manages)
                asked = register.checkout.needs_manager(session, payment)
                assert asked is not None
                register.checkout.give_back(session, payment, register.approvals.give(manager, asked))

    def waiting() -> list[tuple[str, bool]]:
        with database.connect() as owner:
            return owner.execute("SELECT kind, resolved_at IS NULL FROM till.conflicts").fetchall()

    asyncio.run(is_given_back(left=True))
    assert waiting() == [("money_without_order", True)]
    asyncio.run(is_given_back(left=False))
    assert waiting() == [("money_without_order", False)]


def test_the_unique_beginning_of_an_id_is_enough(
    staffed: Shell, open_order: Callable[[int], str], database: Database
) -> None:
    one, other = open_order(1), open_order(1)
    with database.connect() as connection:
        rename = "UPDATE till.order_sessions SET id = %s WHERE id = %s"
        for name, was in (("sess_ab", one), ("sess_abc", other)):
            connection.execute(rename, [name, was])
    last = open_order(9)
    for typed, whole in (("sess_ab", "sess_ab"), ("sess_abc", "sess_abc"), (last[:13], last), (last, last)):
        shown = staffed("admin", "show-session", typed, "--json").json
        assert shown["session"]["id"] == whole
        found = staffed("recover", "--list", "--session", typed, "--json").json["sessions"]
        assert [row["id"] for row in found] == [whole]
    assert whole in staffed.ok("admin", "sessions", "show", last[:13])
    refused = staffed.refused("admin", "sessions", "show", "sess_")
    assert refused.startswith("Several orders begin with sess_: type more of the id. sess_ab, sess_abc")
    assert "no such order session" in staffed.refused("admin", "sessions", "show", "")
    assert "Name one order" in staffed.refused("recover", "--session", "sess_", "--park")
    assert "is discarded" in staffed.ok("admin", "close-session", last[:13], "--reason", "guest left")


@pytest.mark.parametrize(("columns", "length"), [("80", 18), ("120", 36)])
def test_id_on_a_narrow_terminal_names_the_order(
    staffed: Shell, open_order: Callable[[int], str], columns: str, length: int
) -> None:
    session, out = open_order(1), Screen()
    with staffed.patch.context() as patch:
        patch.setenv("COLUMNS", columns)
        patch.setattr("sys.stdout", out)
        assert main(["admin", "list-sessions"]) == 0
    listed = out.getvalue()
    assert session[:length] in listed
    assert session[: length + 1] not in listed or length == len(session)
    assert len(listed.splitlines()) == 2  # no cell is folded
    assert session in staffed.ok("admin", "show-session", session[:length])


def on_a_terminal(shell: Shell, columns: int, *arguments: str) -> list[str]:
    """Return the lines that a command prints on a terminal."""
    out = Screen()
    with shell.patch.context() as patch:
        patch.setenv("COLUMNS", str(columns))
        patch.setattr("sys.stdout", out)
        assert main(list(arguments)) == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", out.getvalue()).splitlines()


@pytest.mark.parametrize("columns", [80, 100, 120, 200])
def test_each_order_is_one_line_with_its_times(
    staffed: Shell, open_order: Callable[[int], str], database: Database, columns: int
) -> None:
    opened, suspended, saved, night = (open_order(1) for _order in range(4))
    staffed.ok("recover", "--session", suspended, "--park")
    with database.connect() as connection:
        store = Surroundings.find().venue.store_id
        name = "The long table by the window that the Rao family always has"
        query = "SELECT till.order_session_assign_to_tab_v1(%s, 1, %s, NULL, %s)"
        connection.execute(query, [store, saved, name])
        late = "UPDATE till.order_sessions SET arrived_at = now() - interval '1 hour' WHERE id <> %s"
        connection.execute(late, [opened])
        over_night = "UPDATE till.order_sessions SET created_at = created_at - interval '1 day' WHERE id = %s"
        connection.execute(over_night, [night])
    heading, *lines = on_a_terminal(staffed, columns, "admin", "list-sessions")
    assert heading.split()[:6] == ["Opened", "Active", "Logout", "Staff", "Till", "Status"]
    assert len(lines) == 4
    by_order = {one: line for one in (opened, suspended, saved, night) for line in lines if one[:18] in line}
    assert len(by_order) == 4
    day = r"(\d{4}-)?\d\d-\d\d \d\d:\d\d"
    time = day if columns == 200 else r"\d\d:\d\d"
    assert re.match(rf"{day} +{time} +1 ", by_order[opened])
    assert re.match(rf"{day} +{time} +{time} +1 ", by_order[suspended])
    assert re.match(rf"{day} +{day} +1 ", by_order[night])
    assert "The long" in by_order[saved]
    assert all(len(line) <= columns for line in lines)
    (row,) = on_a_terminal(staffed, columns, "admin", "show-session", suspended)[1:2]
    assert re.match(rf"{day} +{time} +{time} +1 ", row)


def test_show_names_whom_an_order_was_given_to_and_the_day_of_each_event(
    staffed: Shell, open_order: Callable[[int], str]
) -> None:
    session = open_order(1)
    staffed.ok("recover", "--session", session, "--give-to", "9")
    (row,) = [line for line in staffed.ok("admin", "show-session", session).splitlines() if "order_parked" in line]
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  order_parked +server +7 +for 9", row)


def test_help_names_each_status(shell: Shell) -> None:
    shown = " ".join(shell.ok("admin", "list-sessions", "--help").split())
    assert "active (open), pending_logout (suspended), assigned_to_tab (saved), completed (paid)" in shown


def test_a_session_that_is_not_there_is_named(staffed: Shell) -> None:
    assert "no such order session" in staffed.refused("admin", "sessions", "show", "x")
    assert staffed.refused("admin", "sessions", "close", "x", "--reason", "r") == "There is no order x."


@pytest.mark.parametrize("cursor", ["garbage", "", "00000000-0000-7000-8000-000000000000", "%"])
def test_a_page_after_what_is_no_cursor_is_refused_as_wrong_usage(
    staffed: Shell, open_order: Callable[[int], str], cursor: str
) -> None:
    open_order(1)
    result = staffed("admin", "sessions", "list", "--after", cursor, "--json")
    assert (result.code, result.out) == (2, "")
    assert "the `next` of the page before" in result.err


@pytest.mark.parametrize("other", [("--user", "1"), ("--status", "active"), ("--stale", "0"), ("--archived",)])
def test_a_cursor_of_another_question_is_refused_as_wrong_usage(
    staffed: Shell, open_order: Callable[[int], str], other: tuple[str, ...]
) -> None:
    open_order(1)
    open_order(1)
    cursor = staffed("admin", "sessions", "list", "--limit", "1", "--json").json["next"]
    assert staffed("admin", "sessions", "list", "--after", cursor, "--json").code == 0
    result = staffed("admin", "sessions", "list", "--after", cursor, *other, "--json")
    assert (result.code, result.out) == (2, "")
    assert "with the same options as that page" in result.err


@pytest.mark.parametrize("limit", ["-1", "0", "1001", "many", "9" * 30, "1; DROP TABLE till.users"])
@pytest.mark.parametrize("more", [(), ("--logins",), ("--archived",), ("--user", "1")])
def test_a_page_of_no_size_is_refused_as_wrong_usage(staffed: Shell, limit: str, more: tuple[str, ...]) -> None:
    result = staffed("admin", "sessions", "list", "--limit", limit, *more, "--json")
    assert (result.code, result.out) == (2, "")
    assert "--limit" in result.err


def test_a_page_after_the_order_of_another_venue_is_refused(
    staffed: Shell, open_order: Callable[[int], str], database: Database
) -> None:
    order = open_order(1)
    with database.connect() as connection:
        other = new_id()
        connection.execute("SELECT till.store_create_v1(%s, %s)", [other, Jsonb({"name": "x", "currency": "EUR"})])
        connection.execute("UPDATE till.order_sessions SET store_id = %s", [other])
    result = staffed("admin", "sessions", "list", "--after", order, "--json")
    assert (result.code, result.out) == (2, "")
    assert "the `next` of the page before" in result.err
