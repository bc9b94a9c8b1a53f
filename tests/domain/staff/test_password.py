from __future__ import annotations

import re

import pytest

from till.domain.errors import LoginError
from till.domain.staff.password import check_new_password, hash_to_keep, new_salt, stretch


def test_a_password_is_stretched_alike_under_its_salt() -> None:
    salt = new_salt()
    first = stretch("correct horse", salt)
    assert re.fullmatch("[0-9a-f]{64}", first)
    assert first == stretch("correct horse", salt)
    assert first != stretch("correct horse", new_salt())
    assert first != stretch("Correct horse", salt)
    assert re.fullmatch("[0-9a-f]{64}", hash_to_keep(first))
    assert hash_to_keep(first) != first


def test_two_ways_to_type_a_letter_are_one_password() -> None:
    salt = new_salt()
    assert stretch("caf\u00e9 caf\u00e9", salt) == stretch("cafe\u0301 cafe\u0301", salt)


@pytest.mark.parametrize("password", ["", "1234567", "x" * 201])
def test_a_password_that_is_too_short_or_endless_is_refused(password: str) -> None:
    with pytest.raises(LoginError, match="8 characters"):
        check_new_password(password)


@pytest.mark.parametrize("password", ["99999999", "ನಮಸ್ಕಾರ ಗುರು", "x" * 200])
def test_a_password_that_is_long_enough_is_taken(password: str) -> None:
    check_new_password(password)
