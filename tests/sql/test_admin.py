"""Administration: staff, tills, the menu, and pages of order sessions."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import Error
from psycopg.types.json import Jsonb

from db.schema import OWN
from tests.simulation.server import PIN_HASH
from tests.sql.ringing import DOSA, IDLY, MENU, Cart
from till.domain.events.envelope import sha256
from till.reports.tills import read_tills

if TYPE_CHECKING:
    from tests.sql.ringing import Venue


def asked(venue: Venue, function: str, *values: Any) -> Any:
    """Call a function of administration for the store and return its value."""
    places = ", ".join(["%s"] * (1 + len(values)))
    return venue.value(f"SELECT till.{function}({places})", venue.store, *values)


def listed(venue: Venue, *, statuses: list[str] | None = None, user: int | None = None, till: int | None = None,
           stale: int | None = None, limit: int = 50, after: str | None = None) -> dict[str, Any]:  # fmt: skip
    page: dict[str, Any] = asked(venue, "session_list_v1", statuses, user, till, stale, limit, after, 30)
    return page


def key_orders(venue: Venue, count: int) -> list[Cart]:
    till = venue.till()
    carts = [Cart(user=1 + number % 2) for number in range(count)]
    for number, cart in enumerate(carts):
        till.open(cart)
        till.add(cart, IDLY, 2)
        if number % 3 == 0:
            till.make("order_parked", cart.session)
    till.push(*(cart.snapshot(0) for cart in carts))
    return carts


def test_pages_newest_first_whatever_the_statuses(venue: Venue) -> None:
    carts = key_orders(venue, 11)
    newest = [cart.session for cart in reversed(carts)]
    seen: list[str] = []
    cursor = None
    while True:
        page = listed(venue, statuses=["active", "pending_logout"], limit=4, after=cursor)
        seen += [row["id"] for row in page["sessions"]]
        cursor = page["next"]
        if cursor is None:
            break

    assert seen == newest
    assert [row["id"] for row in listed(venue, statuses=["pending_logout"])["sessions"]] == newest[1::3]
    assert {row["user"] for row in listed(venue, user=2)["sessions"]} == {2}
    assert len(listed(venue, till=1)["sessions"]) == 7
    assert listed(venue, stale=5)["sessions"] == []


def test_a_listed_session_has_the_shape_of_the_command(venue: Venue) -> None:
    key_orders(venue, 1)
    [row] = listed(venue)["sessions"]

    assert {"id", "user", "till", "status", "stale", "lines", "items", "total", "currency", "order_type", "tab",
            "version", "created_at", "updated_at", "logout_time"} <= row.keys()  # fmt: skip
    assert row["items"] == [{"item": "Idly", "quantity": 2, "unit_price": "40.00", "amount": "80.00"}]
    assert (row["lines"], row["total"], row["stale"], row["tab"]) == (1, "80.00", False, None)
    assert row["created_at"].endswith("Z")


def test_a_page_reads_no_more_rows_than_it_shows(venue: Venue) -> None:
    venue.owner.execute(
        """INSERT INTO order_sessions (id, store_id, user_id, status, created_at, updated_at)
        SELECT lpad(n::text, 36, '0'), %s, 1, CASE WHEN n %% 100 = 0 THEN 'active' ELSE 'completed' END, now(), now()
        FROM generate_series(1, 20000) AS n""",
        [venue.store],
    )
    venue.owner.execute("ANALYZE order_sessions")
    before = (
        "SELECT seq_tup_read + idx_tup_fetch FROM pg_stat_xact_user_tables WHERE relid = 'order_sessions'::regclass"
    )
    with venue.owner.transaction():
        start = venue.value(before)
        page = listed(venue, statuses=["active", "pending_logout"], limit=50)
        deep = listed(venue, statuses=["active", "pending_logout"], limit=50, after=page["next"])
        read = venue.value(before) - start

    assert page["sessions"][-1]["id"] > deep["sessions"][0]["id"]
    assert len(page["sessions"]) == len(deep["sessions"]) == 50
    assert read < 250


def test_one_session_with_its_events(venue: Venue) -> None:
    [cart] = key_orders(venue, 1)
    shown = asked(venue, "session_show_v1", cart.session)

    assert [event["type"] for event in shown["events"]] == ["order_opened", "item_added", "order_parked"]
    assert shown["session"]["status"] == "pending_logout"
    assert asked(venue, "session_show_v1", "nothing") is None


def test_closing_a_session_needs_a_reason_and_keeps_it(venue: Venue) -> None:
    [cart] = key_orders(venue, 1)
    with pytest.raises(Error, match="needs a reason"):
        asked(venue, "session_close_v1", None, cart.session, "")
    assert asked(venue, "session_close_v1", 9, cart.session, "test order")["status"] == "discarded"
    shown = asked(venue, "session_show_v1", cart.session)
    assert (shown["events"][-1]["user"], shown["events"][-1]["texts"]) == (9, {"reason": "test order"})


def test_staff(venue: Venue) -> None:
    version = venue.value("SELECT version FROM settings WHERE name = 'staff'")
    asked(venue, "user_add_v1", 9, 3, "Devi", "cashier", PIN_HASH)
    asked(venue, "user_disable_v1", 9, 2, True)
    asked(venue, "user_set_pin_v1", 9, 1, f"{PIN_HASH[:-1]}B")

    people = {person["number"]: person for person in venue.ask("people_v1")}
    assert (people[3]["name"], people[2]["disabled"]) == ("Devi", True)
    assert "hash" not in json.dumps(list(people.values()))
    assert asked(venue, "user_for_login_v1", 1)["role"] == "cashier"
    assert venue.value("SELECT pin_hash FROM users WHERE id = 1") == f"{PIN_HASH[:-1]}B"
    body = venue.till().push(reference={"staff": version})["reference"]["staff"]
    assert body["version"] == version + 3
    assert {p["number"]: p["pin_hash"] for p in body["body"]["staff"]}[3] == PIN_HASH
    with pytest.raises(Error, match="Staff number 3 is already in use"):
        asked(venue, "user_add_v1", 9, 3, "Other", "cashier", PIN_HASH)
    with pytest.raises(Error, match="no role boss"):
        asked(venue, "user_add_v1", 9, 4, "Other", "boss", PIN_HASH)
    with pytest.raises(Error, match="no staff number 99"):
        asked(venue, "user_unlock_v1", 9, 99)
    assert venue.types("till_id = 0")[-3:] == ["user_added", "user_disabled", "pin_set"]


def test_a_lock_is_lifted(venue: Venue) -> None:
    till = venue.till()
    till.make("login_refused", None, {"user": 2, "locked": True})
    till.push()
    asked(venue, "user_unlock_v1", 9, 2)

    assert venue.rows("SELECT failed, locked_until FROM users WHERE id = 2") == [(0, None)]


def test_the_menu_comes_back_as_it_was_imported_and_stands_in_rows(venue: Venue) -> None:
    exported = asked(venue, "menu_export_v1")

    assert {key: exported[key] for key in MENU} == MENU
    assert venue.rows("SELECT name, price::text, plu FROM menu_item ORDER BY position") == [
        ("Idly", "40.00", 1), ("Masala Dosa", "80.00", 2),
    ]  # fmt: skip
    assert venue.rows("SELECT daypart, available_from::text FROM menu_item_availability_schedule LIMIT 1") == [
        ("Breakfast", "07:00:00")
    ]
    got = venue.till().push(reference={"menu": exported["version"] - 1})["reference"]["menu"]
    assert got["version"] == got["body"]["version"] == exported["version"]


def test_a_menu_with_a_fault_changes_nothing(venue: Venue) -> None:
    twice = {**MENU, "items": [MENU["items"][0], {**MENU["items"][1], "plu": 1}]}
    with pytest.raises(Error, match="menu_item_by_plu"):
        asked(venue, "menu_import_v1", 9, Jsonb(twice))

    assert venue.value("SELECT count(*) FROM menu_item") == 2


def test_sold_out_reaches_the_tills_with_a_notice(venue: Venue) -> None:
    venue.app.execute("LISTEN till_store")
    version = asked(venue, "menu_sold_out_v1", 9, DOSA, True)
    notices = [notice.payload for notice in venue.app.notifies(timeout=5, stop_after=1)]
    body = venue.till().push(reference={"menu": version - 1})["reference"]["menu"]["body"]

    assert notices == [f"{venue.store} menu"]
    assert [item["sold_out"] for item in body["items"]] == [False, True]


def test_settings_name_the_tills(venue: Venue) -> None:
    asked(venue, "till_enrol_v1", 9, 3, "Garden", sha256("secret 3"))
    asked(venue, "store_settings_v1", 9, Jsonb({"tax_number": "29NEW"}))
    body = venue.till(3).push(reference={"settings": 0})["reference"]["settings"]["body"]

    assert (body["tax_number"], body["currency"]) == ("29NEW", "INR")
    assert body["tills"][-1] == {"number": 3, "name": "Garden"}
    assert read_tills(venue.ask)[-1]["seen_at"] is not None


def test_hello(venue: Venue) -> None:
    till = venue.till()
    till.make("journal_opened", None, {"host": "bar", "previous": None})
    till.push()
    reply = till.read("till.hello_v1", journal=till.journal)

    assert (reply["head"], reply["series"], reply["schema"]) == ({"seq": 1, "hash": till.hash}, "", OWN.revision)
    assert reply["server_time"].endswith("Z")
    assert till.send({"store": "x"}, "till.hello_v1")["code"] == "protocol"
