"""The menu board: categories in columns, what is sold out and what is not sold at this hour."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final

from rich.cells import cell_len
from textual.geometry import Size
from textual.strip import Strip
from typing_extensions import override

from till.domain.i18n import _
from till.tui.drawing.palette import Backdrop, Tone
from till.tui.drawing.viewmodels import BoardView, CategoryView, ItemView
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.drawing.widgets.flow import Column, Page, flow, locate
from till.tui.drawing.widgets.line import TextLine
from till.tui.drawing.widgets.lines import draw_sentences

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

COLUMN: Final = 27
GAP: Final = 4
NUMBER: Final = 2
PICK: Final = 3
"""Where the name stands behind the digit that picks it."""
PICKS: Final = "123456789"

Cell = tuple[CategoryView, ItemView | None, bool, str]


class MenuBoard(Drawn[BoardView]):
    """Categories in as many columns as fit, one page in sight: that of the selected item, or of what is sold now.

    Only the rows in sight are ever made, so thousands of items cost no more than a screenful.

    Args:
        view: What to draw at first.
        columns: How many columns; as many as fit when None.
        picks: Number the first nine items in sight, for a digit to choose one (the sheet on a narrow screen).
        ground: What the board lies on.
        id: Of the widget.
        on_page: Called when the pages or the one in sight changed.
    """

    def __init__(
        self,
        view: BoardView,
        *,
        columns: int | None = None,
        picks: bool = False,
        ground: Backdrop = Backdrop.BG,
        id: str | None = None,  # noqa: A002 - Textual's own name
        on_page: Callable[[MenuBoard], None] | None = None,
    ) -> None:
        super().__init__(view, ground=ground, id=id)
        self.page = 0
        self.on_page = on_page
        self._columns = columns
        self._picks = picks
        self._pages: tuple[Page, ...] = ()
        self._starts: list[int] = []
        self._number = NUMBER
        self._laid_for = Size(0, 0)
        self._painted: list[tuple[Cell | None, ...]] = []

    @property
    def columns(self) -> int:
        """Columns beside one another."""
        return self._columns or max(1, (self.size.width + GAP) // (COLUMN + GAP))

    @property
    def pages(self) -> int:
        return len(self._pages)

    def note(self) -> str:
        """Which page is in sight, for the head; nothing when there is only one."""
        return _("page {page} of {pages}").format(page=self.page + 1, pages=self.pages) if self.pages > 1 else ""

    def turn(self, pages: int) -> None:
        """Turn so many pages on, back when negative."""
        self._turn_to(self.page + pages)
        self.repaint_rows(self._stale())

    def in_sight(self) -> list[int]:
        """The items of the page in sight, counted through all categories, in the order they are read."""
        if not self._pages:
            return []
        runs = (run for column in self._pages[self.page] for run in column)
        return [self._starts[run.category] + item for run in runs for item in range(run.start, run.stop)]

    def picked(self, digit: str) -> int | None:
        """The item that a digit picks, counted through all categories."""
        place = PICKS.find(digit) if digit else -1
        items = self.in_sight()[: len(PICKS)]
        return items[place] if 0 <= place < len(items) else None

    @override
    def changed_rows(self, before: BoardView) -> Iterable[int]:
        """The rows on which an item changed."""
        if before.categories is not self.view.categories:
            self._lay()
        else:
            self._follow(self.view.home if before.selected is not None else None)
        return self._stale()

    @override
    def draw(self, y: int) -> TextLine | Strip:
        if self._laid_for != self.size:  # Textual paints a new size before it tells of it
            self._lay()
            self._painted = self._cells()
        if not self._pages and not self.view.categories:
            return draw_sentences(self.line(), y, self.view.empty, top=1, at=0)
        if y >= len(self._painted):
            return self.line()
        width = (self.size.width - GAP * (self.columns - 1)) // self.columns
        strips: list[Strip] = []
        for cell in self._painted[y]:
            strips += [self._draw_cell(cell, width), TextLine(self.paint, GAP, self.ground).strip()]
        strips.append(self.line().strip())
        return Strip.join(strips).crop(0, self.size.width)

    def _lay(self) -> None:
        self._laid_for = self.size
        categories = self.view.categories
        sizes = [len(category.items) for category in categories]
        self._starts = [0, *accumulate(sizes)]
        self._pages = flow(sizes, self.columns, self.size.height)
        numbers = (len(item.number) for category in categories for item in category.items)
        self._number = max(NUMBER, max(numbers, default=0))
        self._follow(self.view.home)

    def _follow(self, home: int | None = None) -> None:
        """Turn to the page of the selected item, else of `home`, or to the nearest that is still there."""
        selected = home if self.view.selected is None else self.view.selected
        if selected is None:
            self._turn_to(self.page)
            return
        for number, page in enumerate(self._pages):
            for column in page:
                for run in column:
                    if run.start <= selected - self._starts[run.category] < run.stop:
                        self._turn_to(number)
                        return

    def _turn_to(self, page: int) -> None:
        self.page = max(0, min(page, len(self._pages) - 1))
        if self.on_page is not None:
            self.on_page(self)

    def _stale(self) -> list[int]:
        painted, self._painted = self._painted, self._cells()
        if len(painted) != len(self._painted):
            return list(range(self.size.height))
        return [y for y, row in enumerate(self._painted) if row != painted[y]]

    def _cells(self) -> list[tuple[Cell | None, ...]]:
        """What stands on every row in sight."""
        if not self._pages:
            return []
        columns = self._pages[self.page]
        items = self.in_sight()[: len(PICKS)] if self._picks else []
        picks = dict(zip(items, PICKS, strict=False))
        return [tuple(self._cell(column, y, picks) for column in columns) for y in range(self.size.height)]

    def _cell(self, column: Column, y: int, picks: dict[int, str]) -> Cell | None:
        found = locate(column, y)
        if found is None:
            return None
        run, item = found
        category = self.view.categories[run.category]
        if item < 0:
            return category, None, False, ""
        place = self._starts[run.category] + item
        return category, category.items[item], place == self.view.selected, picks.get(place, "")

    def _draw_cell(self, cell: Cell | None, width: int) -> Strip:
        if cell is None:
            return TextLine(self.paint, width, self.ground).strip()
        category, item, selected, pick = cell
        line = TextLine(self.paint, width, Backdrop.SELECT if selected else self.ground)
        if item is None:
            self._draw_head(line, category)
        else:
            self._draw_item(line, category, item, selected=selected, pick=pick)
        return line.strip()

    def _draw_head(self, line: TextLine, category: CategoryView) -> None:
        end = line.width
        if category.note:
            end = line.put_right(end, category.note, Tone.MUTED if category.open else Tone.FAINT) - 1
        line.put(
            1 if self._picks else 0,
            category.name,
            Tone.TEXT if category.open else Tone.FAINT,
            bold=True,
            until=end,
        )

    def _draw_item(self, line: TextLine, category: CategoryView, item: ItemView, *, selected: bool, pick: str) -> None:
        is_open = category.open if item.open is None else item.open
        gone = item.sold_out or not is_open
        price = _("86 sold out") if item.sold_out else item.price
        faint = Tone.MUTED if selected else Tone.FAINT  # faint is too weak on the select band
        warned = Tone.WARN if item.sold_out and is_open else (faint if gone else Tone.TEXT)
        end = line.put_right(line.width, price, warned, bold=selected)
        if not gone and not category.open:
            end = line.put_right(end - 1, _("now"), Tone.MUTED)
        name = self._number + 1
        if self._picks:
            if selected:
                line.put(0, self.paint.glyphs.select, Tone.ACCENT)
            line.put(1, pick, Tone.ACCENT, bold=True)
            name = PICK
            end = self._draw_number(line, item, name, end)
        else:
            line.put_right(self._number, item.number, faint if gone else Tone.MUTED)
        line.put(name, item.name, faint if gone else Tone.TEXT, bold=selected, until=end - 1)

    def _draw_number(self, line: TextLine, item: ItemView, name: int, end: int) -> int:
        """The number for the entry, far from the digit that picks the row; the name goes first. Where it begins."""
        number = f"#{item.number}"
        begins = end - 2 - cell_len(number)
        if not item.number or name + cell_len(line.shown(item.name)) + 2 > begins:
            return end
        return line.put_right(end - 2, number, Tone.MUTED)
