"""Acts on tabs: save, recall, change of table, handover."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Final

from till.domain.errors import NoTabError
from till.domain.events.envelope import Draft
from till.domain.i18n import N_, _
from till.domain.order import guests, naming, retyping, selling, suspension
from till.domain.order.naming import tab_name
from till.domain.order.state import Order, Tab
from till.domain.structs import replace
from till.domain.text import capitalize_first, clean, is_code
from till.domain.till.events import BookingMissed, stream_of_till
from till.register.tabs.names import LONGEST, key_of, label_of, table_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.ports import RemoteBooking
    from till.register.ledger.ledger import Command, Ledger
    from till.register.reference import Reference
    from till.register.tabs.open_tabs import OpenTab, OpenTabs

#: The most guests at a table.
_MOST_COVERS: Final = 99


class Tabs:
    """Commands on tabs. A tab belongs to the venue, not to a person: anyone who recalls it continues with its lines.

    Args:
        ledger: the write path.
        reference: names tills and people.
        open_tabs: the names in use.
    """

    def __init__(self, ledger: Ledger, reference: Reference, open_tabs: OpenTabs) -> None:
        self._ledger = ledger
        self._reference = reference
        self._open_tabs = open_tabs

    def save(self, session_id: str, name: str, known: Iterable[OpenTab] = ()) -> Tab:
        """Save the order to a tab by name or number; with an empty name, to the tab that it was recalled from.

        Args:
            session_id: the order on the screen.
            name: `7`, `table 7` or `Asha`; empty for the earlier tab.
            known: the open tabs, so that two orders never share one name.

        Raises:
            NoTabError: the name is empty, or a tab of that name is open.
            TillError: see `suspension.put_on_tab`.
        """
        order = self._ledger.order(session_id)
        if order.tab and key_of(name) in {"", key_of(order.tab.name)}:
            tab = order.tab
        else:
            tab = replace(self.new_tab(name, known), covers=order.tab.covers if order.tab else None)
        with self._ledger.command() as command:
            command.write(self.eaten_in(order, tab))
            command.write(suspension.put_on_tab(command.order(session_id), tab))
        return tab

    def eaten_in(self, order: Order, tab: Tab) -> list[Draft]:
        """Set the order type for a table, unless a person chose another. A name is a table if the venue calls it so.

        The guest of a program named the type of the order, and saw its total: only a number seats it. Once money is on
        it, it keeps its type if another changes what is owed.
        """
        venue = self._reference.venue
        is_table = tab.table_number is not None or (venue.tabs.seats and order.submitted is None)
        there = naming.type_at_table(order, venue.order_types)
        if not is_table or there == order.order_type or retyping.changes_owed(order, order.of_type(there)):
            return []
        return retyping.set_order_type(order, there)

    def save_apart(self, session_id: str, name: str, known: Iterable[OpenTab] = ()) -> Tab:
        """Save the order as a separate bill if another is open: the second bill of table 7 is table 7-2."""
        return self.save(session_id, self.free_name(name, known), known)

    def free_name(self, name: str, known: Iterable[OpenTab] = ()) -> str:
        """Return a name that no open tab has: itself, or with the number of a further bill, `table 7-2`."""
        label = label_of(name, self._reference.venue.tabs)
        taken = {key for tab in (*known, *self._open_tabs.local()) for key in tab.keys}
        names = chain((label,), (f"{label}-{bill}" for bill in range(2, 1000)))
        return next((one for one in names if key_of(one) not in taken), label)

    def seat(self, user: int, booking: RemoteBooking, name: str = "") -> Tab:
        """Open a tab for the guests of a booking before they order. The screen does not change.

        Args:
            user: the person who seats them and owns the order.
            booking: the booking.
            name: a table or name other than the booked one; empty for the booked one.
        """
        wanted = name or (str(booking.table) if booking.table is not None else booking.name or booking.phone)
        if not name and booking.table is None and table_of(wanted) is not None:
            wanted = self._reference.venue.written(N_("guest {number}")).format(
                number=wanted
            )  # a guest whose name is a number is not a table
        tab = replace(self.new_tab(wanted if name else wanted[:LONGEST]), covers=booking.covers)
        venue, session_id = self._reference.venue, self._ledger.new_id()
        order_type = naming.DINE_IN if naming.DINE_IN in venue.order_types else venue.order_types[0]
        who = booking.name or booking.phone
        with self._ledger.command() as command:
            command.write([selling.open_order(session_id, user, self._reference.terms, order_type)])
            if who or booking.customer_id:
                command.write(guests.attach_customer(command.order(session_id), booking.customer_id, who))
            command.write(suspension.seat(command.order(session_id), booking.booking_id, tab))
        return tab

    def open_table(self, user: int, number: int, known: Iterable[OpenTab] = ()) -> Order:
        """Open an order at a free table before the guests order. It is cleared if nothing is keyed."""
        tab = self.new_tab(str(number), known)
        venue, session_id = self._reference.venue, self._ledger.new_id()
        order_type = naming.DINE_IN if naming.DINE_IN in venue.order_types else venue.order_types[0]
        with self._ledger.command() as command:
            command.write([selling.open_order(session_id, user, self._reference.terms, order_type)])
            command.write(suspension.save_again(command.order(session_id), tab))
            opened = command.order(session_id)
            command.write(suspension.recall_tab(opened, here=self._ledger.till, user=user))
        return self._ledger.order(session_id)

    def miss(self, booking_id: str) -> None:
        """Record that the guests of a booking did not come."""
        stream = stream_of_till(self._ledger.store_id, self._ledger.till)
        self._ledger.commit([Draft(BookingMissed(booking_id=booking_id), stream)])

    def change_table(self, tab: OpenTab, name: str, known: Iterable[OpenTab] = ()) -> Tab:
        """Change the table or name of a tab. The order keeps its payments."""
        new = self.new_tab(name, known)
        with self._ledger.command() as command:
            order = self._take(command, tab)
            new = replace(new, covers=order.tab.covers if order.tab else None)
            command.write(self.eaten_in(order, new))
            command.write(suspension.save_again(command.order(tab.session_id), new))
        return new

    def set_covers(self, tab: OpenTab, covers: int) -> None:
        """Set the number of guests at a tab."""
        if not 1 <= covers <= _MOST_COVERS:
            raise NoTabError(_("Type 1 to {most} guests.").format(most=_MOST_COVERS))
        with self._ledger.command() as command:
            self._take(command, tab)
            self._put_back(command, tab.session_id, covers=covers)

    def hand_over(self, tab: OpenTab, user: int) -> None:
        """Hand a tab over to another person."""
        if not any(person.number == user for person in self._reference.staff):
            raise NoTabError(_("Nobody here has number {number}.").format(number=user))
        with self._ledger.command() as command:
            self._take(command, tab, user)
            self._put_back(command, tab.session_id)

    def _take(self, command: Command, tab: OpenTab, user: int | None = None) -> Order:
        """Activate the order of a tab here for an act. It keeps its user unless `user` is given."""
        order = self.check_there(tab)
        owner = order.user if user is None else user
        command.write(suspension.recall_tab(order, here=self._ledger.till, user=owner))
        return command.order(tab.session_id)

    def check_there(self, tab: OpenTab) -> Order:
        """Return the order of a tab for an act. This till must hold it."""
        order, here = self._ledger.order(tab.session_id), self._ledger.till
        if order.is_over and order.tab is not None:
            raise NoTabError(self._ended(order, order.tab))
        at = self._ledger.open_at(order) or tab.till
        if at not in {None, here}:
            sentence = _("{name} is open on {who}: save it there first.")
            raise NoTabError(
                sentence.format(name=capitalize_first(tab_name(tab.name)), who=self._reference.who(at, order.user))
            )
        suspension.check_held(order, here)
        return order

    @staticmethod
    def _put_back(command: Command, session_id: str, covers: int | None = None) -> None:
        """Put an order back on its tab after an act."""
        order = command.order(session_id)
        if order.tab is not None:
            tab = order.tab if covers is None else replace(order.tab, covers=covers)
            command.write(suspension.save_again(order, tab))

    def new_tab(self, name: str, known: Iterable[OpenTab] = ()) -> Tab:
        """Return a new tab with a name, without writing it."""
        label = label_of(name, self._reference.venue.tabs)
        if not label:
            raise NoTabError(_("Type a number or a name."))
        if len(label) > LONGEST:  # never cut: a part of a name may be another guest's
            raise NoTabError(_("A name has at most {most} characters.").format(most=LONGEST))
        if any(key_of(name) in tab.keys for tab in (*known, *self._open_tabs.local())):
            sentence = _("{name} is open: F8 adds to it. Or use another name.")
            raise NoTabError(sentence.format(name=capitalize_first(tab_name(label))))
        if is_code(name):
            sentence = _("{number} is a barcode: scan it on the order.")
            raise NoTabError(sentence.format(number=clean(name).strip()))
        number = table_of(name)
        return Tab(self._ledger.new_id(), label, number if number is not None and number < 2**31 else None)

    def recall(self, session_id: str, user: int) -> Order:
        """Recall the order of a tab. This till must hold it (call `Store.grant` first if `Grants.must_ask`).

        Args:
            session_id: the order on the tab.
            user: the person who recalls the order and owns it afterwards.

        Raises:
            NoTabError: the order is not on a tab, or was paid or cleared; the sentence names the reason.
            OrderClosedError: another till holds the order.
        """
        order = self._ledger.order(session_id)
        if order.is_over and order.tab is not None:
            raise NoTabError(self._ended(order, order.tab))
        self._ledger.commit(suspension.recall_tab(order, here=self._ledger.till, user=user))
        return self._ledger.order(session_id)

    def _ended(self, order: Order, tab: Tab) -> str:
        """Return a sentence on the end of a tab: `Table 7 was paid on Till 2 at 14:05.`, or `was added to table 6.`"""
        if order.added_to:
            return _("{name} was {reason}.").format(
                name=capitalize_first(tab_name(tab.name)), reason=clean(order.discard_reason)
            )
        if order.placed is None:
            return _("{name} was cleared.").format(name=capitalize_first(tab_name(tab.name)))
        at = self._reference.venue.local(order.placed.at).strftime("%H:%M")
        till = self._reference.venue.till_name(order.placed.till)
        return _("{name} was paid on {till} at {time}.").format(
            name=capitalize_first(tab_name(tab.name)), till=till, time=at
        )
