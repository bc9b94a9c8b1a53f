"""A menu as a CSV table for spreadsheets. Converts it to the body of docs/protocol.md, and back.

Each row is an item. The rest of the menu is in the cells of the items: taxes by name and percent (`GST 5`), a daypart
with its hours (`Breakfast 07:00-11:30`), a category and modifier groups by name. `tax take_away` and `price take_away`
are columns of what differs in an order type. The order of the rows is the order of the menu.
"""

from __future__ import annotations

import csv
import difflib
import io
import re
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from typing_extensions import override

from till.domain.catalogue import menu_cells
from till.domain.catalogue.csv_table import MenuFileError, TableReader
from till.domain.catalogue.hours import hours_row
from till.domain.catalogue.menu import hours_by_daypart
from till.domain.catalogue.menu_cells import CellError, key_of
from till.domain.catalogue.modifiers import MOST_GROUPS
from till.domain.cells import delimiter_beside, guard
from till.domain.i18n import _
from till.domain.ids import derived_id
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import tzinfo

    from till.domain.catalogue.hours import Hours
    from till.domain.money.amount import Currency
    from till.domain.money.formats import Formats

#: The columns, in the order of an export. Only the first three are required.
COLUMNS: Final = (
    "name",
    "price",
    "category",
    "plu",
    "tax",
    "daypart",
    "category_daypart",
    "aliases",
    "barcodes",
    "sold_out",
    "returnable",
    "unit",
    "id",
    "planned",
    "planned_tax",
    "modifiers",
    "age",
    "course",
    "contains",
)
NEEDED: Final = COLUMNS[:3]
#: The fields that an item in the body has only if they are set, by column; empty for a field of the category.
_SPARSE: Final = {
    "category_daypart": "",
    "course": "",
    "planned": "prices",
    "planned_tax": "rates",
    "modifiers": "modifiers",
    "age": "age",
    "by_type": "by_type",
    "contains": "contains",
    "codes": "",
}
#: A column of what differs in an order type.
_OF_TYPE: Final = re.compile(r"(?P<part>tax|price|planned_tax) (?P<order_type>[^\W_]\w*)")
#: A column of the codes of a scheme, which are no part of the menu.
_OF_CODE: Final = re.compile(r"code:(?P<scheme>[a-z][a-z0-9-]{0,39})")


def read_menu_csv(
    text: str,
    currency: Currency,
    store_id: str,
    known: Mapping[str, Any] | None = None,
    formats: Formats | None = None,
    zone: tzinfo = UTC,
    groups: Sequence[Mapping[str, Any]] = (),
    tax: str = "",
) -> dict[str, Any]:
    """Return the menu of a CSV text. An item has the id in the column `id`, or else the known id of its name.

    With columns such as `code:hsn` it has `codes` {scheme: {id of an item: code}}, which are no part of the menu.

    Args:
        text: the table with a heading; cells are separated by commas, semicolons or tabs.
        currency: the currency of the prices.
        store_id: the venue of the menu. Ids of new items are derived from it and from their names.
        known: the current menu.
        formats: the venue's format of prices; None for the plain format.
        zone: the time zone of the venue, for planned prices.
        groups: the modifier groups that items may have, in the format of the menu.
        tax: the cell `tax` of each item of a table without that column.
    """
    reader = _Reader(currency, store_id, known or {}, formats, zone, groups, tax)
    rows = reader.rows(text)
    if reader.heading(next(rows, (1, []))):
        for line, cells in rows:
            reader.read(line, cells)
        if not reader.items and not reader.faults:
            reader.fault(1, _("There are no items below the header."))
    if reader.faults:
        raise MenuFileError(reader.faults)
    return reader.body()


