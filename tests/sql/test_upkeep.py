"""Maintenance: stale orders are suspended, unused hot rows are removed, and old events move whole."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from db.embedded import configuration
from db.engine import connect
from tests.plugins.database import unwatched
from tests.sql.ringing import DOSA, IDLY, Cart, Till, make_venue

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

MAINTAIN = "SELECT till.maintain_v1(%s, NULL, %s, %s, %s, %s)"
NOTHING = {
    "ran": True, "swept": 0, "cooled": 0, "moved": 0, "archived": 0, "expired": 0, "in_no_month": 0, "more": False,
}  # fmt: skip


def maintain(venue: Venue, *, stale: int = 30, hot: int = 24, warm: int = 30, dry: bool = False) -> dict[str, Any]:
    found: dict[str, Any] = venue.value(MAINTAIN, venue.store, stale, hot, warm, dry)
    return found


def age(venue: Venue, interval: str) -> None:
    """Move the arrival of everything back by an interval."""
    with unwatched(venue.owner):
        for table in ("session_events", "event_links"):
            query = f"UPDATE warm.{table} SET received_at = received_at - %s::interval"  # noqa: S608 - ours
            venue.owner.execute(query, [interval])
    venue.owner.execute("UPDATE till.tills SET seen_at = seen_at - %s::interval", [interval])
    venue.owner.execute("UPDATE session.active_sessions SET last_active = last_active - %s::interval", [interval])


def logged_in(till: Till, user: int) -> None:
    till.make("logged_in", None, {"user": user}, user=user)


def keyed(till: Till, user: int = 1) -> Cart:
    cart = Cart(user=user)
    till.open(cart)
    till.add(cart, IDLY, 2)
    till.shown(cart)
    return cart


def status(venue: Venue, cart: Cart) -> Any:
    return venue.rows("SELECT status, till_id FROM order_sessions WHERE id = %s", cart.session)[0]


def test_an_order_that_nobody_looks_after_is_suspended_and_its_holder_stays_named(venue: Venue) -> None:
    till = venue.till()
    cart = keyed(till)
    assert maintain(venue) == NOTHING
    age(venue, "31 minutes")
    assert maintain(venue, dry=True)["swept"] == 1
    assert maintain(venue)["swept"] == 1

    assert status(venue, cart) == ("pending_logout", 1)
    swept = venue.rows("SELECT till_id, event_data FROM session_events WHERE event_type = 'session_swept'")
    assert swept == [(0, {"minutes": 30})]
    assert maintain(venue)["swept"] == 0


def test_the_till_hears_of_it_with_its_next_poll(venue: Venue) -> None:
    till = venue.till()
    cart = keyed(till)
    age(venue, "31 minutes")
    maintain(venue)
    reply = till.push()

    assert [(s["session"], s["status"], s["till"]) for s in reply["sessions"]] == [(cart.session, "pending_logout", 1)]
    assert ['"type":"session_swept"' in e["b"] for e in reply["events"]] == [True]


@pytest.mark.parametrize(
    ("user", "seen", "out", "swept"),
    [(1, "heartbeat", False, 0), (2, "heartbeat", False, 1), (1, "", False, 1), (1, "poll", False, 1),
     (1, "heartbeat", True, 1)],
    ids=["looked after", "another has logged in", "till not heard of", "till started again", "logged out"],
)  # fmt: skip
def test_a_live_login_holds_an_order(venue: Venue, *, user: int, seen: str, out: bool, swept: int) -> None:
    till = venue.till()
    keyed(till)
    logged_in(till, user)
    beat = {"session": till.login, "user": user}
    till.push(beat=beat)
    if out:
        till.make("logged_out", None, {"user": user}, user=user)
        till.push()
    age(venue, "31 minutes")
    if seen:
        till.push(**{"beat": beat} if seen == "heartbeat" else {})
    assert maintain(venue)["swept"] == swept


def test_a_login_elsewhere_holds_no_order_of_a_till_that_is_gone(venue: Venue) -> None:
    keyed(venue.till(1))
    age(venue, "31 minutes")
    other = venue.till(2)
    logged_in(other, 1)
    other.push()
    assert maintain(venue)["swept"] == 1


def test_other_stores_are_left_alone(venue: Venue) -> None:
    other = make_venue(venue.owner, venue.app)
    cart = keyed(other.till())
    age(venue, "40 days")
    assert maintain(venue)["swept"] == 0
    assert status(venue, cart) == ("active", 1)
    assert venue.value("SELECT count(*) FROM cold.order_audit WHERE store_id = %s", other.store) == 0


def test_hot_rows_go_when_they_were_left_for_long_and_come_back_with_the_next_key(venue: Venue) -> None:
    till = venue.till()
    old, young = keyed(till), keyed(till)
    for table, column in (("state", "last_activity_at"), ("cart", "updated_at"), ("preferences", "updated_at")):
        query = f"UPDATE hot.session_{table} SET {column} = now() - interval '25 hours' WHERE session_id = %s"  # noqa: S608 - ours
        venue.owner.execute(query, [old.session])
    chat = "INSERT INTO hot.session_cart (session_id, item_id, updated_at) VALUES (%s, 'idly', now() - %s::interval)"
    venue.owner.execute(chat, ["chat-1", "3 days"])
    venue.owner.execute(chat, ["chat-2", "3 hours"])
    assert maintain(venue, dry=True)["cooled"] == 1  # its id is young, so it cannot be old
    with_old_id = "0190a000-0000-7000-8000-000000000001"
    for table in ("state", "cart"):
        query = f"UPDATE hot.session_{table} SET session_id = %s WHERE session_id = %s"  # noqa: S608 - ours
        venue.owner.execute(query, [with_old_id, old.session])
    assert maintain(venue)["cooled"] == 2

    assert venue.rows("SELECT session_id FROM session_cart ORDER BY 1") == [(young.session,), ("chat-2",)]
    assert venue.rows("SELECT session_id FROM session_state") == [(young.session,)]
    till.add(old, DOSA)
    till.shown(old)
    assert venue.value("SELECT count(*) FROM session_cart WHERE session_id = %s AND is_active", old.session) == 2


def moved(venue: Venue) -> tuple[Till, Cart]:
    """A till whose order has gone to the audit."""
    till = venue.till()
    cart = keyed(till)
    till.make("line_voided", cart.session, {"line_id": next(iter(cart.lines))}, texts={"reason": "dropped"})
    till.push()
    age(venue, "31 days")
    maintain(venue)
    return till, cart


def test_old_events_move_whole_with_their_texts(venue: Venue) -> None:
    till = venue.till()
    cart = keyed(till)
    till.make("line_voided", cart.session, {"line_id": next(iter(cart.lines))}, texts={"reason": "dropped"})
    till.push()
    age(venue, "70 days")  # of which no month stands ready
    before = venue.rows("SELECT * FROM session_events WHERE till_id = 1 ORDER BY seq")
    texts = venue.rows("SELECT * FROM warm.event_texts")
    young = till.keyed()
    till.push()
    assert maintain(venue, dry=True)["moved"] == len(before) + venue.value(
        "SELECT count(*) FROM session_events WHERE till_id = 0 AND received_at < now() - interval '30 days'"
    )
    maintain(venue)

    assert venue.rows("SELECT * FROM cold.order_audit WHERE till_id = 1 ORDER BY seq") == before
    assert venue.rows("SELECT * FROM cold.order_audit_texts") == texts
    assert venue.rows("SELECT session_id FROM session_events WHERE till_id = 1") == [(young.session,)]
    assert venue.value("SELECT count(*) FROM warm.event_texts") == 0
    assert venue.value("SELECT count(*) FROM cold.order_audit_other") == 0


def test_the_month_is_ready_before_anything_moves_there(venue: Venue, database: Database) -> None:
    months = "SELECT count(*) FROM pg_inherits WHERE inhparent = 'cold.order_audit'::regclass"
    venue.owner.execute("DO $$ BEGIN EXECUTE 'DROP TABLE cold.order_audit_' || to_char(now(), 'YYYY_MM'); END $$")
    before = venue.value(months)
    with database.connect() as reading, reading.transaction():
        reading.execute("SELECT count(*) FROM cold.order_audit")
        assert maintain(venue) == NOTHING  # readers of the audit are not blocked
        assert venue.value(months) == before
    assert maintain(venue) == NOTHING
    assert venue.value(months) == before + 1
    with database.connect() as busy, busy.transaction():
        busy.execute(MAINTAIN, [venue.store, 30, 24, 30, False])
        venue.owner.execute("SET lock_timeout = '1s'")
        assert venue.value("SELECT count(*) FROM cold.order_audit") == 0


def test_rows_outside_every_month_are_counted_and_hold_up_nothing(venue: Venue) -> None:
    till = venue.till()
    cart = keyed(till)
    age(venue, "70 days")
    venue.owner.execute("INSERT INTO cold.order_audit_other SELECT * FROM session_events WHERE till_id = 1 AND seq = 1")
    venue.owner.execute("DELETE FROM session_events WHERE till_id = 1 AND seq = 1")
    assert maintain(venue, dry=True)["in_no_month"] == 1
    maintain(venue)

    assert venue.value("SELECT count(*) FROM session_events WHERE till_id = 1") == 0
    assert maintain(venue)["in_no_month"] == venue.value("SELECT count(*) FROM cold.order_audit_other")
    assert versions(venue, cart) == [1, 2, 3]


def test_a_sweep_moves_a_part_and_says_that_there_is_more(venue: Venue) -> None:
    till, cart = venue.keyed()
    for _ in range(600):
        till.look(cart)
    till.shown(cart)
    age(venue, "31 days")
    first, second = maintain(venue), maintain(venue)

    assert (first["moved"], first["more"], second["more"]) == (500, True, False)
    assert venue.value("SELECT count(*) FROM session_events WHERE till_id = 1") == 0
    assert venue.value("SELECT count(DISTINCT seq) FROM cold.order_audit WHERE till_id = 1") == 601


def test_a_moved_event_is_recognised_when_it_comes_again(venue: Venue) -> None:
    till = venue.till()
    cart = keyed(till)
    request = till.request(events=[])
    events = venue.rows("SELECT body, hash FROM session_events WHERE till_id = 1 ORDER BY seq")
    age(venue, "31 days")
    maintain(venue)
    again = till.send(request | {"events": [{"b": body, "h": sealed, "t": {}} for body, sealed in events]})

    assert again["head"]["seq"] == 2
    assert till.send(request | {"events": [{"b": events[0][0], "h": events[1][1], "t": {}}]})["code"] == "protocol"
    other = venue.till()
    other.journal = "0197a000-0000-4000-8000-000000000001"
    venue.owner.execute("SELECT warm.adopt_journal(%s, NULL, 1)", [venue.store])
    first = venue.rows("SELECT event_id::text, event_data FROM cold.order_audit WHERE till_id = 1 ORDER BY seq")
    other.now = other.now.replace(hour=5, minute=0, second=0)
    other.make("order_opened", cart.session, first[0][1], event_id=first[0][0])
    reply = other.push()
    assert (reply["head"]["seq"], venue.value("SELECT count(*) FROM warm.event_links")) == (1, 1)
    assert venue.value("SELECT count(*) FROM session_events WHERE event_type = 'order_opened'") == 0
    assert reply["quarantined"] == []


def test_an_order_with_moved_events_is_read_whole(venue: Venue) -> None:
    till, cart = moved(venue)
    till.add(cart, DOSA)
    till.shown(cart)
    kinds = ["order_opened", "item_added", "line_voided", "session_swept", "item_added"]
    read = till.read("till.session_events_v1", session=cart.session)

    assert [e["version"] for e in read["events"]] == [1, 2, 3, 4, 5]
    assert read["events"][2]["t"]["reason"]["text"] == "dropped"
    shown = venue.value("SELECT till.session_show_v1(%s, %s)", venue.store, cart.session)
    assert [event["type"] for event in shown["events"]] == kinds
    assert shown["events"][2]["texts"] == {"reason": "dropped"}
    other = venue.till(2)
    other.take(cart)
    other.push()
    for known, versions in (
        (0, [1, 2, 3, 4, 5, 6]),
        (2, [1, 2, 3, 4, 5, 6]),
    ):  # by that version stands another event here
        reply = other.push(known=[{"session": cart.session, "version": known, "event": None}])
        assert [e["version"] for e in reply["events"]] == versions
    second = "SELECT event_id::text FROM cold.order_audit WHERE session_id = %s AND version = 2"
    upto = venue.value(second, cart.session)
    reply = other.push(known=[{"session": cart.session, "version": 2, "event": upto}])
    assert [e["version"] for e in reply["events"]] == [3, 4, 5, 6]


def test_logins_are_kept_while_what_was_cleared_since_is_still_shown(venue: Venue) -> None:
    till = venue.till()
    logged_in(till, 1)
    logged_in(till, 2)
    till.push()
    venue.owner.execute("UPDATE warm.logins SET received_at = now() - interval '169 hours' WHERE user_id = 2")
    maintain(venue)
    assert venue.rows("SELECT user_id FROM warm.logins") == [(1,)]


def versions(venue: Venue, cart: Cart) -> list[int]:
    return [row[0] for row in venue.rows("SELECT version FROM warm.log_of(%s) ORDER BY version", cart.session)]


def test_an_order_of_two_tills_is_whole_when_the_log_let_go_of_the_events_of_one(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = keyed(one)
    two.take(cart)
    two.push()
    age(venue, "31 days")
    assert versions(venue, cart) == [1, 2, 3]
    for till in (2, 1):
        ids = venue.value("SELECT array_agg(event_id) FROM session_events WHERE till_id = %s", till)
        venue.owner.execute("SELECT cold.move_events(%s, %s)", [venue.store, ids])
        assert versions(venue, cart) == [1, 2, 3]


def test_events_of_another_store_under_the_id_of_an_order_hide_nothing_of_it(venue: Venue) -> None:
    till = venue.till()
    cart = keyed(till)
    age(venue, "31 days")
    gone = venue.value("SELECT array_agg(event_id) FROM session_events WHERE version = 1")
    venue.owner.execute("SELECT cold.move_events(%s, %s)", [venue.store, gone])
    stranger = make_venue(venue.owner, venue.app).till()
    stranger.look(cart)
    stranger.push()  # as many as were moved
    assert versions(venue, cart) == [1, 2]


def test_the_audit_is_asked_only_for_an_order_of_which_it_has_events(venue: Venue) -> None:
    """Each month adds a table to it, and each push that ends an order asks for its events."""
    till, old = moved(venue)
    young = keyed(till)
    asked = """SELECT sum(seq_scan + coalesce(idx_scan, 0)) FROM pg_stat_xact_user_tables
               WHERE schemaname = 'cold' AND relname LIKE 'order_audit_2%%'"""
    with venue.owner.transaction():
        before = venue.value(asked)
        assert versions(venue, young) == [1, 2]
        assert venue.value(asked) == before
        assert versions(venue, old) == [1, 2, 3, 4]
        assert venue.value(asked) > before


def test_a_late_event_does_not_undo_what_moved(venue: Venue) -> None:
    till = venue.till()
    cart = keyed(till)
    late = Till(venue.app, venue.store, 2, "secret 2")
    late.make("order_parked", cart.session)  # made before, heard after
    till.clear(cart)
    till.push()
    age(venue, "31 days")
    maintain(venue)
    late.push()

    assert status(venue, cart) == ("discarded", None)


@pytest.mark.parametrize(
    ("at", "made"),
    [("04-30 23:59:59.999999", True), ("05-01 00:00", False), ("05-31 23:59:59.999999", False), ("06-01 00:00", True)],
)
def test_a_month_of_which_events_are_elsewhere_gets_no_partition(venue: Venue, at: str, *, made: bool) -> None:
    moved(venue)
    other = """INSERT INTO cold.order_audit SELECT (jsonb_populate_record(a, jsonb_build_object(
        'event_id', gen_random_uuid(), 'seq', 99, 'received_at', %s::timestamptz))).*
        FROM cold.order_audit AS a LIMIT 1"""
    venue.owner.execute(other, [f"2031-{at}Z"])
    venue.owner.execute("SELECT cold.make_audit_partition('2031-05-01')")
    assert venue.value("SELECT to_regclass('cold.order_audit_2031_05') IS NOT NULL") is made


@pytest.mark.parametrize("table", ["order_audit", "order_audit_links", "its newest partition"])
def test_the_audit_never_changes(venue: Venue, table: str) -> None:
    till, cart = moved(venue)
    if table == "order_audit_links":
        again = venue.till()
        venue.owner.execute("SELECT warm.adopt_journal(%s, NULL, 1)", [venue.store])
        [(opened,)] = venue.rows("SELECT event_id::text FROM cold.order_audit WHERE event_type = 'order_opened'")
        again.look(cart, event_id=opened)
        again.push()
        age(venue, "31 days")
        maintain(venue)
        assert venue.value("SELECT count(*) FROM warm.event_links") == 0
    if table == "its newest partition":
        table = venue.value("SELECT tableoid::regclass::text FROM cold.order_audit LIMIT 1").rpartition(".")[2]
    del till
    for change in ("UPDATE cold.{} SET hash = 'x'", "DELETE FROM cold.{}", "TRUNCATE cold.{}"):
        with pytest.raises(psycopg.Error, match="An event never changes"):
            venue.owner.execute(change.format(table))


def test_an_event_leaves_the_log_only_for_the_audit(venue: Venue) -> None:
    keyed(venue.till())
    age(venue, "31 days")
    with pytest.raises(psycopg.Error, match="An event never changes"):
        venue.owner.execute("DELETE FROM session_events WHERE till_id = 1")
    maintain(venue)
    assert venue.value("SELECT count(*) FROM session_events WHERE till_id = 1") == 0


def test_a_holder_of_advisory_locks_cannot_hold_up_the_upkeep(venue: Venue, database: Database) -> None:
    """The rebuild of the hot rows after a crash is not held up either; a private server lets tills take such locks."""
    with connect(replace(database.owner, user=configuration.SUPERUSER)) as session:
        session.execute("GRANT EXECUTE ON FUNCTION pg_advisory_lock(bigint) TO till_app")
    for what in ("maintain", "hot_rebuild"):
        venue.app.execute("SELECT pg_advisory_lock(hashtextextended(%s, 0))", [f"till.{what} {venue.store}"])
    assert maintain(venue)["ran"] is True
    venue.owner.execute("DELETE FROM hot.hot_epoch")
    assert venue.value("SELECT hot.hot_rebuild_v1(%s)", venue.store) == 0


def test_one_at_a_time_and_the_others_return_at_once(venue: Venue, database: Database) -> None:
    with database.connect() as other, other.transaction():
        other.execute(MAINTAIN, [venue.store, 30, 24, 30, False])
        assert maintain(venue)["ran"] is False
    assert maintain(venue)["ran"] is True


def test_any_till_may_do_it(venue: Venue) -> None:
    cart = keyed(venue.till())
    age(venue, "31 minutes")
    other = venue.till(2)
    asked = {"stale_minutes": 30, "hot_hours": 24, "warm_days": 30}
    assert other.read("till.maintenance_v1", **asked) == {"ok": True} | NOTHING | {"swept": 1}
    assert status(venue, cart) == ("pending_logout", 1)
    assert other.read("till.maintenance_v1", **asked | {"hot_hours": "often"})["code"] == "protocol"
    other.secret = "guessed"
    assert other.read("till.maintenance_v1", **asked)["code"] == "wrong_secret"


def test_the_upkeep_of_a_venue_rests_whoever_asks_for_it_unless_it_left_more(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    cart = keyed(one)
    asked = {"stale_minutes": 30, "hot_hours": 24, "warm_days": 30}
    assert one.read("till.maintenance_v1", **asked)["ran"] is True
    age(venue, "31 minutes")
    assert two.read("till.maintenance_v1", **asked) == {"ok": True} | NOTHING | {"ran": False}
    assert maintain(venue, stale=300)["ran"] is True, "the administration asks for it at any time"
    venue.owner.execute("UPDATE till.upkeep_jobs SET asked = '{\"more\": true}'")
    assert two.read("till.maintenance_v1", **asked)["swept"] == 1
    assert status(venue, cart) == ("pending_logout", 1)
    assert one.read("till.maintenance_v1", **asked)["ran"] is False
    venue.owner.execute("UPDATE till.upkeep_jobs SET tried_at = tried_at - warm.upkeep_pause()")
    assert one.read("till.maintenance_v1", **asked)["ran"] is True


def test_a_call_that_left_something_to_do_does_not_rest(venue: Venue) -> None:
    till = venue.till()
    asked = {"stale_minutes": 30, "hot_hours": 24, "warm_days": 30}
    for _order in range(3):
        till.place(keyed(till))
    till.push()
    age(venue, "31 days")
    venue.owner.execute(
        "CREATE OR REPLACE FUNCTION warm.kinds_of_jobs() RETURNS TABLE (kind text, at_once integer, is_long boolean,"
        " is_last boolean, has_more boolean) LANGUAGE sql AS $$ SELECT 'audit', 1, false, false, true $$"
    )
    assert till.read("till.maintenance_v1", **asked)["more"] is True
    assert till.read("till.maintenance_v1", **asked)["ran"] is True


def test_a_push_that_holds_an_order_is_not_waited_for(venue: Venue, database: Database) -> None:
    cart = keyed(venue.till())
    age(venue, "31 minutes")
    with database.connect() as busy, busy.transaction():
        busy.execute("SELECT FROM till.order_sessions WHERE id = %s FOR UPDATE", [cart.session])
        assert maintain(venue)["swept"] == 0
    assert maintain(venue)["swept"] == 1


@pytest.mark.parametrize("days", [-1, 1])
def test_a_clock_that_jumped_a_day_neither_hurries_nor_stops_a_sweep(venue: Venue, days: int) -> None:
    till = venue.till()
    till.now = datetime.now(UTC) + timedelta(days=days)
    cart = keyed(till)
    assert maintain(venue)["swept"] == 0
    age(venue, "31 minutes")
    assert maintain(venue)["swept"] == 1
    assert status(venue, cart) == ("pending_logout", 1)
