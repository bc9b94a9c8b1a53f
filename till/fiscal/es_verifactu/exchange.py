"""The exchange with Spain's tax authority: a request around records, and the reading of its answer (SOAP 1.1)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET

from till.domain.fiscal_sending import FiscalOutcome, FiscalReply, ListingPage, RecordAnswer, RecordState
from till.domain.i18n import _
from till.fiscal.es_verifactu.listing import query_xml, read_listing
from till.fiscal.es_verifactu.record import ANNULMENT, TRIAL, day_of, hash_of, issuer_of
from till.fiscal.es_verifactu.xml import INFORMATION, SOAP, document_xml, file_xml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import date

    from till.domain.fiscal import FiscalStamp

REPLY: Final = INFORMATION.replace("SuministroInformacion", "RespuestaSuministro")
_NAMES: Final = {"s": SOAP, "r": REPLY, "i": INFORMATION}
#: The hosts of the service, by: it is for trials, the certificate is a seal of a body.
_HOSTS: Final = {
    (True, False): "prewww1.aeat.es",
    (True, True): "prewww10.aeat.es",
    (False, False): "www1.agenciatributaria.gob.es",
    (False, True): "www10.agenciatributaria.gob.es",
}
_FOR_TRIAL: Final = " trial"
_HTTP_OK: Final = 200
_REDIRECTS: Final = range(300, 400)
#: The codes of faults that one record causes for its whole request: its form breaks the schema.
_OF_FORM: Final = frozenset({"4102", "4103"})
_CODE: Final = re.compile(r"Codigo\[(\d+)\][.\s]*(.*)", re.DOTALL)
_STATES: Final = {
    "Correcto": RecordState.ACCEPTED,
    "AceptadoConErrores": RecordState.WITH_ERRORS,
    "Incorrecto": RecordState.REFUSED,
}
#: The states of a record that the authority has already. One that was annulled since was accepted before.
_REPEATED: Final = {
    "Correcta": RecordState.ACCEPTED,
    "AceptadaConErrores": RecordState.WITH_ERRORS,
    "Anulada": RecordState.ACCEPTED,
}
#: The codes of errors that the rules except from mending: the time of a record, and its program.
_NOT_TO_MEND: Final = frozenset({"2004", "2009"})
#: The code for an annulment of what is annulled already.
_ANNULLED_BEFORE: Final = "3001"


class Exchange:
    """The service for the records of a venue that sends them: at most a thousand of one issuer in a request."""

    most = 1000

    def address(self, group: str, *, has_seal: bool) -> str:
        """Return the address of the service for a group; it differs for a certificate that is a seal of a body."""
        host = _HOSTS[group.endswith(_FOR_TRIAL), has_seal]
        return f"https://{host}/wlpl/TIKE-CONT/ws/SistemaFacturacion/VerifactuSOAP"

    def group(self, stamp: FiscalStamp) -> str:
        """Return the issuer, and if the record is for the trial service: all records of a request share it."""
        return issuer_of(stamp) + (_FOR_TRIAL if TRIAL in stamp.fields else "")

    def own_group(self, settings: Mapping[str, str]) -> str:
        """Return the group of the venue's records."""
        return settings.get("nif", "") + (_FOR_TRIAL if settings.get("trial") == "yes" else "")

    def key(self, stamp: FiscalStamp) -> str:
        """Return the name of a record in answers."""
        return f"{stamp.kind == ANNULMENT} {stamp.number}"

    def request(self, stamps: Sequence[FiscalStamp], settings: Mapping[str, str], *, is_late: bool) -> bytes:
        """Return the body of a request.

        Raises:
            ValueError: the hash of a record is not that of its fields.
        """
        for one in stamps:
            if one.hash != hash_of(one.kind, one.number, one.fields, one.previous):
                raise ValueError("its hash is not that of its fields")
        body = "".join(document_xml(stamps, _issuer(stamps, settings), incident=is_late))
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="{SOAP}"><soapenv:Header/>'
            f"<soapenv:Body>{body}</soapenv:Body></soapenv:Envelope>"
        ).encode()

    def file(self, stamps: Sequence[FiscalStamp], settings: Mapping[str, str]) -> Iterator[str]:
        """Yield the parts of a file with the records of one installation."""
        yield from file_xml(stamps, _issuer(stamps, settings))

    def is_of_day(self, stamp: FiscalStamp, day: date) -> bool:
        """Return True if the invoice of a record is of a day."""
        return day_of(stamp) == f"{day:%d-%m-%Y}"

    def annuls(self, stamp: FiscalStamp) -> bool:
        """Return True if a record annuls its invoice."""
        return stamp.kind == ANNULMENT

    def query(self, settings: Mapping[str, str], day: date, after: Sequence[str]) -> bytes:
        """Return the body of a request for the authority's own list of a day, behind the place `after`."""
        return query_xml(settings, day, after).encode()

    def read_listing(self, status: int, body: bytes) -> ListingPage:
        """Return a page of the authority's own list, from an HTTP answer."""
        return read_listing(status, body)

    def read(self, status: int, body: bytes) -> FiscalReply:
        """Return the reply of an HTTP answer."""
        return read_reply(status, body)


