"""The remedy for a stolen password of the owner, by a superuser of the server.

Whoever had the password may own every function, view and trigger, and has them run with the owner's rights: by a till's
call, by autovacuum, by an upgrade. So the superuser's session calls, reads and writes nothing that the owner made. It
closes the owner's databases, drops all code in them, also the till's, and only then sets the password.
`migrate.upgrade(remake=True)` makes the till's code again.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from psycopg import errors, sql

from db import log_settings, roles
from db.engine import UNREADABLE, connect_superuser
from db.errors import HalfRenewedError, NotThereError
from db.preparing import MAINTENANCE
from db.turns import name_session

if TYPE_CHECKING:
    from collections.abc import Sequence

    import psycopg

    from db.address import Address

#: Attempts at a statement that other sessions block. Each waits as long as a superuser's session waits for a lock.
_ATTEMPTS: Final = 6
#: The most objects that one transaction drops: each takes a place in the server's table of locks.
_AT_ONCE: Final = 500
_SECONDS: Final = 5

#: The roles with the owner's rights.
_OWNERS: Final = f"""
    SELECT r.oid FROM pg_roles AS r
    WHERE r.rolname = '{roles.OWNER}' OR (NOT r.rolsuper AND pg_has_role(r.oid, '{roles.OWNER}', 'MEMBER'))
"""  # noqa: S608 - of constants alone
#: The databases in which such a role owns something: with its own code it becomes the owner there.
_DATABASES: Final = """
    SELECT d.oid, d.datname, d.datdba = ANY (%(owners)s::oid[]) OR d.datname = %(venue)s, d.datconnlimit
    FROM pg_database AS d
    WHERE d.datname = %(venue)s OR d.datdba = ANY (%(owners)s::oid[]) OR EXISTS (
        SELECT FROM pg_shdepend AS s WHERE s.dbid = d.oid AND s.deptype = 'o'
            AND s.refclassid = 'pg_authid'::regclass AND s.refobjid = ANY (%(owners)s::oid[]))
    ORDER BY d.datname = %(venue)s DESC, 2
"""
#: The memberships in the owner's role that no superuser granted.
_MEMBERS: Final = f"""
    FROM pg_auth_members AS m LEFT JOIN pg_roles AS g ON g.oid = m.grantor
    WHERE m.roleid = '{roles.OWNER}'::regrole AND NOT coalesce(g.rolsuper, false)
"""

#: Bars the owner, and closes its databases to everybody but superusers. Names stay on the server: one that was made in
#: a database of another encoding cannot be read here.
_BAR: Final = f"""
    DO $$ DECLARE
        v_limits_makers constant boolean := current_setting('server_version_num')::integer >= 160000;
        v_words text;
    BEGIN
        ALTER ROLE {roles.OWNER} NOLOGIN NOSUPERUSER NOREPLICATION NOBYPASSRLS;
        IF NOT v_limits_makers THEN
            ALTER ROLE {roles.OWNER} NOCREATEROLE;
        END IF;
        FOR v_words IN
            SELECT format('REVOKE {roles.OWNER} FROM %s%s CASCADE', m.member::regrole,
                CASE WHEN v_limits_makers THEN ' GRANTED BY ' || m.grantor::regrole END)
            {_MEMBERS.strip()}
        LOOP
            EXECUTE v_words;
        END LOOP;
        FOR v_words IN
            SELECT format('ALTER DATABASE %I ALLOW_CONNECTIONS true CONNECTION LIMIT 0', d.datname)
            FROM pg_database AS d WHERE d.oid = ANY ({{databases}})
            UNION ALL
            SELECT format('ALTER DATABASE %I OWNER TO {roles.OWNER}', d.datname)
            FROM pg_database AS d JOIN pg_roles AS r ON r.oid = d.datdba
            WHERE d.oid = ANY ({{own}}) AND NOT pg_has_role(r.oid, '{roles.OWNER}', 'MEMBER')
            UNION ALL
            SELECT format('ALTER DATABASE %I RESET ALL', d.datname)
            FROM pg_database AS d WHERE d.oid = ANY ({{others}})
        LOOP
            EXECUTE v_words;
        END LOOP;
    END $$
"""  # noqa: S608 - of constants alone

_NAMES: Final = {"ROLE": "SELECT oid, rolname FROM pg_roles", "DATABASE": "SELECT oid, datname FROM pg_database"}
_RENAME: Final = """
    DO $$ BEGIN
        EXECUTE (SELECT format('ALTER {kind} %I RENAME TO stray_{oid}', n.name)
            FROM ({names}) AS n (oid, name) WHERE n.oid = {oid});
    END $$
