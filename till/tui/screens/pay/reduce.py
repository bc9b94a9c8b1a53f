"""Keys and events of the pay screen. Pure. Only Enter takes money, but a key asks again if a reader took too much."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.errors import TillError
from till.domain.i18n import N_, _, language_name
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.paying import CASH, check_splittable, due_in
from till.domain.order.state import Status
from till.domain.payment.movement import PaymentState
from till.register.answers import as_sentence
from till.register.payments.doubts import doubt_amount
from till.register.quick_entry.intents import GiveTip, PayCard, PayCash, Split
from till.tui.drawing.palette import Mark
from till.tui.screens.pay import awaiting
from till.tui.screens.pay.acts import PayActs, TenderAmount
from till.tui.screens.pay.context import context_of, in_words, nothing_to_ask_for, ways_in_words, words_shown
from till.tui.screens.pay.state import (
    ChargeHeard,
    GivenBack,
    MoneyAsked,
    MoneyTaken,
    NotTaken,
    Offered,
    TipSaid,
    due_by,
    is_returned,
    next_back,
    took_more,
    typed_in,
)
from till.tui.screens.pay.typed import NOTE_KEYS, PARTS, SLIP, SPLIT_KEY, TypedPayment, is_figure
from till.tui.shell.calls import call
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import ENTER, BarKey, Key, KeyTable, word
from till.tui.shell.keymap import CUSTOMER, HELP, QUANTITY, VOID, KeyPress
from till.tui.shell.messages import plain, refusal, says_why

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.domain.order.state import Payment
    from till.ports import TenderTraits
    from till.tui.screens.pay.acts import PayKey, PayStep
    from till.tui.screens.pay.state import Awaited, PayFacts, PayOutcome, PayState

#: Keys that need a cursor, which marks do not have.
_MOVES: Final = frozenset({"left", "right", "home", "end", "delete"})
#: The keys for money that a person gave back by hand.
_BY_HAND: Final = ("m", "M")
#: The label of the help, which is the same for all ways to pay.
_HELP_WORD: Final = word(N_("Help"), spare=True)


def reduce(state: PayState, event: KeyPress | PayOutcome, facts: PayFacts) -> PayStep:
    """Return the next state and the calls to make."""
    entry, is_enter = EMPTY, False
    if isinstance(event, KeyPress):
        entry, is_enter = state.entry, event.is_enter
        state, asked = _pressed(state, event, facts)
    else:
        state, asked = _happened(replace(state, due=facts.order.due), event, facts)
    is_shown = not (asked or is_enter) and state.message is not None and state.message.mark is Mark.NOTICE
    return replace(state, refused=is_shown and state.entry in {EMPTY, entry}), asked


def _may_be_accidental(state: PayState, facts: PayFacts) -> bool:
    """Return True if Enter follows another within a moment, or the screen does not say what it does."""
    return state.refused or (facts.is_hasty and not state.entry.text)


def _pressed(state: PayState, press: KeyPress, facts: PayFacts) -> PayStep:
    keys = keys_of(facts.tenders.offered, facts.awaited, facts.venue.languages)
    if facts.awaited is not None:
        return keys.step(state, press, facts) or awaiting.refuse_key(state, press, facts, facts.awaited)
    is_answer = (press.char in _BY_HAND and _may_be_by_hand(state, facts)) or (
        press.key == "tab" and _asks_of_tip(state, facts)
    )
    if not press.is_enter and not is_answer:
        state = _without_question(state)
    state = replace(state, again=None)
    return keys.step(state, press, facts) or _typed(state, press, facts)


def _happened(state: PayState, event: PayOutcome, facts: PayFacts) -> PayStep:
    match event:
        case Offered() if state.tip:
            return replace(state, entry=_offered(event, facts)), ()
        case Offered():
            return _take(state, facts, TypedPayment(event.tender, slip=event.slip), event.amount, by_hand=True)
        case TipSaid():
            return _agree(state, facts, event.amount), ()
        case MoneyAsked():
            return replace(state, entry=EMPTY, message=None, unconfirmed=None, tip=Minor(state.tip - event.tip)), ()
        case ChargeHeard(payment=payment) if payment.returns:
            return _heard_of_return(state, event, facts)
        case ChargeHeard():
            return awaiting.handle_outcome(state, event, facts)
        case NotTaken():
            return _refused(state, event.sentence, facts)
        case MoneyTaken():
            return _took(state, event, facts)
        case GivenBack():
            return _gave_back(state, event, facts)


def _took(state: PayState, event: MoneyTaken, facts: PayFacts) -> PayStep:
    state = replace(state, entry=EMPTY, tip=Minor(state.tip - event.tip))
    if event.order.status is Status.COMPLETED:
        return state, (call(PayActs.finish, event.order),)
    words = _("{due} is still due, with the tip.") if state.tip else _("{due} is still due.")
    sentence = words.format(due=facts.formats.money(due_by(facts, CASH, state.tip)))
    return replace(state, message=plain(sentence)), ()


def _gave_back(state: PayState, event: GivenBack, facts: PayFacts) -> PayStep:
    if (again := state.again) is not None and not event.order.is_empty:
        return replace(state, again=None, message=plain(event.sentence)), (call(PayActs.ask_again, again),)
    if not event.order.is_empty:
        due = _("{due} is due.").format(due=facts.formats.money(due_in(event.order, CASH)))
        return replace(state, message=plain(f"{event.sentence} {due}")), ()
    if event.order.has_money:
        return replace(state, message=plain(event.sentence)), ()
    return state, (call(PayActs.go_back, event.sentence),)


def _heard_of_return(state: PayState, event: ChargeHeard, facts: PayFacts) -> PayStep:
    """Handle the outcome of giving a payment back."""
    payment, refund = event.payment, event.payment.returns[-1]
    state = replace(state, entry=EMPTY, settling=None, giving_back=None)
    way, amount = facts.tenders.label_of(payment.tender), facts.formats.money(payment.amount)
    if payment.state is PaymentState.VOIDED:
        sentence = _("{way}: {amount} refunded.").format(way=way, amount=amount)
        return _gave_back(state, GivenBack(event.order, sentence), facts)
    if payment.going_back is not None:
        return replace(state, message=refusal(_("It is not known yet if it was refunded."))), ()
    sentence, state = _("{way}: {why} {amount} stays paid. {key} tries again."), replace(state, again=None)
    why = as_sentence(refund.reason or _("declined"))
    sentence = sentence.format(way=way, why=why, amount=amount, key=facts.keymap.label(VOID))
    return replace(state, message=refusal(sentence)), ()


def _without_question(state: PayState) -> PayState:
    """Drop an open question on any key but Enter, so that Enter always means what is on the screen."""
    message = None if state.giving_back else state.message
    asked = state.dropped if state.unconfirmed is None else state.unconfirmed
    dropped = asked if state.entry.text else None  # a key that clears the line drops it on purpose
    return replace(state, unconfirmed=None, dropped=dropped, giving_back=None, message=message)


def _typed(state: PayState, press: KeyPress, facts: PayFacts) -> PayStep:
    """Type one more key. Characters other than digits are kept: leaving one out would take 5O0 for 50."""
    why = says_why(facts.keymap, press, _("Press Esc first, then {key}."))
    typed, entry = typed_in(state, facts), state.entry
    if why is not None and (entry.take(press) is None or (typed.is_marked and press.key in _MOVES)):
        return replace(state, message=why), ()
    if is_figure(press.paste or press.char) and not typed.amount and SLIP not in entry.text:
        if typed.notes:
            entry = EMPTY  # an amount replaces the notes
        elif typed.is_other:  # an amount for the marked way, whatever was typed before its key
            entry = EntryLine.of(facts.tenders.traits_of(typed.tender).key)
    elif press.char.lower() in facts.coded - {entry.text[:1].lower()} and typed.is_marked and not typed.amount:
        entry = EMPTY  # a code begins, in place of what is marked
    taken = entry.take(press)
    if press.key == "backspace" and not entry.text:
        sentence = _("Nothing is typed. {key} refunds the last payment.").format(key=facts.keymap.label(VOID))
        return replace(state, message=refusal(sentence)), ()
    return state if taken is None else replace(state, entry=taken, message=None), ()


def _show_help(state: PayState, _press: KeyPress, facts: PayFacts) -> PayStep:
    rows = keys_of(facts.tenders.offered, facts.awaited, facts.venue.languages).helped(facts.keymap)
    return state, (call(PayActs.show_help, rows),)


def _may_split(state: PayState, facts: PayFacts) -> bool:
    """Return True if S splits the bill: nothing is typed, or a number of even parts."""
    return facts.can_split and SPLIT_KEY not in facts.keys and state.entry.text.strip() in {"", *PARTS}


def _split(state: PayState, _press: KeyPress, facts: PayFacts) -> PayStep:
    typed = state.entry.text.strip()
    return _open_split(state, facts, Split(int(typed or 0)), f"{typed}{SPLIT_KEY}")


def _open_split(state: PayState, facts: PayFacts, asked: Split, typed: str = "") -> PayStep:
    """Open the split. What was `typed` by its key may be the beginning of a word."""
    try:
        check_splittable(facts.order, facts.formats.money)
    except TillError as problem:
        return _refused(replace(state, entry=EMPTY), problem.sentence, facts)
    return replace(state, entry=EMPTY), (call(PayActs.open_split, asked, typed),)


def _ask_back(state: PayState, _press: KeyPress, facts: PayFacts) -> PayStep:
    """Ask before the last payment is given back."""
    payment = facts.order.last_taken
    if payment is None:
        return replace(state, message=refusal(_("Nothing is paid yet, so there is nothing to refund."))), ()
    return replace(state, giving_back=payment, message=plain(_asked(payment, facts))), ()


def _give_back_and_ask(state: PayState, _press: KeyPress, facts: PayFacts) -> PayStep:
    """Give all of a payment back, and then ask for it again: nobody has to know what was taken beyond it."""
    payment = took_more(state, facts)
    if payment is None:
        return state, ()
    return replace(state, again=payment, message=None), (call(PayActs.give_back, payment),)


def _may_be_by_hand(state: PayState, facts: PayFacts) -> bool:
    """Return True if the question is about a payment that a terminal or gateway declined to give back."""
    return state.giving_back is not None and _was_declined(state.giving_back, facts)


def _by_hand(state: PayState, _press: KeyPress, _facts: PayFacts) -> PayStep:
    payment, state = state.giving_back, replace(state, giving_back=None, message=None)
    return state, (call(PayActs.give_back, payment, by_hand=True),) if payment is not None else ()


def _back(state: PayState, _press: KeyPress, facts: PayFacts) -> PayStep:
    if state.entry.text:
        return replace(state, entry=EMPTY, message=None), ()
    sentence, order, money = _("Nothing was taken."), facts.order, facts.formats.money
    if order.paid and order.is_empty:
        sentence = _("{paid} is paid, and no line is left.").format(paid=money(order.paid))
    elif order.paid:
        sentence = _("{paid} is paid, {due} is due.").format(paid=money(order.paid), due=money(due_in(order)))
    elif order.moved:  # a guest may have paid a bill of their own
        sentence = _("{due} is due.").format(due=money(due_in(order)))
    sentence = f"{_('Back to the order.') if facts.can_split else _('Back to the guests.')} {sentence}"
    if state.tip and not facts.stays:
        sentence = _("{message} The tip of {tip} is kept on this till.").format(message=sentence, tip=money(state.tip))
    return state, (call(PayActs.go_back, sentence),)


def _next_language(state: PayState, _press: KeyPress, facts: PayFacts) -> PayStep:
    """Ask for the papers in the venue's next language; its first is nobody's wish."""
    languages, now = facts.venue.languages, facts.venue.language_of(facts.order)
    wanted = languages[(languages.index(now) + 1) % len(languages)]
    return state, (call(PayActs.print_in, wanted if wanted != languages[0] else ""),)


def _enter(state: PayState, press: KeyPress, facts: PayFacts) -> PayStep:
    """Take the amount typed or in notes; exactly the amount due if there is none."""
    if payment := next_back(state, facts):
        if state.giving_back is None and _may_be_accidental(state, facts):
            return _ask_back(state, press, facts)
        return replace(state, giving_back=None, message=None), (call(PayActs.give_back, payment),)
    typed = context_of(state, facts).typed
    if state.due not in {None, facts.order.due}:
        return _asked_of_change(state, facts, typed.tender), ()
    if typed.words:
        return _do_words(state, facts)
    if not typed.amount:
        if typed.is_tip:
            return _agree(state, facts, NOTHING), ()
        asks = not typed.notes and _may_be_accidental(state, facts)
        if asks and (asked := _asked_once(state, facts, typed.tender)) is not None:
            return asked, ()
        return _take(state, facts, typed, sum_of(typed.notes) or None)
    try:
        amount = facts.formats.minor(typed.amount)
    except TillError as problem:
        return _refused(state, problem.sentence, facts)
    if typed.is_tip:
        return _agree(state, facts, amount), ()
    return _take(state, facts, typed, amount, by_hand=True)


def _asked_of_change(state: PayState, facts: PayFacts, tender: str) -> PayState:
    """Ask before an Enter for the amount that was due before another till changed the order."""
    due = due_by(facts, tender, state.tip)
    words = (
        _("The bill changed: {due} is due. Enter again does it.")
        if due >= 0
        else _("The bill changed: {due} goes back. Enter again does it.")
    )
    message = refusal(words.format(due=facts.formats.money(Minor(abs(due)))))
    return replace(state, due=facts.order.due, unconfirmed=due, message=message)


def _asked_once(state: PayState, facts: PayFacts, tender: str) -> PayState | None:
    """Ask before an Enter that may be accidental takes all that is due in a tender; None once it was asked."""
    due = due_by(facts, tender, state.tip)
    if state.unconfirmed == due:
        return None
    how = facts.tenders.by_way(tender)
    words = _("{amount} {how}? Enter again takes it.") if due >= 0 else _("Refund {amount} {how}? Enter again does.")
    if not due:
        words = _("Nothing is due. Enter again ends the sale.")
    message = refusal(words.format(amount=facts.formats.money(Minor(abs(due))), how=how))
    return replace(state, unconfirmed=due, message=message)


def _agree(state: PayState, facts: PayFacts, amount: Minor) -> PayState:
    """Agree on a tip. It goes with the payment that takes the rest, or the rest of a guest's part."""
    money = facts.formats.money
    if amount < 0 or facts.order.due <= 0:
        return replace(state, message=refusal(_("A tip goes with a payment.")), entry=EMPTY)
    if amount > max((facts.order.total, *facts.notes)):
        sentence = _("{tip} is more than the order. Type the tip again.").format(tip=money(amount))
        return replace(state, message=refusal(sentence), entry=EntryLine.offer(state.entry.text))
    sentence = _("A tip of {tip}: {due} with it.") if amount else _("No tip: {due} is due.")
    due = due_by(facts, CASH, amount)
    return replace(state, tip=amount, entry=EMPTY, message=plain(sentence.format(tip=money(amount), due=money(due))))


