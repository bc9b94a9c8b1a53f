"""The server's grants of orders to this till: requests, and orders that go back unused (ADR 0010)."""

from __future__ import annotations

from asyncio import CancelledError
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import JournalError, NotHeldError, StoreError, TillError
from till.domain.events.envelope import read_time, time_text
from till.domain.i18n import _
from till.domain.order import suspension
from till.domain.order.state import Status
from till.ports import REQUESTED, requested_orders
from till.register.hearing import Hearer
from till.register.losses import describe_loss, is_from_before

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from till.ports import Store
    from till.register.ledger.ledger import Ledger

#: The time for which the server may still grant an order that was requested.
_MAY_COME: Final = timedelta(minutes=10)


class Grants(Hearer):
    """The orders that the server granted to this till, for a screen or for an act.

    Args:
        ledger: the orders.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        #: Orders of which the server listed more than this disk has.
        self.behind: frozenset[str] = frozenset()
        self._fetched: set[str] = set()
        #: Requested orders that are awaited, or used by an act.
        self._in_use: set[str] = set()

    def must_ask(self, session_id: str) -> bool:
        """True if the server must grant an order before this till continues it."""
        order = self._ledger.find(session_id)
        if order is None or not self._ledger.holds(order):
            return True
        mark = self._ledger.journal.mark_of(session_id)
        return mark is None or not (mark.open or mark.closed)  # it was held by a lost journal of this till

    def may_lack(self, session_id: str) -> bool:
        """True if records of an order may be missing on this disk, so that the server is asked before it opens."""
        return session_id in self.behind or is_from_before(self._ledger.journal, session_id)

    def doubt(self, session_id: str, records: int) -> str:
        """Return a sentence if an order may be paid although this till does not know it; empty otherwise.

        An order from before a loss is in doubt until the server was asked for it and has judged the loss, and while
        `records` wait for a manager: the lost ones may be among them.
        """
        journal = self._ledger.journal
        is_known = session_id in self._fetched and not records and not describe_loss(journal)
        if is_known or not is_from_before(journal, session_id):
            return ""
        return _("Records are missing here: it may be paid already.")

    async def obtain(
        self,
        store: Store | None,
        session_id: str,
        user: int,
        *,
        warned: bool = False,
        cleared: bool = False,
        for_act: bool = False,
    ) -> bool:
        """Have an order granted to this till, unless it holds it already; fetch it if records may be missing here.

        Without a store, or if it does not answer, an order that this till holds is opened as it is known here. The
        server may still grant an order after the wait for it ended: `put_unused_back` then puts it back.

        Args:
            store: the database; None if it cannot be asked.
            session_id: the order.
            user: the user who continues it.
            warned: True if the user agreed to take it from the till that has it open.
            cleared: True to make it active again after it was cleared.
            for_act: True if it is not opened, and `put_back` follows.

        Returns:
            True if it was granted, now or for something else that did not use it.

        Raises:
            StoreError: the database did not grant it; a `NotHeldError` if it cannot be asked.
        """
        is_unused = session_id in requested_orders(self._ledger.journal)
        if must_ask := self.must_ask(session_id):
            if store is None:
                raise NotHeldError
            self._request(session_id)
            try:
                await store.grant(session_id, user, warned=warned, cleared=cleared)
            except CancelledError:  # its screen is gone
                self._in_use.discard(session_id)
                raise
            except StoreError:
                if self.must_ask(session_id):
                    self._in_use.discard(session_id)
                    raise
            self._fetched.add(session_id)
        elif store is not None and self.may_lack(session_id):
            with suppress(StoreError):
                await store.fetch(session_id)
                self._fetched.add(session_id)
        if not for_act:
            self._settle(session_id)
        elif is_unused:
            self._in_use.add(session_id)
        return must_ask or is_unused

    def _request(self, session_id: str) -> None:
        """Note a request on disk: this till may be killed before the order is opened, or back in its place."""
        self._in_use.add(session_id)
        self._keep_requested({**requested_orders(self._ledger.journal), session_id: time_text(self._ledger.now())})

    def _settle(self, session_id: str) -> None:
        self._in_use.discard(session_id)
        noted = requested_orders(self._ledger.journal)
        if noted.pop(session_id, None) is not None:
            self._keep_requested(noted)

    def _keep_requested(self, noted: Mapping[str, str]) -> None:
        self._ledger.journal.cache(REQUESTED, 0, {"sessions": noted})

    def put_back(self, session_id: str) -> None:
        """Put an order that was granted for an act back on its tab, or suspend it."""
        order = self._ledger.order(session_id)
        if order.status is Status.ACTIVE and self._ledger.holds(order):
            drafts = suspension.save_again(order, order.tab) if order.tab is not None else suspension.suspend(order)
            self._ledger.commit(drafts, order.user if self._ledger.user is None else None)
        self._settle(session_id)

    def put_back_later(self, sessions: Iterable[str]) -> None:
        """Put orders that were granted for an act back with the server's next reply."""
        self._in_use.difference_update(sessions)

    @override
    def server_answered(self) -> None:
        self.put_unused_back()

    def put_unused_back(self) -> None:
        """Put orders back that were granted after the wait for them ended, or in whose act this till was killed."""
        for session_id, at in requested_orders(self._ledger.journal).items():
            if session_id in self._in_use:
                continue
            order, mark = self._ledger.readable(session_id), self._ledger.journal.mark_of(session_id)
            if order is not None and order.holder == self._ledger.till and mark and mark.hold <= order.hold:
                self._ledger.unlock(session_id)
            if not self.must_ask(session_id):
                try:
                    self.put_back(session_id)
                except JournalError:
                    raise
                except TillError:  # F5 lists it: a payment is under way, or a record does not read
                    self._settle(session_id)
            if self._ledger.now() - read_time(at) > _MAY_COME:
                self._settle(session_id)
