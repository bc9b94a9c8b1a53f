"""Clearing a whole order: on purpose, with a reason, and never without one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tui.playing import LOG_IN, FakeStore
from tests.tui.quiet import a_quiet_till
from till.domain.order.state import Status

if TYPE_CHECKING:
    from pathlib import Path


async def test_an_order_is_cleared_with_a_reason_and_its_events_stay(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}") as till:
        session = till.order.id
        await till.type("{ctrl+x}1{enter}")
        order = till.register.ledger.order(session)
        assert (order.status, order.discard_reason) == (Status.DISCARDED, "guest left")
        assert till.answer() == "The order is cleared: guest left. Ctrl+Z undoes it."
        assert till.lines() == {}


async def test_esc_clears_nothing(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "2 idly{enter}{ctrl+x}{escape}") as till:
        assert till.lines() == {"Idly": 2}


async def test_empty_screen_has_nothing_to_clear(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "{ctrl+x}") as till:
        assert "no lines yet" in till.answer()


async def test_dead_lines_stay_out_of_the_next_order(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "12 tea{enter}{f7}1{enter}") as till:
        dead = till.order.id
        await till.type("{f4}{escape}{ctrl+z}")
        assert till.lines() == {"Tea": 12}
        await till.type("{f7}1{enter}idly{enter}")
        assert (till.lines(), len(till.order.lines)) == ({"Idly": 1}, 1)
        assert till.register.ledger.order(dead).status is Status.DISCARDED
        await till.type("{f7}1{enter}{ctrl+y}")
        assert till.order.lines == {}


async def test_dead_lines_alone_are_cleared_at_once(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + "12 tea{enter}{f7}1{enter}clear{enter}") as till:
        assert till.answer() == "The order is cleared: nothing was left on it."
        assert till.shown is None


FOUR = "2 idly{enter}masala dosa{enter}tea{enter}plain dosa{enter}"


async def test_more_than_a_few_lines_are_asked_about_once(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + FOUR + "{ctrl+x}1{enter}") as till:
        assert till.answer() == "Clear 4 lines, ₹240.00: guest left? Enter does it."
        assert len(till.lines()) == 4
        await till.type("{escape}{ctrl+x}{f2}spilled{enter}")
        assert len(till.lines()) == 4
        await till.type("{enter}")
        assert till.answer() == "The order is cleared: spilled. Ctrl+Z undoes it."
        assert till.lines() == {}


async def test_ctrl_z_brings_it_back_as_long_as_nothing_else_was_keyed(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + FOUR) as till:
        session, hold = till.order.id, till.order.hold
        await till.type("{ctrl+x}1{enter}{enter}{f4}{escape}{ctrl+z}")
        assert till.answer() == "Your order is here: 4 lines, ₹240.00."
        assert (till.order.id, till.order.status, till.order.hold) == (session, Status.ACTIVE, hold)
        await till.type("{ctrl+x}1{enter}{enter}tea{enter}{f7}1{enter}{ctrl+z}{ctrl+x}1{enter}")
        await till.type("{f12}" + LOG_IN + "{ctrl+z}")
        assert till.lines() == {"Tea": 1}
        await till.type("{f9}{enter}{ctrl+z}")
        assert till.answer() == "A sale was last. F10 refunds it."
        assert till.register.ledger.order(session).status is Status.DISCARDED


async def test_an_order_cleared_before_other_keys_needs_a_manager_to_come_back(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, typed=LOG_IN + FOUR) as till:
        session = till.order.id
        await till.type("{ctrl+x}1{enter}{enter}tea{enter}{f9}{enter}{ctrl+z}")
        assert till.answer() == "A sale was last. F10 refunds it."
        await till.type("tea{enter}tab 5{enter}{ctrl+z}")
        assert till.answer() == "The order was saved last. F8 recalls it."
        await till.type("{f5}")
        assert "cleared by" not in till.text()
        await till.type("{escape}{f12}2{enter}2222{enter}{ctrl+z}")
        assert till.shown is None
        await till.type("{f12}9{enter}9999{enter}{f5}")
        assert "4 lines, ₹240.00" in till.text()
        assert "cleared by Asha: guest left" in till.text()
        await till.type("1{enter}")
        assert (till.order.id, till.order.status) == (session, Status.ACTIVE)
        await till.type("{f9}{enter}")
        assert till.register.ledger.order(session).status is Status.COMPLETED


_TWO_TABLES = "3 tea{enter}tab 5{enter}idly{enter}tab 7{enter}"


@pytest.mark.parametrize("before", ["", "idly{enter}{ctrl+x}1{enter}"])
@pytest.mark.parametrize(
    ("acts", "message"),
    [
        ("tea{enter}tab 6{enter}", "The order was saved last. F8 recalls it."),
        ("tea{enter}tab 6{enter}{f8}{enter}{f8}{enter}", "The order was saved last. F8 recalls it."),
        ("tea{enter}tab 6{enter}{f8}move 8{enter}{escape}", "The order was moved last. F8 moves it back."),
        (_TWO_TABLES + "{f8}move 2 tea to 7{enter}{escape}", "Lines were moved last. F8 moves them back."),
        (_TWO_TABLES + "{f8}move 2 tea to 7{enter}{escape}idly{enter}tab 6{enter}", "The order was saved last."),
        ("tea{enter}{f9}{enter}", "A sale was last. F10 refunds it."),
    ],
)
async def test_an_act_on_an_order_that_left_the_screen_is_named_with_its_key(
    tmp_path: Path, before: str, acts: str, message: str
) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore(), typed=LOG_IN + before + acts) as till:
        await till.type("{ctrl+z}")
        assert till.answer().startswith(message)


async def test_lines_moved_after_an_order_was_cleared_are_named_before_it(tmp_path: Path) -> None:
    async with a_quiet_till(tmp_path, store=FakeStore()) as till:
        await till.type(LOG_IN + _TWO_TABLES + "idly{enter}{ctrl+x}1{enter}{f8}move 2 tea to 7{enter}{escape}{ctrl+z}")
        assert till.answer() == "Lines were moved last. F8 moves them back."
        assert till.shown is None
