"""An order as the fold of its events: sort by id, apply. The same set of events is the same order everywhere."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any

from till.domain.pricing import Priced, price_order

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from till.domain.line import Discount, Line, Terms


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
    """Money for an order, in minor units: `amount` settles it, `tendered` was handed over, `change` given back."""

    id: str
    tender: str
    amount: int
    state: PaymentState
    at: datetime
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


@dataclass(frozen=True)
class Order:
    """One order session at one moment. Values only: each event makes a new one.

    Attributes:
        user: the staff number it belongs to.
        till: the till of the newest event that took hold of it; None when nobody holds it.
        hold_epoch: the highest epoch seen.
        last_id: the id of the newest event folded in.
        notices: sentences about events that were kept but changed nothing.
        moved: how much of each line another session carries on, for an order whose tab was recalled.
        discarded: how much of each line whoever discarded it knew of.
        placed_again: further completions of it, by tills that were apart: money taken twice.
        conflicts: the ids of the conflicts that were written down for it.
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
    moved: Mapping[str, int] = field(default_factory=dict)
    discarded: Mapping[str, int] | None = None
    placed_again: tuple[Placed, ...] = ()
    conflicts: frozenset[str] = frozenset()

    @cached_property
    def priced(self) -> Priced:
        """Its rows and sums."""
        return price_order(self.lines.values(), self.discounts, self.terms)

    @property
    def settled(self) -> Mapping[str, int] | None:
        """How much of each line was dealt with at its end: paid for, discarded, or carried on; None before its end."""
        if self.placed is not None:
            sums = dict(self.moved)
            for placed in (self.placed, *self.placed_again):
                for line_id, quantity in placed.quantities.items():
                    sums[line_id] = sums.get(line_id, 0) + quantity
            return sums
        if self.status is Status.DISCARDED:
            return self.discarded
        return None if self.is_open else self.moved or None  # taken over apart from the recall, it goes on

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
