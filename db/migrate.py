"""The upgrade of a database to this program: roles, schemas, tables by revision, and all functions.

An upgrade is one transaction under an advisory lock. If two tills upgrade at once, the second one waits and finds
nothing left to do. A failed upgrade changes nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import psycopg
from psycopg import errors, sql

from db import dangerous, log_settings, made, roles
from db.address import SEARCH_PATH, Address
from db.engine import connect, make_engine, read_any_name, read_state, reason, require_utf8, schema_state
from db.errors import LostTablesError, NewerDatabaseError, NoRightsError, OlderDatabaseError, UpgradeError
from db.schema import OWN, SCHEMAS, Program, SchemaState
from db.strangers import find_strangers
from db.turns import PATIENCE_S, held_up, take_turn
from db.unrecorded import unrecorded
from db.words import _

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sqlalchemy import Connection

_TURN = "till upgrade"
#: The table with the database's revision, and one that every database of a till has.
_REVISION_IN, _FIRST_TABLE = "till.alembic_version", "till.stores"

_MAKES_TABLE = re.compile(r"create table if not exists (\S+)")

#: The folder of the grants.
_GRANTS = "90_grants/"
#: The errors for which `upgrade` raises errors with their own sentences.
_HANDLED_BY_UPGRADE = (errors.InsufficientPrivilege, errors.LockNotAvailable)
_FUNCTIONS = """
    SELECT encode(sha256(convert_to(coalesce(string_agg(text, '' ORDER BY text), ''), 'UTF8')), 'hex')
    FROM (SELECT pg_get_functiondef(p.oid) AS text FROM pg_proc AS p
          WHERE p.pronamespace = ANY (%(schemas)s::text[]::regnamespace[]) AND p.prokind IN ('f', 'p')
          UNION ALL
          SELECT format('%%s %%s %%I %%s', attrelid::regclass, attnum, attname, format_type(atttypid, atttypmod))
          FROM pg_attribute JOIN pg_class AS c ON c.oid = attrelid
          WHERE c.relnamespace = to_regnamespace('shape') AND NOT attisdropped) AS found
"""

#: The functions and procedures of the program's schemas: name and row version of each.
_ROUTINES = """
    SELECT p.oid::regprocedure::text, p.xmin::text FROM pg_proc AS p
    WHERE p.pronamespace = ANY (%s::regnamespace[]) AND p.prokind IN ('f', 'p')
"""

#: Those of them that no trigger, policy, view or table needs.
_FREE = """
    SELECT p.oid::regprocedure::text FROM pg_proc AS p
    WHERE p.pronamespace = ANY (%s::regnamespace[]) AND p.prokind IN ('f', 'p') AND NOT EXISTS (
        SELECT FROM pg_depend AS d WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid)
    ORDER BY 1
"""

#: The rights on the objects of the program's schemas, one on each line.
_RIGHTS = """
    SELECT encode(sha256(convert_to(coalesce(string_agg(line, E'\\n' ORDER BY line COLLATE "C"), ''), 'UTF8')), 'hex')
    FROM (
        SELECT format('%%s %%s %%s', named.object, coalesce(r.rolname, 'everybody'), a.privilege_type) AS line
        FROM (
            SELECT 'schema ' || nspname, coalesce(nspacl, acldefault('n', nspowner)), nspowner
            FROM pg_namespace WHERE nspname = ANY (%(schemas)s::text[])
            UNION ALL
            SELECT 'routine ' || oid::regprocedure, coalesce(proacl, acldefault('f', proowner)), proowner
            FROM pg_proc WHERE pronamespace = ANY (%(schemas)s::text[]::regnamespace[])
            UNION ALL
            SELECT 'relation ' || oid::regclass, coalesce(relacl, acldefault('r', relowner)), relowner
            FROM pg_class WHERE relnamespace = ANY (%(schemas)s::text[]::regnamespace[]) AND relkind IN ('r', 'v', 'p')
                AND NOT relispartition
        ) AS named (object, acl, owner)
        CROSS JOIN aclexplode(named.acl) AS a LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE a.grantee <> named.owner
        UNION ALL
        SELECT format('column %%s %%s %%s %%s',
            c.oid::regclass, t.attname, coalesce(r.rolname, 'everybody'), a.privilege_type)
        FROM pg_class AS c JOIN pg_attribute AS t ON t.attrelid = c.oid AND t.attacl IS NOT NULL
        CROSS JOIN aclexplode(t.attacl) AS a LEFT JOIN pg_roles AS r ON r.oid = a.grantee
        WHERE c.relnamespace = ANY (%(schemas)s::text[]::regnamespace[])
        UNION ALL
        SELECT format('rows %%s %%s %%s', c.oid::regclass, c.relrowsecurity, pg_get_expr(p.polqual, c.oid))
        FROM pg_class AS c JOIN pg_policy AS p ON p.polrelid = c.oid
        WHERE c.relnamespace = ANY (%(schemas)s::text[]::regnamespace[])
    ) AS found
