"""Attacks by the secret of a kitchen screen, and by the secret of a till on the boards of the kitchen."""

from __future__ import annotations

import os
import random
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec
import pytest

from tests.hostile.test_walks import BY_SECRET, BY_TOKEN, everything
from tests.sql.conftest import template, venue
from tests.sql.ringing import IDLY, Cart, new_id
from tests.sql.test_kitchen import BAR, GRILL, PASS, board, keyed, mark, numbers, screen, send, set_stations, today
from till.domain.events.envelope import sha256

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

__all__ = ["template", "venue"]

#: The random hostile tills; `TILL_HOSTILE_KITCHENS=200` tries more.
KITCHENS = int(os.environ.get("TILL_HOSTILE_KITCHENS", "12"))


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
    for kind in ("ticket_done", "ticket_recalled"):  # of its own station, but the ticket is not there
        mark(bar, ticket, "Bar", kind)
    assert numbers(bar) == []
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
    grill.make("item_counted", None, {"item_id": IDLY, "left": 0})
    assert grill.push()["ok"]
    assert reasons(venue) == [
        *["Till 90 is a screen of the kitchen: it does not sell."] * 2,
        *["Till 90 is a screen of the kitchen, and none of its stations makes this item."] * 2,
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


def enrolled(venue: Venue, number: int) -> Till:
    venue.owner.execute(
        "SELECT till.till_enrol_v1(%s, NULL, %s, NULL, %s)", [venue.store, number, sha256(f"secret {number}")]
    )
    return today(venue.till(number))


def flood(till: Till, honest: Cart, dice: random.Random) -> None:
    """Write the tickets of a hostile till: many or long ones, of any age and kind, also about another till's lines."""
    own, by = keyed(till), till.now
    lines = [*own.lines, *honest.lines]
    for n in range(dice.choice((1, 30, 330))):
        till.now = by + timedelta(minutes=dice.choice((0, -660, 660, -dice.randrange(720))))
        most = dice.choices((1, 8, 400, 9_000), (60, 30, 1, 1))[0]
        pieces = dice.choice((1, 99, -1, 0))
        line = {
            "line_id": dice.choice(lines),
            "pieces": pieces,
            "item_id": IDLY,
            "choices": ["x" * 250] * dice.choice((0, 0, 50)),
        }
        kind = dice.choice(("new", "more", "void", "changed", "moved"))
        if most > 8:
            line["choices"] = []
        send(
            till, own, kind, dice.choice(("Grill", "Grill", "Bar")), f"2-{n + 1}", lines=[line] * dice.randint(1, most)
        )
    till.now = by
    answer = till.push()
    assert answer["ok"], answer


def test_the_tickets_of_an_honest_till_are_on_the_board_beside_any_flood(venue: Venue) -> None:
    """However a stolen till fills the board, an honest ticket is on it, and a read of it stays small."""
    set_stations(venue, GRILL)
    grill = screen(venue, 999, "Grill")
    for seed in range(KITCHENS):
        venue.owner.execute("DELETE FROM warm.tickets")
        dice = random.Random(seed)  # noqa: S311
        honest, thief = enrolled(venue, 2 * seed + 1), enrolled(venue, 2 * seed + 2)
        carts = [keyed(honest) for _order in range(dice.randint(1, 40))]
        sent = {send(honest, cart, number=f"1-{n}") for n, cart in enumerate(carts, 1)}
        if dice.random() < 0.5:
            assert honest.push()["ok"]
        flood(thief, carts[0], dice)
        assert honest.push()["ok"]
        answer = board(grill)
        assert {one["event"] for one in answer["tickets"]} >= sent, seed
        assert sum(len(one["lines"]) for one in answer["tickets"]) <= 2 * 3_000 + 500, seed
        assert len(msgspec.json.encode(answer)) < 6_000_000, seed


def test_tickets_that_a_till_dates_back_stand_behind_those_that_came_before(venue: Venue) -> None:
    set_stations(venue, GRILL)
    grill, honest, thief = screen(venue, 90, "Grill"), today(venue.till(1)), today(venue.till(2))
    send(honest, keyed(honest))
    assert honest.push()["ok"]
    cart = keyed(thief)
    thief.now -= timedelta(hours=11)
    for n in range(300):
        send(thief, cart, number=f"2-{n + 1}")
    assert thief.push()["ok"]
    send(honest, keyed(honest), number="1-2")
    assert honest.push()["ok"]
    shown = [ticket for _at, ticket, _done in numbers(grill)]
    assert (shown[0], shown[-1], len(shown)) == ("1-1", "1-2", 300)
    venue.owner.execute("SELECT till.till_revoke_v1(%s, 9, 2)", [venue.store])
    revoked = {one["ticket"]: one["revoked"] for one in board(grill)["tickets"]}
    assert (revoked["1-1"], revoked["2-1"]) == (None, 2)
