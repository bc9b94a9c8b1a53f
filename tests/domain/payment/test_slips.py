"""Slips of a terminal as they are kept: bounded, plain, and no card in full."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.events.fields import LONGEST_FREE
from till.domain.payment.slips import lines_of, texts_of
from till.domain.text import clean


def kept(*lines: str) -> list[str]:
    return lines_of(texts_of(lines))


def test_the_lines_come_back_as_they_may_be_shown() -> None:
    assert kept("TOTAL  80.00", "", "THANK \x1b[31mYOU\u202e", "a\nb⏎c") == [
        "TOTAL  80.00",
        "",
        "THANK [31mYOU",
        "a b c",
    ]
    assert lines_of(["ok\x1b]0;x\x07", "", "\u202eend"]) == ["ok]0;x", "end"]


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("Card 4111111111111111", "Card •••• 1111"),
        ("4111 1111 1111 1111 09/27", "•••• 1111 09/27"),
        ("22 4111 1111 1111 1111 5555-5555-5555-4444", "22 •••• 1111 •••• 4444"),
        ("5555-5555-5555-4444", "•••• 4444"),
        ("378282246310005", "•••• 0005"),
        ("Card  **** 1111", "Card  **** 1111"),
        ("RRN 412345678901", "RRN 412345678901"),
        ("MID 123456789012345", "MID 123456789012345"),
        ("9" * 40, "9" * 40),
        ("2026-11-22 07:34", "2026-11-22 07:34"),
    ],
)
def test_a_cards_number_has_its_last_digits_alone(line: str, shown: str) -> None:
    assert kept(line) == [shown]


def test_a_slip_without_end_is_cut_and_says_so() -> None:
    lines = kept(*(f"line {number:03}" for number in range(5_000)))
    assert lines[:2] == ["line 000", "line 001"]
    assert lines[-1] == "…"
    assert 250 < len(lines) < 350


@given(st.lists(st.text(max_size=1_200), max_size=40))
def test_terminal_slip_fits_a_record_and_is_printable(lines: list[str]) -> None:
    texts = texts_of(lines)
    assert all(len(text) <= LONGEST_FREE for text in texts)
    assert all(clean(line) == line for line in lines_of(texts))
    assert all(clean(text) == text for text in texts)  # sealing a record cleans its texts
