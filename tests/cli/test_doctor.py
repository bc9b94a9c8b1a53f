"""`till doctor`: with a healthy till, and with everything broken at once."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from db.address import Address
from db.embedded import configuration
from db.engine import connect
from tests.cli.conftest import SPILL
from tests.cli.test_anew import at_till, keys, sells
from tests.cli.test_menu import WITH_CHOICES
from till.cli.health import server
from till.cli.health.finding import Finding, Verdict, examine, well
from till.cli.surroundings import Surroundings
from till.domain.errors import StoreError
from till.journal.log import PAGE
from till.ports import Light, LightState
from till.sync.failures import refusal
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


@pytest.fixture
def open_shop(staffed: Shell) -> Shell:
    """A venue whose till 1 has sold, and is closed."""
    staffed.ok("admin", "menu", "import", *WITH_CHOICES)
    staffed.ok("admin", "tills", "add", "1", "--here")
    at_till(1, sells)
    return staffed


def found(shell: Shell) -> dict[str, dict[str, Any]]:
    """Return the parts of `till doctor --json` by name; of several with one name, a wrong one if there is any."""
    result = shell("doctor", "--json")
    reply = json.loads(result.out)
    assert result.code == (0 if reply["ok"] else 1)
    parts: dict[str, dict[str, Any]] = {}
    for one in reply["parts"]:
        if one["part"] not in parts or one["verdict"] == "wrong":
            parts[one["part"]] = one
        assert (one["remedy"] is not None) == (one["verdict"] == "wrong"), one
    return parts


def verdicts(parts: dict[str, dict[str, Any]]) -> dict[str, str]:
    return {name: one["verdict"] for name, one in parts.items()}


def test_a_till_that_is_well_is_reported_so(open_shop: Shell) -> None:
    parts = found(open_shop)
    assert [name for name, verdict in verdicts(parts).items() if verdict == "wrong"] == []
    for part in ("config", "data folder", "disk", "secrets", "venue", "journal 1", "database", "clock", "schema"):
        assert parts[part]["verdict"] == "ok", part
    for part in ("till 1", "rights", "connections", "server's disk", "vacuum", "bloat", "backup"):
        assert parts[part]["verdict"] == "ok", part
    for part in ("backup tools", "records", "memory"):
        assert parts[part]["verdict"] == "ok", part
    lines = open_shop.ok("doctor").splitlines()
    assert len(lines) == len(parts) + 2  # the journal has two, and the last sums up
    assert lines[-1] == "Nothing wrong found. Some parts could not be checked."


def test_nothing_is_made_or_started_by_asking(shell: Shell, tmp_path: Path) -> None:
    shell.patch.setenv("TILL_DATA_DIR", str(tmp_path / "new"))
    assert verdicts(found(shell))["database"] == "unknown"
    assert not (tmp_path / "new").exists()


def test_a_till_that_is_open_is_looked_at_too(open_shop: Shell) -> None:
    here = Surroundings.find()
    with closing(open_journal(here.folders.journal(1), till=1, store_id=here.venue.store_id)):
        part = found(open_shop)["journal 1"]
    assert part["verdict"] == "ok"
    assert "Its till is open." in part["said"]


def test_a_page_that_was_damaged_since_a_clean_close_is_reported(open_shop: Shell) -> None:
    here = Surroundings.find()
    path, store = here.folders.journal(1), here.venue.store_id
    with closing(open_journal(path, till=1, store_id=store)) as journal:
        register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=store)
        register.ledger.user = 1
        keys(register)
    data, half = bytearray(path.read_bytes()), 5 * PAGE + PAGE // 2
    data[half : half + PAGE // 2] = b"\xff" * (PAGE // 2)
    path.write_bytes(data)
    part = found(open_shop)["journal 1"]
    assert (part["verdict"], part["said"]) == ("wrong", "A part of it is damaged that its till has not used since.")
    assert part["remedy"].startswith("Start that till")


def test_records_that_only_this_disk_has_are_reported(open_shop: Shell) -> None:
    here = Surroundings.find()
    store = here.venue.store_id
    with closing(open_journal(here.folders.journal(1), till=1, store_id=store)) as journal:
        register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=store)
        register.ledger.user = 1
        keys(register)
    part = found(open_shop)["journal 1"]
    assert part["verdict"] == "wrong"
    assert "records are here only" in part["said"]
    assert "till recover" in part["remedy"]
    with closing(sqlite3.connect(here.folders.journal(1), isolation_level=None)) as disk:
        last = disk.execute("SELECT seq, body FROM own ORDER BY seq DESC LIMIT 1 OFFSET 1").fetchone()
        disk.execute("UPDATE own SET body = replace(body, '\"user\":1', '\"user\":2') WHERE seq = ?", last[:1])
    part = found(open_shop)["journal 1"]
    assert (part["verdict"], part["said"]) == ("wrong", "A record that was not sent is damaged.")
    assert "`till recover --list`" in part["remedy"]


def test_journal_that_was_moved_away_is_named_with_its_records(open_shop: Shell) -> None:
    here = Surroundings.find()
    store, file = here.venue.store_id, here.folders.journal(1)
    with closing(open_journal(file, till=1, store_id=store)) as journal:
        register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=store)
        register.ledger.user = 1
        keys(register)
        last = journal.head.seq
    file.rename(file.with_name("elsewhere"))
    part = found(open_shop)["journal 1"]
    sentence = f"The journal of till 1 is gone, with {last} records: {file}. Put it back if it was moved."
    assert (part["verdict"], part["said"]) == ("wrong", sentence)
    for listed in (open_shop("recover", "--list"), open_shop("recover")):
        assert (listed.code, sentence in listed.err) == (1, True)
        assert "Nothing is open in the journals that could be read." in listed.out
    file.with_name("elsewhere").rename(file)
    assert "The journal of till 1 is gone" not in open_shop("recover").err


def test_a_journal_from_before_the_release_is_to_be_kept(open_shop: Shell) -> None:
    here = Surroundings.find()
    file = here.folders.journal(1)
    open_journal(file, till=1, store_id=here.venue.store_id).close()
    with closing(sqlite3.connect(file, isolation_level=None)) as journal:
        journal.execute("UPDATE schema SET revision = 1")
    part = found(open_shop)["journal 1"]
    assert (part["verdict"], part["remedy"].partition(",")[0]) == ("wrong", "Keep it")


def test_everything_broken_at_once_is_reported_part_by_part(open_shop: Shell, database: Database) -> None:
    here = Surroundings.find()
    here.folders.journal(1).write_bytes(b"SQLite format 3\0" + bytes(500))
    here.folders.secret(1).chmod(0o644)
    secret = here.folders.read_secret(1)
    here.folders.log.write_text("")
    here.folders.log.chmod(0o666)
    assert here.config_file is not None
    here.config_file.write_text(
        f'[database]\nurl = "postgresql://till_app:hidden1@127.0.0.1:1/venue"\n'
        f'owner_url = "{database.owner.url}&password=hidden2"\n'
    )
    here.config_file.chmod(0o644)
    for name in ("TILL_DATABASE__URL", "TILL_DATABASE__OWNER_URL"):
        open_shop.patch.delenv(name)
    with database.connect() as owner:
        owner.execute("DROP FUNCTION till.open_tabs_v1(text)")
        owner.execute("UPDATE till.stores SET created_at = now() - interval '9 days 1 hour'")
        owner.execute("ALTER TABLE till.tills SET (autovacuum_enabled = off)")
    parts = found(open_shop)
    wrong = {name for name, verdict in verdicts(parts).items() if verdict == "wrong"}
    assert wrong == {"config", "secrets", "journal 1", "log", "database", "rights", "backup"}
    assert "chmod 600" in parts["config"]["remedy"]
    assert "cannot be reached" in parts["database"]["said"]
    assert parts["backup"]["said"] == "No backup for 9 days."
    result = open_shop("doctor")
    for text in (result.out, result.err, str(parts)):
        assert "hidden1" not in text
        assert "hidden2" not in text
        assert str(secret) not in text


def test_a_config_that_does_not_read_leaves_the_rest_to_be_tried(open_shop: Shell) -> None:
    here = Surroundings.find()
    assert here.config_file is not None
    here.config_file.write_text("[venue\n")
    parts = verdicts(found(open_shop))
    assert (parts["config"], parts["database"], parts["journal 1"]) == ("wrong", "unknown", "ok")


def test_a_secret_that_the_database_does_not_know_is_reported(open_shop: Shell, database: Database) -> None:
    with database.connect() as owner:
        owner.execute("UPDATE till.tills SET revoked_at = now()")
    assert "was revoked" in found(open_shop)["till 1"]["said"]
    file = Surroundings.find().folders.secret(1)
    file.write_bytes(b"\xff\xfe")
    assert "not hold a secret" in found(open_shop)["till 1"]["said"]


def test_a_machine_that_was_replaced_is_not_advised_to_take_the_till_back(open_shop: Shell, database: Database) -> None:
    with database.connect() as owner:
        owner.execute("UPDATE till.tills SET secret_hash = repeat('0', 64)")
    one = found(open_shop)["till 1"]
    assert one["remedy"].startswith("If another machine is till 1 now: `till admin tills add`, else")


def test_an_empty_database_is_for_a_new_venue_or_a_backup(shell: Shell, empty_database: Database) -> None:
    shell.patch.setenv("TILL_DATABASE__URL", empty_database.app.url)
    shell.patch.setenv("TILL_DATABASE__OWNER_URL", empty_database.owner.url)
    parts = found(shell)
    for part in ("schema", "rights"):
        assert parts[part]["remedy"].startswith("`till init` makes a venue in it, `till db restore` brings one back"), (
            part
        )
    assert "`till init`" in shell("db", "status").out
    assert "`till init`" in shell("db", "check").out


def test_a_till_that_sells_with_a_journal_of_its_own_is_not_well(open_shop: Shell) -> None:
    """The till lost its disk and began another journal; running doctor never adopts that journal."""
    folders = Surroundings.find().folders
    for file in folders.journal(1).parent.glob(folders.journal(1).name + "*"):
        file.unlink()
    with pytest.raises(StoreError, match="another journal"):
        at_till(1, sells)
    for _again in range(2):
        one = found(open_shop)["till 1"]
        assert (one["verdict"], one["said"]) == ("wrong", "Till 1 has sold with another journal.")
        assert "`till admin tills adopt 1`" in one["remedy"]


@pytest.mark.parametrize("codes", [("journal_retired", "till_revoked", "wrong_store", "protocol"), ("chain_diverged",)])
def test_the_light_of_a_till_is_shown_by_doctor(open_shop: Shell, codes: tuple[str, ...]) -> None:
    here = Surroundings.find()
    store = here.venue.store_id
    with closing(open_journal(here.folders.journal(1), till=1, store_id=store)) as journal:
        register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=store)
        if "chain_diverged" in codes:
            journal.condemn()  # as the sync does: the next start begins a new journal
        for message in (messages := [refusal(code, "", 1).sentence for code in codes]):
            register.light_changed(Light(LightState.ATTENTION, detail=message))
            register.keep_light()
            one = found(open_shop)["light 1"]
            assert (one["verdict"], f"{one['said']} {one['remedy']}") == ("wrong", message)
    assert found(open_shop)["light 1"]["said"] == f"When the till was last open: {messages[-1]}"
    with closing(open_journal(here.folders.journal(1), till=1, store_id=store)) as journal:
        register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=store)
        register.keep_light()
        assert "light 1" not in found(open_shop)


def test_an_open_till_that_runs_on_an_older_address_is_not_well(open_shop: Shell) -> None:
    """The config names the database's new address, where doctor reaches it; the till was opened before."""
    here = Surroundings.find()
    store = here.venue.store_id
    with closing(open_journal(here.folders.journal(1), till=1, store_id=store)) as journal:
        register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=store)
        register.light_changed(Light(LightState.OFFLINE, detail="The connection to the server broke."))
        register.keep_light()
        one = found(open_shop)["light 1"]
        assert one["said"] == "This till is offline (The connection to the server broke)."
        assert "close it and open it again" in one["remedy"]
        register.light_changed(Light(LightState.SAVED))
        register.keep_light()
        assert "light 1" not in found(open_shop)


