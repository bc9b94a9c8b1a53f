"""PostgreSQL's protocol (version 3) on a socket of this machine: as much of it as a call with one text needs."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import re
import secrets
import struct
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Final

from msgspec import Struct

if TYPE_CHECKING:
    from typing import Self

_VERSION: Final = 3 << 16
_MECHANISM: Final = b"SCRAM-SHA-256\0"
#: The settings of a connection, those of `till.sync.connection`.
_SETTINGS: Final = {
    "client_encoding": "UTF8",
    "statement_timeout": "40s",
    "jit": "off",
    "client_connection_check_interval": "1s",
}
#: The type and the size of a message before its body; the size counts itself.
_HEAD: Final = struct.Struct("!cI")
_NUMBER: Final = struct.Struct("!I")
_PAIR: Final = re.compile(r"(\w+)='((?:[^'\\]|\\.)*)' ?")


class LocalSocketError(Exception):
    """The server refuses the login, or asks for one that is not spoken here."""


class StatementError(Exception):
    """The server refused a statement.

    Attributes:
        sqlstate: its code.
        inside: True if it arose inside a function.
    """

    def __init__(self, sqlstate: str, message: str, *, inside: bool) -> None:
        super().__init__(message)
        self.sqlstate = sqlstate
        self.inside = inside


class LocalServer(Struct, frozen=True):
    """A database on a socket of this machine, which asks for a password."""

    folder: str
    port: int
    dbname: str
    user: str
    password: str

    @classmethod
    def of(cls, conninfo: str) -> Self | None:
        """Return the database of a connection string; None if it is elsewhere, or more is asked of the connection."""
        found = {key: re.sub(r"\\(.)", r"\1", value) for key, value in _PAIR.findall(conninfo) if value}
        if _PAIR.sub("", conninfo) or found.keys() != {"host", "port", "dbname", "user", "password"}:
            return None
        if not (found["host"].startswith("/") and found["password"].isascii()):
            return None
        return cls(found["host"], int(found["port"]), found["dbname"], found["user"], found["password"])


class LocalSocket:
    """A connection; one statement at a time."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader, self._writer = reader, writer

    @classmethod
    async def connect(cls, server: LocalServer) -> Self:
        """Connect; `log_in` comes next.

        Raises:
            OSError: nobody listens.
        """
        return cls(*await asyncio.open_unix_connection(f"{server.folder}/.s.PGSQL.{server.port}"))

    async def log_in(self, server: LocalServer, application_name: str) -> None:
        """Log in.

        Raises:
            OSError: the connection broke.
            EOFError: the server closed it.
            LocalSocketError: the server refuses, or asks for another kind of login.
        """
        words = {"user": server.user, "database": server.dbname, "application_name": application_name, **_SETTINGS}
        pairs = (_text(part) for pair in words.items() for part in pair)
        self._send(b"", _NUMBER.pack(_VERSION), *pairs, b"\0")
        scram = _Scram(server.password)
        while (message := await self._receive())[0] != b"Z":
            kind, body = message
            if kind == b"E":
                raise LocalSocketError
            if kind == b"R":
                self._authenticate(scram, _NUMBER.unpack_from(body)[0], body[_NUMBER.size :])

    def _authenticate(self, scram: _Scram, asked: int, body: bytes) -> None:
        match asked:
            case 10 if _MECHANISM in body:
                self._send(b"p", _MECHANISM, _NUMBER.pack(len(scram.first)), scram.first)
            case 11:
                self._send(b"p", scram.prove(body.decode()))
            case 12:
                scram.check(body)
            case 0:  # it lets this user in
                pass
            case _:
                raise LocalSocketError

    async def ask(self, statement: str, argument: str) -> str:
        """Run a statement that takes one text, `%s`, and returns one.

        Raises:
            OSError: the connection broke.
            EOFError: the server closed it.
            StatementError: the server refused.
        """
        sent = argument.encode()
        self._send(b"P", b"\0", _text(statement.replace("%s", "$1")), b"\0\0")
        self._send(b"B", b"\0\0\0\0\0\1", _NUMBER.pack(len(sent)), sent, b"\0\0")
        self._send(b"E", b"\0\0\0\0\0")
        self._send(b"S")
        row, refused = "", None
        while (message := await self._receive())[0] != b"Z":
            kind, body = message
            if kind == b"D":
                row = body[2 + _NUMBER.size :].decode()
            elif kind == b"E":
                fields = {field[:1]: field[1:].decode(errors="replace") for field in body.split(b"\0")}
                refused = StatementError(fields[b"C"], fields[b"M"], inside=b"W" in fields)
        if refused is not None:
            raise refused
        return row

    def abort(self) -> None:
        """Break the connection: whoever waits for an answer gets an `EOFError` at once."""
        self._writer.transport.abort()

    def close(self) -> None:
        """Take leave, and close the connection without waiting for a server that does not read."""
        self._send(b"X")
        self.abort()

    def _send(self, kind: bytes, *parts: bytes) -> None:
        body = b"".join(parts)
        self._writer.write(kind + _NUMBER.pack(len(body) + _NUMBER.size) + body)

    async def _receive(self) -> tuple[bytes, bytes]:
        kind, size = _HEAD.unpack(await self._reader.readexactly(_HEAD.size))
        return kind, await self._reader.readexactly(size - _NUMBER.size)


class _Scram:
    """The client's side of a login by SCRAM-SHA-256 (RFC 7677).

    Attributes:
        first: its first message.
    """

    def __init__(self, password: str) -> None:
        self._password = password.encode()
        self._nonce = secrets.token_urlsafe(18)
        self.first = f"n,,n=,r={self._nonce}".encode()
        self._signature = b""

    def prove(self, challenge: str) -> bytes:
        """Return the proof that this side knows the password.

        Raises:
            LocalSocketError: the challenge is not for this login.
        """
        facts = dict(part.split("=", 1) for part in challenge.split(","))
        if not facts["r"].startswith(self._nonce):
            raise LocalSocketError
        salted = hashlib.pbkdf2_hmac("sha256", self._password, b64decode(facts["s"]), int(facts["i"]))
        key = hmac.digest(salted, b"Client Key", "sha256")
        bare = f"c=biws,r={facts['r']}"
        said = f"n=,r={self._nonce},{challenge},{bare}".encode()
        self._signature = hmac.digest(hmac.digest(salted, b"Server Key", "sha256"), said, "sha256")
        mask = hmac.digest(hashlib.sha256(key).digest(), said, "sha256")
        proof = bytes(one ^ other for one, other in zip(key, mask, strict=True))
        return f"{bare},p={b64encode(proof).decode()}".encode()

    def check(self, final: bytes) -> None:
        """Check that the server knows the password too.

        Raises:
            LocalSocketError: it does not.
        """
        if not hmac.compare_digest(final, b"v=" + b64encode(self._signature)):
            raise LocalSocketError


def _text(text: str) -> bytes:
    return text.encode() + b"\0"
