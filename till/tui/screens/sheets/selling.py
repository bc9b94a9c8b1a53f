"""The sell screen as its sheets use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from till.tui.shell.controller import MainScene

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.ports.printer import Job
    from till.tui.shell.controller import Controller


class Selling(MainScene, Protocol):
    """The scene under a sheet of the sell screen."""

    controller: Controller

    @property
    def session_id(self) -> str | None:
        """The order on it, if any."""
        ...

    @property
    def order(self) -> Order | None: ...

    @property
    def user(self) -> int: ...

    def show_order(self, order: Order | None) -> None:
        """Put an order on the screen, replacing a receipt."""
        ...

    def deselect(self) -> None:
        """Mark the newest line again."""
        ...

    def do(self, name: str) -> None:
        """Run a command; a refusal is shown in the answer line."""
        ...

    def say_paper(self, job: Job) -> None:
        """Say the state of a paper that was asked for, until another message replaces it."""
        ...

    def offer_paper(self, sentence: str) -> None:
        """Say that something was done, and name the key that prints its paper."""
        ...

    def count_waiting(self) -> None:
        """Count the user's other orders that wait."""
        ...