"""

_MAY_MAKE_TABLES = (
    "SELECT bool_or(has_database_privilege(oid, current_database(), 'TEMP')) FROM pg_roles WHERE rolname = 'till_app'"
)


def upgrade(
    owner: Address | str, program: Program = OWN, *, remake: bool = False, patience_s: float = PATIENCE_S
) -> SchemaState:
    """Create or upgrade everything in the database. Safe to repeat, and at any time.

    Args:
        owner: the address as `till_owner`, or as a user who may create roles and schemas.
        program: the program to upgrade to; another than this one only in tests.
        remake: make all functions again, even if the database says that they are unchanged: its owner can forge that.
        patience_s: seconds to wait for each lock.

    Raises:
        DatabaseError: as `connect`; EncodingError, HeldUpError, LostTablesError, NewerDatabaseError,
            OlderDatabaseError, NoRightsError or UpgradeError, and nothing is changed.
    """
    address = owner if isinstance(owner, Address) else Address.from_url(owner)
    with connect(address) as first:  # its errors have sentences
        require_utf8(first)
    engine = make_engine(address)
    try:
        with engine.begin() as connection:
            raw = cast("psycopg.Connection[Any]", connection.connection.driver_connection)
            take_turn(raw, _TURN, patience_s)
            _refuse_other(raw, program)
            _refuse_lost_tables(raw, program, before=True)
            _make_roles_and_schemas(raw)
            _run_revisions(connection, program)
            _refuse_lost_tables(raw, program, before=False)
            _make_functions(raw, program, remake=remake)
    except errors.LockNotAvailable as problem:
        with connect(address) as looking:
            raise held_up(looking, SCHEMAS, patience_s) from problem
    except errors.InsufficientPrivilege as problem:
        remedy = "; ".join([*roles.statements(), f"GRANT till_owner TO {address.user}"]) + ";"
        raise NoRightsError(
            user=address.user, dbname=address.dbname, reason=reason(problem), remedy=remedy
        ) from problem
    return schema_state(address, program)


def status(owner: Address | str, program: Program = OWN) -> SchemaState:
    """Return the state of the database's schema for this program."""
    return schema_state(owner, program)


class SchemaDifference(NamedTuple):
    """A difference from this program's state.

    Attributes:
        fault: a sentence on the difference.
        remedy: the next step.
        sql: the statements with which the server's administrator corrects it; empty if it needs something else.
    """

    fault: str
    remedy: str
    sql: str = ""

    @property
    def sentence(self) -> str:
        """The sentence that a person reads."""
        return f"{self.fault} {self.remedy}"


