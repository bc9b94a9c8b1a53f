from __future__ import annotations

import json
import socket
import tomllib
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest

from db.errors import UnreachableError
from tests.plugins.commands import make_guesses_cheap
from till.administration.calls import AdministrationError
from till.cli.asking import AnswerReader
from till.cli.demo_venue import hold_demo
from till.cli.environment import Surroundings
from till.cli.venues import make_venue
from till.wiring.founding import address_parts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database, Shelf

MENU = "name,price,category\nEspresso,2.50,Coffee\nCroissant,3.20,Bakery\n"
VENUE = ("--name", "Corner Café", "--currency", "EUR", "--timezone", "Europe/Berlin", "--locale", "en")
PERSON = ("--staff", "7", "--staff-name", "Om")


@pytest.fixture
def nowhere(shell: Shell, empty_database: Database) -> Shell:
    """A machine with an empty database, and no venue."""
    return _led_to(shell, empty_database)


@pytest.fixture
def upgraded(shell: Shell, shelf: Shelf, migrated: str) -> Iterator[Shell]:
    """A machine with a database as `till db upgrade` leaves it, and no venue: to make one takes no second more."""
    with shelf.made(migrated) as database:
        yield _led_to(shell, database)


def _led_to(shell: Shell, database: Database) -> Shell:
    make_guesses_cheap(shell.patch)
    shell.patch.delenv("TILL_CONFIG", raising=False)
    shell.patch.setenv("TILL_DATABASE__URL", database.app.url)
    shell.patch.setenv("TILL_DATABASE__OWNER_URL", database.owner.url)
    shell.patch.setenv("TILL_DATA_DIR", str(shell.folder / "data"))
    for name, secret in (("pin", "7777"), ("password", "seven sevens")):
        file = shell.folder / name
        file.touch(mode=0o600)
        file.write_text(f"{secret}\n")
    (shell.folder / "menu.csv").write_text(MENU)
    return shell


def files(shell: Shell) -> tuple[str, ...]:
    return ("--pin-file", str(shell.folder / "pin"), "--password-file", str(shell.folder / "password"))


def config_of(shell: Shell) -> Path:
    return shell.folder / "data" / "config.toml"


def test_flags_make_a_venue_that_trades_also_after_an_interrupted_try(nowhere: Shell, empty_database: Database) -> None:
    nowhere.patch.setenv("TILL_DATABASE__OWNER_URL", "postgresql://till_owner@127.0.0.1:1/nowhere")
    assert nowhere("init", *VENUE, *PERSON, *files(nowhere)).code == 1
    nowhere.patch.setenv("TILL_DATABASE__OWNER_URL", empty_database.owner.url)
    assert not config_of(nowhere).exists()
    menu = ("--menu", str(nowhere.folder / "menu.csv"))

    output = nowhere.ok("init", *VENUE, *PERSON, *files(nowhere), *menu, "--tax-added", "--till", "3")

    assert "Corner Café is ready. `till` opens it: log in as 7." in output
    assert "Espresso" in output
    written = tomllib.loads(config_of(nowhere).read_text())
    assert list(written) == ["till"], "the venue's settings are in the database alone"
    assert written["till"]["id"] == 3
    assert config_of(nowhere).stat().st_mode & 0o077 == 0
    nowhere.become(7, "seven sevens")
    staff = nowhere("admin", "users", "list", "--json").json["users"]
    assert [(p["number"], p["name"], p["role"], p["has_pin"], p["has_password"]) for p in staff] == [
        (7, "Om", "admin", True, True)
    ]
    assert [row["till"] for row in nowhere("admin", "tills", "list", "--json").json["tills"]] == [3]
    assert [item["name"] for item in nowhere("admin", "menu", "list", "--json").json["items"]] == [
        "Espresso",
        "Croissant",
    ]


