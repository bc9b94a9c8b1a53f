"""How the menu, its items and its versions are written for people, and as JSON."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

from till.cli.output import formats_of, print_json, print_table
from till.domain.catalogue.menu import hours_by_daypart
from till.domain.catalogue.menu_cells import write_daypart
from till.domain.events.envelope import read_time
from till.domain.i18n import _, ngettext
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from till.domain.venue import Venue
    from till.reports.menus import ItemChange, MenuRow

#: Changes that a row of the history tells one by one.
_TOLD: Final = 3
_ACTS: Final = {
    "imported": _("imported"),
    "edited": _("edited"),
    "scheduled": _("scheduled"),
    "brought_back": _("brought back"),
    "sold_out": _("sold out"),
    "back": _("back"),
}
_PARTS: Final = {
    "name": _("name"),
    "price": _("price"),
    "prices": _("planned"),
    "category": _("category"),
    "tax": _("tax"),
    "plu": _("number"),
    "daypart": _("sold"),
    "sold_out": _("sold out"),
}


def price_text(price: str | None, venue: Venue) -> str:
    """A price of the menu as people of the venue write it."""
    return _("open price") if price is None else formats_of(venue).written(price)


def planned_text(prices: Iterable[Mapping[str, Any]], venue: Venue) -> str:
    """`45.00 from 2026-12-01 18:00`, by the venue's clock."""
    return ", ".join(
        _("{price} from {time}").format(
            price=price_text(one["price"], venue),
            time=f"{venue.local(datetime.fromisoformat(one['from'])):%Y-%m-%d %H:%M}",
        )
        for one in prices
    )


def print_items(body: Mapping[str, Any], venue: Venue, *, as_json: bool) -> None:
    """What is sold, in the menu's order."""
    categories = {one["id"]: one for one in body.get("categories", ())}
    items = sorted(
        body.get("items", ()),
        key=lambda item: (categories[item["category"]]["position"], item["position"], item["plu"] or 0),
    )
    if as_json:
        parts = ("id", "plu", "name", "price", "tax", "sold_out", "daypart")
        rows = [
            {part: item.get(part) for part in parts}
            | {"category": categories[item["category"]]["name"], "prices": item.get("prices", [])}
            for item in items
        ]
        print_json({"version": body.get("version"), "items": rows})
        return
    hours = hours_by_daypart({"dayparts": (), **body})

    def note_of(item: Mapping[str, Any]) -> str:
        daypart = write_daypart(item.get("daypart") or categories[item["category"]].get("daypart"), hours)
        return ", ".join(filter(None, [_("sold out") if item["sold_out"] else "", daypart]))

    heading = [_("Number"), _("Item"), _("Price"), _("Category"), _("Tax"), _("Sold"), _("Planned")]
    table = (
        [
            str(item["plu"] or ""),
            item["name"],
            price_text(item["price"], venue),
            categories[item["category"]]["name"],
            item["tax"],
            note_of(item),
            planned_text(item.get("prices", ()), venue),
        ]
        for item in items
    )
    print_table(heading, table, right=(0, 2))


def print_versions(menus: Sequence[MenuRow], body: Mapping[str, Any], venue: Venue) -> None:
    """The versions of the menu; `body` names the categories."""
    heading = [_("Menu"), _("When"), _("By"), _("What")]
    rows = (
        [
            str(menu["version"]),
            f"{venue.local(read_time(menu['at'])):%Y-%m-%d %H:%M}",
            "" if menu["user"] is None else str(menu["user"]),
            _what(menu, body, venue),
        ]
        for menu in menus
    )
    print_table(heading, rows, right=(0,))


def _what(menu: MenuRow, body: Mapping[str, Any], venue: Venue) -> str:
    act = _ACTS[menu["act"]] if menu["of"] is None else _("menu {n} brought back").format(n=menu["of"])
    if menu["act"] in {"sold_out", "back"}:
        return f"{act}: {menu['changes'][0]['name']}"
    told = [_change_text(change, body, venue) for change in menu["changes"][:_TOLD]]
    more = len(menu["changes"]) - len(told)
    if more:
        told.append(ngettext("… and {n} more.", "… and {n} more.", more).format(n=more))
    return f"{act}: {'; '.join(told)}" if told else act


def _change_text(change: ItemChange, body: Mapping[str, Any], venue: Venue) -> str:
    if change["what"] == "new":
        return _("new: {item}").format(item=change["name"])
    if change["what"] == "gone":
        return _("gone: {item}").format(item=change["name"])
    parts = {name: (change["was"].get(name), now) for name, now in change["now"].items()}
    return f"{change['name']}: {', '.join(item_parts(parts, body, venue))}"


def item_parts(parts: Mapping[str, tuple[Any, Any]], body: Mapping[str, Any], venue: Venue) -> list[str]:
    """What of an item is another: `price 45.00, was 40.00`. `body` names the categories."""
    told = []
    places = {name: place for place, name in enumerate(_PARTS)}
    for name, (was, now) in sorted(parts.items(), key=lambda part: places.get(part[0], len(places))):
        texts = [_part_text(name, value, body, venue) for value in (was, now)]
        sentence = _("{part} {now}, was {was}") if texts[0] else _("{part} {now}")
        told.append(clean(sentence.format(part=_PARTS.get(name, name), now=texts[1] or _("none"), was=texts[0])))
    return told


def _part_text(name: str, value: Any, body: Mapping[str, Any], venue: Venue) -> str:
    if name == "price":
        return price_text(value, venue)
    if value is None:
        return ""
    if name == "prices":
        return planned_text(value, venue)
    if name == "category":
        return next((str(one["name"]) for one in body.get("categories", ()) if one["id"] == value), str(value))
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)
