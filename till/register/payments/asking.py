"""Charges with a provider and their returns: recorded on disk, requested once, and polled until the outcome is known.

All movements of money (`till.domain.payment.movement`) take this path; a `Use` is their purpose. They continue
whatever the screen shows, so the next guest can be served. After a restart, a charge is polled, never repeated.
"""

from __future__ import annotations

import asyncio
import logging
import math
from contextlib import contextmanager, suppress
from datetime import timedelta
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import Struct, field

from till.domain.advice import Advice, advice_of
from till.domain.errors import PaymentError, TillError
from till.domain.i18n import ENGLISH, N_, _, speaking
from till.domain.money.amount import LARGEST_MAJOR, Currency
from till.domain.payment.movement import ANSWERED, PaymentState, Result
from till.ports import Charge, ChargeAnswer, ChargeReference, Hurried, Outcome, Printing
from till.register.payments.hearing import Hints, hear
from till.register.payments.tenders import Tenders

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
    from datetime import datetime
    from typing import Any

    from till.domain.payment.movement import MoneyTransfer
    from till.ports import Slip, Tender, TenderTraits
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference

_LOG: Final = logging.getLogger(__name__)
#: The pauses in seconds between polls for an outcome.
PAUSES_S: Final = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
#: The timeout of a poll in seconds.
ASK_S: Final = 30.0
#: Seconds to wait for the push of a start before the request to the tender.
PUSH_S: Final = 0.5
#: Seconds to wait for the push if the server is the provider.
SERVER_S: Final = 5.0
#: The pauses in seconds before a declined code is checked again: a guest's bank may be late. What a person settled is
#: checked so too, and then after each last pause, until its provider has answered or no longer remembers it.
_LATE_S: Final = (60.0, 240.0, 1_500.0)
#: Seconds for which announcements of approved money are of that money.
_FRESH_S: Final = 60.0
#: Seconds between the checks of the tills that know of one payment, and the number of their places. The till that
#: recorded it is first: its answer usually reaches the others before their turn.
_TURN_S: Final = 5.0
_TURNS: Final = 12
#: The prefix of a tender's text that is shown as a code.
_CODE: Final = "upi://"
#: The most finished movements kept for late answers.
LOOKED_AT: Final = 50
#: The most slips of a charge kept before its answer: for signing, for the guest, for the till, and one more.
PRINTED: Final = 4


