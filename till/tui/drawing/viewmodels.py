"""What a widget draws: frozen, already worded and formatted, and ignorant of what an order is.

A widget compares views, so equal content means nothing to paint, and the same object means nothing to compare. Whoever
makes views should hand on the objects that did not change. Structs and no dataclasses: thirty of those cost the first
paint ten milliseconds, and every key makes some forty views. `msgspec.structs.replace` makes changed copies.
"""

from __future__ import annotations

from msgspec import Struct

from till.tui.drawing.palette import Mark, Tone


class StyledText(Struct, frozen=True):
    """A piece of text and how it is said. With a `mark` its symbol stands in front, in the role of the mark."""

    text: str
    role: Tone = Tone.TEXT
    bold: bool = False
    strike: bool = False
    mark: Mark | None = None


class StatusView(Struct, frozen=True):
    """The status bar: where, who, when, and the light; `brief` is the light where there is no room for all of it.

    `training` is the word to show reversed, or nothing.
    """

    venue: str
    till: str
    staff: str = ""
    daypart: str = ""
    time: str = ""
    light: StyledText | None = None
    training: str = ""
    brief: StyledText | None = None


class HeadView(Struct, frozen=True):
    """The head of a pane: a bold title, what is wrong with what it heads, a muted detail, a muted note flush right."""

    title: str = ""
    detail: str = ""
    note: str = ""
    flag: StyledText | None = None


