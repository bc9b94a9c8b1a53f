"""`till recover` for what a disk of another machine holds: listed, offered, and sent as the journal that it is."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from psycopg.types.json import Jsonb

from tests.cli.test_recover_late import key, selling
from till.cli.demo_venue import demo_reference
from till.cli.environment import Surroundings
from till.domain.catalogue.menu import read_menu
from till.domain.events.envelope import read_time
from till.domain.order.selling import ItemEntry
from till.journal import temporary_copy
from till.register.register import kept_light
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal, open_own_journal, seed_cache

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from pathlib import Path

    import psycopg

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database
    from till.register.register import Register

#: The number of events of a journal's opening, of a sale that opens a shift, and of an unpaid order of one line.
OPENING, SALE, LEFT = 1, 6, 2


@pytest.fixture
def on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Switch to a machine by name."""

    def move(name: str) -> None:
        machine = tmp_path / "machine-id"
        machine.write_text(f"{name}\n", encoding="ascii")
        monkeypatch.setattr("till.wiring.parts._MACHINE_ID", machine)

    return move


def sell(till: int = 1, *, paid: bool = True) -> str:
    """Sell at a till of this machine that cannot reach its database; the order."""
    here = Surroundings.find()
    here.folders.make()
    journal = open_own_journal(here.folders, till=till, store_id=here.venue.store_id)
    try:
        seed_cache(journal, demo_reference())
        register = make_register(journal, WallClock(), LateOutbox(), till=till, store_id=here.venue.store_id)
        register.ledger.user = 1
        menu = read_menu(demo_reference()["menu"], register.venue.terms.currency)
        order = register.sales.add(None, 1, ItemEntry(menu.items[0], 2), at_any_time=True)
        if paid:
            register.checkout.pay_exact(order.id)
        return order.id
    finally:
        journal.close()


def go_on(act: Callable[[Register, str], object], order_id: str = "") -> None:
    """Act on an open order of till 1 on this machine, by default its one, which cannot reach its database."""
    here = Surroundings.find()
    journal = open_own_journal(here.folders, till=1, store_id=here.venue.store_id)
    try:
        register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=here.venue.store_id)
        register.ledger.user = 1
        (order,) = [one for one in register.ledger.open_orders() if order_id in {"", one.id}]
        act(register, order.id)
    finally:
        journal.close()


def key_more(register: Register, session: str) -> None:
    """Two more of the first item of the menu."""
    menu = read_menu(demo_reference()["menu"], register.venue.terms.currency)
    register.sales.add(session, 1, ItemEntry(menu.items[0], 2), at_any_time=True)


def journals(shell: Shell, *arguments: str) -> list[dict[str, Any]]:
    result = shell("recover", *arguments, "--json")
    found: list[dict[str, Any]] = json.loads(result.out)["journals"]
    is_stuck = "--list" not in arguments and any(one["unsent"] for one in found)
    assert result.code == is_stuck, "what could not be sent is a failure"
    return found


def stands(database: Database) -> list[tuple[Any, ...]]:
    with database.connect() as owner:
        return owner.execute("SELECT session_id, till_id FROM cold.orders ORDER BY session_id").fetchall()


