"""A till with its screen. It paints from the journal first, and starts the database afterwards."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol, cast

from till import __version__
from till.domain.errors import JournalError
from till.domain.events.envelope import Draft
from till.domain.i18n import quote
from till.domain.till.events import TillStarted, TillStopped, stream_of_till
from till.ports.fiscal import schemes_here
from till.register.losses import describe_loss
from till.register.other_tills.news import TenderMissing
from till.wiring.deferred_sync import DeferredSync
from till.wiring.parts import (
    TillTime,
    WallClock,
    cash_till,
    make_register,
    open_own_journal,
    read_vocabulary,
    refuse_sender,
    seed_cache,
)
from till.wiring.terminal import begin_log, make_paint, prepare_terminal

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Coroutine, Mapping
    from datetime import datetime
    from typing import Any

    from till.config import Config, Folders, HeldVenue
    from till.journal import JournalFile
    from till.ports import Store, StoreListener
    from till.ports.training import Training
    from till.register.drawer import Drawer
    from till.register.payments.tenders import Tenders
    from till.register.printing.runner import Runner
    from till.register.quick_entry.vocabulary import Vocabulary
    from till.register.register import Register
    from till.sync.service import SyncService
    from till.sync.settings import ConnectionFacts
    from till.tui.shell.app import TillApp
    from till.tui.shell.idle import IdleClock
    from till.wiring.metrics import Exporter, Measures

#: Seconds for sending unsent events when the till closes; the rest waits in the journal.
_FLUSH_S = 1.5
_TIDY_S = 20.0
_HOUR_S = 3600.0
#: Events that a pause between keys reads into the books of the shift, which takes two milliseconds, and the seconds
#: from one such pause to the next, and to the next look once all are read.
_ENTRIES: Final = 20
_NEXT_S: Final = 0.005
_BOOKS_S: Final = 1.0
_log: Final = logging.getLogger(__name__)


class TillDatabase(Protocol):
    """The running database of a till."""

    @property
    def facts(self) -> ConnectionFacts:
        """The address for the till's connection."""
        ...

    def renew(self) -> ConnectionFacts:
        """Start the database again if it stopped. It blocks."""
        ...

    def release(self) -> None:
        """Release the database. It blocks."""
        ...


class TillTraining(Protocol):
    """A training that replaces a till's sync and tenders."""

    def attach(self, register: Register, begin: Callable[[], None]) -> Training:
        """Return the trainer of a till; `begin` starts its sync once there is a database."""
        ...

    def tenders(self, currency: str) -> Tenders:
        """Return the tenders of the training."""
        ...

    async def close(self) -> None:
        """End the training."""
        ...


class DeferredDatabase:
    """The database of a till, prepared in a thread when the sync first connects.

    Args:
        prepare: starts and fills the database. Its argument is a function that reports slow steps.
    """

    def __init__(self, prepare: Callable[[Callable[[str], None]], TillDatabase]) -> None:
        self._prepare = prepare
        self._database: TillDatabase | None = None

    def facts(self) -> ConnectionFacts:
        """Return the address of the running database. It is called in a thread for each new connection."""
        if self._database is None:
            self._database = self._prepare(logging.getLogger("till").info)
            return self._database.facts
        return self._database.renew()

    def release(self) -> None:
        """Release the database if it was ever prepared."""
        if self._database is not None:
            self._database.release()


def open_till(
    config: Config,
    folders: Folders,
    venue: HeldVenue,
    *,
    till: int,
    prepare: Callable[[Callable[[str], None]], TillDatabase],
    reference: Callable[[], Mapping[str, Mapping[str, Any]]] | None = None,
    exercise: TillTraining | None = None,
) -> int:
    """Open a till with its screen. Return the exit code.

    Args:
        config: the configuration.
        folders: the data folder.
        venue: the venue of the data folder.
        till: this till's number.
        prepare: prepares the database. It is slow, and runs in a thread after the first paint.
        reference: returns menu, staff and settings for a journal that never reached a database.
        exercise: the training, for the till of a training.
    """
    if config.tenders:
        from till.wiring.tenders import check_tenders  # noqa: PLC0415 - most tills name none

        check_tenders(config.tenders)
    vocabulary = read_vocabulary(config.ui.vocabulary, venue.kind)
    quote(config.ui.vocabulary.split("+")[0])
    folders.make()
    journal = open_own_journal(folders, till=till, store_id=venue.store_id)
    database = DeferredDatabase(prepare)
    try:
        refuse_sender(config, folders, journal, till)
        if reference is not None and journal.cached("settings") is None:
            seed_cache(journal, reference())
        return _RunningTill(config, folders, venue, journal, database, vocabulary, till, exercise).run()
    finally:
        journal.close()
        database.release()


