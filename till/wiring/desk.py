"""The manager's desk with its database: one connection for requests, and one for notifications."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from till.domain.errors import LoginError, StoreAwayError
from till.domain.i18n import _, ngettext
from till.domain.structs import replace
from till.domain.venue import read_venue
from till.ports.desk import ORDERS, TABLE, DeskLine, ListRow
from till.reports.remembering import RememberedSessions
from till.wiring.database_thread import DatabaseThread
from till.wiring.desk_reports import ReportService
from till.wiring.terminal import begin_log, make_paint, prepare_terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    from db.address import Address
    from till.administration.calls import AtServer, ThisMachine
    from till.config import Config, Folders
    from till.domain.venue import Venue
    from till.ports.desk import DescribedAct, DeskAct, Enrolment, PhoneLink, Picture, Prepared, TillDay
    from till.reports.alerts import Growth
    from till.reports.remembering import Entry
    from till.tui.desk_app import DeskApp
    from till.wiring.database_thread import OpenDatabase

#: Seconds to wait for an answer before closing the connection.
_DEADLINE_S: Final = 5.0
#: The timeout of an act in seconds: checking a password takes time on both sides.
_ACT_S: Final = 15.0
#: Seconds between two attempts to listen.
_AGAIN_S: Final = 2.0
#: Seconds between two reports of cache hits, for `till admin stats`.
_REPORT_S: Final = 10.0
#: Seconds for which the database's growth is cached.
_GROWTH_S: Final = 600.0
_PAGE: Final = 1_000
_OPEN: Final = ("active", "pending_logout", "assigned_to_tab")
_log: Final = logging.getLogger(__name__)


class _SessionSource:
    """The source of order sessions on the present connection."""

    def __init__(self, stale_minutes: int) -> None:
        self.at: AtServer | None = None
        self._stale_minutes = stale_minutes

    def session(self, session_id: str) -> Entry | None:
        """Return one session."""
        at = self._at()
        found = at.ask("session_show_v1", session_id)
        return self._folded(at, [found["session"]])[0] if found is not None else None

    def of_user(self, user: int) -> list[Entry]:
        """Return the open sessions of a person."""
        return self._pages(user)

    def all_open(self) -> list[Entry]:
        """Return all open sessions."""
        return self._pages(None)

    def _pages(self, user: int | None) -> list[Entry]:
        at, found, after = self._at(), list[Any](), None
        while True:
            asked = [list(_OPEN), user, None, None, _PAGE, after, self._stale_minutes]
            page = at.ask("session_list_v1", *asked)
            found += page["sessions"]
            after = page["next"]
            if after is None:
                return self._folded(at, found)

    def _folded(self, at: AtServer, entries: list[Entry]) -> list[Entry]:
        from till.administration.folded import updated_entries  # noqa: PLC0415 - after the first paint

        return updated_entries(at, entries)

    def _at(self) -> AtServer:
        if self.at is None:
            raise StoreAwayError
        return self.at


class DeskService(DatabaseThread):
    """The requests of the desk to the database of a venue, one at a time in a separate thread.

    Args:
        place: returns the address with the owner's rights, after starting an embedded database. It blocks.
        store_id: the venue.
        actor: the staff number of the person at the desk; None for the owner of the database.
        person: the person's name.
        stale_minutes: minutes without activity after which an order counts as stale.
        free: returns the free bytes on the database's disk; None if unknown. It blocks.
        is_embedded: True for the embedded database.
        is_demo: True for the demo, which asks for no password.
        machine: this machine; None if it may enrol no till.
        monotonic: returns seconds that advance evenly.
    """

    def __init__(
        self,
        place: Callable[[], Address],
        store_id: str,
        *,
        actor: int | None,
        person: str,
        stale_minutes: int = 30,
        free: Callable[[], int | None] = lambda: None,
        is_embedded: bool = False,
        is_demo: bool = False,
        machine: ThisMachine | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(place, store_id, "till desk", actor=actor, is_embedded=is_embedded, machine=machine)
        self.person = person
        self.asks_password = actor is not None and not is_demo
        self._monotonic = monotonic
        self._free = free
        self._growth: tuple[float, Growth] | None = None
        self._reported_at = -_REPORT_S
        self._source = _SessionSource(stale_minutes)
        self.sessions = RememberedSessions(self._source, monotonic)
        self._reached: dict[str, int] = {}
        self._known = asyncio.Event()

    # Requests of the desk

    async def look(self) -> Picture:
        """Return the present state of the venue."""
        began = self._monotonic()
        picture = await self.ask(self._look, _DEADLINE_S)
        self._known.set()
        answered = round((self._monotonic() - began) * 1000)
        return replace(picture, house=replace(picture.house, answered_ms=answered))

    async def lines(self, session: str) -> tuple[DeskLine, ...]:
        """Return the lines of an order."""
        entry = await self.ask(lambda _database: self.sessions.session(session), _DEADLINE_S)
        items = entry["items"] if entry is not None else []
        return tuple(DeskLine(item["item"], item["quantity"], item["amount"]) for item in items)

    async def day(self, till: int, day: str) -> TillDay:
        """Return the acts of a till on a day."""
        return await self.ask(lambda database: self._day(database, till, day), _ACT_S)

    async def rows(self, book: str, of: str) -> tuple[ListRow, ...]:
        """Return the rows of a list from the command line of the desk."""
        return await self.ask(lambda database: self._rows(database, book, of), _DEADLINE_S)

    async def prepare(self, act: DescribedAct) -> Prepared:
        """Look up the subject of an act from the command line of the desk."""
        return await self.ask(lambda database: act.look_up(database.at), _DEADLINE_S)

    async def act(self, act: DeskAct, password: str) -> str | Enrolment | PhoneLink:
        """Carry out an act on the server, with the password of the person at the desk."""
        return await self.ask(lambda database: self._act(database, act, password), _ACT_S)

    async def follow(self, heard: Callable[[], None]) -> None:
        """Listen for notifications until cancelled. Cached answers are dropped after any pause in listening."""
        from till.sync.connection import Connection, ConnectionFailedError  # noqa: PLC0415 - after the first paint

        def on_notify(payload: str) -> None:
            self.sessions.heard(payload if payload.startswith(self._store_id) or not payload else "other other")
            heard()

        listener = Connection(on_notify)
        try:
            while True:
                await self._known.wait()
                if not listener.is_open:
                    try:
                        await listener.open(self.conninfo, "till desk", _DEADLINE_S)
                    except ConnectionFailedError as problem:
                        _log.info("nobody listens: %s", problem)
                    else:
                        self.sessions.forget_all()
                        heard()
                await asyncio.sleep(_AGAIN_S)
        finally:
            await listener.close()

    # In the thread, one at a time

    def _look(self, database: OpenDatabase) -> Picture:
        from till.administration.waiting import Look  # noqa: PLC0415 - after the first paint
        from till.administration.waits import waiting_alerts  # noqa: PLC0415 - after the first paint
        from till.reports.desk import read_moved, read_picture, read_reached  # noqa: PLC0415 - with SQLAlchemy

        reached = read_reached(database.selects, self._store_id)
        moved = read_moved(database.selects, self._reached, reached)
        if moved is None:
            self.sessions.forget_all()
        elif moved:
            self.sessions.moved(moved)
        self._reached = reached
        entries = self.sessions.all_open()
        self._report_hits(database)
        look = Look(database.at)
        return read_picture(
            database.selects,
            self._store_id,
            look.venue,
            entries,
            ask=database.at.ask,
            waiting=waiting_alerts(look),
            remembered=self.sessions.share,
            growth=self._read_growth(database),
            free=self._free(),
        )

    def _report_hits(self, database: OpenDatabase) -> None:
        """Report the cache hits in the connection's name, where `till admin stats` reads them."""
        if self._monotonic() - self._reported_at >= _REPORT_S:
            self._reported_at = self._monotonic()
            name = self.sessions.hits_of("desk").connection_name()
            database.connection.execute("SELECT set_config('application_name', %s, false)", [name])

    def _read_growth(self, database: OpenDatabase) -> Growth:
        """Return the growth of the database, cached for some minutes."""
        from till.reports.alerts import read_growth  # noqa: PLC0415 - with SQLAlchemy

        now = self._monotonic()
        if self._growth is None or now - self._growth[0] >= _GROWTH_S:
            self._growth = now, read_growth(database.selects)
        return self._growth[1]

    def _day(self, database: OpenDatabase, till: int, typed: str) -> TillDay:
        from till.reports.days import DateError, read_day  # noqa: PLC0415 - after the first paint
        from till.reports.till_day import read_till_day  # noqa: PLC0415 - with SQLAlchemy

        at, known = database.at, database.at.ask("venue")
        venue = read_venue(known)
        day = read_day(typed, venue.business_date(at.now()), known.get("trading_days"))
        try:
            with database.connection.transaction():
                database.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                return read_till_day(database.selects, self._store_id, till, day, venue)
        except OverflowError as problem:
            raise DateError(_("That day is not in the calendar.")) from problem

    def _rows(self, database: OpenDatabase, book: str, of: str) -> tuple[ListRow, ...]:
        from till.administration.lists import list_named  # noqa: PLC0415 - after the first paint

        if book == ORDERS:
            return tuple(map(_order_row, self.sessions.of_user(int(of))))
        if book == TABLE:
            return self._table(database.at, of)
        declared = list_named(book)
        return declared.find(database.at, database.selects).desk_rows() if declared is not None else ()

    def _table(self, at: AtServer, of: str) -> tuple[ListRow, ...]:
        from till.reports.days import read_day  # noqa: PLC0415 - after the first paint
        from till.reports.table import end_of_minute, read_table  # noqa: PLC0415 - after the first paint

        known, now = at.ask("venue"), at.now()
        venue, (name, _at, minute) = read_venue(known), of.rpartition(" at ")
        typed, _space, day = minute.partition(" ")
        of_day = read_day(day, venue.business_date(now), known.get("trading_days")) if day else None
        found = read_table(at.ask, venue, name, end_of_minute(venue, typed, now, of_day))
        rows = (ListRow(row.at, row.words, row.detail, row.amount) for row in found.rows())
        notes = (ListRow("", note, is_note=True) for note in (f"{found.minute}: {found.sentence}", *found.faults))
        return (*notes, *rows)

    def _act(self, database: OpenDatabase, act: DeskAct, password: str) -> str | Enrolment | PhoneLink:
        from till.administration.acts.orders import OrderAct  # noqa: PLC0415 - after the first paint
        from till.administration.authority import admit  # noqa: PLC0415 - after the first paint
        from till.administration.calls import AdministrationError  # noqa: PLC0415 - after the first paint

        if self._actor is not None and self.asks_password:
            admit(database.connection, self._store_id, self._actor, lambda: password, act.needs)
        try:
            return act.do(database.at)
        except LoginError as problem:  # an unsuitable new PIN, not a wrong password of the person at the desk
            raise AdministrationError(problem.sentence) from problem
        finally:  # a refused order may have changed
            self.sessions.moved([act.session] if isinstance(act, OrderAct) else [])

    @override
    def opened(self, database: OpenDatabase) -> None:
        """Drop cached answers from earlier connections, and warm the cache."""
        from till.reports.desk import read_reached  # noqa: PLC0415 - after the first paint

        self._source.at = database.at
        self._reported_at = -_REPORT_S
        self.sessions.forget_all()
        self._reached = read_reached(database.selects, self._store_id)
        self.sessions.warm()

    @override
    def lost(self) -> None:
        """Drop the answers cached from the connection."""
        self._source.at = None
        self.sessions.forget_all()


