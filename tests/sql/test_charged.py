"""Charges that a gateway confirmed for orders of programs: the only money that completes an order without a till."""

from __future__ import annotations

import hashlib
import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from psycopg import Error

from tests.plugins.front_ends import FrontEnd, front_end
from tests.sql.ringing import DAY, DOSA, IDLY, Cart, new_id
from tests.sql.test_archive import archive, leave
from tests.sql.test_left_shifts import on
from tests.sql.test_submitted import stream_of, submit, taken_by
from tests.sql.test_verify import verify
from till.reports import declared

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.plugins.database import Database
    from tests.sql.ringing import Venue

SALES = "SELECT receipt, total_amount, till_id, user_id FROM cold.orders ORDER BY receipt"
PAYMENTS = "SELECT tender, amount, transaction FROM order_payment"
#: The sum of each table of payments, without what counts for nothing.
SUMS = (
    "SELECT sum(amount) FROM order_payment",
    "SELECT sum(amount) FROM payment_transaction",
    "SELECT sum(amount) FROM payment_order WHERE status = 'completed'",
    "SELECT sum(amount) FROM session_payment_intent WHERE status = 'completed'",
    "SELECT sum(amount) FROM payment_audit_log WHERE event_type = 'payment_approved'",
)


@pytest.fixture
def chat(venue: Venue, database: Database) -> Iterator[FrontEnd]:
    with front_end(venue.owner, database.app, venue.store, kept=database.kept) as program:
        yield program


@pytest.fixture
def gateway(venue: Venue, database: Database) -> Iterator[FrontEnd]:
    with front_end(venue.owner, database.app, venue.store, "razorpay", webhook=True, kept=database.kept) as program:
        yield program


def intend(chat: FrontEnd, session: str, order: str = "order_A") -> None:
    """Name the order at the gateway, in its row of the payment intent."""
    chat.session.execute(
        """INSERT INTO session_payment_intent (
            session_id, payment_gateway, gateway_order_id, amount, status, created_at)
        VALUES (%s, 'razorpay', %s, 1.00, 'completed', NOW())""",
        [session, order],
    )


def confirm(
    gateway: FrontEnd, amount: int, order: str = "order_A", charge: str = "pay_A", currency: str = "INR"
) -> bool:
    """Tell of a charge, by two events as the gateway does, each of them twice; true if it is of no order here."""
    charge_data = {"id": charge, "order": order, "amount": amount, "currency": currency}
    unknown: list[bool] = []
    for kind in ("payment.captured", "order.paid") * 2:
        digest = hashlib.sha256(f"{kind} {charge_data}".encode()).hexdigest()
        facts = {"event": digest[:20], "digest": digest, "kind": kind, "payment": None, "charge": charge_data}
        answer: dict[str, Any] = json.loads(gateway.value("SELECT till.payment_told_v1(%s)", json.dumps(facts)))
        assert answer["ok"], answer
        unknown.append("unknown" in answer)
    assert unknown[2:] == [False, False], "they came before"
    return unknown[0]


@pytest.mark.parametrize("is_submitted", [True, False])
def test_a_charge_of_all_that_it_comes_to_completes_the_order(
    venue: Venue, chat: FrontEnd, gateway: FrontEnd, *, is_submitted: bool
) -> None:
    chat.put("s", IDLY, 2)
    intend(chat, "s")
    assert chat.rows("SELECT amount, status FROM session_payment_intent") == [(Decimal(80), "created")]
    order = chat.value("SELECT create_order_from_session('s', 'take_away', 'upi')") if is_submitted else None
    confirm(gateway, 80_00)
    assert venue.rows(SALES) == [(f"{chat.name}-000001", Decimal(80), 0, None)]
    assert venue.rows(PAYMENTS) == [("UPI", Decimal(80), "pay_A")]
    ((paid, status),) = chat.rows("SELECT order_id, payment_method FROM orders")
    assert (order in {None, paid}, status) == (True, "upi")
    assert chat.rows("SELECT amount, status FROM session_payment_intent") == [(Decimal(80), "completed")]
    assert chat.rows("SELECT current_step FROM session_state") == [("order_placed",)]
    assert {chat.value(one) for one in SUMS} == {venue.value(one) for one in SUMS} == {Decimal(80)}
    assert venue.rows("SELECT tender FROM cold.sales_by_tender") == [("UPI",)]
    assert venue.value("SELECT count(*) FROM cold.cash_by_drawer") == 0
    assert venue.till().push(reference={"waiting": 0})["reference"]["waiting"]["body"]["orders"] == []
    assert verify(venue)["sound"] is True


