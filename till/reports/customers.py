"""List of the customers of a venue, for administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NotRequired, TypedDict

from sqlalchemy import JSON, func, select

from db.tables.cold import customer_table
from db.tables.views import sales
from till.domain.events.envelope import time_text

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Connection


class ItemRow(TypedDict):
    """An item with its quantity."""

    item: str
    quantity: int


#: The maximum number of orders to return for a customer.
_SHOWN: Final = 50


class PurchaseRow(TypedDict):
    """A paid order of a customer. `receipt` is None without a receipt number."""

    order: str
    session: str
    receipt: str | None
    day: str
    at: str
    order_type: str | None
    total: str
    currency: str
    items: list[ItemRow]


class CustomerRow(TypedDict):
    """A customer. `history` and `preferences` are set only for a single one; `erased_at` is None until erased."""

    customer: str
    name: str
    phone: str
    orders: int
    added_at: str
    added_by: int | None
    erased_at: str | None
    last_at: str | None
    preferences: NotRequired[dict[str, str]]
    history: NotRequired[list[PurchaseRow]]


def read_customers(connection: Connection, store_id: str) -> list[CustomerRow]:
    """Read all customers by name, without erased ones.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
    """
    return _read(connection, store_id, customer_table.c.erased_at.is_(None))


def read_customer(connection: Connection, store_id: str, customer: str) -> CustomerRow | None:
    """Read a customer with their newest orders; None if there is none. An erased customer has only orders.

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


def _read(connection: Connection, store_id: str, condition: ColumnElement[bool]) -> list[CustomerRow]:
    one, bought = customer_table.c, sales.c
    theirs = (bought.store_id == one.store_id) & (bought.customer_id == one.customer_id)
    rows = connection.execute(
        select(
            one.customer_id,
            one.name,
            one.phone,
            select(func.count()).select_from(sales).where(theirs).scalar_subquery(),
            one.added_at,
            one.added_by,
            one.erased_at,
            select(func.max(bought.created_at)).where(theirs).scalar_subquery(),
        )
        .where(one.store_id == store_id, condition)
        .order_by(func.lower(one.name), one.phone, one.customer_id)
    ).all()
    return [
        CustomerRow(
            customer=customer,
            name=name,
            phone=phone,
            orders=count,
            added_at=time_text(added_at),
            added_by=added_by,
            erased_at=time_text(erased_at) if erased_at else None,
            last_at=time_text(last_at) if last_at else None,
        )
        for customer, name, phone, count, added_at, added_by, erased_at, last_at in rows
    ]
