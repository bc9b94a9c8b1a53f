"""Polling a charge, whatever happened to the terminal, to the line and to the till that asked first."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.tenders.terminal.counter import WITHIN, SetClock, Till, elsewhere
from till.ports import Outcome

if TYPE_CHECKING:
    from tests.terminal.process import TerminalProcess


async def test_the_terminal_dies_after_charging_and_one_charge_stands(till: Till) -> None:
    charge = till.new()
    till.terminal.book.plan(line="die")
    assert (await till.tender.charge(charge, till.words.append)).outcome is Outcome.UNKNOWN
    till.terminal.wait_dead()
    away = await till.tender.ask_after(charge)
    assert (away.outcome, away.words) == (Outcome.UNKNOWN, "The terminal does not answer. Trying again.")
    till.terminal.restart()
    back = await till.tender.ask_after(charge)
    assert (back.outcome, back.amount) == (Outcome.APPROVED, 1250)
    assert back.transaction
    assert till.terminal.book.charges() == [("Debit", "EUR", "12.5")]


async def test_the_terminal_loses_its_power_before_charging(till: Till) -> None:
    charge = till.new()
    till.terminal.book.plan("power")
    assert (await till.tender.charge(charge, till.words.append)).outcome is Outcome.UNKNOWN
    till.terminal.wait_dead()
    till.terminal.restart()
    early = await till.tender.ask_after(charge)
    assert (early.outcome, early.words) == (Outcome.UNKNOWN, "The terminal does not know it yet.")
    till.clock.pass_by(seconds=WITHIN + 20)
    late = await till.tender.ask_after(charge)
    assert (late.outcome, late.words) == (
        Outcome.DECLINED,
        "The terminal never got it.",
    )
    assert till.terminal.book.charges() == []


async def test_a_till_that_was_killed_and_another_that_took_over_hear_the_same(till: Till) -> None:
    charge = till.new()
    till.terminal.book.plan("tip", "1.00", line="drop")
    await till.tender.charge(charge, till.words.append)
    restarted, other = Till(till.terminal), Till(till.terminal, sale_id="till-2")
    answers = await asyncio.gather(
        restarted.tender.ask_after(charge), other.tender.ask_after(charge), other.tender.ask_after(charge)
    )
    assert {(a.key, a.outcome, a.amount, a.tip, a.transaction) for a in answers} == {
        (charge.key, Outcome.APPROVED, 1350, 100, answers[0].transaction)
    }
    asked = till.terminal.book.heard("TransactionStatus")
    references = [one["SaleToPOIRequest"]["TransactionStatusRequest"]["MessageReference"] for one in asked]
    assert {(one["SaleID"], one["ServiceID"], one["POIID"]) for one in references} == {
        (charge.reference.asker, charge.reference.number, charge.reference.place)
    }


async def test_both_tills_learn_the_outcome_of_a_charge(till: Till) -> None:
    charge = till.new()
    till.terminal.book.plan("slow")
    payment = asyncio.create_task(till.tender.charge(charge, till.words.append))
    await till.terminal.waits()
    other = Till(till.terminal, sale_id="till-2")
    meanwhile = await other.tender.ask_after(charge)
    assert (meanwhile.outcome, meanwhile.words) == (Outcome.UNKNOWN, "The terminal is still busy with this card.")
    first = await payment
    second = await other.tender.ask_after(charge)
    assert (first.outcome, first.transaction) == (Outcome.APPROVED, second.transaction)


async def test_a_till_that_dies_while_the_guest_is_at_it_leaves_one_charge_that_any_till_hears_of(till: Till) -> None:
    charge = till.new()
    till.terminal.book.plan("slow")
    payment = asyncio.create_task(till.tender.charge(charge, till.words.append))
    await till.terminal.waits()
    payment.cancel()
    with pytest.raises(asyncio.CancelledError):
        await payment
    other = Till(till.terminal, sale_id="till-2")
    assert (await other.tender.ask_after(charge)).outcome is Outcome.UNKNOWN
    answer = await other.tender.ask_after(charge)
    assert (answer.outcome, answer.amount) == (Outcome.APPROVED, 1250)
    assert till.terminal.book.charges() == [("Debit", "EUR", "12.5")]


async def test_declined_and_the_line_dropped_is_declined(till: Till) -> None:
    charge = till.new()
    till.terminal.book.plan("decline", "Refusal", line="drop")
    await till.tender.charge(charge, till.words.append)
    answer = await till.tender.ask_after(charge)
    assert (answer.outcome, answer.words) == (
        Outcome.DECLINED,
        "The bank refused the card. It says: not enough balance",
    )


@pytest.mark.parametrize(
    ("hours", "outcome"),
    [
        (-1.0, Outcome.UNKNOWN),
        (0.0, Outcome.UNKNOWN),
        (0.1, Outcome.DECLINED),
        (47.9, Outcome.DECLINED),
        (48.1, Outcome.UNKNOWN),
    ],
)
async def test_not_found_proves_something_after_the_time_out_and_within_the_memory_alone(
    till: Till, hours: float, outcome: Outcome
) -> None:
    charge = till.new()
    till.clock.pass_by(hours=hours)
    assert (await till.tender.ask_after(charge)).outcome is outcome


async def test_a_till_that_was_frozen_sends_no_payment_that_others_may_have_proved_never_to_come(till: Till) -> None:
    """The till freezes between disk and line, and resumes once another till has proof that nothing was taken."""
    charge = till.new()
    till.clock.pass_by(minutes=5)
    other = Till(till.terminal, sale_id="till-2", clock=till.clock)
    assert (await other.tender.ask_after(charge)).outcome is Outcome.DECLINED
    assert (await till.tender.charge(charge, till.words.append)).outcome is Outcome.DECLINED
    assert (await till.tender.refund(till.new(), "")).outcome is Outcome.APPROVED
    assert till.terminal.book.charges() == [("Credit", "EUR", "12.5")]


async def test_not_found_proves_nothing_while_one_that_was_sent_late_may_arrive(till: Till) -> None:
    charge, late = till.new(), till.new()
    till.terminal.book.plan(line="drop")
    till.clock.pass_by(seconds=9)
    await till.tender.charge(late, till.words.append)
    assert len(till.terminal.book.heard("Payment")) == 1
    till.clock.pass_by(seconds=WITHIN)
    assert (await till.tender.ask_after(charge)).outcome is Outcome.UNKNOWN
    till.clock.pass_by(seconds=15)
    assert (await till.tender.ask_after(charge)).outcome is Outcome.DECLINED


async def test_not_found_of_a_key_that_has_no_time_proves_nothing(till: Till) -> None:
    charge = till.new()
    other = Till(till.terminal, clock=SetClock())
    other.clock.pass_by(hours=1)
    timeless = type(charge)(
        key="payment-1", amount=charge.amount, currency=charge.currency, reference=other.tender.name_charge("payment-1")
    )
    assert (await other.tender.ask_after(timeless)).outcome is Outcome.UNKNOWN


@pytest.mark.parametrize("name", ["asker", "number"])
async def test_charge_of_another_name_is_another_charge(till: Till, name: str) -> None:
    charge = till.new()
    await till.tender.charge(charge, till.words.append)
    answer = await till.tender.ask_after(elsewhere(charge, **{name: "NOBODY"}))
    assert (answer.outcome, answer.words) == (Outcome.UNKNOWN, "The terminal does not know it yet.")


async def test_a_charge_at_another_terminal_is_not_asked_for_here(till: Till) -> None:
    charge = elsewhere(till.new(), place="P400-1")
    assert (await till.tender.ask_after(charge)).outcome is Outcome.UNKNOWN
    assert (await till.tender.charge(charge, till.words.append)).outcome is Outcome.UNKNOWN
    assert till.terminal.book.heard("TransactionStatus") == till.terminal.book.heard("Payment") == []


@pytest.mark.parametrize(
    ("arg", "line"),
    [
        *(("other_charge", ""), ("Busy", ""), ("InProgress", ""), ("LoggedOut", ""), ("UnreachableHost", "")),
        *(
            ("", line)
            for line in ("drop", "half", "html", "not_json", "other_reference", "unsealed", "wrong_key", "huge_named")
        ),
    ],
)
async def test_an_answer_that_is_not_to_this_question_leaves_it_open(till: Till, arg: str, line: str) -> None:
    charge = till.new()
    await till.tender.charge(charge, till.words.append)
    till.clock.pass_by(hours=1)
    till.terminal.book.plan(arg=arg, line=line, about="status")
    answer = await till.tender.ask_after(charge)
    assert (answer.key, answer.outcome, answer.amount) == (charge.key, Outcome.UNKNOWN, 0)
    assert (await till.tender.ask_after(charge)).outcome is Outcome.APPROVED


async def test_a_terminal_that_is_off_was_not_asked(terminal: TerminalProcess, free_port: int) -> None:
    there, terminal.port = terminal.port, free_port
    till = Till(terminal)
    terminal.port = there
    answer = await till.tender.charge(till.new(), till.words.append)
    assert (answer.outcome, answer.words) == (
        Outcome.DECLINED,
        "The terminal cannot be reached. Is it on, and connected?",
    )
    await till.tender.stop(till.new())
    assert (await till.tender.ask_after(till.new())).outcome is Outcome.UNKNOWN
