"""Sales from the test suites of other systems, worked through `python -m tools.quote`.

Each case names the suite that its figures come from. Only the figures are theirs, and only those that a basket can
express: their other choices (a line that is never rounded, a discount with taxes of its own) are left out.
"""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import pytest

if TYPE_CHECKING:
    from tests.cli.conftest import Shell

ODOO: Final = "Odoo, account, test_taxes_computation"
ODOO_SUMS: Final = "Odoo, account, test_taxes_tax_totals_summary"
ODOO_TILL: Final = "Odoo, point_of_sale, test_pos_cash_rounding"
ERPNEXT: Final = "ERPNext, test_sales_invoice"
MAGENTO: Final = "Magento, Tax, scenarios of two rules"
WOOCOMMERCE: Final = "WooCommerce, tests of WC_Tax, compound"
SYLIUS: Final = "Sylius, applying correct taxes for an order with a discount"
SHOPWARE: Final = "Shopware, AmountCalculatorTest"
SHOPWARE_CASH: Final = "Shopware, CashRoundingTest"
INVOICE_NINJA: Final = "Invoice Ninja, InvoiceItemTest"
GOBL: Final = "GOBL, examples, a Belgian Peppol invoice"
INDIA: Final = "India Compliance, e-invoice with rounding of the total"
DINERO: Final = "Dinero.js, allocate"
OPENBRAVO: Final = "Openbravo, TaxesTest"
OXID: Final = "OXID eShop, price test cases of baskets"
PRETIX: Final = "pretix, test_pricing_rounding"
PIMCORE: Final = "Pimcore e-commerce, CartTaxManagementTest"
PRESTASHOP: Final = "PrestaShop, orders with an ecotax and 21 %"
DOLIBARR: Final = "Dolibarr, PricesTest"
MEDUSA: Final = "Medusa, totals"
SPREE: Final = "Spree, taxes after a promotion"
ZEN_CART: Final = "Zen Cart, a group's discount and a coupon"
MUSTANG: Final = "Mustang, CalculationTest"
THELIA: Final = "Thelia, OrderRoundingModeTest"
DRUPAL: Final = "Drupal Commerce, PriceSplitterTest and CustomTest"
LUNAR: Final = "Lunar, AmountOffTest"
OSCAR: Final = "django-oscar, fixed prices and percentages of offers"
CHECKOUT: Final = "codekata.com, Kata 9, Back to the Checkout"
SUPERMARKET: Final = "Supermarket Receipt kata, special deals"
ERPNEXT_TILL: Final = "ERPNext, test_pos_invoice"
VENDURE: Final = "Vendure, order-calculator"
FACTURAE: Final = "Facturae-PHP, PrecisionTest and DiscountsTest"
EQUIVALENCE: Final = "GOBL, examples, a Spanish surcharge of equivalence"
EC_CUBE: Final = "EC-CUBE, OrderTest, taxes by rate after a discount"
PEPPOL: Final = "Peppol BIS Billing 3, a Norwegian example"
LAGO: Final = "Lago, amounts from fees"
WOOCOMMERCE_CART: Final = "WooCommerce, tests of the cart"
DYNAMICS: Final = "Dynamics 365 Finance, tax calculation rounding rules"
DYNAMICS_SALES: Final = "Dynamics 365 Finance, sales tax calculation and rounding"


def _tax(name: str, rate: str, *, into: bool = False, later: bool = False, stands: bool = True) -> dict[str, Any]:
    return {"name": name, "rate": rate, "included": into, "affects_later": later, "affected_by_earlier": stands}


def _levy(name: str, amount: str, *, into: bool = False, later: bool = False) -> dict[str, Any]:
    return {"name": name, "per_piece": amount, "included": into, "affects_later": later}


