"""The sell screen as its own sheets use it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

from till.tui.screens.sheets.selling import Selling

if TYPE_CHECKING:
    from till.register.quick_entry.intents import AddAll, AddItem, Choose
    from till.tui.screens.sell.screen import SellScreen
    from till.tui.screens.sell.state import Outcome, WalkingMenu
    from till.tui.shell.calls import Call
    from till.tui.shell.controller import Controller
    from till.tui.shell.entry_line import EntryLine


class SellHost(Selling, Protocol):
    """The scene under a sheet about its order."""

    controller: Controller

    @property
    def screen(self) -> SellScreen: ...

    @property
    def entry(self) -> EntryLine: ...

    @property
    def walking(self) -> WalkingMenu | None: ...

    @property
    def is_asking(self) -> bool: ...

    def mark_beside(self, line_id: str) -> None:
        """Mark the first line below a void one that is not void, or else above it, so that the list does not scroll."""
        ...

    def walk(self, walking: WalkingMenu | None) -> None:
        """Move to an item of the menu, or end browsing it."""
        ...

    def add(self, intent: AddItem | AddAll) -> None:
        """Add an item, and ask for an open price; or several items, all or none."""
        ...

    def again(self, asked: SellCall) -> None:
        """Make a call that waited for an answer."""
        ...

    def enter(self, typed: str) -> None:
        """Run an entry for the order that was typed on a sheet."""
        ...

    def offer(self, typed: str) -> None:
        """Leave words on the entry line, to be corrected or replaced."""
        ...

    def pick(self, asked: Choose, place: int, typed: str) -> None:
        """Add one of the items that were offered for a text."""
        ...


#: A call that the reducer asks for; an act that changes the order returns the outcome.
SellCall: TypeAlias = "Call[SellHost, Outcome | None]"
