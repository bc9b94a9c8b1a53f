"""The screen between drills, and the ways into training and out of it."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Final, Never

from msgspec import Struct
from msgspec.structs import replace
from textual.geometry import Region
from typing_extensions import override

from till.domain.errors import TillError
from till.domain.i18n import N_, _, ngettext
from till.domain.order.state import Status
from till.tui.drawing.palette import Tone
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import (
    ChoicesView,
    ChoiceView,
    EntryView,
    FigureView,
    HeadView,
    RowsView,
    RowView,
    StyledText,
    TotalView,
    cell,
    choice,
    in_row,
)
from till.tui.drawing.widgets.choices import ChoiceList, Columns
from till.tui.drawing.widgets.head import Heading
from till.tui.drawing.widgets.report import ReportRows
from till.tui.drawing.widgets.total import TotalPane
from till.tui.screens.login.leaving import log_out
from till.tui.screens.sell.scene import SellScene
from till.tui.shell.calls import call
from till.tui.shell.key_table import ENTER, BarKey, Key, KeyTable, calls, word
from till.tui.shell.keymap import HELP, LOG_OUT
from till.tui.shell.marked_list import ListMark, MarkedList
from till.tui.shell.messages import plain, refusal, says_why
from till.tui.shell.scene import TillScene

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.widget import Widget

    from till.domain.money.formats import Formats
    from till.domain.staff.person import Person
    from till.ports import RemoteSession
    from till.ports.training import DrillEnded, DrillFigures, DrillOffered, DrillScore, Training
    from till.tui.drawing.layout import Areas
    from till.tui.shell.calls import Call
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import Keymap, KeyPress

TrainStep = tuple["TrainState", tuple["Call[TrainScene, None]", ...]]

_COLUMNS: Final = Columns(key=3, name=5, detail=34, key_ends=True)
#: The rows of the list of drills with its heading and a blank row above, and of the figures with one pane.
_NEXT: Final = 9
_FIGURES: Final = 5
#: The width of sentences in the left of two panes, and in one.
_PANE: Final = 52
_WHOLE: Final = 76
#: The width of a day's column in the chart, and of its bar.
_COLUMN: Final = 5
_BAR: Final = 3
#: The rows of the chart that are not bars: the value above, and the hairline and the day below.
_AROUND: Final = 3
_FULL: Final = 100


class TrainState(Struct, frozen=True):
    """The screen at one moment: the drill that was just ended, None before the first, and the mark of the list."""

    ended: DrillEnded | None = None
    mark: ListMark = ListMark()
    message: StyledText | None = None


class TrainFacts(Struct, frozen=True):
    """The drills to choose from, the trainee, and the size of the chart in cells, without rows with one pane."""

    offered: tuple[DrillOffered, ...]
    who: str
    formats: Formats
    keymap: Keymap
    rows: int
    width: int

    @property
    def wide(self) -> bool:
        """True if there are two panes."""
        return self.rows > 0


class TrainScreen(TillScreen):
    """The score on the left; its days and the next drills on the right, or below with one pane."""

    def __init__(self) -> None:
        super().__init__()
        self.score = ReportRows(RowsView())
        self.total = TotalPane(TotalView(FigureView("")), inset=1)
        self.days_head = Heading(HeadView(), inset=1)
        self.days = ReportRows(RowsView())
        self.next_head = Heading(HeadView(), inset=1)
        self.next = ChoiceList(ChoicesView(), _COLUMNS)
        #: The rows of the score and of the list of drills, which share one pane, and true if there is a total.
        self.rows = _FIGURES, 1, True
        self.days_head.follow(self.days)
        self.next_head.follow(self.next)

    @property
    def chart(self) -> tuple[int, int]:
        """The width and height of the chart; 0 rows with one pane."""
        found = self.grid
        room = found.right if found is not None else None
        return (room.width, room.height - _NEXT) if room is not None else (0, 0)

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place two panes if there is room; otherwise the figures above the drills."""
        places = dict(super().lay(found)) | {self.total: found.total}
        if (right := found.right) is not None:
            room = Region(right.x - 1, right.y, right.width + 2, right.height)
            chart = room.height - _NEXT
            return places | {
                self.score: found.body,
                self.days_head: Region(room.x, found.head.y, room.width, found.head.height),
                self.days: Region(room.x, room.y, room.width, chart),
                self.next_head: Region(room.x, room.y + chart + 1, room.width, 2),
                self.next: Region(room.x, room.y + chart + 3, room.width, _NEXT - 3),
            }
        body = found.body
        wanted, choices, has_total = self.rows
        if not has_total:  # before the first drill its rows are free
            body = body._replace(height=found.total.bottom - body.y)
            places[self.total] = None
        height = max(1, min(max(_FIGURES, wanted), body.height - min(choices, body.height - 1)))
        score = Region(body.x, body.y, body.width, height)
        drills = Region(body.x, score.bottom, body.width, max(1, body.bottom - score.bottom))
        return places | {self.score: score, self.next: drills}


