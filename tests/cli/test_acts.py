"""`till admin audit show`: who did what, for a person, a program and a spreadsheet."""

from __future__ import annotations

import csv
import io
import json
import unicodedata
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.json import Jsonb

from tests.cli.conftest import speak_german
from tests.cli.test_menu import WITH_CHOICES
from tests.plugins.database import unwatched
from tests.sql.ringing import new_id
from till.cli.environment import Surroundings

if TYPE_CHECKING:
    from collections.abc import Callable

    import psycopg

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

SHOW = ("admin", "audit", "show")


@pytest.fixture
def cleared(staffed: Shell, save_order: Callable[[], str]) -> Shell:
    """A venue where the admin cleared an order, for a reason that a spreadsheet would run."""
    staffed.ok("admin", "sessions", "close", save_order(), "--reason", "=1+1")
    return staffed


def test_a_person_reads_who_did_what_in_the_time_of_the_venue(cleared: Shell) -> None:
    result = cleared(*SHOW)
    first = result.out.splitlines()[1]
    assert "7 Om" in first
    assert "cleared Idly" in first
    assert "80.00" in first
    assert "=1+1" in first
    assert "added 7 as admin" in result.out
    assert result.err.endswith(" acts.\n")


def test_a_payment_that_the_server_released_is_given_up(
    staffed: Shell, save_order: Callable[[], str], owner_session: psycopg.Connection[Any]
) -> None:
    data = {"payment_id": new_id(), "tender": "ACCOUNT", "amount": "80.00"}
    owner_session.execute(
        "SELECT warm.server_event_v1(%s, NULL, 'payment_voided', %s, %s, '{}')",
        [Surroundings.find().venue.store_id, save_order(), Jsonb(data)],
    )
    output = staffed.ok(*SHOW, "--what", "given-back")
    assert "gave up a payment, nothing was taken: house account" in output
    assert "refunded" not in output


def test_orders_suspended_resumed_and_given_to_somebody_are_acts(staffed: Shell, save_order: Callable[[], str]) -> None:
    session = save_order()
    for act in (["--park"], ["--resume"], ["--give-to", "7"]):
        staffed.ok("recover", "--session", session, *act)
    acts = staffed(*SHOW, "--what", "suspended", "--what", "resumed", "--json").json["acts"]
    assert [(act["kind"], act["user"], act["session"]) for act in acts] == [
        ("suspended", 7, session),
        ("resumed", 7, session),
        ("suspended", 7, session),
    ]
    assert acts[0]["details"] == {"user": 7}
    first, second, third = staffed.ok(*SHOW).splitlines()[1:4]
    assert "suspended for 7 " in first
    assert "resumed " in second
    assert "suspended " in third
    assert "for 7" not in third


def test_undone_discount_is_shown_as_undone(
    staffed: Shell, save_order: Callable[[], str], owner_session: psycopg.Connection[Any]
) -> None:
    store, session = Surroundings.find().venue.store_id, save_order()
    write = "SELECT warm.server_event_v1(%s, 7, %s, %s, %s, '{}')"

    def discount() -> str:
        data = {"percent": "15", "name": "Senior"}
        owner_session.execute(write, [store, "discount_applied", session, Jsonb(data)])
        acts = staffed(*SHOW, "--what", "discounted", "--json").json["acts"]
        return str(acts[0]["id"])

    owner_session.execute(write, [store, "change_undone", session, Jsonb({"event": discount()})])
    discount()
    rows = [line for line in staffed.ok(*SHOW, "--what", "discounted").splitlines() if "discounted" in line]
    assert ["discounted 15 % Senior, undone" in row for row in rows] == [False, True]


def test_a_program_reads_it_and_asks_for_the_page_behind(cleared: Shell) -> None:
    every = cleared(*SHOW, "--json").json
    assert every["next"] is None
    act = every["acts"][0]
    assert (act["kind"], act["user"], act["pieces"], act["amount"], act["till"]) == ("cleared", 7, 2, "80.00", 0)
    assert act["at"].endswith("Z")
    page = cleared(*SHOW, "--limit", "2", "--json").json
    behind = cleared(*SHOW, "--limit", "1000", "--after", page["next"], "--json").json
    assert page["acts"] + behind["acts"] == every["acts"]
    assert cleared(*SHOW, "--what", "cleared", "--json").json["acts"] == [act]
    assert cleared(*SHOW, "--what", "Taken over", "--json").json["acts"] == []
    assert cleared(*SHOW, "--user", "7", "--day", "today", "--what", "cleared", "--json").json["acts"] == [act]
    assert cleared(*SHOW, "--day", "2020-01-01", "--json").json["acts"] == []


