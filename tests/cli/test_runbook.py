"""The runbook's step-by-step pages, from top to bottom: a server of PostgreSQL 15, PgBouncer, and four machines."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from bench.pooler import PROGRAM, pooled
from db.address import Address
from tests.cli import test_enrolled
from tests.cli.test_recover_late import key, selling
from tests.plugins.commands import make_guesses_cheap
from tests.plugins.folders import run_dir
from tests.plugins.servers import FIFTEEN, own_programs, own_server, start_again, stop
from till.cli.environment import Surroundings
from till.cli.help import read_sections
from till.ports import LightState

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Shell
    from till.sync.service import SyncService

ALL_WELL = "The database is as this till made it."
#: The zone of the venue in `CONFIG`, which the configuration of an enrolled machine does not name.
keyed = partial(test_enrolled.keyed, zone="Europe/Berlin")
CONFIG = """\
[venue]
name = "Corner Café"
currency = "INR"
locale = "en"
timezone = "Europe/Berlin"
[till]
id = 1
[database]
url = "{url}"
password_file = "{app}"
owner_url = "{owner_url}"
owner_password_file = "{owner}"
"""


class House:
    """A venue whose tills reach its server through PgBouncer; the owner reaches the server itself."""

    def __init__(self, shell: Shell, run: Path) -> None:
        self.shell, self.run = shell, run
        self.app, self.owner = shell.folder / "app.pw", shell.folder / "owner.pw"
        self.stick = shell.folder / "stick"
        self.stick.mkdir()

    def prepare(self, server: Address) -> Address:
        """Step 1 of "A database for more than one machine"; the venue's database as its owner."""
        self.shell.patch.setenv("PGPASSWORD", server.password or "")
        url = f"postgresql://{server.user}@/venue?host={server.host}"
        files = ("--password-file", str(self.app), "--owner-password-file", str(self.owner))
        printed = self.shell("db", "prepare", url, *files)
        assert printed.code == 0, printed.err
        assert printed.out.splitlines()[0] == "[database]"
        assert f'owner_password_file = "{self.owner}"' in printed.out
        self.shell.patch.delenv("PGPASSWORD")
        secret = self.owner.read_text().strip()
        assert secret not in printed.out + printed.err
        return Address(server.host, server.port, "venue", "till_owner", secret)

    @contextmanager
    def pooler(self, owner: Address) -> Iterator[Address]:
        """Yield the tills' address through PgBouncer; the server's own where that is not installed."""
        tills = replace(owner, user="till_app", password=self.app.read_text().strip())
        if PROGRAM is None:
            yield tills
            return
        with TemporaryDirectory(dir=self.run) as folder, pooled(tills, Path(folder), pool=5) as address:
            yield address

    def write_config(self, file: Path, owner: Address, pooler: Address) -> None:
        file.parent.mkdir(exist_ok=True)
        url = pooler.with_password(None).url
        owner_url = f"postgresql://till_owner@/venue?host={owner.host}"
        file.write_text(CONFIG.format(url=url, app=self.app, owner_url=owner_url, owner=self.owner))

    def on(self, name: str) -> Surroundings:
        """Switch to a machine with its own config and data folder."""
        folder = self.shell.folder / name
        folder.mkdir(exist_ok=True)
        self.shell.patch.setenv("TILL_DATA_DIR", str(folder))
        machine = self.shell.folder / "machine-id"
        machine.write_text(f"{name}\n", encoding="ascii")
        self.shell.patch.setattr("till.wiring.parts._MACHINE_ID", machine)
        return Surroundings.find()

    def enrol(self, name: str, code: str, pooler: Address) -> Surroundings:
        self.on(name)
        url = pooler.with_password(None).url
        self.shell.ok("enrol", "--url", url, "--password-file", str(self.app), stdin=code)
        return self.on(name)

    def psql(self, query: str) -> str:
        """Run `PGPASSWORD=$(cat FILE) psql "$(till db url)" -c …`, as the runbook writes it."""
        url = self.shell.ok("db", "url").strip()
        environment = {**os.environ, "PGPASSWORD": self.owner.read_text().strip()}
        program = own_programs() / "psql"
        command = [str(program) if program.exists() else "psql", url, "-At", "-c", query]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout.strip()

    def sales(self) -> int:
        found: int = self.shell("report", "sales", "--json").json["sales"]
        return found


