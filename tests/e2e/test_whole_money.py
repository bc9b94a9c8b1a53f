"""Rules that keep money whole, by the way of the screen to the books (tests/README.md)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest

from tests.e2e.test_evening import UNBALANCED

if TYPE_CHECKING:
    from tests.e2e.terminal import Terminal
    from tests.plugins.terminals import Venue

TOTALS: Final = "SELECT total_amount::text FROM cold.orders ORDER BY receipt"


@pytest.fixture
def till(venue: Venue) -> Terminal:
    """A till with the manager on it, whom no act asks for a PIN."""
    return venue.open_at(9, size=(120, 36)).wait_for("No lines yet").wait_for("● saved")


def change(venue: Venue, till: Terminal, setting: str, value: str, tea: str) -> None:
    """Change a setting and the price of tea, and wait until the till shows that."""
    for act in (("settings", "set", setting, value), ("menu", "edit", "Tea", "--price", tea)):
        done = venue.run("admin", *act)
        assert done.returncode == 0, done.stderr
    till.wait_for(tea)


def test_a_row_priced_finer_than_the_coin_is_parted_and_given_back_to_the_coin(venue: Venue, till: Terminal) -> None:
    """Three teas cost 61.00, one alone 20.33: guests apart pay 61.00, and 61.00 goes back by pieces, no more."""
    change(venue, till, "rounding", "", "20.333")
    till.type("2 tea\r1 tea\r").wait_for("Total ₹61.00.").type("split\r").wait_for("Split").type("123")
    till.wait_for("Guest 3 owes")
    for _guest in range(3):
        till.type("\r").wait_for("Enter takes ₹20.3").type("c").wait_for("by card.").type("\r")
        till.wait_for(lambda t: "Enter takes" not in t.text).wait_for("● saved")
    assert sorted(venue.rows(TOTALS)) == [("20.33",), ("20.33",), ("20.34",)]

    till.type("3 tea\r").wait_for("Total ₹61.00.").type("card\r").wait_for("Paid ₹61.00.").wait_for("● saved")
    till.press("f10").wait_for("61.00").press("enter").wait_for("3 × Tea")
    for number in (1, 2, 3):
        till.type("+").wait_for("Enter refunds ₹20.3").type("\r").wait_for("cold or wrong").type("1\r")
        till.wait_for(f"R00000{number}").wait_for("● saved")
    back = "SELECT count(*)::integer, sum(amount)::text FROM cold.refunds"
    till.wait_for(lambda _till: venue.rows(back) == [(3, "-61.00")])  # the light turns when the last one is there
    other = venue.open_at(9, till=2, size=(120, 36)).wait_for("● saved")
    other.type("refund 1-000004\r").wait_for("3 × Tea").type("+").wait_for("There is nothing left to refund.")
    assert venue.rows(UNBALANCED) == []


def test_two_corrections_of_one_payment_count_as_the_last_one(venue: Venue, till: Terminal) -> None:
    """Cash that was card, and then UPI, is in no drawer and under no card."""
    till.type("1 masala dosa\rcash\r").wait_for("Paid ₹80.00, exact.")
    for tender, name in (("card", "card"), ("upi", "UPI")):
        till.type(f"that was {tender}\r").wait_for(f"was {name}.").wait_for("● saved").press("escape")
        till.wait_for("1 of 1").press("escape").wait_for("No lines yet")
    assert venue.rows("SELECT sum(amount)::text FROM cold.cash_by_drawer") in ([(None,)], [("0.00",)])
    report = venue.ask("report", "sales", "--day", "today")
    assert (report["tenders"], report["drawers"]) == ({"UPI": "80.00"}, {})
    till.type("that was cash\r").wait_for("was cash.").wait_for("● saved")
    report = venue.ask("report", "sales", "--day", "today")
    assert (report["tenders"], report["drawers"]) == ({"CASH": "80.00"}, {"1": "80.00"})


def test_charge_discount_comp_return_tip_and_change_add_up_in_the_books(venue: Venue, till: Terminal) -> None:
    """190.00 of items, and 24.80 of charge on 200.00 without the deposit, are paid as 215.00 and a tip of 10.00."""
    change(venue, till, "service_charge", '{percent = "12.4", tax = "GST 5"}', "20.50")
    till.type("2 masala dosa\r2 idly\r").wait_for("Total ₹269.76.")
    till.type("50% off\r").wait_for("food was cold").type("1\r").wait_for("₹40.00 off Idly")
    till.type("1 tea\rcomp\r").wait_for("food was cold").type("1\r").wait_for("off Tea")
    till.type("-1 bottle deposit\r").wait_for("−1 × Bottle deposit").press("f9").wait_for("Enter takes ₹215.00")
    till.type("100\r").wait_for("Enter again takes it").type("\r").wait_for("₹115.00 is still due.")
    till.type("p10\r").wait_for("Tip").type("500\r").wait_for("Change ₹375.00.").wait_for("● saved")
    assert venue.rows(UNBALANCED) == []
    assert venue.rows("SELECT sum(amount)::text FROM cold.payment_transaction") == [("225.00",)]
    report = venue.ask("report", "sales", "--day", "today")
    figures = {
        name: report[name] for name in ("items_total", "service_charge", "rounding", "tips", "net", "tax", "total")
    }
    assert figures == {
        "items_total": "190.00", "service_charge": "24.80", "rounding": "0.20", "tips": "10.00",
        "net": "204.10", "tax": "10.70", "total": "214.80",
    }  # fmt: skip
    assert (report["taken"], report["tenders"], report["drawers"]) == ("225.00", {"CASH": "225.00"}, {"1": "225.00"})
