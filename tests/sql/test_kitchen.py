"""The boards of kitchen screens in the database: who reads and marks which ticket, and when an order is ready."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import errors
from psycopg.types.json import Jsonb

from tests.sql.ringing import DOSA, IDLY, Cart, Till, new_id
from tests.sql.test_contents import pay
from till.domain.events.envelope import sha256

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

GRILL = {"name": "Grill", "items": [DOSA], "screen": True}
STEAM = {"name": "Steam", "items": [IDLY], "screen": True}
BAR = {"name": "Bar", "categories": ["c1"], "printer": ""}
PASS = {"name": "Pass", "screen": True}
ENROL = "SELECT till.till_enrol_v2(%s, NULL, %s, NULL, %s, %s)"


def set_stations(venue: Venue, *stations: dict[str, Any]) -> None:
    venue.owner.execute("SELECT till.store_settings_v1(%s, 9, %s)", [venue.store, Jsonb({"stations": stations})])


def screen(venue: Venue, number: int, *stations: str) -> Till:
    """Return a screen of the kitchen, enrolled for stations."""
    venue.owner.execute(ENROL, [venue.store, number, sha256(f"secret {number}"), list(stations)])
    return today(venue.till(number))


def today(till: Till) -> Till:
    till.now = datetime.now(UTC)
    return till


def send(till: Till, cart: Cart, kind: str = "new", station: str = "Grill", number: str = "1-1", **data: Any) -> str:
    """Write a ticket of all lines of an order, with their pieces. Return the id of its event."""
    lines = [{"line_id": line, "pieces": n, "item_id": item} for line, (item, n) in cart.lines.items()]
    fields = {"station": station, "ticket": number, "kind": kind, "lines": lines, **data}
    return till.make("lines_sent", cart.session, fields).id


def keyed(till: Till, item: str = DOSA, pieces: int = 2, tab: str | None = None) -> Cart:
    cart = till.keyed()
    till.add(cart, item, pieces)
    if tab is not None:
        till.save(cart, tab, "Table 5")
    return cart


def board(kitchen: Till, *stations: str, **asked: Any) -> dict[str, Any]:
    answer = kitchen.read("till.kitchen_board_v1", stations=stations, journal=kitchen.journal, **asked)
    assert answer["ok"], answer
    return answer


def numbers(kitchen: Till, *stations: str) -> list[tuple[str, str, bool]]:
    return [(one["at"], one["ticket"], one["done"]) for one in board(kitchen, *stations)["tickets"]]


def mark(kitchen: Till, ticket: str, station: str = "Grill", kind: str = "ticket_done") -> dict[str, Any]:
    kitchen.make(kind, None, {"ticket": ticket, "station": station})
    return kitchen.push()


def test_a_ticket_is_on_the_boards_of_its_station_and_of_the_pass_until_done(venue: Venue) -> None:
    set_stations(venue, GRILL, BAR, PASS)
    grill, passing, till = screen(venue, 90, "Grill"), screen(venue, 91, "Pass"), today(venue.till(1))
    cart = keyed(till, tab=(tab := new_id()))
    till.make("line_noted", cart.session, {"line_id": next(iter(cart.lines))}, texts={"note": "no \x1b[31m onion"})
    note = till.pending[-1].id
    lines = [{"line_id": line, "pieces": n, "item_id": item, "note": note} for line, (item, n) in cart.lines.items()]
    first = send(till, cart, lines=lines, place=tab)
    assert "kitchen" in till.push(tells=True)["tell"]
    [shown] = board(grill)["tickets"]
    [line] = shown.pop("lines")
    assert (line["name"], line["pieces"], line["note"]) == ("Masala Dosa", 2, "no [31m onion")
    facts = ("event", "at", "station", "ticket", "kind", "who", "place", "of", "done")
    assert [shown[name] for name in facts] == [first, "Grill", "Grill", "1-1", "new", "Asha", "Table 5", None, False]
    assert numbers(grill) == [("Grill", "1-1", False)]
    assert numbers(passing) == [("Pass", "1-1", False)]
    ready = f"SELECT warm.ready_for('{cart.session}')"
    assert mark(grill, first)["ok"]
    assert numbers(grill) == []
    assert venue.value(ready) is None, "the pass decides"
    assert mark(passing, first, "Pass")["ok"]
    assert (numbers(passing), venue.value(ready)) == ([], 1)
    [row] = till.read("till.open_tabs_v1")["tabs"]
    assert row["ready"] == 1
    assert mark(passing, first, "Pass", "ticket_recalled")["ok"]
    assert (numbers(passing), numbers(grill), venue.value(ready)) == ([("Pass", "1-1", False)], [], None)
    cart = keyed(till, IDLY)
    till.make("order_numbered", cart.session, {"number": "1-07", "count": 7})
    send(till, cart, station="Bar", number="1-7")  # it prints, and the pass has all of an order
    till.push()
    assert [one["called"] for one in board(passing)["tickets"]] == ["", "1-07"]
    assert (numbers(passing)[1:], numbers(grill)) == ([("Pass", "1-7", False)], [])
    [found] = board(grill, ticket="1-1")["tickets"]
    assert (found["event"], found["done"]) == (first, True)


def test_without_a_pass_an_order_is_ready_when_its_last_station_is_done(venue: Venue) -> None:
    set_stations(venue, GRILL, STEAM)
    both, till = screen(venue, 90), today(venue.till(1))
    cart = keyed(till)
    tickets = [send(till, cart), send(till, cart, station="Steam")]
    till.push()
    assert numbers(both, "steam") == [("Steam", "1-1", False)]
    ready = f"SELECT warm.ready_for('{cart.session}')"
    mark(both, tickets[0])
    assert venue.value(ready) is None
    mark(both, tickets[1], "Steam")
    assert venue.value(ready) == 1
    send(till, cart, kind="more", number="1-2")
    till.push()
    assert venue.value(ready) is None


def test_a_void_names_its_ticket_and_is_known_after_it_is_done(venue: Venue) -> None:
    set_stations(venue, GRILL)
    grill, till = screen(venue, 90, "Grill"), today(venue.till(1))
    cart = keyed(till)
    line = next(iter(cart.lines))
    send(till, cart)
    till.push()
    with till.deciding() as decided:  # the guest of the second piece pays alone, and then sends it back
        till.make("line_cut", cart.session, {"line_id": line, "into": (cut := new_id()), "quantity": 1})
    till.done(decided)
    void = send(till, cart, "void", number="1-2", lines=[{"line_id": cut, "pieces": -1, "item_id": DOSA}])
    till.push()
    shown = board(grill)["tickets"]
    assert [(one["ticket"], one["of"]) for one in shown] == [("1-1", None), ("1-2", "1-1")]
    assert {each["line"] for one in shown for each in one["lines"]} == {line}
    mark(grill, void)
    assert numbers(grill) == [("Grill", "1-1", False), ("Grill", "1-2", True)]


def test_a_ticket_that_follows_lines_or_is_half_a_day_old_is_on_no_board(venue: Venue) -> None:
    set_stations(venue, GRILL)
    grill, till = screen(venue, 90, "Grill"), today(venue.till(1))
    cart = keyed(till)
    send(till, cart, kind="more", follows=new_id())
    till.now -= timedelta(hours=13)
    send(till, cart, number="1-2")
    till.now = datetime.now(UTC) + timedelta(hours=5)
    send(till, cart, number="1-3")
    till.push()
    assert numbers(grill) == [("Grill", "1-3", False)]
    [shown] = board(grill)["tickets"]
    assert shown["sent_at"] <= board(grill)["now"], "a clock that is ahead makes no ticket younger than now"


def test_enrolments_of_the_kitchen_keep_their_kind(venue: Venue) -> None:
    set_stations(venue, GRILL, BAR)
    screen(venue, 90, "Grill")
    with pytest.raises(errors.DatabaseError, match="Till 1 sells"):
        venue.owner.execute(ENROL, [venue.store, 1, sha256("x"), ["Grill"]])
    with pytest.raises(errors.DatabaseError, match="no station Bar with a screen"):
        venue.owner.execute(ENROL, [venue.store, 91, sha256("x"), ["Bar"]])
    venue.owner.execute("SELECT till.till_enrol_v1(%s, NULL, 90, NULL, %s)", [venue.store, sha256("new")])
    assert venue.value("SELECT stations FROM till.tills WHERE id = 90") == ["Grill"]
    code = "5-AAAA"
    make = "SELECT till.enrolment_make_v2(%s, 9, 92, 'add', NULL, %s, %s)"
    venue.owner.execute(make, [venue.store, sha256(code), []])
    new = venue.till(92)
    answer = new.send({"code": code, "till": 92, "secret_hash": sha256("secret 92"), "fresh": True}, "till.enrol_v1")
    assert (answer["ok"], answer["stations"], answer["name"]) == (True, [], "Kitchen 92")
    assert board(new)["boards"] == ["Grill"]


def test_a_board_of_two_hundred_reads_little_of_a_long_history(venue: Venue) -> None:
    set_stations(venue, GRILL)
    grill, till = screen(venue, 90, "Grill"), today(venue.till(1))
    cart = keyed(till)
    for n in range(200):
        send(till, cart, number=f"1-{n}")
    till.push()
    venue.owner.execute(
        """INSERT INTO warm.tickets SELECT store_id, gen_random_uuid(), session_id || n, till_id, station, 'old', kind,
            lines, sent_at - n * interval '1 minute', '{}', true FROM warm.tickets, generate_series(1, 200) AS n"""
    )
    venue.owner.execute("ANALYZE warm.tickets")
    found = board(grill)
    assert (len(found["tickets"]), found["waiting"]) == (200, 200)
    assert [one["ticket"] for one in found["tickets"][:2]] == ["1-0", "1-1"]


def test_a_board_reads_the_first_lines_of_a_long_ticket_and_counts_the_rest(venue: Venue) -> None:
    set_stations(venue, GRILL)
    grill, till = screen(venue, 90, "Grill"), today(venue.till(1))
    cart = keyed(till)
    line = {"line_id": next(iter(cart.lines)), "pieces": 1, "item_id": DOSA}
    send(till, cart, lines=[line] * 600, later=[line] * 501)
    for n in range(2, 5):
        send(till, cart, number=f"1-{n}", lines=[line] * 9_000)
    send(till, keyed(till), number="1-5")
    till.push()
    [shown, *_long, after] = board(grill)["tickets"]
    assert after["ticket"] == "1-5", "long tickets hide no later one of their till"
    assert (len(shown["lines"]), len(shown["later"]), shown["left_out"]) == (500, 500, 101)


def test_a_cleared_order_leaves_only_its_voids(venue: Venue) -> None:
    set_stations(venue, GRILL)
    grill, till, other = screen(venue, 90, "Grill"), today(venue.till(1)), today(venue.till(2))
    cleared, copied, emptied, paid = (keyed(till, tab=new_id()) for _order in range(4))
    for n, cart in enumerate((cleared, copied, emptied, paid), 1):
        send(till, cart, number=f"1-{n}")
    till.push()
    into = keyed(till)
    till.push()
    till.move(emptied, into, *emptied.lines)  # its dishes are on another table
    till.make("order_discarded", emptied.session, {"line_ids": []}, texts={"reason": ""})
    copy = Cart()
    other.open(copy, again={"session": copied.session, "at": "2026-03-03T00:00:00.000000Z"})
    other.push()
    send(
        till,
        cleared,
        "void",
        number="1-5",
        lines=[{"line_id": line, "pieces": -2, "item_id": DOSA} for line in cleared.lines],
    )
    for cart in (cleared, copied):
        till.clear(cart)
    till.place(paid, payments=[pay(till, paid, "160.00")])
    assert till.push()["ok"]
    assert [ticket for _at, ticket, _done in numbers(grill)] == ["1-2", "1-3", "1-4", "1-5"]
    assert board(grill)["waiting"] == 4
    other.clear(copy)
    other.push()
    assert [ticket for _at, ticket, _done in numbers(grill)] == ["1-3", "1-4", "1-5"]


def test_an_order_that_moved_is_no_work_and_its_cards_have_the_new_place(venue: Venue) -> None:
    set_stations(venue, GRILL)
    grill, till, tabs = screen(venue, 90, "Grill"), today(venue.till(1)), [new_id() for _tab in range(3)]
    cart = keyed(till)
    till.save(cart, tabs[0], "goat")
    first = send(till, cart, place=tabs[0])
    till.push()
    ready = f"SELECT warm.ready_for('{cart.session}')"
    till.save(cart, tabs[1], "Table 4")
    moved = [{"line_id": line, "pieces": 0, "item_id": DOSA} for line in cart.lines]
    send(till, cart, "moved", number="1-2", lines=moved, place=tabs[1])
    assert till.push()["ok"]
    [shown] = board(grill)["tickets"]
    assert [shown[name] for name in ("ticket", "place", "was")] == ["1-1", "Table 4", "goat"]
    mark(grill, first)
    assert (numbers(grill), venue.value(ready)) == ([], 1)
    into = till.keyed()
    till.save(into, tabs[2], "Table 7")
    till.push()
    till.move(cart, into, *cart.lines)
    lines = [{"line_id": line, "pieces": 2, "item_id": DOSA} for line in into.lines]
    send(till, into, "more", number="1-1", lines=lines, place=tabs[1], follows=first)
    send(till, into, "moved", number="1-3", lines=moved, place=tabs[2])
    assert till.push()["ok"]
    [shown] = board(grill)["tickets"]
    assert [shown[name] for name in ("ticket", "of", "place", "was")] == ["1-3", "1-1", "Table 7", ""]
    assert [(line["pieces"], line["came"]) for line in shown["lines"]] == [(0, 2)]
    till.save(into, tabs[1], "Table 4")
    send(till, into, "moved", number="1-4", lines=moved, place=tabs[1])
    assert till.push()["ok"]
    assert [(one["ticket"], one["place"], one["was"]) for one in board(grill)["tickets"]] == [
        ("1-3", "Table 4", "Table 7")
    ]


def test_a_table_that_was_served_leaves_the_pass_when_it_pays(venue: Venue) -> None:
    set_stations(venue, GRILL, BAR, PASS)
    grill, passing, till = screen(venue, 90, "Grill"), screen(venue, 91, "Pass"), today(venue.till(1))
    served, early, unseen = (keyed(till, tab=new_id()) for _order in range(3))
    sent = [send(till, cart, number=f"1-{n}") for n, cart in enumerate((served, early), 1)]
    send(till, unseen, station="Bar", number="1-3")  # nobody marks there, so nobody knows
    till.push()
    mark(grill, sent[0])
    for cart in (served, early, unseen):
        till.place(cart, payments=[pay(till, cart, "160.00")])
    assert till.push()["ok"]
    mark(grill, sent[1])
    assert numbers(passing) == [("Pass", "1-2", False), ("Pass", "1-3", False)]


def test_an_order_of_the_counter_stays_on_the_pass_when_it_pays(venue: Venue) -> None:
    set_stations(venue, GRILL, PASS)
    grill, passing, till = screen(venue, 90, "Grill"), screen(venue, 91, "Pass"), today(venue.till(1))
    cart = keyed(till)
    ticket = send(till, cart)
    till.push()
    mark(grill, ticket)
    till.place(cart, payments=[pay(till, cart, "160.00")])
    assert till.push()["ok"]
    assert numbers(passing) == [("Pass", "1-1", False)], "its guest waits to be called"


def test_board_shows_the_type_of_a_line_that_was_set_before_its_ticket(venue: Venue) -> None:
    set_stations(venue, GRILL)
    grill, till = screen(venue, 90, "Grill"), today(venue.till(1))
    cart = keyed(till)
    [line] = cart.lines
    till.make("line_type_set", cart.session, {"line_id": line, "order_type": "dine_in"})
    send(till, cart)
    till.make("line_type_set", cart.session, {"line_id": line, "order_type": "delivery"})
    till.push()
    plain = keyed(till)
    send(till, plain, number="1-2")
    till.push()
    shown = [[one["order_type"] for one in ticket["lines"]] for ticket in board(grill)["tickets"]]
    assert shown == [["dine_in"], [""]]
