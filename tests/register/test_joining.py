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
