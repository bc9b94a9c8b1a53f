"""`till doctor`: with a healthy till, and with everything broken at once."""

from __future__ import annotations

import json
import shutil
import socket
import sqlite3
import sys
import threading
import time
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from db.address import Address
from db.embedded import configuration
from db.engine import connect
from tests.cli.conftest import SPILL
from tests.cli.test_anew import at_till, keys, sells
from tests.cli.test_menu import WITH_CHOICES
from tests.register.conftest import VENUE
from till.cli.environment import Surroundings
from till.cli.health import server
from till.cli.health.finding import Finding, Verdict, examine, well
from till.domain import venue
from till.domain.advice import Advice
from till.domain.errors import StoreError
from till.journal.log import PAGE
from till.ports import Light, LightState
from till.sync.failures import refusal
from till.wiring.parts import LateOutbox, WallClock, make_register, open_own_journal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database
    from till.register.register import Register


FONTS: Final = Path(__file__).parents[1] / "fonts"


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


def test_a_till_that_is_well_is_reported_so_until_a_stick_and_a_key_are_not(open_shop: Shell, tmp_path: Path) -> None:
    parts = found(open_shop)
    assert [name for name, verdict in verdicts(parts).items() if verdict == "wrong"] == []
    for part in ("config", "data folder", "disk", "secrets", "venue", "journal 1", "database", "clock", "schema"):
        assert parts[part]["verdict"] == "ok", part
    for part in ("till 1", "rights", "connections", "server's disk", "vacuum", "bloat", "backup"):
        assert parts[part]["verdict"] == "ok", part
    for part in ("backup tools", "records", "upkeep", "memory"):
        assert parts[part]["verdict"] == "ok", part
    lines = open_shop.ok("doctor").splitlines()
    assert len(lines) == len(parts) + 2  # the journal has two, and the last sums up
    assert lines[-1] == "Nothing wrong found. Some parts could not be checked."

    assert not {"backup folder", "settings"} & set(parts)
    stick = tmp_path / "stick"
    stick.mkdir()
    open_shop.ok("db", "backup", str(stick))
    open_shop.ok("admin", "settings", "set", "timezone", "Europe/Berlin")
    parts = found(open_shop)
    assert parts["backup folder"]["said"] == f"{stick} can be written."
    one = parts["settings"]
    assert (one["verdict"], one["said"].endswith(" differs from the venue's settings: timezone.")) == ("wrong", True)
    assert one["remedy"] == "Delete [venue] there; `till admin settings set` changes a setting."
    shutil.rmtree(stick)
    one = found(open_shop)["backup folder"]
    assert (one["verdict"], "is its stick or its disk connected?" in one["said"]) == ("wrong", True)


def test_the_needs_of_drawn_letters_are_named(staffed: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def paper(*fonts: str) -> tuple[str, str, str | None]:
        monkeypatch.setenv("TILL_PAPER__FONTS", json.dumps([f"{FONTS}/{name}" for name in fonts]))
        one = found(staffed)["paper"]
        return one["verdict"], one["said"], one["remedy"]

    def hears(register: Register, **more: object) -> str:
        """Take other settings of the venue, as a till does whose database sends them."""
        printers = [{"name": "Bar", "address": "tcp://127.0.0.1:1"}]
        register.journal.cache("settings", 10_000 + len(more), VENUE | {"name": "தோசை", "printers": printers} | more)
        return ""

    staffed.become(9)
    staffed.ok("admin", "tills", "add", "1", "--here")
    at_till(1, hears)
    assert "paper" not in found(staffed), "no printer draws"
    at_till(1, partial(hears, drawing=["Bar"]))
    assert paper("DejaVuSans.ttf", "*Tamil*") == ("ok", "Every letter of the menu is printed or drawn.", None)
    packages = (
        "`sudo apt install fonts-dejavu-core fonts-noto-core fonts-noto-cjk`, or name fonts in [paper] of the config."
    )
    assert paper("DejaVuSans.ttf") == ("wrong", "No font here has த ோ ச ை.", packages)
    assert paper("gone.ttf")[2] == packages
    with monkeypatch.context() as without:
        without.setattr("PIL.features.check", lambda name: name != "raqm")
        remedy = "`sudo apt install libfribidi0`. A wheel of Pillow from PyPI has the rest."
        assert paper("DejaVuSans.ttf")[2] == remedy
    monkeypatch.setitem(sys.modules, "PIL", None)
    assert paper("DejaVuSans.ttf")[2] == "Install the till's wheel again with its extra: ./dist/till-….whl[scripts]"


def test_nothing_is_made_or_started_by_asking(shell: Shell, tmp_path: Path) -> None:
    shell.patch.setenv("TILL_DATA_DIR", str(tmp_path / "new"))
    assert verdicts(found(shell))["database"] == "unknown"
    assert not (tmp_path / "new").exists()


def key_unsent() -> int:
    """Key an order that the database does not have; the number of the journal's last record."""
    here = Surroundings.find()
    store = here.venue.store_id
    with closing(open_own_journal(here.folders, till=1, store_id=store)) as journal:
        register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=store)
        register.ledger.user = 1
        keys(register)
        return journal.head.seq


