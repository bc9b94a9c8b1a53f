"""The words of allergies: which contents of a dish they name, and which words no menu knows."""

from __future__ import annotations

import pytest

from till.domain.catalogue.allergens import ALLERGENS, canonical_name, contains_in_words, named_by, unknown_words
from till.domain.catalogue.menu_cells import read_contains
from till.domain.i18n import speaking


def test_annex_two_has_fourteen_names() -> None:
    assert len(ALLERGENS) == 14


@pytest.mark.parametrize(
    ("allergy", "named"),
    [
        ("nuts", ["nuts", "peanuts"]),
        ("nut", ["nuts", "peanuts"]),
        ("Nut allergy, severe", ["nuts", "peanuts"]),
        ("almonds", ["nuts"]),
        ("peanuts", ["peanuts"]),
        ("peanut", ["peanuts"]),
        ("lactose", ["milk"]),
        ("no dairy", ["milk"]),
        ("coconut", []),
        ("shellfish", ["crustaceans", "molluscs"]),
        ("fish", ["fish"]),
        ("sulphur dioxide", ["sulphites"]),
        ("nuts, sesame", ["nuts", "peanuts", "sesame"]),
        ("frutos secos", ["nuts", "peanuts"]),
        ("leche", ["milk"]),
        ("sesamo", ["sesame"]),
        ("दूध", ["milk"]),
        ("kiwi", []),
    ],
)
def test_words_name_allergens_by_whole_words_in_any_language(allergy: str, named: list[str]) -> None:
    assert sorted(named_by(allergy, ALLERGENS)) == sorted(named)


@pytest.mark.parametrize(
    ("allergy", "contains", "named"),
    [
        ("kiwi", ["kiwi fruit", "milk"], ["kiwi fruit"]),
        ("kiwis", ["kiwi"], ["kiwi"]),
        ("strawberries and kiwi", ["Kiwi"], ["Kiwi"]),
        ("nuts", ["roasted hazelnut"], ["roasted hazelnut"]),
        ("nuts", ["coconut"], []),
        ("", ["nuts"], []),
        ("-", ["nuts"], []),
    ],
)
def test_the_venues_own_words_match_too(allergy: str, contains: list[str], named: list[str]) -> None:
    assert list(named_by(allergy, contains)) == named


@pytest.mark.parametrize(
    ("allergy", "contents", "unknown"),
    [
        ("kiwi", [], ["kiwi"]),
        ("kiwi", ["kiwi fruit"], []),
        ("severe nut allergy, Kiwi and strawberry", [], ["Kiwi strawberry"]),
        ("nuts kiwi", [], ["kiwi"]),
        ("nuts, sesame", [], []),
        ("alergia a la leche", [], []),
    ],
)
def test_words_that_no_menu_knows_are_told(allergy: str, contents: list[str], unknown: list[str]) -> None:
    assert list(unknown_words(allergy, contents)) == unknown


def test_a_cell_keeps_an_allergen_under_one_name_whatever_language_it_is_in() -> None:
    assert read_contains("Leche | Peanut|egg| Kiwi |milk") == ["milk", "peanuts", "eggs", "Kiwi"]
    assert [canonical_name(one) for one in ALLERGENS] == [*ALLERGENS]
    for language in ("es", "hi"):
        with speaking(language):
            words = contains_in_words(ALLERGENS)
            assert not {*words.split(", ")} & {*ALLERGENS} - {"gluten"}
        assert [canonical_name(one) for one in words.split(", ")] == [*ALLERGENS]
