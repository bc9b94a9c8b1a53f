"""A card terminal beside real tills: it dies after charging, a till is killed, another takes the order over."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.terminal.process import POIID, TerminalProcess, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.plugins.terminals import Venue

CONFIG = """
[tenders.CARD]
kind = "terminal"
label = "Card"
key = "c"

[tenders.CARD.settings]
address = "{address}"
poiid = "{poiid}"
certificate = "{certificate}"
"""


@pytest.fixture
def terminal(venue: Venue, tmp_path: Path) -> Iterator[TerminalProcess]:
    """A terminal that the config of the venue names."""
    folder = tmp_path / "terminal"
    folder.mkdir()
    with running(folder, sealed=False) as one:
        file = venue.folder / "config.toml"
        before = file.read_text("utf-8") if file.exists() else ""
        named = CONFIG.format(address=one.address, poiid=POIID, certificate=one.certificate)
        file.write_text(before + named, "utf-8")
        yield one
        assert one.book.faults() == []


def sold_and_charged_once(venue: Venue, terminal: TerminalProcess, *tills: int) -> None:
    """Check that each of these tills made one sale, for which the terminal was asked and charged once."""
    assert terminal.book.charges() == [("Debit", "INR", "160.0")] * len(tills)
    assert len(terminal.book.heard("Payment")) == len(tills)
    assert venue.rows("SELECT till_id, total_amount::text FROM cold.orders ORDER BY 1") == [
        (till, "160.00") for till in tills
    ]
    assert venue.rows("SELECT tender, amount::text FROM cold.order_payment") == [("CARD", "160.00")] * len(tills)
    assert venue.rows("SELECT count(*) FROM till.conflicts") == [(0,)]
    assert venue.rows("SELECT count(*) FROM warm.quarantine") == [(0,)]


def test_a_till_is_killed_while_the_card_is_in_the_terminal_or_after_it_charged_and_died(
    venue: Venue, terminal: TerminalProcess
) -> None:
    terminal.book.plan("slow")
    till = venue.open_at(1).type("2 idly\r1 masala dosa\r").wait_for("Total ₹160.00")
    till.press("f9").wait_for("Enter takes ₹160.00").type("c\r").wait_for("at the terminal").wait_for("● saved")
    asyncio.run(terminal.waits())
    till.kill9()
    till = venue.open().wait_for("This till closed unexpectedly at ")
    venue.log_in(till).wait_for("No lines yet").wait_for("● saved")
    sold_and_charged_once(venue, terminal, 1)

    terminal.book.plan(line="die")
    till.type("2 idly\r1 masala dosa\r").wait_for("Total ₹160.00")
    till.press("f9").wait_for("Enter takes ₹160.00").type("c\r").wait_for("outcome unknown").wait_for("● saved")
    till.kill9()
    other = venue.open_connected(2)
    venue.log_in(other, 1)
    other.wait_for("Your order is open on another till").type("t\r").wait_for("Your order is here: 2 lines, ₹160.00.")
    terminal.restart()
    other.wait_for("Answer received: 2 lines, ₹160.00 is paid.").wait_for("● saved")
    sold_and_charged_once(venue, terminal, 1, 2)
