"""Attacks by the secret of a kitchen screen, and by the secret of a till on the boards of the kitchen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.hostile.test_walks import BY_SECRET, BY_TOKEN, everything
from tests.sql.conftest import template, venue
from tests.sql.ringing import IDLY, Cart, new_id
from tests.sql.test_kitchen import BAR, GRILL, PASS, keyed, mark, numbers, screen, send, set_stations, today

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

__all__ = ["template", "venue"]


def reasons(venue: Venue) -> list[str]:
    return [row[0] for row in venue.rows("SELECT reason FROM warm.quarantine ORDER BY id")]


def test_a_ticket_is_done_only_by_a_screen_of_its_station(venue: Venue) -> None:
    set_stations(venue, GRILL, BAR | {"screen": True}, PASS)
    grill, bar, till = screen(venue, 90, "Grill"), screen(venue, 91, "Bar"), today(venue.till(1))
    cart = keyed(till)
    ticket = send(till, cart)
    till.push()
    for kind in ("ticket_done", "ticket_recalled"):
        for thief, station in ((till, "Grill"), (bar, "Grill"), (bar, "Pass")):
            assert mark(thief, ticket, station, kind)["ok"], "its journal goes on"
    mark(bar, ticket, "Bar")  # of its own station, but the ticket is not there
    mark(grill, new_id())  # no ticket
    assert numbers(grill) == [("Grill", "1-1", False)]
    one = ["Till 1 sells: only a screen of the kitchen says that a ticket is done."]
    two = [
        f"Till 91 is not a screen of {name}: it cannot say that a ticket there is done." for name in ("Grill", "Pass")
    ]
    assert reasons(venue) == (one + two) * 2
    for record in venue.rows("SELECT id FROM warm.quarantine"):
        answer = venue.ask("quarantine_retry_v1", 9, record[0])
        assert answer is None or not answer.get("applied"), answer
    assert numbers(grill) == [("Grill", "1-1", False)]
    mark(grill, ticket)
    assert numbers(grill) == []


def test_a_screen_of_the_kitchen_sells_nothing_and_reads_nothing_else(venue: Venue) -> None:
    set_stations(venue, GRILL)
    grill, till = screen(venue, 90, "Grill"), today(venue.till(1))
    cart, stolen = keyed(till, tab=new_id()), Cart()
    till.push()
    grill.make("journal_opened", None, {"host": "kitchen"})
    assert grill.push()["ok"]
    before = everything(venue)
    for function in sorted(
        BY_SECRET - {"till.hello_v1", "till.tell_v1", "till.kitchen_board_v1", "warm.sync_push_v1"} | {BY_TOKEN}
    ):
        answer = grill.read(function, session=cart.session, user=9, journal=grill.journal)
        assert (answer["ok"], answer["code"]) == (False, "kitchen"), function
    assert till.read("till.kitchen_board_v1", stations=[])["code"] == "kitchen"
    assert grill.read("till.kitchen_board_v1", stations=["Bar"])["code"] == "kitchen"
    beat = {"session": new_id(), "user": 1, "metadata": {}}
    refused: tuple[dict[str, Any], ...] = (
        {"act": grill.act([])}, {"handed": []}, {"beat": beat}, {"known": [{"session": cart.session}]},
    )  # fmt: skip
    for changes in refused:
        assert grill.push(**changes)["code"] == "kitchen"
    assert grill.push(cart.snapshot(0))["code"] == "kitchen"
    reply = grill.push(reference={"menu": 0, "staff": 0, "settings": 0, "tabs": 0})
    assert reply["reference"].keys() == {"menu", "settings"}
    assert everything(venue) == before
    grill.open(stolen)
    grill.make("drawer_opened", None, {"why": "no_sale"})
    grill.make("item_marked", None, {"item_id": IDLY, "sold_out": True})
    assert grill.push()["ok"]
    assert reasons(venue) == [
        *["Till 90 is a screen of the kitchen: it does not sell."] * 2,
        "Till 90 is a screen of the kitchen, and none of its stations makes this item.",
    ]
    assert venue.rows("SELECT FROM till.order_sessions WHERE id = %s", stolen.session) == []
    fresh = screen(venue, 91, "Grill")
    fresh.journal = new_id()  # a journal that is not the live one gets the reference data, and no hash of a PIN
    screen(venue, 91, "Grill").push()
    answer = fresh.push(reference={"menu": 0, "staff": 0})
    assert answer["code"] == "journal_not_live"
    assert answer["reference"].keys() == {"menu"}


@pytest.mark.parametrize("stations", [[], ["Grill"]])
def test_a_thousand_tickets_of_a_stolen_till_leave_a_board_that_answers(venue: Venue, stations: list[str]) -> None:
    set_stations(venue, GRILL)
    grill, till = screen(venue, 90, *stations), today(venue.till(1))
    cart = keyed(till)
    for n in range(1_000):
        send(till, cart, number=f"1-{n}")
    assert till.push()["ok"]
    answer = grill.read("till.kitchen_board_v1", stations=[])
    assert (len(answer["tickets"]), answer["waiting"]) == (300, 1_000)
