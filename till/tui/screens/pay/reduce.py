"""What a key, or what came of an effect, makes of the pay screen. Pure. No key but Enter takes money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.money.measures import Minor, sum_of
from till.domain.order.paying import CASH, cash_due
from till.domain.order.state import Status
from till.register.quick_entry.language import PayCard, PayCash, understand
from till.tui.screens.pay.effects import Finish, GoBack, MoneyTaken, NotTaken, Offered, OpenPayHelp, Take
from till.tui.screens.pay.typed import CARD, CARD_KEY, is_figure, read
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import HELP, KeyPress
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from till.tui.screens.pay.effects import PayEffect, PayHappening
    from till.tui.screens.pay.state import PayFacts, PayState

#: Keys that would move a cursor among marks, where none is seen.
_MOVES: Final = frozenset({"left", "right", "home", "end"})

PayStep = tuple["PayState", tuple["PayEffect", ...]]


def reduce(state: PayState, event: KeyPress | PayHappening, facts: PayFacts) -> PayStep:
    """Give the screen after a key or a happening, and what is to be done."""
    match event:
        case KeyPress():
            return _pressed(state if event.is_enter else replace(state, unconfirmed=None), event, facts)
        case Offered():
            return _take(state, facts, event.tender, event.amount)
        case NotTaken():
            return _refused(state, event.sentence, facts)
        case MoneyTaken():
            state = replace(state, entry=EMPTY)
            if event.order.status is Status.COMPLETED:
                return state, (Finish(event.order),)
            said = _("{due} is still due.").format(due=facts.formats.money(event.order.due))
            return replace(state, message=plain(said)), ()


def _pressed(state: PayState, press: KeyPress, facts: PayFacts) -> PayStep:
    if press.is_enter:
        return _enter(state, facts)
    if press.key == "escape":
        return _back(state, facts)
    if facts.keymap.command(press) == HELP:
        return state, (OpenPayHelp(),)
    return _type(state, press, facts), ()


def _type(state: PayState, press: KeyPress, facts: PayFacts) -> PayState:
    """Type one more key. What is no digit is never left out in silence: 5O0 would be taken for 50."""
    typed, entry = read(state.entry.text, facts.notes), state.entry
    if typed.is_marked and press.key in _MOVES:
        return state
    if is_figure(press.paste or press.char) and not typed.amount:
        if typed.notes:
            entry = EMPTY  # an amount is typed over the notes
        elif typed.by_card:
            entry = EntryLine.of(CARD_KEY)  # so much by card, whatever was pressed before C
    taken = entry.take(press)
    return state if taken is None else replace(state, entry=taken, message=None)


def _back(state: PayState, facts: PayFacts) -> PayStep:
    if state.entry.text:
        return replace(state, entry=EMPTY, message=None), ()
    said, order, money = _("Back to the order. Nothing was taken."), facts.order, facts.formats.money
    if order.paid:
        words = _("Back to the order. {paid} is paid, {due} is due.")
        said = words.format(paid=money(order.paid), due=money(order.due))
    return state, (GoBack(said),)


def _enter(state: PayState, facts: PayFacts) -> PayStep:
    """Take what is typed, or came in notes; exactly what is due when that is nothing."""
    typed = read(state.entry.text, facts.notes)
    if typed.words:
        return _do_words(state, facts)
    if not typed.amount:
        return _take(state, facts, typed.tender, sum_of(typed.notes) or None)
    try:
        amount = facts.formats.minor(typed.amount)
    except TillError as problem:
        return _refused(state, problem.sentence, facts)
    return _take(state, facts, typed.tender, amount)


def _do_words(state: PayState, facts: PayFacts) -> PayStep:
    try:
        intent = understand(state.entry.text, facts.lookup, facts.formats)
    except TillError:
        intent = None
    match intent:
        case PayCash():
            return _take(state, facts, CASH, intent.amount)
        case PayCard():
            return _take(state, facts, CARD, None)
        case _:
            return _refused(state, _("Say cash, cash and an amount, or card; Esc goes back to the order."), facts)


def _take(state: PayState, facts: PayFacts, tender: str, amount: Minor | None) -> PayStep:
    if amount is not None and tender == CASH and (question := _doubt(facts, amount)):
        if state.unconfirmed != amount:
            if not state.entry.text:  # it was said at the order: Enter here is to mean the same
                state = replace(state, entry=EntryLine.of(facts.formats.amount(amount)))
            return _refused(replace(state, unconfirmed=amount), question, facts)
        state = replace(state, unconfirmed=None)
    return state, (Take(tender, amount),)


def _doubt(facts: PayFacts, amount: Minor) -> str:
    """Ask back more change than the largest note: with such a note less, what is due was paid too."""
    due, money = cash_due(facts.order), facts.formats.money
    change = Minor(amount - due)
    if due < 0 or change <= max(facts.notes):
        return ""
    question = _("{given} for {due}? Enter again takes it and gives {change} back.")
    return question.format(given=money(amount), due=money(due), change=money(change))


def _refused(state: PayState, sentence: str, facts: PayFacts) -> PayStep:
    """Say why; what is typed next takes the place of what is typed, but another note adds to those there."""
    has_notes = bool(read(state.entry.text, facts.notes).notes)
    entry = state.entry if has_notes else EntryLine.offer(state.entry.text)
    return replace(state, message=refusal(sentence), entry=entry), ()