@pytest.fixture
def house(shell: Shell, pytestconfig: pytest.Config) -> House:
    make_guesses_cheap(shell.patch)
    return House(shell, run_dir(pytestconfig))


@cache
def pages() -> dict[str, str]:
    """The sections of the runbook that are steps, by their titles."""
    return {one.title: one.text for one in read_sections() if re.search(r"^1\. ", one.text, re.MULTILINE)}


def test_runbook_from_top_to_bottom(house: House) -> None:
    with own_server(house.run, programs=own_programs()) as server:
        owner = house.prepare(server)
        with house.pooler(owner) as door:
            found_venue(house, owner, door)
            lose_a_till(house, door)
            damage_a_journal(house)
            look_at_a_full_server(house, server)
            go_back_to_a_backup(house, door)
            upgrade(house)
            forget(house)
    with own_server(house.run, programs=own_programs()) as other:
        move_to(house, other)
    lacking = [name for name, there in (("PostgreSQL 15", FIFTEEN.is_dir()), ("PgBouncer", PROGRAM)) if not there]
    if lacking:
        pytest.skip(f"Everything passed, but without {' and '.join(lacking)}: not installed here.")


def found_venue(house: House, owner: Address, pooler: Address) -> None:
    """A database for more than one machine."""
    shell = house.shell
    house.write_config(shell.folder / "office" / "config.toml", owner, pooler)
    house.on("office")
    for name, secret in (("pin", "7777"), ("password", "seven sevens")):
        file = shell.folder / name
        file.touch(mode=0o600)
        file.write_text(f"{secret}\n")
    files = ("--pin-file", str(shell.folder / "pin"), "--password-file", str(shell.folder / "password"))
    shell.ok("init", "--staff", "7", "--staff-name", "Om", *files)
    shell.become(7, "seven sevens")
    assert ALL_WELL in shell.ok("db", "check")
    parts = {part["part"]: part for part in shell("doctor", "--json").json["parts"]}
    assert [name for name, part in parts.items() if part["verdict"] == "wrong"] == []
    shell.ok("admin", "users", "add", "1", "--name", "Asha", stdin="1111\n")
    shell.ok("admin", "users", "add", "9", "--name", "Meena", "--role", "manager", stdin="9999\n")
    shell.ok("admin", "users", "set-password", "9", stdin="nine nines\n")
    shell.become(9, "nine nines")
    codes = {till: shell.ok("admin", "tills", "add", str(till)) for till in (2, 3)}
    for till, name in ((2, "terrace"), (3, "bar")):
        here = house.enrol(name, codes[till], pooler)
        keyed(here, till, paid=True)
        assert shell("doctor", "--json").code == 0
    keyed(house.on("office"), 1, paid=True)
    assert house.sales() == 3


def lose_a_till(house: House, pooler: Address) -> None:
    """A till is lost, or replaced by another machine: all of it on machines that were only enrolled."""
    shell, lost = house.shell, house.on("terrace")
    left, late = keyed(lost, 2), keyed(lost, 2, paid=True, online=False)
    bar = house.on("bar")
    shell.ok("admin", "tills", "revoke", "2")
    shell.ok("admin", "users", "set-pin", "1", stdin="7391\n")
    assert left in shell.ok("recover", "--list")
    shell.ok("recover", "--session", left, "--give-to", "7")
    new = house.enrol("new", shell.ok("admin", "tills", "add", "2", "--replace"), pooler)
    assert shell("doctor", "--json").code == 0
    keyed(new, 2, paid=True)
    for file in lost.folders.journal(2).parent.glob("till-2.sqlite*"):
        shutil.copy(file, new.folders.journal(2).parent / file.name.replace("till-2", "till-2-00000001"))
    assert "events of till 2 wait." in shell("recover", "--list").err
    shell.ok("recover")
    assert late not in shell.ok("recover", "--list")
    assert house.sales() == 5
    assert bar.folders.read_secret(3)


