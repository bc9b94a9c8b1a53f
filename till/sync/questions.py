"""What the register asks the database: each question one round trip with its own deadline."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

from till.domain.errors import RetiredError, StoreAwayError, StoreError, TillError
from till.domain.events.envelope import time_text
from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.staff.password import stretch
from till.ports import RemoteAccount, RemoteVoucher
from till.sync.digest import mark_from
from till.sync.failures import FailureKind, refusal, rejected_sentence, unread_sentence
from till.sync.intake import Intake
from till.sync.link import LinkError
from till.sync.messages import Answer, DamagedReplyError, decode_as, encode_read
from till.sync.road import (
    ACCOUNT,
    BOOKINGS,
    CLEARED_ORDERS,
    CONFLICT_SETTLE,
    CONFLICTS,
    CUSTOMERS,
    LATE_LINES,
    OPEN_ORDERS,
    OPEN_TABS,
    PASSWORD_LOGIN,
    PASSWORD_SALT,
    PAST_SALES,
    PAYMENT_ANSWER,
    QUARANTINE_SETTLE,
    REFUND_STANDING,
    SESSION_EVENTS,
    USER_SESSIONS,
    VOUCHER,
)
from till.sync.rows import (
    AccountAnswer,
    BookingsAnswer,
    ClearedAnswer,
    ConflictsAnswer,
    CustomersAnswer,
    EventsAnswer,
    LateAnswer,
    SalesAnswer,
    SaltAnswer,
    SessionsAnswer,
    StandingAnswer,
    TabsAnswer,
    TokenAnswer,
    VoucherAnswer,
    late_row,
    name_of,
    past_sale,
    remote_booking,
    remote_clearing,
    remote_conflict,
    remote_customer,
    remote_record,
    remote_session,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Sequence

    import msgspec

    from till.domain.money.measures import Minor
    from till.domain.refund.past import PastSale
    from till.ports import (
        Journal,
        RemoteBooking,
        RemoteClearing,
        RemoteConflict,
        RemoteCustomer,
        RemoteRecord,
        RemoteSession,
        SaleSearch,
        StoreListener,
    )
    from till.sync.engine import Engine
    from till.sync.failures import Failure
    from till.sync.messages import SessionState
    from till.sync.road import Road
    from till.sync.settings import Identity, Settings

A = TypeVar("A", bound=Answer)
T = TypeVar("T")
#: Seconds between two parts of a big answer: a key passes through the loop several times before it is painted.
_BREATH: Final = 0.002
#: The statuses of an order that nothing moves any more.
_ENDED: Final = frozenset({"completed", "discarded"})
_log: Final = logging.getLogger(__name__)


async def by_parts(work: Generator[None, None, T]) -> T:
    """Let the loop run between the parts of some work."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return] # StopIteration does not say of what
        await asyncio.sleep(_BREATH)


class AnswerError(StoreError):
    """The database answered, and not with what was asked for: asking for something else may go well."""


def _store_error(failure: Failure) -> StoreError:
    """What a person reads of a question without an answer. A fault of what is asked for is none of the network."""
    if failure.kind is FailureKind.FATAL:
        return StoreError(failure.detail)
    if failure.kind is FailureKind.REJECTED:
        return AnswerError(rejected_sentence(failure.detail, 0))
    return StoreAwayError()


def _refused(code: str, detail: str | None, till: int) -> StoreError:
    """What a person reads where the database refuses to be asked by this journal."""
    sentence = refusal(code, detail or "", till, of_question=True).sentence
    return RetiredError(sentence) if code == RetiredError.code else StoreError(sentence)


def _why_not(answer: VoucherAnswer) -> str:
    """Why a voucher pays nothing, for who holds it."""
    match answer.why:
        case "void":
            return _("That voucher is void.")
        case "expired":
            return _("That voucher ended on {day}.").format(day=answer.expires or "?")
        case "too_many":
            return _("Too many wrong codes at this till. Try again in ten minutes.")
        case _:
            return _("There is no voucher with that code.")


