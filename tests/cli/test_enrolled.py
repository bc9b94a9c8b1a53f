"""A machine that was enrolled, without the owner's rights: a till's secret and a manager's password."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from tests.cli.test_doctor import found
from tests.cli.test_recover_journals import stands
from tests.cli.test_recover_late import key, selling
from till.cli.environment import Surroundings
from till.reports.declared import REPORTS
from till.wiring.parts import open_own_journal
from till.wiring.recover import find_journals

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

OWNER = "TILL_DATABASE__OWNER_URL"
ELSEWHERE = (
    "That needs the rights of the database's owner. Run it on the machine whose config.toml names "
    "database.owner_url: the one where `till init` ran, if nobody chose another."
)


class Machines:
    """The machines of a venue: the owner's, and others, each with a config and a data folder of its own."""

    def __init__(self, staffed: Shell, move: Callable[[str], Surroundings]) -> None:
        self.shell, self._move = staffed, move
        self._owner_url, self._config = os.environ[OWNER], os.environ["TILL_CONFIG"]
        self.on_owners()

    def on_owners(self) -> Surroundings:
        self.shell.patch.setenv("TILL_CONFIG", self._config)
        self.shell.patch.setenv(OWNER, self._owner_url)
        return self._move("owner's")

    def on(self, name: str) -> Surroundings:
        """Switch to an enrolled machine."""
        folder = self.shell.folder / f"data of the {name}"
        self.shell.patch.setenv("TILL_DATA_DIR", str(folder))
        self.shell.patch.delenv("TILL_CONFIG", raising=False)
        self.shell.patch.delenv(OWNER, raising=False)
        machine = self.shell.folder / "machine-id"
        machine.write_text(f"{name}\n", encoding="ascii")
        self.shell.patch.setattr("till.wiring.parts._MACHINE_ID", machine)
        return Surroundings.find()

    def enrol(self, till: int, name: str, *more: str) -> Surroundings:
        """Enrol a new machine by a code from the owner's."""
        self.on_owners()
        code = self.shell.ok("admin", "tills", "add", str(till), *more)
        self.on(name)
        self.shell.ok("enrol", stdin=code)
        return self.on(name)


@pytest.fixture
def machines(staffed: Shell, on: Callable[[str], Surroundings]) -> Machines:
    staffed.become(9)
    staffed.patch.setenv("TILL_SYNC__POLL_S", "0.2")  # a till hears of what it waits for
    return Machines(staffed, on)


def keyed(here: Surroundings, till: int, *, paid: bool = False, online: bool = True, zone: str = "") -> str:
    """Key an order of one line at an open till; its id. `zone` is as in `selling`."""

    async def at_till() -> str:
        async with selling(here, till, online=online, zone=zone) as (register, sync):
            assert not online or await sync.flush(5)  # the series of its receipts
            session = key(register, None, 0)
            if paid:
                register.checkout.pay_exact(session)
            assert not online or await sync.flush(5)
            return session

    return asyncio.run(at_till())


def test_orders_are_found_and_settled_and_the_day_is_reported(machines: Machines) -> None:
    shell, here = machines.shell, machines.enrol(2, "terrace")
    left, _sold = keyed(here, 2), keyed(here, 2, paid=True)
    (row,) = shell("recover", "--list", "--json").json["sessions"]
    assert (row["id"], row["till"], row["found_in"]) == (left, 2, ["database", "journal of till 2"])
    assert "To settle one" in shell("recover", "--list").err
    (row,) = shell("recover", "--session", left, "--give-to", "7", "--json").json["sessions"]
    assert (row["user"], row["status"]) == (7, "pending_logout")
    assert shell("report", "sales", "--json").json["sales"] == 1
    for report in REPORTS:
        assert shell.ok("report", report.name)
    hour = next(iter(shell("report", "sales", "--by", "hours", "--json").json["hours"]))["hour"]
    assert "1" in shell.ok("report", "sales", "--by", "hours", "--orders", hour)
    shell.ok("recover", "--session", left, "--discard", "--reason", "left")
    machines.on_owners()
    (entry,) = (one for one in shell("sessions", "show", left, "--json").json["events"] if "disc" in one["type"])
    assert (entry["user"], entry["till"]) == (9, 0)


def test_a_person_without_rights_is_refused_in_one_line(machines: Machines) -> None:
    shell = machines.shell
    machines.enrol(2, "terrace")
    for number, password, expected in (
        (9, "not mine", "Wrong number or password."),
        (1, None, "Only a manager can do this."),
        (None, None, "Log in: set TILL_STAFF to your staff number"),
    ):
        if number is None:
            shell.patch.delenv("TILL_STAFF")
        else:
            shell.become(number, password)
        for command in (["recover", "--list"], ["report", "sales"]):
            assert shell.refused(*command).startswith(expected)


