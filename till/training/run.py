"""A running drill: the queue at the counter, updated by each order and refund that the till writes."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.i18n import _
from till.domain.order.state import Status
from till.domain.payment.movement import PaymentState
from till.domain.structs import replace
from till.domain.text import clock_of
from till.training.drills import Task
from till.training.guests import bill_sentence
from till.training.judging import DrillVerdict, Figures, judge_lines, judge_money, judge_refund, lines_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from till.domain.order.state import Order
    from till.domain.refund.state import Refund
    from till.training.drills import Drill
    from till.training.guests import Guest, Pays, Want


class Visit(Struct, kw_only=True):
    """A guest at the counter. Times are seconds since the start of the drill.

    Attributes:
        guest: the guest.
        wants: the present wishes.
        pays: the guest's payment; cash after the card was declined.
        greeted_s: the time of the first line keyed for the guest, or of the recall of the table.
        is_changed: True after the guest has changed their mind.
    """

    guest: Guest
    wants: tuple[Want, ...]
    pays: Pays
    greeted_s: float | None = None
    is_changed: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The sentences of the guest so far, oldest first."""
        sentences = [self.guest.words]
        if self.is_changed and self.guest.change is not None:
            sentences.append(self.guest.change.words)
        if self.pays != self.guest.pays:
            sentences.append(_("Declined? Then I pay in cash."))
        return tuple(sentences)


