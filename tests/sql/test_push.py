"""A push, from the key to the rows."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from db.engine import connect
from tests.sql.ringing import DOSA, IDLY, Cart, new_id, the_venue

if TYPE_CHECKING:
    from tests.plugins.database import Shelf
    from tests.sql.ringing import Venue


def test_an_order_reaches_the_log_the_session_and_the_hot_rows(venue: Venue) -> None:
    till, cart = venue.till(), Cart()
    till.make("journal_opened", None, {"host": "bar", "previous": None})
    till.open(cart)
    till.add(cart, IDLY, 2)
    reply = till.shown(cart)

    assert reply["ok"]
    assert reply["head"] == {"seq": 3, "hash": till.hash}
    assert reply["series"] == ""
    [session] = reply["sessions"]
    assert (session["version"], session["till"], session["status"], session["hold_id"]) == (2, 1, "active", cart.hold)
    versions = "SELECT event_type, version FROM session_events WHERE journal_id = %s ORDER BY seq"
    assert venue.rows(versions, till.journal) == [
        ("journal_opened", None), ("order_opened", 1), ("item_added", 2),
    ]  # fmt: skip
    assert venue.rows("SELECT user_id, till_id, status, total, currency FROM order_sessions") == [
        (1, 1, "active", Decimal("80.00"), "INR")
    ]
    assert venue.rows("SELECT item_name, quantity, price, is_active FROM session_cart") == [
        ("Idly", 2, Decimal("40.00"), True)
    ]
    assert venue.rows("SELECT current_step, last_mentioned_item_name, user_id FROM session_state") == [
        ("ordering", "Idly", "1")
    ]


def test_a_request_that_comes_after_a_newer_one_brings_no_old_snapshot_back(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY)
    late = till.request(cart.snapshot(0), seq=till.seq)
    till.add(cart, DOSA)
    till.shown(cart)

    assert till.send(late)["ok"]
    assert venue.value("SELECT total FROM order_sessions") == Decimal("120.00")
    assert till.push(cart.snapshot(till.base(cart), total="0.00"), seq=till.seq)["ok"]
    assert venue.value("SELECT total FROM order_sessions") == Decimal("0.00")


def test_a_snapshot_of_more_than_came_is_not_taken(venue: Venue) -> None:
    till, cart = venue.keyed()
    till.push(cart.snapshot(0))
    till.add(cart, IDLY)
    more = cart.snapshot(till.base(cart))
    unsent, till.pending = till.pending, []
    assert till.push(more, seq=till.seq)["ok"]  # the database was set back, say: what the snapshot shows is not there
    assert venue.rows("SELECT total, items FROM order_sessions") == [(Decimal(0), [])]
    till.pending = unsent
    assert till.push(more, seq=till.seq)["ok"]
    assert venue.value("SELECT total FROM order_sessions") == Decimal("40.00")


def test_an_order_reads_none_of_those_before_it(shelf: Shelf, template: str) -> None:
    """In a new database: the plans of an old connection, and what autovacuum noted, are of other tests."""
    read = """SELECT sum(seq_tup_read + coalesce(idx_tup_fetch, 0)) FROM pg_stat_xact_user_tables
              WHERE schemaname = 'cold' AND relname LIKE 'order%' OR schemaname = 'warm'"""
    rows = [0]
    with (
        shelf.made(template) as database,
        connect(database.owner) as owner,
        connect(database.app) as app,
        app.transaction(),
    ):
        till = the_venue(owner, app).till()
        for _nth in range(8):  # by the plans of a connection that began before the first of them
            cart = till.keyed(IDLY)
            [paid] = cart.frozen()["payments"]
            till.make("payment_approved", cart.session, {**paid, "change": "0.00", "tendered": paid["amount"]})
            till.place(cart, payments=[paid])
            till.push()
            rows += app.execute(read).fetchone() or ()
    assert rows[8] - rows[7] == rows[2] - rows[1]


def test_a_placed_order_becomes_cold_rows_with_its_sums(venue: Venue) -> None:
    till, cart = venue.keyed((IDLY, 2), (DOSA, 2))
    till.shown(cart)
    frozen = cart.frozen()
    frozen["payments"][0]["change"] = "260.00"
    order = till.place(cart, payments=frozen["payments"])
    reply = till.shown(cart)

    assert reply["quarantined"] == []
    assert reply["sessions"][0]["status"] == "completed"
    assert venue.rows("SELECT total_amount, order_type, receipt, user_id, till_id, order_id::text FROM orders") == [
        (Decimal("240.00"), "take_away", order["receipt"], 1, 1, order["order_id"])
    ]
    assert venue.rows("SELECT item_name, quantity, unit_price, subtotal FROM order_item ORDER BY position") == [
        ("Idly", 2, Decimal("40.00"), Decimal("80.00")),
        ("Masala Dosa", 2, Decimal("80.00"), Decimal("160.00")),
    ]
    assert venue.rows("SELECT tender, amount, is_change FROM order_payment ORDER BY is_change") == [
        ("CASH", Decimal("500.00"), False),
        ("CASH", Decimal("-260.00"), True),
    ]
    assert [row[0] for row in venue.rows("SELECT status FROM order_status_history ORDER BY position")] == [
        "active", "completed",
    ]  # fmt: skip
    assert venue.rows("SELECT is_active FROM session_cart") == [(False,), (False,)]
    assert venue.value("SELECT current_step FROM session_state") == "order_placed"
    assert venue.rows("SELECT order_type, payment_method, completed_at IS NOT NULL FROM session_checkout") == [
        ("take_away", "cash", True)
    ]
    assert venue.rows("SELECT tender, amount, orders FROM cold.sales_by_tender") == [("CASH", Decimal("240.00"), 1)]


def test_till_that_tells_gets_its_hints_in_the_answer_and_sends_them_afterwards(venue: Venue) -> None:
    """A transaction that notifies holds a lock of the whole cluster until it is on disk."""
    till, heard = venue.till(), list[str]()
    venue.owner.add_notify_handler(lambda notify: heard.append(notify.payload))
    venue.owner.execute("LISTEN till_store")
    for tells, name in ((False, "Window"), (True, "Door"), (False, "Bar")):  # the last in the same session
        till.open(cart := Cart())
        till.save(cart, new_id(), name)
        reply = till.push(**({"tells": True} if tells else {}))
        venue.owner.execute("SELECT 1")  # the notifications come with it
        assert {hint.split()[1] for hint in heard} == (set() if tells else {"sessions", "tabs"})
        assert set(reply["tell"]) == ({"sessions", "tabs"} if tells else set())
        if tells:
            nonsense = ["x y", "payment 0197a000-0000-7000-8000-00000000aaaa", "", 7]
            assert till.read("till.tell_v1", tell=[*nonsense, *reply["tell"]])["ok"]
            venue.owner.execute("SELECT 1")
            assert {hint.partition(" ")[2] for hint in heard} == {"sessions", "tabs"}
        heard.clear()
    assert till.read("till.tell_v1", tell=7)["code"] == "protocol"


def test_tills_are_notified_of_a_new_order_of_lines_on_a_table_and_of_each_sale(venue: Venue) -> None:
    till, cart, table = venue.till(), Cart(), Cart()
    received: list[str] = []
    venue.owner.add_notify_handler(lambda notify: received.append(notify.payload))
    venue.owner.execute("LISTEN till_store")

    def hears() -> set[str]:
        venue.owner.execute("SELECT 1")  # the notifications come with it
        return {received.pop().split()[1] for _each in tuple(received)}

    till.open(cart)
    till.add(cart, IDLY)
    till.shown(cart)
    assert hears() == {"sessions"}
    till.add(cart, IDLY)
    till.shown(cart)
    assert not hears()  # no list of another till shows it
    till.place(cart)
    till.shown(cart)
    assert hears() == {"sessions"}
    whole = till.keyed(IDLY)
    till.place(whole)
    till.shown(whole)
    assert hears() == {"sessions"}  # their lists of past sales show it
    till.open(table)
    till.add(table, IDLY)
    till.save(table, new_id(), "5")
    till.shown(table)
    till.resume(table)
    till.shown(table)
    hears()
    till.add(table, DOSA)
    till.shown(table)
    assert hears() == {"sessions"}
