"""Faults in the sums of a drawer and a shift that are planted on purpose: weeks that do not find them prove nothing."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final, NamedTuple
from unittest import mock

from tests.planting import with_fault
from till.domain.shift import books, deciding
from till.register import drawer, register
from till.register.ledger import ledger

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType


class Plant(NamedTuple):
    """A fault: a passage of a module, other words for it, and the first week that finds it."""

    module: ModuleType
    passage: str
    instead: str
    week: int = 5_000


#: The name in a module that uses the planted one.
_USERS: Final = {
    books: (drawer, "ShiftTotals"),
    deciding: (drawer, "deciding"),
    drawer: (register, "Drawer"),
    ledger: (register, "Ledger"),
}
PLANTS: Final[dict[str, Plant]] = {
    "tip_left_out": Plant(books, ", tips=sense * one.tip, taken", ", taken"),
    "tip_counted_as_ahead": Plant(books, "taken_ahead=sense * one.settles", "taken_ahead=sense * one.amount"),
    "tip_correction_left_out": Plant(books, "amount=returned, tips=returned", "amount=returned", week=5_011),
    "tip_correction_moves_no_cash": Plant(books, "self.balance.move(data.tender, TIPS, returned)", "pass", week=5_011),
    "change_twice": Plant(books, "Minor(-sign * paid.change)", "Minor(-2 * sign * paid.change)"),
    "change_left_out": Plant(books, "self.balance.move(CASH, CHANGE, Minor(-sign * paid.change))", "pass"),
    "tendered_less_its_change": Plant(books, "self._same(amount, data.tendered) if", "amount if"),
    "give_back_not_ahead": Plant(books, "(payment.returned, -sign)", "(None, -sign)", week=5_011),
    "give_back_of_another_shift_left_out": Plant(
        books,
        "GIVEN_BACK, Minor(-amount - change)",
        "GIVEN_BACK, Minor(-(amount + change) * (one.paid is not None))",
        week=5_011,
    ),
    "refund_left_in_the_drawer": Plant(books, "self.balance.move(data.tender, REFUNDS, amount)", "pass"),
    "refund_of_the_wrong_sign": Plant(books, "update(amount=amount, number=1)", "update(amount=-amount, number=1)"),
    "used_as_moved": Plant(books, 'sums["used"] += sign * listed.settles', 'sums["amount"] += sign * listed.settles'),
    "listed_stays_ahead": Plant(books, 'sums["taken_ahead"] -= sign * listed.settles', "pass"),
    "voucher_moves_twice": Plant(
        books,
        "        if data.tender in KEPT_BY_SERVER:  # it moves with the sale that lists it\n            return\n",
        "",
        week=5_001,
    ),
    "rounding_left_out": Plant(books, ", rounding=minor(data.rounding)", ""),
    "correction_moves_a_counted_drawer": Plant(
        books, "self.balance.is_since(one.place, tender)", "tender in self.kept", week=5_001
    ),
    "correction_left_out": Plant(books, "self.balance.move(tender, CORRECTED, change)", "pass", week=5_003),
    "undone_left_out": Plant(books, 'self.balance.move(CASH, "undone", Minor(-amount))', "pass", week=5_003),
    "taken_stays": Plant(books, "self.move(tender, TAKEN, Minor(-taken))", "pass"),
    "count_adds_up": Plant(books, "Minor(counted - self.now.get(tender, NOTHING))", "counted"),
    "counts_beside_a_z_forgotten": Plant(deciding, "    for count in counts:\n", "    for count in ():\n"),
    "count_beside_a_z_keeps_what_was_taken": Plant(
        deciding, "Minor(minor(one.counted) - minor(one.taken)) for one in count", "minor(one.counted) for one in count"
    ),
    "count_after_the_next_sale_stays_in_that_shift": Plant(
        drawer, "stream = status.beside.id if status.beside is not None else command.shift", "stream = command.shift"
    ),
    "count_of_the_next_day_beside_the_z": Plant(
        drawer, "closed if newest is None and is_todays", "closed if newest is None"
    ),
    "second_count_beside_the_z": Plant(drawer, "closed if newest is None and is_todays", "closed if is_todays"),
    "count_beside_the_z_expects_what_the_close_stated": Plant(
        drawer,
        "expected, status = self.balance()",
        "expected, status = self._balance_before() if self.status().beside else self.balance()",
    ),
    "count_beside_the_z_differs_in_the_next_shift": Plant(books, "if event.stream_id == self._shift:", "if True:"),
    "count_beside_the_z_leaves_the_opening": Plant(
        books, "for amounts in (self.opening, self.now)", "for amounts in (self.now,)"
    ),
    "count_beside_the_z_is_no_base": Plant(
        books,
        "amounts.get(tender, NOTHING) + change)\n        self._base(tender)\n",
        "amounts.get(tender, NOTHING) + change)\n",
    ),
    "totals_begin_anew": Plant(
        deciding, "sum_of((minor(before.sales), minor(sums.sales.gross)))", "minor(sums.sales.gross)"
    ),
    "count_opens_a_shift": Plant(
        drawer, "(status.last.id if status.last is not None else self._stream(command))", "self._stream(command)"
    ),
    "movement_without_a_sign": Plant(
        drawer, "Minor(-abs(amount)) if kind in deciding.OUT", "amount if kind in deciding.OUT"
    ),
    "unanswered_is_not_named": Plant(drawer, "for one in self._unanswered())", "for one in ())"),
    "shift_not_opened": Plant(ledger, "self.write([self._ledger.opening()])", "pass"),
    "label_left_off": Plant(ledger, "user=self._user, shift=self.shift", "user=self._user, shift=self._ledger.shift"),
    "shift_goes_on_after_its_close": Plant(
        ledger, '            if draft.data.labels == "ends":\n                self.shift = None\n', ""
    ),
}


@contextmanager
def planted(name: str) -> Iterator[None]:
    """Plant a fault.

    Raises:
        AssertionError: the passage is not in its module, or more than once.
    """
    plant = PLANTS[name]
    changed = with_fault(plant.module, plant.passage, plant.instead)
    user, attribute = _USERS[plant.module]
    with mock.patch.object(user, attribute, changed if plant.module is deciding else getattr(changed, attribute)):
        yield
