"""Names of tabs: a number is a table, whatever word the venue has for it."""

from __future__ import annotations

import pytest

from till.domain.i18n import speaking
from till.domain.order.naming import tab_name
from till.domain.venue import TAB_WORDS
from till.register.tabs.names import is_explicit, key_of, label_of, number_in, table_of


@pytest.mark.parametrize("typed", ["7", " 7 ", "table 7", "Tab 7", "table7", "007"])
def test_a_number_means_one_table_however_it_is_typed(typed: str) -> None:
    assert (number_in(typed), table_of(typed), key_of(typed)) == ("7", 7, "7")
    assert [label_of(typed, words) for words in TAB_WORDS.values()] == ["table 7", "tab 7"]


def test_a_second_bill_has_a_number_of_its_own() -> None:
    assert (number_in("tab 7-2"), table_of("tab 7-2"), label_of("7-2", TAB_WORDS["tab"])) == ("7-2", 7, "tab 7-2")


@pytest.mark.parametrize("typed", ["Asha", "tablet 7", "guest 7", "7th floor", ""])
def test_any_other_name_stays_as_it_is_written(typed: str) -> None:
    assert (number_in(typed), table_of(typed), label_of(typed, TAB_WORDS["tab"])) == ("", None, typed)
    assert key_of(typed) == key_of(typed.upper())


@pytest.mark.parametrize("typed", ["table Seven", "Tab Seven", " tab  Seven "])
def test_a_name_may_follow_the_word_for_a_tab(typed: str) -> None:
    assert (is_explicit(typed), number_in(typed), label_of(typed, TAB_WORDS["tab"])) == (True, "", "Seven")
    assert key_of(typed) == key_of("seven")
    assert not is_explicit("Seven")


@pytest.mark.parametrize(("language", "shown"), [("es", "mesa 7-2"), ("hi", "टेबल 7-2"), ("en", "table 7-2")])
def test_a_table_is_read_and_typed_in_each_language_and_kept_in_english(language: str, shown: str) -> None:
    with speaking(language):
        assert tab_name("table 7-2") == shown
        assert (key_of(shown), label_of(shown, TAB_WORDS["table"])) == ("7-2", "table 7-2")
        assert (tab_name("Asha"), key_of("Table 7")) == ("Asha", "7")
