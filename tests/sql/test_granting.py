"""Which till holds an order: a till asks for it, and the server grants it (docs/protocol.md, "Holds")."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DOSA, Cart, Till, make_venue, new_id
from tests.sql.test_authentication import ASIDE
from tests.sql.test_operations import NEW, Program
from tests.sql.test_status import opened, stands, sweep
from tests.sql.test_upkeep import age, maintain
from tests.sql.test_verify import verify
from till.domain.events.envelope import read_time
from till.domain.order.events import OrderGranted
from till.domain.order.evolve import fold
from till.domain.order.state import Status
from till.domain.streams import unseal

if TYPE_CHECKING:
    from tests.sql.ringing import Venue
    from till.domain.order.state import Order


def granted(venue: Venue) -> list[dict[str, Any]]:
    """Return the data of the server's grants, oldest first."""
    return [
        row[0]
        for row in venue.rows("SELECT event_data FROM session_events WHERE event_type = 'order_granted' ORDER BY seq")
    ]


def folded(answer: dict[str, Any]) -> Order:
    """The order that a till has of the events of an answer."""
    order = fold(unseal(one["b"], one["h"], one["t"]) for one in answer["events"])
    assert order is not None
    return order


def another_journal(venue: Venue, number: int = 1) -> Till:
    """Another machine that took the place of a till's."""
    venue.owner.execute("SELECT warm.adopt_journal(%s, 9, %s)", [venue.store, number])
    till = venue.till(number)
    till.push()
    return till


def test_a_grant_brings_the_order_with_all_its_events(venue: Venue) -> None:
    one, cart = opened(venue)
    one.make("order_parked", cart.session)
    one.push()
    two, hold = venue.till(2), cart.hold
    answer = two.ask(cart, user=2)

    assert answer["ok"] is True
    assert answer["open_at"] is None
    assert abs(read_time(answer["server_time"]) - datetime.now(UTC)) < timedelta(minutes=1)
    assert answer["granted"] == answer["session"]["hold_id"] == answer["session"]["event"] == cart.hold > hold
    assert [one["version"] for one in answer["events"]] == [1, 2, 3, 4]
    granting = unseal(*(answer["events"][-1][name] for name in ("b", "h", "t")))
    assert granting.data == OrderGranted(till=2, journal=two.journal, user=2, from_hold=hold, from_till=1)
    assert (granting.till, granting.user, granting.hold) == (0, 2, granting.id)
    order = folded(answer)
    assert (order.status, order.till, order.holder, order.user, order.hold) == (Status.ACTIVE, 2, 2, 2, cart.hold)
    assert stands(venue, cart, "status", "till_id", "hold_till", "user_id", "hold_journal::text") == (
        "active", 2, 2, 2, two.journal,
    )  # fmt: skip
    assert verify(venue)["sound"] is True


def test_the_holder_of_an_order_is_granted_it_again_by_the_same_event(venue: Venue) -> None:
    """The answer was lost; or the till asks though it need not."""
    one, cart = opened(venue)
    hold = cart.hold
    assert one.ask(cart)["granted"] == hold, "it opened the order"
    two = venue.till(2)
    first = two.take(cart)
    again = two.ask(cart, user=9)
    assert first["granted"] == again["granted"]
    assert again["events"] == first["events"]
    assert len(granted(venue)) == 1
    two.make("order_parked", cart.session)
    two.push()
    assert two.ask(cart)["granted"] == first["granted"]
    assert stands(venue, cart, "status") == "pending_logout", "its till resumes it by itself"


def test_another_journal_of_the_till_that_holds_an_order_is_granted_it_anew(venue: Venue) -> None:
    old, cart = opened(venue)
    hold = cart.hold
    new = another_journal(venue)
    answer = new.ask(cart)
    assert answer["open_at"] is None, "no other till has it"
    assert [(one["from_hold"], one["from_till"], one["journal"]) for one in granted(venue)] == [(hold, 1, new.journal)]
    newest = another_journal(venue)
    newest.ask(cart)
    assert [one["journal"] for one in granted(venue)] == [new.journal, newest.journal]

    line = old.add(cart, DOSA)
    old.make("order_parked", cart.session, hold=hold)
    assert old.push()["head"]["seq"] == old.seq
    assert stands(venue, cart, "status", "till_id", "hold_journal::text") == ("active", 1, newest.journal)
    assert line in folded(newest.read("till.session_events_v1", session=cart.session)).lines


