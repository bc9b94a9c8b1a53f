"""Databases that serve one test after another: the rows that a test wrote are removed, which is faster than a new copy.

Rows are restored, new tables are dropped, and triggers are enabled as before. A database serves no other test if a test
changed anything else (a column, a function, a right), or if a connection is still open.
"""

from __future__ import annotations

import itertools
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

import psycopg
from psycopg.pq import TransactionStatus
from psycopg.rows import tuple_row

from db.embedded.configuration import OWNER
from db.engine import connect

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from db.address import Address

_TABLES: Final = """
    SELECT oid::regclass::text FROM pg_class
    WHERE relkind = 'r' AND relpersistence <> 't' AND oid >= 16384 ORDER BY oid"""
#: The triggers of each table, and their state.
_TRIGGERS: Final = """
    SELECT tgrelid::regclass::text, quote_ident(tgname), tgenabled::text FROM pg_trigger WHERE NOT tgisinternal"""
_ENABLED: Final = {"O": "ENABLE", "D": "DISABLE", "R": "ENABLE REPLICA", "A": "ENABLE ALWAYS"}
_SEQUENCES: Final = "SELECT oid::regclass::text FROM pg_class WHERE relkind = 'S'"
#: A hash of what relations are, without the files that a TRUNCATE gives them anew.
_RELATIONS: Final = """
    SELECT (count(*), sum(hashtext((
        oid, relname, relnamespace, relowner, relam, relpersistence, relkind, relnatts, relchecks, relrowsecurity,
        relforcerowsecurity, relreplident, relispartition, relacl, reloptions, relpartbound
    )::text)::bigint))::text FROM pg_class WHERE oid >= 16384"""
#: The file of each table.
_FILES: Final = """
    SELECT oid::regclass::text, relfilenode FROM pg_class
    WHERE relkind = 'r' AND relpersistence <> 't' AND oid >= 16384"""
#: A hash of all triggers.
_WATCHING: Final = """
    SELECT (count(*), sum(hashtext((
        tgrelid, CASE WHEN NOT tgisinternal THEN tgname END, tgfoid, tgtype, tgenabled, tgattr, tgargs, tgqual
    )::text)::bigint))::text FROM pg_trigger"""
#: Catalogs in which any change but one of rows leaves a trace.
_CATALOGS: Final = (
    "attrdef", "attribute", "constraint", "database", "db_role_setting", "default_acl", "description",
    "event_trigger", "extension", "index", "namespace", "policy", "proc", "publication", "rewrite", "sequence",
    "statistic_ext", "type",
)  # fmt: skip
_SHARED: Final = {
    "database": "WHERE datname = current_database()",
    "db_role_setting": "WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())",
}
#: True if anybody else is connected, and the number of rows ever written or deleted, by relation.
#: What kind of backend one is, is hidden from who may not watch its role; a worker of the server's own has no role.
_WRITTEN: Final = """
    SELECT EXISTS (
        SELECT FROM pg_stat_get_activity(NULL) WHERE usesysid IS NOT NULL AND pid <> ALL (%s)
        AND datid = (SELECT oid FROM pg_database WHERE datname = current_database())
    ), array(
        SELECT coalesce(pg_stat_get_tuples_inserted(r), 0) + coalesce(pg_stat_get_tuples_updated(r), 0)
            + coalesce(pg_stat_get_tuples_deleted(r), 0)
        FROM unnest(%s::oid[]) WITH ORDINALITY AS of (r, n) ORDER BY n
    )"""
#: The counts of a session's reads and writes go to the server's: a test reads those of its own transaction.
_COUNT: Final = "SELECT pg_stat_force_next_flush()"
#: Statements that reset all that a session may hold, but the plans that it has made.
_FORGET: Final = (
    "RESET SESSION AUTHORIZATION; RESET ROLE; RESET ALL; CLOSE ALL; DEALLOCATE ALL; UNLISTEN *; DISCARD TEMP;"
    f" DISCARD SEQUENCES; {_COUNT}"
)
#: The release of locks, which the owner alone may take.
_UNLOCK: Final = ", pg_advisory_unlock_all()"


