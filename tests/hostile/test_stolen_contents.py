"""Lines and payments of other tills, named by somebody with one till's secret: the sale of an honest till counts."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.json import Jsonb

from tests.hostile.test_stolen_findings import waiting
from tests.sql.conftest import template, venue
from tests.sql.ringing import DOSA, IDLY, MENU, Cart, new_id, new_number
from tests.sql.test_refunds import quarantined

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

__all__ = ["template", "venue"]

HONEST, THIEF = 1, 2
LINES, MONEY = "The sale lists lines of another order.", "The sale lists a payment of another order."


def ring(till: Till) -> tuple[Cart, dict[str, Any]]:
    """Key a dosa of 80.00 at a till, open, with its payment taken; all of it is in the log."""
    cart = till.keyed(DOSA)
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": "80.00", "change": "0.00"}
    till.make("payment_started", cart.session, {"payment_id": payment["payment_id"], "tender": "CASH",
                                                "amount": "80.00", "key": payment["payment_id"]})  # fmt: skip
    till.make("payment_approved", cart.session, {**payment, "tendered": "80.00"})
    assert till.push()["ok"]
    return cart, payment


def sell(till: Till, cart: Cart, payment: dict[str, Any]) -> None:
    till.place(cart, payments=[payment])
    assert till.push()["ok"]


def given_away(till: Till, *lines: str, payments: tuple[dict[str, Any], ...] = (), opened: Cart | None = None) -> Cart:
    """Make a sale of 0.00, in an order of the thief's own, that lists these lines and payments."""
    cart = opened or Cart()
    if opened is None:
        till.open(cart)
    cart.lines = dict.fromkeys(lines, (DOSA, 1))
    frozen = cart.frozen(receipt=new_number(till.number), net="0.00", tax="0.00", total="0.00", taxes=[])
    free = {"subtotal": "0.00", "net": "0.00", "tax": "0.00", "taxes": [], "discount": "80.00"}
    frozen["lines"] = [line | free for line in frozen["lines"]]
    frozen["payments"] = [one | {"amount": "0.00"} for one in payments]
    till.make("order_placed", cart.session, frozen)
    assert till.push()["ok"]
    return cart


def sold(venue: Venue) -> list[str]:
    return [row[0] for row in venue.rows("SELECT session_id FROM cold.orders ORDER BY created_at, session_id")]


@pytest.mark.parametrize("first", ["thief", "honest"])
def test_a_sale_of_lines_of_another_order_blocks_no_honest_one(venue: Venue, first: str) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, payment = ring(honest)
    if first == "honest":
        sell(honest, cart, payment)
    stolen = given_away(thief, *cart.lines)
    if first == "thief":
        sell(honest, cart, payment)
    assert (sold(venue), quarantined(venue), waiting(venue)) == ([cart.session], [LINES], [])
    assert venue.rows("SELECT session_id FROM warm.quarantine") == [(stolen.session,)]
    assert venue.value("SELECT quarantined FROM order_sessions WHERE id = %s", cart.session) is False


@pytest.mark.parametrize("together", [True, False])
def test_only_the_sale_that_lists_them_is_quarantined(venue: Venue, together: bool) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, payment = ring(honest)
    before, _paid = ring(thief)
    if not together:
        given_away(thief, *cart.lines)
    thief.place(before, payments=[_paid])
    given_away(thief, *cart.lines)
    sell(honest, cart, payment)
    assert set(sold(venue)) == {before.session, cart.session}
    assert set(quarantined(venue)) == {LINES}


@pytest.mark.parametrize("first", ["thief", "honest"])
def test_a_sale_that_lists_a_payment_of_another_order_blocks_no_honest_one(venue: Venue, first: str) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, payment = ring(honest)
    own, _paid = ring(thief)
    if first == "honest":
        sell(honest, cart, payment)
    given_away(thief, *own.lines, payments=(payment,), opened=own)
    if first == "thief":
        sell(honest, cart, payment)
    left = [("money_without_order", Decimal("80.00"), 0)]
    assert (sold(venue), quarantined(venue), waiting(venue)) == ([cart.session], [MONEY], left)


