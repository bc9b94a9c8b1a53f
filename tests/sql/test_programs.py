"""Programs that are no tills: plain statements on the hot tables, each an event of the server's chain."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import Error, errors
from psycopg.types.json import Jsonb

from db.engine import connect
from tests.papers.queries import LOG_VIEW
from tests.plugins.front_ends import FrontEnd, front_end
from tests.sql.ringing import DOSA, IDLY, TAXES, Cart, heard, new_id
from tests.sql.ringing import MENU as MENU_AGAIN
from tests.sql.test_hot import EMPTY, ROWS
from tests.sql.test_verify import verify
from till.domain.order.evolve import fold
from till.domain.streams import unseal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from psycopg.errors import Diagnostic

    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

VADA = "vada"
GUEST = "4c85ba72-f59b-4287-bf91-e53f49ed0b9d"
EVENTS = """SELECT event_type, event_data->>'item_name', (event_data->>'quantity')::integer FROM session_events
    WHERE session_id = %s ORDER BY seq"""
SHOW = """INSERT INTO session_state (session_id, user_id, last_shown_menu) VALUES (%s, %s, %s::jsonb)
    ON CONFLICT (session_id) DO UPDATE SET last_shown_menu = EXCLUDED.last_shown_menu, last_activity_at = NOW();"""
MENU = '[{"id": "item1", "name": "Idly", "position": 1, "price": 40}]'
STATE = "SELECT user_id, last_mentioned_item_name, current_step FROM session_state"
LOGGED = "INSERT INTO session_events (session_id, event_type, event_data) VALUES (%s, 'item_added', %s)"
WISH = """INSERT INTO session_preferences (session_id, name, value) VALUES ('s', 'spice', %s)
    ON CONFLICT (session_id, name) DO UPDATE SET value = EXCLUDED.value, updated_at = NOW();"""


@pytest.fixture
def chat(venue: Venue, database: Database) -> Iterator[FrontEnd]:
    with front_end(venue.owner, database.app, venue.store, kept=database.kept) as program:
        yield program


@pytest.fixture
def shop(venue: Venue, database: Database) -> Iterator[FrontEnd]:
    with front_end(venue.owner, database.app, venue.store, "shop", kept=database.kept) as program:
        yield program


def pieces(venue: Venue, session: str) -> dict[str, int]:
    """Return the quantity of each item in the fold of a session's events."""
    bodies = venue.rows("SELECT body, hash FROM session_events WHERE session_id = %s ORDER BY event_id", session)
    order = fold(unseal(body, sealed, {}) for body, sealed in bodies)
    assert order is not None
    found: dict[str, int] = {}
    for line in order.lines.values():
        found[line.item_id] = found.get(line.item_id, 0) + line.quantity
    return {item: quantity for item, quantity in found.items() if quantity}


def in_cart(venue: Venue, session: str) -> dict[str, int]:
    return dict(venue.rows("SELECT item_id, quantity FROM session_cart WHERE session_id = %s AND is_active", session))


def shown(venue: Venue, session: str) -> dict[str, int]:
    """Return the quantity of each item in the saved session."""
    items = venue.value("SELECT items FROM order_sessions WHERE id = %s", session)
    return {item["item_id"]: item["quantity"] for item in items if not item["voided"]}


def test_each_statement_of_the_documents_is_an_event_of_the_servers_chain(venue: Venue, chat: FrontEnd) -> None:
    chat.session.execute(SHOW, ["s", GUEST, MENU])
    chat.put("s", IDLY, 2, 40, "Idly")
    chat.put("s", DOSA, 1, 80, "Masala Dosa")
    chat.session.execute(
        "UPDATE session_cart SET quantity = quantity + 1 WHERE session_id = 's' AND item_id = %s", [DOSA]
    )
    chat.session.execute("UPDATE session_cart SET quantity = 1 WHERE session_id = 's' AND item_id = %s", [IDLY])
    chat.session.execute(WISH, ["hot"])
    chat.session.execute("UPDATE session_cart SET is_active = FALSE WHERE session_id = 's' AND item_id = %s", [IDLY])
    assert venue.rows(EVENTS, "s") == [
        ("order_opened", None, None),
        ("menu_viewed", None, None),
        ("item_added", "Idly", 2),
        ("item_added", "Masala Dosa", 1),
        ("item_added", "Masala Dosa", 1),
        ("quantity_changed", None, None),
        ("preference_set", None, None),
        ("line_voided", None, None),
    ]
    assert pieces(venue, "s") == in_cart(venue, "s") == shown(venue, "s") == {DOSA: 2}
    chat.session.execute("DELETE FROM session_cart WHERE session_id = 's'")
    assert pieces(venue, "s") == in_cart(venue, "s") == shown(venue, "s") == {}
    opened = "SELECT event_data->>'program', till_id, user_id FROM session_events WHERE event_type = 'order_opened'"
    assert venue.rows(opened) == [(chat.name, 0, None)]
    assert venue.value("SELECT event_data->'items' FROM session_events WHERE event_type = 'menu_viewed'") == [
        {"id": "item1", "name": "Idly", "position": 1}
    ]
    assert verify(venue)["sound"] is True


def test_a_removed_item_that_is_added_again_has_the_pieces_of_its_row(venue: Venue, chat: FrontEnd) -> None:
    chat.put("s", IDLY, 2, 40)
    chat.session.execute("UPDATE session_cart SET is_active = FALSE WHERE session_id = 's'")
    chat.put("s", IDLY, 1, 40)
    assert pieces(venue, "s") == in_cart(venue, "s") == {IDLY: 3}, "the statement adds to the row"
    chat.session.execute("UPDATE session_cart SET quantity = 0 WHERE session_id = 's'")
    assert pieces(venue, "s") == in_cart(venue, "s") == {}
    chat.put("s", IDLY, 1, 40)
    assert pieces(venue, "s") == {IDLY: 1}


