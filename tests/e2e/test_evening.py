"""One evening at a counter, keyed as a person types, and checked against the books and the card terminal at its end."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from tests.terminal.process import POIID, TerminalProcess, running
from till.cli.demo_venue import DEMO_PINS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.e2e.terminal import Terminal
    from tests.plugins.terminals import Venue

MANAGER = f"9\r{DEMO_PINS[9]}\r"
#: A card terminal, what a person says was paid by UPI, and what the server keeps.
TENDERS = """
[tenders.CARD]
kind = "terminal"
label = "Card"
key = "c"

[tenders.CARD.settings]
address = "{address}"
poiid = "{poiid}"
certificate = "{certificate}"

[tenders.UPI]
label = "UPI"
key = "u"

[tenders.VOUCHER]
kind = "server"
key = "v"
"""
#: Orders whose payments are not their total, what was rounded, and tips.
UNBALANCED = """
SELECT o.receipt FROM cold.orders AS o JOIN cold.order_payment AS p USING (order_id)
GROUP BY o.order_id HAVING sum(p.amount) <> o.total_amount + o.rounding + sum(p.tip)
"""
BY_CARD = """
SELECT amount FROM cold.order_payment WHERE tender = 'CARD'
UNION ALL SELECT amount FROM cold.refunds WHERE tender = 'CARD' ORDER BY 1
"""


@pytest.fixture
def card(venue: Venue, tmp_path: Path) -> Iterator[TerminalProcess]:
    """The terminal on the counter, which the venue's config names."""
    folder = tmp_path / "terminal"
    folder.mkdir()
    with running(folder, sealed=False) as one:
        with (venue.folder / "config.toml").open("a", encoding="utf-8") as config:
            config.write(TENDERS.format(address=one.address, poiid=POIID, certificate=one.certificate))
        yield one
        assert one.book.faults() == []


def a_tab_split_in_three_ways(till: Terminal, card: TerminalProcess, voucher: str) -> None:
    """Ring a tab with an addition, a choice and the happy hour; guests pay own items, half of the rest, and amounts."""
    till.type("2 idly\r").wait_for("Total ₹80.00.").press("f8").wait_for("then Enter.").type("7\r")
    till.wait_for("Saved to table 7.").wait_for("No lines yet").wait_for("● saved")
    till.press("f8").wait_for("Enter Recall").wait_for("Table 7").type("7\r").wait_for("Table 7 is here")
    till.type("masala dosa\r").wait_for("Added 1 × Masala Dosa.").press("f2").wait_for("Extra").type("1\r")
    till.wait_for("1 × Masala Dosa: extra ghee.").type("2 filter coffee\r").wait_for("Happy hour")
    till.wait_for("● saved").type("split\r").wait_for("whose?")

    # Two idly are the first guest's, whose bank refuses at first.
    till.type("1+").wait_for("2 × Idly to guest 1.").type("\r").wait_for("Enter takes ₹80.00")
    card.book.plan("decline", "Refusal")
    till.type("c\r").wait_for("balance. Nothing taken: try again, or another way.")
    till.type("c\r").wait_for("✓ paid card")

    # Of what is left each pays a half; the second one gives 50 and owes the rest a little longer.
    till.press("right", "right").wait_for("2 parts of ₹65.00.").type("\r").wait_for("Enter takes ₹65.00").type("v\r")
    till.wait_for("scan the voucher's code").type(f"{voucher}\r").wait_for("Enter pays ₹65.00 with it.").type("\r")
    till.wait_for("Voucher: ₹435.00 left. ₹65.00 is still due.").press("right", "right")
    till.wait_for("₹65.00 is open.").type("50\r")
    till.wait_for("Enter takes ₹50.00").type("50\r")
    till.wait_for("₹15.00 is still due.").type("\r").wait_for("Enter takes ₹15.00").type("15\r")
    till.wait_for("Paid ₹130.00, exact.").wait_for("● saved")


def part_cash_part_card(till: Terminal) -> None:
    till.type("2 masala dosa\r2 idly\r").wait_for("Total ₹240.00").press("f9").wait_for("Enter takes ₹240.00")
    till.type("100\r").wait_for("Enter again takes it").type("\r").wait_for("₹140.00 is still due.")
    till.type("c\r").wait_for("Paid ₹240.00.")


