"""Changes of single items in the body of a menu (docs/protocol.md): find an item and change its fields."""

from __future__ import annotations

import difflib
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Final

from msgspec import UNSET, Meta, UnsetType, field

from till.domain.catalogue.menu_cells import LARGEST_PLU, key_of
from till.domain.errors import MenuError
from till.domain.events.fields import LONGEST, Label, Moment, Percent, Price, Step, Word
from till.domain.i18n import N_, _
from till.domain.structs import RequestBody
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_SHOWN: Final = 40


class PlannedBody(RequestBody, frozen=True):
    """The price of an item from a time on; None for an open price."""

    starts: Moment = field(name="from")
    price: Price | None


class RateBody(RequestBody, frozen=True):
    """The tax group of an item from a time on; with an order type, only there."""

    starts: Moment = field(name="from")
    tax: Word
    order_type: Label | UnsetType = UNSET


class TaxBody(RequestBody, frozen=True):
    """A tax of a menu, in the format of line events: a rate in percent, or an amount per piece."""

    one_of: ClassVar[tuple[tuple[str, ...], ...]] = (("rate",), ("per_piece",))
    sparse: ClassVar[bool] = True

    name: Annotated[str, Meta(min_length=1, max_length=LONGEST)]
    rate: Percent | UnsetType = UNSET
    per_piece: Step | UnsetType = UNSET
    included: bool | UnsetType = UNSET
    affects_later: bool = False
    affected_by_earlier: bool = True


class ByTypeBody(RequestBody, frozen=True):
    """The differences of an item in one order type."""

    tax: Word | UnsetType = UNSET
    price: Price | UnsetType = UNSET


class ItemBody(RequestBody, frozen=True):
    """The fields of an item to change: `prices` and `rates` are all planned ones, `by_type` all types."""

    name: Label | UnsetType = UNSET
    price: Price | UnsetType | None = UNSET
    prices: Annotated[tuple[PlannedBody, ...], Meta(max_length=100)] | UnsetType = UNSET
    rates: Annotated[tuple[RateBody, ...], Meta(max_length=100)] | UnsetType = UNSET
    category: Word | UnsetType = UNSET
    tax: Word | UnsetType = UNSET
    taxes: dict[Label, Annotated[tuple[TaxBody, ...], Meta(max_length=20)]] | UnsetType = UNSET
    plu: Annotated[int, Meta(ge=1, le=LARGEST_PLU)] | UnsetType | None = UNSET
    by_type: dict[Label, ByTypeBody] | UnsetType = UNSET


class UnknownMenuEntryError(MenuError):
    """An item or a category that is not on the menu."""

    code = "not_on_menu"
    default = N_("Nothing on the menu has that name.")


