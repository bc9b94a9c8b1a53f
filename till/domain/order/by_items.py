"""Payment by items: the share of pieces in the total, and the lock on paid pieces.

The order is priced as a whole, and the pieces of a row share the row's part of the total by their prices after combos.
Each payment, in turn, is for whole combos first, then for pieces in none, then for those of a combo that it tears. The
payment for the last pieces is for the whole amount due, so the shares add up to the total in any sequence.
"""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from typing import TYPE_CHECKING

from till.domain.errors import LineError, PaymentError
from till.domain.i18n import ngettext
from till.domain.money.amount import spread
from till.domain.money.measures import Minor
from till.domain.money.rounding import divide_and_round
from till.domain.order.pricing import combos_of
from till.domain.text import clean

if TYPE_CHECKING:
    from collections.abc import Mapping

    from till.domain.order.line import Line
    from till.domain.order.state import Order


def unpaid(order: Order, line: Line) -> int:
    """Return the number of unpaid pieces of a line."""
    return max(0, abs(line.quantity) - order.paid_for.get(line.id, 0))


def unpaid_pieces(order: Order) -> dict[str, int]:
    """Return the number of unpaid pieces of each line that has any."""
    lines = (line for row in order.priced.rows for line in row.lines)
    return {line.id: pieces for line in lines if (pieces := unpaid(order, line))}


def check_unpaid(order: Order, pieces: Mapping[str, int]) -> None:
    """Refuse payment for pieces that are not on the order or are already paid."""
    lines = order.lines
    if any(line_id not in lines or not 1 <= count <= abs(lines[line_id].quantity) for line_id, count in pieces.items()):
        raise LineError
    check_removable(order, pieces)


def check_removable(order: Order, leaving: Mapping[str, int]) -> None:
    """Refuse to remove paid pieces from their lines.

    Args:
        order: the order.
        leaving: the number of pieces of each line to void, take off, cut or move.
    """
    paid_lines = [
        line
        for line_id, count in leaving.items()
        if (line := order.lines.get(line_id)) is not None and line.quantity and count > unpaid(order, line)
    ]
    if not paid_lines:
        return
    name = paid_lines[0].name
    count = sum(min(order.paid_for[line.id], abs(line.quantity)) for line in paid_lines if line.name == name)
    sentence = ngettext(
        "{count} {name} is paid for: refund that payment first.",
        "{count} {name} are paid for: refund that payment first.",
        count,
    )
    raise PaymentError(sentence.format(count=count, name=clean(name)))


def share_of(order: Order, pieces: Mapping[str, int]) -> Minor:
    """Return the share of pieces in the total, with taxes, discounts and the service charge; at most the amount due.

    The share of the last unpaid pieces is the whole amount due.
    """
    if all(pieces.get(line_id, 0) >= left for line_id, left in unpaid_pieces(order).items()):
        return order.due
    return Minor(min(_after_payments(order).take(pieces), order.due))


def with_combos(order: Order, pieces: Mapping[str, int], before: Mapping[str, int]) -> dict[str, int]:
    """Return the pieces that a guest pays for, with what their combos lack, or without the rest of one given up.

    Args:
        order: the order.
        pieces: the pieces that are marked now.
        before: the pieces that were marked before.
    """
    found, left, had = dict(pieces), _after_payments(order), _after_payments(order)
    left.take(pieces)
    had.take(before)
    more = sum(pieces.values()) > sum(before.values())
    for at, rest in (left.lacking if more else had.whole - left.whole).items():
        lines = order.priced.rows[at].lines
        count = rest if more else rest - sum(before.get(line.id, 0) - pieces.get(line.id, 0) for line in lines)
        for line in lines:
            marked = found.get(line.id, 0)
            moved = max(0, min(count, unpaid(order, line) - marked if more else marked))
            found[line.id] = marked + moved if more else marked - moved
            count -= moved
    return {line_id: count for line_id, count in found.items() if count}


