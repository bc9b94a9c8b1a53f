"""Key handling for the screen of notices. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.i18n import _
from till.tui.screens.notices.state import (
    Acknowledge,
    DiscardOther,
    GoBack,
    OpenNoticesHelp,
    OpenTables,
    can_discard,
    marked,
)
from till.tui.shell.keymap import HELP
from till.tui.shell.messages import refusal, says_why

if TYPE_CHECKING:
    from till.tui.screens.notices.state import NoticesEffect, NoticesFacts, NoticesState
    from till.tui.shell.keymap import KeyPress

NoticesStep = tuple["NoticesState", tuple["NoticesEffect", ...]]

#: The commands that discard the other order and open its table.
VOID: Final = "void"
TABS: Final = "tabs"
_STEPS: Final = {"up": -1, "down": 1}


def reduce(state: NoticesState, press: KeyPress, facts: NoticesFacts) -> NoticesStep:
    """Return the next state and the effects to carry out."""
    at = marked(state, facts)
    unconfirmed, state = state.unconfirmed, replace(state, message=None, unconfirmed="")
    if press.key == "escape":
        return (replace(state, opened=False), ()) if state.opened and not facts.wide else (state, (GoBack(),))
    if facts.keymap.command(press) == HELP:
        return state, (OpenNoticesHelp(),)
    if not facts.notices:
        return (state, (GoBack(),)) if press.is_enter else (_why(state, press, facts), ())
    notice, said = facts.notices[at]
    if press.key in _STEPS:
        return replace(state, place=max(0, min(at + _STEPS[press.key], len(facts.notices) - 1))), ()
    if press.digit:
        return _picked(state, press.digit, facts), ()
    if press.is_enter:
        return _entered(state, at, facts)
    match facts.keymap.command(press):
        case "tabs" if notice.data.order.tab or notice.data.own.tab:
            return state, (OpenTables(notice.data.order.tab or notice.data.own.tab),)
        case "void" if can_discard(notice, facts):
            if unconfirmed == notice.id:
                return state, (DiscardOther(notice),)
            question = _("{title}: discard the other order? {key} again does it.")
            asked = refusal(question.format(title=said.title, key=facts.keymap.label(VOID)))
            return replace(state, unconfirmed=notice.id, message=asked), ()
        case _:
            return _why(state, press, facts), ()


def _picked(state: NoticesState, digit: int, facts: NoticesFacts) -> NoticesState:
    if digit > len(facts.notices):
        return replace(state, message=refusal(_("There is no notice {n}.").format(n=digit)))
    return replace(state, place=digit - 1)


def _entered(state: NoticesState, at: int, facts: NoticesFacts) -> NoticesStep:
    notice, _said = facts.notices[at]
    if not facts.wide and not state.opened:
        return replace(state, opened=True), ()
    if notice.id in facts.seen:
        return replace(state, opened=False), ()
    return replace(state, opened=False), (Acknowledge(notice),)


def _why(state: NoticesState, press: KeyPress, facts: NoticesFacts) -> NoticesState:
    why = says_why(facts.keymap, press, _("Press Esc first, then {key}."))
    return replace(state, message=why) if why is not None else state
