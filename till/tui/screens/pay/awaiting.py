"""The keys of the pay screen while a payment's outcome is awaited or unknown.

Input typed meanwhile is discarded: an Enter meant for one payment must not take another.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from msgspec.structs import replace

from till.domain.i18n import N_, _, pgettext
from till.domain.money.measures import Minor
from till.domain.order.paying import CASH
from till.domain.order.state import Status
from till.domain.payment.movement import AWAITED, PaymentState
from till.register.answers import as_sentence
from till.tui.screens.pay.acts import PayActs
from till.tui.screens.pay.state import due_by, took_more
from till.tui.shell.calls import call
from till.tui.shell.entry_line import EMPTY
from till.tui.shell.key_table import ENTER, Key, calls, word
from till.tui.shell.keymap import QUANTITY
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from till.tui.screens.pay.acts import PayKey, PayStep
    from till.tui.screens.pay.state import Awaited, ChargeHeard, PayFacts, PayState
    from till.tui.shell.keymap import KeyPress

#: Keys that pick the manager's answer: charged, or not.
_PICKS: Final = {"1": True, "2": False}


class Works(NamedTuple):
    """The words for one kind of asker: a terminal, a code or the server.

    Attributes:
        head: the title, with the tender's name if the server is asked.
        has: names the asker of a payment; `gives` of a refund.
        stop: the effect of Esc, `stops` in the key bar, with the consequence `then`.
        not_kept: the answer to any other key; `stopping` to a second Esc.
        record: the record that a manager goes by.
        compare: the record to compare in the meantime.
        by_hand: the way a manager settles it, in short, and with the time from which it is possible.
    """

    head: str
    detail: str
    works: str
    has: str
    gives: str
    stop: str
    stops: str
    then: tuple[str, str]
    not_kept: str
    stopping: str
    record: str
    compare: str = ""
    by_hand: tuple[str, str] = (
        N_("A manager settles it, slip in hand"),
        N_("After the terminal's own time-out, slip in hand:"),
    )


_WORKS: Final = {
    "terminal": Works(
        N_("Terminal"),
        N_("beside {till}"),
        N_("the terminal works"),
        N_("The terminal has {amount}."),
        N_("The terminal is refunding {amount}."),
        N_("Stop the card"),
        N_("Stop the card, wait for its answer"),
        (N_("The terminal is asked to stop."), N_("If it still says approved, it is paid.")),
        N_("Typing is ignored; Esc stops the card."),
        N_("Asked the terminal to stop. Waiting for its answer."),
        N_("the slip"),
        N_("Compare it with the terminal"),
    ),
    "code": Works(
        N_("Code"),
        N_("at the bank"),
        N_("the bank is asked"),
        N_("Creating the code for {amount}."),
        N_("The bank is refunding {amount}."),
        N_("Close the code"),
        N_("Close the code"),
        (N_("It is closed at the bank first."), N_("Money paid earlier counts.")),
        N_("Typing is ignored; Esc closes the code."),
        N_("The bank is closing the code. Waiting for its answer."),
        N_("the gateway's list"),
        by_hand=(
            N_("A manager settles it, by the gateway's list"),
            N_("After the guest's time, by the gateway's list:"),
        ),
    ),
    "server": Works(
        "{tender}",
        N_("at the server"),
        N_("the server is asked"),
        N_("The server has {amount}."),
        N_("The server is refunding {amount}."),
        N_("Stop it"),
        N_("Stop it, wait for its answer"),
        (N_("The server is asked to stop."), N_("If it still says paid, it is paid.")),
        N_("Typing is ignored; Esc stops it."),
        N_("Asked the server to stop. Waiting for its answer."),
        N_("the server's list"),
        by_hand=(N_("A manager settles it, by the server's list"), N_("After the server's time, by its list:")),
    ),
}


def works(by: str) -> Works:
    """Return the words for one kind of asker in the language of the screen."""
    return Works._make(_(word) if isinstance(word, str) else tuple(map(_, word)) for word in _WORKS[by])


def has_it(awaited: Awaited, money: str) -> str:
    """Return a sentence that names who processes the payment or the refund."""
    if awaited.is_return:
        sentence = works(awaited.by).gives
    elif awaited.by == "code" and awaited.stopping_s is not None:
        sentence = _("The code for {amount} is being closed.")
    else:
        sentence = works(awaited.by).has
    return sentence.format(amount=money)


def keys_of(awaited: Awaited) -> tuple[PayKey, ...]:
    """Return the keys that act while an outcome is awaited."""
    if awaited.is_unknown:
        return _unknown_keys(awaited)
    if awaited.is_return and not awaited.code:  # a refund cannot be stopped
        return (_leaves(awaited, _("checking continues")),)
    words = works(awaited.by)
    stops = word(_("Close the code"), _("Close")) if awaited.code else word(words.stops, _("Stop"))
    stop: PayKey = Key(
        partial(_stop, awaited),
        ("escape",),
        "Esc",
        bar=stops if awaited.stopping_s is None else None,
        helped=(words.stop, _("money paid earlier counts")),
    )
    return (_asks(awaited, _("if it is paid")), stop) if awaited.code and awaited.may_ask else (stop,)


def _unknown_keys(awaited: Awaited) -> tuple[PayKey, ...]:
    """Return the keys while the outcome is unknown: ask, keep as a tab, let a manager settle it, or go back."""
    return (
        Key(_settle, ENTER, "Enter", _settles, bar=word(_("A manager's PIN"))),
        _asks(awaited, _("it is asked by itself too")),
        Key(
            calls(PayActs.keep_as_tab),
            ("k", "K"),
            "K",
            lambda state, _facts: state.settling is None,
            bar=word(_("Keep it open"), pgettext("bill", "Tab")),
            helped=(_("Keep it open"), _("and serve the next guest")),
        ),
        Key(
            partial(_ask_manager, awaited),
            ("m", "M", *_PICKS),
            "M",
            lambda state, _facts: not _takes_slip(state, awaited),
            helped=(_("A manager settles it"), _("once there was time for an answer")),
        ),
        Key(_leave_open, ("escape",), "Esc", _settles, bar=word(_("Leave it open"))),
        _leaves(awaited, _("it is locked until it is known")),
    )


def _asks(awaited: Awaited, how: str) -> PayKey:
    """Return Enter, which asks for the outcome at once. The key bar and the help omit it if there is nobody to ask."""
    act = partial(_ask, awaited)
    if not awaited.may_ask:
        return Key(act, ENTER)
    return Key(act, ENTER, "Enter", bar=word(_("Ask now")), helped=(_("Ask now"), how))


def _ask(awaited: Awaited, state: PayState, _press: KeyPress, _facts: PayFacts) -> PayStep:
    if not awaited.may_ask:
        sentence = _("{way} is not set up on this till. M: a manager settles it.")
        if awaited.asker:
            sentence = _("{way} is not set up here. K: {till} asks. M: a manager.")
        return replace(state, message=refusal(sentence.format(way=awaited.label, till=awaited.asker))), ()
    sentence = _("Asking now.") if awaited.is_unknown else _("Checking. It is paid once this screen says so.")
    return replace(state, message=plain(sentence)), (call(PayActs.ask_now),)


def _leaves(awaited: Awaited, how: str) -> PayKey:
    """Return Esc, which goes back to the order while it is locked."""
    locked = _("Back to the order. It is locked until the outcome is known.")
    if awaited.is_return:
        locked = _("Back to the order. It is locked until the refund is known.")
    return Key(
        lambda state, _press, _facts: (state, (call(PayActs.go_back, locked),)),
        ("escape",),
        "Esc",
        lambda state, facts: not (awaited.is_unknown and _settles(state, facts)),
        bar=word(_("Back to the order, locked"), _("Back")),
        helped=(_("Back to the order"), how),
    )


def _stop(awaited: Awaited, state: PayState, _press: KeyPress, _facts: PayFacts) -> PayStep:
    """Ask the terminal to stop, or the bank to close the code; the second time, show that it was asked."""
    if awaited.stopping_s is not None:
        return replace(state, message=plain(works(awaited.by).stopping)), ()
    sentence = _("Stopping. If it says approved, it is paid.")
    if awaited.code:
        sentence = _("The bank closed the code. Money paid earlier counts.")
    return replace(state, message=plain(sentence), stopped=True), (call(PayActs.stop_charge),)


def _settles(state: PayState, _facts: PayFacts) -> bool:
    """Return True if a manager picked an answer, charged or not."""
    return state.settling is not None


def _settle(state: PayState, _press: KeyPress, _facts: PayFacts) -> PayStep:
    settle = call(PayActs.settle, charged=bool(state.settling), slip=state.entry.text.strip())
    return replace(state, settling=None, message=None, entry=EMPTY), (settle,)


def _leave_open(state: PayState, _press: KeyPress, _facts: PayFacts) -> PayStep:
    message = plain(_("Nothing was settled. Still checking."))
    return replace(state, settling=None, message=message, entry=EMPTY), ()


def _takes_slip(state: PayState, awaited: Awaited) -> bool:
    """Return True if the slip's number can be typed, because the manager picked charged."""
    return bool(state.settling) and not awaited.is_return


