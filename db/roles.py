"""The roles of the database, including one for each program that is not a till (ADR 0024)."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from db.address import SEARCH_PATH

if TYPE_CHECKING:
    from collections.abc import Iterable

    import psycopg

#: The owner of everything in the database: for migrations and `till db url`.
OWNER: Final = "till_owner"
#: The role of the tills: functions only.
APP: Final = "till_app"
#: The group of programs that are not tills. Each program has its own role in the group.
PROGRAM: Final = "till_program"
#: The group of programs that only report a gateway's webhooks (`till gateway`).
GATEWAY: Final = "till_gateway"
#: The names of the roles of programs (`till.program_add_v1`), of every venue on the server.
PROGRAMS: Final = r"^till_program_[a-z0-9_]+_[0-9a-f]{12}$"
#: Each role with its attributes in the cluster. Its rights in the database are grants.
ROLES: Final = {
    OWNER: "LOGIN",
    APP: "LOGIN",
    "till_admin": "NOLOGIN",
    "till_report": "NOLOGIN",
    PROGRAM: "NOLOGIN",
    GATEWAY: "NOLOGIN",
}
#: The attributes of a program's role in the cluster.
_OF_PROGRAM: Final = "LOGIN CONNECTION LIMIT 5"
#: The settings of a program's sessions. A client can change them; then a session that waits for its lock ends it.
_SESSION_SETTINGS: Final = {
    "search_path": SEARCH_PATH,
    "statement_timeout": "3s",
    "lock_timeout": "2s",
    "idle_in_transaction_session_timeout": "3s",
}


def is_program(role: str) -> bool:
    """True for the name of a program's role."""
    return re.search(PROGRAMS, role) is not None


def statements() -> list[str]:
    """Return the statements that create the roles on a server that has none of them."""
    return [*(f"CREATE ROLE {name} {rights}" for name, rights in ROLES.items()), f"GRANT {APP} TO {OWNER}"]


def may_safely_make_roles(connection: psycopg.Connection[Any]) -> bool:
    """True if CREATEROLE is limited to a role's own roles. Before PostgreSQL 16, whoever has it is a superuser.

    It joins any role that is none, such as those that write the server's files and run programs on its machine.
    """
    return connection.info.server_version >= 160000  # noqa: PLR2004 - the version that limited it


def owners_rights(*, may_make_roles: bool = True) -> list[str]:
    """Return a superuser's statements that allow the owner to restore backups and to manage the roles of programs."""
    return [
        f"ALTER ROLE {OWNER} CREATEDB {'CREATEROLE' if may_make_roles else 'NOCREATEROLE'}",
        *(f"GRANT {name} TO {OWNER} WITH ADMIN OPTION" for name in ROLES if name != OWNER),
    ]


def make(connection: psycopg.Connection[Any]) -> None:
    """Create the roles that the server lacks.

    Roles belong to the whole server, but the lock of an upgrade belongs to one database. Another upgrade may create the
    same role at the same time; that is not an error.

    Raises:
        psycopg.errors.InsufficientPrivilege: the user may not create roles.
    """
    for name, rights in ROLES.items():
        connection.execute(
            f"""
            DO $$ BEGIN
                IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{name}') THEN CREATE ROLE {name} {rights}; END IF;
            EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL;
            END $$
            """
        )
    # the owner may end a blocking session of the tills only as a member of their role
    connection.execute(
        f"""
        DO $$ BEGIN
            IF NOT pg_has_role('{OWNER}', '{APP}', 'MEMBER') THEN GRANT {APP} TO {OWNER}; END IF;
        EXCEPTION WHEN insufficient_privilege OR unique_violation OR internal_error THEN NULL;
        END $$
        """
    )


#: The tills' share of a server's connections: a client with their password must not lock out the owner.
_SHARE = "SELECT greatest(current_setting('max_connections')::integer * 4 / 5, 1)"


