"""The staff of a venue, as administration lists it."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sqlalchemy import case, func, select

from db.tables.till import password_failures, users
from till.domain.events.envelope import time_text
from till.domain.i18n import _
from till.domain.staff.person import Role

if TYPE_CHECKING:
    from sqlalchemy import Connection


class StaffRow(TypedDict):
    """A person, without any hash. `locked_until` is None if not locked now."""

    number: int
    name: str
    role: str
    disabled: bool
    locked_until: str | None
    has_pin: bool
    has_password: bool


def read_staff(connection: Connection, store_id: str) -> list[StaffRow]:
    """Read all staff by number, also those who left.

    Args:
        connection: with the owner's rights.
        store_id: the venue.
    """
    person, failures, now = users.c, password_failures.c, func.now()
    locked_by_password = (
        select(func.max(failures.locked_until))
        .where(failures.store_id == person.store_id, failures.user_id == person.id, failures.locked_until > now)
        .scalar_subquery()
    )
    locked_by_pin = case((person.locked_until > now, person.locked_until))
    rows = connection.execute(
        select(
            person.id,
            person.name,
            person.role,
            person.disabled_at.is_not(None),
            func.greatest(locked_by_pin, locked_by_password),
            person.pin_hash.is_not(None),
            person.password_hash.is_not(None),
        )
        .where(person.store_id == store_id)
        .order_by(person.id)
    ).all()
    return [
        StaffRow(
            number=number,
            name=name,
            role=role,
            disabled=disabled,
            locked_until=time_text(until) if until else None,
            has_pin=has_pin,
            has_password=has_password,
        )
        for number, name, role, disabled, until, has_pin, has_password in rows
    ]


def standing(person: StaffRow) -> str:
    """Return the status of a person; empty for most."""
    if person["disabled"]:
        return _("disabled")
    if person["locked_until"]:
        return _("locked")
    if not person["has_pin"]:
        return _("no PIN")
    return _("no password") if person["role"] != Role.CASHIER and not person["has_password"] else ""