def test_an_order_that_another_till_has_open_is_granted_after_a_warning_alone(venue: Venue) -> None:
    _one, cart = opened(venue)
    two, hold = venue.till(2), cart.hold
    answer = two.ask(cart)
    assert (answer["ok"], answer["granted"], answer["open_at"]) == (True, None, 1)
    assert (answer["session"]["till_name"], len(answer["events"])) == ("Till 1", 2)
    assert granted(venue) == []
    assert stands(venue, cart, "status", "till_id", "hold_id::text") == ("active", 1, hold)
    assert two.ask(cart, warned=True)["granted"] == cart.hold


def test_second_till_that_asks_for_an_order_learns_of_the_first(venue: Venue) -> None:
    one, cart = opened(venue)
    one.make("order_parked", cart.session)
    one.push()
    two = venue.till(2)
    assert two.ask(cart)["granted"]
    assert one.ask(Cart(session=cart.session))["open_at"] == 2
    assert one.ask(cart, warned=True)["granted"] > two.holds[cart.session]
    assert [(row["from_till"], row["till"]) for row in granted(venue)] == [(1, 2), (2, 1)]


def test_an_order_that_was_swept_is_granted_after_a_warning_alone(venue: Venue) -> None:
    """The till sent nothing, and may still have unsent lines."""
    _one, cart = opened(venue)
    sweep(venue, cart)
    two = venue.till(2)
    assert two.ask(cart)["open_at"] == 1
    assert two.ask(cart, warned=True)["granted"]
    assert stands(venue, cart, "status", "till_id") == ("active", 2)


def test_a_tab_that_its_till_saved_is_granted_without_a_question(venue: Venue) -> None:
    one, cart = opened(venue)
    tab = new_id()
    one.save(cart, tab, "Window")
    one.push()
    two = venue.till(2)
    answer = two.ask(cart, user=2)
    assert answer["granted"] == cart.hold
    assert (answer["session"]["tab_name"], folded(answer).tab is not None) == ("Window", True)
    assert stands(venue, cart, "status", "till_id", "user_id", "tab_id::text") == ("active", 2, 2, tab)
    [taken] = one.push()["taken"]
    assert (taken["till"], taken["user_name"], taken["hold_id"]) == (2, "Ravi", cart.hold)


def test_a_recalled_tab_that_a_logout_put_back_is_granted_without_a_question(venue: Venue) -> None:
    one, cart = opened(venue)
    tab = new_id()
    one.save(cart, tab, "Window")
    one.resume(cart)
    one.push()
    two = venue.till(2)
    assert two.ask(cart)["open_at"] == 1
    one.save(cart, tab)
    one.push()
    assert two.ask(cart)["granted"]


def test_a_paid_order_is_granted_to_nobody(venue: Venue) -> None:
    one, cart = opened(venue)
    one.place(cart)
    one.push()
    for till in (venue.till(2), one):
        answer = till.ask(cart, warned=True, cleared=True)
        assert (answer["granted"], answer["open_at"], answer["session"]["status"]) == (None, None, "completed")
        assert folded(answer).status is Status.COMPLETED
    assert granted(venue) == []


@pytest.mark.parametrize("archived", [False, True])
def test_a_cleared_order_is_granted_to_who_asks_for_what_was_cleared(venue: Venue, *, archived: bool) -> None:
    one, cart = opened(venue)
    one.clear(cart, "left")
    one.push()
    if archived:
        age(venue, "31 days")
        maintain(venue)
    two = venue.till(2)
    answer = two.ask(cart, warned=True)
    assert (answer["granted"], answer["session"]["status"]) == (None, "discarded")
    assert granted(venue) == []
    answer = two.ask(cart, cleared=True)
    assert (answer["granted"], folded(answer).status) == (cart.hold, Status.ACTIVE)
    assert folded(answer).discarded is None
    assert stands(venue, cart, "status", "till_id") == ("active", 2)


def test_an_order_that_is_not_there_or_another_stores_is_granted_to_nobody(venue: Venue) -> None:
    one, cart = opened(venue)
    nothing: dict[str, Any] = {"ok": True, "session": None, "events": []}
    assert one.ask(Cart()) == nothing
    stranger = make_venue(venue.owner, venue.app).till(2)
    assert stranger.ask(cart, warned=True) == nothing
    assert granted(venue) == []
    assert stands(venue, cart, "status", "till_id") == ("active", 1)


