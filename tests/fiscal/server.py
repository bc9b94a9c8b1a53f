"""A tax authority for tests: a server that answers as the pages of Spain's authority say, and fails by a seed.

`python -m tests.fiscal.server --port 8089 --seed 3` plays one; it prints a line for each request, and takes on its
standard input: `busy`, `silent`, `cut`, `closed`, `fault`, `form`, `forbidden`, `random`, `well`, `refuse NUMBER`,
`mark NUMBER`, `list`.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import sys
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from till.fiscal.es_verifactu.exchange import REPLY
from till.fiscal.es_verifactu.listing import LISTING, QUERY
from till.fiscal.es_verifactu.xml import INFORMATION, REQUEST, SOAP

if TYPE_CHECKING:
    import ssl
    from collections.abc import AsyncIterator, Callable

NAMES: Final = {"s": SOAP, "lr": REQUEST, "sf": INFORMATION, "q": QUERY}
#: The ends of a request, with their weight at random.
ENDS: Final = {"well": 10, "busy": 2, "fault": 2, "closed": 1, "silent": 1, "cut": 2, "cut_before": 1}


@dataclass(frozen=True)
class Record:
    """A record as it arrived."""

    issuer: str
    number: str
    day: str
    kind: str
    installation: str
    previous: str
    hash: str
    is_mend: bool
    rejected_before: str

    @property
    def key(self) -> tuple[str, str, str]:
        return self.issuer, self.number, self.day


@dataclass
class Authority:
    """The authority: the records that it took, in order, and the ends of its next requests.

    Attributes:
        ends: the ends of requests, in order; once empty, at random by `chance`, else well.
        refused: numbers that it refuses, with words; `marked` those that it accepts with an error, a code and words.
        check: returns why a request breaks the form; empty if it does not.
        wait_s: the pause that it asks for.
        page: the most rows of a page of its list.
    """

    wait_s: int = 0
    page: int = 10_000
    chance: random.Random | None = None
    ends: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    marked: dict[str, str] = field(default_factory=dict)
    check: Callable[[ET.Element], str] = field(default=lambda _body: "")
    taken: list[Record] = field(default_factory=list)
    annulled: set[tuple[str, str, str]] = field(default_factory=set)
    requests: list[tuple[float, int, bool]] = field(default_factory=list)
    report: Callable[[str], None] = field(default=lambda _line: None)
    port: int = 0
    arrived: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/wlpl/TIKE-CONT/ws/SistemaFacturacion/VerifactuSOAP"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
            length = int(head.partition("content-length:")[2].split("\r\n")[0])
            body = await reader.readexactly(length)
            end = self._next_end()
            if end in {"cut_before", "closed", "busy"}:
                self.report(end)
            if end == "cut_before":
                return
            if end == "closed":
                writer.write(b"HTTP/1.1 302 Found\r\nLocation: /error.html\r\nContent-Length: 0\r\n\r\n")
                return
            if end == "busy":
                writer.write(b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 4\r\n\r\nbusy")
                return
            status, answer = self.answer(body, end)
            self.report(end)
            if end == "silent":
                await reader.read()  # until the other side gives up
                return
            whole = f"HTTP/1.1 {status} OK\r\nContent-Type: text/xml\r\nContent-Length: {len(answer)}\r\n\r\n".encode()
            whole += answer
            writer.write(whole[: len(whole) // 2] if end == "cut" else whole)
            await writer.drain()
        except (OSError, EOFError, asyncio.LimitOverrunError):
            self.report("gone")
        finally:
            writer.close()

    def _next_end(self) -> str:
        if self.ends:
            return self.ends.pop(0) if len(self.ends) > 1 or not self.ends[0].startswith("=") else self.ends[0][1:]
        return self.chance.choices(list(ENDS), list(ENDS.values()))[0] if self.chance is not None else "well"

    def answer(self, body: bytes, end: str) -> tuple[int, bytes]:
        """Take a request, and return the status and the body of its answer."""
        root = ET.fromstring(body)  # noqa: S314 - the tests' own
        if (asked := root.find("s:Body/q:ConsultaFactuSistemaFacturacion", NAMES)) is not None:
            return 200, self._list(asked)
        request = root.find("s:Body/lr:RegFactuSistemaFacturacion", NAMES)
        assert request is not None
        records = request.findall("lr:RegistroFactura", NAMES)
        late = request.findtext("lr:Cabecera/sf:RemisionVoluntaria/sf:Incidencia", "", NAMES) == "S"
        self.requests.append((time.monotonic(), len(records), late))
        if end == "fault":
            return 500, fault("Server", 20009, "Error interno en el servidor")
        if end == "forbidden":  # of the head: no record of it was judged
            return 500, fault("Client", 4104, "El NIF del titular en la cabecera no está identificado.")
        if end == "form" or (why := self.check(request)):
            return 500, fault("Client", 4102, "El XML no cumple el esquema." if end == "form" else why)
        if not 1 <= len(records) <= 1000:
            return 500, fault("Client", 4102, "Se ha superado el número de registros.")
        issuer = request.findtext("lr:Cabecera/sf:ObligadoEmision/sf:NIF", "", NAMES)
        lines = [self._line(read_record(one), issuer) for one in records]
        self.arrived.set()
        states = {state for _line, state in lines}
        whole = (
            "Correcto"
            if states == {"Correcto"}
            else "Incorrecto"
            if states == {"Incorrecto"}
            else "ParcialmenteCorrecto"
        )
        mark = "" if whole == "Incorrecto" else f"<r:CSV>A-{len(self.requests):014d}</r:CSV>"
        return 200, (
            f'<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="{SOAP}"><env:Header/><env:Body>'
            f'<r:RespuestaRegFactuSistemaFacturacion xmlns:r="{REPLY}" xmlns:i="{INFORMATION}">{mark}<r:Cabecera/>'
            f"<r:TiempoEsperaEnvio>{self.wait_s}</r:TiempoEsperaEnvio><r:EstadoEnvio>{whole}</r:EstadoEnvio>"
            f"{''.join(line for line, _state in lines)}</r:RespuestaRegFactuSistemaFacturacion></env:Body>"
            "</env:Envelope>"
        ).encode()

    def _list(self, asked: ET.Element) -> bytes:
        """Return a page of what it has of an issuer and a day, as its query service does."""
        issuer = asked.findtext("q:Cabecera/sf:ObligadoEmision/sf:NIF", "", NAMES)
        day = asked.findtext("q:FiltroConsulta/q:FechaExpedicionFactura/sf:FechaExpedicionFactura", "", NAMES)
        after = asked.findtext("q:FiltroConsulta/q:ClavePaginacion/sf:NumSerieFactura", "", NAMES)
        newest = {one.number: one for one in self.taken if (one.issuer, one.day) == (issuer, day)}
        numbers = list(newest)
        left = numbers[numbers.index(after) + 1 :] if after else numbers
        page = [newest[number] for number in left[: self.page]]
        more = "S" if len(left) > self.page else "N"
        rows = "".join(
            f"<r:RegistroRespuestaConsultaFactuSistemaFacturacion><r:IDFactura>{_place(one)}</r:IDFactura>"
            f"<r:DatosRegistroFacturacion><r:TipoHuella>01</r:TipoHuella><r:Huella>{one.hash}</r:Huella>"
            "</r:DatosRegistroFacturacion><r:EstadoRegistro><r:EstadoRegistro>"
            f"{'Anulado' if one.key in self.annulled else 'Correcto'}</r:EstadoRegistro></r:EstadoRegistro>"
            "</r:RegistroRespuestaConsultaFactuSistemaFacturacion>"
            for one in page
        )
        place = f"<r:ClavePaginacion>{_place(page[-1])}</r:ClavePaginacion>" if more == "S" else ""
        return (
            f'<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="{SOAP}"><env:Header/><env:Body>'
            f'<r:RespuestaConsultaFactuSistemaFacturacion xmlns:r="{LISTING}" xmlns:i="{INFORMATION}"><r:Cabecera/>'
            f"<r:IndicadorPaginacion>{more}</r:IndicadorPaginacion>"
            f"<r:ResultadoConsulta>{'ConDatos' if page else 'SinDatos'}</r:ResultadoConsulta>{rows}{place}"
            "</r:RespuestaConsultaFactuSistemaFacturacion></env:Body></env:Envelope>"
        ).encode()

    def _line(self, one: Record, issuer: str) -> tuple[str, str]:
        state, code, words, there = self._judge(one, issuer)
        if state != "Incorrecto":
            self.taken.append(one)
        operation = "Anulacion" if one.kind == "RegistroAnulacion" else "Alta"
        why = f"<r:CodigoErrorRegistro>{code}</r:CodigoErrorRegistro>" if code else ""
        why += f"<r:DescripcionErrorRegistro>{escape(words)}</r:DescripcionErrorRegistro>" if words else ""
        line = (
            f"<r:RespuestaLinea><r:IDFactura><i:IDEmisorFactura>{one.issuer}</i:IDEmisorFactura>"
            f"<i:NumSerieFactura>{escape(one.number)}</i:NumSerieFactura>"
            f"<i:FechaExpedicionFactura>{one.day}</i:FechaExpedicionFactura></r:IDFactura>"
            f"<r:Operacion><i:TipoOperacion>{operation}</i:TipoOperacion></r:Operacion>"
            f"<r:EstadoRegistro>{state}</r:EstadoRegistro>{why}{there}</r:RespuestaLinea>"
        )
        return line, state

    def _judge(self, one: Record, issuer: str) -> tuple[str, str, str, str]:  # noqa: PLR0911 - a rule each
        """Return state, code and words of a record, and the block for one that is there already."""
        known = next((old for old in self.taken if old.key == one.key and old.kind == "RegistroAlta"), None)
        if one.issuer != issuer:
            return "Incorrecto", "1108", "El NIF no es el del obligado.", ""
        if one.number in self.refused and not one.is_mend:
            return "Incorrecto", "1100", self.refused[one.number], ""
        if one.kind == "RegistroAnulacion":
            if one.key in self.annulled:
                return "Incorrecto", "3001", "El registro de facturación ya ha sido dado de baja.", ""
            if known is None:
                return "Incorrecto", "3002", "No existe el registro de facturación.", ""
            self.annulled.add(one.key)
            return "Correcto", "", "", ""
        if known is not None and (not one.is_mend or one.rejected_before == "X"):
            there = (
                "Anulada"
                if one.key in self.annulled
                else "AceptadaConErrores"
                if one.number in self.marked
                else "Correcta"
            )
            return (
                "Incorrecto",
                "3000",
                "Registro de facturación duplicado.",
                (
                    "<r:RegistroDuplicado><i:IdPeticionRegistroDuplicado>1</i:IdPeticionRegistroDuplicado>"
                    f"<i:EstadoRegistroDuplicado>{there}</i:EstadoRegistroDuplicado></r:RegistroDuplicado>"
                ),
            )
        if one.number in self.marked and not one.is_mend:
            code, _space, words = self.marked[one.number].partition(" ")
            return "AceptadoConErrores", code, words, ""
        return "Correcto", "", "", ""


def _place(one: Record) -> str:
    return (
        f"<i:IDEmisorFactura>{one.issuer}</i:IDEmisorFactura><i:NumSerieFactura>{escape(one.number)}"
        f"</i:NumSerieFactura><i:FechaExpedicionFactura>{one.day}</i:FechaExpedicionFactura>"
    )


def read_record(held: ET.Element) -> Record:
    one = held[0]
    kind = one.tag.rpartition("}")[2]
    suffix = "Anulada" if kind == "RegistroAnulacion" else ""

    def text(path: str) -> str:
        return one.findtext(path, "", NAMES)

    return Record(
        text(f"sf:IDFactura/sf:IDEmisorFactura{suffix}"), text(f"sf:IDFactura/sf:NumSerieFactura{suffix}"),
        text(f"sf:IDFactura/sf:FechaExpedicionFactura{suffix}"), kind,
        text("sf:SistemaInformatico/sf:NumeroInstalacion"), text("sf:Encadenamiento/sf:RegistroAnterior/sf:Huella"),
        text("sf:Huella"), text("sf:Subsanacion") == "S", text("sf:RechazoPrevio"),
    )  # fmt: skip


def fault(side: str, code: int, words: str) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><env:Envelope xmlns:env="{SOAP}"><env:Body><env:Fault>'
        f"<faultcode>env:{side}</faultcode><faultstring>Codigo[{code}].{escape(words)}</faultstring></env:Fault></env:Body></env:Envelope>"
    ).encode()


@asynccontextmanager
async def opened(
    authority: Authority, port: int = 0, context: ssl.SSLContext | None = None
) -> AsyncIterator[Authority]:
    """Serve an authority on this machine."""
    server = await asyncio.start_server(authority.serve, "127.0.0.1", port, ssl=context, limit=1 << 20)
    authority.port = server.sockets[0].getsockname()[1]
    try:
        yield authority
    finally:
        server.close()


async def play(port: int, seed: int | None, wait_s: int) -> None:
    """Serve until the standard input ends, and do what its lines say."""
    seeded = random.Random(seed)  # noqa: S311 - a game of chance
    authority = Authority(wait_s=wait_s, chance=seeded if seed is not None else None)

    def tell(end: str) -> None:
        records, late = authority.requests[-1][1:] if authority.requests else (0, False)
        words = f"{records} records{' (late)' if late else ''}, {len(authority.taken)} taken in all"
        print(f"{time.strftime('%H:%M:%S')} {end}: {words}", flush=True)  # noqa: T201

    authority.report = tell
    async with opened(authority, port):
        print(authority.url, flush=True)  # noqa: T201
        while line := await asyncio.to_thread(sys.stdin.readline):
            match line.split():
                case ["refuse", number]:
                    authority.refused[number] = "Valor o tipo incorrecto del campo TipoImpositivo."
                case ["mark", number]:
                    authority.marked[number] = "2001 El NIF del destinatario no está censado."
                case ["list"]:
                    for one in authority.taken:
                        print(f"{one.kind} {one.number} {one.installation} {one.hash[:8]}", flush=True)  # noqa: T201
                case ["random"]:
                    authority.ends, authority.chance = [], seeded
                case ["well"]:
                    authority.ends, authority.chance = [], None
                case [word]:
                    authority.ends = [f"={word}"]
                case _:
                    print("?", flush=True)  # noqa: T201


if __name__ == "__main__":
    asked = argparse.ArgumentParser()
    asked.add_argument("--port", type=int, default=0)
    asked.add_argument("--seed", type=int)
    asked.add_argument("--wait", type=int, default=5)
    own = asked.parse_args()
    asyncio.run(play(own.port, own.seed, own.wait))