class ChargeProgress(Struct, eq=False, kw_only=True):
    """The progress of a charge or of its return, kept in memory only.

    Attributes:
        use: the purpose: a payment, its return, or a refund.
        stream: the order or the refund of the charge.
        payment_id: the payment that is charged or returned.
        charge: the request; a return has its own key.
        tender: the provider.
        language: the language of the venue, in which an event keeps the words of an answer.
        transaction: the provider's id of the returned money.
        steps: the tender's messages with their times, oldest first.
        code: the text of a code that the guest scans; empty if there is none.
        is_asked: True if the request was sent to the tender: from then on only the tender knows the outcome.
        stopping_at: the time of a request to stop; None if there was none.
        is_asked_after: True if the tender is polled, since it did not return the outcome.
        asks: the number of polls that were answered or timed out.
        message: the tender's sentence about an unknown outcome, for the person who settles it; empty for none.
        asked_at: the time of the last poll.
        next_at: the time of the next poll.
        poke: set to poll now.
        printed: the slips kept before the answer.
    """

    use: Use
    stream: str
    payment_id: str
    charge: Charge
    tender: Tender
    language: str = ENGLISH
    transaction: str = ""
    steps: list[tuple[datetime, str]] = field(default_factory=list)
    code: str = ""
    is_asked: bool = False
    stopping_at: datetime | None = None
    is_asked_after: bool = False
    asks: int = 0
    message: str = ""
    asked_at: datetime | None = None
    next_at: datetime | None = None
    poke: asyncio.Event = field(default_factory=asyncio.Event)
    printed: list[Slip] = field(default_factory=list)

    @property
    def traits(self) -> TenderTraits:
        """The traits of the tender."""
        return self.tender.traits

    @property
    def shown_steps(self) -> tuple[tuple[datetime, str], ...]:
        """The steps as they are read: this till's in the language of now, the tender's in the venue's."""
        return tuple((at, Advice.of(words).again()) for at, words in self.steps)

    @property
    def goes_back(self) -> bool:
        """True if this is the return of a payment."""
        return self.charge.key != self.payment_id

    async def hear(self, request: Coroutine[Any, Any, ChargeAnswer], most: float = math.inf) -> ChargeAnswer:
        """Return the answer of the tender within its timeout and `most` seconds; `UNKNOWN` if there is none."""
        return await hear(request, self.charge.key, self.traits.name, min(self.traits.gives_up_s, most), self.language)

    async def ask_after(self) -> ChargeAnswer:
        """Poll the outcome once."""
        answer = await self.hear(self.tender.ask_after(self.charge), ASK_S)
        self.asks += 1
        self.message = answer.words if answer.key == self.charge.key else ""
        return answer

    def meaning(self, answer: ChargeAnswer) -> Result:
        """Return the result of an answer. An invalid answer, or a return of another amount, is unknown."""
        asked, amount, tip = self.charge.amount, answer.amount, answer.tip
        most = asked + LARGEST_MAJOR * Currency(self.charge.currency).scale
        fits = amount == asked if self.goes_back else 0 <= tip <= amount and 0 < amount <= most
        match answer.outcome:
            case Outcome.APPROVED if fits:
                return Result(
                    PaymentState.APPROVED,
                    amount=amount,
                    tip=tip,
                    transaction=answer.transaction,
                    card=answer.card,
                    is_revocable=self.traits.needs_server,
                )
            case Outcome.DECLINED:
                return Result(PaymentState.DECLINED, reason=answer.words)
            case Outcome.AUTHORISED if not self.goes_back:
                return Result(PaymentState.AUTHORISED, transaction=answer.transaction)
            case _:
                return Result(PaymentState.UNKNOWN)


class Use(Protocol):
    """A purpose of charges: payments of orders and their returns, or refunds of sales."""

    def all_progress(self) -> Iterable[ChargeProgress]:
        """Yield the newest movements with a provider and all unanswered ones, oldest first."""
        ...

    def find_progress(self, key: str) -> ChargeProgress | None:
        """Return the progress of a movement of any age; None if it is unknown here, or this till may not answer it."""
        ...

    def movement(self, progress: ChargeProgress) -> MoneyTransfer | None:
        """Return the movement; None if its stream is unreadable here."""
        ...

    def is_asked_here(self, progress: ChargeProgress) -> bool:
        """Return True if this till polls the movement."""
        ...

    def write(self, progress: ChargeProgress, result: Result, slips: Iterable[Slip]) -> bool:
        """Record an answer, its slips and the consequences. Return True if the answer is new.

        Raises:
            TillError: the disk write failed.
        """
        ...

    def keep_slip(self, progress: ChargeProgress, slip: Slip) -> bool:
        """Record a slip. Return True if there is room for it."""
        ...

    def tell(self, progress: ChargeProgress, answer: ChargeAnswer | None = None, *, is_news: bool = False) -> None:
        """Report the progress to the screen, with an `answer` or without one."""
        ...

    def heard_elsewhere(self, progress: ChargeProgress) -> None:
        """Continue after an answer that another till received or a person entered."""
        ...


