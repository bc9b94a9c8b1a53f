"""Sales and refunds as GSTR-1 counts them: amounts by code and rate, with the two halves of each tax.

The taxes are those of the document, to the paisa as it was sold. Its net of each rate is divided among the codes of the
rows of that rate, in proportion to their net. So a refund by amount, which names no rows, has the codes of its sale.
"""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, Final, NamedTuple

from till.domain.codes import CodeKind
from till.domain.i18n import _
from till.domain.money.amount import spread
from till.domain.money.measures import Minor
from till.domain.money.rounding import divide_and_round

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from till.domain.codes import CodeBook
    from till.domain.money.amount import Currency
    from till.domain.order.events import OrderPlaced, PlacedTax
    from till.domain.refund.events import RefundStarted

#: The scheme of the codes.
SCHEME: Final = "in-gstr1"
#: An HSN or SAC of four to eight digits. Without GST it says why; NONE is no supply, such as a voucher or a deposit.
_ITEM: Final = re.compile(r"([0-9]{4}(?:[0-9]{2}){0,2})(?:/(NIL|EXEMPT|NONGST))?|(NONE)")
#: The halves of a rate, a tax that is both, a cess, and a tax outside GST, such as a state's on liquor.
_TAXES: Final = frozenset({"CGST", "SGST", "GST", "CESS", "OTHER"})
#: The units of the lists of HSN by those of a menu; pieces have none.
_UNITS: Final = {"": "NOS", "kg": "KGS", "g": "GMS", "l": "LTR", "ml": "MLT"}
_SERVICES: Final = "99"


class SupplyKind(StrEnum):
    """The table that a row without a rate is in."""

    TAXED = ""
    NIL = "NIL"
    EXEMPT = "EXEMPT"
    OUTSIDE = "NONGST"
    NONE = "NONE"


class GstSums(NamedTuple):
    """A taxable value and its taxes in paise."""

    net: int = 0
    central: int = 0
    state: int = 0
    cess: int = 0

    def plus(self, other: GstSums) -> GstSums:
        """Return the sums of both."""
        return GstSums(*(one + two for one, two in zip(self, other, strict=True)))


class SupplyCode(NamedTuple):
    """The code of a row, with its kind, its rate in percent, and its unit."""

    hsn: str
    kind: SupplyKind
    rate: Decimal
    unit: str

    @property
    def is_goods(self) -> bool:
        """True if it is no service: the codes of those begin with 99."""
        return bool(self.hsn) and not self.hsn.startswith(_SERVICES)


class GstShare(NamedTuple):
    """The part of a document of one code."""

    code: SupplyCode
    quantity: Decimal
    sums: GstSums


class UnreadDocumentError(Exception):
    """A document whose rows and taxes no rule reads; the text is the reason with what to do."""


class _Row(NamedTuple):
    hsn: str
    taxes: tuple[PlacedTax, ...]
    net: int
    quantity: Decimal = Decimal()
    unit: str = ""


def is_code(kind: CodeKind, code: str) -> bool:
    """Return True if the list has a code: an HSN of an item or category, a part of GST for a tax."""
    if kind is CodeKind.TAX:
        return code in _TAXES
    return bool(_ITEM.fullmatch(code))


def shares_of_sale(sale: OrderPlaced, book: CodeBook, money: Currency) -> tuple[GstShare, ...]:
    """Return the parts of a sale by code.

    Raises:
        UnreadDocumentError: no rule reads a row.
    """
    return _shares(sale.taxes, money.minor(sale.net), _rows_of(sale, book, money), book, money)


def shares_of_refund(refund: RefundStarted, sale: OrderPlaced, book: CodeBook, money: Currency) -> tuple[GstShare, ...]:
    """Return the parts of a refund by code, negative: of the rows that it names, or of all rows of its sale.

    Raises:
        UnreadDocumentError: no rule reads a row.
    """
    rows, own = _rows_of(sale, book, money), len(sale.lines)
    if not refund.lines:
        back = [row._replace(quantity=Decimal()) for row in rows]
        return _shares(refund.taxes, money.minor(refund.net), back, book, money)
    # a refunded row has its part of the service charge
    whole, charge = money.minor(sale.net), sum(row.net for row in rows[own:])
    back, charged = [], 0
    for line in refund.lines:
        row, sold, net = rows[line.row - 1], sale.lines[line.row - 1], -money.minor(line.net)
        charged += 0 if sold.uncharged else net
        weight = net * (whole if sold.uncharged else whole - charge)
        back.append(row._replace(net=weight, quantity=row.quantity * line.quantity / sold.quantity))
    back += [row._replace(net=charged * row.net) for row in rows[own:] if charged]
    return _shares(refund.taxes, money.minor(refund.net), back, book, money)


def _rows_of(sale: OrderPlaced, book: CodeBook, money: Currency) -> list[_Row]:
    rows = []
    for line in sale.lines:
        pieces = Decimal(line.quantity) * (1 if line.measure is None else Decimal(line.measure) / 1000)
        code = book.item(line.item_id, line.item_name, line.category)
        rows.append(
            _Row(code, line.taxes, money.minor(line.net), pieces, line.unit if line.measure is not None else "")
        )
    if charge := sale.service_charge:
        rows.append(_Row(book.charge(), charge.taxes, money.minor(charge.net)))
    return rows


