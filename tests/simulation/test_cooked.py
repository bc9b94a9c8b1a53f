"""Pieces that the kitchen was sent, and what became of them, by the server, after acts of tills."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest

from tests.simulation.plan import Plan
from tests.simulation.server import KITCHEN_HOUSE
from tests.simulation.test_histories import ONE, TWO, Story, arena

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.simulation.arena import Arena

__all__ = ["arena"]


@pytest.fixture
def story(arena: Arena) -> Iterator[Story]:
    with arena.world(Plan(1, 2, ()), KITCHEN_HOUSE) as world:
        yield Story(world)


def cooked(story: Story) -> dict[tuple[str, str], tuple[Any, ...]]:
    """Return the pieces sent, voided, paid, open and not paid of each dish of each table, once all tills were heard."""
    story.world.heal()
    server = story.world.server
    rows = server.rows(
        """SELECT item, place, sum(sent)::int, sum(voided)::int, sum(paid)::int, sum(open)::int, sum(unpaid)::int
        FROM cold.cooked_on(%s, %s) GROUP BY item, place""",
        *(server.store, date(2031, 3, 3)),
    )
    return {(item, place.removeprefix("table ")): tuple(counts) for item, place, *counts in rows}


def test_paid_voided_and_open_pieces_are_no_loss(story: Story) -> None:
    paid, left = story.table(ONE, "1", "2").values()
    story.recall(ONE, paid)
    _order, line = story.key(ONE, 1, 3, paid)
    story.save(ONE, paid, "1")
    story.recall(ONE, paid)
    story.void(ONE, paid, line)
    story.pay(ONE, paid)
    counter, _line = story.key(ONE, 2, 2)
    story.key(ONE, 3, 1, counter)  # no station makes coffee
    story.pay(ONE, counter)
    assert cooked(story) == {
        ("Idly", "1"): (1, 0, 1, 0, 0),
        ("Masala Dosa", "1"): (3, 3, 0, 0, 0),
        ("Masala Dosa", "2"): (1, 0, 0, 1, 0),
        ("Vada", ""): (2, 0, 2, 0, 0),
    }
    story.recall(ONE, left)
    story.discard(ONE, left)
    assert cooked(story)["Masala Dosa", "2"] == (1, 1, 0, 0, 0)


def test_a_dish_counts_once_wherever_its_pieces_went(story: Story) -> None:
    """Split to an order of its own and paid there, merged into another table, and one table goes to another till."""
    one, two = story.table(ONE, "1", "2").values()
    story.recall(ONE, one)
    _order, line = story.key(ONE, 2, 4, one)
    story.save(ONE, one, "1")
    story.sync(ONE)
    story.recall(ONE, one)
    part = story.world.machines[ONE].part(one, {line: 3})
    story.pay(ONE, part.id)
    assert cooked(story)["Vada", "1"] == (4, 0, 3, 1, 0)
    story.save(ONE, one, "1")
    story.sync(ONE, TWO)
    story.world.machines[ONE].merge(story.tab(ONE, "2"), story.tab(ONE, "1"))
    story.sync(ONE, TWO)
    assert cooked(story)["Vada", "1"] == (4, 0, 3, 1, 0)
    story.recall(TWO, two)
    story.pay(TWO, two)
    assert cooked(story) == {
        ("Vada", "1"): (4, 0, 4, 0, 0),
        ("Idly", "1"): (1, 0, 1, 0, 0),
        ("Masala Dosa", "2"): (1, 0, 1, 0, 0),
    }


def test_late_lines_are_open_and_what_an_older_till_clears_is_not_paid(story: Story) -> None:
    """Till 1 is away and sends 2 more, while till 2 is paid for what it knows. Later it knows no tickets."""
    paid, left = story.table(ONE, "5", "6").values()
    story.recall(ONE, paid)
    story.sync(ONE)
    story.away(ONE)
    story.key(ONE, 2, 2, paid)
    story.save(ONE, paid, "5")
    story.recall(TWO, paid)
    story.pay(TWO, paid)
    story.sync(TWO)
    story.back(ONE)
    assert cooked(story) == {
        ("Idly", "5"): (1, 0, 1, 0, 0),
        ("Vada", "5"): (2, 0, 0, 2, 0),
        ("Masala Dosa", "6"): (1, 0, 0, 1, 0),
    }
    story.world.machines[ONE].register.kitchen.is_on = False
    story.recall(ONE, left)
    story.discard(ONE, left)
    assert cooked(story)["Masala Dosa", "6"] == (1, 0, 0, 0, 1)


def test_an_order_that_was_rung_again_is_cooked_once(story: Story) -> None:
    """The copy is paid with more of the dish. What the original still holds was made for the copy."""
    story.table(ONE, "5")
    tab = story.tab(TWO, "5")
    story.away(TWO)
    copy = story.world.machines[TWO].register.ring_again.ring(tab, 1).order.id
    story.key(TWO, 0, 2, copy)
    story.pay(TWO, copy)
    story.back(TWO)
    assert cooked(story) == {("Idly", "5"): (3, 0, 3, 0, 0)}


def test_an_order_that_two_tills_sold_and_sent_apart_is_no_loss(story: Story) -> None:
    order, _line = story.key(ONE, 0, 2)
    story.sync(ONE)
    story.away(ONE)
    story.ask(TWO, order)
    for till in (ONE, TWO):
        story.pay(till, order)
    story.back(ONE)
    assert cooked(story) == {("Idly", ""): (4, 0, 4, 0, 0)}