@pytest.mark.parametrize(
    ("currency", "price", "amounts"),
    [("INR", "1.125", ["3.38", "1.13"]), ("KWD", "0.125", ["0.375", "0.125"]), ("JPY", "1.4", ["4", "1"])],
)
def test_an_item_is_shown_at_what_it_costs_in_its_money(
    venue: Venue, chat: FrontEnd, currency: str, price: str, amounts: list[str]
) -> None:
    changed = "UPDATE till.settings SET body = body || %s WHERE name = 'settings'"
    venue.owner.execute(changed, [Jsonb({"currency": currency})])
    venue.owner.execute("UPDATE menu_item SET price = %s", [price])
    chat.put("s", IDLY, 3)
    items = "SELECT items->0->>'amount', total::text FROM order_sessions"
    assert venue.rows(items) == [(amounts[0],) * 2]
    chat.session.execute("UPDATE session_cart SET quantity = 1 WHERE session_id = 's'")
    assert venue.rows(items) == [(amounts[1],) * 2]


@pytest.mark.parametrize("price", ["1.00", "0", "-1", "NaN", None])
def test_menu_decides_the_price_of_a_program(venue: Venue, chat: FrontEnd, price: str | None) -> None:
    chat.put("s", IDLY, 2, price, "Water")
    chat.session.execute("UPDATE session_cart SET price = 1, item_name = 'Water'")
    entry = {"item_id": DOSA, "item": "Water", "quantity": 2, "unit_price": price}
    chat.call("save", "of a list", [entry])
    keyed = "SELECT event_data->>'item_name', event_data->>'price', event_data->'taxes' FROM session_events"
    assert venue.rows(f"{keyed} WHERE event_type = 'item_added' ORDER BY seq") == [
        ("Idly", "40.00", TAXES),
        ("Masala Dosa", "80.00", TAXES),
    ]
    assert chat.rows("SELECT item_name, price FROM session_cart WHERE session_id = 's'") == [("Idly", Decimal(40))]
    assert venue.rows("SELECT total FROM order_sessions ORDER BY id") == [(Decimal(160),), (Decimal(80),)]


UNSOLD = {
    "on no menu": ("nothing", "There is no item nothing on the menu", ""),
    "sold out": (IDLY, "Idly is sold out", "UPDATE menu_item SET sold_out = true"),
    "not at this hour": (
        IDLY,
        "Idly is not sold at this time",
        """INSERT INTO menu_item_availability_schedule SELECT store_id, menu_item_id, 'Later',
        extract(isodow FROM now() + interval '3 days'), '00:00', '00:00' FROM menu_item""",
    ),
    "weighed": (IDLY, "no price for Idly: only a till sells it", "UPDATE menu_item SET unit = 'kg'"),
    "at an open price": (IDLY, "no price for Idly: only a till sells it", "UPDATE menu_item SET price = NULL"),
    "without a choice": (
        IDLY,
        "Idly needs a choice of Spice: only a till sells it",
        f"""WITH g AS (INSERT INTO menu_modifier_group (store_id, group_id, name, position, least)
            SELECT store_id, 'g', 'Spice', 1, 1 FROM stores RETURNING store_id)
        INSERT INTO menu_item_modifier_group (store_id, menu_item_id, group_id, position)
        SELECT store_id, '{IDLY}', 'g', 1 FROM g""",  # noqa: S608 - an id of ours
    ),
}


@pytest.mark.parametrize("why", UNSOLD)
def test_nothing_is_sold_that_the_menu_does_not_sell_now(venue: Venue, chat: FrontEnd, why: str) -> None:
    item, message, made = UNSOLD[why]
    chat.put("begun", DOSA, 2)
    if made:
        venue.owner.execute(made.encode())
    entry = {"item_id": item, "item": "Idly", "quantity": 1, "unit_price": "40.00"}
    for write in (
        lambda: chat.put("s", item, 1, 40, "Idly"),
        lambda: chat.log("s", "item_added", item_id=item, item_name="Idly", quantity=1, price=40),
        lambda: chat.call("save", "s", [entry]),
    ):
        with pytest.raises(Error, match=message) as refused:
            write()
        assert refused.value.sqlstate == "TL006"
    chat.session.execute("UPDATE session_cart SET quantity = 1 WHERE session_id = 'begun'")
    assert in_cart(venue, "begun") == pieces(venue, "begun") == {DOSA: 1}, "what comes off is never refused"


def test_default_choices_are_no_reason_to_refuse(venue: Venue, chat: FrontEnd) -> None:
    venue.owner.execute(UNSOLD["without a choice"][2].encode())
    venue.owner.execute(
        """INSERT INTO cold.menu_modifier (store_id, group_id, name, position, price, is_default)
        SELECT store_id, 'g', 'mild', 1, 0, true FROM stores"""
    )
    chat.put("s", IDLY)
    assert pieces(venue, "s") == {IDLY: 1}


