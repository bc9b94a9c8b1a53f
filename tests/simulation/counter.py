"""A person who handles money beyond sales: tips, discounts, vouchers, house accounts, refunds, corrections."""

from __future__ import annotations

from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from typing_extensions import override

from tests.simulation.cashier import CARD, Cashier
from tests.simulation.tally import Handed, Off
from tests.simulation.terminal import TERMINAL
from tests.simulation.violation import hold
from till.domain.errors import StoreError
from till.domain.money.measures import Millionths, Minor
from till.domain.order import discounting
from till.domain.order.by_items import unpaid_pieces
from till.domain.order.discounting import Given
from till.domain.order.paying import CASH
from till.domain.payment.codes import make_code
from till.domain.payment.movement import PaymentState
from till.domain.payment.names import ACCOUNT, VOUCHER
from till.domain.refund import giving
from till.domain.staff.rights import Permission, PermissionRequest
from till.ports import SaleSearch
from till.register.payments.tenders import UPI

if TYPE_CHECKING:
    from till.domain.order.state import Order, Payment
    from till.domain.refund.past import PastSale
    from till.domain.refund.shares import Sale
    from till.domain.refund.state import Refund
    from till.domain.staff.rights import Approval
    from till.register.tabs.open_tabs import OpenTab

_RATES: Final = (100_000, 333_333, 500_000, 1_000_000)
_KEPT: Final = frozenset({"reserved", "approved", "unknown"})


class Found(NamedTuple):
    """A sale to refund; `away` if the server was not asked."""

    session_id: str
    sale: Sale
    away: bool


