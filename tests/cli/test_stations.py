"""`till admin stations`: what the kitchen makes, and where."""

from __future__ import annotations

import csv
import os
import re
from typing import TYPE_CHECKING

import pytest

from till.cli.environment import Surroundings
from till.config import Folders
from till.domain.errors import ConfigError
from till.wiring.parts import open_own_journal

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

ADD = ("admin", "stations", "add")


@pytest.fixture
def shop(staffed: Shell) -> Shell:
    menu = "name,price,category\nIdly,4.00,Food\nDosa,8.00,Food\nTea,1.00,Drinks\n"
    staffed.ok("admin", "menu", "import", "-", stdin=menu)
    staffed.become(9)
    staffed.ok("admin", "tills", "add", "1", "--here")
    staffed.ok("admin", "printers", "add", "Pass", "192.168.1.51", "--receipts", "1")
    return staffed


def test_stations_are_added_listed_and_removed(shop: Shell) -> None:
    added = shop.ok(*ADD, "Grill", "--category", "food", "--printer", "pass")
    assert added == "Added station Grill. It makes Food.\n"
    added = shop.ok(*ADD, "Bar", "--category", "Drinks", "--item", "Dosa", "--later")
    assert added.endswith("It makes Drinks, Dosa.\n")
    (grill, bar) = shop("admin", "stations", "list", "--json").json["stations"]
    assert (grill["name"], grill["printer"], bar["name"], bar["printer"]) == ("Grill", "Pass", "Bar", "")
    assert (grill["later"], bar["later"]) == (False, True)
    assert "Drinks, Dosa" in shop.ok("admin", "stations", "list")
    assert shop.refused(*ADD, "Other", "--category", "Food") == "Grill makes Food already."
    assert shop.refused(*ADD, "bar", "--category", "Drinks") == "There is a station bar already."
    assert shop.refused(*ADD, "Other") == (
        "Name what it makes: --category Drinks, or --item Soup. The pass needs --printer or --screen."
    )
    assert "no category" in shop.refused(*ADD, "Other", "--category", "Nonsense")
    assert shop.refused("admin", "printers", "remove", "Pass") == (
        "Pass prints for station Grill: remove the station first."
    )
    assert shop.ok("admin", "stations", "remove", "grill") == "Removed station Grill.\n"
    assert shop.ok("admin", "printers", "remove", "Pass") == "Removed printer Pass.\n"
    assert [one["name"] for one in shop("admin", "stations", "list", "--json").json["stations"]] == ["Bar"]


def test_the_pass_makes_nothing_and_has_a_printer(shop: Shell) -> None:
    added = shop.ok(*ADD, "Expo", "--printer", "Pass")
    assert added == "Added station Expo. It makes nothing: it is the pass.\n"
    (expo,) = shop("admin", "stations", "list", "--json").json["stations"]
    assert (expo["categories"], expo["items"], expo["printer"]) == ([], [], "Pass")


def test_a_device_file_serves_a_station_of_one_till_only(shop: Shell) -> None:
    shop.ok("admin", "printers", "add", "Local", "/dev/usb/lp7", "--kitchen")
    shop.ok(*ADD, "Grill", "--category", "Food", "--printer", "Local")
    refused = shop.refused("admin", "tills", "add", "2", "--here")
    assert refused.startswith("Station Grill prints on Local, a device file, which only one till reaches.")
    assert "`till admin printers change Local --address 192.168.1.50`" in refused
    shop.ok("admin", "tills", "add", "1", "--here")
    shop.ok(*ADD, "Board", "--category", "Drinks", "--screen")
    shop.ok("admin", "tills", "add", "90", "--here", "--kitchen")
    assert "a kitchen screen" in shop.ok("admin", "tills", "list")
    shop.ok("admin", "printers", "change", "Local", "--address", "192.168.1.50")
    shop.ok("admin", "tills", "add", "2", "--here")
    refused = shop.refused("admin", "printers", "change", "Local", "--address", "/dev/usb/lp7")
    assert refused.startswith("Local is a device file, which one till reaches, and every till prints for a station.")
    shop.ok("admin", "printers", "add", "Other", "/dev/usb/lp8", "--kitchen")
    assert shop.refused(*ADD, "Expo", "--printer", "Other").startswith("Other is a device file")
    shop.ok("admin", "printers", "change", "Other", "--columns", "32")