def _sold(
    *prices: str, currency: str = "EUR", taxes: list[dict[str, Any]] | None = None, **more: Any
) -> dict[str, Any]:
    """A basket of one piece of each price, all with the same taxes."""
    tax = {"tax": "A"} if taxes else {}
    return {
        "currency": currency,
        "taxes": {"A": taxes or []},
        "lines": [{"unit_price": price, **tax} for price in prices],
        **more,
    }


def _lines(taxes: dict[str, list[dict[str, Any]]], *lines: tuple[str, int, str], **more: Any) -> dict[str, Any]:
    """A basket of lines: price, pieces, taxes."""
    sold = [{"unit_price": price, "quantity": pieces, **({"tax": tax} if tax else {})} for price, pieces, tax in lines]
    return {"currency": "EUR", "taxes": taxes, "lines": sold, **more}


def _paid(pieces: int, bank: str, **rule: str) -> dict[str, Any]:
    """13.67 and 15 %, a part by the bank and the rest in cash, rounded to 0.05."""
    return {
        **_lines({"A": [_tax("VAT", "15")]}, ("13.67", pieces, "A")),
        "rounding": {"step": "0.05", **rule},
        "payments": [{"tender": "bank", "amount": bank}, {"tender": "cash", "amount": "exact"}],
    }


BY_ORDER: Final = {"tax_rounding": "order"}
#: Mexico's IEPS, with VAT on top of it; half of the net, and a quarter on top of that.
IEPS: Final = [_tax("IEPS", "26.5", into=True, later=True), _tax("VAT", "16", into=True)]
SUPER: Final = [_tax("Half", "50", into=True, later=True), _tax("Quarter", "25", into=True)]
MWST: Final = [_tax("MwSt", "19", into=True)]
#: Two halves of a tax and a third on top of both, like India's GST and a cess.
HALVES: Final = [_tax("C", "6", later=True), _tax("S", "6", later=True, stands=False), _tax("K", "3")]
HALVES_INTO: Final = [
    _tax("C", "6", into=True, later=True),
    _tax("S", "6", into=True, later=True, stands=False),
    _tax("K", "3"),
]


#: Two independent taxes, and a third on top of both.
APART: Final = [_tax("One", "6", into=True, later=True), _tax("Two", "6", stands=False), _tax("Three", "3")]
#: Rates of excise and of two cesses, which take the place of one another on some items.
SWAPPED: Final = {
    rates: [_tax(name, rate) for name, rate in zip(("Excise", "Cess", "Higher"), rates.split("/"), strict=True)]
    for rates in ("11/0/3", "12/0/3", "15/0/3", "20/0/3", "5/10/15")
}
#: Prices without and with 20 and 10 %.
BOTH_WAYS: Final = {
    "20": [_tax("VAT", "20")],
    "10": [_tax("VAT", "10")],
    "in 20": [_tax("VAT", "20", into=True)],
    "in 10": [_tax("VAT", "10", into=True)],
}
#: The kata's cases; it gives no sums, which were worked out by hand.
DEALS: Final = [
    {"name": "Brushes", "items": ["Brush"], "buy": 2, "get": 1},
    {"name": "Apples", "items": ["Apples"], "percent": "20"},
    {"name": "Rice", "items": ["Rice"], "percent": "10"},
    {"name": "Paste", "items": ["Paste"], "set": 5, "price": "7.49"},
    {"name": "Tomatoes", "items": ["Tomatoes"], "set": 2, "price": "0.99"},
]
KATA: Final = {"A": "0.50", "B": "0.30", "C": "0.20", "D": "0.15"}


def _excise(rate: str, cess: str, higher: str) -> list[dict[str, Any]]:
    """Excise in the price with two cesses on it, a tax on all of these, another on the net; and customs, added."""
    return [
        _tax("Excise", rate, into=True, later=True),
        _tax("Cess", cess, into=True, later=True, stands=False),
        _tax("Higher", higher, into=True, later=True, stands=False),
        _tax("CST", "2", into=True),
        _tax("VAT", "12.5", into=True, stands=False),
        _tax("Customs", "10", stands=False),
    ]


