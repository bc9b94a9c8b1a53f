"""The list of what was taken off orders today, for a manager."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN, FakeStore
from tests.tui.quiet import a_drawn_till, a_quiet_till
from till.cli.demo_venue import demo_reference
from till.tui.screens.admin.taken_off import VoidsAndCompsSheet

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.playing import Till

MANAGER = "9{enter}9999{enter}"


def sheet(till: Till) -> VoidsAndCompsSheet:
    top = till.app.controller.top
    assert isinstance(top, VoidsAndCompsSheet)
    return top


@pytest.mark.parametrize(
    ("between", "why"),
    [
        ("{f8}5{enter}{f8}5{enter}{f6}1{enter}2{enter}", "wrong item"),
        ("{f9}20{enter}{enter}{escape}{f6}1{enter}", "after a payment"),
    ],
)
async def test_fewer_pieces_are_a_void_and_say_when(tmp_path: Path, between: str, why: str) -> None:
    async with a_quiet_till(tmp_path, typed=MANAGER + "3 idly{enter}{f6}2{enter}" + between + "voids{enter}") as till:
        assert [row.name for row in sheet(till).rows()] == ["Void 1 × Idly"] * 2
        assert why in till.text()
        await till.type("{down}")
        assert "fewer pieces" in till.text()


async def test_a_cleared_order_has_its_total_and_names_who_approved_it(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "2 idly{enter}10% off order{enter}2{enter}{f8}5{enter}{f8}5{enter}")
        await till.type("{ctrl+x}1{enter}{enter}9{enter}9999{enter}{f12}" + MANAGER + "voids{enter}")
        cleared, discount = sheet(till).rows()
        assert (cleared.name, cleared.right and cleared.right.text, discount.name) == (
            "Cleared: 1 line", "72.00", "Discount: the order",
        )  # fmt: skip
        assert "Approved by" in till.text()
        assert "Meena" in till.text()


@pytest.mark.parametrize("size", [(80, 24), (120, 36)])
async def test_manager_reads_who_took_what_off_and_why(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size) as till:
        await till.type(MANAGER + "2 idly{enter}tea{enter}{f7}1{enter}1 masala dosa{enter}{f7}2{enter}{ctrl+z}")
        await till.type("voids{enter}")
        assert [row.name for row in sheet(till).rows()] == ["Void 1 × Tea"], "an undone void does not count"
        for text in ("Taken off today on this till", "10:31", "Meena", "keyed twice", "2 ×", "Idly"):
            assert text.casefold() in till.text().casefold(), text
        await till.type("{escape}{ctrl+x}1{enter}{enter}voids{enter}")
        assert [row.name for row in sheet(till).rows()] == ["Cleared: 2 lines", "Void 1 × Tea"]
        assert "guest left" in till.text()
        await till.type("tea")
        assert [row.name for row in sheet(till).rows()] == ["Void 1 × Tea"]
        await till.type(" gone")
        assert "Nothing here matches." in till.text()


async def test_discount_on_an_order_is_listed_after_a_merge(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(MANAGER + "tea{enter}tab 5{enter}2 idly{enter}10% off order{enter}2{enter}tab 4{enter}")
        await till.type("{f8}merge 5{enter}{tab}{escape}tab 4{enter}")
        assert [len(line.given) for line in till.order.lines.values()] == [1, 0]
        await till.type("voids{enter}")
        assert [row.name for row in sheet(till).rows()] == ["Discount: the order"]


async def test_cashier_reads_that_it_is_for_a_manager(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24), typed=LOG_IN + "comps{enter}") as till:
        assert till.answer() == "Voids and comps are for a manager: log in as one."


async def test_empty_list_says_that_it_is_of_this_till(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24), typed=MANAGER + "voids{enter}") as till:
        assert "Nothing was taken off on this till today." in till.text()


@pytest.mark.parametrize("currency", ["INR", "JPY"])
async def test_a_percentage_is_shown_whole_in_every_currency(tmp_path: Path, currency: str) -> None:
    venue = demo_reference()
    venue["settings"] = {**venue["settings"], "currency": currency, "cash_rounding": None}
    async with a_quiet_till(tmp_path, reference=venue) as till:
        await till.type(MANAGER + "2 idly{enter}10% off{enter}2{enter}voids{enter}")
        assert [row.right and row.right.text for row in sheet(till).rows()] == ["10 %"]
