"""An order as the fold of its events: sort by id, apply. The same set of events is the same order everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property
from operator import is_
from typing import TYPE_CHECKING, Any

from till.domain.order.pricing import Priced, price_order

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from till.domain.order.line import Discount, Line, Terms


class Status(StrEnum):
    """Where an order session stands (design §3)."""

    ACTIVE = "active"
    PENDING_LOGOUT = "pending_logout"
    ASSIGNED_TO_TAB = "assigned_to_tab"
    COMPLETED = "completed"
    DISCARDED = "discarded"


class PaymentState(StrEnum):
    """Where a payment stands. Only an approved one counts."""

    STARTED = "started"
    APPROVED = "approved"
    DECLINED = "declined"
    UNKNOWN = "unknown"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class Payment:
    """Money for an order, in minor units: `amount` settles it, `tendered` was handed over, `change` given back.

    Attributes:
        till: where it was taken.
    """

    id: str
    tender: str
    amount: int
    state: PaymentState
    at: datetime
    till: int
    tendered: int = 0
    change: int = 0
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Tab:
    """Where an order was put aside: a table or a name."""

    id: str
    name: str
    table_number: int | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """That another session carries lines on.

    Attributes:
        quantities: how much of each line has gone from the order by then, to any session.
        late: whether they came too late for the end of the order; else its tab was recalled.
    """

    to_session: str
    event_id: str
    till: int
    quantities: Mapping[str, int]
    late: bool = False


@dataclass(frozen=True, slots=True)
class Placed:
    """The end of an order: the frozen `order_placed`."""

    event_id: str
    at: datetime
    data: Mapping[str, Any]
    till: int = 0

    @property
    def quantities(self) -> dict[str, int]:
        """How much of each line was paid for. Where only the row's quantity is told, its first line stands for all."""
        found: dict[str, int] = {}
        for row in self.data["lines"]:
            ids = row["line_ids"]
            told = row.get("line_quantities") or [row.get("quantity", 0), *(0 for _more in ids[1:])]
            for line_id, quantity in zip(ids, told, strict=False):
                found[line_id] = found.get(line_id, 0) + int(quantity)
        return found

    @property
    def covered(self) -> frozenset[str]:
        """The lines that were paid for."""
        return frozenset(self.quantities)

    @property
    def payment_ids(self) -> frozenset[str]:
        """The payments that it lists."""
        return frozenset(payment["payment_id"] for payment in self.data.get("payments", ()))


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """That another order carries the same lines: two tills, apart, recalled one tab.

    Attributes:
        subject: the order that stood on the tab.
        till: where the other order was last; None when there is none any more, or nobody said.
        user: whose it is; 0 for nobody's.
        paid: whether it was paid for.
        on_tab: whether it stands on a tab again.
    """

    subject: str
    till: int | None
    user: int
    paid: bool
    on_tab: bool = False


