"""The state and facts of the board, the widgets that show them, and the rows of its cards in columns and pages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from textual.geometry import Region
from typing_extensions import override

from till.domain.events.envelope import read_time
from till.domain.i18n import N_, _, ngettext
from till.domain.kitchen.board import pieces_to_make
from till.domain.order.guest_words import head_words, seen_in_kitchen
from till.domain.order.naming import order_type_name, tab_name
from till.domain.structs import replace
from till.domain.text import capitalize_first, clean
from till.ports import LightState
from till.tui.drawing.cut import cell_len, cut, split_words
from till.tui.drawing.layout import DIVIDER, TWO_PANES, margin
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.screen import TillScreen
from till.tui.drawing.viewmodels import (
    CardsView,
    CardView,
    CellView,
    FigureView,
    HeadView,
    RowsView,
    RowView,
    StatusView,
    StyledText,
    TotalView,
    cell,
    in_row,
)
from till.tui.drawing.widgets.cards import Cards
from till.tui.drawing.widgets.report import ReportRows
from till.tui.drawing.widgets.total import TALL_FOOT, TotalPane
from till.tui.shell.entry_line import EMPTY, EntryLine
from till.tui.shell.light import light_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from datetime import datetime

    from textual.widget import Widget

    from till.domain.catalogue.menu import Menu
    from till.domain.kitchen.board import BoardTicket, CardLine, TicketCard
    from till.domain.venue import Venue
    from till.ports import Light
    from till.tui.drawing.layout import Areas
    from till.tui.shell.keymap import Keymap

#: The most columns, the least width of one, and the gap between two.
_MOST: Final = 4
_LEAST: Final = 24
_GAP: Final = 2
#: The rows of the foot of a low screen: its hairline, and two of pieces.
_LOW_FOOT: Final = 3


class KitchenState(Struct, frozen=True):
    """The screen at one moment.

    Attributes:
        entry: the entry line: digits mark, and a ticket's number finds it.
        mark: the marked card.
        found: the tickets that were found by their number; None for the board.
        helps: True while the help is shown.
        asked: the card that was done a moment ago, if Enter again brings it back.
    """

    entry: EntryLine = EMPTY
    mark: tuple[str, str] | None = None
    asked: tuple[str, str] | None = None
    page: int = 0
    found: tuple[BoardTicket, ...] | None = None
    helps: bool = False
    message: StyledText | None = None

    @property
    def cleared(self) -> KitchenState:
        """The state without what was typed and marked."""
        return replace(self, entry=EMPTY, mark=None, asked=None)


class KitchenFacts(Struct, frozen=True, dict=True):
    """The cards, their rows, and the pages on which they are: each page has columns, each column indexes of cards.

    `left` are the items of which few are left, in words.
    """

    keymap: Keymap
    venue: Venue
    menu: Menu
    boards: tuple[str, ...]
    now: datetime
    light: Light
    cards: tuple[TicketCard, ...] = ()
    rows: tuple[tuple[RowView, ...], ...] = ()
    pages: tuple[tuple[tuple[int, ...], ...], ...] = ()
    trouble: str = ""
    rest: int = 0
    left: str = ""

    def page_of(self, state: KitchenState) -> tuple[tuple[int, ...], ...]:
        """Return the columns of the page that is shown."""
        return self.pages[min(state.page, len(self.pages) - 1)] if self.pages else ()

    def shown(self, state: KitchenState) -> list[int]:
        """Return the indexes of the cards of the page, in the order of their digits."""
        return [index for column in self.page_of(state) for index in column]

    @property
    def revoked(self) -> bool:
        """True if tickets of a revoked till wait here."""
        return any(one.revoked is not None and not one.done for card in self.cards for one in card.tickets)

    def marked(self, state: KitchenState) -> TicketCard | None:
        """Return the marked card."""
        return next((card for card in self.cards if card.key == state.mark), None)

    def age(self, card: TicketCard) -> timedelta:
        """Return how long a card waits, by the time of the server."""
        return max(timedelta(), self.now - card.sent_at)

    def is_late(self, card: TicketCard) -> bool:
        """True if a card waits too long."""
        limit = self.venue.settings.kitchen_minutes
        return limit > 0 and self.age(card) >= limit * _MINUTE and not card.done


class KitchenDisplay(TillScreen):
    """Columns of cards over the age of the marked one and all pieces still to be made."""

    def __init__(self) -> None:
        super().__init__()
        self.columns = [Cards(CardsView()) for _number in range(_MOST)]
        self.column_0, self.column_1, self.column_2, self.column_3 = self.columns
        self.total = TotalPane(TotalView(FigureView("")), inset=1)
        self.pieces = ReportRows(RowsView())

    @property
    def room(self) -> Room:
        """The room for cards at the current size."""
        found = self.grid
        return _room(found) if found is not None else Room()

    @override
    def lay(self, found: Areas) -> Mapping[Widget, Region | None]:
        """Place the columns side by side over the whole width. A low screen has no figure: each card has its age."""
        places = dict(super().lay(found))
        room, edge, width = _room(found), found.body.x, found.keys.width
        wide = Region(edge, found.head.y, width - 2 * edge, _top(found) - found.head.y)
        split = DIVIDER - edge if width >= TWO_PANES else (width - 2 * edge) // 2
        foot, top = found.total, _top(found)
        places |= {self.head: wide, self.divider: None}
        if _is_low(found):
            places |= {self.pieces: Region(edge, top + room.height, wide.width, _LOW_FOOT)}
        else:
            places |= {self.total: Region(edge, foot.y, split, foot.height)}
            places |= {self.pieces: Region(edge + split, foot.y, wide.width - split, foot.height)}
        for number, column in enumerate(self.columns):
            if number < room.columns:
                places[column] = Region(edge + 1 + number * (room.width + _GAP), top, room.width, room.height)
        return places


def _is_low(found: Areas) -> bool:
    return _LOW_FOOT < found.total.height < TALL_FOOT


def _top(found: Areas) -> int:
    return found.head.y + 1 if _is_low(found) else found.body.y


def _room(found: Areas) -> Room:
    width = found.keys.width - 2 * margin(found.keys.width)
    columns = max(1, min(_MOST, width // (_LEAST + 1)))
    height = found.total.bottom - _LOW_FOOT - _top(found) if _is_low(found) else found.body.height
    return Room(columns, width // columns - _GAP, height)


#: The columns of a card: its digit, its texts, and its pieces, which end before the sign.
_KEY, _TEXT, _PIECES, _DISH, _UNDER = 2, 4, 3, 7, 6
#: The cells of the first row of a card besides its place and its age: the digit, the mark, and blanks.
_MARKED: Final = 8
#: The most rows of a name and of a note on a card.
_NAME_ROWS, _NOTE_ROWS = 2, 3
#: The most cards on a page: a digit marks each.
_CARDS: Final = 9
#: The most cells of a name among the pieces, and those beside it.
_NAME: Final = 28
_BESIDE: Final = 8
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


class Room(Struct, frozen=True):
    """The room for cards: the number of columns, their width and their height."""

    columns: int = 1
    width: int = 20
    height: int = 10


def place_text(ticket: BoardTicket) -> str:
    """Return where a ticket goes: its table, or the way in which the order is taken, with the number that is called."""
    place = capitalize_first(tab_name(ticket.place) or order_type_name(ticket.order_type)) or _("Counter")
    return f"{place} {clean(ticket.called)}".rstrip()


def age_words(age: timedelta) -> str:
    """Return an age in words: now, minutes, hours."""
    if age < _MINUTE:
        return _("now")
    if age < _HOUR:
        return _("{n} min").format(n=age // _MINUTE)
    return _("{h}:{m:02d} h").format(h=age // _HOUR, m=age % _HOUR // _MINUTE)


def card_view(rows: tuple[RowView, ...], digit: str) -> CardView:
    """Return the view of a card that a digit marks, from its rows."""
    first = in_row(cell(_KEY, digit, Tone.ACCENT), *rows[0].cells)
    return CardView((first, *rows[1:]))


def _card_rows(card: TicketCard, facts: KitchenFacts, width: int) -> tuple[RowView, ...]:
    """Return the rows of a card, without the digit that marks it."""
    tone = Tone.FAINT if card.done else Tone.TEXT
    age = StyledText(age_words(facts.age(card)), Tone.MUTED)
    if card.done:
        age = StyledText(_("done"), mark=Mark.APPROVED)
    elif facts.is_late(card):
        age = StyledText(age.text, mark=Mark.NOTICE)
    place, minutes = place_text(card.first), facts.age(card) // _MINUTE
    if _MARKED + cell_len(place) + cell_len(age.text) > width and not card.done:  # a table's number is not cut
        age = replace(age, text=f"{minutes}′")
    rows = [
        in_row(cell(_TEXT, place, tone, bold=True), cell(-2, age)),
        *_ticket_rows(card, tone, facts, width),
    ]
    if card.was:
        ways = (_("Moved here from {place}"), _("from {place}"))
        words = next(
            (one for one in (way.format(place=tab_name(card.was)) for way in ways) if cell_len(one) < width - _KEY), ""
        )
        words = words or cut(ways[1].format(place=tab_name(card.was)), width - _KEY - 1)
        rows.append(in_row(cell(_KEY, words, Tone.MUTED)))
    if card.first.revoked is not None:
        words = _("till {till} revoked").format(till=card.first.revoked)
        rows.append(in_row(cell(_TEXT, words, mark=Mark.NOTICE)))
    rows += _head_rows(card, facts, width)
    for line in card.lines:
        if not line.held:
            rows += _line_rows(line, tone, facts, width)
    rows += _held_rows(card, facts, width)
    if card.left_out:
        words = ngettext("and {n} more line", "and {n} more lines", card.left_out).format(n=card.left_out)
        rows.append(in_row(cell(_TEXT, words, mark=Mark.NOTICE)))
    return tuple(rows)


def _head_rows(card: TicketCard, facts: KitchenFacts, width: int) -> Iterator[RowView]:
    """Yield what holds of the order: its allergies whole, then its preferences and its note."""
    allergies, others = head_words(seen_in_kitchen(card.head, facts.venue.settings.kitchen_preferences))
    for words in allergies:
        first, *rest = _whole(words, width - _TEXT - 1)
        yield replace(in_row(cell(_KEY, first, mark=Mark.NOTICE, bold=True)), reversed=True)
        yield from (replace(in_row(cell(_TEXT, part, bold=True)), reversed=True) for part in rest)
    for words in others:
        yield from (in_row(cell(_TEXT, part, bold=True)) for part in _wrapped(words, width - _TEXT - 1, _NOTE_ROWS))


def drawn_parts(card: TicketCard, facts: KitchenFacts, room: Room) -> Iterator[tuple[TicketCard, tuple[RowView, ...]]]:
    """Yield a card with its rows, in parts that fit a column each: a list in a kitchen does not scroll."""
    part, rows = card, _card_rows(card, facts, room.width)
    while len(rows) > room.height and len(part.lines) > 1:
        fits, lines = 1, part.lines
        while len(_card_rows(first := replace(part, lines=lines[: fits + 1]), facts, room.width)) <= room.height:
            fits += 1
        first = replace(part, lines=lines[:fits])
        yield first, _card_rows(first, facts, room.width)
        part = replace(part, lines=lines[fits:])
        rows = _card_rows(part, facts, room.width)
    yield part, rows


def _ticket_rows(card: TicketCard, tone: Tone, facts: KitchenFacts, width: int) -> Iterator[RowView]:
    """Yield what a card is: its kind or its course, its number, and who sent it. The course stands whole."""
    ticket, course = card.first, facts.menu.course_name(card.course) if card.course else ""
    kind = _KINDS.get(card.kind, StyledText(card.kind.upper()))
    kind = replace(kind, text=_(kind.text))
    number = clean(ticket.ticket)
    named = f"{clean(ticket.station)} {number}" if len(facts.boards) > 1 else number  # each station counts for itself
    ways: tuple[str, ...] = tuple(f"{one} {clean(ticket.who)}".rstrip() for one in (named, number))
    ways = (ways[0], named, ways[1], number)
    if card.kind == "new" and course:
        words = (f"{course} · {one}" for one in ways)
        fits = next((one for one in words if cell_len(one) < width - _KEY), cut(course, width - _KEY - 1))
        yield in_row(cell(_KEY, fits, Tone.MUTED))
        return
    if ticket.of:
        ways = (
            _("{number} of {ticket}").format(number=number, ticket=clean(ticket.of)),
            _("of {receipt}").format(receipt=clean(ticket.of)),
        )
    taken = _TEXT + 2 + (2 if kind.mark is not None else 0) + cell_len(kind.text)
    who = next((one for one in ways if cell_len(one) <= width - taken), ways[-1])
    yield in_row(cell(_TEXT, kind if not card.done else StyledText(kind.text, tone)), cell(-2, who, Tone.MUTED))
    if course:
        yield in_row(cell(_TEXT, cut(course, width - _TEXT - 1), Tone.MUTED))


#: The word of each kind of ticket.
_KINDS: Final = {
    "new": StyledText(N_("NEW"), Tone.MUTED),
    "more": StyledText(N_("+ MORE"), bold=True),
    "void": StyledText(N_("VOID"), Tone.BAD, bold=True, mark=Mark.REFUSED),
    "changed": StyledText(N_("CHANGED"), bold=True, mark=Mark.NOTICE),
    "moved": StyledText(N_("MOVED"), bold=True),
}


def _line_rows(line: CardLine, tone: Tone, facts: KitchenFacts, width: int) -> Iterator[RowView]:
    """Yield the rows of a dish: its name, its choices and its note, each over some rows if it is long."""
    is_void = bool(line.voided_at)
    tone = Tone.MUTED if is_void or line.moved else tone
    count = StyledText(str(line.pieces), tone, bold=not is_void, mark=Mark.REFUSED if is_void else None)
    head = (cell(_PIECES, count, right=True), cell(_PIECES + 2, "×", Tone.MUTED))
    names = _wrapped(clean(line.name), width - _DISH - 1, _NAME_ROWS) or [""]
    cells = [[cell(_DISH, name, tone, bold=not is_void, strike=is_void)] for name in names]
    words = _("moved here") if line.moved else ""
    if is_void:
        words = _("void {time}").format(time=f"{facts.venue.local(read_time(line.voided_at)):%H:%M}")
    end = _DISH + cell_len(names[-1]) + 1
    if words and end + cell_len(words) < width:
        cells[-1].append(cell(end, words, tone))
    elif words:
        cells.append([cell(_DISH, words, tone)])
    yield in_row(*(head if line.pieces else ()), *cells[0])
    yield from (in_row(*one) for one in cells[1:])
    for more in (order_type_name(line.order_type).upper(), *line.choices, line.note):
        for part in _wrapped(clean(more), width - _UNDER - 1, _NOTE_ROWS):
            yield in_row(cell(_UNDER, part, Tone.MUTED if tone is Tone.TEXT else tone))
    for part in _whole(line.contents, width - _UNDER - 1) if line.contents else ():
        yield in_row(cell(_UNDER, part, bold=True))


def _held_rows(card: TicketCard, facts: KitchenFacts, width: int) -> Iterator[RowView]:
    """Yield the dishes that are held, by their course, all of them named."""
    dishes: dict[int | None, list[str]] = {}
    for line in card.lines:
        if line.held:
            dishes.setdefault(line.course, []).append(f"{line.pieces} {clean(line.name)}")
    for course, named in dishes.items():
        text = _("○ {course}:").format(course=facts.menu.course_name(course)) if course else _("○ held:")
        room = width - _TEXT - 1
        for dish in ", ".join(named).replace(", ", ",\n").splitlines():  # a dish is not parted from its pieces
            if cell_len(text) + 1 + cell_len(dish) > room:
                yield in_row(cell(_TEXT, text, Tone.FAINT))
                text = cut(dish, room)
            else:
                text = f"{text} {dish}"
        yield in_row(cell(_TEXT, text, Tone.FAINT))


def _wrapped(text: str, width: int, rows: int) -> list[str]:
    """Return the rows of a text, the last one cut."""
    found: list[str] = []
    while text and len(found) < rows - 1 and cell_len(text) > width:
        first, rest = split_words(text, width)
        if not first:  # a word that is longer than the row
            break
        found.append(first)
        text = rest
    return [*found, cut(text, width)] if text else found


def _whole(text: str, width: int) -> list[str]:
    """Return the rows of a text that is never cut: a word that is longer than a row goes on in the next."""
    found: list[str] = []
    while cell_len(text) > width:
        first, rest = split_words(text, width)
        if not first:
            count = next(n for n in range(len(text), 0, -1) if cell_len(text[:n]) <= width or n == 1)
            first, rest = text[:count], text[count:]
        found.append(first)
        text = rest
    return [*found, text]


def paginate(heights: Sequence[int], room: Room) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Return pages of columns of cards, filled in order, with a blank row between two cards."""
    pages: list[list[list[int]]] = []
    left = count = 0
    for index, height in enumerate(heights):
        tall = min(height, room.height)
        if not pages or count == _CARDS or (tall > left and len(pages[-1]) == room.columns):
            pages.append([[]])
            left, count = room.height, 0
        elif tall > left:
            pages[-1].append([])
            left = room.height
        pages[-1][-1].append(index)
        left -= tall + 1
        count += 1
    return tuple(tuple(map(tuple, page)) for page in pages)


