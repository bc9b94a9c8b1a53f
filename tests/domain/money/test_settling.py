"""Payment of an order, and the rounding of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.money.measures import Minor
from till.domain.money.rounding import Direction
from till.domain.money.settling import Misfit, PaidRounding, PaidWrongError, PaymentAmount, settle

NICKEL = PaidRounding(Minor(5))
BELGIUM = PaidRounding(Minor(5), nothing_up_to=Minor(5), bill=True, never=frozenset({"voucher"}))
FLOOR = PaidRounding(Minor(10), nothing_up_to=Minor(5), bill=True)
RUPEE = PaidRounding(Minor(100), bill=True)
NEW_ZEALAND = PaidRounding(Minor(10), Direction.HALF_DOWN)
SOUTH_AFRICA = PaidRounding(Minor(10), Direction.DOWN)


def _paid(*payments: tuple[str, int | None]) -> list[PaymentAmount]:
    return [PaymentAmount(tender, None if amount is None else Minor(amount)) for tender, amount in payments]


@pytest.mark.parametrize(
    ("total", "rule", "payments", "rounding"),
    [
        (1002, NICKEL, [], 0),
        (1002, NICKEL, [("cash", None)], -2),
        (1003, NICKEL, [("CASH", 2000)], 2),
        (1002, NICKEL, [("card", None)], 0),
        (1002, NICKEL, [("card", 500), ("cash", None)], -2),
        (1002, NICKEL, [("cash", 500), ("card", None)], 0),
        (1002, NICKEL, [("cash", 500), ("cash", None)], -2),
        (1002, NICKEL, [("cash", 500)], 0),  # it does not pay the rest
        (1002, NICKEL, [("card", 1001), ("cash", None)], -1),
        (998, NICKEL, [("cash", 998)], 2),
        (-1002, NICKEL, [("cash", None)], 2),
        (-1002, NICKEL, [("cash", -1002)], 2),  # rounded like the sale
        (-998, NICKEL, [("cash", -998)], -2),
        (2, NICKEL, [("cash", 0)], -2),
        (2, NICKEL, [("cash", 5)], -2),
        (2, NICKEL, [("cash", 1)], -2),
        (-2, NICKEL, [("cash", -2)], 2),
        (0, NICKEL, [("cash", None)], 0),
        (1002, None, [("cash", None)], 0),
        (10_050, RUPEE, [], 50),
        (10_049, RUPEE, [], -49),
        (10_049, RUPEE, [("upi", None)], -49),
        (10_049, RUPEE, [("card", 5000)], -49),
        (1003, BELGIUM, [("voucher", None)], 0),
        (1003, BELGIUM, [("voucher", 500), ("card", None)], 2),
        (1003, BELGIUM, [("card", 500), ("Voucher", None)], 0),
        (1003, BELGIUM, [("voucher", 999), ("cash", None)], 0),  # 0.04 is under the floor
        (5, BELGIUM, [], 0),
        (6, BELGIUM, [], -1),
        (-5, BELGIUM, [], 0),
        (5, FLOOR, [], 0),
        (6, FLOOR, [], 4),
        (-5, FLOOR, [], 0),
        (-6, BELGIUM, [], 1),
        (2, PaidRounding(Minor(2), Direction.UP), [("cash", None)], 0),
        (3, PaidRounding(Minor(2), Direction.UP), [("cash", None)], 1),
        (3, PaidRounding(Minor(1), Direction.UP), [("cash", None)], 0),
        (1005, NEW_ZEALAND, [("cash", None)], -5),
        (1006, NEW_ZEALAND, [("cash", None)], 4),
        (1002, NICKEL, [("cash", 501), ("cash", None)], -2),  # of what is paid in cash, not of the rest
        (1002, NICKEL, [("cash", 501), ("card", None)], 0),
        (1003, NICKEL, [("card", 502), ("cash", 100), ("cash", None)], -1),
        (1002, PaidRounding(Minor(5), never=frozenset({"cash"})), [("CASH", None)], 0),
        (1003, BELGIUM, [("card", 501), ("voucher", None)], 0),
        (1009, SOUTH_AFRICA, [("cash", None)], -9),
        (-1009, SOUTH_AFRICA, [("cash", None)], 9),
    ],
)
def test_the_amount_paid_is_rounded(
    total: Minor, rule: PaidRounding | None, payments: list[tuple[str, int | None]], rounding: int
) -> None:
    assert settle(total, rule, _paid(*payments)).rounding == rounding


def test_a_tip_is_part_of_its_payment_and_never_of_the_total() -> None:
    settled = settle(Minor(1002), NICKEL, [PaymentAmount("cash", Minor(2000), Minor(150))])
    assert settled == (-2, 850, 150)
    assert settle(Minor(1002), NICKEL, [PaymentAmount("card", None, Minor(150))]) == (0, 0, 150)
    assert settle(
        Minor(1002), NICKEL, [PaymentAmount("card", None), PaymentAmount("cash", Minor(200), Minor(200))]
    ) == (0, 0, 200)
    both = [PaymentAmount("card", Minor(550), Minor(50)), PaymentAmount("cash", Minor(700), Minor(20))]
    assert settle(Minor(1002), NICKEL, both) == (-2, 180, 70)


@pytest.mark.parametrize(
    ("total", "payments", "place", "misfit", "due"),
    [
        (1000, [("card", 1001)], 0, Misfit.TOO_MUCH, 1000),
        (1002, [("card", 1), ("card", 1002)], 1, Misfit.TOO_MUCH, 1001),
        (1000, [("cash", None), ("cash", 1)], 1, Misfit.NOTHING_DUE, 0),
        (1002, [("cash", 1000), ("card", 2)], 1, Misfit.NOTHING_DUE, 0),
        (1000, [("cash", 2000), ("cash", -500)], 1, Misfit.NOTHING_DUE, 0),  # its change is given back already
        (1002, [("cash", -500)], 0, Misfit.OTHER_WAY, 1000),
        (1000, [("cash", 0)], 0, Misfit.OTHER_WAY, 1000),
        (-1000, [("cash", 500)], 0, Misfit.OTHER_WAY, -1000),
        (-1000, [("cash", -2000)], 0, Misfit.TOO_MUCH, -1000),
        # an amount that is rounded away is due in either direction, until something pays it
        (2, [("cash", -1)], 0, Misfit.OTHER_WAY, 0),
        (-2, [("cash", 1)], 0, Misfit.OTHER_WAY, 0),
        (-2, [("cash", -1)], 0, Misfit.TOO_MUCH, 0),
    ],
)
def test_a_payment_that_does_not_fit_is_refused(
    total: Minor, payments: list[tuple[str, int | None]], place: int, misfit: Misfit, due: int
) -> None:
    with pytest.raises(PaidWrongError) as refused:
        settle(total, NICKEL, _paid(*payments))
    assert (refused.value.place, refused.value.misfit, refused.value.due) == (place, misfit, due)


@pytest.mark.parametrize(("total", "amount", "tip"), [(1000, 100, 101), (-1000, -1000, 1), (-1000, -500, 500)])
def test_a_tip_is_never_more_than_its_payment_and_never_on_money_that_goes_back(
    total: Minor, amount: Minor, tip: Minor
) -> None:
    with pytest.raises(PaidWrongError) as refused:
        settle(total, None, [PaymentAmount("card", amount, tip)])
    assert refused.value.misfit is Misfit.TIP_TOO_LARGE


rules = st.builds(
    PaidRounding,
    st.integers(1, 100).map(Minor),
    st.sampled_from([Direction.HALF_UP, Direction.HALF_DOWN, Direction.DOWN]),
    st.integers(0, 10).map(Minor),
    st.booleans(),
    st.sampled_from([frozenset(), frozenset({"voucher"})]),
)
parts = st.lists(st.tuples(st.sampled_from(["cash", "card", "voucher"]), st.integers(1, 10**4)), max_size=4)


def _due(total: Minor, rule: PaidRounding | None, paid: list[PaymentAmount], tender: str) -> int:
    """Return the amount that a next payment would need, from the outcome of a far larger one."""
    try:
        return 10**9 - settle(total, rule, [*paid, PaymentAmount(tender, Minor(10**9))]).change
    except PaidWrongError as refused:
        return refused.due


@given(
    st.integers(1, 10**5).map(Minor),
    st.none() | rules,
    st.lists(
        st.tuples(st.sampled_from(["cash", "card", "voucher"]), st.integers(1, 99), st.integers(0, 9)), max_size=3
    ),
    st.sampled_from(["cash", "card", "voucher"]),
    st.integers(0, 500),
)
def test_parts_the_rest_and_the_tips_less_the_change_are_what_the_sale_comes_to(
    total: Minor, rule: PaidRounding | None, some: list[tuple[str, int, int]], last: str, more: int
) -> None:
    paid = list[PaymentAmount]()
    for tender, percent, tip in some:
        if amount := _due(total, rule, paid, tender) * percent // 100:
            paid.append(PaymentAmount(tender, Minor(amount + tip), Minor(tip)))
    if not (rest := _due(total, rule, paid, last)):
        return  # less is left than the last tender takes
    paid.append(PaymentAmount(last, Minor(rest + (more if last == "cash" else 0))))
    settled = settle(total, rule, paid)
    assert sum(one.amount or 0 for one in paid) == total + settled.rounding + settled.tips + settled.change
    assert settled.tips == sum(one.tip for one in paid)
    assert settled.change == (more if last == "cash" else 0)
    with pytest.raises(PaidWrongError) as refused:
        settle(total, rule, [*paid, PaymentAmount("card", Minor(1))])
    assert (refused.value.misfit, refused.value.due) == (Misfit.NOTHING_DUE, 0)


@given(st.integers(-(10**5), 10**5).map(Minor), st.none() | rules, parts, st.sampled_from(["cash", "card", "voucher"]))
def test_payments_less_change_are_total_rounding_and_tips(
    total: Minor, rule: PaidRounding | None, some: list[tuple[str, int]], last: str
) -> None:
    try:
        settled = settle(total, rule, [*_paid(*some), PaymentAmount(last, None, Minor(7))])
    except PaidWrongError:
        return
    alone = settle(total, rule, _paid(*some))
    assert settled.tips == 7
    assert settled.rounding == 0 or rule is not None
    if rule is not None:
        assert abs(settled.rounding) < rule.step
    if alone.change:  # cash paid the rest before: what follows changes nothing
        assert settled.rounding == alone.rounding
    if not some and rule is not None and rule.touches(last):
        asked = total + settled.rounding
        assert asked % rule.step == 0 or abs(total) <= rule.nothing_up_to
