"""The sentences on tills that should take no money, and have not answered."""

from __future__ import annotations

from typing import Any

import pytest

from till.reports.tills import money_text


@pytest.mark.parametrize(
    ("no_money", "why", "text"),
    [
        (True, "shift", "Till 5 should take no money: close its shift there (F11)"),
        (True, "drawer", "Till 5 should take no money: count its drawer there and take it out (F11)"),
        (True, "program", "Till 5 should take no money, but its program (0.1.0) does not know it: upgrade it"),
        (True, "unseen", "Till 5 should take no money: it hears it when it is on"),
        (False, "program", "Till 5 may take money again: it hears it when it is on"),
        (True, None, ""),
    ],
)
def test_a_till_is_named_with_what_to_do(no_money: bool, why: str | None, text: str) -> None:
    row: Any = {"no_money": no_money, "money_waits": {"why": why, "build": "0.1.0"} if why else None}
    assert money_text(row, "Till 5") == text
