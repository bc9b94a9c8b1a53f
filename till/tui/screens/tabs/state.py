"""State of the screen of tables and the facts it is given about the till, all frozen."""

from __future__ import annotations

from datetime import timedelta
from functools import lru_cache, partial
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.advice import Advice
from till.domain.errors import NotHeldError
from till.domain.i18n import N_, _
from till.domain.money.measures import Minor, Thousandths
from till.domain.order.moving import follows_table
from till.domain.order.naming import tab_name, type_at_table
from till.domain.order.retyping import changes_owed
from till.domain.staff.pins import can_be_pin
from till.domain.structs import replace
from till.domain.text import capitalize_first, clean
from till.register.quick_entry.language import is_for_order
from till.register.tabs.names import is_explicit, is_unknown_table, key_of, label_of, number_in, shown_as
from till.register.tabs.open_tabs import tabs_named
from till.tui.screens.tabs.typed_acts import read_act, why_away
from till.tui.shell.entry_line import EMPTY, EntryLine

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime

    from till.domain.money.formats import Formats
    from till.domain.order.copying import TabItem
    from till.domain.order.state import Order
    from till.domain.venue import TabWords, Venue, VenueTable
    from till.ports import RemoteBooking
    from till.register.answers import Answers
    from till.register.quick_entry.lookup import Lookup
    from till.register.tabs.open_tabs import OpenTab
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.screens.tabs.typed_acts import TabAct
    from till.tui.shell.keymap import Keymap


#: Rows of a heading with its rule.
_HEAD: Final = 2
#: Sorts after all named areas.
_LAST: Final = 1_000_000
#: The most characters of the typed text in a sentence.
_SHOWN: Final = 12
#: A table booked within this time says so.
_BOOKED: Final = timedelta(hours=1)
#: The heading over tabs that are not tables.
BY_NAME: Final = N_("By name")


class Place(Struct, frozen=True):
    """An open tab, or a free table.

    Attributes:
        key: identifies it as long as it exists: the order of a tab, which a move to another table keeps.
        label: its number or name in the shortest form.
        name: its name in words: `table 5`.
        part: the area of the room; empty if unknown, None for a tab that is not a table.
    """

    key: str
    label: str
    name: str
    part: str | None
    tab: OpenTab | None = None


class TablesState(Struct, frozen=True):
    """The screen at one moment.

    Attributes:
        marked: the key of the marked place; None before one is marked.
        longest_first: True to sort by age, False to sort by number and name.
        unconfirmed: the question just asked; the same key again confirms it.
        is_left: True if other words were typed after the question about a merge, until Enter reports that nothing was
            merged.
    """

    entry: EntryLine = EMPTY
    message: StyledText | None = None
    marked: str | None = None
    longest_first: bool = False
    unconfirmed: str = ""
    is_left: bool = False


class TableGrid(Struct, frozen=True):
    """The room for tables: columns side by side, and rows in each.

    Attributes:
        wide: True if each column has a heading with a rule above its rows.
        tall: the rows of a table.
    """

    columns: int
    rows: int
    wide: bool
    tall: int = 1


class TablesFacts(Struct, frozen=True, eq=False):
    """The facts at one moment. No two are equal, so that what is derived from them can be cached.

    Attributes:
        tabs: the open tabs, tables first.
        is_listed: True once the open tabs of other tills are known, or cannot be.
        order: the order on the sell screen, if there is one to save; `own` is the tab it came from.
        now: the time of the ledger's clock.
        names: the names of users, by number.
        booked: today's bookings, by time.
        lines: the order of the marked tab, if this till has it up to date.
        quoted: the marked order with the lines that Enter would add, or the refusal of that.
        is_away: True if the server cannot be asked.
        sees_others: False while the open tabs of other tills cannot be read.
        is_out_of_reach: True if another till holds the marked tab, and the server cannot be asked for it.
    """

    tabs: tuple[OpenTab, ...]
    is_listed: bool
    order: Order | None
    own: OpenTab | None
    venue: Venue
    lookup: Lookup
    formats: Formats
    answers: Answers
    keymap: Keymap
    till: int
    now: datetime
    names: Mapping[int, str]
    room: TableGrid
    booked: tuple[RemoteBooking, ...] = ()
    lines: Order | None = None
    quoted: Order | str | None = None
    is_away: bool = False
    sees_others: bool = True
    is_out_of_reach: bool = False

    def booked_at(self, place: Place) -> RemoteBooking | None:
        """Return the booking of a table within the hour, whose guests are not seated; None if there is none."""
        number = place.tab.table if place.tab is not None else int(place.label)
        due = (one for one in self.booked if one.status == "booked" and number is not None and one.table == number)
        return next((one for one in due if timedelta() <= one.at - self.now <= _BOOKED), None)

    def due(self, tab: OpenTab) -> Minor:
        """Return the amount due on a tab, as Pay asks for it."""
        return self.answers.due(tab.total, tab.paid)

    def is_uncharged(self, tab: OpenTab) -> bool:
        """Return True if a till adds a service charge to the listed total of a tab."""
        return tab.is_uncharged and self.venue.bears_charge(tab.order_type)

    @property
    def saves(self) -> bool:
        """True if there is an order to save to a tab."""
        return self.order is not None

    def is_elsewhere(self, tab: OpenTab) -> bool:
        """Return True if another till has it open."""
        return tab.till not in {None, self.till}

    def is_own(self, place: Place) -> bool:
        """Return True if the order on the sell screen is on that tab."""
        return self.own is not None and place.key == self.own.session_id


