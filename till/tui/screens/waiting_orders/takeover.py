"""The warning that the user's order is open on another till. It is never opened here without consent."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from typing_extensions import override

from till.domain.errors import StoreError, TillError
from till.domain.i18n import N_, _
from till.domain.structs import replace
from till.domain.text import clean
from till.ports import LightState, Quality
from till.register.other_tills.news import ServerAnswered
from till.tui.drawing.palette import Mark, Tone
from till.tui.drawing.viewmodels import ChoiceView, FactsView, FactView, KeyView, StyledText, fact
from till.tui.screens.sheets.answers import Lettered, LetterSheet
from till.tui.screens.sheets.choice_sheet import ChoiceSheet, asks_help
from till.tui.screens.waiting_orders.bring_back import bring_back
from till.tui.shell.messages import refusal

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from till.domain.order.state import Order
    from till.ports import RemoteSession, Store
    from till.tui.drawing.screen import TillScreen
    from till.tui.shell.controller import Controller
    from till.tui.shell.keymap import KeyPress
    from till.tui.shell.messages import Heard


#: A till asks every five seconds; it counts as away after this many without.
_AWAY_S: Final = 30


class TakeoverSheet(LetterSheet):
    """The choice to take the order over, to view it, or to start a new one.

    Args:
        controller: the till.
        screen: the screen under the sheet.
        row: the order.
        make_room: suspends the order on the screen before another is shown; None at login.
        title: the title.
        take: takes the order of a tab over, which may be anybody's; None for an order of the user's own.
        adds: True if what is on the screen is added to the tab then.
    """

    def __init__(
        self,
        controller: Controller,
        screen: TillScreen,
        row: RemoteSession,
        *,
        make_room: Callable[[], None] | None = None,
        title: str = "",
        take: Callable[[RemoteSession], Coroutine[None, None, None]] | None = None,
        adds: bool = False,
    ) -> None:
        super().__init__(controller, screen, title or _("Your order is open on another till"))
        register = controller.register
        if row.till is None and (order := register.ledger.readable(row.session_id)) is not None:
            holder = register.ledger.open_at(order)  # another till opened it after the list was made
            row = replace(row, till=holder, till_name=register.venue.till_name(holder))
        self._row, self._listed_at = row, register.ledger.now()
        self._make_room = make_room
        self._take, self._adds = take, adds
        self.message = self._warning()

    @override
    def hear(self, news: Heard) -> bool:
        if isinstance(news, ServerAnswered) and (store := self.controller.answering) is not None:
            self.controller.meanwhile(self._look(store))
        return False

    async def _look(self, store: Store) -> None:
        """Show the order and its till as they are now; close, with the reason, once it is no longer open there."""
        controller, row = self.controller, self._row
        try:
            await store.fetch(row.session_id)
            listed = await (store.user_sessions(row.user) if self._take is None else store.open_tabs())
        except StoreError:
            return  # the sheet stays, and the light shows why
        order = controller.register.ledger.find(row.session_id)
        if order is None or self not in controller.sheets:
            return
        holder, mark = controller.register.ledger.open_at(order), controller.register.journal.mark_of(order.id)
        if holder is None and not order.is_over and mark is not None and mark.till == row.till:
            return  # a restore lost that it was let go there, and the server goes by what it has
        if order.is_open and holder == row.till:
            at, before = controller.register.journal.events_of(order.id)[-1].at, self._warning()
            unlisted = replace(row, updated_at=at, idle_s=None, paying=False)
            now = next((one for one in listed if one.session_id == order.id and one.till == row.till), unlisted)
            lines, paying = len(order.priced.rows), now.paying or order.pending_payment is not None
            self._row = replace(now, user=row.user, lines=lines, total=order.total, paid=order.paid, paying=paying)
            self._listed_at = controller.register.ledger.now()
            if (warning := self._warning()) != before:
                self.message = warning
            return
        while self in controller.sheets:  # the view of the order may cover it
            controller.close()
        sentence = _("It is no longer open there. Open it again.")
        if order.is_over:
            sentence = controller.register.announcer.ended(order)
        if controller.top is not None:
            controller.top.message = refusal(sentence)

    @override
    def answers(self) -> tuple[Lettered, ...]:
        """Return the choices, which the rows, the key bar, the help and the keys are built from."""
        till = self._row.till_name
        back = _("Back") if self._make_room else _("Back to login")
        take, view = _("Take it over and add") if self._adds else _("Take it over here"), _("View it")
        if self._take is None:
            new, note = _("Start a new one"), _("that one stays on {till}").format(till=till)
            stays = Lettered("N", new, _("New order"), note, self._start_new)
        else:  # nobody asked for a new order
            note = _("it stays on {till}").format(till=till)
            stays = Lettered("N", _("Leave it there"), _("Leave it"), note, self.cancel)
        return (
            Lettered("T", take, _("Take over"), _("the order locks on {till}").format(till=till), self._take_over_here),
            Lettered("V", view, _("View"), _("nothing changes anywhere"), lambda: self.controller.hold(self._view())),
            stays,
            Lettered("Esc", back, _("Back"), "", self.cancel),
        )

    @override
    def facts(self) -> FactsView:
        """Return the till, the order, its last key, the connections of both tills, and the user's login there."""
        row, register = self._row, self.controller.register
        is_named = self._take is not None and row.till
        holder = register.reference.who(row.till, row.user) if is_named else row.till_name
        facts = (
            fact(_("Till"), holder),
            fact(_("Order"), register.answers.counted(row.lines, row.total, row.paid), bold=True),
            fact(_("Last key"), self._last_key()),
            FactView(_("Connection"), self._connection()),
        )
        if register.light.logged_in != row.user:  # of another user, or the server has not said it yet
            return FactsView(facts)
        is_there = row.till in register.light.also_on
        login = _("you are logged in there too") if is_there else _("you are not logged in there")
        return FactsView((*facts, fact(_("Login"), login)))

    def _connection(self) -> StyledText:
        """Return the worse of this till's connection and that of the till with the order."""
        if self.controller.register.light.state is LightState.OFFLINE:
            return StyledText(_("poor here"), mark=Mark.NOTICE)
        if not self._is_away():
            if self.controller.register.light.quality is not Quality.GOOD:
                return StyledText(_("slow here"), mark=Mark.NOTICE)
            if self._row.is_slow:
                return StyledText(_("slow on {till}").format(till=self._row.till_name), mark=Mark.NOTICE)
            return StyledText(_("good"), mark=Mark.GOOD)
        if self._row.seen_s is None:
            return StyledText(_("none to {till}").format(till=self._row.till_name), mark=Mark.NOTICE)
        last_seen = _("{till} last seen {ago}").format(till=self._row.till_name, ago=_ago(self._row.seen_s))
        return StyledText(last_seen, mark=Mark.NOTICE)

    def _is_away(self) -> bool:
        return self._row.seen_s is None or self._row.seen_s > _AWAY_S

    def _warning(self) -> StyledText | None:
        """Return a warning of what the other till may not have sent yet."""
        till = self._row.till_name
        if self._row.paying:
            return refusal(_("A payment may be pending on {till}: settle it there first.").format(till=till))
        if self._is_away():
            return refusal(_("{till} may still hold lines that it has not sent.").format(till=till))
        return None

    def _last_key(self) -> str:
        now, idle_s = self.controller.register.ledger.now(), self._row.idle_s
        since = self._row.updated_at if idle_s is None else self._listed_at - timedelta(seconds=idle_s)
        return _ago(max(0, int((now - since).total_seconds())))

    def _take_over_here(self) -> None:
        self.controller.close()
        self.controller.hold(self._take_over())

    def _start_new(self) -> None:
        self.controller.close()
        if self._make_room:
            self._make_room()
        self.controller.sell(None, None)

    @override
    def cancel(self) -> None:
        """Go back; the order stays where it is."""
        if self._make_room:
            super().cancel()
        else:
            self.controller.log_out()

    async def _take_over(self) -> None:
        row = self._row
        if self._take is not None:
            await self._take(row)
            return
        await bring_back(self.controller, row.session_id, row.user, warned=True, make_room=self._make_room)

    async def _view(self) -> None:
        try:
            if self.controller.store is not None:
                await self.controller.store.fetch(self._row.session_id)
            order = self.controller.register.ledger.order(self._row.session_id)
        except TillError as problem:
            self.message = refusal(problem.sentence)
            return
        self.controller.open(ViewSheet(self.controller, self.screen, order, self._row.till_name))