def _do_words(state: PayState, facts: PayFacts) -> PayStep:
    match intent := in_words(state.entry.text, facts):
        case PayCash():
            return _take(state, facts, TypedPayment(), intent.amount, by_hand=True)
        case PayCard():
            return _take(state, facts, TypedPayment(intent.tender, slip=intent.slip), intent.amount, by_hand=True)
        case GiveTip():
            return _agree(state, facts, intent.amount), ()
        case Split() if facts.can_split:
            return _open_split(state, facts, intent)
        case _:
            sentence = _("Type {ways}, with an amount or without; or a tip.")
            return _refused(state, sentence.format(ways=ways_in_words(facts.tenders.offered)), facts)


def tip_in(state: PayState, facts: PayFacts, amount: Minor | None, due: Minor) -> Minor:
    """Return the tip that goes with a payment: the agreed one, once the amount covers what is due.

    If it does not cover the tip too, that much stays due: a smaller tip would close the sale, and the rest would be in
    no book.
    """
    if facts.order.due <= 0:
        return NOTHING
    return state.tip if amount is None or amount >= due else NOTHING


def _take(
    state: PayState, facts: PayFacts, typed: TypedPayment, amount: Minor | None, *, by_hand: bool = False
) -> PayStep:
    """Take money, or ask first. `by_hand` is true for a typed amount, which is more likely to be a slip."""
    tender = typed.tender
    if why := _why_not_by(state, facts, tender):
        if not state.entry.text and typed.is_other:  # asked for on the sell screen: Esc clears it
            state = replace(state, entry=_offered(Offered(tender, amount, typed.slip), facts))
        return _refused(state, why, facts)
    part = None if facts.part is None else due_by(facts, tender, NOTHING)
    whole = due_by(facts, tender, state.tip)
    if part is not None and amount is not None and amount > whole and not facts.tenders.traits_of(tender).gives_change:
        words = _("This part is {part}. Type that.") if facts.is_whole else _("This part is {part}. Type that or less.")
        return _refused(state, words.format(part=facts.formats.money(whole)), facts)
    question = "" if amount is None else _doubt(state, facts, typed, amount, by_hand=by_hand)
    if not question and state.dropped is not None and state.entry.text and (amount is None or amount < whole):
        sentence = _("{asked} was not taken. Enter again takes {amount}.").format(
            asked=facts.formats.money(state.dropped), amount=facts.formats.money(whole if amount is None else amount)
        )
        return _refused(replace(state, dropped=None), sentence, facts)
    if amount is not None and question:
        if state.unconfirmed != amount:
            if not state.entry.text:  # given on the sell screen: the second Enter here must mean the same amount
                state = replace(state, entry=EntryLine.of(_as_typed(typed, facts.formats.amount(amount))))
            return _refused(replace(state, unconfirmed=amount, dropped=None), question, facts)
        state = replace(state, unconfirmed=None)
    if amount is None and part is not None:
        amount = whole
    due = due_by(facts, tender, NOTHING)
    tip = tip_in(state, facts, amount, due)
    if amount is not None and _may_have_tip(state, facts, tender, amount):
        tip = state.tip
    money = TenderAmount(tender, amount, tip, typed.slip, part, typed.code)
    return state, (call(PayActs.take, money),)


