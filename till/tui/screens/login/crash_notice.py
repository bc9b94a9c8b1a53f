"""The notice on the first screen after a crash: the orders it left open, and their state since."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.domain.i18n import _
from till.domain.money.measures import sum_of
from till.domain.order.naming import tab_name
from till.domain.order.state import Status
from till.register import refund_words
from till.tui.drawing.viewmodels import NoticeView

if TYPE_CHECKING:
    from datetime import datetime

    from till.domain.order.state import Order, Payment, Placed
    from till.domain.refund.state import Refund
    from till.register.register import Register


class CrashNotice(Struct, frozen=True):
    """The orders open when this till closed unexpectedly; `closed` is on the venue's clock.

    `sold` is its last sale; `refunded` is a refund after it, and `given_back` a payment given back after both, or a
    part with change, with its order. Money for a guest is named first, since the guest may still wait for it; so is the
    sale to one of the guests who pay apart. `doubt` are the sentences on papers and the drawer.
    """

    register: Register
    closed: datetime
    orders: tuple[Order, ...]
    sold: Order | None
    refunded: Refund | None
    given_back: tuple[Order, Payment] | None
    doubt: str = ""

    def view(self) -> NoticeView:
        """Return the time of the crash, the orders that were left and when they open, or the till that has them now."""
        gone = {order.id: sentence for order in self.orders if (sentence := self._gone(order))}
        here = [order for order in self.orders if order.id not in gone]
        first, rest = self.register.answers.found(self.closed, here).parts
        left = " ".join(dict.fromkeys(gone.values()))
        if money := self._money():  # a narrow screen drops what comes last
            return self._notice(first, money, left or rest)
        if left:
            return self._notice(first, left, rest if here else "")
        return self._notice(first, rest, self._opens())

    def _notice(self, first: str, rest: str, more: str) -> NoticeView:
        return NoticeView(first, rest, " ".join(filter(None, (self.doubt, more))))

    def _money(self) -> str:
        """Return the sentence on money for a guest, or on the last sale; empty for none."""
        answers, local, tenders = self.register.answers, self.register.venue.local, self.register.asker.tenders
        left = {one.id for one in self.orders}
        if self.given_back is not None:
            order, payment = self.given_back
            return answers.last_given_back(order, payment, tenders.traits_of(payment.tender), local)
        if self.refunded is not None:
            return refund_words.last_refund(answers, self.refunded, tenders.traits_of(self.refunded.tender), local)
        if self.sold is not None and self.sold.id not in left and (not left or self.sold.from_session in left):
            return answers.last_sale(self.sold, tenders.traits_of, local)
        return ""

    def _opens(self) -> str:
        """Return when the orders that were left open again; empty if there are none."""
        if any(order.submitted is not None for order in self.orders):
            return _("F5 lists it after a login.") if len(self.orders) == 1 else _("F5 lists them after a login.")
        if len(self.orders) == 1:
            name = self.register.reference.name_of(self.orders[0].user)
            return _("It opens by itself when {name} logs in.").format(name=name)
        return _("Each opens by itself when its cashier logs in.") if self.orders else ""

    def _gone(self, left: Order) -> str:
        """Return where an order left open is now; empty while it is here."""
        ledger, answers = self.register.ledger, self.register.answers
        size = answers.counted(len(left.priced.rows), left.total, left.paid)
        order = ledger.readable(left.id)
        if order is None:
            return ""
        if order.placed is not None:
            return self._paid(order, order.placed)
        if order.status is Status.DISCARDED:
            return self._cleared(left, size, order)
        holder = ledger.open_at(order)
        if order.is_open and holder not in {None, self.register.till}:
            till = self.register.venue.till_name(holder)
            return _("The open order, {size}, is on {till} now.").format(size=size, till=till)
        return ""

    def _paid(self, order: Order, sale: Placed) -> str:
        """Return where an order left open was paid, and the part of the sale that was paid here."""
        answers, minor = self.register.answers, order.terms.currency.minor
        till = self.register.venue.till_name(sale.till)
        if sale.till == self.register.till:
            return _("The open order, {size}, is now paid.").format(size=answers.size(order))
        here = sum_of(minor(one.amount) for one in sale.data.payments if one.till == self.register.till)
        if here > 0:
            paid = answers.formats.money(here)
            if order.tab is not None:
                words = _("{paid} for {name} was paid here, the rest on {till}.")
                return words.format(paid=paid, name=tab_name(order.tab.name), till=till)
            return _("{paid} of the open order was paid here, the rest on {till}.").format(paid=paid, till=till)
        return _("The open order, {size}, was paid on {till}.").format(size=answers.size(order), till=till)

    def _cleared(self, left: Order, size: str, order: Order) -> str:
        """Return the table that an order left open was merged into, or the till that cleared it; empty if unknown."""
        if order.moved:
            target = self.register.ledger.readable(next(iter(order.moved.values())).to_session)
            if target is None or target.tab is None:
                return ""
            return _("The open order, {size}, is on {name} now.").format(size=size, name=tab_name(target.tab.name))
        till = self.register.venue.till_name(order.discarded_by) if order.discarded_by is not None else ""
        if till and left.paid > 0:  # only an order without money is cleared
            paid = self.register.answers.formats.money(left.paid)
            return _("The open order was cleared on {till}; its {paid} went back.").format(paid=paid, till=till)
        return _("The open order, {size}, was cleared on {till}.").format(size=size, till=till) if till else ""


def crash_notice(register: Register, doubt: str = "") -> CrashNotice | None:
    """Return the notice after a crash, with what it left in doubt; None if the till was closed properly."""
    crashed = register.recovery.crashed_at()
    if crashed is None:
        return None
    recovery, closed = register.recovery, register.venue.local(crashed)
    return CrashNotice(
        register,
        closed,
        tuple(recovery.open_here()),
        recovery.last_sale(),
        register.refunds.last_refund(),
        register.refunds.last_given_back(),
        doubt,
    )
