from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from till.config import read_config
from till.wiring.parts import LateOutbox, WallClock, make_register, open_journal
from till.wiring.recover import recover_journal

if TYPE_CHECKING:
    from pathlib import Path

    from till.sync.settings import ConnectionFacts

STORE = "0197d6a0-0000-7000-8000-00000000aa00"


def no_database() -> ConnectionFacts:
    raise ConnectionRefusedError("nobody is there")


def test_what_was_not_looked_at_is_said(tmp_path: Path) -> None:
    path = tmp_path / "till-1.sqlite"
    journal = open_journal(path, till=1, store_id=STORE)
    make_register(journal, WallClock(), LateOutbox(), till=1, store_id=STORE)
    journal.acknowledge(journal.head)
    journal.close()
    config = read_config(None, {"TILL_SYNC__DEADLINE_S": "0.1"})
    found = recover_journal(
        config, path, till=1, store_id=STORE, facts=no_database, stale=timedelta(minutes=30), gone=[2]
    )
    assert found.notice.startswith("Whether a till that is gone keyed something too late was not looked at: ")
    assert (found.unsent, found.sent, found.refused) == (0, 0, "")