#: The longest that a statement of the tills may run. A pooler opens connections that no till has configured.
_TIMEOUT: Final = "statement_timeout=40s"
#: The statements that limit a role, each with the state that needs it.
_LIMITS = f"""
    SELECT words FROM pg_roles AS r, LATERAL (VALUES
        (r.rolconnlimit < 0, format('ALTER ROLE %%I CONNECTION LIMIT %%s;', r.rolname, ({_SHARE}))),
        (NOT EXISTS (SELECT FROM pg_db_role_setting AS s
            WHERE s.setrole = r.oid AND s.setdatabase = 0 AND '{_TIMEOUT}' = ANY (s.setconfig)),
            format('ALTER ROLE %%I SET statement_timeout = ''40s'';', r.rolname))
    ) AS found (is_so, words)
    WHERE r.rolname = %s AND is_so
"""  # noqa: S608 - of constants alone


def missing_limits(connection: psycopg.Connection[Any]) -> list[str]:
    """Return the statements that limit the connections of the tills' role and the time of its statements."""
    return [words for (words,) in connection.execute(_LIMITS, [APP])]


def set_limits(connection: psycopg.Connection[Any]) -> None:
    """Run the statements of `missing_limits` that this user may run; `till db check` reports the others."""
    from psycopg import errors  # noqa: PLC0415 - only for programs that use psycopg

    for words in missing_limits(connection):
        try:
            with suppress(errors.InsufficientPrivilege), connection.transaction():
                connection.execute(words.encode())
        except errors.InternalError_:  # "tuple concurrently updated": another database's upgrade set it meanwhile
            if words in missing_limits(connection):
                raise


#: The statements that allow a role to connect, each with the state that needs it.
_LETS_IN = f"""
    SELECT words FROM pg_roles AS r, pg_database AS d, LATERAL (VALUES
        (NOT r.rolcanlogin, format('ALTER ROLE %%I LOGIN;', r.rolname)),
        (r.rolvaliduntil < now(), format('ALTER ROLE %%I VALID UNTIL ''infinity'';', r.rolname)),
        (r.rolconnlimit = 0, format('ALTER ROLE %%I CONNECTION LIMIT %%s;', r.rolname, ({_SHARE}))),
        (NOT has_database_privilege(r.oid, d.oid, 'CONNECT'),
            format('GRANT CONNECT ON DATABASE %%I TO %%I;', d.datname, r.rolname))
    ) AS found (is_so, words)
    WHERE r.rolname = %s AND d.datname = current_database() AND is_so
"""  # noqa: S608 - of constants alone


def missing_access(connection: psycopg.Connection[Any]) -> list[str]:
    """Return the statements without which the server refuses the tills' role; empty if the role can connect."""
    return [words for (words,) in connection.execute(_LETS_IN, [APP])]


def allow_tills(connection: psycopg.Connection[Any]) -> None:
    """Run the statements of `missing_access` that this user may run; `till db check` reports the others."""
    from psycopg import errors  # noqa: PLC0415 - only for programs that use psycopg

    for words in missing_access(connection):
        with suppress(errors.InsufficientPrivilege), connection.transaction():
            connection.execute(words.encode())


def may_end_tills(connection: psycopg.Connection[Any]) -> bool:
    """True if functions that tills call may end a blocking session that uses the tills' password."""
    query = """
        SELECT pg_has_role(o.oid, a.oid, 'USAGE') FROM pg_roles AS o, pg_roles AS a
        WHERE o.rolname = %s AND a.rolname = %s
    """
    return connection.execute(query, [OWNER, APP]).fetchone() != (False,)