def transaction_number(session: psycopg.Connection[Any]) -> str:
    """Return the number of the next transaction that writes, in any database of the server."""
    (number,) = session.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text").fetchall()[0]
    return str(int(number) % (1 << 32))


class Shape:
    """The contents of a template, and so of each copy of it.

    Args:
        session: a connection to a copy that nobody has written to.
        since: the number of the first transaction after the copy was made.
    """

    def __init__(self, session: psycopg.Connection[Any], since: str) -> None:
        self._tables = [name for (name,) in session.execute(_TABLES).fetchall()]
        self._rows = {name: _copy_of(session, name) for name in self._tables}
        self._triggers = session.execute(_TRIGGERS).fetchall()
        numbers = [
            f"setval('{name}', {{}}, {{}})".format(
                *session.execute(f"SELECT last_value, is_called FROM {name}").fetchall()[0]  # noqa: S608 - ours
            )
            for (name,) in session.execute(_SEQUENCES).fetchall()
        ]
        self._setting = f"SELECT {', '.join(numbers)}".encode()
        self._files = set(session.execute(_FILES).fetchall())  # a copy of the template has them too
        self._relations = [*self._tables, *(f"pg_{name}" for name in (*_CATALOGS, "class", "trigger"))]
        self._oids = session.execute("SELECT %s::regclass[]::oid[]", [self._relations]).fetchall()[0][0]
        counted = (
            f"(SELECT (count(*), count(*) FILTER (WHERE age(xmin) <= m.since))::text"  # noqa: S608 - ours
            f" FROM pg_{name} {_SHARED.get(name, '')})"
            for name in _CATALOGS
        )
        looks = ", ".join([*counted, f"({_RELATIONS})", f"({_WATCHING})"])
        self._look = f"SELECT {looks} FROM age(%s::xid) AS m (since)"  # noqa: S608 - ours
        self._as_made = self._looks(session, since)

    def written(self, session: psycopg.Connection[Any], ours: Collection[int]) -> dict[str, int] | None:
        """Return the number of rows ever written or deleted, by relation; None if other sessions are connected.

        Rows that a session wrote are counted once it is closed or given back.
        """
        others, counts = session.execute(_WRITTEN, [ours, self._oids]).fetchall()[0]
        return None if others else dict(zip(self._relations, counts, strict=True))

    def restore(self, session: psycopg.Connection[Any], since: str, changed: Collection[str]) -> bool:
        """Restore the rows of these tables and of truncated ones; False if more than rows was changed."""
        tables = [name for name in self._tables if name in changed]
        if len(tables) < len(changed):
            if not self._is_as_made(session, since):
                return False
            emptied = {name for name, _file in self._files ^ set(session.execute(_FILES).fetchall())}
            tables = [name for name in self._tables if name in changed or name in emptied]
        if tables:
            self._put_back(session, tables)
        session.execute(self._setting)
        return True

    def _put_back(self, session: psycopg.Connection[Any], tables: Collection[str]) -> None:
        """Restore rows without checking references or firing triggers."""
        empty = [f"DELETE FROM {name}" for name in tables]  # noqa: S608 - names of ours
        with session.transaction():
            session.execute("; ".join(["SET LOCAL session_replication_role = replica", *empty]).encode())
            for table in tables:
                if self._rows[table]:
                    with session.cursor().copy(f"COPY {table} FROM STDIN".encode()) as copy:
                        copy.write(self._rows[table])

    def _is_as_made(self, session: psycopg.Connection[Any], since: str) -> bool:
        if self._looks(session, since) == self._as_made:
            return True
        return self._mend(session) and self._looks(session, since) == self._as_made

    def _looks(self, session: psycopg.Connection[Any], since: str) -> list[str]:
        """Return the number of rows of every catalog, the number written since, and the triggers."""
        return list(session.execute(self._look.encode(), [since]).fetchall()[0])

    def _mend(self, session: psycopg.Connection[Any]) -> bool:
        """Drop new tables, and enable triggers that were disabled; False if this fails.

        Moving events to the audit makes a table for their month, and tests of old data disable triggers.
        """
        more = {name for (name,) in session.execute(_TABLES).fetchall()}.difference(self._tables)
        words = [f"DROP TABLE {name}" for name in more]
        now = set(session.execute(_TRIGGERS).fetchall())
        words += [_watch(*trigger) for trigger in self._triggers if trigger not in now]
        try:
            session.execute("; ".join(words).encode())
        except psycopg.Error:  # something stands on a table, or a trigger is gone: this database is given up
            return False
        return True


