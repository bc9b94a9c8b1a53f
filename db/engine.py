"""Connections to a database, and the errors of failed ones. SQLAlchemy is loaded only on use."""

from __future__ import annotations

from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg
from psycopg import errors
from psycopg.types.string import TextLoader

from db.address import Address
from db.errors import (
    BarredRoleError,
    EncodingError,
    FullServerError,
    NoDatabaseError,
    NoRightsError,
    NoTlsError,
    NotSuperuserError,
    OldServerError,
    RefusedLoginError,
    UnreachableError,
)
from db.roles import APP, is_superuser
from db.schema import OWN, Program, SchemaState, judge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from psycopg.abc import Buffer
    from sqlalchemy import Connection, Engine

#: The oldest PostgreSQL that a till works with.
OLDEST_MAJOR = 15
#: The character in a name for a byte that cannot be read.
UNREADABLE = "\ufffd"
#: Seconds to wait for a connection: a frozen server accepts one and never answers. libpq's minimum is 2.
_PATIENCE_S = 2
_NO_TLS = (
    "does not support SSL",
    "SSL error: certificate verify failed",
    "root certificate file",
    "does not match host name",
)
_FULL = (
    "too many connections",
    "too many clients",
    "connection slots are reserved",
    "no more connections allowed",  # PgBouncer
)
_BARRED = {
    "not permitted to log in": 'ALTER ROLE "{user}" LOGIN;',
    "permission denied for database": 'GRANT CONNECT ON DATABASE "{dbname}" TO "{user}";',
}
_REFUSALS = (
    "authentication failed",
    "no password supplied",
    "pg_hba.conf",
    "role ",
    "no such user",  # PgBouncer
)


def connect(where: Address | str, **options: Any) -> psycopg.Connection[Any]:
    """Open a connection in autocommit mode. It prepares no statements, so that it works through a pooler.

    Of several servers it takes the first that can be reached.

    Args:
        where: an address, or a PostgreSQL URL or connection string.
        options: other options of `psycopg.connect`; `connect_timeout` is 2 s by default.

    Raises:
        RefusedLoginError: the user or the password is wrong.
        NoDatabaseError: the server has no database of that name.
    """
    address = where if isinstance(where, Address) else Address.from_url(where)
    timeout = {} if "connect_timeout" in dict(address.extra) else {"connect_timeout": _PATIENCE_S}
    options = {"autocommit": True, "client_encoding": "utf8", "prepare_threshold": None, **timeout, **options}
    *before, last = address.each
    for one in before:
        try:
            return _connect(one, options)
        except FullServerError:  # it is the one that takes changes
            raise
        except UnreachableError:
            continue
    return _connect(last, options)


def connect_superuser(address: Address) -> psycopg.Connection[Any]:
    """Open a connection of a superuser, in which nothing takes part that the database's owner made or set.

    Raises:
        NotSuperuserError: the user is no superuser.
    """
    connection = connect(address.guarded())
    if not is_superuser(connection):
        connection.close()
        raise NotSuperuserError(user=address.user, place=address.place)
    return read_any_name(connection)


def read_any_name(connection: psycopg.Connection[Any]) -> psycopg.Connection[Any]:
    """Let a connection read names with bytes of another encoding: roles and databases are the whole server's."""
    for kind in ("text", "name"):
        connection.adapters.register_loader(kind, _LenientLoader)
    return connection


class _LenientLoader(TextLoader):
    """Reads text with `UNREADABLE` in the place of bytes of another encoding."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode("utf-8", "replace")


def _connect(address: Address, options: dict[str, Any]) -> psycopg.Connection[Any]:
    try:
        connection = psycopg.connect(address.conninfo, **options)
    except psycopg.OperationalError as problem:
        raise explain(problem, address) from problem
    if connection.info.server_version < OLDEST_MAJOR * 10_000:
        found = server_version(connection)
        connection.close()
        raise OldServerError(place=_place(address), found=found, needed=OLDEST_MAJOR)
    return connection


def make_engine(where: Address | str) -> Engine:
    """Return an SQLAlchemy engine for migrations and reports. Each use opens its own connection."""
    from sqlalchemy import NullPool, create_engine  # noqa: PLC0415 - saves 190 ms for those who do not use it

    address = where if isinstance(where, Address) else Address.from_url(where)
    return create_engine(
        address.sqlalchemy_url, poolclass=NullPool, connect_args={"client_encoding": "utf8", "prepare_threshold": None}
    )


@contextmanager
def reading(where: Address | str) -> Iterator[Connection]:
    """Open a read-only SQLAlchemy connection with one snapshot, for selects over `db.tables`."""
    engine = make_engine(where).execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def selecting(connection: psycopg.Connection[Any]) -> Iterator[Connection]:
    """Wrap a connection of `connect` for SQLAlchemy, for selects over `db.tables` between calls of functions.

    Each select sees the data that was committed before it. Enter and leave the block outside of a transaction; the
    connection stays open.
    """
    from sqlalchemy import StaticPool, create_engine  # noqa: PLC0415 - saves 190 ms for those who do not use it

    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: connection,
        poolclass=StaticPool,
        pool_reset_on_return=None,
        use_native_hstore=False,
    )
    with engine.connect() as selects:
        yield selects


def schema_state(where: Address | str, program: Program = OWN) -> SchemaState:
    """Return the state of the database's schema for this program, by one connection and query. Any role may call it."""
    with connect(where) as connection:
        return read_state(connection, program)


