"""The sell screen as its own sheets know it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from till.tui.screens.sheets.selling import Selling

if TYPE_CHECKING:
    from till.register.quick_entry.intents import AddItem, Choose
    from till.tui.screens.sell.effects import Effect
    from till.tui.screens.sell.screen import SellScreen
    from till.tui.screens.sell.state import WalkingMenu
    from till.tui.shell.entry_line import EntryLine


class SellHost(Selling, Protocol):
    """The scene under a sheet about its order."""

    @property
    def screen(self) -> SellScreen: ...

    @property
    def entry(self) -> EntryLine: ...

    @property
    def walking(self) -> WalkingMenu | None: ...

    @property
    def is_asking(self) -> bool: ...

    def mark_beside(self, line_id: str) -> None:
        """Mark the line that counts below a void one, or else above it: what is in sight stays where it is."""
        ...

    def walk(self, walking: WalkingMenu | None) -> None:
        """Walk to an item of the menu, or end the walk."""
        ...

    def add(self, intent: AddItem) -> None:
        """Key an item; an open price is asked for.

        Raises:
            TillError: it cannot be sold now.
        """
        ...

    def again(self, effect: Effect) -> None:
        """Carry out what waited for an answer."""
        ...

    def enter(self, typed: str) -> None:
        """Do what was typed on a sheet and is meant for the order."""
        ...

    def pick(self, asked: Choose, place: int, typed: str) -> None:
        """Key one of several that were offered for what was typed."""
        ...

    def do(self, name: str) -> None:
        """Do a command; a refusal is said in the answer line."""
        ...
