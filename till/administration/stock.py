"""The files of stock: what a venue keeps, and what was delivered."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from till.domain.catalogue.csv_table import CsvFault, TableReader, decode_menu
from till.domain.catalogue.menu_edit import find_item
from till.domain.errors import MenuError, TillError
from till.domain.i18n import N_, _, ngettext
from till.domain.ids import derived_id
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from till.administration.listing import Row

#: The base units of parts; an item of the menu has pieces, or a thousandth of what it is weighed in.
UNITS: Final = ("", "g", "ml")
_MOST: Final = 10**9


class StockFileError(TillError):
    """The file was not read, and nothing changed. Fix the lines and give it again.

    Attributes:
        faults: all faults of the file, sorted by line.
    """

    code = "stock_file"
    default = N_("The file was not read, and nothing changed. Fix the lines and give it again.")

    def __init__(self, faults: Sequence[CsvFault]) -> None:
        self.faults = tuple(sorted(faults))
        sentence = ngettext(
            "Nothing changed: {n} mistake. Fix the line and give the file again.",
            "Nothing changed: {n} mistakes. Fix the lines and give the file again.",
            len(self.faults),
        )
        super().__init__(sentence.format(n=len(self.faults)))


class NotKeptError(TillError):
    """Nothing of this name is kept on the shelf."""

    code = "stock"
    default = N_("Nothing of this name is kept. `till admin stock list` lists what is.")


def find_kept(kept: Sequence[Row], typed: str, menu: Mapping[str, Any]) -> Row:
    """Find what is kept by its name or id, or as an item of the menu, or by how its name begins, ignoring case."""
    wanted = " ".join(typed.split()).casefold()
    on_menu = _on_menu(menu, wanted) or {"id": ""}
    exact = [one for one in kept if wanted == one["name"].casefold() or one["item_id"] in {wanted, on_menu["id"]}]
    found = exact or [one for one in kept if one["name"].casefold().startswith(wanted)]
    if not wanted or not found:
        raise NotKeptError
    if len(found) > 1:
        sentence = _("Several are called so: {names}.")
        raise NotKeptError(sentence.format(names=", ".join(clean(one["name"]) for one in found[:5])))
    return found[0]


def read_kept(data: bytes, menu: Mapping[str, Any], store: str) -> list[Row]:
    """Read the list of what a venue keeps: an item of the menu, or a part that nobody sells, in each row.

    Raises:
        StockFileError: rows with faults; each is named.
    """
    table = _Table(("item", "place", "unit", "cost", "least"), ("item",))
    rows: dict[str, Row] = {}
    for line, row in table.read(data):
        name = " ".join(clean(row["item"]).split())
        unit, cost = row.get("unit", "").casefold(), row.get("cost", "").replace(",", ".")
        if not name:
            table.fault(line, _("The item is missing."))
            continue
        if unit not in UNITS:
            table.fault(line, _("The unit is g, ml or empty for pieces."))
        if cost and not re.fullmatch(r"[0-9]{1,7}(\.[0-9]{1,4})?", cost):
            table.fault(line, _("{text} is no cost.").format(text=clean(cost)[:20]))
        found = _on_menu(menu, name)
        item = found["id"] if found else derived_id(store, f"part {name.casefold()}")
        if item in rows:
            table.fault(line, _("{name} is listed twice. Name its places in one row: Bar; Cellar.").format(name=name))
        places = [one for one in (" ".join(clean(each).split()) for each in row.get("place", "").split(";")) if one]
        rows[item] = {
            "item_id": item,
            "name": found["name"] if found else name,
            "places": places,
            "unit": unit,
            "cost": cost or None,
            "at_least": table.amount(line, row.get("least", "")) if row.get("least") else None,
        }
    table.check()
    return list(rows.values())


def read_deliveries(data: bytes, kept: Sequence[Row], menu: Mapping[str, Any]) -> list[tuple[Row, int]]:
    """Read what was delivered: what is kept, and its amount, in each row.

    Raises:
        StockFileError: rows with faults; each is named.
    """
    table = _Table(("item", "amount"), ("item", "amount"))
    found: list[tuple[Row, int]] = []
    for line, row in table.read(data):
        try:
            found.append((find_kept(kept, row["item"], menu), table.amount(line, row.get("amount", ""))))
        except NotKeptError as problem:
            table.fault(line, f"{clean(row['item'])[:40]}: {problem.sentence}")
    table.check()
    return found


def _on_menu(menu: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    try:
        return find_item(menu, name)
    except MenuError:
        return None


class _Table(TableReader):
    """The rows of a file of stock."""

    def read(self, data: bytes) -> list[tuple[int, dict[str, str]]]:
        """Return the rows by column, each with its line."""
        rows = self.rows(decode_menu(data))
        heading = next(rows, None)
        if heading is None or not self.heading(heading):
            self.check()
            return []
        found = [(line, self.cells_of(line, cells)) for line, cells in rows]
        return [(line, {name: cell.strip() for name, cell in row.items()}) for line, row in found]

    def amount(self, line: int, text: str) -> int:
        """Return an amount in the base unit, at least 1."""
        if not re.fullmatch(r"[0-9]{1,10}", text) or not 0 < int(text) <= _MOST:
            self.fault(line, _("{text} is no amount: a whole number, in the base unit.").format(text=clean(text)[:20]))
            return 1
        return int(text)

    def check(self) -> None:
        """Refuse a file with faults."""
        if self.faults:
            raise StockFileError(self.faults)
