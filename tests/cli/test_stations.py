"""`till admin stations`: what the kitchen makes, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

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
    assert shop.ok(*ADD, "Bar", "--category", "Drinks", "--item", "Dosa").endswith("It makes Drinks, Dosa.\n")
    (grill, bar) = shop("admin", "stations", "list", "--json").json["stations"]
    assert (grill["name"], grill["printer"], bar["name"], bar["printer"]) == ("Grill", "Pass", "Bar", "")
    assert "Drinks, Dosa" in shop.ok("admin", "stations", "list")
    assert shop.refused(*ADD, "Other", "--category", "Food") == "Grill makes Food already."
    assert shop.refused(*ADD, "bar", "--category", "Drinks") == "There is a station bar already."
    assert shop.refused(*ADD, "Other") == "Name what it makes: --category Drinks, or --item Soup."
    assert "no category" in shop.refused(*ADD, "Other", "--category", "Nonsense")
    assert shop.refused("admin", "printers", "remove", "Pass") == (
        "Pass prints for station Grill: remove the station first."
    )
    assert shop.ok("admin", "stations", "remove", "grill") == "Removed station Grill.\n"
    assert shop.ok("admin", "printers", "remove", "Pass") == "Removed printer Pass.\n"
    assert [one["name"] for one in shop("admin", "stations", "list", "--json").json["stations"]] == ["Bar"]
