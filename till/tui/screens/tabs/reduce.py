"""Key handling for the screen of tables. Pure. No letter is a command, as names are typed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from till.domain.i18n import _
from till.domain.text import begun, clean
from till.register.tabs.names import label_of
from till.register.tabs.open_tabs import tabs_named
from till.tui.screens.tabs.acts import HALF_SAID, is_half_said, none_called
from till.tui.screens.tabs.effects import (
    Act,
    AddTo,
    GoBack,
    LogOut,
    OpenTable,
    OpenTablesHelp,
    Recall,
    Save,
    WaitForTills,
)
from till.tui.screens.tabs.state import act_of, columns, is_unknown_table, marked, places
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.keymap import HELP, LOG_OUT
from till.tui.shell.messages import refusal, says_why

if TYPE_CHECKING:
    from till.register.tabs.open_tabs import OpenTab
    from till.tui.screens.tabs.acts import TabAct
    from till.tui.screens.tabs.effects import TablesEffect
    from till.tui.screens.tabs.state import Place, TablesFacts, TablesState
    from till.tui.shell.keymap import KeyPress

TablesStep = tuple["TablesState", tuple["TablesEffect", ...]]

#: The command that opens the screen, and sorts its list.
TABS: Final = "tabs"
_STEPS: Final = {"up": (0, -1), "down": (0, 1), "left": (-1, 0), "right": (1, 0)}
_PAGES: Final = {"pageup": -1, "pagedown": 1}


def reduce(state: TablesState, press: KeyPress, facts: TablesFacts) -> TablesStep:
    """Return the next state and the effects to carry out."""
    state = replace(state, message=None, unconfirmed=state.unconfirmed if press.is_enter or press.key == "tab" else "")
    if press.is_enter:
        return _enter(state, facts)
    match press.key:
        case "escape" if state.entry.text and not state.entry.is_offered:
            return replace(state, entry=EMPTY), ()
        case "escape":
            return state, (GoBack(),)
        case "tab":
            return _apart(state, facts)
        case "up" | "down" | "pageup" | "pagedown":
            return _moved(state, press.key, facts), ()
        case "left" | "right" if not state.entry.text:
            return _moved(state, press.key, facts), ()
    return _commanded(state, press, facts) or (_typed(state, press, facts), ())


def _commanded(state: TablesState, press: KeyPress, facts: TablesFacts) -> TablesStep | None:
    """Return the step for a command key; None for a key that types."""
    command = facts.keymap.command(press)
    if command == HELP:
        return state, (OpenTablesHelp(),)
    if command == LOG_OUT:
        return state, (LogOut(),)
    if command == TABS and not press.char:
        return replace(state, longest_first=not state.longest_first, marked=None), ()
    if state.entry.take(press) is not None:
        return None  # such as Ctrl+U, a command on other screens
    if (why := says_why(facts.keymap, press, _("Press Esc first, then {key}."))) is not None:
        return replace(state, message=why), ()
    return None


def _typed(state: TablesState, press: KeyPress, facts: TablesFacts) -> TablesState:
    """Type into the entry line. An act applies to the tab marked before it was typed."""
    entry = state.entry.take(press)
    if entry is None:
        return state
    if not state.entry.text and (at := marked(state, facts)) is not None:
        state = replace(state, marked=at.key)
    return replace(state, entry=entry)


def _moved(state: TablesState, key: str, facts: TablesFacts) -> TablesState:
    """Mark another place: the next one, the one beside it, or the first on another page."""
    shown = places(state, facts)
    if not shown or (state.entry.text and facts.saves and act_of(state) is None):
        return state  # the typed text names the place
    found = columns(state, facts, shown)
    spots = {cell.place: (n, row) for n, column in enumerate(found) for row, cell in enumerate(column)}
    at = marked(state, facts, shown)
    place = next((n for n, one in enumerate(shown) if at is not None and one.key == at.key), None)
    if place is None:
        return replace(state, marked=shown[0].key)
    if key in _PAGES:
        page = facts.room.columns
        wanted = max(0, min((spots[place][0] // page + _PAGES[key]) * page, (len(found) - 1) // page * page))
        place = next(cell.place for cell in found[wanted] if cell.place >= 0)
    else:
        across, down = _STEPS[key]
        if across:
            column, row = spots[place]
            beside = found[column + across] if 0 <= column + across < len(found) else ()
            rows = [(abs(n - row), cell.place) for n, cell in enumerate(beside) if cell.place >= 0]
            place = min(rows)[1] if rows else place
        place = max(0, min(place + down, len(shown) - 1))
    return replace(state, marked=shown[place].key)


def _enter(state: TablesState, facts: TablesFacts) -> TablesStep:
    typed, at = state.entry.text.strip(), marked(state, facts)
    if (act := act_of(state)) is not None:
        tab = at.tab if at is not None else None
        if tab is None:
            return _refused(state, unmarked(at))
        if not facts.told:
            return state, (WaitForTills("enter"),)
        return _asked_of_act(state, act, tab, facts) or (state, (Act(act, tab),))
    if is_half_said(typed):
        return _refused(state, HALF_SAID)
    if not facts.told and _depends(typed, at, facts):
        return replace(state, marked=at.key if at is not None else state.marked), (WaitForTills("enter"),)
    return _save(state, typed, at, facts) if facts.saves else _open(state, typed, at)


def unmarked(at: Place | None) -> str:
    """Return why a typed act does nothing: no tab is marked, or a free table."""
    if at is None:
        return _("On which table? Mark one with ↑ ↓ first, then type that.")
    return _("{name} is free. Mark an open one with ↑ ↓, then type that.").format(name=begun(clean(at.name)))


def _depends(typed: str, at: Place | None, facts: TablesFacts) -> bool:
    """True if the effect of Enter depends on the open tabs of other tills: a name may be taken, a tab may be theirs."""
    if facts.saves:
        return bool(typed) or (at is not None and not _is_own(at, facts))
    return at is None or at.tab is None or facts.is_elsewhere(at.tab)


def _is_own(place: Place, facts: TablesFacts) -> bool:
    """True if the order on the sell screen is on that tab."""
    return facts.own is not None and place.key == facts.own.session_id


def _save(state: TablesState, typed: str, at: Place | None, facts: TablesFacts) -> TablesStep:
    if at is not None and _is_own(at, facts):
        return state, (Save(""),)
    if at is not None and at.tab is not None:
        return state, (AddTo(at.tab),)
    if at is None and (asked := _asked_back(state, typed, facts)) is not None:
        return asked
    return state, (Save(typed or (at.label if at is not None else "")),)


def _asked_of_act(state: TablesState, act: TabAct, tab: OpenTab, facts: TablesFacts) -> TablesStep | None:
    """Ask before an act that cannot be undone, or that names an unknown table; None if there is nothing to ask."""
    if act.act == "move":
        return _asked_back(state, act.of, facts)
    found = tabs_named(act.of, facts.tabs) if act.act == "merge" else []
    if len(found) != 1 or found[0].tab_id == tab.tab_id:
        return None
    question = _("Merge {other} into {name} for good? Enter again.")
    return _asked_once(state, question.format(other=clean(found[0].name), name=clean(tab.name)))


def _asked_back(state: TablesState, name: str, facts: TablesFacts) -> TablesStep | None:
    """Ask once about an unknown table; None if it is known, or was asked about."""
    if not is_unknown_table(name, facts.venue):
        return None
    question = _("There is no {name} here. Enter again uses it anyway.").format(name=clean(label_of(name)))
    return _asked_once(state, question)


def _asked_once(state: TablesState, question: str) -> TablesStep | None:
    """Ask; None if the same question was just asked."""
    return _refused(replace(state, unconfirmed=question), question) if state.unconfirmed != question else None


def _open(state: TablesState, typed: str, at: Place | None) -> TablesStep:
    if at is None and typed:
        return _refused(state, none_called(typed, label_of(typed)))
    if at is None:
        return _refused(state, _("No tab is open. Esc goes back to the order."))
    if at.tab is None:
        return state, (OpenTable(int(at.label)),)
    if state.marked is not None and not typed and state.marked != at.key:
        return _refused(replace(state, marked=None), _("That one is no longer open. ↑ ↓ mark another."))
    return state, (Recall(at.tab),)


def _apart(state: TablesState, facts: TablesFacts) -> TablesStep:
    """Save the order as a second bill where one is open."""
    if not facts.told:
        return state, (WaitForTills("tab"),)
    at = marked(state, facts)
    if not facts.saves:
        return _refused(state, _("Key lines first; then Tab makes them a separate bill at a table."))
    if at is None or at.tab is None or _is_own(at, facts):
        return _refused(state, _("Type an open table: Tab makes a second bill there. Enter saves."))
    return state, (Save(at.name, apart=True),)


def _refused(state: TablesState, sentence: str) -> TablesStep:
    return replace(state, message=refusal(sentence), entry=EntryLine.offer(state.entry.text)), ()
