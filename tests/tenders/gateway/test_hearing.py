"""Webhooks on the line: whole and signed, or refused; no connection blocks another."""

from __future__ import annotations

import asyncio
import gc
import shutil
import socket
import ssl
import subprocess
from contextlib import ExitStack, asynccontextmanager, suppress
from typing import TYPE_CHECKING

import pytest

from tests.tenders.gateway.test_webhook import KEY, SECRET, posted, signed
from till.tenders.gateway.webhook_server import LARGEST, WebhookServer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from till.tenders.gateway.webhook import WebhookMessage

BODY = posted("qr_code.credited", qr_code={"notes": {"charge": KEY}})
GOOD = {"X-Razorpay-Signature": signed(BODY), "X-Razorpay-Event-Id": "evt_1", "Content-Length": str(len(BODY))}


class Counter:
    """A listener at a port of its own, with everything that it received."""

    def __init__(self) -> None:
        self.messages: list[WebhookMessage] = []
        self.keeps = True
        self.port = 0
        self.proof: ssl.SSLContext | None = None

    async def tell(self, message: WebhookMessage) -> bool:
        self.messages.append(message)
        return self.keeps

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(
            "127.0.0.1", self.port, ssl=self.proof, server_hostname="localhost" if self.proof else None
        )

    async def answer_to(self, raw: bytes, *, ends: bool = False) -> str:
        """Return the first line of the answer to these bytes; empty if it hangs up."""
        reader, writer = await self.connect()
        writer.write(raw)
        if ends:
            writer.write_eof()
        line = (await reader.readline()).decode()
        writer.transport.abort()
        return line.strip()

    async def post(self, body: bytes = BODY, path: str = "/razorpay", **fields: str) -> str:
        return await self.answer_to(question(body, path, fields))


def question(body: bytes = BODY, path: str = "/razorpay", fields: dict[str, str] | None = None) -> bytes:
    head = {**GOOD, **{name.replace("_", "-"): value for name, value in (fields or {}).items()}}
    lines = [f"POST {path} HTTP/1.1", "Host: till", *(f"{name}: {value}" for name, value in head.items() if value)]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


@asynccontextmanager
async def listening(
    *, patience: float = 10.0, most: int = 8, certificate: Path | None = None
) -> AsyncIterator[Counter]:
    counter, context = Counter(), None
    if certificate is not None:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(certificate)
        counter.proof = ssl.create_default_context(cafile=certificate)
    hearing = WebhookServer("/razorpay", SECRET, counter.tell, patience=patience, most=most)
    async with await hearing.listen("127.0.0.1", 0, context) as server:
        counter.port = server.sockets[0].getsockname()[1]
        yield counter
        await hearing.finish()


async def test_a_signed_event_is_reported_and_answered_once_it_is_kept() -> None:
    async with listening() as counter:
        assert await counter.post() == "HTTP/1.1 200 OK"
        counter.keeps = False
        assert await counter.post() == "HTTP/1.1 503 Service Unavailable"  # and Razorpay says it again
        assert [(one.event, one.kind, one.payment) for one in counter.messages] == 2 * [
            ("evt_1", "qr_code.credited", KEY)
        ]


async def test_an_unsigned_event_is_refused_and_reported_to_nobody() -> None:
    async with listening() as counter:
        assert await counter.post(X_Razorpay_Signature="0" * 64) == "HTTP/1.1 401 Unauthorized"
        assert await counter.post(X_Razorpay_Signature="") == "HTTP/1.1 401 Unauthorized"
        assert await counter.post(BODY.replace(b"1250", b"9250")) == "HTTP/1.1 401 Unauthorized"
        assert await counter.post(path="/elsewhere") == "HTTP/1.1 404 Not Found"
        assert await counter.answer_to(b"GET /razorpay HTTP/1.1\r\n\r\n") == "HTTP/1.1 405 Method Not Allowed"
        assert await counter.post(Content_Length=str(10_000_000)) == "HTTP/1.1 413 Content Too Large"
        assert await counter.post(Content_Length=str(LARGEST + 1)) == "HTTP/1.1 413 Content Too Large"
        assert await counter.post(Content_Length="9" * 5_000) == "HTTP/1.1 413 Content Too Large"
        assert await counter.post(Content_Length="-1") == "HTTP/1.1 400 Bad Request"
        assert await counter.post(Content_Length="") == "HTTP/1.1 411 Length Required"
        assert await counter.post(Transfer_Encoding="chunked") == "HTTP/1.1 411 Length Required"
        assert await counter.post(content_length="5") == "HTTP/1.1 400 Bad Request"  # twice, and each another
        assert await counter.post(x_razorpay_signature="0" * 64) == "HTTP/1.1 400 Bad Request"
        assert await counter.post(X="a" * 20_000) == "HTTP/1.1 431 Request Header Fields Too Large"
        assert await counter.answer_to(b"\x16\x03\x01 hello\r\n\r\n") == "HTTP/1.1 400 Bad Request"
        assert counter.messages == []


