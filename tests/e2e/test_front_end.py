"""The conversation of docs/adaptations.md, played by a program other than a till, and the rows at its end."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from db.address import Address
from db.engine import connect
from tests.e2e.terminal import PATIENCE
from tests.sql.ringing import new_id
from tests.sql.test_hot import EMPTY, ROWS

if TYPE_CHECKING:
    from tests.plugins.terminals import Venue

EXAMPLE = Path(__file__).parents[2] / "docs/examples/conversation.py"
GUEST = "4c85ba72-f59b-4287-bf91-e53f49ed0b9d"
EVENTS = """SELECT event_type, event_data->>'item_name', (event_data->>'quantity')::integer FROM session_events
    WHERE session_id = 'sess_abc123' AND event_type IN ('menu_viewed', 'item_added', 'order_placed')
    ORDER BY timestamp"""
CART = "SELECT item_name, quantity, price, is_active FROM session_cart ORDER BY added_at"
STATE = "SELECT session_id, user_id, last_mentioned_item_name, current_step FROM session_state"
SHOWN = "SELECT last_shown_menu->0->>'name', last_shown_menu->0->>'price' FROM session_state"
CHECKOUT = "SELECT session_id, order_type, payment_method, completed_at IS NOT NULL FROM session_checkout"
ORDERS = """SELECT o.session_id, customer_id::text, total_amount, order_type_name, source_name
    FROM orders AS o JOIN order_type_table USING (order_type_id) JOIN order_source_type USING (order_source_id)"""
ITEMS = "SELECT item_name, quantity, unit_price, subtotal FROM order_item ORDER BY position"
PAID = """SELECT order_id, receipt, total_amount, (SELECT sum(amount) FROM order_payment),
    (SELECT sum(amount) FROM payment_transaction), (SELECT sum(amount) FROM cash_by_drawer WHERE drawer = 2)
    FROM cold.orders"""


class Chat:
    """The example, with a program's connection to the database of a venue."""

    def __init__(self, venue: Venue) -> None:
        credentials: dict[str, Any] = venue.ask("admin", "programs", "add", "chat")
        self.way = Address(
            credentials["host"],
            credentials["port"],
            credentials["dbname"],
            credentials["role"],
            credentials["password"],
        )
        self.store: str = venue.rows("SELECT store_id::text FROM stores")[0][0]
        words = {"PGHOST": "host", "PGPORT": "port", "PGDATABASE": "dbname", "PGUSER": "role", "PGPASSWORD": "password"}
        self._environment = venue.environment({name: str(credentials[key]) for name, key in words.items()})

    def play(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(EXAMPLE), *arguments]
        return subprocess.run(
            command, env=self._environment, capture_output=True, text=True, check=False, timeout=PATIENCE
        )


@pytest.fixture
def chat(venue: Venue) -> Chat:
    """The example, where no till is open."""
    venue.url()  # the server stays up
    return Chat(venue)


def test_the_example_is_short_and_needs_psycopg_alone() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 61
    imported = {line.split()[1] for line in lines if line.startswith(("import ", "from "))}
    assert imported == {"json", "sys", "typing", "psycopg"}