def test_the_tax_of_most_items_is_typed_with_the_marks_of_the_venue(upgraded: Shell) -> None:
    menu = ("--menu", str(upgraded.folder / "menu.csv"))
    upgraded.ok("init", *VENUE, *PERSON, *files(upgraded), "--locale", "de", *menu, "--tax", "MwSt 5,5")
    upgraded.become(7, "seven sevens")
    assert taxes(upgraded) == ["MwSt 5.5", "MwSt 5.5"]


@pytest.mark.parametrize(
    ("flag", "shown"),
    [
        ("--tax-included", "net 95.24 + CGST 2.38 + SGST 2.38 = 100.00"),
        ("--tax-added", "net 100.00 + CGST 2.50 + SGST 2.50 = 105.00"),
    ],
)
def test_flags_show_what_each_tax_comes_to_before_the_venue_is_made(upgraded: Shell, flag: str, shown: str) -> None:
    (upgraded.folder / "menu.csv").write_text("name,price,category,tax\nEspresso,2.50,Coffee,CGST 2.5|SGST 2.5\n")
    menu = ("--menu", str(upgraded.folder / "menu.csv"))
    before, _between, after = upgraded.ok("init", *VENUE, *PERSON, *files(upgraded), *menu, flag).partition(shown)
    assert before.endswith("The taxes of an item of 100.00:\nCGST 2.5 % + SGST 2.5 %: ")
    assert "Corner Café is ready." in after


def test_the_tax_of_most_items_is_for_a_file_without_that_column(upgraded: Shell) -> None:
    menu = ("--menu", str(upgraded.folder / "menu.csv"))
    output = upgraded.ok("init", *VENUE, *PERSON, *files(upgraded), *menu, "--tax", "GST 5", "--tax-number", "X1")
    assert "GST 5 %: net 95.24 + GST 4.76 = 100.00" in output
    upgraded.become(7, "seven sevens")
    assert taxes(upgraded) == ["GST 5", "GST 5"]
    assert [one for one in upgraded("doctor", "--json").json["parts"] if one["part"] == "taxes"] == []

    (upgraded.folder / "own.csv").write_text(
        MENU.replace("category", "category,tax").replace("Coffee", "Coffee,VAT 20")
    )
    upgraded.ok("admin", "menu", "import", str(upgraded.folder / "own.csv"), "--tax", "GST 5", "--yes")
    assert taxes(upgraded) == ["VAT 20", ""]
    upgraded.ok("admin", "menu", "import", str(upgraded.folder / "menu.csv"), "--tax", "GST 5", "--yes")
    assert taxes(upgraded) == ["GST 5", "GST 5"]
    upgraded.ok("admin", "menu", "import", str(upgraded.folder / "menu.csv"), "--yes")
    (found,) = (one for one in json.loads(upgraded("doctor", "--json").out)["parts"] if one["part"] == "taxes")
    assert (found["verdict"], found["said"]) == (
        "wrong",
        "The venue has a tax number, and no item of the menu has a tax.",
    )
    upgraded.ok("admin", "settings", "set", "tax_number", "")
    assert [one for one in upgraded("doctor", "--json").json["parts"] if one["part"] == "taxes"] == []


def test_an_address_is_printed_whole_and_kept_in_parts(upgraded: Shell) -> None:
    address = "Karl Johans gate 5B, 0155 Oslo, NO"
    upgraded.ok("init", *VENUE, *PERSON, *files(upgraded), "--address", address)
    upgraded.become(7, "seven sevens")
    rows = {one["key"]: one["value"] for one in upgraded("admin", "settings", "list", "--json").json["settings"]}
    assert rows["address"] == address
    parts = [rows[key] for key in ("street", "street_number", "postal_code", "city", "country")]
    assert parts == ["Karl Johans gate", "5B", "0155", "Oslo", "NO"]


@pytest.mark.parametrize(
    ("address", "street", "city"),
    [
        ("Hauptstraße 12, 10115 Berlin", "Hauptstraße", "Berlin"),
        ("Damrak 1, 1012LG Amsterdam, NL", "Damrak", "Amsterdam"),
        ("12 Harbour Street, Brighton BN1 1AA", None, None),
        ("somewhere", None, None),
    ],
)
def test_an_address_of_another_form_has_no_parts(address: str, street: str | None, city: str | None) -> None:
    parts = address_parts(address)
    assert (parts.get("street"), parts.get("city")) == (street, city)


