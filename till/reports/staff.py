"""List of the staff of a venue, for administration."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sqlalchemy import JSON, UUID, cast, func, select

if TYPE_CHECKING:
    from sqlalchemy import Connection


class StaffRow(TypedDict):
    """A person, without hashes. `locked_until` is None for a person who is not locked."""

    number: int
    name: str
    role: str
    disabled: bool
    locked_until: str | None
    has_pin: bool
    has_password: bool


def read_staff(connection: Connection, store_id: str) -> list[StaffRow]:
    """Read all staff by number, including disabled people.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
    """
    found: list[StaffRow] = connection.execute(
        select(func.till.people_v1(cast(store_id, UUID), type_=JSON))
    ).scalar_one()
    return found