def refuse_key(state: PayState, press: KeyPress, facts: PayFacts, awaited: Awaited) -> PayStep:
    """Refuse a key that does nothing now, or type it as the number of the slip."""
    if not awaited.is_unknown or state.settling is None:
        return replace(state, message=refusal(_not_kept(facts, awaited))), ()
    types = _takes_slip(state, awaited) and (state.entry.text or press.key != "backspace")
    entry = state.entry.take(press) if types else None
    return _leave_open(state, press, facts) if entry is None else (replace(state, entry=entry), ())


def _not_kept(facts: PayFacts, awaited: Awaited) -> str:
    """Return why a key does nothing."""
    if awaited.is_unknown and awaited.is_return:
        return _("No refund yet. Enter: ask again. K: keep it. Esc: back.")
    if awaited.is_unknown:
        return _("No answer yet. Enter: ask again. K: keep it. Esc: back.")
    if awaited.code and awaited.may_ask:
        return _("Not kept: Enter asks if it is paid, Esc closes the code.")
    if awaited.code:
        return _("Not kept: Esc closes the code.")
    kept = works(awaited.by).not_kept
    if awaited.is_return:
        kept = _("Typing is ignored; Esc goes back to the order.")
    elif awaited.stopping_s is not None:
        kept = _("Typing is ignored for now.")
    return f"{has_it(awaited, facts.formats.money(awaited.payment.amount))} {kept}"


