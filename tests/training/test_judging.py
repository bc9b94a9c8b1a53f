"""Orders against what their guests asked for, and the score of a drill: by tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.register.conftest import Till
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH
from till.training.guests import CARD, Pays, Want
from till.training.judging import DrillVerdict, Figures, KeyedLine, judge_lines, judge_money

if TYPE_CHECKING:
    from collections.abc import Sequence

IDLY, DOSA = "item-1", "item-2"


def line(item: str, pieces: int, *notes: str) -> KeyedLine:
    return KeyedLine(item, {IDLY: "Idly", DOSA: "Masala Dosa"}[item], pieces, frozenset(notes))


def want(item: str, pieces: int, *notes: str) -> Want:
    return Want(item, {IDLY: "Idly", DOSA: "Masala Dosa"}[item], pieces, notes)


@pytest.mark.parametrize(
    ("keyed", "wants", "lines", "remarks"),
    [
        ([line(IDLY, 2)], [want(IDLY, 2)], 1, ()),
        ([line(IDLY, 1), line(IDLY, 1)], [want(IDLY, 2)], 1, ()),
        ([line(IDLY, 2)], [want(IDLY, 3)], 1, ("said three idly, two keyed",)),
        ([], [want(IDLY, 1)], 1, ("said one idly, 0 keyed",)),
        ([line(DOSA, 1)], [want(DOSA, 1, "no onion")], 1, ("asked for no onion: not noted",)),
        ([line(DOSA, 1, "no onion")], [want(DOSA, 1, "no onion")], 1, ()),
        ([line(DOSA, 1, "with no onion, please")], [want(DOSA, 1, "no onion")], 1, ()),
        ([line(DOSA, 1, "no onion"), line(DOSA, 2)], [want(DOSA, 2), want(DOSA, 1, "no onion")], 2, ()),
        (
            [line(DOSA, 3)],
            [want(DOSA, 2), want(DOSA, 1, "no onion", "large")],
            2,
            ("asked for no onion, large: not noted",),
        ),
        ([line(IDLY, 1), line(DOSA, 1)], [want(IDLY, 1)], 2, ("keyed masala dosa, not asked for",)),
    ],
)
def test_lines_are_compared_with_what_was_asked_for(
    keyed: Sequence[KeyedLine], wants: Sequence[Want], lines: int, remarks: tuple[str, ...]
) -> None:
    assert judge_lines(keyed, wants) == DrillVerdict(lines, remarks)


@pytest.mark.parametrize(
    ("tender", "keyed", "pays", "cash", "over"),
    [
        (CASH, 500_00, Pays(CASH, Minor(500_00)), (1, 0), 0),
        (CASH, 200_00, Pays(CASH, Minor(500_00)), (1, 1), 300_00),
        (CASH, 40_00, Pays(CASH, Minor(100_00)), (1, 1), 60_00),
        (CASH, 40_00, Pays(CARD), (1, 1), -40_00),
        (CARD, 40_00, Pays(CASH, Minor(100_00)), (1, 1), 100_00),
        (CARD, 40_00, Pays(CARD), (0, 0), 0),
    ],
)
def test_the_drawer_is_off_by_the_change_that_was_wrong(
    tender: str, keyed: int, pays: Pays, cash: tuple[int, int], over: int
) -> None:
    till = Till()
    order = till.register.checkout.pay(till.order(1).id, tender, Minor(keyed))
    verdict = judge_money(order, pays)
    assert (verdict.cash, verdict.over) == (cash, over)


@pytest.mark.parametrize(
    ("figures", "score"),
    [
        (Figures(), 0),
        (Figures(served=10, seconds=300, lines=20, cash=5), 100),
        (Figures(served=10, seconds=900, lines=20, cash=5), 50),
        (Figures(served=10, seconds=9_000, lines=20, cash=5), 50),
        (Figures(served=10, seconds=300, lines=20, wrong=5, cash=5), 75),
        (Figures(served=10, seconds=300, lines=20, cash=5, change=1), 80),
        (Figures(served=9, seconds=270, lines=20, cash=5, left=1), 90),
        (Figures(served=1, seconds=30, lines=1, wrong=4, cash=1, change=1), 0),
    ],
)
def test_the_score_falls_with_what_went_wrong(figures: Figures, score: int) -> None:
    assert figures.score == score


def test_type_of_an_order_and_of_a_line_is_judged_where_it_was_asked_for() -> None:
    line = KeyedLine("1", "Idly", 2, frozenset(), "dine_in")
    want = Want("1", "Idly", 2)
    assert not judge_lines([line], [want]).remarks
    assert not judge_lines([line], [want], "dine_in").remarks
    assert judge_lines([line], [want], "take_away").remarks == ("idly was take away, keyed as another type",)
    assert judge_lines([line], [Want("1", "Idly", 2, (), "take_away")], "dine_in").remarks == (
        "idly was take away, keyed as another type",
    )
