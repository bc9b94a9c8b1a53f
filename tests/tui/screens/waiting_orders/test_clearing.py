"""An order that waits is cleared from the list, by words and a reason."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from tests.register.test_waiting import ROW
from tests.tui.playing import LOG_IN
from tests.tui.quiet import a_drawn_till, a_quiet_till
from till.domain.order.state import Status
from till.tui.screens.waiting_orders.sheet import WaitingOrdersSheet

if TYPE_CHECKING:
    from pathlib import Path


async def test_an_order_of_the_list_is_cleared_with_a_reason_and_a_manager(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        order = till.order
        till.register.recovery.suspend_or_clear(order)
        till.app.controller.sell(None, None)
        await till.type("tea{enter}{f5}clear 1{enter}1{enter}")
        assert "Clear 1 line, ₹80.00" in till.text()
        await till.type("9{enter}9999{enter}")
        assert till.register.ledger.order(order.id).status is Status.DISCARDED
        assert till.answer() == "1 line, ₹80.00 is cleared: guest did not come. F5 reopens it."
        assert till.lines() == {"Tea": 1}, "the order on the screen stays"


async def test_a_number_that_is_not_listed_clears_nothing(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        till.register.journal.cache("waiting", 1, {"orders": [ROW]})
        await till.type(LOG_IN + "{f5}clear 2{enter}")
        assert till.answer() == "There is no order 2 to clear here."
        assert "Chat 17" in till.text()


@pytest.mark.parametrize(("typed", "entry"), [("coffee", "coffee"), ("cl", ""), ("clear x", "clear x")])
async def test_other_words_are_the_order_s(tmp_path: Path, typed: str, entry: str) -> None:
    async with a_quiet_till(tmp_path) as till:
        till.register.journal.cache("waiting", 1, {"orders": [ROW]})
        await till.type(LOG_IN + "{f5}" + typed)
        assert ("Chat 17" in till.text()) == (not entry)
        assert till.typed() == (entry or typed)


@pytest.mark.parametrize(
    ("paid", "words"),
    [
        ("60.00", ("○ ₹180.00, Priya", "“Chat 17: ₹180.00.”", "Take the money 180.00")),
        ("240.00", ("○ paid", "Open it at Pay")),
        ("260.00", ("○ ₹20.00 goes back", "Open it at Pay")),
    ],
)
async def test_an_order_of_a_program_with_money_says_what_is_due(
    tmp_path: Path, paid: str, words: tuple[str, ...]
) -> None:
    async with a_drawn_till(tmp_path, size=(120, 36)) as till:
        till.register.journal.cache("waiting", 1, {"orders": [{**ROW, "paid": paid}]})
        await till.type(LOG_IN + "{f5}")
        for one in words:
            assert one in till.text()


async def test_an_order_with_money_is_refused_before_a_reason_is_asked_for(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}{f9}c20{enter}{escape}") as till:
        till.register.recovery.suspend_or_clear(till.order)
        till.app.controller.sell(None, None)
        await till.type("tea{enter}{f5}clear 1{enter}")
        assert isinstance(till.app.controller.top, WaitingOrdersSheet)
        assert till.answer() == "₹20.00 is paid. Pay (F9) takes the rest, or refunds it."


async def test_clear_alone_clears_the_order_on_the_screen(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        till.register.journal.cache("waiting", 1, {"orders": [ROW]})
        await till.type(LOG_IN + "tea{enter}{f5}clear{enter}")
        assert "Clear the order: 1 line, ₹20.00" in till.text()


async def test_an_order_that_comes_meanwhile_changes_nothing_of_the_words(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        till.register.journal.cache("waiting", 1, {"orders": [ROW]})
        await till.type(LOG_IN + "{f5}clear 1")
        sheet = till.app.controller.top
        assert isinstance(sheet, WaitingOrdersSheet)
        earlier = {**ROW, "session": ROW["session"][:-1] + "5", "submitted": {**ROW["submitted"], "number": 4}}
        till.register.journal.cache("waiting", 2, {"orders": [earlier, ROW]})
        sheet.read_anew()
        await till.type("{enter}")
        assert "Clear Chat 17" in till.text()


def called(number: int, **more: Any) -> dict[str, Any]:
    """Return an order of a program in the list: its number in rupees, and its session by that."""
    fields = {**ROW["submitted"], "number": number, **more}
    session = f"0197a000-0000-7000-8000-{number:012}" if not more else f"0197a000-0000-7000-8001-{number:012}"
    return {**ROW, "session": session, "total": f"{number}.00", "submitted": fields}


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("1", "1.00"), ("2", "1.00"), ("3", "3.00"), ("17", "17.00"), ("clear 01", ""), ("60", "60.00")],
)
async def test_the_number_that_a_guest_says_marks_that_order(tmp_path: Path, typed: str, amount: str) -> None:
    """A guest who says 3 must not pay for the order in row 3."""
    async with a_drawn_till(tmp_path) as till:
        orders = [called(3), called(1), called(17), called(60)]
        till.register.journal.cache("waiting", 1, {"orders": orders})
        await till.type(LOG_IN + "{f5}" + typed)
        if amount:
            assert f"Take the money {amount}" in till.text()
        else:
            await till.type("{enter}")
            assert re.search(r"Clear Chat 1\b", till.text())


async def test_a_number_that_is_of_no_order_or_of_two_opens_none(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        orders = [called(441), called(442), called(7), called(7, program="web")]
        till.register.journal.cache("waiting", 1, {"orders": orders})
        for number in ("44", "7"):
            await till.type(LOG_IN + f"{{f5}}{number}{{enter}}")
            assert till.answer() == f"Not one order here is {number}. ↑ ↓ and Enter choose."
            assert isinstance(till.app.controller.top, WaitingOrdersSheet)
            await till.type("{escape}{f12}")


@pytest.mark.parametrize(
    ("typed", "then", "shown"), [("44", "1", "Take the money 441.00"), ("clear 44", "1{enter}", "Clear Chat 441")]
)
async def test_digits_of_a_guest_stay_typed_when_an_order_comes(
    tmp_path: Path, typed: str, then: str, shown: str
) -> None:
    async with a_drawn_till(tmp_path) as till:
        orders = [called(60), called(441), called(442)]
        till.register.journal.cache("waiting", 1, {"orders": orders})
        await till.type(LOG_IN + "{f5}" + typed)
        assert "Take the money 60.00" not in till.text(), "no row is marked while a number is begun"
        sheet = till.app.controller.top
        assert isinstance(sheet, WaitingOrdersSheet)
        till.register.journal.cache("waiting", 2, {"orders": [*orders, called(443)]})
        sheet.read_anew()
        await till.type(then)
        assert shown in till.text()


async def test_an_order_that_leaves_the_list_leaves_no_other_marked(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path) as till:
        till.register.journal.cache("waiting", 1, {"orders": [called(60), called(61)]})
        await till.type(LOG_IN + "{f5}60")
        sheet = till.app.controller.top
        assert isinstance(sheet, WaitingOrdersSheet)
        till.register.journal.cache("waiting", 2, {"orders": [called(61)]})
        sheet.read_anew()
        assert (sheet.marked(), sheet.message and sheet.message.text) == (None, "That order is no longer here.")
        await till.type("{enter}")
        assert till.answer() == "Pick one first, then Enter."
        await till.type("{down}")
        assert sheet.marked() == 0
