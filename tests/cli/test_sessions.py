from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest
from psycopg.types.json import Jsonb

from tests.cli.test_recover_late import key, selling
from tests.sql.ringing import new_id
from till.cli.surroundings import Surroundings
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
    page = staffed("admin", "list-sessions", "--limit", "2", "--json").json
    assert [entry["id"] for entry in page["sessions"]] == ids[:2]
    rest = staffed("admin", "list-sessions", "--limit", "3", "--after", page["next"], "--json").json
    assert [entry["id"] for entry in rest["sessions"]] == ids[2:]
    assert rest["next"] is None
    of_one = staffed("admin", "list-sessions", "--user", "1", "--json").json
    assert {entry["user"] for entry in of_one["sessions"]} == {1}


def test_a_session_has_the_shape_of_the_contract(staffed: Shell, open_order: Callable[[int], str]) -> None:
    session = open_order(1)
    (entry,) = staffed("admin", "list-sessions", "--status", "active", "--json").json["sessions"]
    wanted = (
        "id user till status stale lines items total currency order_type tab version created_at updated_at logout_time"
    )
    assert list(entry) == wanted.split()
    assert (entry["id"], entry["lines"], entry["total"], entry["currency"]) == (session, 1, "80.00", "EUR")
    assert entry["items"] == [{"item": "Idly \x1b[31m", "quantity": 2, "unit_price": "40.00", "amount": "80.00"}]
    assert entry["created_at"].endswith("Z")
    assert staffed("admin", "list-sessions", "--status", "completed", "--json").json == {"sessions": [], "next": None}


def test_a_snapshot_that_is_behind_its_events_is_never_shown(
    staffed: Shell, open_order: Callable[[int], str], database: Database
) -> None:
    session = open_order(1)
    with database.connect() as connection:
        connection.execute(
            "UPDATE till.order_sessions SET items = '[]', total = 0, refold = true WHERE id = %s", [session]
        )
    (entry,) = staffed("admin", "list-sessions", "--json").json["sessions"]
    assert (entry["lines"], entry["total"], entry["items"][0]["amount"]) == (1, "80.00", "80.00")
    assert staffed("admin", "show-session", session, "--json").json["session"] == entry
    (found,) = staffed("recover", "--list", "--json").json["sessions"]
    assert {**entry, "found_in": ["database"]} == found


def test_stale_means_without_a_sign_for_so_long(staffed: Shell, open_order: Callable[[int], str]) -> None:
    open_order(1)
    assert staffed("admin", "list-sessions", "--stale", "1", "--json").json["sessions"] == []
    assert len(staffed("admin", "list-sessions", "--stale", "0", "--json").json["sessions"]) == 1


def test_a_session_is_shown_with_its_events_and_harmless(staffed: Shell, open_order: Callable[[int], str]) -> None:
    session = open_order(1)
    types = [event["type"] for event in staffed("admin", "show-session", session, "--json").json["events"]]
    assert types == ["order_opened", "item_added"]
    shown = staffed.ok("admin", "show-session", session)
    assert "\x1b" not in shown
    assert "item_added" in shown
    assert "80.00" in shown


def test_closing_discards_with_a_reason_and_keeps_the_events(staffed: Shell, open_order: Callable[[int], str]) -> None:
    session = open_order(1)
    assert staffed("admin", "close-session", session).code == 2
    assert "needs a reason" in staffed.refused("admin", "close-session", session, "--reason", " ")
    staffed.become(9)
    staffed.ok("admin", "close-session", session, "--reason", "left the shop")
    found = staffed("admin", "show-session", session, "--json").json
    assert found["session"]["status"] == "discarded"
    assert found["events"][-1]["type"] == "order_discarded"
    assert (found["events"][-1]["user"], found["events"][-1]["texts"]) == (9, {"reason": "left the shop"})
    assert "changes no more" in staffed.refused("admin", "close-session", session, "--reason", "again")


def test_closing_says_what_money_it_found_and_where_it_is_given_back(staffed: Shell, database: Database) -> None:
    staffed.ok("admin", "tills", "add", "1")
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
    closed = staffed("admin", "close-session", session, "--reason", "guest left")
    assert closed.code == 0
    assert "15.00 was taken on it. A manager gives it back on Till 1: Ctrl+O." in closed.err
    assert max(map(len, closed.err.splitlines())) <= 80

    async def is_given_back(*, left: bool) -> None:
        async with selling(here, 1, online=True) as (register, sync):
            await sync.fetch(session)
            (payment,) = register.ledger.order(session).payments
            assert register.checkout.is_left(session, payment)
            if not left:
                manager = next(person for person in register.access.staff if person.manages)
                register.checkout.give_back(session, payment, manager)

    def waiting() -> list[tuple[str, bool]]:
        with database.connect() as owner:
            return owner.execute("SELECT kind, resolved_at IS NULL FROM till.conflicts").fetchall()

    asyncio.run(is_given_back(left=True))
    assert waiting() == [("payment_without_order", True)]
    asyncio.run(is_given_back(left=False))
    assert waiting() == [("payment_without_order", False)]


def test_a_session_that_is_not_there_is_named(staffed: Shell) -> None:
    assert "no such order session" in staffed.refused("admin", "show-session", "x")
    assert staffed.refused("admin", "close-session", "x", "--reason", "r") == "There is no order x."


@pytest.mark.parametrize("cursor", ["garbage", "", "00000000-0000-7000-8000-000000000000", "%"])
def test_a_page_after_what_is_no_cursor_is_refused_as_wrong_usage(
    staffed: Shell, open_order: Callable[[int], str], cursor: str
) -> None:
    open_order(1)
    said = staffed("admin", "list-sessions", "--after", cursor, "--json")
    assert (said.code, said.out) == (2, "")
    assert "the `next` of the page before" in said.err
