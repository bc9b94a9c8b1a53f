"""Combos at the register: pieces keyed in any way, more of them, prices by hand, moves, and the words of a shell."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from till.domain.errors import AskedBackError
from till.domain.money.measures import Price4
from till.domain.order.events import ItemAdded, LineRated
from till.domain.order.selling import NotForSaleError
from till.register.conversation import Conversation

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.domain.order.state import Order

#: A dosa or an idly with a coffee or a 7 Up, which costs 5.00 more.
LUNCH: Final[dict[str, Any]] = {
    "name": "Lunch",
    "price": "90.00",
    "number": 77,
    "slots": [
        {"name": "Main", "of": [{"item": "item-1"}, {"item": "item-2"}, {"item": "item-3"}]},
        {"name": "Drink", "of": [{"item": "item-8"}, {"item": "item-9", "extra": "5.00"}]},
    ],
}
IDLY, MASALA, COFFEE, SEVEN_UP = 1, 2, 8, 9


def offer(till: Till, *combos: dict[str, Any]) -> None:
    version, before = till.journal.cached("settings")
    till.journal.cache("settings", version + 1, before | {"combos": list(combos)})
    till.register.reference_changed(["settings"])


@pytest.fixture
def till(till: Till) -> Till:
    offer(till, LUNCH)
    return till


@pytest.fixture
def talk(till: Till) -> Conversation:
    return Conversation(till.register, 1)


def of(order: Order) -> list[tuple[str, int, int]]:
    """Return name, quantity and amount of each row."""
    return [(row.first.name, row.quantity, row.amount) for row in order.priced.rows]


def test_pieces_keyed_one_by_one_make_a_combo_on_the_next_start_too(till: Till) -> None:
    order = till.order(MASALA, COFFEE)
    assert of(order) == [("Masala Dosa", 1, 6545), ("Filter Coffee", 1, 2455)]
    assert [one.saved[0].name for one in order.priced.rows] == ["Lunch", "Lunch"]
    assert all(not one.offers for one in till.wrote(ItemAdded)), "an older till keeps the line"
    assert [one.combos[0].name for one in till.wrote(LineRated)] == ["Lunch", "Lunch"]
    offer(till)
    till.start()
    assert till.register.ledger.order(order.id).total == 9000


def test_surcharge_comes_on_top_and_more_pieces_make_more_combos(till: Till) -> None:
    order = till.order(MASALA, SEVEN_UP)
    assert order.total == 9500
    line = next(one.id for one in order.lines.values() if one.name == "Masala Dosa")
    order = till.register.sales.change_quantity(order.id, line, 2)
    assert order.total == 9500 + 8000
    order = till.register.sales.undo(order.id)
    assert order.total == 9500


def test_line_with_its_own_price_or_discount_is_in_no_combo(till: Till) -> None:
    order = till.order(MASALA, COFFEE)
    line = next(one.id for one in order.lines.values() if one.name == "Masala Dosa")
    till.register.ledger.user = 9
    order = till.register.sales.override_price(order.id, line, Price4(700_000), "regular")
    assert order.total == 10000
    order = till.register.sales.undo(order.id)
    assert order.total == 9000


def test_a_combo_goes_with_its_pieces_to_another_order_and_a_torn_one_keeps_its_cost(till: Till) -> None:
    order = till.order(MASALA, COFFEE, IDLY)
    till.register.tabs.save(order.id, "4")
    coffee = next(line.id for line in order.lines.values() if line.name == "Filter Coffee")
    moved = till.acts.part(order.id, {coffee: 1})
    assert (moved.total, till.register.ledger.order(order.id).total) == (2455, order.total - 2455)


def test_sentence_names_what_fits_and_hours_are_kept(till: Till, talk: Conversation) -> None:
    with pytest.raises(AskedBackError, match="Main: Idly, Masala Dosa, Plain Dosa; Drink: Filter Coffee, 7 Up"):
        talk.say("lunch")
    with pytest.raises(AskedBackError, match="Main"):
        talk.say("77")
    offer(till, LUNCH | {"hours": [{"from": "03:00", "to": "03:01"}]})
    with pytest.raises(NotForSaleError, match="Lunch is"):
        talk.say("lunch")
    assert till.order(MASALA, COFFEE).total == 11000
