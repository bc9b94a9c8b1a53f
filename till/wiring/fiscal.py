"""The sender of fiscal records: a process of the venue that sends what tills stamped to the tax authority.

What waits is what the database has of stamps less answers, so a sender that was killed goes on where it was: at worst a
request is sent again, which the authority answers with the state that it has.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final, Protocol, cast
from urllib.parse import urlsplit

from typing_extensions import override

from till.domain.errors import ConfigError, StoreAwayError, TillError
from till.domain.events.envelope import time_text
from till.domain.fiscal_sending import (
    FiscalOutcome,
    FiscalReply,
    RecordAnswer,
    RecordState,
    RequestTurns,
    SendingPace,
    is_late,
    match_answers,
)
from till.domain.i18n import N_, _
from till.domain.structs import replace
from till.ports.fiscal import FiscalError
from till.sync.fiscal import fiscal_backlog, tell_fiscal
from till.tenders.http import HttpAddress, HttpError, ask
from till.wiring.headless import open_synced

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from datetime import date, datetime

    from till.config import Config, Folders, HeldVenue
    from till.domain.fiscal_sending import Backlog, ListedRecord, StampWork, WaitingRecord
    from till.ports.fiscal import FiscalExchange
    from till.register.register import Register
    from till.sync.service import SyncService
    from till.wiring.till import TillDatabase

#: Seconds between two looks for new stamps.
_LOOK_S: Final = 5.0
#: Seconds between two looks for what no till stamps.
_WORK_S: Final = 15.0
_CONNECT_S: Final = 20.0
#: The largest answer: a thousand lines, each with an error of 1,500 characters.
_LARGEST: Final = 4_000_000
#: The entry points of the forms of authorities, by the name of the law.
_EXCHANGES: Final = "till.fiscal_exchanges"
_log: Final = logging.getLogger(__name__)


class SendingStore(Protocol):
    """The venue's stamps and the answers to them."""

    async def fiscal_backlog(self, after: int = 0) -> Backlog:
        """Return the oldest records without an answer that arrived behind `after`, each chain in its order."""
        ...

    async def begin_fiscal_request(self, batch: Sequence[WaitingRecord]) -> None:
        """Note that a request of these records goes out now."""
        ...

    async def keep_fiscal_answers(
        self,
        answers: Sequence[tuple[WaitingRecord, RecordAnswer]],
        reply: FiscalReply,
        trouble: str,
        untaken: Sequence[WaitingRecord] = (),
    ) -> None:
        """Keep the answers to records; `trouble` says why the authority took nothing, empty if it did.

        Of `untaken` it read none.
        """
        ...


class StampsAtServer(SendingStore):
    """The stamps and answers in the venue's database.

    Args:
        sync: the connection of the sender's till.
    """

    def __init__(self, sync: SyncService) -> None:
        self._sync = sync

    @override
    async def fiscal_backlog(self, after: int = 0) -> Backlog:
        return await fiscal_backlog(self._sync, after)

    @override
    async def begin_fiscal_request(self, batch: Sequence[WaitingRecord]) -> None:
        await tell_fiscal(self._sync, begins=[one.event for one in batch])

    @override
    async def keep_fiscal_answers(
        self,
        answers: Sequence[tuple[WaitingRecord, RecordAnswer]],
        reply: FiscalReply,
        trouble: str,
        untaken: Sequence[WaitingRecord] = (),
    ) -> None:
        rows = [
            {"event": one.event, "state": answer.state, "code": answer.code, "words": answer.words,
             "repeated": answer.is_repeated}
            for one, answer in answers
        ]  # fmt: skip
        facts: dict[str, object] = {} if reply.wait_s is None else {"wait_s": reply.wait_s}
        if untaken:
            facts["untaken"] = [one.event for one in untaken]
        await tell_fiscal(self._sync, answers=rows, receipt=reply.receipt, trouble=trouble, **facts)


async def post_records(address: str, body: bytes, context: ssl.SSLContext | None, within: float) -> tuple[int, bytes]:
    """Send a request to a service. Return the status and the body of its answer.

    Raises:
        HttpError: nothing was sent, or no whole answer arrived.
    """
    read = urlsplit(address)
    is_secured = read.scheme == "https"
    place = HttpAddress(read.hostname or "", read.port or (443 if is_secured else 80), read.path or "/", tls=is_secured)
    head = (
        f"POST {place.path} HTTP/1.1\r\nHost: {place.authority}\r\nContent-Type: text/xml; charset=utf-8\r\n"
        f'SOAPAction: ""\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n'
    )
    answer = await ask(
        place, head.encode() + body, context=context if is_secured else None, connect_within=_CONNECT_S,
        within=within, largest=_LARGEST,
    )  # fmt: skip
    return answer.status, answer.body


