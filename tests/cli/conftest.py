"""The command line in this process: with a venue by URL, or with the embedded demo."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache, partial
from typing import TYPE_CHECKING, Any, Final

import pytest
from psycopg.types.json import Jsonb

from db.address import Address
from db.embedded import binaries
from db.engine import connect
from tests.plugins.commands import cheap_hash, make_guesses_cheap, run_here
from tests.plugins.folders import new_data_dir, run_dir
from tests.plugins.servers import FIFTEEN, own_programs, own_server
from tests.sql.ringing import new_id
from till.administration.calls import call
from till.cli.demo_venue import DEMO_PINS
from till.cli.environment import Surroundings
from till.cli.health import server as health_of_server
from till.cli.venues import hold_own
from till.domain.staff.password import hash_to_keep, new_salt, stretch

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    import psycopg

    from tests.plugins.database import Database, Shelf
    from tests.plugins.kept import Kept


#: The rows that the check of the server's disk sorts: some megabytes, in a tenth of a second.
SPILL = health_of_server._SPILL
PASSWORDS = {1: "cashier one", 7: "admin seven", 9: "99999999"}


@cache
def kept_password(number: int) -> tuple[str, str]:
    """The salt of a person's password, and what is kept of it."""
    salt = new_salt()
    return salt, hash_to_keep(stretch(PASSWORDS[number], salt))


@dataclass(frozen=True, slots=True)
class CommandOutput:
    """The exit code and the output of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        assert self.code == 0, self.err
        return json.loads(self.out)


@dataclass(slots=True)
class Shell:
    """Runs commands. `stdin` is never a terminal."""

    patch: pytest.MonkeyPatch
    folder: Path
    tool: str | None = None

    def __call__(self, *arguments: str, stdin: str = "") -> CommandOutput:
        done = run_here(arguments, stdin=stdin, tool=self.tool)
        return CommandOutput(done.returncode, done.stdout, done.stderr)

    def ok(self, *arguments: str, stdin: str = "") -> str:
        result = self(*arguments, stdin=stdin)
        assert result.code == 0, result.err
        return result.out

    def refused(self, *arguments: str, stdin: str = "") -> str:
        result = self(*arguments, stdin=stdin)
        assert (result.code, result.out) == (1, ""), result
        assert result.err.count("\n") == 1
        return result.err.strip().removeprefix("till: ")

    def become(self, number: int, password: str | None = None) -> None:
        """Name the person who runs the next commands."""
        file = self.folder / f"password-{number}"
        file.touch(mode=0o600)
        file.write_text(f"{password or PASSWORDS[number]}\n")
        self.patch.setenv("TILL_STAFF", str(number))
        self.patch.setenv("TILL_PASSWORD_FILE", str(file))


@pytest.fixture
def shell(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    """Commands in this process. The doctor's trial of the server's disk writes little."""
    monkeypatch.setattr(health_of_server, "_SPILL", SPILL.replace("300000", "20000"))
    return Shell(monkeypatch, tmp_path)


@pytest.fixture
def quote(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Shell:
    """The tool that prices a basket, in this process."""
    return Shell(monkeypatch, tmp_path, "quote")


_CONFIG = '[venue]\nname = "Café"\ncurrency = "EUR"\ntimezone = "Europe/Vienna"\n'


def add_staff(owner: psycopg.Connection[Any], store: str) -> None:
    """Add a cashier, a manager and an admin, all with a PIN and a password."""
    for number, name, role, likewise in (
        (1, "Asha", "cashier", 1),
        (7, "Om", "admin", 2),
        (9, "Meena", "manager", 9),
    ):
        call(owner, "user_add_v1", store, None, number, name, role, cheap_hash(DEMO_PINS[likewise]))
        call(owner, "user_set_password_v1", store, None, number, *kept_password(number))


@pytest.fixture(scope="session")
def staffed_template(
    shelf: Shelf, template: str, pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> str:
    """The name of the database that `staffed` copies: it contains a venue and its people."""

    def fill(database: Database) -> None:
        place = tmp_path_factory.mktemp("staffed")
        with new_data_dir(run_dir(pytestconfig), place), pytest.MonkeyPatch.context() as patch:
            make_guesses_cheap(patch)
            config = place / "till.toml"
            config.write_text(_CONFIG)
            patch.setenv("TILL_CONFIG", str(config))
            with database.connect() as owner:
                hold_own(Surroundings.find(), owner)
                add_staff(owner, Surroundings.find().venue.store_id)

    return shelf.template("till_staffed", fill, template)


@pytest.fixture
def lent(request: pytest.FixtureRequest, shelf: Shelf, template: str) -> Iterator[tuple[Kept, Database]]:
    """The database of the test, with its open connections: with people in it for a test of `staffed`."""
    if "staffed" in request.fixturenames:
        template = request.getfixturevalue("staffed_template")
    with shelf.lent(template) as found:
        yield found


@pytest.fixture
def owner_session(kept: Kept, database: Database) -> Iterator[psycopg.Connection[Any]]:
    """A connection with the owner's rights, which knows the database from the tests before."""
    with kept.session(database.owner) as owner:
        yield owner


def lend_or_connect(
    kept: Kept, where: Address | str, **options: Any
) -> AbstractContextManager[psycopg.Connection[Any]]:
    """Lend a command a kept session, or connect. Loading the functions takes most of the time of a connection."""
    address = where if isinstance(where, Address) else Address.from_url(where)
    return connect(address, **options) if options or address.dbname != kept.name else kept.session(address)