async def test_half_of_one_is_nothing() -> None:
    whole = question()
    async with listening() as counter:
        for end in (0, 10, len(whole) - len(BODY), len(whole) - 1):
            assert await counter.answer_to(whole[:end], ends=True) == ""
        assert counter.messages == []
        assert await counter.answer_to(whole, ends=True) == "HTTP/1.1 200 OK"


async def test_one_that_comes_drop_by_drop_is_given_up() -> None:
    async with listening(patience=0.05) as counter:
        reader, writer = await counter.connect()
        line = asyncio.ensure_future(reader.readline())
        for byte in question():
            if line.done():
                break
            writer.write(bytes([byte]))
            await asyncio.wait({line}, timeout=0.005)
        assert (await line).strip() == b"HTTP/1.1 408 Request Timeout"
        writer.transport.abort()
        assert counter.messages == []


async def test_those_that_say_nothing_make_room_for_one_that_does() -> None:
    async with listening(most=3) as counter:
        silent = [await counter.connect() for _each in range(7)]
        for _reader, writer in silent:
            writer.write(b"POST /razorpay HTTP/1.1\r\n")
            await writer.drain()
        assert await counter.post() == "HTTP/1.1 200 OK"
        for reader, writer in silent[:4]:
            with pytest.raises((EOFError, ConnectionError)):
                await reader.readexactly(1)
            writer.transport.abort()
        for _reader, writer in silent:
            writer.transport.abort()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate of this machine, with its key."""
    if (program := shutil.which("openssl")) is None:
        pytest.skip("openssl is not installed here")
    file = tmp_path_factory.mktemp("certificate") / "own.pem"
    kind = ("-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2")
    named = ("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost")
    command = [program, "req", *kind, *named, "-keyout", str(file), "-out", str(file.with_suffix(".crt"))]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    file.write_bytes(file.read_bytes() + file.with_suffix(".crt").read_bytes())
    return file


async def test_clients_that_do_not_let_go_of_an_answer_keep_no_webhook_out(certificate: Path) -> None:
    """A connection with TLS is closed only once its client says so too; these do not read that they should."""
    async with listening(patience=1.0, most=4, certificate=certificate) as counter:
        mute = []
        for _each in range(12):
            reader, writer = await counter.connect()
            assert isinstance(writer.transport, asyncio.Transport)
            writer.transport.pause_reading()
            writer.write(b"GET / HTTP/1.1\r\n\r\n")
            mute.append((reader, writer))
        assert await counter.post() == "HTTP/1.1 200 OK"
        for reader, writer in mute:
            assert isinstance(writer.transport, asyncio.Transport)
            writer.transport.resume_reading()
            async with asyncio.timeout(2):
                with suppress(ConnectionError):
                    await reader.read()
            writer.transport.abort()


async def test_connections_that_never_begin_tls_make_room_for_a_webhook(certificate: Path) -> None:
    async with listening(most=4, certificate=certificate) as counter:
        silent = [await asyncio.open_connection("127.0.0.1", counter.port) for _each in range(12)]
        assert await counter.post() == "HTTP/1.1 200 OK"
        async with asyncio.timeout(2):
            for reader, writer in silent[:8]:
                with suppress(ConnectionError):
                    assert await reader.read() == b""
                writer.transport.abort()
        for _reader, writer in silent:
            writer.transport.abort()
    gc.collect()  # a stream of Python 3.11 whose transport was forgotten fails here


async def test_a_burst_of_half_heads_keeps_no_webhook_out_and_is_closed_by_the_deadline() -> None:
    async with listening(patience=0.2, most=4) as counter:
        with ExitStack() as stack:
            halves = [stack.enter_context(socket.create_connection(("127.0.0.1", counter.port))) for _each in range(40)]
            for half in halves:
                half.send(b"POST /razorpay HTTP/1.1\r\n")
            assert await counter.post() == "HTTP/1.1 200 OK"
            for half in halves:
                half.setblocking(False)
                async with asyncio.timeout(2):
                    with suppress(ConnectionError):
                        while await asyncio.get_running_loop().sock_recv(half, 100):
                            pass
            assert await counter.post() == "HTTP/1.1 200 OK"
