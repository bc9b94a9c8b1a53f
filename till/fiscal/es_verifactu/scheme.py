"""The scheme of Spain: settings, records of invoices, annulments and corrections, and the words on the receipt."""

from __future__ import annotations

import re
from collections import defaultdict
from decimal import Decimal
from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from till.domain.errors import ConfigError
from till.domain.fiscal import FiscalProof, FiscalWords
from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.money.measures import Minor
from till.domain.numbers import INVOICES, REFUNDS_OF_INVOICES, series_of
from till.fiscal.es_verifactu.declaration import declaration_of
from till.fiscal.es_verifactu.form import law_of
from till.fiscal.es_verifactu.record import (
    ANNULLED,
    ANNULMENT,
    DAY,
    ISSUER,
    LONGEST_NAME,
    TAX_TOTAL,
    TOTAL,
    TRIAL,
    chained,
    day_of,
    fit,
    issuer_of,
)
from till.fiscal.es_verifactu.tax_numbers import check_buyer_number, compact, identity, is_nif, unregistered_identity
from till.ports.fiscal import FiscalError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from till.domain.fiscal import FiscalLaw, FiscalStamp, Installation, IssuedInvoice
    from till.domain.order.state import Buyer

_TAXES: Final = {"vat": "01", "ipsi": "02", "igic": "03"}
#: The most that a simplified invoice may come to, with tax, in minor units.
_SIMPLIFIED: Final = 3_000_00
#: The most rows of a breakdown in the authority's schema.
_MOST_RATES: Final = 12
_LONGEST_PROGRAM: Final = 30
_PREFIX: Final = re.compile(r"[A-Za-z0-9/._-]{0,20}\Z", re.ASCII)
_SYSTEM: Final = re.compile(r"[A-Z0-9]{2}\Z", re.ASCII)
_REQUIRED: Final = ("nif", "name", "producer_nif", "producer_name", "program", "system")
_OPTIONAL: Final = ("tax", "prefix", "trial", "producer_address", "declared")
#: The reason of an exemption at the beginning of the name of a tax: E1 is article 20 of the law of the VAT.
_EXEMPT: Final = re.compile(r"E[1-6]\b")
#: The kinds that name their buyer.
_NAMING: Final = frozenset({"F1", "F3", "R1"})
_WORDS: Final = {"sale": "Consumiciones y ventas", "refund": "Devolución"}
#: The names of the documents by the regulation of invoices (royal decree 1619/2012).
_TITLES: Final = {
    "F1": "Factura",
    "F2": "Factura simplificada",
    "F3": "Factura",
    "R1": "Factura rectificativa",
    "R5": "Factura rectificativa de factura simplificada",
}
_QR: Final = "https://{host}/wlpl/TIKE-CONT/ValidarQR?{query}"
#: The parts of a record that its mend makes anew.
_MADE_ANEW: Final = frozenset({"Encadenamiento", "SistemaInformatico", "RechazoPrevio"})
_HOSTS: Final = {True: "prewww2.aeat.es", False: "www2.agenciatributaria.gob.es"}