def make_sync(
    config: Config,
    journal: JournalFile,
    register: Register,
    facts: Callable[[], ConnectionFacts],
    *,
    till: int,
    store_id: str,
    calm: Callable[[float], Awaitable[None]] | None = None,
    listener: StoreListener | None = None,
    answered: Callable[[float, int], None] | None = None,
    on_kitchen: Callable[[], None] | None = None,
    refused: Callable[[str], None] = lambda _code: None,
    is_brief: bool = False,
) -> SyncService:
    """Return the sync of a register. The register is its default listener.

    `calm` waits for a moment without keys; `answered` is called with the seconds and the number of sent records. With
    `is_brief`, for one sentence, the sync does not run the database's maintenance. `on_kitchen` is for a screen of the
    kitchen. `refused` is called with the code of a refusal that a person must end.
    """
    from till.sync.service import SyncService  # noqa: PLC0415 - after the first paint, to save a tenth of the start
    from till.sync.settings import Identity, Settings, Upkeep  # noqa: PLC0415 - after the first paint, to save a tenth of the start

    own = config.sync
    return SyncService(
        journal,
        listener or register,
        register.ledger.snapshot,
        Settings(
            debounce_ms=own.debounce_ms, max_wait_ms=own.max_wait_ms, poll_s=own.poll_s, deadline_s=own.deadline_s
        ),
        facts,
        identity=Identity(store_id, till, host=socket.gethostname(), schemes=schemes_here()),
        clock=WallClock(),
        upkeep=None
        if is_brief
        else Upkeep(
            stale_minutes=config.session.stale_minutes,
            hot_hours=config.retention.hot_hours,
            warm_days=config.retention.warm_days,
        ),
        calm=calm,
        attendance=register.ledger.attendance,
        settled=(lambda: None) if is_brief else register.kitchen.settled,
        answered=answered,
        on_kitchen=on_kitchen,
        refused=refused,
    )


async def keep_house(journal: JournalFile, days: int, now: Callable[[], datetime]) -> None:
    """Checkpoint the journal's log between keys, and prune old events once an hour."""
    since = 0.0
    while True:
        await asyncio.sleep(_TIDY_S)
        since += _TIDY_S
        try:
            journal.tidy()
            if since >= _HOUR_S and not journal.prune(days, now=now()):
                since = 0.0
        except JournalError as problem:  # the next key reports it; a full disk may have space next time
            _log.warning("journal_not_tidied", extra={"error": problem.code})


async def _keep_books(drawer: Drawer, idle: IdleClock) -> None:
    """Keep the books of the open shift up to date in pauses between keys, so that a close reads only the rest."""
    while True:
        await idle.calm()
        try:
            more = drawer.catch_up(_ENTRIES)
        except JournalError as problem:  # the next key reports it
            _log.warning("books_not_read", extra={"error": problem.code})
            more = False
        await asyncio.sleep(_NEXT_S if more else _BOOKS_S)