class Counter(Cashier):
    """Somebody at a till with a manager near. Money over the counter is recorded as the hands saw it."""

    @override
    def approve_taking(self, order: Order) -> Approval | None:
        return (
            None
            if self._register.recovery.may_reach(order.user)
            else self._yes(PermissionRequest(Permission.TAKE_OVER))
        )

    def _filled(self) -> Order | None:
        """Return the order on the screen with an amount due; key one if there is none."""
        order = self._order()
        if order is None or order.due <= 0:
            self.new_order()
            self.key()
            order = self._order()
        return order if order is not None and order.due > 0 and order.pending_payment is None else None

    # Taking money.

    def tip(self) -> None:
        """Pay what is due, or a part of it, with a tip."""
        order = self._filled()
        if order is None:
            return
        tender, tip = (CARD, UPI, CASH)[self._chance % 3], Minor(1 + self._chance % 777)
        if self._chance % 5 == 0:
            asked = Minor(1 + self._chance % order.due)
            self._charge(order, TERMINAL.name, asked, tip)
            return
        part = self._chance % 4 == 0 and order.due > 1
        self._hand(order, tender, 1 + self._chance % order.due if part else order.due, tip)

    def items(self) -> None:
        """Have a guest pay for pieces of lines: their sum, never more than is due."""
        if (order := self._filled()) and (pieces := self._wanted(order)):
            tender = (CARD, UPI, CASH)[self._chance % 3]
            share = self._tally.share(order, pieces)
            if share <= 0:
                return  # a discount left nothing to pay: the next payment includes it
            tip = Minor(self._chance % 5 * 100)  # each guest may tip with their own payment
            after = self._register.checkout.pay_exact(order.id, tender, tip=tip, pieces=pieces)
            self._took(order, after, Handed(tender, share, tip, pieces=pieces))

    def items_asked(self) -> None:
        """Ask the card terminal for the sum of a guest's pieces."""
        if (order := self._filled()) and (pieces := self._wanted(order)):
            tip = Minor(self._chance % 3 * 150)
            self._charge(order, TERMINAL.name, self._tally.share(order, pieces), tip, pieces=pieces)

    def _wanted(self, order: Order) -> dict[str, int]:
        """Return pieces of some lines that nobody has paid for."""
        left = unpaid_pieces(order)
        some = {line: 1 + (self._chance >> n) % count for n, (line, count) in enumerate(left.items())}
        return {line: count for n, (line, count) in enumerate(some.items()) if not n or self._chance >> n & 4}

    def _given(self) -> Given:
        if self._chance % 2:
            return Given(None, Minor(1 + self._chance % 700), "discount", "late")
        rate = Millionths(_RATES[self._pick(len(_RATES))])
        if rate == discounting.ALL_OF_IT:
            return Given(rate, kind="comp", reason="late")
        return Given(rate, kind="staff_meal") if self._chance % 4 else Given(rate, reason="late")

    def take_off(self) -> None:
        if (order := self._filled()) and order.priced.rows:
            self._off(order, order.priced.rows[self._pick(len(order.priced.rows))].first.id)

    def all_off(self) -> None:
        if order := self._filled():
            self._off(order, None)

    def _off(self, order: Order, line_id: str | None) -> None:
        given = self._given()
        approval = self._yes(discounting.asked_for(order, line_id, given))
        after = self._register.sales.take_off(order.id, line_id, given, approval)
        self._tally.give(
            order, after, Off(None if given.rate is None else Fraction(given.rate, 1_000_000), given.amount)
        )

    def part(self) -> None:
        """Split a guest's pieces of several lines into an order of their own."""
        order = self._order()
        lines = [line for line in order.lines.values() if line.quantity] if order else []
        taken = {
            line.id: 1 + (self._chance >> n) % line.quantity for n, line in enumerate(lines) if self._chance >> n & 4
        }
        if order is not None and taken:
            self._cut(order, taken)

    def part_offer(self) -> None:
        """Key items of one promotion, and split some of them off for another guest."""
        if self._world.server.up:
            self._world.server.promote(3 * self._chance + 1)
        self._machine.sync()
        self.new_order()
        for item in self._register.menu.items[1::2]:
            self._key(item, 2 + self._chance % 3)
        self.part()

    def merge(self) -> None:
        """Merge two tabs, or add the order on the screen, paid in part, to one."""
        if not self._here():
            self.new_order()
            self.key()
            if order := self._order():
                self._register.tabs.save(order.id, f"{40 + self._chance % 90}", self._tabs())
            self._machine.screen = None
        here = self._here()
        if len(here) > 1 and self._chance % 3 == 0:
            self._join(*here[:2])
        elif here:
            self.new_order()
            for kind in ("key", "pay_part"):
                self.do(kind)
            if order := self._order():
                self._add(order, here[self._pick(len(here))])

    def _add(self, order: Order, tab: OpenTab) -> None:
        """Add the order on the screen to a tab."""
        with self._conserved(order.id, tab.session_id):
            self._machine.add(order.id, tab)
        self._machine.screen = None

    def _here(self) -> list[OpenTab]:
        """Return the tabs that this till knows and may take."""
        tabs = [tab for tab in self._tabs() if tab.till in {None, self._machine.number}]
        return [tab for tab in tabs if self._register.ledger.readable(tab.session_id) is not None]

    def voucher(self) -> None:
        if (order := self._filled()) and (place := self.ask_for_voucher(order)):
            self.redeem(order, *place)

    def ask_for_voucher(self, order: Order, *, new: bool = False) -> tuple[str, Minor] | None:
        """Look up a voucher sold before or now; return its place and the amount that it would pay, or None."""
        server = self._world.server
        if server.up and (new or not server.codes or self._chance % 5 == 0):
            server.issue(make_code(lambda below: self._world.bits(20) % below), 20 + self._chance % 180)
        if not server.codes or not self._asks:
            return None
        found = self._machine.voucher(server.codes[-1 if new else self._pick(len(server.codes))])
        taken = Minor(min(order.due, found.left))
        return (found.ask, taken) if taken > 0 else None

    def redeem(self, order: Order, place: str, amount: Minor, tender: str = VOUCHER) -> None:
        """Pay with a voucher or an account at the server, up to its value."""
        self._charge(order, tender, amount, place=place)

    def account(self) -> None:
        """Pay on a guest's house account."""
        order, server = self._filled(), self._world.server
        if order is None or not self._asks:
            return
        if server.up and not server.guests:
            server.open_account(150 + self._chance % 500)
        guest = server.guests[0] if server.guests else ""
        found = self._machine.account(guest) if guest else None
        if found is not None and found.left > 0:
            self.redeem(order, guest, Minor(min(order.due, found.left)), ACCOUNT)

    # Giving it back.

    def give_back(self) -> None:
        """Give a part payment back before the order ends."""
        if self._filled() and self._chance % 4:
            self.pay_part()
        order = self._order()
        paid = [one for one in order.payments.values() if one.state is PaymentState.APPROVED] if order else []
        if order is None or not paid:
            return
        payment = paid[self._pick(len(paid))]
        approval = self._yes(self._register.checkout.needs_manager(order.id, payment.id))
        self._register.checkout.give_back(order.id, payment.id, approval)

    def part_back(self) -> None:
        """Give a part back by the terminal that took it; take one first if there is none."""
        found = self._taken_there() or (self.take_part() and self._taken_there())
        if found:
            self.ask_back(*found)

    def take_part(self) -> bool:
        """Take a part of the order on the screen by terminal; true if the answer arrives."""
        order = self._filled()
        if order is None or order.due <= 1:
            return False
        self._charge(order, TERMINAL.name, 1 + self._chance % (order.due - 1))
        self.hear()
        self._finish(self._register.ledger.order(order.id))
        return self._taken_there() is not None

    def _taken_there(self) -> tuple[Order, Payment] | None:
        """Return an approved terminal payment of the order on the screen, with the order, or None."""
        order = self._order()
        taken = [one for one in order.payments.values() if one.is_asked_elsewhere] if order else []
        taken = [one for one in taken if one.state is PaymentState.APPROVED and one.tender == TERMINAL.name]
        return (order, taken[self._pick(len(taken))]) if order is not None and taken else None

    def ask_back(self, order: Order, payment: Payment) -> None:
        """Have the terminal give a payment back."""
        checkout, charges = self._register.checkout, self._register.charges

        def ask() -> None:
            approval = self._yes(checkout.needs_manager(order.id, payment.id))
            charges.give_back(order.id, payment.id, approval)

        self._machine.attend(ask)

    def correct(self) -> None:
        """Correct the tender of a payment of a past sale."""
        if not self._register.refunds.past_sales():
            self.sell()
        found = self._register.refunds.past_sales()
        sale = found[self._pick(len(found))] if found else None
        order = self._register.refunds.order(sale.session_id) if sale else None
        payments = order.placed.data.payments if order is not None and order.placed is not None else ()
        if order is None or not payments:
            return
        payment, corrections = payments[self._pick(len(payments))].payment_id, self._register.corrections
        tender = (CASH, CARD, UPI)[self._chance % 3]
        self._approved(partial(corrections.correct_tender, order.id, payment, tender))

    def sell(self) -> None:
        """Make a quick sale."""
        for kind in ("new_order", "key", "pay"):
            self.do(kind)

    def refund(self) -> None:
        if found := self.find_sale():
            self.give(self.begin(found))

    def refund_card(self) -> None:
        """Pay an order at the terminal, and refund it there."""
        for kind in ("new_order", "key", "card", "hear"):
            self.do(kind)
        if found := self.find_sale(tender=TERMINAL.name):
            self.give(self.begin(found, TERMINAL.name))

    def find_sale(self, receipt: str | None = None, tender: str = "") -> Found | None:
        """Return a sale of the venue, or of this till if the server is away; make one if there is none.

        Prefer one that `tender` paid, if it is given.
        """
        refunds = self._register.refunds
        sold, away = self._sales(receipt)
        sold = [one for one in sold if tender in one.tenders] or sold
        if not sold and receipt is None:
            self.sell()
            sold, away = self._sales(None)
        if not sold:
            return None
        past = sold[self._pick(len(sold))]
        if not away:
            refunds.hear(past)
            if refunds.order(past.session_id) is None:
                self._machine.fetch(past.session_id)
        return Found(past.session_id, refunds.sale(past.session_id, past.receipt), away)

    def sold(self, order: Order) -> Found:
        """Return the sale of an order that was just paid here."""
        assert order.placed is not None
        away = not (self._asks and self._machine.reaches)
        return Found(order.id, self._register.refunds.sale(order.id, order.placed.data.receipt), away)

    def _sales(self, receipt: str | None) -> tuple[list[PastSale], bool]:
        """Return the server's sales with something left to refund; this till's own if the server is away."""
        try:
            sold = self._machine.past_sales(SaleSearch(receipt=receipt)) if self._asks else None
        except StoreError:
            sold = None
        own = self._register.refunds.past_sales() if sold is None else sold
        left = [one for one in own if one.total > one.back and receipt in {None, one.receipt}]
        return left, sold is None

    def begin(self, found: Found, tender: str = "") -> Refund | None:
        """Begin a refund of a sale: of pieces, of all of it, or of an amount; in `tender` if possible."""
        refunds, sale = self._register.refunds, found.sale
        ways = giving.ways_of(sale, away=found.away)
        ways = [way for way in ways if way.tender == tender] or ways
        if not ways:
            return None
        way = ways[self._pick(len(ways))]
        pieces, amount = self._wanted_back(sale, way.at_most)
        share = giving.amount_back(sale, amount) if amount is not None else giving.pieces_back(sale, pieces)
        approval = self._yes(PermissionRequest(Permission.REFUND, share.part.amount))
        begun = refunds.start(found.session_id, share, way, sale, approval, "cold", away=found.away)
        known = self._tally.back(sale.placed.order_id, pieces, amount) if not sale.refunds else amount
        what = f"{begun.amount} of {pieces or amount}, by the books {known}"
        hold("a refund is what was asked", holds=known in {None, begun.amount}, what=what)
        if begun.state is PaymentState.APPROVED:
            self._gave(begun)
        return begun

    def _wanted_back(self, sale: Sale, at_most: Minor) -> tuple[dict[int, int], Minor | None]:
        """Return the pieces that a guest brings back, by row, or an amount."""
        how = self._chance // 3 % 4
        if how == 0:
            rows = [row for row in sale.rows if row.left]
            if rows:
                row = rows[self._pick(len(rows))]
                return {row.row: 1 + self._chance % row.left}, None
        if how == 1:
            return {}, Minor(1 + self._chance % min(at_most, sale.left.amount))
        return (giving.all_pieces(sale), None) if sale.left.amount <= at_most else ({}, at_most)

    def give(self, begun: Refund | None) -> None:
        """Have the server reserve a refund and hand it over; give it up if the server refuses."""
        if begun is None or not begun.is_open:
            return
        refunds, machine = self._register.refunds, self._machine
        machine.flush()
        try:
            state = machine.refund_state(begun.id) if machine.journal.acked == machine.journal.head else None
        except StoreError:
            state = None
        if state not in _KEPT:
            refunds.decline(begun.id, "refused")
        elif begun.is_asked_elsewhere:
            machine.attend(lambda: self._register.refunds.give(begun), begun=begun.id)
        else:
            self._gave(refunds.approve(begun.id))

    def _gave(self, refund: Refund) -> None:
        """Record the amount handed over."""
        self._world.refunds[refund.id] = -refund.amount

    def settle_refunds(self) -> None:
        """Settle refunds that a crash left open, as a manager: mostly the money did not go back."""
        refunds = self._register.refunds
        for refund in refunds.waiting():
            if not refund.is_asked_elsewhere:
                given = self._chance % 3 == 0
                settled = refunds.settle(
                    refund.id, self._yes(PermissionRequest(Permission.SETTLE, refund.amount)), given=given
                )
                if given:
                    self._gave(settled)