class VeriFactu:
    """VERI*FACTU: each invoice is a record in a chain, and the venue sends the records to the authority.

    Settings: `nif` and `name` of the issuer, `producer_nif` and `producer_name` of who declares the program, `program`
    (its name), `system` (the producer's two characters for it), `tax` (`vat`, `ipsi` or `igic`), `prefix` of the
    numbers, and `trial` (`yes` while records go to the authority's trial service). `producer_address` and `declared`
    (the version, the place and the date) are for the declaration.
    """

    name = "es-verifactu"

    def check(self, settings: Mapping[str, str]) -> None:
        """Refuse settings of the venue that are wrong or incomplete."""
        known = (*_REQUIRED, *_OPTIONAL)
        if unknown := next((key for key in settings if key not in known), None):
            raise ConfigError(
                _("{scheme} has no setting “{key}”. There are: {all}.").format(
                    scheme=self.name, key=fit(unknown, 40), all=", ".join(known)
                )
            )
        if missing := [key for key in _REQUIRED if not settings.get(key, "").strip()]:
            raise ConfigError(_("{scheme} needs its {missing}.").format(scheme=self.name, missing=", ".join(missing)))
        expected = {
            "nif": (is_nif(settings["nif"]), _("a NIF with its check letter or digit, such as B12345674")),
            "producer_nif": (is_nif(settings["producer_nif"]), _("a NIF with its check letter or digit")),
            "name": (_fits(settings["name"], LONGEST_NAME), _("a name of up to 120 characters")),
            "producer_name": (_fits(settings["producer_name"], LONGEST_NAME), _("a name of up to 120 characters")),
            "program": (_fits(settings["program"], _LONGEST_PROGRAM), _("a name of up to 30 characters")),
            "system": (bool(_SYSTEM.match(settings["system"])), _("two capital letters or digits")),
            "tax": (settings.get("tax", "vat") in _TAXES, ", ".join(_TAXES)),
            "prefix": (
                bool(_PREFIX.match(settings.get("prefix", ""))),
                _("up to 20 letters, digits, dots, strokes and hyphens"),
            ),
            "trial": (settings.get("trial", "no") in {"yes", "no"}, "yes, no"),
        }
        for key, (is_right, words) in expected.items():
            if not is_right:
                raise ConfigError(
                    _("{key} of {scheme} must be {expected}.").format(key=key, scheme=self.name, expected=words)
                )

    def proof(self, settings: Mapping[str, str]) -> FiscalProof:
        """Return the fields of a record that the server compares."""
        return FiscalProof(same={ISSUER: settings["nif"]}, day=DAY, day_format="DD-MM-YYYY", tax=TAX_TOTAL, total=TOTAL)

    def law(self, settings: Mapping[str, str]) -> FiscalLaw:
        """Return the form of a record, by which the server checks stamps."""
        return law_of(self.name, settings.get("tax", "vat"), _NAMING)

    def asks_buyer(self, total: Minor) -> bool:
        """Return True if an invoice of this total must name its buyer."""
        return total > _SIMPLIFIED

    def check_buyer(self, buyer: Buyer, settings: Mapping[str, str]) -> None:
        """Refuse a buyer whom no full invoice can name.

        Raises:
            ConfigError: says what to type.
        """
        check_buyer_number(buyer.tax_number)
        if compact(buyer.tax_number) == settings["nif"]:
            raise ConfigError(_("That is this venue's own NIF. Type the guest's."))
        if not buyer.address.strip():
            raise ConfigError(_("Its address too: “invoice to Rao, B12345674, C/ Sol 5”."))

    def number_of(self, receipt: str, settings: Mapping[str, str]) -> str:
        """Return the number of a receipt as paper and record have it."""
        return settings.get("prefix", "") + receipt

    def stamp(
        self,
        issued: IssuedInvoice,
        settings: Mapping[str, str],
        installation: Installation,
        before: FiscalStamp | None,
    ) -> FiscalStamp:
        """Return the record of an invoice. `before` is the newest record of the installation's chain.

        Raises:
            FiscalError: the invoice has more tax rates than a record can hold, or is a full one of a negative amount.
        """
        kind = _kind_of(issued)
        if kind == "F1" and issued.total.startswith("-"):
            raise FiscalError(_("No invoice to a firm is negative: refund the sale (F10)."))
        fields = {
            ISSUER: settings["nif"],
            DAY: f"{issued.at:%d-%m-%Y}",
            "NombreRazonEmisor": fit(settings["name"]),
            "DescripcionOperacion": _WORDS[issued.what],
            **_breakdown(issued, _TAXES[settings.get("tax", "vat")]),
        }
        if settings.get("trial") == "yes":
            fields[TRIAL] = "S"
        if issued.rectifies is not None:
            fields |= {
                "TipoRectificativa": "I",
                "FacturasRectificadas.1.IDEmisorFactura": settings["nif"],
                "FacturasRectificadas.1.NumSerieFactura": issued.rectifies.number,
                "FacturasRectificadas.1.FechaExpedicionFactura": f"{issued.rectifies.on:%d-%m-%Y}",
            }
        if issued.replaces is not None:
            fields |= {
                "FacturasSustituidas.1.IDEmisorFactura": issuer_of(issued.replaces),
                "FacturasSustituidas.1.NumSerieFactura": issued.replaces.number,
                "FacturasSustituidas.1.FechaExpedicionFactura": day_of(issued.replaces),
            }
        names = _named(issued.buyer) if issued.buyer is not None and kind in _NAMING else {}
        return chained(
            kind,
            self.number_of(issued.number, settings),
            fields,
            names,
            at=issued.at,
            settings=settings,
            installation=installation,
            before=before,
        )

    def annul(
        self,
        annulled: FiscalStamp,
        settings: Mapping[str, str],
        installation: Installation,
        before: FiscalStamp | None,
        *,
        at: datetime,
        held: bool,
        refused: bool = False,
    ) -> FiscalStamp:
        """Return the record that annuls an invoice which never was.

        Args:
            annulled: the record of the invoice.
            settings: the settings of the venue.
            installation: the installation that annuls.
            before: the newest record of its chain.
            at: the time of the annulment, aware, in the venue's zone.
            held: True if the authority took a record of this invoice, also one with errors.
            refused: True if it refused an annulment before this one.
        """
        fields = {ISSUER + ANNULLED: issuer_of(annulled), DAY + ANNULLED: day_of(annulled)}
        if not held:
            fields["SinRegistroPrevio"] = "S"
        if refused:
            fields["RechazoPrevio"] = "S"
        if TRIAL in annulled.fields:
            fields[TRIAL] = "S"
        return chained(
            ANNULMENT,
            annulled.number,
            fields,
            {},
            at=at,
            settings=settings,
            installation=installation,
            before=before,
        )

    def correct(
        self,
        stamp: FiscalStamp,
        settings: Mapping[str, str],
        installation: Installation,
        before: FiscalStamp | None,
        *,
        at: datetime,
        held: bool,
        refused: bool,
        unregistered: bool = False,
    ) -> FiscalStamp:
        """Return the record that mends another of the same invoice. An annulment is made again.

        Args:
            stamp: the record to mend. Its invoice stays: number, day, kind and amounts.
            settings: the settings of the venue, of which the issuer's name is taken again.
            installation: the installation that mends.
            before: the newest record of its chain.
            at: the time of the mend, aware, in the venue's zone.
            held: True if the authority took a record of this invoice, also one with errors.
            refused: True if it refused `stamp`.
            unregistered: True if the buyer's number is right, and the authority does not know it.
        """
        if stamp.kind == ANNULMENT:
            return self.annul(stamp, settings, installation, before, at=at, held=held, refused=refused)
        kept = {key: value for key, value in stamp.fields.items() if key.partition(".")[0] not in _MADE_ANEW}
        fields = {**kept, "NombreRazonEmisor": fit(settings["name"]), "Subsanacion": "S"}
        if refused or not held:
            fields["RechazoPrevio"] = "S" if held else "X"
        return chained(
            stamp.kind,
            stamp.number,
            fields,
            _unregistered(stamp.names) if unregistered else stamp.names,
            at=at,
            settings=settings,
            installation=installation,
            before=before,
        )

    def declaration(self, settings: Mapping[str, str], version: str) -> str:
        """Return the producer's declaration for this version of the program."""
        return declaration_of(settings, version)

    def words(self, stamp: FiscalStamp) -> FiscalWords:
        """Return the marks of a stamp on its receipt."""
        query = urlencode(
            {
                "nif": issuer_of(stamp),
                "numserie": stamp.number,
                "fecha": day_of(stamp),
                "importe": stamp.fields[TOTAL],
            },
            quote_via=quote,
            safe="",
        )
        code = _QR.format(host=_HOSTS[TRIAL in stamp.fields], query=query)
        return FiscalWords(
            code,
            above=("QR tributario:",),
            below=("VERI*FACTU",),
            titles=(f"{stamp.fields['NombreRazonEmisor']}, NIF {issuer_of(stamp)}", _TITLES[stamp.kind]),
            number=stamp.number,
            rectifies=stamp.fields.get("FacturasRectificadas.1.NumSerieFactura", ""),
            replaces=stamp.fields.get("FacturasSustituidas.1.NumSerieFactura", ""),
        )