def prices_at(item: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    """Return an item with its price and taxes at a time. Planned ones that have started are removed."""
    own = {name: value for name, value in item.items() if name not in {"prices", "rates"}}
    prices, price = begun_of(item.get("prices", ()), moment)
    rates, rated = begun_of(item.get("rates", ()), moment)
    if price:
        own["price"] = price[-1]["price"]
    for one in rated:
        if order_type := one.get("order_type"):
            by_type = own.get("by_type", {})
            own["by_type"] = {**by_type, order_type: {**by_type.get(order_type, {}), "tax": one["tax"]}}
        else:
            own["tax"] = one["tax"]
    return own | ({"prices": prices} if prices else {}) | ({"rates": rates} if rates else {})


def begun_of(planned: Iterable[Mapping[str, Any]], moment: datetime) -> tuple[list[Any], list[Any]]:
    """Return the plans that begin after a time, and those that have begun, each by time."""
    ordered = sorted(planned, key=lambda one: datetime.fromisoformat(one["from"]))
    begun = [one for one in ordered if datetime.fromisoformat(one["from"]) <= moment]
    return ordered[len(begun) :], begun


def menu_at(body: Mapping[str, Any], moment: datetime) -> dict[str, Any]:
    """Return a menu with the prices and taxes of its items at a time."""
    return {**body, "items": [prices_at(item, moment) for item in body.get("items", ())]}


def find_item(body: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Find an item by id, number, name, alias or barcode."""
    items: list[dict[str, Any]] = body.get("items", [])
    key = key_of(text)
    if not key:
        raise UnknownMenuEntryError(_("Name an item: its number, its name or its id."))
    if key.isascii() and key.isdigit():
        by_plu = [item for item in items if str(item["plu"]) == key.lstrip("0")]
        if by_plu:
            return by_plu[0]
    if found := _called(items, key):
        return _only(found, text)
    near = _near(key, [item["name"] for item in items])
    raise UnknownMenuEntryError(_("There is no {name} on the menu.").format(name=_shown(text)) + near)


def find_to_mark(body: Mapping[str, Any], text: str, *, sold_out: bool) -> dict[str, Any]:
    """Find an item to mark as sold out, or as back on sale, as a till does: the beginnings of its words find it too.

    Of several items, those that are not marked so yet are meant.
    """
    items, words = body.get("items", []), key_of(text).split()
    if not _called(items, key_of(text)) and not key_of(text).isdigit():
        begun = [item for item in items if words and _begins(words, item)]
        if begun:
            return _only([item for item in begun if item["sold_out"] != sold_out] or begun, text)
    return find_item(body, text)


def find_choice(body: Mapping[str, Any], text: str) -> str:
    """Return the name of the choice that is called or begins with a text, in any group; empty if there is none."""
    options = (option["name"] for group in body.get("modifiers", ()) for option in group["options"])
    names = {name: key_of(name) for name in options}
    begun = [name for name in names if key_of(text) and f"{names[name]} ".startswith(f"{key_of(text)} ")]
    exact = [name for name in begun if names[name] == key_of(text)] or begun
    return str(_only([{"name": name} for name in exact], text)["name"]) if exact else ""


def _called(items: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
    """Return the items with this id or name; those with this alias or barcode if there are none."""
    every = ([item for item in items if key in names(item)] for names in (_own_names, _other_names))
    return next((found for found in every if found), [])


def _begins(words: list[str], item: Mapping[str, Any]) -> bool:
    """Return True if each word begins a word of the item's names."""
    own = [word for name in (item["name"], *item["aliases"]) for word in key_of(name).split()]
    return all(any(one.startswith(word) for one in own) for word in words)


def _own_names(item: Mapping[str, Any]) -> set[str]:
    return {item["id"], key_of(item["name"])}


def _other_names(item: Mapping[str, Any]) -> set[str]:
    return {*map(key_of, item["aliases"]), *map(key_of, item["barcodes"])}


def _only(found: list[dict[str, Any]], text: str) -> dict[str, Any]:
    if len(found) > 1:
        names = ", ".join(clean(item["name"]) for item in found)
        raise UnknownMenuEntryError(
            _("{text} could be {names}. Type the whole name.").format(text=_shown(text), names=names)
        )
    return found[0]


def find_category(body: Mapping[str, Any], text: str) -> dict[str, Any]:
    """Find a category by name or id."""
    categories: list[dict[str, Any]] = body.get("categories", [])
    key = key_of(text)
    found = next((one for one in categories if key == key_of(one["name"]) or text == one["id"]), None)
    if found is None:
        near = _near(key, [one["name"] for one in categories])
        raise UnknownMenuEntryError(_("There is no category {name} on the menu.").format(name=_shown(text)) + near)
    return found


def _shown(text: str) -> str:
    return f"“{clean(text)[:_SHOWN]}”"


def _near(key: str, names: Iterable[str]) -> str:
    by_key = {key_of(name): clean(name) for name in names}
    near = difflib.get_close_matches(key, by_key, n=3, cutoff=0.5)
    return " " + _("Did you mean {names}?").format(names=", ".join(by_key[one] for one in near)) if near else ""


def plan_price(item: Mapping[str, Any], starts: str, price: str | None) -> list[dict[str, Any]]:
    """Return the planned prices of an item with one added. It replaces a price that starts at the same time.

    Args:
        item: the item, in the format of the menu.
        starts: the time in RFC 3339, in UTC.
        price: the price in the format of the menu; None for an open price.
    """
    moment = datetime.fromisoformat(starts)
    kept = [one for one in item.get("prices", ()) if datetime.fromisoformat(one["from"]) != moment]
    return sorted([*kept, {"from": starts, "price": price}], key=lambda one: datetime.fromisoformat(one["from"]))


def changes_of(was: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """Return the changed fields of an item by name, each before and after. An absent or empty value is None."""
    names = [*was, *(name for name in now if name not in was)]
    return {
        name: (_value_of(was, name), _value_of(now, name))
        for name in names
        if name != "position" and _value_of(was, name) != _value_of(now, name)
    }


def _value_of(item: Mapping[str, Any], name: str) -> Any:
    value = item.get(name)
    return None if value in (False, [], {}) else value
