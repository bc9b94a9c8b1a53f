"""The parts shared by all tables: their collection, the names of their constraints, and their types."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import Column, DateTime, MetaData, Table, Text, Uuid

if TYPE_CHECKING:
    from sqlalchemy.sql.schema import SchemaItem

#: Constraints are named as PostgreSQL itself would name them; the name of a check is the column that it is about.
METADATA: Final = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ck": "%(table_name)s_%(constraint_name)s_check",
    }
)

#: An id that a till made, as text in Python.
ID: Final = Uuid(as_uuid=False)
#: A moment; the database keeps it in UTC.
MOMENT: Final = DateTime(timezone=True)
#: The id of a session: text as in the documents, compared byte by byte.
NAME: Final = Text(collation="C")


def table(name: str, *items: SchemaItem, **options: Any) -> Table:
    """Define a table, with its indexes among its items. Its name begins with its schema."""
    schema, own = name.split(".")
    return Table(own, METADATA, *items, schema=schema, **options)


def columns_of(kept: Table, *, has_key: bool = True) -> list[Column[Any]]:
    """Return the columns of a table that keeps the rows of another, without their defaults."""
    return [
        Column(one.name, one.type, primary_key=has_key and one.primary_key, nullable=one.nullable)
        for one in kept.columns
    ]
