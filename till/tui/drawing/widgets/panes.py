"""A sheet with two panes: choices on the left, their result with its figure on the right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from textual.geometry import Region
from typing_extensions import override

from till.tui.drawing.cut import cell_len
from till.tui.drawing.layout import PaneAreas, panes, place
from till.tui.drawing.palette import Backdrop, Tone
from till.tui.drawing.viewmodels import FigureView, HeadView, RowsView, StyledText, TitleView
from till.tui.drawing.widgets.head import TAB_GAP, Inset
from till.tui.drawing.widgets.report import ReportRows
from till.tui.drawing.widgets.sheet import Sheet
from till.tui.drawing.widgets.total import FigurePane

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from till.tui.drawing.layout import Areas
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.drawing.widgets.line import TextLine

_GAP: Final = 3
#: The least rows for a blank one below a hairline.
_ROOMY_LEFT: Final = 10
#: The least rows for number, secret, and the sentence below them.
_LEAST_FIELDS: Final = 3


class SheetTitle(Inset[TitleView]):
    """The title with its tabs, and a sum flush right; a hairline below it, heavy under the active tab."""

    @override
    def draw(self, y: int) -> TextLine:
        line = self.line()
        at, tabs = self._tabs()
        if y == 1 and self.view.ruled:
            self._rule(line, tabs)
        if y > 0:
            return line
        view, end = self.view, line.width - self.inset
        if view.sum:
            end = line.put_right(end, view.sum, bold=True, start=self.inset) - _GAP
        if view.key:
            end = line.put_right(end, view.key, Tone.ACCENT, bold=True, start=self.inset) - _GAP
        if view.note and at + cell_len(line.shown(view.note)) <= end:
            end = line.put_right(end, view.note, Tone.MUTED, start=self.inset) - _GAP
        line.put(self.inset, view.title, bold=True, until=end)
        for place_, (start, name) in enumerate(tabs):
            active = place_ == view.active
            line.put(start, name, Tone.TEXT if active else Tone.MUTED, bold=active, until=end)
            if active and self.paint.plain:
                line.put(start - 1, self.paint.glyphs.select, Tone.ACCENT)
        line.tell(at, StyledText(view.detail, Tone.MUTED), until=end)
        return line

    def _tabs(self) -> tuple[int, list[tuple[int, str]]]:
        """Return the column after the tabs, and the column and name of each that is whole."""
        view = self.view
        end = (
            self.size.width
            - self.inset
            - sum(cell_len(self.paint.say(one)) + _GAP for one in (view.sum, view.key) if one)
        )
        at = self.inset + cell_len(self.paint.say(self.view.title)) + (_GAP if self.view.tabs else TAB_GAP)
        tabs = []
        for name in self.view.tabs:
            after = at + cell_len(self.paint.say(name))
            if after > end:
                break
            tabs.append((at, name))
            at = after + _GAP
        return at, tabs

    def _rule(self, line: TextLine, tabs: list[tuple[int, str]]) -> None:
        if self.view.active >= len(tabs):
            line.rule(0, line.width)
            return
        start, name = tabs[self.view.active]
        end = start + cell_len(line.shown(name))
        line.rule(0, start)
        line.rule(start, end, heavy=True)
        line.rule(end, line.width)


class PanedSheet(Sheet):
    """A sheet with two panes, whose widgets are passed in; it adds titles, the rows above the figure, and the figure.

    Args:
        left: the choices.
        right: the result, or further choices.
        low: True to leave the foot of the order visible.
    """

    low = False

    def __init__(self, left: Drawn[Any], right: Drawn[Any]) -> None:
        super().__init__(HeadView(), left, right)
        self.left, self.right = left, right
        self.title = SheetTitle(TitleView(), inset=1, ground=Backdrop.SURFACE)
        self.side_title = SheetTitle(TitleView(), ground=Backdrop.SURFACE)
        self.foot = ReportRows(RowsView(), ground=Backdrop.SURFACE)
        self.figure = FigurePane(FigureView(""), ground=Backdrop.SURFACE)

    @override
    def compose(self) -> ComposeResult:
        yield from super().compose()
        for part in (self.title, self.side_title, self.foot, self.figure):
            part.styles.layer = "body"
            yield part

    @override
    def fit(self, found: Areas, *, choices: int, facts: int, full: bool) -> None:
        del choices, facts, full
        regions = panes(found, low=self.low)
        self.band.roomy = False
        places: dict[Drawn[Any], Region | None] = {
            self.title: regions.title,
            self.side_title: regions.side_title,
            self.foot: regions.foot,
            self.figure: regions.figure,
            **self.sides(regions),
        }
        place(self, regions.band)
        place(self.band, regions.band.reset_offset)
        for part, region in places.items():
            place(part, region and region.translate((-regions.band.x, -regions.band.y)))

    def sides(self, regions: PaneAreas) -> dict[Drawn[Any], Region | None]:
        """Return the regions of the two panes."""
        return {self.left: regions.left, self.right: regions.right}


class ChoiceAndWhy(PanedSheet):
    """Choices on the left, reasons on the right, each below its hairline, and a notice if there is room."""

    def __init__(self, left: Drawn[Any], right: Drawn[Any]) -> None:
        super().__init__(left, right)
        self.notice = ReportRows(RowsView(), ground=Backdrop.SURFACE)
        #: True if keys act on the right pane.
        self.asks_why = False

    @override
    def compose(self) -> ComposeResult:
        yield from super().compose()
        self.notice.styles.layer = "body"
        yield self.notice

    @override
    def sides(self, regions: PaneAreas) -> dict[Drawn[Any], Region | None]:
        left, right, figure = regions.left, regions.right, regions.figure
        if figure is None or right is None:
            if right is None:  # show the pane that keys act on
                shown, other = (self.right, self.left) if self.asks_why else (self.left, self.right)
                return {shown: left, other: None, self.side_title: None, self.notice: None}
            head, rest = Region(right.x + 1, right.y, right.width - 1, 1), right.height - 1
            return {
                self.side_title: head,
                self.left: left,
                self.right: Region(right.x, right.y + 1, right.width, rest - 2),
                self.notice: Region(right.x, right.bottom - 1, right.width, 1),
            }
        spare = 1 if figure.y - left.y >= _ROOMY_LEFT else 0
        wider = Region(right.x - 1, right.y + spare, right.width + 2, right.height - spare)
        return {
            self.left: Region(left.x, left.y + spare, left.width, figure.y - left.y - spare - 1),
            self.right: wider,
            self.notice: Region(left.x, figure.y, left.width, figure.height),
        }


class LineAndSum(PanedSheet):
    """Choices on the left, and the preview of the line on the right; with a single pane the choices take all of it."""

    @override
    def sides(self, regions: PaneAreas) -> dict[Drawn[Any], Region | None]:
        if regions.figure is None:
            return {
                self.left: regions.left if regions.right is None else regions.left.union(regions.right),
                self.right: None,
            }
        return super().sides(regions)


class FieldsAndFacts(PanedSheet):
    """Fields on the left, and facts beside them, or above them with a single pane."""

    low = True

    @override
    def sides(self, regions: PaneAreas) -> dict[Drawn[Any], Region | None]:
        if regions.figure is not None and regions.right is not None:
            left, right, title = regions.left, regions.right, regions.title
            bottom = regions.figure.y - 1 if self.figure.view.figure else regions.figure.bottom
            facts = Region(right.x, title.y, right.width, max(1, bottom - title.y))
            fields = Region(left.x + 1, left.y + 1, left.width - 1, left.height - 1)
            return {self.side_title: None, self.left: fields, self.right: facts}
        body = regions.left if regions.right is None else regions.left.union(regions.right)
        facts_rows = max(0, min(self.facts_rows, body.height - _LEAST_FIELDS - 1))
        below = body.y + facts_rows + (1 if facts_rows else 0)
        return {
            self.left: Region(body.x + 1, below, body.width - 1, max(1, body.bottom - below)),
            self.right: Region(body.x + 1, body.y, body.width - 1, facts_rows),
        }

    @property
    def facts_rows(self) -> int:
        """The number of facts."""
        view = self.right.view
        return len(view.rows) if isinstance(view, RowsView) else 0