class PaymentClient:
    """The requests and polls of all movements of money of this till, by key, in tasks of the running loop.

    Args:
        ledger: returns the time and the orders.
        reference: formats amounts.
    """

    def __init__(self, ledger: Ledger, reference: Reference) -> None:
        self._ledger = ledger
        self._reference = reference
        self.uses: list[Use] = []
        #: The tenders, once they are known.
        self.tenders = Tenders()
        self._saved: Callable[[float], Awaitable[bool]] | None = None
        self._heard: Callable[[], Awaitable[None]] | None = None
        self._is_begun = False
        self._starting = ""
        self._under_way: dict[str, ChargeProgress] = {}
        #: Finished charges, newest last: a late answer may change them.
        self._past: dict[str, ChargeProgress] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._hints = Hints(self._look)
        #: The finished movements that are checked again, and the lock by which only one of them is at a time.
        self._looked_at: set[str] = set()
        self._one_by_one = asyncio.Lock()

    # Start and end

    def begin(
        self,
        tenders: Tenders,
        saved: Callable[[float], Awaitable[bool]] | None = None,
        heard: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """Poll all unanswered movements, now that the tenders are known. Call it in the running loop.

        Args:
            tenders: the tenders.
            saved: returns True if all writes reached the database within a number of seconds.
            heard: waits until events of other tills are fetched from the database: another till may have sold the
                order.
        """
        self.tenders, self._saved, self._heard, self._is_begun = tenders, saved, heard, True
        self._looked_at, self._one_by_one = set(), asyncio.Lock()
        for tender in tenders.asked:
            if isinstance(tender, Printing):
                tender.print_by(self.keep_slip)
        for use in self.uses:
            for progress in use.all_progress():
                self.follow(progress)

    def end(self) -> None:
        """Stop. Unanswered movements are polled after the next start."""
        self._is_begun = False
        for work in self._tasks:
            work.cancel()

    def progress_for(
        self, use: Use, stream: str, payment_id: str, movement: MoneyTransfer, currency: str
    ) -> ChargeProgress | None:
        """Make the progress of a movement; None if it has no provider here."""
        tender = self.tenders.asked_of(movement.tender)
        if tender is None or not movement.is_asked_elsewhere:
            return None
        reference = ChargeReference(*movement.reference)
        transaction = movement.transaction if movement.id != payment_id else ""
        charge = Charge(
            key=movement.id,
            amount=movement.amount,
            currency=currency,
            reference=reference,
            transaction=transaction,
        )
        return ChargeProgress(
            use=use,
            stream=stream,
            payment_id=payment_id,
            charge=charge,
            tender=tender,
            language=self._reference.venue.language,
            transaction=transaction,
        )

    def progress_of(self, key: str) -> ChargeProgress | None:
        """Return the progress of a movement that this till requests or polls; None for any other."""
        return self._under_way.get(key)

    @property
    def is_charging(self) -> bool:
        """True while a provider has a movement in its hands: it was asked, and neither answered nor failed to."""
        return any(one.is_asked and not one.is_asked_after for one in self._under_way.values())

    @contextmanager
    def starting(self, key: str) -> Iterator[None]:
        """Mark a movement whose start is being recorded, so that it is not polled before its request."""
        self._starting = key
        try:
            yield
        finally:
            self._starting = ""

    def start(self, progress: ChargeProgress) -> None:
        """Request a recorded charge once; the answer arrives later."""
        if self._under_way.setdefault(progress.charge.key, progress) is progress:
            self._start(self._run(progress))

    def follow(self, progress: ChargeProgress) -> None:
        """Poll a movement if it is this till's to poll; remember an answered movement for late answers."""
        key, movement = progress.charge.key, progress.use.movement(progress)
        is_begun = self._is_begun and self._ledger.takes_money
        if not is_begun or movement is None or key in self._under_way or key == self._starting:
            return
        if not movement.is_open:
            self._remember(progress)
        elif progress.use.is_asked_here(progress):
            self._under_way[key] = progress
            self._start(self._poll(progress))

    def wake(self, stream: str) -> None:
        """Poll the movements of a stream now: another till may have the answer."""
        for progress in self._under_way.values():
            if progress.stream == stream:
                progress.poke.set()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _end(self, progress: ChargeProgress) -> None:
        if self._under_way.pop(progress.charge.key, None) is not None:  # otherwise this was a later check
            self._remember(progress)

    def _remember(self, progress: ChargeProgress) -> None:
        """Remember a finished charge. Check it again if it was settled by hand, or is a declined code."""
        key = progress.charge.key
        self._past[key] = progress
        if len(self._past) > LOOKED_AT * len(self.uses):
            del self._past[next(iter(self._past))]
        if key not in self._looked_at and self._may_change(progress):
            self._looked_at.add(key)
            self._start(self._look_later(progress))

    # Requests for charges, and for their returns

    def name(self, tender: Tender, key: str) -> tuple[str, str, str]:
        """Return the reference of a charge before it is recorded. A terminal takes one charge at a time.

        Codes are independent. A charge whose outcome stays unknown blocks its order, but no longer its terminal.

        Raises:
            PaymentError: the terminal is busy with another charge, or gives no reference.
        """
        reference = tender.name_charge(key)
        names = (reference.place, reference.asker, reference.number)
        if not any(names):  # it could not be polled
            raise PaymentError(_("That way to pay is not set up on this till."))
        for progress in () if tender.traits.shows_code or not reference.place else self._under_way.values():
            if progress.charge.reference.place == reference.place and not progress.asks:
                sentence = _("{amount} is still open there. Wait, or pay in cash.")
                raise PaymentError(sentence.format(amount=self._reference.formats.money(progress.charge.amount)))
        return names

    async def _run(self, progress: ChargeProgress) -> None:
        """Push the start, then send the request. Without an answer, poll."""
        needs_server = progress.traits.needs_server
        pushed = await self._push(SERVER_S if needs_server else PUSH_S)
        if needs_server and not pushed and self._is_awaited(progress):  # the server may already have answered
            words = self._reference.venue.written(N_("this needs the server"))
            answer = ChargeAnswer(key=progress.charge.key, outcome=Outcome.DECLINED, words=words)
        elif progress.stopping_at is not None and not needs_server:  # the server answers as soon as it has the start
            words = self._reference.venue.written(N_("cancelled before it was sent"))
            answer = ChargeAnswer(key=progress.charge.key, outcome=Outcome.DECLINED, words=words)
        elif not needs_server and (words := self._held_elsewhere(progress)):
            answer = ChargeAnswer(key=progress.charge.key, outcome=Outcome.DECLINED, words=words)
        else:
            progress.is_asked = True
            answer = self._route(progress, await progress.hear(self._first_asking(progress)))
        if not self._record(progress, answer):
            await self._poll(progress)

    def _held_elsewhere(self, progress: ChargeProgress) -> str:
        """Return why a payment is not requested: another till holds the order. Empty if this till holds it."""
        if progress.goes_back:
            return ""
        order = self._ledger.readable(progress.stream)
        holder = self._ledger.holder_of(order) if order is not None else None
        is_here = holder is None or holder == self._ledger.till
        if is_here and not self._ledger.lock_of(progress.stream):
            return ""
        venue = self._reference.venue
        with speaking(venue.language):
            till = _("another till") if is_here else venue.till_name(holder)
            return _("{till} has the order").format(till=till)

    def _first_asking(self, progress: ChargeProgress) -> Coroutine[Any, Any, ChargeAnswer]:
        """Return the first request; all later requests are polls."""
        amount = self._reference.formats.money(progress.charge.amount)
        if progress.goes_back:
            self._step(progress, advice_of(N_("asked to refund {amount}"), amount=amount))
            return progress.tender.refund(progress.charge, progress.transaction)
        self._step(progress, advice_of(N_("asked for {amount}"), amount=amount))

        def tell_step(words: str) -> None:
            with speaking(""):  # the tender speaks the venue's language, the screen that of who reads it
                if words.startswith(_CODE):
                    progress.code, words = words, advice_of(N_("code ready"))
                self._step(progress, words)

        return progress.tender.charge(progress.charge, tell_step)

    async def _push(self, seconds: float) -> bool:
        """Wait for the start to reach the database. Return True if it did within `seconds`."""
        if self._saved is None:
            return False
        try:
            async with asyncio.timeout(seconds):
                return await self._saved(seconds)
        except TimeoutError:
            return False

    def _step(self, progress: ChargeProgress, words: str) -> None:
        progress.steps.append((self._ledger.now(), words))
        progress.use.tell(progress)

    def stop(self, key: str) -> None:
        """Ask the tender to stop. The outcome is the charge's own answer, or comes from polling."""
        progress = self._under_way.get(key)
        if progress is None or progress.goes_back or progress.stopping_at is not None or progress.is_asked_after:
            return
        progress.stopping_at = self._ledger.now()
        if progress.is_asked:
            self._start(self._stop(progress))

    async def _stop(self, progress: ChargeProgress) -> None:
        try:
            async with asyncio.timeout(ASK_S):
                with speaking(progress.language):
                    await progress.tender.stop(progress.charge)
        except Exception as problem:  # noqa: BLE001 - if a tender fails to stop, the answer is still to come
            _LOG.warning("tender_not_stopped", extra={"tender": progress.traits.name, "error": type(problem).__name__})

    # Polling

    def ask_now(self, key: str) -> None:
        """Poll now instead of at the next time."""
        if (progress := self._under_way.get(key)) is not None:
            progress.poke.set()

    def payment_hinted(self, key: str) -> None:
        """Poll soon, because the provider announced news. Only the answer counts.

        This includes finished charges of any age: money may arrive after a charge was declined, or its order paid.
        """
        if self._is_begun:
            self._hints.hint(key)

    def _look(self, key: str) -> None:
        progress = self._under_way.get(key)
        if progress is None and (past := self._find(key)) is not None:
            movement = past.use.movement(past)
            if movement is not None and not self._is_fresh(movement):
                self._start(self._check_again(past, self._turn(movement)))
        if progress is not None and progress.is_asked_after:
            progress.poke.set()
        elif progress is not None and isinstance(progress.tender, Hurried):
            progress.tender.look_now(key)

    def _is_fresh(self, movement: MoneyTransfer) -> bool:
        """True if the provider just approved a movement: it announces the same money several times."""
        is_approved = movement.is_answered and movement.state is PaymentState.APPROVED
        return is_approved and self._ledger.now() - movement.at < timedelta(seconds=_FRESH_S)

    def _find(self, key: str) -> ChargeProgress | None:
        found = (use.find_progress(key) for use in self.uses)
        return self._past.get(key) or next((one for one in found if one is not None), None)

    def _may_change(self, progress: ChargeProgress, checks: int = 0) -> bool:
        """True if a finished movement is to be checked again, after a number of `checks`."""
        movement = progress.use.movement(progress)
        if movement is None or progress.traits.needs_server:
            return False
        if movement.is_unconfirmed:
            age = self._ledger.now() - (movement.started_at or movement.at)
            return age <= timedelta(seconds=progress.traits.remembers_s)
        is_late = progress.traits.shows_code or progress.traits.looks_late
        return is_late and movement.state is PaymentState.DECLINED and checks < len(_LATE_S)

    def _turn(self, movement: MoneyTransfer) -> float:
        """Return the seconds that this till waits for others that know of a movement."""
        return (self._ledger.till - movement.till) % _TURNS * _TURN_S

    async def _look_later(self, progress: ChargeProgress) -> None:
        movement = progress.use.movement(progress)
        turn = self._turn(movement) if movement is not None else 0.0
        for checks, pause in enumerate(chain(_LATE_S, repeat(_LATE_S[-1]))):
            if not self._may_change(progress, checks):
                break
            await asyncio.sleep(pause + (0 if checks else turn))
            async with self._one_by_one:
                if self._may_change(progress, checks):
                    await self._check_again(progress)
        self._looked_at.discard(progress.charge.key)

    async def _check_again(self, progress: ChargeProgress, wait: float = 0.0) -> None:
        """Ask once more, unless another till has the answer within `wait` seconds. Only a final answer is recorded."""
        known = progress.use.movement(progress)
        await asyncio.sleep(wait)
        if progress.use.movement(progress) == known:
            answer = self._route(progress, await progress.ask_after())
            if progress.meaning(answer).state in ANSWERED:
                self._record(progress, answer)

    async def _poll(self, progress: ChargeProgress) -> None:
        """Poll until the outcome is known, here or elsewhere: at growing intervals, or when poked."""
        progress.is_asked_after = True
        if self._heard is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(SERVER_S):
                    await self._heard()
        pauses = iter(PAUSES_S)
        while self._is_awaited(progress):
            progress.poke.clear()  # an announcement from here on may be newer than the answer
            asked_at, progress.next_at = self._ledger.now(), None
            progress.use.tell(progress)
            answer = self._route(progress, await progress.ask_after())
            progress.asked_at = asked_at
            if self._record(progress, answer):
                return
            pause = next(pauses, PAUSES_S[-1])
            progress.next_at = self._ledger.now() + timedelta(seconds=pause)
            progress.use.tell(progress)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await progress.poke.wait()
        self._end(progress)
        progress.use.heard_elsewhere(progress)

    def _is_awaited(self, progress: ChargeProgress) -> bool:
        """True if the outcome is unknown and this till polls it."""
        movement = progress.use.movement(progress)
        return movement is not None and movement.is_open and progress.use.is_asked_here(progress)

    # Answers

    def _route(self, progress: ChargeProgress, answer: ChargeAnswer) -> ChargeAnswer:
        """Return the answer if it is about this charge. An answer about another goes there; this stays unknown."""
        if answer.key == progress.charge.key:
            return answer
        _LOG.warning("answer_of_another", extra={"tender": progress.traits.name, "key": progress.charge.key})
        other = self._under_way.get(answer.key) or self._past.get(answer.key)
        if other is not None and self._record(other, answer):
            other.poke.set()
        return ChargeAnswer(key=progress.charge.key, outcome=Outcome.UNKNOWN)

    def _record(self, progress: ChargeProgress, answer: ChargeAnswer) -> bool:
        """Record an answer. Return True if it is final. If the disk write fails, polling continues."""
        result = progress.meaning(answer)
        is_last = result.state in ANSWERED
        slips = [slip for slip in answer.slips if is_last and slip not in progress.printed]
        try:
            is_news = progress.use.write(progress, result, slips)
        except TillError as problem:
            _LOG.warning("answer_not_written", extra={"key": answer.key, "error": problem.code})
            return False
        if is_last:
            self._end(progress)
        progress.use.tell(progress, answer, is_news=is_news)
        return is_last

    def keep_slip(self, key: str, slip: Slip) -> bool:
        """Keep a slip of a movement in progress here. Return True if it is on disk."""
        progress = self._under_way.get(key)
        if progress is None or slip in progress.printed:  # the terminal posts it again if our answer was lost
            return progress is not None
        try:
            if len(progress.printed) == PRINTED or not progress.use.keep_slip(progress, slip):
                return False
        except TillError as problem:
            _LOG.warning("slip_not_kept", extra={"key": key, "error": problem.code})
            return False
        progress.printed.append(slip)
        progress.use.tell(progress)
        return True

    # Settling by hand

    def may_settle_from(self, movement: MoneyTransfer) -> datetime:
        """Return the time from which a manager may settle an unanswered movement: after the provider's timeout.

        A movement of another till is settled at once: its guest is here, and the clock of that till may be wrong.
        """
        began, traits = movement.started_at or movement.at, self.tenders.traits_of(movement.tender)
        if movement.till != self._ledger.till:
            return min(began, self._ledger.now())
        return began + timedelta(seconds=traits.gives_up_s)

    def check_settling(self, movement: MoneyTransfer) -> None:
        """Refuse to settle by hand a movement that has an answer or may still get one. Unknown counts as an answer.

        Raises:
            PaymentError: the movement has its answer, or the terminal may still answer.
        """
        movement.check_open()
        progress = self._under_way.get(movement.id)
        if not movement.is_asked_elsewhere:
            return
        if self._ledger.now() < (begins := self.may_settle_from(movement)):
            time = self._reference.venue.local(begins).strftime("%H:%M:%S")
            raise PaymentError(_("It may still answer. A manager settles it from {time}.").format(time=time))
        if progress is not None and not progress.asks:
            raise PaymentError(_("The terminal may still answer. Wait, then settle by hand."))
