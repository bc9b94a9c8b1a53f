"""The clearing of a waiting order, which is on no screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.staff.rights import Act, Asked
from till.domain.text import clean
from till.tui.screens.sheets.approval import with_right
from till.tui.screens.sheets.reason import CLEAR_WAITING, ReasonSheet, reason_fact
from till.tui.screens.waiting_orders.bring_back import obtain
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from till.domain.money.measures import Minor
    from till.domain.staff.rights import Approval
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller


def ask_clear_waiting(controller: Controller, scene: Selling, session_id: str, name: str, total: Minor) -> None:
    """Ask for the reason to clear a waiting order, with a manager's approval.

    The order is granted to this till only then, so that of two tills that clear it one is refused.
    """
    title = _("Clear {name}").format(name=name)

    async def clear(reason: str, approval: Approval | None) -> None:
        try:
            await obtain(controller, session_id, scene.user)
            controller.register.recovery.clear_waiting(session_id, scene.user, reason, approval)
        except TillError as problem:
            scene.message = refusal(problem.sentence)
        else:
            sentence = _("{name} is cleared: {reason}. F5 reopens it.")
            scene.message = plain(sentence.format(name=name, reason=clean(reason)))
        scene.count_waiting()

    def act(reason: str) -> None:
        with_right(
            controller,
            scene.screen,
            title,
            lambda approval: controller.hold(clear(reason, approval)),
            facts=(reason_fact(reason),),
            first=lambda: controller.register.approvals.need(Asked(Act.VOID_SENT, total), None),
        )

    controller.open(ReasonSheet(controller, scene.screen, title, CLEAR_WAITING, act))
