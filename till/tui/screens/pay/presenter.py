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
from till.domain.payment.names import tender_name
from till.register.quick_entry.language import PayCard, PayCash
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
from till.tui.screens.pay.reduce import in_words
from till.tui.screens.pay.state import next_back
from till.tui.screens.pay.typed import NOTE_KEYS, Typed, read
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


class _Moment(Struct, frozen=True):
    """What the views are made of.

    Attributes:
        typed: what is typed, as it is read.
        given: what is typed or came in notes; nothing where that is no amount.
        back: the payment that the next Enter gives back.
        said: how words say that the guest pays; None where none do.
    """

    facts: PayFacts
    typed: Typed
    given: Minor
    back: Payment | None
    said: PayCash | PayCard | None

    @property
    def by_card(self) -> bool:
        """Whether the card is marked, or said."""
        return isinstance(self.said, PayCard) or self.typed.by_card

    @property
    def due(self) -> Minor:
        """What is due in the way to pay that is marked, or said: cash is rounded."""
        return self.facts.order.due if self.by_card else cash_due(self.facts.order)

    @property
    def is_none(self) -> bool:
        """Whether something is typed that is no amount yet, or words."""
        return self.said is None and bool(self.typed.words or self.typed.amount) and not self.given


def pay_views(state: PayState, facts: PayFacts, status: StatusView) -> PayViews:
    """Give all views of a moment."""
    order, formats = facts.order, facts.formats
    typed = read(state.entry.text, facts.notes)
    meant = in_words(typed.words, facts) if typed.words else None
    given = _given(typed, formats) if not isinstance(meant, PayCash) else meant.amount or NOTHING
    now = _Moment(facts, typed, given, next_back(state, facts), meant)
    name = order.tab.name if order.tab else ""
    pieces = ngettext("{count} item", "{count} items", order.priced.pieces).format(count=order.priced.pieces)
    said = _("Due {due}.").format(due=formats.money(now.due))
    label = StyledText(f"{_('Due')} {formats.currency.symbol.strip()}")
    return PayViews(
        status=status,
        head=HeadView(_("Pay"), ", ".join(part for part in (name, pieces) if part)),
        tenders=_tenders(now, order),
        due=FigureView(formats.amount(now.due), label, sentence=said),
        tendered=_tendered(now),
        change=_change(now),
        notes_head=HeadView(_("Notes"), _("each press adds one")),
        notes=_note_keys(now),
        other_tenders_head=HeadView(_("Other ways")),
        other_tenders=_other_ways(typed),
        entry=_band(state, now),
        keys=_keys(now),
    )


def _other_ways(typed: Typed) -> ChoicesView:
    card = ChoiceView("C", _("Card"), StyledText(_("as the terminal beside you says"), Tone.MUTED))
    words = ChoiceView("", _("In words"), StyledText(_("cash 500 or card, then Enter"), Tone.MUTED))
    return ChoicesView((card, words), 0 if typed.by_card else 1 if typed.words else None)


def _given(typed: Typed, formats: Formats) -> Minor:
    if not typed.amount:
        return sum_of(typed.notes)
    try:
        return formats.minor(typed.amount)
    except TillError:
        return NOTHING


def _tenders(now: _Moment, order: Order) -> RowsView:
    facts, formats = now.facts, now.facts.formats
    total = StyledText(formats.amount(order.total), bold=True)
    rows = [RowView((CellView(1, StyledText(_("Total"), bold=True)), CellView(-2, total, right=True)))]
    shown = list(order.payments.values())
    blank = [RowView()] if 2 * len(shown) + 3 <= facts.tender_rows else []
    for place, payment in enumerate(shown, 1):
        rows += [*blank, _tender(facts, place, payment)]
    if not order.is_empty:
        rows += [*blank, _waiting(now, len(shown) + 1)]
    if facts.is_roomy and len(rows) < 8:  # noqa: PLR2004 - a rule under the list as long as it fits
        rows += [RowView()] * (7 - len(rows)) + [RowView(), RowView(rule=True)]
    return RowsView(tuple(rows))