@pytest.mark.parametrize(("sells_it", "why"), [(False, MONEY), (True, "The sale lists a line or a payment twice.")])
def test_a_sale_that_lists_a_line_as_its_payment_is_quarantined(venue: Venue, sells_it: bool, why: str) -> None:
    till = venue.till(THIEF)
    cart, payment = ring(till)
    line = till.add(cart, IDLY)
    if not sells_it:
        del cart.lines[line]
    sell(till, cart, {**payment, "payment_id": line})
    assert (sold(venue), quarantined(venue)) == ([], [why])


@pytest.mark.parametrize("kind", ["payment_started", "payment_approved"])
def test_a_payment_id_of_another_order_starts_no_second_payment(venue: Venue, kind: str) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, payment = ring(honest)
    own = thief.keyed(IDLY)
    more = {"key": "k"} if kind == "payment_started" else {"tendered": "80.00", "change": "0.00"}
    found = {name: payment[name] for name in ("payment_id", "tender", "amount")}
    thief.make(kind, own.session, found | more)
    given_away(thief, *own.lines, payments=(payment,), opened=own)
    sell(honest, cart, payment)
    assert sold(venue) == [cart.session]
    assert quarantined(venue) == ["The payment was started in another order.", MONEY]


@pytest.mark.parametrize("first", ["thief", "honest"])
def test_a_line_id_is_keyed_once(venue: Venue, first: str) -> None:
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, payment = ring(honest)
    (line,) = cart.lines
    if first == "honest":
        sell(honest, cart, payment)
    own = thief.keyed()
    mine = thief.add(own, IDLY, 2)
    data = {"line_id": line, "item_id": DOSA, "item_name": "Dosa", "quantity": 1, "price": "0", "taxes": []}
    thief.make("item_added", own.session, data)
    after = thief.add(own, IDLY)
    assert thief.push()["head"]["seq"] == thief.seq
    assert quarantined(venue) == ["A line with this id was already keyed."]
    ids = "SELECT content_id::text FROM warm.order_contents WHERE session_id = %s ORDER BY content_id"
    assert [row[0] for row in venue.rows(ids, own.session)] == sorted([mine, after])
    assert "item_added" not in venue.types(f"seq > 1 AND event_data::text LIKE '%%{line}%%' AND till_id = {THIEF}")
    given_away(thief, line, opened=own)
    if first == "thief":
        sell(honest, cart, payment)
    assert (sold(venue), quarantined(venue)[1:]) == ([cart.session], [LINES])


def test_a_line_id_is_keyed_once_in_its_own_order_too(venue: Venue) -> None:
    till = venue.till()
    cart = till.keyed()
    line = till.add(cart, DOSA)
    data = {"line_id": line, "item_id": IDLY, "item_name": "Idly", "quantity": 1, "price": "40.00", "taxes": []}
    till.make("item_added", cart.session, data)
    till.push()
    till.make("item_added", cart.session, data)
    till.push()
    assert quarantined(venue) == ["A line with this id was already keyed."] * 2
    retry = "SELECT till.quarantine_retry_v1(%s, 9, %s)"
    waits = venue.rows("SELECT id FROM warm.quarantine")
    assert not any(venue.value(retry, venue.store, record)["applied"] for (record,) in waits)


def test_lines_that_it_moves_to_itself_are_not_its_own(venue: Venue) -> None:
    """Only the server moves lines."""
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    cart, payment = ring(honest)
    own, between = Cart(), Cart()
    for one in (between, own):
        thief.open(one)
    lines = [{"line_id": line, "item_id": DOSA, "item_name": "Dosa", "quantity": 1, "price": "80.00", "till": THIEF,
              "taxes": []} for line in cart.lines]  # fmt: skip
    for origin, target in ((cart, between), (between, own)):
        thief.make("lines_moved", target.session, {"from_session": origin.session, "lines": lines})
    given_away(thief, *cart.lines, payments=(payment,), opened=own)
    sell(honest, cart, payment)
    assert sold(venue) == [cart.session]
    assert quarantined(venue) == ["Only the database can write such a record."] * 2 + [MONEY]


