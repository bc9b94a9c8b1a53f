from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.domain.making import SESSION, A, B, Hand, folded, uid
from till.domain.order.events import (
    ChangeUndone,
    DiscountApplied,
    LineModifier,
    LinesMoved,
    MovedDiscount,
    MovedLine,
    QuantityChanged,
)

if TYPE_CHECKING:
    import random
    from collections.abc import Callable

    from till.domain.events.envelope import Event


def test_a_void_wins_over_any_quantity_keyed_after_it() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a", 2), hand.voided("a"), hand.changed("a", 1), hand.voided("a", "again"))
    assert order.total == 0
    assert [(line.id, line.void.reason) for line in order.priced.voids if line.void] == [(A, "dropped")]


def test_two_takings_past_zero_leave_none_and_are_seen() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a", 3), hand.changed("a", 2), hand.changed("a", 2))
    assert (order.total, order.lines[A].is_overdrawn) == (0, True)
    order = folded(hand.opened(), hand.added("a", 3), hand.changed("a", 2), hand.changed("a", 1))
    assert (order.total, order.lines[A].is_overdrawn) == (0, False)


def test_a_return_comes_toward_zero_and_not_beyond() -> None:
    hand = Hand()
    opened, back, one, two = hand.opened(), hand.added("a", -2), hand.changed("a", 1), hand.changed("a", 2)
    assert folded(opened, back, one).lines[A].quantity == -1
    order = folded(opened, back, one, two)
    assert (order.lines[A].quantity, order.lines[A].is_overdrawn) == (0, True)


def test_a_void_line_past_zero_shows_none_and_not_less() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a", 1), hand.changed("a", 1), hand.changed("a", 1), hand.voided("a"))
    assert [line.shown_quantity for line in order.priced.voids] == [0]


def test_a_change_that_came_before_its_line_waits_for_it() -> None:
    hand = Hand()
    opened, changed, added = hand.opened(), hand.changed("a", 2), hand.added("a", 3)
    assert folded(opened, changed).is_empty
    assert folded(opened, changed, added).total == 4_000


def test_a_line_may_be_weighed_and_have_modifiers() -> None:
    hand = Hand()
    cut = LineModifier(name="cut", price="1.00")
    events = [hand.opened(), hand.added("a", 1, "4.69", measure=335, unit_price="12.99", modifiers=(cut,))]
    line = folded(*events).lines[A]
    assert (line.price4, line.unit_price4, line.amount_of(1)) == (129_900, 139_900, 469)  # 4.68665


def test_a_line_has_its_newest_discount_and_an_order_has_all_of_its_own() -> None:
    hand = Hand()

    def off(line: str | None, amount: str) -> Event:
        return hand.make(DiscountApplied(line_id=line, amount=amount))

    events = [
        hand.opened(),
        hand.added("a", 5),
        off(None, "10.00"),
        off(None, "5.00"),
        off(A, "20.00"),
        off(A, "30.00"),
    ]
    assert folded(*events).total == 20_000 - 3_000 - 1_000 - 500
    assert folded(*events, hand.undone(events[-1])).total == 20_000 - 2_000 - 1_000 - 500
    assert folded(*events, hand.undone(events[2])).total == 20_000 - 3_000 - 500


def test_an_amount_off_pieces_of_which_another_till_had_taken_some_is_off_those_that_are_left() -> None:
    one, two = Hand(1), Hand(2)
    events = [one.opened(), one.added("a", 10)]
    two.knows(*events)
    events += [two.took(), one.changed("a", 9), two.make(DiscountApplied(line_id=A, amount="40.00", pieces=10))]
    assert folded(*events).total == 3_600
    moved = LinesMoved(
        from_session=uid("x"), discounts=(MovedDiscount(event=events[-1].id, line_id=A, amount="40.00", pieces=10),)
    )
    assert folded(*events[:-1], two.make(moved)).total == 3_600


