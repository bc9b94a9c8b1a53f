"""The seven operations of an order session, and who may use them."""

from __future__ import annotations

import json
import uuid
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import Error
from psycopg.types.json import Jsonb

from tests.sql.ringing import DOSA, IDLY, Cart, make_venue
from till.domain.streams import unseal

if TYPE_CHECKING:
    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

NEW = [{"item_id": IDLY, "item": "Idly", "quantity": 2, "unit_price": "40.00"}]


MENTION = "UPDATE session_state SET last_mentioned_item_id = %s, last_mentioned_item_name = 'Idly'"


class Program:
    """A program that is not a till, on behalf of a person."""

    def __init__(self, venue: Venue, actor: int | None) -> None:
        self.venue, self.actor = venue, actor

    def call(self, operation: str, *parameters: Any) -> Any:
        values = [Jsonb(p) if isinstance(p, (dict, list)) else p for p in parameters]
        marks = ", ".join(["%s"] * (len(values) + 2))
        query = f"SELECT till.order_session_{operation}_v1({marks})"
        return self.venue.value(query, self.venue.store, self.actor, *values)


@pytest.fixture
def asha(venue: Venue) -> Program:
    return Program(venue, 1)


def test_create_change_and_complete(venue: Venue, asha: Program) -> None:
    made = asha.call("save", None, NEW)
    assert (made["status"], made["total"], made["lines"], made["till"]) == ("active", "80.00", 1, None)
    assert asha.call("active", 1)["session"] == made["session"]
    items = [
        {**made["items"][0], "quantity": 3},
        {"item_id": DOSA, "item": "Dosa", "quantity": 1, "unit_price": "80.00"},
    ]
    changed = asha.call("update", made["session"], made["version"], {"items": items, "order_type": "dine_in"})
    assert (changed["total"], changed["order_type"], changed["refold"]) == ("200.00", "dine_in", False)
    assert venue.value("SELECT get_cart_total(%s)", made["session"]) == Decimal("200.00")
    dropped = asha.call("save", made["session"], changed["items"][:1])
    assert (dropped["total"], dropped["lines"]) == ("120.00", 1)

    one, more = dropped["items"][0]["line_ids"]  # pieces beyond what was keyed are a line of their own
    cart = Cart(session=made["session"], lines={one: (IDLY, 2), more: (IDLY, 1)})
    order = asha.call("complete", made["session"], cart.frozen())
    assert venue.rows("SELECT order_id::text, total_amount, till_id FROM orders") == [
        (order["order_id"], Decimal("120.00"), 0)
    ]
    assert asha.call("by_id", made["session"])["status"] == "completed"
    assert asha.call("active", 1) is None
    assert venue.types("session_id IS NOT NULL") == [
        "order_opened", "item_added", "item_added", "item_added", "order_type_set", "line_voided", "payment_started",
        "payment_approved", "order_placed",
    ]  # fmt: skip


def test_completing_needs_no_more_than_the_session(asha: Program, venue: Venue) -> None:
    made = asha.call(
        "save", None, [*NEW, {"item_id": DOSA, "item": "Masala Dosa", "quantity": 1, "unit_price": "80.00"}]
    )
    venue.owner.execute(MENTION, [IDLY])
    order = asha.call("complete", made["session"], None, "card")
    assert (order["session"], order["total"], order["net"], order["tax"], order["order_type"]) == (
        made["session"], "160.00", "152.38", "7.62", "take_away",
    )  # fmt: skip
    assert [(item["item"], item["quantity"], item["subtotal"]) for item in order["items"]] == [
        ("Idly", 2, "80.00"), ("Masala Dosa", 1, "80.00"),
    ]  # fmt: skip
    assert order["payments"] == [{"tender": "CARD", "amount": "160.00"}]
    assert venue.rows("SELECT order_id::text, receipt FROM orders") == [(order["order_id"], order["receipt"])]
    assert venue.rows("SELECT line_id::text FROM cold.order_line ORDER BY 1") == sorted(
        (line,) for item in made["items"] for line in item["line_ids"]
    )
    assert venue.rows("SELECT user_id, last_mentioned_item_name, current_step FROM session_state") == [
        ("1", "Idly", "order_placed")
    ]
    with pytest.raises(Error, match="The order is completed"):
        asha.call("complete", made["session"])


