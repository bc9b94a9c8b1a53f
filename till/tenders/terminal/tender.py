"""A card terminal as a tender."""

from __future__ import annotations

import logging
from contextlib import nullcontext
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Final

from till.domain.i18n import _
from till.domain.ids import is_uuid, moment_of
from till.ports.tender import Charge, ChargeAnswer, ChargeReference, Outcome, TenderTraits, Totals
from till.tenders.http import HttpError, HttpNoAnswerError, NotSentError
from till.tenders.terminal.answers import declined_answer, of_payment, of_reversal, transaction_of, unknown
from till.tenders.terminal.asking import ask_after, reference_of
from till.tenders.terminal.client import Client, RejectedError
from till.tenders.terminal.housekeeping import ask_totals, check_health
from till.tenders.terminal.messages import (
    AbortRequest,
    AmountsReq,
    OriginalTransaction,
    PaymentData,
    PaymentRequest,
    PaymentTransaction,
    ReversalRequest,
    SaleData,
    TerminalCategory,
    TerminalRequest,
    TransactionId,
    fresh_service_id,
    in_major,
    service_id,
)
from till.tenders.terminal.words import is_of_the_card, of_condition

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractAsyncContextManager

    from till.ports import Clock, Slip
    from till.tenders.terminal.displays import Displays
    from till.tenders.terminal.messages import Response

#: The timeout in seconds of a request that does not wait for a guest.
_SHORT_S: Final = 6.0
#: The highest age of a key for sending its payment; sending takes at most the same time again.
_LEAVES: Final = timedelta(seconds=10)
_log: Final = logging.getLogger(__name__)


