"""Data from before the first release: it is left as it is, and one sentence says which side is older."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue

BEFORE = "from before the first release."


def test_an_older_database_is_reported_at_the_counter_and_in_the_shell_and_the_till_sells_on(venue: Venue) -> None:
    venue.url()  # which leaves the server up
    with venue.connect() as owner:
        owner.execute("UPDATE till.alembic_version SET version_num = '0001'")
        owner.execute("ALTER TABLE till.stores RENAME TO venues")
    till = venue.open().wait_for("✖ needs attention").wait_for(f"The database is older than this till, {BEFORE}")
    till.wait_for("Keep it, and start a new one: another TILL_DATA_DIR or database.url.")
    venue.log_in(till).type("2 idly\r").wait_for("Total ₹80.00").press("f9").wait_for("Enter takes").press("enter")
    till.wait_for("Paid ₹80.00, exact.")
    assert venue.rows("SELECT version_num, to_regclass('till.stores') FROM till.alembic_version") == [("0001", None)]
    for command in (("db", "upgrade"), ("admin", "users", "list"), ("report", "sales")):
        done = venue.run(*command)
        assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 1), done
        assert BEFORE in done.stderr


def test_an_older_journal_is_refused_in_words(venue: Venue) -> None:
    till = venue.open_at(1).type("2 idly\r").wait_for("Total ₹80.00").press("f12").wait_for("The order is kept")
    till.press("ctrl+q")
    assert till.wait_for_end() == 0
    (journal,) = (venue.folder / "journals").glob("till-1.sqlite")
    with closing(sqlite3.connect(journal, isolation_level=None)) as file:
        file.execute("UPDATE schema SET revision = 1")
        file.execute("ALTER TABLE own RENAME COLUMN stream_id TO session_id")
    before = journal.read_bytes()
    till = venue.open().wait_for(f"This journal was written by an older till, {BEFORE}")
    assert till.wait_for_end() == 1
    assert "Traceback" not in till.text
    assert venue.run("doctor").returncode == 1
    assert journal.read_bytes() == before
