"""Money that a terminal or a gateway gives back: written and kept for first, asked for once, and then asked after.

It goes as a charge does (`charges`), in the refund's own stream: no order waits for it, and the next guest is served.
"""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from till.domain.errors import PaymentError, TillError
from till.domain.i18n import _
from till.ports import Charge, ChargeReference, Outcome
from till.register.payments.asking import ASK_S, ask_on
from till.register.payments.hearing import hear
from till.register.payments.hints import Hints

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from till.domain.refund.state import Refund
    from till.ports import Answer, Tender
    from till.register.ledger.ledger import Ledger
    from till.register.payments.charges import Charges
    from till.register.refunds import Refunds

_LOG: Final = logging.getLogger(__name__)


class Return(Struct, eq=False):
    """How money goes back that somebody else was asked to give: none of it outlives the till.

    Attributes:
        asks: how often it was asked after.
    """

    charge: Charge
    tender: Tender
    asks: int = 0
    poke: asyncio.Event = field(default_factory=asyncio.Event)


class Returns:
    """Asks tenders to give money back, and after it.

    Args:
        ledger: the write path.
        refunds: begun there, and answered.
        charges: the ways to pay, and what they are busy with.
        tell: told of each refund that came to its answer, or has none yet, with what was said of it.
    """

    def __init__(self, ledger: Ledger, refunds: Refunds, charges: Charges, tell: Callable[[Refund, str], None]) -> None:
        self._ledger = ledger
        self._refunds = refunds
        self._charges = charges
        self._tell = tell
        self._under_way: dict[str, Return] = {}
        self._works: set[asyncio.Task[None]] = set()
        self._hints = Hints(self.ask_now)
        refunds.check_settling = self.check_settling

    def begin(self) -> None:
        """The ways to pay are known: ask after what a stop left without an answer. In the running loop."""
        self._refunds.tenders = self._charges.tenders
        for refund in self._refunds.waiting():
            if (under_way := self._make(refund)) is not None:
                self._start(self._ask_on(under_way))

    def end(self) -> None:
        """Leave off: what has no answer is asked after at the next start."""
        for work in self._works:
            work.cancel()

    def check_free(self, tender: str) -> None:
        """Whether who answers for a tender has no payment of this till in hand.

        Raises:
            PaymentError: it has.
        """
        asked = self._charges.tenders.asked_of(tender)
        if asked is not None:
            self._charges.check_free(asked.name_charge("").place)

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
        under_way = self._under_way.get(refund.id)
        had_its_time = self._ledger.now() >= refund.at + timedelta(seconds=traits.gives_up_s)
        if not had_its_time or (under_way is not None and not under_way.asks):
            raise PaymentError(_("The terminal may still answer. Wait for it, then settle by hand."))

    def asks_of(self, refund_id: str) -> int:
        """How often a refund that is under way was asked after."""
        under_way = self._under_way.get(refund_id)
        return under_way.asks if under_way is not None else 0

    def payment_told(self, refund_id: str) -> None:
        """Who gives the money back said something of it: ask soon, and go by what is answered then."""
        if refund_id in self._under_way:
            self._hints.told(refund_id)

    def ask_now(self, refund_id: str) -> None:
        """Do not wait for the next time that it is asked after."""
        if (under_way := self._under_way.get(refund_id)) is not None:
            under_way.poke.set()

    def _make(self, refund: Refund) -> Return | None:
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
        self._under_way[refund.id] = Return(charge, tender)
        return self._under_way[refund.id]

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._works.add(task)
        task.add_done_callback(self._works.discard)

    async def _run(self, under_way: Return, asking: Coroutine[Any, Any, Answer]) -> None:
        traits = under_way.tender.traits
        if not self._write(under_way, await hear(asking, under_way.charge.key, traits.name, traits.gives_up_s)):
            await self._ask_on(under_way)

    async def _ask_on(self, under_way: Return) -> None:
        """Ask until it is known, or somebody settled it meanwhile."""
        traits = under_way.tender.traits

        async def ask(_pause: float) -> bool:
            asking = under_way.tender.ask_after(under_way.charge)
            answer = await hear(asking, under_way.charge.key, traits.name, min(traits.gives_up_s, ASK_S))
            under_way.asks += 1
            return self._write(under_way, answer)

        if not await ask_on(under_way.poke, lambda: not self._is_answered(under_way), ask):
            self._under_way.pop(under_way.charge.key, None)

    def _is_answered(self, under_way: Return) -> bool:
        """Whether somebody settled it meanwhile."""
        return not self._refunds.find(under_way.charge.key).is_open

    def _write(self, under_way: Return, answer: Answer) -> bool:
        """Write an answer down; whether it is the last word. A disk that refuses leaves it to be asked after."""
        try:
            known = not self._is_answered(under_way) and self._say(under_way, answer)
        except TillError as problem:
            _LOG.warning("answer_not_written", extra={"key": answer.key, "error": problem.code})
            return False
        refund = self._refunds.find(under_way.charge.key)
        if known:
            self._under_way.pop(refund.id, None)
        self._tell(refund, answer.words)
        return not refund.is_open

    def _say(self, under_way: Return, answer: Answer) -> bool:
        """What an answer makes happen. One for another amount, or another key, settles nothing: a person looks."""
        key = under_way.charge.key
        is_own = answer.key == key
        if is_own and answer.outcome is Outcome.APPROVED and answer.amount == under_way.charge.amount:
            self._refunds.approve(key, answer.transaction, answer.slips)
            return True
        if is_own and answer.outcome is Outcome.DECLINED:
            self._refunds.decline(key, answer.words, answer.slips)
            return True
        self._refunds.doubt(key)
        return False
