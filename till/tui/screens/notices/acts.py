"""The screen of notices and its acts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Never

from msgspec.structs import replace

from till.domain.errors import NotHeldError, StoreAwayError, TillError
from till.domain.i18n import _
from till.domain.order import suspension
from till.domain.order.sent import sent_asked
from till.domain.text import begun, clean
from till.tui.drawing.screen import ListScreen
from till.tui.screens.notices.state import NoticesState
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.tabs.scene import TablesScene
from till.tui.screens.waiting_orders.bring_back import obtain
from till.tui.shell.marked_list import ListMark
from till.tui.shell.messages import plain, refusal
from till.tui.shell.scene import TillScene

if TYPE_CHECKING:
    from till.domain.notice.notice import Notice
    from till.domain.staff.rights import Approval
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller

_RUNG_AGAIN: Final = _("rung again")


class NoticesScreen(ListScreen):
    """The notices, and the text of the marked one."""


class NoticesActs(TillScene[NoticesState, Never, NoticesScreen]):
    """The acts of the scene, which its reducer calls.

    Args:
        controller: the till.
        selling: the sell screen to go back to.
    """

    def __init__(self, controller: Controller, selling: Selling) -> None:
        super().__init__(controller, NoticesScreen)
        self.state = NoticesState()
        self._selling = selling
        self._kept: dict[str, Notice] = {}
        self._seen: set[str] = set()

    def go_back(self) -> None:
        """Go back to the order; unseen notices stay new."""
        self._selling.message = None
        self.controller.go(self._selling)

    def open_table(self, name: str) -> None:
        """Open the tables with this name typed."""
        TablesScene(self.controller, self._selling).show(clean(name))

    def show_both(self, notice: Notice) -> None:
        """Open the tables with both orders of a notice on them, and mark the one that it names."""
        TablesScene(self.controller, self._selling).show_marked(notice.data.named.session)

    def acknowledge(self, notice: Notice) -> None:
        """Take a notice off the list, and mark the next new one."""
        self._seen.add(notice.id)
        self.controller.register.notices.seen(notice.id)
        left = self.controller.register.notices.count
        self.state = replace(self.state, mark=ListMark(self._next(notice)))
        self.message = plain(_("Seen. {n} more.").format(n=left) if left else _("Seen. Esc goes back to the order."))

    def _next(self, notice: Notice) -> int:
        """Return the index of the next new notice after this one, wrapping around."""
        ids = list(self._listed())
        at = ids.index(notice.id)
        new = [place for place in (*range(at, len(ids)), *range(at)) if ids[place] not in self._seen]
        return new[0] if new else at

    async def discard(self, notice: Notice) -> None:
        """Read the other order, and ask for the right to discard it; it stays where it is until that is given."""
        controller, register, session_id = self.controller, self.controller.register, notice.session or ""
        try:
            if register.grants.must_ask(session_id):
                if (store := controller.answering) is None:
                    raise NotHeldError
                async with controller.asking():
                    await store.fetch(session_id)
            order = register.ledger.order(session_id)
            if order.tab is None:
                register.recovery.check_reach(order.user)
            asked = sent_asked(order, suspension.discard(order, _RUNG_AGAIN, register.formats.money))
        except StoreAwayError:
            self.message = refusal(NotHeldError().sentence)
            return
        except TillError as problem:
            self.message = refusal(problem.sentence)
            return
        if not self.is_in_front:  # the order on the sell screen was taken over meanwhile
            return

        title = _("Discard the order of {till}: a manager confirms").format(
            till=register.venue.till_name(notice.data.order.till)
        )
        with_right(
            controller,
            self.screen,
            title,
            lambda approval: controller.hold(self._discard_now(notice, approval)),
            first=lambda: register.approvals.need(asked, None),
        )

    async def _discard_now(self, notice: Notice, approval: Approval | None) -> None:
        """Have the other order granted to this till, and discard it; put it back if that is refused."""
        register, session_id = self.controller.register, notice.session or ""
        try:
            await obtain(self.controller, session_id, self._selling.user)
            tab = register.ledger.order(session_id).tab
            if tab is not None:
                register.tabs.recall(session_id, self._selling.user)
            else:
                register.recovery.resume(session_id)
            try:
                register.recovery.discard(session_id, _RUNG_AGAIN, approval)
            except TillError:
                register.grants.put_back(session_id)
                raise
        except TillError as problem:
            self.message = refusal(problem.sentence)
            return
        self.acknowledge(notice)
        name = begun(clean(notice.data.order.tab)) or _("The copy")
        till = register.venue.till_name(notice.data.order.till)
        self.message = plain(_("{name} on {till} is discarded. Yours stays.").format(name=name, till=till))

    def _listed(self) -> dict[str, Notice]:
        """Return all notices listed since the screen was opened, seen or not."""
        self._kept |= {one.id: one for one in self.controller.register.notices.open()}
        return self._kept
