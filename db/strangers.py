"""Strangers in a database: roles and objects that are not the till's, as a thief of the owner's password leaves them.

The till's objects are in its schemas, belong to `till_owner`, and are named in the program's statements. Whatever a
superuser owns, or granted of it, is the administrator's: the owner's password makes no superuser.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final, NamedTuple

import psycopg
from psycopg import sql

from db import made, roles
from db.engine import read_state
from db.made import POLICY
from db.schema import OWN, SCHEMAS, Program

#: The schemas of the till's objects; `shape` has the types of events.
_SCHEMAS: Final = (*SCHEMAS, "shape")

#: The roles with more than the till gave them: what each has, and the statement that takes it away. A role that makes
#: roles may join any role before PostgreSQL 16. A superuser lets in programs, and the role that created the database by
#: hand (`db.preparing`).
_ROLES: Final = r"""
    WITH strangers AS (
        SELECT r.oid, r.rolname, r.rolcreaterole, r.rolcanlogin, r.rolname = ANY (%(ours)s) AS is_ours,
            r.rolname ~ %(programs)s AS is_program
        FROM pg_roles AS r
        WHERE NOT r.rolsuper AND r.rolname NOT LIKE 'pg\_%%' AND r.rolname NOT IN (%(owner)s, current_user)),
    members AS (
        SELECT s.rolname, a.rolname AS joined, a.rolname = %(owner)s AS is_owner,
            coalesce(g.rolsuper, false) AS by_superuser,
            EXISTS (SELECT FROM pg_database WHERE datdba = s.oid) AS has_database
        FROM pg_auth_members AS m JOIN strangers AS s ON s.oid = m.member JOIN pg_roles AS a ON a.oid = m.roleid
        LEFT JOIN pg_roles AS g ON g.oid = m.grantor
        WHERE (a.rolname = ANY (%(ours)s) OR a.rolname ~ %(programs)s OR a.rolname LIKE 'pg\_%%')
            AND NOT (s.is_program AND a.rolname = ANY (%(groups)s) AND s.rolname <> ALL (%(gone)s))),
    rights AS (
        SELECT s.rolname, coalesce(o.identity, current_database()) AS identity,
            format('REVOKE ALL%%s ON %%s %%s FROM %%I;',
            CASE WHEN c.attname IS NOT NULL THEN format(' (%%I)', c.attname) END,
            CASE WHEN o.type IN ('view', 'materialized view', 'foreign table', 'table column') THEN 'table'
                WHEN o.type = 'server' THEN 'foreign server' WHEN o.type IN ('aggregate', 'procedure') THEN 'routine'
                ELSE o.type END,
            CASE WHEN c.attname IS NOT NULL THEN c.attrelid::regclass::text ELSE o.identity END, s.rolname) AS words
        FROM pg_shdepend AS d JOIN strangers AS s ON s.oid = d.refobjid
        JOIN pg_database AS b ON b.datname = current_database()
        CROSS JOIN LATERAL pg_identify_object(d.classid, d.objid, d.objsubid) AS o
        LEFT JOIN pg_attribute AS c ON d.objsubid > 0 AND c.attrelid = d.objid AND c.attnum = d.objsubid
        WHERE d.refclassid = 'pg_authid'::regclass AND d.deptype = 'a' AND d.classid <> 'pg_default_acl'::regclass
            AND NOT s.is_ours AND s.oid <> b.datdba
            AND (d.dbid = b.oid OR (d.dbid = 0 AND d.classid = 'pg_database'::regclass AND d.objid = b.oid)))
    SELECT 1, rolname, joined, format('REVOKE %%I FROM %%I;', joined, rolname) FROM members
    WHERE NOT by_superuser OR (is_owner AND NOT has_database)
    UNION
    SELECT 2, rolname, 'CREATEROLE', format('ALTER ROLE %%I NOCREATEROLE;', rolname) FROM strangers AS s
    WHERE rolcreaterole AND current_setting('server_version_num')::integer < 160000
        AND NOT EXISTS (SELECT FROM members AS m WHERE m.rolname = s.rolname AND is_owner AND by_superuser)
    UNION
    SELECT 2, rolname, 'LOGIN', format('ALTER ROLE %%I NOLOGIN PASSWORD NULL;', rolname) FROM strangers
    WHERE rolcanlogin AND rolname = ANY (%(silent)s)
    UNION
    SELECT 3, rolname, identity, words FROM rights
    ORDER BY 1, 2, 3
"""

#: The rights that objects of the future begin with: the till sets none.
_DEFAULTS: Final = """
    SELECT format('ALTER DEFAULT PRIVILEGES FOR ROLE %s%s REVOKE ALL ON %s FROM %s;', d.defaclrole::regrole,
        ' IN SCHEMA ' || d.defaclnamespace::regnamespace,
        CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
            WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' ELSE 'LARGE OBJECTS' END,
        CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END)
    FROM pg_default_acl AS d JOIN pg_roles AS r ON r.oid = d.defaclrole CROSS JOIN aclexplode(d.defaclacl) AS a
    WHERE NOT r.rolsuper AND a.grantee <> d.defaclrole
    GROUP BY 1 ORDER BY 1