#: The settings of our roles, and of the database, that their owner could have set, each with the role (none for the
#: database) and the statement that resets it. Only the server's administrator can set the others.
_OWN_SETTINGS = """
    SELECT r.rolname, one, format('ALTER %%s RESET %%I;', CASE
        WHEN r.oid IS NULL THEN format('DATABASE %%I', d.datname)
        WHEN s.setdatabase <> 0 THEN format('ROLE %%I IN DATABASE %%I', r.rolname, d.datname)
        ELSE format('ROLE %%I', r.rolname) END, n.name)
    FROM pg_db_role_setting AS s LEFT JOIN pg_roles AS r ON r.oid = s.setrole CROSS JOIN unnest(s.setconfig) AS one
    CROSS JOIN split_part(one, '=', 1) AS n (name) LEFT JOIN pg_settings AS p ON p.name = n.name
    JOIN pg_database AS d ON d.datname = coalesce(%s, current_database())
    WHERE (s.setrole = 0 OR r.rolname = ANY (%s) OR r.rolname LIKE 'till\\_program\\_%%')
        AND s.setdatabase IN (0, d.oid) AND (s.setrole <> 0 OR s.setdatabase <> 0)
        AND (p.context = 'user' OR n.name = ANY (%s)) AND n.name <> ALL (%s)
    ORDER BY r.rolname = %s DESC, 1 NULLS FIRST, 2
"""
#: The settings of every role that `pg_settings` leaves out.
_HIDDEN: Final = ["role", "session_authorization"]
#: The settings that the till makes, for the tills, the database, and a program.
_MADE_SETTINGS: Final = {
    APP: frozenset({_TIMEOUT}),
    None: frozenset({f"search_path={SEARCH_PATH.replace(',', ', ')}", "jit=off"}),
}
_OF_A_PROGRAM: Final = frozenset(f"{name}={value.replace(',', ', ')}" for name, value in _SESSION_SETTINGS.items())


def own_settings(
    connection: psycopg.Connection[Any], but: Iterable[str] = (), dbname: str | None = None
) -> dict[str | None, dict[str, str]]:
    """Return foreign settings, such as `statement_timeout = 1`, by role, each with the statement to reset it.

    Every role may change its own settings, so a client with the tills' password could lock all tills out, and one with
    the owner's have each session find another schema first. None is the database.

    Args:
        connection: a connection of any user.
        but: settings to ignore.
        dbname: the database; by default that of the connection.
    """
    found: dict[str | None, dict[str, str]] = {}
    asked = [dbname, [APP, OWNER], _HIDDEN, list(but), APP]
    for role, one, words in connection.execute(_OWN_SETTINGS, asked):
        made = _MADE_SETTINGS.get(role, frozenset() if role == OWNER else _OF_A_PROGRAM)
        if one not in made:
            settings, setting = found.setdefault(role, {}), one.replace("=", " = ", 1)
            settings[setting] = f"{settings[setting]} {words}" if setting in settings else words
    return found


def unlimited_makers(connection: psycopg.Connection[Any]) -> list[str]:
    """Return the roles with the owner's rights that CREATEROLE makes superusers of the server."""
    if may_safely_make_roles(connection):
        return []
    query = """
        SELECT r.rolname FROM pg_roles AS r JOIN pg_roles AS o ON o.rolname = %s
        WHERE r.rolcreaterole AND NOT r.rolsuper AND pg_has_role(r.oid, o.oid, 'MEMBER') ORDER BY 1
    """
    return [name for (name,) in connection.execute(query, [OWNER])]


def is_superuser(connection: psycopg.Connection[Any], user: str = "") -> bool:
    """True if a user is a superuser: by default that of the connection, whatever role it acts as.

    All names are qualified: an owner of the database may have set a search path for each of its sessions.
    """
    query = """
        SELECT FROM pg_catalog.pg_roles AS r
        WHERE r.rolname OPERATOR(pg_catalog.=) %s::pg_catalog.name AND r.rolsuper
    """
    return connection.execute(query, [user or connection.info.user]).fetchone() is not None


def may_make_databases(connection: psycopg.Connection[Any]) -> bool:
    """True if the user may create a database, as a restore does."""
    query = "SELECT FROM pg_roles WHERE rolname = current_user AND (rolsuper OR rolcreatedb)"
    return connection.execute(query).fetchone() is not None


def is_owner(connection: psycopg.Connection[Any]) -> bool:
    """True if the user has the rights of the tables' owner, or if there are no tables yet."""
    query = """
        SELECT pg_has_role(c.relowner, 'MEMBER') FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
        WHERE n.nspname = 'till' AND c.relname = 'stores'
    """
    return connection.execute(query).fetchone() != (False,)


