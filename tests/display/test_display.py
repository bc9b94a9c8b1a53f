"""The display of guests in a second terminal, from before its till is open until after it was killed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.terminal import TILL

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue


def test_a_display_follows_its_till_through_a_kill(venue: Venue) -> None:
    display = venue.spawn([TILL, "display", "--till", "2"], size=(40, 12)).wait_for("Waiting for till 2.")
    till = venue.open_at(1, 2).type("2 idly\r")
    display.wait_for("2 × Idly").wait_for("80.00")
    till.kill9()
    display.wait_for("Waiting for till 2.")
    till = venue.open(2)
    display.wait_for("Udupi Corner").wait_for(lambda t: "Idly" not in t.text)
    venue.log_in(till)
    display.wait_for("2 × Idly")
    till.type("cash 100\r").wait_for("Change ₹20.00.")
    display.wait_for("Change").wait_for("Paid ₹100.00")
    till.press("f12")
    display.wait_for(lambda t: t.text.split() == ["Udupi", "Corner"])
    assert display.press("ctrl+q").wait_for_end() == 0
    till.type("1\r1111\r1 tea\r").wait_for("1 × Tea")


def test_a_display_waits_in_the_language_of_the_venue(venue: Venue) -> None:
    till = venue.open(2)
    assert venue.run("admin", "settings", "set", "languages", '["es", "en"]').returncode == 0
    till.wait_for("Escriba su número")
    display = venue.spawn([TILL, "display", "--till", "2"], size=(40, 12)).wait_for("Udupi Corner")
    till.kill9()
    display.wait_for("Esperando a la caja 2.")
