import subprocess
import sys
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from till.domain.errors import AmountError
from till.domain.money.amount import Currency
from till.domain.money.formats import Formats, looked_up, marks_of
from till.domain.money.marks import TABLE
from till.domain.money.measures import Minor, Price4, Thousandths
from till.domain.text import Repertoire


@pytest.mark.parametrize(
    ("currency", "locale", "minor", "amount", "money"),
    [
        ("INR", "en_IN", 24_000, "240.00", "₹240.00"),
        ("INR", "en_IN", 1_234_567_890, "1,23,45,678.90", "₹1,23,45,678.90"),
        ("INR", "hi_IN", 12_345_600, "1,23,456.00", "₹1,23,456.00"),
        ("GBP", "en_GB", 123_456_789, "1,234,567.89", "£1,234,567.89"),
        ("GBP", "en_GB", -9_550, "−95.50", "−£95.50"),
        ("EUR", "de_DE", 123_456, "1.234,56", "1.234,56\xa0€"),
        ("EUR", "de", 620, "6,20", "6,20\xa0€"),
        ("EUR", "de", -620, "−6,20", "−6,20\xa0€"),
        ("EUR", "nl", 620, "6,20", "€\xa06,20"),
        ("EUR", "he", 620, "6.20", "6.20\xa0€"),
        ("CHF", "de_CH", 123_456, "1’234.56", "CHF\xa01’234.56"),
        ("JPY", "ja_JP", 1_234_567, "1,234,567", "¥1,234,567"),
        ("BHD", "en", 1_234_567, "1,234.567", "BHD\xa01,234.567"),
        ("GBP", "xx_nowhere", 123_456, "1,234.56", "£1,234.56"),
        ("GBP", "", 5, "0.05", "£0.05"),
        ("GBP", "en_GB", 0, "0.00", "£0.00"),
    ],
)
def test_an_amount_reads_as_people_there_write_it(
    currency: str, locale: str, minor: Minor, amount: str, money: str
) -> None:
    formats = Formats(Currency(currency), marks_of(locale))
    assert formats.amount(minor) == amount
    assert formats.money(minor) == money


@pytest.mark.parametrize("locale", ["en", "en_IN", "de_CH", "fr_FR", "es_PE", "zh_Hant_TW", "zh_TW", "de_IN", "xx"])
def test_the_marks_of_a_locale_are_those_of_babel(locale: str) -> None:
    assert marks_of(locale) == looked_up(locale)


def test_a_till_of_a_known_locale_holds_no_babel() -> None:
    look = "from till.domain.money.formats import marks_of; marks_of('en_IN'); import sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, check=True)
    assert "babel" not in done.stdout.split()


@pytest.mark.parametrize(
    ("currency", "locale", "price4", "price"),
    [
        ("INR", "en_IN", 400_000, "40.00"),
        ("GBP", "en_GB", 125, "0.0125"),
        ("GBP", "en_GB", -2_000, "−0.20"),
        ("GBP", "en_GB", -125, "−0.0125"),
        ("EUR", "de_DE", 125, "0,0125"),
        ("EUR", "de_DE", 12_345_678, "1.234,5678"),
        ("JPY", "ja_JP", 1_205_000, "120.5"),
    ],
)
def test_a_price_shows_the_decimals_it_has(currency: str, locale: str, price4: Price4, price: str) -> None:
    assert Formats(Currency(currency), marks_of(locale)).price(price4) == price


@given(st.integers(-(10**14), 10**14), st.sampled_from(["INR", "GBP", "JPY", "BHD"]))
def test_no_digit_is_lost_to_a_locale(minor: Minor, code: str) -> None:
    currency = Currency(code)
    shown = Formats(currency, marks_of("en_IN")).amount(minor).replace(",", "").replace("−", "-")
    assert currency.minor(shown) == minor


@pytest.mark.parametrize(
    ("currency", "locale", "typed", "minor"),
    [
        ("INR", "en_IN", "1,000", 100_000),
        ("INR", "en_IN", "2,04,777.50", 20_477_750),
        ("INR", "en_IN", " -1,000 ", -100_000),
        ("INR", "en_IN", "12.5", 1_250),
        ("GBP", "en_GB", "1,234,567.89", 123_456_789),
        ("EUR", "de_DE", "1.234,56", 123_456),
        ("EUR", "de_DE", "12,50", 1_250),
        ("EUR", "de_DE", "12.50", 1_250),
        ("EUR", "fr_FR", "1 234,56", 123_456),
        ("CHF", "de_CH", "1’234.56", 123_456),
    ],
)
def test_an_amount_is_read_as_the_till_writes_it(currency: str, locale: str, typed: str, minor: int) -> None:
    formats = Formats(Currency(currency), marks_of(locale))
    assert formats.minor(typed) == minor
    assert formats.price4(typed) == minor * 100


