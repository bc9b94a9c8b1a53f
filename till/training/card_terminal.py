"""The card terminal of a training: it approves or declines after a moment, and moves no money."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from till.domain.i18n import _
from till.domain.payment.names import TENDER_NAMES
from till.ports import ChargeAnswer, ChargeReference, Outcome, TenderTraits
from till.training.guests import CARD

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.ports import Charge

#: Seconds until the guest taps the card.
_TAP_S: Final = 1.5


class TrainingTerminal:
    """A `till.ports.Tender` for cards without a provider. It keeps its answers while the till is open.

    Args:
        declines: returns True if the next card is declined.
        pace: the factor by which it answers faster than in real time.
    """

    traits = TenderTraits(name=CARD, label=TENDER_NAMES[CARD], key="c")

    def __init__(self, declines: Callable[[], bool], pace: float = 1.0) -> None:
        self._declines = declines
        self._pace = pace
        self._answers: dict[str, ChargeAnswer] = {}

    def name_charge(self, key: str) -> ChargeReference:
        """Name a charge by the end of its key."""
        return ChargeReference("TRAINING", "till", key[-10:])

    async def charge(self, charge: Charge, progress: Callable[[str], None]) -> ChargeAnswer:
        """Approve or decline after a moment."""
        progress(_("Present the card"))
        await asyncio.sleep(_TAP_S / self._pace)
        if self._declines():
            answer = ChargeAnswer(key=charge.key, outcome=Outcome.DECLINED, words=_("Declined."))
        else:
            answer = ChargeAnswer(
                key=charge.key, outcome=Outcome.APPROVED, amount=charge.amount, transaction=charge.key
            )
        self._answers[charge.key] = answer
        return answer

    async def ask_after(self, charge: Charge) -> ChargeAnswer:
        """Return the answer again; a charge from before the start counts as declined."""
        known = self._answers.get(charge.key)
        return known or ChargeAnswer(key=charge.key, outcome=Outcome.DECLINED)

    async def stop(self, charge: Charge) -> None:
        """Do nothing: the answer comes at once."""

    async def refund(self, charge: Charge, transaction: str) -> ChargeAnswer:
        """Approve a refund after a moment."""
        await asyncio.sleep(_TAP_S / self._pace)
        return ChargeAnswer(key=charge.key, outcome=Outcome.APPROVED, amount=charge.amount, transaction=transaction)
