"""Key and event handling for the reports at the desk. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import _
from till.domain.structs import replace
from till.reports.declared import REPORTS
from till.tui.drawing.palette import Mark
from till.tui.drawing.viewmodels import StyledText
from till.tui.screens.report.acts import ReportActs
from till.tui.screens.report.state import (
    Level,
    NotRead,
    OrdersRead,
    PartsRead,
    Read,
    ReportFacts,
    ReportSaved,
    ReportState,
    entries,
    marked_index,
    matching,
)
from till.tui.screens.report.words import EXAMPLES, ReportRequest, understand
from till.tui.shell.calls import Call, call
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import ENTER, BarKey, Key, KeyTable, calls, word
from till.tui.shell.keymap import CLOSE, HELP, KeyPress
from till.tui.shell.marked_list import LIST_KEYS, ListMark, MarkedList
from till.tui.shell.messages import refusal, says_why

if TYPE_CHECKING:
    from till.tui.screens.report.state import ReportOutcome
    from till.tui.shell.keymap import Keymap

ReportStep = tuple[ReportState, tuple[Call[ReportActs, None], ...]]


def reduce(state: ReportState, event: KeyPress | ReportOutcome, facts: ReportFacts) -> ReportStep:
    """Return the next state and the calls to make."""
    match event:
        case KeyPress():
            return keys_of(state).step(state, event, facts) or _type(state, event, facts)
        case ReportSaved(message=message):
            return replace(state, message=message), ()
        case _ if event.ticket != state.ticket:
            return state, ()  # something else was asked for meanwhile
        case Read():
            return _arrived(_read(state, event), facts)
        case OrdersRead(orders=orders):
            return _arrived(_deeper(replace(state, orders=orders), Level.ORDERS), facts)
        case PartsRead(parts=parts):
            return _arrived(_deeper(replace(state, parts=parts), Level.PARTS), facts)
        case NotRead(sentence=sentence):
            return replace(_given_up(state), message=refusal(sentence)), ()


def keys_of(state: ReportState) -> KeyTable[ReportState, ReportFacts, ReportActs]:
    """Return the keys of the reports, or of their help."""
    return KEYS if state.helps is None else _HELP_KEYS


def help_rows(keymap: Keymap) -> tuple[tuple[str, str, str], ...]:
    """Return the rows of the help: a key or an example sentence, its name, and details."""
    close, this, *rows = KEYS.helped(keymap)
    return (*rows, *((_("Type"), example, what) for example, what in EXAMPLES), this, close)


def ask(state: ReportState, wanted: ReportRequest) -> ReportStep:
    """Ask for a report. What is shown stays until it arrives."""
    asked = replace(_awaits(state, Level.ROWS), wanted=wanted)
    return asked, (call(ReportActs.read, asked.ticket, wanted.report, wanted.days),)


def _awaits(state: ReportState, level: Level) -> ReportState:
    """Count a request for a list; answers to earlier requests are then ignored."""
    return replace(state, ticket=state.ticket + 1, awaited=level, ahead=(), entry=EMPTY, message=None)


def _arrived(state: ReportState, facts: ReportFacts) -> ReportStep:
    """Act on the keys that were typed for the list that has arrived."""
    ahead, made = state.ahead, list[Call[ReportActs, None]]()
    state = replace(state, awaited=None, ahead=())
    for press in ahead:
        state, asked = reduce(state, press, facts)
        made += asked
    return state, tuple(made)


def _keep(state: ReportState, press: KeyPress, _facts: ReportFacts) -> ReportStep:
    return replace(state, ahead=(*state.ahead, press)), ()


def preview(state: ReportState) -> ReportRequest | None:
    """Return the report that the typed text asks for, if any."""
    found = state.found
    if found is None or found.at is None:
        return None
    return understand(state.entry.text, state.wanted, found.venue.business_date(found.at))


def _read(state: ReportState, event: Read) -> ReportState:
    """Show the report that arrived, at the part that was asked for."""
    names = [table.section.name for table in event.found.tables]
    part = names.index(state.wanted.part) if state.wanted.part in names else 0
    again = state.found is not None and state.wanted == state.shown and state.part == part
    marks = state.marks if again and state.level is Level.ROWS else (0, 0, 0)
    return replace(state, found=event.found, shown=state.wanted, part=part, level=Level.ROWS, marks=marks)


def _given_up(state: ReportState) -> ReportState:
    """Stay at the report that is shown, if there is one."""
    wanted = state.wanted if state.found is None else state.shown
    return replace(state, ticket=state.ticket + 1, awaited=None, ahead=(), wanted=wanted, message=None)


def _deeper(state: ReportState, level: Level) -> ReportState:
    """Show the list behind the marked entry, from its beginning."""
    return replace(state, level=level, marks=_marks(state, level, 0), entry=EMPTY, message=None)


def _marks(state: ReportState, level: Level, place: int) -> tuple[int, int, int]:
    rows, orders, parts = (place if one == level else mark for one, mark in zip(Level, state.marks, strict=True))
    return rows, orders, parts


def _list(widget: str) -> MarkedList[ReportState, ReportFacts]:
    return MarkedList(
        count=lambda state, facts: len(entries(state, facts)),
        at=lambda state, _facts: ListMark(state.marks[state.level]),
        put=lambda state, _facts, mark: replace(
            _row_left(state), marks=_marks(state, state.level, mark.place), message=None
        ),
        page=lambda facts: facts.page,
        widget=widget,
    )


def _next_part(state: ReportState, press: KeyPress, _facts: ReportFacts) -> ReportStep:
    if state.found is None:
        return state, ()
    tables = state.found.tables
    part = (state.part + (1 if press.key == "tab" else -1)) % len(tables)
    name = tables[part].section.name
    wanted, shown = replace(state.wanted, part=name), replace(state.shown, part=name)
    state = replace(state, part=part, wanted=wanted, shown=shown, marks=(0, 0, 0), entry=EMPTY)
    return _to_rows(_row_left(state)), ()


def _is_for_later(state: ReportState, _facts: ReportFacts) -> bool:
    """Return True if a key that moves the mark is meant for the list that is still being read."""
    return state.awaited is not None and (state.awaited is not Level.ROWS or state.found is None or bool(state.ahead))


def _row_left(state: ReportState) -> ReportState:
    """Drop the request for the details of a row, because another row may be marked now."""
    return _given_up(state) if state.awaited in {Level.ORDERS, Level.PARTS} else state


def _to_rows(state: ReportState) -> ReportState:
    return replace(state, level=Level.ROWS, orders=(), parts=None, message=None)


def _next_report(state: ReportState, _press: KeyPress, _facts: ReportFacts) -> ReportStep:
    after = REPORTS[(REPORTS.index(state.wanted.report) + 1) % len(REPORTS)]
    return ask(state, ReportRequest(after, state.wanted.days))


def _about(state: ReportState, _press: KeyPress, _facts: ReportFacts) -> ReportStep:
    return replace(state, about=not state.about, message=None), ()


def _again(state: ReportState, _press: KeyPress, _facts: ReportFacts) -> ReportStep:
    return ask(state, state.wanted)


def _save(state: ReportState, _press: KeyPress, _facts: ReportFacts) -> ReportStep:
    if state.found is None:
        return replace(state, message=refusal(_("Nothing was read. F5 tries again."))), ()
    return replace(state, message=StyledText(_("Saving."), mark=Mark.SAVING)), (call(ReportActs.save, state.found),)


def _enter(state: ReportState, _press: KeyPress, facts: ReportFacts) -> ReportStep:
    """Ask for what was typed, or open the marked entry."""
    if state.entry.text.strip():
        if (wanted := preview(state)) is not None:
            return ask(_to_rows(state), wanted)
        if not matching(state, facts):
            sentence = _("Nothing here matches “{typed}”. F1 lists the words.").format(
                typed=state.entry.text.strip()[:20]
            )
            return replace(state, message=refusal(sentence), entry=EntryLine.offer(state.entry.text)), ()
    return _open(state, facts)


def _open(state: ReportState, facts: ReportFacts) -> ReportStep:
    """Ask for the list behind the marked entry, and leave what was typed."""
    found, table, place = state.found, state.table, marked_index(state, facts)
    if found is None or table is None or place is None:
        return replace(state, message=refusal(_("Nothing is marked. Tab goes to the next part."))), ()
    if state.level is Level.PARTS:
        return replace(state, message=refusal(_("Esc goes back to the orders."))), ()
    if state.level is Level.ORDERS and not state.orders[place].order:
        return replace(state, message=refusal(_("It was not paid: `till sessions` shows its lines."))), ()
    state = replace(_awaits(state, Level(state.level + 1)), marks=_marks(state, state.level, place))
    if state.level is Level.ORDERS:
        return state, (call(ReportActs.read_parts, state.ticket, found, state.orders[place].order),)
    return state, (call(ReportActs.read_orders, state.ticket, found, table, table.rows[place]),)


def _open_word(state: ReportState, facts: ReportFacts) -> BarKey | None:
    if state.entry.text.strip() and preview(state) is not None:
        return BarKey(_("Show it"))
    table = state.table
    if table is None or marked_index(state, facts) is None or state.level is Level.PARTS:
        return None
    if state.level is Level.ORDERS:
        return BarKey(_("Show its lines"), _("Lines"))
    return BarKey(_("Show its orders"), _("Orders"))


def _back(state: ReportState, _press: KeyPress, _facts: ReportFacts) -> ReportStep:
    """Go one step back on Esc: what was typed, then the request under way, then the list."""
    if state.entry.text:
        return replace(state, entry=EMPTY, message=None), ()
    if state.awaited is not None and state.found is not None:
        return _given_up(state), (call(ReportActs.give_up),)
    if state.level is not Level.ROWS:
        return replace(state, level=Level(state.level - 1), message=None), ()
    if state.about:
        return replace(state, about=False), ()
    return state, (call(ReportActs.leave),)


def _type(state: ReportState, press: KeyPress, facts: ReportFacts) -> ReportStep:
    if state.helps is None and (taken := state.entry.take(press)) is not None:
        if taken.text != state.entry.text:
            state = _row_left(state)
            state = replace(state, marks=_marks(state, state.level, 0))
        return replace(state, entry=taken, message=None), ()
    message = says_why(facts.keymap, press, _("Press Esc first, then {key}."))
    if press.char or press.paste:
        message = refusal(_("Nothing is typed here. Esc: back."))
    return replace(state, message=message or state.message), ()


def _show_help(state: ReportState, press: KeyPress, facts: ReportFacts) -> ReportStep:
    if press.char and state.entry.text:  # a question mark in a name
        return _type(state, press, facts)
    return replace(state, helps=0, message=None), ()


def _close_help(state: ReportState, _press: KeyPress, _facts: ReportFacts) -> ReportStep:
    return replace(state, helps=None, message=None), ()


KEYS: Final[KeyTable[ReportState, ReportFacts, ReportActs]] = KeyTable(
    Key(calls(ReportActs.leave), command=CLOSE, helped=(_("Back to the desk"), "")),
    Key(_show_help, command=HELP, bar=word(_("Help")), helped=(_("This help"), "")),
    Key(_keep, ENTER, when=lambda state, _facts: state.awaited is not None and not state.entry.text),
    Key(_keep, LIST_KEYS, when=_is_for_later),
    *_list("rows").keys(
        when=lambda state, _facts: state.level is Level.ROWS,
        bar=word(_("Choose"), spare=True),
        helped=(_("Mark a row"), _("PgUp PgDn turn the page")),
    ),
    *_list("side").keys(when=lambda state, _facts: state.level is not Level.ROWS, bar=word(_("Choose"), spare=True)),
    Key(
        _next_part,
        ("tab", "shift+tab"),
        "Tab",
        bar=word(_("Next part"), _("Part")),
        helped=(_("The next part of the report"), _("Shift+Tab the previous one")),
    ),
    Key(
        _save,
        ("f2",),
        "F2",
        lambda state, _facts: state.level is Level.ROWS,
        bar=word(_("Save a file"), _("Save")),
        helped=(_("Save the report as a workbook"), _("in your folder of documents")),
    ),
    Key(_next_report, ("f3",), "F3", bar=word(_("Next report"), _("Report")), helped=(_("The next report"), "")),
    Key(
        _about,
        ("f4",),
        "F4",
        lambda state, facts: not facts.wide and state.level is Level.ROWS,
        bar=lambda state, _facts: BarKey(_("Table") if state.about else _("Figures")),
        helped=(_("All figures of the report, and its limits"), _("on a wide screen beside it")),
    ),
    Key(_again, ("f5",), "F5", bar=word(_("Read again"), _("Again"), spare=True), helped=(_("Refresh"), "")),
    Key(
        _enter,
        ENTER,
        "Enter",
        bar=_open_word,
        helped=(_("Show the orders of a row, the lines of an order"), _("or run the text typed")),
    ),
    Key(_back, ("escape",), "Esc", bar=word(_("Back")), helped=(_("Back"), _("to the row, then to the desk"))),
)
_HELP_KEYS: Final[KeyTable[ReportState, ReportFacts, ReportActs]] = KeyTable(
    Key(calls(ReportActs.leave), command=CLOSE),
    Key(_close_help, ENTER, "Enter", bar=word(_("Back"))),
    Key(_close_help, ("escape",), "Esc", bar=word(_("Back"))),
    Key(_close_help, command=HELP),
    *MarkedList[ReportState, ReportFacts](
        count=lambda _state, facts: len(help_rows(facts.keymap)),
        at=lambda state, _facts: ListMark(state.helps or 0),
        put=lambda state, _facts, mark: replace(state, helps=mark.place),
        widget="help",
    ).keys(bar=word(_("Scroll"))),
)
