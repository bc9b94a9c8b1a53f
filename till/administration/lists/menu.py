"""The lists of the menu's items and of its versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from till.administration.listing import AdminList, DeskRow, ListRows, author_words, columns
from till.administration.menu_texts import by_type_text, group_names, planned_text, rates_text, what_changed
from till.administration.menu_typed import menu_now
from till.domain.catalogue.allergens import contains_in_words
from till.domain.catalogue.menu import hours_by_daypart
from till.domain.catalogue.menu_cells import write_daypart
from till.domain.catalogue.menu_edit import find_item
from till.domain.i18n import N_, _
from till.reports.report import Column, ColumnKind

if TYPE_CHECKING:
    from till.administration.calls import AtServer
    from till.administration.listing import ListResult, Row

_OF_ITEM: Final = ("id", "plu", "name", "price", "tax", "sold_out", "daypart")
_OF_GROUP: Final = ("id", "name", "least", "most", "options")


def _read(at: AtServer, _selects: Any) -> ListRows:
    """Read the items in the menu's order."""
    menu = menu_now(at)
    categories = {one["id"]: one for one in menu.get("categories", ())}
    items = sorted(
        menu.get("items", ()),
        key=lambda item: (categories[item["category"]]["position"], item["position"], item["plu"] or 0),
    )
    rows = [
        {part: item.get(part) for part in _OF_ITEM}
        | {"category": categories[item["category"]]["name"], "prices": item.get("prices", [])}
        | {"rates": item.get("rates", [])}
        | {"modifiers": group_names(item.get("modifiers", ()), menu), "age": item.get("age")}
        | {"by_type": item.get("by_type", {}), "contains": item.get("contains", [])}
        for item in items
    ]
    groups = [{part: group[part] for part in _OF_GROUP} for group in menu.get("modifiers", ())]
    dayparts = {one["name"]: one.get("daypart") for one in categories.values()}
    beside = {"dayparts": dayparts, "hours": hours_by_daypart({"dayparts": (), **menu})}
    return ListRows({"version": menu.get("version"), "items": rows, "modifiers": groups}, beside)


def _texts(found: ListResult, item: Row) -> Row:
    daypart = item["daypart"] or found.beside["dayparts"][item["category"]]
    age = _("from {years} years on").format(years=item["age"]) if item["age"] else ""
    sold_out = _("sold out") if item["sold_out"] else ""
    return {
        "sold": ", ".join(filter(None, [sold_out, write_daypart(daypart, found.beside["hours"]), age])),
        "planned": ", ".join(
            filter(None, [planned_text(item["prices"], found.venue), rates_text(item["rates"], found.venue)])
        ),
        "by_type": by_type_text(item["by_type"], found.venue),
        "contains": contains_in_words(item["contains"]),
        "marked": _("sold out (86)") if item["sold_out"] else "",
    }


MENU: Final = AdminList(
    "menu",
    N_("Menu"),
    N_("List the items, with current and planned prices and taxes."),
    _read,
    (
        Column("plu", ColumnKind.NUMBER, N_("Number"), words={0: ""}),
        Column("name", ColumnKind.TEXT, N_("Item")),
        Column("price", ColumnKind.MONEY, N_("Price"), words={None: N_("open price")}),
        *columns(
            ColumnKind.TEXT,
            category=N_("Category"),
            tax=N_("Tax"),
            sold=N_("Sold"),
            planned=N_("Planned"),
            by_type=N_("By order type"),
            modifiers=N_("Choices"),
            contains=N_("Contains"),
        ),
    ),
    rows="items",
    texts=_texts,
    desk=DeskRow("plu", "name", ("category", "marked", "planned"), "price"),
    hint=N_("86 vada, price 2 85.00, rename 2 to Chai, category 2 to Drinks"),
)


def _read_versions(at: AtServer, _selects: Any, *, item: str | None = None, limit: int = 50) -> ListRows:
    from till.reports.menus import read_menus

    menu = at.ask("menu_export_v1") or {}
    item_id = None if item is None else find_item(menu, item)["id"]
    return ListRows({"versions": read_menus(at.ask, limit, item_id)}, menu)


def _version_texts(found: ListResult, version: Row) -> Row:
    return {
        "what": what_changed(version, found.beside, found.venue),
        "by": author_words(version["user"]),
    }


MENU_HISTORY: Final = AdminList(
    "menu history",
    N_("Menu, newest first"),
    N_("List the versions of the menu, newest first: who changed what, and when."),
    _read_versions,
    (
        Column("version", ColumnKind.NUMBER, N_("Menu")),
        Column("at", ColumnKind.TIME, N_("When")),
        *columns(ColumnKind.TEXT, user=N_("By"), what=N_("What")),
    ),
    rows="versions",
    texts=_version_texts,
    desk=DeskRow("version", "at", ("what",), "by"),
    hint=N_("bring back menu 3"),
)
