"""The differences between two menus, item by item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Not compared: the position of an item changes whenever another item is added or removed.
_PLACE: Final = "position"
#: The parts of a menu that are compared as a whole.
_BESIDE: Final = ("categories", "dayparts", "taxes", "modifiers", "charge_rates")


class MenuChanges(Struct, frozen=True):
    """The differences between two menus. Items are in the format of the menu (docs/protocol.md).

    Attributes:
        new: the added items, in the order of the new menu.
        changed: the changed items, before and after, in the order of the new menu.
        gone: the removed items, in the order of the old menu.
        beside: True if categories, dayparts, taxes or modifier groups differ.
    """

    new: tuple[Mapping[str, Any], ...]
    changed: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...]
    gone: tuple[Mapping[str, Any], ...]
    beside: bool

    @property
    def any(self) -> bool:
        return bool(self.new or self.changed or self.gone or self.beside)


def compare_menus(before: Mapping[str, Any], after: Mapping[str, Any]) -> MenuChanges:
    """Return the changes from `before` to `after`. Items are matched by id."""
    old, new = ({item["id"]: item for item in menu.get("items", ())} for menu in (before, after))
    both = [(old[key], item) for key, item in new.items() if key in old]
    return MenuChanges(
        new=tuple(item for key, item in new.items() if key not in old),
        changed=tuple((was, item) for was, item in both if _comparable(was) != _comparable(item)),
        gone=tuple(item for key, item in old.items() if key not in new),
        beside=any(_beside(before, part) != _beside(after, part) for part in _BESIDE),
    )


def _comparable(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of an item that are set, without its position."""
    return {name: value for name, value in item.items() if name != _PLACE and value not in (None, False, [], {})}


def _beside(menu: Mapping[str, Any], part: str) -> object:
    return menu.get(part) or None
