"""The one-time preparation of a venue's own server by its superuser: everything that the database's owner may not do.

It creates the roles with their passwords, the venue's database, and a template without the functions that a stolen
password of the tills could be abused with. A restore creates databases from that template. Other databases of the
server do not change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import errors, sql

from db import dangerous, log_settings, roles
from db.engine import connect_superuser, require_utf8

if TYPE_CHECKING:
    import psycopg

    from db.address import Address

#: The template for the databases of venues on a server of their own.
TEMPLATE = "till_empty"
#: The database to connect to when another one is created.
MAINTENANCE = "postgres"


def prepare(superuser: Address, *, app_password: str, owner_password: str) -> None:
    """Prepare a server for a venue. Safe to repeat, even on a server that is in use.

    Args:
        superuser: the address, as a superuser, of the venue's database, which need not exist.
        app_password: the password of the tills' role.
        owner_password: the password of the owner's role.
    """
    with connect_superuser(superuser.on(MAINTENANCE)) as maintenance:
        with maintenance.transaction():
            _make_roles(maintenance, superuser.dbname, app_password, owner_password)
        _make_database(maintenance, TEMPLATE, "template0", " ENCODING 'UTF8' IS_TEMPLATE true")
        with connect_superuser(superuser.on(TEMPLATE)) as template:
            template.execute(dangerous.REVOKE.encode())
        _make_database(maintenance, superuser.dbname, TEMPLATE, f" OWNER {roles.OWNER}")
    with connect_superuser(superuser) as venue, venue.transaction():
        require_utf8(venue)
        venue.execute(dangerous.REVOKE.encode())


def _make_roles(maintenance: psycopg.Connection[Any], dbname: str, app_password: str, owner_password: str) -> None:
    roles.make(maintenance)
    owner = roles.OWNER
    may_make_roles = roles.may_safely_make_roles(maintenance)
    for statement in (
        *roles.owners_rights(may_make_roles=may_make_roles),
        f"GRANT pg_read_all_stats TO {owner}",
        f"GRANT CONNECT ON DATABASE {MAINTENANCE} TO {owner}",
        f"ALTER ROLE {roles.APP} SET temp_file_limit = '1GB'",
        # a till's secret is a parameter of each of its statements, and must not be logged
        *(f"ALTER ROLE {role} SET {name} = 0" for role in (roles.APP, owner) for name in log_settings.LENGTHS),
    ):
        maintenance.execute(statement.encode())
    roles.set_limits(maintenance)
    roles.set_password(maintenance, roles.APP, app_password)
    roles.set_password(maintenance, owner, owner_password)
    query = "SELECT rolname FROM pg_database JOIN pg_roles AS r ON r.oid = datdba WHERE datname = %s AND NOT rolsuper"
    for (name,) in maintenance.execute(query, [dbname]).fetchall():
        if name != owner:  # a role that created the database by hand keeps its rights
            words = sql.SQL("GRANT {} TO {one}; ALTER ROLE {one} CREATEDB" + " CREATEROLE" * may_make_roles)
            maintenance.execute(words.format(sql.Identifier(owner), one=sql.Identifier(name)))


def _make_database(maintenance: psycopg.Connection[Any], name: str, template: str, more: str) -> None:
    """Create a database if the server does not have it."""
    make = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    try:
        maintenance.execute(make + sql.SQL(more))
    except errors.DuplicateDatabase:
        return