def status_view(facts: KitchenFacts) -> StatusView:
    """Return the status bar: what the board is for, and how many cards are to be made."""
    light = light_text(facts.light, facts.venue, brief=facts.light.state is LightState.OFFLINE)
    waiting = len({card.key for card in facts.cards if not card.done}) + facts.rest
    now = facts.venue.local(facts.now)
    return StatusView(
        facts.venue.settings.name,
        ", ".join(map(clean, facts.boards)) or _("Kitchen"),
        ngettext("{n} to make", "{n} to make", waiting).format(n=waiting),
        time=f"{now:%H:%M}",
        training=_("TRAINING") if facts.venue.training else "",
        light=light,
        brief=light_text(facts.light, facts.venue, brief=True),
    )


def head_view(page: int, facts: KitchenFacts, *, found: bool) -> HeadView:
    """Return the heading, with how many cards are on other pages."""
    if found:
        return HeadView(_("Found"), _("Esc: back to the board"))
    beyond = sum(len(column) for one in facts.pages[page + 1 :] for column in one) + facts.rest
    more = _("{n} more  PgDn").format(n=beyond) if beyond else ""
    if not more and len(facts.pages) > 1:
        more = _("page {page} of {pages}").format(page=page + 1, pages=len(facts.pages))
    return HeadView(_("To make"), facts.left or _("oldest first"), more)


