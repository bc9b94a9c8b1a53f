"""The functions and the queries of docs/adaptations.md, as they are written there."""

from __future__ import annotations

import random
from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from psycopg import Error
from psycopg.types.json import Jsonb

from tests.domain.making import INR
from tests.papers import queries
from tests.sql.ringing import DOSA, IDLY, Cart, new_id
from till.domain import venue as domain
from till.domain.events.envelope import time_text
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.money.tax import Tax, tax_order
from till.domain.settings import VenueSettings

if TYPE_CHECKING:
    from tests.sql.ringing import Venue

STATE = """SELECT user_id, last_shown_menu, last_mentioned_item_id, last_mentioned_item_name, current_step
    FROM session_state"""


def test_the_queries_of_the_documents_run_as_written(venue: Venue) -> None:
    till, cart = venue.till(), Cart()
    till.now = datetime.now(UTC)
    till.open(cart)
    till.look(cart)
    till.add(cart, IDLY, 2)
    till.add(cart, DOSA, 1)
    till.place(cart)
    till.shown(cart)
    other = till.keyed()
    till.look(other)
    till.add(other, DOSA, 4)
    till.shown(other)

    assert venue.rows(queries.ACTIVE_SESSIONS.text) == [(2,)]
    assert {name for _, name, _ in venue.rows(queries.HOT_SIZES.text.replace("%", "%%"))} >= {
        "session_cart", "session_state", "session_preferences", "session_events",
    }  # fmt: skip
    assert venue.rows(queries.CONVERSION.text) == [(2, 1, 50.0)]
    assert venue.rows(queries.FUNNEL.text) == [(2, 2, 1)]
    assert venue.rows(queries.POPULAR.text) == [("Masala Dosa", 5), ("Idly", 2)]
    assert venue.rows(queries.TIME_TO_ORDER.text)[0][0].total_seconds() == 3.0


def test_the_queries_of_the_session_service_run_as_written_on_a_venue_that_trades(venue: Venue) -> None:
    one, two = venue.till(1), venue.till(2)
    connected = time_text(datetime.now(UTC))
    for till, user, quality in ((one, 1, "GOOD"), (two, 2, "DEGRADED")):
        till.now = datetime.now(UTC)
        till.make("logged_in", None, {"user": user}, user=user)
        cart = Cart(user=user)
        till.open(cart)
        till.add(cart, IDLY, 2)
        till.place(cart)
        facts = {"pod_name": "bar", "frontend_connections": 1, "last_ws_connection": connected,
                 "connection_quality": quality}  # fmt: skip
        beat = {"session": till.login, "user": user, "metadata": facts}
        till.push(cart.snapshot(0), beat=beat)

    [(session, created, active, expires, simulator)] = venue.rows(queries.OF_USER.text.replace("<user_id>", "2"))
    assert (session, simulator) == (two.login, None)
    assert created <= active < expires
    assert venue.rows(queries.OF_USER.text) == []
    assert sorted(venue.rows(queries.CONNECTIONS.text)) == [
        (one.login, 1, 0, "GOOD", connected),
        (two.login, 1, 0, "DEGRADED", connected),
    ]
    assert venue.rows(queries.INACTIVE_SIMULATORS.text) == []
    venue.owner.execute(
        "INSERT INTO simulator.instances (simulator_id, session_id, user_id, status, initial_symbols, last_active)"
        """ VALUES ('i', %s, '2', 'RUNNING', '["IDLY"]', now() - interval '2 hours')""",
        [two.login],
    )
    [(_instance, *_who, seconds)] = venue.rows(queries.INACTIVE_SIMULATORS.text)
    assert 7200 <= seconds < 7300
    assert venue.rows("SELECT initial_cash FROM simulator.instances") == [(Decimal("100000.0"),)]


