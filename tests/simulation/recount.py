"""Pieces and money counted anew from the records themselves, by no code of the till: what the fold says must agree."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_SERVER: Final = 0
_READ: Final = ("id", "stream_kind", "stream_id", "till", "hold_epoch", "type", "data")
_TAKING: Final = frozenset({"order_opened", "order_taken_over", "order_resumed"})


@dataclass
class Counted:
    """A line by its records.

    Attributes:
        keyed: pieces as keyed.
        price: of one piece.
        taken: pieces taken off in an order, by the record that did it first.
        voids: the records that took it off as a whole in an order.
        came: where it came from, by the order that it went to.
    """

    keyed: int = 0
    price: Fraction = Fraction(0)
    taken: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    voids: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    came: dict[str, str] = field(default_factory=dict)

    def past(self, session: str) -> list[str]:
        """An order that carries it, the one that it came from, and so on: what was done to it there follows it."""
        past = [session]
        while (session := self.came.get(session, "")) and session not in past:
            past.append(session)
        return past


@dataclass(frozen=True)
class Record:
    """A record of an order, or of a refund, as JSON reads it; `session` is the id of its stream."""

    id: str
    kind: str
    session: str
    till: int
    epoch: int
    type: str
    data: dict[str, Any]


class Recount:
    """All records of a venue's orders, counted by line, by placing and by payment.

    The arena's tills take an order before they write on it, so each record counts.

    Args:
        bodies: the canonical texts of the records.
    """

    def __init__(self, bodies: Iterable[str]) -> None:
        read = sorted(_read(bodies), key=lambda record: record.id)
        self.records = [record for record in read if record.kind == "order"]
        self._refunds = [record for record in read if record.kind == "refund"]
        self.undone = {record.data["event"] for record in self.of("change_undone")}
        self.lines: dict[str, Counted] = defaultdict(Counted)
        #: Lines that an order carries no more, or that were dealt with at its end, by order.
        self.gone: dict[str, set[str]] = defaultdict(set)
        #: What an order had when it was cleared: all of that is back when somebody takes it, knowing of that or not.
        self._cleared: dict[str, set[str]] = defaultdict(set)
        self._taken: dict[str, Record] = {}
        self._back: set[str] = set()
        self.cuts: dict[str, list[Record]] = defaultdict(list)
        #: Of a line that stands in several orders what was done to it in any.
        for record in self._first_sales_first():
            self._count(record)
        self.placed = {record.data["order_id"]: record for record in self.of("order_placed")}

    def of(self, *types: str) -> list[Record]:
        """The records of some types, by id."""
        return [record for record in self.records if record.type in types]

    def of_refunds(self, *types: str) -> list[Record]:
        """The records of refunds of some types, by id."""
        return [record for record in self._refunds if record.type in types]

    @cached_property
    def started_refunds(self) -> dict[str, Record]:
        """How each refund began, by the refund."""
        return {record.session: record for record in self.of_refunds("refund_started")}

    @cached_property
    def approved_refunds(self) -> dict[str, Record]:
        """The refunds that went back, by the refund."""
        return {record.session: record for record in self.of_refunds("refund_approved")}

    @cached_property
    def over(self) -> dict[str, Decimal]:
        """What was taken beyond what was asked for, tips aside, by the payment; only where it is more."""
        asked = {record.data["payment_id"]: settled(record.data) for record in self.of("payment_started")}
        taken = {record.data["payment_id"]: settled(record.data) for record in self.of("payment_approved")}
        return {one: taken[one] - asked[one] for one in asked.keys() & taken.keys() if 0 < asked[one] < taken[one]}

    @cached_property
    def listed(self) -> dict[str, Decimal]:
        """What placings say that payments brought, by the payment."""
        return {
            p["payment_id"]: Decimal(p["amount"]) for record in self.of("order_placed") for p in record.data["payments"]
        }

    def _first_sales_first(self) -> list[Record]:
        """The records, the sales of which the database said that they came second to it behind the others of theirs."""
        found = [record for record in self.of("conflict_found") if record.till == _SERVER]
        second = {record.data["subject"] for record in found if record.data["kind"] == "paid_twice"}
        sales = self.of("order_placed")
        last = {sale.session: sale for sale in sales if sale.data["order_id"] not in second}
        late = [s for s in sales if s.data["order_id"] in second and s.session in last and s.id < last[s.session].id]
        in_turn = []
        for record in self.records:
            if record not in late:
                in_turn.append(record)
            if record is last.get(record.session):
                in_turn += [sale for sale in late if sale.session == record.session]
        return in_turn

    def _count(self, record: Record) -> None:
        data = record.data
        if record.type == "item_added":
            line = self.lines[data["line_id"]]
            line.keyed, line.price = data["quantity"], Fraction(data["price"])
        elif record.type == "lines_moved":
            self._move(record)
        elif record.type == "line_cut":
            self._cut(record)
        elif record.type in ("order_placed", "order_discarded"):
            self._end(record)
        elif record.type in _TAKING:
            self._take(record)
        elif record.type == "quantity_changed" and not self._is_undone(record):
            self.lines[data["line_id"]].taken[record.session][data.get("follows") or record.id] = data["taken_off"]
        elif record.type == "line_voided" and not self._is_undone(record):
            self.lines[data["line_id"]].voids[record.session].add(data.get("follows") or record.id)
        elif record.type == "change_undone":
            self._undo(data["event"])

    def _is_undone(self, record: Record) -> bool:
        return not {record.id, record.data.get("follows")}.isdisjoint(self._back)

    def _undo(self, event: str) -> None:
        """What was taken off is back from here on: a cut that came between found it gone."""
        self._back.add(event)
        for line in self.lines.values():
            for taken in line.taken.values():
                taken.pop(event, None)
            for voids in line.voids.values():
                voids.discard(event)

    def _take(self, record: Record) -> None:
        """A till takes an order, if nobody has a greater hold: what was cleared is open again."""
        held = self._taken.get(record.session)
        if held is None or (record.epoch, record.id) > (held.epoch, held.id):
            self._taken[record.session] = record
            self.gone[record.session] -= self._cleared.pop(record.session, set())

    def _move(self, record: Record) -> None:
        """Lines came from another order, or left for one."""
        gone = self.gone[record.session]
        if came_from := record.data.get("from_session"):
            for moved in record.data.get("lines", ()):
                self.lines[moved["line_id"]].came[record.session] = came_from
                gone.discard(moved["line_id"])
        else:
            gone.update(record.data.get("line_ids", ()))

    def _cut(self, record: Record) -> None:
        """Pieces went to a line of their own: no more than there were; the rest of what was wanted is missing there."""
        line, into = self.lines[record.data["line_id"]], self.lines[record.data["into"]]
        there = 0
        if record.data["line_id"] not in self.gone[record.session]:
            there = self.pieces(record.session, record.data["line_id"])
        cut = min(there, record.data["quantity"])
        into.keyed, into.price = record.data["quantity"], line.price
        line.taken[record.session][record.id] = cut
        into.taken[record.session][record.id] = into.keyed - cut
        self.cuts[record.session].append(record)

    def _end(self, record: Record) -> None:
        """An order ended: cuts that its end did not know of cut nothing. Who has it no more clears nothing."""
        if record.type == "order_discarded" and record.till not in (self._taken[record.session].till, _SERVER):
            return
        known = set(self.sold(record)) if record.type == "order_placed" else set(record.data["line_ids"])
        from_line = {cut.data["into"]: cut.data["line_id"] for cut in self.cuts[record.session]}
        for cut in reversed(self.cuts[record.session]):
            into, root = cut.data["into"], cut.data["line_id"]
            while root not in known and root in from_line and root not in self.gone[record.session]:
                root = from_line[root]
            lives = into not in self.gone[record.session] and self.pieces(record.session, into)
            if root in known and into not in known and lives:
                self.lines[cut.data["line_id"]].taken[record.session][cut.id] = 0
                self.lines[into].taken[record.session][cut.id] = self.lines[into].keyed
        if record.type == "order_discarded":
            self._cleared[record.session] |= known - self.gone[record.session]
        self.gone[record.session] |= known

    def is_void(self, session: str, line_id: str) -> bool:
        """Whether a line was taken off as a whole, in an order or where it came from."""
        line = self.lines[line_id]
        return any(line.voids.get(one) for one in line.past(session))

    def pieces(self, session: str, line_id: str) -> int:
        """What is left of a line in an order."""
        line = self.lines[line_id]
        taken = {event: pieces for one in line.past(session) for event, pieces in line.taken.get(one, {}).items()}
        return 0 if self.is_void(session, line_id) else max(0, line.keyed - sum(taken.values()))

    # Placings.

    def sold(self, record: Record) -> dict[str, int]:
        """The pieces of each line that a placing lists."""
        return {
            line_id: pieces
            for row in record.data["lines"]
            for line_id, pieces in zip(row["line_ids"], row["line_quantities"], strict=True)
        }

    def part(self, record: Record, line_ids: set[str]) -> Fraction:
        """What some lines of a placing came to, exactly."""
        total = Fraction(0)
        for row in record.data["lines"]:
            pieces = dict(zip(row["line_ids"], row["line_quantities"], strict=True))
            mine = sum(quantity for line_id, quantity in pieces.items() if line_id in line_ids)
            if mine:
                total += Fraction(row["subtotal"]) * mine / sum(pieces.values())
        return total

    def brought(self, record: Record) -> set[Decimal]:
        """What a placing brought: its payments, tips and all, less those that placings list which were there before.

        Which was there before is told by arrival in the database, and by ids on the tills: either may be so.
        """
        others = [other for other in self.of("order_placed") if other.session == record.session and other is not record]
        sums = set()
        for count in range(len(others) + 1):
            for before in combinations(others, count):
                listed = {payment["payment_id"] for other in before for payment in other.data["payments"]}
                own = [p for p in record.data["payments"] if p["payment_id"] not in listed]
                sums.add(sum((Decimal(payment["amount"]) for payment in own), Decimal(0)))
        return sums

    def twice(self, record: Record, tips: Decimal | None) -> set[Fraction]:
        """What a placing brought for lines or payments that others had, by each order in which they may have come.

        Args:
            record: the placing.
            tips: those that stand with what it alone has, as a sale; None where it is none, and all is too much.
        """
        mine, paid = set(self.sold(record)), _payments(record)
        others = [other for other in self.of("order_placed") if other is not record]
        others = [other for other in others if mine & self.sold(other).keys() or paid.keys() & _payments(other).keys()]
        sums = set()
        for count in range(1, len(others) + 1):
            for before in combinations(others, count):
                rest = mine.difference(*(self.sold(other) for other in before))
                listed = {one for other in before for one in _payments(other)}
                brought = sum((amount for one, amount in paid.items() if one not in listed), Fraction(0))
                sums.add(brought - (0 if tips is None else self.part(record, rest) + Fraction(tips)))
        return sums


def _payments(record: Record) -> dict[str, Fraction]:
    paid: dict[str, Fraction] = defaultdict(Fraction)
    for payment in record.data["payments"]:
        paid[payment["payment_id"]] += Fraction(payment["amount"])
    return paid


def settled(payment: dict[str, Any]) -> Decimal:
    """What a payment of a placing settled: a tip in it is for the staff."""
    return Decimal(payment["amount"]) - Decimal(payment.get("tip", 0))


def _read(bodies: Iterable[str]) -> Iterator[Record]:
    for body in bodies:
        raw = json.loads(body)
        if raw["stream_kind"] in ("order", "refund"):
            yield Record(*(raw[name] for name in _READ))
