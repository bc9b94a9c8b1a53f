"""The report of a day's voids and clearings by person, from the log and the audit; an undone one does not count."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DOSA, IDLY, Cart, Till, ask, new_id, off
from tests.sql.test_upkeep import age, maintain
from till.reports.declared import VOIDS
from till.reports.orders import read_orders

if TYPE_CHECKING:
    from tests.sql.ringing import Venue


def report(venue: Venue) -> tuple[tuple[Any, ...], ...]:
    return venue.report(VOIDS).rows("people")


def guests(till: Till) -> None:
    """Asha voids twice and undoes one; Ravi clears one order for good, and one that comes back and is cleared again."""
    sold, left, back = Cart(), Cart(), Cart()
    till.open(sold)
    some, other = till.add(sold, IDLY, 5), till.add(sold, DOSA)
    till.make("quantity_changed", sold.session, {"line_id": some, "taken_off": 2, "removed": off(IDLY, 2)})
    till.make("line_voided", sold.session, {"line_id": some, "removed": off(IDLY, 3)})
    undone = till.make("line_voided", sold.session, {"line_id": other, "removed": off(DOSA, 1)})
    till.make("change_undone", sold.session, {"event": undone.id})
    for cart in (left, back):
        till.open(cart)
        till.add(cart, DOSA, 2)
        till.clear(cart, "left", user=2)
    till.resume(back)
    till.push(*(cart.snapshot(0) for cart in (sold, left, back)))


@pytest.mark.parametrize("days", [0, 31])
def test_voids_are_reported_as_they_were_at_the_time(venue: Venue, days: int) -> None:
    guests(venue.till())
    if days:
        age(venue, f"{days} days")
        maintain(venue)
    assert report(venue) == (
        (1, "Asha", "void", False, 2, 5, 20_000),
        (2, "Ravi", "clear", False, 1, 2, 16_000),
    )


def test_voids_of_sent_pieces_are_counted_apart(venue: Venue) -> None:
    till, cart = venue.keyed()
    new, sent = till.add(cart, DOSA, 2), till.add(cart, IDLY, 4)
    fewer = {"line_id": sent, "taken_off": 1, "removed": off(IDLY, 1, sent=True)}
    till.make("quantity_changed", cart.session, fewer)
    again = till.make("quantity_changed", cart.session, fewer)
    till.make("change_undone", cart.session, {"event": again.id})
    for line, gone in ((new, off(DOSA, 2)), (sent, off(IDLY, 3, sent=True))):
        till.make("line_voided", cart.session, {"line_id": line, "removed": gone})
    known = [off(IDLY, 1, sent=True), off(DOSA, 5), off(IDLY, -1)]
    lines = [till.add(cart, IDLY), till.add(cart, DOSA, 5), till.add(cart, IDLY, -1)]
    till.make("order_discarded", cart.session, {"line_ids": lines, "removed": known}, user=9)
    till.push(cart.snapshot(0, total="360.00"))  # after a discount
    assert report(venue) == (
        (1, "Asha", "void", False, 1, 2, 16_000),
        (1, "Asha", "void", True, 2, 4, 16_000),
        (9, "Meena", "clear", True, 1, 7, 36_000),
    )


def test_voided_return_takes_nothing_off_the_voids(venue: Venue) -> None:
    till, cart = venue.keyed()
    for item, pieces in ((DOSA, 2), (IDLY, -4)):
        till.make("line_voided", cart.session, {"line_id": till.add(cart, item, pieces), "removed": off(item, pieces)})
    till.push(cart.snapshot(0))
    assert report(venue) == ((1, "Asha", "void", False, 2, 6, 32_000),)


@pytest.mark.parametrize("days", [0, 31])
def test_each_void_and_cleared_order_is_listed_with_its_order_reason_and_people(venue: Venue, days: int) -> None:
    """A void that a manager approved, fewer pieces with a reason of their own, and a cleared table at its total."""
    till, sold, left = venue.till(), Cart(), Cart()
    till.open(sold)
    idly, dosa = till.add(sold, IDLY, 2), till.add(sold, DOSA)
    one, two = (
        till.make(
            "line_voided", sold.session, {"line_id": dosa, "removed": off(DOSA, 1, sent=True)}, texts={"reason": why}
        )
        for why in ("cold", "twice")
    )
    till.make("change_undone", sold.session, {"event": two.id})
    yes = {"act": "void_sent", "stream_kind": "order", "stream_id": sold.session, "events": [one.id], "approved_by": 9}
    till.make("approval_given", None, yes)
    fewer = till.make("quantity_changed", sold.session, {"line_id": idly, "taken_off": 1, "removed": off(IDLY, 1)})
    till.make("removal_explained", sold.session, {"events": [fewer.id]}, texts={"reason": "too many"})
    sold.lines = {idly: (IDLY, 1)}
    receipt = till.place(sold)["receipt"]
    till.open(left)
    till.add(left, DOSA, 2)
    till.add(left, IDLY)
    till.save(left, new_id(), "Table 4", table_number=4)
    till.clear(left, "left", user=2)
    till.push(sold.snapshot(0), left.snapshot(0, total="180.00"))
    if days:
        age(venue, f"{days} days")
        maintain(venue)
    (table,) = [one for one in venue.report(VOIDS).tables if one.section.name == "acts"]
    names = ("kind", "sent", "item", "pieces", "amount", "order", "reason", "name", "approver", "session")
    assert [tuple(row[table.section.place(name)] for name in names) for row in table.rows] == [
        ("void", True, "Masala Dosa", 1, 8_000, receipt, "cold", "Asha", "Meena", sold.session),
        ("void", False, "Idly", 1, 4_000, receipt, "too many", "Asha", "", sold.session),
        ("clear", False, "Idly, Masala Dosa", 3, 18_000, "Table 4", "left", "Ravi", "", left.session),
    ]
    found = read_orders(partial(ask, venue.owner, venue.store), venue.report(VOIDS), table, table.rows[-1])
    assert [(one.session, one.total) for one in found] == [(left.session, 18_000)]
