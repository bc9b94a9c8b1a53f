"""A till without a screen, for programs, with the usual register, journal and sync."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Final

from till.domain.errors import StoreAwayError, StoreError
from till.domain.i18n import _
from till.ports import LightState
from till.wiring.parts import (
    LateOutbox,
    WallClock,
    cash_till,
    make_register,
    open_own_journal,
    read_vocabulary,
    refuse_sender,
    seed_cache,
)
from till.wiring.till import DeferredDatabase, make_sync

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping
    from typing import Any

    from till.config import Config, Folders, HeldVenue
    from till.register.register import Register
    from till.sync.service import SyncService
    from till.wiring.till import TillDatabase

#: Seconds to wait for the menu if the till never reached its database before.
_MENU_S: Final = 20.0
#: Seconds for sending unsent events when the till closes, unless it is offline; the rest waits in the journal.
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
    """Open a register with a menu, whose events are sent to the database while it is open.

    See `open_synced` for the arguments and errors.
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
    sells: bool = True,
    is_brief: bool = False,
) -> AsyncIterator[tuple[Register, SyncService]]:
    """Open a register together with its sync.

    Args:
        config: the configuration.
        folders: the data folder.
        venue: the venue of the data folder.
        till: this till's number; no other process may have its journal open.
        prepare: prepares the database. It is slow, and runs in a thread.
        reference: returns menu, staff and settings for a journal that never reached a database.
        sells: False for the sender of invoice records.
        is_brief: True to open it for one sentence, without the database's maintenance. The caller sends its events.
    """
    vocabulary = read_vocabulary(config.ui.vocabulary, venue.kind)
    folders.make()
    journal = open_own_journal(folders, till=till, store_id=venue.store_id)
    database = DeferredDatabase(prepare)
    try:
        if sells:
            refuse_sender(config, folders, journal, till)
        if reference is not None and journal.cached("settings") is None:
            seed_cache(journal, reference())
        outbox = LateOutbox()
        register = make_register(
            journal,
            WallClock(),
            outbox,
            till=till,
            store_id=venue.store_id,
            vocabulary=vocabulary,
            currency=venue.currency,
            cash_at=cash_till(config, till),
        )
        if config.tenders:  # a tender with a provider needs a screen
            from till.register.payments.tenders import Tenders  # noqa: PLC0415 - most tills name none
            from till.wiring.tenders import configured, traits_named  # noqa: PLC0415 - most tills name none

            tenders = configured(config, venue.currency)
            named = (traits_named(name, tender) for name, tender in tenders.items())
            register.asker.tenders = Tenders(named, cash_at=cash_till(config, till))
        sync = make_sync(
            config, journal, register, database.facts, till=till, store_id=venue.store_id, is_brief=is_brief
        )
        outbox.to = sync
        sync.start()
        try:
            if journal.cached("menu") is None:
                await _wait_for_menu(sync)
            yield register, sync
        finally:
            is_away = sync.light.state is LightState.OFFLINE
            await sync.stop(0 if is_brief or is_away else _FLUSH_S)
    finally:
        journal.close()
        await asyncio.to_thread(database.release)


async def _wait_for_menu(sync: SyncService) -> None:
    if not await sync.flush(_MENU_S):
        if sync.trouble:
            raise StoreError(sync.trouble.sentence)
        raise StoreAwayError(_("The database cannot be reached, and this till has no menu."))