@pytest.mark.parametrize("is_submitted", [True, False])
def test_a_charge_completes_an_order_on_a_table(
    venue: Venue, chat: FrontEnd, gateway: FrontEnd, *, is_submitted: bool
) -> None:
    chat.put("s", IDLY, 2)
    chat.call("assign_to_tab", "s", None, None, 7)
    if is_submitted:
        chat.call("complete", "s", None, "upi")
    intend(chat, "s")
    assert chat.rows("SELECT amount, status FROM session_payment_intent") == [(Decimal(80), "created")]
    confirm(gateway, 80_00)
    assert venue.rows(SALES) == [(f"{chat.name}-000001", Decimal(80), 0, None)]
    assert venue.till().read("till.open_tabs_v1")["tabs"] == []


def test_the_sales_of_a_day_are_those_of_its_shifts_and_those_in_no_shift(
    venue: Venue, chat: FrontEnd, gateway: FrontEnd
) -> None:
    chat.put("s", IDLY, 2)
    intend(chat, "s")
    confirm(gateway, 80_00)
    ((today,),) = venue.rows("SELECT business_date FROM cold.orders")
    till = on(venue.till(), today)
    till.shift = new_id()
    opened = {"business_date": str(today), "currency": "INR", "kept": ["CASH"]}
    till.make("shift_opened", till.shift, opened)
    cart = till.keyed(DOSA)
    till.place(cart)
    assert till.push(cart.snapshot(0, status="completed"))["ok"]
    day = venue.report(declared.DAY, DAY, today)
    (x,) = venue.ask("zs_v1", {"open": True})
    assert (day.figure("in_no_shift"), x["sales"]["gross"], day.figure("total")) == (80_00, "80.00", 160_00)


@pytest.mark.parametrize("method", ["cash", "CASH"])
def test_no_charge_of_a_gateway_is_cash(venue: Venue, chat: FrontEnd, gateway: FrontEnd, method: str) -> None:
    chat.put("s", IDLY)
    intend(chat, "s")
    row = "INSERT INTO session_checkout (session_id, order_type, payment_method) VALUES ('s', 'take_away', %s)"
    chat.session.execute(row, [method])
    confirm(gateway, 40_00)
    assert venue.rows(PAYMENTS) == [("UPI", Decimal(40), "pay_A")]
    assert chat.rows("SELECT payment_method FROM session_checkout") == [("upi",)]


def test_a_charge_of_another_amount_is_a_payment_that_a_till_settles(
    venue: Venue, chat: FrontEnd, gateway: FrontEnd
) -> None:
    session = new_id()
    submit(chat, session)
    intend(chat, session)
    confirm(gateway, 50_00)
    assert venue.rows(SALES) == []
    assert chat.rows("SELECT status FROM payment_order") == [("completed",)]
    till = venue.till()
    answer = till.take(Cart(session=session))
    assert [json.loads(one["b"])["type"] for one in answer["events"]][-3:] == [
        "payment_started", "payment_approved", "order_granted",
    ]  # fmt: skip
    assert venue.value("SELECT count(*) FROM till.conflicts") == 0


