"""The hint under the entry line while a step or a minus is typed, beside what Enter then does. No app, no register."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from tests.domain.making import Desk
from tests.tui.screens.sell.test_reduce import FACTS, NAMED, message_of, press, typed
from till.domain.money.measures import Millionths
from till.domain.money.tax import Tax
from till.domain.order.selling import ItemEntry
from till.register.quick_entry.lookup import Lookup
from till.tui.screens.sell import acts
from till.tui.screens.sell.entry_hint import entry_effect, marked_announced
from till.tui.screens.sell.order_lines import OrderLines
from till.tui.screens.sell.state import Marked, SellFacts


def order_of(**lines: int) -> SellFacts:
    """Return the facts of an order with these pieces of items: `Masala_Dosa=2`."""
    desk = Desk(FACTS.venue.terms, menu=FACTS.menu)
    for name, quantity in lines.items():
        desk.add(NAMED[name.replace("_", " ")], quantity)
    return replace(FACTS, order=desk.order, lines=OrderLines(FACTS.formats, FACTS.venue).of(desk.order))


EMPTY_ORDER = order_of()
IDLY_ON = order_of(Idly=2)
RETURNED_ON = order_of(Bottle_deposit=-1)
DOSAS_ON = order_of(Plain_Dosa=1, Rava_Dosa=3)


@pytest.mark.parametrize(
    ("facts", "entry", "hint"),
    [
        (FACTS, "-1 masala dosa", "There are no lines yet. Type an item, then Enter."),
        (EMPTY_ORDER, "-1 masala dosa", "No line of this order is called Masala Dosa."),
        (IDLY_ON, "-1 masala dosa", "No line of this order is called Masala Dosa."),
        (IDLY_ON, "−1 dosa", "No line of this order is called dosa."),
        (IDLY_ON, "-3 idly", "Only 2 × Idly to take off. F7 voids the line."),
        (DOSAS_ON, "-1 dosa", "Which dosa: Plain Dosa, Rava Dosa? Type the whole name."),
    ],
)
def test_a_minus_that_enter_refuses_is_announced_with_the_words_of_the_refusal(
    facts: SellFacts, entry: str, hint: str
) -> None:
    assert entry_effect(typed(entry), facts) == hint
    state, asked = press(typed(entry), "enter", facts=facts)
    assert (message_of(state), asked) == (hint, [])


@pytest.mark.parametrize(
    ("facts", "entry", "hint", "done"),
    [
        (IDLY_ON, "-", "Enter takes one Idly off. Or type how many, -3.", ("change_quantity", 1)),
        (IDLY_ON, "-1 idly", "Enter takes 1 × Idly off.", ("change_quantity", 1)),
        (IDLY_ON, "-1 id", "Enter takes 1 × Idly off.", ("change_quantity", 1)),
        (IDLY_ON, "-2", "Enter voids Idly, and asks why.", ("ask_void", None)),
        (IDLY_ON, "-2 idly", "Enter voids Idly, and asks why.", ("ask_void", None)),
        (DOSAS_ON, "-2", "Enter takes 2 × Rava Dosa off.", ("change_quantity", 1)),
        (DOSAS_ON, "-1 rava dosa", "Enter takes 1 × Rava Dosa off.", ("change_quantity", 2)),
        (IDLY_ON, "+", "Enter adds one more Idly. Or type how many more, +3.", ("change_quantity", 3)),
        (IDLY_ON, "+3", "Enter adds 3 × Idly.", ("change_quantity", 5)),
        (IDLY_ON, "-2 deposit", "Enter returns 2 × Bottle deposit.", ("add", -2)),
        (RETURNED_ON, "+3", "Enter returns 3 × Bottle deposit.", ("change_quantity", -4)),
    ],
)
def test_enter_does_what_is_announced(facts: SellFacts, entry: str, hint: str, done: tuple[str, int | None]) -> None:
    assert entry_effect(typed(entry), facts) == hint
    _state, asked = press(typed(entry), "enter", facts=facts)
    did = next(one for one in asked if one.act is not acts.mark_sending)
    last = did.values[-1]
    count = last.quantity if isinstance(last, ItemEntry) else last if isinstance(last, int) else None
    assert (did.act.__name__, count) == done


def test_question_about_more_returns_has_their_sign() -> None:
    state, _asked = press(typed("+150"), "enter", facts=RETURNED_ON)
    assert message_of(state) == "−150 × Bottle deposit, −₹1,500.00? Enter again keys it."


def test_returns_for_a_manager_are_announced_as_that() -> None:
    returned = order_of(Bottle_deposit=-45)
    for facts, entry in ((EMPTY_ORDER, "-51 deposit"), (returned, "-6 deposit")):
        assert entry_effect(typed(entry), facts) == "Returns over ₹500.00 in one order are for a manager."
        assert entry_effect(typed("-300 deposit"), facts) == entry_effect(typed(entry), facts)
        assert str(entry_effect(typed(entry), replace(facts, manages=True))).startswith("Enter returns ")
    assert entry_effect(typed("-5 deposit"), returned) == "Enter returns 5 × Bottle deposit."


def test_returns_for_a_manager_are_announced_with_the_tax_that_is_added() -> None:
    """48 at 10.00 with 5 % on top are 504.00."""
    deposit = replace(NAMED["Bottle deposit"], tax="added")
    items = tuple(deposit if one.id == deposit.id else one for one in FACTS.menu.items)
    menu = replace(FACTS.menu, items=items, taxes={"added": (Tax("GST", Millionths(50_000), included=False),)})
    for order in (EMPTY_ORDER.order, None):
        facts = replace(EMPTY_ORDER, menu=menu, lookup=Lookup(menu), order=order)
        assert entry_effect(typed("-48 deposit"), facts) == "Returns over ₹500.00 in one order are for a manager."
        assert entry_effect(typed("-47 deposit"), facts) == "Enter returns 47 × Bottle deposit."


@pytest.mark.parametrize(
    ("entry", "hint"),
    [
        ("masala dosa", "Enter keys 1 × Rava Dosa."),
        ("2 masala dosa", "Enter keys 2 × Rava Dosa."),
        ("5000 masala dosa", None),
    ],
)
def test_the_item_marked_on_the_board_is_announced(entry: str, hint: str | None) -> None:
    board: Any = object()
    facts, rava = replace(EMPTY_ORDER, finder=board), NAMED["Rava Dosa"]
    state = replace(typed(entry), marked=Marked(entry, rava.id))
    assert marked_announced(state, facts, rava) == hint


@pytest.mark.parametrize("entry", ["2 idly", "idly", "", "-", "+", "no idly", "-300 deposit"])
def test_nothing_is_announced_of_other_entries(entry: str) -> None:
    assert entry_effect(typed(entry), replace(EMPTY_ORDER, manages=True)) is None


def test_a_minus_before_a_marked_item_takes_that_item_off() -> None:
    board: Any = object()  # a mark needs one, and reads nothing of it
    on_board = replace(DOSAS_ON, finder=board)
    state = replace(typed("-1 dosa"), marked=Marked("-1 dosa", NAMED["Rava Dosa"].id))
    assert entry_effect(state, on_board) == "Enter takes 1 × Rava Dosa off."
    _state, asked = press(state, "enter", facts=on_board)
    assert [one.act.__name__ for one in asked] == ["mark_sending", "change_quantity"]
    state = replace(typed("-1 rava dosa"), marked=Marked("-1 rava dosa", NAMED["Masala Dosa"].id))
    assert entry_effect(state, on_board) == "No line of this order is called Masala Dosa."
    assert press(state, "enter", facts=on_board)[1] == []