class Questions:
    """The reads of `till.ports.Store`.

    Args:
        journal: where fetched events go.
        listener: told of what came.
        settings: how long an answer is waited for.
        identity: who asks.
        engine: told when the database answers again.
        road: the way to the database.
    """

    def __init__(
        self,
        journal: Journal,
        listener: StoreListener,
        settings: Settings,
        identity: Identity,
        engine: Engine,
        road: Road,
    ) -> None:
        self._journal = journal
        self._listener = listener
        self._settings = settings
        self._identity = identity
        self._engine = engine
        self._road = road
        self._wake = asyncio.Event()
        self._questions: set[asyncio.Future[Any]] = set()
        self._looked_at: dict[tuple[str, int], int] = {}

    async def user_sessions(self, user: int) -> list[RemoteSession]:
        """The open order sessions of a user on all tills, newest first.

        Raises:
            StoreError: the database refused; a `StoreAwayError` where it could not be reached in time.
        """
        answer = await self._read(USER_SESSIONS, SessionsAnswer, user=user)
        return self._listed(USER_SESSIONS, answer.sessions, remote_session)

    async def open_orders(self) -> list[RemoteSession]:
        """Of each person the order that was touched last and is open, on whichever till.

        Raises:
            StoreError: the database refused; a `StoreAwayError` where it could not be reached in time.
        """
        answer = await self._read(OPEN_ORDERS, SessionsAnswer)
        return self._listed(OPEN_ORDERS, answer.sessions, remote_session)

    async def cleared_orders(self, user: int, login: str | None) -> list[RemoteClearing]:
        """What somebody else cleared of a user's orders since their last login but `login`, the event of this one.

        Raises:
            StoreError: the database refused; a `StoreAwayError` where it could not be reached in time.
        """
        answer = await self._read(CLEARED_ORDERS, ClearedAnswer, user=user, login=login)
        return self._listed(CLEARED_ORDERS, answer.cleared, remote_clearing)

    async def open_tabs(self) -> list[RemoteSession]:
        """The orders that stand on tabs, newest first.

        Raises:
            StoreError: the database refused; a `StoreAwayError` where it could not be reached in time.
        """
        answer = await self._read(OPEN_TABS, TabsAnswer)
        return self._listed(OPEN_TABS, answer.tabs, remote_session)

    async def customers(self, query: str) -> list[RemoteCustomer]:
        """The customers who are called so, or have such a phone number; a few at most, the nearest first.

        Raises:
            StoreError: the database refused; a `StoreAwayError` where it could not be reached in time.
        """
        answer = await self._read(CUSTOMERS, CustomersAnswer, query=query)
        return self._listed(CUSTOMERS, answer.customers, remote_customer)

    async def bookings(self) -> list[RemoteBooking]:
        """Today's bookings that were not cancelled, by their time.

        Raises:
            StoreError: the database refused; a `StoreAwayError` where it could not be reached in time.
        """
        answer = await self._read(BOOKINGS, BookingsAnswer)
        return self._listed(BOOKINGS, answer.bookings, remote_booking)

    async def past_sales(self, search: SaleSearch) -> tuple[list[PastSale], bool]:
        """Sales of the venue, the newest first, and whether there are more behind them.

        Raises:
            StoreError: the database refused; a `StoreAwayError` where it could not be reached in time.
        """
        asked: dict[str, object] = {
            "receipt": search.receipt,
            "amount": search.amount,
            "items": search.items,
            "from": time_text(search.since) if search.since else None,
            "to": time_text(search.until) if search.until else None,
            "after": search.after,
        }
        answer = await self._read(PAST_SALES, SalesAnswer, **{name: value for name, value in asked.items() if value})
        return self._listed(PAST_SALES, answer.sales, past_sale), answer.more

    async def refund_standing(self, refund_id: str) -> str | None:
        """What the server keeps for a refund; None where it has none.

        Raises:
            StoreError: the database refused; a `StoreAwayError` where it could not be reached in time.
        """
        answer = await self._read(REFUND_STANDING, StandingAnswer, refund=refund_id, journal=self._journal.journal_id)
        return answer.standing

    async def voucher(self, digest: str) -> RemoteVoucher:
        """The voucher of a code, by its digest.

        Raises:
            StoreError: it pays nothing, as its sentence says, or the database refused; a `StoreAwayError` where it
                could not be reached in time.
        """
        answer = await self._read(VOUCHER, VoucherAnswer, digest=digest)
        if answer.why is not None or answer.ask is None:
            raise AnswerError(_why_not(answer))
        currency = answer.currency or ""
        left = self._money(answer.left, currency)
        return RemoteVoucher(answer.ask, answer.hint or "", left, currency)

    async def account(self, customer_id: str) -> RemoteAccount | None:
        """The house account of a customer; None where there is none.

        Raises:
            StoreError: the database refused; a `StoreAwayError` where it could not be reached in time.
        """
        answer = await self._read(ACCOUNT, AccountAnswer, customer=customer_id)
        if answer.customer is None:
            return None
        currency = answer.currency or ""
        limit, owed, left = (self._money(text, currency) for text in (answer.limit, answer.owed, answer.left))
        return RemoteAccount(answer.customer, limit, owed, left, currency)

    @staticmethod
    def _money(text: str | None, currency: str) -> Minor:
        try:
            return Currency(currency).minor(text or "0")
        except TillError as problem:
            raise AnswerError(unread_sentence()) from problem

    async def payment_answer(self, payment_id: str) -> str | None:
        """What the server says of a payment by voucher or account; None where it has not heard of it.

        Raises:
            StoreError: the database refused; a `StoreAwayError` where it could not be reached in time.
        """
        answer = await self._read(PAYMENT_ANSWER, StandingAnswer, payment=payment_id)
        return answer.standing

    async def matters(self) -> tuple[list[RemoteConflict], list[RemoteRecord]]:
        """What waits for a manager: conflicts about money, newest first, and records that could not be applied.

        Raises:
            StoreError: the database refused; a `StoreAwayError` where it could not be reached in time.
        """
        answer = await self._read(CONFLICTS, ConflictsAnswer)
        conflicts = self._listed(CONFLICTS, answer.conflicts, remote_conflict)
        return conflicts, self._listed(f"{CONFLICTS} records", answer.quarantine, remote_record)

    async def settle_conflict(self, conflict_id: str, how: str, user: int, password: str) -> None:
        """Settle a conflict at the server, by the password of who manages.

        Raises:
            StoreError: the password is not the one of this number; a `StoreAwayError` where the server is away.
        """
        token = await self._token(user, password)
        await self._read(CONFLICT_SETTLE, Answer, token=token, conflict=conflict_id, how=how)

    async def settle_record(self, record: int, how: str, user: int, password: str) -> None:
        """Settle a record that could not be applied, likewise.

        Raises:
            StoreError: the password is not the one of this number; a `StoreAwayError` where the server is away.
        """
        token = await self._token(user, password)
        await self._read(QUARANTINE_SETTLE, Answer, token=token, record=record, how=how)

    async def _token(self, user: int, password: str) -> str:
        """What a password gets: it serves for some minutes, on this till. The password itself is sent to nobody."""
        salted = await self._read(PASSWORD_SALT, SaltAnswer, user=user)
        stretched = await asyncio.to_thread(stretch, password, salted.salt)
        return (await self._read(PASSWORD_LOGIN, TokenAnswer, user=user, stretched=stretched)).token

    async def fetch(self, session_id: str) -> None:
        """Bring all events of a session into the journal, and those of orders that lines of it came from.

        Who takes an order may not know of them: what was paid for there, or moved elsewhere first, this order gives up.

        Raises:
            StoreError: the database refused, or has no such session; a `StoreAwayError` where it could not be reached
                in time.
        """
        seen, past = {session_id}, await self._fetch(session_id)
        while past:
            seen.add(one := past.pop())
            mark = self._journal.mark_of(one)
            if mark is not None and (mark.open or mark.status in _ENDED):
                continue  # what comes of it is told; one that is known and not followed may have moved on
            try:
                past |= await self._fetch(one) - seen
            except StoreError as problem:  # the order itself is here, and is sold on
                _log.warning("past_not_fetched", extra={"session": one, "error": problem.code})

    async def _fetch(self, session_id: str) -> set[str]:
        """Bring all events of one session; the orders that lines of it came from."""
        answer = await self._read(SESSION_EVENTS, EventsAnswer, session=session_id)
        if answer.session is None:
            raise AnswerError(_("The database has no such order."))
        intake = Intake(self._journal)
        try:
            arrived = await by_parts(intake.read(answer.events))
        except DamagedReplyError as problem:
            raise AnswerError(unread_sentence()) from problem
        await by_parts(intake.keep(arrived))
        self._engine.doubt(SESSION_EVENTS, intake.unsound)
        if not intake.unsound:
            self._keep_mark(answer.session)
        if intake.grown:
            self._listener.sessions_grew(list(intake.grown))
        return intake.came_from

    async def carry_late(self, stale_minutes: int, tills: Sequence[int] = ()) -> None:
        """Have the listener carry on what tills that are gone keyed too late for orders that ended elsewhere.

        Args:
            stale_minutes: for how long a till was not heard of that counts as gone.
            tills: those that are known to be gone.

        Raises:
            StoreError: the database refused; a `StoreAwayError` where it could not be reached in time.
            JournalError: the disk refused.
        """
        answer = await self._read(LATE_LINES, LateAnswer, stale_minutes=stale_minutes, tills=list(tills))
        for row in self._listed(LATE_LINES, answer.late, late_row):
            if self._looked_at.get((row.session, row.till)) == row.version:
                continue  # the database only guesses: there was nothing to carry on
            try:
                for session_id in (*row.carried, row.session):
                    await self.fetch(session_id)
            except AnswerError as problem:  # the next order may be well
                _log.warning("late_lines_not_known", extra={"session": row.session, "error": type(problem).__name__})
                continue
            self._looked_at[row.session, row.till] = row.version
            self._listener.lines_left(row.session, row.till)

    def _keep_mark(self, row: SessionState) -> None:
        old = self._journal.mark_of(row.session)
        if old is None or old.version <= row.version:
            self._journal.receive([], [mark_from(row, follows=old.open if old else False)])

    async def _read(self, statement: str, shape: type[A], **facts: object) -> A:
        """Ask, within the deadline. A late question is left to end by itself: to cancel it would take longer."""
        question = asyncio.ensure_future(self._ask(statement, shape, facts))
        self._questions.add(question)
        question.add_done_callback(self._question_ended)
        done, _late = await asyncio.wait({question}, timeout=self._settings.deadline_s)
        if not done:
            raise StoreAwayError
        return question.result()

    async def _ask(self, statement: str, shape: type[A], facts: dict[str, object]) -> A:
        seconds = self._settings.deadline_s
        try:
            hello = await self._road.open(seconds)
            if not hello.ok:
                raise _refused(hello.code, hello.detail, self._identity.till)
            text = encode_read(self._identity, self._road.secret, **facts)
            answer = decode_as(await self._road.ask(statement, text, seconds), shape)
        except LinkError as problem:
            raise _store_error(problem.failure) from problem
        except DamagedReplyError as problem:
            raise AnswerError(unread_sentence()) from problem
        if not answer.ok:
            raise _refused(answer.code, answer.detail, self._identity.till)
        if self._engine.away:  # it answers again: do not wait for the end of the pause
            self._engine.hurry(time.monotonic())
            self._wake.set()
        return answer

    def _listed(self, which: str, rows: Sequence[msgspec.Raw], read: Callable[[msgspec.Raw], T]) -> list[T]:
        """The rows of a list, one by one: one that does not read is named and costs the others nothing."""
        found, doubted = [], set()
        for row in rows:
            try:
                found.append(read(row))
            except DamagedReplyError as problem:
                _log.warning("row_not_read", extra={"row": name_of(row), "error": str(problem)})
                doubted.add(name_of(row))
        self._engine.doubt(which, doubted)
        return found

    def _question_ended(self, question: asyncio.Future[Any]) -> None:
        self._questions.discard(question)
        if not question.cancelled() and (problem := question.exception()):
            _log.debug("question_not_answered", extra={"error": type(problem).__name__})