def claimed(venue: Venue, *, today: bool = False) -> tuple[Till, Cart, dict[str, Any], Cart]:
    """Make a sale of the thief's that lists lines known only to an honest till's disk, as the database was restored."""
    honest, thief = venue.till(HONEST), venue.till(THIEF)
    if today:
        honest.now = thief.now = datetime.now(UTC)
    cart = honest.keyed(DOSA)
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": "80.00", "change": "0.00"}
    honest.make("payment_approved", cart.session, {**payment, "tendered": "80.00"})
    stolen = Cart(lines=dict(cart.lines))
    thief.open(stolen)
    thief.place(stolen, payments=[payment])
    assert thief.push()["ok"]
    assert sold(venue) == [stolen.session], "nobody knows better yet"
    return honest, cart, payment, stolen


def test_a_sale_that_claims_lines_which_turn_up_elsewhere_is_contested(venue: Venue) -> None:
    honest, cart, payment, stolen = claimed(venue)
    assert honest.push()["records"] == 1
    sell(honest, cart, payment)
    assert set(sold(venue)) == {cart.session, stolen.session}
    assert quarantined(venue) == ["Lines or payments of it turned up in another order. No report has it."]
    assert venue.types("till_id = 0 AND session_id IS NOT NULL") == ["sale_contested"]
    query = "SELECT session_id, event_data->'contents' FROM session_events WHERE event_type = 'sale_contested'"
    ((session, contents),) = venue.rows(query)
    assert (session, contents) == (stolen.session, sorted([*cart.lines, payment["payment_id"]]))
    assert venue.value("SELECT count(*) FROM warm.sale_claims") == 0


def test_no_report_of_an_open_day_has_a_contested_sale_and_the_drawer_has_its_money(venue: Venue) -> None:
    by_the_clock = {"timezone": "UTC", "business_day_ends": "00:00"}
    venue.value("SELECT till.store_settings_v1(%s, 9, %s)", venue.store, Jsonb(by_the_clock))
    honest, cart, payment, _stolen = claimed(venue, today=True)
    sell(honest, cart, payment)
    assert venue.rows("SELECT orders, total FROM cold.sales_by_day") == [(1, Decimal("80.00"))]
    assert venue.rows("SELECT amount FROM cold.sales_by_tender") == [(Decimal("80.00"),)]
    drawers = venue.rows("SELECT drawer, amount FROM cold.cash_by_drawer ORDER BY drawer")
    assert drawers == [(HONEST, Decimal("80.00")), (THIEF, Decimal("80.00"))]


def test_a_day_that_is_over_stands_with_a_sale_that_is_contested_later(venue: Venue) -> None:
    honest, cart, payment, _stolen = claimed(venue)
    sell(honest, cart, payment)
    assert venue.rows("SELECT orders, total FROM cold.sales_by_day") == [(2, Decimal("160.00"))]


@pytest.mark.parametrize(
    ("kind", "data", "reason"),
    [
        ("quantity_changed", {"taken_off": 1, "cut": True}, "Pieces are cut off only by the server."),
        ("order_type_set", {"order_type": "free"}, "No menu of this venue has the order type free."),
        ("line_type_set", {"order_type": "free"}, "No menu of this venue has the order type free."),
        ("order_type_set", {"order_type": "dine_in"}, None),
        ("order_type_set", {"order_type": "picnic"}, None),
        ("line_type_set", {"order_type": ""}, None),
    ],
)
def test_till_cuts_nothing_and_names_no_order_type_that_the_venue_never_had(
    venue: Venue, kind: str, data: dict[str, Any], reason: str | None
) -> None:
    items = [{**item, "by_type": {"picnic": {"price": "1.00"}}} for item in MENU["items"]]
    old = "INSERT INTO till.menus (store_id, version, act, made_at, body) VALUES (%s, 900, 'imported', now(), %s)"
    venue.owner.execute(old, [venue.store, Jsonb({**MENU, "items": items})])
    thief, cart = venue.keyed()
    line = thief.add(cart, IDLY, 2)
    thief.make(kind, cart.session, {**data, **({} if kind == "order_type_set" else {"line_id": line})})
    assert thief.push()["ok"]
    assert quarantined(venue) == ([] if reason is None else [reason])
