"""Money that somebody else is asked for: started on disk, asked once, and asked after until its outcome is known.

A charge goes on whatever the screen shows: the next guest is served meanwhile, and its answer finds the order where it
stands by then. After a restart, or on the till that took the order over, it is asked after and never repeated.
"""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Protocol

from msgspec import field
from typing_extensions import override

from till.domain.errors import PaymentError, RightsError, TillError
from till.domain.i18n import _
from till.domain.money.amount import LARGEST_MAJOR
from till.domain.money.measures import NOTHING, Minor
from till.domain.order import charging, giving_back, paying
from till.domain.order.paying import Tendered
from till.domain.order.state import PaymentState
from till.domain.staff.rights import Act, Asked
from till.ports import Answer, Charge, ChargeReference, Hurried, Outcome, Printing
from till.register.payments.asking import ASK_S, Asking, UnderWay, ask_on
from till.register.payments.tenders import Tenders

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Iterable
    from datetime import datetime
    from typing import Any

    from till.domain.events.envelope import Draft
    from till.domain.order.state import Order, Payment, Tab
    from till.domain.staff.rights import Approval
    from till.ports import Slip, Tender, TenderTraits
    from till.register.approvals import Approvals
    from till.register.ledger.ledger import Command, Ledger
    from till.register.payments.checkout import Checkout
    from till.register.reference import Reference

_LOG: Final = logging.getLogger(__name__)
#: So long the push of a start is waited for before the tender hears of it.
PUSH_S: Final = 0.5
#: The same where it is the server that answers.
SERVER_S: Final = 5.0
#: So long after a code was declined it is looked at once more: a guest's bank may be late.
_LATE_S: Final = (60.0, 300.0, 1_800.0)
#: How what a tender says starts that is to be shown as a code.
_CODE: Final = "upi://"
#: So many payments of before are looked at when a till is opened: one of them may still be without an answer.
_LOOKED_AT: Final = 50


class Moved(Protocol):
    """Told of each order whose charge came a step further."""

    def __call__(self, session_id: str, payment_id: str, *, answered: bool = False) -> None:
        """`payment_id`: which payment that is, empty for no one alone; `answered`: it has its last word just now."""


class Course(UnderWay, eq=False, kw_only=True):
    """How a charge, or giving it back, goes, as the screen shows it.

    Attributes:
        payment_id: what it is about.
        steps: what the tender said, each with its time; the newest last.
        code: the text of a code that the guest scans; empty for none.
        is_asked: whether the tender was asked: from then on it alone tells what came of it.
        stopping_at: when it was asked to leave off; None while nobody did.
        is_asked_after: whether it is being asked after: the tender did not say what became of it.
        asked_at: when it was asked after last.
        next_at: when it will be asked after again by itself.
    """

    session_id: str
    payment_id: str
    steps: list[tuple[datetime, str]] = field(default_factory=list)
    code: str = ""
    is_asked: bool = False
    stopping_at: datetime | None = None
    is_asked_after: bool = False
    asked_at: datetime | None = None
    next_at: datetime | None = None

    @property
    def traits(self) -> TenderTraits:
        """The way to pay."""
        return self.tender.traits

    @property
    def is_return(self) -> bool:
        """Whether the payment is to go back."""
        return self.charge.key != self.payment_id


