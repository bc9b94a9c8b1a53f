"""Rows of past sales, and receipt numbers as people type them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.domain.making import CUP, DOSA, IDLY, SESSION, START, Desk, uid
from tests.domain.refund.test_shares import Counter
from till.domain.money.measures import Minor
from till.domain.order import charging, paying
from till.domain.order.events import OrderDiscarded
from till.domain.order.paying import Tendered
from till.domain.payment.movement import PaymentState
from till.domain.refund.past import PastSale, left_money, past_sale, receipt_number
from till.domain.structs import replace


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("1-531", "1-000531"),
        (" 1-531 ", "1-000531"),
        ("refund 1-531", "1-000531"),
        ("Receipt  12-7", "12-000007"),
        ("sale 1-1234567", "1-1234567"),
        ("1-r7", "1-R000007"),
        ("1xbeef-r7", "1XBEEF-R000007"),
        ("1ab-7", "1AB-000007"),
        ("123456789-123456789", "123456789-123456789"),
        ("chat-2", "chat-000002"),
        ("refund Chat_9-2", "chat_9-000002"),
        ("a" * 24 + "-1", "a" * 24 + "-000001"),
        ("a" * 25 + "-1", None),
        ("1234567890-1", None),
        ("1-1234567890", None),
        ("1x3ee-7", None),
        ("1b-f12", "1B-F000012"),
        ("refund 1-fr3", "1-FR000003"),
        ("1-rf3", None),
        ("1-", None),
        ("-7", None),
        ("1-7 x", None),
        ("bill 1-7", None),
        ("9chat9-2", None),
        ("１-7", None),
    ],
)
def test_receipt_number_is_read_as_people_type_it(typed: str, number: str | None) -> None:
    assert receipt_number(typed) == number


def _row(**more: Any) -> PastSale:
    facts: dict[str, Any] = {"session_id": SESSION, "order_id": uid("o"), "receipt": "1-000001", "at": START} | more
    return PastSale(**facts, currency="INR", till=3, user=4)


def test_past_sale_has_what_was_paid_by_which_tenders() -> None:
    desk = Desk()
    desk.add(DOSA, 2)
    desk.add(IDLY)
    first, second, third = desk.pay("CASH", 5_000), desk.pay("UPI", 5_000), desk.pay("CASH", 10_000)
    placed = replace(desk.place(), order_id=uid("o"), rounding="0.40")
    items = (("Masala Dosa", 2), ("Idly", 1))
    row = past_sale(SESSION, placed, START, 3, 4)
    assert row == _row(total=Minor(20_040), tenders=("CASH", "UPI"), items=items)
    assert (row.back, row.is_all_back) == (0, False)
    corrected = past_sale(SESSION, placed, START, 3, 4, corrected={first: "CARD", third: "UPI"})
    assert corrected.tenders == ("CARD", "UPI")
    tips = {second: "3.00", third: "0.50"}
    tipped = replace(placed, payments=tuple(replace(one, tip=tips.get(one.payment_id, "0")) for one in placed.payments))
    assert past_sale(SESSION, tipped, START, 3, 4).taken == (20_390, 5_000, 10_000)


def test_past_sale_counts_refunds_until_they_are_declined() -> None:
    desk = Desk()
    desk.add(DOSA, 2)
    desk.pay("CASH", 16_000)
    counter = Counter(desk.place())
    rows = []
    for state in (PaymentState.APPROVED, PaymentState.DECLINED, PaymentState.UNKNOWN):
        counter.answer(counter.give(counter.back(r1=1)), state)
        rows.append(past_sale(SESSION, counter.placed, START, 3, 4, counter.sale.refunds))
    assert [(len(row.refunds), row.back, row.is_all_back) for row in rows] == [
        (1, 8_000, False), (2, 8_000, False), (3, 16_000, True)]  # fmt: skip
    row = rows[-1]
    assert not replace(row, total=Minor(16_001)).is_all_back
    assert replace(row, total=Minor(15_999)).is_all_back
    assert not replace(row, total=Minor(0)).is_all_back


def test_money_of_no_sale_is_listed_with_the_lines_of_its_order() -> None:
    desk = Desk(till=3, user=4)
    desk.add(DOSA)
    desk.add(CUP, 3)
    desk.add(DOSA)
    reference, asked = ("V1", "till-3", "7"), Tendered("CARD", Minor(5_000))
    desk.do(charging.start_charge(desk.order, uid("p"), asked, reference))
    desk.do(paying.approve_payment(desk.order, uid("p"), asked))
    taken = desk.order.payments[uid("p")].at
    desk.do_one(OrderDiscarded(line_ids=(), reason="left"))
    row = _row(
        order_id="", receipt="", at=taken, total=Minor(5_000), tenders=("CARD",), left=uid("p"),
        items=(("Masala Dosa", 2), ("Cup deposit", 3)),
    )  # fmt: skip
    assert left_money(desk.order, uid("p")) == row
    other = replace(desk.order.payments[uid("p")], till=8, amount=Minor(5_500), tip=Minor(500))
    moved = replace(desk.order, payments={uid("p"): other})
    assert left_money(moved, uid("p")) == replace(row, till=8, total=Minor(5_500))  # the tip goes back with it
    nobody = replace(desk.order.payments[uid("p")], user=None)
    assert left_money(replace(desk.order, payments={uid("p"): nobody}), uid("p")).user == 0
    desk.do(charging.start_return(desk.order, uid("p"), uid("back"), reference, 3))
    assert left_money(desk.order, uid("p")) == replace(row, asks=True)
