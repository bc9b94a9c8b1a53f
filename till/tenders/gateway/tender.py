"""UPI by a code on the till's screen, with a gateway that is polled for the outcome.

A charge is an order whose receipt is the charge's key, so that any till can find it. The code is written to the notes
of the order before anybody sees it. So a charge without an order, or whose order has no code, cannot have been paid.
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.ids import is_uuid, moment_of
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.ports.tender import Charge, ChargeAnswer, ChargeReference, Outcome, TenderTraits
from till.tenders.gateway.api import Api, RefusedError
from till.tenders.http import HttpError, NotSentError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.ports import Clock
    from till.tenders.gateway.entities import GatewayOrder, GatewayPayment, GatewayRefund, QrCode


#: The shortest validity of a code at the gateway.
_SHORTEST: Final = timedelta(minutes=2)
_CODE: Final = "code"
#: The largest difference between the gateway's clock and the venue's, in seconds.
_SLACK_S: Final = 600
_PLACE: Final = "razorpay"
_GIVEN_BACK: Final = {"processed": Outcome.APPROVED, "failed": Outcome.DECLINED}
#: The most characters of a code that a phone can scan from a screen.
_LONGEST_CODE: Final = 512
_log: Final = logging.getLogger(__name__)


class GatewayError(TillError):
    """A request that the gateway did not carry out."""

    code = "gateway"
    default = N_("The gateway refused that. Try again in a moment.")


@dataclass(eq=False)
class _Wait:
    """A code on the screen: `is_left` is true if it was abandoned, and `look` ends the pause between two polls."""

    look: asyncio.Event = field(default_factory=asyncio.Event)
    is_left: bool = False


class GatewayTender:
    """The implementation of `till.ports.Tender` for UPI at Razorpay.

    `charge` passes the text of the code, which starts with `upi://`, to `progress`: the screen shows it as a code.

    Args:
        traits: the traits of the tender.
        api: the gateway's API.
        clock: the time.
        sale_id: this till's name.
        name: the venue's name on the guest's phone.
        within: the seconds that a guest has.
        every: the seconds between two polls.
    """

    def __init__(
        self,
        traits: TenderTraits,
        api: Api,
        clock: Clock,
        *,
        sale_id: str,
        name: str,
        within: float,
        every: float,
    ) -> None:
        self._traits = traits
        self._api = api
        self._clock = clock
        self._sale_id = sale_id
        self._name = name
        self._within = timedelta(seconds=within)
        self._every = every
        self._waits: dict[str, _Wait] = {}
        self._sent: set[str] = set()

    @property
    def traits(self) -> TenderTraits:
        """See `Tender.traits`."""
        return self._traits

    def name_charge(self, key: str) -> ChargeReference:
        """See `Tender.name_charge`. The order's receipt is the key itself, so no number is needed."""
        del key
        return ChargeReference(place=_PLACE, asker=self._sale_id)

    async def charge(self, charge: Charge, progress: Callable[[str], None]) -> ChargeAnswer:
        """See `Tender.charge`. Show a code, and poll until it is paid, abandoned or timed out."""
        if charge.key in self._sent:
            return await self.ask_after(charge)
        self._sent.add(charge.key)
        wait = self._waits[charge.key] = _Wait()
        try:
            progress(_("Asking the gateway for a code."))
            code = await self._code_for(charge)
            if isinstance(code, ChargeAnswer):
                return code
            progress(code.image_content)
            return await self._waited(charge, code, wait)
        finally:
            del self._waits[charge.key]

    async def ask_after(self, charge: Charge) -> ChargeAnswer:
        """See `Tender.ask_after`."""
        try:
            orders = await self._api.orders(charge.key)
            if not orders:
                return await self._refund_outcome(charge)
            return await self._of_order(charge, orders)
        except (HttpError, RefusedError) as fault:
            _log.info("gateway_silent", extra={"charge": charge.key, "fault": type(fault).__name__})
            return _unknown(charge, _("The gateway does not answer. Trying again."))

    async def stop(self, charge: Charge) -> None:
        """See `Tender.stop`. The running `charge` closes its code and returns the outcome."""
        if (wait := self._waits.get(charge.key)) is not None:
            wait.is_left = True
            wait.look.set()

    def look_now(self, key: str) -> None:
        """See `Hurried.look_now`."""
        if (wait := self._waits.get(key)) is not None:
            wait.look.set()

    async def refund(self, charge: Charge, transaction: str) -> ChargeAnswer:
        """See `Tender.refund`. No card is presented: the money can only return to a payment."""
        if not transaction or not is_uuid(charge.key):
            return _declined(charge, _("Not a payment of this gateway. Refund it another way."))
        first = charge.key not in self._sent
        self._sent.add(charge.key)
        try:
            return _of_refund(charge, await self._api.refund(transaction, charge.key, charge.amount))
        except RefusedError as fault:
            return await self._refused_refund(charge, str(fault))
        except HttpError as fault:
            if first and isinstance(fault, NotSentError):
                return _declined(charge, _("The gateway cannot be reached. Nothing was refunded."))
            return _unknown(charge, _("The gateway does not answer. Trying again."))

    async def health(self) -> str:
        """Check that the gateway answers and accepts the keys. No money moves. Return a sentence."""
        try:
            await self._api.orders("nothing")
        except RefusedError as fault:
            raise GatewayError(_of_refusal(str(fault))) from None
        except HttpError:
            raise GatewayError(_("The gateway does not answer. Is this till on the internet?")) from None
        return _("The gateway answers and accepts the keys.")

    async def _code_for(self, charge: Charge) -> QrCode | ChargeAnswer:
        """Return a code to show, or the final answer if there is none: nobody can pay before a code is shown."""
        now = self._clock.now()
        close_by = int((now + max(self._within, _SHORTEST)).timestamp()) + 1
        try:
            order = await self._api.make_order(charge.key, charge.amount, charge.currency)
            code = await self._api.make_code(order, self._name, close_by)
            await self._api.note_order(order.id, {_CODE: code.id})
        except RefusedError as fault:
            return _declined(charge, _of_refusal(str(fault)))
        except HttpError:
            return _declined(charge, _("The gateway cannot be reached, so no code was shown."))
        if not _can_be_shown(code.image_content):
            return _declined(charge, _("No code came. Ask the gateway to switch on “image content”."))
        return code

    async def _waited(self, charge: Charge, code: QrCode, wait: _Wait) -> ChargeAnswer:
        until = self._clock.monotonic() + self._within.total_seconds()
        while not wait.is_left and self._clock.monotonic() < until:
            wait.look.clear()  # a webhook from here on may be newer than the answer
            answer = await self._paid_by(charge, code.id)
            if answer is not None:
                return answer
            try:
                await asyncio.wait_for(wait.look.wait(), self._every)
            except TimeoutError:
                continue
        return await self._closed(charge, code.id)

    async def _paid_by(self, charge: Charge, code_id: str) -> ChargeAnswer | None:
        """Return the answer from the payments with a code; None if there are none yet."""
        try:
            return _of_payments(charge, await self._api.payments_of_code(code_id))
        except (HttpError, RefusedError):
            return None

    async def _closed(self, charge: Charge, code_id: str) -> ChargeAnswer:
        """Close a code, and then check if it was paid."""
        try:
            await self._api.close_code(code_id)
        except RefusedError:
            _log.info("gateway_code_closed_before", extra={"charge": charge.key})
        except HttpError:
            return _unknown(charge, _("The gateway does not answer. Trying again."))
        return await self.ask_after(charge)

    async def _of_order(self, charge: Charge, orders: Sequence[GatewayOrder]) -> ChargeAnswer:
        if any((order.amount, order.currency) != (charge.amount, charge.currency) for order in orders):
            return _unknown(charge, _("The gateway has another amount for it. Look at its list."))
        payments: list[GatewayPayment] = []
        open_codes = False
        for order in orders:
            payments += await self._api.payments_of_order(order.id)
            if code_id := order.note(_CODE):
                code = await self._api.code(code_id)
                payments += await self._api.payments_of_code(code_id)
                open_codes |= code.status != "closed"
            else:
                open_codes |= self._is_young(charge)
        answer = _of_payments(charge, payments)
        if answer is not None:
            return answer
        if any(payment.status == "created" for payment in payments):
            return _unknown(charge, _("The guest's bank has not answered yet."))
        if open_codes:
            return _unknown(charge, _("The code is still open, and not paid yet."))
        return _declined(charge, _("closed before it was paid"))

    async def _refund_outcome(self, charge: Charge) -> ChargeAnswer:
        """Return the outcome of a refund by its key.

        If there is neither an order nor a refund with the key, no code was ever shown.
        """
        if not is_uuid(charge.key):
            return _unknown(charge, _("The gateway does not know it yet."))
        if refunds := await self._refunds_of(charge):
            return _of_refund(charge, refunds[0])
        if self._is_young(charge):
            return _unknown(charge, _("The gateway does not know it yet."))
        return _declined(charge, _("The gateway never got it."))

    def _is_young(self, charge: Charge) -> bool:
        """True if the request may still arrive; always true for a key without a time."""
        if not is_uuid(charge.key):
            return True
        return self._clock.now() - moment_of(charge.key) < max(self._within, _SHORTEST)

    async def _refused_refund(self, charge: Charge, why: str) -> ChargeAnswer:
        """Return the answer for a refused refund. The request may be repeated, so existing refunds decide."""
        try:
            refunds = await self._refunds_of(charge)
        except (HttpError, RefusedError):
            return _unknown(charge, _("The gateway does not answer. Trying again."))
        return _of_refund(charge, refunds[0]) if refunds else _declined(charge, _of_refusal(why))

    async def _refunds_of(self, charge: Charge) -> tuple[GatewayRefund, ...]:
        begun = int(moment_of(charge.key).timestamp())
        now = int(self._clock.now().timestamp())
        return await self._api.refunds(charge.key, begun - _SLACK_S, max(begun, now) + _SLACK_S)


