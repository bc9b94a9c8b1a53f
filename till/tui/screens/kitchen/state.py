"""The board at one moment, and the rows of its cards in columns and pages."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from rich.cells import cell_len

from till.domain.events.envelope import read_time
from till.domain.i18n import _, ngettext
from till.domain.order.selling import order_type_name
from till.domain.structs import replace
from till.domain.text import capitalize_first, clean
from till.tui.drawing.cut import cut, split_words
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import CardView, RowView, StyledText, cell, in_row
from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import datetime

    from till.domain.catalogue.menu import Menu
    from till.domain.kitchen.board import BoardTicket, CardLine, TicketCard
    from till.domain.venue import Venue
    from till.ports import Light
    from till.tui.shell.keymap import Keymap

#: The most cards on a page: a digit marks each.
_MOST: Final = 9
#: The columns of a card: its digit, its texts, and its pieces, which end before the sign.
_KEY, _TEXT, _PIECES, _DISH, _UNDER = 2, 4, 3, 7, 6
#: The most rows of a name and of a note on a card, and of all lines of a card.
_NAME_ROWS, _NOTE_ROWS = 2, 3
_MINUTE, _HOUR = timedelta(minutes=1), timedelta(hours=1)


class KitchenState(Struct, frozen=True):
    """The screen at one moment.

    Attributes:
        entry: the entry line: digits mark, and a ticket's number finds it.
        mark: the marked card.
        found: the tickets that were found by their number; None for the board.
        helps: True while the help is shown.
    """

    entry: EntryLine = EMPTY
    mark: tuple[str, str] | None = None
    page: int = 0
    found: tuple[BoardTicket, ...] | None = None
    helps: bool = False
    message: StyledText | None = None

    @property
    def cleared(self) -> KitchenState:
        """The state without what was typed and marked."""
        return replace(self, entry=EMPTY, mark=None)


class TicketsFound(Struct, frozen=True):
    """Tickets were found by their number `typed`."""

    typed: str
    tickets: tuple[BoardTicket, ...]


class TicketMoved(Struct, frozen=True):
    """An act was done: its sentence."""

    sentence: str


class Room(Struct, frozen=True):
    """The room for cards: the number of columns, their width and their height."""

    columns: int = 1
    width: int = 20
    height: int = 10


class KitchenFacts(Struct, frozen=True, dict=True):
    """The cards, and the pages on which they are: each page has columns, each column the indexes of cards."""

    keymap: Keymap
    venue: Venue
    menu: Menu
    boards: tuple[str, ...]
    cards: tuple[TicketCard, ...]
    pages: tuple[tuple[tuple[int, ...], ...], ...]
    now: datetime
    light: Light
    trouble: str = ""
    rest: int = 0

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


def place_text(ticket: BoardTicket) -> str:
    """Return where a ticket goes: its table, or the way in which the order is taken, with the number that is called."""
    place = capitalize_first(clean(ticket.place) or order_type_name(ticket.order_type)) or _("Counter")
    return f"{place} {clean(ticket.called)}".rstrip()


def age_words(age: timedelta) -> str:
    """Return an age in words: now, minutes, hours."""
    if age < _MINUTE:
        return _("now")
    if age < _HOUR:
        return _("{n} min").format(n=age // _MINUTE)
    return _("{h}:{m:02d} h").format(h=age // _HOUR, m=age % _HOUR // _MINUTE)


def card_view(card: TicketCard, digit: str, facts: KitchenFacts, width: int) -> CardView:
    """Return the rows of a card."""
    tone = Tone.FAINT if card.done else Tone.TEXT
    age = StyledText(age_words(facts.age(card)), Tone.MUTED)
    if card.done:
        age = StyledText(_("done"), mark=Mark.APPROVED)
    elif facts.is_late(card):
        age = StyledText(age.text, mark=Mark.NOTICE)
    rows = [
        in_row(cell(_KEY, digit, Tone.ACCENT), cell(_TEXT, place_text(card.first), tone, bold=True), cell(-2, age)),
        *_ticket_rows(card, tone, facts, width),
    ]
    if card.was:
        ways = (_("Moved here from {place}"), _("from {place}"))
        words = next(
            (one for one in (way.format(place=clean(card.was)) for way in ways) if cell_len(one) < width - _KEY), ""
        )
        words = words or cut(ways[1].format(place=clean(card.was)), width - _KEY - 1)
        rows.append(in_row(cell(_KEY, words, Tone.MUTED)))
    if card.first.revoked is not None:
        words = _("till {till} revoked").format(till=card.first.revoked)
        rows.append(in_row(cell(_TEXT, words, mark=Mark.NOTICE)))
    for line in card.lines:
        if not line.held:
            rows += _line_rows(line, tone, facts, width)
    rows += _held_rows(card, facts, width)
    if card.left_out:
        words = ngettext("and {n} more line", "and {n} more lines", card.left_out).format(n=card.left_out)
        rows.append(in_row(cell(_TEXT, words, mark=Mark.NOTICE)))
    return CardView(tuple(rows))


def parts_of(card: TicketCard, facts: KitchenFacts, room: Room) -> Iterator[TicketCard]:
    """Yield a card in parts that fit a column each, under the same heading: a list in a kitchen does not scroll."""
    lines: list[CardLine] = []
    for line in card.lines:
        part = replace(card, lines=(*lines, line))
        if lines and len(card_view(part, "", facts, room.width).rows) > room.height:
            yield replace(card, lines=tuple(lines))
            lines = []
        lines.append(line)
    yield replace(card, lines=tuple(lines))


def _ticket_rows(card: TicketCard, tone: Tone, facts: KitchenFacts, width: int) -> Iterator[RowView]:
    """Yield what a card is: its kind or its course, its number, and who sent it. The course stands whole."""
    ticket, course = card.first, facts.menu.course_name(card.course) if card.course else ""
    kind = _KINDS.get(card.kind, StyledText(card.kind.upper()))
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
            f"{_('of')} {clean(ticket.of)}",
        )
    taken = _TEXT + 2 + (2 if kind.mark is not None else 0) + cell_len(kind.text)
    who = next((one for one in ways if cell_len(one) <= width - taken), ways[-1])
    yield in_row(cell(_TEXT, kind if not card.done else StyledText(kind.text, tone)), cell(-2, who, Tone.MUTED))
    if course:
        yield in_row(cell(_TEXT, cut(course, width - _TEXT - 1), Tone.MUTED))


#: The word of each kind of ticket.
_KINDS: Final = {
    "new": StyledText(_("NEW"), Tone.MUTED),
    "more": StyledText(_("+ MORE"), bold=True),
    "void": StyledText(_("VOID"), Tone.BAD, bold=True, mark=Mark.REFUSED),
    "changed": StyledText(_("CHANGED"), bold=True, mark=Mark.NOTICE),
    "moved": StyledText(_("MOVED"), bold=True),
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
    for more in (*line.choices, line.note):
        for part in _wrapped(clean(more), width - _UNDER - 1, _NOTE_ROWS):
            yield in_row(cell(_UNDER, part, Tone.MUTED if tone is Tone.TEXT else tone))


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


def paginate(heights: Sequence[int], room: Room) -> tuple[tuple[tuple[int, ...], ...], ...]:
    """Return pages of columns of cards, filled in order, with a blank row between two cards."""
    pages: list[list[list[int]]] = []
    left = count = 0
    for index, height in enumerate(heights):
        tall = min(height, room.height)
        if not pages or count == _MOST or (tall > left and len(pages[-1]) == room.columns):
            pages.append([[]])
            left, count = room.height, 0
        elif tall > left:
            pages[-1].append([])
            left = room.height
        pages[-1][-1].append(index)
        left -= tall + 1
        count += 1
    return tuple(tuple(map(tuple, page)) for page in pages)
