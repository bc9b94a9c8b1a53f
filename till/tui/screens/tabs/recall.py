"""A tab comes back to a till: at once where nobody has it open, with the warning of two tills where one has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.errors import NoTabError, StoreError, TillError
from till.domain.i18n import _
from till.domain.text import begun, clean
from till.ports import LightState
from till.tui.screens.waiting_orders.takeover import Stays, TakeoverSheet
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from till.ports import RemoteSession
    from till.register.tabs.open_tabs import OpenTab
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller


async def recall(
    controller: Controller, scene: Selling, session_id: str, name: str, *, taken_from: int | None = None
) -> None:
    """Fetch the order of a tab, make it active here, and show it; a refusal is said in the answer line.

    Args:
        controller: the till.
        scene: the sell screen.
        session_id: the order that stands on the tab.
        name: the tab's.
        taken_from: the till that has it open; its user said yes to taking it over.
    """
    register, store = controller.register, controller.store
    try:
        await fetch(controller, session_id)
        if register.ledger.find(session_id) is None:
            sentence = _("The lines of {name} are not on this till. Once the network is back, F8 brings them.")
            raise NoTabError(sentence.format(name=clean(name)))
        over = taken_from is not None
        order = register.tabs.recall(session_id, scene.user, holder=taken_from, taking_over=over)
        if over and store is not None:
            await store.flush(2.0)
        if lock := register.ledger.lock_of(session_id):
            scene.message = refusal(lock)
            return
    except TillError as problem:
        scene.message = refusal(problem.sentence)
        return
    scene.show_order(order)
    said = _("{name} is here: {size}.").format(name=begun(clean(name)), size=register.answers.size(order))
    if order.paid:
        said = f"{said} {_('{amount} of it is paid.').format(amount=register.formats.money(order.paid))}"
    scene.message = plain(said)


async def fetch(controller: Controller, session_id: str) -> None:
    """Bring what this till has not got of an order, as far as the database can be reached.

    Raises:
        StoreError: it cannot, and nothing of the order is here.
    """
    register, store = controller.register, controller.store
    if store is None or register.light.state is LightState.OFFLINE:
        return
    try:
        await store.fetch(session_id)
    except StoreError:
        if register.ledger.find(session_id) is None:
            raise


async def add(controller: Controller, scene: Selling, tab: OpenTab) -> None:
    """Add the lines on the screen to a tab that is open; a refusal is said in the answer line."""
    register, order = controller.register, scene.order
    if order is None:
        return
    try:
        await fetch(controller, tab.session_id)
        register.tabs.add(order.id, tab)
    except TillError as problem:
        scene.message = refusal(problem.sentence)
        return
    register.typed.clear()
    scene.show_order(None)
    said = _("Added to {name}: {size}. F8 lists the tabs.")
    scene.message = plain(said.format(name=clean(tab.name), size=register.answers.size(order)))


async def join(controller: Controller, scene: Selling, kept: OpenTab, others: Sequence[OpenTab]) -> None:
    """Recall tabs of one name, and put the lines of all on the first; a refusal is said in the answer line."""
    register = controller.register
    for tab in (*others, kept):
        await recall(controller, scene, tab.session_id, tab.name)
        if scene.session_id != tab.session_id:
            return
    try:
        for tab in others:
            order = register.tabs.join(kept.session_id, tab.session_id)
            scene.show_order(order)
            said = _("{name} is one now: {size}.")
            scene.message = plain(said.format(name=begun(clean(kept.name)), size=register.answers.size(order)))
    except TillError as problem:
        scene.message = refusal(problem.sentence)


class TabTakeoverSheet(TakeoverSheet):
    """The warning of two tills, for a tab: it is taken over for whoever recalls it."""

    def __init__(self, controller: Controller, scene: Selling, row: RemoteSession) -> None:
        super().__init__(
            controller,
            scene.screen,
            row,
            make_room=lambda: None,
            title=_("{name} is open on another till").format(name=begun(clean(row.tab_name))),
        )
        self._scene = scene

    @override
    def stays(self) -> Stays:
        """What N does: nobody asked for a new order here."""
        till = self._row.till_name
        return Stays(_("Leave it there"), _("Leave it"), _("it stays on {till}").format(till=till), self.cancel)

    @override
    def holder(self) -> str:
        """Which till, and who is at it: a tab is anybody's."""
        row = self._row
        return self.controller.register.reference.who(row.till, row.user) if row.till else row.till_name

    async def _take_over(self) -> None:
        row = self._row
        await recall(self.controller, self._scene, row.session_id, row.tab_name, taken_from=row.till)
