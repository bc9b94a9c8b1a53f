"""The listener for a journal that no till of this machine continues."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from till.ports import Light
    from till.register.register import Register


class Bystander:
    """A `till.ports.StoreListener` for a journal of another machine. It only refreshes the list."""

    def __init__(self, register: Register) -> None:
        self._register = register

    def sessions_grew(self, session_ids: Sequence[str]) -> None:
        """Refold the sessions, for the list."""
        self._register.ledger.refold(session_ids)

    def refunds_left(self, refund_ids: Sequence[str]) -> None:
        """Do nothing: this process polls no provider."""

    def granted(self, session_id: str) -> None:
        """Do nothing: this process requests no grants."""

    def taken(self, session_id: str, till_name: str, user_name: str, at: datetime) -> None:
        """Do nothing: nobody keys in this process."""

    def time_received(self, moment: datetime) -> None:
        """Do nothing: this process writes no events that need the time."""

    def reference_changed(self, names: Sequence[str]) -> None:
        """Reload the reference data, for the list."""
        self._register.reference_changed(names)

    def server_answered(self) -> None:
        """Do nothing: this process shows no live list."""

    def payment_hinted(self, key: str) -> None:
        """Do nothing: this process polls no provider."""

    def light_changed(self, light: Light) -> None:
        """Do nothing: this process has no light."""
