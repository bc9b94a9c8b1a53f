"""To go or to eat in at the demo's café, on the screen: what law rates 0 bears no tax to take away."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN, a_till
from till.cli.demo_venue import CAFE, demo_reference

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.playing import Till

SMALL = (80, 24)


def taxes(till: Till) -> dict[str, str]:
    """Return the tax of each item on the order."""
    text = till.order.terms.currency.text
    return {row.first.name: text(row.taxed.tax) for row in till.order.priced.rows}


@pytest.mark.parametrize(
    ("typed", "tax", "on_table"),
    [
        ("2 croissant", "0.00", "1.07"),
        ("carrot cake", "0.00", "0.77"),
        ("2 eggs on toast{enter}11", "2.83", "2.83"),
        ("double espresso", "0.50", "0.50"),
        ("orange juice", "0.65", "0.65"),
        ("water 500 ml", "0.37", "0.37"),
    ],
)
async def test_tax_of_the_cafes_items_to_take_away_and_on_a_table(
    tmp_path: Path, typed: str, tax: str, on_table: str
) -> None:
    async with a_till(tmp_path, SMALL, reference=demo_reference(CAFE), typed=LOG_IN + typed + "{enter}") as till:
        assert list(taxes(till).values()) == [tax]
        gross = till.order.total
        await till.type("table 4{enter}recall 4{enter}")
        assert (list(taxes(till).values()), till.order.total) == ([on_table], gross)


async def test_words_and_the_sheet_of_f2_set_the_type_of_a_line(tmp_path: Path) -> None:
    async with a_till(tmp_path, SMALL, reference=demo_reference(CAFE)) as till:
        await till.type(LOG_IN + "2 croissant{enter}croissant{enter}this eat in{enter}")
        assert till.answer() == "1 × Croissant: eat in. Total £9.60."
        assert [row.quantity for row in till.order.priced.rows] == [2, 1]
        assert any(row.split() == ["▌", "eat", "in"] for row in till.rows())
        await till.type("{up}{f2}")
        assert "Type a note (“no onion”), or its type (“to go”, “eat in”)." in till.text()
        await till.type("eat in{enter}")
        assert till.answer() == "3 × Croissant: eat in. Total £9.60."
        await till.type("eggs on toast{enter}12{enter}{f2}to go{enter}")
        assert till.answer() == "1 × Eggs on Toast: take away. Total £18.10."
        assert till.order.priced.rows[-1].first.note == ""
        await till.type("{ctrl+z}")
        assert till.answer() == "1 × Eggs on Toast: as the order. Total £18.10."
