"""The answers for a charge from a terminal's messages. Pure functions.

Only a complete, consistent answer that names the charge proves that money moved, or that none did.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.payment.cards import brand_of, last_four_of
from till.ports.tender import Charge, ChargeAnswer, Outcome
from till.tenders.terminal.messages import (
    AmountsResp,
    PoiData,
    TerminalResult,
    TransactionId,
    card_in,
    in_minor,
    receipts_in,
)
from till.tenders.terminal.slips import slips_of
from till.tenders.terminal.words import fields_of, of_condition

if TYPE_CHECKING:
    from till.tenders.terminal.messages import PaymentResponse, PaymentResult, ReversalResponse

#: The types of payment that reserve the money without taking it yet.
_HELD: Final = frozenset({"FirstReservation", "OneTimeReservation", "UpdateReservation"})
_REFUND: Final = "Refund"
_BETWEEN: Final = "@"
#: The longest id of a transaction, to fit into an event.
_LONGEST_NAME: Final = 200


def unknown(charge: Charge, words: str) -> ChargeAnswer:
    """Return the answer that the outcome is unknown."""
    return ChargeAnswer(key=charge.key, outcome=Outcome.UNKNOWN, words=words)


def declined_answer(charge: Charge, words: str) -> ChargeAnswer:
    """Return the answer that no money moved."""
    return ChargeAnswer(key=charge.key, outcome=Outcome.DECLINED, words=words)


def of_payment(charge: Charge, answer: PaymentResponse, *, refund: bool | None = None) -> ChargeAnswer:
    """Return the answer for a charge from the terminal's answer to a payment.

    Args:
        charge: the charge.
        answer: the terminal's answer.
        refund: True for a refund, False for a payment; None if the caller does not know.
    """
    if answer.sale_data.sale_transaction_id.transaction_id != charge.key:
        return unknown(charge, _("The terminal answered for another payment."))
    result = answer.payment_result
    amounts = result.amounts_resp if result else None
    if answer.response.result is TerminalResult.FAILURE:
        if amounts is not None and amounts.authorized_amount:
            return unknown(charge, _("The terminal reports failure and payment. Look at its list."))
        return declined_answer(
            charge, of_condition(answer.response.error_condition, answer.response.additional_response)
        )
    if result is None or amounts is None:
        return unknown(charge, _("The terminal did not report the amount."))
    if refund is not None and refund != (result.payment_type == _REFUND):
        return unknown(charge, _("The money went the other way. Look at the terminal's list."))
    outcome = Outcome.AUTHORISED if result.payment_type in _HELD else Outcome.APPROVED
    return _of_money(charge, answer, result, amounts, outcome)


def _of_money(
    charge: Charge, answer: PaymentResponse, result: PaymentResult, amounts: AmountsResp, outcome: Outcome
) -> ChargeAnswer:
    if amounts.currency not in {None, charge.currency}:
        return unknown(charge, _("The terminal took another currency. Look at its list."))
    taken = in_minor(amounts.authorized_amount, charge.currency)
    tip = in_minor(amounts.tip_amount or Decimal(0), charge.currency)
    if not taken or tip is None or tip > taken:
        return unknown(charge, _("The terminal gave an impossible amount. Look at its list."))
    return ChargeAnswer(
        key=charge.key,
        outcome=outcome,
        amount=taken,
        tip=tip,
        transaction=_transaction(answer.poi_data),
        card=_card(answer, result),
        words=_describe_difference(charge, answer, amounts, taken - tip),
        slips=slips_of(receipts_in(answer.payment_receipt)),
    )


def _card(answer: PaymentResponse, result: PaymentResult) -> tuple[str, str]:
    """Return the brand of the card and the end of its number, from nexo's fields or else Adyen's additional fields.

    No other part of the number leaves this function.
    """
    card = card_in(result.payment_instrument_data)
    added = fields_of(answer.response.additional_response)
    return (
        brand_of(card.payment_brand) or brand_of(added.get("paymentMethod", "")),
        last_four_of(card.masked_pan or card.masked_pan_too) or last_four_of(added.get("cardSummary", "")),
    )


def _describe_difference(charge: Charge, answer: PaymentResponse, amounts: AmountsResp, paid: int) -> str:
    """Return a sentence if the amount differs from the requested one; otherwise empty."""
    money = Currency(charge.currency).money
    fees = in_minor(amounts.total_fees_amount or Decimal(0), charge.currency)
    if fees:
        return _("The terminal added a fee of {fee}.").format(fee=money(fees))
    if paid < charge.amount:
        sentence = (
            _("The card paid {paid} of {asked}.")
            if answer.response.result is TerminalResult.PARTIAL
            else _("The terminal took {paid}; {asked} was asked for.")
        )
        return sentence.format(paid=money(Minor(paid)), asked=money(charge.amount))
    if paid > charge.amount:
        return _("The terminal took {paid}; {asked} was asked for.").format(
            paid=money(Minor(paid)), asked=money(charge.amount)
        )
    return ""


def of_reversal(charge: Charge, answer: ReversalResponse) -> ChargeAnswer:
    """Return the answer for a charge from the terminal's answer to a reversal; without an amount, all was returned."""
    if answer.response.result is TerminalResult.FAILURE:
        reason = of_condition(answer.response.error_condition, answer.response.additional_response)
        return declined_answer(charge, reason)
    back = charge.amount if answer.reversed_amount is None else in_minor(answer.reversed_amount, charge.currency)
    if not back:
        return unknown(charge, _("The terminal gave an impossible amount. Look at its list."))
    money = Currency(charge.currency).money
    other = _("The terminal refunded {paid}; {asked} was asked for.")
    return ChargeAnswer(
        key=charge.key,
        outcome=Outcome.APPROVED,
        amount=back,
        words="" if back == charge.amount else other.format(paid=money(back), asked=money(charge.amount)),
        transaction=_transaction(answer.poi_data),
        slips=slips_of(receipts_in(answer.payment_receipt)),
    )


def _transaction(data: PoiData | None) -> str:
    """Return the transaction for a later refund: the terminal's number and time, since nexo needs both.

    Return an empty text if the terminal gives no valid one; the money was taken anyway.
    """
    if data is None or (one := data.poi_transaction_id) is None:
        return ""
    named = f"{one.transaction_id}{_BETWEEN}{one.time_stamp}"
    return named if named.isascii() and named.isprintable() and len(named) <= _LONGEST_NAME else ""


def transaction_of(text: str) -> TransactionId | None:
    """Return the transaction in the text of an answer; None if the text is not one."""
    number, between, time = text.rpartition(_BETWEEN)
    return TransactionId(transaction_id=number, time_stamp=time) if between and number and time else None
