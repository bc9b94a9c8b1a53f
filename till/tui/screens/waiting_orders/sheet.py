"""The waiting orders: the user's other orders that wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from typing_extensions import override

from till.domain.errors import OrderClosedError, TillError
from till.domain.i18n import _
from till.domain.text import clean
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import ChoiceView, KeyView, StyledText
from till.tui.screens.sheets.choice_sheet import ChoiceSheet, asks_help
from till.tui.screens.waiting_orders.bring_back import ask, bring_back, cleared_orders, waiting_orders
from till.tui.screens.waiting_orders.takeover import TakeoverSheet
from till.tui.shell.messages import plain, refusal

if TYPE_CHECKING:
    from till.domain.order.state import Order
    from till.ports import RemoteSession
    from till.tui.screens.sheets.selling import Selling
    from till.tui.shell.controller import Controller, Helped
    from till.tui.shell.keymap import KeyPress


class WaitingOrdersSheet(ChoiceSheet):
    """Orders of the user at the till: those that this till knows, and those that the database told of."""

    def __init__(self, controller: Controller, scene: Selling) -> None:
        super().__init__(controller, scene.screen, _("Waiting orders"))
        self._scene = scene
        self._orders, self._remote = waiting_orders(controller, scene.user, scene.session_id)
        self._cleared, self._cleared_there = cleared_orders(controller)

    def show(self) -> None:
        """Put the sheet up, and ask once more: since the login other tills went on."""
        self.controller.open(self)
        if self.controller.store is not None:
            self.controller.hold(self._ask())

    async def _ask(self) -> None:
        controller, scene = self.controller, self._scene
        answer = await ask(controller, scene.user)
        if answer is None:
            self.message = plain(_("The network is down: these are the orders that this till knows."))
            return
        controller.remote = answer
        self._orders, self._remote = waiting_orders(controller, scene.user, scene.session_id)
        self._cleared, self._cleared_there = cleared_orders(controller)
        scene.count_waiting()
        self.resize()

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        """The orders: those here, newest first, then those elsewhere; for a manager then what was cleared."""
        register = self.controller.register
        local = [
            (
                register.answers.size(order),
                self._gist(order),
                StyledText(register.venue.local(order.updated_at).strftime("%H:%M"), Tone.MUTED),
            )
            for order in self._orders
        ]
        remote = [
            (
                register.answers.counted(row.lines, row.total),
                StyledText(_("open on {till}").format(till=row.till_name), mark=Mark.NOTICE) if row.till else None,
                StyledText(register.venue.local(row.updated_at).strftime("%H:%M"), Tone.MUTED),
            )
            for row in self._remote
        ]
        cleared = [
            (
                register.answers.size(order),
                self._cleared_by(order),
                StyledText(register.venue.local(order.updated_at).strftime("%H:%M"), Tone.MUTED),
            )
            for order in self._cleared
        ]
        cleared += [
            (
                register.answers.counted(row.lines, row.total),
                StyledText(_("cleared, of {user}").format(user=self._name(row.user)), mark=Mark.NOTICE),
                StyledText(register.venue.local(row.updated_at).strftime("%H:%M"), Tone.MUTED),
            )
            for row in self._cleared_there
        ]
        told = [*local, *remote, *cleared]
        return tuple(ChoiceView(str(place), *one) for place, one in enumerate(told, 1))

    def _name(self, number: int) -> str:
        return clean(self.controller.register.reference.name_of(number)) or str(number)

    def _cleared_by(self, order: Order) -> StyledText:
        """Who cleared it, and why."""
        who = self._name(order.cleared_by or 0)
        said = _("cleared by {user}: {reason}").format(user=who, reason=clean(order.discard_reason))
        return StyledText(said, mark=Mark.NOTICE)

    def _gist(self, order: Order) -> StyledText:
        """What is on it, the money that was taken, and whose it is when it is another's."""
        register = self.controller.register
        held = self._held(order)
        if held:
            return StyledText(_("open on {till}").format(till=held), mark=Mark.NOTICE)
        named = ", ".join(clean(row.first.name) for row in order.priced.rows[:3])
        if not order.paid:
            return StyledText(named, Tone.MUTED)
        paid = _("{paid} paid").format(paid=register.formats.money(order.paid))
        whose = register.reference.name_of(order.user) if order.user != self._scene.user else ""
        return StyledText(", ".join(part for part in (paid, whose, named) if part), mark=Mark.NOTICE)

    def _held(self, order: Order) -> str:
        """The other till that has an order of which this till heard last; empty when none has."""
        register = self.controller.register
        holder = register.ledger.holder_of(order)
        return "" if holder in {None, register.till} else register.venue.till_name(holder)

    @override
    def empty(self) -> tuple[str, ...]:
        return (_("No other order of yours waits."),)

    @override
    def helped(self) -> tuple[Helped, ...]:
        return (
            (_("its number, Enter"), _("Bring that order back"), _("this one is put aside")),
            ("↑ ↓, Enter", _("The order that is marked"), ""),
            (_("letters"), _("Something else"), _("the entry takes it")),
            ("Esc", _("Back"), _("nothing changes")),
        )

    @override
    def primary(self) -> KeyView:
        return KeyView("Enter", _("Bring it back") if self.rows() else _("Back"))

    @override
    def choose(self, place: int) -> None:
        """Bring an order back; this one is put aside. One that another till holds is asked about."""
        waiting = len(self._orders) + len(self._remote)
        if place >= waiting:
            self._bring_cleared(place - waiting)
            return
        if place >= len(self._orders):
            self._bring(self._remote[place - len(self._orders)])
            return
        register = self.controller.register
        wanted = self._orders[place]
        if register.ledger.lock_of(wanted.id) or self._held(wanted):
            self._bring(self._told_of(wanted))
            return
        self._make_room()
        order = register.recovery.resume(wanted.id)
        self.controller.close()
        self._put_up(order)

    def _press(self, press: KeyPress) -> None:
        """What is typed or scanned over the list, and is the number of none, is for the order."""
        if asks_help(self.controller, press, types=False) or not self.types_on(press):
            super()._press(press)

    @override
    def hint(self) -> str:
        return _("Type on at any time: the entry takes it.")

    def _put_up(self, order: Order) -> None:
        """Show an order that came back."""
        scene = self._scene
        scene.show_order(order)
        scene.deselect()
        scene.count_waiting()
        scene.message = plain(self.controller.register.answers.here(order))

    def _bring_cleared(self, place: int) -> None:
        """Bring back what was cleared, here or on another till; this one is put aside."""
        if place < len(self._cleared):
            self._make_room()
            order = self.controller.register.recovery.bring_cleared_back(self._cleared[place].id)
            self.controller.close()
            self._put_up(order)
            return
        self.controller.close()
        self.controller.hold(self._fetch_cleared(self._cleared_there[place - len(self._cleared)]))

    async def _fetch_cleared(self, row: RemoteSession) -> None:
        controller = self.controller
        try:
            if controller.store is not None:
                await controller.store.fetch(row.session_id)
            self._make_room()
            self._put_up(controller.register.recovery.bring_cleared_back(row.session_id))
        except TillError as problem:
            self._scene.message = refusal(problem.sentence)

    def _told_of(self, wanted: Order) -> RemoteSession:
        """What the database says of an order that another till had last: it may have let go of it since.

        Raises:
            OrderClosedError: the database was not asked, or does not list it any more.
        """
        row = next((row for row in self.controller.remote or () if row.session_id == wanted.id), None)
        if row is None:
            sentence = _("{till} has that order open. Once the network is back, F5 takes it over.")
            raise OrderClosedError(sentence.format(till=self._held(wanted) or _("Another till")))
        return row

    def _make_room(self) -> None:
        present = self._scene.order
        ledger = self.controller.register.ledger
        if present is not None and present.is_open and ledger.lock_of(present.id) is None:
            self.controller.register.recovery.put_aside(present)

    def _bring(self, row: RemoteSession) -> None:
        self.controller.close()
        if row.till not in {None, self.controller.register.till}:
            self.controller.open(TakeoverSheet(self.controller, self.screen, row, make_room=self._make_room))
            return
        self._make_room()
        self.controller.hold(self._fetch(row))

    async def _fetch(self, row: RemoteSession) -> None:
        await bring_back(self.controller, row.session_id, row)