@pytest.mark.parametrize(
    ("extra", "name"),
    [
        ({"note": "no nuts"}, "note"),
        ({"modifiers": ["oat milk"]}, "modifiers"),
        ({"course": 2}, "course"),
        ({"special": "x"}, "special"),
        ({"voided": True}, "voided"),
    ],
)
def test_untaken_words_of_an_item_are_refused_by_name(
    venue: Venue, chat: FrontEnd, extra: dict[str, Any], name: str
) -> None:
    entry: dict[str, Any] = {"item_id": IDLY, "quantity": 1}
    made = chat.call("save", "s", [entry])
    before = venue.types("TRUE")
    row = made["items"][0]
    writes: tuple[Callable[[], Any], ...] = (
        lambda: chat.call("save", "t", [entry | extra]),
        lambda: chat.call("save", "s", [row | extra]),
        lambda: chat.call("update", "s", made["version"], {"items": [row, entry | extra]}),
        lambda: chat.log("s", "item_added", **entry, **extra),
    )
    for write in writes:
        with pytest.raises(Error, match=f"cannot set “{name}” of ") as refused:
            write()
        assert refused.value.sqlstate == "TL006"
    assert venue.types("TRUE") == before


def test_list_that_was_read_can_be_sent_back(venue: Venue, chat: FrontEnd) -> None:
    chat.call(
        "save", "s", [{"item_id": IDLY, "quantity": 2, "modifiers": [], "note": None}, {"item_id": DOSA, "quantity": 1}]
    )
    read = chat.call("save", "s", [{"item_id": IDLY, "quantity": 2}])
    assert [item["voided"] for item in read["items"]] == [False, True]
    before = venue.types("TRUE")
    assert chat.call("save", "s", read["items"])["items"] == read["items"]
    assert chat.call("update", "s", read["version"], {"items": read["items"]})["items"] == read["items"]
    assert venue.types("TRUE") == before
    more = chat.call("save", "s", [{"line_ids": read["items"][0]["line_ids"], "quantity": 3}, read["items"][1]])
    assert more["total"] == "120.00"
    with pytest.raises(Error, match="does not have these line_ids of Idly: read it again") as refused:
        chat.call("save", "s", [read["items"][0]])
    assert refused.value.sqlstate == "TL005"
    with pytest.raises(Error, match="cannot set “unit_price” of Idly"):
        chat.call("save", "s", [more["items"][0] | {"unit_price": "1.00"}])
    assert pieces(venue, "s") == {IDLY: 3}


def test_list_that_is_none_is_refused(chat: FrontEnd) -> None:
    for items in ({"item_id": IDLY, "quantity": 1}, [[IDLY]], ["x"]):
        with pytest.raises(Error, match="Items are a list of objects"):
            chat.call("save", "s", items)


def test_row_never_voids_lines_with_choices_or_a_note(venue: Venue, chat: FrontEnd) -> None:
    session = new_id()
    chat.put(session, IDLY, 2)
    chat.put(session, DOSA)
    venue.owner.execute(
        """UPDATE order_sessions SET items = (
            SELECT jsonb_agg(CASE WHEN i->>'item_id' = %s THEN i || '{"note": "no nuts"}' ELSE i END)
            FROM jsonb_array_elements(items) AS i)""",
        [IDLY],
    )
    before = venue.types("TRUE")
    for words in (
        "UPDATE session_cart SET quantity = 1 WHERE item_id = %s",
        "DELETE FROM session_cart WHERE item_id = %s",
    ):
        with pytest.raises(Error, match="Idly has choices or a note: name its line_ids"):
            chat.session.execute(words.encode(), [IDLY])
    with pytest.raises(Error, match="Idly has choices or a note"):
        chat.put(session, IDLY)
    read = chat.call("by_id", session)
    row = next(item for item in read["items"] if item["item_id"] == IDLY)
    with pytest.raises(Error, match="Idly has choices or a note: only a till can make that 3 of them"):
        chat.call("save", session, [row | {"quantity": 3}])
    assert venue.types("TRUE") == before
    chat.session.execute("DELETE FROM session_cart WHERE item_id = %s", [DOSA])
    fewer = chat.call("save", session, [row | {"quantity": 1}])
    assert [(item["item"], item["quantity"], item.get("note")) for item in fewer["items"] if not item["voided"]] == [
        ("Idly", 1, "no nuts")
    ]


def test_a_price_that_changed_meanwhile_is_that_of_the_whole_row(venue: Venue, chat: FrontEnd) -> None:
    chat.put("s", IDLY, 2)
    venue.owner.execute("UPDATE menu_item SET price = 45 WHERE menu_item_id = %s", [IDLY])
    chat.session.execute("UPDATE session_cart SET quantity = 1")
    assert chat.value("SELECT get_cart_total('s')") == 40
    chat.session.execute("UPDATE session_cart SET quantity = quantity + 1")
    assert chat.value("SELECT get_cart_total('s')") == venue.value("SELECT total FROM order_sessions") == 90
    assert pieces(venue, "s") == {IDLY: 2}


@pytest.mark.parametrize("quantity", [-1, 0, 10_000, 1.5, "2; 3", None])
def test_a_list_of_items_has_whole_pieces(chat: FrontEnd, quantity: Any) -> None:
    with pytest.raises(Error, match="An item has 1 to 9999 pieces"):
        chat.call("save", "s", [{"item_id": IDLY, "item": "Idly", "quantity": quantity, "unit_price": "40.00"}])


@pytest.mark.parametrize(
    ("words", "values", "expected"),
    [
        ("INSERT INTO session_checkout (session_id, order_type) VALUES ('s', 'picnic')", (), "order type picnic"),
        ("INSERT INTO session_checkout (session_id, payment_method) VALUES ('s', 'gold')", (), "payment method gold"),
        ("SELECT create_order_from_session('s', 'picnic', 'cash')", (), "order type picnic"),
        ("SELECT create_order_from_session('s', 'take_away', 'gold')", (), "payment method gold"),
        ("SELECT till.order_session_complete_v1(%s, NULL, 's', NULL, 'gold')", ("store",), "payment method gold"),
        ("SELECT till.order_session_save_v1(%s, NULL, 's', '[]', 'picnic')", ("store",), "order type picnic"),
    ],
)
def test_order_types_and_payment_methods_are_those_of_the_venue(
    venue: Venue, chat: FrontEnd, words: str, values: tuple[str, ...], expected: str
) -> None:
    chat.put("s", IDLY)
    with pytest.raises(Error, match=f"There is no {expected}") as refused:
        chat.session.execute(words.encode(), [getattr(venue, one) for one in values])
    assert refused.value.sqlstate == "TL006"


