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


def test_no_character_looks_like_another_and_no_code_comes_twice() -> None:
    assert not set("01IO") & set(ALPHABET)
    codes = {make_code(secrets.randbelow) for _each in range(500)}
    assert len(codes) == len({digest_of(code) for code in codes}) == 500
    assert all(one != other for one, other in itertools.pairwise(sorted(codes)))


@pytest.mark.parametrize(
    "wrong", ["", "7KXW", "O" * 16, "2" * 15 + "0", "ABCD-EFGH-JKLM-NPQR-STUV", "🙂" * 16, "É" * 16]
)
def test_an_invalid_code_is_refused(wrong: str) -> None:
    with pytest.raises(CodeError, match=r"code"):
        read_code(wrong)
