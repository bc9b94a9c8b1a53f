"""Contents of dishes on the sell screen: the warning of an allergy, and the list of dishes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN, a_reference
from tests.tui.quiet import a_drawn_till

if TYPE_CHECKING:
    from pathlib import Path
    from typing import Any

SIZES = [(80, 24), (120, 36)]


def _stated() -> dict[str, dict[str, Any]]:
    """Return a venue whose menu says that Idly contains nuts and Pongal milk, and nothing of the others."""
    reference = a_reference()
    menu = reference["menu"]
    contents = {"Idly": ["nuts"], "Pongal": ["milk"]}
    items = [item | {"contains": contents.get(item["name"], [])} for item in menu["items"]]
    return reference | {"menu": menu | {"items": items}}


@pytest.mark.parametrize("size", SIZES)
async def test_a_dish_of_an_allergy_is_keyed_with_a_warning(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, reference=_stated()) as till:
        await till.type(LOG_IN + "allergy nuts{enter}idly{enter}")
        assert till.answer().startswith("Idly contains nuts, and this order has an allergy: nuts.")
        assert "▲ Idly contains nuts, and this order" in till.text()
        assert till.lines() == {"Idly": 1}
        await till.type("upma{enter}")
        assert till.answer().startswith("What Upma contains is not stated. Added 1 × Upma.")
        await till.type("pongal{enter}")
        assert till.answer().startswith("Added 1 × Pongal.")


@pytest.mark.parametrize("size", SIZES)
async def test_contains_lists_the_dishes_on_a_sheet_that_enter_closes(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size, reference=_stated(), typed=LOG_IN + "contains nuts{enter}") as till:
        assert "Contains nuts" in till.text()
        assert "dishes: not stated." in till.text()
        assert any("Idly" in row and "nuts" in row for row in till.rows())
        await till.type("{enter}contains fish{enter}")
        assert "The menu names no dish with “fish”." in till.text()
        await till.type("{escape}contains kiwi{enter}")
        assert "The menu does not know “kiwi”: ask the kitchen." in till.text()
        await till.type("{escape}contains{enter}")
        assert till.answer() == "Type what: “contains nuts”."
