"""A record that cannot be applied is skipped, stays visible to people, and blocks nothing else."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DOSA, IDLY, make_venue, new_id
from till.reports.stats import read_stats

if TYPE_CHECKING:
    from tests.sql.ringing import Venue


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"total": "90.00"}, "does not add up"),
        ({"tax": "3.80"}, "does not add up"),
        ({"taxes": []}, "does not add up"),
        ({"payments": []}, "The payments less tips come to 0, but the order to 80.00."),
        ({"lines": []}, "does not add up"),
        ({"business_date": "2026-02-31"}, "in no calendar"),
    ],
)
def test_an_order_that_does_not_hold_is_quarantined(venue: Venue, changes: dict[str, Any], reason: str) -> None:
    till = venue.till()
    bad, good = till.keyed((IDLY, 2)), till.keyed((IDLY, 2))
    till.place(bad, **changes)
    till.place(good)
    reply = till.push(bad.snapshot(0), good.snapshot(0))

    assert reply["head"]["seq"] == 6
    [aside] = reply["quarantined"]
    assert aside["session"] == bad.session
    assert reason in aside["reason"]
    assert {s["session"]: s["status"] for s in reply["sessions"]} == {bad.session: "active", good.session: "completed"}
    assert venue.rows("SELECT session_id, total_amount FROM orders") == [(good.session, Decimal("80.00"))]
    assert venue.value("SELECT total FROM order_sessions WHERE id = %s", bad.session) == Decimal("80.00")
    assert venue.value("SELECT count(*) FROM order_item") == 1


def test_a_lost_reply_does_not_hide_what_was_quarantined(venue: Venue) -> None:
    till = venue.till()
    bad = till.keyed((IDLY, 2))
    till.place(bad, total="1.00")
    till.send(till.request())
    assert len(till.push()["quarantined"]) == 0  # the till has not named the order yet
    assert len(till.push(known=[{"session": bad.session, "version": 3, "event": None}])["quarantined"]) == 1
    assert venue.value("SELECT amount FROM warm.quarantine") == Decimal("80.00")  # the amount paid


def test_an_order_is_placed_once(venue: Venue) -> None:
    till = venue.till()
    cart = till.keyed((IDLY, 2))
    order = till.place(cart)
    till.push()
    till.make("order_placed", cart.session, order)
    reply = till.push()

    assert [q["reason"] for q in reply["quarantined"]] == ["The order is already placed."]
    assert venue.value("SELECT count(*) FROM orders") == 1
    assert reply["sessions"][0]["status"] == "completed"


def test_a_line_that_two_orders_sold_is_sold_twice_whichever_till_took_the_money(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = one.keyed((IDLY, 2))
    one.place(cart)
    one.push()
    again = two.keyed()
    two.bring(again, cart)
    second = two.place(again)
    reply = two.push(again.snapshot(0))

    assert reply["quarantined"] == []
    assert venue.rows("SELECT total_amount FROM orders") == [(Decimal("80.00"),)] * 2
    found = [("sold_twice", second["order_id"], Decimal("80.00"))]
    assert venue.rows("SELECT kind, subject, amount FROM till.conflicts") == found


def test_a_snapshot_that_does_not_read_leaves_the_money_alone(venue: Venue) -> None:
    till = venue.till()
    cart = till.keyed((IDLY, 2))
    till.place(cart)
    reply = till.push(cart.snapshot(0, total="a lot"))

    assert len(reply["quarantined"]) == 1
    assert reply["sessions"][0]["status"] == "completed"
    assert venue.value("SELECT total_amount FROM orders") == Decimal("80.00")


def test_events_that_do_not_apply_leave_the_money_alone(venue: Venue) -> None:
    venue.owner.execute("ALTER TABLE till.tabs ADD CONSTRAINT for_now CHECK (covers < 50)")
    till = venue.till()
    cart = till.keyed((IDLY, 2))
    till.save(cart, new_id(), covers=70)
    till.place(cart)
    reply = till.push(cart.snapshot(0))

    assert reply["head"]["seq"] == 4
    assert reply["quarantined"]
    assert (reply["sessions"][0]["status"], reply["sessions"][0]["refold"]) == ("completed", True)
    assert venue.value("SELECT count(*) FROM orders") == 1


def test_a_session_suspended_goes_on(venue: Venue) -> None:
    till = venue.till()
    cart = till.keyed((IDLY, 2))
    till.push(cart.snapshot(0, items="none"))
    till.add(cart, DOSA)
    till.shown(cart)
    till.place(cart)
    reply = till.shown(cart)

    assert reply["sessions"][0]["status"] == "completed"
    assert venue.value("SELECT total_amount FROM orders") == Decimal("160.00")


def test_an_order_of_another_store_is_not_touched(venue: Venue) -> None:
    other = make_venue(venue.owner, venue.app)
    till, thief = venue.till(), other.till()
    cart = till.keyed((IDLY, 2))
    till.shown(cart)
    thief.add(cart, DOSA)
    reply = thief.push(cart.snapshot(2, total="0.00"))

    assert reply["sessions"] == []
    assert venue.rows("SELECT status, version, total FROM order_sessions") == [("active", 2, Decimal("80.00"))]
    assert thief.read("till.session_events_v1", session=cart.session) == {
        "ok": True, "session": None, "events": [], "more": False}  # fmt: skip


@pytest.mark.parametrize("on_tab", [False, True])
def test_an_order_whose_sale_is_quarantined_is_open_to_nobody(venue: Venue, *, on_tab: bool) -> None:
    one, two = venue.till(), venue.till(2)
    sold, still = one.keyed((IDLY, 2)), one.keyed((IDLY, 2))
    if on_tab:
        one.save(sold, new_id())
    one.place(sold, total="90.00")
    one.push(sold.snapshot(0), still.snapshot(0))

    rows = two.read("till.user_sessions_v1", user=1)["sessions"]
    assert {row["session"]: row["status"] for row in rows} == {sold.session: "quarantined", still.session: "active"}
    answer = two.read("till.grant_order_v1", session=sold.session, user=1, journal=two.journal, warned=True)
    assert (answer["granted"], answer["open_at"], answer["session"]["status"]) == (None, None, "quarantined")
    assert [row["session"] for row in two.read("till.open_orders_v1")["sessions"]] == [still.session]
    assert two.read("till.open_tabs_v1")["tabs"] == []
    listed = venue.ask("session_list_v1", None)["sessions"]
    assert {row["id"]: row["status"] for row in listed} == {sold.session: "quarantined", still.session: "active"}
    now = read_stats(venue.ask).sessions
    assert (now.active, now.pending_logout, now.assigned_to_tab) == (1, 0, 0)

    venue.value("SELECT till.quarantine_resolve_v1(%s, NULL, id, 'by hand') FROM warm.quarantine", venue.store)
    answer = two.read("till.grant_order_v1", session=sold.session, user=1, journal=two.journal, warned=True)
    assert (answer["granted"], answer["session"]["status"]) == (None, "quarantined")
