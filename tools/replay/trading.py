"""Recorded trading as values: days, sales, their lines and their payments."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from till.domain.money.amount import Currency
from till.domain.money.measures import Minor, Price4

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

#: The currency of the files.
CURRENCY: Final = Currency("GBP")


@dataclass(frozen=True, slots=True)
class SoldLine:
    """A row of lines.csv. Prices are ten-thousandths; `at` is naive, on the venue's clock.

    Attributes:
        user: the staff number; None if the row has none.
        is_void: True if it voids another line.
        voided_by: the id of the line that voids this one.
        price4: the selling price of a piece, with `discount4` already deducted.
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
class RecordedPayment:
    """A row of payments.csv. `amount` in minor units: negative for a refund, 0 for a failed attempt."""

    id: str
    at: datetime
    user: int | None
    tender: str
    amount: Minor
    place: int


@dataclass(frozen=True, slots=True)
class RecordedSale:
    """A sale: the rows of a `sale_id` of a trading day."""

    day: int
    id: str
    lines: list[SoldLine] = field(default_factory=list)
    payments: list[RecordedPayment] = field(default_factory=list)

    @property
    def rows(self) -> list[SoldLine | RecordedPayment]:
        """The rows by time; at equal times, lines come first, in the order of the file."""
        lines = sorted(self.lines, key=lambda line: (line.at, line.place))
        payments = sorted(self.payments, key=lambda payment: (payment.at, payment.place))
        return sorted([*lines, *payments], key=lambda row: row.at)

    @property
    def user(self) -> int | None:
        """The user who opened the sale: the first user in its rows."""
        return next((row.user for row in self.rows if row.user is not None), None)

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
    """A trading day: its number, its business date, and its start and end on the venue's clock.

    Attributes:
        counted: the amounts counted at its end, by tender.
    """

    number: int
    date: date
    starts: datetime
    ends: datetime
    counted: Mapping[str, Minor] = field(default_factory=dict, compare=False)


@dataclass(frozen=True, slots=True)
class SoldItem:
    """An item for sale: its department and usual price in ten-thousandths."""

    name: str
    department: str
    price4: Price4


@dataclass(frozen=True, slots=True)
class Trading:
    """Recorded trading of the chosen days.

    Attributes:
        name: the name of the folder.
        departments: name and tax band by id, in the order of the file.
        items: the items of menu.csv, then items that only lines name, at their most frequent price.
        days: the chosen days, by number.
        sales: the sales of the chosen days.
    """

    name: str
    departments: Mapping[str, tuple[str, str]]
    items: tuple[SoldItem, ...]
    days: tuple[Day, ...]
    sales: tuple[RecordedSale, ...]
