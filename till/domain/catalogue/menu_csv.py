"""A menu as a table that a spreadsheet can edit: CSV to the body of docs/protocol.md, and back.

One row an item. What a menu holds beside its items is written with them: taxes by name and percent (`GST 5`), a daypart
with its hours (`Breakfast 07:00-11:30`), a category by its name. The order of the rows is the order of the menu.
"""

from __future__ import annotations

import csv
import difflib
import io
from dataclasses import dataclass
from datetime import UTC
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from till.domain.catalogue import menu_cells
from till.domain.catalogue.hours import hours_row
from till.domain.catalogue.menu import hours_by_daypart
from till.domain.catalogue.menu_cells import CellError, key_of
from till.domain.cells import delimiter_beside, guard, unguard
from till.domain.errors import MenuError
from till.domain.i18n import _, ngettext
from till.domain.ids import derived_id
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import tzinfo

    from till.domain.catalogue.hours import Hours
    from till.domain.money.amount import Currency
    from till.domain.money.formats import Formats

#: The heading, in the order in which an export writes it. Only the first three must be there.
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
    "weighed",
    "id",
    "planned",
)
NEEDED: Final = COLUMNS[:3]
_DELIMITERS: Final = (",", ";", "\t")


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong in a line of a file; lines count from 1, the heading is the first."""

    line: int
    sentence: str


class MenuFileError(MenuError):
    """The menu was not taken. Mend the lines that are named and import the file again.

    Attributes:
        faults: every fault of the file, by line.
    """

    code = "menu_file"

    def __init__(self, faults: Sequence[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        count = len(self.faults)
        super().__init__(
            ngettext(
                "The menu was not taken: {n} fault. Mend the line and import the file again.",
                "The menu was not taken: {n} faults. Mend the lines and import the file again.",
                count,
            ).format(n=count)
        )


def decode_menu(data: bytes) -> str:
    """The text of a menu file; a byte-order mark of UTF-8 is dropped.

    Raises:
        MenuFileError: the file is in another encoding.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = data.count(b"\n", 0, problem.start) + 1
        raise MenuFileError([Fault(line, _("This is not UTF-8 text. Save the file as CSV UTF-8."))]) from problem


def read_menu_csv(
    text: str,
    currency: Currency,
    store_id: str,
    known: Mapping[str, Any] | None = None,
    formats: Formats | None = None,
    zone: tzinfo = UTC,
) -> dict[str, Any]:
    """The body of the menu that a CSV text describes. An item keeps its id by the column `id`, else by its name.

    Args:
        text: the table, with a heading; commas, semicolons or tabs between the cells.
        currency: the prices' own.
        store_id: whose menu it is; ids of new items come from it and their names.
        known: the body of the menu until now.
        formats: how people of the venue write prices; without it they stand in the plain form.
        zone: the venue's, for prices from a time on.

    Raises:
        MenuFileError: with every fault of the file; then nothing of it may be used.
    """
    reader = _Reader(currency, store_id, known or {}, formats, zone)
    rows = reader.rows(text)
    if reader.heading(next(rows, (1, []))):
        for line, cells in rows:
            reader.read(line, cells)
        if not reader.items and not reader.faults:
            reader.fault(1, _("There are no items below the heading."))
    if reader.faults:
        raise MenuFileError(reader.faults)
    return reader.body()


