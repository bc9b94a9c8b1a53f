"""One order that a till, apart, put on a tab and recalled, while another had taken it over: each has its own lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.register.exchange import give
from till.domain.ids import derived_id
from till.domain.order.state import Status
from till.ports import SessionMark

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    import pytest

    from tests.register.conftest import Till
    from till.domain.events.envelope import Event
    from till.domain.order.state import Order


def pieces(order: Order) -> dict[str, int]:
    return {line.id: line.quantity for line in order.lines.values() if line.quantity}


def apart(till: Till, other: Till) -> tuple[str, str, str]:
    """The order of two tills, its one line (3 pieces on the second) and the order that carries it on at the first."""
    order = till.order(1)
    (line,) = order.lines
    give(till, other, order.id)
    other.clock.time = till.clock.time
    other.register.recovery.resume(order.id, holder=1, taking_over=True)
    till.register.tabs.save(order.id, "7")
    recalled = till.register.tabs.recall(order.id, 1).id
    other.register.sales.change_quantity(order.id, line, 3)
    return order.id, line, recalled


def test_what_who_had_taken_the_order_keyed_since_has_an_id_of_its_own(till: Till, other: Till) -> None:
    session, line, recalled = apart(till, other)
    give(till, other, session)
    give(other, till, session)
    for each in (till, other):
        assert pieces(each.register.ledger.order(session)) == {derived_id(line, session): 2}
    assert pieces(till.register.ledger.order(recalled)) == {line: 1}


def test_each_is_paid_for_its_own_lines(till: Till, other: Till) -> None:
    session, _line, recalled = apart(till, other)
    give(till, other, session)
    there = other.register.checkout.pay_exact(session, "CARD").placed
    here = till.register.checkout.pay_exact(recalled, "CARD").placed
    assert there is not None
    assert here is not None
    assert (there.data["total"], here.data["total"]) == ("80.00", "40.00")
    assert not there.covered & here.covered
    give(other, till, session)
    give(till, other, session)
    assert "conflict_found" not in till.types() + other.types()
    assert "lines_moved" not in [event.type for event in other.journal.own if event.session_id != session]


def test_asking_again_and_starting_again_changes_nothing(till: Till, other: Till) -> None:
    session, _line, _recalled = apart(till, other)
    give(till, other, session)
    before = other.types()
    other.register.sessions_grew([session])
    other.start()
    list(other.register.settling())
    assert other.types() == before


def test_it_is_kept_apart_at_the_next_start_when_the_till_was_killed_before(
    till: Till, other: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, line, _recalled = apart(till, other)
    with monkeypatch.context() as killed:  # with the events on its disk
        killed.setattr(other.register, "sessions_grew", lambda _ids: None)
        give(till, other, session, SessionMark(session, 1, 9, holder=2, hold_epoch=2))
    assert line in pieces(other.register.ledger.order(session))
    other.start()
    list(other.register.settling())
    assert pieces(other.register.ledger.order(session)) == {derived_id(line, session): 2}


def test_more_that_comes_later_joins_what_is_kept_apart(till: Till, other: Till, third: Till) -> None:
    session, line, _recalled = apart(till, other)
    give(other, third, session)
    third.register.sales.change_quantity(session, line, 5)  # it was another's by then, and this till did not know
    give(till, other, session)
    give(third, other, session)
    assert pieces(other.register.ledger.order(session)) == {derived_id(line, session): 4}


def test_who_carried_the_lines_on_does_it_for_an_order_that_nobody_holds(till: Till, other: Till) -> None:
    session, line, _recalled = apart(till, other)
    other.register.recovery.park(session)
    give(other, till, session)
    order = till.register.ledger.order(session)
    assert (order.status, pieces(order)) == (Status.PENDING_LOGOUT, {derived_id(line, session): 2})


def test_who_put_it_aside_does_it_when_who_carried_the_lines_on_follows_it_no_more(till: Till, other: Till) -> None:
    session, line, _recalled = apart(till, other)
    other.register.recovery.park(session)
    give(till, other, session)
    order = other.register.ledger.order(session)
    assert (order.status, pieces(order)) == (Status.PENDING_LOGOUT, {derived_id(line, session): 2})


def test_who_put_it_on_another_tab_does_it_too(till: Till, other: Till) -> None:
    session, line, recalled = apart(till, other)
    other.register.tabs.save(session, "8")
    give(till, other, session)
    order = other.register.ledger.order(session)
    assert (order.status, pieces(order)) == (Status.ASSIGNED_TO_TAB, {derived_id(line, session): 2})
    give(other, till, session)  # both may do it: the lines are the same
    assert till.register.ledger.order(session).priced.rows == order.priced.rows
    assert pieces(till.register.ledger.order(recalled)) == {line: 1}


def test_who_brings_such_an_order_back_goes_on_with_lines_of_its_own(till: Till, other: Till, third: Till) -> None:
    session, line, _recalled = apart(till, other)
    other.register.recovery.park(session)
    give(other, third, session)
    give(till, third, session)
    assert line in pieces(third.register.ledger.order(session))
    third.register.recovery.resume(session)
    assert pieces(third.register.ledger.order(session)) == {derived_id(line, session): 2}


def test_it_is_brought_back_and_kept_apart_in_one_transaction(
    till: Till, other: Till, third: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    session, _line, _recalled = apart(till, other)
    other.register.recovery.park(session)
    give(other, third, session)
    give(till, third, session)
    append, written = third.journal.append, []

    def count(events: Sequence[Event], *, closed: Iterable[str] = ()) -> None:
        written.append([event.type for event in events])
        append(events, closed=closed)

    monkeypatch.setattr(third.journal, "append", count)
    third.register.recovery.resume(session)
    assert written == [["order_resumed", "lines_moved", "lines_moved"]]


def test_who_recalls_such_an_order_from_a_tab_carries_lines_of_their_own_on(
    till: Till, other: Till, third: Till
) -> None:
    session, line, _recalled = apart(till, other)
    other.register.tabs.save(session, "8")
    give(other, third, session)
    give(till, third, session)
    again = third.register.tabs.recall(session, 1)
    assert pieces(again) == {derived_id(line, session): 2}
    assert "conflict_found" not in third.types()


def test_what_is_left_after_a_payment_elsewhere_was_taken_back_has_an_id_of_its_own(
    till: Till, other: Till, third: Till
) -> None:
    session = till.order(1).id
    line = till.add(session, 2).last_line
    assert line is not None
    for each in (other, third):
        give(till, each, session)
        each.clock.time = till.clock.time
        each.register.recovery.resume(session, holder=1, taking_over=True)
    kept = till.add(session, 3).last_line
    give(till, third, session)
    other.register.checkout.pay_exact(session)
    third.register.checkout.pay_exact(session)
    give(other, till, session)
    assert kept is not None
    (carried,) = [order for order in till.register.recovery.of_user(1) if order.from_session == session]
    till.register.sales.change_quantity(carried.id, kept.id, 2)
    give(third, till, session)
    assert pieces(till.register.ledger.order(carried.id)) == {derived_id(kept.id, carried.id): 1}


def test_both_tills_say_it(till: Till, other: Till) -> None:
    session, _line, recalled = apart(till, other)
    give(till, other, session)
    give(other, till, session)
    give(till, other, session)
    assert other.screen.parted == [
        (session, "Till 1 had put this order on a tab and goes on with 1 × Idly. Total ₹80.00.")
    ]
    who = "Till 2, Vamsi had taken this order over. What was keyed there is a second one: 1 line, ₹80.00."
    assert till.screen.parted == [(recalled, who)]


def test_who_had_taken_the_order_and_keyed_nothing_is_told_what_left_it(till: Till, other: Till) -> None:
    session = till.order(1).id
    give(till, other, session)
    other.clock.time = till.clock.time
    other.register.recovery.resume(session, holder=1, taking_over=True)
    till.register.tabs.save(session, "7")
    till.register.tabs.recall(session, 1)
    give(till, other, session)
    give(other, till, session)
    assert [told[0] for told in other.screen.parted] == [session]
    assert till.screen.parted == []
