"""Tabs: an order saved to a table or a name, listed on every till, recalled on any, paid there."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec import Struct

from till.domain.errors import NoTabError, OrderClosedError, TillError
from till.domain.events.envelope import Draft, read_time
from till.domain.i18n import _
from till.domain.money.amount import Currency
from till.domain.order import moving, selling, suspension
from till.domain.order.state import Order, Tab
from till.domain.structs import replace
from till.domain.text import begun, clean, is_code
from till.domain.till.events import BookingMissed, stream_of_till
from till.register.ledger.ledger import Command
from till.register.other_tills.late_lines import LateLines

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from till.domain.money.measures import Minor
    from till.ports import RemoteBooking, RemoteSession
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference

_LOG: Final = logging.getLogger(__name__)
#: The order type of who sits at a table.
_DINE_IN: Final = "dine_in"
#: The most guests at a table.
_MOST_COVERS: Final = 99
#: The longest name of a tab.
_LONGEST: Final = 40
_NUMBER: Final = re.compile(r"[0-9]+(-[0-9]+)?\Z")
#: A table, and a second bill there: `5-2`.
_TABLE: Final = re.compile(
    r"(?:table\s*)?(?P<number>\d+)(?:-(?P<bill>[2-9]|[1-9]\d{1,2}))?\Z", re.ASCII | re.IGNORECASE
)


class OpenTab(Struct, frozen=True):
    """A tab as the list shows it. `total` in minor units.

    Attributes:
        opened: when its order began; `since` when something was done to it last.
        till: the till that has it open now, None for none.
        covers: how many guests sit there; None where nobody said.
        bill_out: whether they want to pay, or have paid a part.
    """

    tab_id: str
    session_id: str
    name: str
    user: int
    lines: int
    total: Minor
    since: datetime
    till: int | None
    opened: datetime
    covers: int | None = None
    bill_out: bool = False

    @property
    def number(self) -> str:
        """What stands for its table, `5` or `5-2` for a second bill there; empty for a name."""
        found = _NUMBER.search(self.name)
        return found[0] if found and Tabs.label(found[0]).casefold() == self.name.casefold() else ""

    @property
    def table(self) -> int | None:
        """The number of the table, where it is one."""
        return int(self.number.partition("-")[0]) if self.number else None

    @property
    def place(self) -> tuple[bool, int, int, str, str]:
        """Where it stands in a list: tables by their number and bill, then names."""
        bill = int(self.number.partition("-")[2] or 1)
        return self.table is None, self.table or 0, bill, self.name.casefold(), self.tab_id


def wants_to_pay(order: Order) -> bool:
    """Whether its guests asked for the bill, or have paid a part of it."""
    return order.has_money or order.checkout_at is not None


class Tabs:
    """Commands about tabs. A tab is the venue's, not a person's: whoever recalls it goes on with its lines.

    Args:
        ledger: the write path.
        reference: names a till and a person, for the sentence that says where a tab is open.
    """

    def __init__(self, ledger: Ledger, reference: Reference) -> None:
        self._ledger = ledger
        self._reference = reference
        self._late_lines = LateLines(ledger)

    def save(self, session_id: str, name: str, known: Iterable[OpenTab] = ()) -> Tab:
        """Save the order to a tab by name or number; a recalled order goes back to its own with an empty name.

        Args:
            session_id: the order on the screen.
            name: `7`, `table 7` or `Asha`; empty for the tab that it came from.
            known: the tabs that are open, so that two orders never hide under one name.
        """
        order = self._ledger.order(session_id)
        label = self.label(name)
        if order.tab and label.casefold() in {"", order.tab.name.casefold()}:
            tab = order.tab
        elif not label:
            raise NoTabError(_("Type the table's number or a name for the tab."))
        else:
            tab = replace(self._new_tab(name, label, known), covers=order.tab.covers if order.tab else None)
        with self._ledger.command() as command:
            command.write(self._eaten_in(order, tab))
            command.write(suspension.put_on_tab(command.order(session_id), tab))
        return tab

    def _eaten_in(self, order: Order, tab: Tab) -> list[Draft]:
        """A table is eaten in at, unless somebody said otherwise."""
        known = tab.table_number is not None and _DINE_IN in self._reference.venue.order_types
        return selling.set_order_type(order, _DINE_IN) if known and not order.type_said else []

    def save_apart(self, session_id: str, name: str, known: Iterable[OpenTab] = ()) -> Tab:
        """Save the order as a bill of its own where another is open: the second one of table 7 is table 7-2.

        Raises:
            NoTabError: there is nothing to call it by.
        """
        label, known = self.label(name), (*known, *self.local())
        taken = {tab.name.casefold() for tab in known}
        bills = (f"{label}-{bill}" for bill in range(2, 1000))
        return self.save(session_id, next((one for one in bills if one.casefold() not in taken), label), known)

    def seat(self, user: int, booking: RemoteBooking, name: str = "") -> Tab:
        """Open a tab for the guests of a booking, who sit down before they order. Nothing on the screen changes.

        Args:
            user: who seats them: the order is theirs.
            booking: who came.
            name: another table, or a name for the tab, than what was booked.

        Raises:
            NoTabError: a tab of that name is open, or there is nothing to call it by.
        """
        wanted = name or (str(booking.table) if booking.table is not None else booking.name or booking.phone)
        if not name and booking.table is None and _TABLE.match(self._written(wanted)):
            wanted = _("guest {number}").format(number=wanted)  # who is called by a number sits at no table of it
        label = self.label(wanted)
        if not label:
            raise NoTabError(_("Type the table's number or a name for the tab."))
        tab = replace(self._new_tab(wanted, label), covers=booking.covers)
        venue, session_id = self._reference.venue, self._ledger.new_id()
        order_type = _DINE_IN if _DINE_IN in venue.order_types else venue.order_types[0]
        who = booking.name or booking.phone
        with self._ledger.command() as command:
            command.write([selling.open_order(session_id, user, self._reference.terms, order_type)])
            if who or booking.customer_id:
                command.write(selling.attach_customer(command.order(session_id), booking.customer_id, who))
            command.write(suspension.seat(command.order(session_id), booking.booking_id, tab))
        return tab

    def open_table(self, user: int, number: int, known: Iterable[OpenTab] = ()) -> Order:
        """Open an order at a free table, here: guests sit down before they order. It is cleared if nothing is keyed.

        Raises:
            NoTabError: a tab is open there.
        """
        tab = self._new_tab(str(number), self.label(str(number)), known)
        venue, session_id = self._reference.venue, self._ledger.new_id()
        order_type = _DINE_IN if _DINE_IN in venue.order_types else venue.order_types[0]
        with self._ledger.command() as command:
            command.write([selling.open_order(session_id, user, self._reference.terms, order_type)])
            command.write(suspension.put_back(command.order(session_id), tab))
            opened = command.order(session_id)
            command.write(suspension.recall_tab(opened, holder=None, here=self._ledger.till, user=user))
        return self._ledger.order(session_id)

    def miss(self, booking_id: str) -> None:
        """Write down that the guests of a booking did not come."""
        stream = stream_of_till(self._ledger.store_id, self._ledger.till)
        self._ledger.commit([Draft(BookingMissed(booking_id=booking_id), stream)])

    def add(self, session_id: str, tab: OpenTab) -> None:
        """Add the lines of an order to a tab that is open, wherever it is: no hold of it is needed.

        They are as if they were keyed there: what is off all of it, in percent, is off them too.

        Raises:
            LineError: something is off all of the order that is added.
            NoTabError: it is the tab that the order stands on, or was paid or cleared meanwhile: it says so.
        """
        known = self._ledger.readable(tab.session_id)
        if tab.session_id == session_id:
            raise NoTabError(_("This is the order of {name} already.").format(name=tab.name))
        if known is not None and known.is_over and known.tab is not None:
            raise NoTabError(self._ended(known, known.tab))
        with self._ledger.command() as command:
            command.write(self._joined(command, session_id, tab.session_id, tab.name))

    def open_as(self, name: str, tabs: Iterable[OpenTab]) -> OpenTab | None:
        """The tab that is open under exactly this name or number, the one opened first of several."""
        label = self.label(name).casefold()
        found = (tab for tab in tabs if tab.name.casefold() == label)
        return min(found, key=lambda tab: tab.opened, default=None) if label else None

    def is_open_besides(self, session_id: str, name: str) -> bool:
        """Whether another order stands on a tab of this name or number, as far as this till knows."""
        found = self.open_as(name, self.local())
        return found is not None and found.session_id != session_id

    def merge(self, kept: OpenTab, other: OpenTab) -> Order:
        """Put the lines of one tab on another, which stays where it is; the emptied one is never brought back.

        The events of both must be in the journal (`Store.fetch`).

        Raises:
            NoTabError: they are one, another till has one open, one was paid or cleared meanwhile, or nothing stands on
                the one that would be emptied.
            PaymentError: money was taken on the one that would be emptied.
        """
        if kept.session_id == other.session_id:
            raise NoTabError(_("{name} is that tab itself. Name another one.").format(name=begun(kept.name)))
        with self._ledger.command() as command:
            for tab in (other, kept):
                self._take(command, tab)
            if command.order(other.session_id).is_empty:
                sentence = _("Nothing is keyed at {name} yet, so nothing is put on {kept}.")
                raise NoTabError(sentence.format(name=clean(other.name), kept=clean(kept.name)))
            self._hand_all_on(command, other.session_id, kept.session_id, kept.name)
            self._put_back(command, kept.session_id)
        return self._ledger.order(kept.session_id)

    def move_pieces(self, tab: OpenTab, name: str, pieces: int | None, into: OpenTab) -> Order:
        """Let another tab carry pieces of one; both stay where they are. Gives the one that has them then.

        The events of both must be in the journal (`Store.fetch`).

        Args:
            tab: where they were keyed.
            name: of the item, or a part of it that means no other there.
            pieces: how many; None for all of it.
            into: the tab that they go to.

        Raises:
            NoTabError: they are one, another till has one open, or one was paid or cleared meanwhile.
            LineError: it is not there, or none would stay.
            QuantityError: there are not so many pieces.
            PaymentError: more was paid than what stays comes to.
        """
        if tab.session_id == into.session_id:
            raise NoTabError(_("{name} is that tab itself. Name another one.").format(name=begun(tab.name)))
        with self._ledger.command() as command:
            for one in (into, tab):
                self._take(command, one)
            taken = moving.pieces_named(command.order(tab.session_id), name, pieces)
            self._hand_on(command, tab.session_id, taken, into)
            for one in (into, tab):
                self._put_back(command, one.session_id)
        return self._ledger.order(into.session_id)

    def move_lines(self, session_id: str, taken: Mapping[str, int], into: OpenTab) -> Order:
        """Let a tab carry pieces of the order on the screen, which is cleared where that is all of it.

        The events of the tab must be in the journal (`Store.fetch`). Money stays; with all pieces it goes along.

        Args:
            session_id: the order on the screen.
            taken: how many pieces of each line.
            into: the tab that they go to.

        Raises:
            NoTabError: it is the order's own, another till has it open, or it was paid or cleared meanwhile.
            LineError: a line is not there.
            QuantityError: there are not so many pieces.
            PaymentError: more was paid than what stays comes to, or a payment is under way.
        """
        if session_id == into.session_id:
            raise NoTabError(_("{name} is that tab itself. Name another one.").format(name=begun(into.name)))
        with self._ledger.command() as command:
            self._take(command, into)
            order = command.order(session_id)
            if taken == moving.whole(order, [line.id for line in order.lines.values() if line.quantity]):
                self._hand_all_on(command, session_id, into.session_id, into.name)
            else:
                self._hand_on(command, session_id, taken, into)
            self._put_back(command, into.session_id)
        return self._ledger.order(into.session_id)

    def _hand_on(self, command: Command, session_id: str, taken: Mapping[str, int], into: OpenTab) -> None:
        """Let another order carry pieces; what is off all of that one stays off its own lines alone."""
        command.write(moving.share_discounts(command.order(into.session_id)))
        going = self._cut_out(command, session_id, taken)
        command.write(moving.hand_on(command.order(session_id), going, into.session_id))
        moving.check_money_stays(command.order(session_id), self._reference.formats.money)

    def _hand_all_on(self, command: Command, session_id: str, into: str, name: str) -> None:
        """The same of all pieces, and of the money; what is off all of the one is not off what the other brings."""
        for one in (session_id, into):
            command.write(moving.share_discounts(command.order(one)))
        command.write(self._joined(command, session_id, into, name))

    def change_table(self, tab: OpenTab, name: str, known: Iterable[OpenTab] = ()) -> Tab:
        """Let a tab have another table or name: the same order goes on there, with what was paid of it.

        Raises:
            NoTabError: a tab of that name is open, another till has this one open, or it was paid or cleared meanwhile.
        """
        label = self.label(name)
        if not label:
            raise NoTabError(_("Type the table's number or a name for the tab."))
        new = self._new_tab(name, label, known)
        with self._ledger.command() as command:
            before = self._take(command, tab).tab
            new = replace(new, covers=before.covers if before else None)
            command.write(suspension.put_back(command.order(tab.session_id), new))
        return new

    def set_covers(self, tab: OpenTab, covers: int) -> None:
        """Say how many guests sit at a tab.

        Raises:
            NoTabError: that is no number of guests, another till has it open, or it was paid or cleared meanwhile.
        """
        if not 1 <= covers <= _MOST_COVERS:
            raise NoTabError(_("A table has 1 to {most} guests.").format(most=_MOST_COVERS))
        with self._ledger.command() as command:
            self._take(command, tab)
            self._put_back(command, tab.session_id, covers=covers)

    def hand_over(self, tab: OpenTab, user: int) -> None:
        """Let a tab be another person's.

        Raises:
            NoTabError: nobody has that number, another till has it open, or it was paid or cleared meanwhile.
        """
        if not any(person.number == user for person in self._reference.staff):
            raise NoTabError(_("Nobody here has number {number}.").format(number=user))
        with self._ledger.command() as command:
            self._take(command, tab, user)
            self._put_back(command, tab.session_id)

    def part(self, session_id: str, taken: Mapping[str, int]) -> Order:
        """Let pieces of lines be an order of their own, for a guest who pays them; it stands on the tab's name too.

        Args:
            session_id: the order on the screen; money that was taken stays on it.
            taken: how many pieces of each line.

        Raises:
            LineError: a line is not there, or none would stay.
            QuantityError: there are not so many pieces.
            PaymentError: more was paid than what stays comes to.
        """
        with self._ledger.command() as command:
            new_id = self._part(command, session_id, taken)
            before = command.order(session_id)
            moving.check_money_stays(before, self._reference.formats.money)
            if before.tab is not None:
                own = replace(before.tab, id=self._ledger.new_id(), covers=None)
                command.write(suspension.put_on_tab(command.order(new_id), own))
                guests = command.order(new_id)
                command.write(suspension.recall_tab(guests, holder=None, here=self._ledger.till, user=guests.user))
        return self._ledger.order(new_id)

    def quote(self, session_id: str, parts: Iterable[Mapping[str, int]]) -> tuple[list[Order], Order]:
        """What the orders of guests would come to, one after the other, and what would stay; nothing is written.

        Raises:
            LineError: as in `part`.
            QuantityError: as in `part`.
        """
        command = Command(self._ledger)
        new_ids = [self._part(command, session_id, taken) for taken in parts]
        return [command.order(new_id) for new_id in new_ids], command.order(session_id)

    def _part(self, command: Command, session_id: str, taken: Mapping[str, int]) -> str:
        """Let pieces of lines be an order of their own; its id."""
        new_id = self._ledger.new_id()
        going = self._cut_out(command, session_id, taken)
        command.write(moving.split(command.order(session_id), going, new_id))
        return new_id

    def _cut_out(self, command: Command, session_id: str, taken: Mapping[str, int]) -> list[str]:
        """Make whole lines of the pieces that are to leave an order, each at what it costs now; their ids."""
        command.write(moving.share_discounts(command.order(session_id)))
        command.write(moving.keep_prices(command.order(session_id), taken))
        before = command.order(session_id)
        whole = moving.whole(before, taken)
        ids = {
            line_id: line_id if whole.get(line_id) == pieces else self._ledger.new_id()
            for line_id, pieces in taken.items()
        }
        command.write(moving.part(before, taken, ids))
        return [*ids.values()]

    def _take(self, command: Command, tab: OpenTab, user: int | None = None) -> Order:
        """Take hold of what stands on a tab, for an act on it; whose it is stays so, unless `user` says otherwise."""
        order = command.order(tab.session_id)
        if order.is_over and order.tab is not None:
            raise NoTabError(self._ended(order, order.tab))
        here, held = self._ledger.till, self._ledger.holder_of(order)
        if held is None and tab.till != here:
            held = tab.till
        if held not in {None, here}:
            who = self._reference.who(held, order.user)
            sentence = _("{name} is open on {who}: save it there first.")
            raise NoTabError(sentence.format(name=begun(tab.name), who=who))
        owner = order.user if user is None else user
        command.write(suspension.recall_tab(order, holder=held, here=here, user=owner))
        return command.order(tab.session_id)

    @staticmethod
    def _put_back(command: Command, session_id: str, covers: int | None = None) -> None:
        """Put an order back on its tab after an act on it."""
        order = command.order(session_id)
        if order.tab is not None:
            tab = order.tab if covers is None else replace(order.tab, covers=covers)
            command.write(suspension.put_back(order, tab))

    def join(self, session_id: str, other: str) -> Order:
        """Add the order of another tab to one; both are open here. Gives the one that has all lines."""
        tab = self._ledger.order(session_id).tab
        with self._ledger.command() as command:
            self._hand_all_on(command, other, session_id, tab.name if tab else "")
        return self._ledger.order(session_id)

    @staticmethod
    def _joined(command: Command, session_id: str, into: str, name: str) -> list[Draft]:
        """Write down what the lines of an order cost, and give what moves them to another."""
        order = command.order(session_id)
        command.write(moving.keep_prices(order, moving.whole(order, order.lines)))
        return moving.join(command.order(session_id), into, _("added to {name}").format(name=name))

    def _new_tab(self, name: str, label: str, known: Iterable[OpenTab] = ()) -> Tab:
        if label.casefold() in {tab.name.casefold() for tab in (*known, *self.local())}:
            sentence = _("{name} is open already: F8 adds to it. Or save under another name.")
            raise NoTabError(sentence.format(name=begun(label)))
        if is_code(name):
            sentence = _("{number} is no table. A barcode is scanned on the order; a name has letters.")
            raise NoTabError(sentence.format(number=self._written(name)))
        number = self.table(name)
        return Tab(self._ledger.new_id(), label, number if number is not None and number < 2**31 else None)

    @staticmethod
    def _written(name: str) -> str:
        return clean(name).strip()[:_LONGEST].strip()

    @classmethod
    def table(cls, name: str) -> int | None:
        """The number of the table that a name means; None for another name."""
        found = _TABLE.match(cls._written(name))
        return int(found["number"]) if found else None

    @classmethod
    def label(cls, name: str) -> str:
        """What stands on the screen: a bare number is a table."""
        written = cls._written(name)
        table = _TABLE.match(written)
        if table is None:
            return written
        number = str(int(table["number"])) + (f"-{table['bill']}" if table["bill"] else "")
        return _("table {number}").format(number=number)

    @classmethod
    def named(cls, typed: str, tabs: Sequence[OpenTab]) -> list[OpenTab]:
        """The tabs that a typed name can mean: a number is that table alone; else the whole name, or a part of it."""
        label = cls.label(typed).casefold()
        exact = [tab for tab in tabs if tab.name.casefold() == label]
        if exact or _TABLE.match(cls._written(typed)):
            return exact
        return [tab for tab in tabs if label in tab.name.casefold()]

    def local(self) -> list[OpenTab]:
        """The tabs that this till knows of without asking: its own, and the list of before; tables first."""
        return self._listed(self._cached())

    def name_of(self, session_id: str) -> str:
        """The tab that an order stands on, as far as this till was told; empty for none."""
        order = self._ledger.readable(session_id)
        if order is not None:
            return order.tab.name if order.tab else ""
        return next((tab.name for tab in self._cached() or () if tab.session_id == session_id), "")

    def merged(self, remote: Iterable[RemoteSession]) -> list[OpenTab]:
        """What the database lists now, with what only this till knows yet; tables first."""
        listed = [
            OpenTab(
                row.tab_id,
                row.session_id,
                row.tab_name,
                row.user,
                row.lines,
                row.total,
                row.updated_at,
                row.till,
                row.created_at,
                row.covers,
                row.bill_out,
            )
            for row in remote
            if row.tab_id is not None
        ]
        return self._listed(listed)

    def _listed(self, told: Iterable[OpenTab] | None) -> list[OpenTab]:
        """The tabs that were told of and are open still, and those here that nobody can have told of."""
        tabs: dict[str, OpenTab] = {}
        told = None if told is None else list(told)
        moved = {tab.session_id for tab in told or () if self._has_moved(tab)}
        for order in self._ledger.open_orders():
            is_told = told is not None and self._is_known_there(order) and order.id not in moved
            if order.tab and order.tab.id not in tabs and not is_told:
                tabs[order.tab.id] = self._open_tab(order, order.tab)
        for tab in told or ():
            if tab.tab_id not in tabs and not self._is_over(tab):
                tabs[tab.tab_id] = self._newest(tab)
        return sorted(tabs.values(), key=lambda tab: tab.place)

    def _open_tab(self, order: Order, tab: Tab) -> OpenTab:
        rows, holder = len(order.priced.rows), self._ledger.holder_of(order)
        return OpenTab(
            tab.id,
            order.id,
            tab.name,
            order.user,
            rows,
            order.total,
            order.updated_at,
            holder,
            order.created_at,
            tab.covers,
            wants_to_pay(order),
        )

    def _newest(self, tab: OpenTab) -> OpenTab:
        """A tab as it stands here, where this till has done more to it than the database was told."""
        order = self._ledger.readable(tab.session_id)
        if order is None or order.tab is None:
            return tab
        newer = order.updated_at > tab.since  # something was done to it here
        if self._ledger.holder_of(order) == self._ledger.till or (newer and tab.till is None):
            return self._open_tab(order, order.tab)
        return replace(tab, lines=len(order.priced.rows), total=order.total) if newer else tab

    def _has_moved(self, tab: OpenTab) -> bool:
        """Whether its order has another table since, as this till knows and who told of it did not yet."""
        order = self._ledger.readable(tab.session_id)
        if order is None or order.tab is None:
            return False
        return order.tab.id != tab.tab_id and order.updated_at > tab.since

    def _is_known_there(self, order: Order) -> bool:
        """Whether the database has the order as it stands here: then its own list says whether the tab is open."""
        mark = self._ledger.journal.mark_of(order.id)
        return mark is not None and mark.status == order.status and mark.version > 0

    def _is_over(self, tab: OpenTab) -> bool:
        """Whether this till knows that an order stands on its tab no more, though the database may not."""
        mark = self._ledger.journal.mark_of(tab.session_id)
        if mark is not None and mark.closed:
            return True
        order = self._ledger.readable(tab.session_id)
        return order is not None and (order.is_over or order.tab is None or order.tab.id != tab.tab_id)

    def _cached(self) -> list[OpenTab] | None:
        """The tabs as the database listed them last; None when it never did, or not so that it reads."""
        cached = self._ledger.journal.cached("tabs")
        if cached is None:
            return None
        try:
            rows = [raw for raw in cached[1]["tabs"] if isinstance(raw, dict)]
        except (KeyError, TypeError):
            return None
        return [tab for raw in rows if (tab := _read_tab(raw)) is not None]

    def recall(self, session_id: str, user: int, *, holder: int | None = None, taking_over: bool = False) -> Order:
        """Bring the order of a tab back here. Its events must be in the journal (`Store.fetch`).

        Args:
            session_id: the order that stands on the tab.
            user: who recalls it: it is their order from now on.
            holder: the till that the database says has it open.
            taking_over: whether the user was warned and said yes, when another till has it open.

        Raises:
            NoTabError: the order stands on no tab, or was paid or cleared: it says so.
            OrderClosedError: another till has it open, and nobody was warned.
        """
        order = self._ledger.order(session_id)
        if order.is_over and order.tab is not None:
            raise NoTabError(self._ended(order, order.tab))
        here = self._ledger.till
        held = holder if holder is not None else self._ledger.holder_of(order)
        if held not in {None, here} and not taking_over:
            name = order.tab.name if order.tab else ""
            who = self._reference.who(held, order.user)
            raise OrderClosedError(
                _(
                    "{name} is open on {who}: pay it there, or open it once more with the network, to take it over."
                ).format(name=begun(name), who=who)
            )
        self._ledger.commit(suspension.recall_tab(order, holder=held, here=here, user=user))
        self._ledger.unlock(session_id)
        self._late_lines.merge([session_id])  # nobody may have held it since its lines were changed elsewhere
        return self._ledger.order(session_id)

    def _ended(self, order: Order, tab: Tab) -> str:
        """What became of the order of a tab: `Table 7 was paid on Till 2 at 14:05.`"""
        if order.placed is None:
            return _("{name} was cleared.").format(name=begun(tab.name))
        at = self._reference.venue.local(order.placed.at).strftime("%H:%M")
        till = self._reference.venue.till_name(order.placed.till)
        return _("{name} was paid on {till} at {time}.").format(name=begun(tab.name), till=till, time=at)


class _CachedTab(Struct, frozen=True):
    """A tab as the database listed it."""

    tab_id: str
    session: str
    tab_name: str
    user: int
    lines: int
    currency: str
    total: str
    updated_at: str
    created_at: str
    till: int | None = None
    covers: int | None = None
    bill_out: bool = False


def _read_tab(raw: Mapping[str, Any]) -> OpenTab | None:
    """The tab of a row; None for one that does not read: it costs the others nothing."""
    try:
        row = msgspec.convert(raw, _CachedTab)
        total, since = Currency(row.currency).minor(row.total), read_time(row.updated_at)
        opened = read_time(row.created_at)
    except (msgspec.ValidationError, TillError, OverflowError) as problem:
        _LOG.warning("tab_not_read", extra={"error": type(problem).__name__})
        return None
    return OpenTab(
        row.tab_id,
        row.session,
        row.tab_name,
        row.user,
        row.lines,
        total,
        since,
        row.till,
        opened,
        row.covers,
        row.bill_out,
    )
