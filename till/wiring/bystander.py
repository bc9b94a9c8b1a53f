"""The listener for a journal that no till of this machine goes on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from till.ports import Light
    from till.register.register import Register


class Bystander:
    """The listener for a journal of another machine (`till.ports.StoreListener`): it keeps what comes."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def sessions_grew(self, session_ids: Sequence[str]) -> None:
        """Fold the sessions anew, for the list."""
        self._register.ledger.refold(session_ids)

    def refunds_left(self, refund_ids: Sequence[str]) -> None:
        """Do nothing: no provider is asked from here."""

    def granted(self, session_id: str) -> None:
        """Do nothing: nothing is granted here."""

    def taken(self, session_id: str, till_name: str, user_name: str, at: datetime) -> None:
        """Do nothing: nobody keys here."""

    def time_received(self, moment: datetime) -> None:
        """Do nothing: no event written here needs it."""

    def reference_changed(self, names: Sequence[str]) -> None:
        """Read the reference data for the list anew."""
        self._register.reference_changed(names)

    def server_answered(self) -> None:
        """Do nothing: no list is in sight here."""

    def payment_hinted(self, key: str) -> None:
        """Do nothing: no provider is asked from here."""

    def light_changed(self, light: Light) -> None:
        """Do nothing: there is no light here."""
