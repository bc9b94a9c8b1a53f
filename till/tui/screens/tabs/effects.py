"""What the screen of tables asks for: small frozen values."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from till.register.tabs.open_tabs import OpenTab
    from till.tui.screens.tabs.acts import TabAct


class Recall(Struct, frozen=True):
    """Bring a tab to the screen."""

    tab: OpenTab


class AddTo(Struct, frozen=True):
    """Put what is keyed on a tab that is open."""

    tab: OpenTab


class Save(Struct, frozen=True):
    """Save what is keyed under a name or number; `apart` as a bill of its own beside the one that is open there."""

    name: str
    apart: bool = False


class OpenTable(Struct, frozen=True):
    """Seat guests at a free table."""

    number: int


class Join(Struct, frozen=True):
    """Make one of tabs with one name."""

    kept: OpenTab
    others: tuple[OpenTab, ...]


class Act(Struct, frozen=True):
    """Do what words say to a tab."""

    act: TabAct
    tab: OpenTab


class WaitForTills(Struct, frozen=True):
    """Act on this key once it is known what other tills have open."""

    key: str


class GoBack(Struct, frozen=True):
    """Go back to the order."""


class LogOut(Struct, frozen=True):
    """Log out: what is keyed is kept."""


class OpenTablesHelp(Struct, frozen=True):
    """Show the help."""


TablesEffect = Recall | AddTo | Save | OpenTable | Join | Act | WaitForTills | GoBack | LogOut | OpenTablesHelp
