"""The differences between two menus, item by item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

#: The position of an item shifts with other items, so it is not a change of the item.
_PLACE: Final = "position"
_BESIDE: Final = ("categories", "dayparts", "taxes", "modifiers")


class MenuChanges(Struct, frozen=True):
    """Items as the body of a menu has them (docs/protocol.md).

    Attributes:
        new: in the order of the new menu.
        changed: before and after, in the order of the new menu.
        gone: in the order of the old menu.
        beside: True if categories, dayparts, taxes or groups of choices change.
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
