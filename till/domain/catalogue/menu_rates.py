"""Tax groups that begin at a time (ADR 0087): their items, and the plans of each, in the body of a menu."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from till.domain.catalogue.menu_cells import key_of
from till.domain.catalogue.menu_edit import (
    UnknownMenuEntryError,
    begun_of,
    find_category,
    find_item,
    prices_at,
)
from till.domain.errors import MenuError
from till.domain.i18n import _
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_CATEGORY, _TAX = "category ", "tax "
_MOMENT = timedelta(microseconds=1)


class RateTargets(NamedTuple):
    """The items whose tax group is planned, each with an order type, and the service charge.

    Attributes:
        typed: words that mean the same again.
        name: their name for a sentence; empty for several items.
        items: pairs of an item's id and an order type; empty for the item's own group.
        charge: True if the service charge is meant too.
    """

    typed: str
    name: str
    items: tuple[tuple[str, str], ...]
    charge: bool = False

    @property
    def ids(self) -> tuple[str, ...]:
        """The items, each once."""
        return tuple(dict.fromkeys(item for item, _type in self.items))


class RateAsked(NamedTuple):
    """A tax group that is to begin.

    Attributes:
        starts: the time in RFC 3339, in UTC.
        tax: the group; empty to cancel what is planned to begin then.
        order_type: the order type; empty for the items' own group.
    """

    starts: str
    tax: str
    order_type: str = ""


def find_targets(body: Mapping[str, Any], text: str, asked: RateAsked, charged: str | None) -> RateTargets:
    """Find items by a tax group with all that bears it, types and the charge too, by `Tea`, a category, or `Idly, Tea`.

    `category Tea` names a category that is called as an item is.

    Args:
        body: the menu.
        text: the typed words.
        asked: the group that begins: the present groups are those of its time, but for what this plan itself moves.
        charged: the group of the service charge; None without a charge.
    """
    typed = text.strip()
    if typed.casefold().startswith(_CATEGORY):
        return _in_category(body, typed[len(_CATEGORY) :], asked)
    if typed.casefold().startswith(_TAX):
        return _of_group(body, typed[len(_TAX) :], asked, charged)
    if key_of(typed) in {key_of(one) for one in body.get("taxes", ())}:
        return _of_group(body, typed, asked, charged)
    try:
        return _of_items((find_item(body, typed),), asked)
    except UnknownMenuEntryError:
        if key_of(typed) in {key_of(one["name"]) for one in body["categories"]}:
            return _in_category(body, typed, asked)
        if "," not in typed:
            raise
        return _of_items(tuple(find_item(body, one) for one in typed.split(",")), asked)


def _of_items(items: tuple[Mapping[str, Any], ...], asked: RateAsked) -> RateTargets:
    name = clean(items[0]["name"]) if len(items) == 1 else ""
    return RateTargets(
        ", ".join(item["id"] for item in items), name, tuple((one["id"], asked.order_type) for one in items)
    )


def _in_category(body: Mapping[str, Any], text: str, asked: RateAsked) -> RateTargets:
    category = find_category(body, text)
    items = tuple((item["id"], asked.order_type) for item in body["items"] if item["category"] == category["id"])
    if not items:
        raise MenuError(_("There is nothing in {category}.").format(category=clean(category["name"])))
    return RateTargets(_CATEGORY + category["id"], clean(category["name"]), items)


def _of_group(body: Mapping[str, Any], text: str, asked: RateAsked, charged: str | None) -> RateTargets:
    """Return all that bears a tax group before a time."""
    group = next((one for one in body.get("taxes", {}) if key_of(one) == key_of(text)), None)
    if group is None:
        raise UnknownMenuEntryError(_("There is no tax {band} on the menu.").format(band=f"“{clean(text)}”"))
    before = datetime.fromisoformat(asked.starts) - _MOMENT
    pairs: list[tuple[str, str]] = []
    for raw in body["items"]:
        item = prices_at({**raw, "rates": _others(raw.get("rates", ()), asked)}, before)
        types = {name: own.get("tax", item["tax"]) for name, own in item.get("by_type", {}).items() if "tax" in own}
        if not asked.order_type:
            pairs += [(item["id"], "")] if item["tax"] == group else []
            pairs += [(item["id"], name) for name, tax in sorted(types.items()) if tax == group]
        elif types.get(asked.order_type, item["tax"]) == group:
            pairs.append((item["id"], asked.order_type))
    own = begun_of(_others(body.get("charge_rates", ()), asked), before)[1]
    is_charged = not asked.order_type and charged is not None and (own[-1]["tax"] if own else charged) == group
    if not pairs and not is_charged:
        raise MenuError(_("Nothing bears {tax} then.").format(tax=clean(group)))
    return RateTargets(_TAX + group, clean(group), tuple(pairs), is_charged)


def _others(rates: Iterable[Mapping[str, Any]], asked: RateAsked) -> list[Mapping[str, Any]]:
    """Return planned groups without those that the same plan made before, which it moves."""
    return [one for one in rates if one["tax"] != asked.tax]


def plan_rate(rates: Iterable[Mapping[str, Any]], asked: RateAsked, now: str | None) -> list[dict[str, Any]]:
    """Return the planned groups of an item, or of the charge, with one added, moved or cancelled.

    A group that is planned already, next to this one, moves. A group that changes nothing is not planned.

    Args:
        rates: all planned groups.
        asked: the group.
        now: the group before the first of them; None if there is none of its own.
    """
    moment = datetime.fromisoformat(asked.starts)
    own = [dict(one) for one in rates if one.get("order_type", "") == asked.order_type]
    others = [dict(one) for one in rates if one.get("order_type", "") != asked.order_type]
    kept = [one for one in own if datetime.fromisoformat(one["from"]) != moment]
    if asked.tax:
        later, earlier = begun_of(kept, moment)
        if earlier and earlier[-1]["tax"] == asked.tax:
            earlier = earlier[:-1]
        if later and later[0]["tax"] == asked.tax:
            later = later[1:]
        before = earlier[-1]["tax"] if earlier else now
        begun = {"from": asked.starts, "tax": asked.tax} | (
            {"order_type": asked.order_type} if asked.order_type else {}
        )
        kept = [*earlier, *([] if before == asked.tax else [begun]), *later]
    return sorted([*others, *kept], key=lambda one: (datetime.fromisoformat(one["from"]), one.get("order_type", "")))


def planned_rates(body: Mapping[str, Any], targets: RateTargets, asked: RateAsked) -> dict[str, list[dict[str, Any]]]:
    """Return all planned groups of each item that a plan changes, by id."""
    items = {item["id"]: item for item in body["items"]}
    changed: dict[str, list[dict[str, Any]]] = {}
    for item_id, order_type in targets.items:
        item = items[item_id]
        now = item.get("by_type", {}).get(order_type, {}).get("tax") if order_type else item["tax"]
        was = changed.get(item_id, list(item.get("rates", ())))
        changed[item_id] = plan_rate(was, asked._replace(order_type=order_type), now)
    return {one: rates for one, rates in changed.items() if rates != list(items[one].get("rates", ()))}


class RateLost(NamedTuple):
    """A group that an item has back by a new menu though a plan ended it, or a planned one that the menu drops."""

    name: str
    tax: str
    starts: datetime | None = None


def rates_lost(was: Mapping[str, Any], now: Mapping[str, Any], ended: Mapping[str, str]) -> list[RateLost]:
    """Return the items of a new menu that lose a planned group, or get back one that a plan ended.

    Args:
        was: the menu, with the taxes of the present.
        now: the new menu, likewise.
        ended: by item, and by item and order type with a space between, the group that a plan ended.
    """
    before = {item["id"]: item for item in was.get("items", ())}
    lost: list[RateLost] = []
    for item in now.get("items", ()):
        if (old := before.get(item["id"])) is None:
            continue
        for key, group in groups_of(item).items():
            if groups_of(old).get(key) != group and ended.get(key) == group:
                lost.append(RateLost(clean(item["name"]), clean(group)))
        kept = item.get("rates", ())
        lost += [
            RateLost(clean(item["name"]), clean(one["tax"]), datetime.fromisoformat(one["from"]).astimezone(UTC))
            for one in old.get("rates", ())
            if one not in kept
        ]
    return lost


def groups_of(item: Mapping[str, Any]) -> dict[str, str]:
    """Return the tax groups of an item: by its id, and by its id and the order type with a space between."""
    types = {f"{item['id']} {name}": own["tax"] for name, own in item.get("by_type", {}).items() if "tax" in own}
    return {item["id"]: item["tax"], **types}
