from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import psycopg
import pytest

from till.cli.connections import prepare_database
from till.cli.demo_venue import (
    CAFE,
    DEMO,
    DEMO_PASSWORDS,
    DEMO_PINS,
    cafe_surroundings,
    demo_passwords,
    demo_reference,
    demo_staff,
    hold_demo,
)
from till.cli.environment import Surroundings
from till.cli.venues import prepare_demo
from till.config import HeldVenue, VenueKind, hold_venue
from till.config.folders import write_once
from till.domain.catalogue.menu import read_menu
from till.domain.errors import ConfigError
from till.domain.staff.password import hash_to_keep, stretch
from till.domain.staff.person import Role, read_staff
from till.domain.staff.pins import check_pin
from till.domain.venue import read_venue
from till.wiring.parts import open_own_journal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Shell


def test_the_public_pins_belong_to_their_hashes() -> None:
    assert {p["number"]: check_pin(p["pin_hash"], DEMO_PINS[p["number"]]) for p in demo_staff()} == dict.fromkeys(
        (1, 2, 9), True
    )


def test_a_till_paints_from_the_package_before_any_database() -> None:
    reference = demo_reference()
    venue = read_venue(reference["settings"])
    assert (venue.settings.name, venue.demo, venue.till_name(2)) == ("Udupi Corner", True, "Till 2")
    assert venue.terms.included
    assert [(table.number, table.area) for table in venue.tables[7:9]] == [(8, "Hall"), (11, "Family room")]
    assert len(read_menu(reference["menu"], venue.terms.currency).items) > 55
    assert {p.number: p.role for p in read_staff(reference["staff"])} == {
        1: Role.CASHIER,
        2: Role.CASHIER,
        9: Role.MANAGER,
    }


def test_a_cafe_sells_beside_the_other_demo_from_a_database_of_its_own(shell: Shell) -> None:
    here = Surroundings.find()
    assert hold_demo(here) == DEMO
    cafe = cafe_surroundings(here)
    assert cafe.folders.root == here.folders.root / "cafe"
    assert hold_demo(cafe, CAFE) == CAFE
    reference = demo_reference(CAFE)
    venue = read_venue(reference["settings"])
    assert (venue.settings.name, venue.terms.currency.code, venue.terms.included) == ("Harbour Café", "GBP", True)
    prepare_demo(cafe, 1, lambda _text: None).release()
    assert shell("db", "status", "--json").json["state"] == "not made"
    shell.patch.setenv("TILL_DATA_DIR", str(cafe.folders.root))
    assert cafe_surroundings(Surroundings.find()) == cafe
    reply = shell("say", "2 flat white oat milk, 1 croissant", "--json").json
    assert [(one["item"], one["quantity"]) for one in reply["order"]["items"]] == [
        ("Flat White", 2),
        ("Croissant", 1),
    ]
    assert reply["order"]["total"] == "11.60"
    exported = shell.ok("admin", "menu", "export", "-").splitlines()[1:]
    assert len(exported) == len(read_menu(reference["menu"], venue.terms.currency).items) > 30
    assert not [line for line in exported if "Idly" in line]


def test_a_command_waits_for_the_till_that_makes_the_demo(shell: Shell) -> None:
    here = Surroundings.find()
    hold_demo(here)
    steps: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        listing = pool.submit(lambda: shell("admin", "tills", "list", "--json").json["tills"])
        database = pool.submit(prepare_demo, here, 1, steps.append).result()
        try:
            assert [row["till"] for row in listing.result()] == [1, 2]
        finally:
            database.release()


def test_two_tills_that_make_the_demo_at_once_make_one_venue(shell: Shell) -> None:
    here = Surroundings.find()
    hold_demo(here)
    received: list[str] = []
    with ThreadPoolExecutor(2) as pool:
        databases = list(pool.map(lambda till: prepare_demo(here, till, received.append), (1, 2)))
    try:
        for database in databases:
            with psycopg.connect(database.facts.conninfo) as connection, pytest.raises(psycopg.Error):
                connection.execute("SELECT FROM till.users")
        assert len({database.facts.secret for database in databases}) == 2
        third = prepare_demo(here, 3, received.append)
        third.release()
        assert [row["till"] for row in shell("admin", "tills", "list", "--json").json["tills"]] == [1, 2, 3]
        assert [p["number"] for p in shell("admin", "users", "list", "--json").json["users"]] == [1, 2, 9]
        tables = shell("admin", "tables", "list", "--json").json["tables"]
        assert [(row["table"], row["seats"], row["area"]) for row in tables] == list(
            read_venue(demo_reference()["settings"]).tables
        )
        assert "Masala Dosa,80.00" in shell.ok("admin", "menu", "export", "-")
        lacking = {one["name"]: one["lacks"] for one in shell("fiscal", "exports", "--json").json["exports"]}
        assert lacking["in-gstr1"] == []
        shell.ok("admin", "users", "set-pin", "2", stdin="4711\n")
        people = {p["number"]: p for p in shell("admin", "users", "list", "--json").json["users"]}
        assert {number: person["has_password"] for number, person in people.items()} == {1: False, 2: False, 9: True}
        assert databases[0].renew().conninfo == databases[0].facts.conninfo
    finally:
        for database in databases:
            database.release()
    assert shell("db", "status", "--json").json["state"] == "stopped"
    assert received.count("Making the tables. This happens once.") >= 1


