"""The export for Norway: one file of SAF-T Cash Register 1.00, unsigned, for the accountant's program.

The form wants each register whole, so what it names once is read first, and then each till by itself.
"""

from __future__ import annotations

from decimal import Decimal
from heapq import merge
from itertools import chain
from typing import TYPE_CHECKING, Final, TypeAlias

from till.domain.codes import CodeKind, tax_id
from till.domain.errors import ConfigError
from till.domain.i18n import N_, _
from till.domain.refund.events import RefundApproved
from till.domain.shift.events import CashMoved, ShiftClosed
from till.domain.till.events import ReceiptIssued
from till.fiscal.no_saft import lists
from till.fiscal.no_saft.parts import NONE, basic, el, leaf, leaves, money, only_rate, short, side, vat, when, z_report
from till.ports.fiscal_export import ExportedRefund, ExportedSale, ExportFault, ExportPiece

if TYPE_CHECKING:
    from collections.abc import Iterator

    from till.domain.codes import CodeBook
    from till.domain.events.envelope import Event
    from till.domain.events.registry import EventData
    from till.domain.order.events import PlacedLine, PlacedTax
    from till.domain.settings import VenueSettings
    from till.ports.fiscal_export import ExportDays, ExportRead, ExportVenue

_NAME: Final = "no-saft"
_SPACE: Final = "urn:StandardAuditFile-Taxation-CashRegister:NO"
#: The settings of the venue that the file needs.
_FACTS: Final = ("organisation_number", "street", "postal_code", "city")
_KINDS: Final[tuple[type[EventData], ...]] = tuple(lists.EVENTS)
#: The group of a service charge.
_CHARGE: Final = "CHARGE"
_Transaction: TypeAlias = ExportedSale | ExportedRefund


class SaftExport:
    """SAF-T Cash Register, unsigned."""

    name = _NAME
    about = N_("Norway: SAF-T Cash Register 1.00, unsigned, for the accountant's program.")
    texts = False
    is_closed = True

    def lacks(self, venue: ExportVenue) -> Iterator[str]:
        """Yield the settings that are missing, and what the regulation wants beyond this file."""
        for key in _missing(venue.venue.settings):
            yield _("{key} is not set: `till admin settings set {key} …`.").format(key=key)
        venue.codes(_NAME, lists.is_code).look_ahead(CodeKind.ITEM, CodeKind.TAX)
        yield _(
            "It is not yet the file of the regulation: it has no signature, no X report, no event of a receipt printed "
            "with its sale, and no names of people. Give it to the accountant."
        )

    def write(self, read: ExportRead, days: ExportDays, venue: ExportVenue) -> Iterator[ExportPiece | ExportFault]:
        """Yield the file.

        Raises:
            ConfigError: the venue lacks a fact that the file needs.
        """
        settings = venue.venue.settings
        if missing := _missing(settings):
            sentence = _("Set these first: {keys}. `till admin settings set {key} …`")
            raise ConfigError(sentence.format(keys=", ".join(missing), key=missing[0]))
        names = _Names(venue.codes(_NAME, lists.is_code), settings.currency)
        yield from names.collect(read)
        made = venue.venue.local(venue.made_at)
        file = f"SAF-T Cash Register_{settings.organisation_number}_{made:%Y%m%d%H%M%S}.xml"

        def piece(text: str, records: int = 0) -> ExportPiece:
            return ExportPiece(file, text, records)

        company = (settings.organisation_number, settings.legal_name or settings.name)
        yield piece(f'<?xml version="1.0" encoding="UTF-8"?>\n<auditfile xmlns="{_SPACE}">\n')
        yield piece(el("header", leaves(
            fiscalYear=days.first.year, startDate=days.first, endDate=days.last, curCode=settings.currency,
            dateCreated=made.date(), timeCreated=f"{made:%H:%M:%S}", softwareDesc="till"),
            leaf("softwareVersion", venue.version, 20), leaves(softwareCompanyName="till", auditfileVersion="1.0"),
            leaf("headerComment", "Unsigned")))  # fmt: skip
        yield piece("<company>\n")
        yield piece(leaf("companyIdent", company[0], 35) + leaf("companyName", company[1], 100))
        yield piece(leaf("taxRegistrationCountry", settings.country) + leaf("taxRegIdent", settings.tax_number, 50))
        yield piece(_address(settings))
        yield from map(piece, names.parts(days))
        yield piece("<location>\n" + leaf("name", settings.name, 100) + _address(settings))
        for till in sorted(names.tills):
            register = f"till {till}"
            yield piece(
                "<cashregister>\n" + leaf("registerID", register) + leaf("regDesc", venue.venue.till_name(till))
            )
            for event, data in read.events(*_KINDS, till=till):
                at = venue.venue.local(event.at)
                report = ""
                if isinstance(data, ShiftClosed):
                    report = z_report(data, at, register, company, names.categories, names.taxes)
                yield piece(el("event", leaves(eventID=short(event.id), eventType=_code_of(data),
                    transID=data.receipt if isinstance(data, RefundApproved) else None, empID=_person(event)),
                    when(at, "event"), report))  # fmt: skip
            for one in _transactions(read, till):
                if names.fault(one) is None:
                    day = when(venue.venue.local(one.event.at), "trans")
                    text = _sale(one, names, day) if isinstance(one, ExportedSale) else _refund(one, names, day)
                    yield piece(text, 1)
            yield piece("</cashregister>\n")
        yield piece("</location>\n</company>\n</auditfile>\n")


