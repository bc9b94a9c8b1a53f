"""The first prices and taxes by order type of an item, while a till is in use whose program cannot read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from till.domain.errors import MenuError
from till.domain.i18n import _
from till.reports.tills import without_types

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.administration.calls import AtServer


def has_types(menu: Mapping[str, Any]) -> bool:
    """Return True if an item of a menu differs by order type."""
    return any(item.get("by_type") for item in menu.get("items", ()))


def sells_wrongly(at: AtServer, was: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Name the tills that will sell items of a new menu at the usual price and tax; empty for none.

    An item that differs by order type already changes nothing for them.
    """
    typed = {item["id"] for item in was.get("items", ()) if item.get("by_type")}
    first = any(item.get("by_type") and item["id"] not in typed for item in now.get("items", ()))
    return ", ".join(without_types(at.ask, at.now()).values()) if first else ""


def refuse_first_types(at: AtServer, was: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Refuse a new menu that an enrolled till would sell wrongly.

    Raises:
        MenuError: an item has its first types, and a till in use cannot read them.
    """
    if tills := sells_wrongly(at, was, now):
        sentence = _(
            "Update first: {tills}. Until then they sell what differs by order type at its usual price and tax. "
            "--anyway changes the menu all the same."
        )
        raise MenuError(sentence.format(tills=tills))
