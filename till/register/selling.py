"""Keying an order: each method is one command of the cashier, decided by the domain and written by the ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import AmountError, LineError, TillError
from till.domain.i18n import N_, _, ngettext
from till.domain.money.measures import Minor, Price4
from till.domain.money.promotion import percentages
from till.domain.order import (
    choosing,
    deciding,
    discounting,
    guests,
    invoicing,
    noting,
    quantities,
    rating,
    retyping,
    selling,
    voiding,
)
from till.domain.order.choices import check_for_sale
from till.domain.order.events import ChangeUndone, ItemAdded, QuantityChanged
from till.domain.order.selling import NotForSaleError
from till.domain.order.sent import cheaper_asked, explain_removal, order_type_asked, sent_asked
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.structs import replace
from till.domain.text import clean
from till.register.ledger.ledger import Command
from till.register.undoing import Undoing

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from till.domain.catalogue.menu import Item
    from till.domain.events.envelope import Draft, Event
    from till.domain.money.measures import Thousandths
    from till.domain.money.promotion import Offer
    from till.domain.order.discounting import Given
    from till.domain.order.line import Line, Modifier, Row
    from till.domain.order.selling import ItemEntry
    from till.domain.order.state import Buyer, Order
    from till.domain.staff.rights import Approval
    from till.register.approvals import Approvals
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference


class AgeCheckError(TillError):
    """A required age check that is missing on the order.

    Attributes:
        years: the required age of the guest.
    """

    code = "age_check"

    def __init__(self, years: int) -> None:
        super().__init__(_("Sold from age {years}. Key it at the till, which asks.").format(years=years))
        self.years = years


class Sales:
    """Commands on an open order. `None` for a session opens a new order for the user with its first event.

    Every method raises the `TillError` of a refused decision, and `JournalError` if the disk write fails.

    Attributes:
        judged: returns an order as it is judged for the right to void.
        opens_as: the type of new orders; None for the venue's first type.
    """

    def __init__(
        self, ledger: Ledger, reference: Reference, approvals: Approvals, judged: Callable[[Order], Order]
    ) -> None:
        self._ledger = ledger
        self._reference = reference
        self._approvals = approvals
        self.judged = judged
        self._undoing = Undoing(ledger, self._approvals.allow, judged)
        self.opens_as: str | None = None
        #: The newest event of the last entry, and the lines that it keyed.
        self._keyed = "", frozenset[str]()

    def open(
        self, user: int, *, order_type: str | None = None, ref: str | None = None, session_id: str | None = None
    ) -> Order:
        """Open an order for a user; `ref` is an external reference, `session_id` an id that was derived elsewhere."""
        session_id = session_id or self._ledger.new_id()
        self._ledger.commit([self._opening(session_id, user, order_type, ref)])
        return self._ledger.order(session_id)

    def _to_change(self, session_id: str) -> Order:
        """Return an order to take pieces off."""
        return self.judged(self._ledger.order(session_id))

    def change(
        self,
        session_id: str | None,
        user: int,
        decide: Callable[[Order], list[Draft]],
        *,
        back: Callable[[Order], list[Draft]] | None = None,
        approval: Approval | None = None,
    ) -> Order:
        """Change an order, or open one, and register the undo: `back` decides it, or else each change is undone."""

        def register(session_id: str, made: list[Event]) -> None:
            ids = [event.id for event in made]
            self._undoing.after(session_id, made, back or (lambda order: voiding.undo_changes(order, ids)))

        return self._decide(session_id, user, decide, then=register, approval=approval)

    def _decide(
        self,
        session_id: str | None,
        user: int,
        decide: Callable[[Order], list[Draft]],
        *,
        ref: str | None = None,
        then: Callable[[str, list[Event]], None] | None = None,
        approval: Approval | None = None,
        returns: bool = False,
    ) -> Order:
        """Decide on an order and write the drafts; without one, open an order in the same transaction.

        `then` is called with the order and the written events. The approval is recorded with them. With `returns`, the
        limit of returns is checked.
        """
        with self._ledger.command() as command:
            if session_id is None or (ref is not None and command.find(session_id) is None):
                session_id = session_id or self._ledger.new_id()
                command.write([self._opening(session_id, user, ref=ref)])
            command.write(decide(command.order(session_id)))
            if returns:
                self._check_returned(command.order(session_id))
            made = [*command.events]
            self._approvals.record(command, approval)
        if then is not None:
            then(session_id, made)
        return self._ledger.order(session_id)

    def _opening(self, session_id: str, user: int, order_type: str | None = None, ref: str | None = None) -> Draft:
        venue = self._reference.venue
        terms = self._reference.terms
        return selling.open_order(session_id, user, terms, order_type or self.opens_as or venue.order_types[0], ref=ref)

    def _check(self, keyed: ItemEntry) -> None:
        item = self._check_for_sale(keyed.item.id, keyed.item.name)
        if keyed.labelled or keyed.price4 is None or item.price4 is None or keyed.price4 == item.price4:
            return
        # A price on a keyed line has a reason, and is reported.
        sentence = _("{name} is {price}. Key it, then type “price {other}”.")
        price, other = map(self._reference.formats.price, (item.price4, keyed.price4))
        raise AmountError(sentence.format(name=clean(item.name), price=price, other=other))

    def _check_returned(self, order: Order) -> None:
        selling.check_returned(order.priced.returned, self._reference.formats, self._approvals.allow)

    def _check_for_sale(self, item_id: str, name: str) -> Item:
        """Return the item of the present menu, which may have changed since the item was picked or keyed."""
        venue, menu = self._reference.venue, self._reference.menu
        now = menu.by_id.get(item_id)
        if now is None:
            raise NotForSaleError(_("{name} is no longer on the menu.").format(name=clean(name)))
        selling.check_for_sale(menu, now, venue.local(self._ledger.now()))
        return now

    def add(
        self,
        session_id: str | None,
        user: int,
        *keyed: ItemEntry,
        line_id: str | None = None,
        ref: str | None = None,
        at_any_time: bool = False,
    ) -> Order:
        """Key items in one transaction: all or none. They must be on sale now, except in recorded trading.

        Args:
            session_id: the order; None to open one.
            user: its user.
            keyed: the items.
            line_id: the id of the line, for a single item.
            ref: an external reference; with it an unknown order is opened under the given `session_id`.
            at_any_time: True in recorded trading.
        """
        returns = False
        if not at_any_time:
            for one in keyed:
                self._check(one)
                self.check_age(session_id, one.item)
                returns |= one.quantity < 0
            keyed = tuple(map(self._with_offers, keyed))
        made = [(one, line_id or self._ledger.new_id()) for one in keyed]

        def decide(order: Order) -> list[Draft]:
            return [draft for one, line in made for draft in selling.add_item(order, self._reference.menu, one, line)]

        order = self._decide(session_id, user, decide, ref=ref, then=self._register_undo, returns=returns)
        self._keyed = order.last_id, frozenset(line for _one, line in made)
        return order

    def _with_offers(self, keyed: ItemEntry) -> ItemEntry:
        """Return the entry with the promotions that apply now."""
        offers = self._offers_on(keyed.item.id, keyed.item.category)
        offers = percentages(offers) if keyed.has_price_label else offers
        return replace(keyed, offers=offers) if offers else keyed

    def _offers_on(self, item_id: str, category: str = "") -> tuple[Offer, ...]:
        """Return the promotions that apply to an item now; `category` is for an item that is off the menu."""
        item = self._reference.menu.by_id.get(item_id)
        category = category if item is None else item.category
        return self._reference.venue.offers_on(item_id, category, self._ledger.now())

    def _offers_on_more(self, first: Line) -> tuple[Offer, ...]:
        """Return the promotions that apply now to more pieces of a line: percentages for the price of a label."""
        offers, item = self._offers_on(first.item_id), self._reference.menu.by_id.get(first.item_id)
        labels = self._reference.venue.settings.labels
        return percentages(offers) if item and quantities.has_price_label(first, item, labels) else offers

    def _asked_for(self, order: Order, row: Row, quantity: int, drafts: list[Draft]) -> PermissionRequest | None:
        """Return the right to take off sent pieces, or to add pieces at an overridden price or a discount."""
        if (more := abs(quantity) - abs(row.quantity)) <= 0:
            return sent_asked(order, drafts)
        asked = discounting.rights_for_more(row, more)
        return next((one for one in asked if not self._approvals.allow(one)), None)

    def takes_sent(self, session_id: str, line_id: str, quantity: int) -> bool:
        """Return True if another quantity of a line's row takes pieces off that were sent."""
        order = self._to_change(session_id)
        offers = self._offers_on_more(deciding.row_of(order, line_id).first)
        drafts = quantities.change_quantity(order, line_id, quantity, self._ledger.new_id(), offers)
        return sent_asked(order, drafts) is not None

    def change_quantity(
        self, session_id: str, line_id: str, quantity: int, approval: Approval | None = None, reason: str = ""
    ) -> Order:
        """Change the quantity of a line's row. The `reason` is kept if it takes pieces off that were sent."""
        order = self._to_change(session_id)
        row = deciding.row_of(order, line_id)
        first, offers = row.first, self._offers_on_more(row.first)
        menu = self._reference.menu
        drafts = quantities.change_quantity(order, line_id, quantity, self._ledger.new_id(), offers, menu)
        if any(isinstance(draft.data, ItemAdded) for draft in drafts):
            item = self._check_for_sale(first.item_id, first.name)
            check_for_sale(menu.groups_of(item), first.modifiers)
        asked, returns = self._asked_for(order, row, quantity, drafts), quantity < row.quantity < 0
        made = self._write(drafts, asked, approval, returns_in=session_id if returns else None, reason=reason)
        if any(isinstance(draft.data, ChangeUndone) for draft in drafts):
            more = abs(quantity) - abs(row.quantity)
            self._undoing.after(session_id, made, lambda _order: self._refuse_undo(more, clean(first.name)))
        else:
            self._register_undo(session_id, made)
        return self._ledger.order(session_id)

    @staticmethod
    def _refuse_undo(pieces: int, name: str) -> list[Draft]:
        """Refuse to undo an undo."""
        sentence = ngettext(
            "{n} × {name} came back last. − removes it again.",
            "{n} × {name} came back last. − removes them again.",
            pieces,
        )
        raise LineError(sentence.format(n=pieces, name=name))

    def weigh(self, session_id: str, line_id: str, measure: Thousandths, approval: Approval | None = None) -> Order:
        """Correct the weight of a weighed line: void the line, and add a copy with the new weight."""
        order = self._to_change(session_id)
        first, copy = deciding.row_of(order, line_id).first, self._ledger.new_id()
        offers = self._offers_on(first.item_id)
        reason = self._reference.venue.written(quantities.WEIGHED_AGAIN)
        drafts = quantities.weigh_again(order, line_id, measure, copy, offers, reason, self._reference.menu)
        made = self._write(drafts, sent_asked(order, drafts), approval)

        def undo(order: Order) -> list[Draft]:
            return [*voiding.restore_voids(order, [line_id]), *voiding.void_line(order, copy, self._undone)]

        self._undoing.after(session_id, made, undo)
        return self._ledger.order(session_id)

    def _write(
        self,
        drafts: list[Draft],
        asked: PermissionRequest | None,
        approval: Approval | None,
        returns_in: str | None = None,
        reason: str = "",
    ) -> list[Event]:
        """Write drafts if the logged-in user has the right or an approval. Return their events.

        `returns_in` is the order whose limit of returns is checked; None if no return is added. The `reason` is that
        of sent pieces which the drafts take off.
        """
        with self._approvals.command(asked, approval) as command:
            command.write(drafts)
            if returns_in is not None:
                self._check_returned(command.order(returns_in))
            made = [*command.events]
            command.write(explain_removal(made, deciding.check_reason(reason) if reason else ""))
            return made

    def void(self, session_id: str, line_id: str, reason: str, approval: Approval | None = None) -> Row:
        """Void the row of a line, with a reason, and return it."""
        order = self._to_change(session_id)
        row = deciding.row_of(order, line_id)
        drafts = voiding.void_row(order, line_id, reason)
        made = self._write(drafts, sent_asked(order, drafts), approval)
        self._undoing.after(session_id, made, lambda order: voiding.restore_voids(order, row.line_ids))
        return row

    def void_line(self, session_id: str, line_id: str, reason: str) -> Order:
        """Void one line, but not the equal lines of its row. Sent lines need a right."""
        order = self._to_change(session_id)
        drafts = voiding.void_line(order, line_id, reason)
        self._write(drafts, sent_asked(order, drafts), None)
        return self._ledger.order(session_id)

    def undo(self, session_id: str) -> Order:
        """Undo this till's last act on an order.

        Raises:
            LineError: there is nothing to undo, or the act cannot be undone.
        """
        return self._undoing.undo(session_id)

    def _register_undo(self, session_id: str, made: Sequence[Event]) -> None:
        """Register the undo of a change of pieces: it voids the added lines, unless they were sent."""
        # ids only: the undo of a hundred orders is kept, and their events need not be
        taken = [event.id for event in made if isinstance(event.data, QuantityChanged)]
        added = [event.data.line_id for event in made if isinstance(event.data, ItemAdded)]
        self._undoing.after(session_id, made, lambda order: self._undo_pieces(order, taken, added))

    @property
    def _undone(self) -> str:
        """The reason of a void that Ctrl+Z writes."""
        return self._reference.venue.written(N_("undone"))

    def _undo_pieces(self, order: Order, taken: Sequence[str], added: Sequence[str]) -> list[Draft]:
        drafts = voiding.undo_changes(order, taken) if taken else []
        for line_id in added:
            if order.lines[line_id].quantity:
                drafts += voiding.void_line(order, line_id, self._undone)
        if not drafts:
            raise LineError(_("There is nothing left of it to undo."))
        return drafts

    def discount(self, session_id: str, line_id: str, *, amount: Minor, reason: str) -> Order:
        """Discount a line by an amount in minor units, without any right: for recorded trading."""
        order = self._ledger.order(session_id)
        self._ledger.commit(discounting.discount_line(order, line_id, amount=amount, reason=reason))
        return self._ledger.order(session_id)

    def take_off(self, session_id: str, line_id: str | None, given: Given, approval: Approval | None = None) -> Order:
        """Give a discount on the row of a line, or on the order; Ctrl+Z undoes it."""
        order = self._ledger.order(session_id)
        self._approvals.need(discounting.asked_for(order, line_id, given), approval)
        return self._write_with_undo(session_id, discounting.give(order, line_id, given), approval=approval)

    def set_order_type(
        self, session_id: str | None, user: int, order_type: str, approval: Approval | None = None
    ) -> Order:
        """Set the order type, such as take away or eat in."""
        known = self._ledger.find(session_id) if session_id is not None else None
        if known is not None:
            retyping.set_order_type(known, order_type)  # no manager is asked for what is refused
        before = known.order_type if known is not None else self._reference.venue.order_types[0]
        judged = self.judged(known) if known is not None else None
        asked = order_type_asked(judged, judged.of_type(order_type)) if judged is not None else None
        self._approvals.need(asked, approval)

        def back(order: Order) -> list[Draft]:
            asked = order_type_asked(order, order.of_type(before))
            if asked is not None and not self._approvals.allow(asked):
                raise LineError(_("That costs less after it was sent: Ctrl+Y asks a manager."))
            return retyping.set_order_type(order, before)

        return self.change(
            session_id, user, lambda order: retyping.set_order_type(order, order_type), back=back, approval=approval
        )

    def set_line_type(self, session_id: str, line_id: str, order_type: str, approval: Approval | None = None) -> Order:
        """Set the order type of a line's row, or of its lines that were keyed last; empty for that of the order.

        Raises:
            RightsError: lines that were sent cost less then, which needs a manager.
        """
        order = self._to_change(session_id)
        row, (last_id, keyed) = deciding.row_of(order, line_id), self._keyed
        meant = keyed if order.last_id == last_id and not keyed.isdisjoint(row.line_ids) else row.line_ids
        drafts = choosing.set_line_type(order, meant, order_type)
        tried = Command(self._ledger)
        tried.write(drafts)
        asked = cheaper_asked(order, self.judged(tried.order(session_id)))
        return self._write_with_undo(session_id, drafts, asked, approval)

    def ended_lines(self, order: Order) -> tuple[Line, ...]:
        """Return the unpaid lines of an order that were keyed on an earlier business day, at taxes that ended since."""
        venue, today = self._reference.venue, self._reference.today

        def is_earlier(line: Line) -> bool:
            return line.keyed_at is not None and venue.business_date(line.keyed_at) < today

        return rating.ended_lines(order, self._reference.menu, is_earlier)

    def rate_anew(self, session_id: str) -> Order:
        """Rate the lines whose taxes ended since by the menu of now, at their prices."""
        order, menu = self._ledger.order(session_id), self._reference.menu
        drafts = rating.rate_anew(order, menu, self.ended_lines(order), self._reference.venue.order_types)
        return self._write_with_undo(session_id, drafts)

    def set_preference(self, session_id: str | None, user: int, name: str, value: str) -> Order:
        """Set a preference of the whole order; an empty value clears it."""
        known = self._ledger.find(session_id) if session_id is not None else None
        before = known.preferences.get(name, "") if known is not None else ""
        return self.change(
            session_id,
            user,
            lambda order: guests.set_preference(order, name, value),
            back=lambda order: guests.set_preference(order, name, before),
        )

    def attach_customer(self, session_id: str | None, user: int, customer_id: str | None, who: str) -> Order:
        """Set the customer of an order, by id or as free text; without both, clear it."""
        return self._decide(session_id, user, lambda order: guests.attach_customer(order, customer_id, who))

    def name_buyer(self, session_id: str | None, user: int, buyer: Buyer | None) -> Order:
        """Set whom the invoice of an order names; None for nobody."""
        return self._decide(session_id, user, lambda order: invoicing.name_buyer(order, buyer))

    def note(self, session_id: str, note: str) -> Order:
        """Set the note of the whole order; an empty note clears it."""
        return self._write_with_undo(session_id, noting.note_order(self._ledger.order(session_id), note))

    def note_line(self, session_id: str, line_id: str, note: str) -> Order:
        """Set the note of a line's row; an empty note clears it."""
        return self._write_with_undo(session_id, noting.note_row(self._ledger.order(session_id), line_id, note))

    def _chosen(self, order: Order, line_id: str, chosen: Sequence[Modifier]) -> list[Draft]:
        menu = self._reference.menu
        item = menu.by_id.get(deciding.row_of(order, line_id).first.item_id)
        return choosing.set_modifiers(order, menu.groups_of(item) if item is not None else (), line_id, chosen)

    def choose(
        self, session_id: str, line_id: str, chosen: Sequence[Modifier], note: str, approval: Approval | None = None
    ) -> Order:
        """Set the modifiers and the note of a line's row; one undo reverts both.

        Raises:
            RightsError: the row was sent and costs less then, which needs a manager.
        """
        order = self._to_change(session_id)
        drafts = self._chosen(order, line_id, chosen) + noting.note_row(order, line_id, note)
        tried = Command(self._ledger)
        tried.write(drafts)
        asked = cheaper_asked(order, self.judged(tried.order(session_id)))
        return self._write_with_undo(session_id, drafts, asked, approval)

    def seat(self, session_id: str, line_id: str, *, seat: int | None = None, course: int | None = None) -> Order:
        """Assign the row of a line to a guest or a course; 0 clears it."""
        order = self._ledger.order(session_id)
        return self._write_with_undo(session_id, choosing.seat_row(order, line_id, seat=seat, course=course))

    def override_price(
        self, session_id: str, line_id: str, price4: Price4, reason: str, approval: Approval | None = None
    ) -> Order:
        """Override the price of a row."""
        order, by = self._ledger.order(session_id), approval.by.number if approval is not None else None
        row, drafts = deciding.row_of(order, line_id), choosing.override_price(order, line_id, price4, reason, by)
        more = replace(row.first, price4=price4).amount_of(row.quantity) - row.listed
        return self._write_with_undo(session_id, drafts, PermissionRequest(Permission.PRICE, Minor(more)), approval)

    def check_age(self, session_id: str | None, item: Item) -> None:
        """Refuse an item with an age limit until the guest's age is checked."""
        years = self._reference.menu.by_id.get(item.id, item).age
        if years is None:
            return
        order = self._ledger.find(session_id) if session_id is not None else None
        if order is None or order.of_age < years:
            raise AgeCheckError(years)

    def age_checked(self, session_id: str | None, user: int, years: int, *, passed: bool) -> Order:
        """Record that the age of the guest was checked."""
        return self._decide(session_id, user, lambda order: choosing.age_checked(order, years, passed=passed))

    def _write_with_undo(
        self,
        session_id: str,
        drafts: list[Draft],
        asked: PermissionRequest | None = None,
        approval: Approval | None = None,
    ) -> Order:
        """Write changes like `_write`, and register their undo."""
        made = self._write(drafts, asked, approval)
        ids = [event.id for event in made]
        self._undoing.after(session_id, made, lambda order: voiding.undo_changes(order, ids))
        return self._ledger.order(session_id)

    def view_menu(self, session_id: str | None, user: int, query: str, items: Sequence[Item]) -> Order:
        """Record that the menu was viewed; the first such event opens an order."""
        part = self._reference.menu.daypart_at(self._reference.venue.local(self._ledger.now()))
        period = part.name if part else ""
        return self._decide(session_id, user, lambda order: selling.view_menu(order, query, period, items))
