"""An order that a program submitted: open to any user until a till takes the money."""

import pytest

from tests.domain.making import IDLY, Desk, Hand, uid
from till.domain.errors import OrderClosedError
from till.domain.events.envelope import Draft, Event
from till.domain.events.registry import EventData
from till.domain.order import guests, suspension
from till.domain.order.events import OrderSubmitted
from till.domain.order.evolve import apply
from till.domain.order.paying import CASH
from till.domain.order.sent import sent_asked
from till.domain.order.state import Customer, Order, Status

ORDER = "0197a000-0000-7000-8000-00000000abcd"
SUBMITTED = OrderSubmitted(order_id=ORDER, number=17, payment_method="cash", program="chat", customer_id=uid("a"))


def submitted(*from_tills: int) -> Desk:
    """An order of a program, submitted, and granted to till 1: directly, or through these tills in turn."""
    desk = Desk()
    desk.add(IDLY, 2)
    write_event(Hand(till=0, seed=2), desk, SUBMITTED)
    for from_till in from_tills:
        desk.hand.after = desk.order.last_id
        desk.order = folded_on(desk.order, desk.hand.took(from_till=from_till))
    return desk


def write_event(server: Hand, desk: Desk, data: EventData) -> None:
    """Write an event of the server on the order."""
    server.after = desk.order.last_id
    desk.order = folded_on(desk.order, server.seal(Draft(data, desk.order.id), desk.order.hold))


def folded_on(order: Order, event: Event) -> Order:
    after = apply(order, event)
    assert after is not None
    return after


def test_submitted_order_waits_for_anybody() -> None:
    desk = submitted()
    assert (desk.order.status, desk.order.till) == (Status.PENDING_LOGOUT, None)
    assert desk.order.customer == Customer(uid("a"), "")
    desk.do(suspension.resume_submitted(desk.order, here=1, user=2))
    assert (desk.order.status, desk.order.till, desk.order.user) == (Status.ACTIVE, 1, 2)


@pytest.mark.parametrize(("from_tills", "is_kept"), [((0,), True), ((0, 2), False), ((0, 2, 1), False)])
def test_submitted_sale_keeps_its_order_id_on_the_first_till_only(
    from_tills: tuple[int, ...], *, is_kept: bool
) -> None:
    desk = submitted(*from_tills)
    desk.pay(CASH, 80_00)
    placed = desk.place()
    assert ((placed.order_id == ORDER), placed.customer_id) == (is_kept, uid("a"))


@pytest.mark.parametrize(("customer", "kept"), [(None, uid("a")), (uid("b"), uid("b"))])
def test_name_kept_for_the_guest_of_a_program_leaves_its_customer(customer: str | None, kept: str) -> None:
    desk = submitted(0)
    for who in ("Asha", "Asha Rao"):
        desk.do(guests.attach_customer(desk.order, customer, who))
        assert desk.order.customer == Customer(kept, who)
    desk.do(guests.attach_customer(desk.order, None, ""))
    assert desk.order.customer is None
    desk.do(guests.attach_customer(desk.order, None, "Rao"))
    assert desk.order.customer == Customer(None, "Rao")


def test_clearing_a_submitted_order_needs_a_manager() -> None:
    desk = submitted(0)
    assert sent_asked(desk.order, suspension.discard(desk.order, "not collected")) is not None


def test_an_order_that_is_paid_or_no_programs_is_not_taken_up() -> None:
    desk = submitted(0)
    desk.pay(CASH, 80_00)
    desk.place()
    for order in (desk.order, Desk().order):
        with pytest.raises(OrderClosedError):
            suspension.resume_submitted(order, here=1, user=1)
