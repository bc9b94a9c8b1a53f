"""The elements of the file: the head, what it names once, and the parts of each cash register."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from till.domain.codes import tax_id
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from till.domain.order.events import PlacedTax
    from till.domain.shift.events import NumberedSum, ShiftClosed

_CENT: Final = Decimal("0.01")
#: The group of articles of a Z without sales.
NONE: Final = "NONE"


def el(name: str, *parts: str) -> str:
    """Return an element of its parts, each an element; an empty one without any."""
    return f"<{name}>{''.join(parts)}</{name}>\n"


def leaf(name: str, text: object, most: int = 999) -> str:
    """Return an element with a text, cut to the length that the schema allows; nothing for an empty text or None."""
    shown = clean(str(text))[:most] if text is not None else ""
    return f"<{name}>{escape(shown)}</{name}>\n" if shown else ""


def leaves(**texts: object) -> str:
    """Return elements of texts, in their order."""
    return "".join(leaf(name, text) for name, text in texts.items())


def money(amount: str | Decimal) -> str:
    """Return an amount with two decimals."""
    return f"{Decimal(amount).quantize(_CENT):f}"


def side(amount: str | Decimal) -> str:
    """Return the side of an amount: credit for a sale, debit for what goes back."""
    return "D" if Decimal(amount) < 0 else "C"


def short(own: str) -> str:
    """Return an id without hyphens: the schema has room for 35 letters."""
    return own.replace("-", "")


def when(moment: datetime, prefix: str) -> str:
    """Return the date and the time of a local moment, as `<prefix>Date` and `<prefix>Time`."""
    return leaves(**{f"{prefix}Date": moment.date(), f"{prefix}Time": f"{moment:%H:%M:%S}"})


def basic(kind: str, own: str, what: str, code: str = "") -> str:
    """Return a row of the basics: an id of the file, with its code in the authority's list."""
    return el("basic", leaves(basicType=kind, basicID=own, predefinedBasicID=code, basicDesc=what))


def vat(code: str, rate: str | None, tax: str, net: str) -> str:
    """Return a tax on an amount."""
    amounts = leaves(vatAmnt=money(tax), vatAmntTp=side(tax), vatBasAmnt=money(net))
    return el("vat", leaves(vatCode=code, vatPerc=rate or "0"), amounts)


def only_rate(taxes: Iterable[PlacedTax]) -> bool:
    """Return True if the form can have the taxes of a row: none, or one that is a rate."""
    found = [*taxes]
    return not found or (len(found) == 1 and found[0].rate is not None)


def _numbered(name: str, of: NumberedSum) -> str:
    return leaves(**{f"report{name}Num": of.number, f"report{name}Amnt": money(of.amount)})


def z_report(
    z: ShiftClosed, at: datetime, register: str, company: tuple[str, str], groups: dict[str, str], taxes: dict[str, str]
) -> str:
    """Return the report of a Z. `groups` are the ids of categories, `taxes` those of taxes by name and rate."""
    sums = z.sums
    cash = next((one.opening for one in sums.drawer if one.tender == "CASH"), "0")
    rows = [(groups.get(one.category, NONE), str(one.quantity), one.gross) for one in sums.categories]
    paid = [(f"PAY-{one.tender}", one.number, one.amount) for one in sums.tenders]
    rated = [(taxes.get(tax_id(one.name, one.rate or None)), one.rate or "0", one.net, one.tax) for one in sums.taxes]
    return el(
        "eventReport",
        leaves(reportID=z.number, reportType="Z report", companyIdent=company[0], companyName=company[1]),
        when(at, "report"),
        leaf("registerID", register),
        el("reportTotalCashSales", leaf("totalCashSaleAmnt", money(sums.sales.gross))),
        el("reportArtGroups", *(
            el("reportArtGroup", leaves(artGroupID=own, artGroupNum=number, artGroupAmnt=money(gross)))
            for own, number, gross in rows or [(NONE, "0", "0")])),
        el("reportPayments", *(
            el("reportPayment", leaves(paymentType=own, paymentNum=number, paymentAmnt=money(amount)))
            for own, number, amount in paid or [("PAY-CASH", 0, "0")])),
        el("reportCashSalesVat", *(
            el("reportCashSaleVat", leaves(vatCode=own, vatPerc=rate, cashSaleAmnt=money(Decimal(net) + Decimal(tax)),
                                           vatAmnt=money(tax), vatAmntTp=side(tax)))
            for own, rate, net, tax in rated or [(None, "0", "0", "0")])),
        leaves(reportOpeningChangeFloat=money(cash), reportReceiptNum=sums.sales.number,
               reportOpenCashBoxNum=sums.no_sales),
        _numbered("ReceiptCopy", sums.copies),
        _numbered("ReceiptProforma", sums.bills),
        _numbered("Return", sums.refunds),
        _numbered("Discount", sums.discounts),
        leaves(reportVoidTransNum=0, reportVoidTransAmnt="0.00"),
        el("reportCorrLines", el("reportCorrLine", leaves(
            corrLineType="Void", corrLineNum=sums.voids.number, corrLineAmnt=money(sums.voids.amount)))),
        el("reportPriceInquiries", el("reportPriceInquiry", leaves(
            priceInquiryGroup="None", priceInquiryNum=0, priceInquiryAmnt="0.00"))),
        el("reportOtherCorrs", el("reportOtherCorr", leaves(
            otherCorrType="New price", otherCorrNum=sums.new_prices or 0, otherCorrAmnt="0.00"))),
        leaves(reportReceiptDeliveryNum=0, reportReceiptDeliveryAmnt="0.00"),
        leaves(reportTrainingNum=0, reportTrainingAmnt="0.00"),
        leaves(reportGrandTotalSales=money(z.totals.sales), reportGrandTotalReturn=money(z.totals.refunds),
               reportGrandTotalSalesNet=money(z.totals.net)),
    )  # fmt: skip