def test_charge_counts_while_a_till_has_the_order(venue: Venue, chat: FrontEnd, gateway: FrontEnd) -> None:
    submit(chat, "sess_abc123")
    intend(chat, "sess_abc123")
    till = venue.till()
    cart = taken_by(till, "sess_abc123", stream_of(venue, "sess_abc123"))
    with pytest.raises(Error, match="The order is at a till now"):
        chat.session.execute("UPDATE session_payment_intent SET gateway_order_id = 'order_B'")
    asked = {"gateway": "CASH", "external_id": new_id(), "amount": "80.00", "status": "created"}
    assert till.shown(cart, intent=asked)["ok"]
    confirm(gateway, 50_00)
    confirm(gateway, 30_00, charge="pay_B")
    reply = till.shown(cart)
    assert [json.loads(one["b"])["type"] for one in reply["events"]] == ["payment_started", "payment_approved"] * 2
    paid = [json.loads(one["b"])["data"] for one in reply["events"][1::2]]
    payments = [
        {"payment_id": one["payment_id"], "tender": "UPI", "amount": one["amount"], "change": "0.00"} for one in paid
    ]
    till.place(cart, payments=payments, payment_method="upi")
    assert till.push()["records"] == 0
    assert {venue.value(one) for one in SUMS[:3]} == {Decimal(80)}


@pytest.mark.parametrize("end", ["paid", "discarded"])
def test_money_that_comes_after_the_end_waits_for_a_manager(
    venue: Venue, chat: FrontEnd, gateway: FrontEnd, end: str
) -> None:
    session = new_id()
    submit(chat, session)
    intend(chat, session)
    if end == "paid":
        till = venue.till()
        pay(till, taken_by(till, session, session))
    else:
        chat.call("discard", session, "changed their mind")
    confirm(gateway, 80_00)
    assert venue.rows("SELECT kind, amount FROM till.conflicts") == [("money_without_order", Decimal(80))]


def test_money_for_what_cannot_be_placed_waits_for_a_manager(venue: Venue, chat: FrontEnd, gateway: FrontEnd) -> None:
    chat.put("s", IDLY)
    intend(chat, "s")
    chat.session.execute("DELETE FROM session_cart")
    confirm(gateway, 40_00)
    assert venue.rows("SELECT kind, amount FROM till.conflicts") == [("money_without_order", Decimal(40))]


def test_a_guest_who_paid_has_what_sold_out_meanwhile(venue: Venue, chat: FrontEnd, gateway: FrontEnd) -> None:
    chat.put("s", IDLY)
    intend(chat, "s")
    venue.value("SELECT till.menu_sold_out_v1(%s, 9, %s, true)", venue.store, IDLY)
    confirm(gateway, 40_00)
    assert venue.value("SELECT count(*) FROM cold.orders") == 1


def test_a_charge_for_nothing_of_ours_is_nothing(venue: Venue, chat: FrontEnd, gateway: FrontEnd) -> None:
    chat.put("s", IDLY)
    intend(chat, "s")
    assert confirm(gateway, 40_00, order="order_of_another")
    assert confirm(gateway, 40_00, charge="pay_B", currency="USD")
    assert venue.value("SELECT count(*) FROM payment_audit_log") == 0


@pytest.mark.parametrize("named", ["order_B", "order_A"])
def test_charge_of_an_order_named_before_counts(venue: Venue, chat: FrontEnd, gateway: FrontEnd, named: str) -> None:
    chat.put("s", IDLY)
    intend(chat, "s")
    chat.put("s", IDLY)
    chat.session.execute("UPDATE session_payment_intent SET gateway_order_id = 'order_B'")
    assert not confirm(gateway, 80_00, order=named)
    assert venue.rows("SELECT session_id FROM cold.orders") == [("s",)]
    assert venue.value("SELECT count(*) FROM session_events WHERE event_type = 'gateway_order_named'") == 2
    assert {venue.value(one) for one in SUMS} == {Decimal(80)}


def test_charge_reported_before_its_order_was_named_counts_when_it_is_repeated(
    venue: Venue, chat: FrontEnd, gateway: FrontEnd
) -> None:
    chat.put("s", IDLY)
    assert confirm(gateway, 40_00)
    intend(chat, "s")
    assert not confirm(gateway, 40_00)
    assert venue.rows(PAYMENTS) == [("UPI", Decimal(40), "pay_A")]