@pytest.fixture
def venue(shell: Shell, kept: Kept, database: Database, owner_session: psycopg.Connection[Any]) -> Shell:
    """A venue of one's own in a database by URL; nobody works there yet."""
    make_guesses_cheap(shell.patch)
    shell.patch.setattr("db.engine.connect", partial(lend_or_connect, kept))
    config = shell.folder / "till.toml"
    config.write_text(_CONFIG)
    shell.patch.setenv("TILL_CONFIG", str(config))
    shell.patch.setenv("TILL_DATABASE__URL", database.app.url)
    shell.patch.setenv("TILL_DATABASE__OWNER_URL", database.owner.url)
    hold_own(Surroundings.find(), owner_session)
    return shell


def speak_german(database: Database) -> None:
    """Make the venue one that writes a comma before decimals, and its money behind."""
    with database.connect() as connection:
        connection.execute(
            "UPDATE till.settings SET body = jsonb_set(body, '{locale}', '\"de\"') WHERE name = 'settings'"
        )


@pytest.fixture
def save_order(owner_session: psycopg.Connection[Any]) -> Callable[[], str]:
    """Saves an order of 2 × Idly for number 1, 80.00, as a program does; gives its id."""
    items = [{"item_id": "i1", "item": "Idly", "quantity": 2, "unit_price": "40.00"}]

    def save() -> str:
        query = "SELECT till.order_session_save_v1(%s, 1, %s, %s, 'take_away')->>'session'"
        row = owner_session.execute(query, [Surroundings.find().venue.store_id, new_id(), Jsonb(items)]).fetchone()
        assert row is not None
        return str(row[0])

    return save


@pytest.fixture
def staffed(venue: Shell) -> Shell:
    """A venue with a cashier, a manager and an admin, all with a PIN and a password; the admin runs the commands."""
    venue.become(7)
    return venue


@pytest.fixture
def counter(staffed: Shell) -> Shell:
    """A venue with a menu, whose till runs sentences on this machine; the manager types them."""
    file = staffed.folder / "menu.csv"
    file.write_text("name,price,category,plu,tax\nIdly,4.00,Food,1,VAT 10\nDosa,8.00,Food,2,VAT 10\nDal,5.00,Side,3,\n")
    staffed.ok("admin", "menu", "import", str(file))
    staffed.ok("admin", "tills", "add", "999", "--here")
    pin = staffed.folder / "pin"
    pin.touch(mode=0o600)
    pin.write_text(f"{DEMO_PINS[9]}\n")
    staffed.become(9)
    staffed.patch.setenv("TILL_PIN_FILE", str(pin))
    return staffed


@pytest.fixture
def on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, owner_session: psycopg.Connection[Any], staffed: Shell
) -> Callable[[str], Surroundings]:
    """Switch to a machine by name, with its own data folder."""

    def move(name: str) -> Surroundings:
        machine = tmp_path / "machine-id"
        machine.write_text(f"{name}\n", encoding="ascii")
        monkeypatch.setattr("till.wiring.parts._MACHINE_ID", machine)
        staffed.patch.setenv("TILL_DATA_DIR", str(tmp_path / f"data of the {name}"))
        here = Surroundings.find()
        hold_own(here, owner_session)
        here = Surroundings.find()
        here.folders.make()
        return here

    return move


#: The programs of the newest PostgreSQL here.
NEWEST: Final = binaries.bundled_binaries().program("initdb").parent


@pytest.fixture
def programs() -> Path:
    """The programs of the server: the oldest one here, unless a test asks for another."""
    return own_programs()


@pytest.fixture
def server(pytestconfig: pytest.Config, programs: Path) -> Iterator[Address]:
    with own_server(run_dir(pytestconfig), programs=programs) as address:
        yield address


both = pytest.mark.parametrize(
    "programs",
    [
        pytest.param(FIFTEEN, marks=pytest.mark.skipif(not FIFTEEN.is_dir(), reason="PostgreSQL 15 is not installed")),
        NEWEST,
    ],
    ids=["15", "newest"],
)


def is_oldest(server: Address) -> bool:
    with connect(server) as administrator:
        return administrator.info.server_version < 160000


@pytest.fixture
def prepared(shell: Shell, server: Address) -> Address:
    """A venue's server, and a config that names its owner: the owner's address."""
    config = shell.folder / "till.toml"
    config.write_text('[venue]\nname = "Café"\ncurrency = "EUR"\ntimezone = "Europe/Vienna"\n')
    shell.patch.setenv("TILL_CONFIG", str(config))
    app, owner = shell.folder / "app.pw", shell.folder / "owner.pw"
    url = f"postgresql://venue@/bar?host={server.host}"
    shell.patch.setenv("PGPASSWORD", "venue")
    shell.ok("db", "prepare", url, "--password-file", str(app), "--owner-password-file", str(owner))
    shell.patch.delenv("PGPASSWORD")
    for name, role, file in (("", "till_app", app), ("OWNER_", "till_owner", owner)):
        shell.patch.setenv(f"TILL_DATABASE__{name}URL", f"postgresql://{role}@/bar?host={server.host}")
        shell.patch.setenv(f"TILL_DATABASE__{name}PASSWORD_FILE", str(file))
    return Address(server.host, server.port, "bar", "till_owner", owner.read_text().strip())