def _ago(seconds: int) -> str:
    if seconds < 120:  # noqa: PLR2004 - two minutes in seconds read well
        return _("{seconds} s ago").format(seconds=seconds)
    if seconds < 7200:  # noqa: PLR2004 - two hours in minutes
        return _("{minutes} min ago").format(minutes=seconds // 60)
    return _("{hours} h ago").format(hours=seconds // 3600)


class ViewSheet(ChoiceSheet):
    """The lines of an order that another till holds."""

    is_read = True
    help_rows = (
        ("↑ ↓", N_("Scroll"), N_("when there are more lines")),
        ("Enter", N_("Back"), ""),
        ("Esc", N_("Back"), N_("the order stays where it is")),
    )
    enter_key = KeyView("Enter", N_("Back"))

    def __init__(self, controller: Controller, screen: TillScreen, order: Order, till_name: str) -> None:
        size = controller.register.answers.size(order)
        super().__init__(controller, screen, _("The order on {till}").format(till=till_name), size)
        self._order = order

    @override
    def rows(self) -> tuple[ChoiceView, ...]:
        formats = self.controller.register.formats
        return tuple(
            ChoiceView(
                str(row.quantity),
                clean(row.first.name),
                StyledText(f"@ {formats.price(row.first.unit_price4)}", Tone.MUTED) if row.quantity > 1 else None,
                StyledText(formats.amount(row.amount)),
            )
            for row in self._order.priced.rows
        )

    def _press(self, press: KeyPress) -> None:
        """Go back; any other key is refused, so that it does not reach the screen below."""
        if press.is_enter or press.key == "escape" or asks_help(self.controller, press, types=False):
            super()._press(press)
        else:
            self.refuse(press)

    @override
    def enter(self, _typed: str) -> None:
        self.cancel()
