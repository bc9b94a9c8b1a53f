"""The approval of giving back money that another user or till took."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.domain.staff.rights import Act, Asked
from till.tui.drawing.viewmodels import FactView, StyledText
from till.tui.screens.sheets.approval import ManagerSheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.order.state import Payment
    from till.domain.staff.rights import Approval
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller


class GiveBackSheet(ManagerSheet):
    """The question for a manager's number and PIN before a payment is given back."""

    def __init__(
        self, controller: Controller, screen: TillScreen, payment: Payment, act: Callable[[Approval], None]
    ) -> None:
        register = controller.register
        money = register.formats.money(Minor(abs(payment.amount)))
        when = register.venue.local(payment.at).strftime("%H:%M")
        who = register.reference.who(payment.till, payment.user or 0)
        way = register.asker.tenders.in_words(payment.tender)
        if payment.card is not None:
            way = f"{way} {payment.card.number}"
        facts = (
            FactView(_("Money"), StyledText(f"{money}, {way}")),
            FactView(_("Taken"), StyledText(f"{who}, {when}")),
        )
        title = _("Refund {amount}").format(amount=money)
        super().__init__(controller, screen, title, Asked(Act.GIVE_BACK, payment.amount), act, facts=facts)
