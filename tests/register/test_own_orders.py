"""The orders of a person at login: from this till, from the list of the database, and from both where they differ."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from tests.register.exchange import EARLY, acknowledge, by_server, give, resume, row, take
from till.domain.ids import derived_id
from till.domain.money.measures import Minor
from till.domain.order.events import OrderSubmitted, SessionSwept
from till.domain.order.state import Status
from till.ports import REQUESTED, SessionMark
from till.register.recovery import LoginOrders, OpenOrderSummary

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.register.conftest import Till
    from till.ports import RemoteSession

FAR = "0197a000-0000-7000-8000-0000000000f1"
NEWER = "f197a000-0000-7000-8000-00000000aaaa"
NONE = LoginOrders(None, None, ())


class Asked:
    """A database that answers with these rows, after something happened here."""

    def __init__(self, *rows: RemoteSession, meanwhile: Callable[[], None] = lambda: None) -> None:
        self.rows, self.meanwhile = list(rows), meanwhile
        self.users: list[int] = []

    async def user_sessions(self, user: int) -> list[RemoteSession]:
        self.users.append(user)
        self.meanwhile()
        return self.rows


def listed(till: Till, store: Any) -> list[RemoteSession]:
    return asyncio.run(till.register.recovery.listed(store, 1))


def submit(till: Till, session: str) -> None:
    submitted = OrderSubmitted(order_id=derived_id(session, "sold"), number=17, payment_method="cash", program="chat")
    by_server(till.register, session, submitted)


def void_paid(till: Till) -> str:
    """Return an order of 40.00 of which 20.00 was paid before its line was voided."""
    order = till.order(1)
    till.register.checkout.pay(order.id, "CASH", Minor(2_000))
    till.register.sales.void(order.id, next(iter(order.lines)), "dropped")
    return order.id


# The list


def test_an_order_that_the_database_gets_while_it_answers_is_not_taken_for_finished(till: Till) -> None:
    order = till.order(1)
    till.register.ledger.user = 9  # a manager asks for a cashier's
    store = Asked(meanwhile=lambda: acknowledge(till, SessionMark(order.id, 1, version=2)))
    assert listed(till, store) == []
    assert till.register.recovery.arrival(1, []).open == order.id
    store = Asked()
    assert (listed(till, store), store.users) == ([], [1])  # it had the order before this request
    assert till.register.recovery.arrival(1, []) == NONE


def test_a_list_names_the_orders_that_other_tills_went_on_with(till: Till) -> None:
    behind, level, taken = (till.order(1).id for _order in range(3))
    acknowledge(till, *(SessionMark(session, 1, version=3) for session in (behind, level, taken)))
    rows = [row(behind, version=4), row(level, version=3), row(taken, 2, version=3, hold=NEWER), row(FAR)]
    assert listed(till, Asked(*rows)) == rows
    grants, ledger = till.register.grants, till.register.ledger
    assert [grants.may_lack(session) for session in (behind, level, taken, FAR)] == [True, False, False, True]
    assert [ledger.holds(ledger.order(session)) for session in (behind, level, taken)] == [True, True, False]


# After a crash


def test_an_order_that_the_server_suspended_was_not_open_at_the_crash(till: Till) -> None:
    left, swept = (till.order(1).id for _order in range(2))
    by_server(till.register, swept, SessionSwept(minutes=30))
    till.start()
    assert [order.id for order in till.register.recovery.open_here()] == [left]


def test_money_on_orders_that_nobody_has_open_is_listed(till: Till, other: Till) -> None:
    recovery, checkout = till.register.recovery, till.register.checkout
    left, suspended, taken, unpaid, sold = (till.order(1).id for _order in range(5))
    for session in (left, suspended, taken):
        checkout.pay(session, "CASH", Minor(1_000))
    for session in (suspended, unpaid):
        recovery.suspend(session)
    take(till, other, taken)
    give(other, till, taken, SessionMark(taken, 1, 9, till=2, holder=2, hold=other.register.ledger.order(taken).hold))
    checkout.pay_exact(sold)
    till.start()
    assert [order.id for order in till.register.recovery.with_money()] == [suspended, left]


# Orders of a person


def test_own_orders_are_the_unfinished_ones_and_the_newest_comes_first(till: Till) -> None:
    ledger = till.register.ledger
    first, second, third, paid, submitted, requested = (till.order(1).id for _order in range(6))
    till.register.recovery.suspend(first)
    till.register.checkout.pay_exact(paid)
    submit(till, submitted)
    till.journal.cache(REQUESTED, 0, {"sessions": {requested: "2026-03-03T05:00:00Z"}})
    till.register.tabs.save(till.order(1).id, "7")
    ledger.user = till.user = 2
    theirs = till.order(1).id
    own = till.register.recovery.of_user
    assert [order.id for order in own(1)] == [third, second, first]
    assert [order.id for order in own(2)] == [theirs]


def test_an_order_taken_elsewhere_after_its_last_line_here_is_asked_about(till: Till) -> None:
    order = till.order(1)
    taken = row(order.id, 2, hold=NEWER, updated_at=till.clock.now() + timedelta(minutes=1))
    assert till.register.recovery.arrival(1, [taken]) == LoginOrders(None, taken, ())
    assert till.register.recovery.waiting(1, [taken]) == ([], [taken])


def test_orders_are_in_the_sequence_of_their_last_change_wherever_that_was(till: Till) -> None:
    one, two = (till.order(1).id for _order in range(2))
    till.clock.move(seconds=1)
    till.add(one, 2)
    rows = [row(one), row(two), row(FAR, updated_at=EARLY - timedelta(hours=1))]  # all from before this till's lines
    recovery = till.register.recovery
    assert recovery.arrival(1, rows) == LoginOrders(one, None, (two, FAR))
    late = row(two, updated_at=till.clock.now() + timedelta(minutes=1))
    assert recovery.arrival(1, [row(one), late]) == LoginOrders(two, None, (one,))


@pytest.mark.parametrize(
    ("version", "more", "is_there"),
    [
        (3, {}, False),
        (4, {}, True),  # the database has more of it
        (2, {}, False),
        (3, {"till": 2, "hold": NEWER}, True),  # another till has it, and wrote nothing yet
        (3, {"till": 2}, False),  # the till that has it now took it later than the list says
    ],
)
def test_an_order_waits_here_unless_the_database_knows_more(
    till: Till, version: int, more: dict[str, Any], *, is_there: bool
) -> None:
    order = till.order(1)
    acknowledge(till, SessionMark(order.id, 1, version=3, till=1, holder=1, hold=order.hold))
    one = row(order.id, **{"version": version, **more})
    expected: Any = ([], [one]) if is_there else ([order], [])
    assert till.register.recovery.waiting(1, [one]) == expected


@pytest.mark.parametrize(
    ("state", "here", "opens"),
    [
        ("keyed", {}, True),
        ("suspended", {}, True),
        ("void and paid", {}, True),  # money is to go back
        ("blank", {}, False),
        ("blank", {"lines": 1}, True),  # another till keyed a line
        ("blank", {"paid": 1_000}, True),
        ("keyed", {"lines": 0}, True),  # its lines are not there yet
        ("void and paid", {"lines": 0}, True),
        ("quarantined", {}, False),
        ("server", {}, False),
    ],
)
def test_an_order_opens_if_a_guest_has_anything_on_it(
    till: Till, state: str, here: dict[str, Any], *, opens: bool
) -> None:
    """The database may list it from before the last lines here, or know of more."""
    make: dict[str, Callable[[], str]] = {
        "blank": lambda: till.register.sales.view_menu(None, 1, "", []).id,
        "void and paid": lambda: void_paid(till),
    }
    session = make.get(state, lambda: till.order(1).id)()
    if state == "suspended":
        till.register.recovery.suspend(session)
    facts: dict[str, Any] = {"lines": 0 if state == "blank" else 1, **here}
    if state == "quarantined":
        facts["status"] = "quarantined"
    elif state == "server":
        facts["holder"] = 0
    arrival = till.register.recovery.arrival(1, [row(session, **facts)])
    assert arrival.open == (session if opens else None)
    if state in {"keyed", "void and paid"}:
        assert till.register.recovery.arrival(1, []).open == session  # the database does not know it yet
    if state in {"quarantined", "server"}:
        assert arrival.waiting == (session,)


@pytest.mark.parametrize("holds", [True, False])
def test_an_order_that_this_till_asked_for_goes_back_once_it_holds_it(till: Till, *, holds: bool) -> None:
    """The act ended before the grant came: the next reply puts the order back."""
    order = till.order(1)
    till.journal.cache(REQUESTED, 0, {"sessions": {order.id: "2026-03-03T05:00:00Z"}})
    one = row(order.id, 1) if holds else row(order.id, 2, hold=NEWER)
    listed(till, Asked(one))
    assert till.register.recovery.arrival(1, [one]) == (NONE if holds else LoginOrders(None, one, ()))


# On the login screen


LINES_2 = {"lines": 2, "total": 9_000, "paid": Minor(1_000)}


@pytest.mark.parametrize(
    ("here", "there", "shown"),
    [
        ("", None, None),
        ("", {}, OpenOrderSummary(2, Minor(9_000), None, Minor(1_000))),
        ("", {"till": 2}, OpenOrderSummary(2, Minor(9_000), 2, Minor(1_000))),
        ("", {"holder": 0}, None),
        ("", {"till": 2, "lines": 0, "paid": Minor(0)}, None),
        ("keyed", None, OpenOrderSummary(1, Minor(8_000), None)),
        ("paid in part", None, OpenOrderSummary(1, Minor(8_000), None, Minor(3_000))),
        ("void line", None, OpenOrderSummary(1, Minor(8_000), None)),
        ("void and paid", None, OpenOrderSummary(0, Minor(0), None, Minor(2_000))),
        ("suspended", None, OpenOrderSummary(1, Minor(8_000), None)),
        ("blank", None, None),
        ("blank and keyed before", None, OpenOrderSummary(1, Minor(8_000), None)),
        ("taken and keyed before", None, OpenOrderSummary(1, Minor(8_000), None)),
        ("taken", None, OpenOrderSummary(1, Minor(8_000), 2)),
        # an order that opens here comes before one on another till, and that before one of which little is known
        ("keyed", {"till": 2}, OpenOrderSummary(1, Minor(8_000), None)),
        ("keyed", {}, OpenOrderSummary(1, Minor(8_000), None)),
        ("suspended", {}, OpenOrderSummary(1, Minor(8_000), None)),
        ("taken", {}, OpenOrderSummary(2, Minor(9_000), None, Minor(1_000))),
        ("taken", {"till": 3}, OpenOrderSummary(2, Minor(9_000), 3, Minor(1_000))),
        ("taken", {"holder": 0}, OpenOrderSummary(1, Minor(8_000), 2)),
        ("taken", {"till": 3, "lines": 0, "paid": Minor(0)}, OpenOrderSummary(1, Minor(8_000), 2)),
    ],
)
def test_the_login_screen_shows_the_order_that_a_person_would_go_on_with(
    till: Till, here: str, there: dict[str, Any] | None, shown: OpenOrderSummary | None
) -> None:
    recovery, sales = till.register.recovery, till.register.sales
    if here.endswith("keyed before"):
        till.order(2)
    if here == "void and paid":
        void_paid(till)
    elif here.startswith("blank"):
        sales.view_menu(None, 1, "", [])
    elif here:
        session = till.order(2).id
        if here == "paid in part":
            till.register.checkout.pay(session, "CASH", Minor(3_000))
        elif here == "void line":
            line = till.add(session, 1).last_line
            assert line is not None
            sales.void(session, line.id, "dropped")
        elif here == "suspended":
            recovery.suspend(session)
        elif here.startswith("taken"):
            acknowledge(till, SessionMark(session, 1, version=3, till=2, holder=2, hold=NEWER))
    one = None if there is None else row(FAR, **{**LINES_2, **there})
    assert recovery.glimpse(1, one) == shown


@pytest.mark.parametrize(
    ("more", "shown"),
    [
        ({"version": 3}, OpenOrderSummary(1, Minor(8_000), None)),
        ({"version": 4}, OpenOrderSummary(2, Minor(9_000), None, Minor(1_000))),
        ({"version": 3, "till": 2, "hold": NEWER}, OpenOrderSummary(2, Minor(9_000), 2, Minor(1_000))),
        ({"version": 3, "till": 2}, OpenOrderSummary(1, Minor(8_000), None)),  # this till has it since
    ],
)
def test_an_order_is_shown_as_the_database_has_it_if_that_is_newer(
    till: Till, more: dict[str, Any], shown: OpenOrderSummary
) -> None:
    order = till.order(2)
    acknowledge(till, SessionMark(order.id, 1, version=3, till=1, holder=1, hold=order.hold))
    assert till.register.recovery.glimpse(1, row(order.id, **{**LINES_2, **more})) == shown


def test_the_till_that_took_an_order_last_is_named_though_the_list_is_older(till: Till) -> None:
    session = till.order(2).id
    acknowledge(till, SessionMark(session, 1, version=3, till=3, holder=3, hold=NEWER))
    assert till.register.recovery.glimpse(1, row(session, 2, version=3)) == OpenOrderSummary(1, Minor(4_000), 3)


# Orders that the server suspended


@pytest.mark.parametrize(
    ("state", "is_here"),
    [("swept", True), ("locked", False), ("listed elsewhere", False), ("another person", False), ("suspended", False)],
)
def test_an_order_that_the_server_suspended_goes_on_where_it_was(till: Till, state: str, *, is_here: bool) -> None:
    register = till.register
    session = till.order(1).id
    if state == "suspended":
        register.recovery.suspend(session)
    else:
        by_server(register, session, SessionSwept(minutes=30))
    if state == "locked":
        register.taken(session, "Till 2", "Asha", till.clock.now())
    elif state == "listed elsewhere":
        register.ledger.hear_holds([row(session, 2, hold=NEWER)])
    person = register.access.find(2 if state == "another person" else 1)
    assert register.recovery.is_swept_here(session, person) == is_here


def test_an_order_taken_back_is_of_the_till_that_has_it(till: Till, other: Till) -> None:
    session = till.order(1).id
    take(till, other, session)
    give(other, till, session)
    back = resume(till, session)
    assert (back.status, back.till) == (Status.ACTIVE, 1)
    assert till.register.recovery.waiting(1, [row(session, 2, hold=back.hold, version=2)])[0] == [back]
