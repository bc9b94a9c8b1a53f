"""Effects of the screen of tables: small frozen values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.register.tabs.open_tabs import OpenTab
    from till.tui.screens.tabs.acts import TabAct


class Recall(Struct, frozen=True):
    """Recall a tab."""

    tab: OpenTab


class AddTo(Struct, frozen=True):
    """Add the lines on the sell screen to an open tab."""

    tab: OpenTab


class Save(Struct, frozen=True):
    """Save the order under a name or number; with `apart` as a second bill beside the open one there."""

    name: str
    apart: bool = False


class OpenTable(Struct, frozen=True):
    """Open a tab for guests at a free table."""

    number: int


class Act(Struct, frozen=True):
    """Carry out a typed act on a tab."""

    act: TabAct
    tab: OpenTab


class WaitForTills(Struct, frozen=True):
    """Repeat this key once the open tabs of other tills are known."""

    key: str


class GoBack(Struct, frozen=True):
    """Go back to the order."""


class LogOut(Struct, frozen=True):
    """Log out; the order is kept."""


class OpenTablesHelp(Struct, frozen=True):
    """Show the help."""


TablesEffect = Recall | AddTo | Save | OpenTable | Act | WaitForTills | GoBack | LogOut | OpenTablesHelp