def _ask_manager(awaited: Awaited, state: PayState, press: KeyPress, facts: PayFacts) -> PayStep:
    """Pick the manager's answer by a digit; M alone explains the digits. Enter then asks for a PIN."""
    words, picked = works(awaited.by), _PICKS.get(press.char)
    if not awaited.may_settle:
        time = facts.venue.local(awaited.settles_from).strftime("%H:%M:%S") if awaited.settles_from else ""
        return replace(
            state, message=refusal(_("It may still answer. A manager settles it from {time}.").format(time=time))
        ), ()
    if awaited.is_return:
        sentence = {
            None: _("By {record}: 1 refunded, 2 not. Enter, a manager's PIN."),
            True: _("Refunded: Enter, a manager's PIN. Esc leaves it open."),
            False: _("Not refunded: Enter, a manager's PIN. Esc leaves it open."),
        }[picked]
    elif picked is None:
        sentence = _("By {record}: 1 charged, 2 not. Enter, a manager's PIN.")
    elif picked:
        sentence = _("Charged: its number, if any; Enter, then a manager's PIN.")
    else:
        sentence = _("Not charged: Enter, a manager's PIN. Esc leaves it open.")
    sentence = sentence.format(record=words.record)
    return replace(state, message=plain(sentence), settling=picked, entry=EMPTY), ()


def handle_outcome(state: PayState, event: ChargeHeard, facts: PayFacts) -> PayStep:
    """Handle the outcome of the payment, or its absence for now."""
    payment, order = event.payment, event.order
    way, money = facts.tenders.label_of(payment.tender), facts.formats.money
    stopped = state.stopped
    state = replace(state, entry=EMPTY, settling=None, giving_back=None, stopped=stopped and payment.state in AWAITED)
    if order.status is Status.COMPLETED:
        sentence = _("{way} was approved before it stopped. It is paid.").format(way=way) if stopped else ""
        return state, (call(PayActs.finish, order, sentence),)
    if payment.state in AWAITED:
        return replace(state, message=refusal(_("It is not known yet if it was charged."))), ()
    if payment.state is PaymentState.APPROVED and took_more(state, facts) == payment:
        sentence = _("{way} took {amount}, not {part}: {key} refunds all, asks again.")
        amount, part = money(Minor(payment.settles + payment.over)), money(payment.settles)
        sentence = sentence.format(way=way, amount=amount, part=part, key=facts.keymap.label(QUANTITY))
        return replace(state, message=refusal(sentence)), ()
    if payment.state is PaymentState.APPROVED:
        taken = money(payment.amount)
        if payment.balance is not None:
            taken = _("{amount} taken, {left} left").format(amount=taken, left=money(payment.balance))
        else:
            taken = _("{amount} taken").format(amount=taken)
        tip = payment.tip_left or state.tip
        sentence = _("{way}: {taken}. {due} due with tip.") if tip else _("{way}: {taken}. {due} is still due.")
        sentence = sentence.format(way=way, taken=taken, due=money(due_by(facts, CASH, tip)))
        return replace(state, message=plain(sentence), tip=tip), ()
    why = as_sentence(payment.reason or _("declined"))
    sentence = _("{way}: {why} Nothing taken: try again, or another way.").format(way=way, why=why)
    return replace(state, message=refusal(sentence), tip=payment.tip_left or state.tip), ()
