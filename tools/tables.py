"""The tables and views that `till/reports` selects from, as modules of `db/tables`, and the keys, from a database.

Run it as `make tables` after a revision that changes one of them: it upgrades a database of its own, and writes a
module for each schema. `tests/db/test_tables.py` says when it is due, as lint has no database.
"""

from __future__ import annotations

import shutil
import tempfile
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from db import migrate
from db.embedded import EmbeddedServer
from db.engine import connect
from db.made import FILE, written

if TYPE_CHECKING:
    import psycopg

FOLDER: Final = Path(__file__).parents[1] / "db/tables"
#: The tables and views that something selects from.
_NAMES: Final = """
    cold.after_refunds_by_day cold.customer_table cold.order_audit cold.order_audit_texts cold.order_item
    cold.order_payment cold.orders cold.sales cold.table_booking_info cold.table_info session.sessions_now till.accounts
    till.notices till.programs till.shifts till.stores till.tills till.users till.value_movements till.vouchers
    warm.event_texts warm.journal_head warm.quarantine warm.session_events
"""
#: A type of PostgreSQL, and its type in SQLAlchemy; ids are text in Python.
_TYPES: Final = {
    "uuid": "Uuid(as_uuid=False)",
    "timestamp with time zone": "DateTime(timezone=True)",
    "text[]": "ARRAY(Text)",
    "uuid[]": "ARRAY(Uuid(as_uuid=False))",
    "jsonb": "JSONB",
    "bytea": "LargeBinary",
    "bigint": "BigInteger",
    "numeric": "Numeric",
}
_HEAD: Final = '''\
"""The tables and views of `{schema}` that reports select from. Written by tools/tables.py (`make tables`)."""

from sqlalchemy import {imported}{dialect}
'''
_COLUMNS: Final = """
    SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, NULL)
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE format('%%s.%%s', n.nspname, c.relname) = ANY (%s)
    ORDER BY n.nspname, c.relname, a.attnum
"""


def modules(connection: psycopg.Connection[Any]) -> dict[Path, str]:
    """Return the text of each module, by its file."""
    rows = connection.execute(_COLUMNS, [_NAMES.split()]).fetchall()
    made = {FOLDER / f"{schema}.py": _module(schema, list(of)) for schema, of in groupby(rows, lambda row: row[0])}
    return made | {FILE: written(connection)}


def _module(schema: str, rows: list[tuple[str, str, str, str]]) -> str:
    types = {kind: _TYPES.get(kind, kind.capitalize()) for _schema, _name, _column, kind in rows}
    named = {kind.partition("(")[0] for kind in types.values()} | {"column", "table"}
    named |= {"Text"} if "text[]" in types else set()
    named |= {"Uuid"} if "uuid[]" in types else set()
    imported = sorted(named - {"JSONB"}, key=lambda name: (not name.isupper(), name[0].islower(), name))
    dialect = "\nfrom sqlalchemy.dialects.postgresql import JSONB" if "JSONB" in named else ""
    text = _HEAD.format(schema=schema, imported=", ".join(imported), dialect=dialect)
    for name, columns in groupby(rows, lambda row: row[1]):
        lines = (f'    column("{column}", {types[kind]}),\n' for _schema, _name, column, kind in columns)
        text += f'\n{name} = table(\n    "{name}",\n{"".join(lines)}    schema="{schema}",\n)\n'
    return text


def main() -> None:
    """Write the modules from a new database."""
    folder = Path(tempfile.mkdtemp(prefix="till-tables-"))
    folder.chmod(0o711)  # root's server runs as another user, who must be able to enter
    server = EmbeddedServer(folder / "data", system_dir=folder / "system", durable=False)
    try:
        with server.acquire("make tables"):
            with connect(server.owner("postgres")) as connection:
                connection.execute("CREATE DATABASE tables")
            owner = server.owner("tables")
            migrate.upgrade(owner)
            with connect(owner) as connection:
                for path, text in modules(connection).items():
                    path.write_text(text, encoding="utf-8")
    finally:
        server.stop(even_if_used=True)
        shutil.rmtree(folder)


if __name__ == "__main__":
    main()
