"""Undo of this till's last act on an order; for an act without undo, a sentence names the key that reverses it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec import Struct

from till.domain.errors import LineError
from till.domain.i18n import N_, _
from till.domain.order import events as happened
from till.domain.order.retyping import check_owed
from till.domain.order.sent import cheaper_asked
from till.domain.payment import events as paid

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from till.domain.events.envelope import Draft, Event
    from till.domain.events.registry import EventData
    from till.domain.order.state import Order
    from till.domain.staff.rights import PermissionRequest
    from till.register.ledger.ledger import Ledger

#: Sentences for acts without an undo, by event. Other events need no undo.
_NAMED: Final[dict[tuple[type[EventData], ...], str]] = {
    (paid.PaymentApproved, paid.PaymentUnknown, paid.PaymentAuthorised): N_(
        "A payment was last. F9, then F7 refunds it."
    ),
    (paid.PaymentVoided,): N_("A refund was last. F9 takes the money again."),
    (happened.LineCut, happened.LinesMoved): N_("Lines were moved last. F8 moves them back."),
    (happened.CustomerAttached,): N_("The customer was set last. “customer” sets another."),
}

#: The most orders with kept acts.
_MOST: Final = 100


class _Done(Struct, frozen=True):
    """An act that can be undone: its events, and the decision that undoes it."""

    records: frozenset[str]
    undo: Callable[[Order], list[Draft]]


class _Kept(Struct, frozen=True):
    """The acts on an order, oldest first, and the events of undone acts and of their undo."""

    acts: list[_Done]
    over: set[str]


class Undoing:
    """The acts of this till on its orders since it started.

    Args:
        ledger: writes the undo.
        allow: returns True if the user has a right.
        judge: returns an order as it is judged for the right to void.
    """

    def __init__(
        self, ledger: Ledger, allow: Callable[[PermissionRequest], bool], judge: Callable[[Order], Order]
    ) -> None:
        self._ledger = ledger
        self._allow = allow
        self._judge = judge
        self._kept: dict[str, _Kept] = {}

    def after(self, session_id: str, made: Iterable[Event], undo: Callable[[Order], list[Draft]]) -> None:
        """Keep an act that can be undone, after its events were written."""
        if records := frozenset(event.id for event in made if event.stream_id == session_id):
            self._kept.setdefault(session_id, _Kept([], set())).acts.append(_Done(records, undo))
            if len(self._kept) > _MOST:
                del self._kept[next(iter(self._kept))]

    def undo(self, session_id: str) -> Order:
        """Undo the last act of this till on an order."""
        kept = self._kept.get(session_id) or _Kept([], set())
        if (why := self._why_not(session_id, kept)) or not kept.acts:
            raise LineError(why or _("There is nothing to undo. F7 voids a line."))
        with self._ledger.command() as command:
            order = self._judge(command.order(session_id))
            command.write(kept.acts[-1].undo(order))
            after = self._judge(command.order(session_id))
            check_owed(order, after)
            asked = cheaper_asked(order, after)
            if asked is not None and not self._allow(asked):
                raise LineError(_("That was sent: a manager voids it. F7."))
        kept.over.update(kept.acts.pop().records, (event.id for event in command.events))
        return self._ledger.order(session_id)

    def _why_not(self, session_id: str, kept: _Kept) -> str:
        """Return why the last act has no undo; empty if it has one, or there is no act."""
        for event in reversed(self._ledger.journal.events_of(session_id)):
            if event.by_till != self._ledger.till or event.id in kept.over:
                continue
            if kept.acts and event.id in kept.acts[-1].records:
                return ""
            if why := next((_(reason) for kinds, reason in _NAMED.items() if isinstance(event.data, kinds)), ""):
                return why
        return ""