class TrainScene(TillScene[TrainState, Never, TrainScreen]):
    """The scene between drills.

    Args:
        controller: the till of a training.
        training: its trainer.
        ended: the drill that was just ended.
        message: the first message.
    """

    logs_out = True

    def __init__(
        self,
        controller: Controller,
        training: Training,
        ended: DrillEnded | None = None,
        message: StyledText | None = None,
    ) -> None:
        super().__init__(controller, TrainScreen)
        self._training = training
        self.state = TrainState(ended=ended, message=message)

    @override
    def reduce(self, event: KeyPress) -> TrainStep:
        return reduce(self.state, event, self._facts())

    def _facts(self) -> TrainFacts:
        register = self.controller.register
        who = register.access.person.name if register.access.person is not None else ""
        width, rows = self.screen.chart
        return TrainFacts(self._training.offered(), who, register.formats, self.controller.keymap, rows, width)

    def paint(self) -> None:
        """Update the widgets from the state."""
        state, facts, screen, ended = self.state, self._facts(), self.screen, self.state.ended
        choices = tuple(_choice(n, one) for n, one in enumerate(facts.offered, 1))
        hint = _("Nothing of this is in the books.")
        screen.status.show(self.controller.status())
        screen.head.show(_head(ended, facts))
        score = score_rows(ended, facts)
        screen.rows = len(score.rows), len(choices), ended is not None
        screen.reshape(screen.rows)
        screen.score.show(score)
        screen.total.show(total_view(ended))
        screen.days_head.show(_days_head(ended, facts))
        screen.days.show(chart_rows(ended, facts))
        screen.next_head.show(HeadView(_("Next") if ended else _("Drills")))
        screen.next.show(ChoicesView(choices, DRILLS.place(state, facts)))
        screen.band.show(EntryView("", 0, state.message or answer(ended), hint=hint))
        screen.keys.show(KEYS.bar(state, facts))

    def begin(self, drill: DrillOffered) -> None:
        """Begin a drill on an empty order."""
        self._training.begin(drill.key)
        message = _("The first guest is at the counter. {key} ends the drill.")
        if drill.about:
            message = _("Guests come at their minutes. {key} ends the drill.")
        key = self.controller.keymap.label(LOG_OUT)
        self.controller.go(SellScene(self.controller, None, plain(message.format(key=key))))

    def leave(self) -> None:
        """End the training, and close its till."""
        try:
            self.controller.register.access.leave(None)
        except TillError as problem:
            self.controller.complain(problem)
            return
        self.controller.leave()


# The ways into training and out of it.


async def arrive_in_training(controller: Controller, person: Person, _remote: list[RemoteSession] | None) -> None:
    """Begin the training of a person who logged in, and offer its drills; if it cannot begin, log them out again."""
    training = controller.training
    if training is None:
        return
    try:
        await training.enter(person.number)
    except TillError as problem:
        log_out(controller)
        controller.complain(problem)
        return
    controller.go(TrainScene(controller, training))


def end_drill(controller: Controller) -> None:
    """End the drill that runs, and show its score. An order on the screen is suspended."""
    controller.hold(_ended(controller))


