"""A venue of one's own, asked question by question, and its first sale."""

from __future__ import annotations

import stat
import time
from functools import partial
from typing import TYPE_CHECKING

from tests.e2e.terminal import PATIENCE, SAVED, TILL

if TYPE_CHECKING:
    from tests.e2e.terminal import Terminal
    from tests.plugins.terminals import Venue


def _asks(question: str, times: int, terminal: Terminal) -> bool:
    """True if a question was put at least so often, even where early typing breaks its line."""
    return terminal.text.replace("\n", "").count(question) >= times


def test_a_small_terminal_is_asked_question_by_question_and_sells(bare_venue: Venue) -> None:
    menu = bare_venue.folder.parent / "menu.csv"
    menu.write_text("name,price,category\nEspresso,2.50,Coffee\nCroissant,3.20,Bakery\n")
    more = {"LANG": "de_AT.UTF-8", "TZ": "Europe/Vienna", "HOME": str(menu.parent)}
    asked = bare_venue.spawn([TILL, "init"], size=(79, 40), more=more)

    asked.wait_for("What is the venue called").type("\r").wait_for("The name of the venue is missing.")
    asked.wait_for(partial(_asks, "What is the venue called", 2)).type("Eck Café\r")
    asked.wait_for("(en_IN, de_DE …)").type("\r")
    asked.wait_for("three letters [EUR]").type("EURO\r").wait_for("such as INR, not “EURO”.")
    asked.wait_for(partial(_asks, "three letters [EUR]", 2)).type("\r")
    asked.wait_for("Time zone (Europe/Berlin …) [Europe/Vienna]").type("\r")
    asked.wait_for("count for the day before [04:00]").type("\r").wait_for("contain their taxes? [Y/n]")
    asked.type("perhaps\r").wait_for("Type y for yes or n for no")
    asked.wait_for(partial(_asks, "contain their taxes? [Y/n]", 2)).type("\r")
    asked.wait_for("Tax number for receipts").type("\r").wait_for("Address (").type("\r").wait_for(
        "The number of this till [1]"
    ).type("\r")
    asked.wait_for("Tax on most items (USt 20 …)").type("USt\r").wait_for("The tax “USt” is not a tax")
    asked.wait_for(partial(_asks, "Tax on most items", 2)).type("USt 20\r")
    asked.wait_for("The menu, as a CSV file").type("~/menu.csv\r").wait_for("Croissant")
    asked.wait_for("USt 20 %: net 83,33 + USt 16,67 = 100,00").wait_for("Use this menu?").type("\r")
    asked.wait_for("first person, an admin [1]").type("7\r").wait_for("What is their name").type("Om\r")
    for asks, answer in (
        (("New PIN:", 1), "77"),
        (("The same again:", 1), "77"),
        (("New PIN:", 2), "7777"),  # only once it is asked: what was typed before is thrown away, and would be seen
        (("The same again:", 2), "7777"),
        (("New password:", 1), "seven sevens"),
        (("The same again:", 3), "seven sevens"),
    ):
        asked.wait_for(partial(_asks, *asks)).type(f"{answer}\r")
    asked.wait_for("A receipt printer").type("10.0.0.9\r")
    assert "A PIN is 4 to 12 digits." in asked.text
    asked.wait_for("Eck Café: EUR, Europe/Vienna").wait_for("Create it? [Y/n]").type("\r")
    assert asked.wait_for("`till` opens it: log in as 7.").wait_for_end() == 0
    assert "7777" not in asked.text
    assert "seven sevens" not in asked.text
    assert stat.S_IMODE((bare_venue.folder / "config.toml").stat().st_mode) == 0o600

    till = bare_venue.spawn([TILL]).wait_for("7   Om").type("7\r7777\r")
    till.wait_for(lambda t: "type a number" not in t.text).type("2 espresso\r").wait_for("5,00").wait_for(SAVED)


def test_a_form_on_the_screen_makes_a_venue_that_sells(bare_venue: Venue) -> None:
    menu = bare_venue.folder.parent / "menu.csv"
    menu.write_text("name,price,category\nEspresso,2.50,Coffee\nCroissant,3.20,Bakery\n")
    more = {"LANG": "de_AT.UTF-8", "TZ": "Europe/Vienna", "HOME": str(menu.parent)}
    form = bare_venue.spawn([TILL, "init", "--till", "3", "--menu", "~/menu.csv"], more=more)

    form.wait_for("What is the venue called?").type("\r").wait_for("The name of the venue is missing.")
    form.type("Eck Café\r\r").wait_for("> EUR").type("EURO\r").wait_for("✖ EURO").type("EUR\r")
    form.wait_for("> Europe/Vienna").type("\r\r").wait_for("taxes?").type("\r").wait_for("Tax number for").type(
        "\r"
    ).wait_for("Address (").type("\r")
    form.wait_for("Tax on most items").type("\r")
    form.wait_for("> ~/menu.csv").type("\r").wait_for("2 items, 2 categories").wait_for("Croissant").type("\r")
    form.wait_for("first person, an admin").type("7\rOm\r").wait_for("A PIN of 4").type("77\r")
    form.wait_for("A PIN is 4 to 12 digits.").type("7777\r").wait_for("The same again.").type("7777\r")
    form.wait_for("A password of 8").type("seven sevens\r").wait_for("The same again.").type("seven sevens\r")
    form.wait_for("A receipt printer?").type("10 0\r").wait_for("address is like").press("ctrl+u").type("\r")
    form.wait_for("16 of 16 answered").wait_for("2 items on the menu.").press(*["up"] * 4).wait_for("> Om")
    form.type("Olga\r").wait_for("Number 7 Olga").type("\r")
    assert form.wait_for("`till` opens it: log in as 7.").wait_for_end() == 0
    assert "7777" not in form.text

    till = bare_venue.spawn([TILL]).wait_for("7   Olga").type("7\r7777\r")
    till.wait_for(lambda t: "type a number" not in t.text).type("2 espresso\r").wait_for("5,00").wait_for(SAVED)


def test_a_form_that_is_left_makes_nothing(bare_venue: Venue) -> None:
    form = bare_venue.spawn([TILL, "init"]).wait_for("What is the venue called?").type("Eck Café\r")
    form.wait_for("de_DE").press("ctrl+c")
    assert form.wait_for("Nothing was created.").wait_for_end() == 1
    assert not list(bare_venue.folder.glob("*"))


def test_ctrl_c_makes_nothing(bare_venue: Venue) -> None:
    asked = bare_venue.spawn([TILL, "init"], size=(79, 24)).wait_for("What is the venue called").type("Eck Café\r")
    asked.wait_for("(en_IN, de_DE …)")
    ends = time.monotonic() + PATIENCE
    while "Stopped." not in asked.text and time.monotonic() < ends:
        asked.press("ctrl+c").read_for(0.2)  # Python misses one that comes just before it begins to read

    assert asked.wait_for("till: Stopped.").wait_for_end() == 1
    assert not list(bare_venue.folder.glob("*"))
