"""An order for a later day is opened after a tax of its lines ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.tui.playing import LOG_IN, a_reference
from tests.tui.quiet import a_drawn_till
from till.tui.screens.sell.scene import SellScene
from till.tui.screens.sheets.ended_rates import EndedRatesSheet

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.quiet import DrawnTill
    from till.domain.order.state import Order


def a_plan() -> dict[str, dict[str, Any]]:
    """Return the demo's reference with 18 % on everything from the second midnight."""
    reference = a_reference()
    menu = reference["menu"]
    menu["taxes"]["GST 18"] = [{"name": "GST", "rate": "18"}]
    for item in menu["items"]:
        item["rates"] = [{"from": "2026-03-04T18:30:00Z", "tax": "GST 18"}]
    return reference


def order_of(till: DrawnTill) -> Order:
    """Return the order on the sell screen."""
    scene = till.app.controller.scene
    assert isinstance(scene, SellScene)
    assert scene.order is not None
    return scene.order


async def test_a_booking_says_that_taxes_ended_and_one_key_rates_its_lines_by_those_of_today(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, reference=a_plan(), typed=LOG_IN + "2 idly{enter}tea{enter}{f8}7{enter}") as till:
        till.clock.pass_by(days=1)
        await till.type("{f8}7{enter}")
        assert not isinstance(till.app.controller.top, EndedRatesSheet), "nothing ended yet"
        await till.type("{f8}7{enter}")
        till.clock.pass_by(days=1)
        await till.type("{f8}7{enter}")
        assert "2 lines bear a tax that ended" in till.text()
        assert "GST 5 %, today GST 18 %" in till.text()
        await till.type("r{enter}")
        assert "Rated by today's tax. Total ₹" in till.text()
        order = order_of(till)
        assert {tax.percent for row in order.priced.rows for tax in row.taxes} == {"18"}


async def test_a_booking_keeps_the_taxes_of_its_day_after_esc(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, reference=a_plan(), typed=LOG_IN + "2 idly{enter}{f8}7{enter}") as till:
        till.clock.pass_by(days=2)
        await till.type("{f8}7{enter}{escape}")
        order = order_of(till)
        assert {tax.percent for row in order.priced.rows for tax in row.taxes} == {"5"}
        await till.type("idly{enter}")
        rows = order_of(till).priced.rows
        assert [(row.quantity, row.taxes[0].percent) for row in rows] == [(2, "5"), (1, "18")]