class _RunningTill:
    """A till with its screen. Each part is made at its first use; `run` begins the rest after the first paint."""

    def __init__(
        self,
        config: Config,
        folders: Folders,
        venue: HeldVenue,
        journal: JournalFile,
        database: DeferredDatabase,
        vocabulary: Vocabulary | str,
        till: int,
        exercise: TillTraining | None,
    ) -> None:
        self._config, self._folders, self._venue, self._till = config, folders, venue, till
        self._journal, self._database, self._vocabulary, self._exercise = journal, database, vocabulary, exercise
        self._works: list[asyncio.Task[None]] = []
        self._end_log: Callable[[], None] | None = None
        self._printing: Runner | None = None

    @cached_property
    def _idle(self) -> IdleClock:
        from till.tui.shell.idle import IdleClock  # noqa: PLC0415 - after the terminal is prepared

        return IdleClock()

    @cached_property
    def _sync(self) -> DeferredSync:
        return DeferredSync(
            lambda: make_sync(
                self._config,
                self._journal,
                self._register,
                self._database.facts,
                till=self._till,
                store_id=self._venue.store_id,
                calm=self._idle.wait,
                answered=self._measures.answered if self._measures else None,
                refused=self._on_refused,
            ),
            lambda: self._register.fiscal.load(),  # noqa: PLW0108 - the register is made with this sync
        )

    def _on_refused(self, code: str) -> None:
        """Take the till from its phone if it was revoked: `till serve` then ends it here too."""
        if code == "till_revoked":
            from till.config.phones import Phones  # noqa: PLC0415 - most tills are never revoked

            Phones(self._folders).forget(self._till)

    @cached_property
    def _register(self) -> Register:
        return make_register(
            self._journal,
            WallClock(),
            self._sync,
            till=self._till,
            store_id=self._venue.store_id,
            vocabulary=self._vocabulary,
            currency=self._venue.currency,
            cash_at=cash_till(self._config, self._till),
        )

    @cached_property
    def _measures(self) -> Measures | None:
        """The metrics, if they are configured."""
        if not (self._config.metrics.file or self._config.metrics.port):
            return None
        from till.wiring.metrics import Measures  # noqa: PLC0415 - most tills export no metrics

        return Measures(self._journal, self._register, self._journal.opened.disk.path)

    @cached_property
    def _exporter(self) -> Exporter | None:
        if self._measures is None:
            return None
        from till.wiring.metrics import Exporter  # noqa: PLC0415 - already loaded

        return Exporter(self._config.metrics, self._measures, self._till, self._idle.wait)

    @cached_property
    def _app(self) -> TillApp:
        from till.tui.screens.sell.commands import make_keymap  # noqa: PLC0415 - after the terminal is prepared
        from till.tui.start import make_app  # noqa: PLC0415 - after the terminal is prepared

        return make_app(
            self._register,
            make_paint(self._config),
            make_keymap(self._config.keys),
            store=cast("Store", self._sync),
            idle_minutes=self._config.session.idle_minutes,
            after_paint=self._begin,
            notice=self._journal.opened.notice or describe_loss(self._journal),
            idle=self._idle,
            on_key=self._measures.key_painted if self._measures else None,
            training=self._exercise.attach(self._register, self._sync.begin) if self._exercise else None,
        )

    def run(self) -> int:
        """Run the till until it closes, and return its exit code; what failed on the screen is raised at the end."""
        prepare_terminal()
        app = self._app
        try:
            asyncio.run(self._live())
            if app.trouble is None and self._exporter is not None:
                self._exporter.close()
        finally:
            if self._end_log is not None:
                _log.info("till_closed")
                self._end_log()
        if app.trouble is not None:
            raise app.trouble
        return app.return_code or 0

    async def _live(self) -> None:
        """Run the screen, and then end all other work in order."""
        self._start(keep_house(self._journal, self._config.retention.journal_days, self._register.ledger.now))
        if sys.platform != "win32":  # on shutdown: restore the terminal, close the journal
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._app.controller.leave)
        await self._app.run_async(mouse=self._config.ui.mouse)  # if false, the terminal's own mouse selects and copies
        self._register.asker.end()
        for work in self._works:
            work.cancel()
        if self._printing is not None:
            await self._printing.end()
        if self._app.trouble is None and self._end_log is not None:  # a start that failed wrote no beginning
            self._write(TillStopped())
        await self._sync.stop(_FLUSH_S)
        if self._exercise is not None:
            await self._exercise.close()

    def _begin(self) -> None:
        """Begin the log, the metrics, the sync, the tenders and the printing."""
        self._end_log = begin_log(self._config, self._folders, self._till)
        _log.info("till_opened", extra={"version": __version__})
        if self._exporter is not None:
            self._start(self._exporter.run())
        if self._exercise is None:
            self._sync.begin()
            self._start(self._offer_tenders())
        else:
            self._register.asker.begin(self._exercise.tenders(self._venue.currency), self._sync.flush, self._sync.heard)
        self._write(TillStarted(build=__version__))
        self._start(_keep_books(self._register.drawer, self._idle))
        if self._exercise is None:
            from till.wiring.printing import begin_printing  # noqa: PLC0415 - after the first paint

            self._printing = begin_printing(
                self._register, self._register.paper_changed, self._idle.calm, fonts=self._config.paper.fonts
            )
            from till.wiring.beside import beside_till  # noqa: PLC0415 - after the first paint

            for work in beside_till():
                self._start(work(self._folders, self._till, self._app.controller, self._idle))
        gc.enable()

    async def _offer_tenders(self) -> None:
        """Load the configured tenders, and poll unanswered charges."""
        from till.wiring.tenders import configured, left_out, make_tenders  # noqa: PLC0415 - after the first paint

        if missing := left_out(self._config, self._venue.currency):
            _log.info("tenders_left_out", extra={"tenders": list(missing)})
        tenders, wrong = await asyncio.to_thread(
            make_tenders,
            configured(self._config, self._venue.currency),
            currency=self._venue.currency,
            till=self._till,
            clock=TillTime(self._register.ledger),
            store=cast("Store", self._sync),
            cash_at=cash_till(self._config, self._till),
        )
        for sentence in wrong:
            self._register.watcher.on_news(TenderMissing(sentence))
        self._register.asker.begin(tenders, self._sync.flush, self._sync.heard)

    def _write(self, data: TillStarted | TillStopped) -> None:
        """Write an event of the screen. A disk that cannot be written does not stop it; the next key reports it."""
        ledger = self._register.ledger
        try:
            ledger.commit([Draft(data, stream_of_till(ledger.store_id, self._till))])
        except JournalError as problem:
            _log.warning("screen_not_noted", extra={"error": problem.code})

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self._works.append(asyncio.create_task(work))