def damage_a_journal(house: House) -> None:
    """The journal was damaged: the till sells on in a new one, which a manager lets in from that machine."""
    shell, here, sold = house.shell, house.on("bar"), house.sales()
    with here.folders.journal(3).open("r+b") as file:
        file.write(bytes(100))
    keyed(here, 3, paid=True, online=False)
    assert list(here.folders.journal(3).parent.glob("till-3.damaged-*.sqlite"))
    assert "tills adopt 3" in shell("recover").err
    output = shell("doctor").out
    assert re.search(r"WRONG +till 3 +Till 3 has sold with another journal\..*`till admin tills adopt 3`", output)
    shell.ok("admin", "tills", "adopt", "3")
    assert "were sent" in shell("recover").err
    assert shell("doctor", "--json").code == 0
    assert house.sales() == sold + 1


async def shows(sync: SyncService, *states: LightState) -> None:
    """Wait until the light of a till is one of these: half a minute, as the runbook says."""
    async with asyncio.timeout(30):
        while sync.light.state not in states:  # noqa: ASYNC110 - nothing tells the test
            await asyncio.sleep(0.05)


def look_at_a_full_server(house: House, server: Address) -> None:
    """The server is full: it has stopped. What a till does on a full disk is in tests/hostile/test_disk.py."""
    here = house.on("office")

    async def sell_while_it_is_down() -> None:
        async with selling(here, 1, online=True) as (register, sync):
            assert await sync.flush(5)
            await asyncio.to_thread(stop, server, own_programs())
            register.checkout.pay_exact(key(register, None, 0))
            await shows(sync, LightState.OFFLINE)
            await asyncio.to_thread(start_again, server, own_programs())
            # the upkeep may have closed the shift of the till that was lost, and a manager is to count its drawer
            await shows(sync, LightState.SAVED, LightState.ATTENTION)
            assert await sync.flush(5)

    asyncio.run(sell_while_it_is_down())
    for record in house.shell("admin", "quarantine", "list", "--json").json["quarantine"]:
        assert record["type"] == "shift_closed", record
        house.shell.ok("admin", "quarantine", "resolve", str(record["id"]), "--how", "counted")
    assert house.shell("doctor", "--json").code == 0
    output = house.shell("doctor").out
    assert re.search(r"\bvacuum +\d+ MB", output)
    assert "dead rows" in output
    (largest,) = re.findall(r'psql "\$\(till db url\)" -c [\'"](select [^"\']+)[\'"]', pages()["The server is full"])
    assert len(house.psql(largest).splitlines()) == 5
    house.shell.ok("recover")
    house.shell.ok("admin", "audit", "verify")


def go_back_to_a_backup(house: House, pooler: Address) -> None:
    """Back to a backup: tills stay open, and send what the backup lacks."""
    shell = house.shell
    missing = shell.refused("db", "backup", str(shell.folder / "not plugged in"))
    assert missing.startswith("There is no folder ")
    assert not (shell.folder / "not plugged in").exists()
    shell.ok("db", "backup", str(house.stick))
    (file,) = house.stick.iterdir()
    keyed(house.on("bar"), 3, paid=True)
    house.enrol("newer", shell.ok("admin", "tills", "add", "2", "--replace"), pooler)
    here = house.on("office")
    lost = manage_since_the_backup(house)
    acts = shell.folder / "acts.csv"
    shell.ok("admin", "audit", "show", "--what", "administered", "--csv", str(acts))
    shell.ok("admin", "audit", "show", "--what", "erased", "--csv", str(shell.folder / "erased.csv"))
    vouchers = shell("admin", "vouchers", "list", "--json").json["vouchers"]
    assert "holds Corner Café" in shell.refused("db", "restore", str(file))

    async def restore_while_a_till_sells() -> str:
        async with selling(here, 1, online=True) as (_register, sync):
            assert await sync.flush(5)
            done = await asyncio.to_thread(shell, "db", "restore", str(file), "--replace")
            assert done.code == 0, done.err
            return done.err

    state = asyncio.run(restore_while_a_till_sells())
    assert ALL_WELL in shell.ok("db", "check")
    house.on("bar")
    shell.ok("recover")
    house.on("office")
    shell.ok("admin", "audit", "verify")
    assert house.sales() == 8
    (before,) = re.findall(r"""psql "\$\(till db url\)" -c 'DROP DATABASE (\S+)'""", state)
    assert before in house.psql("select datname from pg_database")
    repeat_what_is_lost(house, lost, acts, vouchers, before)
    bring_back_a_new_machine(house)
    house.psql(f"DROP DATABASE {before}")
    shell.ok("db", "backup", str(house.stick))


