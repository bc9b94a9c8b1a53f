"""A standby: a copy of the venue's server that PostgreSQL keeps, which answers and changes nothing."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from db import migrate, roles
from db.engine import connect
from tests.cli.conftest import add_staff
from tests.plugins.commands import make_guesses_cheap
from tests.plugins.folders import run_dir
from tests.plugins.servers import own_programs, own_server, standby_of
from tests.sql.ringing import IDLY, MENU, Cart, Till, new_id
from tests.sql.test_refunds import sell
from till.administration.calls import call
from till.cli.environment import Surroundings
from till.cli.venues import enrol, hold_own

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from db.address import Address
    from tests.cli.conftest import Shell

READS = (
    "report sales --day 2026-03-03", "report funnel", "report voids", "sessions list", "users list", "tills list",
    "conflicts", "quarantine", "menu list", "menu history", "settings list", "settings history", "promotions list",
    "programs list", "vouchers list", "accounts list", "customers list", "bookings list", "tables list", "notices",
    "admin stats", "audit verify", "audit show", "recover --list", "db status",
)  # fmt: skip
WRITES = (
    "users rename 1 --name Asha", "users rename 1 --name Asha --as-owner", "menu edit Idly --price 45",
    "settings set name Bar", "tills add 4", "tills revoke 1", "db upgrade", "db backup --made-elsewhere",
)  # fmt: skip
REFUSED = "This server is read-only (a standby): it takes no change, and no staff password."


@pytest.fixture(scope="module")
def servers(
    pytestconfig: pytest.Config, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Address, Address, Path]]:
    """The owner's addresses of a venue that has sold, on its server and on a standby, and the venue's config."""
    run, programs, folder = run_dir(pytestconfig), own_programs(), tmp_path_factory.mktemp("office")
    with own_server(run, programs=programs) as server, pytest.MonkeyPatch.context() as patch:
        with connect(server) as session:
            session.execute("CREATE DATABASE bar")
        migrate.upgrade(server.on("bar"))
        with connect(server.on("bar")) as session:
            for role in (roles.OWNER, roles.APP):
                roles.set_password(session, role, role)
        make_guesses_cheap(patch)
        config = folder / "till.toml"
        config.write_text('[venue]\nname = "Café"\ncurrency = "INR"\ntimezone = "Asia/Kolkata"\n')
        owner = replace(server.on("bar"), user=roles.OWNER, password=roles.OWNER)
        app = replace(server.on("bar"), user=roles.APP, password=roles.APP)
        patch.setenv("TILL_CONFIG", str(config))
        patch.setenv("TILL_DATA_DIR", str(folder / "data"))
        with connect(owner) as session, connect(app) as tills:
            here = Surroundings.find()
            hold_own(here, session)
            store = here.venue.store_id
            add_staff(session, store)
            enrol(session, store, 1, "secret 1")
            here.folders.keep_secret(1, "secret 1")
            call(session, "menu_import_v1", store, 9, MENU)
            till, cart = Till(tills, store, 1, "secret 1"), Cart()
            sell(till, (IDLY, 2))
            till.open(cart)
            till.add(cart, IDLY)
            till.save(cart, new_id(), "Terrace")
            till.push(cart.snapshot(0, status="assigned_to_tab"))
        with standby_of(server, run, programs) as standby:
            yield owner, replace(standby.on("bar"), user=roles.OWNER, password=roles.OWNER), folder


@pytest.fixture
def office(shell: Shell, servers: tuple[Address, Address, Path]) -> Shell:
    _main, standby, folder = servers
    make_guesses_cheap(shell.patch)
    shell.patch.setenv("TILL_CONFIG", str(folder / "till.toml"))
    shell.patch.setenv("TILL_DATA_DIR", str(folder / "data"))
    shell.patch.setenv("TILL_DATABASE__URL", replace(standby, user=roles.APP, password=roles.APP).url)
    shell.patch.setenv("TILL_DATABASE__OWNER_URL", standby.url)
    return shell


def test_the_owner_reads_without_a_password(office: Shell, tmp_path: Path) -> None:
    printed = {read: office.ok(*read.split()) for read in READS}

    assert "80.00" in printed["report sales --day 2026-03-03"]
    assert "Terrace" in printed["sessions list"]
    assert "15 records" in office("audit", "export", str(tmp_path / "log.jsonl")).err
    done = office("db", "backup", str(tmp_path))
    assert done.code == 0, done.err
    assert "`till db backup --made-elsewhere` on the main server" in done.err
    assert "tills cannot send to it" in office("doctor").out


@pytest.mark.parametrize("write", WRITES)
def test_writing_commands_are_told(office: Shell, write: str) -> None:
    assert office.refused(*write.split()).startswith(REFUSED)


def test_several_hosts_lead_to_the_one_that_takes_changes(
    office: Shell, servers: tuple[Address, Address, Path]
) -> None:
    main, standby, _folder = servers
    office.become(9)
    only_main = (("target_session_attrs", "read-write"),)
    several = replace(standby, others=((main.host, main.port),), extra=only_main)
    office.patch.setenv("TILL_DATABASE__OWNER_URL", several.url)
    office.ok("users", "rename", "1", "--name", "Asha K.")


def test_a_manager_is_told(office: Shell) -> None:
    office.patch.delenv("TILL_DATABASE__OWNER_URL")
    office.become(9)

    assert office.refused("report", "sales").startswith(REFUSED)


def test_a_standby_that_is_gone_and_the_disk_of_the_server_are_told(
    office: Shell, servers: tuple[Address, Address, Path], tmp_path: Path
) -> None:
    main, _standby, _folder = servers
    office.patch.setenv("TILL_DATABASE__OWNER_URL", main.url)
    office.patch.setenv("TILL_DATABASE__DISK", str(tmp_path))
    metrics = tmp_path / "x.prom"

    def part_of(part: str) -> tuple[str, str]:
        parts = json.loads(office("doctor", "--json").out)["parts"]
        return next((one["verdict"], one["said"]) for one in parts if one["part"] == part)

    def value(name: str) -> str:
        office.ok("admin", "stats", "--metrics", str(metrics))
        lines = metrics.read_text().splitlines()
        return next(line for line in lines if line.startswith(f"till_database_{name}{{")).rpartition(" ")[2]

    assert part_of("standby") == ("ok", "1 standby follows.")
    assert (value("standbys"), value("standby_slots_idle")) == ("1", "0")
    assert int(value("disk_free_bytes")) > 0
    assert part_of("server's disk")[1].endswith(f"MB are free in {tmp_path}.")
    with connect(replace(main, user="venue", password="venue")) as superuser:
        superuser.execute("SELECT pg_create_physical_replication_slot('east')")
        try:
            gone = "Nobody follows the server's slot east: a standby is gone, and the server's log grows."
            assert part_of("standby") == ("wrong", gone)
            assert value("standby_slots_idle") == "1"
        finally:
            superuser.execute("SELECT pg_drop_replication_slot('east')")
    office.patch.setenv("TILL_DATABASE__DISK", str(tmp_path / "gone"))
    refused = office.refused("admin", "stats", "--metrics", str(metrics))
    assert refused.startswith("database.disk names ")
    assert part_of("server's disk")[0] == "wrong"