def test_misleading_queries_of_the_documents_have_a_correct_one(venue: Venue) -> None:
    """The correct queries are those that docs/adaptations.md gives."""
    till, sold, left = venue.till(), Cart(), Cart()
    till.now = datetime.now(UTC)
    till.open(sold)
    till.add(sold, IDLY, 2)
    dropped = till.add(sold, DOSA, 3)
    till.make("line_voided", sold.session, {"line_id": dropped})
    del sold.lines[dropped]
    till.place(sold)
    till.shown(sold)
    till.open(left)
    till.add(left, DOSA, 4)
    till.clear(left, "left")
    till.push()

    assert venue.rows(queries.POPULAR.text) == [("Masala Dosa", 7), ("Idly", 2)]
    assert venue.rows("SELECT item_name, quantity FROM cold.sales_by_item") == [("Idly", 2)]
    assert venue.rows(queries.FUNNEL.text) == [(0, 2, 1)]
    assert venue.value(queries.ACTIVE_SESSIONS.text) == 1
    assert venue.value("SELECT count(*) FROM order_sessions WHERE status = 'active'") == 0
    with pytest.raises(Error, match="An event has its place in a chain"):
        venue.owner.execute(
            "INSERT INTO session_events (session_id, event_type, event_data) VALUES ('s', 'menu_viewed', '{}')"
        )


def test_the_cart_functions(venue: Venue) -> None:
    till, cart = venue.keyed((IDLY, 2))
    till.shown(cart)
    till.add(cart, DOSA, 1)
    till.shown(cart)

    rows = venue.rows("SELECT item_name, quantity, price, total FROM get_session_cart(%s)", cart.session)
    assert rows == [
        ("Idly", 2, Decimal("40.00"), Decimal("80.00")), ("Masala Dosa", 1, Decimal("80.00"), Decimal("80.00")),
    ]  # fmt: skip
    assert venue.value("SELECT get_cart_total(%s)::text", cart.session) == "160.00"
    assert venue.value("SELECT get_cart_total('no such session')") == 0