"""

#: The objects that no superuser owns: kind, identity, a name to know it by, owner. A trigger is known by its function.
_OBJECTS: Final = rf"""
    WITH owned AS (
        SELECT s.classid, s.objid, r.rolname FROM pg_shdepend AS s JOIN pg_roles AS r ON r.oid = s.refobjid
        JOIN pg_database AS d ON d.datname = current_database()
        WHERE s.refclassid = 'pg_authid'::regclass AND s.deptype = 'o' AND NOT r.rolsuper
            AND s.classid NOT IN ('pg_database'::regclass, 'pg_default_acl'::regclass)
            AND (s.dbid = d.oid OR s.objid IN (SELECT oid FROM pg_subscription WHERE subdbid = d.oid))
            AND NOT EXISTS (SELECT FROM pg_class AS c
                WHERE s.classid = 'pg_class'::regclass AND c.oid = s.objid AND c.relispartition)
            AND NOT EXISTS (SELECT FROM pg_depend AS p WHERE p.classid = s.classid AND p.objid = s.objid
                AND p.refclassid = 'pg_class'::regclass AND p.deptype IN ('a', 'i')))
    SELECT o.type, o.identity, CASE WHEN o.schema IS NULL THEN o.name ELSE
            o.schema || '.' || coalesce(
                (SELECT proname FROM pg_proc WHERE s.classid = 'pg_proc'::regclass AND oid = s.objid), o.name)
        END, s.rolname
    FROM owned AS s CROSS JOIN LATERAL pg_identify_object(s.classid, s.objid, 0) AS o
    UNION ALL
    SELECT 'trigger', format('%%I ON %%s', t.tgname, t.tgrelid::regclass),
        f.pronamespace::regnamespace || '.' || f.proname, %(owner)s
    FROM pg_trigger AS t JOIN owned AS s ON s.classid = 'pg_class'::regclass AND s.objid = t.tgrelid
    JOIN pg_proc AS f ON f.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgparentid = 0
    UNION ALL
    SELECT 'rule', format('%%I ON %%s', w.rulename, w.ev_class::regclass), '', ''
    FROM pg_rewrite AS w JOIN owned AS s ON s.classid = 'pg_class'::regclass AND s.objid = w.ev_class
    WHERE w.rulename <> '_RETURN'
    UNION ALL
    SELECT 'policy', format('%%I ON %%s', p.polname, p.polrelid::regclass), {POLICY.strip()}, %(owner)s
    FROM pg_policy AS p JOIN owned AS s ON s.classid = 'pg_class'::regclass AND s.objid = p.polrelid
    ORDER BY 1, 2
"""  # noqa: S608 - of constants alone

#: The roles that reach beyond databases, each with how: superusers, and members of PostgreSQL's own roles. The owner is
#: in one of those, to see what the tills do.
_POWERFUL: Final = r"""
    SELECT r.rolname, string_agg(had.what, ', ' ORDER BY had.what)
    FROM pg_roles AS r CROSS JOIN LATERAL (
        SELECT x.what FROM (VALUES ('superuser', r.rolsuper), ('replication', r.rolreplication),
            ('bypasses row security', r.rolbypassrls),
            ('CREATEROLE', r.rolcreaterole AND current_setting('server_version_num')::integer < 160000)
        ) AS x (what, has) WHERE x.has AND NOT (r.rolsuper AND x.what <> 'superuser')
        UNION
        SELECT p.rolname FROM pg_auth_members AS m JOIN pg_roles AS p ON p.oid = m.roleid
        WHERE m.member = r.oid AND p.rolname LIKE 'pg\_%%'
            AND NOT (r.rolname = %(owner)s AND p.rolname = 'pg_read_all_stats')
    ) AS had
    WHERE r.oid <> 10 AND r.rolname NOT LIKE 'pg\_%%'
    GROUP BY 1 ORDER BY 1
"""

#: The kinds of objects that are dropped first, because others depend on the rest.
_FIRST: Final = ("trigger", "rule", "policy")
#: The kinds of objects that a thief may put in the place of a table.
_IN_PLACE_OF_TABLES: Final = ("view", "materialized view", "foreign table", "sequence")
#: The memberships and rights of a role that are named.
_MOST_NAMED: Final = 4
_DROP_ROLE: Final = "DROP ROLE"
#: The roles of programs of this database's venues that none of their programs has.
_OF_NO_PROGRAM: Final = """
    SELECT r.rolname FROM pg_roles AS r
    WHERE r.rolname ~ %s AND right(r.rolname, 12) IN (SELECT left(md5(store_id::text), 12) FROM till.stores)
        AND NOT EXISTS (SELECT FROM till.programs AS p WHERE p.role = r.rolname AND p.revoked_at IS NULL)
