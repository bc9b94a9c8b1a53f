"""A manager settles by hand a payment that has no answer: it was charged, or it was not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from till.domain.i18n import _
from till.domain.staff.rights import Act, Asked
from till.tui.drawing.viewmodels import FactView, StyledText
from till.tui.screens.sheets.approval import ManagerSheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.order.state import Payment
    from till.domain.staff.rights import Approval
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller


class SettleSheet(ManagerSheet):
    """Asks for a manager's number and PIN before a payment without an answer, or its way back, is settled."""

    def __init__(
        self,
        controller: Controller,
        screen: TillScreen,
        payment: Payment,
        act: Callable[[Approval], None],
        *,
        charged: bool,
        slip: str = "",
    ) -> None:
        register = controller.register
        money = register.formats.money(payment.amount)
        back = payment.going_back
        started, reference = (payment.started_at or payment.at, payment.reference)
        if back is not None:
            started, reference = back.started_at, back.reference
        sent = register.venue.local(started).strftime("%H:%M")
        way = register.charges.tenders.label_of(payment.tender)
        facts = [
            FactView(_("Money"), StyledText(f"{money}, {way}")),
            FactView(_("Sent"), StyledText(", ".join(part for part in (sent, reference[2]) if part))),
        ]
        if slip:
            facts.append(FactView(_("Slip"), StyledText(slip)))
        title = (
            _("{amount} was charged: a manager says so")
            if charged
            else _("{amount} was not charged: a manager says so")
        )
        if back is not None:
            title = _("{amount} went back: a manager says so") if charged else _("{amount} did not go back")
        asked = Asked(Act.SETTLE, payment.amount)
        super().__init__(controller, screen, title.format(amount=money), asked, act, facts=tuple(facts))
