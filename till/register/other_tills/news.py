"""What other tills did to orders, as the screen is told it: each kind of news is a value with its sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct

from till.domain.i18n import _
from till.domain.merge import settlement
from till.domain.money.measures import Minor, sum_of
from till.domain.order.events import LineVoided, QuantityChanged
from till.domain.order.state import Status
from till.register.other_tills.diff import difference, paid_after_all

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterable, Iterator, Sequence

    from till.domain.merge.settlement import Conflict
    from till.domain.order.state import Order
    from till.domain.refund.state import Refund
    from till.ports import Light
    from till.register.ledger.ledger import Ledger
    from till.register.other_tills.late_lines import Late
    from till.register.reference import Reference


class OrdersChanged(Struct, frozen=True):
    """Events of other tills changed these orders."""

    session_ids: tuple[str, ...]


class OrderTaken(Struct, frozen=True):
    """Another till took over an order that was open here."""

    session_id: str
    sentence: str


class LinesChanged(Struct, frozen=True):
    """What other tills keyed came into an order that goes on here, or left it."""

    order: Order
    sentence: str


class LinesLate(Struct, frozen=True):
    """What was keyed or cleared here came too late: the order had ended elsewhere. Lines are a new one."""

    order: Order
    sentence: str


class MoneyWaits(Struct, frozen=True):
    """Money for an order that ended is wrong, here or on another till: it waits for a manager."""

    order: Order
    sentence: str


class ChargeMoved(Struct, frozen=True):
    """A charge of this order came a step further, or to its end; or giving it back did.

    Attributes:
        payment_id: which payment that is; empty where it is not one alone.
        answered: it came to its end just now.
    """

    session_id: str
    payment_id: str
    answered: bool = False


class RefundMoved(Struct, frozen=True):
    """Who was asked to give money back said what became of it, or could not say; or a person is to say it."""

    refund: Refund
    sentence: str


class TenderMissing(Struct, frozen=True):
    """A way to pay that the config names cannot be offered."""

    sentence: str


class ReferenceChanged(Struct, frozen=True):
    """The menu, the staff, the tabs or the settings are new."""


class LightChanged(Struct, frozen=True):
    """The light is another."""

    light: Light


News = (
    OrdersChanged
    | OrderTaken
    | LinesChanged
    | LinesLate
    | MoneyWaits
    | ChargeMoved
    | RefundMoved
    | TenderMissing
    | ReferenceChanged
    | LightChanged
)


class Watcher(Protocol):
    """Who wants to know what came from outside: the screen, or who keeps it while there is none."""

    def on_news(self, news: News) -> None:
        """Something came."""
        ...


class Announcer:
    """Compares orders before and after events of other tills came, and tells the watcher what a person must know.

    Args:
        ledger: the orders.
        reference: names tills and people, and makes sentences.
        tab_of: names the tab of an order that lines went to; empty for none.
    """

    def __init__(self, ledger: Ledger, reference: Reference, tab_of: Callable[[str], str]) -> None:
        self._ledger = ledger
        self._reference = reference
        self._tab_of = tab_of
        self._told: set[str] = set()

    def tell(
        self,
        watcher: Watcher,
        session_ids: Iterable[str],
        known: Sequence[Order],
        lessened: Iterable[Order],
        late: Iterable[Late],
    ) -> None:
        """Tell it all, what matters most last.

        Args:
            watcher: who is told.
            session_ids: the orders that events came for.
            known: those of them that somebody had looked at, as they stood before.
            lessened: the orders that lost what another till has dealt with.
            late: what came too late, in orders of its own.
        """
        self._tell_changes(known, watcher)
        for order in lessened:
            watcher.on_news(LinesChanged(order, self._reference.answers.given_up(order)))
        self._tell_paid_after_all(session_ids, known, watcher)
        money = {order.id: (order, said) for order, said in self._money(session_ids, known)}
        for carried in late:
            _order, wrong = money.pop(carried.ended.id, (None, ""))
            ended = self._with_end(carried.ended, wrong) if wrong else self.ended(carried.ended)
            watcher.on_news(LinesLate(carried.order, self._reference.answers.late(ended, carried.order)))
        for order, wrong in money.values():
            here = order.ended_by == self._ledger.till
            watcher.on_news(MoneyWaits(order, wrong if here else self._with_end(order, wrong)))

    def _tell_changes(self, known: Sequence[Order], watcher: Watcher) -> None:
        here, name = self._ledger.till, self._reference.venue.till_name
        for before in known:
            after = self._ledger.readable(before.id)
            if after is None or (found := difference(before, after, here)) is None:
                continue
            own = after.tab.name if after.tab else ""
            away = [
                (name(till), "" if (tab := self._tab_of(session_id)) == own else tab, pieces)
                for (till, session_id), pieces in found.moved_away.items()
            ]
            said = self._reference.answers.changed_elsewhere(
                after,
                {name(till): pieces for till, pieces in found.joined.items()},
                away,
                found.taken_off,
                found.brought_back,
                found.overdrawn,
            )
            if said:
                watcher.on_news(LinesChanged(after, said))

    def _tell_paid_after_all(self, session_ids: Iterable[str], known: Sequence[Order], watcher: Watcher) -> None:
        """What was cleared here and paid on another till, apart: the money wins, and who cleared it hears of it."""
        looked_at = {order.id: order for order in known}
        for session_id in session_ids:
            before, after = looked_at.get(session_id), self._ledger.readable(session_id)
            if after is None or after.placed is None or not (before or self._follows(session_id)):
                continue
            if paid_after_all(before, after, self._ledger.journal.events_of(session_id), self._ledger.till):
                till = self._reference.venue.till_name(after.placed.till)
                watcher.on_news(LinesLate(after, self._reference.answers.paid_after_all(till, after)))

    def _follows(self, session_id: str) -> bool:
        mark = self._ledger.journal.mark_of(session_id)
        return mark is not None and mark.open

    def _money(self, session_ids: Iterable[str], known: Iterable[Order]) -> Iterator[tuple[Order, str]]:
        """What is wrong about money since, where it was taken or a line was taken off here: each order once.

        Money that was taken twice is not told so: the database refuses it, and every light says that.
        """
        before = {order.id: frozenset(order.conflicts) for order in known}
        for session_id in session_ids:
            order = self._ledger.readable(session_id)
            heard = self._told | before.get(session_id, frozenset())
            if order is None or not order.conflicts.keys() - heard:
                continue
            heard |= order.settled_conflicts
            new = [one for one in settlement.matters(order) if one.id in order.conflicts.keys() - heard]
            self._told |= order.conflicts.keys()
            told = [*self._unlisted(order, new), *self._given_back(order, new), *self._overpaid(order, new)]
            if told:
                yield order, " ".join(told)

    def _unlisted(self, order: Order, found: Iterable[Conflict]) -> Iterator[str]:
        """Money that no sale lists: told where it was taken, and where the order ended."""
        taken: dict[int, Minor] = {}
        for conflict in found:
            if conflict.kind == "payment_without_order":
                till = order.payments[conflict.subject].till
                taken[till] = Minor(taken.get(till, 0) + conflict.amount)
        for till, amount in taken.items():
            if till == self._ledger.till:
                yield self._reference.answers.unlisted(amount)
            elif order.ended_by == self._ledger.till:
                yield self._reference.answers.unlisted_there(self._reference.venue.till_name(till), amount, order)

    def _given_back(self, order: Order, found: Iterable[Conflict]) -> Iterator[str]:
        """Money that was given back and stands on a sale: told where it was given back, and where it was sold."""
        here, name, answers = self._ledger.till, self._reference.venue.till_name, self._reference.answers
        for conflict in found:
            if conflict.kind != "given_back":
                continue
            payment = order.payments[conflict.subject]
            sold = next(one.till for one in order.placings if payment.id in one.payment_ids)
            if payment.till == here:
                yield answers.sold_after_all(conflict.amount)
            elif sold == here:
                yield answers.given_back_there(name(payment.till), conflict.amount)

    def _overpaid(self, order: Order, found: Iterable[Conflict]) -> Iterator[str]:
        """Lines that were paid for and taken off: told where they were paid for, and where they were taken off."""
        more = {one.subject: one.amount for one in found if one.kind == "paid_for_more"}
        lines = [order.lines[subject] for subject in more if subject in order.lines]  # else it is about a price
        for placed in order.placings:
            own = [line for line in lines if order.miscounted_by(line) is placed]
            if not own:
                continue
            pieces: dict[str, int] = {}
            for line in own:
                pieces[line.name] = pieces.get(line.name, 0) + placed.quantities[line.id] - line.pieces
            amount = sum_of(more[line.id] for line in own)
            if placed.till == self._ledger.till:
                yield self._reference.answers.overpaid(pieces, amount)
            elif self._took_off(order, {line.id for line in own}):
                yield self._reference.answers.overpaid_there(pieces, amount)

    def _took_off(self, order: Order, lines: Container[str]) -> bool:
        """Whether pieces of any of these lines were taken off at this till."""
        return any(
            event.till == self._ledger.till
            and isinstance(event.data, LineVoided | QuantityChanged)
            and event.data.line_id in lines
            for event in self._ledger.journal.events_of(order.id)
        )

    def _with_end(self, order: Order, wrong: str) -> str:
        """What is wrong about money, and where its order was paid; that it was cleared its user is told by itself."""
        return wrong if order.placed is None else f"{wrong} {self.ended(order)}"

    def ended(self, order: Order) -> str:
        """How an order came to its end, and where: `That order was paid on Till 2.`"""
        name = self._reference.venue.till_name
        if order.placed is not None:
            return _("That order was paid on {till}.").format(till=name(order.placed.till))
        if order.status is Status.DISCARDED:
            return _("That order was cleared on {till}.").format(till=name(order.discarded_by))
        return _("Another till put that order away.")
