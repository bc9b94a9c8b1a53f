"""What is done with tabs: an order is saved to one, recalled, moved, merged, split."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import NoTabError, OrderClosedError
from till.domain.events.envelope import Draft
from till.domain.i18n import _
from till.domain.order import moving, selling, suspension
from till.domain.order.state import Order, Tab
from till.domain.structs import replace
from till.domain.text import begun, clean, is_code
from till.domain.till.events import BookingMissed, stream_of_till
from till.register.ledger.ledger import Command
from till.register.other_tills.late_lines import LateLines
from till.register.tabs.names import label_of, table_of
from till.register.tabs.open_tabs import check_another

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from till.ports import RemoteBooking
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference
    from till.register.tabs.open_tabs import OpenTab, OpenTabs

#: The order type of who sits at a table.
_DINE_IN: Final = "dine_in"
#: The most guests at a table.
_MOST_COVERS: Final = 99


class Tabs:
    """Commands about tabs. A tab is the venue's, not a person's: whoever recalls it goes on with its lines.

    Args:
        ledger: the write path.
        reference: names a till and a person, for the sentence that says where a tab is open.
        open_tabs: says which names are taken.
    """

    def __init__(self, ledger: Ledger, reference: Reference, open_tabs: OpenTabs) -> None:
        self._ledger = ledger
        self._reference = reference
        self._open_tabs = open_tabs
        self._late_lines = LateLines(ledger)

    def save(self, session_id: str, name: str, known: Iterable[OpenTab] = ()) -> Tab:
        """Save the order to a tab by name or number; a recalled order goes back to its own with an empty name.

        Args:
            session_id: the order on the screen.
            name: `7`, `table 7` or `Asha`; empty for the tab that it came from.
            known: the tabs that are open, so that two orders never hide under one name.

        Raises:
            NoTabError: there is no name, or a tab of that name is open.
            TillError: as `suspension.put_on_tab`.
        """
        order = self._ledger.order(session_id)
        label = label_of(name)
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
        label, known = label_of(name), (*known, *self._open_tabs.local())
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
        if not name and booking.table is None and table_of(wanted) is not None:
            wanted = _("guest {number}").format(number=wanted)  # who is called by a number sits at no table of it
        label = label_of(wanted)
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
        tab = self._new_tab(str(number), label_of(str(number)), known)
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
            TillError: the order is on no screen, has no line, or a payment of it is under way.
        """
        known = self._ledger.readable(tab.session_id)
        if tab.session_id == session_id:
            raise NoTabError(_("This is the order of {name} already.").format(name=tab.name))
        if known is not None and known.is_over and known.tab is not None:
            raise NoTabError(self._ended(known, known.tab))
        with self._ledger.command() as command:
            command.write(self._joined(command, session_id, tab.session_id, tab.name))

    def merge(self, kept: OpenTab, other: OpenTab) -> Order:
        """Put the lines of one tab on another, which stays where it is; the emptied one is never brought back.

        The events of both must be in the journal (`Store.fetch`).

        Raises:
            NoTabError: they are one, another till has one open, one was paid or cleared meanwhile, or nothing stands on
                the one that would be emptied.
            PaymentError: a payment of one of them is under way.
        """
        check_another(kept.session_id, other)
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
        check_another(tab.session_id, into)
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
        check_another(session_id, into)
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
        moving.check_alike(command.order(session_id), command.order(into.session_id))
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
        label = label_of(name)
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
        moving.check_alike(order, command.find(into))
        command.write(moving.keep_prices(order, moving.whole(order, order.lines)))
        return moving.join(command.order(session_id), into, _("added to {name}").format(name=name))

    def _new_tab(self, name: str, label: str, known: Iterable[OpenTab] = ()) -> Tab:
        if label.casefold() in {tab.name.casefold() for tab in (*known, *self._open_tabs.local())}:
            sentence = _("{name} is open already: F8 adds to it. Or save under another name.")
            raise NoTabError(sentence.format(name=begun(label)))
        if is_code(name):
            sentence = _("{number} is no table. A barcode is scanned on the order; a name has letters.")
            raise NoTabError(sentence.format(number=clean(name).strip()))
        number = table_of(name)
        return Tab(self._ledger.new_id(), label, number if number is not None and number < 2**31 else None)

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