class Cell(Struct, frozen=True):
    """A row of a column: an area's heading, the rule below it, a place by its index, or nothing.

    A place has as many cells as a table has rows.
    """

    title: str = ""
    rule: bool = False
    place: int = -1


Columns = tuple[tuple[Cell, ...], ...]


@lru_cache(maxsize=1)
def places(state: TablesState, facts: TablesFacts) -> tuple[Place, ...]:
    """Return the places shown: tables by number, including free ones, then named tabs; or open tabs by age.

    A typed name limits them to those it can mean, if there are any.
    """
    every = _every_place(facts.tabs, facts.venue.tables, facts.venue.tabs, longest_first=state.longest_first)
    matching = _meant(state, facts)
    return every if matching is None else tuple(place for place in every if place.key in matching)


@lru_cache(maxsize=1)
def _every_place(
    tabs: tuple[OpenTab, ...], of_venue: tuple[VenueTable, ...], words: TabWords, *, longest_first: bool
) -> tuple[Place, ...]:
    """Return all places, kept from key to key until the tabs change."""
    tables = {table.number: table for table in of_venue}
    if longest_first:
        return tuple(_open_place(tab, tables) for tab in sorted(tabs, key=attrgetter("opened")))
    taken = {tab.table for tab in tabs}
    every = [_open_place(tab, tables) for tab in tabs]
    every += [_free_place(table, words) for table in of_venue if table.number not in taken]
    first: dict[str, int] = {}
    for table in of_venue:  # by their numbers
        first.setdefault(table.area.strip(), table.number)
    return tuple(sorted(every, key=partial(_order, first)))


def _open_place(tab: OpenTab, tables: Mapping[int, VenueTable]) -> Place:
    known = tables.get(tab.table) if tab.table is not None else None
    part = None if tab.table is None else known.area.strip() if known is not None else ""
    return Place(tab.session_id, tab.number or tab.name, tab.name, part, tab)


def _free_place(table: VenueTable, tabs: TabWords) -> Place:
    label = str(table.number)
    return Place(f"free {label}", label, label_of(label, tabs), table.area.strip())


def _order(first: Mapping[str, int], place: Place) -> tuple[bool, int, int, int, str, str]:
    """Return the sort key: areas by their first table, tables without an area, then names."""
    number, _dash, bill = place.label.partition("-") if place.part is not None else ("0", "", "")
    part = first.get(place.part, _LAST) if place.part else _LAST
    return place.part is None, part, int(number), int(bill or 1), place.name.casefold(), place.key


def _meant(state: TablesState, facts: TablesFacts) -> frozenset[str] | None:
    """Return the tabs that a typed name can mean; None if it does not limit them."""
    typed = state.entry.text.strip()
    if not typed or facts.saves or act_of(state, facts) is not None or number_in(typed):
        return None
    return frozenset(tab.session_id for tab in tabs_named(typed, facts.tabs)) or None


def act_of(state: TablesState, facts: TablesFacts) -> TabAct | None:
    """Return the act that the typed text asks for, if any."""
    return read_act(state.entry.text, facts.lookup.words)


def refusal_of_act(act: TabAct, tab: OpenTab, facts: TablesFacts) -> str:
    """Return why a typed act on the marked tab cannot be done, as far as this till knows; empty if it can."""
    if act.act == "at":
        return ""
    if facts.is_away and (away := why_away(act)):
        return away
    if facts.is_out_of_reach:
        return _(NotHeldError.default)
    others = tabs_named(act.of, facts.tabs) if why_away(act) else []
    open_there = next((one for one in (tab, *others) if facts.is_elsewhere(one)), None)
    if open_there is None:
        return ""
    sentence = _("{name} is open on {till}: save it there first.")
    return sentence.format(
        name=capitalize_first(tab_name(open_there.name)), till=facts.venue.till_name(open_there.till)
    )