class TitleView(Struct, frozen=True):
    """The title of a sheet or of a side of it.

    Attributes:
        tabs: what it can be about, and which of them it is about, `active`; the key that turns them is `key`.
        note: muted, flush right, before the `sum`, which is bold.
        ruled: whether a hairline stands under it.
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
    """The head of the menu: the names of its parts and which one is shown; the last `later` are not sold now."""

    names: tuple[str, ...]
    active: int = 0
    note: str = ""
    later: int = 0


class KeyView(Struct, frozen=True):
    """A key and what it does. `short` is the word for a narrow screen; a `spare` key is left out first."""

    key: str
    word: str
    short: str = ""
    spare: bool = False


class KeysView(Struct, frozen=True):
    """The key bar; the primary key stands at the far right, or a note where only waiting helps.

    What stands `above` has a row of its own where the bar has two, else it stands among the keys.
    """

    keys: tuple[KeyView, ...]
    primary: KeyView | None = None
    note: StyledText | None = None
    above: tuple[KeyView, ...] = ()


class ModifierView(Struct, frozen=True):
    """What stands under a line: a modifier or a note, and what it costs (`+20.00`) if it costs."""

    text: str
    price: str = ""


class LineView(Struct, frozen=True):
    """A line of an order. A discount has no quantity; `unit` is empty when one was sold; `void` is reason and time."""

    name: str
    amount: str
    quantity: str = ""
    unit: str = ""
    modifiers: tuple[ModifierView, ...] = ()
    void: str | None = None


class OrderView(Struct, frozen=True):
    """An order: its lines, the selected one, and the sentences that stand in an empty one."""

    lines: tuple[LineView, ...] = ()
    selected: int | None = None
    empty: tuple[str, ...] = ()


class ItemView(Struct, frozen=True):
    """An item on the menu board. `open` says that it is sold at another time than its category; None for the same.

    What is not sold now at a time of its own has that time in place of a price. `marks` are the stretches of the name
    that were typed, by their first character and the one after the last.
    """

    number: str
    name: str
    price: str
    sold_out: bool = False
    open: bool | None = None
    marks: tuple[tuple[int, int], ...] = ()


class CategoryView(Struct, frozen=True):
    """A category on the menu board. `note` is its daypart (`until 11:30`); when not `open` all of it is faint."""

    name: str
    items: tuple[ItemView, ...]
    note: str = ""
    open: bool = True

    def holds(self, item: ItemView) -> bool:
        """Whether an item of it is sold at this hour."""
        return self.open if item.open is None else item.open


class BoardView(Struct, frozen=True):
    """The menu board.

    Attributes:
        categories: in their order; one may stand there twice, with what is sold now and with what is not.
        selected: the selected item, counted through all of them.
        empty: what stands there when there are none.
        home: the first item that is sold at this hour.
        later: how many of the categories, at the end, are not sold now.
        turns: the key that shows them, where they are on further pages.
        found: how many items fit what is typed, and how many there are: the board holds those that fit.
    """

    categories: tuple[CategoryView, ...] = ()
    selected: int | None = None
    empty: tuple[str, ...] = ()
    home: int = 0
    later: int = 0
    turns: str = ""
    found: tuple[int, int] | None = None


class Board(Struct, frozen=True):
    """The menu as it is shown: the view, and the item ids in the order that the board counts them."""

    view: BoardView
    item_ids: tuple[str, ...]


class ChoiceView(Struct, frozen=True):
    """A row to choose: staff, a tab, a kept order, a way to pay, an answer. `right` stands flush right.

    One that is `off` cannot be had now, and says why in its detail.
    """

    key: str
    name: str
    detail: StyledText | None = None
    right: StyledText | None = None
    off: bool = False


class ChoicesView(Struct, frozen=True):
    """Rows to choose from, the selected one, and what stands there when there are none.

    Where it `rests` they are not those that the keys are for: their keys are muted, and what is chosen keeps its band
    without the bar.
    """

    rows: tuple[ChoiceView, ...] = ()
    selected: int | None = None
    empty: tuple[str, ...] = ()
    rests: bool = False


class OptionView(Struct, frozen=True):
    """An option of a group: its number, what it costs, whether it is taken, and whether no more of its group may be."""

    key: str
    name: str
    price: str = ""
    taken: bool = False
    full: bool = False


class GroupView(Struct, frozen=True):
    """A group of options and its rule: `one of these`, which stands as a notice where it is still to be done."""

    name: str
    rule: StyledText
    options: tuple[OptionView, ...]


class GroupsView(Struct, frozen=True):
    """Groups, and the option that is gone to, counted through all of them."""

    groups: tuple[GroupView, ...] = ()
    selected: int | None = None


class TableView(Struct, frozen=True):
    """A table or tab: its number or name, its guests, who is at it or where it stands, how long, what it comes to.

    `brief` is what a narrow column says in the place of guests, who and age. A `free` one is faint.
    """

    name: str
    guests: str = ""
    who: StyledText | None = None
    age: StyledText | None = None
    brief: StyledText | None = None
    total: str = ""
    free: bool = False


class PlanRow(Struct, frozen=True):
    """A row of the plan of tables: a part's title, a hairline, a table with its place, or nothing.

    `labels` stand over the columns beside the title.
    """

    title: str = ""
    labels: bool = False
    rule: bool = False
    table: TableView | None = None
    place: int = -1


class PlanView(Struct, frozen=True):
    """Tables from above to below, column after column.

    Attributes:
        columns: their rows, from left to right; there may be fewer than stand side by side.
        across: how many stand side by side.
        selected: the place of the one that is marked.
        empty: what stands there when there are none.
    """

    columns: tuple[tuple[PlanRow, ...], ...] = ()
    across: int = 1
    selected: int | None = None
    empty: tuple[str, ...] = ()


class GuestView(Struct, frozen=True):
    """A guest who pays apart: its number, what is to be said of it, what it owes, and whether it has paid."""

    name: str
    number: str
    told: StyledText
    figure: str
    paid: bool = False


class GuestsView(Struct, frozen=True):
    """Guests, and the one who pays next."""

    guests: tuple[GuestView, ...] = ()
    selected: int | None = None


class FactView(Struct, frozen=True):
    """A label and what is so: `Last key`, `20 s ago`."""

    label: str
    message: StyledText


class FactsView(Struct, frozen=True):
    """Facts one under another."""

    rows: tuple[FactView, ...] = ()


class FigureView(Struct, frozen=True):
    """The figure that matters, drawn large. `sentence` is said in its place without drawing characters.

    `under`, and `lowest` below it, stand under the label of one that is not at the foot of a pane.
    """

    figure: str
    label: StyledText | None = None
    role: Tone = Tone.TEXT
    sentence: str = ""
    under: StyledText | None = None
    lowest: StyledText | None = None


class CodeView(Struct, frozen=True):
    """A code that a phone reads: the text in it, and its modules by rows, dark ones true."""

    text: str = ""
    modules: tuple[tuple[bool, ...], ...] = ()


class TotalView(Struct, frozen=True):
    """The foot of a pane: what stands left and right under the hairline, and the figure below.

    Left stand `left`, `also` and `paid`, in one sentence. Where there is no room `also` goes first, then `left`, then
    `right`, all of it, and `paid` last of all. Of what is `counted` at the right as much stands as fits, and `…` for
    the others. So much of the hairline is filled, of 1.
    """

    figure: FigureView
    left: StyledText | None = None
    right: tuple[StyledText, ...] = ()
    also: StyledText | None = None
    paid: StyledText | None = None
    counted: bool = False
    filled: float = 0.0


class SuggestionView(Struct, frozen=True):
    """One way to complete what is typed."""

    name: str
    price: str = ""


class EntryView(Struct, frozen=True):
    """The entry band: what is typed, where the cursor stands in it (in characters), the answer, what may complete it.

    `hint` stands where suggestions would when there are none, `tip` (a key and what it does) under a short answer where
    there is room. `masked` shows dots in place of characters. Text that is `offered` is selected: what is typed next
    takes its place.
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
    """What the entry band says when nothing is typed there: a sentence in bold, the rest, and a second row.

    Without a `mark` the sentence is no notice but a hint, and is not bold.
    """

    lead: str
    rest: str = ""
    more: str = ""
    mark: Mark | None = Mark.NOTICE


