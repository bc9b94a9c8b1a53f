"""The running pay screen: the amount due, the payments, the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace

from till.domain.errors import PaymentError, TillError, UnreadRecordError
from till.domain.i18n import _
from till.domain.money.coins import notes
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order import paying
from till.domain.order.paying import CASH
from till.domain.order.state import Tab
from till.domain.payment.movement import PaymentState
from till.ports import Hurried
from till.tui.screens.pay.awaited import awaited_rows
from till.tui.screens.pay.effects import (
    AskNow,
    ChargeHeard,
    Finish,
    GiveBack,
    GivenBack,
    GoBack,
    KeepAsTab,
    MoneyAsked,
    MoneyTaken,
    NotTaken,
    Offered,
    OpenPayHelp,
    OpenSplit,
    Settle,
    StopCharge,
    Take,
    TipSaid,
)
from till.tui.screens.pay.kept import AccountSheet, VoucherSheet
from till.tui.screens.pay.presenter import pay_views
from till.tui.screens.pay.reduce import reduce
from till.tui.screens.pay.screen import PayScreen
from till.tui.screens.pay.state import Awaited, PayFacts, PayState
from till.tui.screens.sheets.give_back import GiveBackSheet
from till.tui.screens.sheets.settle import SettleSheet
from till.tui.shell.keymap import SET_ASIDE, key_of
from till.tui.shell.messages import Answer, plain

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence
    from datetime import datetime

    from till.domain.order.state import Order, Payment
    from till.domain.staff.rights import Approval
    from till.ports import TenderTraits
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.pay.effects import PayEffect, PayHappening
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.keymap import KeyPress


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, round((until - since).total_seconds()))


#: The key under which an agreed tip is kept until it is taken.
_TIP: Final = "tip"


def help_rows(offered: Sequence[TenderTraits]) -> tuple[Helped, ...]:
    """Return the keys of the pay screen, with those of the ways to pay that are offered."""
    by_key = [traits for traits in offered if traits.key]
    taken = [traits for traits in by_key if not traits.named_by]
    named = [traits for traits in by_key if traits.named_by]
    by_hand = [traits for traits in taken if traits.by_hand]
    return (
        ("Enter", _("Exact cash"), _("when nothing is typed")),
        ("500 Enter", _("Cash with change"), _("what was handed over")),
        ("Q W E R T Y", _("A note"), _("each press adds one")),
        ("Backspace", _("Take a note off"), _("or the card")),
        (_("Backspace, Enter"), _("Refund"), _("the last payment")),
        *_helped(taken, _("all or the amount, then Enter")),
        *_helped(named, _("asks for its code, or whose it is")),
        *((f"{one.key}50#4711 Enter", _("With its slip"), _("# and the number on it")) for one in by_hand[:1]),
        ("S", _("Split"), _("each guest by itself")),
        ("P 5 Enter", _("A tip"), _("added to the last payment")),
        ("cash 500 Enter", _("In words too"), _("card 50, upi, tip 5")),
        ("Esc", _("Back to the order"), _("what was taken stays taken")),
    )


def taken_of(order: Order) -> frozenset[str]:
    """Return the ids of the payments that were taken."""
    return frozenset(one.id for one in order.payments.values() if one.state is PaymentState.APPROVED)


def paid_since(order: Order, before: Collection[str]) -> Minor:
    """Return the amount paid since, by payments not in `before`."""
    return sum_of(order.payments[one].settles for one in taken_of(order) if one not in before)


def is_part_paid(order: Order, before: Collection[str], part: Minor) -> bool:
    """True if the payments since `before` cover a part; in cash, as rounded to coins."""
    rest = Minor(part - paid_since(order, before))
    stands = [one for one in order.payments.values() if one.state is PaymentState.APPROVED]
    if rest <= 0 or not stands or stands[-1].id in before:
        return rest <= 0
    return stands[-1].settles >= paying.part_in(order, stands[-1].tender, Minor(rest + stands[-1].settles))


def _helped(ways: list[TenderTraits], how: str) -> tuple[Helped, ...]:
    """Return one row for several ways to pay, with their letters."""
    keys, labels = " ".join(one.key.upper() for one in ways), ", ".join(one.label for one in ways)
    return ((keys, labels, how),) if ways else ()


def _stands(payment: Payment) -> tuple[PaymentState, PaymentState | None]:
    """Return the state of a payment, and of its last refund if any."""
    return payment.state, payment.returns[-1].state if payment.returns else None


class PayScene:
    """The scene of the pay screen: it reduces keys, carries out effects, and reduces their outcomes.

    Args:
        controller: the till.
        session_id: the order.
        part: the part of it that a guest pays; None for all.
        pieces: the pieces that the part pays for, by line; None if it is for no items.
        whose: the guest or part, as in `guest 2 of 3`; empty to take the one remembered for the order.
        back: continues after the screen with a sentence and the order once something was paid, None otherwise. Without
            it, the sell screen follows.
    """

    message = Answer()
    takes_money = True
    says_trouble = False
    logs_out = False

    def __init__(
        self,
        controller: Controller,
        session_id: str,
        *,
        part: Minor | None = None,
        pieces: Mapping[str, int] | None = None,
        whose: str = "",
        back: Callable[[Order | None, StyledText], None] | None = None,
    ) -> None:
        self.controller = controller
        self._back = back
        self._whose = whose
        self.session_id = session_id
        self.state = PayState()
        self._notes = tuple(notes(controller.register.venue.terms.currency))
        self._is_over = False
        self._part = part
        self._pieces = pieces
        self._known = taken_of(self.order)
        #: The awaited payment, and its state when last reported.
        self._awaited = ""
        self._told: tuple[PaymentState, PaymentState | None] | None = None
        self._look_for_awaited()
        self._bring_tip_back()

    @property
    def _stays(self) -> Minor | None:
        """The amount that stays due after the part; None for none. A refund of another payment meanwhile raises it."""
        if self._part is None:
            return None
        order = self.order
        stays = Minor(order.due - self._part + paid_since(order, self._known))
        return stays if stays > 0 else None  # the last part pays all that is due, as it is rounded

    def _bring_tip_back(self) -> None:
        """Offer the tip agreed on earlier, or declined with its payment, for the payment that takes the rest."""
        newest = next(reversed(tuple(self.order.payments.values())), None)
        declined = newest.tip if newest is not None and newest.state is PaymentState.DECLINED else NOTHING
        kept = self.controller.register.draft_split.of(self.session_id, _TIP)
        tip = declined if kept is None else Minor(kept)
        if tip and self.order.due > 0 and not self._stays:
            self._happens(TipSaid(tip))

    @property
    def screen(self) -> PayScreen:
        return self.controller.screens.of(PayScreen)

    @property
    def order(self) -> Order:
        return self.controller.register.ledger.order(self.session_id)

    def tick(self) -> None:
        """Repaint the wait for a terminal."""
        if self.order.pending_payment is not None:
            self.controller.paint()

    def press(self, press: KeyPress) -> None:
        """Type an amount, take a note, choose a way to pay, or go back."""
        self._happens(press)

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Mark the way to pay that was clicked, as its letter does."""
        if widget is self.screen.other_tenders and (press := key_of(self.screen.other_tenders.view.rows[place].key)):
            self.press(press)

    def show(self) -> None:
        """Bring the screen to the front. It opens even if that cannot be recorded, as keys typed ahead are for it."""
        self.state = replace(self.state, after_enter=self.controller.by_enter)
        self.controller.go(self)
        try:
            self.controller.register.checkout.begin(self.session_id)
        except TillError as problem:
            self.controller.complain(problem)

    def take_cash(self, amount: Minor | None) -> None:
        """Take cash: the amount handed over, or exactly the amount due if None."""
        self._take(CASH, amount)

    def take_other(self, tender: str, amount: Minor | None, slip: str = "") -> None:
        """Take an amount, or all that is due, in another way than cash; a terminal is asked for it."""
        self._take(tender, amount, slip)

    def agree_tip(self, amount: Minor) -> None:
        """Add a tip on top."""
        self._happens(TipSaid(amount))

    def heard(self) -> None:
        """Report the awaited payment if its state changed."""
        order = self.order
        payment = order.payments.get(self._awaited)
        if payment is None or _stands(payment) == self._told:
            return
        self._told = _stands(payment)
        self._happens(ChargeHeard(payment, order))

    def _take(self, tender: str, amount: Minor | None, slip: str = "") -> None:
        """Take money as given on the sell screen. If it is refused or does not pay all, this screen opens.

        It also opens if a tip was agreed on: the total on the sell screen is without it.
        """
        if self.state.tip:
            self.show()
            return
        if self.controller.register.asker.tenders.traits_of(tender).named_by:
            self.show()  # the voucher or account sheet lies over this screen
        self._happens(Offered(tender, amount, slip))
        if not self._is_over and self.controller.scene is not self:
            self.show()

    def _happens(self, event: KeyPress | PayHappening) -> None:
        self.state, effects = reduce(self.state, event, self._facts())
        self._keep_tip(event)
        for effect in effects:
            self._carry_out(effect)
        if self._part is not None and self._stays and not self._is_over and self.controller.scene is self:
            self._end_part(self._part)

    def _keep_tip(self, event: KeyPress | PayHappening) -> None:
        """Keep the tip beyond this screen; a tip that is asked for now belongs to its payment instead."""
        agreed = self.controller.register.draft_split
        if not self.state.tip and isinstance(event, MoneyAsked | MoneyTaken):
            agreed.keep(self.session_id, _TIP, None)
        elif self.state.tip or (agreed.of(self.session_id, _TIP) is not None and not self._stays):
            agreed.keep(self.session_id, _TIP, self.state.tip)

    def _end_part(self, part: Minor) -> None:
        """Continue with the next guest once the part is paid."""
        order, register = self.order, self.controller.register
        if not is_part_paid(order, self._known, part) or order.pending_payment is not None or self._back is None:
            return
        self._is_over = True
        said = _("Paid. {due} is still due.").format(due=register.formats.money(order.due))
        if (newest := order.last_taken) is not None and newest.change:
            said = f"{_('Change {change}.').format(change=register.formats.money(newest.change))} {said}"
        self._back(order, plain(said))

    def _carry_out(self, effect: PayEffect) -> None:
        controller = self.controller
        match effect:
            case Take():
                self._try(lambda: self._pay(effect))
            case StopCharge() | AskNow() | KeepAsTab() | Settle():
                self._carry_out_awaited(effect)
            case GiveBack():
                self._give_back(effect)
            case GoBack(sentence=sentence):
                if self._back is not None:
                    self._is_over = True
                    self._back(None, plain(sentence))
                else:
                    controller.sell(self.session_id, plain(sentence))
            case OpenSplit():
                controller.split(self.session_id)
            case OpenPayHelp():
                awaited = self._awaits()
                plain_rows = help_rows(controller.register.asker.tenders.offered)
                controller.help(self.screen, plain_rows if awaited is None else awaited_rows(awaited))
            case Finish(sold=sold, said=said):
                self._is_over = True
                controller.register.typed.clear()
                if self._back is not None:
                    self._back(sold, plain(said or controller.register.answers.change(sold)))
                    return
                controller.sell(None, plain(said or controller.register.answers.change(sold)), sold=sold)

    def _carry_out_awaited(self, effect: StopCharge | AskNow | KeepAsTab | Settle) -> None:
        asker = self.controller.register.asker
        match effect:
            case StopCharge():
                asker.stop(self._awaited)
            case AskNow():
                asker.payment_told(self.order.payments[self._awaited].asked_for.id)
            case KeepAsTab():
                self._keep()
            case Settle():
                self._settle(effect)

    def _try(self, pay: Callable[[], PayHappening | None]) -> None:
        """Take money, or say why it is refused. Nothing is reported yet if a sheet asks first."""
        try:
            happened = pay()
        except UnreadRecordError:
            sentence = _("A record cannot be read. Esc, then {key}: a manager skips it.")
            self._happens(NotTaken(sentence.format(key=self.controller.keymap.label(SET_ASIDE))))
        except TillError as problem:
            self._happens(NotTaken(problem.sentence))
        else:
            if happened is not None:
                self._happens(happened)

    def _pay(self, effect: Take) -> PayHappening | None:
        """Take the money handed over, or ask the terminal, gateway or server for it."""
        register, checkout = self.controller.register, self.controller.register.checkout
        if register.asker.tenders.traits_of(effect.tender).named_by:
            self._ask_whose(effect)
            return None
        if register.asker.tenders.asked_of(effect.tender) is not None:
            part = None if effect.amount is None else Minor(effect.amount - effect.tip)
            register.charges.ask(self.session_id, effect.tender, part, effect.tip, pieces=self._pieces)
            self._look_for_awaited()
            return MoneyAsked(effect.tip)
        if effect.amount is None:
            order = checkout.pay_exact(
                self.session_id, effect.tender, tip=effect.tip, slip=effect.slip, pieces=self._pieces
            )
        else:
            order = checkout.pay(
                self.session_id,
                effect.tender,
                effect.amount,
                tip=effect.tip,
                slip=effect.slip,
                part=effect.part,
                pieces=self._pieces,
            )
        return MoneyTaken(order, effect.tip)

    def _ask_whose(self, effect: Take) -> None:
        """Ask for a voucher's code, or look up the customer's house account, then pay with it."""
        register, order = self.controller.register, self.order
        traits = register.asker.tenders.traits_of(effect.tender)
        paying.check_payable(order, self.controller.register.formats.money)
        due = paying.due_in(order, effect.tender)
        wanted = Minor(due + effect.tip) if effect.amount is None else effect.amount
        if not 0 < wanted <= due + effect.tip:
            sentence = _("That is more than the {due} due.")
            raise PaymentError(sentence.format(due=self.controller.register.formats.money(due)))

        def pay(place: str, amount: Minor) -> None:
            if self.controller.scene is self:  # otherwise the order left the screen meanwhile
                self._try(lambda: self._charge(effect, place, amount))

        kind = VoucherSheet if traits.named_by == "code" else AccountSheet
        sheet = kind(self.controller, self.screen, traits.label, wanted, order.terms.currency.code, pay)
        if isinstance(sheet, AccountSheet):
            sheet.look(order.customer)
        else:
            self.controller.open(sheet)

    def _charge(self, effect: Take, place: str, amount: Minor) -> PayHappening:
        """Charge an amount; the part of it beyond the amount due counts as tip."""
        tip = Minor(max(0, min(effect.tip, amount - paying.due_in(self.order, effect.tender))))
        charges = self.controller.register.charges
        charges.ask(self.session_id, effect.tender, Minor(amount - tip), tip, place=place, pieces=self._pieces)
        self._look_for_awaited()
        return MoneyAsked(tip)

    def _look_for_awaited(self) -> None:
        payment = self.order.pending_payment
        self._awaited, self._told = (payment.id, _stands(payment)) if payment is not None else ("", None)

    def _keep(self) -> None:
        """Keep the order on its tab, or on a new one named after the payment, and serve the next guest."""
        register, payment = self.controller.register, self.order.payments[self._awaited]
        when = register.venue.local(payment.started_at or payment.at).strftime("%H:%M")
        name = f"{register.asker.tenders.label_of(payment.tender)} {when}"
        tab = self.order.tab or Tab(register.ledger.new_id(), name)
        try:
            register.charges.keep(self.session_id, tab)
        except TillError as problem:
            self._happens(NotTaken(problem.sentence))
            return
        said = _("Kept as {tab}. Checking continues; the answer finds the tab.")
        self.controller.sell(None, plain(said.format(tab=tab.name)))

    def _settle(self, effect: Settle) -> None:
        payment, charges = self.order.payments[self._awaited], self.controller.register.charges

        def approved(approval: Approval) -> None:
            if self.controller.scene is self:
                charges.settle_by_hand(self.session_id, payment.id, approval, charged=effect.charged, slip=effect.slip)
                self.heard()

        sheet = SettleSheet(self.controller, self.screen, payment, approved, charged=effect.charged, slip=effect.slip)
        self.controller.open(sheet)

    def _awaits(self) -> Awaited | None:
        """Return the payment whose outcome is awaited or unknown, if there is one."""
        register, payment = self.controller.register, self.order.pending_payment
        if payment is None:
            return None
        asked, now = payment.asked_for, register.ledger.now()
        progress, traits = register.asker.progress_of(asked.id), register.asker.tenders.traits_of(payment.tender)
        started, from_ = asked.started_at, register.asker.may_settle_from(asked)
        stopping = progress.stopping_at if progress is not None else None
        upcoming = progress.next_at if progress is not None else None
        return Awaited(
            payment=payment,
            label=traits.label,
            is_unknown=progress is None or progress.is_asked_after,
            is_return=payment.going_back is not None,
            by="code" if traits.shows_code else "server" if traits.needs_server else "terminal",
            steps=tuple(progress.steps) if progress is not None else (),
            code=progress.code if progress is not None and stopping is None else "",
            may_ask=progress is not None and (progress.is_asked_after or isinstance(progress.tender, Hurried)),
            waited_s=_seconds(started or payment.at, now),
            gives_up_s=round(traits.guest_s or traits.gives_up_s),
            stopping_s=None if stopping is None else _seconds(stopping, now),
            asks=progress.asks if progress is not None else 0,
            asked_at=progress.asked_at if progress is not None else None,
            next_s=None if upcoming is None else _seconds(now, upcoming),
            settles_from=from_,
            may_settle=now >= from_ and (progress is None or progress.asks > 0),
        )

    def _give_back(self, effect: GiveBack) -> None:
        """Give a payment back, with a manager's approval on a sheet if it needs one."""
        payment, checkout = effect.payment, self.controller.register.checkout
        if checkout.needs_manager(self.session_id, payment.id, by_hand=effect.by_hand) is None:
            try:
                self._return(effect)
            except TillError as problem:
                self._happens(NotTaken(problem.sentence))
            return

        def approved(approval: Approval) -> None:
            if self.controller.scene is self:  # otherwise the order left the screen while the PIN was checked
                self._return(effect, approval)

        self.controller.open(GiveBackSheet(self.controller, self.screen, payment, approved))

    def _return(self, effect: GiveBack, approval: Approval | None = None) -> None:
        """Ask the terminal or gateway to give the money back; otherwise record that a person gave it."""
        register, payment = self.controller.register, effect.payment
        if register.charges.is_returned(payment) and not effect.by_hand:
            register.charges.give_back(self.session_id, payment.id, approval)
            self._look_for_awaited()
            self._happens(MoneyAsked())
            return
        order = register.checkout.give_back(self.session_id, payment.id, approval)
        traits = register.asker.tenders.traits_of(payment.tender)
        self._happens(GivenBack(order, register.answers.given_back(payment, traits)))

    def _facts(self) -> PayFacts:
        register, screen, order = self.controller.register, self.screen, self.order
        return PayFacts(
            order=order,
            notes=self._notes,
            formats=register.formats,
            venue=register.venue,
            lookup=register.lookup,
            keymap=self.controller.keymap,
            is_roomy=screen.is_roomy,
            tender_rows=screen.tender_rows,
            way_rows=screen.way_rows,
            names_notes=screen.names_notes,
            is_wide=screen.is_wide,
            tenders=register.asker.tenders,
            awaited=self._awaits(),
            room=screen.room_for,
            stays=self._stays,
            can_split=self._back is None,
            whose=self._whose or self.controller.who_pays(order),
            is_whole=self._pieces is not None,
        )

    def paint(self) -> None:
        """Update the widgets, and once more if that changed the rows for payments or ways to pay."""
        facts = self._facts()
        self.screen.show(pay_views(self.state, facts, self.controller.status()))
        if (self.screen.tender_rows, self.screen.way_rows) != (facts.tender_rows, facts.way_rows):
            self.screen.show(pay_views(self.state, self._facts(), self.controller.status()))