@dataclass(frozen=True)
class Order:
    """One order session at one moment. Values only: each event makes a new one.

    Attributes:
        user: the staff number it belongs to.
        till: the till of the newest event that took hold of it; None when nobody holds it.
        hold_epoch: the highest epoch seen.
        last_id: the id of the newest event folded in.
        notices: sentences about events that were kept but changed nothing.
        moves: what other sessions carry on, by session; under its own id, what goes on here on lines of other ids.
        recalled_by: the till that recalled the tab that it stands on; None when its lines are on the tab still.
        discarded: how much of each line whoever discarded it knew of.
        discarded_by: the till that did.
        left_by: the tills that put it on a tab or discarded it, and so may follow it no more.
        placed_again: further completions of it, by tills that were apart: money taken twice.
        conflicts: the ids of the conflicts that were written down for it.
        shared: what was found last of each tab whose lines another order carries too, by the order that stood on it.
    """

    id: str
    store_id: str
    user: int
    terms: Terms
    order_type: str
    status: Status
    till: int | None
    hold_epoch: int
    created_at: datetime
    updated_at: datetime
    last_id: str
    lines: Mapping[str, Line] = field(default_factory=dict)
    discounts: tuple[Discount, ...] = ()
    payments: Mapping[str, Payment] = field(default_factory=dict)
    placed: Placed | None = None
    tab: Tab | None = None
    from_session: str | None = None
    ref: str | None = None
    logout_time: datetime | None = None
    discard_reason: str = ""
    last_item: tuple[str, str] | None = None
    last_menu: tuple[Mapping[str, Any], ...] = ()
    preferences: Mapping[str, str] = field(default_factory=dict)
    notices: tuple[str, ...] = ()
    moves: Mapping[str, Move] = field(default_factory=dict)
    recalled_by: int | None = None
    discarded: Mapping[str, int] | None = None
    discarded_by: int | None = None
    left_by: frozenset[int] = frozenset()
    placed_again: tuple[Placed, ...] = ()
    conflicts: frozenset[str] = frozenset()
    shared: Mapping[str, Elsewhere] = field(default_factory=dict)

    @cached_property
    def priced(self) -> Priced:
        """Its rows and sums."""
        return price_order(self.lines.values(), self.discounts, self.terms)

    def price_after(self, before: Order | None) -> None:
        """Price it by the order before, where all that came since is a line behind the others, as it is at a key."""
        if before is None or "priced" not in before.__dict__ or len(self.lines) != len(before.lines) + 1:
            return
        if self.terms is not before.terms or self.terms.by_order or self.discounts or before.discounts:
            return
        *known, newest = self.lines.values()
        if newest.quantity and not newest.restores and all(map(is_, known, before.lines.values())):
            self.__dict__["priced"] = before.priced.with_line(newest)

    @property
    def settled(self) -> Mapping[str, int] | None:
        """How much of each line was dealt with at its end: paid for, discarded, or carried on; None before its end.

        Two payments of tills that were apart are for the same pieces, as far as both lists go: their sum would hide
        pieces that a third till had keyed and neither was paid for.
        """
        if not self.is_over or (self.placed is None and self.status is Status.DISCARDED and self.discarded is None):
            return None
        paid: dict[str, int] = {}
        for placed in (self.placed, *self.placed_again):
            paid |= {i: q for i, q in (placed.quantities if placed else {}).items() if abs(q) > abs(paid.get(i, 0))}
        ends = paid | {i: q for i, q in (self.discarded or {}).items() if abs(q) > abs(paid.get(i, 0))}
        return {line_id: ends.get(line_id, 0) + self.moved.get(line_id, 0) for line_id in {**ends, **self.moved}}

    @cached_property
    def moved(self) -> Mapping[str, int]:
        """How much of each line is carried on: in other sessions, or here under an id of its own."""
        return self._most(self.moves.values())

    @property
    def moved_to_others(self) -> Mapping[str, int]:
        """How much of each line other sessions carry on."""
        return self._most(move for move in self.moves.values() if move.to_session != self.id)

    @staticmethod
    def _most(moves: Iterable[Move]) -> dict[str, int]:
        most: dict[str, int] = {}
        for move in moves:
            most |= {i: q for i, q in move.quantities.items() if abs(q) > abs(most.get(i, 0))}
        return most

    @property
    def is_over(self) -> bool:
        """Whether nothing can be keyed on it any more: paid, discarded, or its tab was recalled."""
        return self.ended_by is not None or self.status in {Status.COMPLETED, Status.DISCARDED}

    @property
    def ended_by(self) -> int | None:
        """The till that ended it; None while it goes on."""
        if self.placed is not None:
            return self.placed.till
        if self.status is Status.DISCARDED:
            return self.discarded_by
        return self.recalled_by if self.status is Status.ASSIGNED_TO_TAB else None

    def noticed(self, sentence: str) -> Order:
        """With one more sentence about something that was kept but changed nothing."""
        return replace(self, notices=(*self.notices, sentence))

    @property
    def total(self) -> int:
        """What it costs, taxes included, in minor units."""
        return self.priced.total

    @property
    def paid(self) -> int:
        """What approved payments settled, in minor units."""
        return sum(p.amount for p in self.payments.values() if p.state is PaymentState.APPROVED)

    @property
    def due(self) -> int:
        """What is still to be paid; negative when money is to be given back."""
        return self.total - self.paid

    @property
    def pending_payment(self) -> Payment | None:
        """The payment whose answer is awaited."""
        waiting = {PaymentState.STARTED, PaymentState.UNKNOWN}
        return next((p for p in self.payments.values() if p.state in waiting), None)

    @property
    def is_open(self) -> bool:
        """Whether lines may be keyed on it, here or after it is brought back."""
        return self.status in {Status.ACTIVE, Status.PENDING_LOGOUT}

    @property
    def elsewhere(self) -> Elsewhere | None:
        """The other order that carries its lines, one that was paid first; None when they are here alone."""
        known = [other for other in self.shared.values() if other.till is not None]
        return max(known, key=lambda other: (other.paid, not other.on_tab), default=None)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing on it that counts."""
        return not self.priced.rows

    @property
    def step(self) -> str:
        """`current_step` of the documents."""
        if self.status is Status.COMPLETED:
            return "order_placed"
        if self.payments:
            return "checkout"
        return "ordering" if self.lines else "browsing"

    @property
    def last_line(self) -> Line | None:
        """The newest line that counts."""
        return next((line for line in reversed(tuple(self.lines.values())) if line.quantity), None)
