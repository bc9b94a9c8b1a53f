"""A till without a screen, for programs: the same register, journal and sync."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from till.domain.errors import StoreAwayError, StoreError
from till.domain.i18n import _
from till.ports import LightState
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal, read_vocabulary, seed_cache
from till.wiring.till import DeferredDatabase, make_sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from typing import Any

    from till.config import Config, Folders, HeldVenue
    from till.register.register import Register
    from till.sync.service import SyncService
    from till.wiring.till import TillDatabase

#: Seconds that a till waits for the menu if it never met its database.
_MEETING_S: Final = 20.0
#: Seconds that a closing till tries to send unsent events, unless it is offline; the rest waits in the journal.
_FLUSH_S: Final = 20.0


@asynccontextmanager
async def open_register(
    config: Config,
    folders: Folders,
    venue: HeldVenue,
    *,
    till: int,
    prepare: Callable[[Callable[[str], None]], TillDatabase],
    reference: Callable[[], Mapping[str, Mapping[str, Any]]] | None = None,
) -> AsyncIterator[Register]:
    """Open a register whose journal knows the menu, and whose events go to the database while it is open.

    The arguments and errors are those of `open_synced`.
    """
    async with open_synced(config, folders, venue, till=till, prepare=prepare, reference=reference) as (
        register,
        _sync,
    ):
        yield register


@asynccontextmanager
async def open_synced(
    config: Config,
    folders: Folders,
    venue: HeldVenue,
    *,
    till: int,
    prepare: Callable[[Callable[[str], None]], TillDatabase],
    reference: Callable[[], Mapping[str, Mapping[str, Any]]] | None = None,
    is_brief: bool = False,
) -> AsyncIterator[tuple[Register, SyncService]]:
    """Open a register together with its sync.

    Args:
        config: the configuration.
        folders: the data folder.
        venue: its content.
        till: this till's number; no other process may have its journal open.
        prepare: prepares the database; slow, run in a thread.
        reference: menu, staff and settings for a journal that never met a database.
        is_brief: True if it is open for one sentence: the database's maintenance is left to tills that stay.

    Raises:
        JournalError: this till is open already, or its disk fails.
        StoreError: the journal is new and the database cannot be reached, so that there is no menu.
        ConfigError: the vocabulary cannot be used.
    """
    vocabulary = read_vocabulary(config.ui.vocabulary)
    folders.make()
    journal = open_journal(folders.journal(till), till=till, store_id=venue.store_id)
    database = DeferredDatabase(prepare)
    try:
        if reference is not None and journal.cached("settings") is None:
            seed_cache(journal, reference())
        outbox = LateOutbox()
        register = make_register(
            journal, WallClock(), outbox, till=till, store_id=venue.store_id, vocabulary=vocabulary
        )
        if config.tenders:  # a way to pay that asks a provider needs a screen
            from till.register.payments.tenders import Tenders  # noqa: PLC0415 - most tills name none
            from till.wiring.tenders import traits_named  # noqa: PLC0415 - most tills name none

            register.asker.tenders = Tenders(traits_named(name, tender) for name, tender in config.tenders.items())
        sync = make_sync(
            config, journal, register, database.facts, till=till, store_id=venue.store_id, is_brief=is_brief
        )
        outbox.to = sync
        sync.start()
        try:
            if journal.cached("menu") is None:
                await _meet(sync)
            yield register, sync
        finally:
            is_away = sync.light.state is LightState.OFFLINE
            await sync.stop(0 if is_away else _FLUSH_S)
    finally:
        journal.close()
        await asyncio.to_thread(database.release)


async def _meet(sync: SyncService) -> None:
    if not await sync.flush(_MEETING_S):
        if sync.trouble:
            raise StoreError(sync.trouble.sentence)
        raise StoreAwayError(_("The database cannot be reached, and this till has no menu."))
