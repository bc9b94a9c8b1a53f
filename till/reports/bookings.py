"""Lists of the tables of a venue and their bookings, for administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import JSON, Date, cast, func, select

from db.tables.cold import table_booking_info, table_info
from till.reports.rows import plain_rows

if TYPE_CHECKING:
    from datetime import date

    from sqlalchemy import Connection


def read_bookings(connection: Connection, store_id: str, day: date | None = None) -> list[dict[str, Any]]:
    """Read the bookings of a business date by time; without a date, all future ones.

    Name and phone are empty once erased.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
        day: a business date.
    """
    of = table_booking_info.c
    rows = select(func.cold.booking_row(table_booking_info.table_valued(), type_=JSON)).where(of.store_id == store_id)
    if day is None:
        rows = rows.where(of.ends_at > func.now())
    else:
        rows = rows.where(func.till.business_date(of.store_id, of.starts_at) == cast(day, Date))
    return list(connection.scalars(rows.order_by(of.starts_at, of.booking_id)))


def read_tables(connection: Connection, store_id: str) -> list[dict[str, Any]]:
    """Read the tables by number.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
    """
    of = table_info.c
    query = select(of.table_number.label("table"), of.seats, of.area).where(of.store_id == store_id)
    return plain_rows(connection, query.order_by(of.table_number))
