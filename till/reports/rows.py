"""Rows of selects as programs read them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from till.domain.events.envelope import time_text

if TYPE_CHECKING:
    from sqlalchemy import Connection, Select


def plain_rows(connection: Connection, query: Select[Any]) -> list[dict[str, Any]]:
    """Return the rows of a select by the names of its columns, with times, days and amounts as text."""
    return [{name: _plain(value) for name, value in row.items()} for row in connection.execute(query).mappings()]


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return time_text(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value
