import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.text import _PLAIN, MAX_MARKS, Repertoire, clean


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("Masala Dosa", "Masala Dosa"),
        ("Crème brûlée", "Crème brûlée"),
        ("e\u0301clair", "éclair"),
        ("two\nrows\tand\r\nmore", "two rows and  more"),
        ("\x1b[31mred\x1b]0;title\x07", "[31mred]0;title"),
        ("\x9b2J gone", "2J gone"),
        ("[bold]Idly[/bold]", "[bold]Idly[/bold]"),
        ("pay \u202e00.005\u202c", "pay 00.005"),
        ("\u2066left\u2069 \u200fright", "left right"),
        ("I\u200bd\u200cl\u200dy\ufeff", "Idly"),
        ("soft\u00adhyphen", "softhyphen"),
        ("no\u00a0break\u3000wide", "no break wide"),
        ("\u2615\ufe0f coffee", "\u2615 coffee"),
        ("\ud800 lone", "� lone"),
        ("\ue000 private", "� private"),
        ("\u0301led by a mark", "led by a mark"),
        ("a \u0301b", "a b"),
        ("ಮಸಾಲ ದೋಸೆ", "ಮಸಾಲ ದೋಸೆ"),
        ("天ぷら", "天ぷら"),
        ("\U000e0041tag", "tag"),
    ],
)
def test_text_is_made_harmless(raw: str, shown: str) -> None:
    assert clean(raw) == shown


def test_plain_text_is_the_same_after_a_second_look() -> None:
    plain = "".join(sorted(_PLAIN))
    for text in (plain, plain[::-1]):
        assert clean(text) == text
        assert clean(f"{text}\u200b") == text  # characters without a width are removed: each one is checked


def test_a_stack_of_marks_keeps_to_its_row() -> None:
    zalgo = "Z" + "\u0335" * 40 + "a"
    assert clean(zalgo) == "Z" + "\u0335" * MAX_MARKS + "a"


@given(st.text())
def test_nothing_that_moves_a_cursor_is_left(text: str) -> None:
    shown = clean(text)
    assert not {unicodedata.category(char) for char in shown} & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}
    assert unicodedata.is_normalized("NFC", shown)


@given(st.text())
def test_cleaning_twice_is_cleaning_once(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@pytest.mark.parametrize(
    ("text", "paper"),
    [
        ("மசாலா தோசை", "macaalaa toocai"),
        ("मसाला डोसा।", "masaalaa ddosaa."),
        ("ಇಡ್ಲಿ", "iddli"),
        ("हिंदी १२", "himdii 12"),
        ("Łódź ₹ 5", "Lódz Rs 5"),
        ("2 x قهوة", "2 x U+0642 U+0647 U+0648 U+0629"),
        ("天", "U+5929"),
        ("Idly � ", "Idly U+FFFD  "),
        ("⅓ Pizza, 5⁄8", "1/3 Pizza, 5/8"),
        ("ﷺ", "U+FDFA"),
        ("㋀ ﬁ ﹢ ộ", "U+32C0  fi + o"),
    ],
)
def test_letters_that_a_code_page_lacks_are_spelt_and_no_question_mark(text: str, paper: str) -> None:
    assert Repertoire("cp437").spell(text) == paper


@given(st.text())
def test_no_text_has_a_question_mark_on_paper_that_it_had_not(text: str) -> None:
    assert Repertoire("cp437").spell(text).count("?") == text.replace("\N{GREEK QUESTION MARK}", "").count("?")