def test_a_venue_may_have_order_types_and_payment_methods_of_its_own(venue: Venue, chat: FrontEnd) -> None:
    venue.owner.execute("INSERT INTO order_type_table VALUES (7, 'picnic', %s)", [venue.store])
    venue.owner.execute("INSERT INTO payment_method_table VALUES (7, 'meal', %s)", [venue.store])
    chat.put("s", IDLY)
    chat.session.execute("INSERT INTO session_checkout (session_id, order_type) VALUES ('s', 'picnic')")
    chat.value("SELECT create_order_from_session('s', 'picnic', 'meal')")


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize("log_first", [True, False])
def test_an_act_written_by_a_row_and_by_log_event_counts_once(
    venue: Venue, chat: FrontEnd, *, together: bool, log_first: bool
) -> None:
    def turn(*acts: Any) -> None:
        acts = acts if log_first else acts[::-1]
        if together:
            with chat.session.transaction():
                for act in acts:
                    act()
        else:
            for act in acts:
                act()

    turn(
        lambda: chat.log("s", "menu_viewed", query="", result_count=50, meal_period="Breakfast"),
        lambda: chat.session.execute(SHOW, ["s", GUEST, MENU]),
    )
    turn(
        lambda: chat.log("s", "item_added", item_id=IDLY, item_name="Idly", quantity=2, price=40),
        lambda: chat.put("s", IDLY, 2, 40, "Idly"),
    )
    for _again in range(2):
        turn(
            lambda: chat.log("s", "item_added", item_id=DOSA, item_name="Masala Dosa", quantity=1, price=80),
            lambda: chat.put("s", DOSA, 1, 80, "Masala Dosa"),
        )
    turn(
        lambda: chat.log("s", "preference_set", name="spice", value="mild"),
        lambda: chat.session.execute(WISH, ["mild"]),
    )
    turn(
        lambda: chat.log("s", "line_voided", item_id=IDLY),
        lambda: chat.session.execute("UPDATE session_cart SET is_active = FALSE WHERE item_id = %s", [IDLY]),
    )
    turn(
        lambda: chat.log("s", "checkout_started"),
        lambda: chat.session.execute(
            "INSERT INTO session_checkout (session_id, order_type, started_at) VALUES ('s', 'take_away', NOW());"
        ),
    )
    assert [row[:2] for row in venue.rows(EVENTS, "s")] == [
        ("order_opened", None),
        ("menu_viewed", None),
        ("item_added", "Idly"),
        ("item_added", "Masala Dosa"),
        ("item_added", "Masala Dosa"),
        ("preference_set", None),
        ("line_voided", None),
        ("checkout_started", None),
    ]
    assert pieces(venue, "s") == in_cart(venue, "s") == shown(venue, "s") == {DOSA: 2}


def test_an_item_may_be_logged_by_its_name_as_one_paper_has_it(venue: Venue, chat: FrontEnd) -> None:
    chat.session.execute("""SELECT log_event('sess_123', 'item_added', '{"item": "masala dosa", "qty": 2}')""")
    chat.put("sess_123", DOSA, 2)
    assert venue.rows(EVENTS, "sess_123") == [("order_opened", None, None), ("item_added", "Masala Dosa", 2)]
    assert pieces(venue, "sess_123") == in_cart(venue, "sess_123") == {DOSA: 2}
    with pytest.raises(Error, match="There is no item Pizza on the menu"):
        chat.log("sess_123", "item_added", item="Pizza", qty=2)


def test_program_reads_the_menu_of_its_venue(venue: Venue, chat: FrontEnd) -> None:
    venue.value("SELECT till.menu_import_v1(%s, 9, %s)", venue.store, Jsonb(MENU_AGAIN))
    venue.value("SELECT till.menu_sold_out_v1(%s, 9, %s, true)", venue.store, DOSA)
    assert chat.rows("SELECT name, price, sold_out FROM menu_item ORDER BY position") == [
        ("Idly", Decimal(40), False), ("Masala Dosa", Decimal(80), True),
    ]  # fmt: skip
    assert chat.rows("SELECT name FROM menu_categories") == [("Breakfast",)]
    hours = "SELECT DISTINCT available_from::text, available_to::text FROM menu_item_availability_schedule"
    assert chat.rows(hours) == [("07:00:00", "11:30:00")]
    assert {row[0] for row in chat.rows("SELECT order_type_name FROM order_type_table")} >= {"dine_in", "take_away"}
    assert ("upi",) in chat.rows("SELECT payment_method_name FROM payment_method_table")


def test_program_hears_of_sold_out_items_and_prices(venue: Venue, chat: FrontEnd) -> None:
    chat.session.execute("LISTEN till_store")

    expected = {f"{venue.store} menu"}
    venue.value("SELECT till.menu_sold_out_v1(%s, 9, %s, true)", venue.store, IDLY)
    assert {*heard(chat.session)} == expected
    venue.value("SELECT till.menu_edit_v1(%s, 9, %s, %s)", venue.store, IDLY, Jsonb({"price": "45.00"}))
    assert {*heard(chat.session)} == expected
    till = venue.till()
    till.make("item_marked", None, {"item_id": IDLY, "sold_out": False})
    till.push()
    assert {*heard(chat.session)} == expected