def test_the_conversation_leaves_the_rows_of_the_documents_and_the_till_that_is_paid_ends_it(venue: Venue) -> None:
    far = {"TILL_SYNC__POLL_S": "120"}  # they hear of changes by notification only
    one = venue.open_at(1, size=(120, 36), more=far)
    two = venue.log_in(venue.open_connected(till=2, size=(120, 36), more=far), 2)
    chat = Chat(venue)
    done = chat.play()
    assert done.returncode == 0, done.stderr
    ((order,),) = venue.rows("SELECT order_id FROM orders")
    assert done.stdout.split() == ["0", "80.00", "160.00", "160.00", "240.00", "Order", str(order), "0"]
    assert venue.rows(EVENTS) == [
        ("menu_viewed", None, None),
        ("item_added", "Idly", 2),
        ("item_added", "Masala Dosa", 1),
        ("item_added", "Masala Dosa", 1),
    ]
    assert venue.rows(CART) == [("Idly", 2, Decimal(40), False), ("Masala Dosa", 2, Decimal(80), False)]
    assert venue.rows(STATE) == [("sess_abc123", GUEST, "Masala Dosa", "order_placed")]
    assert venue.rows(SHOWN) == [("Idly", "40.0")]
    assert venue.rows(CHECKOUT) == [("sess_abc123", "take_away", "cash", False)]
    assert venue.rows(ORDERS) == [("sess_abc123", GUEST, Decimal(240), "take_away", "chatbot")]
    assert venue.rows(ITEMS) == [
        ("Idly", 2, Decimal(40), Decimal(80)),
        ("Masala Dosa", 2, Decimal(80), Decimal(160)),
    ]

    for till in (one, two):
        till.wait_for("F5 Wait 1").press("f5").wait_for("Chat 1").wait_for("○ ₹240.00 to be paid")
        till.wait_for("“Chat 1: ₹240.00.”").wait_for("Take the money 240.00")
    one.press("escape").type("3 idly\r").wait_for("Total ₹120.00")
    two.press("enter").wait_for("Enter takes ₹240.00")
    two.wait_for("● saved")
    of_chat = " WHERE session_id = 'sess_abc123'"
    assert venue.rows(STATE + of_chat) == [("sess_abc123", GUEST, "Masala Dosa", "order_placed")]
    assert venue.rows(SHOWN + of_chat) == [("Idly", "40.0")], "the till keeps the guest and the menu of the chat"
    one.press("f5").wait_for("▲ open on Till 2").press("enter").wait_for("Chat 1 is open on another till")
    one.press("escape").wait_for("Total ₹120.00")
    assert venue.rows("SELECT count(*) FROM cold.orders") == [(0,)]
    assert "The order is at a till now" in chat.play("sess_abc123", "2").stderr
    two.type("240\r")
    two.wait_for("Paid ₹240.00, exact.").wait_for("● saved")
    ((paid, receipt, total, *sums),) = venue.rows(PAID)
    assert (paid, receipt.split("-")[0], total) == (order, "2", Decimal(240))
    assert sums == [Decimal(240)] * 3
    assert venue.rows("SELECT order_id FROM orders") == [(order,)]
    one.wait_for(lambda t: "F5 Wait" not in t.text)
    one.press("f9").wait_for("Enter takes ₹120.00").press("enter").wait_for("Paid ₹120.00").wait_for("● saved")
    assert venue.rows("SELECT count(*) FROM till.conflicts") == [(0,)]
    assert venue.ask("admin", "audit", "verify")["sound"] is True


