"""The address of a database with its user, in each form that clients need."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote, urlencode

from db.errors import WeakTlsError

if TYPE_CHECKING:
    from sqlalchemy import URL

#: The search path on which the queries of docs/adaptations.md find their tables.
SEARCH_PATH: Final = "till,warm,hot,cold,session,simulator,public"

#: libpq's `sslmode`, from plain text to full verification.
TLS_MODES: Final = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
#: The default `sslmode` for a server on another machine.
PROVEN: Final = "verify-full"

#: Keywords for several hosts: a standby takes no changes, and a silent host must not use up the time for the next.
_OF_SEVERAL: Final = {"connect_timeout": "2", "target_session_attrs": "read-write"}

#: The driver in a URL. A connection string may have a plus elsewhere, as in its password.
_DRIVER: Final = re.compile(r"\A(\w+)\+\w+(?=://)")

#: The settings of each session of a superuser, whatever the owner of the database set for it: it finds nothing that the
#: owner made, is nobody else, and waits for a lock for 5 s alone.
_GUARD: Final = (
    "search_path=pg_catalog",
    "role=none",
    "default_transaction_read_only=off",
    "statement_timeout=0",
    "idle_in_transaction_session_timeout=0",
    "idle_session_timeout=0",
    "lock_timeout=5s",
)

#: These settings as a line for a file of statements.
GUARD: Final = " ".join("SET {} TO '{}';".format(*one.split("=")) for one in _GUARD)

#: The digits of the highest port.
_LONGEST_PORT: Final = 5


@dataclass(frozen=True, slots=True)
class Address:
    """The address of one database with its user.

    Attributes:
        host: a host name, or the folder of a socket.
        port: always set, so that PGPORT in the environment has no effect.
        extra: other libpq keywords with their values (`sslmode`, `options`).
        others: further servers that may have the database, such as a standby: hosts and ports.
    """

    host: str
    port: int
    dbname: str
    user: str
    password: str | None = field(default=None, repr=False)
    extra: tuple[tuple[str, str], ...] = ()
    others: tuple[tuple[str, int], ...] = ()

    @classmethod
    def from_url(cls, text: str) -> Self:
        """Parse a PostgreSQL URL or connection string. A `+driver`, as in SQLAlchemy's URLs, is ignored.

        The defaults are the user `till_owner`, the database `till`, and port 5432 of this machine. Of several hosts the
        one that takes changes is meant, unless `target_session_attrs` says otherwise.

        Raises:
            ValueError: the text is not valid.
        """
        from psycopg import ProgrammingError  # noqa: PLC0415 - psycopg is only loaded to connect
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

        try:
            found = {key: str(value) for key, value in conninfo_to_dict(_DRIVER.sub(r"\1", text)).items()}
        except ProgrammingError as problem:
            raise ValueError(str(problem).strip()) from problem
        hosts = found.pop("host", "localhost").split(",")
        ports = [port or "5432" for port in found.pop("port", "").split(",")]
        ports = ports * len(hosts) if len(ports) == 1 else ports
        if len(ports) != len(hosts) or not all(
            port.isascii() and port.isdigit() and len(port) <= _LONGEST_PORT for port in ports
        ):
            raise ValueError("it must have one port, or one for each host")
        if "service" in found:  # a service file may name another host than the one checked here
            raise ValueError("it must not name a service")
        if not found.get("hostaddr"):
            found.pop("hostaddr", None)
        if len(hosts) > 1:
            if "hostaddr" in found:
                raise ValueError("several hosts must not have hostaddr")
            found = _OF_SEVERAL | found
        (host, port), *others = zip(hosts, map(int, ports), strict=True)
        return cls(
            host=host,
            port=port,
            user=found.pop("user", "till_owner"),
            dbname=found.pop("dbname", "till"),
            password=found.pop("password", None),
            extra=tuple(sorted(found.items())),
            others=tuple(others),
        )

    @property
    def each(self) -> list[Self]:
        """The address at each server."""
        places = [(self.host, self.port), *self.others]
        return [replace(self, host=host, port=port, others=()) for host, port in places]

    @property
    def place(self) -> str:
        """The hosts with their ports, for display."""
        return ",".join(f"{host}:{port}" for host, port in ((self.host, self.port), *self.others))

    def on(self, dbname: str) -> Self:
        """Return the address of another database of the server."""
        return replace(self, dbname=dbname)

    @property
    def is_local(self) -> bool:
        """True if the connection stays within this machine."""
        named = dict(self.extra).get("hostaddr")
        hosts = [named] if named else [self.host, *(host for host, _port in self.others)]
        return all(not one or one[0] in "/@" or _is_loopback(one) for one in hosts)

    def with_tls(self, least: str) -> Self:
        """Return the address with at least this `sslmode` for another machine. The address may require more.

        Raises:
            WeakTlsError: the address requires less.
        """
        if self.is_local:
            return self
        own = dict(self.extra).get("sslmode", least)
        if own not in TLS_MODES[TLS_MODES.index(least) :]:
            fits = {"verify-ca": "verify-ca", "require": "unverified"}.get(own, "off")
            raise WeakTlsError(place=self.place, asked=own, fits=fits)
        return self._with_extra(sslmode=own)

    def with_password(self, password: str | None) -> Self:
        """Return the address with another password; None for no password."""
        return replace(self, password=password)

    def with_search_path(self) -> Self:
        """Return the address with the program's schemas on the search path of each connection."""
        return self._with_settings(f"search_path={SEARCH_PATH}")

    def guarded(self) -> Self:
        """Return the address for a superuser, in whose sessions nothing takes part that the database's owner set."""
        return self._with_settings(*_GUARD)

    def _with_settings(self, *settings: str) -> Self:
        before = dict(self.extra).get("options", "").split()
        return self._with_extra(options=" ".join([*before, *(f"-c{one}" for one in settings)]))

    def _with_extra(self, **more: str) -> Self:
        return replace(self, extra=tuple(sorted((dict(self.extra) | more).items())))

    @property
    def _keywords(self) -> dict[str, str]:
        """The other libpq keywords. Environment variables cannot redirect the connection or turn TLS off."""
        kept = {} if self.is_local else {"sslmode": PROVEN}
        return {"hostaddr": "", **kept, **dict(self.extra)}

    @property
    def _servers(self) -> dict[str, str]:
        hosts, ports = zip((self.host, self.port), *self.others, strict=True)
        return {"host": ",".join(hosts), "port": ",".join(map(str, ports))}

    @property
    def conninfo(self) -> str:
        """The connection string for psycopg and libpq."""
        pairs = [*self._servers.items(), ("dbname", self.dbname), ("user", self.user)]
        if self.password is not None:
            pairs.append(("password", self.password))
        return " ".join(f"{key}={_quote(value)}" for key, value in (*pairs, *self._keywords.items()))

    @property
    def url(self) -> str:
        """One URL for psql, psycopg and SQLAlchemy (2.1 or newer)."""
        user = quote(self.user, safe="")
        if self.password is not None:
            user += ":" + quote(self.password, safe="")
        words = {**self._servers, **self._keywords}
        query = urlencode([pair for pair in words.items() if pair[1]], quote_via=quote, safe="")
        return f"postgresql://{user}@/{quote(self.dbname, safe='')}?{query}"

    @property
    def sqlalchemy_url(self) -> URL:
        """Return the URL for SQLAlchemy, with psycopg as the driver."""
        from sqlalchemy import URL  # noqa: PLC0415 - saves 190 ms for those who do not use it

        query = {**self._servers, **self._keywords}
        return URL.create("postgresql+psycopg", self.user, self.password, database=self.dbname, query=query)

    def __str__(self) -> str:
        """Return the address for display, without the password."""
        return f"{self.user}@{self.place}/{self.dbname}"


def _is_loopback(name: str) -> bool:
    from ipaddress import ip_address  # noqa: PLC0415 - few addresses are asked

    try:
        return name == "localhost" or ip_address(name).is_loopback
    except ValueError:
        return False


def _quote(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
