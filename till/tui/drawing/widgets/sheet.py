"""A sheet: a band over the full width on the grid of the panes. The screen behind it is dimmed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.widget import Widget
from typing_extensions import override

from till.tui.drawing.layout import SheetAreas, place
from till.tui.drawing.layout import sheet as sheet_areas
from till.tui.drawing.palette import Backdrop, Tone
from till.tui.drawing.viewmodels import HeadView, StyledText
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.drawing.widgets.head import HeadOfList
from till.tui.drawing.widgets.lines import LineList

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.geometry import Region
    from textual.screen import Screen

    from till.tui.drawing.layout import Areas
    from till.tui.drawing.widgets.line import TextLine


class SheetBand(HeadOfList):
    """The band of a sheet: a heavy rule in accent above, the title, the surface; blank rows outside if it is roomy."""

    def __init__(self, view: HeadView) -> None:
        super().__init__(view, inset=2)
        self.roomy = True

    @override
    def draw(self, y: int) -> TextLine:
        """Draw a row of the band, without the widgets on it."""
        rule = 1 if self.roomy else 0
        last = y == self.size.height - 1
        if y < rule or (last and (self.roomy or self.paint.rules)):
            line = self.line(Backdrop.BG)
            if last and self.paint.rules:  # a surface without a tint needs a visible end
                line.rule(0, line.width)
            return line
        if y == rule:
            line = self.line(Backdrop.BG)
            line.rule(0, line.width, heavy=True)
            return line
        line = self.line(Backdrop.SURFACE)
        if y == (3 if self.roomy else 1):
            end = line.width - self.inset - 1
            if self.view.note:
                end = line.put_right(end, self.view.note) - 2
            at = line.tell(self.inset + 1, StyledText(self.view.title, bold=True), until=end)
            self.put_detail(line, at + 2, Tone.TEXT, until=end)
        return line


class Sheet(Widget, can_focus=False):
    """A band with choices and, beside or below them, facts.

    Args:
        head: Title of the sheet, with detail and note beside it.
        choices: The widget to choose from: any drawn widget; it should lie on `Backdrop.SURFACE`.
        facts: The widget of the facts to choose by.
        id: Of the widget.
    """

    DEFAULT_CSS = "Sheet { position: absolute; layer: sheet; width: 1; height: 1; layers: band body; }"
    #: Its band covers it. Textual would keep what it paints for as long as the app runs.
    BLANK = True

    def __init__(
        self,
        head: HeadView,
        choices: Widget,
        facts: Widget | None = None,
    ) -> None:
        super().__init__()
        self.band = SheetBand(head)
        self.choices = choices
        self.facts = facts
        if isinstance(choices, LineList):
            self.band.follow(choices)

    @override
    def compose(self) -> ComposeResult:
        self.band.styles.layer = "band"
        yield self.band
        for body in (self.choices, self.facts):
            if body is not None:
                body.styles.layer = "body"
                yield body

    def fit(self, found: Areas, *, choices: int, facts: int, full: bool) -> None:
        """Place the sheet on a screen with these areas, with room for this many choices and facts."""
        self.lay(sheet_areas(found, choices=choices, facts=facts, full=full))

    def lay(self, found: SheetAreas) -> None:
        """Place the sheet as `till.tui.drawing.layout.sheet` returned."""
        place(self, found.band)
        self.band.roomy = found.roomy
        self.band.inset = found.choices.x
        place(self.band, found.band.reset_offset)
        place(self.choices, _inside(found.choices, found.band))
        if self.facts is not None:
            place(self.facts, _inside(found.facts, found.band))


def dim_behind(screen: Screen[Any], dimmed: bool) -> None:
    """Dim all of a screen except its sheets, or restore it."""
    for widget in screen.walk_children(Widget):
        if isinstance(widget, Drawn) and not any(isinstance(holder, Sheet) for holder in widget.ancestors):
            widget.dim(dimmed)


def _inside(region: Region, band: Region) -> Region:
    return region.translate((-band.x, -band.y))
