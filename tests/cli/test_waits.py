"""Things that wait for a person: one declaration reaches the desk, `till doctor`, the metrics and their alerts."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

from tests.sql.ringing import start_till
from till.administration import waits
from till.administration.calls import AtServer
from till.administration.waiting import Look
from till.administration.waits import all_waits, waiting_alerts
from till.cli.environment import Surroundings
from tools.generating.alert_rules import alert_rules

if TYPE_CHECKING:
    from pathlib import Path

    from tests.cli.conftest import Shell
    from tests.plugins.database import Database

_DECLARED = """
from till.administration.waiting import Rule, Wait, Waiting

def find(look):
    (people,) = look.row("SELECT count(*) FROM till.users WHERE store_id = %(store)s")
    yield Waiting(f"{people} people want tea", "Make some.", "Ask whether it is ready.")
    yield Waiting("The desk alone knows of milk", "Buy some.", till=2)
    yield Waiting("There is water", advice="")

def metrics(look):
    yield "thirsty", "People who want tea.", 3

RULE = Rule("TillThirsty", "Tea.", "till_database_thirsty > 0", "2h", "page")
WAIT = Wait(find, "tea", metrics=metrics, rules=(RULE,))
"""


def looked(database: Database) -> list[tuple[str, str, int | None]]:
    with database.connect() as owner:
        look = Look(AtServer(connection=owner, store_id=Surroundings.find().venue.store_id))
        return [(one.sentence, one.remedy, one.till) for one in waiting_alerts(look)]


def parts(shell: Shell, name: str) -> list[tuple[str, str, str | None]]:
    found = json.loads(shell("doctor", "--json").out)["parts"]
    return [(one["verdict"], one["said"], one["remedy"]) for one in found if one["part"] == name]


def test_a_file_that_declares_a_wait_reaches_every_place(staffed: Shell, database: Database, tmp_path: Path) -> None:
    (tmp_path / "tea.py").write_text(_DECLARED)
    staffed.patch.setattr(waits, "__path__", [*waits.__path__, str(tmp_path)])
    all_waits.cache_clear()
    try:
        assert looked(database) == [
            ("3 people want tea", "Make some.", None),
            ("The desk alone knows of milk", "Buy some.", 2),
        ]
        assert parts(staffed, "tea") == [
            ("wrong", "3 people want tea.", "Ask whether it is ready."),
            ("ok", "There is water.", None),
        ]
        staffed.ok("admin", "stats", "--metrics", str(metrics := tmp_path / "x.prom"))
        assert "# HELP till_database_thirsty People who want tea.\n" in metrics.read_text()
        rules = alert_rules("")
        assert "- alert: TillThirsty\n        expr: till_database_thirsty > 0\n        for: 2h\n" in rules
        assert "severity: page}\n        annotations:\n          summary: Tea.\n" in rules
    finally:
        all_waits.cache_clear()
        sys.modules.pop("till.administration.waits.tea", None)


def test_orders_that_a_till_dropped_are_at_the_desk_and_in_doctor(staffed: Shell, database: Database) -> None:
    staffed.ok("admin", "tills", "add", "1", "--here")
    with database.connect() as owner:
        owner.execute("UPDATE till.tills SET hands_dropped = 2, hand_dropped_at = now() WHERE id = 1")
        assert looked(database) == []
        owner.execute(
            """SELECT till.store_settings_v1(store_id, 7, '{"stations": [{"name": "Grill"}]}') FROM till.stores"""
        )
    sentence = "Till 1 did not send 2 orders to the kitchen that another till had to send"
    assert looked(database) == [(sentence, "Is it the venue’s? Revoke it if not.", 1)]
    advice = "Look at that till: is it the venue’s, and on its newest version?"
    assert parts(staffed, "kitchen") == [("wrong", f"{sentence}.", advice)]


def test_a_till_that_sells_what_differs_by_order_type_wrongly_is_at_the_desk_and_in_doctor(
    staffed: Shell, database: Database
) -> None:
    with database.connect() as owner:
        start_till(owner, Surroundings.find().venue.store_id, 2, "0.1.0")
    table = "name,price,category,tax,price take_away\nBun,3.00,Bakery,VAT 20,{}\n"
    staffed.ok("admin", "menu", "import", "-", "--yes", stdin=table.format(""))
    assert looked(database) == []
    staffed.ok("admin", "menu", "import", "-", "--yes", "--anyway", stdin=table.format("2.50"))
    sentence, remedy = (
        "Till 2 (0.1.0) sells every order type at the usual price and tax",
        "Its program is too old: update it.",
    )
    assert looked(database) == [(sentence, remedy, 2)]
    assert parts(staffed, "order types") == [("wrong", f"{sentence}.", remedy)]
    with database.connect() as owner:
        owner.execute("UPDATE till.tills SET seen_at = now() - interval '32 days' WHERE id = 2")
    assert looked(database) == []
