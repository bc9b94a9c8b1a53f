"""Rounding rules of authorities, worked through `python -m tools.quote`.

Each case names its source. Where an authority gives figures, they are its own; where it gives only a rule, the
figures were worked by hand. "trade" marks a rule that is found only in the trade.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

HMRC: Final = "HMRC VATREC12030: less than 0.5 of a penny is rounded down, 0.5 or more up"
RETAILERS: Final = "HMRC VATREC12020: a retailer rounds VAT of each line up and down to the nearest 1p"
QUEBEC: Final = "Revenu Québec, communiqué of 17 December 2012: QST before and from 1 January 2013"
QUEBEC_RATE: Final = "Revenu Québec, Calculating the Taxes: one rate of 14.975 %, half a cent counts as a cent"
PENNY: Final = "Canada Revenue Agency GI-131, example 7: $179 and 13 % HST, in cash and by card"
BALANCE: Final = "Canada Revenue Agency, Phasing out the penny, A1 and A3: the balance paid in cash; a refund in cash"
BUDGET: Final = "Government of Canada, Budget 2012, Rounding: a coffee and a sandwich with 5 %, in cash and by card"
VOUCHER: Final = (
    "Revenu Québec, tax news of 20 February 2012, example 1: GST and QST before 2013, a voucher pays a part"
)
COUPON: Final = (
    "New York, Tax Bulletin ST-140: a manufacturer's coupon pays and a store's takes off, 8 % on 1.00 and on 0.75"
)
SERVED: Final = "trade: Straits Times of 19 November 2006, by the IRAS: GST is on the charge for service too"
FILS: Final = "trade: ecabahrain.com, executive regulations of VAT, art. 55: to the nearest fils"
SSUTA: Final = "Streamlined Sales and Use Tax Agreement s. 324 (R.I. Gen. Laws 44-18.1-25; RCW 82.08.054)"
AUSTRALIA: Final = "A New Tax System (Goods and Services Tax) Act 1999, s. 9-90 (1) and (2)(a)"
MALAYSIA: Final = "trade: mrp.com.my, Calculating GST on tax invoices, examples 1 and 2"
INDIA: Final = "CGST Act s. 170: fifty paise or more is a rupee; GST e-invoice schema 1.1: RndOffAmt beside TotInvVal"
BELGIUM: Final = "economie.fgov.be, Mandatory rounding: cash to 5 cents, nothing at 5 cents or less"
BELGIUM_ALL: Final = "economie.fgov.be, FAQ: the total for every tender, but never meal, eco and gift vouchers"
IRELAND: Final = (
    "Central Bank of Ireland, Rounding, 28 October 2015: 1 and 2 down, 3 and 4 up, 6 and 7 down, 8 and 9 up"
)
SWEDEN: Final = "SE 1970:1029 s. 2; NO 2011-294: cash to the whole krone, half up"
DENMARK: Final = "trade: Casio V-REGI, Danish rounding: 0.25 to 0.74 is 0.50"
NEW_ZEALAND: Final = (
    "trade: NZ Retailers Association, by the Reserve Bank's Change for the Better: 1 to 5 down, 6 to 9 up"
)
SOUTH_AFRICA: Final = "trade: Casio V-REGI, South Africa: 0 to 4 is 0, 5 to 9 is 5"
JAPAN: Final = "trade: zeimueigo.blogspot.com on the qualified invoice: once for each rate, up, down or half up"
GERMANY: Final = "trade: VAT to the exact cent, half up, by line or by order"

IRAS: Final = "IRAS, Hotel and Food & Beverage, example 1: GST on the price with the charge for service"
SEN: Final = "Bank Negara Malaysia, Rounding Mechanism: the bill to 5 sen, by any means"
GUEST_CHECK: Final = "California BOE, Publication 115: a check of 13.70, and a tip of 15 % that no tax is on"
CONTAINER: Final = "Canada Revenue Agency, Returnable containers: a beverage and a deposit that no tax is on"
SLOVAKIA: Final = "trade: myblogwp.com on the law of 2022: cash to 5 cents, the part that is paid in cash"

DEAL: Final = "HMRC VATVAL04200: a meal deal of 10.00 is shared by the shelf prices, 4.00, 1.00, 1.00 and 4.00"
DISCOUNT: Final = "Texas Comptroller, STAR 200904303L: a tenth off a dress at 150 leaves 135 to be taxed"
ESTONIA: Final = "Eesti Pank, FAQ about the rounding rule: the basket of 30.76 is 30.75 in cash, its prices stay"
QUEBEC_CASH: Final = "Office de la protection du consommateur, Phasing out the penny: 5.98 and 5.97 after taxes"
ISRAEL: Final = "Bank of Israel, abolition of the 5 agorot coin: 17.04 is 17.00 in cash, 17.07 is 17.10, 5 goes up"
CHILE: Final = "trade: eldefinido.cl on law 20.956: in cash 1 to 5 goes down, 6 to 9 up; 766 is 770, 764 is 760"
HUNGARY: Final = "trade: bama.hu on the survey by the Magyar Nemzeti Bank: 7 goes down to 5"
GHANA: Final = "trade: builtaccounting.com: three levies on 1000, and VAT of 12.5 % on all of it"
SRI_LANKA: Final = "trade: induwara.lk, hotel bill: charge for service, two levies on both, VAT on all of it"
HAWAII: Final = "trade: geratools.com on the general excise tax of Honolulu, 4.712 % as it is passed on"

CGST: Final = {"A": [{"name": "CGST", "rate": "9"}, {"name": "SGST", "rate": "9"}]}
CITY: Final = {"A": [{"name": "STATE", "rate": "4"}, {"name": "CITY", "rate": "4.875"}]}
#: Levies on the price, none of which stands on another, and VAT that stands on all.
LEVIES: Final = [
    {"name": name, "rate": rate, "affects_later": True, "affected_by_earlier": False}
    for name, rate in (("NHIL", "2.5"), ("GETFund", "2.5"), ("COVID", "1"))
]
TOURISM: Final = [
    {"name": name, "rate": rate, "affects_later": True, "affected_by_earlier": False}
    for name, rate in (("TDL", "1"), ("SSCL", "2.5"))
]
CONSUMPTION: Final = {"A": [{"name": "JCT", "rate": "10"}], "B": [{"name": "JCT", "rate": "8"}]}


def _sold(*prices: str, tax: str | None = "A", **more: Any) -> dict[str, Any]:
    """A basket of one piece of each price."""
    lines = [{"unit_price": price, "quantity": 1, **({"tax": tax} if tax else {})} for price in prices]
    return {"prices_include_tax": False, "lines": lines, **more}


def _vat(rate: str, name: str = "VAT") -> dict[str, Any]:
    return {"A": [{"name": name, "rate": rate}]}


def _asked(amount: str, tender: str, step: str, **rule: Any) -> dict[str, Any]:
    """A basket of an amount without tax, paid in one tender, with a rule of rounding."""
    return _sold(amount, tax=None, rounding={"step": step, **rule}, payments=[{"tender": tender, "amount": "exact"}])


def _coins(source: str, currency: str, step: str, cases: dict[str, str], **rule: Any) -> list[Any]:
    """An amount paid in cash, and what is asked for."""
    return [
        (source, {"currency": currency, **_asked(amount, "cash", step, **rule)}, {"total": amount, "to_pay": asked})
        for amount, asked in cases.items()
    ]


WORKED = [
    # 20 % of 0.02 is 0.004; of 0.03 0.006; 1/6 of 0.03 is 0.005
    (HMRC, {"currency": "GBP", **_sold("0.02", taxes=_vat("20"))}, {"tax": "0.00"}),
    (HMRC, {"currency": "GBP", **_sold("0.03", taxes=_vat("20"))}, {"tax": "0.01"}),
    (
        HMRC,
        {"currency": "GBP", **_sold("0.03", taxes=_vat("20"), prices_include_tax=True)},
        {"tax": "0.01", "net": "0.02"},
    ),
    (
        RETAILERS,
        {"currency": "GBP", **_sold("9.99", "9.99", taxes=_vat("20"), prices_include_tax=True)},
        {"tax": "3.34", "net": "16.64"},  # 1.665 twice
    ),
    (
        QUEBEC,
        {
            "currency": "CAD",
            **_sold(
                "100", taxes={"A": [{"name": "GST", "rate": 5, "affects_later": True}, {"name": "QST", "rate": 9.5}]}
            ),
        },
        {"taxes": [("GST", "5", "100.00", "5.00"), ("QST", "9.5", "100.00", "9.98")], "total": "114.98"},
    ),
    (
        QUEBEC,
        {"currency": "CAD", **_sold("100", taxes={"A": [{"name": "GST", "rate": 5}, {"name": "QST", "rate": 9.975}]})},
        {"taxes": [("GST", "5", "100.00", "5.00"), ("QST", "9.975", "100.00", "9.98")], "total": "114.98"},
    ),
    (QUEBEC_RATE, {"currency": "CAD", **_sold("100", taxes=_vat("14.975", "GST/QST"))}, {"tax": "14.98"}),
    (
        PENNY,
        {
            "currency": "CAD",
            **_sold("179", taxes=_vat("13", "HST"), rounding={"step": "0.05"}),
            "payments": [{"tender": "cash", "amount": "exact"}],
        },
        {"tax": "23.27", "total": "202.27", "rounding": "-0.02", "to_pay": "202.25"},
    ),
    (
        PENNY,
        {
            "currency": "CAD",
            **_sold("179", taxes=_vat("13", "HST"), rounding={"step": "0.05"}),
            "payments": [{"tender": "card", "amount": "exact"}],
        },
        {"tax": "23.27", "rounding": "0.00", "to_pay": "202.27"},
    ),
    (
        BALANCE,
        {
            "currency": "CAD",
            **_sold("179", taxes=_vat("13", "HST"), rounding={"step": "0.05"}),
            "payments": [{"tender": "card", "amount": "100.01"}, {"tender": "cash", "amount": "exact"}],
        },
        {"rounding": "-0.01", "to_pay": "202.26"},  # the balance is 102.26, so 102.25
    ),
    (
        BALANCE,
        {
            "currency": "CAD",
            "prices_include_tax": False,
            "taxes": _vat("13", "HST"),
            "lines": [{"unit_price": "179", "quantity": -1, "tax": "A"}],
            "rounding": {"step": "0.05"},
            "payments": [{"tender": "cash", "amount": "exact"}],
        },
        {"tax": "-23.27", "rounding": "0.02", "to_pay": "-202.25"},
    ),
    *(
        (
            BUDGET,
            {
                "currency": "CAD",
                **_sold("1.83", "2.86", taxes=_vat("5", "GST"), rounding={"step": "0.05"}),
                "payments": [{"tender": tender, "amount": "exact"}],
            },
            {"total": "4.92", "to_pay": asked},
        )
        for tender, asked in (("cash", "4.90"), ("card", "4.92"))
    ),
    (
        VOUCHER,
        {
            "currency": "CAD",
            **_sold(
                "200",
                taxes={"A": [{"name": "GST", "rate": 5, "affects_later": True}, {"name": "QST", "rate": 9.5}]},
                discounts=[{"amount": "120"}],
            ),
            "payments": [{"tender": "voucher", "amount": "80"}, {"tender": "card", "amount": "11.98"}],
        },
        {"taxes": [("GST", "5", "80.00", "4.00"), ("QST", "9.5", "80.00", "7.98")], "to_pay": "91.98"},
    ),
    (
        COUPON,
        {
            "currency": "USD",
            **_sold("1.00", taxes=_vat("8")),
            "payments": [{"tender": "coupon", "amount": "0.25"}, {"tender": "cash", "amount": "0.83"}],
        },
        {"tax": "0.08", "to_pay": "1.08"},
    ),
    (
        COUPON,
        {"currency": "USD", **_sold("1.00", taxes=_vat("8"), discounts=[{"amount": "0.25"}])},
        {"tax": "0.06", "total": "0.81"},
    ),
    (
        SERVED,
        {
            "currency": "SGD",
            **_sold("50", "40", taxes=_vat("5", "GST"), service_charge={"percent": "10", "tax": "A"}),
        },
        {"net": "99.00", "tax": "4.95", "total": "103.95"},
    ),
    (
        IRAS,
        {"currency": "SGD", **_sold("100", taxes=_vat("8", "GST"), service_charge={"percent": "10", "tax": "A"})},
        {"net": "110.00", "tax": "8.80", "total": "118.80"},
    ),
    *(
        (
            SEN,
            {"currency": "MYR", **_asked(f"82.0{sen}", tender, "0.05", of="bill")},
            {"total": f"82.0{sen}", "to_pay": asked},
        )
        for tender in ("cash", "card")
        for sens, asked in (("12", "82.00"), ("3467", "82.05"), ("89", "82.10"))
        for sen in sens
    ),
    (
        GUEST_CHECK,
        {
            "currency": "USD",
            **_sold("9.95", "3.75", taxes=_vat("8.25")),
            "payments": [{"tender": "card", "amount": "16.89", "tip": "2.06"}],
        },
        {"net": "13.70", "tax": "1.13", "total": "14.83", "to_pay": "14.83"},
    ),
    (
        CONTAINER,
        {
            "currency": "CAD",
            **_sold("1.00", taxes={"A": [{"name": "Deposit", "per_piece": "0.15"}, {"name": "GST", "rate": "5"}]}),
        },
        {"taxes": [("Deposit", None, "1.00", "0.15"), ("GST", "5", "1.00", "0.05")], "total": "1.20"},
    ),
    (FILS, {"currency": "BHD", **_sold("0.397", taxes=_vat("10"))}, {"tax": "0.040"}),  # 0.0397
    # the third decimal: 8.875 % of 0.50 is 0.044375, of 0.51 0.0452625
    (SSUTA, {"currency": "USD", **_sold("0.50", taxes=_vat("8.875"))}, {"tax": "0.04"}),
    (SSUTA, {"currency": "USD", **_sold("0.51", taxes=_vat("8.875"))}, {"tax": "0.05"}),
    # 4 % and 4.875 % of 1.15: 0.046 and 0.0560625, together 0.1020625
    (SSUTA, {"currency": "USD", **_sold("1.15", taxes=CITY)}, {"tax": "0.11"}),
    (SSUTA, {"currency": "USD", **_sold("1.15", taxes=CITY, tax_rounding_of="sum_of_rates")}, {"tax": "0.10"}),
    # the seller elects item or invoice: 8.875 % of three times 0.51 is 0.1357875
    (SSUTA, {"currency": "USD", **_sold("0.51", "0.51", "0.51", taxes=_vat("8.875"))}, {"tax": "0.15"}),
    (
        SSUTA,
        {"currency": "USD", **_sold("0.51", "0.51", "0.51", taxes=_vat("8.875"), tax_rounding="order")},
        {"tax": "0.14"},
    ),
    (
        SSUTA,
        {
            "currency": "USD",
            **_sold("1.15", "1.15", "1.15", taxes=CITY, tax_rounding="order", tax_rounding_of="sum_of_rates"),
        },
        # 0.3061875: 0.138 and 0.1681875
        {"taxes": [("STATE", "4", "3.45", "0.14"), ("CITY", "4.875", "3.45", "0.17")]},
    ),
    (AUSTRALIA, {"currency": "AUD", **_sold("0.05", taxes=_vat("10", "GST"))}, {"tax": "0.01"}),
    (
        AUSTRALIA,
        {"currency": "AUD", **_sold("0.13", "0.13", "0.13", taxes=_vat("10", "GST"), tax_rounding="order")},
        {"tax": "0.04"},  # 0.039
    ),
    (
        MALAYSIA,
        {"currency": "MYR", **_sold("1.77", "1.77", "1.77", taxes=_vat("6", "GST"))},
        {"tax": "0.33", "total": "5.64"},
    ),
    (
        MALAYSIA,
        {"currency": "MYR", **_sold("1.77", "1.77", "1.77", taxes=_vat("6", "GST"), tax_rounding="order")},
        {"tax": "0.32", "total": "5.63"},
    ),
    (
        INDIA,
        {"currency": "INR", **_sold("54670", taxes=CGST, rounding={"step": "1", "of": "bill"})},
        {
            "taxes": [("CGST", "9", "54670.00", "4920.30"), ("SGST", "9", "54670.00", "4920.30")],
            "total": "64510.60",
            "rounding": "0.40",
            "to_pay": "64511.00",
        },
    ),
    *(
        (INDIA, {"currency": "INR", **_asked(amount, tender, "1", of="bill")}, {"rounding": rounding, "to_pay": asked})
        for tender in ("cash", "card", "upi")
        for amount, rounding, asked in (("100.49", "-0.49", "100.00"), ("100.50", "0.50", "101.00"))
    ),
    *_coins(
        BELGIUM,
        "EUR",
        "0.05",
        {"99.98": "100.00", "100.02": "100.00", "0.05": "0.05", "0.02": "0.02", "0.06": "0.05", "7.48": "7.50"},
        nothing_up_to="0.05",
    ),
    (BELGIUM, {"currency": "EUR", **_asked("100.02", "card", "0.05", nothing_up_to="0.05")}, {"to_pay": "100.02"}),
    (
        BELGIUM,
        {
            "currency": "EUR",
            **_sold("20.03", tax=None, rounding={"step": "0.05", "nothing_up_to": "0.05"}),
            "payments": [{"tender": "voucher", "amount": "8.01"}, {"tender": "cash", "amount": "20"}],
        },
        {"rounding": "-0.02", "to_pay": "20.01"},  # 12.02 in cash is 12.00
    ),
    *(
        (
            BELGIUM_ALL,
            {
                "currency": "EUR",
                **_asked("20.03", tender, "0.05", of="bill", nothing_up_to="0.05", never=["meal", "eco", "gift"]),
            },
            {"total": "20.03", "to_pay": asked},
        )
        for tender, asked in (("card", "20.05"), ("cash", "20.05"), ("meal", "20.03"), ("Gift", "20.03"))
    ),
    *_coins(
        IRELAND,
        "EUR",
        "0.05",
        {
            "10.21": "10.20",
            "10.22": "10.20",
            "10.23": "10.25",
            "10.24": "10.25",
            "10.26": "10.25",
            "10.27": "10.25",
            "10.28": "10.30",
            "10.29": "10.30",
            "14.48": "14.50",
            "15.61": "15.60",
        },
    ),
    (
        DEAL,
        {
            "currency": "GBP",
            "prices_include_tax": True,
            "taxes": _vat("20"),
            "lines": [
                {"item": "Main course", "unit_price": "6.00"},
                {"item": "Side dish", "unit_price": "1.50"},
                {"item": "Dessert", "unit_price": "1.50"},
                {"item": "Wine", "unit_price": "6.00", "tax": "A"},
            ],
            "promotions": [{"name": "Meal", "set": ["Main course", "Side dish", "Dessert", "Wine"], "price": "10.00"}],
        },
        {"taxes": [("VAT", "20", "3.33", "0.67")], "total": "10.00"},
    ),
    (
        DISCOUNT,
        {"currency": "USD", **_sold("150", taxes=_vat("6.25"), discounts=[{"percent": "10"}])},
        {"taxes": [("VAT", "6.25", "135.00", "8.44")]},
    ),
    *(
        (
            GHANA,
            {
                "currency": "GHS",
                **_sold(price, taxes={"A": [*LEVIES, {"name": "VAT", "rate": "12.5"}]}, prices_include_tax=into),
            },
            {
                "taxes": [
                    ("NHIL", "2.5", "1000.00", "25.00"),
                    ("GETFund", "2.5", "1000.00", "25.00"),
                    ("COVID", "1", "1000.00", "10.00"),
                    ("VAT", "12.5", "1000.00", "132.50"),
                ],
                "total": "1192.50",
            },
        )
        for price, into in (("1000", False), ("1192.50", True))
    ),
    (
        SRI_LANKA,
        {
            "currency": "LKR",
            **_sold(
                "75000",
                taxes={"A": [*TOURISM, {"name": "VAT", "rate": "18"}]},
                service_charge={"percent": "10", "tax": "A"},
            ),
        },
        {
            "taxes": [
                ("TDL", "1", "82500.00", "825.00"),
                ("SSCL", "2.5", "82500.00", "2062.50"),
                ("VAT", "18", "82500.00", "15369.75"),
            ],
            "total": "100757.25",
        },
    ),
    (HAWAII, {"currency": "USD", **_sold("1000", taxes=_vat("4.712", "GET"))}, {"tax": "47.12"}),
    *(
        (
            ESTONIA,
            {
                "currency": "EUR",
                **_sold("2.28", "15.32", "11.99", "1.17", tax=None, rounding={"step": "0.05"}),
                "payments": [{"tender": tender, "amount": "exact"}],
            },
            {"total": "30.76", "to_pay": asked},
        )
        for tender, asked in (("cash", "30.75"), ("card", "30.76"))
    ),
    *_coins(QUEBEC_CASH, "CAD", "0.05", {"5.98": "6.00", "5.97": "5.95"}),
    *_coins(ISRAEL, "ILS", "0.10", {"17.04": "17.00", "17.05": "17.10", "17.07": "17.10"}),
    *_coins(CHILE, "CLP", "10", {"764": "760", "765": "760", "766": "770"}, direction="half_down"),
    *_coins(HUNGARY, "HUF", "5", {"1007.00": "1005.00", "1008.00": "1010.00"}),
    *_coins(SLOVAKIA, "EUR", "0.05", {"1.02": "1.00", "1.03": "1.05", "1.07": "1.05", "1.08": "1.10"}),
    *_coins(SWEDEN, "SEK", "1", {"10.49": "10.00", "10.50": "11.00", "0.49": "0.00"}),
    *_coins(SWEDEN, "NOK", "1", {"99.49": "99.00", "99.50": "100.00"}),
    *_coins(DENMARK, "DKK", "0.50", {"10.24": "10.00", "10.25": "10.50", "10.74": "10.50", "10.75": "11.00"}),
    *_coins(NEW_ZEALAND, "NZD", "0.10", {"10.04": "10.00", "10.05": "10.00", "10.06": "10.10"}, direction="half_down"),
    *_coins(NEW_ZEALAND, "NZD", "0.10", {"10.05": "10.10"}),  # the shop that chooses up
    *_coins(SOUTH_AFRICA, "ZAR", "0.05", {"10.04": "10.00", "10.09": "10.05"}, direction="down"),
    *_coins(SOUTH_AFRICA, "ZAR", "0.10", {"10.09": "10.00"}, direction="down"),
    *(
        (
            JAPAN,
            {
                "currency": "JPY",
                "prices_include_tax": False,
                "tax_rounding": "order",
                "tax_rounding_direction": way,
                "taxes": CONSUMPTION,
                "lines": [
                    {"unit_price": "105", "quantity": 1, "tax": "A"},
                    {"unit_price": "100", "quantity": 1, "tax": "A"},
                    {"unit_price": "99", "quantity": 1, "tax": "B"},
                    {"unit_price": "99", "quantity": 1, "tax": "B"},
                ],
            },
            # 10 % of 205 is 20.5, 8 % of 198 is 15.84
            {"taxes": [("JCT", "10", "205", ten), ("JCT", "8", "198", eight)]},
        )
        for way, ten, eight in (("down", "20", "15"), ("half_up", "21", "16"), ("up", "21", "16"))
    ),
    *(
        (
            GERMANY,
            {
                "currency": "EUR",
                "prices_include_tax": True,
                "tax_rounding": by,
                "taxes": {"A": [{"name": "MwSt", "rate": "19"}], "B": [{"name": "MwSt", "rate": "7"}]},
                "lines": [
                    {"unit_price": "0.99", "quantity": 1, "tax": "A"},
                    {"unit_price": "0.99", "quantity": 1, "tax": "A"},
                    {"unit_price": "0.99", "quantity": 1, "tax": "A"},
                    {"unit_price": "1.99", "quantity": 1, "tax": "B"},
                ],
            },
            # 0.158067 three times is 0.474202; 0.130187
            {"taxes": [("MwSt", "19", net, tax), ("MwSt", "7", "1.86", "0.13")]},
        )
        for by, net, tax in (("line", "2.49", "0.48"), ("order", "2.50", "0.47"))
    ),
]


@pytest.mark.parametrize(("source", "basket", "expected"), WORKED, ids=[source[:40] for source, _in, _out in WORKED])
def test_an_authoritys_rule(quote: Shell, source: str, basket: dict[str, Any], expected: dict[str, Any]) -> None:
    assert source
    answer = quote("-", "--json", stdin=json.dumps(basket)).json
    answer["taxes"] = [(one["name"], one["rate"], one["net"], one["tax"]) for one in answer["taxes"]]
    assert {name: answer[name] for name in expected} == expected
