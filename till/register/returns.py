"""Money that a terminal or a gateway gives back: written and kept for first, asked for once, and then asked after.

It goes as a charge does (`charges`), in the refund's own stream: no order waits for it, and the next guest is served.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import TillError
from till.ports import Charge, ChargeReference, Outcome
from till.register.payments.asking import Asking, UnderWay, ask_on

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterable
    from typing import Any

    from till.domain.refund.state import Refund
    from till.ports import Answer, Slip
    from till.register.ledger.ledger import Ledger
    from till.register.payments.charges import Charges
    from till.register.refunds import Refunds

_LOG: Final = logging.getLogger(__name__)


class Returns(Asking[UnderWay]):
    """Asks tenders to give money back, and after it.

    Args:
        ledger: the write path.
        refunds: begun there, and answered.
        charges: the ways to pay, and what they are busy with.
        tell: told of each refund that came to its answer, or has none yet, with what was said of it.
    """

    def __init__(self, ledger: Ledger, refunds: Refunds, charges: Charges, tell: Callable[[Refund, str], None]) -> None:
        super().__init__(ledger)
        self._refunds = refunds
        self._charges = charges
        self._tell = tell
        refunds.check_settling = self.check_settling
        charges.keep_other = self.keep_slip

    def begin(self) -> None:
        """The ways to pay are known: ask after what a stop left without an answer. In the running loop."""
        self._refunds.tenders = self._charges.tenders
        self.follow([refund.id for refund in self._refunds.waiting()])

    def follow(self, refund_ids: Iterable[str]) -> None:
        """Ask after refunds that somebody else was asked for: who that is may not be known yet."""
        for refund_id in refund_ids:
            if refund_id not in self._under_way and (under_way := self._make(self._refunds.find(refund_id))):
                self._start(self._ask_on(under_way))

    def check_free(self, tender: str) -> None:
        """Whether who answers for a tender has no payment of this till in hand.

        Raises:
            PaymentError: it has.
        """
        asked = self._charges.tenders.asked_of(tender)
        if asked is not None:
            self._charges.check_free(asked, asked.name_charge("").place)

    def give(self, refund: Refund) -> bool:
        """Ask who took the money to give it back, if that is who gives it; its answer comes by itself."""
        under_way = self._make(refund)
        if under_way is None:
            return False
        transaction = refund.started.transaction
        self._start(self._run(under_way, under_way.tender.refund(under_way.charge, transaction)))
        return True

    def check_settling(self, refund: Refund) -> None:
        """Whether a person may say what became of it: it was asked after, and who was asked had its time.

        Raises:
            PaymentError: the terminal may still answer.
        """
        if not refund.is_asked_elsewhere:
            return
        traits = self._charges.tenders.traits_of(refund.started.tender)
        self._check_asked(refund.id, refund.at + timedelta(seconds=traits.gives_up_s))

    def asks_of(self, refund_id: str) -> int:
        """How often a refund that is under way was asked after."""
        under_way = self._under_way.get(refund_id)
        return under_way.asks if under_way is not None else 0

    def _make(self, refund: Refund) -> UnderWay | None:
        tender = self._charges.tenders.asked_of(refund.started.tender)
        if tender is None or not refund.is_asked_elsewhere or not refund.is_open:
            return None
        started = refund.started
        charge = Charge(
            key=refund.id,
            amount=self._refunds.amount_of(refund),
            currency=started.currency,
            reference=ChargeReference(started.place, started.asker, started.number),
        )
        self._under_way[refund.id] = UnderWay(charge=charge, tender=tender)
        return self._under_way[refund.id]

    async def _run(self, under_way: UnderWay, asking: Coroutine[Any, Any, Answer]) -> None:
        if not self._write(under_way, await under_way.hear(asking)):
            await self._ask_on(under_way)

    async def _ask_on(self, under_way: UnderWay) -> None:
        """Ask until it is known, or somebody settled it meanwhile."""

        async def ask(_pause: float) -> bool:
            return self._write(under_way, await under_way.ask_after())

        if not await ask_on(under_way.poke, lambda: self._refunds.find(under_way.charge.key).is_open, ask):
            self._under_way.pop(under_way.charge.key, None)

    @override
    def _keep(self, one: UnderWay, slip: Slip) -> bool:
        return self._refunds.keep_slip(self._refunds.find(one.charge.key), slip)

    def _write(self, under_way: UnderWay, answer: Answer) -> bool:
        """Write an answer down; whether its refund is over. A disk that refuses leaves it to be asked after."""
        try:
            before = self._refunds.find(under_way.charge.key)
            refund = self._said(before, under_way, answer)
        except TillError as problem:
            _LOG.warning("answer_not_written", extra={"key": answer.key, "error": problem.code})
            return False
        if not refund.is_open:
            self._under_way.pop(refund.id, None)
        if before.is_open or refund != before:
            self._tell(refund, answer.words)
        return not refund.is_open

    def _said(self, refund: Refund, under_way: UnderWay, answer: Answer) -> Refund:
        """What an answer makes happen. One for another amount, or another key, settles nothing: a person looks.

        Where a person settled it meanwhile, what who was asked says counts all the same.
        """
        slips = [slip for slip in answer.slips if slip not in under_way.printed]
        is_own = answer.key == refund.id
        if is_own and answer.outcome is Outcome.APPROVED and answer.amount == under_way.charge.amount:
            return self._refunds.approve(refund.id, answer.transaction, slips)
        if is_own and answer.outcome is Outcome.DECLINED:
            return self._refunds.decline(refund.id, answer.words, slips)
        return self._refunds.doubt(refund.id) if refund.is_open else refund
