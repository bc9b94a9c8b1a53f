from typing import Any

import pytest

from tests.domain.making import IDLY, SESSION, TAB, Desk, Hand, uid
from till.domain.errors import NoTabError, OrderClosedError, PaymentError, ReasonNeededError, RightsError
from till.domain.events.envelope import Draft
from till.domain.money.measures import Minor
from till.domain.order import moving, suspension, voiding
from till.domain.order.deciding import EmptyOrderError
from till.domain.order.events import OrderResumed
from till.domain.order.paying import Tendered, start_payment
from till.domain.order.state import Status, Tab

TABLE = Tab(TAB, "table 7", 7)


def _desk() -> Desk:
    desk = Desk()
    desk.add(IDLY, 2)
    return desk


def test_a_logout_puts_an_order_with_lines_aside() -> None:
    desk = _desk()
    desk.do(suspension.suspend_or_clear(desk.order))
    assert desk.order.status is Status.PENDING_LOGOUT
    assert suspension.suspend_or_clear(desk.order) == []


def test_a_logout_clears_a_blank_order() -> None:
    desk = Desk()
    desk.do(suspension.suspend_or_clear(desk.order))
    assert (desk.order.status, desk.order.discard_reason) == (Status.DISCARDED, "nothing was keyed")
    assert suspension.suspend_or_clear(desk.order) == []


def test_a_logout_keeps_an_empty_order_that_has_money() -> None:
    desk = Desk()
    line = desk.add(IDLY)
    desk.pay("CARD", 1_000)
    desk.do(voiding.void_row(desk.order, line, "left"))
    desk.do(suspension.suspend_or_clear(desk.order))
    assert desk.order.status is Status.PENDING_LOGOUT


def test_a_suspended_order_is_resumed_under_its_hold() -> None:
    desk = _desk()
    hold = desk.order.hold
    desk.do(suspension.suspend(desk.order))
    assert (desk.order.till, desk.order.holder) == (None, 1)
    drafts = suspension.resume(desk.order, here=1)
    assert drafts == [Draft(OrderResumed(), SESSION)]
    desk.do(drafts)
    assert (desk.order.status, desk.order.till, desk.order.hold) == (Status.ACTIVE, 1, hold)


def test_an_order_that_is_open_here_needs_no_resuming() -> None:
    assert suspension.resume(_desk().order, here=1) == []


@pytest.mark.parametrize("parked", [True, False])
def test_an_order_that_another_till_holds_is_not_resumed_here(*, parked: bool) -> None:
    desk = _desk()
    if parked:
        desk.do(suspension.suspend(desk.order))
    order = desk.grant(Hand(2, user=2))
    with pytest.raises(OrderClosedError, match="Another till holds that order"):
        suspension.resume(order, here=1)
    assert suspension.resume(order, here=2) == []


@pytest.mark.parametrize("end", [lambda o: suspension.discard(o, "left"), lambda o: suspension.put_on_tab(o, TABLE)])
def test_a_finished_order_is_not_resumed(end: Any) -> None:
    desk = _desk()
    desk.do(end(desk.order))
    with pytest.raises(OrderClosedError):
        suspension.resume(desk.order, here=1)


# Tabs


def test_a_tab_holds_the_order() -> None:
    desk = _desk()
    desk.do(suspension.put_on_tab(desk.order, TABLE))
    assert (desk.order.status, desk.order.till, desk.order.tab) == (Status.ASSIGNED_TO_TAB, None, TABLE)


def test_a_recalled_tab_is_the_same_order_of_who_recalled_it() -> None:
    desk = _desk()
    lines, total = list(desk.order.lines), desk.order.total
    desk.do(suspension.put_on_tab(desk.order, TABLE))
    drafts = suspension.recall_tab(desk.order, here=1, user=2)
    assert drafts == [Draft(OrderResumed(user=2), SESSION)]
    order = desk.do(drafts)
    assert (order.id, order.user, order.status, order.till) == (SESSION, 2, Status.ACTIVE, 1)
    assert (order.total, list(order.lines), order.tab) == (total, lines, TABLE)


def test_a_tab_that_another_till_holds_is_not_recalled_here() -> None:
    desk = _desk()
    desk.do(suspension.put_on_tab(desk.order, TABLE))
    with pytest.raises(OrderClosedError, match="Another till holds that order"):
        suspension.recall_tab(desk.order, here=2, user=2)
    order = desk.grant(Hand(2, user=2))
    assert (order.status, order.till, order.tab) == (Status.ACTIVE, 2, TABLE)
    assert suspension.recall_tab(order, here=2, user=2) == []
    with pytest.raises(OrderClosedError, match="Another till holds that order"):
        suspension.recall_tab(order, here=1, user=1)


