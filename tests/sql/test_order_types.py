"""Tax and price by order type at the server: programs, sales, reports, acts between orders, and hostile records."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import Error
from psycopg.types.json import Jsonb

from tests.plugins.front_ends import FrontEnd, front_end
from tests.sql.ringing import DAY, DOSA, IDLY, MENU, Cart, Till, new_id, refund
from tests.sql.test_acting import asked, not_taken
from tests.sql.test_handed import Backup
from tests.sql.test_submitted import folded, stream_of, waiting
from till.administration.calls import AdministrationError
from till.domain.order.evolve import fold
from till.domain.streams import unseal
from till.reports.declared import SALES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.database import Database
    from tests.sql.ringing import Venue
    from till.domain.order.state import Order

NONE = [{"name": "GST", "rate": "0"}]
RATES = [{"order_type": "dine_in", "taxes": [{"name": "GST", "rate": "5"}], "price": "45.00"},
         {"order_type": "take_away", "taxes": NONE}]  # fmt: skip
CART = "SELECT item_id, quantity, price FROM session_cart WHERE session_id = %s AND is_active ORDER BY added_at"


@pytest.fixture
def typed(venue: Venue) -> Venue:
    """A venue whose idly bears no tax to take away, and costs more to eat in."""
    menu: dict[str, Any] = copy.deepcopy(MENU)
    menu["taxes"]["Z"] = NONE
    menu["items"][0]["by_type"] = {"take_away": {"tax": "Z"}, "dine_in": {"price": "45.00"}}
    venue.ask("menu_import_v1", 9, menu)
    venue.owner.execute("DELETE FROM cold.menu_item_availability_schedule")
    return venue


@pytest.fixture
def chat(typed: Venue, database: Database) -> Iterator[FrontEnd]:
    with front_end(typed.owner, database.app, typed.store, kept=database.kept) as program:
        yield program


def order_of(venue: Venue, session: str) -> Order:
    bodies = venue.rows("SELECT body, hash FROM session_events WHERE session_id = %s ORDER BY event_id", session)
    order = fold(unseal(body, sealed, {}) for body, sealed in bodies)
    assert order is not None
    assert not order.unread
    return order


def check_shown(venue: Venue, session: str, order_type: str, *prices: str) -> None:
    """Check the type and prices in the fold, the snapshot, the cart and what the guest is asked to pay."""
    order = order_of(venue, session)
    found = [str(item["unit_price"]) for item in venue.value("SELECT items FROM order_sessions WHERE id = %s", session)]
    assert found == list(prices)
    assert [row.shown["unit_price"] for row in order.priced.rows] == list(prices)
    assert [row[2] for row in venue.rows(CART, session)] == [Decimal(price) for price in prices]
    saved = venue.rows("SELECT order_type, total FROM order_sessions WHERE id = %s", session)
    assert saved == [(order_type, Decimal(order.total) / 100)]
    assert order.order_type == order_type
    intents = venue.rows("SELECT amount FROM session_payment_intent WHERE session_id = %s", session)
    assert intents in ([], [(Decimal(order.total) / 100,)])


def test_type_that_comes_with_the_checkout_prices_the_cart_anew(typed: Venue, chat: FrontEnd) -> None:
    chat.put("s", IDLY, 2)
    chat.put("s", DOSA)
    check_shown(typed, "s", "take_away", "40.00", "80.00")
    checkout = "INSERT INTO session_checkout (session_id, order_type, payment_method) VALUES ('s', %s, 'cash')"
    chat.session.execute(checkout, ["dine_in"])
    check_shown(typed, "s", "dine_in", "45.00", "80.00")
    chat.put("s", IDLY, 1)
    check_shown(typed, "s", "dine_in", "45.00", "80.00")
    assert [line.quantity for line in order_of(typed, "s").lines.values() if line.quantity] in ([2, 1, 1], [1, 3])
    order = chat.order("s")
    shown = typed.rows("SELECT unit_price FROM warm.order_item WHERE order_id = %s ORDER BY position", order)
    assert shown == [(Decimal("40.00"),), (Decimal("80.00"),)], "the counter takes the order as it was submitted"
    assert [tax.percent for line in order_of(typed, "s").lines.values() for tax in line.taxes if line.quantity][:1] == [
        "0"
    ]


def test_a_table_makes_an_order_of_a_program_eat_in_at_its_prices(typed: Venue, chat: FrontEnd) -> None:
    made = chat.call("save", "s", [{"item_id": IDLY, "quantity": 2}])
    assert (made["total"], made["order_type"]) == ("80.00", "take_away")
    tabbed = chat.call("assign_to_tab", "s", None, None, 7)
    assert (tabbed["total"], tabbed["order_type"], tabbed["items"][0]["unit_price"]) == ("90.00", "dine_in", "45.00")
    assert order_of(typed, "s").total == 90_00


def test_update_sets_a_type_and_back(typed: Venue, chat: FrontEnd) -> None:
    made = chat.call("save", "s", [{"item_id": IDLY, "quantity": 2}], "dine_in")
    check_shown(typed, "s", "dine_in", "45.00")
    chat.call("update", "s", made["version"], {"order_type": "take_away"})
    check_shown(typed, "s", "take_away", "40.00")


def test_price_of_a_person_has_none_by_type_and_its_tax_follows(typed: Venue) -> None:
    items = Jsonb([{"item_id": IDLY, "item": "Idly", "quantity": 1, "unit_price": "30.00"}])
    save = "SELECT till.order_session_save_v1(%s, 1, NULL, %s, 'dine_in')->>'session'"
    session = typed.value(save, typed.store, items)
    (line,) = order_of(typed, session).lines.values()
    assert (line.price4, [tax.percent for tax in line.taxes]) == (300_000, ["5"])
    typed.value("SELECT till.set_order_type(%s, 1, %s, 'take_away')", typed.store, session)
    (line,) = order_of(typed, session).lines.values()
    assert (line.price4, [tax.percent for tax in line.taxes]) == (300_000, ["0"])


def test_administration_sells_at_the_taxes_of_the_type(typed: Venue) -> None:
    for kind, tax, price in (("dine_in", "5", "45.00"), ("take_away", "0", "40.00")):
        items = Jsonb([{"item_id": IDLY, "quantity": 1}])
        save = "SELECT till.order_session_save_v1(%s, 1, %s, %s, %s)->>'session'"
        session = typed.value(save, typed.store, new_id(), items, kind)
        typed.complete(session)
        sold = """SELECT i.order_type, i.unit_price, i.taxes->0->>'rate'
            FROM cold.order_item AS i JOIN cold.orders AS o USING (order_id) WHERE o.session_id = %s"""
        assert typed.rows(sold, session) == [(kind, Decimal(price), tax)]


def test_type_after_a_part_is_paid_is_refused_if_it_costs_another_amount(typed: Venue) -> None:
    items = Jsonb([{"item_id": IDLY, "quantity": 1}])
    session = typed.value("SELECT till.order_session_save_v1(%s, 1, NULL, %s)->>'session'", typed.store, items)
    paid = Jsonb([{"payment_id": new_id(), "tender": "CASH", "amount": "10.00"}])
    typed.owner.execute("SELECT cold.write_payments(%s, 1, %s, %s)", [typed.store, session, paid])
    for kind in ("dine_in", "delivery"):  # of which the second only has another tax
        with pytest.raises(Error, match=f"as {kind} it has another amount or tax"):
            typed.owner.execute("SELECT till.set_order_type(%s, 1, %s, %s)", [typed.store, session, kind])
    tabbed = typed.value("SELECT till.order_session_assign_to_tab_v1(%s, 1, %s, NULL, NULL, 7)", typed.store, session)
    assert (tabbed["order_type"], order_of(typed, session).order_type) == ("take_away", "take_away")


def test_type_after_a_part_is_paid_is_set_if_it_changes_nothing(typed: Venue) -> None:
    items = Jsonb([{"item_id": DOSA, "quantity": 1}])
    session = typed.value("SELECT till.order_session_save_v1(%s, 1, NULL, %s)->>'session'", typed.store, items)
    paid = Jsonb([{"payment_id": new_id(), "tender": "CASH", "amount": "10.00"}])
    typed.owner.execute("SELECT cold.write_payments(%s, 1, %s, %s)", [typed.store, session, paid])
    typed.owner.execute("SELECT till.set_order_type(%s, 1, %s, 'delivery')", [typed.store, session])
    assert order_of(typed, session).order_type == "delivery"


def keyed(venue: Venue, *items: str) -> tuple[Till, Cart, list[str]]:
    """Return an order whose idlies are rated."""
    till, cart = venue.keyed()
    lines = [till.add(cart, item) for item in items or (IDLY, DOSA)]
    for line in lines:
        if cart.lines[line][0] == IDLY:
            till.make("line_rated", cart.session, {"line_id": line, "by_type": RATES})
    return till, cart, lines


def test_sale_keeps_the_type_of_each_line(venue: Venue) -> None:
    till, cart, (idly, dosa, other) = keyed(venue, IDLY, DOSA, IDLY)
    till.make("line_type_set", cart.session, {"line_id": idly, "order_type": "dine_in"})
    undone = till.make("line_type_set", cart.session, {"line_id": dosa, "order_type": "dine_in"})
    till.make("change_undone", cart.session, {"event": undone.id})
    till.make("line_type_set", cart.session, {"line_id": other, "order_type": "picnic"})
    till.place(cart)
    assert till.push()["records"] == 1, "a type that the venue never had is put aside"
    rows = venue.rows("SELECT order_type FROM cold.order_item ORDER BY position")
    assert rows == [("dine_in",), ("take_away",), ("take_away",)]


def test_line_that_was_cut_has_the_type_from_before_its_cut(venue: Venue) -> None:
    till, cart, (idly,) = keyed(venue, IDLY)
    till.make("line_type_set", cart.session, {"line_id": idly, "order_type": "dine_in"})
    piece = new_id()
    till.shown(cart)
    with till.deciding() as decided:
        till.make("line_cut", cart.session, {"line_id": idly, "into": piece, "quantity": 1})
    assert asked(till, till.act(decided, cart.snapshot(0)))["act"]["why"] is None
    till.make("line_type_set", cart.session, {"line_id": idly, "order_type": "delivery"})
    till.shown(cart)
    of = "SELECT warm.type_of_line(%s, %s)"
    assert [venue.value(of, cart.session, line) for line in (idly, piece)] == ["delivery", "dine_in"]
    as_order = till.make("line_type_set", cart.session, {"line_id": piece})
    till.shown(cart)
    assert venue.value(of, cart.session, piece) is None
    before = "SELECT warm.type_of_line(%s, %s, %s)"
    assert venue.value(before, cart.session, piece, as_order.id) == "dine_in"


def test_split_that_leaves_rates_or_a_type_behind_is_refused(venue: Venue) -> None:
    till, cart, (idly, dosa) = keyed(venue)
    typed = till.make("line_type_set", cart.session, {"line_id": dosa, "order_type": "dine_in"})
    till.shown(cart)
    update = "Update this till: a line that it moves has an order type or taxes of its own."
    for line in (idly, dosa):
        lines = dict(cart.lines)
        new, decided = till.part(cart, line)
        assert not_taken(venue, till, till.act(decided, cart.snapshot(0), new.snapshot(0))) == update
        cart.lines = lines
    new = Cart(user=cart.user)
    with till.deciding() as decided:
        till.open(new, from_session=cart.session)
        till.hand_on(cart, new, dosa)
        till.make("line_type_set", new.session, {"line_id": dosa, "order_type": "dine_in", "follows": typed.id})
    assert asked(till, till.act(decided, cart.snapshot(0), new.snapshot(0)))["act"] == {"taken": True, "why": None}
    till.holds[new.session] = new.hold
    assert venue.value("SELECT warm.type_of_line(%s, %s)", new.session, dosa) == "dine_in"


def test_split_may_leave_rates_and_a_type_that_are_none(venue: Venue) -> None:
    till, cart, (idly, dosa) = keyed(venue)
    till.make("line_rated", cart.session, {"line_id": idly, "by_type": []})
    till.make("line_type_set", cart.session, {"line_id": idly, "order_type": "dine_in"})
    till.make("line_type_set", cart.session, {"line_id": idly})
    till.shown(cart)
    new, decided = till.part(cart, idly)
    assert asked(till, till.act(decided, cart.snapshot(0), new.snapshot(0)))["act"]["taken"] is True
    assert dosa in cart.lines


def test_split_may_leave_what_a_manager_skipped(venue: Venue) -> None:
    till, cart, (idly, dosa) = keyed(venue)
    till.shown(cart)
    skipped = venue.value("SELECT event_id::text FROM session_events WHERE event_type = 'line_rated'")
    till.make("record_set_aside", cart.session, {"event": skipped, "approved_by": 9})
    till.shown(cart)
    new, decided = till.part(cart, idly)
    assert asked(till, till.act(decided, cart.snapshot(0), new.snapshot(0)))["act"]["taken"] is True
    assert dosa in cart.lines


def test_report_has_sales_and_tax_by_order_type_and_refunds_follow_their_line(venue: Venue) -> None:
    till, cart, (_idly, dosa) = keyed(venue)
    till.make("line_type_set", cart.session, {"line_id": dosa, "order_type": "dine_in"})
    till.place(cart)
    till.push()
    refund(venue.owner, venue.store, till.now, DAY, "-76.19", "-3.81", "0.00")
    tax = [{"name": "GST", "rate": "5", "net": "-76.19", "tax": "-3.81"}]
    given = venue.value("SELECT refund_id FROM cold.refunds")
    venue.owner.execute("ALTER TABLE cold.refunds DISABLE TRIGGER USER")
    venue.owner.execute("UPDATE cold.refunds SET taxes = %s", [Jsonb(tax)])
    venue.owner.execute("ALTER TABLE cold.refunds ENABLE TRIGGER USER")
    venue.owner.execute(
        "INSERT INTO cold.refund_item VALUES (%s, 2, %s, 'Masala Dosa', 1, -80, -76.19, -3.81, %s)",
        [given, DOSA, venue.store],
    )
    found = venue.report(SALES)
    assert list(found.rows("order_types")) == [
        ("dine_in", "sale", 76_19, 3_81, 80_00, 0, 0),
        ("dine_in", "refund", -76_19, -3_81, -80_00, 0, 0),
        ("take_away", "sale", 38_10, 1_90, 40_00, 0, 0),
    ]
    assert list(found.rows("order_type_rates")) == [
        ("dine_in", "sale", "GST 5 %", 76_19, 3_81, 80_00),
        ("dine_in", "refund", "GST 5 %", -76_19, -3_81, -80_00),
        ("take_away", "sale", "GST 5 %", 38_10, 1_90, 40_00),
    ]
    assert list(found.rows("refund_rates")) == [("GST 5 %", -76_19, -3_81, -80_00)]


GARBAGE: tuple[Any, ...] = (
    None, "garbage", {"take_away": {"taxes": []}}, [{"order_type": "take_away"}], [{"taxes": []}], [5],
    [{"order_type": "take_away", "taxes": "GST"}], [{"order_type": "take_away", "taxes": [{"rate": "5"}]}],
    [{"order_type": "take_away", "taxes": [], "price": "-1.00"}],
    [{"order_type": "take_away", "taxes": [], "price": 3}],
    [{"order_type": "take_away", "taxes": [], "price": "1e9"}],
    [{"order_type": "take_away", "taxes": [{"name": "GST", "rate": "-5"}]}],
    [{"order_type": "x" * 251, "taxes": []}], [{"order_type": "take_away", "taxes": []}] * 21,
)  # fmt: skip


@pytest.mark.parametrize("by_type", GARBAGE, ids=range(len(GARBAGE)))
def test_rates_of_garbage_are_kept_beside_the_log(venue: Venue, by_type: Any) -> None:
    till, cart = venue.keyed()
    line = till.add(cart, IDLY)
    till.make_badly("line_rated", cart.session, {"line_id": line, "by_type": by_type})
    till.place(cart)
    assert till.push()["records"] == 1
    assert venue.rows("SELECT event_type FROM warm.quarantine") == [("line_rated",)]
    assert venue.rows("SELECT order_type FROM cold.order_item") == [("take_away",)]


@pytest.mark.parametrize("order_type", ["", 5, None, "x" * 251, ["dine_in"]])
def test_type_of_garbage_is_kept_beside_the_log(venue: Venue, order_type: Any) -> None:
    till, cart = venue.keyed()
    line = till.add(cart, IDLY)
    till.make_badly("line_type_set", cart.session, {"line_id": line, "order_type": order_type})
    till.place(cart)
    assert till.push()["records"] == 1
    assert venue.rows("SELECT order_type FROM cold.order_item") == [("take_away",)]


def test_type_of_a_line_of_another_order_changes_no_sale(venue: Venue) -> None:
    till, cart, (idly,) = keyed(venue, IDLY)
    other = till.keyed()
    till.make("line_type_set", other.session, {"line_id": idly, "order_type": "dine_in"})
    till.make("line_rated", other.session, {"line_id": idly, "by_type": [{"order_type": "take_away", "taxes": []}]})
    till.place(cart)
    assert till.push()["ok"]
    assert venue.rows("SELECT order_type, taxes->0->>'rate' FROM cold.order_item") == [("take_away", "5")]
    foreign = venue.till(2)
    foreign.make("line_type_set", cart.session, {"line_id": idly, "order_type": "dine_in"})
    assert foreign.push()["records"] == 1, "it never held the order"


def test_list_says_that_the_server_reckons_without_the_service_charge(typed: Venue) -> None:
    charge = {"service_charge": {"percent": "12.5", "tax": "A", "order_types": ["dine_in"]}}
    typed.ask("store_settings_v1", 9, charge)
    for kind in ("dine_in", "take_away"):
        items = Jsonb([{"item_id": IDLY, "quantity": 1}])
        save = "SELECT till.order_session_save_v1(%s, 1, %s, %s, %s)"
        typed.owner.execute(save, [typed.store, new_id(), items, kind])
    till, cart = typed.till(), Cart()
    till.open(cart, order_type="dine_in")
    till.add(cart, IDLY)
    till.shown(cart, order_type="dine_in")
    rows = typed.ask("session_list_v1")["sessions"]
    assert sorted((row["order_type"], row["till"] or 0, row["without_charge"]) for row in rows) == [
        ("dine_in", 0, True), ("dine_in", 1, False), ("take_away", 0, False),
    ]  # fmt: skip
    with pytest.raises(Error, match="Only a till can price this order: finish it there"):
        typed.complete(next(row["id"] for row in rows if row["without_charge"]))


@pytest.mark.parametrize(
    ("by_type", "sentence"),
    [
        ({"picnic": {"tax": "A"}}, "there is no order type picnic"),
        ({"take_away": {"tax": "B"}}, "there is no tax B"),
        ({"take_away": {"price": "-1.00"}}, "Idly cannot be read for take_away"),
        ({"take_away": {"price": 3}}, "Idly cannot be read for take_away"),
        ({"take_away": {"other": "A"}}, "Idly cannot be read for take_away"),
        ({"take_away": 5}, "Idly cannot be read for take_away"),
        ({"take_away": None}, "Idly cannot be read for take_away"),
        ("garbage", "Idly has no order types in by_type"),
        ([1], "Idly has no order types in by_type"),
    ],
)
def test_menu_with_types_that_cannot_be_is_refused(venue: Venue, by_type: Any, sentence: str) -> None:
    menu: dict[str, Any] = copy.deepcopy(MENU)
    menu["items"][0]["by_type"] = by_type
    with pytest.raises(AdministrationError, match=f"The menu was not changed: {sentence}"):
        venue.ask("menu_import_v1", 9, menu)


def test_law_asks_for_the_rates_of_every_type(typed: Venue) -> None:
    fault = "SELECT till.menu_law_fault(m.body, 'xx', %s, '') FROM till.settings AS m WHERE name = 'menu'"
    assert typed.value(fault, Jsonb({"scheme": "xx", "rates": ["5", "0"]})) is None
    assert typed.value(fault, Jsonb({"scheme": "xx", "rates": ["5"]})) == "xx has the rates 5, and Idly bears 0"


def test_rates_are_found_wherever_the_menu_has_the_item(typed: Venue) -> None:
    rates = "SELECT till.rates_of(%s, %s)"
    found = typed.value(rates, typed.store, IDLY)
    assert [(one["order_type"], one.get("price")) for one in found] == [("dine_in", "45.00"), ("take_away", None)]
    typed.owner.execute("UPDATE cold.menu_item SET position = position + 1")
    assert typed.value(rates, typed.store, IDLY) == found
    assert typed.value(rates, typed.store, DOSA) == []


def test_tills_hand_the_rates_of_a_program_back_to_a_restored_database(typed: Venue, database: Database) -> None:
    till = typed.till()
    till.push()
    with front_end(typed.owner, database.app, typed.store, kept=database.kept) as chat:
        backup = Backup(typed)
        chat.put("s", IDLY, 2)
        chat.session.execute("INSERT INTO session_checkout (session_id, order_type) VALUES ('s', 'dine_in')")
        chat.value("SELECT create_order_from_session('s', 'dine_in', 'cash')")
        cart = Cart(session=stream_of(typed, "s"))
        found = [{"session": cart.session, **one} for one in till.take(cart)["events"] if one["m"]]
        handed = [{name: one[name] for name in ("session", "b", "m", "t")} for one in found]
        backup.restore()
        assert till.send(till.request(handed=handed))["ok"]
        assert [row["total"] for row in waiting(till)] == ["90.00"]
        (line,) = folded(till.ask(cart)["events"]).lines.values()
        assert (line.price4, [one.order_type for one in line.by_type]) == (450_000, ["dine_in", "take_away"])
