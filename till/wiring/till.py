"""A till with its screen. It paints from the journal first, and starts the database afterwards."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import socket
import sys
from typing import TYPE_CHECKING, Final, Protocol, cast

from till import __version__
from till.domain.errors import JournalError
from till.domain.events.envelope import Draft
from till.domain.till.events import TillStarted, TillStopped, stream_of_till
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

#: The schema revision of this till. A till and a database refuse revisions that do not fit.
SCHEMA = "0006"
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


class Exercise(Protocol):
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
    exercise: Exercise | None = None,
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

    Raises:
        JournalError: this till is already open, or its disk fails.
        ConfigError: two actions or tenders have the same key, or the vocabulary is ambiguous.
    """
    if config.tenders:
        from till.wiring.tenders import check_tenders  # noqa: PLC0415 - most tills name none

        check_tenders(config.tenders)
    vocabulary = read_vocabulary(config.ui.vocabulary, venue.kind)
    folders.make()
    journal = open_own_journal(folders, till=till, store_id=venue.store_id)
    database = DeferredDatabase(prepare)
    try:
        if reference is not None and journal.cached("settings") is None:
            seed_cache(journal, reference())
        return _run(
            config,
            journal,
            database,
            till=till,
            venue=venue,
            vocabulary=vocabulary,
            log=lambda: _begin_log(config, folders, till),
            exercise=exercise,
        )
    finally:
        journal.close()
        database.release()


