"""Facts about a card: only its brand and the last digits of its number are stored."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.payment.cards import Card, card_of

PAN = "4111111111111111"


@pytest.mark.parametrize(
    ("brand", "number", "whole"),
    [
        ("VISA", "************4821", "•••• 4821, Visa"),
        ("mc", "541333 **** 9999", "•••• 9999, Mastercard"),
        ("american_express", "XXXX-XXXXXX-X1005", "•••• 1005, Amex"),
        ("NewPay & Co.", "4821", "•••• 4821, NewPay & Co."),
        ("visa", PAN, "•••• 1111, Visa"),
        ("visa", "4111 1111 1111 1111", "•••• 1111, Visa"),
        ("alipay", "", "alipay"),
        ("unknown", "•••• 4821", "•••• 4821"),
        ("v_pay", "4821", "•••• 4821, V Pay"),
        ("EFTPOS-Australia", "4821", "•••• 4821, eftpos"),
        ("Visa" + " " * 60, "4821", "•••• 4821, Visa"),
        ("A" * 20, "4821", "•••• 4821, " + "A" * 20),
        ("visa", "*" * 40 + "123456789012345" + "4821", "•••• 4821, Visa"),
        ("visa", " " * 60 + "4821", "•••• 4821, Visa"),
        # neither of them
        ("Visa" + " " * 61, "4821", "•••• 4821"),
        ("visa", " " * 61 + "4821", "Visa"),
        ("visa", "*" * 41 + "123456789012345" + "4821", "Visa"),
        ("A" * 21, "4821", "•••• 4821"),
        ("visa", "411111******", "Visa"),
        ("visa", f"{PAN}=2512101", "Visa"),
        ("visa", f"{PAN}D2512101", "Visa"),
        ("visa", "4" * 20, "Visa"),
        ("visa", "٤٨٢١", "Visa"),
        ("visa", "4" * 65, "Visa"),
        (PAN, "*4821", "•••• 4821"),
        (f"Visa {PAN}", "*4821", "•••• 4821"),
        ("四一一一一一一一一一一一", "*4821", "•••• 4821"),
        ("Vi\x1b[31msa", "*4821", "•••• 4821"),
        ("Vi\u202esa", "*4821", "•••• 4821, Visa"),
        ("Visa" * 10, "*4821", "•••• 4821"),
    ],
)
def test_brand_and_last_digits_of_a_card_are_kept(brand: str, number: str, whole: str) -> None:
    found = card_of(brand, number)
    assert found is not None
    assert found.whole == whole


@pytest.mark.parametrize(("brand", "number"), [("", ""), ("unknown", "12"), (PAN, "x"), ("\u202e", "*")])
def test_an_empty_description_is_no_card(brand: str, number: str) -> None:
    assert card_of(brand, number) is None


@given(st.text(), st.text("0123456789*xX -=D") | st.text())
def test_card_fields_keep_only_what_is_allowed(brand: str, number: str) -> None:
    card = card_of(brand, number)
    if card is not None:
        assert msgspec.convert(msgspec.to_builtins(card), Card) == card
        assert sum(char.isdigit() for char in card.whole) in {0, 4}
        assert card_of(card.brand, card.last_four) == card
