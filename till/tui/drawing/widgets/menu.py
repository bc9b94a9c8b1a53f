"""The menu board: categories in columns, with what is sold out or not sold at this hour."""

from __future__ import annotations

from itertools import accumulate
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from textual.geometry import Size
from textual.strip import Strip
from typing_extensions import override

from till.domain.i18n import _, ngettext
from till.tui.drawing.cut import cell_len, cut
from till.tui.drawing.palette import Backdrop, Tone
from till.tui.drawing.viewmodels import BoardView, CategoryView, ItemView
from till.tui.drawing.widgets.drawn import Drawn
from till.tui.drawing.widgets.flow import Column, Foot, Page, fill, flow_now_first, foot, locate
from till.tui.drawing.widgets.line import TextLine
from till.tui.drawing.widgets.lines import draw_sentences
from till.tui.drawing.widgets.tiles import TALL

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

COLUMN: Final = 27
GAP: Final = 4
NUMBER: Final = 2
TILE: Final = 12
"""The least width of a tile; between two is a blank column."""
GAPPED: Final = 20
"""The least height of a board that has a blank row below each tile."""
PICK: Final = 3
"""The column of the name after the digit that picks it."""
PICKS: Final = "123456789"


class LabelCell(Struct, frozen=True):
    """A row that is neither heading nor item: a key, and words beside it or, if `apart`, flush right."""

    key: str
    words: str
    apart: bool = False


class TileCell(Struct, frozen=True):
    """A row of the tile of an item."""

    category: CategoryView
    item: ItemView
    selected: bool
    row: int


#: A category, its item (None for the heading), whether it is selected, the digit that picks it; or another row.
Cell = tuple[CategoryView, ItemView | None, bool, str] | LabelCell | TileCell


