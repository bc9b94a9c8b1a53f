"""The sheets where a manager settles a payment or refund without an answer by hand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import _
from till.domain.staff.rights import Act, Asked
from till.tui.drawing.viewmodels import ChoiceView, FactView, StyledText
from till.tui.screens.sheets.answers import AnswerSheet
from till.tui.screens.sheets.approval import ManagerSheet

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.order.state import Payment
    from till.domain.staff.rights import Approval
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller, Helped


class SettleSheet(ManagerSheet):
    """The question for a manager's number and PIN before a payment or refund without an answer is settled."""

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
        back, asked = payment.going_back, payment.asked_for
        sent = register.venue.local(asked.started_at or asked.at).strftime("%H:%M")
        way = register.asker.tenders.label_of(payment.tender)
        facts = [
            FactView(_("Money"), StyledText(f"{money}, {way}")),
            FactView(_("Sent"), StyledText(", ".join(part for part in (sent, asked.reference[2]) if part))),
        ]
        if slip:
            facts.append(FactView(_("Slip"), StyledText(slip)))
        title = (
            _("{amount} was charged: a manager confirms")
            if charged
            else _("{amount} was not charged: a manager confirms")
        )
        if back is not None:
            title = (
                _("{amount} was refunded: a manager confirms")
                if charged
                else _("{amount} was not refunded: a manager confirms")
            )
        right = Asked(Act.SETTLE, payment.amount)
        super().__init__(controller, screen, title.format(amount=money), right, act, facts=tuple(facts))


class WentBackSheet(AnswerSheet):
    """The question whether a refund without an answer went through; a manager's PIN comes next."""

    def __init__(
        self, controller: Controller, screen: TillScreen, payment: Payment, act: Callable[[Approval, bool], None]
    ) -> None:
        register = controller.register
        title = _("Was {amount} refunded?").format(amount=register.formats.money(payment.amount))
        super().__init__(controller, screen, title, register.asker.tenders.label_of(payment.tender))
        self._payment = payment
        self._act = act

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        return (ChoiceView("1", _("It was refunded")), ChoiceView("2", _("It was not refunded")))

    @override
    def choose(self, place: int) -> None:
        given, act = place == 0, self._act
        self.controller.close()
        sheet = SettleSheet(
            self.controller, self.screen, self._payment, lambda approval: act(approval, given), charged=given
        )
        self.controller.open(sheet)

    @override
    def answer(self) -> StyledText:
        return StyledText(_("Check its slip or its list. It is not asked again."))

    @override
    def helped(self) -> tuple[Helped, ...]:
        return (
            ("1, Enter", _("It was refunded"), _("it counts as refunded, by PIN")),
            ("2, Enter", _("It was not refunded"), _("it stays taken and can be refunded again")),
            ("Esc", _("Back"), _("checking continues")),
        )
