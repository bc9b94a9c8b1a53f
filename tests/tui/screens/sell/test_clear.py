"""Clearing a whole order: on purpose, with a reason, and never without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tui.playing import LOG_IN
from tests.tui.quiet import a_quiet_till
from till.domain.order.state import Status

if TYPE_CHECKING:
    from pathlib import Path


async def test_an_order_is_cleared_with_a_reason_and_its_events_stay(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "2 idly{enter}")
        session = till.order.id
        await till.type("{ctrl+x}1{enter}")
        order = till.register.ledger.order(session)
        assert (order.status, order.discard_reason) == (Status.DISCARDED, "guest left")
        assert till.answer() == "The order is cleared: guest left."
        assert till.lines() == {}


async def test_esc_clears_nothing(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "2 idly{enter}{ctrl+x}{escape}")
        assert till.lines() == {"Idly": 2}


async def test_there_is_nothing_to_clear_on_an_empty_screen(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "{ctrl+x}")
        assert "no lines yet" in till.answer()
