"""Who listens for a journal that no till of this machine goes on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from till.ports import Light
    from till.register.register import Register


class Bystander:
    """Listens for a journal of another machine (`till.ports.StoreListener`): what comes is kept, and nothing follows.

    The order of what it keyed too late is made in a journal that somebody goes on with.
    """

    def __init__(self, register: Register) -> None:
        self._register = register

    def sessions_grew(self, session_ids: Sequence[str]) -> None:
        """Fold them anew, for the list."""
        self._register.ledger.refold(session_ids)

    def lines_left(self, session_id: str, till: int) -> None:
        """Nothing is added to this journal."""

    def refunds_left(self, refund_ids: Sequence[str]) -> None:
        """Nobody is asked from here."""

    def taken(self, session_id: str, till_name: str, user_name: str, at: datetime) -> None:
        """Nobody keys here."""

    def time_told(self, moment: datetime) -> None:
        """Nothing is written here that needs it."""

    def reference_changed(self, names: Sequence[str]) -> None:
        """Read anew what the list is written with."""
        self._register.reference_changed(names)

    def payment_told(self, key: str) -> None:
        """Nobody is asked from here."""

    def light_changed(self, light: Light) -> None:
        """Nobody sees a light here."""
