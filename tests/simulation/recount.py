"""Pieces and money recounted from the records, without any code of the till; the fold must agree."""

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
_READ: Final = ("id", "stream_kind", "stream_id", "till", "hold_id", "type", "data")
_MOVING: Final = frozenset({"lines_moved", "lines_copied", "lines_withdrawn"})
_OPENING: Final = frozenset({"order_opened", "order_granted", "order_resumed"})


@dataclass
class Counted:
    """A line, counted by its records.

    Attributes:
        keyed: pieces as keyed.
        price: of one piece.
        taken: pieces taken off in an order, by the first record that did it.
        voids: the records that took it off as a whole in an order.
        came: the orders that it came from, by the order that it went to; it may come back.
    """

    keyed: int = 0
    price: Fraction = Fraction(0)
    taken: dict[str, dict[str, int]] = field(default_factory=lambda: defaultdict(dict))
    voids: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    came: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def past(self, session: str) -> list[str]:
        """Return an order that carries the line, those that it came from, and so on: changes made there follow it."""
        past = [session]
        for one in past:
            past += sorted(self.came.get(one, set()) - {*past})
        return past


@dataclass(frozen=True)
class Record:
    """A record of an order, or of a refund, as JSON reads it; `session` is the id of its stream."""

    id: str
    kind: str
    session: str
    till: int
    hold: str
    type: str
    data: dict[str, Any]