def total_view(marked: TicketCard | None, facts: KitchenFacts) -> TotalView:
    """Return the age of the marked card, or of the oldest one."""
    card = marked or next((one for one in facts.cards if not one.done), None)
    if card is None:
        return TotalView(FigureView(""))
    minutes, late = int(facts.age(card).total_seconds()) // 60, facts.is_late(card)
    label = StyledText(_("Waits min"), Tone.WARN if late else Tone.TEXT, bold=True)
    limit = StyledText(_("over {n}").format(n=facts.venue.settings.kitchen_minutes), mark=Mark.NOTICE) if late else None
    words = _("marked: {place}, ticket {ticket}") if marked is not None else _("oldest: {place}, ticket {ticket}")
    left = StyledText(words.format(place=place_text(card.first), ticket=clean(card.first.ticket)), Tone.MUTED)
    sentence = _("{place} waits {n} min.").format(place=place_text(card.first), n=minutes)
    return TotalView(FigureView(str(minutes), label, Tone.TEXT, sentence=sentence, under=limit), left)


def pieces_view(facts: KitchenFacts, width: int, height: int, *, tall: bool) -> RowsView:
    """Return all pieces still to be made, in as many columns as have room for the names."""
    found = pieces_to_make(facts.cards)
    longest = max((cell_len(clean(name)) for name, _count in found), default=0)
    columns = max(1, width // (min(longest, _NAME) + _BESIDE))
    across = width // columns
    rows = max(1, height - (3 if tall else 1))
    rest = len(found) - rows * columns
    if rest > 0 and not tall:  # its words take the last place
        rest += 1
    placed: list[list[CellView]] = [[] for _row in range(rows)]
    for place, (name, count) in enumerate(found[: len(found) - max(rest, 0)]):
        at = place // rows * across
        placed[place % rows] += [
            cell(at + 2, str(count), bold=True, right=True),
            cell(at + 4, "×", Tone.MUTED),
            cell(at + 6, cut(clean(name), across - 7)),
        ]
    more = StyledText(_("{n} more kinds").format(n=rest), Tone.MUTED)
    note = (cell(-2, more),) if rest > 0 else ()
    if not tall:
        placed[-1] += note
    head = (in_row(cell(2, _("All of it"), bold=True), *note), RowView()) if tall else ()
    return RowsView((RowView(rule=True), *head, *(in_row(*cells) for cells in placed)))
