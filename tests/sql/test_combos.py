"""Combos of lines at the server: records that are not of form, and acts that leave them behind."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DOSA, IDLY, Cart
from tests.sql.test_acting import asked, not_taken

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

SLOT = {"name": "Main", "pieces": 1, "extra": "0.00"}
LUNCH = {"name": "Lunch", "price": "90.00", "slots": [SLOT, {"name": "Drink", "pieces": 1}]}
GARBAGE: tuple[Any, ...] = (
    None, "garbage", [5], [{}], [{"name": "Lunch"}], [LUNCH | {"price": "-1.00"}], [LUNCH | {"price": 90}],
    [LUNCH | {"price": "1e9"}], [LUNCH | {"name": "x" * 251}], [LUNCH] * 51,
    [LUNCH | {"slots": None}], [LUNCH | {"slots": "Main"}], [LUNCH | {"slots": [SLOT] * 10}],
    [LUNCH | {"slots": [SLOT | {"pieces": 0}]}], [LUNCH | {"slots": [SLOT | {"pieces": 10}]}],
    [LUNCH | {"slots": [SLOT | {"pieces": "1"}]}], [LUNCH | {"slots": [SLOT | {"extra": "-1.00"}]}],
    [LUNCH | {"slots": [SLOT | {"name": 5}]}],
)  # fmt: skip


@pytest.mark.parametrize("combos", GARBAGE, ids=range(len(GARBAGE)))
def test_combos_of_garbage_are_kept_beside_the_log(venue: Venue, combos: Any) -> None:
    till, cart = venue.keyed()
    line = till.add(cart, IDLY)
    till.make_badly("line_rated", cart.session, {"line_id": line, "combos": combos})
    till.place(cart)
    assert till.push()["records"] == 1
    assert venue.rows("SELECT event_type FROM warm.quarantine") == [("line_rated",)]
    assert venue.rows("SELECT count(*) FROM cold.orders") == [(1,)]


def test_split_that_leaves_combos_behind_is_refused(venue: Venue) -> None:
    till, cart = venue.keyed()
    idly, dosa = till.add(cart, IDLY), till.add(cart, DOSA)
    rated = till.make("line_rated", cart.session, {"line_id": idly, "combos": [LUNCH]})
    till.shown(cart)
    lines = dict(cart.lines)
    new, decided = till.part(cart, idly)
    update = "Update this till: a line that it moves has an order type or taxes of its own."
    assert not_taken(venue, till, till.act(decided, cart.snapshot(0), new.snapshot(0))) == update
    cart.lines, new = lines, Cart(user=cart.user)
    with till.deciding() as decided:
        till.open(new, from_session=cart.session)
        till.hand_on(cart, new, idly)
        till.make("line_rated", new.session, {"line_id": idly, "combos": [LUNCH], "follows": rated.id})
    assert asked(till, till.act(decided, cart.snapshot(0), new.snapshot(0)))["act"] == {"taken": True, "why": None}
    assert dosa in cart.lines