@pytest.mark.parametrize(
    "data",
    [
        DiscountApplied(amount="10.00", percent="10"),
        DiscountApplied(amount="-1.00"),
        DiscountApplied(amount="10.00", price="0"),
        DiscountApplied(),
        DiscountApplied(line_id=A, percent="10", share_of="0197a000-0000-7000-8000-00000000e000"),
    ],
)
def test_an_invalid_discount_does_not_read(data: DiscountApplied) -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a")]
    off = hand.make(data)
    order = folded(*events, off)
    assert (order.total, [*order.unread]) == (4_000, [off.id])


def test_discount_of_nothing_is_read_and_takes_nothing_off() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a"), hand.make(DiscountApplied(line_id=A, amount="0.00", reason="x")))
    assert (order.total, order.unread) == (4_000, {})


# Undoing


def test_pieces_that_any_till_took_off_come_back_by_naming_the_change() -> None:
    one, two = Hand(1), Hand(2)
    events = [one.opened(), one.added("a", 3)]
    two.knows(*events)
    events += [two.took(), two.changed("a", 2)]
    one.knows(*events)
    assert folded(*events, one.undone(events[-1])).lines[A].quantity == 3


def test_an_undone_void_brings_the_line_back_in_its_place() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a"), hand.added("b", price="80.00"), hand.voided("a")]
    order = folded(*events, hand.undone(events[-1]))
    assert [row.first.id for row in order.priced.rows] == [A, B]
    assert order.priced.voids == ()


def test_undoing_one_of_two_voids_leaves_the_other() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a"), hand.voided("a", "dropped"), hand.voided("a", "wrong table")]
    order = folded(*events, hand.undone(events[2]))
    assert order.is_empty
    assert [line.void.reason for line in order.priced.voids if line.void] == ["wrong table"]
    assert folded(*events, hand.undone(events[2]), hand.undone(events[3])).total == 4_000


@pytest.mark.parametrize("kind", ["taking", "void", "discount", "order discount"])
def test_an_undoing_that_sorts_before_what_it_undoes_is_the_same(kind: str) -> None:
    """A till whose clock was wrong may have made the id of either."""
    hand, early = Hand(), Hand(1, seed=7)
    opened, added = hand.opened(), hand.added("a", 3)
    early.knows(added)
    early.ids.follow(added.id, hand.now)
    changes: dict[str, Callable[[], Event]] = {
        "taking": lambda: hand.changed("a", 2),
        "void": lambda: hand.voided("a"),
        "discount": lambda: hand.make(DiscountApplied(line_id=A, percent="10")),
        "order discount": lambda: hand.make(DiscountApplied(amount="5.00")),
    }
    for _second in range(9):
        hand.new_id()
    hand.now = hand.now.replace(minute=50)
    changed = changes[kind]()
    undone = early.make(ChangeUndone(event=changed.id))
    late = hand.undone(changed)
    assert undone.id < changed.id < late.id
    assert folded(opened, added, changed).total != 12_000
    assert folded(opened, added, undone, changed).total == folded(opened, added, changed, late).total == 12_000


@pytest.mark.parametrize("first", [True, False])
def test_only_changes_are_undone(*, first: bool) -> None:
    """A keyed line is removed by a void; an undo, a payment or a change of status is never undone."""
    hand = Hand()
    opened, added = hand.opened(), hand.added("a", 3)
    changed = hand.changed("a", 1)
    undone = hand.undone(changed)
    placed = hand.placed("a", total="120.00", pieces=3)
    for target in (added, undone, placed):
        early = Hand(1, seed=8)
        early.hold = opened.hold
        early.after = opened.id
        naming = early.undone(target) if first else hand.undone(target)
        order = folded(opened, added, changed, undone, placed, naming)
        assert (order.lines[A].quantity, order.covered) == (3, frozenset({A}))


def test_a_change_that_follows_another_counts_once_and_is_undone_by_it() -> None:
    hand = Hand()
    opened, added, other = hand.opened(), hand.added("a", 5), hand.changed("b", 2)
    following = [hand.make(QuantityChanged(line_id=A, taken_off=2, follows=other.id)) for _till in range(2)]
    assert folded(opened, added, *following).lines[A].quantity == 3
    assert folded(opened, added, *following, hand.undone(other)).lines[A].quantity == 5


