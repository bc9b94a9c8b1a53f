"""Item exports of other tills, read as they are: Square, Loyverse and Odoo POS.

An export is known by its header and becomes a table of this till, with each item in the line in which the export has
it. The pages in docs/moving-in name the public descriptions of the columns.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.catalogue.csv_table import MenuFileError, TableReader
from till.domain.catalogue.menu_cells import OPEN_PRICE, CellError, key_of, read_band, read_plu
from till.domain.cells import guard
from till.domain.errors import MenuError
from till.domain.i18n import _
from till.domain.money.amount import UNITS
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

#: The columns of the translated table.
_COLUMNS: Final = ("name", "price", "category", "plu", "tax", "barcodes", "unit")
#: A tax with a column of its own: `Tax - GST (5%)`, `Tax - "VAT" (12%)`.
_TAX_COLUMN: Final = re.compile(r"tax - \"?(?P<name>.+?)\"?\s*(?:\((?P<rate>\d+(?:\.\d+)?)\s*%\))?\Z", re.IGNORECASE)
_RATE: Final = re.compile(r"\d+(?:\.\d+)?\Z", re.ASCII)
_TRUE: Final = frozenset({"y", "yes", "true"})
_EMPTY: Final = frozenset({"", "n", "no", "false"})
_VARIABLE: Final = "variable"
#: The most names that a note lists.
_MOST_NAMES: Final = 8


class _Till(Struct, frozen=True):
    """The columns of another till's export, in lower case; `{}` is a location.

    Attributes:
        title: the name of the till.
        known_by: columns that tell its exports from others.
        price: the columns of the price, the first with a value counts.
        categories: the columns of the category, likewise.
        sold: flags that must be true (or false) if an item is to be sold, where a flag is given.
        always_flagged: True if an empty flag means no.
        location: the column whose headings name the locations.
        weighed: the flag of items sold by weight.
        units: the columns of the unit.
        taxes: the columns that name the taxes, in a till without a column for each tax.
        shared: columns that the further rows of an item leave empty.
        part: the column that only the parts of a composite item have in rows without a number.
        plain: the name of the only variant of an item without variants.
    """

    title: str
    known_by: frozenset[str]
    name: str
    variants: tuple[str, ...]
    price: tuple[str, ...]
    number: str
    barcode: str
    categories: tuple[str, ...]
    sold: Mapping[str, bool]
    always_flagged: bool = False
    location: str = ""
    weighed: str = ""
    units: tuple[str, ...] = ()
    taxes: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()
    part: str = ""
    plain: str = ""


_TILLS: Final = (
    _Till(
        title="Square",
        known_by=frozenset({"token", "item name", "variation name", "price"}),
        name="item name",
        variants=("variation name",),
        price=("price {}", "price"),
        number="sku",
        barcode="gtin",
        categories=("reporting category", "categories", "category"),
        sold={"archived": False, "sellable": True, "enabled {}": True},
        location="enabled {}",
        units=("unit and precision",),
        plain="regular",
    ),
    _Till(
        title="Loyverse",
        known_by=frozenset({"handle", "sku", "name", "category", "option 1 value"}),
        name="name",
        variants=("option 1 value", "option 2 value", "option 3 value"),
        price=("price [{}]", "price", "default price"),
        number="sku",
        barcode="barcode",
        categories=("category",),
        sold={"available for sale": True, "available for sale [{}]": True},
        location="available for sale [{}]",
        weighed="sold by weight",
        shared=("name", "category", "sold by weight"),
        part="sku of included item",
    ),
    _Till(
        title="Odoo",
        known_by=frozenset({"name", "sales price"}),
        name="name",
        variants=("variant values",),
        price=("sales price",),
        number="internal reference",
        barcode="barcode",
        categories=("point of sale category", "product category"),
        sold={"available in pos": True, "active": True},
        always_flagged=True,
        weighed="to weigh with scale",
        units=("unit of measure", "unit"),
        taxes=("sales taxes", "customer taxes"),
    ),
)


class TranslatedExport(Struct, frozen=True):
    """An export as a table of this till, and sentences on what it leaves out."""

    text: str
    notes: tuple[str, ...]


def translate_export(
    text: str, taxes: Sequence[str] = (), location: str = "", unit: str = ""
) -> TranslatedExport | None:
    """Return the items of another till's export; None if the text is no such export.

    Args:
        text: the export.
        taxes: the answers of a person on taxes: `GST=5,included`, or with another name `15%=VAT 15,added`.
        location: the location whose prices count.
        unit: the unit of items that are sold by weight.

    Raises:
        MenuError: the export does not say what is needed; the sentence says how to say it.
    """
    table = TableReader((), ())
    rows = table.rows(text)
    heading = next(rows, (1, []))[1]
    columns = [" ".join(cell.split()).casefold() for cell in heading]
    till = next((one for one in _TILLS if one.known_by <= set(columns)), None)
    if till is None:
        return None
    table.named = columns
    for column, times in Counter(filter(None, columns)).items():
        if times > 1:
            table.fault(1, _("The column {name} appears twice.").format(name=clean(column)))
    translation = _Translation(till, heading, columns, location, unit)
    records = list(translation.records((line, table.cells_of(line, cells)) for line, cells in rows))
    if table.faults:
        raise MenuFileError(table.faults)
    return translation.translate(records, taxes)


class _Translation:
    """The translation of one export."""

    def __init__(self, till: _Till, heading: list[str], columns: list[str], location: str, unit: str) -> None:
        self._till = till
        self._headings = dict(zip(columns, map(str.strip, heading), strict=True))
        self._location = self._choose(location)
        self._unit = unit
        self._tax_columns = {
            column: (found["name"], found["rate"])
            for column, cell in self._headings.items()
            if not till.taxes and (found := _TAX_COLUMN.match(cell))
        }
        self._left = Counter[str]()

    def _choose(self, location: str) -> str:
        """Return the location whose prices count, in lower case."""
        before, _place, after = self._till.location.partition("{}")
        names = {
            column[len(before) : len(column) - len(after)]: heading[len(before) : len(heading) - len(after)]
            for column, heading in self._headings.items()
            if before and column.startswith(before) and column.endswith(after)
        }
        if location and location.casefold() not in names:
            sentence = _("The file has no location {location}, only: {names}.")
            raise MenuError(sentence.format(location=clean(location), names=_listed(names.values()) or _("none")))
        if not location and len(names) > 1:
            sentence = _("The file has prices of several locations. Choose one with --location: {names}.")
            raise MenuError(sentence.format(names=_listed(names.values())))
        return location.casefold() or next(iter(names), "")

    def records(self, rows: Iterable[tuple[int, dict[str, str]]]) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield each item with its line. Rows that continue an item complete it, and parts of another one are left."""
        till, last = self._till, dict[str, str]()
        joined = {*till.taxes, *till.variants}
        for line, cells in rows:
            row = {column: cells.get(column, "").strip() for column in self._headings}
            if row.get(till.part) and not row.get(till.number):
                self._left[till.part] += 1
                continue
            if not row.get(till.name) and last and till.taxes:  # one more value of a field of the product above
                for column in joined & row.keys():
                    last[column] = "\n".join(filter(None, (last.get(column), row[column])))
                continue
            if not row.get(till.name) and last and row.get("handle") == last.get("handle"):
                row |= {column: last.get(column, "") for column in (*till.shared, *self._tax_columns)}
            last = row
            yield line, row

    def translate(self, records: Sequence[tuple[int, dict[str, str]]], answers: Sequence[str]) -> TranslatedExport:
        """Return the table of the items, each in its line."""
        till, notes, lines = self._till, list[str](), [",".join(_COLUMNS)]
        kept, unsold = list[tuple[int, dict[str, str]]](), list[str]()
        for line, row in records:
            if self._is_sold(row):
                kept.append((line, row))
            else:
                unsold.append(row[till.name])
        rates = dict(tax for _line, row in records for tax in self._taxes(row))
        bands = _bands(rates, {tax for _line, row in kept for tax, _rate in self._taxes(row)}, answers)
        names = Counter(key_of(row[till.name]) for _line, row in kept)
        bare, measured = list[str](), list[str]()
        for line, row in kept:
            name = self._name(row, is_single=names[key_of(row[till.name])] == 1)
            unit = self._unit_of(row, name)
            if unit is None:
                measured.append(name)
                continue
            category = self._first(row, till.categories)
            if not category:
                bare.append(name)
            price = self._first(row, till.price).lstrip("$£€¥₹ ")
            cells = (
                name,
                OPEN_PRICE if price.casefold() == _VARIABLE else price,
                category.partition("\n")[0] or _("Other"),
                self._number(row),
                " + ".join(bands[tax] for tax, _rate in self._taxes(row)),
                row.get(till.barcode, ""),
                unit,
            )
            lines += [""] * (line - 1 - len(lines))
            lines.append(_csv_line(cells))
            self._count_left(row)
        notes.append(_("An export of {till}.").format(till=till.title))
        if unsold:
            notes.append(_("Left out, not for sale: {names}.").format(names=_listed(unsold)))
        if measured:
            notes.append(_("Left out, sold by a unit that this till lacks: {names}.").format(names=_listed(measured)))
        if bare:
            sentence = _("Under {category}, since they have no category: {names}.")
            notes.append(sentence.format(category=_("Other"), names=_listed(bare)))
        if self._left:
            left = (f"{clean(self._headings[column])} ({n})" for column, n in self._left.items())
            notes.append(_("Not taken, with the number of cells: {columns}.").format(columns=", ".join(left)))
        return TranslatedExport("\n".join(lines) + "\n", tuple(notes))

    def _first(self, row: Mapping[str, str], columns: Iterable[str]) -> str:
        cells = (row.get(column.format(self._location), "") for column in columns)
        return next(filter(None, cells), "")

    def _is_sold(self, row: Mapping[str, str]) -> bool:
        for column, wanted in self._till.sold.items():
            cell = row.get(column.format(self._location))
            if cell is None or (not cell and not self._till.always_flagged):
                continue
            if (cell.casefold() in _TRUE) is not wanted:
                return False
        return True

    def _taxes(self, row: Mapping[str, str]) -> list[tuple[str, str | None]]:
        """Return the names of an item's taxes, with their rates if the file says them."""
        named = self._first(row, self._till.taxes)
        flagged = [tax for column, tax in self._tax_columns.items() if row.get(column, "").casefold() in _TRUE]
        return [(name.strip(), None) for name in named.split("\n") if name.strip()] + flagged

    def _name(self, row: Mapping[str, str], *, is_single: bool) -> str:
        """Return the name of an item with those of its variant. Odoo writes `Size: Large`."""
        till = self._till
        values = [one for column in till.variants for one in row.get(column, "").split("\n") if one]
        if is_single and [value.casefold() for value in values] == [till.plain]:
            values = []
        return " ".join((row[till.name], *(value.rpartition(": ")[2] if till.taxes else value for value in values)))

    def _unit_of(self, row: Mapping[str, str], name: str) -> str | None:
        """Return the unit of an item; empty if it is sold by the piece, None if the till lacks the unit."""
        till, written = self._till, self._first(row, self._till.units).casefold()
        is_weighed = row.get(till.weighed, "").casefold() in _TRUE
        if not is_weighed and (till.weighed or not written):
            return ""
        unit = written.replace(",", " ").split(" ")[0] if written else self._unit
        if not unit:
            sentence = _("{name} is sold by weight, and the file does not say by which unit. Pass --unit kg, or lb.")
            raise MenuError(sentence.format(name=clean(name)))
        return unit if unit in UNITS else None

    def _number(self, row: Mapping[str, str]) -> str:
        number = row.get(self._till.number, "")
        try:
            read_plu(number)
        except CellError:
            self._left[self._till.number] += 1
            return ""
        return number

    def _count_left(self, row: Mapping[str, str]) -> None:
        """Count the cells of columns that no part of an item was made from."""
        till = self._till
        places = (*till.price, *till.sold, *till.categories, *till.units, *till.taxes, *till.variants)
        used = {column.format(self._location) for column in places} | set(self._tax_columns)
        used |= {till.name, till.number, till.barcode, till.weighed, till.part}
        self._left.update(
            column for column, cell in row.items() if column and column not in used and cell.casefold() not in _EMPTY
        )


