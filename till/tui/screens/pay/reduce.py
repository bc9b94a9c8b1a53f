"""What a key, or what came of an effect, makes of the pay screen. Pure. Digits are always the amount."""

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
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import HELP, KeyPress
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from till.tui.screens.pay.effects import PayEffect, PayHappening
    from till.tui.screens.pay.state import PayFacts, PayState

#: The tender of a card terminal that stands beside the till and is keyed by hand.
CARD: Final = "CARD"
#: The keys of the notes, from the left.
NOTE_KEYS: Final = "qwerty"

PayStep = tuple["PayState", tuple["PayEffect", ...]]


def reduce(state: PayState, event: KeyPress | PayHappening, facts: PayFacts) -> PayStep:
    """Give the screen after a key or a happening, and what is to be done."""
    match event:
        case KeyPress():
            return _pressed(state if event.is_enter else replace(state, unconfirmed=None), event, facts)
        case Offered():
            return _take(state, facts, event.tender, event.amount)
        case NotTaken():
            return _refused(state, event.sentence)
        case MoneyTaken():
            state = replace(state, entry=EMPTY, taken=())
            if event.order.status is Status.COMPLETED:
                return state, (Finish(event.order),)
            said = _("{due} is still due.").format(due=facts.formats.money(event.order.due))
            return replace(state, message=plain(said)), ()


def _pressed(state: PayState, press: KeyPress, facts: PayFacts) -> PayStep:
    letter = press.char.lower()
    if press.is_enter:
        return _enter(state, facts)
    if press.key == "escape":
        return _back(state, facts)
    if facts.keymap.command(press) == HELP:
        return state, (OpenPayHelp(),)
    if state.worded and press.char:
        return _type(state, press)
    if letter and letter in NOTE_KEYS and not state.entry.text:
        return _take_note(state, facts, NOTE_KEYS.index(letter))
    if letter == "c":
        return _take_typed(state, facts, CARD)
    if press.key == "backspace" and not state.entry.text and state.taken:
        return replace(state, taken=state.taken[:-1]), ()
    return _type(state, press)  # what is no digit too: left out in silence, 5O0 would be taken for 50


def _type(state: PayState, press: KeyPress) -> PayStep:
    entry = state.entry.take(press)
    return (replace(state, entry=entry, taken=(), message=None) if entry is not None else state), ()


def _take_note(state: PayState, facts: PayFacts, place: int) -> PayStep:
    if place >= len(facts.notes):
        return state, ()
    return replace(state, taken=(*state.taken, facts.notes[place]), message=None), ()


def _back(state: PayState, facts: PayFacts) -> PayStep:
    if state.entry.text or state.taken:
        return replace(state, entry=EMPTY, taken=(), message=None), ()
    said, order, money = _("Back to the order. Nothing was taken."), facts.order, facts.formats.money
    if order.paid:
        words = _("Back to the order. {paid} is paid, {due} is due.")
        said = words.format(paid=money(order.paid), due=money(order.due))
    return state, (GoBack(said),)


def _enter(state: PayState, facts: PayFacts) -> PayStep:
    if state.worded and any(letter.isalpha() for letter in state.entry.text):
        return _do_words(state, facts)
    return _take_typed(state, facts, CASH)


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
            return _refused(state, _("Say cash, cash and an amount, or card; Esc goes back to the order."))


def _take_typed(state: PayState, facts: PayFacts, tender: str) -> PayStep:
    """Take what is typed or came in notes; exactly what is due when that is nothing."""
    if not state.entry.text:
        return _take(state, facts, tender, sum_of(state.taken) or None)
    try:
        amount = facts.formats.minor(state.entry.text)
    except TillError as problem:
        return _refused(state, problem.sentence)
    return _take(state, facts, tender, amount)


def _take(state: PayState, facts: PayFacts, tender: str, amount: Minor | None) -> PayStep:
    if amount is not None and tender == CASH and (question := _doubt(facts, amount)):
        if state.unconfirmed != amount:
            if not state.entry.text and not state.taken:  # it was said at the order: Enter here is to mean the same
                state = replace(state, entry=EntryLine.of(facts.formats.amount(amount)))
            return _refused(replace(state, unconfirmed=amount), question)
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


def _refused(state: PayState, sentence: str) -> PayStep:
    return replace(state, message=refusal(sentence), entry=EntryLine.offer(state.entry.text)), ()
