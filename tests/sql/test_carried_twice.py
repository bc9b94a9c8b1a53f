"""A tab that two tills recalled while they were apart: both are told, and it stands before the manager once."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from tests.sql.recalling import NOBODY, TOLD, carried, on_tab, recall, told_last
from tests.sql.ringing import new_id

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

ROWS = "SELECT session_id, kind, subject, amount, found_by FROM till.conflicts"


def test_two_recalls_of_one_tab_are_told_to_both_tills_and_to_the_manager(venue: Venue) -> None:
    one, two, tab = venue.till(1), venue.till(2), new_id()
    cart = on_tab(one, tab)
    first, second = recall(one, cart, tab), recall(two, cart, tab, user=2)
    assert one.shown(first)["conflicts"] == 0
    request = two.request(second.snapshot(0))
    replies = [two.send(request) for _ in range(2)]  # the first reply was lost

    assert [reply["conflicts"] for reply in replies] == [1, 1]
    assert venue.rows(ROWS) == [(cart.session, "carried_twice", cart.session, Decimal("80.00"), 0)]
    assert venue.rows(TOLD) == [
        (cart.session, None, None, None),
        (first.session, 2, 2, False),
        (second.session, 1, 1, False),
    ]
    arrived = [json.loads(event["b"]) for event in one.push()["events"] if event["session"] == first.session]
    assert [event["type"] for event in arrived] == ["conflict_found"]
    assert venue.value("SELECT bool_or(refold) FROM order_sessions WHERE id = %s", first.session) is False


def test_a_third_recall_is_told_of_too_and_is_no_second_row(venue: Venue) -> None:
    one, two, tab = venue.till(1), venue.till(2), new_id()
    cart = on_tab(one, tab)
    first, second, third = (recall(till, cart, tab) for till in (one, two, two))
    one.push()
    two.push()
    assert [row[0] for row in venue.rows(TOLD)] == [cart.session, first.session, second.session, third.session]
    assert venue.value("SELECT count(*) FROM till.conflicts") == 1


def test_a_recall_of_what_was_paid_for_apart_is_told_to_who_carries_the_lines(venue: Venue) -> None:
    one, two, tab = venue.till(1), venue.till(2), new_id()
    cart = on_tab(one, tab)
    again = recall(one, cart, tab)
    one.push()
    two.place(cart)  # had taken the order over before it stood on the tab, and took the money for it
    assert two.push()["conflicts"] == 1
    assert venue.rows(TOLD)[1:] == [(again.session, 2, 1, True)]


def test_who_recalled_the_tab_once_more_is_told_and_not_who_had_it_before(venue: Venue) -> None:
    one, two, tab = venue.till(1), venue.till(2), new_id()
    cart = on_tab(one, tab)
    second = recall(two, cart, tab, user=2)
    first = recall(one, cart, tab)
    one.make("tab_assigned", first.session, {"tab_id": tab, "table_number": 7, "covers": None}, texts={"name": "7"})
    newest = recall(one, first, tab)
    one.push()
    two.push()
    assert [row[0] for row in venue.rows(TOLD)] == [cart.session, second.session, newest.session]


def test_who_recalls_one_of_the_two_from_its_tab_later_is_told_too(venue: Venue) -> None:
    one, two, tab = venue.till(1), venue.till(2), new_id()
    cart = on_tab(one, tab)
    first, second = recall(one, cart, tab), recall(two, cart, tab, user=2)
    one.push()
    two.push()
    one.make("tab_assigned", first.session, {"tab_id": tab, "table_number": 7, "covers": None}, texts={"name": "7"})
    newest = recall(one, first, tab)
    one.push()
    rows = venue.rows(TOLD)
    assert [row[0] for row in rows] == [cart.session, first.session, second.session, newest.session]
    assert rows[-1][1:] == (2, 2, False)
    two.make("order_discarded", second.session, {}, texts={"reason": "Till 1 pays it"})
    two.push()
    one.make("tab_assigned", newest.session, {"tab_id": tab, "table_number": 7, "covers": None}, texts={"name": "7"})
    recall(one, newest, tab)
    one.push()
    assert told_last(venue, newest) == NOBODY  # the other was cleared: these lines are in one order again
    assert len(venue.rows(TOLD)) == len(rows) + 1


def test_when_both_are_paid_the_money_taken_twice_stands_beside_it(venue: Venue) -> None:
    one, two, tab = venue.till(1), venue.till(2), new_id()
    cart = on_tab(one, tab)
    first, second = recall(one, cart, tab), recall(two, cart, tab, user=2)
    sale = one.place(first)
    one.push()
    again = two.place(second)
    two.push()
    found = venue.rows("SELECT kind, subject FROM till.conflicts ORDER BY kind")
    assert found == [("carried_twice", cart.session), ("paid_twice", again["order_id"])]
    receipts = {row["kind"]: row["receipts"] for row in one.read("till.conflicts_v1")["conflicts"]}
    both = [sale["receipt"], again["receipt"]]
    assert receipts == {"carried_twice": both, "paid_twice": both}


def test_clearing_one_of_the_two_leaves_the_tab_to_the_other(venue: Venue) -> None:
    one, two, tab = venue.till(1), venue.till(2), new_id()
    cart = on_tab(one, tab)
    first, second = recall(one, cart, tab), recall(two, cart, tab, user=2)
    one.push()
    two.push()
    one.make("tab_assigned", first.session, {"tab_id": tab, "table_number": 7, "covers": None}, texts={"name": "7"})
    one.push()
    two.make("order_discarded", second.session, {}, texts={"reason": "Till 1 pays it"})
    two.push()
    assert [row["session"] for row in one.read("till.open_tabs_v1")["tabs"]] == [first.session]


def test_one_recall_and_what_came_too_late_are_no_conflict(venue: Venue) -> None:
    one, two, tab = venue.till(1), venue.till(2), new_id()
    cart = on_tab(one, tab)
    again = recall(one, cart, tab)
    one.place(again)
    one.push()
    carried(two, cart, new_id(), late=True)
    assert two.push()["conflicts"] == 0


def test_what_does_not_read_stops_nothing(venue: Venue) -> None:
    one, tab = venue.till(1), new_id()
    cart = on_tab(one, tab)
    recall(one, cart, tab)
    damaged: tuple[Any, ...] = (None, 7, [[]], {"a": 1})
    for lines in damaged:
        one.make("lines_moved", cart.session, {"to_session": new_id(), "line_ids": lines})
    one.make("lines_moved", cart.session, {"to_session": 7, "line_ids": list(cart.lines)})
    reply = one.push()
    assert reply["head"]["seq"] == one.seq
    assert reply["conflicts"] == 1
