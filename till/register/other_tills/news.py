"""News from outside for the screen: each kind is a value with its sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from msgspec import Struct
from typing_extensions import override

from till.domain.events.envelope import SERVER
from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.domain.order.naming import tab_name
from till.domain.order.state import Status
from till.domain.payment.movement import PaymentState
from till.domain.text import capitalize_first, clean
from till.register.hearing import Hearer
from till.register.other_tills import sentences
from till.register.other_tills.diff import difference, paid_after_all

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from till.domain.order.state import Conflict, Order
    from till.domain.refund.state import Refund
    from till.ports import Light
    from till.register.hearing import Grown
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference


class OrdersChanged(Struct, frozen=True):
    """Events of other tills changed these orders."""

    session_ids: tuple[str, ...]


class OrderTaken(Struct, frozen=True):
    """Another till took over an order that was open here."""

    session_id: str
    sentence: str


class LinesChanged(Struct, frozen=True):
    """Another till added or removed lines of an order that is open here, or took a part payment."""

    order: Order
    sentence: str


class LinesLate(Struct, frozen=True):
    """Lines keyed here, or a clearing, came too late: the order ended elsewhere. The lines are in another order now."""

    order: Order
    sentence: str


class OrderNews(Struct, frozen=True):
    """A sentence about an order for the person who last worked on it; with `here`, for the user at this till too."""

    order: Order
    sentence: str
    here: bool = False


class ChargeMoved(Struct, frozen=True):
    """A charge of this order, or its return, made progress or finished.

    Attributes:
        payment_id: the payment; empty if it is not a single one.
        answered: True if the charge finished just now.
    """

    session_id: str
    payment_id: str
    answered: bool = False


class RefundMoved(Struct, frozen=True):
    """A provider answered about a refund, or failed to; or a person must enter the outcome."""

    refund: Refund
    sentence: str


class TenderMissing(Struct, frozen=True):
    """A tender of the configuration cannot be offered."""

    sentence: str


class NoticeCame(Struct, frozen=True):
    """The server has a notice for this till. `notice_id` and `sentence` are those of the newest one."""

    notice_id: str
    sentence: str


class PaperChanged(Struct, frozen=True):
    """A print job or a printer changed its state, or the drawer did not open. `sentence` may be empty."""

    sentence: str = ""


class ReferenceChanged(Struct, frozen=True):
    """The menu, the staff, the tabs or the settings changed."""


class ServerAnswered(Struct, frozen=True):
    """The database answered: lists of orders may have changed."""


class LightChanged(Struct, frozen=True):
    """The light changed."""

    light: Light


News = (
    OrdersChanged
    | OrderTaken
    | LinesChanged
    | LinesLate
    | OrderNews
    | ChargeMoved
    | RefundMoved
    | TenderMissing
    | NoticeCame
    | PaperChanged
    | ReferenceChanged
    | ServerAnswered
    | LightChanged
)


class Watcher(Protocol):
    """A receiver of news from outside: the screen, or its replacement."""

    def on_news(self, news: News) -> None:
        """Receive a piece of news."""
        ...


class Announcer(Hearer):
    """Comparisons of orders before and after events of other tills, reported to the watcher.

    Args:
        ledger: the orders.
        reference: names tills and people, and makes sentences.
        tell: tells the watcher.
    """

    def __init__(self, ledger: Ledger, reference: Reference, tell: Callable[[News], None]) -> None:
        self._ledger = ledger
        self._reference = reference
        self._tell = tell
        self._announced: set[str] = set()

    @override
    def sessions_grew(self, grown: Grown) -> None:
        """Report all news to the watcher, the most important last."""
        session_ids, known = grown.session_ids, grown.known
        self._report_changes(known)
        self._report_paid_after_all(session_ids, known)
        money = {order.id: (order, sentence) for order, sentence in self._money(session_ids, known)}
        answers = self._reference.answers
        for order, lines in self._withdrawn(session_ids, known):
            if not order.is_over:
                self._tell(LinesChanged(order, sentences.withdrawn(answers, len(lines), order)))
                continue
            _order, wrong = money.pop(order.id, (None, ""))
            ended = self._with_end(order, wrong) if wrong else self.ended(order)
            joined = {order.moved[line].to_session for line in lines} == {order.added_to}
            self._tell(LinesLate(order, sentences.late(ended, len(lines), joined=joined)))
        for order, wrong in money.values():
            here = order.ended_by == self._ledger.till
            self._tell(OrderNews(order, wrong if here else self._with_end(order, wrong)))

    def _report_changes(self, known: Sequence[Order]) -> None:
        here, name = self._ledger.till, self._reference.venue.till_name
        for before in known:
            after = self._ledger.readable(before.id)
            if after is None or (found := difference(before, after, here)) is None:
                continue
            changed = sentences.changed_elsewhere(
                self._reference.answers,
                after,
                {name(till): pieces for till, pieces in found.joined.items()},
                found.taken_off,
                found.brought_back,
                found.overdrawn,
            )
            paid = sentences.paid_elsewhere(
                self._reference.answers,
                after,
                {"" if till == SERVER else name(till): amount for till, amount in found.paid.items()},
            )
            if sentence := f"{changed} {paid}".strip():
                self._tell(LinesChanged(after, sentence))

    def _report_paid_after_all(self, session_ids: Iterable[str], known: Sequence[Order]) -> None:
        """Report orders that were cleared here and paid on another till: the payment wins."""
        seen = {order.id: order for order in known}
        for session_id in session_ids:
            before, after = seen.get(session_id), self._ledger.readable(session_id)
            if after is None or after.placed is None or not (before or self._follows(session_id)):
                continue
            if paid_after_all(before, after, self._ledger.journal.events_of(session_id), self._ledger.till):
                till = self._reference.venue.till_name(after.placed.till)
                self._tell(LinesLate(after, sentences.paid_after_all(self._reference.answers, till, after)))

    def _withdrawn(self, session_ids: Iterable[str], known: Sequence[Order]) -> Iterator[tuple[Order, list[str]]]:
        """Yield orders from which the server moved lines, with these lines; for ended orders only lines keyed here."""
        seen = {order.id: order for order in known}
        for order in filter(None, map(self._ledger.readable, session_ids)):
            before = seen.get(order.id)
            new = {
                line_id: move
                for line_id, move in order.moved.items()
                if move.till == SERVER
                and move.event not in self._announced
                and (before is None or line_id not in before.moved)
            }
            self._announced |= {move.event for move in new.values()}
            lines = [line for one in new if (line := order.lines.get(one)) is not None]
            here = [line.id for line in lines if not order.is_over or line.keyed_by == self._ledger.till]
            if here:
                yield order, here

    def _follows(self, session_id: str) -> bool:
        mark = self._ledger.journal.mark_of(session_id)
        return mark is not None and mark.open

    def _money(self, session_ids: Iterable[str], known: Iterable[Order]) -> Iterator[tuple[Order, str]]:
        """Yield each order with new conflicts about money that was taken or refunded here.

        Money that was taken twice is not announced here: the database refuses it, and the light of every till shows it.
        """
        before = {order.id: frozenset(order.conflicts) for order in known}
        for session_id in session_ids:
            order = self._ledger.readable(session_id)
            heard = self._announced | before.get(session_id, frozenset())
            if order is None or not order.conflicts.keys() - heard:
                continue
            heard |= order.settled_conflicts
            new = [found for one, found in order.conflicts.items() if one not in heard]
            self._announced |= order.conflicts.keys()
            sentences = [*self._unlisted(order, new), *self._given_back(order, new)]
            if sentences:
                yield order, " ".join(sentences)

    def _unlisted(self, order: Order, found: Iterable[Conflict]) -> Iterator[str]:
        """Yield sentences on money without a sale, at the till that took it and where the order ended."""
        taken: dict[int, Minor] = {}
        for conflict in found:
            if conflict.kind == "money_without_order" and (payment := order.payments.get(conflict.subject)) is not None:
                till = payment.till
                taken[till] = Minor(taken.get(till, 0) + payment.amount)
        for till, amount in taken.items():
            if till == self._ledger.till:
                yield sentences.unlisted(self._reference.answers, amount)
            elif order.ended_by == self._ledger.till:
                yield sentences.unlisted_there(self._reference.answers, self._reference.venue.till_name(till), amount)

    def _given_back(self, order: Order, found: Iterable[Conflict]) -> Iterator[str]:
        """Yield sentences on refunded money that a sale counts, at the till of the refund and the till of the sale."""
        here, name, answers = self._ledger.till, self._reference.venue.till_name, self._reference.answers
        for conflict in found:
            payment, sale = order.payments.get(conflict.subject), order.placing_with(conflict.subject)
            if payment is None or sale is None or payment.state is not PaymentState.VOIDED:
                continue
            if payment.till == here:
                yield sentences.sold_after_all(answers, payment.amount)
            elif sale.till == here:
                yield sentences.given_back_there(answers, name(payment.till), payment.amount)

    def _with_end(self, order: Order, wrong: str) -> str:
        """Return the sentence on wrong money, with the till that took it. A clearing is reported separately."""
        return wrong if order.placed is None and not order.added_to else f"{wrong} {self.ended(order)}"

    def ended(self, order: Order) -> str:
        """Return a sentence on the end of an order: `Table 5 was paid on Till 2.`, or `was added to table 6`."""
        name = self._reference.venue.till_name
        what = capitalize_first(tab_name(order.tab.name)) if order.tab is not None else _("That order")
        if order.placed is not None:
            return _("{what} was paid on {till}.").format(what=what, till=name(order.placed.till))
        if order.added_to:
            return _("{what} was {reason}.").format(what=what, reason=clean(order.discard_reason))
        if order.status is Status.DISCARDED:
            return _("{what} was cleared on {till}.").format(what=what, till=name(order.discarded_by))
        return _("{what} ended on another till.").format(what=what)