def _transactions(read: ExportRead, till: int) -> Iterator[_Transaction]:
    """Yield the sales and refunds of a till in their order."""
    both: list[Iterator[_Transaction]] = [read.sales(till=till), read.refunds(till=till)]
    return merge(*both, key=lambda one: one.event.id)


def _missing(settings: VenueSettings) -> list[str]:
    return [key for key in _FACTS if not getattr(settings, key)]


def _address(of: VenueSettings) -> str:
    parts = (leaf("streetname", of.street, 100), leaf("number", of.street_number, 20), leaf("city", of.city, 50))
    return el("streetAddress", *parts, leaf("postalCode", of.postal_code, 20), leaf("country", of.country))


def _person(event: Event) -> str | None:
    return None if event.user is None else str(event.user)


def _code_of(data: EventData) -> str:
    """Return the code of a record in the list of events."""
    if isinstance(data, ReceiptIssued):
        return lists.BILL if data.is_bill else lists.COPY if data.copy else lists.EVENTS[ReceiptIssued]
    if isinstance(data, CashMoved) and Decimal(data.amount) < 0:
        return lists.DRAWN
    return lists.EVENTS[type(data)]


class _Names:
    """The tills, people, articles, groups and taxes that the file names once, in front of the registers.

    Attributes:
        tills: the numbers of the tills.
        categories: the id of the first group of each category.
        taxes: the id of each tax, by its name and rate.
    """

    def __init__(self, book: CodeBook, currency: str) -> None:
        self._book, self._currency = book, currency
        self.tills: set[int] = set()
        self.categories: dict[str, str] = {}
        self.taxes: dict[str, str] = {}
        self._groups: dict[tuple[str, str], str] = {}
        self._articles: dict[str, tuple[str, str]] = {}
        self._standard: dict[str, str] = {}
        self._people: set[str] = set()
        self._tenders: dict[str, str] = {"CASH": "12001"}
        self._charge = ""

    def collect(self, read: ExportRead) -> Iterator[ExportFault]:
        """Read all records once. Yield the sales and refunds that the form cannot have."""
        both: list[Iterator[_Transaction]] = [read.sales(), read.refunds()]
        for one in chain(*both):
            fault = self.fault(one)
            if fault is not None:
                yield fault
            elif isinstance(one, ExportedSale):
                self._take_sale(one)
            else:
                self._take_refund(one)
        for event, data in read.events(*_KINDS):
            self._take(event)
            if isinstance(data, ShiftClosed):
                for own in data.sums.categories:
                    if own.category not in self.categories:
                        self._group_of(own.category, self._book.category(own.category) if own.category else "04999")

    def _take_sale(self, sale: ExportedSale) -> None:
        self._take(sale.event)
        self._take_taxes(sale.data.taxes)
        if sale.data.service_charge is not None:
            self._charge = self._book.charge()
        for line in sale.data.lines:
            self.group(line)
        for paid in sale.data.payments:
            self._tenders[paid.tender] = self._book.tender(paid.tender)

    def _take_refund(self, refund: ExportedRefund) -> None:
        self._take(refund.event)
        self._take_taxes(refund.data.taxes)
        self._tenders[refund.data.tender] = self._book.tender(refund.data.tender)
        for part in refund.data.lines:
            self.group(refund.sale.data.lines[part.row - 1])

    def fault(self, one: _Transaction) -> ExportFault | None:
        """Return the reason why the form cannot have a sale or a refund; None if it can."""
        data = one.data if isinstance(one, ExportedSale) else one.sale.data
        charge, total = data.service_charge, sum((Decimal(row.subtotal) for row in data.lines), Decimal())
        why = ""
        if data.currency != self._currency:
            why = _("it is in {currency}").format(currency=data.currency)
        elif not all(only_rate(row.taxes) for row in data.lines) or (charge and not only_rate(charge.taxes)):
            why = _("a row has several taxes, or one by the piece")
        elif total + Decimal(charge.subtotal if charge is not None else 0) != Decimal(data.total):
            why = _("its rows do not add up to its total")
        sentence = _("{receipt} is not in the file: {why}. Book it by hand.")
        receipt = one.data.receipt
        return ExportFault(receipt, sentence.format(receipt=receipt, why=why)) if why else None

    def _take(self, event: Event) -> None:
        self.tills.add(event.till)
        if event.user is not None:
            self._people.add(str(event.user))

    def _take_taxes(self, taxes: tuple[PlacedTax, ...]) -> None:
        for tax in taxes:
            self.tax(tax)

    def tax(self, tax: PlacedTax) -> str:
        """Return the id of a tax."""
        own = self.taxes.setdefault(tax_id(tax.name, tax.rate), str(len(self.taxes) + 1))
        self._standard[own] = self._book.tax(tax.name, tax.rate)
        return own

    def group(self, line: PlacedLine) -> str:
        """Return the group of a line, and know its article."""
        own = self._group_of(line.category, self._book.item(line.item_id, line.item_name, line.category))
        self._articles[short(line.item_id)] = (line.item_name, own)
        return own

    def _group_of(self, category: str, code: str) -> str:
        own = self._groups.setdefault((category, code), f"G{len(self._groups) + 1}")
        self.categories.setdefault(category, own)
        return own

    def parts(self, days: ExportDays) -> Iterator[str]:
        """Yield the parts in front of the registers. Since when something is there, no record of these days says."""
        yield el("vatCodeDetails", *(
            el("vatCodeDetail", leaves(vatCode=own, dateOfEntry=days.first, vatDesc=f"{name} %",
                                       standardVatCode=self._standard.get(own)))
            for name, own in self.taxes.items()))  # fmt: skip
        yield el("employees", *(
            el("employee", leaves(empID=one, dateOfEntry=days.first, timeOfEntry="00:00:00", surName=one))
            for one in sorted(self._people)))  # fmt: skip
        yield el("articles", *(
            el("article", leaves(artID=own, dateOfEntry=days.first, artGroupID=group, artDesc=name))
            for own, (name, group) in self._articles.items()))  # fmt: skip
        yield "<basics>\n"
        for (category, code), own in self._groups.items():
            yield basic("04", own, category or NONE, code)
        if self._charge:
            yield basic("04", _CHARGE, "Service charge", self._charge)
        yield basic("04", NONE, "No sales", "04999")
        yield basic("05", "SAL", "Sale line") + basic("05", "RET", "Return line") + basic("08", "DISC", "Discount")
        yield basic("10", "TIP", "Tip", lists.TIP)
        yield basic("11", "CASHSAL", "Cash sale", lists.SALE) + basic("11", "RETURNSAL", "Return sale", lists.RETURN)
        for tender, code in sorted(self._tenders.items()):
            yield basic("12", f"PAY-{tender}", tender, code)
        for code in sorted({*lists.EVENTS.values(), lists.COPY, lists.BILL, lists.DRAWN}):
            yield basic("13", code, code, code)
        yield "</basics>\n"