def test_choices_come_with_the_menu_and_a_number_is_its_plu(upgraded: Shell) -> None:
    menu, choices = upgraded.folder / "own.csv", upgraded.folder / "choices.csv"
    menu.write_text("Name,Price,Category,Number,Modifiers\nSteak,16.50,Mains,21,Doneness\n")
    choices.write_text("group,option,price,least\nDoneness,rare,,1\nDoneness,well,one,\n")
    flags = (*VENUE, *PERSON, *files(upgraded), "--menu", str(menu), "--choices", str(choices))
    assert f"{choices}, line 3: " in upgraded.refused("init", *flags)
    choices.write_text("group,option,price,least\nDoneness,rare,,1\nDoneness,well,1.00,\n")
    upgraded.ok("init", *flags)
    upgraded.become(7, "seven sevens")
    (item,) = upgraded("admin", "menu", "list", "--json").json["items"]
    assert (item["name"], item["plu"]) == ("Steak", 21)
    exported = upgraded.folder / "exported.csv"
    upgraded.ok("admin", "menu", "export", "-", "--modifiers", str(exported))
    assert "Doneness,well,1.00" in exported.read_text()


def taxes(shell: Shell) -> list[str]:
    return [item["tax"] for item in shell("admin", "menu", "list", "--json").json["items"]]


def test_a_config_without_a_venue_leaves_it_to_be_asked_for(upgraded: Shell) -> None:
    config_of(upgraded).parent.mkdir(parents=True, exist_ok=True)
    config_of(upgraded).write_text("[till]\nid = 4\n")
    assert "--name is missing" in upgraded("init", *PERSON, *files(upgraded)).err
    assert "Corner Café is ready." in upgraded.ok("init", *VENUE, *PERSON, *files(upgraded))
    upgraded.become(7, "seven sevens")
    assert [row["till"] for row in upgraded("admin", "tills", "list", "--json").json["tills"]] == [4]


def test_a_venue_that_is_there_is_changed_or_joined_another_way(
    upgraded: Shell, tmp_path_factory: pytest.TempPathFactory
) -> None:
    upgraded.ok("init", *VENUE, *PERSON, *files(upgraded))
    assert upgraded.refused("init", *VENUE, *PERSON, *files(upgraded)) == (
        "Corner Café already exists. `till` opens it, `till admin` changes it."
    )

    upgraded.become(7, "seven sevens")
    upgraded.ok("admin", "settings", "set", "timezone", "Europe/Vienna")
    assert [one for one in upgraded("doctor", "--json").json["parts"] if one["part"] == "settings"] == []

    upgraded.patch.setenv("TILL_DATA_DIR", str(tmp_path_factory.mktemp("second")))

    result = upgraded("init", *VENUE, *PERSON, *files(upgraded))

    assert result.code == 1
    assert result.err.endswith(
        "till: The database holds Corner Café. `till enrol` enrols this machine as a till, "
        "with the code from `till admin tills add N`.\n"
    )


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        (("--currency", "eur0"), "The currency is the three letters of a currency, such as INR, not “EUR0”."),
        (
            ("--currency", "xyz"),
            "The currency: XYZ is not a currency. Write its three letters, as on a bank statement: EUR, INR, GBP.",
        ),
        (("--timezone", "Europe/Berlinn"), "The time zone: there is no Europe/Berlinn. Did you mean Europe/Berlin?"),
        (("--day-ends", "25:00"), "The end of the day is a time of day from 00:00 to 23:59"),
        (("--name", ""), "The name of the venue is missing."),
        (("--name", "a\x1b[2J"), "till: The name of the venue holds the control character U+001B"),
        (("--staff", "0"), "A staff number is 1 to 999999."),
        (("--staff", "seven"), "A staff number is 1 to 999999."),
        (("--staff-name", " "), "The name is missing."),
        (("--till", "1000"), "The number of the till is a whole number from 1 to 999"),
        (("--till", "two"), "The number of the till is a whole number from 1 to 999, not “two”."),
        (("--till", "²"), "The number of the till is a whole number from 1 to 999"),
        (("--timezone", "Zzz"), "The time zone: there is no Zzz. For example: Europe/Berlin."),
        (("--locale", "qq"), "The format of amounts: there is no qq."),
        (("--locale", "xx_YY"), "The format of amounts: there is no xx_YY."),
        (("--tax", "GST five"), "The tax “GST five” is not a tax; write its name and percent like GST 5"),
        (("--menu", "/no/such.csv"), "/no/such.csv cannot be read"),
    ],
)
def test_a_wrong_value_is_refused_and_nothing_is_made(nowhere: Shell, changed: tuple[str, str], sentence: str) -> None:
    result = nowhere("init", *VENUE, *PERSON, *files(nowhere), *changed)

    assert (result.code, result.out) == (1, "")
    assert sentence in result.err
    assert "Traceback" not in result.err
    assert not config_of(nowhere).exists()
    assert "holds no venue yet" in nowhere.refused("admin", "users", "list")