class Charges(Asking[Course]):
    """Asks tenders for money, and after it.

    Args:
        ledger: the write path.
        reference: how amounts are written.
        checkout: places an order that is settled.
        settle: looks at the money of orders that ended.
        tell: told of each order whose charge came a step further.
        approvals: who may settle by hand.
    """

    def __init__(
        self,
        ledger: Ledger,
        reference: Reference,
        checkout: Checkout,
        settle: Callable[[Iterable[str]], object],
        tell: Moved,
        approvals: Approvals,
    ) -> None:
        super().__init__(ledger)
        self._reference = reference
        self._checkout = checkout
        self._settle = settle
        self._tell = tell
        self._approvals = approvals
        self._saved: Callable[[float], Awaitable[bool]] | None = None
        self._heard: Callable[[], Awaitable[None]] | None = None
        #: Keeps a slip that is about none of these charges.
        self.keep_other: Callable[[str, Slip], bool] = lambda _key, _slip: False
        self.tenders = Tenders()
        #: Those that had their last word, the newest last: they may have another, from who answers late.
        self._past: dict[str, Course] = {}
        ledger.follow = self.follow

    # Life

    def begin(
        self,
        tenders: Tenders,
        saved: Callable[[float], Awaitable[bool]] | None = None,
        heard: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        """The ways to pay are known now: ask after whatever was left without an answer. In the running loop.

        Args:
            tenders: the ways to pay.
            saved: whether all that was written reached the database within so many seconds.
            heard: waits until the database was asked what other tills did: one of them may have sold the order
                meanwhile.
        """
        self.tenders = self._checkout.tenders = tenders
        for tender in tenders.asked:
            if isinstance(tender, Printing):
                tender.print_by(lambda key, slip: self.keep_slip(key, slip) or self.keep_other(key, slip))
        self._saved, self._heard = saved, heard
        for order in self._ledger.open_orders():
            self.follow(order)
        newest = dict.fromkeys(event.stream_id for event in self._ledger.journal.payments(_LOOKED_AT))
        for session_id in reversed(newest):
            ended = self._ledger.readable(session_id)  # another till may have ended it before this one was answered
            if ended is not None:
                self.follow(ended)
                self._remember(ended)

    def _remember(self, order: Order) -> None:
        """Know what was asked for of an order and has its answer."""
        for payment in order.payments.values():
            tender = self.tenders.asked_of(payment.tender)
            if tender is not None and payment.is_asked_elsewhere and not payment.is_awaited:
                self._know_on(self._course_of(order, payment, tender))

    def _end(self, course: Course) -> None:
        if self._under_way.pop(course.charge.key, None) is not None:  # else it was looked at once more
            self._know_on(course)

    def _know_on(self, course: Course) -> None:
        """Know of a charge that had its last word, and look some times more at one that may have another."""
        self._past[course.charge.key] = course
        if len(self._past) > _LOOKED_AT:
            del self._past[next(iter(self._past))]
        if course.traits.shows_code and self._was_declined(course):
            self._start(self._look_later(course.charge.key))

    def follow(self, order: Order) -> None:
        """Ask after the payment that an order waits for, where this till is to; or complete what was answered."""
        payment = order.pending_payment
        if payment is None:
            self._wake(order)
            self._complete(order)
            return
        if payment.asked_key in self._under_way or not self._asks_after(order, payment):
            return
        tender = self.tenders.asked_of(payment.tender)
        if tender is None or not payment.is_asked_elsewhere:
            return
        course = self._make_course(order, payment, tender)
        self._start(self._ask_on(course))

    def _wake(self, order: Order) -> None:
        """What is still asked after here has its answer: another till heard it."""
        for course in self._under_way.values():
            if course.session_id == order.id:
                course.poke.set()

    def _complete(self, order: Order) -> None:
        """Place an order that the server's own answer settled while this till was off, or on a till that died."""
        answered = (
            payment.state is PaymentState.APPROVED and self.tenders.traits_of(payment.tender).needs_server
            for payment in order.payments.values()
        )
        if order.is_over or not any(answered) or not paying.is_settled(order):
            return
        self._try_to_place(order.id)
        self._tell(order.id, "")

    def _try_to_place(self, session_id: str) -> None:
        try:
            with self._ledger.command() as command:
                self._place(command, session_id)
        except TillError as problem:
            _LOG.warning("order_not_completed", extra={"session": session_id, "error": problem.code})

    def course_of(self, key: str) -> Course | None:
        """How a charge, or giving one back, goes that this till asks for, or after."""
        return self._under_way.get(key)

    def till_that_asked_back(self, payment: Payment) -> int | None:
        """The till that asked for money back which is not asked after here; None where it is, or none was asked."""
        back = payment.going_back
        return back.till if back is not None and self.course_of(back.id) is None else None

    def _make_course(self, order: Order, payment: Payment, tender: Tender) -> Course:
        course = self._course_of(order, payment, tender)
        self._under_way[course.charge.key] = course
        return course

    @staticmethod
    def _course_of(order: Order, payment: Payment, tender: Tender) -> Course:
        back = payment.going_back
        charge = Charge(
            key=payment.asked_key,
            amount=payment.amount,
            currency=order.terms.currency.code,
            reference=ChargeReference(*(payment.reference if back is None else back.reference)),
        )
        return Course(session_id=order.id, payment_id=payment.id, charge=charge, tender=tender)

    # Asking for money

    def ask(
        self,
        session_id: str,
        tender_name: str,
        amount: Minor | None = None,
        tip: Minor | None = None,
        *,
        place: str = "",
    ) -> Course:
        """Ask for money: on disk, then pushed, then asked. Its answer comes by itself. In the running loop.

        Args:
            session_id: the order.
            tender_name: the way to pay.
            amount: a part of what is due; None for all of it.
            tip: what comes on top.
            place: whose money it is, of a tender that asks for it: a voucher as the server named it, a customer.

        Raises:
            TillError: the order cannot be paid so, or the terminal is busy with another payment.
        """
        tender = self.tenders.asked_of(tender_name)
        if tender is None:
            raise PaymentError(_("Nobody answers for that way to pay here."))
        key = self._ledger.new_id()
        reference = ChargeReference(place) if place else tender.name_charge(key)
        order = self._ledger.order(session_id)
        paying.check_payable(order, self._reference.formats.money)
        self.check_free(tender, reference.place)
        settles = paying.due_in(order, tender_name) if amount is None else amount
        asked = Tendered(tender_name, Minor(settles + (tip or 0)), tip or NOTHING)
        names = (reference.place, reference.asker, reference.number)
        try:
            with self._ledger.command() as command:
                command.write(charging.start_charge(order, key, asked, names, self._reference.formats.money))
                started = command.order(session_id)
                course = self._make_course(started, started.payments[key], tender)
        except TillError:  # it is not on disk: nobody is asked
            self._under_way.pop(key, None)
            raise
        self._start(self._run(course))
        return course

    def is_returned(self, payment: Payment) -> bool:
        """Whether who took a payment can be asked to give it back. The server gives back by what is written down."""
        return payment.is_asked_elsewhere and self.tenders.returned_by(payment.tender) is not None

    def give_back(self, session_id: str, payment_id: str, approval: Approval | None = None) -> Course:
        """Have who took a payment give it back: on disk, then pushed, then asked. In the running loop.

        Args:
            session_id: the order, open here, or ended with that payment left behind.
            payment_id: which of its payments; it `is_returned`.
            approval: a manager's yes, where one is needed.

        Raises:
            RightsError: it needs a manager.
            TillError: it cannot go back so, or the terminal is busy with another payment.
        """
        order = self._ledger.order(session_id)
        payment = order.payments.get(payment_id)
        tender = self.tenders.returned_by(payment.tender) if payment is not None else None
        if payment is None or tender is None or not payment.is_asked_elsewhere:
            raise PaymentError(_("Nobody answers for that way to pay here."))
        if (asked := self._checkout.needs_manager(session_id, payment_id)) is not None:
            self._approvals.need(asked, approval)
        key = self._ledger.new_id()
        reference = tender.name_charge(key)
        self.check_free(tender, reference.place)
        names = (reference.place, reference.asker, reference.number)
        manager = approval.by.number if approval is not None else None
        try:
            with self._ledger.command() as command:
                command.write(giving_back.start_return(order, payment_id, key, names, self._ledger.till, manager))
                self._approvals.record(command, approval)
                started = command.order(session_id)
                course = self._make_course(started, started.payments[payment_id], tender)
        except TillError:  # it is not on disk: nobody is asked
            self._under_way.pop(key, None)
            raise
        self._start(self._run(course))
        return course

    def check_free(self, tender: Tender, place: str) -> None:
        """One payment at a time for a terminal: of two its slip alone tells which is which. A code is its own.

        Raises:
            PaymentError: it has another one, of an order that this till knows.
        """
        if tender.traits.shows_code:
            return
        asked = (self._ledger.readable(course.session_id) for course in self._under_way.values())
        on_tabs = [order for order in asked if order is not None and not order.is_over]  # the till follows them no more
        for order in (*self._ledger.open_orders(), *on_tabs):
            payment = order.pending_payment
            if payment is not None and place and payment.reference[0] == place:
                name = order.tab.name if order.tab else self._reference.formats.money(order.total)
                sentence = _("Another payment is still open there, of {order}. Wait for its answer, or pay in cash.")
                raise PaymentError(sentence.format(order=name))

    async def _run(self, course: Course) -> None:
        """From the push to the first answer; what has none is asked after."""
        pushed = await self._push(SERVER_S if course.traits.needs_server else PUSH_S)
        if course.traits.needs_server and not pushed:
            answer = Answer(key=course.charge.key, outcome=Outcome.DECLINED, words=_("this needs the server"))
        elif course.stopping_at is not None and not course.traits.needs_server:  # which answers as it has the start
            answer = Answer(key=course.charge.key, outcome=Outcome.DECLINED, words=_("left before it was asked for"))
        else:
            course.is_asked = True
            answer = self._own(course, await course.hear(self._first_asking(course)))
        if not self._hear(course, answer):
            await self._ask_on(course)

    def _first_asking(self, course: Course) -> Coroutine[Any, Any, Answer]:
        """What the tender is asked first; all that follows asks after it."""
        amount = self._reference.formats.money(course.charge.amount)
        if course.is_return:
            self._step(course, _("asked to give {amount} back").format(amount=amount))
            back = self._ledger.order(course.session_id).payments[course.payment_id].going_back
            return course.tender.refund(course.charge, back.transaction if back is not None else "")
        self._step(course, _("asked for {amount}").format(amount=amount))

        def progress(words: str) -> None:
            if words.startswith(_CODE):
                course.code, words = words, _("code made")
            self._step(course, words)

        return course.tender.charge(course.charge, progress)

    async def _push(self, seconds: float) -> bool:
        """Whether the start reached the database before somebody is asked; so long is waited for it."""
        if self._saved is None:
            return False
        try:
            async with asyncio.timeout(seconds):
                return await self._saved(seconds)
        except TimeoutError:
            return False

    def _step(self, course: Course, words: str) -> None:
        course.steps.append((self._ledger.now(), words))
        self._tell(course.session_id, course.payment_id)

    def _own(self, course: Course, answer: Answer) -> Answer:
        """The answer, if it is about this charge; one about another is that one's, and of this nothing is known."""
        if answer.key == course.charge.key:
            return answer
        _LOG.warning("answer_of_another", extra={"tender": course.traits.name, "key": course.charge.key})
        other = self._under_way.get(answer.key) or self._past.get(answer.key)
        if other is not None and self._hear(other, answer):
            other.poke.set()
        return Answer(key=course.charge.key, outcome=Outcome.UNKNOWN)

    # Asking after it

    @override
    def payment_told(self, key: str) -> None:
        """As `Asking.payment_told`; also of one that had its last word: money may come after it was declined."""
        if key in self._under_way or key in self._past:
            self._hints.told(key)

    def _was_declined(self, course: Course) -> bool:
        order = self._ledger.readable(course.session_id)
        payment = order.payments.get(course.payment_id) if order is not None else None
        if payment is None or not course.is_return:
            return payment is not None and payment.state is PaymentState.DECLINED
        states = (one.state for one in payment.returns if one.id == course.charge.key)
        return PaymentState.DECLINED in states

    async def _look_later(self, key: str) -> None:
        passed = 0.0
        for seconds in _LATE_S:
            await asyncio.sleep(seconds - passed)
            passed = seconds
            self.payment_told(key)

    async def _ask_again(self, course: Course) -> None:
        self._hear(course, self._own(course, await course.ask_after()))

    @override
    def _look(self, payment_id: str) -> None:
        course = self._under_way.get(payment_id)
        past = self._past.get(payment_id)
        if course is None and past is not None and self._was_declined(past):
            self._start(self._ask_again(past))
        if course is not None and course.is_asked_after:
            course.poke.set()
        elif course is not None and isinstance(course.tender, Hurried):
            course.tender.look_now(payment_id)

    def stop(self, payment_id: str) -> None:
        """Ask the tender to leave off. What came of it tells the charge's own answer, or the asking after it."""
        course = self._under_way.get(payment_id)  # what goes back has a key of its own: nobody stops that
        if course is None or course.stopping_at is not None or course.is_asked_after:
            return
        course.stopping_at = self._ledger.now()
        if course.is_asked:
            self._start(self._stop(course))

    async def _stop(self, course: Course) -> None:
        try:
            async with asyncio.timeout(ASK_S):
                await course.tender.stop(course.charge)
        except Exception as problem:  # noqa: BLE001 - a tender that fails to stop leaves the answer to come
            _LOG.warning("tender_not_stopped", extra={"tender": course.traits.name, "error": type(problem).__name__})

    async def _ask_on(self, course: Course) -> None:
        """Ask until it is known, here or by somebody else; the screen shows each time, and when the next one is."""
        course.is_asked_after = True
        if self._heard is not None:
            with suppress(TimeoutError):
                async with asyncio.timeout(SERVER_S):
                    await self._heard()

        async def ask(pause: float) -> bool:
            asked_at, course.next_at = self._ledger.now(), None
            self._tell(course.session_id, course.payment_id)
            answer = self._own(course, await course.ask_after())
            course.asked_at = asked_at
            if self._hear(course, answer):
                return True
            course.next_at = self._ledger.now() + timedelta(seconds=pause)
            self._tell(course.session_id, course.payment_id)
            return False

        if not await ask_on(course.poke, lambda: self._is_awaited(course), ask):
            self._end(course)
            self._heard_elsewhere(course)

    def _heard_elsewhere(self, course: Course) -> None:
        """Another till heard the answer; who has the order by now, and asked on, completes it."""
        order = self._ledger.readable(course.session_id)
        payment = order.payments.get(course.payment_id) if order is not None else None
        if payment is None or payment.is_awaited or payment.till == self._ledger.till:
            return
        if payment.state is PaymentState.APPROVED:
            self._try_to_place(course.session_id)
        self._tell(course.session_id, course.payment_id, answered=True)

    def _is_awaited(self, course: Course) -> bool:
        """Whether nobody knows yet, and it is this till that is to ask."""
        order = self._ledger.readable(course.session_id)
        payment = order.payments.get(course.payment_id) if order is not None else None
        if order is None or payment is None or not self._asks_after(order, payment):
            return False
        return payment.is_awaited and payment.asked_key == course.charge.key

    def _asks_after(self, order: Order, payment: Payment) -> bool:
        """Whether this till is to ask: it took the order last, or asked first and no till has the order open now."""
        asked = payment.going_back or payment
        return order.holder == self._ledger.till or (order.till is None and asked.till == self._ledger.till)

    # What is heard

    @override
    def _keep(self, one: Course, slip: Slip) -> bool:
        self._ledger.commit(charging.keep_slips(self._ledger.order(one.session_id), one.payment_id, [slip.told]))
        self._step(one, _("a slip came"))
        return True

    def _hear(self, course: Course, answer: Answer) -> bool:
        """Write an answer down; whether it is the last word. A disk that refuses leaves it to be asked after."""
        try:
            known, is_new = self._write(course, answer)
        except TillError as problem:
            _LOG.warning("answer_not_written", extra={"key": answer.key, "error": problem.code})
            return False
        if known:
            self._end(course)
        self._tell(course.session_id, course.payment_id, answered=known and is_new)
        return known

    def _write(self, course: Course, answer: Answer) -> tuple[bool, bool]:
        """Whether it is the last word, and whether it says what was not known."""
        with self._ledger.command() as command:
            order = command.order(course.session_id)
            payment = order.payments[course.payment_id]
            said = self._said_of_return if course.is_return else self._said
            drafts, known = said(order, payment, course, answer)
            if drafts and known:
                slips = [slip.told for slip in answer.slips if slip not in course.printed]
                command.write(charging.keep_slips(order, payment.id, slips))
            command.write(drafts)
            self._place(command, course.session_id)
        self._settle([course.session_id])
        return known, bool(drafts)

    def _said(self, order: Order, payment: Payment, course: Course, answer: Answer) -> tuple[list[Draft], bool]:
        """What an answer makes happen, and whether it is the last word."""
        most = course.charge.amount + LARGEST_MAJOR * order.terms.currency.scale
        makes_sense = 0 <= answer.tip <= answer.amount and 0 < answer.amount <= most
        match answer.outcome:
            case Outcome.APPROVED if makes_sense:
                drawer = self._ledger.till if course.traits.opens_drawer else None
                return charging.approve_charge(
                    order,
                    payment,
                    answer.amount,
                    tip=answer.tip,
                    transaction=answer.transaction,
                    card=answer.card,
                    drawer=drawer,
                ), True
            case Outcome.DECLINED:
                return charging.decline_charge(order, payment, answer.words), True
            case Outcome.AUTHORISED:
                return charging.authorise_charge(order, payment, answer.transaction), False
            case _:
                return charging.lose_charge(order, payment), False

    def _said_of_return(
        self, order: Order, payment: Payment, course: Course, answer: Answer
    ) -> tuple[list[Draft], bool]:
        """The same of giving it back. What came back for another amount settles nothing: a person looks."""
        back = next(one for one in payment.returns if one.id == course.charge.key)
        match answer.outcome:
            case Outcome.APPROVED if answer.amount == course.charge.amount:
                return giving_back.approve_return(order, payment, back, answer.transaction), True
            case Outcome.DECLINED:
                return giving_back.decline_return(order, payment, back, answer.words), True
            case _:
                return giving_back.lose_return(order, payment, back), False

    def _place(self, command: Command, session_id: str) -> None:
        """Complete an order that is settled now, wherever it was put: the till that took it last does.

        One that was put away and had all of its money given back stays there: a person clears it.
        """
        order = command.order(session_id)
        if not paying.may_end(order) or order.holder != self._ledger.till or self._ledger.lock_of(order.id):
            return
        if paying.is_settled(order) and not order.waits_for_manager:
            self._checkout.complete(command, session_id)

    # Persons

    def may_settle_from(self, payment: Payment) -> datetime:
        """From when on a manager may settle what has no answer: the terminal had its time by then."""
        started = payment.going_back.started_at if payment.going_back is not None else payment.started_at
        return (started or payment.at) + timedelta(seconds=self.tenders.traits_of(payment.tender).gives_up_s)

    def check_settling(self, payment: Payment) -> None:
        """Whether a person may say what became of it: it was asked after, and who was asked had its time.

        Raises:
            PaymentError: the terminal may still answer.
        """
        self._check_asked(payment.asked_key, self.may_settle_from(payment))

    def settle_by_hand(
        self, session_id: str, payment_id: str, approval: Approval | None, *, charged: bool, slip: str = ""
    ) -> Order:
        """What a manager says of a payment that has no answer, after the terminal was asked; no answer is one.

        Args:
            session_id: the order.
            payment_id: which of its payments.
            approval: a manager's yes, where one is needed.
            charged: whether the slip says that it was; of one that was to go back, whether it did.
            slip: its number.

        Raises:
            RightsError: it needs a manager.
            PaymentError: it has its answer, or the terminal may still give it.
        """
        order = self._ledger.order(session_id)
        payment = order.payments.get(payment_id)
        if payment is None or (payment.state is PaymentState.APPROVED and payment.going_back is None):
            raise PaymentError(_("That payment has its answer already."))
        self.check_settling(payment)
        self._approvals.need(Asked(Act.SETTLE, payment.amount), approval)
        manager = approval.by.number if approval is not None else self._ledger.user
        if manager is None:
            raise RightsError
        with self._ledger.command() as command:
            if payment.going_back is not None:
                command.write(giving_back.settle_return(order, payment, manager, given=charged))
            else:
                traits = self.tenders.traits_of(payment.tender)
                drawer = self._ledger.till if traits.opens_drawer and charged else None
                said = charging.settle_by_hand(order, payment, manager, charged=charged, slip=slip, drawer=drawer)
                command.write(said)
            self._place(command, session_id)
            self._approvals.record(command, approval)
        self.ask_now(payment.asked_key)  # that ends the asking
        return self._ledger.order(session_id)

    def keep(self, session_id: str, tab: Tab) -> None:
        """Put an order on a tab while nobody knows what became of its payment: the answer finds it there.

        Raises:
            PaymentError: no payment of it is awaited.
        """
        self._ledger.commit(charging.keep_until_known(self._ledger.order(session_id), tab))
