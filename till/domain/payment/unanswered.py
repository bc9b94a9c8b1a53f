"""Movements of money without an answer: payments, returns of payments, and refunds of sales."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.advice import Advice
from till.domain.i18n import _
from till.domain.text import clean

if TYPE_CHECKING:
    from datetime import datetime


class MovementKind(StrEnum):
    """The kind of a requested movement of money."""

    PAYMENT = "payment"
    RETURN = "return"
    REFUND = "refund"


class Unanswered(Struct, frozen=True):
    """A movement of money without an answer.

    Attributes:
        amount: the amount as decimal text, above zero.
        till: the till that asks for the outcome, or at which a person settles it.
        session: the order, or the order of the refunded sale.
        receipt: the receipt number of the refund; empty for a payment or its return.
        place: the tab of the open order; empty if it is on none.
        person: the name of the order's user.
        is_over: True if the order has ended and is listed with past sales.
    """

    id: str
    asked: MovementKind
    amount: str
    currency: str
    till: int
    session: str
    at: datetime
    receipt: str = ""
    place: str = ""
    person: str = ""
    is_over: bool = False

    def sentence(self, money: str) -> Advice:
        """Return a sentence with the movement and the key that settles it; `money` is the formatted amount."""
        if self.asked is MovementKind.REFUND:
            sentence = _("Refund {receipt} of {amount} has no answer: F10.")
            return Advice(sentence.format(receipt=self.receipt, amount=money))
        if self.is_over:
            return Advice(_("A refund of {amount} has no answer: F10.").format(amount=money))
        whose = _("{name}'s order").format(name=clean(self.person)) if self.person else _("An order")
        where = clean(self.place) or whose
        words = _("{where}: a payment of {amount} has no answer.")
        if self.asked is MovementKind.RETURN:
            words = _("{where}: a refund of {amount} has no answer.")
        return Advice(words.format(where=where, amount=money), _("F9 there."))
