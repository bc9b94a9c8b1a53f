"""The files of recorded trading: menu, departments, lines, payments and days.

They are five CSV files in UTF-8, with times on the venue's clock and amounts in its currency. An invalid row is
refused with its file and line, before anything is keyed.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from till.domain.i18n import _
from till.domain.money.measures import Minor, Price4
from till.domain.order.paying import CASH
from till.domain.structs import replace
from tools.replay.cells import Cells, TradingFileError, read_table
from tools.replay.trading import CURRENCY, Day, RecordedPayment, RecordedSale, SoldItem, SoldLine, Trading

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping
    from pathlib import Path

#: The required columns of each file; other columns are ignored.
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "departments.csv": ("department", "name", "tax_band"),
    "menu.csv": ("item", "department", "unit_price"),
    "days.csv": ("trading_day", "business_date", "starttime", "endtime", "tender", "declared_total"),
    "lines.csv": (
        *(
            "line_id",
            "trading_day",
            "sale_id",
            "time",
            "till",
            "user_id",
            "code",
            "voided_by",
            "quantity",
            "unit_price",
        ),
        *("unit_discount", "discount_name", "department", "item"),
    ),
    "payments.csv": ("payment_id", "trading_day", "sale_id", "time", "till", "user_id", "tender", "amount"),
}


def read_trading(folder: Path, days: Collection[int] | None = None) -> Trading:
    """Read recorded trading.

    Args:
        folder: the folder of the five files.
        days: the numbers of the trading days to read; None for all.
    """
    _check_files(folder)
    known = _read_days(folder)
    wanted = set(known) if days is None else set(days)
    if strange := sorted(wanted - set(known)):
        listed = ", ".join(str(number) for number in sorted(known))
        raise TradingFileError(
            _("There is no day {day} in these files; they have {days}.").format(day=strange[0], days=listed)
        )
    sales: dict[tuple[int, str], RecordedSale] = {}
    for key, line in _read_lines(folder, known):
        if key[0] in wanted:
            sales.setdefault(key, RecordedSale(*key)).lines.append(line)
    for key, payment in _read_payments(folder, known):
        if key[0] in wanted:
            sales.setdefault(key, RecordedSale(*key)).payments.append(payment)
    if nobody := next((sale for sale in sales.values() if sale.user is None), None):
        sentence = _("Sale {sale} of day {day} names no user_id in any of its rows.")
        raise TradingFileError(sentence.format(sale=nobody.id, day=nobody.day))
    return Trading(
        folder.resolve().name,
        _read_departments(folder),
        _all_items(_read_menu(folder), (line for sale in sales.values() for line in sale.lines)),
        tuple(known[number] for number in sorted(wanted)),
        tuple(sales.values()),
    )


def _check_files(folder: Path) -> None:
    if not folder.is_dir():
        raise TradingFileError(_("There is no folder {folder}.").format(folder=folder))
    missing = [name for name in COLUMNS if not (folder / name).is_file()]
    if missing:
        sentence = _("{folder} has no {missing}. Recorded trading is the files {all}.")
        raise TradingFileError(sentence.format(folder=folder, missing=", ".join(missing), all=", ".join(COLUMNS)))


def _table(folder: Path, name: str) -> Iterator[Cells]:
    return read_table(folder / name, COLUMNS[name])


def _read_days(folder: Path) -> dict[int, Day]:
    """Return the days. The file has a row for each day and tender; the rows of a day must agree about the day."""
    days: dict[int, Day] = {}
    counted: dict[int, dict[str, Minor]] = {}
    for row in _table(folder, "days.csv"):
        number = row.number("trading_day")
        counted.setdefault(number, {})[_tender(row)] = row.minor("declared_total", CURRENCY)
        day = Day(number, row.date("business_date"), row.moment("starttime"), row.moment("endtime"))
        if days.setdefault(number, day) != day:
            raise row.refuse(_("day {day} has another date or other hours above").format(day=number))
    return {number: replace(day, counted=counted[number]) for number, day in days.items()}


def _read_departments(folder: Path) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for row in _table(folder, "departments.csv"):
        found[row.needed("department")] = row.needed("name"), row.needed("tax_band")
    return found


def _read_menu(folder: Path) -> Iterator[SoldItem]:
    for row in _table(folder, "menu.csv"):
        yield SoldItem(row.needed("item"), row.needed("department"), row.price4("unit_price", CURRENCY))


def _all_items(menu: Iterable[SoldItem], lines: Iterable[SoldLine]) -> tuple[SoldItem, ...]:
    items: dict[str, SoldItem] = {}
    for item in menu:
        items.setdefault(item.name, item)
    sold: dict[str, Counter[Price4]] = {}
    homes: dict[str, str] = {}
    for line in lines:
        if line.item not in items:
            homes.setdefault(line.item, line.department)
            sold.setdefault(line.item, Counter())[Price4(line.price4 + line.discount4)] += abs(line.quantity)
    found = (SoldItem(name, homes[name], prices.most_common(1)[0][0]) for name, prices in sold.items())
    return (*items.values(), *found)


class _Once:
    """A check for repeated ids: each row is keyed once."""

    def __init__(self) -> None:
        self._lines: dict[str, int] = {}

    def check(self, row: Cells, column: str) -> str:
        found = row.needed(column)
        first = self._lines.setdefault(found, row.line)
        if first != row.line:
            sentence = _("{column} {id} is already in line {first}")
            raise row.refuse(sentence.format(column=column, id=found, first=first))
        return found


def _sale_key(row: Cells, days: Mapping[int, Day]) -> tuple[int, str]:
    day = row.number("trading_day")
    if day not in days:
        raise row.refuse(_("trading_day {day} is not in days.csv").format(day=day))
    return day, row.needed("sale_id")


def _tender(row: Cells) -> str:
    """Return the tender from the file; only cash gets the till's name, because it gives change."""
    found = row.needed("tender")
    return CASH if found.upper() == CASH else found


def _user(row: Cells) -> int | None:
    return row.number("user_id") if row.text("user_id") else None


def _read_lines(folder: Path, days: Mapping[int, Day]) -> Iterator[tuple[tuple[int, str], SoldLine]]:
    once = _Once()
    for row in _table(folder, "lines.csv"):
        code = row.needed("code")
        if code not in {"S", "V"}:
            raise row.refuse(_("code “{code}” is neither S (sold) nor V (void)").format(code=code[:20]))
        line = SoldLine(
            once.check(row, "line_id"),
            row.moment("time"),
            _user(row),
            code == "V",
            row.text("voided_by"),
            row.whole("quantity"),
            row.price4("unit_price", CURRENCY),
            row.price4("unit_discount", CURRENCY) if row.text("unit_discount") else Price4(0),
            row.text("discount_name"),
            row.needed("department"),
            row.needed("item"),
            row.line,
        )
        yield _sale_key(row, days), line


def _read_payments(folder: Path, days: Mapping[int, Day]) -> Iterator[tuple[tuple[int, str], RecordedPayment]]:
    once = _Once()
    for row in _table(folder, "payments.csv"):
        payment = RecordedPayment(
            once.check(row, "payment_id"),
            row.moment("time"),
            _user(row),
            _tender(row),
            row.minor("amount", CURRENCY),
            row.line,
        )
        yield _sale_key(row, days), payment