def test_a_session_whose_hot_rows_are_gone_is_completed_too(asha: Program, venue: Venue) -> None:
    made = asha.call("save", None, NEW)
    venue.owner.execute("TRUNCATE hot.session_cart, hot.session_state, hot.session_preferences")
    assert asha.call("complete", made["session"])["total"] == "80.00"
    assert venue.rows("SELECT item_name, is_active FROM session_cart") == [("Idly", False)]


def test_an_order_that_its_cart_does_not_show_is_not_completed_from_it(asha: Program, venue: Venue) -> None:
    tabbed = asha.call("save", None, NEW)
    asha.call("assign_to_tab", tabbed["session"], None, "Window", 7, 2)
    with pytest.raises(Error, match="The order is assigned to tab and can no longer change"):
        asha.call("complete", tabbed["session"])
    till, cart = venue.keyed(IDLY)
    till.shown(cart)
    till.add(cart, DOSA)
    till.push()  # and its snapshot does not come
    with pytest.raises(Error, match="Open it on a till first"):
        asha.call("complete", cart.session)
    assert venue.value("SELECT count(*) FROM orders") == 0


def test_saving_without_an_id_goes_on_with_the_order_that_the_person_has_open(asha: Program, venue: Venue) -> None:
    made = asha.call("save", None, NEW)
    again = asha.call("save", None, [*NEW, {"item_id": DOSA, "item": "Dosa", "quantity": 1, "unit_price": "80.00"}])
    assert (again["session"], again["total"]) == (made["session"], "160.00")
    assert again["items"][0]["line_ids"] == made["items"][0]["line_ids"]
    assert Program(venue, 2).call("save", None, NEW)["session"] != made["session"]
    asha.call("discard", made["session"], "left")
    assert asha.call("save", None, NEW)["session"] != made["session"]
    assert venue.value("SELECT count(*) FROM session_events WHERE event_type = 'line_voided'") == 0


def test_staff_name_an_item_by_its_id_alone(asha: Program, venue: Venue) -> None:
    venue.owner.execute("DELETE FROM cold.menu_item_availability_schedule")  # breakfast is over
    made = asha.call("save", None, [{"item_id": IDLY, "quantity": 2}])
    (item,) = made["items"]
    assert (item["item"], item["unit_price"], made["total"]) == ("Idly", "40.00", "80.00")
    dosa = {"item_id": DOSA, "quantity": 1, "unit_price": "60.00"}
    both = asha.call("update", made["session"], made["version"], {"items": [{"item_id": IDLY, "quantity": 2}, dosa]})
    assert both["items"][0]["line_ids"] == item["line_ids"]
    assert (both["items"][1]["item"], both["total"]) == ("Masala Dosa", "140.00")
    venue.owner.execute("UPDATE cold.menu_item SET sold_out = true, price = 45")
    fewer = asha.call("save", made["session"], [{"item_id": IDLY, "quantity": 1}])
    assert (fewer["total"], fewer["items"][0]["line_ids"]) == ("40.00", item["line_ids"]), "the price of its lines"
    for wanted, why in ((IDLY, "Idly is sold out"), ("nothing", "no item nothing on the menu"), (None, "no item")):
        with pytest.raises(Error, match=why):
            asha.call("save", made["session"], [{"item_id": wanted, "quantity": 3}])
    assert asha.call("by_id", made["session"])["total"] == "40.00"


def test_lines_that_are_not_named_are_those_of_the_item_at_its_price(asha: Program, venue: Venue) -> None:
    cheap = {"item_id": IDLY, "item": "Idly", "quantity": 1, "unit_price": "30.00"}
    made = asha.call("save", None, [*NEW, cheap, cheap])
    first, second, third = (item["line_ids"][0] for item in made["items"])
    bare = [cheap, {**NEW[0], "unit_price": "40"}, cheap]
    same = asha.call("save", made["session"], bare)
    assert [item["line_ids"] for item in same["items"]] == [[first], [second], [third]]
    assert same["version"] == made["version"]
    fewer = asha.call("save", made["session"], [{**made["items"][1], "quantity": 1}, {**NEW[0], "quantity": 1}])
    assert [(item["line_ids"], item["quantity"], item["voided"]) for item in fewer["items"]] == [
        ([first], 1, False), ([second], 1, False), ([third], 1, True),
    ]  # fmt: skip
    assert venue.types("session_id IS NOT NULL")[-2:] == ["quantity_changed", "line_voided"]