def test_a_retired_journal_and_one_that_is_not_live_are_granted_nothing(venue: Venue) -> None:
    old, cart = opened(venue)
    assert venue.till().ask(cart)["code"] == "journal_not_live"
    another_journal(venue)
    two, other = opened(venue, 2)
    two.make("order_parked", other.session)
    two.push()
    for wanted in (cart, other):
        answer = old.ask(wanted, warned=True)
        assert (answer["ok"], answer["code"]) == (False, "journal_retired")
    assert granted(venue) == []


def test_a_till_without_its_secret_is_granted_nothing(venue: Venue) -> None:
    _one, cart = opened(venue)
    two = venue.till(2)
    two.push()
    two.secret = "a guess"
    assert two.ask(cart, warned=True)["code"] == "wrong_secret"
    venue.owner.execute("UPDATE till.tills SET revoked_at = now() WHERE id = 2")
    two.secret = "secret 2"
    assert two.ask(cart, warned=True)["code"] == "till_revoked"
    assert granted(venue) == []


@pytest.mark.parametrize(
    "asked",
    [{"session": 7}, {"session": None}, {"user": "Asha"}, {"user": None}, {"user": -1}, {"user": 10**10},
     {"warned": "yes"}, {"warned": [True]}, {"journal": "x"}, {"journal": None}],
)  # fmt: skip
def test_a_request_that_does_not_parse_is_granted_to_nobody(venue: Venue, asked: dict[str, Any]) -> None:
    _one, cart = opened(venue)
    two = venue.till(2)
    two.push()
    facts = {"session": cart.session, "user": 1, "journal": two.journal, "warned": True, **asked}
    answer = two.read("till.grant_order_v1", **facts)
    assert not answer.get("granted")
    if "user" in asked or asked.get("journal") == "x":
        assert answer["code"] == "protocol"
    assert stands(venue, cart, "till_id") == 1
    assert granted(venue) == []


def test_a_grant_that_a_till_forged_is_kept_out(venue: Venue) -> None:
    _one, cart = opened(venue)
    two, hold = venue.till(2), cart.hold
    data = {"till": 2, "journal": two.journal, "user": 2, "from_hold": hold, "from_till": 1}
    forged = new_id()
    two.make_badly("order_granted", cart.session, data, id=forged, hold_id=forged)
    two.holds[cart.session] = forged
    two.make("order_parked", cart.session)
    assert two.push()["records"] == 2
    assert venue.rows(ASIDE) == [
        (1, "order_granted", "Only the database can write such a record."),
        (2, "order_parked", "The till never held the order of the record."),
    ]
    assert stands(venue, cart, "status", "till_id", "hold_id::text") == ("active", 1, hold)


def test_under_an_old_hold_lines_count_and_nothing_moves_the_order(venue: Venue) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    two.take(cart)
    line = one.add(cart, DOSA)
    one.make("order_parked", cart.session, {"user": 2})
    one.resume(cart, user=2)
    one.save(cart, new_id(), "Window")
    one.clear(cart)
    reply = one.push()
    assert reply["records"] == 0
    assert stands(venue, cart, "status", "till_id", "user_id", "tab_id", "refold") == ("active", 2, 1, None, True)
    order = folded(two.read("till.session_events_v1", session=cart.session))
    assert (order.status, order.till, order.user, order.tab) == (Status.ACTIVE, 2, 1, None)
    assert line in order.lines


def test_the_till_that_lost_an_order_hears_who_has_it(venue: Venue) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    two.take(cart, user=2)
    one.add(cart, DOSA)
    reply = one.shown(cart)
    [state] = reply["sessions"]
    assert (state["till"], state["holder"], state["hold_id"]) == (2, 2, cart.hold)
    [taken] = reply["taken"]
    assert {name: taken[name] for name in ("session", "till", "till_name", "user", "user_name", "hold_id")} == {
        "session": cart.session, "till": 2, "till_name": "Till 2", "user": 2, "user_name": "Ravi", "hold_id": cart.hold,
    }  # fmt: skip
    assert [unseal(one["b"], one["h"]).type for one in reply["events"]] == ["order_granted"]


def test_an_order_of_a_program_is_held_by_nobody_until_it_is_granted(venue: Venue) -> None:
    cart = Cart(session=Program(venue, 1).call("save", None, NEW)["session"])
    assert stands(venue, cart, "till_id", "hold_till") == (None, 0)
    till = venue.till()
    assert till.ask(cart)["granted"] == cart.hold
    assert stands(venue, cart, "status", "till_id", "hold_till", "user_id") == ("active", 1, 1, 1)
