"""A venue of one's own, asked question by question, and its first sale."""

from __future__ import annotations

import stat
from functools import partial
from typing import TYPE_CHECKING

from tests.e2e.terminal import SAVED, TILL

if TYPE_CHECKING:
    from tests.e2e.terminal import Terminal
    from tests.plugins.terminals import Venue


def _asks(question: str, times: int, terminal: Terminal) -> bool:
    return terminal.text.count(question) >= times


def test_a_new_venue_is_asked_for_and_sells(bare_venue: Venue) -> None:
    menu = bare_venue.folder.parent / "menu.csv"
    menu.write_text("name,price,category\nEspresso,2.50,Coffee\nCroissant,3.20,Bakery\n")
    more = {"LANG": "de_AT.UTF-8", "TZ": "Europe/Vienna", "HOME": str(menu.parent)}
    asked = bare_venue.spawn([TILL, "init"], size=(100, 40), more=more)

    asked.wait_for("What is the venue called").type("\r").wait_for("name is a name of 1 to 80 characters")
    asked.type("Eck Café\r").wait_for("(en_IN, de_DE …) [de_AT]").type("\r")
    asked.wait_for("three letters [EUR]").type("EURO\r").wait_for("such as INR, not “EURO”.").type("\r")
    asked.wait_for("Time zone (Europe/Berlin …) [Europe/Vienna]").type("\r")
    asked.wait_for("count for the day before [04:00]").type("\r").wait_for("contain their taxes? [Y/n]")
    asked.type("perhaps\r").wait_for("Type y for yes or n for no").type("\r")
    asked.wait_for("Tax number for receipts").type("\r").wait_for("The number of this till [1]").type("\r")
    asked.wait_for("The menu, as a CSV file").type("~/menu.csv\r").wait_for("Croissant").wait_for(
        "Take this menu?"
    ).type("\r")
    asked.wait_for("their staff number [1]").type("7\r").wait_for("What are they called").type("Om\r")
    for asks, answer in (
        (("New PIN:", 1), "77"),
        (("The same again:", 1), "77"),
        (("New PIN:", 2), "7777"),  # only once it is asked: what was typed before is thrown away, and would be seen
        (("The same again:", 2), "7777"),
        (("New password:", 1), "seven sevens"),
        (("The same again:", 3), "seven sevens"),
    ):
        asked.wait_for(partial(_asks, *asks)).type(f"{answer}\r")
    assert "A PIN is 4 to 12 digits." in asked.text
    asked.wait_for("Eck Café: EUR, Europe/Vienna").wait_for("Make it? [Y/n]").type("\r")
    assert asked.wait_for("`till` opens it: log in as 7.").wait_for_end() == 0
    assert "7777" not in asked.text
    assert "seven sevens" not in asked.text
    assert stat.S_IMODE((bare_venue.folder / "config.toml").stat().st_mode) == 0o600

    till = bare_venue.spawn([TILL], more=more).wait_for("7   Om").type("7\r7777\r")
    till.wait_for(lambda t: "type a number" not in t.text).type("2 espresso\r").wait_for("5,00").wait_for(SAVED)


def test_ctrl_c_makes_nothing(bare_venue: Venue) -> None:
    asked = bare_venue.spawn([TILL, "init"]).wait_for("What is the venue called").type("Eck Café\r")
    asked.wait_for("(en_IN, de_DE …)")
    while "Stopped." not in asked.text:  # Python misses one that comes just before it begins to read
        asked.press("ctrl+c").read_for(0.2)

    assert asked.wait_for("till: Stopped.").wait_for_end() == 1
    assert not list(bare_venue.folder.glob("*"))
