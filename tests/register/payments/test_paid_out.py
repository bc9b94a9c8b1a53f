"""Money that leaves a till: each way around a manager is refused, or asks for a PIN."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import pytest

from tests.register.conftest import MENU, VENUE, item
from tests.register.exchange import recall
from tests.register.payments.test_charges import only
from till.domain.errors import AmountError, LineError, PaymentError, RightsError
from till.domain.money.measures import Millionths, Minor, Thousandths
from till.domain.order.discounting import Given
from till.domain.order.line import Modifier
from till.domain.order.selling import ItemEntry, open_order
from till.domain.order.terms import ChargeRule
from till.domain.payment.events import PaymentVoided
from till.domain.payment.names import KEPT_BY_SERVER
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace
from till.domain.till.events import ApprovalGiven
from till.ports import TenderTraits
from till.register.payments.tenders import BY_HAND, Tenders

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.domain.staff.rights import Approval

DEPOSIT, LARGE = 6, {"name": "Large", "price": "100.00", "default": False}
SIZE = {"id": "size", "name": "Size", "least": 1, "most": 1, "options": [
    {"name": "Small", "price": "0", "default": True}, LARGE]}  # fmt: skip
LUNCH = TenderTraits(
    name="LUNCH", label="Luncheon voucher", key="l", by_hand=True, gives_change=True, opens_drawer=True
)


@pytest.fixture
def shop(till: Till) -> Till:
    thali, mixture = item("Thali", 31, "100.00", modifiers=["size"]), item("Mixture", 30, "400.00", unit="kg")
    till.journal.cache("menu", 2, {**MENU, "modifiers": [SIZE], "items": [*MENU["items"], thali, mixture]})
    till.start()
    return till


def yes(till: Till, amount: int, act: Permission = Permission.GIVE_BACK) -> Approval:
    return till.register.approvals.give(till.register.access.find(9), PermissionRequest(act, Minor(amount)))


def test_deposits_are_paid_out_whole_only(till: Till) -> None:
    """After a part of it the deposit could be voided: the part would be another guest's money."""
    checkout = till.register.checkout
    order = till.add(None, DEPOSIT, -200)
    with pytest.raises(RightsError):
        checkout.pay(order.id, "CASH", Minor(-19_900))
    assert checkout.pay_exact(order.id).placed is not None


def test_line_with_a_payout_is_not_split_off(till: Till) -> None:
    order = till.add(None, DEPOSIT, -200)
    deposit = next(iter(order.lines))
    order = till.add(order.id, 1)
    till.register.checkout.pay(order.id, "CASH", Minor(-15_900), approval=yes(till, -15_900))
    with pytest.raises(PaymentError, match="more than stays"):
        till.part(order.id, deposit)


def test_returns_over_the_largest_note_are_for_a_manager(till: Till) -> None:
    sales, sentence = till.register.sales, "Returns over ₹500.00 in one order are for a manager"
    with pytest.raises(RightsError, match=sentence):
        till.add(None, DEPOSIT, -501)
    order = till.add(None, DEPOSIT, -400)
    with pytest.raises(RightsError, match=sentence):
        till.add(order.id, DEPOSIT, -101)
    with pytest.raises(RightsError, match=sentence):
        sales.change_quantity(order.id, next(iter(order.lines)), -501)
    entry = ItemEntry(till.register.menu.by_plu[DEPOSIT], -60)
    with pytest.raises(RightsError, match=sentence):
        sales.add(order.id, 1, entry, entry)
    assert sales.change_quantity(order.id, next(iter(order.lines)), -500).total == -50_000
    till.register.ledger.user = 9
    assert till.add(order.id, DEPOSIT, -1).total == -50_100


def charged(till: Till) -> Till:
    settings = {**VENUE, "service_charge": {"percent": "10", "order_types": ["dine_in"]}}
    till.journal.cache("settings", 2, settings)
    till.start()
    return till