def check(owner: Address | str, program: Program = OWN) -> tuple[SchemaDifference, ...]:
    """Return the differences from this program's state; empty if there is none."""
    found: list[SchemaDifference] = []
    with read_any_name(connect(owner)) as connection:
        state = read_state(connection, program)
        if state.verdict in {"too_old", "ahead"}:  # this till can neither check nor correct the rest
            return (SchemaDifference(*state.parts),)
        if state.verdict != "current":
            found.append(SchemaDifference(*state.parts))
        found += access_faults(connection)
        if state.revision is not None and not _is_unchanged(connection):
            sentence = _("The functions in the database were changed by hand.")
            found.append(SchemaDifference(sentence, _("`till db upgrade` restores them.")))
        if state.revision is not None:
            found += _wrong_rights(connection)
            found += _strangers(connection, program)
        if state.verdict == "current" and program is OWN:
            found += _changed_by_sql(connection)
        sentence = _(
            "Who has the password of {user} is a superuser of this server: before PostgreSQL 16 by CREATEROLE."
        )
        for user in roles.unlimited_makers(connection):
            words = sql.SQL("ALTER ROLE {} NOCREATEROLE;").format(sql.Identifier(user)).as_string()
            found.append(_for_administrator(sentence.format(user=user), words))
        here = {name for (name,) in connection.execute("SELECT rolname FROM pg_roles")}
        if roles.APP in here and (loud := log_settings.describe_logging(connection)):
            found.append(SchemaDifference(*loud))
        missing = [name for name in roles.ROLES if name not in here]
        if missing:
            sentence = _("The server has no role {names}.").format(names=", ".join(missing))
            found.append(SchemaDifference(sentence, _("`till db upgrade` makes it.")))
        if not roles.may_make_databases(connection):
            sentence = _("{user} may make no database on this server, so a backup cannot be restored here.")
            user = connection.info.user
            found.append(_for_administrator(sentence.format(user=user), f'ALTER ROLE "{user}" CREATEDB;'))
    return tuple(found)


def access_faults(connection: psycopg.Connection[Any]) -> list[SchemaDifference]:
    """Return the reasons why the server refuses every till. An upgrade removes those that its user may remove."""
    sentence = _("The database refuses the tills' role.")
    return [_for_administrator(sentence, words) for words in roles.missing_access(connection)]


def _for_administrator(sentence: str, statements: str) -> SchemaDifference:
    """Return a fault that only the server's administrator can correct."""
    remedy = _("Ask the server's administrator to run: {words}").format(words=statements)
    return SchemaDifference(sentence, remedy, statements)


def _wrong_rights(connection: psycopg.Connection[Any]) -> list[SchemaDifference]:
    """Return missing or excess rights of tills. A restored backup has only some of the rights."""
    found: list[SchemaDifference] = []
    if _stored(connection, "rights_in_place") != _digest(connection, _RIGHTS):
        sentence = _("The rights in the database are not as this till granted them.")
        found.append(SchemaDifference(sentence, _("`till db upgrade` restores them.")))
    if connection.execute(_MAY_MAKE_TABLES).fetchone() == (True,):
        sentence = _("Tills may make temporary tables in the database.")
        found.append(SchemaDifference(sentence, _("`till db upgrade` as its owner ends that.")))
    if connection.execute(dangerous.CALLABLE.encode()).fetchall():
        sentence = _(
            "Anyone with the password of the tills can fill this server's disk or its table of locks, and "
            "end the tills' sessions."
        )
        remedy = _("`till db check --sql FILE` writes what its administrator runs in this database.")
        found.append(SchemaDifference(sentence, remedy, dangerous.REVOKE))
    if not roles.may_end_tills(connection):
        sentence = _("The tills cannot end a session that holds them up.")
        found.append(_for_administrator(sentence, f"GRANT {roles.APP} TO {roles.OWNER};"))
    for role, changed in roles.own_settings(connection, log_settings.QUIET).items():
        words = " ".join(changed.values())
        sentence = _("Each session of {who} begins with {settings}, which the till did not set.")
        remedy = _("If nobody of yours did, ask the server's administrator to run: {words}")
        if role == roles.APP:
            sentence = _("Each session of the tills begins with {settings}.")
            remedy = _(
                "Anyone with their password may have set that: if you did not, ask the server's administrator to run "
                "{words} and to give till_app another password."
            )
        sentence = sentence.format(who=role or _("the database"), settings=", ".join(changed))
        found.append(SchemaDifference(sentence, remedy.format(words=words), words))
    for words in roles.missing_limits(connection):
        remedy = _("`till db upgrade` sets it, or the server's administrator: {words}").format(words=words)
        found.append(SchemaDifference(_("The tills' role lacks a limit."), remedy, words))
    return found


