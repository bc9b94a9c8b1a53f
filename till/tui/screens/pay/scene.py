"""The running pay screen: the amount due, the payments, the change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from msgspec.structs import replace
from typing_extensions import override

from till.domain.errors import TillError
from till.domain.i18n import _, ngettext
from till.domain.money.coins import notes
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order import paying
from till.domain.order.paying import CASH
from till.domain.payment.movement import PaymentState
from till.domain.text import clean
from till.ports import Hurried
from till.register.other_tills.news import ChargeMoved, NoticeCame
from till.tui.screens.pay.acts import PayActs
from till.tui.screens.pay.presenter import pay_views
from till.tui.screens.pay.reduce import reduce
from till.tui.screens.pay.state import Awaited, MoneyAsked, MoneyTaken, Offered, PayFacts, TipSaid
from till.tui.shell.keymap import key_of
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping
    from datetime import datetime

    from till.domain.order.state import Order
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.pay.acts import PayStep
    from till.tui.screens.pay.state import PayOutcome, PayState
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress
    from till.tui.shell.messages import Heard


def _seconds(since: datetime, until: datetime) -> int:
    return max(0, round((until - since).total_seconds()))


#: The key under which an agreed tip is kept until it is taken.
_TIP: Final = "tip"


def taken_of(order: Order) -> frozenset[str]:
    """Return the ids of the payments that were taken."""
    return frozenset(one.id for one in order.payments.values() if one.state is PaymentState.APPROVED)


def paid_since(order: Order, before: Collection[str]) -> Minor:
    """Return the amount paid since, by payments not in `before`."""
    return sum_of(order.payments[one].settles for one in taken_of(order) if one not in before)


def is_part_paid(order: Order, before: Collection[str], part: Minor) -> bool:
    """Return True if the payments since `before` cover a part; in cash, as rounded to coins."""
    rest = Minor(part - paid_since(order, before))
    stands = [one for one in order.payments.values() if one.state is PaymentState.APPROVED]
    if rest <= 0 or not stands or stands[-1].id in before:
        return rest <= 0
    return stands[-1].settles >= paying.part_in(order, stands[-1].tender, Minor(rest + stands[-1].settles))


class PayScene(PayActs):
    """The scene of the pay screen.

    Args:
        controller: the till.
        session_id: the order.
        part: the part of it that a guest pays; None for all.
        pieces: the pieces that the part pays for, by line; None if it is for no items.
        whose: the guest or part, as in `guest 2 of 3`; empty to take the one remembered for the order.
        back: called on leaving the screen, with the order if something was paid and else None, and a sentence; without
            it, the sell screen opens.

    Raises:
        NoMoneyError: this till takes no money.
    """

    takes_money = True
    counts_as_read = True

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
        controller.register.checkout.check_till()
        super().__init__(controller, session_id, pieces, back)
        self._whose = whose
        self._notes = tuple(notes(controller.register.venue.terms.currency))
        self._part = part
        self._known = taken_of(self.order)
        self._restore_tip()

    @property
    def _stays(self) -> Minor | None:
        """The amount that stays due after the part; None for none. A refund of another payment meanwhile raises it."""
        if self._part is None:
            return None
        order, left = self.order, Minor(self._part - paid_since(self.order, self._known))
        is_last = left >= min(order.due, paying.due_in(order))  # it pays all that is due, as it is rounded
        return None if is_last else Minor(order.due - left)

    def _restore_tip(self) -> None:
        """Offer the tip agreed on earlier, or not included in the newest payment, for the one that takes the rest."""
        newest = next(reversed(tuple(self.order.payments.values())), None)
        saved_tip = self.controller.register.draft_split.of(self.session_id, _TIP)
        tip = (newest.tip_left if newest is not None else NOTHING) if saved_tip is None else Minor(saved_tip)
        if tip and self.order.due > 0 and not self._stays:
            self.happens(TipSaid(tip))

    @override
    def tick(self) -> None:
        """Repaint the wait for a terminal."""
        if self.order.pending_payment is not None:
            self.controller.paint()

    @override
    def hear(self, news: Heard) -> bool:
        """Show the progress of a charge, or a notice."""
        match news:
            case ChargeMoved(session_id=self.session_id):
                self.heard()
            case NoticeCame(sentence=sentence):
                self.message = refusal(f"{sentence} {_('Esc, then type “notices”.')}")
            case _:
                return False
        return True

    def undo_scan(self, state: PayState) -> None:
        """Go back to the state before the scan, without the question that it may have asked."""
        self.state = replace(state, unconfirmed=None, giving_back=None)

    @property
    def refuses_scans(self) -> bool:
        """False while nothing can be typed, as somebody else is asked for the money."""
        return self.order.pending_payment is None

    @override
    def point(self, widget: Drawn[Any], place: int) -> None:
        """Mark the way to pay that was clicked, as its letter does."""
        if widget is self.screen.other_tenders and (press := key_of(self.screen.other_tenders.view.rows[place].key)):
            self.press(press)

    @override
    def show(self) -> None:
        """Show the screen. It opens even if that cannot be recorded, as keys typed ahead are for it."""
        self.controller.go(self)
        try:
            self.controller.register.checkout.begin(self.session_id)
        except TillError as problem:
            self.controller.complain(problem)
        else:
            register = self.controller.register
            held = register.kitchen.held(self.order) if self._part is None else 0
            if doubt := register.fiscal.doubt:
                self.message = plain(doubt)
            elif held:
                sends = ngettext("Paying sends {n} held dish now.", "Paying sends {n} held dishes now.", held)
                self.message = plain(sends.format(n=held))

    def take_cash(self, amount: Minor | None) -> None:
        """Take cash: the amount handed over, or exactly the amount due if None."""
        self._take(CASH, amount)

    def take_other(self, tender: str, amount: Minor | None, slip: str = "") -> None:
        """Take an amount, or all that is due, in another way than cash; a terminal is asked for it."""
        self._take(tender, amount, slip)

    def agree_tip(self, amount: Minor) -> None:
        """Add a tip on top."""
        self.happens(TipSaid(amount))

    def _take(self, tender: str, amount: Minor | None, slip: str = "") -> None:
        """Take money as given on the sell screen. If it is refused or does not pay all, this screen opens.

        It also opens if a tip was agreed on: the total on the sell screen is without it, so Enter takes the money here.
        """
        if self.state.tip or self.controller.register.asker.tenders.traits_of(tender).named_by:
            self.show()  # also under the voucher or account sheet
        self.happens(Offered(tender, amount, slip))
        if not self._is_over and not self.is_in_front:
            self.show()

    @override
    def reduce(self, event: KeyPress | PayOutcome) -> PayStep:
        return reduce(self.state, event, self._facts())

    @override
    def happens(self, event: KeyPress | PayOutcome) -> None:
        super().happens(event)
        if self._part is not None and self._stays and not self._is_over and self.is_in_front:
            self._end_part(self._part)

    @override
    def kept(self, event: KeyPress | PayOutcome) -> None:
        """Keep the tip beyond this screen; a tip that is asked for now belongs to its payment instead.

        The tip of a guest's part ends with this screen: another guest may be the next to pay.
        """
        agreed = self.controller.register.draft_split
        if self._stays:
            return
        if not self.state.tip and isinstance(event, MoneyAsked | MoneyTaken):
            agreed.keep(self.session_id, _TIP, None)
        elif self.state.tip or agreed.of(self.session_id, _TIP) is not None:
            agreed.keep(self.session_id, _TIP, self.state.tip)

    def _end_part(self, part: Minor) -> None:
        """Continue with the next guest once the part is paid."""
        order, register = self.order, self.controller.register
        if not is_part_paid(order, self._known, part) or order.pending_payment is not None or self._back is None:
            return
        self._is_over = True
        self._back(order, plain(register.answers.part_paid(order)))

    def _awaits(self) -> Awaited | None:
        """Return the payment whose outcome is awaited or unknown, if there is one."""
        register, payment = self.controller.register, self.order.pending_payment
        if payment is None:
            return None
        asked = payment.asked_for
        progress, traits = register.asker.progress_of(asked.id), register.asker.tenders.traits_of(payment.tender)
        started, from_ = asked.started_at, register.asker.may_settle_from(asked)
        now = register.ledger.now()
        stopping = progress.stopping_at if progress is not None else None
        upcoming = progress.next_at if progress is not None else None
        return Awaited(
            payment=payment,
            label=traits.label,
            elsewhere=register.venue.till_name(asked.till) if asked.till != register.till else "",
            is_unknown=progress is None or progress.is_asked_after,
            is_return=payment.going_back is not None,
            by="code" if traits.shows_code else "server" if traits.needs_server else "terminal",
            steps=progress.shown_steps if progress is not None else (),
            code=progress.code if progress is not None and stopping is None else "",
            may_ask=progress is not None and (progress.is_asked_after or isinstance(progress.tender, Hurried)),
            waited_s=_seconds(started or payment.at, now),
            gives_up_s=round(traits.guest_s or traits.gives_up_s),
            stopping_s=None if stopping is None else _seconds(stopping, now),
            asks=progress.asks if progress is not None else 0,
            asked_at=progress.asked_at if progress is not None else None,
            next_s=None if upcoming is None else _seconds(now, upcoming),
            message=clean(progress.message)[:200] if progress is not None else "",
            settles_from=from_,
            may_settle=now >= from_ and (progress is None or progress.asks > 0),
        )

    def _facts(self) -> PayFacts:
        register, screen, order = self.controller.register, self.screen, self.order
        return PayFacts(
            order=order,
            notes=self._notes if register.asker.tenders.has_drawer else (),
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
            is_hasty=self.controller.is_hasty,
        )

    @override
    def paint(self) -> None:
        """Update the widgets, and once more if that changed the rows for payments or ways to pay."""
        facts = self._facts()
        self.screen.show(pay_views(self.state, facts, self.controller.status()))
        if (self.screen.tender_rows, self.screen.way_rows) != (facts.tender_rows, facts.way_rows):
            self.screen.show(pay_views(self.state, self._facts(), self.controller.status()))
