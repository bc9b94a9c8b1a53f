"""The manager's desk with its database: one connection for requests, and one that listens."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, TypeVar

from till.domain.errors import LoginError, StoreAwayError, TillError
from till.domain.i18n import _, ngettext
from till.domain.structs import replace
from till.ports.desk import Book, ListRow, ShownLine
from till.reports.remembering import RememberedSessions
from till.wiring.terminal import begin_log, make_paint, prepare_terminal

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from db.address import Address
    from till.administration.calls import AtServer
    from till.config import Config, Folders
    from till.domain.venue import Venue
    from till.ports.desk import DeskAct, Enrolment, Picture, Prepared, SaidAct, TillDay
    from till.reports.alerts import Growth
    from till.reports.remembering import Entry

T = TypeVar("T")

#: Seconds to wait for an answer before closing the connection.
_DEADLINE_S: Final = 5.0
#: Seconds for an act: checking a password takes time on both sides.
_ACT_S: Final = 15.0
#: Seconds between two attempts to listen.
_AGAIN_S: Final = 2.0
#: Seconds between two reports of cache hits on its connection, for `till admin stats`.
_TELL_S: Final = 10.0
#: Seconds that the database's growth is remembered.
_GROWTH_S: Final = 600.0
_PAGE: Final = 1_000
_OPEN: Final = ("active", "pending_logout", "assigned_to_tab")
_log: Final = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Database:
    """An open connection, with the selects over it."""

    connection: psycopg.Connection[Any]
    selects: Any
    at: AtServer


class _Asked:
    """The source of order sessions, over the present connection."""

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
        from till.administration.folded import folded  # noqa: PLC0415 - behind the first paint

        return folded(at, entries)

    def _at(self) -> AtServer:
        if self.at is None:
            raise StoreAwayError
        return self.at


class DeskService:
    """The database of a venue, asked from the desk: one request after the other, in a thread of its own.

    Args:
        place: returns the address with the owner's rights; an embedded database is up by then. Blocks.
        store_id: the venue.
        actor: the staff number of the person at the desk; None for the owner of the database.
        person: their name.
        stale_minutes: minutes without activity after which an order counts as stale.
        free: returns the free bytes where the database is; None if unknown. Blocks.
        is_embedded: True for the embedded database.
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
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self.person = person
        self.asks_password = actor is not None
        self._place = place
        self._store_id = store_id
        self._actor = actor
        self._monotonic = monotonic
        self._free = free
        self._is_embedded = is_embedded
        self._growth: tuple[float, Growth] | None = None
        self._told_at = -_TELL_S
        self._asked = _Asked(stale_minutes)
        self.sessions = RememberedSessions(self._asked, monotonic)
        self._reached: dict[str, int] = {}
        self._database: _Database | None = None
        self._stack = ExitStack()
        self._turn = asyncio.Lock()
        self._thread = ThreadPoolExecutor(1, "desk")
        self._conninfo = ""
        self._known = asyncio.Event()

    # Requests of the desk.

    async def look(self) -> Picture:
        """Return the venue as it is now."""
        began = self._monotonic()
        picture = await self._ask(self._look, _DEADLINE_S)
        self._known.set()
        answered = round((self._monotonic() - began) * 1000)
        return replace(picture, house=replace(picture.house, answered_ms=answered))

    async def lines(self, session: str) -> tuple[ShownLine, ...]:
        """Return the lines of an order."""
        entry = await self._ask(lambda _database: self.sessions.session(session), _DEADLINE_S)
        items = entry["items"] if entry is not None else []
        return tuple(ShownLine(item["item"], item["quantity"], item["amount"]) for item in items)

    async def day(self, till: int, day: str) -> TillDay:
        """Return the acts of a till on a day."""
        return await self._ask(lambda database: self._day(database, till, day), _ACT_S)

    async def rows(self, book: Book, of: str) -> tuple[ListRow, ...]:
        """Return the rows of a list that was asked for in words."""
        return await self._ask(lambda database: self._rows(database, book, of), _DEADLINE_S)

    async def prepare(self, act: SaidAct) -> Prepared:
        """Look up what an act in words is about."""
        return await self._ask(lambda database: act.look_up(database.at, database.selects), _DEADLINE_S)

    async def act(self, act: DeskAct, password: str) -> str | Enrolment:
        """Do an act at the server, with the password of the person at the desk."""
        return await self._ask(lambda database: self._act(database, act, password), _ACT_S)

    async def follow(self, heard: Callable[[], None]) -> None:
        """Listen until this is cancelled. Cached answers are dropped after any pause in listening."""
        from till.sync.connection import Connection, ConnectionFailedError  # noqa: PLC0415 - behind the first paint

        def told(payload: str) -> None:
            self.sessions.heard(payload if payload.startswith(self._store_id) or not payload else "other other")
            heard()

        listener = Connection(told)
        try:
            while True:
                await self._known.wait()
                if not listener.is_open:
                    try:
                        await listener.open(self._conninfo, "till desk", _DEADLINE_S)
                    except ConnectionFailedError as problem:
                        _log.info("nobody listens: %s", problem)
                    else:
                        self.sessions.forget_all()
                        heard()
                await asyncio.sleep(_AGAIN_S)
        finally:
            await listener.close()

    async def close(self) -> None:
        """Close the connection."""
        self._abort()  # the request under way ends, and the thread is free
        await asyncio.get_running_loop().run_in_executor(self._thread, self._lose)
        self._thread.shutdown(wait=False)

    # In a thread, one at a time.

    def _look(self, database: _Database) -> Picture:
        from till.reports.desk import read_moved, read_picture, read_reached  # noqa: PLC0415 - with SQLAlchemy

        reached = read_reached(database.selects, self._store_id)
        moved = read_moved(database.selects, self._reached, reached)
        if moved is None:
            self.sessions.forget_all()
        elif moved:
            self.sessions.moved(moved)
        self._reached = reached
        entries = self.sessions.all_open()
        self._tell(database)
        return read_picture(
            database.selects,
            self._store_id,
            replace(database.at.venue(), backed_up_at=database.at.ask("backed_up_at")),
            entries,
            ask=database.at.ask,
            remembered=self.sessions.share,
            growth=self._how_it_grows(database),
            free=self._free(),
        )

    def _tell(self, database: _Database) -> None:
        """Report the cache hits where `till admin stats` reads them."""
        if self._monotonic() - self._told_at >= _TELL_S:
            self._told_at = self._monotonic()
            said = self.sessions.told("desk").said()
            database.connection.execute("SELECT set_config('application_name', %s, false)", [said])

    def _how_it_grows(self, database: _Database) -> Growth:
        """Return the growth of the database, read anew from time to time."""
        from till.reports.alerts import read_growth  # noqa: PLC0415 - with SQLAlchemy

        now = self._monotonic()
        if self._growth is None or now - self._growth[0] >= _GROWTH_S:
            self._growth = now, read_growth(database.selects)
        return self._growth[1]

    def _day(self, database: _Database, till: int, said: str) -> TillDay:
        from till.reports.days import DayError, read_day  # noqa: PLC0415 - behind the first paint
        from till.reports.till_day import read_till_day  # noqa: PLC0415 - with SQLAlchemy

        at, venue = database.at, database.at.venue()
        day = read_day(said, venue.business_date(at.now()), at.ask("venue").get("trading_days"))
        try:
            with database.connection.transaction():
                database.connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
                return read_till_day(database.selects, self._store_id, till, day, venue)
        except OverflowError as problem:
            raise DayError(_("That day is not in the calendar.")) from problem

    def _rows(self, database: _Database, book: Book, of: str) -> tuple[ListRow, ...]:
        from till.wiring.desk_lists import read_rows  # noqa: PLC0415 - with SQLAlchemy

        if book is Book.ORDERS:
            return tuple(map(_order_row, self.sessions.of_user(int(of))))
        return read_rows(database.at, database.selects, book)

    def _act(self, database: _Database, act: DeskAct, password: str) -> str | Enrolment:
        from till.administration.acts.orders import OrderAct  # noqa: PLC0415 - behind the first paint
        from till.administration.authority import admit  # noqa: PLC0415 - the same
        from till.administration.calls import AdministrationError  # noqa: PLC0415 - the same

        if self._actor is not None:
            admit(database.connection, self._store_id, self._actor, lambda: password, act.needs)
        try:
            return act.do(database.at)
        except LoginError as problem:  # a new PIN is unsuitable: no wrong password of the person at the desk
            raise AdministrationError(problem.sentence) from problem
        finally:  # a refused order may have changed meanwhile
            self.sessions.moved([act.session] if isinstance(act, OrderAct) else [])

    def _open(self) -> _Database:
        """Return the connection, reopened if it was lost; then nothing cached is kept."""
        if self._database is not None:
            return self._database
        from db.engine import connect, read_state, selecting  # noqa: PLC0415 - behind the first paint
        from till.administration.calls import AtServer  # noqa: PLC0415 - the same
        from till.reports.desk import read_reached  # noqa: PLC0415 - the same

        address = self._place()
        with ExitStack() as stack:
            connection = stack.enter_context(connect(address, application_name="till desk"))
            connection.execute("SET statement_timeout = '10s'")
            state = read_state(connection)
            if state.verdict != "current":
                raise StoreAwayError(state.sentence)
            selects = stack.enter_context(selecting(connection))
            self._stack = stack.pop_all()
        at = AtServer(
            connection=connection,
            store_id=self._store_id,
            author=lambda: self._actor,
            is_embedded=self._is_embedded,
        )
        self._conninfo, self._asked.at = address.conninfo, at
        self._database = _Database(connection, selects, at)
        self._told_at = -_TELL_S
        self.sessions.forget_all()
        self._reached = read_reached(selects, self._store_id)
        self.sessions.warm()
        return self._database

    def _lose(self) -> None:
        """Close the connection, whatever state it is in."""
        stack, self._stack = self._stack, ExitStack()
        database, self._database, self._asked.at = self._database, None, None
        self.sessions.forget_all()
        if database is not None:
            database.connection.pgconn.finish()  # a clean end would wait for a server that is gone
        try:
            stack.close()
        except Exception as problem:  # noqa: BLE001 - it is gone, which is all that is wanted
            _log.debug("the connection was gone already: %s", problem)

    async def _ask(self, work: Callable[[_Database], T], seconds: float) -> T:
        """Run some work over the connection, in turn and within the timeout.

        Raises:
            StoreAwayError: the database cannot be reached, or did not answer in time.
        """
        loop = asyncio.get_running_loop()
        async with self._turn:
            timer = loop.call_later(seconds, self._abort)
            try:
                return await loop.run_in_executor(self._thread, self._do, work)
            finally:
                timer.cancel()

    def _do(self, work: Callable[[_Database], T]) -> T:
        import psycopg  # noqa: PLC0415 - behind the first paint

        from db.engine import reason  # noqa: PLC0415 - the same
        from db.errors import DatabaseError  # noqa: PLC0415 - the same

        try:
            return work(self._open())
        except TillError:  # a refusal of the server, or before asking it: the connection is fine
            raise
        except DatabaseError as problem:
            self._lose()
            raise StoreAwayError(problem.sentence) from problem
        except Exception as problem:
            found = next((one for one in (problem, problem.__cause__) if isinstance(one, psycopg.Error)), None)
            if found is None:
                raise
            self._lose()
            sentence = _("The database does not answer: {why}.")
            raise StoreAwayError(sentence.format(why=reason(found).rstrip("."))) from problem

    def _abort(self) -> None:
        """Break the connection because no answer came in time; this wakes the waiting thread."""
        import psycopg  # noqa: PLC0415 - behind the first paint

        database = self._database
        if database is None:
            return
        try:
            with socket.socket(fileno=os.dup(database.connection.pgconn.socket)) as ours:
                ours.shutdown(socket.SHUT_RDWR)
        except (OSError, psycopg.Error) as problem:  # the other side, or the thread, closed it first
            _log.debug("the connection was gone already: %s", problem)


