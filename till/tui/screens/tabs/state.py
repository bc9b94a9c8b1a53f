"""What the screen of tables knows of itself, and what it is told of the till: all of it frozen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.i18n import _
from till.domain.text import is_code
from till.register.tabs.names import label_of, table_of
from till.register.tabs.open_tabs import tabs_named
from till.tui.screens.tabs.acts import read_act
from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from till.domain.money.formats import Formats
    from till.domain.order.state import Order
    from till.domain.venue import Venue, VenueTable
    from till.register.answers import Answers
    from till.register.tabs.open_tabs import OpenTab
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.screens.tabs.acts import TabAct
    from till.tui.shell.keymap import Keymap

#: Rows of a head with its hairline.
_HEAD: Final = 2
#: Behind all parts of the room that have a name.
_LAST: Final = 1_000_000
#: The head over tabs that are no tables.
BY_NAME: Final = _("Tabs by name")


class Place(Struct, frozen=True):
    """A tab that is open, or a table that is free.

    Attributes:
        key: names it, for as long as it is there.
        label: its number or name, as short as can be.
        name: the same as people call it: `table 5`.
        part: the part of the room; empty where nobody said, None for a tab that is no table.
    """

    key: str
    label: str
    name: str
    part: str | None
    tab: OpenTab | None = None


class TablesState(Struct, frozen=True):
    """The screen at one moment.

    Attributes:
        marked: the place that was marked last, by its key; None while nobody marked one.
        longest_first: whether the longest open stand first, or all go by number and name.
        unconfirmed: what was asked back; the same key again on it means it.
    """

    entry: EntryLine = EMPTY
    message: StyledText | None = None
    marked: str | None = None
    longest_first: bool = False
    unconfirmed: str = ""


class Room(Struct, frozen=True):
    """How many columns of tables stand side by side, and how many rows each has.

    Attributes:
        wide: whether a head has a row of its own and a hairline, beside the rows: it says what the columns are.
    """

    columns: int
    rows: int
    wide: bool


class TablesFacts(Struct, frozen=True):
    """What the till told at one moment.

    Attributes:
        tabs: those that are open, tables first.
        told: whether it is known what other tills have open, or that they will not say.
        order: what is keyed on the sell screen, where something is; `own` the tab that it came from.
        now: by the clock of the ledger.
        names: of people, by their number.
        lines: the order of the marked tab, where this till knows it as it stands.
    """

    tabs: tuple[OpenTab, ...]
    told: bool
    order: Order | None
    own: OpenTab | None
    venue: Venue
    formats: Formats
    answers: Answers
    keymap: Keymap
    till: int
    now: datetime
    names: Mapping[int, str]
    room: Room
    lines: Order | None = None

    @property
    def saves(self) -> bool:
        """Whether something is keyed that can be put on a tab."""
        return self.order is not None

    def is_elsewhere(self, tab: OpenTab) -> bool:
        """Whether another till has it open."""
        return tab.till not in {None, self.till}


class Cell(Struct, frozen=True):
    """A row of a column: the head of a part, the hairline under it, a place by where it stands in the list, nothing."""

    title: str = ""
    rule: bool = False
    place: int = -1


Columns = tuple[tuple[Cell, ...], ...]


def places(state: TablesState, facts: TablesFacts) -> tuple[Place, ...]:
    """What stands on the screen: tables by number, those that are free too, then names; or the longest open first.

    A name that is typed leaves those that it can mean, where there are any.
    """
    tables = {table.number: table for table in facts.venue.tables}
    every = [_open_place(tab, tables) for tab in facts.tabs]
    if state.longest_first:
        every.sort(key=lambda place: place.tab.opened if place.tab else facts.now)
    else:
        taken = {tab.table for tab in facts.tabs}
        every += [_free_place(table) for table in facts.venue.tables if table.number not in taken]
        first: dict[str, int] = {}
        for table in facts.venue.tables:  # by their numbers
            first.setdefault(table.area.strip(), table.number)
        every.sort(key=lambda place: _order(place, first))
    meant = _meant(state, facts)
    return tuple(place for place in every if meant is None or place.key in meant)


def _open_place(tab: OpenTab, tables: Mapping[int, VenueTable]) -> Place:
    known = tables.get(tab.table) if tab.table is not None else None
    part = None if tab.table is None else known.area.strip() if known is not None else ""
    return Place(tab.tab_id, tab.number or tab.name, tab.name, part, tab)


def _free_place(table: VenueTable) -> Place:
    label = str(table.number)
    return Place(f"free {label}", label, label_of(label), table.area.strip())


def _order(place: Place, first: Mapping[str, int]) -> tuple[bool, int, int, int, str, str]:
    """Parts of the room by their first table, tables of no part behind them, then names."""
    number, _dash, bill = place.label.partition("-") if place.part is not None else ("0", "", "")
    part = first.get(place.part, _LAST) if place.part else _LAST
    return place.part is None, part, int(number), int(bill or 1), place.name.casefold(), place.key


def _meant(state: TablesState, facts: TablesFacts) -> frozenset[str] | None:
    """The tabs that a typed name can mean; None where it leaves all of them in sight."""
    typed = state.entry.text.strip()
    if not typed or facts.saves or act_of(state) is not None or label_of(typed).casefold() != typed.casefold():
        return None
    return frozenset(tab.tab_id for tab in tabs_named(typed, facts.tabs)) or None


def act_of(state: TablesState) -> TabAct | None:
    """What the words that are typed would do to the tab that is marked."""
    return read_act(state.entry.text)


def marked(state: TablesState, facts: TablesFacts, shown: tuple[Place, ...] | None = None) -> Place | None:
    """What the next Enter is about: what is typed, else what is marked, else the first that is open.

    What is keyed goes onto no tab that was neither typed nor marked.
    """
    shown = places(state, facts) if shown is None else shown
    typed = state.entry.text.strip()
    at_hand = next((place for place in shown if place.key == state.marked), None)
    if typed and act_of(state) is None:
        return _typed_place(typed, shown, facts, at_hand)
    if at_hand is not None:
        return at_hand
    if facts.saves:
        return next((place for place in shown if facts.own and place.key == facts.own.tab_id), None)
    return next((place for place in shown if place.tab is not None), None)


def _typed_place(typed: str, shown: Iterable[Place], facts: TablesFacts, at_hand: Place | None) -> Place | None:
    label = label_of(typed).casefold()
    exact = [place for place in shown if place.name.casefold() == label]
    if facts.saves:
        return min(exact, key=lambda place: place.tab.opened if place.tab else facts.now, default=None)
    meant = {tab.tab_id for tab in tabs_named(typed, facts.tabs)}
    found = exact or [place for place in shown if place.key in meant]
    return at_hand if at_hand in found else next(iter(found), None)


def is_unknown_table(name: str, venue: Venue) -> bool:
    """Whether a name means a table that the venue did not tell of; one that told of none has any but 0."""
    number = None if is_code(name) else table_of(name)
    known = {table.number for table in venue.tables}
    return number is not None and (number not in known if known else number == 0)


def is_too_long(tab: OpenTab, facts: TablesFacts) -> bool:
    """Whether it is open for longer than the venue wants to let it be."""
    limit = facts.venue.tab_minutes
    return limit > 0 and (facts.now - tab.opened).total_seconds() >= limit * 60


def twins(place: Place | None, facts: TablesFacts) -> tuple[OpenTab, ...]:
    """The other tabs that are called as the marked one is: two tills made them while they were apart."""
    if facts.saves or place is None or place.tab is None:
        return ()
    name = place.name.casefold()
    return tuple(tab for tab in facts.tabs if tab.name.casefold() == name and tab.tab_id != place.key)


def columns(state: TablesState, facts: TablesFacts, shown: tuple[Place, ...]) -> Columns:
    """All places in columns; those of the screen are a page of them (`page_of`)."""
    room, parts = facts.room, _parts(state, shown)
    if room.wide:
        whole = _flow(parts, room.rows + _HEAD)
        return whole if len(whole) <= room.columns else _flow(parts, room.rows + _HEAD, torn=True)
    bare = [Cell(place=place) for place in range(len(shown))]
    found = tuple(tuple(bare[at : at + room.rows]) for at in range(0, len(bare), room.rows))
    if len(parts) < 2:  # noqa: PLR2004 - what all of it is stands over it
        return found
    ways = (
        _flow(parts, room.rows, torn=torn, between=between, rule=False) for between in (1, 0) for torn in (False, True)
    )
    return next((one for one in ways if len(one) <= max(room.columns, len(found))), found)


def _parts(state: TablesState, shown: tuple[Place, ...]) -> list[tuple[str, list[int]]]:
    """The parts of the room, each with its places."""
    if state.longest_first:
        return [(_("Longest open"), list(range(len(shown))))]
    parts: dict[str | None, list[int]] = {}
    for at, place in enumerate(shown):
        parts.setdefault(place.part, []).append(at)
    tables = _("Other tables") if any(parts) else _("Tables")
    return [(BY_NAME if part is None else part or tables, found) for part, found in parts.items()]


def _flow(
    parts: Iterable[tuple[str, list[int]]], most: int, *, torn: bool = False, between: int = 1, rule: bool = True
) -> Columns:
    """Parts one under another, a head over each; whole where they fit into a column, or torn where room is scarce."""
    found: list[list[Cell]] = [[]]
    for title, part in parts:
        head = [Cell(title), *([Cell(rule=True)] if rule else [])]
        used = len(found[-1]) + (between if found[-1] else 0) + len(head)
        if found[-1] and (used >= most if torn else used + len(part) > most):
            found.append([])
        at = 0
        while at < len(part):
            column = found[-1]
            column += [*([Cell()] * between if column else []), *head]
            fits = max(1, most - len(column))
            column += [Cell(place=place) for place in part[at : at + fits]]
            at += fits
            if at < len(part):
                found.append([])
    return tuple(tuple(column) for column in found if column)


def page_of(found: Columns, room: Room, place: int | None) -> tuple[int, int]:
    """The page that a place stands on, and how many there are."""
    pages = max(1, -(-len(found) // room.columns))
    at = next((n for n, column in enumerate(found) if any(cell.place == place for cell in column)), 0)
    return (at // room.columns if place is not None else 0), pages
