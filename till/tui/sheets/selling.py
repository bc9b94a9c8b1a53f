"""The sell screen as its sheets know it: what they read of it, and what they ask it to do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from till.tui.counter import Scene

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.register.quick_entry.language import AddItem, Choose
    from till.tui.desks import SellDesk
    from till.tui.editor import LineEditor


class Selling(Scene, Protocol):
    """The scene under a sheet of the sell screen."""

    #: The order on it; None for none yet.
    session_id: str | None
    #: What is typed.
    editor: LineEditor
    #: Which of several was meant is asked in the answer line.
    choosing: Choose | None
    #: The line of the order that was chosen.
    selected: str | None
    #: The part of the menu that is shown; None for all of it.
    category: str | None
    #: The item of the menu that is walked to; None while the menu is not walked.
    walked: int | None

    @property
    def desk(self) -> SellDesk:
        """The widgets."""
        ...

    @property
    def order(self) -> Order | None:
        """The order on the screen."""
        ...

    @property
    def user(self) -> int:
        """The staff number at the till."""
        ...

    @property
    def is_asking(self) -> bool:
        """Whether one thing is asked in the entry."""
        ...

    def show_order(self, order: Order | None) -> None:
        """Put an order on the screen; the last sale's receipt makes room."""
        ...

    def open_session(self) -> str | None:
        """The order to key on; None opens one."""
        ...

    def count_waiting(self) -> None:
        """Count the user's other orders that wait."""
        ...

    def add(self, intent: AddItem) -> None:
        """Key an item.

        Raises:
            TillError: it cannot be sold now.
        """
        ...

    def pick(self, choosing: Choose, place: int) -> None:
        """Key one of several that were offered."""
        ...