def _strangers(connection: psycopg.Connection[Any], program: Program) -> list[SchemaDifference]:
    """Return the strangers in the database."""
    remedy = _(
        "If nobody of the venue made it, `till db set-password` offers to remove it, and `till db check --sql FILE` "
        "writes how."
    )
    return [
        SchemaDifference(_("Not the till's: {name}.").format(name=one.name), remedy, "\n".join(one.statements))
        for one in find_strangers(connection, program)
    ]


def _changed_by_sql(connection: psycopg.Connection[Any]) -> list[SchemaDifference]:
    """Return the keys and rows that somebody with the owner's password changed past the till."""
    sentence, remedy = _("Not as the till made it: key {key}."), _("`till db check --sql FILE` writes what mends it.")
    if lost := made.lost_tables(connection):
        return [SchemaDifference(*LostTablesError(names=", ".join(lost)).parts)]
    found = [
        SchemaDifference(sentence.format(key=key), remedy, words) for key, words in made.wrong_keys(connection).items()
    ]
    if changes := unrecorded(connection):
        sentence = _("Changed by SQL, without a record: {changes}.").format(changes=changes)
        remedy = _("If nobody of yours did it: `till help the owner's password was stolen`.")
        found.append(SchemaDifference(sentence, remedy))
    return found


def _refuse_other(raw: psycopg.Connection[Any], program: Program) -> None:
    """Refuse a database from which no revision of this program can upgrade."""
    state = read_state(raw, program)
    if state.verdict == "too_old":
        raise OlderDatabaseError
    if state.verdict == "ahead":
        raise NewerDatabaseError


def _refuse_lost_tables(raw: psycopg.Connection[Any], program: Program, *, before: bool) -> None:
    """Refuse a database whose tables were renamed or dropped. Before the revisions only that of its own is known."""
    lost = made.lost_tables(raw) if program is OWN else []
    if before:
        lost = [_REVISION_IN] if _REVISION_IN in lost and _FIRST_TABLE not in lost else []
    else:
        made_again = {name for _path, text in program.scripts for name in _MAKES_TABLE.findall(text)}
        lost = [name for name in lost if name not in made_again]
    if lost:
        raise LostTablesError(names=", ".join(lost))


def _make_roles_and_schemas(raw: psycopg.Connection[Any]) -> None:
    """Create the roles, the schemas, and the table with the database's revision."""
    roles.make(raw)
    roles.set_limits(raw)
    roles.allow_tills(raw)
    _revoke_dangerous(raw)
    owns = "SELECT pg_has_role(datdba, 'USAGE') FROM pg_database WHERE datname = current_database()"
    if raw.execute(owns).fetchone() == (True,):
        name = sql.Identifier(raw.info.dbname)
        raw.execute(sql.SQL("ALTER DATABASE {} SET search_path TO {}").format(name, sql.SQL(SEARCH_PATH)))
        raw.execute(sql.SQL("ALTER DATABASE {} SET jit TO off").format(name))
        raw.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC, {}").format(name, sql.Identifier(roles.APP)))
    roles.become_owner(raw)
    for schema in SCHEMAS:
        raw.execute(sql.SQL("CREATE SCHEMA IF NOT EXISTS {}").format(sql.Identifier(schema)))
    raw.execute("CREATE TABLE IF NOT EXISTS till.schema_info (key text PRIMARY KEY, value text NOT NULL)")


def _revoke_dangerous(raw: psycopg.Connection[Any]) -> None:
    """Revoke dangerous functions from everybody. If the owner is not a superuser, `check` names the statements."""
    if roles.is_superuser(raw):
        raw.execute(dangerous.REVOKE.encode())