# The answers for a charge from the gateway's payments and refunds.


def _can_be_shown(content: str) -> bool:
    """True if a code can be shown on a screen."""
    return (
        content.startswith("upi://") and content.isascii() and content.isprintable() and len(content) <= _LONGEST_CODE
    )


def _of_payments(charge: Charge, payments: Sequence[GatewayPayment]) -> ChargeAnswer | None:
    """Return the answer for a charge with these payments; None if they are only attempts."""
    known = {payment.id: payment for payment in payments}.values()
    for status, outcome in (("captured", Outcome.APPROVED), ("authorized", Outcome.AUTHORISED)):
        paid = [payment for payment in known if payment.status == status]
        if not paid:
            continue
        if any(payment.currency != charge.currency for payment in paid):
            return _unknown(charge, _("The gateway took another currency. Look at its list."))
        amount = Minor(sum(payment.amount for payment in paid))
        return ChargeAnswer(
            key=charge.key,
            outcome=outcome,
            amount=amount,
            transaction=paid[0].id,
            words=_other_amount(charge, amount, _("The gateway took {paid}; {asked} was asked for.")),
        )
    if any(payment.status == "refunded" for payment in known):
        return _unknown(charge, _("Paid, then refunded at the gateway. Look at its list."))
    return None


def _other_amount(charge: Charge, amount: int, sentence: str) -> str:
    """Return the sentence if the amount differs from the requested one; otherwise empty."""
    money = Currency(charge.currency).money
    return "" if amount == charge.amount else sentence.format(paid=money(Minor(amount)), asked=money(charge.amount))