def _may_have_tip(state: PayState, facts: PayFacts, tender: str, amount: Minor) -> bool:
    """Return True if a part of what is due may have the agreed tip in it. A voucher or account pays it last."""
    is_part = state.tip < amount < due_by(facts, tender, NOTHING)
    return bool(state.tip) and is_part and not facts.is_whole and not facts.tenders.traits_of(tender).named_by


def _asks_of_tip(state: PayState, facts: PayFacts) -> bool:
    """Return True if the question is whether the agreed tip is in a part."""
    tender, amount = context_of(state, facts).tender, state.unconfirmed
    return amount is not None and _may_have_tip(state, facts, tender, amount)


def _tip_later(state: PayState, _press: KeyPress, facts: PayFacts) -> PayStep:
    """Take the part without the tip, which stays for the payment that takes the rest."""
    now = context_of(state, facts)
    slip = now.intent.slip if isinstance(now.intent, PayCard) else now.typed.slip
    part = None if facts.part is None else due_by(facts, now.tender, NOTHING)
    return state, (call(PayActs.take, TenderAmount(now.tender, state.unconfirmed, NOTHING, slip, part)),)


def _why_not_by(state: PayState, facts: PayFacts, tender: str) -> str:
    """Return why a tender takes nothing here; empty if it does."""
    if tender != CASH and tender not in {traits.name for traits in facts.tenders.offered}:
        return _("{way} is not accepted here. Esc, then another way.").format(way=facts.tenders.label_of(tender))
    if facts.order.is_empty and facts.order.has_money:
        return _("No line is left to pay for. Esc, then Enter refunds it.")
    return nothing_to_ask_for(facts, tender, state.tip)


