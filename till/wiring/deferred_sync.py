"""The sync of a till with a screen, made after the first paint: its modules take a tenth of the start."""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.refund.past import PastSale
    from till.ports import (
        Act,
        RemoteAccount,
        RemoteBooking,
        RemoteClearing,
        RemoteConflict,
        RemoteCustomer,
        RemoteRecord,
        RemoteSession,
        RemoteVoucher,
        SaleSearch,
    )
    from till.sync.service import SyncService


class DeferredSync:
    """`till.ports.Store` and `till.ports.Outbox` for a sync that does not exist yet.

    Requests before it exists wait for it. Events before it are sent all the same: a sync begins by sending what is
    unsent.

    Args:
        make: makes the sync; called in the loop's thread, once its modules were loaded in another.
    """

    def __init__(self, make: Callable[[], SyncService]) -> None:
        self._make = make
        self._begun = asyncio.Event()
        self._making: asyncio.Task[SyncService] | None = None

    def begin(self) -> None:
        """Load, make and start the sync, in the running loop. It returns before any of that has happened."""
        if self._making is None:
            self._making = asyncio.get_running_loop().create_task(self._start(), name="the sync is made")
            self._begun.set()

    async def _start(self) -> SyncService:
        await asyncio.to_thread(importlib.import_module, "till.sync.service")
        sync = self._make()
        sync.start()
        return sync

    async def _made(self) -> SyncService:
        await self._begun.wait()
        assert self._making is not None  # noqa: S101 - for the type checker: it began
        return await asyncio.shield(self._making)

    async def stop(self, flush_seconds: float = 0) -> bool:
        """Stop it if it ever began; see `SyncService.stop`."""
        return await (await self._made()).stop(flush_seconds) if self._making else False

    def nudge(self, *, at_once: bool) -> None:
        """Send new events."""
        if self._making is not None and self._making.done():
            self._making.result().nudge(at_once=at_once)

    async def user_sessions(self, user: int) -> list[RemoteSession]:
        """Return the open order sessions of a user on all tills, newest first."""
        return await (await self._made()).user_sessions(user)

    async def open_orders(self) -> list[RemoteSession]:
        """Return the open order of each person that was touched last, on any till."""
        return await (await self._made()).open_orders()

    async def cleared_orders(self, user: int, login: str | None) -> list[RemoteClearing]:
        """Return a user's orders that somebody else cleared since the login before `login`."""
        return await (await self._made()).cleared_orders(user, login)

    async def open_tabs(self) -> list[RemoteSession]:
        """Return the orders on tabs, newest first."""
        return await (await self._made()).open_tabs()

    async def customers(self, query: str) -> list[RemoteCustomer]:
        """Return customers with such a name or phone number."""
        return await (await self._made()).customers(query)

    async def bookings(self) -> list[RemoteBooking]:
        """Return today's bookings."""
        return await (await self._made()).bookings()

    async def past_sales(self, search: SaleSearch) -> tuple[list[PastSale], bool]:
        """Return sales of the venue, newest first."""
        return await (await self._made()).past_sales(search)

    async def refund_standing(self, refund_id: str) -> str | None:
        """Return the server's state of a refund."""
        return await (await self._made()).refund_standing(refund_id)

    async def voucher(self, digest: str) -> RemoteVoucher:
        """Return the voucher of a code."""
        return await (await self._made()).voucher(digest)

    async def account(self, customer_id: str) -> RemoteAccount | None:
        """Return the house account of a customer."""
        return await (await self._made()).account(customer_id)

    async def payment_answer(self, payment_id: str) -> str | None:
        """Return the server's answer to a payment by voucher or account."""
        return await (await self._made()).payment_answer(payment_id)

    async def matters(self) -> tuple[list[RemoteConflict], list[RemoteRecord], dict[int, int]]:
        """Return the matters that wait for a manager."""
        return await (await self._made()).matters()

    async def settle_conflict(self, conflict_id: str, how: str, user: int, password: str) -> None:
        """Settle a conflict at the server, with the manager's password."""
        await (await self._made()).settle_conflict(conflict_id, how, user, password)

    async def settle_record(self, record: int, how: str, user: int, password: str) -> None:
        """Settle a record that could not be applied, with the manager's password."""
        await (await self._made()).settle_record(record, how, user, password)

    async def fetch(self, session_id: str) -> None:
        """Bring all events of a session into the journal."""
        await (await self._made()).fetch(session_id)

    async def grant(self, session_id: str, user: int, *, warned: bool = False, cleared: bool = False) -> None:
        """Ask for an order, and bring all its events into the journal."""
        await (await self._made()).grant(session_id, user, warned=warned, cleared=cleared)

    async def act(self, act: Act) -> None:
        """Have the server write an act between orders."""
        await (await self._made()).act(act)

    async def heard(self) -> None:
        """Wait until the database was asked for other tills' events; see `SyncService.heard`."""
        await (await self._made()).heard()

    async def flush(self, seconds: float) -> bool:
        """Push what is unsent now. Return True if all of it was acknowledged within that many seconds."""
        return await (await self._made()).flush(seconds)