@lru_cache(maxsize=1)
def marked_place(state: TablesState, facts: TablesFacts) -> Place | None:
    """Return the place that Enter acts on: the typed one, otherwise the marked one, before that the first open tab.

    An order is never added to a tab that was neither typed nor marked.
    """
    shown = places(state, facts)
    typed = state.entry.text.strip()
    at_hand = next((place for place in shown if place.key == state.marked), None)
    if named := typed if (act := act_of(state, facts)) is None else act.tab:
        return _typed_place(named, shown, facts, at_hand)
    if at_hand is not None or state.marked is not None:
        return at_hand
    if facts.saves:
        return next(filter(facts.is_own, shown), None)
    return next((place for place in shown if place.tab is not None), None)


def _typed_place(typed: str, shown: Iterable[Place], facts: TablesFacts, at_hand: Place | None) -> Place | None:
    key = key_of(typed)
    exact = [place for place in shown if key == key_of(place.name) or (place.tab is not None and key in place.tab.keys)]
    if facts.saves:
        return min(exact, key=lambda place: place.tab.opened if place.tab else facts.now, default=None)
    matching = {tab.session_id for tab in tabs_named(typed, facts.tabs)}
    found = exact or [place for place in shown if place.key in matching]
    return at_hand if at_hand in found else next(iter(found), None)


def not_a_name(typed: str, at: Place | None, facts: TablesFacts) -> str:
    """Return the refusal of words that are typed at the order, or of what may be a PIN; empty for a name or a place."""
    if at is None and can_be_pin(typed) and is_unknown_table(typed, facts.venue):
        return _("There is no such table here.")
    if at is not None or number_in(typed) or is_explicit(typed):
        return ""
    if not (is_for_order(typed, facts.lookup) or facts.venue.discount_named(typed)):
        return ""
    sentence = _("“{text}” works at the order (Esc). For a name: “{tab} …”.")
    return sentence.format(text=clean(typed)[:_SHOWN], tab=facts.venue.tabs.one)


def doubt_of_name(typed: str, facts: TablesFacts) -> str:
    """Return the question about a new name: the order is on a tab already, or an item begins so. Empty without one."""
    if not typed or number_in(typed):
        return ""
    name = shown_as(typed, facts.venue.tabs)
    if facts.own is not None:
        return _("Call {tab} “{name}”?").format(tab=tab_name(facts.own.name), name=name)
    if is_explicit(typed) or not (items := facts.lookup.beginning(typed, 1)):
        return ""
    return _("{item} is an item. Save the order to “{name}”?").format(item=clean(items[0].name), name=name)


class Adding(Struct, frozen=True):
    """A round that Enter adds to the marked tab.

    Attributes:
        keyed: the order on the sell screen, as in `keyed_at`.
        more: its cost there.
        due: the amount due on the tab then.
        paid: the paid part then, with payments of the round.
        is_about: True if it can be another amount: the tab's order is not here, and may have a discount, another
            service charge, or pieces of a promotion that the round completes.
        refusal: the refusal of Enter, if that is known; empty otherwise.
    """

    keyed: Order
    more: Minor
    due: Minor
    paid: Minor
    is_about: bool = False
    refusal: str = ""


def adds(at: Place | None, facts: TablesFacts) -> Adding | None:
    """Return the round that Enter would add to the marked open tab, if any."""
    if at is None or at.tab is None or facts.is_own(at) or (keyed := keyed_at(at, facts)) is None:
        return None
    tab = at.tab
    quoted = facts.quoted
    if facts.is_away:
        quoted = Advice(_("Adding needs the server."), _("Tab on F8: a separate bill."))
    if quoted is not None and not isinstance(quoted, str):
        return Adding(keyed, Minor(quoted.total - tab.total), facts.answers.due(quoted.total, quoted.paid), quoted.paid)
    paid, due = Minor(tab.paid + keyed.paid), facts.answers.due
    in_lots = any(offer.is_of_several for row in keyed.priced.rows for offer in row.first.all_offers)
    is_plain = len(tab.items) >= tab.lines and all(_is_full_price(item, facts) for item in tab.items)
    is_about = in_lots or not is_plain or keyed.priced.charge is not None
    return Adding(keyed, keyed.total, due(Minor(tab.total + keyed.total), paid), paid, is_about, quoted or "")


