"""A faulty record affects no other: it is kept beside the log, in its place, and the head moves past it."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DOSA, IDLY, Cart, new_id
from tests.sql.test_status import ENDS
from tests.sql.test_upkeep import maintain
from tests.sql.test_verify import verify
from till.domain.ids import IdClock

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

ASIDE = "SELECT seq, event_type, reason FROM warm.quarantine WHERE seq IS NOT NULL ORDER BY seq"


def opened(venue: Venue, number: int = 1) -> tuple[Till, Cart]:
    till = venue.till(number)
    cart = till.keyed((IDLY, 2))
    till.shown(cart)
    return till, cart


def future(**ahead: float) -> str:
    return IdClock(lambda bits: 1 << (bits - 1)).next(datetime.now(UTC) + timedelta(**ahead))


@pytest.mark.parametrize(
    "changes",
    [
        {"id": "ffffffff-ffff-7fff-bfff-ffffffffffff"},
        {"id": str(uuid.uuid4())},
        {"hold_id": str(uuid.uuid4())},
        {"hold_epoch": 1},
        {"at": "294000-01-01T00:00:00.000000Z"},
        {"at": "infinity"},
        {"at": "2026-02-30T00:00:00.000000Z"},
        {"v": 9},
        {"stream_kind": "till"},
        {"user": "nobody"},
        {"type": "sprinkled_with_gold"},
        {"more": 1},
        {"data": {"name": "spice", "more": 1}},
        {"data": {"name": "spice", "value": "mild"}},
        {"data": {}},
        {"data": {"name": 7}},
        {"data": []},
    ],
)
def test_the_head_moves_past_a_bad_record(venue: Venue, changes: dict[str, Any]) -> None:
    till, cart = opened(venue)
    till.make_badly("preference_set", cart.session, **{"data": {"name": "spice"}, **changes})
    till.add(cart, DOSA)
    request = till.request(cart.snapshot(till.base(cart)))
    reply = till.push(cart.snapshot(till.base(cart)))

    assert reply["head"] == {"seq": 4, "hash": till.hash}
    assert reply["records"] == 1
    assert venue.types("till_id = 1") == ["order_opened", "item_added", "item_added"]
    [(seq, _kind, reason)] = venue.rows(ASIDE)
    assert (seq, reason[-1]) == (3, ".")
    assert till.send(request)["head"]["seq"] == 4  # a lost reply
    assert verify(venue)["sound"] is True
    assert [chain["aside"] for chain in verify(venue)["chains"]] == [0, 1]
    assert venue.ask("quarantine_list_v1")["quarantine"][0]["seq"] == 3


@pytest.mark.parametrize(
    "texts", [{"reason": {"salt": "s", "text": "x" * 1001}}, {str(n): {} for n in range(21)}, "x", [1]]
)
def test_a_record_with_too_much_text_beside_it_is_kept_without_that(venue: Venue, texts: object) -> None:
    till, cart = opened(venue)
    till.make("line_voided", cart.session, {"line_id": next(iter(cart.lines))}, texts={"reason": "spilled"})
    till.add(cart, DOSA)
    request = till.request()
    request["events"][0]["t"] = texts
    reply = till.send(request)

    assert (reply["head"]["seq"], reply["records"]) == (4, 1)
    assert venue.types("till_id = 1") == ["order_opened", "item_added", "item_added"]
    [(seq, kind, reason)] = venue.rows(ASIDE)
    assert (seq, kind, "text" in reason, reason[-1]) == (3, "line_voided", True, ".")
    assert venue.value("SELECT texts FROM warm.quarantine") == {}
    [row] = venue.ask("quarantine_list_v1")["quarantine"]
    assert venue.value("SELECT till.quarantine_retry_v1(%s, 9, %s)", venue.store, row["id"])["applied"] is True
    assert venue.types("till_id = 1")[-1] == "item_added"  # it stands in its place
    assert venue.value("SELECT count(*) FROM warm.event_texts WHERE field = 'reason'") == 0
    assert verify(venue)["sound"] is True


def test_a_wrong_seal_or_place_refuses_the_push(venue: Venue) -> None:
    till, cart = opened(venue)
    for change in ({"seq": 9}, {"prev_hash": "f" * 64}, {"journal_id": new_id()}, {"till": 2}, {"store_id": new_id()}):
        before = (till.seq, till.hash)
        till.make_badly("preference_set", cart.session, {"name": "spice"}, **change)
        reply = till.send(till.request())
        assert reply["head"] == {"seq": before[0], "hash": before[1]}
        assert reply["ok"] is (change == {"seq": 9})  # events that do not follow are requested again
        till.pending, (till.seq, till.hash) = [], before
    assert venue.rows(ASIDE) == []


@pytest.mark.parametrize("kind", [*ENDS, "order_placed", "payment_approved"])
def test_a_till_that_never_held_an_order_says_nothing_of_where_it_stands_or_of_money(venue: Venue, kind: str) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    two.holds[cart.session] = cart.hold  # as if it were its own
    paid = {"payment_id": new_id(), "tender": "CASH", "amount": "80.00", "tendered": "80.00", "change": "0.00"}
    of_kind: dict[str, dict[str, Any]] = {
        "order_parked": {}, "order_discarded": {"line_ids": list(cart.lines)}, "tab_assigned": {"tab_id": new_id()},
        "order_placed": cart.frozen(), "payment_approved": paid,
    }  # fmt: skip
    two.make(kind, cart.session, of_kind[kind])
    two.add(Cart(session=cart.session), DOSA)
    reply = two.push()

    assert (reply["head"]["seq"], reply["records"]) == (2, 2)
    never = "The till never held the order of the record."
    assert venue.rows(ASIDE) == [(1, kind, never), (2, "item_added", never)]
    assert venue.rows("SELECT status, till_id, quarantined FROM order_sessions") == [("active", 1, True)]
    money = kind in {"order_placed", "payment_approved"}
    assert venue.value("SELECT amount FROM warm.quarantine WHERE seq = 1") == (80 if money else None)
    assert one.push()["events"] == []
    row = next(row for row in venue.ask("quarantine_list_v1")["quarantine"] if row["type"] == kind)
    assert venue.value("SELECT till.quarantine_retry_v1(%s, 9, %s)", venue.store, row["id"])["applied"] is False
    resolve = "SELECT till.quarantine_resolve_v1(%s, 7, %s, 'looked at')"
    assert venue.value(resolve, venue.store, row["id"])["how"] == "looked at"
    assert verify(venue)["sound"] is True


def test_an_earlier_holder_of_an_order_may_write_to_it_later(venue: Venue) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    two.take(cart)
    two.push()
    one.make("order_parked", cart.session)
    assert (one.push()["records"], venue.rows(ASIDE)) == (0, [])


def test_an_event_that_makes_a_hold_names_itself(venue: Venue) -> None:
    till, cart = opened(venue)
    [(terms,)] = venue.rows("SELECT event_data FROM session_events WHERE event_type = 'order_opened'")
    for hold in (new_id(), None):
        till.make_badly("order_opened", new_id(), terms, hold_id=hold)
    assert till.push()["records"] == 2
    assert venue.rows("SELECT id, hold_id::text FROM order_sessions") == [(cart.session, cart.hold)]


def test_an_id_far_ahead_is_taken_on_an_order_of_its_own_till_and_flagged_once(venue: Venue) -> None:
    till, cart = opened(venue)
    for day in (2, 3):
        till.make("preference_set", cart.session, {"name": "spice", "value": "mild"}, event_id=future(days=day))
    assert (till.push()["records"], venue.rows(ASIDE)) == (1, [])
    till.make("preference_set", cart.session, {"name": "spice", "value": "hot"}, event_id=future(days=4))
    assert till.push()["records"] == 1
    assert venue.types("till_id = 1").count("preference_set") == 3
    assert "clock of the till" in venue.value("SELECT reason FROM warm.quarantine")


def test_an_id_far_ahead_on_the_order_of_another_till_is_kept_beside_the_log(venue: Venue) -> None:
    _one, cart = opened(venue)
    two = venue.till(2)
    two.take(cart)
    two.push()
    two.make("order_placed", cart.session, cart.frozen(), event_id=future(days=2))
    two.make("logged_in", None, {"user": 1})
    assert (two.push()["records"], two.seq) == (1, 2)
    assert [(seq, kind) for seq, kind, _reason in venue.rows(ASIDE)] == [(1, "order_placed")]
    assert venue.value("SELECT amount FROM warm.quarantine") == 80
    assert venue.value("SELECT status FROM order_sessions") == "active"


def test_events_of_the_server_do_not_follow_a_wrong_clock(venue: Venue) -> None:
    till, cart = opened(venue)
    till.make("preference_set", cart.session, {"name": "spice", "value": "mild"}, event_id=future(days=900))
    till.push()
    venue.value("SELECT till.session_close_v1(%s, NULL, %s, 'left over')", venue.store, cart.session)
    venue.value("SELECT till.menu_sold_out_v1(%s, 9, %s, true)", venue.store, IDLY)
    last = venue.value("SELECT event_id::text FROM session_events WHERE event_type = 'item_sold_out'")
    assert last < future(hours=1)
    assert venue.value("SELECT status FROM order_sessions") == "discarded"


#: A database that does not know a type yet: the checks that know it stand aside.
OLDER = """
    ALTER FUNCTION warm.written_data(text, text, text, jsonb) RENAME TO written_after_upgrade;
    UPDATE warm.event_types SET type = 'not_yet' WHERE type = 'preference_set';
    CREATE FUNCTION warm.written_data(p_type text, p_v text, p_stream text, d jsonb) RETURNS text LANGUAGE sql AS $$
        SELECT CASE WHEN p_type <> 'preference_set' THEN warm.written_after_upgrade(p_type, p_v, p_stream, d) END
    $$
