"""The codes of items in the columns of a menu's file, which go beside the menu to the server."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.domain.codes import CodeKind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

#: The most codes in one record of the audit.
_MOST: Final = 500


def split_codes(menu: Mapping[str, Any]) -> tuple[dict[str, Any], Mapping[str, Mapping[str, str]]]:
    """Return a menu as it was read without the codes of its columns, and these by scheme and id of the item."""
    return {name: part for name, part in menu.items() if name != "codes"}, menu.get("codes", {})


def changed_codes(before: Mapping[str, Any], codes: Mapping[str, Mapping[str, str]]) -> dict[str, dict[str, str]]:
    """Return the codes that differ from those before. Those of items that are not in the file stay."""
    was = {scheme: before.get(scheme, {}).get(CodeKind.ITEM, {}) for scheme in codes}
    changed = {
        scheme: {item: code for item, code in own.items() if code != was[scheme].get(item, "")}
        for scheme, own in codes.items()
    }
    return {scheme: own for scheme, own in changed.items() if own}


def set_codes(act: Callable[..., Any], scheme: str, codes: Mapping[str, str]) -> None:
    """Set codes of items of a scheme; `act` calls a function of administration."""
    rows = [*codes.items()]
    for start in range(0, len(rows), _MOST):
        act("codes_set_v1", scheme, {CodeKind.ITEM.value: dict(rows[start : start + _MOST])})
