"""Payments by hand: what is recorded of each, who may give it back, and the sale that they settle."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.register.conftest import VENUE
from tests.register.exchange import acknowledge, take
from tests.register.payments.scripted import TERMINAL, Terminal, played
from tests.register.payments.test_charges import saved
from tests.register.payments.test_giving_back import left_behind, only_left
from till.domain.errors import OrderClosedError, PaymentError, RightsError
from till.domain.ids import derived_id
from till.domain.money.measures import Minor
from till.domain.order.deciding import EmptyOrderError
from till.domain.order.events import OrderPlaced
from till.domain.order.state import Status
from till.domain.payment.events import PaymentApproved, PaymentDeclined, PaymentStarted, PaymentVoided
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace
from till.domain.till.events import ApprovalGiven
from till.ports import SessionMark, TenderTraits
from till.register.payments.tenders import BY_HAND, Tenders

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.domain.order.state import Order
    from till.domain.staff.rights import Approval

LUNCH = TenderTraits(name="LUNCH", label="Lunch", key="l", by_hand=True, gives_change=True, opens_drawer=True)
GIFT = TenderTraits(name="GIFT", label="Gift card", key="g", by_hand=True, gives_change=True)
DEPOSIT = 6


def offer(till: Till, *more: TenderTraits, cash_at: int | None = None) -> None:
    till.register.asker.tenders = Tenders([*BY_HAND, *more], cash_at=cash_at)


def yes(till: Till, amount: int) -> Approval:
    asked = PermissionRequest(Permission.GIVE_BACK, Minor(amount))
    return till.register.approvals.give(till.register.access.find(9), asked)


def newest(till: Till, session: str) -> str:
    return list(till.register.ledger.order(session).payments)[-1]


# Payments


@pytest.mark.parametrize(
    ("tender", "amount", "more", "taken"),
    [
        # the amount, what was handed over, the change, the tip, and the drawer
        ("CASH", 8_000, {}, ("80.00", "80.00", "0.00", "0", 1)),
        ("CASH", 10_000, {}, ("80.00", "100.00", "20.00", "0", 1)),
        ("CASH", 10_000, {"tip": Minor(500)}, ("85.00", "100.00", "15.00", "5.00", 1)),
        ("CASH", 10_000, {"part": Minor(5_000)}, ("50.00", "100.00", "50.00", "0", 1)),
        ("CARD", 8_000, {}, ("80.00", "80.00", "0.00", "0", None)),
        ("CARD", 8_500, {"tip": Minor(500)}, ("85.00", "85.00", "0.00", "5.00", None)),
        # only the change moves in the drawer
        ("CARD", 10_000, {"cashback": True}, ("80.00", "100.00", "20.00", "0", 1)),
        ("CARD", 8_000, {"cashback": True}, ("80.00", "80.00", "0.00", "0", None)),
        ("GIFT", 10_000, {}, ("80.00", "100.00", "20.00", "0", 1)),
        ("GIFT", 8_000, {}, ("80.00", "80.00", "0.00", "0", None)),
        ("LUNCH", 10_000, {}, ("80.00", "100.00", "20.00", "0", 1)),
        ("LUNCH", 8_000, {}, ("80.00", "80.00", "0.00", "0", 1)),
    ],
)
def test_a_payment_records_its_change_and_the_drawer_in_which_money_moved(
    till: Till, tender: str, amount: int, more: dict[str, Any], taken: Any
) -> None:
    offer(till, LUNCH, GIFT)
    order = till.register.checkout.pay(till.order(2).id, tender, Minor(amount), **more)
    [one] = till.wrote(PaymentApproved)
    assert (one.amount, one.tendered, one.change, one.tip, one.drawer) == taken
    assert order.status is (Status.ACTIVE if "part" in more else Status.COMPLETED)


@pytest.mark.parametrize(
    ("tender", "amount", "more", "refusal"),
    [
        ("CASH", 8_000, {}, "This till has no drawer. Till 2 takes cash."),
        ("LUNCH", 8_000, {}, "This till has no drawer. Till 2 takes lunch."),
        ("CARD", 8_000, {}, ""),
        ("GIFT", 8_000, {}, ""),
        # no drawer gives change
        ("GIFT", 8_001, {}, "That is more than the ₹80.00 due."),
        ("CARD", 8_001, {"cashback": True}, "That is more than the ₹80.00 due."),
        # money that was taken elsewhere is only recorded
        ("CASH", 8_000, {"recorded": True}, ""),
    ],
)
def test_a_till_without_a_drawer_takes_what_moves_no_cash(
    till: Till, tender: str, amount: int, more: dict[str, Any], refusal: str
) -> None:
    offer(till, LUNCH, GIFT, cash_at=2)
    session = till.order(2).id
    if not refusal:
        assert till.register.checkout.pay(session, tender, Minor(amount), **more).status is Status.COMPLETED
        return
    with pytest.raises(PaymentError) as refused:
        till.register.checkout.pay(session, tender, Minor(amount), **more)
    assert refused.value.sentence == refusal
    assert till.wrote(PaymentStarted) == []


@pytest.mark.parametrize("state", ["paid", "void", "void and recorded"])
def test_an_order_without_an_amount_due_takes_no_money(till: Till, state: str) -> None:
    session, checkout = till.order(2).id, till.register.checkout
    if state == "paid":
        checkout.pay_exact(session)
        with pytest.raises(OrderClosedError):
            checkout.pay(session, "CASH", Minor(1_000))
        return
    till.register.sales.void(session, next(iter(till.register.ledger.order(session).lines)), "x")
    if state == "void":
        with pytest.raises(EmptyOrderError):
            checkout.pay(session, "CASH", Minor(1_000))
        with pytest.raises(EmptyOrderError):
            checkout.pay_exact(session)
        assert till.wrote(OrderPlaced) == []
        return
    assert checkout.pay(session, "CASH", Minor(1_000), recorded=True).due == -1_000  # it was taken elsewhere


def test_a_payment_keeps_the_id_that_was_given_to_it(till: Till) -> None:
    session, key = till.order(2).id, till.register.ledger.new_id()
    order = till.register.checkout.attempt(session, "CARD", Minor(8_000), "no cover", payment_id=key)
    assert (order.payments[key].reason, order.due) == ("no cover", 8_000)
    again = till.register.ledger.new_id()
    till.register.checkout.pay(session, "CARD", Minor(8_000), payment_id=again, slip="4711")
    assert [one.payment_id for one in till.wrote(PaymentStarted)] == [key, again]
    assert [one.payment_id for one in till.wrote(PaymentDeclined)] == [key]
    assert [(one.payment_id, one.transaction) for one in till.wrote(PaymentApproved)] == [(again, "4711")]


@pytest.mark.parametrize(
    ("tender", "pieces", "more", "paid", "is_settled"),
    [
        ("CASH", None, {}, "119.00", True),
        ("CARD", None, {}, "118.80", True),
        ("CASH", 1, {}, "40.00", False),
        ("CARD", 1, {}, "39.60", False),
        ("CARD", 1, {"tip": Minor(500)}, "44.60", False),
        ("CASH", 3, {}, "119.00", True),
    ],
)
def test_the_exact_amount_is_the_one_due_in_its_tender(
    till: Till, tender: str, pieces: int | None, more: dict[str, Any], paid: str, *, is_settled: bool
) -> None:
    """Three items of 39.60 where cash is rounded to the rupee."""
    till.journal.cache("settings", 2, {**VENUE, "rounding": {"step": "1", "of": "cash"}})
    till.start()
    session = till.add(None, 1, 3, price4=396_000).id
    [line] = till.register.ledger.order(session).lines
    marked = None if pieces is None else {line: pieces}
    order = till.register.checkout.pay_exact(session, tender, pieces=marked, slip="4711", **more)
    [one], [started] = till.wrote(PaymentApproved), till.wrote(PaymentStarted)
    assert (one.amount, one.transaction, started.pieces) == (paid, "4711", marked or {})
    assert (order.status is Status.COMPLETED) == is_settled


@pytest.mark.parametrize(("price", "payments"), [(4_000, ["0.00"]), (6_000, ["1.00"]), (0, [])])
def test_an_order_that_rounds_to_nothing_is_paid_by_a_payment_of_nothing(
    till: Till, price: int, payments: list[str]
) -> None:
    till.journal.cache("settings", 2, {**VENUE, "rounding": {"step": "1", "of": "cash"}})
    till.start()
    order = till.register.checkout.pay_exact(till.add(None, 1, price4=price).id)
    assert order.status is Status.COMPLETED
    assert [one.amount for one in till.wrote(PaymentApproved)] == payments


@pytest.mark.parametrize("exact", [True, False])
def test_more_than_the_largest_note_is_paid_out_with_an_approval_that_serves_once(till: Till, *, exact: bool) -> None:
    till.register.ledger.user = till.user = 9
    sessions = [till.add(None, DEPOSIT, -501).id for _order in range(2)]
    till.register.ledger.user = till.user = 1
    approval = yes(till, -50_100)

    def pay(session: str, **more: Any) -> Order:
        checkout = till.register.checkout
        return checkout.pay_exact(session, **more) if exact else checkout.pay(session, "CASH", Minor(-50_100), **more)

    with pytest.raises(RightsError):
        pay(sessions[0])
    assert pay(sessions[0], approval=approval).status is Status.COMPLETED
    assert [(one.act, one.approved_by) for one in till.wrote(ApprovalGiven)] == [(Permission.GIVE_BACK, 9)]
    with pytest.raises(RightsError):
        pay(sessions[1], approval=approval)
    if not exact:  # money paid out elsewhere is only recorded
        assert pay(sessions[1], recorded=True).status is Status.COMPLETED


# Money that goes back


def charge(till: Till, session: str, amount: int, tip: int = 0, **traits: Any) -> None:
    """Have a terminal take money."""
    terminal = Terminal(traits=replace(TERMINAL, **traits)).then()

    async def story() -> None:
        till.register.asker.begin(Tenders([*BY_HAND, LUNCH], asked=[terminal]), saved)
        till.register.charges.ask(session, terminal.traits.name, Minor(amount), Minor(tip))
        await asyncio.sleep(1)

    played(till.clock, story())


def pay_out(till: Till, session: str) -> None:
    """Void the only line and give 20.00 of the money on the order back in cash."""
    till.register.sales.void(session, next(iter(till.register.ledger.order(session).lines)), "x")
    till.register.checkout.pay(session, "CASH", Minor(-2_000), approval=yes(till, -2_000))


VOUCHER: dict[str, Any] = {"name": "VOUCHER", "needs_server": True}


@pytest.mark.parametrize(
    ("how", "by_hand", "after", "manager"),
    [
        # money that a person took at this till
        ("cash", False, "", None),
        ("cash", True, "", None),
        ("cash with change", True, "", None),
        ("card", True, "", None),
        ("cash", True, "another person", 5_000),
        ("cash", True, "another till", 5_000),
        ("cash", True, "nobody", 5_000),
        ("cash", True, "paid out", 5_000),  # a part of it went back before
        ("lunch with change", True, "", 5_000),  # the change was cash
        ("lunch with change", False, "", 5_000),
        # the terminal that took it gives it back, otherwise nothing proves that it did
        ("terminal", False, "", None),
        ("terminal", True, "", 5_000),
        ("terminal", False, "lost", 5_000),
        ("terminal", False, "another person", 5_000),
        ("terminal", False, "another till", 5_000),
        ("terminal", False, "paid out", 5_000),
        ("terminal without refunds", False, "", 5_000),
        ("terminal with a tip", False, "", None),
        ("terminal with a tip", True, "", 5_500),
        ("terminal", False, "over", 5_000),
        # the server gives back what it took, by the event alone
        ("voucher", False, "", None),
        ("voucher", True, "", None),
        ("voucher", True, "paid out", 5_000),
        ("cash", True, "over", 5_000),
        ("unknown", True, "", None),
    ],
)
def test_money_is_given_back_by_who_took_it_and_otherwise_by_a_manager(
    till: Till, third: Till, how: str, by_hand: bool, after: str, manager: int | None
) -> None:
    offer(till, LUNCH)
    session = till.order(2).id
    pay = till.register.checkout.pay
    if how.startswith("terminal"):
        charge(till, session, 5_000, 500 if how.endswith("tip") else 0, can_refund=how != "terminal without refunds")
    elif how == "voucher":
        charge(till, session, 5_000, **VOUCHER)
    elif how != "unknown":
        tender, _with, change = how.partition(" with ")
        pay(session, tender.upper(), Minor(7_000 if change else 5_000), part=Minor(5_000))
    asked_at = till
    payment = derived_id(session, "no payment") if how == "unknown" else newest(till, session)
    if after == "another person":
        till.register.ledger.user = 2
    elif after == "nobody":
        till.register.ledger.user = None
    elif after == "another till":
        take(till, third, session)
        third.register.asker.tenders = till.register.asker.tenders
        asked_at = third
    elif after == "paid out":
        pay_out(till, session)
    elif after == "lost":
        offer(till)
    elif after == "over":
        till.register.checkout.pay_exact(session)
    asked = asked_at.register.checkout.needs_manager(session, payment, by_hand=by_hand)
    assert asked == (None if manager is None else PermissionRequest(Permission.GIVE_BACK, Minor(manager)))


@pytest.mark.parametrize(
    ("tender", "more", "by", "record"),
    [
        # the amount, the change, the manager, and the drawer
        ("CASH", {}, 1, ("50.00", "0", None, 1)),
        ("CASH", {"handed": 7_000}, 1, ("50.00", "0", None, 1)),
        ("CASH", {}, 2, ("50.00", "0", 9, 1)),
        ("CARD", {}, 1, ("50.00", "0", None, None)),
        ("LUNCH", {}, 1, ("50.00", "0", None, 1)),
        # the guest gives the change back into the drawer
        ("LUNCH", {"handed": 7_000}, 1, ("50.00", "20.00", 9, 1)),
        ("CARD", {"handed": 7_000, "cashback": True}, 1, ("50.00", "20.00", 9, 1)),
    ],
)
def test_money_given_back_by_hand_records_the_manager_and_the_drawer(
    till: Till, tender: str, more: dict[str, Any], by: int, record: Any
) -> None:
    offer(till, LUNCH)
    session, checkout = till.order(2).id, till.register.checkout
    facts = {name: value for name, value in more.items() if name != "handed"}
    checkout.pay(session, tender, Minor(more.get("handed", 5_000)), part=Minor(5_000), **facts)
    till.register.ledger.user = by
    payment = newest(till, session)
    if record[2] is not None:
        with pytest.raises(RightsError):
            checkout.give_back(session, payment)
    checkout.give_back(session, payment, yes(till, 5_000) if record[2] is not None else None)
    [one] = till.wrote(PaymentVoided)
    assert (one.amount, one.change, one.approved_by, one.drawer) == record


def test_cash_of_another_till_leaves_the_drawer_of_the_till_that_gives_it_back(till: Till, third: Till) -> None:
    session = till.order(2).id
    till.register.checkout.pay(session, "CASH", Minor(5_000))
    take(till, third, session)
    third.register.checkout.give_back(session, newest(third, session), yes(third, 5_000))
    assert [(one.drawer, one.approved_by) for one in third.wrote(PaymentVoided)] == [(3, 9)]


@pytest.mark.parametrize(
    ("tender", "handed", "is_given"), [("CASH", 5_000, False), ("CARD", 5_000, True), ("GIFT", 7_000, False)]
)
def test_a_till_without_a_drawer_gives_no_cash_back(till: Till, tender: str, handed: int, *, is_given: bool) -> None:
    offer(till, GIFT)
    session, checkout = till.order(2).id, till.register.checkout
    checkout.pay(session, tender, Minor(handed), part=Minor(5_000))
    offer(till, GIFT, cash_at=2)
    payment = newest(till, session)
    approval = yes(till, 5_000) if checkout.needs_manager(session, payment, by_hand=True) else None
    if is_given:
        assert checkout.give_back(session, payment, approval).paid == 0
    else:
        with pytest.raises(PaymentError, match=r"This till has no drawer\. Till 2 takes cash"):
            checkout.give_back(session, payment, approval)


def test_only_money_that_no_sale_lists_is_left_over(till: Till, other: Till) -> None:
    async def story() -> str:
        return await left_behind(till, other, Terminal(), "paid")

    session = played(till.clock, story())
    order, checkout = till.register.ledger.order(session), till.register.checkout
    listed = next(one.id for one in order.payments.values() if one.tender == "CASH")
    assert [checkout.is_left(session, one) for one in (only_left(order).id, listed)] == [True, False]
    assert not checkout.is_left(derived_id(session, "none"), listed)
    part = till.order(2).id
    checkout.pay(part, "CASH", Minor(1_000))
    assert not checkout.is_left(part, newest(till, part))  # its order is open


# Sales


@pytest.mark.parametrize(
    ("at", "date"),
    [
        (datetime(2026, 3, 3, 18, 20, tzinfo=UTC), "2026-03-03"),
        (datetime(2026, 3, 3, 18, 45, tzinfo=UTC), "2026-03-04"),
    ],
)
def test_a_sale_has_the_business_date_of_the_venue_and_names_the_newest_known_event(
    till: Till, at: datetime, date: str
) -> None:
    order = till.order(2)
    newer = till.add(order.id, 1)
    acknowledge(till, SessionMark(order.id, 1, version=2, event=order.last_id, hold=order.hold))
    till.clock.time = at
    till.register.checkout.pay_exact(newer.id)
    till.register.checkout.pay_exact(till.order(1).id)
    first, second = till.wrote(OrderPlaced)
    assert [one.business_date for one in (first, second)] == [date] * 2
    assert (first.known, second.known) == (order.last_id, None)
    assert [int(one.receipt[-6:]) for one in (first, second)] == [1, 2]
