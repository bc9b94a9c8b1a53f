"""The acts of the split screen: guests' lines become orders of their own, which the pay screen takes the money for."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Never

from msgspec.structs import replace
from typing_extensions import override

from till.domain.errors import NoTabError, TillError
from till.domain.i18n import _
from till.domain.money.measures import NOTHING, Minor
from till.domain.order import by_items, paying
from till.domain.order.naming import tab_name
from till.domain.order.state import Status
from till.domain.payment.movement import PaymentState
from till.domain.text import capitalize_first, clean
from till.ports.store import NoAnswerError
from till.register.tabs.between import MOVING_AWAY
from till.register.tabs.names import is_unknown_table, key_of, label_of, shown_as
from till.register.tabs.open_tabs import tabs_named
from till.tui.screens.pay.scene import PayScene, is_part_paid, paid_since, taken_of
from till.tui.screens.split.screen import SplitScreen
from till.tui.screens.split.state import (
    MARKS,
    MOST,
    SHARED,
    Manner,
    PaidPart,
    SplitState,
    Turn,
    marks_of,
    read_marks,
    refresh_split,
    rows_of,
    whose,
)
from till.tui.screens.tabs.recall import at_hand
from till.tui.screens.tabs.typed_acts import open_tabs, tab_called
from till.tui.shell.entry_line import EntryLine
from till.tui.shell.messages import plain, refusal
from till.tui.shell.scene import TillScene

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from till.domain.order.state import Order
    from till.register.tabs.open_tabs import OpenTab
    from till.tui.drawing.viewmodels import StyledText
    from till.tui.shell.controller import Controller


class SplitActs(TillScene[SplitState, Never, SplitScreen]):
    """The acts of the scene, which its reducer calls.

    Args:
        controller: the till.
        session_id: the order.
        guests: the number of guests; 0 to keep the known one.
        paying: True if it was opened from the pay screen and goes back there.
        manner: the way to split; None for the known one, which is by items once a guest paid so. By piece stays the
            known one if that is by lines, or a part of the bill is paid.
        typed: the text of its key on the pay screen; letters behind it make a word of it there.
    """

    def __init__(
        self,
        controller: Controller,
        session_id: str,
        guests: int = 0,
        *,
        paying: bool = False,
        manner: Manner | None = None,
        typed: str = "",
    ) -> None:
        super().__init__(controller, SplitScreen)
        self.session_id = session_id
        self._paying = paying
        self._orders: dict[str, str] = {}
        saved = read_marks(controller.register.draft_split.of(session_id, MARKS))
        state = SplitState(rows=rows_of(self.order))
        if saved is not None:
            state = self._with_turn(self._with_ended(self._with_asked(saved)).still_paid(self.order.paid))
        state = refresh_split(state, self.order)
        if manner is None or (manner is Manner.PIECE and (state.keeps_manner or self.order.paid_for)):
            manner = Manner.ITEMS if state.by_line and self.order.paid_for else state.manner
        state = replace(state, manner=manner)
        guests = min(guests, MOST)
        self.state = replace(state, guests=max(state.guests, guests), parts=guests or state.parts, typed=typed)

    @property
    def order(self) -> Order:
        return self.controller.register.ledger.order(self.session_id)

    @property
    @override
    def guest_order(self) -> Order | None:
        return self.order

    def go_back(self) -> None:
        """Go back to the screen it was opened from; the marks are kept."""
        if self.order.is_over:  # a guest's own order still due is among the waiting orders
            self.controller.sell(None, None)
        elif self._paying:
            PayScene(self.controller, self.session_id).show()
        else:
            self.controller.sell(self.session_id, plain(_("Back to the order. Your marks are kept.")))

    def type_at_pay(self, typed: str) -> None:
        """Go back to the pay screen with the letters typed there: they are a word, not a key and another."""
        pay = PayScene(self.controller, self.session_id)
        pay.state = replace(pay.state, entry=EntryLine.of(typed))
        pay.show()

    def _keep(self) -> None:
        """Save the marks, which outlive the screen and a restart of the till."""
        self.controller.register.draft_split.keep(self.session_id, MARKS, marks_of(self.state))

    def _with_ended(self, state: SplitState) -> SplitState:
        """Return the state with guests' own orders that ended elsewhere, or whose payment a crash left unrecorded."""
        ledger = self.controller.register.ledger
        for guest, session_id in state.own:
            order = ledger.readable(session_id)
            if order is not None and not order.is_over:
                continue
            state = replace(state, own=tuple(one for one in state.own if one[0] != guest))
            if order is not None and order.placed is not None:
                part, is_handed = _paid_part(order, guest, (), apart=True), order.placed.till != ledger.till
                state = replace(state, paid=(*state.paid, part), is_handed=is_handed)
        return state

    def _with_asked(self, state: SplitState) -> SplitState:
        """Return the state with split-off orders that arrived since the server was asked; their guests pay those."""
        for guest, session_id in state.asked:
            if self.controller.register.ledger.readable(session_id) is not None:
                asked = tuple(one for one in state.asked if one[0] != guest)
                state = replace(state.with_shares(), own=(*state.own, (guest, session_id)), asked=asked)
        return state

    def _others_asked(self, guest: int) -> tuple[tuple[int, str], ...]:
        return tuple(one for one in self.state.asked if one[0] != guest)

    def look_again(self) -> None:
        """Apply changes of the order that came from elsewhere."""
        self.state = refresh_split(self._with_ended(self._with_asked(self.state)), self.order)
        self._keep()

    def _with_turn(self, state: SplitState) -> SplitState:
        """Return the state with the outcome of the part that a guest was asked for, if it is known by now."""
        turn, order = state.turn, self.order
        if turn is None or order.pending_payment is not None:
            return state
        if not is_part_paid(order, turn.before, turn.part):
            return replace(state, turn=None)
        return state.with_paid(_paid_part(order, turn.guest, turn.before, apart=False))

    def pay_part(self, amount: Minor) -> None:
        """Take a part of the amount due."""
        self._pay(self.session_id, len(self.state.paid) + 1, amount)

    def pay_guest(self, guest: int, owed: Minor) -> None:
        """Take a guest's payment, on an order of their own or the amount owed as a part of this one."""
        state, order = self.state, self.order
        if own := dict(state.own).get(guest):
            self._bring_back(own)
            self._pay(own, guest, None, apart=True)
            return
        if state.is_together:
            self._pay(self.session_id, guest, owed)
            return
        taken = state.with_shares().taken(guest, order)
        if sum(taken.values()) == order.priced.pieces:  # the guest takes all: use this order
            self.state = state.with_shares()
            self._pay(self.session_id, guest, None, apart=True)
            return
        self.controller.hold(self._part(guest, taken))

    def _bring_back(self, session_id: str) -> None:
        """Make a guest's own order active again if it was suspended meanwhile."""
        register = self.controller.register
        order = register.ledger.order(session_id)
        if order.status is Status.ASSIGNED_TO_TAB:
            register.tabs.recall(session_id, order.user)
        elif order.status is Status.PENDING_LOGOUT:
            register.recovery.resume(session_id)

    async def _part(self, guest: int, taken: Mapping[str, int]) -> None:
        """Have the server split off an order for a guest, then take its payment. On failure the marks stay as they are.

        The new order's id is saved before the request: should the answer be lost, its guest is known when the order
        arrives.
        """
        controller, register = self.controller, self.controller.register
        new_id = dict(self.state.asked).get(guest) or register.ledger.new_id()
        self.state = replace(self.state, asked=(*self._others_asked(guest), (guest, new_id)))
        self._keep()
        try:
            async with controller.asking():
                await register.between.part(controller.answering, self.session_id, taken, new_id)
        except TillError as problem:
            self.look_again()
            if register.ledger.readable(new_id) is None:  # otherwise it was done before, and its answer lost
                if not isinstance(problem, NoAnswerError):
                    self.state = replace(self.state, asked=self._others_asked(guest))
                self.message = refusal(problem.sentence)
                self._keep()
                return
        else:
            self.look_again()
        if self.is_in_front:  # otherwise the till was locked, or the order taken over
            self._pay(new_id, guest, None, apart=True)

    def pay_items(self) -> None:
        """Take the price of the marked pieces, as a part of this order."""
        order, pieces = self.order, self.state.items
        by_items.check_unpaid(order, pieces)
        share = paying.check_share(order, pieces, self.controller.register.formats.money)
        self._pay(self.session_id, len(taken_of(order)) + 1, share, pieces=pieces)

    def read_tabs(self) -> None:
        """Read the open tabs while the one to move pieces to is typed: its name means the guests of then."""
        self._orders = {}
        self.controller.meanwhile(self._read_tabs())

    async def _read_tabs(self) -> None:
        self._orders = _orders_by_key(await open_tabs(self.controller))

    def _check_same(self, name: str, tabs: Sequence[OpenTab]) -> None:
        """Refuse once a tab that has other guests than when the name was asked for.

        Raises:
            NoTabError: it has another order now, or none.
        """
        before, key = self._orders, key_of(name)
        self._orders = _orders_by_key(tabs)
        if key in before and before[key] != self._orders.get(key):
            words = _("{name} has changed since. Enter again moves them there.")
            raise NoTabError(words.format(name=capitalize_first(clean(name))))

    async def move_guest(self, guest: int, to: str) -> None:
        """Move a guest's pieces to a tab, which is opened for them if none of that name is.

        The money and the other pieces stay here while there are any.
        """
        controller, register = self.controller, self.controller.register
        leaving = self.state.leaving()
        try:
            tabs = await open_tabs(controller)
            tab = tab_called(to, tabs, register.venue.tabs) if tabs_named(to, tabs) else None
            self._check_same(tab.name if tab is not None else label_of(to, register.venue.tabs), tabs)
            if tab is None and is_unknown_table(to, register.venue):
                raise NoTabError(
                    _("There is no {name} here. Type another.").format(name=shown_as(to, register.venue.tabs))
                )
            at = at_hand(controller, tab, away=_(MOVING_AWAY)) if tab is not None else nullcontext()
            async with at, controller.asking():
                if not self.is_in_front:  # the till was locked meanwhile, or the order taken over
                    return
                store, taken = controller.answering, leaving.taken(guest, self.order)
                if tab is not None:
                    has = await register.between.move_lines(store, self.session_id, taken, tab)
                else:
                    has = await register.between.move_to_new(store, self.session_id, taken, to, tabs)
        except TillError as problem:
            entry = EntryLine.offer(to)
            self.state = replace(self.state, moving=True, entry=entry, message=refusal(problem.sentence))
            return
        name = tab.name if tab is not None else label_of(to, register.venue.tabs)
        sentence = _("{other} has them now: {size}.").format(other=tab_name(name), size=register.answers.size(has))
        state = self.state if self.state.is_together else self.state.leaving()
        gifts = tuple(one for one in state.gifts if one.guest != guest)
        shares = any(one.guest == SHARED for one in gifts)  # the guest who moved still pays a share here
        state = replace(state, gifts=gifts, guests=state.count if shares else state.guests, guest=0)
        self._go_on(state, plain(capitalize_first(sentence)))

    def _go_on(self, state: SplitState, message: StyledText, paid: Order | None = None) -> None:
        """Continue with the guests that are left, or leave an order that ended."""
        if self.order.status is not Status.ACTIVE and not state.own:  # it ended, or was moved to the tab as a whole
            self.controller.sell(None, message, sold=paid)
            return
        state = replace(state if self.order.is_over else refresh_split(state, self.order), message=message)
        if state.manner is Manner.EVEN and not self.order.paid:
            state = replace(state, parts=max(2, state.parts))
        self.state = state
        self._keep()
        self.controller.go(self)

    def _pay(
        self,
        session_id: str,
        guest: int,
        part: Minor | None,
        *,
        apart: bool = False,
        pieces: Mapping[str, int] | None = None,
    ) -> None:
        order, turn = self.controller.register.ledger.order(session_id), self.state.turn
        before = taken_of(order)
        if part is not None and turn is not None and order.pending_payment is not None:
            guest, part, before = turn.guest, turn.part, frozenset(turn.before)  # that guest's answer comes first
        elif part is not None:
            self.state = replace(self.state, turn=Turn(guest, part, tuple(sorted(before))))
            self._keep()
        back = partial(self._came_back, session_id, guest, before, apart)
        whose_ = whose(self.state, guest)
        PayScene(self.controller, session_id, part=part, whose=whose_, back=back, pieces=pieces).show()

    def _came_back(
        self, session_id: str, guest: int, before: frozenset[str], apart: bool, paid: Order | None, message: StyledText
    ) -> None:
        """Continue after a guest paid, or cancelled."""
        part = _paid_part(paid, guest, before, apart=apart) if paid is not None else None
        own = part.amount if part is not None and not apart else NOTHING
        state = self.state.still_paid(Minor(self.order.paid - own))
        if part is not None:
            state = state.with_paid(part)
        elif self.order.pending_payment is None:
            state = replace(state, turn=None)
        self._go_on(state, message, paid)
        is_over = self.controller.register.ledger.order(session_id).has_money or self.order.is_over
        if part is None and apart and session_id != self.session_id and not is_over:
            self.controller.hold(self._join(session_id, guest))

    async def _join(self, session_id: str, guest: int) -> None:
        """Have the server join a guest's own order back. Without the server the guest keeps it."""
        controller = self.controller
        try:
            async with controller.asking():
                await controller.register.between.join(controller.answering, self.session_id, session_id)
        except TillError:
            self.message = refusal(_("Guest {n} keeps a bill of its own until the server answers.").format(n=guest))
        self.look_again()


def _orders_by_key(tabs: Iterable[OpenTab]) -> dict[str, str]:
    """Return the order on each tab, by the key of the tab's name."""
    return {key_of(tab.name): tab.session_id for tab in tabs}


def _paid_part(order: Order, guest: int, before: Collection[str], *, apart: bool) -> PaidPart:
    """Return the amount that a guest has just paid, and the tender."""
    stands = [one for one in order.payments.values() if one.state is PaymentState.APPROVED]
    tender, change = (stands[-1].tender, stands[-1].change) if stands else ("", NOTHING)
    return PaidPart(guest, order.total if apart else paid_since(order, before), tender, apart, change)