@pytest.mark.parametrize(
    "words",
    [("--limit", "-1"), ("--limit", "0"), ("--limit", "1001"), ("--what", "stolen"), ("--day", "someday"),
     ("--till", "-1"), ("--user", "x"), ("--day", "9999-12-31")],
)  # fmt: skip
def test_wrong_usage_is_one_line(staffed: Shell, words: tuple[str, str]) -> None:
    result = staffed(*SHOW, *words)
    assert (result.code, result.out, result.err.count("\n")) == (2, "", 1)


def test_a_cursor_of_another_question_is_refused(cleared: Shell) -> None:
    cursor = cleared(*SHOW, "--limit", "1", "--json").json["next"]
    for words in (["--till", "0", "--after", cursor], ["--after", "made-up"], ["--after", ""]):
        result = cleared(*SHOW, *words)
        assert (result.code, result.out) == (2, "")
        assert "`next` of the page before" in result.err


def test_a_spreadsheet_runs_nothing_of_it(cleared: Shell, database: Database) -> None:
    heading, first, *_rest = csv.reader(io.StringIO(cleared.ok(*SHOW, "--csv", "-")))
    shown = json.loads(cleared.ok(*SHOW, "--json"))["acts"][0]["details"]
    assert (heading[-1], json.loads(first[-1])) == ("details", shown), "what an act was about, to do it again"
    row = dict(zip(heading, first, strict=True))
    assert (row["what"], row["reason"], row["amount"], row["pieces"]) == ("cleared", "'=1+1", "80.00", "2")
    speak_german(database)
    assert ";80,00;" in cleared.ok(*SHOW, "--what", "cleared", "--csv", "-")
    file = cleared.folder / "acts.csv"
    assert cleared.ok(*SHOW, "--csv", str(file)) == ""
    assert file.read_bytes().startswith(b"\xef\xbb\xbf")


EVIL = "=\u202e1+1\x1b[2J\u200b\x9b\x07"


@pytest.mark.parametrize(
    "words",
    [
        (*SHOW, "--csv", "-"),
        (*SHOW, "--json"),
        ("admin", "users", "list", "--json"),
        ("admin", "sessions", "list", "--json"),
        ("admin", "menu", "export", "-", "--modifiers", "-"),
        ("admin", "audit", "export", "-", "--texts"),
        ("report", "voids", "--day", "today", "--csv", "-"),
        ("report", "voids", "--day", "today", "--json"),
        ("report", "voids", "--day", "today", "--html", "FILE"),
    ],
    ids=" ".join,
)
def test_no_export_writes_a_control_or_a_direction_character(
    cleared: Shell, database: Database, words: tuple[str, ...]
) -> None:
    cleared.ok("admin", "menu", "import", *WITH_CHOICES)
    with database.connect() as owner:
        owner.execute("UPDATE till.users SET name = %s WHERE id <> 7", [EVIL])
        with unwatched(owner):
            owner.execute("UPDATE warm.event_texts SET text = %s", [EVIL])
        owner.execute(
            "UPDATE till.settings SET body = replace(body::text, 'Masala Dosa', %s)::jsonb WHERE name = 'menu'",
            [json.dumps(EVIL)[1:-1]],
        )
    file = cleared.folder / "export"
    output = cleared.ok(*(str(file) if word == "FILE" else word for word in words))
    output = file.read_text("utf-8") if "FILE" in words else output
    assert output
    assert [char for char in output if unicodedata.category(char) in {"Cc", "Cf"} and char not in "\n\r\ufeff"] == []
    if "--csv" in words or "menu" in words:
        cells = [cell for row in csv.reader(io.StringIO(output)) for cell in row]
        assert [cell for cell in cells if cell.startswith("=")] == []
