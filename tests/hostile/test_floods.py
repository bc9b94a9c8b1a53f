"""Endless writes by somebody with one till's secret: nothing of another till is lost, blocked or slowed."""

from __future__ import annotations

import secrets
import uuid
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.types.json import Jsonb

from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, Cart, Till
from tests.sql.test_conflicts import find
from tests.sql.test_programs import chat
from till.domain.ids import IdClock

if TYPE_CHECKING:
    from tests.plugins.front_ends import FrontEnd
    from tests.sql.ringing import Venue

__all__ = ["chat", "template", "venue"]

HONEST, THIEF = 1, 2


def most(venue: Venue, limit: str) -> int:
    found: int = venue.value(f"SELECT warm.most_{limit}()")
    return found


def begun(venue: Venue, number: int) -> tuple[Till, Cart]:
    """Return a till with an order of its own in the database."""
    till = venue.till(number)
    cart = till.keyed(IDLY)
    assert till.shown(cart)["ok"]
    return till, cart


def reasons(venue: Venue) -> list[tuple[str, int]]:
    query = "SELECT reason, count(*) FROM warm.quarantine WHERE resolved_at IS NULL GROUP BY 1 ORDER BY 1"
    return [(reason, count) for reason, count in venue.rows(query)]


def retry(venue: Venue) -> list[bool]:
    """Retry every skipped record; return for each if it now applies."""
    ids = venue.rows("SELECT id FROM warm.quarantine WHERE resolved_at IS NULL ORDER BY id")
    query = "SELECT till.quarantine_retry_v1(%s, NULL, %s)"
    return [venue.value(query, venue.store, record)["applied"] for (record,) in ids]


def rows_read(till: Till, *tables: str, **changes: Any) -> int:
    """Push, and return the number of table rows that the push read."""
    query = """
        SELECT coalesce(sum(coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0)), 0)
        FROM pg_stat_xact_all_tables WHERE schemaname || '.' || relname = ANY (%s)"""
    with till.connection.transaction():
        assert till.push(**changes)["ok"]
        row = till.connection.execute(query, [list(tables)]).fetchone()
    assert row is not None
    return int(row[0])


def goes_on(venue: Venue, honest: Till, cart: Cart) -> None:
    honest.add(cart, DOSA)
    assert honest.shown(cart)["ok"]
    honest.place(cart)
    assert honest.push()["ok"]
    assert venue.value("SELECT count(*) FROM cold.orders WHERE session_id = %s", cart.session) == 1


# The hour of a till.


def filled(venue: Venue, till: Till, *, events: int = 0, size: int = 0, ago: timedelta = timedelta(0)) -> None:
    """Bring a journal close to its limits for the hour that began `ago`."""
    venue.owner.execute(
        "UPDATE warm.journal_head SET hour = %s, hour_events = %s, hour_bytes = %s WHERE journal_id = %s",
        [datetime.now(UTC) - ago, events, size, till.journal],
    )


