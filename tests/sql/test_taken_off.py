"""What each person voided and cleared on a day, from the log and from the audit; what was undone is none."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from db.engine import reading
from tests.sql.ringing import DOSA, IDLY, SETTINGS, Cart, Till, new_id
from tests.sql.test_upkeep import age, maintain
from till.domain.money.measures import Minor
from till.domain.venue import read_venue
from till.reports.taken_off import TakenOff, read_taken_off

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

DAY = date(2026, 3, 3)


def report(database: Database, store: str) -> tuple[TakenOff, ...]:
    with reading(database.owner) as connection:
        return read_taken_off(connection, store, DAY, read_venue(SETTINGS)).people


def guests(till: Till) -> None:
    """Asha voids twice and undoes one; Ravi clears one order for good, and one that comes back and is cleared again."""
    sold, left, back = Cart(), Cart(), Cart()
    till.open(sold)
    some, other = till.add(sold, IDLY, 5), till.add(sold, DOSA)
    till.make("quantity_changed", sold.session, {"line_id": some, "taken_off": 2})
    till.make("line_voided", sold.session, {"line_id": some}, texts={"reason": "cold"})
    undone = till.make("line_voided", sold.session, {"line_id": other})
    till.make("change_undone", sold.session, {"event": undone.id})
    for cart in (left, back):
        till.open(cart)
        till.add(cart, DOSA, 2)
        till.clear(cart, "left", user=2)
    till.take(back, "order_resumed", None)
    till.push(*(cart.snapshot(0) for cart in (sold, left, back)))


@pytest.mark.parametrize("days", [0, 31])
def test_it_is_told_by_person_as_it_stood_when_it_was_taken_off(database: Database, venue: Venue, days: int) -> None:
    guests(venue.till())
    if days:
        age(venue, f"{days} days")
        maintain(venue)
    assert report(database, venue.store) == (
        TakenOff(1, "Asha", "void", False, 1, 3, Minor(12_000)),
        TakenOff(2, "Ravi", "clear", False, 1, 2, Minor(16_000)),
    )


def test_pieces_that_were_cut_count_where_they_are(database: Database, venue: Venue) -> None:
    till, cart = venue.till(), Cart()
    till.open(cart)
    line = till.add(cart, DOSA, 5)
    parts = [new_id(), new_id()]
    till.make("line_cut", cart.session, {"line_id": line, "into": parts[0], "quantity": 3})
    till.make("line_cut", cart.session, {"line_id": parts[0], "into": parts[1], "quantity": 1})
    for one in (line, parts[1]):
        till.make("line_voided", cart.session, {"line_id": one}, texts={"reason": "cold"})
    till.push(cart.snapshot(0))
    assert report(database, venue.store) == (TakenOff(1, "Asha", "void", False, 2, 3, Minor(24_000)),)


def test_what_had_been_sent_is_counted_apart(database: Database, venue: Venue) -> None:
    till, cart = venue.till(), Cart()
    till.open(cart)
    line = till.add(cart, DOSA, 5)
    gone = [till.add(cart, IDLY, 3)]
    till.save(cart, new_id())
    till.take(cart, "order_resumed", None)
    cut = new_id()
    till.make("line_cut", cart.session, {"line_id": line, "into": cut, "quantity": 2})
    gone.append(till.add(cart, DOSA, 2))
    for one in gone:
        till.make("line_voided", cart.session, {"line_id": one})
    come = {"item_id": IDLY, "item_name": "Idly", "price": "40.00", "taxes": [], "till": 1}
    moved = [{"line_id": new_id(), "quantity": 1, **come}, {"line_id": new_id(), "quantity": 3, "sent": True, **come}]
    till.make("lines_moved", cart.session, {"from_session": new_id(), "lines": moved})
    lines = [line, cut, till.add(cart, IDLY, 2), *(one["line_id"] for one in moved)]
    till.make("order_discarded", cart.session, {"line_ids": lines}, user=9)
    till.push(cart.snapshot(0))
    assert report(database, venue.store) == (
        TakenOff(1, "Asha", "void", False, 1, 2, Minor(16_000)),
        TakenOff(1, "Asha", "void", True, 1, 3, Minor(12_000)),
        TakenOff(9, "Meena", "clear", False, 1, 3, Minor(12_000)),
        TakenOff(9, "Meena", "clear", True, 1, 8, Minor(52_000)),
    )


def test_what_is_off_a_line_that_came_counts_once_and_as_its_first_order_tells_it_last(
    database: Database, venue: Venue
) -> None:
    """A cut turned out to have cut nothing, another one less; what was taken off there two tills wrote down here."""
    till, cart = venue.till(), Cart()
    till.open(cart)
    nothing, less, taken, undone, line = (new_id() for _n in range(5))
    came = {"line_id": line, "quantity": 9, "item_id": IDLY, "item_name": "Idly", "price": "40.00", "taxes": []}
    off = {"cut_off": {nothing: 1, less: 3}, "taken_off": {undone: 1}}
    till.make("lines_moved", cart.session, {"from_session": new_id(), "lines": [came | off | {"till": 1}]})
    for cut, pieces in ((nothing, 0), (less, 2)):
        till.make("quantity_changed", cart.session, {"line_id": line, "taken_off": pieces, "follows": cut, "cut": True})
    for _till in range(2):
        till.make("quantity_changed", cart.session, {"line_id": line, "taken_off": 3, "follows": taken})
    till.make("change_undone", cart.session, {"event": undone})
    till.make("line_voided", cart.session, {"line_id": line}, texts={"reason": "cold"})
    till.push(cart.snapshot(0))
    assert report(database, venue.store) == (TakenOff(1, "Asha", "void", False, 1, 4, Minor(16_000)),)