def test_a_database_that_lacks_records_of_a_journal_is_not_well(open_shop: Shell, database: Database) -> None:
    """The database was restored, while the journal's own mark says that all was sent."""
    at_till(1, sells)
    with database.connect() as owner:
        owner.execute("DELETE FROM warm.journal_head WHERE till_id = 1")
        owner.execute("UPDATE till.tills SET live_journal = NULL")
    one = found(open_shop)["till 1"]
    assert one["verdict"] == "wrong"
    assert one["said"].endswith(" records of this journal: it is new, or was restored.")
    assert "`till recover`" in one["remedy"]


def test_a_journal_that_has_not_asked_yet_is_started_before_it_is_adopted(open_shop: Shell) -> None:
    here = Surroundings.find()
    here.folders.journal(1).unlink()
    with closing(open_journal(here.folders.journal(1), till=1, store_id=here.venue.store_id)) as journal:
        make_register(journal, WallClock(), LateOutbox(), till=1, store_id=here.venue.store_id)
    remedy = found(open_shop)["till 1"]["remedy"]
    assert remedy.startswith("First start that till, or run `till recover`. A manager runs `till admin tills adopt 1`")
    assert "Nothing waits to be adopted" in open_shop.refused("admin", "tills", "adopt", "1")
    open_shop("recover")
    open_shop.ok("admin", "tills", "adopt", "1")


