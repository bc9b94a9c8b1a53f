"""Recorded trading as values: days, sales, their lines and their payments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from till.domain.money.amount import PRICE_SCALE, Currency
from till.domain.money.measures import Minor, Price4, sum_of

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

#: The currency of the format.
CURRENCY: Final = Currency("GBP")


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A row of lines.csv. Prices are ten-thousandths; `at` is naive, on the venue's clock.

    Attributes:
        user: the staff number; None if the row names nobody.
        is_void: True if it voids another line; `voided_by` names the line that voids this one.
        price4: the selling price of a piece, with `discount4` already off.
        place: the line of the file, for the order of equal times.
    """

    id: str
    at: datetime
    user: int | None
    is_void: bool
    voided_by: str
    quantity: int
    price4: Price4
    discount4: Price4
    discount_name: str
    department: str
    item: str
    place: int


@dataclass(frozen=True, slots=True)
class Paid:
    """A row of payments.csv. `amount` in minor units: negative if given back, 0 for an attempt that failed."""

    id: str
    at: datetime
    user: int | None
    tender: str
    amount: Minor
    place: int


@dataclass(frozen=True, slots=True)
class Sale:
    """The purchase of one guest: the rows of one `sale_id` of one trading day."""

    day: int
    id: str
    lines: list[SoldLine] = field(default_factory=list)
    payments: list[Paid] = field(default_factory=list)

    @property
    def ref(self) -> str:
        """The name of the sale in the till: day and number."""
        return f"{self.day}/{self.id}"

    @property
    def rows(self) -> list[SoldLine | Paid]:
        """Its rows by time; of equal times lines come first, in the order of the file."""
        lines = sorted(self.lines, key=lambda line: (line.at, line.place))
        payments = sorted(self.payments, key=lambda payment: (payment.at, payment.place))
        return sorted([*lines, *payments], key=lambda row: row.at)

    @property
    def user(self) -> int | None:
        """The user who opened it: the first one that its rows name."""
        return next((row.user for row in self.rows if row.user is not None), None)

    @property
    def total4(self) -> Price4:
        """The sum of its lines in ten-thousandths, exactly."""
        return Price4(sum(line.quantity * line.price4 for line in self.lines))

    @property
    def paid(self) -> Minor:
        return sum_of(payment.amount for payment in self.payments)

    @property
    def came_to_something(self) -> bool:
        """True if anything was sold or any money moved: mere attempts to pay are no sale."""
        return any(line.quantity for line in self.lines) or any(payment.amount for payment in self.payments)

    @property
    def balances(self) -> bool:
        """True if its lines and its payments have equal sums."""
        return self.total4 * CURRENCY.scale == self.paid * PRICE_SCALE

    @property
    def tenders(self) -> dict[str, Minor]:
        """The amount of each tender, without attempts."""
        sums: dict[str, Minor] = {}
        for payment in self.payments:
            if payment.amount:
                sums[payment.tender] = Minor(sums.get(payment.tender, 0) + payment.amount)
        return sums


@dataclass(frozen=True, slots=True)
class Day:
    """A trading day: its number, the date it counts for, and when it began and ended on the venue's clock."""

    number: int
    date: date
    starts: datetime
    ends: datetime


@dataclass(frozen=True, slots=True)
class SoldItem:
    """An item for sale: its department and usual price in ten-thousandths."""

    name: str
    department: str
    price4: Price4


@dataclass(frozen=True, slots=True)
class Trading:
    """Recorded trading, as far as it was chosen.

    Attributes:
        name: the name of the folder.
        departments: name and tax band by id, in the order of the file.
        items: those of menu.csv, then those that only lines name, at their most frequent price.
        days: the chosen days, by number.
        sales: the sales of those days.
    """

    name: str
    departments: Mapping[str, tuple[str, str]]
    items: tuple[SoldItem, ...]
    days: tuple[Day, ...]
    sales: tuple[Sale, ...]

    @property
    def users(self) -> list[int]:
        """The staff numbers of its rows."""
        rows = (row for sale in self.sales for row in sale.rows)
        return sorted({row.user for row in rows if row.user is not None})