def test_a_category_has_a_course_by_hand_and_in_the_table(shop: Shell) -> None:
    assert re.fullmatch(r"Food is course 2. Menu \d+.\n", shop.ok("admin", "menu", "course", "food", "2"))
    assert shop.refused("admin", "menu", "course", "Food", "100").startswith("The course “100” is not a course from 1")
    table = shop.ok("admin", "menu", "export", "-")
    rows = {row["name"]: row["course"] for row in csv.DictReader(table.splitlines())}
    assert rows == {"Idly": "2", "Dosa": "2", "Tea": ""}
    assert re.fullmatch(r"Food has no course. Menu \d+.\n", shop.ok("admin", "menu", "course", "Food", "none"))
    shop.ok("admin", "menu", "import", "-", stdin=table)
    assert shop.ok("admin", "menu", "export", "-") == table
    torn = table.replace(",2,\r\n", ",3,\r\n", 1)
    assert "category Food has a different course above" in shop("admin", "menu", "import", "-", stdin=torn).err


def test_a_screen_of_the_kitchen_is_enrolled_for_its_stations_and_sells_nothing(shop: Shell) -> None:
    kitchen = ("admin", "tills", "add", "90", "--here", "--kitchen")
    assert "No station has a screen yet" in shop.refused(*kitchen)
    shop.ok(*ADD, "Grill", "--category", "Food", "--screen")
    assert shop.ok(*ADD, "Pass", "--screen") == "Added station Pass. It makes nothing: it is the pass.\n"
    assert [one["screen"] for one in shop("admin", "stations", "list", "--json").json["stations"]] == [True, True]
    assert "no such station" in shop.refused(*kitchen, "Bar")
    assert "sells" in shop.refused("admin", "tills", "add", "1", "--here", "--kitchen")
    assert "`till kitchen --till 90` opens it" in shop.ok(*kitchen, "grill")
    found = {one["till"]: one["stations"] for one in shop("admin", "tills", "list", "--json").json["tills"]}
    assert found == {1: None, 90: ["Grill"]}
    assert "needs a terminal" in shop.refused("kitchen")
    for till, sells, why in (
        (90, True, "Number 90 is a screen of the kitchen, and takes no money"),
        (1, False, "Till 1 sells"),
    ):
        with pytest.raises(ConfigError, match=why):
            open_own_journal(Folders.of(os.environ), till=till, store_id="", sells=sells)
    here = Surroundings.find()
    open_own_journal(here.folders, till=90, store_id=here.venue.store_id, sells=False).close()
    assert "Still missing" not in shop("doctor").out, "nobody logs in there"


def test_orders_that_no_till_sends_to_the_kitchen_are_named(shop: Shell, database: Database) -> None:
    shop.ok(*ADD, "Grill", "--category", "Food")
    with database.connect() as owner:
        owner.execute("UPDATE till.tills SET seen_at = now()")
        owner.execute(
            "INSERT INTO till.hands (store_id, session_id, asked_at) SELECT store_id, n::text, now() - interval '1 day'"
            " FROM till.stores, generate_series(1, 2) AS n"
        )
    assert "Not sent to the kitchen by Till 1: an older version of till." in shop("admin", "stations", "list").err
    assert "2 orders wait for a till to send them to the kitchen. Start a till" in shop("doctor").out
    with database.connect() as owner:
        owner.execute("UPDATE till.tills SET sends = true, hands_dropped = 3, hand_dropped_at = now() WHERE id = 1")
    sentence = "Till 1 did not send 3 orders to the kitchen that another till had to send."
    assert sentence in shop("doctor").out
    assert shop("admin", "stations", "list").err == ""


def test_a_program_has_its_orders_cooked_when_they_are_submitted_opened_or_paid(shop: Shell) -> None:
    cook, shown = ("admin", "programs", "set", "--cooked"), ("admin", "programs", "list", "--json")
    shop.ok("admin", "programs", "add", "chat", "--json")
    assert shop(*shown).json["programs"][0]["cooked"] == "opened"
    assert shop.ok(*cook, "paid", "chat") == "Orders of chat are cooked once paid.\n"
    assert shop(*shown).json["programs"][0]["cooked"] == "paid"
    assert "say submitted, opened or paid" in shop(*cook, "sometimes", "chat").err
    assert shop.refused(*cook, "paid", "cat") == "There is no program cat. `till admin programs list` lists them."
