"""What was agreed on with the guests of an order and is not done yet, kept on this till's disk until that ends."""

from __future__ import annotations

from contextlib import suppress
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from till.domain.errors import JournalError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from till.register.ledger.ledger import Ledger

#: Where the journal's cache keeps it, by order, and in which shape: another one is not read.
_AGREED: Final = "own.agreed"
_SHAPE: Final = 1


class Agreed:
    """A tip, and whose a line is. No event: nothing was paid by it, and nobody but this till needs it.

    Args:
        ledger: the orders.
    """

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger
        self._is_written = True

    def of(self, session_id: str, what: str) -> Any:
        """What was kept of an order under a name; None for nothing."""
        return self._notes.get(session_id, {}).get(what)

    def keep(self, session_id: str, what: str, said: Any) -> None:
        """Keep it, as JSON has it, while the order goes on; None lets it go.

        A disk that refuses is no reason to forget it: it stands until `save` can write it.
        """
        before = self._notes.get(session_id, {})
        if before.get(what) == said or not self._goes_on(session_id):
            return
        notes = {name: kept for name, kept in {**before, what: said}.items() if kept is not None}
        if notes:
            self._notes[session_id] = notes
        else:
            self.forget([session_id])
        self._is_written = False
        with suppress(JournalError):  # whoever calls `save` next hears of it
            self.save()

    def forget(self, session_ids: Iterable[str]) -> None:
        """Let go of orders that ended, or that another till has; the disk follows with the next that is kept."""
        for session_id in session_ids:
            self._notes.pop(session_id, None)

    def save(self) -> None:
        """Write what changed and is not written.

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
        """Whether an order may still be paid here: it may have ended since this was kept."""
        order = self._ledger.readable(session_id)
        return order is not None and not order.is_over
