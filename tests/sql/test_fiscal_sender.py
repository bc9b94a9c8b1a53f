"""The sender in the database: what waits for the tax authority, and its answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.json import Jsonb

from tests.sql.test_stamps import stamped, till
from till.domain.events.envelope import sha256

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

__all__ = ("till",)


@pytest.fixture
def sender(venue: Venue, till: Till) -> Till:
    """Return the till of the sender of the venue of `till`."""
    assert till.number == 1
    venue.owner.execute("SELECT till.till_enrol_v2(%s, 9, 95, NULL, %s, NULL)", [venue.store, sha256("secret 95")])
    venue.owner.execute("SELECT till.store_settings_v1(%s, 9, %s)", [venue.store, Jsonb({"fiscal_sender": 95})])
    one = venue.till(95)
    one.make("journal_opened", None, {"host": "server"})
    one.push()
    return one


def backlog(sender: Till) -> dict[str, Any]:
    return sender.read("till.fiscal_backlog_v1", journal=sender.journal)


def waiting(sender: Till) -> list[str]:
    return [one["number"] for one in backlog(sender)["records"]]


def answer(sender: Till, *rows: tuple[str, str], **facts: Any) -> dict[str, Any]:
    rows_ = [{"event": event, "state": state, "code": "1100", "words": "Valor"} for event, state in rows]
    return sender.read("till.fiscal_answers_v1", journal=sender.journal, answers=rows_, **facts)


def test_backlog_is_the_stamps_less_the_answers(venue: Venue, till: Till, sender: Till) -> None:
    first = stamped(till)
    second = stamped(till, first["hash"])
    rows = backlog(sender)["records"]
    assert [(one["number"], one["names"]) for one in rows] == [
        (one["number"], {"Buyer": "Rao"}) for one in (first, second)
    ]
    assert rows[1]["fields"] == second["fields"]
    assert rows[1]["journal"] == till.journal
    assert answer(sender, (rows[0]["event"], "accepted"), receipt="CSV-1", wait_s=90, trouble="")["ok"]
    assert waiting(sender) == [second["number"]]
    assert answer(sender, (rows[0]["event"], "refused"), (rows[1]["event"], "refused"))["ok"]
    assert waiting(sender) == []
    (trouble,) = venue.ask("fiscal_status_v1")["troubles"]  # the first answer to a record counts
    assert (trouble["number"], trouble["state"], trouble["words"]) == (second["number"], "refused", "Valor")


def test_a_second_record_of_a_number_settles_the_first(venue: Venue, till: Till, sender: Till) -> None:
    first = stamped(till)
    answer(sender, (backlog(sender)["records"][0]["event"], "refused"))
    venue.owner.execute(
        "INSERT INTO cold.fiscal_stamps (event_id, store_id, chain, till_id, scheme, kind, of_id, number, previous,"
        " hash, at, state) SELECT gen_random_uuid(), store_id, chain, 95, scheme, kind, of_id, number, hash, 'F00',"
        " now(), state FROM cold.fiscal_stamps WHERE number = %s",
        [first["number"]],
    )
    status = venue.ask("fiscal_status_v1")
    assert (status["troubles"], status["waiting"]) == ([], 1)


def test_status_names_the_last_request_and_what_hinders(venue: Venue, till: Till, sender: Till) -> None:
    assert venue.ask("fiscal_status_v1")["heard_at"] is None
    stamped(till, "F00D")
    answer(sender, begins=True)
    answer(sender, trouble="HTTP 503", certificate_ends="2027-05-01T00:00:00.000000Z")
    status = venue.ask("fiscal_status_v1")
    assert (status["sender"], status["waiting"], status["trouble"]) == (95, 1, "HTTP 503")
    assert status["since"] <= status["sent_at"] <= status["trouble_since"] == status["heard_at"]
    assert status["certificate_ends"].startswith("2027-05-01")
    assert [one["till"] for one in status["holes"]] == [1]
    answer(sender, trouble="")
    assert venue.ask("fiscal_status_v1")["trouble_since"] is None
    assert backlog(sender)["sent_at"] == status["sent_at"]


def test_only_the_sender_reads_and_answers(till: Till, sender: Till) -> None:
    stamped(till)
    (row,) = backlog(sender)["records"]
    for refused in (
        till.read("till.fiscal_backlog_v1", journal=till.journal),
        answer(till, (row["event"], "accepted")),
    ):
        assert (refused["code"], refused["ok"]) == ("not_sender", False)
        assert "Till 95 is the sender" in refused["detail"]
    assert sender.read("till.fiscal_backlog_v1")["code"] == "journal_retired"  # no journal: it could not stamp
    assert sender.read("till.fiscal_backlog_v1", journal=till.journal)["code"] == "protocol"
    assert len(waiting(sender)) == 1


def test_export_has_the_days_of_the_venue(venue: Venue, till: Till, sender: Till) -> None:
    first = stamped(till)
    second = stamped(till, first["hash"])
    day = f"{till.now:%Y-%m-%d}"
    rows = venue.ask("fiscal_export_v1", day, day, 0, 10)
    assert [one["number"] for one in rows] == [first["number"], second["number"]]
    assert venue.ask("fiscal_export_v1", day, day, rows[0]["arrival"], 10) == rows[1:]
    assert venue.ask("fiscal_export_v1", "2020-01-01", "2020-12-31", 0, 10) == []
    assert waiting(sender) == [first["number"], second["number"]]