SCHEME: Final = VeriFactu()


def _kind_of(issued: IssuedInvoice) -> str:
    """Return the law's type of an invoice, which the series of its number names: F1 or F2, and R1 or R5 for a refund.

    F3 is for a ticket that is paid.
    A till of an earlier program numbered full invoices among the tickets: there the buyer makes one.
    """
    if issued.replaces is not None:
        if issued.replaces.kind in _NAMING:
            raise FiscalError(_("It names its buyer already: P prints it again."))
        return "F3"
    if issued.rectifies is None:
        return "F1" if series_of(issued.number) == INVOICES or issued.buyer is not None else "F2"
    if series_of(issued.number) == REFUNDS_OF_INVOICES:
        return "R1"
    rectified = issued.rectifies.kind or ("F1" if issued.buyer is not None else "F2")
    return "R1" if rectified in _NAMING else "R5"


def _named(buyer: Buyer) -> dict[str, str]:
    fields = {"NombreRazon": fit(buyer.name), **identity(buyer.tax_number)}
    return {f"Destinatarios.1.{name}": value for name, value in fields.items()}


def _unregistered(names: Mapping[str, str]) -> dict[str, str]:
    """Return the names of a record with the kind of the same number for a buyer whom the authority does not know."""
    at = len("Destinatarios.1.")
    known = {path[at:]: text for path, text in names.items()}
    other = {"NombreRazon": known["NombreRazon"], **unregistered_identity(known)} if "NombreRazon" in known else known
    return {f"Destinatarios.1.{name}": text for name, text in other.items()}


