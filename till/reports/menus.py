"""The menus that were imported, as administration lists them."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict

from sqlalchemy import func, select

from db.tables.till import menus
from till.domain.events.envelope import time_text

if TYPE_CHECKING:
    from sqlalchemy import Connection


class MenuRow(TypedDict):
    """A menu: how many items it has, who imported it (None for the owner of the database), and whether it sells now."""

    version: int
    items: int
    user: int | None
    imported_at: str
    current: bool


def read_menus(connection: Connection, store_id: str) -> list[MenuRow]:
    """Read the menus, newest first.

    Args:
        connection: with the owner's rights.
        store_id: the venue's.
    """
    menu = menus.c
    rows = connection.execute(
        select(menu.version, func.jsonb_array_length(menu.body["items"]), menu.user_id, menu.imported_at)
        .where(menu.store_id == store_id)
        .order_by(menu.version.desc())
    ).all()
    return [
        MenuRow(version=version, items=items, user=user, imported_at=time_text(imported_at), current=place == 0)
        for place, (version, items, user, imported_at) in enumerate(rows)
    ]