def _watch(table: str, trigger: str, state: str) -> str:
    return f"ALTER TABLE {table} {_ENABLED[state]} TRIGGER {trigger}"


def _copy_of(session: psycopg.Connection[Any], table: str) -> bytes:
    with session.cursor().copy(f"COPY {table} TO STDOUT".encode()) as copy:
        return b"".join(bytes(part) for part in copy)


class Kept:
    """A database, and the connections to it that tests have left open.

    Args:
        name: the name of the database.
        owner: the owner's address; the owner may set `session_replication_role`.
        since: the number of the first transaction after it was made.

    Attributes:
        programs: the roles of programs that serve one test after another, with their rights.
    """

    def __init__(self, name: str, owner: Address, since: str) -> None:
        self.name = name
        self.programs: dict[str, list[Any]] = {}
        self._owner = owner
        self._since = since
        self._written: dict[str, int] = {}
        self._mine: psycopg.Connection[Any] | None = None
        self._idle: dict[Address, list[psycopg.Connection[Any]]] = {}

    def shape(self) -> Shape:
        """Read the contents, while nobody has written to the copy."""
        return Shape(self._own(), self._since)

    def restored(self, shape: Shape) -> bool:
        """Restore the database; False if more was changed, or a connection is still open."""
        try:
            return self._restored(self._own(), shape)
        except (psycopg.OperationalError, psycopg.ProgrammingError):  # a test ended all sessions, or dropped a table
            return False

    def _restored(self, own: psycopg.Connection[Any], shape: Shape) -> bool:
        idle = itertools.chain.from_iterable(self._idle.values())
        ours = [session.info.backend_pid for session in (own, *idle) if not session.closed]
        found = shape.written(own, ours)
        if found is None:
            return False
        changed = [name for name, count in found.items() if count != self._written.get(name, 0)]
        if not shape.restore(own, self._since, changed):
            return False
        if changed:
            self._since = transaction_number(own)
            own.execute(_COUNT)
            self._written = shape.written(own, ours) or {}
        return True

    def _own(self) -> psycopg.Connection[Any]:
        if self._mine is None:
            self._mine = connect(self._owner)
        return self._mine

    @contextmanager
    def session(self, way: Address) -> Iterator[psycopg.Connection[Any]]:
        """Lend a connection as if it had just been opened: one that was lent before, if it can be reset."""
        idle = self._idle.setdefault(way, [])
        found = _first_that_leads_to(way.dbname, idle) or connect(way)
        try:
            yield found
        finally:
            if _is_as_before(found):
                idle.append(found)
            else:
                found.close()

    def leave(self, server: psycopg.Connection[Any]) -> None:
        """Close all connections to it, and drop its programs' roles over one to the server."""
        for session in itertools.chain.from_iterable(self._idle.values()):
            session.close()
        self._idle.clear()
        if self._mine is not None:
            self._mine.close()
            self._mine = None
        for role in self.programs:
            server.execute(f'DROP ROLE IF EXISTS "{role}"'.encode())
        self.programs.clear()


def _first_that_leads_to(dbname: str, idle: list[psycopg.Connection[Any]]) -> psycopg.Connection[Any] | None:
    """Return an idle connection that is alive and in this database: databases may have been renamed meanwhile."""
    while idle:
        found = idle.pop()
        try:
            if found.execute("SELECT current_database()").fetchall() == [(dbname,)]:
                return found
        except psycopg.OperationalError:  # it was ended meanwhile
            pass
        found.close()
    return None


def _is_as_before(session: psycopg.Connection[Any]) -> bool:
    """Reset the settings of a connection; False if it cannot be reset."""
    if session.closed or session.info.transaction_status != TransactionStatus.IDLE or not session.autocommit:
        return False
    if session.row_factory is not tuple_row or session.isolation_level is not None:
        return False
    try:
        session.execute(_FORGET + _UNLOCK if session.info.user == OWNER else _FORGET)
    except psycopg.OperationalError:  # somebody ended it
        return False
    return True
