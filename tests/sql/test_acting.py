"""Acts between orders: a till decides them, and the server writes them, all or none (docs/protocol.md, "Acts")."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DOSA, IDLY, Cart, Till
from tests.sql.test_granting import another_journal
from tests.sql.test_status import sweep
from tests.sql.test_verify import verify
from till.domain.order.evolve import fold
from till.domain.streams import unseal

if TYPE_CHECKING:
    from tests.sql.ringing import Venue


def keyed(venue: Venue, *items: str) -> tuple[Till, Cart, list[str]]:
    """An order that the first till keyed and the server knows."""
    till, cart = venue.keyed()
    lines = [till.add(cart, item) for item in items or (IDLY, DOSA)]
    till.shown(cart)
    return till, cart, lines


def asked(till: Till, act: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """Push an act and return the reply of the server."""
    reply = till.push(act=act, **changes)
    assert reply["ok"] is True, reply
    return reply


def where(venue: Venue) -> dict[str, str]:
    """The order that each line is in."""
    return dict(venue.rows("SELECT content_id::text, session_id FROM warm.contents_now WHERE NOT is_payment"))


def test_lines_split_by_the_server_are_in_a_new_order_of_the_till_that_asked(venue: Venue) -> None:
    till, cart, (idly, dosa) = keyed(venue)
    new, decided = till.part(cart, dosa)
    reply = asked(till, till.act(decided, cart.snapshot(0), new.snapshot(0)))

    assert reply["act"] == {"taken": True, "why": None}
    assert where(venue) == {idly: cart.session, dosa: new.session}
    came = [unseal(one["b"], one["h"], one["t"]) for one in reply["events"]]
    assert {one.id for one in came} == {one.id for one in decided}
    assert {(one.till, one.by_till, one.for_till, one.user) for one in came} == {(0, 1, 1, 1)}
    order = fold(one for one in came if one.stream_id == new.session)
    assert order is not None
    assert (order.till, order.holder, list(order.lines), order.lines[dosa].quantity) == (1, 1, [dosa], 1)
    assert verify(venue)["sound"] is True
    rows = venue.rows(
        "SELECT id, hold_till, hold_journal::text, status, total, refold, jsonb_array_length(items)"
        " FROM order_sessions ORDER BY id"
    )
    assert rows == [
        (cart.session, 1, None, "active", 40, False, 1), (new.session, 1, till.journal, "active", 80, False, 1),
    ]  # fmt: skip
    again = till.push()
    assert again["events"] == []


def test_a_repeated_act_is_answered_as_taken_and_written_once(venue: Venue) -> None:
    till, cart, (_idly, dosa) = keyed(venue)
    new, decided = till.part(cart, dosa)
    act = till.act(decided, new.snapshot(0))
    asked(till, act)
    reply = asked(till, act)

    assert reply["act"] == {"taken": True, "why": None}
    assert venue.value("SELECT count(*) FROM session_events WHERE for_till = 1") == len(decided)


def test_tills_are_notified_of_an_act_also_the_one_whose_answer_is_lost(venue: Venue) -> None:
    till, cart, (_idly, dosa) = keyed(venue)
    new, decided = till.part(cart, dosa)
    venue.owner.execute("LISTEN till_store")
    asked(till, till.act(decided, cart.snapshot(0), new.snapshot(0)))
    assert [one.payload for one in venue.owner.notifies(timeout=5, stop_after=1)] == [f"{venue.store} sessions"]


def test_an_act_goes_behind_the_events_of_its_own_push(venue: Venue) -> None:
    till, cart, _lines = keyed(venue)
    vada = till.add(cart, IDLY)
    new, decided = till.part(cart, vada)
    reply = asked(till, till.act(decided, new.snapshot(0)))

    assert reply["act"]["taken"] is True
    assert where(venue)[vada] == new.session


def test_an_order_that_an_act_opened_is_held_by_the_journal_that_asked(venue: Venue) -> None:
    till, cart, (_idly, dosa) = keyed(venue)
    new, decided = till.part(cart, dosa)
    asked(till, till.act(decided, new.snapshot(0)))
    hold = new.hold
    assert till.ask(new)["granted"] == hold
    till.holds[new.session] = hold
    (_third, back) = till.part(new, dosa)
    assert asked(till, till.act(back))["act"]["why"] is None
    other = another_journal(venue)
    other.known = till.known
    assert other.ask(new)["granted"] > hold


def not_taken(venue: Venue, till: Till, act: dict[str, Any], **changes: Any) -> str:
    """Return the reason that an act is refused, after checking that none of it is in the log."""
    before = venue.rows("SELECT journal_id, seq FROM journal_head WHERE till_id = 0")
    reply = asked(till, act, **changes)
    assert reply["act"]["taken"] is False
    assert venue.rows("SELECT journal_id, seq FROM journal_head WHERE till_id = 0") == before
    assert venue.value("SELECT count(*) FROM session_events WHERE for_till IS NOT NULL") == 0
    assert venue.value("SELECT count(*) FROM warm.quarantine") == 0
    why: str = reply["act"]["why"]
    return why


def test_an_act_is_not_taken_before_what_its_till_wrote_came(venue: Venue) -> None:
    till, cart, (_idly, dosa) = keyed(venue)
    till.add(cart, IDLY)
    new, decided = till.part(cart, dosa)
    assert not_taken(venue, till, till.act(decided, new.snapshot(0)), events=[]) == "behind"


def test_an_act_is_not_taken_where_the_server_wrote_on_an_order_meanwhile(venue: Venue) -> None:
    till, cart, (_idly, dosa) = keyed(venue)
    new, decided = till.part(cart, dosa)
    act = till.act(decided, new.snapshot(0))
    sweep(venue, cart)
    assert not_taken(venue, till, act) == "changed"


def test_an_act_is_not_taken_from_a_till_that_does_not_hold_an_order_of_it(venue: Venue) -> None:
    till, cart, (_idly, dosa) = keyed(venue)
    new, decided = till.part(cart, dosa)
    act = till.act(decided, new.snapshot(0))
    venue.till(2).take(cart, user=2)
    assert not_taken(venue, till, act) == "not_held"


def test_an_act_is_not_taken_from_another_journal_of_the_till_that_holds_the_order(venue: Venue) -> None:
    till, cart, (_idly, dosa) = keyed(venue)
    other = another_journal(venue)
    other.known, other.holds = till.known, till.holds
    new, decided = other.part(cart, dosa)
    assert not_taken(venue, other, other.act(decided, new.snapshot(0))) == "not_held"


@pytest.mark.parametrize("status", ["paid", "cleared"])
def test_an_act_is_not_taken_on_an_order_that_is_over(venue: Venue, status: str) -> None:
    till, cart, (_idly, dosa) = keyed(venue)
    new, decided = till.part(cart, dosa)
    act = till.act(decided, new.snapshot(0))
    cart.lines |= new.lines
    if status == "paid":
        till.place(cart)
    else:
        till.clear(cart)
    till.push()
    assert not_taken(venue, till, act | {"seq": till.seq}) == "not_held"


def test_a_snapshot_of_an_act_that_is_not_taken_shows_nothing(venue: Venue) -> None:
    till, cart, (_idly, dosa) = keyed(venue)
    new, decided = till.part(cart, dosa)
    act = till.act(decided, cart.snapshot(0), new.snapshot(0))
    not_taken(venue, till, act | {"seq": till.seq + 1})
    assert venue.rows("SELECT id, total FROM order_sessions") == [(cart.session, 120)]


MOVES = "SELECT content_id, session_id, came_by, moved_by, left_by FROM warm.content_moves ORDER BY 1, 2"


def test_the_log_and_the_relation_name_the_till_that_asked(venue: Venue) -> None:
    till, cart, (_idly, dosa) = keyed(venue)
    new, decided = till.part(cart, dosa)
    asked(till, till.act(decided, new.snapshot(0)))
    before = venue.rows(MOVES)
    assert {row[3] for row in before if row[2] is not None} == {1}
    venue.owner.execute("SELECT warm.rebuild_relation(%s)", [venue.store])
    assert venue.rows(MOVES) == before
    assert venue.rows("SELECT DISTINCT till_id FROM session_events WHERE for_till IS NOT NULL") == [(1,)]


def test_a_record_of_a_till_that_says_whom_it_is_for_is_refused(venue: Venue) -> None:
    till, cart, _lines = keyed(venue)
    till.make_badly("order_type_set", cart.session, {"order_type": "dine_in"}, for_till=2)
    till.make_badly("order_type_set", cart.session, {"order_type": "dine_in"}, for_till=1, till=0)
    reply = till.push()
    assert reply["ok"] is False
    assert reply["code"] == "protocol"
