"""Parts of a sale: each number stays between zero and what is left, and all of them add up."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.money.measures import Minor
from till.domain.refund.parts import Part, TaxName, adjust_parts, limit, limit_part

GST, VAT, CITY = TaxName("GST", "5"), TaxName("VAT", "19"), TaxName("City", "3.33", added=True)


def part(amount: int, net: int, **taxes: tuple[int, int]) -> Part:
    """A part with taxes by name: the net that each is charged on, and the tax."""
    names = {"gst": GST, "vat": VAT, "city": CITY}
    return Part(Minor(amount), Minor(net), {names[name]: (Minor(of), Minor(tax)) for name, (of, tax) in taxes.items()})


@pytest.mark.parametrize(
    ("wanted", "bound", "kept"),
    [
        (5, 7, 5), (7, 7, 7), (8, 7, 7), (0, 7, 0), (-1, 7, 0), (0, 0, 0), (1, 0, 0), (-1, 0, 0),
        (-5, -7, -5), (-7, -7, -7), (-8, -7, -7), (1, -7, 0),
    ],
)  # fmt: skip
def test_a_number_stays_between_zero_and_its_bound(wanted: int, bound: int, kept: int) -> None:
    assert limit(wanted, bound) == kept


def test_tax_and_rounding_are_what_an_amount_has_beside_its_net() -> None:
    one = part(1_000, 900, gst=(500, 40), vat=(400, 50))
    assert (one.tax, one.rounding) == (90, 10)


@pytest.mark.parametrize(
    ("wanted", "left", "kept"),
    [
        # all that is left, whatever was wanted of it
        (part(100, 90, gst=(90, 10)), part(100, 95, gst=(95, 4)), part(100, 95, gst=(95, 4))),
        # it fits
        (part(50, 45, gst=(45, 5)), part(100, 90, gst=(90, 10)), part(50, 45, gst=(45, 5))),
        # a tax that is too small: the net makes up for it
        (part(50, 40, gst=(40, 10)), part(100, 96, gst=(90, 4)), part(50, 46, gst=(40, 4))),
        # a net that is too small: the tax makes up for it
        (part(50, 45, gst=(45, 5)), part(100, 42, gst=(42, 58)), part(50, 42, gst=(42, 8))),
        # a tax of which the rest has no more, and one that was not wanted
        (part(50, 40, city=(40, 10)), part(100, 45, gst=(45, 55)), part(50, 45, city=(0, 0), gst=(0, 5))),
        # rounding stays with the rest as far as the rest has it
        (part(50, 48), part(100, 99), part(50, 49)),
        (part(50, 52), part(100, 102), part(50, 52)),
        (part(99, 99), part(100, 98), part(99, 98)),
        (part(50, 50), part(100, 103), part(50, 50)),
        (part(50, 53), part(100, 101), part(50, 51)),
        # a sale of returns alone is negative
        (part(-50, -45, gst=(-45, -5)), part(-100, -90, gst=(-90, -10)), part(-50, -45, gst=(-45, -5))),
        (part(-50, -40, gst=(-40, -10)), part(-100, -96, gst=(-96, -4)), part(-50, -46, gst=(-40, -4))),
    ],
)
def test_a_part_takes_no_more_than_is_left_of_anything(wanted: Part, left: Part, kept: Part) -> None:
    assert limit_part(wanted, left) == kept


_SMALL = st.integers(0, 60)


@given(_SMALL, _SMALL, _SMALL, st.integers(-5, 5), st.integers(1, 99), st.integers(-9, 9), st.integers(-9, 9))
def test_limited_parts_add_up_and_leave_a_part(
    net: int, gst: int, vat: int, rounding: int, share: int, off_net: int, off_tax: int
) -> None:
    left = part(max(1, net + gst + vat + rounding), net, gst=(net, gst), vat=(net, vat))
    amount = left.amount * share // 100
    wanted = part(
        amount, max(0, net * share // 100 + off_net), gst=(net, max(0, gst * share // 100 + off_tax)), city=(net, 3)
    )
    kept = limit_part(wanted, left)
    assert (kept.amount, kept.net + kept.tax + kept.rounding) == (amount, amount)
    assert 0 <= kept.net <= net
    assert all(limit(tax, left.taxes.get(name, (0, 0))[1]) == tax for name, (_net, tax) in kept.taxes.items())
    assert min(0, left.rounding) <= kept.rounding <= max(0, left.rounding)


@pytest.mark.parametrize(
    ("parts", "whole", "rows"),
    [
        # parts that add up stay
        (
            [part(60, 55, gst=(55, 5)), part(40, 36, gst=(36, 4))],
            part(100, 91, gst=(91, 9)),
            [part(60, 55, gst=(55, 5)), part(40, 36, gst=(36, 4))],
        ),
        # a smaller whole is spread in their proportion
        (
            [part(60, 54, gst=(54, 6)), part(30, 27, gst=(27, 3))],
            part(30, 27, gst=(27, 3)),
            [part(20, 18, gst=(54, 2)), part(10, 9, gst=(27, 1))],
        ),
        # a tax that only one row has stays there, and one that no row knows follows the amounts
        (
            [part(60, 54, vat=(54, 6)), part(30, 30)],
            part(90, 75, vat=(54, 6), city=(0, 9)),
            [part(60, 48, vat=(54, 6), city=(0, 6)), part(30, 27, city=(0, 3))],
        ),
        # a tax of which the whole has none is in no row either
        (
            [part(60, 54, vat=(54, 6)), part(30, 30)],
            part(90, 90, vat=(54, 0)),
            [part(60, 58, vat=(54, 0)), part(30, 32)],
        ),
        # a tax of nothing keeps its net, and none is named where a row has neither
        (
            [part(60, 60, vat=(54, 0)), part(30, 30)],
            part(90, 90, vat=(54, 0), gst=(0, 0)),
            [part(60, 60, vat=(54, 0)), part(30, 30)],
        ),
    ],
)
def test_rows_are_fitted_to_the_whole_refund(parts: list[Part], whole: Part, rows: list[Part]) -> None:
    assert adjust_parts(parts, whole) == rows
