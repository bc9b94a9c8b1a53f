"""Terms and taxes of every kind, for properties that hold under any law."""

from __future__ import annotations

from fractions import Fraction

from hypothesis import strategies as st

from till.domain.money.amount import Currency
from till.domain.money.measures import Millionths, Minor
from till.domain.money.rounding import Direction
from till.domain.money.settling import PaidRounding
from till.domain.money.tax import Tax
from till.domain.order.terms import ChargeRule, Terms

_RATES = st.sampled_from([0, 50_000, 88_750, 200_000]).map(Millionths)
_FLAG = st.booleans()
_INCLUDED = st.none() | st.booleans()

#: Rates in the price and added, one on another, and amounts a piece: no more than a receipt has room for.
groups_ = st.lists(
    st.one_of(
        st.builds(Tax, st.sampled_from(["VAT", "City"]), _RATES, st.none(), _INCLUDED, _FLAG, _FLAG),
        st.builds(
            Tax,
            st.just("Deposit"),
            st.just(Millionths(0)),
            st.sampled_from([Fraction(25), Fraction(1, 2)]),
            _INCLUDED,
            _FLAG,
            st.just(True),
        ),
    ),
    max_size=3,
    unique_by=lambda tax: tax.name,
).map(tuple)

roundings_ = st.builds(
    PaidRounding,
    st.sampled_from([Minor(5), Minor(10), Minor(100)]),
    st.sampled_from([Direction.HALF_UP, Direction.HALF_DOWN, Direction.DOWN]),
    st.sampled_from([Minor(0), Minor(20)]),
    _FLAG,
    st.sampled_from([frozenset[str](), frozenset({"voucher"})]),
)

charges_ = st.builds(
    ChargeRule, st.sampled_from([100_000, 125_000]).map(Millionths), groups_, st.sampled_from([(), ("dine_in",)]), _FLAG
)

terms_ = st.builds(
    Terms,
    st.sampled_from([Currency("GBP"), Currency("JPY"), Currency("BHD")]),
    included=_FLAG,
    by_order=_FLAG,
    direction=st.sampled_from([Direction.HALF_UP, Direction.UP, Direction.DOWN]),
    of_sum=_FLAG,
    rounding=st.none() | roundings_,
    charge=st.none() | charges_,
)