def test_an_act_in_the_demo_is_by_its_manager_or_by_the_number_named(shell: Shell) -> None:
    here = Surroundings.find()
    hold_demo(here)
    with ExitStack() as stack:
        stack.callback(prepare_demo(here, 1, lambda _text: None).release)
        for staff, verb in (("", "86"), ("9", "back")):
            shell.patch.setenv("TILL_STAFF", staff)
            shell.ok("admin", "menu", verb, "Idly")
        acts = shell("admin", "audit", "show", "--json").json["acts"][:2]
        assert [(act["user"], act["name"]) for act in acts] == [(9, "Meena")] * 2
        for staff, why in (("1", "It needs a manager."), ("Om", "set TILL_STAFF to your staff number")):
            shell.patch.setenv("TILL_STAFF", staff)
            assert why in shell.refused("admin", "menu", "86", "Idly")
        shell.ok("admin", "--as-owner", "menu", "86", "Idly")
        assert shell("admin", "audit", "show", "--json").json["acts"][0]["user"] is None
    for command in ("demo", "admin"):
        assert "TILL_STAFF" in shell.ok(command, "--help")


def test_the_manager_of_the_demo_has_the_password_that_is_shown() -> None:
    ((number, (salt, kept)),) = demo_passwords().items()
    assert (number, DEMO_PASSWORDS[9]) == (9, "99999999")
    assert hash_to_keep(stretch("99999999", salt)) == kept
    assert "password" not in str(demo_reference()), "no till caches it"


def test_a_folder_with_another_venue_is_not_touched() -> None:
    here = Surroundings.find()
    hold_venue(here.folders, HeldVenue(VenueKind.OWN, DEMO.store_id, "Café", "EUR"))
    for refused in (here, cafe_surroundings(here)):
        with pytest.raises(ConfigError, match="holds the venue Café"):
            hold_demo(refused)


def test_a_till_that_was_never_enrolled_says_how() -> None:
    with pytest.raises(ConfigError, match="till admin tills add 4"):
        prepare_database(Surroundings.find(), 4, print)


def test_an_open_till_reads_the_password_of_the_database_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    password = tmp_path / "password"
    monkeypatch.setenv("TILL_DATABASE__URL", "postgresql://till_app@db.example/venue")
    monkeypatch.setenv("TILL_DATABASE__PASSWORD_FILE", str(password))
    write_once(password, "before")
    here = Surroundings.find()
    here.folders.make()
    here.folders.keep_secret(4, "secret")
    database = prepare_database(here, 4, print)
    assert "before" in database.facts.conninfo
    password.write_text("changed", encoding="ascii")
    assert "changed" in database.renew().conninfo


def test_keys_call_a_tab_by_the_word_of_the_venue(shell: Shell) -> None:
    here = Surroundings.find()
    hold_demo(here)
    assert "Ctrl+T         Tables " in shell.ok("keys")
    reference = demo_reference()
    for till, version, word in ((1, 2, "table"), (2, 3, "tab"), (3, 1, "table")):
        with closing(open_own_journal(here.folders, till=till, store_id=DEMO.store_id)) as journal:
            journal.cache("settings", version, {**reference["settings"], "tab_word": word})
    assert "Ctrl+T         Tabs " in shell.ok("keys")


def test_keys_are_shown_as_the_config_maps_them(shell: Shell) -> None:
    shell.patch.setenv("TILL_KEYS__PAY", "f10")
    assert "F10" in shell.ok("keys")
    screens = shell("keys", "--json").json["screens"]
    assert [screen["screen"] for screen in screens] == ["login", "sell", "pay"]
    shell.patch.setenv("TILL_KEYS__PAYY", "f10")
    assert "payy" in shell.refused("keys")
