"""Guests pay apart: keys are reduced, a guest's lines become an order of its own, the pay screen takes the money."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from till.domain.errors import TillError
from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.domain.order.state import PaymentState
from till.domain.text import begun, clean
from till.tui.screens.pay.scene import PayScene, is_part_paid, paid_since, taken_of
from till.tui.screens.split.effects import GoBack, MoveGuest, OpenSplitHelp, PayGuest, PayPart
from till.tui.screens.split.presenter import split_views
from till.tui.screens.split.reduce import MOVE_KEY, reduce
from till.tui.screens.split.screen import SplitScreen
from till.tui.screens.split.state import (
    MARKS,
    MOST,
    SHARED,
    Manner,
    PaidPart,
    SplitFacts,
    SplitState,
    Turn,
    marks_of,
    read_marks,
    refreshed,
    rows_of,
    shares_of,
    whose,
)
from till.tui.screens.tabs.acts import open_tabs, tab_called
from till.tui.screens.tabs.recall import fetch
from till.tui.shell.entry_line import EntryLine
from till.tui.shell.keymap import KeyPress
from till.tui.shell.messages import Answer, plain, refusal

if TYPE_CHECKING:
    from collections.abc import Collection

    from till.domain.order.state import Order
    from till.register.payments.tenders import Tenders
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.drawing.widgets.drawn import Drawn
    from till.tui.screens.split.effects import SplitEffect
    from till.tui.shell.controller import Controller, Helped


def help_rows() -> tuple[Helped, ...]:
    """The keys of the split screen."""
    return (
        ("1-9", _("Give a piece"), _("of the marked line, to that guest")),
        ("+", _("The rest of the line"), _("to the guest named last")),
        ("0", _("Shared"), _("by all guests")),
        ("← →", _("Another manner"), _("by seat, even parts, by amount")),
        ("↑ ↓", _("Mark a line"), ""),
        ("Backspace", _("Take back"), _("what was given last")),
        ("Enter", _("Pay"), _("the guest named last; others go on after")),
        (MOVE_KEY.upper(), _("To another tab"), _("what that guest has; then its number or name")),
        ("Esc", _("Back"), _("what was marked stays marked")),
    )


class SplitScene:
    """Keeps the state of the screen.

    Args:
        controller: the till.
        session_id: the order.
        guests: how many there are; 0 for what was known.
        paying: whether it was left from where it is paid, and goes back there.
    """

    message = Answer()
    takes_money = False
    says_trouble = False
    logs_out = False

    def __init__(self, controller: Controller, session_id: str, guests: int = 0, *, paying: bool = False) -> None:
        self.controller = controller
        self.session_id = session_id
        self._paying = paying
        kept = read_marks(controller.register.agreed.of(session_id, MARKS))
        state = SplitState(rows=rows_of(self.order))
        if kept is not None:
            state = self._with_ended(kept)
            state = refreshed(self._with_turn(state.still_paid(self.order.paid)), self.order)
        guests = min(guests, MOST)
        self.state = replace(state, guests=max(state.guests, guests), parts=guests or state.parts)
        self._quoted: tuple[object, ...] | None = None
        self._owed: tuple[tuple[Minor, ...], Minor, Minor] = ((), NOTHING, NOTHING)

    @property
    def screen(self) -> SplitScreen:
        return self.controller.screens.of(SplitScreen)

    @property
    def order(self) -> Order:
        return self.controller.register.ledger.order(self.session_id)

    def tick(self) -> None:
        """Time passes."""

    def show(self) -> None:
        """Come up."""
        self.controller.go(self)

    def press(self, press: KeyPress) -> None:
        """Give pieces, turn to another manner, pay, or go back."""
        self.state, effects = reduce(self.state, press, self._facts())
        self._keep()
        for effect in effects:
            self._carry_out(effect)

    def _keep(self) -> None:
        """What was marked outlives the screen, and the till."""
        self.controller.register.agreed.keep(self.session_id, MARKS, marks_of(self.state))

    def _with_ended(self, state: SplitState) -> SplitState:
        """The same where a guest's own bill ended elsewhere than on this screen, or a kill came before it paid."""
        ledger, tenders = self.controller.register.ledger, self.controller.register.charges.tenders
        for guest, session_id in state.own:
            order = ledger.readable(session_id)
            if order is not None and not order.is_over:
                state = self._went_back(session_id, guest, state)
                continue
            state = replace(state, own=tuple(one for one in state.own if one[0] != guest))
            if order is not None and order.placed is not None:
                state = replace(state, paid=(*state.paid, _paid_part(order, guest, (), tenders, apart=True)))
        return state

    def _with_turn(self, state: SplitState) -> SplitState:
        """The same where it is known by now what came of the part that a guest was asked for."""
        turn, order, tenders = state.turn, self.order, self.controller.register.charges.tenders
        if turn is None or order.pending_payment is not None:
            return state
        if not is_part_paid(order, turn.before, turn.part):
            return replace(state, turn=None)
        return state.with_paid(_paid_part(order, turn.guest, turn.before, tenders, apart=False))

    def heard(self, session_id: str, said: StyledText) -> bool:
        """An answer came for an order while this screen is in front; whether that is about one of its guests."""
        if session_id != self.session_id and session_id not in dict(self.state.own).values():
            return False
        self._go_on(self._with_turn(self._with_ended(self.state)), said)
        return True

    def point(self, widget: Drawn[Any], place: int) -> None:
        """Mark the line that was clicked, or give a piece of the marked one to the guest who was."""
        if widget is self.screen.lines:
            self.state = replace(self.state, line=place)
        elif widget is self.screen.guests and self.state.by_line:
            self.press(KeyPress(str(place + 1), str(place + 1)))
        elif widget is self.screen.manners:
            self.press(KeyPress("right" if place > self.state.manner else "left"))

    def _carry_out(self, effect: SplitEffect) -> None:
        match effect:
            case PayGuest(guest=guest):
                self._pay_guest(guest)
            case PayPart(amount=amount):
                guest = len(self.state.paid) + 1
                self._pay(self.session_id, guest, self.order.due if amount is None else amount)
            case MoveGuest(guest=guest, to=to):
                self.controller.hold(self._move_guest(guest, to))
            case GoBack() if self.order.is_over:  # what a guest owes of an order of its own waits among the others
                self.controller.sell(None, None)
            case GoBack() if self._paying:
                PayScene(self.controller, self.session_id).show()
            case GoBack():
                self.controller.sell(self.session_id, plain(_("Back to the order. What was marked is kept.")))
            case OpenSplitHelp():
                self.controller.help(self.screen, help_rows())

    def _pay_guest(self, guest: int) -> None:
        """Take a guest's money: on an order of its own, or as a part of this one."""
        state, order = self.state, self.order
        if own := dict(state.own).get(guest):
            self._pay(own, guest, None, apart=True)
            return
        if state.is_together:
            self._pay(self.session_id, guest, self._facts().owes(guest))
            return
        self.state = state = state.with_shares()
        taken = state.taken(guest, order)
        if sum(taken.values()) == order.priced.pieces:  # nothing stays: it is this order
            self._pay(self.session_id, guest, None, apart=True)
            return
        try:
            parted = self.controller.register.tabs.part(self.session_id, taken)
        except TillError as problem:
            self.message = refusal(problem.sentence)
            return
        self.state = replace(state, own=(*state.own, (guest, parted.id)))
        self._keep()
        self._pay(parted.id, guest, None, apart=True)

    async def _move_guest(self, guest: int, to: str) -> None:
        """Let an open tab carry what a guest has: the rest, and the money, stay here while anything does."""
        controller, register = self.controller, self.controller.register
        leaving = self.state.leaving()
        state = self.state if self.state.is_together else leaving
        try:
            tab = tab_called(to, await open_tabs(controller))
            await fetch(controller, tab.session_id)
            if controller.scene is not self:  # the till was locked meanwhile, or the order taken
                return
            has = register.tabs.move_lines(self.session_id, leaving.taken(guest, self.order), tab)
        except TillError as problem:
            entry = EntryLine.offer(to)
            self.state = replace(self.state, moving=True, entry=entry, message=refusal(problem.sentence))
            return
        said = _("{other} has them now: {size}.").format(other=clean(tab.name), size=register.answers.size(has))
        gifts = tuple(one for one in state.gifts if one.guest != guest)
        shares = any(one.guest == SHARED for one in gifts)  # which the guest whose pieces went still pays here
        state = replace(state, gifts=gifts, guests=state.count if shares else state.guests, guest=0)
        self._go_on(state, plain(begun(said)))

    def _go_on(self, state: SplitState, said: StyledText, paid: Order | None = None) -> None:
        """Go on with the guests that are left, or leave the order that ended."""
        if self.order.is_over and not state.own:
            self.controller.sell(None, said, sold=paid)
            return
        state = replace(state if self.order.is_over else refreshed(state, self.order), message=said, typed=())
        if state.manner is Manner.EVEN and not self.order.paid:
            state = replace(state, parts=max(2, state.parts))
        self.state = state
        self._keep()
        self.controller.go(self)

    def _pay(self, session_id: str, guest: int, part: Minor | None, *, apart: bool = False) -> None:
        order, turn = self.controller.register.ledger.order(session_id), self.state.turn
        before = taken_of(order)
        if part is not None and turn is not None and order.pending_payment is not None:
            guest, part, before = turn.guest, turn.part, frozenset(turn.before)  # nobody else's comes before its answer
        elif part is not None:
            self.state = replace(self.state, turn=Turn(guest, part, tuple(sorted(before))))
            self._keep()
        back = partial(self._came_back, session_id, guest, before, apart)
        PayScene(self.controller, session_id, part=part, whose=whose(self.state, guest), back=back).show()

    def _came_back(
        self, session_id: str, guest: int, before: frozenset[str], apart: bool, paid: Order | None, said: StyledText
    ) -> None:
        """A guest has paid, or went back from paying."""
        part = None
        if paid is not None:
            part = _paid_part(paid, guest, before, self.controller.register.checkout.tenders, apart=apart)
        own = part.amount if part is not None and not apart else NOTHING
        state = self.state.still_paid(Minor(self.order.paid - own))
        if part is not None:
            state = state.with_paid(part)
        elif self.order.pending_payment is None:
            state = replace(state, turn=None)
        if part is None and apart and session_id != self.session_id:
            state = self._went_back(session_id, guest, state)
        self._go_on(state, said, paid)

    def _went_back(self, session_id: str, guest: int, state: SplitState) -> SplitState:
        """A guest did not pay after all: its lines are on the order again, or wait for the rest of its money."""
        register = self.controller.register
        if register.ledger.order(session_id).has_money:
            return state if guest in dict(state.own) else replace(state, own=(*state.own, (guest, session_id)))
        try:
            register.tabs.join(self.session_id, session_id)
        except TillError:  # another till has it by now: the guest pays there, or here once it is back
            return state
        return replace(state, own=tuple(one for one in state.own if one[0] != guest))

    def _facts(self) -> SplitFacts:
        register, order = self.controller.register, self.order
        owed, open_, difference = self._quote(order)
        return SplitFacts(
            order=order,
            formats=register.formats,
            keymap=self.controller.keymap,
            menu=register.menu,
            owed=owed,
            open_amount=open_,
            difference=difference,
            is_wide=self.screen.is_wide,
            is_paying=self._paying,
        )

    def _quote(self, order: Order) -> tuple[tuple[Minor, ...], Minor, Minor]:
        """What each guest owes, what is open, and what bills of their own make of the sum."""
        state = self.state
        asked = (order.last_id, state.gifts, state.guests, state.paid, state.own)
        if self._quoted != asked:
            self._quoted = asked
            self._owed = self._reckon(order)
        return self._owed

    def _reckon(self, order: Order) -> tuple[tuple[Minor, ...], Minor, Minor]:
        state, register = self.state, self.controller.register
        if order.is_empty:
            return (), NOTHING, NOTHING
        if state.is_together:
            owed, open_ = shares_of(state, order)
            own = {guest: register.ledger.order(one).due for guest, one in state.own}
            return tuple(own.get(guest, one) for guest, one in enumerate(owed, 1)), open_, NOTHING
        owes = {one.guest: one.amount for one in state.paid}
        owes |= {guest: register.ledger.order(own).due for guest, own in state.own}
        pieces, parts = order.priced.pieces, dict[int, dict[str, int]]()
        last = 0
        for guest in range(1, max(state.count, *state.sharers, 0) + 1):
            taken = {} if guest in owes else state.taken(guest, order)
            if taken and sum(taken.values()) == pieces:
                last = guest  # who takes all that is left takes the order itself
            elif taken:
                parts[guest] = taken
                pieces -= sum(taken.values())
        try:
            quoted, rest = register.tabs.quote(self.session_id, parts.values())
        except TillError as problem:
            self.message = refusal(problem.sentence)
            return (), order.due, NOTHING
        owes |= {guest: one.total for guest, one in zip(parts, quoted, strict=True)}
        difference = Minor(sum_of(one.total for one in quoted) + rest.total - order.total)
        if last:
            owes[last] = rest.due
        most = max(owes, default=0)
        return (
            tuple(owes.get(guest, NOTHING) for guest in range(1, most + 1)),
            NOTHING if last else rest.due,
            difference,
        )

    def paint(self) -> None:
        """Hand views to the widgets."""
        self.screen.show(split_views(self.state, self._facts(), self.controller.status()))


def _paid_part(order: Order, guest: int, before: Collection[str], tenders: Tenders, *, apart: bool) -> PaidPart:
    """What a guest has paid just now, and by what."""
    stands = [one for one in order.payments.values() if one.state is PaymentState.APPROVED]
    tender = tenders.in_words(stands[-1].tender) if stands else ""
    return PaidPart(guest, order.total if apart else paid_since(order, before), tender, apart)
