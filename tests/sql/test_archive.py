"""The archive: orders that ended long ago go there whole, are found there, and come back with what is late for them."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import Error

from tests.plugins.front_ends import front_end
from tests.sql.ringing import DOSA, IDLY, Cart, Till, make_venue
from tests.sql.test_conflicts import find
from tests.sql.test_refunds import quarantined
from tests.sql.test_upkeep import age, maintain
from tests.sql.test_verify import verify

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

PAIRS = [
    ("till.order_sessions", "cold.order_sessions_archive"),
    ("warm.session_checkout", "cold.session_checkout_archive"),
    ("warm.session_payment_intent", "cold.session_payment_intent_archive"),
]
STANDS = """
    SELECT (SELECT array_agg(status) FROM till.order_sessions WHERE id = %s),
        (SELECT array_agg(status) FROM cold.order_sessions_archive WHERE id = %s)
"""


def stands(venue: Venue, cart: Cart) -> tuple[Any, Any]:
    """Return the status of an order, from the table of orders or from the archive."""
    found: tuple[Any, Any] = venue.rows(STANDS, cart.session, cart.session)[0]
    return found


def leave(venue: Venue, interval: str = "31 days") -> None:
    """Let an interval pass."""
    age(venue, interval)
    venue.owner.execute(
        "UPDATE till.order_sessions SET arrived_at = arrived_at - %s::interval, created_at = created_at - %s::interval",
        [interval, interval],
    )


def archive(venue: Venue, *, warm: int = 30) -> int:
    """All that maintenance does; how many orders went to the archive."""
    archived = 0
    while True:
        done = maintain(venue, warm=warm)
        archived += int(done["archived"])
        if not done["more"]:
            return archived


def keyed(till: Till) -> Cart:
    """An order that is on the pay screen."""
    cart = till.keyed((IDLY, 2))
    till.shown(
        cart,
        checkout={"order_type": "take_away", "payment_method": None, "special_instructions": "no onion",
                  "started_at": "2026-03-03T05:01:00.000000Z"},
        intent={"gateway": None, "external_id": None, "amount": "80.00", "status": "created"},
    )  # fmt: skip
    return cart


def paid(till: Till) -> Cart:
    cart = keyed(till)
    till.place(cart)
    till.push()
    return cart


def cleared(till: Till) -> Cart:
    cart = keyed(till)
    till.clear(cart, "guest left")
    till.push()
    return cart


def away(venue: Venue, till: Till, cart: Cart) -> Till:
    """A second till that held the order before the first one did, and has sent nothing since."""
    other = venue.till(2)
    other.take(cart)
    other.push()
    till.take(cart)
    till.push()
    other.known = {cart.session: other.known[cart.session]}
    return other


def whole(venue: Venue, names: list[str] | None = None) -> dict[str, Any]:
    """Every row of every table."""
    tables = names or [
        row[0]
        for row in venue.rows(
            "SELECT c.oid::regclass::text FROM pg_class AS c"
            " WHERE c.relkind = 'r' AND c.relnamespace = ANY ('{till,hot,warm,cold}'::regnamespace[]) ORDER BY 1"
        )
    ]
    return {name: venue.rows(f"SELECT to_jsonb(t)::text FROM {name} AS t ORDER BY 1") for name in tables}  # noqa: S608 - ours


@pytest.mark.parametrize("end", [paid, cleared])
def test_an_order_that_ended_long_ago_goes_there_whole(venue: Venue, end: Any) -> None:
    till = venue.till()
    cart, still = end(till), keyed(till)
    leave(venue)
    before = {here: venue.rows(f"SELECT to_jsonb(t) - 'status' FROM {here} AS t ORDER BY 1") for here, _ in PAIRS}  # noqa: S608 - ours
    assert all(len(rows) == 2 for rows in before.values())
    assert archive(venue) == 1
    assert stands(venue, cart) == (None, ["completed" if end is paid else "discarded"])
    assert stands(venue, still) == (["pending_logout"], None)
    for here, there in PAIRS:
        key = "id" if here == "till.order_sessions" else "session_id"
        gone = venue.rows(f"SELECT to_jsonb(t) - 'status' FROM {there} AS t")  # noqa: S608 - ours
        assert [row for row in before[here] if row[0][key] == cart.session] == gone
        assert venue.value(f"SELECT count(*) FROM {here}") == 1  # noqa: S608 - ours
    assert archive(venue) == 0


def test_archive_has_the_columns_of_its_sources(venue: Venue) -> None:
    columns = """SELECT attname, atttypid, attcollation, attnotnull FROM pg_attribute
                 WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum"""
    for here, there in PAIRS:
        assert venue.rows(columns, here) == venue.rows(columns, there)


def test_orders_that_a_person_may_still_ask_for_stay(venue: Venue) -> None:
    till = venue.till()
    young, argued, aside, odd = (paid(till) for _ in range(4))
    till.make_badly("item_added", aside.session, {"line_id": 1})
    till.push()
    find(venue, argued.session)
    leave(venue)
    venue.owner.execute("UPDATE till.order_sessions SET arrived_at = now() WHERE id = %s", [young.session])
    assert archive(venue) == 1
    for cart in (young, argued, aside):
        assert stands(venue, cart) == (["completed"], None)
    assert stands(venue, odd) == (None, ["completed"])

    venue.value("SELECT till.conflict_resolve_v1(%s, NULL, id, 'settled') FROM till.conflicts", venue.store)
    venue.value("SELECT till.quarantine_resolve_v1(%s, NULL, id, 'looked at') FROM warm.quarantine", venue.store)
    leave(venue)
    assert archive(venue) == 3


def test_an_order_waits_for_the_last_of_its_events(venue: Venue) -> None:
    till = venue.till()
    cart = paid(till)
    leave(venue)
    ids = venue.value("SELECT array_agg(event_id) FROM session_events WHERE event_type <> 'order_placed'")
    venue.owner.execute("SELECT cold.move_events(%s, %s)", [venue.store, ids])
    assert (
        venue.value(
            "SELECT cold.archive_sessions(now(), ARRAY(SELECT cold.archivable(%s, now(), false, 100)))", venue.store
        )
        == 0
    )
    assert archive(venue) == 1
    assert stands(venue, cart) == (None, ["completed"])


def test_archiving_runs_in_parts_beside_long_work(venue: Venue) -> None:
    till = venue.till()
    carts = [cleared(till) for _ in range(3)]
    waiting = keyed(till)
    leave(venue)
    first = maintain(venue)
    assert (first["swept"], first["archived"], first["more"]) == (1, 0, True)
    assert (
        venue.value(
            "SELECT cold.archive_sessions(now(), ARRAY(SELECT cold.archivable(%s, now(), false, 2)))", venue.store
        )
        == 2
    )
    assert (archive(venue), stands(venue, waiting)[0]) == (1, ["pending_logout"])
    assert [stands(venue, cart)[0] for cart in carts] == [None] * 3


def test_a_dry_run_says_how_much_and_changes_nothing(venue: Venue) -> None:
    till = venue.till()
    paid(till)
    cleared(till)
    keyed(till)
    leave(venue)
    before = whole(venue)
    counts = maintain(venue, dry=True)
    assert (counts["ran"], counts["swept"], counts["archived"]) == (False, 1, 2)
    assert whole(venue) == before
    assert archive(venue) == 2


def test_other_stores_are_left_alone(venue: Venue) -> None:
    other = make_venue(venue.owner, venue.app)
    cart = paid(other.till())
    leave(venue)
    venue.owner.execute("SELECT cold.move_to_audit(%s, now(), 500)", [other.store])
    assert archive(venue) == 0
    assert stands(venue, cart) == (["completed"], None)


def test_archived_order_is_found_by_every_search(venue: Venue) -> None:
    till = venue.till()
    cart, mate = paid(till), cleared(till)
    shown = venue.value("SELECT till.session_show_v1(%s, %s)", venue.store, cart.session)
    read = till.read("till.session_events_v1", session=cart.session)
    log = venue.value("SELECT till.session_log_v1(%s, %s)", venue.store, cart.session)
    leave(venue)
    archive(venue)
    assert stands(venue, cart)[0] is None
    again = venue.value("SELECT till.session_show_v1(%s, %s)", venue.store, cart.session)
    for page in (shown, again):
        del page["session"]["created_at"], page["session"]["stale"]
    assert again == shown
    assert venue.value("SELECT till.session_log_v1(%s, %s)", venue.store, cart.session) == log
    assert till.read("till.session_events_v1", session=cart.session)["events"] == read["events"]
    assert till.read("till.session_events_v1", session=cart.session)["session"]["status"] == "completed"
    assert verify(venue)["sound"] is True

    by_id = "SELECT till.order_session_by_id_v1(%s, %s, %s)"
    assert venue.value(by_id, venue.store, 1, cart.session)["status"] == "completed"
    assert venue.value(by_id, venue.store, 9, mate.session)["status"] == "discarded"
    with pytest.raises(Error, match="belongs to another person"):
        venue.value(by_id, venue.store, 2, cart.session)


def test_archived_orders_are_listed_apart(venue: Venue) -> None:
    def page(statuses: list[str] | None = None, user: int | None = None, after: str | None = None, **more: Any) -> Any:
        query = "SELECT till.session_list_v1(%s, %s, %s, %s, %s, %s, %s, 30, %s)"
        found = venue.value(
            query, venue.store, statuses, user, more.get("till"), more.get("stale"), more.get("limit", 50), after,
            more.get("archived", True),
        )  # fmt: skip
        return [entry["id"] for entry in found["sessions"]], found["next"]

    till = venue.till()
    first, second, third = paid(till).session, cleared(till).session, paid(till).session
    leave(venue)
    archive(venue)
    young = paid(till).session
    assert page() == ([third, second, first], None)
    assert page(archived=False) == ([young], None)
    assert page(["discarded"]) == ([second], None)
    assert page(user=2) == ([], None)
    assert page(user=1, limit=2) == ([third, second], second)
    assert page(user=1, limit=2, after=second) == ([first], None)
    assert page(till=1) == page(stale=30) == ([], None)
    assert page(archived=False, after=third) == ([], None)


def test_late_lines_find_a_paid_order_paid(venue: Venue) -> None:
    till = venue.till()
    cart = keyed(till)
    late = away(venue, till, cart)
    till.place(cart)
    till.push()
    before = venue.rows("SELECT status, version, items, total FROM till.order_sessions")
    leave(venue, "60 days")
    archive(venue)
    assert stands(venue, cart) == (None, ["completed"])
    reply = late.push()  # it hears what became of the order before it says anything
    assert [(s["session"], s["status"]) for s in reply["sessions"]] == [(cart.session, "completed")]
    assert '"type":"order_placed"' in reply["events"][-1]["b"]
    assert stands(venue, cart) == (None, ["completed"])

    late.add(cart, DOSA)
    reply = late.push()
    assert stands(venue, cart) == (["completed"], None)
    ((status, version, items, total),) = before
    row = venue.rows("SELECT status, version, items, total FROM till.order_sessions WHERE id = %s", cart.session)
    assert row == [(status, version + 2, items, total)]  # the line, and that it is in an order of late lines
    assert venue.value("SELECT count(*) FROM warm.session_checkout") == 1
    assert venue.value("SELECT count(*) FROM cold.orders") == 1
    assert archive(venue) == 0
    leave(venue)
    assert archive(venue) == 1


def test_an_order_that_another_till_opens_a_second_time_stays_as_it_was(venue: Venue) -> None:
    till, other = venue.till(1), venue.till(2)
    cart = other.keyed()
    till.open(cart)
    till.add(cart, IDLY)
    till.place(cart)
    till.push()
    leave(venue)
    archive(venue)
    other.push()
    assert stands(venue, cart) == (["completed"], None)
    assert venue.rows("SELECT version, till_id FROM warm.log_of(%s) ORDER BY 1", cart.session) == [
        (1, 1),
        (2, 1),
        (3, 1),
    ]
    assert quarantined(venue) == ["The record opens an order that already exists, at another till or on other terms."]


def test_a_push_looks_there_once_for_a_new_order_and_never_again(venue: Venue) -> None:
    till = venue.till()
    paid(till)
    leave(venue)
    archive(venue)
    till.known = {}
    scans = """SELECT coalesce(sum(seq_scan + idx_scan), 0) FROM pg_stat_xact_user_tables
               WHERE relname = 'order_sessions_archive'"""
    with venue.app.transaction():
        row = venue.app.execute(scans).fetchone()
        assert row is not None
        before = row[0]
        looked = []
        cart = till.keyed()
        till.shown(cart)
        for step in (lambda: till.add(cart, IDLY), lambda: till.add(cart, DOSA), lambda: till.place(cart)):
            looked.append(venue.app.execute(scans).fetchone())
            step()
            till.shown(cart)
        looked.append(venue.app.execute(scans).fetchone())
    assert looked == [(before + 1,)] * 4


def test_a_second_payment_for_it_stands_before_the_manager(venue: Venue) -> None:
    till = venue.till()
    cart = keyed(till)
    late = away(venue, till, cart)
    till.place(cart)
    till.push()
    late.place(cart)  # while it was away
    leave(venue, "60 days")
    archive(venue)
    assert late.push()["conflicts"] == 1
    assert stands(venue, cart) == (["completed"], None)
    assert venue.rows("SELECT kind, amount::text FROM till.conflicts") == [("sold_twice", "80.00")]
    assert till.read("till.conflicts_v1")["conflicts"][0]["user"] == 1


def test_an_archived_clearing_stands_and_can_be_resumed(venue: Venue) -> None:
    till = venue.till()
    cart = keyed(till)
    late = away(venue, till, cart)
    till.clear(cart, "guest left")
    till.push()
    leave(venue, "60 days")
    archive(venue)
    late.add(cart, DOSA)
    late.push()
    assert stands(venue, cart) == (["discarded"], None)
    leave(venue)
    archive(venue)
    till.resume(cart)
    till.push()
    assert stands(venue, cart) == (["active"], None)


def test_money_for_what_was_cleared_completes_it(venue: Venue) -> None:
    till = venue.till()
    cart = keyed(till)
    late = away(venue, till, cart)
    till.clear(cart, "guest left")
    till.push()
    late.place(cart)
    leave(venue, "60 days")
    archive(venue)
    late.push()
    assert stands(venue, cart) == (["completed"], None)
    assert venue.value("SELECT completed_at IS NOT NULL FROM warm.session_checkout") is True


def test_an_event_that_the_audit_has_keeps_only_its_link(venue: Venue) -> None:
    till = venue.till()
    cart = paid(till)
    events = venue.rows("SELECT event_id::text, event_data FROM session_events WHERE event_type = 'order_opened'")
    leave(venue)
    archive(venue)
    again = venue.till()
    venue.owner.execute("SELECT warm.adopt_journal(%s, NULL, 1)", [venue.store])
    again.now = again.now.replace(minute=0, second=0)
    again.make("order_opened", cart.session, events[0][1], event_id=events[0][0])
    reply = again.push()
    assert (reply["head"]["seq"], reply["quarantined"]) == (1, [])
    assert venue.value("SELECT count(*) FROM warm.event_links") == 1
    assert venue.value("SELECT count(*) FROM session_events WHERE session_id IS NOT NULL") == 0
    assert stands(venue, cart) == (None, ["completed"])
    links = "SELECT (SELECT count(*) FROM warm.event_links), (SELECT count(*) FROM cold.order_audit_links)"
    for before, found in (("(SELECT received_at FROM warm.event_links)", (1, 0)), ("now()", (0, 1))):
        venue.owner.execute(f"SELECT cold.move_to_audit(%s, {before}, 500)".encode(), [venue.store])
        assert venue.rows(links) == [found]
    again.look(cart, event_id=events[0][0])  # the same id, and other content
    again.push()
    assert stands(venue, cart) == (["completed"], None)
    assert venue.value("SELECT quarantined FROM till.order_sessions") is True


def test_a_quarantined_record_brings_an_archived_order_back_too(venue: Venue) -> None:
    till = venue.till()
    cart = paid(till)
    leave(venue)
    archive(venue)
    till.make_badly("item_added", cart.session, {"line_id": 1})
    till.push()
    assert stands(venue, cart) == (["completed"], None)
    assert venue.value("SELECT quarantined FROM till.order_sessions") is True


def test_another_store_makes_nothing_of_its_id(venue: Venue) -> None:
    till = venue.till()
    cart = paid(till)
    leave(venue)
    archive(venue)
    stranger = make_venue(venue.owner, venue.app).till()
    stranger.open(Cart(session=cart.session))
    stranger.push()
    assert venue.rows("SELECT status, store_id::text FROM warm.every_session") == [("completed", venue.store)]
    assert archive(venue) == 1
    assert stands(venue, cart) == (None, ["completed"])


def test_a_program_cannot_open_it_anew(venue: Venue) -> None:
    till = venue.till()
    cart = paid(till)
    leave(venue)
    archive(venue)
    save = "SELECT till.order_session_save_v1(%s, 1, %s, '[]')"
    with pytest.raises(Error, match="is completed and can no longer change"):
        venue.value(save, venue.store, cart.session)
    with pytest.raises(Error, match="The session is completed"):
        venue.value("SELECT cold.create_order_from_session(%s, 'take_away', 'cash')", cart.session)
    with pytest.raises(Error, match="is completed"):
        venue.value("SELECT till.session_close_v1(%s, NULL, %s, 'why not')", venue.store, cart.session)
    assert stands(venue, cart) == (None, ["completed"])


@pytest.mark.parametrize("end", [paid, cleared])
def test_a_program_makes_it_none_of_its_own(venue: Venue, database: Database, end: Any) -> None:
    cart = end(venue.till())
    leave(venue)
    archive(venue)
    venue.value(
        "SELECT hot.release_sessions(ARRAY(SELECT hot.cold_sessions(%s, now() + interval '1 minute', 500)))",
        venue.store,
    )
    with front_end(venue.owner, database.app, venue.store, kept=database.kept) as chat:
        with pytest.raises(Error, match="does not belong to this program"):
            chat.put(cart.session, IDLY, 1, 40)
        with pytest.raises(Error, match="does not belong to this program"):
            chat.call("by_id", cart.session)
    assert stands(venue, cart) == (None, ["completed" if end is paid else "discarded"])


def test_a_program_may_drop_the_rows_of_its_own_that_are_left(venue: Venue, database: Database) -> None:
    with front_end(venue.owner, database.app, venue.store, kept=database.kept) as chat:
        chat.put("s", IDLY, 1, 40)
        chat.session.execute("INSERT INTO session_preferences (session_id, name, value) VALUES ('s', 'spice', 'hot')")
        chat.order("s")
        venue.complete("s")
        leave(venue)
        assert archive(venue) == 1
        chat.session.execute("DELETE FROM session_cart WHERE session_id = 's'")
        chat.session.execute("DELETE FROM session_preferences WHERE session_id = 's'")
        assert chat.rows("SELECT item_id FROM session_cart") == []
    assert venue.rows("SELECT status FROM warm.every_session") == [("completed",)]
    assert venue.rows("SELECT status FROM till.order_sessions") == []  # nothing brought it back


def test_a_person_is_forgotten_there_too(venue: Venue) -> None:
    till = venue.till()
    cart = cleared(till)
    leave(venue)
    archive(venue)
    assert venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, cart.session) == 1
    assert stands(venue, cart) == (["discarded"], None)
    assert venue.value("SELECT special_instructions FROM warm.session_checkout") is None
    leave(venue)
    assert archive(venue) == 1
    everything = str(whole(venue))
    assert "guest left" not in everything
    assert "no onion" not in everything


def test_voids_are_reported_as_before(venue: Venue) -> None:
    till = venue.till()
    cleared(till)
    report = "SELECT user_id, currency, kind, pieces, amount FROM cold.taken_off_by_person"
    before = venue.rows(report)
    assert len(before) == 1
    leave(venue)
    archive(venue)
    assert venue.rows(report) == before


def test_a_push_at_work_on_an_order_is_not_waited_for(venue: Venue, database: Database) -> None:
    till = venue.till()
    held, free = paid(till), paid(till)
    leave(venue)
    venue.owner.execute("SELECT cold.move_to_audit(%s, now(), 500)", [venue.store])
    with database.connect() as busy, busy.transaction():
        busy.execute("SELECT FROM till.order_sessions WHERE id = %s FOR NO KEY UPDATE", [held.session])
        venue.owner.execute("SET lock_timeout = '1s'")
        assert archive(venue) == 1
    assert (stands(venue, held), stands(venue, free)) == ((["completed"], None), (None, ["completed"]))
    assert archive(venue) == 1


def test_a_push_does_not_wait_for_it(venue: Venue, database: Database) -> None:
    maintain(venue)
    month = "date_trunc('month', (now() - interval '31 days') at time zone 'UTC')"
    venue.owner.execute(f"SELECT cold.make_audit_partition({month})")
    till = venue.till()
    old = paid(till)
    leave(venue)
    going_on = keyed(till)
    with database.connect() as busy, busy.transaction():
        row = busy.execute("SELECT till.maintain_v1(%s, NULL, 30, 24, 30)", [venue.store]).fetchone()
        assert row is not None
        assert (row[0]["moved"] > 3, row[0]["archived"]) == (True, 1)
        venue.app.execute("SET lock_timeout = '1s'")
        till.add(going_on, DOSA)
        assert till.shown(going_on)["ok"] is True
        till.known[old.session] = (1, None)
        assert len(till.push()["events"]) > 1  # of the old order too: they stand in the log until all of it is done
        till.place(going_on)
        assert till.push()["ok"] is True
        assert keyed(till).session
    assert stands(venue, old) == (None, ["completed"])


def test_a_late_record_finds_an_order_that_is_archived_at_that_moment(venue: Venue, database: Database) -> None:
    till = venue.till()
    cart = keyed(till)
    late = away(venue, till, cart)
    till.place(cart)
    till.push()
    leave(venue)
    venue.owner.execute("SELECT cold.move_to_audit(%s, now(), 500)", [venue.store])
    late.add(cart, DOSA)
    replies: list[Any] = []
    pushing = threading.Thread(target=lambda: replies.append(late.push()))
    with database.connect() as busy:
        with busy.transaction():
            busy.execute(
                "SELECT cold.archive_sessions(now(), ARRAY(SELECT cold.archivable(%s, now(), false, 100)))",
                [venue.store],
            )
            pushing.start()
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            while venue.value(waiting) == 0:
                assert pushing.is_alive()
        pushing.join()
    assert replies[0]["ok"] is True
    assert stands(venue, cart) == (["completed"], None)
    assert venue.value("SELECT count(*) FROM cold.order_sessions_archive") == 0


def test_two_that_bring_it_back_at_once_bring_it_back_once(venue: Venue, database: Database) -> None:
    till = venue.till()
    cart = keyed(till)
    late = away(venue, till, cart)
    till.place(cart)
    till.push()
    leave(venue)
    archive(venue)
    late.add(cart, DOSA)
    replies: list[Any] = []
    pushing = threading.Thread(target=lambda: replies.append(late.push()))
    with database.connect() as busy:
        with busy.transaction():
            busy.execute("SELECT warm.lock_session(%s)", [cart.session])
            pushing.start()
            waiting = (
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
            )
            while venue.value(waiting) == 0:
                assert pushing.is_alive()
        pushing.join()
    assert replies[0]["ok"] is True
    assert stands(venue, cart) == (["completed"], None)
    assert [row[0] for row in venue.rows("SELECT version FROM warm.log_of(%s) ORDER BY 1", cart.session)] == [
        1,
        2,
        3,
        4,
        5,
        6,
        7,
    ]


def test_order_session_cannot_be_deleted(venue: Venue) -> None:
    statements = (
        "DELETE FROM till.order_sessions",
        "TRUNCATE till.order_sessions",
        "TRUNCATE till.stores CASCADE",
        "DELETE FROM cold.order_sessions_archive",
        "TRUNCATE cold.order_sessions_archive",
        "UPDATE cold.order_sessions_archive SET version = 9",
    )
    till = venue.till()
    paid(till)
    leave(venue)
    archive(venue)
    cleared(till)
    before = whole(venue)
    for statement in statements:
        with pytest.raises(Error, match=r"An order session is never deleted: .* is refused") as refused:
            venue.owner.execute(statement)
        assert refused.value.sqlstate == "TL002"
        assert whole(venue) == before, statement


def test_a_copy_that_differs_is_no_way_to_delete_one(venue: Venue) -> None:
    cleared(venue.till())
    venue.owner.execute("INSERT INTO cold.order_sessions_archive SELECT * FROM till.order_sessions")
    venue.owner.execute("UPDATE till.order_sessions SET version = version + 1")
    with pytest.raises(Error, match="An order session is never deleted"):
        venue.owner.execute("DELETE FROM till.order_sessions")
    with pytest.raises(Error, match="An order session is never deleted"):
        venue.owner.execute("DELETE FROM cold.order_sessions_archive")