class FiscalSender:
    """The sender. It sends one request at a time, and nothing before the answer to what comes before it.

    Args:
        store: the stamps and answers of the venue.
        exchange: the authority's form of requests and answers.
        post: sends the request of a group of records, and returns the status and the body of the answer.
    """

    def __init__(
        self,
        store: SendingStore,
        exchange: FiscalExchange,
        post: Callable[[str, bytes], Awaitable[tuple[int, bytes]]],
    ) -> None:
        self._store, self._exchange, self._post = store, exchange, post
        #: The requests in a row without an answer, by group: a service for trial that is silent delays no other.
        self._failures: dict[str, int] = {}
        self._turns = RequestTurns(exchange.most)

    async def step(self) -> float:
        """Send the next request if one is due. Return the seconds until the next look."""
        backlog, exchange = await self._look(), self._exchange
        try:
            batch = self._turns.next(backlog.records, exchange.group, exchange.own_group(backlog.settings))
            stamps = [one.stamp for one in batch]
            body = exchange.request(stamps, backlog.settings, is_late=is_late(batch, backlog.now)) if batch else b""
        except Exception:
            if not await self._refuse_unwritable(backlog):
                raise
            return 0.0
        if not batch:
            return _LOOK_S
        group = exchange.group(stamps[0])
        pace = SendingPace(backlog.sent_at, backlog.wait_s, self._failures.get(group, 0))
        left = (pace.due_at(backlog.now, is_full=len(batch) == exchange.most) - backlog.now).total_seconds()
        if left > 0:
            return min(left, _LOOK_S)
        await self._store.begin_fiscal_request(batch)
        reply = await self._send(group, body)
        self._turns.learn(backlog.records, batch, reply.outcome)
        answers, trouble = match_answers(batch, reply, exchange.key), ""
        if reply.outcome is FiscalOutcome.MALFORMED:
            if len(batch) == 1:  # the record that the authority cannot read: its words are the record's answer
                (one,), state = batch, RecordState.REFUSED
                key = exchange.key(one.stamp)
                answers = [(one, RecordAnswer(key=key, state=state, code=reply.code, words=reply.words))]
        elif not answers:
            self._failures[group] = self._failures.get(group, 0) + 1
            trouble = " ".join(filter(None, (reply.code, reply.words))) or _("It answered none of the records.")
        if answers:
            self._failures.pop(group, None)
        _log.info("fiscal_request", extra={"records": len(batch), "answers": len(answers), "outcome": reply.outcome})
        is_unread = reply.outcome in {FiscalOutcome.MALFORMED, FiscalOutcome.FORBIDDEN}
        await self._store.keep_fiscal_answers(answers, reply, trouble, batch if is_unread else ())
        return 0.0

    async def _look(self) -> Backlog:
        """Return the backlog with as many records of its first turn as a request holds, and all before them."""
        backlog = await self._store.fiscal_backlog()
        own = self._exchange.own_group(backlog.settings)
        while backlog.has_more and sum(self._is_first(one, own) for one in backlog.records) < self._exchange.most:
            more = await self._store.fiscal_backlog(backlog.records[-1].arrival)
            backlog = replace(backlog, records=backlog.records + more.records, has_more=more.has_more)
        return backlog

    def _is_first(self, one: WaitingRecord, own: str) -> bool:
        try:
            return self._turns.is_first(one) and self._exchange.group(one.stamp) == own
        except Exception:  # noqa: BLE001 - whatever a till wrote: it is answered before a request is made
            return False

    async def _refuse_unwritable(self, backlog: Backlog) -> bool:
        """Answer the records that no request can hold as refused, each with its fault. Return False for none."""
        answers: list[tuple[WaitingRecord, RecordAnswer]] = []
        for one in backlog.records:
            try:
                self._exchange.request([one.stamp], backlog.settings, is_late=False)
            except Exception as fault:  # noqa: BLE001 - whatever a till wrote
                words = _("It cannot be written: {fault}.").format(fault=f"{type(fault).__name__} {fault}")
                answers.append((one, RecordAnswer(key="", state=RecordState.REFUSED, words=words)))
                _log.error("record_not_written", extra={"event": one.event, "number": one.stamp.number})
        if answers:
            await self._store.keep_fiscal_answers(answers, FiscalReply(outcome=FiscalOutcome.ANSWERED), "")
        return bool(answers)

    async def _send(self, group: str, body: bytes) -> FiscalReply:
        try:
            status, answer = await self._post(group, body)
        except HttpError as problem:
            return FiscalReply(outcome=FiscalOutcome.AGAIN, words=_("No answer ({reason}).").format(reason=problem))
        return self._exchange.read(status, answer)


