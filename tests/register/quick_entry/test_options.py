"""Words after an item's name: its options, a guest, another price, sold out."""

from __future__ import annotations

from typing import Any

import pytest

from tests.register.conftest import MENU, item
from till.domain.catalogue.menu import read_menu
from till.domain.errors import NotOnMenuError, TillError
from till.domain.money.amount import Currency
from till.domain.money.measures import Price4
from till.domain.order.choices import ChoiceError
from till.register.quick_entry.intents import AddAll, AddItem, Choose, SayWord, SetPrice, SoldOut, Wish
from till.register.quick_entry.language import understand
from till.register.quick_entry.lookup import Lookup

INR = Currency("INR")


def group(name: str, most: int | None, *options: str) -> dict[str, Any]:
    found = [{"name": one, "price": "10.00", "default": False} for one in options]
    return {"id": name.lower(), "name": name, "least": 0, "most": most, "options": found}


GROUPS = [group("Spice", 1, "mild", "hot"), group("Extra", 2, "extra ghee", "cheese"), group("Size", 1, "half")]
OWN = [
    item("Masala Dosa", 2, "80.00", modifiers=["spice", "extra"]),
    item("Rava Dosa", 13, "90.00", modifiers=["spice"]),
    item("Hot Milk", 14),
    item("Curd half", 15, modifiers=["size"]),
    item("Back Bacon", 16),
]
ITEMS = [one for one in MENU["items"] if one["plu"] != 2] + OWN
KNOWN = read_menu(MENU | {"items": ITEMS, "modifiers": GROUPS}, INR)
LOOKUP = Lookup(KNOWN)
DOSA, RAVA = KNOWN.by_plu[2], KNOWN.by_plu[13]


def read(typed: str) -> Any:
    return understand(typed, LOOKUP, INR)


def names(keyed: AddItem) -> list[str]:
    return [one.name for one in keyed.modifiers]


COFFEE = read_menu(
    MENU
    | {
        "items": [item("Coffee", 20, modifiers=["milk"])],
        "modifiers": [group("Milk", None, "oat milk", "soy milk", "soy foam", "no coconut", "extra hot")],
    },
    INR,
)


@pytest.mark.parametrize(
    ("typed", "chosen"),
    [
        ("oat", ["oat milk"]),
        ("soy", []),
        ("coconut", []),
        ("no", []),
        ("extra", []),
        ("soy milk oat", ["oat milk", "soy milk"]),
    ],
)
def test_a_first_word_is_the_option_if_one_alone_begins_so(typed: str, chosen: list[str]) -> None:
    try:
        read: Any = understand(f"2 coffee {typed}", Lookup(COFFEE), INR)
    except TillError:
        read = None
    keyed = (read.quantity, names(read)) if isinstance(read, AddItem) else (2, [])
    assert keyed == (2, chosen)


@pytest.mark.parametrize("typed", ["86 oat", "86 oat milk"])
def test_an_option_is_sold_out_by_its_first_words(typed: str) -> None:
    read: Any = understand(typed, Lookup(COFFEE), INR)
    assert (read.choice, read.sold_out, read.items) == ("oat milk", True, ())


@pytest.mark.parametrize(
    ("typed", "unread"),
    [("masala dosa foo", "foo"), ("masla dosas", ""), ("masaladosa", ""), ("oat masala", "oat"), ("dosa", "")],
)
def test_words_that_are_like_no_part_of_a_name_are_unread(typed: str, unread: str) -> None:
    assert Lookup.unread(typed, DOSA) == unread


@pytest.mark.parametrize(
    ("typed", "quantity", "chosen"),
    [
        ("2 masala dosa hot extra cheese", 2, ["hot", "cheese"]),
        ("masala dosa cheese hot", 1, ["hot", "cheese"]),
        ("2x masala dosa extra ghee", 2, ["extra ghee"]),
        ("add masala dosa extra extra ghee", 1, ["extra ghee"]),
        ("dosa hot cheese", 1, ["hot", "cheese"]),  # rava dosa has no cheese
        ("masala hot", 1, ["hot"]),
        ("masala hot 2", 2, ["hot"]),
    ],
)
def test_words_that_are_options_are_taken_with_the_item(typed: str, quantity: int, chosen: list[str]) -> None:
    keyed = read(typed)
    assert (keyed.item, keyed.quantity, names(keyed)) == (DOSA, quantity, chosen)


def test_option_of_several_items_asks_and_keeps_the_words() -> None:
    asked = read("2 dosa hot")
    assert isinstance(asked, Choose)
    assert asked.items == (DOSA, RAVA)
    picked = asked.picked(1, LOOKUP)
    assert (picked.item, picked.quantity, names(picked)) == (RAVA, 2, ["hot"])


def test_an_items_own_name_comes_before_its_options_and_other_words_are_as_before() -> None:
    assert read("hot milk") == AddItem(KNOWN.by_plu[14])
    assert read("curd half") == AddItem(KNOWN.by_plu[15])
    assert isinstance(read("extra cheese"), Wish)
    assert isinstance(read("masala dosa warm"), Choose)  # it asks what was meant, as for any word that it does not know
    with pytest.raises(NotOnMenuError):
        read("idly cheese")
    with pytest.raises(ChoiceError):
        read("masala dosa hot mild")


def test_options_stand_in_a_list_of_items_too() -> None:
    several = read("masala dosa hot, 2 idly")
    assert isinstance(several, AddAll)
    assert [(one.item.name, one.quantity, names(one)) for one in several.items] == [
        ("Masala Dosa", 1, ["hot"]),
        ("Idly", 2, []),
    ]


def test_a_guest_and_a_course_by_themselves_or_with_an_item() -> None:
    assert read("seat 2") == SayWord("seat", {"seat": "2"})
    assert read("Course 1") == SayWord("seat", {"course": "1"})
    assert read("guest 3, course 2") == SayWord("seat", {"seat": "3", "course": "2"})
    assert read("seat 0") == SayWord("seat", {"seat": "0"})
    for typed in ("2 idly seat 4", "seat 4: 2 idly", "seat 4 2 idly"):
        keyed = read(typed)
        assert (keyed.item.name, keyed.quantity, keyed.seat, keyed.course) == ("Idly", 2, 4, None)
    keyed = read("masala dosa hot course 2 seat 1")
    assert (names(keyed), keyed.seat, keyed.course) == (["hot"], 1, 2)
    assert [one.seat for one in read("idly, masala dosa seat 2").items] == [2, 2]


def test_a_course_is_fired_by_its_number_or_the_next_one_is() -> None:
    for typed in ("fire", "Fire!", "fire next course", "call the next course"):
        assert read(typed) == SayWord("fire", {})
    for typed in ("fire 2", "fire course 2", "call course 2 please"):
        assert read(typed) == SayWord("fire", {"number": "2"})
    with pytest.raises(NotOnMenuError, match="Type “fire”, or “fire 2”"):
        read("fire two hundred")


def test_a_price_for_the_marked_line() -> None:
    assert read("price 45") == SetPrice(Price4(450_000))
    with pytest.raises(TillError):
        read("price free")


def test_sold_out_and_back() -> None:
    vada = KNOWN.by_plu[4]
    assert read("86 vada") == SoldOut(True, "vada", (vada,))
    assert read("back vada") == SoldOut(False, "vada", (vada,))
    assert read("86 x idly").quantity == 86
    assert read("back bacon") == AddItem(KNOWN.by_plu[16])
    with pytest.raises(NotOnMenuError):
        read("86 unicorn")
