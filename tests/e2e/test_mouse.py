"""The mouse in a real terminal: the till's own, or left to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.e2e.terminal import Terminal
    from tests.plugins.terminals import Venue

#: Reports of clicks are asked for, as pyte keeps a private mode.
_CLICKS = 1000 << 5


def click(till: Terminal, words: str) -> None:
    """Click on these words, as a terminal reports it."""
    y, row = next((y, row) for y, row in enumerate(till.rows()) if words in row)
    at = f"{row.index(words) + 1};{y + 1}"
    till.type(f"\x1b[<0;{at}M\x1b[<0;{at}m")


def test_a_click_reaches_the_till(venue: Venue) -> None:
    till = venue.open_at(1).type("2 idly\rtea\r").wait_for("Total ₹100.00")
    assert _CLICKS in till.screen.mode
    click(till, "2 × Idly")
    till.wait_for("▌  2 × Idly")
    click(till, "F7 Void")
    till.wait_for("Void 2 × Idly")


def test_a_mouse_that_is_left_to_the_terminal_is_not_asked_for(venue: Venue) -> None:
    till = venue.open(more={"TILL_UI__MOUSE": "false"}).wait_for("type a number")
    assert _CLICKS not in till.screen.mode