def test_a_command_that_needs_the_owner_names_the_machine(machines: Machines) -> None:
    machines.enrol(2, "terrace")
    for command in (
        ["admin", "cleanup"], ["promotions", "list"], ["programs", "list"], ["customers", "list"],
        ["vouchers", "list"], ["audit", "export", "/nowhere"], ["tills", "renew", "2"], ["db", "check"],
        ["db", "upgrade"], ["db", "backup", "/nowhere"], ["db", "restore", "/nowhere"],
    ):  # fmt: skip
        assert machines.shell.refused(*command) == ELSEWHERE, command


def test_a_manager_does_the_daily_work_at_any_machine(machines: Machines, tmp_path: Path) -> None:
    shell, here = machines.shell, machines.enrol(2, "terrace")
    menu = tmp_path / "menu.csv"
    menu.write_text("name,price,category\nIdly,40.00,Breakfast\nTea,20.00,Drinks\n")
    shell.ok("menu", "import", str(menu), "--yes")
    keyed(here, 2, paid=True)
    for command in (
        "users add 5 --name Ravi", "users rename 5 --name Ram", "users set-pin 5", "users disable 5", "users enable 5",
        "users unlock 1", "settings set business_day_ends 03:30", "menu edit Tea --price 25.00", "menu 86 Tea",
        "menu back Tea", "menu schedule Tea --days mon-fri --from 07:00 --to 11:30", "menu schedule Tea --remove",
        "menu bring-back 2 --yes", "tills rename 2 --name Terrace",
    ):  # fmt: skip
        shell.ok(*command.split(), stdin="5555\n")
    shell.ok("users", "set-password", "9", stdin="nine nines\n")
    shell.become(9, "nine nines")
    assert "Ram" in shell.ok("users", "list")
    assert "03:30" in shell.ok("settings", "list")
    assert "03:30" in shell.ok("settings", "history")
    assert "25.00" in shell.ok("menu", "history", "Tea")
    assert "Tea" in shell.ok("menu", "export", "-")
    assert "Terrace" in shell.ok("tills", "list")
    assert "sound" in shell.ok("audit", "verify")
    assert shell("admin", "stats", "--json").json["orders"]["placed_orders"] == 1
    acts = shell("audit", "show", "--what", "administered", "--json").json["acts"]
    assert {act["user"] for act in acts if act["type"].startswith(("menu_", "settings_", "till_renamed"))} == {9}


def test_a_manager_manages_cashiers_only(machines: Machines) -> None:
    shell = machines.shell
    machines.enrol(2, "terrace")
    for command in (
        "users add 6 --name Om --role manager", "users set-role 1 manager", "users disable 7",
        "users rename 7 --name X", "users set-password 7", "users set-pin 7",
    ):  # fmt: skip
        assert "admin" in shell.refused(*command.split(), stdin="12345678\n"), command
    shell.become(7)
    shell.ok("users", "set-role", "1", "manager")


def test_conflicts_and_records_are_listed_and_settled(machines: Machines, database: Database) -> None:
    shell, here = machines.shell, machines.enrol(2, "terrace")
    order = keyed(here, 2)
    with database.connect() as owner:
        owner.execute(
            "INSERT INTO warm.quarantine (store_id, session_id, till_id, event_type, reason, body)"
            " VALUES (%s, %s, 2, 'x', 'odd', '{}')",
            [here.venue.store_id, order],
        )
    assert shell("admin", "conflicts", "--json").json["conflicts"] == []
    (record,) = shell("admin", "quarantine", "--json").json["quarantine"]
    assert "needs attention: odd" in shell("recover", "--list").err
    assert "odd" in shell.ok("admin", "quarantine", "show", str(record["id"]))
    shell.ok("admin", "quarantine", "resolve", str(record["id"]), "--how", "seen")
    assert shell("admin", "quarantine", "--json").json["quarantine"] == []
    assert [row["id"] for row in shell("sessions", "list", "--user", "1", "--json").json["sessions"]] == [order]
    assert "order_opened" in shell.ok("admin", "sessions", "show", order)
    shell.ok("admin", "sessions", "close", order, "--reason", "left")


def test_url_that_is_not_the_owners_is_named(machines: Machines, database: Database) -> None:
    machines.enrol(2, "terrace")
    machines.shell.patch.setenv(OWNER, database.app.url)
    message = machines.shell.refused("admin", "users", "list")
    assert message == f"till_app does not own the database {database.app.dbname}: correct database.owner_url."