@pytest.mark.parametrize(
    ("is_cut", "pieces"),
    [
        ((True, True), 3),  # the newest record of a cut says how many pieces it took
        ((False, False), 2),
        ((True, False), 2),
        ((False, True), 2),
    ],
)
def test_pieces_of_one_change_count_once_and_those_of_a_cut_by_its_newest_record(
    is_cut: tuple[bool, bool], pieces: int
) -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a", 5)]
    change = hand.new_id()
    for taken_off, cut in zip((2, 3), is_cut, strict=True):
        events.append(hand.make(QuantityChanged(line_id=A, taken_off=taken_off, follows=change, cut=cut)))
    line = folded(*events).lines[A]
    assert (line.quantity, [(one.pieces, one.cut) for one in line.taken]) == (5 - pieces, [(pieces, is_cut[0])])


def test_pieces_are_never_brought_away_from_zero_by_one_event() -> None:
    hand = Hand()
    order = folded(hand.opened(), hand.added("a", 1), event := hand.raw("quantity_changed", line_id=A, taken_off=-2))
    assert order.lines[A].quantity == 1
    assert [record.event for record in order.waits_for_manager] == [event.id]


@given(
    st.integers(-9, 9).filter(bool),
    st.lists(st.tuples(st.sampled_from(["take", "void", "undo"]), st.integers(1, 9), st.booleans()), max_size=12),
    st.randoms(use_true_random=False),
)
def test_pieces_only_go_toward_zero_and_only_an_undoing_brings_them_back(
    keyed: int, steps: list[tuple[str, int, bool]], chance: random.Random
) -> None:
    one, two = Hand(1), Hand(2)
    events = [one.opened(), one.added("a", keyed)]
    two.knows(*events)
    events.append(two.took())
    changes: list[Event] = []
    pieces = keyed
    for kind, number, by_other in steps:
        hand = two if by_other else one
        hand.after = max(event.id for event in events)
        if kind == "undo" and changes:
            events.append(hand.undone(changes[number % len(changes)]))
        else:
            events.append(hand.voided("a") if kind == "void" else hand.changed("a", number))
            changes.append(events[-1])
        now = folded(*events).lines[A].quantity
        assert abs(now) <= abs(keyed)
        assert now * keyed >= 0
        if events[-1].type != "change_undone":
            assert abs(now) <= abs(pieces)
        else:
            assert abs(now) >= abs(pieces)
        pieces = now
    arrived = [*events, *changes]
    chance.shuffle(arrived)
    assert folded(*arrived) == folded(*events)


# Moves


def _moved(line: str = "m", quantity: int = 2) -> MovedLine:
    return MovedLine(
        line_id=uid(line), item_id="dosa", item_name="Masala Dosa", quantity=quantity, price="80.00", till=1, taxes=()
    )


def test_lines_that_moved_keep_their_ids_and_discounts() -> None:
    hand = Hand()
    given_by = hand.new_id()
    moved = LinesMoved(
        from_session=SESSION,
        lines=(_moved(),),
        discounts=(MovedDiscount(event=given_by, line_id=uid("m"), percent="10"),),
    )
    order = folded(hand.opened(), hand.make(moved), hand.make(moved))
    assert order.total == 16_000 - 1_600
    assert list(order.lines) == [uid("m")]
    assert order.lines[uid("m")].keyed_by == 1


def test_lower_id_of_two_moves_keeps_the_line() -> None:
    hand = Hand()
    events = [hand.opened(), hand.added("a")]
    moves = [hand.make(LinesMoved(to_session=uid(name), line_ids=(A,))) for name in ("x", "y")]
    order = folded(*events, *reversed(moves))
    assert order.moved[A].to_session == uid("x")
    back = hand.make(LinesMoved(from_session=uid("x"), lines=(_moved("a", 1),)))
    assert folded(*events, *moves, back).lines[A].quantity == 1
