"""List of the programs of a venue other than tills, for administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from db.tables.till import programs
from till.reports.rows import plain_rows

if TYPE_CHECKING:
    from sqlalchemy import Connection


def read_programs(connection: Connection, store_id: str) -> list[dict[str, Any]]:
    """Read all programs by name with their database roles, including revoked ones.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
    """
    program = programs.c
    revoked = program.revoked_at.is_not(None).label("revoked")
    query = select(program.name.label("program"), program.role, program.added_at, revoked)
    return plain_rows(connection, query.where(program.store_id == store_id).order_by(program.name))
