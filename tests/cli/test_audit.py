from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.plugins.database import unwatched
from till.cli import chains
from till.cli.administration import administration
from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


def test_a_sound_log_is_reported_as_sound(staffed: Shell) -> None:
    found = staffed("admin", "audit", "verify", "--json").json
    assert found["sound"] is True
    (chain,) = found["chains"]
    assert (chain["till"], chain["gaps"], chain["faults"]) == (0, [], [])
    assert "sound" in staffed.ok("admin", "audit", "verify")


def test_a_broken_one_is_named_and_ends_with_1(staffed: Shell, database: Database) -> None:
    with database.connect() as connection, unwatched(connection):
        connection.execute("DELETE FROM warm.session_events WHERE seq = 2")
        connection.execute("INSERT INTO warm.chain_gaps SELECT journal_id, 900, hash, store_id FROM warm.journal_head")
    result = staffed("admin", "audit", "verify")
    assert result.code == 1
    assert "record 2: Missing." in result.out
    assert "broken" in result.out
    assert "1 record was no longer on its till" in result.err
    assert "does not match its seals" in result.err
    assert staffed("admin", "audit", "verify", "--json").code == 1


def test_the_first_that_is_wrong_is_named_to_the_end(staffed: Shell, database: Database) -> None:
    with database.connect() as connection, unwatched(connection):
        connection.execute("UPDATE warm.session_events SET user_id = 9 WHERE seq = 3")
        ((journal, event),) = connection.execute(
            "SELECT journal_id::text, event_id::text FROM warm.session_events WHERE seq = 3"
        ).fetchall()
    fault = {
        "seq": 3,
        "to": 3,
        "id": event,
        "kind": "altered",
        "fault": "The columns of the record differ from the sealed ones.",
    }
    result = staffed("admin", "audit", "verify", "--json")
    found = json.loads(result.out)
    assert found["first"] == {"journal": journal, "till": 0} | fault
    assert [chain["faults"] for chain in found["chains"]] == [[fault]]
    assert f"the server, journal {journal}, record 3 ({event}): The columns" in result.err
    assert result.err.count("\n") == 1


def test_a_day_and_a_till_are_walked_alone(staffed: Shell, database: Database) -> None:
    for words in (["--day", "today"], ["--day", "2020-01-01"], ["--till", "0"], ["--day", "today", "--till", "0"]):
        found = staffed("admin", "audit", "verify", *words, "--json").json
        assert [(chain["till"], chain["faults"]) for chain in found["chains"]] == [(0, [])]
    every = staffed("admin", "audit", "verify", "--json").json["chains"][0]["records"]
    assert staffed("admin", "audit", "verify", "--day", "today", "--json").json["chains"][0]["records"] == every
    assert staffed("admin", "audit", "verify", "--day", "2020-01-01", "--json").json["chains"][0]["records"] <= 2
    assert "no journal of that till" in staffed.refused("admin", "audit", "verify", "--till", "5")
    for words in (["--day", "someday"], ["--day", "9999-12-31"], ["--till", "-1"], ["--till", "x"]):
        result = staffed("admin", "audit", "verify", *words)
        assert (result.code, result.out, result.err.count("\n")) == (2, "", 1), result
    with database.connect() as connection, unwatched(connection):
        connection.execute("DELETE FROM warm.session_events WHERE seq = 4")
    assert staffed("admin", "audit", "verify", "--day", "today").code == 1
    assert staffed("admin", "audit", "verify", "--day", "2020-01-01").code == 0


def test_a_long_chain_is_walked_in_parts(
    staffed: Shell, database: Database, save_order: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for _order in range(4):
        save_order()
    whole = staffed("admin", "audit", "verify", "--json").json
    monkeypatch.setattr(chains, "PART", 3)
    assert staffed("admin", "audit", "verify", "--json").json == whole
    with database.connect() as connection, unwatched(connection):
        connection.execute("DELETE FROM warm.session_events WHERE seq BETWEEN 3 AND 8")
        connection.execute("INSERT INTO warm.chain_gaps SELECT journal_id, n, repeat('a', 64), store_id"
                           " FROM warm.journal_head, generate_series(3, 7) AS n")  # fmt: skip
    found = json.loads(staffed("admin", "audit", "verify", "--json").out)
    assert found["chains"][0]["gaps"] == [{"from": 3, "to": 7}]
    assert (found["first"]["seq"], found["first"]["kind"]) == (8, "missing")
    assert len(found["chains"][0]["faults"]) == 1


def test_sales_made_meanwhile_are_no_break(
    staffed: Shell, save_order: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    del staffed
    monkeypatch.setattr(chains, "PART", 2)
    with administration(Surroundings.find()) as admin, chains.one_snapshot(admin):
        found = chains.chains_of(admin, None, None)
        save_order()
        walked = chains.walk(admin, found)
    assert [(chain["seq"], chain["faults"]) for chain in walked] == [(chain["seq"], []) for chain in found]