def test_events_on_a_moved_disk_are_listed_and_sent_on_request(
    staffed: Shell, database: Database, on: Callable[[str], None]
) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("old")
    first = sell()
    journals(staffed)
    session, left = sell(), sell(paid=False)
    on("new")  # the machine broke; its disk went into another one
    new = sell()

    moved, own = sorted(journals(staffed, "--list"), key=lambda one: not one["foreign"])
    assert (moved["till"], moved["foreign"], moved["unsent"], moved["sent"]) == (1, True, SALE - 1 + LEFT, 0)
    assert (own["foreign"], own["unsent"], own["refused"]) == (False, OPENING + SALE, "journal_not_live")
    result = staffed("recover", "--list")
    assert f"{SALE - 1 + LEFT} events of till 1 wait." in result.err
    assert "`till recover` sends them" in result.err
    assert left in result.out
    assert stands(database) == [(first, 1)]

    moved = next(one for one in journals(staffed) if one["foreign"])
    assert (moved["unsent"], moved["sent"]) == (0, SALE - 1 + LEFT)
    assert stands(database) == sorted([(first, 1), (session, 1)])
    staffed.ok("admin", "tills", "adopt", "1")
    assert all(one["unsent"] == 0 for one in journals(staffed))
    assert stands(database) == sorted([(first, 1), (session, 1), (new, 1)])
    assert "wait" not in staffed("recover").err
    assert staffed("admin", "audit", "verify").code == 0
    entry = next(one for one in staffed("recover", "--list", "--json").json["sessions"] if one["id"] == left)
    assert "database" in entry["found_in"]


def test_an_order_ended_elsewhere_is_open_in_no_journal(staffed: Shell, on: Callable[[str], None]) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    left = sell(paid=False)
    journals(staffed)
    staffed.ok("recover", "--session", left, "--give-to", "7")
    assert staffed("recover", "--list", "--user", "1", "--json").json["sessions"] == []
    staffed.ok("recover", "--session", left, "--discard", "--reason", "left")
    assert staffed("recover", "--list", "--json").json["sessions"] == []
    assert "No open order matches" in staffed("recover", "--session", left, "--park").err


def test_an_order_stands_as_a_moved_disk_left_it_before_its_events_are_sent(
    staffed: Shell, on: Callable[[str], None]
) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    left = sell(paid=False)
    journals(staffed)
    (sent,) = staffed("recover", "--list", "--json").json["sessions"]
    go_on(key_more)
    on("two")
    (row,) = staffed("recover", "--list", "--json").json["sessions"]
    assert (row["id"], float(row["total"])) == (left, 2 * float(sent["total"]))
    on("one")
    go_on(lambda register, order: register.checkout.pay_exact(order))
    on("two")
    assert staffed("recover", "--list", "--json").json["sessions"] == [], "it was paid there"
    assert "No open order matches" in staffed("recover", "--session", left, "--give-to", "7").err
    staffed("recover")
    assert staffed("recover", "--list", "--json").json["sessions"] == []


def test_events_of_a_revoked_till_wait_and_say_why(
    staffed: Shell, database: Database, on: Callable[[str], None]
) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    order = sell()
    staffed.ok("admin", "tills", "revoke", "1")
    assert "This till was revoked; keep selling. A manager runs `till admin tills add 1`" in staffed("recover").err
    on("two")
    assert "`till admin tills add 1 --replace`, then `till enrol` and `till recover` here" in staffed("recover").err
    assert stands(database) == []
    staffed.ok("admin", "tills", "add", "1", "--here")
    assert "wait" not in staffed("recover").err
    assert stands(database) == [(order, 1)]


@pytest.mark.parametrize("machine", ["one", "two"])
def test_events_of_a_machine_whose_number_another_has_are_sent_and_that_one_sells_on(
    staffed: Shell, database: Database, on: Callable[[str], None], machine: str
) -> None:
    """On the machine itself, and on another one that its disk came to."""
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    sold = [sell()]
    journals(staffed)
    sold.append(sell())
    theirs = "0" * 64
    with database.connect() as owner:
        owner.execute("UPDATE till.tills SET secret_hash = %s", [theirs])
    assert "enrolled on another machine" in staffed.refused("admin", "tills", "add", "1", "--here")
    on(machine)
    if machine == "two":
        Surroundings.find().folders.secret(1).unlink()
    (found,) = journals(staffed)
    assert (found["unsent"], found["refused"]) == (0, None)
    assert stands(database) == [(order, 1) for order in sold]
    with database.connect() as owner:
        assert owner.execute("SELECT secret_hash FROM till.tills").fetchall() == [(theirs,)]


