"""View models: the data that widgets draw. They are frozen, hold formatted text, and do not depend on orders.

A widget compares views: equal content is not painted again, and the same object is not even compared. Presenters should
pass on objects that did not change. They are structs, not dataclasses: thirty dataclasses delay the first paint by ten
milliseconds, and every key makes some forty views. Use `msgspec.structs.replace` for changed copies.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from till.tui.drawing.palette import Mark, Tone

if TYPE_CHECKING:
    from collections.abc import Iterable


class StyledText(Struct, frozen=True):
    """A piece of text and its style. A `mark` puts its symbol in front, in the role of the mark."""

    text: str
    role: Tone = Tone.TEXT
    bold: bool = False
    strike: bool = False
    mark: Mark | None = None


class StatusView(Struct, frozen=True):
    """The status bar: place, user, time, and the light; `brief` is the light for when there is no room for all of it.

    `notices` is the number of unseen notices, if any. `training` is the word to show reversed, if any.
    """

    venue: str
    till: str
    staff: str = ""
    daypart: str = ""
    time: str = ""
    light: StyledText | None = None
    training: str = ""
    brief: StyledText | None = None
    notices: StyledText | None = None


class HeadView(Struct, frozen=True):
    """The heading of a pane: a bold title, a flag for a problem in the pane, a muted detail, a note flush right.

    Without room for the detail the first text of `shorter` that fits takes its place.
    """

    title: str = ""
    detail: str = ""
    note: str = ""
    flag: StyledText | None = None
    shorter: tuple[str, ...] = ()


class TitleView(Struct, frozen=True):
    """The title of a sheet or of one of its panes.

    Attributes:
        tabs: the possible subjects, `active` the current one; `key` switches between them.
        note: a muted note, flush right before the bold `sum`.
        ruled: True if there is a hairline below it.
    """

    title: str = ""
    detail: str = ""
    tabs: tuple[str, ...] = ()
    active: int = 0
    key: str = ""
    note: str = ""
    sum: str = ""
    ruled: bool = False


class CategoryBarView(Struct, frozen=True):
    """The heading of the menu: the names of its parts and which one is shown; the last `later` are not sold now."""

    names: tuple[str, ...]
    active: int = 0
    note: str = ""
    later: int = 0


class KeyView(Struct, frozen=True):
    """A key and its label. `short` is the label for a narrow screen.

    A `spare` key is left out first, the highest number before the others; one of 0 is not spare.
    """

    key: str
    word: str
    short: str = ""
    spare: int = 0


class KeysView(Struct, frozen=True):
    """The key bar. The primary key is at the far right, or a note if only waiting helps.

    The keys in `above` have a row of their own if the bar has two; otherwise they are among the others. Only tiles have
    the `quick` ones, and a pad if `digits` are asked for.
    """

    keys: tuple[KeyView, ...]
    primary: KeyView | None = None
    note: StyledText | None = None
    above: tuple[KeyView, ...] = ()
    quick: tuple[KeyView, ...] = ()
    digits: bool = False


class ModifierView(Struct, frozen=True):
    """A row under a line: a modifier or a note, with its price (`+20.00`) if it has one."""

    text: str
    price: str = ""


class LineView(Struct, frozen=True):
    """A line of an order. A discount has no quantity; `unit` is empty for a single piece; `void` is reason and time.

    `held` is true if the kitchen does not get it yet.
    """

    name: str
    amount: str
    quantity: str = ""
    unit: str = ""
    modifiers: tuple[ModifierView, ...] = ()
    void: str | None = None
    held: bool = False


class OrderView(Struct, frozen=True):
    """An order: its lines, the selected one, and the sentences for an empty one."""

    lines: tuple[LineView, ...] = ()
    selected: int | None = None
    empty: tuple[str, ...] = ()


class ItemView(Struct, frozen=True):
    """An item on the menu board. `open` tells if it is sold now by hours of its own; None if it has none.

    An item that is not sold now has its hours in place of the price. `marks` are the ranges of the name that match the
    typed text, by their first character and the one after the last. `left` is what is left of it, if that is little.
    """

    number: str
    name: str
    price: str
    sold_out: bool = False
    left: str = ""
    open: bool | None = None
    marks: tuple[tuple[int, int], ...] = ()


class CategoryView(Struct, frozen=True):
    """A category on the menu board. `note` is its daypart (`until 11:30`); it is drawn faint unless `open`."""

    name: str
    items: tuple[ItemView, ...]
    note: str = ""
    open: bool = True

    def holds(self, item: ItemView) -> bool:
        """Return True if an item of the category is sold at this hour."""
        return self.open if item.open is None else item.open


class BoardView(Struct, frozen=True):
    """The menu board.

    Attributes:
        categories: in order; one may appear twice, with what is sold now and with what is not.
        selected: the selected item, counted through all categories.
        empty: the text if there are none.
        home: the first item that is sold at this hour.
        later: the number of categories, at the end, that are not sold now.
        turns: the key that turns to them if they are on further pages.
        found: the number of items that match the typed text, and of all items; the board shows the matches.
    """

    categories: tuple[CategoryView, ...] = ()
    selected: int | None = None
    empty: tuple[str, ...] = ()
    home: int = 0
    later: int = 0
    turns: str = ""
    found: tuple[int, int] | None = None


class Board(Struct, frozen=True):
    """The menu as shown: the view, and the item ids in the order of the board."""

    view: BoardView
    item_ids: tuple[str, ...]


class ChoiceView(Struct, frozen=True):
    """A row to choose: a user, a tab, a waiting order, a way to pay, an answer. `right` is flush right.

    A row that is `off` cannot be chosen now, and gives the reason in its detail.
    """

    key: str
    name: str
    detail: StyledText | None = None
    right: StyledText | None = None
    off: bool = False


def choice(
    key: str, name: str, detail: str | StyledText | None = None, right: str | StyledText | None = None
) -> ChoiceView:
    """Return a row to choose: its detail is muted, and its end plain, unless they have a style of their own."""
    detail = StyledText(detail, Tone.MUTED) if isinstance(detail, str) else detail
    return ChoiceView(key, name, detail, StyledText(right) if isinstance(right, str) else right)


def numbered(rows: Iterable[tuple[str, *tuple[str | StyledText | None, ...]]]) -> tuple[ChoiceView, ...]:
    """Return rows to choose by number: each its name, and as far as it has them its detail and its end."""
    return tuple(choice(str(number), *row) for number, row in enumerate(rows, 1))


class ChoicesView(Struct, frozen=True):
    """Rows to choose from, the selected one, and the text if there are none.

    If it `rests`, keys do not act on it: its keys are muted, and the selected row keeps its band without the bar.
    """

    rows: tuple[ChoiceView, ...] = ()
    selected: int | None = None
    empty: tuple[str, ...] = ()
    rests: bool = False


class OptionView(Struct, frozen=True):
    """An option of a group: its number, its price, whether it is taken, and whether its group allows no more."""

    key: str
    name: str
    price: str = ""
    taken: bool = False
    full: bool = False


class GroupView(Struct, frozen=True):
    """A group of options and its rule, such as `one of these`, which is a notice while it is not met."""

    name: str
    rule: StyledText
    options: tuple[OptionView, ...]


class GroupsView(Struct, frozen=True):
    """Groups, and the current option, counted through all of them."""

    groups: tuple[GroupView, ...] = ()
    selected: int | None = None


class TableView(Struct, frozen=True):
    """A table or tab: its number or name, its guests, its user or till, its age, its total.

    `brief` replaces guests, user and age in a narrow column. A `free` one is drawn faint. `more` is a mark
    after the total.
    """

    name: str
    guests: str = ""
    who: StyledText | None = None
    age: StyledText | None = None
    brief: StyledText | None = None
    total: str = ""
    free: bool = False
    more: str = ""


class PlanRow(Struct, frozen=True):
    """A row of the floor plan: an area's title, a hairline, a table with its index, or nothing.

    With `labels` the titles of the columns are shown beside the area's title.
    """

    title: str = ""
    labels: bool = False
    rule: bool = False
    table: TableView | None = None
    place: int = -1


class PlanView(Struct, frozen=True):
    """Tables from top to bottom, column after column.

    Attributes:
        columns: the rows of each column, from left to right; there may be fewer than `across`.
        across: the number of columns side by side.
        selected: the index of the marked table.
        empty: the text if there are none.
    """

    columns: tuple[tuple[PlanRow, ...], ...] = ()
    across: int = 1
    selected: int | None = None
    empty: tuple[str, ...] = ()


class GuestView(Struct, frozen=True):
    """A guest of a split: its number, a remark, the amount it owes, and whether it has paid."""

    name: str
    number: str
    remark: StyledText
    figure: str
    paid: bool = False


class GuestsView(Struct, frozen=True):
    """Guests, and the one who pays next; `close` gives each a single row, with room for the remark."""

    guests: tuple[GuestView, ...] = ()
    selected: int | None = None
    close: bool = False


class FactView(Struct, frozen=True):
    """A label and a fact: `Last key`, `20 s ago`."""

    label: str
    message: StyledText


def fact(label: str, text: str, role: Tone = Tone.TEXT, *, bold: bool = False, mark: Mark | None = None) -> FactView:
    """Return a fact in one style."""
    return FactView(label, StyledText(text, role, bold, mark=mark))


class FactsView(Struct, frozen=True):
    """Facts, one per row."""

    rows: tuple[FactView, ...] = ()


class FigureView(Struct, frozen=True):
    """The most important figure, drawn large. Without drawing characters `sentence` replaces it.

    `under`, and `lowest` below it, are rows under the label of a figure that is not at the foot of a pane. With
    `wide_label`, the label of one that is there is in spaced capitals if they fit.
    """

    figure: str
    label: StyledText | None = None
    role: Tone = Tone.TEXT
    sentence: str = ""
    under: StyledText | None = None
    lowest: StyledText | None = None
    wide_label: bool = False


class CodeView(Struct, frozen=True):
    """A QR code: its text, and its modules by rows, dark ones true."""

    text: str = ""
    modules: tuple[tuple[bool, ...], ...] = ()


class TotalView(Struct, frozen=True):
    """The foot of a pane: text left and right below the hairline, and the figure below that.

    On the left are `left`, `charged`, `also` and `paid` in one sentence. Without room, `also` is dropped first, then
    `left`, then all of `right`, then `charged`, and `paid` last. `tight` is `right` in fewer cells, for where that does
    not fit; in four rows it takes those of the facts at the left too. `filled` is the filled share of the hairline,
    from 0 to 1.
    """

    figure: FigureView
    left: StyledText | None = None
    right: tuple[StyledText, ...] = ()
    also: StyledText | None = None
    paid: StyledText | None = None
    tight: tuple[StyledText, ...] = ()
    filled: float = 0.0
    charged: StyledText | None = None


class SuggestionView(Struct, frozen=True):
    """A completion of the typed text."""

    name: str
    price: str = ""


class EntryView(Struct, frozen=True):
    """The entry band: the text, the cursor's position in characters, the answer, and completions.

    `hint` is shown if there are no suggestions, `tip` (a key and its effect) below a short answer if there
    is room. `masked` shows dots for characters. `offered` text is selected, and typed text replaces it.
    """

    text: str = ""
    cursor: int = 0
    answer: StyledText | None = None
    suggestions: tuple[SuggestionView, ...] = ()
    hint: str = ""
    masked: bool = False
    offered: bool = False
    tip: KeyView | None = None
    shut: bool = False


class NoticeView(Struct, frozen=True):
    """The text of the entry band while nothing is typed there: a bold sentence, the rest, and a second row.

    Without a `mark` the sentence is a hint, not a notice, and is not bold.
    """

    lead: str
    rest: str = ""
    more: str = ""
    mark: Mark | None = Mark.NOTICE


class FieldView(Struct, frozen=True):
    """A labelled field: its text, the name it resolves to, and a detail. The active one has cursor and rule."""

    label: str
    text: str = ""
    known: str = ""
    detail: str = ""
    cursor: int = 0
    masked: bool = False
    active: bool = False


class FieldsView(Struct, frozen=True):
    """Fields, one below another, and a hint beneath them."""

    fields: tuple[FieldView, ...]
    hint: StyledText | None = None


class NoteKeyView(Struct, frozen=True):
    """A key for a note or coin, with the number taken so far."""

    key: str
    label: str
    count: int = 0


class NotesView(Struct, frozen=True):
    """The keys of notes and coins, largest first."""

    keys: tuple[NoteKeyView, ...] = ()


class CellView(Struct, frozen=True):
    """A piece of a row at a column. With `right` it ends in that column; a negative column counts from the right.

    Without room for a `whole` one its mark alone is shown.
    """

    at: int
    message: StyledText
    right: bool = False
    whole: bool = False


class RowBar(Struct, frozen=True):
    """A bar in a row: from a column on, as long as its share (0 to 1) of the width, with a mark at `was`, if any.

    Without drawing characters it is left out, and its figure is shown beside it.
    """

    at: int
    width: int
    share: float
    was: float | None = None
    role: Tone = Tone.FAINT


class RowView(Struct, frozen=True):
    """A row of placed pieces, a hairline with a filled share from 0 to 1, or (with neither) a blank row.

    One that `wraps` is a sentence, which takes as many rows as it needs; one that is `reversed` nobody may overlook.
    """

    cells: tuple[CellView, ...] = ()
    rule: bool = False
    filled: float = 0.0
    bar: RowBar | None = None
    wraps: bool = False
    reversed: bool = False


def cell(
    at: int,
    text: str | StyledText,
    role: Tone = Tone.TEXT,
    *,
    bold: bool = False,
    strike: bool = False,
    mark: Mark | None = None,
    right: bool = False,
    whole: bool = False,
) -> CellView:
    """Return a piece of a row. It ends in its column with `right`, or if the column counts from the right."""
    message = StyledText(text, role, bold, strike, mark) if isinstance(text, str) else text
    return CellView(at, message, right or at < 0, whole)


def in_row(*cells: CellView) -> RowView:
    """Return a row of pieces."""
    return RowView(cells)


def sentence_row(at: int, text: str | StyledText, role: Tone = Tone.TEXT, *, bold: bool = False) -> RowView:
    """Return a sentence, over as many rows as it needs."""
    return RowView((cell(at, text, role, bold=bold),), wraps=True)


class RowsView(Struct, frozen=True):
    """Placed rows: a report, facts, a receipt."""

    rows: tuple[RowView, ...] = ()
    first: int = 0


class CardView(Struct, frozen=True):
    """An entry of several rows, which are marked together."""

    rows: tuple[RowView, ...]


class CardsView(Struct, frozen=True):
    """Entries of several rows, the marked one, and the text if there are none."""

    cards: tuple[CardView, ...] = ()
    selected: int | None = None
    empty: tuple[str, ...] = ()


class BarView(Struct, frozen=True):
    """A bar: its label, its amount, its share of the longest (0 to 1), and a note on the one that stands out."""

    label: str
    amount: str
    share: float
    note: str = ""


class BarsView(Struct, frozen=True):
    """Bars, one per row."""

    bars: tuple[BarView, ...] = ()
