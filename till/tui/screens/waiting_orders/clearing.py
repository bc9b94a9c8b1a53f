"""The sheet that asks for the reason of clearing a waiting order, which is on no screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.staff.rights import Act, Asked
from till.domain.text import clean
from till.tui.drawing.viewmodels import FactView, KeyView, StyledText
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.sheets.reason import ReasonSheet
from till.tui.screens.waiting_orders.bring_back import obtain
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from till.domain.money.measures import Minor
    from till.domain.staff.rights import Approval
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller


class ClearWaitingSheet(ReasonSheet):
    """The question for the reason to clear a waiting order, with a manager's approval.

    The order is granted to this till only then, so that of two tills that clear it one is refused.
    """

    reasons = (_("guest did not come"), _("guest changed their mind"), _("ordered twice"))

    def __init__(self, controller: Controller, scene: Selling, session_id: str, name: str, total: Minor) -> None:
        title = _("Clear {name}").format(name=name)
        super().__init__(controller, scene.screen, title, picked=False)
        self._scene = scene
        self._session_id = session_id
        self._name = name
        self._title = title
        self._asked = Asked(Act.VOID_SENT, total)

    @override
    def act_key(self) -> KeyView:
        return KeyView("Enter", _("Clear the order"), _("Clear"))

    @override
    def act(self, reason: str) -> None:
        controller = self.controller
        controller.close()
        facts = (FactView(_("Reason"), StyledText(clean(reason))),)
        with_right(
            controller,
            self.screen,
            self._title,
            self._asked,
            lambda approval: controller.hold(self._clear(reason, approval)),
            facts=facts,
        )

    async def _clear(self, reason: str, approval: Approval | None) -> None:
        recovery, user = self.controller.register.recovery, self._scene.user
        try:
            await obtain(self.controller, self._session_id, user)
            recovery.clear_waiting(self._session_id, user, reason, approval)
        except TillError as problem:
            self._scene.message = refusal(problem.sentence)
        else:
            sentence = _("{name} is cleared: {reason}. F5 reopens it.")
            self._scene.message = plain(sentence.format(name=self._name, reason=clean(reason)))
        self._scene.count_waiting()