def _of_refund(charge: Charge, refund: GatewayRefund) -> ChargeAnswer:
    """Return the answer for a refund; a pending refund is unknown."""
    outcome = _GIVEN_BACK.get(refund.status, Outcome.UNKNOWN)
    if outcome is Outcome.DECLINED:
        return _declined(charge, _("The gateway could not refund it. Refund it another way."))
    if outcome is Outcome.UNKNOWN or not refund.amount:
        return _unknown(charge, _("The gateway is still refunding it. Checking again."))
    return ChargeAnswer(
        key=charge.key,
        outcome=outcome,
        amount=Minor(refund.amount),
        transaction=refund.id,
        words=_other_amount(charge, refund.amount, _("The gateway refunded {paid}; {asked} was asked for.")),
    )


def _of_refusal(why: str) -> str:
    """Return the sentence for a refusal, with the gateway's message."""
    sentence = _("The gateway refused.")
    return _("{sentence} It says: {quoted}").format(sentence=sentence, quoted=why) if why else sentence


def _unknown(charge: Charge, words: str) -> ChargeAnswer:
    """Return the answer that the outcome is unknown."""
    return ChargeAnswer(key=charge.key, outcome=Outcome.UNKNOWN, words=words)


def _declined(charge: Charge, words: str) -> ChargeAnswer:
    """Return the answer that no money moved."""
    return ChargeAnswer(key=charge.key, outcome=Outcome.DECLINED, words=words)