"""
UPGRADE = """
    DROP FUNCTION warm.written_data(text, text, text, jsonb);
    UPDATE warm.event_types SET type = 'preference_set' WHERE type = 'not_yet';
    ALTER FUNCTION warm.written_after_upgrade(text, text, text, jsonb) RENAME TO written_data
"""


def test_a_type_that_an_upgrade_brings_is_taken_by_the_maintenance(venue: Venue) -> None:
    till, cart = opened(venue)
    venue.owner.execute(OLDER)
    till.make("preference_set", cart.session, {"name": "spice", "value": "mild"})
    till.add(cart, DOSA)
    assert till.push()["records"] == 1
    maintain(venue)
    assert [(seq, kind) for seq, kind, _reason in venue.rows(ASIDE)] == [(3, "preference_set")]
    venue.owner.execute(UPGRADE)
    maintain(venue)
    assert venue.rows(ASIDE) == []
    assert till.push()["records"] == 0
    assert venue.types("till_id = 1") == ["order_opened", "item_added", "preference_set", "item_added"]
    assert verify(venue)["sound"] is True


def follow(till: Till, cart: Cart) -> list[dict[str, Any]]:
    """Poll as a till that does not know the order, and return its events; its version comes with them or not at all."""
    reply = till.push(known=[{"session": cart.session, "version": 0, "event": None}])
    found: list[dict[str, Any]] = reply["events"]
    assert [state["session"] for state in reply["sessions"]] == ([cart.session] if found else [])
    return found


def test_a_reply_brings_events_of_what_concerns_the_till_alone(venue: Venue) -> None:
    one, cart = opened(venue)
    two = venue.till(2)
    assert follow(two, cart) == []
    assert len(two.read("till.session_events_v1", session=cart.session)["events"]) == 2  # to look is allowed
    two.take(cart)
    two.push()
    assert len(follow(two, cart)) == 3
    assert len(follow(one, cart)) == 1  # the grant alone: the others it wrote itself


def test_a_reply_brings_events_of_what_stands_on_a_tab(venue: Venue) -> None:
    one, cart = opened(venue)
    one.save(cart, new_id(), "7")
    one.push()
    assert len(follow(venue.till(2), cart)) == 3


def test_a_record_that_is_no_json_is_listed_with_its_place(venue: Venue) -> None:
    till, cart = opened(venue)
    sound = till.make("preference_set", cart.session, {"name": "mild"})
    till.pending.pop()
    till.seq, till.hash = sound.seq - 1, sound.prev_hash
    till.seal_badly(sound.body.replace("mild", "\\ud800"))
    till.add(cart, DOSA)
    assert till.push()["head"]["seq"] == till.seq
    [row] = till.read("till.conflicts_v1")["quarantine"]
    assert (row["seq"], row["till"], row["type"], row["session"]) == (3, 1, "preference_set", cart.session)
    assert verify(venue)["sound"] is True
