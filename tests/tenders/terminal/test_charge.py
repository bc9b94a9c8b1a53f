"""A payment at the terminal, from the request to its outcome."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from tests.tenders.terminal.counter import Till
from till.ports import ChargeAnswer, Outcome, Slip

if TYPE_CHECKING:
    from tests.terminal.process import TerminalProcess


async def _charge(till: Till, amount: int = 1250, currency: str = "EUR") -> ChargeAnswer:
    return await till.tender.charge(till.new(amount, currency), till.words.append)


async def test_approved_with_what_was_taken_and_what_names_it(till: Till) -> None:
    charge = till.new()
    answer = await till.tender.charge(charge, till.words.append)
    assert (answer.key, answer.outcome, answer.amount, answer.tip) == (charge.key, Outcome.APPROVED, 1250, 0)
    assert answer.words == ""
    assert answer.card == ("Mastercard", "9999")
    assert answer.transaction.startswith("BV")
    assert till.words == ["Asking the terminal."]
    (asked,) = till.terminal.book.heard("Payment")
    header = asked["SaleToPOIRequest"]["MessageHeader"]
    assert (header["POIID"], header["SaleID"], header["ServiceID"]) == (
        charge.reference.place,
        charge.reference.asker,
        charge.reference.number,
    )


@pytest.mark.parametrize(
    ("amount", "currency", "charged"), [(1, "EUR", "0.01"), (500, "JPY", "500"), (1234567, "KWD", "1234.567")]
)
async def test_each_currency_has_its_own_decimals(till: Till, amount: int, currency: str, charged: str) -> None:
    answer = await _charge(till, amount, currency)
    assert (answer.outcome, answer.amount) == (Outcome.APPROVED, amount)
    assert [(kind, name, float(value)) for kind, name, value in till.terminal.book.charges()] == [
        ("Debit", currency, float(charged))
    ]


async def test_slips_are_lines_without_escapes(till: Till) -> None:
    answer = await _charge(till)
    assert answer.slips == (
        Slip(lines=("Card  **** 1111", "THANK [31mYOU")),
        Slip(lines=("Sign here",), for_guest=False, to_be_signed=True),
    )


async def test_a_tip_that_the_terminal_names_is_reported(till: Till) -> None:
    till.terminal.book.plan("tip", "2.00")
    answer = await _charge(till)
    assert (answer.outcome, answer.amount, answer.tip, answer.words) == (Outcome.APPROVED, 1450, 200, "")


async def test_a_fee_is_no_tip(till: Till) -> None:
    till.terminal.book.plan("fee", "0.35")
    answer = await _charge(till)
    assert (answer.outcome, answer.amount, answer.tip) == (Outcome.APPROVED, 1285, 0)
    assert answer.words == "The terminal added a fee of €0.35."


async def test_a_part_is_what_it_says(till: Till) -> None:
    till.terminal.book.plan("partial", "5.00")
    answer = await _charge(till)
    assert (answer.outcome, answer.amount) == (Outcome.APPROVED, 500)
    assert answer.words == "The card paid €5.00 of €12.50."


@pytest.mark.parametrize(("taken", "minor"), [("12.00", 1200), ("99.00", 9900)])
async def test_another_amount_is_what_was_taken(till: Till, taken: str, minor: int) -> None:
    till.terminal.book.plan("amount", taken)
    answer = await _charge(till)
    assert (answer.outcome, answer.amount, answer.tip) == (Outcome.APPROVED, minor, 0)
    assert answer.words == f"The terminal took €{taken}; €12.50 was asked for."


async def test_held_and_not_taken_is_an_outcome_of_its_own(till: Till) -> None:
    till.terminal.book.plan("hold")
    answer = await _charge(till)
    assert (answer.outcome, answer.amount) == (Outcome.AUTHORISED, 1250)


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        ("Refusal", "The bank refused the card. It says: not enough balance"),
        ("Cancel", "The guest cancelled at the terminal. It says: As planned"),
        ("WrongPIN", "The PIN was wrong too often. It says: As planned"),
        ("InvalidCard", "The terminal cannot read or accept this card. It says: As planned"),
    ],
)
async def test_declined_says_why(till: Till, condition: str, words: str) -> None:
    till.terminal.book.plan("decline", condition)
    answer = await _charge(till)
    assert (answer.outcome, answer.amount, answer.words) == (Outcome.DECLINED, 0, words)
    assert till.terminal.book.heard("TransactionStatus") == []


@pytest.mark.parametrize("condition", ["UnreachableHost", "DeviceOut", "LoggedOut"])
async def test_a_fault_of_the_terminal_is_declined_once_it_knows_that_nothing_was_taken(
    till: Till, condition: str
) -> None:
    till.terminal.book.plan("decline", condition)
    assert (await _charge(till)).outcome is Outcome.DECLINED
    assert till.terminal.book.heard("TransactionStatus")


@pytest.mark.parametrize("condition", ["Busy", "NotAllowed", "MessageFormat"])
async def test_a_message_that_was_refused_is_declined_once_the_terminal_knows_nothing_of_it(
    till: Till, condition: str
) -> None:
    till.terminal.book.plan("refuse", condition)
    answer = await _charge(till)
    assert answer.outcome is Outcome.DECLINED
    assert answer.words.endswith("It says: As planned")


async def test_a_rejected_message_is_declined_once_the_terminal_knows_nothing_of_it(till: Till) -> None:
    till.terminal.book.plan("reject")
    answer = await _charge(till)
    assert answer.outcome is Outcome.DECLINED
    assert answer.words == "The terminal did not understand this till. It says: no such thing"


async def test_a_refusal_that_nobody_can_make_sure_of_is_unknown(till: Till) -> None:
    till.terminal.book.plan("refuse", "NotAllowed")
    till.terminal.book.plan(line="drop", about="status")
    assert (await _charge(till)).outcome is Outcome.UNKNOWN


async def test_a_second_guest_at_a_busy_terminal_is_declined_and_the_first_is_not_disturbed(till: Till) -> None:
    till.terminal.book.plan("slow")
    first = asyncio.create_task(_charge(till))
    await till.terminal.waits()
    other = Till(till.terminal, sale_id="till-2")
    second = await _charge(other, 300)
    assert (second.outcome, second.words) == (
        Outcome.DECLINED,
        "The terminal is busy. It says: As planned",
    )
    assert (await first).outcome is Outcome.APPROVED
    assert till.terminal.book.charges() == [("Debit", "EUR", "12.5")]


@pytest.mark.parametrize(
    ("does", "arg", "words"),
    [
        ("currency", "USD", "The terminal took another currency. Look at its list."),
        ("amount", "12.505", "The terminal gave an impossible amount. Look at its list."),
        ("amount", "0", "The terminal gave an impossible amount. Look at its list."),
        ("no_amount", "", "The terminal did not report the amount."),
        ("other_sale", "", "The terminal answered for another payment."),
        ("other_way", "", "The money went the other way. Look at the terminal's list."),
    ],
)
async def test_a_contradictory_answer_is_unknown_and_says_so(till: Till, does: str, arg: str, words: str) -> None:
    till.terminal.book.plan(does, arg)
    answer = await _charge(till)
    assert (answer.outcome, answer.amount, answer.words) == (Outcome.UNKNOWN, 0, words)


@pytest.mark.parametrize("line", ["chunked", "to_the_end", "twice"])
async def test_an_answer_is_read_however_it_comes(till: Till, line: str) -> None:
    till.terminal.book.plan(line=line)
    assert (await _charge(till)).outcome is Outcome.APPROVED


@pytest.mark.parametrize(
    "line",
    [
        *(
            "drop",
            "half",
            "half_to_the_end",
            "half_chunked",
            "html",
            "unavailable",
            "not_http",
            "not_json",
            "deep_json",
        ),
        *("list", "empty", "twice_in_one", "other_reference", "unsealed", "wrong_key"),
        *("huge", "huge_named", "huge_chunked", "huge_chunk", "huge_head"),
        *("odd_chunks", "minus_chunk", "endless_chunk_line", "odd_length"),
    ],
)
async def test_no_answer_that_can_be_read_is_unknown_and_the_terminal_is_asked(till: Till, line: str) -> None:
    till.terminal.book.plan(line=line)
    charge = till.new()
    answer = await till.tender.charge(charge, till.words.append)
    assert (answer.outcome, answer.amount) == (Outcome.UNKNOWN, 0)
    assert answer.words == "The terminal's answer cannot be read. Checking the outcome."
    again = await till.tender.ask_after(charge)
    assert (again.key, again.outcome, again.amount) == (charge.key, Outcome.APPROVED, 1250)
    assert till.terminal.book.charges() == [("Debit", "EUR", "12.5")]


async def test_a_terminal_that_is_silent_is_unknown_after_its_time(terminal: TerminalProcess) -> None:
    till = Till(terminal, within=0.3)
    terminal.book.plan(line="silent")
    assert (await _charge(till)).outcome is Outcome.UNKNOWN


async def test_a_charge_that_is_sent_again_is_asked_after_and_taken_once(till: Till) -> None:
    charge = till.new()
    first = await till.tender.charge(charge, till.words.append)
    second = await till.tender.charge(charge, till.words.append)
    assert (second.outcome, second.transaction) == (first.outcome, first.transaction)
    assert len(till.terminal.book.heard("Payment")) == 1


async def test_a_till_that_forgot_and_sends_again_hears_of_the_first_and_takes_nothing(till: Till) -> None:
    charge = till.new()
    till.terminal.book.plan(line="drop")
    await till.tender.charge(charge, till.words.append)
    restarted = Till(till.terminal)
    answer = await restarted.tender.charge(charge, restarted.words.append)
    assert (answer.outcome, answer.amount) == (Outcome.APPROVED, 1250)
    assert till.terminal.book.charges() == [("Debit", "EUR", "12.5")]


async def test_left_off_before_the_card_nothing_is_taken(till: Till) -> None:
    charge = till.new()
    till.terminal.book.plan("wait")
    payment = asyncio.create_task(till.tender.charge(charge, till.words.append))
    await till.terminal.waits()
    await till.tender.stop(charge)
    answer = await payment
    assert (answer.outcome, answer.words) == (
        Outcome.DECLINED,
        "Cancelled at the terminal. It says: As planned",
    )
    (abort,) = till.terminal.book.heard("Abort")
    assert abort["SaleToPOIRequest"]["AbortRequest"]["MessageReference"]["ServiceID"] == charge.reference.number


async def test_left_off_too_late_the_payment_says_so_itself(till: Till) -> None:
    charge = till.new()
    till.terminal.book.plan("too_late")
    payment = asyncio.create_task(till.tender.charge(charge, till.words.append))
    await till.terminal.waits()
    await till.tender.stop(charge)
    assert (await payment).outcome is Outcome.APPROVED


async def test_steps_of_the_terminal_are_shown_meanwhile(terminal: TerminalProcess, free_port: int) -> None:
    till = Till(terminal, listens=free_port)
    terminal.book.plan("steps", f"127.0.0.1:{free_port}")
    assert (await _charge(till)).outcome is Outcome.APPROVED
    assert till.words == ["Asking the terminal.", "The terminal waits for the card.", "The guest types the PIN."]


async def test_a_port_that_another_has_costs_the_steps_and_no_payment(terminal: TerminalProcess) -> None:
    taken = await asyncio.start_server(lambda _reader, _writer: None, "127.0.0.1", 0)
    async with taken:
        till = Till(terminal, listens=taken.sockets[0].getsockname()[1])
        assert (await _charge(till)).outcome is Outcome.APPROVED
    assert till.words == ["Asking the terminal."]