def test_program_reads_its_own_events_only(venue: Venue, chat: FrontEnd, shop: FrontEnd) -> None:
    till, cart = venue.keyed(IDLY)
    till.shown(cart)
    for program, session in ((chat, "s"), (shop, "t")):
        program.put(session, IDLY, 2)
        types = program.rows("SELECT session_id, event_type FROM session_events ORDER BY timestamp")
        assert types == [(session, "order_opened"), (session, "item_added")]


def test_a_note_is_free_text_beside_its_event_and_can_be_erased(venue: Venue, chat: FrontEnd) -> None:
    note = "INSERT INTO session_preferences (session_id, name, value) VALUES ('s', 'note', 'nuts kill me')"
    chat.put("s", IDLY)
    chat.session.execute(note)
    assert venue.value("SELECT count(*) FROM session_events WHERE body LIKE '%%nuts%%'") == 0
    assert venue.rows("SELECT field, text FROM warm.event_texts") == [("note", "nuts kill me")]
    assert venue.value("SELECT till.erase_v1(%s, 9, 's')", venue.store) == 1
    assert chat.rows("SELECT value FROM session_preferences") == []
    venue.owner.execute(EMPTY)
    venue.value("SELECT hot.hot_rebuild_v1(%s)", venue.store)
    assert chat.rows("SELECT value FROM session_preferences") == []


@pytest.mark.parametrize(
    "first",
    [
        f"INSERT INTO session_cart (session_id, item_id) VALUES ('s', '{IDLY}')",  # noqa: S608 - an id of ours
        "INSERT INTO session_preferences (session_id, name, value) VALUES ('s', 'spice', 'mild')",
        "INSERT INTO session_checkout (session_id, order_type) VALUES ('s', 'take_away')",
        """SELECT log_event('s', 'menu_viewed', '{"query": ""}')""",
    ],
)
def test_a_session_is_active_whatever_of_it_is_written(venue: Venue, chat: FrontEnd, first: str) -> None:
    active = "SELECT COUNT(*) FROM session_state WHERE last_activity_at > NOW() - INTERVAL '5 minutes'"
    chat.session.execute(first)
    assert venue.value(active) == 1
    began = venue.value("SELECT created_at FROM session_state")
    chat.session.execute(SHOW, ["s", GUEST, MENU])
    assert venue.rows("SELECT user_id, last_shown_menu->0->>'name', created_at FROM session_state") == [
        (GUEST, "Idly", began)
    ]
    venue.owner.execute("UPDATE session_state SET last_activity_at = now() - interval '1 hour'")
    assert venue.value(active) == 0
    chat.put("s", IDLY)
    assert venue.value(active) == 1
    assert venue.rows("SELECT user_id FROM session_state") == [(GUEST,)]


def test_the_state_of_a_session_may_come_after_its_cart(venue: Venue, chat: FrontEnd) -> None:
    chat.put("s", IDLY)
    assert venue.rows(STATE) == [(None, None, "ordering")]
    chat.session.execute("INSERT INTO session_state (session_id, created_at) VALUES ('s', NOW());")
    chat.session.execute("UPDATE session_state SET user_id = %s", [GUEST])
    assert venue.rows(STATE) == [(GUEST, None, "ordering")]
    with pytest.raises(errors.UniqueViolation):
        chat.session.execute("INSERT INTO session_state (session_id) VALUES ('s')")


@pytest.mark.parametrize("by", ["row", "log_event"])
def test_a_checkout_is_the_step_of_its_session_until_its_cart_changes(venue: Venue, chat: FrontEnd, by: str) -> None:
    chat.session.execute(SHOW, ["s", GUEST, MENU])
    chat.put("s", IDLY)
    assert chat.rows(STATE) == [(GUEST, None, "browsing")], "its program sets that step"
    if by == "row":
        chat.session.execute("INSERT INTO session_checkout (session_id, order_type) VALUES ('s', 'take_away')")
    else:
        chat.log("s", "checkout_started")
    assert chat.rows(STATE) == [(GUEST, None, "checkout")]
    chat.session.execute(WISH, ["hot"])
    assert chat.rows(STATE) == [(GUEST, None, "checkout")]
    assert venue.value("SELECT hot->'state'->>'current_step' FROM order_sessions") == "checkout"
    chat.put("s", IDLY)
    assert chat.rows(STATE) == [(GUEST, None, "ordering")]
    chat.order("s")
    assert chat.rows(STATE) == [(GUEST, None, "order_placed")]


def test_log_event_returns_the_id_of_its_event(venue: Venue, chat: FrontEnd) -> None:
    chat.put("s", IDLY, 1, 40)
    event = chat.log("s", "item_added", item_id=IDLY, quantity=1, price="40.00")
    assert event == venue.value("SELECT event_id FROM session_events WHERE event_type = 'item_added'")
    viewed = chat.log("s", "menu_viewed", query="")
    newest = "SELECT event_id FROM session_events ORDER BY seq DESC LIMIT 1"
    assert viewed == venue.value(newest)