def test_a_disk_that_was_cloned_adds_nothing_to_what_the_original_sent(
    staffed: Shell, database: Database, on: Callable[[str], None]
) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("original")
    first = sell()
    folders = Surroundings.find().folders
    image = folders.journal(1).read_bytes()
    second = sell()
    journals(staffed)  # the original sends all
    folders.journal(1).write_bytes(image)
    on("clone")
    (copy,) = journals(staffed)
    assert (copy["foreign"], copy["unsent"], copy["refused"]) == (True, 0, None)
    assert stands(database) == sorted([(first, 1), (second, 1)])
    with database.connect() as owner:
        assert owner.execute("SELECT count(*) FROM till.conflicts").fetchone() == (0,)


def test_a_copy_that_was_put_back_is_called_an_older_one(staffed: Shell, on: Callable[[str], None]) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    sell()
    journals(staffed)
    file = Surroundings.find().folders.journal(1)
    copy = file.read_bytes()
    sell()
    journals(staffed)
    file.write_bytes(copy)
    sell()
    message = staffed("recover").err + staffed("recover").err
    assert "An older copy of the journal of till 1 is kept in" in message
    assert "damaged" not in message


def test_a_number_used_twice_loses_nothing_and_costs_one_act(
    staffed: Shell, database: Database, on: Callable[[str], None]
) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    first = sell()
    journals(staffed)
    folders = Surroundings.find().folders
    kept = folders.journal(1).read_bytes()
    for file in folders.journal(1).parent.glob(f"{folders.journal(1).name}*"):
        file.unlink()
    second = sell()  # another disk, the same number and secret
    (found,) = journals(staffed)
    assert (found["foreign"], found["unsent"], found["refused"]) == (False, OPENING + SALE, "journal_not_live")
    way = staffed("recover").err
    assert f"`till admin tills adopt 1 --journal {found['journal']} --backlog`" in way
    assert "`till admin tills adopt 1`" in way
    assert staffed("admin", "tills", "adopt", "1", "--backlog").code == 2
    staffed.ok("admin", "tills", "adopt", "1", "--journal", found["journal"], "--backlog")
    assert journals(staffed)[0]["unsent"] == 0
    assert stands(database) == sorted([(first, 1), (second, 1)])
    assert "is already known" in staffed.refused(
        "admin", "tills", "adopt", "1", "--journal", found["journal"], "--backlog"
    )

    folders.journal(1).write_bytes(kept)  # the till itself goes on as ever
    third = sell()
    (found,) = journals(staffed)
    assert (found["unsent"], found["refused"]) == (0, None)
    assert stands(database) == sorted([(first, 1), (second, 1), (third, 1)])


def test_a_moved_disk_that_never_met_the_database_is_taken_beside_the_till_that_goes_on(
    staffed: Shell, database: Database, on: Callable[[str], None]
) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("old")
    old = sell()
    on("new")
    new = sell()
    moved = next(one for one in journals(staffed) if one["foreign"])
    assert (moved["unsent"], moved["sent"], moved["refused"]) == (0, OPENING + SALE, None)
    assert stands(database) == sorted([(old, 1), (new, 1)])
    with database.connect() as owner:
        assert owner.execute("SELECT count(DISTINCT receipt) FROM cold.orders").fetchone() == (2,)


