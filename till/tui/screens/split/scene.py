"""The running split screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.errors import TillError
from till.domain.money.measures import NOTHING, Minor, sum_of
from till.register.other_tills.news import OrdersChanged
from till.tui.screens.names import pieces_named
from till.tui.screens.pay.scene import taken_of
from till.tui.screens.split.acts import SplitActs
from till.tui.screens.split.presenter import split_views
from till.tui.screens.split.reduce import reduce
from till.tui.screens.split.state import Manner, SplitFacts, TakenPart, shares_of
from till.tui.shell.messages import ChargeAnswered, refusal

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.tui.screens.split.reduce import SplitStep
    from till.tui.screens.split.state import SplitState
    from till.tui.shell.keymap import KeyPress
    from till.tui.shell.messages import Heard


class SplitScene(SplitActs):
    """The scene of the split screen."""

    refuses_scans = True
    _quoted: tuple[object, ...] | None = None
    _owed: tuple[tuple[Minor, ...], Minor, Minor] = ((), NOTHING, NOTHING)

    @override
    def reduce(self, event: KeyPress) -> SplitStep:
        return reduce(self.state, event, self._facts())

    @override
    def kept(self, event: KeyPress) -> None:
        self._keep()

    def undo_scan(self, state: SplitState) -> None:
        """Go back to the state before the scan."""
        self.state = state
        self._keep()

    @override
    def hear(self, news: Heard) -> bool:
        """Apply changes of the order, and go on once this order or one of its guests' is paid."""
        match news:
            case OrdersChanged():
                self.look_again()
            case ChargeAnswered() if news.session_id in {self.session_id, *dict(self.state.own).values()}:
                self._go_on(self._with_turn(self._with_ended(self.state)), news.message)
            case _:
                return False
        return True

    def _facts(self) -> SplitFacts:
        register, order = self.controller.register, self.order
        owed, open_, difference = self._quote(order)
        return SplitFacts(
            order=order,
            formats=register.formats,
            keymap=self.controller.keymap,
            owed=owed,
            open_amount=open_,
            difference=difference,
            is_wide=self.screen.is_wide,
            is_paying=self._paying,
            is_away=self.controller.answering is None,
            taken=self._taken(order),
            tabs=register.venue.tabs,
            page=self.screen.lines.page_step,
            way_of=register.asker.tenders.in_words,
        )

    def _taken(self, order: Order) -> tuple[TakenPart, ...]:
        """Return the payments taken for the order, while guests pay by items."""
        if self.state.manner is not Manner.ITEMS:
            return ()
        taken = taken_of(order)
        return tuple(
            TakenPart(one.settles, one.tender, pieces_named(order, one.pieces), one.change)
            for one in order.payments.values()
            if one.id in taken
        )

    def _quote(self, order: Order) -> tuple[tuple[Minor, ...], Minor, Minor]:
        """Return each guest's amount, the open amount, and by how much separate bills differ from the total."""
        state = self.state
        own = [self.controller.register.ledger.order(one).last_id for _guest, one in state.own]
        asked = (order.last_id, state.gifts, state.guests, state.paid, state.own, own, state.by_line)
        if self._quoted != asked:
            self._quoted = asked
            self._owed = self._reckon(order)
        return self._owed

    def _reckon(self, order: Order) -> tuple[tuple[Minor, ...], Minor, Minor]:
        state, register = self.state, self.controller.register
        if order.is_empty or not state.by_line:
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
                last = guest  # the guest who takes all that is left keeps this order
            elif taken:
                parts[guest] = taken
                pieces -= sum(taken.values())
        try:
            quoted, rest = register.between.quote(self.session_id, parts.values())
        except TillError as problem:
            self.message = refusal(problem.sentence)
            return (), order.due, NOTHING
        owes |= {guest: one.total for guest, one in zip(parts, quoted, strict=True)}
        difference = Minor(sum_of(one.total for one in quoted) + rest.total - order.total)
        if last:
            owes[last] = rest.due
        last_guest = max(owes, default=0)
        owed = tuple(owes.get(guest, NOTHING) for guest in range(1, last_guest + 1))
        return owed, NOTHING if last else rest.due, difference

    def paint(self) -> None:
        """Update the widgets from the state."""
        self.screen.reshape(bool(self.state.change))  # the change of a guest needs a row
        self.screen.show_all(**split_views(self.state, self._facts(), self.controller.status()))