def _tender(facts: PayFacts, place: int, payment: Payment) -> RowView:
    formats, venue = facts.formats, facts.venue
    when = venue.local(payment.at).strftime("%H:%M")
    if payment.state is PaymentState.APPROVED:
        told = StyledText(_("taken {time}").format(time=when), mark=Mark.APPROVED)
    elif payment.state is PaymentState.VOIDED:
        told = StyledText(_("given back {time}").format(time=when), mark=Mark.REFUSED)
    else:
        reason = payment.reason or _("declined")
        told = StyledText(reason, mark=Mark.REFUSED)
    amount = StyledText(formats.amount(payment.amount), strike=payment.state is not PaymentState.APPROVED)
    return _tender_row(place, tender_name(payment.tender), told, amount)


def _waiting(now: _Moment, place: int) -> RowView:
    due = StyledText(now.facts.formats.amount(now.due))
    told = StyledText(_("not taken yet"), mark=Mark.WAITING)
    return _tender_row(place, tender_name(now.typed.tender), told, due)


def _tender_row(place: int, name: str, told: StyledText, amount: StyledText) -> RowView:
    number = StyledText(str(place), Tone.MUTED)
    cells = (
        CellView(1, number),
        CellView(4, StyledText(name)),
        CellView(15, told),
        CellView(-2, amount, right=True),
    )
    return RowView(cells)


def _tendered(now: _Moment) -> RowsView:
    formats, notes = now.facts.formats, now.typed.notes
    if not now.given or now.by_card:  # by card nothing is handed over
        return RowsView((RowView((CellView(1, StyledText(_("Tendered"), Tone.MUTED)),)),))
    counted = "  ".join(f"{notes.count(v)} × {_face(v, formats.currency.scale)}" for v in dict.fromkeys(notes))
    words = f"{_('Tendered')}  {counted}" if notes else _("Tendered")
    amount = CellView(-2, StyledText(formats.amount(now.given)), right=True)
    return RowsView((RowView((CellView(1, StyledText(words, Tone.MUTED)), amount)),))


def _change(now: _Moment) -> TotalView:
    """The large figure: what moves at the next Enter."""
    formats, due, given = now.facts.formats, now.due, now.given
    if now.back is not None:
        return TotalView(_figure(_back_word(now.back), Minor(abs(now.back.amount)), formats))
    if now.by_card and (due > 0 or given):
        return TotalView(_figure(_("By card"), given or due, formats))
    change = Minor(max(0, given - due) if due >= 0 else -due)
    if given and given < due:
        return TotalView(_figure(_("Still due"), Minor(due - given), formats))
    if not now.facts.is_roomy and not given:
        return TotalView(_figure(_("Due"), due, formats))
    figure = _figure(_("Change") if due >= 0 else _("Give back"), change, formats)
    if not change:
        return TotalView(figure)
    return TotalView(figure, StyledText(_("Give back"), Tone.MUTED), give_back(change, formats))


def _figure(word: str, amount: Minor, formats: Formats) -> FigureView:
    """A large amount under its word."""
    label = StyledText(f"{word} {formats.currency.symbol.strip()}")
    return FigureView(formats.amount(amount), label, sentence=f"{word} {formats.money(amount)}.")


def _note_keys(now: _Moment) -> NotesView:
    scale = now.facts.venue.terms.currency.scale
    keys = (
        NoteKeyView(letter.upper(), _face(value, scale), now.typed.notes.count(value))
        for letter, value in zip(NOTE_KEYS, now.facts.notes, strict=False)
    )
    return NotesView(tuple(keys))


def _band(state: PayState, now: _Moment) -> EntryView:
    typed = now.typed
    text, cursor = state.entry.text, state.entry.cursor
    if typed.is_marked:  # what the notes come to, or goes to the card, stands where an amount would be typed
        text = typed.amount if typed.by_card else now.facts.formats.amount(now.given)
        cursor = len(text)
    hint = _("Nothing typed and Enter takes the exact amount. C marks card.")
    if typed.by_card:
        hint = _("An amount, or nothing for all of it.")
    elif typed.words:
        hint = _("Esc takes the words off.")
    return EntryView(text, cursor, state.message or _next(now), hint=hint, offered=state.entry.is_offered)