class _Reader:
    """Reads row after row, remembers what was seen where, and collects faults."""

    def __init__(
        self, currency: Currency, store_id: str, known: Mapping[str, Any], formats: Formats | None, zone: tzinfo
    ) -> None:
        self.faults: list[Fault] = []
        self.items: list[dict[str, Any]] = []
        self._store_id = store_id
        self._category_ids = {key_of(raw["name"]): raw["id"] for raw in known.get("categories", ())}
        self._item_ids = {key_of(raw["name"]): raw["id"] for raw in known.get("items", ())}
        self._columns: list[str] = []
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
            "weighed": menu_cells.read_flag,
            "id": menu_cells.read_id,
            "planned": partial(menu_cells.read_planned, currency=currency, formats=formats, zone=zone),
        }

    def fault(self, line: int, sentence: str) -> None:
        self.faults.append(Fault(line, sentence))

    def rows(self, text: str) -> Iterator[tuple[int, list[str]]]:
        """Rows that hold anything, each with the line that it begins in."""
        heading = text.lstrip().partition("\n")[0]
        delimiter = max(_DELIMITERS, key=heading.count)
        table = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        while True:
            line = table.line_num + 1
            try:
                cells = next(table)
            except StopIteration:
                return
            except csv.Error as problem:
                self.fault(line, _("A quote is not closed, or a cell is too long ({what}).").format(what=problem))
                return
            if any(cell.strip() for cell in cells):
                yield line, [unguard(cell) for cell in cells]

    def heading(self, row: tuple[int, list[str]]) -> bool:
        """Take the names of the columns; whether rows can be read by them."""
        line, cells = row
        self._columns = [cell.strip().casefold() for cell in cells]
        for number, name in enumerate(self._columns):
            if name in self._columns[:number] and name:
                self.fault(line, _("The column {name} is there twice.").format(name=clean(name)))
            elif name and name not in COLUMNS:
                near = difflib.get_close_matches(name, COLUMNS, n=1) or [", ".join(COLUMNS)]
                self.fault(
                    line,
                    _("There is no column {name}. Did you mean: {near}?").format(name=clean(name)[:40], near=near[0]),
                )
        for name in NEEDED:
            if name not in self._columns:
                self.fault(line, _("The column {name} is missing.").format(name=name))
        return not self.faults

    def read(self, line: int, cells: list[str]) -> None:
        """Take one row, or note all that is wrong with it."""
        before = len(self.faults)
        if any(cell.strip() for cell in cells[len(self._columns) :]):
            self.fault(line, _("There are more cells than the heading has."))
        by_name = dict(zip(self._columns, cells, strict=False))
        values = {column: self._value(line, column, by_name.get(column, "")) for column in COLUMNS}
        self._check_once(line, values)
        if values["tax"]:
            self._take_band(line, *values["tax"])
        parts = [self._take_daypart(line, values[column]) for column in ("daypart", "category_daypart")]
        if values["category"]:
            category = self._take_category(line, values["category"], parts[1])
            if len(self.faults) == before:
                self.items.append({**values, "category": category, "tax": values["tax"][0], "daypart": parts[0]})

    def _value(self, line: int, column: str, cell: str) -> Any:
        try:
            return self._readers[column](cell)
        except CellError as problem:
            self.fault(line, f"{column} {problem.sentence}.")
            return None

    def _check_once(self, line: int, values: Mapping[str, Any]) -> None:
        """No two items share an id, a number, a barcode or a name."""
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
                    _("{kind} {value} is there already, in line {first}.").format(
                        kind=kind, value=clean(str(shown)), first=first
                    ),
                )

    def _take_band(self, line: int, band: str, taxes: list[dict[str, str]]) -> None:
        first, own = self._taxes.setdefault(band, (line, taxes))
        if own != taxes:
            self.fault(line, _("tax {band} has other rates in line {first}.").format(band=band, first=first))

    def _take_daypart(self, line: int, part: tuple[str, tuple[Hours, ...]] | None) -> str | None:
        if part is None:
            return None
        name, hours = part
        first, own_name, own_hours = self._dayparts.setdefault(key_of(name), (line, name, hours))
        if set(own_hours) != set(hours):
            self.fault(
                line,
                _("daypart {name} has other hours in line {first}.").format(name=clean(name), first=first),
            )
        return own_name

    def _take_category(self, line: int, name: str, daypart: str | None) -> str:
        key = key_of(name)
        category = self._categories.get(key)
        if category is None:
            category_id = self._category_ids.get(key) or derived_id(self._store_id, f"category:{key}")
            category = {"id": category_id, "name": name, "position": len(self._categories) + 1, "daypart": daypart}
            self._categories[key] = category
        elif category["daypart"] is None:
            category["daypart"] = daypart
        elif daypart not in {None, category["daypart"]}:
            self.fault(line, _("category {name} has another category_daypart above.").format(name=clean(name)))
        return str(category["id"])

    def body(self) -> dict[str, Any]:
        """The menu. Dayparts stand shortest first: of two that hold now, the narrower one names the hour."""
        taken = {item["id"] for item in self.items if item["id"]}
        items = []
        for position, item in enumerate(self.items, 1):
            item_id = item["id"] or self._new_id(key_of(item["name"]), taken)
            taken.add(item_id)
            own = {column: value for column, value in item.items() if column not in {"category_daypart", "planned"}}
            planned = {"prices": item["planned"]} if item["planned"] else {}
            items.append({**own, "id": item_id, "position": position, **planned})
        return {
            "version": 0,
            "taxes": {band: taxes for band, (_line, taxes) in self._taxes.items()},
            "dayparts": sorted(
                ({"name": name, **hours_row(one)} for _line, name, hours in self._dayparts.values() for one in hours),
                key=_span,
            ),
            "categories": list(self._categories.values()),
            "items": items,
        }

    def _new_id(self, key: str, taken: set[str]) -> str:
        """The id of an item by its name: the one it had, or one made from the name that nothing else has."""
        item_id = self._item_ids.get(key) or derived_id(self._store_id, f"item:{key}")
        while item_id in taken:
            item_id = derived_id(item_id, key)
        return item_id


def _span(part: Mapping[str, Any]) -> int:
    starts, ends = (int(part[end][:2]) * 60 + int(part[end][3:5]) for end in ("from", "to"))
    return (ends - starts) % 1440 or 1440


def write_menu_csv(body: Mapping[str, Any], point: str = ".", zone: tzinfo = UTC) -> str:
    """The table of a menu, category by category; every text in it is safe to open in a spreadsheet.

    Args:
        body: the menu.
        point: what stands before the decimals of a price where the table is opened.
        zone: the venue's, for prices from a time on.
    """
    hours = hours_by_daypart(body)
    categories = {raw["id"]: raw for raw in body["categories"]}
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter=delimiter_beside(point))
    writer.writerow(COLUMNS)
    for item in sorted(body["items"], key=lambda raw: (categories[raw["category"]]["position"], raw["position"])):
        category = categories[item["category"]]
        cells = {
            **{column: item[column] for column in ("name", "plu", "id")},
            "price": menu_cells.write_price(item["price"], point),
            "planned": menu_cells.write_planned(item.get("prices", ()), point, zone),
            "category": category["name"],
            "tax": menu_cells.write_band(item["tax"], body["taxes"].get(item["tax"], ())),
            "daypart": menu_cells.write_daypart(item.get("daypart"), hours),
            "category_daypart": menu_cells.write_daypart(category.get("daypart"), hours),
            "aliases": "|".join(item["aliases"]),
            "barcodes": "|".join(item["barcodes"]),
            **{column: "yes" if item[column] else "" for column in ("sold_out", "returnable", "weighed")},
        }
        writer.writerow([guard("" if cells[column] is None else str(cells[column])) for column in COLUMNS])
    return table.getvalue()