async def list_day(
    exchange: FiscalExchange,
    settings: Mapping[str, str],
    day: date,
    post: Callable[[bytes], Awaitable[tuple[int, bytes]]],
) -> list[ListedRecord]:
    """Return the authority's own list of a day.

    Raises:
        AuthorityError: it lists nothing, or the same page again.
    """
    found: list[ListedRecord] = []
    after: tuple[str, ...] = ()
    while True:
        try:
            page = exchange.read_listing(*await post(exchange.query(settings, day, after)))
        except HttpError as problem:
            raise AuthorityError(_("No answer ({reason}).").format(reason=problem)) from problem
        if page.trouble or (page.after and page.after == after):
            raise AuthorityError(page.trouble or _("It lists the same again."))
        found += page.records
        if not page.after:
            return found
        after = page.after


class AuthorityError(TillError):
    """A tax authority that does not answer a question."""

    code = "authority"
    default = N_("The tax authority does not answer.")


def exchange_of(scheme: str) -> FiscalExchange:
    """Return the exchange of the venue's law.

    Raises:
        ConfigError: the venue has none, or this program lacks it, or it sends nothing.
    """
    for point in entry_points(group=_EXCHANGES, name=scheme) if scheme else ():
        return cast("FiscalExchange", point.load())
    if not scheme:
        raise ConfigError(_("The venue has no law that sends records: `till admin settings set fiscal …` sets one."))
    raise ConfigError(_("This program sends no records of {scheme}.").format(scheme=scheme))


def _make_stamp(register: Register, work: StampWork) -> str:
    """Make a stamp. Return why it could not be made; empty if it was."""
    why = ""
    try:
        register.fiscal.do(work)
    except FiscalError as problem:  # the others are stamped; this one is told as work that stays
        why = problem.sentence
    except Exception as problem:  # noqa: BLE001 - what a till wrote, in the stamp to mend
        _log.exception("stamp_not_made", extra={"of": work.of, "what": work.what})
        return type(problem).__name__
    _log.info("stamp_not_made" if why else "stamp_made", extra={"of": work.of, "what": work.what, "why": why})
    return why


async def send_fiscal(
    config: Config,
    folders: Folders,
    venue: HeldVenue,
    *,
    prepare: Callable[[Callable[[str], None]], TillDatabase],
    context: ssl.SSLContext | None,
    certificate_ends: datetime | None,
    started: Callable[[str], None],
) -> None:
    """Send the records of the venue until the process is terminated (SIGTERM, SIGINT).

    Args:
        config: the configuration, which names the till that stamps for the sender.
        folders: the data folder.
        venue: the venue of the data folder.
        prepare: prepares the database. It is slow, and runs in a thread.
        context: the trust in the authority, and the certificate of the venue; None for a service without TLS.
        certificate_ends: the end of the certificate.
        started: called with the address of the service once the first look is done.

    Raises:
        JournalHeldError: another sender runs on this machine.
        StoreError: the database does not take this till for the sender of the venue.
    """
    own, ends, loop = config.fiscal, asyncio.Event(), asyncio.get_running_loop()
    for one in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(one, ends.set)
    opened = open_synced(config, folders, venue, till=own.till, prepare=prepare, sells=False, is_brief=True)
    async with opened as (register, sync):
        register.ledger.is_sender = True
        folders.note_sender(own.till, is_sender=True)
        store, sender = StampsAtServer(sync), None
        worked_at = -_WORK_S
        while not ends.is_set():
            try:
                # Its own stamps are there first, so that no work comes twice.
                if loop.time() - worked_at >= _WORK_S and await sync.flush(_LOOK_S):
                    worked_at = loop.time()
                    work = (await fiscal_backlog(sync, work=True)).work
                    failed = [{"of": one.of, "why": why} for one in work if (why := _make_stamp(register, one))]
                    if failed:
                        await tell_fiscal(sync, failed=failed)
                if sender is None:
                    if certificate_ends is not None:
                        await tell_fiscal(sync, certificate_ends=time_text(certificate_ends))
                    exchange = exchange_of((await store.fiscal_backlog()).scheme)

                    async def post(group: str, body: bytes, form: FiscalExchange = exchange) -> tuple[int, bytes]:
                        address = own.service or form.address(group, has_seal=own.seal)
                        return await post_records(address, body, context, own.answer_s)

                    sender = FiscalSender(store, exchange, post)
                    started(own.service or _("the tax authority"))
                pause = await sender.step()
            except StoreAwayError as problem:
                _log.warning("sender_without_database", extra={"error": problem.sentence})
                pause = _LOOK_S
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(ends.wait(), pause)
