"""The tables of GSTR-1 of a period: sums, and their rows for the offline tool (CSV) and the portal (JSON)."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from till.domain.cells import guard
from till.fiscal.in_gstr1.documents import GstSums, SupplyCode, SupplyKind
from till.fiscal.in_gstr1.gstin import STATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from till.domain.money.amount import Currency
    from till.fiscal.in_gstr1.documents import GstShare

_SERIES: Final = re.compile(r"(.*?)([0-9]+)")
#: The kinds of documents with their numbers in the list of the portal.
INVOICES: Final = "Invoices for outward supply"
NOTES: Final = "Credit Note"
_NATURES: Final = {INVOICES: 1, NOTES: 5}
_SENT_BEFORE: Final = ("GSTIN/UIN of Recipient", "Receiver Name")
_RATED: Final = ("Applicable % of Tax Rate", "Rate", "Taxable Value", "Cess Amount")
#: The heads of the files, as those of the offline tool.
HEADS: Final = {
    "b2b.csv": (*_SENT_BEFORE, "Invoice Number", "Invoice date", "Invoice Value", "Place Of Supply", "Reverse Charge",
                "Applicable % of Tax Rate", "Invoice Type", "E-Commerce GSTIN", *_RATED[1:]),
    "b2cs.csv": ("Type", "Place Of Supply", *_RATED, "E-Commerce GSTIN"),
    "cdnr.csv": (*_SENT_BEFORE, "Note Number", "Note Date", "Note Type", "Place Of Supply", "Reverse Charge",
                 "Note Supply Type", "Note Value", *_RATED),
    "exemp.csv": ("Description", "Nil Rated Supplies", "Exempted(other than nil rated/non GST supply)",
                  "Non-GST Supplies"),
    "hsn(b2b).csv": ("HSN", "Description", "UQC", "Total Quantity", "Total Value", "Rate", "Taxable Value",
                     "Integrated Tax Amount", "Central Tax Amount", "State/UT Tax Amount", "Cess Amount"),
    "docs.csv": ("Nature of Document", "Sr. No. From", "Sr. No. To", "Total Number", "Cancelled"),
}  # fmt: skip
HEADS["hsn(b2c).csv"] = HEADS["hsn(b2b).csv"]


class GstDocument(NamedTuple):
    """A sale, or a refund with negative amounts.

    Attributes:
        number: its number.
        day: the day on it.
        value: its total in paise.
        shares: its parts by code.
        gstin: the buyer's number; empty for one who is not registered.
        name: the buyer's name.
    """

    number: str
    day: date
    value: int
    shares: tuple[GstShare, ...]
    gstin: str = ""
    name: str = ""


class _Series(NamedTuple):
    first: int
    last: int
    width: int
    documents: int
    cancelled: int


class Tables:
    """The sums of the tables, which grow with rates, codes and firms, not with sales.

    Args:
        gstin: the venue's number.
        money: the rupee.
    """

    def __init__(self, gstin: str, money: Currency) -> None:
        self._gstin, self._money = gstin, money
        self._place = f"{gstin[:2]}-{STATES[gstin[:2]]}"
        self._small: defaultdict[Decimal, GstSums] = defaultdict(GstSums)
        self._free: defaultdict[tuple[bool, SupplyKind], int] = defaultdict(int)
        self._codes: defaultdict[tuple[bool, SupplyCode], tuple[Decimal, GstSums]] = defaultdict(
            lambda: (Decimal(), GstSums())
        )
        self._series: dict[tuple[str, str], _Series] = {}
        self._firms: dict[bool, list[dict[str, Any]]] = {True: [], False: []}

    def add(self, one: GstDocument, *, note: bool = False) -> Iterator[tuple[str, str]]:
        """Count a sale, or a refund as a note; yield the rows of it alone, each with its file."""
        is_firm = bool(one.gstin)
        rates: defaultdict[Decimal, GstSums] = defaultdict(GstSums)
        for code, quantity, sums in one.shares:
            if code.kind is SupplyKind.NONE:
                continue
            if code.kind is SupplyKind.TAXED:
                rates[code.rate] = rates[code.rate].plus(sums)
            else:
                self._free[is_firm, code.kind] += sums.net
            before = self._codes[is_firm, code]
            self._codes[is_firm, code] = before[0] + quantity, before[1].plus(sums)
        if is_firm and rates:
            yield from self._of_firm(one, rates, note=note)
        elif not is_firm:
            for rate, sums in rates.items():
                self._small[rate] = self._small[rate].plus(sums)

    def number(self, nature: str, number: str, *, cancelled: bool = False) -> None:
        """Count the number of a document."""
        if found := _SERIES.fullmatch(number):
            own, width = int(found[2]), len(found[2])
            was = self._series.get((nature, found[1]), _Series(own, own, width, 0, 0))
            self._series[nature, found[1]] = _Series(
                min(was.first, own), max(was.last, own), width, was.documents + 1, was.cancelled + cancelled
            )

    def gaps(self) -> Iterator[tuple[str, str, int]]:
        """Yield the first and the last number of each series of which some are in no record, with how many."""
        for _nature, prefix, one in self._numbers():
            if lacking := one.last - one.first + 1 - one.documents:
                yield _number(prefix, one, one.first), _number(prefix, one, one.last), lacking

    def rows(self) -> Iterator[tuple[str, str]]:
        """Yield the rows of the sums, each with its file."""
        for rate, sums in sorted(self._small.items()):
            if any(sums):
                yield (
                    "b2cs.csv",
                    _csv("OE", self._place, "", _rate(rate), self._text(sums.net), self._text(sums.cess), ""),
                )
        for is_inter, is_firm in ((True, True), (False, True), (True, False), (False, False)):
            place, kind = "Inter" if is_inter else "Intra", "registered" if is_firm else "unregistered"
            to = f"{place}-State supplies to {kind} persons"
            yield "exemp.csv", _csv(to, *(self._text(amount) for amount in self._free_of(is_firm, is_inter=is_inter)))
        for is_firm, code, quantity, sums in self._coded():
            yield f"hsn(b2{'b' if is_firm else 'c'}).csv", _csv(
                code.hsn, "", code.unit, f"{quantity:.2f}", self._text(sum(sums)), _rate(code.rate),
                *(self._text(amount) for amount in (sums.net, 0, sums.central, sums.state, sums.cess)),
            )  # fmt: skip
        for nature, prefix, one in self._numbers():
            numbers = (_number(prefix, one, end) for end in (one.first, one.last))
            yield "docs.csv", _csv(nature, *numbers, one.last - one.first + 1, one.cancelled)

    def portal(self, last: date) -> dict[str, Any]:
        """Return the tables as the portal has them, of the period that ends with a day."""
        kinds = ((True, "B2B"), (False, "B2C"))
        return {
            "gstin": self._gstin,
            "fp": f"{last:%m%Y}",
            "b2b": _by_firm(self._firms[False], "inv"),
            "cdnr": _by_firm(self._firms[True], "nt"),
            "b2cs": [
                {"sply_ty": "INTRA", "pos": self._gstin[:2], "typ": "OE", **self._rated(rate, sums)}
                for rate, sums in sorted(self._small.items())
                if any(sums)
            ],
            "nil": {
                "inv": [
                    {"sply_ty": f"INTRA{name}", **dict(zip(("nil_amt", "expt_amt", "ngsup_amt"), amounts, strict=True))}
                    for is_firm, name in kinds
                    if any(amounts := [self._amount(one) for one in self._free_of(is_firm)])
                ]
            },
            "hsn": {
                f"hsn_{name.lower()}": [
                    {"num": place, "hsn_sc": code.hsn, "uqc": code.unit, "qty": float(round(quantity, 2)), "iamt": 0.0,
                     **self._rated(code.rate, sums)}
                    for place, (_firm, code, quantity, sums) in enumerate(
                        (one for one in self._coded() if one[0] is is_firm), 1)
                ]
                for is_firm, name in kinds
            },
            "doc_issue": {
                "doc_det": [
                    {"doc_num": number, "docs": [
                        {"num": place, "from": _number(prefix, one, one.first), "to": _number(prefix, one, one.last),
                         "totnum": (total := one.last - one.first + 1), "cancel": one.cancelled,
                         "net_issue": total - one.cancelled}
                        for place, (prefix, one) in enumerate(own, 1)]}
                    for nature, number in _NATURES.items()
                    if (own := [(prefix, one) for kind, prefix, one in self._numbers() if kind == nature])
                ]
            },
        }  # fmt: skip

    def _of_firm(self, one: GstDocument, rates: dict[Decimal, GstSums], *, note: bool) -> Iterator[tuple[str, str]]:
        sign = -1 if note else 1
        value, day = self._text(sign * one.value), f"{one.day:%d-%b-%Y}"
        items = []
        for place, (rate, all_sums) in enumerate(sorted(rates.items()), 1):
            sums = GstSums(*(sign * amount for amount in all_sums))
            amounts = (_rate(rate), self._text(sums.net), self._text(sums.cess))
            head = (one.gstin, one.name, one.number, day)
            if note:
                yield "cdnr.csv", _csv(*head, "C", self._place, "N", "Regular B2B", value, "", *amounts)
            else:
                yield "b2b.csv", _csv(*head, value, self._place, "N", "", "Regular B2B", "", *amounts)
            items.append({"num": place, "itm_det": self._rated(rate, sums)})
        names = ("nt_num", "nt_dt") if note else ("inum", "idt")
        self._firms[note].append(
            {"ctin": one.gstin, **dict(zip(names, (one.number, f"{one.day:%d-%m-%Y}"), strict=True)),
             "val": self._amount(sign * one.value), "pos": self._gstin[:2], "rchrg": "N", "inv_typ": "R", "itms": items,
             **({"ntty": "C"} if note else {})}
        )  # fmt: skip

    def _free_of(self, is_firm: bool, *, is_inter: bool = False) -> list[int]:
        kinds = (SupplyKind.NIL, SupplyKind.EXEMPT, SupplyKind.OUTSIDE)
        return [0 if is_inter else self._free[is_firm, kind] for kind in kinds]

    def _coded(self) -> Iterator[tuple[bool, SupplyCode, Decimal, GstSums]]:
        for (is_firm, code), (quantity, sums) in sorted(self._codes.items()):
            if any(sums) or quantity:
                yield is_firm, code, quantity, sums

    def _numbers(self) -> Iterator[tuple[str, str, _Series]]:
        for (nature, prefix), one in sorted(self._series.items(), key=lambda row: (_NATURES[row[0][0]], row[0][1])):
            yield nature, prefix, one

    def _rated(self, rate: Decimal, sums: GstSums) -> dict[str, float]:
        amounts = zip(("txval", "camt", "samt", "csamt"), sums, strict=True)
        return {"rt": float(rate), **{name: self._amount(amount) for name, amount in amounts}}

    def _amount(self, paise: int) -> float:
        """Return rupees as the number of the portal's JSON: two decimals of it are exact up to a billion crore."""
        return paise / self._money.scale

    def _text(self, paise: int) -> str:
        return f"{Decimal(paise) / self._money.scale:.2f}"


def _by_firm(rows: Iterable[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    firms: dict[str, list[dict[str, Any]]] = {}
    for row in rows:
        firms.setdefault(row["ctin"], []).append({key: value for key, value in row.items() if key != "ctin"})
    return [{"ctin": firm, name: own} for firm, own in firms.items()]


def _number(prefix: str, series: _Series, number: int) -> str:
    return f"{prefix}{number:0{series.width}}"


def _rate(rate: Decimal) -> str:
    return f"{rate:.2f}"


def _csv(*cells: object) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cell if _is_amount(cell) else guard(str(cell)) for cell in cells)
    return line.getvalue()


def _is_amount(cell: object) -> bool:
    return isinstance(cell, int) or re.fullmatch(r"-?[0-9]+\.[0-9]{2}", str(cell)) is not None
