"""The acts of the pay screen."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct
from typing_extensions import override

from till.domain.i18n import _, language_name, speaking
from till.domain.money.measures import NOTHING, Minor
from till.domain.order import paying
from till.domain.order.naming import tab_name
from till.domain.order.paying import UnreadRecordError
from till.domain.order.preferences import LANGUAGE
from till.domain.order.state import Tab
from till.domain.staff.rights import ApprovalNeededError
from till.tui.screens.pay.kept import AccountSheet, VoucherSheet
from till.tui.screens.pay.screen import PayScreen
from till.tui.screens.pay.state import ChargeHeard, GivenBack, MoneyAsked, MoneyTaken, NotTaken, PayOutcome, PayState
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.sheets.guest_search import OwnerSheet
from till.tui.screens.sheets.managers import ask_settling, give_back, paying_out
from till.tui.shell.calls import call
from till.tui.shell.keymap import SET_ASIDE
from till.tui.shell.messages import plain
from till.tui.shell.scene import TillScene

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from till.domain.errors import TillError
    from till.domain.order.state import Customer, Order, Payment
    from till.domain.payment.movement import PaymentState
    from till.domain.staff.rights import Approval
    from till.register.quick_entry.intents import Split
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.screens.pay.state import PayFacts
    from till.tui.shell.calls import Call
    from till.tui.shell.controller import Controller
    from till.tui.shell.key_table import Key


class TenderAmount(Struct, frozen=True):
    """An amount to take or to ask for; exactly the amount due if None. A tip is part of the amount, or comes on top.

    `part` is the share of a guest who pays only a part of what is due; money beyond it is given back as change. `code`
    is that of a voucher, if it was typed.
    """

    tender: str
    amount: Minor | None
    tip: Minor = NOTHING
    slip: str = ""
    part: Minor | None = None
    code: str = ""


def _state_of(payment: Payment) -> tuple[PaymentState, PaymentState | None]:
    """Return the state of a payment, and of its last refund if any."""
    return payment.state, payment.returns[-1].state if payment.returns else None


class PayActs(TillScene[PayState, PayOutcome, PayScreen]):
    """The acts of the scene, which its reducer calls.

    Args:
        controller: the till.
        session_id: the order.
        pieces: the pieces that are paid for, by line; None if it is for no items.
        back: called on leaving the screen, with the order if something was paid and else None, and a sentence; without
            it, the sell screen opens.
    """

    def __init__(
        self,
        controller: Controller,
        session_id: str,
        pieces: Mapping[str, int] | None,
        back: Callable[[Order | None, StyledText], None] | None,
    ) -> None:
        super().__init__(controller, PayScreen)
        self._shift = controller.register.ledger.shift
        self.session_id = session_id
        self.state = PayState(due=self.order.due)
        self._pieces = pieces
        self._back = back
        self._is_over = False
        #: The awaited payment, and its state when last reported.
        self._awaited = ""
        self._reported: tuple[PaymentState, PaymentState | None] | None = None
        self._look_for_awaited()

    @property
    def order(self) -> Order:
        return self.controller.register.ledger.order(self.session_id)

    @property
    @override
    def guest_order(self) -> Order | None:
        return self.order

    @override
    def refused(self, problem: TillError, asked: Call[Any, Any]) -> None:
        if isinstance(problem, ApprovalNeededError):
            raise problem  # `with_right` asks a manager
        sentence: str = problem.sentence
        if isinstance(problem, UnreadRecordError):
            sentence = _("Update this till. Or Esc, then {key}: a manager skips it.")
            sentence = sentence.format(key=self.controller.keymap.label(SET_ASIDE))
        self.happens(NotTaken(sentence))

    def _look_for_awaited(self) -> None:
        payment = self.order.pending_payment
        self._awaited, self._reported = (payment.id, _state_of(payment)) if payment is not None else ("", None)

    def heard(self) -> None:
        """Report the awaited payment if its state changed."""
        order = self.order
        payment = order.payments.get(self._awaited)
        if payment is None or _state_of(payment) == self._reported:
            return
        self._reported = _state_of(payment)
        self.controller.moved()
        self.happens(ChargeHeard(payment, order))

    # Leaving the screen.

    def open_split(self, asked: Split, typed: str = "") -> None:
        """Open the split, where guests pay separately; its screen gives back what was `typed` if it begins a word."""
        self.controller.split(self.session_id, asked, typed)

    def go_back(self, sentence: str) -> None:
        """Go back to the order with a message."""
        if self._back is not None:
            self._is_over = True
            self._back(None, plain(sentence))
        else:
            self.controller.sell(self.session_id, plain(sentence))

    def finish(self, sold: Order, sentence: str = "") -> None:
        """Show the receipt of the paid order, with a sentence in place of the change if given."""
        self._is_over = True
        register = self.controller.register
        register.typed.clear()
        sentence = sentence or register.answers.change(sold, register.checkout.tenders.traits_of)
        message = plain(register.drawer.with_opening(sentence, self._shift))
        if self._back is not None:
            self._back(sold, message)
        else:
            self.controller.sell(None, message, sold=sold)

    def print_in(self, language: str) -> None:
        """Let the papers of the order be in a language for its guest; in the venue's if it is empty."""
        register, order = self.controller.register, self.order
        order = register.sales.set_preference(order.id, order.user, LANGUAGE, language)
        name = language_name(register.venue.language_of(order))
        self.message = plain(_("The papers of this order: {language}.").format(language=name))

    # Taking money.

    def take(self, money: TenderAmount) -> PayOutcome | None:
        """Take the money handed over, or ask the terminal, gateway or server for it. None if a sheet asks first."""
        register = self.controller.register
        if register.asker.tenders.traits_of(money.tender).named_by:
            self._ask_whose(money)
            return None
        if register.asker.tenders.asked_of(money.tender) is not None:
            part = None if money.amount is None else Minor(money.amount - money.tip)
            register.charges.ask(self.session_id, money.tender, part, money.tip, pieces=self._pieces)
            self._look_for_awaited()
            return MoneyAsked(money.tip)
        amount = money.amount
        if amount is None:
            amount = paying.items_in(self.order, money.tender, self._pieces or {})
        if amount >= 0:
            return self._receive(money)

        def pay_out(approval: Approval | None) -> None:
            self.make(call(PayActs._receive, money, approval))

        title, facts = paying_out(register, self.order, money.tender, Minor(-amount))
        with_right(self.controller, self.screen, title, pay_out, facts=facts)
        return None

    def _receive(self, money: TenderAmount, approval: Approval | None = None) -> MoneyTaken:
        checkout = self.controller.register.checkout
        pay = partial(checkout.pay_exact, self.session_id, money.tender)
        if money.amount is not None:
            pay = partial(checkout.pay, self.session_id, money.tender, money.amount, part=money.part)
        order = pay(tip=money.tip, slip=money.slip, pieces=self._pieces, approval=approval)
        return MoneyTaken(order, money.tip)

    def _ask_whose(self, money: TenderAmount) -> None:
        """Look up a voucher by its code or a house account by its owner, asking for what is unknown; then pay."""
        register, order = self.controller.register, self.order
        traits = register.asker.tenders.traits_of(money.tender)
        due = paying.due_in(order, money.tender) if money.part is None else money.part
        wanted = Minor(due + money.tip) if money.amount is None else money.amount
        paying.check_asked(wanted, money.tip, due, register.formats.money)

        def pay(place: str, amount: Minor, owner: Customer | None = None) -> None:
            if self.is_in_front:
                self.make(call(PayActs._charge, money, place, amount, owner))

        def look(owner: Customer) -> None:
            def charge(place: str, amount: Minor) -> None:
                pay(place, amount, owner)

            AccountSheet(self.controller, self.screen, traits.label, wanted, currency, charge).look(owner)

        currency, known = order.terms.currency.code, order.customer
        if traits.named_by == "code":
            VoucherSheet(self.controller, self.screen, traits.label, wanted, currency, pay).look(money.code)
        elif known is not None and known.id is not None:
            look(known)
        else:
            self.controller.open(OwnerSheet(self.controller, self.screen, known.name if known else "", look))

    def _charge(self, money: TenderAmount, place: str, amount: Minor, owner: Customer | None) -> PayOutcome:
        """Charge an amount; excess over the amount due is a tip. An account's owner becomes the order's customer."""
        due = paying.due_in(self.order, money.tender) if money.part is None else money.part
        tip = Minor(max(0, min(money.tip, amount - due)))
        register, order = self.controller.register, self.order
        if owner is not None and owner != order.customer:
            register.sales.attach_customer(order.id, order.user, owner.id, owner.name)
        register.charges.ask(self.session_id, money.tender, Minor(amount - tip), tip, place=place, pieces=self._pieces)
        self._look_for_awaited()
        return MoneyAsked(tip)

    # Giving money back.

    def give_back(self, payment: Payment, *, by_hand: bool = False) -> None:
        """Give a payment back, with a manager's approval on a sheet if it needs one.

        With `by_hand` a person gave it back, although its terminal or gateway could be asked to.
        """

        def asked() -> None:
            self._look_for_awaited()
            self.happens(MoneyAsked())

        def given(order: Order, sentence: str) -> None:
            self.happens(GivenBack(order, sentence))

        give_back(self.controller, self.screen, self.session_id, payment, asked=asked, given=given, by_hand=by_hand)

    def ask_again(self, payment: Payment) -> MoneyAsked:
        """Ask once more for what was asked for in a payment that was given back."""
        charges = self.controller.register.charges
        charges.ask(self.session_id, payment.tender, payment.asked, payment.tip_asked, pieces=payment.pieces)
        self._look_for_awaited()
        return MoneyAsked()

    # While an outcome is awaited.

    def stop_charge(self) -> None:
        """Ask the terminal to stop."""
        self.controller.register.asker.stop(self._awaited)

    def ask_now(self) -> None:
        """Ask at once for the outcome of the payment."""
        self.controller.register.asker.payment_hinted(self.order.payments[self._awaited].asked_for.id)

    def keep_as_tab(self) -> None:
        """Keep the order on its tab, or on a new one named after the payment, and serve the next guest."""
        register, payment = self.controller.register, self.order.payments[self._awaited]
        when = register.venue.local(payment.started_at or payment.at).strftime("%H:%M")
        with speaking(register.venue.language):  # a name is kept, and is the same for everybody
            name = register.tabs.free_name(f"{register.asker.tenders.label_of(payment.tender)} {when}")
        tab = self.order.tab or Tab(register.ledger.new_id(), name)
        register.charges.keep(self.session_id, tab)
        sentence = _("Kept as {tab}. Checking continues; the answer finds it.")
        self.controller.sell(None, plain(sentence.format(tab=tab_name(tab.name))))

    def settle(self, *, charged: bool, slip: str) -> None:
        """Record a manager's decision on a charge or a refund; `slip` is the number on the paper."""
        payment, charges = self.order.payments[self._awaited], self.controller.register.charges

        def approved(approval: Approval) -> None:
            charges.settle_by_hand(self.session_id, payment.id, approval, charged=charged, slip=slip)
            self.heard()

        ask_settling(self.controller, self.screen, payment, approved, charged=charged, slip=slip)


PayStep: TypeAlias = "tuple[PayState, tuple[Call[PayActs, PayOutcome | None], ...]]"
PayKey: TypeAlias = "Key[PayState, PayFacts, PayActs]"
