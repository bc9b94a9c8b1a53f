"""What a key means while somebody else has the payment: the terminal, or nobody who could tell yet.

Nothing that is typed now is kept: an Enter that was meant for one payment must not take another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.i18n import _
from till.domain.order.state import AWAITED, PaymentState, Status
from till.register.answers import as_sentence
from till.tui.screens.pay.effects import AskNow, Finish, GoBack, KeepAsTab, OpenPayHelp, Settle, StopCharge
from till.tui.shell.entry_line import EMPTY
from till.tui.shell.keymap import HELP
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from till.tui.screens.pay.effects import ChargeHeard, PayEffect
    from till.tui.screens.pay.state import Awaited, PayFacts, PayState
    from till.tui.shell.keymap import KeyPress

#: What a manager's answer is picked by.
_PICKS: Final = {"1": True, "2": False}

#: What is said where an order waits for money that is on its way back.
_LOCKED_BACK: Final = _("Back to the order. It is locked until it is known if the money went back.")
#: Who has a payment, and who gives it back.
_HAS: Final = {
    "terminal": _("The terminal has {amount}."),
    "code": _("The code for {amount} is being made."),
    "server": _("The server has {amount}."),
}
_GIVES: Final = {
    "terminal": _("The terminal gives {amount} back."),
    "code": _("The bank gives {amount} back."),
    "server": _("The server gives {amount} back."),
}
#: What is said to a key while somebody has the payment, and to a second Esc.
_NOT_KEPT: Final = {
    "terminal": _("What is typed now is not kept; Esc stops the card."),
    "code": _("What is typed now is not kept; Esc closes the code."),
    "server": _("What is typed now is not kept; Esc stops it."),
}
_TOLD: Final = {
    "terminal": _("The terminal was told to stop. Its answer is on the way."),
    "code": _("The bank was told to close the code. Its answer is on the way."),
    "server": _("The server was told to stop. Its answer is on the way."),
}
#: What is said to who would settle by hand too early, and what a manager goes by.
_MAY_ANSWER: Final = {
    "terminal": _("The terminal may still answer. A manager settles it from {time}."),
    "code": _("The bank may still answer. A manager settles it from {time}."),
    "server": _("The server may still answer. A manager settles it from {time}."),
}
_RECORDS: Final = {"terminal": _("the slip"), "code": _("the gateway’s list"), "server": _("the server’s list")}

Step = tuple["PayState", tuple["PayEffect", ...]]


def has_it(awaited: Awaited, money: str) -> str:
    """Who has the payment, or gives it back, as a sentence."""
    if awaited.is_return:
        said = _GIVES[awaited.by]
    elif awaited.by == "code" and awaited.stopping_s is not None:
        said = _("The code for {amount} is being closed.")
    else:
        said = _HAS[awaited.by]
    return said.format(amount=money)


def pressed(state: PayState, press: KeyPress, facts: PayFacts, awaited: Awaited) -> Step:
    """Act on a key while an outcome is awaited."""
    if facts.keymap.command(press) == HELP:
        return state, (OpenPayHelp(),)
    return (_unknown if awaited.is_unknown else _asked)(state, press, facts, awaited)


def _asked(state: PayState, press: KeyPress, facts: PayFacts, awaited: Awaited) -> Step:
    """The terminal has it: Esc asks it to leave off, and no other key acts or is kept."""
    money = facts.formats.money(awaited.payment.amount)
    if awaited.code:
        return _scanned(state, press, awaited)
    if awaited.is_return:
        return _returning(state, press, has_it(awaited, money))
    if press.key != "escape":
        has = has_it(awaited, money)
        kept = _("What is typed now is not kept.") if awaited.stopping_s is not None else _NOT_KEPT[awaited.by]
        return replace(state, message=refusal(f"{has} {kept}")), ()
    if awaited.stopping_s is not None:
        return replace(state, message=plain(_TOLD[awaited.by])), ()
    said = _("Stopping. If it says approved, it is paid.")
    return replace(state, message=plain(said), stopped=True), (StopCharge(),)


def _returning(state: PayState, press: KeyPress, gives: str) -> Step:
    """It is given back: nobody stops that, and Esc leaves it to go on."""
    if press.key == "escape":
        return state, (GoBack(_LOCKED_BACK),)
    kept = _("What is typed now is not kept; Esc goes back to the order.")
    return replace(state, message=refusal(f"{gives} {kept}")), ()


def _scanned(state: PayState, press: KeyPress, awaited: Awaited) -> Step:
    """The guest has the code: Enter asks if it is paid, Esc closes it, at the bank first. Nothing else is kept."""
    if press.key == "escape":
        said = _("The code is closed at the bank. What was paid by then counts.")
        return replace(state, message=plain(said), stopped=True), (StopCharge(),)
    if press.is_enter and awaited.may_ask:
        return replace(state, message=plain(_("Asked now. It is paid when it says so here."))), (AskNow(),)
    sentence = _("Not kept: Esc closes the code.")
    if awaited.may_ask:
        sentence = _("Not kept: Enter asks if it is paid, Esc closes the code.")
    return replace(state, message=refusal(sentence)), ()


def _unknown(state: PayState, press: KeyPress, facts: PayFacts, awaited: Awaited) -> Step:
    """Nobody knows yet: ask, keep it as a tab, have a manager settle it, or go back to the order."""
    letter = press.char.lower()
    if state.settling and (typed := _slip(state, press, awaited)) is not None:
        return typed, ()
    if letter in {"m", *_PICKS}:
        if awaited.may_settle:
            return _ask_manager(state, _PICKS.get(letter), awaited), ()
        return replace(state, message=refusal(_MAY_ANSWER[awaited.by].format(time=_time(facts, awaited)))), ()
    if state.settling is not None:
        if press.is_enter:
            settle = Settle(state.settling, state.entry.text.strip())
            return replace(state, settling=None, message=None, entry=EMPTY), (settle,)
        said = plain(_("Nothing was settled. It is asked on."))
        return replace(state, settling=None, message=said, entry=EMPTY), ()
    return _passing(state, press, awaited)


def _slip(state: PayState, press: KeyPress, awaited: Awaited) -> PayState | None:
    """The number on the slip as it is typed; None for a key that types nothing, and where no slip is asked for."""
    if awaited.is_return or press.is_enter or (press.key == "backspace" and not state.entry.text):
        return None
    entry = state.entry.take(press)
    return None if entry is None else replace(state, entry=entry)


def _passing(state: PayState, press: KeyPress, awaited: Awaited) -> Step:
    """What a cashier may do while nobody knows."""
    if press.is_enter and not awaited.may_ask:
        sentence = _("{way} is not set up on this till: nobody can be asked. M: a manager settles it.")
        return replace(state, message=refusal(sentence.format(way=awaited.label))), ()
    if press.is_enter:
        return replace(state, message=plain(_("Asking now."))), (AskNow(),)
    if press.key == "escape":
        locked = _("Back to the order. It is locked until it is known if it was charged.")
        return state, (GoBack(_LOCKED_BACK if awaited.is_return else locked),)
    if press.char.lower() == "k":
        return state, (KeepAsTab(),)
    sentence = _("It is not known yet if it was charged. Enter asks now, K keeps it as a tab, Esc goes back.")
    if awaited.is_return:
        sentence = _("It is not known yet if it went back. Enter asks now, K keeps it as a tab, Esc goes back.")
    return replace(state, message=refusal(sentence)), ()


def _time(facts: PayFacts, awaited: Awaited) -> str:
    return facts.venue.local(awaited.settles_from).strftime("%H:%M:%S") if awaited.settles_from else ""


def _ask_manager(state: PayState, picked: bool | None, awaited: Awaited) -> PayState:
    """What the slip says is picked by a digit; Enter asks the manager."""
    if awaited.is_return:
        said = {
            None: _("What does {record} say? 1 given back, 2 not given back, then Enter and a manager's PIN."),
            True: _("Given back: Enter, then a manager's PIN. Esc leaves it open."),
            False: _("Not given back: Enter, then a manager's PIN. Esc leaves it open."),
        }[picked]
    elif picked is None:
        said = _("What does {record} say? 1 charged, 2 not charged, then Enter and a manager's PIN.")
    elif picked:
        said = _("Charged: its number there, if it has one; Enter, then a manager's PIN. Esc leaves it open.")
    else:
        said = _("Not charged: Enter, then a manager's PIN. Esc leaves it open.")
    said = said.format(record=_RECORDS[awaited.by])
    return replace(state, message=plain(said), settling=picked, entry=EMPTY)


def heard(state: PayState, event: ChargeHeard, facts: PayFacts) -> Step:
    """The outcome is there, or it is known that it is not."""
    payment, order = event.payment, event.order
    way, money = facts.tenders.label_of(payment.tender), facts.formats.money
    stopped = state.stopped
    state = replace(state, entry=EMPTY, settling=None, giving_back=None, stopped=stopped and payment.state in AWAITED)
    if order.status is Status.COMPLETED:
        said = _("{way} was approved before it stopped. It is paid.").format(way=way) if stopped else ""
        return state, (Finish(order, said),)
    if payment.state in AWAITED:
        return replace(state, message=refusal(_("It is not known yet if it was charged."))), ()
    if payment.state is PaymentState.APPROVED:
        said = _("{way}: {amount} taken. {due} is still due.")
        told = said.format(way=way, amount=money(payment.amount), due=money(order.due))
        return replace(state, message=plain(told)), ()
    why = as_sentence(payment.reason or _("declined"))
    said = _("{way}: {why} Nothing was taken: try again, or another way.").format(way=way, why=why)
    return replace(state, message=refusal(said), tip=payment.tip or state.tip), ()
