"""An allergy of an order at the till: the warning of a dish, its ticket, and the dishes that contain something."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.register.conftest import MENU, Till, item
from till.domain.kitchen.events import LinesSent, TicketLine
from till.domain.order.guest_words import head_of
from till.domain.paper.ticket import WrittenTicket, make_ticket
from till.register.conversation import Conversation

if TYPE_CHECKING:
    from collections.abc import Iterable

#: A menu that states what four of its dishes contain, and nothing of the others.
_DISHES: list[dict[str, Any]] = [
    item("Pesto", 21, "40.00", contains=["nuts", "milk"]),
    item("Satay", 22, "50.00", contains=["peanuts"]),
    item("Macaroon", 23, "20.00", contains=["coconut"]),
    item("Latte", 24, "30.00", contains=["milk"], modifiers=["m"]),
]
_GROUP = {"id": "m", "name": "Milk", "least": 0, "most": 1}
_OPTIONS = [
    {"name": "oat milk", "price": "0.00", "default": False},
    {"name": "almond milk", "price": "0.00", "default": False, "contains": ["nuts"]},
]


@pytest.fixture
def till(till: Till) -> Till:
    menu = MENU | {"modifiers": [{**_GROUP, "options": _OPTIONS}], "items": [*MENU["items"], *_DISHES]}
    till.journal.cache("menu", 2, menu)
    till.register.reference_changed(["menu"])
    return till


def answers(till: Till, *typed: str) -> list[str]:
    talk = Conversation(till.register, 1)
    return [talk.say(one) for one in typed]


@pytest.mark.parametrize(
    ("allergy", "dish", "warning"),
    [
        ("nuts", "pesto", "▲ Pesto contains nuts, and this order has an allergy: nuts."),
        ("nut", "satay", "▲ Satay contains peanuts, and this order has an allergy: nut."),
        ("lactose", "pesto", "▲ Pesto contains milk, and this order has an allergy: lactose."),
        ("peanuts", "pesto", ""),
        ("nuts", "macaroon", ""),
        ("coconut", "macaroon", "▲ Macaroon contains coconut, and this order has an allergy: coconut."),
        ("nuts", "latte", ""),
        ("nuts", "latte almond milk", "▲ Latte contains nuts, and this order has an allergy: nuts."),
        ("nuts", "idly", "▲ What Idly contains is not stated."),
    ],
)
def test_keying_a_dish_that_contains_an_allergy_warns_and_keys_it(
    till: Till, allergy: str, dish: str, warning: str
) -> None:
    talk = Conversation(till.register, 1)
    talk.say(f"allergy {allergy}")
    answer = talk.say(dish)
    assert talk.order is not None
    assert len(talk.order.lines) == 1
    before, _added, _rest = answer.partition("Added 1")
    assert before.strip() == warning


def test_more_of_a_dish_warns_again_and_less_does_not(till: Till) -> None:
    found = answers(till, "allergy nuts", "pesto", "one more", "minus one")
    assert ["▲" in one for one in found] == [False, True, True, False]


def test_an_order_without_an_allergy_warns_of_nothing(till: Till) -> None:
    assert not any("▲" in one for one in answers(till, "pesto", "idly", "prefers nuts", "satay"))


def test_an_allergy_that_is_noted_later_names_the_dishes_of_the_order(till: Till) -> None:
    _pesto, _satay, _idly, noted = answers(till, "pesto", "satay", "idly", "allergy nuts")
    assert noted == (
        "▲ Pesto contains nuts; Satay contains peanuts, and this order has an allergy: nuts. "
        "What Idly contains is not stated. For this order: Allergy: nuts."
    )


def test_a_word_that_the_menu_does_not_know_is_told(till: Till) -> None:
    assert answers(till, "allergy kiwi") == [
        "▲ The menu does not know “kiwi”: ask the kitchen. For this order: Allergy: kiwi."
    ]
    assert answers(till, "allergy coconut") == ["For this order: Allergy: coconut."]


def test_the_word_contains_lists_dishes_and_says_of_none_that_it_is_free(till: Till) -> None:
    silent = f"{len(MENU['items'])} dishes: not stated."
    assert answers(till, "contains nuts", "contains lactose", "contains kiwi", "contains fish") == [
        f"Contains nuts: Pesto, Satay, Latte with almond milk. {silent}",
        f"Contains lactose: Pesto, Latte. {silent}",
        f"The menu does not know “kiwi”: ask the kitchen. The menu names no dish with “kiwi”. {silent}",
        f"The menu names no dish with “fish”. {silent}",
    ]


def _ticket(till: Till, dishes: Iterable[str], *typed: str) -> list[str]:
    talk = Conversation(till.register, 1)
    for one in (*dishes, *typed):
        talk.say(one)
    order = talk.order
    assert order is not None
    lines = tuple(
        TicketLine(line_id=one.id, pieces=1, item_id=one.item_id, choices=tuple(m.name for m in one.modifiers))
        for one in order.lines.values()
    )
    sent = LinesSent(station="Pass", ticket="1-1", kind="new", lines=lines)
    written = WrittenTicket(order, sent, order.last_id, till.clock.now(), till.register.menu, head=head_of(order))
    rows = [row.left.strip() for row in make_ticket(written, till.register.venue).rows]
    return rows[rows.index(f"1  {next(iter(dishes)).upper()}") :]


def test_a_ticket_says_under_a_dish_what_it_contains_of_an_allergy(till: Till) -> None:
    rows = _ticket(till, ["pesto", "latte almond milk", "latte", "idly"], "allergy nuts")
    assert rows[:8] == [
        "1  PESTO", "CONTAINS NUTS", "1  LATTE", "almond milk", "CONTAINS NUTS", "1  LATTE", "1  IDLY",
        "Contents not stated",
    ]  # fmt: skip


def test_a_ticket_without_an_allergy_says_nothing_of_contents(till: Till) -> None:
    assert not [row for row in _ticket(till, ["pesto", "idly"]) if "ont" in row]