def _as_typed(typed: TypedPayment, amount: str) -> str:
    """Return an amount as it would be typed for a way to pay, so that it can be confirmed or edited."""
    if not typed.is_other:
        return amount
    return f"{typed.tender.lower()} {amount}" + (f" {SLIP}{typed.slip}" if typed.slip else "")


def _offered(event: Offered, facts: PayFacts) -> EntryLine:
    """Return money given on the sell screen as it would be typed here, for Enter to take or other keys to replace."""
    typed = TypedPayment(event.tender, slip=event.slip)
    if event.amount is not None:
        return EntryLine.offer(_as_typed(typed, facts.formats.amount(event.amount)))
    key = facts.tenders.traits_of(event.tender).key if typed.is_other else ""
    return EntryLine.offer(key + (f"{SLIP}{event.slip}" if event.slip else ""))


def _doubt(state: PayState, facts: PayFacts, typed: TypedPayment, amount: Minor, *, by_hand: bool) -> str:
    """Return a question about an amount that is probably mistyped, or may have the tip in it; empty without a doubt.

    Amounts for the card are checked at the terminal too.
    """
    if _may_have_tip(state, facts, typed.tender, amount):
        question = _("{amount}, of it {tip} tip? Enter again: yes. Tab: later.")
        return question.format(amount=facts.formats.money(amount), tip=facts.formats.money(state.tip))
    due = due_by(facts, typed.tender, NOTHING)
    due = Minor(due + tip_in(state, facts, None, due))
    way, may_be_slip = facts.tenders.traits_of(typed.tender), by_hand and not facts.is_whole
    typed_number = typed.amount if typed.amount.isdigit() and facts.lookup.number(typed.amount) else ""
    return doubt_amount(facts.formats, way, facts.notes, amount, due, may_be_slip=may_be_slip, number=typed_number)


