"""Pieces that leave a line: none is lost, none is made, and what they cost is what they cost before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import SESSION, A, Hand, folded, sold_twice, uid
from till.domain.errors import LineError, QuantityError
from till.domain.order.events import (
    ChangeUndone,
    DiscountApplied,
    LineCut,
    LineNoted,
    LinesMoved,
    OrderDiscarded,
    PriceOverridden,
)
from till.domain.order.moving import carry_lines, cut
from till.domain.order.quantities import change_quantity
from till.domain.structs import replace

if TYPE_CHECKING:
    import random

    from till.domain.events.envelope import Event
    from till.domain.order.state import Order

B = uid("b")


def _cut(hand: Hand, pieces: int, line: str = "a", into: str = "b") -> Event:
    return hand.make(LineCut(line_id=uid(line), into=uid(into), quantity=pieces))


def _pieces(order: Order) -> dict[str, int]:
    return {line.id: line.quantity for line in order.lines.values()}


def test_pieces_leave_a_line_for_a_new_one_with_all_that_is_known_of_it() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a", 3), hand.make(LineNoted(line_id=A, note="no onion"))]
    order = folded(*events, _cut(hand, 2))
    a, b = order.lines[A], order.lines[B]
    assert (a.quantity, b.quantity) == (1, 2)
    assert (b.note, b.name, b.price4, b.taxes, b.keyed_by) == ("no onion", a.name, a.price4, a.taxes, a.keyed_by)
    assert order.total == 12_000
    assert len(order.priced.rows) == 1  # equal lines show as one row
    assert not order.priced.voids


def test_no_more_leave_than_are_there() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a", 3), hand.changed("a", 2), _cut(hand, 2))
    assert _pieces(order) == {A: 0, B: 1}
    assert not order.lines[A].is_overdrawn
    order = folded(hand.opened(), hand.added("a", 3), hand.voided("a"), _cut(hand, 2))
    assert _pieces(order) == {A: 0, B: 0}


def test_two_tills_that_cut_the_same_pieces_make_none() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a", 3), _cut(hand, 2), _cut(hand, 2, into="c"))
    assert _pieces(order) == {A: 0, B: 2, uid("c"): 1}


@pytest.mark.parametrize("end", ["moved", "placed", "discarded"])
def test_a_cut_that_came_too_late_cuts_nothing(end: str) -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a", 3)]
    ends = {
        "moved": lambda: hand.make(LinesMoved(to_session=uid("other"), line_ids=(A,))),
        "placed": lambda: hand.placed("a"),
        "discarded": lambda: hand.make(OrderDiscarded(line_ids=(A,), reason="left")),
    }
    order = folded(*events, ends[end](), _cut(hand, 2))
    assert (order.lines[A].pieces, order.lines[B].quantity) == (3, 0)


def test_an_end_that_knew_of_no_cut_has_all_pieces() -> None:
    """A disconnected till cut the line before it was paid for, and sent the cut afterwards."""
    hand = Hand()
    order = folded(hand.opened(), hand.added("a", 3), _cut(hand, 2), _cut(hand, 1, "b", "c"), hand.placed("a"))
    assert _pieces(order) == {A: 3, B: 0, uid("c"): 0}
    hand = Hand()
    events = [hand.opened(), hand.added("a", 3), _cut(hand, 2)]
    cleared = hand.make(OrderDiscarded(line_ids=(A,), reason="left"))
    assert _pieces(folded(*events, cleared)) == {A: 3, B: 0}


def test_sale_that_counts_decides_the_cuts() -> None:
    """One till sold all three; one that was apart cut a piece off for a guest, and sold two.

    The guest's piece is the guest's, and of the pieces nothing was paid for too much or too little.
    """
    hand, server = Hand(), Hand(0)
    events = [hand.opened(), hand.added("a", 3)]
    all_three = hand.placed("a", pieces=3, total="120.00")
    events += [all_three, _cut(hand, 1), hand.make(LinesMoved(to_session=uid("other"), line_ids=(B,)))]
    without = hand.placed("a", pieces=2, total="80.00")
    events.append(without)

    order = folded(*events)
    assert (order.lines[A].pieces, order.lines[B].pieces) == (3, 0)
    for second, pieces in ((all_three, (2, 1)), (without, (3, 0))):
        server.knows(without)
        order = folded(*events, server.make(sold_twice(second)))
        assert (order.lines[A].pieces, order.lines[B].pieces) == pieces


def test_an_end_that_knew_of_no_cut_has_the_pieces_that_the_cut_found() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a", 3), hand.changed("a", 2), _cut(hand, 2)]
    assert _pieces(folded(*events)) == {A: 0, B: 1}
    assert _pieces(folded(*events, hand.placed("a"))) == {A: 1, B: 0}


def test_a_line_that_was_cut_grows_by_what_was_taken_off_alone() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a", 4), hand.changed("a", 1), _cut(hand, 2))
    order = replace(order, lines={A: order.lines[A]})
    drafts = change_quantity(order, A, 3, uid("new"))
    assert [type(draft.data).__name__ for draft in drafts] == ["ChangeUndone", "ItemAdded"]


def test_a_cut_is_never_undone() -> None:
    hand = Hand()
    opened, added, cut = hand.opened(), hand.added("a", 3), _cut(hand, 2)
    order = folded(opened, added, cut, hand.make(ChangeUndone(event=cut.id)))
    assert _pieces(order) == {A: 1, B: 2}


def test_cut_line_shares_its_discount_by_amount() -> None:
    hand = Hand()
    opened, added = hand.opened(), hand.added("a", 3)
    off = hand.make(DiscountApplied(line_id=A, amount="0.50", reason="dropped"))
    cut = _cut(hand, 2)
    order = folded(opened, added, off, cut)
    assert [row.own for row in order.priced.rows] == [17, 33]
    assert folded(opened, added, off, cut, hand.make(ChangeUndone(event=off.id))).total == 12_000


def test_pieces_that_come_back_to_a_line_cut_whole_have_their_share_of_a_discount() -> None:
    hand = Hand()
    opened, added = hand.opened(), hand.added("a", 3)
    off = hand.make(DiscountApplied(line_id=A, amount="30.00", reason="dropped", pieces=3))
    taken, cut = hand.changed("a", 1), _cut(hand, 3)
    order = folded(opened, added, off, taken, cut, hand.make(ChangeUndone(event=taken.id)))
    assert (_pieces(order), order.total) == ({A: 1, B: 2}, 9_000)


def test_a_cut_leaves_pieces_behind() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a", 2))
    assert [draft.data for draft in cut(order, {A: 1}, {A: B})] == [LineCut(line_id=A, into=B, quantity=1)]
    for pieces in (0, 2, -1):
        with pytest.raises(QuantityError):
            cut(order, {A: pieces}, {A: B})
    with pytest.raises(LineError):
        cut(order, {B: 1}, {B: A})


def test_a_moved_line_keeps_its_share_of_a_rounded_row() -> None:
    """Two equal lines of 0.125 were one row of 0.25: apart they are 0.13 and 0.12."""
    hand = Hand()
    events = [hand.opened(), hand.added("a", 1, "0.125"), hand.added("b", 1, "0.125")]
    order = folded(*events)
    assert order.total == 25
    (came, *_rest) = carry_lines(order, uid("other"), [B])
    away = hand.make(LinesMoved(to_session=uid("other"), line_ids=(B,)))
    assert isinstance(came.data, LinesMoved)
    assert [one.line_id for one in came.data.amounts] == [B]
    other = Hand(1)
    carried = folded(other.opened(), other.make(came.data))
    stays = folded(*events, away)
    assert (stays.total, carried.total) == (13, 12)


def test_changes_of_a_line_go_along_with_pieces_that_were_cut_from_it() -> None:
    hand = Hand()
    dearer = hand.make(PriceOverridden(line_id=A, was="40.00", price="55.00", reason="large"))
    order = folded(hand.opened(), hand.added("a", 3), dearer, _cut(hand, 1))
    carried = [hand.make(draft.data) for draft in carry_lines(order, uid("other"), [B])]
    other = folded(Hand(1).opened(), *carried)
    assert (other.lines[B].unit_price4, other.total) == (550_000, 5_500)


PRICES = st.sampled_from(["80.00", "0.01", "0.125", "0.3333", "0.0049", "12.3456"])


@given(
    st.integers(1, 12) | st.integers(-12, -1),
    PRICES,
    st.none() | st.sampled_from(["percent 50", "percent 12.5", "amount 0.50", "amount 0.01", "amount 1000"]),
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 6)), max_size=5),
    st.integers(0, 3),
)
def test_cutting_keeps_pieces_and_price(
    quantity: int, price: str, off: str | None, cuts: list[tuple[int, int]], taken: int
) -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("0", quantity, price)]
    if off:
        how, much = off.split()
        events.append(
            hand.make(
                DiscountApplied(
                    line_id=uid("0"),
                    reason="r",
                    percent=much if how == "percent" else None,
                    amount=much if how == "amount" else None,
                    pieces=abs(quantity) if how == "amount" else None,
                )
            )
        )
    if 0 < taken < abs(quantity):
        events.append(hand.changed("0", taken))
        quantity -= taken if quantity > 0 else -taken
    before = folded(*events)
    for place, (line, pieces) in enumerate(cuts, 1):
        events.append(_cut(hand, pieces, str(min(line, place - 1)), str(place)))
    after = folded(*events)
    assert sum(line.quantity for line in after.lines.values()) == quantity
    assert after.total == before.total
    lines = [str(place) for place in range(len(cuts) + 1)]
    each = [folded(*events, *(hand.voided(line) for line in lines if line != alone)) for alone in lines]
    assert sum(order.total for order in each) == before.total


@given(
    st.lists(
        st.sampled_from(["cut", "cut2", "cut3", "taken", "taken2", "void", "undo", "away", "placed", "off", "off 5"]),
        max_size=8,
    ),
    st.randoms(use_true_random=False),
)
def test_cuts_fold_alike_however_they_arrive_and_make_no_piece(kinds: list[str], chance: random.Random) -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a", 5)]
    makers = {
        "cut": lambda: _cut(hand, 2),
        "cut2": lambda: _cut(hand, 3, into="c"),
        "cut3": lambda: _cut(hand, 1, "b", "d"),
        "taken": lambda: hand.changed("a", 2),
        "taken2": lambda: hand.changed("b", 1),
        "void": lambda: hand.voided("b"),
        "undo": lambda: hand.make(ChangeUndone(event=chance.choice(events).id)),
        "away": lambda: hand.make(LinesMoved(to_session=uid("other"), line_ids=(B,))),
        "placed": lambda: hand.placed("a"),
        "off": lambda: hand.make(DiscountApplied(line_id=A, amount="0.50", reason="r")),
        "off 5": lambda: hand.make(DiscountApplied(line_id=A, amount="0.50", reason="r", pieces=5)),
    }
    events += [makers[kind]() for kind in kinds]
    arrived = events.copy()
    chance.shuffle(arrived)
    order = folded(*events)
    assert folded(*arrived) == order
    assert 0 <= sum(line.pieces for line in order.lines.values()) <= 5
    assert 0 <= order.total <= 20_000
    assert order.id == SESSION
