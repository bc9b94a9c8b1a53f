"""What another menu changes, item by item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Where an item stands moves with every other item; that is no change of it.
_PLACE: Final = "position"
_BESIDE: Final = ("categories", "dayparts", "taxes", "modifiers")


class MenuChanges(Struct, frozen=True):
    """Items as the body of a menu has them (docs/protocol.md).

    Attributes:
        new: in the order of the new menu.
        changed: before and after, in the order of the new menu.
        gone: in the order of the old one.
        beside: whether categories, dayparts, taxes or groups of choices change.
    """

    new: tuple[Mapping[str, Any], ...]
    changed: tuple[tuple[Mapping[str, Any], Mapping[str, Any]], ...]
    gone: tuple[Mapping[str, Any], ...]
    beside: bool

    @property
    def any(self) -> bool:
        return bool(self.new or self.changed or self.gone or self.beside)


def compare_menus(before: Mapping[str, Any], after: Mapping[str, Any]) -> MenuChanges:
    """What is another in `after`; items are told by their ids."""
    old, new = ({item["id"]: item for item in menu.get("items", ())} for menu in (before, after))
    both = [(old[key], item) for key, item in new.items() if key in old]
    return MenuChanges(
        new=tuple(item for key, item in new.items() if key not in old),
        changed=tuple((was, item) for was, item in both if _told(was) != _told(item)),
        gone=tuple(item for key, item in old.items() if key not in new),
        beside=any(_beside(before, part) != _beside(after, part) for part in _BESIDE),
    )


def _told(item: Mapping[str, Any]) -> dict[str, Any]:
    """What an item says, without what says nothing."""
    return {name: value for name, value in item.items() if name != _PLACE and value not in (None, False, [], {})}


def _beside(menu: Mapping[str, Any], part: str) -> object:
    return menu.get(part) or None
