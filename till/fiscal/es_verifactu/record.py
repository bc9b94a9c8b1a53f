"""The records: their chain, their hash, and the fields that each has."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Final

from till.domain.fiscal import FiscalStamp
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from till.domain.fiscal import Installation

#: The kind of a record that annuls an invoice; the other kinds are the law's types of invoices.
ANNULMENT: Final = "Anulacion"
ISSUER: Final = "IDFactura.IDEmisorFactura"
DAY: Final = "IDFactura.FechaExpedicionFactura"
RECORDED: Final = "FechaHoraHusoGenRegistro"
TAX_TOTAL: Final = "CuotaTotal"
TOTAL: Final = "ImporteTotal"
#: The mark of a record that is for the authority's trial service only. It is no element of the record.
TRIAL: Final = "Prueba"
#: The ending of the names of an annulled invoice.
ANNULLED: Final = "Anulada"
_BEFORE: Final = "Encadenamiento.RegistroAnterior"

#: The longest texts of the authority's schema.
LONGEST_NAME: Final = 120
_LONGEST_VERSION: Final = 50


def fit(text: str, longest: int = LONGEST_NAME) -> str:
    """Return a text as a record may hold it: one line of characters of XML, cut at its limit."""
    return " ".join(clean(text).split())[:longest].rstrip()


def issuer_of(stamp: FiscalStamp) -> str:
    """Return the NIF of the issuer."""
    return stamp.fields[ISSUER + _ending(stamp.kind)]


def day_of(stamp: FiscalStamp) -> str:
    """Return the day of the invoice, as `dd-mm-yyyy`."""
    return stamp.fields[DAY + _ending(stamp.kind)]


def hash_of(kind: str, number: str, fields: Mapping[str, str], previous: str) -> str:
    """Return the hash of a record, by the formula of its kind."""
    named = {
        "IDEmisorFactura": fields.get(ISSUER),
        "NumSerieFactura": number,
        "FechaExpedicionFactura": fields.get(DAY),
    }
    if kind == ANNULMENT:
        named = {
            "IDEmisorFacturaAnulada": fields.get(ISSUER + ANNULLED),
            "NumSerieFacturaAnulada": number,
            "FechaExpedicionFacturaAnulada": fields.get(DAY + ANNULLED),
        }
    else:
        named |= {"TipoFactura": kind, TAX_TOTAL: fields.get(TAX_TOTAL), TOTAL: fields.get(TOTAL)}
    named |= {"Huella": previous, RECORDED: fields.get(RECORDED)}
    text = "&".join(f"{name}={(value or '').strip()}" for name, value in named.items())
    return hashlib.sha256(text.encode()).hexdigest().upper()


def chained(
    kind: str,
    number: str,
    fields: Mapping[str, str],
    names: Mapping[str, str],
    *,
    at: datetime,
    settings: Mapping[str, str],
    installation: Installation,
    before: FiscalStamp | None,
) -> FiscalStamp:
    """Return a record of these fields, with its program, its time and its place in the chain of the installation."""
    chain = (
        {
            f"{_BEFORE}.IDEmisorFactura": issuer_of(before),
            f"{_BEFORE}.NumSerieFactura": before.number,
            f"{_BEFORE}.FechaExpedicionFactura": day_of(before),
        }
        if before is not None
        else {"Encadenamiento.PrimerRegistro": "S"}
    )
    program = {
        "NombreRazon": fit(settings["producer_name"]),
        "NIF": settings["producer_nif"],
        "NombreSistemaInformatico": settings["program"],
        "IdSistemaInformatico": settings["system"],
        "Version": fit(installation.version, _LONGEST_VERSION),
        "NumeroInstalacion": installation.journal,
        "TipoUsoPosibleSoloVerifactu": "S",
        "TipoUsoPosibleMultiOT": "N",
        "IndicadorMultiplesOT": "N",
    }
    whole = {
        "IDVersion": "1.0",
        **fields,
        **chain,
        **{f"SistemaInformatico.{name}": value for name, value in program.items()},
        RECORDED: at.isoformat(timespec="seconds"),
        "TipoHuella": "01",
    }
    previous = before.hash if before is not None else ""
    return FiscalStamp(
        kind=kind,
        number=number,
        fields=whole,
        names=names,
        previous=previous,
        hash=hash_of(kind, number, whole, previous),
    )


def _ending(kind: str) -> str:
    return ANNULLED if kind == ANNULMENT else ""
