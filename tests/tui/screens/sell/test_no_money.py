"""A till that takes no money, on its screen: what the keys for money say, and what still works."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN
from tests.tui.quiet import a_drawn_till
from till.register.no_money import MONEY

if TYPE_CHECKING:
    from pathlib import Path

    from tests.tui.playing import Till

SIZES = [(80, 24), (120, 36)]
WHERE = "Till 1 takes no money. Save it (F8) and pay at the counter."


def stop_money(till: Till) -> None:
    till.register.journal.cache(MONEY, 1, {"change": 1})
    till.register.reference_changed([MONEY])
    till.register.server_answered()


def types(till: Till) -> set[str]:
    return {event.type for event in till.register.journal.unsent(-1)}


@pytest.mark.parametrize("size", SIZES)
async def test_f9_says_where_to_pay_and_saves_or_prints(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size) as till:
        stop_money(till)
        await till.type(LOG_IN)
        assert "In the drawer now" not in till.text()
        await till.type("2 idly{enter}{f9}")
        assert "Till 1 takes no money" in till.text()
        await till.type("{enter}")
        assert "Till 1 takes no money" not in till.text()
        await till.type("5{enter}")
        assert "tab_assigned" in types(till)
        assert not types(till) & {"checkout_started", "payment_started", "order_placed", "shift_opened"}


@pytest.mark.parametrize("size", SIZES)
async def test_an_order_from_a_table_is_saved_there_at_once(tmp_path: Path, size: tuple[int, int]) -> None:
    async with a_drawn_till(tmp_path, size) as till:
        stop_money(till)
        await till.type(LOG_IN + "2 idly{enter}table 4{enter}{f8}4{enter}tea{enter}")
        assert "F8 Save to 4" in till.text()
        await till.type("{f9}")
        assert "Save to table 4" in till.text()
        await till.type("{enter}")
        assert till.answer().startswith("Saved to table 4.")
        await till.type("{f8}4{enter}upma{enter}{f8}{enter}")
        assert till.answer().startswith("Saved to table 4.")


async def test_the_key_bar_has_what_a_till_without_money_can_do(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (120, 36)) as till:
        stop_money(till)
        await till.type(LOG_IN)
        assert "F8 Tables" in till.text()
        await till.type("2 idly{enter}")
        assert "F8 Save" in till.text()
        assert "F9" not in till.text()
        assert "F11" not in till.text()


@pytest.mark.parametrize("typed", ["cash", "cash 500", "card", "tip 10"])
async def test_a_payment_by_words_says_where_to_pay(tmp_path: Path, typed: str) -> None:
    async with a_drawn_till(tmp_path, (80, 24)) as till:
        stop_money(till)
        await till.type(LOG_IN + "2 idly{enter}" + typed + "{enter}")
        assert till.answer() == WHERE
        assert "2 ×" in till.text() or "Idly" in till.text(), "the order stays on the screen"


@pytest.mark.parametrize(
    "typed", ["{f11}", "count 100{enter}", "paid out 20 milk{enter}", "no sale{enter}", "x{enter}", "close{enter}"]
)
async def test_the_drawer_says_that_there_is_none(tmp_path: Path, typed: str) -> None:
    async with a_drawn_till(tmp_path, (80, 24)) as till:
        stop_money(till)
        await till.type(LOG_IN + typed)
        assert till.answer() == "Till 1 takes no money: no drawer, no shift."


async def test_money_that_is_stopped_on_the_pay_screen_is_refused_there(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24), typed=LOG_IN + "2 idly{enter}{f9}") as till:
        stop_money(till)
        await till.type("{enter}")
        assert WHERE in till.text()
        assert not types(till) & {"payment_started", "order_placed", "shift_opened"}


async def test_a_refund_is_done_at_another_till(tmp_path: Path) -> None:
    async with a_drawn_till(tmp_path, (80, 24), typed=LOG_IN + "2 idly{enter}{f9}{enter}") as till:
        till.register.ledger.money_heard = 1
        await till.type("{f10}{enter}1{f7}")
        assert till.answer() == "Till 1 takes no money: it is done at the counter."
