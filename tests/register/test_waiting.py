"""The orders that programs submitted, as the list of the database has them."""

from typing import Any

from tests.register.conftest import Till
from till.domain.order.state import Status

ROW: dict[str, Any] = {
    "session": "0197a000-0000-7000-8000-0000000000f1", "status": "pending_logout", "version": 7, "lines": 1,
    "total": "240.00", "currency": "INR", "created_at": "2026-03-03T05:01:00.000000Z", "till": None, "till_name": None,
    "updated_at": "2026-03-03T05:02:00.000000Z", "hold_id": "0197a000-0000-7000-8000-0000000000f2", "items": [],
    "submitted": {"number": 17, "program": "chat", "customer": "Priya", "at": "2026-03-03T05:02:00.000000Z"},
}  # fmt: skip


def listed(till: Till, *rows: Any) -> list[tuple[str, str, int]]:
    till.register.journal.cache("waiting", 1, {"orders": list(rows)})
    return [(one.name, one.customer, one.row.total) for one in till.register.waiting_orders.listed()]


def test_waiting_orders_are_named_by_program_and_number(till: Till) -> None:
    assert till.register.waiting_orders.listed() == []
    assert listed(till, ROW) == [("Chat 17", "Priya", 240_00)]
    nobody = {**ROW, "submitted": {**ROW["submitted"], "program": "", "customer": ""}}
    assert listed(till, nobody) == [("Order 17", "", 240_00)]


def test_a_row_that_does_not_read_leaves_the_others(till: Till) -> None:
    bad: tuple[Any, ...] = ({**ROW, "total": "x"}, {**ROW, "submitted": None}, {}, 1, {**ROW, "updated_at": "never"})
    assert listed(till, *bad, ROW) == [("Chat 17", "Priya", 240_00)]


def test_an_order_ended_by_this_till_is_not_listed_any_more(till: Till) -> None:
    paid, cleared, open_ = till.order(1), till.order(1), till.order(2)
    till.register.checkout.pay_exact(paid.id)
    till.register.recovery.discard(cleared.id, "left")
    rows = [{**ROW, "session": order.id} for order in (paid, cleared, open_)]
    assert till.register.ledger.order(open_.id).status is Status.ACTIVE
    assert listed(till, *rows) == [("Chat 17", "Priya", open_.total)], "and at what this till keyed since"
