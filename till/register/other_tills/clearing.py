"""Orders that another person cleared or suspended: reported once, on the screen or at their user's next login."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.i18n import _, speaking
from till.domain.order.events import OrderDiscarded, OrderParked, SessionSwept
from till.domain.order.evolve import fold
from till.domain.order.naming import tab_name
from till.domain.order.state import Status
from till.domain.text import clean
from till.register.hearing import Hearer

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping

    from till.domain.events.registry import EventData
    from till.domain.order.state import Order
    from till.domain.staff.person import Person
    from till.ports import RemoteClearing
    from till.register.hearing import Grown
    from till.register.ledger.ledger import Ledger
    from till.register.reference import Reference

#: The name in the journal's cache of the unreported clearings: order, user, sentence.
_TO_REPORT: Final = "own.cleared"


class Clearing(Hearer):
    """Orders cleared elsewhere, kept until their user has read about them.

    Args:
        ledger: the orders.
        reference: names people, and formats money.
    """

    def __init__(self, ledger: Ledger, reference: Reference) -> None:
        self._ledger = ledger
        self._reference = reference

    @override
    def sessions_grew(self, grown: Grown) -> None:
        """Note what was cleared, but not what was so before, nor what its user has on the screen and sees there."""
        seen = {order.id for order in grown.known if order.status is Status.DISCARDED or self._is_present(order)}
        self.note([session_id for session_id in grown.session_ids if session_id not in seen])

    def _is_present(self, order: Order) -> bool:
        return order.status is Status.ACTIVE and order.user == self._ledger.user

    def note(self, session_ids: Iterable[str]) -> None:
        """Keep the orders that other tills cleared, each with its sentence in the language of its user."""
        found = {}
        for order in map(self._ledger.readable, session_ids):
            if order is None or order.status is not Status.DISCARDED or order.discarded_by == self._ledger.till:
                continue
            if not order.is_empty:
                with speaking(self._reference.language_of(order.user)):
                    found[order.id] = {"user": order.user, "sentence": self.sentence(order)}
        if found:
            self._ledger.journal.cache(_TO_REPORT, 0, {**self._kept(), **found})

    def sentence(self, order: Order) -> str:
        """Return a sentence on a clearing: the user, the paid amount or the size, and the reason.

        An order whose lines were all added to another one was not cleared. Money that came too late is reported apart.
        """
        size, who = self._reference.answers.size(order), self._who(order, OrderDiscarded)
        if order.added_to and who:
            return _("Your order was {reason} by {who}.").format(reason=clean(order.discard_reason), who=clean(who))
        paid = self._reference.formats.money(order.paid) if order.paid else ""
        named = tab_name(order.tab.name) if order.tab is not None else ""
        return self._sentence(size, who, order.discard_reason, paid, named)

    def describe_suspended(self, order: Order, person: Person | None) -> str:
        """Return a sentence on an order that was suspended from a screen or handed to another user.

        Args:
            order: the order now.
            person: the person who had it on the screen; a manager may have had a cashier's order.
        """
        events = self._ledger.journal.events_of(order.id)
        act = next((e for e in reversed(events) if isinstance(e.data, OrderParked | SessionSwept)), None)
        before = fold([event for event in events if act is not None and event.id < act.id])
        own = person is not None and (before or order).user == person.number
        facts = {"order": _("Your order") if own else _("The order"), "size": self._reference.answers.size(order)}
        if act is None or isinstance(act.data, SessionSwept):
            sentence = _("{order} was suspended after a long pause: {size}.")
            return sentence.format(**facts)
        facts["who"] = clean(self._reference.name_of(act.user) if act.user else "") or _("the owner of the database")
        if before is not None and before.user != order.user:
            sentence = _("{order} was handed to {other} by {who}.")
            return sentence.format(**facts, other=clean(self._reference.name_of(order.user)))
        return _("{order} was suspended by {who}: {size}.").format(**facts)

    def _who(self, order: Order, act: type[EventData]) -> str:
        events = self._ledger.journal.events_of(order.id)
        by = next((event.user for event in reversed(events) if isinstance(event.data, act)), None)
        return self._reference.name_of(by) if by else ""

    @staticmethod
    def _sentence(size: str, who: str, reason: str, paid: str = "", order: str = "") -> str:
        order = order or _("your order")
        who, reason = clean(who) or _("The owner of the database"), clean(reason).rstrip(".")
        if paid and reason:
            sentence = _("{who} cleared {order} with {paid} paid: {reason}.")
        elif paid:
            sentence = _("{who} cleared {order} with {paid} paid.")
        elif reason:
            sentence = _("{who} cleared {order}, {size}: {reason}.")
        else:
            sentence = _("{who} cleared {order}, {size}.")
        return sentence.format(order=order, size=size, who=who, reason=reason, paid=paid)

    def noted(self, user: int) -> dict[str, str]:
        """Return the clearings noted on this till since the user's last login here: order and sentence."""
        return {order: str(row["sentence"]) for order, row in self._kept().items() if row["user"] == user}

    def tell(self, noted: Mapping[str, str], listed: Iterable[RemoteClearing] | None = None) -> str:
        """Return the sentences for a user who logs in, each once.

        Args:
            noted: the clearings noted on this till when the database was asked; they are returned or dropped.
            listed: the clearings on any till since the user's last login, from the database; others were read on
                another till. None if the database does not answer: then `noted` is returned.
        """
        if noted:
            kept = self._kept()
            self._ledger.journal.cache(_TO_REPORT, 0, {o: row for o, row in kept.items() if o not in noted})
        if listed is None:
            return " ".join(noted.values())
        return " ".join(
            noted.get(row.session_id) or self._news(row) for row in listed if self._is_to_report(row, noted)
        )

    def _news(self, row: RemoteClearing) -> str:
        return self._sentence(self._reference.answers.counted(row.lines, row.total), row.by_name, row.reason)

    def _is_to_report(self, row: RemoteClearing, kept: Container[str]) -> bool:
        """True if this till has not shown the clearing: it shows the clearing of an open order at once."""
        order = self._ledger.readable(row.session_id)
        seen = order is not None and order.status is Status.DISCARDED and order.discarded_by != self._ledger.till
        return row.session_id in kept or not seen

    def _kept(self) -> dict[str, dict[str, object]]:
        cached = self._ledger.journal.cached(_TO_REPORT)
        return dict(cached[1]) if cached else {}