def test_a_cart_keeps_the_order_in_which_a_program_filled_it(asha: Program, venue: Venue) -> None:
    items = [{**NEW[0], "item_id": item, "item": item} for item in ("zebra", "apple", "mango")]
    made = asha.call("save", None, items)
    query = "SELECT item_id FROM get_session_cart(%s)"
    shown = "SELECT item_id, added_at FROM session_cart ORDER BY 1"
    assert [row[0] for row in venue.rows(query, made["session"])] == ["zebra", "apple", "mango"]
    before = venue.rows(shown)
    changed = asha.call("save", None, [*items, {**items[0], "item_id": "birch", "item": "birch"}])
    assert [row[0] for row in venue.rows(query, made["session"])] == ["zebra", "apple", "mango", "birch"]
    assert [row for row in venue.rows(shown) if row[0] != "birch"] == before
    venue.owner.execute("TRUNCATE hot.session_cart, hot.session_state, hot.hot_epoch")
    asha.call("update", made["session"], changed["version"], {"order_type": "dine_in"})
    assert [row for row in venue.rows(shown) if row[0] != "birch"] == before


def test_an_order_type_changes_nothing_of_what_was_mentioned_last(asha: Program, venue: Venue) -> None:
    made = asha.call("save", None, [*NEW, {"item_id": DOSA, "item": "Dosa", "quantity": 1, "unit_price": "80.00"}])
    venue.owner.execute(MENTION, [IDLY])
    asha.call("update", made["session"], made["version"], {"order_type": "dine_in", "preferences": {"spice": "hot"}})
    assert venue.rows("SELECT last_mentioned_item_id, last_mentioned_item_name FROM session_state") == [(IDLY, "Idly")]


def test_parked_taken_up_and_preferences(asha: Program, venue: Venue) -> None:
    made = asha.call("save", None, NEW)
    parked = asha.call("update", made["session"], made["version"], {"status": "pending_logout"})
    assert parked["logout_time"]
    active = asha.call(
        "update", made["session"], parked["version"], {"status": "active", "preferences": {"spice": "hot"}}
    )
    assert (active["status"], active["hold_id"], active["logout_time"]) == ("active", made["hold_id"], None)
    assert venue.rows("SELECT name, value FROM session_preferences") == [("spice", "hot")]


def test_an_update_of_an_older_version_is_refused(asha: Program) -> None:
    made = asha.call("save", None, NEW)
    with pytest.raises(Error, match="moved on to version 2; read it again") as refused:
        asha.call("update", made["session"], 1, {"order_type": "dine_in"})
    assert refused.value.sqlstate == "TL005"
    with pytest.raises(Error, match="An update cannot set"):
        asha.call("update", made["session"], 2, {"total": "0.00"})


def test_to_a_tab(asha: Program, venue: Venue) -> None:
    made = asha.call("save", None, NEW)
    tabbed = asha.call("assign_to_tab", made["session"], None, "Window", 7, 2)
    assert (tabbed["status"], tabbed["tab_name"]) == ("assigned_to_tab", "Window")
    assert venue.till().read("till.open_tabs_v1")["tabs"][0]["total"] == "80.00"
    with pytest.raises(Error, match="assigned to tab and can no longer change"):
        asha.call("discard", made["session"], "too late")


