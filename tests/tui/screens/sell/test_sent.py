"""Voids of lines saved on a tab: a manager approves in place; lines keyed since then need no approval."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.tui.playing import LOG_IN, a_reference
from tests.tui.quiet import a_quiet_till
from till.domain.order.events import RemovalExplained

if TYPE_CHECKING:
    from pathlib import Path

MANAGER = "9{enter}9999{enter}"


async def test_a_manager_says_so_in_place(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "2 idly{enter}1 masala dosa{enter}tab window{enter}tab window{enter}")
        await till.type("1 filter coffee{enter}{f7}1{enter}")
        assert till.order.priced.pieces == 3  # the pieces keyed since
        await till.type("remove one idly{enter}")
        assert "Take 1 × Idly off" in till.text()
        assert "keyed twice" in till.text()
        await till.type("2{enter}")
        assert "Take 1 × Idly off, after it was sent" in till.text()
        assert "wrong item" in till.text()
        await till.type("{escape}")
        assert till.order.priced.pieces == 3
        await till.type("remove one idly{enter}2{enter}" + MANAGER)
        await till.settle()
        assert till.order.priced.pieces == 2
        assert till.answer() == "Now 1 × Idly. Total ₹120.00."
        (why,) = (one.data for one in till.journal.events_of(till.order.id) if isinstance(one.data, RemovalExplained))
        assert why.reason == "wrong item"
        await till.type("{f7}1{enter}")
        assert "after it was sent" in till.text()
        assert till.order.priced.pieces == 2
        await till.type(MANAGER)
        await till.settle()
        assert till.order.priced.pieces == 1
        await till.type("{ctrl+z}")
        assert till.order.priced.pieces == 2
        session = till.order.id
        await till.type("clear{enter}1{enter}")
        await till.type(MANAGER)
        await till.settle()
        assert till.register.ledger.order(session).status.value == "discarded"


async def test_pin_is_asked_once_more_for_another_amount(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        await till.type(LOG_IN + "3 idly{enter}tab window{enter}tab window{enter}{f7}1{enter}9{enter}")
        assert "₹120.00" in till.text()
        ledger, (line,) = till.register.ledger, till.order.lines
        user, ledger.user = ledger.user, None
        till.register.sales.change_quantity(till.order.id, line, 2)
        ledger.user = user
        await till.type("9999{enter}")
        await till.settle()
        assert till.answer() == "It has changed. Check it, then type the PIN again."
        assert "₹80.00" in till.text()
        assert till.order.priced.pieces == 2
        await till.type("9999{enter}")
        await till.settle()
        assert not till.order.priced.pieces


async def test_service_charge_comes_off_sent_lines_by_a_manager(tmp_path: Path) -> None:
    reference = a_reference()
    reference["settings"]["service_charge"] = {"percent": "10", "order_types": ["dine_in"]}
    async with a_quiet_till(tmp_path, reference=reference) as till:
        await till.type(LOG_IN + "eat in{enter}2 idly{enter}take away{enter}")
        assert till.order.total == 8_000, "nothing was sent"
        await till.type("eat in{enter}{ctrl+z}eat in{enter}tab window{enter}tab window{enter}take away{enter}")
        assert "Less for what was sent: take away" in till.text()
        assert till.order.total == 8_800
        await till.type("{escape}{ctrl+y}" + MANAGER)
        await till.settle()
        assert till.answer() == "This order is take away. Total ₹80.00."
        assert till.order.total == 8_000
        await till.type("eat in{enter}{ctrl+z}")
        assert till.answer() == "That costs less after it was sent: Ctrl+Y asks a manager."
        assert till.order.total == 8_800
