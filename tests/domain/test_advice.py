"""A text of two parts, where it is written."""

from __future__ import annotations

import msgspec
import pytest

from till.domain.advice import Advice, plain_text


def test_an_advice_is_written_as_a_plain_text_and_nothing_else_is_taken_for_one() -> None:
    why = Advice("The disk is full.", "Free some space.")
    assert msgspec.json.encode({"why": why}, enc_hook=plain_text) == b'{"why":"The disk is full. Free some space."}'
    with pytest.raises(NotImplementedError):
        msgspec.json.encode(object(), enc_hook=plain_text)
