"""What becomes of one of two orders that carry a tab: the other till hears of it, and nobody hears the same twice."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from tests.sql.recalling import NOBODY, SETTLED, SETTLED_PAID, recall, save, settle, told, told_last, twice
from tests.sql.ringing import new_id, sha

if TYPE_CHECKING:
    from tests.sql.ringing import Venue


def test_the_other_till_is_told_that_one_of_the_two_was_paid(venue: Venue) -> None:
    one, two, _cart, first, second = twice(venue)
    one.place(first)
    before = told(venue)
    request = one.request()
    assert [one.send(request)["ok"] for _ in range(2)] == [True, True]  # the first reply was lost
    assert told_last(venue, second) == (1, 1, True, False)
    assert told(venue) == before + 1
    arrived = [json.loads(event["b"]) for event in two.push()["events"] if event["session"] == second.session]
    assert [event["data"]["paid"] for event in arrived] == [False, True]
    assert venue.value("SELECT bool_or(refold) FROM order_sessions WHERE id = %s", second.session) is False


def test_a_payment_in_the_database_itself_is_told_too(venue: Venue) -> None:
    one, _two, _cart, first, second = twice(venue)
    venue.owner.execute(
        "SELECT till.order_session_complete_v1(%s, 9, %s, %s)", [venue.store, first.session, json.dumps(first.frozen())]
    )
    assert told_last(venue, second)[2] is True
    assert one.push()["ok"]


def test_who_is_alone_again_is_told_so_and_once(venue: Venue) -> None:
    one, two, _cart, first, second = twice(venue)
    two.make("order_discarded", second.session, {}, texts={"reason": "Till 1 pays it"})
    two.push()
    assert told_last(venue, first) == NOBODY
    before = told(venue)
    save(one, first)
    one.push()
    assert told(venue) == before


def test_what_is_cleared_by_an_admin_is_told_and_what_is_brought_back_too(venue: Venue) -> None:
    _one, two, _cart, first, second = twice(venue)
    venue.owner.execute(
        "SELECT till.order_session_discard_v1(%s, 9, %s, 'Till 1 pays it')", [venue.store, second.session]
    )
    assert told_last(venue, first) == NOBODY
    two.make("order_resumed", second.session, {"from_epoch": 1, "from_till": 2}, epoch=2)
    two.push()
    assert told_last(venue, first) == (2, 2, False, False)


def test_of_two_others_one_stays_known_when_one_is_cleared(venue: Venue) -> None:
    one, two, cart, first, second = twice(venue)
    venue.owner.execute("SELECT till.till_enrol_v1(%s, NULL, 3, NULL, %s)", [venue.store, sha("secret 3")])
    three = venue.till(3)
    third = recall(three, cart, new_id(), user=9)
    three.push()
    two.make("order_discarded", second.session, {}, texts={"reason": "Till 1 pays it"})
    two.push()
    assert told_last(venue, first) == (3, 9, False, False)
    three.place(third)
    three.push()
    assert told_last(venue, first) == (3, 1, True, False)
    assert one.push()["ok"]


def test_what_was_put_back_on_a_tab_is_told_as_such_and_told_again_when_it_is_recalled(venue: Venue) -> None:
    one, _two, _cart, first, second = twice(venue)
    save(one, first)
    one.push()
    assert told_last(venue, second) == (1, 1, False, True)
    newest = recall(one, first, new_id())
    one.push()
    assert told_last(venue, second) == (1, 1, False, False)
    assert told_last(venue, newest) == (2, 2, False, False)


def test_what_a_manager_settled_is_told_in_each_order_once(venue: Venue) -> None:
    one, two, cart, first, second = twice(venue)
    settle(one, venue, cart)
    one.push()
    assert [told_last(venue, own) for own in (first, second)] == [SETTLED, SETTLED]
    before = told(venue)
    settle(two, venue, cart)
    save(two, second)
    assert two.push()["conflicts"] == 0
    assert told(venue) == before


def test_what_is_settled_from_a_shell_is_told_too(venue: Venue) -> None:
    _one, _two, cart, first, second = twice(venue)
    conflict = venue.value("SELECT id FROM till.conflicts WHERE subject = %s", cart.session)
    venue.owner.execute("SELECT till.conflict_resolve_v1(%s, 9, %s, 'Till 1 pays it')", [venue.store, conflict])
    assert [told_last(venue, own) for own in (first, second)] == [SETTLED, SETTLED]


def test_a_payment_is_news_after_it_was_settled_and_not_one_before(venue: Venue) -> None:
    one, two, cart, first, second = twice(venue)
    settle(two, venue, cart)
    two.push()
    one.place(first)
    one.push()
    assert told_last(venue, second) == (1, 1, True, False)
    two.make("order_parked", second.session, {})
    two.push()
    assert told_last(venue, second) == (1, 1, True, False)


def test_a_payment_that_the_manager_knew_of_is_settled_with_it(venue: Venue) -> None:
    one, two, cart, first, second = twice(venue)
    one.place(first)
    one.push()
    settle(one, venue, cart)
    one.push()
    assert told_last(venue, second) == SETTLED_PAID
    two.make("order_parked", second.session, {})
    two.push()
    assert told_last(venue, second) == SETTLED_PAID


def test_one_more_recall_of_what_was_settled_is_told(venue: Venue) -> None:
    one, two, cart, first, _second = twice(venue)
    settle(one, venue, cart)
    one.push()
    third = recall(two, cart, new_id(), user=2)
    two.push()
    assert told_last(venue, first) == (2, 2, False, False)
    assert told_last(venue, third) == (1, 1, False, False)