"""


class Stranger(NamedTuple):
    """Something in the database, or a right in it, that is not the till's.

    Attributes:
        name: a few words, such as "trigger copies ON till.users" or "role thief (till_owner, till.users)".
        statements: the statements that remove it, in order; empty if only a person can.
        role: the name of a role whose sessions end too; empty for an object.
    """

    name: str
    statements: tuple[str, ...]
    role: str = ""


def find_strangers(
    connection: psycopg.Connection[Any], program: Program = OWN, *, only_roles: bool = False
) -> list[Stranger]:
    """Return the strangers in the order to remove them: objects, default rights, roles with rights here.

    Args:
        connection: a connection of any user; `connect_superuser` if only for roles.
        program: the program whose objects are the till's.
        only_roles: read no table of the till, for a superuser: return default rights and roles. With a role its
            objects are removed.
    """
    # an older program's objects are there too
    is_current = not only_roles and read_state(connection, program).verdict == "current"
    has_programs = is_current and program is OWN
    gone = [role for (role,) in connection.execute(_OF_NO_PROGRAM, [roles.PROGRAMS])] if has_programs else []
    facts = {
        "gone": gone,
        "ours": list(roles.ROLES),
        "silent": [name for name, rights in roles.ROLES.items() if rights == "NOLOGIN"],
        "groups": [roles.PROGRAM, roles.GATEWAY],
        "programs": roles.PROGRAMS,
        "owner": roles.OWNER,
    }
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL search_path TO pg_catalog")  # so that names are qualified
        having = connection.execute(_ROLES, facts).fetchall()
        defaults = connection.execute(_DEFAULTS).fetchall()
        objects = connection.execute(_OBJECTS, facts).fetchall() if is_current else []
    foreign = [(kind, identity) for kind, identity, name, owner in objects if not _is_ours(program, kind, name, owner)]
    foreign.sort(key=lambda one: one[0] not in _FIRST)
    found = [Stranger(f"{kind} {identity}", _drop(kind, identity)) for kind, identity in foreign]
    found += [Stranger(words.removesuffix(";"), (words,)) for (words,) in defaults]
    for role in dict.fromkeys(role for _order, role, _what, _words in having):
        its = [(what, words) for _order, one, what, words in having if one == role]
        named = ", ".join(what for what, _words in its[:_MOST_NAMED]) + (", …" if its[_MOST_NAMED:] else "")
        is_kept = role in roles.ROLES or (roles.is_program(role) and role not in gone)
        name = sql.Identifier(role).as_string()
        drop = () if is_kept else (f"DROP OWNED BY {name} CASCADE;",) * only_roles + (f"{_DROP_ROLE} {name};",)
        found.append(Stranger(f"role {role} ({named})", (*(words for _what, words in its), *drop), role))
    return found


def find_powerful(connection: psycopg.Connection[Any]) -> list[str]:
    """Return the roles with more of the server than its databases, but for the server's first superuser.

    A thief may have made one, or the server's administrator: only a person knows, so no program removes one.
    """
    return [f"{role} ({what})" for role, what in connection.execute(_POWERFUL, {"owner": roles.OWNER})]


def remove(connection: psycopg.Connection[Any], stranger: Stranger) -> None:
    """Run the statements that remove it, each by itself, and end its sessions. What is refused stays.

    Args:
        connection: a connection of the owner or a superuser, in autocommit mode.
        stranger: the one to remove.
    """
    for words in stranger.statements:
        if words.startswith(_DROP_ROLE):
            _end_sessions(connection, stranger.role)
        with suppress(psycopg.Error):
            connection.execute(words.encode())
    if stranger.role:
        _end_sessions(connection, stranger.role)


def _end_sessions(connection: psycopg.Connection[Any], role: str) -> None:
    """End the sessions of a role: one that has become the owner stays so. Only a member of the role may."""
    name = sql.Identifier(role)
    with suppress(psycopg.Error), connection.transaction():
        is_member = connection.execute("SELECT pg_has_role(%s, 'USAGE')", [role]).fetchone() == (True,)
        if not is_member:
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(name))
        roles.end_sessions(connection, role)
        if not is_member:
            connection.execute(sql.SQL("REVOKE {} FROM CURRENT_USER").format(name))


def _is_ours(program: Program, kind: str, name: str, owner: str) -> bool:
    if owner != roles.OWNER:
        return False
    if kind == "policy":
        return name in made.policies()
    if kind in _IN_PLACE_OF_TABLES and name in made.tables():
        return False
    return name in (_SCHEMAS if kind == "schema" else program.names)


def _drop(kind: str, identity: str) -> tuple[str, ...]:
    if kind == "large object":
        return (f"SELECT lo_unlink({identity});",)
    if kind == "user mapping":  # it has no name to drop it by
        return ()
    return (f"DROP {kind.upper()} IF EXISTS {identity} CASCADE;",)
