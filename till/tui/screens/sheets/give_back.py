"""The approvals of giving back money: a payment as a whole, or the excess of an order in another tender."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.errors import StoreError
from till.domain.i18n import _
from till.domain.money.measures import Minor
from till.domain.payment.movement import PaymentState
from till.domain.staff.rights import Act, Asked
from till.tui.drawing.viewmodels import FactView, StyledText
from till.tui.screens.sheets.approval import ManagerSheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.order.state import Order, Payment
    from till.domain.staff.rights import Approval
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller


class GiveBackSheet(ManagerSheet):
    """The question for a manager's number and PIN before a payment is given back.

    With `ended`, the session of an ended order, it first hears what other tills did with that payment.
    """

    def __init__(
        self,
        controller: Controller,
        screen: TillScreen,
        payment: Payment,
        act: Callable[[Approval], None],
        *,
        ended: str = "",
    ) -> None:
        register, self._ended = controller.register, ended
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

    @override
    async def _hear(self) -> None:
        store = self.controller.answering
        if self._ended and store is not None:
            with suppress(StoreError):  # while it is away, this till decides; a conflict shows what was given twice
                async with self.controller.asking():
                    await store.fetch(self._ended)


class ReturnSheet(ManagerSheet):
    """The question for a manager's number and PIN before money goes back in another way than it came, or by another."""

    def __init__(
        self,
        controller: Controller,
        screen: TillScreen,
        order: Order,
        tender: str,
        asked: Asked,
        act: Callable[[Approval], None],
    ) -> None:
        register = controller.register
        tenders, money = register.asker.tenders, register.formats.money
        returned = money(Minor(-(asked.amount or 0)))
        paid = ", ".join(
            f"{money(one.amount)} {tenders.in_words(one.tender)}"
            for one in order.payments.values()
            if one.state is PaymentState.APPROVED
        )
        facts = (
            FactView(_("Money"), StyledText(f"{returned}, {tenders.in_words(tender)}")),
            FactView(_("Paid"), StyledText(paid)),
        )
        title = _("Refund {amount}").format(amount=returned)
        super().__init__(controller, screen, title, asked, act, facts=facts)
