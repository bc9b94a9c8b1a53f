"""Tables and refusals, in the words of the counter."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from tests.plugins.commands import is_of_gone_leaf, run_here
from till.cli import opening
from till.cli.demo_venue import DEMO
from till.cli.environment import Surroundings
from till.wiring.parts import open_own_journal

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database


def test_a_list_says_in_plain_words_where_orders_stand_and_what_comes_next(
    staffed: Shell, save_order: Callable[[], str], database: Database
) -> None:
    staffed.become(9)
    orders = {status: save_order() for status in ("active", "pending_logout", "assigned_to_tab")}
    store = Surroundings.find().venue.store_id
    with database.connect() as connection:
        query = "SELECT till.order_session_assign_to_tab_v1(%s, 1, %s, NULL, NULL, 4)"
        connection.execute(query, [store, orders["assigned_to_tab"]])
        connection.execute("UPDATE till.tabs SET status = 'closed'")
        for status, order in orders.items():
            connection.execute("UPDATE till.order_sessions SET status = %s WHERE id = %s", [status, order])
    table = staffed.ok("admin", "sessions", "list")
    for word in (" open ", "suspended", "recalled"):
        assert word in table
    assert "pending_logout" not in table
    listed = {row["status"] for row in staffed("admin", "sessions", "list", "--json").json["sessions"]}
    assert listed == {"active", "pending_logout", "assigned_to_tab"}
    found = staffed("recover", "--list")
    assert "till recover --session ID, with --resume" in found.err
    assert "opens at its user's next login, or is under F5" in found.err


def test_a_till_that_is_open_already_says_so_and_how_to_open_a_second(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    del shell
    monkeypatch.setattr(opening, "has_terminal", lambda: True)
    journal = open_own_journal(Surroundings.find().folders, till=1, store_id=DEMO.store_id)
    try:
        assert opening.open_demo(1) == 1
    finally:
        journal.close()
    message = capsys.readouterr().err
    assert message.startswith("till: Till 1 is open in another window, process ")
    assert message.rstrip().endswith("A second till of the demo: till demo --till 2.")


def test_the_help_of_admin_says_who_is_asked_for_a_pin(staffed: Shell) -> None:
    output = " ".join(staffed.ok("admin", "--help").split())
    assert "The embedded database asks only before a change" in output


def test_every_command_that_a_sentence_names_is_there() -> None:
    root = Path(__file__).parents[2]
    sources = [
        *root.glob("till/**/*.py"),
        *root.glob("db/**/*.py"),
        *root.glob("db/sql/*.sql"),
        *root.glob("docs/*.md"),
    ]
    sources += [root / "README.md", root / "config.example.toml"]
    named = {
        words
        for source in sources
        for words in re.findall(r"`till ((?:admin )?[a-z]+(?:[ -][a-z]+)*)", " ".join(source.read_text().split()))
    }
    assert {"admin tills add", "db upgrade", "recover"} <= named
    here = [words.split() for words in named if not is_of_gone_leaf(words.split())]
    unknown = [words for words in here if run_here([*words, "--help"]).returncode != 0]
    assert unknown == []
