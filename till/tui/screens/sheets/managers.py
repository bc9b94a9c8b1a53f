"""The acts that a manager approves or settles: the title and the facts to decide by, for the sheet of the PIN."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.i18n import N_, _, pgettext
from till.domain.money.measures import Minor
from till.domain.payment.movement import PaymentState
from till.domain.staff.rights import Permission, PermissionRequest
from till.domain.text import clean
from till.tui.drawing.viewmodels import ChoiceView, FactView, StyledText, fact
from till.tui.screens.sheets.answers import AnswerSheet
from till.tui.screens.sheets.approval import ManagerSheet, with_right

if TYPE_CHECKING:
    from collections.abc import Callable

    from till.domain.order.state import Order, Payment, UnreadRecord
    from till.domain.staff.rights import Approval
    from till.register.register import Register
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller

#: The title of an act, and its facts.
Decided = tuple[str, tuple[FactView, ...]]


def _facts(*facts: tuple[str, str]) -> tuple[FactView, ...]:
    return tuple(fact(label, text) for label, text in facts)


def give_back(
    controller: Controller,
    screen: TillScreen,
    session_id: str,
    payment: Payment,
    *,
    asked: Callable[[], None],
    given: Callable[[Order, str], None],
    by_hand: bool = False,
) -> None:
    """Give a payment back, with a manager's approval if it needs one.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        session_id: the order.
        payment: the payment.
        asked: called once its terminal or gateway is asked to give it back.
        given: called with the order and a sentence, once it is recorded that a person gave it back.
        by_hand: True if a person gives it back, though its terminal or gateway could be asked to.
    """
    register = controller.register
    charges, tenders = register.charges, register.asker.tenders

    def give(approval: Approval | None) -> None:
        if charges.is_returned(payment) and not by_hand:
            charges.give_back(session_id, payment.id, approval)
            asked()
            return
        order = register.checkout.give_back(session_id, payment.id, approval)
        given(order, register.answers.given_back(payment, tenders.traits_of(payment.tender)))

    money = register.formats.money(Minor(abs(payment.amount)))
    when = register.venue.local(payment.at).strftime("%H:%M")
    who = register.reference.who(payment.till, payment.user or 0)
    way = tenders.in_words(payment.tender)
    if payment.card is not None:
        way = f"{way} {payment.card.number}"
    facts = _facts((_("Money"), f"{money}, {way}"), (_("Taken"), f"{who}, {when}"))
    ended = session_id if register.ledger.order(session_id).is_over else ""
    title = _("Refund {amount}").format(amount=money)
    with_right(controller, screen, title, give, facts=facts, ended=ended, warning=payment.warning)


def paying_out(register: Register, order: Order, tender: str, amount: Minor) -> Decided:
    """Return the facts of paying out money in another way than it came, or by another person."""
    in_words, money = register.asker.tenders.in_words, register.formats.money
    returned, paid = money(amount), (one for one in order.payments.values() if one.state is PaymentState.APPROVED)
    facts = _facts(
        (_("Money"), f"{returned}, {in_words(tender)}"),
        (_("Paid"), ", ".join(f"{money(one.amount)} {in_words(one.tender)}" for one in paid)),
    )
    return _("Refund {amount}").format(amount=returned), facts


def skipping(register: Register, record: UnreadRecord) -> Decided:
    """Return the facts of skipping an unreadable record."""
    when = register.formats.moment(register.venue.local(record.at))
    facts = _facts(
        (pgettext("noun", "Record"), clean(record.type)),
        (_("From"), f"{register.venue.till_name(record.till)}, {when}"),
        (_("Why"), clean(record.why)),
    )
    return _("Pay without an unreadable record"), facts


def ask_settling(
    controller: Controller,
    screen: TillScreen,
    payment: Payment,
    act: Callable[[Approval], object],
    *,
    charged: bool,
    slip: str = "",
) -> None:
    """Ask for a PIN, of a manager who is logged in too, before a payment or refund without an answer is settled."""
    register, asked = controller.register, payment.asked_for
    money = register.formats.money(payment.amount)
    sent = register.venue.local(asked.started_at or asked.at).strftime("%H:%M")
    facts = _facts(
        (_("Money"), f"{money}, {register.asker.tenders.label_of(payment.tender)}"),
        (_("Sent"), ", ".join(part for part in (sent, asked.reference[2]) if part)),
        *(((_("Slip"), slip),) if slip else ()),
    )
    title = {
        (False, True): _("{amount} was charged: a manager confirms"),
        (False, False): _("{amount} was not charged: a manager confirms"),
        (True, True): _("{amount} was refunded: a manager confirms"),
        (True, False): _("{amount} was not refunded: a manager confirms"),
    }[payment.going_back is not None, charged].format(amount=money)
    controller.open(
        ManagerSheet(controller, screen, title, PermissionRequest(Permission.SETTLE, payment.amount), act, facts=facts)
    )


class WentBackSheet(AnswerSheet):
    """The question whether a refund without an answer went through; a manager's PIN comes next."""

    help_rows = (
        ("1, Enter", N_("It was refunded"), N_("it counts as refunded, by PIN")),
        ("2, Enter", N_("It was not refunded"), N_("it stays taken and can be refunded again")),
        ("Esc", N_("Back"), N_("checking continues")),
    )

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
        ask_settling(self.controller, self.screen, self._payment, lambda approval: act(approval, given), charged=given)

    @override
    def answer(self) -> StyledText:
        return StyledText(_("Check its slip or its list. It is not asked again."))