"""
#: The sessions that may run code of the owner: in its databases, of the server itself too, and of its roles anywhere.
_SESSIONS: Final = """
    WITH sessions AS MATERIALIZED (
        SELECT a.pid, CASE
            WHEN a.usesysid = ANY (%(owners)s::oid[]) THEN coalesce(host(a.client_addr), 'this machine') END AS place
        FROM pg_stat_activity AS a LEFT JOIN pg_roles AS r ON r.oid = a.usesysid
        WHERE a.pid <> pg_backend_pid() AND NOT coalesce(r.rolsuper, false)
            AND (a.datid = ANY (%(databases)s::oid[]) OR a.usesysid = ANY (%(owners)s::oid[])))
"""
_PLACES: Final = f"{_SESSIONS} SELECT DISTINCT place FROM sessions WHERE place IS NOT NULL ORDER BY 1"  # noqa: S608
_END: Final = f"{_SESSIONS} SELECT pid, pg_terminate_backend(pid) FROM sessions"  # noqa: S608 - of constants alone
_WAIT: Final = f"SELECT pg_terminate_backend(pid, {_SECONDS}000) FROM unnest(%s::integer[]) AS p (pid)"  # noqa: S608
_LEFT: Final = "SELECT pid, usename, application_name FROM pg_stat_activity WHERE pid = ANY (%s::integer[])"
_OLDEST: Final = """
    SELECT a.pid, a.usename, a.application_name FROM pg_stat_activity AS a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() ORDER BY a.xact_start NULLS LAST LIMIT 1
"""

#: All that runs code and that no superuser owns, in the order to drop it. An extension may hold code of its owner.
_CODE: Final = """
    WITH owners AS MATERIALIZED (
        SELECT oid FROM pg_roles WHERE NOT rolsuper AND ({only} IS NULL OR oid = ANY ({only}))),
    tables AS MATERIALIZED (SELECT oid, relkind FROM pg_class WHERE relowner IN (SELECT oid FROM owners))
    SELECT 1 AS turn, format('DROP TRIGGER IF EXISTS %I ON %s CASCADE', t.tgname, t.tgrelid::regclass) AS words
    FROM pg_trigger AS t WHERE t.tgrelid IN (SELECT oid FROM tables) AND NOT t.tgisinternal AND t.tgparentid = 0
    UNION ALL
    SELECT 1, format('DROP RULE IF EXISTS %I ON %s CASCADE', w.rulename, w.ev_class::regclass)
    FROM pg_rewrite AS w WHERE w.ev_class IN (SELECT oid FROM tables) AND w.rulename <> '_RETURN'
    UNION ALL
    SELECT 1, format('DROP POLICY IF EXISTS %I ON %s', p.polname, p.polrelid::regclass)
    FROM pg_policy AS p WHERE p.polrelid IN (SELECT oid FROM tables)
    UNION ALL
    SELECT 2, format('DROP EXTENSION IF EXISTS %I CASCADE', e.extname)
    FROM pg_extension AS e WHERE e.extowner IN (SELECT oid FROM owners)
    UNION ALL
    SELECT 3, format('DROP %s IF EXISTS %s CASCADE',
        CASE c.relkind WHEN 'v' THEN 'VIEW' ELSE 'MATERIALIZED VIEW' END, c.oid::regclass)
    FROM tables AS c WHERE c.relkind IN ('v', 'm')
    UNION ALL
    SELECT 4, format('DROP ROUTINE IF EXISTS %s CASCADE', p.oid::regprocedure)
    FROM pg_proc AS p WHERE p.proowner IN (SELECT oid FROM owners) AND NOT EXISTS (
        SELECT FROM pg_depend AS d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype = 'i')
"""
_DROP: Final = """
    DO $$ DECLARE v_words text; BEGIN
        FOREACH v_words IN ARRAY ARRAY(SELECT words FROM ({code}) AS c ORDER BY turn LIMIT {at_once}) LOOP
            EXECUTE v_words;
        END LOOP;
    END $$
