"""How the pay screen looks at one moment: its state and the facts as views."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import TillError
from till.domain.i18n import _, ngettext
from till.domain.money.coins import hand_back
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.paying import cash_due
from till.domain.order.state import PaymentState
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import (
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
    StyledText,
    TotalView,
)
from till.tui.screens.names import tender_name
from till.tui.screens.pay.reduce import NOTE_KEYS
from till.tui.shell.keymap import HELP

if TYPE_CHECKING:
    from till.domain.money.formats import Formats
    from till.domain.order.state import Order, Payment
    from till.tui.drawing.viewmodels import StatusView
    from till.tui.screens.pay.state import PayFacts, PayState

#: Kinds of notes and coins that a line has room for.
_PIECES: Final = 6


class PayViews(Struct, frozen=True):
    """What each widget of the pay screen shows."""

    status: StatusView
    head: HeadView
    tenders: RowsView
    due: FigureView
    tendered: RowsView
    change: TotalView
    notes_head: HeadView
    notes: NotesView
    other_tenders_head: HeadView
    other_tenders: ChoicesView
    entry: EntryView
    keys: KeysView


def pay_views(state: PayState, facts: PayFacts, status: StatusView) -> PayViews:
    """Give all views of a moment."""
    order, formats = facts.order, facts.formats
    due, given = cash_due(order), _given(state, facts)
    name = order.tab.name if order.tab else ""
    pieces = ngettext("{count} item", "{count} items", order.priced.pieces).format(count=order.priced.pieces)
    said = _("Due {due}.").format(due=formats.money(due))
    label = StyledText(f"{_('Due')} {formats.currency.symbol.strip()}")
    notes_head, other = _ways_to_pay(state)
    return PayViews(
        status=status,
        head=HeadView(_("Pay"), ", ".join(part for part in (name, pieces) if part)),
        tenders=_tenders(facts, order),
        due=FigureView(formats.amount(due), label, sentence=said),
        tendered=_tendered(state, facts, given),
        change=_change(facts, due, given),
        notes_head=notes_head,
        notes=_note_keys(state, facts),
        other_tenders_head=HeadView(_("Other ways")),
        other_tenders=other,
        entry=_band(state, facts, due, given),
        keys=_keys(state, facts, due, given),
    )


def _ways_to_pay(state: PayState) -> tuple[HeadView, ChoicesView]:
    """What stands on the right: the words that pay, or the keys of notes and card."""
    if state.worded:
        said = (("cash", _("exactly what is due")), ("cash 500", _("what was handed over")), ("card", ""))
        rows = tuple(ChoiceView("", words, StyledText(how, Tone.MUTED)) for words, how in said)
        return HeadView(_("In words"), _("then Enter")), ChoicesView(rows)
    card = ChoiceView("C", _("Card"), StyledText(_("as the terminal beside you says"), Tone.MUTED))
    return HeadView(_("Notes"), _("each press adds one")), ChoicesView((card,))


def _given(state: PayState, facts: PayFacts) -> Minor:
    if not state.entry.text:
        return sum_of(state.taken)
    try:
        return facts.formats.minor(state.entry.text)
    except TillError:
        return NOTHING


def _tenders(facts: PayFacts, order: Order) -> RowsView:
    formats = facts.formats
    total = StyledText(formats.amount(order.total), bold=True)
    rows = [RowView((CellView(1, StyledText(_("Total"), bold=True)), CellView(-2, total, right=True)))]
    shown = list(order.payments.values())
    blank = [RowView()] if 2 * len(shown) + 3 <= facts.tender_rows else []
    for place, payment in enumerate(shown, 1):
        rows += [*blank, _tender(facts, place, payment)]
    rows += [*blank, _waiting(facts, len(shown) + 1, order)]
    if facts.is_roomy and len(rows) < 8:  # noqa: PLR2004 - a rule under the list as long as it fits
        rows += [RowView()] * (7 - len(rows)) + [RowView(), RowView(rule=True)]
    return RowsView(tuple(rows))


def _tender(facts: PayFacts, place: int, payment: Payment) -> RowView:
    formats, venue = facts.formats, facts.venue
    when = venue.local(payment.at).strftime("%H:%M")
    if payment.state is PaymentState.APPROVED:
        told = StyledText(_("taken {time}").format(time=when), mark=Mark.APPROVED)
    else:
        reason = payment.reason or _("declined")
        told = StyledText(reason, mark=Mark.REFUSED)
    amount = StyledText(formats.amount(payment.amount), strike=payment.state is not PaymentState.APPROVED)
    return _tender_row(place, tender_name(payment.tender), told, amount)


def _waiting(facts: PayFacts, place: int, order: Order) -> RowView:
    due = StyledText(facts.formats.amount(cash_due(order)))
    return _tender_row(place, _("Cash"), StyledText(_("not taken yet"), mark=Mark.WAITING), due)


def _tender_row(place: int, name: str, told: StyledText, amount: StyledText) -> RowView:
    number = StyledText(str(place), Tone.MUTED)
    cells = (
        CellView(1, number),
        CellView(4, StyledText(name)),
        CellView(15, told),
        CellView(-2, amount, right=True),
    )
    return RowView(cells)


def _tendered(state: PayState, facts: PayFacts, given: Minor) -> RowsView:
    formats = facts.formats
    if not given:
        return RowsView((RowView((CellView(1, StyledText(_("Tendered"), Tone.MUTED)),)),))
    counted = "  ".join(
        f"{state.taken.count(v)} × {_face(v, formats.currency.scale)}" for v in dict.fromkeys(state.taken)
    )
    words = f"{_('Tendered')}  {counted}" if state.taken else _("Tendered")
    amount = CellView(-2, StyledText(formats.amount(given)), right=True)
    return RowsView((RowView((CellView(1, StyledText(words, Tone.MUTED)), amount)),))


def _change(facts: PayFacts, due: Minor, given: Minor) -> TotalView:
    formats = facts.formats
    symbol = formats.currency.symbol.strip()
    change = Minor(max(0, given - due) if due >= 0 else -due)
    if given and given < due:
        left = Minor(due - given)
        said = _("Still due {due}.").format(due=formats.money(left))
        figure = FigureView(formats.amount(left), StyledText(f"{_('Still due')} {symbol}"), sentence=said)
        return TotalView(figure)
    if not facts.is_roomy and not given:
        said = _("Due {due}.").format(due=formats.money(due))
        return TotalView(FigureView(formats.amount(due), StyledText(f"{_('Due')} {symbol}"), sentence=said))
    word = _("Change") if due >= 0 else _("Give back")
    said = f"{word} {formats.money(change)}."
    figure = FigureView(formats.amount(change), StyledText(f"{word} {symbol}"), sentence=said)
    if not change:
        return TotalView(figure)
    return TotalView(figure, StyledText(_("Give back"), Tone.MUTED), give_back(change, formats))


def _note_keys(state: PayState, facts: PayFacts) -> NotesView:
    scale = facts.venue.terms.currency.scale
    keys = (
        NoteKeyView(letter.upper(), _face(value, scale), state.taken.count(value))
        for letter, value in zip(NOTE_KEYS, facts.notes, strict=False)
    )
    return NotesView(tuple(keys))


def _band(state: PayState, facts: PayFacts, due: Minor, given: Minor) -> EntryView:
    money = facts.formats.money
    answer = state.message
    if answer is None and due < 0:
        answer = StyledText(_("Give back {amount}: Enter in cash, C on the card.").format(amount=money(Minor(-due))))
    elif answer is None and given > due:
        sentence = _("Enter takes {given} in cash. Change {change}.")
        answer = StyledText(sentence.format(given=money(given), change=money(Minor(given - due))))
    elif answer is None and state.entry.text and not given:
        answer = StyledText(_("Type an amount like 12.50, then Enter."), Tone.MUTED)
    elif answer is None:
        answer = StyledText(_("Enter takes {amount} in cash.").format(amount=money(given or due)))
        if state.worded:
            answer = StyledText(f"{answer.text} {_('Or type card, or an amount.')}")
    hint = _("Nothing typed and Enter takes the exact amount. C: card.")
    if state.worded:
        hint = _("Type cash, card or an amount, then Enter.")
    text, cursor = state.entry.text, state.entry.cursor
    if state.taken and not text:  # what the notes come to stands where an amount would be typed
        text = facts.formats.amount(given)
        cursor = len(text)
    return EntryView(text, cursor, answer, hint=hint, offered=state.entry.is_offered)


def _keys(state: PayState, facts: PayFacts, due: Minor, given: Minor) -> KeysView:
    amount = facts.formats.amount(given or due)
    keys = [KeyView(facts.keymap.label(HELP), _("Help"), spare=True)]
    if not state.worded:
        if facts.names_notes:
            keys.append(KeyView("Q-Y", _("Notes"), spare=True))
        keys.append(KeyView("C", _("Card")))
    if state.taken:
        keys.append(KeyView("Bksp", _("Take a note off"), _("Note off"), spare=True))
    keys.append(KeyView("Esc", _("Back to the order"), _("Back")))
    if state.entry.text and not given:
        return KeysView(tuple(keys), KeyView("Enter", _("Pay so")) if state.worded else None)
    word, short = _("Take cash {amount}"), _("Cash {amount}")
    if due < 0 and not given:
        word, short = _("Give back {amount}"), _("Back {amount}")
        amount = facts.formats.amount(Minor(-due))
    return KeysView(tuple(keys), KeyView("Enter", word.format(amount=amount), short.format(amount=amount)))


def give_back(change: Minor, formats: Formats) -> tuple[StyledText, ...]:
    """Change in notes and coins, the largest first."""
    pieces = hand_back(formats.currency, change)[:_PIECES]
    return tuple(StyledText(f" {count} × {_face(value, formats.currency.scale)}") for count, value in pieces)


def _face(value: Minor, scale: int) -> str:
    """What is printed on a note or coin."""
    major, minor = divmod(value, scale)
    return f"{major}.{minor:02d}" if minor else str(major)