@pytest.mark.parametrize(
    ("named", "where", "paid", "expected"),
    [
        (None, (None, 7), False, "dine_in"),
        (None, ("Rao", 7), False, "dine_in"),
        (None, ("Rao",), False, "take_away"),
        ("take_away", (None, 7), False, "take_away"),
        ("delivery", (None, 7), False, "delivery"),
        (None, (None, 7), True, "take_away"),
    ],
)
def test_a_table_makes_an_order_eat_in_unless_its_type_was_named(
    asha: Program, venue: Venue, named: str | None, where: tuple[Any, ...], paid: bool, expected: str
) -> None:
    made = asha.call("save", None, NEW, *([named] if named else []))
    if paid:
        part = {"payment_id": str(uuid.uuid4()), "tender": "CASH", "amount": "10.00", "change": "0"}
        venue.owner.execute("SELECT cold.write_payments(%s, 1, %s, %s)", [venue.store, made["session"], Jsonb([part])])
    tabbed = asha.call("assign_to_tab", made["session"], None, *where)
    assert (tabbed["order_type"], tabbed["status"]) == (expected, "assigned_to_tab")
    cart, till = Cart(session=made["session"]), venue.till()
    till.take(cart)
    assert venue.value("SELECT order_type FROM order_sessions WHERE id = %s", made["session"]) == expected


def test_a_tab_that_is_only_given_its_table_is_called_by_it(asha: Program, venue: Venue) -> None:
    made = asha.call("save", None, NEW)
    with pytest.raises(Error, match="A tab has a name or a table number"):
        asha.call("assign_to_tab", made["session"], None, " ")
    tabbed = asha.call("assign_to_tab", made["session"], None, None, 7, 2)
    till = venue.till()

    def listed() -> tuple[str, str, int]:
        (row,) = till.read("till.open_tabs_v1")["tabs"]
        return row["tab_name"], row["table_number"], row["covers"]

    assert listed() == ("table 7", "7", 2)
    for given, expected in (
        ((None, 8), ("table 8", "8", 2)),
        (("Rao",), ("Rao", "8", 2)),
        ((None, None, 3), ("Rao", "8", 3)),
    ):
        cart = Cart(session=made["session"])
        till.take(cart)
        till.resume(cart)
        till.push()
        venue.owner.execute("UPDATE order_sessions SET hold_till = 0, status = 'active'")
        asha.call("assign_to_tab", made["session"], tabbed["tab_id"], *given)
        assert listed() == expected


def test_discarded_with_a_reason(asha: Program, venue: Venue) -> None:
    made = asha.call("save", None, NEW)
    with pytest.raises(Error, match="needs a reason"):
        asha.call("discard", made["session"], " ")
    assert asha.call("discard", made["session"], "left")["status"] == "discarded"
    assert venue.rows("SELECT text FROM warm.event_texts WHERE field = 'reason'") == [("left",)]


def test_sums_that_do_not_agree_are_refused_and_nothing_is_written(asha: Program, venue: Venue) -> None:
    made = asha.call("save", None, NEW)
    before = venue.value("SELECT count(*) FROM session_events")
    with pytest.raises(Error, match="does not add up") as refused:
        asha.call("complete", made["session"], Cart(lines={str(uuid.uuid4()): (IDLY, 2)}).frozen(total="1.00"))
    assert refused.value.sqlstate == "TL001"
    assert venue.value("SELECT count(*) FROM session_events") == before
    assert venue.value("SELECT count(*) FROM warm.quarantine") == 0


@pytest.mark.parametrize(("actor", "may"), [(1, True), (2, False), (9, True), (7, True), (55, False)])
def test_a_cashier_reaches_own_orders_a_manager_the_stores(
    venue: Venue, asha: Program, actor: int, *, may: bool
) -> None:
    made = asha.call("save", None, NEW)
    person = Program(venue, actor)
    for operation in (("by_id", made["session"]), ("active", 1), ("save", made["session"], made["items"])):
        if may:
            assert person.call(*operation)["session"] == made["session"]
        else:
            with pytest.raises(Error) as refused:
                person.call(*operation)
            assert refused.value.sqlstate == "TL003"


def test_a_manager_of_one_store_does_not_reach_another_but_an_admin_does(venue: Venue, asha: Program) -> None:
    made = asha.call("save", None, NEW)
    other = make_venue(venue.owner, venue.app)
    assert Program(other, 7).call("by_id", made["session"])["total"] == "80.00"
    with pytest.raises(Error, match="belongs to another person"):
        Program(other, 9).call("by_id", made["session"])