class FieldView(Struct, frozen=True):
    """A labelled field: what is typed, once known whose it is, and a detail. The active one has cursor and rule."""

    label: str
    text: str = ""
    known: str = ""
    detail: str = ""
    cursor: int = 0
    masked: bool = False
    active: bool = False


class FieldsView(Struct, frozen=True):
    """Fields one under another, and a hint beneath them."""

    fields: tuple[FieldView, ...]
    hint: StyledText | None = None


class NoteKeyView(Struct, frozen=True):
    """A key that stands for a note or coin. `count` is how many were taken."""

    key: str
    label: str
    count: int = 0


class NotesView(Struct, frozen=True):
    """The keys of notes and coins, largest first."""

    keys: tuple[NoteKeyView, ...] = ()


class CellView(Struct, frozen=True):
    """A piece of a row at a column. With `right` it ends there, in that very column; below 0 counts from the right."""

    at: int
    message: StyledText
    right: bool = False


class RowView(Struct, frozen=True):
    """A row of placed pieces, or a hairline, or (with neither) a blank row. So much of a hairline is filled, of 1."""

    cells: tuple[CellView, ...] = ()
    rule: bool = False
    filled: float = 0.0


class RowsView(Struct, frozen=True):
    """Placed rows: a report, facts, a receipt."""

    rows: tuple[RowView, ...] = ()
    first: int = 0


class CardView(Struct, frozen=True):
    """An entry of several rows, which are marked together."""

    rows: tuple[RowView, ...]


class CardsView(Struct, frozen=True):
    """Entries of several rows one under another, the marked one, and what stands there when there are none."""

    cards: tuple[CardView, ...] = ()
    selected: int | None = None
    empty: tuple[str, ...] = ()


class BarView(Struct, frozen=True):
    """One bar: its label, its amount, its share of the longest (0 to 1), and a word behind the one that stands out."""

    label: str
    amount: str
    share: float
    note: str = ""


class BarsView(Struct, frozen=True):
    """Bars one under another."""

    bars: tuple[BarView, ...] = ()
