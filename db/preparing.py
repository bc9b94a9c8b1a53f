"""The preparation of a venue's own server by its superuser, once: all that the owner of the database may not do later.

Roles with their passwords, the venue's database, and a template without the functions that a stolen tills' password
could be abused with: databases that a restore makes come from it. Other databases of the server stay as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg import errors, sql

from db import roles, shut, telling
from db.engine import connect, require_utf8
from db.errors import NotSuperuserError

if TYPE_CHECKING:
    import psycopg

    from db.address import Address

#: The template of the databases of venues on a server of their own.
TEMPLATE = "till_empty"
#: The database from which others are made.
_BESIDE = "postgres"


def prepare(superuser: Address, *, app_password: str, owner_password: str) -> None:
    """Make a server ready for a venue. Safe to repeat, also where the venue trades already.

    Args:
        superuser: the address of the venue's database, which need not exist, as a superuser.
        app_password: the password of the tills' role.
        owner_password: the password of the owner's role.

    Raises:
        DatabaseError: as `connect`; NotSuperuserError; EncodingError if the database exists and is not in UTF8.
    """
    with connect(superuser.on(_BESIDE)) as beside:
        if not roles.is_superuser(beside):
            raise NotSuperuserError(user=superuser.user, place=f"{superuser.host}:{superuser.port}")
        with beside.transaction():
            _make_roles(beside, superuser.dbname, app_password, owner_password)
        _make_database(beside, TEMPLATE, "template0", " ENCODING 'UTF8' IS_TEMPLATE true")
        with connect(superuser.on(TEMPLATE)) as template:
            template.execute(shut.SHUT.encode())
        _make_database(beside, superuser.dbname, TEMPLATE, f" OWNER {roles.OWNER}")
    with connect(superuser) as venue, venue.transaction():
        require_utf8(venue)
        venue.execute(shut.SHUT.encode())


def _make_roles(beside: psycopg.Connection[Any], dbname: str, app_password: str, owner_password: str) -> None:
    roles.make(beside)
    owner = roles.OWNER
    for statement in (
        *roles.owners_rights(),
        f"GRANT pg_read_all_stats TO {owner}",
        f"GRANT CONNECT ON DATABASE {_BESIDE} TO {owner}",
        f"ALTER ROLE {roles.APP} SET temp_file_limit = '1GB'",
        # a till's secret is a parameter of each of its statements
        *(f"ALTER ROLE {role} SET {name} = 0" for role in (roles.APP, owner) for name in telling.LENGTHS),
    ):
        beside.execute(statement.encode())
    roles.limit(beside)
    roles.set_password(beside, roles.APP, app_password)
    roles.set_password(beside, owner, owner_password)
    query = "SELECT rolname FROM pg_database JOIN pg_roles AS r ON r.oid = datdba WHERE datname = %s AND NOT rolsuper"
    for (name,) in beside.execute(query, [dbname]).fetchall():
        if name != owner:  # a role that made the database by hand keeps its rights
            words = sql.SQL("GRANT {} TO {one}; ALTER ROLE {one} CREATEDB CREATEROLE")
            beside.execute(words.format(sql.Identifier(owner), one=sql.Identifier(name)))


def _make_database(beside: psycopg.Connection[Any], name: str, template: str, more: str) -> None:
    """Make a database if the server does not have it."""
    make = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
    try:
        beside.execute(make + sql.SQL(more))
    except errors.DuplicateDatabase:
        return
