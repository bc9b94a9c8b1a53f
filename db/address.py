"""Where a database is and as whom to go there, in each form that a client wants it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote, urlencode

if TYPE_CHECKING:
    from sqlalchemy import URL

#: Where the documents' own queries find their tables.
SEARCH_PATH: Final = "till,warm,hot,cold,session,simulator,public"

#: This machine, as it is named in addresses.
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})

#: The digits of the highest port there is.
_LONGEST_PORT: Final = 5


@dataclass(frozen=True, slots=True)
class Address:
    """One way into one database.

    Attributes:
        host: a host name, or the folder of a socket.
        port: always said, so that a PGPORT in someone's environment changes nothing.
        extra: libpq's other keywords with their values (`sslmode`, `options`).
    """

    host: str
    port: int
    dbname: str
    user: str
    password: str | None = field(default=None, repr=False)
    extra: tuple[tuple[str, str], ...] = ()

    @classmethod
    def from_url(cls, text: str) -> Self:
        """Reads a PostgreSQL URL or connection string; a `+driver`, as SQLAlchemy writes it, is left out.

        What the text does not say: `till_owner` into the database `till`, on port 5432 of this machine.

        Raises:
            ValueError: the text is neither.
        """
        from psycopg import ProgrammingError  # noqa: PLC0415 - psycopg is loaded by those who connect
        from psycopg.conninfo import conninfo_to_dict  # noqa: PLC0415

        scheme, separator, rest = text.partition("://")
        try:
            found = {
                key: str(value) for key, value in conninfo_to_dict(scheme.partition("+")[0] + separator + rest).items()
            }
        except ProgrammingError as problem:
            raise ValueError(str(problem).strip()) from problem
        port = found.pop("port", "5432")
        if not (port.isascii() and port.isdigit() and len(port) <= _LONGEST_PORT):
            raise ValueError("it takes one host and one port")
        return cls(
            host=found.pop("host", "localhost"),
            port=int(port),
            user=found.pop("user", "till_owner"),
            dbname=found.pop("dbname", "till"),
            password=found.pop("password", None),
            extra=tuple(sorted(found.items())),
        )

    def on(self, dbname: str) -> Self:
        """The same way into another database of the server."""
        return replace(self, dbname=dbname)

    @property
    def is_local(self) -> bool:
        """Whether the way to it stays within this machine."""
        named = dict(self.extra).get("hostaddr") or self.host
        return all(not one or one in _LOCAL or one[0] in "/@" for one in named.split(","))

    def with_tls(self, mode: str) -> Self:
        """The same, asking for TLS of a server on another machine, as libpq's `sslmode` says; its own word counts."""
        if self.is_local or "sslmode" in dict(self.extra):
            return self
        return replace(self, extra=tuple(sorted([*self.extra, ("sslmode", mode)])))

    def with_search_path(self) -> Self:
        """The same, with the schemas of a till on the search path of each connection."""
        options = dict(self.extra)
        options["options"] = " ".join([*options.get("options", "").split(), f"-csearch_path={SEARCH_PATH}"])
        return replace(self, extra=tuple(sorted(options.items())))

    @property
    def conninfo(self) -> str:
        """As psycopg and libpq take it."""
        pairs = [("host", self.host), ("port", str(self.port)), ("dbname", self.dbname), ("user", self.user)]
        if self.password is not None:
            pairs.append(("password", self.password))
        return " ".join(f"{key}={_quote(value)}" for key, value in (*pairs, *self.extra))

    @property
    def url(self) -> str:
        """As one URL: psql, psycopg and SQLAlchemy (2.1 or newer) all take it."""
        user = quote(self.user, safe="")
        if self.password is not None:
            user += ":" + quote(self.password, safe="")
        query = urlencode([("host", self.host), ("port", self.port), *self.extra], quote_via=quote, safe="")
        return f"postgresql://{user}@/{quote(self.dbname, safe='')}?{query}"

    @property
    def sqlalchemy_url(self) -> URL:
        """As SQLAlchemy takes it, with psycopg named as the driver."""
        from sqlalchemy import URL  # noqa: PLC0415 - 190 ms that only its users pay

        query = {"host": self.host, "port": str(self.port), **dict(self.extra)}
        return URL.create("postgresql+psycopg", self.user, self.password, database=self.dbname, query=query)

    def __str__(self) -> str:
        """For people: without the password."""
        return f"{self.user}@{self.host}:{self.port}/{self.dbname}"


def _quote(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
