"""List of the programs of a venue other than tills, for administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sqlalchemy import select

from db.tables.till import programs
from till.domain.events.envelope import time_text

if TYPE_CHECKING:
    from sqlalchemy import Connection


class ProgramRow(TypedDict):
    """A program. `role` is its database role."""

    program: str
    role: str
    added_at: str
    revoked: bool


def read_programs(connection: Connection, store_id: str) -> list[ProgramRow]:
    """Read all programs by name, including revoked ones.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
    """
    program = programs.c
    rows = connection.execute(
        select(program.name, program.role, program.added_at, program.revoked_at.is_not(None))
        .where(program.store_id == store_id)
        .order_by(program.name)
    ).all()
    return [
        ProgramRow(program=name, role=role, added_at=time_text(added_at), revoked=revoked)
        for name, role, added_at, revoked in rows
    ]
