"""The sentences of refunds, and of corrections of sales."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.money.measures import Minor, sum_of
from till.domain.order.paying import CASH
from till.domain.payment.movement import PaymentState
from till.domain.payment.names import in_words
from till.domain.text import clean
from till.register.answers import as_sentence

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from till.domain.refund.state import Refund
    from till.ports import TenderTraits
    from till.register.answers import Answers


def last_refund(answers: Answers, refund: Refund, way: TenderTraits, local: Callable[[datetime], datetime]) -> str:
    """Return `Last, of 1-000007 at 09:48: Refunded ₹48.00 in cash, 1-R000003.`, as `last_sale` does."""
    sentence, time = _("Last, of {sold} at {time}: {refunded}"), local(refund.at).strftime("%H:%M")
    return sentence.format(sold=refund.started.sold, time=time, refunded=refunded(answers, refund, way))


def refunded_of(answers: Answers, backs: Mapping[str, Minor]) -> str:
    """Return `₹70.00 of 1-000005`: the refunded amount of receipts, with their numbers; empty for none."""
    sentence = _("{amount} of {receipts}")
    total, receipts = answers.formats.money(sum_of(backs.values())), clean(", ".join(backs))
    return sentence.format(amount=total, receipts=receipts) if backs else ""


def refunded(answers: Answers, refund: Refund, way: TenderTraits) -> str:
    """Return `Refunded ₹80.00 in cash, 1-R000001.`

    For a card without a connected terminal, ask for a refund at the terminal too.
    """
    started = refund.started
    amount = answers.formats.money(Minor(-answers.formats.currency.minor(started.amount)))
    if started.tender == CASH:
        return _("Refunded {amount} in cash, {receipt}.").format(amount=amount, receipt=started.receipt)
    if refund.is_asked_elsewhere or way.needs_server or way.opens_drawer:
        sentence = _("Refunded {amount} by {tender}, {receipt}.")
    else:
        sentence = _("Refunded {amount} by {tender}, {receipt}: refund it there too.")
    return sentence.format(amount=amount, tender=in_words(way.label), receipt=started.receipt)


def returned(answers: Answers, refund: Refund, way: TenderTraits, words: str) -> str:
    """Return the outcome of a refund with a provider; `words` is the provider's message."""
    if refund.is_contradicted and refund.settled_by is None:
        sentence = _("{receipt}: refunded, but the answers differ. Ask a manager.")
        return sentence.format(receipt=refund.started.receipt)
    if refund.is_contradicted:
        sentence = _("{receipt}: {words} Settled as refunded: ask a manager.")
        return sentence.format(receipt=refund.started.receipt, words=as_sentence(words or _("declined")))
    if refund.state is PaymentState.APPROVED:
        return refunded(answers, refund, way)
    if refund.state is PaymentState.DECLINED:
        sentence = _("{receipt}: {words} Nothing was refunded.")
        return sentence.format(receipt=refund.started.receipt, words=as_sentence(words or _("declined")))
    sentence = _("{receipt}: no answer yet. Still checking.")
    return sentence.format(receipt=refund.started.receipt)


def left_open(refund: Refund) -> str:
    """Return a sentence on a refund by hand whose outcome was lost with a disk."""
    sentence = _("The refund {receipt} has no answer yet. F10 finds it.")
    return sentence.format(receipt=refund.started.receipt)


def tip_corrected(answers: Answers, receipt: str, tip: Minor, back: Minor, where: str) -> str:
    """Return `1-000123: tip ₹5.00. ₹20.00 goes back in cash.`; a `back` below zero was taken in addition."""
    sentence = _("{receipt}: tip {tip}. {back} goes back {where}.")
    if back < 0:
        sentence = _("{receipt}: tip {tip}. {back} more was taken {where}.")
    money = answers.formats.money
    return sentence.format(receipt=receipt, tip=money(tip), back=money(Minor(abs(back))), where=where)


def corrected(answers: Answers, till: str, amount: Minor, receipt: str, was: str, tender: str) -> str:
    """Return `Bar: ₹80.00 of 1-000123 was card, not cash.`; tenders are written as within a sentence."""
    sentence = _("{till}: {amount} of {receipt} was {tender}, not {was}.")
    return sentence.format(till=till, amount=answers.formats.money(amount), receipt=receipt, tender=tender, was=was)
