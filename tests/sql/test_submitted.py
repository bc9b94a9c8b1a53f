"""Orders that a program submits for the counter: open and unpaid until a till takes the money."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import Error
from psycopg.types.json import Jsonb

from tests.plugins.front_ends import FrontEnd, front_end
from tests.sql.ringing import DOSA, IDLY, Cart, new_id
from tests.sql.test_hot import EMPTY
from tests.sql.test_verify import verify
from till.domain.order.evolve import fold
from till.domain.streams import unseal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.plugins.database import Database
    from tests.sql.ringing import Till, Venue
    from till.domain.order.state import Order

GUEST = "4c85ba72-f59b-4287-bf91-e53f49ed0b9d"
ORDERS = "SELECT order_id, session_id, total_amount, receipt, net FROM orders"
ITEMS = "SELECT item_name, quantity, subtotal FROM order_item ORDER BY position"
STATUS = "SELECT status, nullif(user_id, 0), till_id, hold_till FROM order_sessions"
HISTORY = "SELECT status, event_type, till_id FROM order_status_history ORDER BY position"
STEP = "SELECT current_step FROM session_state"
#: Tables and views with the money of a sale.
MONEY = (
    "cold.orders", "cold.order_item", "cold.order_line", "cold.order_payment", "cold.sales", "cold.sales_by_day",
    "cold.sales_by_tender", "cold.sales_by_item", "cold.sales_by_hour", "cold.tax_by_rate", "cold.cash_by_drawer",
    "cold.payment_order", "cold.payment_transaction", "cold.payment_audit_log", "warm.session_payment_intent",
)  # fmt: skip


@pytest.fixture
def chat(venue: Venue, database: Database) -> Iterator[FrontEnd]:
    with front_end(venue.owner, database.app, venue.store, kept=database.kept) as program:
        yield program


@pytest.fixture(params=["sess_abc123", "0197a000-0000-7000-8000-000000000abc"])
def session(request: pytest.FixtureRequest) -> str:
    """A session by words, as a program may call one, and one by a UUID."""
    return str(request.param)


def submit(chat: FrontEnd, session: str, customer: str | None = None) -> str:
    """Order two idlies for the counter, and return the id of the order."""
    chat.put(session, IDLY, 2)
    query = "SELECT create_order_from_session(%s, 'take_away', 'cash', %s)::text"
    return str(chat.value(query, session, customer))


def taken_by(till: Till, session: str, stream: str, user: int = 1) -> Cart:
    """Have a submitted order granted to a till."""
    cart = Cart(session=stream, user=user)
    answer = till.take(cart, user)
    order = folded(answer["events"])
    cart.lines = {line.id: (line.item_id, line.quantity) for line in order.lines.values() if line.quantity}
    assert (order.id, order.submitted is not None, session != "") == (stream, True, True)
    return cart


def folded(events: list[dict[str, Any]]) -> Order:
    order = fold(unseal(one["b"], one["h"], one["t"]) for one in events)
    assert order is not None
    return order


def stream_of(venue: Venue, session: str) -> str:
    return str(venue.value("SELECT warm.stream_of(%s)::text", session))


def waiting(till: Till) -> list[Any]:
    """Return the orders to be paid, as a till that asks for the list gets them."""
    return list(till.push(reference={"waiting": 0})["reference"]["waiting"]["body"]["orders"])


def money(venue: Venue) -> dict[str, int]:
    return {name: venue.value(f"SELECT count(*) FROM {name}") for name in MONEY}  # noqa: S608 - names of ours


def test_an_order_waits_unpaid_for_a_till(venue: Venue, chat: FrontEnd, session: str) -> None:
    order = submit(chat, session, GUEST)
    for reader in (venue, chat):
        assert [(str(one), *rest) for one, *rest in reader.rows(ORDERS)] == [(order, session, Decimal(80), None, None)]
        assert reader.rows(ITEMS) == [("Idly", 2, Decimal(80))]
        assert reader.rows(HISTORY) == [("active", "order_opened", 0), ("pending_logout", "order_submitted", 0)]
    assert venue.rows(STATUS) == [("pending_logout", None, None, 0)]
    assert chat.rows(STEP) == [("order_placed",)]
    assert chat.rows("SELECT is_active FROM session_cart") == [(False,)]
    named = "SELECT order_type, payment_method, customer_id::text, source_name FROM orders JOIN order_source_type"
    assert chat.rows(f"{named} USING (order_source_id)") == [("take_away", "cash", GUEST, "chatbot")]
    assert set(money(venue).values()) == {0}
    for number in (1, 2):
        (row,) = waiting(venue.till(number))
        assert (row["session"], row["till"], row["holder"], row["total"]) == (
            stream_of(venue, session),
            None,
            0,
            "80.00",
        )
        submitted = row["submitted"]
        assert (submitted["number"], submitted["program"], submitted["payment_method"]) == (1, chat.name, "cash")
    assert verify(venue)["sound"] is True


def test_a_till_that_takes_the_money_ends_it(venue: Venue, chat: FrontEnd, session: str) -> None:
    order, till = submit(chat, session, GUEST), venue.till()
    cart = taken_by(till, session, stream_of(venue, session))
    assert venue.rows(STATUS) == [("active", 1, 1, 1)]
    till.add(cart, DOSA)
    assert till.shown(cart)["ok"]
    assert [(str(one), *rest) for one, *rest in chat.rows(ORDERS)] == [(order, session, Decimal(160), None, None)]
    assert chat.rows(ITEMS) == [("Idly", 2, Decimal(80)), ("Masala Dosa", 1, Decimal(80))]
    assert (chat.rows(STEP), set(money(venue).values())) == ([("order_placed",)], {0})
    assert chat.value("SELECT get_cart_total(%s)", session) == 0
    placed = till.place(cart, order_id=order, customer_id=GUEST)
    assert till.push()["records"] == 0
    for reader in (venue, chat):
        assert [(str(one), *rest) for one, *rest in reader.rows(ORDERS)] == [
            (order, session, Decimal(160), placed["receipt"], Decimal(placed["net"]))
        ]
        assert reader.rows(ITEMS) == [("Idly", 2, Decimal(80)), ("Masala Dosa", 1, Decimal(80))]
    assert [row[:2] for row in chat.rows(HISTORY)] == [
        ("active", "order_opened"), ("pending_logout", "order_submitted"), ("active", "order_granted"),
        ("completed", "order_placed"),
    ]  # fmt: skip
    assert venue.rows("SELECT source_name, till_id FROM orders JOIN order_source_type USING (order_source_id)") == [
        ("chatbot", 1)
    ]
    assert venue.rows("SELECT orders, total FROM cold.sales_by_day") == [(1, Decimal(160))]
    assert venue.rows("SELECT drawer, amount FROM cold.cash_by_drawer") == [(1, Decimal(160))]
    with pytest.raises(Error, match="The order is completed and can no longer change"):
        chat.put(session, IDLY)
    assert (chat.rows(STEP), verify(venue)["sound"]) == ([("order_placed",)], True)


@pytest.mark.parametrize("crashes", [True, False])
@pytest.mark.parametrize("way", ["submitted", "tab", "parked"])
def test_a_till_that_takes_an_order_keeps_the_guest_and_the_menu_of_its_program(
    venue: Venue, chat: FrontEnd, session: str, way: str, *, crashes: bool
) -> None:
    state = "SELECT user_id, last_shown_menu FROM session_state"
    menu = [{"id": "item1", "name": "Idly", "position": 1, "price": 40}]
    chat.log(session, "menu_viewed", query="", result_count=50, meal_period="Breakfast")
    shown = "INSERT INTO session_state (session_id, user_id, last_shown_menu) VALUES (%s, %s, %s)"
    chat.session.execute(shown, [session, GUEST, Jsonb(menu)])
    chat.put(session, IDLY, 2)
    till, stream = venue.till(), stream_of(venue, session)
    if way == "submitted":
        chat.order(session)
    elif way == "tab":
        chat.call("assign_to_tab", session, None, "Window", None, None)
    else:
        chat.call("update", session, chat.call("by_id", session)["version"], {"user": 1})
    if crashes:
        venue.owner.execute(EMPTY)
    cart = Cart(session=stream)
    order = folded(till.take(cart, 1)["events"])
    cart.lines = {line.id: (line.item_id, line.quantity) for line in order.lines.values()}
    till.add(cart, DOSA)
    assert till.shown(cart)["ok"]
    assert venue.rows(state) == [(GUEST, menu)]
    if crashes:
        venue.owner.execute(EMPTY)
        venue.value("SELECT hot.hot_rebuild_v1(%s)", venue.store)
        assert venue.rows(state) == [(GUEST, menu)]
    till.place(cart)
    assert till.push()["records"] == 0
    assert venue.rows(state) == [(GUEST, menu)]


def test_the_menu_that_a_till_shows_replaces_that_of_the_program(venue: Venue, chat: FrontEnd) -> None:
    chat.session.execute("INSERT INTO session_state (session_id, last_shown_menu) VALUES ('s', '[]')")
    submit(chat, "s")
    till = venue.till()
    cart = taken_by(till, "s", stream_of(venue, "s"))
    one = {"id": IDLY, "name": "Idly", "position": 1}
    viewed = {"query": "", "result_count": 1, "meal_period": "", "items": [one]}
    till.make("menu_viewed", cart.session, viewed)
    snapshot = cart.snapshot(till.base(cart))
    snapshot["state"]["last_shown_menu"] = [one]
    till.push(snapshots=[snapshot])
    assert venue.rows("SELECT user_id, last_shown_menu FROM session_state") == [(None, [one])]


def test_submitted_sale_keeps_its_order_id_for_one_till(venue: Venue, chat: FrontEnd) -> None:
    session = new_id()
    order, one, two = submit(chat, session), venue.till(1), venue.till(2)
    first = folded(one.take(Cart(session=session))["events"])
    second = folded(two.take(Cart(session=session), 2)["events"])
    assert first.submitted is not None
    assert second.submitted is not None
    assert (first.submitted.order_id, second.submitted.order_id) == (order, None)
    lines = {line.id: (line.item_id, line.quantity) for line in first.lines.values()}
    one.place(Cart(session=session, lines=lines), order_id=order)
    assert one.push()["records"] == 0
    two.place(Cart(session=session, lines=lines))
    two.push()
    assert venue.value("SELECT count(*) FROM cold.orders") == 2, "both sales are kept whole"
    assert venue.rows("SELECT kind FROM till.conflicts") == [("sold_twice",)]
    assert venue.value("SELECT count(*) FROM orders WHERE order_id = %s", order) == 1


def test_program_cannot_change_an_order_held_by_a_till(venue: Venue, chat: FrontEnd, session: str) -> None:
    submit(chat, session)
    taken_by(venue.till(), session, stream_of(venue, session))
    for write in (
        lambda: chat.put(session, IDLY),
        lambda: chat.session.execute("UPDATE session_cart SET quantity = 9"),
        lambda: chat.log(session, "item_added", item_id=IDLY, quantity=1),
        lambda: chat.order(session),
        lambda: chat.call("discard", session, "changed their mind"),
    ):
        with pytest.raises(Error, match="The order is at a till now") as refused:
            write()
        assert refused.value.sqlstate == "TL005"
    assert chat.rows(ITEMS) == [("Idly", 2, Decimal(80))]
    assert venue.rows(STATUS) == [("active", 1, 1, 1)]


def test_until_then_the_guest_may_change_it(venue: Venue, chat: FrontEnd, session: str) -> None:
    order = submit(chat, session)
    chat.put(session, DOSA)
    assert chat.rows(ITEMS) == [("Idly", 2, Decimal(80)), ("Masala Dosa", 1, Decimal(80))]
    assert venue.rows(STATUS) == [("pending_logout", None, None, 0)]
    chat.session.execute("UPDATE session_cart SET quantity = quantity + 1 WHERE item_id = %s", [IDLY])
    assert chat.rows("SELECT total_amount FROM orders") == [(Decimal(200),)]
    chat.session.execute("UPDATE session_cart SET quantity = 0 WHERE item_id = %s", [DOSA])
    assert chat.rows(ITEMS) == [("Idly", 3, Decimal(120))]
    assert str(chat.order(session)) == order, "submitted again, it has the same id"
    assert (chat.rows(ITEMS), chat.value("SELECT get_cart_total(%s)", session)) == ([("Idly", 3, Decimal(120))], 0)


def test_acts_of_the_papers_after_placing_take_nothing_off(venue: Venue, chat: FrontEnd, session: str) -> None:
    submit(chat, session)
    for words in (
        "UPDATE session_state SET current_step = 'completed'",
        "UPDATE session_cart SET is_active = FALSE",
        "DELETE FROM session_cart",
    ):
        chat.session.execute(words.encode())
    assert chat.rows(ITEMS) == [("Idly", 2, Decimal(80))]
    assert venue.rows(STATUS) == [("pending_logout", None, None, 0)]


def test_a_program_that_submits_again_says_nothing_new(venue: Venue, chat: FrontEnd) -> None:
    order = submit(chat, "s")
    assert str(chat.order("s")) == order
    assert venue.types("event_type = 'order_submitted'") == ["order_submitted"]
    assert str(chat.order("s", "card")) == order
    assert chat.rows("SELECT payment_method FROM orders") == [("card",)]
    assert chat.rows(ITEMS) == [("Idly", 2, Decimal(80))]
    second = submit(chat, "t")
    numbers = "SELECT (submitted->>'number')::integer FROM order_sessions ORDER BY id"
    assert (second != order, venue.rows(numbers)) == (True, [(1,), (2,)])


def test_an_order_that_nobody_collects_is_discarded_by_a_manager(venue: Venue, chat: FrontEnd, session: str) -> None:
    order = submit(chat, session)
    closed = "SELECT till.session_close_v1(%s, 9, %s, 'not collected')"
    venue.value(closed, venue.store, session)
    assert venue.rows(STATUS) == [("discarded", None, None, 0)]
    assert [row[:2] for row in chat.rows(HISTORY)] == [
        ("active", "order_opened"), ("pending_logout", "order_submitted"), ("discarded", "order_discarded"),
    ]  # fmt: skip
    assert str(chat.value("SELECT order_id FROM orders")) == order
    assert waiting(venue.till()) == []
    assert set(money(venue).values()) == {0}
    with pytest.raises(Error, match="The order is discarded"):
        chat.order(session)


def test_a_guest_who_changes_their_mind_takes_it_back(venue: Venue, chat: FrontEnd, session: str) -> None:
    submit(chat, session)
    assert chat.call("discard", session, "changed their mind")["status"] == "discarded"
    assert waiting(venue.till()) == []


def test_a_crash_leaves_it_as_it_was(venue: Venue, chat: FrontEnd, session: str) -> None:
    order = submit(chat, session)
    venue.owner.execute(EMPTY)
    venue.value("SELECT hot.hot_rebuild_v1(%s)", venue.store)
    assert (chat.rows(STEP), chat.value("SELECT get_cart_total(%s)", session)) == ([("order_placed",)], 0)
    assert [(str(one), *rest) for one, *rest in chat.rows(ORDERS)] == [(order, session, Decimal(80), None, None)]
    till = venue.till()
    cart = taken_by(till, session, stream_of(venue, session))
    till.place(cart, order_id=order)
    assert till.push()["records"] == 0


def test_the_operation_submits_as_the_function_does(venue: Venue, chat: FrontEnd, session: str) -> None:
    chat.put(session, IDLY, 2)
    submitted = chat.call("complete", session, None, "upi")
    assert (submitted["session"], submitted["total"], submitted["receipt"], submitted["payments"]) == (
        session,
        "80.00",
        None,
        [],
    )
    assert submitted["items"][0]["quantity"] == 2
    assert set(money(venue).values()) == {0}


def test_no_payment_that_a_program_names_is_one(venue: Venue, chat: FrontEnd) -> None:
    session = new_id()
    chat.put(session, IDLY)
    with pytest.raises(Error, match="A program cannot record a payment") as refused:
        chat.call("complete", session, Cart(session=session).frozen())
    assert refused.value.sqlstate == "TL003"
    assert set(money(venue).values()) == {0}


def test_taxes_that_come_on_top_are_in_its_total(venue: Venue, chat: FrontEnd) -> None:
    venue.value("""SELECT till.store_settings_v1(%s, 9, '{"prices_include_tax": false}')""", venue.store)
    submit(chat, "s")
    assert chat.rows("SELECT total_amount FROM orders") == [(Decimal(84),)]
    chat.put("s", DOSA)
    assert chat.rows("SELECT total_amount FROM orders") == [(Decimal(168),)]


def test_an_item_that_sold_out_meanwhile_is_not_submitted(venue: Venue, chat: FrontEnd) -> None:
    chat.put("s", IDLY)
    venue.value("SELECT till.menu_sold_out_v1(%s, 9, %s, true)", venue.store, IDLY)
    with pytest.raises(Error, match="Idly is sold out"):
        chat.order("s")


def test_submitted_order_is_visible_to_its_program_only(venue: Venue, chat: FrontEnd, database: Database) -> None:
    submit(chat, "s")
    with front_end(venue.owner, database.app, venue.store, "shop", kept=database.kept) as shop:
        for name in ("orders", "order_item", "order_status_history"):
            assert shop.rows(f"TABLE {name}") == []
        with pytest.raises(Error, match="does not belong to this program"):
            shop.order("s")


def test_orders_of_words_go_to_a_table_and_are_parted_at_the_counter(venue: Venue, chat: FrontEnd) -> None:
    """A session that a program calls by words is an order like any other to the tills."""
    submit(chat, "sess_abc123")
    chat.put("sess_abc123", DOSA)
    till, stream = venue.till(), stream_of(venue, "sess_abc123")
    cart = taken_by(till, "sess_abc123", stream)
    till.save(cart, new_id(), "Window")
    assert till.shown(cart)["ok"]
    (tab,) = till.read("till.open_tabs_v1")["tabs"]
    assert (tab["session"], tab["tab_name"], tab["total"]) == (stream, "Window", "160.00")
    (dosa,) = (line for line, (item, _pieces) in cart.lines.items() if item == DOSA)
    new, decided = till.part(cart, dosa)
    till.done(decided, cart.snapshot(till.base(cart)), new.snapshot(0))
    assert venue.rows("SELECT session_id, came_from FROM warm.content_moves WHERE came_by IS NOT NULL") == [
        (new.session, "sess_abc123")
    ]
    assert chat.rows("SELECT total_amount FROM orders") == [(Decimal(80),)]
    till.place(new)
    till.place(cart)
    assert till.push()["records"] == 0
    assert venue.value("SELECT count(*) FROM till.conflicts") == 0
    assert verify(venue)["sound"] is True


@pytest.mark.parametrize("tab_first", [True, False])
def test_order_on_a_table_is_submitted_and_stays_there(
    venue: Venue, chat: FrontEnd, session: str, *, tab_first: bool
) -> None:
    chat.put(session, IDLY, 2)
    acts: tuple[Callable[[], Any], ...] = (
        lambda: chat.call("assign_to_tab", session, None, None, 7, 2),
        lambda: chat.call("complete", session, None, "upi"),
    )
    for act in acts if tab_first else acts[::-1]:
        act()
    till = venue.till()
    (tab,) = till.read("till.open_tabs_v1")["tabs"]
    assert (tab["session"], tab["tab_name"], tab["table_number"], tab["covers"]) == (
        stream_of(venue, session), "table 7", "7", 2,
    )  # fmt: skip
    (row,) = waiting(till)
    assert (row["session"], row["submitted"]["payment_method"]) == (stream_of(venue, session), "upi")
    assert venue.value("SELECT status FROM order_sessions") == "assigned_to_tab"
    before = venue.types("TRUE")
    again = chat.call("complete", session, None, "upi")
    assert (again["total"], again["order_type"], venue.types("TRUE")) == ("80.00", "dine_in", before)
    order = chat.value("SELECT order_id::text FROM orders")
    cart = taken_by(till, session, stream_of(venue, session))
    till.place(cart, order_id=order)
    assert till.push()["records"] == 0
    assert till.read("till.open_tabs_v1")["tabs"] == []


def test_second_order_on_a_tab_of_a_program_stays_on_it(venue: Venue, chat: FrontEnd) -> None:
    submit(chat, "s")
    tab = chat.call("assign_to_tab", "s", None, None, 7)["tab_id"]
    till = venue.till()
    cart = taken_by(till, "s", stream_of(venue, "s"))
    till.save(cart, tab, "table 7")
    till.shown(cart)
    chat.put("t", DOSA)
    chat.call("assign_to_tab", "t", tab, None)
    chat.call("complete", "t")
    rows = till.read("till.open_tabs_v1")["tabs"]
    assert [(row["tab_id"], row["tab_name"], row["session"], row["total"]) for row in rows] == [
        (tab, "table 7", stream_of(venue, "s"), "80.00"), (tab, "table 7", stream_of(venue, "t"), "80.00"),
    ]  # fmt: skip
    assert venue.value("SELECT count(*) FROM till.notices") == 0


def test_guest_has_thirty_orders_that_wait_at_most(venue: Venue, chat: FrontEnd) -> None:
    other = new_id()
    for number in range(30):
        submit(chat, f"s{number}", GUEST)
    for name, customer in (("by_id", GUEST), ("by_state", None)):
        chat.session.execute("INSERT INTO session_state (session_id, user_id) VALUES (%s, %s)", [name, GUEST])
        with pytest.raises(Error, match="Too many orders of this guest wait at the counter") as refused:
            submit(chat, name, customer)
        assert refused.value.sqlstate == "TL005"
    submit(chat, "other", other)
    submit(chat, "nobody")
    submit(chat, "s3", GUEST)
    venue.value("SELECT till.session_close_v1(%s, 9, 's3', 'not collected')", venue.store)
    submit(chat, "by_id", GUEST)


def test_the_owner_submits_too(venue: Venue) -> None:
    venue.owner.execute("INSERT INTO session_cart (session_id, item_id, quantity) VALUES ('s', %s, 2)", [IDLY])
    order = venue.value("SELECT create_order_from_session('s', 'take_away', 'cash')")
    assert venue.rows("SELECT order_id, total_amount, receipt FROM orders") == [(order, Decimal(80), None)]
    assert set(money(venue).values()) == {0}
