"""List of the customers of a venue, for administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from sqlalchemy import JSON, func, select

from db.tables.cold import customer_table, sales
from till.reports.rows import plain_rows

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


#: The maximum number of orders to return for a customer.
_SHOWN: Final = 50


def read_customers(connection: Connection, store_id: str) -> list[dict[str, Any]]:
    """Read all customers by name, without erased ones.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
    """
    return _read(connection, store_id, customer_table.c.erased_at.is_(None))


def read_customer(connection: Connection, store_id: str, customer: str) -> dict[str, Any] | None:
    """Read a customer with their preferences and newest orders; None if there is none. An erased one has only orders.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
        customer: the id.
    """
    found = _read(connection, store_id, customer_table.c.customer_id == customer)
    if not found:
        return None
    one = customer_table.c
    row = connection.scalars(
        select(func.cold.customer_row(customer_table.table_valued(), _SHOWN, type_=JSON)).where(
            one.store_id == store_id, one.customer_id == customer
        )
    ).one()
    return {**found[0], "preferences": row["preferences"], "history": row["history"]}


def _read(connection: Connection, store_id: str, condition: ColumnElement[bool]) -> list[dict[str, Any]]:
    one, bought = customer_table.c, sales.c
    theirs = (bought.store_id == one.store_id) & (bought.customer_id == one.customer_id)
    query = (
        select(
            one.customer_id.label("customer"),
            one.name,
            one.phone,
            select(func.count()).select_from(sales).where(theirs).scalar_subquery().label("orders"),
            one.added_at,
            one.added_by,
            one.erased_at,
            select(func.max(bought.created_at)).where(theirs).scalar_subquery().label("last_at"),
        )
        .where(one.store_id == store_id, condition)
        .order_by(func.lower(one.name), one.phone, one.customer_id)
    )
    return plain_rows(connection, query)
