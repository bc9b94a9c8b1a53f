"""How the pay screen looks at one moment: its scene as views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import TillError
from till.domain.i18n import _, ngettext
from till.domain.money.coins import hand_back
from till.domain.order.state import PaymentState
from till.domain.payment.paying import cash_due
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
    from till.domain.money.formats import Formats
    from till.domain.order.state import Order, Payment
    from till.tui.scenes.pay import PayScene

#: Kinds of notes and coins that a line has room for.
_PIECES: Final = 6
#: The keys of the notes, from the left.
NOTE_KEYS = "qwerty"


class PayView:
    """Paints one pay scene."""

    def __init__(self, scene: PayScene) -> None:
        self._scene = scene

    def paint(self) -> None:
        """Hand views to the widgets."""
        desk, counter, order = self._scene.desk, self._scene.counter, self._scene.order
        formats = counter.register.formats
        due = cash_due(order)
        given = self._given()
        desk.status.show(counter.status())
        name = order.tab.name if order.tab else ""
        pieces = ngettext("{count} item", "{count} items", order.priced.pieces).format(count=order.priced.pieces)
        desk.head.show(HeadView(_("Pay"), ", ".join(part for part in (name, pieces) if part)))
        desk.tenders.show(self._tenders(order))
        symbol = formats.currency.symbol.strip()
        said = _("Due {due}.").format(due=formats.money(due))
        desk.due.show(FigureView(formats.amount(due), Said(f"{_('Due')} {symbol}"), sentence=said))
        desk.tendered.show(self._tendered(given))
        desk.change.show(self._change(due, given))
        self._paint_ways()
        desk.band.show(self._band(due, given))
        desk.keys.show(self._keys(due, given))

    def _paint_ways(self) -> None:
        desk, worded = self._scene.desk, self._scene.worded
        desk.word(worded=worded)
        if worded:
            desk.notes_head.show(HeadView(_("In words"), _("then Enter")))
            said = (("cash", _("exactly what is due")), ("cash 500", _("what was handed over")), ("card", ""))
            desk.ways.show(ChoicesView(tuple(ChoiceView("", words, Said(how, Role.MUTED)) for words, how in said)))
            return
        desk.notes_head.show(HeadView(_("Notes"), _("each press adds one")))
        desk.notes.show(self._note_keys())
        desk.ways_head.show(HeadView(_("Other ways")))
        card = ChoiceView("C", _("Card"), Said(_("as the terminal beside you says"), Role.MUTED))
        desk.ways.show(ChoicesView((card,)))

    def _given(self) -> int:
        if not self._scene.editor.text:
            return sum(self._scene.taken)
        try:
            return self._scene.counter.register.formats.minor(self._scene.editor.text)
        except TillError:
            return 0

    def _tenders(self, order: Order) -> RowsView:
        formats = self._scene.counter.register.formats
        total = Said(formats.amount(order.total), bold=True)
        rows = [RowView((CellView(1, Said(_("Total"), bold=True)), CellView(-2, total, right=True)))]
        shown = list(order.payments.values())
        blank = [RowView()] if 2 * len(shown) + 3 <= self._scene.desk.tender_rows else []
        for place, payment in enumerate(shown, 1):
            rows += [*blank, self._tender(place, payment)]
        rows += [*blank, self._waiting(len(shown) + 1, order)]
        if self._scene.desk.is_roomy and len(rows) < 8:  # noqa: PLR2004 - a rule under the list as long as it fits
            rows += [RowView()] * (7 - len(rows)) + [RowView(), RowView(rule=True)]
        return RowsView(tuple(rows))

    def _tender(self, place: int, payment: Payment) -> RowView:
        formats, venue = self._scene.counter.register.formats, self._scene.counter.register.venue
        when = venue.local(payment.at).strftime("%H:%M")
        if payment.state is PaymentState.APPROVED:
            state = Said(_("taken {time}").format(time=when), mark=Mark.APPROVED)
        else:
            reason = payment.reason or _("declined")
            state = Said(reason, mark=Mark.REFUSED)
        amount = Said(formats.amount(payment.amount), strike=payment.state is not PaymentState.APPROVED)
        return self._tender_row(place, tender_name(payment.tender), state, amount)

    def _waiting(self, place: int, order: Order) -> RowView:
        due = Said(self._scene.counter.register.formats.amount(cash_due(order)))
        return self._tender_row(place, _("Cash"), Said(_("not taken yet"), mark=Mark.WAITING), due)

    @staticmethod
    def _tender_row(place: int, name: str, state: Said, amount: Said) -> RowView:
        number = Said(str(place), Role.MUTED)
        cells = (CellView(1, number), CellView(4, Said(name)), CellView(15, state), CellView(-2, amount, right=True))
        return RowView(cells)

    def _tendered(self, given: int) -> RowsView:
        formats = self._scene.counter.register.formats
        if not given:
            return RowsView((RowView((CellView(1, Said(_("Tendered"), Role.MUTED)),)),))
        counted = "  ".join(
            f"{self._scene.taken.count(v)} × {_face(v, formats.currency.scale)}"
            for v in dict.fromkeys(self._scene.taken)
        )
        words = f"{_('Tendered')}  {counted}" if self._scene.taken else _("Tendered")
        amount = CellView(-2, Said(formats.amount(given)), right=True)
        return RowsView((RowView((CellView(1, Said(words, Role.MUTED)), amount)),))

    def _change(self, due: int, given: int) -> TotalView:
        formats = self._scene.counter.register.formats
        symbol = formats.currency.symbol.strip()
        change = max(0, given - due) if due >= 0 else -due
        if given and given < due:
            said = _("Still due {due}.").format(due=formats.money(due - given))
            figure = FigureView(formats.amount(due - given), Said(f"{_('Still due')} {symbol}"), sentence=said)
            return TotalView(figure)
        if not self._scene.desk.is_roomy and not given:
            said = _("Due {due}.").format(due=formats.money(due))
            return TotalView(FigureView(formats.amount(due), Said(f"{_('Due')} {symbol}"), sentence=said))
        word = _("Change") if due >= 0 else _("Give back")
        said = f"{word} {formats.money(change)}."
        figure = FigureView(formats.amount(change), Said(f"{word} {symbol}"), sentence=said)
        if not change:
            return TotalView(figure)
        return TotalView(figure, Said(_("Give back"), Role.MUTED), give_back(change, formats))

    def _note_keys(self) -> NotesView:
        scale = self._scene.counter.register.venue.terms.currency.scale
        keys = (
            NoteKeyView(letter.upper(), _face(value, scale), self._scene.taken.count(value))
            for letter, value in zip(NOTE_KEYS, self._scene.notes, strict=False)
        )
        return NotesView(tuple(keys))

    def _band(self, due: int, given: int) -> EntryView:
        money = self._scene.counter.register.formats.money
        answer = self._scene.said
        if answer is None and due < 0:
            answer = Said(_("Give back {amount}: Enter in cash, C on the card.").format(amount=money(-due)))
        elif answer is None and given > due:
            sentence = _("Enter takes {given} in cash. Change {change}.")
            answer = Said(sentence.format(given=money(given), change=money(given - due)))
        elif answer is None and self._scene.editor.text and not given:
            answer = Said(_("Type an amount like 12.50, then Enter."), Role.MUTED)
        elif answer is None:
            answer = Said(_("Enter takes {amount} in cash.").format(amount=money(given or due)))
            if self._scene.worded:
                answer = Said(f"{answer.text} {_('Or type card, or an amount.')}")
        hint = _("Nothing typed and Enter takes the exact amount. C: card.")
        if self._scene.worded:
            hint = _("Type cash, card or an amount, then Enter.")
        text, cursor = self._scene.editor.text, self._scene.editor.cursor
        if self._scene.taken and not text:  # what the notes come to stands where an amount would be typed
            text = self._scene.counter.register.formats.amount(given)
            cursor = len(text)
        return EntryView(text, cursor, answer, hint=hint, offered=self._scene.editor.is_offered)

    def _keys(self, due: int, given: int) -> KeysView:
        scene = self._scene
        amount = scene.counter.register.formats.amount(given or due)
        keys = [scene.counter.key(Command.HELP, _("Help"), spare=True)]
        if not scene.worded:
            if scene.desk.names_notes:
                keys.append(KeyView("Q-Y", _("Notes"), spare=True))
            keys.append(KeyView("C", _("Card")))
        if scene.taken:
            keys.append(KeyView("Bksp", _("Take a note off"), _("Note off"), spare=True))
        keys.append(KeyView("Esc", _("Back to the order"), _("Back")))
        if scene.editor.text and not given:
            return KeysView(tuple(keys), KeyView("Enter", _("Pay so")) if scene.worded else None)
        word, short = _("Take cash {amount}"), _("Cash {amount}")
        if due < 0 and not given:
            word, short = _("Give back {amount}"), _("Back {amount}")
            amount = scene.counter.register.formats.amount(-due)
        primary = KeyView("Enter", word.format(amount=amount), short.format(amount=amount))
        return KeysView(tuple(keys), primary)


def give_back(change: int, formats: Formats) -> tuple[Said, ...]:
    """Change in notes and coins, the largest first."""
    pieces = hand_back(formats.currency, change)[:_PIECES]
    return tuple(Said(f" {count} × {_face(value, formats.currency.scale)}") for count, value in pieces)


def _face(minor: int, scale: int) -> str:
    """What is printed on a note or coin."""
    major, minor = divmod(minor, scale)
    return f"{major}.{minor:02d}" if minor else str(major)