EXCHANGE: Final = Exchange()


def _issuer(stamps: Sequence[FiscalStamp], settings: Mapping[str, str]) -> Mapping[str, str]:
    """Return the issuer. An earlier one of the venue has the name of its newest record: an annulment has none."""
    nif = issuer_of(stamps[0])
    if nif == settings.get("nif"):  # a till may write any name, and a wrong one here refuses the whole request
        return {"nif": nif, "name": settings.get("name", "")}
    names = (one.fields.get("NombreRazonEmisor") for one in reversed(stamps))
    return {"nif": nif, "name": next(filter(None, names), settings.get("name", ""))}


def read_reply(status: int, body: bytes) -> FiscalReply:
    """Return the reply of an HTTP answer. What is no answer of the service, such as a page of a proxy, is `AGAIN`."""
    if status in _REDIRECTS:  # to the page of an error, such as erro4011
        words = _("It shows an error page (HTTP {status}), as it does to a certificate that it refuses.")
        return FiscalReply(outcome=FiscalOutcome.FORBIDDEN, words=words.format(status=status))
    unread = FiscalReply(outcome=FiscalOutcome.AGAIN, words=f"HTTP {status}")
    if b"<!DOCTYPE" in body[:1000] or b"<!ENTITY" in body:
        return unread
    try:
        root = ET.fromstring(body)  # noqa: S314 - entities are refused above
    except ET.ParseError:
        return unread
    if (fault := root.find("s:Body/s:Fault", _NAMES)) is not None:
        return _read_fault(fault)
    found = root.find("s:Body/r:RespuestaRegFactuSistemaFacturacion", _NAMES)
    if status != _HTTP_OK or found is None:
        return unread
    wait = found.findtext("r:TiempoEsperaEnvio", "", _NAMES).strip()
    return FiscalReply(
        outcome=FiscalOutcome.ANSWERED,
        wait_s=int(wait) if wait.isdecimal() else None,
        receipt=found.findtext("r:CSV", "", _NAMES).strip(),
        records=tuple(one for line in found.iterfind("r:RespuestaLinea", _NAMES) if (one := _read_line(line))),
    )


def _read_fault(fault: ET.Element) -> FiscalReply:
    words = (fault.findtext("faultstring") or "").strip()
    match = _CODE.match(words)
    code, words = (match[1], match[2].strip()) if match else ("", words)
    words = " ".join(words.split())
    outcome = FiscalOutcome.FORBIDDEN
    if (fault.findtext("faultcode") or "").rpartition(":")[2].startswith("Server"):
        outcome = FiscalOutcome.AGAIN
    elif code in _OF_FORM:
        outcome = FiscalOutcome.MALFORMED
    return FiscalReply(outcome=outcome, code=code, words=words)


def _read_line(line: ET.Element) -> RecordAnswer | None:
    """Return the answer to a record; None for one whose state is not known, so that it is sent again."""
    number = line.findtext("r:IDFactura/i:NumSerieFactura", "", _NAMES).strip()
    is_annulment = line.findtext("r:Operacion/i:TipoOperacion", "", _NAMES).strip() == "Anulacion"
    state = _STATES.get(line.findtext("r:EstadoRegistro", "", _NAMES).strip())
    code = line.findtext("r:CodigoErrorRegistro", "", _NAMES).strip()
    words = line.findtext("r:DescripcionErrorRegistro", "", _NAMES).strip()
    there = line.find("r:RegistroDuplicado", _NAMES)
    is_repeated = there is not None
    if there is not None:
        state = _REPEATED.get(there.findtext("i:EstadoRegistroDuplicado", "", _NAMES).strip())
        code = there.findtext("i:CodigoErrorRegistro", "", _NAMES).strip()
        words = there.findtext("i:DescripcionErrorRegistro", "", _NAMES).strip()
    elif is_annulment and code == _ANNULLED_BEFORE:
        state = RecordState.ACCEPTED
    if state is None:
        return None
    if state is RecordState.WITH_ERRORS and code in _NOT_TO_MEND:
        state = RecordState.ACCEPTED
    return RecordAnswer(key=f"{is_annulment} {number}", state=state, code=code, words=words, is_repeated=is_repeated)
