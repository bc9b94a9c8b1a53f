"""The authority's own list of the records that it has: the request for a day, and the reading of a page (SOAP 1.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from till.domain.fiscal_sending import ListedRecord, ListingPage
from till.fiscal.es_verifactu.record import fit
from till.fiscal.es_verifactu.xml import INFORMATION, SOAP

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date

QUERY: Final = INFORMATION.replace("SuministroInformacion", "ConsultaLR")
LISTING: Final = INFORMATION.replace("SuministroInformacion", "RespuestaConsultaLR")
_NAMES: Final = {"s": SOAP, "r": LISTING, "i": INFORMATION}
#: The elements that name a row, for the next page.
_PLACE: Final = ("IDEmisorFactura", "NumSerieFactura", "FechaExpedicionFactura")
_HTTP_OK: Final = 200


def query_xml(settings: Mapping[str, str], day: date, after: Sequence[str]) -> str:
    """Return the request for the rows of the issuer and a day; `after` is the place of the last row that is known."""
    place = "".join(f"<sf:{name}>{escape(text)}</sf:{name}>" for name, text in zip(_PLACE, after, strict=False))
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{SOAP}" xmlns:sfLRC="{QUERY}" '
        f'xmlns:sf="{INFORMATION}"><soapenv:Header/><soapenv:Body><sfLRC:ConsultaFactuSistemaFacturacion>'
        f"<sfLRC:Cabecera><sf:IDVersion>1.0</sf:IDVersion><sf:ObligadoEmision>"
        f"<sf:NombreRazon>{escape(fit(settings.get('name', '')))}</sf:NombreRazon>"
        f"<sf:NIF>{escape(settings.get('nif', ''))}</sf:NIF></sf:ObligadoEmision></sfLRC:Cabecera>"
        f"<sfLRC:FiltroConsulta><sfLRC:PeriodoImputacion><sf:Ejercicio>{day:%Y}</sf:Ejercicio>"
        f"<sf:Periodo>{day:%m}</sf:Periodo></sfLRC:PeriodoImputacion><sfLRC:FechaExpedicionFactura>"
        f"<sf:FechaExpedicionFactura>{day:%d-%m-%Y}</sf:FechaExpedicionFactura></sfLRC:FechaExpedicionFactura>"
        f"{f'<sfLRC:ClavePaginacion>{place}</sfLRC:ClavePaginacion>' if place else ''}</sfLRC:FiltroConsulta>"
        f"</sfLRC:ConsultaFactuSistemaFacturacion></soapenv:Body></soapenv:Envelope>"
    )


def read_listing(status: int, body: bytes) -> ListingPage:
    """Return a page of the list. `trouble` says what stands in the place of one."""
    unread = ListingPage(trouble=f"HTTP {status}")
    if b"<!DOCTYPE" in body[:1000] or b"<!ENTITY" in body:
        return unread
    try:
        root = ET.fromstring(body)  # noqa: S314 - entities are refused above
    except ET.ParseError:
        return unread
    found = root.find("s:Body/r:RespuestaConsultaFactuSistemaFacturacion", _NAMES)
    if status != _HTTP_OK or found is None:
        words = (root.findtext("s:Body/s:Fault/faultstring", "", _NAMES) or "").split()
        return ListingPage(trouble=" ".join(words)) if words else unread
    place = found.find("r:ClavePaginacion", _NAMES)
    after = () if place is None else tuple(place.findtext(f"i:{name}", "", _NAMES).strip() for name in _PLACE)
    rows = found.iterfind("r:RegistroRespuestaConsultaFactuSistemaFacturacion", _NAMES)
    return ListingPage(
        records=tuple(_read_row(one) for one in rows),
        after=after if found.findtext("r:IndicadorPaginacion", "", _NAMES).strip() == "S" else (),
    )


def _read_row(row: ET.Element) -> ListedRecord:
    return ListedRecord(
        number=row.findtext("r:IDFactura/i:NumSerieFactura", "", _NAMES).strip(),
        hash=row.findtext("r:DatosRegistroFacturacion/r:Huella", "", _NAMES).strip().upper(),
        is_annulled=row.findtext("r:EstadoRegistro/r:EstadoRegistro", "", _NAMES).strip() == "Anulado",
    )
