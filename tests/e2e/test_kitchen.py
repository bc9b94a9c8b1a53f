"""The board of the kitchen in a terminal, beside a till, through a kill and a second screen of one number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.e2e.terminal import TILL

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue


def test_a_board_that_is_killed_shows_what_is_left_to_make(venue: Venue) -> None:
    till = venue.open_connected(1, size=(120, 36))
    for words in (
        ("stations", "add", "Bar", "--category", "Drinks", "--screen"),
        ("tills", "add", "90", "--kitchen", "--here"),
    ):
        assert venue.run("admin", *words).returncode == 0
    board = venue.spawn([TILL, "kitchen"]).wait_for("Nothing to make.").wait_for("● saved")
    venue.log_in(till, 1).type("2 tea\rtab 5\r").wait_for("Saved to table 5.")
    till.type("1 coffee\rtab 7\r").wait_for("Saved to table 7.")
    board.wait_for("Table 7").wait_for("2 × Tea").type("1").wait_for("Done: 1, Table 5").type("\r").wait_for("✓ done")
    board.kill9()
    board = venue.spawn([TILL, "kitchen", "bar"])
    board.wait_for("Table 7").wait_for("● saved").wait_for(lambda t: "Table 5" not in t.text)
    second = venue.spawn([TILL, "kitchen"]).wait_for("open in another")
    assert second.wait_for_end() == 1
    till.wait_for("Table 5 is ready.")
    board.type("r").wait_for("The last ticket comes back.").wait_for("2 × Tea")
    assert board.press("ctrl+q").wait_for_end() == 0
    refused = venue.run("demo", "--till", "90")
    assert refused.returncode == 1