def test_disk_of_a_till_that_is_gone_is_sent_from_another_tills_machine(machines: Machines, database: Database) -> None:
    """No machine takes its place."""
    old = machines.enrol(3, "bar")
    first = keyed(old, 3, paid=True)
    late = keyed(old, 3, paid=True, online=False)
    here = machines.enrol(2, "terrace")
    here.folders.make()
    for file in old.folders.journal(3).parent.glob("till-3.sqlite*"):
        shutil.copy(file, here.folders.journal(3).parent / file.name)
    waiting = machines.shell("recover", "--list").err
    assert "of till 3 wait." in waiting
    assert "till recover" in waiting
    assert stands(database) == [(first, 3)]
    assert "of till 3 were sent" in machines.shell("recover").err
    assert stands(database) == sorted([(first, 3), (late, 3)])


def test_a_till_is_lost(machines: Machines, database: Database) -> None:
    """The runbook, step by step: till 2 is lost with open orders and an unsent sale, and another machine becomes it."""
    shell, lost = machines.shell, machines.enrol(2, "terrace")
    counter = machines.enrol(3, "counter")
    machines.on("terrace")
    given, left, sold = keyed(lost, 2), keyed(lost, 2), keyed(lost, 2, paid=True)
    late = keyed(lost, 2, paid=True, online=False)  # on its disk alone
    # 1, 2: on any other machine of the venue, which is an enrolled one
    machines.on("counter")
    revoked = shell("admin", "tills", "revoke", "2")
    assert "Till 2 is revoked. If stolen, change the PINs on it" in revoked.out + revoked.err
    shell.ok("admin", "users", "set-pin", "1", stdin="7391\n")
    # 3, 4
    listed = shell("recover", "--list", "--json").json["sessions"]
    assert {row["id"] for row in listed} == {given, left}
    assert all(row["till"] == 2 for row in listed)
    shell.ok("recover", "--session", given, "--give-to", "7")

    async def take_over() -> None:
        async with selling(counter, 3, online=True) as (_register, sync):
            await sync.grant(left, 1, warned=True)

    asyncio.run(take_over())
    assert {row["id"]: row["till"] for row in shell("recover", "--list", "--json").json["sessions"]}[left] == 3
    # 6, 7, 8: a new machine becomes till 2
    code = shell.ok("admin", "tills", "add", "2", "--replace")
    machines.on("new one")
    shell.ok("enrol", stdin=code)
    new = machines.on("new one")
    parts = {part["part"]: part["verdict"] for part in shell("doctor", "--json").json["parts"]}
    assert (parts["till 2"], parts["owner"], parts["journal"]) == ("ok", "unknown", "unknown")
    # 9: it sells
    fresh = keyed(new, 2, paid=True)
    with database.connect() as owner:
        receipt = owner.execute("SELECT receipt FROM cold.orders WHERE session_id = %s", [fresh]).fetchone()
    assert receipt == ("2B-000001",)
    # 10: the old disk
    for file in lost.folders.journal(2).parent.glob("till-2.sqlite*"):
        shutil.copy(file, new.folders.journal(2).parent / file.name.replace("till-2", "till-2-00000001"))
    # 11, 12
    assert "events of till 2 wait." in shell("recover", "--list").err
    assert stands(database) == sorted([(sold, 2), (fresh, 2)])
    assert "of till 2 were sent" in shell("recover").err
    assert stands(database) == sorted([(sold, 2), (fresh, 2), (late, 2)])
    # 13
    assert "till 2" not in shell("recover", "--list").err
    assert shell("report", "sales", "--json").json["sales"] == 3
    machines.on_owners()
    assert shell("admin", "audit", "verify").code == 0


@pytest.mark.parametrize("is_secret_kept", [True, False])
def test_a_machine_that_was_enrolled_under_another_number_acts_with_that(
    machines: Machines, database: Database, *, is_secret_kept: bool
) -> None:
    """Another machine took its place, and its config still names the old number."""
    shell, old = machines.shell, machines.enrol(2, "terrace")
    late = keyed(old, 2, paid=True, online=False)
    machines.enrol(2, "new one", "--replace")
    machines.on_owners()
    code = shell.ok("admin", "tills", "add", "3")
    machines.on("terrace")
    shell.ok("enrol", stdin=code)
    if not is_secret_kept:
        old.folders.secret(2).unlink()
    assert "of till 2 wait." in shell("recover", "--list").err
    assert "of till 2 were sent" in shell("recover").err
    assert stands(database) == [(late, 2)]


