"""Pushes by somebody with one till's secret, and their readers: a report, a list, the manager's screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, SETTINGS, Cart, new_id
from till.domain.venue import read_venue
from till.reports.acts import ActFilter, read_acts
from till.reports.declared import VOIDS
from till.sync.reads import remote_conflict, remote_record

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

__all__ = ["template", "venue"]

HONEST, THIEF = 1, 2
VENUE = read_venue(SETTINGS)


def read_all(venue: Venue) -> dict[str, int]:
    """Return the pieces that each kind of act took off, by both readers; a read that takes seconds is cancelled."""
    venue.owner.execute("SET statement_timeout = '5s'")
    kinds = ActFilter(kinds=("voided", "cleared", "fewer"))
    page = read_acts(venue.ask, venue.store, kinds, VENUE.terms.currency, limit=200)
    assert page.acts
    return {kind: pieces for _user, _name, kind, _sent, _times, pieces, _amount in venue.report(VOIDS).rows("people")}


def test_ten_thousand_lines_of_a_billion_pieces_are_added_up(venue: Venue) -> None:
    thief, cart = venue.till(THIEF), Cart()
    thief.open(cart)
    huge = {"item_name": "\x1b[2J", "pieces": 10**9, "amount": "999999999999999.9999"}
    thief.make("order_discarded", cart.session, {"line_ids": [], "removed": [huge] * 10_000})
    thief.make("line_voided", cart.session, {"line_id": new_id(), "removed": huge})
    assert thief.push()["ok"]
    assert read_all(venue) == {"clear": 10**13, "void": 10**9}


def rows(till: Till) -> tuple[list[Any], list[Any]]:
    """Read the conflicts and the skipped records as the manager's screen does."""
    reply = till.read("till.conflicts_v1")
    return (
        [remote_conflict(msgspec.Raw(msgspec.json.encode(row))) for row in reply["conflicts"]],
        [remote_record(msgspec.Raw(msgspec.json.encode(row))) for row in reply["quarantine"]],
    )


@pytest.mark.parametrize("amount", ["0.0001", "-999999999999999.9999"])
def test_a_record_for_a_manager_reads_whatever_amount_it_names(venue: Venue, amount: str) -> None:
    """An amount below the smallest coin is invalid: its row was once left out, under “2 records need attention”."""
    honest, thief, cart = venue.till(HONEST), venue.till(THIEF), Cart()
    honest.open(cart)
    honest.push()
    thief.make("payment_approved", cart.session, {"payment_id": new_id(), "tender": "CASH", "amount": amount,
        "tendered": amount, "change": "0"})  # fmt: skip
    assert thief.push()["records"] == 1
    conflicts, records = rows(honest)
    assert (conflicts, [record.amount for record in records]) == ([], [None])


def test_a_second_payment_of_more_than_all_money_is_a_record_that_reads(venue: Venue) -> None:
    thief, honest, cart = venue.till(THIEF), venue.till(HONEST), Cart()
    thief.open(cart)
    thief.add(cart, DOSA)
    thief.place(cart)
    payments = [{"payment_id": new_id(), "tender": "CASH", "amount": "9" * 15, "change": "0.00"} for _ in range(20)]
    thief.place(cart, payments=payments)
    after = thief.keyed()
    assert thief.push()["ok"]
    conflicts, records = rows(honest)
    assert (conflicts, [found.amount for found in records]) == ([], [None])
    assert venue.value("SELECT count(*) FROM till.order_sessions WHERE id = %s", after.session) == 1
