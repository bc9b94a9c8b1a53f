"""A database created again, for a venue whose data folder and tills have used it before."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
from contextlib import closing
from datetime import timedelta
from typing import TYPE_CHECKING

import psycopg
import pytest

from db.embedded import places
from db.migrate import upgrade
from tests.cli.test_menu import WITH_CHOICES
from till.cli.connections import prepare_database
from till.cli.environment import Surroundings
from till.config import Folders, HeldVenue, VenueKind, hold_venue
from till.domain.errors import StoreError
from till.domain.order.selling import ItemEntry
from till.wiring.headless import open_register
from till.wiring.parts import WallClock, open_own_journal

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database
    from till.register.register import Register

STORE = "0197d6a0-0000-7000-8000-00000000aa00"


def at_till(number: int, act: Callable[[Register], str]) -> str:
    """Do something at a till that reaches its database, and close it."""

    async def open_and_act() -> str:
        here = Surroundings.find()
        way = open_register(
            here.config,
            here.folders,
            here.venue,
            till=number,
            prepare=lambda tell: prepare_database(here, number, tell),
        )
        async with way as register:
            register.ledger.user = 1
            return act(register)

    return asyncio.run(open_and_act())


def keys(register: Register) -> str:
    item = register.lookup.exact("Idly")
    assert item is not None
    return register.sales.add(None, 1, ItemEntry(item, 2)).id


def sells(register: Register) -> str:
    order = keys(register)
    register.checkout.pay_exact(order)
    return order


def sells_and_closes(register: Register) -> str:
    order = sells(register)
    register.drawer.close()  # the records of an open shift stay on the disk
    return order


def prune(till: int) -> None:
    """A month later: what the database has of finished orders goes from the disk."""
    here = Surroundings.find()
    journal = open_own_journal(here.folders, till=till, store_id=here.venue.store_id)
    try:
        while journal.prune(7, now=WallClock().now() + timedelta(days=30)):
            pass
    finally:
        journal.close()


@pytest.fixture
def forget(staffed: Shell, empty_database: Database) -> Callable[[], None]:
    """Has the venue's URL lead into a database with nothing in it."""

    def lose() -> None:
        staffed.patch.setenv("TILL_DATABASE__URL", empty_database.app.url)
        staffed.patch.setenv("TILL_DATABASE__OWNER_URL", empty_database.owner.url)

    return lose


@pytest.fixture
def sold(staffed: Shell) -> dict[str, str]:
    """Two tills of the venue, a sale with pruned records, another with its records, and an open order on each till."""
    staffed.ok("admin", "menu", "import", *WITH_CHOICES)
    staffed.ok("admin", "tills", "add", "1", "--here", "--name", "Counter")
    staffed.ok("admin", "tills", "add", "2", "--here")
    staffed.ok("admin", "users", "disable", "9")
    staffed.ok("admin", "tables", "set", "7", "--seats", "4", "--area", "Garden")
    staffed.ok("admin", "promotions", "add", "Happy hour", "--category", "Drinks", "--percent", "20")
    found = {"pruned": at_till(1, sells_and_closes)}
    prune(1)
    found |= {"sale": at_till(1, sells), "left": at_till(1, keys), "other": at_till(2, keys)}
    return found


def test_the_venue_is_made_again_and_no_order_and_no_sale_is_lost(
    staffed: Shell, sold: dict[str, str], forget: Callable[[], None], empty_database: Database
) -> None:
    people = staffed("admin", "users", "list", "--json").json["users"]
    menu = staffed.ok("admin", "menu", "export", "-")
    tills = [(row["till"], row["name"]) for row in staffed("admin", "tills", "list", "--json").json["tills"]]
    tables = staffed.ok("admin", "tables", "list")
    offers = staffed.ok("admin", "promotions", "list")
    forget()
    result = staffed("db", "upgrade")
    assert "The venue Café is rebuilt from its tills: 3 people, 62 items on the menu." in result.out
    assert "Tills 1, 2 send their records" in result.err
    assert "set-password" in result.err
    listed = staffed("admin", "users", "list", "--json").json["users"]
    assert listed == [{**person, "has_password": False} for person in people]
    assert staffed.ok("admin", "menu", "export", "-") == menu
    assert "Garden" in tables
    assert staffed.ok("admin", "tables", "list") == tables
    assert "Happy hour" in offers
    assert staffed.ok("admin", "promotions", "list") == offers
    again = staffed("admin", "tills", "list", "--json").json["tills"]
    assert [(row["till"], row["name"]) for row in again] == tills
    assert "rebuilt" not in staffed.ok("db", "upgrade")

    at_till(1, lambda _register: "")  # one of the two opens, of the other the disk is at hand
    staffed("recover")
    with empty_database.connect() as owner:
        assert owner.execute("SELECT session_id FROM cold.orders").fetchall() == [(sold["sale"],)]
    open_now = {row["id"] for row in staffed("recover", "--list", "--json").json["sessions"]}
    assert open_now == {sold["left"], sold["other"]}
    verified = staffed("admin", "audit", "verify", "--json").json
    assert verified["sound"]
    assert sum(len(chain["gaps"]) for chain in verified["chains"]) == 2  # a shift is not pruned
    assert at_till(1, lambda register: str(register.ledger.journal.series)) == ""


def begin_another_journal() -> None:
    """Lose the journal of till 2; the next one asks to take its place."""
    Surroundings.find().folders.journal(2).unlink()
    with pytest.raises(StoreError, match="adopt 2"):
        at_till(2, lambda register: register.ledger.journal.journal_id)
    Surroundings.find().folders.journal(2).unlink()