def test_an_insert_into_the_events_as_the_papers_write_it_logs_its_event(venue: Venue, chat: FrontEnd) -> None:
    done = chat.session.execute(LOG_VIEW.text)
    assert done.statusmessage == "INSERT 0 0", "the row is kept out: the event has its place in the chain"
    chat.session.execute(SHOW, ["sess_abc123", GUEST, MENU])
    chat.session.execute(LOGGED, ["sess_abc123", Jsonb({"item": "Idly", "qty": 2})])
    chat.put("sess_abc123", IDLY, 2)
    assert venue.rows(EVENTS, "sess_abc123") == [
        ("order_opened", None, None), ("menu_viewed", None, None), ("item_added", "Idly", 2),
    ]  # fmt: skip
    assert (
        venue.value("SELECT event_data->>'meal_period' FROM session_events WHERE event_type = 'menu_viewed'")
        == "Breakfast"
    )
    assert chat.session.execute(LOG_VIEW.text.replace(");", ") RETURNING event_id")).fetchall() == []
    with pytest.raises(Error, match="log_event does not take order_placed"):
        chat.session.execute(LOG_VIEW.text.replace("menu_viewed", "order_placed"))
    assert verify(venue)["sound"] is True


def test_an_insert_into_the_events_by_no_program_is_refused(venue: Venue) -> None:
    with pytest.raises(errors.InsufficientPrivilege, match="An event has its place in a chain") as refused:
        venue.owner.execute(LOG_VIEW.text.encode())
    hint = "A program (`till admin programs add`) may insert, or call log_event."
    assert refused.value.diag.message_hint == hint
    assert venue.types("session_id IS NOT NULL") == []


@pytest.mark.parametrize("by", ["row", "log_event"])
def test_a_checkout_makes_the_payment_intent_of_its_session(venue: Venue, chat: FrontEnd, by: str) -> None:
    intent = "SELECT payment_gateway, gateway_order_id, amount, status, created_at <= now() FROM session_payment_intent"
    chat.put("s", IDLY, 2)
    assert chat.rows(intent) == []
    if by == "row":
        chat.session.execute("INSERT INTO session_checkout (session_id, order_type) VALUES ('s', 'take_away')")
    else:
        chat.log("s", "checkout_started")
    assert chat.rows(intent) == [(None, None, Decimal(80), "created", True)]
    chat.put("s", DOSA)
    assert chat.rows(intent) == [(None, None, Decimal(160), "created", True)], "it is what the guest is asked to pay"
    named = "session_payment_intent (session_id, payment_gateway, gateway_order_id) VALUES ('s', 'razorpay', 'order_1')"
    if by == "row":
        chat.session.execute(f"INSERT INTO {named}".encode())
    else:
        chat.session.execute(
            "UPDATE session_payment_intent SET payment_gateway = 'razorpay', gateway_order_id = 'order_1'"
        )
    chat.put("s", IDLY)
    assert chat.rows(intent) == [("razorpay", "order_1", Decimal(160), "created", True)], "as the gateway was told"
    chat.log("s", "checkout_started")
    assert chat.rows(intent) == [("razorpay", "order_1", Decimal(160), "created", True)]
    assert "gateway_order_named" in venue.types("session_id = 's'")


def test_special_instructions_of_a_checkout_are_the_note_of_the_order(venue: Venue, chat: FrontEnd) -> None:
    chat.put("s", IDLY)
    asked = """INSERT INTO session_checkout (session_id, order_type, special_instructions)
        VALUES ('s', 'take_away', %s) ON CONFLICT (session_id) DO UPDATE
        SET special_instructions = EXCLUDED.special_instructions"""
    note = "SELECT value FROM session_preferences WHERE name = 'note'"
    for words in ("no onions", "no onions", "no nuts"):
        chat.session.execute(asked, [words])
        assert chat.rows(note) == [(words,)]
    assert venue.types("event_type = 'order_noted'") == ["order_noted"] * 2
    assert venue.value("SELECT count(*) FROM session_events WHERE body LIKE '%%nuts%%'") == 0, "it can be erased"
    venue.owner.execute(EMPTY)
    venue.value("SELECT hot.hot_rebuild_v1(%s)", venue.store)
    assert chat.rows(note) == [("no nuts",)]
    events = venue.till().read("till.session_events_v1", session=str(venue.value("SELECT warm.stream_of('s')")))[
        "events"
    ]
    order = fold(unseal(one["b"], one["h"], one["t"]) for one in events)
    assert order is not None
    assert order.note == "no nuts"
    chat.session.execute(asked, [None])
    assert chat.rows(note) == [("",)]
    with pytest.raises(Error, match="Special instructions have 250 characters at most"):
        chat.session.execute(asked, ["x" * 251])


@pytest.mark.parametrize(("item", "quantity", "late"), [(DOSA, 3, 0), (IDLY, 3, 0), (IDLY, 2, 11)])
def test_log_event_never_parts_the_order_from_the_cart(
    venue: Venue, chat: FrontEnd, item: str, quantity: int, late: int
) -> None:
    chat.put("s", IDLY, 2, 40)
    venue.owner.execute("UPDATE hot.session_told SET told_at = told_at - make_interval(secs => %s)", [late])
    notices: list[str | None] = []

    def hear(notice: Diagnostic) -> None:
        notices.append(notice.message_primary)

    chat.session.add_notice_handler(hear)
    assert chat.log("s", "item_added", item_id=item, quantity=quantity) is None
    chat.session.remove_notice_handler(hear)
    assert notices == ["No event: a row of session_cart writes item_added."]
    assert pieces(venue, "s") == in_cart(venue, "s") == shown(venue, "s") == {IDLY: 2}
    chat.order("s")
    assert venue.rows("SELECT total_amount FROM orders") == [(Decimal("80.00"),)]


