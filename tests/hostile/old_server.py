"""A server that claims to be PostgreSQL 12, with just enough of the protocol to tell a client."""

from __future__ import annotations

import socket
import struct
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

_SSL: Final = 80877103
_GSS: Final = 80877104
_READY: Final = b"Z" + struct.pack("!ic", 5, b"I")


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + struct.pack("!i", len(body) + 4) + body


_WELCOME: Final = b"".join(
    [
        _message(b"R", struct.pack("!i", 0)),
        *(
            _message(b"S", name + b"\0" + value + b"\0")
            for name, value in (
                (b"server_version", b"12.22"),
                (b"server_encoding", b"UTF8"),
                (b"client_encoding", b"UTF8"),
                (b"standard_conforming_strings", b"on"),
            )
        ),
        _message(b"K", struct.pack("!ii", 1, 1)),
        _READY,
    ]
)
_NO: Final = _message(b"E", b"SERROR\0C42601\0Msyntax error\0\0") + _READY


@contextmanager
def old_server() -> Iterator[int]:
    """Run the server until the end of the block, and yield its port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def listen() -> None:
        while True:
            try:
                client, _address = listener.accept()
            except OSError:  # closed: the test is over
                return
            threading.Thread(target=_serve, args=(client,), daemon=True).start()

    thread = threading.Thread(target=listen, daemon=True)
    thread.start()
    try:
        yield int(listener.getsockname()[1])
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def _serve(client: socket.socket) -> None:
    with client:
        while True:
            length, code = struct.unpack("!ii", _exactly(client, 8))
            _exactly(client, length - 8)
            if code not in {_SSL, _GSS}:
                break
            client.sendall(b"N")
        client.sendall(_WELCOME)
        while (kind := client.recv(1)) not in {b"", b"X"}:
            (length,) = struct.unpack("!i", _exactly(client, 4))
            _exactly(client, length - 4)
            if kind in {b"Q", b"S"}:
                client.sendall(_NO)


def _exactly(client: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        piece = client.recv(count - len(data))
        if not piece:
            return data.ljust(count, b"\0")
        data += piece
    return data
