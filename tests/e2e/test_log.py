"""The log of a real till: one id follows an order from its first key to cold storage, and nothing secret is in it."""

from __future__ import annotations

import json
import re
import time
from typing import TYPE_CHECKING, Any

from tests.e2e.terminal import PATIENCE
from tests.plugins.secrets import leaked

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue


def lines_of(venue: Venue) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (venue.folder / "logs" / "till.log").read_text().splitlines()]


def test_one_id_follows_an_order_from_key_to_cold(venue: Venue) -> None:
    till = venue.open_at(1).type("2 idly\r").wait_for("Total ₹80.00").type("no onion for Mrs Example\r\x15")
    till.press("f9").wait_for("Enter takes ₹80.00").press("enter").wait_for("Paid ₹80.00").wait_for("● saved")
    ((session,),) = venue.rows("SELECT session_id FROM cold.orders")
    ((logged,),) = venue.rows("SELECT count(*) FROM warm.session_events JOIN cold.orders USING (session_id)")
    till.press("f12").wait_for("type a number").press("ctrl+q")
    assert till.wait_for_end() == 0
    lines = lines_of(venue)
    of_order = [line for line in lines if line.get("session") == session or session in line.get("sessions", ())]
    steps = list(dict.fromkeys(line["event"] for line in of_order))
    assert steps[:2] == ["written", "sent"]
    assert {"written", "sent", "acknowledged", "in_cold_storage"} <= set(steps)
    assert steps.index("in_cold_storage") > steps.index("acknowledged") > steps.index("sent")
    keyed = [kind for line in of_order if line["event"] == "written" for kind in line["types"]]
    assert keyed[:2] == ["order_opened", "item_added"]
    assert keyed[-2:] == ["order_placed", "order_numbered"]
    assert logged == len(keyed)
    assert {line["till"] for line in lines if line["event"] != "said"} == {1}
    assert lines[0]["event"] == "till_opened"
    assert lines[-1]["event"] == "till_closed"
    written = (venue.folder / "logs" / "till.log").read_text()
    secrets = [file.read_text().strip() for file in (venue.folder / "secrets").iterdir()]
    assert secrets
    assert leaked(("Mrs Example", "onion", "1111", *secrets), written) == []


def test_metrics_of_a_till_are_shown_while_it_sells(venue: Venue) -> None:
    shown = venue.folder / "till-1.prom"
    more = {"TILL_METRICS__FILE": str(venue.folder / "till-{till}.prom"), "TILL_METRICS__EVERY_S": "0.1"}
    till = venue.open_at(1, more=more).type("2 idly\r").wait_for("Total ₹80.00").wait_for("● saved")
    figures = (
        re.compile(r"^till_push_seconds_count.* [1-9]", re.MULTILINE),
        re.compile(r"^till_key_to_line_seconds_count.* [1-9]", re.MULTILINE),
        re.compile(re.escape('till_unsent_events{till="1"} 0')),
        re.compile(re.escape('till_open_orders{till="1"} 1')),
    )
    ends = time.monotonic() + PATIENCE
    # The screen does not say when the file is written: one may come between a push and its acknowledgement.
    while not (shown.exists() and all(figure.search(shown.read_text()) for figure in figures)):
        assert time.monotonic() < ends, shown.read_text() if shown.exists() else "there is no file"
        till.read_for(0.1)
    till.kill9()
    assert 'till_open{till="1"} 1\n' in shown.read_text()
    till = venue.open(more=more).wait_for("This till closed unexpectedly at ").press("ctrl+q")
    assert till.wait_for_end() == 0
    assert 'till_open{till="1"} 0\n' in shown.read_text()
