"""The keying of rows through the register's commands. Existing rows are skipped, so it may be interrupted anywhere.

Every id is derived from the store, the day, the sale, the row and its recorded time; not from the path of the files,
the chosen days, or the time of the replay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from uuid import UUID

from till.domain.errors import JournalError, NotOnMenuError, TillError
from till.domain.i18n import _
from till.domain.ids import derived_id, id_at, tick_at
from till.domain.money.measures import NOTHING, Price4
from till.domain.order.selling import ItemEntry
from till.domain.order.state import Status
from till.domain.structs import replace
from tools.replay.plan import settlement
from tools.replay.sums import balances, has_activity, ref_of
from tools.replay.trading import CURRENCY, RecordedSale, SoldLine

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from till.domain.order.line import Line
    from till.domain.order.state import Order
    from till.register.register import Register
    from till.training.clock import TradingClock
    from tools.replay.plan import PlannedRow
    from tools.replay.trading import RecordedPayment

#: The reason of every void, since the files have no reasons.
VOID_REASON: Final = "replay"


def session_of(store_id: str, step: PlannedRow) -> str:
    """Return the id of a sale's order session: a UUIDv7 of its time, with the random part derived from its ref."""
    return id_at(tick_at(step.opened), UUID(derived_id(store_id, f"replay/{ref_of(step.sale)}")).int)


def _line_id(session_id: str, line: SoldLine) -> str:
    return derived_id(session_id, f"line/{line.id}")


def _payment_id(session_id: str, payment: RecordedPayment) -> str:
    return derived_id(session_id, f"payment/{payment.id}")


class Ringer:
    """A keyer of steps on a register.

    Args:
        register: the replay's register.
        clock: the clock of the register.
        store_id: the venue.
        finished: the sessions that are completed or discarded in the database.
    """

    def __init__(self, register: Register, clock: TradingClock, store_id: str, finished: Collection[str]) -> None:
        self._register = register
        self._clock = clock
        self._store_id = store_id
        self._finished = finished
        self._items = {item.name: item for item in register.menu.items}
        self._passed: dict[str, bool] = {}
        #: The reasons why sales could not be keyed completely, by ref.
        self.refused: dict[str, str] = {}

    def passes(self, step: PlannedRow) -> bool:
        """True if nothing of the sale is left to key. It is called for each row."""
        ref = ref_of(step.sale)
        known = self._passed.get(ref)
        if known is None:
            known = self._passed[ref] = self._is_done(step)
        return known

    def _is_done(self, step: PlannedRow) -> bool:
        session_id = session_of(self._store_id, step)
        if session_id in self._finished:
            return True
        order = self._register.ledger.find(session_id)
        if order is None or order.status is Status.ACTIVE:
            return False
        return order.status is not Status.PENDING_LOGOUT or not balances(step.sale)

    def ring(self, step: PlannedRow) -> None:
        """Key a row, and finish its sale with the last row."""
        sale, row = step.sale, step.row
        session_id = session_of(self._store_id, step)
        self._clock.set(step.at, step.day)
        self._register.ledger.user = row.user or sale.user
        try:
            if isinstance(row, SoldLine):
                self._ring_line(session_id, sale, row)
            elif not row.amount:
                self._attempt(self._opened(session_id, sale), row)
            if step.is_last:
                self._finish(self._opened(session_id, sale), sale)
        except JournalError:
            raise
        except TillError as problem:
            self.refused[ref_of(sale)] = problem.sentence
            self._passed[ref_of(sale)] = True
            self._suspend(session_id)

    def _suspend(self, session_id: str) -> None:
        """Suspend an order that could not be keyed completely, for a person to check."""
        order = self._register.ledger.find(session_id)
        if order is not None and order.status is Status.ACTIVE:
            self._register.recovery.suspend(session_id)

    def _found(self, session_id: str) -> Order | None:
        """Return the order of a session, resumed if it was suspended."""
        order = self._register.ledger.find(session_id)
        if order is not None and order.status is Status.PENDING_LOGOUT:
            return self._register.recovery.resume(session_id)
        return order

    def _opened(self, session_id: str, sale: RecordedSale) -> Order:
        order = self._found(session_id)
        return order or self._register.sales.open(sale.user or 0, ref=ref_of(sale), session_id=session_id)

    def _ring_line(self, session_id: str, sale: RecordedSale, line: SoldLine) -> None:
        order = self._found(session_id)
        lines = order.lines if order else {}
        target = self._voided(session_id, lines, sale, line)
        if target is not None:
            if not target.void:
                self._register.sales.void_line(session_id, target.id, VOID_REASON)
            return
        if not line.quantity:
            return
        line_id = _line_id(session_id, line)
        if line_id not in lines:
            lines = self._key(session_id, sale, line, line_id).lines
        if line.discount4 > 0 and lines[line_id].discount is None:
            self._register.sales.discount(
                session_id,
                line_id,
                amount=CURRENCY.amount_of(line.discount4, abs(line.quantity)),
                reason=line.discount_name or _("discount"),
            )

    def _key(self, session_id: str, sale: RecordedSale, line: SoldLine, line_id: str) -> Order:
        """Key a line; the first line of a sale opens its order."""
        item = self._items.get(line.item)
        if item is None:
            raise NotOnMenuError
        if line.quantity < 0 and not item.returnable:
            # A void of a line in another sale is a return, even if the item is not returnable.
            item = replace(item, returnable=True)
        keyed = ItemEntry(item, line.quantity, Price4(line.price4 + max(line.discount4, 0)))
        return self._register.sales.add(
            session_id, sale.user or 0, keyed, line_id=line_id, ref=ref_of(sale), at_any_time=True
        )

    @staticmethod
    def _voided(session_id: str, lines: Mapping[str, Line], sale: RecordedSale, void: SoldLine) -> Line | None:
        """Return the line of this order that a void removes; None if the line is in another order: a return."""
        if not void.is_void:
            return None
        for line in sale.lines:
            mirrors = (line.item, line.price4, line.discount4) == (void.item, void.price4, void.discount4)
            if line.voided_by == void.id and mirrors and line.quantity == -void.quantity:
                known = lines.get(_line_id(session_id, line))
                if known is not None:
                    return known
        return None

    def _attempt(self, order: Order, payment: RecordedPayment) -> None:
        payment_id = _payment_id(order.id, payment)
        if payment_id not in order.payments:
            reason = _("it did not complete")
            self._register.checkout.attempt(order.id, payment.tender, NOTHING, reason, payment_id=payment_id)

    def _finish(self, order: Order, sale: RecordedSale) -> None:
        """Settle and place the order. An order that does not balance is suspended without payments."""
        if not balances(sale):
            self._register.recovery.suspend(order.id)
        elif not has_activity(sale):
            self._register.recovery.discard(order.id, _("nothing was sold"))
        else:
            for handed in settlement(order.total, sale.payments):
                payment_id = _payment_id(order.id, handed.payment)
                if payment_id in order.payments:
                    continue
                order = self._register.checkout.pay(
                    order.id,
                    handed.payment.tender,
                    handed.payment.amount,
                    cashback=handed.cashback,
                    recorded=True,
                    payment_id=payment_id,
                )
            if order.status is not Status.COMPLETED:
                self._register.checkout.place(order.id)
        self._passed[ref_of(sale)] = True