def _breakdown(issued: IssuedInvoice, impost: str) -> dict[str, str]:
    """Return the rows of the tax rates and of the exempt items, and the totals.

    A tax of 0 % whose name begins with the reason, such as “E1 Exento”, is an exempt row. An amount that no rate was
    charged on is a row of its own, not subject to the tax. What the shares of a refund, each rounded, miss of its
    total is part of the largest row.
    """
    currency = Currency(issued.currency)
    rates: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for tax in issued.taxes:
        if tax.rate is not None:
            reason = _EXEMPT.match(tax.name) if not Decimal(tax.rate) else None
            row = rates[reason[0] if reason else f"{Decimal(tax.rate):.2f}"]
            row[0] += currency.minor(tax.net or "0")
            row[1] += currency.minor(tax.tax)
    left = currency.minor(issued.total) - sum(net + charged for net, charged in rates.values())
    if rates and issued.rectifies is not None and not issued.rectifies.untaxed:
        max(rates.values(), key=lambda row: abs(row[0]))[0] += left
        left = 0
    charged_on = {"Impuesto": impost, "ClaveRegimen": "01"}
    rows = [
        {**charged_on, "OperacionExenta": rate, "BaseImponibleOimporteNoSujeto": currency.text(Minor(net))}
        if _EXEMPT.match(rate)
        else {
            **charged_on,
            "CalificacionOperacion": "S1",
            "TipoImpositivo": rate,
            "BaseImponibleOimporteNoSujeto": currency.text(Minor(net)),
            "CuotaRepercutida": currency.text(Minor(charged)),
        }
        for rate, (net, charged) in rates.items()
    ]
    if left or not rows:
        rows.append(
            {
                **charged_on,
                "CalificacionOperacion": "N1",
                "BaseImponibleOimporteNoSujeto": currency.text(Minor(left)),
            }
        )
    if len(rows) > _MOST_RATES:
        raise FiscalError(_("An invoice in Spain has at most 12 tax rates. Split the order."))
    fields = {f"Desglose.{number}.{name}": text for number, row in enumerate(rows, 1) for name, text in row.items()}
    charged_in_all = currency.text(Minor(sum(charged for _net, charged in rates.values())))
    return {**fields, TAX_TOTAL: charged_in_all, TOTAL: currency.text(currency.minor(issued.total))}


def _fits(text: str, longest: int) -> bool:
    return fit(text, longest) == text.strip() != ""