def _asked(payment: Payment, facts: PayFacts) -> str:
    """Return the question before giving a payment back. A negative one is taken back from the guest."""
    amount = facts.formats.money(Minor(abs(payment.amount)))
    if payment.amount < 0:
        return _("Take {amount} back? Enter does, another key does not.").format(amount=amount)
    if payment.tender == CASH:
        return _("Refund {amount}? Enter does, any other key keeps it.").format(amount=amount)
    sentence = _("Refund {amount} by {tender}? Enter does, any other key keeps it.")
    traits = facts.tenders.traits_of(payment.tender)
    if _was_declined(payment, facts):
        sentence = _("Refund {amount} by {tender}? Enter asks again. M: by hand.")
        if traits.shows_code:
            sentence = _("Refund {amount} by {tender}? Enter: ask the bank. M: by hand.")
    elif is_returned(payment, facts):
        sentence = _("Refund {amount} by {tender}? Enter asks the terminal.")
        if traits.shows_code:
            sentence = _("Refund {amount} by {tender}? Enter asks the bank.")
    elif payment.is_asked_elsewhere and not traits.needs_server:
        sentence = _("Refund {amount} at the terminal, then Enter: a manager's PIN.")
    return sentence.format(amount=amount, tender=facts.tenders.in_words(payment.tender))