def test_a_tab_that_is_on_this_screen_needs_no_recall_but_by_somebody_else() -> None:
    desk = _desk()
    hold = desk.order.hold
    desk.do(suspension.put_on_tab(desk.order, TABLE))
    desk.do(suspension.recall_tab(desk.order, here=1, user=1))
    assert suspension.recall_tab(desk.order, here=1, user=1) == []
    desk.do(suspension.recall_tab(desk.order, here=1, user=2))
    assert (desk.order.user, desk.order.hold) == (2, hold)


def test_a_tab_that_a_logout_suspended_is_recalled_too() -> None:
    desk = _desk()
    desk.do(suspension.put_on_tab(desk.order, TABLE))
    desk.do(suspension.recall_tab(desk.order, here=1, user=1))
    desk.do(suspension.suspend(desk.order))
    desk.do(suspension.recall_tab(desk.order, here=1, user=2))
    assert (desk.order.status, desk.order.user) == (Status.ACTIVE, 2)


@pytest.mark.parametrize("end", ["none", "paid", "cleared"])
def test_only_what_stands_on_a_tab_is_recalled(end: str) -> None:
    desk = _desk()
    if end != "none":
        desk.do(suspension.put_on_tab(desk.order, TABLE))
        desk.do(suspension.recall_tab(desk.order, here=1, user=1))
    if end == "paid":
        desk.pay("CASH", 8_000)
        desk.place()
    elif end == "cleared":
        desk.do(suspension.discard(desk.order, "left"))
    with pytest.raises(NoTabError):
        suspension.recall_tab(desk.order, here=1, user=1)


def test_a_logout_puts_a_recalled_tab_back_on_its_tab() -> None:
    desk = _desk()
    desk.do(suspension.put_on_tab(desk.order, TABLE))
    desk.do(suspension.recall_tab(desk.order, here=1, user=1))
    desk.add(IDLY)
    desk.do(suspension.suspend_or_clear(desk.order))
    assert (desk.order.status, desk.order.tab, desk.order.total) == (Status.ASSIGNED_TO_TAB, TABLE, 12_000)
    assert suspension.suspend_or_clear(desk.order) == []


def test_nothing_empty_goes_on_a_tab() -> None:
    with pytest.raises(EmptyOrderError):
        suspension.put_on_tab(Desk().order, TABLE)


def test_an_order_paid_in_part_goes_on_a_tab_with_its_money() -> None:
    desk = _desk()
    desk.pay("CARD", 1_000)
    desk.do(suspension.put_on_tab(desk.order, TABLE))
    desk.do(suspension.recall_tab(desk.order, here=1, user=1))
    assert (desk.order.tab, desk.order.paid, desk.order.due) == (TABLE, 1_000, 7_000)


# Discard


def test_an_order_is_cleared_on_purpose() -> None:
    desk = _desk()
    desk.do(suspension.discard(desk.order, "guest left"))
    assert (desk.order.status, desk.order.discard_reason) == (Status.DISCARDED, "guest left")
    assert desk.order.total == 8_000
    assert desk.order.discarded == frozenset(desk.order.lines)
    with pytest.raises(OrderClosedError):
        suspension.discard(desk.order, "again")


@pytest.mark.parametrize("reason", ["", " ", "\x00"])
def test_an_order_is_not_cleared_without_a_reason(reason: str) -> None:
    with pytest.raises(ReasonNeededError):
        suspension.discard(_desk().order, reason)


def test_an_order_with_money_on_it_is_not_cleared() -> None:
    paid, pending = _desk(), _desk()
    paid.pay("CARD", 1_000)
    pending.do(start_payment(pending.order, uid("p"), Tendered("CARD", Minor(8_000))))
    for desk in (paid, pending):
        with pytest.raises(PaymentError, match=r"is paid|under way"):
            suspension.discard(desk.order, "left")


def test_a_cleared_order_comes_back_for_who_cleared_it_and_for_a_manager() -> None:
    desk = _desk()
    with pytest.raises(OrderClosedError):
        suspension.reopen(desk.order, here=1, by=1, manages=False)
    total = desk.order.total
    desk.do(suspension.discard(desk.order, "left"))
    with pytest.raises(RightsError, match="a manager"):
        suspension.reopen(desk.order, here=1, by=2, manages=False)
    with pytest.raises(OrderClosedError, match="Another till holds that order"):
        suspension.reopen(desk.order, here=2, by=9, manages=True)
    assert suspension.reopen(desk.order, here=1, by=9, manages=True)
    desk.do(suspension.reopen(desk.order, here=1, by=1, manages=False))
    assert (desk.order.status, desk.order.till, desk.order.total) == (Status.ACTIVE, 1, total)
    assert desk.order.discarded is None


def test_a_cleared_order_whose_lines_went_elsewhere_never_comes_back() -> None:
    desk = _desk()
    desk.do([moving.move_away(desk.order, TAB, list(desk.order.lines))])
    desk.do(suspension.discard(desk.order, "merged"))
    with pytest.raises(OrderClosedError, match="its lines are on another one"):
        suspension.reopen(desk.order, here=1, by=1, manages=True)
