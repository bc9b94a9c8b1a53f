"""Views of the screen between drills, made from its state and facts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.i18n import _, ngettext
from till.tui.drawing.palette import Tone
from till.tui.drawing.viewmodels import (
    CellView,
    ChoicesView,
    ChoiceView,
    EntryView,
    FigureView,
    HeadView,
    RowsView,
    RowView,
    StyledText,
    TotalView,
)
from till.tui.screens.train.reduce import DRILLS, KEYS
from till.tui.screens.train.state import TrainViews

if TYPE_CHECKING:
    from till.domain.money.formats import Formats
    from till.ports.training import DrillEnded, DrillFigures, DrillOffered, DrillScore
    from till.tui.drawing.viewmodels import StatusView
    from till.tui.screens.train.state import TrainFacts, TrainState

#: The width of a day's column in the chart, and of its bar.
_COLUMN: Final = 5
_BAR: Final = 3
#: The rows of the chart that are not bars: the value above, and the hairline and the day below.
_AROUND: Final = 3
_FULL: Final = 100


def train_views(state: TrainState, facts: TrainFacts, status: StatusView) -> TrainViews:
    """Return all views of a state."""
    ended = state.ended
    return TrainViews(
        status=status,
        head=_head(ended, facts),
        score=_score(ended, facts),
        total=_total(ended),
        days_head=HeadView(_("{drill}, day by day").format(drill=ended.name), facts.who) if ended else HeadView(),
        days=_days(ended, facts),
        next_head=HeadView(_("Next") if ended else _("Drills")),
        next=ChoicesView(tuple(_choice(n, one) for n, one in enumerate(facts.offered, 1)), DRILLS.place(state, facts)),
        entry=EntryView("", 0, state.message or _answer(ended), hint=_("Nothing of this is in the books.")),
        keys=KEYS.bar(state, facts),
    )


def _head(ended: DrillEnded | None, facts: TrainFacts) -> HeadView:
    if ended is None:
        return HeadView(_("Training"), facts.who)
    guests = ended.figures.served + ended.figures.left
    detail = ngettext("{minutes} min, {guests} guest", "{minutes} min, {guests} guests", guests)
    detail = detail.format(minutes=ended.minutes, guests=guests)
    return HeadView(ended.name, detail, ended.before.day.strftime("%d %B").lstrip("0") if ended.before else "")


def _score(ended: DrillEnded | None, facts: TrainFacts) -> RowsView:
    if ended is None:
        lines = (
            _("Guests come to the counter and say what they want."),
            _("Key it, take the money they hand over, and be quick:"),
            _("whoever waits too long leaves."),
        )
        return RowsView((RowView(), *(RowView((CellView(1, StyledText(one)),)) for one in lines)))
    before = dict(_figures(ended.before.figures, facts.formats)) if ended.before else {}
    rows: list[RowView] = [RowView()] if facts.wide else []
    for label, value in _figures(ended.figures, facts.formats):
        then = before.get(label)
        cells = [CellView(1, StyledText(label)), CellView(36, _bold(value), right=True)]
        if then is not None:
            cells.append(CellView(-2, StyledText(then.text, Tone.MUTED), right=True))
        rows += [RowView(tuple(cells)), *([RowView()] if facts.wide else [])]
    if facts.wide and ended.remarks:
        rows += [RowView(), RowView((CellView(1, StyledText(_("To practise"), bold=True)),)), RowView(rule=True)]
        rows += [
            RowView((CellView(1, StyledText(name, Tone.MUTED)), CellView(16, StyledText(remark))))
            for name, remark in ended.remarks
        ]
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


def _total(ended: DrillEnded | None) -> TotalView:
    if ended is None:
        return TotalView(FigureView(""))
    best = max(ended.best, ended.figures.score)
    return TotalView(
        FigureView(str(ended.figures.score), StyledText(_("Score"))),
        StyledText(_("of 100"), Tone.MUTED),
        (StyledText(_("best"), Tone.MUTED), StyledText(str(best))),
    )


def _days(ended: DrillEnded | None, facts: TrainFacts) -> RowsView:
    """Return the chart: a column for each day, as many of the last as fit, today bright."""
    if ended is None or facts.rows <= _AROUND:
        return RowsView()
    days = ended.days[-max(1, (facts.width - 2) // _COLUMN) :]
    height = facts.rows - _AROUND
    heights = [max(1, round(height * day.figures.score / _FULL)) for day in days]
    rows = [_chart_row(days, heights, height - n) for n in range(height + 1)]
    labels = tuple(
        CellView(_COLUMN * n + _BAR, StyledText(str(day.day.day), Tone.MUTED), right=True) for n, day in enumerate(days)
    )
    return RowsView((*rows, RowView(rule=True), RowView(labels)))


def _chart_row(days: tuple[DrillScore, ...], heights: list[int], row: int) -> RowView:
    """Return a row of the chart, counted from the hairline: bars, and the score above each."""
    cells = []
    for n, (day, height) in enumerate(zip(days, heights, strict=True)):
        last = n == len(days) - 1
        if row < height:
            bar = StyledText("█" * _BAR, Tone.TEXT if last else Tone.FAINT)
            cells.append(CellView(_COLUMN * n + 1, bar))
        elif row == height:
            score = StyledText(str(day.figures.score), Tone.TEXT if last else Tone.MUTED, bold=last)
            cells.append(CellView(_COLUMN * n + _BAR, score, right=True))
    return RowView(tuple(cells))


def _choice(number: int, drill: DrillOffered) -> ChoiceView:
    done = _("not done yet")
    if drill.last is not None:
        day = drill.last.day.strftime("%d %B").lstrip("0")
        done = _("{score}, {day}").format(score=drill.last.figures.score, day=day)
    return ChoiceView(str(number), drill.name, StyledText(done, Tone.MUTED))


def _answer(ended: DrillEnded | None) -> StyledText:
    if ended is None:
        return StyledText(_("Choose a drill."))
    score = ended.figures.score
    sentence = _("{score} of 100, your best.") if score > ended.best else _("{score} of 100.")
    return StyledText(sentence.format(score=score))