def manage_since_the_backup(house: House) -> list[tuple[str, ...]]:
    """Do acts that a restore loses, each by the command that the table "lost since the backup" names for it."""
    shell = house.shell
    acts: list[tuple[str, ...]] = [
        ("customers", "add", "--name", "Mrs Rao", "--phone", "98450 12345"),
        ("vouchers", "issue", "50"),
        ("promotions", "add", "Happy hour", "--percent", "20", "--hours", "mon-fri 17:00-19:00"),
        ("settings", "set", "tab_minutes", "90"),
        ("tables", "set", "7", "--seats", "4"),
        ("users", "set-pin", "1"),
    ]
    for act in acts:
        shell.ok("admin", *act, stdin="1111\n" if act[0] == "users" else "")
    return acts


def repeat_what_is_lost(
    house: House, lost: list[tuple[str, ...]], acts: Path, vouchers: list[dict[str, str]], before: str
) -> None:
    """Step 6: what managers did is in `acts.csv`, or in the old database; it is done again."""
    shell = house.shell
    config = shell.folder / "office" / "config.toml"
    old = config.with_name("old.toml")
    old.write_text(re.sub(r'(?m)^((?:owner_)?url = ".*/)venue', rf"\g<1>{before}", config.read_text()))
    shell.patch.setenv("TILL_CONFIG", str(old))
    output = shell.ok("admin", "audit", "show", "--what", "administered")
    shell.patch.delenv("TILL_CONFIG")
    listed = acts.read_text()
    for kind, words in (("voucher_issued", "issued voucher"), ("settings_changed", "tab_minutes: 90, was 105")):
        assert kind in listed
        assert words in output
    assert [one["left"] for one in vouchers] == ["50.00"]
    assert shell("admin", "vouchers", "list", "--json").json["vouchers"] == []
    for act in lost:
        shell.ok("admin", *act, stdin="1111\n" if act[0] == "users" else "")


def bring_back_a_new_machine(house: House) -> None:
    """Step 7: the backup knows the machine that till 2 had before."""
    shell, here = house.shell, house.on("newer")
    late = keyed(here, 2, paid=True, online=False)
    assert "refuses this till's secret" in shell("doctor").out
    house.on("office")
    code = shell.ok("admin", "tills", "add", "2", "--replace")
    house.on("newer")
    shell.ok("enrol", stdin=code)
    house.on("office")
    assert "Nothing waits to be adopted as till 2." in shell.refused("admin", "tills", "adopt", "2")
    house.on("newer")
    assert "`till admin tills adopt 2`" in shell("recover").err
    house.on("office")
    shell.ok("admin", "tills", "adopt", "2")
    house.on("newer")
    assert "events of till 2 were sent." in shell("recover").err
    assert late not in shell.ok("recover", "--list")
    assert shell("doctor", "--json").code == 0
    house.on("office")
    assert house.sales() == 9


def upgrade(house: House) -> None:
    """Upgrade and go back: of this version, which changes nothing. Between two versions: tests/upgrade."""
    shell = house.shell
    stick = shell.folder / "stick for the upgrade"
    stick.mkdir()
    shell.ok("db", "backup", str(stick))
    (file,) = stick.iterdir()
    shell.ok("db", "upgrade")
    assert ALL_WELL in shell.ok("db", "check")
    keyed(house.on("bar"), 3, paid=True)
    house.on("office")
    shell.ok("admin", "audit", "verify")
    assert shell("admin", "quarantine", "--json").json["quarantine"] == []
    sales = house.sales()
    shell.ok("db", "restore", str(file), "--replace")
    assert house.sales() == sales - 1
    keyed(house.on("bar"), 3)  # the till is open again: it sends the later sale by itself
    assert house.sales() == sales
    house.on("office")
    shell.ok("admin", "quarantine", "retry", "--all")