class DrillRun:
    """The state of a drill. The first guest in the queue is at the counter, and the till's next sale is for them.

    Args:
        drill: the drill.
        guests: the guests, by arrival.
        in_cash: returns the cash payment of a guest whose card was declined.
        open_elsewhere: opens an order on another till, at the table of a guest who will ask for the bill.
    """

    def __init__(
        self,
        drill: Drill,
        guests: Iterable[Guest],
        in_cash: Callable[[tuple[Want, ...]], Pays],
        open_elsewhere: Callable[[Guest], None] = lambda _guest: None,
    ) -> None:
        self.drill = drill
        self.figures = Figures()
        self.queue: list[Visit] = []
        self._coming = deque(guests)
        self._in_cash = in_cash
        self._open_elsewhere = open_elsewhere
        self._now = 0.0
        self._over: set[str] = set()
        self._sales: deque[Order] = deque()
        self._seated_lines: dict[str, frozenset[str]] = {}

    @property
    def at_counter(self) -> Visit | None:
        """The guest at the counter; None if nobody waits."""
        return self.queue[0] if self.queue else None

    @property
    def left_s(self) -> float:
        """Seconds until the end of the drill."""
        return max(0.0, self.drill.minutes * 60 - self._now)

    @property
    def is_over(self) -> bool:
        """True if nobody is left to serve; after the end of the time, if the greeted guest is served."""
        visit = self.at_counter
        if not self.left_s:
            return visit is None or visit.greeted_s is None
        return visit is None and not self._coming

    @property
    def is_cut(self) -> bool:
        """True while the network is down."""
        return self.drill.cut_s is not None and self.drill.cut_s[0] <= self._now < self.drill.cut_s[1]

    def waits_s(self, visit: Visit) -> float:
        """Return the seconds since a guest's arrival."""
        return self._now - visit.guest.arrives_s

    def tick(self, now: float) -> None:
        """Process arrivals, changes of mind and departures up to a moment."""
        self._now = now
        while self._coming and self._coming[0].arrives_s <= now:
            self._arrive(self._coming.popleft())
        for one in [one for one in self.queue if one.greeted_s is None]:
            if self.waits_s(one) > self.drill.patience_s:
                self.queue.remove(one)
                patience = clock_of(self.drill.patience_s)
                remark = _("left after {patience}, never greeted").format(patience=patience)
                self.figures = self.figures.left_waiting(one.guest.name, remark)
        visit = self.at_counter
        if visit is None or visit.greeted_s is None or visit.is_changed or visit.guest.change is None:
            return
        if now - visit.greeted_s >= visit.guest.change.after_s:
            visit.is_changed, visit.wants = True, visit.guest.change.wants

    def _arrive(self, guest: Guest) -> None:
        if guest.task is Task.REFUND:
            guest = self._with_sale(guest)
        elif guest.task is Task.TAKEOVER:
            self._open_elsewhere(guest)
        self.queue.append(Visit(guest=guest, wants=guest.wants, pays=guest.pays))

    def _with_sale(self, guest: Guest) -> Guest:
        """Return the guest with the oldest sale that was not returned; without one, as a guest who buys."""
        if not self._sales:
            return replace(guest, task=Task.SALE)
        order = self._sales.popleft()
        receipt = order.placed.data.receipt if order.placed is not None else ""
        words = _("This was cold. My money back, please: receipt {receipt}.").format(receipt=receipt)
        return replace(guest, wants=(), words=words, sale=order.id)

    # Events of the till

    def order_written(self, order: Order) -> None:
        """Update the drill after a write to an order of this till."""
        visit = self.at_counter
        if visit is None or order.id in self._over:
            return
        if visit.greeted_s is None and order.status is Status.ACTIVE and order.lines:
            visit.greeted_s = self._now
        if order.status is Status.COMPLETED:
            if visit.guest.task is not Task.REFUND:
                self._paid(visit, order)
        elif order.status is Status.ASSIGNED_TO_TAB and visit.guest.task is Task.TAB:
            self._seated(visit, order)
        elif visit.pays == visit.guest.pays and _was_declined(order):
            visit.pays = self._in_cash(visit.wants)

    def refund_written(self, refund: Refund) -> None:
        """Update the drill after a write to a refund of this till."""
        visit = self.at_counter
        if visit is None or refund.state is not PaymentState.APPROVED or refund.id in self._over:
            return
        self._over.add(refund.id)
        if visit.guest.task is Task.REFUND:
            self._served(visit, judge_refund(refund, visit.guest.sale))

    def _paid(self, visit: Visit, order: Order) -> None:
        self._over.add(order.id)
        self._sales.append(order)
        verdict = judge_money(order, visit.pays)
        if visit.guest.task is not Task.TAKEOVER:
            verdict = self._judge_lines(visit, order).joined(verdict)
        if visit.guest.task is Task.TAB:
            verdict = verdict.wrong(_("asked for table {n}: paid at once").format(n=visit.guest.table))
        self._served(visit, verdict)

    def _judge_lines(self, visit: Visit, order: Order) -> DrillVerdict:
        """Return the verdict on the lines that were keyed since the order was last saved to a table."""
        keyed = lines_of(order, self._seated_lines.get(order.id, ()))
        return judge_lines(keyed, visit.wants, visit.guest.order_type)

    def _seated(self, visit: Visit, order: Order) -> None:
        """Finish a guest whose order was saved to a table, and schedule the next of the order, or the bill."""
        guest, verdict = visit.guest, self._judge_lines(visit, order)
        self._seated_lines[order.id] = frozenset(order.lines)
        if order.tab is None or order.tab.table_number != guest.table:
            verdict = verdict.wrong(_("asked for table {n}: saved elsewhere").format(n=guest.table))
        self._served(visit, verdict)
        then, eaten_s = guest.then, self.drill.eaten_s
        if eaten_s is not None:
            words = bill_sentence(guest.table)
            then = replace(guest, task=Task.BILL, wants=(), arrives_s=self._now + eaten_s, words=words)
        if then is not None:
            then = replace(then, arrives_s=max(then.arrives_s, self._now))
            at = next((n for n, one in enumerate(self._coming) if one.arrives_s > then.arrives_s), len(self._coming))
            self._coming.insert(at, then)

    def _served(self, visit: Visit, verdict: DrillVerdict) -> None:
        self.queue.remove(visit)
        began = visit.greeted_s if visit.greeted_s is not None else self._now
        self.figures = self.figures.served_one(visit.guest.name, self._now - began, verdict)


def _was_declined(order: Order) -> bool:
    return any(payment.state is PaymentState.DECLINED for payment in order.payments.values())
