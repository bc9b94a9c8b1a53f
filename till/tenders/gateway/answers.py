"""The answers for a charge from the gateway's payments and refunds. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.ports.tender import Answer, Charge, Outcome

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.tenders.gateway.entities import Payment, Refund

_GIVEN_BACK: Final = {"processed": Outcome.APPROVED, "failed": Outcome.DECLINED}
#: The most characters of a code that a phone can scan from a screen.
_LONGEST_CODE: Final = 512


def can_be_shown(content: str) -> bool:
    """True if a code can be shown on a screen."""
    return (
        content.startswith("upi://") and content.isascii() and content.isprintable() and len(content) <= _LONGEST_CODE
    )


def of_payments(charge: Charge, payments: Sequence[Payment]) -> Answer | None:
    """Return the answer for a charge with these payments; None if they are only attempts."""
    known = {payment.id: payment for payment in payments}.values()
    for status, outcome in (("captured", Outcome.APPROVED), ("authorized", Outcome.AUTHORISED)):
        paid = [payment for payment in known if payment.status == status]
        if not paid:
            continue
        if any(payment.currency != charge.currency for payment in paid):
            return unknown(charge, _("The gateway took another currency. Look at its list."))
        amount = Minor(sum(payment.amount for payment in paid))
        return Answer(
            key=charge.key,
            outcome=outcome,
            amount=amount,
            transaction=paid[0].id,
            words=_other_amount(charge, amount, _("The gateway took {paid}; {asked} was asked for.")),
        )
    if any(payment.status == "refunded" for payment in known):
        return unknown(charge, _("Paid, then refunded at the gateway. Look at its list."))
    return None


def _other_amount(charge: Charge, amount: int, sentence: str) -> str:
    """Return the sentence if the amount differs from the requested one; otherwise empty."""
    money = Currency(charge.currency).money
    return "" if amount == charge.amount else sentence.format(paid=money(Minor(amount)), asked=money(charge.amount))


def of_refund(charge: Charge, refund: Refund) -> Answer:
    """Return the answer for a refund; a pending refund is unknown."""
    outcome = _GIVEN_BACK.get(refund.status, Outcome.UNKNOWN)
    if outcome is Outcome.DECLINED:
        return declined(charge, _("The gateway could not refund it. Refund it another way."))
    if outcome is Outcome.UNKNOWN or not refund.amount:
        return unknown(charge, _("The gateway is still refunding it. Checking again."))
    return Answer(
        key=charge.key,
        outcome=outcome,
        amount=Minor(refund.amount),
        transaction=refund.id,
        words=_other_amount(charge, refund.amount, _("The gateway refunded {paid}; {asked} was asked for.")),
    )


def of_refusal(why: str) -> str:
    """Return the sentence for a refusal, with the gateway's message."""
    sentence = _("The gateway refused.")
    return _("{sentence} It says: {quoted}").format(sentence=sentence, quoted=why) if why else sentence


def unknown(charge: Charge, words: str) -> Answer:
    """Return the answer that the outcome is unknown."""
    return Answer(key=charge.key, outcome=Outcome.UNKNOWN, words=words)


def declined(charge: Charge, words: str) -> Answer:
    """Return the answer that no money moved."""
    return Answer(key=charge.key, outcome=Outcome.DECLINED, words=words)
