"""The report of discounts of a day, by person and reason."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest

from db.engine import reading
from tests.sql.ringing import DOSA, SETTINGS, Cart
from tests.sql.test_upkeep import age, maintain
from till.domain.money.measures import Minor
from till.domain.venue import read_venue
from till.reports.discounts import CameOff, read_discounts

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

DAY = date(2026, 3, 3)


@pytest.mark.parametrize("days", [0, 31])
def test_it_is_told_by_person_and_kind(database: Database, venue: Venue, days: int) -> None:
    till, cart = venue.till(), Cart()
    till.open(cart)
    line = till.add(cart, DOSA)
    comp = till.make("discount_applied", cart.session, {"line_id": line, "percent": "100", "kind": "comp"})
    given = till.make("discount_applied", cart.session, {"percent": "10", "name": "Senior"}, user=2)
    frozen = cart.frozen()
    row = {**frozen["lines"][0]}
    row["off"] = [
        {"kind": "promotion", "amount": "5.00", "name": "Happy hour"},
        {"kind": "comp", "amount": "40.00", "event": comp.id},
    ]
    off = [{"kind": "discount", "amount": "4.00", "name": "Senior", "event": given.id}]
    till.make("order_placed", cart.session, {**frozen, "lines": [row], "off": off})
    till.push(cart.snapshot(till.base(cart)))
    assert venue.value("SELECT count(*) FROM cold.orders") == 1
    if days:
        age(venue, f"{days} days")
        maintain(venue)
    with reading(database.owner) as connection:
        report = read_discounts(connection, venue.store, DAY, read_venue(SETTINGS))
    assert report.rows == (
        CameOff(None, "", "promotion", "Happy hour", 1, Minor(500)),
        CameOff(1, "Asha", "comp", "", 1, Minor(4_000)),
        CameOff(2, "Ravi", "discount", "Senior", 1, Minor(400)),
    )
    assert report.to_data()["discounts"][0]["amount"] == "5.00"