def test_a_short_pin_or_password_is_refused(nowhere: Shell) -> None:
    (nowhere.folder / "pin").write_text("77\n")
    assert nowhere("init", *VENUE, *PERSON, *files(nowhere)).err.endswith("till: A PIN is 4 to 12 digits.\n")
    (nowhere.folder / "pin").write_text("7777\n")
    (nowhere.folder / "password").write_text("seven\n")
    assert nowhere("init", *VENUE, *PERSON, *files(nowhere)).err.endswith(
        "till: A password has 8 characters or more.\n"
    )
    assert not config_of(nowhere).exists()


def test_a_menu_with_faults_names_each(nowhere: Shell) -> None:
    (nowhere.folder / "menu.csv").write_text("name,price,category\nTea,two,Hot\n,1.00,Hot\n")

    result = nowhere("init", *VENUE, *PERSON, *files(nowhere), "--menu", str(nowhere.folder / "menu.csv"))

    assert result.code == 1
    assert [f"menu.csv:{line}:" in result.err for line in (2, 3)] == [True, True]
    assert not config_of(nowhere).exists()


def test_without_a_terminal_what_is_missing_is_named(nowhere: Shell) -> None:
    result = nowhere("init", *PERSON, *files(nowhere))
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "--name is missing" in result.err