def test_deposits_bear_no_service_charge_and_are_paid_out_as_they_were_paid(till: Till) -> None:
    sales, checkout = charged(till).register.sales, till.register.checkout
    paid = checkout.pay_exact(till.add(None, DEPOSIT, 100).id)
    order = till.add(None, DEPOSIT, -100)
    sales.set_order_type(order.id, 1, "dine_in")
    assert checkout.pay_exact(order.id).paid == -10_000 == -paid.paid
    order = till.add(None, DEPOSIT, -500)
    sales.set_order_type(order.id, 1, "dine_in")
    with pytest.raises(RightsError):
        till.add(order.id, DEPOSIT, -1)
    order = till.add(sales.set_order_type(None, 1, "dine_in").id, 1, 10)
    assert till.add(order.id, DEPOSIT, 10).total == 45_000


def test_limit_of_returns_counts_what_an_older_order_pays_out(till: Till) -> None:
    """An order that an earlier version opened has the service charge on its deposits too."""
    ledger, session = till.register.ledger, till.register.ledger.new_id()
    older = replace(till.register.reference.terms, charge=ChargeRule(Millionths(100_000)))
    ledger.commit([open_order(session, 1, older, "dine_in")])
    order = till.add(session, DEPOSIT, -454)
    assert (order.terms, order.total, order.priced.returned) == (older, -49_940, 49_940)
    with pytest.raises(RightsError, match="for a manager"):
        till.add(order.id, DEPOSIT, -1)


def test_tender_that_gave_change_goes_back_by_a_manager(till: Till) -> None:
    till.register.asker.tenders = Tenders([*BY_HAND, LUNCH])
    checkout, order = till.register.checkout, till.order(1, 2)
    order = checkout.pay(order.id, "LUNCH", Minor(50_000), part=Minor(1_000))
    assert only(order).change == 49_000
    with pytest.raises(RightsError):
        checkout.give_back(order.id, only(order).id)
    paid = only(order)
    order = checkout.give_back(order.id, paid.id, yes(till, 1_000))
    event = till.wrote(PaymentVoided)[-1]
    assert (event.amount, event.change, only(order).change) == ("10.00", "490.00", 49_000)
    for payment in (paid, only(order)):
        assert till.register.answers.given_back(payment, LUNCH) == "Returned ₹500.00, took back ₹490.00 change."


def test_change_of_cash_is_not_taken_back(till: Till) -> None:
    checkout, order = till.register.checkout, till.order(1, 2)
    order = checkout.pay(order.id, "CASH", Minor(50_000), part=Minor(1_000))
    checkout.give_back(order.id, only(order).id)
    assert till.wrote(PaymentVoided)[-1].change == "0"


def test_money_given_back_in_part_is_not_given_back_whole(till: Till) -> None:
    checkout, order = till.register.checkout, till.order(2, 3)
    first = only(checkout.pay(order.id, "CASH", Minor(13_900))).id
    till.register.sales.void(order.id, next(iter(order.lines)), "x")
    checkout.pay(order.id, "CASH", Minor(-7_800))
    with pytest.raises(RightsError):
        checkout.give_back(order.id, first)


def test_money_given_back_by_another_person_counts(till: Till) -> None:
    register, order = till.register, till.order(2, 10, 3)
    lines = list(order.lines)
    register.checkout.pay(order.id, "CASH", Minor(8_000))
    register.ledger.user = 2
    register.checkout.pay(order.id, "CARD", Minor(9_000))
    for line in lines[1:]:
        register.sales.void(order.id, line, "x")
    register.checkout.pay(order.id, "CASH", Minor(-8_000), approval=yes(till, -8_000))
    register.ledger.user = 1
    register.sales.void(order.id, lines[0], "x")
    pay = partial(register.checkout.pay, order.id, "CASH", Minor(-8_000))
    assert register.approvals.lacking(pay) == PermissionRequest(Permission.GIVE_BACK, Minor(-8_000))


