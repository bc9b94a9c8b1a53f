"""The reducer of the split screen: the guest of each piece, the payer, and the sum of each part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from tests.domain.making import Hand, folded
from tests.tui.playing import char_of
from till.domain.money.formats import Formats, marks_of
from till.domain.money.measures import NOTHING, Minor
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import KeyView, StatusView, StyledText
from till.tui.screens.sell.commands import make_keymap
from till.tui.screens.split.acts import SplitActs
from till.tui.screens.split.presenter import split_views
from till.tui.screens.split.reduce import KEYS, bar, even_parts, reduce
from till.tui.screens.split.state import (
    SHARED,
    Gift,
    Manner,
    PaidPart,
    SplitFacts,
    SplitState,
    refresh_split,
    rows_of,
    shares_of,
)
from till.tui.shell.calls import call
from till.tui.shell.keymap import KeyPress

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.tui.shell.calls import Call

KEYMAP = make_keymap()


def an_order(*pieces: int, price: str = "40.00", seats: tuple[int | None, ...] = ()) -> Order:
    hand = Hand()
    opened = hand.opened()
    lines = [
        hand.added(str(place), count, price, item_id=str(place), item_name=f"Item {place}", seat=seat)
        for place, (count, seat) in enumerate(zip(pieces, seats or (None,) * len(pieces), strict=True))
    ]
    return folded(opened, *lines)


def facts_of(order: Order) -> SplitFacts:
    currency = order.terms.currency
    return SplitFacts(order, Formats(currency, marks_of("en")), KEYMAP)


def press(state: SplitState, order: Order, *names: str) -> tuple[SplitState, list[Call[SplitActs, Any]]]:
    asked: list[Call[SplitActs, Any]] = []
    for name in names:
        state, calls = reduce(state, KeyPress(name, char_of(name)), facts_of(order))
        asked += calls
    return state, asked


def began(order: Order) -> SplitState:
    return SplitState(rows=rows_of(order))


def test_a_digit_gives_a_piece_and_the_mark_goes_on_when_the_line_is_given_out() -> None:
    order = an_order(2, 1)
    state, _asked = press(began(order), order, "1")
    assert (state.gifts, state.line, state.guest) == ((Gift(0, 1, 1),), 0, 1)
    state, _asked = press(state, order, "2")
    assert (state.line, state.guest, state.left(0)) == (1, 2, 0)
    state, _asked = press(state, order, "plus")
    assert (state.gifts[-1], state.open_pieces) == (Gift(1, 2, 1), 0)
    state, _asked = press(state, order, "3")
    assert state.message is not None
    assert "Item 1 is all assigned" in state.message.text


def test_backspace_takes_back_the_newest_mark_and_never_what_is_paid() -> None:
    order = an_order(2, 1)
    state, _asked = press(began(order), order, "1", "2", "0")
    state, _asked = press(state, order, "backspace")
    assert (len(state.gifts), state.line) == (2, 1)
    state = replace(state, paid=(PaidPart(2, Minor(4000), "cash", apart=True),))
    state, _asked = press(state, order, "backspace", "backspace")
    assert state.gifts == (Gift(0, 2, 1),)
    assert state.message is not None
    assert press(state, order, "2")[0].gifts == state.gifts  # a guest who has paid gets no more pieces


@pytest.mark.parametrize(
    ("keys", "asked"),
    [
        (("1", "2", "enter"), call(SplitActs.pay_guest, 2, NOTHING)),
        (("1", "2", "2", "backspace", "enter"), call(SplitActs.pay_guest, 2, NOTHING)),
        (("0", "enter"), call(SplitActs.pay_guest, 1, NOTHING)),
        (("escape",), call(SplitActs.go_back)),
        (("f1",), call(SplitActs.show_help, KEYS.helped(KEYMAP))),
        (("right", "right", "3", "enter"), call(SplitActs.pay_part, Minor(6667))),
        (("left", "5", "0", "enter"), call(SplitActs.pay_part, Minor(5000))),
        (("left", "2", "0", "0", "enter"), call(SplitActs.pay_part, Minor(20000))),
        (("left", "enter"), call(SplitActs.pay_part, Minor(20000))),
    ],
)
def test_enter_goes_on_to_pay_and_escape_back(keys: tuple[str, ...], asked: Call[SplitActs, Any]) -> None:
    order = an_order(5)
    assert press(began(order), order, *keys)[1] == [asked]


def test_the_bar_names_each_esc_by_what_it_does() -> None:
    order = an_order(5)
    paid = replace(began(order), paid=(PaidPart(1, Minor(4000), "cash", apart=True, change=Minor(1000)),))
    state, words = press(paid, order, "left", "5", "0")[0], []
    while not (step := press(state, order, "escape"))[1]:
        words += [key.word for key in bar(state, facts_of(order)).keys if key.key == "Esc"]
        state = step[0]
    words += [key.word for key in bar(state, facts_of(order)).keys if key.key == "Esc"]
    assert words == ["Erase", "Change given", "Back"]


@pytest.mark.parametrize("typed", ["201", "0", "5.5.5", "x"])
def test_an_amount_that_is_none_or_too_much_takes_nothing(typed: str) -> None:
    order = an_order(5)
    names = ("full_stop" if char == "." else char for char in typed)
    state, asked = press(began(order), order, "left", *names, "enter")
    assert (asked, state.entry.is_offered) == ([], True)
    assert state.message is not None


def test_payment_by_guest_needs_a_piece() -> None:
    order = an_order(5)
    state, asked = press(began(order), order, "x", "s", "enter")
    assert (asked, state.gifts) == ([], ())
    assert state.message is not None


def test_split_by_seat_gives_lines_to_their_seats() -> None:
    order = an_order(2, 1, 3, seats=(2, None, 1))
    state, _asked = press(began(order), order, "1", "right")
    assert state.manner is Manner.SEAT
    assert {(one.row, one.guest, one.pieces) for one in state.gifts} == {(0, 2, 2), (2, 1, 3)}
    assert (state.line, state.open_pieces) == (1, 1)


def test_a_guest_beyond_the_digits_is_named_and_what_may_be_done_is_reported() -> None:
    order = an_order(2, 1, 3, seats=(2, 12, None))
    state, _asked = press(began(order), order, "right")
    assert {(one.row, one.guest) for one in state.gifts} == {(0, 2)}
    views = split_views(state, facts_of(order), StatusView("", ""))
    assert [card.rows[0].cells[3].message.text for card in views["lines"].cards] == ["guest 2", "guest 12", "○ open"]
    assert views["entry"].answer is not None
    assert views["entry"].answer.text.endswith("A digit takes guest 12’s lines; 0 shares.")
    state, _asked = press(state, order, "1")
    assert (1, 1) in {(one.row, one.guest) for one in state.gifts}


@pytest.mark.parametrize("wide", [True, False])
def test_a_full_assignment_is_announced(wide: bool) -> None:
    order = an_order(2, 1)
    state, _asked = press(began(order), order, "1", "2", "2")
    views = split_views(state, replace(facts_of(order), is_wide=wide), StatusView("", ""))
    assert views["head"].note == ("" if wide else "everything is assigned")
    assert views["total"].left == StyledText("3 pieces assigned, none open", Tone.MUTED)
    assert (views["open"].figure, views["open_head"].rows[1].cells[0].message.text) == ("", "Everything is assigned.")


@pytest.mark.parametrize(
    ("typed", "shown", "does"),
    [("", ("all of it", "200.00"), "Pay 200.00"), ("5", ("a part", "5.00"), "Pay 5.00"), ("201", ("a part", ""), None)],
)
def test_split_by_amount_shows_the_typed_amount(typed: str, shown: object, does: str | None) -> None:
    order = an_order(5)
    state, _asked = press(began(order), order, "left", *typed)
    views = split_views(state, facts_of(order), StatusView("", ""))
    (guest,) = views["guests"].guests
    assert (guest.number, (guest.remark.text, guest.figure)) == ("1", shown)
    assert (views["keys"].primary.word if views["keys"].primary else None) == does


def test_paid_even_parts_stay_parts() -> None:
    order = an_order(5)
    state, _asked = press(began(order), order, "right", "right", "3")
    state = replace(state, paid=(PaidPart(1, Minor(6_667), "cash", apart=False),), parts=2)
    guests = split_views(state, facts_of(order), StatusView("", ""))["guests"].guests
    assert [(one.name, one.number) for one in guests] == [("Part", "1"), ("Part", "2"), ("Part", "3")]


def test_a_unit_in_three_is_one_and_two_of_nothing_and_reported() -> None:
    order = an_order(1, price="0.01")
    state, _asked = press(began(order), order, "right", "right", "3")
    assert even_parts(state, facts_of(order)) == [1, 0, 0]
    answer = split_views(state, facts_of(order), StatusView("", ""))["entry"].answer
    assert answer is not None
    assert answer.text == "₹0.01; 2 would pay nothing."


def test_pieces_that_are_shared_part_where_they_can() -> None:
    order = an_order(4, 1)
    state, _asked = press(began(order), order, "1", "2", "0")
    assert not state.is_together
    assert state.with_shares().pieces_of(1) == state.pieces_of(1) == {0: 2}
    assert press(state, order, "0")[0].is_together


def test_the_amount_due_is_shared_by_the_guests_who_have_not_paid() -> None:
    order = an_order(1, 1, 1)
    state, _asked = press(began(order), order, "1", "2", "3")
    state = replace(state, paid=(PaidPart(1, Minor(4_000), "cash", apart=False),))
    assert shares_of(state, an_order(1, 1, 1, price="30.00")) == ((4_000, 2_500, 2_500), 0)
    state, _asked = press(began(an_order(2)), an_order(2), "1", "2")
    state = replace(state, paid=(PaidPart(1, Minor(4_000), "cash", apart=True),))
    assert shares_of(state, an_order(1)) == ((0, 4_000), 0)  # a guest who has paid owes nothing here


def test_pieces_added_meanwhile_are_open_and_removed_ones_take_their_marks_along() -> None:
    order = an_order(2, 1)
    state, _asked = press(began(order), order, "1", "2", "1")
    more = an_order(2, 1, 3)
    assert refresh_split(state, more).open_pieces == 3
    less = an_order(1, 1)
    assert [one.row for one in refresh_split(state, less).gifts] == [1]


@given(
    st.lists(st.integers(1, 7), min_size=1, max_size=5),
    st.sampled_from(["0.01", "0.05", "33.33", "40.00"]),
    st.lists(st.sampled_from([*"0123456789", "plus", "up", "down", "backspace"]), max_size=25),
)
def test_shares_of_one_order_sum_to_it_and_no_piece_is_lost(pieces: list[int], price: str, keys: list[str]) -> None:
    order = an_order(*pieces, price=price)
    state, _asked = press(began(order), order, *keys)
    owed, open_ = shares_of(state, order)
    assert sum(owed) + open_ == order.total
    assert min(owed, default=0) >= 0
    assert sum(one.pieces for one in state.gifts) + state.open_pieces == sum(pieces)
    assert all(state.left(row) >= 0 for row in range(len(pieces)))
    if not state.open_pieces:
        assert open_ == 0
    assert all(one.guest != SHARED for one in state.with_shares().gifts)


def test_enter_is_named_only_where_it_pays() -> None:
    order = an_order(2, 1)
    facts = facts_of(order)
    assert bar(began(order), facts).primary is None
    given, _asked = press(began(order), order, "1")
    assert bar(given, facts).primary == KeyView("Enter", "Pay guest 1 0.00", "Pay 1: 0.00")
    assert bar(replace(given, manner=Manner.AMOUNT), facts).primary is not None