def _run_revisions(connection: Connection, program: Program) -> None:
    from alembic import command  # noqa: PLC0415 - takes 240 ms, only for an upgrade
    from alembic.config import Config  # noqa: PLC0415
    from sqlalchemy.exc import DBAPIError  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(program.migrations).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except DBAPIError as problem:
        if isinstance(problem.orig, _HANDLED_BY_UPGRADE):
            raise problem.orig from problem
        message = reason(problem.orig) if isinstance(problem.orig, psycopg.Error) else str(problem)
        raise UpgradeError(reason=message) from problem


def _make_functions(raw: psycopg.Connection[Any], program: Program, *, remake: bool) -> None:
    """Run the scripts, and drop functions of older programs that this one does not have.

    If all functions are current, only the grants are run: recreating types would fail the push of a till.

    Functions that no table or view uses are dropped first: a function cannot be replaced by one with another answer
    or fewer defaults, which only functions with a version in their name never are. Each script replaces the others,
    which changes their catalogue rows. A function whose row is unchanged is not part of the program. The grants come
    last, because they change the rows of all functions.
    """
    making = [script for script in program.scripts if not script[0].startswith(_GRANTS)]
    granting = [script for script in program.scripts if script[0].startswith(_GRANTS)]
    if not remake and read_state(raw, program).functions_ok and _is_unchanged(raw):
        _run_scripts(raw, granting)
        _store(raw, {"rights_in_place": _digest(raw, _RIGHTS)})
        return
    if free := [name for (name,) in raw.execute(_FREE, [list(SCHEMAS)])]:
        _run_script(raw, _("functions of the older program"), f"DROP ROUTINE {', '.join(free)}")
    before = dict(raw.execute(_ROUTINES, [list(SCHEMAS)]).fetchall())
    _run_scripts(raw, making)
    now = dict(raw.execute(_ROUTINES, [list(SCHEMAS)]).fetchall())
    gone = [name for name, written in before.items() if now.get(name) == written]
    if gone:
        _run_script(raw, _("functions that are gone"), f"DROP ROUTINE {', '.join(sorted(gone))}")
    _run_scripts(raw, granting)
    made = {"functions": program.checksum, "program": str(program.number)}
    _store(raw, {**made, "functions_in_place": _digest(raw, _FUNCTIONS), "rights_in_place": _digest(raw, _RIGHTS)})


def _store(raw: psycopg.Connection[Any], facts: Mapping[str, str]) -> None:
    for key, value in facts.items():
        raw.execute(
            "INSERT INTO till.schema_info VALUES (%s, %s) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
            [key, value],
        )


def _run_scripts(raw: psycopg.Connection[Any], scripts: Iterable[tuple[str, str]]) -> None:
    for name, text in scripts:
        _run_script(raw, name, text)


def _run_script(raw: psycopg.Connection[Any], name: str, text: str) -> None:
    try:
        raw.execute(text.encode())
    except _HANDLED_BY_UPGRADE:
        raise
    except psycopg.Error as problem:
        raise UpgradeError(reason=f"{name}: {reason(problem)}") from problem


def _digest(raw: psycopg.Connection[Any], query: str) -> str:
    """Return the digest of a query over the program's schemas. The search path is empty, so names are qualified."""
    with raw.transaction(force_rollback=True):
        raw.execute("SET LOCAL search_path TO pg_catalog")
        row = raw.execute(query, {"schemas": list(SCHEMAS)}).fetchone()
    return str(row[0]) if row else ""


def _stored(raw: psycopg.Connection[Any], key: str) -> str | None:
    row = raw.execute("SELECT value FROM till.schema_info WHERE key = %s", [key]).fetchone()
    return str(row[0]) if row else None


def _is_unchanged(raw: psycopg.Connection[Any]) -> bool:
    return _stored(raw, "functions_in_place") == _digest(raw, _FUNCTIONS)
