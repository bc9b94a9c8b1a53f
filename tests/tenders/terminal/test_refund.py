"""Money back: to the payment that paid, or to a card that is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from till.ports import Outcome

if TYPE_CHECKING:
    from tests.tenders.terminal.counter import Till


async def _paid(till: Till) -> str:
    return (await till.tender.charge(till.new(), till.words.append)).transaction


async def test_a_reversal_names_the_transaction(till: Till) -> None:
    transaction = await _paid(till)
    refund = till.new(500)
    answer = await till.tender.refund(refund, transaction)
    assert (answer.key, answer.outcome, answer.amount) == (refund.key, Outcome.APPROVED, 500)
    assert answer.transaction not in {"", transaction}
    (asked,) = till.terminal.book.heard("Reversal")
    number = asked["SaleToPOIRequest"]["ReversalRequest"]["OriginalPOITransaction"]["POITransactionID"]
    assert f"{number['TransactionID']}@{number['TimeStamp']}" == transaction
    assert [kind for kind, _currency, _amount in till.terminal.book.charges()] == ["Debit", "ReverseDebit"]


async def test_without_a_transaction_it_goes_to_the_card_that_is_shown(till: Till) -> None:
    refund = till.new(500)
    answer = await till.tender.refund(refund, "")
    assert (answer.outcome, answer.amount) == (Outcome.APPROVED, 500)
    assert till.terminal.book.charges() == [("Credit", "EUR", "5.0")]


async def test_a_reversal_that_names_no_amount_gave_back_what_was_asked(till: Till) -> None:
    transaction = await _paid(till)
    till.terminal.book.plan("no_amount")
    assert (await till.tender.refund(till.new(500), transaction)).amount == 500


async def test_a_reversal_of_another_amount_is_what_it_says(till: Till) -> None:
    transaction = await _paid(till)
    till.terminal.book.plan("amount", "3.00")
    answer = await till.tender.refund(till.new(500), transaction)
    assert (answer.amount, answer.words) == (300, "The terminal refunded €3.00; €5.00 was asked for.")


async def test_a_terminal_that_cannot_reverse_it_says_so(till: Till) -> None:
    transaction = await _paid(till)
    till.terminal.book.plan("decline", "NotAllowed")
    answer = await till.tender.refund(till.new(500), transaction)
    assert (answer.outcome, answer.words) == (
        Outcome.DECLINED,
        "The terminal does not allow that. It says: As planned",
    )


async def test_a_transaction_that_it_does_not_know_is_declined(till: Till) -> None:
    answer = await till.tender.refund(till.new(500), "BV0.NONE@2026-11-21T12:00:00Z")
    assert (answer.outcome, answer.words) == (
        Outcome.DECLINED,
        "The terminal does not know that payment. It says: As planned",
    )


@pytest.mark.parametrize("transaction", ["nothing", "@", "a@", "@b"])
async def test_a_refund_that_names_no_transaction_is_not_sent(till: Till, transaction: str) -> None:
    assert (await till.tender.refund(till.new(500), transaction)).outcome is Outcome.DECLINED
    assert till.terminal.book.heard("Reversal") == []


@pytest.mark.parametrize("to_the_payment", [True, False])
async def test_a_refund_whose_answer_was_lost_is_asked_after_and_made_once(till: Till, to_the_payment: bool) -> None:
    transaction = await _paid(till) if to_the_payment else ""
    refund = till.new(500)
    till.terminal.book.plan(line="drop")
    assert (await till.tender.refund(refund, transaction)).outcome is Outcome.UNKNOWN
    answer = await till.tender.ask_after(refund)
    again = await till.tender.refund(refund, transaction)
    assert (answer.outcome, answer.amount, again.transaction) == (Outcome.APPROVED, 500, answer.transaction)
    back = [kind for kind, _currency, _amount in till.terminal.book.charges() if kind != "Debit"]
    assert back == ["ReverseDebit" if to_the_payment else "Credit"]


async def test_a_refund_that_took_money_is_unknown_and_reported(till: Till) -> None:
    till.terminal.book.plan("other_way")
    answer = await till.tender.refund(till.new(500), "")
    assert (answer.outcome, answer.words) == (
        Outcome.UNKNOWN,
        "The money went the other way. Look at the terminal's list.",
    )
