"""The board of a kitchen screen: what the server lists, and what was done here, also while the server is away."""

from __future__ import annotations

import logging
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final

import msgspec

from till.domain.catalogue.allergens import kitchen_words
from till.domain.errors import JournalError, TillError
from till.domain.events.envelope import Draft, read_time
from till.domain.i18n import N_, _
from till.domain.kitchen.board import BoardTicket, TicketBoard, TicketCard, cards_of
from till.domain.structs import replace
from till.domain.text import clean
from till.domain.till.events import (
    ItemCounted,
    ItemMarked,
    TicketDone,
    TicketEvent,
    TicketRecalled,
    TillEvent,
    stream_of_till,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from till.domain.catalogue.menu import Item
    from till.domain.events.envelope import Event
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference

#: The name of the last board in the journal's cache.
_CACHED: Final = "own.board"
#: The newest marks that are read at the start.
_MARKS: Final = 500
#: The tickets that are kept for a recall: more than a page.
_KEPT: Final = 50
#: The most digits of a count.
_DIGITS: Final = 4
#: The seconds for which a card keeps its place after it is done.
STAYS_S: Final = 3.0
#: The time between two marks of one act, at most.
_AT_ONCE: Final = timedelta(milliseconds=1)
_LOG: Final = logging.getLogger(__name__)


class RecallError(TillError):
    """There is nothing to recall."""

    code = "recall"
    default = N_("Nothing was done here yet.")


class KitchenItemError(TillError):
    """An item that a screen of the kitchen cannot mark."""

    code = "kitchen_item"
    default = N_("No item of this kitchen is called that.")


class KitchenScreen:
    """The tickets of the stations of a screen.

    Args:
        ledger: the write path.
        reference: the venue and its menu.
        stations: the stations to show; none for all of its enrolment.
        ask: asks the server for the tickets of stations, or for those of a number.
    """

    def __init__(
        self,
        ledger: Ledger,
        reference: Reference,
        stations: tuple[str, ...],
        ask: Callable[[tuple[str, ...], str | None], Awaitable[TicketBoard]],
    ) -> None:
        self._ledger = ledger
        self._reference = reference
        self._stations = stations
        self._ask = ask
        journal = ledger.journal
        cached = journal.cached(_CACHED)
        if cached is not None and tuple(cached[1].get("stations", ())) != stations:  # the board of other stations
            cached = None
        try:
            self.board = msgspec.convert(cached[1]["board"], TicketBoard) if cached is not None else TicketBoard()
            self._acked = int(cached[1]["acked"]) if cached is not None else 0
        except (msgspec.ValidationError, KeyError, ValueError):  # of another version of the program
            self.board, self._acked = TicketBoard(), 0
        #: The marks of this screen, oldest first.
        self._marks: list[Event] = journal.newest(TicketEvent.listed, _MARKS)[::-1]
        self._stay: dict[tuple[str, str], tuple[BoardTicket, float]] = {}
        #: The last tickets that were done here since the start.
        self._done: dict[tuple[str, str], BoardTicket] = {}

    @property
    def boards(self) -> tuple[str, ...]:
        """The stations that are shown."""
        return self.board.boards or self._stations

    @property
    def passes(self) -> frozenset[str]:
        """The boards of the pass."""
        return frozenset(one.name for one in self._reference.venue.settings.stations if one.is_pass)

    async def look(self) -> list[BoardTicket]:
        """Read the board again. Return the voids that are new on it.

        Raises:
            StoreError: the server refused, or is away: the board stays as it was.
        """
        acked = self._ledger.journal.acked.seq  # the answer knows at least these
        board = await self._ask(self._stations, None)
        if board.now:
            self._ledger.hear_time(read_time(board.now))
        known = {one.ref for one in self.board.tickets}
        if replace(board, now="") != replace(self.board, now=""):
            body = {"board": msgspec.to_builtins(board), "acked": acked, "stations": list(self._stations)}
            try:
                self._ledger.journal.cache(_CACHED, 0, body)
            except JournalError as problem:  # a full disk: the next key reports it
                _LOG.warning("board_not_kept", extra={"error": problem.code})
        self.board, self._acked = board, acked
        return [one for one in board.tickets if one.is_void and not one.done and one.ref not in known]

    async def find(self, number: str) -> tuple[BoardTicket, ...]:
        """Return the last tickets of a number, done or not."""
        return self._marked((await self._ask(self._stations, number.upper())).tickets)

    def _marked(self, tickets: Iterable[BoardTicket]) -> tuple[BoardTicket, ...]:
        """Return tickets with the marks of this screen that the server did not know when it listed them."""
        last = {
            (mark.data.ticket, mark.data.station): isinstance(mark.data, TicketDone)
            for mark in self._marks
            if mark.seq > self._acked and isinstance(mark.data, TicketEvent)
        }
        return tuple(replace(one, done=last.get(one.ref, one.done)) for one in tickets)

    def cards(self) -> list[TicketCard]:
        """Return the cards, the oldest first. One that was done keeps its place for three seconds."""
        now = self._ledger.clock.monotonic()
        self._stay = {ref: stay for ref, stay in self._stay.items() if now < stay[1]}
        tickets = {one.ref: one for one in self._marked(self.board.tickets)}
        for ref, (ticket, _until) in self._stay.items():
            tickets.setdefault(ref, ticket)
        return self.cards_from(tickets.values())

    def cards_from(self, tickets: Iterable[BoardTicket]) -> list[TicketCard]:
        """Return the cards of tickets."""
        menu = self._reference.menu
        items = menu.by_id
        return cards_of(
            tickets,
            self._stay,
            self.passes,
            lambda one: items[one].name if one in items else "",
            partial(kitchen_words, menu),
        )

    @property
    def rest(self) -> int:
        """The number of waiting tickets beyond those that the server listed."""
        return max(0, self.board.waiting - sum(not one.done for one in self.board.tickets))

    def done(self, tickets: Iterable[BoardTicket]) -> None:
        """Record that tickets are done.

        Raises:
            JournalError: the disk cannot be written; nothing changed.
        """
        tickets = [replace(one, done=True) for one in tickets]
        self._write(TicketDone(ticket=one.event, station=one.at) for one in tickets)
        until = self._ledger.clock.monotonic() + STAYS_S
        self._stay |= {one.ref: (one, until) for one in tickets}
        self._done = dict([*self._done.items(), *((one.ref, one) for one in tickets)][-_KEPT:])

    def end_revoked(self) -> int:
        """Record that the tickets of revoked tills on this board are done. Return their number."""
        waiting = [one for one in self._marked(self.board.tickets) if one.revoked is not None and not one.done]
        self.done(waiting)
        return len(waiting)

    def recall(self, tickets: Iterable[BoardTicket]) -> None:
        """Bring tickets back to their board."""
        tickets = [replace(one, done=False) for one in tickets]
        self._write(TicketRecalled(ticket=one.event, station=one.at) for one in tickets)
        known = {one.ref for one in self.board.tickets}
        added = tuple(one for one in tickets if one.ref not in known)
        self.board = replace(self.board, tickets=(*self.board.tickets, *added))
        self._stay = {ref: stay for ref, stay in self._stay.items() if ref not in {one.ref for one in tickets}}

    async def recall_last(self) -> tuple[BoardTicket, ...]:
        """Bring back what was done last here, and return it.

        Raises:
            RecallError: there is nothing to bring back.
            StoreError: the ticket is no longer on this screen, and the server is away.
        """
        recalled: set[tuple[str, str]] = set()
        for mark in reversed(self._marks):
            data = mark.data
            if isinstance(data, TicketRecalled):
                recalled.add((data.ticket, data.station))
            elif isinstance(data, TicketDone) and (data.ticket, data.station) not in recalled:
                last = [
                    (one.data.ticket, one.data.station)
                    for one in self._marks
                    if isinstance(one.data, TicketDone) and mark.at - one.at < _AT_ONCE
                ]
                return await self._bring_back(last)
            elif isinstance(data, TicketDone):
                recalled.discard((data.ticket, data.station))
        raise RecallError

    async def _bring_back(self, refs: list[tuple[str, str]]) -> tuple[BoardTicket, ...]:
        known = {one.ref: one for one in self.board.tickets} | self._done
        tickets = tuple(known[ref] for ref in refs if ref in known)
        if len(tickets) < len(refs):
            self._write(TicketRecalled(ticket=event, station=station) for event, station in refs)
        else:
            self.recall(tickets)
        return tickets

    def left(self) -> list[str]:
        """Return the items of the shown stations of which few are left, in words: `Cake 3 left`."""
        kitchen = self._reference.kitchen
        names = ((item, words) for item, words in self._reference.menu.left.items() if words)
        own = [(item, words) for item, words in names if kitchen.station_of(item) in self.boards]
        return [f"{clean(kitchen.menu.by_id[item].name)} {words}" for item, words in own if item in kitchen.menu.by_id]

    def mark_item(self, typed: str, *, sold_out: bool) -> tuple[Item, int | None]:
        """Mark an item of the shown stations as sold out, or back on sale, by its number, its name or a part of it.

        With a number behind the name, those pieces are left. Return the item, and the pieces.

        Raises:
            KitchenItemError: no item is meant, or more than one.
        """
        wanted, left = " ".join(typed.casefold().split()), None
        found = self._items_called(wanted)
        name, _space, number = wanted.rpartition(" ")
        if not found and sold_out and number.isdecimal() and len(number) <= _DIGITS:
            found, left = [one for one in self._items_called(name) if not one.unit], int(number)
        if len(found) != 1:
            names = ", ".join(clean(one.name) for one in found[:3])
            sentence = _("Which one: {names}?") if found else _("No item of this kitchen is called that.")
            raise KitchenItemError(sentence.format(names=names))
        stream = stream_of_till(self._ledger.store_id, self._ledger.till)
        marked: TillEvent = ItemMarked(item_id=found[0].id, sold_out=sold_out)
        if left is not None:
            marked = ItemCounted(item_id=found[0].id, left=left)
        self._ledger.commit([Draft(marked, stream)])
        self._reference.mark(found[0].id, sold_out=sold_out and left is None)
        return found[0], left

    def _items_called(self, wanted: str) -> list[Item]:
        kitchen = self._reference.kitchen
        own = [one for one in kitchen.menu.items if kitchen.station_of(one.id) in self.boards]
        found = [one for one in own if wanted in {one.name.casefold(), str(one.plu)}]
        return found or [one for one in own if wanted in one.name.casefold()]

    def _write(self, marks: Iterable[TicketDone | TicketRecalled]) -> None:
        stream = stream_of_till(self._ledger.store_id, self._ledger.till)
        self._marks += self._ledger.commit([Draft(one, stream) for one in marks])
