"""Output of the menu, its items and its versions, for people and as JSON."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.menu_texts import group_names, planned_text, price_text, what_changed
from till.cli.output import print_json, print_table, say
from till.domain.catalogue.menu import hours_by_daypart
from till.domain.catalogue.menu_cells import write_daypart
from till.domain.catalogue.modifiers import rule_text
from till.domain.events.envelope import read_time
from till.domain.i18n import _
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from till.domain.venue import Venue
    from till.reports.menus import MenuRow

_OF_GROUP: Final = ("id", "name", "least", "most", "options")


def print_items(body: Mapping[str, Any], venue: Venue, *, as_json: bool) -> None:
    """Print the items, in the menu's order."""
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
            | {"modifiers": group_names(item.get("modifiers", ()), body), "age": item.get("age")}
            for item in items
        ]
        groups = [{part: group[part] for part in _OF_GROUP} for group in body.get("modifiers", ())]
        print_json({"version": body.get("version"), "items": rows, "modifiers": groups})
        return
    hours = hours_by_daypart({"dayparts": (), **body})

    def note_of(item: Mapping[str, Any]) -> str:
        daypart = write_daypart(item.get("daypart") or categories[item["category"]].get("daypart"), hours)
        age = _("from {years} years on").format(years=item["age"]) if item.get("age") else ""
        return ", ".join(filter(None, [_("sold out") if item["sold_out"] else "", daypart, age]))

    heading = [_("Number"), _("Item"), _("Price"), _("Category"), _("Tax"), _("Sold"), _("Planned"), _("Choices")]
    table = (
        [
            str(item["plu"] or ""),
            item["name"],
            price_text(item["price"], venue),
            categories[item["category"]]["name"],
            item["tax"],
            note_of(item),
            planned_text(item.get("prices", ()), venue),
            ", ".join(group_names(item.get("modifiers", ()), body)),
        ]
        for item in items
    )
    print_table(heading, table, right=(0, 2))
    if body.get("modifiers"):
        say("")
        _print_groups(body["modifiers"], venue)


def _print_groups(groups: Iterable[Mapping[str, Any]], venue: Venue) -> None:
    """Print the groups of choices, each with its rule and its options with their prices."""

    def option(one: Mapping[str, Any]) -> str:
        text = one["name"] if not one["price"].strip("0.-") else f"{one['name']} {price_text(one['price'], venue)}"
        return _("{option} (default)").format(option=text) if one["default"] else str(text)

    rows = (
        [
            clean(group["name"]),
            rule_text(group["least"], group["most"]),
            clean(", ".join(map(option, group["options"]))),
        ]
        for group in groups
    )
    print_table([_("Choices"), _("How many"), _("Options")], rows)


def print_versions(menus: Sequence[MenuRow], body: Mapping[str, Any], venue: Venue) -> None:
    """Print the versions of the menu. The names of categories come from `body`, the current menu."""
    heading = [_("Menu"), _("When"), _("By"), _("What")]
    rows = (
        [
            str(menu["version"]),
            f"{venue.local(read_time(menu['at'])):%Y-%m-%d %H:%M}",
            "" if menu["user"] is None else str(menu["user"]),
            what_changed(menu, body, venue),
        ]
        for menu in menus
    )
    print_table(heading, rows, right=(0,))
