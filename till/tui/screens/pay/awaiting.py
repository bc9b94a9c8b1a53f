"""Key handling of the pay screen while a payment's outcome is awaited or unknown.

Input typed meanwhile is discarded: an Enter meant for one payment must not take another.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.i18n import _
from till.domain.order.state import Status
from till.domain.payment.movement import AWAITED, PaymentState
from till.register.answers import as_sentence
from till.tui.screens.pay.effects import AskNow, Finish, GoBack, KeepAsTab, OpenPayHelp, Settle, StopCharge
from till.tui.shell.entry_line import EMPTY
from till.tui.shell.keymap import HELP
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from till.tui.screens.pay.effects import ChargeHeard, PayEffect
    from till.tui.screens.pay.state import Awaited, PayFacts, PayState
    from till.tui.shell.keymap import KeyPress

#: Keys that pick the manager's answer: charged, or not.
_PICKS: Final = {"1": True, "2": False}

#: The message on an order that is locked while money is on its way back.
_LOCKED_BACK: Final = _("Back to the order. It is locked until the refund is known.")
#: Who processes a payment, and who processes a refund.
_HAS: Final = {
    "terminal": _("The terminal has {amount}."),
    "code": _("The code for {amount} is being made."),
    "server": _("The server has {amount}."),
}
_GIVES: Final = {
    "terminal": _("The terminal is refunding {amount}."),
    "code": _("The bank is refunding {amount}."),
    "server": _("The server is refunding {amount}."),
}
#: The answer to a key while a payment is in progress, and to a second Esc.
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
#: The answer to a manager who settles by hand too early, and the records that a manager goes by.
_MAY_ANSWER: Final = {
    "terminal": _("The terminal may still answer. A manager settles it from {time}."),
    "code": _("The bank may still answer. A manager settles it from {time}."),
    "server": _("The server may still answer. A manager settles it from {time}."),
}
_RECORDS: Final = {"terminal": _("the slip"), "code": _("the gateway’s list"), "server": _("the server’s list")}

Step = tuple["PayState", tuple["PayEffect", ...]]


def has_it(awaited: Awaited, money: str) -> str:
    """Return a sentence that tells who processes the payment or the refund."""
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
    """Handle a key while the terminal processes the payment: Esc asks it to stop, any other key is refused."""
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
    """Handle a key during a refund, which cannot be stopped: Esc returns to the order while it goes on."""
    if press.key == "escape":
        return state, (GoBack(_LOCKED_BACK),)
    kept = _("What is typed now is not kept; Esc goes back to the order.")
    return replace(state, message=refusal(f"{gives} {kept}")), ()


def _scanned(state: PayState, press: KeyPress, awaited: Awaited) -> Step:
    """Handle a key while the guest scans: Enter asks if it is paid, Esc closes the code at the bank."""
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
    """Handle a key while the outcome is unknown: ask, keep as a tab, let a manager settle it, or go back."""
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
        said = plain(_("Nothing was settled. Still checking."))
        return replace(state, settling=None, message=said, entry=EMPTY), ()
    return _passing(state, press, awaited)


def _slip(state: PayState, press: KeyPress, awaited: Awaited) -> PayState | None:
    """Take a key of the slip's number; None for a key that types nothing, or if no slip is asked for."""
    if awaited.is_return or press.is_enter or (press.key == "backspace" and not state.entry.text):
        return None
    entry = state.entry.take(press)
    return None if entry is None else replace(state, entry=entry)


def _passing(state: PayState, press: KeyPress, awaited: Awaited) -> Step:
    """Handle the keys of a cashier while the outcome is unknown."""
    if press.is_enter and not awaited.may_ask:
        sentence = _("{way} is not set up on this till. M: a manager settles it.")
        return replace(state, message=refusal(sentence.format(way=awaited.label))), ()
    if press.is_enter:
        return replace(state, message=plain(_("Asking now."))), (AskNow(),)
    if press.key == "escape":
        locked = _("Back to the order. It is locked until the outcome is known.")
        return state, (GoBack(_LOCKED_BACK if awaited.is_return else locked),)
    if press.char.lower() == "k":
        return state, (KeepAsTab(),)
    sentence = _("No answer yet. Enter: ask again. K: keep as a tab. Esc: back.")
    if awaited.is_return:
        sentence = _("No refund yet. Enter: ask again. K: keep as a tab. Esc: back.")
    return replace(state, message=refusal(sentence)), ()


def _time(facts: PayFacts, awaited: Awaited) -> str:
    return facts.venue.local(awaited.settles_from).strftime("%H:%M:%S") if awaited.settles_from else ""


def _ask_manager(state: PayState, picked: bool | None, awaited: Awaited) -> PayState:
    """Ask for the manager after a digit picked what the slip says."""
    if awaited.is_return:
        said = {
            None: _("See {record}: 1 refunded, 2 not. Enter, then a manager's PIN."),
            True: _("Refunded: Enter, then a manager's PIN. Esc leaves it open."),
            False: _("Not refunded: Enter, then a manager's PIN. Esc leaves it open."),
        }[picked]
    elif picked is None:
        said = _("See {record}: 1 charged, 2 not. Enter, then a manager's PIN.")
    elif picked:
        said = _("Charged: type its number, if any; Enter, then a manager's PIN. Esc leaves it open.")
    else:
        said = _("Not charged: Enter, then a manager's PIN. Esc leaves it open.")
    said = said.format(record=_RECORDS[awaited.by])
    return replace(state, message=plain(said), settling=picked, entry=EMPTY)


def heard(state: PayState, event: ChargeHeard, facts: PayFacts) -> Step:
    """Handle the outcome of the payment, or its absence for now."""
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