class MenuBoard(Drawn[BoardView]):
    """Categories in as many columns as fit. It shows one page: that of the selected item, or of what is sold now.

    Only visible rows are made, so that thousands of items cost no more than a screenful. What is not sold now is on
    further pages if not all fits on one; the first then ends with the headings of what it leaves out.

    For fingers an item is a tile of three rows, and a swipe turns the page.

    Args:
        view: The first picture.
        columns: The number of columns; as many as fit if None.
        edge: Columns left and right of the text that the selected band covers too.
        picks: Number the first nine visible items, for a digit to choose one (the sheet on a narrow screen).
        ground: The backdrop of the board.
        id: Of the widget.
        on_page: Called when the pages or the visible one changed.
    """

    def __init__(
        self,
        view: BoardView,
        *,
        columns: int | None = None,
        edge: int = 0,
        picks: bool = False,
        ground: Backdrop = Backdrop.BG,
        on_page: Callable[[MenuBoard], None] | None = None,
    ) -> None:
        super().__init__(view, ground=ground)
        self.page = 0
        self.on_page = on_page
        self._columns = columns
        self._edge = edge
        self._apart = GAP - 2 * edge
        self._swiped = 0
        self._picks = picks
        self._pages: tuple[Page, ...] = ()
        self._foot: Foot | None = None
        self._foot_cells: list[Cell] = []
        self._starts: list[int] = []
        self._number = NUMBER
        self._laid_for = Size(0, 0)
        self._painted: list[tuple[Cell | None, ...]] = []

    @property
    def columns(self) -> int:
        """The number of columns side by side."""
        return self._columns_in(self.size.width)

    def room_in(self, size: Size) -> int:
        """Return the most items that a page of this size holds."""
        return self._columns_in(size.width) * max(0, size.height - 1) // self._tall

    @property
    def _tall(self) -> int:
        """The rows of an item: for fingers a tile, with a gap below it where there is room."""
        if not self.paint.touch:
            return 1
        return TALL + 1 if self.size.height >= GAPPED else TALL

    @property
    def _gap(self) -> int:
        return 1 if self.paint.touch else self._apart

    def _columns_in(self, width: int) -> int:
        if self.paint.touch:
            return max(1, (width + 1) // (TILE + 1))
        return self._columns or max(1, (width + self._gap) // (COLUMN + GAP))

    @property
    def pages(self) -> int:
        return len(self._pages)

    def note(self) -> str:
        """Return the page number, for the heading; empty for a single page, or if the page itself tells of more."""
        if self.page == 0 and self._foot_cells:
            return ""
        return _("page {page} of {pages}").format(page=self.page + 1, pages=self.pages) if self.pages > 1 else ""

    def turn(self, pages: int) -> None:
        """Turn on by a number of pages, or back if negative."""
        self._turn_to(self.page + pages)
        self.repaint_rows(self._stale())

    @override
    def swiped(self, rows: int) -> bool:
        """Turn the page once a finger moved as far as a tile is tall."""
        self._swiped += rows
        if abs(self._swiped) >= TALL:
            self.turn(1 if self._swiped > 0 else -1)
            self._swiped = 0
        return True

    def in_sight(self) -> list[int]:
        """Return the items of the visible page in reading order, counted through all categories."""
        if not self._pages:
            return []
        runs = (run for column in self._pages[self.page] for run in column)
        return [self._starts[run.category] + item for run in runs for item in range(run.start, run.stop)]

    @override
    def pointed(self, x: int, y: int) -> int | str | None:
        """Return the item at this cell, counted through all categories, or the key of a row that names one."""
        columns = self._pages[self.page] if self._pages else ()
        width = (self.size.width - self._gap * (self.columns - 1)) // self.columns
        column, beside = divmod(x, width + self._gap)
        if beside >= width:
            return None
        foot = self._foot if self.page == 0 else None
        if foot is not None and column == foot.column and 0 <= y - foot.top < len(self._foot_cells):
            cell = self._foot_cells[y - foot.top]
            return cell.key or None if isinstance(cell, LabelCell) else None
        found = locate(columns[column], y) if column < len(columns) else None
        return self._starts[found[0].category] + found[1] if found is not None and found[1] >= 0 else None

    def picked(self, digit: str) -> int | None:
        """Return the item that a digit picks, counted through all categories."""
        place = PICKS.find(digit) if digit else -1
        items = self.in_sight()[: len(PICKS)]
        return items[place] if 0 <= place < len(items) else None

    @override
    def changed_rows(self, before: BoardView) -> Iterable[int]:
        """Return the rows on which an item changed."""
        if before.categories is not self.view.categories:
            self._lay()
        else:
            if before.turns != self.view.turns:
                self._foot_cells = self._tell()
            self._follow(self.view.home if before.selected is not None else None)
        return self._stale()

    @override
    def draw(self, y: int) -> TextLine | Strip:
        if self._laid_for != self.size:  # Textual paints a new size before it sends the event
            self._lay()
            self._painted = self._cells()
        if not self._pages and not self.view.categories:
            return draw_sentences(self.line(), y, self.view.empty, top=1, at=self._edge)
        if y >= len(self._painted):
            return self.line()
        width = (self.size.width - self._gap * (self.columns - 1)) // self.columns
        strips: list[Strip] = []
        for cell in self._painted[y]:
            strips += [self._draw_cell(cell, width), TextLine(self.paint, self._gap, self.ground).strip()]
        strips.append(self.line().strip())
        return Strip.join(strips).crop(0, self.size.width)

    def _lay(self) -> None:
        self._laid_for = self.size
        categories = self.view.categories
        sizes = [len(category.items) for category in categories]
        self._starts = [0, *accumulate(sizes)]
        if self.view.found is not None or self.paint.touch:
            self._pages = fill(sizes, self.columns, self.size.height, self._tall)
        else:
            self._pages = flow_now_first(sizes, self.columns, self.size.height, self.view.later)
        self._foot_cells = self._tell()
        numbers = (len(item.number) for category in categories for item in category.items)
        least = NUMBER if self.view.found is None else self._number  # typing does not move the columns
        self._number = max(least, max(numbers, default=0))
        self._follow(self.view.home)

    def _tell(self) -> list[Cell]:
        """Return the rows at the end of the first page: the number of matches, or what is not sold now and its key."""
        view = self.view
        self._foot = None
        if not self._pages or self.paint.touch:
            return []
        if view.found is not None:
            count, all_of_them = view.found
            cells: list[Cell] = [
                LabelCell(
                    "",
                    ngettext("{count} of {all} items", "{count} of {all} items", count).format(
                        count=f"{count:,}", all=f"{all_of_them:,}"
                    ),
                ),
                LabelCell("Esc", _("All of them")),
            ]
            self._foot = foot(self._pages[0], self.columns, self.size.height, len(cells))
            return cells[: self._foot.rows] if self._foot is not None else []
        now = len(view.categories) - view.later
        first = {run.category for column in self._pages[0] for run in column}
        if not (view.turns and view.later) or first != set(range(now)):
            return []
        left_out = view.categories[now:]
        self._foot = foot(self._pages[0], self.columns, self.size.height, len(left_out) + 1)
        if self._foot is None:
            return []
        count = sum(len(category.items) for category in left_out)
        words = ngettext("{count} not sold now", "{count} not sold now", count).format(count=count)
        heads: list[Cell] = [(category, None, False, "") for category in left_out[: self._foot.rows - 1]]
        return [*heads, LabelCell(view.turns, words, apart=True)]

    def _follow(self, home: int | None = None) -> None:
        """Turn to the page of the selected item, otherwise of `home`, otherwise to the nearest page that exists."""
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
        """Return the cells of every visible row."""
        if not self._pages:
            return []
        columns = self._pages[self.page]
        foot = self._foot if self.page == 0 else None
        if foot is not None and foot.column == len(columns):
            columns = (*columns, ())
        items = self.in_sight()[: len(PICKS)] if self._picks else []
        picks = dict(zip(items, PICKS, strict=False))
        rows = [[self._cell(column, y, picks) for column in columns] for y in range(self.size.height)]
        if foot is not None:
            for y, cell in enumerate(self._foot_cells, foot.top):
                rows[y][foot.column] = cell
        return [tuple(row) for row in rows]

    def _cell(self, column: Column, y: int, picks: dict[int, str]) -> Cell | None:
        found = locate(column, y)
        if found is None:
            return None
        run, item = found
        category = self.view.categories[run.category]
        if item < 0:
            return category, None, False, ""
        place = self._starts[run.category] + item
        if self.paint.touch:
            return TileCell(category, category.items[item], place == self.view.selected, _row_of(column, y))
        return category, category.items[item], place == self.view.selected, picks.get(place, "")

    def _draw_cell(self, cell: Cell | None, width: int) -> Strip:
        if cell is None:
            return TextLine(self.paint, width, self.ground).strip()
        if isinstance(cell, LabelCell):
            return self._draw_label(TextLine(self.paint, width, self.ground), cell).strip()
        if isinstance(cell, TileCell):
            return self._draw_tile(cell, width).strip()
        category, item, selected, pick = cell
        line = TextLine(self.paint, width, Backdrop.SELECT if selected else self.ground)
        if item is None:
            self._draw_head(line, category)
        else:
            self._draw_item(line, category, item, selected=selected, pick=pick)
        return line.strip()

    def _draw_tile(self, cell: TileCell, width: int) -> TextLine:
        """Draw a row of a tile: the name in two rows, then the price and the mark of what is sold out, and the gap."""
        item, other = cell.item, Backdrop.SURFACE if self.ground is Backdrop.BG else Backdrop.BG
        line = TextLine(self.paint, width, Backdrop.SELECT if cell.selected else other)
        is_unavailable = item.sold_out or not cell.category.holds(item)
        tone = Tone.TEXT if not is_unavailable else Tone.MUTED if cell.selected else Tone.FAINT
        room = width - 1
        if cell.row == TALL:
            return TextLine(self.paint, width, self.ground)
        if cell.row == TALL - 1:
            end = line.put(1, item.price, tone, until=width) + 1  # a narrow tile cuts the mark, never the price
            line.put_right(width, _("86") if item.sold_out else item.left, Tone.WARN, bold=True, start=end)
            return line
        names = wrap(line.shown(item.name), room)[: TALL - 1]
        if cell.row < len(names):
            line.put(1, names[cell.row] if cell.row == 0 else item.name[len(names[0]) :].strip(), tone, bold=True)
        return line

    def _draw_label(self, line: TextLine, label: LabelCell) -> TextLine:
        at, end = self._edge + (1 if self._picks else 0), line.width - self._edge
        if label.key:
            at = line.put(at, label.key, Tone.ACCENT, bold=True) + 1
        if label.apart:
            line.put_right(end, label.words, Tone.MUTED, start=at)
        else:
            line.put(at, label.words, Tone.MUTED, until=end)
        return line

    def _draw_head(self, line: TextLine, category: CategoryView) -> None:
        end = line.width - self._edge
        if category.note and not self.paint.touch:
            end = line.put_right(end, category.note, Tone.MUTED if category.open else Tone.FAINT) - 1
        line.put(
            self._edge + (1 if self._picks else 0),
            category.name,
            Tone.TEXT if category.open else Tone.FAINT,
            bold=True,
            until=end,
        )

    def _draw_item(self, line: TextLine, category: CategoryView, item: ItemView, *, selected: bool, pick: str) -> None:
        is_open = category.holds(item)
        is_unavailable = item.sold_out or not is_open
        price = _("86 sold out") if item.sold_out else item.price
        faint = Tone.MUTED if selected else Tone.FAINT  # faint is too weak on the select band
        warned = Tone.WARN if item.sold_out and is_open else (faint if is_unavailable else Tone.TEXT)
        end = line.put_right(line.width - self._edge, price, warned, bold=selected)
        if not is_unavailable and not category.open:
            end = line.put_right(end - 1, _("now"), Tone.MUTED)
        if item.left and not is_unavailable:
            end = line.put_right(end - 1, item.left, Tone.WARN)
        name = self._edge + self._number + 1
        if selected and (self._picks or self._edge):
            line.put(0, self.paint.glyphs.select, Tone.ACCENT)
        if self._picks:
            line.put(1, pick, Tone.ACCENT, bold=True)
            name = PICK
            end = self._draw_number(line, item, name, end)
        else:
            line.put_right(self._edge + self._number, item.number, faint if is_unavailable else Tone.MUTED)
        self._draw_name(line, item, name, end - 1, faint if is_unavailable else Tone.TEXT, bold=selected)

    @staticmethod
    def _draw_name(line: TextLine, item: ItemView, at: int, until: int, role: Tone, *, bold: bool) -> None:
        """Draw the name, with the parts that match the typed text underlined."""
        if not item.marks:
            line.put(at, item.name, role, bold=bold, until=until)
            return
        shown, done = cut(line.shown(item.name), until - at), 0
        for start, stop in item.marks:
            at = line.put(at, shown[done:start], role, bold=bold, until=until)
            at = line.put(at, shown[start:stop], role, bold=bold, underline=True, until=until)
            done = stop
        line.put(at, shown[done:], role, bold=bold, until=until)

    def _draw_number(self, line: TextLine, item: ItemView, name: int, end: int) -> int:
        """Draw the item's number right of the name, if there is room; return the column where it begins."""
        number = f"#{item.number}"
        begins = end - 2 - cell_len(number)
        if not item.number or name + cell_len(line.shown(item.name)) + 2 > begins:
            return end
        return line.put_right(end - 2, number, Tone.MUTED)


def _row_of(column: Column, y: int) -> int:
    """Return the row of a tile that row `y` of a column shows."""
    for run in column:
        if y < run.rows:
            break
        y -= run.rows + 1
    return (y - 1) % run.tall