def _bands(rates: Mapping[str, str | None], needed: set[str], answers: Sequence[str]) -> dict[str, str]:
    """Return the cell of each tax that a person answered for. `rates` are the taxes of the file, with its rates.

    Raises:
        MenuError: a needed tax has no answer.
    """
    bands = dict[str, str]()
    for one in answers:
        name, equals, what = one.rpartition("=")
        amount, _comma, how = (part.strip() for part in what.rpartition(","))
        if not equals or not amount or how not in {"included", "added"}:
            raise MenuError(_("Write --tax as “GST=5,included”, or “GST=5,added”."))
        if name not in rates:
            sentence = _("The file has no tax {tax}, only: {taxes}.")
            raise MenuError(sentence.format(tax=clean(name), taxes=_listed(rates) or _("none")))
        rate = rates[name]
        if rate is not None and _RATE.match(amount) and float(amount) != float(rate):
            raise MenuError(_("The file says that {tax} is {rate} %.").format(tax=clean(name), rate=rate))
        bands[name] = f"{f'{name} {amount}' if _RATE.match(amount) else amount} ({how})"
        try:
            read_band(bands[name])
        except CellError as problem:
            raise MenuError(f"--tax: {problem.sentence}.") from problem
    if missing := [name for name in rates if name in needed - bands.keys()]:
        own = (_("NAME RATE") if re.search(r"[\d%]", name) else rates[name] or _("RATE") for name in missing)
        options = (f'--tax "{clean(name)}={what},HOW"' for name, what in zip(missing, own, strict=True))
        sentence = _(
            "The file does not say how its taxes apply. Pass each, with included for HOW if prices hold it, or added "
            "if it comes on top: {options}."
        )
        raise MenuError(sentence.format(options=" ".join(options)))
    return bands


def _csv_line(cells: Iterable[str]) -> str:
    line = io.StringIO(newline="")
    csv.writer(line, lineterminator="").writerow(guard(cell) for cell in cells)
    return line.getvalue()


def _listed(names: Iterable[str]) -> str:
    found = list(dict.fromkeys(map(clean, names)))
    more = [_("and {n} more").format(n=len(found) - _MOST_NAMES)] if len(found) > _MOST_NAMES else []
    return ", ".join([*found[:_MOST_NAMES], *more])
