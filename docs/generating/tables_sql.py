"""The tables and indexes of the first revision: `migrations/ddl/0001_tables.sql`, as statements of PostgreSQL.

They are compiled here and not in an upgrade, which would load and compile them again for every new database.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from sqlalchemy import make_url
from sqlalchemy.schema import CreateIndex, CreateTable

from db.tables import METADATA

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.schema import ExecutableDDLElement

_DIALECT: Final = make_url("postgresql+psycopg://").get_dialect()()
_HEAD: Final = "-- Written from db/tables by `make generate`. Edit the tables there.\n"


def tables_sql() -> str:
    """Return the statements that make every table and index, each after those it refers to."""
    return "\n".join([_HEAD, *map(_statement, _elements())])


def _elements() -> Iterator[ExecutableDDLElement]:
    for table in METADATA.sorted_tables:
        yield CreateTable(table)
        yield from map(CreateIndex, sorted(table.indexes, key=lambda index: str(index.name)))


def _statement(element: ExecutableDDLElement) -> str:
    words = str(element.compile(dialect=_DIALECT)).strip().expandtabs(4)
    return "\n".join(line.rstrip() for line in words.splitlines() if line.strip()) + ";\n"
