"""The parts that all tables share: their metadata, the names of their constraints, and their types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column, DateTime, MetaData, Table, Text, Uuid

if TYPE_CHECKING:
    from sqlalchemy.sql.schema import SchemaItem

#: Constraints are named as by PostgreSQL; a check has the name of its column.
METADATA: Final = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

#: An id that a till generated; text in Python.
ID: Final = Uuid(as_uuid=False)
#: A time, stored in UTC.
MOMENT: Final = DateTime(timezone=True)
#: The id of a session: text of a program or of a till, compared byte by byte.
NAME: Final = Text(collation="C")


def table(name: str, *items: SchemaItem, **options: Any) -> Table:
    """Define a table. `name` begins with its schema; `items` include its indexes."""
    schema, own = name.split(".")
    return Table(own, METADATA, *items, schema=schema, **options)


def columns_of(kept: Table, *, has_key: bool = True) -> list[Column[Any]]:
    """Return the columns for a table that stores the rows of another, without their defaults."""
    return [
        Column(one.name, one.type, primary_key=has_key and one.primary_key, nullable=one.nullable)
        for one in kept.columns
    ]