def _order_row(entry: Entry) -> ListRow:
    """Return an open order in the list of its person."""
    lines = ngettext("{n} line", "{n} lines", entry["lines"]).format(n=entry["lines"])
    where = _("till {n}").format(n=entry["till"]) if entry["till"] else ""
    told = ", ".join(filter(None, (str(entry["status"]).replace("_", " "), where, lines)))
    return ListRow("", entry["tab"] or entry["id"][:8], told, str(entry["total"]))


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
) -> int:
    """Open the manager's desk on this terminal. Return the exit code.

    Args:
        config: the configuration.
        folders: the data folder.
        place: as `DeskService` takes it.
        store_id: the venue.
        venue: its settings.
        actor: the staff number of the person at the desk; None for the owner of the database.
        person: their name.
        free: as `DeskService` takes it.
        is_embedded: True for the embedded database.

    Raises:
        ConfigError: the keys clash.
    """
    prepare_terminal()
    from till.domain.money.formats import marks_of  # noqa: PLC0415 - after `prepare_terminal`
    from till.tui.desk_app import DeskApp, make_desk_keymap  # noqa: PLC0415 - the same

    keymap = make_desk_keymap(config.keys)
    folders.make()

    async def live() -> DeskApp:
        service = DeskService(
            place,
            store_id,
            actor=actor,
            person=person,
            stale_minutes=config.session.stale_minutes,
            free=free,
            is_embedded=is_embedded,
        )
        app = DeskApp(service, make_paint(config), keymap, marks_of(venue.locale), venue.terms.currency.code)
        try:
            await app.run_async(mouse=config.ui.mouse)
        finally:
            await service.close()
        return app

    end_log = begin_log(config, folders)
    try:
        app = asyncio.run(live())
    finally:
        end_log()
    if app.trouble is not None:
        raise app.trouble
    return app.return_code or 0