def forget(house: House) -> None:
    """Forgotten PINs and passwords."""
    shell = house.shell
    shell.become(9, "nine nines")
    shell.ok("admin", "users", "set-pin", "1", stdin="1111\n")
    shell.become(7, "seven sevens")
    shell.ok("admin", "users", "set-pin", "9", stdin="9999\n")
    shell.ok("admin", "users", "set-password", "9", stdin="nine nines\n")
    for name in ("TILL_STAFF", "TILL_PASSWORD_FILE"):
        shell.patch.delenv(name)
    shell.ok("admin", "users", "set-password", "9", "--as-owner", stdin="new nines\n")
    shell.ok("admin", "users", "set-pin", "9", "--as-owner", stdin="9999\n")
    shell.ok("admin", "users", "unlock", "9", "--as-owner")
    shell.become(9, "new nines")
    shell.ok("admin", "users", "unlock", "1")
    shown = shell.ok("admin", "audit", "show", "--what", "administered")
    assert "set the password of 9" in shown


def move_to(house: House, server: Address) -> None:
    """The server is gone: its backup on a new machine, under another name."""
    shell, here = house.shell, house.on("office")
    file = max(house.stick.iterdir())
    offline = keyed(here, 1, paid=True, online=False)
    owner = house.prepare(server)
    with house.pooler(owner) as door:
        config = shell.folder / "office" / "new.toml"
        house.write_config(config, owner, door)
        shell.patch.setenv("TILL_CONFIG", str(config))
        shell.ok("db", "restore", str(file))
        assert ALL_WELL in shell.ok("db", "check")
        shell.patch.delenv("TILL_CONFIG")
        for name in ("office", "bar", "newer"):  # the new name, on each machine
            toml = shell.folder / name / "config.toml"
            toml.write_text(re.sub(r'(?m)^url = ".*"$', f'url = "{door.with_password(None).url}"', toml.read_text()))
        shutil.copy(config, shell.folder / "office" / "config.toml")
        shell.become(9, "nine nines")  # the password of the backup
        for name in ("office", "bar", "newer"):
            house.on(name)
            shell.ok("recover")
        assert house.sales() == 11
        house.on("office")
        shell.ok("admin", "audit", "verify")
        assert offline in {row["id"] for row in shell("admin", "sessions", "list", "--json").json["sessions"]}
        shell.ok("db", "backup", str(house.stick))


def test_every_page_of_steps_is_played() -> None:
    """One that somebody adds is played too, or is named here with the test that plays it."""
    played = {
        "A till is lost, or replaced by another machine", "The server is full", "Back to a backup",
        "The server is gone: its backup on a new machine", "A database for more than one machine", "Upgrade",
    }  # fmt: skip
    elsewhere = {
        "The server's certificate, and who may connect": "tests/cli/test_runbook_network.py",
        "A head office that follows several venues": "tests/db/test_replication.py",
        "A card terminal or UPI codes at a till": "tests/cli/test_tenders.py",
        "The only machine is gone: its backup on a new one": "tests/cli/test_backup.py",
        "No till works: paper": "tests/tui/screens/sell/test_order_note.py",
        "A new printer": "tests/cli/test_printers.py",
        "A kitchen": "tests/cli/test_stations.py",
        "The owner's password was stolen": "tests/cli/test_owner_password.py",
        "Tills should see a UPI payment at once": "tests/cli/test_gateway.py",
        "Invoice records are not sent": "tests/fiscal/test_sending.py",
    }
    assert set(pages()) == played | set(elsewhere)
    assert all((Path(__file__).parents[2] / file).is_file() for file in elsewhere.values())
