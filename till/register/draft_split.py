"""Drafts of a tip or a split, kept on this till's disk until they are carried out."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from typing_extensions import override

from till.domain.errors import JournalError
from till.register.hearing import Hearer

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.order.state import Order
    from till.register.ledger.ledger import Ledger

#: The name in the journal's cache, and the version of the format; other versions are not read.
_AGREED: Final = "own.agreed"
_SHAPE: Final = 1


class DraftSplit(Hearer):
    """Notes of a tip, or of the guest of each line. They are not events: nothing is paid, and only this till uses them.

    Args:
        ledger: the orders.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._is_written = True

    def of(self, session_id: str, name: str) -> Any:
        """Return the note on an order under a name; None if there is none."""
        return self._notes.get(session_id, {}).get(name)

    def keep(self, session_id: str, name: str, note: Any) -> None:
        """Keep a note as JSON while the order is open; None removes it.

        If the disk write fails, the note stays in memory until `save` writes it.
        """
        before = self._notes.get(session_id, {})
        if before.get(name) == note or not self._is_open(session_id):
            return
        notes = {name: kept for name, kept in {**before, name: note}.items() if kept is not None}
        if notes:
            self._notes[session_id] = notes
        else:
            self.forget([session_id])
        self._is_written = False
        with suppress(JournalError):  # the next call of `save` reports it
            self.save()

    def forget(self, session_ids: Iterable[str]) -> None:
        """Forget orders that ended or moved to another till. The next write removes them from disk."""
        for session_id in session_ids:
            self._notes.pop(session_id, None)

    @override
    def order_grew(self, order: Order) -> None:
        self.forget_over(order)

    def forget_over(self, order: Order) -> None:
        """Forget an order if it ended."""
        if order.is_over:
            self.forget([order.id])

    def save(self) -> None:
        """Write changes that are not written yet.

        Raises:
            JournalError: the disk write fails; call again.
        """
        if not self._is_written:
            self._ledger.journal.cache(_AGREED, _SHAPE, self._notes)
            self._is_written = True

    @cached_property
    def _notes(self) -> dict[str, dict[str, Any]]:
        shape, kept = self._ledger.journal.cached(_AGREED) or (_SHAPE, {})
        return {one: dict(notes) for one, notes in kept.items() if shape == _SHAPE and self._is_open(one)}

    def _is_open(self, session_id: str) -> bool:
        """True if the order is open here: it may have ended after the note was kept."""
        order = self._ledger.readable(session_id)
        return order is not None and not order.is_over