def _after_payments(order: Order) -> PieceCosts:
    left = PieceCosts(order)
    for paid in order.paid_pieces:
        left.take(paid)
    return left


class PieceCosts:
    """The pieces of an order that nobody has taken yet, with their parts of the total.

    Attributes:
        whole: for the index of each row, the pieces of the last `take` in whole combos.
        lacking: the pieces that would make whole those that it tore.
    """

    def __init__(self, order: Order) -> None:
        rows, amounts = order.priced.rows, amounts_of(order)
        self._lines = {line.id: (at, abs(line.quantity)) for at, row in enumerate(rows) for line in row.lines}
        self._combos = combos_of(order.priced)
        self._left = [{at: one.times * count for at, count in one.pieces.items()} for one in self._combos]
        in_combos, costs = Counter[int](), dict[int, Fraction]()
        for one in self._combos:
            for at, count in one.pieces.items():
                in_combos[at] += one.times * count
                costs[at] = costs.get(at, Fraction(0)) + one.costs[at] * one.times * count
        #: The part of each row with combos in the total, for one unit of its price.
        self._parts = {at: Fraction(amounts[at], rows[at].undiscounted or 1) for at in costs}
        #: The amount and the number of each row's pieces in no combo, and how many of them are taken.
        self._loose = [
            (amount - costs[at] * self._parts[at] if at in costs else amount, abs(row.quantity) - in_combos[at])
            for at, (row, amount) in enumerate(zip(rows, amounts, strict=True))
        ]
        self._taken = Counter[int]()
        self._combined = Fraction(0)
        self.whole, self.lacking = Counter[int](), Counter[int]()

    def take(self, pieces: Mapping[str, int]) -> Minor:
        """Take some pieces. Return their part of the total."""
        asked, before = Counter[int](), self._combined
        for line_id, count in pieces.items():
            if line_id in self._lines:
                at, most = self._lines[line_id]
                asked[at] += min(count, most)
        self.whole, self.lacking = Counter(), Counter()
        for place, one in enumerate(self._combos):
            times = min(min(asked[at], self._left[place][at]) // count for at, count in one.pieces.items())
            some = {at: times * count for at, count in one.pieces.items()}
            self._take_of(place, some, asked)
            self.whole.update(some)
        share = sum(self._take_loose(at, asked) for at in asked)
        for place, one in enumerate(self._combos):
            some = {at: min(asked[at], self._left[place][at]) for at in one.pieces}
            self._take_of(place, some, asked)
            times = max(-(-some[at] // count) for at, count in one.pieces.items())
            self.lacking.update({at: times * count - some[at] for at, count in one.pieces.items()})
        return Minor(share + _whole(self._combined) - _whole(before))

    def _take_of(self, place: int, some: Mapping[int, int], asked: Counter[int]) -> None:
        for at, count in some.items():
            self._combined += self._combos[place].costs[at] * self._parts[at] * count
            self._left[place][at] -= count
            asked[at] -= count

    def _take_loose(self, at: int, asked: Counter[int]) -> int:
        amount, pieces = self._loose[at]
        before, after = self._taken[at], self._taken[at] + asked[at]
        if at in self._parts:
            after = min(pieces, after)
        self._taken[at] = after
        asked[at] -= after - before
        return _whole(Fraction(amount * after, pieces)) - _whole(Fraction(amount * before, pieces)) if pieces else 0


def _whole(amount: Fraction) -> int:
    return divide_and_round(amount.numerator, amount.denominator)


def amounts_of(order: Order) -> list[Minor]:
    """Return the part of each row in the total, with its share of the service charge if it bears it."""
    priced = order.priced
    gross = [row.taxed.gross for row in priced.rows]
    weights = [abs(row.taxed.gross) if priced.is_charged(row) else 0 for row in priced.rows]
    extra = spread(Minor(order.total - sum(gross)), weights)
    return [Minor(own + more) for own, more in zip(gross, extra, strict=True)]