def _begin_log(config: Config, folders: Folders, till: int) -> Callable[[], None]:
    """Begin the log of a till; the returned function ends it."""
    end = begin_log(config, folders, till)
    _log.info("till_opened", extra={"version": __version__})

    def close() -> None:
        _log.info("till_closed")
        end()

    return close


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
    is_brief: bool = False,
) -> SyncService:
    """Return the sync of a register. The register is its default listener.

    `calm` waits for a moment without keys; `answered` is called with the seconds and the number of sent records. With
    `is_brief`, for one sentence, the sync does not run the database's maintenance.
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
        identity=Identity(store_id, till, SCHEMA, socket.gethostname()),
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
        answered=answered,
    )


def _make_measures(config: Config, journal: JournalFile, register: Register) -> Measures | None:
    """Return the metrics of a till, if they are configured."""
    if not (config.metrics.file or config.metrics.port):
        return None
    from till.wiring.metrics import Measures  # noqa: PLC0415 - most tills export no metrics

    return Measures(journal, register, journal.opened.disk.path)


def _make_exporter(config: Config, measures: Measures, till: int, idle: IdleClock) -> Exporter:
    from till.wiring.metrics import Exporter  # noqa: PLC0415 - already loaded

    return Exporter(config.metrics, measures, till, idle.wait)


async def _offer_tenders(config: Config, register: Register, sync: DeferredSync, till: int, currency: str) -> None:
    """Load the configured tenders after the first paint, and poll unanswered charges."""
    from till.wiring.tenders import make_tenders  # noqa: PLC0415 - after the first paint

    clock = TillTime(register.ledger)
    tenders, wrong = await asyncio.to_thread(
        make_tenders,
        config.tenders,
        currency=currency,
        till=till,
        clock=clock,
        store=cast("Store", sync),
        cash_at=cash_till(config, till),
    )
    for sentence in wrong:
        register.watcher.on_news(TenderMissing(sentence))
    register.asker.begin(tenders, sync.flush, sync.heard)


async def _keep_house(journal: JournalFile, days: int, now: Callable[[], datetime]) -> None:
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


async def _live(
    app: TillApp,
    sync: DeferredSync,
    background: _Background,
    house: Coroutine[None, None, None],
    *,
    mouse: bool,
    end: Callable[[], Awaitable[None]] | None = None,
) -> None:
    """Run a till until it closes, then cancel its background tasks, and call `end` last.

    With `mouse` false, the terminal uses the mouse for selecting and copying text.
    """
    works = background.works
    works.append(asyncio.create_task(house))
    if sys.platform != "win32":  # on shutdown: restore the terminal, close the journal
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, app.controller.leave)
    await app.run_async(mouse=mouse)
    app.register.asker.end()
    for work in works:
        work.cancel()
    await background.end_printing()
    if app.trouble is None:
        background.write_stop()
    await sync.stop(_FLUSH_S)
    if end is not None:
        await end()


class _Background:
    """The background work that begins after the first paint.

    Attributes:
        works: the running tasks.
    """

    def __init__(
        self,
        config: Config,
        register: Register,
        sync: DeferredSync,
        measures: Measures | None,
        idle: IdleClock,
        till: int,
        currency: str,
        log: Callable[[], Callable[[], None]],
        exercise: Exercise | None = None,
    ) -> None:
        self._exercise = exercise
        self.works: list[asyncio.Task[None]] = []
        self._config, self._register, self._sync = config, register, sync
        self._till, self._currency, self._idle = till, currency, idle
        self._log = log
        self._end_log: Callable[[], None] | None = None
        self._printing: Runner | None = None
        self._exporter = _make_exporter(config, measures, till, idle) if measures else None

    def begin(self) -> None:
        """Begin the log, the metrics, the sync, the tenders and the printing."""
        self._end_log = self._log()
        if self._exporter is not None:
            self._start(self._exporter.run())
        if self._exercise is None:
            self._sync.begin()
            self._start(_offer_tenders(self._config, self._register, self._sync, self._till, self._currency))
        else:
            self._register.asker.begin(self._exercise.tenders(self._currency), self._sync.flush, self._sync.heard)
        self._write(TillStarted(build=__version__))
        self._start(_keep_books(self._register.drawer, self._idle))
        if self._exercise is None:
            from till.wiring.printing import begin_printing  # noqa: PLC0415 - after the first paint

            self._printing = begin_printing(self._register, self._register.paper_changed, self._idle.calm)
        gc.enable()

    async def end_printing(self) -> None:
        """Let a paper that is under way end, and print no more."""
        if self._printing is not None:
            await self._printing.end()

    def write_stop(self) -> None:
        """Write that the screen was closed in order. A start that failed wrote no beginning, and writes no end."""
        if self._end_log is not None:
            self._write(TillStopped())

    def _write(self, data: TillStarted | TillStopped) -> None:
        """Write an event of the screen. A disk that cannot be written does not stop it; the next key reports it."""
        ledger = self._register.ledger
        try:
            ledger.commit([Draft(data, stream_of_till(ledger.store_id, self._till))])
        except JournalError as problem:
            _log.warning("screen_not_noted", extra={"error": problem.code})

    def _start(self, work: Coroutine[None, None, None]) -> None:
        self.works.append(asyncio.create_task(work))

    def close_metrics(self) -> None:
        """Note in the metrics that the till was closed in order."""
        if self._exporter is not None:
            self._exporter.close()

    def end(self) -> None:
        """End the log if it was begun."""
        if self._end_log is not None:
            self._end_log()


def _run(
    config: Config,
    journal: JournalFile,
    database: DeferredDatabase,
    *,
    till: int,
    venue: HeldVenue,
    vocabulary: Vocabulary | str,
    log: Callable[[], Callable[[], None]],
    exercise: Exercise | None = None,
) -> int:
    prepare_terminal()
    from till.tui.screens.sell.commands import make_keymap  # noqa: PLC0415 - after the terminal is prepared
    from till.tui.shell.idle import IdleClock  # noqa: PLC0415 - after the terminal is prepared
    from till.tui.start import make_app  # noqa: PLC0415 - after the terminal is prepared

    idle = IdleClock()
    sync = DeferredSync(
        lambda: make_sync(
            config,
            journal,
            register,
            database.facts,
            till=till,
            store_id=venue.store_id,
            calm=idle.wait,
            answered=measures.answered if measures else None,
        )
    )
    register = make_register(
        journal,
        WallClock(),
        sync,
        till=till,
        store_id=venue.store_id,
        vocabulary=vocabulary,
        currency=venue.currency,
        cash_at=cash_till(config, till),
    )
    measures = _make_measures(config, journal, register)
    background = _Background(config, register, sync, measures, idle, till, venue.currency, log, exercise)
    app = make_app(
        register,
        make_paint(config),
        make_keymap(config.keys),
        store=cast("Store", sync),
        idle_minutes=config.session.idle_minutes,
        after_paint=background.begin,
        notice=journal.opened.notice or describe_loss(journal),
        idle=idle,
        on_key=measures.key_painted if measures else None,
        training=exercise.attach(register, sync.begin) if exercise is not None else None,
    )

    house = _keep_house(journal, config.retention.journal_days, register.ledger.now)
    try:
        end = exercise.close if exercise is not None else None
        asyncio.run(_live(app, sync, background, house, mouse=config.ui.mouse, end=end))
        if app.trouble is None:
            background.close_metrics()
    finally:
        background.end()
    if app.trouble is not None:
        raise app.trouble
    return app.return_code or 0