def test_sent_line_is_made_cheaper_by_a_manager(shop: Till) -> None:
    register = shop.register
    size = register.menu.groups_of(register.menu.by_plu[31])[0]
    small, large = (Modifier(group=size.id, name=one.name, price4=one.price4) for one in size.options)
    order = register.sales.add(None, 1, ItemEntry(register.menu.by_plu[31], modifiers=(small,)))
    register.sales.choose(order.id, next(iter(order.lines)), (large,), "")
    register.tabs.save(order.id, "window")
    order = recall(shop, order.id)
    line = next(iter(order.lines))
    with pytest.raises(RightsError):
        register.sales.choose(order.id, line, (small,), "")
    with pytest.raises(LineError, match="That was sent"):
        register.sales.undo(order.id)
    assert register.ledger.order(order.id).total == 20_000
    asked = register.approvals.lacking(partial(register.sales.choose, order.id, line, (small,), ""))
    assert asked == PermissionRequest(Permission.VOID_SENT, Minor(10_000))
    approval = register.approvals.give(register.access.find(9), asked)
    assert register.sales.choose(order.id, line, (small,), "", approval).total == 10_000
    assert shop.wrote(ApprovalGiven)[-1].act == Permission.VOID_SENT
    assert register.sales.undo(order.id).total == 20_000


def test_weight_of_a_sent_line_is_not_undone(shop: Till) -> None:
    register = shop.register
    order = register.sales.add(None, 1, ItemEntry(register.menu.by_plu[30], measure=Thousandths(10)))
    order = register.sales.weigh(order.id, next(iter(order.lines)), Thousandths(1_000))
    register.tabs.save(order.id, "window")
    recall(shop, order.id)
    with pytest.raises(LineError, match="That was sent"):
        register.sales.undo(order.id)


def test_named_discount_is_given_once(till: Till) -> None:
    order, loyal = till.order(2), Given(rate=Millionths(100_000), name="Loyal")
    till.register.sales.take_off(order.id, None, loyal)
    with pytest.raises(AmountError, match="Loyal is on this order already"):
        till.register.sales.take_off(order.id, None, loyal)
    with pytest.raises(AmountError, match="Loyal is on this order already"):
        till.register.sales.take_off(order.id, next(iter(order.lines)), loyal)


def test_named_discount_of_a_line_is_not_given_on_its_order_too(till: Till) -> None:
    order, loyal = till.order(2, 3), Given(rate=Millionths(100_000), name="Loyal")
    for line in order.lines:
        till.register.sales.take_off(order.id, line, loyal)
    with pytest.raises(AmountError, match="Loyal is on this order already"):
        till.register.sales.take_off(order.id, None, loyal)


def test_discounts_do_not_stack_through_a_split(till: Till) -> None:
    """A tenth of the order counts towards the limit beside a named discount of its lines, on both orders."""
    sales, tenth = till.register.sales, Given(rate=Millionths(100_000), reason="waited long")
    order = till.order(2, 3, 1)
    for line in order.lines:
        sales.take_off(order.id, line, Given(rate=Millionths(10_000), name="Loyal"))
    sales.take_off(order.id, None, tenth)
    till.part(order.id, list(order.lines)[-1])
    with pytest.raises(RightsError):
        sales.take_off(order.id, None, tenth)


def test_server_gives_its_tenders_back_before_it_is_reached(till: Till) -> None:
    """After a crash the first screen names such money while the server is not asked yet."""
    tenders = Tenders(BY_HAND)
    assert [one.name for one in tenders.offered] == ["CARD", "UPI"]
    order = till.order(1)
    paid = only(till.register.checkout.pay_exact(order.id))
    for name in KEPT_BY_SERVER:
        sentence = till.register.answers.given_back(paid, tenders.traits_of(name))
        assert sentence.endswith("₹40.00 refunded.")
