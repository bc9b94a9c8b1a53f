from typing import Any

import pytest

from tests.domain.making import DOSA, IDLY, SESSION, Desk, Hand
from till.domain.errors import EmptyOrderError, NoTabError, OrderClosedError, PaymentError, ReasonNeededError
from till.domain.events.envelope import Draft, EventType
from till.domain.order import selling, suspension
from till.domain.order.line import Modifier
from till.domain.order.state import Order, Status, Tab
from till.domain.payment.paying import Tendered, start_payment

TABLE = Tab("0197a000-0000-7000-8000-00000000007a", "table 7", 7)
OTHER = "0197a000-0000-7000-8000-0000000000bb"


def _desk() -> Desk:
    desk = Desk()
    desk.add(IDLY, 2)
    return desk


def test_a_logout_puts_an_order_with_lines_aside() -> None:
    desk = _desk()
    desk.do(suspension.put_aside(desk.order))
    assert desk.order.status is Status.PENDING_LOGOUT
    assert suspension.put_aside(desk.order) == []


def test_a_logout_clears_a_blank_order() -> None:
    desk = Desk()
    desk.do(suspension.put_aside(desk.order))
    assert (desk.order.status, desk.order.discard_reason) == (Status.DISCARDED, "nothing was keyed")
    assert suspension.put_aside(desk.order) == []


def test_a_logout_keeps_an_empty_order_that_has_money() -> None:
    desk = Desk()
    line = desk.add(IDLY)
    desk.pay("CARD", 1_000)
    desk.do(selling.void_row(desk.order, line, "left"))
    desk.do(suspension.put_aside(desk.order))
    assert desk.order.status is Status.PENDING_LOGOUT


@pytest.mark.parametrize(
    ("parked", "holder", "kind"),
    [
        (True, None, EventType.ORDER_RESUMED),
        (True, 1, EventType.ORDER_RESUMED),
        (True, 2, EventType.ORDER_TAKEN_OVER),
        (False, None, EventType.ORDER_RESUMED),
        (False, 2, EventType.ORDER_TAKEN_OVER),
    ],
)
def test_an_order_comes_back_under_the_next_epoch(*, parked: bool, holder: int | None, kind: EventType) -> None:
    desk = _desk()
    if parked:
        desk.do(suspension.park(desk.order))
    drafts = suspension.bring_back(desk.order, holder=holder, here=1)
    assert [(draft.type, draft.hold_epoch) for draft in drafts] == [(kind, 2)]
    assert drafts[0].data == {"from_epoch": 1, "from_till": holder}
    desk.do(drafts)
    assert (desk.order.status, desk.order.till, desk.order.hold_epoch) == (Status.ACTIVE, 1, 2)


def test_an_order_that_is_here_needs_no_bringing() -> None:
    assert suspension.bring_back(_desk().order, holder=1, here=1) == []


def test_an_order_that_another_till_took_since_is_claimed_anew_whatever_a_database_set_back_says() -> None:
    order = Hand(2).take(_desk().order, [Draft(EventType.ORDER_TAKEN_OVER, SESSION, {}, {}, 2)])
    assert order.till == 2
    assert [draft.hold_epoch for draft in suspension.bring_back(order, holder=1, here=1)] == [3]


def test_each_takeover_raises_the_epoch() -> None:
    desk = _desk()
    for epoch in (2, 3, 4):
        desk.do(suspension.bring_back(desk.order, holder=2, here=1))
        assert desk.order.hold_epoch == epoch


@pytest.mark.parametrize("end", [lambda o: suspension.discard(o, "left"), lambda o: suspension.put_on_tab(o, TABLE)])
def test_what_is_finished_is_not_brought_back(end: Any) -> None:
    desk = _desk()
    desk.do(end(desk.order))
    with pytest.raises(OrderClosedError):
        suspension.bring_back(desk.order, holder=None, here=1)


# Tabs


def _recalled(desk: Desk) -> Order:
    """The order on a tab of the desk, recalled under another id."""
    desk.do(suspension.put_on_tab(desk.order, TABLE))
    hand = Hand(seed=9)
    hand.after = desk.order.last_id
    drafts = suspension.recall_tab(desk.order, OTHER, 2)
    return hand.take(None, [draft for draft in drafts if draft.session_id == OTHER])


def test_a_tab_holds_the_order() -> None:
    desk = _desk()
    desk.do(suspension.put_on_tab(desk.order, TABLE))
    assert (desk.order.status, desk.order.till, desk.order.tab) == (Status.ASSIGNED_TO_TAB, None, TABLE)


def test_a_recalled_tab_carries_the_same_lines() -> None:
    desk = _desk()
    ids = [*desk.order.lines, desk.add(DOSA, 1, 750_000, [Modifier("extra ghee", 50_000)])]
    void = desk.add(DOSA)
    desk.do(selling.void_row(desk.order, void, "dropped"))
    desk.do(selling.discount_line(desk.order, ids[1], "d", amount=300, reason="late"))
    total = desk.order.total
    order = _recalled(desk)
    assert (order.id, order.user, order.status) == (OTHER, 2, Status.ACTIVE)
    assert (order.total, list(order.lines), order.from_session, order.tab) == (total, ids, SESSION, TABLE)
    assert (order.terms, order.order_type) == (desk.order.terms, desk.order.order_type)


def test_a_recalled_tab_carries_its_wishes() -> None:
    desk = _desk()
    desk.do(selling.set_preference(desk.order, "onion", "none"))
    assert _recalled(desk).preferences == {"onion": "none"}


def test_a_recalled_tab_carries_discounts_on_the_order() -> None:
    desk = _desk()
    for facts in ({"percent": "10"}, {"amount": "1.50"}):
        data = {"discount_id": str(facts), "line_id": None} | facts
        desk.do([Draft(EventType.DISCOUNT_APPLIED, SESSION, data, hold_epoch=1)])
    assert desk.order.total == 8_000 - 800 - 150
    assert _recalled(desk).total == desk.order.total


def test_only_what_stands_on_a_tab_is_recalled() -> None:
    with pytest.raises(NoTabError):
        suspension.recall_tab(_desk().order, OTHER, 1)


def test_nothing_empty_goes_on_a_tab() -> None:
    with pytest.raises(EmptyOrderError):
        suspension.put_on_tab(Desk().order, TABLE)


def test_an_order_with_money_on_it_does_not_go_on_a_tab() -> None:
    desk = _desk()
    desk.pay("CARD", 1_000)
    with pytest.raises(PaymentError, match="paid in part"):
        suspension.put_on_tab(desk.order, TABLE)


# Discard


def test_an_order_is_cleared_on_purpose() -> None:
    desk = _desk()
    desk.do(suspension.discard(desk.order, "guest left"))
    assert (desk.order.status, desk.order.discard_reason) == (Status.DISCARDED, "guest left")
    assert desk.order.total == 8_000
    with pytest.raises(OrderClosedError):
        suspension.discard(desk.order, "again")


@pytest.mark.parametrize("reason", ["", " ", "\x00"])
def test_an_order_is_not_cleared_without_a_reason(reason: str) -> None:
    with pytest.raises(ReasonNeededError):
        suspension.discard(_desk().order, reason)


def test_an_order_with_money_on_it_is_not_cleared() -> None:
    paid, pending = _desk(), _desk()
    paid.pay("CARD", 1_000)
    pending.do(start_payment(pending.order, "p", Tendered("CARD", 8_000)))
    for desk in (paid, pending):
        with pytest.raises(PaymentError, match=r"was taken|under way"):
            suspension.discard(desk.order, "left")
