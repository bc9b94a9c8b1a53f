from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


def test_a_sound_log_is_said_to_be_sound(staffed: Shell) -> None:
    found = staffed("admin", "audit", "verify", "--json").json
    assert found["sound"] is True
    (chain,) = found["chains"]
    assert (chain["till"], chain["gaps"], chain["faults"]) == (0, [], [])
    assert "sound" in staffed.ok("admin", "audit", "verify")


def test_a_broken_one_is_named_and_ends_with_1(staffed: Shell, database: Database) -> None:
    with database.connect() as connection:
        connection.execute("ALTER TABLE warm.session_events DISABLE TRIGGER USER")
        connection.execute("DELETE FROM warm.session_events WHERE seq = 2")
        connection.execute("INSERT INTO warm.chain_gaps SELECT journal_id, 900, hash, store_id FROM warm.journal_head")
    said = staffed("admin", "audit", "verify")
    assert said.code == 1
    assert "record 2: Missing." in said.out
    assert "broken" in said.out
    assert "1 record was gone" in said.err
    assert "not what was sealed" in said.err
    assert staffed("admin", "audit", "verify", "--json").code == 1
