"""A venue that traded: a recorded bar replayed to end today, a till of it with people, and a chat with a guest."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import IsolationLevel
from psycopg.types.json import Jsonb

from db.address import Address
from db.embedded import locks, places
from db.engine import connect
from tests.e2e.terminal import TILL
from tests.papers import queries
from tests.plugins.commands import cheap_hash, run_here
from tests.plugins.folders import run_dir
from tests.plugins.terminals import Venue, copy_folder
from tests.replay.bar import Bar
from till.administration.calls import call

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta
    from pathlib import Path

    from tests.e2e.loaded import LoadedTill
    from tests.e2e.terminal import Terminal

#: The person who stays logged in on the till, and the one who logged out.
STAYS, LEFT = 4, 5
PIN = "1111"
#: More names than the query of the popular ones lists, each sold another number of times.
ITEMS = {f"Ale number {n}": n + 1 for n in range(1, 13)}


@dataclass(frozen=True, slots=True)
class Sealed:
    """An event as it was sealed, and when the database got it."""

    id: str
    type: str
    stream: str
    session: str | None
    user: int
    till: int
    login: str | None
    at: datetime
    received: datetime
    data: dict[str, Any]


class Books:
    """The database of the venue, over the connection that `till db url` names, as of one moment.

    Attributes:
        now: the time of the run, by the database's clock.
        events: all of them, read from what was sealed and held to its seals; the columns of the log are not believed.
    """

    def __init__(self, connection: psycopg.Connection[Any], folder: Path) -> None:
        self._connection = connection
        self.folder = folder
        self.now: datetime = self.value("SELECT now()")
        self.events = [
            _read(*row) for row in self.rows("SELECT body, hash, session_id, received_at FROM session_events")
        ]

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Run a query and return its rows; without values it goes as it is written, `%` and all."""
        return self._connection.execute(query, values or None).fetchall()

    def value(self, query: str, *values: object) -> Any:
        return self.rows(query, *values)[0][0]

    def since(self, age: timedelta, *types: str) -> list[Sealed]:
        """The events of these types within that time, by the tills' clocks."""
        return [event for event in self.events if event.type in types and event.at > self.now - age]


def _read(body: str, seal: str, session: str | None, received: datetime) -> Sealed:
    assert sha256(body.encode()).hexdigest() == seal
    reply = json.loads(body)
    at = datetime.fromisoformat(reply["at"])
    return Sealed(
        reply["id"], reply["type"], reply["stream_id"], session, reply["user"], reply["till"], reply["login_session"],
        at, received, reply["data"],
    )  # fmt: skip


@pytest.fixture(scope="session")
def rung(pytestconfig: pytest.Config, loaded_till: LoadedTill) -> Path:
    """The data folder of the venue as its day left it; the first worker makes it. Its till was killed."""
    run = run_dir(pytestconfig)
    folder, draft = run / "papers", run / "papers.draft"
    with locks.exclusively(run / "papers.lock", 240), pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.SYSTEM_DIR_VARIABLE, str(run / "system"))
        if not folder.exists():
            made = Venue(draft, loaded=loaded_till)
            try:
                _trade(made, run)
            finally:
                made.close()
                made.server.stop(even_if_used=True)
            draft.rename(folder)
            places.find(folder, run / "system")  # the database notes that its data folder was moved
    return folder


@pytest.fixture(scope="module")
def traded(
    rung: Path, tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config, loaded_till: LoadedTill
) -> Iterator[Venue]:
    """A copy of the venue for all tests of the module."""
    venue = Venue(tmp_path_factory.mktemp("papers") / "data", loaded=loaded_till)
    system = run_dir(pytestconfig) / "system"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(places.SYSTEM_DIR_VARIABLE, str(system))
        copy_folder(rung, venue.folder, system)
        try:
            yield venue
        finally:
            venue.server.stop(even_if_used=True)
            home = places.find(venue.folder, system)
            if home is not None and home.foreign:
                shutil.rmtree(home.folder)
            shutil.rmtree(venue.folder)


@pytest.fixture(scope="module")
def url(traded: Venue) -> str:
    """The address from `till db url`; the server is up from then on."""
    return traded.url()


@pytest.fixture
def owner(url: str) -> Iterator[psycopg.Connection[Any]]:
    """A connection by that, in a transaction of which nothing stays."""
    with psycopg.connect(url) as connection:
        connection.isolation_level = IsolationLevel.REPEATABLE_READ
        yield connection
        connection.rollback()


@pytest.fixture
def books(owner: psycopg.Connection[Any], traded: Venue) -> Books:
    return Books(owner, traded.folder)


