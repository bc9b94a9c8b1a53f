"""Key handling for the screen of tables. Pure. No letter is a command, as names are typed here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Never

from msgspec.structs import replace

from till.domain.i18n import N_, _
from till.domain.order.naming import tab_name
from till.domain.staff.pins import can_be_pin
from till.domain.text import capitalize_first
from till.register.tabs.names import is_unknown_table, none_called, shown_as
from till.register.tabs.open_tabs import tabs_named
from till.tui.screens.tabs.acts import TablesActs
from till.tui.screens.tabs.state import (
    TablesFacts,
    TablesState,
    act_of,
    adds,
    columns,
    doubt_of_name,
    marked_place,
    not_a_name,
    page_of,
    places,
    refusal_of_act,
)
from till.tui.screens.tabs.typed_acts import NEEDS_NUMBER, is_unfinished
from till.tui.shell.calls import call
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import ARROWS, ENTER, ERASE, BarKey, Key, KeyTable, calls, sets, spoken_rows, word
from till.tui.shell.keymap import HELP, LOG_OUT, TABS
from till.tui.shell.marked_list import ListMark, MarkedList
from till.tui.shell.messages import refusal, says_why

if TYPE_CHECKING:
    from till.register.tabs.open_tabs import OpenTab
    from till.tui.screens.tabs.state import Place
    from till.tui.screens.tabs.typed_acts import TabAct
    from till.tui.shell.calls import Call, Result
    from till.tui.shell.keymap import KeyPress

TablesStep = tuple[TablesState, tuple["Call[TablesActs, Result[Never]]", ...]]

_ACROSS: Final = {"left": -1, "right": 1}
_PAGES: Final = {"pageup": -1, "pagedown": 1}
#: The first rows of the help: what Enter takes.
_TYPED: Final = (
    (N_("7, Enter"), N_("Number 7: open it"), N_("or add this order to it, or save it there")),
    (N_("a name, Enter"), N_("The same by name"), N_("a part of it finds it")),
    ("↑ ↓ ← →, Enter", N_("The marked one"), ""),
    (N_("merge 7, Enter"), N_("Number 7 on this bill"), N_("the one that is marked; Tab")),
    (N_("move 9, Enter"), N_("To number 9"), N_("guests 4, hand over 2")),
    (N_("move 2 idly to 9"), N_("Pieces to number 9"), N_("one that is open")),
    (N_("at 21:15, Enter"), N_("The marked one then"), N_("as this till knows it")),
)


def reduce(state: TablesState, press: KeyPress, facts: TablesFacts) -> TablesStep:
    """Return the next state and the calls to make."""
    answers = press.is_enter or press.key == "tab"
    is_asked = state.message is not None and state.message.text == state.unconfirmed
    is_left = state.is_left or (is_asked and not answers and _merges(state, facts) is not None)
    state = replace(
        state,
        message=None,
        unconfirmed=state.unconfirmed if answers else "",
        is_left=is_left and bool(state.entry.text),
    )
    return KEYS.step(state, press, facts) or _typed(state, press, facts)


def _typed(state: TablesState, press: KeyPress, facts: TablesFacts) -> TablesStep:
    """Type into the entry line. An act applies to the tab marked before it was typed."""
    entry = state.entry.take(press)
    if entry is None:
        return replace(state, message=says_why(facts.keymap, press, _("Press Esc first, then {key}."))), ()
    if not state.entry.text and (at := marked_place(state, facts)) is not None:
        state = replace(state, marked=at.key)
    return replace(state, entry=entry), ()


def _show_help(state: TablesState, _press: KeyPress, facts: TablesFacts) -> TablesStep:
    return state, (call(TablesActs.show_help, (*spoken_rows(_TYPED), *KEYS.helped(facts.keymap))),)


def _sorted(state: TablesState, press: KeyPress, facts: TablesFacts) -> TablesStep:
    if press.char:  # the venue gave the command a character, and names are typed here
        return _typed(state, press, facts)
    return replace(state, longest_first=not state.longest_first, marked=None), ()


def _at(state: TablesState, facts: TablesFacts) -> ListMark:
    at = marked_place(state, facts)
    return ListMark(next((n for n, one in enumerate(places(state, facts)) if at is not None and one.key == at.key), -1))


#: The places, column after column. A click on one replaces what is typed.
_PLACES: Final = MarkedList[TablesState, TablesFacts](
    count=lambda state, facts: len(places(state, facts)),
    at=_at,
    put=lambda state, facts, mark: replace(state, marked=places(state, facts)[mark.place].key),
)


def _is_marked(state: TablesState, press: KeyPress, facts: TablesFacts) -> bool:
    return press.place == _at(state, facts).place


def _click(state: TablesState, press: KeyPress, facts: TablesFacts) -> TablesStep:
    """Mark the place that was clicked, in place of the typed one."""
    state, calls = _PLACES.point(state, press, facts)
    return replace(state, entry=EMPTY), calls


def _may_move(state: TablesState, facts: TablesFacts) -> bool:
    """Return True unless there is no place, or the typed text names one."""
    return bool(places(state, facts)) and not (state.entry.text and facts.saves and act_of(state, facts) is None)


def _moved(state: TablesState, press: KeyPress, facts: TablesFacts) -> TablesStep:
    """Mark the next place, or the first or the last one."""
    return _PLACES.move(state, press, facts) if _may_move(state, facts) else (state, ())


def _turned(state: TablesState, press: KeyPress, facts: TablesFacts) -> TablesStep:
    """Mark the place beside the marked one, or the first on another page."""
    shown, place = places(state, facts), _at(state, facts).place
    found = columns(state, facts, shown)
    spots = {cell.place: (n, row) for n, column in enumerate(found) for row, cell in enumerate(column)}
    if place < 0:
        place = 0
    elif press.key in _PAGES:
        page = facts.room.columns
        wanted = max(0, min((spots[place][0] // page + _PAGES[press.key]) * page, (len(found) - 1) // page * page))
        place = next(cell.place for cell in found[wanted] if cell.place >= 0)
    else:
        column, row = spots[place]
        across = column + _ACROSS[press.key]
        beside = found[across] if 0 <= across < len(found) else ()
        rows = [(abs(n - row), cell.place) for n, cell in enumerate(beside) if cell.place >= 0]
        place = min(rows)[1] if rows else place
    return replace(state, marked=shown[place].key), ()


def _entered(state: TablesState, press: KeyPress, facts: TablesFacts) -> TablesStep:
    typed, at, act = state.entry.text.strip(), marked_place(state, facts), act_of(state, facts)
    if at is None and state.marked is not None and (not typed or (act is not None and not act.tab)):
        return _refused(state, _("That one is no longer open. ↑ ↓ mark another."))
    if act is not None:
        if at is None or at.tab is None:
            return _refused(state, unmarked_reason(at, act, facts))
        if not facts.is_listed:
            return state, (call(TablesActs.press_once_listed, press),)
        return _asked_of_act(state, act, at.tab, facts) or (state, (call(TablesActs.carry_out, act, at.tab),))
    if is_unfinished(typed, facts.lookup.words):
        return _refused(state, _(NEEDS_NUMBER))
    if state.is_left:
        state = replace(state, is_left=False)
        return _refused(state, _("Not merged. Enter again uses the new words."))
    if not facts.is_listed and _depends(typed, at, facts):
        marks = at.key if at is not None else state.marked
        return replace(state, marked=marks), (call(TablesActs.press_once_listed, press),)
    if why := not_a_name(typed, at, facts):
        return _refused(state, why)
    return _save(state, typed, at, facts) if facts.saves else _open(state, typed, at, facts)


def unmarked_reason(at: Place | None, act: TabAct, facts: TablesFacts) -> str:
    """Return why a typed act does nothing: no open tab is marked, or none is open as it is named."""
    if at is None and act.tab:
        return none_called(act.tab, facts.venue.tabs)
    if at is None:
        return _("On which one? Mark it with ↑ ↓ first, then type that.")
    return _("{name} is free. Mark an open one (↑ ↓), then type that.").format(name=capitalize_first(tab_name(at.name)))


def _depends(typed: str, at: Place | None, facts: TablesFacts) -> bool:
    """Return True if the effect of Enter depends on the open tabs of other tills, which may hold the name or tab."""
    if facts.saves:
        return bool(typed) or (at is not None and not facts.is_own(at))
    return at is None or at.tab is None or facts.is_elsewhere(at.tab)


def _save(state: TablesState, typed: str, at: Place | None, facts: TablesFacts) -> TablesStep:
    if at is not None and facts.is_own(at):
        return state, (call(TablesActs.save_order, ""),)
    if at is not None and at.tab is not None:
        added = adds(at, facts)
        if added is not None and added.refusal:
            return _refused(state, added.refusal)
        return state, (call(TablesActs.add_to, at.tab),)
    if at is None and (asked := _asked_back(state, typed, facts)) is not None:
        return asked
    if at is None and (doubt := doubt_of_name(typed, facts)):
        question = _("{question} Enter again.").format(question=doubt)
        if (asked := _asked_once(state, question)) is not None:
            return asked
    return state, (call(TablesActs.save_order, typed or (at.label if at is not None else "")),)


def _asked_of_act(state: TablesState, act: TabAct, tab: OpenTab, facts: TablesFacts) -> TablesStep | None:
    """Ask before an act that cannot be undone, or that names an unknown table; None if there is nothing to ask."""
    if act.act == "move":
        return _asked_back(state, act.of, facts)
    question = _merge_question(act, tab, facts) if not refusal_of_act(act, tab, facts) else ""
    return _refused(replace(state, unconfirmed=question), question) if question else None


def _merge_question(act: TabAct, tab: OpenTab, facts: TablesFacts) -> str:
    """Return the question before a merge, which Tab answers; empty if there is nothing to merge."""
    found = tabs_named(act.of, facts.tabs) if act.act == "merge" else []
    if len(found) != 1 or found[0].tab_id == tab.tab_id:
        return ""
    question = _("Merge {other} into {name} for good? Tab merges them.")
    return question.format(other=tab_name(found[0].name), name=tab_name(tab.name))


def _merges(state: TablesState, facts: TablesFacts) -> Call[TablesActs, Result[Never]] | None:
    """Return the merge that was just asked about, as long as it is the same one; None without a question."""
    at, act = marked_place(state, facts), act_of(state, facts)
    if not state.unconfirmed or act is None or at is None or at.tab is None:
        return None
    is_asked = state.unconfirmed == _merge_question(act, at.tab, facts)
    return call(TablesActs.carry_out, act, at.tab) if is_asked else None


def _asked_back(state: TablesState, name: str, facts: TablesFacts) -> TablesStep | None:
    """Ask once about an unknown table; None if it is known, or was asked about."""
    if not is_unknown_table(name, facts.venue):
        return None
    question = _("There is no {name} here. Enter again uses it anyway.").format(name=shown_as(name, facts.venue.tabs))
    return _asked_once(state, question)


def _asked_once(state: TablesState, question: str) -> TablesStep | None:
    """Ask; None if the same question was just asked."""
    return _refused(replace(state, unconfirmed=question), question) if state.unconfirmed != question else None


def _open(state: TablesState, typed: str, at: Place | None, facts: TablesFacts) -> TablesStep:
    if at is None and typed:
        return _refused(state, none_called(typed, facts.venue.tabs))
    if at is None:
        return _refused(state, _("No {tab} is open. Esc goes back to the order.").format(tab=facts.venue.tabs.word))
    if at.tab is None:
        return state, (call(TablesActs.open_table, int(at.label)),)
    return state, (call(TablesActs.recall, at.tab),)


def _apart(state: TablesState, press: KeyPress, facts: TablesFacts) -> TablesStep:
    """Merge as was asked, or save the order as a second bill where one is open."""
    if (merge := _merges(state, facts)) is not None:
        return state, (merge,)
    if not facts.is_listed:
        return state, (call(TablesActs.press_once_listed, press),)
    at = marked_place(state, facts)
    if not facts.saves:
        return _refused(state, _("Key lines first; then Tab makes them a separate bill."))
    if at is None or at.tab is None or facts.is_own(at):
        return _refused(state, _("Type one that is open: Tab makes a second bill there."))
    return state, (call(TablesActs.save_order, at.name, apart=True),)


def _refused(state: TablesState, sentence: str) -> TablesStep:
    """Offer a refused text to be corrected. Digits that may be a PIN typed too often are cleared."""
    typed = "" if can_be_pin(state.entry.text.strip()) else state.entry.text
    return replace(state, message=refusal(sentence), entry=EntryLine.offer(typed)), ()


# The key bar.


def _apart_word(state: TablesState, facts: TablesFacts) -> BarKey | None:
    if _merges(state, facts) is not None:
        return BarKey(_("Merge"))
    return BarKey(_("A separate bill"), _("Own bill")) if adds(marked_place(state, facts), facts) is not None else None


def _sort_word(state: TablesState, facts: TablesFacts) -> BarKey | None:
    if not facts.tabs or adds(marked_place(state, facts), facts) is not None:
        return None
    return BarKey(_("By number") if state.longest_first else _("Longest first"))


def _more_word(state: TablesState, facts: TablesFacts) -> BarKey | None:
    _page, pages = page_of(columns(state, facts, places(state, facts)), facts.room, None)
    return BarKey(_("More"), spare=True) if pages > 1 else None


def _enter_word(state: TablesState, facts: TablesFacts) -> BarKey | None:
    at = marked_place(state, facts)
    if (act := act_of(state, facts)) is not None:
        tab = at.tab if at is not None else None
        is_for_enter = tab is not None and not refusal_of_act(act, tab, facts) and _merges(state, facts) is None
        return BarKey(_("Do it")) if is_for_enter else None
    if at is not None and at.tab is not None and (added := adds(at, facts)) is not None:
        if added.refusal:
            return None
        if facts.is_elsewhere(at.tab):
            return BarKey(_("Take over"))
        amount = facts.formats.amount(added.more)
        label = _("Add to {name} {amount}").format(name=tab_name(at.name), amount=amount)
        return BarKey(label, _("Add {amount}").format(amount=amount))
    if facts.saves:
        return BarKey(_("Save"))
    return None if at is None else BarKey(_("Open") if at.tab is None else _("Recall"))


KEYS: Final[KeyTable[TablesState, TablesFacts, TablesActs]] = KeyTable(
    Key(_show_help, command=HELP, bar=word(N_("Help"))),
    Key(_entered, ENTER, "Enter", bar=_enter_word),
    Key(_click, ("click plan", "click more"), again=_is_marked),
    Key(
        _moved,
        (*ARROWS, "home", "end"),
        "↑↓ ←→",
        lambda _state, facts: facts.tabs or facts.venue.tables,
        bar=word(N_("Choose")),
    ),
    Key(_turned, ("left", "right"), when=lambda state, facts: not state.entry.text and _may_move(state, facts)),
    Key(
        _apart,
        ("tab",),
        "Tab",
        bar=_apart_word,
        helped=(N_("A separate bill"), N_("for this order, where one is open")),
    ),
    Key(_sorted, command=TABS, bar=_sort_word, helped=(N_("Longest open first"), N_("again: by number"))),
    Key(_turned, ("pageup", "pagedown"), "PgDn", _may_move, bar=_more_word),
    Key(
        sets(entry=EMPTY),
        ("escape",),
        "Esc",
        lambda state, _facts: state.entry.text and not state.entry.is_offered,
        bar=ERASE,
    ),
    Key(
        calls(TablesActs.go_back),
        ("escape",),
        "Esc",
        bar=word(N_("Back")),
        helped=(N_("Back to the order"), N_("nothing is saved or recalled")),
    ),
    Key(calls(TablesActs.log_out), command=LOG_OUT),
)