def _shares(
    taxes: Iterable[PlacedTax], net: int, rows: list[_Row], book: CodeBook, money: Currency
) -> tuple[GstShare, ...]:
    by_rate: defaultdict[Decimal, list[_Row]] = defaultdict(list)
    for row in rows:
        by_rate[_rate_of(row.taxes, book)].append(row)
    taxes = tuple(taxes)
    rated = _rated(taxes, by_rate, book, money)
    rest = net - sum(sums.net for sums in rated.values())
    # the net of each tax of a refund is rounded by itself, and of the last one what is left: where each row has GST, a
    # difference below a rupee is no supply
    is_rounding = not by_rate[Decimal()] and abs(rest) < money.scale
    if not is_rounding and (rest or by_rate[Decimal()]):
        rated[Decimal()] = rated.get(Decimal(), GstSums()).plus(GstSums(rest))
    found: dict[SupplyCode, tuple[Decimal, GstSums]] = {}
    for rate, sums in rated.items():
        for code, quantity, part in _divided(rate, sums, by_rate[rate]):
            before = found.get(code, (Decimal(), GstSums()))
            found[code] = before[0] + quantity, before[1].plus(part)
    return tuple(GstShare(code, *amounts) for code, amounts in found.items())


def _rated(
    taxes: Iterable[PlacedTax], rows: dict[Decimal, list[_Row]], book: CodeBook, money: Currency
) -> dict[Decimal, GstSums]:
    """Return the sums by rate. A cess is with the rate of the rows that bear it."""
    halves: dict[str, dict[Decimal, tuple[int, int]]] = {"CGST": {}, "SGST": {}}
    cesses: defaultdict[Decimal, int] = defaultdict(int)
    for tax in taxes:
        code, amount, net = book.tax(tax.name, tax.rate), money.minor(tax.tax), money.minor(tax.net or "0")
        rate = Decimal(tax.rate or 0)
        if code == "CESS":
            cesses[_rate_beside(tax, rows)] += amount
        elif code == "GST":
            half_of_it = divide_and_round(amount, 2)
            for half, part in (("CGST", half_of_it), ("SGST", amount - half_of_it)):
                _add(halves[half], rate, net, part)
        elif code in halves:
            _add(halves[code], rate * 2, net, amount)
    central, state = halves["CGST"], halves["SGST"]
    if {rate: net for rate, (net, _tax) in central.items()} != {rate: net for rate, (net, _tax) in state.items()}:
        raise UnreadDocumentError(_("its CGST and SGST are not two halves. Set the codes of its taxes right."))
    if not cesses.keys() <= central.keys():
        raise UnreadDocumentError(_("it has a cess without GST. Enter it by hand."))
    return {rate: GstSums(net, tax, state[rate][1], cesses[rate]) for rate, (net, tax) in central.items()}


def _rate_beside(cess: PlacedTax, rows: dict[Decimal, list[_Row]]) -> Decimal:
    """Return the rate of GST of the rows that bear a cess."""
    name = (cess.name, cess.rate, cess.per_piece)
    bearing = {
        rate for rate, own in rows.items() for row in own if name in {(x.name, x.rate, x.per_piece) for x in row.taxes}
    }
    if len(bearing) != 1:
        raise UnreadDocumentError(_("its cess is of several rates. Enter it by hand."))
    return bearing.pop()


def _add(sums: dict[Decimal, tuple[int, int]], rate: Decimal, net: int, tax: int) -> None:
    before = sums.get(rate, (0, 0))
    sums[rate] = before[0] + net, before[1] + tax


def _rate_of(taxes: Iterable[PlacedTax], book: CodeBook) -> Decimal:
    """Return the whole rate of GST of a row."""
    coded = [(book.tax(tax.name, tax.rate), Decimal(tax.rate or 0)) for tax in taxes]
    return sum((rate for code, rate in coded if code in {"CGST", "SGST", "GST"}), Decimal())


def _divided(rate: Decimal, sums: GstSums, rows: list[_Row]) -> Iterator[tuple[SupplyCode, Decimal, GstSums]]:
    """Yield the sums of a rate by the codes of its rows, in proportion to their net."""
    if not rows:
        raise UnreadDocumentError(_("its rows and its taxes do not agree. Enter it by hand."))
    codes = [_code_of(row, rate) for row in rows]
    parts = [spread(Minor(amount), [row.net for row in rows]) for amount in sums]
    for place, (row, code) in enumerate(zip(rows, codes, strict=True)):
        quantity = Decimal() if code.hsn.startswith(_SERVICES) else row.quantity
        yield code, quantity, GstSums(*(part[place] for part in parts))


def _code_of(row: _Row, rate: Decimal) -> SupplyCode:
    found = _ITEM.fullmatch(row.hsn)
    hsn, why, none = found.groups("") if found else ("", "", "")
    kind = SupplyKind(why or none)
    if rate and kind:
        raise UnreadDocumentError(_("a row has GST, and its code says {kind}. Set the code right.").format(kind=kind))
    if found and not rate and not kind:
        raise UnreadDocumentError(
            _("a row has no GST. Let its code say why: {hsn}/NIL, {hsn}/EXEMPT, {hsn}/NONGST, or NONE.").format(hsn=hsn)
        )
    unit = "NA" if hsn.startswith(_SERVICES) else _UNITS.get(row.unit, "OTH")
    return SupplyCode(hsn, kind, rate, unit)
