"""Acts between two orders: the server moves lines from one order to another, or merges them.

Each act is tried here first, without a write to the journal, and then sent. Once the server has written its events,
they arrive in the journal like those of other tills. After a refusal, or without an answer, the orders are unchanged.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.errors import AskedBackError, NoTabError, PaymentError, RightsError, StoreAwayError
from till.domain.i18n import N_, _, speaking
from till.domain.money.measures import sum_of
from till.domain.order import deciding, facts, moving, retyping, suspension
from till.domain.order.naming import order_type_name, tab_name
from till.domain.order.sent import order_type_asked
from till.domain.structs import replace
from till.domain.text import capitalize_first
from till.ports.store import NoAnswerError
from till.register.ledger.ledger import Command
from till.register.tabs.open_tabs import check_another

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from till.domain.order.state import Order
    from till.ports import Store
    from till.register.approvals import Approvals
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference
    from till.register.tabs.acts import Tabs
    from till.register.tabs.open_tabs import OpenTab


#: The sentences for a server that is offline; they name an alternative.
PARTING_AWAY: Final = N_("This needs the server. I: pay items works without it.")
MOVING_AWAY: Final = N_("Moving lines needs the server: here each pays its own bill.")
MERGING_AWAY: Final = N_("Merging needs the server: here each pays its own bill.")
ADDING_AWAY: Final = N_("Adding needs the server. Tab on F8: a separate bill.")


def _follows(order: Order, into: Order) -> bool:
    """True if an order gets the type of the tab that it is added to."""
    return into.tab is not None and moving.follows_table(order)


class BetweenOrders:
    """Commands on two orders. This till must hold both (`Store.grant`); `store` is None without a server.

    Raises from each command with a request:
        NoAnswerError: the server did not answer. If it acted, its next reply contains the events.
        StoreAwayError: the server is offline; the sentence names an alternative.
        StoreError: the server refused.

    Args:
        ledger: folds the trial events.
        reference: formats amounts.
        tabs: the commands on tabs.
        approvals: the rights of the user.
    """

    def __init__(self, ledger: Ledger, reference: Reference, tabs: Tabs, approvals: Approvals) -> None:
        self._approvals = approvals
        self._ledger = ledger
        self._reference = reference
        self._tabs = tabs
        #: The orders and the sum of the act that was asked back about, until it is asked for again.
        self._asked: tuple[object, ...] = ()

    async def part(self, store: Store | None, session_id: str, taken: Mapping[str, int], new_id: str) -> Order:
        """Split pieces of lines into a new order, for a guest who pays them. It has the tab's name too.

        Args:
            store: the server.
            session_id: the order on the screen; it keeps its payments.
            taken: the number of pieces of each line.
            new_id: the id of the guest's order. After a lost answer, its presence shows that the act was done.

        Raises:
            LineError: a line does not exist, or no line would be left.
            QuantityError: a line has fewer pieces.
            PaymentError: the payments exceed the rest.
        """
        command = Command(self._ledger)
        self._part(command, session_id, taken, new_id)
        stays = command.order(session_id)
        moving.check_money_stays(stays, self._reference.formats.money)
        if stays.tab is not None:
            own = replace(stays.tab, id=self._ledger.new_id(), covers=None)
            command.write(suspension.put_on_tab(command.order(new_id), own))
            command.write(suspension.recall_tab(command.order(new_id), here=self._ledger.till, user=stays.user))
        await self._ask(store, command, _(PARTING_AWAY))
        return self._ledger.order(new_id)

    def quote(self, session_id: str, parts: Iterable[Mapping[str, int]]) -> tuple[list[Order], Order]:
        """Return the guests' orders after successive splits, and the rest, without a request to the server.

        Raises:
            LineError: see `part`.
            QuantityError: see `part`.
        """
        command, new_ids = Command(self._ledger), list[str]()
        for taken in parts:
            new_ids.append(self._ledger.new_id())
            self._part(command, session_id, taken, new_ids[-1])
        return [command.order(new_id) for new_id in new_ids], command.order(session_id)

    async def add(self, store: Store | None, session_id: str, tab: OpenTab) -> Order:
        """Merge an order into a tab, and return the order with all lines, as `merge` does.

        A round that was just keyed costs what it would cost if it were keyed on the tab.
        """
        if tab.session_id == session_id:
            raise NoTabError(_("This is already the order of {name}.").format(name=tab_name(tab.name)))
        self._tabs.check_there(tab)
        return await self._merge(store, session_id, tab.session_id, adds=True)

    async def merge(self, store: Store | None, kept: OpenTab, other: OpenTab) -> Order:
        """Merge one tab into another: one order gets the lines of both, on the tab of `kept`.

        Money never leaves its order: if one order is partly paid, it is the one that remains. The other is never
        restored.
        """
        check_another(kept.session_id, other)
        for tab in (other, kept):
            self._tabs.check_there(tab)
        if self._ledger.order(other.session_id).is_empty:
            sentence = _("{name} has no lines yet: nothing was added to {kept}.")
            raise NoTabError(sentence.format(name=tab_name(other.name), kept=tab_name(kept.name)))
        return await self._merge(store, other.session_id, kept.session_id)

    async def join(self, store: Store | None, session_id: str, other: str) -> Order:
        """Merge another order that is open here into the order on the screen; the result is open here.

        Raises:
            PaymentError: one has a payment in progress, or both are partly paid.
        """
        stays = await self._merge(store, other, session_id)
        return self._tabs.recall(stays.id, stays.user) if stays.tab is not None else stays

    async def move_pieces(
        self, store: Store | None, tab: OpenTab, name: str, pieces: int | None, into: OpenTab
    ) -> Order:
        """Move pieces from one tab to another. Return the order that gets them.

        Args:
            store: the server.
            tab: the tab with the pieces.
            name: the item's name, or an unambiguous part of the name.
            pieces: the number of pieces; None for all.
            into: the tab that gets the pieces.
        """
        check_another(tab.session_id, into)
        for one in (into, tab):
            self._tabs.check_there(one)
        taken = moving.pieces_named(self._ledger.order(tab.session_id), name, pieces)
        return await self._move(store, tab.session_id, taken, into)

    async def move_lines(self, store: Store | None, session_id: str, taken: Mapping[str, int], into: OpenTab) -> Order:
        """Move pieces of the order on the screen to a tab, and return the order that gets them.

        If all pieces move, the orders are merged.

        Args:
            store: the server.
            session_id: the order on the screen.
            taken: the number of pieces of each line.
            into: the tab that gets the pieces.

        Raises:
            NoTabError: the tab is the order's own, another till has it open, or it was paid or cleared.
            LineError: a line does not exist.
            QuantityError: a line has fewer pieces.
            PaymentError: the payments exceed the rest, both are partly paid, or a payment is in progress.
        """
        check_another(session_id, into)
        self._tabs.check_there(into)
        if taken == self._all_of(session_id):
            return await self._merge(store, session_id, into.session_id)
        return await self._move(store, session_id, taken, into)

    async def move_to_new(
        self, store: Store | None, session_id: str, taken: Mapping[str, int], name: str, known: Iterable[OpenTab]
    ) -> Order:
        """Move pieces of the order on the screen to a new tab, and return the order that gets them.

        If all pieces move, the order itself is saved to the tab.

        Args:
            store: the server.
            session_id: the order on the screen.
            taken: the number of pieces of each line.
            name: the number or name of the tab.
            known: the open tabs.

        Raises:
            NoTabError: the name is empty, or a tab of that name is open.
            LineError: a line does not exist.
            QuantityError: a line has fewer pieces.
            PaymentError: the payments exceed the rest, or a payment is in progress.
        """
        if taken == self._all_of(session_id):
            self._tabs.save(session_id, name, known)
            return self._ledger.order(session_id)
        command, new_id, order = Command(self._ledger), self._ledger.new_id(), self._ledger.order(session_id)
        self._part(command, session_id, taken, new_id)
        moving.check_money_stays(command.order(session_id), self._reference.formats.money)
        tab = self._tabs.new_tab(name, known)
        apart, follows = command.order(new_id), moving.follows_table(order)
        command.write(self._tabs.eaten_in(apart, tab))
        seated = command.order(new_id)
        if not follows:
            command.write(moving.keep_types(apart, apart.lines, seated.order_type, new_id))
            self._check_charged(command, [order], [(order, new_id)], also=[session_id])
        command.write(suspension.put_on_tab(command.order(new_id), tab))
        await self._ask(store, command, _(MOVING_AWAY))
        return self._ledger.order(new_id)

    def _all_of(self, session_id: str) -> Mapping[str, int]:
        order = self._ledger.order(session_id)
        return moving.whole(order, [line.id for line in order.lines.values() if line.quantity])

    async def _move(self, store: Store | None, session_id: str, taken: Mapping[str, int], into: OpenTab) -> Order:
        """Move pieces to another order. A discount on that whole order does not extend to the new lines."""
        command = Command(self._ledger)
        order, there = command.order(session_id), command.order(into.session_id)
        moving.check_apart(order, there)
        self._check_charge(order, there, there.order_type)
        command.write(moving.fix_amounts(command.order(into.session_id)))
        going = self._cut_out(command, session_id, taken)
        parted = command.order(session_id)
        command.write(moving.move_lines(parted, going, into.session_id))
        command.write(facts.moved_facts(order, there))
        if not moving.follows_table(order):
            command.write(moving.keep_types(parted, going, there.order_type, into.session_id))
            self._check_charged(command, [order, there], [(order, there.id)], also=[session_id])
        moving.check_money_stays(command.order(session_id), self._reference.formats.money)
        await self._ask(store, command, _(MOVING_AWAY))
        return self._ledger.order(into.session_id)

    async def _merge(self, store: Store | None, session_id: str, into: str, *, adds: bool = False) -> Order:
        """Merge an order into another, and return the order with all lines: the one with payments, if any.

        The result is on the target's tab and keeps its own terms. `facts` says what it has of the other one.
        """
        command = Command(self._ledger)
        before = asked, kept = command.order(session_id), command.order(into)
        stays = self._merged(command, session_id, into, adds=adds)
        self._check_charged(
            command, before, [(one, stays.id) for one in before if one is kept or not _follows(asked, kept)]
        )
        await self._ask(store, command, _(ADDING_AWAY if adds else MERGING_AWAY))
        return self._ledger.order(stays.id)

    def quote_added(self, session_id: str, into: str) -> Order:
        """Return the order with all lines as `add` would make it once the tab is granted, without a request.

        Raises:
            TillError: it would be refused, as by `add`.
        """
        return self._merged(Command(self._ledger, granted=into), session_id, into, adds=True)

    def _merged(self, command: Command, session_id: str, into: str, *, adds: bool) -> Order:
        asked, kept = command.order(session_id), command.order(into)
        moving.check_no_copy(asked, kept)
        deciding.check_not_empty(asked)
        moving.check_apart(asked, kept)
        emptied, stays = moving.emptied_and_kept(asked, kept)
        as_keyed = adds and moving.is_just_keyed(emptied, stays)
        self._check_charge(emptied, stays, kept.order_type, follows=as_keyed and _follows(asked, kept))
        if as_keyed:
            command.write(moving.share_discounts(emptied))
        else:
            command.write([*moving.fix_amounts(emptied, emptied.lines), *moving.fix_amounts(stays)])
        name = self._reference.venue.written(N_("another order"))
        if kept.tab is not None and kept.tab.table_number is not None:  # a person's name is erased with its own order
            with speaking(self._reference.venue.language):
                name = tab_name(kept.tab.name)
        reason = self._reference.venue.written(N_("added to {name}")).format(name=name)
        joined = command.order(emptied.id)
        if stays is asked:  # its lines keep their type
            command.write(moving.take_type(command.order(stays.id), kept.order_type))
        command.write(moving.join(joined, stays.id, reason, as_keyed=as_keyed))
        command.write(facts.joined_facts(emptied, stays))
        if emptied is asked and not _follows(asked, kept):
            command.write(moving.keep_types(joined, joined.lines, kept.order_type, stays.id))
        if stays is asked and kept.tab is not None:
            tab = replace(kept.tab, id=self._ledger.new_id())
            command.write([suspension.on_tab(command.order(stays.id), tab)])
        return command.order(stays.id)

    def _check_charged(
        self, command: Command, before: Sequence[Order], moves: Sequence[tuple[Order, str]], also: Sequence[str] = ()
    ) -> None:
        """Ask before service charge comes on lines or goes: the act is done if it is asked for once more.

        Args:
            command: the act, as it was tried.
            before: the orders before it.
            moves: the orders whose lines may have another charge, each with the order that has them now.
            also: the other orders after it.

        Raises:
            AskedBackError: the charge would come or go.
            PaymentError: it would, and a part is paid.
        """
        changed = [
            (one, command.order(there)) for one, there in moves if one.charge_rate != command.order(there).charge_rate
        ]
        if not changed:
            return
        if paid := next((one for one in before if one.has_money), None):
            raise PaymentError(_(retyping.CHANGES_OWED).format(paid=self._reference.formats.money(paid.paid)))
        after = {one.id: one for one in [there for _one, there in changed] + [command.order(each) for each in also]}
        was, now = sum_of(one.total for one in before), sum_of(one.total for one in after.values())
        asked = (*(one.id for one in before), now)
        if self._asked == asked:
            self._asked = ()
            return
        self._asked = asked
        money = self._reference.formats.money
        sentence = _("Service charge: {was} becomes {now}. Again does it.")
        raise AskedBackError(sentence.format(was=money(was), now=money(now)))

    def _check_charge(self, order: Order, into: Order, kind: str, *, follows: bool = False) -> None:
        """Refuse to take service charge off sent lines by moving them to an order of a `kind` that bears none.

        Lines keep their price unless the order `follows` that type.
        """
        asked = order_type_asked(order, order.of_type(kind) if follows else replace(order, order_type=kind))
        if asked is not None and not self._approvals.allow(asked):
            name = tab_name(into.tab.name) if into.tab is not None else order_type_name(kind)
            raise RightsError(
                _("{name} has no service charge: Ctrl+Y there first.").format(name=capitalize_first(name))
            )

    def _part(self, command: Command, session_id: str, taken: Mapping[str, int], new_id: str) -> None:
        """Split pieces of lines into a new order."""
        going = self._cut_out(command, session_id, taken)
        command.write(moving.split(command.order(session_id), going, new_id))

    def _cut_out(self, command: Command, session_id: str, taken: Mapping[str, int]) -> list[str]:
        """Cut the moving pieces into whole lines, at their present cost. Return the ids of the lines."""
        order = command.order(session_id)
        whole = moving.whole(order, taken)
        cut = {line_id: pieces for line_id, pieces in taken.items() if whole.get(line_id) != pieces}
        ids = {line_id: self._ledger.new_id() for line_id in cut}
        command.write(moving.fix_amounts(order, taken))
        command.write(moving.cut(command.order(session_id), cut, ids))
        return [ids.get(line_id, line_id) for line_id in taken]

    async def _ask(self, store: Store | None, command: Command, away: str) -> None:
        """Request the server to write the trial events; `away` is the sentence for an offline server."""
        if store is None:
            raise StoreAwayError(away)
        try:
            await store.act(command.act())
        except NoAnswerError:
            raise
        except StoreAwayError as problem:
            raise StoreAwayError(away) from problem
