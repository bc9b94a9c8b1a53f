"""Taking money: what is due, what was handed over, what to give back. Digits are always the amount."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.coins import hand_back, notes
from till.domain.errors import TillError
from till.domain.order import Order, PaymentState, Status
from till.domain.paying import CASH, cash_due
from till.domain.words import _
from till.register.language import PayCard, PayCash, understand
from till.tui.counter import plain, refusal
from till.tui.editor import LineEditor
from till.tui.palette import Mark, Role
from till.tui.sights import tender_name
from till.tui.strokes import Command
from till.tui.view import (
    CellView,
    ChoicesView,
    ChoiceView,
    EntryView,
    FigureView,
    HeadView,
    KeysView,
    KeyView,
    NoteKeyView,
    NotesView,
    RowsView,
    RowView,
    Said,
    TotalView,
)

if TYPE_CHECKING:
    from till.domain.order import Payment
    from till.tui.counter import Counter
    from till.tui.desks import PayDesk
    from till.tui.strokes import Stroke

#: The tender of a card terminal that stands beside the till and is keyed by hand.
CARD: Final = "CARD"
_NOTE_KEYS: Final = "qwerty"


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
        self._worded = worded
        self.editor = LineEditor()
        self.taken: list[int] = []
        self.said: Said | None = None
        self._notes = notes(counter.register.venue.terms.currency)

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
        command = self.counter.keymap.command(stroke)
        letter = stroke.char.lower()
        if stroke.is_enter:
            self._enter()
        elif stroke.key == "escape":
            self._back()
        elif command is Command.HELP:
            self._help()
        elif self._worded and stroke.char:
            self._type(stroke)
        elif letter and letter in _NOTE_KEYS and not self.editor.text:
            self._take_note(_NOTE_KEYS.index(letter))
        elif letter == "c":
            self._take_typed(CARD)
        elif stroke.key == "backspace" and not self.editor.text and self.taken:
            self.taken.pop()
        elif stroke.digit is not None or stroke.char in {".", ","} or not stroke.char:
            self._type(stroke)

    def _type(self, stroke: Stroke) -> None:
        if self.editor.take(stroke):
            self.taken.clear()
            self.said = None

    def _take_note(self, place: int) -> None:
        if place < len(self._notes):
            self.taken.append(self._notes[place])
            self.said = None

    def _back(self) -> None:
        from till.tui.scenes.sell import SellScene  # noqa: PLC0415 - the scenes know each other

        if self.editor.text or self.taken:
            self.editor.clear()
            self.taken.clear()
            self.said = None
            return
        self.counter.go(SellScene(self.counter, self.session_id, plain(_("Back to the order. Nothing was taken."))))

    def _help(self) -> None:
        from till.tui.sheets.help import HelpSheet  # noqa: PLC0415 - made when it is asked for

        self.counter.open(HelpSheet(self.counter, self.desk, HelpSheet.pay(self.counter.keymap)))

    def _typed(self) -> int | None:
        """The amount that is typed or taken in notes; None for nothing, or for what is no amount."""
        if not self.editor.text:
            return sum(self.taken) or None
        try:
            return self.counter.register.venue.terms.currency.minor(self.editor.text.replace(",", "."))
        except TillError as problem:
            self.said = refusal(problem.sentence)
            return None

    # Money.

    def _enter(self) -> None:
        if self._worded and any(letter.isalpha() for letter in self.editor.text):
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
            intent = understand(typed, register.lookup, register.venue.terms.currency)
        except TillError:
            intent = None
        if isinstance(intent, PayCash):
            self.take_cash(intent.amount)
        elif isinstance(intent, PayCard):
            self.take_card(None)
        else:
            self.said = refusal(_("Say cash, cash and an amount, or card; Esc goes back to the order."))

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
                order = checkout.pay(self.session_id, tender, amount)
        except TillError as problem:
            self.said = refusal(problem.sentence)
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

    def _done(self, order: Order) -> None:
        from till.tui.scenes.sell import SellScene  # noqa: PLC0415 - the scenes know each other

        answers = self.counter.register.answers
        self.counter.register.typed.clear()
        self.counter.go(SellScene(self.counter, None, plain(answers.change(order)), sold=order))

    # Views.

    def paint(self) -> None:
        """Hand views to the widgets."""
        desk, counter, order = self.desk, self.counter, self.order
        formats = counter.register.formats
        due = cash_due(order)
        given = self._given()
        desk.status.show(counter.status())
        name = order.tab.name if order.tab else ""
        pieces = _("{count} items").format(count=order.priced.pieces)
        desk.head.show(HeadView(_("Pay"), ", ".join(part for part in (name, pieces) if part)))
        desk.tenders.show(self._tenders(order))
        symbol = formats.currency.symbol.strip()
        said = _("Due {due}.").format(due=formats.money(due))
        desk.due.show(FigureView(formats.amount(due), Said(f"{_('Due')} {symbol}"), sentence=said))
        desk.tendered.show(self._tendered(given))
        desk.change.show(self._change(due, given))
        desk.notes_head.show(HeadView(_("Notes"), _("each press adds one")))
        desk.notes.show(self._note_keys())
        desk.ways_head.show(HeadView(_("Other ways")))
        card = ChoiceView("C", _("Card"), Said(_("as the terminal beside you says"), Role.MUTED))
        desk.ways.show(ChoicesView((card,)))
        desk.band.show(self._band(due, given))
        desk.keys.show(self._keys(due, given))

    def _given(self) -> int:
        if not self.editor.text:
            return sum(self.taken)
        try:
            return self.counter.register.venue.terms.currency.minor(self.editor.text.replace(",", "."))
        except TillError:
            return 0

    def _tenders(self, order: Order) -> RowsView:
        formats = self.counter.register.formats
        total = Said(formats.amount(order.total), bold=True)
        rows = [RowView((CellView(1, Said(_("Total"), bold=True)), CellView(-2, total, right=True)))]
        shown = list(order.payments.values())
        for place, payment in enumerate(shown, 1):
            rows += [RowView(), self._tender(place, payment)]
        rows += [RowView(), self._waiting(len(shown) + 1, order)]
        if self.desk.is_roomy and len(rows) < 8:  # noqa: PLR2004 - a rule under the list as long as it fits
            rows += [RowView()] * (7 - len(rows)) + [RowView(), RowView(rule=True)]
        return RowsView(tuple(rows))

    def _tender(self, place: int, payment: Payment) -> RowView:
        formats, venue = self.counter.register.formats, self.counter.register.venue
        when = venue.local(payment.at).strftime("%H:%M")
        if payment.state is PaymentState.APPROVED:
            state = Said(_("taken {time}").format(time=when), mark=Mark.APPROVED)
        else:
            reason = payment.reason or _("declined")
            state = Said(reason, mark=Mark.REFUSED)
        amount = Said(formats.amount(payment.amount), strike=payment.state is not PaymentState.APPROVED)
        return self._tender_row(place, tender_name(payment.tender), state, amount)

    def _waiting(self, place: int, order: Order) -> RowView:
        due = Said(self.counter.register.formats.amount(cash_due(order)))
        return self._tender_row(place, _("Cash"), Said(_("not taken yet"), mark=Mark.WAITING), due)

    @staticmethod
    def _tender_row(place: int, name: str, state: Said, amount: Said) -> RowView:
        number = Said(str(place), Role.MUTED)
        cells = (CellView(1, number), CellView(4, Said(name)), CellView(15, state), CellView(-2, amount, right=True))
        return RowView(cells)

    def _tendered(self, given: int) -> RowsView:
        formats = self.counter.register.formats
        if not given:
            return RowsView((RowView((CellView(1, Said(_("Tendered"), Role.MUTED)),)),))
        counted = "  ".join(
            f"{self.taken.count(v)} × {_face(v, formats.currency.scale)}" for v in dict.fromkeys(self.taken)
        )
        words = f"{_('Tendered')}  {counted}" if self.taken else _("Tendered")
        amount = CellView(-2, Said(formats.amount(given)), right=True)
        return RowsView((RowView((CellView(1, Said(words, Role.MUTED)), amount)),))

    def _change(self, due: int, given: int) -> TotalView:
        formats = self.counter.register.formats
        symbol = formats.currency.symbol.strip()
        change = max(0, given - due) if due >= 0 else -due
        if given and given < due:
            left = _("Still due {due}").format(due=formats.money(due - given))
            said = _("Still due {due}.").format(due=formats.money(due - given))
            figure = FigureView(formats.amount(due - given), Said(f"{_('Short')} {symbol}"), sentence=said)
            return TotalView(figure, Said(left, Role.MUTED))
        if not self.desk.is_roomy and not given:
            said = _("Due {due}.").format(due=formats.money(due))
            return TotalView(FigureView(formats.amount(due), Said(f"{_('Due')} {symbol}"), sentence=said))
        said = _("Change {change}.").format(change=formats.money(change))
        figure = FigureView(formats.amount(change), Said(f"{_('Change')} {symbol}"), sentence=said)
        if not change:
            return TotalView(figure)
        pieces = tuple(
            Said(f" {count} × {_face(value, formats.currency.scale)}")
            for count, value in hand_back(formats.currency, change)
        )
        return TotalView(figure, Said(_("Give back"), Role.MUTED), pieces[:6])

    def _note_keys(self) -> NotesView:
        scale = self.counter.register.venue.terms.currency.scale
        keys = (
            NoteKeyView(letter.upper(), _face(value, scale), self.taken.count(value))
            for letter, value in zip(_NOTE_KEYS, self._notes, strict=False)
        )
        return NotesView(tuple(keys))

    def _band(self, due: int, given: int) -> EntryView:
        money = self.counter.register.formats.money
        answer = self.said
        if answer is None and due < 0:
            answer = Said(_("Give back {amount}: Enter in cash, C on the card.").format(amount=money(-due)))
        elif answer is None and given > due:
            sentence = _("Enter takes {given} in cash. Change {change}.")
            answer = Said(sentence.format(given=money(given), change=money(given - due)))
        elif answer is None:
            answer = Said(_("Enter takes {amount} in cash.").format(amount=money(given or due)))
        hint = _("Nothing typed and Enter takes the exact amount. C: card.")
        if self._worded:
            hint = _("Type cash, card or an amount, then Enter.")
        return EntryView(self.editor.text, self.editor.cursor, answer, hint=hint)

    def _keys(self, due: int, given: int) -> KeysView:
        amount = self.counter.register.formats.amount(given or due)
        keys = [
            self.counter.key(Command.HELP, _("Help")),
            KeyView("C", _("Card")),
            KeyView("Esc", _("Back to the order"), _("Back")),
        ]
        if self.taken:
            keys.insert(2, KeyView("Bksp", _("Take a note off"), _("Note off")))
        return KeysView(tuple(keys), KeyView("Enter", _("Take cash {amount}").format(amount=amount)))


def _face(minor: int, scale: int) -> str:
    """What is printed on a note or coin."""
    major, minor = divmod(minor, scale)
    return f"{major}.{minor:02d}" if minor else str(major)
