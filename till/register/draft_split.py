"""Agreements with the guests of an order that are not carried out yet, kept on this till's disk."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.domain.order.state import Order
    from till.register.ledger.ledger import Ledger

#: The name in the journal's cache, and the version of the shape: another version is not read.
_AGREED: Final = "own.agreed"
_SHAPE: Final = 1


class DraftSplit:
    """Notes of a tip, or of whose a line is. They are no events: nothing was paid, and only this till needs them.

    Args:
        ledger: the orders.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._is_written = True

    def of(self, session_id: str, what: str) -> Any:
        """Return the note on an order under a name; None for nothing."""
        return self._notes.get(session_id, {}).get(what)

    def keep(self, session_id: str, what: str, note: Any) -> None:
        """Keep a note as JSON while the order is open; None removes it.

        If the disk refuses, the note stays in memory until `save` can write it.
        """
        before = self._notes.get(session_id, {})
        if before.get(what) == note or not self._goes_on(session_id):
            return
        notes = {name: kept for name, kept in {**before, what: note}.items() if kept is not None}
        if notes:
            self._notes[session_id] = notes
        else:
            self.forget([session_id])
        self._is_written = False
        with suppress(JournalError):  # the next call of `save` reports it
            self.save()

    def forget(self, session_ids: Iterable[str]) -> None:
        """Forget orders that ended, or that another till has. The disk follows with the next note."""
        for session_id in session_ids:
            self._notes.pop(session_id, None)

    def forget_over(self, order: Order) -> None:
        """Forget an order if it ended."""
        if order.is_over:
            self.forget([order.id])

    def save(self) -> None:
        """Write changes that are not written yet.

        Raises:
            JournalError: the disk refuses; call it again.
        """
        if not self._is_written:
            self._ledger.journal.cache(_AGREED, _SHAPE, self._notes)
            self._is_written = True

    @cached_property
    def _notes(self) -> dict[str, dict[str, Any]]:
        shape, kept = self._ledger.journal.cached(_AGREED) or (_SHAPE, {})
        return {one: dict(notes) for one, notes in kept.items() if shape == _SHAPE and self._goes_on(one)}

    def _goes_on(self, session_id: str) -> bool:
        """True if an order is still open here: it may have ended since the note was kept."""
        order = self._ledger.readable(session_id)
        return order is not None and not order.is_over