WORKED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    # one in the price, the others added to it, based on the sum of the first one and the net
    (
        ODOO,
        _sold(
            "132",
            taxes=[_tax(str(n), "10", into=n % 2 == 0, later=n == 0) for n in range(5)],
        ),
        {"net": "100.00", "taxes": ["10.00", "11.00", "11.00", "11.00", "11.00"], "total": "154.00"},
    ),
    # VAT in the price is based on a levy that is added to it: 120 is 99 and 21 % of 100
    (
        ODOO,
        _sold(
            "120", taxes=[_levy("Levy", "1", later=True), _tax("VAT", "21", into=True, later=True), _levy("Bag", "2")]
        ),
        {"net": "99.00", "taxes": ["1.00", "21.00", "2.00"], "total": "123.00"},
    ),
    # a free piece is returned: only its levy is refunded
    (ODOO, _lines({"A": [_levy("Levy", "1")]}, ("0", -1, "A")), {"net": "0.00", "tax": "-1.00", "total": "-1.00"}),
    *(
        (ODOO_SUMS, _sold("15.89", "15.89", taxes=HALVES, **by), {"taxes": taxes, "total": total})
        for by, taxes, total in (
            ({}, ["1.90", "1.90", "1.06"], "36.64"),
            (BY_ORDER, ["1.91", "1.91", "1.07"], "36.67"),
        )
    ),
    (
        ODOO_SUMS,
        _sold("17.79", "17.79", taxes=HALVES_INTO),
        {"net": "31.78", "taxes": ["1.90", "1.90", "1.06"], "total": "36.64"},
    ),
    *(
        (
            ODOO_SUMS,
            _sold(
                "21.53", "21.53", taxes=[_levy("Levy", "1", into=True, later=True), _tax("VAT", "21", into=True)], **by
            ),
            {"net": net, "taxes": ["2.00", vat], "total": "43.06"},
        )
        for by, net, vat in (({}, "33.58", "7.48"), (BY_ORDER, "33.59", "7.47"))
    ),
    *(
        (
            ODOO_SUMS,
            _sold(
                *("1199", "1999", "1699", "11999", "11999", "11999", "10999"),
                currency="MXN",
                taxes=[_tax("IVA", "16", into=True)],
                **by,
            ),
            {"net": net, "tax": tax, "total": "51893.00"},
        )
        for by, net, tax in (({}, "44735.37", "7157.63"), (BY_ORDER, "44735.34", "7157.66"))
    ),
    # a cash payment is rounded, and its refund mirrors it
    (ODOO_TILL, _paid(1, "0.68"), {"total": "15.72", "to_pay": "15.73"}),
    (ODOO_TILL, _paid(-1, "-0.68"), {"total": "-15.72", "to_pay": "-15.73"}),
    (ODOO_TILL, _paid(1, "0.68", direction="down"), {"to_pay": "15.68"}),
    (ODOO_TILL, _paid(1, "0.72", direction="down"), {"rounding": "0.00", "to_pay": "15.72"}),
    # five taxes in the price, one on others, and one that is added
    (
        ERPNEXT,
        _lines(
            {"A": _excise("10", "0.2", "0.1"), "B": _excise("12", "0.24", "0.12")},
            ("62.50", 10, "A"),
            ("190.66", 5, "B"),
            **BY_ORDER,
        ),
        {
            "net": "1249.97",
            "sums": {
                "Excise": "140.00",
                "Cess": "2.80",
                "Higher": "1.40",
                "CST": "27.88",
                "VAT": "156.25",
                "Customs": "125.00",
            },
            "total": "1703.30",
        },
    ),
    # 100 off a total with its tax in it
    (
        ERPNEXT,
        _lines({"A": [_tax("ST", "14", into=True)]}, ("50", 100, "A"), discounts=[{"amount": "100"}]),
        {"net": "4298.25", "total": "4900.00"},
    ),
    *(
        (
            MAGENTO,
            _sold("10.05", "10.45", currency="USD", taxes=[_tax("State", "9"), _tax("City", "5")], **by),
            {"taxes": taxes, "total": total},
        )
        for by, taxes, total in (({}, ["1.84", "1.02"], "23.36"), (BY_ORDER, ["1.85", "1.03"], "23.38"))
    ),
    # 8.5 % on 5 %, both in 100: 7.8341 and 4.3889
    *(
        (
            WOOCOMMERCE,
            _sold("100", taxes=[_tax("GST", "5", into=True, later=True), _tax("PST", "8.5", into=True)], **by),
            {"net": "87.78", "taxes": ["4.39", "7.83"], "total": "100.00"},
        )
        for by in ({}, BY_ORDER)
    ),
    # 45.95 and 45.94 after their discounts: 4.595 and 4.594
    *(
        (
            SYLIUS,
            {**_sold(price, taxes=[_tax("VAT", "10")]), "discounts": [{"amount": "10.10"}]},
            {"tax": tax, "total": total},
        )
        for price, tax, total in (("56.05", "4.60", "50.55"), ("56.04", "4.59", "50.53"))
    ),
    (
        SHOPWARE,
        _lines(
            {rate: [_tax("VAT", rate, into=True)] for rate in ("19", "18", "17", "7", "1")},
            *((price, 1, rate) for rate in ("19", "18", "17", "7") for price in ("19.50", "33.30")),
            ("33.30", 1, "1"),
        ),
        {"taxes": ["8.43", "8.05", "7.67", "3.46", "0.33"], "total": "244.50"},
    ),
    *(
        (
            SHOPWARE_CASH,
            {
                **_sold(amount, currency=currency),
                "rounding": {"step": step},
                "payments": [{"tender": "cash", "amount": "exact"}],
            },
            {"to_pay": asked},
        )
        for currency, step, amount, asked in (
            ("HKD", "0.10", "19.44", "19.40"),
            ("HKD", "0.10", "19.45", "19.50"),
            ("DKK", "0.50", "19.24", "19.00"),
            ("DKK", "0.50", "19.25", "19.50"),
            ("DKK", "0.50", "19.74", "19.50"),
            ("DKK", "0.50", "19.75", "20.00"),
        )
    ),
    # a discount on a returned piece reduces the refund
    (
        INVOICE_NINJA,
        _lines({"A": [_tax("GST", "10", into=True)]}, ("100", -1, "A"), discounts=[{"amount": "10"}]),
        {"tax": "-8.18", "total": "-90.00"},
    ),
    # 281.157 and 0.566, rounded as one
    (
        GOBL,
        {
            "currency": "EUR",
            "tax_rounding": "order",
            "tax_rounding_of": "sum_of_rates",
            "taxes": {"A": [_tax("VAT", "21", into=True)], "B": [_tax("VAT", "6", into=True)]},
            "lines": [
                {"unit_price": "90", "quantity": 20, "tax": "A", "discount": {"percent": "10"}},
                {"unit_price": "10", "tax": "B"},
            ],
        },
        {"net": "1348.28", "tax": "281.72", "total": "1630.00"},
    ),
    # 0.456 twice is 0.91, and the first line has the cent
    (
        INDIA,
        _sold(
            *("7.60", "7.60"),
            currency="INR",
            taxes=[_tax("CGST", "6"), _tax("SGST", "6")],
            rounding={"step": "1", "of": "bill"},
            **BY_ORDER,
        ),
        {
            "taxes": ["0.91", "0.91"],
            "gross": ["8.52", "8.50"],
            "total": "17.02",
            "rounding": "-0.02",
            "to_pay": "17.00",
        },
    ),
    *(
        (OPENBRAVO, _lines({"A": IEPS}, ("55.8", pieces, "A")), {"net": net, "taxes": taxes})
        for pieces, net, taxes in (
            (40, "1521.06", ["403.08", "307.86"]),
            (50, "1901.32", ["503.85", "384.83"]),
            (-60, "-2281.59", ["-604.62", "-461.79"]),
        )
    ),
    (OPENBRAVO, _sold(*["1.49"] * 7, taxes=SUPER, **BY_ORDER), {"net": "5.56", "taxes": ["2.78", "2.09"]}),
    # a tenth off prices without tax at two rates
    (
        OXID,
        _lines(
            {"33": [_tax("VAT", "33")], "50": [_tax("VAT", "50")]},
            *((price, 1, "33") for price in ("0.55", "1101.10", "110", "1")),
            ("945.95", 1, "50"),
            discounts=[{"percent": "10"}],
            **BY_ORDER,
        ),
        {"taxes": ["360.16", "425.68"], "total": "2728.58"},
    ),
    *(
        (PRETIX, _sold(*[price] * 5, currency=currency, taxes=MWST, **by), {"net": net, "tax": tax})
        for price, currency, by, net, tax in (
            ("100", "EUR", {}, "420.15", "79.85"),
            ("100", "EUR", BY_ORDER, "420.17", "79.83"),
            ("99.98", "EUR", BY_ORDER, "420.08", "79.82"),
            ("9998", "JPY", {}, "42010", "7980"),
            ("9998", "JPY", BY_ORDER, "42008", "7982"),
        )
    ),
    # 16 and 4.5455 of one tax; the other is independent, or based on it
    *(
        (
            PIMCORE,
            _lines(
                {
                    "A": [_tax("One", "10", into=True, later=later), _tax("Two", "15", into=True)],
                    "B": [_tax("One", "10", into=True)],
                },
                ("100", 2, "A"),
                ("50", 1, "B"),
                **BY_ORDER,
            ),
            {"sums": {"One": one, "Two": two}},
        )
        for later, one, two in ((False, "20.55", "24.00"), (True, "20.36", "26.09"))
    ),
    *(
        (
            PRESTASHOP,
            _lines({"A": [_levy("Ecotax", "5.12"), _tax("VAT", "21")]}, (price, pieces, "A")),
            {"total": total},
        )
        for price, pieces, total in (("15", 97, "2257.19"), ("15.71", 98, "2364.65"), ("19.87", 98, "2857.94"))
    ),
    # Côte d'Ivoire: 7.5 % on 100 and 18 % of it
    (
        DOLIBARR,
        _lines({"A": [_tax("VAT", "18", later=True), _tax("Local", "7.5")]}, ("10", 10, "A")),
        {"taxes": ["18.00", "8.85"], "total": "126.85"},
    ),
    (DOLIBARR, _sold("1.24", "1.24", taxes=[_tax("VAT", "10")]), {"tax": "0.24", "total": "2.72"}),
    # the same tax in one price and added to another
    (
        MEDUSA,
        _lines({"A": [_tax("T", "10", into=True)], "B": [_tax("T", "10")]}, ("50", 2, "A"), ("50", 2, "B")),
        {"net": "190.91", "tax": "19.09", "total": "210.00"},
    ),
    (
        SPREE,
        _sold("350", currency="USD", taxes=[_tax("VAT", "20", into=True)], discounts=[{"percent": "50"}]),
        {"tax": "29.17", "total": "175.00"},
    ),
    # 4.00 off, then 3.60
    (
        ZEN_CART,
        _sold("39.99", currency="USD", taxes=[_tax("FL", "7")], discounts=[{"percent": "10"}] * 2),
        {"net": "32.39", "tax": "2.27", "total": "34.66"},
    ),
    (
        MUSTANG,
        {
            "currency": "EUR",
            "taxes": {"A": [_tax("VAT", "16")]},
            "lines": [{"unit_price": "148.73", "quantity": 12, "tax": "A", "discount": {"amount": "14.87"}}],
        },
        {"net": "1769.89", "tax": "283.18"},
    ),
    (THELIA, _lines({"A": [_tax("TVA", "20")]}, ("12.34", 3, "A")), {"net": "37.02", "total": "44.42"}),
    (
        DRUPAL,
        _lines({}, ("9.99", 3, ""), ("1.01", 3, ""), discounts=[{"amount": "5"}]),
        {"gross": ["25.43", "2.57"]},
    ),
    (DRUPAL, _sold("69.99", "69.99", discounts=[{"percent": "30"}]), {"gross": ["48.99", "49.00"]}),
    (
        DRUPAL,
        _sold("10.33", currency="USD", taxes=[_tax("VAT", "20")], discounts=[{"amount": "1"}]),
        {"tax": "1.87", "total": "11.20"},
    ),
    (LUNAR, _sold("10", "10", "10", discounts=[{"amount": "10"}]), {"gross": ["6.66", "6.67", "6.67"]}),
    (OSCAR, _sold("7", "7", "7", promotions=[{"name": "P", "set": 3, "price": "20"}]), {"total": "20.00"}),
    (OSCAR, _sold("20", discounts=[{"amount": "100"}] * 2), {"total": "0.00"}),
    *(
        (
            CHECKOUT,
            {
                "currency": "USD",
                "lines": [{"item": item, "unit_price": KATA[item]} for item in items],
                "promotions": [
                    {"name": "3 A", "items": ["A"], "set": 3, "price": "1.30"},
                    {"name": "2 B", "items": ["B"], "set": 2, "price": "0.45"},
                ],
            },
            {"total": total},
        )
        for items, total in (("CDBA", "1.15"), ("AAAAA", "2.30"), ("AAABBD", "1.90"), ("DABABA", "1.90"))
    ),
    *(
        (DINERO, _sold(*prices, discounts=[{"amount": off}]), {"gross": gross})
        for prices, off, gross in (
            (["50", "50"], "10.03", ["44.98", "44.99"]),
            (["1", "3"], "1", ["0.75", "2.25"]),
            (["0", "50", "50"], "10.03", ["0.00", "44.98", "44.99"]),
        )
    ),
    # a tax included in a price of zero leaves a negative net
    (ODOO, _sold("0", taxes=[_levy("Levy", "0.05", into=True, later=True)]), {"net": "-0.05", "total": "0.00"}),
    (ODOO, _sold("106", taxes=APART), {"net": "100.00", "taxes": ["6.00", "6.00", "3.18"], "total": "115.18"}),
    *(
        (ODOO, _sold(price, currency="CLP", taxes=[_tax("IVA", "19", into=into)]), {"net": net, "tax": tax})
        for price, into, net, tax in (("22689", False, "22689", "4311"), ("10920", True, "9176", "1744"))
    ),
    (
        ERPNEXT_TILL,
        _lines(
            SWAPPED,
            ("4.6", 84, "11/0/3"),
            ("4.6", 54, "12/0/3"),
            ("4.6", 288, "15/0/3"),
            ("4.6", 144, "20/0/3"),
            ("4.6", 430, "5/10/15"),
            currency="INR",
            rounding={"step": "1", "of": "bill"},
            **BY_ORDER,
        ),
        {
            "sums": {"Excise": "502.41", "Cess": "197.80", "Higher": "375.36"},
            "total": "5675.57",
            "rounding": "0.43",
            "to_pay": "5676.00",
        },
    ),
    # 75 off, with cents on six lines
    (
        ERPNEXT_TILL,
        _sold(
            *("75", "500", "200", "100", "50", "50"),
            currency="INR",
            taxes=[_tax("VAT", "24")],
            discounts=[{"amount": "75"}],
            **BY_ORDER,
        ),
        {"net": "900.00", "tax": "216.00", "total": "1116.00"},
    ),
    *(
        (VENDURE, _lines(BOTH_WAYS, *lines, currency="USD"), {"net": net, "total": total})
        for lines, net, total in (
            ([("1.23", 3, "20")], "3.69", "4.43"),
            ([("10", 2, "in 20"), ("34.99", 1, "in 10"), ("2.40", 1, "")], "50.88", "57.39"),
            ([("10", 1, "in 20"), ("2.40", -1, "in 20")], "6.33", "7.60"),
            ([("10", 1, "20"), ("2.40", -1, "in 20")], "8.00", "9.60"),
        )
    ),
    # 155.88 off, then 140.29
    *(
        (VENDURE, _lines(BOTH_WAYS, ("1558.80", 1, tax), discounts=[{"percent": "10"}] * 2), {"net": net})
        for tax, net in (("20", "1262.63"), ("in 20", "1052.19"))
    ),
    # 15.575, 18.285 and 17.355 among them
    (
        FACTURAE,
        {
            "currency": "EUR",
            "taxes": {rate: [_tax("IVA", rate)] for rate in ("10", "21")},
            "lines": [
                {"unit_price": price, "measure": measure, "tax": tax}
                for tax, price, measure in (
                    ("10", "16.90", "3.40"),
                    ("10", "5.90", "1.20"),
                    ("10", "8.90", "1"),
                    ("10", "8.90", "1.75"),
                    ("10", "6.90", "2.65"),
                    ("10", "5.90", "1.80"),
                    ("10", "8.90", "1.95"),
                    ("10", "3.00", "11.30"),
                    ("10", "5.90", "46.13"),
                    ("21", "37.76", "1"),
                    ("21", "13.40", "2"),
                    ("21", "5.50", "1"),
                )
            ],
        },
        {"net": "511.42", "taxes": ["44.15", "14.72"]},
    ),
    # half of a price with tax in it, and extras with theirs in it and not
    (
        FACTURAE,
        {
            "currency": "EUR",
            "taxes": {"A": [_tax("IVA", "25", into=True)], "B": [_tax("IVA", "25")]},
            "lines": [
                {"unit_price": "100", "tax": "A", "discount": {"percent": "50"}},
                {"unit_price": "5", "tax": "A"},
                {"unit_price": "10", "tax": "B"},
            ],
        },
        {"net": "54.00", "tax": "13.50"},
    ),
    # VAT in the price, and a surcharge that is added: 5.2 % of 82.6446
    (
        EQUIVALENCE,
        _lines(
            {"A": [_tax("VAT", "21", into=True), _tax("Surcharge", "5.2")], "B": [_tax("VAT", "21", into=True)]},
            ("10", 10, "A"),
            ("10", 1, "B"),
            **BY_ORDER,
        ),
        {"net": "90.91", "taxes": ["19.09", "4.30"], "total": "114.30"},
    ),
    # 7159 off the order, 596 of it off the lines with 8 %
    (
        EC_CUBE,
        _lines(
            {"10": [_tax("JCT", "10", into=True)], "8": [_tax("JCT", "8", into=True)]},
            ("78255", 5, "10"),
            ("102056", 4, "10"),
            ("16439", 5, "8"),
            ("78255", -1, "10"),
            ("16439", -1, "8"),
            ("1000", 1, "10"),
            ("2187", 1, "10"),
            currency="JPY",
            discounts=[{"amount": "7159"}],
            **BY_ORDER,
        ),
        {"taxes": ["65261", "4827"], "total": "783028"},
    ),
    # some of it given back, and paid in whole crowns
    (
        PEPPOL,
        _lines(
            {rate: [_tax("VAT", rate)] for rate in ("25", "15", "0")},
            ("1273", 1, "25"),
            ("3.96", -1, "15"),
            ("2.48", 2, "15"),
            ("25", -1, "0"),
            ("0.75", 250, "25"),
            currency="NOK",
            rounding={"step": "1", "of": "bill"},
            payments=[{"tender": "prepaid", "amount": "1000"}, {"tender": "bank", "amount": "802"}],
            **BY_ORDER,
        ),
        {"net": "1436.50", "taxes": ["365.13", "0.15", "0.00"], "rounding": "0.22", "to_pay": "1802.00"},
    ),
    (
        LAGO,
        {
            "currency": "EUR",
            "taxes": {"A": [_tax("One", "10"), _tax("Two", "20")]},
            "lines": [
                {"unit_price": "1.51", "tax": "A"},
                {"unit_price": "3.79", "tax": "A", "discount": {"amount": "1.00"}},
            ],
        },
        {"net": "4.30", "tax": "1.29", "total": "5.59"},
    ),
    # 0.1975, 4.74, 1.185 and 0.79
    (
        WOOCOMMERCE_CART,
        _sold("79", currency="USD", taxes=[_tax(rate, rate) for rate in ("0.25", "6", "1.5", "1")]),
        {"taxes": ["0.20", "4.74", "1.19", "0.79"], "total": "85.92"},
    ),
    (
        WOOCOMMERCE_CART,
        _sold("51.86", currency="USD", taxes=[_tax("TAX", "8.25")], discounts=[{"percent": "40"}]),
        {"net": "31.12", "total": "33.69"},
    ),
    # by tax or by their sum, by line or by order, always up: 1.111, 2.222 twice, 3.333 and 4.444 twice
    *(
        (
            DYNAMICS,
            _lines(
                {"1": [_tax("VAT1", "10")], "12": [_tax("VAT1", "10"), _tax("VAT2", "10")]},
                *(("11.11", 1, "1"), ("22.22", 1, "12"), ("33.33", 1, "1"), ("44.44", 1, "12")),
                tax_rounding_direction="up",
                tax_rounding=by,
                tax_rounding_of=of,
            ),
            {"taxes": taxes},
        )
        for by, of, taxes in (
            ("line", "each", ["11.14", "6.68"]),
            ("line", "sum_of_rates", ["11.14", "6.66"]),
            ("order", "each", ["11.11", "6.67"]),
        )
    ),
    # 8.484 twice
    *(
        (
            DYNAMICS_SALES,
            _lines(
                {"12": [_tax("Code 1", "10"), _tax("Code 2", "10")]},
                *(("42.42", 1, "12"), ("42.42", 1, "12")),
                tax_rounding_direction="up",
                tax_rounding=by,
                tax_rounding_of=of,
            ),
            {"taxes": taxes, "gross": gross},
        )
        for by, of, taxes, gross in (
            ("line", "each", ["8.50", "8.50"], ["50.92", "50.92"]),
            ("order", "each", ["8.49", "8.49"], ["50.92", "50.90"]),
            ("order", "sum_of_rates", ["8.49", "8.48"], ["50.91", "50.90"]),
        )
    ),
    *(
        (
            SUPERMARKET,
            {
                "currency": "EUR",
                "promotions": DEALS,
                "lines": [{"item": item, "unit_price": price, **much}],
            },
            {"total": total},
        )
        for item, price, much, total in (
            ("Brush", "0.99", {"quantity": 3}, "1.98"),
            ("Apples", "1.99", {"measure": "2.5"}, "3.98"),
            ("Rice", "2.49", {}, "2.24"),
            ("Paste", "1.79", {"quantity": 6}, "9.28"),
            ("Tomatoes", "0.69", {"quantity": 3}, "1.68"),
        )
    ),
]


@pytest.mark.parametrize(("source", "basket", "expected"), WORKED, ids=[source[:40] for source, _in, _out in WORKED])
def test_answers_match_those_of_other_systems(
    quote: Shell, source: str, basket: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert source
    answer = quote("-", "--json", stdin=json.dumps(basket)).json
    sums: dict[str, Decimal] = {}
    for one in answer["taxes"]:
        sums[one["name"]] = sums.get(one["name"], Decimal(0)) + Decimal(one["tax"])
    found = {
        **answer,
        "taxes": [one["tax"] for one in answer["taxes"]],
        "sums": {name: str(amount) for name, amount in sums.items()},
        "gross": [line["gross"] for line in answer["lines"]],
    }
    assert {name: found[name] for name in expected} == expected
