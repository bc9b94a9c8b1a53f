"""Modifier groups as a CSV table for spreadsheets: one row for each option, with the limits of its group."""

from __future__ import annotations

import csv
import io
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from till.domain.catalogue import menu_cells
from till.domain.catalogue.csv_table import MenuFileError, TableReader
from till.domain.catalogue.menu_cells import CellError, key_of
from till.domain.catalogue.modifiers import MOST_OPTIONS
from till.domain.cells import delimiter_beside, guard
from till.domain.i18n import _
from till.domain.ids import derived_id
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from till.domain.money.amount import Currency
    from till.domain.money.formats import Formats

#: The columns, in the order of an export. Only the first two are required.
COLUMNS: Final = ("group", "option", "price", "default", "least", "most", "contains")
NEEDED: Final = COLUMNS[:2]


def read_modifiers_csv(
    text: str,
    currency: Currency,
    store_id: str,
    known: Mapping[str, Any] | None = None,
    formats: Formats | None = None,
) -> list[dict[str, Any]]:
    """Return the modifier groups of a CSV text in the format of the menu. A group with a known name keeps its id.

    Args:
        text: the table with a heading: `group`, `option`, the price of the option, if it is a default, and the least
            and most options of the group. The limits need to be in only one row of a group.
        currency: the currency of the prices.
        store_id: the venue of the menu. Ids of new groups are derived from it and from their names.
        known: the current menu.
        formats: the venue's format of prices; None for the plain format.
    """
    reader = _Reader(currency, store_id, known or {}, formats)
    rows = reader.table.rows(text)
    if reader.table.heading(next(rows, (1, []))):
        for line, cells in rows:
            reader.read(line, cells)
    groups = reader.groups()
    if reader.table.faults:
        raise MenuFileError(reader.table.faults)
    return groups


class _Reader:
    """A reader that collects options into groups."""

    def __init__(self, currency: Currency, store_id: str, known: Mapping[str, Any], formats: Formats | None) -> None:
        self.table = TableReader(COLUMNS, NEEDED)
        self._store_id = store_id
        self._ids = {key_of(raw["name"]): raw["id"] for raw in known.get("modifiers", ())}
        self._groups: dict[str, dict[str, Any]] = {}
        self._lines: dict[str, int] = {}
        self._readers: dict[str, Callable[[str], Any]] = {
            "group": menu_cells.read_name,
            "option": menu_cells.read_name,
            "price": partial(menu_cells.read_price_change, currency=currency, formats=formats),
            "default": menu_cells.read_flag,
            "least": menu_cells.read_count,
            "most": menu_cells.read_count,
            "contains": menu_cells.read_contains,
        }

    def read(self, line: int, cells: list[str]) -> None:
        """Read one option, or record its faults."""
        before = len(self.table.faults)
        by_name = self.table.cells_of(line, cells)
        values = {column: self._value(line, column, by_name.get(column, "")) for column in COLUMNS}
        if len(self.table.faults) > before:
            return
        key = key_of(values["group"])
        if "|" in values["group"]:
            sentence = _("group {group} contains a |, which separates the groups of an item. Leave it out.")
            self.table.fault(line, sentence.format(group=clean(values["group"])))
        group = self._groups.setdefault(key, {"name": values["group"], "options": [], "least": None, "most": None})
        self._lines.setdefault(key, line)
        for rule in ("least", "most"):
            if values[rule] is not None and group[rule] not in {None, values[rule]}:
                sentence = _("{rule} of {group} is {was} in a line above.")
                self.table.fault(line, sentence.format(rule=rule, group=clean(group["name"]), was=group[rule]))
            elif values[rule] is not None:
                group[rule] = values[rule]
        if any(key_of(option["name"]) == key_of(values["option"]) for option in group["options"]):
            sentence = _("{group} already has the option {option}.")
            self.table.fault(line, sentence.format(group=clean(group["name"]), option=clean(values["option"])))
        option = {"name": values["option"], "price": values["price"], "default": values["default"]}
        if values["contains"]:
            option["contains"] = values["contains"]
        group["options"].append(option)

    def _value(self, line: int, column: str, cell: str) -> Any:
        try:
            return self._readers[column](cell)
        except CellError as problem:
            self.table.fault(line, f"{column} {problem.sentence}.")
            return None

    def groups(self) -> list[dict[str, Any]]:
        """Return the groups in the order of the table. Faults of a group are recorded for its first line."""
        result = []
        for key, group in self._groups.items():
            least, most = group["least"] or 0, group["most"] or None
            if (why := _group_fault(group["options"], least, most)) is not None:
                self.table.fault(self._lines[key], f"{clean(group['name'])} {why}")
            group_id = self._ids.get(key) or derived_id(self._store_id, f"modifiers:{key}")
            result.append(
                {"id": group_id, "name": group["name"], "least": least, "most": most, "options": group["options"]}
            )
        return result


def _group_fault(options: list[dict[str, Any]], least: int, most: int | None) -> str | None:
    """Return the fault of a group's limits; None if there is none."""
    chosen = sum(1 for option in options if option["default"])
    if len(options) > MOST_OPTIONS:
        return _("has {n} options; the limit is {most}.").format(n=len(options), most=MOST_OPTIONS)
    if least > len(options):
        return _("needs {n} chosen, but has {options}.").format(n=least, options=len(options))
    if most is not None and most < least:
        return _("needs {least} chosen, but allows {most}.").format(least=least, most=most)
    if most is not None and chosen > most:
        return _("has {n} default options, but allows {most}.").format(n=chosen, most=most)
    return None


def write_modifiers_csv(body: Mapping[str, Any], point: str = ".") -> str:
    """Return the modifier groups of a menu as a table. Its texts are safe to open in a spreadsheet."""
    table = io.StringIO(newline="")
    writer = csv.writer(table, delimiter=delimiter_beside(point))
    writer.writerow(COLUMNS)
    for group in body.get("modifiers", ()):
        most = "" if group["most"] is None else group["most"]
        for option in group["options"]:
            price = menu_cells.write_price(option["price"], point)
            default = "yes" if option["default"] else ""
            # The price is not guarded: a negative number is not a formula, and an apostrophe would turn it into text.
            contains = guard("|".join(option.get("contains", ())))
            row = (guard(group["name"]), guard(option["name"]), price, default, group["least"], most, contains)
            writer.writerow(row)
    return table.getvalue()
