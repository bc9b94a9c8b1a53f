"""The codes of vouchers."""

from __future__ import annotations

import itertools
import secrets

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.payment.codes import ALPHABET, CodeError, digest_of, hint_of, make_code, read_code, shown_code

CODES = st.lists(st.integers(0, 31), min_size=15, max_size=15).map(lambda rolls: make_code(lambda _n: rolls.pop()))


@given(CODES)
def test_a_code_is_read_however_it_is_written(code: str) -> None:
    assert len(code) == 16
    assert read_code(code) == code
    assert read_code(f" {shown_code(code).lower()} ") == code
    assert shown_code(code).count("-") == 3
    assert shown_code(code).endswith(hint_of(code))


@given(CODES, st.integers(0, 15), st.sampled_from(ALPHABET))
def test_a_wrong_character_is_seen(code: str, place: int, char: str) -> None:
    wrong = code[:place] + char + code[place + 1 :]
    if wrong != code:
        with pytest.raises(CodeError, match="does not match"):
            read_code(wrong)


@pytest.mark.parametrize(("roll", "code"), [(0, "2222222222222222"), (1, "333333333333333B"), (31, "ZZZZZZZZZZZZZZZH")])
def test_check_character_of_known_codes(roll: int, code: str) -> None:
    """Luhn in base 32, by hand: of fifteen 3, eight count 2 and seven count 1; 23 and B (9) make 32."""
    assert make_code(lambda below: roll if below == len(ALPHABET) else -1) == code
    assert (shown_code(code).split("-"), hint_of(code)) == ([code[:4], code[4:8], code[8:12], code[12:]], code[12:])
    assert read_code(f"{code[:4]}–{code[4:8]}—{code[8:12]}\t{code[12:]}") == code


def test_digest_is_the_sha256_of_the_code() -> None:
    digest = "5d25a4000d3d2f8feea42457bc80d8658a204c4617bdd6e25716dc939ebd7e95"
    assert digest_of("333333333333333B") == digest


def test_no_character_looks_like_another_and_no_code_comes_twice() -> None:
    assert not set("01IO") & set(ALPHABET)
    codes = {make_code(secrets.randbelow) for _each in range(500)}
    assert len(codes) == len({digest_of(code) for code in codes}) == 500
    assert all(one != other for one, other in itertools.pairwise(sorted(codes)))


_LENGTH = "A voucher's code has 16 letters and digits."
_LETTERS = "A voucher's code has no 0, O, 1 or I in it: look again."


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ("", _LENGTH),
        ("7KXW", _LENGTH),
        ("2" * 15, _LENGTH),
        ("2" * 17, _LENGTH),
        ("ABCD-EFGH-JKLM-NPQR-STUV", _LENGTH),
        ("O" * 16, _LETTERS),
        ("2" * 15 + "0", _LETTERS),
        ("🙂" * 16, _LETTERS),
        ("É" * 16, _LETTERS),
        ("2" * 15 + "3", "That code does not match. Check it."),
    ],
)
def test_an_invalid_code_is_refused(wrong: str, sentence: str) -> None:
    with pytest.raises(CodeError) as refused:
        read_code(wrong)
    assert refused.value.sentence == sentence
