"""The programs of a venue other than tills, as administration lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sqlalchemy import select

from db.tables.till import programs
from till.domain.events.envelope import time_text

if TYPE_CHECKING:
    from sqlalchemy import Connection


class ProgramRow(TypedDict):
    """A program. `role` is its role at the database."""

    program: str
    role: str
    added_at: str
    revoked: bool


def read_programs(connection: Connection, store_id: str) -> list[ProgramRow]:
    """Read the programs by name, also revoked ones.

    Args:
        connection: with the owner's rights.
        store_id: the venue.
    """
    known = programs.c
    rows = connection.execute(
        select(known.name, known.role, known.added_at, known.revoked_at.is_not(None))
        .where(known.store_id == store_id)
        .order_by(known.name)
    ).all()
    return [
        ProgramRow(program=name, role=role, added_at=time_text(added_at), revoked=revoked)
        for name, role, added_at, revoked in rows
    ]
