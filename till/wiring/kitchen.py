"""A screen of the kitchen: a till without logins, whose journal has only which tickets are done."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from typing import TYPE_CHECKING

from till import __version__
from till.domain.errors import JournalError
from till.domain.events.envelope import Draft
from till.domain.till.events import TillStarted, TillStopped, stream_of_till
from till.wiring.deferred_sync import DeferredSync
from till.wiring.parts import WallClock, make_register, open_own_journal
from till.wiring.terminal import begin_log, make_paint, prepare_terminal
from till.wiring.till import DeferredDatabase, keep_house, make_sync

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Final

    from till.config import Config, Folders, HeldVenue
    from till.domain.events.registry import EventData
    from till.domain.kitchen.board import TicketBoard
    from till.journal import JournalFile
    from till.register.register import Register
    from till.tui.kitchen_app import KitchenApp
    from till.wiring.till import TillDatabase

#: Seconds for sending unsent events when the board closes; the rest waits in the journal.
_FLUSH_S: Final = 1.5
_log: Final = logging.getLogger(__name__)


def open_kitchen(
    config: Config,
    folders: Folders,
    venue: HeldVenue,
    *,
    till: int,
    stations: tuple[str, ...],
    prepare: Callable[[Callable[[str], None]], TillDatabase],
) -> int:
    """Open the board of the kitchen on this terminal. Return the exit code.

    Args:
        config: the configuration.
        folders: the data folder.
        venue: the venue of the data folder.
        till: the number of the screen.
        stations: the stations to show; none for all of its enrolment.
        prepare: prepares the database. It is slow, and runs in a thread after the first paint.
    """
    folders.make()
    journal = open_own_journal(folders, till=till, store_id=venue.store_id, sells=False)
    database = DeferredDatabase(prepare)
    try:
        prepare_terminal()
        from till.register.board import KitchenScreen  # noqa: PLC0415 - after `prepare_terminal`
        from till.tui.kitchen_app import KitchenApp  # noqa: PLC0415 - after `prepare_terminal`
        from till.tui.shell.side_app import make_side_keymap  # noqa: PLC0415 - after `prepare_terminal`

        sync = DeferredSync(
            lambda: make_sync(
                config,
                journal,
                register,
                database.facts,
                till=till,
                store_id=venue.store_id,
                on_kitchen=app.look_soon,
                is_brief=True,
            )
        )

        async def board(stations: Sequence[str], ticket: str | None = None) -> TicketBoard:
            from till.sync.kitchen import read_board  # noqa: PLC0415 - with the sync, after the first paint

            return await read_board(await sync.made(), stations, ticket)

        register = make_register(
            journal, WallClock(), sync, till=till, store_id=venue.store_id, currency=venue.currency
        )
        kitchen = KitchenScreen(register.ledger, register.reference, stations, board)
        app = KitchenApp(register, kitchen, make_paint(config), make_side_keymap(config.keys), sync.begin)
        end_log = begin_log(config, folders, till)
        _log.info("kitchen_opened", extra={"version": __version__})
        try:
            asyncio.run(_live(app, register, journal, sync, mouse=config.ui.mouse, days=config.retention.journal_days))
        finally:
            end_log()
        if app.trouble is not None:
            raise app.trouble
        return app.return_code or 0
    finally:
        journal.close()
        database.release()


async def _live(
    app: KitchenApp, register: Register, journal: JournalFile, sync: DeferredSync, *, mouse: bool, days: int
) -> None:
    """Run the board, then send what was done."""
    house = asyncio.ensure_future(keep_house(journal, days, register.ledger.now))
    if sys.platform != "win32":  # on shutdown: restore the terminal, close the journal
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, app.leave)
    _write(register, TillStarted(build=__version__))
    try:
        await app.run_async(mouse=mouse)
    finally:
        house.cancel()
        _write(register, TillStopped())
        await sync.stop(_FLUSH_S)


def _write(register: Register, data: EventData) -> None:
    """Write an event of the screen. A disk that cannot be written does not stop it; the next key reports it."""
    ledger = register.ledger
    try:
        ledger.commit([Draft(data, stream_of_till(ledger.store_id, ledger.till))])
    except JournalError as problem:
        _log.warning("not_written", extra={"error": problem.code})