def _row(nr: str, place: int, kind: str, group: str, gross: str, net: str, *rest: str, **facts: object) -> str:
    """Return a row of a transaction: `facts` are its elements between group and amounts, `rest` those behind them."""
    head = leaves(nr=nr, lineID=place, lineType=kind, artGroupID=group, **facts)
    return el("ctLine", head, leaves(lineAmntIn=money(gross), lineAmntEx=money(net), amntTp=side(gross)), *rest)


def _vats(names: _Names, taxes: tuple[PlacedTax, ...], net: str | None = None) -> str:
    return "".join(vat(names.tax(one), one.rate, one.tax, net if net is not None else one.net or "0") for one in taxes)


def _sale(sale: ExportedSale, names: _Names, at: str) -> str:
    data, nr = sale.data, sale.data.receipt
    rows = []
    for place, line in enumerate(data.lines, 1):
        off = el("discount", leaves(dscTp="DISC", dscAmnt=money(line.discount))) if Decimal(line.discount) else ""
        rows.append(_row(nr, place, "SAL", names.group(line), line.subtotal, line.net,
                         leaf("ppu", line.unit_price), _vats(names, line.taxes, line.net), off,
                         artID=short(line.item_id), qnt=line.quantity))  # fmt: skip
    if (charge := data.service_charge) is not None:
        vats = _vats(names, charge.taxes, charge.net)
        rows.append(_row(nr, len(rows) + 1, "SAL", _CHARGE, charge.subtotal, charge.net, vats))
    tips = sum((Decimal(one.tip) for one in data.payments), Decimal())
    paid = (
        el("payment", leaves(paymentType=f"PAY-{one.tender}", paidAmnt=money(Decimal(one.amount) - Decimal(one.change)),
                             curCode=data.currency, paymentRefID=one.transaction or None))
        for one in data.payments
    )  # fmt: skip
    return el(
        "cashtransaction",
        leaves(nr=nr, transID=nr, transType="CASHSAL", transAmntIn=money(data.total), transAmntEx=money(data.net)),
        leaves(amntTp=side(data.total), empID=_person(sale.event)),
        at,
        *rows,
        _vats(names, data.taxes),
        el("raise", leaves(raiseType="TIP", raiseAmnt=money(tips))) if tips else "",
        el("rounding", leaf("roundingAmnt", money(data.rounding))),
        *paid,
        "<signature/>\n<keyVersion>0</keyVersion>\n",
    )