@pytest.mark.parametrize(
    "typed", ["1,50", "1,00", "1,0000", ",100", "100,", "1,,000", "20,4777", "12,5.0", "1,000,000"]
)
def test_a_comma_that_marks_no_thousands_is_no_amount(typed: str) -> None:
    formats = Formats(Currency("INR"), marks_of("en_IN"))
    for read in (formats.minor, formats.price4):
        with pytest.raises(AmountError, match=r"is not an amount\. Type it like 12\.50\."):
            read(typed)
    with pytest.raises(AmountError):
        Formats(Currency("GBP"), marks_of("en_GB")).minor("2,04,777")


def test_a_refusal_gives_its_example_as_it_is_typed_here() -> None:
    with pytest.raises(AmountError, match=r"Type it like 12,50\."):
        Formats(Currency("EUR"), marks_of("de")).minor("2,50,")


def test_an_amount_of_a_record_is_written_as_people_write_it() -> None:
    formats = Formats(Currency("EUR"), marks_of("de"))
    assert (formats.written("1240.00"), formats.written("0.0125"), formats.written("-3")) == (
        "1.240,00",
        "0,0125",
        "−3,00",
    )
    assert formats.written("123456789012.50") == "123.456.789.012,50"


@given(st.integers(-(10**14), 10**14), st.sampled_from(["en_IN", "en_GB", "de_DE", "fr_FR", "de_CH"]))
def test_an_amount_as_the_till_writes_it_reads_the_same(minor: Minor, locale: str) -> None:
    formats = Formats(Currency("EUR"), marks_of(locale))
    assert formats.minor(formats.amount(minor)) == minor


@pytest.mark.parametrize(
    ("pieces", "measure", "unit", "quantity"),
    [
        (3, None, "", "3"),
        (-3, None, "kg", "−3"),
        (1, 335, "kg", "0.335 kg"),
        (2, 12_005, "kg", "2 × 12.005 kg"),
        (-1, 335, "l", "−0.335 l"),
        (-2, 335, "", "−2 × 0.335"),
        (0, 335, "kg", "0 × 0.335 kg"),
    ],
)
def test_a_quantity_is_of_pieces_or_of_their_measure(
    pieces: int, measure: Thousandths | None, unit: str, quantity: str
) -> None:
    assert Formats(Currency("INR"), marks_of("en_IN")).quantity(pieces, measure, unit) == quantity


def test_prices_name_their_unit_and_their_sign_where_they_are_added() -> None:
    formats = Formats(Currency("EUR"), marks_of("de"))
    assert formats.point == ","
    assert formats.measure(Thousandths(1_050)) == "1,050"
    assert formats.price(Price4(8_990_000), "kg") == "899,00/kg"
    added = [formats.added(Price4(price)) for price in (200_000, 1, 0, -1, -200_000)]
    assert added == ["+20,00", "+0,0001", "", "−0,0001", "−20,00"]


@pytest.mark.parametrize(
    ("currency", "locale", "amount", "money", "negative"),
    [
        ("INR", "en_IN", "1,23,456.50", "Rs 1,23,456.50", "-Rs 1,23,456.50"),
        ("GBP", "en_GB", "123,456.50", "£123,456.50", "-£123,456.50"),
        ("EUR", "fr_FR", "123 456,50", "123 456,50 EUR", "-123 456,50 EUR"),
        ("CHF", "de_CH", "123'456.50", "CHF 123'456.50", "-CHF 123'456.50"),
    ],
)
def test_a_device_gets_the_characters_that_it_has(
    currency: str, locale: str, amount: str, money: str, negative: str
) -> None:
    here = Formats(Currency(currency), marks_of(locale))
    formats = here.on(Repertoire("cp437"))
    assert (formats.amount(Minor(12_345_650)), formats.money(Minor(12_345_650))) == (amount, money)
    assert formats.money(Minor(-12_345_650)) == negative
    assert formats.minor(amount) == here.minor(here.amount(Minor(12_345_650))) == 12_345_650


@pytest.mark.parametrize(
    ("locale", "day", "short"),
    [
        ("en_IN", "12/03/2026", "12/03"),
        ("en_US", "03/12/2026", "03/12"),
        ("de_DE", "12.03.2026", "12.03."),
        ("nl_NL", "12-03-2026", "12-03"),
        ("sv_SE", "2026-03-12", "03-12"),
        ("ja_JP", "2026/03/12", "03/12"),
    ],
)
def test_a_date_follows_the_locale(locale: str, day: str, short: str) -> None:
    formats, at = Formats(Currency("EUR"), marks_of(locale)), datetime(2026, 3, 12, 14, 5, tzinfo=UTC)
    assert (formats.day(at), formats.day_of("2026-03-12"), formats.day_and_month(at)) == (day, day, short)
    assert formats.moment(at) == f"{day} 14:05"


def test_a_date_has_ten_characters_in_every_locale_without_babel() -> None:
    for *_marks, locales in TABLE:
        formats = Formats(Currency("EUR"), marks_of(locales.split()[0]))
        assert len(formats.day(date(2026, 3, 12))) == 10, locales
