"""Lines saved on a tab count as sent: taking one off is distinguished, wherever the line went since."""

from __future__ import annotations

from tests.domain.making import DOSA, IDLY, Desk, Hand, folded, uid
from till.domain.order import moving, quantities, suspension, voiding
from till.domain.order.events import (
    LineCut,
    LinesMoved,
    LineVoided,
    OrderDiscarded,
    QuantityChanged,
    Removed,
    TabAssigned,
)
from till.domain.order.sent import sent_asked
from till.domain.order.state import Tab
from till.domain.staff.rights import Permission, PermissionRequest

TAB = Tab(uid("tab"), "window")


def recalled() -> tuple[Desk, str, str]:
    """An order recalled from a tab with 2 × Idly, to which a Masala Dosa was added."""
    desk = Desk()
    sent = desk.add(IDLY, 2)
    desk.do(suspension.put_on_tab(desk.order, TAB))
    desk.do(suspension.recall_tab(desk.order, here=1, user=1))
    return desk, sent, desk.add(DOSA)


def _off(desk: Desk, line_id: str, pieces: int) -> Removed:
    line = desk.order.lines[line_id]
    amount = line.terms.currency.text(line.amount_of(pieces))
    return Removed(item_name=line.name, pieces=pieces, amount=amount, sent=line.name == "Idly")


def test_pieces_keyed_since_are_voided_without_a_right() -> None:
    desk, _sent, new = recalled()
    [void] = voiding.void_row(desk.order, new, "wrong item")
    assert void.data == LineVoided(line_id=new, reason="wrong item", removed=_off(desk, new, 1))
    assert sent_asked(desk.order, [void]) is None


def test_voiding_sent_pieces_needs_a_right_for_those_alone_and_clearing_for_the_order() -> None:
    desk, sent, new = recalled()
    whole = voiding.void_row(desk.order, sent, "dropped")
    assert whole[0].data == LineVoided(line_id=sent, reason="dropped", removed=_off(desk, sent, 2))
    assert sent_asked(desk.order, whole) == PermissionRequest(Permission.VOID_SENT, desk.order.lines[sent].amount_of(2))
    fewer = quantities.change_quantity(desk.order, sent, 1, uid("n"))
    assert fewer[0].data == QuantityChanged(line_id=sent, taken_off=1, removed=_off(desk, sent, 1))
    assert sent_asked(desk.order, fewer) == PermissionRequest(Permission.VOID_SENT, desk.order.lines[sent].amount_of(1))
    assert sent_asked(desk.order, quantities.change_quantity(desk.order, sent, 3, uid("n"))) is None
    cleared = suspension.discard(desk.order, "left")
    assert cleared[0].data == OrderDiscarded(
        line_ids=(sent, new), reason="left", removed=(_off(desk, sent, 2), _off(desk, new, 1))
    )
    assert sent_asked(desk.order, cleared) == PermissionRequest(Permission.VOID_SENT, desk.order.total)


def test_cut_or_carried_line_stays_sent() -> None:
    desk, sent, _new = recalled()
    desk.do_one(LineCut(line_id=sent, into=uid("cut"), quantity=1))
    assert desk.order.lines[uid("cut")].sent
    [draft] = moving.carry_lines(desk.order, uid("other"), [sent])[:1]
    assert isinstance(draft.data, LinesMoved)
    assert [line.sent for line in draft.data.lines] == [True]


def test_a_line_that_came_late_and_was_there_before_the_tab_is_sent_too() -> None:
    one, two = Hand(till=1), Hand(till=2, user=2)
    events = [one.opened(), one.added("a", 1)]
    two.knows(*events)
    events += [two.took(), two.added("b", 1)]
    one.knows(*events)
    events += [one.took()]
    events += [one.make(TabAssigned(tab_id=uid("tab"), name="window"))]
    straight = folded(*events)
    assert [line.sent for line in straight.lines.values()] == [True, True]
    assert folded(*reversed(events)) == straight
