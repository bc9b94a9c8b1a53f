"""Approvals by a manager: for one act, once, recorded with the act."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.register.exchange import resume
from till.domain.errors import AmountError, RightsError
from till.domain.events.envelope import Draft
from till.domain.money.measures import Minor, Price4
from till.domain.order.discounting import Given
from till.domain.order.events import OrderResumed, PreferenceSet
from till.domain.staff.rights import Approval, ApprovalNeededError, Permission, PermissionRequest
from till.domain.till.events import ApprovalGiven, DrawerOpened, stream_of_till

if TYPE_CHECKING:
    from tests.register.conftest import Till
    from till.domain.staff.person import Person

DISCOUNT = PermissionRequest(Permission.DISCOUNT, Minor(5_000), Minor(10_000))


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
    assert not approvals.allow(PermissionRequest(Permission.GIVE_BACK))  # a PIN is asked for all the same


def put(till: Till, name: str, **changes: Any) -> None:
    """Change a list of the database, as this till hears of it."""
    known = till.journal.cached(name)
    assert known is not None
    till.journal.cache(name, known[0] + 1, {**known[1], **changes})
    till.register.reference_changed([name])


def staff(*roles: str) -> list[dict[str, Any]]:
    return [{"number": place, "name": role, "role": role, "pin_hash": "1"} for place, role in enumerate(roles, 1)]


def test_a_user_who_is_not_in_the_staff_may_do_nothing_alone(till: Till) -> None:
    till.register.ledger.user = 77
    assert not till.register.approvals.allow(PermissionRequest(Permission.NO_SALE))
    log_in(till, 1)
    assert till.register.approvals.allow(PermissionRequest(Permission.NO_SALE))


@pytest.mark.parametrize(
    ("roles", "settings", "act", "allowed"),
    [
        (["cashier", "manager"], {}, Permission.READ_CASH, False),
        (["cashier", "admin"], {}, Permission.READ_CASH, False),
        # cashiers may do it, or nobody can approve it
        (["cashier", "manager"], {"cashier_may": "read_cash"}, Permission.READ_CASH, True),
        (["cashier", "cashier"], {}, Permission.READ_CASH, True),
        ([], {}, Permission.READ_CASH, True),
        (["cashier", "manager"], {"manager_may": "refund"}, Permission.READ_CASH, True),
        (["cashier", "manager", "admin"], {"manager_may": "refund"}, Permission.READ_CASH, False),
        (["cashier", "manager"], {"manager_may": "refund"}, Permission.REFUND, False),
    ],
)
def test_anybody_may_do_at_the_login_screen_what_no_manager_can_approve(
    till: Till, roles: list[str], settings: dict[str, str], act: Permission, *, allowed: bool
) -> None:
    put(till, "staff", staff=staff(*roles))
    put(till, "settings", **settings)
    assert till.register.approvals.allow_anybody(PermissionRequest(act)) is allowed


@pytest.mark.parametrize(
    ("role", "settings", "act", "given"),
    [
        ("manager", {}, Permission.REFUND, True),
        ("admin", {"manager_may": "comp"}, Permission.REFUND, True),
        ("manager", {"manager_may": "comp"}, Permission.REFUND, False),
        # a cashier approves nothing, not even what cashiers may do
        ("cashier", {"cashier_may": "refund"}, Permission.REFUND, False),
        ("cashier", {}, Permission.NO_SALE, False),
    ],
)
def test_approval_is_given_by_a_manager_with_the_right(
    till: Till, role: str, settings: dict[str, str], act: Permission, *, given: bool
) -> None:
    put(till, "staff", staff=staff(role))
    put(till, "settings", **settings)
    asked = PermissionRequest(act, Minor(4_000))
    if given:
        assert till.register.approvals.give(person(till, 1), asked) == Approval(asked, person(till, 1))
    else:
        with pytest.raises(RightsError):
            till.register.approvals.give(person(till, 1), asked)


@pytest.mark.parametrize("user", [1, 9, None])
def test_approval_serves_no_other_act_whoever_is_logged_in(till: Till, user: int | None) -> None:
    approvals, manager = till.register.approvals, person(till, 9)
    till.register.ledger.user = user
    given = approvals.give(manager, DISCOUNT)
    for other in (
        DISCOUNT._replace(act=Permission.COMP),
        DISCOUNT._replace(amount=Minor(5_001)),
        DISCOUNT._replace(amount=None),
        DISCOUNT._replace(of=Minor(9_000)),
        DISCOUNT._replace(grows=True),
    ):
        with pytest.raises(ApprovalNeededError) as refused:
            approvals.need(other, given)
        assert refused.value.asked == other
    approvals.need(DISCOUNT, given)
    again = approvals.give(manager, DISCOUNT)
    with pytest.raises(ApprovalNeededError):  # the same act approved twice is approved once
        approvals.need(DISCOUNT, given)
    approvals.need(DISCOUNT, again)


def test_approval_that_was_replaced_is_not_recorded_and_the_act_not_written(till: Till) -> None:
    order, approvals = till.order(1), till.register.approvals
    old = approvals.give(person(till, 9), DISCOUNT)
    approvals.give(person(till, 9), PermissionRequest(Permission.COMP))
    before = till.journal.head

    def act() -> None:
        with till.register.ledger.command() as command:
            command.write([Draft(PreferenceSet(name="x", value="y"), order.id)])
            approvals.record(command, old)

    with pytest.raises(RightsError):
        act()
    assert till.journal.head == before


@pytest.mark.parametrize(
    ("written", "kind", "stream", "allowed"),
    [
        (["first"], "order", "first", [0]),
        # an act on two orders names the one that it ended with, and the events of both
        (["first", "second"], "order", "second", [0, 1]),
        (["second", "first", "first"], "order", "first", [0, 1, 2]),
        # events of another kind of stream in front of it were not approved
        (["till", "first", "second"], "order", "second", [1, 2]),
        (["first", "till"], "till", "till", [1]),
    ],
)
def test_approval_names_the_events_and_the_last_stream_of_its_act(
    till: Till, written: list[str], kind: str, stream: str, allowed: list[int]
) -> None:
    first, second = till.order(1).id, till.order(2).id
    of_till = stream_of_till(till.register.ledger.store_id, 1)
    touched = PreferenceSet(name="x", value="y")
    drafts = {one: Draft(touched, session) for one, session in (("first", first), ("second", second))}
    drafts["till"] = Draft(DrawerOpened(why="change"), of_till)
    approvals = till.register.approvals
    log_in(till, 1)
    with approvals.command(DISCOUNT, approvals.give(person(till, 9), DISCOUNT)) as command:
        command.write([drafts[one] for one in written])
    *events, given = till.journal.own[-len(written) - 1 :]
    assert given.data == ApprovalGiven(
        act="discount",
        stream_kind=kind,
        stream_id={"first": first, "second": second, "till": of_till}[stream],
        events=tuple(events[place].id for place in allowed),
        approved_by=9,
        amount="50.00",
        currency="INR",
    )
    assert (given.stream_id, given.user) == (of_till, 1)


@pytest.mark.parametrize(("amount", "written"), [(None, None), (0, "0.00"), (-4_000, "-40.00")])
def test_approval_records_the_amount_of_its_act(till: Till, amount: int | None, written: str | None) -> None:
    order, approvals = till.order(1), till.register.approvals
    asked = PermissionRequest(Permission.TENDER, None if amount is None else Minor(amount))
    with approvals.command(asked, approvals.give(person(till, 9), asked)) as command:
        command.write([Draft(PreferenceSet(name="x", value="y"), order.id)])
    (given,) = till.wrote(ApprovalGiven)
    assert (given.amount, given.currency) == (written, None if written is None else "INR")


def test_act_without_a_right_is_tried_no_further_than_its_check(till: Till) -> None:
    approvals, reached = till.register.approvals, list[str]()

    def act() -> None:
        reached.append("check")
        approvals.need(None, None)
        reached.append("act")

    assert approvals.lacking(act) is None
    assert reached == ["check"]
    act()
    assert reached == ["check", "check", "act"]


def test_an_act_that_the_settings_leave_to_a_cashier_asks_nobody(till: Till) -> None:
    put(till, "settings", cashier_may="discount comp")
    log_in(till, 1)
    assert till.register.approvals.allow(DISCOUNT)
    assert not till.register.approvals.allow(PermissionRequest(Permission.REFUND))


def test_a_yes_is_for_one_act_of_one_amount_and_serves_once(till: Till) -> None:
    log_in(till, 1)
    order = till.order(1)
    approvals = till.register.approvals
    with pytest.raises(RightsError):
        approvals.need(DISCOUNT, None)
    with pytest.raises(RightsError):
        approvals.give(person(till, 2), DISCOUNT)
    yes = approvals.give(person(till, 9), DISCOUNT)
    for other in (DISCOUNT._replace(act=Permission.COMP), DISCOUNT._replace(amount=Minor(5_001))):
        with pytest.raises(RightsError):
            approvals.need(other, yes)
    approvals.need(DISCOUNT, yes)
    with till.register.ledger.command() as command:
        approvals.record(command, yes)  # nothing was done: nothing is written
    assert not till.wrote(ApprovalGiven)
    till.register.recovery.suspend(order.id)
    taken = approvals.give(person(till, 9), PermissionRequest(Permission.TAKE_OVER))
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
