from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.errors import AmountError
from till.domain.money.amount import Currency, spread
from till.domain.money.measures import Minor, Price4, sum_of
from till.domain.money.rounding import divide_and_round

INR, GBP, JPY, BHD = Currency("INR"), Currency("GBP"), Currency("JPY"), Currency("BHD")
amounts = st.integers(-(10**12), 10**12)


@pytest.mark.parametrize(
    ("currency", "minor", "text"),
    [
        (INR, 24000, "240.00"),
        (INR, -5, "-0.05"),
        (GBP, 0, "0.00"),
        (JPY, 1200, "1200"),
        (JPY, -1, "-1"),
        (BHD, 1250, "1.250"),
        (BHD, 7, "0.007"),
    ],
)
def test_an_amount_is_written_for_machines(currency: Currency, minor: Minor, text: str) -> None:
    assert currency.text(minor) == text
    assert currency.minor(text) == minor


@pytest.mark.parametrize(
    ("currency", "typed", "minor"),
    [
        (INR, "40", 4000),
        (INR, "40.5", 4050),
        (INR, ".5", 50),
        (INR, " 12.50 ", 1250),
        (INR, "12.500", 1250),
        (INR, "−3.20", -320),
        (INR, "+3.20", 320),
        (JPY, "500", 500),
        (JPY, "500.00", 500),
        (BHD, "0.125", 125),
    ],
)
def test_an_amount_is_read_as_it_is_typed(currency: Currency, typed: str, minor: int) -> None:
    assert currency.minor(typed) == minor


@pytest.mark.parametrize(
    "typed", ["", ".", "-", "1.", "1,50", "12.345", "1e3", "٣", "1 000", "NaN", "0x10", "--1", "₹5"]
)
def test_an_invalid_amount_is_refused(typed: str) -> None:
    with pytest.raises(AmountError):
        INR.minor(typed)


def test_an_amount_refused_is_named_and_cut_short() -> None:
    with pytest.raises(AmountError, match=r"^“ten” is not an amount. Type it like 12.50.$"):
        INR.minor("ten")
    with pytest.raises(AmountError) as refused:
        INR.minor("9" * 5000)
    assert len(refused.value.sentence) < 100


def test_yen_have_no_smaller_coin() -> None:
    with pytest.raises(AmountError, match="more decimals"):
        JPY.minor("1.5")


def test_an_amount_may_be_all_that_an_order_comes_to() -> None:
    dong = Currency("VND")
    assert dong.minor("12500000") == 12_500_000
    assert INR.minor("15998400.00") == 1_599_840_000


@pytest.mark.parametrize("typed", ["4006381333931", "10000001"])
def test_a_barcode_is_no_price(typed: str) -> None:
    assert INR.price4("10000000.9999") == 100_000_009_999
    with pytest.raises(AmountError, match="too much for one entry"):
        INR.price4(typed)


def test_currencies_have_the_decimals_of_the_standard() -> None:
    """ISO 4217 lists sixteen currencies without a minor unit and seven with a thousandth."""
    without = "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF"
    of_three = "BHD IQD JOD KWD LYD OMR TND"
    for exponent, codes in ((0, without), (2, "INR GBP EUR USD CHF SEK XTS"), (3, of_three)):
        for code in codes.split():
            assert (Currency(code).exponent, Currency(code).scale) == (exponent, 10**exponent), code


@pytest.mark.parametrize(
    ("currency", "price4", "text"),
    [
        (INR, 400_000, "40.00"),
        (INR, 125, "0.0125"),
        (INR, 1250, "0.125"),
        (JPY, 1_200_000, "120"),
        (JPY, 1_205_000, "120.5"),
        (BHD, 12_500, "1.250"),
        (BHD, 12_505, "1.2505"),
        (GBP, -2_000, "-0.20"),
    ],
)
def test_a_unit_price_keeps_up_to_four_decimals(currency: Currency, price4: Price4, text: str) -> None:
    assert currency.price_text(price4) == text
    assert currency.price4(text) == price4


@given(st.integers(-(10**11), 10**11), st.sampled_from([INR, JPY, BHD]))
def test_amounts_and_prices_come_back_from_their_text(value: int, currency: Currency) -> None:
    assert currency.minor(currency.text(Minor(value))) == value
    assert currency.price4(currency.price_text(Price4(value))) == value


@pytest.mark.parametrize(
    ("top", "bottom", "nearest"),
    [
        (5, 10, 1),
        (-5, 10, -1),
        (4, 10, 0),
        (-4, 10, 0),
        (15, 10, 2),
        (25, 10, 3),
        (-25, 10, -3),
        (0, 7, 0),
        (14, 10, 1),
    ],
)
def test_halves_go_away_from_zero(top: int, bottom: int, nearest: int) -> None:
    assert divide_and_round(top, bottom) == nearest


@pytest.mark.parametrize(
    ("currency", "exact", "minor"),
    [
        (INR, "1.005", 101),
        (INR, "1.0049", 100),
        (INR, "-1.005", -101),
        (JPY, "1.5", 2),
        (JPY, "1200.4999", 1200),
        (BHD, "1.2345", 1235),
    ],
)
def test_a_sum_of_fine_prices_is_nearest_in_minor_units(currency: Currency, exact: str, minor: int) -> None:
    assert currency.nearest(Decimal(exact)) == minor


@given(amounts, st.integers(1, 10**9))
def test_a_return_rounds_as_the_mirror_of_its_sale(top: int, bottom: int) -> None:
    assert divide_and_round(-top, bottom) == -divide_and_round(top, bottom)
    assert abs(divide_and_round(top, bottom) * bottom - top) * 2 <= bottom


@pytest.mark.parametrize(
    ("currency", "price4", "quantity", "minor"),
    [
        (GBP, 125, 1, 1),  # 0.0125
        (GBP, 125, 2, 3),  # 0.025, up
        (GBP, 125, -2, -3),
        (JPY, 1_205_000, 1, 121),
        (BHD, 15, 1, 2),  # 0.0015
        (INR, 400_000, 3, 12_000),
    ],
)
def test_pieces_at_a_fine_price_round_once(currency: Currency, price4: Price4, quantity: int, minor: int) -> None:
    assert currency.amount_of(price4, quantity) == minor


@given(amounts, st.lists(st.integers(-(10**9), 10**9), min_size=1, max_size=12))
def test_shares_sum_to_what_was_shared(total: Minor, weights: list[int]) -> None:
    assert sum_of(spread(total, weights)) == total


@given(amounts, st.lists(st.integers(0, 10**9), min_size=1, max_size=12).filter(any))
def test_each_share_is_within_one_of_what_is_exact(total: Minor, weights: list[int]) -> None:
    for share, weight in zip(spread(total, weights), weights, strict=True):
        assert abs(share * sum(weights) - total * weight) < sum(weights)


@given(amounts, st.lists(st.integers(-(10**6), 10**6), min_size=1, max_size=8))
def test_a_refund_is_shared_as_the_mirror_of_the_sale(total: Minor, weights: list[int]) -> None:
    assert spread(Minor(-total), weights) == [-share for share in spread(total, weights)]


def test_shares_go_to_the_largest_remainders_then_to_the_earlier() -> None:
    assert spread(Minor(100), [1, 1, 1]) == [34, 33, 33]
    assert spread(Minor(10), [1, 5, 4]) == [1, 5, 4]
    assert spread(Minor(1), [0, 1, 1]) == [0, 1, 0]
    assert spread(Minor(5), [0, 0]) == [3, 2]
    assert spread(Minor(5), []) == []
