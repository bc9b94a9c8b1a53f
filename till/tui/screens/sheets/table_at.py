"""The list of an order at a minute, from the records of this till."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.tui.screens.sheets.help import HelpSheet
from till.tui.shell.calls import Later

if TYPE_CHECKING:
    from till.reports import table
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller
else:
    table = Later("till.reports.table")


def is_minute(typed: str) -> bool:
    """Return True if a text is a time of day, such as `21:15`."""
    return table.is_minute(typed)


def show_at(controller: Controller, screen: TillScreen, session_id: str, typed: str) -> None:
    """Show what an order had at the end of a minute, and what was done since.

    Raises:
        TillError: this till has no records of it from then, or the text is not a minute.
    """
    register = controller.register
    events, now = register.journal.events_of(session_id), register.ledger.now()
    found = table.order_here(register.venue, events, typed, now, register.reference.name_of)
    rows = tuple((row.at, f"{row.words}  {row.amount}".rstrip(), row.detail) for row in found.rows())
    controller.open(HelpSheet(controller, screen, rows, found.minute))