def test_a_disk_of_a_till_that_was_shut_out_is_sent_by_the_machine_that_takes_its_place(
    machines: Machines, database: Database
) -> None:
    """The new machine runs what `till recover` names, without the owner's rights."""
    shell, old = machines.shell, machines.enrol(3, "bar")
    first, late = keyed(old, 3, paid=True), keyed(old, 3, paid=True, online=False)
    here = machines.enrol(2, "terrace")
    for file in old.folders.journal(3).parent.glob("till-3.sqlite*"):
        shutil.copy(file, here.folders.journal(3).parent / file.name)
    shell.ok("admin", "tills", "revoke", "3")
    named = "`till admin tills add 3 --replace`, then `till enrol` and `till recover` here."
    assert named in shell("recover").err
    shell.ok("enrol", stdin=shell.ok("admin", "tills", "add", "3", "--replace"))
    assert "of till 3 were sent" in shell("recover").err
    assert stands(database) == sorted([(first, 3), (late, 3)])


def test_doctor_names_the_command_that_lets_a_new_journal_in(machines: Machines) -> None:
    """The machine has no rights of the owner. Its journal was damaged or lost, and its till began another."""
    here = machines.enrol(2, "till 2")
    keyed(here, 2, paid=True)
    for file in here.folders.journal(2).parent.glob("till-2.sqlite*"):
        file.unlink()
    keyed(here, 2, paid=True, online=False)
    shell = machines.shell
    for _again in range(2):  # asking begins no chain and asks for nothing
        one = found(shell)["till 2"]
        assert (one["verdict"], one["said"]) == ("wrong", "Till 2 has sold with another journal.")
        assert "`till admin tills adopt 2`" in one["remedy"]
    shell("recover")
    shell.ok("admin", "tills", "adopt", "2")
    assert "events of till 2 were sent." in shell("recover").err
    assert shell("doctor", "--json").code == 0


def test_doctor_says_nothing_of_a_journal_that_was_replaced(machines: Machines) -> None:
    """Step 8 of “A till is lost”, on the same machine: the lost folder's journal is copied beside the new one."""
    machine = machines.shell.folder / "machine-id"
    old = machines.enrol(3, "bar")
    machine.write_text("one\n", encoding="ascii")
    keyed(old, 3, paid=True)
    new = machines.enrol(3, "new bar", "--replace")
    machine.write_text("one\n", encoding="ascii")
    keyed(new, 3, paid=True)
    for file in old.folders.journal(3).parent.glob("till-3.sqlite*"):
        shutil.copy(file, new.folders.journal(3).parent / file.name.replace("till-3", "till-3-00000001"))
    machines.shell("recover")
    assert found(machines.shell)["till 3"]["verdict"] == "ok"


def test_doctor_is_content_with_a_copied_disk_that_has_a_number_of_its_own(machines: Machines) -> None:
    copied = machines.enrol(2, "copy")
    keyed(copied, 2, paid=True)
    new = machines.enrol(2, "till 2", "--replace")
    keyed(new, 2, paid=True)
    machines.enrol(6, "copy")
    shutil.copy(new.folders.secret(2), copied.folders.secret(2))
    one = found(machines.shell)["till 2"]
    assert (one["verdict"], one["said"]) == ("ok", "Another machine is till 2 now, and this one is till 6.")


@pytest.mark.parametrize("copied", ["before", "after"])
def test_a_retired_journal_in_a_new_machines_place_is_put_beside(
    machines: Machines, database: Database, *, copied: str
) -> None:
    """The machines have one name, as clones of one image do; the journal is copied before `till enrol`, or after."""
    shell, machine = machines.shell, machines.shell.folder / "machine-id"
    old = machines.enrol(2, "terrace")
    machine.write_text("image\n", encoding="ascii")
    first, late = keyed(old, 2, paid=True), keyed(old, 2, paid=True, online=False)
    between = machines.enrol(2, "second", "--replace")
    machine.write_text("image\n", encoding="ascii")
    second = keyed(between, 2, paid=True)  # the first journal was retired
    machines.on_owners()
    code = shell.ok("admin", "tills", "add", "2", "--replace")
    folder = machines.on("third").folders.journal(2).parent
    machine.write_text("image\n", encoding="ascii")
    if copied == "after":
        shell.ok("enrol", stdin=code)
    folder.mkdir(parents=True, exist_ok=True)
    for file in old.folders.journal(2).parent.glob("till-2.sqlite*"):
        shutil.copy(file, folder / file.name)
    if copied == "before":
        shell.ok("enrol", stdin=code)
    here = Surroundings.find()
    parts = found(shell)
    assert (parts["journal 2"]["verdict"], parts["till 2"]["verdict"]) == ("wrong", "ok")
    assert parts["journal 2"]["remedy"] == "`till recover` sends them."

    with closing(open_own_journal(here.folders, till=2, store_id=here.venue.store_id)) as journal:
        (beside,) = [path for till, path in find_journals(here.folders) if path != here.folders.journal(2)]
        assert f"kept as {beside.name}: `till recover` sends" in journal.opened.notice
        assert (journal.head.seq, journal.opened.missing) == (0, None)
    fresh = [keyed(here, 2, paid=True), keyed(here, 2, paid=True)]  # it goes on with its own
    assert [path for _till, path in find_journals(here.folders)] == [beside, here.folders.journal(2)]
    assert stands(database) == sorted((one, 2) for one in (first, second, *fresh))
    assert "of till 2 were sent" in shell("recover").err
    assert stands(database) == sorted((one, 2) for one in (first, late, second, *fresh))
    parts = found(shell)
    assert {name: part["verdict"] for name, part in parts.items() if name.endswith(" 2")} == {
        "journal 2": "ok",
        "till 2": "ok",
    }, "no light of the retired journal"