def _was_declined(payment: Payment, facts: PayFacts) -> bool:
    """Return True if the payment's terminal or gateway was asked to give it back and declined."""
    return bool(payment.returns) and is_returned(payment, facts)


def _refused(state: PayState, sentence: str, facts: PayFacts) -> PayStep:
    """Refuse with a reason. The next input replaces the text, except that notes add up."""
    entry = state.entry if typed_in(state, facts).notes else EntryLine.offer(state.entry.text)
    return replace(state, message=refusal(sentence), entry=entry), ()


# The table of the keys.


def _enter_word(state: PayState, facts: PayFacts) -> BarKey | None:
    now, money = context_of(state, facts), facts.formats.amount
    if now.typed.words and now.intent is None:
        return BarKey(_("Pay"))
    if now.is_none or now.is_too_much or now.is_against or nothing_to_ask_for(facts, now.tender, now.tip):
        return None
    if now.is_tip:
        return BarKey(_("Tip {amount}").format(amount=money(now.given)) if now.given else _("No tip"))
    if now.is_done:
        return BarKey(_("End the sale") if facts.part is None else _("Next guest"))
    long, short, amount = _("Take cash {amount}"), _("Cash {amount}"), now.given or now.due
    if now.back is not None:
        amount = Minor(abs(now.back.amount))
        long = short = _("Refund {amount}") if now.back.amount > 0 else _("Take back {amount}")
    elif now.due < 0:
        long, short, amount = _("Refund {amount}"), _("Refund {amount}"), now.refund
    elif now.named_by:
        words = _("Ask for its code") if now.named_by == "code" else _("Look at the account")
        return BarKey(_("Look at the voucher") if now.typed.code else words, _("Next"))
    elif now.is_other:
        short = f"{now.label} {{amount}}"
        long = short if now.is_asked else _("Take {way} {{amount}}").format(way=now.in_words)
    return BarKey(long.format(amount=money(amount)), short.format(amount=money(amount)))


def _notes_word(state: PayState, facts: PayFacts) -> BarKey | None:
    # the bar has no room beside the refund, and the notes show their keys
    is_shown = facts.names_notes and not facts.order.has_money and not facts.order.is_empty and facts.notes
    return BarKey(_("Notes"), spare=True) if is_shown and not typed_in(state, facts).words else None


def _refund_word(state: PayState, facts: PayFacts) -> BarKey | None:
    taken = facts.order.last_taken
    if taken is None or next_back(state, facts) is not None:
        return None
    amount, way = facts.formats.amount(Minor(abs(taken.amount))), facts.tenders.in_words(taken.tender)
    long = _("Refund {way} {amount}") if taken.amount > 0 else _("Take back {way} {amount}")
    short = _("Refund {amount}") if taken.amount > 0 else _("Take back {amount}")
    return BarKey(long.format(way=way, amount=amount), short.format(amount=amount), spare=True)


