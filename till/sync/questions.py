"""The register's requests to the database, each one round trip with a deadline."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec
from typing_extensions import override

from till.domain.errors import EventError, StoreAwayError, StoreError, TillError
from till.domain.events.envelope import read_time, time_text
from till.domain.i18n import N_, _
from till.domain.money.amount import Currency
from till.domain.order.copying import TabItem
from till.domain.order.evolve import fold
from till.domain.staff.password import stretch
from till.domain.streams import unseal
from till.domain.structs import replace
from till.ports import Questions, RemoteAccount, RemoteVoucher, UnpaidVoucher
from till.ports.store import HeldElsewhereError
from till.sync import reads
from till.sync.connection import ConnectionFailedError
from till.sync.failures import FailureKind, refusal, rejected_sentence, unread_sentence
from till.sync.intake import Intake
from till.sync.messages import Answer, DamagedReplyError, decode_as, encode_read
from till.sync.past_sales import PAST_SALES
from till.sync.reads import name_of
from till.sync.reply_handler import mark_from

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Generator, Sequence

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
        RemoteShelf,
        RemoteStocktake,
        SaleSearch,
        StoreListener,
    )
    from till.sync.engine import Engine
    from till.sync.failures import Failure
    from till.sync.messages import Arrived, SessionState
    from till.sync.reads import ClaimAnswer, EventsAnswer, VoucherAnswer
    from till.sync.server import ListRead, Server, StoreRead
    from till.sync.settings import Identity, Settings

A = TypeVar("A", bound=Answer)
T = TypeVar("T")
#: Seconds between two parts of a big answer: a key needs several turns of the loop until its paint.
_BREATH: Final = 0.002
#: The most sessions to read in one question.
_MOST_READ: Final = 1000
#: The orders to fold without a turn of the loop.
_FOLDED: Final = 10
_log: Final = logging.getLogger(__name__)


async def by_parts(work: Generator[None, None, T]) -> T:
    """Run some work in parts, with turns of the loop between them."""
    while True:
        try:
            next(work)
        except StopIteration as end:
            return end.value  # type: ignore[no-any-return] # StopIteration is not generic
        await asyncio.sleep(_BREATH)


class RetiredError(StoreError):
    """A request of a journal that another journal has replaced."""

    code = "journal_retired"
    default = N_("Another journal has replaced this one.")


def _fold(row: RemoteSession, arrived: Sequence[Arrived]) -> RemoteSession:
    """Return a row with the lines and amounts of the events of its order."""
    try:
        order = fold(unseal(one.b, one.h, one.t) for one in arrived)
    except EventError as problem:  # no till seals such an event: the rest of the list is shown
        _log.warning("order_not_folded", extra={"session": row.session_id, "error": type(problem).__name__})
        return row
    if order is None:
        return row
    items = msgspec.convert([one.shown for one in order.priced.rows], tuple[TabItem, ...])
    return replace(row, lines=len(items), items=items, total=order.total, paid=order.paid)


class UnfitReplyError(StoreError):
    """A reply that does not fit its request. Other requests may succeed."""

    default = N_("The server's answer does not fit. Other questions may work.")


def _store_error(failure: Failure) -> StoreError:
    """Return the error for a request without an answer. A fault of the request is not a network failure."""
    if failure.kind is FailureKind.FATAL:
        return StoreError(failure.detail)
    if failure.kind is FailureKind.REJECTED:
        return UnfitReplyError(rejected_sentence(failure.detail, 0))
    return StoreAwayError()


def _refused(code: str, detail: str | None, till: int) -> StoreError:
    """Return the error for a refused request."""
    sentence = refusal(code, detail or "", till, of_question=True).sentence
    return RetiredError(sentence) if code == RetiredError.code else StoreError(sentence)


def _why_no_invoice(answer: ClaimAnswer) -> str:
    match answer.why:
        case "refunded":
            return _("A part is refunded. Refund the rest, and sell to the buyer.")
        case "issued":
            return _("Its invoice is {number}, made at till {till}.").format(number=answer.number, till=answer.till)
        case "claimed":
            return _("Till {till} is making its invoice. Try again in a minute.").format(till=answer.till)
        case "too_many":
            return _("Too many for tickets of other tills. Use theirs, or wait.")
        case "unstamped":
            return _("Its own record is not at the server yet. Try again soon.")
        case _:
            return _("The server does not have this sale. A manager: Ctrl+O.")


def _why_not(answer: VoucherAnswer) -> str:
    """Return a sentence why a voucher cannot be used."""
    match answer.why:
        case "void":
            return _("That voucher is void.")
        case "expired":
            return _("That voucher ended on {day}.").format(day=answer.expires or "?")
        case "unpaid":
            return _("It is not paid yet: type “sell voucher” and its code.")
        case "too_many":
            return _("Too many wrong codes at this till. Try again in ten minutes.")
        case _:
            return _("There is no voucher with that code.")


class StoreClient(Questions):
    """The requests of a till, each with a deadline. They raise what those of `till.ports.Store` do.

    Args:
        journal: the journal for fetched events.
        listener: notified of news.
        settings: the deadlines of an answer.
        identity: the sender.
        engine: woken when the database answers again.
        server: the venue's database.
    """

    def __init__(
        self,
        journal: Journal,
        listener: StoreListener,
        settings: Settings,
        identity: Identity,
        engine: Engine,
        server: Server,
    ) -> None:
        self._journal = journal
        self._listener = listener
        self._settings = settings
        self._identity = identity
        self._engine = engine
        self._server = server
        self._wake = asyncio.Event()
        self._questions: set[asyncio.Future[Any]] = set()

    @property
    def journal_id(self) -> str:
        """The journal for which this till asks."""
        return self._journal.journal_id

    @override
    async def user_sessions(self, user: int) -> list[RemoteSession]:
        return await self._folded(await self._list(reads.USER_SESSIONS, user=user))

    @override
    async def open_orders(self) -> list[RemoteSession]:
        return await self._folded(await self._list(reads.OPEN_ORDERS))

    @override
    async def cleared_orders(self, user: int, login: str | None) -> list[RemoteClearing]:
        return await self._list(reads.CLEARED_ORDERS, user=user, login=login)

    @override
    async def open_tabs(self) -> list[RemoteSession]:
        return await self._folded(await self._list(reads.OPEN_TABS))

    @override
    async def customers(self, query: str, *, with_account: bool = False) -> list[RemoteCustomer]:
        return await self._list(reads.CUSTOMERS, query=query, with_account=with_account)

    @override
    async def bookings(self) -> list[RemoteBooking]:
        return await self._list(reads.BOOKINGS)

    @override
    async def past_sales(self, search: SaleSearch) -> tuple[list[PastSale], bool]:
        asked: dict[str, object] = {
            "receipt": search.receipt,
            "amount": search.amount,
            "items": search.items,
            "from": time_text(search.since) if search.since else None,
            "to": time_text(search.until) if search.until else None,
            "after": search.after,
        }
        answer = await self.read(PAST_SALES, **{name: value for name, value in asked.items() if value})
        return self._listed(PAST_SALES, answer), answer.more

    @override
    async def claim_invoice(self, order_id: str) -> None:
        answer = await self.read(reads.CLAIM_INVOICE, order=order_id, journal=self.journal_id)
        if answer.why is not None:
            raise StoreError(_why_no_invoice(answer))

    @override
    async def refund_state(self, refund_id: str) -> str | None:
        answer = await self.read(reads.REFUND_STATE, refund=refund_id, journal=self.journal_id)
        return answer.state

    @override
    async def voucher(self, digest: str) -> RemoteVoucher:
        answer = await self.read(reads.VOUCHER, digest=digest)
        if answer.why is not None or answer.ask is None:
            raise UnfitReplyError(_why_not(answer))
        currency = answer.currency or ""
        left = self._money(answer.left, currency)
        return RemoteVoucher(answer.ask, answer.hint or "", left, currency)

    @override
    async def unpaid_voucher(self, digest: str) -> UnpaidVoucher:
        answer = await self.read(reads.VOUCHER, digest=digest)
        if answer.why is None:
            raise UnfitReplyError(_("That voucher is paid already: it can be spent."))
        if answer.voucher is None:
            raise UnfitReplyError(_why_not(answer))
        currency = answer.currency or ""
        return UnpaidVoucher(answer.voucher, answer.hint or "", self._money(answer.price, currency), currency)

    @override
    async def account(self, customer_id: str) -> RemoteAccount | None:
        answer = await self.read(reads.ACCOUNT, customer=customer_id)
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
            raise UnfitReplyError(unread_sentence()) from problem

    @override
    async def shelf(self, items: Sequence[str]) -> list[RemoteShelf]:
        return await self._list(reads.SHELF, items=list(items))

    @override
    async def stocktake(self, sheet: str, *, ends: bool = False) -> RemoteStocktake:
        return reads.remote_stocktake(await self.read(reads.STOCKTAKE, sheet=sheet, ends=ends))

    @override
    async def payment_answer(self, payment_id: str) -> str | None:
        answer = await self.read(reads.PAYMENT_ANSWER, payment=payment_id)
        return answer.state

    @override
    async def matters(self) -> tuple[list[RemoteConflict], list[RemoteRecord], dict[int, int]]:
        answer = await self.read(reads.CONFLICTS)
        conflicts, records = self._listed(reads.CONFLICTS, answer), self._listed(reads.RECORDS, answer)
        return conflicts, records, {one.till: one.conflicts + one.records for one in answer.waiting}

    @override
    async def settle_conflict(self, conflict_id: str, how: str, user: int, password: str) -> None:
        token = await self._token(user, password)
        await self.read(reads.MANAGE, token=token, call="conflict_resolve_v1", values=[conflict_id, how])

    @override
    async def settle_record(self, record: int, how: str, user: int, password: str) -> None:
        token = await self._token(user, password)
        await self.read(reads.MANAGE, token=token, call="quarantine_resolve_v1", values=[record, how])

    async def _token(self, user: int, password: str) -> str:
        """Return a token for a password, valid for some minutes on this till. The password itself is never sent."""
        salted = await self.read(reads.PASSWORD_SALT, user=user)
        stretched = await asyncio.to_thread(stretch, password, salted.salt)
        return (await self.read(reads.PASSWORD_LOGIN, user=user, stretched=stretched)).token

    @override
    async def fetch(self, session_id: str) -> None:
        answer = await self.read(reads.SESSION_EVENTS, session=session_id, stamps=True)
        await self._take_in(answer)
        if answer.stamps:
            self._listener.stamps_came(answer.stamps)

    @override
    async def grant(self, session_id: str, user: int, *, warned: bool = False, cleared: bool = False) -> None:
        answer = await self.read(
            reads.GRANT,
            session=session_id,
            user=user,
            journal=self.journal_id,
            warned=warned,
            cleared=cleared,
        )
        if answer.server_time:  # later events must follow the grant, whatever this till's clock shows
            self._listener.time_received(read_time(answer.server_time))
        await self._take_in(answer)
        if answer.granted:
            self._listener.granted(session_id)
        elif answer.open_at is not None:
            raise HeldElsewhereError

    async def _folded(self, rows: list[RemoteSession]) -> list[RemoteSession]:
        """Return the rows with the lines and amounts of their events, where the database waits for a new snapshot.

        Nothing is kept in the journal: a list takes no order.
        """
        found = await self._events_of([row.session_id for row in rows if row.refold])
        return await by_parts(self._fold_all(rows, found))

    async def _events_of(self, session_ids: Sequence[str]) -> dict[str, list[Arrived]]:
        """Return the events of sessions: of as many in one answer as fit, then of each that is too large for it."""
        found: dict[str, list[Arrived]] = {}
        left = list(dict.fromkeys(session_ids))
        while left:
            answer = await self.read(reads.SESSION_EVENTS, sessions=left[:_MOST_READ])
            whole = set(answer.sessions).intersection(left)
            if not whole:  # also a server that does not know the question
                break
            found |= {one: [] for one in whole}
            for arrived in await self._arrived(answer):
                if arrived.session in whole:
                    found[arrived.session].append(arrived)
            left = [one for one in left if one not in whole]
        for one in left:
            answer = await self.read(reads.SESSION_EVENTS, session=one)
            found[one] = [arrived async for part, _state in self._pages(answer, one) for arrived in part]
        return found

    @staticmethod
    def _fold_all(
        rows: Sequence[RemoteSession], found: dict[str, list[Arrived]]
    ) -> Generator[None, None, list[RemoteSession]]:
        shown: list[RemoteSession] = []
        for row in rows:
            shown.append(_fold(row, found[row.session_id]) if row.refold else row)
            if len(shown) % _FOLDED == 0:
                yield
        return shown

    async def _take_in(self, answer: EventsAnswer) -> None:
        """Keep the events and the mark of a session, page by page."""
        if answer.session is None:
            raise UnfitReplyError(_("The server has no such order."))
        intake, state = Intake(self._journal), answer.session
        async for arrived, latest in self._pages(answer, state.session):
            await by_parts(intake.keep(arrived))
            state = latest or state
        self._engine.doubt(reads.SESSION_EVENTS, intake.unsound)
        if not intake.unsound:
            self._keep_mark(state)
        if intake.grown:
            self._listener.sessions_grew(list(intake.grown))

    async def _pages(
        self, answer: EventsAnswer, session_id: str
    ) -> AsyncIterator[tuple[list[Arrived], SessionState | None]]:
        """Yield the events of an answer and of those that continue it, each part with the state of the session."""
        after = 0
        while True:
            arrived = await self._arrived(answer)
            yield arrived, answer.session
            before, after = after, max((one.version for one in arrived), default=after)
            if not answer.more or after <= before:
                return
            answer = await self.read(reads.SESSION_EVENTS, session=session_id, after=after)

    @staticmethod
    async def _arrived(answer: EventsAnswer) -> list[Arrived]:
        try:
            return await by_parts(Intake.read(answer.events))
        except DamagedReplyError as problem:
            raise UnfitReplyError(unread_sentence()) from problem

    def _keep_mark(self, row: SessionState) -> None:
        old = self._journal.mark_of(row.session)
        if old is None or old.version <= row.version:
            follows = row.holder == self._identity.till or (old.open if old else False)
            self._journal.receive([], [mark_from(row, follows=follows)])

    async def read(self, read: StoreRead[A], longest: float | None = None, /, **facts: object) -> A:
        """Send a request, and return its answer within the deadline.

        A late one is not sent any more, or left to end; with `longest` it is ended after that number of seconds.
        """
        question = asyncio.ensure_future(self._ask(read, facts, longest or self._settings.patience_s))
        self._questions.add(question)
        question.add_done_callback(self._question_ended)
        done, _late = await asyncio.wait({question}, timeout=self._settings.deadline_s)
        if not done:
            raise StoreAwayError
        return question.result()

    async def _ask(self, read: StoreRead[A], facts: dict[str, object], seconds: float) -> A:
        turn = self._settings.deadline_s
        until = time.monotonic() + turn
        try:
            hello = await self._server.open(seconds, turn)
            turn = until - time.monotonic()
            if turn <= 0:  # nobody waits for it any more, and it may take an order from another till
                raise StoreAwayError
            if not hello.ok and hello.code != "journal_not_live":  # such a till may read: another journal sells for it
                raise _refused(hello.code, hello.detail, self._identity.till)
            text = encode_read(self._identity, self._server.secret, **facts)
            answer = decode_as(await self._server.ask(read.statement, text, seconds, turn), read.answer)
        except ConnectionFailedError as problem:
            raise _store_error(problem.failure) from problem
        except DamagedReplyError as problem:
            raise UnfitReplyError(unread_sentence()) from problem
        if not answer.ok:
            raise _refused(answer.code, answer.detail, self._identity.till)
        if self._engine.unreached:  # the database answers again: end the pause, but not that after a refusal
            self._engine.hurry(time.monotonic())
            self._wake.set()
        return answer

    async def _list(self, read: ListRead[A, T], **facts: object) -> list[T]:
        """Return the rows of a list."""
        return self._listed(read, await self.read(read, **facts))

    def _listed(self, read: ListRead[A, T], answer: A) -> list[T]:
        """Return the rows of a list in an answer. Unreadable rows are skipped and reported by name."""
        found, doubted = [], set()
        for row in read.rows(answer):
            try:
                found.append(read.read(row))
            except DamagedReplyError as problem:
                _log.warning("row_not_read", extra={"row": name_of(row), "error": str(problem)})
                doubted.add(name_of(row))
        self._engine.doubt(read, doubted)
        return found

    def _question_ended(self, question: asyncio.Future[Any]) -> None:
        self._questions.discard(question)
        if not question.cancelled() and (problem := question.exception()):
            _log.debug("question_not_answered", extra={"error": type(problem).__name__})
