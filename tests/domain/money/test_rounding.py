"""The directions of rounding."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.money.amount import apportion, apportion_over
from till.domain.money.rounding import Direction, divide_and_round

UP, DOWN, HALF_UP, HALF_DOWN = Direction.UP, Direction.DOWN, Direction.HALF_UP, Direction.HALF_DOWN
numbers = st.integers(-(10**15), 10**15)
wholes = st.integers(1, 10**9)


@pytest.mark.parametrize(
    ("direction", "of_1_4", "of_1_5", "of_1_6"),
    [(UP, 2, 2, 2), (DOWN, 1, 1, 1), (HALF_UP, 1, 2, 2), (HALF_DOWN, 1, 1, 2)],
)
def test_each_direction(direction: Direction, of_1_4: int, of_1_5: int, of_1_6: int) -> None:
    assert [divide_and_round(n, 10, direction) for n in (14, 15, 16)] == [of_1_4, of_1_5, of_1_6]


@given(numbers, wholes, st.sampled_from(Direction))
def test_a_minus_goes_as_its_plus_and_what_is_whole_stays(number: int, whole: int, direction: Direction) -> None:
    assert divide_and_round(-number, whole, direction) == -divide_and_round(number, whole, direction)
    assert divide_and_round(number * whole, whole, direction) == number
    assert abs(divide_and_round(number, whole, direction) - Fraction(number, whole)) < 1


@given(numbers, wholes)
def test_up_is_never_nearer_to_nothing_and_down_never_further(number: int, whole: int) -> None:
    exact = abs(Fraction(number, whole))
    assert abs(divide_and_round(number, whole, DOWN)) <= exact <= abs(divide_and_round(number, whole, UP))


@given(st.lists(numbers, max_size=9), wholes, st.sampled_from(Direction))
def test_parts_sum_to_their_sum_rounded_once(shares: list[int], whole: int, direction: Direction) -> None:
    parts = apportion(shares, whole, direction)
    assert sum(parts) == divide_and_round(sum(shares), whole, direction)
    assert all(abs(part - Fraction(share, whole)) <= 1 for part, share in zip(parts, shares, strict=True))


@given(st.lists(numbers, max_size=5), wholes, st.sampled_from(Direction), st.booleans())
def test_parts_of_a_return_are_the_mirror_of_those_of_the_sale(
    shares: list[int], whole: int, direction: Direction, is_even: bool
) -> None:
    """Also where sales and returns come to nothing together."""
    shares = [*shares, -sum(shares)] if is_even else shares
    back = [-share for share in shares]
    assert apportion(back, whole, direction) == [-part for part in apportion(shares, whole, direction)]
    wholes_ = [whole + place for place in range(len(shares))]
    parts = apportion_over(shares, wholes_, direction)
    assert apportion_over(back, wholes_, direction) == [-part for part in parts]
    assert apportion_over(back, wholes_, direction, -sum(parts)) == [-part for part in parts]


def test_halves_that_come_to_nothing_go_to_the_first() -> None:
    for shares, parts in (([1, -1], [1, -1]), ([-1, 1], [-1, 1]), ([0, -1, 1], [0, -1, 1])):
        assert apportion(shares, 2) == apportion_over(shares, [2] * len(shares)) == parts


@given(st.lists(st.tuples(numbers, wholes), max_size=9), st.sampled_from(Direction))
def test_parts_of_many_wholes_are_those_of_one_that_is_common(
    fractions: list[tuple[int, int]], direction: Direction
) -> None:
    common = math.lcm(*(whole for _share, whole in fractions))
    shares = [share * (common // whole) for share, whole in fractions]
    parts = apportion_over([share for share, _whole in fractions], [whole for _share, whole in fractions], direction)
    assert parts == apportion(shares, common, direction)