def become_owner(connection: psycopg.Connection[Any]) -> None:
    """Act as the owner until the transaction ends, so that all new objects belong to the same role."""
    from psycopg import errors, sql  # noqa: PLC0415 - the embedded server imports this module without psycopg

    if connection.info.user == OWNER:
        return
    name = sql.Identifier(connection.info.dbname)
    connection.execute(sql.SQL("GRANT CREATE, CONNECT, TEMPORARY ON DATABASE {} TO till_owner").format(name))
    try:
        with connection.transaction():
            connection.execute("SET LOCAL ROLE till_owner")
    except errors.InsufficientPrivilege:
        connection.execute("GRANT till_owner TO CURRENT_USER")
    connection.execute("SET LOCAL ROLE till_owner")


def set_password(connection: psycopg.Connection[Any], role: str, password: str) -> None:
    """Set the password of a role. Only its hash is sent to the server, so that no log can contain the password."""
    from psycopg import sql  # noqa: PLC0415 - only for programs that use psycopg

    kept = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    words = sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(kept))
    connection.execute(words)


def enable_program(connection: psycopg.Connection[Any], role: str, password: str, group: str = PROGRAM) -> None:
    """Create the role of a program, or enable it again, with a password.

    Args:
        connection: a connection of a user who may create roles.
        role: the name of the role.
        password: the new password.
        group: the group with its rights: `PROGRAM` or `GATEWAY`.
    """
    from psycopg import sql  # noqa: PLC0415 - only for programs that use psycopg

    name = sql.Identifier(role)
    verb = sql.SQL("ALTER" if _exists(connection, role) else "CREATE")
    connection.execute(sql.SQL("{} ROLE {} {}").format(verb, name, sql.SQL(_OF_PROGRAM)))
    for setting, value in _SESSION_SETTINGS.items():
        words = sql.SQL(value) if setting == "search_path" else sql.Literal(value)
        connection.execute(sql.SQL("ALTER ROLE {} SET {} TO {}").format(name, sql.Identifier(setting), words))
    connection.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(group), name))
    # the owner may end a blocking session of the program only as a member of its role
    connection.execute(sql.SQL("GRANT {} TO {}").format(name, sql.Identifier(OWNER)))
    set_password(connection, role, password)


def disable_program(connection: psycopg.Connection[Any], role: str) -> None:
    """Revoke the login and every right of a program's role, if the server has it. Call `end_sessions` next.

    An owner who may not change roles takes the role out of its group alone: then it reads and changes nothing.
    """
    from psycopg import errors, sql  # noqa: PLC0415 - only for programs that use psycopg

    if role not in ROLES and _exists(connection, role):  # a thief may have named the tills' own role
        name = sql.Identifier(role)
        with suppress(errors.InsufficientPrivilege), connection.transaction():
            connection.execute(sql.SQL("ALTER ROLE {} NOLOGIN PASSWORD NULL").format(name))
        for group in (PROGRAM, GATEWAY):
            member = connection.execute("SELECT pg_has_role(%s, %s, 'MEMBER')", [role, group]).fetchone()
            if member == (True,):
                connection.execute(sql.SQL("REVOKE {} FROM {}").format(sql.Identifier(group), name))


def end_sessions(connection: psycopg.Connection[Any], role: str) -> None:
    """End the sessions of a role, after its revocation was committed."""
    connection.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s", [role])


def renew_password(connection: psycopg.Connection[Any], role: str, password: str) -> list[str]:
    """Set the password of a role, and end its other sessions; return the addresses that they came from."""
    set_password(connection, role, password)
    query = """
        WITH others AS MATERIALIZED (
            SELECT pid, coalesce(host(client_addr), 'this machine') AS place FROM pg_stat_activity
            WHERE usename = %s AND pid <> pg_backend_pid()
        )
        SELECT place FROM others WHERE pg_terminate_backend(pid)
    """
    return sorted({place for (place,) in connection.execute(query, [role])})


def _exists(connection: psycopg.Connection[Any], role: str) -> bool:
    return connection.execute("SELECT FROM pg_roles WHERE rolname = %s", [role]).fetchone() is not None