def _refund(refund: ExportedRefund, names: _Names, at: str) -> str:
    data, nr = refund.data, refund.data.receipt
    rows = []
    for place, part in enumerate(data.lines, 1):
        sold = refund.sale.data.lines[part.row - 1]
        taxes = sold.taxes[:1]
        vats = "".join(vat(names.tax(one), one.rate, part.tax, part.net) for one in taxes)
        rows.append(_row(nr, place, "RET", names.group(sold), part.amount, part.net, vats,
                         artID=short(sold.item_id), qnt=part.quantity))  # fmt: skip
    gross = Decimal(data.net) + Decimal(data.tax)
    return el(
        "cashtransaction",
        leaves(nr=nr, transID=nr, transType="RETURNSAL", transAmntIn=money(gross), transAmntEx=money(data.net)),
        leaves(amntTp=side(gross), empID=_person(refund.event)),
        at,
        leaf("refID", data.sold),
        *rows,
        _vats(names, data.taxes),
        el("rounding", leaf("roundingAmnt", money(data.rounding))),
        el("payment", leaves(paymentType=f"PAY-{data.tender}", paidAmnt=money(data.amount), curCode=data.currency)),
        "<signature/>\n<keyVersion>0</keyVersion>\n",
    )


EXPORT: Final = SaftExport()