def test_a_journal_copied_over_a_new_machines_own_is_put_beside(machines: Machines, database: Database) -> None:
    """The copy never met the database: its records come in as a backlog, and a manager adopts the new journal."""
    shell, machine = machines.shell, machines.shell.folder / "machine-id"
    old = machines.enrol(2, "terrace")
    machine.write_text("image\n", encoding="ascii")
    late = keyed(old, 2, paid=True, online=False)
    here = machines.enrol(2, "new one", "--replace")
    machine.write_text("image\n", encoding="ascii")
    sold = keyed(here, 2, paid=True)
    for file in old.folders.journal(2).parent.glob("till-2.sqlite*"):
        shutil.copy(file, here.folders.journal(2).parent / file.name)
    keyed(here, 2, online=False)
    assert "`till admin tills adopt 2`" in found(shell)["till 2"]["remedy"]
    shell("recover")
    assert stands(database) == sorted([(late, 2), (sold, 2)])
    shell.ok("admin", "tills", "adopt", "2")
    after = keyed(here, 2, paid=True)
    assert stands(database) == sorted([(late, 2), (sold, 2), (after, 2)])


def test_a_machine_that_is_enrolled_again_goes_on_with_its_journal(machines: Machines, database: Database) -> None:
    """A journal that took a damaged one's place, at the till or in `till recover`, is its own too."""
    shell = machines.shell
    here = machines.enrol(2, "terrace")
    sold = [keyed(here, 2, paid=True), keyed(here, 2, paid=True, online=False)]
    machines.on_owners()
    shell.ok("admin", "tills", "revoke", "2")
    machines.enrol(2, "terrace")
    sold.append(keyed(here, 2, paid=True))
    for how in ("till", "recover"):
        with closing(open_own_journal(here.folders, till=2, store_id=here.venue.store_id)) as journal:
            journal.condemn()
        if how == "recover":
            shell("recover")
        sold.append(keyed(here, 2, paid=True, online=False))
        shell("recover")
        shell.ok("admin", "tills", "adopt", "2")
        sold.append(keyed(here, 2, paid=True))
    assert [path for _till, path in find_journals(here.folders)] == [here.folders.journal(2)]
    assert stands(database) == sorted((one, 2) for one in sold)


def test_a_new_serving_machine_needs_no_owners_password(machines: Machines) -> None:
    """The machine of `till serve` is lost; its till goes on at another, which has a port for phones."""
    shell = machines.shell
    machines.enrol(5, "lost", "--no-money")
    machines.on_owners()
    shell.ok("admin", "tills", "revoke", "5")
    new = machines.enrol(5, "new", "--replace")
    shell.patch.setenv("TILL_SERVE__URL", "https://till.example:8443")
    assert shell.ok("admin", "tills", "phone", "5").startswith("https://till.example:8443/#5-")
    assert [row["phone"] for row in shell("admin", "tills", "list", "--json").json["tills"] if row["till"] == 5] == [
        True
    ]
    refused = shell.refused("admin", "tills", "add", "6", "--phone")
    for step in ("`till admin tills add 6 --no-money` prints a code", "`till enrol` on this machine", "tills phone 6`"):
        assert step in refused
    assert new.folders.read_secret(6) is None
    metrics = shell.folder / "serve.prom"
    shell.ok("admin", "stats", "--metrics", str(metrics))
    up, *asked = metrics.read_text().splitlines()[2:]
    assert (up, asked[-1].rpartition(" ")[0]) == (
        'till_service_up{service="serve"} 0', 'till_service_asked_timestamp_seconds{service="serve"}',
    )  # fmt: skip
