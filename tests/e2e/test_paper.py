"""Paper at the screen of a till, on a printer that is a process of its own, at both sizes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.e2e.terminal import PATIENCE
from tests.printer.process import running

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue


@pytest.mark.parametrize("size", [(80, 24), (120, 36)], ids=["80x24", "120x36"])
def test_an_evening_of_papers_with_a_roll_that_ends_in_the_middle(venue: Venue, size: tuple[int, int]) -> None:
    with running() as printer:
        venue.url()  # the server stays up
        added = venue.run("admin", "printers", "add", "Counter", printer.address, "--receipts", "1")
        assert added.stdout == "Added Counter: prints for till 1; opens the drawer of till 1.\n", added.stderr
        till = venue.open_at(1, size=size).wait_for("● saved")

        till.type("2 idly\rtable 7\r").wait_for("Saved to table 7").type("table 7\r").wait_for("2 × Idly")
        till.press("ctrl+r").wait_for("Bill: ✓ printed.")
        printer.wait_until(lambda paper: "BILL, NOT A RECEIPT" in paper.text)

        till.type("cash 100\r").wait_for("Change ₹20.00.")
        printer.wait_until(lambda paper: "[drawer opens]" in paper.text)
        printer.tell("paper for 8")
        till.press("ctrl+r").wait_for("▲ printer: no paper").wait_for("▲ waits for paper")
        printer.wait_until(lambda paper: "[no paper]" in paper.text)
        till.type("1 tea\rcash 50\r").wait_for("Change ₹30.00.")
        printer.wait_until(lambda paper: paper.kicks == 2)
        printer.tell("paper")
        till.wait_for(lambda t: "no paper" not in t.text)
        printer.wait_until(lambda paper: "Thank you. Visit again." in paper.text)

        till.press("f10").wait_for("1-000001").press("down", "enter").wait_for("2 × Idly").press("ctrl+r")
        till.wait_for("Copy 1: ✓ printed.")
        printer.wait_until(lambda paper: "COPY 1" in paper.text)
        till.type("*\r1\r").wait_for("manager").type("9\r9999\r").wait_for("Refunded ₹80.00")
        till.press("ctrl+r").wait_for("Refund receipt: ✓ printed.")
        printer.wait_until(lambda paper: "REFUND" in paper.text)
        till.press("escape", "escape").wait_for("No lines yet.")
        again = venue.run("receipt", "1-R000001")
        assert "*** COPY ***" in again.stdout, again.stderr
        assert "Of receipt 1-000001" in again.stdout
        assert "REFUNDED" in again.stdout

        till.type("x\r").wait_for("Enter Print").press("enter").wait_for("X: ✓ printed.").press("enter")
        till.type("close\r\r").wait_for("Z 1-Z000001").press("ctrl+r").wait_for("Z: ✓ printed.").press("enter")
        printer.wait_until(lambda paper: "1-Z000001" in paper.text)
        till.wait_for("Count first").press("tab").type("20\r\r")
        till.wait_for("Enter Print", PATIENCE).press("enter").wait_for("Count: ✓ printed.")
        printer.wait_until(lambda paper: "Count of the drawer" in paper.text)
        numbered = [line for line in printer.text.splitlines() if line.startswith("1-000001 ")]
        assert len(numbered) == 2, "the receipt and its copy"
