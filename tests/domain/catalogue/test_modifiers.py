"""Groups of choices: as a table, as a body, as a menu."""

from __future__ import annotations

from typing import Any

import pytest

from till.domain.catalogue.csv_table import MenuFileError
from till.domain.catalogue.menu import read_menu
from till.domain.catalogue.menu_csv import read_menu_csv, write_menu_csv
from till.domain.catalogue.modifiers import rule_text
from till.domain.catalogue.modifiers_csv import read_modifiers_csv, write_modifiers_csv
from till.domain.money.amount import Currency
from till.domain.money.formats import Formats, marks_of

INR = Currency("INR")
STORE = "0197d6a0-0000-7000-8000-00000000d001"
HEADING = "group,option,price,default,least,most\n"
CHOICES = HEADING + "Spice,mild,,,1,1\nSpice,hot,,yes,,\nSize,small,-10.00,,,\nSize,large,+20,,,\n"


def read(text: str, known: dict[str, Any] | None = None) -> list[dict[str, Any]]:
    return read_modifiers_csv(text, INR, STORE, known)


def faults(text: str) -> list[tuple[int, str]]:
    with pytest.raises(MenuFileError) as refused:
        read(text)
    return [(fault.line, fault.sentence) for fault in refused.value.faults]


def body(groups: list[dict[str, Any]], cell: str = "Spice|Size") -> dict[str, Any]:
    table = f"name,price,category,modifiers,age\nDosa,80,Breakfast,{cell},\nToddy,90,Drinks,,21\n"
    return read_menu_csv(table, INR, STORE, groups=groups)


def test_rows_become_groups_and_items_have_them() -> None:
    menu = read_menu(body(read(CHOICES)), INR)
    dosa, toddy = menu.items
    spice, size = menu.groups_of(dosa)
    assert (spice.name, spice.least, spice.most, spice.is_one) == ("Spice", 1, 1, True)
    assert [(option.name, option.price4, option.default) for option in spice.options] == [
        ("mild", 0, False),
        ("hot", 0, True),
    ]
    assert [option.price4 for option in size.options] == [-100_000, 200_000]
    assert (size.least, size.most) == (0, None)
    assert (menu.groups_of(toddy), toddy.age, dosa.age) == ((), 21, None)


def test_written_modifiers_read_the_same_with_the_same_ids() -> None:
    made = body(read(CHOICES.replace("Size", "'=Size"), None), "Spice|=Size")
    groups = read(write_modifiers_csv(made), made)
    assert groups == made["modifiers"]
    again = read_menu_csv(write_menu_csv(made), INR, STORE, made, groups=groups)
    assert again == made


def test_prices_stand_as_people_of_the_venue_write_them() -> None:
    german = Formats(Currency("EUR"), marks_of("de"))
    text = "group;option;price\nKäse;Gouda;2,50\n"
    groups = read_modifiers_csv(text, german.currency, STORE, None, german)
    assert groups[0]["options"][0]["price"] == "2.50"
    assert "Gouda;2,50;" in write_modifiers_csv({"modifiers": groups}, ",")


@pytest.mark.parametrize(
    ("text", "line", "sentence"),
    [
        ("group\nSpice\n", 1, "The column option is missing."),
        (HEADING + "Spice,,,,,\n", 2, "option is missing."),
        (HEADING + "Spice,a\x1b[2J,,,,\n", 2, "option “a[2J” holds a control character or a line break."),
        (HEADING + "A|B,mild,,,,\n", 2, "group A|B contains a |, which separates the groups of an item. Leave it out."),
        (HEADING + "Spice,mild,free,,,\n", 2, "price “free” is not an amount. Type it like 12.50."),
        (HEADING + "Spice,mild,,maybe,,\n", 2, "default “maybe” is neither yes nor no."),
        (HEADING + "Spice,mild,,,-1,\n", 2, "least “-1” is not a count."),
        (HEADING + "Spice,mild,,,2,\n", 2, "Spice needs 2 chosen, but has 1."),
        (HEADING + "Spice,mild,,,2,1\nSpice,hot,,,,\n", 2, "Spice needs 2 chosen, but allows 1."),
        (HEADING + "Spice,mild,,yes,,1\nSpice,hot,,yes,,\n", 2, "Spice has 2 default options, but allows 1."),
        (HEADING + "Spice,mild,,,,1\nSpice,hot,,,,2\n", 3, "most of Spice is 1 in a line above."),
        (HEADING + "Spice,mild,,,,\nSpice,Mild ,,,,\n", 3, "Spice already has the option Mild."),
        (HEADING + "".join(f"Spice,o{n},,,,\n" for n in range(51)), 2, "Spice has 51 options; the limit is 50."),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_line(text: str, line: int, sentence: str) -> None:
    assert (line, sentence) in faults(text)


def test_an_age_is_one() -> None:
    for cell in ("0", "100", "x", "1000", "-1"):
        with pytest.raises(MenuFileError, match="1 mistake"):
            read_menu_csv(f"name,price,category,age\nToddy,9,Drinks,{cell}\n", INR, STORE)


def test_ten_groups_on_an_item_are_one_too_many() -> None:
    groups = read("group,option\n" + "".join(f"G{n},a\n" for n in range(10)))
    with pytest.raises(MenuFileError) as refused:
        body(groups, "|".join(f"G{n}" for n in range(10)))
    assert refused.value.faults[0].sentence == "modifiers names 10 groups; the limit is 9."


@pytest.mark.parametrize(
    ("least", "most", "expected"),
    [(1, 1, "one of these"), (2, 2, "2 of these"), (1, None, "1 or more"), (1, 3, "1 to 3"), (0, 3, "up to 3"),
     (0, None, "any"), (0, 1, "up to 1")],
)  # fmt: skip
def test_a_rule_is_named(least: int, most: int | None, expected: str) -> None:
    assert rule_text(least, most) == expected


def test_a_choice_contains_something_of_its_own() -> None:
    groups = read("group,option,contains\nMilk,dairy,milk\nMilk,almond milk,nuts\nMilk,none,\n")
    made = body(groups, "Milk")
    assert read(write_modifiers_csv(made), made) == groups
    menu = read_menu(made, INR)
    dosa = menu.items[0].id
    assert menu.contains_of(dosa) == ()
    assert menu.contains_of(dosa, ["almond milk", "none"]) == ("nuts",)
    assert menu.contents == ("milk", "nuts")
