"""A card reader at Stripe beside a real till: a tip, a decline, Esc, a tap against Esc, a kill, a part refund."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from tests.readers.stripe import KEY, READER, Stripe, in_thread

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.e2e.terminal import Terminal
    from tests.plugins.terminals import Venue

CONFIG = """
[tenders.CARD]
kind = "stripe"
label = "Card"
key = "c"
[tenders.CARD.settings]
key_file = "{key}"
reader = "{reader}"
address = "http://127.0.0.1:{port}/v1"
tips = true
"""
MANAGER = "9\r9999\r"


@pytest.fixture
def stripe(venue: Venue) -> Iterator[Stripe]:
    """A reader that the config of the venue names."""
    with in_thread() as one:
        one.now = time.time
        key = venue.folder / "stripe"
        key.write_text(KEY, "utf-8")
        key.chmod(0o600)
        with (venue.folder / "config.toml").open("a", encoding="utf-8") as config:
            config.write(CONFIG.format(key=key, reader=READER, port=one.port))
        yield one


def asked(till: Terminal, stripe: Stripe) -> None:
    """Ring a dosa and ask for the card."""
    till.type("masala dosa\r").wait_for("Total ₹80.00").press("f9").wait_for("Enter takes ₹80.00")
    till.wait_for("Card (test)").type("c\r").wait_for("On the reader: ₹80.00")
    assert stripe.shown()


def test_an_evening_at_a_reader(venue: Venue, stripe: Stripe) -> None:
    till = venue.open_at(1)
    asked(till, stripe)
    stripe.tap(tip=800)
    till.wait_for("Paid ₹88.00, including a tip of ₹8.00.").wait_for("● saved")

    asked(till, stripe)
    stripe.decline()
    till.wait_for("insufficient funds")
    till.type("c\r").wait_for("On the reader: ₹80.00")
    stripe.begin()  # the card is being authorised: the answer still decides
    till.press("escape").wait_for("Cancelling")
    stripe.finish(is_taken=False)
    till.wait_for("Nothing taken")
    assert stripe.shown() == ""

    # Esc and a tap at one moment: the intent decides.
    till.type("c\r").wait_for(lambda _till: stripe.shown())
    stripe.looked = taps_before_the_cancel(stripe)
    till.press("escape").wait_for("was approved before it stopped. It is paid.").wait_for("● saved")
    stripe.looked = lambda _asked: None

    till.type("2 masala dosa\r").wait_for("Total ₹160.00").press("f9").wait_for("Enter takes ₹160.00")
    till.type("c\r").wait_for("On the reader: ₹160.00").wait_for("● saved").kill9()
    stripe.tap()
    till = venue.open().wait_for("This till closed unexpectedly at ")
    venue.log_in(till).wait_for("No lines yet").wait_for("● saved")
    assert list(stripe.taken.values()) == [8_800, 8_000, 16_000]
    rows = venue.rows("SELECT amount::text, transaction FROM cold.order_payment WHERE tender = 'CARD'")
    paid = {one["id"]: one["amount"] for one in stripe.intents.values() if one["status"] == "succeeded"}
    assert {transaction: round(float(amount) * 100) for amount, transaction in rows} == paid

    till.press("f10").wait_for("3 of 3").type("\r").wait_for("2 × Masala Dosa").type("+")
    till.wait_for("to •••• 4242.").type("\r").wait_for("guest changed their mind").type("1\r")
    till.wait_for("A manager's number").type(MANAGER).wait_for("1-R000001").wait_for("● saved")
    assert [one["amount"] for one in stripe.refunds] == [8_000]
    assert venue.rows("SELECT count(*) FROM till.conflicts") == [(0,)]


def taps_before_the_cancel(stripe: Stripe) -> Callable[[str], None]:
    def looked(asked: str) -> None:
        if asked.endswith("/cancel_action"):
            stripe.tap()

    return looked
