"""The sync of a till with a screen, made after the first paint: its modules take a tenth of the start."""

from __future__ import annotations

import asyncio
import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

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

    def __getattr__(self, request: str) -> Callable[..., Awaitable[Any]]:
        """Return a request of `till.ports.Store` that waits for the sync and asks it."""

        async def ask(*values: object, **options: object) -> Any:
            return await getattr(await self._made(), request)(*values, **options)

        return ask
