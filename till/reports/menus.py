"""List of the versions of the menu with their changes, for administration."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, TypedDict

from sqlalchemy import func, select

from db.tables.till import menus
from till.domain.catalogue.menu_changes import compare_menus
from till.domain.catalogue.menu_edit import changes_of, menu_at
from till.domain.events.envelope import time_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from sqlalchemy import Connection


class ItemChange(TypedDict):
    """A change of an item: its changed fields before and after. A new item has no `was`, a removed one no `now`."""

    id: str
    name: str
    what: str
    was: dict[str, Any]
    now: dict[str, Any]


class MenuRow(TypedDict):
    """A version of the menu.

    `act` is the act that made it, `user` the person (None for the owner of the database), `of` the restored version.
    `current` is True for the version in use, `beside` if categories, dayparts or taxes changed. The beginning of a
    planned price is not a change.
    """

    version: int
    act: str
    user: int | None
    at: str
    of: int | None
    items: int
    current: bool
    beside: bool
    changes: list[ItemChange]


def read_menus(connection: Connection, store_id: str, limit: int, item_id: str | None = None) -> list[MenuRow]:
    """Read the versions of the menu, newest first.

    Args:
        connection: a connection with the owner's rights.
        store_id: the venue.
        limit: the maximum number of rows.
        item_id: only versions that changed this item.
    """
    return list(islice((row for row in _versions(connection, store_id, item_id) if _changes_item(row, item_id)), limit))


def _changes_item(row: MenuRow, item_id: str | None) -> bool:
    return item_id is None or any(change["id"] == item_id for change in row["changes"])


def _versions(connection: Connection, store_id: str, item_id: str | None) -> Iterator[MenuRow]:
    """Yield each version with its changes.

    A body is compared with the body before it, as both were at the moment of the change.
    """
    menu = menus.c
    newest = connection.execute(select(func.max(menu.version)).where(menu.store_id == store_id)).scalar_one()
    bodies = _bodies(connection, store_id)
    later: dict[str, Any] = next(bodies, {})
    rows = connection.execute(
        select(menu.version, menu.act, menu.item_id, menu.of_version, menu.user_id, menu.made_at, menu.body.is_(None))
        .where(menu.store_id == store_id)
        .order_by(menu.version.desc())
    )
    for version, act, own_item, of, user, at, has_no_body in rows:
        changes, beside, items = [], False, len(later.get("items", ()))
        if has_no_body:
            changes = [_sold_out(later, own_item, act)]
        else:
            before: dict[str, Any] = next(bodies, {})
            changes, beside = _compared(before, later, at)
            later = before
        if item_id is not None:
            changes = [change for change in changes if change["id"] == item_id]
        yield MenuRow(
            version=version,
            act=act,
            user=user,
            at=time_text(at),
            of=of,
            items=items,
            current=version == newest,
            beside=beside,
            changes=changes,
        )


def _bodies(connection: Connection, store_id: str) -> Iterator[dict[str, Any]]:
    """Yield the bodies, newest first. They are read one at a time: a menu of 10,000 items takes some megabytes."""
    menu = menus.c
    last: int | None = None
    while True:
        query = select(menu.version, menu.body).where(menu.store_id == store_id, menu.body.is_not(None))
        if last is not None:
            query = query.where(menu.version < last)
        found = connection.execute(query.order_by(menu.version.desc()).limit(1)).one_or_none()
        if found is None:
            return
        last, body = found
        yield body


def _sold_out(body: Mapping[str, Any], item_id: str, act: str) -> ItemChange:
    name = next((item["name"] for item in body.get("items", ()) if item["id"] == item_id), item_id)
    is_sold_out = act == "sold_out"
    return ItemChange(
        id=item_id, name=name, what="changed", was={"sold_out": not is_sold_out}, now={"sold_out": is_sold_out}
    )


def _compared(before: Mapping[str, Any], after: Mapping[str, Any], at: datetime) -> tuple[list[ItemChange], bool]:
    """Return the changes between two menus, without sold-out marks: those have versions of their own."""
    was, now = _in_stock(menu_at(before, at)), _in_stock(menu_at(after, at))
    found = compare_menus(was, now)
    changes = [ItemChange(id=i["id"], name=i["name"], what="new", was={}, now=_fields(i)) for i in found.new]
    for old, item in found.changed:
        parts = changes_of(old, item)
        olds, news = ({name: pair[side] for name, pair in parts.items()} for side in (0, 1))
        changes.append(ItemChange(id=item["id"], name=item["name"], what="changed", was=olds, now=news))
    changes += [ItemChange(id=i["id"], name=i["name"], what="gone", was=_fields(i), now={}) for i in found.gone]
    return changes, found.beside


def _in_stock(body: Mapping[str, Any]) -> dict[str, Any]:
    return {**body, "items": [{**item, "sold_out": False} for item in body["items"]]}


def _fields(item: Mapping[str, Any]) -> dict[str, Any]:
    return {name: item.get(name) for name in ("name", "price", "category")}
