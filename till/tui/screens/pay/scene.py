"""Taking money: what is due, what was handed over, what to give back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from till.domain.errors import TillError, UnreadRecordError
from till.domain.i18n import _
from till.domain.money.coins import notes
from till.domain.order.paying import CASH
from till.tui.screens.pay.effects import (
    Finish,
    GiveBack,
    GivenBack,
    GoBack,
    MoneyTaken,
    NotTaken,
    Offered,
    OpenPayHelp,
    Take,
)
from till.tui.screens.pay.presenter import pay_views
from till.tui.screens.pay.reduce import reduce
from till.tui.screens.pay.screen import PayScreen
from till.tui.screens.pay.state import PayFacts, PayState
from till.tui.screens.pay.typed import CARD
from till.tui.screens.sheets.give_back import GiveBackSheet
from till.tui.shell.keymap import SET_ASIDE, key_of
from till.tui.shell.messages import plain

if TYPE_CHECKING:
    from till.domain.money.measures import Minor
    from till.domain.order.state import Order, Payment
    from till.domain.staff.person import Person
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.pay.effects import PayEffect, PayHappening
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.entry_line import EntryLine
    from till.tui.shell.keymap import KeyPress


def help_rows() -> tuple[Helped, ...]:
    """The keys of the pay screen."""
    return (
        ("Enter", _("Exact cash"), _("when nothing is typed")),
        ("500 Enter", _("Cash with change"), _("what was handed over")),
        ("Q W E R T Y", _("A note"), _("each press adds one")),
        ("Backspace", _("Take a note off"), _("or the card")),
        (_("Backspace, Enter"), _("Give back"), _("what was taken last")),
        ("C", _("Mark the card"), _("all or the amount, then Enter")),
        ("cash 500 Enter", _("In words too"), _("cash, card")),
        ("Esc", _("Back to the order"), _("what was taken stays taken")),
    )


class PayScene:
    """Keeps the state of the pay screen: keys are reduced, effects carried out, their outcomes reduced.

    Args:
        controller: the till.
        session_id: the order.
    """

    takes_money = True
    says_trouble = False

    def __init__(self, controller: Controller, session_id: str) -> None:
        self.controller = controller
        self.session_id = session_id
        self.state = PayState()
        self._notes = tuple(notes(controller.register.venue.terms.currency))
        self._is_over = False

    @property
    def screen(self) -> PayScreen:
        return self.controller.screens.of(PayScreen)

    @property
    def order(self) -> Order:
        return self.controller.register.ledger.order(self.session_id)

    @property
    def message(self) -> StyledText | None:
        return self.state.message

    @message.setter
    def message(self, message: StyledText | None) -> None:
        self.state = replace(self.state, message=message)

    @property
    def entry(self) -> EntryLine:
        return self.state.entry

    def tick(self) -> None:
        """Time passes."""

    def press(self, press: KeyPress) -> None:
        """Type an amount, take a note, choose a way to pay, or go back."""
        self._happens(press)

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Mark the way to pay that was clicked, as its letter does."""
        if widget is self.screen.other_tenders and (press := key_of(self.screen.other_tenders.view.rows[place].key)):
            self.press(press)

    def show(self) -> None:
        """Come up: the guest wants to pay. It comes up where that cannot be written down too: keys are on their way."""
        self.controller.go(self)
        try:
            self.controller.register.checkout.begin(self.session_id)
        except TillError as problem:
            self.controller.complain(problem)

    def take_cash(self, amount: Minor | None) -> None:
        """Take cash: an amount that was handed over, or exactly what is due."""
        self._take(CASH, amount)

    def take_card(self, amount: Minor | None) -> None:
        """Take an amount, or all that is due, as the card terminal said."""
        self._take(CARD, amount)

    def _take(self, tender: str, amount: Minor | None) -> None:
        """Take money that was said at the order; where that was not all, or was refused, this screen comes."""
        self._happens(Offered(tender, amount))
        if not self._is_over and self.controller.scene is not self:
            self.show()

    def _happens(self, event: KeyPress | PayHappening) -> None:
        self.state, effects = reduce(self.state, event, self._facts())
        for effect in effects:
            self._carry_out(effect)

    def _carry_out(self, effect: PayEffect) -> None:
        controller, checkout = self.controller, self.controller.register.checkout
        match effect:
            case Take(tender=tender, amount=amount):
                try:
                    if amount is None:
                        order = checkout.pay_exact(self.session_id, tender)
                    else:
                        order = checkout.pay(self.session_id, tender, amount)
                except UnreadRecordError:
                    sentence = _("A record does not read here. Esc, then {key}: a manager sets it aside.")
                    self._happens(NotTaken(sentence.format(key=controller.keymap.label(SET_ASIDE))))
                except TillError as problem:
                    self._happens(NotTaken(problem.sentence))
                else:
                    self._happens(MoneyTaken(order))
            case GiveBack(payment=payment):
                self._give_back(payment)
            case GoBack(sentence=sentence):
                controller.sell(self.session_id, plain(sentence))
            case OpenPayHelp():
                controller.help(self.screen, help_rows())
            case Finish(sold=sold):
                self._is_over = True
                controller.register.typed.clear()
                controller.sell(None, plain(controller.register.answers.change(sold)), sold=sold)

    def _give_back(self, payment: Payment) -> None:
        """Give a payment back; a manager says yes to what is another's, in place."""
        if not self.controller.register.checkout.needs_manager(self.session_id, payment.id):
            try:
                self._return(payment)
            except TillError as problem:
                self._happens(NotTaken(problem.sentence))
            return

        def approved(manager: Person) -> None:
            if self.controller.scene is self:  # else the order left the screen while the PIN was looked at
                self._return(payment, manager)

        self.controller.open(GiveBackSheet(self.controller, self.screen, payment, approved))

    def _return(self, payment: Payment, manager: Person | None = None) -> None:
        register = self.controller.register
        order = register.checkout.give_back(self.session_id, payment.id, manager)
        self._happens(GivenBack(order, register.answers.given_back(payment)))

    def _facts(self) -> PayFacts:
        register, screen = self.controller.register, self.screen
        return PayFacts(
            order=self.order,
            notes=self._notes,
            formats=register.formats,
            venue=register.venue,
            lookup=register.lookup,
            keymap=self.controller.keymap,
            is_roomy=screen.is_roomy,
            tender_rows=screen.tender_rows,
            names_notes=screen.names_notes,
        )

    def paint(self) -> None:
        """Hand views to the widgets."""
        self.screen.show(pay_views(self.state, self._facts(), self.controller.status()))
