"""The report of what the kitchen was sent: by dish, table and person, with the orders behind each row."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, Cart, Till, ask, new_id
from tests.sql.test_upkeep import age, maintain
from till.reports.declared import KITCHEN
from till.reports.orders import read_orders

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

__all__ = ["template", "venue"]


def send(till: Till, cart: Cart, place: str | None, *lines: tuple[str, str, int], user: int = 1) -> None:
    """Write a ticket of a station."""
    sent = [{"line_id": line, "item_id": item, "pieces": pieces} for line, item, pieces in lines]
    kind = "void" if lines[0][2] < 0 else "new"
    data = {"station": "Grill", "ticket": f"1-{till.seq}", "kind": kind, "place": place, "lines": sent}
    till.make("lines_sent", cart.session, data, user=user)


@pytest.mark.parametrize("days", [0, 31])
def test_sent_pieces_are_reported_by_dish_table_and_person(venue: Venue, days: int) -> None:
    """A table that is paid for less than it was sent, one that is open, and an order of the counter that was cleared.

    The void that two tills sent is one.
    """
    till, table, paid, still, left = venue.till(), new_id(), Cart(), Cart(), Cart()
    till.open(paid)
    idly, dosa = till.add(paid, IDLY, 3), till.add(paid, DOSA, 2)
    till.save(paid, table, "Table 4", table_number=4)
    send(till, paid, table, (idly, IDLY, 3), (dosa, DOSA, 2))
    for _till in range(2):
        send(till, paid, table, (dosa, DOSA, -2))
    send(till, paid, table, (dosa, DOSA, 1))
    paid.lines = {idly: (IDLY, 1), dosa: (DOSA, 1)}
    till.place(paid)
    for cart, user in ((still, 1), (left, 2)):
        till.open(cart)
        send(till, cart, None, (till.add(cart, DOSA), DOSA, 1), user=user)
    till.clear(left)
    assert till.push(*(cart.snapshot(0) for cart in (paid, still, left)))["ok"]
    if days:
        age(venue, f"{days} days")
        maintain(venue)
    report = venue.report(KITCHEN)
    assert [value for _column, value in report.figures] == [8, 2, 2, 1, 3, 16_000]
    assert report.rows("dishes") == (("Idly", 3, 0, 1, 0, 2, 8_000), ("Masala Dosa", 5, 2, 1, 1, 1, 8_000))
    assert report.rows("tables") == (("Table 4", 6, 2, 2, 0, 2, 8_000), ("", 2, 0, 0, 1, 1, 8_000))
    assert report.rows("people") == ((1, "Asha", 7, 2, 2, 1, 2, 8_000), (2, "Ravi", 1, 0, 0, 0, 1, 8_000))
    for table_of, behind in zip(
        report.tables, ({paid.session}, {paid.session}, {paid.session, still.session}), strict=True
    ):
        found = read_orders(partial(ask, venue.owner, venue.store), report, table_of, table_of.rows[0])
        assert {one.session for one in found} == behind
