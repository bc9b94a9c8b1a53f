"""Orders that the server hands to a till that does not hold them, so that their stations hear of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.json import Jsonb

from tests.plugins.front_ends import FrontEnd, front_end
from tests.sql.ringing import IDLY, Cart, new_id
from tests.sql.test_admin import asked
from tests.sql.test_charged import confirm, gateway, intend
from tests.sql.test_submitted import folded
from tests.sql.test_verify import verify
from till.domain.events.envelope import sha256

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.database import Database
    from tests.sql.ringing import Till, Venue

__all__ = ["gateway"]

HANDED = "SELECT event_data FROM warm.session_events WHERE event_type = 'order_handed' ORDER BY event_id"
WAITING = "SELECT till_id, times FROM till.hands"


@pytest.fixture
def chat(venue: Venue, database: Database) -> Iterator[FrontEnd]:
    """A program whose orders are cooked once they are submitted, in a venue with a station."""
    with front_end(venue.owner, database.app, venue.store, kept=database.kept) as program:
        stations = [{"name": "Grill", "categories": ["c1"]}]
        asked(venue, "store_settings_v1", 9, Jsonb({"stations": stations, "cooked": {program.name: "submitted"}}))
        yield program


def submit(chat: FrontEnd) -> Cart:
    session = new_id()
    chat.put(session, IDLY, 2)
    chat.order(session)
    return Cart(session=session)


def polled(venue: Venue, till: Till, cart: Cart, *, sends: list[str] | None = None) -> int | None:
    """Poll as a till that sends, and return the till that was handed the order by it; the answer has its events."""
    before = venue.rows(HANDED)
    reply = till.push(sends=sends or [])
    assert reply["ok"], reply
    if reply["events"] and not cart.lines:
        cart.lines = {line.id: (IDLY, line.quantity) for line in folded(reply["events"]).lines.values()}
    new = venue.rows(HANDED)[len(before) :]
    assert len(reply["events"]) >= len(new)
    return new[0][0]["till"] if new else None


def ticket(till: Till, cart: Cart, number: str, pieces: int = 2, station: str = "Grill") -> dict[str, Any]:
    """Give an order its number and send a ticket of all its lines, and return the reply."""
    lines = [{"line_id": one, "pieces": pieces, "item_id": IDLY} for one in cart.lines]
    till.make("order_numbered", cart.session, {"number": number, "count": 1})
    till.make("lines_sent", cart.session, {"station": station, "ticket": number, "kind": "new", "lines": lines})
    return till.push(sends=[])


def counting(venue: Venue) -> list[str]:
    """Return the numbers of the tickets that count."""
    query = """
        SELECT event_data->>'ticket' FROM warm.session_events AS e WHERE event_type = 'lines_sent' AND NOT EXISTS (
            SELECT FROM warm.session_events AS r
            WHERE r.event_type = 'refused' AND r.event_data->'events' ? e.event_id::text) ORDER BY version"""
    return [row[0] for row in venue.rows(query)]


def fall_silent(venue: Venue, seconds: int = 121) -> None:
    venue.owner.execute("UPDATE till.hands SET handed_at = handed_at - make_interval(secs => %s)", [seconds])


def test_an_order_that_was_submitted_is_handed_to_the_first_till_that_sends(venue: Venue, chat: FrontEnd) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = submit(chat)
    assert one.push()["events"] == [], "an older till does not send"
    assert (polled(venue, one, cart), polled(venue, two, cart)) == (1, None)
    assert ticket(one, cart, "1-1")["records"] == 0
    assert (venue.rows(WAITING), counting(venue)) == ([], ["1-1"])
    fall_silent(venue)
    assert polled(venue, two, cart) is None
    assert venue.rows(HANDED) == [({"till": 1},)]
    chat.put(cart.session, IDLY, 3)
    assert polled(venue, two, cart) == 2, "what the program changes is handed again"
    assert verify(venue)["sound"] is True


def test_the_tickets_of_a_hand_that_arrive_first_count(venue: Venue, chat: FrontEnd) -> None:
    """The first till printed, and its network failed: the second one prints AGAIN."""
    one, two = venue.till(1), venue.till(2)
    cart = submit(chat)
    assert polled(venue, one, cart) == 1
    fall_silent(venue)
    assert polled(venue, one, cart) is None, "another one first"
    assert polled(venue, two, cart) == 2
    assert venue.rows(HANDED) == [({"till": 1},), ({"till": 2, "again": True},)]
    assert ticket(two, cart, "2-1")["ok"]
    assert ticket(one, cart, "1-1")["records"] == 0
    assert (venue.rows(WAITING), counting(venue)) == ([(None, 0)], ["2-1"]), "it may have known more"
    assert venue.rows("SELECT kind FROM till.notices") == []
    order = folded(one.push(known=[{"session": cart.session, "version": 0, "event": None}])["events"])
    assert [[send.ticket for send in line.sends] for line in order.lines.values()] == [["2-1"]]


def test_a_ticket_that_was_refused_makes_no_later_one_come_second(venue: Venue, chat: FrontEnd) -> None:
    venue.owner.execute("SELECT till.till_enrol_v1(%s, NULL, 3, NULL, %s)", [venue.store, sha256("secret 3")])
    one, two, three = (venue.till(number) for number in (1, 2, 3))
    cart = submit(chat)
    assert polled(venue, one, cart) == 1
    fall_silent(venue)
    assert polled(venue, two, cart) == 2
    ticket(one, cart, "1-1")
    fall_silent(venue, 241)
    assert polled(venue, three, cart) == 3, "it knows of that ticket"
    ticket(two, cart, "2-1")
    assert counting(venue) == ["1-1"]
    ticket(three, cart, "3-1")
    assert counting(venue) == ["1-1", "3-1"]


def test_a_ticket_that_the_server_carried_makes_no_hand_come_second(venue: Venue, chat: FrontEnd) -> None:
    one, cart = venue.till(1), submit(chat)
    assert polled(venue, one, cart) == 1
    lines = [{"line_id": line, "pieces": 1, "item_id": IDLY} for line in cart.lines]
    carried = Jsonb({"station": "Grill", "ticket": "2-9", "kind": "more", "lines": lines, "follows": new_id()})
    venue.value("SELECT warm.server_event_v1(%s, NULL, 'lines_sent', %s, %s)", venue.store, cart.session, carried)
    ticket(one, cart, "1-1")
    assert (counting(venue), venue.rows(WAITING)) == (["2-9", "1-1"], [])


def test_a_till_that_has_nothing_to_send_says_so(venue: Venue, chat: FrontEnd) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = submit(chat)
    assert polled(venue, one, cart) == 1
    ((hand,),) = venue.rows("SELECT event_id::text FROM till.hands")
    two.push(sends=[hand])
    assert venue.rows(WAITING) == [(1, 1)], "it was not handed to that till"
    assert polled(venue, one, cart, sends=[hand]) is None
    assert polled(venue, one, cart) is None, "it dropped it"
    assert asked(venue, "kitchen_waits_v1")["orders"] == 0
    assert polled(venue, two, cart) == 2, "another till is asked once"
    ((hand,),) = venue.rows("SELECT event_id::text FROM till.hands")
    assert polled(venue, two, cart, sends=[hand]) is None
    assert venue.rows(WAITING) == []
    assert asked(venue, "kitchen_waits_v1")["dropped"] == []
    submit(chat)
    assert polled(venue, one, cart) == 1
    ((hand,),) = venue.rows("SELECT event_id::text FROM till.hands")
    assert polled(venue, one, cart, sends=[hand]) is None
    venue.owner.execute("UPDATE till.hands SET asked_at = asked_at - interval '13 hours'")
    assert (polled(venue, one, cart), venue.rows(WAITING)) == (None, []), "there is no other till"


def test_a_till_that_swallows_what_it_is_handed_is_told_and_the_order_is_sent(venue: Venue, chat: FrontEnd) -> None:
    one, thief = venue.till(1), venue.till(2)
    for number in range(1, 4):
        cart = submit(chat)
        assert polled(venue, thief, cart) == 2
        if number < 3:
            ((hand,),) = venue.rows("SELECT event_id::text FROM till.hands")
            assert polled(venue, thief, cart, sends=[hand]) is None
        else:  # its ticket is for nobody
            assert ticket(thief, cart, "2-1", station="Nowhere")["records"] == 0
        assert polled(venue, one, cart) == 1
        assert ticket(one, cart, f"1-{number}")["records"] == 0
    assert sorted(counting(venue)) == ["1-1", "1-2", "1-3", "2-1"]
    assert venue.rows(WAITING) == []
    assert asked(venue, "kitchen_waits_v1")["dropped"] == [{"till": 2, "orders": 3}]
    assert [one for one in venue.rows(HANDED) if "again" in one[0]] == [], "nothing was printed before"


def test_an_order_that_nobody_sends_is_named_and_does_not_fill_the_log(venue: Venue, chat: FrontEnd) -> None:
    one = venue.till(1)
    cart = submit(chat)
    venue.owner.execute("UPDATE till.hands SET asked_at = asked_at - interval '1 minute'")
    one.push()
    named = {"orders": 1, "silent": [{"till": 1, "name": "Till 1"}], "dropped": [], "programs": [chat.name]}
    assert asked(venue, "kitchen_waits_v1") == named
    for _time in range(100):
        polled(venue, one, cart)
        fall_silent(venue, 60)
    assert len(venue.rows(HANDED)) in range(5, 15)
    assert asked(venue, "kitchen_waits_v1")["orders"] == 1


def test_an_order_at_a_till_is_left_to_its_holder(venue: Venue, chat: FrontEnd) -> None:
    one, two = venue.till(1), venue.till(2)
    one.push(sends=[])
    cart = submit(chat)
    one.take(cart)
    assert polled(venue, two, cart) is None
    assert venue.rows(WAITING) == []


@pytest.mark.usefixtures("chat")
@pytest.mark.parametrize("was_sent", [True, False])
def test_an_order_that_the_desk_discards_is_handed_if_the_kitchen_knows_of_it(venue: Venue, *, was_sent: bool) -> None:
    one, two, cart = venue.till(1), venue.till(2), Cart()
    one.open(cart)
    one.add(cart, IDLY, 2)
    assert one.push()["ok"]
    if was_sent:
        assert ticket(one, cart, "1-1")["ok"]
    asked(venue, "session_close_v1", 9, cart.session, "left")
    assert polled(venue, two, cart) == (2 if was_sent else None)


@pytest.mark.usefixtures("chat")
def test_a_change_while_its_holder_is_off_is_handed_once(venue: Venue) -> None:
    one, two, cart = venue.till(1), venue.till(2), Cart()
    one.open(cart)
    one.add(cart, IDLY, 2)
    assert ticket(one, cart, "1-1")["ok"]
    venue.value("SELECT warm.ask_for_silent(%s)", venue.store)
    venue.owner.execute("UPDATE till.tills SET seen_at = now() - interval '1 hour' WHERE id = 1")
    venue.owner.execute("UPDATE till.order_sessions SET refold = true")
    venue.value("SELECT warm.ask_for_silent(%s)", venue.store)
    assert venue.rows(WAITING) == [], "nobody else changed it"
    typed = Jsonb({"order_type": "dine_in"})
    venue.value("SELECT warm.server_event_v1(%s, 9, 'order_type_set', %s, %s)", venue.store, cart.session, typed)
    venue.value("SELECT warm.ask_for_silent(%s)", venue.store)
    assert polled(venue, two, cart) == 2
    ((hand,),) = venue.rows("SELECT event_id::text FROM till.hands")
    polled(venue, two, cart, sends=[hand])
    venue.value("SELECT warm.ask_for_silent(%s)", venue.store)
    assert polled(venue, two, cart) is None


def test_a_stolen_till_sends_no_ticket_that_it_was_not_handed(venue: Venue, chat: FrontEnd) -> None:
    one, thief = venue.till(1), venue.till(2)
    cart = submit(chat)
    assert polled(venue, one, cart) == 1
    assert ticket(thief, cart, "2-1")["records"] == 2
    assert ticket(one, cart, "1-1")["records"] == 2
    for number in range(2, 20):
        ticket(one, cart, f"1-{number}")
    assert counting(venue) == ["1-1"], "one hand, one time"
    assert venue.rows("SELECT count(*) FROM warm.quarantine WHERE sqlstate = 'TL012'") == [(38,)]


def test_an_order_that_was_paid_online_is_cooked_though_no_till_opened_it(
    venue: Venue, chat: FrontEnd, gateway: FrontEnd
) -> None:
    asked(venue, "store_settings_v1", 9, Jsonb({"cooked": {}}))
    one, cart = venue.till(1), submit(chat)
    assert polled(venue, one, cart) is None, "no till opened it"
    intend(chat, cart.session)
    confirm(gateway, 80_00)
    assert venue.rows("SELECT status FROM till.order_sessions") == [("completed",)]
    assert polled(venue, one, cart) == 1
    assert ticket(one, cart, "1-1")["records"] == 0
    assert (venue.rows(WAITING), counting(venue)) == ([], ["1-1"])
    assert verify(venue)["sound"] is True


def test_a_venue_without_stations_hands_nothing(venue: Venue, chat: FrontEnd) -> None:
    asked(venue, "store_settings_v1", 9, Jsonb({"stations": []}))
    cart = submit(chat)
    assert polled(venue, venue.till(1), cart) is None
    assert venue.rows(WAITING) == []
