"""The keys and policies that the revisions make, against those of a database.

A dropped key lets a row in twice, and a policy `using (true)` shows every row. `make tables` writes `db/made.txt`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from db.schema import SCHEMAS

if TYPE_CHECKING:
    import psycopg

FILE: Final = Path(__file__).parent / "made.txt"
#: A policy as one line of text, of `pg_policy` as `p`.
POLICY: Final = """
    format('%%I ON %%s FOR %%s TO %%s USING (%%s) WITH CHECK (%%s)', p.polname, p.polrelid::regclass, p.polcmd,
        p.polroles::regrole[], pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
"""
_KEYS: Final = """
    SELECT t.oid::regclass::text, c.conname::text, pg_get_constraintdef(c.oid)
    FROM pg_constraint AS c JOIN pg_class AS t ON t.oid = c.conrelid
    WHERE c.contype IN ('p', 'u', 'f', 'c') AND c.conparentid = 0 AND NOT t.relispartition
        AND t.relnamespace = ANY (%(schemas)s::regnamespace[])
    UNION ALL
    SELECT t.oid::regclass::text, x.indexrelid::regclass::text, pg_get_indexdef(x.indexrelid)
    FROM pg_index AS x JOIN pg_class AS t ON t.oid = x.indrelid
    WHERE x.indisunique AND x.indisvalid AND NOT t.relispartition
        AND t.relnamespace = ANY (%(schemas)s::regnamespace[])
        AND NOT EXISTS (SELECT FROM pg_constraint AS c WHERE c.conindid = x.indexrelid AND c.contype IN ('p', 'u'))
"""
_TABLES: Final = """
    SELECT format('%%I.%%I', n.nspname, c.relname) FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY (%s) AND c.relkind IN ('r', 'p')
"""
_NO_PARENTHESES: Final = str.maketrans("", "", "()")
_POLICIES: Final = f"SELECT {POLICY} FROM pg_policy AS p"  # noqa: S608 - of constants alone


def written(connection: psycopg.Connection[Any]) -> str:
    """Return the text of the file, from a database that the revisions made."""
    keys, policies = _keys(connection), _policies(connection)
    return "".join(sorted(f"{line}\n" for line in [*("\t".join(key) for key in keys), *policies]))


@cache
def policies() -> frozenset[str]:
    """The policies of the till."""
    return frozenset(line for line in FILE.read_text(encoding="utf-8").splitlines() if "\t" not in line)


@cache
def tables() -> frozenset[str]:
    """The tables of the till that have a key."""
    return frozenset(line.split("\t")[0] for line in FILE.read_text(encoding="utf-8").splitlines() if "\t" in line)


def lost_tables(connection: psycopg.Connection[Any]) -> list[str]:
    """Return the tables of the till that a database lacks, such as one that was renamed."""
    here = {name for (name,) in connection.execute(_TABLES, [list(SCHEMAS)])}
    return sorted(tables() - here)


def wrong_keys(connection: psycopg.Connection[Any]) -> dict[str, str]:
    """Return the keys that a database lacks or has too many, each with the statement that mends it."""
    lines = FILE.read_text(encoding="utf-8").splitlines()
    made = {_compared(*line.split("\t")): line.split("\t") for line in lines if "\t" in line}
    here = {_compared(*key): key for key in _keys(connection) if key[0] in tables()}
    found = {f"{here[key][1]} ON {here[key][0]}": _drop(*here[key]) for key in sorted(here.keys() - made.keys())}
    for table, name, text in (made[key] for key in sorted(made.keys() - here.keys())):
        makes = text if _is_index(text) else f"ALTER TABLE {table} ADD CONSTRAINT {_quoted(name)} {text}"
        key = f"{name} ON {table}"
        found[key] = f"{found.get(key, '')} {makes};".strip()
    return found


def _compared(table: str, name: str, text: str) -> str:
    """Return a key without the parentheses that a restore of a backup adds to a check."""
    return f"{table} {name} {text.translate(_NO_PARENTHESES)}"


def _is_index(text: str) -> bool:
    return text.startswith("CREATE ")


def _quoted(name: str) -> str:
    from psycopg import sql  # noqa: PLC0415 - only to write statements

    return sql.Identifier(name).as_string()


def _drop(table: str, name: str, text: str) -> str:
    return f"DROP INDEX {name};" if _is_index(text) else f"ALTER TABLE {table} DROP CONSTRAINT {_quoted(name)};"


def _keys(connection: psycopg.Connection[Any]) -> list[tuple[str, str, str]]:
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL search_path TO pg_catalog")  # so that names are qualified
        return connection.execute(_KEYS, {"schemas": list(SCHEMAS)}).fetchall()


def _policies(connection: psycopg.Connection[Any]) -> list[str]:
    with connection.transaction(force_rollback=True):
        connection.execute("SET LOCAL search_path TO pg_catalog")
        return [text for (text,) in connection.execute(_POLICIES.replace("%%", "%").encode())]