def test_an_older_copy_of_a_journal_is_not_well(open_shop: Shell, tmp_path: Path) -> None:
    """The journal was restored from a backup of the disk, and its till has not started since."""
    folders = Surroundings.find().folders
    kept = tmp_path / "kept"
    shutil.copytree(folders.journal(1).parent, kept)
    at_till(1, sells)
    assert found(open_shop)["till 1"]["verdict"] == "ok"
    shutil.rmtree(folders.journal(1).parent)
    shutil.copytree(kept, folders.journal(1).parent)
    one = found(open_shop)["till 1"]
    assert (one["verdict"], one["said"]) == ("wrong", "This till's journal is an older copy.")
    assert "`till admin tills adopt 1`" in one["remedy"]


def test_the_folder_of_backups_is_tried(open_shop: Shell, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    assert "backup folder" not in found(open_shop)
    open_shop.ok("db", "backup", str(stick))
    assert found(open_shop)["backup folder"]["said"] == f"{stick} can be written."
    shutil.rmtree(stick)
    one = found(open_shop)["backup folder"]
    assert (one["verdict"], "is its stick or its disk connected?" in one["said"]) == ("wrong", True)


def test_a_key_of_the_config_that_is_read_no_more_is_named(open_shop: Shell) -> None:
    assert "settings" not in found(open_shop)
    open_shop.ok("admin", "settings", "set", "timezone", "Europe/Berlin")
    one = found(open_shop)["settings"]
    assert (one["verdict"], one["said"].endswith(" differs from the venue's settings: timezone.")) == ("wrong", True)
    assert one["remedy"] == "Delete [venue] there; `till admin settings set` changes a setting."


def test_a_way_to_pay_that_the_till_cannot_offer_is_named(open_shop: Shell) -> None:
    """The till does not list it; its sentence was in the log alone."""
    file = open_shop.folder / "till.toml"
    written = file.read_text(encoding="utf-8")
    card = '[tenders.CARD]\nkind = "terminal"\nurl = "https://terminal.example"\ntimeout_s = 12\n'
    file.write_text(f"{written}\n{card}", encoding="utf-8")
    one = found(open_shop)["config"]
    assert one["verdict"] == "wrong"
    assert "CARD" in one["said"]


def test_tills_that_use_up_their_connections_are_named(open_shop: Shell, database: Database) -> None:
    open_shop.patch.setattr(server, "_TILLS", "till_report")  # nobody else logs in as that
    with connect(replace(database.owner, user=configuration.SUPERUSER)) as session:
        session.execute("ALTER ROLE till_report CONNECTION LIMIT 0")
        try:
            one = found(open_shop)["connections"]
        finally:
            session.execute("ALTER ROLE till_report CONNECTION LIMIT -1")
    assert one["verdict"] == "wrong"
    assert one["said"].endswith("of the 0 connections that they may take.")


def test_conflicts_that_wait_and_tables_that_are_bloated_are_reported(open_shop: Shell, database: Database) -> None:
    with database.connect() as owner:
        owner.execute("CREATE TABLE till.heap AS SELECT generate_series(1, 20000) AS n")
        owner.execute("ALTER TABLE till.heap SET (autovacuum_enabled = off)")
        owner.execute("DELETE FROM till.heap WHERE n > 100")
        owner.execute("SELECT pg_stat_force_next_flush()")
    parts = found(open_shop)
    assert "till.heap" in parts["bloat"]["said"]
    assert "VACUUM (ANALYZE) till.heap" in parts["bloat"]["remedy"]


def test_a_server_without_room_on_its_disk_is_reported(open_shop: Shell, database: Database) -> None:
    superuser = replace(database.owner, user=configuration.SUPERUSER)
    with connect(superuser) as session:
        session.execute(f"ALTER DATABASE {database.owner.dbname} SET temp_file_limit = 0")
    open_shop.patch.setattr(server, "_SPILL", SPILL)
    parts = found(open_shop)
    assert "no room to write" in parts["server's disk"]["said"]
    assert "docs/runbook.md" in parts["server's disk"]["remedy"]
    assert parts["records"]["verdict"] == "ok"


def test_a_full_disk_under_the_journals_alone_is_reported(open_shop: Shell) -> None:
    journals, usage = Surroundings.find().folders.journal(1).parent, shutil.disk_usage

    def is_full(path: Path) -> Any:
        return usage(path)._replace(free=0) if path == journals else usage(path)

    open_shop.patch.setattr(shutil, "disk_usage", is_full)
    disk = found(open_shop)["disk"]
    assert (disk["verdict"], disk["said"]) == ("wrong", f"0 MB are free in {journals}.")


def test_a_clock_that_is_wrong_is_reported(open_shop: Shell) -> None:
    open_shop.patch.setattr(server, "_MAX_CLOCK_OFFSET", timedelta(days=-1))
    assert "apart" in found(open_shop)["clock"]["said"]


@contextmanager
def frozen() -> Iterator[int]:
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield int(listener.getsockname()[1])


def test_a_frozen_database_holds_up_nothing_else(open_shop: Shell) -> None:
    with frozen() as port:
        there = Address("127.0.0.1", port, "venue", "till_app").url
        open_shop.patch.setenv("TILL_DATABASE__URL", there)
        open_shop.patch.setenv("TILL_DATABASE__OWNER_URL", there)
        began = time.monotonic()
        parts = found(open_shop)
    assert time.monotonic() - began < 20
    assert (parts["database"]["verdict"], parts["owner"]["verdict"]) == ("wrong", "wrong")
    assert parts["journal 1"]["verdict"] == "ok"


def test_a_check_that_hangs_or_breaks_is_reported_beside_the_rest() -> None:
    def hangs() -> Iterator[Finding]:
        yield well("first", "It is well.")
        never.wait()

    def breaks() -> Iterator[Finding]:
        yield from ()
        raise ZeroDivisionError("hidden")

    never = threading.Event()
    try:
        result = examine([("hanging", hangs), ("broken", breaks), ("well", lambda: iter([well("w", "")]))], 0.2)
    finally:
        never.set()
    assert [(one.part, one.verdict) for one in result] == [
        ("first", Verdict.OK),
        ("hanging", Verdict.WRONG),
        ("broken", Verdict.WRONG),
        ("w", Verdict.OK),
    ]
    assert "hidden" not in result[2].sentence


def test_the_embedded_database_is_tried_and_stopped_again(shell: Shell) -> None:
    shell.ok("db", "upgrade")
    parts = verdicts(found(shell))
    assert (parts["database"], parts["owner" if "owner" in parts else "rights"]) == ("ok", "ok")
    assert shell("db", "status", "--json").json["state"] == "stopped"