class TerminalTender:
    """The implementation of `till.ports.Tender` for a card terminal with nexo.

    `charge` sends a payment once, however often it is called; later calls query its outcome.

    Args:
        traits: the traits of the tender.
        client: the client of the terminal.
        clock: the time.
        displays: the server for the terminal's steps and slips; None if it posts none.
        within: the seconds that the terminal gives a guest, plus a margin; later the payment counts as unanswered.
        memory: the time for which the terminal remembers requests.
    """

    def __init__(
        self,
        traits: TenderTraits,
        client: Client,
        clock: Clock,
        *,
        within: float,
        memory: timedelta,
        displays: Displays | None = None,
    ) -> None:
        self._traits = traits
        self._client = client
        self._clock = clock
        self._displays = displays
        self._within = within
        self._short = min(within, _SHORT_S)
        self._memory = memory
        self._sent: set[ChargeReference] = set()
        self._keep: Callable[[str, Slip], bool] = lambda _key, _slip: False

    @property
    def traits(self) -> TenderTraits:
        """See `Tender.traits`."""
        return self._traits

    def name_charge(self, key: str) -> ChargeReference:
        """See `Tender.name_charge`. The names are the terminal, this till and ten characters derived from the key."""
        return ChargeReference(place=self._client.poi_id, asker=self._client.sale_id, number=service_id(key))

    async def charge(self, charge: Charge, progress: Callable[[str], None]) -> ChargeAnswer:
        """See `Tender.charge`."""
        if self._must_only_ask(charge):
            return await self.ask_after(charge)
        self._sent.add(charge.reference)
        progress(_("Asking the terminal."))
        async with self._heard(charge, progress):
            return await self._paid(charge, self._payment(charge), refund=False)

    async def refund(self, charge: Charge, transaction: str) -> ChargeAnswer:
        """See `Tender.refund`. Send a reversal, or a payment of type Refund to a presented card."""
        if self._must_only_ask(charge):
            return await self.ask_after(charge)
        original = transaction_of(transaction)
        if transaction and original is None:
            return declined_answer(charge, _("Not a payment of this terminal. Refund it another way."))
        self._sent.add(charge.reference)
        async with self._heard(charge, lambda _words: None):
            if original is not None:
                return await self._reversed(charge, original)
            return await self._paid(charge, self._payment(charge, PaymentData(payment_type="Refund")), refund=True)

    async def ask_after(self, charge: Charge) -> ChargeAnswer:
        """See `Tender.ask_after`. Not found proves that nothing was taken only if the payment can no longer arrive.

        This holds after the terminal's time for a guest, and while it remembers requests. A till that was frozen does
        not send an old payment, since another till may already rely on this proof.
        """
        answer = await ask_after(self._client, charge, self._short)
        if answer is not None:
            return answer
        age = self._age(charge)
        if age < timedelta(seconds=self._within) + 2 * _LEAVES:
            return unknown(charge, _("The terminal does not know it yet."))
        if age > self._memory:
            return unknown(charge, _("The terminal no longer remembers that. Look at its list."))
        return declined_answer(charge, _("The terminal never got it."))

    def print_by(self, keep: Callable[[str, Slip], bool]) -> None:
        """See `Printing.print_by`."""
        self._keep = keep

    async def stop(self, charge: Charge) -> None:
        """See `Tender.stop`. An `Abort` has no answer; if it does not arrive, nothing changes."""
        body = AbortRequest(
            message_reference=reference_of(charge, TerminalCategory.PAYMENT), abort_reason="MerchantAbort"
        )
        header = self._client.header(TerminalCategory.ABORT, fresh_service_id())
        try:
            await self._client.tell(TerminalRequest(message_header=header, abort_request=body), self._short)
        except HttpError as fault:
            _log.info("terminal_not_stopped", extra={"charge": charge.key, "fault": str(fault)})

    async def health(self) -> str:
        """Check that the terminal answers. No money moves. Return a sentence."""
        return await check_health(self._client, self._short)

    async def totals(self) -> Totals:
        """Return the terminal's totals since its last reconciliation."""
        return await ask_totals(self._client, self._short)

    def _heard(self, charge: Charge, progress: Callable[[str], None]) -> AbstractAsyncContextManager[None]:
        """Receive the terminal's steps and the slips of this charge inside the block."""
        if self._displays is None:
            return nullcontext()
        return self._displays.forwarding(charge.reference, progress, lambda slip: self._keep(charge.key, slip))

    def _must_only_ask(self, charge: Charge) -> bool:
        """True if a charge must not be sent: it was sent before, is for another terminal, or is too old."""
        elsewhere = charge.reference.place != self._client.poi_id
        return charge.reference in self._sent or elsewhere or self._age(charge) > _LEAVES

    def _age(self, charge: Charge) -> timedelta:
        """Return the age of a charge by its key; negative for a key without a time."""
        return self._clock.now() - moment_of(charge.key) if is_uuid(charge.key) else timedelta(-1)

    async def _paid(self, charge: Charge, request: TerminalRequest, *, refund: bool) -> ChargeAnswer:
        try:
            reply = await self._client.ask(request, self._within)
        except (NotSentError, HttpNoAnswerError, RejectedError) as fault:
            return await self._unanswered(charge, fault)
        response = reply.payment_response
        if response is None:
            return unknown(charge, _unreadable())
        answer = of_payment(charge, response, refund=refund)
        return await self._verified(charge, answer, response.response)

    async def _reversed(self, charge: Charge, original: TransactionId) -> ChargeAnswer:
        request = TerminalRequest(
            message_header=self._client.header(
                TerminalCategory.REVERSAL, charge.reference.number, charge.reference.asker
            ),
            reversal_request=ReversalRequest(
                sale_data=self._sale(charge, f"currency={charge.currency}"),
                original=OriginalTransaction(poi_transaction_id=original),
                reversed_amount=in_major(charge.amount, charge.currency),
                reversal_reason="MerchantCancel",
            ),
        )
        try:
            reply = await self._client.ask(request, self._within)
        except (NotSentError, HttpNoAnswerError, RejectedError) as fault:
            return await self._unanswered(charge, fault)
        response = reply.reversal_response
        if response is None:
            return unknown(charge, _unreadable())
        return await self._verified(charge, of_reversal(charge, response), response.response)

    async def _unanswered(self, charge: Charge, fault: Exception) -> ChargeAnswer:
        _log.info("terminal_unanswered", extra={"charge": charge.key, "fault": type(fault).__name__})
        if isinstance(fault, NotSentError):
            return declined_answer(charge, _("The terminal cannot be reached. Is it on, and connected?"))
        if isinstance(fault, RejectedError):
            return await self._query_refused(charge, of_condition("MessageFormat", str(fault)))
        return unknown(charge, _unreadable())

    async def _verified(self, charge: Charge, answer: ChargeAnswer, response: Response) -> ChargeAnswer:
        """Return the answer, or the terminal's record of the charge after a failure that is not about the card.

        A terminal that refuses a repeated message, or loses its connection to the bank, may still have taken the money.
        """
        if answer.outcome is not Outcome.DECLINED or is_of_the_card(response.error_condition):
            return answer
        return await self._query_refused(charge, answer.words)

    async def _query_refused(self, charge: Charge, words: str) -> ChargeAnswer:
        """Return the terminal's answer about a refused charge; declined if it does not find the charge."""
        answer = await ask_after(self._client, charge, self._short)
        return declined_answer(charge, words) if answer is None else answer

    def _payment(self, charge: Charge, data: PaymentData | None = None) -> TerminalRequest:
        return TerminalRequest(
            message_header=self._client.header(
                TerminalCategory.PAYMENT, charge.reference.number, charge.reference.asker
            ),
            payment_request=PaymentRequest(
                sale_data=self._sale(charge),
                payment_transaction=PaymentTransaction(
                    amounts_req=AmountsReq(
                        currency=charge.currency, requested_amount=in_major(charge.amount, charge.currency)
                    )
                ),
                payment_data=data,
            ),
        )

    def _sale(self, charge: Charge, acquirer: str | None = None) -> SaleData:
        now = self._clock.now().astimezone(UTC)
        return SaleData(
            sale_transaction_id=TransactionId(
                transaction_id=charge.key, time_stamp=f"{now:%Y-%m-%dT%H:%M:%S}.{now.microsecond // 1000:03}Z"
            ),
            sale_to_acquirer_data=acquirer,
        )


def _unreadable() -> str:
    return _("The terminal's answer cannot be read. Checking the outcome.")
