"""The report of discounts: prices that were changed by hand, by person, on the lines of sales."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import pytest

from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, Cart, Till, ask, roll_up
from tests.sql.test_upkeep import age, maintain
from till.reports.declared import COMPS, DISCOUNTS
from till.reports.orders import read_orders

if TYPE_CHECKING:
    from tests.sql.ringing import Venue
    from till.domain.events.envelope import Event

__all__ = ["template", "venue"]

ASHA: Final = (1, "Asha", "price", "")
MEENA: Final = (9, "Meena", "price", "")


def price(till: Till, cart: Cart, line: str, was: str, now: str, user: int = 1, **data: Any) -> Event:
    """Change the price of a line by hand."""
    return till.make("price_overridden", cart.session, {"line_id": line, "was": was, "price": now, **data}, user=user)


def orders(venue: Venue) -> list[list[str]]:
    """Return the sessions behind each row of the report."""
    found = venue.report(DISCOUNTS)
    table, _acts = found.tables
    call = partial(ask, venue.owner, venue.store)
    return [[one.session for one in read_orders(call, found, table, row)] for row in table.rows]


@pytest.mark.parametrize("days", [0, 31])
def test_a_changed_price_is_what_it_took_off_the_pieces_sold(venue: Venue, days: int) -> None:
    """Equal lines are one row of the sale. A raised price takes off less than nothing; an open order is no sale."""
    till, cart, left = venue.till(), Cart(), Cart()
    till.open(cart)
    one, two, dear, void, plain = (till.add(cart, *added) for added in (
        (IDLY, 1), (IDLY, 2), (DOSA, 2), (DOSA, 1), (IDLY, 4)))  # fmt: skip
    for line in (one, two):
        price(till, cart, line, "40.00", "30.00", user=9)
    slip = price(till, cart, dear, "80.00", "9.00")
    till.make("change_undone", cart.session, {"event": slip.id})
    price(till, cart, dear, "80.00", "90.00")
    price(till, cart, void, "80.00", "50.00")
    refused = price(till, cart, plain, "40.00", "4.00", user=2)
    till.make("line_voided", cart.session, {"line_id": void})
    cart.lines = {one: (IDLY, 3), dear: (DOSA, 2), plain: (IDLY, 4)}
    row, *rows = cart.frozen()["lines"]
    till.place(cart, lines=[{**row, "line_ids": [one, two], "line_quantities": [1, 2]}, *rows])
    till.open(left)
    price(till, left, till.add(left, DOSA), "80.00", "1.00")
    till.push(cart.snapshot(0), left.snapshot(0))
    venue.owner.execute(
        "SELECT warm.server_event_v1(%s, 1, 'refused', %s, jsonb_build_object('events', jsonb_build_array(%s::text)))",
        [venue.store, cart.session, refused.id],
    )
    if days:
        age(venue, f"{days} days")
        maintain(venue)
    assert venue.report(DISCOUNTS).rows("discounts") == ((*ASHA, 1, -2_000), (*MEENA, 2, 3_000))
    assert orders(venue) == [[cart.session]] * 2
    assert venue.report(COMPS).rows("people") == ()


def test_a_changed_price_of_a_moved_and_weighed_line_is_whose_it_was(venue: Venue) -> None:
    till, first, sold = venue.till(), Cart(), Cart()
    till.open(first)
    line = till.add(first, IDLY, 2)
    given = price(till, first, line, "40.00", "38.50", user=9)
    till.open(sold)
    till.push(first.snapshot(0), sold.snapshot(0))
    with till.deciding() as decided:
        till.hand_on(first, sold, line)
        price(till, sold, line, "40.00", "38.50", follows=given.id)
    till.done(decided)
    (row,) = sold.frozen()["lines"]
    till.place(sold, lines=[{**row, "measure": 1_250, "unit": "kg"}])
    till.shown(sold)
    assert venue.report(DISCOUNTS).rows("discounts") == ((*MEENA, 1, 375),)
    assert orders(venue) == [[sold.session]]


def test_each_discount_and_comp_is_listed_with_its_item_order_reason_and_people(venue: Venue) -> None:
    till, sold = venue.keyed()
    idly, dosa = till.add(sold, IDLY, 2), till.add(sold, DOSA)
    comp = till.make("discount_applied", sold.session, {"line_id": dosa, "percent": "100", "kind": "comp"})
    tenth = till.make("discount_applied", sold.session, {"percent": "10"}, texts={"reason": "waited long"}, user=2)
    yes = {"act": "discount", "stream_kind": "order", "stream_id": sold.session, "events": [tenth.id], "approved_by": 9}
    till.make("approval_given", None, yes)
    price(till, sold, idly, "40.00", "30.00", approved_by=9)
    row, free = sold.frozen()["lines"]
    gone = [{"kind": "comp", "amount": "80.00", "event": comp.id}]
    off = [
        {"kind": "discount", "amount": "6.00", "event": tenth.id},
        {"kind": "promotion", "amount": "4.00", "name": "2 + 1"},
    ]
    receipt = till.place(sold, lines=[row, {**free, "off": gone}], off=off)["receipt"]
    till.shown(sold)
    listed = {
        "discounts": [
            ("discount", "", 600, receipt, "waited long", "Ravi", "Meena"),
            ("price", "Idly", 2_000, receipt, "", "Asha", "Meena"),
        ],
        "comps": [("comp", "Masala Dosa", 8_000, receipt, "", "Asha", "")],
    }
    assert single_acts(venue) == listed
    roll_up(venue.owner, venue.store)
    assert venue.value("SELECT count(*) FROM cold.report_days WHERE rows::text ~ 'waited long'") > 0
    assert single_acts(venue) == listed
    venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, sold.session)
    assert [row[4] for row in single_acts(venue)["discounts"]] == ["", ""], "a stored day has no erased reason"


def single_acts(venue: Venue) -> dict[str, list[tuple[Any, ...]]]:
    """Return the rows of the parts that list single acts."""
    names = ("kind", "item", "amount", "order", "reason", "name", "approver")
    found = {}
    for report in (DISCOUNTS, COMPS):
        (table,) = [one for one in venue.report(report).tables if one.section.name == "acts"]
        found[report.name] = [tuple(row[table.section.place(name)] for name in names) for row in table.rows]
    return found
