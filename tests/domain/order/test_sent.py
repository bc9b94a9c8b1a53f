"""Lines saved on a tab count as sent: taking one off is distinguished, wherever the line went since."""

from __future__ import annotations

from tests.domain.making import DOSA, IDLY, INR, Desk, Hand, folded, uid
from till.domain.money.measures import Millionths, Minor, Price4
from till.domain.order import choosing, moving, selling, suspension
from till.domain.order.events import (
    LineCut,
    LinesMoved,
    LineVoided,
    OrderDiscarded,
    QuantityChanged,
    Removed,
    TabAssigned,
)
from till.domain.order.sent import cheaper_asked, order_type_asked, sent_asked
from till.domain.order.state import Tab
from till.domain.order.terms import Charge
from till.domain.staff.rights import Act, Asked
from till.domain.structs import replace

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
    [void] = selling.void_row(desk.order, new, "wrong item")
    assert void.data == LineVoided(line_id=new, reason="wrong item", removed=_off(desk, new, 1))
    assert sent_asked(desk.order, [void]) is None


def test_voiding_sent_pieces_needs_a_right_for_those_alone_and_clearing_for_the_order() -> None:
    desk, sent, new = recalled()
    whole = selling.void_row(desk.order, sent, "dropped")
    assert whole[0].data == LineVoided(line_id=sent, reason="dropped", removed=_off(desk, sent, 2))
    assert sent_asked(desk.order, whole) == Asked(Act.VOID_SENT, desk.order.lines[sent].amount_of(2))
    fewer = selling.change_quantity(desk.order, sent, 1, uid("n"))
    assert fewer[0].data == QuantityChanged(line_id=sent, taken_off=1, removed=_off(desk, sent, 1))
    assert sent_asked(desk.order, fewer) == Asked(Act.VOID_SENT, desk.order.lines[sent].amount_of(1))
    assert sent_asked(desk.order, selling.change_quantity(desk.order, sent, 3, uid("n"))) is None
    cleared = suspension.discard(desk.order, "left")
    assert cleared[0].data == OrderDiscarded(
        line_ids=(sent, new), reason="left", removed=(_off(desk, sent, 2), _off(desk, new, 1))
    )
    assert sent_asked(desk.order, cleared) == Asked(Act.VOID_SENT, desk.order.total)


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


def test_sent_lines_that_cost_less_need_a_right_for_the_difference() -> None:
    desk, sent, new = recalled()
    before = desk.order
    cheaper = desk.do(choosing.override_price(before, new, Price4(100_000), "regular"))
    assert cheaper_asked(before, cheaper) is None  # it was keyed since
    less = desk.do(choosing.override_price(cheaper, sent, Price4(300_000), "regular"))
    assert cheaper_asked(before, less) == Asked(Act.VOID_SENT, Minor(2_000))
    assert cheaper_asked(less, before) is None
    assert cheaper_asked(less, less) is None
    gone = desk.do(selling.void_row(less, sent, "dropped"))
    assert cheaper_asked(less, gone) == Asked(Act.VOID_SENT, Minor(6_000))


def test_order_type_that_takes_service_off_sent_lines_needs_a_right() -> None:
    desk = Desk(replace(INR, charge=Charge(Millionths(100_000), order_types=("dine_in",))))
    line = desk.add(IDLY, 2)
    eaten = desk.do(selling.set_order_type(desk.order, "dine_in"))
    assert order_type_asked(eaten, "take_away") is None  # not sent yet
    desk.do(suspension.put_on_tab(eaten, TAB))
    desk.do(suspension.recall_tab(desk.order, here=1, user=1))
    assert order_type_asked(desk.order, "take_away") == Asked(Act.VOID_SENT, Minor(800))
    assert order_type_asked(desk.order, "dine_in") is None
    assert order_type_asked(replace(desk.order, order_type="take_away"), "dine_in") is None
    desk.add(DOSA)
    desk.do(selling.void_line(desk.order, line, "dropped"))
    assert order_type_asked(desk.order, "take_away") is None  # the line that was sent is void