def test_a_till_sees_what_a_program_did_to_its_order(venue: Venue) -> None:
    till, cart = venue.keyed((IDLY, 2))
    till.shown(cart)
    manager = Program(venue, 9)
    manager.call("save", cart.session, [])
    reply = till.push()

    assert [json.loads(event["b"])["type"] for event in reply["events"]] == ["line_voided"]
    assert reply["sessions"][0]["refold"] is True
    with pytest.raises(Error, match="Open it on a till first"):
        manager.call("save", cart.session, NEW)


def test_the_servers_chain_is_one_that_python_can_read(venue: Venue, asha: Program) -> None:
    made = asha.call("save", None, NEW)
    asha.call("discard", made["session"], "naïve “reason” \\ \n \u2028 😀 \u200b")
    chain = venue.rows(
        """SELECT body, hash, (
            SELECT coalesce(json_object_agg(field, json_build_object('salt', salt, 'text', text)), '{}')
            FROM warm.event_texts t WHERE t.event_id = e.event_id
        ) FROM session_events e WHERE till_id = 0 ORDER BY seq"""
    )
    before = "0" * 64
    newest = ""
    events = [unseal(body, sealed, texts) for body, sealed, texts in chain]
    for number, (event, (body, sealed, _texts)) in enumerate(zip(events, chain, strict=True), 1):
        assert (event.seq, event.prev_hash, event.body) == (number, before, body)
        assert event.id > newest
        before, newest = sealed, event.id
    assert events[-1].texts["reason"].text == "naïve “reason” \\ \n \u2028 😀 \u200b"
    assert (before, len(events)) == tuple(venue.rows("SELECT hash, seq FROM warm.journal_head WHERE till_id = 0")[0])


def test_the_owner_of_the_database_reaches_every_order(venue: Venue, asha: Program) -> None:
    made = asha.call("save", None, NEW)
    owner = Program(venue, None)
    parked = owner.call("update", made["session"], made["version"], {"status": "pending_logout"})
    assert parked["status"] == "pending_logout"
    assert owner.call("update", made["session"], parked["version"], {"status": "active"})["status"] == "active"
    assert owner.call("discard", made["session"], "the till is gone")["status"] == "discarded"


def test_a_look_at_an_order_does_not_wait_for_who_is_at_work_on_it(
    venue: Venue, asha: Program, database: Database
) -> None:
    session = asha.call("save", None, NEW)["session"]
    with database.connect() as other, other.transaction():
        other.execute("SELECT FROM till.order_sessions WHERE id = %s FOR UPDATE", (session,))
        venue.owner.execute("SET statement_timeout = '5s'")
        assert [item["item"] for item in asha.call("by_id", session)["items"]] == ["Idly"]


@pytest.mark.parametrize("kind", ["tab", "ticket", "neither"])
def test_pieces_that_a_program_takes_off_were_sent_if_a_tab_or_a_ticket_has_them(
    venue: Venue, asha: Program, kind: str
) -> None:
    made = asha.call("save", None, [{**one, "quantity": 3} for one in NEW])
    session, line = made["session"], made["items"][0]["line_ids"][0]
    if kind == "tab":  # it stands on a tab, and was recalled
        venue.owner.execute("UPDATE till.order_sessions SET tab_id = gen_random_uuid() WHERE id = %s", [session])
    if kind == "ticket":
        ticket = {"line_id": line, "pieces": 3, "item_id": made["items"][0]["item_id"]}
        sent = {"station": "Grill", "ticket": "0-1", "kind": "new", "lines": [ticket]}
        venue.value("SELECT warm.server_event_v1(%s, 1, 'lines_sent', %s, %s)", venue.store, session, Jsonb(sent))
    present = asha.call("by_id", session)
    items = [{**present["items"][0], "quantity": 2}]
    asha.call("update", session, present["version"], {"items": items})
    (removed,) = venue.rows("SELECT event_data->'removed' FROM session_events WHERE event_type = 'quantity_changed'")
    assert removed[0].get("sent", False) is (kind != "neither")