"""


class Renewal(NamedTuple):
    """The outcome of a new password for the owner.

    Attributes:
        places: the addresses that the owner's sessions came from.
        members: the roles that had the owner's rights from nobody but the owner, and have them no more.
        databases: the other databases of the owner. Their code is gone too.
    """

    places: Sequence[str]
    members: Sequence[str] = ()
    databases: Sequence[str] = ()


def renew_owners_password(superuser: Address, password: str) -> Renewal:
    """Set the owner's password, so that nothing that the owner made can set another. Tills are offline meanwhile.

    If it fails halfway, the owner and its databases stay closed until it is called again.

    Args:
        superuser: the address of the venue's database, as a superuser.
        password: the new password.

    Raises:
        NotSuperuserError: the user is no superuser.
        NotThereError: the server has no such database.
        HalfRenewedError: a session cannot be ended, or a superuser's holds a lock.
    """
    with connect_superuser(superuser.on(MAINTENANCE)) as server:
        owners = [one for (one,) in server.execute(_OWNERS.encode())]
        asked = {"owners": owners, "venue": superuser.dbname}
        found = server.execute(_DATABASES, asked).fetchall()
        if superuser.dbname not in {name for _oid, name, _is_own, _limit in found}:
            names = ", ".join(name for _oid, name, _is_own, _limit in found)
            raise NotThereError(dbname=superuser.dbname, place=superuser.place, names=names)
        members = [name for (name,) in server.execute(f"SELECT DISTINCT m.member::regrole::text {_MEMBERS}".encode())]
        who = {"owners": owners, "databases": [oid for oid, *_more in found]}
        places = [place for (place,) in server.execute(_PLACES, who)]
        _end_sessions(server, who)
        _insist(server, server, _bar(found, superuser.dbname), who)
        _end_sessions(server, who)
        _make_names_readable(server, who)
        found = server.execute(_DATABASES, asked).fetchall()
        for changed in roles.own_settings(server, log_settings.QUIET, superuser.dbname).values():
            for words in changed.values():
                _insist(server, server, words, who)
        for _oid, name, is_own, _limit in found:
            with connect_superuser(superuser.on(name)) as database:
                _drop_code(database, server, who, None if is_own else owners)
        _end_sessions(server, who)  # they may have begun before the code was gone, and sleep in it
        roles.set_password(server, roles.OWNER, password)
        server.execute(f"ALTER ROLE {roles.OWNER} LOGIN CONNECTION LIMIT -1 VALID UNTIL 'infinity'")
        for _oid, name, is_own, limit in found:
            opens = sql.SQL("ALTER DATABASE {} CONNECTION LIMIT {}")
            server.execute(opens.format(sql.Identifier(name), -1 if is_own else limit))
    return Renewal(places, members, [name for _oid, name, _is_own, _limit in found[1:]])


def _bar(found: Sequence[tuple[int, str, bool, int]], venue: str) -> str:
    own = [oid for oid, _name, is_own, _limit in found if is_own]
    others = [oid for oid, name, is_own, _limit in found if is_own and name != venue]
    return _BAR.format(databases=_oids([oid for oid, *_more in found]), own=_oids(own), others=_oids(others))


def _make_names_readable(server: psycopg.Connection[Any], who: dict[str, Any]) -> None:
    """Rename roles and databases whose names have bytes of another encoding: no statement here can name them."""
    for kind, names in _NAMES.items():
        for oid, name in server.execute(names.encode()).fetchall():
            if UNREADABLE in name:
                _insist(server, server, _RENAME.format(kind=kind, names=names, oid=oid), who)


def _drop_code(
    database: psycopg.Connection[Any], server: psycopg.Connection[Any], who: dict[str, Any], only: list[int] | None
) -> None:
    """Drop all that runs code and that no superuser owns; only that of some owners in a database of others."""
    code = _CODE.format(only="NULL::oid[]" if only is None else _oids(only))
    left = f"SELECT count(*) FROM ({code}) AS c"  # noqa: S608 - of constants alone
    while database.execute(left.encode()).fetchone() != (0,):
        _insist(database, server, _DROP.format(code=code, at_once=_AT_ONCE), who)


def _insist(
    connection: psycopg.Connection[Any], server: psycopg.Connection[Any], words: str, who: dict[str, Any]
) -> None:
    """Run a statement, and end the sessions that block it: behind one that waits for a lock all others wait."""
    for _attempt in range(_ATTEMPTS):
        try:
            connection.execute(words.encode())
        except (
            errors.LockNotAvailable,
            errors.DeadlockDetected,
            errors.ObjectInUse,
            errors.InternalError_,
        ):  # changed by another session
            _end_sessions(server, who)
        else:
            return
    raise _held_up(connection.execute(_OLDEST).fetchone(), _ATTEMPTS * _SECONDS)


def _end_sessions(server: psycopg.Connection[Any], who: dict[str, Any]) -> None:
    ended = [pid for pid, *_more in server.execute(_END, who)]
    server.execute(_WAIT, [ended])
    if row := server.execute(_LEFT, [ended]).fetchone():
        raise _held_up(row, _SECONDS)


def _held_up(row: tuple[int, str, str] | None, seconds: int) -> HalfRenewedError:
    pid, user, program = row or (0, "", "")  # 0: it has ended meanwhile
    return HalfRenewedError(seconds=seconds, holder=name_session(pid, user or "", program or ""), pid=pid)


def _oids(oids: Sequence[int]) -> str:
    return f"'{{{','.join(map(str, oids))}}}'::oid[]"
