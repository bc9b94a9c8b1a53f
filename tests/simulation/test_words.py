"""Allergies at two tables with stations, in each act between orders: the rules find what forgets the words.

Seeds meet these faults seldom: an allergy, a ticket and an act on one order within a play.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING
from unittest import mock

import pytest

from tests.simulation.plan import Plan
from tests.simulation.planting import nothing, reword
from tests.simulation.server import KITCHEN_HOUSE
from tests.simulation.test_facts import EVERY, between, saved
from tests.simulation.test_histories import ONE, USER, Story, arena
from tests.simulation.violation import ViolationError
from till.domain.order import facts
from till.domain.order.tickets import tickets_due
from till.register import kitchen

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.simulation.arena import Arena
    from tests.simulation.planting import Plant
    from tests.simulation.world import World
    from till.domain.kitchen.events import LinesSent
    from till.domain.kitchen.stations import Kitchen
    from till.domain.order.state import Order

__all__ = ["arena"]


@contextmanager
def carry_left_out() -> Iterator[Callable[[World], None]]:
    """An act between orders carries no facts, and the database adds no words."""
    with mock.patch.object(facts, "FACTS", ()):
        yield lambda world: reword(world, "warm.write_act", r"perform warm\.give_words\([^;]*;", "null;")


@contextmanager
def change_left_out() -> Iterator[Callable[[World], None]]:
    """No station hears of words that come after its ticket."""

    def silent(order: Order, stations: Kitchen, *, saves: bool) -> list[LinesSent]:
        return [ticket for ticket in tickets_due(order, stations, saves=saves) if ticket.kind != "changed"]

    with mock.patch.object(kitchen, "tickets_due", silent):
        yield nothing


@contextmanager
def head_left_empty() -> Iterator[Callable[[World], None]]:
    """Tickets are printed without the words of their head."""
    with mock.patch.object(kitchen, "head_text", return_value=""):
        yield nothing


def play(arena: Arena, act: str, words: str = "") -> None:
    """Play an act between table 5, with nuts, and table 7; then set words at table 5, or where its lines went."""
    with arena.world(Plan(1, 2, (), has_stations=True), KITCHEN_HOUSE) as world:
        story = Story(world)
        first, _second = saved(story, "5", "preferences", "nuts"), saved(story, "7")
        till = story.world.machines[ONE]
        till.register.tabs.recall(first, USER)
        gets = between(story, ONE, act, first, "7")
        if act == "merge":
            till.register.tabs.recall(first := gets, USER)
        if words:
            till.register.sales.set_preference(first, USER, "allergy", words)
        story.settle()


@pytest.mark.parametrize("act", sorted(EVERY))
def test_no_rule_breaks(arena: Arena, act: str) -> None:
    play(arena, act, "nuts, sesame")


@pytest.mark.parametrize("act", sorted(EVERY))
@pytest.mark.parametrize(
    ("plant", "rule"),
    [
        (carry_left_out, "allergies are with the lines"),
        (change_left_out, "stations know the words"),
        (head_left_empty, "stations know the words"),
    ],
)
def test_a_planted_fault_is_found(arena: Arena, plant: Plant, rule: str, act: str) -> None:
    words = "" if plant is carry_left_out else "nuts, sesame"
    with arena.planted_with(plant), pytest.raises(ViolationError) as found:
        play(arena, act, words)
    assert found.value.rule == rule