class Recount:
    """All records of a venue's orders, counted by line, by placing and by payment.

    Every record counts that the server did not refuse; `refusals` judges the refusals.

    Args:
        bodies: the canonical texts of the records, those of an order as they arrived.
    """

    def __init__(self, bodies: Iterable[str]) -> None:
        arrived = list(_read(bodies))
        self._place = {record.id: place for place, record in enumerate(arrived)}
        read = sorted(arrived, key=lambda record: record.id)
        self.refused = {event for record in read if record.type == "refused" for event in record.data["events"]}
        self.records = [record for record in read if record.kind == "order" and record.id not in self.refused]
        self._refunds = [record for record in read if record.kind == "refund"]
        self.undone = {record.data["event"] for record in self.of("change_undone")}
        self.lines: dict[str, Counted] = defaultdict(Counted)
        #: Lines that an order carries no more, or that were dealt with at its end, by order.
        self.gone: dict[str, set[str]] = defaultdict(set)
        #: When acts took a line out of an order, and brought it there, by order and line.
        self._handed_on: dict[tuple[str, str], list[tuple[int, bool]]] = defaultdict(list)
        #: The records whose effect acts brought along; a restored server has those again after the act.
        self._brought: set[str] = set()
        for record in self.of("lines_moved"):
            self._brought.update(*(line.get("taken_off", ()) for line in record.data.get("lines", ())))
            for line_id in _moved_lines(record):
                goes = "from_session" not in record.data
                self._handed_on[record.session, line_id].append((self._place[record.id], goes))
        #: Lines of an order when it was cleared: all of them return when somebody takes it, knowing of that or not.
        self._cleared: dict[str, set[str]] = defaultdict(set)
        self._back: set[str] = set()
        self.cuts: dict[str, list[Record]] = defaultdict(list)
        #: Of a line that stands in several orders what was done to it in any.
        for record in self._first_sales_first():
            self._count(record)
        self.placed = {record.data["order_id"]: record for record in self.of("order_placed")}

    def of(self, *types: str) -> list[Record]:
        """Return the records of some types, by id."""
        return [record for record in self.records if record.type in types]

    def of_refunds(self, *types: str) -> list[Record]:
        """Return the records of refunds of some types, by id."""
        return [record for record in self._refunds if record.type in types]

    @cached_property
    def started_refunds(self) -> dict[str, Record]:
        """Return the record that started each refund, by the refund."""
        return {record.session: record for record in self.of_refunds("refund_started")}

    @cached_property
    def approved_refunds(self) -> dict[str, Record]:
        """Return the record that approved each refund, by the refund."""
        return {record.session: record for record in self.of_refunds("refund_approved")}

    @cached_property
    def approved(self) -> dict[str, dict[str, Any]]:
        """Return the approval of each payment that counts: the newest of its provider, else that of a manager."""
        approvals = sorted(self.of("payment_approved"), key=lambda record: "approved_by" not in record.data)
        return {record.data["payment_id"]: record.data for record in approvals}

    @cached_property
    def over(self) -> dict[str, Decimal]:
        """Return the amounts taken beyond what was asked for, without tips, by the payment."""
        asked = {record.data["payment_id"]: settled(record.data) for record in self.of("payment_started")}
        taken = {payment: settled(data) for payment, data in self.approved.items()}
        return {one: taken[one] - asked[one] for one in asked.keys() & taken.keys() if 0 < asked[one] < taken[one]}

    @cached_property
    def listed(self) -> dict[str, Decimal]:
        """Return the amounts of payments as placings list them, by the payment."""
        return {
            p["payment_id"]: Decimal(p["amount"]) for record in self.of("order_placed") for p in record.data["payments"]
        }

    def _first_sales_first(self) -> list[Record]:
        """Return the records, with a sale that the database reported as a second one after the others of its order."""
        found = [record for record in self.of("conflict_found") if record.till == _SERVER]
        second = {record.data["subject"] for record in found if record.data["kind"] == "sold_twice"}
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
        elif record.type in _MOVING:
            self._move(record)
        elif record.type == "line_cut":
            self._cut(record)
        elif record.type in ("order_placed", "order_discarded"):
            self._end(record)
        elif record.type in _OPENING:
            self.gone[record.session] -= self._cleared.pop(record.session, set())  # the cleared lines are open again
        elif record.type in ("quantity_changed", "line_voided") and self._has_gone(record):
            pass  # it went by an act that did not know of this: on the order that has it now it stands as it stood
        elif record.type == "quantity_changed" and not self._is_undone(record):
            self.lines[data["line_id"]].taken[record.session][data.get("follows") or record.id] = data["taken_off"]
        elif record.type == "line_voided" and not self._is_undone(record):
            self.lines[data["line_id"]].voids[record.session].add(data.get("follows") or record.id)
        elif record.type == "change_undone":
            self._undo(data["event"])

    def _is_undone(self, record: Record) -> bool:
        return not {record.id, record.data.get("follows")}.isdisjoint(self._back)

    def _undo(self, event: str) -> None:
        """Restore what an event took off, from here on; a cut that came between found it gone."""
        self._back.add(event)
        for line in self.lines.values():
            for taken in line.taken.values():
                taken.pop(event, None)
            for voids in line.voids.values():
                voids.discard(event)

    def _move(self, record: Record) -> None:
        """Move lines from one order to another."""
        gone = self.gone[record.session]
        if came_from := record.data.get("from_session"):
            for line_id in _moved_lines(record):
                self.lines[line_id].came[record.session].add(came_from)
                gone.discard(line_id)
        else:
            gone.update(record.data.get("line_ids", ()))

    def _has_gone(self, record: Record) -> bool:
        """True if an act that did not know of a record had taken its line out of the order when it arrived."""
        if (record.data.get("follows") or record.id) in self._brought:
            return False
        moves = self._handed_on.get((record.session, record.data["line_id"]), ())
        return max((move for move in moves if move[0] < self._place[record.id]), default=(0, False))[1]

    def _cut(self, record: Record) -> None:
        """Cut pieces into a line of their own. They were there when the server took the act, whatever comes late."""
        line, into = self.lines[record.data["line_id"]], self.lines[record.data["into"]]
        into.keyed, into.price = record.data["quantity"], line.price
        line.taken[record.session][record.id] = into.keyed
        self.cuts[record.session].append(record)

    def _end(self, record: Record) -> None:
        """End an order: cuts that its end did not know of have no effect."""
        known = set(self.sold(record)) if record.type == "order_placed" else set(record.data["line_ids"])
        from_line = {cut.data["into"]: cut.data["line_id"] for cut in self.cuts[record.session]}
        seen = self._place.get(record.data.get("known", ""), -1)
        for cut in reversed(self.cuts[record.session]):
            if self._place[cut.id] <= seen:
                continue
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
        """True if a line was voided as a whole, in an order or where it came from."""
        line = self.lines[line_id]
        return any(line.voids.get(one) for one in line.past(session))

    def pieces(self, session: str, line_id: str) -> int:
        """Return the pieces that are left of a line in an order."""
        line = self.lines[line_id]
        taken = {event: pieces for one in line.past(session) for event, pieces in line.taken.get(one, {}).items()}
        left = 0 if self.is_void(session, line_id) else line.keyed - sum(taken.values())
        return max(0, left) if line.keyed > 0 else min(0, left)

    # Placings.

    def sold(self, record: Record) -> dict[str, int]:
        """Return the pieces of each line that a placing lists."""
        return {
            line_id: pieces
            for row in record.data["lines"]
            for line_id, pieces in zip(row["line_ids"], row["line_quantities"], strict=True)
        }

    def charged(self, record: Record) -> dict[str, int]:
        """Return the pieces of each line that a placing lists, without those that cost nothing."""
        return {line: pieces for line, pieces in self.sold(record).items() if self.part(record, {line})}

    def part(self, record: Record, line_ids: set[str]) -> Fraction:
        """Return the exact sum of some lines of a placing."""
        total = Fraction(0)
        for row in record.data["lines"]:
            pieces = dict(zip(row["line_ids"], row["line_quantities"], strict=True))
            mine = sum(quantity for line_id, quantity in pieces.items() if line_id in line_ids)
            if mine:
                total += Fraction(row["subtotal"]) * mine / sum(pieces.values())
        return total

    def is_same_sale(self, one: Record, other: Record) -> bool:
        """True if two placings are one sale: they list the same lines and the same payments, at least one."""
        listed = [(set(self.sold(each)), payments_of(each).keys()) for each in (one, other)]
        return one.session == other.session and listed[0] == listed[1] and bool(listed[0][1])

    def roots(self) -> dict[str, str]:
        """Return the line as keyed, for each line that was cut."""
        parents = {cut.data["into"]: cut.data["line_id"] for cuts in self.cuts.values() for cut in cuts}
        roots = {}
        for line_id in parents:
            root = line_id
            while root in parents:
                root = parents[root]
            roots[line_id] = root
        return roots

    def contested(self, record: Record) -> set[Fraction]:
        """Return the sums that a placing shares with others, one for each order in which they may have come.

        A sum counts the lines that others list too, or that were cut from such lines. Where there are none, it counts
        what the payments settled that others list too.
        """
        mine, paid, whole = set(self.sold(record)), payments_of(record), self.part(record, set(self.sold(record)))
        roots = self.roots()
        others = [other for other in self.of("order_placed") if other is not record]
        common = [(self._common(mine, other, roots), paid.keys() & payments_of(other).keys()) for other in others]
        common = [each for each in common if any(each)]
        sums = set()
        for count in range(1, len(common) + 1):
            for before in combinations(common, count):
                lines = set[str]().union(*(lines for lines, _payments in before))
                shared = {one for _lines, payments in before for one in payments}
                if lines and whole:
                    sums.add(Fraction(record.data["total"]) * self.part(record, lines) / whole)
                if shared:
                    sums.add(sum((paid[one] for one in shared), Fraction(0)))
        return sums

    def _common(self, mine: set[str], other: Record, roots: dict[str, str]) -> set[str]:
        """Return those of some lines that a placing has too: it lists them, or a line with the same root."""
        theirs = set(self.sold(other))
        families = {roots.get(line, line) for line in theirs}
        return {one for one in mine if one in theirs or (one in roots and roots[one] in families)}


def _moved_lines(record: Record) -> list[str]:
    """Return the lines that a record takes out of its order, or brings there."""
    return [*(moved["line_id"] for moved in record.data.get("lines", ())), *record.data.get("line_ids", ())]


def payments_of(record: Record) -> dict[str, Fraction]:
    """Return the amount that each payment of a placing settled."""
    paid: dict[str, Fraction] = defaultdict(Fraction)
    for payment in record.data["payments"]:
        paid[payment["payment_id"]] += Fraction(settled(payment))
    return paid


def settled(payment: dict[str, Any]) -> Decimal:
    """Return the amount that a payment settled: without the tip, which is for the staff."""
    return Decimal(payment["amount"]) - Decimal(payment.get("tip", 0))


def _read(bodies: Iterable[str]) -> Iterator[Record]:
    for body in bodies:
        raw = json.loads(body)
        if raw["stream_kind"] in ("order", "refund"):
            yield Record(*(raw[name] for name in _READ))
