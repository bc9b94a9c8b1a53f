"""A small bar that was never there, with every oddity of the real one."""

from __future__ import annotations

import csv
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

LINE_COLUMNS = (
    *("line_id", "trading_day", "sale_id", "time", "till", "user_id", "code", "voided_by", "quantity", "unit_price"),
    *("unit_discount", "discount_name", "department", "item"),
)
PAYMENT_COLUMNS = ("payment_id", "trading_day", "sale_id", "time", "till", "user_id", "tender", "amount")
DAY_COLUMNS = ("trading_day", "business_date", "starttime", "endtime", "tender", "declared_total")
CUP = "Cup re-use"


@dataclass
class Bar:
    """Writes the five files. Times are given as `HH:MM` of the sale's date or whole."""

    days: dict[int, str] = field(default_factory=lambda: {1: "2025-07-01", 2: "2025-07-02"})
    departments: list[tuple[str, str, str]] = field(
        default_factory=lambda: [("10", "Real Ale", "A"), ("50", "Snacks", "N"), ("100", CUP, "A")]
    )
    menu: list[tuple[str, str, str]] = field(
        default_factory=lambda: [("Bitter pint", "10", "4.80"), ("Crisps", "50", "1.20"), (CUP, "100", "0.20")]
    )
    lines: list[tuple[object, ...]] = field(default_factory=list)
    payments: list[tuple[object, ...]] = field(default_factory=list)

    def sell(
        self,
        sale: str,
        item: str,
        quantity: int,
        price: str,
        *,
        day: int = 1,
        at: str = "12:00",
        user: object = 4,
        void: bool = False,
        voided_by: object = "",
        discount: tuple[str, str] = ("0.00", ""),
        department: str = "10",
    ) -> int:
        """A row of lines.csv; its id."""
        made = len(self.lines) + 1
        code = "V" if void else "S"
        self.lines.append(
            (
                *(made, day, sale, self._time(day, at), "mainbar", user, code, voided_by, quantity, price),
                *(*discount, department, item),
            )
        )
        return made

    def pay(self, sale: str, tender: str, amount: str, *, day: int = 1, at: str = "12:30", user: object = 4) -> None:
        """A row of payments.csv."""
        made = len(self.payments) + 1
        self.payments.append((made, day, sale, self._time(day, at), "mainbar", user, tender, amount))

    def _time(self, day: int, at: str) -> str:
        return at if " " in at else f"{self.days[day]} {at}:00"

    def write(self, folder: Path) -> Path:
        """Write the files; the folder."""
        folder.mkdir(parents=True, exist_ok=True)
        days = [
            (number, date, f"{date} 10:00:00", f"{date} 23:59:59.5", tender, "1.00")
            for number, date in self.days.items()
            for tender in ("CASH", "SQUARE")
        ]
        menu = [(*row, 1) for row in self.menu]
        self._table(folder / "departments.csv", ("department", "name", "tax_band"), self.departments)
        self._table(folder / "menu.csv", ("item", "department", "unit_price", "sold"), menu)
        self._table(folder / "days.csv", DAY_COLUMNS, days)
        self._table(folder / "lines.csv", LINE_COLUMNS, self.lines)
        self._table(folder / "payments.csv", PAYMENT_COLUMNS, self.payments)
        return folder

    @staticmethod
    def _table(path: Path, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(columns)
            writer.writerows(rows)


def odd_bar() -> Bar:
    """Two days, each sale one oddity; their totals are `ODD_TENDERS`."""
    bar = Bar()
    _add_voids(bar)
    _add_payments(bar)
    _add_attempts(bar)
    # Opened on the first day, paid and counted on the second.
    bar.sell("overnight", "Bitter pint", 1, "4.80", day=2, at="2025-07-01 23:50:00.25")
    bar.pay("overnight", "SQUARE", "4.80", day=2, at="2025-07-02 10:05:00")
    # Off the menu's price, with a discount, and with a name that the menu has not.
    bar.sell("prices", "Bitter pint", 2, "4.00", day=2)
    bar.sell("prices", "Crisps", 3, "0.20", day=2, discount=("1.00", "Friends"), department="50")
    bar.sell("prices", "Plum 'n' ginger ½", 1, "2.35", day=2)
    bar.pay("prices", "SQUARE", "10.95", day=2)
    return bar


def _add_voids(bar: Bar) -> None:
    # Two equal lines, one of them voided: the other stays.
    bar.sell("void", "Bitter pint", 1, "4.80")
    bar.sell("void", "Bitter pint", 1, "4.80", at="12:01", voided_by=3)
    bar.sell("void", "Bitter pint", -1, "4.80", at="12:02", void=True)
    bar.pay("void", "SQUARE", "4.80")
    # All voided: an order that comes to nothing.
    bar.sell("all void", "Crisps", 5, "1.20", voided_by=5, department="50")
    bar.sell("all void", "Crisps", -5, "1.20", at="12:01", void=True, department="50")
    # A void of a line in another sale is a return, of what is not returnable otherwise.
    bar.sell("first", "Bitter pint", 2, "4.80", voided_by=7)
    bar.sell("second", "Bitter pint", -2, "4.80", at="12:40", void=True)
    bar.pay("first", "SQUARE", "9.60")
    bar.pay("second", "SQUARE", "-9.60", at="12:40")
    # Voided by what is not in the files, and a void of what is not in them.
    bar.sell("lone", "Bitter pint", 1, "4.80", voided_by=999)
    bar.sell("lone", "Crisps", -1, "1.20", void=True, department="50")
    bar.pay("lone", "SQUARE", "3.60")
    # A void that was voided: the line is back.
    bar.sell("twice", "Crisps", 1, "1.20", at="12:00", voided_by=11, department="50")
    bar.sell("twice", "Crisps", -1, "1.20", at="12:01", void=True, voided_by=12, department="50")
    bar.sell("twice", "Crisps", 1, "1.20", at="12:02", void=True, department="50")
    bar.pay("twice", "SQUARE", "1.20")
    # A cup brought back beside a pint, and a cup alone.
    bar.sell("cup", "Bitter pint", 1, "4.80")
    bar.sell("cup", CUP, -1, "0.25", at="12:01", department="100")
    bar.pay("cup", "CASH", "5.00")
    bar.pay("cup", "CASH", "-0.45", at="12:31")
    bar.sell("cups", CUP, -3, "0.20", department="100")
    bar.pay("cups", "CASH", "-0.60")


def _add_payments(bar: Bar) -> None:
    paid = {
        "split": [("SQUARE", "2.00"), ("CASH", "2.80")],
        "notes": [("CASH", "2.00"), ("CASH", "5.00"), ("CASH", "-2.20")],
        "coins": [("CASH", "5.00"), ("CASH", "5.00"), ("CASH", "5.00"), ("CASH", "-10.20")],
        "cashback": [("SQUARE", "14.80"), ("CASH", "-10.00")],
        "swap": [("SQUARE", "-5.20"), ("CASH", "10.00")],
        "early": [("SQUARE", "4.80")],
    }
    for sale, rows in paid.items():
        bar.sell(sale, "Bitter pint", 1, "4.80", at="13:00" if sale == "early" else "12:00")
        for tender, amount in rows:
            bar.pay(sale, tender, amount)
    # No lines at all, yet money went to and fro.
    bar.pay("change a note", "SQUARE", "20.00")
    bar.pay("change a note", "CASH", "-20.00")
    # Given back more on the card than came in cash.
    bar.sell("mixed return", "Bitter pint", -1, "4.80", void=True)
    bar.pay("mixed return", "CASH", "5.20")
    bar.pay("mixed return", "SQUARE", "-10.00")


def _add_attempts(bar: Bar) -> None:
    bar.sell("attempt", "Bitter pint", 1, "4.80")
    bar.pay("attempt", "SQUARE", "0.00")
    bar.sell("attempt", "Crisps", 1, "1.20", at="12:35", department="50")
    bar.pay("attempt", "SQUARE", "6.00", at="12:36")
    bar.pay("only an attempt", "SQUARE", "0.00")
    # Keyed with a quantity of nothing: no sale.
    bar.sell("nothing", "Crisps", 0, "1.20", department="50")
    bar.sell("free", "Crisps", 1, "0.00", discount=("1.20", "Free"), department="50")
    # Two people at one order.
    bar.sell("two of us", "Crisps", 1, "1.20", user=5, department="50")
    bar.sell("two of us", "Crisps", 1, "1.20", user=6, at="12:01", department="50")
    bar.pay("two of us", "SQUARE", "2.40", user=6)


#: The takings of each tender on each day of `odd_bar`, as in the JSON; added up by hand.
ODD_TENDERS = {1: {"CASH": "1.55", "SQUARE": "44.40"}, 2: {"SQUARE": "15.75"}}
#: Orders that come of each day: all of its sales but one that was only an attempt.
ODD_SALES = {1: 19, 2: 2}
#: Rows of lines.csv of each day.
ODD_LINES = {1: 27, 2: 4}
