"""The last receipt, for a guest who comes back with a question."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import LineError
from till.domain.i18n import _
from till.tui.counter import plain

if TYPE_CHECKING:
    from till.tui.scenes.sell import SellScene


def show_last_receipt(scene: SellScene) -> None:
    """Show the receipt of what was paid last; with lines on the order, any key but those that scroll goes back to them.

    Raises:
        LineError: nothing was paid on this till since it was opened.
    """
    sold = scene.counter.sold
    if sold is None:
        raise LineError(_("Nothing was paid here since this till was opened."))
    scene.sold = sold
    scene.said = plain(_("The last receipt. Esc goes back to the order.") if scene.entries else _("The last receipt."))