def _off_word(state: PayState, facts: PayFacts) -> BarKey | None:
    typed = typed_in(state, facts)
    if typed.notes:
        return BarKey(_("Take a note off"), _("Note off"), spare=True)
    if typed.is_other and not typed.amount:
        return BarKey(_("No {way}").format(way=facts.tenders.in_words(typed.tender)), spare=True)
    return None


def _esc_word(state: PayState, facts: PayFacts) -> BarKey:
    if state.entry.text:
        return BarKey(_("Take it off"), _("Empty"))
    return BarKey(_("Back to the order") if facts.can_split else _("Back to the guests"), _("Back"))


def _language_word(_state: PayState, facts: PayFacts) -> BarKey:
    name = language_name(facts.venue.language_of(facts.order))
    return BarKey(_("Paper: {language}").format(language=name), name, spare=True)


def _help(keys: str, does: str, how: str) -> PayKey:
    """Return a row of the help alone, about keys that are typed."""
    return Key(_typed, label=keys, helped=(does, how))


def _ways_help(ways: Sequence[TenderTraits], how: str) -> tuple[PayKey, ...]:
    """Return one row of the help for several ways to pay."""
    keys, labels = " ".join(one.key.upper() for one in ways), ", ".join(one.label for one in ways)
    return (_help(keys, labels, how),) if ways else ()


def keys_of(
    offered: Sequence[TenderTraits], awaited: Awaited | None = None, languages: Sequence[str] = ()
) -> KeyTable[PayState, PayFacts, PayActs]:
    """Return the keys that act now: with the ways to pay that are offered, or while an outcome is awaited.

    That of the guest's language is one of them if the venue has several.
    """
    help_key: PayKey = Key(_show_help, command=HELP, bar=_HELP_WORD)
    if awaited is not None:
        return KeyTable(help_key, *awaiting.keys_of(awaited))
    return KeyTable(help_key, *_paying_keys(offered), *(_language_keys() if len(languages) > 1 else ()))


def _language_keys() -> tuple[PayKey, ...]:
    helped = _("Language of the paper"), _("for this guest")
    return (Key(_next_language, command=CUSTOMER, bar=_language_word, helped=helped),)


def _paying_keys(offered: Sequence[TenderTraits]) -> tuple[PayKey, ...]:
    by_key = [traits for traits in offered if traits.key]
    taken = [traits for traits in by_key if not traits.named_by]
    slips = [f"{traits.key}50#4711 Enter" for traits in taken if traits.by_hand]
    return (
        Key(_enter, ENTER, "Enter", bar=_enter_word, helped=(_("Exact cash"), _("when nothing is typed"))),
        _help("500 Enter", _("Cash with change"), _("the cash you were handed")),
        Key(_typed, tuple(NOTE_KEYS), "Q-Y", bar=_notes_word),
        _help("Q W E R T Y", _("A note"), _("each press adds one")),
        Key(
            _ask_back,
            command=VOID,
            when=lambda state, _facts: not state.entry.text,
            bar=_refund_word,
            helped=(_("Refund"), _("the last payment; then Enter")),
        ),
        Key(
            _give_back_and_ask,
            command=QUANTITY,
            when=took_more,
            bar=word(N_("Refund all, ask again"), N_("Ask again")),
            helped=(N_("Refund all, ask again"), N_("when a reader took too much")),
        ),
        Key(_typed, ("backspace",), "Bksp", bar=_off_word),
        _help("Backspace", _("Take a note off"), _("or the card")),
        Key(_by_hand, _BY_HAND, when=_may_be_by_hand),
        Key(_tip_later, ("tab",), "Tab", when=_asks_of_tip, bar=word(_("Tip later"))),
        *_ways_help(taken, _("all or the amount, then Enter")),
        *_ways_help([one for one in by_key if one.named_by], _("asks for the code or the guest")),
        *(_help(slip, _("With its slip"), _("# and the number on it")) for slip in slips[:1]),
        Key(_split, ("s", "S"), "S", _may_split, helped=(_("Split"), _("“3 S”: in three even parts"))),
        _help("P 5 Enter", _("A tip"), _("on top of what is paid")),
        _help("cash 500 Enter", _("In words too"), words_shown(offered)),
        Key(_back, ("escape",), "Esc", bar=_esc_word, helped=(_("Back to the order"), _("payments stay"))),
    )
