"""A manager at a till's machine, without the owner's rights: what the token opens, in the name of whose it is."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulation.server import PIN_HASH
from tests.sql.ringing import DOSA, IDLY, Cart
from tests.sql.test_passwords import set_password, token
from till.administration.acts.every import ACTS
from till.domain.staff.pins import hash_pin
from till.domain.venue import read_venue
from till.reports.declared import SALES
from till.reports.report import Span, read_report

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue


@pytest.fixture
def manager(venue: Venue) -> tuple[Till, str]:
    """A till, and the token of a manager there."""
    set_password(venue)
    till = venue.till()
    return till, token(till)


def ask(manager: tuple[Till, str], name: str | None, *values: Any) -> dict[str, Any]:
    till, held = manager
    return till.read("till.manage_v1", token=held, call=name, values=values)


def test_report_is_the_owners(venue: Venue, manager: tuple[Till, str]) -> None:
    till, cart = manager[0], Cart()
    till.open(cart)
    till.add(cart, DOSA)
    till.place(cart)
    till.push()
    venue_here = read_venue(ask(manager, "venue")["value"])
    day = Span(date(2026, 3, 3), date(2026, 3, 3))
    found = read_report(lambda name, asked: ask(manager, name, asked)["value"], SALES, day, venue_here)
    assert found.tables == venue.report(SALES).tables
    assert found.figure("total") == 8_000


def test_losses_are_for_admins(venue: Venue, manager: tuple[Till, str]) -> None:
    times = ("2026-03-03", "2026-03-02T22:30:00Z", "2026-03-03T22:30:00Z")
    assert ask(manager, "losses_v1", *times)["code"] == "needs_admin"
    set_password(venue, 7)
    assert ask((manager[0], token(manager[0], 7)), "losses_v1", *times)["value"]["acts"] == []


def test_order_is_found_suspended_and_discarded_in_the_managers_name(venue: Venue, manager: tuple[Till, str]) -> None:
    till, cart = manager[0], Cart()
    till.open(cart)
    till.add(cart, IDLY)
    till.shown(cart)
    (row,) = ask(manager, "session_list_v1", ["active"], None, None, None, 10, None, 30)["value"]["sessions"]
    assert row["id"] == cart.session
    assert ask(manager, "session_log_v1", cart.session)["value"]
    assert ask(manager, "order_session_update_v1", cart.session, row["version"], {"status": "pending_logout"})["ok"]
    assert ask(manager, "session_close_v1", cart.session, "left")["value"]["status"] == "discarded"
    by = "SELECT user_id FROM session_events WHERE event_type IN ('order_parked', 'order_discarded') AND till_id = 0"
    assert venue.rows(by) == [(9,), (9,)]
    refused = ask(manager, "session_close_v1", cart.session, "again")
    assert (refused["ok"], refused["code"]) == (False, "refused")
    assert "can no longer change" in refused["detail"]


def test_owner_functions_stay_closed_to_a_manager(manager: tuple[Till, str]) -> None:
    for name in ("till_enrol_v1", "program_add_v1", "customer_erase_v1", "stores_v1", "manage_v1", "", None):
        assert ask(manager, name, 9, "x", "admin", "")["code"] == "needs_owner"
    assert ask(manager, "user_for_login_v1", "x")["code"] == "protocol"


def test_functions_for_managers_are_there_and_take_the_store_first(venue: Venue) -> None:
    query = """
        SELECT name, p.proargnames[1], p.proretset FROM unnest(till.for_managers()) AS name
        LEFT JOIN pg_proc AS p ON p.pronamespace = 'till'::regnamespace AND p.proname = name"""
    assert {row[1:] for row in venue.rows(query)} == {("p_store", False)}


def test_an_act_of_the_owner_says_so_and_no_other(venue: Venue) -> None:
    for_managers = {name for (name,) in venue.rows("SELECT unnest(till.for_managers())")}
    assert {act.call: act.of_owner for act in ACTS if act.call} == {
        act.call: act.call not in for_managers for act in ACTS if act.call
    }


#: Calls about a person, with the values after the number.
CHANGES = [
    ("user_set_pin_v1", PIN_HASH), ("user_rename_v1", "Amy"), ("user_disable_v1", True), ("user_disable_v1", False),
    ("user_set_password_v1", "a" * 32, "b" * 64), ("user_set_role_v1", "cashier"), ("user_unlock_v1",),
    ("user_set_language_v1", "es"),
]  # fmt: skip


@pytest.mark.parametrize("change", CHANGES)
def test_cashiers_are_a_managers_to_change_and_others_an_admins(
    venue: Venue, manager: tuple[Till, str], change: tuple[Any, ...]
) -> None:
    name, *values = change
    assert ask(manager, name, 1, *values)["ok"]
    before = venue.rows("SELECT * FROM till.users WHERE id = 7")
    assert ask(manager, name, 7, *values)["code"] == "needs_admin"
    assert venue.rows("SELECT * FROM till.users WHERE id = 7") == before


def test_only_an_admin_makes_managers(venue: Venue, manager: tuple[Till, str]) -> None:
    assert ask(manager, "user_add_v1", 5, "Ravi", "cashier", None)["ok"]
    assert ask(manager, "user_add_v1", 6, "Om", "manager", None)["code"] == "needs_admin"
    for number, role in ((1, "manager"), (9, "admin")):
        assert ask(manager, "user_set_role_v1", number, role)["code"] == "needs_admin"
    assert ask(manager, "user_set_pin_v1", 9, PIN_HASH)["ok"], "one's own"
    assert ask(manager, "user_unlock_v1", 9)["ok"], "oneself"
    assert venue.value("SELECT count(*) FROM till.users WHERE role <> 'cashier'") == 2


def test_the_language_of_a_person_reaches_the_tills(venue: Venue, manager: tuple[Till, str]) -> None:
    known = manager[0].push(reference={"staff": 0})["reference"]["staff"]
    assert {person["language"] for person in known["body"]["staff"]} == {""}
    for language in ("E", "english", "es-ES", "e;", "\u0935\u093f", None):
        assert ask(manager, "user_set_language_v1", 1, language)["code"] == "refused"
    assert ask(manager, "user_set_language_v1", 77, "es")["code"] == "refused", "nobody has that number"
    assert ask(manager, "user_set_language_v1", 1, "es")["ok"]
    staff = manager[0].push(reference={"staff": known["version"]})["reference"]["staff"]["body"]["staff"]
    assert {person["number"]: person["language"] for person in staff if person["language"]} == {1: "es"}
    assert venue.rows("SELECT event_data->>'user' FROM session_events WHERE event_type = 'language_set'") == [("1",)]
    assert ask(manager, "user_set_language_v1", 1, "")["ok"], "the venue's again"
    assert {person["language"] for person in ask(manager, "people_v1")["value"]} == {""}


def test_null_is_null_for_every_type(venue: Venue, manager: tuple[Till, str]) -> None:
    """Removes the hours of a category, which are JSON."""
    assert ask(manager, "menu_schedule_v1", {"category_id": "c1"}, None, None, None)["ok"]
    assert venue.value("SELECT body->'categories'->0->>'daypart' FROM till.settings WHERE name = 'menu'") is None


def test_journal_that_a_manager_names_is_a_backlog(venue: Venue, manager: tuple[Till, str]) -> None:
    journal = "0197a000-0000-4000-8000-000000000007"
    assert ask(manager, "backlog_take_v1", 1, journal)["ok"]
    assert venue.value("SELECT retired_at IS NOT NULL FROM warm.journal_head WHERE journal_id = %s", journal)
    assert venue.value("SELECT live_journal::text FROM till.tills WHERE id = 1") != journal


def test_backlog_of_another_till_goes_by_the_token(venue: Venue, manager: tuple[Till, str]) -> None:
    """The machine of the other till is gone; its disk is in this machine."""
    gone = venue.till(2)
    cart = gone.keyed(IDLY)
    assert gone.push()["ok"]
    gone.place(cart)
    gone.secret = manager[1]
    assert gone.push()["ok"]
    assert venue.value("SELECT count(*) FROM cold.orders") == 1
    # it makes no journal the live one
    fresh = venue.till(2)
    fresh.secret = manager[1]
    fresh.open(Cart())
    assert fresh.push()["code"] == "journal_not_live"


def test_a_manager_guesses_the_password_of_an_admin_five_times_at_most(venue: Venue, manager: tuple[Till, str]) -> None:
    set_password(venue, user=7)
    tried = []
    for number in range(8):
        if number % 4 == 0:
            ask(manager, "user_unlock_v1", 7)
        tried.append(manager[0].read("till.password_login_v1", user=7, stretched=f"{number}")["code"])
    assert tried == ["wrong_password"] * 4 + ["locked"] * 4


@pytest.mark.parametrize("key", ["manager_may", "manager_discount_percent", "manager_discount_amount"])
def test_only_an_admin_sets_what_managers_may(venue: Venue, manager: tuple[Till, str], key: str) -> None:
    wider = {"manager_may": "all"}.get(key, "90")
    assert ask(manager, "store_settings_v1", {"cashier_may": "void_sent", key: wider})["code"] == "needs_admin"
    assert ask(manager, "store_settings_v1", {key: None})["code"] == "needs_admin"
    assert ask(manager, "store_settings_v1", {"cashier_may": "void_sent"})["ok"]
    set_password(venue, user=7)
    by_admin = manager[0], token(manager[0], 7)
    assert ask(by_admin, "store_settings_v1", {key: wider})["ok"]


def test_journal_of_another_venue_is_not_audited(venue: Venue, manager: tuple[Till, str]) -> None:
    query = "SELECT journal_id::text FROM warm.journal_head WHERE store_id = %s"
    other = "0197a000-0000-4000-8000-00000000000b"
    settings = "SELECT till.store_create_v1(%s, (SELECT body FROM till.settings WHERE name = 'settings' LIMIT 1))"
    venue.owner.execute(settings, [other])
    refused = ask(manager, "audit_part_v1", venue.value(query, other), 1, None)
    assert (refused["code"], refused["detail"]) == ("refused", "This venue has no such journal.")
    assert ask(manager, "audit_part_v1", "0197a000-0000-4000-8000-00000000000c", 1, None)["code"] == "refused"
    own = venue.value(f"{query} AND till_id = 0", venue.store)
    assert ask(manager, "audit_part_v1", own, 1, None)["value"]["faults"] == []


@pytest.mark.parametrize("name", ["x" * 81, "", " x", "a\nb", None])
def test_name_that_no_till_would_show_is_refused(venue: Venue, manager: tuple[Till, str], name: str | None) -> None:
    before = venue.rows("SELECT * FROM till.users"), venue.rows("SELECT * FROM till.tills")
    for call, *values in (
        ("user_add_v1", 11, name, "cashier", None), ("user_rename_v1", 1, name), ("till_rename_v1", 1, name),
    ):  # fmt: skip
        assert ask(manager, call, *values)["code"] == "refused", call
    if name is not None:
        assert ask(manager, "enrolment_make_v1", 3, "add", name, "a" * 64)["code"] == "refused"
    assert (venue.rows("SELECT * FROM till.users"), venue.rows("SELECT * FROM till.tills")) == before
    assert ask(manager, "user_rename_v1", 1, "x" * 80)["ok"]


#: A salt and a hash, as argon2 writes them.
WRITTEN = PIN_HASH.removeprefix("$argon2id$v=19$m=8,t=1,p=1")


@pytest.mark.parametrize("given", [
    "9999", "", f"$argon2id$v=19$m=4000000,t=3,p=4{WRITTEN}", f"$argon2id$v=19$m=65537,t=3,p=4{WRITTEN}",
    f"$argon2id$v=19$m=65536,t=4,p=4{WRITTEN}", f"$argon2id$v=19$m=65536,t=3,p=5{WRITTEN}",
    f"$argon2i$v=19$m=65536,t=3,p=4{WRITTEN}", f"$argon2id$v=19$m=65536,t=3,p=4{WRITTEN}\n", PIN_HASH + "A" * 100_000,
])  # fmt: skip
def test_hash_that_would_hold_a_till_up_is_refused(venue: Venue, manager: tuple[Till, str], given: str) -> None:
    assert ask(manager, "user_add_v1", 11, "Ravi", "cashier", given)["code"] == "refused"
    assert ask(manager, "user_set_pin_v1", 1, given)["code"] == "refused"
    assert venue.rows("SELECT id, pin_hash FROM till.users WHERE id IN (1, 11)") == [(1, PIN_HASH)]


def test_hash_that_a_till_makes_is_taken(manager: tuple[Till, str]) -> None:
    assert ask(manager, "user_set_pin_v1", 1, hash_pin("4711"))["ok"]
    assert ask(manager, "user_set_pin_v1", 1, None)["ok"]
