"""The books of the play: lines, discounts and payments, written down as people key them and hand them over.

Prices are those of the menu as the manager wrote it, pieces and amounts those that hands keyed. A small arithmetic of
its own gives the amounts of an order from them, without any code of a till and without a record. It gives none for an
order with something that nobody saw being keyed, as when a till died in the command.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import TYPE_CHECKING, Final, NamedTuple

from tests.simulation.violation import hold
from till.domain.payment.movement import PaymentState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from till.domain.order.line import Discount, Row
    from till.domain.order.state import Order, Payment

CASH: Final = "CASH"
_SCALE: Final = 100
#: The tax in the price of everything on the menu: 5 % of the net.
_TAX: Final = Fraction(5, 105)


class Entry(NamedTuple):
    """A line as it was keyed: its item, and the price of a piece."""

    item: str
    price: int


class Off(NamedTuple):
    """A discount as it was given: a rate, or an amount off a number of pieces."""

    rate: Fraction | None
    amount: int | None = None
    pieces: int | None = None


class Handed(NamedTuple):
    """A payment as it was handed over. `settles` is the part towards the order, without the tip and the change."""

    tender: str
    settles: int
    tip: int = 0
    change: int = 0
    pieces: Mapping[str, int] = {}


class SoldRow(NamedTuple):
    """A row of a sale: its lines, its item, the price of a piece, the pieces, and what it comes to."""

    lines: frozenset[str]
    item: str
    price: int
    pieces: int
    amount: int

    @property
    def tax(self) -> int:
        """The tax in the amount."""
        return half_up(self.amount * _TAX)


@dataclass
class Bill:
    """The amounts of an order, by the books."""

    rows: list[SoldRow] = field(default_factory=list)
    total: int = 0


def minor(text: str) -> int:
    """Return an amount in minor units."""
    return int(Decimal(text) * _SCALE)


def half_up(exact: Fraction) -> int:
    """Round to a whole number, halves away from zero."""
    whole = int(abs(exact) + Fraction(1, 2))
    return -whole if exact < 0 else whole


def pieces_on(order: Order | None) -> dict[str, int]:
    """Return the pieces of each line that an order shows."""
    rows = order.priced.rows if order is not None else ()
    return {line.id: line.quantity for row in rows for line in row.lines}


class Tally:
    """The books of a seed.

    Attributes:
        lines: the lines that were keyed, by id.
        offs: the discounts that were given, by the id of their event.
        handed: the payments that were handed over, and the charges that were asked for, by id.
        sold: the sales that a till finished, by the id of the order in cold storage.
    """

    def __init__(self) -> None:
        self.lines: dict[str, Entry] = {}
        self.offs: dict[str, Off] = {}
        self.handed: dict[str, Handed] = {}
        self.sold: dict[str, Bill] = {}

    # Lines

    def key(self, before: Mapping[str, int], after: Order, item: str, price: int, pieces: int) -> None:
        """Write a line that was keyed; check that the order grew by it and by nothing else."""
        now = pieces_on(after)
        new = now.keys() - before.keys()
        self.lines.update(dict.fromkeys(new, Entry(item, price)))
        left = {line: count for line, count in now.items() if line not in new}
        holds = [now[line] for line in new] == [pieces] and left == before
        hold("an act does what was keyed", holds=holds, what=f"{pieces} {item}: {before} became {now}")

    def change(self, before: Mapping[str, int], after: Order, row: Iterable[str], pieces: int) -> None:
        """Write the new pieces of a row; check that the row has these, and that every other row stayed."""
        now, row = pieces_on(after), set(row)
        new = now.keys() - before.keys()
        if known := [self.lines[one] for one in row if one in self.lines]:
            self.lines.update(dict.fromkeys(new - self.lines.keys(), known[0]))
        others = {line: count for line, count in now.items() if line not in row | new}
        holds = sum(now.get(line, 0) for line in row | new) == pieces
        holds &= others == {line: count for line, count in before.items() if line not in row}
        hold("an act does what was keyed", holds=holds, what=f"{pieces} of {row}: {before} became {now}")

    def split(self, before: Mapping[str, int], after: Order, made: Order, taken: Mapping[str, int]) -> None:
        """Write the lines that were cut off into another order; check that it has the taken pieces, and no others."""
        there = pieces_on(made)
        wanted = Counter[Entry | None]()
        for line, count in taken.items():
            wanted[self.lines.get(line)] += count
        items = {line.id: line.item_id for row in made.priced.rows for line in row.lines}
        for line in there.keys() - self.lines.keys():
            of = [self.lines[one] for one in taken if one in self.lines and self.lines[one].item == items[line]]
            if of:
                self.lines[line] = of[0]
        found = Counter[Entry | None]()
        for line, count in there.items():
            found[self.lines.get(line)] += count
        is_known = None not in found and None not in wanted
        what = f"{taken} became {there}"
        hold("an act does what was keyed", holds=found == wanted or not is_known, what=what)
        left = {line: more for line, count in before.items() if (more := count - taken.get(line, 0))}
        now = pieces_on(after)
        hold("an act does what was keyed", holds=after.is_over or now == left, what=f"{left} should stay, {now} does")

    def give(self, before: Order, after: Order, off: Off) -> None:
        """Write a discount that was given, on the order or on the lines of a row, which share an amount."""
        had = {one.id for one in _discounts(before)}
        new = [one for one in _discounts(after) if one.id not in had]
        for one in new:
            pieces = after.lines[one.line_id].quantity if one.line_id else None
            self.offs[one.id] = Off(off.rate, one.amount, pieces)
        whole = sum(one.amount or 0 for one in new)
        holds = bool(new) and (off.rate is not None or whole == off.amount)
        hold("an act does what was keyed", holds=holds, what=f"{off} became {new} on {after.id}")

    # The amounts of an order

    def bill(self, order: Order) -> Bill | None:
        """Return the amounts of an order by these books; None if something on it is not in them."""
        bill = Bill()
        rest: list[int] = []
        together = Counter(row.first.item_id for row in order.priced.rows if _is_of_several(row))
        if any(count > 1 for count in together.values()):
            return None
        for row in order.priced.rows:
            known = {self.lines.get(line) for line in row.line_ids}
            keyed = known.pop()
            if known or keyed is None:
                return None
            amount = self._amount(row, keyed)
            if amount is None:
                return None
            rest.append(amount)
            bill.rows.append(SoldRow(frozenset(row.line_ids), keyed.item, keyed.price, row.quantity, amount))
        whole = sum(rest)
        for given in order.given:
            off = self.offs.get(given.id)
            if off is None or (off.rate is None and whole < (given.price or 0)):
                return None  # an amount off more than is left: a share of it
            whole -= half_up(off.rate * whole) if off.rate is not None else min(off.amount or 0, whole)
        bill.total = whole
        return bill

    def _amount(self, row: Row, keyed: Entry) -> int | None:
        """Return the amount of a row; None if it depends on promotions, or was fixed when lines were parted."""
        first = row.first
        saved = _saved(row, keyed) if first.offers else 0
        if first.fixed or saved is None:
            return None
        amount = keyed.price * row.quantity - saved
        given = max(first.discounts, key=lambda one: one.id, default=None)
        if given is not None:
            off = self.offs.get(given.id)
            if off is None or given.share_of is not None or (off.rate is None and row.quantity != off.pieces):
                return None
            amount -= half_up(off.rate * amount) if off.rate is not None else min(off.amount or 0, amount)
        return amount

    def check(self, order: Order) -> Bill | None:
        """Check what a till shows of an order: its rows, its sums, its tax, what is paid and what is due."""
        bill = self.bill(order)
        if bill is None:
            return None
        plain = not order.given
        for row, shown in zip(bill.rows, order.priced.rows, strict=True):
            figures = (row.price * row.pieces, row.amount, row.tax)
            known = (shown.listed, shown.amount, shown.taxed.tax)
            what = f"{row}: {figures}, shown {known}"
            hold("a row is price by pieces", holds=figures == known or not plain, what=what)
            gross = shown.taxed.gross
            parts = shown.taxed.tax == half_up(gross * _TAX) and shown.taxed.net == gross - shown.taxed.tax
            hold("a row is price by pieces", holds=parts and shown.listed == figures[0], what=f"{row}: {shown.taxed}")
        hold("an order is the sum of its rows", holds=order.total == bill.total, what=f"{bill}, shown {order.total}")
        if (paid := self.paid(order)) is not None:
            settled = sum(one.settles for one in paid.values())
            money = (order.paid, order.due)
            what = f"{settled} of {bill.total}, shown {money}"
            hold("due is what is not paid", holds=money == (settled, bill.total - settled), what=what)
        return bill

    def share(self, order: Order, pieces: Mapping[str, int]) -> int:
        """Return the share of some pieces in an order; all that is due for the last ones."""
        paid = Counter[str]()
        for payment in (self.paid(order) or {}).values():
            paid.update(payment.pieces)
        share, is_last = 0, True
        for row in order.priced.rows:
            counts = {line.id: line.quantity for line in row.lines}
            before = sum(min(paid[line], count) for line, count in counts.items())
            after = before + sum(pieces.get(line, 0) for line in counts)
            price = Fraction(row.amount, row.quantity)
            share += half_up(price * after) - half_up(price * before)
            is_last &= all(pieces.get(line, 0) >= count - min(paid[line], count) for line, count in counts.items())
        return order.due if is_last else min(share, order.due)

    def end(self, order: Order) -> None:
        """Write a sale, if the order ended with one."""
        if order.placed is not None and not order.placed_again and (bill := self.check(order)):
            self.sold.setdefault(order.placed.data.order_id, bill)

    def back(self, order_id: str, pieces: Mapping[int, int], amount: int | None) -> int | None:
        """Return the amount of the first refund of a sale: of pieces by row, of an amount, or of all of it.

        Return None if it depends on a discount on the order, or if the sale is not in these books.
        """
        bill = self.sold.get(order_id)
        if bill is None or amount is not None:
            return amount
        if all(pieces.get(place) == row.pieces for place, row in enumerate(bill.rows, 1)):
            return bill.total
        if sum(row.amount for row in bill.rows) != bill.total:
            return None
        return sum(
            half_up(Fraction(bill.rows[one - 1].amount * n, bill.rows[one - 1].pieces)) for one, n in pieces.items()
        )

    def paid(self, order: Order) -> dict[str, Handed] | None:
        """Return the payments that stand on an order; None if one is not in these books."""
        standing = [one for one in order.payments.values() if one.state is PaymentState.APPROVED]
        if any(one.id not in self.handed for one in standing):
            return None
        return {one.id: self.handed[one.id] for one in standing}

    # Money

    def take(self, before: Order, after: Order, handed: Handed) -> None:
        """Write a payment by hand; check that it is on the order as it was handed over."""
        new = after.payments.keys() - before.payments.keys()
        what = f"{handed} became {[after.payments[one] for one in new]}"
        hold("a payment is what was handed over", holds=len(new) == 1, what=what)
        payment = after.payments[next(iter(new))]
        self.handed[payment.id] = handed
        hold("a payment is what was handed over", holds=_is(payment, handed), what=what)
        is_paid = before.due == handed.settles
        what = f"{before.due} due, {what}"
        hold("an order ends when it is paid", holds=(after.placed is not None) == is_paid, what=what)


def _is_of_several(row: Row) -> bool:
    return any(offer.buy or offer.pieces for offer in row.first.offers)


def _saved(row: Row, keyed: Entry) -> int | None:
    """Return the saving of the one promotion of a row, as the manager announced it; None if it has several."""
    if len(row.first.offers) > 1:
        return None
    offer, listed = row.first.offers[0], keyed.price * row.quantity
    if keyed.item == "masala dosa":  # 3 for 2
        return row.quantity // 3 * keyed.price
    if keyed.item == "vada":  # for 49.99
        return max(0, listed - 4_999 * row.quantity)
    if offer.rate is not None:
        return half_up(Fraction(33 * listed, 100))
    return max(0, row.quantity // 2 * (2 * keyed.price - 6_100))  # two for 61


def _discounts(order: Order) -> list[Discount]:
    return [*order.given, *(one for line in order.lines.values() for one in line.discounts)]


def _is(payment: Payment, handed: Handed) -> bool:
    """True if a payment is what was handed over."""
    shown = (payment.tender, payment.settles, payment.tip, payment.change, payment.tendered)
    tendered = handed.settles + handed.tip + handed.change
    wanted = (handed.tender, handed.settles, handed.tip, handed.change, tendered)
    return shown == wanted and dict(payment.pieces) == dict(handed.pieces)