async def _ended(controller: Controller) -> None:
    training = controller.training
    if training is None:
        return
    while controller.sheets:
        controller.close()
    ended, message = None, None
    try:
        ended = await training.finish()
        for order in controller.register.recovery.open_here():
            if order.status is Status.ACTIVE:
                controller.register.recovery.suspend(order.id)
    except TillError as problem:
        message = refusal(problem.sentence)
    controller.go(TrainScene(controller, training, ended, message))


# The keys.

DRILLS: Final = MarkedList[TrainState, TrainFacts](
    count=lambda _state, facts: len(facts.offered), missing=N_("There is no drill {n}."), widget="next"
)


def reduce(state: TrainState, press: KeyPress, facts: TrainFacts) -> TrainStep:
    """Return the next state and the calls to make."""
    state = replace(state, message=None)
    if (step := KEYS.step(state, press, facts)) is not None:
        return step
    return replace(state, message=says_why(facts.keymap, press, _("Begin a drill first, then {key}."))), ()


def _show_help(state: TrainState, _press: KeyPress, facts: TrainFacts) -> TrainStep:
    return state, (call(TrainScene.show_help, KEYS.helped(facts.keymap)),)


def _begin(state: TrainState, _press: KeyPress, facts: TrainFacts) -> TrainStep:
    return state, (call(TrainScene.begin, facts.offered[DRILLS.place(state, facts)]),)


def _begin_word(state: TrainState, facts: TrainFacts) -> BarKey:
    return BarKey(_("Start {drill}").format(drill=facts.offered[DRILLS.place(state, facts)].name), _("Start"))


KEYS: Final[KeyTable[TrainState, TrainFacts, TrainScene]] = KeyTable(
    Key(_show_help, command=HELP, bar=word(N_("Help"))),
    *DRILLS.keys("1-9 ↑↓", bar=word(N_("Choose")), helped=(N_("Choose a drill"), "")),
    Key(_begin, ENTER, "Enter", bar=_begin_word, helped=(N_("Start it"), N_("guests come at once"))),
    Key(
        calls(TrainScene.leave),
        command=LOG_OUT,
        bar=word(N_("End training")),
        helped=(N_("End training"), N_("in a drill: end the drill")),
    ),
)


# The views.


def _head(ended: DrillEnded | None, facts: TrainFacts) -> HeadView:
    if ended is None:
        return HeadView(_("Training"), facts.who)
    guests = ended.figures.served + ended.figures.left
    detail = ngettext("{minutes} min, {guests} guest", "{minutes} min, {guests} guests", guests)
    detail = detail.format(minutes=ended.minutes, guests=guests)
    return HeadView(ended.name, detail, ended.before.day.strftime("%d %B").lstrip("0") if ended.before else "")


def _days_head(ended: DrillEnded | None, facts: TrainFacts) -> HeadView:
    return HeadView(_("{drill}, day by day").format(drill=ended.name), facts.who) if ended else HeadView()


def score_rows(ended: DrillEnded | None, facts: TrainFacts) -> RowsView:
    """Return the figures of a drill beside those of its last day; before the first, what a drill is."""
    if ended is None:
        if about := next((one.about for one in facts.offered if one.about), ()):
            parts = about if facts.wide else (" ".join(about),)
            lines = [line for part in parts for line in wrap(part, _PANE if facts.wide else _WHOLE)]
            return RowsView((*((RowView(),) if facts.wide else ()), *(in_row(cell(1, line)) for line in lines)))
        sentences = (
            _("Guests come to the counter and say what they want."),
            _("Key it, take the money they hand over, and be quick:"),
            _("whoever waits too long leaves."),
        )
        return RowsView((RowView(), *(in_row(cell(1, one)) for one in sentences)))
    before = dict(_figures(ended.before.figures, facts.formats)) if ended.before else {}
    if ended.counter_s is not None:
        before[_("Time an order")] = StyledText(_("{n} s that hour").format(n=round(ended.counter_s)))
    rows: list[RowView] = [RowView()] if facts.wide else []
    for label, value in _figures(ended.figures, facts.formats):
        then = before.get(label)
        cells = [cell(1, label), cell(36, _bold(value), right=True)]
        if then is not None:
            cells.append(cell(-2, then.text, Tone.MUTED))
        rows += [in_row(*cells), *([RowView()] if facts.wide else [])]
    if facts.wide and ended.remarks:
        rows += [RowView(), in_row(cell(1, _("To practise"), bold=True)), RowView(rule=True)]
        rows += [in_row(cell(1, name, Tone.MUTED), cell(16, remark)) for name, remark in ended.remarks]
    return RowsView(tuple(rows))