def _order_row(entry: Entry) -> ListRow:
    """Return the row of an open order in a person's list."""
    lines = ngettext("{n} line", "{n} lines", entry["lines"]).format(n=entry["lines"])
    where = _("till {n}").format(n=entry["till"]) if entry["till"] else ""
    details = ", ".join(filter(None, (str(entry["status"]).replace("_", " "), where, lines)))
    return ListRow("", entry["tab"] or entry["id"][:8], details, str(entry["total"]))


def open_desk(
    config: Config,
    folders: Folders,
    place: Callable[[], Address],
    *,
    store_id: str,
    venue: Venue,
    actor: int | None,
    person: str,
    free: Callable[[], int | None],
    is_embedded: bool,
    machine: ThisMachine,
) -> int:
    """Open the manager's desk on this terminal. Return the exit code.

    Args:
        config: the configuration.
        folders: the data folder.
        place: see `DeskService`.
        store_id: the venue.
        venue: the settings of the venue.
        actor: the staff number of the person at the desk; None for the owner of the database.
        person: the person's name.
        free: see `DeskService`.
        is_embedded: True for the embedded database.
        machine: this machine, for acts that enrol a till on it.
    """
    prepare_terminal()
    from platformdirs import user_documents_path  # noqa: PLC0415 - the terminal is prepared first

    from till.domain.money.formats import marks_of  # noqa: PLC0415 - after `prepare_terminal`
    from till.tui.desk_app import DeskApp  # noqa: PLC0415 - after `prepare_terminal`
    from till.tui.shell.side_app import make_side_keymap  # noqa: PLC0415 - after `prepare_terminal`

    keymap = make_side_keymap(config.keys)
    folders.make()

    service = DeskService(
        place,
        store_id,
        actor=actor,
        person=person,
        stale_minutes=config.session.stale_minutes,
        free=free,
        is_embedded=is_embedded,
        is_demo=venue.demo,
        machine=machine,
    )
    reports = ReportService(place, store_id, user_documents_path(), actor=actor, is_embedded=is_embedded)
    app = DeskApp(
        service, reports, make_paint(config), keymap, marks_of(venue.settings.locale), venue.terms.currency.code
    )
    end_log = begin_log(config, folders)
    try:
        asyncio.run(_live(app, service, reports, mouse=config.ui.mouse))
    finally:
        end_log()
    if app.trouble is not None:
        raise app.trouble
    return app.return_code or 0


async def _live(app: DeskApp, *services: DatabaseThread, mouse: bool) -> None:
    """Run the desk, then close its connections."""
    try:
        await app.run_async(mouse=mouse)
    finally:
        for one in services:
            await one.close()