def test_order_is_placed_with_the_pieces_of_its_cart(venue: Venue, chat: FrontEnd) -> None:
    chat.put("s", IDLY, 2, 40)
    chat.put("s", DOSA, 2, 80)
    venue.owner.execute("UPDATE session_cart SET quantity = 1 WHERE item_id = %s", [IDLY])  # the owner makes no event
    venue.owner.execute("DELETE FROM session_cart WHERE item_id = %s", [DOSA])
    venue.owner.execute("UPDATE order_sessions SET hot = jsonb_set(hot, '{cart}', '[]')")
    total = chat.value("SELECT get_cart_total('s')")
    chat.order("s")
    assert venue.rows("SELECT total_amount FROM orders") == [(total,)]
    assert pieces(venue, "s") == {IDLY: 1}


@pytest.mark.parametrize("last", ["row", "menu_viewed", "checkout", "preference_set", "nothing"])
def test_the_times_and_the_menu_of_a_session_come_back_as_they_were(venue: Venue, chat: FrontEnd, last: str) -> None:
    if last != "nothing":
        chat.session.execute(SHOW, ["s", GUEST, MENU])
    chat.put("s", IDLY)
    match last:
        case "checkout":
            chat.session.execute("INSERT INTO session_checkout (session_id, order_type) VALUES ('s', 'take_away')")
        case "menu_viewed" | "preference_set":
            chat.log("s", last, query="", result_count=0, meal_period="", name="spice", value="hot")
    state = "SELECT created_at, last_activity_at, last_shown_menu FROM session_state"
    before = venue.rows(state)
    venue.owner.execute(EMPTY)
    venue.value("SELECT hot.hot_rebuild_v1(%s)", venue.store)
    assert venue.rows(state) == before
    venue.owner.execute(EMPTY)
    chat.put("s", DOSA)
    ((began, heard, menu),) = venue.rows(state)
    assert (began, menu) == (before[0][0], before[0][2])
    assert heard > before[0][1]


def test_hot_rows_emptied_by_a_crash_are_rebuilt_as_they_were(venue: Venue, chat: FrontEnd) -> None:
    chat.session.execute(SHOW, ["s", GUEST, MENU])
    chat.put("s", IDLY, 2, 40, "Idly")
    venue.owner.execute("UPDATE menu_item SET price = 79.995 WHERE menu_item_id = %s", [DOSA])
    chat.put("s", DOSA, 1, 80, "Masala Dosa")
    chat.session.execute(
        """UPDATE session_state SET last_mentioned_item_id = %s, last_mentioned_item_name = %s,
            current_step = 'ordering'""",
        [IDLY, "Idly"],
    )
    chat.session.execute(WISH, ["hot"])
    before = [venue.rows(query) for query in (*ROWS, "SELECT item_id, added_at FROM session_cart ORDER BY 1")]
    assert all(before)
    venue.owner.execute(EMPTY)
    assert venue.value("SELECT hot.hot_rebuild_v1(%s)", venue.store) == 1
    assert [venue.rows(query) for query in (*ROWS, "SELECT item_id, added_at FROM session_cart ORDER BY 1")] == before
    assert chat.value("SELECT get_cart_total('s')") == Decimal("159.995")


LOSSES = {
    "a crash": EMPTY,
    "a day without a word": (
        "DO $$ BEGIN PERFORM hot.release_sessions("
        "ARRAY(SELECT hot.cold_sessions(store_id, now() + interval '1 day', 9))) FROM stores; END $$"
    ),
}


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("logs", [True, False])
@pytest.mark.parametrize("item", [IDLY, VADA])
def test_a_program_that_writes_on_before_its_rows_are_made_again_loses_nothing(
    venue: Venue, chat: FrontEnd, loss: str, item: str, *, logs: bool
) -> None:
    venue.owner.execute(
        """INSERT INTO menu_item (store_id, menu_item_id, name, category_id, price, tax)
        SELECT store_id, %s, 'Vada', category_id, 40, tax FROM menu_item LIMIT 1""",
        [VADA],
    )
    chat.session.execute(SHOW, ["s", GUEST, MENU])
    chat.session.execute(WISH, ["hot"])
    chat.put("s", IDLY, 2, 40)
    chat.put("s", DOSA, 1, 80)
    chat.session.execute("UPDATE session_state SET last_mentioned_item_name = 'Idly', current_step = 'ordering'")
    venue.owner.execute(LOSSES[loss])
    assert venue.value("SELECT count(*) FROM session_cart") == 0
    if logs:
        chat.log("s", "item_added", item_id=item, quantity=1, price=40)
    chat.put("s", item, 1, 40)
    expected = {IDLY: 2, DOSA: 1}
    expected[item] = expected.get(item, 0) + 1
    assert pieces(venue, "s") == in_cart(venue, "s") == shown(venue, "s") == expected
    assert chat.rows(STATE) == [(GUEST, "Idly", "ordering")]
    assert chat.rows("SELECT name, value FROM session_preferences") == [("spice", "hot")]
    chat.order("s")
    assert dict(venue.rows("SELECT menu_item_id, quantity FROM order_item")) == expected


def test_a_state_that_is_written_again_after_a_crash_keeps_what_it_does_not_name(venue: Venue, chat: FrontEnd) -> None:
    chat.put("s", IDLY, 2, 40)
    chat.session.execute(SHOW, ["s", GUEST, MENU])
    chat.session.execute("UPDATE session_state SET last_mentioned_item_name = 'Idly', current_step = 'ordering'")
    venue.owner.execute(EMPTY)
    chat.session.execute(SHOW, ["s", GUEST, "[]"])
    assert chat.rows(STATE) == [(GUEST, "Idly", "ordering")]
    assert chat.rows("SELECT last_shown_menu FROM session_state") == [([],)]
    assert in_cart(venue, "s") == pieces(venue, "s") == {IDLY: 2}
    chat.session.execute("TABLE session_cart")
    venue.owner.execute(EMPTY)
    assert chat.call("complete", "s")["total"] == "80.00"


