"""What a key, or what came of an effect, makes of the pay screen. Pure. No key but Enter takes money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.money.measures import Minor, sum_of
from till.domain.order.paying import CASH, cash_due
from till.domain.order.state import Status
from till.domain.payment.names import tender_name
from till.register.quick_entry.language import PayCard, PayCash, understand
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
from till.tui.screens.pay.state import next_back
from till.tui.screens.pay.typed import CARD, CARD_KEY, is_figure, read
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import HELP, KeyPress
from till.tui.shell.messages import plain, refusal, says_why

if TYPE_CHECKING:
    from till.domain.order.state import Payment
    from till.tui.screens.pay.effects import PayEffect, PayHappening
    from till.tui.screens.pay.state import PayFacts, PayState

#: Keys that would move a cursor among marks, where none is seen.
_MOVES: Final = frozenset({"left", "right", "home", "end"})

PayStep = tuple["PayState", tuple["PayEffect", ...]]


def reduce(state: PayState, event: KeyPress | PayHappening, facts: PayFacts) -> PayStep:
    """Give the screen after a key or a happening, and what is to be done."""
    match event:
        case KeyPress():
            return _pressed(state if event.is_enter else _without_question(state), event, facts)
        case Offered():
            return _take(state, facts, event.tender, event.amount, by_hand=True)
        case NotTaken():
            return _refused(state, event.sentence, facts)
        case MoneyTaken():
            state = replace(state, entry=EMPTY)
            if event.order.status is Status.COMPLETED:
                return state, (Finish(event.order),)
            said = _("{due} is still due.").format(due=facts.formats.money(event.order.due))
            return replace(state, message=plain(said)), ()
        case GivenBack():
            if not event.order.is_empty:
                due = _("{due} is due.").format(due=facts.formats.money(event.order.due))
                return replace(state, message=plain(f"{event.sentence} {due}")), ()
            if event.order.has_money:
                return replace(state, message=plain(event.sentence)), ()
            return state, (GoBack(event.sentence),)


def _without_question(state: PayState) -> PayState:
    """Any key but Enter is no answer: what was asked is off the screen with it, for Enter means what stands there."""
    message = None if state.giving_back else state.message
    return replace(state, unconfirmed=None, giving_back=None, message=message)


def _pressed(state: PayState, press: KeyPress, facts: PayFacts) -> PayStep:
    if press.is_enter:
        return _enter(state, facts)
    if press.key == "escape":
        return _back(state, facts)
    if facts.keymap.command(press) == HELP:
        return state, (OpenPayHelp(),)
    if press.key == "backspace" and not state.entry.text and (payment := facts.order.last_taken):
        return replace(state, giving_back=payment, message=plain(_asked(payment, facts))), ()
    why = says_why(facts.keymap, press, _("{key} waits: Esc goes back first."))
    if why is not None and state.entry.take(press) is None:
        return replace(state, message=why), ()
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
    if order.paid and order.is_empty:
        said = _("Back to the order. {paid} is paid, and no line is left.").format(paid=money(order.paid))
    elif order.paid:
        words = _("Back to the order. {paid} is paid, {due} is due.")
        said = words.format(paid=money(order.paid), due=money(order.due))
    return state, (GoBack(said),)


def _enter(state: PayState, facts: PayFacts) -> PayStep:
    """Take what is typed, or came in notes; exactly what is due when that is nothing."""
    if payment := next_back(state, facts):
        return replace(state, giving_back=None, message=None), (GiveBack(payment),)
    typed = read(state.entry.text, facts.notes)
    if typed.words:
        return _do_words(state, facts)
    if not typed.amount:
        return _take(state, facts, typed.tender, sum_of(typed.notes) or None)
    try:
        amount = facts.formats.minor(typed.amount)
    except TillError as problem:
        return _refused(state, problem.sentence, facts)
    return _take(state, facts, typed.tender, amount, by_hand=True)


def in_words(words: str, facts: PayFacts) -> PayCash | PayCard | None:
    """How words say that the guest pays; None where they do not."""
    try:
        intent = understand(words, facts.lookup, facts.formats)
    except TillError:
        return None
    return intent if isinstance(intent, PayCash | PayCard) else None


def _do_words(state: PayState, facts: PayFacts) -> PayStep:
    match intent := in_words(state.entry.text, facts):
        case PayCash():
            return _take(state, facts, CASH, intent.amount, by_hand=True)
        case PayCard():
            return _take(state, facts, CARD, None)
        case None:
            return _refused(state, _("Say cash, cash and an amount, or card; Esc goes back to the order."), facts)


def _take(state: PayState, facts: PayFacts, tender: str, amount: Minor | None, *, by_hand: bool = False) -> PayStep:
    """Take money, or ask first; `by_hand` for an amount that was typed, where a slip is likely."""
    if facts.order.is_empty and facts.order.has_money:
        return _refused(state, _("No line is left to pay for. Esc, then Enter gives back what was taken."), facts)
    if amount is not None and tender == CASH and (question := _doubt(facts, amount, by_hand=by_hand)):
        if state.unconfirmed != amount:
            if not state.entry.text:  # it was said at the order: Enter here is to mean the same
                state = replace(state, entry=EntryLine.of(facts.formats.amount(amount)))
            return _refused(replace(state, unconfirmed=amount), question, facts)
        state = replace(state, unconfirmed=None)
    return state, (Take(tender, amount),)


def _doubt(facts: PayFacts, amount: Minor, *, by_hand: bool) -> str:
    """Ask back what is far from what is due.

    More change than the largest note: with such a note less, what is due was paid too. Less than half in cash, typed: a
    number that was meant for an item, or a point too many; who shares a bill mostly halves it. A note that was pressed
    is a note, and what is typed for the card is asked for there too.
    """
    due, money = cash_due(facts.order), facts.formats.money
    change = Minor(amount - due)
    if due >= 0 and change > max(facts.notes):
        question = _("{given} for {due}? Enter again takes it and gives {change} back.")
        return question.format(given=money(amount), due=money(due), change=money(change))
    if by_hand and 0 < 2 * amount < due:
        question = _("{given} of {due}? Enter again takes it, {left} stays due.")
        return question.format(given=money(amount), due=money(due), left=money(Minor(-change)))
    return ""


def _asked(payment: Payment, facts: PayFacts) -> str:
    """Whether a payment is to be given back; one of less than nothing comes back from the guest."""
    amount = facts.formats.money(Minor(abs(payment.amount)))
    if payment.amount < 0:
        return _("Take {amount} back from the guest? Enter does, any other key does not.").format(amount=amount)
    if payment.tender == CASH:
        return _("Give back {amount}? Enter does, any other key keeps it.").format(amount=amount)
    sentence = _("Give back {amount} by {tender}? Enter does, any other key keeps it.")
    return sentence.format(amount=amount, tender=tender_name(payment.tender).lower())


def _refused(state: PayState, sentence: str, facts: PayFacts) -> PayStep:
    """Say why; what is typed next takes the place of what is typed, but another note adds to those there."""
    has_notes = bool(read(state.entry.text, facts.notes).notes)
    entry = state.entry if has_notes else EntryLine.offer(state.entry.text)
    return replace(state, message=refusal(sentence), entry=entry), ()