def test_the_documents_conversation_of_a_chat_front_end(venue: Venue) -> None:
    """sess_abc123: hot tables kept by a program, with plain statements, turn by turn; then checkout."""
    guest, menu = "4c85ba72-f59b-4287-bf91-e53f49ed0b9d", [{"id": "item1", "name": "Idly"}]
    add = """INSERT INTO session_cart (session_id, item_id, item_name, quantity, price)
        VALUES ('sess_abc123', %s, %s, %s, %s)
        ON CONFLICT (session_id, item_id) DO UPDATE SET
            quantity = session_cart.quantity + EXCLUDED.quantity, updated_at = NOW(), is_active = TRUE;"""
    mention = """UPDATE session_state SET last_mentioned_item_id = %s, last_mentioned_item_name = %s,
        current_step = 'ordering', last_activity_at = NOW() WHERE session_id = 'sess_abc123';"""
    cart = "SELECT item_name, quantity, total FROM get_session_cart('sess_abc123')"
    checkout = "SELECT order_type, payment_method, completed_at IS NULL FROM session_checkout"
    venue.owner.execute(
        """INSERT INTO session_state (session_id, user_id, last_shown_menu)
        VALUES ('sess_abc123', '4c85ba72-f59b-4287-bf91-e53f49ed0b9d', '[{"id": "item1", "name": "Idly"}]'::jsonb)
        ON CONFLICT (session_id) DO UPDATE SET
            last_shown_menu = EXCLUDED.last_shown_menu, last_activity_at = NOW();"""
    )
    assert venue.rows(STATE) == [(guest, menu, None, None, "browsing")]
    venue.owner.execute(add, ("item-123", "Idly", 2, 40))
    venue.owner.execute(mention, ("item-123", "Idly"))
    assert venue.rows(STATE) == [(guest, menu, "item-123", "Idly", "ordering")]
    assert venue.rows(cart) == [("Idly", 2, 80)]
    dosa = ("item-456", "Masala Dosa", 1, 80)
    for total in (160, 240):
        venue.owner.execute(add, dosa)
        venue.owner.execute(mention, dosa[:2])
        assert venue.rows(cart) == [("Idly", 2, 80), ("Masala Dosa", (total - 80) // 80, total - 80)]
        assert venue.value("SELECT get_cart_total('sess_abc123')") == total
    venue.owner.execute(
        """INSERT INTO session_checkout (session_id, order_type, started_at)
        VALUES ('sess_abc123', 'take_away', NOW());"""
    )
    assert venue.rows(checkout) == [("take_away", None, True)]
    order = venue.value(
        "SELECT create_order_from_session('sess_abc123', 'take_away', 'cash', '4c85ba72-f59b-4287-bf91-e53f49ed0b9d')"
    )

    assert venue.rows(checkout) == [("take_away", "cash", True)]
    assert venue.rows(cart) == []
    venue.complete("sess_abc123")
    assert venue.rows("SELECT order_id, customer_id::text, total_amount, order_type, session_id FROM orders") == [
        (order, "4c85ba72-f59b-4287-bf91-e53f49ed0b9d", Decimal(240), "take_away", "sess_abc123")
    ]
    assert venue.value("SELECT source_name FROM orders JOIN order_source_type USING (order_source_id)") == "chatbot"
    assert venue.rows(
        "SELECT menu_item_id, item_name, quantity, unit_price, subtotal FROM order_item ORDER BY position"
    ) == [
        ("item-123", "Idly", 2, Decimal(40), Decimal(80)), ("item-456", "Masala Dosa", 2, Decimal(80), Decimal(160)),
    ]  # fmt: skip
    assert venue.rows("SELECT item_name, is_active FROM session_cart ORDER BY 1") == [
        ("Idly", False),
        ("Masala Dosa", False),
    ]
    assert venue.rows(STATE) == [(guest, menu, "item-456", "Masala Dosa", "order_placed")]
    assert venue.rows(checkout) == [("take_away", "cash", False)]
    assert venue.types("session_id = 'sess_abc123'") == [
        "order_opened", "item_added", "item_added", "order_submitted", "payment_started", "payment_approved",
        "order_placed",
    ]  # fmt: skip
    assert venue.rows("SELECT id, status FROM order_sessions") == [("sess_abc123", "completed")]
    (listed,) = venue.value("SELECT till.session_list_v1(%s)", venue.store)["sessions"]
    assert (listed["lines"], listed["total"]) == (2, "240.00")
    assert [(item["item"], item["quantity"], item["amount"]) for item in listed["items"]] == [
        ("Idly", 2, "80.00"), ("Masala Dosa", 2, "160.00"),
    ]  # fmt: skip


PAPERS_CART = "INSERT INTO session_cart (session_id, item_id, quantity) VALUES ('sess_123', %s, 2);"
"""A row with no name and no price."""


def test_a_cart_without_prices_is_sold_at_those_of_the_menu(venue: Venue) -> None:
    venue.owner.execute(PAPERS_CART, [IDLY])
    venue.owner.execute("SELECT create_order_from_session('sess_123', 'take_away', 'cash')")
    venue.complete("sess_123")

    assert venue.rows("SELECT total_amount, tax FROM orders") == [(Decimal("80.00"), Decimal("3.81"))]
    assert venue.rows("SELECT item_name, quantity, unit_price, subtotal FROM order_item") == [
        ("Idly", 2, Decimal("40.00"), Decimal("80.00"))
    ]
    assert venue.value("SELECT event_data->>'price' FROM session_events WHERE event_type = 'item_added'") == "40.00"


@pytest.mark.parametrize("why", ["not on the menu", "an open price", "weighed"])
def test_nothing_is_sold_whose_price_nobody_named(venue: Venue, why: str) -> None:
    item = IDLY
    if why == "not on the menu":
        item = "item_456"
    elif why == "an open price":
        venue.owner.execute("UPDATE menu_item SET price = NULL WHERE menu_item_id = %s", [IDLY])
    else:
        venue.owner.execute("UPDATE menu_item SET unit = 'kg' WHERE menu_item_id = %s", [IDLY])
    venue.owner.execute(PAPERS_CART, [item])

    named = item if why == "not on the menu" else "Idly"
    with pytest.raises(Error, match=f"Neither the cart nor the menu has a price for {named}") as refused:
        venue.owner.execute("SELECT create_order_from_session('sess_123', 'take_away', 'cash')")
    assert refused.value.sqlstate == "TL006"
    assert venue.value("SELECT count(*) FROM orders") == 0
    assert venue.value("SELECT count(*) FROM session_events WHERE session_id = 'sess_123'") == 0


def test_a_price_of_nothing_that_a_program_named_stands(venue: Venue) -> None:
    venue.owner.execute(
        "INSERT INTO session_cart (session_id, item_id, item_name, quantity, price) VALUES ('s', %s, 'Taste', 1, 0)",
        [IDLY],
    )
    venue.owner.execute("SELECT create_order_from_session('s', 'take_away', 'cash')")
    assert venue.rows("SELECT item_name, subtotal FROM order_item") == [("Taste", Decimal(0))]


def test_an_order_from_a_session_that_a_till_holds(venue: Venue) -> None:
    till, cart = venue.keyed((IDLY, 2), DOSA)
    till.shown(cart)
    with pytest.raises(Error, match="The order is at a till now"):
        venue.owner.execute("SELECT create_order_from_session(%s, 'take_away', 'cash')", [cart.session])
    venue.complete(cart.session)

    assert venue.rows("SELECT total_amount, net, tax, order_type FROM orders") == [
        (Decimal("160.00"), Decimal("152.38"), Decimal("7.62"), "take_away")
    ]
    assert venue.value("SELECT count(*) FROM cold.order_line WHERE line_id = ANY (%s::uuid[])", list(cart.lines)) == 2
    reply = till.push()
    assert (reply["sessions"][0]["status"], reply["sessions"][0]["till"]) == ("completed", None)
    assert '"type":"order_placed"' in reply["events"][-1]["b"]


def test_order_moves_only_the_step_of_its_session_state(venue: Venue) -> None:
    venue.owner.execute(
        """INSERT INTO session_state (session_id, user_id, last_shown_menu, last_mentioned_item_id,
            last_mentioned_item_name, current_step)
        VALUES ('s', 'guest 7', '[{"id": "x"}]', %s, 'Idly', 'ordering')""",
        [IDLY],
    )
    for item in (IDLY, DOSA):
        venue.owner.execute("INSERT INTO session_cart (session_id, item_id) VALUES ('s', %s)", [item])
    venue.owner.execute("SELECT create_order_from_session('s', 'take_away', 'cash')")
    assert venue.rows(STATE) == [("guest 7", [{"id": "x"}], IDLY, "Idly", "order_placed")]


def test_a_till_that_saw_nothing_of_it_keeps_the_state_of_its_order_too(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY)
    till.shown(cart)
    venue.complete(cart.session)
    assert venue.rows(STATE) == [("1", [], IDLY, "Idly", "order_placed")]
    assert venue.rows("SELECT quantity, price, is_active FROM session_cart") == [(1, Decimal("40.00"), False)]


def test_a_checkout_leaves_its_rows_before_anybody_pays(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY)
    at = time_text(till.make("checkout_started", cart.session).at)
    asked = {"gateway": None, "external_id": None, "amount": "40.00", "status": "created"}
    checkout = {"order_type": "take_away", "payment_method": None, "started_at": at}
    till.shown(cart, checkout=checkout, intent=asked)
    rows = "SELECT order_type, payment_method, started_at, completed_at IS NULL FROM session_checkout"
    intent = "SELECT payment_gateway, amount, status FROM session_payment_intent"
    began = datetime.fromisoformat(at)
    assert venue.rows(rows) == [("take_away", None, began, True)]
    assert venue.rows(intent) == [(None, Decimal("40.00"), "created")]
    assert venue.value("SELECT created_at FROM session_payment_intent") == began

    till.place(cart)
    taken = {"gateway": "CASH", "external_id": new_id(), "amount": "40.00", "status": "completed"}
    till.shown(cart, checkout={**checkout, "payment_method": "cash"}, intent=taken)
    assert venue.rows(rows) == [("take_away", "cash", began, False)]
    assert venue.rows(intent) == [("CASH", Decimal("40.00"), "completed")]
    assert venue.value("SELECT created_at FROM session_payment_intent") == began


def test_a_checkout_that_a_program_wrote_down_keeps_its_moment(venue: Venue) -> None:
    venue.owner.execute("INSERT INTO session_cart (session_id, item_id) VALUES ('s', %s)", [IDLY])
    venue.owner.execute(
        """INSERT INTO session_checkout (session_id, order_type, started_at)
        VALUES ('s', 'take_away', NOW() - INTERVAL '3 minutes');"""
    )
    began = venue.value("SELECT started_at FROM session_checkout")
    venue.owner.execute("SELECT create_order_from_session('s', 'take_away', 'cash')")
    venue.complete("s")
    assert venue.rows("SELECT payment_method, started_at, completed_at > started_at FROM session_checkout") == [
        ("cash", began, True)
    ]


def test_a_till_and_a_program_have_one_word_for_eating_in(venue: Venue) -> None:
    words = {row[0] for row in venue.rows("SELECT order_type_name FROM order_type_table")}
    assert words == {"dine_in", "take_away", "delivery"}
    own = domain.Venue(VenueSettings(), INR).order_types
    assert words > set(own)
    till, cart = venue.till(), Cart()
    till.open(cart, order_type=own[1])
    till.add(cart, IDLY)
    till.place(cart, order_type=own[1])
    till.push()
    venue.owner.execute("INSERT INTO session_cart (session_id, item_id) VALUES ('s', %s)", [IDLY])
    venue.owner.execute("SELECT create_order_from_session('s', 'dine_in', 'cash')")
    named = "SELECT order_type_name, count(*) FROM orders JOIN order_type_table USING (order_type_id) GROUP BY 1"
    assert venue.rows(named) == [("dine_in", 2)]


def test_the_status_history_has_a_logout_a_tab_and_a_grant(venue: Venue) -> None:
    one, two, cart = venue.till(1), venue.till(2), Cart()
    one.open(cart)
    one.add(cart, IDLY)
    one.make("order_parked", cart.session)
    one.resume(cart)
    one.save(cart, new_id(), "Window")
    one.resume(cart)
    one.shown(cart)
    two.take(cart)
    two.push()
    one.make("order_parked", cart.session)  # under a hold that is gone: it does not count
    one.push()
    two.place(cart)
    two.shown(cart)
    history = "SELECT status, event_type, till_id FROM order_status_history ORDER BY position"
    assert venue.rows(history) == [
        ("active", "order_opened", 1),
        ("pending_logout", "order_parked", 1),
        ("active", "order_resumed", 1),
        ("assigned_to_tab", "tab_assigned", 1),
        ("active", "order_resumed", 1),
        ("active", "order_granted", 2),
        ("completed", "order_placed", 2),
    ]
    query = "SELECT changed_at FROM order_status_history WHERE event_type = 'tab_assigned'"
    assert venue.value(query) == venue.value("SELECT timestamp FROM session_events WHERE event_type = 'tab_assigned'")


def test_an_order_suspended_by_a_sweep_and_paid_later_is_in_the_history(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY)
    till.shown(cart)
    swept = "SELECT warm.server_event_v1(%s, NULL, 'session_swept', %s, '{\"minutes\": 30}')"
    venue.value(swept, venue.store, cart.session)
    till.place(cart)
    till.shown(cart)
    assert venue.rows("SELECT status, till_id FROM order_status_history ORDER BY position") == [
        ("active", 1), ("pending_logout", 0), ("completed", 1),
    ]  # fmt: skip


def test_money_that_a_till_took_is_not_taken_again(venue: Venue) -> None:
    till, cart = venue.keyed(IDLY)
    part = {"payment_id": new_id(), "tender": "CASH", "amount": "10.00"}
    till.make("payment_started", cart.session, {**part, "key": "k"})
    till.make("payment_approved", cart.session, {**part, "tendered": "10.00", "change": "0.00"})
    till.shown(cart)
    with pytest.raises(Error, match="Money was taken for this order, or a payment is under way"):
        venue.complete(cart.session)
    till.make("payment_voided", cart.session, part)
    till.shown(cart)
    venue.complete(cart.session)
    assert venue.rows("SELECT amount FROM order_payment") == [(Decimal("40.00"),)]


@pytest.mark.parametrize(
    ("session", "sentence"), [("nobody", "cart of session nobody is empty"), (None, "is completed")]
)
def test_no_order_without_a_cart_and_none_twice(venue: Venue, session: str | None, sentence: str) -> None:
    till, cart = venue.keyed(IDLY)
    till.shown(cart)
    venue.complete(cart.session, "card")

    with pytest.raises(Error, match=sentence):
        venue.owner.execute("SELECT create_order_from_session(%s, 'dine_in', 'card')", [session or cart.session])
    assert venue.value("SELECT count(*) FROM orders") == 1


@pytest.mark.parametrize("inclusive", [True, False])
@pytest.mark.parametrize("by_order", [True, False])
@pytest.mark.parametrize(("currency", "decimals"), [("INR", 2), ("JPY", 0), ("KWD", 3)])
def test_the_taxes_of_a_chat_order_are_those_that_a_till_would_take(
    venue: Venue, currency: str, decimals: int, *, inclusive: bool, by_order: bool
) -> None:
    chance = random.Random(f"{currency} {inclusive} {by_order}")  # noqa: S311 - the same prices at each run
    known = [{"name": "GST", "rate": "5"}, {"name": "Cess", "rate": "8.875"}, {"name": "VAT", "rate": "20"}]
    for _ in range(20):
        taxes = [chance.sample(known, chance.randint(0, 2)) for _line in range(chance.randint(1, 9))]
        amounts = [Minor(chance.choice([10, 15, 30, chance.randint(1, 99_999)])) for _line in taxes]
        lines = [
            {"subtotal": f"{Decimal(amount).scaleb(-decimals):f}", "taxes": own}
            for amount, own in zip(amounts, taxes, strict=True)
        ]
        found = venue.value(
            "SELECT cold.tax_lines(%s, %s, %s, cold.decimals_of(%s))", Jsonb(lines), inclusive, by_order, currency
        )
        expected = tax_order(
            amounts,
            [tuple(Tax.of(tax["name"], tax["rate"]) for tax in own) for own in taxes],
            included=inclusive,
            by_order=by_order,
        )
        text = Currency(currency).text
        assert [(line["net"], line["tax"], line["subtotal"]) for line in found] == [
            (text(line.net), text(line.tax), text(line.gross)) for line in expected
        ]
        assert [[tax["tax"] for tax in line["taxes"]] for line in found] == [
            [text(part) for part in line.taxes] for line in expected
        ]


def test_a_venue_that_rounds_its_taxes_by_order_gets_chat_orders_so(venue: Venue) -> None:
    venue.owner.execute("SELECT till.store_settings_v1(%s, 9, %s)", [venue.store, Jsonb({"tax_rounding": "order"})])
    for number, item in enumerate((IDLY, DOSA)):
        venue.owner.execute(
            "INSERT INTO session_cart (session_id, item_id, item_name, quantity, price) VALUES ('s', %s, %s, 1, 10)",
            [item, f"Item {number}"],
        )
    venue.owner.execute("SELECT create_order_from_session('s', 'take_away', 'cash')")
    venue.complete("s")
    assert venue.rows("SELECT total_amount, tax FROM orders") == [(Decimal("20.00"), Decimal("0.95"))]  # by line 0.96
