"""The common parts of the tenders at card readers: a request is sent once and in time, and a guest is waited for."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.ids import is_uuid, moment_of
from till.domain.money.amount import Currency
from till.domain.money.measures import NOTHING, Minor
from till.domain.text import clock_of
from till.ports.tender import Charge, ChargeAnswer, ChargeReference, Outcome, TenderTraits
from till.tenders.http import NotSentError

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.ports import Clock

#: The highest age of a key for sending its request; sending takes at most the same time again.
LEAVES: Final = timedelta(seconds=10)


class ReaderError(TillError):
    """A request that the service of a card reader did not carry out."""

    code = "reader"
    default = N_("The card reader's service refused that. Try again in a moment.")


@dataclass(eq=False)
class GuestWait:
    """The wait for a guest at the reader.

    Attributes:
        begun: the monotonic time at which it began.
        heard_at: the monotonic time of the last answer.
        until: the monotonic time until which the guest has.
        progress: shows a step.
        is_left: True if Esc was pressed.
        look: ends the pause between two polls.
    """

    begun: float
    until: float
    progress: Callable[[str], None]
    is_left: bool = False
    look: asyncio.Event = field(default_factory=asyncio.Event)
    heard_at: float = 0.0
    _shown: str = ""
    #: The step that was shown before the service fell silent; empty while it answers.
    _before: str = ""

    def tell(self, words: str) -> None:
        """Show a step; a repeated one is shown once."""
        if words != self._shown:
            self._shown = words
            self.progress(words)

    def heard(self, now: float, *, is_silent: bool) -> None:
        """Show since when the service has been silent, as the waiting time; and the step before, once it answers."""
        if not is_silent:
            self.heard_at = now
            if self._before:
                self.tell(self._before)
                self._before = ""
        elif not self._before:
            self._before = self._shown
            self.tell(_("No answer since {time}.").format(time=clock_of(max(0.0, self.heard_at - self.begun))))

    async def pause(self, seconds: float) -> None:
        """Wait for the next poll; less if it is hurried."""
        try:
            async with asyncio.timeout(seconds):
                await self.look.wait()
        except TimeoutError:
            return
        self.look.clear()


class ReaderTender(ABC):
    """A tender at a card reader. A provider has its requests, and what their answers mean.

    Args:
        traits: the traits of the tender.
        clock: the time.
        reader: the reader's id at the provider.
        sale_id: this till's name.
        within: the seconds that a guest has.
    """

    def __init__(self, traits: TenderTraits, clock: Clock, *, reader: str, sale_id: str, within: float) -> None:
        self.traits = traits
        self._clock = clock
        self._reader = reader
        self._sale_id = sale_id
        self._within = within
        self._sent: set[str] = set()
        self._waits: dict[str, GuestWait] = {}

    def name_charge(self, key: str) -> ChargeReference:
        """See `Tender.name_charge`. The provider is asked by the key itself, so no number is needed."""
        del key
        return ChargeReference(place=self._reader, asker=self._sale_id)

    async def charge(self, charge: Charge, progress: Callable[[str], None]) -> ChargeAnswer:
        """See `Tender.charge`. Ask the reader once, however often it is called."""
        if not self._reader:
            sentence = _("No reader is set. `till admin tenders readers {name}` lists them.")
            return declined(charge, sentence.format(name=self.traits.name))
        if self._must_only_ask(charge):
            return await self.ask_after(charge)
        self._sent.add(charge.key)
        now = self._clock.monotonic()
        wait = self._waits[charge.key] = GuestWait(now, now + self._within, progress)
        try:
            return await self._charge(charge, wait)
        finally:
            del self._waits[charge.key]

    async def stop(self, charge: Charge) -> None:
        """See `Tender.stop`. The running `charge` cancels at the provider and returns the outcome."""
        if (wait := self._waits.get(charge.key)) is not None:
            wait.is_left = True
            wait.tell(_("Cancelling."))
            wait.look.set()

    async def refund(self, charge: Charge, transaction: str) -> ChargeAnswer:
        """See `Tender.refund`. No card is presented: the money returns to the card that paid."""
        if not transaction:
            return declined(charge, _("Not a payment of this reader. Refund it another way."))
        if self._must_only_ask(charge):
            return await self.ask_after(charge)
        self._sent.add(charge.key)
        return await self._refund(charge, transaction)

    @abstractmethod
    async def ask_after(self, charge: Charge) -> ChargeAnswer:
        """See `Tender.ask_after`. The `transaction` of a charge is the payment that a refund returns; else empty."""

    @abstractmethod
    async def _charge(self, charge: Charge, wait: GuestWait) -> ChargeAnswer:
        """Ask the reader, and wait for the outcome until the guest's time is over or Esc was pressed."""

    @abstractmethod
    async def _refund(self, charge: Charge, transaction: str) -> ChargeAnswer:
        """Ask for a refund."""

    def _must_only_ask(self, charge: Charge) -> bool:
        """True if a charge must not be sent: it was sent before, is for another reader, or is too old (ADR 30)."""
        elsewhere = charge.reference.place != self._reader
        return charge.key in self._sent or elsewhere or self._age(charge) > LEAVES

    def _check_age(self, charge: Charge) -> None:
        """Refuse to send a request that is too late: another till may already rely on its absence.

        Raises:
            NotSentError: the till was frozen in between.
        """
        if self._age(charge) > LEAVES:
            raise NotSentError("too late to be sent")

    def _age(self, charge: Charge) -> timedelta:
        """Return the age of a charge by its key; negative for a key without a time."""
        return self._clock.now() - moment_of(charge.key) if is_uuid(charge.key) else timedelta(-1)

    def _has_time(self, charge: Charge) -> bool:
        """True if the guest may still be at the reader, or the request may still arrive."""
        return self._age(charge) < timedelta(seconds=self._within) + 2 * LEAVES


def unknown(charge: Charge, words: str) -> ChargeAnswer:
    """Return the answer that the outcome is unknown."""
    return ChargeAnswer(key=charge.key, outcome=Outcome.UNKNOWN, words=words)


def declined(charge: Charge, words: str) -> ChargeAnswer:
    """Return the answer that no money moved."""
    return ChargeAnswer(key=charge.key, outcome=Outcome.DECLINED, words=words)


def approved(
    charge: Charge, amount: Minor, transaction: str, *, tip: Minor = NOTHING, card: tuple[str, str] = ("", "")
) -> ChargeAnswer:
    """Return the answer that money moved, with a sentence if it is another amount than the requested one."""
    money, paid = Currency(charge.currency).money, Minor(amount - tip)
    sentence = _("The reader took {paid}; {asked} was asked for.")
    return ChargeAnswer(
        key=charge.key,
        outcome=Outcome.APPROVED,
        amount=amount,
        tip=tip,
        transaction=transaction,
        card=card,
        words="" if paid == charge.amount else sentence.format(paid=money(paid), asked=money(charge.amount)),
    )
