"""Ways of an answer over the line: whole, or broken by the line or a stranger."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_OK = b"HTTP/1.1 200 OK\r\n"
_CHUNKED = _OK + b"Transfer-Encoding: chunked\r\n\r\n"


def _whole(content: bytes, status: bytes = b"200 OK") -> bytes:
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n" % (status, len(content)) + content


def _chunk(part: bytes) -> bytes:
    return b"%x\r\n" % len(part) + part + b"\r\n"


_WAYS: Mapping[str, Callable[[bytes], list[bytes]]] = {
    "html": lambda _body: [_whole(b"<html><body>Log in to the network</body></html>")],
    "unavailable": lambda _body: [_whole(b"", b"503 Service Unavailable")],
    "half": lambda body: [_whole(body)[: -len(body) // 2]],
    "half_to_the_end": lambda body: [_OK + b"\r\n", body[: len(body) // 2]],
    "to_the_end": lambda body: [_OK + b"\r\n", body],
    "chunked": lambda body: [_CHUNKED, _chunk(body[:9]), _chunk(body[9:]), _chunk(b"")],
    "half_chunked": lambda body: [_CHUNKED, _chunk(body[:9])],
    "huge": lambda _body: [_OK + b"\r\n"] + [b" " * 1_000_000] * 100,
    "huge_named": lambda _body: [_OK + b"Content-Length: 104857600\r\n\r\n"],
    "huge_chunked": lambda _body: [_CHUNKED] + [_chunk(b" " * 50_000)] * 40,
    "huge_chunk": lambda _body: [_CHUNKED, b"6400000\r\n"],
    "huge_head": lambda _body: [_OK + b"X: y\r\n" * 20_000],
    "odd_chunks": lambda _body: [_CHUNKED, b"zz\r\n"],
    "minus_chunk": lambda _body: [_CHUNKED, b"-5\r\n"],
    "endless_chunk_line": lambda _body: [_CHUNKED, b"1" * 40_000],
    "odd_length": lambda _body: [_OK + b"Content-Length: minus one\r\n\r\n"],
    "not_http": lambda _body: [b"\x00\x01\x02 nonsense\r\n\r\n"],
    "not_json": lambda _body: [_whole(b'{"SaleToPOIResponse": nonsense}')],
    "deep_json": lambda _body: [_whole(b"[" * 100_000)],
    "list": lambda _body: [_whole(b"[1, 2, 3]")],
    "empty": lambda _body: [_whole(b"")],
    "twice": lambda body: [_whole(body), _whole(body)],
    "twice_in_one": lambda body: [_whole(body + body)],
}


def on_the_line(body: bytes, way: str) -> list[bytes]:
    """Return the parts written for an answer; it goes whole if the way is unknown."""
    return _WAYS[way](body) if way in _WAYS else [_whole(body)]
