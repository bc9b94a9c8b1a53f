"""The comparison of an order with the guest's wishes, and the score of a drill, from 0 to 100. Pure functions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec import Struct

from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.naming import order_type_name
from till.domain.order.paying import CASH
from till.domain.payment.movement import PaymentState
from till.domain.structs import replace
from till.domain.text import clean
from till.training.guests import Want, spoken_number

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from till.domain.order.state import Order
    from till.domain.refund.state import Refund
    from till.training.guests import Pays


class DrillVerdict(NamedTuple):
    """The result of a comparison.

    Attributes:
        lines: the number of lines that were ordered, or keyed without an order.
        remarks: a sentence on each fault.
        cash: the number of payments in cash, and of those with wrong change.
        over: the drawer's over/short in minor units, negative if it is short.
    """

    lines: int = 0
    remarks: tuple[str, ...] = ()
    cash: tuple[int, int] = (0, 0)
    over: Minor = NOTHING

    def wrong(self, remark: str) -> DrillVerdict:
        """Return the verdict with a further remark."""
        return self._replace(remarks=(*self.remarks, remark))

    def joined(self, other: DrillVerdict) -> DrillVerdict:
        """Return the sum of both verdicts."""
        return DrillVerdict(
            self.lines + other.lines,
            self.remarks + other.remarks,
            (self.cash[0] + other.cash[0], self.cash[1] + other.cash[1]),
            Minor(self.over + other.over),
        )


class KeyedLine(NamedTuple):
    """A line of the order: its item, pieces, the texts of its modifiers and note, and its order type."""

    item_id: str
    name: str
    pieces: int
    notes: frozenset[str]
    order_type: str = ""


def lines_of(order: Order, before: Collection[str] = ()) -> list[KeyedLine]:
    """Return the lines of an order that are not void, without those keyed `before`, by id."""
    return [
        KeyedLine(
            line.item_id,
            line.name,
            line.quantity,
            frozenset(word.casefold() for word in (*(one.name for one in line.modifiers), line.note) if word),
            line.own_type or order.order_type,
        )
        for line in order.lines.values()
        if line.quantity > 0 and line.id not in before
    ]


def judge_lines(keyed: Sequence[KeyedLine], wants: Sequence[Want], order_type: str = "") -> DrillVerdict:
    """Return the verdict on the lines of an order: wrong pieces, types or notes, items that were not ordered.

    `order_type` is the one that was asked for; empty if it is not judged.
    """
    remarks: list[str] = []
    wanted: dict[str, list[Want]] = {}
    for want in wants:
        wanted.setdefault(want.item_id, []).append(want)
    for item_id, same in wanted.items():
        own = [line for line in keyed if line.item_id == item_id]
        pieces, wished = sum(line.pieces for line in own), sum(want.pieces for want in same)
        if pieces != wished:
            remark = _("said {wanted} {item}, {keyed} keyed")
            numbers = {"wanted": spoken_number(wished), "keyed": spoken_number(pieces)}
            remarks.append(remark.format(item=clean(same[0].name).lower(), **numbers))
            continue
        remarks += [
            _("asked for {note}: not noted").format(note=", ".join(want.notes))
            for want in same
            if sum(line.pieces for line in own if all(_has(line, note) for note in want.notes)) < want.pieces
        ]
        remarks += [
            _("{item} was {kind}, keyed as another type").format(
                item=clean(want.name).lower(), kind=order_type_name(kind)
            )
            for want in same
            if (kind := want.order_type or order_type)
            and sum(line.pieces for line in own if line.order_type == kind) < want.pieces
        ]
    more = [line for line in keyed if line.item_id not in wanted]
    remarks += [_("keyed {item}, not asked for").format(item=clean(line.name).lower()) for line in more]
    return DrillVerdict(len(wants) + len(more), tuple(remarks))


def _has(line: KeyedLine, note: str) -> bool:
    return any(note.casefold() in text for text in line.notes)


def judge_money(order: Order, pays: Pays) -> DrillVerdict:
    """Return the verdict on the payments of a sale; for cash, the guest handed over `pays.note`."""
    approved = [payment for payment in order.payments.values() if payment.state is PaymentState.APPROVED]
    in_cash = [payment for payment in approved if payment.tender == CASH]
    handed = pays.note if pays.tender == CASH else NOTHING
    counted = sum_of(payment.amount for payment in in_cash)
    given = sum_of(payment.change for payment in in_cash)
    over = Minor(handed - given - counted)
    if (pays.tender == CASH) != bool(in_cash):
        remark = _("paid in cash, another tender keyed") if pays.tender == CASH else _("paid by card, cash keyed")
        return DrillVerdict(remarks=(remark,), cash=(1, 1), over=over)
    return DrillVerdict(cash=(int(bool(in_cash)), int(bool(over))), over=over)


def judge_refund(refund: Refund, sale: str) -> DrillVerdict:
    """Return the verdict on a refund of a guest who returned `sale`."""
    if refund.started.order_id == sale:
        return DrillVerdict(1)
    return DrillVerdict(1, (_("another sale was refunded"),))


#: The seconds for an order without a loss of score, and the seconds from which the score is halved.
QUICK_S: Final = 30.0
SLOW_S: Final = 90.0


class Figures(Struct, frozen=True):
    """The figures of a drill.

    Attributes:
        served: the number of served guests.
        seconds: the total time of these guests from their greeting.
        lines: the number of ordered lines.
        wrong: the number of faults.
        cash: the number of payments in cash.
        change: the number of these payments with wrong change.
        left: the number of guests who left without being greeted.
        over: the drawer's over/short in minor units, negative if it is short.
        remarks: the faults: the name of a guest, and a sentence.
    """

    served: int = 0
    seconds: float = 0.0
    lines: int = 0
    wrong: int = 0
    cash: int = 0
    change: int = 0
    left: int = 0
    over: Minor = NOTHING
    remarks: tuple[tuple[str, str], ...] = ()

    @property
    def each_s(self) -> float:
        """The average seconds for an order; 0 before the first."""
        return self.seconds / self.served if self.served else 0.0

    @property
    def score(self) -> int:
        """The product of the shares of right lines, right change and served guests, and of speed."""
        if not self.served:
            return 0
        right = 1 - min(1.0, self.wrong / max(1, self.lines))
        change = 1 - self.change / max(1, self.cash)
        stayed = self.served / (self.served + self.left)
        slow = min(1.0, max(0.0, (self.each_s - QUICK_S) / (SLOW_S - QUICK_S)))
        return round(100 * right * change * stayed * (1 - slow / 2))

    def served_one(self, name: str, seconds: float, verdict: DrillVerdict) -> Figures:
        """Return the figures with a further served guest."""
        return replace(
            self,
            served=self.served + 1,
            seconds=self.seconds + seconds,
            lines=self.lines + verdict.lines,
            wrong=self.wrong + len(verdict.remarks),
            cash=self.cash + verdict.cash[0],
            change=self.change + verdict.cash[1],
            over=Minor(self.over + verdict.over),
            remarks=(*self.remarks, *((name, remark) for remark in verdict.remarks)),
        )

    def left_waiting(self, name: str, remark: str) -> Figures:
        """Return the figures with a further guest who left."""
        return replace(self, left=self.left + 1, remarks=(*self.remarks, (name, remark)))
