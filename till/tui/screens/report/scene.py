"""The reports at the desk: their keys, and the acts that read them. Keys never wait for these."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol, TypeVar

from typing_extensions import override

from till.domain.errors import TillError
from till.domain.i18n import N_, _
from till.domain.structs import replace
from till.domain.text import clean
from till.reports.declared import REPORTS
from till.tui.drawing.palette import Mark
from till.tui.drawing.viewmodels import StyledText
from till.tui.screens.report.screen import ReportPresenter, ReportScreen, TablePage
from till.tui.screens.report.state import (
    Labels,
    Level,
    NotRead,
    OrdersRead,
    PartsRead,
    Read,
    ReportFacts,
    ReportOutcome,
    ReportSaved,
    ReportState,
    entries,
    marked_index,
    matching,
    preview,
)
from till.tui.screens.report.words import EXAMPLES, ReportRequest
from till.tui.shell.calls import Call, call
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.key_table import ENTER, BarKey, Key, KeyTable, calls, help_view, sets, word
from till.tui.shell.keymap import CLOSE, HELP, KeyPress
from till.tui.shell.marked_list import LIST_KEYS, ListMark, MarkedList
from till.tui.shell.messages import refusal, says_why
from till.tui.shell.scene import SideScene

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from till.reports.orders import OrderBehind, OrderParts
    from till.reports.report import Report, ReportResult, ReportTable
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.shell.keymap import Keymap
    from till.tui.shell.scene import SideHost

T = TypeVar("T")


class ReportSource(Protocol):
    """The reports of the venue, read from its database."""

    async def read(self, report: Report, days: str) -> ReportResult:
        """Read a report of the days that a text means, and of the weeks before.

        Raises:
            TillError: the text means no days, or it takes too long; a `StoreAwayError` if the database cannot be
                reached.
        """
        ...

    async def orders(self, found: ReportResult, table: ReportTable, row: tuple[Any, ...]) -> tuple[OrderBehind, ...]:
        """Read the orders behind a row."""
        ...

    async def parts(self, found: ReportResult, order: str) -> OrderParts:
        """Read the lines and payments of an order.

        Raises:
            TillError: as above.
        """
        ...

    async def save(self, found: ReportResult) -> Path:
        """Write a report to a file, whole or not at all. Return its path.

        Raises:
            TillError: the file cannot be written.
        """
        ...

    def abort(self) -> None:
        """Give up the request under way, so that the next one need not wait for it."""
        ...


class ReportScene(SideScene[ReportState, ReportOutcome, ReportScreen]):
    """The scene of the reports, with the acts that its reducer calls.

    Args:
        host: the desk.
        keymap: the keys of each command.
        source: the reports.
        person: the manager at the desk; empty for the owner of the database.
    """

    closing_key = "escape"

    def __init__(self, host: SideHost, keymap: Keymap, source: ReportSource, person: str) -> None:
        super().__init__(host, ReportScreen(), keymap)
        self._source = source
        self.state = ReportState()
        self._person, self._labels = person, Labels()
        self._presenter = ReportPresenter()
        self._page = TablePage()

    def open(self, wanted: ReportRequest) -> None:
        """Read the report that was asked for."""
        self.state, calls = ask(self.state, wanted)
        self.make(*calls)

    @override
    def reduce(self, event: KeyPress | ReportOutcome) -> ReportStep:
        return reduce(self.state, event, self.facts())

    def facts(self) -> ReportFacts:
        """Return the current facts."""
        screen = self.screen
        wide = not screen.is_mounted or screen.widths.right is not None
        listed = screen.rows if self.state.level is Level.ROWS else screen.side
        return ReportFacts(self._keymap, self._labels, self._person, wide, listed.page_step)

    @override
    def point(self, widget: Drawn[Any], place: int) -> None:
        """Act on a click, counting the rows before the page."""
        super().point(widget, self._page.before + place if widget is self.screen.rows else place)

    @override
    def paint(self) -> None:
        """Update the widgets from the state."""
        state, facts, screen = self.state, self.facts(), self.screen
        views, self._page = self._presenter.views(state, facts, screen.widths)
        screen.show_all(**views)
        screen.keys.show(keys_of(state).bar(state, facts))
        screen.show_page(self._page)
        rows = help_view(help_rows(facts.keymap), state.helps) if state.helps is not None else None
        screen.show_help(rows, _("Help"))
        screen.reshape((state.level, state.about))

    # Acts.

    def leave(self) -> None:
        """Go back to the desk."""
        self._source.abort()
        self._host.close_over()

    def read(self, ticket: int, report: Report, days: str) -> None:
        """Read a report."""
        self._ask(ticket, self._source.read(report, days), lambda found: Read(ticket, found))

    def read_orders(self, ticket: int, found: ReportResult, table: ReportTable, row: tuple[Any, ...]) -> None:
        """Read the orders behind a row."""
        self._ask(ticket, self._source.orders(found, table, row), lambda orders: OrdersRead(ticket, orders))

    def read_parts(self, ticket: int, found: ReportResult, order: str) -> None:
        """Read the lines and payments of an order."""
        self._ask(ticket, self._source.parts(found, order), lambda parts: PartsRead(ticket, parts))

    def save(self, found: ReportResult) -> None:
        """Write a report to a file."""

        async def wait() -> None:
            try:
                file = await self._source.save(found)
            except TillError as problem:
                message = refusal(problem.sentence)
            else:
                words = _("Saved as {file} in {folder}.").format(file=file.name, folder=file.parent)
                message = StyledText(clean(words), mark=Mark.SAVED)
            self.happens(ReportSaved(message))

        self._host.meanwhile(wait())

    def give_up(self) -> None:
        """Stop waiting for the request under way."""
        self._source.abort()

    def _ask(self, ticket: int, asked: Awaitable[T], outcome: Callable[[T], ReportOutcome]) -> None:
        """Ask in place of the request under way, whose answer is no longer needed."""
        self._source.abort()

        async def wait() -> None:
            try:
                event = outcome(await asked)
            except TillError as problem:
                event = NotRead(ticket, problem.sentence)
            self.happens(event)

        self._host.meanwhile(wait())


ReportStep = tuple[ReportState, tuple[Call[ReportScene, None], ...]]


def reduce(  # noqa: PLR0911 - a reducer returns where a key is spoken for
    state: ReportState, event: KeyPress | ReportOutcome, facts: ReportFacts
) -> ReportStep:
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


def keys_of(state: ReportState) -> KeyTable[ReportState, ReportFacts, ReportScene]:
    """Return the keys of the reports, or of their help."""
    return KEYS if state.helps is None else _HELP_KEYS


def help_rows(keymap: Keymap) -> tuple[tuple[str, str, str], ...]:
    """Return the rows of the help: a key or an example sentence, its name, and details."""
    close, this, *rows = KEYS.helped(keymap)
    return (*rows, *((_("Type"), example, what) for example, what in EXAMPLES), this, close)


def ask(state: ReportState, wanted: ReportRequest) -> ReportStep:
    """Ask for a report. What is shown stays until it arrives."""
    asked = replace(_awaits(state, Level.ROWS), wanted=wanted)
    return asked, (call(ReportScene.read, asked.ticket, wanted.report, wanted.days),)


def _awaits(state: ReportState, level: Level) -> ReportState:
    """Count a request for a list; answers to earlier requests are then ignored."""
    return replace(state, ticket=state.ticket + 1, awaited=level, ahead=(), entry=EMPTY, message=None)


def _arrived(state: ReportState, facts: ReportFacts) -> ReportStep:
    """Act on the keys that were typed for the list that has arrived."""
    ahead, made = state.ahead, list[Call[ReportScene, None]]()
    state = replace(state, awaited=None, ahead=())
    for press in ahead:
        state, asked = reduce(state, press, facts)
        made += asked
    return state, tuple(made)


def _keep(state: ReportState, press: KeyPress, _facts: ReportFacts) -> ReportStep:
    return replace(state, ahead=(*state.ahead, press)), ()


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
    return replace(state, message=StyledText(_("Saving."), mark=Mark.SAVING)), (call(ReportScene.save, state.found),)


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
        return state, (call(ReportScene.read_parts, state.ticket, found, state.orders[place].order),)
    return state, (call(ReportScene.read_orders, state.ticket, found, table, table.rows[place]),)


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
        return _given_up(state), (call(ReportScene.give_up),)
    if state.level is not Level.ROWS:
        return replace(state, level=Level(state.level - 1), message=None), ()
    if state.about:
        return replace(state, about=False), ()
    return state, (call(ReportScene.leave),)


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


KEYS: Final[KeyTable[ReportState, ReportFacts, ReportScene]] = KeyTable(
    Key(calls(ReportScene.leave), command=CLOSE, helped=(N_("Back to the desk"), "")),
    Key(_show_help, command=HELP, bar=word(N_("Help")), helped=(N_("This help"), "")),
    Key(_keep, ENTER, when=lambda state, _facts: state.awaited is not None and not state.entry.text),
    Key(_keep, LIST_KEYS, when=_is_for_later),
    *_list("rows").keys(
        when=lambda state, _facts: state.level is Level.ROWS,
        bar=word(N_("Choose"), spare=True),
        helped=(N_("Mark a row"), N_("PgUp PgDn turn the page")),
    ),
    *_list("side").keys(when=lambda state, _facts: state.level is not Level.ROWS, bar=word(N_("Choose"), spare=True)),
    Key(
        _next_part,
        ("tab", "shift+tab"),
        "Tab",
        bar=word(N_("Next part"), N_("Part")),
        helped=(N_("The next part of the report"), N_("Shift+Tab the previous one")),
    ),
    Key(
        _save,
        ("f2",),
        "F2",
        lambda state, _facts: state.level is Level.ROWS,
        bar=word(N_("Save a file"), N_("Save")),
        helped=(N_("Save the report as a workbook"), N_("in your folder of documents")),
    ),
    Key(_next_report, ("f3",), "F3", bar=word(N_("Next report"), N_("Report")), helped=(N_("The next report"), "")),
    Key(
        _about,
        ("f4",),
        "F4",
        lambda state, facts: not facts.wide and state.level is Level.ROWS,
        bar=lambda state, _facts: BarKey(_("Table") if state.about else _("Figures")),
        helped=(N_("All figures of the report, and its limits"), N_("on a wide screen beside it")),
    ),
    Key(_again, ("f5",), "F5", bar=word(N_("Read again"), N_("Again"), spare=True), helped=(N_("Refresh"), "")),
    Key(
        _enter,
        ENTER,
        "Enter",
        bar=_open_word,
        helped=(N_("Show the orders of a row, the lines of an order"), N_("or run the text typed")),
    ),
    Key(_back, ("escape",), "Esc", bar=word(N_("Back")), helped=(N_("Back"), N_("to the row, then to the desk"))),
)
_HELP_KEYS: Final[KeyTable[ReportState, ReportFacts, ReportScene]] = KeyTable(
    Key(calls(ReportScene.leave), command=CLOSE),
    Key(sets(helps=None, message=None), ENTER, "Enter", bar=word(N_("Back"))),
    Key(sets(helps=None, message=None), ("escape",), "Esc", bar=word(N_("Back"))),
    Key(sets(helps=None, message=None), command=HELP),
    *MarkedList[ReportState, ReportFacts](
        count=lambda _state, facts: len(help_rows(facts.keymap)),
        at=lambda state, _facts: ListMark(state.helps or 0),
        put=lambda state, _facts, mark: replace(state, helps=mark.place),
        widget="help",
    ).keys(bar=word(N_("Scroll"))),
)