def test_an_operation_of_a_program_is_refused_while_a_till_has_the_order(venue: Venue, chat: FrontEnd) -> None:
    session, till = new_id(), venue.till()
    made = chat.call("save", session, [{"item_id": IDLY, "item": "Idly", "quantity": 2, "unit_price": "40.00"}])
    parked = chat.call("update", session, made["version"], {"status": "pending_logout", "user": 1})
    assert (parked["user"], parked["status"]) == (1, "pending_logout")
    cart = Cart(session=session, lines={made["items"][0]["line_ids"][0]: (IDLY, 2)})
    till.take(cart)
    assert till.shown(cart)["ok"]
    version = chat.call("by_id", session)["version"]
    for operation, *more in (
        ("save", []), ("update", version, {"items": []}), ("complete",), ("discard", "x"),
        ("assign_to_tab", None, "Window", None, None),
    ):  # fmt: skip
        with pytest.raises(Error, match="The order is at a till now"):
            chat.call(operation, session, *more)
    with pytest.raises(Error, match="The order is at a till now"):
        chat.order(session)


def test_the_seven_operations_are_a_programs_face_too(venue: Venue, chat: FrontEnd) -> None:
    new = [{"item_id": IDLY, "item": "Idly", "quantity": 2, "unit_price": "40.00"}]
    made = chat.call("save", "s", new)
    assert (made["session"], made["total"], made["user"]) == ("s", "80.00", 0)
    assert chat.call("save", None, new)["session"] != "s", "another guest has an order of their own"
    assert chat.value("SELECT get_cart_total('s')") == 80
    chat.put("s", DOSA, 1, 80)
    changed = chat.call("by_id", "s")
    assert changed["total"] == "160.00"
    changed = chat.call("update", "s", changed["version"], {"order_type": "dine_in", "preferences": {"spice": "hot"}})
    venue.owner.execute(EMPTY)
    venue.value("SELECT hot.hot_rebuild_v1(%s)", venue.store)
    assert in_cart(venue, "s") == {IDLY: 2, DOSA: 1}
    assert chat.rows("SELECT name, value FROM session_preferences") == [("spice", "hot")]
    order = chat.call("complete", "s", None, "card")
    assert (order["total"], order["payment_method"]) == ("160.00", "card")
    source = "SELECT source_name FROM orders JOIN order_source_type USING (order_source_id)"
    assert venue.rows(source) == [("chatbot",)]
    gone = chat.call("save", "gone", new)
    assert chat.call("discard", gone["session"], "changed their mind")["status"] == "discarded"
    assert chat.call("active", None) is None


def test_a_till_that_takes_the_order_sees_its_lines(venue: Venue, chat: FrontEnd) -> None:
    session, till = new_id(), venue.till()
    chat.session.execute(SHOW, [session, GUEST, MENU])
    chat.put(session, IDLY, 2, 40)
    chat.call("assign_to_tab", session, None, "Chat", None, None)
    (tab,) = till.read("till.open_tabs_v1")["tabs"]
    assert (tab["session"], tab["lines"], tab["total"]) == (session, 1, "80.00")
    events = till.read("till.session_events_v1", session=session)["events"]
    order = fold(unseal(one["b"], one["h"], one["t"]) for one in events)
    assert order is not None
    assert [(line.name, line.quantity) for line in order.lines.values()] == [("Idly", 2)]

    cart = Cart(session=session, lines={next(iter(order.lines)): (IDLY, 2)})
    till.take(cart, user=1)
    till.add(cart, DOSA)
    assert till.shown(cart)["ok"]
    assert cart.hold > tab["hold_id"]
    assert chat.value("SELECT get_cart_total(%s)", session) == 160, "what the till keyed the guest sees too"
    for write in (lambda: chat.put(session, IDLY), lambda: chat.log(session, "item_added", item_id=IDLY, quantity=1)):
        with pytest.raises(Error, match=r"The order is at a till now\. Continue it there\."):
            write()
    till.place(cart)
    assert till.push()["ok"]
    source = "SELECT source_name, o.till_id FROM orders AS o JOIN order_source_type USING (order_source_id)"
    assert venue.rows(source) == [("chatbot", 1)]


def test_an_idle_order_suspended_by_the_sweep_goes_on_with_the_next_write(venue: Venue, chat: FrontEnd) -> None:
    chat.put("s", IDLY, 1, 40)
    swept = "SELECT warm.server_event_v1(%s, NULL, 'session_swept', 's', '{\"minutes\": 30}')"
    venue.value(swept, venue.store)
    assert venue.value("SELECT status FROM order_sessions") == "pending_logout"
    chat.put("s", IDLY, 1, 40)
    assert venue.value("SELECT status FROM order_sessions") == "active"
    assert pieces(venue, "s") == {IDLY: 2}


def test_two_connections_of_one_program_at_once_open_one_order(venue: Venue, chat: FrontEnd) -> None:
    with connect(chat.way) as other:
        with chat.session.transaction():
            chat.put("s", IDLY, 1, 40)
            other.execute("SET lock_timeout = '200ms'")
            with pytest.raises(errors.LockNotAvailable):
                other.execute(SHOW, ["s", GUEST, MENU])
        other.execute(SHOW, ["s", GUEST, MENU])
    assert venue.types("session_id = 's'") == ["order_opened", "item_added", "menu_viewed"]


def test_the_owner_keeps_hot_rows_without_events_as_ever(venue: Venue) -> None:
    venue.owner.execute("INSERT INTO session_cart (session_id, item_id, price) VALUES ('s', 'x', 1)")
    assert venue.value("SELECT count(*) FROM session_events WHERE session_id = 's'") == 0