def by_upi(till: Terminal) -> None:
    till.type("masala dosa\r").wait_for("Total ₹80.00.").press("f9").wait_for("Enter takes ₹80.00").type("u")
    till.wait_for("UPI").type("\r").wait_for("Paid ₹80.00.")


def a_discount_that_only_a_manager_may_give(till: Terminal) -> None:
    till.type("2 masala dosa\r").wait_for("Total ₹160.00.").press("f3").wait_for("P, A or N").type("p50\r")
    till.wait_for("manager").type("2\r").wait_for("for this one act").type(MANAGER)
    till.wait_for("₹80.00 off Masala Dosa.").press("f9").wait_for("Enter takes ₹80.00").type("100\r")
    till.wait_for("Paid ₹80.00. Change ₹20.00.")


def put_right_and_given_back(till: Terminal) -> None:
    """Correct the last sale to UPI, and refund a dosa of the fourth sale to the card that paid a part."""
    till.type("that was upi\r").wait_for("a manager confirms").type(MANAGER).wait_for("corrected: cash was pressed")
    till.press("escape").wait_for("5 of 5").press("down", "down", "enter").wait_for("2 × Masala Dosa")
    till.type("+").wait_for("Enter refunds ₹80.00 in cash.").press("tab").wait_for("to •••• 9999.")
    till.type("\r").wait_for("guest changed their mind").type("1\r").wait_for("A manager's number").type(MANAGER)
    till.wait_for("1-R000001")


def test_an_evening_of_tabs_promotions_tenders_refunds_and_corrections(venue: Venue, card: TerminalProcess) -> None:
    happy = venue.run("admin", "promotions", "add", "Happy hour", "--item", "Filter Coffee", "--percent", "50")
    assert happy.returncode == 0, happy.stderr
    voucher = venue.ask("admin", "vouchers", "issue", "500")["code"]
    till = venue.log_in(venue.open_connected(size=(120, 36)), 1)

    a_tab_split_in_three_ways(till, card, voucher)
    part_cash_part_card(till)
    by_upi(till)
    a_discount_that_only_a_manager_may_give(till)
    put_right_and_given_back(till)
    till.wait_for(lambda _till: venue.rows("SELECT 1 FROM cold.refunds"))  # the light may be that of the payment before

    report = venue.ask("report", "sales", "--day", "today")
    assert (report["sales"], report["total"]) == (5, "610.00")
    assert report["tenders"] == {"CASH": "165.00", "CARD": "220.00", "UPI": "160.00", "VOUCHER": "65.00"}
    assert (report["refunds"], report["drawers"]) == ({"CARD": "-80.00"}, {"1": "165.00"})
    assert venue.rows(UNBALANCED) == []
    assert venue.rows("SELECT count(*) FROM till.conflicts") == [(0,)]
    assert venue.rows("SELECT count(*) FROM warm.quarantine") == [(0,)]
    taken = [
        Decimal(amount) if kind == "Debit" else -Decimal(amount) for kind, _currency, amount in card.book.charges()
    ]
    assert sorted(taken) == [amount for (amount,) in venue.rows(BY_CARD)]
    [(session,)] = venue.rows("SELECT session_id FROM cold.orders WHERE receipt = '1-000001'")
    slips = venue.run("admin", "sessions", "show", session).stdout
    assert "Slip for the guest:\n  Card  **** 1111\n  THANK [31mYOU\n" in slips
    assert "Slip for the till, to be signed:\n  Sign here\n" in slips
    [(refunded, receipt)] = venue.rows(
        "SELECT o.session_id, r.receipt FROM cold.refunds r JOIN cold.orders o USING (order_id)"
    )
    slips = venue.run("admin", "sessions", "show", refunded).stdout
    assert f"Slip for the till, refund {receipt}, to be signed:\n  Sign here\n" in slips
    [left] = venue.ask("admin", "vouchers", "list")["vouchers"]
    assert left["left"] == "435.00"
