"""Lines that two payments cover: the rest of the second is a sale of its own, and what both cover a conflict."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from psycopg.types.json import Jsonb

from tests.sql.ringing import DOSA, IDLY, Cart, new_id
from tests.sql.test_verify import verify
from till.domain.merge.settlement import matters
from till.domain.order.evolve import fold
from till.domain.streams import unseal

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

SALES = """
    SELECT total_amount, net + tax, (SELECT sum(amount) FROM order_payment p WHERE p.order_id = o.order_id)
    FROM orders o ORDER BY created_at, order_id
"""
EVENT_OF = "SELECT event_id::text FROM session_events WHERE event_data->>'order_id' = %s"
FOUND = "SELECT kind, subject, amount FROM till.conflicts"


def shared(venue: Venue) -> tuple[Till, Till, Cart, Cart]:
    """An order for 120.00 that two tills took while apart; the second keyed 60.00 more."""
    one, two, cart = venue.till(1), venue.till(2), Cart()
    one.open(cart)
    one.add(cart, IDLY, 3)
    one.shown(cart)
    other = Cart(session=cart.session, lines=dict(cart.lines), hold=cart.hold)
    two.take(other)
    two.add(other, DOSA)
    return one, two, cart, other


def test_lines_that_only_the_second_payment_covers_are_a_sale_of_it(venue: Venue) -> None:
    one, two, cart, other = shared(venue)
    first = one.place(cart)
    one.push()
    payments = [
        {"payment_id": new_id(), "tender": "CARD", "amount": "50.00", "change": "0.00"},
        {"payment_id": new_id(), "tender": "CASH", "amount": "150.00", "change": "50.00"},
    ]
    second = two.place(other, payments=payments)
    request = two.request()
    reply = two.push()

    assert venue.rows(SALES) == [(Decimal("120.00"),) * 3, (Decimal("80.00"),) * 3]
    assert venue.rows(FOUND) == [("paid_twice", second["order_id"], Decimal("120.00"))]
    assert (reply["conflicts"], reply["records"], reply["quarantined"]) == (1, 0, [])
    rows = "SELECT tender, amount, is_change FROM order_payment WHERE order_id = %s ORDER BY position"
    assert venue.rows(rows, second["order_id"]) == [
        ("CARD", Decimal("50.00"), False), ("CASH", Decimal("30.00"), False),
    ]  # fmt: skip
    assert venue.rows("SELECT receipt FROM orders ORDER BY receipt") == [(first["receipt"],), (second["receipt"],)]
    assert two.send(request)["conflicts"] == 1
    [row] = one.read("till.conflicts_v1")["conflicts"]
    assert row["receipts"] == [first["receipt"], second["receipt"]]
    assert verify(venue)["sound"] is True


def test_what_the_tills_say_of_it_too_is_the_same_conflict(venue: Venue) -> None:
    one, two, cart, other = shared(venue)
    first = one.place(cart)
    one.push()
    second = two.place(other)
    two.push()
    for subject in (first["order_id"], second["order_id"]):
        said = {
            "conflict_id": new_id(),
            "kind": "paid_twice",
            "subject": subject,
            "amount": "120.00",
            "currency": "INR",
        }
        one.make("conflict_found", cart.session, said)
    assert one.push()["conflicts"] == 1


def test_nothing_left_to_sell_is_a_conflict_of_all_that_was_paid(venue: Venue) -> None:
    one, two, cart, _other = shared(venue)
    one.place(cart)
    one.push()
    second = two.place(cart)
    reply = two.push()
    assert venue.value("SELECT count(*) FROM orders") == 1
    assert venue.rows(FOUND) == [("paid_twice", second["order_id"], Decimal("120.00"))]
    assert (reply["conflicts"], reply["records"]) == (1, 1)


def test_two_ends_with_the_same_payments_are_one_sale_and_nothing_is_to_be_given_back(venue: Venue) -> None:
    one, two, cart, _other = shared(venue)
    first = one.place(cart)
    one.push()
    second = two.place(cart, payments=first["payments"])
    reply = two.push()
    assert venue.rows("SELECT receipt FROM orders") == [(first["receipt"],)]
    assert venue.rows(FOUND) == []
    assert (reply["conflicts"], reply["records"]) == (0, 1)  # the second number is void, which a manager sees
    [record] = one.read("till.conflicts_v1")["quarantine"]
    assert (record["event"], Decimal(record["amount"])) == (venue.value(EVENT_OF, second["order_id"]), Decimal(0))


def test_a_second_end_that_brought_what_only_it_covers_owes_nothing(venue: Venue) -> None:
    one, two, cart, other = shared(venue)
    first = one.place(cart)
    one.push()
    mine = {"payment_id": new_id(), "tender": "CARD", "amount": "80.00", "change": "0.00"}
    two.place(other, payments=[*first["payments"], mine])
    reply = two.push()
    assert venue.rows(SALES) == [(Decimal("120.00"),) * 3, (Decimal("80.00"),) * 3]
    assert venue.rows(FOUND) == []
    assert (reply["conflicts"], reply["records"]) == (0, 0)


def paid(amount: str, tip: str = "0.00") -> dict[str, Any]:
    return {"payment_id": new_id(), "tender": "CARD", "amount": amount, "tip": tip, "change": "0.00"}


CHARGE = {"percent": "10", "subtotal": "20.00", "net": "19.05", "tax": "0.95",
          "taxes": [{"name": "GST", "rate": "5", "tax": "0.95"}]}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "payments", "charged", "twice"),
    [
        (False, [paid("120.00")], False, "120.00"),
        (False, [paid("140.00", tip="20.00")], False, "140.00"),
        (True, [paid("220.00", tip="20.00")], False, "120.00"),
        (True, [paid("80.00"), paid("140.00", tip="20.00")], False, "140.00"),
        (True, [paid("90.00", tip="10.00"), paid("130.00", tip="10.00")], False, "130.00"),
        (True, [paid("235.00", tip="15.00")], True, "132.00"),
        (True, [paid("220.00")], True, "132.00"),
    ],
    ids=["all", "all with its tip", "its tip stays", "the second's tip", "of two tips one", "charge and tip", "charge"],
)
def test_what_is_paid_twice_is_what_stands_on_no_sale_with_its_tip_for_tills_and_server_alike(
    venue: Venue, payments: list[dict[str, Any]], twice: str, *, more: bool, charged: bool
) -> None:
    one, two, cart, other = shared(venue)
    one.place(cart)
    one.push()
    tax = {"net": "209.53", "tax": "10.47"}
    bill = {"total": "220.00", **tax, "service_charge": CHARGE, "taxes": [{"name": "GST", "rate": "5", **tax}]}
    second = two.place(other if more else cart, payments=payments, **(bill if charged else {}))
    two.push()
    assert venue.rows(FOUND) == [("paid_twice", second["order_id"], Decimal(twice))]
    assert told_by_tills(venue, cart) == [("paid_twice", second["order_id"], Decimal(twice))]
    stands = venue.value("SELECT coalesce(sum(amount), 0) FROM order_payment WHERE order_id = %s", second["order_id"])
    assert stands + Decimal(twice) == sum(Decimal(one["amount"]) for one in payments)


def test_what_its_own_money_does_not_pay_for_is_no_sale_and_all_of_that_waits(venue: Venue) -> None:
    one, two, cart, other = shared(venue)
    first = one.place(cart)
    one.push()
    other.lines = {line: (DOSA, 2) for line, (item, _n) in other.lines.items() if item == DOSA}  # two of them alone
    second = two.place(other, payments=[*first["payments"], paid("45.00", tip="5.00")])
    two.push()
    found = [("paid_twice", second["order_id"], Decimal("45.00"))]
    assert (venue.rows(FOUND), told_by_tills(venue, cart)[:1]) == (found, found)


def told_by_tills(venue: Venue, cart: Cart) -> list[tuple[str, str, Decimal]]:
    """What a till that has all of an order finds wrong about its money."""
    query = "SELECT body, hash FROM warm.session_events WHERE session_id = %s ORDER BY event_id"
    order = fold(unseal(body, sealed, None) for body, sealed in venue.rows(query, cart.session))
    assert order is not None
    return [(one.kind, one.subject, Decimal(one.amount) / 100) for one in matters(order)]


def row(ids: list[str], pieces: list[int], **sums: str) -> dict[str, Any]:
    return {
        "line_ids": ids, "line_quantities": pieces, "quantity": sum(pieces), "item_name": "Idly", "unit_price": "33.33",
        "discount": "0.01", "taxes": [{"name": "GST", "rate": "5", "tax": sums["tax"]}], **sums,
    }  # fmt: skip


def test_a_row_of_several_lines_is_cut_by_pieces_and_its_sums_stay_whole(venue: Venue) -> None:
    whole = row(["a", "b", "c"], [1, 2, 4], subtotal="233.31", net="222.20", tax="11.11")
    cut = "SELECT cold.cut_row(%s, %s, 2)"
    left = venue.value(cut, Jsonb(whole), ["b"])
    assert (left["line_ids"], left["line_quantities"], left["quantity"]) == (["a", "c"], [1, 4], 5)
    assert (left["subtotal"], left["tax"], left["net"], left["discount"]) == ("166.65", "7.94", "158.71", "0.01")
    assert left["taxes"] == [{"name": "GST", "rate": "5", "tax": "7.94"}]
    assert venue.value(cut, Jsonb(whole), []) == whole
    assert venue.value(cut, Jsonb(whole), ["a", "b", "c"]) is None
    back = row(["a", "b"], [-1, -1], subtotal="-0.05", net="-0.04", tax="-0.01")
    assert venue.value(cut, Jsonb(back), ["a"])["subtotal"] == "-0.02"


def test_a_tip_stays_with_what_is_left_of_a_payment(venue: Venue) -> None:
    one, two, cart, other = shared(venue)
    one.place(cart)
    one.push()
    card = {"payment_id": new_id(), "tender": "CARD", "amount": "220.00", "tip": "20.00", "change": "0.00"}
    second = two.place(other, payments=[{**card, "transaction": "T-7"}])
    two.push()
    rows = "SELECT tender, amount, tip, transaction FROM order_payment WHERE order_id = %s"
    assert venue.rows(rows, second["order_id"]) == [("CARD", Decimal("100.00"), Decimal("20.00"), "T-7")]
    assert venue.rows(FOUND) == [("paid_twice", second["order_id"], Decimal("120.00"))]


def test_payments_less_tips_are_what_an_order_comes_to(venue: Venue) -> None:
    till, cart = venue.till(1), Cart()
    till.open(cart)
    till.add(cart, IDLY)
    till.shown(cart)
    cash = {"payment_id": new_id(), "tender": "CASH", "amount": "45.00", "tip": "5.00", "change": "5.00"}
    placed = till.place(cart, payments=[cash])
    till.push()
    rows = "SELECT amount, tip, is_change FROM order_payment WHERE order_id = %s ORDER BY is_change"
    assert venue.rows(rows, placed["order_id"]) == [
        (Decimal("50.00"), Decimal("5.00"), False), (Decimal("-5.00"), Decimal(0), True),
    ]  # fmt: skip

    short = Cart()
    till.open(short)
    till.add(short, IDLY)
    till.shown(short)
    till.place(short, payments=[{**cash, "payment_id": new_id(), "amount": "40.00", "change": "0.00"}])
    till.push()
    said = venue.value("SELECT reason FROM warm.quarantine")
    assert said == "The payments less tips come to 35.00, but the order to 40.00."
