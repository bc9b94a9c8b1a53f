"""Orders that two tills keyed into: every line survives, and the till that continues reports each."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from tests.register.exchange import by_server, give, granted_away, take
from till.domain.money.measures import Minor
from till.domain.payment.events import PaymentApproved

if TYPE_CHECKING:
    from tests.register.conftest import Till


def test_late_lines_of_the_other_till_are_reported_line_by_line(till: Till, other: Till) -> None:
    session = granted_away(till, other, 1)
    (first,) = till.register.ledger.order(session).lines
    till.add(session, 2)
    till.register.sales.change_quantity(session, first, 3)
    give(till, other, session)
    names = [line.name for line in till.register.ledger.order(session).lines.values()]
    ((notice, sentence),) = other.screen.joined
    assert notice == session
    total = other.register.answers.total(other.register.ledger.order(session))
    assert sentence == f"1 × {names[1]}, 2 × {names[0]} came from Till 1. {total}"


def test_the_same_events_once_more_tell_nothing(till: Till, other: Till) -> None:
    session = granted_away(till, other, 1)
    till.add(session, 2)
    give(till, other, session)
    give(till, other, session)
    assert len(other.screen.joined) == 1


def test_the_till_that_lost_the_order_hears_who_took_it_and_of_no_line(till: Till, other: Till) -> None:
    session = granted_away(till, other, 1)
    other.add(session, 2)
    give(other, till, session)
    assert till.screen.joined == []


def test_lines_that_another_till_voided_are_reported(till: Till, other: Till) -> None:
    session = granted_away(till, other, 1, 2)
    _first, second = other.register.ledger.order(session).lines.values()
    till.register.sales.void(session, second.id, "wrong item")
    give(till, other, session)
    assert other.screen.joined == [(session, f"Removed on another till: 1 × {second.name}. Total ₹40.00.")]


def test_pieces_that_another_till_took_off_a_line_void_here_are_no_news(till: Till, other: Till) -> None:
    session = till.add(None, 1, 3).id
    (line,) = till.register.ledger.order(session).lines
    take(till, other, session)
    other.register.sales.void(session, line, "keyed twice")
    till.register.sales.change_quantity(session, line, 1)
    give(till, other, session)
    assert other.screen.joined == []


def test_pieces_that_another_till_brought_back_are_reported(till: Till, other: Till) -> None:
    session = till.add(None, 1, 3).id
    (line,) = till.register.ledger.order(session).lines
    till.register.sales.change_quantity(session, line, 1)
    take(till, other, session)
    till.register.sales.change_quantity(session, line, 3)
    give(till, other, session)
    assert other.screen.joined == [(session, "Brought back on another till: 2 × Idly. Total ₹120.00.")]


def test_a_part_that_another_till_was_paid_before_it_lost_the_order_is_reported_once(till: Till, other: Till) -> None:
    session = till.add(None, 1, 3).id
    till.register.checkout.pay(session, "CARD", Minor(3_000))
    take(till, other, session)
    assert other.screen.joined == [], "the till that takes the order says what of it is paid"
    till.register.checkout.pay(session, "CARD", Minor(5_000))
    give(till, other, session)
    give(till, other, session)
    assert other.screen.joined == [(session, "₹50.00 was paid on Till 1. ₹40.00 is still due.")]


def test_a_part_that_was_paid_online_names_no_till(till: Till) -> None:
    session = till.add(None, 1, 3).id
    charge = PaymentApproved(payment_id=str(UUID(int=7)), tender="UPI", amount="50.00", tendered="50.00", change="0.00")
    by_server(till.register, session, charge)
    assert till.screen.joined == [(session, "₹50.00 was paid online. ₹70.00 is still due.")]


def test_a_return_that_another_till_took_off_is_taken_off_and_not_brought_back(till: Till, other: Till) -> None:
    session = till.add(None, 6, -3).id
    (line,) = till.register.ledger.order(session).lines
    take(till, other, session)
    till.register.sales.change_quantity(session, line, -1)
    give(till, other, session)
    assert other.screen.joined == [(session, "Removed on another till: 2 × Deposit. Total −₹1.00.")]


def test_pieces_that_two_tills_took_off_are_reported(till: Till, other: Till) -> None:
    session = till.add(None, 1, 3).id
    (line,) = till.register.ledger.order(session).lines
    take(till, other, session)
    for each in (till, other):
        each.register.sales.change_quantity(session, line, 1)
    give(till, other, session)
    ((_notice, sentence),) = other.screen.joined
    assert "Two tills took Idly off: none are left." in sentence


def test_lines_voided_here_are_reported_to_nobody_here(till: Till, other: Till) -> None:
    session = granted_away(till, other, 1, 2)
    till.add(session, 3)
    (first, *_rest) = other.register.ledger.order(session).lines
    other.register.sales.void(session, first, "keyed twice")
    give(till, other, session)
    ((_notice, sentence),) = other.screen.joined
    assert "taken off" not in sentence
    assert "void" not in sentence


def _differences(source: Till, target: Till, *sessions: str) -> list[tuple[str, str]]:
    """Give these orders to a till twice, and return the news that it shows."""
    for session in (*sessions, *sessions):
        give(source, target, session)
    return target.screen.joined
