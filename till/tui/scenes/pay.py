"""Taking money: what is due, what was handed over, what to give back. Digits are always the amount."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import PaymentError, TillError
from till.domain.i18n import _
from till.domain.money.coins import notes
from till.domain.order.state import Status
from till.domain.payment.paying import CASH, cash_due
from till.register.quick_entry.language import PayCard, PayCash, understand
from till.tui.counter import plain, refusal
from till.tui.editor import LineEditor
from till.tui.scenes.doubting import Doubt
from till.tui.scenes.pay_view import NOTE_KEYS, PayView
from till.tui.sheets.help import HelpSheet
from till.tui.strokes import Command

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.tui.counter import Counter
    from till.tui.desks import PayDesk
    from till.tui.strokes import Stroke
    from till.tui.view import Said

#: The tender of a card terminal that stands beside the till and is keyed by hand.
CARD: Final = "CARD"


class PayScene:
    """The pay screen of one order.

    Args:
        counter: the till.
        session_id: the order.
        worded: it was asked for in words ("checkout"): then letters are words too, "cash" and not the key C.
    """

    def __init__(self, counter: Counter, session_id: str, *, worded: bool = False) -> None:
        self.counter = counter
        self.session_id = session_id
        self.worded = worded
        self.editor = LineEditor()
        self.taken: list[int] = []
        twice = counter.register.telling.carried_twice(self.order)
        self.said: Said | None = refusal(twice) if twice else None
        self.notes = notes(counter.register.venue.terms.currency)
        self.doubt = Doubt()
        self._view = PayView(self)

    @property
    def desk(self) -> PayDesk:
        """The widgets."""
        return self.counter.desks.pay

    @property
    def order(self) -> Order:
        """The order that is paid."""
        return self.counter.register.ledger.order(self.session_id)

    # Strokes.

    def stroke(self, stroke: Stroke) -> None:
        """An amount, a note, a way to pay, or back."""
        if not stroke.is_enter:
            self.doubt.forget()
        command = self.counter.keymap.command(stroke)
        letter = stroke.char.lower()
        if stroke.is_enter:
            self._enter()
        elif stroke.key == "escape":
            self._back()
        elif command is Command.HELP:
            self._help()
        elif self.worded and stroke.char:
            self._type(stroke)
        elif letter and letter in NOTE_KEYS and not self.editor.text:
            self._take_note(NOTE_KEYS.index(letter))
        elif letter == "c":
            self._take_typed(CARD)
        elif stroke.key == "backspace" and not self.editor.text and self.taken:
            self.taken.pop()
        else:  # what is no digit too: left out in silence, 5O0 would be taken for 50
            self._type(stroke)

    def _type(self, stroke: Stroke) -> None:
        if self.editor.take(stroke):
            self.taken.clear()
            self.said = None

    def _take_note(self, place: int) -> None:
        if place < len(self.notes):
            self.taken.append(self.notes[place])
            self.said = None

    def _back(self) -> None:
        if self.editor.text or self.taken:
            self.editor.clear()
            self.taken.clear()
            self.said = None
            return
        said, order, money = _("Back to the order. Nothing was taken."), self.order, self.counter.register.formats.money
        if order.paid:
            words = _("Back to the order. {paid} is paid, {due} is due.")
            said = words.format(paid=money(order.paid), due=money(order.due))
        self.counter.sell(self.session_id, plain(said))

    def _help(self) -> None:
        self.counter.open(HelpSheet(self.counter, self.desk, HelpSheet.pay()))

    def _typed(self) -> int | None:
        """The amount that is typed or taken in notes; None for nothing, or for what is no amount."""
        if not self.editor.text:
            return sum(self.taken) or None
        try:
            return self.counter.register.formats.minor(self.editor.text)
        except TillError as problem:
            self.said = refusal(problem.sentence)
            self.editor.offer(self.editor.text)
            return None

    # Money.

    def _enter(self) -> None:
        if self.worded and any(letter.isalpha() for letter in self.editor.text):
            self._do_words(self.editor.text)
        else:
            self._take_typed(CASH)

    def _take_typed(self, tender: str) -> None:
        typed = self._typed()
        if typed is not None or not self.editor.text:
            self._take(tender, typed)

    def _do_words(self, typed: str) -> None:
        register = self.counter.register
        try:
            intent = understand(typed, register.lookup, register.formats)
        except TillError:
            intent = None
        if isinstance(intent, PayCash):
            self.take_cash(intent.amount)
        elif isinstance(intent, PayCard):
            self.take_card(None)
        else:
            self.said = refusal(_("Say cash, cash and an amount, or card; Esc goes back to the order."))
            self.editor.offer(typed)

    def take_cash(self, amount: int | None) -> None:
        """Take cash: an amount that was handed over, or exactly what is due."""
        self._take(CASH, amount)

    def take_card(self, amount: int | None) -> None:
        """Take an amount, or all that is due, as the card terminal said."""
        self._take(CARD, amount)

    def _take(self, tender: str, amount: int | None) -> None:
        checkout = self.counter.register.checkout
        try:
            if amount is None:
                order = checkout.pay_exact(self.session_id, tender)
            else:
                if tender == CASH:
                    self._ask_back(amount)
                order = checkout.pay(self.session_id, tender, amount)
        except TillError as problem:
            self.said = refusal(problem.sentence)
            self.editor.offer(self.editor.text)
            if self.counter.scene is not self:
                self.counter.go(self)
            return
        self.editor.clear()
        self.taken.clear()
        if order.status is Status.COMPLETED:
            self._done(order)
            return
        money = self.counter.register.formats.money
        self.said = plain(_("{due} is still due.").format(due=money(order.due)))
        if self.counter.scene is not self:
            self.counter.go(self)

    def _ask_back(self, amount: int) -> None:
        """More change than the largest note is asked back once: with such a note less, what is due was paid too."""
        due, money = cash_due(self.order), self.counter.register.formats.money
        change = amount - due
        if due < 0 or change <= max(self.notes):
            return
        if not self.editor.text and not self.taken:  # it was said at the order: Enter here is to mean the same
            self.editor.set(self.counter.register.formats.amount(amount))
        question = _("{given} for {due}? Enter again takes it and gives {change} back.")
        self.doubt.ask(amount, PaymentError(question.format(given=money(amount), due=money(due), change=money(change))))

    def _done(self, order: Order) -> None:
        answers = self.counter.register.answers
        self.counter.register.typed.clear()
        self.counter.sell(None, plain(answers.change(order)), sold=order)

    def paint(self) -> None:
        """Hand views to the widgets."""
        self._view.paint()