def test_a_manager_clears_it_once_also_from_two_tills_and_a_till_takes_what_a_guest_began(venue: Venue) -> None:
    one, two = (venue.log_in(venue.open_connected(till), 9) for till in (1, 2))
    chat, guests = Chat(venue), new_id()
    chat.play()
    ((session,),) = venue.rows("SELECT id FROM till.order_sessions WHERE submitted IS NOT NULL")
    for till in (one, two):
        till.wait_for("F5 Wait 1").press("f5").wait_for("Chat 1").type("clear 1\r").wait_for("Clear Chat 1")
        till.type("1")
    listed = venue.ask("admin", "sessions", "list", "--status", "pending_logout")["sessions"]
    assert [one["submitted"] for one in listed] == [{"program": "chat", "number": 1}]
    assert "Chat 1, to be paid" in venue.run("admin", "sessions", "list").stdout
    one.type("\r")
    two.type("\r")
    for till in (one, two):
        till.wait_for(lambda t: "Clear Chat 1" not in t.text).wait_for("● saved")
        till.wait_for(lambda t: "F5 Wait 1" not in t.text)
    notified = [till for till in (one, two) if "Chat 1 is cleared: guest did not come." in till.text]
    assert len(notified) == 1, [till.text for till in (one, two)]
    count = "SELECT count(*) FROM warm.session_events WHERE session_id = %s AND event_type = 'order_discarded'"
    with venue.connect() as owner:
        assert owner.execute(count, [session]).fetchone() == (1,)
    assert venue.rows("SELECT count(*) FROM till.conflicts") == [(0,)]
    assert venue.rows("SELECT count(*) FROM warm.quarantine") == [(0,)]

    add = "INSERT INTO session_cart (session_id, item_id, quantity) VALUES (%s, %s, 2)"
    ((idly,),) = venue.rows("SELECT menu_item_id FROM menu_item WHERE name = 'Idly'")
    with connect(chat.way) as guest:
        guest.execute(add, [guests, idly])
        tab = "SELECT till.order_session_assign_to_tab_v1(%s, NULL, %s, NULL, 'Chat', 4)"
        guest.execute(tab, [chat.store, guests])
    one.press("f12").wait_for("type a number")
    venue.log_in(one, 1).press("f8").wait_for("Chat").wait_for("Also: merge 7").type("4\r")
    one.wait_for("Chat is here: 1 line, ₹80.00.").wait_for(lambda t: t.quantities() == {"Idly": 2})
    one.type("1 idly\r").wait_for("Total ₹120.00").press("f9").wait_for("Enter takes ₹120.00").type("\r")
    one.wait_for(", exact.").wait_for("● saved")
    assert [row for row in venue.rows(ORDERS) if row[0] == guests] == [
        (guests, None, Decimal(120), "dine_in", "chatbot")
    ]
    assert venue.rows("SELECT count(*) FROM till.conflicts") == [(0,)]


def test_hot_rows_emptied_by_a_crash_are_rebuilt_until_the_program_is_revoked(venue: Venue, chat: Chat) -> None:
    assert chat.play("sess_abc123", "5").stdout.split() == ["0", "80.00", "160.00", "160.00", "240.00"]
    before = [venue.rows(query) for query in (*ROWS[:2], CART)]
    assert all(before)
    with venue.connect() as owner, owner.transaction():
        owner.execute(EMPTY)
        assert owner.execute("SELECT hot.hot_rebuild_v1(store_id) FROM stores").fetchall() == [(1,)]
    assert [venue.rows(query) for query in (*ROWS[:2], CART)] == before
    assert chat.play("sess_abc123", "1").stdout.split() == ["240.00"]
    state = venue.rows("SELECT * FROM session_state")
    venue.ask("admin", "programs", "revoke", "chat")
    done = chat.play()
    assert (done.returncode, done.stdout) == (1, "")
    assert venue.rows("SELECT * FROM session_state") == state


def test_second_order_of_a_table_is_on_its_row_at_once_and_is_recalled_with_it(venue: Venue) -> None:
    till = venue.open_at(1, size=(120, 36))
    chat = Chat(venue)
    put = """INSERT INTO session_cart (session_id, item_id, quantity)
        SELECT %s, menu_item_id, 2 FROM menu_item WHERE name = %s"""
    save = "SELECT till.order_session_assign_to_tab_v1(%s, NULL, %s, %s, NULL, 7)"
    with connect(chat.way) as program:
        tab = None
        for session, item, sums in (("first", "Idly", "80.00"), ("second", "Masala Dosa", "240.00")):
            program.execute(put, [session, item])
            (order,) = program.execute(save, [chat.store, session, tab]).fetchall()[0]
            tab = order["tab_id"]
            program.execute("SELECT till.order_session_complete_v1(%s, NULL, %s)", [chat.store, session])
            till.press("f8").wait_for(sums)
            till.press("escape")
    till.press("f8").wait_for("2 lines").wait_for("Masala Dosa").press("enter")
    till.wait_for("Table 7 is here: 2 lines, ₹240.00.").wait_for("● saved")
    assert venue.rows("SELECT status, total FROM order_sessions WHERE tab_id IS NOT NULL ORDER BY 1") == [
        ("active", Decimal(240)), ("discarded", Decimal(0)),
    ]  # fmt: skip