def test_a_journal_beside_the_one_with_which_its_till_sells_here_is_not_put_in_its_place(
    staffed: Shell, database: Database, on: Callable[[str], None]
) -> None:
    """An old disk was used once more, and lies beside the journal that took its place."""
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    sold = [sell()]
    journals(staffed)
    folder = Surroundings.find().folders.journal(1).parent
    kept = {file: file.read_bytes() for file in folder.glob("till-1.sqlite*")}
    for file in kept:
        file.unlink()
    sold.append(sell())
    for file in folder.glob("till-1.sqlite*"):
        file.rename(folder / file.name.replace("till-1", "till-1-00000002"))
    for file, content in kept.items():
        file.write_bytes(content)
    moved = next(one for one in journals(staffed) if one["refused"])
    assert (moved["unsent"], moved["refused"]) == (OPENING + SALE, "journal_not_live")
    way = staffed("recover").err
    assert f"`till admin tills adopt 1 --journal {moved['journal']} --backlog`" in way
    assert "`till admin tills adopt 1`" not in way
    staffed.ok("admin", "tills", "adopt", "1", "--journal", moved["journal"], "--backlog")
    sold.append(sell())
    assert [(one["unsent"], one["refused"]) for one in journals(staffed)] == [(0, None), (0, None)]
    assert stands(database) == sorted((order, 1) for order in sold)


@pytest.mark.parametrize("machine", ["old", "new"])
def test_replacement_machine_sells_after_the_records_of_the_old_one_were_sent(
    staffed: Shell, database: Database, on: Callable[[str], None], machine: str
) -> None:
    """The old journal never met the database; it comes from its own machine, or with its disk in the new one."""
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("old")
    old = sell()
    secret = Surroundings.find().folders.secret(1)
    shut_out = secret.read_bytes()
    secret.unlink()
    staffed.ok("admin", "tills", "add", "1", "--here", "--replace")
    enrolled = secret.read_bytes()
    if machine == "old":
        secret.write_bytes(shut_out)
    on(machine)
    assert [one["unsent"] for one in journals(staffed)] == [0]
    assert stands(database) == [(old, 1)]
    assert staffed("admin", "tills", "list", "--json").json["tills"][0]["journal"] is None
    secret.write_bytes(enrolled)
    on("new")
    new = sell()
    own = next(one for one in journals(staffed) if not one["foreign"])
    assert (own["unsent"], own["refused"]) == (0, None)
    assert stands(database) == sorted([(old, 1), (new, 1)])


def test_a_journal_whose_place_another_one_took_is_not_asked_to_look_after_others(
    staffed: Shell, database: Database, on: Callable[[str], None]
) -> None:
    """The replaced journal is next to its replacement, which is the till of this machine."""
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    sold = [sell()]
    journals(staffed)
    folder = Surroundings.find().folders.journal(1).parent
    for file in folder.glob("till-1.sqlite*"):
        file.rename(folder / file.name.replace("till-1", "till-1-00000001"))
    sold.append(sell())
    journals(staffed)
    staffed.ok("admin", "tills", "adopt", "1")
    journals(staffed)
    found = journals(staffed)
    assert [one["unsent"] for one in found] == [0, 0]
    assert [one["notice"] for one in found] == ["", ""]
    assert "Another machine" not in staffed("recover").err
    assert stands(database) == sorted((order, 1) for order in sold)


def test_a_list_does_not_settle_what_becomes_of_a_journal(staffed: Shell, on: Callable[[str], None]) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    sell()
    Surroundings.find().folders.secret(1).unlink()
    for _time in range(2):
        message = staffed("recover", "--list").err
        assert message == f"{OPENING + SALE} events of till 1 wait.\n`till recover` sends them.\n"
    assert journals(staffed)[0]["unsent"] == 0


def broke_off() -> tuple[datetime | None, dict[str, bytes]]:
    """When till 1 closed unexpectedly, as its next start would say; and what its files hold."""
    here = Surroundings.find()
    folder = here.folders.journal(1).parent
    files = {path.name: path.read_bytes() for path in folder.iterdir() if not path.name.endswith(".lock")}
    with (
        temporary_copy(here.folders.journal(1)) as copy,
        closing(open_journal(copy, till=1, store_id=here.venue.store_id)) as journal,
    ):
        return journal.closed_cleanly(), files


