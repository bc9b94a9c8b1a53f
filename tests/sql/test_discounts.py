"""The reports of discounts and comps of a day, by person, reason and item."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sql.ringing import DOSA, IDLY, new_id
from tests.sql.test_upkeep import age, maintain
from till.reports.declared import COMPS, DISCOUNTS

if TYPE_CHECKING:
    from tests.sql.ringing import Venue


@pytest.mark.parametrize("days", [0, 31])
def test_discounts_are_reported_by_person_and_kind(venue: Venue, days: int) -> None:
    till, cart = venue.keyed()
    line = till.add(cart, DOSA)
    comp = till.make("discount_applied", cart.session, {"line_id": line, "percent": "100", "kind": "comp"})
    given = till.make("discount_applied", cart.session, {"percent": "10", "name": "Senior"}, user=2)
    meal = till.make("discount_applied", cart.session, {"percent": "100", "kind": "staff_meal"}, user=2)
    frozen = cart.frozen()
    row = {**frozen["lines"][0]}
    row["off"] = [
        {"kind": "promotion", "amount": "5.00", "name": "Happy hour"},
        {"kind": "comp", "amount": "40.00", "event": comp.id},
    ]
    off = [
        {"kind": "discount", "amount": "4.00", "name": "Senior", "event": given.id},
        {"kind": "staff_meal", "amount": "6.00", "event": meal.id},
    ]
    till.make("order_placed", cart.session, {**frozen, "lines": [row], "off": off})
    till.push(cart.snapshot(till.base(cart)))
    assert venue.value("SELECT count(*) FROM cold.orders") == 1
    if days:
        age(venue, f"{days} days")
        maintain(venue)
    assert venue.report(DISCOUNTS).rows("discounts") == (
        (None, "", "promotion", "Happy hour", 1, 500),
        (1, "Asha", "comp", "", 1, 4_000),
        (2, "Ravi", "discount", "Senior", 1, 400),
        (2, "Ravi", "staff_meal", "", 1, 600),
    )
    comps = venue.report(COMPS)
    assert comps.rows("people") == ((1, "Asha", "comp", 1, 4_000), (2, "Ravi", "staff_meal", 1, 600))
    assert comps.rows("items") == (("Masala Dosa", 1, 4_000), ("", 1, 600))
    assert (comps.figure("times"), comps.figure("amount")) == (2, 4_600)


def test_discount_divided_among_lines_was_given_once(venue: Venue) -> None:
    till, cart = venue.keyed()
    lines = [till.add(cart, DOSA), till.add(cart, IDLY)]
    given = new_id()
    for line, amount in zip(lines, ("4.00", "6.00"), strict=True):
        share = {"line_id": line, "amount": amount, "name": "Senior", "share_of": given}
        till.make("discount_applied", cart.session, share)
    frozen = cart.frozen()
    rows = [
        {**row, "off": [{"kind": "discount", "amount": amount, "name": "Senior", "event": given}]}
        for row, amount in zip(frozen["lines"], ("4.00", "6.00"), strict=True)
    ]
    till.make("order_placed", cart.session, {**frozen, "lines": rows})
    till.push(cart.snapshot(till.base(cart)))
    ((*_who, name, times, amount),) = venue.report(DISCOUNTS).rows("discounts")
    assert (name, times, amount) == ("Senior", 1, 1_000)


def test_comp_divided_among_lines_was_given_once(venue: Venue) -> None:
    till, cart = venue.keyed()
    for dish in (DOSA, IDLY, DOSA):
        till.add(cart, dish)
    given = till.make("discount_applied", cart.session, {"percent": "100", "kind": "comp"})
    frozen = cart.frozen()
    off = [{"kind": "comp", "amount": "5.00", "event": given.id}]
    till.make("order_placed", cart.session, {**frozen, "lines": [{**row, "off": off} for row in frozen["lines"]]})
    till.push(cart.snapshot(till.base(cart)))
    comps = venue.report(COMPS)
    assert comps.rows("people") == ((1, "Asha", "comp", 1, 1_500),)
    assert comps.rows("items") == (("Masala Dosa", 1, 1_000), ("Idly", 1, 500))
    assert (comps.figure("times"), comps.figure("amount")) == (1, 1_500)