def test_a_server_without_tls_is_reported_before_anything_is_asked(nowhere: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor() as pool:
        server.settimeout(10)

        def refuse_tls() -> None:
            caller, _address = server.accept()
            with caller:
                caller.recv(8)
                caller.sendall(b"N")

        refused = pool.submit(refuse_tls)
        url = f"postgresql://till_owner@127.0.0.1:{server.getsockname()[1]}/venue?sslmode=verify-full"
        nowhere.patch.setenv("TILL_DATABASE__OWNER_URL", url)
        message = nowhere.refused("init")
        refused.result(10)
    assert "offers no TLS that can be trusted" in message
    assert not config_of(nowhere).exists()


def test_a_config_that_is_there_counts(upgraded: Shell) -> None:
    own = upgraded.folder / "till.toml"
    own.write_text('[venue]\nname = "Bar"\ncurrency = "GBP"\ntimezone = "Europe/London"\n[till]\nid = 4\n')
    upgraded.patch.setenv("TILL_CONFIG", str(own))
    before = own.read_bytes()

    assert "Bar is ready." in upgraded.ok("init", *PERSON, *files(upgraded))

    assert own.read_bytes() == before
    upgraded.become(7, "seven sevens")
    assert [row["till"] for row in upgraded("admin", "tills", "list", "--json").json["tills"]] == [4]


@pytest.mark.parametrize(
    ("flag", "value", "key"),
    [
        (("--name", "Café"), '"My venue"', "[venue] name"),
        (("--currency", "INR"), '"GBP"', "[venue] currency"),
        (("--day-ends", "05:00"), '"04:00"', "[venue] business_day_ends"),
        (("--tax-added",), "true", "[venue] prices_include_tax"),
        (("--till", "4"), "1", "[till] id"),
    ],
)
def test_a_flag_that_a_config_gainsays_is_not_passed_over(
    nowhere: Shell, flag: tuple[str, ...], value: str, key: str
) -> None:
    own = nowhere.folder / "till.toml"
    own.write_text('[venue]\ncurrency = "GBP"\n')
    nowhere.patch.setenv("TILL_CONFIG", str(own))
    message = nowhere.refused("init", *PERSON, *files(nowhere), *flag)
    expected = f"is {value} by {own} ({key}, or its default if that is missing), and {flag[0]} differs. Set {key} there"
    assert expected in message
    assert not message.startswith("[")


def test_a_flag_that_says_what_a_config_says_is_taken(upgraded: Shell) -> None:
    own = upgraded.folder / "till.toml"
    own.write_text('[venue]\ncurrency = "GBP"\n')
    upgraded.patch.setenv("TILL_CONFIG", str(own))
    upgraded.refused("init", *PERSON, *files(upgraded), "--currency", "INR")
    assert "is ready" in upgraded.ok("init", *PERSON, *files(upgraded), "--currency", "gbp", "--till", "1")


def test_a_config_that_is_named_and_not_there_is_written(upgraded: Shell) -> None:
    own = upgraded.folder / "new.toml"
    upgraded.patch.setenv("TILL_CONFIG", str(own))

    upgraded.ok("init", *VENUE, *PERSON, *files(upgraded))

    assert tomllib.loads(own.read_text())["till"]["id"] == 1


class Somebody(AnswerReader):
    """At a terminal: says yes, and types what is asked for."""

    def __init__(self) -> None:
        super().__init__()
        self.present = True

    def agrees(self, question: str, *, default: bool = True) -> bool:
        del question, default
        return True

    def _prompt(self, question: str, default: str) -> str:
        ASKED.append(question)
        return default


ASKED: list[str] = []


@pytest.mark.parametrize("why", ["the menu", "the database"])
def test_a_refusal_at_the_very_end_loses_no_answer(upgraded: Shell, why: str) -> None:
    """The file is asked for again if the server refuses the menu; after a lost connection nothing is asked again."""
    ASKED.clear()
    problem = AdministrationError("No such menu.") if why == "the menu" else UnreachableError(place="x", reason="away")
    tries: list[Any] = []

    def fails_once(*given: Any, **more: Any) -> bool:
        tries.append(given[2])  # the settings
        if len(tries) == 1:
            raise problem
        return make_venue(*given, **more)

    upgraded.patch.setattr("till.cli.init.AnswerReader", Somebody)
    upgraded.patch.setattr("till.cli.init.make_venue", fails_once)
    menu = ("--menu", str(upgraded.folder / "menu.csv"))
    given = (
        "--day-ends",
        "05:00",
        "--tax-added",
        "--tax-number",
        "X1",
        "--address",
        "",
        "--tax",
        "",
        "--till",
        "3",
        "--printer",
        "10.0.0.9",
    )

    result = upgraded("init", *VENUE, *PERSON, *files(upgraded), *menu, *given)

    assert result.code == 0, result.err
    assert problem.sentence in result.err
    assert "Corner Café is ready." in result.out
    assert len(tries) == 2
    assert list(tries[1]["printers"]) == [
        {"name": "Counter", "address": "tcp://10.0.0.9", "receipts": (3,), "drawer": 3},
    ]
    assert (
        ["The menu, as a CSV file with name, price and category (Enter for later)"] if why == "the menu" else []
    ) == ASKED
    assert tries[0] == tries[1]


def test_a_demo_folder_stays_a_demo(nowhere: Shell) -> None:
    hold_demo(Surroundings.find())

    refusal = nowhere.refused("init", *VENUE)
    assert "holds Udupi Corner, to try things out. Choose a folder for your own: `TILL_DATA_DIR=~/venue" in refusal
