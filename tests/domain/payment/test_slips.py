"""Slips of a terminal as they are kept: bounded, plain, and no card in full."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import uid
from till.domain.events.fields import LONGEST_FREE
from till.domain.payment.events import SlipKept
from till.domain.payment.slips import END, KeptSlip, is_kept_whole, kept_slip, lines_of, slip_title, texts_of
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
        # each length that a card has, and one more and one less
        ("45395787638", "45395787638"),
        ("453957876361", "•••• 6361"),
        ("4539578763628", "•••• 3628"),
        ("45395787636217", "•••• 6217"),
        ("453957876362149", "•••• 2149"),
        ("4539578763621486", "•••• 1486"),
        ("45395787636214868", "•••• 4868"),
        ("453957876362148675", "•••• 8675"),
        ("4539578763621486750", "•••• 6750"),
        ("45395787636214867534", "45395787636214867534"),
        ("4539578763621487", "4539578763621487"),
        ("4539-5787-6362-1486-75", "•••• 1486-75"),
        ("4539 5787 6362 1487 006", "•••• 7006"),
        ("378282246310005 4111 1111 1111 1111", "•••• 0005 •••• 1111"),
        ("4111 1111 1111 1111 378282246310005", "•••• 1111 •••• 0005"),
        ("12 4539578763628 9", "12 •••• 3628 9"),
        ("2026-11-22 07:34", "2026-11-22 07:34"),
    ],
)
def test_a_cards_number_has_its_last_digits_alone(line: str, shown: str) -> None:
    assert kept(line) == [shown]


@pytest.mark.parametrize("more", [0, 1])
def test_a_line_goes_into_the_next_text_where_the_last_has_no_room(more: int) -> None:
    """A text of 1,000 characters has room for 997, so that the ellipsis of a truncated slip fits."""
    head, tail = "a" * 500, "b" * (497 + more)
    assert [len(text) for text in texts_of([head, tail])] == ([998, 0, 0] if not more else [500, 498, 0])


def test_empty_lines_keep_their_places() -> None:
    assert texts_of(["", "", "a", ""]) == (f" {END}{END}a{END}", "", "")
    assert texts_of([]) == ("", "", "")


def test_a_slip_as_long_as_a_record_is_whole_and_a_longer_one_is_cut() -> None:
    lines = ["a" * 500] * 3
    assert (is_kept_whole(lines), texts_of(lines)) == (True, ("a" * 500, "a" * 500, "a" * 500))
    assert not is_kept_whole([*lines, "b"] * 2)
    assert texts_of([*lines, "b" * 497, "c"])[2] == f"{'a' * 500}{END}{'b' * 497}{END}…"[:1_000]
    assert texts_of(["x" * 501])[0] == "x" * 500


@pytest.mark.parametrize(
    ("for_guest", "signed", "title"),
    [
        (True, False, "Slip for the guest"),
        (True, True, "Slip for the guest, to be signed"),
        (False, False, "Slip for the till"),
        (False, True, "Slip for the till, to be signed"),
    ],
)
def test_kept_slip_is_shown_as_it_was_recorded(for_guest: bool, signed: bool, title: str) -> None:
    record = SlipKept(
        payment_id=uid("p"), refund_id=uid("r"), for_guest=for_guest, to_be_signed=signed,
        text="one", text_2=f"two{END}three", text_3="four",
    )  # fmt: skip
    slip = kept_slip(record)
    assert slip == KeptSlip(uid("p"), uid("r"), for_guest, signed, ("one", "two", "three", "four"))
    assert slip_title(slip) == title
    assert kept_slip(SlipKept(payment_id=uid("p"))).lines == ()


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