def is_newest(order: Order, tab: OpenTab) -> bool:
    """Return True if this till has all records of a tab's order: else its lines and discounts may be others by now."""
    is_same = (order.total, order.paid, len(order.priced.rows)) == (tab.total, tab.paid, tab.lines)
    return is_same and order.updated_at >= tab.since


def _is_full_price(item: TabItem, facts: TablesFacts) -> bool:
    currency, measure = facts.formats.currency, None if item.measure is None else Thousandths(item.measure)
    price = currency.amount_of(currency.price4_of_any(item.unit_price), item.quantity, measure)
    return price == currency.minor(item.amount)


def keyed_at(at: Place | None, facts: TablesFacts) -> Order | None:
    """Return the order on the sell screen with the order type, and so the price, that it would have at a place."""
    order = facts.order
    if order is None or at is None or facts.is_own(at):
        return order
    there = at.tab.order_type if at.tab is not None else type_at_table(order, facts.venue.order_types)
    if at.tab is not None and not follows_table(order):
        return replace(order, order_type=there or order.order_type)  # its lines keep their taxes and prices
    seated = order.of_type(there or order.order_type)
    return order if at.tab is None and changes_owed(order, seated) else seated


def is_too_long(tab: OpenTab, facts: TablesFacts) -> bool:
    """Return True if a tab has been open for longer than the venue's limit."""
    limit = facts.venue.settings.tab_minutes
    return limit > 0 and (facts.now - tab.opened).total_seconds() >= limit * 60


def columns(state: TablesState, facts: TablesFacts, shown: tuple[Place, ...]) -> Columns:
    """Return all places in columns. The screen shows one page of them (`page_of`)."""
    room, parts, tall = facts.room, _parts(state, shown, facts.venue.tabs.title), facts.room.tall
    if room.wide:
        unsplit = _flow(parts, room.rows + _HEAD, tall=tall)
        return unsplit if len(unsplit) <= room.columns else _flow(parts, room.rows + _HEAD, tall=tall, split=True)
    bare, rows = _cells(range(len(shown)), tall), room.rows // tall * tall
    found = tuple(tuple(bare[at : at + rows]) for at in range(0, len(bare), rows))
    if len(parts) < 2:  # noqa: PLR2004 - a single area needs no heading
        return found
    ways = (
        _flow(parts, room.rows, tall=tall, split=split, between=between, rule=False)
        for between in (1, 0)
        for split in (False, True)
    )
    return next((one for one in ways if len(one) <= max(room.columns, len(found))), found)


def _parts(state: TablesState, shown: tuple[Place, ...], title: str) -> list[tuple[str, list[int]]]:
    """Return the areas of the room, each with the indexes of its places; `title` if none has a name."""
    if state.longest_first:
        return [(_("Longest open"), list(range(len(shown))))]
    parts: dict[str | None, list[int]] = {}
    for at, place in enumerate(shown):
        parts.setdefault(place.part, []).append(at)
    tables = _("Others") if any(parts) else title
    return [(_(BY_NAME) if part is None else part or tables, found) for part, found in parts.items()]


def _cells(shown: Iterable[int], tall: int) -> list[Cell]:
    return [Cell(place=place) for place in shown for _row in range(tall)]


def _flow(
    parts: Iterable[tuple[str, list[int]]],
    most: int,
    *,
    tall: int,
    split: bool = False,
    between: int = 1,
    rule: bool = True,
) -> Columns:
    """Fill columns with areas, each under a heading. An area that does not fit moves to the next column or is split."""
    found: list[list[Cell]] = [[]]
    for title, part in parts:
        head = [Cell(title), *([Cell(rule=True)] if rule else [])]
        used = len(found[-1]) + (between if found[-1] else 0) + len(head)
        if found[-1] and (used + tall > most if split else used + len(part) * tall > most):
            found.append([])
        at = 0
        while at < len(part):
            column = found[-1]
            column += [*([Cell()] * between if column else []), *head]
            fits = max(1, (most - len(column)) // tall)
            column += _cells(part[at : at + fits], tall)
            at += fits
            if at < len(part):
                found.append([])
    return tuple(tuple(column) for column in found if column)


def page_of(found: Columns, room: TableGrid, place: int | None) -> tuple[int, int]:
    """Return the page of a place, and the number of pages."""
    pages = max(1, -(-len(found) // room.columns))
    if place is None:
        return 0, pages
    at = next((n for n, column in enumerate(found) if Cell(place=place) in column), 0)
    return at // room.columns, pages
