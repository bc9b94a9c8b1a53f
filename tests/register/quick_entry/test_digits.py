"""Digits of an entry: each is understood, or the entry is refused; none is ignored silently."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.register.conftest import MENU
from till.domain.catalogue.menu import read_menu
from till.domain.errors import TillError
from till.domain.money.amount import Currency
from till.domain.text import comparable_text
from till.register.quick_entry.intents import (
    AddAll,
    AddItem,
    Choose,
    Discounted,
    ForCustomer,
    GiveTip,
    OneLess,
    OneMore,
    PayCard,
    PayCash,
    Recall,
    SayWord,
    SoldOut,
    Split,
    TakeOff,
    ToSales,
    ToTab,
    Wish,
)
from till.register.quick_entry.language import complete, suggestions, understand
from till.register.quick_entry.lookup import Lookup

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.catalogue.menu import Item
    from till.register.quick_entry.slots import Intent

INR = Currency("INR")
LOOKUP = Lookup(read_menu(MENU, INR))
_RUN = re.compile(r"\d+")


def numbers(text: str) -> list[str]:
    """Return the numbers in a text, without commas and meaningless zeros."""
    found = map(int, _RUN.findall(re.sub(r"(?<=\d),(?=\d)", "", comparable_text(text))))
    return [str(number) for number in found if number]


def _of_item(item: Item) -> list[str]:
    own = " ".join([item.name, *item.aliases, *item.barcodes, str(item.plu or "")])
    return numbers(own)


def _of_price(price4: int | None) -> list[str]:
    return [] if price4 is None else numbers(f"{price4 // 10_000} {price4 % 10_000:04}".rstrip("0"))


def _of_amount(amount: int | None) -> list[str]:
    return [] if amount is None else [*numbers(str(amount // 100)), *numbers(f"{amount % 100:02}".rstrip("0"))]


def accounted(intent: Intent) -> list[str]:  # noqa: C901, PLR0911 - a kind of intent each
    """Return the numbers in the parsed entry."""
    match intent:
        case AddItem(item=item, quantity=quantity, price4=price4):
            return [str(abs(quantity)), *_of_item(item), *_of_price(price4)]
        case AddAll(items=items):
            return [number for one in items for number in accounted(one)]
        case Choose(items=items, quantity=quantity, price4=price4):
            shared = [number for number in _of_item(items[0]) if all(number in _of_item(item) for item in items)]
            begun = [number for item in items for number in _of_item(item)]
            return [str(abs(quantity)), *shared, *begun, *_of_price(price4)]
        case TakeOff(name=name, item_ids=ids, quantity=quantity):
            own = [number for one in ids for number in _of_item(LOOKUP.menu.by_id[one])]
            return [str(quantity or 1), *numbers(name), *own]
        case OneMore(quantity=quantity) | OneLess(quantity=quantity):
            return [str(quantity)]
        case PayCard(slip=slip, amount=amount):
            return [*numbers(slip), *_of_amount(amount)]
        case PayCash(amount=amount) | GiveTip(amount=amount):
            return _of_amount(amount)
        case Split(guests=guests):
            return [str(guests)]
        case (
            Wish(words=words)
            | ForCustomer(who=words)
            | ToSales(number=words)
            | SoldOut(name=words)
            | Discounted(figure=words)
        ):
            return numbers(words)
        case SayWord(slots=slots):
            return [found for typed in slots.values() for found in numbers(typed)]
        case ToTab(name=name) | Recall(name=name):
            return numbers(name or "")
        case _:
            return []


def left_out(typed: str, reply: Iterable[str]) -> list[str]:
    """Return the typed numbers that begin none of the reported ones, each of which counts once."""
    free = sorted(reply, key=len)
    lost = []
    for number in sorted(numbers(typed), key=len, reverse=True):
        found = next((one for one in free if one.startswith(number)), None)
        if found is None:
            lost.append(number)
        else:
            free.remove(found)
    return lost


WORDS = st.sampled_from(
    [
        *(
            "add",
            "also",
            "one",
            "two",
            "a",
            "dozen",
            "half",
            "more",
            "less",
            "another",
            "no",
            "void",
            "and",
            "of",
            "please",
        ),
        *(
            "idly",
            "idlies",
            "dosa",
            "dosas",
            "masala",
            "coffee",
            "catering",
            "deposit",
            "up",
            "cash",
            "card",
            "tab",
            "recall",
        ),
    ]
)
SIGNS = st.sampled_from(
    [
        "2",
        "3",
        "40",
        "x",
        "×",
        "0",
        "-1",
        "−",
        "+",
        "@",
        ",",
        ".",
        "1.5",
        "7",
        "1,200",
        "8901234567890",
        "½",
        "²",
        "٣",
        "e5",
    ]
)
ENTRIES = st.lists(WORDS | SIGNS, min_size=1, max_size=8)


@settings(max_examples=5 * settings().max_examples)  # of the profile: 200, or 1500 others
@given(ENTRIES.map(" ".join) | ENTRIES.map("".join) | st.text(max_size=30).map(lambda text: f"{text} 3"))
@example("course 3")
@example("fire 3")
@example("customer 3")
@example("refund 3")
@example("split 3")
@example("tip 3")
@example("card 3")
@example("sold out 3")
@example("discount 3")
@example("idly 3")
@example("3 idly 2")
@example("masla dosa 2")
@example("idly²")
@example("٣ x idly")
@example("idyl 3")
@example("2 idly 3 dosa 4")
@example("2 idly, 3")
@example("cash 1,200")
@example("+3")
@example("2 catering 1200")
def test_no_digit_that_was_typed_is_left_out(typed: str) -> None:
    try:
        intent = understand(typed, LOOKUP, INR)
    except TillError as refused:
        assert refused.sentence  # noqa: PT017 - what is refused keys nothing
        return
    if isinstance(intent, TakeOff) and not intent.item_ids:
        return  # no line is called so: that is said, and the entry stays
    numbers = accounted(intent)
    if "dozen" in typed:
        numbers += [str(int(number) // 12) for number in numbers]
    assert left_out(typed, numbers) == [], intent


@settings(max_examples=4 * settings().max_examples)
@given(ENTRIES.map(" ".join))
@example("idly 3")
@example("2 idly 3")
def test_no_completion_leaves_a_digit_out(typed: str) -> None:
    for item in suggestions(typed, LOOKUP):
        assert left_out(typed, numbers(complete(typed, item.name, LOOKUP))) == []


@pytest.mark.parametrize(
    ("typed", "numbers", "lost"), [("2 tea 3", ["2"], ["3"]), ("2 2", ["2"], ["2"]), ("7", ["71"], [])]
)
def test_a_number_that_is_missing_is_found_missing(typed: str, numbers: list[str], lost: list[str]) -> None:
    assert left_out(typed, numbers) == lost