def test_a_list_changes_nothing_not_even_what_the_next_start_says(staffed: Shell, on: Callable[[str], None]) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    left = sell(paid=False)
    end_uncleanly()
    before = broke_off()
    assert before[0] is not None
    for _time in range(2):
        assert [row["id"] for row in staffed("recover", "--list", "--json").json["sessions"]] == [left]
        assert broke_off() == before
    assert staffed("admin", "tills", "list", "--json").json["tills"][0]["journal"] is None, "the door was not opened"


def end_uncleanly() -> None:
    """Take the mark of a clean close from the journal of till 1, as after a kill."""
    with closing(sqlite3.connect(Surroundings.find().folders.journal(1))) as journal, journal:
        journal.execute("DELETE FROM meta WHERE name = 'clean'")


def test_an_order_that_a_crash_left_is_marked(staffed: Shell, on: Callable[[str], None]) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    parked = sell(paid=False)
    go_on(lambda register, order: register.recovery.suspend(order))
    left = sell(paid=False)
    assert "left by a crash" not in staffed.ok("recover", "--list")
    end_uncleanly()
    for command in (["recover", "--list"], ["recover"], ["recover", "--list"]):
        listed = staffed(*command, "--json").json["sessions"]
        assert {row["id"]: row.get("left_by_crash", False) for row in listed} == {left: True, parked: False}
        (marked,) = [line for line in staffed.ok(*command).splitlines() if "left by a crash" in line]
        assert left in marked
    go_on(lambda register, order: register.recovery.suspend(order), left)  # the till was opened
    assert "left by a crash" not in staffed.ok("recover", "--list")


def test_times_are_those_of_the_venue_without_the_server(staffed: Shell, on: Callable[[str], None]) -> None:
    on("one")
    sell(paid=False)
    (row,) = staffed("recover", "--list", "--json").json["sessions"]
    zone = ZoneInfo(demo_reference()["settings"]["timezone"])
    opened = f"{read_time(row['created_at']).astimezone(zone):%Y-%m-%d %H:%M}"
    staffed.patch.setenv("TILL_DATABASE__URL", "postgresql://till_app@/venue?host=/nowhere")
    staffed.patch.setenv("TILL_DATABASE__OWNER_URL", "postgresql://till_owner@/venue?host=/nowhere")
    assert opened in staffed("recover", "--list").out


async def test_an_order_of_a_program_is_listed_once(
    staffed: Shell, on: Callable[[str], None], owner_session: psycopg.Connection[Any]
) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    here, name = Surroundings.find(), "sess_front_end"
    store = here.venue.store_id
    staffed.ok("admin", "programs", "add", "chat")
    owner_session.execute(
        "INSERT INTO till.program_sessions (session_id, stream_id, store_id, program) "
        "VALUES (%s, warm.stream_of(%s), %s, 'chat')",
        [name, name, store],
    )
    items = Jsonb([{"item_id": "i1", "item": "Idly", "quantity": 2, "unit_price": "40.00"}])
    owner_session.execute("SELECT till.order_session_save_v1(%s, 1, %s, %s, 'take_away')", [store, name, items])
    async with selling(here, 1, online=True) as (register, sync):
        (row,) = await sync.user_sessions(1)
        await register.grants.obtain(sync, row.session_id, 1)
        key(register, register.recovery.resume(row.session_id).id, 0)
    listed = staffed("recover", "--list", "--json").json["sessions"]
    assert [(row["id"], row["found_in"]) for row in listed] == [(name, ["database", "journal of till 1"])]


@pytest.mark.parametrize("is_enrolled", [False, True])
def test_recover_leaves_the_notice_of_a_crash_to_the_person_at_the_till(
    staffed: Shell, on: Callable[[str], None], *, is_enrolled: bool
) -> None:
    if is_enrolled:
        staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    sell(paid=False)
    end_uncleanly()
    crashed, _files = broke_off()
    assert crashed is not None
    for _time in range(2):
        assert staffed("recover").code == (not is_enrolled), "what cannot be sent is a failure"
        assert broke_off()[0] == crashed
    go_on(lambda _register, _order: None)  # the till is opened and closed
    assert broke_off()[0] is None


