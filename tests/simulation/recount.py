"""Sales and money recounted from the records, without any code of the till."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_READ: Final = ("id", "stream_kind", "stream_id", "till", "hold_id", "type", "data")


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
    """All records of a venue's orders, by line, by placing and by payment.

    Every record counts that the server did not refuse; `refusals` judges the refusals.

    Args:
        bodies: the canonical texts of the records.
    """

    def __init__(self, bodies: Iterable[str]) -> None:
        read = sorted(_read(bodies), key=lambda record: record.id)
        refused = {event for record in read if record.type == "refused" for event in record.data["events"]}
        self.records = [record for record in read if record.kind == "order" and record.id not in refused]
        self._refunds = [record for record in read if record.kind == "refund"]
        self.keyed = {record.data["line_id"]: record.data["quantity"] for record in self.of("item_added")}
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
        parents = {cut.data["into"]: cut.data["line_id"] for cut in self.of("line_cut")}
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
