"""Events that the server writes are readable by a till: each type in its own chain, sealed and to its shape."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from psycopg import Error
from psycopg.types.json import Jsonb

from tests.plugins.front_ends import front_end
from tests.simulation.server import PIN_HASH
from tests.sql.ringing import DOSA, IDLY, MENU, Cart, new_id
from tests.sql.test_charged import intend
from tests.sql.test_operations import NEW, Program
from tests.sql.test_upkeep import age, maintain
from tests.sql.test_verify import verify
from till.domain.events.envelope import NO_HASH, sha256
from till.domain.events.registry import name_of
from till.domain.streams import REGISTRY, unseal

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Till, Venue

CHAIN = """
    SELECT body, hash, (
        SELECT coalesce(json_object_agg(field, json_build_object('salt', salt, 'text', text)), '{}')
        FROM warm.texts_of(e.event_id)
    ) FROM warm.log e WHERE till_id = 0 OR for_till IS NOT NULL ORDER BY seq
"""


#: An export of a day.
MADE = {
    "export": "xf-daybook", "first": "2026-03-01", "last": "2026-03-01", "begins": "2026-02-28T18:30:00.000000Z",
    "ends": "2026-03-01T18:30:00.000000Z", "heads": [],
}  # fmt: skip


def administer(venue: Venue) -> None:
    """Every act of administration, once."""

    def act(name: str, *values: Any) -> Any:
        return venue.value(f"SELECT till.{name}({', '.join(['%s'] * (len(values) + 1))})", venue.store, *values)

    act("store_settings_v1", 9, Jsonb({"tax_number": "29NEW", "trading_days": {"1": "2026-03-03"}}))
    act("enrolment_make_v1", 9, 3, "add", "Garden", sha256("a code"))
    act("till_enrol_v1", 9, 3, "Garden", sha256("secret 3"))
    act("till_rename_v1", 9, 3, "Terrace")
    act("till_money_v1", 9, 3, False)
    act("till_revoke_v1", 9, 3)
    act("program_add_v1", 9, "chat")
    act("program_revoke_v1", 9, "chat")
    act("till_adopt_v1", 9, 2)
    act("till_adopt_v1", 9, 2, new_id())
    act("backlog_take_v1", 9, 2, new_id())
    act("user_disable_v1", 9, 2, True)
    act("user_disable_v1", 9, 2, False)
    act("user_set_pin_v1", 9, 2, PIN_HASH)
    act("user_set_password_v1", 9, 2, "0123456789abcdef" * 2, sha256("stretched"))
    act("user_unlock_v1", 9, 2)
    act("user_rename_v1", 9, 2, "Asha K.")
    act("user_set_role_v1", 9, 2, "cashier")
    act("user_set_language_v1", 9, 2, "es")
    act("menu_import_v1", 9, Jsonb(MENU))
    act("menu_sold_out_v1", 9, DOSA, True)
    act("menu_edit_v1", 9, DOSA, Jsonb({"price": None, "prices": [{"from": "2099-12-01T00:00:00Z", "price": None}]}))
    rate = {"from": "2099-12-01T00:00:00Z", "tax": "A", "order_type": "dine_in"}
    act("menu_rate_v1", 9, Jsonb({"items": {DOSA: [rate]}}))
    act("menu_bring_back_v1", 9, 2)
    hours = [{"from": "22:00", "to": "02:00", "days": [5, 6]}, {"from": "12:00", "to": "14:00"}]
    act("menu_schedule_v1", 9, Jsonb({"item_id": DOSA}), "Late", Jsonb(hours))
    act("menu_schedule_v1", 9, Jsonb({"category_id": "c1"}), None, None)
    guest = act("customer_add_v1", 9, "Mrs Rao", "+91 98450 12345")
    act("account_set_v1", 9, guest, 500, False)
    venue.owner.execute(
        "INSERT INTO till.value_movements "
        "(movement_id, store_id, tender, holder_id, amount, state, till_id, moved_at) "
        "VALUES (gen_random_uuid(), %s, 'ACCOUNT', %s, 80, 'spent', 1, now())",
        [venue.store, guest],
    )
    act("account_pay_off_v1", 9, guest, 80, "CASH")
    act("account_correct_v1", 9, guest, act("pay_offs_v1")[0]["pay_off"])
    act("account_pay_off_v1", 9, guest, 80, "CARD")
    act("voucher_void_v1", 9, act("voucher_issue_v1", 9, sha256("a code"), "WXYZ", 500, None))
    act("customer_bill_v1", 9, guest, "29ABCDE1234F1Z5", "4 Church Street")
    # The act of the desk once the tax authority refused a record (`tests.sql.test_fiscal_sender`).
    asked, report = {"number": "1-000001"}, {"sender": 95, "records": 1, "first": "1-000001", "last": "1-000001"}
    for type_, data in (
        *(("fiscal_mend_asked", asked), ("fiscal_send_asked", asked | {"was": "accepted"})),
        *(("fiscal_reported", report), ("invoice_annulled", asked)),
    ):
        query = "SELECT warm.admin_event(%s, 9, %s, %s)"
        venue.owner.execute(query, [venue.store, type_, Jsonb(data)])
    for call, *values in (
        ("export_made_v1", Jsonb(MADE)),
        ("codes_set_v1", "no-saft", Jsonb({"item": {IDLY: "04003"}})),
    ):
        act(call, 9, *values)
    act("customer_erase_v1", 9, guest)
    act("table_set_v1", 9, 7, 4, "garden")
    act("promotion_set_v1", 9, "Happy hour", Jsonb({"percent": "20"}))
    act("promotion_remove_v1", 9, "Happy hour")
    act("stock_items_v1", 9, Jsonb({"items": [{"item_id": IDLY, "name": "Idly"}]}))
    soon = venue.value("SELECT now() + interval '1 hour'")
    for kind in ("cancel", "no_show", "erase"):
        booking = act("booking_add_v1", 9, soon, 60, 4, 7, "Mrs Rao", "98450 12345")
        act(f"booking_{kind}_v1", 9, booking)


def book(venue: Venue, till: Till) -> None:
    """A sale of what another order has, and a manager who books it."""
    venue.value("SELECT till.till_enrol_v1(%s, 9, 4, NULL, %s)", venue.store, sha256("secret 4"))
    other = venue.till(4)
    ahead, sold = Cart(), Cart()
    till.open(ahead)
    till.add(ahead, IDLY)
    other.open(sold)
    sold.lines = dict(ahead.lines)
    other.place(sold)
    other.push()
    till.push()
    [record] = venue.ask("quarantine_list_v1")["quarantine"]
    venue.value("SELECT till.quarantine_book_v1(%s, 9, %s)", venue.store, record["id"])


def trade(venue: Venue) -> None:
    """Every act of a program and of the database itself, once."""
    asha = Program(venue, 1)
    made = asha.call("save", None, NEW)
    session = made["session"]
    fewer = [{**made["items"][0], "quantity": 1}]
    changes = {"items": fewer, "order_type": "dine_in", "preferences": {"spice": "hot"}, "status": "pending_logout"}
    changed = asha.call("update", session, made["version"], changes)
    changed = asha.call("update", session, changed["version"], {"status": "active", "user": 2})
    Program(venue, 9).call("assign_to_tab", session, None, "Window", 7, None)
    for how in ("cleared", "emptied"):
        made = asha.call("save", None, NEW)
        asha.call("save", made["session"], [])
        asha.call("discard", made["session"], how)
    made = asha.call("save", None, NEW)
    line = made["items"][0]["line_ids"][0]
    asha.call("complete", made["session"], Cart(lines={line: (IDLY, 2)}).frozen(voids=[], tab_id=None))
    venue.owner.execute(
        "INSERT INTO session_cart (session_id, item_id, item_name, quantity, price) VALUES ('chat 1', %s, NULL, 3, 10)",
        [IDLY],
    )
    venue.owner.execute("SELECT create_order_from_session('chat 1', 'take_away', 'cash')")
    till = venue.till()
    carts = [Cart() for _each in range(2)]
    for cart in carts:
        till.open(cart)
        till.add(cart, IDLY)
    carts[1].lines.clear()
    till.bring(carts[1], carts[0])
    till.push()  # and hear of that
    cut, two = Cart(), till.add(carts[1], IDLY, 2)
    with till.deciding() as decided:
        amounts = {"line_id": two, "pieces": 2, "unit_price": "40", "price": "80.00"}
        till.make("amounts_fixed", carts[1].session, {"lines": [amounts]})
        till.make("line_cut", carts[1].session, {"line_id": two, "into": cut.session, "quantity": 1})
    till.done(decided)
    carts[1].lines.pop(two)
    for cart in carts:
        till.place(cart)
    till.push()
    [conflict] = venue.ask("conflict_list_v1")["conflicts"]
    venue.value("SELECT till.conflict_resolve_v1(%s, 9, %s, 'given back')", venue.store, conflict["conflict"])
    book(venue, till)
    till.make_badly("no_such_type")
    left = till.keyed()
    till.push()
    [record] = venue.ask("quarantine_list_v1")["quarantine"]
    venue.value("SELECT till.quarantine_resolve_v1(%s, 9, %s, 'looked at')", venue.store, record["id"])
    till.take(Cart(session))
    till.make("preference_set", session, {"name": "spice"}, hold=left.hold)  # no hold of this order
    till.make_badly("no_such_type")
    till.push()
    venue.value("SELECT till.settle_till_v1(%s, 9, %s, 'looked at')", venue.store, till.number)
    venue.value("SELECT till.erase_v1(%s, 9, %s)", venue.store, session)
    age(venue, "31 minutes")
    maintain(venue)


def test_python_reads_every_type_that_the_server_writes(venue: Venue, database: Database) -> None:
    administer(venue)
    trade(venue)
    with front_end(venue.owner, database.app, venue.store, kept=database.kept) as chat:
        chat.put("chat 2", IDLY)
        intend(chat, "chat 2")
        stations = [{"name": "Grill", "categories": ["c1"]}]
        venue.value(
            "SELECT till.store_settings_v1(%s, 9, %s)",
            venue.store, Jsonb({"stations": stations, "cooked": {chat.name: "submitted"}}),
        )  # fmt: skip
        chat.put("chat 3", IDLY)
        chat.order("chat 3")
    venue.value("SELECT till.till_enrol_v1(%s, NULL, 8, NULL, %s)", venue.store, sha256("secret 8"))
    till = venue.till(8)
    till.push(sends=[])  # it had something to send
    assert till.push(sends=[])["ok"]
    before = NO_HASH
    types = set()
    for seq, (body, sealed, texts) in enumerate(venue.rows(CHAIN), 1):
        event = unseal(body, sealed, texts)
        assert (event.is_known, event.seq, event.prev_hash, event.till) == (True, seq, before, 0), body
        assert event.texts.keys() <= event.data.digests.keys()
        before = sealed
        types.add(event.type)

    assert types >= {name_of(kind) for kind in REGISTRY if kind.by_server}
    assert types >= {"journal_opened", "order_opened", "item_added", "quantity_changed", "line_voided",
                     "order_type_set", "preference_set", "order_parked", "order_resumed", "tab_assigned",
                     "order_discarded", "order_placed", "conflict_found"}  # fmt: skip
    assert verify(venue)["sound"] is True


def test_a_clearing_by_the_server_names_the_lines_that_were_known(venue: Venue) -> None:
    till, cart = venue.keyed()
    line = till.add(cart, IDLY)
    till.shown(cart)
    venue.value("SELECT till.session_close_v1(%s, 9, %s, 'left over')", venue.store, cart.session)
    data = venue.value("SELECT event_data->'line_ids' FROM session_events WHERE event_type = 'order_discarded'")
    assert data == [line]
    assert venue.value("SELECT hold_id::text FROM session_events WHERE event_type = 'order_discarded'") == cart.hold


def test_an_order_opened_by_a_program_is_resumed_under_the_hold_of_its_opening(venue: Venue) -> None:
    asha = Program(venue, 1)
    made = asha.call("save", None, NEW)
    parked = asha.call("update", made["session"], made["version"], {"status": "pending_logout"})
    active = asha.call("update", made["session"], parked["version"], {"status": "active"})
    opened = venue.value("SELECT event_id::text FROM session_events WHERE event_type = 'order_opened'")
    assert made["hold_id"] == active["hold_id"] == opened
    assert (active["status"], active["till"], active["holder"]) == ("active", None, 0)


def test_an_event_that_no_till_can_read_is_not_written(venue: Venue) -> None:
    made = Program(venue, 1).call("save", None, NEW)
    wrong = "SELECT warm.server_event_v1(%s, NULL, 'preference_set', %s, '{}')"
    with pytest.raises(Error, match="The event preference_set cannot be recorded") as refused:
        venue.value(wrong, venue.store, made["session"])
    assert refused.value.sqlstate == "TL006"
    assert venue.value("SELECT count(*) FROM session_events WHERE event_type = 'preference_set'") == 0
