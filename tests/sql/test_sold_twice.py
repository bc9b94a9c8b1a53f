"""Two sales with the same lines or payments: both are kept whole, and a conflict names the contents of both."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest

from tests.sql.ringing import DOSA, IDLY, PRICES, Cart, new_id
from tests.sql.test_verify import verify

if TYPE_CHECKING:
    from tests.sql.ringing import Till, Venue

SALES = """
    SELECT total_amount, net + tax, (SELECT sum(amount) FROM order_payment p WHERE p.order_id = o.order_id)
    FROM orders o ORDER BY created_at, order_id
"""
FOUND = "SELECT kind, subject, amount FROM till.conflicts"
CONTESTED = "SELECT total, (SELECT amount FROM cold.contested_by_day) FROM cold.sales_by_day"


def shared(venue: Venue) -> tuple[Till, Till, Cart, Cart]:
    """An order for 120.00 that two tills took while apart; the second keyed 80.00 more."""
    one, two, cart = venue.till(1), venue.till(2), Cart()
    one.open(cart)
    one.add(cart, IDLY, 3)
    one.shown(cart)
    other = Cart(session=cart.session, lines=dict(cart.lines), hold=cart.hold)
    two.take(other)
    two.add(other, DOSA)
    return one, two, cart, other


def test_a_second_sale_is_kept_whole_and_what_the_first_has_is_contested(venue: Venue) -> None:
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

    assert venue.rows(SALES) == [(Decimal("120.00"),) * 3, (Decimal("200.00"),) * 3]
    assert venue.rows(FOUND) == [("sold_twice", second["order_id"], Decimal("120.00"))]
    assert venue.rows(CONTESTED) == [(Decimal("320.00"), Decimal("120.00"))]
    assert (reply["conflicts"], reply["records"], reply["quarantined"]) == (1, 0, [])
    rows = "SELECT tender, amount, is_change FROM order_payment WHERE order_id = %s ORDER BY position, is_change"
    assert venue.rows(rows, second["order_id"]) == [
        ("CARD", Decimal("50.00"), False), ("CASH", Decimal("200.00"), False), ("CASH", Decimal("-50.00"), True),
    ]  # fmt: skip
    assert venue.rows("SELECT receipt FROM orders ORDER BY receipt") == [(first["receipt"],), (second["receipt"],)]
    assert two.send(request)["conflicts"] == 1
    [row] = one.read("till.conflicts_v1")["conflicts"]
    assert row["receipts"] == [first["receipt"], second["receipt"]]
    assert verify(venue)["sound"] is True


def test_a_till_finds_no_sale_that_was_sold_twice(venue: Venue) -> None:
    one, two, cart, _other = shared(venue)
    first = one.place(cart)
    one.push()
    second = two.place(cart)
    two.push()
    for subject in (first["order_id"], second["order_id"]):
        fields = {
            "conflict_id": new_id(),
            "kind": "sold_twice",
            "subject": subject,
            "amount": "120.00",
            "currency": "INR",
        }
        one.make_badly("conflict_found", cart.session, fields)
    reply = one.push()
    assert (reply["conflicts"], reply["records"]) == (1, 2)
    assert venue.rows(FOUND) == [("sold_twice", second["order_id"], Decimal("120.00"))]


def test_a_second_sale_of_all_that_the_first_has_stands_too(venue: Venue) -> None:
    one, two, cart, _other = shared(venue)
    one.place(cart)
    one.push()
    second = two.place(cart)
    reply = two.push()
    assert venue.rows(SALES) == [(Decimal("120.00"),) * 3] * 2
    assert venue.rows(FOUND) == [("sold_twice", second["order_id"], Decimal("120.00"))]
    assert (reply["conflicts"], reply["records"]) == (1, 0)


def test_the_amount_of_a_conflict_grows_with_lines_that_come_after_both_sales(venue: Venue) -> None:
    one, two, _cart, other = shared(venue)
    sales = one.place(other), one.place(other)
    one.push()
    before = venue.rows(FOUND)
    two.push()
    found = [*before, *venue.rows(FOUND)]
    assert found == [("sold_twice", sales[1]["order_id"], Decimal(each)) for each in ("120.00", "200.00")]


def test_two_sales_with_the_same_lines_and_payments_are_one_and_the_second_number_shows_it(venue: Venue) -> None:
    one, two, cart, _other = shared(venue)
    first = one.place(cart)
    one.push()
    second = two.place(cart, payments=first["payments"])
    reply = two.push()
    assert venue.rows("SELECT receipt FROM orders") == [(first["receipt"],)]
    assert venue.rows(FOUND) == []
    assert (reply["conflicts"], reply["records"]) == (0, 0)
    [sale] = one.read("warm.past_sales_v1", receipt=second["receipt"])["sales"]
    assert (sale["order"], sale["receipt"]) == (first["order_id"], first["receipt"])


def test_a_payment_that_both_list_is_one_and_stands_on_the_first(venue: Venue) -> None:
    one, two, cart, other = shared(venue)
    first = one.place(cart)
    one.push()
    second = two.place(other, payments=[*first["payments"], paid("80.00")])
    reply = two.push()
    assert venue.rows(SALES) == [(Decimal("120.00"),) * 3, (Decimal("200.00"), Decimal("200.00"), Decimal("80.00"))]
    assert venue.rows(FOUND) == [("sold_twice", second["order_id"], Decimal("120.00"))]
    assert (reply["conflicts"], reply["records"]) == (1, 0)


@pytest.mark.parametrize("free", [False, True])
def test_a_payment_that_both_list_is_reported_where_they_share_no_line_that_costs_money(
    venue: Venue, monkeypatch: pytest.MonkeyPatch, *, free: bool
) -> None:
    one, two, cart, other = shared(venue)
    if free:
        monkeypatch.setitem(PRICES, "water", ("Water", Decimal(0)))
        one.add(cart, "water")
    cash = paid("120.00")
    one.make("payment_approved", cart.session, {**cash, "tendered": "120.00"})
    one.place(cart, payments=[cash])
    one.push()
    other.lines = {line: (DOSA, 2) for line, (item, _n) in other.lines.items() if item == DOSA}  # two of them alone
    other.lines |= {line: sold for line, sold in cart.lines.items() if sold[0] == "water"}
    second = two.place(other, payments=[cash | {"till": 1}, paid("45.00", tip="5.00")])
    two.push()
    assert venue.rows(FOUND) == [("sold_twice", second["order_id"], Decimal("120.00"))]
    assert venue.value("SELECT sum(amount) FROM cold.sales_by_tender") == Decimal("165.00")


def paid(amount: str, tip: str = "0.00") -> dict[str, Any]:
    return {"payment_id": new_id(), "tender": "CARD", "amount": amount, "tip": tip, "change": "0.00"}


CHARGE = {"percent": "10", "subtotal": "20.00", "net": "19.05", "tax": "0.95",
          "taxes": [{"name": "GST", "rate": "5", "tax": "0.95"}]}  # fmt: skip


@pytest.mark.parametrize(
    ("more", "payments", "charged", "contested"),
    [
        (False, [paid("140.00", tip="20.00")], False, "120.00"),
        (True, [paid("80.00"), paid("140.00", tip="20.00")], False, "120.00"),
        (True, [paid("235.00", tip="15.00")], True, "132.00"),
    ],
    ids=["all", "a part", "with its charge for service"],
)
def test_the_contested_amount_is_that_of_the_lines_with_their_share_of_the_charge(
    venue: Venue, payments: list[dict[str, Any]], contested: str, *, more: bool, charged: bool
) -> None:
    one, two, cart, other = shared(venue)
    one.place(cart)
    one.push()
    tax = {"net": "209.53", "tax": "10.47"}
    bill = {"total": "220.00", **tax, "service_charge": CHARGE, "taxes": [{"name": "GST", "rate": "5", **tax}]}
    second = two.place(other if more else cart, payments=payments, **(bill if charged else {}))
    two.push()
    assert venue.rows(FOUND) == [("sold_twice", second["order_id"], Decimal(contested))]
    stands = venue.value("SELECT sum(amount) FROM order_payment WHERE order_id = %s", second["order_id"])
    assert stands == sum(Decimal(one["amount"]) for one in payments)


@pytest.mark.parametrize(("uncharged", "contested"), [(DOSA, "140.00"), (IDLY, "120.00")])
def test_a_contested_row_without_charge_has_no_share_of_it(venue: Venue, uncharged: str, contested: str) -> None:
    """Three idlies of two sales, and a dosa in the second alone."""
    one, two, cart, other = shared(venue)
    one.place(cart)
    one.push()
    tax = {"net": "209.53", "tax": "10.47"}
    lines = [line | ({"uncharged": True} if line["item_id"] == uncharged else {}) for line in other.frozen()["lines"]]
    taxes = [{"name": "GST", "rate": "5", **tax}]
    two.place(other, lines=lines, total="220.00", **tax, service_charge=CHARGE, taxes=taxes, payments=[paid("220.00")])
    assert two.push()["records"] == 0
    assert venue.rows(FOUND)[0][2] == Decimal(contested)


@pytest.mark.parametrize("first", ["the whole line", "the piece"])
def test_a_piece_cut_without_the_knowledge_of_the_sale_of_its_line_is_sold_twice(venue: Venue, first: str) -> None:
    one, two, cart, _other = shared(venue)
    one.push()
    line, piece = next(iter(cart.lines)), new_id()
    guest = Cart()
    moved = {"line_id": piece, "item_id": IDLY, "item_name": "Idly", "quantity": 1, "price": "40.00", "till": 2,
             "taxes": []}  # fmt: skip
    two.push()
    with two.deciding() as decided:
        two.make("line_cut", cart.session, {"line_id": line, "into": piece, "quantity": 1})
        two.open(guest, from_session=cart.session)
        two.make("lines_moved", cart.session, {"to_session": guest.session, "line_ids": [piece]})
        two.make("lines_moved", guest.session, {"from_session": cart.session, "lines": [moved]})
    two.done(decided)
    guest.lines = {piece: (IDLY, 1)}
    whole = one.place(cart)
    part = two.place(guest)
    for till in (one, two) if first == "the whole line" else (two, one):
        till.push()
    assert venue.rows(FOUND) == [("sold_twice", part["order_id"], Decimal("40.00"))]
    [row] = one.read("till.conflicts_v1")["conflicts"]
    assert sorted(row["receipts"]) == sorted((whole["receipt"], part["receipt"]))


def test_two_parts_of_one_order_that_know_of_each_other_are_two_sales(venue: Venue) -> None:
    one, cart, guest = venue.till(1), Cart(), Cart()
    one.open(cart)
    line, piece = one.add(cart, IDLY, 3), new_id()
    one.shown(cart)
    moved = {"line_id": piece, "item_id": IDLY, "item_name": "Idly", "quantity": 1, "price": "40.00", "till": 1,
             "taxes": []}  # fmt: skip
    with one.deciding() as decided:
        one.make("line_cut", cart.session, {"line_id": line, "into": piece, "quantity": 1})
        one.open(guest, from_session=cart.session)
        one.make("lines_moved", cart.session, {"to_session": guest.session, "line_ids": [piece]})
        one.make("lines_moved", guest.session, {"from_session": cart.session, "lines": [moved]})
    one.done(decided)
    guest.lines = {piece: (IDLY, 1)}
    cart.lines = {line: (IDLY, 2)}
    one.place(cart, known=one.known[cart.session][1])
    one.place(guest)
    assert one.push()["records"] == 0
    assert venue.value("SELECT count(*) FROM orders") == 2
    assert venue.rows("SELECT kind FROM till.conflicts WHERE kind = 'sold_twice'") == []


def test_payments_less_tips_are_what_an_order_comes_to(venue: Venue) -> None:
    till = venue.till(1)
    cart = till.keyed(IDLY)
    till.shown(cart)
    cash = {"payment_id": new_id(), "tender": "CASH", "amount": "45.00", "tip": "5.00", "change": "5.00"}
    placed = till.place(cart, payments=[cash])
    till.push()
    rows = "SELECT amount, tip, is_change FROM order_payment WHERE order_id = %s ORDER BY is_change"
    assert venue.rows(rows, placed["order_id"]) == [
        (Decimal("50.00"), Decimal("5.00"), False), (Decimal("-5.00"), Decimal(0), True),
    ]  # fmt: skip

    short = till.keyed(IDLY)
    till.shown(short)
    till.place(short, payments=[{**cash, "payment_id": new_id(), "amount": "40.00", "change": "0.00"}])
    till.push()
    reason = venue.value("SELECT reason FROM warm.quarantine")
    assert reason == "The payments less tips come to 35.00, but the order to 40.00."


@pytest.mark.parametrize("first", [False, True])
def test_a_late_line_takes_no_piece_off_the_table_that_it_was_moved_to(venue: Venue, *, first: bool) -> None:
    """The late line has a higher version than the move, and an earlier id; the sale names it as what its till knew."""
    one, two, left, right = venue.till(1), venue.till(2), Cart(), Cart()
    one.open(left)
    line = one.add(left, DOSA, 2)
    one.open(right)
    one.push()
    two.push()
    two.take(left)
    two.add(left, IDLY)
    one.take(left)
    with one.deciding() as decided:
        piece = new_id()
        one.make("line_cut", left.session, {"line_id": line, "into": piece, "quantity": 1})
        left.lines |= {line: (DOSA, 1), piece: (DOSA, 1)}
        one.hand_on(left, right, piece)
    one.done(decided)
    two.push()
    one.push()
    for cart in (right, left) if first else (left, right):
        one.place(cart, known=one.known[cart.session][1])
        one.push()
    assert venue.rows("SELECT kind FROM till.conflicts") == []
    assert dict(venue.rows("SELECT session_id, total_amount FROM cold.sales")) == {
        left.session: left.total, right.session: right.total,
    }  # fmt: skip