class _Reader(TableReader):
    """A reader that collects items and faults, and remembers the line of each value."""

    also: ClassVar[Mapping[str, str]] = {"number": "plu"}

    def __init__(
        self,
        currency: Currency,
        store_id: str,
        known: Mapping[str, Any],
        formats: Formats | None,
        zone: tzinfo,
        groups: Sequence[Mapping[str, Any]],
        tax: str,
    ) -> None:
        super().__init__(COLUMNS, NEEDED)
        self._tax = tax
        self._modifiers = list(groups)
        self._group_ids = {key_of(raw["name"]): str(raw["id"]) for raw in groups}
        self.items: list[dict[str, Any]] = []
        self._store_id = store_id
        self._category_ids = {key_of(raw["name"]): raw["id"] for raw in known.get("categories", ())}
        self._item_ids = {key_of(raw["name"]): raw["id"] for raw in known.get("items", ())}
        self._known_rates = {raw["id"]: raw.get("rates", ()) for raw in known.get("items", ())}
        self._known_taxes: Mapping[str, Any] = known.get("taxes", {})
        self._seen: dict[tuple[str, Any], int] = {}
        self._taxes: dict[str, tuple[int, list[dict[str, str]]]] = {}
        self._dayparts: dict[str, tuple[int, str, tuple[Hours, ...]]] = {}
        self._categories: dict[str, dict[str, Any]] = {}
        self._readers: dict[str, Callable[[str], Any]] = {
            "name": menu_cells.read_name,
            "price": partial(menu_cells.read_price, currency=currency, formats=formats),
            "category": menu_cells.read_name,
            "plu": menu_cells.read_plu,
            "tax": partial(menu_cells.read_band, point=formats.point if formats else "."),
            "daypart": menu_cells.read_daypart,
            "category_daypart": menu_cells.read_daypart,
            "aliases": menu_cells.read_names,
            "barcodes": menu_cells.read_barcodes,
            "sold_out": menu_cells.read_flag,
            "returnable": menu_cells.read_flag,
            "unit": menu_cells.read_unit,
            "id": menu_cells.read_id,
            "planned": partial(menu_cells.read_planned, currency=currency, formats=formats, zone=zone),
            "planned_tax": partial(menu_cells.read_planned_tax, point=formats.point if formats else ".", zone=zone),
            "modifiers": menu_cells.read_names,
            "age": menu_cells.read_age,
            "course": menu_cells.read_course,
            "contains": menu_cells.read_contains,
        }

    @override
    def heading(self, row: tuple[int, list[str]]) -> bool:
        names = (cell.strip().casefold() for cell in row[1])
        self._known = (*COLUMNS, *(name for name in names if _OF_TYPE.fullmatch(name) or _OF_CODE.fullmatch(name)))
        return super().heading(row)

    @property
    def codes(self) -> dict[str, str]:
        """The columns of codes, each with its scheme."""
        return {name: found["scheme"] for name in self.named if (found := _OF_CODE.fullmatch(name))}

    def read(self, line: int, cells: list[str]) -> None:
        """Read one item, or record its faults."""
        before = len(self.faults)
        by_name = self.cells_of(line, cells)
        if "tax" not in self.named:
            by_name["tax"] = self._tax
        values = {column: self._value(line, column, by_name.get(column, "")) for column in COLUMNS}
        self._check_once(line, values)
        if values["tax"]:
            self._take_band(line, *values["tax"])
        values["codes"] = {column: clean(by_name.get(column, "")).strip() for column in self.codes}
        values["by_type"] = self._by_type(line, by_name, values["price"])
        values["planned_tax"] = self._rates(line, by_name, values["planned_tax"] or [])
        values["modifiers"] = self._groups_named(line, values["modifiers"] or ())
        parts = [self._take_daypart(line, values[column]) for column in ("daypart", "category_daypart")]
        if values["category"]:
            category = self._take_category(line, values["category"], parts[1], values["course"])
            if len(self.faults) == before:
                self.items.append({**values, "category": category, "tax": values["tax"][0], "daypart": parts[0]})

    def _by_type(self, line: int, cells: Mapping[str, str], price: str | None) -> dict[str, dict[str, str]]:
        """Return the differences by order type. Records a fault for a price by type beside an open price."""
        by_type: dict[str, dict[str, str]] = {}
        for column, cell in cells.items():
            found = _OF_TYPE.fullmatch(column)
            if found is None or found["part"] == "planned_tax" or not cell.strip():
                continue
            value = self._value(line, column, cell)
            if found["part"] == "tax" and value is not None:
                self._take_band(line, *value)
                value = value[0]
            elif None in {price, value} and not any(one.line == line for one in self.faults):
                self.fault(line, f"{column}: {menu_cells.NO_TYPED_PRICE}")
            by_type.setdefault(found["order_type"], {})[found["part"]] = value
        return by_type

    def _rates(
        self, line: int, cells: Mapping[str, str], own: list[tuple[str, str, list[Any]]]
    ) -> list[dict[str, str]]:
        """Return the planned tax groups of an item by its columns."""
        planned = [("", *one) for one in own]
        for column, cell in cells.items():
            found = _OF_TYPE.fullmatch(column)
            if found is not None and found["part"] == "planned_tax":
                planned += [(found["order_type"], *one) for one in self._value(line, column, cell) or ()]
        rates = []
        for order_type, starts, band, taxes in planned:
            self._take_band(line, band, taxes)
            rates.append({"from": starts, "tax": band} | ({"order_type": order_type} if order_type else {}))
        return sorted(rates, key=_by_time)

    def _with_kept(self, item_id: str, own: list[dict[str, str]]) -> list[dict[str, str]]:
        """Return planned tax groups with those of a known item for which the file has no column. Their groups stay."""

        def column(rate: Mapping[str, str]) -> str:
            return f"planned_tax {rate.get('order_type', '')}".strip()

        kept = [dict(rate) for rate in self._known_rates.get(item_id, ()) if column(rate) not in self.named]
        for rate in kept:
            self._taxes.setdefault(rate["tax"], (0, self._known_taxes.get(rate["tax"], [])))
        return sorted([*kept, *own], key=_by_time)

    def _value(self, line: int, column: str, cell: str) -> Any:
        try:
            return self._readers[column.partition(" ")[0]](cell)
        except CellError as problem:
            self.fault(line, f"{column} {problem.sentence}.")
            return None

    def _check_once(self, line: int, values: Mapping[str, Any]) -> None:
        """Record a fault for an id, a number, a barcode or a name that an earlier item has."""
        own: list[tuple[str, Any, Any]] = [
            ("id", values["id"], values["id"]),
            ("plu", values["plu"], values["plu"]),
            *(("barcode", code, code) for code in values["barcodes"] or ()),
            ("name", values["name"] and key_of(values["name"]), values["name"]),
        ]
        for kind, key, shown in own:
            if key is None:
                continue
            first = self._seen.setdefault((kind, key), line)
            if first != line:
                self.fault(
                    line,
                    _("{kind} {value} is already in line {first}.").format(
                        kind=kind, value=clean(str(shown)), first=first
                    ),
                )

    def _groups_named(self, line: int, names: Sequence[str]) -> list[str]:
        """Return the ids of modifier groups by name. Records a fault for an unknown name."""
        for name in names:
            if key_of(name) not in self._group_ids:
                near = difflib.get_close_matches(key_of(name), self._group_ids, n=1)
                close = next((raw["name"] for raw in self._modifiers if key_of(raw["name"]) in near), None)
                sentence = _(
                    "There is no modifier group {name}. “till admin menu import FILE --modifiers FILE” adds it; a new "
                    "venue needs “till init” first, without a menu."
                )
                if close is not None:
                    sentence = _("There is no modifier group {name}. Did you mean {near}?")
                self.fault(line, sentence.format(name=clean(name), near=clean(str(close))))
        if len(names) > MOST_GROUPS:
            sentence = _("modifiers names {n} groups; the limit is {most}.")
            self.fault(line, sentence.format(n=len(names), most=MOST_GROUPS))
        return [self._group_ids[key_of(name)] for name in names if key_of(name) in self._group_ids]

    def _take_band(self, line: int, band: str, taxes: list[dict[str, Any]]) -> None:
        first, own = self._taxes.setdefault(band, (line, taxes))
        if own != taxes:
            self.fault(line, _("tax {band} has different rates in line {first}.").format(band=band, first=first))

    def _take_daypart(self, line: int, part: tuple[str, tuple[Hours, ...]] | None) -> str | None:
        if part is None:
            return None
        name, hours = part
        first, own_name, own_hours = self._dayparts.setdefault(key_of(name), (line, name, hours))
        if set(own_hours) != set(hours):
            self.fault(
                line,
                _("daypart {name} has different hours in line {first}.").format(name=clean(name), first=first),
            )
        return own_name

    def _take_category(self, line: int, name: str, daypart: str | None, course: int | None) -> str:
        key = key_of(name)
        category = self._categories.get(key)
        if category is None:
            category_id = self._category_ids.get(key) or derived_id(self._store_id, f"category:{key}")
            category = {"id": category_id, "name": name, "position": len(self._categories) + 1, "daypart": daypart}
            self._categories[key] = category
        elif category["daypart"] is None:
            category["daypart"] = daypart
        elif daypart not in {None, category["daypart"]}:
            self.fault(line, _("category {name} has a different category_daypart above.").format(name=clean(name)))
        if course is not None and category.setdefault("course", course) != course:
            self.fault(line, _("category {name} has a different course above.").format(name=clean(name)))
        return str(category["id"])

    def body(self) -> dict[str, Any]:
        """Return the menu. Dayparts are sorted by length: where they overlap, the shortest is found first."""
        taken = {item["id"] for item in self.items if item["id"]}
        items = []
        codes: dict[str, dict[str, str]] = {scheme: {} for scheme in self.codes.values()}
        for position, item in enumerate(self.items, 1):
            item_id = item["id"] or self._new_id(key_of(item["name"]), taken)
            taken.add(item_id)
            for column, scheme in self.codes.items():
                codes[scheme][item_id] = item["codes"][column]
            own = {column: value for column, value in item.items() if column not in _SPARSE}
            full = {**item, "planned_tax": self._with_kept(item_id, item["planned_tax"])}
            sparse = {name: full[column] for column, name in _SPARSE.items() if name and full[column]}
            items.append({**own, "id": item_id, "position": position, **sparse})
        return {
            **({"modifiers": self._modifiers} if self._modifiers else {}),
            **({"codes": codes} if codes else {}),
            "version": 0,
            "taxes": {band: taxes for band, (_line, taxes) in self._taxes.items()},
            "dayparts": sorted(
                ({"name": name, **hours_row(one)} for _line, name, hours in self._dayparts.values() for one in hours),
                key=span,
            ),
            "categories": list(self._categories.values()),
            "items": items,
        }

    def _new_id(self, key: str, taken: set[str]) -> str:
        """Return the id of an item by its name: the known id, or an unused one derived from the name."""
        item_id = self._item_ids.get(key) or derived_id(self._store_id, f"item:{key}")
        while item_id in taken:
            item_id = derived_id(item_id, key)
        return item_id


