"""Approvals by a manager: for one act, once, recorded with the act."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.register.exchange import resume
from till.domain.errors import AmountError, RightsError
from till.domain.money.measures import Minor, Price4
from till.domain.order.discounting import Given
from till.domain.order.events import OrderResumed
from till.domain.staff.rights import Act, Asked
from till.domain.till.events import ApprovalGiven

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.domain.staff.person import Person

DISCOUNT = Asked(Act.DISCOUNT, Minor(5_000), Minor(10_000))


def person(till: Till, number: int) -> Person:
    return next(one for one in till.register.access.staff if one.number == number)


def log_in(till: Till, number: int) -> None:
    till.register.access.admit(person(till, number))


def test_a_person_has_the_rights_of_their_role_and_a_program_has_all(till: Till) -> None:
    approvals = till.register.approvals
    till.register.ledger.user = None
    assert approvals.allow(DISCOUNT)
    log_in(till, 1)
    assert not approvals.allow(DISCOUNT)
    log_in(till, 9)
    assert approvals.allow(DISCOUNT)
    assert not approvals.allow(Asked(Act.GIVE_BACK))  # a PIN is asked for all the same


def test_an_act_that_the_settings_leave_to_a_cashier_asks_nobody(till: Till) -> None:
    body = till.journal.cached("settings")
    assert body is not None
    till.journal.cache("settings", 2, {**body[1], "cashier_may": "discount comp"})
    till.register.reference_changed(["settings"])
    log_in(till, 1)
    assert till.register.approvals.allow(DISCOUNT)
    assert not till.register.approvals.allow(Asked(Act.REFUND))


def test_a_yes_is_for_one_act_of_one_amount_and_serves_once(till: Till) -> None:
    log_in(till, 1)
    order = till.order(1)
    approvals = till.register.approvals
    with pytest.raises(RightsError):
        approvals.need(DISCOUNT, None)
    with pytest.raises(RightsError):
        approvals.give(person(till, 2), DISCOUNT)
    yes = approvals.give(person(till, 9), DISCOUNT)
    for other in (DISCOUNT._replace(act=Act.COMP), DISCOUNT._replace(amount=Minor(5_001))):
        with pytest.raises(RightsError):
            approvals.need(other, yes)
    approvals.need(DISCOUNT, yes)
    with till.register.ledger.command() as command:
        approvals.record(command, yes)  # nothing was done: nothing is written
    assert not till.wrote(ApprovalGiven)
    till.register.recovery.suspend(order.id)
    taken = approvals.give(person(till, 9), Asked(Act.TAKE_OVER))
    log_in(till, 2)
    with pytest.raises(RightsError):
        resume(till, order.id)
    with pytest.raises(RightsError):  # one that was given before another counts no more
        till.register.recovery.resume(order.id, approval=yes)
    assert till.register.recovery.resume(order.id, approval=taken).till == till.register.till
    resumed, given = till.journal.own[-2:]
    assert isinstance(resumed.data, OrderResumed)
    assert given.data == ApprovalGiven(
        act="take_over", stream_kind="order", stream_id=order.id, events=(resumed.id,), approved_by=9
    )
    assert (given.user, given.stream_id != order.id) == (2, True)
    with pytest.raises(RightsError):
        till.register.recovery.resume(order.id, approval=taken)


def test_act_that_is_tried_writes_nothing(till: Till) -> None:
    log_in(till, 1)
    session = till.order(1).id
    approvals, sales, before = till.register.approvals, till.register.sales, till.journal.head
    (line,) = till.register.ledger.order(session).lines
    assert approvals.lacking(lambda: sales.override_price(session, line, Price4(100), "old")) is not None
    assert approvals.lacking(lambda: sales.void(session, line, "keyed twice")) is None
    assert approvals.lacking(lambda: sales.note(session, "birthday")) is None
    assert approvals.lacking(lambda: till.register.checkout.pay_exact(session)) is None
    with pytest.raises(AmountError):
        approvals.lacking(lambda: sales.take_off(session, line, Given(amount=Minor(999_999), reason="late")))
    assert till.journal.head == before
    sales.void(session, line, "keyed twice")
    assert till.journal.head != before
