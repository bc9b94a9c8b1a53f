"""Acts between orders asked for with a stolen secret: nothing of another till's order moves or is lost."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.hostile.test_floods import begun, filled, goes_on, most
from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, PRICES, TAXES, Cart, Till, new_id
from till.domain.ids import IdClock

if TYPE_CHECKING:
    from tests.sql.ringing import Sealed, Venue
    from till.domain.events.envelope import Event

__all__ = ["template", "venue"]

HONEST, THIEF = 1, 2


def answer(till: Till, decided: list[Event | Sealed], **changes: Any) -> str | None:
    """Ask for an act, and return the reason that it is not taken, or None."""
    reply = till.push(act=till.act(decided, **changes))
    assert reply["ok"] is True, reply
    why: str | None = reply["act"]["why"]
    assert reply["act"]["taken"] is (why is None)
    return why


def untouched(venue: Venue, honest: Till, cart: Cart) -> None:
    """Check that the server wrote nothing for the thief, and the honest till can sell its order."""
    assert venue.value("SELECT count(*) FROM session_events WHERE for_till = %s", THIEF) == 0
    goes_on(venue, honest, cart)
    assert venue.value("SELECT count(*) FROM warm.quarantine") == 0


def brought(cart: Cart, *lines: str) -> list[dict[str, Any]]:
    return [
        {"line_id": line, "item_id": item, "item_name": PRICES[item][0], "quantity": n, "price": str(PRICES[item][1]),
         "till": THIEF, "taxes": TAXES}
        for line, (item, n) in cart.lines.items() if line in lines
    ]  # fmt: skip


def test_no_line_leaves_the_order_of_another_till(venue: Venue) -> None:
    (honest, cart), thief = begun(venue, HONEST), venue.till(THIEF)
    (line,) = cart.lines
    new = Cart()
    with thief.deciding() as decided:
        thief.open(new, from_session=cart.session)
        thief.make("lines_moved", new.session, {"from_session": cart.session, "lines": brought(cart, line)})
        thief.make("lines_moved", cart.session, {"to_session": new.session, "line_ids": [line]}, hold=cart.hold)
    thief.known[cart.session] = (99, None)
    assert answer(thief, decided) == "not_held"
    untouched(venue, honest, cart)


def test_no_line_comes_from_an_order_that_does_not_let_it_go(venue: Venue) -> None:
    (honest, cart), (thief, own) = begun(venue, HONEST), begun(venue, THIEF)
    (line,) = cart.lines
    with thief.deciding() as decided:
        thief.make("lines_moved", own.session, {"from_session": cart.session, "lines": brought(cart, line)})
    assert answer(thief, decided) == "A line leaves one order and arrives in no other."
    untouched(venue, honest, cart)


def test_no_line_of_another_till_is_moved_between_orders_of_the_thief(venue: Venue) -> None:
    (honest, cart), (thief, own) = begun(venue, HONEST), begun(venue, THIEF)
    (line,) = cart.lines
    second = Cart()
    with thief.deciding() as decided:
        thief.open(second)
        thief.make("lines_moved", second.session, {"from_session": own.session, "lines": brought(cart, line)})
        thief.make("lines_moved", own.session, {"to_session": second.session, "line_ids": [line]})
    assert answer(thief, decided) == "A line is not in the order that it leaves."
    untouched(venue, honest, cart)


def test_a_line_of_another_till_is_neither_cut_nor_made_again(venue: Venue) -> None:
    (honest, cart), (thief, own) = begun(venue, HONEST), begun(venue, THIEF)
    (line,), (mine,) = cart.lines, own.lines
    for data in ({"line_id": line, "into": new_id()}, {"line_id": mine, "into": line}):
        with thief.deciding() as decided:
            thief.make("line_cut", own.session, {**data, "quantity": 1})
        assert answer(thief, decided) in {
            "A line is not in the order that it leaves.", "A line with this id was already keyed.",
        }  # fmt: skip
    untouched(venue, honest, cart)


def test_the_order_of_another_till_is_not_opened_again(venue: Venue) -> None:
    (honest, cart), thief = begun(venue, HONEST), venue.till(THIEF)
    with thief.deciding() as decided:
        thief.open(Cart(session=cart.session))
    assert answer(thief, decided) == "The act opens an order that already exists."
    untouched(venue, honest, cart)


@pytest.mark.parametrize("kind", ["order_placed", "payment_approved", "order_granted", "item_added", "session_swept"])
def test_an_act_has_no_money_and_nothing_that_the_server_alone_writes(venue: Venue, kind: str) -> None:
    (honest, cart), (thief, own) = begun(venue, HONEST), begun(venue, THIEF)
    with thief.deciding() as decided:
        own_id = new_id()
        thief.make_badly(kind, own.session, FOREIGN[kind](own), id=own_id, **makes_a_hold(kind, own_id))
    assert answer(thief, decided) == f"An act cannot have {kind}."
    untouched(venue, honest, cart)


def makes_a_hold(kind: str, own_id: str) -> dict[str, str]:
    return {"hold_id": own_id} if kind == "order_granted" else {}


PAYMENT = {"payment_id": new_id(), "tender": "CASH", "amount": "40.00"}
FOREIGN: dict[str, Any] = {
    "order_placed": lambda own: own.frozen(),
    "payment_approved": lambda _own: {**PAYMENT, "tendered": "40.00", "change": "0.00"},
    "order_granted": lambda _own: {"till": THIEF, "journal": new_id(), "user": 1},
    "item_added": lambda _own: {
        "line_id": new_id(), "item_id": DOSA, "item_name": "Masala Dosa", "quantity": 1, "price": "80.00",
        "taxes": TAXES,
    },
    "session_swept": lambda _own: {"minutes": 30},
}  # fmt: skip


def test_an_id_of_another_till_s_record_is_not_taken_for_an_act_that_was_taken_before(venue: Venue) -> None:
    (honest, cart), (thief, own) = begun(venue, HONEST), begun(venue, THIEF)
    stolen = venue.value("SELECT event_id::text FROM session_events WHERE session_id = %s LIMIT 1", cart.session)
    with thief.deciding() as decided:
        thief.make("order_type_set", own.session, {"order_type": "dine_in"}, event_id=stolen)
    assert answer(thief, decided) == "The act is empty, or some of its records are already in the log."
    untouched(venue, honest, cart)


def test_an_act_of_next_week_does_not_move_the_clock_of_the_server(venue: Venue) -> None:
    (honest, cart), (thief, own) = begun(venue, HONEST), begun(venue, THIEF)
    late = IdClock(secrets.randbits).next(datetime.now(UTC) + timedelta(days=7))
    with thief.deciding() as decided:
        thief.make("order_type_set", own.session, {"order_type": "dine_in"}, event_id=late)
    assert answer(thief, decided) == "The time of the act is more than a day ahead."
    untouched(venue, honest, cart)


@pytest.mark.parametrize("act", [
    {}, {"versions": {}}, {"versions": [], "events": [], "seq": 0}, {"versions": {}, "events": [{"b": "no"}], "seq": 0},
    {"versions": {}, "events": [{"b": "[]"}], "seq": 0}, {"versions": {}, "events": 3, "seq": "x"},
    {"versions": {}, "events": [{"b": "{}", "t": 7}], "seq": 0, "snapshots": 3}, 3, None,
])  # fmt: skip
def test_an_invalid_act_costs_its_own_till_alone(venue: Venue, act: Any) -> None:
    (honest, cart), (thief, own) = begun(venue, HONEST), begun(venue, THIEF)
    thief.add(own, IDLY)
    reply = thief.push(act=act)
    assert reply["code"] == "protocol" if not reply["ok"] else reply["act"]["taken"] is False
    assert thief.push()["ok"]
    untouched(venue, honest, cart)


def test_a_flood_of_acts_ends_with_the_room_of_the_hour(venue: Venue) -> None:
    (honest, cart), (thief, own) = begun(venue, HONEST), begun(venue, THIEF)
    filled(venue, thief, events=most(venue, "hour_events") - 1)
    why = []
    for _act in range(3):
        with thief.deciding() as decided:
            thief.make("order_type_set", own.session, {"order_type": "dine_in"})
        why.append(answer(thief, decided))
    assert why == [None, *["The till wrote more than it may in an hour."] * 2]
    assert venue.value("SELECT count(*) FROM session_events WHERE for_till = %s", THIEF) == 1
    goes_on(venue, honest, cart)


def test_a_flood_of_acts_on_one_order_ends_with_the_room_of_the_order(venue: Venue) -> None:
    (honest, cart), (thief, own) = begun(venue, HONEST), begun(venue, THIEF)
    venue.owner.execute(
        "UPDATE order_sessions SET written = jsonb_build_object(%s::text, jsonb_build_array(%s::int, 0)) WHERE id = %s",
        [THIEF, most(venue, "order_events") - 1, own.session],
    )
    with thief.deciding() as decided:
        thief.make("order_type_set", own.session, {"order_type": "dine_in"})
        thief.make("order_type_set", own.session, {"order_type": "take_away"})
    assert answer(thief, decided) == venue.value("SELECT warm.over_order_limit()")
    untouched(venue, honest, cart)