def _by_time(rate: Mapping[str, str]) -> tuple[datetime, str]:
    return datetime.fromisoformat(rate["from"]), rate.get("order_type", "")


def span(part: Mapping[str, Any]) -> int:
    """Return the length of a daypart's hours in minutes."""
    starts, ends = (int(part[end][:2]) * 60 + int(part[end][3:5]) for end in ("from", "to"))
    return (ends - starts) % 1440 or 1440


def write_menu_csv(
    body: Mapping[str, Any], point: str = ".", zone: tzinfo = UTC, codes: Mapping[str, Mapping[str, str]] | None = None
) -> str:
    """Return a menu as a table, category by category. Its texts are safe to open in a spreadsheet.

    Args:
        body: the menu.
        point: the decimal separator of prices.
        zone: the time zone of the venue, for planned prices.
        codes: the codes of items by scheme and id, each scheme a column.
    """
    codes = codes or {}
    hours = hours_by_daypart(body)
    types = sorted({order_type for item in body["items"] for order_type in item.get("by_type", ())})
    planned = sorted(
        {one["order_type"] for item in body["items"] for one in item.get("rates", ()) if "order_type" in one}
    )
    columns = [*COLUMNS, *(f"{part} {order_type}" for order_type in types for part in ("tax", "price"))]
    columns += [f"planned_tax {order_type}" for order_type in planned]
    columns += [f"code:{scheme}" for scheme in codes]
    categories = {raw["id"]: raw for raw in body["categories"]}
    groups = {raw["id"]: raw["name"] for raw in body.get("modifiers", ())}
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter=delimiter_beside(point))
    writer.writerow(columns)
    for item in sorted(body["items"], key=lambda raw: (categories[raw["category"]]["position"], raw["position"])):
        category = categories[item["category"]]
        cells = {
            **{column: item[column] for column in ("name", "plu", "unit", "id")},
            "price": menu_cells.write_price(item["price"], point),
            "planned": menu_cells.write_planned(item.get("prices", ()), point, zone),
            "category": category["name"],
            "tax": menu_cells.write_band(item["tax"], body["taxes"].get(item["tax"], ())),
            "daypart": menu_cells.write_daypart(item.get("daypart"), hours),
            "category_daypart": menu_cells.write_daypart(category.get("daypart"), hours),
            "aliases": "|".join(item["aliases"]),
            "barcodes": "|".join(item["barcodes"]),
            "modifiers": "|".join(groups[one] for one in item.get("modifiers", ())),
            "age": item.get("age"),
            "course": category.get("course"),
            "contains": "|".join(item.get("contains", ())),
            **{column: "yes" if item[column] else "" for column in ("sold_out", "returnable")},
        }
        for order_type in ("", *planned):
            rates = [one for one in item.get("rates", ()) if one.get("order_type", "") == order_type]
            column = f"planned_tax {order_type}".strip()
            cells[column] = menu_cells.write_planned_tax(rates, body["taxes"], zone)
        cells |= {f"code:{scheme}": own.get(item["id"]) for scheme, own in codes.items()}
        for order_type, own in item.get("by_type", {}).items():
            if "tax" in own:
                cells[f"tax {order_type}"] = menu_cells.write_band(own["tax"], body["taxes"].get(own["tax"], ()))
            if "price" in own:
                cells[f"price {order_type}"] = menu_cells.write_price(own["price"], point)
        writer.writerow([guard("" if cells.get(column) is None else str(cells[column])) for column in columns])
    return table.getvalue()