def test_damaged_moved_and_old_journals_are_reported(open_shop: Shell) -> None:
    last, path = key_unsent(), Surroundings.find().folders.journal(1)
    part = found(open_shop)["journal 1"]
    assert part["verdict"] == "wrong"
    assert "records are here only" in part["said"]
    assert "till recover" in part["remedy"]

    data = path.read_bytes()  # a page that was damaged since a clean close
    half = 5 * PAGE + PAGE // 2
    path.write_bytes(data[:half] + b"\xff" * (PAGE // 2) + data[half + PAGE // 2 :])
    part = found(open_shop)["journal 1"]
    assert (part["verdict"], part["said"]) == ("wrong", "A part of it is damaged that its till has not used since.")
    assert part["remedy"].startswith("Start that till")
    path.write_bytes(data)

    path.rename(path.with_name("elsewhere"))
    part = found(open_shop)["journal 1"]
    sentence = f"The journal of till 1 is gone, with {last} records: {path}. Put it back if it was moved."
    assert (part["verdict"], part["said"]) == ("wrong", sentence)
    for listed in (open_shop("recover", "--list"), open_shop("recover")):
        assert (listed.code, sentence in listed.err) == (1, True)
        assert "Nothing is open in the journals that could be read." in listed.out
    path.with_name("elsewhere").rename(path)
    assert "The journal of till 1 is gone" not in open_shop("recover").err

    key_unsent()
    with closing(sqlite3.connect(path, isolation_level=None)) as disk:
        last_but_one = disk.execute("SELECT seq FROM own ORDER BY seq DESC LIMIT 1 OFFSET 1").fetchone()
        disk.execute("UPDATE own SET body = replace(body, '\"user\":1', '\"user\":2') WHERE seq = ?", last_but_one)
    part = found(open_shop)["journal 1"]
    assert (part["verdict"], part["said"]) == ("wrong", "A record that was not sent is damaged.")
    assert "`till recover --list`" in part["remedy"]

    with closing(sqlite3.connect(path, isolation_level=None)) as disk:
        disk.execute("UPDATE schema SET revision = 1")  # from before the release
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
    written = here.config_file.read_text(encoding="utf-8")
    card = '[tenders.CARD]\nkind = "terminal"\nurl = "https://terminal.example"\ntimeout_s = 12\n'
    here.config_file.write_text(f"{written}\n{card}", encoding="utf-8")
    one = found(open_shop)["config"]  # of a way to pay that the till does not offer
    assert (one["verdict"], "CARD" in one["said"]) == ("wrong", True)
    here.config_file.write_text("[venue\n")
    parts = verdicts(found(open_shop))
    assert (parts["config"], parts["database"], parts["journal 1"]) == ("wrong", "unknown", "ok")


def test_a_database_and_a_secret_that_a_till_does_not_share_are_reported(open_shop: Shell, database: Database) -> None:
    with database.connect() as owner:
        # it was restored, while the journal's own mark says that all was sent
        owner.execute("DELETE FROM warm.journal_head WHERE till_id = 1")
        owner.execute("UPDATE till.tills SET live_journal = NULL")
        one = found(open_shop)["till 1"]
        assert one["verdict"] == "wrong"
        assert one["said"].endswith(" records of this journal: it is new, or was restored.")
        assert "`till recover`" in one["remedy"]
        owner.execute("UPDATE till.tills SET revoked_at = now()")
        assert "was revoked" in found(open_shop)["till 1"]["said"]
        # a machine that was replaced is not advised to take the till back
        owner.execute("UPDATE till.tills SET revoked_at = NULL, secret_hash = repeat('0', 64)")
        one = found(open_shop)["till 1"]
        assert one["remedy"].startswith("If another machine is till 1 now: `till admin tills add`, else")
    Surroundings.find().folders.secret(1).write_bytes(b"\xff\xfe")
    assert "not hold a secret" in found(open_shop)["till 1"]["said"]


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


def test_jobs_of_the_upkeep_that_fail_and_an_upkeep_that_never_ends_are_reported(
    open_shop: Shell, database: Database
) -> None:
    with connect(database.owner) as owner:
        owner.execute(
            "CREATE OR REPLACE FUNCTION simulator.stop_inactive() RETURNS integer LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'a fault' USING errcode = '22003'; END $$"
        )
        owner.execute("SELECT till.maintain_v1(store_id, NULL, 30, 24, 30) FROM till.stores")
        assert found(open_shop)["upkeep"]["said"] == "1 job of the upkeep fails."
        owner.execute("UPDATE warm.quarantine SET resolved_at = now()")
        owner.execute("UPDATE till.upkeep_jobs SET tried_at = '2026-03-03 05:00Z'")
        owner.execute("UPDATE till.tills SET seen_at = now()")
        message = found(open_shop)["upkeep"]["said"]
        assert message == "It has not come to its end since 2026-03-03 06:00, though tills are on."


def test_the_light_of_a_till_is_shown_by_doctor(open_shop: Shell) -> None:
    """While the till is open, and from its journal later. A till that runs on an older address is offline."""
    here = Surroundings.find()
    store = here.venue.store_id
    with closing(open_own_journal(here.folders, till=1, store_id=store)) as journal:
        register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=store)

        def light(state: LightState, detail: str = "") -> dict[str, Any]:
            register.light_changed(Light(state, detail=Advice.of(detail)))
            register.keep_light()
            parts = found(open_shop)
            assert (parts["journal 1"]["verdict"], "Its till is open." in parts["journal 1"]["said"]) == ("ok", True)
            return parts.get("light 1", {})

        one = light(LightState.OFFLINE, "The connection to the server broke.")
        assert one["said"] == "This till is offline (The connection to the server broke)."
        assert "close it and open it again" in one["remedy"]
        assert light(LightState.SAVED) == {}
        codes = ("journal_retired", "till_revoked", "wrong_store", "protocol")
        for message in (messages := [refusal(code, "", 1).sentence for code in codes]):
            one = light(LightState.ATTENTION, message)
            assert (one["verdict"], f"{one['said']} {one['remedy']}") == ("wrong", message)
    assert found(open_shop)["light 1"]["said"] == f"When the till was last open: {messages[-1]}"
    with closing(open_own_journal(here.folders, till=1, store_id=store)) as journal:
        register = make_register(journal, WallClock(), LateOutbox(), till=1, store_id=store)
        register.keep_light()
        assert "light 1" not in found(open_shop)
        journal.condemn()  # as the sync does: the next start begins a new journal
        message = refusal("chain_diverged", "", 1).sentence
        register.light_changed(Light(LightState.ATTENTION, detail=message))
        register.keep_light()
        one = found(open_shop)["light 1"]
        assert (one["verdict"], f"{one['said']} {one['remedy']}") == ("wrong", message)
    assert found(open_shop)["light 1"]["said"] == f"When the till was last open: {message}"
    with closing(open_own_journal(here.folders, till=1, store_id=store)) as journal:
        make_register(journal, WallClock(), LateOutbox(), till=1, store_id=store).keep_light()
        assert "light 1" not in found(open_shop)


def test_another_journal_than_the_database_knows_is_not_well(open_shop: Shell, tmp_path: Path) -> None:
    here = Surroundings.find()
    path, kept = here.folders.journal(1), tmp_path / "kept"
    shutil.copytree(path.parent, kept)
    at_till(1, sells)
    assert found(open_shop)["till 1"]["verdict"] == "ok"
    shutil.rmtree(path.parent)
    shutil.copytree(kept, path.parent)  # a backup of the disk, and the till has not started since
    one = found(open_shop)["till 1"]
    assert (one["verdict"], one["said"]) == ("wrong", "This till's journal is an older copy.")
    assert "`till admin tills adopt 1`" in one["remedy"]

    path.unlink()  # the next one has not asked yet
    with closing(open_own_journal(here.folders, till=1, store_id=here.venue.store_id)) as journal:
        make_register(journal, WallClock(), LateOutbox(), till=1, store_id=here.venue.store_id)
    remedy = found(open_shop)["till 1"]["remedy"]
    assert remedy.startswith("First start that till, or run `till recover`. A manager runs `till admin tills adopt 1`")
    assert "Nothing waits to be adopted" in open_shop.refused("admin", "tills", "adopt", "1")
    open_shop("recover")
    open_shop.ok("admin", "tills", "adopt", "1")
    at_till(1, sells)

    for file in path.parent.glob(path.name + "*"):  # the till lost its disk and began another
        file.unlink()
    with pytest.raises(StoreError, match="another journal"):
        at_till(1, sells)
    for _again in range(2):  # running doctor never adopts that journal
        one = found(open_shop)["till 1"]
        assert (one["verdict"], one["said"]) == ("wrong", "Till 1 has sold with another journal.")
        assert "`till admin tills adopt 1`" in one["remedy"]


def test_each_trouble_of_a_server_and_of_a_machine_is_named(open_shop: Shell, database: Database) -> None:
    journals, usage = Surroundings.find().folders.journal(1).parent, shutil.disk_usage

    def is_full(path: Path) -> Any:
        return usage(path)._replace(free=0) if path == journals else usage(path)

    open_shop.patch.setattr(shutil, "disk_usage", is_full)
    open_shop.patch.setattr(server, "_MAX_CLOCK_OFFSET", timedelta(days=-1))
    open_shop.patch.setattr(server, "_TILLS", "till_report")  # nobody else logs in as that
    open_shop.patch.setattr(server, "_SPILL", SPILL)
    with database.connect() as owner:
        owner.execute("CREATE TABLE till.heap AS SELECT generate_series(1, 20000) AS n")
        owner.execute("ALTER TABLE till.heap SET (autovacuum_enabled = off)")
        owner.execute("DELETE FROM till.heap WHERE n > 100")
        owner.execute("SELECT pg_stat_force_next_flush()")
    with connect(replace(database.owner, user=configuration.SUPERUSER)) as session:
        session.execute(f"ALTER DATABASE {database.owner.dbname} SET temp_file_limit = 0")
        session.execute("ALTER ROLE till_report CONNECTION LIMIT 0")
        try:
            parts = found(open_shop)
        finally:
            session.execute("ALTER ROLE till_report CONNECTION LIMIT -1")
    messages = {name: one["said"] for name, one in parts.items() if one["verdict"] == "wrong"}
    assert set(messages) == {"disk", "clock", "connections", "server's disk", "bloat", "rights"}
    assert messages["disk"] == f"0 MB are free in {journals}."
    assert "apart" in messages["clock"]
    assert messages["connections"].endswith("of the 0 connections that they may take.")
    assert "no room to write" in messages["server's disk"]
    assert "`till help the server is full`" in parts["server's disk"]["remedy"]
    assert "till.heap" in messages["bloat"]
    assert messages["rights"] == "Not the till's: table till.heap."
    assert "VACUUM (ANALYZE) till.heap" in parts["bloat"]["remedy"]
    assert parts["records"]["verdict"] == "ok"


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


def test_a_servers_full_disk_is_named_at_a_machine_that_is_not_its_owners(open_shop: Shell, database: Database) -> None:
    with database.connect() as owner:
        owner.execute(
            "CREATE OR REPLACE FUNCTION till.hello_v1(p_request text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'could not extend file: No space left on device' USING errcode = '53100'; END $$"
        )
    open_shop.patch.delenv("TILL_DATABASE__OWNER_URL")
    one = found(open_shop)["server's disk"]
    assert (one["verdict"], "No space left on device" in one["said"]) == ("wrong", True)
    assert "`till help the server is full`" in one["remedy"]


def test_a_database_that_was_upgraded_under_a_program_is_named(open_shop: Shell, database: Database) -> None:
    with database.connect() as owner:
        owner.execute(
            "CREATE OR REPLACE FUNCTION till.hello_v1(p_request text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN"
            " RAISE EXCEPTION 'cache lookup failed for type 16512' USING errcode = 'XX000'; END $$"
        )
    open_shop.patch.delenv("TILL_DATABASE__OWNER_URL")
    one = found(open_shop)["database"]
    assert (one["verdict"], one["said"]) == (
        "wrong",
        "It was upgraded while a program from before still runs (cache lookup failed for type 16512).",
    )
    assert "`till db stop`" in one["remedy"]


def test_times_are_in_the_venues_zone(open_shop: Shell, database: Database) -> None:
    with database.connect() as owner:
        owner.execute("SELECT till.note_backup('2026-07-03T22:30:00Z')")
    open_shop.patch.setattr(venue, "BACKUP_DAYS", 100_000)
    assert found(open_shop)["backup"]["said"] == "The last one is of 2026-07-04 00:30."


def test_a_phones_till_that_was_never_opened_is_in_order(open_shop: Shell) -> None:
    open_shop.patch.setenv("TILL_SERVE__URL", "https://till.example:8443")
    open_shop.ok("admin", "tills", "add", "5", "--phone")
    assert "money" not in {name for name, one in found(open_shop).items() if one["verdict"] == "wrong"}