def test_unsent_records_and_the_series_of_receipts_outlive_the_database(
    staffed: Shell, sold: dict[str, str], forget: Callable[[], None], empty_database: Database
) -> None:
    """The tills are open while the venue is rebuilt, in a database that somebody else's machine has upgraded."""

    def series() -> dict[int, str]:
        return {row["till"]: row["series"] for row in staffed("admin", "tills", "list", "--json").json["tills"]}

    begin_another_journal()
    staffed.ok("admin", "tills", "adopt", "2")
    at_till(2, keys)
    assert series() == {1: "", 2: "B"}
    here = Surroundings.find()
    forget()
    upgrade(Surroundings.find().owner)
    for command in (("users", "add", "5", "--name", "Eva"), ("tills", "add", "3", "--here"), ("list-sessions",)):
        assert "has no venue. `till db upgrade` rebuilds Café" in staffed.refused("admin", *command)
    with (
        closing(open_own_journal(here.folders, till=1, store_id=here.venue.store_id)),
        closing(open_own_journal(here.folders, till=2, store_id=here.venue.store_id)),
    ):
        assert "3 people, 62 items on the menu" in staffed.ok("db", "upgrade")
    result = staffed("recover")
    assert "events of till 1 were sent" in result.err
    assert "events of till 2 were sent" in result.err
    with empty_database.connect() as owner:
        assert owner.execute("SELECT session_id FROM cold.orders").fetchall() == [(sold["sale"],)]
    assert series() == {1: "", 2: "B"}
    begin_another_journal()
    staffed.ok("admin", "tills", "adopt", "2")
    assert at_till(2, lambda register: str(register.ledger.journal.series)) == "C"


def test_a_database_of_another_venue_is_left_alone(venue: Shell, tmp_path: Path) -> None:
    venue.patch.setenv("TILL_DATA_DIR", str(tmp_path / "another"))
    hold_venue(Folders(tmp_path / "another"), HeldVenue(VenueKind.OWN, STORE, "Bar", "EUR"))
    for command in (("db", "upgrade"), ("admin", "users", "list")):
        result = venue(*command)
        assert result.code == 1
        assert "The database holds Café, and the data folder" in result.err
        assert "holds Bar" in result.err


@pytest.fixture
def own(shell: Shell) -> Path:
    """The config of a venue, with a data folder that does not exist yet."""
    config = shell.folder / "till.toml"
    config.write_text('[venue]\nname = "Café"\n')
    shell.patch.setenv("TILL_CONFIG", str(config))
    return config


@pytest.mark.parametrize("command", [(), ("admin", "sessions", "list"), ("recover", "--list"), ("report", "sales")])
def test_an_empty_folder_reads_the_next_step_and_stays_empty(shell: Shell, own: Path, command: tuple[str, ...]) -> None:
    message = shell.refused(*command)
    assert f"`till db upgrade` makes that of {own}, or finds it; then `till admin tills add 1 --here`." in message
    assert "demo" not in message
    assert not Surroundings.find().folders.root.exists()
    assert shell("db", "status", "--json").json["state"] == "not made"


def test_a_config_that_is_a_pipe_keeps_nobody_waiting(shell: Shell) -> None:
    pipe = shell.folder / "pipe"
    os.mkfifo(pipe)
    shell.patch.setenv("TILL_CONFIG", str(pipe))
    assert shell.refused("sessions", "list") == f"The configuration {pipe} is a pipe. Name a file in TILL_CONFIG."


@pytest.mark.usefixtures("own")
def test_an_embedded_database_is_backed_up_restored_and_once_deleted_the_venue_again(shell: Shell) -> None:
    shell.ok("db", "upgrade")
    shell.ok("admin", "tills", "add", "1", "--here")
    file = str(shell.folder / "backup.dump")
    shell.ok("db", "backup", file)
    shell.ok("db", "restore", file, "--replace")
    assert shell("db", "check", "--json").json["ok"]
    parts = json.loads(shell("doctor", "--json").out)["parts"]
    assert {one["verdict"] for one in parts if one["part"] in {"database", "owner", "rights"}} == {"ok"}
    assert shell("db", "status", "--json").json["state"] == "stopped"
    url = shell.ok("db", "url").strip()  # it leads into the database until that is stopped
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT count(*) FROM orders").fetchone() == (0,)
    assert shell("db", "status", "--json").json["kept"]
    assert shell.ok("db", "stop") == "The database is stopped.\n"
    assert "stopped.\nIts version and last backup are shown while it runs: `till db url`" in shell.ok("db", "status")
    held = Surroundings.find().venue
    home = places.find(Surroundings.find().folders.root, places.default_system_dir())
    assert home is not None
    shutil.rmtree(home.cluster)
    assert "of Café is gone. `till db upgrade` rebuilds it" in shell.refused("admin", "sessions", "list")
    parts = json.loads(shell("doctor", "--json").out)["parts"]
    (lost,) = (one for one in parts if one["part"] == "database")
    assert (lost["verdict"], lost["said"]) == ("wrong", "The database of Café is gone.")
    assert not home.cluster.exists()
    assert "is rebuilt" in shell.ok("db", "upgrade")
    assert Surroundings.find().venue == held
    assert [row["till"] for row in shell("admin", "tills", "list", "--json").json["tills"]] == [1]
