"""Lines keyed while another till finished the order (ADR 0044): none is lost, and none is paid twice unseen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.register.exchange import by_server, found, give, granted_away, recall, take
from till.domain.events.envelope import Draft
from till.domain.money.measures import Minor
from till.domain.order.events import LinesCopied, LinesWithdrawn, LineVoided
from till.domain.order.selling import open_order
from till.domain.order.state import Status
from till.ports import SessionMark

if TYPE_CHECKING:
    from tests.register.conftest import Till


def late(till: Till, other: Till, session: str, *line_ids: str) -> str:
    """Make an order of late lines from the first till's lines, as the server, held by the other; return its id."""
    made, ledger = till.register.ledger.new_id(), till.register.ledger
    order = ledger.order(session)
    by_server(
        other.register, made, open_order(made, order.user, order.terms, order.order_type, from_session=session).data
    )
    notices = [event for event in till.journal.events_of(session) if event.type in {"item_added", "line_voided"}]
    copied = LinesCopied(from_session=session, line_ids=line_ids, events=tuple(event.body for event in notices))
    by_server(other.register, made, copied)
    for each in (till, other):
        by_server(each.register, session, LinesWithdrawn(to_session=made, line_ids=line_ids))
    return made


def test_a_till_that_keyed_lines_too_late_hears_where_they_are(till: Till, other: Till) -> None:
    session = granted_away(till, other, 1)
    first = till.register.ledger.order(session).last_line
    line = till.add(session, 2).last_line
    other.register.checkout.pay_exact(session)
    assert first is not None
    assert line is not None
    give(other, till, session)
    made = late(till, other, session, line.id)
    assert till.screen.late == [(session, "That order was paid on Till 2. 1 line came too late: F5.")]
    assert other.screen.late == []
    carried = other.register.ledger.order(made)
    assert (list(carried.lines), carried.total, carried.from_session) == ([line.id], 8_000, session)
    assert carried.lines[line.id].keyed_by == till.number
    assert till.register.ledger.order(session).lines[line.id].moved


def test_a_change_copied_later_is_made_to_the_late_line(till: Till, other: Till) -> None:
    session = granted_away(till, other, 1)
    line = till.add(session, 2).last_line
    assert line is not None
    other.register.checkout.pay_exact(session)
    made = late(till, other, session, line.id)
    till.register.ledger.commit([Draft(LineVoided(line_id=line.id, reason="wrong item"), session)])
    (*_known, void) = till.journal.events_of(session)
    copied = LinesCopied(
        from_session=session,
        line_ids=(line.id,),
        events=(void.body,),
        digests={f"{void.id}.reason": void.texts["reason"].digest},
    )
    by_server(other.register, made, copied, texts={f"{void.id}.reason": void.texts["reason"]})
    carried = other.register.ledger.order(made)
    assert carried.total == 0
    assert [one.reason for one in carried.lines[line.id].voids] == ["wrong item"]


def test_a_till_with_open_lines_that_were_sold_elsewhere_is_notified(till: Till, other: Till) -> None:
    session = till.order(1, 2).id
    first = next(iter(till.register.ledger.order(session).lines))
    by_server(till.register, session, LinesWithdrawn(to_session=other.order(1).id, line_ids=(first,)))
    assert till.register.ledger.order(session).total == 8_000
    assert [notices for _session, notices in till.screen.joined][-1].startswith("1 line was paid in another order.")


def test_a_till_that_cleared_an_order_hears_that_it_was_paid_elsewhere(till: Till, other: Till) -> None:
    session = granted_away(till, other, 1)
    till.register.recovery.discard(session, "guest left")
    other.register.checkout.pay_exact(session)
    give(other, till, session)
    ((notice, sentence),) = till.screen.late
    assert (notice, sentence.partition(":")[0]) == (session, "Paid on Till 2 after it was cleared here")
    give(other, till, session)
    assert len(till.screen.late) == 1


@pytest.mark.parametrize("sales", [0, 20])
def test_a_till_that_took_an_order_over_and_cleared_it_hears_of_the_earlier_payment(
    till: Till, other: Till, sales: int
) -> None:
    session = granted_away(till, other, 1)
    till.register.checkout.pay_exact(session)  # while its line was cut
    other.clock.move(minutes=1)
    other.register.recovery.discard(session, "guest left")
    for _sale in range(sales):  # and nobody looked at that order any more
        other.register.checkout.pay_exact(other.order(1).id)
    give(till, other, session, SessionMark(session, 1, 9, status="completed"))
    ((notice, sentence),) = other.screen.late
    assert (notice, sentence.partition(":")[0]) == (session, "Paid on Till 1 after it was cleared here")
    other.register.sessions_grew([session])
    assert len(other.screen.late) == 1


def test_an_order_that_another_took_over_apart_from_a_recall_goes_on_there_and_nowhere_else(
    till: Till, other: Till
) -> None:
    session = granted_away(till, other, 1)
    till.register.tabs.save(session, "7")
    recall(till, session)
    keyed = other.add(session, 3).last_line
    give(till, other, session)
    going_on = other.register.ledger.order(session)
    assert keyed is not None
    assert (going_on.status, keyed.id in going_on.lines) == (Status.ACTIVE, True)


def test_money_for_an_order_that_another_till_discarded_is_a_conflict(till: Till, other: Till) -> None:
    session = granted_away(till, other, 1)
    till.register.checkout.pay(session, "CARD", Minor(1_000))
    other.register.recovery.discard(session, "guest left")
    give(other, till, session)
    assert [(one.kind, one.amount) for one in found(till, other)] == [("money_without_order", "10.00")]


def test_line_split_off_a_discarded_order_stays_before_its_move_arrives(till: Till, other: Till) -> None:
    session = granted_away(till, other, 1, 2)
    other.register.recovery.discard(session, "guest left")
    late = till.add(session, 3).last_line
    assert late is not None
    apart = till.part(session, late.id)
    take(till, other, apart.id)
    assert list(other.register.ledger.order(apart.id).lines) == [late.id]
    give(other, till, session)  # till 2 was paid for nothing, and says so before it hears of the move
    assert other.register.ledger.order(apart.id).total == late.amount_of(1)
    give(till, other, session)
    assert other.register.ledger.order(apart.id).total == late.amount_of(1)


def test_two_payments_of_two_tills_are_two_sales_and_neither_is_hidden(till: Till, other: Till) -> None:
    session = granted_away(till, other, 1)
    till.register.checkout.pay_exact(session)
    other.register.checkout.pay_exact(session, "CARD")
    give(other, till, session)
    order = till.register.ledger.order(session)
    assert order.status is Status.COMPLETED
    assert len(order.placings) == 2


@pytest.mark.parametrize("paid_first", [True, False])
def test_lines_cleared_by_their_holder_stay_away_when_another_till_is_paid_for_the_rest(
    till: Till, other: Till, *, paid_first: bool
) -> None:
    session = granted_away(till, other, 1)
    other.add(session, 2)
    (other if paid_first else till).clock.move(minutes=1)
    other.register.recovery.discard(session, "guest left")
    till.register.checkout.pay_exact(session)
    give(till, other, session)
    give(other, till, session)
    for each in (till, other):
        assert each.register.ledger.order(session).status is Status.COMPLETED
