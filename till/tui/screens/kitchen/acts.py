"""The acts of the board."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from typing_extensions import override

from till.domain.i18n import _, ngettext
from till.domain.text import clean
from till.tui.screens.kitchen.screen import KitchenDisplay
from till.tui.screens.kitchen.state import KitchenState, TicketMoved, TicketsFound, place_text
from till.tui.shell.messages import refusal
from till.tui.shell.scene import SideHost, SideScene

if TYPE_CHECKING:
    from till.domain.errors import TillError
    from till.domain.kitchen.board import TicketCard
    from till.register.board import KitchenScreen
    from till.register.register import Register
    from till.tui.shell.calls import Call
    from till.tui.shell.keymap import Keymap


class KitchenActs(SideScene[KitchenState, TicketsFound | TicketMoved, KitchenDisplay]):
    """The acts of the scene, which its reducer calls.

    Args:
        host: the app.
        screen: the widgets.
        keymap: the keys of each command.
        register: the till behind the screen.
        kitchen: the tickets.
    """

    def __init__(
        self, host: SideHost, screen: KitchenDisplay, keymap: Keymap, register: Register, kitchen: KitchenScreen
    ) -> None:
        super().__init__(host, screen, keymap)
        self.state = KitchenState()
        self._register = register
        self._kitchen = kitchen

    @override
    def refused(self, problem: TillError, _asked: Call[Any, Any]) -> None:
        """Show why an act was refused, such as a full disk."""
        self.message = refusal(problem.sentence)

    def done(self, card: TicketCard) -> TicketMoved:
        """Take a card off the board."""
        self._kitchen.done(one for one in card.tickets if not one.done)
        sentence = _("{ticket}, {place}, is done. R brings it back.")
        return TicketMoved(sentence.format(ticket=clean(card.first.ticket), place=place_text(card.first)))

    def end_revoked(self) -> TicketMoved:
        """Take all tickets of tills off the board that were revoked since."""
        count = self._kitchen.end_revoked()
        words = ngettext(
            "{n} ticket of a revoked till is done. R brings it back.",
            "{n} tickets of revoked tills are done. R brings them back.",
            count,
        )
        return TicketMoved(words.format(n=count))

    def recall(self, card: TicketCard) -> TicketMoved:
        """Bring a card back that was done."""
        self._kitchen.recall(card.tickets)
        return TicketMoved(_recalled(clean(card.first.ticket), place_text(card.first)))

    async def recall_last(self) -> TicketMoved:
        """Bring back what was done last."""
        tickets = await self._kitchen.recall_last()
        if not tickets:
            return TicketMoved(_("The last ticket comes back."))
        return TicketMoved(_recalled(clean(tickets[0].ticket), place_text(tickets[0])))

    async def find(self, number: str) -> TicketsFound:
        """Find tickets by their number."""
        return TicketsFound(number, await self._kitchen.find(number))

    def mark_item(self, typed: str, *, sold_out: bool) -> TicketMoved:
        """Mark an item as sold out, or back on sale, at every till."""
        item = self._kitchen.mark_item(typed, sold_out=sold_out)
        sentence = _("{name} is sold out at every till.") if sold_out else _("{name} is back on sale.")
        return TicketMoved(sentence.format(name=clean(item.name)))

    def leave(self) -> None:
        """Close the board."""
        self._host.leave()


def _recalled(ticket: str, place: str) -> str:
    return _("{ticket}, {place}, is back.").format(ticket=ticket, place=place)
