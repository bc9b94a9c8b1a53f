"""List of the versions of the menu with their changes, for administration."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, Final, TypedDict

from till.domain.catalogue.menu_changes import compare_menus
from till.domain.catalogue.menu_edit import changes_of, menu_at
from till.domain.events.envelope import read_time

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import datetime

#: The number of versions to read at once, without their bodies.
_PAGE: Final = 200


class ItemChange(TypedDict):
    """A change of an item: its changed fields before and after. A new item has no `was`, a removed one no `now`."""

    id: str
    name: str
    what: str
    was: dict[str, Any]
    now: dict[str, Any]


class MenuVersion(TypedDict):
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


def read_menus(ask: Callable[..., Any], limit: int, item_id: str | None = None) -> list[MenuVersion]:
    """Read the versions of the menu, newest first.

    Args:
        ask: calls a function of administration for the store.
        limit: the maximum number of rows.
        item_id: only versions that changed this item.
    """
    return list(islice((row for row in _versions(ask, item_id) if _changes_item(row, item_id)), limit))


def _changes_item(row: MenuVersion, item_id: str | None) -> bool:
    return item_id is None or any(change["id"] == item_id for change in row["changes"])


def _versions(ask: Callable[..., Any], item_id: str | None) -> Iterator[MenuVersion]:
    """Yield each version with its changes.

    A body is compared with the body before it, as both were at the moment of the change. Bodies are read one at a time:
    a menu of 10,000 items takes some megabytes.
    """
    newest: int | None = None
    later: dict[str, Any] = {}
    for row in _rows(ask):
        version = row["version"]
        if newest is None:
            newest, later = version, ask("menu_of_v1", version)
        beside, items = False, len(later.get("items", ()))
        if row["has_body"]:
            before: dict[str, Any] = {} if row["before"] is None else ask("menu_of_v1", row["before"])
            changes, beside = _compared(before, later, read_time(row["at"]))
            later = before
        else:
            changes = [_sold_out(later, row["item_id"], row["act"])]
        if item_id is not None:
            changes = [change for change in changes if change["id"] == item_id]
        yield MenuVersion(
            version=version,
            act=row["act"],
            user=row["user"],
            at=row["at"],
            of=row["of"],
            items=items,
            current=version == newest,
            beside=beside,
            changes=changes,
        )


def _rows(ask: Callable[..., Any]) -> Iterator[dict[str, Any]]:
    before: int | None = None
    while rows := ask("menu_history_v1", _PAGE, before):
        yield from rows
        before = rows[-1]["version"]


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