def read_state(connection: psycopg.Connection[Any], program: Program = OWN) -> SchemaState:
    """Return `schema_state` over an open connection, in its own transaction or savepoint."""
    try:
        with connection.transaction():
            facts = dict(connection.execute("SELECT key, value FROM till.schema_v1()").fetchall())
    except (errors.UndefinedFunction, errors.InvalidSchemaName, errors.UndefinedTable, errors.UndefinedColumn):
        facts = _facts_without_functions(connection)
    except errors.InsufficientPrivilege as problem:
        info = connection.info
        holds = f"SELECT FROM pg_roles WHERE rolname = '{APP}' AND pg_has_role(oid, 'USAGE')"
        is_till = connection.execute(holds.encode()).fetchone() is not None
        remedy = "till db upgrade" if is_till else f"GRANT {APP} TO {info.user};"
        raise NoRightsError(user=info.user, dbname=info.dbname, reason=reason(problem), remedy=remedy) from problem
    return judge(server_version(connection), facts, program)


def _facts_without_functions(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """Return the revision of a database whose functions `db.remedy` dropped. Only its owner may read it."""
    query = "SELECT 'revision', version_num::text FROM till.alembic_version"
    refused = (errors.UndefinedTable, errors.InvalidSchemaName, errors.InsufficientPrivilege)
    with suppress(*refused), connection.transaction():
        return dict(connection.execute(query).fetchall())
    return {}


def is_read_only(connection: psycopg.Connection[Any]) -> bool:
    """True if the server only answers reads, as a standby does."""
    return connection.execute("SHOW transaction_read_only").fetchone() == ("on",)


def require_utf8(connection: psycopg.Connection[Any]) -> None:
    """Refuse a database that cannot store text in every script."""
    found = connection.info.parameter_status("server_encoding")
    if found != "UTF8":
        raise EncodingError(dbname=connection.info.dbname, found=found)


def server_version(connection: psycopg.Connection[Any]) -> str:
    """Return the server's version for display: "18.4"."""
    number = connection.info.server_version
    return f"{number // 10_000}.{number % 10_000}"


def explain(problem: psycopg.OperationalError, address: Address) -> Exception:
    """Return the error behind a failed connection. libpq has no code for it, so its message decides."""
    message = reason(problem)
    place = _place(address)
    if ("database " in message and "does not exist" in message) or "no such database" in message:
        return NoDatabaseError(dbname=address.dbname, place=place)
    if any(words in message for words in _NO_TLS):
        return NoTlsError(place=place, reason=message)
    if any(words in message for words in _FULL):
        return FullServerError(place=place, user=address.user, reason=message)
    for words, remedy in _BARRED.items():
        if words in message:
            facts = {"dbname": address.dbname, "user": address.user}
            return BarredRoleError(place=place, reason=message, remedy=remedy.format(**facts), **facts)
    needs_password = problem.pgconn is not None and bool(problem.pgconn.needs_password)
    if needs_password or any(words in message for words in _REFUSALS):
        return RefusedLoginError(place=place, user=address.user, reason=message)
    return UnreachableError(place=place, reason=message)


def reason(problem: psycopg.Error) -> str:
    """Return the server's message, shortened to one line."""
    primary = problem.diag.message_primary
    lines = [line.strip() for line in (primary or str(problem)).splitlines() if line.strip()]
    line = lines[0] if lines else type(problem).__name__
    return line.rpartition("failed: ")[2].removeprefix("FATAL:").strip().rstrip(".")


def _place(address: Address) -> str:
    return address.place
