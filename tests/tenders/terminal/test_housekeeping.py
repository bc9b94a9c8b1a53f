"""Totals, the end of the terminal's period, and its paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.tenders.terminal.counter import Till
from till.domain.money.measures import Minor
from till.ports import Totals
from till.tenders.terminal import TerminalError

if TYPE_CHECKING:
    from tests.terminal.process import TerminalProcess


async def _traded(till: Till) -> None:
    paid = await till.tender.charge(till.new(1250), till.words.append)
    await till.tender.charge(till.new(99), till.words.append)
    await till.tender.charge(till.new(500, "JPY"), till.words.append)
    await till.tender.refund(till.new(250), paid.transaction)
    await till.tender.refund(till.new(1), "")
    till.terminal.book.plan("decline", "Refusal")
    await till.tender.charge(till.new(1), till.words.append)


_TAKEN = {"EUR": Minor(1349), "JPY": Minor(500)}
_BACK = {"EUR": Minor(251)}


async def test_totals_are_what_was_taken_and_given_back(till: Till) -> None:
    await _traded(till)
    totals = await till.tender.totals()
    assert totals == Totals(period="1", taken=_TAKEN, given_back=_BACK, charges=3)
    assert await till.tender.totals() == totals


async def test_a_terminal_that_is_there_says_so_without_money(till: Till) -> None:
    assert await till.tender.health() == "V400m-347069146 answers."
    assert till.terminal.book.charges() == []


async def test_a_terminal_with_another_key_is_not_healthy(terminal: TerminalProcess) -> None:
    terminal.book.plan(line="wrong_key", about="status")
    with pytest.raises(TerminalError, match="Check poiid, key_file, key_identifier, key_version"):
        await Till(terminal).tender.health()
    terminal.book.plan(arg="LoggedOut", about="status")
    with pytest.raises(TerminalError, match="not logged in"):
        await Till(terminal).tender.health()


async def test_a_terminal_that_does_not_answer_is_reported(terminal: TerminalProcess, free_port: int) -> None:
    there, terminal.port = terminal.port, free_port
    till = Till(terminal)
    terminal.port = there
    with pytest.raises(TerminalError, match="Is it on"):
        await till.tender.totals()