@pytest.mark.parametrize("what", ["events", "bytes"])
def test_events_beyond_the_limit_of_an_hour_are_kept_and_count_for_nothing(venue: Venue, what: str) -> None:
    honest, cart = begun(venue, HONEST)
    thief, own = begun(venue, THIEF)
    thief.now = datetime.now(UTC)
    for _each in range(6):
        thief.look(own)
    size = len(thief.pending[0].body)
    if what == "events":
        filled(venue, thief, events=most(venue, "hour_events") - 2)
    else:
        filled(venue, thief, size=most(venue, "hour_bytes") - 2 * size - size // 2)
    reply = thief.push()
    assert (reply["ok"], reply["head"]["seq"], reply["records"]) == (True, thief.seq, 4)
    assert [count for _reason, count in reasons(venue)] == [4]
    assert len(venue.types("session_id = %s AND event_type = 'menu_viewed'", own.session)) == 2
    goes_on(venue, honest, cart)


def test_the_hour_goes_by_the_time_of_the_events_so_a_backlog_of_days_meets_no_limit(venue: Venue) -> None:
    till, cart = begun(venue, HONEST)
    filled(venue, till, events=most(venue, "hour_events"), ago=timedelta(days=3))
    till.now = datetime.now(UTC) - timedelta(days=2)
    for _each in range(5):
        till.look(cart)
    assert till.push()["records"] == 0
    query = "SELECT hour, hour_events FROM warm.journal_head WHERE journal_id = %s"
    assert venue.rows(query, till.journal) == [(till.now - timedelta(seconds=4), 5)]  # the next one has its own


def test_events_of_hours_to_come_or_gone_by_make_no_new_hour(venue: Venue) -> None:
    thief, own = begun(venue, THIEF)
    filled(venue, thief, events=most(venue, "hour_events"))
    for days in (-4000, 0, 4000):
        thief.now = datetime.now(UTC) + timedelta(days=days)
        thief.look(own)
    assert thief.push()["records"] == 3


def test_a_server_whose_clock_was_ahead_counts_no_hour_that_never_ends(venue: Venue) -> None:
    till, cart = begun(venue, HONEST)
    filled(venue, till, events=5, ago=-timedelta(days=400))
    till.now = datetime.now(UTC)
    till.look(cart)
    assert till.push()["records"] == 0
    began = venue.value("SELECT hour <= now() FROM warm.journal_head WHERE journal_id = %s", till.journal)
    assert began


def test_events_over_the_limit_are_accepted_by_a_manager(venue: Venue) -> None:
    thief, own = begun(venue, THIEF)
    filled(venue, thief, events=most(venue, "hour_events"))
    thief.now = datetime.now(UTC)
    thief.place(own)
    assert thief.push()["records"] == 1
    assert venue.value("SELECT amount::text FROM warm.quarantine") == str(own.total)
    assert retry(venue) == [True]
    assert venue.value("SELECT count(*) FROM cold.orders") == 1


@pytest.mark.parametrize("what", ["events", "bytes", "gaps"])
def test_a_till_is_refused_for_an_hour_once_much_over_the_limit_is_kept(venue: Venue, what: str) -> None:
    honest, cart = begun(venue, HONEST)
    thief, own = begun(venue, THIEF)
    thief.now = datetime.now(UTC)
    full = {unit: most(venue, f"hour_{unit}") + most(venue, f"kept_{unit}") for unit in ("events", "bytes")}
    if what == "events":
        filled(venue, thief, events=full["events"] - 2)
    else:
        filled(venue, thief, size=full["bytes"] - 150)
    sent = [thief.look(own) for _each in range(5)]
    rows = [{"seq": event.seq, "h": event.hash, "gone": True} for event in sent] if what == "gaps" else None
    more = {"events": rows} if rows else {}
    reply = thief.send(thief.request() | more)
    taken = {"events": 2, "bytes": 1, "gaps": 2}[what]
    assert (reply["ok"], reply["head"]["seq"]) == (True, sent[taken - 1].seq)
    request = thief.request() | {"events": thief.request()["events"][taken:] if rows is None else rows[taken:]}
    refused = thief.send(request)
    assert (refused["ok"], refused["code"], refused["head"]["seq"]) == (False, "too_much", sent[taken - 1].seq)
    venue.owner.execute("UPDATE warm.journal_head SET hour = hour - interval '61 minutes' WHERE till_id = 2")
    assert thief.send(request)["head"]["seq"] == sent[-1].seq
    goes_on(venue, honest, cart)


# One order.


@pytest.mark.parametrize("what", ["events", "bytes"])
def test_events_on_one_order_are_bounded_and_leave_room_for_others(venue: Venue, what: str) -> None:
    honest, cart = begun(venue, HONEST)
    thief = venue.till(THIEF)
    thief.take(cart)
    honest.take(cart)
    thief.look(cart)
    thief.push()
    size = len(thief.look(cart).body)
    has = [most(venue, "order_events") - 2, 0] if what == "events" else [0, most(venue, "order_bytes") - 2 * size - 9]
    venue.owner.execute(
        "UPDATE till.order_sessions SET written = written || jsonb_build_object('2', %s::bigint[]) WHERE id = %s",
        [has, cart.session],
    )
    for _each in range(4):
        thief.look(cart)
    reply = thief.push()
    assert (reply["ok"], reply["head"]["seq"]) == (True, thief.seq)
    ((reason, count),) = reasons(venue)
    assert "one order" in reason
    assert count == 3
    goes_on(venue, honest, cart)


def test_an_order_among_others_in_a_push_is_bounded_alike(venue: Venue) -> None:
    _honest, cart = begun(venue, HONEST)
    thief, own = begun(venue, THIEF)
    venue.owner.execute(
        "UPDATE till.order_sessions SET written = jsonb_build_object('2', %s::bigint[]) WHERE id = %s",
        [[most(venue, "order_events"), 0], cart.session],
    )
    thief.look(cart)
    thief.look(own)
    thief.look(cart)
    assert thief.push()["records"] == 2
    assert len(venue.types("event_type = 'menu_viewed'")) == 1


def test_a_snapshot_that_no_order_needs_is_ignored(venue: Venue) -> None:
    """Send beside the records, where no hour counts, some megabytes for an order."""
    _honest, _cart = begun(venue, HONEST)
    thief, own = begun(venue, THIEF)
    size = "SELECT pg_column_size(items) FROM till.order_sessions WHERE id = %s"
    before = venue.value(size, own.session)
    shown = [own.items()[0] | {"item": secrets.token_hex(100)} for _each in range(5000)]
    thief.look(own)
    assert thief.shown(own, items=shown)["ok"]
    assert venue.value(size, own.session) == before
    with thief.deciding() as decided:
        thief.save(own, str(uuid.uuid4()))
    thief.done(decided, own.snapshot(thief.base(own), items=shown))
    assert venue.value(size, own.session) == before


# Records that wait for a person.

_BAD = """
    INSERT INTO warm.quarantine (store_id, journal_id, seq, hash, till_id, event_type, reason, sqlstate, body)
    SELECT %s, %s, n + 1000, 'h', 2, 'x', 'It reads as nothing.', 'TL010', '{}' FROM generate_series(1, 8000) AS n"""
_FOUND = """
    INSERT INTO till.conflicts (
        id, store_id, session_id, kind, subject, amount, currency, found_by, till_id, found_at, event_id)
    SELECT gen_random_uuid(), %s, %s, 'charged_otherwise', n::text, 1, 'INR', 0, 2, now(), gen_random_uuid()
    FROM generate_series(1, 4000) AS n"""


def test_a_push_looks_at_no_more_records_however_many_wait(venue: Venue) -> None:
    honest, cart = begun(venue, HONEST)
    thief, own = begun(venue, THIEF)
    venue.owner.execute(_BAD, [venue.store, thief.journal])
    venue.owner.execute(_FOUND, [venue.store, own.session])
    venue.owner.execute("ANALYZE warm.quarantine, till.conflicts")
    honest.add(cart, DOSA)
    honest.make("order_discarded", cart.session, {"line_ids": list(cart.lines)})
    assert rows_read(honest, "warm.quarantine", "till.conflicts") <= 2 * most(venue, "open")
    # a clock that is ahead, an approval by nobody, a record that does not read: each is looked for there
    fresh = honest.keyed()
    honest.look(fresh, event_id=IdClock(secrets.randbits).next(datetime.now(UTC) + timedelta(days=3)))
    line = honest.add(fresh, IDLY)
    price = {"line_id": line, "was": "40.00", "price": "1.00", "approved_by": 77}
    honest.make("price_overridden", fresh.session, price)
    honest.make_badly("item_added", fresh.session, {"line_id": "nonsense"})
    assert rows_read(honest, "warm.quarantine", "till.conflicts") <= 10 * most(venue, "open")


def test_as_many_wait_as_are_counted(venue: Venue) -> None:
    thief, own = begun(venue, THIEF)
    venue.owner.execute(_BAD, [venue.store, thief.journal])
    venue.owner.execute(_FOUND, [venue.store, own.session])
    reply = thief.push()
    assert (reply["conflicts"], reply["records"]) == (most(venue, "open"), most(venue, "open"))


def test_a_finding_of_another_till_waits_whatever_one_till_made_up(venue: Venue) -> None:
    honest, cart = begun(venue, HONEST)
    _thief, own = begun(venue, THIEF)
    venue.owner.execute(_FOUND, [venue.store, own.session])
    honest.make("payment_approved", cart.session, taken())
    honest.clear(cart)
    assert honest.push()["ok"]
    assert venue.value("SELECT count(*) FROM till.conflicts WHERE till_id = 1") == 1


def taken() -> dict[str, Any]:
    """Return a payment that no sale lists."""
    payment = {"payment_id": str(uuid.uuid4()), "tender": "CASH", "amount": "40.00"}
    return {**payment, "tendered": "40.00", "change": "0.00"}


def test_conflicts_of_one_till_are_bounded_too(venue: Venue) -> None:
    thief, own = begun(venue, THIEF)
    venue.owner.execute(_FOUND, [venue.store, own.session])
    receipt = thief.place(own)["receipt"]
    other = thief.keyed(IDLY)
    thief.place(other, receipt=receipt)
    assert thief.push()["ok"]
    expected = "Too many conflicts of this till are waiting: number_twice, "
    assert [reason.startswith(expected) for reason, _count in reasons(venue)] == [True, True]
    assert retry(venue) == [False, False]


def test_money_on_an_order_that_it_never_took_is_looked_up_once_in_a_push(venue: Venue) -> None:
    honest, cart = begun(venue, HONEST)
    thief = venue.till(THIEF)
    for _each in range(300):
        thief.look(cart)
    thief.push()
    paid = {"payment_id": str(uuid.uuid4()), "tender": "CASH", "amount": "1.00", "tendered": "1.00", "change": "0.00"}
    for _each in range(300):
        thief.make("payment_approved", cart.session, paid)
    assert rows_read(thief, "warm.session_events") < 2000
    goes_on(venue, honest, cart)


# The contents of a reply.


@pytest.fixture
def shared(venue: Venue) -> tuple[Till, Till, Cart]:
    """Save an order of the honest till to a tab that both tills know."""
    honest, cart = begun(venue, HONEST)
    honest.save(cart, str(uuid.uuid4()), table_number=5)
    assert honest.push()["ok"]
    thief = venue.till(THIEF)
    thief.known[cart.session] = (0, None)
    assert thief.push()["ok"]
    return honest, thief, cart


SHOWN = [{"id": str(n), "name": "x" * 250, "position": n} for n in range(50)]


def test_menus_that_another_till_looked_at_are_not_sent_to_it(shared: tuple[Till, Till, Cart], venue: Venue) -> None:
    honest, thief, cart = shared
    marked = venue.value("SELECT refold FROM till.order_sessions WHERE id = %s", cart.session)
    for _each in range(30):
        thief.look(cart, items=SHOWN)
    thief.push()
    reply = honest.push()
    assert (reply["events"], reply["more"]) == ([], False)
    assert honest.known[cart.session][0] == venue.value(
        "SELECT version FROM till.order_sessions WHERE id = %s", cart.session
    )
    looked_at = honest.read("till.session_events_v1", session=cart.session)["events"]
    assert all("menu_viewed" not in event["b"] for event in looked_at)
    assert venue.value("SELECT refold FROM till.order_sessions WHERE id = %s", cart.session) is marked


def pages(till: Till) -> list[list[str]]:
    """Return the ids of the events of each reply, as a till polls on."""
    found: list[list[str]] = []
    while True:
        reply = till.push()
        size = sum(len(event["b"]) for event in reply["events"])
        assert size < 1_000_000 or len(reply["events"]) == 1
        found.append([event["b"] for event in reply["events"]])
        if not reply["more"]:
            return found


def test_events_of_another_till_come_in_pages_and_complete(shared: tuple[Till, Till, Cart], venue: Venue) -> None:
    honest, thief, cart = shared
    written = [thief.make("slip_kept", cart.session, {"payment_id": cart.session}).body for _each in range(2300)]
    assert thief.push()["ok"]
    found = pages(honest)
    assert [len(page) for page in found] == [1000, 1000, 300]
    assert [body for page in found for body in page] == written
    assert honest.known[cart.session][0] == venue.value(
        "SELECT version FROM till.order_sessions WHERE id = %s", cart.session
    )


def test_a_page_has_a_bound_of_bytes_too_and_one_event_always_goes(
    venue: Venue, shared: tuple[Till, Till, Cart]
) -> None:
    honest, thief, cart = shared
    ids = [str(uuid.uuid4()) for _each in range(9_000)]
    moved = Jsonb({"to_session": cart.session, "line_ids": ids})
    for _each in range(3):
        thief.make("order_discarded", cart.session, {"line_ids": ids}, hold=cart.hold)
        venue.owner.execute(
            "SELECT warm.server_event_v1(%s, 1, 'lines_moved', %s, %s)", [venue.store, cart.session, moved]
        )
    thief.push()
    found = pages(honest)
    assert [len(page) for page in found] == [2, 1]


def test_sessions_that_have_no_room_in_a_page_come_with_the_next(venue: Venue) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    carts = [Cart() for _each in range(3)]
    for cart in carts:
        honest.open(cart)
        honest.save(cart, str(uuid.uuid4()))
        for number in range(600):
            honest.make("preference_set", cart.session, {"name": f"{number}"})
    honest.push()
    thief.known = {cart.session: (0, None) for cart in carts}
    found = pages(thief)
    assert [len(page) for page in found] == [1000, 806]
    assert all(version == 602 for version, _event in thief.known.values())
    assert thief.push()["events"] == []


def test_an_order_is_looked_at_in_pages(shared: tuple[Till, Till, Cart]) -> None:
    honest, _thief, cart = shared
    for number in range(1100):
        honest.make("preference_set", cart.session, {"name": f"{number}"})
    honest.push()
    first = honest.read("till.session_events_v1", session=cart.session)
    after = first["events"][-1]["version"]
    second = honest.read("till.session_events_v1", session=cart.session, after=after)
    assert ([len(first["events"]), first["more"]], second["more"]) == ([1000, True], False)
    assert [event["version"] for event in second["events"]] == list(range(1001, second["session"]["version"] + 1))


def test_reply_lists_only_some_quarantined_records(shared: tuple[Till, Till, Cart], venue: Venue) -> None:
    honest, thief, cart = shared
    for number in range(300):
        thief.make_badly("item_added", cart.session, {"line_id": f"nonsense {number}"})
    thief.push()
    honest.add(cart, IDLY)
    assert len(honest.push()["quarantined"]) == most(venue, "open")


# The manager's lists.


def test_no_till_fills_the_list_of_the_others(venue: Venue) -> None:
    honest, cart = begun(venue, HONEST)
    _thief, own = begun(venue, THIEF)
    venue.owner.execute(_FOUND, [venue.store, own.session])
    venue.owner.execute(_BAD, [venue.store, str(uuid.uuid4())])
    find(venue, cart.session, HONEST)
    listed = honest.read("till.conflicts_v1")
    assert [row["till_id"] for row in listed["conflicts"]] == [HONEST] + [THIEF] * most(venue, "listed")
    assert len(listed["quarantine"]) == most(venue, "listed")
    assert listed["waiting"] == [
        {"till": HONEST, "conflicts": 1, "records": 0},
        {"till": THIEF, "conflicts": 4000, "records": 8000},
    ]


def test_all_that_a_till_made_up_is_settled_at_once_and_nothing_of_another(venue: Venue) -> None:
    honest, cart = begun(venue, HONEST)
    thief, own = begun(venue, THIEF)
    for _each in range(3):
        find(venue, own.session, THIEF)
        thief.make_badly("item_added", cart.session, {"line_id": "nonsense"})
    thief.push()
    find(venue, cart.session, HONEST)
    honest.make_badly("item_added", cart.session, {"line_id": "nonsense"})
    honest.push()
    venue.owner.execute(_BAD, [venue.store, str(uuid.uuid4())])
    settle = "SELECT till.settle_till_v1(%s, 9, %s, 'made up')"
    assert venue.value(settle, venue.store, THIEF) == {"conflicts": 3, "records": 8003, "left": 0}
    assert honest.read("till.conflicts_v1")["waiting"] == [{"till": HONEST, "conflicts": 1, "records": 1}]
    assert venue.value("SELECT quarantined FROM till.order_sessions WHERE id = %s", cart.session)
    assert venue.value(settle, venue.store, HONEST) == {"conflicts": 1, "records": 1, "left": 0}
    assert not venue.value("SELECT quarantined FROM till.order_sessions WHERE id = %s", cart.session)
    with pytest.raises(psycopg.Error, match="has nothing waiting"):
        venue.value(settle, venue.store, HONEST)
    reply = honest.push()
    assert (reply["conflicts"], reply["records"]) == (0, 0)


# Orders, logins and trainings.


def holding(venue: Venue, number: int, orders: int, *, days: int = 0) -> None:
    """Let a till hold open orders on tabs, whose last event arrived some days ago."""
    venue.owner.execute(
        """INSERT INTO till.order_sessions (
            id, store_id, status, hold_till, items, total, version, created_at, updated_at, arrived_at)
        SELECT gen_random_uuid()::text, %s, 'assigned_to_tab', %s, '[]', 0, 1, now(), now(),
            now() - %s * interval '1 day'
        FROM generate_series(1, %s)""",
        [venue.store, number, days, orders],
    )


def test_a_till_begins_no_order_beyond_those_that_it_may_hold_open(venue: Venue) -> None:
    holding(venue, THIEF, most(venue, "open_orders") - 1)
    holding(venue, HONEST, most(venue, "open_orders"), days=2)
    thief, last = venue.till(THIEF), Cart()
    thief.open(last)
    thief.save(last, str(uuid.uuid4()), "one more")
    assert thief.push()["records"] == 0
    for _each in range(3):
        cart = thief.keyed()
        thief.save(cart, str(uuid.uuid4()), "and more")
    assert thief.push()["records"] == 6
    assert venue.value("SELECT count(*) FROM till.tabs") == 1
    honest, cart = begun(venue, HONEST)
    goes_on(venue, honest, cart)


def test_no_push_and_no_act_begins_more_orders_than_a_till_may_hold_open(venue: Venue) -> None:
    holding(venue, THIEF, most(venue, "open_orders") - 3)
    thief, begun = venue.till(THIEF), "SELECT count(*) FROM till.order_sessions WHERE hold_till = 2"
    with thief.deciding() as decided:
        for _each in range(4):
            thief.open(Cart())
    answer = thief.push(act=thief.act(decided))["act"]
    assert answer == {"taken": False, "why": "The till holds too many open orders."}
    for _each in range(5):
        thief.open(Cart())
    assert thief.push()["records"] == 2
    assert venue.value(begun) == most(venue, "open_orders")


def test_lists_of_orders_have_as_many_rows_of_a_till_as_are_listed(venue: Venue) -> None:
    listed = most(venue, "open")
    honest, cart = begun(venue, HONEST)
    honest.make("order_parked", cart.session, {"user": 1})
    honest.push()
    holding(venue, THIEF, 2 * listed)
    venue.owner.execute("""
        UPDATE till.order_sessions SET status = 'pending_logout', user_id = 1, currency = 'INR' WHERE hold_till = 2""")
    rows = honest.read("till.user_sessions_v1", user=1)["sessions"]
    assert (len(rows), cart.session in {row["session"] for row in rows}) == (listed + 1, True)
    thief = venue.till(THIEF)
    for _each in range(listed + 5):
        made_up = thief.keyed(IDLY)
        thief.clear(made_up, user=2)
    assert thief.push()["records"] == 0
    thief.known.clear()
    items = [{"item_id": IDLY, "voided": False}]
    venue.owner.execute("UPDATE till.order_sessions SET items = %s WHERE status = 'discarded'", [Jsonb(items)])
    assert len(honest.read("till.cleared_orders_v1", user=1, login=str(uuid.uuid4()))["cleared"]) == listed
    assert len(honest.read("till.user_sessions_v1", user=9)["sessions"]) == listed


def test_text_beside_records_counts(venue: Venue) -> None:
    """Slips with 3,000 wide characters made the journal of another till 30 MB larger."""
    honest, cart = begun(venue, HONEST)
    thief = venue.till(THIEF)
    slip = {"payment_id": str(uuid.uuid4())}
    texts = dict.fromkeys(("text", "text_2", "text_3"), "\u0928" * 1000)
    size = 3 * 3000
    venue.owner.execute(
        "UPDATE till.order_sessions SET written = jsonb_build_object('2', ARRAY[0, %s::bigint]) WHERE id = %s",
        [most(venue, "order_bytes") - 3 * size, cart.session],
    )
    for _each in range(6):
        thief.make("slip_kept", cart.session, slip, texts=texts)
    assert thief.push()["records"] == 4
    assert len(venue.types("event_type = 'slip_kept'")) == 2
    goes_on(venue, honest, cart)


def test_heartbeats_under_made_up_logins_are_bounded(venue: Venue) -> None:
    thief, honest = venue.till(THIEF), venue.till(HONEST)
    count = "SELECT count(*) FROM session.active_sessions WHERE till_id = %s"
    for _each in range(most(venue, "logins") + 5):
        assert thief.push(beat={"session": IdClock(secrets.randbits).next(datetime.now(UTC)), "user": 1})["ok"]
    assert venue.value(count, THIEF) == most(venue, "logins")
    venue.owner.execute("UPDATE session.active_sessions SET last_active = now() - interval '5 hours'")
    thief.push(beat={"session": IdClock(secrets.randbits).next(datetime.now(UTC)), "user": 1})
    assert venue.value(count, THIEF) == most(venue, "logins")
    honest.push(beat={"session": IdClock(secrets.randbits).next(datetime.now(UTC)), "user": 1})
    assert venue.value(count, HONEST) == 1


def test_trainings_of_a_till_are_bounded_by_the_day(venue: Venue) -> None:
    thief, login = venue.till(THIEF), IdClock(secrets.randbits)
    answers = []
    for _each in range(most(venue, "trainings") + 3):
        asked = {
            "simulator": str(uuid.uuid4()),
            "session": login.next(datetime.now(UTC)),
            "user": 1,
            "symbols": {},
            "cash": "0",
        }
        answers.append(thief.read("till.training_v1", status="CREATING", **asked)["ok"])
    assert answers == [True] * most(venue, "trainings") + [False] * 3


def test_orders_of_one_program_that_wait_at_the_counter_are_bounded(venue: Venue, chat: FrontEnd) -> None:
    chat.put("first", IDLY)
    chat.order("first")
    venue.owner.execute(
        """WITH made AS (
            INSERT INTO till.order_sessions (
                id, store_id, status, items, total, version, created_at, updated_at, submitted)
            SELECT 's' || n, store_id, 'pending_logout', '[]', 0, 1, now(), now(), submitted
            FROM till.order_sessions, generate_series(2, %s) AS n WHERE id = 'first' RETURNING id
        )
        INSERT INTO till.program_sessions (session_id, stream_id, store_id, program)
        SELECT m.id, md5(m.id)::uuid, p.store_id, p.program FROM made AS m, till.program_sessions AS p
        WHERE p.session_id = 'first'""",
        [most(venue, "submitted")],
    )
    chat.put("more", IDLY)
    with pytest.raises(psycopg.Error, match="Too many orders wait at the counter"):
        chat.order("more")
    chat.order("first")
    venue.owner.execute("UPDATE till.order_sessions SET status = 'discarded' WHERE id = 's2'")
    chat.order("more")


# Many orders discarded at once.


def left_open(thief: Till, name: str) -> Cart:
    """Return an order that a stolen till left on a tab."""
    cart = thief.keyed(DOSA)
    assert thief.shown(cart)["ok"]
    thief.save(cart, str(uuid.uuid4()), name)
    assert thief.push()["ok"]
    return cart


def close_orders(venue: Venue, looked_at: dict[str, Any], till: int = THIEF) -> dict[str, Any]:
    query = "SELECT till.orders_close_v1(%s, 9, %s, %s, 'stolen')"
    answer: dict[str, Any] = venue.value(query, venue.store, till, looked_at["before"])
    return answer


def discarded(venue: Venue, *carts: Cart) -> list[bool]:
    ids = [cart.session for cart in carts]
    query = "SELECT status = 'discarded' FROM till.order_sessions WHERE id = ANY (%s) ORDER BY array_position(%s, id)"
    return [status for (status,) in venue.rows(query, ids, ids)]


def test_orders_that_a_stolen_till_left_are_discarded_at_once_but_for_money_and_others_lines(venue: Venue) -> None:
    honest, kept = begun(venue, HONEST)
    thief = venue.till(THIEF)
    made_up = [left_open(thief, f"Tab {number}") for number in range(3)]
    paid, asked, taken_over, late = (left_open(thief, name) for name in ("Paid", "Asked", "Table 9", "Late"))
    thief.take(paid)
    thief.make("payment_approved", paid.session, taken())
    thief.take(asked)
    started = {"payment_id": str(uuid.uuid4()), "key": "k", "tender": "CARD", "amount": "80.00"}
    thief.make("payment_started", asked.session, started)
    thief.take(late)
    thief.clear(late)
    thief.add(late, IDLY)  # which waits under F5, held by no till
    thief.push()
    honest.take(taken_over)
    line = honest.add(taken_over, IDLY)
    honest.save(taken_over, str(uuid.uuid4()), "Table 9")
    assert honest.shown(taken_over)["ok"]
    thief.take(taken_over)

    shown = venue.value("SELECT till.orders_to_close_v1(%s, %s)", venue.store, THIEF)
    left = [{"name": "Paid", "why": "money"}, {"name": "Asked", "why": "money"}, {"name": "Table 9", "why": "till"}]
    assert (shown["orders"], shown["sums"], shown["left"]) == (4, {"INR": "240.00"}, left)
    assert {"Tab 0", "Tab 1", "Tab 2"} < set(shown["names"])
    thief.take(made_up[2])
    thief.add(made_up[2], IDLY)
    thief.push()
    done = close_orders(venue, shown)
    assert (done["orders"], done["sums"]) == (3, {"INR": "160.00"})
    assert {"name": "Tab 2", "why": "changed"} in done["left"]
    assert discarded(venue, *made_up, paid, asked, taken_over, kept) == [True] * 2 + [False] * 5
    audited = "event_type = 'order_discarded' AND user_id = 9 AND till_id = 0"
    assert len(venue.types(audited)) == 3
    lines = venue.rows("SELECT content_id::text FROM warm.contents_now WHERE session_id = %s", taken_over.session)
    assert (line,) in lines

    venue.owner.execute("UPDATE till.tills SET revoked_at = now() WHERE id = %s", [THIEF])
    shown = venue.value("SELECT till.orders_to_close_v1(%s, %s)", venue.store, THIEF)
    assert [order["name"] for order in shown["left"]] == ["Paid", "Table 9"]
    assert close_orders(venue, shown)["orders"] == 2
    found = venue.rows("SELECT kind, amount::text FROM till.conflicts WHERE session_id = %s", asked.session)
    assert found == [("no_answer", "80.00")]
    goes_on(venue, honest, kept)


def test_an_order_that_a_till_opens_while_all_are_discarded_loses_no_line(venue: Venue) -> None:
    honest, _kept = begun(venue, HONEST)
    thief = venue.till(THIEF)
    cart = left_open(thief, "Table 5")
    shown = venue.value("SELECT till.orders_to_close_v1(%s, %s)", venue.store, THIEF)
    honest.take(cart)
    honest.add(cart, IDLY)
    assert close_orders(venue, shown)["orders"] == 0
    assert honest.push()["ok"]
    assert discarded(venue, cart) == [False]


def test_only_orders_of_a_till_that_rested_are_discarded_by_age(venue: Venue) -> None:
    holding(venue, THIEF, 2, days=1)
    thief = venue.till(THIEF)
    left_open(thief, "New")
    shown = venue.value("SELECT till.orders_to_close_v1(%s, %s, 60)", venue.store, THIEF)
    assert (shown["orders"], shown["left"]) == (0, [{"name": "New", "why": "changed"}])