def spoil_the_beginning(path: Path) -> None:
    """Damage the beginning, which is noticed when the journal is opened."""
    with closing(sqlite3.connect(path)) as journal, journal:
        journal.execute("UPDATE own SET body = '{}' WHERE seq = 3")
    with path.open("r+b") as file:
        file.write(bytes(100))


def spoil_the_middle(path: Path) -> None:
    """Damage the middle, which is noticed when the journal is read."""
    with closing(sqlite3.connect(path)) as journal, journal:
        journal.execute("DELETE FROM own WHERE seq = 3")


@pytest.mark.parametrize("arguments", [(), ("--list",)])
@pytest.mark.parametrize("spoil", [spoil_the_beginning, spoil_the_middle])
def test_records_that_were_lost_with_a_damaged_journal_are_named(
    staffed: Shell, on: Callable[[str], None], spoil: Callable[[Path], None], arguments: tuple[str, ...]
) -> None:
    """The records are named after any other command on the opened journal, without advice that is already followed."""
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    sell()
    spoil(Surroundings.find().folders.journal(1))
    message = staffed("recover", *arguments).err
    assert message.count("1 record is missing. An order here may be paid already: check the last receipts.") == 1
    assert "start it again" not in message
    assert not arguments or "adopt" not in message, "its till has not begun the journal that could be adopted"


def test_why_an_enrolled_till_cannot_send_is_reported(
    staffed: Shell, database: Database, on: Callable[[str], None]
) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    sell()
    url = Surroundings.find().config.database.url
    staffed.patch.setenv("TILL_DATABASE__URL", "postgresql://till_app@nowhere:port/venue")
    message = staffed("recover").err
    assert f"{OPENING + SALE} events of till 1 wait." in message
    assert "database.url is not a URL that PostgreSQL can read" in message
    assert stands(database) == []
    staffed.patch.setenv("TILL_DATABASE__URL", url)
    assert "wait" not in staffed("recover").err


def test_a_sale_that_counts_is_not_offered_for_booking(staffed: Shell, on: Callable[[str], None]) -> None:
    """The sale is in another currency than the venue's: it is accepted, and a manager looks at it."""
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    sell()
    journals(staffed)
    listed = staffed("admin", "quarantine")
    assert "It was accepted." in listed.out
    assert "books a sale" not in listed.err
    assert staffed("admin", "quarantine", "book", "1").code == 1


def test_a_saved_table_is_counted_where_nothing_else_is_open(staffed: Shell, on: Callable[[str], None]) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    sell(paid=False)
    here = Surroundings.find()
    with closing(open_own_journal(here.folders, till=1, store_id=here.venue.store_id)) as journal:
        register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=here.venue.store_id)
        register.ledger.user = 1
        (order,) = register.ledger.open_orders()
        register.tabs.save(order.id, "table 7")
    for arguments in (["--list"], [], ["--list"]):  # in the journal, and in the database
        listed = staffed("recover", *arguments)
        assert listed.out == "Nothing else is open.\n"
        assert "1 order is saved to a table or a tab: F8 on any till." in listed.err


def test_a_refusal_is_forgotten_once_recover_settled_it(staffed: Shell, on: Callable[[str], None]) -> None:
    def light() -> str:
        here = Surroundings.find()
        with temporary_copy(here.folders.journal(1)) as copy:
            journal = open_journal(copy, till=1, store_id=here.venue.store_id)
            with closing(journal):
                return kept_light(journal)

    staffed.ok("admin", "tills", "add", "1", "--here")
    on("one")
    sell()
    journals(staffed)
    Surroundings.find().folders.journal(1).unlink()
    sell()
    journals(staffed)
    assert light().startswith("Till 1 has sold with another journal.")
    staffed.ok("admin", "tills", "adopt", "1")
    journals(staffed)
    assert "another journal" not in light()