def _next(now: _Moment) -> StyledText:
    """What the next Enter does, as a sentence."""
    if now.back is not None:
        amount = now.facts.formats.money(Minor(abs(now.back.amount)))
        said = _("No line is left. Enter gives {amount} back.")
        if now.back.amount < 0:
            said = _("No line is left. Enter takes {amount} back from the guest.")
        return StyledText(said.format(amount=amount))
    if now.typed.words and now.said is None:
        return StyledText(_("In words: cash, cash 500 or card, then Enter."), Tone.MUTED)
    if now.is_none:
        return StyledText(_("Type an amount like 12.50, then Enter."), Tone.MUTED)
    return StyledText(_back(now) if now.due < 0 else _taking(now))


def _back(now: _Moment) -> str:
    amount = now.facts.formats.money(Minor(-now.due))
    if now.by_card:
        return _("Enter gives {amount} back on the card.").format(amount=amount)
    return _("Give back {amount}: Enter in cash; C marks the card.").format(amount=amount)


def _taking(now: _Moment) -> str:
    money, due, given = now.facts.formats.money, now.due, now.given
    if now.by_card:
        return _("Enter takes {amount} by card.").format(amount=money(given or due))
    if given > due:
        sentence = _("Enter takes {given} in cash. Change {change}.")
        return sentence.format(given=money(given), change=money(Minor(given - due)))
    return _("Enter takes {amount} in cash.").format(amount=money(given or due))


def _back_word(payment: Payment) -> str:
    """What is done with a payment that does not stand: one of less than nothing comes back from the guest."""
    return _("Give back") if payment.amount > 0 else _("Take back")


def _keys(now: _Moment) -> KeysView:
    facts, typed = now.facts, now.typed
    keys = [KeyView(facts.keymap.label(HELP), _("Help"), spare=True)]
    marks = not typed.words and not facts.order.is_empty
    # beside what Backspace gives back there is no room, and the notes name their keys
    if facts.names_notes and marks and not facts.order.has_money:
        keys.append(KeyView("Q-Y", _("Notes"), spare=True))
    if marks and not typed.by_card:
        keys.append(KeyView("C", _("Card")))
    keys += _backspace(now)
    keys.append(KeyView("Esc", _("Back to the order"), _("Back")))
    return KeysView(tuple(keys), _enter_key(now))


def _backspace(now: _Moment) -> tuple[KeyView, ...]:
    """What Backspace takes off, or asks about."""
    typed, taken = now.typed, now.facts.order.last_taken
    if typed.notes:
        return (KeyView("Bksp", _("Take a note off"), _("Note off"), spare=True),)
    if typed.by_card and not typed.amount:
        return (KeyView("Bksp", _("No card"), spare=True),)
    if taken is None or now.back is not None or typed != Typed():
        return ()
    amount = now.facts.formats.amount(Minor(abs(taken.amount)))
    return (KeyView("Bksp", f"{_back_word(taken)} {amount}", _("Back {amount}").format(amount=amount), spare=True),)


def _enter_key(now: _Moment) -> KeyView | None:
    formats, typed = now.facts.formats, now.typed
    if typed.words and now.said is None:
        return KeyView("Enter", _("Pay so"))
    if now.is_none:
        return None
    word, short, amount = _("Take cash {amount}"), _("Cash {amount}"), now.given or now.due
    if now.back is not None:
        amount = Minor(abs(now.back.amount))
        word = short = f"{_back_word(now.back)} {{amount}}"
    elif now.due < 0 and not now.given:
        word, short, amount = _("Give back {amount}"), _("Back {amount}"), Minor(-now.due)
    elif now.by_card:
        word, short = _("Take card {amount}"), _("Card {amount}")
    said = formats.amount(amount)
    return KeyView("Enter", word.format(amount=said), short.format(amount=said))


def give_back(change: Minor, formats: Formats) -> tuple[StyledText, ...]:
    """Change in notes and coins, the largest first."""
    pieces = hand_back(formats.currency, change)[:_PIECES]
    return tuple(StyledText(f" {count} × {_face(value, formats.currency.scale)}") for count, value in pieces)


def _face(value: Minor, scale: int) -> str:
    """What is printed on a note or coin."""
    major, minor = divmod(value, scale)
    return f"{major}.{minor:02d}" if minor else str(major)