def _bold(text: StyledText) -> StyledText:
    return StyledText(text.text, text.role, bold=True)


def _figures(figures: DrillFigures, formats: Formats) -> tuple[tuple[str, StyledText], ...]:
    over = figures.over
    drawer = StyledText(formats.amount(over)) if over else StyledText(_("✓ agrees"), Tone.GOOD)
    of = _("{n} of {all}")
    return (
        (_("Time an order"), StyledText(_("{n} s").format(n=round(figures.each_s)))),
        (_("Lines wrong"), StyledText(of.format(n=figures.wrong, all=figures.lines))),
        (_("Change wrong"), StyledText(of.format(n=figures.change, all=figures.cash))),
        (_("Left waiting"), StyledText(str(figures.left))),
        (_("Drawer"), drawer),
    )


def total_view(ended: DrillEnded | None) -> TotalView:
    """Return the score and the best one."""
    if ended is None:
        return TotalView(FigureView(""))
    best = max(ended.best, ended.figures.score)
    return TotalView(
        FigureView(str(ended.figures.score), StyledText(_("Score"))),
        StyledText(_("of 100"), Tone.MUTED),
        (StyledText(_("best"), Tone.MUTED), StyledText(str(best))),
    )


def chart_rows(ended: DrillEnded | None, facts: TrainFacts) -> RowsView:
    """Return the chart: a column for each day, as many of the last as fit, today bright."""
    if ended is None or facts.rows <= _AROUND:
        return RowsView()
    days = ended.days[-max(1, (facts.width - 2) // _COLUMN) :]
    height = facts.rows - _AROUND
    heights = [max(1, round(height * day.figures.score / _FULL)) for day in days]
    rows = [_chart_row(days, heights, height - n) for n in range(height + 1)]
    labels = tuple(cell(_COLUMN * n + _BAR, str(day.day.day), Tone.MUTED, right=True) for n, day in enumerate(days))
    return RowsView((*rows, RowView(rule=True), RowView(labels)))


def _chart_row(days: tuple[DrillScore, ...], heights: list[int], row: int) -> RowView:
    """Return a row of the chart, counted from the hairline: bars, and the score above each."""
    cells = []
    for n, (day, height) in enumerate(zip(days, heights, strict=True)):
        last = n == len(days) - 1
        if row < height:
            bar = StyledText("█" * _BAR, Tone.TEXT if last else Tone.FAINT)
            cells.append(cell(_COLUMN * n + 1, bar))
        elif row == height:
            score = StyledText(str(day.figures.score), Tone.TEXT if last else Tone.MUTED, bold=last)
            cells.append(cell(_COLUMN * n + _BAR, score, right=True))
    return in_row(*cells)


def _choice(number: int, drill: DrillOffered) -> ChoiceView:
    done = _("not done yet")
    if drill.last is not None:
        day = drill.last.day.strftime("%d %B").lstrip("0")
        done = _("{score}, {day}").format(score=drill.last.figures.score, day=day)
    return choice(str(number), drill.name, done)


def answer(ended: DrillEnded | None) -> StyledText:
    """Return the sentence about a drill that ended."""
    if ended is None:
        return StyledText(_("Choose a drill."))
    score = ended.figures.score
    sentence = _("{score} of 100, your best.") if score > ended.best else _("{score} of 100.")
    return StyledText(sentence.format(score=score))
