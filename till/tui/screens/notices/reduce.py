"""Key handling for the screen of notices. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Never

from msgspec.structs import replace

from till.domain.i18n import _
from till.tui.screens.notices.acts import NoticesActs
from till.tui.screens.notices.state import NoticesFacts, NoticesState, are_both_open, can_discard, table_of
from till.tui.shell.calls import call
from till.tui.shell.key_table import ENTER, BarKey, Key, KeyTable, calls, word
from till.tui.shell.keymap import HELP, VOID
from till.tui.shell.marked_list import MarkedList
from till.tui.shell.messages import refusal, says_why

if TYPE_CHECKING:
    from till.domain.notice.notice import Notice
    from till.tui.shell.calls import Call, Result
    from till.tui.shell.keymap import KeyPress

NoticesStep = tuple[NoticesState, tuple["Call[NoticesActs, Result[Never]]", ...]]

_NOT_TYPED: Final = _("Nothing is typed here: Esc first, then key it.")
#: The command that opens the table of its order, or shows both.
TABS: Final = "tabs"
NOTICES: Final = MarkedList[NoticesState, NoticesFacts](
    count=lambda _state, facts: len(facts.notices),
    put=lambda state, _facts, mark: replace(state, mark=mark, missed=state.missed and bool(mark.digits)),
    page=lambda facts: facts.page,
    missing=_("There is no notice {n}."),
)
_back: Final = calls(NoticesActs.go_back)


def reduce(state: NoticesState, press: KeyPress, facts: NoticesFacts) -> NoticesStep:
    """Return the next state and the calls to make."""
    unconfirmed = state.unconfirmed if facts.keymap.command(press) == VOID else ""
    state = replace(state, message=None, unconfirmed=unconfirmed)
    if (step := KEYS.step(state, press, facts)) is not None:
        return step
    if press.char or press.paste:
        return replace(state, unconfirmed="", missed=True, message=refusal(_NOT_TYPED)), ()
    return replace(state, unconfirmed="", message=says_why(facts.keymap, press, _("Press Esc first, then {key}."))), ()


def _show_help(state: NoticesState, _press: KeyPress, facts: NoticesFacts) -> NoticesStep:
    return state, (call(NoticesActs.show_help, KEYS.helped(facts.keymap)),)


def _unsay(state: NoticesState, _press: KeyPress, _facts: NoticesFacts) -> NoticesStep:
    """Refuse the Enter behind typed words: it was not meant for a notice."""
    return replace(state, missed=False, message=refusal(_NOT_TYPED)), ()


def _entered(state: NoticesState, press: KeyPress, facts: NoticesFacts) -> NoticesStep:
    notice = _at(state, facts)
    if notice is None:
        return _back(state, press, facts)
    if _is_listed(state, facts):
        return replace(state, opened=True), ()
    return replace(state, opened=False), () if notice.id in facts.seen else (call(NoticesActs.acknowledge, notice),)


def _enter_word(state: NoticesState, facts: NoticesFacts) -> BarKey:
    notice = _at(state, facts)
    if notice is not None and _is_listed(state, facts):
        return BarKey(_("Read"))
    return BarKey(_("Back") if notice is None or notice.id in facts.seen else _("Seen"))


def _discarded(state: NoticesState, _press: KeyPress, facts: NoticesFacts) -> NoticesStep:
    notice, wording = facts.notices[NOTICES.place(state, facts)]
    if state.unconfirmed == notice.id:
        return replace(state, unconfirmed=""), (call(NoticesActs.discard, notice),)
    question = _("{title}: discard the other? {key} again does it.")
    asked = refusal(question.format(title=wording.title, key=facts.keymap.label(VOID)))
    return replace(state, unconfirmed=notice.id, message=asked), ()


def _open_table(state: NoticesState, _press: KeyPress, facts: NoticesFacts) -> NoticesStep:
    notice, _wording = facts.notices[NOTICES.place(state, facts)]
    if are_both_open(notice):
        return state, (call(NoticesActs.show_both, notice),)
    return state, (call(NoticesActs.open_table, table_of(notice)),)


def _table_word(state: NoticesState, facts: NoticesFacts) -> BarKey:
    notice = _at(state, facts)
    if notice is not None and are_both_open(notice):
        return BarKey(_("Show both"), _("Both"), spare=True)
    return BarKey(_("Open it"), _("Table"), spare=True)


def _escaped(state: NoticesState, press: KeyPress, facts: NoticesFacts) -> NoticesStep:
    """Close the notice if it covers the list; otherwise go back."""
    closes = state.opened and not facts.wide
    return (replace(state, opened=False), ()) if closes else _back(state, press, facts)


def _back_word(state: NoticesState, facts: NoticesFacts) -> BarKey:
    del state
    return BarKey(_("Back, still new"), _("Back")) if facts.notices else BarKey(_("Back"))


# When a key acts.


def _at(state: NoticesState, facts: NoticesFacts) -> Notice | None:
    """Return the marked notice, if there is any."""
    return facts.notices[NOTICES.place(state, facts)][0] if facts.notices else None


def _is_listed(state: NoticesState, facts: NoticesFacts) -> bool:
    """Return True if the list alone is visible, and Enter opens the marked notice."""
    return not facts.wide and not state.opened


KEYS: Final[KeyTable[NoticesState, NoticesFacts, NoticesActs]] = KeyTable(
    Key(_show_help, command=HELP, bar=word(_("Help"))),
    *NOTICES.keys("1-9 ↑↓", when=_at, bar=word(_("Choose")), helped=(_("Choose a notice"), "")),
    Key(_unsay, ENTER, when=lambda state, _facts: state.missed),
    Key(_entered, ENTER, "Enter", bar=_enter_word, helped=(_("Seen"), _("it is no longer listed"))),
    Key(
        _discarded,
        command=VOID,
        when=lambda state, facts: (notice := _at(state, facts)) and can_discard(notice, facts),
        bar=word(_("Discard the other"), _("Discard")),
        helped=(_("Discard the other order"), _("of two under one name; asks once more")),
    ),
    Key(
        _open_table,
        command=TABS,
        when=lambda state, facts: (notice := _at(state, facts)) and table_of(notice),
        bar=_table_word,
        helped=(_("Open its order"), _("of two it shows both")),
    ),
    Key(_escaped, ("escape",), "Esc", bar=_back_word, helped=(_("Back to the order"), _("unseen ones stay new"))),
)
