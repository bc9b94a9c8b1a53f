"""What both tills keyed into one order survives, and the till that goes on with it is told of each line (design §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.register.exchange import give

if TYPE_CHECKING:
    from tests.register.conftest import Till


def taken_over(till: Till, other: Till, *plus: int) -> str:
    """An order keyed on the first till and taken over on the second, while the first is away and does not know."""
    session = till.order(*plus).id
    give(till, other, session)
    other.clock.time = till.clock.time
    other.register.recovery.resume(session, holder=1, taking_over=True)
    return session


def test_what_the_other_till_still_had_is_told_line_by_line(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1)
    (first,) = till.register.ledger.order(session).lines
    till.add(session, 2)
    till.register.sales.change_quantity(session, first, 3)
    give(till, other, session)
    names = [line.name for line in till.register.ledger.order(session).lines.values()]
    ((told, sentence),) = other.screen.joined
    assert told == session
    total = other.register.answers.total(other.register.ledger.order(session))
    assert sentence == f"2 × {names[0]}, 1 × {names[1]} came from Till 1. {total}"


def test_the_same_events_once_more_tell_nothing(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1)
    till.add(session, 2)
    give(till, other, session)
    give(till, other, session)
    assert len(other.screen.joined) == 1


def test_the_till_that_lost_the_order_is_told_who_took_it_and_no_line(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1)
    other.add(session, 2)
    give(other, till, session)
    assert till.screen.joined == []


def test_a_void_wins_over_a_quantity_and_both_are_told(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1, 2)
    first, second = other.register.ledger.order(session).lines.values()
    other.register.sales.void(session, first.id, "keyed twice")
    till.register.sales.change_quantity(session, first.id, 5)
    till.register.sales.void(session, second.id, "wrong item")
    give(till, other, session)
    ((_told, sentence),) = other.screen.joined
    assert sentence == (
        f"4 × {first.name} came from Till 1 for a line that is void here. "
        f"1 × {second.name} was taken off on another till. Total ₹0.00."
    )


def test_what_is_voided_here_is_told_to_nobody_here(till: Till, other: Till) -> None:
    session = taken_over(till, other, 1, 2)
    till.add(session, 3)
    (first, *_rest) = other.register.ledger.order(session).lines
    other.register.sales.void(session, first, "keyed twice")
    give(till, other, session)
    ((_told, sentence),) = other.screen.joined
    assert "taken off" not in sentence
    assert "void" not in sentence
