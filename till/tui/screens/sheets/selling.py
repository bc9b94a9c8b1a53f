"""The sell screen as its sheets know it: what they read of it, and what they ask it to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from till.tui.shell.controller import MainScene

if TYPE_CHECKING:
    from till.domain.order.state import Order


class Selling(MainScene, Protocol):
    """The scene under a sheet of the sell screen."""

    @property
    def session_id(self) -> str | None:
        """The order on it; None for none yet."""
        ...

    @property
    def order(self) -> Order | None: ...

    @property
    def user(self) -> int: ...

    def show_order(self, order: Order | None) -> None:
        """Put an order on the screen; the last sale's receipt makes room."""
        ...

    def deselect(self) -> None:
        """Mark the newest line again."""
        ...

    def read_anew(self) -> None:
        """Go by the venue's new menu and settings in what is shown next."""
        ...

    def count_waiting(self) -> None:
        """Count the user's other orders that wait."""
        ...
