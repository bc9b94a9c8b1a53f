"""Key and event handling for the pay screen. Pure. Only Enter takes money."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.paying import CASH, due_in
from till.domain.order.state import Status
from till.domain.payment.movement import PaymentState
from till.register.answers import as_sentence
from till.register.quick_entry.intents import GiveTip, PayCard, PayCash
from till.register.quick_entry.language import understand
from till.tui.screens.pay import awaiting
from till.tui.screens.pay.effects import (
    ChargeHeard,
    Finish,
    GiveBack,
    GivenBack,
    GoBack,
    MoneyAsked,
    MoneyTaken,
    NotTaken,
    Offered,
    OpenPayHelp,
    OpenSplit,
    Take,
    TipSaid,
)
from till.tui.screens.pay.state import due_by, is_returned, next_back
from till.tui.screens.pay.typed import SLIP, SPLIT_KEY, Typed, is_figure, read
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import HELP, KeyPress
from till.tui.shell.messages import plain, refusal, says_why, scanned

if TYPE_CHECKING:
    from till.domain.order.state import Payment
    from till.tui.screens.pay.effects import PayEffect, PayHappening
    from till.tui.screens.pay.state import PayFacts, PayState

#: Keys that would move the cursor among marks, where none is shown.
_MOVES: Final = frozenset({"left", "right", "home", "end"})

PayStep = tuple["PayState", tuple["PayEffect", ...]]


def reduce(state: PayState, event: KeyPress | PayHappening, facts: PayFacts) -> PayStep:
    """Return the next state and the effects to carry out."""
    if not isinstance(event, KeyPress):
        return _happened(state, event, facts)
    state, effects = _key(state, event, facts)
    return replace(state, after_enter=event.is_enter), effects


def _key(state: PayState, event: KeyPress, facts: PayFacts) -> PayStep:
    if facts.awaited is not None:
        return awaiting.pressed(state, event, facts, facts.awaited)
    if state.giving_back is not None and event.char.lower() == "m" and _was_declined(state.giving_back, facts):
        return replace(state, giving_back=None, message=None), (GiveBack(state.giving_back, by_hand=True),)
    return _pressed(state if event.is_enter else _without_question(state), event, facts)


def _happened(state: PayState, event: PayHappening, facts: PayFacts) -> PayStep:
    match event:
        case Offered():
            return _take(state, facts, Typed(event.tender, slip=event.slip), event.amount, by_hand=True)
        case TipSaid():
            return _agree(state, facts, event.amount), ()
        case MoneyAsked():
            return replace(state, entry=EMPTY, message=None, unconfirmed=None, tip=Minor(state.tip - event.tip)), ()
        case ChargeHeard(payment=payment) if payment.returns:
            return _heard_of_return(state, event, facts)
        case ChargeHeard():
            return awaiting.heard(state, event, facts)
        case NotTaken():
            return _refused(state, event.sentence, facts)
        case MoneyTaken():
            return _took(state, event, facts)
        case GivenBack():
            return _gave_back(state, event, facts)


def _took(state: PayState, event: MoneyTaken, facts: PayFacts) -> PayStep:
    state = replace(state, entry=EMPTY, tip=Minor(state.tip - event.tip))
    if event.order.status is Status.COMPLETED:
        return state, (Finish(event.order),)
    words = _("{due} is still due, with the tip.") if state.tip else _("{due} is still due.")
    said = words.format(due=facts.formats.money(Minor(event.order.due + state.tip)))
    return replace(state, message=plain(said)), ()


def _gave_back(state: PayState, event: GivenBack, facts: PayFacts) -> PayStep:
    if not event.order.is_empty:
        due = _("{due} is due.").format(due=facts.formats.money(event.order.due))
        return replace(state, message=plain(f"{event.sentence} {due}")), ()
    if event.order.has_money:
        return replace(state, message=plain(event.sentence)), ()
    return state, (GoBack(event.sentence),)


def _heard_of_return(state: PayState, event: ChargeHeard, facts: PayFacts) -> PayStep:
    """Handle the outcome of giving a payment back."""
    payment, told = event.payment, event.payment.returns[-1]
    state = replace(state, entry=EMPTY, settling=None, giving_back=None)
    way, amount = facts.tenders.label_of(payment.tender), facts.formats.money(payment.amount)
    if payment.state is PaymentState.VOIDED:
        said = _("{way}: {amount} refunded.").format(way=way, amount=amount)
        return _gave_back(state, GivenBack(event.order, said), facts)
    if payment.going_back is not None:
        return replace(state, message=refusal(_("It is not known yet if it was refunded."))), ()
    said = _("{way}: {why} {amount} stays paid. Backspace tries again.")
    why = as_sentence(told.reason or _("declined"))
    return replace(state, message=refusal(said.format(way=way, why=why, amount=amount))), ()


def _without_question(state: PayState) -> PayState:
    """Drop an open question on any key but Enter, so that Enter always means what is on the screen."""
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
    if press.char.lower() == SPLIT_KEY and facts.can_split and not state.entry.text and SPLIT_KEY not in facts.keys:
        return state, (OpenSplit(),)
    why = says_why(facts.keymap, press, _("Press Esc first, then {key}."))
    if why is not None and state.entry.take(press) is None:
        return replace(state, message=why), ()
    return _type(state, press, facts), ()


def _type(state: PayState, press: KeyPress, facts: PayFacts) -> PayState:
    """Type one more key. Characters that are no digits are kept: leaving one out would take 5O0 for 50."""
    typed, entry = read(state.entry.text, facts.notes, facts.keys), state.entry
    if typed.is_marked and press.key in _MOVES:
        return state
    if is_figure(press.paste or press.char) and not typed.amount and SLIP not in entry.text:
        if typed.notes:
            entry = EMPTY  # an amount replaces the notes
        elif typed.is_other:  # an amount for the marked way, whatever was typed before its key
            entry = EntryLine.of(facts.tenders.traits_of(typed.tender).key)
    taken = entry.take(press)
    return state if taken is None else replace(state, entry=taken, message=None)


def _back(state: PayState, facts: PayFacts) -> PayStep:
    if state.entry.text:
        return replace(state, entry=EMPTY, message=None), ()
    said, order, money = _("Nothing was taken."), facts.order, facts.formats.money
    if order.paid and order.is_empty:
        said = _("{paid} is paid, and no line is left.").format(paid=money(order.paid))
    elif order.paid:
        said = _("{paid} is paid, {due} is due.").format(paid=money(order.paid), due=money(order.due))
    said = f"{_('Back to the order.') if facts.can_split else _('Back to the guests.')} {said}"
    if state.tip:
        said = _("{said} The tip of {tip} is kept.").format(said=said, tip=money(state.tip))
    return state, (GoBack(said),)


def _enter(state: PayState, facts: PayFacts) -> PayStep:
    """Take the amount typed or in notes; exactly the amount due if there is none."""
    if payment := next_back(state, facts):
        if state.after_enter and state.giving_back is None:
            return replace(state, giving_back=payment, message=plain(_asked(payment, facts))), ()
        return replace(state, giving_back=None, message=None), (GiveBack(payment),)
    typed = read(state.entry.text, facts.notes, facts.keys)
    if typed.words:
        return _do_words(state, facts)
    if not typed.amount:
        if typed.is_tip:
            return _agree(state, facts, NOTHING), ()
        if state.after_enter and not state.entry.text and (asked := _asked_once(state, facts)) is not None:
            return asked, ()
        return _take(state, facts, typed, sum_of(typed.notes) or None)
    if said := scanned(facts.lookup.menu, typed.amount):
        return _refused(state, said, facts)
    try:
        amount = facts.formats.minor(typed.amount)
    except TillError as problem:
        return _refused(state, problem.sentence, facts)
    if typed.is_tip:
        return _agree(state, facts, amount), ()
    return _take(state, facts, typed, amount, by_hand=True)


def _asked_once(state: PayState, facts: PayFacts) -> PayState | None:
    """Ask before a second Enter in a row takes all that is due in cash; None once it was asked."""
    due = due_by(facts, CASH, state.tip)
    if state.unconfirmed == due:
        return None
    words = (
        _("{amount} in cash? Enter again takes it.") if due >= 0 else _("Refund {amount} in cash? Enter again does.")
    )
    if not due:
        words = _("Nothing is due. Enter again ends the sale.")
    said = refusal(words.format(amount=facts.formats.money(Minor(abs(due)))))
    return replace(state, unconfirmed=due, message=said)


def _agree(state: PayState, facts: PayFacts, amount: Minor) -> PayState:
    """Agree on a tip. It goes with the payment that takes the rest; nothing is taken yet."""
    money = facts.formats.money
    if amount < 0 or facts.order.due <= 0:
        return replace(state, message=refusal(_("A tip goes with a payment.")), entry=EMPTY)
    if facts.stays:
        return replace(state, message=refusal(_("A tip goes with the last part. Take this one without.")), entry=EMPTY)
    if amount > max(facts.order.total, *facts.notes):
        sentence = _("{tip} is more than the order comes to. Type the tip again.").format(tip=money(amount))
        return replace(state, message=refusal(sentence), entry=EntryLine.offer(state.entry.text))
    said = _("A tip of {tip}: {due} with it.") if amount else _("No tip: {due} is due.")
    due = Minor(facts.order.due + amount)
    return replace(state, tip=amount, entry=EMPTY, message=plain(said.format(tip=money(amount), due=money(due))))


def in_words(words: str, facts: PayFacts) -> PayCash | PayCard | GiveTip | None:
    """Return the payment or tip that the words mean; None if they mean neither."""
    try:
        intent = understand(words, facts.lookup, facts.formats)
    except TillError:
        return None
    return intent if isinstance(intent, PayCash | PayCard | GiveTip) else None


def _do_words(state: PayState, facts: PayFacts) -> PayStep:
    match intent := in_words(state.entry.text, facts):
        case PayCash():
            return _take(state, facts, Typed(), intent.amount, by_hand=True)
        case PayCard():
            return _take(state, facts, Typed(intent.tender, slip=intent.slip), intent.amount, by_hand=True)
        case GiveTip():
            return _agree(state, facts, intent.amount), ()
        case None:
            return _refused(state, _("Type cash, card or upi, with an amount or without; or a tip."), facts)


def tip_in(state: PayState, facts: PayFacts, amount: Minor | None, due: Minor) -> Minor:
    """Return the share of the agreed tip that goes with a payment: all of it with the full amount, else the excess."""
    if facts.order.due <= 0:
        return NOTHING
    return state.tip if amount is None else Minor(max(0, min(state.tip, amount - due)))


def _take(state: PayState, facts: PayFacts, typed: Typed, amount: Minor | None, *, by_hand: bool = False) -> PayStep:
    """Take money, or ask first. `by_hand` is true for a typed amount, which is more likely to be a slip."""
    tender = typed.tender
    if tender != CASH and tender not in {traits.name for traits in facts.tenders.offered}:
        way = facts.tenders.label_of(tender)
        return _refused(state, _("{way} is not taken on this till. Esc, then another way.").format(way=way), facts)
    if facts.order.is_empty and facts.order.has_money:
        return _refused(state, _("No line is left to pay for. Esc, then Enter refunds it."), facts)
    part = None if facts.part is None else due_by(facts, tender, NOTHING)
    if amount is None:
        amount = part
    elif part is not None and amount > part and not facts.tenders.traits_of(tender).gives_change:
        words = _("This part is {part}. Type that.") if facts.is_whole else _("This part is {part}. Type that or less.")
        return _refused(state, words.format(part=facts.formats.money(part)), facts)
    elif question := _doubt(state, facts, typed, amount, by_hand=by_hand):
        if state.unconfirmed != amount:
            if not state.entry.text:  # given on the sell screen: the second Enter here must mean the same amount
                state = replace(state, entry=EntryLine.of(_as_said(typed, facts.formats.amount(amount))))
            return _refused(replace(state, unconfirmed=amount), question, facts)
        state = replace(state, unconfirmed=None)
    due = due_in(facts.order, tender)
    return state, (Take(tender, amount, tip_in(state, facts, amount, due), typed.slip, part),)


def _as_said(typed: Typed, amount: str) -> str:
    """Return an amount as it would be typed for a way to pay, so that it can be confirmed or edited."""
    if not typed.is_other:
        return amount
    return f"{typed.tender.lower()} {amount}" + (f" {SLIP}{typed.slip}" if typed.slip else "")


def _doubt(state: PayState, facts: PayFacts, typed: Typed, amount: Minor, *, by_hand: bool) -> str:
    """Return a question about an amount that is far from the amount due; empty if there is no doubt.

    Change larger than the largest note is doubted, as one note less would have paid. So is less than half of what is
    due, typed for cash: it may be an item's number or have a misplaced point, while guests who share mostly halve.
    Notes are not doubted for being too few, and amounts for the card are checked at the terminal too.
    """
    due, money = due_by(facts, typed.tender, NOTHING), facts.formats.money
    due = Minor(due + tip_in(state, facts, amount, due))
    change = Minor(amount - due)
    if due >= 0 and change > max(facts.notes) and facts.tenders.traits_of(typed.tender).gives_change:
        question = _("{given} for {due}? Enter again takes it. Change {change}.")
        return question.format(given=money(amount), due=money(due), change=money(change))
    if by_hand and not typed.is_other and not facts.is_whole and 0 < 2 * amount < due:
        question = _("{given} of {due}? Enter again takes it, {left} stays due.")
        return question.format(given=money(amount), due=money(due), left=money(Minor(-change)))
    return ""


def _asked(payment: Payment, facts: PayFacts) -> str:
    """Return the question before giving a payment back. A negative one is taken back from the guest."""
    amount = facts.formats.money(Minor(abs(payment.amount)))
    if payment.amount < 0:
        return _("Take {amount} back from the guest? Enter does, another key does not.").format(amount=amount)
    if payment.tender == CASH:
        return _("Refund {amount}? Enter does, any other key keeps it.").format(amount=amount)
    sentence = _("Refund {amount} by {tender}? Enter does, any other key keeps it.")
    traits = facts.tenders.traits_of(payment.tender)
    if _was_declined(payment, facts):
        sentence = _("Refund {amount} by {tender}? Enter asks again; M: a manager did it by hand.")
        if traits.shows_code:
            sentence = _("Refund {amount} by {tender}? Enter asks the bank again; M: a manager did it by hand.")
    elif is_returned(payment, facts):
        sentence = _("Refund {amount} by {tender}? Enter asks the terminal, any other key keeps it.")
        if traits.shows_code:
            sentence = _("Refund {amount} by {tender}? Enter asks the bank, any other key keeps it.")
    elif payment.is_asked_elsewhere and not traits.needs_server:
        sentence = _("Refund {amount} at the terminal first; then Enter, and a manager confirms.")
    return sentence.format(amount=amount, tender=facts.tenders.in_words(payment.tender))


def _was_declined(payment: Payment, facts: PayFacts) -> bool:
    """True if the payment's terminal or gateway was asked to give it back and declined."""
    return bool(payment.returns) and is_returned(payment, facts)


def _refused(state: PayState, sentence: str, facts: PayFacts) -> PayStep:
    """Refuse with a reason. The next input replaces the text, except that notes add up."""
    has_notes = bool(read(state.entry.text, facts.notes, facts.keys).notes)
    entry = state.entry if has_notes else EntryLine.offer(state.entry.text)
    return replace(state, message=refusal(sentence), entry=entry), ()
