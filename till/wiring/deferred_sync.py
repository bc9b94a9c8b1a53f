"""The sync of a till with a screen, created after the first paint: loading its modules takes a tenth of the start."""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING, Any

from till.ports.fiscal import schemes_here

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from till.sync.service import SyncService


class DeferredSync:
    """A `till.ports.Store` and `till.ports.Outbox` before the sync exists.

    Requests wait for the sync. Earlier events are sent too, since a sync starts by sending all unsent events.

    Args:
        make: creates the sync; called in the loop's thread, after its modules are loaded in another thread.
        load: loads in that thread what else the first keys should not wait for.
    """

    def __init__(self, make: Callable[[], SyncService], load: Callable[[], object] = lambda: None) -> None:
        self._make = make
        self._load = load
        self._begun = asyncio.Event()
        self._making: asyncio.Task[SyncService] | None = None

    def begin(self) -> None:
        """Load, create and start the sync, in the running loop. It returns immediately."""
        if self._making is None:
            self._making = asyncio.get_running_loop().create_task(self._start(), name="the sync is made")
            self._begun.set()

    async def _start(self) -> SyncService:
        await asyncio.to_thread(importlib.import_module, "till.sync.service")
        await asyncio.to_thread(schemes_here)  # the till says them to the database
        await asyncio.to_thread(self._load)
        sync = self._make()
        sync.start()
        return sync

    async def made(self) -> SyncService:
        """Return the sync, once it is made."""
        await self._begun.wait()
        assert self._making is not None  # noqa: S101 - for the type checker
        return await asyncio.shield(self._making)

    async def stop(self, flush_seconds: float = 0) -> bool:
        """Stop the sync if it was begun; see `SyncService.stop`."""
        return await (await self.made()).stop(flush_seconds) if self._making else False

    def nudge(self, *, at_once: bool) -> None:
        """Send new events."""
        if self._making is not None and self._making.done():
            self._making.result().nudge(at_once=at_once)

    def __getattr__(self, request: str) -> Callable[..., Awaitable[Any]]:
        """Return a request of `till.ports.Store` that waits for the sync and forwards the call."""

        async def ask(*values: object, **options: object) -> Any:
            return await getattr(await self.made(), request)(*values, **options)

        return ask
