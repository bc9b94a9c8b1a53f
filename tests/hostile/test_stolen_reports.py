"""What somebody with one till's secret pushes, and who reads it: a report, a list, the manager's screen."""

from __future__ import annotations

import uuid
from datetime import date
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, SETTINGS, Cart, new_id
from tests.sql.test_refunds import put_aside
from till.domain.venue import read_venue
from till.reports.acts import Asked, read_acts
from till.reports.taken_off import read_taken_off
from till.sync.rows import remote_conflict, remote_record

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

__all__ = ["template", "venue"]

HONEST, THIEF = 1, 2
VENUE = read_venue(SETTINGS)
DAY = date(2026, 3, 3)


def read_all(venue: Venue) -> dict[str, int]:
    """The pieces that each kind of act took off, by both who read them; a read that takes seconds is ended."""
    venue.owner.execute("SET statement_timeout = '5s'")
    page = venue.read(read_acts, Asked(kinds=("voided", "cleared", "fewer")), VENUE.terms.currency, limit=200)
    assert page.acts
    return {row.kind: row.pieces for row in venue.read(read_taken_off, DAY, VENUE).people}


def test_lines_that_are_cut_in_a_circle_hold_up_no_report(venue: Venue) -> None:
    """Each cut of a circle had been followed a hundred times, and of two that made one line both."""
    thief, cart = venue.till(THIEF), Cart()
    thief.open(cart)
    one, two, never = thief.add(cart, DOSA, 3), thief.add(cart, IDLY, 2), new_id()
    for _ in range(3):
        for source, into in ((one, two), (two, one), (one, one), (never, never)):
            thief.make("line_cut", cart.session, {"line_id": source, "into": into, "quantity": 1})
    for line in (one, two, never):
        thief.make("line_voided", cart.session, {"line_id": line})
    assert thief.push()["ok"]
    read_all(venue)


def test_ten_thousand_lines_of_a_billion_pieces_are_added_up(venue: Venue) -> None:
    thief, cart = venue.till(THIEF), Cart()
    thief.open(cart)
    lines = [new_id() for _ in range(4)]
    for line in lines:
        huge = {"line_id": line, "item_id": DOSA, "item_name": "\x1b[2J", "quantity": 10**9, "price": "10000000.9999"}
        thief.make("item_added", cart.session, huge | {"taxes": []})
    thief.make("order_discarded", cart.session, {"line_ids": [*lines, *(str(uuid.uuid4()) for _ in range(9_996))]})
    assert thief.push()["ok"]
    assert read_all(venue) == {"clear": 4 * 10**9}


def rows(till: Till) -> tuple[list[Any], list[Any]]:
    """What the manager's screen reads of what waits."""
    reply = till.read("till.conflicts_v1")
    return (
        [remote_conflict(msgspec.Raw(msgspec.json.encode(row))) for row in reply["conflicts"]],
        [remote_record(msgspec.Raw(msgspec.json.encode(row))) for row in reply["quarantine"]],
    )


@pytest.mark.parametrize("amount", ["0.0001", "-999999999999999.9999"])
def test_what_waits_for_a_manager_reads_whatever_amount_it_names(venue: Venue, amount: str) -> None:
    """Below the coin it is none: the row had been left out of the list, under “2 records need attention”."""
    honest, thief, cart = venue.till(HONEST), venue.till(THIEF), Cart()
    honest.open(cart)
    honest.push()
    found = {"conflict_id": str(uuid.uuid4()), "kind": "paid_for_more", "subject": "x", "currency": "INR"}
    thief.make("conflict_found", cart.session, found | {"amount": amount})
    thief.make("payment_approved", cart.session, {"payment_id": new_id(), "tender": "CASH", "amount": amount,
        "tendered": amount, "change": "0"})  # fmt: skip
    assert thief.push()["records"] == 2
    conflicts, records = rows(honest)
    assert (conflicts, [record.amount for record in records]) == ([], [None, None])
    assert put_aside(venue)[1] == "Its amount is smaller than the coin of its currency."


def test_a_second_payment_of_more_than_all_money_is_a_conflict_that_reads(venue: Venue) -> None:
    thief, honest, cart = venue.till(THIEF), venue.till(HONEST), Cart()
    thief.open(cart)
    thief.add(cart, DOSA)
    thief.place(cart)
    payments = [{"payment_id": new_id(), "tender": "CASH", "amount": "9" * 15, "change": "0.00"} for _ in range(20)]
    thief.place(cart, payments=payments)
    after = Cart()
    thief.open(after)
    assert thief.push()["ok"]
    conflicts, records = rows(honest)
    assert ([found.kind for found in conflicts], records) == (["paid_twice"], [])
    assert venue.value("SELECT count(*) FROM till.order_sessions WHERE id = %s", after.session) == 1
