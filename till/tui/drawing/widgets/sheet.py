"""A dialog: a band over the full width on the grid of the panes, what lies behind it dimmed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from textual.widget import Widget
from typing_extensions import override

from till.tui.drawing.layout import SheetAreas, place
from till.tui.drawing.layout import sheet as sheet_areas
from till.tui.drawing.palette import Backdrop
from till.tui.drawing.viewmodels import HeadView, StyledText
from till.tui.drawing.widgets.drawn import Drawn

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.geometry import Region
    from textual.screen import Screen

    from till.tui.drawing.layout import Areas
    from till.tui.drawing.widgets.line import TextLine


class SheetBand(Drawn[HeadView]):
    """The band itself: a heavy rule in accent above, the title, the surface; blank rows outside when it is roomy."""

    def __init__(self, view: HeadView) -> None:
        super().__init__(view)
        self.roomy = True
        self.inset = 2

    @override
    def draw(self, y: int) -> TextLine:
        """A row of the band without what stands on it."""
        rule = 1 if self.roomy else 0
        last = y == self.size.height - 1
        if y < rule or (last and (self.roomy or self.paint.rules)):
            line = self.line(Backdrop.BG)
            if last and self.paint.rules:  # a surface without a tint needs an end
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
            line.tell(at + 2, StyledText(self.view.detail), until=end)
        return line


class Sheet(Widget, can_focus=False):
    """A band with choices on it and, beside or under them, facts.

    Args:
        head: Title of the sheet, detail and note beside it.
        choices: What is chosen from: any drawn widget; it should lie on `Backdrop.SURFACE`.
        facts: What one should know in order to choose.
        id: Of the widget.
    """

    DEFAULT_CSS = "Sheet { position: absolute; layer: sheet; width: 1; height: 1; layers: band body; }"

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

    @override
    def compose(self) -> ComposeResult:
        self.band.styles.layer = "band"
        yield self.band
        for body in (self.choices, self.facts):
            if body is not None:
                body.styles.layer = "body"
                yield body

    def stand(self, found: Areas, *, choices: int, facts: int, full: bool) -> None:
        """Stand on a screen of such areas, with room for so many choices and facts."""
        self.lay(sheet_areas(found, choices=choices, facts=facts, full=full))

    def lay(self, found: SheetAreas) -> None:
        """Stand where `till.tui.drawing.layout.sheet` says."""
        place(self, found.band)
        self.band.roomy = found.roomy
        self.band.inset = found.choices.x
        place(self.band, found.band.reset_offset)
        place(self.choices, _inside(found.choices, found.band))
        if self.facts is not None:
            place(self.facts, _inside(found.facts, found.band))


def dim_behind(screen: Screen[Any], dimmed: bool) -> None:
    """Draw all of a screen but its sheets as what lies behind one, or no longer."""
    for widget in screen.walk_children(Widget):
        if isinstance(widget, Drawn) and not any(isinstance(holder, Sheet) for holder in widget.ancestors):
            widget.dim(dimmed)


def _inside(region: Region, band: Region) -> Region:
    return region.translate((-band.x, -band.y))