def test_charge_counts_though_the_naming_of_its_order_is_in_the_audit(
    venue: Venue, chat: FrontEnd, gateway: FrontEnd
) -> None:
    chat.put("s", IDLY)
    intend(chat, "s")
    leave(venue)
    archive(venue)
    assert not confirm(gateway, 40_00)
    assert venue.rows(PAYMENTS) == [("UPI", Decimal(40), "pay_A")]


def test_an_order_at_the_gateway_is_taken_over_by_no_other_session(
    venue: Venue, chat: FrontEnd, gateway: FrontEnd
) -> None:
    chat.put("guest", IDLY)
    intend(chat, "guest")
    chat.session.execute("UPDATE session_payment_intent SET gateway_order_id = 'order_B'")
    chat.put("thief", IDLY)
    intend(chat, "thief")
    assert not confirm(gateway, 40_00)
    assert venue.rows("SELECT session_id FROM cold.orders") == [("guest",)]


def test_gateway_order_belongs_to_the_first_session(venue: Venue, chat: FrontEnd, gateway: FrontEnd) -> None:
    for session in ("first", "second"):
        chat.put(session, IDLY)
        intend(chat, session)
    assert not confirm(gateway, 40_00)
    assert venue.rows("SELECT session_id FROM cold.orders") == [("first",)]


def test_the_numbers_of_a_program_have_no_gaps(venue: Venue, chat: FrontEnd, gateway: FrontEnd) -> None:
    for number in range(1, 5):
        session = f"s{number}"
        chat.put(session, DOSA if number % 2 else IDLY)
        intend(chat, session, f"order_{number}")
        if number == 2:
            with pytest.raises(Error), chat.session.transaction():
                chat.order(session, "gold")
        chat.order(session, "upi")
        confirm(gateway, (80_00 if number % 2 else 40_00), f"order_{number}", f"pay_{number}")
    submit(chat, "counter")
    venue.complete("counter")
    assert [row[0] for row in venue.rows(SALES)] == [f"{chat.name}-{number:06}" for number in range(1, 6)]
    for session in ("x", "y"):
        venue.owner.execute("INSERT INTO session_cart (session_id, item_id) VALUES (%s, %s)", [session, IDLY])
        venue.owner.execute("SELECT create_order_from_session(%s, 'take_away', 'cash')", [session])
        venue.complete(session)
    assert [row[0] for row in venue.rows(SALES)][:2] == ["0-000001", "0-000002"]


def test_the_sums_of_all_tables_of_payments_are_equal(venue: Venue, chat: FrontEnd, gateway: FrontEnd) -> None:
    """A till, a till that takes a program's money, a charge, and administration."""
    till, own = venue.keyed(DOSA)
    pay(till, own)
    counter = new_id()
    submit(chat, counter)
    pay(till, taken_by(till, counter, counter))
    chat.put("charged", IDLY)
    intend(chat, "charged")
    confirm(gateway, 40_00)
    submit(chat, "by administration")
    venue.complete("by administration", "card")
    assert {venue.value(one) for one in SUMS} == {Decimal(80 + 80 + 40 + 80)}
    assert {chat.value(one) for one in SUMS} == {Decimal(80 + 40 + 80)}, "a program has its own alone"


def pay(till: Any, cart: Cart) -> None:
    """Take the money in cash, as a till does."""
    payment = {"payment_id": new_id(), "tender": "CASH", "amount": str(cart.total)}
    till.make("payment_started", cart.session, {**payment, "key": payment["payment_id"]})
    till.make("payment_approved", cart.session, {**payment, "tendered": payment["amount"], "change": "0.00"})
    till.place(cart, payments=[{**payment, "change": "0.00"}])
    intent = {
        "gateway": "CASH",
        "external_id": payment["payment_id"],
        "amount": payment["amount"],
        "status": "completed",
    }
    assert till.shown(cart, intent=intent)["records"] == 0