def recorded() -> Bar:
    """Three days: one that no query reaches, one of last week, and today."""
    bar = Bar(days={1: "2025-06-01", 2: "2025-07-08", 3: "2025-07-11"})
    bar.menu = [(name, "10", "2.00") for name in ITEMS]
    for day in bar.days:
        for number, (name, pieces) in enumerate(ITEMS.items()):
            sale = f"{day}/{number}"
            bar.sell(sale, name, pieces, "2.00", day=day)
            bar.pay(sale, "CASH", f"{2 * pieces}.00", day=day)
        bar.sell(f"{day}/void", "Ale number 1", 3, "2.00", day=day, voided_by=len(bar.lines) + 2)
        bar.sell(f"{day}/void", "Ale number 1", -3, "2.00", day=day, at="12:02", void=True)
    return bar


def _trade(venue: Venue, folder: Path) -> None:
    arguments = [str(recorded().write(folder / "papers.bar")), "--ending", "today", "--json"]
    report = json.loads(run_here(arguments, tool="replay", more=venue.environment()).stdout)
    assert report["lost"] == 0
    venue.url()  # and it stays up
    with venue.connect() as owner:
        store = owner.execute("SELECT store_id::text FROM stores").fetchall()[0][0]
        call(owner, "user_add_v1", store, None, LEFT, "Ravi", "cashier", cheap_hash(PIN))
        call(owner, "user_set_pin_v1", store, None, STAYS, cheap_hash(PIN))
        put_on_menu(owner, store)
    assert venue.run("admin", "tills", "add", "1", "--here").returncode == 0
    chat(venue)
    sell(venue, folder)


def sell(venue: Venue, folder: Path) -> Terminal:
    """Two people at the till: one who sells, takes the money of the chat and leaves; and one with an order open."""
    config = folder / "papers.toml"
    config.write_text("[till]\nid = 1\n", encoding="utf-8")
    till = venue.spawn([TILL], more={"TILL_CONFIG": str(config)}).wait_for("● saved")
    log_in(till, LEFT)
    till.type("show me the menu\r").type("2 Ale number 1\r").wait_for("Total £4.00")
    till.press("f9").wait_for("Enter takes £4.00").type("\r").wait_for(", exact.").wait_for("● saved")
    till.press("f5").wait_for("Chat 1").wait_for("£240.00 to be paid").type("\r").wait_for("Enter takes £240.00")
    till.type("240\r").wait_for(", exact.").wait_for("● saved")
    till.press("f12")
    log_in(till, STAYS)
    till.type("3 Ale number 2\r").wait_for("Total £6.00")
    till.press("f7").press("f2").type("spilt\r").wait_for("Total £0.00")
    return till.type("Ale number 3\r").wait_for("Total £2.00").wait_for("● saved")


def log_in(till: Terminal, staff: int) -> None:
    till.wait_for("type a number").type(f"{staff}\r{PIN}\r").wait_for(lambda t: "type a number" not in t.text)


def put_on_menu(owner: psycopg.Connection[Any], store: str) -> None:
    """Sell the items of the conversation, at all times."""
    ((body,),) = owner.execute("SELECT till.menu_export_v1(%s)", [store]).fetchall()
    like = {**body["items"][0], "plu": None, "barcodes": [], "aliases": []}
    for item, name, price in (("item-123", "Idly", "40.00"), ("item-456", "Masala Dosa", "80.00")):
        body["items"].append({**like, "id": item, "name": name, "price": price, "position": len(body["items"]) + 1})
    owner.execute("SELECT till.menu_import_v1(%s, NULL, %s)", [store, Jsonb(body)])


def chat(venue: Venue) -> None:
    """The conversation, with its own statements, by a program that is not a till."""
    reply = venue.ask("admin", "programs", "add", "chat")
    way = Address(reply["host"], reply["port"], reply["dbname"], reply["role"], reply["password"])
    with connect(way) as guest:
        for one in CONVERSATION:
            guest.execute(one)
        # one who looked, took something, and went
        guest.execute(queries.ADD.text.replace("sess_abc123", "sess_of_another"))


def of_dosa(statement: str) -> str:
    """Return a statement for the other item, which the third turn leaves out."""
    named = {"item-123": "item-456", "Idly": "Masala Dosa", '"quantity": 2': '"quantity": 1', "40.00": "80.00"}
    for one, other in {**named, '"price": 40': '"price": 80', "', 2, ": "', 1, "}.items():
        statement = statement.replace(one, other)
    return statement


#: The mark for the rest of a list.
_ELIDED = ", ..."
CONVERSATION = (
    queries.LOG_VIEW.text, queries.SHOW_MENU.text.replace(_ELIDED, ""),
    queries.LOG_ADD.text, queries.ADD.text, queries.MENTION.text,
    of_dosa(queries.LOG_ADD.text), of_dosa(queries.ADD.text), of_dosa(queries.MENTION.text),
    of_dosa(queries.LOG_ADD.text), queries.ONE_MORE.text,
    queries.CHECKOUT.text, queries.ORDER.text,
)  # fmt: skip
