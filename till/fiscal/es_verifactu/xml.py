"""Records as the authority's XML: one, or many in the element that a request and an exported file have."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape

from till.domain.text import clean
from till.fiscal.es_verifactu.record import ANNULMENT, fit

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from till.domain.fiscal import FiscalStamp

_SPACE: Final = (
    "https://www2.agenciatributaria.gob.es/static_files/common/internet/dep/aplicaciones/es/aeat/tike/cont/ws/"
)
SOAP: Final = "http://schemas.xmlsoap.org/soap/envelope/"
INFORMATION: Final = f"{_SPACE}SuministroInformacion.xsd"
REQUEST: Final = f"{_SPACE}SuministroLR.xsd"

#: The elements of all parts of a record, in the order of the authority's schema, which is the same wherever two meet.
_ELEMENTS: Final = """
IDVersion IDFactura IDEmisorFacturaAnulada NumSerieFacturaAnulada FechaExpedicionFacturaAnulada
NombreRazonEmisor Subsanacion SinRegistroPrevio RechazoPrevio TipoFactura TipoRectificativa FacturasRectificadas
FacturasSustituidas DescripcionOperacion Destinatarios Desglose Impuesto ClaveRegimen CalificacionOperacion
OperacionExenta TipoImpositivo BaseImponibleOimporteNoSujeto CuotaRepercutida CuotaTotal ImporteTotal Encadenamiento
PrimerRegistro RegistroAnterior
IDEmisorFactura NumSerieFactura FechaExpedicionFactura SistemaInformatico NombreRazon NIF IDOtro CodigoPais IDType ID
NombreSistemaInformatico IdSistemaInformatico Version NumeroInstalacion TipoUsoPosibleSoloVerifactu
TipoUsoPosibleMultiOT IndicadorMultiplesOT FechaHoraHusoGenRegistro TipoHuella Huella
"""
_PLACES: Final = {name: place for place, name in enumerate(_ELEMENTS.split())}
#: The element of each part that may stand several times, by the list that holds it.
_ITEMS: Final = {
    "FacturasRectificadas": "IDFacturaRectificada",
    "FacturasSustituidas": "IDFacturaSustituida",
    "Destinatarios": "IDDestinatario",
    "Desglose": "DetalleDesglose",
}
#: Marks of a stamp that are no element.
_BESIDE: Final = frozenset({"Prueba"})


def record_xml(stamp: FiscalStamp) -> str:
    """Return a record as an element, whose prefix `sf` its document declares.

    Raises:
        ValueError: the stamp has a field that no record has; no till of this program made it.
    """
    annuls = stamp.kind == ANNULMENT
    whole = {**stamp.fields, **stamp.names, "Huella": stamp.hash}
    whole["IDFactura.NumSerieFacturaAnulada" if annuls else "IDFactura.NumSerieFactura"] = stamp.number
    if not annuls:
        whole["TipoFactura"] = stamp.kind
    if stamp.previous:
        whole["Encadenamiento.RegistroAnterior.Huella"] = stamp.previous
    parts = {path: text for path, text in whole.items() if path not in _BESIDE}
    return "".join(_element("RegistroAnulacion" if annuls else "RegistroAlta", parts))


def document_xml(stamps: Iterable[FiscalStamp], issuer: Mapping[str, str], *, incident: bool = False) -> Iterator[str]:
    """Yield the parts of the element that a request has, with its records in their order.

    Args:
        stamps: the records. A request holds at most a thousand.
        issuer: the settings of the venue, of which `nif` and `name` are the issuer's.
        incident: True if a record was not sent when it was made.
    """
    yield f'<sfLR:RegFactuSistemaFacturacion xmlns:sfLR="{REQUEST}" xmlns:sf="{INFORMATION}">\n<sfLR:Cabecera>'
    yield from _element("ObligadoEmision", {"NombreRazon": fit(issuer["name"]), "NIF": issuer["nif"]})
    if incident:
        yield "<sf:RemisionVoluntaria><sf:Incidencia>S</sf:Incidencia></sf:RemisionVoluntaria>"
    yield "</sfLR:Cabecera>\n"
    for stamp in stamps:
        yield f"<sfLR:RegistroFactura>{record_xml(stamp)}</sfLR:RegistroFactura>\n"
    yield "</sfLR:RegFactuSistemaFacturacion>\n"


def file_xml(stamps: Iterable[FiscalStamp], issuer: Mapping[str, str]) -> Iterator[str]:
    """Yield the parts of a file with the records of one installation, in UTF-8."""
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield from document_xml(stamps, issuer)


def _element(name: str, parts: Mapping[str, str]) -> Iterator[str]:
    """Yield an element of its text, which has an empty path, or of the parts below it."""
    yield f"<sf:{name}>"
    if "" in parts:
        (text,) = parts.values()
        yield escape(clean(text))
    else:
        children: dict[str, dict[str, str]] = defaultdict(dict)
        for path, text in parts.items():
            child, _dot, below = path.partition(".")
            children[child][below] = text
        item = _ITEMS.get(name)
        if unknown := next((one for one in children if item is None and one not in _PLACES), None):
            raise ValueError(f"a record has no element {unknown!r}")
        for child in sorted(children, key=int if item else _PLACES.__getitem__):
            yield from _element(item or child, children[child])
    yield f"</sf:{name}>"
