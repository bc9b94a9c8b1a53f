"""Orders that somebody else cleared while their user was away: said at the user's next login, once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from till.domain.events import EventType
from till.domain.order import Status
from till.domain.text import clean
from till.domain.words import _

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from till.domain.order import Order
    from till.register.answers import Answers
    from till.register.ledger import Ledger

#: Where the journal's cache keeps what is still to be said: order, user, sentence.
_TO_TELL: Final = "own.cleared"


class Clearing:
    """Keeps what was cleared elsewhere until its user has read it.

    Args:
        ledger: the orders.
        name_of: what a staff number is called.
        answers: the sentences of this till, in the money of the venue.
    """

    def __init__(self, ledger: Ledger, name_of: Callable[[int], str], answers: Callable[[], Answers]) -> None:
        self._ledger = ledger
        self._name_of = name_of
        self._answers = answers

    def note(self, session_ids: Iterable[str]) -> None:
        """Keep what others cleared of these orders."""
        found = {
            order.id: {"user": order.user, "sentence": self.sentence(order)}
            for order in map(self._ledger.readable, session_ids)
            if order is not None and order.status is Status.DISCARDED and order.discarded_by != self._ledger.till
            if not order.is_empty
        }
        if found:
            self._ledger.journal.cache(_TO_TELL, 0, {**self._kept(), **found})

    def sentence(self, order: Order) -> str:
        """What was cleared, by whom and why."""
        events = self._ledger.journal.events_of(order.id)
        by = next((event.user for event in reversed(events) if event.type == EventType.ORDER_DISCARDED), None)
        who = (self._name_of(by) if by else "") or _("who owns the database")
        sentence = _("Your order of {size} was cleared by {who}: {reason}.")
        return sentence.format(
            size=self._answers().size(order), who=who, reason=clean(order.discard_reason).rstrip(".")
        )

    def tell(self, user: int) -> str:
        """The sentences for a user who logs in; they are said once."""
        kept = self._kept()
        told = [str(row["sentence"]) for row in kept.values() if row["user"] == user]
        if told:
            rest = {order: row for order, row in kept.items() if row["user"] != user}
            self._ledger.journal.cache(_TO_TELL, 0, rest)
        return " ".join(told)

    def _kept(self) -> dict[str, dict[str, object]]:
        cached = self._ledger.journal.cached(_TO_TELL)
        return dict(cached[1]) if cached else {}
