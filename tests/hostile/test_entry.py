"""Odd input by hand, broken scanner or clipboard: the till answers with one sentence and loses nothing keyed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.terminal import Terminal
    from tests.plugins.terminals import Venue

LINES = {"Idly": 2}
LONG = 2_000


def pasted(text: str) -> str:
    return f"\x1b[200~{text}\x1b[201~"


@pytest.fixture
def till(venue: Venue) -> Terminal:
    return venue.open_at(1).type("2 idly\r").wait_for("Total ₹80.00")


def shows(text: str) -> Callable[[Terminal], bool]:
    """True once the screen shows a sentence, on as many rows as it takes."""
    return lambda till: text in " ".join(till.text.replace("│", " ").split())


def refuses(typed: str) -> Callable[[Terminal], bool]:
    """True once the typed text was refused and is still in the entry."""
    return lambda till: "▲" in till.text and till.typed == typed


def clear(till: Terminal) -> None:
    till.press("ctrl+u").wait_for(lambda t: not t.typed).press("escape").wait_for(lambda t: "▲" not in t.text)


def test_thousands_of_characters_pasted_or_typed_lose_nothing_and_the_next_line_is_taken(till: Terminal) -> None:
    junk = ("漢\u202e[b]\x1b[31m\x07" * LONG)[:LONG]
    till.type(pasted(junk + "\r\n" + junk) + "\r").wait_for("2 lines pasted, none keyed")
    assert till.quantities() == LINES
    till.press("escape")
    till.type("x" * LONG + "\r").wait_for("That is too long for one entry. Nothing was keyed.")
    assert till.quantities() == LINES
    clear(till)
    for text in ("\x1b[31mtea", "\x1b]0;own\x07" + "\x07" * 40, "\x1b" * 50 + "\x07", "\x1b[20" * 20 + "\x1b[24~" * 9):
        till.type(pasted(text) + "zz\r").wait_for("▲")  # it may leave nothing in the entry, and an empty one is none
        assert till.quantities() == LINES
        assert "Enter takes" not in till.text
        clear(till)
    till.type("1 idly\r").wait_for("Total ₹120.00").wait_for(lambda t: t.quantities() == {"Idly": 3})


def test_quantities_and_money_that_are_none(till: Terminal) -> None:
    for typed, found in (
        ("0 idly", "A quantity is a whole number from 1 to 9999."),
        ("1000000000 idly", "A quantity is a whole number from 1 to 9999."),
        ("1e9 idly", "“1e9 idly” is not on the menu."),
        ("0.0001 idly", "A quantity is a whole number from 1 to 9999."),
        (pasted("-0 idly"), "A quantity is a whole number from 1 to 9999."),
        ("−0 idly", "A quantity is a whole number from 1 to 9999."),
        ("9" * 400 + " idly", "That is too long for one entry."),
    ):
        till.type(f"{typed}\r").wait_for(shows(found))
        assert till.quantities() == LINES, typed
        clear(till)
    till.press("f6").wait_for("How many")
    for typed in ("0", "1e9", "0.0001", "1000000000", "²"):
        till.type(f"{typed}\r").wait_for(refuses(typed))
        assert till.quantities() == LINES, typed
        till.press("ctrl+u").wait_for(lambda t: not t.typed)
    till.press("escape").wait_for("Nothing changed.")
    till.press("f9").wait_for("Enter takes")
    for typed in ("²", "5O0", "1e9", "-5", "nan", "9" * 30, "0"):
        till.type(f"{typed}\r").wait_for("▲")
        assert "✓" not in till.text, typed
        till.press("ctrl+u").wait_for(lambda t: "▲" not in t.text)
    till.type("100\r").wait_for("Paid ₹80.00. Change ₹20.00.")


def test_a_number_that_is_none_lets_nobody_in_and_the_till_stays_open(venue: Venue) -> None:
    till = venue.open().wait_for("type a number")
    for typed in ("²", "١", pasted("²"), pasted("1 OR 1=1"), "x"):
        till.type(f"{typed}\r").wait_for("▲")
        till.press("escape").wait_for("Type your number, then Enter.")
    till.type("1\r").wait_for("Type your PIN").type("²²\r").wait_for("▲").type("1111\r").wait_for("No lines yet")
